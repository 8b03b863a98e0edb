/* SPDX-License-Identifier: BSD-3-Clause */
/* An axis of time: labels at the beginning of years, months or days, printed as far as they differ. */
#include "report/plot.h"

#include <math.h>

enum { LABELS = 6, MOST_LABELS = 40 };

typedef struct ruler {
    int months, days; /* of a step: one of them is 0 */
    int length;       /* of a label: 4 of "1997-03-01", 7 or 10 */
} ruler;

static ruler choose_ruler(const az_time_unit *unit, double lower, double upper)
{
    static const int steps[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000}, months[] = {1, 2, 3, 6};
    enum { N_STEPS = sizeof steps / sizeof *steps, N_MONTHS = sizeof months / sizeof *months };
    double years = (upper - lower) / az_time_period(unit, "year"), days = (upper - lower) / az_time_period(unit, "day");
    for (int i = 0; i < N_STEPS; i++)
        if (days <= LABELS * steps[i] && steps[i] <= 20) return (ruler){.days = steps[i], .length = 10};
    for (int i = 0; i < N_MONTHS; i++)
        if (12 * years <= LABELS * months[i]) return (ruler){.months = months[i], .length = 7};
    for (int i = 0; i < N_STEPS; i++)
        if (years <= LABELS * steps[i]) return (ruler){.months = 12 * steps[i], .length = 4};
    return (ruler){.months = 12 * 100000, .length = 4};
}

/* The first date of the ruler that is not after `date`. */
static az_date round_down(const ruler *r, az_date date)
{
    date.hour = date.minute = 0;
    date.second = 0;
    if (r->days) return date;
    int64_t month = 12 * date.year + date.month - 1;
    month -= (month % r->months + r->months) % r->months;
    date.year = (month - (month % 12 + 12) % 12) / 12;
    date.month = (int)(month - 12 * date.year) + 1;
    date.day = 1;
    return date;
}

static az_date step_on(const ruler *r, const az_time_unit *unit, az_date date)
{
    if (r->days) {
        double day = az_time_period(unit, "day");
        az_date_of_time(unit, az_time_of_date(unit, &date) + r->days * day, &date);
        return date;
    }
    int64_t month = 12 * date.year + date.month - 1 + r->months;
    date.year = (month - (month % 12 + 12) % 12) / 12;
    date.month = (int)(month - 12 * date.year) + 1;
    return date;
}

void az_plot_time_axis(az_text *script, char axis, double lower, double upper, const char *name,
                       const az_time_unit *unit)
{
    ruler r = choose_ruler(unit, lower, upper);
    int n = 0;
    az_date date;
    az_plot_range(script, axis, lower, upper);
    az_plot_axis_label(script, axis, name, NULL);
    if ((upper - lower) / az_time_period(unit, "day") < 2) r.length = AZ_TIME_MAX; /* hours: the ends tell them */
    az_date_of_time(unit, lower, &date);
    date = round_down(&r, date);
    az_text_printf(script, "set %ctics (", axis);
    for (int step = 0; step < MOST_LABELS; step++, date = step_on(&r, unit, date)) {
        double at = az_time_of_date(unit, &date);
        char label[AZ_TIME_MAX];
        if (at > upper) break;
        if (at < lower) continue;
        size_t length = az_time_print(label, unit, at);
        az_text_append(script, n++ ? ", '" : "'");
        az_text_append_n(script, label, length < (size_t)r.length ? length : (size_t)r.length);
        az_text_append(script, "' ");
        az_text_number(script, at);
    }
    az_text_append(script, ")\n");
}
