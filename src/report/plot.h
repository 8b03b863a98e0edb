/* SPDX-License-Identifier: BSD-3-Clause */
/* Pictures: a gnuplot script goes in, a clean SVG for inlining comes out. */
#ifndef AZ_REPORT_PLOT_H
#define AZ_REPORT_PLOT_H

#include "base/control.h"
#include "base/text.h"
#include "data/time.h"

/* Every picture is drawn on this many units, small enough that its 14-unit letters can still be read on a phone. */
#define AZ_PLOT_WIDTH  480
#define AZ_PLOT_HEIGHT 360

/* Blue, vermilion and bluish green of Okabe and Ito (2008), told apart by colour-blind readers too. */
#define AZ_PLOT_BLUE  "#0072B2"
#define AZ_PLOT_RED   "#D55E00"
#define AZ_PLOT_GREEN "#009E73"

/* The absolute path of gnuplot in *path (az_free it), or NULL if there is none.  Only absolute folders of PATH are
 * searched: an empty entry would mean the current folder, where anybody may have put a program of that name. */
az_status az_plot_find(char **path);

/* Any text as a gnuplot constant: single quotes, in which gnuplot expands nothing.  An apostrophe becomes U+2019, so
 * that none is left to end the constant: gnuplot documents '' for one, but (5.4) takes the title of a line that begins
 * with it for an empty one and reads on behind it.  Control characters and what is not UTF-8 are replaced too.  With
 * `is_label`, % is doubled: gnuplot reads labels of tics as number formats. */
void az_plot_quote(az_text *script, const char *name, bool is_label);

/* The kinds of files that a picture can be. */
typedef enum az_plot_format { AZ_PLOT_NONE, AZ_PLOT_SVG, AZ_PLOT_PNG, AZ_PLOT_PDF } az_plot_format;
az_plot_format az_plot_format_of(const char *path); /* by the end of the name; AZ_PLOT_NONE: by none of these */

/* The lines that every script starts with: terminal, encoding, colours of axes and grid. */
void az_plot_begin(az_text *script, int width, int height);
/* The same for a file of that format, at most 640 units wide: 16 cm on paper. */
void az_plot_begin_file(az_text *script, az_plot_format format, int width, int height);
/* gnuplot's name of the axis 'x', 'y', or 'c', the scale of colours. */
const char *az_plot_axis_name(char axis);
/* "set xrange [lower:upper]" for an axis. */
void az_plot_range(az_text *script, char axis, double lower, double upper);
/* "set xlabel 'name [unit]'"; unit may be NULL. */
void az_plot_axis_label(az_text *script, char axis, const char *name, const char *unit);

/* Range, labels of the tics, and the axis label "name [10^3 unit]", few and round enough to be read. */
void az_plot_axis(az_text *script, char axis, double lower, double upper, const char *name, const char *unit);
/* The same for times: the tics are the beginnings of years, months or days. */
void az_plot_time_axis(az_text *script, char axis, double lower, double upper, const char *name,
                       const az_time_unit *unit);
/* The axis label that it writes: "name [10^3 unit]". */
void az_plot_axis_title(az_text *title, char axis, double lower, double upper, const char *name, const char *unit);
/* The same on a logarithmic scale; 0 < lower < upper. */
void az_plot_log_axis(az_text *script, char axis, double lower, double upper, const char *name, const char *unit);

/* Runs gnuplot at `path` on the script and cleans what it draws; ids get the prefix.  AZ_ERROR_UNAVAILABLE: gnuplot
 * cannot be run, is too slow, fails, or draws something that is no plain SVG; the error text says which. */
az_status az_plot_run(const char *path, const az_text *script, const char *id_prefix, az_text *svg,
                      const az_control *control);
/* The same for a script that began with az_plot_begin_file: the bytes of the file. */
az_status az_plot_run_file(const char *path, const az_text *script, az_plot_format format, az_text *bytes,
                           const az_control *control);

/* Copies an SVG, keeping only elements and attributes that draw: no scripts, no events, no reference out of the
 * picture (an image must be a PNG written out in the attribute); every id and every reference to one gets the prefix,
 * so that many pictures live in one page. */
az_status az_svg_clean(const char *source, size_t length, const char *id_prefix, az_text *svg);

#endif
