/* SPDX-License-Identifier: BSD-3-Clause */
/* Models side by side. */
#include "report/page.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { MAX_SHOWN = 30 };

static unsigned task_of(const az_report *report)
{
    return report->problem ? (unsigned)report->problem->task
           : report->model ? (unsigned)report->model->task
                           : (unsigned)AZ_REGRESSION;
}

/* Where the metric that ranks stands among the task's metrics. */
static int ranking_metric(const az_report *report)
{
    unsigned task = task_of(report);
    const az_metric *metric = report->metric ? report->metric : az_metric_default(task);
    for (int i = 0; i < az_metric_count(task); i++) {
        if (!strcmp(az_metric_of(task, i)->name, metric->name)) return i;
    }
    return 0;
}

static const char *target_unit(const az_report *report)
{
    const char *name, *unit;
    az_page_target(report, 0, &name, &unit);
    return report->problem && report->problem->n_targets == 1 ? unit : NULL;
}

static void write_header(az_page *page, int ranking)
{
    az_text *html = &page->html;
    unsigned task = task_of(page->report);
    const char *unit = target_unit(page->report);
    az_text_append(html, "<div class=\"scroll\"><table class=\"numbers\">\n<thead><tr><th>model</th>");
    for (int place = -1; place < az_metric_count(task); place++) {
        int i = place < 0 ? ranking : place;
        if (place == ranking) continue;
        const az_metric *metric = az_metric_of(task, i);
        az_text_append(html, "<th title=\"");
        az_html_escape(html, metric->title);
        az_text_append(html, "\">");
        az_html_name(html, metric->name, metric->in_target_unit ? unit : NULL);
        if (place < 0) az_text_append(html, metric->greater_is_better ? " \xE2\x86\x93" : " \xE2\x86\x91");
        az_text_append(html, "</th>");
    }
    az_text_append(html, "<th>time [s]</th></tr></thead>\n<tbody>\n");
}

static void write_row(az_page *page, const az_cv_result *result, int ranking)
{
    az_text *html = &page->html;
    int n_metrics = az_metric_count(task_of(page->report));
    bool is_model = page->report->model && page->report->model->class == result->class;
    az_text_append(html, is_model ? "<tr class=\"chosen\"><th>" : "<tr><th>");
    az_html_escape(html, result->class->name);
    az_text_append(html, "</th>");
    if (result->status || !result->mean) {
        az_text_printf(html, "<td class=\"words\" colspan=\"%d\">failed: ", n_metrics + 1);
        az_html_escape(html, result->error ? result->error : az_status_text(result->status));
        az_text_append(html, "</td></tr>\n");
        return;
    }
    for (int place = -1; place < n_metrics && place < result->n_metrics; place++) {
        int i = place < 0 ? ranking : place;
        if (place == ranking) continue;
        az_text_append(html, place < 0 ? "<td><b>" : "<td>");
        az_html_with_error(html, result->mean[i], result->std_error[i]);
        az_text_append(html, place < 0 ? "</b></td>" : "</td>");
    }
    az_text_append(html, "<td>");
    az_html_number(html, result->seconds, 2);
    az_text_append(html, result->converged ? "</td></tr>\n" : " (not converged)</td></tr>\n");
}

static az_status write_leaderboard(az_page *page)
{
    const az_report *report = page->report;
    int ranking = ranking_metric(report);
    const az_metric *metric = az_metric_of(task_of(report), ranking);
    const char *names[MAX_SHOWN];
    double values[MAX_SHOWN], lower[MAX_SHOWN], upper[MAX_SHOWN];
    int64_t n = 0, n_folds = 0;
    write_header(page, ranking);
    for (int64_t i = 0; i < report->n_leaderboard; i++) {
        const az_cv_result *result = &report->leaderboard[i];
        write_row(page, result, ranking);
        if (result->status || !result->mean) continue;
        n_folds = result->n_folds;
        if (n < MAX_SHOWN && isfinite(result->mean[ranking])) {
            names[n] = result->class->name;
            values[n] = result->mean[ranking];
            lower[n] = values[n] - result->std_error[ranking];
            upper[n] = values[n] + result->std_error[ranking];
            n++;
        }
    }
    az_text_append(&page->html, "</tbody></table></div>\n<p class=\"small\">Mean \xC2\xB1 standard error over ");
    az_html_count(&page->html, n_folds);
    az_text_append(&page->html, " folds, the same for every model; sorted by ");
    az_html_escape(&page->html, metric->title);
    az_text_append(&page->html, metric->greater_is_better ? " (greater is better). " : " (smaller is better). ");
    az_text_append(&page->html, "Folds share training rows, so differences within one or two standard errors say "
                                "little.</p>\n");
    if (n < 2) return AZ_OK;
    return az_page_whiskers(page, names, values, lower, upper, n, metric->title,
                            metric->in_target_unit ? target_unit(report) : NULL, false, NULL);
}

static bool has_leaderboard(const az_report *report)
{
    return report->leaderboard && report->n_leaderboard > 0;
}

const az_section az_section_leaderboard = {
    .id = "leaderboard",
    .title = "Leaderboard",
    .present = has_leaderboard,
    .write = write_leaderboard,
};
