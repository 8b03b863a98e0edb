/* SPDX-License-Identifier: BSD-3-Clause */
/* explain, show --tree, and the columns beside predictions, as a user calls them. */

#include "cli/calls.h"

#include <math.h>

/* y = a, with a colour that matters a little; b is noise. */
static int make_files(void **state)
{
    (void)state;
    run_enter();
    FILE *file = fopen("t.csv", "w");
    must(file != NULL, "t.csv");
    fprintf(file, "a [m],b,colour,y [K],label\n");
    for (int i = 0; i < 400; i++) {
        double a = fmod(i * 0.618034, 1), b = fmod(i * 0.414214, 1), noise = fmod(i * 0.732051, 1) - 0.5;
        fprintf(file, "%.6f,%.6f,%s,%.6f,%s\n", a, b, i % 3 ? "red" : "green", 10 * a + (i % 3 ? 0 : 2) + noise,
                a > 0.5 ? "yes" : "no");
    }
    must(fclose(file) == 0, "t.csv");
    run(&result, "fit forest t.csv --target y --ignore label --n-estimators 10 --interval 0.8 -o forest.az -q");
    must(result.status == 0, "the forest");
    run(&result, "fit linear t.csv --target y --ignore label --test 0.25 --interval 0.9 -o linear.az");
    must(result.status == 0, "the linear model");
    run(&result, "fit tree t.csv --target label --ignore y --max-depth 2 -o tree.az -q");
    must(result.status == 0, "the tree");
    return 0;
}

static void explain_ranks_columns(void **state)
{
    (void)state;
    json_t *json = json_of("explain linear.az t.csv --json --metric mae --repeats 3");
    assert_string_equal(json_string_value(json_object_get(json, "metric")), "mae");
    const json_t *list = json_object_get(json, "importances");
    assert_int_equal(json_array_size(list), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "column")), "a");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "column")), "colour");
    assert_null(json_object_get(json_array_get(list, 0), "training"));
    json_decref(json);
    succeeds("explain forest.az t.csv");
    assert_non_null(strstr(result.out, "rmse [K]"));
    assert_non_null(strstr(result.out, "in training"));
    fails("explain forest.az", 64, "explain needs a model file");
    fails("explain forest.az t.csv --metric acuracy", 64, "metric");
    fails("explain forest.az t.csv --repeats 0", 64, "--repeats");
    succeeds("show forest.az");
    assert_non_null(strstr(result.out, "Importance in training"));
}

/* Of the rows that a forest was fitted on it tells that it is out of bag; of the data of another model, that they are
 * no test. */
static void importances_out_of_bag(void **state)
{
    (void)state;
    succeeds("fit forest t.csv --target y --ignore label --n-estimators 30 -o bag.az --report bag.html");
    json_t *json = json_of("explain bag.az t.csv --json --repeats 2");
    assert_string_equal(json_string_value(json_object_get(json, "rows")), "out of bag");
    assert_int_equal(json_integer_value(json_object_get(json, "n")), 400);
    const json_t *first = json_array_get(json_object_get(json, "importances"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "column")), "a");
    json_decref(json);
    succeeds("explain bag.az t.csv");
    assert_non_null(strstr(result.out, "Out of bag: the training rows"));
    json = json_of("explain bag.az t.csv --json --sample 100");
    assert_string_equal(json_string_value(json_object_get(json, "rows")), "given");
    json_decref(json);
    succeeds("explain linear.az t.csv");
    assert_non_null(strstr(result.err, "these are the data that the model was fitted on"));
}

/* The values of line `line` of the output, from column `from` on. */
static int numbers_of(int line, int from, double *values)
{
    const char *at = result.out;
    for (int i = 0; i < line; i++) at = strchr(at, '\n') + 1;
    int n = 0;
    for (int column = 0; *at && *at != '\n'; column++) {
        size_t length = strcspn(at, ",\n");
        if (column >= from) values[n++] = strtod(at, NULL);
        at += length + (at[length] == ',');
    }
    return n;
}

static void columns_beside_predictions(void **state)
{
    (void)state;
    double values[64];
    succeeds("predict forest.az t.csv --interval 0.8 --shap --leaf -q");
    assert_int_equal(strncmp(result.out, "row,prediction,lower,upper,shap_a,shap_b,shap_colour", 52), 0);
    assert_non_null(strstr(result.out, "shap_base,leaf_0,"));
    assert_int_equal(strncmp(strstr(result.out, "leaf_9") + 6, "\n", 1), 0);
    for (int line = 1; line < 50; line++) {
        int n = numbers_of(line, 1, values);
        assert_true(n >= 3 + 4 + 10);
        assert_true(fabs(values[0] - (values[1] + values[2]) / 2) < 1e-9 && values[2] > values[1]);
        double sum = 0;
        for (int i = 3; i < n - 10; i++) sum += values[i];
        assert_true(fabs(sum - values[0]) < 1e-9);
        for (int i = n - 10; i < n; i++) assert_true(values[i] == floor(values[i]) && values[i] >= 0);
    }
    fails("predict linear.az t.csv --shap", 64, "linear is no sum of trees");
    fails("predict tree.az t.csv --interval 0.9", 64, "--interval 0.9");
    succeeds("predict tree.az t.csv --shap -q");
    assert_non_null(strstr(result.out, "shap_no_a,"));
}

static void deviations_and_quantiles(void **state)
{
    (void)state;
    double values[8];
    succeeds("fit forest t.csv --target y --ignore label --n-estimators 300 --test 0.25 --interval 0.8 "
             "--interval-by quantiles --min-samples-leaf 5 -o quantiles.az");
    assert_non_null(strstr(result.out, "Interval of level 0.8 by quantiles: width on average"));
    succeeds("predict quantiles.az t.csv --interval 0.8 --deviation --quantiles 0.1,0.5,0.9 -q");
    assert_int_equal(strncmp(result.out, "row,prediction,lower,upper,deviation,q0.1,q0.5,q0.9\n", 52), 0);
    for (int line = 1; line < 50; line++) {
        assert_int_equal(numbers_of(line, 1, values), 7);
        assert_true(values[1] == values[4] && values[2] == values[6]); /* the ends of 0.8 are 0.1 and 0.9 */
        assert_true(values[4] <= values[5] && values[5] <= values[6] && values[3] >= 0 && values[3] < 2);
    }
    json_t *json = json_of("score quantiles.az t.csv --interval 0.8 --json");
    const json_t *interval = json_object_get(json, "interval");
    assert_string_equal(json_string_value(json_object_get(interval, "by")), "quantiles");
    assert_true(json_number_value(json_object_get(interval, "coverage")) > 0.7);
    json_decref(json);
    succeeds("predict forest.az t.csv --deviation"); /* ten trees */
    assert_non_null(strstr(result.err, "trees it would be measured well"));
    fails("predict quantiles.az t.csv --interval 0.8 --interval-by conformal", 64, "no intervals");
    fails("predict quantiles.az t.csv --interval-by quantiles", 64, "--interval 0.9");
    fails("predict quantiles.az t.csv --interval 0.8 --interval-by guess", 64, "conformal|quantiles");
    fails("predict quantiles.az t.csv --quantiles 0.5,2", 64, "from 0 to 1");
    fails("predict quantiles.az t.csv --quantiles x", 64, "from 0 to 1");
    fails("predict forest.az t.csv --quantiles 0.5", 64, "--quantiles: the forest model keeps no training targets");
    fails("predict linear.az t.csv --deviation", 64, "--deviation");
    fails("fit linear t.csv --target y --interval 0.8 --interval-by quantiles", 64, "linear has none");
    fails("fit forest t.csv --target label --keep-targets true", 64, "keep_targets");
    succeeds("predict tree.az t.csv");
    succeeds("fit forest t.csv --target label --ignore y --n-estimators 50 -o classes.az");
    succeeds("predict classes.az t.csv --deviation -q");
    assert_int_equal(strncmp(result.out, "row,prediction,deviation_no,deviation_yes\n", 42), 0);
}

static void coverage_is_measured(void **state)
{
    (void)state;
    json_t *json = json_of("score linear.az t.csv --json");
    const json_t *interval = json_object_get(json, "interval");
    assert_true(json_number_value(json_object_get(interval, "level")) == 0.9);
    double coverage = json_number_value(json_object_get(interval, "coverage"));
    assert_true(coverage > 0.85 && coverage < 0.97);
    assert_true(json_number_value(json_array_get(json_object_get(interval, "width"), 0)) > 0.5);
    json_decref(json);
    succeeds("score linear.az t.csv --interval 0.5");
    assert_non_null(strstr(result.out, "Interval of level 0.5: +- 0."));
    fails("score linear.az t.csv --interval 0.999", 65, "calibration rows");
    fails("score linear.az t.csv --interval 2", 64, "--interval");
    fails("fit linear t.csv --target label --ignore y --interval 0.9", 64, "");
    fails("fit tree t.csv --target label --ignore y --interval 0.9", 64, "quantities");
}

static void a_tree_is_shown(void **state)
{
    (void)state;
    succeeds("show tree.az");
    assert_non_null(strstr(result.out, "Tree 0 of 1"));
    assert_non_null(strstr(result.out, "a <= 0."));
    succeeds("show forest.az --tree 9 --levels 1");
    assert_non_null(strstr(result.out, "Tree 9 of 10"));
    assert_non_null(strstr(result.out, "y [K]"));
    assert_non_null(strstr(result.out, "is split further"));
    json_t *json = json_of("show forest.az --tree 0 --levels 1 --json");
    assert_int_equal(json_array_size(json_object_get(json, "nodes")), 3);
    json_decref(json);
    fails("show forest.az --tree 10", 64, "there is no tree 10");
    fails("show linear.az --tree 0", 64, "linear has no trees");
    fails("show forest.az --tree 0 -o tree.txt", 64, "picture");
    run(&result, "show forest.az --tree 0 -o tree.svg");
    if (result.status == 69) skip(); /* no gnuplot */
    assert_int_equal(result.status, 0);
    FILE *file = fopen("tree.svg", "r");
    char head[512] = "";
    assert_non_null(file);
    assert_true(fread(head, 1, sizeof head - 1, file) > 100 && strstr(head, "<svg"));
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain_ranks_columns),    cmocka_unit_test(importances_out_of_bag),
        cmocka_unit_test(deviations_and_quantiles), cmocka_unit_test(columns_beside_predictions),
        cmocka_unit_test(coverage_is_measured),     cmocka_unit_test(a_tree_is_shown),
    };
    return cmocka_run_group_tests(tests, make_files, run_leave_group);
}
