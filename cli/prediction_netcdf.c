/* SPDX-License-Identifier: BSD-3-Clause */
/* Predictions as NetCDF by the CF conventions.  Rows that are points of a grid go back to their places on its
 * dimensions, with its coordinates; places without a row hold the fill value, and so do points where an input is
 * masked, also for models that fill missing cells: a mask is land, not a gap in the data.  Other rows stand along a
 * dimension "row"; those that are windows with the time for which each holds and the numbers of its station. */
#include "prediction_writer.h"

#include "base/memory.h"
#include "data/field_write.h"
#include "data/metrics.h"

#include <math.h>
#include <string.h>

/* Rows left out by --where leave gaps; shorter ones than this are filled, so that few large blocks are written. */
#define LONGEST_GAP 4096

typedef struct writer {
    cli_prediction_target target;
    const az_grid *grid; /* NULL: dimension "row" */
    az_grid_layout begun;
    int32_t first_output, first_class, label, in_range, row, first_extra; /* variables; -1: none */
    int64_t n_outputs, n_written, n_masked;
    int64_t *inputs; /* the block's columns of the model's inputs */
    int64_t *keys;   /* windows: the block's columns with the time and the station, and the first of their variables */
    int32_t n_keys, first_key;
    bool created;
    void *buffer;
    int64_t capacity; /* of the buffer, in doubles */
    az_field_file file;
} writer;

/* ---- what the file says ---- */

/* A name of a variable from any text: NetCDF has no names with '/', and none that begin with a blank or a sign. */
static az_status add_output(writer *w, const char *name, az_storage type, int32_t *variable)
{
    int32_t row = 0;
    az_text plain = {0};
    az_text_append(&plain, name);
    for (char *c = plain.data; c && *c; c++)
        if (*c == '/' || (unsigned char)*c < 0x20 || *c == 0x7f) *c = '_';
    size_t length = plain.length;
    while (length > 1 && plain.data[length - 1] == ' ') plain.data[--length] = 0;
    /* A coordinate of the input may have the name already. */
    while (!plain.failed && az_layout_find_variable(&w->begun.layout, plain.data) >= 0) az_text_append(&plain, "_");
    az_status status = az_text_status(&plain);
    if (!status)
        status = az_layout_add_variable(&w->begun.layout, plain.data, type, w->grid ? w->begun.dims : &row,
                                        w->grid ? w->grid->n_dims : 1, variable);
    az_text_free(&plain);
    return status;
}

static az_status add_fill(writer *w, int32_t variable, az_storage type, double fill)
{
    return az_layout_add_numbers(&w->begun.layout, variable, "_FillValue", type, &fill, 1);
}

static az_status describe(writer *w, int32_t variable, const char *format, const char *name, const char *unit)
{
    az_text text = {0};
    az_text_printf(&text, "%s%s", format, name);
    az_status status = az_text_status(&text);
    if (!status) status = az_layout_add_text(&w->begun.layout, variable, "long_name", text.data);
    if (!status && unit) status = az_layout_add_text(&w->begun.layout, variable, "units", unit);
    az_text_free(&text);
    return status;
}

/* The attributes that tie a variable to its place on earth. */
static az_status place(writer *w, int32_t variable, const char *coordinates)
{
    if (coordinates && *coordinates) AZ_TRY(az_layout_add_text(&w->begun.layout, variable, "coordinates", coordinates));
    for (int32_t i = 0; i < w->begun.n_copies; i++) {
        const az_variable *copy = &w->begun.layout.variables[w->begun.copies[i].to];
        if (az_attribute_find(copy->attributes, copy->n_attributes, "grid_mapping_name"))
            return az_layout_add_text(&w->begun.layout, variable, "grid_mapping", copy->name);
    }
    return AZ_OK;
}

static az_status add_numbers(writer *w, const char *name, const char *title, const char *of, const char *unit,
                             int32_t *variable)
{
    AZ_TRY(add_output(w, name, AZ_STORED_F64, variable));
    AZ_TRY(add_fill(w, *variable, AZ_STORED_F64, 9.9692099683868690e+36)); /* NC_FILL_DOUBLE */
    return describe(w, *variable, title, of, unit);
}

/* CF, section 3.5: the numbers of the classes and, in the same order, their names as words without blanks. */
static az_status add_flags(writer *w, int32_t variable, az_storage type, const char *const *meanings, int32_t n)
{
    az_text words = {0};
    double *numbers;
    AZ_TRY(AZ_NEW_ARRAY(numbers, n));
    for (int32_t k = 0; k < n; k++) {
        numbers[k] = k;
        if (k) az_text_append(&words, " ");
        if (!*meanings[k]) az_text_append(&words, "_");
        for (const char *c = meanings[k]; *c; c++)
            az_text_append_n(&words, *c == ' ' || (unsigned char)*c < 0x20 ? "_" : c, 1);
    }
    az_status status = az_text_status(&words);
    if (!status) status = az_layout_add_numbers(&w->begun.layout, variable, "flag_values", type, numbers, n);
    if (!status) status = az_layout_add_text(&w->begun.layout, variable, "flag_meanings", words.data ? words.data : "");
    az_text_free(&words);
    az_free(numbers);
    return status;
}

static az_status add_classes(writer *w)
{
    const az_model *model = w->target.model;
    AZ_TRY(add_output(w, "prediction", AZ_STORED_I32, &w->label));
    AZ_TRY(add_fill(w, w->label, AZ_STORED_I32, -1));
    AZ_TRY(describe(w, w->label, "prediction of ", model->target_names[0], NULL));
    AZ_TRY(add_flags(w, w->label, AZ_STORED_I32, (const char *const *)model->classes, model->n_classes));
    for (int32_t k = 0; w->target.call->options.proba && k < model->n_classes; k++) {
        az_text name = {0};
        int32_t variable;
        az_text_printf(&name, "p_%s", model->classes[k]);
        az_status status = az_text_status(&name);
        if (!status) status = add_output(w, name.data, AZ_STORED_F64, &variable);
        if (!status) status = add_fill(w, variable, AZ_STORED_F64, 9.9692099683868690e+36);
        if (!status) status = describe(w, variable, "probability of ", model->classes[k], "1");
        az_text_free(&name);
        if (status) return status;
        if (k == 0) w->first_class = variable;
    }
    return AZ_OK;
}

static az_status add_targets(writer *w)
{
    const az_model *model = w->target.model;
    for (int64_t k = 0; k < model->n_targets; k++) {
        az_text name = {0};
        int32_t variable;
        az_text_append(&name, "prediction");
        if (model->n_targets > 1) az_text_printf(&name, "_%s", model->target_names[k]);
        az_status status = az_text_status(&name);
        if (!status)
            status = add_numbers(w, name.data, "prediction of ", model->target_names[k],
                                 model->target_units ? model->target_units[k] : NULL, &variable);
        az_text_free(&name);
        if (status) return status;
        if (k == 0) w->first_output = variable;
    }
    return AZ_OK;
}

/* A window is no row of the data: its time says which it is, and its station where that is a number. */
static az_status add_keys(writer *w, const az_table *block)
{
    if (!block || block->begin_column < 0) return AZ_OK;
    const char *by = w->target.call->options.reader.by;
    char **names = NULL;
    int64_t n = 0;
    if (by) AZ_TRY(az_list_split(by, &names, &n));
    az_status status = AZ_NEW_ARRAY(w->keys, n + 1);
    for (int64_t i = -1; i < n && !status; i++) {
        int64_t number = block->time_column;
        int32_t variable = 0;
        if (i >= 0) status = az_table_find(block, names[i], &number);
        const az_column *column = &block->columns[number];
        if (!status && column->type == AZ_CATEGORICAL)
            az_note(&w->target.call->control, "%s: text, not written to NetCDF; -o FILE.csv has it", column->name);
        if (status || column->type == AZ_CATEGORICAL) continue;
        status = add_output(w, column->name, AZ_STORED_F64, &variable);
        if (w->n_keys == 0) w->first_key = variable;
        w->keys[w->n_keys++] = number;
        if (!status && column->unit) status = az_layout_add_text(&w->begun.layout, variable, "units", column->unit);
        if (!status && column->type == AZ_TIME)
            status =
                az_layout_add_text(&w->begun.layout, variable, "calendar", az_calendar_name(column->time.calendar));
    }
    az_free(names);
    return status;
}

static az_status add_outputs(writer *w, const az_table *block)
{
    static const char *const ranges[] = {"outside_of_the_training_range", "inside_the_training_range"};
    int32_t begin = w->begun.layout.n_variables;
    az_text coordinates = {0};
    az_status status;
    if (!w->grid) {
        AZ_TRY(add_output(w, "row", AZ_STORED_F64, &w->row));
        AZ_TRY(az_layout_add_text(&w->begun.layout, w->row, "long_name", "number of the row in the data, from 0"));
        AZ_TRY(add_keys(w, block));
        begin += 1 + w->n_keys;
    }
    AZ_TRY(w->target.model->task == AZ_CLASSIFICATION ? add_classes(w) : add_targets(w));
    if (w->target.in_range) {
        AZ_TRY(add_output(w, "in_range", AZ_STORED_I8, &w->in_range));
        AZ_TRY(add_fill(w, w->in_range, AZ_STORED_I8, -1));
        AZ_TRY(describe(w, w->in_range, "every input lies in the range of the training data", "", NULL));
        AZ_TRY(add_flags(w, w->in_range, AZ_STORED_I8, ranges, 2));
    }
    for (int64_t k = 0; k < w->target.n_extras; k++) {
        const cli_extra *extra = &w->target.extras[k];
        int32_t variable = -1;
        AZ_TRY(add_numbers(w, extra->name, "", extra->title, extra->unit, &variable));
        if (k == 0) w->first_extra = variable;
    }
    if (w->grid) AZ_GOTO(az_grid_layout_coordinates(&w->begun, w->grid, &coordinates));
    for (int32_t v = begin; v < w->begun.layout.n_variables; v++) AZ_GOTO(place(w, v, coordinates.data));
    status = AZ_OK;
done:
    az_text_free(&coordinates);
    return status;
}

/* CF, section 2.6.2: what was done last comes first.  No date: the same command writes the same bytes. */
static az_status add_history(writer *w)
{
    az_layout *layout = &w->begun.layout;
    const az_model *model = w->target.model;
    az_text text = {0};
    az_text_append(&text, "predictions of ");
    for (int64_t k = 0; k < model->n_targets; k++) az_text_printf(&text, "%s%s", k ? ", " : "", model->target_names[k]);
    az_text_printf(&text, " by %s", model->class->name);
    az_status status;
    AZ_GOTO(az_text_status(&text));
    AZ_GOTO(az_layout_add_text(layout, -1, "Conventions", "CF-1.8"));
    AZ_GOTO(az_layout_add_text(layout, -1, "title", text.data));
    text.length = 0;
    az_text_printf(&text, "Ansatz %s", az_version());
    AZ_GOTO(az_text_status(&text));
    AZ_GOTO(az_layout_add_text(layout, -1, "source", text.data));
    text.length = 0;
    AZ_GOTO(cli_command_line(w->target.call, false, &text));
    const az_layout *from = w->grid ? &w->grid->dataset->layout : NULL;
    const az_attribute *earlier = from ? az_attribute_find(from->attributes, from->n_attributes, "history") : NULL;
    if (earlier && earlier->text) az_text_printf(&text, "\n%s", earlier->text);
    if (model->command) {
        AZ_GOTO(az_layout_add_text(layout, -1, "model_command", model->command));
    }
    AZ_GOTO(az_text_status(&text));
    status = az_layout_add_text(layout, -1, "history", text.data);
done:
    az_text_free(&text);
    return status;
}

/* ---- writing ---- */

static void netcdf_abandon(void *state)
{
    writer *w = state;
    az_field_file_abandon(&w->file);
    az_grid_layout_free(&w->begun);
    az_free(w->buffer);
    az_free(w->inputs);
    az_free(w->keys);
    az_free(w);
}

/* The file begins with the first block, which says what its rows are. */
static az_status create(writer *w, const az_table *block)
{
    if (w->created) return AZ_OK;
    w->created = true;
    if (w->grid)
        AZ_TRY(az_grid_layout_begin(&w->begun, w->grid));
    else
        AZ_TRY(az_layout_add_dimension(&w->begun.layout, "row", 0, true, NULL));
    AZ_TRY(add_outputs(w, block));
    AZ_TRY(add_history(w));
    AZ_TRY(az_field_file_create(&w->file, w->target.path, &w->begun.layout));
    return w->grid ? az_field_file_copy(&w->file, &w->begun, w->grid) : AZ_OK;
}

static az_status netcdf_open(void **state, const cli_prediction_target *target)
{
    writer *w;
    az_status status;
    AZ_TRY(AZ_NEW_ZERO(w));
    w->target = *target;
    w->grid = target->source->grid;
    w->file.output.descriptor = -1;
    w->first_output = w->first_class = w->label = w->in_range = w->row = w->first_extra = -1;
    w->n_outputs = az_model_n_outputs(target->model);
    AZ_GOTO(AZ_NEW_ARRAY(w->inputs, az_model_n_inputs(target->model)));
    if (w->grid) AZ_GOTO(create(w, NULL));
done:
    if (status)
        netcdf_abandon(w);
    else
        *state = w;
    return status;
}

static az_status find_inputs(writer *w, const az_table *block)
{
    for (int64_t k = 0; k < az_model_n_inputs(w->target.model); k++)
        AZ_TRY(az_table_find(block, az_model_input_name(w->target.model, k), &w->inputs[k]));
    return AZ_OK;
}

static bool is_masked(const writer *w, const az_table *block, int64_t row)
{
    if (!w->grid) return false;
    for (int64_t k = 0; k < az_model_n_inputs(w->target.model); k++) {
        const az_column *column = &block->columns[w->inputs[k]];
        if (column->type == AZ_CATEGORICAL ? column->codes[row] < 0 : isnan(column->values[row * column->stride]))
            return true;
    }
    return false;
}

/* One variable's values of the rows [from, to) of a block, put to their places between the numbers of these rows. */
typedef struct part {
    const az_table *block;
    int64_t from, to, n_places;
} part;

static az_status write_part(writer *w, const part *rows, int32_t variable, const void *values, size_t size)
{
    int64_t at = az_table_row_number(rows->block, rows->from);
    if (w->grid) return az_field_file_write_rows(&w->file, variable, w->grid, at, rows->n_places, values, size);
    return az_field_file_write(&w->file, variable, &w->n_written, &rows->n_places, values);
}

/* Rows of a table follow each other in the file; points of a grid have their places. */
static int64_t place_of(const writer *w, const part *rows, int64_t i)
{
    if (!w->grid) return i - rows->from;
    return az_table_row_number(rows->block, i) - az_table_row_number(rows->block, rows->from);
}

static az_status write_numbers(writer *w, const part *rows, int32_t variable, const double *values, int64_t stride)
{
    static const double fill = 9.9692099683868690e+36;
    double *buffer = w->buffer;
    for (int64_t i = 0; i < rows->n_places; i++) buffer[i] = fill;
    for (int64_t i = rows->from; i < rows->to; i++) {
        double value = values[i * stride];
        buffer[place_of(w, rows, i)] = isnan(value) || is_masked(w, rows->block, i) ? fill : value;
    }
    return write_part(w, rows, variable, buffer, sizeof *buffer);
}

static az_status write_labels(writer *w, const part *rows, const double *prediction)
{
    int32_t *buffer = w->buffer;
    for (int64_t i = 0; i < rows->n_places; i++) buffer[i] = -1;
    for (int64_t i = rows->from; i < rows->to; i++) {
        const double *values = prediction + i * w->n_outputs;
        if (!isnan(values[0]) && !is_masked(w, rows->block, i))
            buffer[place_of(w, rows, i)] = (int32_t)az_argmax(values, w->n_outputs);
    }
    return write_part(w, rows, w->label, buffer, sizeof *buffer);
}

static az_status write_bytes(writer *w, const part *rows, const unsigned char *in_range)
{
    signed char *buffer = w->buffer;
    memset(buffer, -1, (size_t)rows->n_places);
    for (int64_t i = rows->from; i < rows->to; i++) buffer[place_of(w, rows, i)] = (signed char)in_range[i];
    return write_part(w, rows, w->in_range, buffer, 1);
}

static az_status write_row_numbers(writer *w, const part *rows)
{
    double *buffer = w->buffer;
    for (int64_t i = rows->from; i < rows->to; i++)
        buffer[i - rows->from] = (double)az_table_row_number(rows->block, i);
    return write_part(w, rows, w->row, buffer, sizeof *buffer);
}

static az_status write_keys(writer *w, const part *rows)
{
    double *buffer = w->buffer;
    for (int32_t k = 0; k < w->n_keys; k++) {
        for (int64_t i = rows->from; i < rows->to; i++)
            buffer[i - rows->from] = az_table_number(rows->block, i, w->keys[k]);
        AZ_TRY(write_part(w, rows, w->first_key + k, buffer, sizeof *buffer));
    }
    return AZ_OK;
}

static az_status write_rows(writer *w, const part *rows, const double *prediction, const unsigned char *in_range,
                            const double *extra)
{
    if (rows->n_places > w->capacity) {
        az_free(w->buffer);
        w->capacity = 0;
        w->buffer = az_alloc_array(rows->n_places, sizeof(double));
        if (!w->buffer) return AZ_ERROR_MEMORY;
        w->capacity = rows->n_places;
    }
    if (w->row >= 0) AZ_TRY(write_row_numbers(w, rows));
    AZ_TRY(write_keys(w, rows));
    if (w->label >= 0) AZ_TRY(write_labels(w, rows, prediction));
    int32_t first = w->label >= 0 ? w->first_class : w->first_output;
    for (int64_t k = 0; first >= 0 && k < w->n_outputs; k++)
        AZ_TRY(write_numbers(w, rows, first + (int32_t)k, prediction + k, w->n_outputs));
    if (w->in_range >= 0) AZ_TRY(write_bytes(w, rows, in_range));
    const int64_t n_extras = w->target.n_extras;
    for (int64_t k = 0; k < n_extras; k++)
        AZ_TRY(write_numbers(w, rows, w->first_extra + (int32_t)k, extra + k, n_extras));
    w->n_written += rows->n_places;
    return AZ_OK;
}

static az_status netcdf_rows(void *state, const az_table *block, const double *prediction,
                             const unsigned char *in_range, const double *extra)
{
    writer *w = state;
    part rows = {.block = block};
    AZ_TRY(create(w, block));
    AZ_TRY(find_inputs(w, block));
    for (int64_t i = 0; i < block->n_rows; i++) w->n_masked += is_masked(w, block, i);
    for (; rows.from < block->n_rows; rows.from = rows.to) {
        int64_t first = az_table_row_number(block, rows.from), last = first;
        for (rows.to = rows.from + 1; rows.to < block->n_rows; rows.to++) {
            int64_t number = az_table_row_number(block, rows.to);
            if (w->grid && number - last > LONGEST_GAP) break;
            last = number;
        }
        rows.n_places = w->grid ? last - first + 1 : rows.to - rows.from;
        AZ_TRY(write_rows(w, &rows, prediction, in_range, extra));
    }
    return az_check_interrupt(&w->target.call->control);
}

static az_status netcdf_commit(void *state)
{
    writer *w = state;
    az_status status = create(w, NULL);
    if (!status) status = az_field_file_commit(&w->file);
    if (!status && w->n_masked) {
        char points[CLI_NUMBER_MAX];
        az_note(&w->target.call->control, "%s %s of the grid with a masked input: masked in the predictions too",
                cli_count(points, (double)w->n_masked), cli_plural((double)w->n_masked, "point", "points"));
    }
    netcdf_abandon(w);
    return status;
}

const cli_prediction_writer cli_prediction_netcdf = {.suffixes = "nc|nc4",
                                                     .name = "NetCDF",
                                                     .open = netcdf_open,
                                                     .rows = netcdf_rows,
                                                     .commit = netcdf_commit,
                                                     .abandon = netcdf_abandon};
