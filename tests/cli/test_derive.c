/* SPDX-License-Identifier: BSD-3-Clause */
/* --derive and --where as they are typed: in every command that reads data, and what is said of bad formulas. */
#include "cli/bad_files.h"
#include "cli/calls.h"

#include <math.h>

enum { N = 40 };

/* y = 3 log10(p) - 2 and its base; site A in two rows of three. */
static void write_data(void)
{
    char plain[8192], whole[8192], inputs[8192];
    int at = snprintf(plain, sizeof plain, "p,site,y\n"), of_inputs = snprintf(inputs, sizeof inputs, "p,site\n");
    int of_whole = snprintf(whole, sizeof whole, "p,site,y,lp,y2\n");
    for (int i = 0; i < N; i++) {
        double p = pow(10, i / 8.0), y = 3 * (i / 8.0) - 2;
        const char *site = i % 3 ? "A" : "B";
        at += snprintf(plain + at, sizeof plain - (size_t)at, "%.17g,%s,%.17g\n", p, site, y);
        of_inputs += snprintf(inputs + of_inputs, sizeof inputs - (size_t)of_inputs, "%.17g,%s\n", p, site);
        of_whole += snprintf(whole + of_whole, sizeof whole - (size_t)of_whole, "%.17g,%s,%.17g,%.17g,%.17g\n", p, site,
                             y, log10(p), 2 * y);
    }
    write_text("plain.csv", plain);
    write_text("whole.csv", whole);
    write_text("inputs.csv", inputs);
}

static void derived_columns_are_like_columns_of_the_file(void **state)
{
    (void)state;
    static char derived[RUN_MAX_TEXT];
    succeeds("fit linear plain.csv --derive 'lp = log10(p); y2 = 2*y' --target y2 --features lp,site -o d.az");
    succeeds("fit linear whole.csv --target y2 --features lp,site -o w.az");
    succeeds("predict d.az plain.csv");
    strcpy(derived, result.out);
    succeeds("predict w.az whole.csv");
    assert_string_equal(result.out, derived);
    /* The target, and what only it needs, is not there any more; the formulas are known from the model. */
    succeeds("predict d.az inputs.csv");
    assert_string_equal(result.out, derived);
    succeeds("score d.az plain.csv");
    run(&result, "score d.az inputs.csv");
    assert_int_equal(result.status, 65);
    assert_non_null(strstr(result.err, "\"y\""));
    /* Given several times. */
    succeeds(
        "fit linear plain.csv --derive 'lp = log10(p)' --derive 'y2 = 2*y' --target y2 --features lp,site -o t.az");
    succeeds("predict t.az inputs.csv");
    assert_string_equal(result.out, derived);
    succeeds("compare plain.csv --derive 'y2 = 2*y; lp = log10(p)' --where 'lp > 1' --target y2 --ignore y "
             "--models dummy,linear --folds 3");
    assert_non_null(strstr(result.err, "--where left out 9 of 40 rows"));
    succeeds("show plain.csv --derive 'big = p > 100'");
    assert_non_null(strstr(result.out, "big"));
}

static void chosen_rows_keep_their_numbers(void **state)
{
    (void)state;
    succeeds("fit linear plain.csv --derive 'lp = log10(p)' --where 'site == \"A\"' --target y --features lp -o a.az");
    assert_non_null(strstr(result.err, "--where left out 14 of 40 rows"));
    /* --where is of the call, not of the model. */
    succeeds("predict a.az inputs.csv");
    assert_non_null(strstr(result.out, "\n39,"));
    assert_non_null(strstr(result.out, "\n0,"));
    succeeds("predict a.az inputs.csv --where 'site == \"B\" and lp > 4'");
    int rows[3];
    double values[3];
    assert_int_equal(sscanf(result.out, "row,prediction\n%d,%lf\n%d,%lf\n%d,%lf\n", &rows[0], &values[0], &rows[1],
                            &values[1], &rows[2], &values[2]),
                     6);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(rows[k], 33 + 3 * k);
        assert_true(fabs(values[k] - (3 * rows[k] / 8.0 - 2)) < 1e-9);
    }
    succeeds("score a.az plain.csv --where 'site == \"B\"' --json");
    assert_non_null(strstr(result.out, "14"));
}

static void bad_formulas(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *line, *says;
    } cases[] = {
        {64, "--derive 'lp = log10(p'",
         "ansatz: --derive: this \"(\" is never closed\n    lp = log10(p\n              ^\n"},
        {64, "--derive 'lp = lg(p)'", "there is no function \"lg\"; did you mean \"log\"?"},
        {64, "--derive 'p = 2*p'", "has a column \"p\" already"},
        {64, "--derive 'lp = log10(site)'", "\"log10\" works with numbers"},
        {64, "--derive ''", "--derive: the formula is empty"},
        {64, "--where 'p = 3'", "\"==\" compares\n    p = 3\n      ^\n"},
        {64, "--where 'site == 3'", "texts stand in double quotes"},
        {65, "--where 'q > 3'", "has no column \"q\"; its columns are p, site, y\n    q > 3\n    ^\n"},
        {65, "--where 'stie == \"A\"'", "did you mean \"site\"?"},
        {65, "--where 'p < 0'", "--where \"p < 0\" holds for none of 40 rows"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[512];
        int n_before = n_files_here();
        snprintf(line, sizeof line, "fit linear plain.csv --target y -o out.az %s", cases[i].line);
        run(&result, line);
        if (result.status != cases[i].status || !strstr(result.err, cases[i].says))
            fail_msg("%s: status %d\n%s", line, result.status, result.err);
        assert_int_equal(n_files_here(), n_before);
    }
    /* A line end in the data does not make lines of its own in a message. */
    write_text("odd.csv", "\"a\n    b\",y\n1,2\n2,3\n");
    run(&result, "fit linear odd.csv --target y --where 'q > 1' -o out.az");
    assert_int_equal(result.status, 65);
    assert_non_null(strstr(result.err, "its columns are a     b, y\n    q > 1\n    ^\n"));
}

/* The points of a grid: a chosen one is still called by its place in the file, (127, 44, lon) of (128, 89, 180). */
static void rows_of_a_field(void **state)
{
    (void)state;
    const char *data = getenv("ANSATZ_DATA");
    char line[1024];
    int first, n = 0;
    if (!data) skip();
    snprintf(line, sizeof line,
             "fit linear %s/netcdf/ersstv5_sst_2010_2020.nc --target kelvin --features month,c "
             "--derive 'kelvin = sst + 273.15; month = month(time); c = cos(radians(lat))' "
             "--where 'year(time) == 2010 and abs(lat) < 60' -o f.az",
             data);
    run(&result, line);
    if (result.status == 69) skip(); /* a build without NetCDF */
    assert_int_equal(result.status, 0);
    snprintf(line, sizeof line,
             "predict f.az %s/netcdf/ersstv5_sst_2010_2020.nc --where 'time == \"2020-08-01\" and lat == 0'", data);
    succeeds(line);
    assert_int_equal(sscanf(result.out, "row,prediction\n%d,", &first), 1);
    assert_int_equal(first, (127 * 89 + 44) * 180);
    for (const char *c = result.out; *c; c++) n += *c == '\n';
    assert_int_equal(n, 181);
}

static void the_language_is_told(void **state)
{
    (void)state;
    succeeds("help formulas");
    assert_non_null(strstr(result.out, "\n  x ^ y "));
    assert_non_null(strstr(result.out, "\n  where(condition, x, y) "));
    assert_non_null(strstr(result.out, "\n  const.k_B        1.380649e-23 "));
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
        cmocka_unit_test(derived_columns_are_like_columns_of_the_file),
        cmocka_unit_test(chosen_rows_keep_their_numbers),
        cmocka_unit_test(bad_formulas),
        cmocka_unit_test(rows_of_a_field),
        cmocka_unit_test(the_language_is_told),
    };
    return cmocka_run_group_tests(tests, enter, run_leave_group);
}
