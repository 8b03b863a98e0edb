/* SPDX-License-Identifier: BSD-3-Clause */
/* The head of the page: what was fitted on what, how good it is, how far to trust it. */
#include "report/summary.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

static unsigned task_of(const az_report *report)
{
    return report->problem ? (unsigned)report->problem->task
           : report->model ? (unsigned)report->model->task
                           : (unsigned)AZ_REGRESSION;
}

static void append_code(az_text *html, const char *text)
{
    az_text_append(html, "<code>");
    az_html_escape(html, text);
    az_text_append(html, "</code>");
}

/* Up to four names, the rest counted. */
static void append_targets(az_text *html, const az_report *report)
{
    int64_t n = report->problem ? report->problem->n_targets : 0;
    for (int64_t k = 0; k < n && k < 4; k++) {
        const char *name, *unit;
        az_page_target(report, k, &name, &unit);
        if (k) az_text_append(html, ", ");
        az_text_append(html, "<b>");
        az_html_name(html, name, unit);
        az_text_append(html, "</b>");
    }
    if (n > 4) az_text_printf(html, " and %lld more", (long long)(n - 4));
}

static void append_inputs(az_text *html, const az_report *report)
{
    const az_problem *problem = report->problem;
    if (problem->n_inputs > 4) {
        az_html_count(html, problem->n_inputs);
        az_text_append(html, " columns");
        return;
    }
    for (int64_t i = 0; i < problem->n_inputs; i++) {
        const az_column *column = &problem->table->columns[problem->inputs[i]];
        if (i) az_text_append(html, ", ");
        az_html_name(html, column->name, column->type == AZ_TIME ? NULL : column->unit);
    }
    if (!problem->n_inputs) az_text_append(html, "no columns");
}

/* The score a sentence names: the metric asked for, else the first of the task. */
static int main_metric(const az_report *report)
{
    unsigned task = task_of(report);
    const char *name = report->metric ? report->metric->name : az_metric_default(task)->name;
    for (int i = 0; i < az_metric_count(task); i++) {
        if (!strcmp(az_metric_of(task, i)->name, name)) return i;
    }
    return 0;
}

static const char *metric_unit(const az_report *report, const az_metric *metric)
{
    const char *name, *unit;
    az_page_target(report, 0, &name, &unit);
    bool one_target = !report->problem || report->problem->n_targets == 1;
    return metric->in_target_unit && one_target ? unit : NULL;
}

static void append_score(az_text *html, const az_report *report, int i, double value, double error)
{
    const az_metric *metric = az_metric_of(task_of(report), i);
    const char *unit = metric_unit(report, metric);
    az_html_with_error(html, value, error);
    if (unit) {
        az_text_append(html, " ");
        az_html_escape(html, unit);
    }
}

static void fit_sentence(az_text *html, const az_report *report)
{
    az_text_append(html, "<p class=\"lead\">");
    append_code(html, report->model->class->name);
    az_text_append(html, " predicts ");
    append_targets(html, report);
    az_text_append(html, " from ");
    append_inputs(html, report);
    az_text_append(html, ", fitted on ");
    az_html_count(html, report->model->n_train);
    az_text_append(html, " rows.");
    if (report->scores) {
        int i = main_metric(report);
        az_text_append(html, " Its ");
        az_html_escape(html, az_metric_of(task_of(report), i)->title);
        az_text_append(html, " is <b>");
        append_score(html, report, i, report->scores[i], report->score_errors ? report->score_errors[i] : NAN);
        az_text_append(html, "</b> (");
        az_html_escape(html, report->scored_on ? report->scored_on : "the scored rows");
        az_text_append(html, ").");
    }
    az_text_append(html, "</p>\n");
}

static void compare_sentence(az_text *html, const az_report *report)
{
    const az_cv_result *best = report->n_leaderboard ? &report->leaderboard[0] : NULL;
    int i = main_metric(report);
    az_text_append(html, "<p class=\"lead\">");
    az_html_count(html, report->n_leaderboard);
    az_text_append(html, report->n_leaderboard == 1 ? " model predicts " : " models predict ");
    append_targets(html, report);
    az_text_append(html, " from ");
    append_inputs(html, report);
    az_text_append(html, " on ");
    az_html_count(html, report->problem->n_rows);
    az_text_append(html, " rows.");
    if (best && !best->status && best->mean) {
        az_text_append(html, " Best is ");
        append_code(html, best->class->name);
        az_text_append(html, ": ");
        az_html_escape(html, az_metric_of(task_of(report), i)->title);
        az_text_append(html, " <b>");
        append_score(html, report, i, best->mean[i], best->std_error[i]);
        az_text_append(html, "</b>.");
    }
    az_text_append(html, "</p>\n");
}

/* The share of the variance explained, from all scored rows at once: the mean over folds of few rows each says little,
 * because every fold divides by its own variance. */
static double explained(const az_report *report)
{
    if (task_of(report) != AZ_REGRESSION || !report->scored || report->scored->n_rows < 2) return NAN;
    double *values, r2 = NAN;
    int count = az_metric_count(AZ_REGRESSION);
    if (AZ_NEW_ARRAY(values, count)) return NAN;
    if (!az_metrics_score(AZ_REGRESSION, report->scored, values))
        for (int i = 0; i < count; i++)
            if (!strcmp(az_metric_of(AZ_REGRESSION, i)->name, "r2")) r2 = values[i];
    az_free(values);
    return r2;
}

/* What a careful colleague would add: small samples, no better than the mean, not converged, outside the range. */
static void trust(az_text *html, const az_report *report)
{
    az_text_append(html, "<p><b>How far to trust it:</b> ");
    int64_t n_rows = report->scored ? report->scored->n_rows : report->problem->n_rows;
    if (report->model && !report->model->result.converged)
        az_text_append(html, "The fit did not converge, so take every figure with care. ");
    if (n_rows < 50) {
        az_text_append(html, "The scores rest on ");
        az_html_count(html, n_rows);
        az_text_append(html, " rows only and would be noticeably different on other rows. ");
    }
    double r2 = explained(report);
    if (isfinite(r2) && r2 <= 0.02)
        az_text_append(html, "The predictions are no better than the mean of the target (r2 about 0 or below). ");
    else if (isfinite(r2) && r2 > 0) {
        az_text_append(html, report->model ? "It explains " : "The best explains ");
        az_html_percent(html, r2);
        az_text_append(html, " of the target's variance on rows it had not seen. ");
    }
    az_text_append(html, "The scores hold for new rows drawn like these; outside the range of the inputs (see "
                         "<a href=\"#data\">the data</a>) nothing has been tested.</p>\n");
}

static void scores_table(az_text *html, const az_report *report)
{
    unsigned task = task_of(report);
    az_text_append(html, "<div class=\"scroll\"><table class=\"numbers\"><thead><tr><th>score</th><th>value</th>"
                         "<th class=\"words wide\">meaning</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < az_metric_count(task); i++) {
        const az_metric *metric = az_metric_of(task, i);
        az_text_append(html, "<tr><th>");
        az_html_name(html, metric->name, metric_unit(report, metric));
        az_text_append(html, "</th><td>");
        az_html_with_error(html, report->scores[i], report->score_errors ? report->score_errors[i] : NAN);
        az_text_append(html, "</td><td class=\"words wide\">");
        az_html_escape(html, metric->title);
        az_text_append(html, metric->greater_is_better ? ", greater is better" : ", smaller is better");
        az_text_append(html, "</td></tr>\n");
    }
    az_text_append(html, "</tbody></table></div>\n");
}

void az_report_summary(az_page *page)
{
    const az_report *report = page->report;
    az_text *html = &page->html;
    if (!report->problem) return;
    if (report->model)
        fit_sentence(html, report);
    else
        compare_sentence(html, report);
    trust(html, report);
}

static bool has_scores(const az_report *report)
{
    return report->scores || report->model;
}

static az_status write_scores(az_page *page)
{
    const az_report *report = page->report;
    az_text *html = &page->html;
    az_text_append(html, "<div class=\"figures\">\n");
    if (report->scores) scores_table(html, report);
    az_fact facts[AZ_MAX_FACTS];
    int n = report->model ? az_model_facts(report->model, facts) : 0;
    if (n) {
        az_text_append(html, "<div class=\"scroll\"><table class=\"numbers\"><thead><tr><th>the fit</th><th>value</th>"
                             "</tr></thead>\n<tbody>\n");
        for (int i = 0; i < n; i++) {
            az_text_append(html, "<tr><th>");
            az_html_escape(html, facts[i].title ? facts[i].title : facts[i].name);
            az_text_append(html, "</th><td>");
            az_html_number(html, facts[i].value, 6);
            az_text_append(html, "</td></tr>\n");
        }
        az_text_append(html, "</tbody></table></div>\n");
    }
    az_text_append(html, "</div>\n");
    if (report->model && report->model->result.n_iterations > 0) {
        az_text_append(html, report->model->result.converged ? "<p class=\"small\">Converged after "
                                                             : "<p class=\"small\">Not converged after ");
        az_html_count(html, report->model->result.n_iterations);
        az_text_append(html, " iterations.</p>\n");
    }
    return AZ_OK;
}

const az_section az_section_scores = {
    .id = "fit",
    .title = "Scores and fit",
    .present = has_scores,
    .write = write_scores,
};
