/* SPDX-License-Identifier: BSD-3-Clause */
/* Forecasts as a user makes them, against numpy and scikit-learn on the same windows (frozen_forecast.h); what does not
 * make a series says so in one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frozen_forecast.h"
#include "runner.h"
#include <math.h>

static run_result result;

/* %s in the words is the folder of data sets. */
static void call(const char *words)
{
    char line[4096];
    const char *data = getenv("ANSATZ_DATA");
    snprintf(line, sizeof line, words, data ? data : "");
    run(&result, line);
    if (result.status) fail_msg("%s: %d, %s", line, result.status, result.err);
}

static void need_data(void)
{
    if (getenv("ANSATZ_DATA")) return;
    fprintf(stderr, "SKIPPED: set ANSATZ_DATA to the folder of shared tables\n");
    skip();
}

/* The number behind "key": in what follows `after` in the output. */
static double number_of(const char *after, const char *key)
{
    const char *at = strstr(result.out, after);
    assert_non_null(at);
    at = strstr(at, key);
    assert_non_null(at);
    return strtod(at + strlen(key), NULL);
}

static double test_rmse(const char *words)
{
    call(words);
    return number_of("\"test\"", "\"rmse\":");
}

static void expect_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * fabs(expected))) fail_msg("%.17g, not %.17g", value, expected);
}

#define NINO                                                                                                           \
    "%s/small_physics/nino34_oni_monthly_1871.csv --target NINO34_ANOM --series NINO34_ANOM --time YEAR,MON/MMM "      \
    "--lags 12 --horizon 6 "

/* Six months ahead, on the last quarter of 150 years: ridge on the lags beats both baselines. */
static void nino_six_months_ahead(void **state)
{
    (void)state;
    need_data();
    double persistence = test_rmse("fit persistence " NINO "--test 0.25 --json");
    double climatology = test_rmse("fit climatology " NINO "--test 0.25 --json");
    double ridge = test_rmse("fit ridge " NINO "--test 0.25 --json -o nino.az");
    expect_near(persistence, nino_persistence_rmse, 1e-12);
    expect_near(climatology, nino_climatology_rmse, 1e-12);
    expect_near(ridge, nino_ridge_rmse, 1e-9);
    assert_true(ridge < 0.9 * climatology && ridge < 0.9 * persistence);

    char expected[64];
    snprintf(expected, sizeof expected, "%d rows held out for the test, %d to train on, split: time", nino_n_test,
             nino_n_train);
    assert_non_null(strstr(result.err, expected));

    /* The model knows how the windows were made; the last forecasts lie beyond the data. */
    call("predict nino.az %s/small_physics/nino34_oni_monthly_1871.csv -o nino-forecast.csv");
    FILE *file = fopen("nino-forecast.csv", "r");
    assert_non_null(file);
    char line[256], last[256] = "";
    int n_rows = -1, n_found = 0;
    double first = NAN;
    while (fgets(line, sizeof line, file)) {
        n_rows++;
        snprintf(last, sizeof last, "%s", line);
        double value = strrchr(line, ',') ? strtod(strrchr(line, ',') + 1, NULL) : (double)NAN;
        if (n_rows > 0 && fabs(value - nino_first[0]) <= 1e-9) {
            n_found++;
            first = value;
        }
    }
    fclose(file);
    assert_int_equal(n_rows, 1824 - 11);
    assert_int_equal(n_found, 1);
    assert_true(isfinite(first));
    assert_non_null(strstr(last, ",2023-06-01,"));

    run(&result, "show nino.az");
    assert_non_null(strstr(result.out, "NINO34_ANOM[t-11]"));
    char line_nc[4096];
    snprintf(line_nc, sizeof line_nc, "predict nino.az %s/small_physics/nino34_oni_monthly_1871.csv -o nino.nc",
             getenv("ANSATZ_DATA"));
    run(&result, line_nc);
    if (result.status != 69) { /* built with NetCDF */
        assert_int_equal(result.status, 0);
        call("show nino.nc");
        assert_non_null(strstr(result.out, "2023-06-01"));
    }

    call("compare " NINO "--models ridge,climatology,persistence,dummy");
    const char *best = strstr(result.out, "ridge"), *worst = strstr(result.out, "persistence");
    assert_true(best && worst && best < worst);
}

#define LYNX "%s/small_physics/lynx_canada_1821_1934.csv --target value --time time --lags 10 --ignore rownames "

static void lynx_one_year_ahead(void **state)
{
    (void)state;
    need_data();
    double persistence = test_rmse("fit persistence " LYNX "--test 0.25 --json");
    double ridge = test_rmse("fit ridge " LYNX "--test 0.25 --json");
    expect_near(persistence, lynx_persistence_rmse, 1e-12);
    expect_near(ridge, lynx_ridge_rmse, 1e-9);
    assert_true(ridge < persistence);
    /* Years are plain numbers here: there are no months of which climatology could be the mean. */
    call("compare " LYNX);
    assert_non_null(strstr(result.out, "persistence"));
    assert_null(strstr(result.out, "climatology"));
}

/* The trend and the season of the carbon dioxide of Mauna Loa: the phase of the year comes of the dates themselves. */
static void the_season_of_carbon_dioxide(void **state)
{
    (void)state;
    need_data();
#define CO2 "%s/small_physics/co2-mm-mlo.csv --missing='-1,-9.99,-0.99' --target Average --time Date "
    double trend = test_rmse("fit linear " CO2 "--features Date --degree 2 --test 0.2 --json");
    double season = test_rmse("fit linear " CO2 "--features Date --periodic Date=year --degree 2 --test 0.2 --json");
    assert_true(season < 0.75 * trend);
    call("fit linear " CO2 "--features Date --periodic Date=year --json -o co2.az");
    call("show co2.az");
    assert_non_null(strstr(result.out, "cos(Date, year)"));
    assert_non_null(strstr(result.out, "1958-03-01"));
    assert_non_null(strstr(result.out, "period of a year"));
    call("fit linear " CO2 "--features Date --test 0.2 --gap '12 months'");
    assert_non_null(strstr(result.err, " to train on, split: time"));
}

#define GOOD                                                                                                           \
    "date,x,s\n2020-01-01,1,a\n2020-01-02,3,a\n2020-01-03,2,a\n2020-01-04,5,a\n2020-01-05,4,a\n2020-01-06,7,a\n"

static void bad_input(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
        int status;
        const char *says;
    } cases[] = {
        {GOOD, "--target x --lags 0", 64, "--lags takes a whole number"},
        {GOOD, "--target x --lags 2 --horizon 0", 64, "--horizon takes a whole number"},
        {GOOD, "--target x --lags 2 --horizon -2", 64, "--horizon takes a whole number"},
        {GOOD, "--target x --horizon 2", 64, "goes with --lags"},
        {GOOD, "--target x --lags 9", 65, "the longest has 6"},
        {GOOD, "--target x --lags 2 --by station", 65, "no column \"station\""},
        {GOOD, "--target x --lags 2 --series y", 65, "no column \"y\""},
        {GOOD, "--target date", 65, "holds times and cannot be the target"},
        {GOOD, "--target x --weight date", 65, "holds times and cannot be the weight"},
        {GOOD, "--target x --categorical date", 64, "no categories"},
        {GOOD, "--target x --periodic date=decade", 64, "give year, month"},
        {GOOD, "--target x --periodic x=year", 64, "a positive period"},
        {GOOD, "--target x --features date --time date --test 0.5 --gap '3 fortnights'", 64, "no length of time"},
        {GOOD, "--target x --features date --time x --test 0.5 --gap '3 days'", 64, "twice"},
        {GOOD, "--target x --time date,s --features date", 65, "no numbers"},
        {"date,x\n2020-01-02,1\n2020-01-01,2\n2020-01-03,3\n", "--target x --lags 1", 65, "out of order"},
        {"date,x\n2020-01-02,1\n2020-01-02,2\n2020-01-03,3\n", "--target x --lags 1", 65, "stands twice"},
        {"y,m,x\n2020,1,1\n2020,13,2\n", "--target x --time y,m --lags 1", 65, "data row 2 holds no date: 2020, 13"},
        {"date,x\n2021-02-27,1\n2021-02-28,2\n2021-02-29,3\n2021-03-01,4\n2021-03-02,5\n2021-03-03,6\n",
         "--target x --lags 1 --time date", 65, "cannot be the time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[512];
        write_text("bad.csv", cases[i].text);
        int before = n_files_here();
        snprintf(line, sizeof line, "fit ridge bad.csv %s -o bad.az --quiet", cases[i].words);
        run(&result, line);
        if (result.status != cases[i].status || !strstr(result.err, cases[i].says) || result.n_error_lines != 1)
            fail_msg("%s: status %d, %s", line, result.status, result.err);
        assert_string_equal(result.out, "");
        assert_int_equal(n_files_here(), before);
    }
    run(&result, "fit persistence bad.csv --target x --quiet");
    assert_int_equal(result.status, 64);
    assert_non_null(strstr(result.err, "--lags L with --horizon H"));
    run(&result, "fit climatology bad.csv --target x --quiet");
    assert_int_equal(result.status, 64);
    assert_non_null(strstr(result.err, "--time"));
}

/* A model of times meets other data: other units are converted, another calendar or plain numbers are refused. */
static void other_data(void **state)
{
    (void)state;
    write_text("days.csv", "t [days since 2000-01-01],x\n0,1\n100,3\n200,2\n300,4\n");
    write_text("hours.csv", "t [hours since 2000-01-01],x\n0,1\n2400,3\n4800,2\n7200,4\n");
    write_text("plain.csv", "t,x\n0,1\n100,3\n200,2\n300,4\n");
    call("fit linear days.csv --target x --features t --periodic t=year -o t.az --json");
    call("predict t.az days.csv");
    char expected[RUN_MAX_TEXT];
    snprintf(expected, sizeof expected, "%.65000s", result.out);
    call("predict t.az hours.csv");
    assert_string_equal(result.out, expected);
    run(&result, "predict t.az plain.csv");
    assert_int_equal(result.status, 65);
    assert_non_null(strstr(result.err, "plain numbers, but the model was fitted with times"));
}

static int enter(void **state)
{
    (void)state;
    run_enter();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nino_six_months_ahead),
        cmocka_unit_test(lynx_one_year_ahead),
        cmocka_unit_test(the_season_of_carbon_dioxide),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(other_data),
    };
    return cmocka_run_group_tests(tests, enter, run_leave_group);
}
