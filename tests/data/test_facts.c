/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables that ship in data/: each file is the one whose checksum stands in data/SOURCES.md, and each number in it
 * is that of the original in $ANSATZ_DATA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *file, *original;
    int64_t n_rows, n_columns;
    az_reader_options reader; /* of the original */
    const char *levels;       /* what the original's numbers in the last column stand for, or NULL */
} facts[] = {
    {"hubble.csv", "small_physics/hubble1929.csv", 24, 3, {.header = "none"}, NULL},
    {"planets.csv", "small_physics/planets_solar_system.csv", 8, 8, {0}, NULL},
    {"iris.csv", "sklearn_toy/iris.csv", 150, 5, {.skip = "1", .header = "none"}, "setosa versicolor virginica"},
    {"mauna_loa_co2.csv", "small_physics/co2-annmean-mlo.csv", 67, 3, {0}, NULL},
};
enum { N_FACTS = sizeof facts / sizeof *facts };

static az_table *read_table(const char *folder, const char *file, const az_reader_options *options)
{
    char path[4096];
    az_table *table = NULL;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (az_table_read(&table, path, options, NULL)) fail_msg("%s", az_error_message());
    return table;
}

static const char *data_folder(void)
{
    const char *data = getenv("ANSATZ_DATA");
    if (!data) {
        fprintf(stderr, "SKIPPED: set ANSATZ_DATA to the folder with the originals\n");
        skip();
    }
    return data;
}

static void sum_of(const char *folder, const char *file, char sum[65])
{
    char command[4096];
    snprintf(command, sizeof command, "sha256sum '%s/%s'", folder, file);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(fread(sum, 1, 64, pipe), 64);
    sum[64] = '\0';
    pclose(pipe);
}

/* The line of SOURCES.md about the file ends in "| sum of the original | sum of the file |". */
static void stated_sums(const char *file, char original[65], char shipped[65])
{
    char line[2048];
    FILE *sources = fopen(AZ_SOURCE_DIR "/data/SOURCES.md", "r");
    assert_non_null(sources);
    original[0] = '\0';
    while (fgets(line, sizeof line, sources)) {
        if (strncmp(line, "| ", 2) || strncmp(line + 2, file, strlen(file))) continue;
        char *last = strrchr(line, '|');
        assert_non_null(last);
        assert_true(last - line > 136);
        assert_int_equal(sscanf(last - 65, "%64[0-9a-f]", shipped), 1);
        assert_int_equal(sscanf(last - 132, "%64[0-9a-f]", original), 1);
    }
    fclose(sources);
    if (!original[0]) fail_msg("data/SOURCES.md has no line about %s", file);
}

static void files_are_the_stated_ones(void **state)
{
    (void)state;
    for (int i = 0; i < N_FACTS; i++) {
        char original[65], shipped[65], found[65];
        stated_sums(facts[i].file, original, shipped);
        sum_of(AZ_SOURCE_DIR "/data", facts[i].file, found);
        assert_string_equal(found, shipped);
    }
}

static void originals_are_the_stated_ones(void **state)
{
    (void)state;
    const char *folder = data_folder();
    for (int i = 0; i < N_FACTS; i++) {
        char original[65], shipped[65], found[65];
        stated_sums(facts[i].file, original, shipped);
        sum_of(folder, facts[i].original, found);
        assert_string_equal(found, original);
    }
}

/* The k-th word of a list separated by blanks. */
static void word_of(const char *words, int k, char word[64])
{
    for (; k > 0; k--) words = strchr(words, ' ') + 1;
    snprintf(word, 64, "%.*s", (int)strcspn(words, " "), words);
}

static void cells_are_the_originals(void **state)
{
    (void)state;
    const char *folder = data_folder();
    int n_numbers = 0;
    for (int i = 0; i < N_FACTS; i++) {
        az_table *shipped = read_table(AZ_SOURCE_DIR "/data", facts[i].file, NULL);
        az_table *original = read_table(folder, facts[i].original, &facts[i].reader);
        assert_int_equal(az_table_n_rows(shipped), facts[i].n_rows);
        assert_int_equal(az_table_n_rows(original), facts[i].n_rows);
        assert_int_equal(az_table_n_columns(shipped), facts[i].n_columns);
        assert_int_equal(az_table_n_columns(original), facts[i].n_columns);
        for (int64_t j = 0; j < facts[i].n_columns; j++) {
            assert_int_equal(az_table_column_n_missing(shipped, j), 0);
            for (int64_t r = 0; r < facts[i].n_rows; r++) {
                if (az_table_column_type(shipped, j) == AZ_NUMERIC) {
                    assert_true(az_table_number(shipped, r, j) == az_table_number(original, r, j));
                    n_numbers++;
                } else if (az_table_column_type(original, j) == AZ_NUMERIC) {
                    char word[64];
                    word_of(facts[i].levels, (int)az_table_number(original, r, j), word);
                    assert_string_equal(az_table_text(shipped, r, j), word);
                } else {
                    assert_string_equal(az_table_text(shipped, r, j), az_table_text(original, r, j));
                }
            }
        }
        az_table_free(shipped);
        az_table_free(original);
    }
    assert_int_equal(n_numbers, 24 * 2 + 8 * 7 + 150 * 4 + 67 * 3);
}

/* Facts about the tables that do not need the originals: Kepler's third law, and what everybody knows. */
static void facts_are_plausible(void **state)
{
    (void)state;
    az_table *planets = read_table(AZ_SOURCE_DIR "/data", "planets.csv", NULL);
    int64_t distance, period;
    assert_int_equal(az_table_find(planets, "distance", &distance), AZ_OK);
    assert_int_equal(az_table_find(planets, "period", &period), AZ_OK);
    assert_string_equal(az_table_column_unit(planets, period), "d");
    for (int64_t r = 0; r < 8; r++) {
        double a = az_table_number(planets, r, distance) / 149.6, t = az_table_number(planets, r, period) / 365.25;
        assert_true(fabs(t * t / (a * a * a) - 1) < 0.02);
    }
    az_table_free(planets);
    az_table *co2 = read_table(AZ_SOURCE_DIR "/data", "mauna_loa_co2.csv", NULL);
    for (int64_t r = 0; r < az_table_n_rows(co2); r++) {
        assert_true(az_table_number(co2, r, 0) == 1959 + (double)r);
        if (r) assert_true(az_table_number(co2, r, 1) > az_table_number(co2, r - 1, 1));
    }
    az_table_free(co2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_the_stated_ones),
        cmocka_unit_test(originals_are_the_stated_ones),
        cmocka_unit_test(cells_are_the_originals),
        cmocka_unit_test(facts_are_plausible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
