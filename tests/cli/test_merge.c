/* SPDX-License-Identifier: BSD-3-Clause */
/* Forests that go on and are merged, through the command. */
#include "cli/calls.h"

/* Two tables of one law, with a category and missing cells. */
static void write_data(const char *path, int first)
{
    char text[8192] = "t,rock,y,kind\n";
    for (int i = first; i < first + 90; i++) {
        size_t n = strlen(text);
        int u = i * 37 % 101, y = 3 * u + 20 * (i % 3);
        if (i % 10 == 4)
            snprintf(text + n, sizeof text - n, ",%s,%d,%s\n", i % 3 ? "chalk" : "gneiss", y, u > 50 ? "hot" : "cold");
        else
            snprintf(text + n, sizeof text - n, "%d,%s,%d,%s\n", u, i % 3 ? "chalk" : "gneiss", y,
                     u > 50 ? "hot" : "cold");
    }
    write_text(path, text);
}

static void same_predictions(const char *a, const char *b)
{
    static char x[RUN_MAX_TEXT], y[RUN_MAX_TEXT];
    read_back(a, x);
    read_back(b, y);
    assert_true(strlen(x) > 100);
    assert_string_equal(x, y);
}

static void a_forest_goes_on(void **state)
{
    (void)state;
    static const char *const targets[] = {"y --ignore kind", "kind --ignore y"};
    for (int t = 0; t < 2; t++) {
        char line[256];
        snprintf(line, sizeof line, "fit forest one.csv --target %s --n-estimators 4 -o four.az", targets[t]);
        succeeds(line);
        snprintf(line, sizeof line, "fit forest one.csv --target %s --n-estimators 9 -o nine.az", targets[t]);
        succeeds(line);
        succeeds("fit --continue four.az one.csv --n-estimators 9 -o more.az");
        assert_non_null(strstr(result.out, "90 rows"));
        succeeds("predict nine.az two.csv -o nine.csv");
        succeeds("predict more.az two.csv -o more.csv");
        same_predictions("nine.csv", "more.csv");
        succeeds("fit --continue four.az two.csv --n_estimators=9 -o more.az --test one.csv");
        assert_non_null(strstr(result.out, "180 rows"));
    }
    succeeds("show more.az");
    assert_non_null(strstr(result.out, "n_estimators"));
    assert_non_null(strstr(result.out, " 9\n"));
    fails("fit --continue four.az one.csv -o x.az", 64, "n_estimators=N");
    fails("fit --continue four.az one.csv --n-estimators 3 -o x.az", 64, "larger");
    fails("fit --continue four.az one.csv --n-estimators 9 --max-depth 3 -o x.az", 64, "max_depth");
    succeeds("fit tree one.csv --target y --ignore kind -o tree.az");
    fails("fit --continue tree.az one.csv -o x.az", 64, "");
}

static void forests_are_merged(void **state)
{
    (void)state;
    succeeds("fit forest one.csv --target y --ignore kind --n-estimators 4 -o a.az");
    succeeds("fit forest two.csv --target y --ignore kind --n-estimators 5 -o b.az");
    succeeds("fit forest one.csv --target y --ignore kind --n-estimators 6 --seed 2 -o c.az");
    succeeds("merge a.az b.az c.az -o all.az");
    succeeds("score all.az one.csv");
    succeeds("show all.az");
    assert_non_null(strstr(result.out, " 15\n"));
    assert_non_null(strstr(result.out, "ansatz merge a.az b.az c.az"));
    fails("merge a.az -o x.az", 64, "two model files");
    fails("merge a.az b.az", 64, "-o FILE.az");
    fails("merge a.az a.az -o x.az", 64, "another --seed");
    succeeds("fit forest one.csv --target y --features t --n-estimators 4 -o d.az");
    fails("merge a.az d.az -o x.az", 64, "a.az and d.az: the models cannot be merged: column \"rock\"");
    succeeds("fit linear one.csv --target y --ignore kind -o e.az");
    fails("merge e.az a.az -o x.az", 64, "linear models cannot be merged");
    succeeds("fit adaboost one.csv --target y --ignore kind --n-estimators 3 -o f.az");
    fails("merge f.az f.az -o x.az", 64, "adaboost models cannot be merged: each tree is made for the errors");
    fails("merge a.az missing.az -o x.az", 66, "missing.az");
}

static int enter(void **state)
{
    (void)state;
    run_enter();
    write_data("one.csv", 0);
    write_data("two.csv", 1000);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_forest_goes_on), cmocka_unit_test(forests_are_merged)};
    return cmocka_run_group_tests(tests, enter, run_leave_group);
}
