/* SPDX-License-Identifier: BSD-3-Clause */
/* What the contract of ops is tested with: instances made from the samples of descriptors, values for their inputs, and
 * runs in memory with guard zones. */
#ifndef AZ_TESTS_OPS_CONTRACT_H
#define AZ_TESTS_OPS_CONTRACT_H

#include "base/isa.h"
#include "ops/registry.h"
#include "ops/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One sample of one op, in one precision. */
typedef struct instance {
    const az_op *op;
    int64_t number;
    az_type real;
    az_op_sample sample;
    char text[96]; /* "tanh, sample 2, f32" */
} instance;

/* Calls `check` for every sample of every op in one precision. */
static inline void each_instance(az_type real, void (*check)(const instance *of))
{
    for (const az_op *const *const *family = az_op_families; *family; family++)
        for (const az_op *const *op = *family; *op; op++)
            for (int64_t number = 0; (*op)->sample; number++) {
                instance made = {.op = *op, .number = number, .real = real};
                if (!(*op)->sample(number, &made.sample)) break;
                snprintf(made.text, sizeof made.text, "%s, sample %d, %s", (*op)->name, (int)number,
                         az_type_name(real));
                check(&made);
            }
}

static inline az_type type_of(const instance *of, int i)
{
    return of->sample.x[i].type == AZ_F64 ? of->real : of->sample.x[i].type;
}

/* Elements of an array of this shape when extents have n_rows. */
static inline int64_t count(az_shape shape, int64_t n_rows)
{
    int64_t n = 1;
    for (int i = 0; i < shape.rank; i++) n *= shape.size[i] < 0 ? n_rows : shape.size[i];
    return n;
}

/* --- Values ------------------------------------------------------------------------------------------------------- */

/* A number in (0, 1) made of its place: all of its bits count (the finaliser of MurmurHash3). */
static inline double draw(uint64_t stream, uint64_t i)
{
    uint64_t h = stream * 0x9e3779b97f4a7c15u + i + 1;
    for (int k = 0; k < 2; k++) {
        h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
        h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
        h ^= h >> 33;
    }
    return ((double)(h >> 11) + 0.5) * 0x1p-53;
}

/* n numbers from a stream, between lower and upper, as the type holds them. */
static inline double *draw_values(uint64_t stream, int64_t n, az_type type, double lower, double upper)
{
    double *made = malloc((size_t)n * sizeof *made + 1);
    assert_non_null(made);
    for (int64_t i = 0; i < n; i++) {
        const double u = draw(stream, (uint64_t)i);
        switch (type) {
        case AZ_F32: made[i] = (float)(lower + (upper - lower) * u); break;
        case AZ_F64: made[i] = lower + (upper - lower) * u; break;
        case AZ_I64: made[i] = floor(lower + (upper - lower) * u); break;
        case AZ_MASK: made[i] = u < 0.5; break;
        }
    }
    return made;
}

/* Values of input i of an instance; `salt` gives others. */
static inline double *draw_input(const instance *of, int i, int64_t n_rows, uint64_t salt)
{
    return draw_values(1000 * salt + 17 * (uint64_t)of->number + (uint64_t)i + 1, count(of->sample.x[i].shape, n_rows),
                       type_of(of, i), of->sample.x[i].lower, of->sample.x[i].upper);
}

/* --- Memory with guard zones -------------------------------------------------------------------------------------- */

enum { GUARD = 128 };

/* Bytes between guards that are all 0xff: NaN, where someone takes them for numbers.  What lies between them is 0xff
 * too, so that what is not written shows. */
typedef struct guarded {
    unsigned char *whole, *data;
    size_t n;
} guarded;

static inline guarded guarded_new(size_t n)
{
    guarded made = {.n = n};
    const size_t all = (n + 63) / 64 * 64 + 2 * GUARD;
    assert_int_equal(posix_memalign((void **)&made.whole, 64, all), 0);
    memset(made.whole, 0xff, all);
    made.data = made.whole + GUARD;
    return made;
}

/* Nothing was written outside. */
static inline bool guarded_whole(const guarded *g)
{
    const size_t all = (g->n + 63) / 64 * 64 + 2 * GUARD;
    for (size_t i = 0; i < all; i++)
        if ((i < GUARD || i >= GUARD + g->n) && g->whole[i] != 0xff) return false;
    return true;
}

/* Numbers in memory of a type. */
static inline guarded guarded_of(const double *values, int64_t n, az_type type)
{
    guarded made = guarded_new((size_t)n * az_type_size(type));
    for (int64_t i = 0; i < n; i++) switch (type) {
        case AZ_F32: ((float *)(void *)made.data)[i] = (float)values[i]; break;
        case AZ_F64: ((double *)(void *)made.data)[i] = values[i]; break;
        case AZ_I64: ((int64_t *)(void *)made.data)[i] = (int64_t)values[i]; break;
        case AZ_MASK: made.data[i] = values[i] != 0; break;
        }
    return made;
}

static inline double number_at(const void *data, az_type type, int64_t i)
{
    switch (type) {
    case AZ_F32: return ((const float *)data)[i];
    case AZ_F64: return ((const double *)data)[i];
    case AZ_I64: return (double)((const int64_t *)data)[i];
    case AZ_MASK: return ((const unsigned char *)data)[i];
    }
    return 0;
}

/* --- Graphs and runs ---------------------------------------------------------------------------------------------- */

static inline void must(az_status status, const char *what)
{
    if (status) fail_msg("%s: %s", what, az_error_message());
}

/* A graph whose second extent is that of samples; all extents have as many rows. */
static inline az_graph *graph_new(az_type real)
{
    az_graph *graph = az_graph_new(real);
    assert_true(az_extent(graph, "points") == AZ_SAMPLE_POINTS);
    return graph;
}

static inline bool has_pairs(const instance *of, az_shape shape)
{
    bool pairs = az_shape_extents(shape) > 1;
    for (int i = 0; i < of->sample.n; i++) pairs = pairs || az_shape_extents(of->sample.x[i].shape) > 1;
    return pairs;
}

/* Inputs "x0", "x1", ... of an instance, and the op applied to them. */
static inline az_node build(const instance *of, az_graph *graph, az_node *x)
{
    for (int i = 0; i < of->sample.n; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        x[i] = az_input(graph, name, type_of(of, i), of->sample.x[i].shape);
    }
    return az_apply(of->op, graph, x, of->sample.n, of->sample.attribute);
}

static inline az_plan *compile(const instance *of, const az_node *outputs, int n, const char *isa)
{
    az_plan *plan = NULL;
    const az_plan_options options = {.isa = isa};
    must(az_compile(&plan, outputs, NULL, n, &options), of->text);
    return plan;
}

/* Runs a plan with these bindings and checks that nothing outside of az_work_bytes was touched. */
static inline void run(const char *what, const az_plan *plan, int64_t n_rows, const az_binding *in, int n_in,
                       const az_binding *out, int n_out, int n_threads)
{
    az_run_arguments arguments = {.n_rows = n_rows,
                                  .extents = &(az_extent_value){"points", n_rows},
                                  .n_extents = 1,
                                  .inputs = in,
                                  .n_inputs = n_in,
                                  .outputs = out,
                                  .n_outputs = n_out,
                                  .seed = 7,
                                  .step = 3,
                                  .n_threads = n_threads};
    guarded work = guarded_new(az_work_bytes(plan, &arguments));
    arguments.work = work.data;
    must(az_run(plan, &arguments), what);
    if (!guarded_whole(&work)) fail_msg("%s, %d rows: wrote outside of its work memory", what, (int)n_rows);
    free(work.whole);
}

/* An input of a graph with its values. */
typedef struct feed {
    char name[16];
    az_type type;
    az_shape shape;
    double *value;
} feed;

/* Runs a plan whose outputs are called "0", "1", ...; their values, as doubles, to be freed one by one. */
static inline void evaluate(const char *what, const az_plan *plan, int64_t n_rows, const feed *feeds, int n_feeds,
                            const az_node *y, int n, double **values)
{
    enum { MOST = 32 };
    guarded in[MOST], out[MOST];
    az_binding bound[MOST], result[MOST];
    char names[MOST][16];
    assert_true(n_feeds <= MOST && n <= MOST);
    for (int i = 0; i < n_feeds; i++) {
        in[i] = guarded_of(feeds[i].value, count(feeds[i].shape, n_rows), feeds[i].type);
        bound[i] = (az_binding){.name = feeds[i].name, .data = in[i].data, .type = feeds[i].type};
    }
    for (int i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "%d", i);
        out[i] = guarded_new((size_t)count(az_node_shape(y[i]), n_rows) * az_type_size(az_node_type(y[i])));
        result[i] = (az_binding){.name = names[i], .data = out[i].data, .type = az_node_type(y[i])};
    }
    run(what, plan, n_rows, bound, n_feeds, result, n, 1);
    for (int i = 0; i < n; i++) {
        const int64_t m = count(az_node_shape(y[i]), n_rows);
        if (!guarded_whole(&out[i])) fail_msg("%s: wrote outside of output %d", what, i);
        values[i] = malloc((size_t)m * sizeof *values[i] + 1);
        for (int64_t k = 0; k < m; k++) values[i][k] = number_at(out[i].data, az_node_type(y[i]), k);
        free(out[i].whole);
    }
    for (int i = 0; i < n_feeds; i++) free(in[i].whole);
}

static const char *const x_names[] = {"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"};

/* Inputs of an instance as double arrays, in the memory of a run of these types. */
static inline guarded run_plain(const instance *of, const az_plan *plan, az_type type, az_shape shape, int64_t n_rows,
                                double *const *x, int n_threads)
{
    guarded in[AZ_SAMPLE_INPUTS], out = guarded_new((size_t)count(shape, n_rows) * az_type_size(type));
    az_binding bound[AZ_SAMPLE_INPUTS];
    for (int i = 0; i < of->sample.n; i++) {
        in[i] = guarded_of(x[i], count(of->sample.x[i].shape, n_rows), type_of(of, i));
        bound[i] = (az_binding){.name = x_names[i], .data = in[i].data, .type = type_of(of, i)};
    }
    const az_binding result = {.name = "0", .data = out.data, .type = type};
    run(of->text, plan, n_rows, bound, of->sample.n, &result, 1, n_threads);
    for (int i = 0; i < of->sample.n; i++) free(in[i].whole);
    if (!guarded_whole(&out)) fail_msg("%s, %d rows: wrote outside of its output", of->text, (int)n_rows);
    return out;
}

#endif
