/* SPDX-License-Identifier: BSD-3-Clause */
/* Coefficients with their errors. */
#include "report/page.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 30, MAX_ROWS = 5000 };

/* A coefficient and what it does: the change of the prediction when its feature grows by one standard deviation. */
typedef struct entry {
    const az_coefficient *coefficient;
    int64_t feature; /* -1: the intercept */
    double deviation, effect;
} entry;

static int by_effect(const void *a, const void *b)
{
    const entry *first = a, *second = b;
    double x = isnan(first->effect) ? -1 : fabs(first->effect), y = isnan(second->effect) ? -1 : fabs(second->effect);
    if (x != y) return x < y ? 1 : -1;
    return (first->coefficient > second->coefficient) - (first->coefficient < second->coefficient);
}

/* Standard deviation of every feature, in its own units, from at most MAX_ROWS rows evenly spread. */
static az_status feature_deviations(const az_report *report, double *deviation)
{
    const az_design *design = report->model->design;
    const az_problem *problem = report->problem;
    int64_t n_rows = problem->n_rows < MAX_ROWS ? problem->n_rows : MAX_ROWS;
    int64_t *rows = NULL;
    az_encoder *encoder = NULL;
    double *x = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(rows, n_rows));
    x = n_rows && design->n_features > INT64_MAX / 8 / n_rows ? NULL
                                                              : az_alloc_array(n_rows * design->n_features, sizeof *x);
    if (!x) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    AZ_GOTO(az_encoder_new(&encoder, design, problem->table));
    for (int64_t i = 0; i < n_rows; i++)
        rows[i] = problem->rows[(int64_t)((double)i / (double)n_rows * (double)problem->n_rows)];
    AZ_GOTO(az_design_matrix(design, encoder, rows, n_rows, x, NULL, NULL));
    for (int64_t j = 0; j < design->n_features; j++) {
        const double *values = x + j * n_rows;
        double mean = 0, square = 0;
        for (int64_t i = 0; i < n_rows; i++) mean += values[i] / (double)n_rows;
        for (int64_t i = 0; i < n_rows; i++) square += (values[i] - mean) * (values[i] - mean);
        deviation[j] = n_rows > 1 ? sqrt(square / (double)(n_rows - 1)) * design->features[j].scale : NAN;
    }
done:
    az_encoder_free(encoder);
    az_free(rows);
    az_free(x);
    return status;
}

/* The unit of a coefficient: that of the target over that of the feature, where the feature is a column as it is. */
static void write_unit(az_text *html, const az_model *model, const az_coefficient *coefficient, int64_t feature)
{
    if (model->task != AZ_REGRESSION || model->pipeline.transform_target != AZ_TRANSFORM_NONE) return;
    const char *target = NULL, *input = NULL;
    for (int64_t k = 0; k < model->n_targets; k++) {
        if (!strcmp(model->target_names[k], coefficient->output)) target = model->target_units[k];
    }
    for (int64_t i = 0; feature >= 0 && i < model->design->n_inputs; i++) {
        const az_raw_input *candidate = &model->design->inputs[i];
        if (candidate->type == AZ_CATEGORICAL || strcmp(candidate->name, coefficient->name) != 0) continue;
        input = candidate->unit;
        if (candidate->type == AZ_TIME) input = az_time_step_name(&candidate->time);
    }
    if (feature >= 0 && !input) return;
    if (!target && !input) return;
    if (!input) {
        az_html_escape(html, target);
        return;
    }
    az_html_escape(html, target ? target : "1");
    az_text_append(html, " / ");
    bool compound = strpbrk(input, "/* ") != NULL;
    if (compound) az_text_append(html, "(");
    az_html_escape(html, input);
    if (compound) az_text_append(html, ")");
}

static bool shows_units(const az_model *model)
{
    bool known = false;
    if (model->task != AZ_REGRESSION || model->pipeline.transform_target != AZ_TRANSFORM_NONE) return false;
    for (int64_t k = 0; k < model->n_targets; k++) known |= model->target_units[k] != NULL;
    for (int64_t i = 0; i < model->design->n_inputs; i++) known |= model->design->inputs[i].unit != NULL;
    return known;
}

static void write_cell(az_text *html, double value, int digits)
{
    az_text_append(html, "<td>");
    az_html_number(html, value, digits);
    az_text_append(html, "</td>");
}

/* A p value below the smallest double is not zero. */
static void write_p(az_text *html, double p)
{
    if (p == 0)
        az_text_append(html, "<td>&lt; 1e-307</td>");
    else
        write_cell(html, p, 2);
}

static void write_table(az_page *page, const entry *entries, int64_t n, bool several, bool has_errors)
{
    az_text *html = &page->html;
    const az_model *model = page->report->model;
    az_text_append(html, "<div class=\"scroll\"><table class=\"numbers\">\n<thead><tr>");
    if (several) az_text_append(html, "<th>output</th>");
    az_text_append(html, "<th>name</th><th>estimate</th>");
    if (has_errors)
        az_text_append(html, "<th>standard error</th><th>t</th><th>p</th><th colspan=\"2\">95 % interval</th>");
    bool has_units = shows_units(model);
    az_text_append(html,
                   has_units ? "<th class=\"words\">unit</th></tr></thead>\n<tbody>\n" : "</tr></thead>\n<tbody>\n");
    for (int64_t i = 0; i < n; i++) {
        const az_coefficient *c = entries[i].coefficient;
        az_text_append(html, "<tr>");
        if (several) {
            az_text_append(html, "<th>");
            az_html_escape(html, c->output);
            az_text_append(html, "</th>");
        }
        az_text_append(html, "<th>");
        az_html_escape(html, c->name);
        az_text_append(html, "</th>");
        write_cell(html, c->estimate, 6);
        if (has_errors) {
            write_cell(html, c->std_error, 3);
            write_cell(html, c->t, 3);
            write_p(html, c->p);
            write_cell(html, c->lower, 4);
            write_cell(html, c->upper, 4);
        }
        if (has_units) {
            az_text_append(html, "<td class=\"words\">");
            write_unit(html, model, c, entries[i].feature);
            az_text_append(html, "</td>");
        }
        az_text_append(html, "</tr>\n");
    }
    az_text_append(html, "</tbody></table></div>\n");
}

static az_status picture(az_page *page, const entry *entries, int64_t n, bool several)
{
    const az_model *model = page->report->model;
    az_text labels[MAX_SHOWN] = {{0}};
    const char *names[MAX_SHOWN];
    double values[MAX_SHOWN], lower[MAX_SHOWN], upper[MAX_SHOWN];
    int64_t n_shown = 0;
    bool has_intervals = false;
    az_status status = AZ_OK;
    for (int64_t i = 0; i < n && n_shown < MAX_SHOWN; i++) {
        const az_coefficient *c = entries[i].coefficient;
        if (entries[i].feature < 0 || !isfinite(entries[i].effect)) continue;
        if (several) {
            az_plot_shorten(&labels[n_shown], c->output, 10);
            az_text_append(&labels[n_shown], ": ");
        }
        az_text_append(&labels[n_shown], c->name);
        AZ_GOTO(az_text_status(&labels[n_shown]));
        names[n_shown] = labels[n_shown].data ? labels[n_shown].data : "";
        values[n_shown] = entries[i].effect;
        lower[n_shown] = c->lower * entries[i].deviation;
        upper[n_shown] = c->upper * entries[i].deviation;
        has_intervals |= isfinite(lower[n_shown]);
        n_shown++;
    }
    if (n_shown) {
        const char *target, *unit;
        az_page_target(page->report, 0, &target, &unit);
        bool in_unit = model->task == AZ_REGRESSION && model->n_targets == 1 &&
                       model->pipeline.transform_target == AZ_TRANSFORM_NONE;
        const char *axis = model->task == AZ_CLASSIFICATION                        ? "change of the log odds"
                           : model->pipeline.transform_target == AZ_TRANSFORM_NONE ? "change of the prediction"
                                                                                   : "change of the prediction's log";
        status = az_page_whiskers(page, names, values, lower, upper, n_shown, axis, in_unit ? unit : NULL, true,
                                  has_intervals
                                      ? "What one standard deviation more of each feature changes, with 95 % intervals."
                                      : "What one standard deviation more of each feature changes.");
    }
done:
    for (int64_t i = 0; i < MAX_SHOWN; i++) az_text_free(&labels[i]);
    return status;
}

/* Makes the entries, intercepts first, the others by falling effect. */
static az_status make_entries(const az_report *report, const az_coefficient *coefficients, int64_t n, entry **entries,
                              int64_t *n_intercepts)
{
    int64_t n_features = report->model->design->n_features;
    bool has_intercept = n % (n_features + 1) == 0 && !strcmp(coefficients[0].name, "intercept");
    int64_t stride = has_intercept ? n_features + 1 : n_features;
    double *deviation = NULL;
    az_status status;
    *entries = NULL;
    *n_intercepts = has_intercept ? n / stride : 0;
    AZ_GOTO(AZ_NEW_ARRAY(deviation, n_features));
    AZ_GOTO(feature_deviations(report, deviation));
    AZ_GOTO(AZ_NEW_ARRAY(*entries, n));
    int64_t n_first = 0, n_rest = *n_intercepts;
    for (int64_t i = 0; i < n; i++) {
        int64_t feature = stride ? i % stride - has_intercept : 0;
        entry made = {&coefficients[i], feature, NAN, NAN};
        if (feature >= 0) {
            made.deviation = deviation[feature];
            made.effect = coefficients[i].estimate * made.deviation;
        }
        (*entries)[feature < 0 ? n_first++ : n_rest++] = made;
    }
    qsort(*entries + *n_intercepts, (size_t)(n - *n_intercepts), sizeof **entries, by_effect);
done:
    az_free(deviation);
    return status;
}

static az_status write_coefficients(az_page *page)
{
    const az_report *report = page->report;
    az_coefficient *coefficients = NULL;
    entry *entries = NULL;
    int64_t n = 0, n_intercepts = 0;
    az_status status;
    AZ_GOTO(az_model_coefficients(report->model, &coefficients, &n));
    if (!n) goto done;
    AZ_GOTO(make_entries(report, coefficients, n, &entries, &n_intercepts));
    bool several = false, has_errors = false;
    for (int64_t i = 0; i < n; i++) {
        several |= strcmp(coefficients[i].output, coefficients[0].output) != 0;
        has_errors |= isfinite(coefficients[i].std_error);
    }
    int64_t n_shown = n < MAX_SHOWN + n_intercepts ? n : MAX_SHOWN + n_intercepts;
    if (n_intercepts > MAX_SHOWN) n_shown = MAX_SHOWN;
    AZ_GOTO(picture(page, entries, n, several));
    write_table(page, entries, n_shown, several, has_errors);
    bool is_log = report->model->pipeline.transform_target != AZ_TRANSFORM_NONE;
    az_text_append(&page->html, is_log ? "<p class=\"small\">Of the target's logarithm, a unit of the feature"
                                       : "<p class=\"small\">In the columns' own units");
    if (n > n_shown) {
        az_text_append(&page->html, "; the ");
        az_html_count(&page->html, n_shown);
        az_text_append(&page->html, " that change the prediction most, ");
        az_html_count(&page->html, n - n_shown);
        az_text_append(&page->html, " more are in the model (ansatz show)");
    }
    az_text_append(&page->html, has_errors ? ".</p>\n" : "; this model gives no standard errors.</p>\n");
done:
    az_free(entries);
    az_free(coefficients);
    return status;
}

static bool has_coefficients(const az_report *report)
{
    return report->model && report->problem && report->model->class->linear_map;
}

const az_section az_section_coefficients = {
    .id = "coefficients",
    .title = "Coefficients",
    .present = has_coefficients,
    .write = write_coefficients,
};
