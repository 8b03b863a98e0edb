/* SPDX-License-Identifier: BSD-3-Clause */
/* Fitting: problem -> design -> sample -> class->fit -> model. */
#include "base/linalg.h"
#include "base/number.h"
#include "models/affine.h"
#include "models/binned.h"
#include "models/interval.h"
#include "models/fit_parts.h"
#include "models/partial.h"

#include <math.h>
#include <string.h>

enum { SCALE_AUTO }; /* the other choices of `scale` follow in the order of az_scaling */

const az_param az_pipeline_params[] = {
    AZ_CHOICE(az_pipeline_options, scale, SCALE_AUTO, "auto|none|standard|minmax|robust",
              "how features are centred and scaled before the model sees them (auto: as the model prefers)"),
    AZ_PARAM(az_pipeline_options, degree, 1, 1, 20, "products of up to this many features are added (1: none)"),
    AZ_PARAM(az_pipeline_options, interaction_only, 0, 0, 1, "only products of different features"),
    AZ_CHOICE(az_pipeline_options, transform_target, AZ_TRANSFORM_NONE, "none|log",
              "fit the logarithm of the target; predictions and scores are in original units"),
    AZ_PARAM(az_pipeline_options, seed, 0, 0, 9007199254740991.0, "seed of everything random",
             .aliases = "random_state"),
    AZ_PARAM_END};

static az_status check_traits(const az_model_class *class, const az_problem *problem)
{
    if (!(class->tasks & problem->task))
        return az_error(AZ_ERROR_USAGE, "%s does not do %s%s", class->name,
                        problem->task == AZ_REGRESSION ? "regression" : "classification",
                        problem->task == AZ_REGRESSION ? "; --task classification if the target holds classes" : "");
    if (problem->absolute && problem->task == AZ_CLASSIFICATION)
        return az_error(AZ_ERROR_USAGE, "--sigma is the error of a measured quantity, and the target holds classes");
    if (problem->absolute && !(class->traits & AZ_TRAIT_SIGMA))
        return az_error(AZ_ERROR_USAGE,
                        "%s cannot use --sigma (absolute errors of the target); --weight takes relative ones",
                        class->name);
    if (problem->weight && !(class->traits & AZ_TRAIT_WEIGHTS))
        return az_error(AZ_ERROR_USAGE, "%s does not take weights", class->name);
    if (problem->negative_weights && !(class->traits & AZ_TRAIT_NEGATIVE_WEIGHTS))
        return az_error(AZ_ERROR_DATA, "%s does not take negative weights, and column \"%s\" holds some", class->name,
                        problem->roles.weight);
    if (problem->n_targets > 1 && !(class->traits & AZ_TRAIT_SEVERAL_TARGETS))
        return az_error(AZ_ERROR_USAGE, "%s fits one target at a time, not %lld", class->name,
                        (long long)problem->n_targets);
    return AZ_OK;
}

/* What the fit of some rows works on. */
typedef struct workspace {
    int64_t *table_rows; /* (n_rows) */
    double *x, *x_low, *y, *weight;
    int32_t *label;
    int64_t *own_inputs; /* of a class that chooses them itself */
    az_encoder *encoder;
} workspace;

static void workspace_free(workspace *work)
{
    az_free(work->table_rows);
    az_free(work->x);
    az_free(work->x_low);
    az_free(work->y);
    az_free(work->weight);
    az_free(work->label);
    az_free(work->own_inputs);
    az_encoder_free(work->encoder);
}

static az_status copy_string(az_model *model, char **to, const char *text)
{
    *to = NULL;
    if (!text) return AZ_OK;
    *to = az_arena_strndup(&model->strings, text, strlen(text));
    return *to ? AZ_OK : AZ_ERROR_MEMORY;
}

static int64_t problem_row(const int64_t *rows, int64_t i)
{
    return rows ? rows[i] : i;
}

az_status az_fill_target(const az_model *model, const az_problem *problem, int64_t target, const int64_t *rows,
                         int64_t first, int64_t n_rows, double *y)
{
    for (int64_t i = 0; i < n_rows; i++) {
        int64_t row = problem_row(rows, first + i);
        y[i] = problem->y[target * problem->n_rows + row];
        if (model->pipeline.transform_target != AZ_TRANSFORM_LOG) continue;
        if (!(y[i] > 0))
            return az_error(
                AZ_ERROR_DATA, "transform_target = log needs positive targets; \"%s\" is not in data row %lld",
                model->target_names[target], (long long)az_table_row_number(problem->table, problem->rows[row]) + 1);
        y[i] = log(y[i]);
    }
    return AZ_OK;
}

static az_status fill_targets(const az_model *model, const az_problem *problem, const int64_t *rows, int64_t n_rows,
                              workspace *work)
{
    AZ_TRY(AZ_NEW_ARRAY(work->y, n_rows * problem->n_targets));
    for (int64_t t = 0; t < problem->n_targets; t++)
        AZ_TRY(az_fill_target(model, problem, t, rows, 0, n_rows, work->y + t * n_rows));
    return AZ_OK;
}

/* Classes among these rows, in the problem's order, and labels in their numbers. */
static az_status fill_labels(az_model *model, const az_problem *problem, const int64_t *rows, int64_t n_rows,
                             workspace *work)
{
    az_status status = AZ_OK;
    int32_t *place = NULL;
    AZ_TRY(AZ_NEW_ARRAY(work->label, n_rows));
    AZ_TRY(AZ_NEW_ARRAY(place, problem->n_classes));
    for (int32_t c = 0; c < problem->n_classes; c++) place[c] = -1;
    for (int64_t i = 0; i < n_rows; i++) place[problem->label[problem_row(rows, i)]] = 0;
    model->classes = az_arena_alloc(&model->strings, (size_t)(problem->n_classes + 1) * sizeof *model->classes);
    if (!model->classes) status = AZ_ERROR_MEMORY;
    for (int32_t c = 0; c < problem->n_classes && !status; c++) {
        if (place[c] < 0) continue;
        place[c] = model->n_classes;
        status = copy_string(model, &model->classes[model->n_classes++], problem->classes[c]);
    }
    for (int64_t i = 0; i < n_rows && !status; i++) work->label[i] = place[problem->label[problem_row(rows, i)]];
    if (!status && model->n_classes < 2)
        status = az_error(AZ_ERROR_DATA, "the training rows hold only one class (\"%s\")", model->classes[0]);
    az_free(place);
    return status;
}

/* A NaN is a cell that the model takes as missing (others are filled); an infinity comes from a caller's array or a
 * product that overflowed. */
az_status az_refuse_infinite(const az_design *design, const double *matrix, int64_t n_rows, const az_table *table,
                             const int64_t *table_rows)
{
    for (int64_t j = 0; j < design->n_features; j++) {
        const double *x = matrix + j * n_rows;
        double sum = 0; /* of zeros, unless some value is not finite: one pass without branches */
        for (int64_t i = 0; i < n_rows; i++) sum += x[i] * 0;
        if (sum == 0) continue;
        for (int64_t i = 0; i < n_rows; i++)
            if (!isfinite(x[i]) && !(isnan(x[i]) && design->options.keep_missing))
                return az_error(AZ_ERROR_DATA, "feature \"%s\" is not finite in data row %lld",
                                design->features[j].name, (long long)az_table_row_number(table, table_rows[i]) + 1);
    }
    return AZ_OK;
}

static az_status describe(az_model *model, const az_problem *problem)
{
    model->task = problem->task;
    model->n_targets = problem->n_targets;
    model->target_names = az_arena_alloc(&model->strings, (size_t)problem->n_targets * sizeof *model->target_names);
    model->target_units = az_arena_alloc(&model->strings, (size_t)problem->n_targets * sizeof *model->target_units);
    if (!model->target_names || !model->target_units) return AZ_ERROR_MEMORY;
    for (int64_t t = 0; t < problem->n_targets; t++) {
        const az_column *column = &problem->table->columns[problem->targets[t]];
        AZ_TRY(copy_string(model, &model->target_names[t], column->name));
        AZ_TRY(copy_string(model, &model->target_units[t], column->unit));
    }
    AZ_TRY(copy_string(model, &model->weight, problem->roles.weight));
    AZ_TRY(copy_string(model, &model->sigma, problem->roles.sigma));
    AZ_TRY(copy_string(model, &model->group, problem->roles.group));
    AZ_TRY(copy_string(model, &model->time, problem->roles.time));
    AZ_TRY(copy_string(model, &model->version, az_version()));
    model->data_digest = problem->digest;
    return AZ_OK;
}

az_scaling az_model_scaling(const az_model_class *class, const az_pipeline_options *pipeline)
{
    return pipeline->scale == SCALE_AUTO ? class->scaling : (az_scaling)(pipeline->scale - 1);
}

az_design_options az_model_design_options(const az_model *model)
{
    const az_model_class *class = model->class;
    const az_pipeline_options *pipeline = &model->pipeline;
    az_design_options options = {.scaling = az_model_scaling(class, pipeline),
                                 .drop_first = class->drop_first,
                                 .keep_categories = (class->traits & AZ_TRAIT_CATEGORIES) && pipeline->degree == 1,
                                 .keep_missing = (class->traits & AZ_TRAIT_MISSING) != 0,
                                 .degree = (int)pipeline->degree,
                                 .interaction_only = pipeline->interaction_only};
    if (pipeline->degree == 1) {
        options.wrap_periodic = (class->traits & AZ_TRAIT_CUTS_PERIODIC) != 0;
        options.keep_periodic = options.wrap_periodic || (class->traits & AZ_TRAIT_PERIODIC) != 0;
    }
    options.exact_products =
        pipeline->degree > 1 && options.scaling == AZ_SCALE_NONE && (class->traits & AZ_TRAIT_EXACT_PRODUCTS) != 0;
    return options;
}

static az_status make_design(az_model *model, const az_problem *problem, int64_t n_rows, workspace *work,
                             const az_control *control)
{
    const az_design_options options = az_model_design_options(model);
    if (model->class->inputs) {
        int64_t n_own;
        AZ_TRY(AZ_NEW_ARRAY(work->own_inputs, problem->n_targets + 1));
        AZ_TRY(model->class->inputs(problem, work->own_inputs, &n_own));
        AZ_TRY(az_design_fit(&model->design, problem->table, work->own_inputs, n_own, NULL, NULL, work->table_rows,
                             n_rows, work->weight, &options, control));
    } else {
        AZ_TRY(az_design_fit(&model->design, problem->table, problem->inputs, problem->n_inputs, problem->periods,
                             problem->forced_categorical, work->table_rows, n_rows, work->weight, &options, control));
    }
    AZ_TRY(az_encoder_new(&work->encoder, model->design, problem->table));
    AZ_TRY(AZ_NEW_ARRAY(work->x, n_rows * model->design->n_features));
    if (options.exact_products) AZ_TRY(AZ_NEW_ARRAY(work->x_low, n_rows * model->design->n_features));
    AZ_TRY(az_design_matrix(model->design, work->encoder, work->table_rows, n_rows, work->x, work->x_low, control));
    AZ_TRY(az_refuse_infinite(model->design, work->x, n_rows, problem->table, work->table_rows));
    return az_design_scale(model->design, work->x, n_rows, work->weight, control);
}

/* A checkpoint of other data would be taken for a start nearby, and the result would tell nobody. */
static uint64_t problem_digest(const az_model *model, const int64_t *table_rows, int64_t n_rows)
{
    uint64_t digest = model->data_digest;
    for (int64_t i = 0; i < n_rows; i++) digest = az_digest_word(digest, (uint64_t)table_rows[i]);
    for (int64_t t = 0; t < model->n_targets; t++) digest = az_digest_text(digest, model->target_names[t]);
    return digest;
}

static az_status fit_rows(az_model *model, const az_problem *problem, const int64_t *rows, int64_t n_rows,
                          workspace *work, az_shared_bins *shared, const az_control *control)
{
    AZ_TRY(AZ_NEW_ARRAY(work->table_rows, n_rows));
    for (int64_t i = 0; i < n_rows; i++) work->table_rows[i] = problem->rows[problem_row(rows, i)];
    if (problem->weight) {
        AZ_TRY(AZ_NEW_ARRAY(work->weight, n_rows));
        for (int64_t i = 0; i < n_rows; i++) work->weight[i] = problem->weight[problem_row(rows, i)];
    }
    if (problem->task == AZ_REGRESSION)
        AZ_TRY(fill_targets(model, problem, rows, n_rows, work));
    else
        AZ_TRY(fill_labels(model, problem, rows, n_rows, work));
    AZ_TRY(make_design(model, problem, n_rows, work, control));
    AZ_TRY(az_check_interrupt(control));
    az_sample sample = {.n_rows = n_rows,
                        .n_features = model->design->n_features,
                        .x = work->x,
                        .x_low = work->x_low,
                        .features = model->design->features,
                        .n_targets = problem->task == AZ_REGRESSION ? problem->n_targets : 0,
                        .y = work->y,
                        .n_classes = model->n_classes,
                        .label = work->label,
                        .class_names = model->classes,
                        .weight = work->weight,
                        .absolute = problem->absolute,
                        .task = problem->task,
                        .seed = (uint64_t)model->pipeline.seed};
    if (shared && model->class->binned) AZ_TRY(az_share_bins(&sample, model, shared, control));
    model->n_train = n_rows;
    az_control own = control ? *control : (az_control){0};
    own.problem = problem_digest(model, work->table_rows, n_rows);
    AZ_TRY(model->class->fit(&model->fitted, &sample, model->options, &own, &model->result));
    return az_partial_keep(model, work->weight ? az_sum_of(n_rows, work->weight, 1) : (double)n_rows);
}

az_status az_model_new(az_model **result, const az_model_class *class, const void *options,
                       const az_pipeline_options *pipeline, const az_problem *problem)
{
    az_model *model;
    az_status status = AZ_OK;
    AZ_TRY(check_traits(class, problem));
    if (!class->inputs && problem->n_inputs == 0)
        return az_error(AZ_ERROR_DATA, "%s: no column is left as a feature", problem->table->source);
    AZ_TRY(AZ_NEW_ZERO(model));
    model->class = class;
    if (class->options_size) {
        model->options = az_alloc_zero(class->options_size);
        if (!model->options) status = AZ_ERROR_MEMORY;
        if (status) goto done;
        if (options)
            memcpy(model->options, options, class->options_size);
        else
            az_params_default(class->params, model->options);
        if (class->check) AZ_GOTO(class->check(model->options));
    }
    if (pipeline)
        model->pipeline = *pipeline;
    else
        az_params_default(az_pipeline_params, &model->pipeline);
    if (class->inputs) { /* takes its columns as they are, and its targets too */
        int64_t seed = model->pipeline.seed;
        az_params_default(az_pipeline_params, &model->pipeline);
        model->pipeline.seed = seed;
    }
    if (model->pipeline.transform_target != AZ_TRANSFORM_NONE && problem->task == AZ_CLASSIFICATION)
        AZ_GOTO(az_error(AZ_ERROR_USAGE, "transform_target: classes have no logarithm"));
    AZ_GOTO(describe(model, problem));
done:
    if (status)
        az_model_free(model);
    else
        *result = model;
    return status;
}

az_status az_model_fit(az_model **result, const az_model_class *class, const void *options,
                       const az_pipeline_options *pipeline, const az_problem *problem, const int64_t *rows,
                       int64_t n_rows, const az_control *control)
{
    return az_model_fit_shared(result, class, options, pipeline, problem, rows, n_rows, NULL, control);
}

az_status az_model_fit_shared(az_model **result, const az_model_class *class, const void *options,
                              const az_pipeline_options *pipeline, const az_problem *problem, const int64_t *rows,
                              int64_t n_rows, az_shared_bins *shared, const az_control *control)
{
    az_model *model;
    workspace work = {0};
    az_status status;
    if (!rows) n_rows = problem->n_rows;
    AZ_TRY(az_model_new(&model, class, options, pipeline, problem));
    AZ_GOTO(fit_rows(model, problem, rows, n_rows, &work, shared, control));
    AZ_GOTO(az_affine_new(&model->affine, model));
done:
    workspace_free(&work);
    if (status)
        az_model_free(model);
    else
        *result = model;
    return status;
}

/* "alpha=0.5 max_iter=200": each pair to the model's options or to the pipeline's. */
static az_status set_parameters(const az_model_class *class, const char *text, void *options,
                                az_pipeline_options *pipeline)
{
    static const char blanks[] = " \t\r\n";
    while (text) {
        text += strspn(text, blanks);
        if (!*text) break;
        size_t length = strcspn(text, blanks);
        char *pair = az_strndup(text, length);
        if (!pair) return AZ_ERROR_MEMORY;
        text += length;
        az_status status;
        char *equals = strchr(pair, '=');
        if (!equals) {
            status = az_error(AZ_ERROR_USAGE, "parameter \"%s\" has no value; write %s=VALUE", pair, pair);
        } else {
            *equals = 0;
            bool found;
            status = az_params_set(az_pipeline_params, pipeline, pair, equals + 1, &found);
            if (!status && !found) status = az_params_set_strict(class->params, options, pair, equals + 1, class->name);
        }
        az_free(pair);
        AZ_TRY(status);
    }
    return AZ_OK;
}

az_status az_fit_options(const char *name, const char *parameters, const az_model_class **class, void **options,
                         az_pipeline_options *pipeline)
{
    *class = az_model_class_find(name);
    if (!*class) return AZ_ERROR_USAGE;
    *options = az_alloc_zero((*class)->options_size);
    if (!*options) return AZ_ERROR_MEMORY;
    az_params_default((*class)->params, *options);
    az_params_default(az_pipeline_params, pipeline);
    return set_parameters(*class, parameters, *options, pipeline);
}

az_status az_fit_roles(az_model **model, const char *name, const az_table *table, const az_roles *roles,
                       const char *parameters, const az_control *control)
{
    az_status status = AZ_OK;
    az_problem *problem = NULL;
    const az_model_class *class;
    void *options = NULL;
    az_pipeline_options pipeline;
    if (!roles || !roles->target) return az_error(AZ_ERROR_USAGE, "no target is named");
    AZ_GOTO(az_fit_options(name, parameters, &class, &options, &pipeline));
    AZ_GOTO(az_problem_new(&problem, table, roles, class->tasks == AZ_CLASSIFICATION, control));
    AZ_GOTO(az_model_fit(model, class, options, &pipeline, problem, NULL, 0, control));
done:
    az_problem_free(problem);
    az_free(options);
    return status;
}

az_status az_fit(az_model **model, const char *name, const az_table *table, const char *target, const char *parameters)
{
    az_roles roles = {.target = target};
    return az_fit_roles(model, name, table, &roles, parameters, NULL);
}

void az_model_free(az_model *model)
{
    if (!model) return;
    if (model->class) az_partial_free(model);
    if (model->fitted) model->class->free(model->fitted);
    az_interval_free(model->interval);
    az_affine_free(model->affine);
    az_design_free(model->design);
    az_free(model->options);
    az_arena_free(&model->strings);
    az_free(model);
}
