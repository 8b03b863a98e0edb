/* SPDX-License-Identifier: BSD-3-Clause */
/* Walking through the elements of a tile, the last axis fastest. */
#ifndef AZ_OPS_WALK_H
#define AZ_OPS_WALK_H

#include <ansatz/op.h>

typedef struct az_walk {
    int rank;
    int64_t size[AZ_MAX_RANK], stride[AZ_MAX_RANK], at[AZ_MAX_RANK];
    int64_t n, offset; /* how many elements there are; where the present one lies */
} az_walk;

/* Over the axes whose bits are set; the others stay at their beginning. */
static inline az_walk az_walk_of(const az_tile *tile, unsigned axes)
{
    az_walk walk = {.n = 1};
    for (int d = 0; d < tile->rank; d++) {
        if (!(axes >> d & 1)) continue;
        walk.size[walk.rank] = tile->size[d];
        walk.stride[walk.rank++] = tile->stride[d];
        walk.n *= tile->size[d];
    }
    return walk;
}

static inline void az_walk_on(az_walk *walk)
{
    for (int d = walk->rank - 1; d >= 0; d--) {
        walk->offset += walk->stride[d];
        if (++walk->at[d] < walk->size[d]) return;
        walk->offset -= walk->stride[d] * walk->size[d];
        walk->at[d] = 0;
    }
}

enum { AZ_ALL_AXES = (1 << AZ_MAX_RANK) - 1 };

#endif
