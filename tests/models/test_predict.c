/* SPDX-License-Identifier: BSD-3-Clause */
/* A model inside another program: az_predict and az_predict_f32 on the caller's memory.  Runs over the registry, and
 * over linear models of every width, for which the loops are their own. */
#define _GNU_SOURCE
#include "models/affine.h"
#include "models/contract.h"
#include "models/linear_state.h"

#include <fenv.h>
#include <time.h>

enum { MOST_WIDTH = 21, WIDE_ROWS = 131 };

static long long n_requests;
static void *counting_resize(void *user, void *pointer, size_t n_bytes)
{
    (void)user;
    n_requests++;
    return realloc(pointer, n_bytes);
}
static void counting_release(void *user, void *pointer)
{
    (void)user;
    n_requests++;
    free(pointer);
}

/* Scratch of just the size that was asked for, at an odd address, full of NaN. */
static void *new_scratch(const az_model *model, int64_t n_rows, void **memory)
{
    size_t size = az_model_scratch(model, n_rows);
    *memory = malloc(size + 1);
    assert_non_null(*memory);
    memset(*memory, 0xff, size + 1);
    return (char *)*memory + 1;
}

/* ---- every class of the registry ---- */

/* Single precision is double precision of the same numbers, rounded at the end. */
static void check_single(const subject *s)
{
    box *b = sample_box(1);
    az_model *model = fit(s, b);
    if (!model) goto done;
    const int64_t n = b->n_rows, n_inputs = az_model_n_inputs(model), n_outputs = az_model_n_outputs(model);
    const int64_t gap = n_outputs + 2;
    double *raw = raw_rows(model, b), *expected = calloc((size_t)(n * n_outputs), sizeof *expected);
    float *rows = calloc((size_t)(n * n_inputs), sizeof *rows),
          *across = calloc((size_t)(n * n_inputs), sizeof *across);
    float *p = calloc((size_t)(n * gap), sizeof *p);
    unsigned char *in_range = malloc((size_t)n), *in_range_single = malloc((size_t)n);
    raw[2 * n_inputs - 1] = NAN;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n_inputs; j++) {
            rows[i * n_inputs + j] = across[j * n + i] = (float)raw[i * n_inputs + j];
            raw[i * n_inputs + j] = rows[i * n_inputs + j];
        }
    void *memory, *scratch = new_scratch(model, n, &memory);
    az_status status = az_predict(model, NULL, raw, n, n_inputs, 1, expected, n_outputs, in_range, scratch);
    EXPECT(s, status == AZ_OK, "%s", az_error_message());
    for (int layout = 0; layout < 2; layout++) {
        memset(in_range_single, 7, (size_t)n);
        status = az_predict_f32(model, NULL, layout ? across : rows, n, layout ? 1 : n_inputs, layout ? n : 1, p, gap,
                                in_range_single, scratch);
        EXPECT(s, status == AZ_OK, "%s", az_error_message());
        for (int64_t i = 0; i < n; i++)
            for (int64_t k = 0; k < n_outputs; k++)
                EXPECT(s, p[i * gap + k] == (float)expected[i * n_outputs + k], "layout %d, row %lld: %.9g, not %.9g",
                       layout, (long long)i, (double)p[i * gap + k], expected[i * n_outputs + k]);
        EXPECT(s, memcmp(in_range, in_range_single, (size_t)n) == 0, "layout %d: the range differs", layout);
    }
    EXPECT(s, !in_range[1], "a row with a missing number is in range");
    free(raw);
    free(expected);
    free(rows);
    free(across);
    free(p);
    free(in_range);
    free(in_range_single);
    free(memory);
done:
    az_model_free(model);
    free_box(b);
}

static double cpu_seconds(clockid_t clock)
{
    struct timespec now;
    assert_int_equal(clock_gettime(clock, &now), 0);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Nothing is allocated; the time that the process computes is that of the calling thread; and a host that traps
 * invalid operations and divisions by zero is not stopped, not even by a missing number or an unseen level. */
static void check_guest(const subject *s)
{
    box *b = sample_box(1);
    az_model *model = fit(s, b);
    if (!model) goto done;
    const int64_t n = b->n_rows, n_inputs = az_model_n_inputs(model), n_outputs = az_model_n_outputs(model);
    double *raw = raw_rows(model, b), *p = calloc((size_t)(n * n_outputs), sizeof *p);
    float *single = calloc((size_t)(n * (n_inputs + n_outputs)), sizeof *single);
    unsigned char *in_range = malloc((size_t)n);
    for (int64_t j = 0; j < n_inputs; j++) raw[(3 + j) * n_inputs + j] = NAN;
    if (s->kind == MIXED) raw[9 * n_inputs + 1] = -1;
    for (int64_t i = 0; i < n * n_inputs; i++) single[i] = (float)raw[i];
    void *memory, *scratch = new_scratch(model, n, &memory);
    int failures = 0, raised = 0;
    const long long before = n_requests;
    double least = INFINITY;
    for (int attempt = 0; attempt < 10 && least > 0.001; attempt++) { /* a BLAS may spin for a while after the fit */
        const double others = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        const double start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        do {
            feclearexcept(FE_ALL_EXCEPT);
            failures += az_predict(model, NULL, raw, n, n_inputs, 1, p, n_outputs, in_range, scratch) != AZ_OK;
            failures += az_predict_f32(model, NULL, single, n, n_inputs, 1, single + n * n_inputs, n_outputs, in_range,
                                       scratch) != AZ_OK;
            failures += az_predict(model, NULL, raw, n - n_inputs, 1, n, p, n_outputs, in_range, scratch) != AZ_OK;
            raised |= fetestexcept(FE_INVALID | FE_DIVBYZERO);
        } while (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) < start + 0.01);
        least = fmin(least, cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - others);
    }
    EXPECT(s, failures == 0, "%s", az_error_message());
    EXPECT(s, n_requests == before, "%lld requests of memory", n_requests - before);
    EXPECT(s, least <= 0.001, "other threads computed for %g s beside 0.01 s", least);
    EXPECT(s, raised == 0, "raises%s%s", raised & FE_INVALID ? " invalid" : "", raised & FE_DIVBYZERO ? " zero" : "");
    free(raw);
    free(p);
    free(single);
    free(in_range);
    free(memory);
done:
    az_model_free(model);
    free_box(b);
}

/* The short way of linear models (models/affine.h) is the long one through features, up to rounding: categories,
 * phases, missing and unseen cells, targets that are logarithms, several targets. */
static void check_short_way(const subject *s)
{
    box *b = sample_box(1);
    const char *const scales[] = {"scale=none", "scale=standard"};
    for (int64_t i = 0; i < b->n_rows; i += 5) {
        b->rows[i].colour = NULL; /* "(missing)" becomes a level in one of two fits */
        b->rows[i].y = fabs(b->rows[i].y) + 1;
    }
    for (int way = 0; way < 4; way++) {
        for (int64_t i = 0; i < b->n_rows && way == 2; i++)
            if (!b->rows[i].colour) b->rows[i].colour = "blue";
        make_table(b);
        az_roles roles = roles_of(s);
        if (s->class->traits & AZ_TRAIT_SEVERAL_TARGETS && s->task == AZ_REGRESSION) roles.target = "y,y2";
        az_model *model;
        if (az_fit_roles(&model, s->class->name, b->table, &roles, scales[way % 2], NULL))
            fail_msg("%s", az_error_message());
        if (model->affine) {
            const int64_t n = b->n_rows, m = model->n_targets, n_inputs = model->design->n_inputs;
            double *raw = raw_rows(model, b);
            for (int64_t i = 0; i < n; i++) {
                if (i % 7 == 3) raw[i * n_inputs + i % n_inputs] = NAN;
                if (i % 11 == 4) raw[i * n_inputs + i % n_inputs] = -1;
                if (i % 13 == 5) raw[i * n_inputs + i % n_inputs] = 1e3;
            }
            double *short_way = calloc((size_t)(n * m), sizeof *short_way), *long_way = calloc((size_t)(n * m), 8);
            double *features = calloc((size_t)(n * model->design->n_features), sizeof *features);
            unsigned char *in_range = malloc((size_t)n), *in_range_long = malloc((size_t)n);
            void *scratch = malloc(az_design_scratch(model->design) + 8);
            assert_int_equal(az_predict(model, NULL, raw, n, n_inputs, 1, short_way, m, in_range, NULL), AZ_OK);
            az_design_apply(model->design, NULL, raw, n, n_inputs, 1, features, in_range_long, scratch);
            model->class->predict(model->fitted, features, n, long_way, NULL);
            double apart = difference(short_way, long_way, n * m);
            EXPECT(s, apart < 1e-11, "%s: the short way differs by %g", scales[way % 2], apart);
            EXPECT(s, memcmp(in_range, in_range_long, (size_t)n) == 0, "%s: the range differs", scales[way % 2]);
            /* The bits of every row alone, and of the block column by column. */
            double *across = calloc((size_t)(n * n_inputs), sizeof *across), alone[MOST_OUTPUTS];
            for (int64_t i = 0; i < n; i++) {
                for (int64_t j = 0; j < n_inputs; j++) across[j * n + i] = raw[i * n_inputs + j];
                unsigned char flag;
                assert_int_equal(az_predict(model, NULL, raw + i * n_inputs, 1, 1, 1, alone, m, &flag, NULL), AZ_OK);
                EXPECT(s, same_bits(alone, short_way + i * m, m) && flag == in_range[i], "row %lld alone",
                       (long long)i);
            }
            assert_int_equal(az_predict(model, NULL, across, n, 1, n, long_way, m, in_range_long, NULL), AZ_OK);
            EXPECT(s, same_bits(short_way, long_way, n * m), "column by column differs");
            EXPECT(s, memcmp(in_range, in_range_long, (size_t)n) == 0, "column by column: the range differs");
            free(raw);
            free(short_way);
            free(long_way);
            free(features);
            free(in_range);
            free(in_range_long);
            free(scratch);
            free(across);
        }
        EXPECT(s, model->affine || s->class->predict != az_linear_state_predict, "no short way");
        az_model_free(model);
    }
    free_box(b);
}

/* ---- linear models of every width ---- */

typedef struct wide {
    int64_t width, n_targets;
    double column[MOST_WIDTH][WIDE_ROWS], target[3][WIDE_ROWS];
    double truth[3][MOST_WIDTH + 1];
    az_model *model;
} wide;

static void fit_wide(wide *w, int64_t width, int64_t n_targets, const char *name, const char *parameters)
{
    static char names[MOST_WIDTH][8];
    az_stream stream = az_stream_new(7, "wide");
    az_table *table;
    w->width = width;
    w->n_targets = n_targets;
    assert_int_equal(az_table_new(&table, WIDE_ROWS), AZ_OK);
    for (int64_t j = 0; j < width; j++) {
        /* Far from 0 and of many sizes: a centre put into the intercept would show. */
        double size = pow(10, (double)(j % 9) - 4);
        for (int64_t i = 0; i < WIDE_ROWS; i++)
            w->column[j][i] = size * (30 + az_random_normal(stream, (uint64_t)i, (uint64_t)j));
        snprintf(names[j], sizeof names[j], "x%d", (int)j);
        assert_int_equal(az_table_add_numeric(table, names[j], NULL, w->column[j], 1), AZ_OK);
        for (int64_t t = 0; t < n_targets; t++)
            w->truth[t][j] = az_random_normal(stream, (uint64_t)(t + 1000), (uint64_t)j) / size;
    }
    static const char *const targets[] = {"u", "v", "w"};
    for (int64_t t = 0; t < n_targets; t++) {
        w->truth[t][width] = (double)(t + 1);
        for (int64_t i = 0; i < WIDE_ROWS; i++) {
            w->target[t][i] = w->truth[t][width];
            for (int64_t j = 0; j < width; j++) w->target[t][i] += w->truth[t][j] * w->column[j][i];
        }
        assert_int_equal(az_table_add_numeric(table, targets[t], NULL, w->target[t], 1), AZ_OK);
    }
    az_roles roles = {.target = n_targets == 1 ? "u" : n_targets == 2 ? "u,v" : "u,v,w"};
    az_status status = az_fit_roles(&w->model, name, table, &roles, parameters, NULL);
    if (status) fail_msg("%s", az_error_message());
    az_table_free(table);
}

/* In single precision too, and what is written is the double precision's result rounded. */
static void check_wide_single(const wide *w, const double *rows, const double *across)
{
    static float single[2][WIDE_ROWS * MOST_WIDTH], p[4][WIDE_ROWS * 3];
    static double exact[WIDE_ROWS * MOST_WIDTH], expected[WIDE_ROWS * 3];
    const int64_t n = w->width, m = w->n_targets;
    for (int64_t i = 0; i < WIDE_ROWS * n; i++) {
        single[0][i] = (float)rows[i];
        single[1][i] = (float)across[i];
        exact[i] = single[0][i];
    }
    assert_int_equal(az_predict(w->model, NULL, exact, WIDE_ROWS, n, 1, expected, m, NULL, NULL), AZ_OK);
    for (int order = 0; order < 2; order++) {
        const int64_t down = order ? 1 : n, across_stride = order ? WIDE_ROWS : 1;
        assert_int_equal(
            az_predict_f32(w->model, NULL, single[order], WIDE_ROWS, down, across_stride, p[2 * order], m, NULL, NULL),
            AZ_OK);
        az_affine_predict_f32(w->model->affine, NULL, single[order], WIDE_ROWS, down, across_stride, p[2 * order + 1],
                              m, NULL);
    }
    for (int64_t i = 0; i < WIDE_ROWS * m; i++)
        for (int way = 0; way < 4; way++) assert_true(p[way][i] == (float)expected[i]);
}

/* Every order of memory gives the bits of a row alone, and these are the plane that the data lie on. */
static void check_wide(wide *w)
{
    static double rows[WIDE_ROWS * MOST_WIDTH], across[WIDE_ROWS * MOST_WIDTH], mixed[WIDE_ROWS * (2 * MOST_WIDTH + 3)];
    static double alone[WIDE_ROWS * 3], p[WIDE_ROWS * 5];
    static unsigned char in_range[WIDE_ROWS], flags[WIDE_ROWS];
    const int64_t n = w->width, m = w->n_targets, n_rows = WIDE_ROWS, mixed_stride = 2 * n + 3;
    int64_t map[MOST_WIDTH];
    void *memory, *scratch = new_scratch(w->model, n_rows, &memory);
    for (int64_t i = 0; i < n_rows; i++) {
        for (int64_t j = 0; j < n; j++) {
            double value = w->column[j][i];
            if (i % 17 == 5 && j == i % n) value = NAN;
            if (i % 19 == 7 && j == i % n) value *= 2;
            rows[i * n + j] = across[j * n_rows + i] = mixed[i * mixed_stride + 2 * (n - j)] = value;
            map[j] = n - j;
        }
        assert_int_equal(az_predict(w->model, NULL, rows + i * n, 1, n, 1, alone + i * m, m, in_range + i, scratch), 0);
        assert_int_equal(in_range[i], i % 17 != 5 && i % 19 != 7);
        for (int64_t t = 0; t < m && in_range[i]; t++) {
            double size = fabs(w->truth[t][n]), error = fabs(alone[i * m + t] - w->target[t][i]);
            for (int64_t j = 0; j < n; j++) size += fabs(w->truth[t][j] * w->column[j][i]);
            assert_true(error < 1e-11 * size);
        }
    }
    const struct {
        const int64_t *map;
        const double *at;
        int64_t row_stride, column_stride, output_stride;
    } layouts[] = {{NULL, rows, n, 1, m},
                   {NULL, rows, n, 1, m + 2},
                   {NULL, across, 1, n_rows, m},
                   {NULL, across, 1, n_rows, m + 1},
                   {map, mixed, mixed_stride, 2, m}};
    for (size_t l = 0; l < sizeof layouts / sizeof *layouts; l++) {
        const int64_t stride = layouts[l].output_stride;
        for (int64_t first = 0; first < 3; first++) { /* from another row on, so that other rows are done by fours */
            memset(flags, 9, sizeof flags);
            assert_int_equal(az_predict(w->model, layouts[l].map, layouts[l].at + first * layouts[l].row_stride,
                                        n_rows - first, layouts[l].row_stride, layouts[l].column_stride, p, stride,
                                        flags, scratch),
                             0);
            for (int64_t i = first; i < n_rows; i++)
                if (!same_bits(p + (i - first) * stride, alone + i * m, m))
                    fail_msg("%d inputs, %d targets, layout %d, row %d", (int)n, (int)m, (int)l, (int)i);
            assert_memory_equal(flags, in_range + first, (size_t)(n_rows - first));
            /* The loops of any CPU give the bits of those that this one chose. */
            memset(flags, 9, sizeof flags);
            az_affine_predict_f64(w->model->affine, layouts[l].map, layouts[l].at + first * layouts[l].row_stride,
                                  n_rows - first, layouts[l].row_stride, layouts[l].column_stride, p, stride, flags);
            for (int64_t i = first; i < n_rows; i++) assert_true(same_bits(p + (i - first) * stride, alone + i * m, m));
            assert_memory_equal(flags, in_range + first, (size_t)(n_rows - first));
        }
    }
    free(memory);
    check_wide_single(w, rows, across);
}

static void every_width(void **state)
{
    (void)state;
    static wide w;
    for (int64_t width = 1; width <= MOST_WIDTH; width++)
        for (int64_t n_targets = 1; n_targets <= 3; n_targets++) {
            fit_wide(&w, width, n_targets, "linear", width % 2 ? NULL : "scale=standard");
            check_wide(&w);
            az_model_free(w.model);
        }
}

/* Of the logarithm the exponential is rounded, not its argument. */
static void logarithms_in_single_precision(void **state)
{
    (void)state;
    static double x[WIDE_ROWS], y[WIDE_ROWS];
    az_table *table;
    az_model *model;
    for (int i = 0; i < WIDE_ROWS; i++) {
        x[i] = 0.25 * i;
        y[i] = exp(3 - x[i]);
    }
    assert_int_equal(az_table_new(&table, WIDE_ROWS), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "x", "m", x, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", "K", y, 1), AZ_OK);
    assert_int_equal(az_fit(&model, "linear", table, "y", "transform_target=log"), AZ_OK);
    assert_string_equal(az_model_input_unit(model, 0), "m");
    assert_string_equal(az_model_output_unit(model, 0), "K");
    for (int i = 0; i < WIDE_ROWS; i++) {
        const float at = (float)x[i];
        float p;
        assert_int_equal(az_predict_f32(model, NULL, &at, 1, 1, 1, &p, 1, NULL, NULL), AZ_OK);
        assert_true(fabs((double)p - y[i]) <= 6.1e-8 * y[i]); /* half a unit in the last place of a float */
    }
    az_model_free(model);
    az_table_free(table);
}

/* A season from a model's calendar: the caller is told in what to count. */
static void times_are_numbers_with_a_unit(void **state)
{
    (void)state;
    static double days[WIDE_ROWS], height[WIDE_ROWS], y[WIDE_ROWS];
    az_table *table;
    az_model *model;
    for (int i = 0; i < WIDE_ROWS; i++) {
        days[i] = 17 * i;
        height[i] = i % 7;
        y[i] = 5 + 2 * cos(2 * 3.14159265358979323846 * days[i] / 360) - height[i]; /* a year has 360 days */
    }
    assert_int_equal(az_table_new(&table, WIDE_ROWS), AZ_OK);
    assert_int_equal(az_table_add_time(table, "time", "days since 1850-01-01", "360_day", days, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "height", NULL, height, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    az_roles roles = {.target = "y", .features = "time,height", .periodic = "time=year"};
    az_status status = az_fit_roles(&model, "linear", table, &roles, NULL, NULL);
    if (status) fail_msg("%s", az_error_message());
    assert_string_equal(az_model_input_unit(model, 0), "days since 1850-01-01");
    assert_string_equal(az_model_input_calendar(model, 0), "360_day");
    assert_null(az_model_input_unit(model, 1));
    assert_null(az_model_input_calendar(model, 1));
    /* Trend and season are two inputs of one name; the caller has one column. */
    int64_t map[3];
    assert_int_equal(az_model_n_inputs(model), 3);
    assert_int_equal(az_model_bind(model, (const char *[]){"height", "time"}, 2, map), AZ_OK);
    const double midsummer[2] = {3, 360 * 5 + 180};
    double p;
    assert_int_equal(az_predict(model, map, midsummer, 1, 2, 1, &p, 1, NULL, NULL), AZ_OK);
    assert_true(fabs(p) < 1e-10); /* 5 - 2 - 3 */
    az_model_free(model);
    az_table_free(table);
}

static void misuse_is_told(void **state)
{
    (void)state;
    static wide w;
    double p[4];
    float single[4] = {0};
    fit_wide(&w, 2, 2, "linear", NULL);
    const double *rows = w.column[0];
    assert_int_equal(az_predict(w.model, NULL, rows, -1, 2, 1, p, 2, NULL, NULL), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "-1 rows"));
    assert_int_equal(az_predict(w.model, NULL, rows, 2, 2, 1, p, 1, NULL, NULL), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "overlap"));
    assert_int_equal(az_predict(w.model, NULL, NULL, 1, 2, 1, p, 2, NULL, NULL), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "rows"));
    assert_int_equal(az_predict(w.model, NULL, rows, 1, 2, 1, NULL, 2, NULL, NULL), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "prediction"));
    assert_int_equal(az_predict_f32(NULL, NULL, single, 1, 2, 1, single + 2, 2, NULL, NULL), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "az_predict_f32: there is no model"));
    assert_int_equal(az_predict(w.model, NULL, NULL, 0, 2, 1, NULL, 2, NULL, NULL), AZ_OK);
    az_model_free(w.model);
}

#define TEST(name)                                                                                                     \
    static void name(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        for_every_subject(check_##name);                                                                               \
    }
TEST(single)
TEST(guest)
TEST(short_way)

int main(void)
{
    const az_allocator counting = {counting_resize, counting_release, NULL};
    az_set_allocator(&counting);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single),
        cmocka_unit_test(guest),
        cmocka_unit_test(short_way),
        cmocka_unit_test(every_width),
        cmocka_unit_test(logarithms_in_single_precision),
        cmocka_unit_test(times_are_numbers_with_a_unit),
        cmocka_unit_test(misuse_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
