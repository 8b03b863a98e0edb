/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"
#include "base/random.h"
#include "models/drop_partial.h"
#include "models/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

extern const az_model_class az_linear;

typedef struct told {
    char text[512];
    int n;
} told;

static void listen(void *user, az_level level, const char *text)
{
    told *t = user;
    if (level != AZ_WARNING) return;
    strncpy(t->text, text, sizeof t->text - 1);
    t->n++;
}

static void *fit(const az_sample *sample, bool intercept, const az_control *control)
{
    void *options = az_alloc_zero(az_linear.options_size), *fitted = NULL;
    az_params_default(az_linear.params, options);
    bool found;
    assert_int_equal(az_params_set(az_linear.params, options, "fit_intercept", intercept ? "true" : "false", &found),
                     AZ_OK);
    az_fit_result result;
    az_status status = az_linear.fit(&fitted, sample, options, control, &result);
    if (status) print_message("%s\n", az_error_message());
    assert_int_equal(status, AZ_OK);
    drop_partial(&az_linear, &result);
    az_free(options);
    return fitted;
}

static double fact(const void *fitted, const char *name)
{
    az_fact facts[AZ_MAX_FACTS];
    int n = az_linear.facts(fitted, facts);
    for (int i = 0; i < n; i++)
        if (!strcmp(facts[i].name, name)) return facts[i].value;
    return NAN;
}

static void near(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.17g is not %.17g (relative %.1e)", value, expected, value / expected - 1.0);
}

/* One weighted feature: the textbook's formulas. */
static void a_straight_line(void **state)
{
    (void)state;
    enum { n = 7 };
    const double x[n] = {0.3, 1.1, 2.7, 3.14, 4.9, 6.2, 8.05}, y[n] = {1.7, 0.4, 2.9, 5.1, 3.3, 8.8, 9.4};
    const double w[n] = {1.5, 0.25, 2, 1, 3.75, 0.5, 1.25};
    double s = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
    for (int i = 0; i < n; i++) {
        s += w[i];
        sx += w[i] * x[i] / 15;
        sy += w[i] * y[i] / 15;
    }
    sx *= 15 / s;
    sy *= 15 / s;
    for (int i = 0; i < n; i++) {
        sxx += w[i] * (x[i] - sx) * (x[i] - sx);
        sxy += w[i] * (x[i] - sx) * (y[i] - sy);
        syy += w[i] * (y[i] - sy) * (y[i] - sy);
    }
    double slope = sxy / sxx, rss = syy - slope * sxy, variance = rss / (n - 2);
    for (int absolute = 0; absolute < 2; absolute++) {
        az_sample sample = {.n_rows = n,
                            .n_features = 1,
                            .x = x,
                            .n_targets = 1,
                            .y = y,
                            .weight = w,
                            .absolute = absolute,
                            .task = AZ_REGRESSION};
        void *fitted = fit(&sample, true, NULL);
        az_linear_map map;
        az_linear.linear_map(fitted, &map);
        near(map.coefficient[0], slope, 1e-14);
        near(map.intercept[0], sy - slope * sx, 1e-14);
        near(map.variance[0], absolute ? 1.0 : variance, 1e-13);
        assert_true(absolute ? isinf(map.dof) : map.dof == n - 2);
        near(map.covariance[3], 1.0 / sxx, 1e-14);
        near(map.covariance[0], 1.0 / s + sx * sx / sxx, 1e-14);
        near(map.covariance[1], -sx / sxx, 1e-14);
        near(fact(fitted, "r2"), 1.0 - rss / syy, 1e-14);
        near(fact(fitted, "adjusted_r2"), 1.0 - variance / (syy / (n - 1)), 1e-13);
        near(fact(fitted, "f"), (syy - rss) / variance, 1e-13);
        assert_true(fact(fitted, "rank") == 2);
        double likelihood = 0; /* sum of the logarithms of the normal densities */
        for (int i = 0; i < n; i++) {
            double r = y[i] - map.intercept[0] - slope * x[i], v = (absolute ? 1.0 : rss / n) / w[i];
            likelihood -= 0.5 * (log(2 * M_PI * v) + r * r / v);
        }
        near(fact(fitted, "log_likelihood"), likelihood, 1e-13);
        near(fact(fitted, "aic"), 2 * (absolute ? 2 : 3) - 2 * likelihood, 1e-13);
        near(fact(fitted, "bic"), log(n) * (absolute ? 2 : 3) - 2 * likelihood, 1e-13);
        if (absolute) near(fact(fitted, "chi2_dof"), rss / (n - 2), 1e-13);
        az_linear.free(fitted);
    }
}

/* b1 x + b2 (2 x) is (b1 + 2 b2) x: the shortest b is along (1, 2). */
static void dependent_columns(void **state)
{
    (void)state;
    enum { n = 40 };
    double x[4 * n], y[n], alone[2 * n];
    for (int i = 0; i < n; i++) {
        x[i] = sin(1.7 * i) + 3;
        x[n + i] = 2 * x[i];
        x[2 * n + i] = cos(0.9 * i);
        x[3 * n + i] = 12.5; /* constant: depends on the intercept */
        y[i] = 5 * x[i] - 2 * x[2 * n + i] + 0.1 * sin(17.0 * i) + 1;
        alone[i] = x[i];
        alone[n + i] = x[2 * n + i];
    }
    az_feature features[] = {{.name = "a"}, {.name = "twice_a"}, {.name = "other"}, {.name = "fixed"}};
    told heard = {0};
    az_control control = {.message = listen, .user = &heard};
    az_sample sample = {
        .n_rows = n, .n_features = 4, .x = x, .features = features, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    az_sample reduced = {.n_rows = n, .n_features = 2, .x = alone, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    void *fitted = fit(&sample, true, &control), *expected = fit(&reduced, true, NULL);
    az_linear_map map, right;
    az_linear.linear_map(fitted, &map);
    az_linear.linear_map(expected, &right);
    assert_int_equal(heard.n, 1);
    assert_non_null(strstr(heard.text, "a, twice_a, fixed"));
    near(map.coefficient[0], right.coefficient[0] / 5, 1e-13);
    near(map.coefficient[1], right.coefficient[0] * 2 / 5, 1e-13);
    near(map.coefficient[2], right.coefficient[1], 1e-13);
    assert_true(map.coefficient[3] == 0.0);
    near(map.intercept[0], right.intercept[0], 1e-12);
    assert_true(isnan(map.covariance[1 * 5 + 1]) && isnan(map.covariance[2 * 5 + 2]) &&
                isnan(map.covariance[4 * 5 + 4]));
    assert_true(isnan(map.covariance[0])); /* the constant column can take the intercept's place */
    near(map.covariance[3 * 5 + 3], right.covariance[2 * 3 + 2], 1e-12);
    near(map.variance[0], right.variance[0], 1e-12);
    assert_true(fact(fitted, "rank") == 3);
    az_linear.free(fitted);
    az_linear.free(expected);
}

/* All levels of a category beside the intercept: a million rows of rounding must not hide it. */
static void all_levels(void **state)
{
    (void)state;
    enum { n = 30000, levels = 12 };
    double *x = calloc(n * levels, sizeof *x), *y = malloc(n * sizeof *y);
    for (int i = 0; i < n; i++) {
        x[(i * 7 % levels) * n + i] = 1;
        y[i] = i * 7 % levels + 0.01 * sin(i);
    }
    told heard = {0};
    az_control control = {.message = listen, .user = &heard};
    az_sample sample = {.n_rows = n, .n_features = levels, .x = x, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    void *fitted = fit(&sample, true, &control);
    az_linear_map map;
    az_linear.linear_map(fitted, &map);
    assert_int_equal(heard.n, 1);
    assert_true(fact(fitted, "rank") == levels);
    double sum = 0;
    for (int j = 0; j < levels; j++) sum += map.coefficient[j];
    assert_true(fabs(sum) < 1e-12); /* the shortest solution is orthogonal to (1, ..., 1) */
    az_linear.free(fitted);
    free(x);
    free(y);
}

/* Two rows, three features: b along the difference of the rows. */
static void more_features_than_rows(void **state)
{
    (void)state;
    const double x[] = {1, 3, 2, -1, 0.5, 4}, y[] = {10, 17};
    const double d[] = {2, -3, 3.5}, square = 4 + 9 + 12.25;
    az_sample sample = {.n_rows = 2, .n_features = 3, .x = x, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    void *fitted = fit(&sample, true, NULL);
    az_linear_map map;
    az_linear.linear_map(fitted, &map);
    for (int j = 0; j < 3; j++) near(map.coefficient[j], d[j] * 7 / square, 1e-13);
    const double rows[] = {1, 2, 0.5, 3, -1, 4};
    double prediction[2];
    az_linear.predict(fitted, rows, 2, prediction, NULL);
    near(prediction[0], 10, 1e-13);
    near(prediction[1], 17, 1e-13);
    assert_true(isnan(map.variance[0])); /* nothing is left to tell the spread from */
    az_linear.free(fitted);
}

static void one_row(void **state)
{
    (void)state;
    const double x[] = {3, 4}, y[] = {5};
    az_sample sample = {.n_rows = 1, .n_features = 2, .x = x, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    void *fitted = fit(&sample, true, NULL);
    double prediction;
    az_linear.predict(fitted, x, 1, &prediction, NULL);
    assert_true(prediction == 5.0);
    az_linear.free(fitted);
    fitted = fit(&sample, false, NULL); /* b = x y / |x|^2 */
    az_linear.predict(fitted, x, 1, &prediction, NULL);
    near(prediction, 5.0, 1e-15);
    az_linear.free(fitted);
}

/* A slope on top of an offset a billion times the spread: all digits, as the data are exact. */
static void a_large_offset(void **state)
{
    (void)state;
    enum { n = 1000 };
    static double x[n], y[n];
    for (int i = 0; i < n; i++) {
        x[i] = 1e9 + (i * 37 % 101) * 0.0078125;
        y[i] = 3 + 0.25 * (x[i] - 1e9) + (i % 2 ? 0.5 : -0.5);
    }
    az_sample sample = {.n_rows = n, .n_features = 1, .x = x, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    void *fitted = fit(&sample, true, NULL);
    az_linear_map map;
    az_linear.linear_map(fitted, &map);
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (int i = 0; i < n; i++) {
        sx += (x[i] - 1e9) / n;
        sy += y[i] / n;
    }
    for (int i = 0; i < n; i++) {
        sxx += (x[i] - 1e9 - sx) * (x[i] - 1e9 - sx);
        sxy += (x[i] - 1e9 - sx) * (y[i] - sy);
    }
    near(map.coefficient[0], sxy / sxx, 1e-14);
    near(map.covariance[3], 1 / sxx, 1e-13);
    az_linear.free(fitted);
}

static void several_targets_are_one_each(void **state)
{
    (void)state;
    enum { n = 25, p = 3, t = 2 };
    double x[n * p], y[n * t];
    for (int i = 0; i < n * p; i++) x[i] = sin(0.37 * i * i);
    for (int i = 0; i < n * t; i++) y[i] = cos(0.61 * i * i);
    az_sample both = {.n_rows = n, .n_features = p, .x = x, .n_targets = t, .y = y, .task = AZ_REGRESSION};
    void *fitted = fit(&both, true, NULL);
    az_linear_map map, one;
    az_linear.linear_map(fitted, &map);
    for (int k = 0; k < t; k++) {
        az_sample single = both;
        single.n_targets = 1;
        single.y = y + k * n;
        void *alone = fit(&single, true, NULL);
        az_linear.linear_map(alone, &one);
        near(map.intercept[k], one.intercept[0], 1e-14);
        near(map.variance[k], one.variance[0], 1e-14);
        for (int j = 0; j < p; j++) near(map.coefficient[k * p + j], one.coefficient[j], 1e-14);
        az_linear.free(alone);
    }
    az_linear.free(fitted);
}

static void same_bits_at_any_threads(void **state)
{
    (void)state;
    enum { n = 40000, p = 9 };
    double *x = malloc(sizeof *x * n * p), *y = malloc(sizeof *y * n);
    for (int i = 0; i < n * p; i++) x[i] = sin(0.37 * i * (i % 1013));
    for (int i = 0; i < n; i++) y[i] = x[i] - 2 * x[n + i] + cos(0.11 * i * (i % 997));
    double first[1 + p], covariance[(p + 1) * (p + 1)];
    for (int threads = 1; threads <= 4; threads *= 2) {
        az_control control = {.n_threads = threads};
        az_sample sample = {.n_rows = n, .n_features = p, .x = x, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
        void *fitted = fit(&sample, true, &control);
        az_linear_map map;
        az_linear.linear_map(fitted, &map);
        if (threads == 1) {
            first[0] = map.intercept[0];
            memcpy(first + 1, map.coefficient, sizeof *first * p);
            memcpy(covariance, map.covariance, sizeof covariance);
        }
        assert_memory_equal(first, map.intercept, sizeof *first);
        assert_memory_equal(first + 1, map.coefficient, sizeof *first * p);
        assert_memory_equal(covariance, map.covariance, sizeof covariance);
        az_linear.free(fitted);
    }
    free(x);
    free(y);
}

static void too_large_for_squares(void **state)
{
    (void)state;
    double x[] = {1e308, -1e308, 1.7e308, 1e307, 5e307}, y[] = {1, 2, 3, 4, 5};
    az_feature features[] = {{.name = "big"}};
    az_sample sample = {
        .n_rows = 5, .n_features = 1, .x = x, .features = features, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    void *options = az_alloc_zero(az_linear.options_size), *fitted = NULL;
    az_params_default(az_linear.params, options);
    az_fit_result result;
    assert_int_equal(az_linear.fit(&fitted, &sample, options, NULL, &result), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "large"));
    assert_null(fitted);
    az_free(options);
}

/* A row of weight -w takes back the same row of weight w: what is left is the fit without it. */
static void a_negative_weight_takes_a_row_back(void **state)
{
    (void)state;
    double x[2 * 9], y[9], w[9], x_kept[2 * 7], y_kept[7], w_kept[7];
    az_stream stream = az_stream_new(8, "signed weights");
    for (int i = 0; i < 9; i++) {
        int from = i == 8 ? 3 : i; /* the last row is row 3 again */
        for (int j = 0; j < 2; j++) x[9 * j + i] = az_random_normal(stream, (uint64_t)from, (uint64_t)j) + 4.5;
        y[i] = 1.5 - 0.7 * x[i] + 2.1 * x[9 + i] + az_random_normal(stream, (uint64_t)from, 7);
        w[i] = 0.4 + az_random_uniform(stream, (uint64_t)from, 8);
    }
    w[8] = -w[3];
    for (int i = 0, k = 0; i < 8; i++) {
        if (i == 3) continue;
        for (int j = 0; j < 2; j++) x_kept[7 * j + k] = x[9 * j + i];
        y_kept[k] = y[i];
        w_kept[k++] = w[i];
    }
    az_sample all = {.n_rows = 9, .n_features = 2, .x = x, .n_targets = 1, .y = y, .weight = w, .task = AZ_REGRESSION};
    az_sample kept = {.n_rows = 7, .n_features = 2, .x = x_kept, .n_targets = 1, .y = y_kept, .weight = w_kept,
                      .task = AZ_REGRESSION};
    for (int with_intercept = 0; with_intercept < 2; with_intercept++) {
        void *fitted = fit(&all, with_intercept, NULL), *expected = fit(&kept, with_intercept, NULL);
        az_linear_map a, b;
        az_linear.linear_map(fitted, &a);
        az_linear.linear_map(expected, &b);
        for (int j = 0; j < 2; j++) near(a.coefficient[j], b.coefficient[j], 1e-12);
        if (with_intercept) near(a.intercept[0], b.intercept[0], 1e-12);
        az_linear.free(fitted);
        az_linear.free(expected);
    }
    /* Without a minimum there is no answer: the parabola of squares opens downwards. */
    for (int i = 0; i < 9; i++) w[i] = i < 5 ? -1 : 1e-3;
    void *options = az_alloc_zero(az_linear.options_size), *fitted = NULL;
    az_params_default(az_linear.params, options);
    az_fit_result result;
    assert_int_equal(az_linear.fit(&fitted, &all, options, NULL, &result), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "no minimum"));
    az_free(options);
}

/* A file that lies about its sizes is refused, not read past its end. */
static void a_file_of_other_size(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4}, y[] = {1, 3, 2, 5};
    az_sample sample = {.n_rows = 4, .n_features = 1, .x = x, .n_targets = 1, .y = y, .task = AZ_REGRESSION};
    void *fitted = fit(&sample, true, NULL), *again = NULL;
    az_bundle *bundle;
    assert_int_equal(az_bundle_new(&bundle), AZ_OK);
    assert_int_equal(az_linear.save(fitted, bundle), AZ_OK);
    assert_int_equal(az_linear.load(&again, bundle, 2, 1), AZ_ERROR_DATA);
    assert_int_equal(az_linear.load(&again, bundle, 1, 2), AZ_ERROR_DATA);
    assert_null(again);
    assert_int_equal(az_linear.load(&again, bundle, 1, 1), AZ_OK);
    near(fact(again, "r2"), fact(fitted, "r2"), 0.0);
    az_linear.free(again);
    az_linear.free(fitted);
    az_bundle_free(bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_straight_line),
        cmocka_unit_test(dependent_columns),
        cmocka_unit_test(all_levels),
        cmocka_unit_test(more_features_than_rows),
        cmocka_unit_test(one_row),
        cmocka_unit_test(a_negative_weight_takes_a_row_back),
        cmocka_unit_test(a_large_offset),
        cmocka_unit_test(several_targets_are_one_each),
        cmocka_unit_test(same_bits_at_any_threads),
        cmocka_unit_test(too_large_for_squares),
        cmocka_unit_test(a_file_of_other_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
