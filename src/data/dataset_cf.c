/* SPDX-License-Identifier: BSD-3-Clause */
/* What attributes say: the CF conventions 1.11 (units 3.1, calendars 4.4, coordinates 5, cell boundaries 7.1, packing
 * and missing values 8.1 and 2.5.1) and, for fill values and ranges, the NetCDF User's Guide, appendix A. */
#include "data/dataset_cf.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

static const az_attribute *find(const az_variable *variable, const char *name)
{
    return az_attribute_find(variable->attributes, variable->n_attributes, name);
}

static const char *text_of(const az_variable *variable, const char *name)
{
    const az_attribute *attribute = find(variable, name);
    return attribute && attribute->text && *attribute->text ? attribute->text : NULL;
}

/* The first number of an attribute; some writers give it as text. */
static bool number_of(const az_variable *variable, const char *name, double *number)
{
    const az_attribute *attribute = find(variable, name);
    if (!attribute) return false;
    if (attribute->text) return az_parse_double_string(attribute->text, number);
    if (attribute->n_numbers < 1) return false;
    *number = attribute->numbers[0];
    return true;
}

static bool is_integer(az_storage type)
{
    return type <= AZ_STORED_U64;
}

static bool is_number(az_storage type)
{
    return type <= AZ_STORED_F64;
}

/* An attribute's number as the variable stores it: of signed bytes that hold unsigned numbers, and rounded to single
 * precision where the values are (a missing_value of 1e20 in double is not the 1e20 of a float). */
static double as_stored(const az_variable *variable, const az_field *field, double number)
{
    if (variable->type == AZ_STORED_F32) return (double)(float)number;
    if (variable->type != field->decoded_as && number < 0)
        return number + ldexp(1, 8 * (int)az_storage_size(variable->type));
    return number;
}

static void add_fill(const az_variable *variable, az_field *field, double number)
{
    if (!isnan(number) && field->n_fill < AZ_FIELD_FILLS)
        field->fill[field->n_fill++] = as_stored(variable, field, number);
}

/* The values with which the NetCDF library fills what was never written (netcdf.h, NC_FILL_*).  Bytes have none: all
 * their values are in use. */
static bool default_fill(az_storage type, double *fill)
{
    switch (type) {
    case AZ_STORED_I16: *fill = -32767; return true;
    case AZ_STORED_U16: *fill = 65535; return true;
    case AZ_STORED_I32: *fill = -2147483647; return true;
    case AZ_STORED_U32: *fill = 4294967295; return true;
    case AZ_STORED_I64: *fill = -9223372036854775806.0; return true;
    case AZ_STORED_U64: *fill = 18446744073709551614.0; return true;
    case AZ_STORED_F32:
    case AZ_STORED_F64: *fill = 9.9692099683868690e+36; return true;
    default: return false;
    }
}

static void understand_missing(const az_dataset *dataset, const az_variable *variable, az_field *field)
{
    double number;
    if (number_of(variable, "_FillValue", &number))
        add_fill(variable, field, number);
    else if (!find(variable, "_FillValue") && strncmp(dataset->layout.format, "NetCDF", 6) == 0 &&
             default_fill(variable->type, &number))
        field->fill[field->n_fill++] = as_stored(variable, field, number);
    const az_attribute *missing = find(variable, "missing_value");
    if (missing && missing->text && number_of(variable, "missing_value", &number)) add_fill(variable, field, number);
    for (int64_t i = 0; missing && !missing->text && i < missing->n_numbers; i++)
        add_fill(variable, field, missing->numbers[i]);
}

/* A limit is meant for the stored numbers, unless they are packed integers and the limit is not: then it is one of the
 * unpacked values. */
static void set_limit(const az_variable *variable, az_field *field, const az_attribute *attribute, double number,
                      bool is_lower)
{
    bool unpacked = field->packed && is_integer(variable->type) && !is_integer(attribute->type);
    double limit = as_stored(variable, field, number);
    if (unpacked) {
        limit = (number - field->offset) / field->scale;
        if (field->scale < 0) is_lower = !is_lower;
    }
    if (isnan(limit)) return;
    if (is_lower)
        field->lower = limit;
    else
        field->upper = limit;
}

static void understand_range(const az_variable *variable, az_field *field)
{
    static const char *const names[] = {"valid_min", "valid_max"};
    for (int i = 0; i < 2; i++) {
        double number;
        const az_attribute *attribute = find(variable, names[i]);
        if (attribute && number_of(variable, names[i], &number)) set_limit(variable, field, attribute, number, i == 0);
    }
    const az_attribute *range = find(variable, "valid_range");
    if (range && !range->text && range->n_numbers == 2)
        for (int i = 0; i < 2; i++) set_limit(variable, field, range, range->numbers[i], i == 0);
}

static az_storage unsigned_twin(az_storage type)
{
    switch (type) {
    case AZ_STORED_I8: return AZ_STORED_U8;
    case AZ_STORED_I16: return AZ_STORED_U16;
    case AZ_STORED_I32: return AZ_STORED_U32;
    case AZ_STORED_I64: return AZ_STORED_U64;
    default: return type;
    }
}

static void understand_variable(const az_dataset *dataset, const az_variable *variable, az_field *field)
{
    *field = (az_field){.unit = text_of(variable, "units"),
                        .long_name = text_of(variable, "long_name"),
                        .standard_name = text_of(variable, "standard_name"),
                        .scale = 1,
                        .decoded_as = variable->type,
                        .lower = -INFINITY,
                        .upper = INFINITY};
    if (!is_number(variable->type)) return;
    const char *flag = text_of(variable, "_Unsigned");
    if (flag && (strcmp(flag, "true") == 0 || strcmp(flag, "True") == 0))
        field->decoded_as = unsigned_twin(variable->type);
    double number;
    if (number_of(variable, "scale_factor", &number) && isfinite(number) && number != 0) {
        field->scale = number;
        field->packed = true;
    }
    if (number_of(variable, "add_offset", &number) && isfinite(number)) {
        field->offset = number;
        field->packed = true;
    }
    understand_missing(dataset, variable, field);
    understand_range(variable, field);
    /* A time unit that cannot be understood leaves a plain number with that unit. */
    if (field->unit && az_is_time_unit(field->unit))
        field->is_time = az_time_unit_parse(&field->time, field->unit, text_of(variable, "calendar")) == AZ_OK;
}

static int32_t lookup(const az_dataset *dataset, const char *name, size_t length)
{
    for (int32_t v = 0; v < dataset->layout.n_variables; v++) {
        const char *other = dataset->layout.variables[v].name;
        if (strlen(other) == length && memcmp(other, name, length) == 0) return v;
    }
    return -1;
}

/* The variables named in a text as "lat lon", "area: areacella volume: volcello", "crs: x y". */
static void mark(az_dataset *dataset, const char *text, bool as_coordinate)
{
    while (text && *text) {
        size_t length = strcspn(text, " \t\n");
        int32_t v = length ? lookup(dataset, text, length) : -1;
        if (v < 0 && length && text[length - 1] == ':') v = lookup(dataset, text, length - 1);
        if (v >= 0 && as_coordinate) dataset->fields[v].is_coordinate = true;
        if (v >= 0 && !as_coordinate) dataset->fields[v].is_bounds = true;
        text += length;
        text += strspn(text, " \t\n");
    }
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; text && *words; words++)
        if (strcmp(text, *words) == 0) return true;
    return false;
}

/* CF, sections 4.1 and 4.2: a latitude or longitude is known by its unit; else the standard name, or the customary
 * name of a variable without one. */
bool az_name_is_latitude(const char *name, const char *unit)
{
    static const char *const units[] = {"degrees_north", "degree_north", "degree_N", "degrees_N",
                                        "degreeN",       "degreesN",     NULL};
    static const char *const names[] = {"lat", "latitude", "nav_lat", "Latitude", "LAT", "LATITUDE", "Lat", NULL};
    return unit && is_one_of(unit, units) ? true : is_one_of(name, names);
}

static bool is_longitude(const char *name, const char *unit)
{
    static const char *const units[] = {"degrees_east", "degree_east", "degree_E", "degrees_E",
                                        "degreeE",      "degreesE",    NULL};
    static const char *const names[] = {"lon", "longitude", "nav_lon", "Longitude", "LON", "LONGITUDE", "Lon", NULL};
    return unit && is_one_of(unit, units) ? true : is_one_of(name, names);
}

bool az_field_is_latitude(const az_dataset *dataset, int32_t v)
{
    const az_field *field = &dataset->fields[v];
    if (field->standard_name && strcmp(field->standard_name, "latitude") == 0) return true;
    return az_name_is_latitude(dataset->layout.variables[v].name, field->unit);
}

bool az_field_is_longitude(const az_dataset *dataset, int32_t v)
{
    const az_field *field = &dataset->fields[v];
    if (field->standard_name && strcmp(field->standard_name, "longitude") == 0) return true;
    return is_longitude(dataset->layout.variables[v].name, field->unit);
}

az_status az_dataset_understand(az_dataset *dataset)
{
    const az_layout *layout = &dataset->layout;
    AZ_TRY(AZ_NEW_ARRAY(dataset->fields, layout->n_variables));
    AZ_TRY(AZ_NEW_ARRAY(dataset->coordinate, layout->n_dims));
    for (int32_t d = 0; d < layout->n_dims; d++) dataset->coordinate[d] = -1;
    for (int32_t v = 0; v < layout->n_variables; v++)
        understand_variable(dataset, &layout->variables[v], &dataset->fields[v]);
    for (int32_t v = 0; v < layout->n_variables; v++) {
        const az_variable *variable = &layout->variables[v];
        static const char *const aside[] = {"bounds", "climatology", "cell_measures", "grid_mapping"};
        for (size_t i = 0; i < sizeof aside / sizeof aside[0]; i++) mark(dataset, text_of(variable, aside[i]), false);
        mark(dataset, text_of(variable, "coordinates"), true);
        if (text_of(variable, "grid_mapping_name")) dataset->fields[v].is_bounds = true;
        if (az_variable_n_dims(variable) != 1 || variable->type == AZ_STORED_OTHER) continue;
        int32_t d = variable->dims[0];
        if (strcmp(layout->dims[d].name, variable->name) == 0) {
            dataset->coordinate[d] = v;
            dataset->fields[v].is_coordinate = true;
        }
    }
    /* "crs: x y" names the coordinates beside the mapping; coordinates they stay. */
    for (int32_t v = 0; v < layout->n_variables; v++)
        if (dataset->fields[v].is_coordinate) dataset->fields[v].is_bounds = false;
    return AZ_OK;
}
