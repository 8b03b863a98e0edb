/* SPDX-License-Identifier: BSD-3-Clause */
/* Models of XGBoost 3.2 and LightGBM 4.7, frozen beside their predictions (reference/foreign.py), are read and predict
 * the same: LightGBM's to the rounding of doubles, XGBoost's to that of the floats in which it sums.  What has no
 * counterpart, and files that are damaged, are refused. */
#include "data/table.h"
#include "models/model.h"
#include "models/tree/foreign.h"

#include <ansatz/ansatz.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOREIGN AZ_SOURCE_DIR "/tests/models/foreign/"

static const char *const names[] = {"xgboost-regression.json",
                                    "xgboost-binary.json",
                                    "xgboost-classes.json",
                                    "xgboost-poisson.json",
                                    "xgboost-gamma.json",
                                    "xgboost-tweedie.json",
                                    "xgboost-raw.json",
                                    "xgboost-dart.json",
                                    "xgboost-forest.json",
                                    "xgboost-targets.json",
                                    "xgboost-quantiles.json",
                                    "xgboost-old.json",
                                    "lightgbm-regression.txt",
                                    "lightgbm-l1.txt",
                                    "lightgbm-binary.txt",
                                    "lightgbm-classes.txt",
                                    "lightgbm-poisson.txt",
                                    "lightgbm-forest.txt",
                                    "lightgbm-nothing-missing.txt",
                                    "lightgbm-dart.txt",
                                    "lightgbm-quantile.txt"};
enum { N_NAMES = sizeof names / sizeof *names, MOST_ROWS = 100, MOST_OUTPUTS = 3 };

static char folder[] = "/tmp/ansatz-import-XXXXXX";

static az_table *read_table(const char *name, const char *header)
{
    const az_reader_options options = {.header = (char *)(uintptr_t)header};
    char path[4096];
    az_table *table = NULL;
    snprintf(path, sizeof path, FOREIGN "%s", name);
    if (az_table_read(&table, path, &options, NULL)) print_error("%s\n", az_error_message());
    assert_non_null(table);
    return table;
}

/* The columns of rows.csv under the names that models without names give them. */
static az_table *unnamed(const az_table *table)
{
    az_table *copy;
    assert_int_equal(az_table_new(&copy, az_table_n_rows(table)), AZ_OK);
    static const char *const new_names[] = {"f0", "f1", "f2"};
    for (int64_t j = 0; j < 3; j++)
        assert_int_equal(az_table_add_numeric(copy, new_names[j], NULL, table->columns[j].values, 1), AZ_OK);
    return copy;
}

static az_model *import(const char *name)
{
    char path[4096];
    az_model *model = NULL;
    snprintf(path, sizeof path, FOREIGN "%s", name);
    if (az_model_import(&model, path, "y", NULL)) print_error("%s\n", az_error_message());
    assert_non_null(model);
    return model;
}

static void they_predict_what_they_predicted(void **state)
{
    (void)state;
    az_table *rows = read_table("rows.csv", NULL), *plain = unnamed(rows);
    const int64_t n = az_table_n_rows(rows);
    assert_in_range(n, 60, MOST_ROWS);
    for (int i = 0; i < N_NAMES; i++) {
        char frozen_name[64];
        double predicted[MOST_ROWS * MOST_OUTPUTS], again[MOST_ROWS * MOST_OUTPUTS];
        const bool is_float = names[i][0] == 'x';
        az_model *model = import(names[i]), *saved;
        snprintf(frozen_name, sizeof frozen_name, "%.*scsv", (int)(strlen(names[i]) - (is_float ? 4 : 3)), names[i]);
        az_table *frozen = read_table(frozen_name, "none");
        const int64_t m = az_model_n_outputs(model);
        assert_int_equal(az_table_n_rows(frozen), n);
        assert_int_equal(az_table_n_columns(frozen), m);
        const az_table *data = strcmp(names[i], "xgboost-old.json") == 0 ? plain : rows;
        assert_int_equal(az_predict_table(model, data, predicted, NULL, NULL), AZ_OK);
        for (int64_t k = 0; k < m; k++) {
            const double *expected = frozen->columns[k].values;
            double scale = 0, worst = 0;
            for (int64_t r = 0; r < n; r++) {
                scale = fmax(scale, fabs(expected[r]));
                worst = fmax(worst, fabs(predicted[r * m + k] - expected[r]));
            }
            if (!(worst <= (is_float ? 4e-7 : 4e-15) * scale))
                print_error("%s, output %d: %g of %g\n", names[i], (int)k, worst, scale);
            assert_true(worst <= (is_float ? 4e-7 : 4e-15) * scale);
        }
        assert_int_equal(az_model_write(model, "model.az"), AZ_OK);
        assert_int_equal(az_model_read(&saved, "model.az"), AZ_OK);
        assert_int_equal(az_predict_table(saved, data, again, NULL, NULL), AZ_OK);
        assert_memory_equal(predicted, again, sizeof(double) * (size_t)(n * m));
        az_model_free(saved);
        az_model_free(model);
        az_table_free(frozen);
    }
    az_table_free(plain);
    az_table_free(rows);
}

/* For every double x: (float)x < t as x <= az_float_threshold(t). */
static void doubles_go_where_their_floats_would(void **state)
{
    (void)state;
    static const float thresholds[] = {0.0f,   -0.0f,   1.0f,         -1.0f,      0.1f,    -0.3f,        16777216.0f,
                                       1e-40f, -1e-40f, FLT_TRUE_MIN, FLT_MIN,    FLT_MAX, -FLT_MAX,     1.9999999f,
                                       2.0f,   3e38f,   -FLT_MIN,     8388608.5f, 1e-45f,  -FLT_TRUE_MIN};
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
        const float t = thresholds[i];
        const double border = az_float_threshold(t), middle = (double)t;
        const double about[] = {border, middle, (double)nextafterf(t, -INFINITY), (double)nextafterf(t, INFINITY)};
        for (size_t k = 0; k < sizeof about / sizeof *about; k++) {
            double below = about[k], above = about[k];
            for (int step = 0; step < 40; step++) {
                assert_int_equal((float)below < t, below <= border);
                assert_int_equal((float)above < t, above <= border);
                below = nextafter(below, -INFINITY);
                above = nextafter(above, INFINITY);
            }
        }
    }
}

/* A frozen file with one text replaced (the whole of it where `from` is NULL) is refused by a message that holds
 * `message`. */
static void expect_refusal(const char *name, const char *from, const char *to, const char *message)
{
    static char text[1 << 16];
    char path[4096];
    az_model *model = NULL;
    snprintf(path, sizeof path, FOREIGN "%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    char *at = from ? strstr(text, from) : text;
    assert_non_null(at);
    file = fopen("broken", "wb");
    assert_non_null(file);
    fwrite(text, 1, (size_t)(at - text), file);
    fputs(to, file);
    if (from) fputs(at + strlen(from), file);
    fclose(file);
    const az_status status = az_model_import(&model, "broken", NULL, NULL);
    if (status != AZ_ERROR_DATA) print_error("%s with %s\n", name, to);
    assert_int_equal(status, AZ_ERROR_DATA);
    if (!strstr(az_error_message(), message)) print_error("%s\n", az_error_message());
    assert_non_null(strstr(az_error_message(), message));
    assert_null(model);
}

static void what_has_no_counterpart_is_refused(void **state)
{
    (void)state;
    expect_refusal("xgboost-regression.json", "reg:squarederror", "survival:aft", "survival:aft");
    expect_refusal("xgboost-regression.json", "\"name\":\"gbtree\"", "\"name\":\"gblinear\"", "gblinear");
    expect_refusal("xgboost-regression.json", "\"size_leaf_vector\":\"1\"", "\"size_leaf_vector\":\"2\"",
                   "one_output_per_tree");
    expect_refusal("lightgbm-regression.txt", "objective=regression", "objective=multiclassova", "multiclassova");
    expect_refusal("lightgbm-regression.txt", "objective=regression", "objective=regression sqrt", "reg_sqrt");
    expect_refusal("lightgbm-regression.txt", "is_linear=0", "is_linear=1", "linear_tree");
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    expect_refusal("xgboost-regression.json", NULL, "", "neither");
    expect_refusal("xgboost-regression.json", NULL, "{\"a\": 1}", "no learner");
    expect_refusal("xgboost-regression.json", NULL, "{\"a\": ", "JSON");
    expect_refusal("xgboost-regression.json", NULL, "{L", "binary JSON");
    expect_refusal("xgboost-regression.json", "\"left_children\":[1,", "\"left_children\":[0,", "two ways");
    expect_refusal("xgboost-regression.json", "\"right_children\":[2,", "\"right_children\":[200,", "outside");
    expect_refusal("xgboost-regression.json", "\"num_feature\":\"4\",\"num_target\"",
                   "\"num_feature\":\"-4\",\"num_target\"", "features");
    expect_refusal("xgboost-binary.json", "\"base_score\":\"[", "\"base_score\":\"[7", "base_score");
    expect_refusal("xgboost-classes.json", "\"tree_info\":[0,", "\"tree_info\":[9,", "no output");
    expect_refusal("lightgbm-regression.txt", "end of trees", "", "cut");
    expect_refusal("lightgbm-regression.txt", "left_child=1", "left_child=0", "two ways");
    expect_refusal("lightgbm-regression.txt", "left_child=1", "left_child=77", "not whole");
    expect_refusal("lightgbm-regression.txt", "leaf_value=", "leaf_value=1 ", "leaf_value");
    expect_refusal("lightgbm-regression.txt", "max_feature_idx=3", "max_feature_idx=1", "feature_names");
    expect_refusal("lightgbm-classes.txt", "num_tree_per_iteration=3", "num_tree_per_iteration=1", "classes");
}

/* Neither library's file says where the rows lay: the program's test rows are about the thresholds. */
static void they_are_exported(void **state)
{
    (void)state;
    if (system("command -v cc > log 2>&1") != 0) skip();
    for (int i = 0; i < N_NAMES; i += 3) {
        az_model *model = import(names[i]);
        assert_int_equal(az_model_export(model, "c", "foreign", "foreign.c"), AZ_OK);
        assert_int_equal(system("cc -std=c99 -O1 -ffp-contract=off -Werror -Wall -DFOREIGN_TEST -o foreign foreign.c "
                                "-lm > log 2>&1 && ./foreign > log 2>&1"),
                         0);
        az_model_free(model);
    }
}

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : 1;
}

static int leave(void **state)
{
    (void)state;
    remove("model.az");
    remove("broken");
    remove("foreign.c");
    remove("foreign");
    remove("log");
    return chdir("/") == 0 ? rmdir(folder) : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_predict_what_they_predicted),   cmocka_unit_test(doubles_go_where_their_floats_would),
        cmocka_unit_test(what_has_no_counterpart_is_refused), cmocka_unit_test(they_are_exported),
        cmocka_unit_test(damaged_files_are_refused),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
