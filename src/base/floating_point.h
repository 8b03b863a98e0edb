/* SPDX-License-Identifier: BSD-3-Clause */
/* The state of the floating-point unit, of the calling thread.  A host program may round upwards, trap invalid
 * operations or flush subnormal numbers to zero; results that keep their bits are computed between these two calls. */
#ifndef AZ_BASE_FLOATING_POINT_H
#define AZ_BASE_FLOATING_POINT_H

#include <fenv.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct az_floating_point {
#if defined(__x86_64__)
    uint32_t control; /* MXCSR: control and flags of SSE and AVX.  The x87 unit is not used and not touched. */
    bool changed;     /* more than the flags */
#elif defined(__aarch64__)
    uint64_t control, flags; /* FPCR, FPSR */
#else
    fenv_t environment;
#endif
} az_floating_point;

/* Keeps what there is; from here on operations round to the nearest, trap nothing, and take subnormal numbers as they
 * are, or as zero where flush_subnormals is set (for float, whose products of subnormals are 200 times slower; where
 * the CPU cannot, they stay as they are). */
void az_floating_point_enter(az_floating_point *saved, bool flush_subnormals);
/* Puts back all of it: rounding, traps, and the flags as they were at enter: what was raised since is forgotten. */
void az_floating_point_leave(const az_floating_point *saved);

/* The nearest float, wherever the host rounds to, and without its traps. */
float az_nearest_float(double x);

#endif
