/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows in time: every cell is where its definition says, whatever the blocks, and no split lets a test target into
 * the training windows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "data/source.h"
#include "data/windows.h"
#include "models/model.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 400 };

static char notes[4096];

static void take_note(void *user, az_level level, const char *text)
{
    (void)user;
    (void)level;
    size_t used = strlen(notes);
    snprintf(notes + used, sizeof notes - used, "%s\n", text);
}

static const az_control listening = {.message = take_note};

/* Rows of several stations, each with its own steps in time, dealt out at random: value = 1000 station + place. */
typedef struct rows {
    int64_t n, place[MOST_ROWS], n_of_station[5];
    double time[MOST_ROWS], station[MOST_ROWS], value[MOST_ROWS], other[MOST_ROWS];
    int64_t given;
} rows;

static void make_rows(rows *r, int64_t n, int n_stations, uint64_t seed)
{
    az_stream stream = az_stream_new(seed, "windows");
    memset(r, 0, sizeof *r);
    r->n = n;
    for (int64_t i = 0; i < n; i++) {
        uint64_t station = az_random_below(stream, (uint64_t)i, 0, (uint64_t)n_stations);
        r->place[i] = r->n_of_station[station]++;
        r->station[i] = (double)station;
        r->time[i] = (double)(r->place[i] * (int64_t)(station + 1)) + 0.25 * (double)station;
        r->value[i] = 1000 * r->station[i] + (double)r->place[i];
        r->other[i] = i % 7 == 3 ? (double)NAN : -r->value[i];
    }
}

static int64_t give_rows(void *user, double *cells, int64_t max_rows)
{
    rows *r = user;
    int64_t n = r->n - r->given < max_rows ? r->n - r->given : max_rows;
    if (n > 7) n = 7; /* blocks smaller than a window */
    for (int64_t i = 0; i < n; i++, r->given++) {
        cells[4 * i] = r->time[r->given];
        cells[4 * i + 1] = r->station[r->given];
        cells[4 * i + 2] = r->value[r->given];
        cells[4 * i + 3] = r->other[r->given];
    }
    return n;
}

static bool rewind_rows(void *user)
{
    ((rows *)user)->given = 0;
    return true;
}

static az_source *source_of(rows *r)
{
    static const char *const names[] = {"time", "station", "x", "other"};
    const az_source_callback callback = {
        .n_columns = 4, .names = names, .n_rows = -1, .next = give_rows, .rewind = rewind_rows, .user = r};
    az_source *source;
    r->given = 0;
    assert_int_equal(az_source_of_callback(&source, &callback), AZ_OK);
    return source;
}

static double cell(const az_table *table, int64_t row, const char *name)
{
    int64_t column;
    if (az_table_find(table, name, &column)) fail_msg("%s", az_error_message());
    return az_table_number(table, row, column);
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* By the definition: the window of place t of a station, found by its time and station. */
static void check_windows(const rows *r, const az_table *table, int64_t n_lags, int64_t horizon)
{
    int64_t expected = 0, n_open = 0;
    for (int s = 0; s < 5; s++)
        if (r->n_of_station[s] >= n_lags) expected += r->n_of_station[s] - n_lags + 1;
    assert_int_equal(az_table_n_rows(table), expected);
    for (int64_t i = 0; i < expected; i++) {
        double station = cell(table, i, "station"), time = cell(table, i, "time");
        int64_t t = (int64_t)llround((time - 0.25 * station) / (station + 1)) - horizon;
        assert_true(t >= n_lags - 1);
        bool open = t + horizon >= r->n_of_station[(int)station];
        n_open += open;
        assert_true(same(cell(table, i, "x"), open ? (double)NAN : 1000 * station + (double)(t + horizon)));
        for (int64_t lag = 0; lag < n_lags; lag++) {
            az_text name = {0}, other = {0};
            assert_int_equal(az_window_name(&name, "x", lag), AZ_OK);
            assert_int_equal(az_window_name(&other, "other", lag), AZ_OK);
            double x = cell(table, i, name.data), y = cell(table, i, other.data);
            assert_true(x == 1000 * station + (double)(t - lag));
            assert_true(isnan(y) || y == -x);
            az_text_free(&name);
            az_text_free(&other);
        }
        double begin = az_table_number(table, i, table->begin_column);
        assert_true(begin == (double)(t - n_lags + 1) * (station + 1) + 0.25 * station);
    }
    assert_true(n_open > 0);
}

static void test_definition(void **state)
{
    (void)state;
    rows *r = calloc(1, sizeof *r);
    assert_non_null(r);
    for (int64_t n_lags = 1; n_lags <= 9; n_lags += 4) {
        for (int64_t horizon = 1; horizon <= 7; horizon += 3) {
            for (int n_stations = 1; n_stations <= 5; n_stations += 2) {
                char lags[8], ahead[8];
                snprintf(lags, sizeof lags, "%d", (int)n_lags);
                snprintf(ahead, sizeof ahead, "%d", (int)horizon);
                az_reader_options options = {
                    .lags = lags, .horizon = ahead, .by = "station", .time = "time", .target = "x"};
                make_rows(r, MOST_ROWS, n_stations, (uint64_t)(n_lags + horizon));
                az_source *windows;
                az_table *table, *again;
                assert_int_equal(az_source_windows(&windows, source_of(r), &options, NULL), AZ_OK);
                assert_int_equal(az_table_collect(&table, windows, NULL), AZ_OK);
                check_windows(r, table, n_lags, horizon);
                assert_int_equal(az_source_rewind(windows), AZ_OK);
                assert_int_equal(az_table_collect(&again, windows, NULL), AZ_OK);
                assert_true(az_table_digest(table) == az_table_digest(again));
                az_table_free(again);
                az_source_free(windows);

                /* The table as a whole gives the same. */
                az_source *source = source_of(r);
                assert_int_equal(az_table_collect(&again, source, NULL), AZ_OK);
                az_source_free(source);
                assert_int_equal(az_table_windows(&again, &options, NULL), AZ_OK);
                check_windows(r, again, n_lags, horizon);
                az_table_free(again);
                az_table_free(table);
            }
        }
    }
    free(r);
}

/* Every training window, its target included, is over before the test begins, or begins when the test is over. */
static void test_splits(void **state)
{
    (void)state;
    rows *r = calloc(1, sizeof *r);
    make_rows(r, MOST_ROWS, 3, 5);
    az_reader_options options = {
        .lags = "4", .horizon = "3", .by = "station", .time = "time", .target = "x", .series = "x"};
    az_source *source;
    az_table *table;
    az_problem *problem;
    assert_int_equal(az_source_windows(&source, source_of(r), &options, NULL), AZ_OK);
    assert_int_equal(az_table_collect(&table, source, NULL), AZ_OK);
    az_roles roles = {.target = "x", .ignore = "station"};
    notes[0] = 0;
    assert_int_equal(az_problem_new(&problem, table, &roles, false, &listening), AZ_OK);
    assert_int_equal(problem->n_inputs, 4); /* the lags alone: neither the time nor where the window begins */
    assert_non_null(strstr(notes, "time is the time by which"));
    int64_t n = problem->n_rows, training[MOST_ROWS], n_training;
    int32_t fold[MOST_ROWS];
    az_split_data data;
    az_problem_split_data(problem, &data);
    az_split_options split = {0};
    assert_int_equal(az_split_resolve(split.kind, &data), AZ_SPLIT_TIME);
    assert_int_equal(az_split_folds(&split, &data, 4, fold), AZ_OK);
    for (int32_t k = 0; k < 4; k++) {
        az_split_training_rows(&split, &data, fold, k, training, &n_training);
        assert_true(n_training > n / 2);
        for (int64_t a = 0; a < n_training; a++)
            for (int64_t i = 0; i < n; i++) {
                if (fold[i] != k) continue;
                int64_t j = training[a];
                assert_true(data.time[j] < data.begin[i] || data.begin[j] > data.time[i]);
            }
    }
    az_problem_free(problem);
    az_table_free(table);
    az_source_free(source);
    free(r);
}

static az_table *read_windows(const char *text, const az_reader_options *options)
{
    az_table *table = NULL;
    FILE *file = fopen("windows.csv", "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    notes[0] = 0;
    az_status status = az_table_read(&table, "windows.csv", options, &listening);
    remove("windows.csv");
    if (status) assert_null(table);
    return table;
}

static void check_time(const az_table *table, int64_t row, const char *expected)
{
    char text[AZ_TIME_MAX];
    az_table_print_number(text, table, row, table->time_column);
    assert_string_equal(text, expected);
}

/* The times of forecasts: calendar months go on as months, equal steps as steps. */
static void test_times_beyond_the_end(void **state)
{
    (void)state;
    az_reader_options options = {.lags = "2", .horizon = "3", .target = "x"};
    az_table *table = read_windows("date,x,note\n2019-11-30,1,a\n2019-12-31,2,b\n2020-01-31,3,c\n", &options);
    assert_non_null(table);
    assert_int_equal(az_table_n_rows(table), 2);
    check_time(table, 0, "2020-03-31");
    check_time(table, 1, "2020-04-30");
    assert_true(isnan(cell(table, 1, "x")) && cell(table, 1, "x[t]") == 3 && cell(table, 1, "x[t-1]") == 2);
    assert_non_null(strstr(notes, "note: not in the windows"));
    assert_non_null(strstr(notes, "1 rows have no full history"));
    assert_null(strstr(notes, "steps differ")); /* a month is a month */
    az_table_free(table);

    table = read_windows("date,x\n2020-02-26,1\n2020-02-28,2\n2020-03-01,3\n", &options);
    assert_non_null(table);
    check_time(table, 1, "2020-03-07");
    az_table_free(table);

    table = read_windows("date,x\n2020-01-01,1\n2020-01-02,2\n2020-01-05,3\n", &options);
    assert_non_null(table);
    assert_non_null(strstr(notes, "date: steps differ, from 1 to 3 days"));
    check_time(table, 1, "2020-01-11"); /* three steps of the mean, two days */
    az_table_free(table);
}

/* A category can be lagged, and what plays another part comes from the row of the target. */
static void test_categories_and_companions(void **state)
{
    (void)state;
    az_reader_options options = {
        .lags = "1", .horizon = "1", .target = "x", .series = "x,sky", .by = "place", .beside = "w,absent"};
    az_table *table = read_windows("t [days since 2000-01-01],x,sky,place,w\n"
                                   "1,1,clear,A,10\n1,5,grey,B,50\n2,2,grey,A,20\n2,6,,B,60\n3,3,rain,A,30\n",
                                   &options);
    assert_non_null(table);
    static const struct {
        const char *time, *sky, *place;
        double x, now, w;
    } expected[] = {{"2000-01-03", "clear", "A", 2, 1, 20},
                    {"2000-01-03", "grey", "B", 6, 5, 60},
                    {"2000-01-04", "grey", "A", 3, 2, 30},
                    {"2000-01-05", "rain", "A", NAN, 3, NAN},
                    {"2000-01-04", NULL, "B", NAN, 6, NAN}};
    assert_int_equal(az_table_n_rows(table), 5);
    for (int64_t i = 0; i < 5; i++) {
        int64_t sky, place;
        assert_int_equal(az_table_find(table, "sky[t]", &sky), AZ_OK);
        assert_int_equal(az_table_find(table, "place", &place), AZ_OK);
        check_time(table, i, expected[i].time);
        const char *text = az_table_text(table, i, sky);
        assert_true(text ? expected[i].sky && strcmp(text, expected[i].sky) == 0 : !expected[i].sky);
        assert_string_equal(az_table_text(table, i, place), expected[i].place);
        assert_true(same(cell(table, i, "x"), expected[i].x) && cell(table, i, "x[t]") == expected[i].now);
        assert_true(same(cell(table, i, "w"), expected[i].w));
    }
    az_table_free(table);
}

static void test_bad_input(void **state)
{
    (void)state;
    static const char good[] = "date,x,s\n2020-01-01,1,a\n2020-01-02,2,a\n2020-01-03,3,a\n";
    static const struct {
        const char *text;
        az_reader_options options;
        az_status status;
        const char *says;
    } cases[] = {
        {good, {.lags = "0"}, AZ_ERROR_USAGE, "--lags takes a whole number from 1"},
        {good, {.lags = "2", .horizon = "0"}, AZ_ERROR_USAGE, "--horizon takes a whole number from 1"},
        {good, {.lags = "2", .horizon = "-3"}, AZ_ERROR_USAGE, "not \"-3\""},
        {good, {.horizon = "1"}, AZ_ERROR_USAGE, "--horizon goes with --lags"},
        {good, {.by = "s"}, AZ_ERROR_USAGE, "--by goes with --lags"},
        {good, {.lags = "4", .target = "x"}, AZ_ERROR_DATA, "the longest has 3"},
        {good, {.lags = "2", .by = "station"}, AZ_ERROR_DATA, "no column \"station\""},
        {good, {.lags = "2", .target = "y"}, AZ_ERROR_DATA, "no column \"y\""},
        {good, {.lags = "2", .series = "date"}, AZ_ERROR_USAGE, "\"date\""},
        {good, {.lags = "2", .time = "s"}, AZ_ERROR_DATA, "cannot be the time"},
        {"x,y\n1,2\n", {.lags = "1"}, AZ_ERROR_USAGE, "name it with --time"},
        {"d,x\n2020-01-02,1\n2020-01-01,2\n", {.lags = "1"}, AZ_ERROR_DATA, "out of order: d 2020-01-01 in data row 2"},
        {"d,x\n2020-01-02,1\n2020-01-02,2\n", {.lags = "1"}, AZ_ERROR_DATA, "stands twice"},
        {"d,x\n2020-01-02,1\n,2\n", {.lags = "1"}, AZ_ERROR_DATA, "missing in data row 2"},
        {"d,x\n2020-01-02,a\n2020-01-03,b\n", {.lags = "1"}, AZ_ERROR_DATA, "--series"},
        {"d,x\n2020-01-02,1\n2020-01-03,2\n2020-02-30,3\n2020-03-03,4\n2020-03-04,4\n2020-03-05,4\n",
         {.lags = "1", .time = "d"},
         AZ_ERROR_DATA,
         "cannot be the time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FILE *file = fopen("windows.csv", "wb");
        assert_non_null(file);
        fputs(cases[i].text, file);
        fclose(file);
        az_table *table = NULL;
        az_status status = az_table_read(&table, "windows.csv", &cases[i].options, NULL);
        remove("windows.csv");
        if (status != cases[i].status || !strstr(az_error_message(), cases[i].says))
            fail_msg("case %d: status %d, %s", (int)i, (int)status, az_error_message());
        assert_null(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_times_beyond_the_end),
        cmocka_unit_test(test_categories_and_companions),
        cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
