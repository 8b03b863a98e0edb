/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a table's rows as the raw inputs of a design. */
#include "data/design.h"

#include "base/control.h"
#include "base/number.h"
#include "data/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct az_encoder {
    const az_design *design;
    const az_table *table;
    const az_column **columns; /* per input */
    int32_t **level_of_code;   /* per input: the design's level of each code of the table's dictionary, or NULL */
    struct conversion {        /* per input: from the column's unit to the model's */
        bool needed;
        double scale, offset;
    } * conversion;
    double **converted; /* per input: the column in the unit of the model, or NULL: as it is */
};

int32_t az_input_level(const az_raw_input *input, const char *level)
{
    if (!level) return input->missing_level;
    return az_level_find_number(input->levels, input->missing_level >= 0 ? input->missing_level : input->n_levels,
                                level);
}

static void print_cell(char text[AZ_TIME_MAX], const az_column *column, double value)
{
    if (column->type == AZ_TIME)
        az_time_print(text, &column->time, value);
    else
        az_level_print(text, value);
}

/* A cell with a number, or a time, read as a category. */
static double level_of_number(const az_raw_input *input, const az_column *column, double value)
{
    if (isnan(value)) return value;
    char text[AZ_TIME_MAX];
    print_cell(text, column, value);
    return az_input_level(input, text);
}

static const char *const type_names[] = {
    [AZ_NUMERIC] = "plain numbers", [AZ_CATEGORICAL] = "text", [AZ_TIME] = "times"};

/* Numbers and times are not taken for each other, and text for neither.  As categories all can be read. */
static const char *example_of(const az_raw_input *input, const az_column *column)
{
    /* Where times were expected, the cell that is none: one of many may be enough to make a column text. */
    for (int32_t k = 0; k < column->n_levels && input->type == AZ_TIME; k++) {
        const char *level = column->levels[k];
        az_date date;
        if (!az_date_parse(&date, level, level + strlen(level), AZ_CALENDAR_STANDARD, NULL)) return level;
    }
    return column->levels[0];
}

static az_status check_type(const az_encoder *encoder, const az_raw_input *input, const az_column *column)
{
    if (input->type == AZ_CATEGORICAL || column->type == input->type) return AZ_OK;
    char example[64] = "";
    if (column->type == AZ_CATEGORICAL && column->n_levels)
        snprintf(example, sizeof example, " (\"%.40s\")", example_of(input, column));
    return az_error(AZ_ERROR_DATA, "%s: column \"%s\" holds %s%s, but the model was fitted with %s there",
                    encoder->table->source, column->name, type_names[column->type], example,
                    input->type == AZ_TIME ? "times" : "numbers");
}

/* Times in another unit, or counted from another day, are converted. */
static az_status convert_times(az_encoder *encoder, int64_t k, const az_column *column)
{
    const az_raw_input *input = &encoder->design->inputs[k];
    if (input->type != AZ_TIME || az_time_unit_equal(&input->time, &column->time)) return AZ_OK;
    int64_t n = encoder->table->n_rows;
    AZ_TRY(AZ_NEW_ARRAY(encoder->converted[k], n));
    for (int64_t i = 0; i < n; i++) encoder->converted[k][i] = column->values[i * column->stride];
    az_status status = az_time_convert(&column->time, &input->time, encoder->converted[k], n);
    return status ? az_error_context(status, "%s: column \"%s\"", encoder->table->source, column->name) : AZ_OK;
}

az_status az_encoder_new(az_encoder **result, const az_design *design, const az_table *table)
{
    az_encoder *encoder;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ZERO(encoder));
    encoder->design = design;
    encoder->table = table;
    AZ_GOTO(AZ_NEW_ARRAY(encoder->columns, design->n_inputs));
    AZ_GOTO(AZ_NEW_ARRAY(encoder->level_of_code, design->n_inputs));
    memset(encoder->level_of_code, 0, (size_t)design->n_inputs * sizeof *encoder->level_of_code);
    AZ_GOTO(AZ_NEW_ARRAY(encoder->conversion, design->n_inputs));
    memset(encoder->conversion, 0, (size_t)design->n_inputs * sizeof *encoder->conversion);
    AZ_GOTO(AZ_NEW_ARRAY(encoder->converted, design->n_inputs));
    memset(encoder->converted, 0, (size_t)design->n_inputs * sizeof *encoder->converted);
    for (int64_t k = 0; k < design->n_inputs; k++) {
        const az_raw_input *input = &design->inputs[k];
        int64_t place;
        AZ_GOTO(az_table_find(table, input->name, &place));
        const az_column *column = encoder->columns[k] = &table->columns[place];
        if (input->type != AZ_CATEGORICAL && column->n_missing == table->n_rows) continue; /* has no type of its own */
        AZ_GOTO(check_type(encoder, input, column));
        AZ_GOTO(convert_times(encoder, k, column));
        if (input->type == AZ_NUMERIC && column->type == AZ_NUMERIC) {
            struct conversion *to = &encoder->conversion[k];
            AZ_GOTO(az_unit_convert_column(table->source, column->name, column->unit, input->unit, &to->scale,
                                           &to->offset));
            to->needed = to->scale != 1 || to->offset != 0;
        }
        if (column->type == AZ_CATEGORICAL) {
            AZ_GOTO(AZ_NEW_ARRAY(encoder->level_of_code[k], column->n_levels));
            for (int32_t code = 0; code < column->n_levels; code++)
                encoder->level_of_code[k][code] = az_input_level(input, column->levels[code]);
        }
    }
done:
    if (status)
        az_encoder_free(encoder);
    else
        *result = encoder;
    return status;
}

void az_encoder_free(az_encoder *encoder)
{
    if (!encoder) return;
    for (int64_t k = 0; k < encoder->design->n_inputs; k++) {
        if (encoder->level_of_code) az_free(encoder->level_of_code[k]);
        if (encoder->converted) az_free(encoder->converted[k]);
    }
    az_free(encoder->converted);
    az_free(encoder->level_of_code);
    az_free(encoder->conversion);
    az_free(encoder->columns);
    az_free(encoder);
}

static double encode(const az_encoder *encoder, int64_t input, int64_t row)
{
    const az_column *column = encoder->columns[input];
    if (column->type == AZ_CATEGORICAL) {
        int32_t code = column->codes[row];
        return code < 0 || !encoder->level_of_code[input] ? (double)NAN : (double)encoder->level_of_code[input][code];
    }
    if (encoder->converted[input]) return encoder->converted[input][row];
    double value = column->values[row * column->stride];
    if (encoder->design->inputs[input].type == AZ_CATEGORICAL)
        return level_of_number(&encoder->design->inputs[input], column, value);
    return value;
}

void az_encoder_column(const az_encoder *encoder, int64_t input, const int64_t *rows, int64_t first, int64_t n_rows,
                       double *raw, int64_t stride)
{
    const az_column *column = encoder->columns[input];
    bool plain = column->type != AZ_CATEGORICAL && encoder->design->inputs[input].type != AZ_CATEGORICAL;
    if (plain && !encoder->converted[input]) {
        const double *values = column->values + (rows ? 0 : first * column->stride);
        for (int64_t i = 0; i < n_rows; i++) raw[i * stride] = values[(rows ? rows[i] : i) * column->stride];
        const struct conversion *to = &encoder->conversion[input];
        for (int64_t i = 0; i < n_rows && to->needed; i++) raw[i * stride] = to->scale * raw[i * stride] + to->offset;
        return;
    }
    for (int64_t i = 0; i < n_rows; i++) raw[i * stride] = encode(encoder, input, rows ? rows[i] : first + i);
}

void az_encoder_rows(const az_encoder *encoder, const int64_t *rows, int64_t first, int64_t n_rows, double *raw)
{
    const int64_t n_inputs = encoder->design->n_inputs;
    for (int64_t k = 0; k < n_inputs; k++) az_encoder_column(encoder, k, rows, first, n_rows, raw + k, n_inputs);
}

void az_encoder_tell_units(const az_encoder *encoder, const az_control *control)
{
    for (int64_t k = 0; k < encoder->design->n_inputs; k++)
        if (encoder->conversion[k].needed)
            az_note(control, "%s: converted from %s to %s, the unit of the model", encoder->design->inputs[k].name,
                    encoder->columns[k]->unit, encoder->design->inputs[k].unit);
}

enum { EXAMPLE_MAX = 80, UNIT_MAX = 64 };

struct az_tally {
    const az_design *design;
    int64_t *n_missing, *n_unseen; /* per input */
    char (*example)[EXAMPLE_MAX];  /* the unseen level met last */
    char (*unit)[UNIT_MAX];        /* the one that was converted from; "": none */
};

az_status az_tally_new(az_tally **result, const az_design *design)
{
    az_tally *tally;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ZERO(tally));
    tally->design = design;
    AZ_GOTO(AZ_NEW_ARRAY(tally->n_missing, design->n_inputs));
    AZ_GOTO(AZ_NEW_ARRAY(tally->n_unseen, design->n_inputs));
    AZ_GOTO(AZ_NEW_ARRAY(tally->example, design->n_inputs));
    AZ_GOTO(AZ_NEW_ARRAY(tally->unit, design->n_inputs));
    for (int64_t k = 0; k < design->n_inputs; k++) tally->n_missing[k] = tally->n_unseen[k] = tally->unit[k][0] = 0;
done:
    if (status)
        az_tally_free(tally);
    else
        *result = tally;
    return status;
}

void az_tally_free(az_tally *tally)
{
    if (!tally) return;
    az_free(tally->n_missing);
    az_free(tally->n_unseen);
    az_free(tally->example);
    az_free(tally->unit);
    az_free(tally);
}

void az_tally_add(az_tally *tally, const az_encoder *encoder)
{
    for (int64_t k = 0; k < encoder->design->n_inputs; k++) {
        const az_raw_input *input = &encoder->design->inputs[k];
        const az_column *column = encoder->columns[k];
        if (encoder->conversion[k].needed) snprintf(tally->unit[k], UNIT_MAX, "%s", column->unit);
        if (column->n_missing == 0 && input->type != AZ_CATEGORICAL) continue;
        int64_t example = -1;
        for (int64_t row = 0; row < encoder->table->n_rows; row++) {
            double value = encode(encoder, k, row);
            tally->n_missing[k] += isnan(value);
            if (input->type == AZ_CATEGORICAL && value < 0) {
                tally->n_unseen[k]++;
                example = row;
            }
        }
        if (example < 0) continue;
        if (column->type == AZ_CATEGORICAL)
            snprintf(tally->example[k], EXAMPLE_MAX, "%s", column->levels[column->codes[example]]);
        else
            print_cell(tally->example[k], column, column->values[example * column->stride]);
    }
}

az_status az_tally_refuse_new(const az_tally *tally, const char *source)
{
    const bool takes_missing = tally->design->options.keep_categories && tally->design->options.keep_missing;
    for (int64_t k = 0; k < tally->design->n_inputs; k++) {
        const az_raw_input *input = &tally->design->inputs[k];
        if (tally->n_unseen[k])
            return az_error(AZ_ERROR_DATA,
                            "%s: column \"%s\" holds \"%s\", a level that the model has not seen: it cannot get new "
                            "columns; fit it anew on all the data",
                            source, input->name, tally->example[k]);
        if (input->type == AZ_CATEGORICAL && tally->n_missing[k] && input->missing_level < 0 && !takes_missing)
            return az_error(AZ_ERROR_DATA,
                            "%s: column \"%s\" has missing cells, and there were none when the model was fitted: it "
                            "cannot get new columns; fit it anew on all the data",
                            source, input->name);
    }
    return AZ_OK;
}

void az_tally_tell(const az_tally *tally, const az_control *control)
{
    for (int64_t k = 0; k < tally->design->n_inputs; k++) {
        const az_raw_input *input = &tally->design->inputs[k];
        if (*tally->unit[k])
            az_note(control, "%s: converted from %s to %s, the unit of the model", input->name, tally->unit[k],
                    input->unit);
        if (input->type != AZ_CATEGORICAL && tally->n_missing[k] && !tally->design->options.keep_missing)
            az_note(control, "%s: %lld missing cells filled with the training median", input->name,
                    (long long)tally->n_missing[k]);
        if (tally->n_unseen[k])
            az_warning(control,
                       "%s: %lld cells hold levels never seen in training (such as \"%s\"); they are taken as %s",
                       input->name, (long long)tally->n_unseen[k], tally->example[k],
                       tally->design->options.keep_categories ? "missing" : "none");
    }
}
