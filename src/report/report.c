/* SPDX-License-Identifier: BSD-3-Clause */
/* The page as a whole: head, sections in order, notes, how to reproduce it. */
#include "report/report.h"

#include "base/file.h"
#include "base/memory.h"
#include "report/page.h"
#include "report/style.h"
#include "report/summary.h"

#include <string.h>

/* A section is one line here. */
static const az_section *const sections[] = {
    &az_section_leaderboard, &az_section_curve,      &az_section_scores,       &az_section_predictions,
    &az_section_residuals,   &az_section_importance, &az_section_coefficients, &az_section_path,
    &az_section_training,    &az_section_pruning,    &az_section_confusion,    &az_section_calibration,
    &az_section_columns,
};
enum { N_SECTIONS = sizeof sections / sizeof *sections };

/* The policy forbids the browser whatever a page of this kind never needs: scripts, and anything from elsewhere. */
static void write_head(az_page *page)
{
    az_text *html = &page->html;
    const char *title = page->report->title ? page->report->title : "Ansatz report";
    az_text_append(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" "
                         "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>");
    az_html_escape(html, title);
    az_text_append(html, "</title>\n<style>");
    az_text_append(html, page_style);
    az_text_append(html, "</style>\n</head>\n<body>\n<main>\n<h1>");
    az_html_escape(html, title);
    az_text_append(html, "</h1>\n");
}

static void write_navigation(az_page *page)
{
    az_text *html = &page->html;
    az_text_append(html, "<nav>");
    for (int i = 0; i < N_SECTIONS; i++) {
        if (!sections[i]->present(page->report)) continue;
        az_text_printf(html, "<a href=\"#%s\">%s</a> ", sections[i]->id, sections[i]->title);
    }
    if (page->report->n_notes) az_text_append(html, "<a href=\"#notes\">Notes</a> ");
    az_text_append(html, "<a href=\"#reproduce\">How to reproduce it</a></nav>\n");
}

static void write_notes(az_page *page)
{
    az_text *html = &page->html;
    if (!page->report->n_notes) return;
    az_text_append(html, "<section id=\"notes\"><h2>Notes</h2>\n<p>Said while reading and fitting:</p>\n<ul>\n");
    for (int64_t i = 0; i < page->report->n_notes; i++) {
        az_text_append(html, "<li>");
        az_html_escape(html, page->report->notes[i]);
        az_text_append(html, "</li>\n");
    }
    az_text_append(html, "</ul>\n</section>\n");
}

static void write_parameter(az_text *html, const az_param *param, const void *options)
{
    char value[AZ_PARAM_TEXT_SIZE + 64];
    if (az_param_value_text(param, options, value, sizeof value)) return;
    az_text_append(html, "<tr><th>");
    az_html_escape(html, param->name);
    az_text_append(html, "</th><td>");
    az_html_escape(html, value);
    az_text_append(html, "</td><td class=\"words meaning\">");
    az_html_escape(html, param->help);
    az_text_append(html, "</td></tr>\n");
}

static void write_parameters(az_text *html, const az_model *model)
{
    az_text_append(html, "<div class=\"scroll\"><table class=\"numbers\"><thead><tr><th>parameter</th><th>value</th>"
                         "<th class=\"words\">meaning</th></tr></thead>\n<tbody>\n");
    for (const az_param *param = model->class->params; param && param->name && model->options; param++)
        write_parameter(html, param, model->options);
    for (const az_param *param = az_pipeline_params; param->name; param++)
        write_parameter(html, param, &model->pipeline);
    az_text_append(html, "</tbody></table></div>\n");
}

static void write_reproduce(az_page *page)
{
    const az_report *report = page->report;
    az_text *html = &page->html;
    az_text_append(html, "<section id=\"reproduce\"><h2>How to reproduce it</h2>\n");
    if (report->command) {
        az_text_append(html, "<pre>");
        az_html_escape(html, report->command);
        az_text_append(html, "</pre>\n");
    }
    az_text_append(html, "<p>Ansatz ");
    az_html_escape(html, az_version());
    if (report->model) az_text_printf(html, ", seed %lld", (long long)report->model->pipeline.seed);
    if (report->table) {
        az_text_printf(html, ", data digest <code>%016llx</code>", (unsigned long long)az_table_digest(report->table));
        if (report->table->source) {
            az_text_append(html, " of <code>");
            az_html_escape(html, report->table->source);
            az_text_append(html, "</code>");
        }
    }
    az_text_append(html, ". The same command on the same data gives the same numbers at any number of threads.</p>\n");
    if (report->model) {
        write_parameters(html, report->model);
        if (report->model->class->reference) {
            az_text_append(html, "<p class=\"small\">Method: ");
            az_html_escape(html, report->model->class->reference);
            az_text_append(html, "</p>\n");
        }
    }
    az_text_append(html, "</section>\n");
}

static az_status write_page(az_page *page)
{
    write_head(page);
    az_report_summary(page);
    write_navigation(page);
    for (int i = 0; i < N_SECTIONS; i++) {
        if (!sections[i]->present(page->report)) continue;
        az_report_progress(page->control, "report", i, N_SECTIONS, NULL, 0);
        AZ_TRY(az_check_interrupt(page->control));
        az_text_printf(&page->html, "<section id=\"%s\"><h2>%s</h2>\n", sections[i]->id, sections[i]->title);
        AZ_TRY(sections[i]->write(page));
        az_text_append(&page->html, "</section>\n");
    }
    write_notes(page);
    write_reproduce(page);
    az_text_append(&page->html, "</main>\n</body>\n</html>\n");
    return az_text_status(&page->html);
}

az_status az_report_write(const az_report *report, const char *path, const az_control *control)
{
    az_report filled = *report;
    az_page page = {.report = &filled, .control = control};
    az_score_data best;
    void *best_work = NULL;
    az_text scored_on = {0};
    az_output output = {.descriptor = -1};
    bool is_open = false;
    az_status status;
    if (!report->scored && !report->model) {
        AZ_GOTO(az_report_best(report, &best, &best_work));
        if (best.n_rows) {
            filled.scored = &best;
            az_text_printf(&scored_on, "the best model, %s, on the folds left out", report->leaderboard[0].class->name);
            AZ_GOTO(az_text_status(&scored_on));
            filled.scored_on = scored_on.data;
        }
    }
    AZ_GOTO(az_plot_find(&page.gnuplot));
    if (!page.gnuplot)
        az_warning(control, "gnuplot was not found, so the report has no pictures (Debian: apt install gnuplot-nox)");
    AZ_GOTO(write_page(&page));
    AZ_GOTO(az_output_open(&output, path));
    is_open = true;
    AZ_GOTO(az_output_write(&output, page.html.data, page.html.length));
    status = az_output_commit(&output);
done:
    if (status && is_open) az_output_abandon(&output);
    az_text_free(&page.html);
    az_free(page.gnuplot);
    az_free(best_work);
    az_text_free(&scored_on);
    return status;
}
