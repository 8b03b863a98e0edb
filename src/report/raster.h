/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells of a grid painted on pixels.  A picture of a million cells stays small and its cells stay sharp, whatever the
 * viewer does with single pixels. */
#ifndef AZ_REPORT_RASTER_H
#define AZ_REPORT_RASTER_H

#include "base/status.h"

typedef struct az_raster {
    int width, height;
    double left, right, bottom, top; /* the edges of the picture in the units of the axes; right < left: reversed */
    float *pixels;                   /* (height, width), the lowest row first; NaN: nothing there */
} az_raster;

/* Cell edges of n centres: halfway between neighbours, the outer ones as far out as the next inner one.  edges has
 * n + 1 places.  False where the centres are neither rising nor falling. */
bool az_cell_edges(const double *centres, int64_t n, double *edges);

/* Paints cells between edges of both axes; values is (n_y, n_x).  The raster's size and range are set by the caller. */
az_status az_raster_grid(az_raster *raster, const double *x_edges, int64_t n_x, const double *y_edges, int64_t n_y,
                         const double *values);

/* Paints the quadrilateral cells around centres x, y, each (n_y, n_x).  The corners lie midway between four centres.
 * period: of x (360 for longitudes), or 0; cells across its ends are painted on both sides. */
az_status az_raster_cells(az_raster *raster, const double *x, const double *y, int64_t n_x, int64_t n_y, double period,
                          const double *values);

#endif
