/* SPDX-License-Identifier: BSD-3-Clause */
/* Classification: which classes are taken for which, and whether the probabilities can be believed. */
#include "report/page.h"

#include "base/memory.h"

#include <math.h>

enum { MAX_CLASSES = 20, N_BINS = 10 };

static bool has_probabilities(const az_report *report)
{
    const az_score_data *scored = report->scored;
    return scored && scored->n_rows > 0 && scored->label && scored->probability && scored->n_classes > 0;
}

static const char *class_name(const az_report *report, int64_t k)
{
    if (report->problem && k < report->problem->n_classes) return report->problem->classes[k];
    if (report->model && k < report->model->n_classes) return report->model->classes[k];
    return "?";
}

static void write_matrix(az_page *page, const double *counts, int64_t n_classes, int64_t n_shown)
{
    az_text *html = &page->html;
    az_text_append(html, "<div class=\"scroll\"><table class=\"numbers heat\">\n<thead><tr><th>observed</th>");
    for (int64_t k = 0; k < n_shown; k++) {
        az_text_append(html, "<th>predicted<br>");
        az_html_escape(html, class_name(page->report, k));
        az_text_append(html, "</th>");
    }
    az_text_append(html, "<th>rows</th></tr></thead>\n<tbody>\n");
    for (int64_t i = 0; i < n_shown; i++) {
        double total = 0;
        for (int64_t k = 0; k < n_classes; k++)
            total += counts[i * n_classes + k];
        az_text_append(html, "<tr><th>");
        az_html_escape(html, class_name(page->report, i));
        az_text_append(html, "</th>");
        for (int64_t k = 0; k < n_shown; k++) {
            double count = counts[i * n_classes + k], share = total > 0 ? count / total : 0;
            /* Right answers are shaded blue, wrong ones vermilion, both by the share of their row. */
            int depth = (int)lround(60 * fmin(1, fmax(0, share)));
            az_text_printf(html, "<td style=\"background:rgba(%s,0.%02d)\">", i == k ? "0,114,178" : "213,94,0", depth);
            az_html_number(html, count, 6);
            az_text_append(html, "<br><span class=\"small\">");
            az_html_percent(html, total > 0 ? share : NAN);
            az_text_append(html, "</span></td>");
        }
        az_text_append(html, "<td>");
        az_html_number(html, total, 6);
        az_text_append(html, "</td></tr>\n");
    }
    az_text_append(html, "</tbody></table></div>\n");
}

static az_status write_confusion(az_page *page)
{
    const az_score_data *scored = page->report->scored;
    int64_t n = scored->n_classes, n_shown = n < MAX_CLASSES ? n : MAX_CLASSES;
    if (n > 3000) return AZ_OK;
    double *counts = az_alloc_zero((size_t)(n * n) * sizeof *counts);
    if (!counts) return AZ_ERROR_MEMORY;
    az_confusion(scored, counts);
    write_matrix(page, counts, n, n_shown);
    az_text_append(&page->html, "<p class=\"small\">Counts");
    az_text_append(&page->html, scored->weight ? " (weighted)" : "");
    az_text_append(&page->html, " and percentages of the row; ");
    az_html_escape(&page->html, page->report->scored_on ? page->report->scored_on : "the scored rows");
    if (n > n_shown)
        az_text_printf(&page->html, "; the first %lld of %lld classes", (long long)n_shown, (long long)n);
    az_text_append(&page->html, ".</p>\n");
    az_free(counts);
    return AZ_OK;
}

typedef struct calibration {
    int64_t count[N_BINS];
    double probability[N_BINS], hits[N_BINS]; /* sums */
} calibration;

/* Two classes: the probability of the second.  More: that of the predicted class (Guo, Pleiss, Sun, Weinberger,
 * ICML 2017). */
static void calibrate(const az_score_data *scored, calibration *bins)
{
    *bins = (calibration){0};
    for (int64_t i = 0; i < scored->n_rows; i++) {
        const double *probability = scored->probability + i * scored->n_classes;
        int32_t k = scored->n_classes == 2 ? 1 : az_argmax(probability, scored->n_classes);
        double p = probability[k];
        if (!(p >= 0 && p <= 1 + 1e-9)) continue;
        int bin = p >= 1 ? N_BINS - 1 : (int)(p * N_BINS);
        bins->count[bin]++;
        bins->probability[bin] += p;
        bins->hits[bin] += scored->label[i] == k;
    }
}

/* Wilson's interval for a proportion (1927), at one standard error: right for few rows, where the normal one is not. */
static void wilson(double hits, double n, double *lower, double *upper)
{
    double share = hits / n, centre = (share + 0.5 / n) / (1 + 1 / n);
    double half = sqrt(share * (1 - share) / n + 0.25 / (n * n)) / (1 + 1 / n);
    *lower = fmax(0, centre - half);
    *upper = fmin(1, centre + half);
}

static void calibration_script(az_text *script, const calibration *bins, int64_t n_rows)
{
    az_plot_begin(script, AZ_PLOT_WIDTH, AZ_PLOT_HEIGHT);
    az_text_append(script, "$bins << END\n");
    for (int b = 0; b < N_BINS; b++) {
        if (!bins->count[b]) continue;
        double n = (double)bins->count[b], lower, upper;
        wilson(bins->hits[b], n, &lower, &upper);
        const double row[] = {bins->probability[b] / n, bins->hits[b] / n, lower, upper};
        for (int i = 0; i < 4; i++) {
            az_text_number(script, row[i]);
            az_text_append(script, " ");
        }
        az_text_append(script, "\n");
    }
    az_text_append(script, "END\n$counts << END\n");
    for (int b = 0; b < N_BINS; b++) {
        az_text_number(script, (b + 0.5) / N_BINS);
        az_text_append(script, " ");
        az_text_number(script, n_rows ? 0.25 * (double)bins->count[b] / (double)n_rows : 0);
        az_text_append(script, "\n");
    }
    az_text_append(script, "END\nset xlabel 'predicted probability'\nset ylabel 'observed share'\n"
                           "set xrange [-0.02:1.02]\nset yrange [-0.02:1.05]\n"
                           "plot $counts using 1:2:(0.094) with boxes lc rgb '#cccccc', "
                           "x with lines dt 2 lw 1.2 lc rgb '#555555', "
                           "$bins using 1:2:3:4 with yerrorbars pt 7 ps 0.7 lw 1.6 lc rgb '" AZ_PLOT_BLUE "'\n");
}

static az_status write_calibration(az_page *page)
{
    const az_score_data *scored = page->report->scored;
    calibration bins;
    calibrate(scored, &bins);
    int64_t n_rows = 0;
    for (int b = 0; b < N_BINS; b++)
        n_rows += bins.count[b];
    az_text script = {0}, caption = {0};
    calibration_script(&script, &bins, n_rows);
    az_text_append(&caption, "How often it was right against how sure it was, for ");
    if (scored->n_classes == 2) {
        az_text_append(&caption, "class ");
        az_html_escape(&caption, class_name(page->report, 1));
    } else {
        az_text_append(&caption, "the predicted class");
    }
    az_text_append(&caption, "; honest probabilities lie on the dashed line. Bars: one standard error. "
                             "Grey: where the ");
    az_html_count(&caption, n_rows);
    az_text_append(&caption, " rows lie (not to scale).");
    az_status status = az_text_status(&caption);
    az_text_append(&page->html, "<div class=\"figures\">\n");
    if (!status) status = az_page_picture(page, &script, caption.data);
    az_text_free(&script);
    az_text_free(&caption);
    if (status) return status;

    az_text *html = &page->html;
    az_text_append(html, "<div class=\"scroll\"><table class=\"numbers\">\n<thead><tr><th>probability</th><th>rows</th>"
                         "<th>mean predicted</th><th>observed share</th></tr></thead>\n<tbody>\n");
    for (int b = 0; b < N_BINS; b++) {
        if (!bins.count[b]) continue;
        double n = (double)bins.count[b];
        az_text_printf(html, "<tr><th>%d\xE2\x80\x93%d %%</th><td>", b * 100 / N_BINS, (b + 1) * 100 / N_BINS);
        az_html_count(html, bins.count[b]);
        az_text_append(html, "</td><td>");
        az_html_percent(html, bins.probability[b] / n);
        az_text_append(html, "</td><td>");
        az_html_percent(html, bins.hits[b] / n);
        az_text_append(html, "</td></tr>\n");
    }
    az_text_append(html, "</tbody></table></div>\n</div>\n");
    return AZ_OK;
}

const az_section az_section_confusion = {
    .id = "confusion",
    .title = "Confusion matrix",
    .present = has_probabilities,
    .write = write_confusion,
};

const az_section az_section_calibration = {
    .id = "calibration",
    .title = "Calibration",
    .present = has_probabilities,
    .write = write_calibration,
};
