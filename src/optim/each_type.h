/* SPDX-License-Identifier: BSD-3-Clause */
/* To be included by a file of kernels that includes itself through it, once for float and once for double: without REAL
 * it defines KERNEL, its own name, includes this, and makes its az_update of update_f32 and update_f64; with REAL it
 * holds the loop static void FN(update)(const double *coefficients, int64_t n, const REAL *restrict gradient, REAL
 * *restrict theta, REAL *restrict first, REAL *restrict second) written with REAL and SQRT. */
#include "optim/update.h"

#include <math.h>

#define REAL  float
#define SQRT  sqrtf
#define FN(x) x##_f32
#include KERNEL
#undef REAL
#undef SQRT
#undef FN

#define REAL  double
#define SQRT  sqrt
#define FN(x) x##_f64
#include KERNEL
#undef REAL
#undef SQRT
#undef FN
