/* SPDX-License-Identifier: BSD-3-Clause */
/* What the loops of every instruction set share.  For affine_rows*.c alone. */
#ifndef AZ_MODELS_AFFINE_ROWS_H
#define AZ_MODELS_AFFINE_ROWS_H

#include "models/affine.h"

#include <math.h>
#include <string.h>

/* Where input j of a row lies in the caller's memory. */
static inline int64_t place(const int64_t *map, int64_t j, int64_t column_stride)
{
    return (map ? map[j] : j) * column_stride;
}

static inline bool in_order(const int64_t *map, int64_t n)
{
    for (int64_t j = 0; map && j < n; j++)
        if (map[j] != j) return false;
    return true;
}

/* What a category or phase adds to an output. */
static inline double special_part(const az_affine_special *special, int64_t output, double value)
{
    const az_raw_input *input = special->description;
    if (input->type == AZ_CATEGORICAL) {
        int32_t level = isnan(value) ? input->missing_level : -1;
        if (!isnan(value) && value >= 0 && value < input->n_levels) level = (int32_t)value;
        return special->table[output * (input->n_levels + 1) + level + 1];
    }
    double phase = az_design_phase(input, isnan(value) ? input->fill : value);
    const double *weight = special->weight + 2 * output;
    return (cos(phase) - special->center[0]) * weight[0] + (sin(phase) - special->center[1]) * weight[1];
}

#endif
