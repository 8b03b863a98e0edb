/* SPDX-License-Identifier: BSD-3-Clause */
/* A design in a model file: numbers as arrays, names as one JSON document in an array of bytes. */
#include "data/design.h"

#include "base/json_write.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* One row of "design.inputs" and "design.features"; the order is part of the file format. */
enum {
    INPUT_TYPE,
    INPUT_PERIOD,
    INPUT_FILL,
    INPUT_LOWER,
    INPUT_UPPER,
    INPUT_MISSING,
    INPUT_DROPPED,
    INPUT_N_BASE,
    INPUT_NUMBERS
};
enum { FEATURE_CENTER, FEATURE_SCALE, FEATURE_PERIOD, FEATURE_ONE_HOT, FEATURE_NUMBERS };
enum {
    OPTION_SCALING,
    OPTION_DROP_FIRST,
    OPTION_KEEP_PERIODIC,
    OPTION_DEGREE,
    OPTION_INTERACTION_ONLY,
    OPTION_NUMBERS
};
/* "design.as_is", only where a model takes data as they are. */
enum { AS_IS_CATEGORIES, AS_IS_MISSING, AS_IS_PERIODIC, AS_IS_NUMBERS };

static az_status put_names(const az_design *design, az_bundle *bundle)
{
    az_json json = {0};
    az_json_begin_object(&json, NULL);
    az_json_begin_array(&json, "inputs");
    for (int64_t k = 0; k < design->n_inputs; k++) {
        const az_raw_input *input = &design->inputs[k];
        az_json_begin_object(&json, NULL);
        az_json_string(&json, "name", input->name);
        if (input->unit) az_json_string(&json, "unit", input->unit);
        if (input->type == AZ_TIME) {
            char unit[AZ_TIME_UNIT_MAX];
            az_time_unit_print(unit, &input->time);
            az_json_string(&json, "time", unit);
            az_json_string(&json, "calendar", az_calendar_name(input->time.calendar));
        }
        if (input->type == AZ_CATEGORICAL) {
            az_json_begin_array(&json, "levels");
            for (int32_t level = 0; level < input->n_levels; level++) az_json_string(&json, NULL, input->levels[level]);
            az_json_end_array(&json);
        }
        az_json_end_object(&json);
    }
    az_json_end_array(&json);
    az_json_begin_array(&json, "features");
    for (int64_t j = 0; j < design->n_features; j++) az_json_string(&json, NULL, design->features[j].name);
    az_json_end_array(&json);
    az_json_end_object(&json);
    az_status status = az_text_status(&json.text);
    if (!status) {
        int64_t n = (int64_t)json.text.length;
        status = az_bundle_put(bundle, "design.names", AZ_DTYPE_U8, 1, &n, json.text.data);
    }
    az_text_free(&json.text);
    return status;
}

az_status az_design_save(const az_design *design, az_bundle *bundle)
{
    az_status status = AZ_OK;
    double *numbers;
    int64_t rows = design->n_inputs > design->n_features ? design->n_inputs : design->n_features;
    AZ_TRY(AZ_NEW_ARRAY(numbers, rows * INPUT_NUMBERS));
    const az_design_options *options = &design->options;
    double option[OPTION_NUMBERS] = {options->scaling, options->drop_first, options->keep_periodic, options->degree,
                                     options->interaction_only};
    double as_is[AS_IS_NUMBERS] = {options->keep_categories, options->keep_missing, options->wrap_periodic};
    AZ_GOTO(az_bundle_put_f64(bundle, "design.options", option, OPTION_NUMBERS));
    if (options->keep_categories || options->keep_missing || options->wrap_periodic)
        AZ_GOTO(az_bundle_put_f64(bundle, "design.as_is", as_is, AS_IS_NUMBERS));
    for (int64_t k = 0; k < design->n_inputs; k++) {
        const az_raw_input *input = &design->inputs[k];
        double *row = numbers + k * INPUT_NUMBERS;
        row[INPUT_TYPE] = input->type;
        row[INPUT_PERIOD] = input->period;
        row[INPUT_FILL] = input->fill;
        row[INPUT_LOWER] = input->lower;
        row[INPUT_UPPER] = input->upper;
        row[INPUT_MISSING] = input->missing_level;
        row[INPUT_DROPPED] = input->dropped_level;
        row[INPUT_N_BASE] = input->n_base;
    }
    AZ_GOTO(
        az_bundle_put(bundle, "design.inputs", AZ_DTYPE_F64, 2, (int64_t[]){design->n_inputs, INPUT_NUMBERS}, numbers));
    for (int64_t j = 0; j < design->n_features; j++) {
        const az_feature *feature = &design->features[j];
        double *row = numbers + j * FEATURE_NUMBERS;
        row[FEATURE_CENTER] = feature->center;
        row[FEATURE_SCALE] = feature->scale;
        row[FEATURE_PERIOD] = feature->period;
        row[FEATURE_ONE_HOT] = feature->one_hot;
    }
    AZ_GOTO(az_bundle_put(bundle, "design.features", AZ_DTYPE_F64, 2, (int64_t[]){design->n_features, FEATURE_NUMBERS},
                          numbers));
    if (design->powers)
        AZ_GOTO(az_bundle_put_i32(bundle, "design.powers", design->powers, design->n_features * options->degree));
    AZ_GOTO(put_names(design, bundle));
done:
    az_free(numbers);
    return status;
}

static az_status broken(const char *what)
{
    return az_error(AZ_ERROR_DATA, "the design in the model file is broken: %s", what);
}

static az_status copy_string(az_arena *strings, const json_t *value, char **text, const char *what)
{
    if (!json_is_string(value)) return broken(what);
    *text = az_arena_strndup(strings, json_string_value(value), json_string_length(value));
    return *text ? AZ_OK : AZ_ERROR_MEMORY;
}

static bool whole(double value, double lower, double upper)
{
    return value >= lower && value <= upper && value == floor(value);
}

static az_status load_input(az_design *design, int64_t k, const double *row, const json_t *names)
{
    az_raw_input *input = &design->inputs[k];
    *input = (az_raw_input){.period = row[INPUT_PERIOD],
                            .fill = row[INPUT_FILL],
                            .lower = row[INPUT_LOWER],
                            .upper = row[INPUT_UPPER],
                            .missing_level = -1,
                            .dropped_level = -1};
    if (!whole(row[INPUT_TYPE], AZ_NUMERIC, AZ_TIME)) return broken("type of an input");
    input->type = (az_column_type)row[INPUT_TYPE];
    AZ_TRY(copy_string(&design->strings, json_object_get(names, "name"), &input->name, "name of an input"));
    json_t *unit = json_object_get(names, "unit");
    if (unit) AZ_TRY(copy_string(&design->strings, unit, &input->unit, "unit of an input"));
    if (input->type == AZ_TIME) {
        const char *time = json_string_value(json_object_get(names, "time"));
        const char *calendar = json_string_value(json_object_get(names, "calendar"));
        if (!time || !calendar || az_time_unit_parse(&input->time, time, calendar)) return broken("time of an input");
    }
    input->first_base = (int32_t)design->n_base;
    if (input->type != AZ_CATEGORICAL) {
        if (!isfinite(input->fill) || !(input->period >= 0) || !isfinite(input->period))
            return broken("numbers of an input");
        input->n_base = input->period > 0 && !design->options.keep_periodic ? 2 : 1;
    } else {
        json_t *levels = json_object_get(names, "levels");
        if (!json_is_array(levels) || json_array_size(levels) > INT32_MAX / 2) return broken("levels of an input");
        input->n_levels = (int32_t)json_array_size(levels);
        input->levels = az_arena_alloc(&design->strings, (size_t)(input->n_levels + 1) * sizeof *input->levels);
        if (!input->levels) return AZ_ERROR_MEMORY;
        for (int32_t level = 0; level < input->n_levels; level++)
            AZ_TRY(
                copy_string(&design->strings, json_array_get(levels, (size_t)level), &input->levels[level], "a level"));
        double missing = row[INPUT_MISSING], dropped = row[INPUT_DROPPED];
        if (!whole(missing, -1, input->n_levels - 1) || (missing >= 0 && missing != input->n_levels - 1))
            return broken("the level of missing cells");
        if (!whole(dropped, -1, input->n_levels - 1)) return broken("the level left out");
        input->missing_level = (int32_t)missing;
        input->dropped_level = (int32_t)dropped;
        input->n_base = design->options.keep_categories ? 1 : input->n_levels - (input->dropped_level >= 0);
    }
    if (row[INPUT_N_BASE] != input->n_base) return broken("number of features of an input");
    design->n_base += input->n_base;
    return design->n_base > INT32_MAX / 2 ? broken("too many features") : AZ_OK;
}

static az_status load_features(az_design *design, const az_bundle *bundle, const json_t *names)
{
    const double *numbers;
    const int32_t *powers = NULL;
    json_t *list = json_object_get(names, "features");
    if (!json_is_array(list)) return broken("names of the features");
    design->n_features = (int64_t)json_array_size(list);
    int64_t degree = design->options.degree;
    AZ_TRY(az_bundle_get_f64(bundle, "design.features", design->n_features * FEATURE_NUMBERS, &numbers, NULL));
    if (degree > 1 && design->n_base > 0) {
        AZ_TRY(az_bundle_get_i32(bundle, "design.powers", design->n_features * degree, &powers, NULL));
        AZ_TRY(AZ_NEW_ARRAY(design->powers, design->n_features * degree));
        memcpy(design->powers, powers, (size_t)(design->n_features * degree) * sizeof *powers);
        for (int64_t i = 0; i < design->n_features * degree; i++)
            if (powers[i] < (i % degree ? -1 : 0) || powers[i] >= design->n_base) return broken("factors of a product");
    } else if (design->n_features != design->n_base) {
        return broken("number of features");
    }
    AZ_TRY(AZ_NEW_ARRAY(design->features, design->n_features));
    for (int64_t j = 0; j < design->n_features; j++) {
        const double *row = numbers + j * FEATURE_NUMBERS;
        az_feature *feature = &design->features[j];
        *feature = (az_feature){.center = row[FEATURE_CENTER],
                                .scale = row[FEATURE_SCALE],
                                .period = row[FEATURE_PERIOD],
                                .one_hot = row[FEATURE_ONE_HOT] != 0};
        if (!isfinite(feature->center) || !isfinite(feature->scale) || feature->scale == 0)
            return broken("scale of a feature");
        AZ_TRY(copy_string(&design->strings, json_array_get(list, (size_t)j), &feature->name, "name of a feature"));
    }
    for (int64_t k = 0; k < design->n_inputs && design->options.keep_categories; k++)
        if (design->inputs[k].type == AZ_CATEGORICAL)
            design->features[design->inputs[k].first_base].n_categories = design->inputs[k].n_levels;
    return AZ_OK;
}

az_status az_design_load(az_design **result, const az_bundle *bundle)
{
    az_status status = AZ_OK;
    json_t *names = NULL;
    az_design *design;
    AZ_TRY(AZ_NEW_ZERO(design));
    const double *option, *inputs;
    AZ_GOTO(az_bundle_get_f64(bundle, "design.options", OPTION_NUMBERS, &option, NULL));
    if (!whole(option[OPTION_SCALING], AZ_SCALE_NONE, AZ_SCALE_ROBUST) || !whole(option[OPTION_DEGREE], 1, 1000))
        AZ_GOTO(broken("options"));
    design->options = (az_design_options){.scaling = (az_scaling)option[OPTION_SCALING],
                                          .drop_first = option[OPTION_DROP_FIRST] != 0,
                                          .keep_periodic = option[OPTION_KEEP_PERIODIC] != 0,
                                          .degree = (int)option[OPTION_DEGREE],
                                          .interaction_only = option[OPTION_INTERACTION_ONLY] != 0};
    if (az_bundle_find(bundle, "design.as_is")) {
        const double *as_is;
        AZ_GOTO(az_bundle_get_f64(bundle, "design.as_is", AS_IS_NUMBERS, &as_is, NULL));
        design->options.keep_categories = as_is[AS_IS_CATEGORIES] != 0;
        design->options.keep_missing = as_is[AS_IS_MISSING] != 0;
        design->options.wrap_periodic = as_is[AS_IS_PERIODIC] != 0;
        if (design->options.keep_categories && design->options.degree > 1) AZ_GOTO(broken("categories in products"));
    }
    const az_array *text = az_bundle_find(bundle, "design.names");
    if (!text || text->dtype != AZ_DTYPE_U8 || text->n_dims != 1) AZ_GOTO(broken("names"));
    names = json_loadb(text->data, (size_t)text->shape[0], JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    json_t *list = json_object_get(names, "inputs");
    if (!json_is_array(list)) AZ_GOTO(broken("names of the inputs"));
    int64_t n_inputs = (int64_t)json_array_size(list);
    AZ_GOTO(az_bundle_get_f64(bundle, "design.inputs", n_inputs * INPUT_NUMBERS, &inputs, NULL));
    AZ_GOTO(AZ_NEW_ARRAY(design->inputs, n_inputs));
    for (int64_t k = 0; k < n_inputs; k++) {
        AZ_GOTO(load_input(design, k, inputs + k * INPUT_NUMBERS, json_array_get(list, (size_t)k)));
        design->n_inputs = k + 1;
    }
    AZ_GOTO(load_features(design, bundle, names));
done:
    json_decref(names);
    if (status)
        az_design_free(design);
    else
        *result = design;
    return status;
}
