/* SPDX-License-Identifier: BSD-3-Clause */
/* Roles to a problem: which columns are inputs, what the target's values or classes are, what each row weighs. */
#include "models/area.h"
#include "models/problem_parts.h"

#include "base/number.h"
#include "data/time_parts.h"
#include "data/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const az_part_names[] = {"feature", "target", "weight", "sigma", "group", "time", "ignore"};

static az_status take_part(const az_table *table, unsigned char *parts, const char *name, az_part which,
                           int64_t *column)
{
    AZ_TRY(az_table_find(table, name, column));
    if (parts[*column] != PART_NONE)
        return az_error(AZ_ERROR_USAGE, "column \"%s\" is named twice, as --%s and as --%s",
                        table->columns[*column].name, az_part_names[parts[*column]], az_part_names[which]);
    parts[*column] = (unsigned char)which;
    return AZ_OK;
}

/* Every column of a list takes the part; *columns (az_free it) are their numbers in the list's order. */
static az_status take_list(const az_table *table, unsigned char *parts, const char *list, az_part which,
                           int64_t **columns, int64_t *n)
{
    char **items = NULL;
    az_status status = az_list_split(list, &items, n);
    if (status) return status;
    AZ_GOTO(AZ_NEW_ARRAY(*columns, *n));
    for (int64_t i = 0; i < *n; i++) AZ_GOTO(take_part(table, parts, items[i], which, &(*columns)[i]));
done:
    az_free(items);
    return status;
}

static az_status take_one(const az_table *table, unsigned char *parts, const char *name, az_part which, int64_t *column)
{
    *column = -1;
    if (!name) return AZ_OK;
    return take_part(table, parts, name, which, column);
}

static az_status copy_text(az_problem *problem, const char **field, const char *text)
{
    *field = NULL;
    if (!text) return AZ_OK;
    *field = az_arena_strndup(&problem->strings, text, strlen(text));
    return *field ? AZ_OK : AZ_ERROR_MEMORY;
}

static az_status copy_roles(az_problem *problem, const az_roles *roles)
{
    AZ_TRY(copy_text(problem, &problem->roles.target, roles->target));
    AZ_TRY(copy_text(problem, &problem->roles.features, roles->features));
    AZ_TRY(copy_text(problem, &problem->roles.ignore, roles->ignore));
    AZ_TRY(copy_text(problem, &problem->roles.weight, roles->weight));
    AZ_TRY(copy_text(problem, &problem->roles.sigma, roles->sigma));
    AZ_TRY(copy_text(problem, &problem->roles.group, roles->group));
    AZ_TRY(copy_text(problem, &problem->roles.time, roles->time));
    AZ_TRY(copy_text(problem, &problem->roles.categorical, roles->categorical));
    AZ_TRY(copy_text(problem, &problem->roles.periodic, roles->periodic));
    return copy_text(problem, &problem->roles.task, roles->task);
}

const az_column *az_numeric_column(const az_table *table, int64_t column, const char *role, az_status *status)
{
    const az_column *result = &table->columns[column];
    if (result->type == AZ_TIME) {
        *status = az_error(AZ_ERROR_DATA, "%s: column \"%s\" holds times and cannot be the %s", table->source,
                           result->name, role);
        return NULL;
    }
    if (result->type == AZ_CATEGORICAL) {
        *status = az_error(AZ_ERROR_DATA, "%s: column \"%s\" holds text (\"%s\") and cannot be the %s", table->source,
                           result->name, result->n_levels ? result->levels[0] : "", role);
        return NULL;
    }
    return result;
}

static bool target_missing(const az_problem *problem, int64_t row)
{
    for (int64_t t = 0; t < problem->n_targets; t++) {
        const az_column *column = &problem->table->columns[problem->targets[t]];
        if (column->type == AZ_CATEGORICAL ? column->codes[row] < 0 : isnan(column->values[row * column->stride]))
            return true;
    }
    return false;
}

/* The weight of a table row from --weight or --sigma. */
static az_status row_weight(const az_table *table, const az_column *column, bool is_sigma, int64_t row, double *weight)
{
    double value = column->values[row * column->stride];
    if (!isfinite(value))
        return az_error(AZ_ERROR_DATA, "%s: --%s column \"%s\" has no finite value in data row %lld", table->source,
                        is_sigma ? "sigma" : "weight", column->name, (long long)az_table_row_number(table, row) + 1);
    if (is_sigma && !(value > 0))
        return az_error(AZ_ERROR_DATA, "%s: --sigma column \"%s\" is not positive in data row %lld", table->source,
                        column->name, (long long)az_table_row_number(table, row) + 1);
    *weight = is_sigma ? 1 / (value * value) : value;
    return AZ_OK;
}

/* What the weights are: a column's values, its inverse squares, or areas by latitude. */
typedef enum weight_kind { WEIGHT_GIVEN, WEIGHT_SIGMA, WEIGHT_AREA } weight_kind;

static az_status choose_rows(az_problem *problem, int64_t weight_column, weight_kind kind, const az_control *control)
{
    const az_table *table = problem->table;
    const az_column *weights = NULL;
    az_status status = AZ_OK;
    if (weight_column >= 0) {
        weights = az_numeric_column(table, weight_column, kind == WEIGHT_SIGMA ? "sigma" : "weight", &status);
        if (!weights) return status;
        AZ_TRY(AZ_NEW_ARRAY(problem->weight, table->n_rows));
    }
    AZ_TRY(AZ_NEW_ARRAY(problem->rows, table->n_rows));
    double total = 0;
    for (int64_t row = 0; row < table->n_rows; row++) {
        if (target_missing(problem, row)) {
            problem->n_dropped_target++;
            continue;
        }
        if (weights) {
            double weight = 0;
            AZ_TRY(kind == WEIGHT_AREA ? az_area_weight(table, weight_column, row, &weight)
                                       : row_weight(table, weights, kind == WEIGHT_SIGMA, row, &weight));
            if (weight == 0) {
                problem->n_dropped_weight++;
                continue;
            }
            problem->negative_weights |= weight < 0;
            problem->weight[problem->n_rows] = weight;
            total += weight;
        }
        problem->rows[problem->n_rows++] = row;
    }
    problem->absolute = kind == WEIGHT_SIGMA;
    problem->total_weight = weights ? total : (double)problem->n_rows;
    if (problem->is_block) return AZ_OK;
    return az_problem_check_rows(table->source, problem->n_rows, problem->n_dropped_target, problem->n_dropped_weight,
                                 weights ? weights->name : NULL, total, control);
}

az_status az_problem_check_rows(const char *source, int64_t n_rows, int64_t n_dropped_target, int64_t n_dropped_weight,
                                const char *weights, double total_weight, const az_control *control)
{
    if (n_dropped_target) az_note(control, "%lld rows dropped: the target is missing", (long long)n_dropped_target);
    if (n_dropped_weight) az_note(control, "%lld rows dropped: their weight is 0", (long long)n_dropped_weight);
    if (n_rows == 0)
        return az_error(AZ_ERROR_DATA, "%s: no row has a target%s", source, weights ? " and a weight" : "");
    if (weights && !(total_weight > 0))
        return az_error(AZ_ERROR_DATA, "%s: the weights in \"%s\" do not sum to a positive number", source, weights);
    return AZ_OK;
}

/* Rows of one group get the same number; groups are numbered in order of first appearance. */
static az_status fill_groups(az_problem *problem, const az_column *column)
{
    AZ_TRY(AZ_NEW_ARRAY(problem->group, problem->n_rows));
    double *distinct = NULL;
    int64_t n = 0;
    if (column->type != AZ_CATEGORICAL) AZ_TRY(az_distinct_numbers(problem, column, &distinct, &n));
    az_status status = AZ_OK;
    for (int64_t i = 0; i < problem->n_rows && !status; i++) {
        int64_t row = problem->rows[i];
        bool missing =
            column->type == AZ_CATEGORICAL ? column->codes[row] < 0 : isnan(column->values[row * column->stride]);
        if (missing) {
            status =
                az_error(AZ_ERROR_DATA, "%s: --group column \"%s\" is missing in data row %lld", problem->table->source,
                         column->name, (long long)az_table_row_number(problem->table, row) + 1);
        } else if (column->type == AZ_CATEGORICAL) {
            problem->group[i] = column->codes[row];
        } else {
            double value = column->values[row * column->stride];
            const double *place = bsearch(&value, distinct, (size_t)n, sizeof value, az_compare_numbers);
            problem->group[i] = place ? (int32_t)(place - distinct) : -1;
        }
    }
    az_free(distinct);
    return status;
}

static az_status fill_times(az_problem *problem, const az_column *column, double **times)
{
    AZ_TRY(AZ_NEW_ARRAY(*times, problem->n_rows));
    for (int64_t i = 0; i < problem->n_rows; i++) {
        double value = column->values[problem->rows[i] * column->stride];
        if (!isfinite(value))
            return az_error(AZ_ERROR_DATA, "%s: --time column \"%s\" is missing in data row %lld",
                            problem->table->source, column->name,
                            (long long)az_table_row_number(problem->table, problem->rows[i]) + 1);
        (*times)[i] = value;
    }
    return AZ_OK;
}

/* The columns of which the reader has made the time are no features.  Windows have left them behind. */
static az_status take_time_parts(const az_problem *problem, const az_table *table, unsigned char *parts)
{
    char **names = NULL;
    int64_t n = 0, column;
    if (table->time_column < 0)
        return az_error(AZ_ERROR_USAGE,
                        "--time %s: a time of several columns is made when files are read; a table needs one column",
                        problem->roles.time);
    AZ_TRY(az_list_split(problem->roles.time, &names, &n));
    az_status status = AZ_OK;
    for (int64_t i = 0; i < n && !status; i++)
        if (az_dictionary_find(&table->names, names[i], strlen(names[i])) >= 0)
            status = take_part(table, parts, names[i], PART_TIME, &column);
    az_free(names);
    parts[table->time_column] = PART_TIME;
    return status;
}

/* The time role: given, or played by a column by itself unless that is used otherwise. */
static az_status choose_time(az_problem *problem, const az_table *table, unsigned char *parts,
                             const az_control *control)
{
    int64_t time = -1;
    if (az_time_has_parts(problem->roles.time)) {
        AZ_TRY(take_time_parts(problem, table, parts));
        time = table->time_column;
    } else if (problem->roles.time) {
        AZ_TRY(take_part(table, parts, problem->roles.time, PART_TIME, &time));
    } else if (table->time_column >= 0 && parts[table->time_column] == PART_NONE) {
        time = table->time_column;
        parts[time] = PART_TIME;
        const char *name = table->columns[time].name;
        AZ_TRY(copy_text(problem, &problem->roles.time, name));
        az_note(control, "%s is the time by which data are split (--split, --time)", name);
    }
    if (time < 0) return AZ_OK;
    const az_column *column = &table->columns[time];
    if (column->type == AZ_CATEGORICAL)
        return az_error(AZ_ERROR_DATA,
                        "%s: column \"%s\" holds text (\"%s\") and cannot be the time; dates read as 1997-03-01",
                        table->source, column->name, column->n_levels ? column->levels[0] : "");
    problem->time_column = time;
    return AZ_OK;
}

static az_status choose_task(az_problem *problem, bool classifies_only)
{
    const char *asked = problem->roles.task;
    const az_column *column = &problem->table->columns[problem->targets[0]];
    if (asked && strcmp(asked, "regression") == 0) {
        if (classifies_only) return az_error(AZ_ERROR_USAGE, "--task regression: the model only classifies");
        problem->task = AZ_REGRESSION;
    } else if (asked && strcmp(asked, "classification") == 0) {
        problem->task = AZ_CLASSIFICATION;
    } else if (asked && strcmp(asked, "auto") != 0) {
        return az_error(AZ_ERROR_USAGE, "--task %s: it must be auto, regression or classification", asked);
    } else {
        problem->task = classifies_only || column->type == AZ_CATEGORICAL ? AZ_CLASSIFICATION : AZ_REGRESSION;
    }
    if (problem->task == AZ_CLASSIFICATION && problem->n_targets > 1)
        return az_error(AZ_ERROR_USAGE, "classification takes one target, not %lld", (long long)problem->n_targets);
    return AZ_OK;
}

static az_status build(az_problem *problem, const az_roles *roles, const az_model *model, bool classifies_only,
                       const az_control *control)
{
    const az_table *table = problem->table;
    unsigned char *parts = NULL;
    int64_t *ignored = NULL, n_ignored, weight, sigma, group;
    az_status status = AZ_OK;
    if (!roles->target || !*roles->target)
        return az_error(AZ_ERROR_USAGE, "no target: name the column to predict with --target");
    AZ_TRY(copy_roles(problem, roles));
    AZ_TRY(AZ_NEW_ARRAY(parts, table->n_columns));
    memset(parts, PART_NONE, (size_t)table->n_columns);
    AZ_GOTO(take_list(table, parts, roles->target, PART_TARGET, &problem->targets, &problem->n_targets));
    if (problem->n_targets == 0) AZ_GOTO(az_error(AZ_ERROR_USAGE, "--target names no column"));
    for (int64_t t = 0; t < problem->n_targets; t++)
        if (table->columns[problem->targets[t]].type == AZ_TIME)
            AZ_GOTO(az_error(AZ_ERROR_DATA, "%s: column \"%s\" holds times and cannot be the target", table->source,
                             table->columns[problem->targets[t]].name));
    bool by_area = az_weight_is_area(table, roles->weight);
    AZ_GOTO(take_one(table, parts, by_area ? NULL : roles->weight, PART_WEIGHT, &weight));
    AZ_GOTO(take_one(table, parts, roles->sigma, PART_SIGMA, &sigma));
    AZ_GOTO(take_one(table, parts, roles->group, PART_GROUP, &group));
    if (roles->ignore) AZ_GOTO(take_list(table, parts, roles->ignore, PART_IGNORE, &ignored, &n_ignored));
    if (!model) AZ_GOTO(choose_time(problem, table, parts, control));
    if (by_area) weight = az_latitude_column(table);
    if (by_area && weight < 0)
        AZ_GOTO(az_error(AZ_ERROR_DATA,
                         "%s: --weight area needs a column \"area\", or one of latitudes (in degrees_north, or called "
                         "lat or latitude)",
                         table->source));
    if (weight >= 0 && sigma >= 0)
        AZ_GOTO(
            az_error(AZ_ERROR_USAGE, "--weight and --sigma exclude each other: sigma already says what a row weighs"));
    weight_kind kind = sigma >= 0 ? WEIGHT_SIGMA : by_area ? WEIGHT_AREA : WEIGHT_GIVEN;
    AZ_GOTO(choose_rows(problem, sigma >= 0 ? sigma : weight, kind, control));
    if (!model) {
        AZ_GOTO(az_choose_inputs(problem, parts, control));
        AZ_GOTO(az_mark_inputs(problem));
        AZ_GOTO(choose_task(problem, classifies_only));
    }
    const az_column *target = &table->columns[problem->targets[0]];
    if (problem->task == AZ_CLASSIFICATION) {
        if (!model) AZ_GOTO(az_collect_classes(problem, target));
        AZ_GOTO(az_fill_labels(problem, target));
    } else {
        AZ_GOTO(az_fill_quantities(problem));
        if (!model && !roles->task) az_tell_quantity(problem, control);
    }
    if (group >= 0) AZ_GOTO(fill_groups(problem, &table->columns[group]));
    if (problem->time_column >= 0) AZ_GOTO(fill_times(problem, &table->columns[problem->time_column], &problem->time));
    if (problem->time_column >= 0 && table->begin_column >= 0)
        AZ_GOTO(fill_times(problem, &table->columns[table->begin_column], &problem->begin));
done:
    az_free(parts);
    az_free(ignored);
    return status;
}

az_status az_problem_new(az_problem **result, const az_table *table, const az_roles *roles, bool classifies_only,
                         const az_control *control)
{
    az_problem *problem;
    AZ_TRY(AZ_NEW_ZERO(problem));
    problem->table = table;
    problem->time_column = -1;
    problem->digest = az_table_digest(table);
    az_status status = build(problem, roles, NULL, classifies_only, control);
    if (status)
        az_problem_free(problem);
    else
        *result = problem;
    return status;
}

/* Is there a column of that name?  Weights need not come with the data a model is scored on. */
static const char *name_if_there(const az_table *table, const char *name)
{
    if (name)
        for (int64_t c = 0; c < table->n_columns; c++)
            if (strcmp(table->columns[c].name, name) == 0) return name;
    return NULL;
}

/* Quantities observed in another unit than the model's are brought into that. */
static az_status convert_targets(az_problem *problem, const az_model *model, const az_control *control)
{
    for (int64_t t = 0; t < problem->n_targets && problem->y; t++) {
        const az_column *column = &problem->table->columns[problem->targets[t]];
        double scale, offset, *y = problem->y + t * problem->n_rows;
        AZ_TRY(az_unit_convert_column(problem->table->source, column->name, column->unit, model->target_units[t],
                                      &scale, &offset));
        if (scale == 1 && offset == 0) continue;
        for (int64_t i = 0; i < problem->n_rows; i++) y[i] = scale * y[i] + offset;
        if (problem->table->first_row == 0)
            az_note(control, "%s: converted from %s to %s, the unit of the model", column->name, column->unit,
                    model->target_units[t]);
    }
    return AZ_OK;
}

static az_status problem_for_model(az_problem **result, const az_table *table, const az_model *model, bool is_block,
                                   const az_control *control)
{
    az_problem *problem;
    az_status status = AZ_OK;
    az_text targets = {0};
    AZ_TRY(AZ_NEW_ZERO(problem));
    problem->table = table;
    problem->time_column = -1;
    problem->task = model->task;
    problem->is_block = is_block;
    for (int64_t t = 0; t < model->n_targets; t++) {
        /* A file of labels is the target, whatever the labels in it are called. */
        bool beside = model->n_targets == 1 && table->target_column >= 0;
        const char *name = beside ? table->columns[table->target_column].name : model->target_names[t];
        if (t) az_text_append(&targets, ",");
        const char *quote = strchr(name, '"') ? "`" : "\"";
        az_text_append(&targets, quote);
        az_text_append(&targets, name);
        az_text_append(&targets, quote);
    }
    AZ_GOTO(az_text_status(&targets));
    if (model->task == AZ_CLASSIFICATION) {
        AZ_GOTO(AZ_NEW_ARRAY(problem->classes, model->n_classes));
        for (int32_t c = 0; c < model->n_classes; c++) {
            problem->classes[c] = az_arena_strndup(&problem->strings, model->classes[c], strlen(model->classes[c]));
            if (!problem->classes[c]) status = AZ_ERROR_MEMORY;
            if (status) goto done;
        }
        problem->n_classes = model->n_classes;
    }
    az_roles roles = {.target = targets.data,
                      .weight = name_if_there(table, model->weight),
                      .sigma = name_if_there(table, model->sigma)};
    if (az_weight_is_area(table, model->weight) && az_latitude_column(table) >= 0) roles.weight = model->weight;
    if (model->weight && !roles.weight && table->first_row == 0)
        az_note(control, "%s has no column \"%s\" (the weight): scored without weights", table->source, model->weight);
    AZ_GOTO(build(problem, &roles, model, false, control));
    AZ_GOTO(convert_targets(problem, model, control));
done:
    az_text_free(&targets);
    if (status)
        az_problem_free(problem);
    else
        *result = problem;
    return status;
}

void az_problem_split_data(const az_problem *problem, az_split_data *data)
{
    *data = (az_split_data){.n_rows = problem->n_rows,
                            .label = problem->label,
                            .group = problem->group,
                            .time = problem->time,
                            .begin = problem->begin};
}

const az_time_unit *az_problem_time_unit(const az_problem *problem)
{
    if (problem->time_column < 0) return NULL;
    const az_column *column = &problem->table->columns[problem->time_column];
    return column->type == AZ_TIME ? &column->time : NULL;
}

az_status az_problem_for_model(az_problem **problem, const az_table *table, const az_model *model,
                               const az_control *control)
{
    return problem_for_model(problem, table, model, false, control);
}

az_status az_problem_for_block(az_problem **problem, const az_table *block, const az_model *model,
                               const az_control *control)
{
    return problem_for_model(problem, block, model, true, control);
}

void az_problem_free(az_problem *problem)
{
    if (!problem) return;
    az_free(problem->inputs);
    az_free(problem->periods);
    az_free(problem->forced_categorical);
    az_free(problem->targets);
    az_free(problem->rows);
    az_free(problem->y);
    az_free(problem->classes);
    az_free(problem->label);
    az_free(problem->weight);
    az_free(problem->group);
    az_free(problem->time);
    az_free(problem->begin);
    az_arena_free(&problem->strings);
    az_free(problem);
}
