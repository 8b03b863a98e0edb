/* SPDX-License-Identifier: BSD-3-Clause */
/* What a graph is compiled to: phases of instructions on places.
 *
 * Values without rows are worked out in small phases, by one thread.  Values with rows are worked out in row phases: a
 * thread takes a tile of rows through all instructions of the phase, in scratch memory of its own.  A sum over rows
 * ends a phase: tiles add to the accumulators of their slot, and slots are joined by a fixed tree.  So phases
 * alternate, and what a stage is to a node is how many sums over rows lie before it.  A sum that is itself large (the
 * gradient of a weight of some hundred by some hundred) has a wide phase: what it is made of is kept, and each thread
 * works out a part of the result over all tiles.
 *
 * Values of two extents (rows, points) have phases of their own.  A tile there has one row and some points, and tiles
 * run through the points of one row after the other.  What has the points alone was kept in tiles of the same height.
 * Of what has the rows alone, each tile fetches its row.  Sums over the points are complete with the last tile of a
 * row, and then put where the values of rows are kept; sums over the rows are held by slots, for all points, and
 * joined.  Pairs themselves are never kept: a later stage that needs them works them out again. */
#ifndef AZ_GRAPH_PLAN_H
#define AZ_GRAPH_PLAN_H

#include "base/loop_code.h"
#include "base/memory.h"
#include "base/text.h"
#include "ops/shape.h"
#include <ansatz/op.h>

typedef enum az_region {
    AZ_AT_TILE,     /* scratch of the thread: offset in bytes of one row, times the height of the tile */
    AZ_AT_BLOCK,    /* results that no instruction but their own needs: number of the buffer */
    AZ_AT_KEPT,     /* row values that a later stage needs, one tile after the other: offset in bytes of one row */
    AZ_AT_ROW,      /* scratch of the thread, of what has the first of two extents alone: one row */
    AZ_AT_SLOT,     /* accumulators of sums over rows, of each slot */
    AZ_AT_COLUMNS,  /* sums over the first of two extents, of each slot: as kept values of the second */
    AZ_AT_FIXED,    /* values without rows, of each member */
    AZ_AT_CONSTANT, /* of the plan */
    AZ_AT_THETA,
    AZ_AT_STATE,
    AZ_N_REGIONS
} az_region;

/* Where a value lies, and its strides: in elements, times the height of the tile where the value has rows. */
typedef struct az_place {
    int32_t region;
    int32_t space; /* of kept values and of columns */
    int64_t offset;
    int64_t first;     /* element at which a view begins, times the height where it has rows */
    int64_t row_bytes; /* of the whole array of which this is a view, for one row */
    az_tile tile;
} az_place;

struct az_frame;
typedef struct az_instruction az_instruction;

enum { AZ_MAP_INPUTS = 4, AZ_MOST_MAPS = 40 };

/* One elementwise op of a group. */
typedef struct az_map {
    az_map_kernel *kernel;
    const void *attribute;
    az_place *in;
    int32_t n;
    az_type type;                /* of the result */
    bool repeats[AZ_MAP_INPUTS]; /* the operand is one element for all */
    bool laps[AZ_MAP_INPUTS];    /* the operand begins again with every lap */
    bool flat; /* every operand has all rows of all elements side by side, or is one number: one loop will do */
    az_place out;
    const az_op *op;
    int64_t node;
} az_map;

/* Part of a group that runs in one loop of its own code, or a single op of it (fuse.c). */
typedef struct az_piece {
    int32_t first, n; /* of the group's maps */
    int32_t n_arrays;
    bool is_loop;
    bool flat; /* every array has all rows of all elements side by side, or is one number */
    az_place *places;
    az_walk *walks;
    bool *laps;   /* the array begins again with every lap */
    size_t entry; /* in the plan's code */
    az_loop_code *loop;
} az_piece;

enum { AZ_N_HEIGHTS = 5, AZ_MOST_ROWS = 128 }; /* of tiles: 1, 16, 32, 64, 128 */
extern const int64_t az_heights[AZ_N_HEIGHTS];

/* What a sum goes over; a run has a bit of each that has been begun. */
enum { AZ_OVER_ALL = 1, AZ_OVER_FIRST = 2, AZ_OVER_LAST = 4 }; /* all rows; the first or the last of two extents */

/* What a run of one row reads comes first and side by side, apart from the places' shapes: large weights drive a plan
 * out of the nearest cache in each such run, which then waits for every line of it (one_row.c). */
typedef struct az_spot {
    int32_t region, step; /* step 0: one element for all */
    int64_t offset;       /* bytes from the region's begin */
} az_spot;

typedef struct az_row_map {
    az_map_kernel *kernel;
    const void *attribute;
    int64_t n;
    az_spot out, in[AZ_MAP_INPUTS];
} az_row_map;

struct az_instruction {
    void (*run)(const az_instruction *instruction, const struct az_frame *frame);
    bool only_tall;       /* left out in tiles of one row */
    int32_t n, n_maps;    /* n_maps > 0: a group */
    int32_t reduces;      /* a sum over rows: AZ_OVER_..., else 0 */
    const az_spot *spots; /* a kernel's inputs and result in tiles of one row, and without rows; NULL: use places */
    const az_row_map *row_maps; /* likewise of a group; NULL: use maps */
    int64_t elements;           /* of the group's results */
    az_tile_kernel *kernel;
    az_place *in;
    az_map *maps;
    int64_t lap;     /* elements after which operands that repeat along leading axes begin again */
    int32_t binding; /* loads and stores: number among the plan's inputs or outputs */
    int32_t n_extents;
    const az_call *calls[AZ_N_HEIGHTS]; /* complete but for pointers and numbers of rows */
    int64_t n_parts;                    /* in a wide phase */
    az_place packed;                    /* region -1: nothing is packed */
    az_place out;
    const az_op *op; /* of a group of elementwise ops: NULL */
    int64_t node;    /* whose value it is, of the graph */
    const void *attribute;
    int32_t n_pieces; /* 0: the group runs op by op */
    az_piece *pieces;
};

/* Instructions that run together: for each tile of a space, or once (space -1). */
typedef struct az_phase {
    int32_t stage, space;
    bool whole_rows; /* it has sums over one of two extents: a slot has all tiles of some rows of the first */
    bool wide; /* sums over rows too large for accumulators: one instruction after the other, each cut into parts */
    int64_t n, capacity, n_packs; /* n_packs: of the instructions, those that are for tall tiles only */
    az_instruction *instructions;
    int64_t tile_bytes;   /* scratch, of one row */
    int64_t row_bytes;    /* scratch, of what has the first of two extents alone */
    int64_t slot_bytes;   /* accumulators of one slot */
    int64_t column_bytes; /* sums over the first of two extents, of one row of the second */
    az_cost cost;         /* of one row; of a phase that runs once, of it */
    double row_cost;      /* the same in nanoseconds, roughly (cost.c) */
    /* Sums to be joined when the phase ends: from the slots to fixed or kept memory. */
    int64_t n_sums;
    struct az_phase_sum {
        int32_t over;
        int64_t slot_offset, n; /* n numbers in all, or of each row of the result */
        az_place to;
        az_join_kernel *join; /* NULL: added */
    } * sums;
} az_phase;

/* The leading extents of values: (rows) or (functions, points). */
enum { AZ_MOST_SPACES = 16 };
typedef struct az_space {
    int32_t n;
    int32_t single[2]; /* of two extents: the spaces of each */
    int64_t extent[2];
    int64_t kept_bytes; /* of one row */
    int64_t tile_bytes; /* the most of all phases whose tiles are of the last extent */
} az_space;

typedef struct az_port { /* an input or an output */
    const char *name;
    az_type type;
    az_shape shape;
    int32_t n_extents; /* of the shape */
    int64_t elements;  /* of one row */
    int64_t node;
    az_place place; /* inputs without rows, and all outputs without: in fixed memory or where they are */
} az_port;

typedef struct az_assignment {
    int64_t offset, n; /* of the state */
    az_place place;
} az_assignment;

struct az_plan {
    az_arena arena;
    az_type real;
    az_isa isa;
    bool find_nonfinite;
    int64_t n_parameters, n_state, n_extents;
    const char **extents;
    int64_t n_slots;
    struct az_plan_slot {
        const char *name;
        int64_t offset, size;
        az_shape shape;
    } * slots; /* of theta */
    int32_t n_spaces, n_inputs, n_outputs, n_assignments;
    az_space *spaces;
    az_port *inputs, *outputs;
    az_assignment *assignments;
    char *constants;
    int64_t constant_bytes, fixed_bytes, block_buffers, scratch_bytes;
    struct az_plan_extent {
        int64_t extent, offset;
        az_type type;
    } * extent_values; /* sizes of extents that nodes ask for: offset in fixed memory */
    int64_t n_extent_values;
    int64_t n_entering, n_leaving; /* numbers without rows that come in and go out, of a member */
    int64_t n_phases, phases_capacity;
    az_phase *phases;
    void *code; /* of loops; NULL: none */
    size_t code_bytes;
    const char **node_paths; /* of each node, for what is told of non-finite values */
};

/* The first fault that kernels told of in a run. */
typedef struct az_fault {
    _Atomic int taken; /* one is told */
    char text[256];
} az_fault;

/* Kept values of a space, and the tile of it that is being worked on. */
typedef struct az_kept {
    char *data;
    int64_t n_padded; /* rows of all tiles, with those beyond the last row */
    int64_t row;      /* with which the tile begins */
    int64_t height;   /* of the tile; set where the space is the first extent of the phase's two */
} az_kept;

/* What an instruction sees of a run. */
typedef struct az_frame {
    const az_plan *plan;
    const az_run_arguments *arguments;
    char *base[AZ_N_REGIONS];
    int64_t scale[AZ_N_REGIONS]; /* what offsets are times; of what is kept 0, for it lies elsewhere in each space */
    char *scratch;               /* of kernels */
    int64_t block_size;          /* elements of a group's buffer */
    int height_number;
    int32_t n_extents; /* of the space of the phase */
    int64_t height, n_valid, first_row;
    int64_t row_of_first, last_extent; /* of two extents: the row of the first; the size of the second */
    bool has_row;                      /* what is of this row alone is there from the tile before */
    int64_t member, part;
    int32_t accumulate;            /* sums that go on: bits of AZ_OVER_... */
    const int64_t *extents;        /* sizes */
    az_kept *kept;                 /* of each space */
    const int32_t *input, *output; /* which binding is which port; -1: an output not asked for */
    az_fault *fault;
} az_frame;

/* --- The executor's instructions (execute.c) ---------------------------------------------------------------------- */
void az_execute_kernel(const az_instruction *instruction, const az_frame *frame);
void az_execute_pack(const az_instruction *instruction, const az_frame *frame);
void az_execute_maps(const az_instruction *instruction, const az_frame *frame);
void az_execute_pieces(const az_instruction *instruction, const az_frame *frame); /* fuse.c */
void az_execute_load(const az_instruction *instruction, const az_frame *frame);
void az_execute_store(const az_instruction *instruction, const az_frame *frame);
/* Between what is kept of the first of two extents and one row of it (pairs.c). */
void az_execute_fetch(const az_instruction *instruction, const az_frame *frame);
void az_execute_put(const az_instruction *instruction, const az_frame *frame);
double az_read_number(const void *data, az_type type, int64_t at);
void az_write_number(void *data, az_type type, int64_t at, double value);
/* "7", and of a pair "7, 2", into text. */
enum { AZ_ROW_TEXT = 48 };
void az_row_print(int64_t row, int64_t column, char text[AZ_ROW_TEXT]);
/* The elements of a tile without rows, one after the other. */
void az_copy_out(const az_tile *tile, const char *from, char *to);

/* The first row in which a result of the instruction, all of which are there, is not finite, and which op and node made
 * it; -1: none (nonfinite.c). */
int64_t az_nonfinite_row(const az_instruction *instruction, const az_frame *frame, const char **op, int64_t *node);

/* Address of a place in a frame. */
static inline char *az_place_address(const az_place *place, const az_frame *frame)
{
    char *base = frame->base[place->region] + place->offset * frame->scale[place->region];
    if (place->region == AZ_AT_KEPT || place->region == AZ_AT_COLUMNS) {
        const az_kept *kept = &frame->kept[place->space];
        if (place->region == AZ_AT_KEPT) base = kept->data;
        base += place->offset * kept->n_padded + place->row_bytes * kept->row;
    }
    if (place->first == 0) return base;
    const int64_t height = place->tile.row_stride ? frame->height : 1;
    return base + place->first * height * (int64_t)az_type_size(place->tile.type);
}

static inline char *az_spot_address(const az_spot *spot, const az_frame *frame)
{
    return frame->base[spot->region] + spot->offset;
}

az_tile az_place_tile(const az_place *place, int64_t height);

/* --- What is told of a plan (print.c) ----------------------------------------------------------------------------- */
/* The parameter that begins at a place; NULL: none does. */
const char *az_plan_parameter_at(const az_plan *plan, const az_place *place);
/* The extents of a space: "rows", or "points, for each of rows". */
void az_plan_space(const az_plan *plan, int32_t space, az_text *text);
/* The value of a constant of one element; false: it is none. */
bool az_plan_constant(const az_plan *plan, const az_place *place, double *value);

#endif
