/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/field_picture.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { MAX_IMAGES = 40, IMAGES_ACROSS = 10 };
#define MAX_CELLS ((int64_t)1 << 26)

/* What a dimension means (CF, section 4). */
typedef enum role { OTHER, EASTWARD, NORTHWARD, UPWARD, TIMEWARD } role;

/* One of the field's own dimensions. */
typedef struct side {
    int64_t dimension, first, count;
    int32_t coordinate; /* the variable, or -1 */
    role role;
} side;

typedef struct picture {
    const az_dataset *dataset;
    int64_t field;
    int n_sides;
    side sides[AZ_FIELD_DIMS];
    const char *gnuplot;
    az_plot_format format;
    az_text *bytes;
    const az_control *control;
    az_text title, subtitle;
} picture;

static const char *text_attribute(const az_dataset *dataset, int64_t field, const char *name)
{
    const az_variable *variable = &dataset->layout.variables[field];
    const az_attribute *attribute = az_attribute_find(variable->attributes, variable->n_attributes, name);
    return attribute && attribute->text ? attribute->text : "";
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; word && *words; words++)
        if (strcmp(word, *words) == 0) return true;
    return false;
}

static bool is_pressure(const char *unit)
{
    static const char *const units[] = {"Pa", "hPa", "mbar", "mb", "millibar", "millibars", "dbar", NULL};
    return is_one_of(unit, units);
}

static role role_of(const az_dataset *dataset, int64_t dimension, int32_t coordinate)
{
    static const char *const eastward[] = {"projection_x_coordinate", "grid_longitude", NULL};
    static const char *const northward[] = {"projection_y_coordinate", "grid_latitude", NULL};
    static const char *const x_names[] = {"x", "X", "rlon", NULL}, *const y_names[] = {"y", "Y", "rlat", NULL};
    const char *name = az_dataset_dimension_name(dataset, dimension);
    if (coordinate < 0) return is_one_of(name, x_names) ? EASTWARD : is_one_of(name, y_names) ? NORTHWARD : OTHER;
    const az_field *about = &dataset->fields[coordinate];
    const char *axis = text_attribute(dataset, coordinate, "axis");
    if (about->is_time || strcmp(axis, "T") == 0) return TIMEWARD;
    if (az_field_is_longitude(dataset, coordinate) || strcmp(axis, "X") == 0) return EASTWARD;
    if (az_field_is_latitude(dataset, coordinate) || strcmp(axis, "Y") == 0) return NORTHWARD;
    if (is_one_of(about->standard_name, eastward) || is_one_of(name, x_names)) return EASTWARD;
    if (is_one_of(about->standard_name, northward) || is_one_of(name, y_names)) return NORTHWARD;
    if (strcmp(axis, "Z") == 0 || *text_attribute(dataset, coordinate, "positive") || is_pressure(about->unit))
        return UPWARD;
    return OTHER;
}

static void find_sides(picture *p, const int64_t *first, const int64_t *count)
{
    p->n_sides = (int)az_dataset_field_n_dimensions(p->dataset, p->field);
    for (int i = 0; i < p->n_sides; i++) {
        int64_t d = az_dataset_field_dimension(p->dataset, p->field, i);
        int32_t coordinate = p->dataset->coordinate[d];
        if (coordinate >= 0 && p->dataset->layout.variables[coordinate].type > AZ_STORED_F64) coordinate = -1;
        p->sides[i] = (side){d, first[d], count[d], coordinate, role_of(p->dataset, d, coordinate)};
    }
}

/* ---- words ---- */

/* A name in words: standard names have underscores. */
static void append_words(az_text *text, const char *name)
{
    for (const char *c = name; *c; c++) az_text_append_n(text, *c == '_' ? " " : c, 1);
}

static void append_value(az_text *text, const az_dataset *dataset, int32_t coordinate, double value)
{
    const az_field *about = &dataset->fields[coordinate];
    if (about->is_time && isfinite(value)) {
        char date[AZ_TIME_MAX];
        az_time_print(date, &about->time, value);
        az_text_append(text, date);
        return;
    }
    bool is_longitude = az_field_is_longitude(dataset, coordinate);
    if (isfinite(value) && (is_longitude || az_field_is_latitude(dataset, coordinate))) {
        az_degree_text(text, value, is_longitude);
        return;
    }
    az_text_append(text, dataset->layout.variables[coordinate].name);
    az_text_append(text, " ");
    az_text_rounded(text, value, 6);
    if (about->unit) az_text_printf(text, " %s", about->unit);
}

/* "2015-12-01" or "level 500 millibars": where on a side that is not drawn the picture lies. */
static az_status append_place(const picture *p, const side *at, az_text *text)
{
    if (at->coordinate < 0) {
        az_text_printf(text, "%s %lld", az_dataset_dimension_name(p->dataset, at->dimension), (long long)at->first);
        return AZ_OK;
    }
    double value;
    int64_t one = 1;
    AZ_TRY(az_dataset_read(p->dataset, at->coordinate, &at->first, &one, &value));
    append_value(text, p->dataset, at->coordinate, value);
    return AZ_OK;
}

/* The time of a field that has one time only. */
static az_status append_scalar_time(picture *p)
{
    const char *list = text_attribute(p->dataset, p->field, "coordinates");
    for (int32_t v = 0; v < p->dataset->layout.n_variables; v++) {
        const az_field *about = &p->dataset->fields[v];
        if (!about->is_time || !about->standard_name || strcmp(about->standard_name, "time") != 0) continue;
        if (az_dataset_field_n_dimensions(p->dataset, v) != 0) continue;
        if (!strstr(list, p->dataset->layout.variables[v].name)) continue;
        double value;
        AZ_TRY(az_dataset_read(p->dataset, v, NULL, NULL, &value));
        if (p->subtitle.length) az_text_append(&p->subtitle, ", ");
        append_value(&p->subtitle, p->dataset, v, value);
        return AZ_OK;
    }
    return AZ_OK;
}

/* Title and subtitle.  Of a side that is not drawn the first place is taken, and this is said where there was a
 * choice. */
static az_status name_picture(picture *p, int x, int y)
{
    const az_field *about = &p->dataset->fields[p->field];
    const char *name = az_dataset_field_name(p->dataset, p->field);
    if (about->long_name)
        az_text_append(&p->title, about->long_name);
    else
        append_words(&p->title, about->standard_name ? about->standard_name : name);
    for (int i = 0; i < p->n_sides; i++) {
        const side *at = &p->sides[i];
        if (i == x || i == y) continue;
        if (p->subtitle.length) az_text_append(&p->subtitle, ", ");
        size_t begin = p->subtitle.length;
        AZ_TRY(append_place(p, at, &p->subtitle));
        if (at->count > 1 && !p->subtitle.failed) {
            const char *dimension = az_dataset_dimension_name(p->dataset, at->dimension);
            az_note(p->control, "%s is drawn at %s, the first of %lld; --select %s=... takes another", name,
                    p->subtitle.data + begin, (long long)at->count, dimension);
        }
    }
    AZ_TRY(append_scalar_time(p));
    AZ_TRY(az_text_status(&p->subtitle));
    return az_text_status(&p->title);
}

/* ---- numbers ---- */

/* The block over the sides x and y (-1: none), at the first place of all others; (y, x) in memory. */
static az_status read_block(const picture *p, int x, int y, double **values)
{
    int64_t start[AZ_FIELD_DIMS], count[AZ_FIELD_DIMS], n = 1;
    for (int i = 0; i < p->n_sides; i++) {
        start[i] = p->sides[i].first;
        count[i] = i == x || i == y ? p->sides[i].count : 1;
        n *= count[i];
    }
    if (n > MAX_CELLS)
        return az_error(AZ_ERROR_DATA, "%s has %lld cells to draw, more than a picture can show; --select takes a part",
                        az_dataset_field_name(p->dataset, p->field), (long long)n);
    double *block = NULL, *turned = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(block, n));
    AZ_GOTO(az_dataset_read(p->dataset, p->field, start, count, block));
    if (y > x && x >= 0 && y >= 0) {
        AZ_GOTO(AZ_NEW_ARRAY(turned, n));
        int64_t n_x = count[x], n_y = count[y];
        for (int64_t i = 0; i < n_x; i++)
            for (int64_t j = 0; j < n_y; j++) turned[j * n_x + i] = block[i * n_y + j];
        az_free(block);
        block = turned;
        turned = NULL;
    }
    *values = block;
    block = NULL;
done:
    az_free(block);
    az_free(turned);
    return status;
}

/* The coordinates of a side, or its numbers from 0. */
static az_status read_places(const picture *p, const side *at, double **places)
{
    double *x;
    AZ_TRY(AZ_NEW_ARRAY(x, at->count));
    az_status status = AZ_OK;
    if (at->coordinate >= 0)
        status = az_dataset_read(p->dataset, at->coordinate, &at->first, &at->count, x);
    else
        for (int64_t i = 0; i < at->count; i++) x[i] = (double)(at->first + i);
    if (status)
        az_free(x);
    else
        *places = x;
    return status;
}

static az_axis axis_of(const picture *p, const side *at)
{
    az_axis axis = {.name = az_dataset_dimension_name(p->dataset, at->dimension)};
    if (at->coordinate < 0) return axis;
    const az_field *about = &p->dataset->fields[at->coordinate];
    axis.unit = about->unit;
    if (about->is_time) {
        axis.kind = AZ_AXIS_TIME;
        axis.time = about->time;
    } else if (az_field_is_longitude(p->dataset, at->coordinate)) {
        axis.kind = AZ_AXIS_LONGITUDE;
    } else if (az_field_is_latitude(p->dataset, at->coordinate)) {
        axis.kind = AZ_AXIS_LATITUDE;
    }
    const char *positive = text_attribute(p->dataset, at->coordinate, "positive");
    axis.reversed = at->role == UPWARD && (strcmp(positive, "down") == 0 || (!*positive && is_pressure(about->unit)));
    return axis;
}

/* ---- the kinds of pictures ---- */

static az_status draw_line(picture *p, int at)
{
    const az_field *about = &p->dataset->fields[p->field];
    const side *along = &p->sides[at];
    az_line line = {.n = along->count, .x_axis = axis_of(p, along), .upright = along->role == UPWARD};
    double *x = NULL, *values = NULL;
    az_status status;
    AZ_GOTO(name_picture(p, at, at));
    AZ_GOTO(read_places(p, along, &x));
    AZ_GOTO(read_block(p, at, -1, &values));
    line.x = x;
    line.values = values;
    line.title = p->title.data;
    line.subtitle = p->subtitle.data;
    line.y_axis = (az_axis){.name = az_dataset_field_name(p->dataset, p->field), .unit = about->unit};
    if (about->is_time) line.y_axis = (az_axis){.kind = AZ_AXIS_TIME, .time = about->time};
    status = az_line_draw(&line, p->gnuplot, p->format, p->bytes, p->control);
done:
    az_free(x);
    az_free(values);
    return status;
}

/* Latitude or longitude on both sides x and y: the variable, or -1. */
static int32_t find_curvilinear(const picture *p, int x, int y, bool (*is_it)(const az_dataset *dataset, int32_t field))
{
    for (int32_t v = 0; v < p->dataset->layout.n_variables; v++) {
        if (az_dataset_field_n_dimensions(p->dataset, v) != 2 || !is_it(p->dataset, v)) continue;
        if (p->dataset->layout.variables[v].type > AZ_STORED_F64 || p->dataset->fields[v].is_bounds) continue;
        if (az_dataset_field_dimension(p->dataset, v, 0) == p->sides[y].dimension &&
            az_dataset_field_dimension(p->dataset, v, 1) == p->sides[x].dimension)
            return v;
    }
    return -1;
}

static az_status read_curvilinear(const picture *p, int x, int y, int32_t variable, double **values)
{
    const side *row = &p->sides[y], *column = &p->sides[x];
    int64_t start[2] = {row->first, column->first}, count[2] = {row->count, column->count};
    AZ_TRY(AZ_NEW_ARRAY(*values, row->count * column->count));
    return az_dataset_read(p->dataset, variable, start, count, *values);
}

/* Sides without coordinates of their own may have two-dimensional ones. */
static az_status place_cells(const picture *p, int x, int y, az_map *map, double **x_places, double **y_places)
{
    const side *row = &p->sides[y], *column = &p->sides[x];
    int32_t latitude = -1, longitude = -1;
    if (row->coordinate < 0 && column->coordinate < 0 && y < x) {
        latitude = find_curvilinear(p, x, y, az_field_is_latitude);
        longitude = find_curvilinear(p, x, y, az_field_is_longitude);
    }
    if (latitude >= 0 && longitude >= 0) {
        map->curvilinear = true;
        map->x_axis = (az_axis){.kind = AZ_AXIS_LONGITUDE};
        map->y_axis = (az_axis){.kind = AZ_AXIS_LATITUDE};
        AZ_TRY(read_curvilinear(p, x, y, longitude, x_places));
        AZ_TRY(read_curvilinear(p, x, y, latitude, y_places));
        az_note(p->control, "cells are drawn around %s and %s, their corners midway between",
                az_dataset_field_name(p->dataset, longitude), az_dataset_field_name(p->dataset, latitude));
    } else {
        map->x_axis = axis_of(p, column);
        map->y_axis = axis_of(p, row);
        if (p->dataset->plain_array) map->y_axis.reversed = true;
        AZ_TRY(read_places(p, column, x_places));
        AZ_TRY(read_places(p, row, y_places));
    }
    map->x = *x_places;
    map->y = *y_places;
    return AZ_OK;
}

static void tell_colours(const picture *p, const az_colours *colours)
{
    if (colours->n_below + colours->n_above == 0) return;
    az_text line = {0};
    az_text_append(&line, "colours go from ");
    az_text_rounded(&line, colours->lower, 4);
    az_text_append(&line, " to ");
    az_text_rounded(&line, colours->upper, 4);
    az_text_printf(&line, ", the middle 99.8 %% of the values; %lld beyond are drawn in the end's colour",
                   (long long)(colours->n_below + colours->n_above));
    if (!az_text_status(&line)) az_note(p->control, "%s", line.data);
    az_text_free(&line);
}

static az_status draw_plane(picture *p, int x, int y)
{
    const az_field *about = &p->dataset->fields[p->field];
    az_map map = {.n_x = p->sides[x].count, .n_y = p->sides[y].count, .unit = about->unit};
    double *x_places = NULL, *y_places = NULL, *values = NULL;
    az_status status;
    AZ_GOTO(name_picture(p, x, y));
    AZ_GOTO(read_block(p, x, y, &values));
    AZ_GOTO(place_cells(p, x, y, &map, &x_places, &y_places));
    map.values = values;
    map.name = az_dataset_field_name(p->dataset, p->field);
    map.title = p->title.data;
    map.subtitle = p->subtitle.data;
    AZ_GOTO(az_colours_choose(&map.colours, values, map.n_x * map.n_y));
    tell_colours(p, &map.colours);
    status = az_map_draw(&map, p->gnuplot, p->format, p->bytes, p->control);
done:
    az_free(x_places);
    az_free(y_places);
    az_free(values);
    return status;
}

/* Images (n, height, width) of bytes, side by side, the first one top left. */
static az_status draw_images(picture *p)
{
    int64_t n = p->sides[0].count < MAX_IMAGES ? p->sides[0].count : MAX_IMAGES;
    int64_t height = p->sides[1].count, width = p->sides[2].count;
    int64_t across = n < IMAGES_ACROSS ? n : IMAGES_ACROSS, down = (n + across - 1) / across;
    int64_t gap = 1 + width / 14, n_x = across * (width + gap) - gap, n_y = down * (height + gap) - gap;
    int64_t start[3] = {p->sides[0].first, p->sides[1].first, p->sides[2].first}, count[3] = {n, height, width};
    double *images = NULL, *sheet = NULL, *places = NULL;
    az_status status;
    if (n_x * n_y > MAX_CELLS) return az_error(AZ_ERROR_DATA, "the images are too large for a picture");
    AZ_GOTO(AZ_NEW_ARRAY(images, n * height * width));
    AZ_GOTO(AZ_NEW_ARRAY(sheet, n_x * n_y));
    AZ_GOTO(AZ_NEW_ARRAY(places, n_x + n_y));
    AZ_GOTO(az_dataset_read(p->dataset, p->field, start, count, images));
    for (int64_t i = 0; i < n_x * n_y; i++) sheet[i] = NAN;
    for (int64_t k = 0; k < n; k++)
        for (int64_t j = 0; j < height; j++)
            memcpy(sheet + (k / across * (height + gap) + j) * n_x + k % across * (width + gap),
                   images + (k * height + j) * width, sizeof *images * (size_t)width);
    for (int64_t i = 0; i < n_x; i++) places[i] = (double)i;
    for (int64_t j = 0; j < n_y; j++) places[n_x + j] = (double)(n_y - 1 - j); /* the first row on top */
    az_text_printf(&p->title, "%s", az_dataset_field_name(p->dataset, p->field));
    az_text_printf(&p->subtitle, "%lld of %lld images of %lld x %lld, from number %lld on", (long long)n,
                   (long long)p->sides[0].count, (long long)height, (long long)width, (long long)p->sides[0].first);
    AZ_GOTO(az_text_status(&p->title));
    AZ_GOTO(az_text_status(&p->subtitle));
    az_map map = {.n_x = n_x,
                  .n_y = n_y,
                  .values = sheet,
                  .x = places,
                  .y = places + n_x,
                  .name = p->title.data,
                  .title = p->title.data,
                  .subtitle = p->subtitle.data,
                  .bare = true};
    map.colours = (az_colours){.palette = AZ_PALETTE_GREY, .lower = 0, .upper = 255};
    status = az_map_draw(&map, p->gnuplot, p->format, p->bytes, p->control);
done:
    az_free(images);
    az_free(sheet);
    az_free(places);
    return status;
}

static int find_role(const picture *p, role wanted)
{
    for (int i = 0; i < p->n_sides; i++)
        if (p->sides[i].role == wanted && p->sides[i].count > 1) return i;
    return -1;
}

/* The two sides of a plane: east and north where there are both; else the last two with more than one place, of which
 * east, or failing that time, goes across. */
static void choose_plane(const picture *p, int *x, int *y)
{
    *x = find_role(p, EASTWARD);
    *y = find_role(p, NORTHWARD);
    if (*x >= 0 && *y >= 0) return;
    int east = *x;
    *x = *y = -1;
    for (int i = p->n_sides - 1; i >= 0; i--) {
        if (p->sides[i].count < 2) continue;
        if (*x < 0) {
            *x = i;
        } else if (*y < 0) {
            *y = i;
        }
    }
    if (*y < 0) return;
    bool turn = *y == east || (*x != east && p->sides[*y].role == TIMEWARD) || p->sides[*x].role == UPWARD;
    if (turn) {
        int swap = *x;
        *x = *y;
        *y = swap;
    }
}

az_status az_field_draw(const az_dataset *dataset, int64_t field, const int64_t *first, const int64_t *count,
                        const char *gnuplot, az_plot_format format, az_text *bytes, const az_control *control)
{
    picture p = {
        .dataset = dataset, .field = field, .gnuplot = gnuplot, .format = format, .bytes = bytes, .control = control};
    az_storage type = dataset->layout.variables[field].type;
    const char *name = az_dataset_field_name(dataset, field);
    if (type > AZ_STORED_F64)
        return az_error(AZ_ERROR_DATA, "%s holds no numbers (%s): it cannot be drawn", name,
                        az_dataset_field_type(dataset, field));
    find_sides(&p, first, count);
    int x, y;
    choose_plane(&p, &x, &y);
    az_status status;
    if (x < 0)
        status = az_error(AZ_ERROR_DATA, "%s is one value there: nothing to draw", name);
    else if (dataset->plain_array && type == AZ_STORED_U8 && p.n_sides == 3 && x == 2 && y == 1)
        status = draw_images(&p);
    else
        status = y < 0 ? draw_line(&p, x) : draw_plane(&p, x, y);
    az_text_free(&p.title);
    az_text_free(&p.subtitle);
    return status;
}
