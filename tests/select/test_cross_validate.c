/* SPDX-License-Identifier: BSD-3-Clause */
/* Cross-validation against the same thing done by hand, with models whose predictions are known in closed form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "select/cross_validate.h"
#include <math.h>
#include <string.h>

enum { N_ROWS = 60, N_FOLDS = 5 };

static double x[N_ROWS], y[N_ROWS], weight[N_ROWS], hour[N_ROWS];
static const char *label[N_ROWS];

static az_table *make_table(void)
{
    az_stream stream = az_stream_new(1, "cross-validation test");
    az_table *table;
    for (int i = 0; i < N_ROWS; i++) {
        uint64_t row = (uint64_t)i;
        x[i] = az_random_normal(stream, row, 0);
        y[i] = 1 + 2 * x[i] + az_random_normal(stream, row, 1);
        weight[i] = 0.5 + az_random_uniform(stream, row, 2);
        hour[i] = i;
        label[i] = i == 7 ? "rare" : i % 3 ? "often" : "sometimes";
    }
    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "x", NULL, x, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "weight", NULL, weight, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "hour", NULL, hour, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", label), AZ_OK);
    return table;
}

static az_problem *make_problem(const az_table *table, az_roles roles)
{
    az_problem *problem;
    roles.features = "x";
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    assert_int_equal(problem->n_rows, N_ROWS);
    return problem;
}

static const az_model_class *dummy(void)
{
    const az_model_class *class = az_model_class_find("dummy");
    assert_non_null(class);
    return class;
}

/* The dummy predicts the weighted mean of the training rows: predictions and scores written out here, in each fold. */
static void equals_the_formula(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_problem *problem = make_problem(table, (az_roles){.target = "y", .weight = "weight"});
    int32_t fold[N_ROWS];
    for (int i = 0; i < N_ROWS; i++) fold[i] = i % 5 == 0 ? 0 : 1 + i % 2; /* of unequal sizes */
    az_split_options split = {.kind = AZ_SPLIT_RANDOM};
    az_cv_result result;
    assert_int_equal(az_cross_validate(&result, dummy(), NULL, NULL, problem, fold, 3, &split, NULL), AZ_OK);
    assert_int_equal(result.status, AZ_OK);
    double rmse[3], mean = 0, variance = 0;
    for (int k = 0; k < 3; k++) {
        double sum = 0, weights = 0, squares = 0, tested = 0;
        for (int i = 0; i < N_ROWS; i++) {
            if (fold[i] == k) continue;
            sum += weight[i] * y[i];
            weights += weight[i];
        }
        for (int i = 0; i < N_ROWS; i++) {
            if (fold[i] != k) continue;
            assert_true(fabs(result.prediction[i] - sum / weights) < 1e-14);
            squares += weight[i] * (y[i] - sum / weights) * (y[i] - sum / weights);
            tested += weight[i];
        }
        rmse[k] = sqrt(squares / tested);
        mean += rmse[k] / 3;
        assert_true(fabs(result.values[k * result.n_metrics] - rmse[k]) < 1e-13);
    }
    for (int k = 0; k < 3; k++) variance += (rmse[k] - mean) * (rmse[k] - mean) / 2;
    assert_true(fabs(result.mean[0] - mean) < 1e-13);
    assert_true(fabs(result.std_error[0] - sqrt(variance / 3)) < 1e-13);
    assert_true(result.converged && result.seconds > 0);
    az_cv_result_free(&result);
    az_problem_free(problem);
    az_table_free(table);
}

/* The same bits whether the folds run one after another or side by side. */
static void threads_do_not_show(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_problem *problem = make_problem(table, (az_roles){.target = "y"});
    int32_t fold[N_ROWS];
    for (int i = 0; i < N_ROWS; i++) fold[i] = i % N_FOLDS;
    az_split_options split = {.kind = AZ_SPLIT_RANDOM};
    for (int c = 0; az_model_classes[c]; c++) {
        if (!(az_model_classes[c]->tasks & AZ_REGRESSION) || az_model_classes[c]->inputs) continue;
        az_cv_result one, four;
        az_control control = {.n_threads = 4};
        assert_int_equal(az_cross_validate(&one, az_model_classes[c], NULL, NULL, problem, fold, N_FOLDS, &split, NULL),
                         AZ_OK);
        assert_int_equal(
            az_cross_validate(&four, az_model_classes[c], NULL, NULL, problem, fold, N_FOLDS, &split, &control), AZ_OK);
        if (one.status) fail_msg("%s: %s", az_model_classes[c]->name, one.error);
        assert_memory_equal(one.values, four.values, sizeof *one.values * (size_t)(N_FOLDS * one.n_metrics));
        assert_memory_equal(one.prediction, four.prediction, sizeof y);
        az_cv_result_free(&one);
        az_cv_result_free(&four);
    }
    az_problem_free(problem);
    az_table_free(table);
}

/* A class that one fold's training rows lack has probability 0 there, and the columns stay the problem's classes. */
static void a_class_absent_from_training(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_problem *problem = make_problem(table, (az_roles){.target = "label"});
    assert_int_equal(problem->n_classes, 3);
    assert_string_equal(problem->classes[1], "rare");
    int32_t fold[N_ROWS];
    for (int i = 0; i < N_ROWS; i++) fold[i] = i % 2;
    az_split_options split = {.kind = AZ_SPLIT_RANDOM};
    az_cv_result result;
    assert_int_equal(az_cross_validate(&result, dummy(), NULL, NULL, problem, fold, 2, &split, NULL), AZ_OK);
    assert_int_equal(result.status, AZ_OK);
    assert_int_equal(result.n_outputs, 3);
    for (int i = 0; i < N_ROWS; i++) {
        const double *p = result.prediction + 3 * i;
        assert_true(fabs(p[0] + p[1] + p[2] - 1) < 1e-15);
        assert_true(fold[i] == 1 ? p[1] == 0 : p[1] > 0); /* row 7, the rare one, is tested in fold 1 */
    }
    az_cv_result_free(&result);
    az_problem_free(problem);
    az_table_free(table);
}

/* A model that fails says why in its result; the others go on, are sorted best first, and stand before it. */
static az_status failing_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                             az_fit_result *result)
{
    (void)fitted, (void)sample, (void)options, (void)control, (void)result;
    return az_error(AZ_ERROR_DATA, "this model always fails");
}

static az_status interrupted_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                                 az_fit_result *result)
{
    (void)fitted, (void)sample, (void)options, (void)control, (void)result;
    return az_error(AZ_INTERRUPTED, "interrupted");
}

typedef struct witness {
    int n_reports;
    double done, total;
    bool stop;
} witness;

static void on_progress(void *user, const az_progress *progress)
{
    witness *w = user;
    if (strcmp(progress->what, "comparison") != 0) return;
    w->n_reports++;
    w->done = progress->done;
    w->total = progress->total;
}

static bool on_interrupted(void *user)
{
    return ((witness *)user)->stop;
}

static void failures_do_not_stop_others(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_problem *problem = make_problem(table, (az_roles){.target = "y"});
    az_model_class failing = *dummy(), median = *dummy();
    failing.name = "failing";
    failing.fit = failing_fit;
    median.name = "again";
    const az_model_class *classes[] = {&failing, &median, dummy()};
    const az_metric *metric = az_metric_find("r2", AZ_REGRESSION);
    az_split_options split = {.kind = AZ_SPLIT_AUTO, .seed = 3};
    az_cv_result *results;
    int64_t n;
    witness w = {0};
    az_control control = {.progress = on_progress, .user = &w};
    for (int n_threads = 1; n_threads <= 2; n_threads++) {
        control.n_threads = n_threads;
        assert_int_equal(az_compare(&results, &n, classes, 3, NULL, problem, N_FOLDS, metric, &split, &control), AZ_OK);
        assert_int_equal(n, 3);
        assert_ptr_equal(results[0].class, &median); /* equal scores keep their order */
        assert_ptr_equal(results[1].class, dummy());
        assert_ptr_equal(results[2].class, &failing);
        assert_int_equal(results[2].status, AZ_ERROR_DATA);
        assert_string_equal(results[2].error, "fold 1 of 5: this model always fails");
        assert_null(results[2].prediction);
        for (int i = 0; i < 3; i++) az_cv_result_free(&results[i]);
        az_free(results);
        if (n_threads == 1) {
            assert_int_equal(w.n_reports, 2 * N_FOLDS);
            assert_true(w.done == 3 * N_FOLDS && w.total == 3 * N_FOLDS);
        }
    }
    az_problem_free(problem);
    az_table_free(table);
}

static void interrupts_end_the_call(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_problem *problem = make_problem(table, (az_roles){.target = "y"});
    az_model_class interrupted = *dummy();
    interrupted.fit = interrupted_fit;
    const az_model_class *classes[] = {dummy(), &interrupted};
    az_split_options split = {.kind = AZ_SPLIT_AUTO};
    az_cv_result *results;
    int64_t n;
    witness w = {.stop = true};
    az_control control = {.interrupted = on_interrupted, .user = &w};
    const az_metric *metric = az_metric_default(AZ_REGRESSION);
    assert_int_equal(az_compare(&results, &n, classes, 1, NULL, problem, N_FOLDS, metric, &split, &control),
                     AZ_INTERRUPTED);
    control.interrupted = NULL;
    for (int n_threads = 1; n_threads <= 2; n_threads++) {
        control.n_threads = n_threads;
        assert_int_equal(az_compare(&results, &n, classes, 2, NULL, problem, N_FOLDS, metric, &split, &control),
                         AZ_INTERRUPTED);
    }
    metric = az_metric_default(AZ_CLASSIFICATION);
    assert_int_equal(az_compare(&results, &n, classes, 1, NULL, problem, N_FOLDS, metric, &split, NULL),
                     AZ_ERROR_USAGE);
    az_problem_free(problem);
    az_table_free(table);
}

/* With a gap as long as the series no row is left to train on, and the model's error says what to do. */
static void a_gap_too_long(void **state)
{
    (void)state;
    az_table *table = make_table();
    az_problem *problem = make_problem(table, (az_roles){.target = "y", .time = "hour"});
    const az_model_class *classes[] = {dummy()};
    az_split_options split = {.kind = AZ_SPLIT_AUTO, .gap = N_ROWS};
    az_cv_result *results;
    int64_t n;
    const az_metric *metric = az_metric_default(AZ_REGRESSION);
    assert_int_equal(az_compare(&results, &n, classes, 1, NULL, problem, N_FOLDS, metric, &split, NULL), AZ_OK);
    assert_int_equal(results[0].status, AZ_ERROR_DATA);
    assert_non_null(strstr(results[0].error, "gap"));
    az_cv_result_free(&results[0]);
    az_free(results);
    az_problem_free(problem);
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_formula),           cmocka_unit_test(threads_do_not_show),
        cmocka_unit_test(a_class_absent_from_training), cmocka_unit_test(failures_do_not_stop_others),
        cmocka_unit_test(interrupts_end_the_call),      cmocka_unit_test(a_gap_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
