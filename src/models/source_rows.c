/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/source_rows.h"

#include "models/fit_parts.h"

#include <math.h>

az_sample az_model_shape(const az_model *model)
{
    return (az_sample){.n_features = model->design->n_features,
                       .features = model->design->features,
                       .n_targets = model->task == AZ_REGRESSION ? model->n_targets : 0,
                       .n_classes = model->n_classes,
                       .class_names = model->classes,
                       .absolute = model->sigma != NULL,
                       .task = model->task,
                       .seed = (uint64_t)model->pipeline.seed};
}

void az_source_rows_begin(az_model *model)
{
    for (int64_t k = 0; k < model->design->n_inputs; k++) {
        model->design->inputs[k].lower = INFINITY;
        model->design->inputs[k].upper = -INFINITY;
    }
}

/* What goes through the blocks of one source. */
typedef struct walk {
    az_model *model;
    az_design raw; /* the model's, with features neither centred nor scaled */
    az_tally *tally;
    bool negative_weights;
    az_rows_fn take;
    void *context;
    int64_t n_rows, n_dropped_target, n_dropped_weight;
    double weight;
} walk;

static void widen_ranges(az_design *design, const az_encoder *encoder, const int64_t *rows, int64_t n_rows,
                         double *work)
{
    for (int64_t k = 0; k < design->n_inputs; k++) {
        az_raw_input *input = &design->inputs[k];
        if (input->type == AZ_CATEGORICAL) continue;
        az_encoder_column(encoder, k, rows, 0, n_rows, work, 1);
        for (int64_t i = 0; i < n_rows; i++) {
            if (work[i] < input->lower) input->lower = work[i];
            if (work[i] > input->upper) input->upper = work[i];
        }
    }
}

/* Rows first .. first + n - 1 of a block's problem. */
static az_status walk_rows(walk *self, const az_problem *problem, const az_encoder *encoder, int64_t first, int64_t n,
                           const az_control *control)
{
    az_model *model = self->model;
    const int64_t *rows = problem->rows + first;
    double *x = NULL, *y = NULL;
    az_status status;
    az_sample block = az_model_shape(model);
    AZ_GOTO(AZ_NEW_ARRAY(x, n * (self->raw.n_features > 0 ? self->raw.n_features : 1)));
    AZ_GOTO(AZ_NEW_ARRAY(y, n * (block.n_targets + 1)));
    widen_ranges(model->design, encoder, rows, n, y);
    AZ_GOTO(az_design_matrix(&self->raw, encoder, rows, n, x, NULL, control));
    AZ_GOTO(az_refuse_infinite(&self->raw, x, n, problem->table, rows));
    for (int64_t t = 0; t < block.n_targets; t++) AZ_GOTO(az_fill_target(model, problem, t, NULL, first, n, y + t * n));
    block.n_rows = n;
    block.x = x;
    block.features = self->raw.features;
    block.y = y;
    block.label = problem->label ? problem->label + first : NULL;
    block.weight = problem->weight ? problem->weight + first : NULL;
    AZ_GOTO(self->take(self->context, &block, control));
done:
    az_free(x);
    az_free(y);
    return status;
}

static az_status walk_block(walk *self, const az_table *table, const az_control *control)
{
    const int64_t most_numbers = (int64_t)1 << 21; /* 16 MB of features at a time */
    az_model *model = self->model;
    az_problem *problem = NULL;
    az_encoder *encoder = NULL;
    az_status status;
    int64_t step = most_numbers / (self->raw.n_features + 1);
    if (step < 256) step = 256;
    AZ_GOTO(az_problem_for_block(&problem, table, model, control));
    const char *weights = model->sigma ? model->sigma : model->weight;
    if (weights && !problem->weight)
        AZ_GOTO(az_error(AZ_ERROR_DATA, "%s has no column \"%s\", the %s of the rows that the model has seen",
                         table->source, weights, model->sigma ? "error" : "weight"));
    if (problem->negative_weights && !self->negative_weights)
        AZ_GOTO(az_error(AZ_ERROR_DATA,
                         "%s: column \"%s\" holds negative weights, and such rows cannot be fitted in parts",
                         table->source, model->weight));
    AZ_GOTO(az_encoder_new(&encoder, &self->raw, table));
    az_tally_add(self->tally, encoder);
    AZ_GOTO(az_tally_refuse_new(self->tally, table->source));
    for (int64_t first = 0; first < problem->n_rows; first += step) {
        int64_t n = problem->n_rows - first < step ? problem->n_rows - first : step;
        AZ_GOTO(walk_rows(self, problem, encoder, first, n, control));
    }
    self->n_rows += problem->n_rows;
    self->n_dropped_target += problem->n_dropped_target;
    self->n_dropped_weight += problem->n_dropped_weight;
    self->weight += problem->total_weight;
    model->data_digest = az_digest_word(model->data_digest, az_table_digest(table));
done:
    az_encoder_free(encoder);
    az_problem_free(problem);
    return status;
}

az_status az_source_rows(az_model *model, az_source *source, bool negative_weights, az_rows_fn take, void *context,
                         const az_control *control)
{
    walk self = {
        .model = model, .raw = *model->design, .negative_weights = negative_weights, .take = take, .context = context};
    char *name = NULL;
    az_status status;
    const char *weights = model->sigma ? model->sigma : model->weight;
    self.raw.features = NULL;
    AZ_GOTO(AZ_NEW_ARRAY(self.raw.features, self.raw.n_features));
    for (int64_t j = 0; j < self.raw.n_features; j++) {
        self.raw.features[j] = model->design->features[j];
        self.raw.features[j].center = 0;
        self.raw.features[j].scale = 1;
    }
    AZ_GOTO(az_tally_new(&self.tally, model->design));
    for (;;) {
        const az_table *block;
        AZ_GOTO(az_source_next(source, &block, control));
        if (!block) break;
        if (!name && !(name = az_strdup(block->source))) AZ_GOTO(AZ_ERROR_MEMORY);
        AZ_GOTO(walk_block(&self, block, control));
        AZ_GOTO(az_check_interrupt(control));
    }
    AZ_GOTO(az_problem_check_rows(name ? name : "no data", self.n_rows, self.n_dropped_target, self.n_dropped_weight,
                                  weights, self.weight, control));
    az_tally_tell(self.tally, control);
    model->n_train += self.n_rows;
done:
    az_tally_free(self.tally);
    az_free(self.raw.features);
    az_free(name);
    return status;
}
