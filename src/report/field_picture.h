/* SPDX-License-Identifier: BSD-3-Clause */
/* Which picture a field asks for: a map, a section, a line, or images; and drawing it. */
#ifndef AZ_REPORT_FIELD_PICTURE_H
#define AZ_REPORT_FIELD_PICTURE_H

#include "data/dataset.h"
#include "report/map.h"

/* first[d], count[d] of each dimension of the dataset: the part to draw.  What was chosen rather than asked for is
 * said through control.  AZ_ERROR_DATA: there is nothing to draw, or too much. */
az_status az_field_draw(const az_dataset *dataset, int64_t field, const int64_t *first, const int64_t *count,
                        const char *gnuplot, az_plot_format format, az_text *bytes, const az_control *control);

#endif
