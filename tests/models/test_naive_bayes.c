/* SPDX-License-Identifier: BSD-3-Clause */
/* Naive Bayes: scikit-learn's probabilities, closed forms, and what must not change them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/classifier_data.h"

extern const az_model_class az_naive_bayes;

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void same_as_scikit_learn(void **state)
{
    (void)state;
    if (!getenv("ANSATZ_DATA")) skip();
    for (size_t c = 0; c < COUNT(frozen_classifiers); c++) {
        const frozen_classifier *frozen = &frozen_classifiers[c];
        if (strcmp(frozen->model, "naive_bayes") != 0) continue;
        classifier_data data;
        assert_int_equal(classifier_data_read(&data, frozen), AZ_OK);
        double *probability = az_alloc_array(data.sample.n_rows * frozen->n_classes, sizeof *probability);
        assert_non_null(probability);
        assert_int_equal(classifier_run(&az_naive_bayes, &data, frozen->parameters, NULL, probability, NULL, NULL),
                         AZ_OK);
        double distance = classifier_distance(frozen, probability, data.sample.n_rows);
        if (!(distance <= 1e-6))
            fail_msg("%s (scaled %d, \"%s\"): probabilities differ by %g", frozen->table, frozen->scaled,
                     frozen->parameters, distance);
        az_free(probability);
        classifier_data_free(&data);
    }
}

/* One feature, classes {-1, 1} and {1, 3}, moved by offset: means 0 and 2, variances 1, so that the log odds at x are
 * 2 x - 2. */
static void two_normal_classes(double offset, double probability[8])
{
    static const double x[] = {-1, 1, 1, 3};
    classifier_data data;
    assert_int_equal(classifier_data_new(&data, 4, 1, 2), AZ_OK);
    for (int i = 0; i < 4; i++) {
        data.x[i] = data.rows[i] = x[i] + offset;
        data.label[i] = i / 2;
    }
    assert_int_equal(classifier_run(&az_naive_bayes, &data, "", NULL, probability, NULL, NULL), AZ_OK);
    classifier_data_free(&data);
}

static void closed_form(void **state)
{
    (void)state;
    static const double x[] = {-1, 1, 1, 3};
    double probability[8];
    two_normal_classes(0, probability);
    for (int i = 0; i < 4; i++) {
        double expected = 1 / (1 + exp(2 - 2 * x[i]));
        assert_true(fabs(probability[2 * i + 1] - expected) < 1e-8); /* the smoothing is 1e-9 of the variance */
        assert_true(fabs(probability[2 * i] + probability[2 * i + 1] - 1) < 1e-15);
    }
}

/* 2^30 is added without rounding: not a bit of the probabilities may change. */
static void offset_changes_nothing(void **state)
{
    (void)state;
    double here[8], there[8];
    two_normal_classes(0, here);
    two_normal_classes(0x1p30, there);
    assert_memory_equal(here, there, sizeof here);
}

static void fill(classifier_data *data, int64_t n, bool repeated)
{
    for (int64_t i = 0, row = 0; i < n; i++) {
        for (int copy = 0; copy < (repeated && i % 3 == 0 ? 2 : 1); copy++, row++) {
            for (int64_t j = 0; j < 2; j++) data->x[j * data->sample.n_rows + row] = (double)((i * (7 + j) + j) % 11);
            data->label[row] = (int32_t)(i * i % 3 % 2);
            data->weight[row] = !repeated && i % 3 == 0 ? 2 : 1;
        }
    }
    data->sample.weight = data->weight;
    classifier_data_rows(data);
}

static void repeat_is_weight(void **state)
{
    (void)state;
    static const char *const parameters[] = {"", "distribution=multinomial", "var_smoothing=0.1"};
    for (size_t c = 0; c < COUNT(parameters); c++) {
        classifier_data weighted, repeated;
        double a[2 * 12], b[2 * 16];
        void *model = NULL;
        assert_int_equal(classifier_data_new(&weighted, 12, 2, 2), AZ_OK);
        assert_int_equal(classifier_data_new(&repeated, 16, 2, 2), AZ_OK);
        fill(&weighted, 12, false);
        fill(&repeated, 12, true);
        assert_int_equal(classifier_run(&az_naive_bayes, &weighted, parameters[c], NULL, a, NULL, NULL), AZ_OK);
        assert_int_equal(classifier_run(&az_naive_bayes, &repeated, parameters[c], NULL, NULL, NULL, &model), AZ_OK);
        az_naive_bayes.predict(model, weighted.rows, 12, b, NULL);
        for (int i = 0; i < 24; i++) assert_true(fabs(a[i] - b[i]) < 1e-12);
        az_naive_bayes.free(model);
        classifier_data_free(&weighted);
        classifier_data_free(&repeated);
    }
}

static void stored_and_read_back(void **state)
{
    (void)state;
    static const char *const parameters[] = {"", "distribution=multinomial"};
    for (size_t c = 0; c < COUNT(parameters); c++) {
        classifier_data data;
        double before[24], after[24];
        void *model = NULL, *copy = NULL;
        az_bundle *bundle;
        assert_int_equal(classifier_data_new(&data, 12, 2, 2), AZ_OK);
        fill(&data, 12, false);
        assert_int_equal(classifier_run(&az_naive_bayes, &data, parameters[c], NULL, before, NULL, &model), AZ_OK);
        assert_int_equal(az_bundle_new(&bundle), AZ_OK);
        assert_int_equal(az_naive_bayes.save(model, bundle), AZ_OK);
        assert_int_equal(az_naive_bayes.load(&copy, bundle, 2, 2), AZ_OK);
        az_naive_bayes.predict(copy, data.rows, 12, after, NULL);
        assert_memory_equal(before, after, sizeof before);
        void *wrong = NULL;
        assert_int_equal(az_naive_bayes.load(&wrong, bundle, 3, 2), AZ_ERROR_DATA);
        assert_null(wrong);
        az_naive_bayes.free(model);
        az_naive_bayes.free(copy);
        az_bundle_free(bundle);
        classifier_data_free(&data);
    }
}

/* So far from both classes that every likelihood is 0 as a number and minus infinity as a logarithm. */
static void far_away(void **state)
{
    (void)state;
    classifier_data data;
    void *model = NULL;
    double p[6];
    static const double rows[] = {1e200, 1e200, -1e308, 1e308, 1e20, 0};
    assert_int_equal(classifier_data_new(&data, 12, 2, 2), AZ_OK);
    fill(&data, 12, false);
    assert_int_equal(classifier_run(&az_naive_bayes, &data, "", NULL, NULL, NULL, &model), AZ_OK);
    az_naive_bayes.predict(model, rows, 3, p, NULL);
    for (int i = 0; i < 3; i++) assert_true(fabs(p[2 * i] + p[2 * i + 1] - 1) < 1e-15);
    az_naive_bayes.free(model);
    classifier_data_free(&data);
}

static void wrong_calls(void **state)
{
    (void)state;
    static const struct {
        const char *parameters;
        az_status status;
        const char *says;
    } cases[] = {
        {"priors=0.5,0.3,0.2", AZ_ERROR_USAGE, "3 numbers, but there are 2 classes"},
        {"priors=0.5,x", AZ_ERROR_USAGE, "'x'"},
        {"priors=0.5,0.4", AZ_ERROR_USAGE, "add up to 1"},
        {"priors=0.5,0.5 fit_prior=false", AZ_ERROR_USAGE, "fit_prior"},
        {"var_smoothing=-1", AZ_ERROR_USAGE, "var_smoothing"},
        {"distribution=multinomial", AZ_ERROR_DATA, "-3 in row 5"},
    };
    classifier_data data;
    assert_int_equal(classifier_data_new(&data, 12, 2, 2), AZ_OK);
    fill(&data, 12, false);
    data.x[5] = -3;
    for (size_t c = 0; c < COUNT(cases); c++) {
        assert_int_equal(classifier_run(&az_naive_bayes, &data, cases[c].parameters, NULL, NULL, NULL, NULL),
                         cases[c].status);
        if (!strstr(az_error_message(), cases[c].says))
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[c].parameters, az_error_message(), cases[c].says);
    }
    for (int i = 0; i < 12; i++) data.x[i] = data.label[i]; /* constant within each class */
    assert_int_equal(classifier_run(&az_naive_bayes, &data, "var_smoothing=0", NULL, NULL, NULL, NULL), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "var_smoothing"));
    classifier_data_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_scikit_learn), cmocka_unit_test(closed_form),
        cmocka_unit_test(offset_changes_nothing), cmocka_unit_test(repeat_is_weight),
        cmocka_unit_test(stored_and_read_back), cmocka_unit_test(far_away),
        cmocka_unit_test(wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
