/* SPDX-License-Identifier: BSD-3-Clause */
/* What formulas are worth: against Python, CODATA, and the rules of missing values. */
#include "formula/columns.h"
#include "formula/frozen_values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define N(array) ((int)(sizeof(array) / sizeof *(array)))

enum { N_ROWS = 7 };
static const double a_values[N_ROWS] = {1, 2, NAN, -4.5, 0, NAN, 1e300};
static const double b_values[N_ROWS] = {3, 2, 1, NAN, -0.0, NAN, 1e300};
static const char *const place_texts[N_ROWS] = {"INLAND", "ISLAND", NULL, "NEAR BAY", "INLAND", "", "Grün"};
static const char *const other_texts[N_ROWS] = {"INLAND", "INLAND", "x", NULL, "INLAND", "", "grün"};
static const double time_values[N_ROWS] = {0, 30, 29.5, NAN, -1, 31, 0.25};

static test_columns columns = {
    .n_columns = 6,
    .names = {"a", "b", "place", "other", "time", "median income"},
    .types = {AZ_FORMULA_NUMBERS, AZ_FORMULA_NUMBERS, AZ_FORMULA_TEXTS, AZ_FORMULA_TEXTS, AZ_FORMULA_TIMES,
              AZ_FORMULA_NUMBERS},
    .numbers = {a_values, b_values, NULL, NULL, time_values, b_values},
    .texts = {NULL, NULL, place_texts, other_texts},
};

/* The values of `text` on the rows; the status of what fails. */
static az_status evaluate(test_columns *of, const char *text, int64_t n_rows, double *values, unsigned char *missing)
{
    az_formula *formula = NULL;
    az_formula_program *program = NULL;
    const az_formula_columns seen = test_columns_of(of);
    int32_t left, right;
    az_status status = az_formula_parse(&formula, text);
    if (!status) {
        az_formula_sides(formula, &left, &right);
        status = az_formula_bind(&program, formula, right, &seen);
    }
    if (!status) {
        double *scratch = az_alloc_array(az_formula_scratch(program), sizeof *scratch);
        assert_non_null(scratch);
        az_formula_evaluate(program, 0, n_rows, scratch, values, missing);
        az_free(scratch);
    }
    az_formula_program_free(program);
    az_formula_free(formula);
    return status;
}

static void expect_values(const char *text, const double *expected)
{
    double values[N_ROWS];
    if (evaluate(&columns, text, N_ROWS, values, NULL)) fail_msg("%s: %s", text, az_error_message());
    for (int i = 0; i < N_ROWS; i++)
        if (isnan(expected[i]) ? !isnan(values[i]) : values[i] != expected[i])
            fail_msg("%s: row %d is %.17g, not %.17g", text, i, values[i], expected[i]);
}

static void test_against_python(void **state)
{
    (void)state;
    test_columns of = {.n_columns = N(frozen_variables)};
    for (int i = 0; i < N(frozen_variables); i++) {
        of.names[i] = frozen_variables[i].name;
        of.numbers[i] = &frozen_variables[i].value;
    }
    for (int i = 0; i < N(frozen_values); i++) {
        double value, expected = frozen_values[i].value;
        if (evaluate(&of, frozen_values[i].expression, 1, &value, NULL))
            fail_msg("%s: %s", frozen_values[i].expression, az_error_message());
        /* A few units of the last place: another C library may round a function otherwise. */
        if (!(fabs(value - expected) <= 1e-14 * fabs(expected)))
            fail_msg("%s is %.17g, in Python %.17g", frozen_values[i].expression, value, expected);
    }
}

static void test_constants(void **state)
{
    (void)state;
    int n = 0;
    for (const az_formula_constant *constant = az_formula_constants; constant->name; constant++) n++;
    assert_int_equal(n, N(frozen_constants) + 2); /* pi and e are Python's in the other test */
    for (int i = 0; i < N(frozen_constants); i++) {
        const az_formula_constant *constant = az_formula_constant_find(frozen_constants[i].name);
        assert_non_null(constant);
        assert_true(constant->value == frozen_constants[i].value);
        assert_true(constant->uncertainty == frozen_constants[i].uncertainty);
        assert_true(constant->meaning[0] != 0);
    }
    /* Laws that tie them: 1 up to the digits that are published. */
    static const char *const laws[] = {
        "const.mu_0*const.epsilon_0*const.c^2",
        "const.N_A*const.k_B/const.R",
        "const.N_A*const.e/const.F",
        "2*pi*const.hbar/const.h",
        "2*pi^5*const.k_B^4/(15*const.h^3*const.c^2)/const.sigma",
        "const.e^2/(4*pi*const.epsilon_0*const.hbar*const.c)/const.alpha",
        "const.alpha^2*const.m_e*const.c/(2*const.h)/const.R_inf",
        "const.hbar/(const.m_e*const.c*const.alpha)/const.a_0",
        "const.e*const.hbar/(2*const.m_e)/const.mu_B",
    };
    for (int i = 0; i < N(laws); i++) {
        double value;
        assert_int_equal(evaluate(&columns, laws[i], 1, &value, NULL), AZ_OK);
        if (!(fabs(value - 1) < 2e-10)) fail_msg("%s is %.17g", laws[i], value);
    }
}

static void test_missing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double values[N_ROWS];
    } cases[] = {
        {"a + b", {4, 4, NAN, NAN, 0, NAN, 2e300}},
        {"a < b", {1, 0, NAN, NAN, 0, NAN, 0}},
        {"a == b", {0, 1, NAN, NAN, 1, NAN, 1}},
        {"a != b", {1, 0, NAN, NAN, 0, NAN, 0}},
        {"min(a, b)", {1, 2, NAN, NAN, 0, NAN, 1e300}},
        {"max(b, 0, a)", {3, 2, NAN, NAN, 0, NAN, 1e300}},
        {"a^0", {1, 1, NAN, 1, 1, NAN, 1}},
        {"1^a", {1, 1, NAN, 1, 1, NAN, 1}},
        {"not a", {0, 0, NAN, 0, 1, NAN, 0}},
        {"a > 0 and b > 2", {1, 0, 0, 0, 0, NAN, 1}},
        {"a > 0 or b > 2", {1, 1, NAN, NAN, 0, NAN, 1}},
        {"where(a > 1, 10, b)", {3, 10, NAN, NAN, 0, NAN, 10}},
        {"where(is_missing(a), -1, a)", {1, 2, -1, -4.5, 0, -1, 1e300}},
        {"is_missing(a + b)", {0, 0, 1, 1, 0, 1, 0}},
        {"sign(a)", {1, 1, NAN, -1, 0, NAN, 1}},
        {"`median income`", {3, 2, 1, NAN, 0, NAN, 1e300}},
        {"x = 2*a", {2, 4, NAN, -9, 0, NAN, 2e300}},
    };
    for (int i = 0; i < N(cases); i++) {
        expect_values(cases[i].text, cases[i].values);
    }
}

static void test_texts_and_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double values[N_ROWS];
    } cases[] = {
        {"place == \"INLAND\"", {1, 0, NAN, 0, 1, 0, 0}},
        {"'INLAND' == place", {1, 0, NAN, 0, 1, 0, 0}},
        {"place != \"INLAND\"", {0, 1, NAN, 1, 0, 1, 1}},
        {"not place == \"NEAR BAY\"", {1, 1, NAN, 0, 1, 1, 1}},
        {"place == \"\"", {0, 0, NAN, 0, 0, 1, 0}},
        {"place == 'Grün'", {0, 0, NAN, 0, 0, 0, 1}},
        {"place == other", {1, 0, NAN, NAN, 1, 1, 0}},
        {"place != other", {0, 1, NAN, NAN, 0, 0, 1}},
        {"is_missing(place)", {0, 0, 1, 0, 0, 0, 0}},
        {"a + 10*(place == 'INLAND') + is_missing(other)", {11, 2, NAN, -3.5, 10, NAN, 1e300}},
        {"time >= \"2000-01-31\"", {0, 1, 0, NAN, 0, 1, 0}},
        {"\"2000-01-01\" < time", {0, 1, 1, NAN, 0, 1, 1}},
        {"time == '2000-01-01' or time > '2000-01-31'", {1, 0, 0, NAN, 0, 1, 0}},
        {"time/2", {0, 15, 14.75, NAN, -0.5, 15.5, 0.125}},
        {"day(time)*10 + month(time)", {11, 311, 301, NAN, 1, 321, 11}},
        {"is_missing(time)", {0, 0, 0, 1, 0, 0, 0}},
    };
    for (int i = 0; i < N(cases); i++) expect_values(cases[i].text, cases[i].values);
}

static void test_inputs_missing(void **state)
{
    (void)state;
    double values[N_ROWS];
    unsigned char missing[N_ROWS];
    static const unsigned char of_a[N_ROWS] = {0, 0, 1, 0, 0, 1, 0}, of_place[N_ROWS] = {0, 0, 1, 0, 0, 0, 0};
    assert_int_equal(evaluate(&columns, "where(is_missing(a), 0, log(a))", N_ROWS, values, missing), AZ_OK);
    assert_memory_equal(missing, of_a, sizeof missing);
    assert_int_equal(evaluate(&columns, "place == 'x'", N_ROWS, values, missing), AZ_OK);
    assert_memory_equal(missing, of_place, sizeof missing);
    assert_int_equal(evaluate(&columns, "pi", N_ROWS, values, missing), AZ_OK);
    for (int i = 0; i < N_ROWS; i++) assert_true(missing[i] == 0 && values[i] == 3.141592653589793);
}

/* What does not go together, with the column of the caret. */
static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        az_status status;
        int caret;
        const char *says;
    } cases[] = {
        {"a + c", AZ_ERROR_DATA, 4, "the table has no column \"c\"; its columns are a, b, place, other, time"},
        {"2*plase", AZ_ERROR_DATA, 2, "did you mean \"place\"?"},
        {"2*`median imcome`", AZ_ERROR_DATA, 2, "did you mean \"median income\"?"},
        {"conts.c", AZ_ERROR_DATA, 0, "did you mean \"const.c\"?"},
        {"a*log10", AZ_ERROR_DATA, 2, "the function of that name is written log10(...)"},
        {"place", AZ_ERROR_USAGE, 0, "this is a text"},
        {"place + 1", AZ_ERROR_USAGE, 0, "\"+\" works with numbers"},
        {"a*(1 - 'x')", AZ_ERROR_USAGE, 7, "this is a text"},
        {"log(place)", AZ_ERROR_USAGE, 4, "\"log\" works with numbers"},
        {"not place", AZ_ERROR_USAGE, 4, "\"not\" works with numbers"},
        {"place < 'B'", AZ_ERROR_USAGE, 6, "none is less"},
        {"place == 3", AZ_ERROR_USAGE, 9, "texts stand in double quotes"},
        {"a == '3'", AZ_ERROR_USAGE, 0, "without quotes"},
        {"'a' == 'b'", AZ_ERROR_USAGE, 4, "one of the two has to be a column"},
        {"is_missing('a')", AZ_ERROR_USAGE, 11, "never missing"},
        {"time > 2000", AZ_ERROR_USAGE, 7, "a date in quotes"},
        {"a < time", AZ_ERROR_USAGE, 0, "a date in quotes"},
        {"time > '2000-13-01'", AZ_ERROR_USAGE, 7, "is no date of the calendar of \"time\""},
        {"year(a)", AZ_ERROR_USAGE, 5, "year takes a column of times"},
        {"year('2000-01-01')", AZ_ERROR_USAGE, 5, "year takes a column of times"},
    };
    for (int i = 0; i < N(cases); i++) {
        double values[N_ROWS];
        az_status status = evaluate(&columns, cases[i].text, N_ROWS, values, NULL);
        const char *message = az_error_message(), *last = strrchr(message, '\n');
        if (status != cases[i].status || !strstr(message, cases[i].says) || !last ||
            strcspn(last + 1, "^") != (size_t)cases[i].caret + 4)
            fail_msg("%s: status %d: %s", cases[i].text, status, message);
    }
}

/* A block full of rows, and a stack as deep as there are arguments. */
static void test_blocks(void **state)
{
    (void)state;
    static double x[AZ_FORMULA_BLOCK], values[AZ_FORMULA_BLOCK];
    test_columns of = {.n_columns = 1, .names = {"x"}, .numbers = {x}};
    az_text text = {0};
    az_text_append(&text, "max(x");
    for (int k = 1; k < AZ_FORMULA_ARGUMENTS; k++) az_text_printf(&text, ", 1 - x*%d", k);
    az_text_append(&text, ")");
    assert_int_equal(az_text_status(&text), AZ_OK);
    for (int i = 0; i < AZ_FORMULA_BLOCK; i++) x[i] = i % 37 - 18;
    assert_int_equal(evaluate(&of, text.data, AZ_FORMULA_BLOCK, values, NULL), AZ_OK);
    for (int i = 0; i < AZ_FORMULA_BLOCK; i++)
        assert_true(values[i] == (x[i] >= 1 ? x[i] : 1 - x[i] * (x[i] < 0 ? AZ_FORMULA_ARGUMENTS - 1 : 1)));
    az_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_python),  cmocka_unit_test(test_constants),      cmocka_unit_test(test_missing),
        cmocka_unit_test(test_texts_and_times), cmocka_unit_test(test_inputs_missing), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
