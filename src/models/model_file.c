/* SPDX-License-Identifier: BSD-3-Clause */
/* A model as a safetensors file: one JSON document, the arrays of the design ("design.*") and of the class.
 * Neither time nor host stands in it: the same fit writes the same bytes.  How the format may change is said in
 * docs/architecture.md; every one that there was is read (tests/golden). */
#include "models/interval.h"
#include "models/partial.h"

#include "base/number.h"
#include "models/affine.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1 };

static void print_strings(az_json *json, const char *key, char *const *strings, int64_t n)
{
    az_json_begin_array(json, key);
    for (int64_t i = 0; i < n; i++) az_json_string(json, NULL, strings[i]);
    az_json_end_array(json);
}

static az_status print_document(const az_model *model, az_json *json)
{
    char digest[17];
    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)model->data_digest);
    az_json_begin_object(json, NULL);
    az_json_int(json, "format", FORMAT);
    az_json_string(json, "version", model->version);
    az_json_string(json, "model", model->class->name);
    az_json_string(json, "task", model->task == AZ_REGRESSION ? "regression" : "classification");
    az_json_begin_object(json, "parameters");
    az_params_print(model->class->params, model->options, json);
    az_json_end_object(json);
    az_json_begin_object(json, "pipeline");
    az_params_print(az_pipeline_params, &model->pipeline, json);
    az_json_end_object(json);
    print_strings(json, "targets", model->target_names, model->n_targets);
    print_strings(json, "units", model->target_units, model->n_targets);
    if (model->task == AZ_CLASSIFICATION) print_strings(json, "classes", model->classes, model->n_classes);
    az_json_string(json, "weight", model->weight);
    az_json_string(json, "sigma", model->sigma);
    az_json_string(json, "group", model->group);
    az_json_string(json, "time", model->time);
    az_json_string(json, "reader", model->reader);
    az_json_int(json, "n_train", model->n_train);
    az_json_bool(json, "converged", model->result.converged);
    az_json_int(json, "iterations", model->result.n_iterations);
    az_json_string(json, "data_digest", digest);
    az_json_string(json, "command", model->command);
    az_json_end_object(json);
    return az_text_status(&json->text);
}

static az_status to_bundle(const az_model *model, az_bundle **result)
{
    az_bundle *bundle = NULL;
    az_json json = {0};
    az_status status = AZ_OK;
    AZ_GOTO(az_bundle_new(&bundle));
    AZ_GOTO(print_document(model, &json));
    AZ_GOTO(az_bundle_set_document(bundle, json.text.data));
    AZ_GOTO(az_design_save(model->design, bundle));
    AZ_GOTO(model->class->save(model->fitted, bundle));
    AZ_GOTO(az_partial_save(model, bundle));
    AZ_GOTO(az_interval_save(model, bundle));
    *result = bundle;
    bundle = NULL;
done:
    az_text_free(&json.text);
    az_bundle_free(bundle);
    return status;
}

az_status az_model_write(const az_model *model, const char *path)
{
    az_bundle *bundle;
    AZ_TRY(to_bundle(model, &bundle));
    az_status status = az_bundle_write(bundle, path);
    az_bundle_free(bundle);
    return status;
}

static az_status broken(const char *what)
{
    return az_error(AZ_ERROR_DATA, "broken model file: %s", what);
}

static az_status copy_string(az_model *model, char **to, const json_t *value, const char *what)
{
    *to = NULL;
    if (!value || json_is_null(value)) return AZ_OK;
    if (!json_is_string(value)) return broken(what);
    *to = az_arena_strndup(&model->strings, json_string_value(value), json_string_length(value));
    return *to ? AZ_OK : AZ_ERROR_MEMORY;
}

static az_status copy_strings(az_model *model, char ***to, int64_t *n, const json_t *list, bool may_be_null,
                              const char *what)
{
    if (!json_is_array(list) || json_array_size(list) > 1000000) return broken(what);
    *n = (int64_t)json_array_size(list);
    *to = az_arena_alloc(&model->strings, (size_t)(*n + 1) * sizeof **to);
    if (!*to) return AZ_ERROR_MEMORY;
    for (int64_t i = 0; i < *n; i++) {
        AZ_TRY(copy_string(model, &(*to)[i], json_array_get(list, (size_t)i), what));
        if (!(*to)[i] && !may_be_null) return broken(what);
    }
    return AZ_OK;
}

static const char *name_now(const az_param *params, const char *key)
{
    for (; params && params->name; params++)
        if (params->formerly && strcmp(params->formerly, key) == 0) return params->name;
    return key;
}

/* Every value of the object through the parameter table, with its checks of type and range. */
static az_status load_params(const az_param *params, void *options, const json_t *object, const char *owner)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object)) return broken("parameters");
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        char number[AZ_NUMBER_MAX];
        const char *text = number;
        if (json_is_string(value))
            text = json_string_value(value);
        else if (json_is_integer(value))
            snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        else if (json_is_real(value))
            az_print_double(number, json_real_value(value));
        else if (json_is_boolean(value))
            text = json_is_true(value) ? "true" : "false";
        else
            return broken("value of a parameter");
        az_status status = az_params_set_strict(params, options, name_now(params, key), text, owner);
        if (status == AZ_ERROR_MEMORY) return status;
        if (status) {
            az_error_context(status, "broken model file");
            return AZ_ERROR_DATA;
        }
    }
    return AZ_OK;
}

static az_status load_whole(const json_t *value, int64_t *number, const char *what)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0) return broken(what);
    *number = json_integer_value(value);
    return AZ_OK;
}

static az_status load_document(az_model *model, const json_t *document)
{
    int64_t n = 0, format = 0;
    AZ_TRY(load_whole(json_object_get(document, "format"), &format, "no format number; is it an Ansatz model?"));
    if (format < 1) return broken("its format is 0");
    const char *version = json_string_value(json_object_get(document, "version"));
    if (!version) version = "of unknown version";
    if (format > FORMAT)
        return az_error(AZ_ERROR_DATA,
                        "the file has format %lld, written by Ansatz %s; this is Ansatz %s, which reads formats up to "
                        "%d: read it with Ansatz %s or a later one, or fit the model again",
                        (long long)format, version, az_version(), FORMAT, version);
    const char *name = json_string_value(json_object_get(document, "model"));
    const char *task = json_string_value(json_object_get(document, "task"));
    if (!name || !task) return broken("model or task is missing");
    model->class = az_model_class_find(name);
    if (!model->class)
        return az_error(
            AZ_ERROR_DATA,
            "the file holds a model \"%s\", written by Ansatz %s; this is Ansatz %s, which has no such model: "
            "read it with the version that wrote it",
            name, version, az_version());
    model->task = strcmp(task, "classification") == 0 ? AZ_CLASSIFICATION : AZ_REGRESSION;
    if (!(model->class->tasks & model->task)) return broken("the model does not do this task");
    if (model->class->options_size) {
        model->options = az_alloc_zero(model->class->options_size);
        if (!model->options) return AZ_ERROR_MEMORY;
        az_params_default(model->class->params, model->options);
        AZ_TRY(load_params(model->class->params, model->options, json_object_get(document, "parameters"), name));
    }
    az_params_default(az_pipeline_params, &model->pipeline);
    AZ_TRY(load_params(az_pipeline_params, &model->pipeline, json_object_get(document, "pipeline"), "the pipeline"));
    AZ_TRY(copy_strings(model, &model->target_names, &model->n_targets, json_object_get(document, "targets"), false,
                        "targets"));
    AZ_TRY(copy_strings(model, &model->target_units, &n, json_object_get(document, "units"), true, "units"));
    if (model->n_targets < 1 || n != model->n_targets) return broken("targets");
    if (model->task == AZ_CLASSIFICATION) {
        AZ_TRY(copy_strings(model, &model->classes, &n, json_object_get(document, "classes"), false, "classes"));
        if (n < 2) return broken("classes");
        model->n_classes = (int32_t)n;
    }
    AZ_TRY(copy_string(model, &model->version, json_object_get(document, "version"), "version"));
    AZ_TRY(copy_string(model, &model->weight, json_object_get(document, "weight"), "weight"));
    AZ_TRY(copy_string(model, &model->sigma, json_object_get(document, "sigma"), "sigma"));
    AZ_TRY(copy_string(model, &model->group, json_object_get(document, "group"), "group"));
    AZ_TRY(copy_string(model, &model->time, json_object_get(document, "time"), "time"));
    AZ_TRY(copy_string(model, &model->reader, json_object_get(document, "reader"), "reader"));
    AZ_TRY(copy_string(model, &model->command, json_object_get(document, "command"), "command"));
    AZ_TRY(load_whole(json_object_get(document, "n_train"), &model->n_train, "n_train"));
    AZ_TRY(load_whole(json_object_get(document, "iterations"), &model->result.n_iterations, "iterations"));
    model->result.converged = json_is_true(json_object_get(document, "converged"));
    const char *digest = json_string_value(json_object_get(document, "data_digest"));
    if (!digest || strlen(digest) != 16 || strspn(digest, "0123456789abcdef") != 16) return broken("data_digest");
    model->data_digest = strtoull(digest, NULL, 16);
    return AZ_OK;
}

static az_status of_bundle(az_model **result, const az_bundle *bundle)
{
    az_model *model = NULL;
    json_t *document = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ZERO(model));
    document = json_loads(az_bundle_document(bundle), JSON_REJECT_DUPLICATES, NULL);
    if (!document) AZ_GOTO(broken("it holds no document about a model"));
    AZ_GOTO(load_document(model, document));
    AZ_GOTO(az_design_load(&model->design, bundle));
    int64_t n_outputs = model->task == AZ_CLASSIFICATION ? model->n_classes : model->n_targets;
    AZ_GOTO(model->class->load(&model->fitted, bundle, model->design->n_features, n_outputs));
    AZ_GOTO(az_partial_load(model, bundle));
    AZ_GOTO(az_interval_load(model, bundle));
    AZ_GOTO(az_affine_new(&model->affine, model));
done:
    json_decref(document);
    if (status)
        az_model_free(model);
    else
        *result = model;
    return status;
}

az_status az_model_read(az_model **result, const char *path)
{
    az_bundle *bundle;
    AZ_TRY(az_bundle_read(&bundle, path));
    az_status status = of_bundle(result, bundle);
    if (status && status != AZ_ERROR_MEMORY) az_error_context(status, "%s", path);
    az_bundle_free(bundle);
    return status;
}

az_status az_model_copy(az_model **copy, const az_model *model)
{
    az_bundle *bundle;
    AZ_TRY(to_bundle(model, &bundle));
    az_status status = of_bundle(copy, bundle);
    az_bundle_free(bundle);
    return status;
}
