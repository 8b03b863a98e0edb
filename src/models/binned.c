/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/binned.h"

#include "base/memory.h"
#include "models/fit_parts.h"
#include "models/source_rows.h"
#include "models/tree/bins.h"

#include <string.h>

az_status az_binned_check(const az_model_class *class, const void *options, const az_pipeline_options *pipeline,
                          const char *what)
{
    if (!class->binned) return az_error(AZ_ERROR_USAGE, "%s needs all rows at once: %s", class->name, what);
    const char *reason = class->binned->needs_numbers ? class->binned->needs_numbers(options) : NULL;
    if (reason) return az_error(AZ_ERROR_USAGE, "%s %s; %s", class->name, reason, what);
    if (az_model_scaling(class, pipeline) != AZ_SCALE_NONE)
        return az_error(AZ_ERROR_USAGE, "%s on codes of values takes features as they are: without --scale",
                        class->name);
    return AZ_OK;
}

double az_binned_bytes(const az_model_class *class, const void *options, const az_sample *shape, int n_threads)
{
    const double blocks = 32e6, n_rows = (double)shape->n_rows, sample_rows = n_rows < 65536 ? n_rows : 65536;
    const double code_bytes = class->binned->max_bins(options) > 255 ? 2 : 1;
    const double of_row = (double)shape->n_features * code_bytes + 8 * (double)(shape->n_targets + 1) + 4;
    return n_rows * of_row + 3 * 8 * sample_rows * (double)(shape->n_features + shape->n_targets) + blocks +
           class->binned->bytes(options, shape, n_threads);
}

/* What is kept of all rows. */
typedef struct gathering {
    az_bins *bins;
    int64_t n_rows, n_room, n_targets;
    double *y; /* (n_room, n_targets) column-major */
    int32_t *label;
    double *weight;
} gathering;

static az_status take_rows(void *context, const az_sample *block, const az_control *control)
{
    gathering *self = context;
    const int64_t n = block->n_rows, at = self->n_rows;
    if (at + n > self->n_room)
        return az_error(AZ_ERROR_DATA,
                        "the second pass over the data finds more than the %lld rows of the first: they "
                        "were changed meanwhile; fit them again",
                        (long long)self->n_room);
    az_bins_code(self->bins, block->x, n, at, control);
    for (int64_t t = 0; t < block->n_targets; t++)
        memcpy(self->y + t * self->n_room + at, block->y + t * n, sizeof *self->y * (size_t)n);
    if (block->label) {
        if (!self->label) AZ_TRY(AZ_NEW_ARRAY(self->label, self->n_room));
        memcpy(self->label + at, block->label, sizeof *self->label * (size_t)n);
    }
    if (block->weight) {
        if (!self->weight) AZ_TRY(AZ_NEW_ARRAY(self->weight, self->n_room));
        memcpy(self->weight + at, block->weight, sizeof *self->weight * (size_t)n);
    }
    self->n_rows += n;
    return AZ_OK;
}

/* The cuts, from the rows of the sample. */
static az_status make_edges(gathering *self, const az_model *model, const az_problem *problem,
                            const az_control *control)
{
    az_sample sample = az_model_shape(model);
    az_encoder *encoder = NULL;
    double *x = NULL;
    az_status status;
    AZ_GOTO(az_encoder_new(&encoder, model->design, problem->table));
    AZ_GOTO(AZ_NEW_ARRAY(x, problem->n_rows * sample.n_features));
    AZ_GOTO(az_design_matrix(model->design, encoder, problem->rows, problem->n_rows, x, NULL, control));
    AZ_GOTO(az_refuse_infinite(model->design, x, problem->n_rows, problem->table, problem->rows));
    sample.n_rows = problem->n_rows;
    sample.x = x;
    AZ_GOTO(az_bins_edges(&self->bins, &sample, model->class->binned->max_bins(model->options), self->n_room, control));
done:
    az_encoder_free(encoder);
    az_free(x);
    return status;
}

az_status az_binned_fit(az_model *model, const az_problem *problem, az_source *source, int64_t n_rows,
                        const az_control *control)
{
    const bool negative_weights = (model->class->traits & AZ_TRAIT_NEGATIVE_WEIGHTS) != 0;
    az_sample sample = az_model_shape(model);
    gathering all = {.n_room = n_rows, .n_targets = sample.n_targets};
    az_status status;
    if (sample.n_targets) AZ_GOTO(AZ_NEW_ARRAY(all.y, n_rows * sample.n_targets));
    AZ_GOTO(make_edges(&all, model, problem, control));
    az_source_rows_begin(model);
    AZ_GOTO(az_source_rows(model, source, negative_weights, take_rows, &all, control));
    for (int64_t t = 1; t < sample.n_targets; t++)
        memmove(all.y + t * all.n_rows, all.y + t * all.n_room, sizeof *all.y * (size_t)all.n_rows);
    all.bins->n_rows = all.n_rows;
    sample.n_rows = all.n_rows;
    sample.bins = all.bins;
    sample.y = all.y;
    sample.label = all.label;
    sample.weight = all.weight;
    AZ_GOTO(model->class->fit(&model->fitted, &sample, model->options, control, &model->result));
done:
    az_bins_free(all.bins);
    az_free(all.y);
    az_free(all.label);
    az_free(all.weight);
    return status;
}

static bool same_design(const az_design_options *a, const az_design_options *b)
{
    return a->scaling == b->scaling && a->drop_first == b->drop_first && a->keep_periodic == b->keep_periodic &&
           a->wrap_periodic == b->wrap_periodic && a->keep_categories == b->keep_categories &&
           a->keep_missing == b->keep_missing && a->degree == b->degree && a->interaction_only == b->interaction_only &&
           a->exact_products == b->exact_products;
}

az_status az_share_bins(az_sample *sample, const az_model *model, az_shared_bins *shared, const az_control *control)
{
    const az_design_options design = az_model_design_options(model);
    const int64_t max_bins = model->class->binned->max_bins(model->options), seed = model->pipeline.seed;
    if (!shared->bins) {
        AZ_TRY(az_bins_new(&shared->bins, sample, max_bins, control));
        shared->bins->x = NULL; /* each fit has its own */
        shared->max_bins = max_bins;
        shared->seed = seed;
        shared->design = design;
    }
    if (shared->max_bins == max_bins && shared->seed == seed && same_design(&shared->design, &design))
        sample->bins = shared->bins;
    return AZ_OK;
}

void az_shared_bins_clear(az_shared_bins *shared)
{
    az_bins_free(shared->bins);
    *shared = (az_shared_bins){0};
}
