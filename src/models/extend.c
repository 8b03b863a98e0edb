/* SPDX-License-Identifier: BSD-3-Clause */
/* Models that are many parts of one kind, such as the trees of a forest: more parts for a fitted model, and two models
 * as one. */
#include "base/number.h"
#include "models/fit_parts.h"
#include "models/interval.h"
#include "models/model.h"

#include <math.h>
#include <string.h>

/* The rows of a table as the fitted model sees them. */
typedef struct rows {
    az_problem *problem;
    az_encoder *encoder;
    az_tally *tally;
    double *x, *y;
} rows;

static void rows_free(rows *self)
{
    az_tally_free(self->tally);
    az_encoder_free(self->encoder);
    az_problem_free(self->problem);
    az_free(self->x);
    az_free(self->y);
}

static az_status read_rows(rows *self, const az_model *model, const az_table *table, az_sample *sample,
                           const az_control *control)
{
    AZ_TRY(az_problem_for_model(&self->problem, table, model, control));
    const az_problem *problem = self->problem;
    const int64_t n = problem->n_rows, n_features = model->design->n_features;
    if (model->weight && !problem->weight)
        return az_error(AZ_ERROR_DATA, "%s has no column \"%s\", the weight of the rows that the model has seen",
                        table->source, model->weight);
    AZ_TRY(az_encoder_new(&self->encoder, model->design, table));
    AZ_TRY(az_tally_new(&self->tally, model->design));
    az_tally_add(self->tally, self->encoder);
    az_tally_tell(self->tally, control);
    AZ_TRY(AZ_NEW_ARRAY(self->x, n * n_features));
    AZ_TRY(AZ_NEW_ARRAY(self->y, n * (problem->n_targets + 1)));
    AZ_TRY(az_design_matrix(model->design, self->encoder, problem->rows, n, self->x, NULL, control));
    AZ_TRY(az_refuse_infinite(model->design, self->x, n, table, problem->rows));
    const bool classes = model->task == AZ_CLASSIFICATION;
    for (int64_t t = 0; t < problem->n_targets && !classes; t++)
        AZ_TRY(az_fill_target(model, problem, t, NULL, 0, n, self->y + t * n));
    *sample = (az_sample){.n_rows = n,
                          .n_features = n_features,
                          .x = self->x,
                          .features = model->design->features,
                          .n_targets = classes ? 0 : model->n_targets,
                          .y = self->y,
                          .n_classes = model->n_classes,
                          .label = problem->label,
                          .class_names = model->classes,
                          .weight = problem->weight,
                          .task = model->task,
                          .seed = (uint64_t)model->pipeline.seed};
    return AZ_OK;
}

/* What lies in the range of the new rows is no longer out of it. */
static az_status widen_ranges(az_model *model, const rows *from)
{
    const int64_t n = from->problem->n_rows;
    double *raw;
    AZ_TRY(AZ_NEW_ARRAY(raw, n));
    for (int64_t k = 0; k < model->design->n_inputs; k++) {
        az_raw_input *input = &model->design->inputs[k];
        if (input->type == AZ_CATEGORICAL) continue;
        az_encoder_column(from->encoder, k, from->problem->rows, 0, n, raw, 1);
        for (int64_t i = 0; i < n; i++) {
            if (isnan(raw[i])) continue;
            if (raw[i] < input->lower) input->lower = raw[i];
            if (raw[i] > input->upper) input->upper = raw[i];
        }
    }
    az_free(raw);
    return AZ_OK;
}

/* "n_estimators=200", of the one parameter that says how much there is. */
static az_status read_parameters(az_model *model, const char *text)
{
    const az_model_class *class = model->class;
    const char *equals = text ? strchr(text, '=') : NULL;
    if (!text || !*text)
        return az_error(AZ_ERROR_USAGE, "say how far to go: %s=N, a larger number than the model has", class->more);
    char *name = equals ? az_strndup(text, (size_t)(equals - text)) : az_strdup(text);
    if (!name) return AZ_ERROR_MEMORY;
    const az_param *param = az_param_find(class->params, name);
    az_status status = AZ_OK;
    if (!equals || !param || strcmp(param->name, class->more) != 0 || strpbrk(equals, " \t"))
        status = az_error(AZ_ERROR_USAGE,
                          "a %s model that goes on keeps its parameters; %s=N alone can be given, not \"%s\"",
                          class->name, class->more, text);
    bool found;
    if (!status) status = az_params_set(class->params, model->options, name, equals + 1, &found);
    az_free(name);
    return status;
}

/* The model holds what was made of both tables. */
static void count_rows(az_model *model, int64_t n_rows, uint64_t digest)
{
    if (digest == model->data_digest) return;
    model->n_train += n_rows;
    model->data_digest = az_digest_word(model->data_digest, digest);
}

/* The residuals that it is made of were those of another model. */
static void drop_interval(az_model *model, const az_control *control)
{
    if (model->interval) az_note(control, "the intervals of the model are gone: they held for the trees it had before");
    az_interval_free(model->interval);
    model->interval = NULL;
}

az_status az_fit_extend(az_model **result, const az_model *from, const az_table *table, const char *parameters,
                        const az_control *control)
{
    az_model *model = NULL;
    void *fitted = NULL;
    rows data = {0};
    az_sample sample;
    az_fit_result made;
    az_status status;
    if (from->class->no_more)
        return az_error(AZ_ERROR_USAGE, "a %s model cannot go on from where it is: %s; fit it anew with more trees",
                        from->class->name, from->class->no_more);
    if (!from->class->extend)
        return az_error(AZ_ERROR_USAGE, "a %s model cannot go on from where it is; fit it anew", from->class->name);
    AZ_GOTO(az_model_copy(&model, from));
    AZ_GOTO(read_parameters(model, parameters));
    AZ_GOTO(read_rows(&data, model, table, &sample, control));
    AZ_GOTO(model->class->extend(&fitted, model->fitted, &sample, model->options, control, &made));
    model->class->free(model->fitted);
    model->fitted = fitted;
    model->result = made;
    drop_interval(model, control);
    AZ_GOTO(widen_ranges(model, &data));
    count_rows(model, sample.n_rows, az_table_digest(table));
    *result = model;
    model = NULL;
done:
    rows_free(&data);
    az_model_free(model);
    return status;
}

/* ---- two models as one ---- */

static az_status differ(const char *format, const char *what)
{
    return az_error(AZ_ERROR_USAGE, format, what);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static az_status check_inputs(const az_design *a, const az_design *b)
{
    static const char other_columns[] = "the models cannot be merged: column \"%s\" is an input of one of them only";
    for (int64_t k = 0; k < a->n_inputs || k < b->n_inputs; k++) {
        if (k >= b->n_inputs) return differ(other_columns, a->inputs[k].name);
        if (k >= a->n_inputs) return differ(other_columns, b->inputs[k].name);
        const az_raw_input *x = &a->inputs[k], *y = &b->inputs[k];
        if (strcmp(x->name, y->name) != 0)
            return differ("the models cannot be merged: their inputs are others, or in another order (\"%s\")",
                          x->name);
        if (x->type != y->type || x->period != y->period || !same_text(x->unit, y->unit) ||
            (x->type == AZ_TIME && !az_time_unit_equal(&x->time, &y->time)))
            return differ("the models cannot be merged: they read column \"%s\" in different ways", x->name);
        bool same_levels = x->n_levels == y->n_levels && x->missing_level == y->missing_level;
        for (int32_t level = 0; level < x->n_levels && same_levels; level++)
            same_levels = strcmp(x->levels[level], y->levels[level]) == 0;
        if (!same_levels)
            return differ("the models cannot be merged: column \"%s\" had other levels in the data of one than of the "
                          "other; fit both on data with all levels",
                          x->name);
    }
    return AZ_OK;
}

static az_status check_features(const az_design *a, const az_design *b)
{
    bool same = a->n_features == b->n_features && a->options.degree == b->options.degree &&
                a->options.keep_categories == b->options.keep_categories &&
                a->options.keep_missing == b->options.keep_missing &&
                a->options.wrap_periodic == b->options.wrap_periodic && !a->powers == !b->powers;
    for (int64_t j = 0; j < a->n_features && same; j++)
        same = strcmp(a->features[j].name, b->features[j].name) == 0 &&
               a->features[j].center == b->features[j].center && a->features[j].scale == b->features[j].scale;
    return same ? AZ_OK
                : az_error(AZ_ERROR_USAGE, "the models cannot be merged: their features are made in different ways "
                                           "(scale, degree)");
}

static az_status check_alike(const az_model *a, const az_model *b)
{
    if (a->class->no_more)
        return az_error(AZ_ERROR_USAGE, "%s models cannot be merged: %s", a->class->name, a->class->no_more);
    if (!a->class->merge)
        return az_error(AZ_ERROR_USAGE, "%s models cannot be merged; averaged ensembles of trees can", a->class->name);
    if (a->class != b->class)
        return az_error(AZ_ERROR_USAGE, "the models cannot be merged: one is %s, the other %s", a->class->name,
                        b->class->name);
    bool same = a->task == b->task && a->n_targets == b->n_targets &&
                a->pipeline.transform_target == b->pipeline.transform_target;
    for (int64_t t = 0; t < a->n_targets && same; t++)
        same = strcmp(a->target_names[t], b->target_names[t]) == 0 && same_text(a->target_units[t], b->target_units[t]);
    if (!same)
        return az_error(AZ_ERROR_USAGE,
                        "the models cannot be merged: they predict different targets (\"%s\" and \"%s\")",
                        a->target_names[0], b->target_names[0]);
    same = a->n_classes == b->n_classes;
    for (int32_t c = 0; c < a->n_classes && same; c++) same = strcmp(a->classes[c], b->classes[c]) == 0;
    if (!same)
        return az_error(AZ_ERROR_USAGE, "the models cannot be merged: they know different classes of \"%s\"",
                        a->target_names[0]);
    AZ_TRY(check_inputs(a->design, b->design));
    AZ_TRY(check_features(a->design, b->design));
    if (a->data_digest == b->data_digest && a->n_train == b->n_train && a->pipeline.seed == b->pipeline.seed)
        return az_error(AZ_ERROR_USAGE,
                        "the models cannot be merged: both come from seed %lld on the same data, and "
                        "hold the same parts; fit one with another --seed",
                        (long long)a->pipeline.seed);
    return AZ_OK;
}

az_status az_model_merge(az_model **result, const az_model *first, const az_model *second)
{
    az_model *model = NULL;
    void *fitted = NULL;
    az_status status;
    AZ_TRY(check_alike(first, second));
    AZ_GOTO(az_model_copy(&model, first));
    AZ_GOTO(model->class->merge(&fitted, first->fitted, second->fitted, model->options));
    model->class->free(model->fitted);
    model->fitted = fitted;
    drop_interval(model, NULL);
    for (int64_t k = 0; k < model->design->n_inputs; k++) {
        az_raw_input *input = &model->design->inputs[k];
        const az_raw_input *other = &second->design->inputs[k];
        if (other->lower < input->lower) input->lower = other->lower;
        if (other->upper > input->upper) input->upper = other->upper;
    }
    count_rows(model, second->n_train, second->data_digest);
    *result = model;
    model = NULL;
done:
    az_model_free(model);
    return status;
}
