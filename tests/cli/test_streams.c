/* SPDX-License-Identifier: BSD-3-Clause */
/* Data that do not fit (ANSATZ_MEMORY says what there is), samples, and models that go on, as a user meets them. */
#include "cli/runner.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static run_result result;

static void ends(const char *line, int status)
{
    run(&result, line);
    if (result.status != status) print_error("ansatz %s\n  status %d: %s\n", line, result.status, result.err);
    assert_int_equal(result.status, status);
}

static void says(const char *part)
{
    if (!strstr(result.err, part)) print_error("\"%s\" does not say \"%s\"\n", result.err, part);
    assert_non_null(strstr(result.err, part));
}

enum { N = 3000 };

static void write_rows(const char *path, int first, int last, const char *odd)
{
    FILE *file = fopen(path, "w");
    must(file != NULL, path);
    fputs("x,z,site,y,kind\n", file);
    for (int i = first; i < last; i++) {
        double x = sin(1.7 * i), z = 5 + cos(2.9 * i), noise = 0.1 * sin(37.0 * i * i);
        fprintf(file, "%.6f,%.6f,%s,%.6f,%s\n", x, z,
                odd && i == last - 1 ? odd
                : i % 3              ? "A"
                                     : "B",
                2 * x - z + i % 3 + noise, x + noise > 0 ? "up" : "down");
    }
    must(fclose(file) == 0, path);
}

static void write_data(void)
{
    write_rows("all.csv", 0, N, NULL);
    write_rows("first.csv", 0, 1000, NULL);
    write_rows("second.csv", 1000, 2000, NULL);
    write_rows("third.csv", 2000, N, NULL);
    write_rows("odd.csv", 2000, N, "C");
}

static void what_does_not_fit_is_fitted_in_blocks(void **state)
{
    (void)state;
    static char whole[RUN_MAX_TEXT];
    static const char *const fits[] = {"fit linear all.csv --target y --ignore kind",
                                       "fit ridge all.csv --target y --ignore kind --degree 2",
                                       "fit naive_bayes all.csv --target kind", "fit dummy all.csv --target kind"};
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
        ends(fits[i], 0);
        strcpy(whole, result.out);
        setenv("ANSATZ_MEMORY", "100000", 1);
        ends(fits[i], 0);
        unsetenv("ANSATZ_MEMORY");
        says("block by block");
        assert_string_equal(result.out, whole);
    }
}

/* Trees keep a few bytes a value.  Columns hold few values, which are all in the sample of which the bins are made, so
 * that the model is the one of the fit in memory. */
static void trees_keep_what_does_not_fit_as_bins(void **state)
{
    (void)state;
    static char whole[RUN_MAX_TEXT];
    enum { ROWS = 400000 };
    FILE *file = fopen("many.csv", "w");
    must(file != NULL, "many.csv");
    fputs("a,b,c,d,e,f,g,y\n", file);
    for (int i = 0; i < ROWS; i++)
        fprintf(file, "%d,%d,%d,%d,%d,%d,%s,%d\n", i % 7, i / 7 % 11, i / 77 % 13, i % 2, i / 3 % 5, i / 5 % 3,
                i % 3 ? "p" : "q", i % 7 * (i / 7 % 11) + i / 77 % 13 - 20 * (i % 3 == 0) + (i % 9) * (i % 9) % 4);
    must(fclose(file) == 0, "many.csv");
    static const char *const fit = "fit boosting many.csv --target y --n_estimators 5 -o many.az";
    ends(fit, 0);
    strcpy(whole, result.out);
    setenv("ANSATZ_MEMORY", "95000000", 1);
    ends(fit, 0);
    says("read block by block and kept as bins");
    assert_string_equal(result.out, whole);
    ends("fit tree many.csv --target y --max_depth 6", 0);
    says("kept as bins");
    ends("fit adaboost many.csv --target y", 71);
    says("--sample N");
    setenv("ANSATZ_MEMORY", "40000000", 1);
    ends(fit, 71);
    says("with a few bytes a value");
    says("--sample N");
    unsetenv("ANSATZ_MEMORY");
    unlink("many.csv");
}

static void what_needs_all_rows_says_so(void **state)
{
    (void)state;
    int n = n_files_here();
    setenv("ANSATZ_MEMORY", "100000", 1);
    ends("fit knn all.csv --target y --ignore kind -o m.az", 71);
    says("knn on about 3,");
    says("--sample N");
    ends("fit linear all.csv --target y --ignore kind --test 0.2 -o m.az", 71);
    says("--test FILE");
    ends("fit linear all.csv --target y --ignore kind --report r.html", 71);
    assert_int_equal(n_files_here(), n);
    ends("fit knn all.csv --target y --ignore kind --sample 500", 0);
    says("500 of 3,000 rows taken");
    unsetenv("ANSATZ_MEMORY");
    ends("fit linear all.csv --target y --sample 0", 64);
}

/* The same rows whoever asks; others with another seed. */
static void samples_are_reproducible(void **state)
{
    (void)state;
    static char first[RUN_MAX_TEXT];
    ends("fit linear all.csv --target y --ignore kind --sample 300", 0);
    strcpy(first, result.out);
    ends("fit linear all.csv --target y --ignore kind --sample 300 --threads 1", 0);
    assert_memory_equal(result.out, first, strcspn(first, "N"));
    ends("fit linear all.csv --target y --ignore kind --sample 300 --seed 1", 0);
    assert_int_not_equal(strncmp(result.out, first, strcspn(first, "N")), 0);
    ends("fit linear all.csv --target y --ignore kind --sample 5000", 0);
    says("3,000 of 3,000 rows");
}

static void a_model_goes_on(void **state)
{
    (void)state;
    static char predictions[RUN_MAX_TEXT];
    ends("fit linear first.csv --target y --ignore kind -o a.az", 0);
    ends("fit --continue a.az second.csv -o b.az", 0);
    says("1,000 rows more, 2,000 in all");
    ends("fit --continue b.az third.csv --test all.csv -o b.az", 0);
    ends("fit linear all.csv --target y --ignore kind -o all.az", 0);
    ends("score all.az all.csv --json", 0);
    strcpy(predictions, result.out);
    ends("score b.az all.csv --json", 0);
    assert_int_equal(strncmp(result.out, predictions, 60), 0);

    ends("fit --continue b.az odd.csv -o c.az", 65);
    says("\"C\"");
    ends("fit --continue b.az third.csv", 64);
    says("-o FILE.az");
    ends("fit --continue b.az third.csv --target y -o c.az", 64);
    ends("fit --continue b.az third.csv --alpha 2 -o c.az", 64);
    ends("fit --continue b.az third.csv --sample 5 -o c.az", 64);
    ends("fit --continue nowhere.az third.csv -o c.az", 66);
    ends("fit knn first.csv --target y --ignore kind -o k.az", 0);
    ends("fit --continue k.az second.csv -o c.az", 64);
    says("knn needs all rows at once");
    assert_int_equal(access("c.az", F_OK), -1);
}

static int enter(void **state)
{
    (void)state;
    run_enter();
    write_data();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_fitted_in_blocks),
        cmocka_unit_test(trees_keep_what_does_not_fit_as_bins),
        cmocka_unit_test(what_needs_all_rows_says_so),
        cmocka_unit_test(samples_are_reproducible),
        cmocka_unit_test(a_model_goes_on),
    };
    return cmocka_run_group_tests(tests, enter, run_leave_group);
}
