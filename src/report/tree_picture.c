/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/tree_picture.h"

#include "base/memory.h"
#include "report/page.h"

#include <stdio.h>

/* Units of the picture: a level's width, a leaf's height, a box. */
enum { LEVEL = 278, LEAF = 52, BOX_WIDTH = 234, BOX_HEIGHT = 40, MARGIN = 12, TITLE = 34, MOST_LETTERS = 29 };

/* Leaves follow each other from above; what has children stands between them.  y (n). */
static double place(const az_told_tree *told, int64_t at, double *y, double *next)
{
    const int64_t children = told->nodes[at].children;
    if (children < 0) {
        y[at] = *next + LEAF / 2.0;
        *next += LEAF;
    } else {
        double above = place(told, children, y, next);
        y[at] = (above + place(told, children + 1, y, next)) / 2;
    }
    return y[at];
}

static void put_label(az_text *script, const char *text, double x, double y, const char *where)
{
    az_text cut = {0};
    az_plot_shorten(&cut, text, MOST_LETTERS);
    az_text_append(script, "set label ");
    az_plot_quote(script, cut.data ? cut.data : "", false);
    az_text_printf(script, " at %.1f,%.1f %s front\n", x, y, where);
    script->failed |= cut.failed;
    az_text_free(&cut);
}

static void put_node(az_text *script, const az_told_tree *told, int64_t at, const double *y, double height)
{
    const az_told_node *node = &told->nodes[at];
    const double left = MARGIN + (double)node->level * LEVEL, middle = height - TITLE - y[at];
    const bool leaf = !*node->split;
    az_text line = {0};
    az_text_printf(script,
                   "set object rectangle from %.1f,%.1f to %.1f,%.1f fillcolor rgb '%s' fillstyle solid border rgb "
                   "'#555555'\n",
                   left, middle - BOX_HEIGHT / 2.0, left + BOX_WIDTH, middle + BOX_HEIGHT / 2.0,
                   leaf ? "#d9ecf7" : "#ffffff");
    az_text_printf(&line, "%.6g %s: %s", node->rows, node->rows == 1 ? "row" : "rows", node->value);
    if (leaf) {
        put_label(script, line.data ? line.data : "", left + BOX_WIDTH / 2.0, middle, "center");
    } else {
        put_label(script, node->split, left + BOX_WIDTH / 2.0, middle + 9, "center");
        put_label(script, line.data ? line.data : "", left + BOX_WIDTH / 2.0, middle - 9,
                  "center textcolor rgb '#5b6570'");
    }
    if (node->cut) put_label(script, "...", left + BOX_WIDTH + 5, middle, "left");
    for (int side = 0; side < 2 && node->children >= 0; side++) {
        const double to = height - TITLE - y[node->children + side];
        az_text_printf(script, "set arrow from %.1f,%.1f to %.1f,%.1f nohead lc rgb '#555555'\n", left + BOX_WIDTH,
                       middle, left + LEVEL, to);
        /* At the child's end, on the side from which no line comes. */
        put_label(script, side ? "no" : "yes", left + LEVEL - 4, to + (side ? -11 : 11),
                  "right textcolor rgb '#5b6570'");
    }
    script->failed |= line.failed;
    az_text_free(&line);
}

az_status az_tree_draw(const az_told_tree *told, int64_t number, const char *gnuplot, az_plot_format format,
                       az_text *bytes, const az_control *control)
{
    az_text script = {0}, title = {0};
    double *y, height = 0;
    int deepest = 0;
    AZ_TRY(AZ_NEW_ARRAY(y, told->n));
    place(told, 0, y, &height);
    height += TITLE;
    for (int64_t i = 0; i < told->n; i++)
        if (told->nodes[i].level > deepest) deepest = told->nodes[i].level;
    const int width = 2 * MARGIN + deepest * LEVEL + (deepest ? BOX_WIDTH + 14 : 2 * BOX_WIDTH);
    az_plot_begin_file(&script, format, width, (int)height);
    az_text_append(&script, "unset key\nunset border\nunset tics\nunset grid\n"
                            "set lmargin 0\nset rmargin 0\nset tmargin 0\nset bmargin 0\n");
    az_plot_range(&script, 'x', 0, width);
    az_plot_range(&script, 'y', 0, height);
    az_text_printf(&title, "Tree %lld of %lld: %s", (long long)number, (long long)told->n_trees, told->meaning);
    if (told->n < told->n_nodes) az_text_printf(&title, "; %d of %lld levels", deepest, (long long)told->n_levels);
    az_text_append(&script, "set label ");
    az_plot_quote(&script, title.data ? title.data : "", false);
    az_text_printf(&script, " at %d,%.1f left front\n", MARGIN, height - TITLE / 2.0);
    for (int64_t i = 0; i < told->n; i++) put_node(&script, told, i, y, height);
    az_text_append(&script, "plot NaN notitle\n");
    script.failed |= title.failed;
    az_status status = az_text_status(&script);
    if (!status) status = az_plot_run_file(gnuplot, &script, format, bytes, control);
    az_text_free(&script);
    az_text_free(&title);
    az_free(y);
    return status;
}
