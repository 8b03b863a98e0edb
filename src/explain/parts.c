/* SPDX-License-Identifier: BSD-3-Clause */
/* SHAP values and leaves of a table's rows. */
#include "explain/explain.h"

#include "base/parallel.h"
#include "base/text.h"
#include "models/tree/shap.h"

#include <stdatomic.h>
#include <stdio.h>

enum { BLOCK_ROWS = 64 };

struct az_parts {
    const az_model *model;
    az_tree_view view;
    az_shap *shap; /* NULL: not asked for */
    bool leaves;
    int64_t n_shap, n;
    char **names;
    az_arena strings;
};

static az_status add_name(az_parts *parts, const char *format, const char *output, const char *rest)
{
    az_text name = {0};
    az_text_printf(&name, format, output, *output ? "_" : "", rest);
    az_status status = az_text_status(&name);
    char *kept = status ? NULL : az_arena_strndup(&parts->strings, name.data, name.length);
    az_text_free(&name);
    if (!kept) return AZ_ERROR_MEMORY;
    parts->names[parts->n++] = kept;
    return AZ_OK;
}

static az_status name_columns(az_parts *parts)
{
    const az_model *model = parts->model;
    const int64_t n_features = model->design->n_features, n_outputs = parts->view.n_outputs;
    const int64_t n_trees = parts->leaves ? parts->view.trees->n_trees : 0;
    parts->n_shap = parts->shap ? n_outputs * (n_features + 1) : 0;
    parts->names = az_arena_alloc(&parts->strings, sizeof *parts->names * (size_t)(parts->n_shap + n_trees));
    if (!parts->names) return AZ_ERROR_MEMORY;
    for (int64_t k = 0; k < n_outputs && parts->shap; k++) {
        const char *output = n_outputs > 1 ? az_model_output_name(model, k) : "";
        for (int64_t f = 0; f < n_features; f++)
            AZ_TRY(add_name(parts, "shap_%s%s%s", output, model->design->features[f].name));
        AZ_TRY(add_name(parts, "shap_%s%s%s", output, "base"));
    }
    for (int64_t t = 0; t < n_trees; t++) {
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)t);
        AZ_TRY(add_name(parts, "leaf_%s%s%s", "", number));
    }
    return AZ_OK;
}

az_status az_parts_new(az_parts **result, const az_model *model, unsigned what)
{
    az_parts *parts = NULL;
    az_status status;
    if (!model->class->trees)
        return az_error(AZ_ERROR_USAGE, "%s is no sum of trees: it has no leaves, and no exact SHAP values here",
                        model->class->name);
    AZ_TRY(AZ_NEW_ZERO(parts));
    parts->model = model;
    parts->leaves = what & AZ_EXPLAIN_LEAF;
    model->class->trees(model->fitted, &parts->view);
    if (!parts->view.trees)
        AZ_GOTO(
            az_error(AZ_ERROR_USAGE, "this model's trees are not summed: it has no exact SHAP values and no leaves"));
    if (what & AZ_EXPLAIN_SHAP) AZ_GOTO(az_shap_new(&parts->shap, &parts->view));
    AZ_GOTO(name_columns(parts));
    *result = parts;
    parts = NULL;
done:
    az_parts_free(parts);
    return status;
}

void az_parts_free(az_parts *parts)
{
    if (!parts) return;
    az_shap_free(parts->shap);
    az_arena_free(&parts->strings);
    az_free(parts);
}

int64_t az_parts_n(const az_parts *parts)
{
    return parts->n;
}

const char *az_parts_name(const az_parts *parts, int64_t i)
{
    return parts->names[i];
}

typedef struct job {
    const az_parts *parts;
    const az_encoder *encoder;
    int64_t n_rows;
    double *values;
    char *work; /* (n_threads, work_size): raw inputs | features | scratch of the design, then of SHAP */
    size_t work_size;
    const az_control *control;
    atomic_bool stop;
} job;

static size_t design_scratch(const az_design *design)
{
    return (az_design_scratch(design) + 63) & ~(size_t)63;
}

static void fill_block(void *context, int64_t block, int thread)
{
    job *j = context;
    const az_parts *parts = j->parts;
    const az_design *design = parts->model->design;
    const int64_t n_features = design->n_features, first = block * BLOCK_ROWS;
    const int64_t n = j->n_rows - first < BLOCK_ROWS ? j->n_rows - first : BLOCK_ROWS;
    if (thread == 0 && az_check_interrupt(j->control)) atomic_store(&j->stop, true);
    if (atomic_load(&j->stop)) return;
    double *raw = (double *)(void *)(j->work + (size_t)thread * j->work_size);
    double *features = raw + BLOCK_ROWS * design->n_inputs;
    char *scratch = (char *)(features + BLOCK_ROWS * n_features);
    az_encoder_rows(j->encoder, NULL, first, n, raw);
    az_design_apply(design, NULL, raw, n, design->n_inputs, 1, features, NULL, scratch);
    if (parts->shap)
        az_shap_rows(parts->shap, features, n, j->values + first * parts->n, parts->n,
                     scratch + design_scratch(design));
    for (int64_t i = 0; i < n; i++) {
        double *values = j->values + (first + i) * parts->n;
        const double *x = features + i * n_features;
        for (int64_t t = 0; parts->leaves && t < parts->view.trees->n_trees; t++)
            values[parts->n_shap + t] = az_tree_leaf(&parts->view.trees->trees[t], x);
    }
    if (thread == 0) az_report_progress(j->control, "explain", (double)(first + n), (double)j->n_rows, NULL, 0);
}

az_status az_parts_fill(const az_parts *parts, const az_table *table, double *values, const az_control *control)
{
    const az_design *design = parts->model->design;
    const int n_threads = az_control_threads(control);
    job j = {.parts = parts, .n_rows = table->n_rows, .values = values, .control = control};
    az_encoder *encoder = NULL;
    az_status status;
    AZ_TRY(az_encoder_new(&encoder, design, table));
    j.encoder = encoder;
    size_t numbers = (size_t)(BLOCK_ROWS * (design->n_inputs + design->n_features)) * sizeof(double);
    j.work_size = numbers + design_scratch(design) + (parts->shap ? az_shap_scratch(parts->shap) : 0);
    j.work_size = (j.work_size + 63) & ~(size_t)63;
    j.work = az_alloc_array(n_threads, j.work_size);
    if (!j.work) AZ_GOTO(AZ_ERROR_MEMORY);
    az_parallel(n_threads, (table->n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS, fill_block, &j);
    status = atomic_load(&j.stop) ? az_error(AZ_INTERRUPTED, "interrupted") : AZ_OK;
done:
    az_free(j.work);
    az_encoder_free(encoder);
    return status;
}
