/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"
#include "base/random.h"
#include "models/drop_partial.h"
#include "models/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

extern const az_model_class az_ridge;

enum { N = 24, P = 3 };
static double x[N * P], y[N], w[N];

static int prepare(void **state)
{
    (void)state;
    for (int i = 0; i < N * P; i++) x[i] = sin(0.73 * i * i) * (1 + i / N) + 2;
    for (int i = 0; i < N; i++) {
        y[i] = 2 * x[i] - x[N + i] + 3 + 0.5 * cos(1.3 * i * i);
        w[i] = 0.5 + i % 4;
    }
    return 0;
}

static az_sample whole(void)
{
    return (az_sample){
        .n_rows = N, .n_features = P, .x = x, .n_targets = 1, .y = y, .weight = w, .seed = 5, .task = AZ_REGRESSION};
}

static void *options_of(const char *const pairs[][2], int n)
{
    void *options = az_alloc_zero(az_ridge.options_size);
    az_params_default(az_ridge.params, options);
    for (int i = 0; i < n; i++)
        assert_int_equal(az_params_set_strict(az_ridge.params, options, pairs[i][0], pairs[i][1], "ridge"), AZ_OK);
    return options;
}

static void *fit(const az_sample *sample, const char *const pairs[][2], int n)
{
    void *fitted = NULL, *options = options_of(pairs, n);
    az_fit_result result;
    az_status status = az_ridge.fit(&fitted, sample, options, NULL, &result);
    if (status) print_message("%s\n", az_error_message());
    assert_int_equal(status, AZ_OK);
    drop_partial(&az_ridge, &result);
    az_free(options);
    return fitted;
}

static double fact(const void *fitted, const char *name)
{
    az_fact facts[AZ_MAX_FACTS];
    int n = az_ridge.facts(fitted, facts);
    for (int i = 0; i < n; i++)
        if (!strcmp(facts[i].name, name)) return facts[i].value;
    return NAN;
}

static void near(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.17g is not %.17g (relative %.1e)", value, expected, value / expected - 1.0);
}

/* At the minimum the gradient is 0: sum_i w_i r_i = 0 and X^T W r = alpha b. */
static void gradient_vanishes(void **state)
{
    (void)state;
    az_sample sample = whole();
    void *fitted = fit(&sample, (const char *const[][2]){{"alpha", "3.5"}}, 1);
    az_linear_map map;
    az_ridge.linear_map(fitted, &map);
    double sum = 0, gradient[P] = {0};
    for (int i = 0; i < N; i++) {
        double r = y[i] - map.intercept[0];
        for (int j = 0; j < P; j++) r -= map.coefficient[j] * x[j * N + i];
        sum += w[i] * r;
        for (int j = 0; j < P; j++) gradient[j] += w[i] * r * x[j * N + i];
    }
    assert_true(fabs(sum) < 1e-11);
    for (int j = 0; j < P; j++) assert_true(fabs(gradient[j] - 3.5 * map.coefficient[j]) < 1e-11);
    az_ridge.free(fitted);
}

/* One feature: b = Sxy / (Sxx + alpha), its variance sigma^2 Sxx / (Sxx + alpha)^2, 1 + Sxx / (Sxx + alpha) parameters.
 */
static void one_feature(void **state)
{
    (void)state;
    const double a[] = {1, 2, 4, 5.5, 7}, b[] = {2, 1, 5, 4, 9};
    double mean_a = 19.5 / 5, mean_b = 21.0 / 5, saa = 0, sab = 0, sbb = 0, alpha = 2;
    for (int i = 0; i < 5; i++) {
        saa += (a[i] - mean_a) * (a[i] - mean_a);
        sab += (a[i] - mean_a) * (b[i] - mean_b);
        sbb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    az_sample sample = {.n_rows = 5, .n_features = 1, .x = a, .n_targets = 1, .y = b, .task = AZ_REGRESSION};
    void *fitted = fit(&sample, (const char *const[][2]){{"alpha", "2"}}, 1);
    az_linear_map map;
    az_ridge.linear_map(fitted, &map);
    double slope = sab / (saa + alpha), used = 1 + saa / (saa + alpha),
           rss = sbb - 2 * slope * sab + slope * slope * saa;
    near(map.coefficient[0], slope, 1e-14);
    near(map.intercept[0], mean_b - slope * mean_a, 1e-13);
    near(fact(fitted, "effective_dof"), used, 1e-14);
    near(map.variance[0], rss / (5 - used), 1e-13);
    near(map.covariance[3], saa / ((saa + alpha) * (saa + alpha)), 1e-14);
    near(map.covariance[0], 0.2 + mean_a * mean_a * map.covariance[3], 1e-14);
    near(fact(fitted, "gcv"), rss / 5 / ((1 - used / 5) * (1 - used / 5)), 1e-13);
    az_ridge.free(fitted);
}

static void path_holds_the_fits(void **state)
{
    (void)state;
    az_sample sample = whole();
    void *fitted = fit(&sample, (const char *const[][2]){{"alphas", "0.1,100,5"}, {"choose", "gcv"}}, 2);
    az_path path;
    assert_true(az_ridge.path(fitted, &path));
    assert_int_equal(path.n, 3);
    const char *const strongest_first[] = {"100", "5", "0.1"};
    int best = 0;
    for (int i = 0; i < 3; i++) {
        void *alone = fit(&sample, (const char *const[][2]){{"alpha", strongest_first[i]}}, 1);
        az_linear_map map;
        az_ridge.linear_map(alone, &map);
        near(path.alpha[i], fact(alone, "alpha"), 0.0);
        near(path.score[i], fact(alone, "gcv"), 1e-14);
        for (int j = 0; j < P; j++) near(path.coefficient[i * P + j], map.coefficient[j], 1e-14);
        if (path.score[i] < path.score[best]) best = i;
        az_ridge.free(alone);
    }
    assert_true(fact(fitted, "alpha") == path.alpha[best]);
    az_ridge.free(fitted);
}

/* The score of k folds is that of fits on the other folds' rows, made one by one. */
static void folds_by_hand(void **state)
{
    (void)state;
    az_sample sample = whole();
    const char *const alphas[] = {"40", "0.3"};
    void *fitted = fit(&sample, (const char *const[][2]){{"alphas", "0.3,40"}, {"choose", "kfold"}, {"cv", "4"}}, 3);
    az_path path;
    assert_true(az_ridge.path(fitted, &path));
    int64_t order[N];
    az_random_permutation(az_stream_new(5, "ridge folds"), N, order);
    double sum_weight = 0;
    for (int i = 0; i < N; i++) sum_weight += w[i];
    for (int a = 0; a < 2; a++) {
        double error = 0;
        for (int fold = 0; fold < 4; fold++) {
            int start = N * fold / 4, end = N * (fold + 1) / 4, n = 0;
            double tx[N * P], ty[N], tw[N];
            int m = N - (end - start);
            for (int i = 0; i < N; i++) {
                if (i >= start && i < end) continue;
                for (int j = 0; j < P; j++) tx[j * m + n] = x[j * N + order[i]];
                ty[n] = y[order[i]];
                tw[n++] = w[order[i]];
            }
            az_sample training = {
                .n_rows = n, .n_features = P, .x = tx, .n_targets = 1, .y = ty, .weight = tw, .task = AZ_REGRESSION};
            void *part = fit(&training, (const char *const[][2]){{"alpha", alphas[a]}}, 1);
            for (int i = start; i < end; i++) {
                double row[P], prediction;
                for (int j = 0; j < P; j++) row[j] = x[j * N + order[i]];
                az_ridge.predict(part, row, 1, &prediction, NULL);
                error += w[order[i]] * (y[order[i]] - prediction) * (y[order[i]] - prediction) / sum_weight;
            }
            az_ridge.free(part);
        }
        near(path.score[a], error, 1e-12);
    }
    assert_true(fact(fitted, "cv_mse") == fmin(path.score[0], path.score[1]));
    az_ridge.free(fitted);
}

/* Two rows that differ by d: b = d (dy / 2) / (|d|^2 / 2 + alpha). */
static void more_features_than_rows(void **state)
{
    (void)state;
    const double a[] = {1, 3, 2, -1, 0.5, 4}, b[] = {10, 17}, d[] = {2, -3, 3.5};
    az_sample sample = {.n_rows = 2, .n_features = 3, .x = a, .n_targets = 1, .y = b, .task = AZ_REGRESSION};
    for (int free_of_penalty = 0; free_of_penalty < 2; free_of_penalty++) {
        void *fitted = fit(&sample, (const char *const[][2]){{"alpha", free_of_penalty ? "0" : "1.5"}}, 1);
        az_linear_map map;
        az_ridge.linear_map(fitted, &map);
        for (int j = 0; j < 3; j++)
            near(map.coefficient[j], d[j] * 3.5 / (12.625 + (free_of_penalty ? 0 : 1.5)), 1e-13);
        az_ridge.free(fitted);
    }
}

static void refusals(void **state)
{
    (void)state;
    az_sample sample = whole();
    const char *const bad[][2][2] = {{{"alphas", "1,zero"}, {"choose", "gcv"}},
                                     {{"alphas", "1,-2"}, {"choose", "gcv"}},
                                     {{"cv", "25"}, {"choose", "kfold"}}};
    const char *const says[] = {"\"zero\"", "\"-2\"", "25 folds"};
    for (int i = 0; i < 3; i++) {
        void *options = options_of(bad[i], 2), *fitted = NULL;
        az_fit_result result;
        assert_int_equal(az_ridge.fit(&fitted, &sample, options, NULL, &result), AZ_ERROR_USAGE);
        assert_non_null(strstr(az_error_message(), says[i]));
        assert_null(fitted);
        az_free(options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_vanishes),       cmocka_unit_test(one_feature),
        cmocka_unit_test(path_holds_the_fits),     cmocka_unit_test(folds_by_hand),
        cmocka_unit_test(more_features_than_rows), cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
