/* SPDX-License-Identifier: BSD-3-Clause */
/* What an op is: the primitives that graphs are made of, and a caller's own. */
#ifndef ANSATZ_OP_H
#define ANSATZ_OP_H

#include <ansatz/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a rule sees of a node that is being made. */
typedef struct az_op_arguments {
    az_graph *graph;
    int n;
    const az_node *x;
    const void *attribute;
} az_op_arguments;

/* --- Kernels -------------------------------------------------------------------------------------------------------
 * In a phase over rows a kernel sees a tile of n_rows rows of every value, feature by feature with the rows innermost:
 * element (i, j) of the fixed axes of row r lies at x[i * stride[0] + j * stride[1] + r * row_stride].  Values
 * without rows have row_stride 0.  In phases without rows n_rows is 1.
 *
 * A tile of a value with two extents has one row of the first and some of the second: these are its rows.  What has
 * the first extent alone is the same in all of them, row_stride 0.  A sum over the first extent is one over tiles:
 * each is summed over the fixed axes alone and, with `accumulate`, added to out row by row. */

/* An operand of an elementwise kernel: element (o, i) at data[o * outer + i * inner]; inner is 0 or 1. */
typedef struct az_operand {
    const void *data;
    int64_t outer, inner;
} az_operand;
/* out[o * n_inner + i] = f(in[0](o, i), in[1](o, i), ...).  out may be the very place of an operand, never overlap it
 * otherwise. */
typedef void az_map_kernel(int64_t n_outer, int64_t n_inner, void *out, const az_operand *in, const void *attribute);

/* How a value lies in memory. */
typedef struct az_tile {
    az_type type;
    int32_t rank; /* of the fixed axes: extents are left out */
    int64_t size[AZ_MAX_RANK], stride[AZ_MAX_RANK];
    int64_t row_stride;
} az_tile;

typedef struct az_call {
    const void *attribute;
    const void *prepared;
    const void *const *x; /* the inputs */
    void *y;              /* the result */
    const az_tile *in;
    const az_tile *out; /* row-major: without gaps */
    int n_inputs;
    int n_extents;             /* leading extents of the first input, whose axes the attribute counts too */
    bool accumulate;           /* the sum over rows goes on: add to out, which may have rows itself (below) */
    int64_t n_rows;            /* of the tile */
    int64_t n_valid;           /* of these, the first ones are real; sums over rows take no others */
    int64_t first_row;         /* of the tile, in the data */
    int64_t row_of_first;      /* of two extents: the row of the first, the same in the whole tile; else 0 */
    int64_t last_extent;       /* the size of the last extent */
    const int64_t *row_number; /* of all rows of the extent "rows", in the data set; NULL: their number in the run */
    uint64_t seed, step, member;
    void *packed;          /* what the op's pack kernel has written; NULL in tiles of one row */
    int64_t part, n_parts; /* of a result that is cut into parts, this one alone */
    void *scratch;         /* the bytes that `scratch` asked for, aligned to 64 */
    void *caller;          /* the executor's own */
} az_call;
typedef void az_tile_kernel(const az_call *call);

/* For kernels that meet numbers they cannot take, such as a place outside a table, in a row of their tile: the run ends
 * with an error that names op, layer, row and the text, the one told first. */
AZ_API void az_tell_fault(const az_call *call, int64_t row, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* What a call costs: operations, in units of the time that one addition or multiplication takes among many (a fused
 * multiply-add has two), and bytes read and written. */
typedef struct az_cost {
    double flops, bytes;
} az_cost;

/* How an op's results over parts of the rows become one: to[i] and from[i] are joined in to[i].  Without from: to[i] is
 * what comes of no rows. */
typedef void az_join_kernel(int64_t n, void *to, const void *from);

/* Of one instruction set, by the type of the op's last input (of its result where it has none). */
typedef struct az_kernels {
    az_map_kernel *map[AZ_N_TYPES];   /* elementwise ops */
    az_tile_kernel *tile[AZ_N_TYPES]; /* all others */
    az_tile_kernel *pack[AZ_N_TYPES]; /* once a run: lays an input without rows out as the tile kernel likes it */
    az_join_kernel *join[AZ_N_TYPES]; /* of results over rows; NULL: added, and 0 of no rows */
} az_kernels;

typedef enum az_isa { AZ_ISA_BASE, AZ_ISA_V3, AZ_ISA_V4, AZ_N_ISA } az_isa;

/* --- Leaves: where a node without inputs comes from --------------------------------------------------------------- */
typedef enum az_leaf_kind {
    AZ_LEAF_CONSTANT,
    AZ_LEAF_INPUT,
    AZ_LEAF_THETA,
    AZ_LEAF_STATE,
    AZ_LEAF_EXTENT
} az_leaf_kind;
typedef struct az_leaf {
    az_leaf_kind kind;
    const char *name; /* of an input */
    const void *data; /* of a constant: row-major, of the node's type */
    int64_t offset;   /* of a slice of theta or of the state; of an extent: its number */
} az_leaf;

/* --- Samples: legal instances, of which tests are made ----------------------------------------------------------- */
enum { AZ_SAMPLE_INPUTS = 8, AZ_SAMPLE_ATTRIBUTE = 32 };
#define AZ_SAMPLE_POINTS ((int64_t)-2) /* the second extent of a graph of samples */
typedef struct az_op_sample {
    int n;
    struct {
        az_type type; /* AZ_F64: the real type under test */
        az_shape shape;
        double lower, upper; /* values are drawn between; of AZ_I64 whole numbers, upper excluded */
    } x[AZ_SAMPLE_INPUTS];
    int64_t attribute[AZ_SAMPLE_ATTRIBUTE]; /* its bytes, aligned for any */
} az_op_sample;

/* --- The descriptor ----------------------------------------------------------------------------------------------- */

enum {
    AZ_OP_ELEMENTWISE = 1 << 0, /* all inputs have the shape of the result; `map` kernels */
    AZ_OP_COMMUTATIVE = 1 << 1, /* f(a, b) = f(b, a) to the bit */
    AZ_OP_LINEAR = 1 << 2,      /* in each input alone */
    AZ_OP_VIEW = 1 << 3,        /* the same elements at other places: `view` in place of a kernel, if it can */
    AZ_OP_RANDOM = 1 << 4,
    AZ_OP_KINK = 1 << 5,    /* somewhere without a derivative; the rule says which value is taken there */
    AZ_OP_STRIDES = 1 << 6, /* tile kernels take inputs of any strides; others get them without gaps */
    AZ_OP_REPEATS = 1 << 7, /* and inputs that are the same in all rows of the result once, with row_stride 0 */
    /* Elementwise ops, of real numbers, that an instruction of the CPU works out: plans make one loop of several.  At
     * most one of: */
    AZ_OP_IS_ADD = 1 << 8,
    AZ_OP_IS_SUB = 2 << 8,
    AZ_OP_IS_MUL = 3 << 8,
    AZ_OP_IS_DIV = 4 << 8,
    AZ_OP_IS_NEG = 5 << 8,
    AZ_OP_IS_ONE_LESS_SQUARE = 6 << 8, /* 1 - a^2, rounded once */
    AZ_OP_IS_MIN = 7 << 8,             /* a where a < b or a is no number, else b */
    AZ_OP_IS_MAX = 8 << 8,
    AZ_OP_IS_LESS = 9 << 8,    /* the mask of a < b */
    AZ_OP_IS_SELECT = 10 << 8, /* b where the mask a is set, else c */
    AZ_OP_IS = 15 << 8
};

typedef struct az_op {
    const char *name;
    int version;
    unsigned flags;
    int n_inputs; /* -1: any number */
    size_t attribute_size;
    const char *equation; /* for the list of ops: "y = tanh(x)" */

    /* Type and shape of the result; an error says what is wrong with the inputs' shapes. */
    az_status (*shape)(const az_op_arguments *arguments, az_type *type, az_shape *shape);
    /* A simpler node that is equal, or AZ_NO_NODE; NULL: none. */
    az_node (*simplify)(const az_op_arguments *arguments);
    /* a + b, two nodes of this op, as one; AZ_NO_NODE: cannot be had.  NULL: never. */
    az_node (*merge)(az_node a, az_node b);
    /* Cotangents of the inputs from that of the result: dx[i], left as AZ_NO_NODE where it is zero. */
    void (*reverse)(az_node y, az_node dy, az_node *dx);
    /* The tangent of the result from those of the inputs, AZ_NO_NODE for zero; not all are. */
    az_node (*forward)(az_node y, const az_node *dx);
    /* Derivatives 1 to order (at most 4) of the result along a path from those of the inputs: dx[i * order + k - 1] is
     * the k-th derivative of input i (AZ_NO_NODE: zero); dy likewise.  NULL: nested forward is used. */
    void (*jet)(az_node y, int order, const az_node *dx, az_node *dy);
    /* n results at once: x[i] is input i, or n of them along an axis of its own behind the extents; the result has that
     * axis.  Tangents are pushed so, hence ops linear in an input profit.  Elementwise ops need no rule; of others
     * without one, or where AZ_NO_NODE is returned, each of the n is worked out by itself. */
    az_node (*batch)(az_node y, const az_node *x, int64_t n);

    void (*leaf)(const void *attribute, az_leaf *leaf); /* of ops without inputs that only stand for what is there */
    /* AZ_OP_VIEW: out, whose sizes are known, as strides over the elements of in, from *offset on; false: it cannot be
     * had so, and the kernel copies.  extents: how many of in and out lead. */
    bool (*view)(const void *attribute, int in_extents, int out_extents, const az_tile *in, az_tile *out,
                 int64_t *offset);
    size_t (*packed)(const az_call *call);  /* bytes that the pack kernel fills, 0: nothing to pack; NULL: never */
    size_t (*scratch)(const az_call *call); /* bytes; x and y are not set.  NULL: none */
    /* Into how many parts a large sum over rows may be cut, each of which is worked out over all tiles; 0: none. */
    int64_t (*parts)(const az_call *call);
    double flops; /* for each element of the largest operand; 0: one */
    /* Of a call for one row, in *cost what `flops` and the sizes of all operands with rows say; NULL: that is right. */
    void (*cost)(const az_call *call, az_cost *cost);
    size_t prepared_size; /* what is worked out once for each height of tiles */
    void (*prepare)(const az_call *call, az_isa isa, void *prepared);
    const az_kernels *kernels[AZ_N_ISA];

    /* Instance `number` from 0 up; false: there are no more. */
    bool (*sample)(int64_t number, az_op_sample *sample);
} az_op;

/* A node of an op: the public builders call nothing else.  attribute: op->attribute_size bytes, copied; bytes between
 * its fields must be zero.  op must live as long as the graph and its plans. */
AZ_API az_node az_apply(const az_op *op, az_graph *graph, const az_node *x, int n, const void *attribute);

/* For rules: the parts of a node. */
AZ_API const az_op *az_node_op(az_node x);
AZ_API int az_node_n_inputs(az_node x);
AZ_API az_node az_node_input(az_node x, int i);
AZ_API const void *az_node_attribute(az_node x);
AZ_API az_type az_graph_real(const az_graph *graph);

#ifdef __cplusplus
}
#endif
#endif
