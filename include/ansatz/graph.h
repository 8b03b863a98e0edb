/* SPDX-License-Identifier: BSD-3-Clause */
/* Graphs of arrays, their derivatives of any order, and plans that run them. */
#ifndef ANSATZ_GRAPH_H
#define ANSATZ_GRAPH_H

#include <ansatz/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Values ------------------------------------------------------------------------------------------------------ */

typedef enum az_type { AZ_F32, AZ_F64, AZ_I64, AZ_MASK } az_type; /* a mask is a byte, 0 or 1 */
enum { AZ_N_TYPES = 4, AZ_MAX_RANK = 6 };

/* Sizes of the axes, row-major.  A leading size may be an extent: a named symbol (az_extent, a negative number) whose
 * size is told when a plan runs; or two are, of different names: (rows, points) has a value for every pair.  All others
 * are fixed. */
typedef struct az_shape {
    int32_t rank;
    int64_t size[AZ_MAX_RANK];
} az_shape;

#define AZ_ROWS ((int64_t)-1) /* the extent that every graph has, called "rows" */
/* AZ_SHAPE(AZ_ROWS, 3): an array (rows, 3).  AZ_SCALAR: rank 0. */
#define AZ_SHAPE(...)                                                                                                  \
    ((az_shape){.rank = (int32_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), .size = {__VA_ARGS__}})
#define AZ_SCALAR ((az_shape){0})

/* A value of a graph.  Small, passed by value; id < 0: there is none. */
typedef struct az_graph az_graph;
typedef struct az_node {
    az_graph *graph;
    int64_t id;
} az_node;
#define AZ_NO_NODE ((az_node){.graph = NULL, .id = -1})

/* --- Building ------------------------------------------------------------------------------------------------------
 * No function here returns an error.  The graph keeps the first one (which call, which shapes), hands out AZ_NO_NODE
 * from there on, and az_compile reports it.  Equal nodes are shared as they are made. */

/* real: AZ_F32 or AZ_F64, the type of parameters and of constants where nothing else is said.  NULL: out of memory. */
AZ_API az_graph *az_graph_new(az_type real);
AZ_API void az_graph_free(az_graph *graph);
/* The first error of building so far; az_compile reports it too. */
AZ_API AZ_MUST_CHECK az_status az_graph_status(const az_graph *graph);
AZ_API int64_t az_extent(az_graph *graph, const char *name); /* a size for shapes; the same name gives the same */

AZ_API az_type az_node_type(az_node x);
AZ_API az_shape az_node_shape(az_node x);
/* Names the part of the model that is built from here on: "encoder/layer 2".  Errors and non-finite values are
 * reported with it.  Leave ends the part entered last. */
AZ_API void az_enter(az_graph *graph, const char *name);
AZ_API void az_leave(az_graph *graph);

/* What comes with every run, by name. */
AZ_API az_node az_input(az_graph *graph, const char *name, az_type type, az_shape shape);
/* A slice of the flat array theta: asking again for a name gives the same node; another shape is an error.  Slices lie
 * in the order of the calls; a compiler may take the arguments of one call in any order. */
AZ_API az_node az_parameter(az_graph *graph, const char *name, az_shape shape);
/* A slice of the flat array of state, written by az_assign when a run ends. */
AZ_API az_node az_state(az_graph *graph, const char *name, az_shape shape);
AZ_API void az_assign(az_node state, az_node value);
AZ_API az_node az_constant(az_graph *graph, double value);
/* data: row-major, of the type; copied. */
AZ_API az_node az_constant_array(az_graph *graph, az_type type, az_shape shape, const void *data);
/* The size of an extent, a scalar of the type. */
AZ_API az_node az_extent_size(az_graph *graph, int64_t extent, az_type type);

/* Elementwise; shapes are broadcast as numpy does, from the right, but extents by name: (rows, 3) and (points, 3) make
 * (rows, points, 3), the extent made first in front.  A shape without extents is aligned with all axes of the other. */
AZ_API az_node az_add(az_node a, az_node b);
AZ_API az_node az_sub(az_node a, az_node b);
AZ_API az_node az_mul(az_node a, az_node b);
AZ_API az_node az_div(az_node a, az_node b);
AZ_API az_node az_neg(az_node x);
AZ_API az_node az_scale(az_node x, double factor);
AZ_API az_node az_shift(az_node x, double addend);
AZ_API az_node az_square(az_node x);
AZ_API az_node az_pow(az_node a, az_node b);
AZ_API az_node az_power(az_node x, double exponent);
AZ_API az_node az_sqrt(az_node x);
AZ_API az_node az_exp(az_node x);
AZ_API az_node az_expm1(az_node x);
AZ_API az_node az_log(az_node x);
AZ_API az_node az_log1p(az_node x);
AZ_API az_node az_sin(az_node x);
AZ_API az_node az_cos(az_node x);
AZ_API az_node az_atan2(az_node a, az_node b); /* the angle of the point (b, a) */
AZ_API az_node az_tanh(az_node x);
AZ_API az_node az_sigmoid(az_node x);
AZ_API az_node az_softplus(az_node x);
AZ_API az_node az_erf(az_node x);
AZ_API az_node az_gaussian_cdf(az_node x);
AZ_API az_node az_lgamma(az_node x);
AZ_API az_node az_digamma(az_node x);
AZ_API az_node az_polygamma(int order, az_node x); /* digamma's derivative of that order, at most 60 */
/* With kinks or jumps.  Derivatives there: 0 of abs and sign at 0, of floor everywhere; of min and max of equal numbers
 * that of b. */
AZ_API az_node az_abs(az_node x);
AZ_API az_node az_sign(az_node x);
AZ_API az_node az_floor(az_node x);
AZ_API az_node az_mod(az_node a, az_node b); /* a - b floor(a / b): of b's sign */
AZ_API az_node az_min(az_node a, az_node b);
AZ_API az_node az_max(az_node a, az_node b);
/* Masks. */
AZ_API az_node az_less(az_node a, az_node b);
AZ_API az_node az_less_equal(az_node a, az_node b);
AZ_API az_node az_equal(az_node a, az_node b);
AZ_API az_node az_select(az_node mask, az_node a, az_node b); /* a where the mask is set, else b; both are worked out */
AZ_API az_node az_stop_gradient(az_node x);                   /* x, a constant for derivatives */

/* Types.  Reals to AZ_I64 are cut towards zero; a mask is 0 or 1. */
AZ_API az_node az_cast(az_node x, az_type type);

/* Shapes. */
AZ_API az_node az_reshape(az_node x, az_shape shape);
/* Axis j of x becomes axis[j] of the result, rising; an axis of size 1 is stretched, the axes not named are new. */
AZ_API az_node az_broadcast(az_node x, az_shape shape, const int *axis);
AZ_API az_node az_broadcast_to(az_node x, az_shape shape); /* extents by name, other axes from the right */

/* Axis i of the result is axis[i] of x; extents stay where they are. */
AZ_API az_node az_permute(az_node x, const int *axis);
/* In what follows an axis is a fixed one, counted as all are or from the end (-1: the last).  Elements start, start +
 * step, ... before stop; step may be negative: (n - 1, -1, -1) is all of them from the last on. */
AZ_API az_node az_slice(az_node x, int axis, int64_t start, int64_t stop, int64_t step);
AZ_API az_node az_flip(az_node x, int axis);
AZ_API az_node az_pad(az_node x, int axis, int64_t before, int64_t after, double value);
/* One after the other along an axis; arrays without extents are repeated for the rows of the others. */
AZ_API az_node az_concatenate(const az_node *x, int n, int axis);
AZ_API az_node az_stack(const az_node *x, int n, int axis); /* along a new axis, of that number in the result */

/* Places.  The number of each element (i64), counted along the axes whose bits are set, the last fastest. */
AZ_API az_node az_iota(az_graph *graph, az_shape shape, unsigned axes);
/* Rows of a table (n, ...) at places (i64) of any shape: places' axes, then the table's others.  A table with the
 * extents of the places, (rows, n, ...), is one for each row.  A place outside 0 .. n-1 ends the run with an error. */
AZ_API az_node az_gather(az_node table, az_node index);
/* Its transpose: row k of the result (n, ...) is the sum of the values whose place is k; for each row alone or over all
 * of them, always in the same order. */
AZ_API az_node az_scatter_add(az_node index, az_node values, int64_t n, bool sum_rows);
AZ_API az_node az_one_hot(az_node index, int64_t n); /* (..., n): 1 at the place, else 0; outside: 0 everywhere */

/* Random numbers of the graph's real type, uniform in (0, 1) and normal: functions of the run's seed, step and member,
 * the name of the stream, the row's number in the data set and the element (of pairs row, point and element);
 * constants for derivatives.  The same name and shape give the same node: give each place of a model its own name. */
AZ_API az_node az_uniform(az_graph *graph, const char *stream, az_shape shape);
AZ_API az_node az_normal(az_graph *graph, const char *stream, az_shape shape);

/* Sums over the axes whose bits are set in `axes` (bit 0: the first), which disappear. */
AZ_API az_node az_sum(az_node x, unsigned axes);
AZ_API az_node az_sum_all(az_node x);
AZ_API az_node az_mean(az_node x); /* over all axes, divided in double: a scalar */

/* The largest and smallest over axes (a NaN if there is one; infinite where there are no elements), whose derivative is
 * that of the first of equal ones; and the place of that one, counted along the axes (0 where there is a NaN). */
AZ_API az_node az_max_over(az_node x, unsigned axes);
AZ_API az_node az_min_over(az_node x, unsigned axes);
AZ_API az_node az_argmax_over(az_node x, unsigned axes);
AZ_API az_node az_argmin_over(az_node x, unsigned axes);
AZ_API az_node az_log_sum_exp(az_node x, unsigned axes); /* log(sum exp(x)), without overflow */
AZ_API az_node az_cumulative_sum(az_node x, int axis);   /* along a fixed axis, counted as for az_slice */

/* Matrix products of the last two axes, leading axes broadcast as above; a or b transposed first where asked.
 * Without axes before its matrix the other may have one fixed axis: a line (a) or a column (b). */
AZ_API az_node az_matmul(az_node a, az_node b, bool transpose_a, bool transpose_b);
/* The same summed over all leading extents: sum_r a[r]' b[r]. */
AZ_API az_node az_matmul_sum(az_node a, az_node b, bool transpose_a, bool transpose_b);
AZ_API az_node az_dense(az_node x, az_node weight, az_node bias); /* x (..., k) weight (k, m) + bias (m) */

/* --- Derivatives ---------------------------------------------------------------------------------------------------
 * They are nodes again, so that any order and any mix can be had. */

/* Reverse: gradient[i] = d y / d wrt[i], y a scalar.  Where y does not depend on wrt[i]: zeros. */
AZ_API void az_grad(az_node y, const az_node *wrt, int n, az_node *gradient);
/* Reverse with a given cotangent of y's shape: sum over y of cotangent times dy/dwrt. */
AZ_API void az_vjp(az_node y, az_node cotangent, const az_node *wrt, int n, az_node *gradient);
/* Forward: the change of y when each x[i] changes by tangent[i]; the tangents' shapes are those of x. */
AZ_API az_node az_jvp(az_node y, const az_node *x, const az_node *tangent, int n);
/* du/dx_i of every row by its own input: x (rows, d), u (rows, ...) or (rows, points, ...), of which each pair belongs
 * to its row.  An error where a row of u depends on other rows of x. */
AZ_API az_node az_partial(az_node u, az_node x, int64_t i);
/* All of them: y (rows, ...) and x (rows, d) make (rows, ..., d).  The tangents of all inputs are pushed together, or
 * the cotangents of all results pulled where they are fewer; arrays on the way have at most AZ_MAX_RANK - 1 axes. */
AZ_API az_node az_jacobian(az_node y, az_node x);
/* Second derivatives of u (rows) or (rows, 1) by x (rows, d): (rows, d, d), symmetric to the bit. */
AZ_API az_node az_hessian(az_node u, az_node x);

/* The derivatives 1 to order of u by input i of its own row, at once: by Taylor rules where every op on the way has one
 * and order is at most 4, else one inside the other. */
AZ_API void az_derivatives(az_node u, az_node x, int64_t i, int order, az_node *derivatives);

/* --- Plans -------------------------------------------------------------------------------------------------------- */

typedef struct az_plan az_plan;

typedef struct az_plan_options {
    const char *isa;     /* "base", "v3", "v4"; NULL: ANSATZ_ISA, else the best that the processor has */
    bool find_nonfinite; /* every value is looked at: the first NaN or infinity is reported with its node and row */
} az_plan_options;

/* The outputs and all that they need.  The graph is borrowed during the call only.  names: of the outputs, for az_run;
 * NULL: "0", "1", ...  options NULL: defaults. */
AZ_API AZ_MUST_CHECK az_status az_compile(az_plan **plan, const az_node *outputs, const char *const *names,
                                          int n_outputs, const az_plan_options *options);
AZ_API void az_plan_free(az_plan *plan);
/* Readable text: phases, instructions, memory.  At most `capacity` bytes are written, the last of them 0; returns the
 * length of the whole text (as snprintf does), 0 when out of memory. */
AZ_API size_t az_plan_print(const az_plan *plan, char *text, size_t capacity);
/* The same as a picture: text for Graphviz, phases as clusters ("dot -Tsvg"). */
AZ_API size_t az_plan_dot(const az_plan *plan, char *text, size_t capacity);

AZ_API int64_t az_plan_n_parameters(const az_plan *plan);
AZ_API int64_t az_plan_n_state(const az_plan *plan);
/* The slice of a parameter in theta; false: no such name. */
AZ_API bool az_plan_parameter(const az_plan *plan, const char *name, int64_t *offset, int64_t *size);

/* An array that a run reads or writes: element (i, j, ...) of the node lies at data + i * stride[0] + j * stride[1] +
 * ... elements of `type`.  index: row i of the first extent is row index[i] of the data; NULL: i. */
typedef struct az_binding {
    const char *name;
    void *data; /* inputs are not written */
    az_type type;
    const int64_t *stride; /* (rank), in elements; NULL: row-major */
    const int64_t *index;
} az_binding;

typedef struct az_extent_value {
    const char *name;
    int64_t size;
} az_extent_value;

/* What a run tells. */
typedef struct az_run_info {
    char nonfinite[160]; /* with find_nonfinite: the node that made the first one, "" if none */
    int64_t nonfinite_row, nonfinite_column; /* of two extents, both; else the column is -1 */
} az_run_info;

typedef struct az_run_arguments {
    int64_t n_rows;                 /* of the extent "rows" */
    const az_extent_value *extents; /* of the others */
    int n_extents;
    const void *theta; /* (n_members, n_parameters) of the graph's real type */
    int64_t n_members; /* 0: one */
    void *state;       /* (n_members, n_state) */
    const az_binding *inputs;
    int n_inputs;
    const az_binding *outputs; /* of several members: one after the other, in row-major arrays */
    int n_outputs;
    uint64_t seed, step;       /* of random nodes */
    const int64_t *row_number; /* in the data set, of each row: random nodes count by it; NULL: 0, 1, ... */
    void *work;                /* az_work_bytes bytes aligned to 64, or NULL: allocated */
    int n_threads;             /* 0: one */
    const az_control *control;
    az_run_info *info; /* or NULL */
} az_run_arguments;

/* Bytes of `work` that a run of these sizes needs. */
AZ_API size_t az_work_bytes(const az_plan *plan, const az_run_arguments *arguments);
/* Plans are not changed by running: many threads may run one at a time.  With `work` nothing is allocated. */
AZ_API AZ_MUST_CHECK az_status az_run(const az_plan *plan, const az_run_arguments *arguments);

#ifdef __cplusplus
}
#endif
#endif
