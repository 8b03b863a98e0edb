/* SPDX-License-Identifier: BSD-3-Clause */
/* The columns of a box of grid points: of each variable the hyperslab that the box needs is read, then spread over the
 * rows, again and again along dimensions that the variable does not have. */
#include "data/field_plan.h"

#include <math.h>
#include <string.h>

/* The rows in hand. */
typedef struct box {
    int64_t start[AZ_FIELD_DIMS], count[AZ_FIELD_DIMS]; /* per dimension of the grid */
    int64_t n_rows;
    int64_t *offset; /* per row: where its value lies in the hyperslab (of the first column of the part) */
} box;

/* The hyperslab of one variable. */
typedef struct slab {
    int64_t start[AZ_FIELD_DIMS], count[AZ_FIELD_DIMS], stride[AZ_FIELD_DIMS];
    int64_t n;
} slab;

static az_status find_slab(const field_plan *plan, const az_variable *variable, const box *rows, slab *of)
{
    int32_t n_dims = az_variable_n_dims(variable);
    of->n = 1;
    for (int32_t i = n_dims - 1; i >= 0; i--) {
        int32_t d = variable->dims[i], place = plan->place[d];
        of->start[i] = place >= 0 ? rows->start[place] : plan->first[d];
        of->count[i] = place >= 0 ? rows->count[place] : plan->count[d];
        of->stride[i] = of->n;
        if (__builtin_mul_overflow(of->n, of->count[i], &of->n))
            return az_error(AZ_ERROR_MEMORY, "%s: a row of %s has more values than can be counted", plan->dataset->path,
                            variable->name);
    }
    return AZ_OK;
}

static void find_offsets(const field_plan *plan, const az_variable *variable, const slab *from, box *rows)
{
    int64_t step[AZ_FIELD_DIMS] = {0}, index[AZ_FIELD_DIMS] = {0}, offset = 0;
    for (int32_t i = 0; i < az_variable_n_dims(variable); i++)
        if (plan->place[variable->dims[i]] >= 0) step[plan->place[variable->dims[i]]] += from->stride[i];
    for (int64_t row = 0; row < rows->n_rows; row++) {
        rows->offset[row] = offset;
        for (int32_t p = plan->grid.n_dims - 1; p >= 0; p--) {
            offset += step[p];
            if (++index[p] < rows->count[p]) break;
            offset -= step[p] * rows->count[p];
            index[p] = 0;
        }
    }
}

/* The offset of the next column of the part: the flattened dimensions count up, the last one fastest. */
static int64_t next_column(const field_plan *plan, const az_variable *variable, const slab *from, int64_t *index,
                           int64_t offset)
{
    for (int32_t i = az_variable_n_dims(variable) - 1; i >= 0; i--) {
        if (plan->place[variable->dims[i]] >= 0) continue;
        offset += from->stride[i];
        if (++index[i] < from->count[i]) return offset;
        offset -= from->stride[i] * from->count[i];
        index[i] = 0;
    }
    return offset;
}

/* A column of numbers or times, which takes over the values. */
static az_status take_column(az_table *table, const field_plan *plan, const field_plan *first, int32_t part,
                             int64_t column, double *values)
{
    const char *name = first->names[column];
    int32_t v = plan->parts[part].variable, w = first->parts[part].variable;
    const az_field *field = v >= 0 ? &plan->dataset->fields[v] : NULL;
    if (!field || !field->is_time || w < 0)
        return az_table_take_numeric(table, name, field ? field->unit : NULL, values);
    const az_time_unit *unit = &first->dataset->fields[w].time;
    if (plan != first) {
        az_status status = az_time_convert(&field->time, unit, values, table->n_rows);
        if (status) return az_error_context(status, "%s: %s", plan->dataset->path, name);
    }
    return az_table_take_time(table, name, unit, values);
}

/* As in text tables: an infinity is no measurement, and no model can take it. */
static az_status refuse_infinite(const field_plan *plan, const az_variable *variable, const slab *from,
                                 const double *values)
{
    for (int64_t i = 0; i < from->n; i++) {
        if (!isinf(values[i])) continue;
        az_text place = {0};
        for (int32_t k = 0; k < az_variable_n_dims(variable); k++)
            az_text_printf(&place, "%s%s=%lld", k ? "," : "", plan->dataset->layout.dims[variable->dims[k]].name,
                           (long long)(from->start[k] + i / from->stride[k] % from->count[k]));
        az_status status = az_text_status(&place);
        if (!status)
            status =
                az_error(AZ_ERROR_DATA, "%s: %s is infinite at index [%s]; mark missing values by _FillValue or NaN",
                         plan->dataset->path, variable->name, place.data ? place.data : "");
        az_text_free(&place);
        return status;
    }
    return AZ_OK;
}

static az_status add_numbers(az_table *table, const field_plan *plan, const field_plan *first, int32_t part, box *rows)
{
    const field_part *of = &plan->parts[part];
    const az_variable *variable = &plan->dataset->layout.variables[of->variable];
    slab from;
    double *read = NULL, *values = NULL;
    int64_t index[AZ_FIELD_DIMS] = {0}, offset = 0;
    az_status status;
    AZ_GOTO(find_slab(plan, variable, rows, &from));
    AZ_GOTO(AZ_NEW_ARRAY(read, from.n));
    AZ_GOTO(az_dataset_read(plan->dataset, of->variable, from.start, from.count, read));
    AZ_GOTO(refuse_infinite(plan, variable, &from, read));
    find_offsets(plan, variable, &from, rows);
    for (int64_t j = 0; j < of->n_columns; j++) {
        AZ_GOTO(AZ_NEW_ARRAY(values, rows->n_rows));
        for (int64_t i = 0; i < rows->n_rows; i++) values[i] = read[offset + rows->offset[i]];
        AZ_GOTO(take_column(table, plan, first, part, of->first_column + j, values));
        values = NULL;
        offset = next_column(plan, variable, &from, index, offset);
    }
done:
    az_free(read);
    az_free(values);
    return status;
}

static az_status add_texts(az_table *table, const field_plan *plan, const field_plan *first, int32_t part, box *rows)
{
    const field_part *of = &plan->parts[part];
    const az_variable *variable = &plan->dataset->layout.variables[of->variable];
    slab from;
    az_arena strings = {0};
    const char **read = NULL, **texts = NULL;
    int64_t index[AZ_FIELD_DIMS] = {0}, offset = 0;
    az_status status;
    AZ_GOTO(find_slab(plan, variable, rows, &from));
    AZ_GOTO(AZ_NEW_ARRAY(read, from.n));
    AZ_GOTO(AZ_NEW_ARRAY(texts, rows->n_rows));
    AZ_GOTO(az_dataset_read_text(plan->dataset, of->variable, from.start, from.count, &strings, read));
    find_offsets(plan, variable, &from, rows);
    for (int64_t j = 0; j < of->n_columns; j++) {
        for (int64_t i = 0; i < rows->n_rows; i++) texts[i] = read[offset + rows->offset[i]];
        AZ_GOTO(az_table_add_text(table, first->names[of->first_column + j], texts));
        offset = next_column(plan, variable, &from, index, offset);
    }
done:
    az_free(read);
    az_free(texts);
    az_arena_free(&strings);
    return status;
}

/* A dimension without coordinates: the numbers of its places. */
static az_status add_index(az_table *table, const field_plan *plan, const field_plan *first, int32_t part,
                           const box *rows)
{
    int32_t place = plan->parts[part].place;
    double *values;
    int64_t below = 1;
    for (int32_t p = place + 1; p < plan->grid.n_dims; p++) below *= rows->count[p];
    AZ_TRY(AZ_NEW_ARRAY(values, rows->n_rows));
    for (int64_t i = 0; i < rows->n_rows; i++)
        values[i] = (double)(rows->start[place] + i / below % rows->count[place]);
    az_status status = take_column(table, plan, first, part, plan->parts[part].first_column, values);
    if (status) az_free(values);
    return status;
}

az_status az_field_block(const field_plan *plan, const field_plan *first, int64_t at_row, int64_t max_rows,
                         az_table **table)
{
    box rows = {0};
    az_table *made = NULL;
    az_status status;
    rows.n_rows = az_grid_box(&plan->grid, at_row, max_rows, rows.start, rows.count);
    AZ_GOTO(AZ_NEW_ARRAY(rows.offset, rows.n_rows));
    AZ_GOTO(az_table_new(&made, rows.n_rows));
    az_free(made->source);
    made->source = az_strdup(plan->dataset->path);
    if (!made->source) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    for (int32_t i = 0; i < plan->n_parts; i++) {
        int32_t v = plan->parts[i].variable;
        if (v < 0)
            AZ_GOTO(add_index(made, plan, first, i, &rows));
        else if (plan->dataset->layout.variables[v].type > AZ_STORED_F64)
            AZ_GOTO(add_texts(made, plan, first, i, &rows));
        else
            AZ_GOTO(add_numbers(made, plan, first, i, &rows));
    }
    made->time_column = first->time_column;
    *table = made;
    made = NULL;
done:
    az_free(rows.offset);
    az_table_free(made);
    return status;
}
