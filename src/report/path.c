/* SPDX-License-Identifier: BSD-3-Clause */
/* How the coefficients shrink as the penalty grows. */
#include "report/page.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Named lines are few enough to be told apart; the colours are Okabe and Ito's. */
enum { N_NAMED = 7, MAX_LINES = 200 };
static const char *const colours[N_NAMED] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                             "#E69F00", "#56B4E9", "#000000"};

static bool get_path(const az_report *report, az_path *path)
{
    if (!report->model || !report->model->class->path) return false;
    *path = (az_path){0};
    return report->model->class->path(report->model->fitted, path) && path->n > 1;
}

static bool has_path(const az_report *report)
{
    az_path path;
    return get_path(report, &path);
}

/* The features with the largest coefficients anywhere on the path, largest first; returns how many. */
static int64_t largest_features(const az_path *path, int64_t n_features, int64_t n_outputs, int64_t *chosen, int64_t n)
{
    double size[N_NAMED];
    int64_t n_chosen = 0;
    for (int64_t j = 0; j < n_features; j++) {
        double largest = 0;
        for (int64_t a = 0; a < path->n; a++)
            largest = fmax(largest, fabs(path->coefficient[a * n_outputs * n_features + j]));
        int64_t place = n_chosen;
        while (place > 0 && size[place - 1] < largest)
            place--;
        if (place >= n) continue;
        if (n_chosen < n) n_chosen++;
        for (int64_t i = n_chosen - 1; i > place; i--) {
            chosen[i] = chosen[i - 1];
            size[i] = size[i - 1];
        }
        chosen[place] = j;
        size[place] = largest;
    }
    return n_chosen;
}

static double chosen_alpha(const az_model *model)
{
    az_fact facts[AZ_MAX_FACTS];
    int n = az_model_facts(model, facts);
    for (int i = 0; i < n; i++) {
        if (!strcmp(facts[i].name, "alpha")) return facts[i].value;
    }
    return NAN;
}

static void begin(az_text *script, const az_report *report, const az_path *path, int height)
{
    az_plot_begin(script, AZ_PLOT_WIDTH, height);
    double lower = INFINITY, upper = 0;
    for (int64_t a = 0; a < path->n; a++) {
        if (!(path->alpha[a] > 0)) continue;
        lower = fmin(lower, path->alpha[a]);
        upper = fmax(upper, path->alpha[a]);
    }
    if (lower < upper) az_plot_log_axis(script, 'x', lower, upper, "penalty alpha", NULL);
    double alpha = chosen_alpha(report->model);
    if (alpha > 0 && isfinite(alpha)) {
        az_text_append(script, "set arrow from first ");
        az_text_number(script, alpha);
        az_text_append(script, ", graph 0 to first ");
        az_text_number(script, alpha);
        az_text_append(script, ", graph 1 nohead dt 2 lc rgb '#555555'\n");
    }
}

static az_status picture_coefficients(az_page *page, const az_path *path)
{
    const az_design *design = page->report->model->design;
    int64_t n_features = design->n_features;
    int64_t n_outputs = page->report->model->task == AZ_REGRESSION ? page->report->model->n_targets
                                                                    : page->report->model->n_classes;
    int64_t named[N_NAMED];
    int64_t n_named = largest_features(path, n_features, n_outputs, named, N_NAMED);
    az_text script = {0}, label = {0};
    begin(&script, page->report, path, AZ_PLOT_HEIGHT + 60);
    double lower = 0, upper = 0;
    for (int64_t a = 0; a < path->n; a++) {
        for (int64_t j = 0; j < n_features; j++) {
            double value = path->coefficient[a * n_outputs * n_features + j];
            if (!isfinite(value)) continue;
            lower = fmin(lower, value);
            upper = fmax(upper, value);
        }
    }
    az_plot_widen(&lower, &upper);
    az_plot_axis(&script, 'y', lower, upper, "coefficient of the scaled feature", NULL);
    az_text_append(&script, "set key outside bottom center horizontal samplen 1.5 maxcols 2 width -4\n");
    int64_t n_lines = n_features < MAX_LINES ? n_features : MAX_LINES;
    for (int64_t line = 0; line < n_lines + n_named; line++) {
        int64_t j = line < n_lines ? line : named[line - n_lines];
        az_text_printf(&script, "$line%lld << END\n", (long long)line);
        for (int64_t a = 0; a < path->n; a++) {
            double value = path->coefficient[a * n_outputs * n_features + j];
            if (!(path->alpha[a] > 0) || !isfinite(value)) continue;
            az_text_number(&script, path->alpha[a]);
            az_text_append(&script, " ");
            az_text_number(&script, value);
            az_text_append(&script, "\n");
        }
        az_text_append(&script, "END\n");
    }
    for (int64_t line = 0; line < n_lines + n_named; line++) {
        az_text_printf(&script, "%s $line%lld with lines ", line ? "," : "plot", (long long)line);
        if (line < n_lines) {
            az_text_append(&script, "lw 0.8 lc rgb '#bbbbbb' notitle");
            continue;
        }
        label.length = 0;
        az_plot_shorten(&label, design->features[named[line - n_lines]].name, 20);
        az_text_printf(&script, "lw 1.8 lc rgb '%s' title ", colours[line - n_lines]);
        az_plot_quote(&script, label.length ? label.data : "", false);
    }
    az_text_append(&script, "\n");
    script.failed |= label.failed;
    az_status status = az_page_picture(
        page, &script,
        n_features > n_named ? "Coefficients along the penalty; the largest are named, the others grey; the "
                               "vertical line is the penalty of this model."
                             : "Coefficients along the penalty; the vertical line is the penalty of this model.");
    az_text_free(&script);
    az_text_free(&label);
    return status;
}

static az_status picture_score(az_page *page, const az_path *path)
{
    az_text script = {0};
    begin(&script, page->report, path, AZ_PLOT_HEIGHT);
    double lower = INFINITY, upper = -INFINITY;
    for (int64_t a = 0; a < path->n; a++) {
        if (!isfinite(path->score[a])) continue;
        lower = fmin(lower, path->score[a]);
        upper = fmax(upper, path->score[a]);
    }
    az_plot_widen(&lower, &upper);
    az_plot_axis(&script, 'y', lower, upper, "estimated mean squared error", NULL);
    az_text_append(&script, "$score << END\n");
    for (int64_t a = 0; a < path->n; a++) {
        if (!(path->alpha[a] > 0) || !isfinite(path->score[a])) continue;
        az_text_number(&script, path->alpha[a]);
        az_text_append(&script, " ");
        az_text_number(&script, path->score[a]);
        az_text_append(&script, "\n");
    }
    az_text_append(&script, "END\nplot $score with linespoints pt 7 ps 0.3 lw 1.6 lc rgb '" AZ_PLOT_BLUE "'\n");
    const char *caption = "The error by which the penalty was chosen; the vertical line is the choice.";
    az_status status = az_page_picture(page, &script, caption);
    az_text_free(&script);
    return status;
}

static az_status write_path(az_page *page)
{
    az_path path;
    if (!get_path(page->report, &path)) return AZ_OK;
    az_text_append(&page->html, "<div class=\"figures\">\n");
    AZ_TRY(picture_coefficients(page, &path));
    if (path.score) AZ_TRY(picture_score(page, &path));
    az_text_append(&page->html, "</div>\n");
    return AZ_OK;
}

const az_section az_section_path = {
    .id = "path",
    .title = "Regularisation path",
    .present = has_path,
    .write = write_path,
};
