/* SPDX-License-Identifier: BSD-3-Clause */
/* Axes with few, round labels that never run into each other.  gnuplot's own choice prints 200000, 400000, ... side by
 * side; here a power of a thousand moves into the axis label, as in "energy [10^3 eV]". */
#include "report/plot.h"

#include <math.h>
#include <stdlib.h>

enum { X_LABELS = 6, Y_LABELS = 7, MAX_LABELS = 40 };

/* 10 with the power as superscript digits: gnuplot's enhanced text is off because names are printed as they are. */
static void append_power(az_text *text, int power)
{
    static const char *const digits[10] = {"\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",     "\xC2\xB3",
                                           "\xE2\x81\xB4", "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7",
                                           "\xE2\x81\xB8", "\xE2\x81\xB9"};
    az_text_append(text, power < 0 ? "10\xE2\x81\xBB" : "10");
    int size = abs(power), unit = 1;
    while (size / unit >= 10)
        unit *= 10;
    for (; unit; unit /= 10)
        az_text_append(text, digits[size / unit % 10]);
}

/* The least of 1, 2, 5 times a power of ten that is not below x. */
static double round_up(double x)
{
    double unit = pow(10.0, floor(log10(x))), share = x / unit * (1 - 1e-12);
    return unit * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

static void write_tics(az_text *script, char axis, double lower, double upper, double step, int power)
{
    double unit = pow(10.0, power), largest = fmax(fabs(lower), fabs(upper));
    /* Four digits at least: fewer would print 1500 as 2e+03. */
    int n_digits = (int)fmax(4, ceil(log10(largest / step)) + 2);
    az_text_printf(script, "set %stics (", az_plot_axis_name(axis));
    double first = ceil(lower / step * (1 - copysign(1e-12, lower)));
    for (int k = 0; k < MAX_LABELS; k++) {
        double at = (first + k) * step;
        if (at > upper + 1e-9 * step) break;
        if (k) az_text_append(script, ", ");
        az_text_append(script, "'");
        az_text_rounded(script, at / unit, n_digits < 15 ? n_digits : 15);
        az_text_append(script, "' ");
        az_text_number(script, at);
    }
    az_text_append(script, ")\n");
}

/* The power of a thousand that moves from the labels of the tics into the label of the axis.  Numbers near the ends of
 * the double range are left to gnuplot, and so is a range that rounding has emptied: no step then. */
static int power_of(char axis, double lower, double upper, double *step)
{
    double largest = fmax(fabs(lower), fabs(upper));
    *step = (upper - lower) / (axis == 'x' ? X_LABELS : Y_LABELS);
    if (!(*step > 1e-290 && largest < 1e290 && *step > 1e-13 * largest)) {
        *step = 0;
        return 0;
    }
    *step = round_up(*step);
    return largest >= 1e4 || largest < 0.02 ? 3 * (int)floor(log10(largest) / 3) : 0;
}

static void append_label(az_text *label, const char *name, const char *unit, int power)
{
    bool has_unit = unit && *unit;
    az_text_append(label, name);
    if (!power && !has_unit) return;
    az_text_append(label, " [");
    if (power) append_power(label, power);
    if (power && has_unit) az_text_append(label, " ");
    if (has_unit) az_text_append(label, unit);
    az_text_append(label, "]");
}

static void write_label(az_text *script, char axis, const char *name, const char *unit, int power)
{
    az_text label = {0};
    append_label(&label, name, unit, power);
    az_plot_axis_label(script, axis, label.data ? label.data : "", NULL);
    script->failed |= label.failed;
    az_text_free(&label);
}

void az_plot_axis_title(az_text *title, char axis, double lower, double upper, const char *name, const char *unit)
{
    double step;
    int power = power_of(axis, lower, upper, &step);
    append_label(title, name, unit, power);
}

void az_plot_axis(az_text *script, char axis, double lower, double upper, const char *name, const char *unit)
{
    double step;
    int power = power_of(axis, lower, upper, &step);
    az_plot_range(script, axis, lower, upper);
    if (step > 0) write_tics(script, axis, lower, upper, step, power);
    write_label(script, axis, name, unit, power);
}

void az_plot_log_axis(az_text *script, char axis, double lower, double upper, const char *name, const char *unit)
{
    static const int steps[] = {1, 2, 5};
    int first = (int)floor(log10(lower)), last = (int)ceil(log10(upper)), n_labels = 0;
    int stride = 1 + (last - first) / X_LABELS, n_steps = last - first > 2 ? 1 : 3;
    az_text_printf(script, "set logscale %c\n", axis);
    az_plot_range(script, axis, lower, upper);
    az_text_printf(script, "set %ctics (", axis);
    for (int power = first; power <= last; power++) {
        for (int i = 0; i < n_steps && power % stride == 0; i++) {
            double at = steps[i] * pow(10.0, power);
            if (at < lower * (1 - 1e-9) || at > upper * (1 + 1e-9)) continue;
            az_text_append(script, n_labels++ ? ", '" : "'");
            if (n_steps == 1)
                append_power(script, power);
            else
                az_text_rounded(script, at, 3);
            az_text_append(script, "' ");
            az_text_number(script, at);
        }
    }
    az_text_append(script, ")\n");
    write_label(script, axis, name, unit, 0);
}
