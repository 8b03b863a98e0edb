/* SPDX-License-Identifier: BSD-3-Clause */
/* A tree as a picture: the root on the left, every node a box with its rule, rows and value. */
#ifndef AZ_REPORT_TREE_PICTURE_H
#define AZ_REPORT_TREE_PICTURE_H

#include "explain/explain.h"
#include "report/plot.h"

/* The bytes of the file.  Below nodes that are cut stands a note. */
az_status az_tree_draw(const az_told_tree *told, int64_t number, const char *gnuplot, az_plot_format format,
                       az_text *bytes, const az_control *control);

#endif
