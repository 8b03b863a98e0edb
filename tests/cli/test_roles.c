/* SPDX-License-Identifier: BSD-3-Clause */
/* The roles of columns and the ways in which data come in, through the command. */
#include "cli/calls.h"

#include <math.h>

#define N 60

static double number(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

typedef struct line_fit {
    double intercept, slope, intercept_error, slope_error;
} line_fit;

/* Fits y = intercept + slope x by the model and options given. */
static line_fit fit_line(const char *model_and_data, const char *options)
{
    char line[512];
    line_fit fit = {0};
    size_t i;
    json_t *item;
    snprintf(line, sizeof line, "fit %s --features x %s -o line.az", model_and_data, options);
    succeeds(line);
    json_t *json = json_of("show line.az --json");
    json_array_foreach(json_object_get(json, "coefficients"), i, item)
    {
        bool slope = strcmp(json_string_value(json_object_get(item, "name")), "x") == 0;
        *(slope ? &fit.slope : &fit.intercept) = number(item, "estimate");
        const json_t *error = json_object_get(item, "std_error");
        *(slope ? &fit.slope_error : &fit.intercept_error) = json_number_value(error);
    }
    json_decref(json);
    remove("line.az");
    return fit;
}

static void near(double a, double b)
{
    if (fabs(a - b) > 1e-12 * fmax(1, fabs(b))) print_error("%.17g is not %.17g\n", a, b);
    assert_true(fabs(a - b) <= 1e-12 * fmax(1, fabs(b)));
}

/* x is -1 and 1 by turns, so that the covariance of the line is sigma^2 / n times the identity. */
static void sigma_is_absolute(void **state)
{
    (void)state;
    line_fit fit = fit_line("linear line.csv --target y", "--sigma s");
    near(fit.intercept_error, 0.5 / sqrt(N));
    near(fit.slope_error, 0.5 / sqrt(N));
    line_fit larger = fit_line("linear line.csv --target y", "--sigma ten");
    near(larger.slope_error, 5 / sqrt(N));
    near(larger.slope, fit.slope);
    succeeds("fit linear line.csv --target y --features x --sigma s");
    assert_non_null(strstr(result.out, "chi-square per degree of freedom"));
    fails("fit knn line.csv --target y --features x --sigma s", 64, "knn cannot use --sigma");
}

static void weight_is_relative(void **state)
{
    (void)state;
    line_fit fit = fit_line("linear line.csv --target y", "--weight s");
    line_fit larger = fit_line("linear line.csv --target y", "--weight ten");
    line_fit none = fit_line("linear line.csv --target y", "");
    near(larger.slope_error, fit.slope_error);
    near(fit.slope_error, none.slope_error);
    near(fit.slope, none.slope);
}

static void a_weight_is_so_many_rows(void **state)
{
    (void)state;
    static const char *const models[] = {"linear", "ridge"};
    for (int m = 0; m < 2; m++) {
        char weighted[64], repeated[64];
        snprintf(weighted, sizeof weighted, "%s line.csv --target y", models[m]);
        snprintf(repeated, sizeof repeated, "%s repeated.csv --target y", models[m]);
        line_fit a = fit_line(weighted, "--weight w"), b = fit_line(repeated, "");
        near(a.intercept, b.intercept);
        near(a.slope, b.slope);
    }
    /* All rows are neighbours: the prediction is the weighted mean of 1, 2, ..., which the scores' rmse confirms. */
    json_t *json = json_of("fit knn line.csv --target t --features x --weight w --n-neighbors 60 --json");
    json_t *plain = json_of("fit dummy line.csv --target t --features x --weight w --json");
    near(number(json_object_get(json, "train"), "rmse"), number(json_object_get(plain, "train"), "rmse"));
    json_decref(json);
    json_decref(plain);
}

static void negative_weights_are_taken_or_refused_clearly(void **state)
{
    (void)state;
    /* Where x = 1 the weights -1 and 1 cancel: nothing is known there, and linear says so. */
    fails("fit linear line.csv --target y --features x --weight minus -o never.az", 65, "least squares has no minimum");
    write_text("signed.csv", "x,y,w\n1,2,1\n2,4,1\n3,6,1\n4,99,1\n4,99,-1\n");
    json_t *json = json_of("fit linear signed.csv --target y --weight w --json"); /* the last two cancel: y = 2 x */
    near(number(json_object_get(json, "facts"), "r2"), 1);
    json_decref(json);
    fails("fit ridge line.csv --target y --weight minus -o never.az", 65,
          "ridge does not take negative weights, and column \"minus\" holds some");
    fails("fit knn line.csv --target y --weight minus", 65, "knn does not take negative weights");
    fails("fit linear line.csv --target y --sigma minus", 65, "minus");
    assert_int_equal(access("never.az", F_OK), -1);
}

static void a_periodic_column_wraps(void **state)
{
    (void)state;
    write_text("angle.csv", "lon,y\n359,10\n358,20\n180,1000\n170,1000\n");
    write_text("north.csv", "lon\n1\n721\n");
    succeeds("fit knn angle.csv --target y --periodic lon=360 --n-neighbors 2 -o knn.az");
    succeeds("predict knn.az north.csv");
    assert_string_equal(result.out, "row,prediction\n0,15\n1,15\n");
    /* Other models see its sine and cosine, which are the same a turn later. */
    succeeds("fit ridge angle.csv --target y --periodic lon=360 -o ridge.az");
    succeeds("predict ridge.az north.csv -o turns.csv");
    double first, second;
    read_back("turns.csv", result.out);
    assert_int_equal(sscanf(result.out, "row,prediction\n0,%lf\n1,%lf", &first, &second), 2);
    assert_true(fabs(first - second) < 1e-9 * fabs(first));
    fails("fit knn angle.csv --target y --periodic lan=360", 65, "lon");
    fails("fit knn angle.csv --target y --periodic lon", 64, "lon");
    remove("angle.csv");
    remove("north.csv");
    remove("turns.csv");
    remove("knn.az");
    remove("ridge.az");
}

/* The same table from several files gives the same line to the last bit. */
static void tables_in_parts(void **state)
{
    (void)state;
    line_fit whole = fit_line("linear line.csv --target y", "");
    static const char *const calls[][2] = {
        {"linear 'part_?.csv' --target y", ""},
        {"linear part_a.csv part_b.csv --target y", ""},
        {"linear 'part_a.csv,part_b.csv' --target y", ""},
        {"linear only_x.csv --target y", "--join only_y.csv"},
        {"linear only_x.csv --target only_y.csv", ""},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        line_fit fit = fit_line(calls[i][0], calls[i][1]);
        assert_memory_equal(&fit, &whole, sizeof whole);
    }
    fails("fit linear 'part_?.txt' --target y", 66, "part_?.txt");
    fails("fit linear part_a.csv only_x.csv --target y", 65, "only_x.csv");
    fails("fit linear part_a.csv --target y --join only_y.csv", 65, "only_y.csv");
}

static void groups_and_times_decide_the_split(void **state)
{
    (void)state;
    /* Six groups of ten rows: parts of groups are not held out. */
    json_t *json = json_of("fit dummy line.csv --target y --group g --test 0.25 --json");
    assert_int_equal((int)number(json, "n_test") % 10, 0);
    assert_int_equal((int)number(json, "n_test") + (int)number(json, "n_train"), N);
    json_decref(json);
    /* The last 15 of 60 hours, and the hours 40 .. 44 within 5 of the first of them in neither part. */
    json = json_of("fit dummy line.csv --target y --time t --test 0.25 --json");
    assert_int_equal((int)number(json, "n_test"), 15);
    assert_int_equal((int)number(json, "n_train"), 45);
    json_decref(json);
    json = json_of("fit dummy line.csv --target y --time t --gap 5 --test 0.25 --json");
    assert_int_equal((int)number(json, "n_test"), 15);
    assert_int_equal((int)number(json, "n_train"), 40);
    json_decref(json);
    succeeds("compare line.csv --target y --time t --gap 5 --models dummy");
    assert_non_null(strstr(result.err, "split: time (--folds, --split)\n"));
    succeeds("fit dummy line.csv --target y --group g --test 0.25");
    assert_non_null(strstr(result.err, "split: group (--split)\n"));
    fails("fit dummy line.csv --target y --test 0.25 --split group", 64, "--group");
    fails("fit dummy line.csv --target y --test 0.25 --split time", 64, "--time");
}

static void classes_with_odd_names(void **state)
{
    (void)state;
    write_text("zero.csv", "x,c\n1,0\n2,-0\n3,1\n4,1\n5,-0.0\n6,1\n");
    succeeds("fit dummy zero.csv --target c --task classification"); /* 0 and -0 are one class */
    write_text("odd.csv", "x,answer\n1,\"yes, sir\"\n2,\"yes, sir\"\n7,\"no \"\"x\"\"\"\n8,\"no \"\"x\"\"\"\n");
    succeeds("fit knn odd.csv --target answer --n-neighbors 2 -o odd.az");
    succeeds("predict odd.az odd.csv --proba");
    assert_string_equal(result.out, "row,prediction,\"p_no \"\"x\"\"\",\"p_yes, sir\"\n"
                                    "0,\"yes, sir\",0,1\n1,\"yes, sir\",0,1\n"
                                    "2,\"no \"\"x\"\"\",1,0\n3,\"no \"\"x\"\"\",1,0\n");
    remove("odd.csv");
    remove("odd.az");
}

static void a_model_on_standard_output(void **state)
{
    (void)state;
    static char a[1 << 16], b[1 << 16];
    succeeds("fit linear line.csv --target y -o file.az");
    run_with(&result, "fit linear line.csv --target y -o -", "piped.az", 0);
    assert_int_equal(result.status, 0);
    FILE *file = fopen("file.az", "rb"), *piped = fopen("piped.az", "rb");
    assert_true(file && piped);
    size_t n = fread(a, 1, sizeof a, file), m = fread(b, 1, sizeof b, piped);
    fclose(file);
    fclose(piped);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    fails("fit linear line.csv --target y -o - --json", 64, "standard output");
    remove("file.az");
    remove("piped.az");
}

static int make_files(void **state)
{
    (void)state;
    static const char header[] = "x,y,t,w,minus,s,ten,g\n";
    run_enter();
    FILE *whole = fopen("line.csv", "w"), *repeated = fopen("repeated.csv", "w");
    FILE *part[] = {fopen("part_a.csv", "w"), fopen("part_b.csv", "w")};
    FILE *only_x = fopen("only_x.csv", "w"), *only_y = fopen("only_y.csv", "w");
    must(whole && repeated && part[0] && part[1] && only_x && only_y, "fopen");
    fprintf(whole, "%s", header);
    fprintf(repeated, "%s", header);
    fprintf(part[0], "%s", header);
    fprintf(part[1], "%s", header);
    fprintf(only_x, "x\n");
    fprintf(only_y, "y\n");
    for (int i = 0; i < N; i++) {
        char row[128];
        int x = i % 2 ? 1 : -1;
        double y = 3 + 2 * x + (i * 37 % 61) / 60.0;
        snprintf(row, sizeof row, "%d,%.6f,%d,%d,%d,0.5,5,group %d\n", x, y, i, 1 + i % 4, i % 4 - 1, i / 10);
        fprintf(whole, "%s", row);
        fprintf(part[i >= 25], "%s", row);
        for (int k = 0; k < 1 + i % 4; k++) fprintf(repeated, "%s", row);
        fprintf(only_x, "%d\n", x);
        fprintf(only_y, "%.6f\n", y);
    }
    fclose(whole);
    fclose(repeated);
    fclose(part[0]);
    fclose(part[1]);
    fclose(only_x);
    fclose(only_y);
    return 0;
}

/* Labels in files of their own, with other names than those of the training data. */
static void labels_beside_the_data(void **state)
{
    (void)state;
    write_text("images.csv", "a,b\n0,0\n0,1\n1,0\n8,8\n8,9\n9,8\n");
    write_text("labels.csv", "first\nlow\nlow\nlow\nhigh\nhigh\nhigh\n");
    write_text("test-images.csv", "a,b\n1,1\n9,9\n2,2\n7,7\n");
    write_text("test-labels.csv", "second\nlow\nhigh\nhigh\nhigh\n");
    json_t *json = json_of("fit knn images.csv --target labels.csv --k 3 --test test-images.csv "
                           "--test-target test-labels.csv -o labelled.az --json");
    assert_true(json_number_value(json_object_get(json_object_get(json, "test"), "accuracy")) == 0.75);
    json_decref(json);
    json = json_of("score labelled.az test-images.csv --target test-labels.csv --json");
    assert_true(json_number_value(json_object_get(json_object_get(json, "metrics"), "accuracy")) == 0.75);
    json_decref(json);
    fails("fit knn images.csv --target labels.csv --test 0.5 --test-target test-labels.csv", 64, "--test-target");
    fails("fit knn images.csv --target labels.csv --test-target test-labels.csv", 64, "--test-target");
    fails("score labelled.az test-images.csv --target labels.csv", 65, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sigma_is_absolute),
        cmocka_unit_test(weight_is_relative),
        cmocka_unit_test(a_weight_is_so_many_rows),
        cmocka_unit_test(negative_weights_are_taken_or_refused_clearly),
        cmocka_unit_test(a_periodic_column_wraps),
        cmocka_unit_test(tables_in_parts),
        cmocka_unit_test(groups_and_times_decide_the_split),
        cmocka_unit_test(classes_with_odd_names),
        cmocka_unit_test(a_model_on_standard_output),
        cmocka_unit_test(labels_beside_the_data),
    };
    return cmocka_run_group_tests(tests, make_files, run_leave_group);
}
