/* SPDX-License-Identifier: BSD-3-Clause */
/* Units of measurement, and data in another unit than the model's.  The factors are definitions (SI brochure; NIST SP
 * 811, appendix B). */
#include "data/design.h"
#include "data/units.h"

#include "base/io.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void need_udunits(void)
{
    const az_io *io = NULL;
    if (az_io_load(&io, "a test") || !io->convert) {
        fprintf(stderr, "SKIPPED: built without UDUNITS\n");
        skip();
    }
}

static const struct {
    const char *from, *to;
    double scale, offset;
} definitions[] = {
    {"degC", "K", 1, 273.15},
    {"K", "degC", 1, -273.15},
    {"degF", "K", 5.0 / 9, 459.67 * 5 / 9},
    {"degF", "degC", 5.0 / 9, -160.0 / 9},
    {"hPa", "Pa", 100, 0},
    {"millibars", "hPa", 1, 0},
    {"m/s", "km/h", 3.6, 0},
    {"m s-1", "m/s", 1, 0},
    {"m**2 s**-2", "J/kg", 1, 0},
    {"degrees_north", "radian", 0.017453292519943295, 0},
    {"%", "1", 0.01, 0},
    {"1e-3", "1", 1e-3, 0},
    {"inch", "m", 0.0254, 0},
    {"atm", "Pa", 101325, 0},
    {"days", "s", 86400, 0},
};

static void check_definitions(void)
{
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++) {
        double scale, offset, wanted = definitions[i].scale;
        if (az_unit_convert(definitions[i].from, definitions[i].to, &scale, &offset))
            fail_msg("%s", az_error_message());
        if (fabs(scale - wanted) > 4e-16 * fabs(wanted) ||
            fabs(offset - definitions[i].offset) > 1e-13 * fabs(definitions[i].offset))
            fail_msg("%s to %s: %.17g x + %.17g", definitions[i].from, definitions[i].to, scale, offset);
    }
}

static void conversions(void **state)
{
    (void)state;
    need_udunits();
    check_definitions();
}

/* UDUNITS reads the numbers of its database by the locale of the process; a decimal comma must not reach it. */
static void conversions_where_the_comma_is_decimal(void **state)
{
    (void)state;
    need_udunits();
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) {
        fprintf(stderr, "SKIPPED: there is no German locale\n");
        skip();
    }
    char number[16];
    snprintf(number, sizeof number, "%.1f", 0.5);
    assert_string_equal(number, "0,5");
    check_definitions();
    assert_string_equal(setlocale(LC_NUMERIC, NULL), "de_DE.UTF-8"); /* the caller's, as it was */
    snprintf(number, sizeof number, "%.1f", 0.5);
    assert_string_equal(number, "0,5");
    setlocale(LC_ALL, "C");
}

static void what_needs_no_library(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{NULL, "K"}, {"K", NULL}, {"", "K"}, {"furlongs", "furlongs"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        double scale = 0, offset = 1;
        assert_int_equal(az_unit_convert(pairs[i][0], pairs[i][1], &scale, &offset), AZ_OK);
        assert_true(scale == 1 && offset == 0);
    }
}

static void what_cannot_be_converted(void **state)
{
    (void)state;
    need_udunits();
    double scale, offset;
    assert_int_equal(az_unit_convert("degC", "m", &scale, &offset), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "\"degC\""));
    assert_non_null(strstr(az_error_message(), "\"m\""));
    assert_int_equal(az_unit_convert("blob", "m", &scale, &offset), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "blob"));
    assert_int_equal(az_unit_convert("m", "lg(re 1 mW)", &scale, &offset), AZ_ERROR_DATA);
    assert_int_equal(az_unit_convert("lg(re 1 mW)", "W", &scale, &offset), AZ_ERROR_DATA); /* a logarithm is no line */
    assert_int_equal(az_unit_convert("m (", "m", &scale, &offset), AZ_ERROR_DATA);
}

enum { N = 3 };
static const double kelvin[N] = {273.15, 283.15, 300}, celsius[N] = {0, 10, 26.85}, pascal[N] = {1e5, NAN, 9e4};

static az_table *table_with(const double *temperature, const char *unit)
{
    az_table *table = NULL;
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "T", unit, temperature, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "p", "Pa", pascal, 1), AZ_OK);
    return table;
}

static void count_notes(void *user, az_level level, const char *text)
{
    (void)level;
    *(int *)user += strstr(text, "degC") && strstr(text, "K");
}

static void columns_in_another_unit(void **state)
{
    (void)state;
    need_udunits();
    const int64_t columns[] = {0, 1};
    const az_design_options options = {.degree = 1};
    az_table *fitted = table_with(kelvin, "K"), *other = table_with(celsius, "degC"), *none = table_with(celsius, NULL),
             *wrong = table_with(celsius, "m");
    az_design *design = NULL;
    az_encoder *encoder = NULL;
    az_tally *tally = NULL;
    double raw[2 * N];
    assert_int_equal(az_design_fit(&design, fitted, columns, 2, NULL, NULL, NULL, N, NULL, &options, NULL), AZ_OK);

    assert_int_equal(az_encoder_new(&encoder, design, other), AZ_OK);
    az_encoder_rows(encoder, NULL, 0, N, raw);
    for (int i = 0; i < N; i++) assert_true(fabs(raw[2 * i] - kelvin[i]) < 1e-12);
    assert_true(raw[1] == 1e5 && isnan(raw[3]) && raw[5] == 9e4);
    const int64_t rows[] = {2, 0};
    az_encoder_rows(encoder, rows, 0, 2, raw);
    assert_true(fabs(raw[0] - 300) < 1e-12 && raw[2] == 273.15);
    int n_notes = 0;
    const az_control control = {.message = count_notes, .user = &n_notes};
    assert_int_equal(az_tally_new(&tally, design), AZ_OK);
    az_tally_add(tally, encoder);
    az_tally_add(tally, encoder); /* the next block of the same data */
    az_tally_tell(tally, &control);
    assert_int_equal(n_notes, 1);
    az_tally_free(tally);
    az_encoder_free(encoder);

    assert_int_equal(az_encoder_new(&encoder, design, none), AZ_OK); /* no unit: taken as it is */
    az_encoder_rows(encoder, NULL, 0, N, raw);
    assert_true(raw[0] == 0 && raw[2] == 10);
    az_encoder_free(encoder);
    assert_int_equal(az_encoder_new(&encoder, design, wrong), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "column \"T\" is in \"m\", the model expects \"K\""));
    az_design_free(design);
    az_table_free(fitted);
    az_table_free(other);
    az_table_free(none);
    az_table_free(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversions),
        cmocka_unit_test(conversions_where_the_comma_is_decimal),
        cmocka_unit_test(what_needs_no_library),
        cmocka_unit_test(what_cannot_be_converted),
        cmocka_unit_test(columns_in_another_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
