/* SPDX-License-Identifier: BSD-3-Clause */
/* A fitted model as a source file in C or Fortran that needs nothing but its language. */
#include "models/affine.h"
#include "models/tree/nodes.h"

#include "base/file.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

/* ---- what the comment on top says ---- */

static void append_unit(az_text *line, const char *unit)
{
    if (unit && *unit) az_text_printf(line, " [%s]", unit);
}

static void remark(az_code *code, az_text *line)
{
    az_code_remark(code, "%s", line->data ? line->data : "");
    az_text_free(line);
}

static void append_value(az_text *line, const az_raw_input *input, double value)
{
    char time[AZ_TIME_MAX];
    if (input->type != AZ_TIME) {
        az_text_number(line, value);
        return;
    }
    az_time_print(time, &input->time, value);
    az_text_append(line, time);
}

static void tell_input(az_code *code, const az_raw_input *input, int64_t k)
{
    az_text line = {0};
    az_text_printf(&line, "  %lld  %s", (long long)k, input->name);
    if (input->type == AZ_TIME) {
        char unit[AZ_TIME_UNIT_MAX];
        az_time_unit_print(unit, &input->time);
        az_text_printf(&line, " [%s], calendar %s", unit, az_calendar_name(input->time.calendar));
    } else {
        append_unit(&line, input->unit);
    }
    if (input->type == AZ_CATEGORICAL) {
        az_text_append(&line, ", the number of a category:");
        for (int32_t level = 0; level < input->n_levels; level++)
            if (level != input->missing_level) az_text_printf(&line, " %d = %s,", (int)level, input->levels[level]);
        az_text_append(&line, " -1 = any other");
    } else if (isfinite(input->lower) && isfinite(input->upper)) { /* the phase of a time has no range */
        az_text_append(&line, ", fitted from ");
        append_value(&line, input, input->lower);
        az_text_append(&line, " to ");
        append_value(&line, input, input->upper);
    }
    if (input->period > 0) {
        az_text_append(&line, ", period ");
        az_text_number(&line, input->period);
    }
    remark(code, &line);
}

/* Inputs that the reader makes of other columns: who calls the program makes them too. */
static az_status tell_made(az_code *code, const az_model *model)
{
    az_reader_options reader = {0};
    az_arena arena = {0};
    if (!model->reader) return AZ_OK;
    az_status status = az_reader_options_parse(model->reader, &reader, &arena);
    if (!status && reader.derive) az_code_remark(code, "Derived columns: %s", reader.derive);
    if (!status && reader.lags)
        az_code_remark(code, "Inputs are windows in time: %s steps of the past, for %s ahead.", reader.lags,
                       reader.horizon ? reader.horizon : "1");
    az_arena_free(&arena);
    return status;
}

static void tell_outputs(az_code *code, const az_model *model)
{
    az_code_remark(code, "%s", "");
    az_code_remark(code, model->task == AZ_CLASSIFICATION ? "Outputs, the probabilities of %s:" : "Outputs:",
                   model->target_names[0]);
    for (int64_t k = 0; k < az_model_n_outputs(model); k++) {
        az_text line = {0};
        az_text_printf(&line, "  %lld  %s", (long long)k, az_model_output_name(model, k));
        if (model->task == AZ_REGRESSION) append_unit(&line, model->target_units[k]);
        remark(code, &line);
    }
}

static az_status tell(az_code *code, const az_model *model)
{
    az_code_remark(code, "%s: %s, %s of %s, as a program of its own.", az_code_name(code), model->class->name,
                   model->task == AZ_CLASSIFICATION ? "classification" : "regression", model->target_names[0]);
    az_code_remark(code, "%s", "");
    az_code_remark(code, "Inputs, in this order; NaN: missing:");
    for (int64_t k = 0; k < model->design->n_inputs; k++) tell_input(code, &model->design->inputs[k], k);
    AZ_TRY(tell_made(code, model));
    tell_outputs(code, model);
    az_code_remark(code, "%s", "");
    az_code_remark_usage(code);
    az_code_remark(code, "%s", "");
    az_code_remark(code, "Made by Ansatz %s; fitted by Ansatz %s on %lld rows (digest of the data %016llx, seed %lld).",
                   az_version(), model->version ? model->version : "?", (long long)model->n_train,
                   (unsigned long long)model->data_digest, (long long)model->pipeline.seed);
    if (model->command) az_code_remark(code, "%s", model->command);
    return AZ_OK;
}

/* ---- test rows ---- */

enum { TEST_ROWS = 16 };

/* The range from which an input is drawn.  That of training is not known of the phase of a time, for which any will do,
 * and of trees from another library: about their thresholds. */
static void find_range(const az_model *model, int64_t k, double *lower, double *upper)
{
    const az_raw_input *input = &model->design->inputs[k];
    *lower = input->lower;
    *upper = input->upper;
    if (isfinite(*lower) && isfinite(*upper)) return;
    *lower = input->fill - input->period;
    *upper = input->fill + input->period;
    double least, most;
    az_tree_view view;
    if (input->period > 0 || !model->class->trees) return;
    model->class->trees(model->fitted, &view);
    if (!view.trees || !az_trees_thresholds(view.trees, input->first_base, &least, &most)) return;
    const double margin = 0.25 * (most - least) + 1e-3 * fabs(most);
    *lower = least - margin;
    *upper = most + margin;
}

/* Raw inputs: uniform in the range of training, from fixed counters; the first row the lower ends, the second the upper
 * ones, the third all missing, and in the last rows every third input missing or a level never seen. */
static void draw_rows(const az_model *model, double *rows)
{
    const az_stream stream = az_stream_new(0, "export");
    const int64_t n = model->design->n_inputs;
    for (int64_t i = 0; i < TEST_ROWS; i++)
        for (int64_t k = 0; k < n; k++) {
            const az_raw_input *input = &model->design->inputs[k];
            double u = az_random_uniform(stream, (uint64_t)i, (uint64_t)k), *value = &rows[i * n + k];
            bool odd = i >= TEST_ROWS / 2 && (i + k) % 3 == 0;
            if (input->type == AZ_CATEGORICAL) {
                *value = i == 0 ? 0 : i == 1 ? input->n_levels - 1 : floor(u * input->n_levels);
                if (odd) *value = -1;
                if (odd && u < 0.5) *value = NAN;
            } else {
                double lower, upper;
                find_range(model, k, &lower, &upper);
                *value = i == 0 ? lower : i == 1 ? upper : (1 - u) * lower + u * upper;
                if (odd) *value = NAN;
            }
            if (i == 2) *value = NAN;
        }
}

static const char self_test[] =
    "# The worst deviation from the known outputs, relative to the greatest of each.\n"
    "public real function self_test() {\n"
    "    real inputs[n_inputs], outputs[n_outputs], deviation, worst\n"
    "    worst = 0.0\n"
    "    for r in 0 .. n_test_rows {\n"
    "        for k in 0 .. n_inputs {\n"
    "            inputs[k] = test_inputs[r * n_inputs + k]\n"
    "            if test_missing[r * n_inputs + k] > 0 {\n"
    "                inputs[k] = NAN\n"
    "            }\n"
    "        }\n"
    "        call $predict(inputs, outputs)\n"
    "        for k in 0 .. n_outputs {\n"
    "            deviation = fabs(outputs[k] - test_outputs[r * n_outputs + k]) / test_scale[k]\n"
    "            if !(deviation <= 1.0e300) {\n"
    "                deviation = 1.0e300\n"
    "            }\n"
    "            if deviation > worst {\n"
    "                worst = deviation\n"
    "            }\n"
    "        }\n"
    "    }\n"
    "    return worst\n"
    "}\n";

/* Rows for which the library itself has no finite answer (a logarithmic target far beyond) prove nothing: left out. */
static az_status put_test(const az_model *model, az_code *code)
{
    const int64_t n = model->design->n_inputs, m = az_model_n_outputs(model);
    double *rows = NULL, *outputs = NULL, *scale = NULL;
    int32_t *missing = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(rows, TEST_ROWS * n));
    AZ_GOTO(AZ_NEW_ARRAY(outputs, TEST_ROWS * m));
    AZ_GOTO(AZ_NEW_ARRAY(scale, m));
    AZ_GOTO(AZ_NEW_ARRAY(missing, TEST_ROWS * n));
    draw_rows(model, rows);
    AZ_GOTO(az_predict(model, NULL, rows, TEST_ROWS, n, 1, outputs, m, NULL, NULL));
    int64_t n_kept = 0;
    memset(scale, 0, (size_t)m * sizeof *scale);
    for (int64_t i = 0; i < TEST_ROWS; i++) {
        bool finite = true;
        for (int64_t k = 0; k < m; k++) finite &= isfinite(outputs[i * m + k]);
        if (!finite) continue;
        for (int64_t k = 0; k < m; k++) {
            double value = outputs[n_kept * m + k] = outputs[i * m + k];
            scale[k] = fmax(scale[k], fabs(value));
        }
        for (int64_t k = 0; k < n; k++) {
            double value = rows[i * n + k];
            missing[n_kept * n + k] = isnan(value);
            rows[n_kept * n + k] = isnan(value) ? 0 : value;
        }
        n_kept++;
    }
    for (int64_t k = 0; k < m; k++)
        if (scale[k] == 0) scale[k] = 1;
    az_code_begin_test(code);
    az_code_constant(code, "n_test_rows", n_kept);
    az_code_reals(code, "test_inputs", rows, n_kept * n);
    az_code_integers(code, "test_missing", missing, n_kept * n);
    az_code_reals(code, "test_outputs", outputs, n_kept * m);
    az_code_reals(code, "test_scale", scale, m);
    az_code_write(code, self_test);
done:
    az_free(rows);
    az_free(outputs);
    az_free(scale);
    az_free(missing);
    return status;
}

/* ---- the whole ---- */

static az_status put_model(const az_model *model, az_code *code)
{
    if (model->affine && model->affine->n_special == 0) {
        az_affine_export(model->affine, code);
    } else {
        AZ_TRY(az_design_export(model->design, code));
        model->class->export(model->fitted, code);
    }
    az_code_write(code, "public procedure predict(in real inputs[n_inputs], out real outputs[n_outputs]) {\n"
                        "real features[n_features]\n"
                        "call make_features(inputs, features)\n"
                        "call evaluate(features, outputs)\n");
    if (model->pipeline.transform_target == AZ_TRANSFORM_LOG)
        az_code_write(code, "for k in 0 .. n_outputs {\n"
                            "    outputs[k] = exp(outputs[k])\n"
                            "}\n");
    az_code_write(code, "}\n");
    return AZ_OK;
}

/* Without a feature (its one category is the reference) a model predicts the same for every row; C has no empty arrays
 * to put that as above. */
static az_status put_constant_model(const az_model *model, az_code *code)
{
    double *numbers; /* a row, then its prediction */
    const int64_t n = model->design->n_inputs;
    AZ_TRY(AZ_NEW_ARRAY(numbers, n + az_model_n_outputs(model)));
    for (int64_t k = 0; k < n; k++) numbers[k] = NAN;
    az_status status = az_predict(model, NULL, numbers, 1, n, 1, numbers + n, az_model_n_outputs(model), NULL, NULL);
    az_code_constant(code, "n_inputs", n);
    az_code_reals(code, "prediction", numbers + n, az_model_n_outputs(model));
    az_code_write(code, "# Whatever the inputs.\n"
                        "public procedure predict(in real inputs[n_inputs], out real outputs[n_outputs]) {\n"
                        "    ignore inputs\n"
                        "    for k in 0 .. n_outputs {\n"
                        "        outputs[k] = prediction[k]\n"
                        "    }\n"
                        "}\n");
    az_free(numbers);
    return status;
}

az_status az_model_export(const az_model *model, const char *language, const char *name, const char *path)
{
    az_code *code = NULL;
    az_text text = {0};
    az_output output = {0};
    az_status status = AZ_OK;
    if (!model->class->export)
        return az_error(AZ_ERROR_UNAVAILABLE,
                        "%s models cannot be exported as source; run the model file through the library or predict",
                        model->class->name);
    AZ_GOTO(az_code_new(&code, language, name));
    AZ_GOTO(tell(code, model));
    az_code_constant(code, "n_outputs", az_model_n_outputs(model));
    AZ_GOTO(model->design->n_features > 0 ? put_model(model, code) : put_constant_model(model, code));
    AZ_GOTO(put_test(model, code));
    AZ_GOTO(az_code_finish(code, &text));
    AZ_GOTO(az_output_open(&output, path));
    AZ_GOTO(az_output_write(&output, text.data, text.length));
    AZ_GOTO(az_output_commit(&output));
done:
    az_output_abandon(&output);
    az_text_free(&text);
    az_code_free(code);
    return status;
}
