/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a formula: refused with a message, or printed as a text that is the same formula, and evaluated. */
#include "data/derive.h"
#include "data/derive_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok) abort();
}

enum { N_ROWS = 5 };

static az_table *make_table(void)
{
    static const double x[N_ROWS] = {1, -2.5, NAN, 0, 1e300}, y[N_ROWS] = {3, NAN, 7, -0.0, 1e-300};
    static const char *const texts[N_ROWS] = {"INLAND", NULL, "ISLAND", "", "INLAND"};
    static const double times[N_ROWS] = {0, 1e9, -1e5, NAN, 0.5};
    az_table *table = NULL;
    must(!az_table_new(&table, N_ROWS) && !az_table_add_numeric(table, "x", NULL, x, 1) &&
         !az_table_add_numeric(table, "y", NULL, y, 1) && !az_table_add_text(table, "place", texts) &&
         !az_table_add_time(table, "time", "days since 2000-01-01", "noleap", times, 1));
    return table;
}

static void evaluate(const az_formula *formula, const char *text)
{
    az_table *table = make_table();
    az_formula_columns columns = az_formula_columns_of(table);
    az_formula_program *program = NULL;
    int32_t left, right;
    az_formula_sides(formula, &left, &right);
    if (az_formula_bind(&program, formula, right, &columns)) {
        must(*az_error_message() && !program);
    } else {
        double values[N_ROWS], *scratch = az_alloc_array(az_formula_scratch(program), sizeof *scratch);
        unsigned char missing[N_ROWS];
        must(scratch != NULL);
        az_formula_evaluate(program, 0, N_ROWS, scratch, values, missing);
        az_free(scratch);
        az_formula_program_free(program);
    }
    az_reader_options options = {.derive = text, .where = text};
    az_derive *derive = NULL;
    if (!az_derive_new(&derive, &options)) must(!az_derive_apply(derive, table, NULL) || *az_error_message());
    az_derive_free(derive);
    az_table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), **pieces = NULL;
    int64_t n_pieces;
    must(text != NULL);
    memcpy(text, data, size);
    text[size] = 0;
    must(!az_formula_split(text, &pieces, &n_pieces));
    az_free(pieces);
    az_formula *formula = NULL, *again = NULL;
    az_status status = az_formula_parse(&formula, text);
    if (status) {
        must(status == AZ_ERROR_USAGE && !formula && *az_error_message());
    } else {
        az_text printed = {0}, reprinted = {0};
        must(!az_formula_print(formula, &printed) && !az_formula_parse(&again, printed.data));
        must(az_formula_equal(formula, again) && !az_formula_print(again, &reprinted));
        must(strcmp(printed.data, reprinted.data) == 0);
        evaluate(formula, text);
        az_text_free(&printed);
        az_text_free(&reprinted);
    }
    az_formula_free(formula);
    az_formula_free(again);
    free(text);
    return 0;
}
