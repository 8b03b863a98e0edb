/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/map.h"

#include "base/memory.h"
#include "report/page.h"
#include "report/raster.h"

#include <math.h>
#include <string.h>

/* The picture in units of 1/40 cm, and the frame of the map in it. */
enum { WIDTH = 640, LEFT = 60, RIGHT = 108, TOP = 56, BOTTOM = 40, AXIS_LABEL = 28 };
enum { MAX_TITLE = 66, MAX_SUBTITLE = 80 };
/* Pixels across the map.  Cells get a whole number of them each, so that all look alike. */
enum { PIXELS = 1200, MAX_PIXELS = 2400 };

typedef struct frame {
    int width, height; /* of the picture */
    int left, right, top, bottom;
} frame;

/* Viridis: S. van der Walt and N. Smith (2015), the default of Matplotlib since 2.0; every ninth of the scale.
 * Diverging: RdBu with eleven classes of C. Brewer, colorbrewer2.org, blue below. */
static const char *const palettes[] = {
    [AZ_PALETTE_VIRIDIS] = "0 '#440154', 1 '#482878', 2 '#3E4A89', 3 '#31688E', 4 '#26828E', 5 '#1F9E89', "
                           "6 '#35B779', 7 '#6DCD59', 8 '#B4DE2C', 9 '#FDE725'",
    [AZ_PALETTE_DIVERGING] = "0 '#053061', 1 '#2166AC', 2 '#4393C3', 3 '#92C5DE', 4 '#D1E5F0', 5 '#F7F7F7', "
                             "6 '#FDDBC7', 7 '#F4A582', 8 '#D6604D', 9 '#B2182B', 10 '#67001F'",
    [AZ_PALETTE_GREY] = "0 '#000000', 1 '#FFFFFF'",
};

static bool is_degrees(const az_axis *axis)
{
    return axis->kind == AZ_AXIS_LATITUDE || axis->kind == AZ_AXIS_LONGITUDE;
}

/* A degree of latitude is as long as one of longitude, and equal units are equally long, unless the map would be
 * narrower than a third of its other side. */
static double aspect_of(const az_map *map, const az_raster *raster)
{
    double across = fabs(raster->right - raster->left), up = fabs(raster->top - raster->bottom), aspect = up / across;
    bool same_kind = is_degrees(&map->x_axis) && is_degrees(&map->y_axis);
    bool same_unit = map->x_axis.kind == AZ_AXIS_NUMBER && map->y_axis.kind == AZ_AXIS_NUMBER && map->x_axis.unit &&
                     map->y_axis.unit && strcmp(map->x_axis.unit, map->y_axis.unit) == 0;
    if (!map->bare && !same_kind && !same_unit) return 0.6;
    if (map->bare) return aspect;
    return aspect < 1.0 / 3 ? 1.0 / 3 : aspect > 1.25 ? 1.25 : aspect;
}

static frame frame_of(const az_map *map, double aspect)
{
    frame f = {WIDTH, 0, LEFT, RIGHT, TOP, BOTTOM};
    if (map->y_axis.kind == AZ_AXIS_NUMBER) f.left += AXIS_LABEL;
    if (map->x_axis.kind == AZ_AXIS_NUMBER) f.bottom += AXIS_LABEL;
    if (map->bare) f.left = f.right = f.bottom = 12;
    if (!map->subtitle || !*map->subtitle) f.top -= 16;
    f.height = (int)lround((f.width - f.left - f.right) * aspect) + f.top + f.bottom;
    return f;
}

static void place_frame(az_text *script, const frame *f)
{
    static const char *const names[] = {"lmargin", "rmargin", "tmargin", "bmargin"};
    double places[] = {(double)f->left / f->width, 1 - (double)f->right / f->width, 1 - (double)f->top / f->height,
                       (double)f->bottom / f->height};
    for (int i = 0; i < 4; i++) {
        az_text_printf(script, "set %s at screen ", names[i]);
        az_text_rounded(script, places[i], 6);
        az_text_append(script, "\n");
    }
}

/* Units of a letter: points of 4/3 units where the format counts so. */
static void write_font(az_text *script, az_plot_format format, int size)
{
    az_text_append(script, " font ',");
    az_text_rounded(script, format == AZ_PLOT_SVG ? size : 0.75 * size, 3);
    az_text_append(script, "'");
}

static void write_heading(az_text *script, const frame *f, az_plot_format format, const char *title,
                          const char *subtitle)
{
    const char *lines[] = {title, subtitle};
    for (int i = 0; i < 2; i++) {
        if (!lines[i] || !*lines[i]) continue;
        az_text line = {0};
        az_plot_shorten(&line, lines[i], i ? MAX_SUBTITLE : MAX_TITLE);
        az_text_printf(script, "set label %d ", i + 1);
        az_plot_quote(script, line.data ? line.data : "", false);
        az_text_append(script, " at screen ");
        az_text_rounded(script, (double)f->left / f->width, 6);
        az_text_append(script, ", ");
        az_text_rounded(script, 1 - (i ? 40.0 : 20.0) / f->height, 6);
        az_text_append(script, " left");
        write_font(script, format, i ? 12 : 15);
        az_text_append(script, i ? " tc rgb '#5b6570'\n" : " tc rgb '#1d2329'\n");
        script->failed |= line.failed;
        az_text_free(&line);
    }
}

static void write_colours(az_text *script, const frame *f, const az_map *map)
{
    const az_colours *colours = &map->colours;
    az_text_printf(script, "set palette defined (%s)\n", palettes[colours->palette]);
    az_text_append(script, "set palette maxcolors 64\n");
    if (map->bare) {
        az_plot_range(script, 'c', colours->lower, colours->upper);
        az_text_append(script, "unset colorbox\nunset border\nunset grid\n");
        return;
    }
    az_plot_axis(script, 'c', colours->lower, colours->upper, map->name, map->unit);
    az_text_append(script, "unset grid\nset cblabel ''\nset border 15 lc rgb '#555555'\n"
                           "set cbtics scale 0.5 offset -0.5\nset colorbox user origin ");
    az_text_rounded(script, 1 - (f->right - 14.0) / f->width, 6);
    az_text_append(script, ", ");
    az_text_rounded(script, (double)f->bottom / f->height, 6);
    az_text_append(script, " size ");
    az_text_rounded(script, 16.0 / f->width, 6);
    az_text_append(script, ", ");
    az_text_rounded(script, 1 - (double)(f->bottom + f->top) / f->height, 6);
    az_text_append(script, "\n");
    /* gnuplot puts the label where wide numbers run into it. */
    az_text label = {0};
    az_plot_axis_title(&label, 'c', colours->lower, colours->upper, map->name, map->unit);
    az_text_append(script, "set label 3 ");
    az_plot_quote(script, label.data ? label.data : "", false);
    az_text_append(script, " at screen ");
    az_text_rounded(script, 1 - 16.0 / f->width, 6);
    az_text_append(script, ", ");
    az_text_rounded(script, 0.5 + 0.5 * (f->bottom - f->top) / f->height, 6);
    az_text_append(script, " center rotate tc rgb '#333333'\n");
    script->failed |= label.failed;
    az_text_free(&label);
    /* What is masked is grey: white is a value of the diverging colours. */
    az_text_append(script, "set object 1 rectangle from graph 0, graph 0 to graph 1, graph 1 behind fc rgb '#d4d4d4' "
                           "fs solid noborder\n");
}

static void write_image(az_text *script, const az_raster *raster, const az_map *map)
{
    double dx = (raster->right - raster->left) / raster->width, dy = (raster->top - raster->bottom) / raster->height;
    az_plot_axis_of(script, 'x', &map->x_axis, raster->left, raster->right);
    az_plot_axis_of(script, 'y', &map->y_axis, raster->bottom, raster->top);
    /* The tics of the axes would hide values. */
    az_text_append(script, map->bare ? "unset tics\nunset xlabel\nunset ylabel\n" : "set tics out scale 0.5\n");
    az_text_printf(script, "plot '-' binary array=(%d,%d) format='%%float' origin=(", raster->width, raster->height);
    az_text_number(script, raster->left + 0.5 * dx);
    az_text_append(script, ", ");
    az_text_number(script, raster->bottom + 0.5 * dy);
    az_text_append(script, ") dx=");
    az_text_number(script, dx);
    az_text_append(script, " dy=");
    az_text_number(script, dy);
    az_text_append(script, " with image\n");
    az_text_append_n(script, (const char *)raster->pixels,
                     sizeof(float) * (size_t)raster->width * (size_t)raster->height);
    az_text_append(script, "\n");
}

static int pixels_for(int64_t n_cells, double wanted)
{
    double each = ceil(wanted / (double)n_cells), n = each * (double)n_cells;
    return n > MAX_PIXELS ? MAX_PIXELS : n < 1 ? 1 : (int)n;
}

static void widen_to(double value, double *lower, double *upper)
{
    if (!isfinite(value)) return;
    *lower = fmin(*lower, value);
    *upper = fmax(*upper, value);
}

static az_status paint_cells(const az_map *map, az_raster *raster)
{
    int64_t n = map->n_x * map->n_y;
    double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        widen_to(map->x[i], &left, &right);
        widen_to(map->y[i], &bottom, &top);
    }
    if (!(left < right && bottom < top))
        return az_error(AZ_ERROR_DATA, "%s cannot be drawn: its coordinates are all missing, or all the same",
                        map->name);
    /* Half a cell more on all sides, seen from a grid of about as many cells. */
    double margin_x = 0.5 * (right - left) / (double)map->n_x, margin_y = 0.5 * (top - bottom) / (double)map->n_y;
    *raster = (az_raster){
        .left = left - margin_x, .right = right + margin_x, .bottom = bottom - margin_y, .top = top + margin_y};
    double period = map->x_axis.kind == AZ_AXIS_LONGITUDE ? 360 : 0;
    if (period > 0 && right - left > 350) { /* all round */
        raster->left = left;
        raster->right = left + 360;
    }
    if (map->y_axis.kind == AZ_AXIS_LATITUDE) {
        raster->bottom = fmax(raster->bottom, -90);
        raster->top = fmin(raster->top, 90);
    }
    double aspect = aspect_of(map, raster);
    raster->width = PIXELS;
    raster->height = (int)lround(PIXELS * aspect);
    return az_raster_cells(raster, map->x, map->y, map->n_x, map->n_y, period, map->values);
}

static az_status paint_grid(const az_map *map, az_raster *raster)
{
    double *x_edges = NULL, *y_edges = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(x_edges, map->n_x + 1));
    AZ_GOTO(AZ_NEW_ARRAY(y_edges, map->n_y + 1));
    if (!az_cell_edges(map->x, map->n_x, x_edges) || !az_cell_edges(map->y, map->n_y, y_edges))
        AZ_GOTO(
            az_error(AZ_ERROR_DATA, "%s cannot be drawn: a coordinate neither rises nor falls all along", map->name));
    for (int64_t j = 0; map->y_axis.kind == AZ_AXIS_LATITUDE && j <= map->n_y; j++)
        y_edges[j] = fmax(-90, fmin(90, y_edges[j]));
    *raster = (az_raster){.left = fmin(x_edges[0], x_edges[map->n_x]),
                          .right = fmax(x_edges[0], x_edges[map->n_x]),
                          .bottom = fmin(y_edges[0], y_edges[map->n_y]),
                          .top = fmax(y_edges[0], y_edges[map->n_y])};
    double aspect = aspect_of(map, raster);
    raster->width = pixels_for(map->n_x, PIXELS);
    raster->height = pixels_for(map->n_y, PIXELS * aspect);
    status = az_raster_grid(raster, x_edges, map->n_x, y_edges, map->n_y, map->values);
done:
    az_free(x_edges);
    az_free(y_edges);
    return status;
}

az_status az_map_draw(const az_map *map, const char *gnuplot, az_plot_format format, az_text *bytes,
                      const az_control *control)
{
    az_text script = {0};
    az_raster raster = {0};
    az_status status;
    AZ_GOTO(map->curvilinear ? paint_cells(map, &raster) : paint_grid(map, &raster));
    frame f = frame_of(map, aspect_of(map, &raster));
    az_plot_begin_file(&script, format, f.width, f.height);
    place_frame(&script, &f);
    write_heading(&script, &f, format, map->title, map->subtitle);
    write_colours(&script, &f, map);
    write_image(&script, &raster, map);
    status = az_plot_run_file(gnuplot, &script, format, bytes, control);
done:
    az_free(raster.pixels);
    az_text_free(&script);
    return status;
}

/* ---- lines ---- */

az_status az_line_draw(const az_line *line, const char *gnuplot, az_plot_format format, az_text *bytes,
                       const az_control *control)
{
    double x[2] = {INFINITY, -INFINITY}, y[2] = {INFINITY, -INFINITY};
    for (int64_t i = 0; i < line->n; i++) {
        widen_to(line->x[i], &x[0], &x[1]);
        widen_to(line->values[i], &y[0], &y[1]);
    }
    if (x[0] == x[1]) az_plot_widen(&x[0], &x[1]);
    az_plot_widen(&y[0], &y[1]);
    frame f = {WIDTH, line->upright ? 560 : 360, LEFT + AXIS_LABEL, 24, TOP, BOTTOM};
    if (line->upright || line->x_axis.kind == AZ_AXIS_NUMBER) f.bottom += AXIS_LABEL;
    if (!line->subtitle || !*line->subtitle) f.top -= 16;
    az_text script = {0};
    az_plot_begin_file(&script, format, f.width, f.height);
    place_frame(&script, &f);
    write_heading(&script, &f, format, line->title, line->subtitle);
    az_plot_axis_of(&script, line->upright ? 'y' : 'x', &line->x_axis, x[0], x[1]);
    az_plot_axis_of(&script, line->upright ? 'x' : 'y', &line->y_axis, y[0], y[1]);
    az_text_append(&script, "$line << END\n");
    for (int64_t i = 0; i < line->n; i++) { /* an empty line breaks the curve */
        if (isfinite(line->x[i]) && isfinite(line->values[i])) {
            az_text_number(&script, line->upright ? line->values[i] : line->x[i]);
            az_text_append(&script, " ");
            az_text_number(&script, line->upright ? line->x[i] : line->values[i]);
        }
        az_text_append(&script, "\n");
    }
    az_text_append(&script, "END\n");
    if (y[0] < 0 && y[1] > 0) {
        az_text_append(&script, line->upright ? "set arrow from 0, graph 0 to 0, graph 1"
                                              : "set arrow from graph 0, first 0 to graph 1, first 0");
        az_text_append(&script, " nohead lc rgb '#555555' dt 2\n");
    }
    az_text_append(&script, line->n > 100 ? "plot $line with lines lw 1.2 lc rgb '" AZ_PLOT_BLUE "'\n"
                                          : "plot $line with linespoints pt 7 ps 0.4 lw 1.2 lc rgb '" AZ_PLOT_BLUE
                                            "'\n");
    az_status status = az_plot_run_file(gnuplot, &script, format, bytes, control);
    az_text_free(&script);
    return status;
}
