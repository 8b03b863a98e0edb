/* SPDX-License-Identifier: BSD-3-Clause */
/* Affine models with AVX2: four numbers at a time, the same sums. */
#if defined(__x86_64__) && defined(__GNUC__)
#include "models/affine_rows.h"

typedef double four __attribute__((vector_size(32)));
typedef float four_floats __attribute__((vector_size(16)));

#define LANES  4
#define VECTOR four
#define TARGET __attribute__((target("avx2")))

#define VALUE        double
#define LOADED       four
#define AFFINE_FN(x) x##_f64_avx2
#include "models/affine_rows.tmpl.h"

#define VALUE        float
#define LOADED       four_floats
#define AFFINE_FN(x) x##_f32_avx2
#include "models/affine_rows.tmpl.h"
#else
typedef int az_no_avx2; /* a file of nothing is not C */
#endif
