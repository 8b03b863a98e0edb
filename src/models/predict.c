/* SPDX-License-Identifier: BSD-3-Clause */
/* Running a fitted model: on the caller's memory, and on tables. */
#include "models/model.h"

#include "base/parallel.h"
#include "data/metrics.h"
#include "data/source.h"
#include "models/affine.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

const char *az_model_name(const az_model *model)
{
    return model->class->name;
}

az_task az_model_task(const az_model *model)
{
    return model->task;
}

int64_t az_model_n_inputs(const az_model *model)
{
    return model->design->n_inputs;
}

const char *az_model_input_name(const az_model *model, int64_t input)
{
    return model->design->inputs[input].name;
}

int64_t az_model_n_outputs(const az_model *model)
{
    return model->task == AZ_CLASSIFICATION ? model->n_classes : model->n_targets;
}

const char *az_model_output_name(const az_model *model, int64_t output)
{
    return model->task == AZ_CLASSIFICATION ? model->classes[output] : model->target_names[output];
}

const char *az_model_input_unit(const az_model *model, int64_t input)
{
    return model->design->inputs[input].unit;
}

const char *az_model_input_calendar(const az_model *model, int64_t input)
{
    const az_raw_input *described = &model->design->inputs[input];
    return described->type == AZ_TIME ? az_calendar_name(described->time.calendar) : NULL;
}

const char *az_model_output_unit(const az_model *model, int64_t output)
{
    return model->task == AZ_CLASSIFICATION ? NULL : model->target_units[output];
}

double az_model_input_level(const az_model *model, int64_t input, const char *level)
{
    return az_input_level(&model->design->inputs[input], level);
}

typedef struct caller_names {
    const char *const *names;
    int64_t n;
} caller_names;

static const char *caller_name(void *context, int64_t i)
{
    const caller_names *list = context;
    return i < list->n ? list->names[i] : NULL;
}

az_status az_model_bind(const az_model *model, const char *const *names, int64_t n, int64_t *map)
{
    for (int64_t k = 0; k < model->design->n_inputs; k++) {
        const char *wanted = model->design->inputs[k].name;
        map[k] = -1;
        for (int64_t c = 0; c < n && map[k] < 0; c++)
            if (strcmp(names[c], wanted) == 0) map[k] = c;
        if (map[k] >= 0) continue;
        caller_names list = {names, n};
        const char *near = az_nearest(wanted, caller_name, &list);
        return az_error(AZ_ERROR_DATA, "the model needs a column \"%s\", and the caller names none%s%s%s", wanted,
                        near ? "; the nearest is \"" : "", near ? near : "", near ? "\"" : "");
    }
    return AZ_OK;
}

enum { LEAST_ROWS = 256 };

static int64_t block_rows(const az_model *model)
{
    return model->class->block_rows ? model->class->block_rows(model->fitted) : LEAST_ROWS;
}

enum { ALIGNMENT = 64 };

static size_t aligned(size_t n_bytes)
{
    return (n_bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* Scratch: features of a block | the design's | the class's | inputs of a block as doubles | its outputs.  The last two
 * are for callers whose numbers are floats or lie apart.  It begins at the next multiple of 64. */
static size_t block_scratch(const az_model *model, int64_t n_rows)
{
    size_t features = aligned((size_t)(n_rows * model->design->n_features) * sizeof(double));
    size_t class = model->class->scratch ? model->class->scratch(model->fitted, n_rows) : 0;
    return features + aligned(az_design_scratch(model->design)) + aligned(class);
}

size_t az_model_scratch(const az_model *model, int64_t n_rows)
{
    const int64_t n_inputs = model->design->n_inputs;
    int64_t block = n_rows < block_rows(model) ? n_rows : block_rows(model);
    if (model->affine) return 0;
    if (block < 1) block = 1;
    size_t raw = aligned((size_t)(block * n_inputs) * sizeof(double));
    return block_scratch(model, block) + raw + aligned((size_t)(block * az_model_n_outputs(model)) * sizeof(double)) +
           ALIGNMENT;
}

static void *align(void *scratch)
{
    return (void *)(((uintptr_t)scratch + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
}

static void predict_block(const az_model *model, const int64_t *map, const double *rows, int64_t n_rows,
                          int64_t row_stride, int64_t column_stride, double *prediction, unsigned char *in_range,
                          char *scratch)
{
    const az_design *design = model->design;
    double *features = (double *)(void *)scratch;
    if (model->affine) {
        model->affine->predict_f64(model->affine, map, rows, n_rows, row_stride, column_stride, prediction,
                                   model->n_targets, in_range);
        return;
    }
    scratch += aligned((size_t)(n_rows * design->n_features) * sizeof(double));
    az_design_apply(design, map, rows, n_rows, row_stride, column_stride, features, in_range, scratch);
    scratch += aligned(az_design_scratch(design));
    model->class->predict(model->fitted, features, n_rows, prediction, scratch);
    if (model->pipeline.transform_target == AZ_TRANSFORM_LOG)
        for (int64_t i = 0; i < n_rows * model->n_targets; i++) prediction[i] = exp(prediction[i]);
}

/* The caller's memory, of doubles or floats. */
typedef struct caller_rows {
    const int64_t *map;
    const double *f64; /* one of the two is NULL */
    const float *f32;
    int64_t row_stride, column_stride;
} caller_rows;

static void gather(const caller_rows *rows, int64_t first, int64_t n_rows, int64_t n_inputs, double *raw)
{
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t j = 0; j < n_inputs; j++) {
            int64_t at = (first + i) * rows->row_stride + (rows->map ? rows->map[j] : j) * rows->column_stride;
            raw[i * n_inputs + j] = rows->f32 ? (double)rows->f32[at] : rows->f64[at];
        }
}

/* Block by block through design and class.  What the class can take and give in place is not copied. */
static void predict_blocks(const az_model *model, const caller_rows *rows, int64_t n_rows, double *to_f64,
                           float *to_f32, int64_t output_stride, unsigned char *in_range, char *scratch)
{
    const int64_t n_inputs = model->design->n_inputs, n_outputs = az_model_n_outputs(model);
    const int64_t height = n_rows < block_rows(model) ? n_rows : block_rows(model);
    double *raw = (double *)(void *)(scratch + block_scratch(model, height));
    double *apart = (double *)(void *)((char *)raw + aligned((size_t)(height * n_inputs) * sizeof(double)));
    const bool in_place = to_f64 && output_stride == n_outputs;
    for (int64_t first = 0; first < n_rows; first += height) {
        int64_t n = n_rows - first < height ? n_rows - first : height;
        unsigned char *flags = in_range ? in_range + first : NULL;
        double *out = in_place ? to_f64 + first * n_outputs : apart;
        if (rows->f64) {
            predict_block(model, rows->map, rows->f64 + first * rows->row_stride, n, rows->row_stride,
                          rows->column_stride, out, flags, scratch);
        } else {
            gather(rows, first, n, n_inputs, raw);
            predict_block(model, NULL, raw, n, n_inputs, 1, out, flags, scratch);
        }
        for (int64_t i = 0; i < n && !in_place; i++)
            for (int64_t k = 0; k < n_outputs; k++) {
                int64_t at = (first + i) * output_stride + k;
                if (to_f64)
                    to_f64[at] = out[i * n_outputs + k];
                else
                    to_f32[at] = (float)out[i * n_outputs + k];
            }
    }
}

static az_status check_call(const char *function, const az_model *model, const void *rows, int64_t n_rows,
                            const void *prediction, int64_t output_stride)
{
    if (!model) return az_error(AZ_ERROR_USAGE, "%s: there is no model", function);
    if (n_rows < 0) return az_error(AZ_ERROR_USAGE, "%s: %lld rows", function, (long long)n_rows);
    if (n_rows > 0 && (!rows || !prediction))
        return az_error(AZ_ERROR_USAGE, "%s: the pointer to the %s is NULL", function, rows ? "prediction" : "rows");
    if (n_rows > 1 && output_stride < az_model_n_outputs(model))
        return az_error(AZ_ERROR_USAGE,
                        "%s: rows of the prediction are %lld apart, and the model has %lld outputs; they would overlap",
                        function, (long long)output_stride, (long long)az_model_n_outputs(model));
    return AZ_OK;
}

static az_status predict_general(const az_model *model, const caller_rows *rows, int64_t n_rows, double *to_f64,
                                 float *to_f32, int64_t output_stride, unsigned char *in_range, void *scratch)
{
    void *own = NULL;
    if (!scratch) scratch = own = az_alloc(az_model_scratch(model, n_rows));
    if (!scratch) return AZ_ERROR_MEMORY;
    predict_blocks(model, rows, n_rows, to_f64, to_f32, output_stride, in_range, align(scratch));
    if (own) az_free(own);
    return AZ_OK;
}

az_status az_predict(const az_model *model, const int64_t *map, const double *rows, int64_t n_rows, int64_t row_stride,
                     int64_t column_stride, double *prediction, int64_t output_stride, unsigned char *in_range,
                     void *scratch)
{
    AZ_TRY(check_call("az_predict", model, rows, n_rows, prediction, output_stride));
    if (model->affine) {
        model->affine->predict_f64(model->affine, map, rows, n_rows, row_stride, column_stride, prediction,
                                   output_stride, in_range);
        return AZ_OK;
    }
    caller_rows caller = {map, rows, NULL, row_stride, column_stride};
    return predict_general(model, &caller, n_rows, prediction, NULL, output_stride, in_range, scratch);
}

az_status az_predict_f32(const az_model *model, const int64_t *map, const float *rows, int64_t n_rows,
                         int64_t row_stride, int64_t column_stride, float *prediction, int64_t output_stride,
                         unsigned char *in_range, void *scratch)
{
    AZ_TRY(check_call("az_predict_f32", model, rows, n_rows, prediction, output_stride));
    if (model->affine) {
        model->affine->predict_f32(model->affine, map, rows, n_rows, row_stride, column_stride, prediction,
                                   output_stride, in_range);
        return AZ_OK;
    }
    caller_rows caller = {map, NULL, rows, row_stride, column_stride};
    return predict_general(model, &caller, n_rows, NULL, prediction, output_stride, in_range, scratch);
}

typedef struct table_job {
    const az_model *model;
    const az_encoder *encoder;
    const int64_t *rows;
    int64_t n_rows, height; /* height: rows of a block */
    double *prediction;
    unsigned char *in_range;
    char *work; /* (n_threads, work_size): raw inputs, then scratch */
    size_t raw_size, work_size;
    const az_control *control;
    int64_t n_before, n_total; /* rows, for the progress; n_total -1: not known */
    _Atomic int64_t n_done;    /* rows of this table */
    atomic_bool stop;
} table_job;

static void predict_table_block(void *context, int64_t block, int thread)
{
    table_job *job = context;
    /* The caller is asked and told in its own thread only. */
    if (thread == 0 && az_check_interrupt(job->control)) atomic_store(&job->stop, true);
    if (atomic_load(&job->stop)) return;
    int64_t height = job->height, first = block * height;
    int64_t n = job->n_rows - first < height ? job->n_rows - first : height;
    char *work = job->work + (size_t)thread * job->work_size;
    double *raw = (double *)(void *)work;
    az_encoder_rows(job->encoder, job->rows ? job->rows + first : NULL, first, n, raw);
    predict_block(job->model, NULL, raw, n, job->model->design->n_inputs, 1,
                  job->prediction + first * az_model_n_outputs(job->model),
                  job->in_range ? job->in_range + first : NULL, work + job->raw_size);
    int64_t n_done = atomic_fetch_add(&job->n_done, n) + n;
    if (thread == 0 && job->n_total >= 0)
        az_report_progress(job->control, "predict", (double)(job->n_before + n_done), (double)job->n_total, NULL, 0);
}

/* Rows of an encoder's table.  With n_total the progress is that of a longer way, of which n_before rows are done. */
static az_status predict_encoded(const az_model *model, const az_encoder *encoder, const int64_t *rows, int64_t n_rows,
                                 double *prediction, unsigned char *in_range, int64_t n_before, int64_t n_total,
                                 const az_control *control)
{
    int n_threads = az_control_threads(control);
    /* A block's extent depends on the threads where the class likes large ones; a row's result does not. */
    int64_t share = (n_rows + n_threads - 1) / n_threads, height = block_rows(model);
    if (share < LEAST_ROWS) share = LEAST_ROWS;
    if (height > share) height = share;
    az_status status = AZ_OK;
    table_job job = {.model = model,
                     .encoder = encoder,
                     .rows = rows,
                     .n_rows = n_rows,
                     .height = height,
                     .prediction = prediction,
                     .in_range = in_range,
                     .control = control,
                     .n_before = n_before,
                     .n_total = n_total};
    job.raw_size = aligned((size_t)(height * model->design->n_inputs) * sizeof(double));
    job.work_size = job.raw_size + az_model_scratch(model, height);
    char *own = az_alloc_array(n_threads, job.work_size + ALIGNMENT);
    if (!own) return AZ_ERROR_MEMORY;
    job.work = align(own);
    az_parallel(n_threads, (n_rows + height - 1) / height, predict_table_block, &job);
    if (atomic_load(&job.stop)) status = az_error(AZ_INTERRUPTED, "interrupted");
    az_free(own);
    return status;
}

az_status az_model_predict_rows(const az_model *model, const az_table *table, const int64_t *rows, int64_t n_rows,
                                double *prediction, unsigned char *in_range, const az_control *control)
{
    az_encoder *encoder;
    if (!rows) n_rows = table->n_rows;
    AZ_TRY(az_encoder_new(&encoder, model->design, table));
    if (table->first_row == 0) az_encoder_tell_units(encoder, control); /* once, not for each block */
    az_status status = predict_encoded(model, encoder, rows, n_rows, prediction, in_range, 0, n_rows, control);
    az_encoder_free(encoder);
    return status;
}

az_status az_predict_table(const az_model *model, const az_table *table, double *prediction, unsigned char *in_range,
                           const az_control *control)
{
    az_encoder *encoder;
    az_tally *tally = NULL;
    az_status status;
    AZ_TRY(az_encoder_new(&encoder, model->design, table));
    AZ_GOTO(az_tally_new(&tally, model->design));
    az_tally_add(tally, encoder);
    az_tally_tell(tally, control);
    AZ_GOTO(predict_encoded(model, encoder, NULL, table->n_rows, prediction, in_range, 0, table->n_rows, control));
done:
    az_tally_free(tally);
    az_encoder_free(encoder);
    return status;
}

az_status az_predict_source(const az_model *model, az_source *source, bool wants_range, az_prediction_fn rows,
                            void *user, const az_control *control)
{
    const int64_t n_outputs = az_model_n_outputs(model);
    double *prediction = NULL;
    unsigned char *in_range = NULL;
    az_encoder *encoder = NULL;
    az_tally *tally = NULL;
    int64_t capacity = 0, n_done = 0;
    az_status status;
    AZ_GOTO(az_tally_new(&tally, model->design));
    for (;;) {
        const az_table *block;
        AZ_GOTO(az_source_next(source, &block, control));
        if (!block) break;
        if (block->n_rows > capacity) {
            az_free(prediction);
            az_free(in_range);
            in_range = NULL;
            AZ_GOTO(AZ_NEW_ARRAY(prediction, block->n_rows * n_outputs));
            if (wants_range) AZ_GOTO(AZ_NEW_ARRAY(in_range, block->n_rows));
            capacity = block->n_rows;
        }
        AZ_GOTO(az_encoder_new(&encoder, model->design, block));
        az_tally_add(tally, encoder);
        AZ_GOTO(predict_encoded(model, encoder, NULL, block->n_rows, prediction, in_range, n_done,
                                az_source_n_rows(source), control));
        AZ_GOTO(rows(user, block, prediction, in_range));
        az_encoder_free(encoder);
        encoder = NULL;
        n_done += block->n_rows;
    }
    if (n_done == 0) AZ_GOTO(az_error(AZ_ERROR_DATA, "no data: there is no row to predict"));
    az_tally_tell(tally, control);
done:
    az_encoder_free(encoder);
    az_tally_free(tally);
    az_free(prediction);
    az_free(in_range);
    return status;
}

az_status az_model_score_data(const az_model *model, const az_problem *problem, const int64_t *rows, int64_t n_rows,
                              const double *prediction, az_score_data *data, void **work)
{
    if (!rows) n_rows = problem->n_rows;
    const bool classes = problem->task == AZ_CLASSIFICATION;
    const int64_t n_outputs = classes ? problem->n_classes : problem->n_targets;
    /* weight | observed or label | probabilities of the problem's classes */
    double *block;
    AZ_TRY(AZ_NEW_ARRAY(block, n_rows * (2 + n_outputs)));
    double *weight = block, *observed = block + n_rows;
    *data = (az_score_data){.n_rows = n_rows};
    if (problem->weight) {
        for (int64_t i = 0; i < n_rows; i++) weight[i] = problem->weight[rows ? rows[i] : i];
        data->weight = weight;
    }
    if (!classes) {
        for (int64_t i = 0; i < n_rows; i++)
            for (int64_t t = 0; t < n_outputs; t++)
                observed[i * n_outputs + t] = problem->y[t * problem->n_rows + (rows ? rows[i] : i)];
        data->n_targets = n_outputs;
        data->observed = observed;
        data->predicted = prediction;
    } else {
        double *probability = block + 2 * n_rows;
        int32_t *label = (int32_t *)(void *)observed;
        memset(probability, 0, (size_t)(n_rows * n_outputs) * sizeof *probability);
        /* A class that the training rows lacked has probability 0; both lists are sorted alike. */
        for (int32_t c = 0, m = 0; c < problem->n_classes && m < model->n_classes; c++) {
            if (strcmp(problem->classes[c], model->classes[m]) != 0) continue;
            for (int64_t i = 0; i < n_rows; i++) probability[i * n_outputs + c] = prediction[i * model->n_classes + m];
            m++;
        }
        for (int64_t i = 0; i < n_rows; i++) label[i] = problem->label[rows ? rows[i] : i];
        data->n_classes = n_outputs;
        data->label = label;
        data->probability = probability;
    }
    *work = block;
    return AZ_OK;
}
