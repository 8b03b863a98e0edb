/* SPDX-License-Identifier: BSD-3-Clause */
/* Maps: which cell a pixel belongs to, on grids of every kind; which colours; what the file holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/map.h"
#include "report/raster.h"
#include <math.h>
#include <string.h>

static void edges_lie_halfway(void **state)
{
    (void)state;
    double edges[4];
    assert_true(az_cell_edges((const double[]){0, 1, 3}, 3, edges));
    static const double expected[] = {-0.5, 0.5, 2, 4};
    for (int i = 0; i < 4; i++) assert_true(edges[i] == expected[i]);
    assert_true(az_cell_edges((const double[]){88, 86, 84}, 3, edges));
    assert_true(edges[0] == 89 && edges[3] == 83);
    assert_true(az_cell_edges((const double[]){5}, 1, edges));
    assert_true(edges[0] == 4.5 && edges[1] == 5.5);
    assert_false(az_cell_edges((const double[]){0, 1, 1}, 3, edges));
    assert_false(az_cell_edges((const double[]){0, 2, 1}, 3, edges));
    assert_false(az_cell_edges((const double[]){0, NAN, 1}, 3, edges));
}

/* Two by two cells of unequal size; the first row of the values is the northern one. */
static void pixels_take_the_cell_that_they_lie_in(void **state)
{
    (void)state;
    static const double x[] = {0, 3, 4}, y[] = {10, 4, 0}, values[] = {1, 2, 3, NAN};
    static const float expected[5][4] = {/* the lowest row first */
                                         {3, 3, 3, NAN}, {3, 3, 3, NAN}, {1, 1, 1, 2}, {1, 1, 1, 2}, {1, 1, 1, 2}};
    az_raster raster = {.width = 4, .height = 5, .left = 0, .right = 4, .bottom = 0, .top = 10};
    assert_int_equal(az_raster_grid(&raster, x, 2, y, 2, values), AZ_OK);
    for (int j = 0; j < 5; j++)
        for (int i = 0; i < 4; i++) {
            float pixel = raster.pixels[j * 4 + i];
            assert_true(pixel == expected[j][i] || (isnan(pixel) && isnan(expected[j][i])));
        }
    az_free(raster.pixels);
}

/* A curvilinear grid that is a regular one paints the same pixels. */
static void cells_of_a_regular_grid_are_its_rectangles(void **state)
{
    (void)state;
    enum { N_X = 7, N_Y = 5 };
    double x[N_X], y[N_Y], x2[N_Y * N_X], y2[N_Y * N_X], values[N_Y * N_X], x_edges[N_X + 1], y_edges[N_Y + 1];
    for (int i = 0; i < N_X; i++) x[i] = 10 + 3 * i;
    for (int j = 0; j < N_Y; j++) y[j] = 50 - 2 * j;
    for (int j = 0; j < N_Y; j++)
        for (int i = 0; i < N_X; i++) {
            x2[j * N_X + i] = x[i];
            y2[j * N_X + i] = y[j];
            values[j * N_X + i] = 100 * j + i;
        }
    assert_true(az_cell_edges(x, N_X, x_edges) && az_cell_edges(y, N_Y, y_edges));
    az_raster a = {.width = 70, .height = 51, .left = 8.5, .right = 29.5, .bottom = 41, .top = 51}, b = a;
    assert_int_equal(az_raster_grid(&a, x_edges, N_X, y_edges, N_Y, values), AZ_OK);
    assert_int_equal(az_raster_cells(&b, x2, y2, N_X, N_Y, 0, values), AZ_OK);
    int n_different = 0;
    for (int i = 0; i < a.width * a.height; i++) n_different += a.pixels[i] != b.pixels[i];
    assert_int_equal(n_different, 0);
    az_free(a.pixels);
    az_free(b.pixels);
}

/* Round the earth: every pixel is painted, by the cell next to it, also those at both ends of the range. */
static void cells_close_round_the_earth(void **state)
{
    (void)state;
    enum { N_X = 36, N_Y = 4 };
    double x[N_Y * N_X], y[N_Y * N_X], values[N_Y * N_X];
    for (int j = 0; j < N_Y; j++)
        for (int i = 0; i < N_X; i++) {
            double longitude = 75 + 10 * i; /* as ocean models have it: from the middle of a sea, all round */
            x[j * N_X + i] = longitude > 180 ? longitude - 360 : longitude;
            y[j * N_X + i] = 5 + 10 * j;
            values[j * N_X + i] = x[j * N_X + i];
        }
    az_raster raster = {.width = 360, .height = 40, .left = -180, .right = 180, .bottom = 0, .top = 40};
    assert_int_equal(az_raster_cells(&raster, x, y, N_X, N_Y, 360, values), AZ_OK);
    for (int i = 0; i < 360; i++) {
        double longitude = -179.5 + i, value = raster.pixels[20 * 360 + i];
        assert_true(fabs(value - longitude) <= 5);
    }
    az_free(raster.pixels);
}

static void colours_follow_their_rule(void **state)
{
    (void)state;
    az_colours colours;
    static const double anomalies[] = {-1, 0.5, NAN, 4, 2}, temperatures[] = {-1.8, 5, 20, 31};
    assert_int_equal(az_colours_choose(&colours, anomalies, 5), AZ_OK);
    assert_int_equal(colours.palette, AZ_PALETTE_DIVERGING);
    assert_true(colours.lower == -4 && colours.upper == 4);
    assert_int_equal(az_colours_choose(&colours, temperatures, 4), AZ_OK);
    assert_int_equal(colours.palette, AZ_PALETTE_VIRIDIS);
    assert_true(colours.lower == -1.8 && colours.upper == 31 && colours.n_above == 0);

    /* One wild value among thousands does not take the colours from all others. */
    enum { N = 5000 };
    double *values;
    assert_int_equal(AZ_NEW_ARRAY(values, N), AZ_OK);
    for (int i = 0; i < N; i++) values[i] = 280 + i % 100;
    values[77] = 1e4;
    assert_int_equal(az_colours_choose(&colours, values, N), AZ_OK);
    assert_true(colours.upper < 400);
    assert_int_equal(colours.n_above, 1);
    az_free(values);
    static const double one[] = {3, NAN}, none[] = {NAN};
    assert_int_equal(az_colours_choose(&colours, one, 2), AZ_OK);
    assert_true(colours.lower < 3 && colours.upper > 3);
    assert_int_equal(az_colours_choose(&colours, none, 1), AZ_OK);
    assert_true(colours.lower < colours.upper);
}

static void formats_go_by_the_name(void **state)
{
    (void)state;
    assert_int_equal(az_plot_format_of("a/map.svg"), AZ_PLOT_SVG);
    assert_int_equal(az_plot_format_of("MAP.PNG"), AZ_PLOT_PNG);
    assert_int_equal(az_plot_format_of("x.pdf"), AZ_PLOT_PDF);
    assert_int_equal(az_plot_format_of("map.jpg"), AZ_PLOT_NONE);
    assert_int_equal(az_plot_format_of(".svg"), AZ_PLOT_NONE);
    assert_int_equal(az_plot_format_of("svg"), AZ_PLOT_NONE);
}

static void axes_have_degrees_and_dates(void **state)
{
    (void)state;
    az_text script = {0};
    az_axis axis = {.kind = AZ_AXIS_LONGITUDE};
    az_plot_axis_of(&script, 'x', &axis, -1, 359);
    assert_non_null(strstr(script.data, "'0\302\260' 0, '60\302\260E' 60"));
    assert_non_null(strstr(script.data, "'180\302\260' 180, '120\302\260W' 240"));
    script.length = 0;
    axis.kind = AZ_AXIS_LATITUDE;
    az_plot_axis_of(&script, 'y', &axis, -89, 89);
    assert_non_null(strstr(script.data, "'60\302\260S' -60"));
    assert_non_null(strstr(script.data, "'30\302\260N' 30"));
    script.length = 0;
    /* 30 days of each month: the first of March 2001 is day 360 + 60. */
    axis.kind = AZ_AXIS_TIME;
    assert_int_equal(az_time_unit_parse(&axis.time, "days since 2000-01-01", "360_day"), AZ_OK);
    az_plot_axis_of(&script, 'x', &axis, 350, 500);
    assert_non_null(strstr(script.data, "'2001-03' 420"));
    az_text_free(&script);
}

static void a_map_is_one_file(void **state)
{
    (void)state;
    char *gnuplot = NULL;
    assert_int_equal(az_plot_find(&gnuplot), AZ_OK);
    if (!gnuplot) skip();
    enum { N_X = 180, N_Y = 89 };
    double x[N_X], y[N_Y], *values;
    assert_int_equal(AZ_NEW_ARRAY(values, N_X * N_Y), AZ_OK);
    for (int i = 0; i < N_X; i++) x[i] = 2 * i;
    for (int j = 0; j < N_Y; j++) y[j] = 88 - 2 * j;
    for (int j = 0; j < N_Y; j++)
        for (int i = 0; i < N_X; i++)
            values[j * N_X + i] = i < 30 ? NAN : 25 * cos(y[j] * 0.0174) + 3 * sin(0.1 * x[i]);
    az_map map = {.n_x = N_X, .n_y = N_Y, .values = values, .x = x, .y = y, .name = "sst", .unit = "degC",
                  .x_axis = {.kind = AZ_AXIS_LONGITUDE}, .y_axis = {.kind = AZ_AXIS_LATITUDE},
                  .title = "' ; system 'touch c", .subtitle = "2015-12-01"};
    assert_int_equal(az_colours_choose(&map.colours, values, N_X * N_Y), AZ_OK);
    static const char *const begin[] = {[AZ_PLOT_SVG] = "<svg", [AZ_PLOT_PNG] = "\x89PNG", [AZ_PLOT_PDF] = "%PDF"};
    for (int format = AZ_PLOT_SVG; format <= AZ_PLOT_PDF; format++) {
        az_text bytes = {0};
        assert_int_equal(az_map_draw(&map, gnuplot, (az_plot_format)format, &bytes, NULL), AZ_OK);
        assert_true(bytes.length > 1000 && bytes.length < 500000);
        assert_memory_equal(bytes.data, begin[format], 4);
        if (format == AZ_PLOT_SVG) {
            assert_non_null(strstr(bytes.data, "data:image/png;base64,"));
            assert_non_null(strstr(bytes.data, "60\302\260N"));
            assert_non_null(strstr(bytes.data, "sst [degC]"));
            assert_non_null(strstr(bytes.data, "2015-12-01"));
            assert_null(strstr(bytes.data, "url("));
        }
        az_text_free(&bytes);
    }
    x[5] = x[4];
    az_text bytes = {0};
    assert_int_equal(az_map_draw(&map, gnuplot, AZ_PLOT_SVG, &bytes, NULL), AZ_ERROR_DATA);
    az_text_free(&bytes);
    az_free(values);
    az_free(gnuplot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_lie_halfway),
        cmocka_unit_test(pixels_take_the_cell_that_they_lie_in),
        cmocka_unit_test(cells_of_a_regular_grid_are_its_rectangles),
        cmocka_unit_test(cells_close_round_the_earth),
        cmocka_unit_test(colours_follow_their_rule),
        cmocka_unit_test(formats_go_by_the_name),
        cmocka_unit_test(axes_have_degrees_and_dates),
        cmocka_unit_test(a_map_is_one_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
