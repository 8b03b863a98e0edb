/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of a table as points of a grid. */
#include "data/dataset.h"

/* The last dimensions are taken whole while they fit, the one before them in part, those in front one index at a time:
 * what results is one contiguous piece of the rows, and one hyperslab of the file. */
int64_t az_grid_box(const az_grid *grid, int64_t at_row, int64_t max_rows, int64_t *start, int64_t *count)
{
    int64_t below = 1; /* rows in one step of the dimension that is cut */
    int32_t cut = grid->n_dims - 1;
    for (; cut > 0 && below * grid->count[cut] <= max_rows; cut--) below *= grid->count[cut];
    int64_t rest = at_row, n_rows = 1;
    for (int32_t d = grid->n_dims - 1; d >= 0; d--) {
        int64_t index = rest % grid->count[d];
        rest /= grid->count[d];
        count[d] = 1;
        if (d > cut) {
            count[d] = grid->count[d];
        } else if (d == cut) {
            int64_t most = max_rows / below > 1 ? max_rows / below : 1, left = grid->count[d] - index;
            count[d] = most < left ? most : left;
        }
        start[d] = grid->first[d] + index;
        n_rows *= count[d];
    }
    return n_rows;
}
