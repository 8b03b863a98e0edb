/* SPDX-License-Identifier: BSD-3-Clause */
/* Axes that are no plain numbers: degrees of latitude and longitude, and times of any calendar. */
#include "report/map.h"

#include <math.h>

enum { MAX_INTERVALS = 6, MAX_TICS = 40, LABEL_BYTES = 64 };

static void begin_tics(az_text *script, char place)
{
    az_text_printf(script, "set %stics (", az_plot_axis_name(place));
}

static void add_tic(az_text *script, const char *label, double at, int number)
{
    if (number) az_text_append(script, ", ");
    az_plot_quote(script, label, true);
    az_text_append(script, " ");
    az_text_number(script, at);
}

/* ---- degrees ---- */

void az_degree_text(az_text *label, double degrees, bool is_longitude)
{
    if (is_longitude) degrees -= 360 * ceil((degrees - 180) / 360); /* in (-180, 180] */
    az_text_rounded(label, fabs(degrees), 6);
    az_text_append(label, "\xC2\xB0");
    if (degrees == 0 || (is_longitude && degrees == 180)) return;
    az_text_append(label, is_longitude ? (degrees < 0 ? "W" : "E") : (degrees < 0 ? "S" : "N"));
}

static void degrees_axis(az_text *script, char place, bool is_longitude, double lower, double upper)
{
    static const double steps[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 90};
    int last = sizeof steps / sizeof *steps - 1, s = 0;
    while (s < last && (upper - lower) / steps[s] > MAX_INTERVALS) s++;
    az_text label = {0};
    az_plot_range(script, place, lower, upper);
    begin_tics(script, place);
    double first = ceil(lower / steps[s] - 1e-9);
    for (int k = 0; k < MAX_TICS && (first + k) * steps[s] <= upper + 1e-9 * steps[s]; k++) {
        label.length = 0;
        az_degree_text(&label, (first + k) * steps[s], is_longitude);
        add_tic(script, label.data ? label.data : "", (first + k) * steps[s], k);
    }
    az_text_printf(script, ")\nunset %slabel\n", az_plot_axis_name(place));
    script->failed |= label.failed;
    az_text_free(&label);
}

/* ---- times ---- */

typedef struct time_step {
    double seconds;
    int years, months; /* else the seconds are meant as they are */
} time_step;

#define DAY   86400.0
#define MONTH (30.4 * DAY)
#define YEAR  (365.25 * DAY)

static const time_step time_steps[] = {
    {1, 0, 0},          {10, 0, 0},           {60, 0, 0},           {600, 0, 0},          {3600, 0, 0},
    {3 * 3600, 0, 0},   {6 * 3600, 0, 0},     {12 * 3600, 0, 0},    {DAY, 0, 0},          {2 * DAY, 0, 0},
    {5 * DAY, 0, 0},    {10 * DAY, 0, 0},     {MONTH, 0, 1},        {3 * MONTH, 0, 3},    {6 * MONTH, 0, 6},
    {YEAR, 1, 0},       {2 * YEAR, 2, 0},     {5 * YEAR, 5, 0},     {10 * YEAR, 10, 0},   {20 * YEAR, 20, 0},
    {50 * YEAR, 50, 0}, {100 * YEAR, 100, 0}, {200 * YEAR, 200, 0}, {500 * YEAR, 500, 0}, {1000 * YEAR, 1000, 0},
};

/* The k-th tic from the one at or before `lower`. */
static double time_tic(const az_time_unit *unit, const time_step *step, double lower, int k)
{
    az_date date;
    az_date_of_time(unit, lower, &date);
    az_date tic = {.year = date.year, .month = 1, .day = 1};
    if (step->years) {
        tic.year = (int64_t)floor((double)date.year / step->years) * step->years + (int64_t)k * step->years;
    } else if (step->months) {
        int64_t month = (date.month - 1) / step->months * step->months + (int64_t)k * step->months;
        tic.year += month / 12;
        tic.month = (int)(month % 12) + 1;
    } else {
        tic.month = date.month;
        if (step->seconds <= DAY) tic.day = date.day;
        return az_time_of_date(unit, &tic) + k * step->seconds / unit->seconds;
    }
    return az_time_of_date(unit, &tic);
}

static void time_label(az_text *label, const az_time_unit *unit, const time_step *step, double at)
{
    az_date date;
    az_date_of_time(unit, at, &date);
    label->length = 0;
    if (step->years)
        az_text_printf(label, "%lld", (long long)date.year);
    else if (step->months)
        az_text_printf(label, "%lld-%02d", (long long)date.year, date.month);
    else if (step->seconds >= DAY)
        az_text_printf(label, "%lld-%02d-%02d", (long long)date.year, date.month, date.day);
    else if (step->seconds >= 60)
        az_text_printf(label, "%02d-%02d %02d:%02d", date.month, date.day, date.hour, date.minute);
    else
        az_text_printf(label, "%02d:%02d:%02d", date.hour, date.minute, (int)date.second);
}

static void time_axis(az_text *script, char place, const az_axis *axis, double lower, double upper)
{
    const az_time_unit *unit = &axis->time;
    int last = sizeof time_steps / sizeof *time_steps - 1, s = 0, n = 0;
    while (s < last && (upper - lower) * unit->seconds / time_steps[s].seconds > MAX_INTERVALS) s++;
    az_text label = {0};
    az_plot_range(script, place, lower, upper);
    begin_tics(script, place);
    /* A short step starts from the first of a month or from midnight, many steps before the first tic. */
    for (int k = 0; k < 100000 && n < MAX_TICS; k++) {
        double at = time_tic(unit, &time_steps[s], lower, k);
        if (!(at <= upper)) break;
        if (at < lower) continue;
        time_label(&label, unit, &time_steps[s], at);
        add_tic(script, label.data ? label.data : "", at, n++);
    }
    az_text_append(script, ")\n");
    if (time_steps[s].seconds < DAY) {
        az_date date;
        az_date_of_time(unit, lower, &date);
        label.length = 0;
        az_text_printf(&label, "%lld-%02d-%02d", (long long)date.year, date.month, date.day);
        az_plot_axis_label(script, place, label.data ? label.data : "", NULL);
    } else {
        az_text_printf(script, "unset %slabel\n", az_plot_axis_name(place));
    }
    script->failed |= label.failed;
    az_text_free(&label);
}

void az_plot_axis_of(az_text *script, char place, const az_axis *axis, double lower, double upper)
{
    if (axis->kind == AZ_AXIS_TIME)
        time_axis(script, place, axis, lower, upper);
    else if (axis->kind == AZ_AXIS_NUMBER)
        az_plot_axis(script, place, lower, upper, axis->name ? axis->name : "", axis->unit);
    else
        degrees_axis(script, place, axis->kind == AZ_AXIS_LONGITUDE, lower, upper);
    if (axis->reversed) az_plot_range(script, place, upper, lower);
}
