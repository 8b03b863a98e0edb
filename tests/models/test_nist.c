/* SPDX-License-Identifier: BSD-3-Clause */
/* The linear sets of the NIST Statistical Reference Datasets (https://www.itl.nist.gov/div898/strd/): certified values
 * to 15 digits, found with 500-digit arithmetic. */
#include "base/memory.h"
#include "base/number.h"
#include "models/drop_partial.h"
#include "models/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

extern const az_model_class az_linear;

enum { MAX_ROWS = 128, MAX_COLUMNS = 12 };

typedef struct nist_set {
    int n_rows, n_columns, n_parameters; /* n_columns: of x in the file */
    bool intercept;
    double y[MAX_ROWS], x[MAX_COLUMNS][MAX_ROWS];
    double estimate[MAX_COLUMNS], deviation[MAX_COLUMNS];
    double residual_sd;
} nist_set;

static int read_numbers(const char *line, double *values, int most)
{
    int n = 0;
    while (n < most) {
        while (*line == ' ' || *line == '\t') line++;
        const char *end = az_parse_double(line, line + strlen(line), '.', &values[n]);
        if (!end) break;
        line = end;
        n++;
    }
    return n;
}

/* The header tells which lines hold what: "Certified Values  (lines 31 to 46)". */
static bool read_set(const char *path, nist_set *set)
{
    memset(set, 0, sizeof *set);
    set->intercept = true;
    FILE *file = fopen(path, "r");
    if (!file) return false;
    char line[512];
    int number = 0, first_data = 0, last_data = 0, from, to;
    while (fgets(line, sizeof line, file)) {
        number++;
        const char *data = strstr(line, "Data "), *lines = strstr(line, "(lines");
        if (data && lines && data < lines && number < 20 && sscanf(lines, "(lines %d to %d)", &from, &to) == 2) {
            first_data = from;
            last_data = to;
        }
        const char *word = line + strspn(line, " ");
        double numbers[MAX_COLUMNS + 1];
        if (word[0] == 'B' && word[1] >= '0' && word[1] <= '9' && number < 61) {
            const char *rest = word + 1 + strspn(word + 1, "0123456789");
            int k = set->n_parameters;
            if (read_numbers(rest, numbers, 2) == 2) {
                if (k == 0 && word[1] == '1') set->intercept = false;
                set->estimate[k] = numbers[0];
                set->deviation[k] = numbers[1];
                set->n_parameters++;
            }
        }
        if (!strncmp(word, "Standard Deviation", 18) && read_numbers(word + 18, numbers, 1) == 1)
            set->residual_sd = numbers[0];
        if (first_data && number >= first_data && number <= last_data) {
            int n = read_numbers(line, numbers, MAX_COLUMNS + 1);
            if (n >= 2) {
                set->n_columns = n - 1;
                set->y[set->n_rows] = numbers[0];
                for (int j = 0; j < n - 1; j++) set->x[j][set->n_rows] = numbers[j + 1];
                set->n_rows++;
            }
        }
    }
    fclose(file);
    return set->n_rows > 0 && set->n_parameters > 0;
}

static double digits(double value, double certified)
{
    double error = certified == 0.0 ? fabs(value) : fabs(value - certified) / fabs(certified);
    return error == 0.0 ? 15.0 : fmin(15.0, -log10(error));
}

/* One set: a single x with more than two parameters means a polynomial, its powers with their rounding errors beside
 * them, as the design hands them over. */
static void check_set(const char *name, const nist_set *set)
{
    int p = set->n_parameters - set->intercept, m = set->n_rows;
    static double x[MAX_COLUMNS * MAX_ROWS], low[MAX_COLUMNS * MAX_ROWS];
    bool polynomial = set->n_columns == 1 && p > 1;
    if (!polynomial) assert_int_equal(set->n_columns, p);
    for (int i = 0; i < m; i++) {
        double power = 1.0, power_low = 0.0;
        for (int j = 0; j < p; j++) {
            if (polynomial) {
                double product = power * set->x[0][i];
                power_low = fma(power, set->x[0][i], -product) + power_low * set->x[0][i];
                power = product + power_low;
                power_low = power_low - (power - product);
            } else {
                power = set->x[j][i];
            }
            x[j * m + i] = power;
            low[j * m + i] = power_low;
        }
    }
    bool intercept = set->intercept;
    az_sample sample = {.n_rows = m,
                        .n_features = p,
                        .x = x,
                        .x_low = polynomial ? low : NULL,
                        .n_targets = 1,
                        .y = set->y,
                        .task = AZ_REGRESSION};
    void *options = az_alloc_zero(az_linear.options_size), *fitted = NULL;
    az_params_default(az_linear.params, options);
    bool found;
    assert_int_equal(az_params_set(az_linear.params, options, "fit_intercept", intercept ? "true" : "false", &found),
                     AZ_OK);
    az_fit_result result;
    assert_int_equal(az_linear.fit(&fitted, &sample, options, NULL, &result), AZ_OK);
    drop_partial(&az_linear, &result);
    az_linear_map map;
    az_linear.linear_map(fitted, &map);
    double worst_estimate = 15.0, worst_deviation = 15.0;
    for (int j = 0; j < set->n_parameters; j++) {
        int at = j + !intercept; /* in the covariance */
        double estimate = at == 0 ? map.intercept[0] : map.coefficient[at - 1];
        double deviation = sqrt(map.variance[0] * map.covariance[at * (p + 1) + at]);
        worst_estimate = fmin(worst_estimate, digits(estimate, set->estimate[j]));
        worst_deviation = fmin(worst_deviation, digits(deviation, set->deviation[j]));
    }
    double residual = digits(sqrt(map.variance[0]), set->residual_sd);
    printf("    %-10s %2d coefficients: %5.1f digits, standard errors %5.1f, residual deviation %5.1f\n", name,
           set->n_parameters, worst_estimate, worst_deviation, residual);
    assert_true(worst_estimate >= 10.0);
    assert_true(worst_deviation >= 9.0);
    assert_true(residual >= 9.0);
    assert_true(result.converged);
    az_linear.free(fitted);
    az_free(options);
}

static bool data_path(char *path, size_t size, const char *name)
{
    const char *data = getenv("ANSATZ_DATA");
    if (!data) return false;
    return (size_t)snprintf(path, size, "%s/nist/%s.dat", data, name) < size;
}

static void certified_sets(void **state)
{
    (void)state;
    static const char *const names[] = {"Norris",   "Pontius",  "NoInt1",   "NoInt2",   "Filip",   "Longley",
                                        "Wampler1", "Wampler2", "Wampler3", "Wampler4", "Wampler5"};
    int n_read = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        static nist_set set;
        if (!data_path(path, sizeof path, names[i]) || !read_set(path, &set)) continue;
        check_set(names[i], &set);
        n_read++;
    }
    if (!n_read) skip(); /* ANSATZ_DATA names the folder of data sets */
}

/* Wampler's sets 3, 4 and 5 are set 1 plus 1, 100 and 10000 times the same deviations, orthogonal to the model:
 * the certified coefficients stay 1, and the certified standard errors grow by these factors. */
static void wampler_with_larger_deviations(void **state)
{
    (void)state;
    static nist_set exact, set;
    char path[512];
    if (!data_path(path, sizeof path, "Wampler1") || !read_set(path, &exact)) skip();
    for (int k = 4; k <= 5; k++) {
        assert_true(data_path(path, sizeof path, "Wampler3") && read_set(path, &set));
        double factor = k == 4 ? 100.0 : 10000.0;
        for (int i = 0; i < set.n_rows; i++) set.y[i] = exact.y[i] + factor * (set.y[i] - exact.y[i]);
        for (int j = 0; j < set.n_parameters; j++) set.deviation[j] *= factor;
        set.residual_sd *= factor;
        check_set(k == 4 ? "Wampler4" : "Wampler5", &set);
    }
}

/* Filippelli's set, the hardest: degree 10, the condition number of the powers is 1.8e15. */
static void filip(void **state)
{
    (void)state;
    static nist_set set;
    const char *file = __FILE__;
    char path[1024];
    snprintf(path, sizeof path, "%.*s/reference/filip.txt", (int)(strrchr(file, '/') - file), file);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    char line[256];
    set.intercept = true;
    set.n_columns = 1;
    while (fgets(line, sizeof line, in)) {
        double numbers[2];
        if (line[0] == '#') continue;
        if (line[0] == 'B' && read_numbers(line + 1 + strspn(line + 1, "0123456789"), numbers, 2) == 2) {
            set.estimate[set.n_parameters] = numbers[0];
            set.deviation[set.n_parameters++] = numbers[1];
        } else if (line[0] == 'S' && read_numbers(line + 1, numbers, 1) == 1) {
            set.residual_sd = numbers[0];
        } else if (read_numbers(line, numbers, 2) == 2) {
            set.y[set.n_rows] = numbers[0];
            set.x[0][set.n_rows++] = numbers[1];
        }
    }
    fclose(in);
    assert_int_equal(set.n_rows, 82);
    assert_int_equal(set.n_parameters, 11);
    check_set("Filip", &set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certified_sets),
        cmocka_unit_test(wampler_with_larger_deviations),
        cmocka_unit_test(filip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
