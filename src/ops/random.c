/* SPDX-License-Identifier: BSD-3-Clause */
/* Random numbers: each a function of the run's seed, step and member, the name of its stream, the row in the data set
 * and the element (Philox, base/random.h), so that neither batches nor threads change what a row gets. */
#define AZ_KERNELS_ONCE
#include "base/math.h"
#include "base/random.h"
#include "ops/rules.h"

#include <math.h>
#include <string.h>

typedef struct random {
    az_shape shape;
    int64_t type;
    char stream[64];
} random;

/* The key of a run's stream, its step and member: the numbers of Philox are as good as any other key. */
static az_stream stream_of(const az_call *call)
{
    az_stream stream = az_stream_new(call->seed, ((const random *)call->attribute)->stream);
    uint32_t bits[4];
    az_random_bits(stream, call->step, call->member, bits);
    stream.key[0] = bits[0];
    stream.key[1] = bits[1];
    return stream;
}

static int64_t elements_of(const az_call *call)
{
    int64_t n = 1;
    for (int d = 0; d < call->out->rank; d++) n *= call->out->size[d];
    return n;
}

/* Of an extent: in the data set, where that is told. */
static int64_t number_of_row(const az_call *call, int64_t extent, int64_t row)
{
    return extent == AZ_ROWS && call->row_number ? call->row_number[row] : row;
}

/* Two uniform numbers in (0, 1) for each row, of one element: odd multiples of 2^-53.  In pairs (rows, points) an
 * element of a point is an element of the row. */
static void draw(const az_call *call, az_stream stream, int64_t element, int64_t n_rows, double *u, double *v)
{
    const az_shape *shape = &((const random *)call->attribute)->shape;
    const bool is_pair = shape->size[0] < 0 && shape->size[1] < 0;
    const int64_t n = elements_of(call), first = number_of_row(call, shape->size[0], call->row_of_first);
    for (int64_t r = 0; r < n_rows; r++) {
        const int64_t row = call->first_row + (r < call->n_valid ? r : call->n_valid - 1);
        const int64_t number = number_of_row(call, shape->size[is_pair], row);
        uint32_t bits[4];
        if (is_pair)
            az_random_bits(stream, (uint64_t)first, (uint64_t)(number * n + element), bits);
        else
            az_random_bits(stream, (uint64_t)number, (uint64_t)element, bits);
        u[r] = (double)(((uint64_t)bits[1] << 32 | bits[0]) >> 11 | 1) * 0x1p-53;
        v[r] = (double)(((uint64_t)bits[3] << 32 | bits[2]) >> 11 | 1) * 0x1p-53;
    }
}

static int64_t rows_of(const az_call *call)
{
    return call->out->row_stride ? call->n_rows : 1;
}

/* As float the same numbers, rounded, but never up to 1. */
#define AZ_UNIFORM_OF(name, REAL, BELOW_ONE)                                                                           \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const az_stream stream = stream_of(call);                                                                      \
        const int64_t n_rows = rows_of(call), n = elements_of(call);                                                   \
        double *u = call->scratch, *v = u + n_rows;                                                                    \
        REAL *y = call->y;                                                                                             \
        for (int64_t e = 0; e < n; e++, y += n_rows) {                                                                 \
            draw(call, stream, e, n_rows, u, v);                                                                       \
            for (int64_t r = 0; r < n_rows; r++) y[r] = (REAL)(u[r] < BELOW_ONE ? u[r] : BELOW_ONE);                   \
        }                                                                                                              \
    }
AZ_UNIFORM_OF(uniform_f32, float, 0x1.fffffep-1)
AZ_UNIFORM_OF(uniform_f64, double, 1)
AZ_KERNEL_TABLE(uniform) = {.tile = {[AZ_F32] = uniform_f32, [AZ_F64] = uniform_f64}};

/* Box and Muller's: sqrt(-2 log u) cos(2 pi v). */
#define AZ_NORMAL_OF(name, REAL)                                                                                       \
    static void name(const az_call *call)                                                                              \
    {                                                                                                                  \
        const az_stream stream = stream_of(call);                                                                      \
        const int64_t n_rows = rows_of(call), n = elements_of(call);                                                   \
        double *u = call->scratch, *v = u + n_rows;                                                                    \
        REAL *y = call->y;                                                                                             \
        for (int64_t e = 0; e < n; e++, y += n_rows) {                                                                 \
            draw(call, stream, e, n_rows, u, v);                                                                       \
            for (int64_t r = 0; r < n_rows; r++) v[r] *= 6.283185307179586;                                            \
            az_cos_array_f64(v, v, n_rows);                                                                            \
            for (int64_t r = 0; r < n_rows; r++) y[r] = (REAL)(sqrt(-2 * az_log_f64(u[r])) * v[r]);                    \
        }                                                                                                              \
    }
AZ_NORMAL_OF(normal_f32, float)
AZ_NORMAL_OF(normal_f64, double)
AZ_KERNEL_TABLE(normal) = {.tile = {[AZ_F32] = normal_f32, [AZ_F64] = normal_f64}};

#ifdef AZ_RULES

static az_status random_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const random *of = arguments->attribute;
    if (!of->stream[0])
        return az_error(AZ_ERROR_USAGE, "a stream of random numbers needs a name of 1 to %d bytes",
                        (int)sizeof of->stream - 1);
    *type = (az_type)of->type;
    *shape = of->shape;
    return AZ_OK;
}

static size_t random_scratch(const az_call *call)
{
    return (size_t)call->n_rows * 2 * sizeof(double);
}

static random random_make(az_type type, az_shape shape, const char *stream)
{
    random made;
    memset(&made, 0, sizeof made);
    made.shape.rank = shape.rank;
    for (int i = 0; i < shape.rank && i < AZ_MAX_RANK; i++) made.shape.size[i] = shape.size[i];
    made.type = type;
    if (strlen(stream) < sizeof made.stream) strcpy(made.stream, stream);
    return made;
}

static bool random_sample(int64_t number, az_op_sample *sample)
{
    static const az_shape shapes[] = {{.rank = 1, .size = {AZ_ROWS}},
                                      {.rank = 2, .size = {AZ_ROWS, 3}},
                                      {.rank = 2, .size = {AZ_ROWS, 0}},
                                      {.rank = 2, .size = {5, 7}},
                                      {.rank = 3, .size = {AZ_ROWS, AZ_SAMPLE_POINTS, 3}}};
    if (number >= (int64_t)(sizeof shapes / sizeof shapes[0])) return false;
    sample->n = 0;
    const random attribute = random_make(number == 1 ? AZ_F32 : AZ_F64, shapes[number], "sample");
    memcpy(sample->attribute, &attribute, sizeof attribute);
    return true;
}

#define RANDOM(NAME, FLOPS, EQUATION)                                                                                  \
    static const az_op NAME##_op = {.name = #NAME,                                                                     \
                                    .version = 1,                                                                      \
                                    .flags = AZ_OP_RANDOM,                                                             \
                                    .attribute_size = sizeof(random),                                                  \
                                    .equation = EQUATION,                                                              \
                                    .shape = random_shape,                                                             \
                                    .scratch = random_scratch,                                                         \
                                    .flops = FLOPS,                                                                    \
                                    .kernels = AZ_KERNELS(NAME),                                                       \
                                    .sample = random_sample};                                                          \
    az_node az_##NAME(az_graph *graph, const char *stream, az_shape shape)                                             \
    {                                                                                                                  \
        if (!graph) return AZ_NO_NODE;                                                                                 \
        const random attribute = random_make(az_graph_real(graph), shape, stream);                                     \
        return az_apply(&NAME##_op, graph, NULL, 0, &attribute);                                                       \
    }
RANDOM(uniform, 1000, "y is drawn uniformly from (0, 1)")
RANDOM(normal, 4000, "y is drawn from the normal distribution of mean 0 and variance 1")

const az_op *const az_ops_random[] = {&uniform_op, &normal_op, NULL};
#endif
