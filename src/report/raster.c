/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/raster.h"

#include "base/memory.h"

#include <math.h>

bool az_cell_edges(const double *centres, int64_t n, double *edges)
{
    if (n == 1) {
        edges[0] = centres[0] - 0.5;
        edges[1] = centres[0] + 0.5;
        return isfinite(centres[0]);
    }
    double direction = centres[n - 1] - centres[0];
    for (int64_t i = 1; i < n; i++) {
        double step = centres[i] - centres[i - 1];
        if (!isfinite(step) || !(step * direction > 0)) return false;
        edges[i] = centres[i - 1] + 0.5 * step;
    }
    edges[0] = centres[0] - (edges[1] - centres[0]);
    edges[n] = centres[n - 1] + (centres[n - 1] - edges[n - 1]);
    return true;
}

static az_status clear(az_raster *raster)
{
    int64_t n = (int64_t)raster->width * raster->height;
    AZ_TRY(AZ_NEW_ARRAY(raster->pixels, n));
    for (int64_t i = 0; i < n; i++) raster->pixels[i] = NAN;
    return AZ_OK;
}

/* The cell under the middle of each of n_pixels pixels from first to last; -1: none. */
static void find_cells(const double *edges, int64_t n_cells, double first, double last, int n_pixels, int64_t *cell)
{
    for (int p = 0; p < n_pixels; p++) {
        double at = first + (last - first) * (p + 0.5) / n_pixels;
        bool rising = edges[n_cells] > edges[0];
        int64_t low = 0, high = n_cells;
        while (high - low > 1) {
            int64_t middle = low + (high - low) / 2;
            if ((edges[middle] <= at) == rising)
                low = middle;
            else
                high = middle;
        }
        cell[p] = (at - edges[low]) * (at - edges[low + 1]) <= 0 ? low : -1;
    }
}

az_status az_raster_grid(az_raster *raster, const double *x_edges, int64_t n_x, const double *y_edges, int64_t n_y,
                         const double *values)
{
    int64_t *column = NULL, *row = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(column, raster->width));
    AZ_GOTO(AZ_NEW_ARRAY(row, raster->height));
    AZ_GOTO(clear(raster));
    find_cells(x_edges, n_x, raster->left, raster->right, raster->width, column);
    find_cells(y_edges, n_y, raster->bottom, raster->top, raster->height, row);
    for (int j = 0; j < raster->height; j++)
        for (int i = 0; i < raster->width; i++)
            if (row[j] >= 0 && column[i] >= 0)
                raster->pixels[(int64_t)j * raster->width + i] = (float)values[row[j] * n_x + column[i]];
done:
    az_free(column);
    az_free(row);
    return status;
}

/* ---- cells of any shape ---- */

typedef struct point {
    double x, y;
} point;

typedef struct lattice {
    const double *x, *y; /* centres (n_y, n_x) */
    int64_t n_x, n_y;
    double period;
} lattice;

/* The centre (i, j) seen from longitude `near`; beyond the grid's edge it is continued in a straight line. */
static point centre(const lattice *grid, int64_t j, int64_t i, double near)
{
    int64_t j_in = j < 0            ? 0
                   : j >= grid->n_y ? grid->n_y - 1
                                    : j,
            i_in = i < 0            ? 0
                   : i >= grid->n_x ? grid->n_x - 1
                                    : i;
    point at = {grid->x[j_in * grid->n_x + i_in], grid->y[j_in * grid->n_x + i_in]};
    if (grid->period > 0) at.x += grid->period * round((near - at.x) / grid->period);
    if (j_in == j && i_in == i) return at;
    int64_t j_back = 2 * j_in - j, i_back = 2 * i_in - i;
    if (j_back < 0 || j_back >= grid->n_y) j_back = j_in;
    if (i_back < 0 || i_back >= grid->n_x) i_back = i_in;
    point back = centre(grid, j_back, i_back, near);
    return (point){2 * at.x - back.x, 2 * at.y - back.y};
}

static void corners_of(const lattice *grid, int64_t j, int64_t i, point corner[4])
{
    double near = grid->x[j * grid->n_x + i];
    static const int step[4][2] = {{-1, -1}, {-1, 1}, {1, 1}, {1, -1}};
    for (int k = 0; k < 4; k++) {
        int64_t dj = step[k][0], di = step[k][1];
        point a = centre(grid, j, i, near), b = centre(grid, j + dj, i, near);
        point c = centre(grid, j, i + di, near), d = centre(grid, j + dj, i + di, near);
        corner[k] = (point){(a.x + b.x + c.x + d.x) / 4, (a.y + b.y + c.y + d.y) / 4};
    }
}

/* By the rule of crossings: an even number of edges to the right of a point means that it lies outside. */
static bool is_inside(const point corner[4], double x, double y)
{
    bool inside = false;
    for (int a = 0, b = 3; a < 4; b = a++)
        if ((corner[a].y > y) != (corner[b].y > y) &&
            x < corner[a].x + (corner[b].x - corner[a].x) * (y - corner[a].y) / (corner[b].y - corner[a].y))
            inside = !inside;
    return inside;
}

static void paint(az_raster *raster, const point corner[4], double shift, float value)
{
    double dx = (raster->right - raster->left) / raster->width, dy = (raster->top - raster->bottom) / raster->height;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    point moved[4];
    for (int k = 0; k < 4; k++) {
        moved[k] = (point){(corner[k].x + shift - raster->left) / dx, (corner[k].y - raster->bottom) / dy};
        low[0] = fmin(low[0], moved[k].x);
        high[0] = fmax(high[0], moved[k].x);
        low[1] = fmin(low[1], moved[k].y);
        high[1] = fmax(high[1], moved[k].y);
    }
    if (!(high[0] > 0 && low[0] < raster->width && high[1] > 0 && low[1] < raster->height)) return;
    int i0 = (int)fmax(0, floor(low[0])), i1 = (int)fmin(raster->width - 1, floor(high[0]));
    int j0 = (int)fmax(0, floor(low[1])), j1 = (int)fmin(raster->height - 1, floor(high[1]));
    for (int j = j0; j <= j1; j++)
        for (int i = i0; i <= i1; i++)
            if (is_inside(moved, i + 0.5, j + 0.5)) raster->pixels[(int64_t)j * raster->width + i] = value;
}

az_status az_raster_cells(az_raster *raster, const double *x, const double *y, int64_t n_x, int64_t n_y, double period,
                          const double *values)
{
    lattice grid = {x, y, n_x, n_y, period};
    AZ_TRY(clear(raster));
    for (int64_t j = 0; j < n_y; j++)
        for (int64_t i = 0; i < n_x; i++) {
            double value = values[j * n_x + i];
            if (isnan(value) || isnan(x[j * n_x + i]) || isnan(y[j * n_x + i])) continue;
            point corner[4];
            corners_of(&grid, j, i, corner);
            for (int turn = -2; turn <= 2; turn++)
                if (turn == 0 || period > 0) paint(raster, corner, turn * period, (float)value);
        }
    return AZ_OK;
}
