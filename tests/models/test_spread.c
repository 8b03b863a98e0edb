/* SPDX-License-Identifier: BSD-3-Clause */
/* How sure forests are: deviations and quantiles against other programs (frozen_spread.h) and against what is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "fail_allocation.h"
#include "models/fit_parts.h"
#include "models/spread.h"
#include "models/tree/ensemble.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/frozen_sets.h"
#include "models/frozen_spread.h"

#define GOLDEN AZ_SOURCE_DIR "/tests/golden/"

enum { N_LEVELS = sizeof levels / sizeof *levels };

static az_model *fit(const az_table *table, const char *class, const char *target, const char *features,
                     const char *weight, const char *parameters)
{
    const az_roles roles = {.target = target, .features = features, .weight = weight};
    az_model *model = NULL;
    if (az_fit_roles(&model, class, table, &roles, parameters, NULL)) fail_msg("%s", az_error_message());
    return model;
}

static void against_other_programs(void **state)
{
    (void)state;
    az_model *model;
    az_table *query;
    assert_int_equal(az_model_read(&model, GOLDEN "forest-quantiles-1.az"), AZ_OK);
    assert_int_equal(az_table_read(&query, GOLDEN "query.csv", NULL, NULL), AZ_OK);
    enum { N = sizeof deviations / sizeof *deviations };
    double found[N][2], of_levels[N][2][N_LEVELS];
    assert_int_equal(az_table_n_rows(query), N);
    assert_int_equal(az_predict_deviation(model, query, &found[0][0], NULL), AZ_OK);
    assert_int_equal(az_predict_quantiles(model, query, levels, N_LEVELS, &of_levels[0][0][0], NULL), AZ_OK);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 2; k++) {
            /* Of the variance, which is a difference. */
            assert_true(fabs(found[i][k] * found[i][k] - deviations[i][k] * deviations[i][k]) < 1e-12);
            for (int q = 0; q < N_LEVELS; q++) assert_true(of_levels[i][k][q] == quantiles[2 * i + k][q]);
        }
    az_table_free(query);
    az_model_free(model);
}

/* One tree of all rows is scikit-learn's, and its leaves hold the same rows. */
static void against_quantile_forest(void **state)
{
    (void)state;
    enum { N = 200, P = 10 };
    static double x[P][N], y[N], found[N][N_LEVELS];
    az_table *table;
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    for (int j = 0; j < P; j++) {
        char name[8];
        snprintf(name, sizeof name, "c%d", j);
        for (int i = 0; i < N; i++) x[j][i] = diabetes_x[i * P + j];
        assert_int_equal(az_table_add_numeric(table, name, NULL, x[j], 1), AZ_OK);
    }
    for (int i = 0; i < N; i++) y[i] = diabetes_y[i];
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    az_model *model = fit(table, "extra_trees", "y", NULL, NULL, "n_estimators=1 keep_targets=true");
    az_model_free(model);
    model =
        fit(table, "bagging", "y", NULL, NULL, "n_estimators=1 bootstrap=false min_samples_leaf=8 keep_targets=true");
    assert_int_equal(az_predict_quantiles(model, table, levels, N_LEVELS, &found[0][0], NULL), AZ_OK);
    int n_apart = 0;
    for (int i = 0; i < N / 10; i++)
        for (int q = 0; q < N_LEVELS; q++) {
            const double ours = found[10 * i][q];
            assert_true(ours >= peer_lower[i][q] && ours <= peer_higher[i][q]);
            n_apart += peer_lower[i][q] < peer_higher[i][q];
        }
    assert_true(n_apart > 20); /* else the bounds would say little */
    az_model_free(model);
    az_table_free(table);
}

enum { N_ROWS = 240 };
static double a[N_ROWS], b[N_ROWS], y[N_ROWS], second[N_ROWS], weight[N_ROWS];
static const char *label[N_ROWS];

static az_table *make_table(uint64_t shift)
{
    az_stream stream = az_stream_new(8, "spread test");
    az_table *table;
    for (uint64_t i = 0; i < N_ROWS; i++) {
        a[i] = az_random_normal(stream, i + shift, 0);
        b[i] = az_random_normal(stream, i + shift, 1);
        y[i] = floor(20 * (a[i] + 0.5 * a[i] * b[i] + 0.2 * az_random_normal(stream, i + shift, 2)));
        second[i] = exp(0.1 * b[i]) + 0.1 * az_random_uniform(stream, i + shift, 3);
        weight[i] = 1 + (double)(i % 3);
        label[i] = y[i] > 0 ? "up" : "down";
    }
    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "a", NULL, a, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "b", NULL, b, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "second", NULL, second, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "w", NULL, weight, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", label), AZ_OK);
    return table;
}

/* The variance by its definition, row by row and tree by tree, drawn with and without replacement. */
static void deviation_by_its_definition(void **state)
{
    (void)state;
    static const char *const parameters[] = {"n_estimators=150 seed=5", "n_estimators=150 seed=5 max_samples=100",
                                             "n_estimators=150 seed=5 bootstrap=false max_samples=0.4"};
    enum { B = 150, N_SHOWN = 30 };
    az_table *table = make_table(0);
    for (int c = 0; c < 6; c++) {
        const bool classes = c >= 3, once = c % 3 == 2;
        az_model *model = fit(table, "forest", classes ? "label" : "y", "a,b", NULL, parameters[c % 3]);
        static double found[N_ROWS][2];
        static uint16_t count[B][N_ROWS];
        az_tree_view view;
        model->class->trees(model->fitted, &view);
        const int64_t n_outputs = az_model_n_outputs(model);
        assert_int_equal(az_predict_deviation(model, table, &found[0][0], NULL), AZ_OK);
        for (int64_t t = 0; t < B; t++) assert_non_null(az_draw_rows(view.draws, t, count[t]));
        const double n = N_ROWS, s = (double)view.draws->n_drawn;
        int n_positive = 0;
        for (int i = 0; i < N_SHOWN; i++)
            for (int64_t k = 0; k < n_outputs; k++) {
                double f[B], mean = 0, squares = 0, sum = 0;
                for (int64_t t = 0; t < B; t++) {
                    const az_tree *tree = &view.trees->trees[t];
                    f[t] = az_leaf_value(view.trees, tree, az_tree_leaf(tree, (double[]){a[i], b[i]}), k);
                    mean += f[t] / B;
                }
                for (int64_t t = 0; t < B; t++) squares += (f[t] - mean) * (f[t] - mean);
                for (int j = 0; j < N_ROWS; j++) {
                    double covariance = 0, mean_count = 0;
                    for (int64_t t = 0; t < B; t++) mean_count += (double)count[t][j] / B;
                    for (int64_t t = 0; t < B; t++) covariance += (count[t][j] - mean_count) * (f[t] - mean) / B;
                    sum += covariance * covariance;
                }
                double variance = sum - s * (once ? 1 - s / n : 1 - 1 / n) * squares / B / B;
                if (once) variance *= (n - 1) / n * (n / (n - s)) * (n / (n - s));
                const double deviation = ((const double *)found)[i * n_outputs + k];
                assert_true(fabs(deviation * deviation - fmax(variance, 0)) <= 1e-11 * (sum + squares));
                n_positive += variance > 0;
            }
        assert_true(n_positive > 0);
        az_model_free(model);
    }
    az_table_free(table);
}

/* Trees without a split are means of bootstrap samples: their variance is sum (y - mean)^2 / n^2 for infinitely many
 * trees, and over samples it is the variance of a mean. */
static void variance_of_a_bagged_mean(void **state)
{
    (void)state;
    enum { N = 40, N_SAMPLES = 60 };
    double constant[N], sample[N], mean_variance = 0, means = 0, squares = 0, worst = 0;
    az_stream stream = az_stream_new(2, "bagged mean");
    for (uint64_t r = 0; r < N_SAMPLES; r++) {
        double deviation[N], prediction[N], mean = 0, exact = 0;
        az_table *table;
        for (uint64_t i = 0; i < N; i++) {
            constant[i] = (double)(i % 2);
            sample[i] = 3 + 2 * az_random_normal(stream, r, i);
            mean += sample[i] / N;
        }
        for (int i = 0; i < N; i++) exact += (sample[i] - mean) * (sample[i] - mean) / N / N;
        assert_int_equal(az_table_new(&table, N), AZ_OK);
        assert_int_equal(az_table_add_numeric(table, "x", NULL, constant, 1), AZ_OK);
        assert_int_equal(az_table_add_numeric(table, "y", NULL, sample, 1), AZ_OK);
        az_model *model = fit(table, "bagging", "y", "x", NULL, "n_estimators=400 min_samples_leaf=40");
        assert_int_equal(az_predict_deviation(model, table, deviation, NULL), AZ_OK);
        assert_int_equal(az_predict_table(model, table, prediction, NULL, NULL), AZ_OK);
        worst = fmax(worst, fabs(deviation[0] * deviation[0] / exact - 1));
        mean_variance += deviation[0] * deviation[0] / N_SAMPLES;
        means += prediction[0] / N_SAMPLES;
        squares += prediction[0] * prediction[0] / N_SAMPLES;
        az_model_free(model);
        az_table_free(table);
    }
    print_message("  variance of a bagged mean: %.4f on average by the jackknife, %.4f of the predictions, 4/40 = 0.1; "
                  "at most %.0f %% from that of infinitely many trees\n",
                  mean_variance, squares - means * means, 100 * worst);
    /* (n - 1) / n of it is expected; the mean of 60 such variances scatters by sqrt(2 / 39 / 60) = 3 %, and the noise
     * of 400 trees, sqrt(2 n) / B = 2.2 % of a tree's variance of 1/n, comes to 2.2 %. */
    assert_true(fabs(mean_variance / (0.1 * 39 / 40) - 1) < 0.12);
    assert_true(worst < 0.6);
}

/* Forests of full trees on many samples: how far their predictions scatter, and what each says of it.  Of first order,
 * the jackknife says rather too little (Wager, Hastie and Efron 2014, section 4, on its bias). */
static void deviation_of_forests(void **state)
{
    (void)state;
    enum { N = 150, N_QUERY = 30, N_SAMPLES = 40, P = 5 };
    static double x[P][N], target[N], query[P][N_QUERY], prediction[N_QUERY], deviation[N_QUERY];
    static double sum[N_QUERY], squares[N_QUERY];
    const char *const names[P] = {"a", "b", "c", "d", "e"};
    az_stream stream = az_stream_new(6, "forests");
    az_table *table, *points;
    double scatter = 0, said = 0;
    assert_int_equal(az_table_new(&points, N_QUERY), AZ_OK);
    for (uint64_t j = 0; j < P; j++) {
        for (uint64_t i = 0; i < N_QUERY; i++) query[j][i] = az_random_uniform(stream, 1000000 + i, j);
        assert_int_equal(az_table_add_numeric(points, names[j], NULL, query[j], 1), AZ_OK);
    }
    for (uint64_t r = 0; r < N_SAMPLES; r++) {
        char parameters[64];
        assert_int_equal(az_table_new(&table, N), AZ_OK);
        for (uint64_t i = 0; i < N; i++) {
            for (uint64_t j = 0; j < P; j++) x[j][i] = az_random_uniform(stream, r * N + i, j);
            target[i] = 10 * sin(3.14159265358979 * x[0][i] * x[1][i]) + 20 * (x[2][i] - 0.5) * (x[2][i] - 0.5) +
                        10 * x[3][i] + 5 * x[4][i] + az_random_normal(stream, r * N + i, 9);
        }
        for (int j = 0; j < P; j++) assert_int_equal(az_table_add_numeric(table, names[j], NULL, x[j], 1), AZ_OK);
        assert_int_equal(az_table_add_numeric(table, "y", NULL, target, 1), AZ_OK);
        snprintf(parameters, sizeof parameters, "n_estimators=500 seed=%d", (int)r);
        az_model *model = fit(table, "forest", "y", NULL, NULL, parameters);
        assert_int_equal(az_predict_table(model, points, prediction, NULL, NULL), AZ_OK);
        assert_int_equal(az_predict_deviation(model, points, deviation, NULL), AZ_OK);
        for (int i = 0; i < N_QUERY; i++) {
            sum[i] += prediction[i];
            squares[i] += prediction[i] * prediction[i];
            said += deviation[i] * deviation[i] / N_QUERY / N_SAMPLES;
        }
        az_model_free(model);
        az_table_free(table);
    }
    for (int i = 0; i < N_QUERY; i++) scatter += (squares[i] - sum[i] * sum[i] / N_SAMPLES) / (N_SAMPLES - 1) / N_QUERY;
    print_message("  predictions of forests scatter by %.3f, they say %.3f\n", sqrt(scatter), sqrt(said));
    assert_true(said > 0.3 * scatter && said < 1.2 * scatter);
    az_table_free(points);
}

/* A forest that goes on, or whose parts were merged, is as sure as one that was fitted at once; on other rows the parts
 * count as independent. */
static void parts(void **state)
{
    (void)state;
    static double whole[N_ROWS], joined[N_ROWS], one[N_ROWS], other[N_ROWS], of_levels[2][N_ROWS][2 * N_LEVELS];
    az_table *table = make_table(0);
    az_model *forty = fit(table, "forest", "y,second", "a,b", "w", "n_estimators=40 keep_targets=true");
    az_model *ten = fit(table, "forest", "y,second", "a,b", "w", "n_estimators=10 keep_targets=true"), *more;
    static double pair[2][N_ROWS][2];
    assert_int_equal(az_fit_extend(&more, ten, table, "n_estimators=40", NULL), AZ_OK);
    assert_int_equal(az_predict_deviation(forty, table, &pair[0][0][0], NULL), AZ_OK);
    assert_int_equal(az_predict_deviation(more, table, &pair[1][0][0], NULL), AZ_OK);
    assert_memory_equal(pair[0], pair[1], sizeof pair[0]);
    assert_int_equal(az_predict_quantiles(forty, table, levels, N_LEVELS, &of_levels[0][0][0], NULL), AZ_OK);
    assert_int_equal(az_predict_quantiles(more, table, levels, N_LEVELS, &of_levels[1][0][0], NULL), AZ_OK);
    assert_memory_equal(of_levels[0], of_levels[1], sizeof of_levels[0]);
    az_model_free(more);
    az_model_free(ten);
    az_model_free(forty);

    /* The same rows, other seeds: all trees together. */
    az_model *first = fit(table, "forest", "y", "a,b", NULL, "n_estimators=100 seed=1");
    az_model *again = fit(table, "forest", "y", "a,b", NULL, "n_estimators=100 seed=2"), *both;
    assert_int_equal(az_model_merge(&both, first, again), AZ_OK);
    assert_int_equal(az_predict_deviation(both, table, joined, NULL), AZ_OK);
    az_model_free(both);
    az_model *double_sized = fit(table, "forest", "y", "a,b", NULL, "n_estimators=200 seed=1");
    assert_int_equal(az_predict_deviation(double_sized, table, whole, NULL), AZ_OK);
    double sums[2] = {0};
    for (int i = 0; i < N_ROWS; i++) {
        sums[0] += whole[i] * whole[i];
        sums[1] += joined[i] * joined[i];
    }
    assert_true(fabs(sums[1] / sums[0] - 1) < 0.3);

    /* Other rows: half of each, squared. */
    az_table *elsewhere = make_table(1000);
    az_model *distant = fit(elsewhere, "forest", "y", "a,b", NULL, "n_estimators=100 seed=2");
    assert_int_equal(az_model_merge(&both, first, distant), AZ_OK);
    assert_int_equal(az_predict_deviation(both, table, joined, NULL), AZ_OK);
    assert_int_equal(az_predict_deviation(first, table, one, NULL), AZ_OK);
    assert_int_equal(az_predict_deviation(distant, table, other, NULL), AZ_OK);
    int n = 0;
    for (int i = 0; i < N_ROWS; i++) {
        if (one[i] == 0 || other[i] == 0) continue; /* a negative variance is shown as 0 */
        n++;
        assert_true(fabs(joined[i] - sqrt(one[i] * one[i] + other[i] * other[i]) / 2) < 1e-9 * one[i]);
    }
    assert_true(n > 50);
    az_model_free(both);

    /* Quantiles of merged forests are those of the distributions' mean: extremes are the extremes of both. */
    az_model *kept[2] = {fit(table, "forest", "y", "a,b", NULL, "n_estimators=20 keep_targets=true seed=1"),
                         fit(elsewhere, "forest", "y", "a,b", NULL, "n_estimators=20 keep_targets=true seed=2")};
    static double ends[3][N_ROWS][2];
    const double extremes[2] = {0, 1};
    assert_int_equal(az_model_merge(&both, kept[0], kept[1]), AZ_OK);
    az_model *const three[3] = {kept[0], kept[1], both};
    for (int m = 0; m < 3; m++)
        assert_int_equal(az_predict_quantiles(three[m], table, extremes, 2, &ends[m][0][0], NULL), AZ_OK);
    for (int i = 0; i < N_ROWS; i++) {
        assert_true(ends[2][i][0] == fmin(ends[0][i][0], ends[1][i][0]));
        assert_true(ends[2][i][1] == fmax(ends[0][i][1], ends[1][i][1]));
    }
    az_model_free(both);
    /* Of a part without rows in its leaves the whole has none. */
    assert_int_equal(az_model_merge(&both, kept[0], distant), AZ_OK);
    assert_int_equal(az_predict_quantiles(both, table, levels, N_LEVELS, &of_levels[0][0][0], NULL), AZ_ERROR_USAGE);
    az_model *const all[] = {both, kept[0], kept[1], distant, double_sized, first, again};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) az_model_free(all[i]);
    az_table_free(elsewhere);
    az_table_free(table);
}

/* A row of weight 2 in a leaf is the row twice, a logarithm of the target changes no quantile, more threads and a file
 * change no bit. */
static void quantiles_of_weighted_rows(void **state)
{
    (void)state;
    enum { N = 2 * N_ROWS };
    static double found[N_ROWS][N_LEVELS], other[N_ROWS][N_LEVELS], twice[3][N];
    az_table *table = make_table(0), *repeated;
    int n = 0;
    for (int i = 0; i < N_ROWS; i++)
        for (int c = 0; c < (i % 3 == 1 ? 2 : 1); c++, n++) {
            twice[0][n] = a[i];
            twice[1][n] = b[i];
            twice[2][n] = y[i];
            weight[i] = i % 3 == 1 ? 2 : 1;
        }
    assert_int_equal(az_table_new(&repeated, n), AZ_OK);
    assert_int_equal(az_table_add_numeric(repeated, "a", NULL, twice[0], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(repeated, "b", NULL, twice[1], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(repeated, "y", NULL, twice[2], 1), AZ_OK);
    /* Leaves of more than one value: splits end at a depth, not at a number of rows. */
    const char *parameters = "n_estimators=1 bootstrap=false max_depth=4 keep_targets=true";
    az_model *weighted = fit(table, "bagging", "y", "a,b", "w", parameters);
    az_model *plain = fit(repeated, "bagging", "y", "a,b", NULL, parameters);
    assert_int_equal(az_predict_quantiles(weighted, table, levels, N_LEVELS, &found[0][0], NULL), AZ_OK);
    assert_int_equal(az_predict_quantiles(plain, table, levels, N_LEVELS, &other[0][0], NULL), AZ_OK);
    assert_memory_equal(found, other, sizeof found);
    az_model_free(plain);
    az_model_free(weighted);

    az_model *model = fit(table, "forest", "second", "a,b", NULL,
                          "n_estimators=30 keep_targets=true transform_target=log min_samples_leaf=4"),
             *read;
    assert_int_equal(az_predict_quantiles(model, table, levels, N_LEVELS, &found[0][0], NULL), AZ_OK);
    for (int i = 0; i < N_ROWS; i++)
        for (int q = 0; q < N_LEVELS; q++) {
            double nearest = INFINITY;
            for (int j = 0; j < N_ROWS; j++) nearest = fmin(nearest, fabs(found[i][q] - second[j]));
            assert_true(nearest < 1e-14); /* a training target, not its logarithm */
            assert_true(q == 0 || found[i][q] >= found[i][q - 1]);
        }
    char path[] = "/tmp/az_spread_XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    assert_int_equal(az_model_write(model, path), AZ_OK);
    assert_int_equal(az_model_read(&read, path), AZ_OK);
    remove(path);
    az_control control = {.n_threads = 3};
    assert_int_equal(az_predict_quantiles(read, table, levels, N_LEVELS, &other[0][0], &control), AZ_OK);
    assert_memory_equal(found, other, sizeof found);
    static double deviation[2][N_ROWS];
    assert_int_equal(az_predict_deviation(model, table, deviation[0], NULL), AZ_OK);
    assert_int_equal(az_predict_deviation(read, table, deviation[1], &control), AZ_OK);
    assert_memory_equal(deviation[0], deviation[1], sizeof deviation[0]);
    /* exp(p) varies by exp(p) times as much as p. */
    az_model *logarithms = NULL;
    static double logs[N_ROWS], of_logs[N_ROWS], prediction[N_ROWS];
    for (int i = 0; i < N_ROWS; i++) logs[i] = log(second[i]);
    assert_int_equal(az_table_add_numeric(table, "logs", NULL, logs, 1), AZ_OK);
    logarithms = fit(table, "forest", "logs", "a,b", NULL, "n_estimators=30 min_samples_leaf=4");
    assert_int_equal(az_predict_deviation(logarithms, table, of_logs, NULL), AZ_OK);
    assert_int_equal(az_predict_table(model, table, prediction, NULL, NULL), AZ_OK);
    for (int i = 0; i < N_ROWS; i++) assert_true(fabs(deviation[0][i] - of_logs[i] * prediction[i]) < 1e-12);
    az_model_free(logarithms);
    az_model_free(read);
    az_model_free(model);
    az_table_free(repeated);
    az_table_free(table);
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *class, *target, *parameters, *deviation, *quantiles;
    } cases[] = {
        {"extra_trees", "y", "n_estimators=3", "bootstrap", "keep_targets"},
        {"forest", "y", "n_estimators=1", "single tree", "keep_targets"},
        {"tree", "y", "", "every tree saw every row", "keep_targets"},
        {"boosting", "y", "n_estimators=3", "which rows", "keep_targets"},
        {"linear", "y", "", "which rows", "keep_targets"},
        {"forest", "label", "n_estimators=3", NULL, "keep_targets"},
    };
    az_table *table = make_table(0);
    static double out[2 * N_ROWS];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        az_model *model = fit(table, cases[i].class, cases[i].target, "a,b", NULL, cases[i].parameters);
        assert_int_equal(az_predict_deviation(model, table, out, NULL), cases[i].deviation ? AZ_ERROR_USAGE : AZ_OK);
        if (cases[i].deviation) assert_non_null(strstr(az_error_message(), cases[i].deviation));
        assert_int_equal(az_predict_quantiles(model, table, levels, 1, out, NULL), AZ_ERROR_USAGE);
        assert_non_null(strstr(az_error_message(), cases[i].quantiles));
        az_model_free(model);
    }
    az_model *model = fit(table, "forest", "y", "a,b", NULL, "n_estimators=3 keep_targets=true");
    assert_int_equal(az_predict_quantiles(model, table, levels, 0, out, NULL), AZ_ERROR_USAGE);
    assert_int_equal(az_predict_quantiles(model, table, (double[]){1.5}, 1, out, NULL), AZ_ERROR_USAGE);
    assert_int_equal(az_predict_quantiles(model, table, (double[]){NAN}, 1, out, NULL), AZ_ERROR_USAGE);
    az_model_free(model);
    const az_roles roles = {.target = "label"};
    assert_int_equal(az_fit_roles(&model, "forest", table, &roles, "keep_targets=true", NULL), AZ_ERROR_USAGE);
    az_table_free(table);
}

/* Every allocation made to fail in turn. */
static az_status everything(void *context)
{
    const az_table *table = context;
    const az_roles roles = {.target = "y", .features = "a,b", .weight = "w"};
    static double out[N_ROWS * N_LEVELS];
    az_model *model = NULL, *more = NULL;
    az_status status;
    AZ_GOTO(az_fit_roles(&model, "forest", table, &roles, "n_estimators=2 keep_targets=true", NULL));
    AZ_GOTO(az_fit_extend(&more, model, table, "n_estimators=3", NULL));
    AZ_GOTO(az_predict_deviation(more, table, out, NULL));
    AZ_GOTO(az_predict_quantiles(more, table, levels, N_LEVELS, out, NULL));
done:
    az_model_free(model);
    az_model_free(more);
    return status;
}

static void out_of_memory(void **state)
{
    (void)state;
    az_table *table = make_table(0);
    const long n = fail_each_allocation(everything, table);
    if (n < 0) fail_msg("allocation %ld", -n);
    assert_true(n > 50);
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_other_programs),
        cmocka_unit_test(against_quantile_forest),
        cmocka_unit_test(deviation_by_its_definition),
        cmocka_unit_test(variance_of_a_bagged_mean),
        cmocka_unit_test(deviation_of_forests),
        cmocka_unit_test(parts),
        cmocka_unit_test(quantiles_of_weighted_rows),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
