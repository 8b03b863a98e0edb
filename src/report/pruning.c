/* SPDX-License-Identifier: BSD-3-Clause */
/* The score of a single tree along the cost of a leaf, ccp_alpha. */
#include "report/page.h"

#include <math.h>

static void draw(az_text *script, const az_page *page)
{
    const az_pruning *pruning = page->report->pruning;
    const az_metric *metric = pruning->metric;
    const int64_t n = pruning->n - 1; /* without the last, whose alpha of 0 has no place on the axis */
    const char *target, *unit;
    double lower = INFINITY, upper = -INFINITY;
    az_page_target(page->report, 0, &target, &unit);
    az_plot_begin(script, AZ_PLOT_WIDTH, AZ_PLOT_HEIGHT);
    for (int64_t a = 0; a < pruning->n; a++) {
        const double error = isnan(pruning->std_error[a]) ? 0 : pruning->std_error[a];
        lower = fmin(lower, pruning->mean[a] - error);
        upper = fmax(upper, pruning->mean[a] + error);
    }
    az_plot_widen(&lower, &upper);
    az_plot_log_axis(script, 'x', pruning->alpha[n - 1] / 1.5, pruning->alpha[0] * 1.5, "cost of a leaf, ccp_alpha",
                     NULL);
    az_plot_axis(script, 'y', lower, upper, metric->name, metric->in_target_unit ? unit : NULL);
    const double chosen = pruning->alpha[pruning->simplest];
    if (chosen > 0) {
        az_text_append(script, "set arrow from first ");
        az_text_number(script, chosen);
        az_text_append(script, ", graph 0 to first ");
        az_text_number(script, chosen);
        az_text_append(script, ", graph 1 nohead dt 2 lc rgb '#555555'\n");
    }
    az_text_append(script, "$score << END\n");
    for (int64_t a = 0; a < n; a++) {
        az_text_number(script, pruning->alpha[a]);
        az_text_append(script, " ");
        az_text_number(script, pruning->mean[a]);
        az_text_append(script, " ");
        az_text_number(script, isnan(pruning->std_error[a]) ? 0 : pruning->std_error[a]);
        az_text_append(script, "\n");
    }
    az_text_printf(script, "END\nset key %s left samplen 1.5\nplot ", metric->greater_is_better ? "bottom" : "top");
    az_text_number(script, pruning->mean[n]);
    az_text_append(script, " with lines lw 1.4 lc rgb '" AZ_PLOT_RED
                           "' title 'not pruned', $score with yerrorlines pt 7 ps 0.4 lw 1.4 lc rgb '" AZ_PLOT_BLUE
                           "' title 'pruned'\n");
}

static void write_table(az_text *html, const az_pruning *pruning)
{
    az_text_printf(html,
                   "<div class=\"scroll\"><table class=\"numbers\"><thead><tr><th>ccp_alpha</th><th>leaves</th>"
                   "<th>%s</th><th>standard error</th><th class=\"words\"></th></tr></thead>\n<tbody>\n",
                   pruning->metric->name);
    for (int64_t a = 0; a < pruning->n; a++) {
        az_text_append(html, "<tr><th>");
        az_text_rounded(html, pruning->alpha[a], 4);
        az_text_append(html, "</th><td>");
        az_text_number(html, pruning->n_leaves[a]);
        az_text_append(html, "</td><td>");
        az_text_rounded(html, pruning->mean[a], 5);
        az_text_append(html, "</td><td>");
        if (!isnan(pruning->std_error[a])) az_text_rounded(html, pruning->std_error[a], 2);
        az_text_printf(html, "</td><td class=\"words\">%s%s%s</td></tr>\n", a == pruning->best ? "best" : "",
                       a == pruning->best && a == pruning->simplest ? ", " : "",
                       a == pruning->simplest ? "simplest within one standard error" : "");
    }
    az_text_append(html, "</tbody></table></div>\n");
}

static az_status write_pruning(az_page *page)
{
    const az_pruning *pruning = page->report->pruning;
    az_text script = {0}, caption = {0};
    draw(&script, page);
    az_text_printf(
        &caption,
        "Score of the tree by %lld-fold cross-validation on %lld training rows, with one standard error; the "
        "vertical line is the simplest tree within one standard error of the best.",
        (long long)pruning->n_folds, (long long)pruning->n_rows);
    az_status status = az_text_status(&caption);
    if (!status) status = az_page_picture(page, &script, caption.data);
    if (!status) write_table(&page->html, pruning);
    az_text_free(&script);
    az_text_free(&caption);
    return status;
}

static bool has_pruning(const az_report *report)
{
    return report->pruning && report->pruning->n > 1;
}

const az_section az_section_pruning = {
    .id = "pruning",
    .title = "Pruning",
    .present = has_pruning,
    .write = write_pruning,
};
