/* SPDX-License-Identifier: BSD-3-Clause */
/* What single instructions do with a tile. */
#include "base/product.h"
#include "graph/plan.h"
#include "ops/shape.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MOST_INPUTS = 64 };

az_tile az_place_tile(const az_place *place, int64_t height)
{
    az_tile tile = place->tile;
    if (tile.row_stride)
        for (int i = 0; i < tile.rank; i++) tile.stride[i] *= height;
    return tile;
}

/* What a call's `caller` is. */
typedef struct caller {
    const az_instruction *instruction;
    const az_frame *frame;
} caller;

void az_row_print(int64_t row, int64_t column, char text[AZ_ROW_TEXT])
{
    if (column < 0)
        snprintf(text, AZ_ROW_TEXT, "%lld", (long long)row);
    else
        snprintf(text, AZ_ROW_TEXT, "%lld, %lld", (long long)row, (long long)column);
}

void az_tell_fault(const az_call *call, int64_t row, const char *format, ...)
{
    const caller *from = call->caller;
    az_fault *fault = from->frame->fault;
    if (atomic_exchange(&fault->taken, 1)) return;
    const az_instruction *instruction = from->instruction;
    const char *path = instruction->node >= 0 ? from->frame->plan->node_paths[instruction->node] : "";
    char text[128], at[AZ_ROW_TEXT];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    row += call->first_row;
    if (from->frame->n_extents == 2)
        az_row_print(call->row_of_first, row, at);
    else
        az_row_print(row, -1, at);
    snprintf(fault->text, sizeof fault->text, "%s%s%.60s, row %s: %s", instruction->op->name, *path ? " in " : "", path,
             at, text);
}

/* What the prepared call tells is at its begin, and nothing else of it is read. */
static inline void call_kernel(const az_instruction *instruction, const az_frame *frame, const void *const *x, void *y)
{
    const az_call *prepared = instruction->calls[frame->height_number];
    const az_run_arguments *arguments = frame->arguments;
    const bool packed = (frame->height > 1 || !y) && instruction->packed.region >= 0;
    caller from = {instruction, frame};
    const az_call call = {.attribute = prepared->attribute,
                          .prepared = prepared->prepared,
                          .x = x,
                          .y = y,
                          .in = prepared->in,
                          .out = prepared->out,
                          .n_inputs = prepared->n_inputs,
                          .n_extents = prepared->n_extents,
                          .accumulate = instruction->reduces & frame->accumulate,
                          .n_rows = prepared->n_rows,
                          .n_valid = frame->n_valid,
                          .first_row = frame->first_row,
                          .row_of_first = frame->row_of_first,
                          .last_extent = frame->last_extent,
                          .row_number = arguments->row_number,
                          .seed = arguments->seed,
                          .step = arguments->step,
                          .member = (uint64_t)frame->member,
                          .packed = packed ? az_place_address(&instruction->packed, frame) : NULL,
                          .part = frame->part,
                          .n_parts = instruction->n_parts,
                          .scratch = frame->scratch,
                          .caller = &from};
    instruction->kernel(&call);
}

void az_execute_kernel(const az_instruction *instruction, const az_frame *frame)
{
    const void *x[MOST_INPUTS];
    if (frame->height == 1 && instruction->spots) {
        const az_spot *spots = instruction->spots, *out = spots + instruction->n;
        for (int k = 0; k < instruction->n; k++) x[k] = az_spot_address(&spots[k], frame);
        call_kernel(instruction, frame, x, az_spot_address(out, frame));
        return;
    }
    for (int k = 0; k < instruction->n; k++) x[k] = az_place_address(&instruction->in[k], frame);
    call_kernel(instruction, frame, x, az_place_address(&instruction->out, frame));
}

/* The kernel writes to `packed`; the operands with rows and the result are not there. */
void az_execute_pack(const az_instruction *instruction, const az_frame *frame)
{
    const void *x[MOST_INPUTS];
    if (instruction->packed.region == AZ_AT_ROW && frame->has_row) return;
    for (int k = 0; k < instruction->n; k++)
        x[k] = instruction->in[k].tile.row_stride ? NULL : az_place_address(&instruction->in[k], frame);
    call_kernel(instruction, frame, x, NULL);
}

static az_operand operand_of(const az_map *map, int k, const az_frame *frame, bool tall)
{
    const az_place *place = &map->in[k];
    const int64_t along = map->repeats[k] ? 0 : place->tile.row_stride && tall ? frame->height : 1;
    return (az_operand){.data = az_place_address(place, frame),
                        .outer = tall ? along : 0,
                        .inner = tall ? place->tile.row_stride : along};
}

static void run_map(const az_map *map, int64_t n, int64_t n_inner, void *out, const az_operand *in)
{
    const bool flat = map->flat || n_inner == 1;
    map->kernel(flat ? 1 : n, flat ? n * n_inner : n_inner, out, in, map->attribute);
}

/* Without rows, or of one row: the elements are one after the other. */
static void run_row_maps(const az_instruction *instruction, const az_frame *frame)
{
    const az_row_map *end = instruction->row_maps + instruction->n_maps;
    for (const az_row_map *map = instruction->row_maps; map < end; map++) {
        az_operand in[AZ_MAP_INPUTS];
        for (int64_t k = 0; k < map->n; k++)
            in[k] = (az_operand){.data = az_spot_address(&map->in[k], frame), .inner = map->in[k].step};
        map->kernel(1, instruction->elements, az_spot_address(&map->out, frame), in, map->attribute);
    }
}

/* Elementwise ops in blocks of some 512 numbers, so that what one writes the next finds in the nearest cache.  In a
 * tall tile a block is some features of all its rows; else some elements. */
static void run_blocks(const az_instruction *instruction, const az_frame *frame, bool tall)
{
    const int n_maps = instruction->n_maps;
    const int64_t lap = instruction->lap, n_inner = tall ? frame->height : 1;
    az_operand in[AZ_MOST_MAPS][AZ_MAP_INPUTS];
    char *out[AZ_MOST_MAPS];
    /* Bytes from one block to the next, and from behind the last block of a lap to the next lap. */
    int64_t step_in[AZ_MOST_MAPS][AZ_MAP_INPUTS], step_out[AZ_MOST_MAPS];
    int64_t lap_in[AZ_MOST_MAPS][AZ_MAP_INPUTS], lap_out[AZ_MOST_MAPS];
    /* Blocks of one size, as good as that goes. */
    const int64_t n_blocks = (lap * n_inner + frame->block_size - 1) / frame->block_size;
    const int64_t step = (lap + n_blocks - 1) / (n_blocks ? n_blocks : 1);
    const int64_t behind = step ? (lap + step - 1) / step * step : 0;
    for (int m = 0; m < n_maps; m++) {
        const az_map *map = &instruction->maps[m];
        for (int k = 0; k < map->n; k++) {
            const az_place *place = &map->in[k];
            in[m][k] = operand_of(map, k, frame, tall);
            const int64_t along = place->region == AZ_AT_BLOCK ? 0 : tall ? in[m][k].outer : in[m][k].inner;
            const int64_t bytes = along * (int64_t)az_type_size(place->tile.type);
            step_in[m][k] = step * bytes;
            lap_in[m][k] = ((map->laps[k] ? 0 : lap) - behind) * bytes;
        }
        const int64_t bytes = map->out.region == AZ_AT_BLOCK ? 0 : n_inner * (int64_t)az_type_size(map->type);
        out[m] = az_place_address(&map->out, frame);
        step_out[m] = step * bytes;
        lap_out[m] = (lap - behind) * bytes;
    }
    for (int64_t begin = 0; begin < instruction->elements; begin += lap) {
        for (int64_t first = 0; first < lap; first += step) {
            const int64_t left = lap - first, n = left < step ? left : step;
            for (int m = 0; m < n_maps; m++) {
                const az_map *map = &instruction->maps[m];
                run_map(map, n, n_inner, out[m], in[m]);
                for (int k = 0; k < map->n; k++) in[m][k].data = (const char *)in[m][k].data + step_in[m][k];
                out[m] += step_out[m];
            }
        }
        for (int m = 0; m < n_maps; m++) {
            for (int k = 0; k < instruction->maps[m].n; k++) in[m][k].data = (const char *)in[m][k].data + lap_in[m][k];
            out[m] += lap_out[m];
        }
    }
}

void az_execute_maps(const az_instruction *instruction, const az_frame *frame)
{
    if (frame->height == 1 && instruction->row_maps) {
        run_row_maps(instruction, frame);
        return;
    }
    const int n_maps = instruction->n_maps;
    const bool tall = instruction->maps[n_maps - 1].out.tile.row_stride && frame->height > 1;
    const int64_t n = instruction->elements, n_inner = tall ? frame->height : 1;
    if (instruction->lap != n || n * n_inner > frame->block_size) {
        run_blocks(instruction, frame, tall);
        return;
    }
    for (int m = 0; m < n_maps; m++) {
        const az_map *map = &instruction->maps[m];
        az_operand in[AZ_MAP_INPUTS];
        for (int k = 0; k < map->n; k++) in[k] = operand_of(map, k, frame, tall);
        run_map(map, n, n_inner, az_place_address(&map->out, frame), in);
    }
}

/* --- Loads and stores: between the caller's arrays, rows outermost, and tiles, rows innermost ----------------------
 */

double az_read_number(const void *data, az_type type, int64_t at)
{
    switch (type) {
    case AZ_F32: return ((const float *)data)[at];
    case AZ_F64: return ((const double *)data)[at];
    case AZ_I64: return (double)((const int64_t *)data)[at];
    case AZ_MASK: return ((const unsigned char *)data)[at];
    }
    return 0;
}

void az_write_number(void *data, az_type type, int64_t at, double value)
{
    switch (type) {
    case AZ_F32: ((float *)data)[at] = (float)value; break;
    case AZ_F64: ((double *)data)[at] = value; break;
    case AZ_I64: ((int64_t *)data)[at] = (int64_t)value; break;
    case AZ_MASK: ((unsigned char *)data)[at] = value != 0; break;
    }
}

/* Offsets of the fixed elements of a binding, one after the other. */
typedef struct walk {
    int rank;
    int64_t size[AZ_MAX_RANK], stride[AZ_MAX_RANK], at[AZ_MAX_RANK], offset;
} walk;

static walk walk_of(const az_shape *shape, int n_extents, const int64_t *stride)
{
    walk w = {0};
    int64_t row_major = 1;
    for (int i = shape->rank - 1; i >= n_extents; i--) {
        w.stride[i - n_extents] = stride ? stride[i] : row_major;
        row_major *= shape->size[i];
    }
    for (int i = n_extents; i < shape->rank; i++) w.size[w.rank++] = shape->size[i];
    return w;
}

static void walk_on(walk *w)
{
    for (int d = w->rank - 1; d >= 0; d--) {
        w->offset += w->stride[d];
        if (++w->at[d] < w->size[d]) return;
        w->offset -= w->stride[d] * w->size[d];
        w->at[d] = 0;
    }
}

/* From one row of the last extent to the next: 0 where there are none. */
static int64_t row_stride_of(const az_port *port, const int64_t *stride)
{
    return !port->n_extents ? 0 : stride ? stride[port->n_extents - 1] : port->elements;
}

/* Of two extents, where the row of the first begins. */
static int64_t first_offset_of(const az_port *port, const az_binding *binding, const az_frame *frame)
{
    if (port->n_extents < 2) return 0;
    const int64_t row = binding->index ? binding->index[frame->row_of_first] : frame->row_of_first;
    return row * (binding->stride ? binding->stride[0] : frame->last_extent * port->elements);
}

void az_copy_out(const az_tile *tile, const char *from, char *to)
{
    const size_t size = az_type_size(tile->type);
    walk w = {.rank = tile->rank};
    int64_t n = 1;
    memcpy(w.size, tile->size, sizeof w.size);
    memcpy(w.stride, tile->stride, sizeof w.stride);
    for (int d = 0; d < tile->rank; d++) n *= tile->size[d];
    for (int64_t e = 0; e < n; e++, walk_on(&w)) memcpy(to + size * (size_t)e, from + w.offset * (int64_t)size, size);
}

/* Elements side by side, of rows side by side: a transpose. */
static void load_row_major(const az_binding *from, const az_frame *frame, int64_t n, int64_t first, int64_t row,
                           char *to)
{
    const int64_t size = (int64_t)az_type_size(from->type);
    const char *source = (const char *)from->data + (first + frame->first_row * row) * size;
    if (frame->height == 1) {
        memcpy(to, source, (size_t)(n * size));
        return;
    }
    az_transpose transpose;
    az_transpose_find(&transpose, from->type == AZ_F64, n, frame->n_valid, n, frame->height, frame->plan->isa);
    az_transpose_run(&transpose, source, to);
    for (int64_t e = 0; e < n && frame->n_valid < frame->height; e++) {
        char *feature = to + e * frame->height * size;
        for (int64_t r = frame->n_valid; r < frame->height; r++)
            memcpy(feature + r * size, feature + (frame->n_valid - 1) * size, (size_t)size);
    }
}

/* Rows past the last are the last one again, so that nothing strange is worked out of them. */
void az_execute_load(const az_instruction *instruction, const az_frame *frame)
{
    const az_port *port = &frame->plan->inputs[instruction->binding];
    const az_binding *from = &frame->arguments->inputs[frame->input[instruction->binding]];
    const int64_t n = port->elements, row = row_stride_of(port, from->stride);
    const int64_t first = first_offset_of(port, from, frame);
    const int64_t *index = port->n_extents == 1 ? from->index : NULL;
    char *to = az_place_address(&instruction->out, frame);
    if (!from->stride && !index && from->type == port->type && az_type_is_real(port->type)) {
        load_row_major(from, frame, n, first, row, to);
        return;
    }
    walk w = walk_of(&port->shape, port->n_extents, from->stride);
    int64_t begin[AZ_MOST_ROWS];
    for (int64_t r = 0; r < frame->height; r++) {
        const int64_t i = frame->first_row + (r < frame->n_valid ? r : frame->n_valid - 1);
        begin[r] = first + (index ? index[i] : i) * row;
    }
    for (int64_t e = 0; e < n; e++, walk_on(&w)) {
        if (from->type == AZ_F64 && port->type == AZ_F64) {
            const double *source = (const double *)from->data + w.offset;
            for (int64_t r = 0; r < frame->height; r++) ((double *)to)[e * frame->height + r] = source[begin[r]];
        } else if (from->type == AZ_F32 && port->type == AZ_F32) {
            const float *source = (const float *)from->data + w.offset;
            for (int64_t r = 0; r < frame->height; r++) ((float *)to)[e * frame->height + r] = source[begin[r]];
        } else if (from->type == AZ_F64 && port->type == AZ_F32) {
            const double *source = (const double *)from->data + w.offset;
            for (int64_t r = 0; r < frame->height; r++) ((float *)to)[e * frame->height + r] = (float)source[begin[r]];
        } else if (from->type == AZ_I64 && port->type == AZ_I64) {
            const int64_t *source = (const int64_t *)from->data + w.offset;
            for (int64_t r = 0; r < frame->height; r++) ((int64_t *)to)[e * frame->height + r] = source[begin[r]];
        } else {
            for (int64_t r = 0; r < frame->height; r++)
                az_write_number(to, port->type, e * frame->height + r,
                                az_read_number(from->data, from->type, w.offset + begin[r]));
        }
    }
}

void az_execute_store(const az_instruction *instruction, const az_frame *frame)
{
    const az_port *port = &frame->plan->outputs[instruction->binding];
    const int number = frame->output[instruction->binding];
    if (number < 0) return;
    const az_binding *to = &frame->arguments->outputs[number];
    const az_place *place = &instruction->in[0];
    const char *from = az_place_address(place, frame);
    const int64_t n = port->elements, row = row_stride_of(port, to->stride);
    const int64_t *index = port->n_extents == 1 ? to->index : NULL;
    int64_t first = frame->member * n;
    for (int i = 0; i < port->n_extents; i++) first *= frame->extents[-1 - port->shape.size[i]];
    first += first_offset_of(port, to, frame);
    if ((!port->n_extents || (frame->height == 1 && !index)) && !to->stride && to->type == port->type &&
        (n == 1 || az_tile_is_row_major(&place->tile))) {
        const size_t size = az_type_size(to->type);
        memcpy((char *)to->data + size * (size_t)(first + frame->first_row * row), from, size * (size_t)n);
        return;
    }
    const az_tile tile = az_place_tile(place, frame->height);
    walk w = walk_of(&port->shape, port->n_extents, to->stride);
    walk v = {.rank = tile.rank};
    memcpy(v.size, tile.size, sizeof v.size);
    memcpy(v.stride, tile.stride, sizeof v.stride);
    for (int64_t e = 0; e < n; e++, walk_on(&w), walk_on(&v))
        for (int64_t r = 0; r < frame->n_valid; r++) {
            const int64_t i = frame->first_row + r, source = v.offset + r * tile.row_stride;
            const int64_t at = first + (index ? index[i] : i) * row + w.offset;
            if (port->type == AZ_I64 && to->type == AZ_I64)
                ((int64_t *)to->data)[at] = ((const int64_t *)(const void *)from)[source];
            else
                az_write_number(to->data, to->type, at, az_read_number(from, port->type, source));
        }
}
