/* SPDX-License-Identifier: BSD-3-Clause */
/* Logistic regression: scikit-learn's probabilities at the minimum, closed forms, and what must not change them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "models/classifier_data.h"
#include "models/logistic_loss.h"
#include <float.h>
#include <unistd.h>

extern const az_model_class az_logistic;

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void same_as_scikit_learn(void **state)
{
    (void)state;
    if (!getenv("ANSATZ_DATA")) skip();
    for (size_t c = 0; c < COUNT(frozen_classifiers); c++) {
        const frozen_classifier *frozen = &frozen_classifiers[c];
        if (strcmp(frozen->model, "logistic") != 0) continue;
        classifier_data data;
        az_fit_result result;
        assert_int_equal(classifier_data_read(&data, frozen), AZ_OK);
        double *probability = az_alloc_array(data.sample.n_rows * frozen->n_classes, sizeof *probability);
        assert_non_null(probability);
        assert_int_equal(classifier_run(&az_logistic, &data, frozen->parameters, NULL, probability, &result, NULL),
                         AZ_OK);
        double distance = classifier_distance(frozen, probability, data.sample.n_rows);
        if (!(distance <= 1e-6) || !result.converged)
            fail_msg("%s (scaled %d, \"%s\"): probabilities differ by %g; %s after %lld steps", frozen->table,
                     frozen->scaled, frozen->parameters, distance, result.converged ? "converged" : "not converged",
                     (long long)result.n_iterations);
        az_free(probability);
        classifier_data_free(&data);
    }
}

/* exp is rounded correctly to within two units in the last place; outside the range of normal numbers it is 0. */
static void exponential(void **state)
{
    (void)state;
    enum { N = 100000 };
    static double x[N], expected[N];
    for (int i = 0; i < N; i++) {
        x[i] = i < N / 2 ? -708.0 * i / N * 2 : -1.0 * (i - N / 2) / N;
        expected[i] = exp(x[i]);
    }
    az_exp_nonpositive(N, x);
    for (int i = 0; i < N; i++) assert_true(fabs(x[i] - expected[i]) <= 2 * DBL_EPSILON * expected[i]);
    double special[] = {0, -0.0, -709, -1e308, -INFINITY};
    az_exp_nonpositive(5, special);
    assert_true(special[0] == 1 && special[1] == 1 && special[2] == 0 && special[3] == 0 && special[4] == 0);
}

/* A yes-no feature and no penalty: the coefficients are log odds, their errors roots of sums of 1 / count (Agresti
 * 2013, 3.1.1). */
static void odds_of_a_two_by_two_table(void **state)
{
    (void)state;
    static const double counts[2][2] = {{13, 7}, {4, 21}}; /* [feature][class] */
    classifier_data data;
    void *model = NULL;
    az_linear_map map;
    az_fact facts[AZ_MAX_FACTS];
    assert_int_equal(classifier_data_new(&data, 4, 1, 2), AZ_OK);
    for (int i = 0; i < 4; i++) {
        data.x[i] = data.rows[i] = i / 2;
        data.label[i] = i % 2;
        data.weight[i] = counts[i / 2][i % 2];
    }
    data.sample.weight = data.weight;
    assert_int_equal(classifier_run(&az_logistic, &data, "penalty=none", NULL, NULL, NULL, &model), AZ_OK);
    az_logistic.linear_map(model, &map);
    assert_int_equal(map.n_outputs, 1);
    double intercept = log(7.0 / 13), slope = log(21.0 / 4) - intercept;
    assert_true(fabs(map.intercept[0] - intercept) < 1e-9);
    assert_true(fabs(map.coefficient[0] - slope) < 1e-9);
    assert_non_null(map.covariance);
    assert_true(fabs(map.variance[0] * map.covariance[0] - (1.0 / 13 + 1.0 / 7)) < 1e-9);
    assert_true(fabs(map.variance[0] * map.covariance[1] + (1.0 / 13 + 1.0 / 7)) < 1e-9);
    assert_true(fabs(map.variance[0] * map.covariance[3] - (1.0 / 13 + 1.0 / 7 + 1.0 / 4 + 1.0 / 21)) < 1e-9);
    assert_true(map.dof == INFINITY);
    assert_true(az_logistic.facts(model, facts) >= 1);
    double expected = 13 * log(13.0 / 20) + 7 * log(7.0 / 20) + 4 * log(4.0 / 25) + 21 * log(21.0 / 25);
    assert_string_equal(facts[0].name, "log_likelihood");
    assert_true(fabs(facts[0].value - expected) < 1e-10);
    az_logistic.free(model);
    classifier_data_free(&data);
}

/* Groups told apart by indicators and no penalty: each group's probabilities are its frequencies, with the intercept
 * and all indicators (one too many) as without. */
static void frequencies_of_groups(void **state)
{
    (void)state;
    static const double counts[3][3] = {{5, 2, 3}, {1, 6, 4}, {2, 2, 9}}, totals[] = {10, 11, 13};
    classifier_data data;
    double p[27];
    assert_int_equal(classifier_data_new(&data, 9, 3, 3), AZ_OK);
    for (int i = 0; i < 9; i++) {
        for (int j = 0; j < 3; j++) data.x[j * 9 + i] = i / 3 == j;
        data.label[i] = i % 3;
        data.weight[i] = counts[i / 3][i % 3];
    }
    data.sample.weight = data.weight;
    classifier_data_rows(&data);
    static const char *const parameters[] = {"penalty=none", "penalty=none fit_intercept=false"};
    for (size_t c = 0; c < COUNT(parameters); c++) {
        az_fit_result result;
        assert_int_equal(classifier_run(&az_logistic, &data, parameters[c], NULL, p, &result, NULL), AZ_OK);
        assert_true(result.converged);
        for (int i = 0; i < 27; i++) assert_true(fabs(p[i] - counts[i / 9][i % 3] / totals[i / 9]) < 1e-8);
    }
    classifier_data_free(&data);
}

/* Overlapping clouds: n_classes of them in n_features dimensions. */
static void clouds(classifier_data *data, int64_t n_rows, int64_t n_features, int32_t n_classes)
{
    az_stream stream = az_stream_new(11, "clouds");
    assert_int_equal(classifier_data_new(data, n_rows, n_features, n_classes), AZ_OK);
    for (int64_t i = 0; i < n_rows; i++) {
        data->label[i] = (int32_t)(i % n_classes);
        data->weight[i] = 1 + (double)(i % 3);
        for (int64_t j = 0; j < n_features; j++)
            data->x[j * n_rows + i] = az_random_normal(stream, (uint64_t)i, (uint64_t)j) +
                                      0.8 * az_random_normal(stream, (uint64_t)data->label[i], (uint64_t)(1000 + j));
    }
    classifier_data_rows(data);
}

/* The same bits from 1, 2 and 4 threads, where the preconditioner is made from some of the rows and where from all. */
static void threads_change_nothing(void **state)
{
    (void)state;
    static const struct {
        int64_t n_rows, n_features;
        int32_t n_classes;
        const char *parameters;
    } cases[] = {{20011, 30, 5, ""}, {3001, 12, 2, ""}, {1500, 8, 3, "penalty=l1 C=0.05"}};
    for (size_t c = 0; c < COUNT(cases); c++) {
        classifier_data data;
        clouds(&data, cases[c].n_rows, cases[c].n_features, cases[c].n_classes);
        int64_t n = cases[c].n_rows * cases[c].n_classes;
        double *first = az_alloc_array(n, sizeof *first), *other = az_alloc_array(n, sizeof *other);
        for (int threads = 1; threads <= 4; threads *= 2) {
            az_control control = {.n_threads = threads};
            az_fit_result result;
            assert_int_equal(classifier_run(&az_logistic, &data, cases[c].parameters, &control,
                                            threads == 1 ? first : other, &result, NULL),
                             AZ_OK);
            assert_true(result.converged);
            if (threads > 1) assert_memory_equal(first, other, (size_t)n * sizeof *first);
        }
        az_free(first);
        az_free(other);
        classifier_data_free(&data);
    }
}

/* Weights 1, 2, 3 against rows given once, twice, three times. */
static void repeat_is_weight(void **state)
{
    (void)state;
    static const char *const parameters[] = {"", "class_weight=balanced C=0.1", "penalty=l1 C=0.1", "penalty=none"};
    enum { N = 300 };
    for (size_t c = 0; c < COUNT(parameters); c++) {
        classifier_data weighted, repeated;
        double a[3 * N], b[3 * N];
        void *model = NULL;
        clouds(&weighted, N, 3, 3);
        weighted.sample.weight = weighted.weight;
        assert_int_equal(classifier_data_new(&repeated, 2 * N, 3, 3), AZ_OK);
        for (int64_t i = 0, row = 0; i < N; i++)
            for (int64_t copy = 0; copy <= i % 3; copy++, row++) {
                for (int64_t j = 0; j < 3; j++) repeated.x[j * 2 * N + row] = weighted.x[j * N + i];
                repeated.label[row] = weighted.label[i];
            }
        assert_int_equal(classifier_run(&az_logistic, &weighted, parameters[c], NULL, a, NULL, NULL), AZ_OK);
        assert_int_equal(classifier_run(&az_logistic, &repeated, parameters[c], NULL, NULL, NULL, &model), AZ_OK);
        az_logistic.predict(model, weighted.rows, N, b, NULL);
        for (int i = 0; i < 3 * N; i++) assert_true(fabs(a[i] - b[i]) < 1e-8);
        az_logistic.free(model);
        classifier_data_free(&weighted);
        classifier_data_free(&repeated);
    }
}

/* All coefficients are 0 exactly as long as C max_j |sum_i (y_i - mean y) x_ij| <= 1. */
static void where_the_first_coefficient_appears(void **state)
{
    (void)state;
    enum { N = 200, P = 6 };
    classifier_data data;
    clouds(&data, N, P, 2);
    double greatest = 0;
    for (int j = 0; j < P; j++) {
        double sum = 0;
        for (int i = 0; i < N; i++) sum += (data.label[i] - 0.5) * data.x[j * N + i];
        greatest = fmax(greatest, fabs(sum));
    }
    for (int side = 0; side < 2; side++) {
        char parameters[64];
        snprintf(parameters, sizeof parameters, "penalty=l1 C=%.17g", (side ? 1.001 : 0.999) / greatest);
        void *model = NULL;
        az_linear_map map;
        int n_nonzero = 0;
        assert_int_equal(classifier_run(&az_logistic, &data, parameters, NULL, NULL, NULL, &model), AZ_OK);
        az_logistic.linear_map(model, &map);
        for (int j = 0; j < P; j++) n_nonzero += map.coefficient[j] != 0;
        assert_int_equal(n_nonzero, side);
        assert_null(map.covariance);
        az_logistic.free(model);
    }
    classifier_data_free(&data);
}

typedef struct listener {
    int n_calls, stop_at, n_warnings;
    char text[512];
} listener;

static bool stop_now(void *user)
{
    listener *heard = user;
    return ++heard->n_calls == heard->stop_at;
}

static void hear(void *user, az_level level, const char *text)
{
    listener *heard = user;
    heard->n_warnings += level == AZ_WARNING;
    if (level == AZ_WARNING) snprintf(heard->text, sizeof heard->text, "%s", text);
}

/* Interrupted after the second step and resumed: not a bit differs from the fit in one go. */
static void resumed_from_a_checkpoint(void **state)
{
    (void)state;
    static const char *const parameters[] = {"", "penalty=l1 C=0.05"};
    for (size_t c = 0; c < COUNT(parameters); c++) {
        enum { N = 900, K = 3 };
        static double whole[K * N], resumed[K * N];
        char path[64];
        snprintf(path, sizeof path, "logistic_%d.checkpoint", (int)getpid());
        classifier_data data;
        az_fit_result once, twice;
        clouds(&data, N, 5, K);
        assert_int_equal(classifier_run(&az_logistic, &data, parameters[c], NULL, whole, &once, NULL), AZ_OK);
        assert_true(once.n_iterations > 2);
        listener heard = {.stop_at = 2};
        az_control control = {.interrupted = stop_now, .user = &heard, .checkpoint = path};
        assert_int_equal(classifier_run(&az_logistic, &data, parameters[c], &control, NULL, NULL, NULL),
                         AZ_INTERRUPTED);
        assert_int_equal(access(path, F_OK), 0);
        control = (az_control){.checkpoint = path, .resume = true};
        assert_int_equal(classifier_run(&az_logistic, &data, parameters[c], &control, resumed, &twice, NULL), AZ_OK);
        assert_memory_equal(whole, resumed, sizeof whole);
        assert_int_equal(once.n_iterations, twice.n_iterations);
        unlink(path);
        classifier_data_free(&data);
    }
}

/* Without a penalty separable classes have no best coefficients: said, not converged, no NaN.  With one they have. */
static void separable_classes(void **state)
{
    (void)state;
    for (int32_t n_classes = 2; n_classes <= 3; n_classes++) {
        enum { N = 60 };
        classifier_data data;
        double p[3 * N];
        az_fit_result result;
        assert_int_equal(classifier_data_new(&data, N, 2, n_classes), AZ_OK);
        for (int i = 0; i < N; i++) {
            data.label[i] = i % n_classes;
            data.x[i] = 3 * data.label[i] + (i % 7) / 7.0;
            data.x[N + i] = (i * 13 % 17) / 17.0;
        }
        classifier_data_rows(&data);
        listener heard = {0};
        az_control control = {.message = hear, .user = &heard};
        assert_int_equal(classifier_run(&az_logistic, &data, "penalty=none", &control, p, &result, NULL), AZ_OK);
        assert_false(result.converged);
        assert_int_equal(heard.n_warnings, 1);
        assert_non_null(strstr(heard.text, "separate"));
        for (int i = 0; i < N; i++)
            for (int k = 0; k < n_classes; k++)
                assert_true(fabs(p[i * n_classes + k] - (data.label[i] == k)) < 1e-3);
        heard = (listener){0};
        assert_int_equal(classifier_run(&az_logistic, &data, "C=1e4", &control, p, &result, NULL), AZ_OK);
        assert_true(result.converged);
        assert_int_equal(heard.n_warnings, 0);
        classifier_data_free(&data);
    }
}

/* A column given twice without a penalty: the probabilities are those with the column once, errors are not told. */
static void collinear_columns(void **state)
{
    (void)state;
    enum { N = 200 };
    for (int32_t n_classes = 2; n_classes <= 3; n_classes++) {
        classifier_data once, twice;
        double a[3 * N], b[3 * N];
        az_fit_result result;
        void *model = NULL;
        az_linear_map map;
        clouds(&once, N, 2, n_classes);
        assert_int_equal(classifier_data_new(&twice, N, 3, n_classes), AZ_OK);
        memcpy(twice.x, once.x, 2 * N * sizeof(double));
        memcpy(twice.x + 2 * N, once.x, N * sizeof(double));
        memcpy(twice.label, once.label, N * sizeof *twice.label);
        classifier_data_rows(&twice);
        assert_int_equal(classifier_run(&az_logistic, &once, "penalty=none", NULL, a, NULL, NULL), AZ_OK);
        assert_int_equal(classifier_run(&az_logistic, &twice, "penalty=none", NULL, b, &result, &model), AZ_OK);
        assert_true(result.converged);
        for (int i = 0; i < n_classes * N; i++) assert_true(fabs(a[i] - b[i]) < 1e-7);
        az_logistic.linear_map(model, &map);
        assert_null(map.covariance);
        az_logistic.free(model);
        classifier_data_free(&once);
        classifier_data_free(&twice);
    }
}

static void stored_and_read_back(void **state)
{
    (void)state;
    enum { N = 100 };
    for (int32_t n_classes = 2; n_classes <= 3; n_classes++) {
        classifier_data data;
        double before[3 * N], after[3 * N];
        void *model = NULL, *copy = NULL;
        az_bundle *bundle;
        az_linear_map map, copied;
        clouds(&data, N, 4, n_classes);
        assert_int_equal(classifier_run(&az_logistic, &data, "", NULL, before, NULL, &model), AZ_OK);
        assert_int_equal(az_bundle_new(&bundle), AZ_OK);
        assert_int_equal(az_logistic.save(model, bundle), AZ_OK);
        assert_int_equal(az_logistic.load(&copy, bundle, 4, n_classes), AZ_OK);
        az_logistic.predict(copy, data.rows, N, after, NULL);
        assert_memory_equal(before, after, (size_t)(n_classes * N) * sizeof *before);
        az_logistic.linear_map(model, &map);
        az_logistic.linear_map(copy, &copied);
        assert_true(!map.covariance == (n_classes == 3));
        if (map.covariance) assert_memory_equal(map.covariance, copied.covariance, 25 * sizeof(double));
        void *wrong = NULL;
        assert_int_equal(az_logistic.load(&wrong, bundle, 5, n_classes), AZ_ERROR_DATA);
        assert_int_equal(az_logistic.load(&wrong, bundle, 4, n_classes + 1), AZ_ERROR_DATA);
        assert_null(wrong);
        /* Rows far outside give probabilities still. */
        static const double far[] = {1e308, -1e308, 1e308, 1e308};
        az_logistic.predict(model, far, 1, after, NULL);
        double sum = 0;
        for (int k = 0; k < n_classes; k++) sum += after[k];
        assert_true(fabs(sum - 1) < 1e-15);
        az_logistic.free(model);
        az_logistic.free(copy);
        az_bundle_free(bundle);
        classifier_data_free(&data);
    }
}

static void wrong_calls(void **state)
{
    (void)state;
    static const struct {
        const char *parameters, *says;
    } cases[] = {
        {"C=0", "C must be above 0"},
        {"C=-1", "C"},
        {"class_weight=calm:2,stom:1", "did you mean 'storm'"},
        {"class_weight=calm", "CLASS:NUMBER"},
        {"class_weight=calm:-1", "CLASS:NUMBER"},
        {"penalty=l3", "l2"},
        {"max_iterr=3", "max_iter"},
    };
    static char calm[] = "calm", storm[] = "storm";
    char *const names[] = {calm, storm};
    classifier_data data;
    clouds(&data, 40, 2, 2);
    data.sample.class_names = names;
    for (size_t c = 0; c < COUNT(cases); c++) {
        assert_int_equal(classifier_run(&az_logistic, &data, cases[c].parameters, NULL, NULL, NULL, NULL),
                         AZ_ERROR_USAGE);
        if (!strstr(az_error_message(), cases[c].says))
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[c].parameters, az_error_message(), cases[c].says);
    }
    /* A weight by name is the weight of that class's rows. */
    double a[80], b[80];
    assert_int_equal(classifier_run(&az_logistic, &data, "class_weight=storm:3", NULL, a, NULL, NULL), AZ_OK);
    for (int i = 0; i < 40; i++) data.weight[i] = data.label[i] ? 3 : 1;
    data.sample.weight = data.weight;
    assert_int_equal(classifier_run(&az_logistic, &data, "", NULL, b, NULL, NULL), AZ_OK);
    assert_memory_equal(a, b, sizeof a);
    /* Squares that overflow are refused, not called converged. */
    data.x[3] = 1e200;
    assert_int_equal(classifier_run(&az_logistic, &data, "", NULL, NULL, NULL, NULL), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "--scale"));
    classifier_data_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_scikit_learn), cmocka_unit_test(exponential),
        cmocka_unit_test(odds_of_a_two_by_two_table), cmocka_unit_test(frequencies_of_groups),
        cmocka_unit_test(threads_change_nothing), cmocka_unit_test(repeat_is_weight),
        cmocka_unit_test(where_the_first_coefficient_appears), cmocka_unit_test(resumed_from_a_checkpoint),
        cmocka_unit_test(separable_classes), cmocka_unit_test(collinear_columns),
        cmocka_unit_test(stored_and_read_back), cmocka_unit_test(wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
