/* SPDX-License-Identifier: BSD-3-Clause */
/* Places as numbers, and arrays read and written at given places. */
#define AZ_KERNELS_ONCE
#include "ops/rules.h"
#include "ops/walk.h"

#include <string.h>

/* --- Kernels ------------------------------------------------------------------------------------------------------ */

typedef struct iota {
    az_shape shape;
    uint32_t axes; /* that are counted, the last fastest */
    uint32_t none;
} iota;

static void iota_i64(const az_call *call)
{
    const iota *of = call->attribute;
    int n_extents = 0;
    while (n_extents < of->shape.rank && of->shape.size[n_extents] < 0) n_extents++;
    az_tile counted = *call->out; /* with the strides that places are counted with */
    int64_t stride = 1;
    for (int d = counted.rank - 1; d >= 0; d--) {
        const bool counts = of->axes >> (d + n_extents) & 1;
        counted.stride[d] = counts ? stride : 0;
        if (counts) stride *= counted.size[d];
    }
    /* Then the extents: a tile's rows are of the last one. */
    const bool last = n_extents && of->axes >> (n_extents - 1) & 1, first = n_extents == 2 && of->axes & 1;
    const int64_t of_row = last ? stride : 0, of_first = !first ? 0 : last ? stride * call->last_extent : stride;
    const int64_t n_rows = call->out->row_stride ? call->n_rows : 1;
    az_walk walk = az_walk_of(&counted, AZ_ALL_AXES);
    int64_t *y = call->y;
    for (int64_t i = 0; i < walk.n; i++, az_walk_on(&walk), y += n_rows)
        for (int64_t r = 0; r < n_rows; r++)
            y[r] = walk.offset + of_first * call->row_of_first + of_row * (call->first_row + r);
}
AZ_KERNEL_TABLE(iota) = {.tile = {[AZ_I64] = iota_i64}};

/* Are the places of a tile's rows all in a table of n?  Tells of the first that is not. */
static bool are_inside(const az_call *call, const int64_t *index, int64_t n_rows, int64_t n)
{
    bool inside = true;
    const int64_t row = call->in[0].row_stride;
    for (int64_t r = 0; r < n_rows; r++) inside &= (uint64_t)index[r * row] < (uint64_t)n;
    for (int64_t r = 0; r < call->n_valid && !inside; r++) {
        if ((uint64_t)index[r * row] < (uint64_t)n) continue;
        az_tell_fault(call, r, "the place %lld is outside a table of %lld, counted from 0", (long long)index[r * row],
                      (long long)n);
        break;
    }
    return inside;
}

#define AZ_GATHER_OF(name, TYPE)                                                                                       \
    static void gather_##name(const az_call *call)                                                                     \
    {                                                                                                                  \
        const az_tile *table = &call->in[1];                                                                           \
        const int64_t n_rows = call->out->row_stride ? call->n_rows : 1, n = table->size[0];                           \
        const int64_t index_row = call->in[0].row_stride, row = table->row_stride;                                     \
        az_walk place = az_walk_of(&call->in[0], AZ_ALL_AXES);                                                         \
        TYPE *y = call->y;                                                                                             \
        for (int64_t e = 0; e < place.n; e++, az_walk_on(&place)) {                                                    \
            const int64_t *index = (const int64_t *)call->x[0] + place.offset;                                         \
            const bool inside = are_inside(call, index, n_rows, n);                                                    \
            az_walk rest = az_walk_of(table, AZ_ALL_AXES & ~1u);                                                       \
            for (int64_t j = 0; j < rest.n; j++, az_walk_on(&rest), y += n_rows) {                                     \
                const TYPE *x = (const TYPE *)call->x[1] + rest.offset;                                                \
                for (int64_t r = 0; r < n_rows; r++) {                                                                 \
                    const int64_t i = index[r * index_row];                                                            \
                    y[r] = inside || (uint64_t)i < (uint64_t)n ? x[i * table->stride[0] + r * row] : 0;                \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

#define AZ_SCATTER_OF(name, TYPE)                                                                                      \
    static void scatter_##name(const az_call *call)                                                                    \
    {                                                                                                                  \
        const az_tile *in = &call->in[1], *out = call->out;                                                            \
        const int64_t n_rows = out->row_stride ? call->n_rows : call->n_extents ? call->n_valid : 1;                   \
        const int64_t index_row = call->in[0].row_stride, n = out->size[0], rank = call->in[0].rank;                   \
        az_walk place = az_walk_of(&call->in[0], AZ_ALL_AXES), from = az_walk_of(in, (1u << rank) - 1);                \
        TYPE *y = call->y;                                                                                             \
        int64_t n_all = out->row_stride ? n_rows : 1;                                                                  \
        for (int d = 0; d < out->rank; d++) n_all *= out->size[d];                                                     \
        for (int64_t i = 0; i < n_all && !call->accumulate; i++) y[i] = 0;                                             \
        for (int64_t e = 0; e < place.n; e++, az_walk_on(&place), az_walk_on(&from)) {                                 \
            const int64_t *index = (const int64_t *)call->x[0] + place.offset;                                         \
            az_walk rest = az_walk_of(in, AZ_ALL_AXES & ~((1u << rank) - 1));                                          \
            az_walk to = az_walk_of(out, AZ_ALL_AXES & ~1u);                                                           \
            are_inside(call, index, n_rows, n);                                                                        \
            for (int64_t j = 0; j < rest.n; j++, az_walk_on(&rest), az_walk_on(&to)) {                                 \
                const TYPE *x = (const TYPE *)call->x[1] + from.offset + rest.offset;                                  \
                for (int64_t r = 0; r < n_rows; r++) {                                                                 \
                    const int64_t i = index[r * index_row];                                                            \
                    if ((uint64_t)i < (uint64_t)n)                                                                     \
                        y[i * out->stride[0] + to.offset + r * out->row_stride] += x[r * in->row_stride];              \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }
AZ_GATHER_OF(f32, float)
AZ_GATHER_OF(f64, double)
AZ_GATHER_OF(i64, int64_t)
AZ_SCATTER_OF(f32, float)
AZ_SCATTER_OF(f64, double)
AZ_KERNEL_TABLE(gather) = {.tile = {[AZ_F32] = gather_f32, [AZ_F64] = gather_f64, [AZ_I64] = gather_i64}};
AZ_KERNEL_TABLE(scatter) = {.tile = {[AZ_F32] = scatter_f32, [AZ_F64] = scatter_f64}};

#ifdef AZ_RULES

/* --- Places ------------------------------------------------------------------------------------------------------- */

static az_status iota_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const iota *of = arguments->attribute;
    if (of->shape.rank < 0 || of->shape.rank > AZ_MAX_RANK)
        return az_error(AZ_ERROR_USAGE, "there are at most %d axes, each of a size from 0 up", AZ_MAX_RANK);
    char text[AZ_SHAPE_TEXT];
    if (of->axes >> of->shape.rank)
        return az_error(AZ_ERROR_USAGE, "an axis that %s does not have",
                        az_shape_print(arguments->graph, of->shape, text));
    *type = AZ_I64;
    *shape = of->shape;
    return AZ_OK;
}

static bool iota_sample(int64_t number, az_op_sample *sample)
{
    static const iota cases[] = {{{.rank = 2, .size = {AZ_ROWS, 3}}, 1, 0},
                                 {{.rank = 2, .size = {AZ_ROWS, 3}}, 3, 0},
                                 {{.rank = 3, .size = {AZ_ROWS, 2, 3}}, 6, 0},
                                 {{.rank = 2, .size = {4, 5}}, 1, 0},
                                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, 1, 0},
                                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, 2, 0},
                                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, 5, 0},
                                 {{.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}, 7, 0}};
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    sample->n = 0;
    memcpy(sample->attribute, &cases[number], sizeof cases[number]);
    return true;
}

static const az_op iota_op = {.name = "iota",
                              .version = 1,
                              .attribute_size = sizeof(iota),
                              .equation = "y = the number of each element, counted along some of the axes",
                              .shape = iota_shape,
                              .kernels = AZ_KERNELS(iota),
                              .sample = iota_sample};

az_node az_iota(az_graph *graph, az_shape shape, unsigned axes)
{
    iota attribute;
    memset(&attribute, 0, sizeof attribute);
    attribute.shape.rank = shape.rank;
    for (int i = 0; i < shape.rank && i < AZ_MAX_RANK; i++) attribute.shape.size[i] = shape.size[i];
    attribute.axes = axes;
    return az_apply(&iota_op, graph, NULL, 0, &attribute);
}

az_node az_one_hot(az_node index, int64_t n)
{
    if (index.id < 0) return index;
    az_shape shape = az_node_shape(index);
    if (shape.rank == AZ_MAX_RANK || n < 0)
        shape.rank = AZ_MAX_RANK + 1; /* told by the shape rule */
    else
        shape.size[shape.rank++] = n;
    const uint32_t last = 1u << (shape.rank - 1);
    const az_node places = az_iota(index.graph, shape, last);
    if (places.id < 0) return places;
    return az_cast(az_equal(places, az_spread_over(index, shape, last)), az_graph_real(index.graph));
}

/* --- Gather and its transpose ------------------------------------------------------------------------------------- */

/* Extents of the table and the places: those of the places, which the table has too or not at all. */
static az_status gather_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const az_shape index = az_node_shape(arguments->x[0]), table = az_node_shape(arguments->x[1]);
    const int n_index = az_shape_extents(index), n_table = az_shape_extents(table);
    const char *wrong = NULL;
    if (az_node_type(arguments->x[0]) != AZ_I64) wrong = "places are whole numbers (i64)";
    if (n_table >= table.rank) wrong = "a table has an axis of rows to choose from";
    if (n_table > 0 && n_table != n_index) wrong = "a table with an extent is read at places with the same";
    for (int i = 0; i < n_table && !wrong; i++)
        if (index.size[i] != table.size[i]) wrong = "a table with an extent is read at places with the same";
    if (index.rank + table.rank - n_table - 1 > AZ_MAX_RANK) wrong = "the result has too many axes";
    if (az_node_type(arguments->x[1]) == AZ_MASK) wrong = "masks are cast first";
    if (wrong) {
        char a[AZ_SHAPE_TEXT], b[AZ_SHAPE_TEXT];
        return az_error(AZ_ERROR_USAGE, "a table %s %s at places %s %s: %s",
                        az_type_name(az_node_type(arguments->x[1])), az_shape_print(arguments->graph, table, a),
                        az_type_name(az_node_type(arguments->x[0])), az_shape_print(arguments->graph, index, b), wrong);
    }
    *type = az_node_type(arguments->x[1]);
    *shape = index;
    for (int i = n_table + 1; i < table.rank; i++) shape->size[shape->rank++] = table.size[i];
    return AZ_OK;
}

static az_node make_scatter(az_node index, az_node values, int64_t n, bool sum_rows);

static void gather_reverse(az_node y, az_node dy, az_node *dx)
{
    const az_node index = az_node_input(y, 0);
    const az_shape table = az_node_shape(az_node_input(y, 1));
    const int n_extents = az_shape_extents(table);
    const bool sum_rows = n_extents == 0 && az_shape_extents(az_node_shape(index)) > 0;
    if (az_type_is_real(az_node_type(y))) dx[1] = make_scatter(index, dy, table.size[n_extents], sum_rows);
}

static az_node gather_forward(az_node y, const az_node *dx)
{
    return az_type_is_real(az_node_type(y)) ? az_gather(dx[1], az_node_input(y, 0)) : AZ_NO_NODE;
}

/* The batch goes behind the axis of places and back: each place has n rows of the table, side by side. */
static az_node gather_batch(az_node y, const az_node *x, int64_t n)
{
    const int of_table = az_shape_extents(az_node_shape(az_node_input(y, 1)));
    (void)n;
    if (az_is_batched(y, 0, x[0])) return AZ_NO_NODE;
    return az_move_axis(az_gather(az_move_axis(x[1], of_table, of_table + 1), x[0]), az_node_shape(x[0]).rank,
                        az_shape_extents(az_node_shape(y)));
}

static bool sample_of(int64_t number, az_op_sample *sample, bool scatter)
{
    static const struct {
        az_shape index, table, values; /* values: of a scatter that gives the table */
    } cases[] = {
        {{.rank = 1, .size = {AZ_ROWS}}, {.rank = 2, .size = {5, 3}}, {.rank = 2, .size = {AZ_ROWS, 3}}},
        {{.rank = 2, .size = {AZ_ROWS, 4}}, {.rank = 1, .size = {5}}, {.rank = 2, .size = {AZ_ROWS, 4}}},
        {{.rank = 1, .size = {AZ_ROWS}}, {.rank = 2, .size = {AZ_ROWS, 5}}, {.rank = 1, .size = {AZ_ROWS}}},
        {{.rank = 2, .size = {AZ_ROWS, 2}}, {.rank = 3, .size = {AZ_ROWS, 5, 3}}, {.rank = 3, .size = {AZ_ROWS, 2, 3}}},
        {{.rank = 2, .size = {AZ_ROWS, 0}}, {.rank = 2, .size = {5, 3}}, {.rank = 3, .size = {AZ_ROWS, 0, 3}}},
        {{.rank = 1, .size = {7}}, {.rank = 3, .size = {5, 2, 1}}, {.rank = 3, .size = {7, 2, 1}}},
        {{.rank = 0}, {.rank = 1, .size = {5}}, {.rank = 0}},
        {{.rank = 2, .size = {AZ_ROWS, AZ_SAMPLE_POINTS}},
         {.rank = 2, .size = {5, 3}},
         {.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}},
        {{.rank = 2, .size = {AZ_ROWS, AZ_SAMPLE_POINTS}},
         {.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 5}},
         {.rank = 2, .size = {AZ_ROWS, AZ_SAMPLE_POINTS}}},
    };
    if (number >= (int64_t)(sizeof cases / sizeof cases[0])) return false;
    az_sample_one(sample, cases[number].index, 0, 5);
    sample->x[0].type = AZ_I64;
    sample->x[1].type = AZ_F64;
    sample->x[1].shape = scatter ? cases[number].values : cases[number].table;
    sample->x[1].lower = -2;
    sample->x[1].upper = 2;
    sample->n = 2;
    return true;
}

static bool gather_sample(int64_t number, az_op_sample *sample)
{
    return sample_of(number, sample, false);
}

/* Of the table no more is read than is taken. */
static void gather_cost(const az_call *call, az_cost *cost)
{
    const double taken = (double)az_tile_elements(call->out);
    cost->flops = taken;
    cost->bytes = 2 * taken * (double)az_type_size(call->out->type) + (double)az_tile_elements(&call->in[0]) * 8;
}

static const az_op gather_op = {.name = "gather",
                                .version = 1,
                                .flags = AZ_OP_LINEAR | AZ_OP_STRIDES,
                                .n_inputs = 2,
                                .equation = "y[i..., j...] = b[a[i...], j...]",
                                .shape = gather_shape,
                                .reverse = gather_reverse,
                                .forward = gather_forward,
                                .batch = gather_batch,
                                .cost = gather_cost,
                                .kernels = AZ_KERNELS(gather),
                                .sample = gather_sample};

az_node az_gather(az_node table, az_node index)
{
    if (!az_shape_extents(az_node_shape(index))) index = az_for_each_row(index, table);
    az_share_extents(&table, &index);
    return az_apply(&gather_op, table.graph, (az_node[]){index, table}, 2, NULL);
}

typedef struct scatter {
    int64_t n, sum_rows;
} scatter;

static az_status scatter_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const scatter *of = arguments->attribute;
    const az_shape index = az_node_shape(arguments->x[0]), values = az_node_shape(arguments->x[1]);
    const int n_extents = az_shape_extents(index);
    const char *wrong = NULL;
    if (az_node_type(arguments->x[0]) != AZ_I64) wrong = "places are whole numbers (i64)";
    if (!az_type_is_real(az_node_type(arguments->x[1]))) wrong = "only real numbers are added";
    if (values.rank < index.rank || az_shape_extents(values) != n_extents) wrong = "there is not one value a place";
    for (int i = 0; i < index.rank && !wrong; i++)
        if (index.size[i] != values.size[i]) wrong = "there is not one value a place";
    if (of->n < 0) wrong = "the size of the result is negative";
    if (of->sum_rows && n_extents == 0) wrong = "there is no extent to sum over";
    if (wrong) {
        char a[AZ_SHAPE_TEXT], b[AZ_SHAPE_TEXT];
        return az_error(AZ_ERROR_USAGE, "values %s %s at places %s %s: %s", az_type_name(az_node_type(arguments->x[1])),
                        az_shape_print(arguments->graph, values, a), az_type_name(az_node_type(arguments->x[0])),
                        az_shape_print(arguments->graph, index, b), wrong);
    }
    *type = az_node_type(arguments->x[1]);
    for (int i = 0; i < n_extents && !of->sum_rows; i++) shape->size[shape->rank++] = index.size[i];
    if (shape->rank + 1 + values.rank - index.rank > AZ_MAX_RANK)
        return az_error(AZ_ERROR_USAGE, "the result has too many axes");
    shape->size[shape->rank++] = of->n;
    for (int i = index.rank; i < values.rank; i++) shape->size[shape->rank++] = values.size[i];
    return AZ_OK;
}

static void scatter_reverse(az_node y, az_node dy, az_node *dx)
{
    dx[1] = az_gather(dy, az_node_input(y, 0));
}

static az_node scatter_forward(az_node y, const az_node *dx)
{
    const scatter *of = az_node_attribute(y);
    return make_scatter(az_node_input(y, 0), dx[1], of->n, of->sum_rows);
}

static az_node scatter_batch(az_node y, const az_node *x, int64_t n)
{
    const scatter *of = az_node_attribute(y);
    const az_shape index = az_node_shape(x[0]);
    const int n_extents = az_shape_extents(az_node_shape(y));
    (void)n;
    if (az_is_batched(y, 0, x[0])) return AZ_NO_NODE;
    const az_node values = az_move_axis(x[1], az_shape_extents(index), index.rank);
    return az_move_axis(make_scatter(x[0], values, of->n, of->sum_rows), n_extents + 1, n_extents);
}

static bool scatter_sample(int64_t number, az_op_sample *sample)
{
    if (!sample_of(number, sample, true)) return false;
    const bool sum_rows = number == 0 || number == 1 || number == 4 || number == 7;
    memcpy(sample->attribute, &(scatter){5, sum_rows}, sizeof(scatter));
    return true;
}

static const az_op scatter_op = {.name = "scatter_add",
                                 .version = 1,
                                 .flags = AZ_OP_LINEAR | AZ_OP_STRIDES,
                                 .n_inputs = 2,
                                 .attribute_size = sizeof(scatter),
                                 .equation = "y[k, j...] = sum of b[i..., j...] over all i with a[i...] = k",
                                 .shape = scatter_shape,
                                 .reverse = scatter_reverse,
                                 .forward = scatter_forward,
                                 .batch = scatter_batch,
                                 .kernels = AZ_KERNELS(scatter),
                                 .sample = scatter_sample};

static az_node make_scatter(az_node index, az_node values, int64_t n, bool sum_rows)
{
    const scatter attribute = {n, sum_rows};
    az_share_extents(&index, &values);
    if (!az_shape_extents(az_node_shape(index))) index = az_for_each_row(index, values);
    if (!az_shape_extents(az_node_shape(values))) values = az_for_each_row(values, index);
    return az_apply(&scatter_op, index.graph, (az_node[]){index, values}, 2, &attribute);
}

az_node az_scatter_add(az_node index, az_node values, int64_t n, bool sum_rows)
{
    return make_scatter(index, values, n, sum_rows);
}

const az_op *const az_ops_gather[] = {&iota_op, &gather_op, &scatter_op, NULL};
#endif
