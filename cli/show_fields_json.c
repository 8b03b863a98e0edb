/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of fields for programs: all that is said of it, as JSON. */
#include "show_fields.h"

static void json_attributes(az_json *json, const az_attribute *attributes, int32_t n)
{
    az_json_begin_object(json, "attributes");
    for (int32_t i = 0; i < n; i++) {
        const az_attribute *attribute = &attributes[i];
        if (attribute->text) {
            az_json_string(json, attribute->name, attribute->text);
        } else if (attribute->n_numbers == 1) {
            az_json_number(json, attribute->name, attribute->numbers[0]);
        } else {
            az_json_begin_array(json, attribute->name);
            for (int64_t k = 0; k < attribute->n_numbers; k++) az_json_number(json, NULL, attribute->numbers[k]);
            az_json_end_array(json);
        }
    }
    az_json_end_object(json);
}

static void json_number_or_date(az_json *json, const char *key, const az_field *about, double value)
{
    char text[CLI_NUMBER_MAX];
    if (about->is_time && value == value) {
        cli_field_value(text, about, value);
        az_json_string(json, key, text);
    } else {
        az_json_number(json, key, value);
    }
}

static az_status json_dimensions(const cli_fields *fields, az_json *json)
{
    const az_dataset *dataset = fields->dataset;
    az_json_begin_array(json, "dimensions");
    for (int64_t d = 0; d < az_dataset_n_dimensions(dataset); d++) {
        int32_t coordinate = dataset->coordinate[d];
        az_json_begin_object(json, NULL);
        az_json_string(json, "name", az_dataset_dimension_name(dataset, d));
        az_json_int(json, "size", fields->count[d]); /* what --select leaves */
        az_json_bool(json, "unlimited", dataset->layout.dims[d].unlimited);
        if (coordinate >= 0 && cli_field_has_numbers(dataset, coordinate) &&
            fields->count[d] > 0) {
            const az_field *about = &dataset->fields[coordinate];
            double ends[2];
            AZ_TRY(cli_dimension_ends(fields, d, ends));
            json_number_or_date(json, "first", about, ends[0]);
            json_number_or_date(json, "last", about, ends[1]);
            az_json_string(json, "unit", about->unit);
            if (about->is_time) az_json_string(json, "calendar", az_calendar_name(about->time.calendar));
        }
        az_json_end_object(json);
    }
    az_json_end_array(json);
    return AZ_OK;
}

static az_status json_variable(const cli_fields *fields, az_json *json, int64_t field)
{
    const az_dataset *dataset = fields->dataset;
    const az_variable *variable = &dataset->layout.variables[field];
    const az_field *about = &dataset->fields[field];
    az_json_begin_object(json, NULL);
    az_json_string(json, "name", variable->name);
    az_json_string(json, "type", az_dataset_field_type(dataset, field));
    az_json_begin_array(json, "dimensions");
    for (int64_t d = 0; d < az_dataset_field_n_dimensions(dataset, field); d++)
        az_json_string(json, NULL, az_dataset_dimension_name(dataset, az_dataset_field_dimension(dataset, field, d)));
    az_json_end_array(json);
    az_json_string(json, "unit", about->unit);
    az_json_string(json, "long_name", about->long_name ? about->long_name : about->standard_name);
    az_json_string(json, "role", about->is_bounds ? "bounds" : about->is_coordinate ? "coordinate" : "data");
    az_json_bool(json, "packed", about->packed);
    if (cli_field_has_numbers(dataset, field) && !about->is_bounds) {
        cli_field_summary of;
        AZ_TRY(cli_field_summarise(fields, field, &of));
        az_json_int(json, "n", of.summary.n);
        az_json_int(json, "n_missing", of.summary.n_missing);
        az_json_int(json, "every_block", of.every);
        cli_json_summary(json, &of.summary);
    }
    json_attributes(json, variable->attributes, variable->n_attributes);
    az_json_end_object(json);
    return AZ_OK;
}

az_status cli_json_fields(const cli_fields *fields)
{
    const az_dataset *dataset = fields->dataset;
    az_json json = {.pretty = true};
    az_status status;
    az_json_begin_object(&json, NULL);
    az_json_int(&json, "schema", 1);
    az_json_string(&json, "format", dataset->layout.format);
    AZ_GOTO(json_dimensions(fields, &json));
    az_json_begin_array(&json, "variables");
    for (int64_t v = 0; v < az_dataset_n_fields(dataset); v++)
        if (!fields->call->options.reader.vars || cli_field_is_data(fields, v))
            AZ_GOTO(json_variable(fields, &json, v));
    az_json_end_array(&json);
    json_attributes(&json, dataset->layout.attributes, dataset->layout.n_attributes);
    az_json_end_object(&json);
    return cli_print_json(&json);
done:
    az_text_free(&json.text);
    return status;
}
