/* SPDX-License-Identifier: BSD-3-Clause */
/* Who lies where in the scratch of a tile: places are given again when their value is no more needed. */
#ifndef AZ_GRAPH_SCRATCH_H
#define AZ_GRAPH_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct az_scratch {
    struct az_scratch_part {
        int64_t offset, size, until;
    } * parts; /* in the order of their offsets */
    int64_t n, capacity;
    int64_t now;  /* the step that is being placed */
    int64_t size; /* the most that was in use */
    bool failed;  /* no memory */
} az_scratch;

/* A place that is nobody else's up to and with step `until`. */
int64_t az_scratch_take(az_scratch *scratch, int64_t size, int64_t until);
/* Gives back all that was needed before this step only. */
void az_scratch_release(az_scratch *scratch, int64_t step);
void az_scratch_free(az_scratch *scratch);

#endif
