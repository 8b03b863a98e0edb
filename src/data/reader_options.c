/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/json_write.h"
#include "data/table.h"

#include <jansson.h>
#include <stddef.h>
#include <string.h>

/* What a model remembers of how its table was read.  The files beside the data (join, target_file) and the choice of
 * rows (select, where) belong to the data of the day and are not kept. */
static const struct {
    const char *name;
    size_t offset;
} kept[] = {
    {"delimiter", offsetof(az_reader_options, delimiter)}, {"header", offsetof(az_reader_options, header)},
    {"names", offsetof(az_reader_options, names)},         {"skip", offsetof(az_reader_options, skip)},
    {"comment", offsetof(az_reader_options, comment)},     {"missing", offsetof(az_reader_options, missing)},
    {"decimal", offsetof(az_reader_options, decimal)},     {"relabel", offsetof(az_reader_options, relabel)},
    {"vars", offsetof(az_reader_options, vars)},           {"rows", offsetof(az_reader_options, rows)},
    {"derive", offsetof(az_reader_options, derive)},       {"lags", offsetof(az_reader_options, lags)},
    {"horizon", offsetof(az_reader_options, horizon)},     {"by", offsetof(az_reader_options, by)},
    {"series", offsetof(az_reader_options, series)},       {"target", offsetof(az_reader_options, target)},
    {"time", offsetof(az_reader_options, time)},           {"beside", offsetof(az_reader_options, beside)},
};
enum { N_KEPT = sizeof kept / sizeof kept[0] };

az_status az_reader_options_print(const az_reader_options *options, char **json)
{
    az_json writer = {0};
    az_json_begin_object(&writer, NULL);
    for (size_t i = 0; i < N_KEPT; i++) {
        const char *value = *(const char *const *)((const char *)options + kept[i].offset);
        if (value) az_json_string(&writer, kept[i].name, value);
    }
    az_json_end_object(&writer);
    az_status status = az_text_status(&writer.text);
    if (!status) {
        *json = az_strdup(writer.text.data);
        if (!*json) status = AZ_ERROR_MEMORY;
    }
    az_text_free(&writer.text);
    return status;
}

az_status az_reader_options_parse(const char *json, az_reader_options *options, az_arena *arena)
{
    az_reader_options read = {0};
    json_error_t problem;
    json_t *object = json_loads(json, JSON_REJECT_DUPLICATES, &problem);
    if (!object) return az_error(AZ_ERROR_DATA, "the reader options are not valid JSON: %s", problem.text);
    az_status status = AZ_OK;
    if (!json_is_object(object)) status = az_error(AZ_ERROR_DATA, "the reader options are not a JSON object");
    for (size_t i = 0; i < N_KEPT && !status; i++) {
        const json_t *value = json_object_get(object, kept[i].name);
        if (!value) continue;
        if (!json_is_string(value)) {
            status = az_error(AZ_ERROR_DATA, "the reader option \"%s\" is not a string", kept[i].name);
            break;
        }
        char *copy = az_arena_strndup(arena, json_string_value(value), json_string_length(value));
        if (!copy) status = AZ_ERROR_MEMORY;
        *(const char **)((char *)&read + kept[i].offset) = copy;
    }
    json_decref(object);
    if (!status) *options = read;
    return status;
}

void az_reader_options_inherit(az_reader_options *options, const az_reader_options *stored)
{
    for (size_t i = 0; i < N_KEPT; i++) {
        const char **value = (const char **)((char *)options + kept[i].offset);
        if (!*value) *value = *(const char *const *)((const char *)stored + kept[i].offset);
    }
}
