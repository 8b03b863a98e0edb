/* SPDX-License-Identifier: BSD-3-Clause */
/* Affine models on any CPU. */
#include "models/affine_rows.h"

typedef double two __attribute__((vector_size(16)));
typedef float two_floats __attribute__((vector_size(8)));

#define LANES  2
#define VECTOR two
#define TARGET

#define VALUE        double
#define LOADED       two
#define AFFINE_FN(x) x##_f64
#include "models/affine_rows.tmpl.h"

#define VALUE        float
#define LOADED       two_floats
#define AFFINE_FN(x) x##_f32
#include "models/affine_rows.tmpl.h"
