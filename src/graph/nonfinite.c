/* SPDX-License-Identifier: BSD-3-Clause */
/* Which value of an instruction is not finite. */
#include "graph/plan.h"
#include "ops/shape.h"

#include <math.h>

/* The first row of a tile with a NaN or an infinity among the values at a place; -1: none. */
static int64_t row_at(const az_place *place, const az_frame *frame)
{
    const az_tile tile = az_place_tile(place, frame->height);
    if (!az_type_is_real(tile.type) || place->region == AZ_AT_BLOCK) return -1;
    const char *data = az_place_address(place, frame);
    int64_t n = 1;
    for (int d = 0; d < tile.rank; d++) n *= tile.size[d];
    const int64_t rows = tile.row_stride ? frame->n_valid : 1;
    for (int64_t row = 0; row < rows; row++)
        for (int64_t e = 0; e < n; e++) {
            const int64_t at = tile.row_stride ? e * frame->height + row : e;
            const double x = tile.type == AZ_F32 ? (double)((const float *)(const void *)data)[at]
                                                 : ((const double *)(const void *)data)[at];
            if (!isfinite(x)) return frame->first_row + row;
        }
    return -1;
}

int64_t az_nonfinite_row(const az_instruction *instruction, const az_frame *frame, const char **op, int64_t *node)
{
    if (instruction->n_maps == 0) {
        *op = instruction->op ? instruction->op->name : "input";
        *node = instruction->node;
        return instruction->op || instruction->node >= 0 ? row_at(&instruction->out, frame) : -1;
    }
    for (int m = 0; m < instruction->n_maps; m++) {
        *op = instruction->maps[m].op->name;
        *node = instruction->maps[m].node;
        const int64_t row = row_at(&instruction->maps[m].out, frame);
        if (row >= 0) return row;
    }
    return -1;
}
