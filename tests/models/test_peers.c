/* SPDX-License-Identifier: BSD-3-Clause */
/* The same predictions as scikit-learn to 1e-6, from the same files, bare and behind its StandardScaler.  The values
 * are frozen by bench/peers/freeze_models.py.  Needs the folder of public data in ANSATZ_DATA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "models/frozen_peers.h"
#include "models/model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { PATH_SIZE = 1024 };
static const double tolerance = 1e-6;

static az_table *read_set(const peer_set *set, const char *folder)
{
    char path[PATH_SIZE], join[PATH_SIZE], target_file[PATH_SIZE];
    az_reader_options reader = set->reader;
    snprintf(path, sizeof path, "%s/%s", folder, set->path);
    if (reader.join) {
        snprintf(join, sizeof join, "%s/%s", folder, reader.join);
        reader.join = join;
    }
    if (reader.target_file) {
        snprintf(target_file, sizeof target_file, "%s/%s", folder, reader.target_file);
        reader.target_file = target_file;
    }
    az_table *table = NULL;
    if (az_table_read(&table, path, &reader, NULL)) print_message("  %s: %s\n", set->name, az_error_message());
    return table;
}

/* Largest |ours - theirs| / max(1, |theirs|) of one fit; infinite when there is none to compare. */
static double worst_error(const peer_fit *fit, const az_model *model, const az_table *table)
{
    int64_t n_outputs = az_model_n_outputs(model);
    double worst = 0, *p = calloc((size_t)(az_table_n_rows(table) * n_outputs) + 1, sizeof *p);
    assert_non_null(p);
    if (n_outputs != fit->n_outputs || az_predict_table(model, table, p, NULL, NULL)) worst = INFINITY;
    for (int64_t i = 0; i < fit->n_rows && worst < INFINITY; i++) {
        for (int64_t k = 0; k < n_outputs; k++) {
            double theirs = fit->values[i * n_outputs + k];
            double error = fabs(p[fit->rows[i] * n_outputs + k] - theirs) / fmax(1, fabs(theirs));
            if (!(error <= worst)) worst = isnan(error) ? INFINITY : error;
        }
    }
    free(p);
    return worst;
}

/* Relative error of the sum of the coefficients' absolute values; 0 when there is nothing to compare. */
static double coefficient_error(const peer_fit *fit, const az_model *model)
{
    az_coefficient *coefficients;
    int64_t n;
    double sum = 0;
    if (isnan(fit->coefficients)) return 0;
    assert_int_equal(az_model_coefficients(model, &coefficients, &n), AZ_OK);
    for (int64_t i = 0; i < n; i++) {
        if (strcmp(coefficients[i].name, "intercept") != 0) sum += fabs(coefficients[i].estimate);
    }
    az_free(coefficients);
    return fabs(sum - fit->coefficients) / fmax(1e-300, fabs(fit->coefficients));
}

/* One fit: true if it agrees.  Every line is printed, so that one run shows the whole table. */
static bool compare(const peer_set *set, const peer_fit *fit, const az_table *table)
{
    az_roles roles = {
        .target = set->target, .features = set->features, .task = set->classes ? "classification" : "regression"};
    az_model *model = NULL;
    double error = INFINITY, of_coefficients = INFINITY;
    if (az_fit_roles(&model, fit->model, table, &roles, fit->parameters, NULL) == AZ_OK) {
        error = worst_error(fit, model, table);
        of_coefficients = coefficient_error(fit, model);
    } else {
        print_message("  %s\n", az_error_message());
    }
    bool right = error <= tolerance && of_coefficients <= tolerance;
    print_message("%s %-14s %-12s %8.1e %8.1e  %s\n", right ? "  " : "! ", fit->set, fit->model, error, of_coefficients,
                  fit->parameters);
    az_model_free(model);
    return right;
}

static void same_predictions_as_scikit_learn(void **state)
{
    (void)state;
    const char *folder = getenv("ANSATZ_DATA");
    if (!folder) {
        print_message("SKIPPED: set ANSATZ_DATA to the folder of public data; nothing was compared\n");
        skip();
    }
    int n_wrong = 0;
    print_message("   data           model        predicted  coefficients\n");
    for (size_t i = 0; i < COUNT(peer_sets); i++) {
        az_table *table = read_set(&peer_sets[i], folder);
        n_wrong += !table;
        for (size_t k = 0; table && k < COUNT(peer_fits); k++) {
            if (strcmp(peer_fits[k].set, peer_sets[i].name) == 0)
                n_wrong += !compare(&peer_sets[i], &peer_fits[k], table);
        }
        az_table_free(table);
    }
    assert_int_equal(n_wrong, 0);
}

/* "Every model on at least five data sets", each bare and scaled: counted in the frozen table itself. */
static void every_model_is_compared_on_five_sets(void **state)
{
    (void)state;
    for (int c = 0; az_model_classes[c]; c++) {
        if (az_model_classes[c]->inputs)
            continue; /* baselines of windows in time: tests/cli/test_forecast.c has their peer */
        if (az_model_classes[c]->traits & AZ_TRAIT_CATEGORIES)
            continue; /* trees draw at random and meet ties: test_{tree,forest,boosting}.c have their peers */
        if (strcmp(az_model_classes[c]->name, "mlp") == 0)
            continue; /* starts from random weights: test_mlp.c has PyTorch's updates from given ones */
        int n_sets = 0;
        for (size_t i = 0; i < COUNT(peer_sets); i++) {
            bool bare = false, scaled = false;
            for (size_t k = 0; k < COUNT(peer_fits); k++) {
                const peer_fit *fit = &peer_fits[k];
                if (strcmp(fit->set, peer_sets[i].name) != 0 || strcmp(fit->model, az_model_classes[c]->name) != 0)
                    continue;
                bare = bare || strstr(fit->parameters, "scale=none");
                scaled = scaled || strstr(fit->parameters, "scale=standard");
            }
            n_sets += bare && scaled;
        }
        if (n_sets < 5) fail_msg("%s is compared on %d data sets only", az_model_classes[c]->name, n_sets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_predictions_as_scikit_learn),
                                       cmocka_unit_test(every_model_is_compared_on_five_sets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
