/* SPDX-License-Identifier: BSD-3-Clause */
/* Scores equal scikit-learn's, and obey what can be said of them without it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/status.h"
#include "data/frozen_metrics.h"
#include "data/metrics.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define COUNT(array)                  (sizeof(array) / sizeof *(array))
#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
enum { MOST_METRICS = 16 };

static void fill(const frozen_score *frozen, az_score_data *data)
{
    *data = (az_score_data){.n_rows = frozen->n_rows, .weight = frozen->weight};
    if (frozen->task == AZ_REGRESSION) {
        data->n_targets = frozen->n_columns;
        data->observed = frozen->observed;
        data->predicted = frozen->predicted;
    } else {
        data->n_classes = frozen->n_columns;
        data->label = frozen->label;
        data->probability = frozen->probability;
    }
}

/* Every metric of every frozen case to 1e-12 of scikit-learn's value. */
static void same_as_scikit_learn(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(frozen_scores); c++) {
        const frozen_score *frozen = &frozen_scores[c];
        az_score_data data;
        double values[MOST_METRICS];
        fill(frozen, &data);
        assert_int_equal(az_metrics_score(frozen->task, &data, values), AZ_OK);
        for (int m = 0; m < az_metric_count(frozen->task); m++) {
            double error = fabs(values[m] - frozen->expected[m]) / fmax(1, fabs(frozen->expected[m]));
            if (!(error <= 1e-12)) {
                fail_msg("%s: %s is %.17g, scikit-learn has %.17g", frozen->name, az_metric_of(frozen->task, m)->name,
                         values[m], frozen->expected[m]);
            }
        }
    }
}

/* Doubling every weight changes no score; a row of weight 2 is the row twice. */
static void weights_are_relative_and_count_rows(void **state)
{
    (void)state;
    double observed[] = {1, 2, 4, 4}, predicted[] = {1.5, 1, 3.75, 3.75};
    double weight[] = {1, 3, 2}, doubled[] = {2, 6, 4}, repeated_weight[] = {1, 3, 1, 1};
    double a[MOST_METRICS], b[MOST_METRICS], c[MOST_METRICS];
    az_score_data data = {.n_rows = 3, .weight = weight, .n_targets = 1, .observed = observed, .predicted = predicted};
    assert_int_equal(az_metrics_score(AZ_REGRESSION, &data, a), AZ_OK);
    data.weight = doubled;
    assert_int_equal(az_metrics_score(AZ_REGRESSION, &data, b), AZ_OK);
    data.n_rows = 4;
    data.weight = repeated_weight;
    assert_int_equal(az_metrics_score(AZ_REGRESSION, &data, c), AZ_OK);
    for (int m = 0; m < az_metric_count(AZ_REGRESSION); m++) {
        assert_close(a[m], b[m], 1e-15);
        assert_close(a[m], c[m], 1e-15);
    }
}

static double score_of(const char *name, unsigned task, const az_score_data *data)
{
    double values[MOST_METRICS];
    assert_int_equal(az_metrics_score(task, data, values), AZ_OK);
    for (int m = 0; m < az_metric_count(task); m++) {
        if (strcmp(az_metric_of(task, m)->name, name) == 0) return values[m];
    }
    fail_msg("no metric %s", name);
    return NAN;
}

/* A constant target is explained by predicting it and by nothing else, although 0.1 summed is not exact. */
static void constant_target(void **state)
{
    (void)state;
    double observed[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, predicted[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2};
    az_score_data data = {.n_rows = 7, .n_targets = 1, .observed = observed, .predicted = observed};
    assert_close(score_of("r2", AZ_REGRESSION, &data), 1, 0);
    data.predicted = predicted;
    assert_close(score_of("r2", AZ_REGRESSION, &data), 0, 0);
    data.n_rows = 1;
    assert_true(isnan(score_of("r2", AZ_REGRESSION, &data)));
}

/* 1e16 + 1 - 1e16 sums to 0 in plain double arithmetic: the sums are compensated. */
static void sums_keep_small_terms(void **state)
{
    (void)state;
    double observed[] = {1e16, 1, 1, 1, 1}, predicted[] = {0, 0, 0, 0, 0};
    az_score_data data = {.n_rows = 5, .n_targets = 1, .observed = observed, .predicted = predicted};
    assert_true(score_of("mae", AZ_REGRESSION, &data) == (1e16 + 4) / 5);
}

/* All scores equal: the ranking knows nothing, AUC one half.  Perfect ranking: 1.  One class only: not defined. */
static void area_under_the_curve(void **state)
{
    (void)state;
    int32_t label[] = {0, 1, 0, 1}, one_class[] = {1, 1, 1, 1};
    double flat[] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
    double perfect[] = {0.9, 0.1, 0.4, 0.6, 0.8, 0.2, 0.3, 0.7};
    az_score_data data = {.n_rows = 4, .n_classes = 2, .label = label, .probability = flat};
    assert_close(score_of("auc", AZ_CLASSIFICATION, &data), 0.5, 0);
    data.probability = perfect;
    assert_close(score_of("auc", AZ_CLASSIFICATION, &data), 1, 0);
    data.label = one_class;
    assert_true(isnan(score_of("auc", AZ_CLASSIFICATION, &data)));
}

/* A certain error costs -log(2^-52), not infinity. */
static void log_loss_is_finite(void **state)
{
    (void)state;
    int32_t label[] = {0};
    double probability[] = {0, 1};
    az_score_data data = {.n_rows = 1, .n_classes = 2, .label = label, .probability = probability};
    assert_close(score_of("log_loss", AZ_CLASSIFICATION, &data), 52 * log(2), 1e-13);
}

static void confusion_counts(void **state)
{
    (void)state;
    int32_t label[] = {0, 1, 1, 2};
    double probability[] = {0.5, 0.5, 0, /* tie: the first */ 0.2, 0.7, 0.1, 0.9, 0.1, 0, 0.1, 0.2, 0.7};
    double weight[] = {1, 2, 4, 8}, counts[9];
    const double expected[] = {1, 0, 0, 4, 2, 0, 0, 0, 8};
    az_score_data data = {.n_rows = 4, .weight = weight, .n_classes = 3, .label = label, .probability = probability};
    az_confusion(&data, counts);
    assert_memory_equal(counts, expected, sizeof expected);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(az_metric_default(AZ_REGRESSION)->name, "rmse");
    assert_string_equal(az_metric_default(AZ_CLASSIFICATION)->name, "accuracy");
    assert_ptr_equal(az_metric_find("auc", AZ_CLASSIFICATION), az_metric_of(AZ_CLASSIFICATION, 3));
    assert_null(az_metric_find("rsme", AZ_REGRESSION));
    assert_non_null(strstr(az_error_message(), "'rmse'"));
    assert_null(az_metric_find("auc", AZ_REGRESSION));
    assert_non_null(strstr(az_error_message(), "for classification"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_scikit_learn), cmocka_unit_test(weights_are_relative_and_count_rows),
        cmocka_unit_test(constant_target),      cmocka_unit_test(sums_keep_small_terms),
        cmocka_unit_test(area_under_the_curve), cmocka_unit_test(log_loss_is_finite),
        cmocka_unit_test(confusion_counts),     cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
