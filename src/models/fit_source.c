/* SPDX-License-Identifier: BSD-3-Clause */
/* Fitting on more rows than fit into memory.  A first pass takes a sample of the rows, with at least one of every level
 * of every column, on which the problem and the design are made as on any table; a second pass goes through the sums of
 * a fit in parts, or codes the rows for a fit on bins. */
#include "data/design.h"
#include "data/sample.h"
#include "models/binned.h"
#include "models/fit_parts.h"
#include "models/partial.h"
#include "models/problem_parts.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

/* Rows in the sample; levels of a column beyond which it is no category that anyone wants. */
enum { SAMPLE_ROWS = 1 << 16, MOST_LEVELS = 10000 };

/* What the first pass knows of a column. */
typedef struct seen {
    az_dictionary levels; /* texts, and numbers as they are printed where they may be categories */
    az_arena strings;
    bool as_level; /* a number may be a category */
    bool missing, present;
} seen;

typedef struct survey {
    const az_roles *roles;
    bool classifies_only;
    int64_t n_columns;
    seen *columns;
    az_sampler *sampler;
    int64_t n_usable; /* rows, at most: what is said of weights later may leave more out */
} survey;

static void survey_free(survey *self)
{
    for (int64_t j = 0; self->columns && j < self->n_columns; j++) {
        az_dictionary_free(&self->columns[j].levels);
        az_arena_free(&self->columns[j].strings);
    }
    az_free(self->columns);
    az_sampler_free(self->sampler);
}

/* Marks the columns of a list: mark[column] = 1. */
static az_status mark_list(const az_table *table, const char *list, unsigned char *mark)
{
    char **names = NULL;
    int64_t n = 0;
    az_status status = AZ_OK;
    if (!list) return AZ_OK;
    AZ_TRY(az_list_split(list, &names, &n));
    for (int64_t i = 0; i < n && !status; i++) {
        int64_t column;
        status = az_table_find(table, names[i], &column);
        if (!status) mark[column] = 1;
    }
    az_free(names);
    return status;
}

static az_status begin(survey *self, const az_table *block)
{
    const az_roles *roles = self->roles;
    unsigned char *mark;
    az_status status = AZ_OK;
    self->n_columns = block->n_columns;
    AZ_TRY(AZ_NEW_ARRAY(self->columns, block->n_columns));
    memset(self->columns, 0, (size_t)block->n_columns * sizeof *self->columns);
    AZ_TRY(AZ_NEW_ARRAY(mark, block->n_columns));
    memset(mark, 0, (size_t)block->n_columns);
    AZ_GOTO(mark_list(block, roles->categorical, mark));
    bool classes = self->classifies_only || (roles->task && strcmp(roles->task, "classification") == 0);
    if (classes) AZ_GOTO(mark_list(block, roles->target, mark));
    for (int64_t j = 0; j < block->n_columns; j++) self->columns[j].as_level = mark[j];
done:
    az_free(mark);
    return status;
}

static bool is_missing(const az_column *column, int64_t row)
{
    return column->type == AZ_CATEGORICAL ? column->codes[row] < 0 : isnan(column->values[row * column->stride]);
}

/* Rows with a target and a weight: no others are trained on. */
static az_status mark_usable(const survey *self, const az_table *block, unsigned char *usable)
{
    const char *weights = self->roles->weight ? self->roles->weight : self->roles->sigma;
    unsigned char *mark;
    az_status status;
    AZ_TRY(AZ_NEW_ARRAY(mark, block->n_columns));
    memset(mark, 0, (size_t)block->n_columns);
    memset(usable, 1, (size_t)block->n_rows);
    AZ_GOTO(mark_list(block, self->roles->target, mark));
    for (int64_t j = 0; j < block->n_columns; j++)
        for (int64_t i = 0; mark[j] && i < block->n_rows; i++)
            if (is_missing(&block->columns[j], i)) usable[i] = 0;
    if (weights) {
        /* What is no column, or none of numbers, is an error of the problem, if not "area". */
        int32_t number = az_dictionary_find(&block->names, weights, strlen(weights));
        const az_column *from = number >= 0 ? &block->columns[number] : NULL;
        for (int64_t i = 0; from && from->type != AZ_CATEGORICAL && i < block->n_rows; i++)
            if (from->values[i * from->stride] == 0) usable[i] = 0;
    }
done:
    az_free(mark);
    return status;
}

/* Marks the first row of every level, the first without one, and the first number. */
static az_status mark_new(seen *column, const az_column *from, int64_t n_rows, const unsigned char *usable,
                          unsigned char *must)
{
    int32_t *known = NULL; /* per code of the block: it is in the dictionary */
    az_status status = AZ_OK;
    if (from->type == AZ_CATEGORICAL) {
        AZ_TRY(AZ_NEW_ARRAY(known, from->n_levels));
        for (int32_t k = 0; k < from->n_levels; k++) known[k] = 0;
    }
    for (int64_t i = 0; i < n_rows; i++) {
        if (!usable[i]) continue;
        if (is_missing(from, i)) {
            if (!column->missing && (from->type == AZ_CATEGORICAL || column->as_level)) must[i] = 1;
            column->missing = true;
            continue;
        }
        if (!column->present) must[i] = 1;
        column->present = true;
        char number[AZ_NUMBER_MAX];
        const char *level = number;
        if (from->type == AZ_CATEGORICAL) {
            if (known[from->codes[i]]++) continue;
            level = from->levels[from->codes[i]];
        } else if (column->as_level) {
            az_level_print(number, from->values[i * from->stride]);
        } else {
            break; /* of numbers no more is wanted than the first */
        }
        int32_t code, n_before = column->levels.n_entries;
        if (n_before > MOST_LEVELS) continue;
        AZ_GOTO(az_dictionary_add(&column->levels, &column->strings, level, strlen(level), &code));
        if (column->levels.n_entries > n_before) must[i] = 1;
    }
done:
    az_free(known);
    return status;
}

static az_status add_block(survey *self, const az_table *block)
{
    unsigned char *usable = NULL, *must = NULL;
    az_status status;
    if (!self->columns) AZ_TRY(begin(self, block));
    AZ_GOTO(AZ_NEW_ARRAY(usable, block->n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(must, block->n_rows));
    memset(must, 0, (size_t)block->n_rows);
    AZ_GOTO(mark_usable(self, block, usable));
    for (int64_t i = 0; i < block->n_rows; i++) self->n_usable += usable[i];
    for (int64_t j = 0; j < block->n_columns; j++)
        AZ_GOTO(mark_new(&self->columns[j], &block->columns[j], block->n_rows, usable, must));
    AZ_GOTO(az_sampler_add(self->sampler, block, usable, must));
done:
    az_free(usable);
    az_free(must);
    return status;
}

static az_status take_sample(az_table **table, int64_t *n_usable, az_source *source, const az_roles *roles,
                             bool classifies_only, uint64_t seed, const az_control *control)
{
    survey self = {.roles = roles, .classifies_only = classifies_only};
    az_status status;
    char *name = NULL;
    AZ_GOTO(az_sampler_new(&self.sampler, SAMPLE_ROWS, seed));
    for (;;) {
        const az_table *block;
        AZ_GOTO(az_source_next(source, &block, control));
        if (!block) break;
        if (!name && !(name = az_strdup(block->source))) AZ_GOTO(AZ_ERROR_MEMORY);
        AZ_GOTO(add_block(&self, block));
        AZ_GOTO(az_check_interrupt(control));
    }
    *n_usable = self.n_usable;
    status = az_sampler_take(self.sampler, table);
    if (status == AZ_ERROR_DATA && name)
        status = az_error(AZ_ERROR_DATA, "%s: no row has a target%s", name,
                          roles->weight || roles->sigma ? " and a weight" : "");
done:
    az_free(name);
    survey_free(&self);
    return status;
}

static az_status copy_classes(az_model *model, const az_problem *problem)
{
    if (problem->task != AZ_CLASSIFICATION) return AZ_OK;
    model->classes = az_arena_alloc(&model->strings, (size_t)(problem->n_classes + 1) * sizeof *model->classes);
    if (!model->classes) return AZ_ERROR_MEMORY;
    for (; model->n_classes < problem->n_classes; model->n_classes++) {
        const char *name = problem->classes[model->n_classes];
        char *copy = az_arena_strndup(&model->strings, name, strlen(name));
        if (!copy) return AZ_ERROR_MEMORY;
        model->classes[model->n_classes] = copy;
    }
    return AZ_OK;
}

az_status az_in_blocks_check(const az_model_class *class, const void *options, const az_pipeline_options *pipeline,
                             az_task task, const char *what)
{
    return class->binned ? az_binned_check(class, options, pipeline, what)
                         : az_partial_check(class, options, pipeline, task, what);
}

az_status az_model_fit_source(az_model **result, const az_model_class *class, const void *options,
                              const az_pipeline_options *pipeline, az_source *source, const az_roles *roles,
                              const az_control *control)
{
    az_table *sample = NULL;
    az_problem *problem = NULL;
    az_model *model = NULL;
    int64_t n_usable = 0;
    az_status status;
    az_control silent = control ? *control : (az_control){0};
    silent.message = NULL; /* what the design would tell of the sample is told of all rows */
    AZ_GOTO(take_sample(&sample, &n_usable, source, roles, class->tasks == AZ_CLASSIFICATION, (uint64_t)pipeline->seed,
                        control));
    AZ_GOTO(az_problem_new(&problem, sample, roles, class->tasks == AZ_CLASSIFICATION, control));
    AZ_GOTO(az_in_blocks_check(class, options, pipeline, problem->task, "--sample N fits it on rows chosen at random"));
    AZ_GOTO(az_model_new(&model, class, options, pipeline, problem));
    AZ_GOTO(copy_classes(model, problem));
    az_design_options design = az_model_design_options(model);
    AZ_GOTO(az_design_fit(&model->design, sample, problem->inputs, problem->n_inputs, problem->periods,
                          problem->forced_categorical, problem->rows, problem->n_rows, problem->weight, &design,
                          &silent));
    model->data_digest = 0;
    AZ_GOTO(az_source_rewind(source));
    if (class->binned) {
        AZ_GOTO(az_binned_fit(model, problem, source, n_usable, control));
    } else {
        AZ_GOTO(az_partial_begin(model));
        AZ_GOTO(az_partial_rows(model, source, control));
    }
    *result = model;
    model = NULL;
done:
    az_model_free(model);
    az_problem_free(problem);
    az_table_free(sample);
    return status;
}

az_status az_fit_source(az_model **model, const char *name, az_source *source, const az_roles *roles,
                        const char *parameters, const az_control *control)
{
    const az_model_class *class;
    void *options = NULL;
    az_pipeline_options pipeline;
    az_status status;
    if (!roles || !roles->target) return az_error(AZ_ERROR_USAGE, "no target is named");
    AZ_GOTO(az_fit_options(name, parameters, &class, &options, &pipeline));
    AZ_GOTO(az_in_blocks_check(class, options, &pipeline,
                               class->tasks & AZ_REGRESSION ? AZ_REGRESSION : AZ_CLASSIFICATION,
                               "fit it on a table of as many rows as fit into memory"));
    AZ_GOTO(az_model_fit_source(model, class, options, &pipeline, source, roles, control));
done:
    az_free(options);
    return status;
}
