/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers on a plane as a picture: maps, sections, matrices; and numbers along a line. */
#ifndef AZ_REPORT_MAP_H
#define AZ_REPORT_MAP_H

#include "data/time.h"
#include "report/plot.h"

typedef enum az_axis_kind { AZ_AXIS_NUMBER, AZ_AXIS_LONGITUDE, AZ_AXIS_LATITUDE, AZ_AXIS_TIME } az_axis_kind;

typedef struct az_axis {
    az_axis_kind kind;
    const char *name, *unit; /* number: the axis label; unit may be NULL */
    az_time_unit time;       /* if kind is time */
    bool reversed;           /* greater numbers are further down (depth, pressure, rows of a matrix) */
} az_axis;

/* Range, tics and label of an axis by its kind: 30°N, 120°W; dates of the calendar; else round numbers. */
void az_plot_axis_of(az_text *script, char place, const az_axis *axis, double lower, double upper);

typedef enum az_palette { AZ_PALETTE_VIRIDIS, AZ_PALETTE_DIVERGING, AZ_PALETTE_GREY } az_palette;

/* "30°N", "120°W" */
void az_degree_text(az_text *text, double degrees, bool is_longitude);

/* From which number to which the colours go, and which colours.  The rule: from the least to the greatest value, or
 * from the 0.1 % to the 99.9 % quantile where that is less than two thirds as wide.  If both signs occur, and the
 * smaller side is at least a quarter of the larger one, the colours diverge from a light 0, equally far to both sides;
 * else they are those of viridis. */
typedef struct az_colours {
    az_palette palette;
    double lower, upper;
    int64_t n_below, n_above; /* values beyond the ends, drawn in the end's colour */
} az_colours;
az_status az_colours_choose(az_colours *colours, const double *values, int64_t n);

/* A field on a plane. */
typedef struct az_map {
    int64_t n_x, n_y;
    const double *values; /* (n_y, n_x); NaN: left blank */
    const double *x, *y;  /* n_x and n_y centres of cells; if curvilinear (n_y, n_x) each */
    bool curvilinear;
    az_axis x_axis, y_axis;
    const char *name, *unit;      /* of the values: the label of the colours */
    const char *title, *subtitle; /* may be NULL */
    az_colours colours;
    bool bare; /* pictures: no axes and no scale of colours */
} az_map;

/* Draws it into a file of that format with the gnuplot at `path`.  AZ_ERROR_DATA: coordinates that are not monotonic.
 */
az_status az_map_draw(const az_map *map, const char *gnuplot, az_plot_format format, az_text *bytes,
                      const az_control *control);

/* A field along a line: n values over x, with gaps where they are NaN. */
typedef struct az_line {
    int64_t n;
    const double *x, *values;
    az_axis x_axis, y_axis;
    bool upright; /* x upwards, values to the right: profiles of depth */
    const char *title, *subtitle;
} az_line;
az_status az_line_draw(const az_line *line, const char *gnuplot, az_plot_format format, az_text *bytes,
                       const az_control *control);

#endif
