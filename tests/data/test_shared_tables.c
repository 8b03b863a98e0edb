/* SPDX-License-Identifier: BSD-3-Clause */
/* Every text table of the folder $ANSATZ_DATA is read, and its rows and columns are those that the folder's README
 * states.  A table of the README that is not listed here fails the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "data/table.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What each table needs, and how many of its columns are text (dates are not). The rest is found out by the reader. */
typedef struct expectation {
    const char *file; /* or its beginning, up to a '*' */
    az_reader_options options;
    int n_text;
    int n_empty_rows;  /* lines without any value at the end, which the README counts and the reader leaves out */
    const char *first; /* name of the first column */
} expectation;

static const expectation expectations[] = {
    {"adult/adult-t*", {0}, 9, 0, "c0"},
    {"ai_feynman/BonusEquations.csv", {0}, 11, 0, "Filename"},
    {"ai_feynman/ClassEquations.csv", {0}, 16, 0, "Number"},
    {"ai_feynman/FeynmanEquations.csv", {0}, 12, 0, "Filename"},
    {"ai_feynman/units.csv", {0}, 2, 1, "Variable"},
    {"boston_housing/boston_house_prices.csv", {0}, 0, 0, "CRIM"},
    {"boston_housing/housing.data", {0}, 0, 0, "c0"},
    {"california_housing/housing.csv", {0}, 1, 0, "longitude"},
    {"gluon_pdf/gluon_*", {0}, 0, 0, "x"},
    {"nist/Lew.dat", {.skip = "39"}, 0, 0, "c0"},
    {"nist/Lottery.dat", {.skip = "40"}, 0, 0, "c0"},
    {"nist/Michelso.dat", {.skip = "30"}, 0, 0, "c0"},
    {"nist/NumAcc1.dat", {.skip = "45"}, 0, 0, "c0"},
    {"nist/NumAcc2.dat", {.skip = "44"}, 0, 0, "c0"},
    {"nist/NumAcc3.dat", {.skip = "43"}, 0, 0, "c0"},
    {"nist/*", {.skip = "60"}, 0, 0, "c0"},
    {"quijote/latin_hypercube_params.txt", {0}, 0, 0, "Omega_m"},
    {"sbibm/gaussian_linear_obs1_observation.csv", {0}, 0, 0, "data_1"},
    {"sbibm/gaussian_linear_obs1_true_parameters.csv", {0}, 0, 0, "parameter_1"},
    {"sbibm/slcp_obs1_observation.csv", {0}, 0, 0, "data_1"},
    {"sbibm/slcp_obs1_true_parameters.csv", {0}, 0, 0, "parameter_1"},
    {"sbibm/two_moons_obs1_observation.csv", {0}, 0, 0, "data_1"},
    {"sbibm/two_moons_obs1_true_parameters.csv", {0}, 0, 0, "parameter_1"},
    {"sbibm/two_moons_obs2_observation.csv", {0}, 0, 0, "data_1"},
    {"sbibm/two_moons_obs2_true_parameters.csv", {0}, 0, 0, "parameter_1"},
    {"sklearn_toy/breast_cancer.csv", {0}, 0, 0, "c0"},
    {"sklearn_toy/diabetes_*", {0}, 0, 0, "c0"},
    {"sklearn_toy/digits.csv.gz", {0}, 0, 0, "c0"},
    {"sklearn_toy/iris.csv", {0}, 0, 0, "c0"},
    {"sklearn_toy/linnerud_exercise.csv", {0}, 0, 0, "Chins"},
    {"sklearn_toy/linnerud_physiological.csv", {0}, 0, 0, "Weight"},
    {"sklearn_toy/wine_data.csv", {0}, 0, 0, "c0"},
    {"small_physics/SN_y_tot_V2.0.csv", {0}, 0, 0, "Year"},
    {"small_physics/co2-annmean-mlo.csv", {0}, 0, 0, "Year"},
    {"small_physics/co2-mm-mlo.csv", {0}, 0, 0, "Date"},
    {"small_physics/elnino_nino12_1950_2010.csv", {0}, 0, 0, "YEAR"},
    {"small_physics/exoplanets_seaborn.csv", {0}, 1, 0, "method"},
    {"small_physics/hubble1929.csv", {0}, 1, 0, "c0"},
    {"small_physics/hudson-bay-lynx-hare.csv", {0}, 0, 0, "Year"},
    {"small_physics/lynx_canada_1821_1934.csv", {0}, 0, 0, "rownames"},
    {"small_physics/nino34_oni_monthly_1871.csv", {0}, 1, 0, "YEAR"},
    {"small_physics/planets_solar_system.csv", {0}, 1, 0, "name"},
};
enum { N_EXPECTATIONS = sizeof expectations / sizeof expectations[0], N_TABLES = 87 };

static const expectation *find_expectation(const char *file)
{
    for (size_t i = 0; i < N_EXPECTATIONS; i++) {
        const char *star = strchr(expectations[i].file, '*');
        size_t length = star ? (size_t)(star - expectations[i].file) : strlen(file) + 1;
        if (strncmp(expectations[i].file, file, length) == 0) return &expectations[i];
    }
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool is_unsupported(const char *file)
{
#ifndef AZ_HAVE_ZLIB
    if (ends_with(file, ".gz")) return true;
#endif
    return ends_with(file, ".bz2");
}

static const char *folder(void)
{
    const char *data = getenv("ANSATZ_DATA");
    if (!data) {
        fprintf(stderr, "SKIPPED: set ANSATZ_DATA to the folder of shared tables\n");
        skip();
    }
    return data;
}

static az_table *read_shared(const char *file, const az_reader_options *options)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder(), file);
    az_table *table = NULL;
    az_status status = az_table_read(&table, path, options, NULL);
    if (status) fail_msg("%s", az_error_message());
    return table;
}

/* "24 x 2 (lines 61-84)" or "10000x28x28 uint8"; only the first form is a table. */
static bool read_shape(const char *text, long *n_rows, long *n_columns)
{
    char *end;
    *n_rows = strtol(text, &end, 10);
    if (end == text || strncmp(end, " x ", 3) != 0) return false;
    const char *second = end + 3;
    *n_columns = strtol(second, &end, 10);
    return end > second;
}

static int check_table(const char *file, long n_rows, long n_columns)
{
    const expectation *expected = find_expectation(file);
    if (!expected) {
        fprintf(stderr, "%s: not listed in this test\n", file);
        return 1;
    }
    az_table *table = read_shared(file, &expected->options);
    int n_text = 0, failed = 0;
    for (int64_t j = 0; j < table->n_columns; j++) n_text += table->columns[j].type == AZ_CATEGORICAL;
    if (table->n_rows + expected->n_empty_rows != n_rows || table->n_columns != n_columns) {
        fprintf(stderr, "%s: read %lld x %lld, the README says %ld x %ld\n", file, (long long)table->n_rows,
                (long long)table->n_columns, n_rows, n_columns);
        failed = 1;
    }
    if (n_text != expected->n_text || strcmp(table->columns[0].name, expected->first) != 0) {
        fprintf(stderr, "%s: %d text columns, first column \"%s\"; expected %d and \"%s\"\n", file, n_text,
                table->columns[0].name, expected->n_text, expected->first);
        failed = 1;
    }
    az_table_free(table);
    return failed;
}

static void shapes_are_those_of_the_readme(void **state)
{
    (void)state;
    char path[4096], line[8192];
    snprintf(path, sizeof path, "%s/README.md", folder());
    FILE *readme = fopen(path, "r");
    assert_non_null(readme);
    int n_tables = 0, n_failed = 0;
    while (fgets(line, sizeof line, readme)) {
        char file[256];
        const char *cell = line[0] == '|' ? strchr(line + 1, '|') : NULL;
        const char *shape = cell ? strchr(cell + 1, '|') : NULL;
        long n_rows, n_columns;
        if (!shape || sscanf(cell + 1, " %255s", file) != 1 || !read_shape(shape + 1, &n_rows, &n_columns)) continue;
        n_tables++;
        if (is_unsupported(file)) {
            az_table *table = NULL;
            snprintf(path, sizeof path, "%s/%s", folder(), file);
            assert_int_equal(az_table_read(&table, path, NULL, NULL), AZ_ERROR_UNAVAILABLE);
            fprintf(stderr, "not supported: %s\n", file);
        } else {
            n_failed += check_table(file, n_rows, n_columns);
        }
    }
    fclose(readme);
    assert_int_equal(n_failed, 0);
    assert_true(n_tables >= N_TABLES);
}

/* Numbers that anybody can look up in the files. */
static void cells(void **state)
{
    (void)state;
    az_table *table = read_shared("california_housing/housing.csv", NULL);
    int64_t column;
    assert_int_equal(az_table_find(table, "total_bedrooms", &column), AZ_OK);
    assert_int_equal(az_table_column_n_missing(table, column), 207);
    assert_int_equal(az_table_column_n_levels(table, 9), 5);
    assert_string_equal(az_table_text(table, 20639, 9), "INLAND");
    assert_true(az_table_number(table, 20639, 8) == 89400.0);
    assert_int_equal(az_table_find(table, "median_hous_value", &column), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "did you mean \"median_house_value\"?"));
    az_table_free(table);

    table = read_shared("nist/Nelson.dat", &(az_reader_options){.skip = "60", .names = "y,x1,x2"});
    assert_true(az_table_number(table, 0, 0) == 15.0 && az_table_number(table, 0, 2) == 180.0);
    az_table_free(table);

    table = read_shared("sklearn_toy/iris.csv", NULL);
    assert_true(az_table_number(table, 0, 0) == 5.1 && az_table_number(table, 149, 4) == 2);
    az_table_free(table);

    table = read_shared("small_physics/co2-mm-mlo.csv", &(az_reader_options){.missing = "-1,-9.99,-0.99"});
    assert_string_equal(az_table_column_name(table, 6), "c6");
    assert_int_equal(az_table_column_type(table, 0), AZ_TIME);
    assert_true(az_table_number(table, 0, 0) == -4324); /* 1958-03-01, in days since 1970 */
    assert_true(isnan(az_table_number(table, 0, 5)) && isnan(az_table_number(table, 0, 6)));
    assert_true(isnan(az_table_number(table, 0, 4))); /* written -01 */
    az_table_free(table);
}

/* Labels written "<=50K." in one file and "<=50K" in the other become two classes, not four. */
static void labels_of_adult(void **state)
{
    (void)state;
    char paths[4096];
    snprintf(paths, sizeof paths, "%s/adult/adult-train.csv,%s/adult/adult-test.csv", folder(), folder());
    az_table *table = NULL;
    az_reader_options options = {.relabel = "<=50K.=<=50K,>50K.=>50K"};
    assert_int_equal(az_table_read(&table, paths, &options, NULL), AZ_OK);
    assert_int_equal(table->n_rows, 32561 + 16281);
    assert_int_equal(table->columns[14].n_levels, 2);
    assert_string_equal(table->columns[14].levels[0], "<=50K");
    assert_string_equal(table->columns[14].levels[1], ">50K");
    az_table_free(table);
}

static void data_and_target_in_two_files(void **state)
{
    (void)state;
    char path[4096], target[4096];
    az_table *table = NULL;
    snprintf(path, sizeof path, "%s/sklearn_toy/linnerud_exercise.csv", folder());
    snprintf(target, sizeof target, "%s/sklearn_toy/linnerud_physiological.csv", folder());
    assert_int_equal(az_table_read(&table, path, &(az_reader_options){.join = target}, NULL), AZ_OK);
    assert_int_equal(table->n_columns, 6);
    assert_string_equal(table->columns[3].name, "Weight");
    az_table_free(table);

    snprintf(path, sizeof path, "%s/sklearn_toy/diabetes_data.csv.gz", folder());
    snprintf(target, sizeof target, "%s/sklearn_toy/diabetes_target.csv.gz", folder());
    if (is_unsupported(path)) skip();
    assert_int_equal(az_table_read(&table, path, &(az_reader_options){.target_file = target}, NULL), AZ_OK);
    assert_int_equal(table->n_columns, 11);
    assert_string_equal(table->columns[10].name, "target");
    assert_true(az_table_number(table, 0, 10) == 151);
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_those_of_the_readme),
        cmocka_unit_test(cells),
        cmocka_unit_test(labels_of_adult),
        cmocka_unit_test(data_and_target_in_two_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
