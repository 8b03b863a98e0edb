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

#endif
