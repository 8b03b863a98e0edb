/* SPDX-License-Identifier: BSD-3-Clause */
/* Which columns the model goes by: bars of permutation importance on rows that it has not seen, or out of bag. */
#include "report/page.h"

#include "base/memory.h"
#include "report/importance.h"

#include <math.h>

enum { MOST_SHOWN = 25 };

az_status az_importance_bars(az_text *script, const az_importances *importances, const char *unit)
{
    const az_metric *metric = importances->metric;
    const int64_t n = importances->n < MOST_SHOWN ? importances->n : MOST_SHOWN;
    double low = 0, high = 0;
    az_text label = {0}, axis = {0};
    for (int64_t i = 0; i < n; i++) {
        const az_column_importance *column = &importances->columns[i];
        double error = isnan(column->deviation) ? 0 : column->deviation;
        low = fmin(low, column->mean - error);
        high = fmax(high, column->mean + error);
    }
    if (!(high > low)) high = low + 1;
    az_text_append(script, "$bars << END\n");
    for (int64_t i = 0; i < n; i++) {
        const az_column_importance *column = &importances->columns[i];
        az_text_number(script, column->mean);
        az_text_printf(script, " %lld ", (long long)(n - i));
        az_text_number(script, isnan(column->deviation) ? 0 : column->deviation);
        az_text_append(script, "\n");
    }
    az_text_append(script, "END\nset ytics (");
    for (int64_t i = 0; i < n; i++) {
        label.length = 0;
        az_plot_shorten(&label, importances->columns[i].name, 24);
        if (i) az_text_append(script, ", ");
        az_plot_quote(script, label.length ? label.data : "", true);
        az_text_printf(script, " %lld", (long long)(n - i));
    }
    az_text_append(script, ") nomirror scale 0\n");
    az_text_printf(&axis, "%s %s by", metric->name, metric->greater_is_better ? "falls" : "rises");
    script->failed |= label.failed | axis.failed;
    const double room = 0.03 * (high - low);
    if (!script->failed)
        az_plot_axis(script, 'x', low < 0 ? low - room : 0, high + room, axis.data, unit && *unit ? unit : NULL);
    az_plot_range(script, 'y', 0.4, (double)n + 0.6);
    az_text_append(script,
                   "set boxwidth 0.7\n"
                   "plot $bars using ($1/2):2:($1/2):(0.35) with boxxyerror fillstyle solid 0.75 noborder lc rgb "
                   "'" AZ_PLOT_BLUE "', '' using 1:2:3 with xerrorbars pt 0 lw 1.6 lc rgb '#1d2329'\n");
    az_text_free(&label);
    az_text_free(&axis);
    return az_text_status(script);
}

static az_status write_importance(az_page *page)
{
    const az_importances *importances = page->report->importances;
    const int64_t n = importances->n < MOST_SHOWN ? importances->n : MOST_SHOWN;
    const char *target, *unit;
    az_text script = {0}, caption = {0};
    az_page_target(page->report, 0, &target, &unit);
    az_plot_begin(&script, AZ_PLOT_WIDTH, 90 + 24 * (int)n);
    az_status status = az_importance_bars(&script, importances, importances->metric->in_target_unit ? unit : NULL);
    az_text_printf(
        &caption,
        "By how much the score becomes worse when the values of one column are exchanged among %lld rows%s: mean and "
        "standard deviation of %lld repeats. Columns that say the same share their importance.",
        (long long)importances->n_rows,
        importances->out_of_bag ? ", each of them predicted by the trees that did not see it (out of bag)"
                                : " that the model has not seen",
        (long long)importances->n_repeats);
    if (!status) status = az_text_status(&caption);
    if (!status) status = az_page_picture(page, &script, caption.data);
    az_text_free(&script);
    az_text_free(&caption);
    return status;
}

static bool has_importance(const az_report *report)
{
    return report->importances && report->importances->n > 0;
}

const az_section az_section_importance = {
    .id = "importance",
    .title = "Importance of the columns",
    .present = has_importance,
    .write = write_importance,
};
