/* SPDX-License-Identifier: BSD-3-Clause */
/* The sizes of a run: tiles and slots of each space, and where its memory lies.  They depend on the plan and the sizes
 * of extents alone, so that sums do not depend on the machine. */
#ifndef AZ_GRAPH_LAYOUT_H
#define AZ_GRAPH_LAYOUT_H

#include "graph/plan.h"

enum {
    AZ_MOST_PORTS = 1024,
    AZ_MOST_EXTENTS = 16,
    AZ_BLOCK = 512,                                /* elements that a group of elementwise ops takes at a time */
    AZ_BLOCK_BYTES = (AZ_BLOCK + AZ_MOST_ROWS) * 8 /* of a buffer of a group */
};

typedef struct az_layout {
    int64_t extent[AZ_MOST_EXTENTS];
    int64_t n_members, n_threads;
    struct {
        int height_number;
        int64_t n_first, n_rows; /* of two extents n_rows is the second; else n_first is 1 */
        int64_t height, row_tiles, n_tiles, n_slots;
        int64_t n_whole;   /* tiles of that height in a row of tiles; what is left goes to lower ones */
        int64_t n_padded;  /* rows of the tiles of a row of tiles, with those beyond the last row */
        size_t kept;       /* offset of the first member's */
        size_t kept_bytes; /* of one member */
    } space[AZ_MOST_SPACES];
    size_t fixed, slots, threads; /* offsets */
    size_t slot_bytes;            /* of all slots, of the phase that needs most */
    size_t thread_bytes, tile_bytes, row_bytes, block_bytes;
    size_t total;
    int32_t input[AZ_MOST_PORTS], output[AZ_MOST_PORTS];
} az_layout;

/* Which binding is which input or output. */
az_status az_find_bindings(const az_plan *plan, const az_run_arguments *arguments, az_layout *l);
az_status az_lay_out(const az_plan *plan, const az_run_arguments *arguments, az_layout *l);

/* Slots of a phase, and the bytes of each: sums over all rows, then those that have rows of the second extent. */
int64_t az_slots_of(const az_layout *l, const az_phase *phase);
size_t az_bytes_of_slot(const az_layout *l, const az_phase *phase);

/* Sets a frame to a tile of a space. */
void az_to_tile(const az_layout *l, int32_t space, int64_t tile, az_frame *frame);
/* The next of a space's tiles, which lie one after the other; of two extents the tiles of each row do. */
void az_next_tile(const az_layout *l, int32_t space, az_frame *frame);

static inline size_t az_up(size_t n)
{
    return (n + 63) / 64 * 64;
}

#endif
