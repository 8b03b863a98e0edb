/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of two extents (rows, points) meet values of rows alone, which are kept with many rows side by side: a tile of
 * pairs has one row of them. */
#include "graph/plan.h"

#include <string.h>

/* The first element of the row, and in *stride the bytes from one element to the next. */
static char *row_of(const az_place *place, const az_frame *frame, int64_t *stride)
{
    const az_kept *kept = &frame->kept[place->space];
    const int64_t size = (int64_t)az_type_size(place->tile.type);
    *stride = kept->height * size;
    return kept->data + place->offset * kept->n_padded + place->row_bytes * kept->row +
           (frame->row_of_first - kept->row) * size;
}

void az_execute_fetch(const az_instruction *instruction, const az_frame *frame)
{
    if (frame->has_row) return;
    const az_place *place = &instruction->in[0];
    const size_t size = az_type_size(place->tile.type);
    int64_t stride;
    const char *from = row_of(place, frame, &stride);
    char *to = az_place_address(&instruction->out, frame);
    for (int64_t e = az_tile_elements(&place->tile); e > 0; e--, from += stride, to += size) memcpy(to, from, size);
}

/* The rows past the last of a tile are the last one again. */
void az_execute_put(const az_instruction *instruction, const az_frame *frame)
{
    const az_place *place = &instruction->out;
    const az_kept *kept = &frame->kept[place->space];
    const int64_t size = (int64_t)az_type_size(place->tile.type);
    const int64_t n_rows = frame->extents[-1 - frame->plan->spaces[place->space].extent[0]];
    if (frame->first_row + frame->n_valid < frame->last_extent) return; /* not complete yet */
    const int64_t n = frame->row_of_first + 1 < n_rows ? 1 : kept->row + kept->height - frame->row_of_first;
    int64_t stride;
    const char *from = az_place_address(&instruction->in[0], frame);
    char *to = row_of(place, frame, &stride);
    for (int64_t e = az_tile_elements(&place->tile); e > 0; e--, from += size, to += stride)
        for (int64_t r = 0; r < n; r++) memcpy(to + r * size, from, (size_t)size);
}
