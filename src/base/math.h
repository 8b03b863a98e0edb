/* SPDX-License-Identifier: BSD-3-Clause */
/* Elementary functions of our own, in both precisions: az_exp_f32(x), az_exp_f64(x), and so on.
 *
 * Why not libm's: a plain loop over an array that calls one of these is vectorised by GCC and clang, with the same bits
 * for a number alone, anywhere in an array, by every compiler and at every instruction set; libm is slower and differs
 * between its versions.  What makes it so: no branches, integers only for exponents and signs, and every multiply-add
 * that is fused is written so.  Files that include this are compiled with -ffp-contract=off
 * -fno-math-errno -fno-trapping-math (the flags of the whole project).  Round-to-nearest is assumed.
 *
 * CPUs: with FMA (x86-64-v3 and v4, 64-bit ARM) a fused multiply-add is an instruction.  Code for plain x86-64 calls
 * libm's fma for it, one number at a time: the same bits, many times slower.
 *
 * Functions, and how far they are off at worst in units of the last place (float, double; bounds of
 * tests/base/math_functions.h, which tests/base/math_sweep.c looks for over every float and 1e8 doubles):
 *
 *   exp 0.76 0.76, expm1 0.76 0.95      base/math_exp.tmpl.h
 *   sigmoid 0.76 0.76                   1 / (1 + exp(-x)), with all digits in both tails
 *   tanh 0.70 0.80                      base/math_table.tmpl.h
 *   erf 0.90 0.90
 *   softplus 0.76 0.80                  log(1 + exp(x))
 *   normal_cdf 0.95 1.0                 P(X <= x), X normal, as GELU needs it, digits kept for x << 0
 *   log 0.70 0.65, log1p 0.70 0.68      base/math_log.tmpl.h
 *   sin, cos 0.80 0.80                  base/math_trig.tmpl.h: any finite x
 *   atan2(y, x) 0.95 0.85
 *   erfc 3.8 4.0                        base/math_erf.tmpl.h
 *   pow(x, y) 0.51 0.90                 base/math_pow.h: a result that is a number exactly comes out exact
 *   lgamma 0.51 4.0, digamma 0.51 5.0   base/math_gamma.h: real x; the unit is that of the largest term for x < 0, of
 *                                       1/4 beside digamma's positive zero
 *
 * Special values are those of C's Annex F.  lgamma is infinite at 0, -1, ..., digamma NaN at -1, -2, ... and -infinity,
 * -infinity at +0, infinity at -0.  Subnormal numbers are taken and given (where the processor does not flush them).
 *
 * Not vectorised in a plain loop are sin and cos, for the large angles, and those of base/math_table.tmpl.h: there are
 * az_sin_array_f32(y, x, n) and its kin.
 * NaN gives NaN; its sign and payload are not told. */
#ifndef AZ_BASE_MATH_H
#define AZ_BASE_MATH_H

#include "base/math_coefficients.h"
#include "base/math_large_angle.h"
#include "base/vector_lookup.h"

#include <stdint.h>

#define AZ_MATH_BITS 32
#include "base/math_real.tmpl.h"
#include "base/math_exp.tmpl.h"
#include "base/math_log.tmpl.h"
#include "base/math_trig.tmpl.h"
#include "base/math_erf.tmpl.h"
#include "base/math_table.tmpl.h"
#undef AZ_MATH_BITS

#define AZ_MATH_BITS 64
#include "base/math_real.tmpl.h"
#include "base/math_exp.tmpl.h"
#include "base/math_log.tmpl.h"
#include "base/math_trig.tmpl.h"
#include "base/math_erf.tmpl.h"
#include "base/math_table.tmpl.h"
#include "base/math_pow.h"
#include "base/math_gamma.h"
#undef AZ_MATH_BITS

/* y[i] = sin(x[i]), cos(x[i]); y may be x.  Blocks of angles that are all moderate, as nearly all are, go vector by
 * vector; others one by one, with the same bits. */
#define AZ_MATH_ARRAY(name, bits, real)                                                                                \
    AZ_MATH void az_##name##_array_##bits(real *y, const real *x, int64_t n)                                           \
    {                                                                                                                  \
        for (int64_t begin = 0; begin < n; begin += 512) {                                                             \
            const int64_t end = n - begin < 512 ? n : begin + 512;                                                     \
            if (az_all_moderate_##bits(x + begin, end - begin))                                                        \
                for (int64_t i = begin; i < end; i++) y[i] = az_##name##_moderate_##bits(x[i]);                        \
            else                                                                                                       \
                for (int64_t i = begin; i < end; i++) y[i] = az_##name##_##bits(x[i]);                                 \
        }                                                                                                              \
    }
AZ_MATH_ARRAY(sin, f32, float)
AZ_MATH_ARRAY(cos, f32, float)
AZ_MATH_ARRAY(sin, f64, double)
AZ_MATH_ARRAY(cos, f64, double)
#undef AZ_MATH_ARRAY

/* The includer's own templates may use these names. */
#undef REAL
#undef WORD
#undef FN
#undef PICK
#undef DIGITS
#undef BIAS
#undef FMA
#undef FABS
#undef COPYSIGN
#undef LARGE

#endif
