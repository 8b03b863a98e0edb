/* SPDX-License-Identifier: BSD-3-Clause */
/* Elementary functions of our own, in both precisions: az_exp_f32(x), az_exp_f64(x), and so on.
 *
 * Why not libm's: a plain loop over an array that calls one of these is vectorised by GCC and clang, with the same bits
 * for a number alone, anywhere in an array, by every compiler and at every instruction set; libm is slower and differs
 * between its versions.  What makes it so: no branches, no tables, integers only for exponents and signs, and every
 * multiply-add that is fused is written so.  Files that include this are compiled with -ffp-contract=off
 * -fno-math-errno -fno-trapping-math (the flags of the whole project).  Round-to-nearest is assumed.
 *
 * CPUs: with FMA (x86-64-v3 and v4, 64-bit ARM) a fused multiply-add is an instruction.  Code for plain x86-64 calls
 * libm's fma for it, one number at a time: the same bits, many times slower.
 *
 * NaN gives NaN; its sign and payload are not told. */
#ifndef AZ_BASE_MATH_H
#define AZ_BASE_MATH_H

#include "base/math_large_angle.h"

#include <stdint.h>

#define AZ_MATH_BITS 32
#include "base/math_real.tmpl.h"
#include "base/math_exp.tmpl.h"
#include "base/math_log.tmpl.h"
#include "base/math_trig.tmpl.h"
#undef AZ_MATH_BITS

#define AZ_MATH_BITS 64
#include "base/math_real.tmpl.h"
#include "base/math_exp.tmpl.h"
#include "base/math_log.tmpl.h"
#include "base/math_trig.tmpl.h"
#undef AZ_MATH_BITS

#endif
