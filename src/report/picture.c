/* SPDX-License-Identifier: BSD-3-Clause */
/* Pictures on the page, and the one that several sections draw. */
#include "report/page.h"

#include <string.h>

#include "base/memory.h"

#include <math.h>

az_status az_page_picture(az_page *page, const az_text *script, const char *caption)
{
    az_text svg = {0};
    az_text prefix = {0};
    az_text_printf(&prefix, "p%d-", ++page->n_pictures);
    az_status status = az_text_status(&prefix);
    if (!status) status = az_text_status(script);
    az_text_append(&page->html, "<figure>");
    if (!status && page->gnuplot) {
        status = az_plot_run(page->gnuplot, script, prefix.data, &svg, page->control);
        if (!status) {
            az_text_append(&page->html, "<div class=\"card\">");
            az_text_append_n(&page->html, svg.data, svg.length);
            az_text_append(&page->html, "</div>");
        } else if (status == AZ_ERROR_UNAVAILABLE) {
            az_text_append(&page->html, "<p class=\"missing\">This picture is missing: ");
            az_html_escape(&page->html, az_error_message());
            az_text_append(&page->html, "</p>");
            status = AZ_OK;
        }
    } else if (!status) {
        az_text_append(&page->html, "<p class=\"missing\">This picture is missing: gnuplot was not found. Install it "
                                    "(Debian: gnuplot-nox) and write the report again.</p>");
    }
    if (caption) {
        az_text_append(&page->html, "<figcaption>");
        az_text_append(&page->html, caption);
        az_text_append(&page->html, "</figcaption>");
    }
    az_text_append(&page->html, "</figure>\n");
    az_text_free(&svg);
    az_text_free(&prefix);
    return status;
}

void az_page_target(const az_report *report, int64_t k, const char **name, const char **unit)
{
    *name = "target";
    *unit = NULL;
    const az_problem *problem = report->problem;
    if (problem && k < problem->n_targets) {
        const az_column *column = &problem->table->columns[problem->targets[k]];
        *name = column->name;
        *unit = column->unit;
    } else if (report->model && k < report->model->n_targets) {
        *name = report->model->target_names[k];
        *unit = report->model->target_units ? report->model->target_units[k] : NULL;
    }
}

void az_plot_widen(double *lower, double *upper)
{
    if (!(*lower <= *upper)) {
        *lower = 0;
        *upper = 1;
    }
    double margin = 0.04 * (*upper - *lower);
    if (margin <= 1e-9 * fmax(fabs(*lower), fabs(*upper)) || margin == 0)
        margin = *lower == 0 && *upper == 0 ? 1 : 0.05 * fmax(fabs(*lower), fabs(*upper));
    *lower -= margin;
    *upper += margin;
}

void az_plot_shorten(az_text *text, const char *name, int n_characters)
{
    int count = 0;
    for (const char *c = name; *c; count++) {
        if (count == n_characters - 1) {
            int length = (int)az_utf8_length(c, strlen(c));
            bool is_last = !c[length ? length : 1];
            if (!is_last) {
                az_text_append(text, "\xE2\x80\xA6");
                return;
            }
        }
        int length = (int)az_utf8_length(c, strlen(c));
        az_text_append_n(text, c, (size_t)(length ? length : 1));
        c += length ? length : 1;
    }
}

az_status az_page_whiskers(az_page *page, const char *const *names, const double *values, const double *lower,
                           const double *upper, int64_t n, const char *axis, const char *unit, bool zero_line,
                           const char *caption)
{
    az_text script = {0}, label = {0};
    double low = zero_line ? 0 : INFINITY, high = zero_line ? 0 : -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        low = fmin(low, isfinite(lower[i]) ? fmin(values[i], lower[i]) : values[i]);
        high = fmax(high, isfinite(upper[i]) ? fmax(values[i], upper[i]) : values[i]);
    }
    az_plot_widen(&low, &high);
    az_plot_begin(&script, AZ_PLOT_WIDTH, 90 + 24 * (int)n);
    az_text_append(&script, "$points << END\n");
    for (int64_t i = 0; i < n; i++) {
        az_text_number(&script, values[i]);
        az_text_printf(&script, " %lld ", (long long)(n - i));
        az_text_number(&script, isfinite(lower[i]) ? lower[i] : values[i]);
        az_text_append(&script, " ");
        az_text_number(&script, isfinite(upper[i]) ? upper[i] : values[i]);
        az_text_append(&script, "\n");
    }
    az_text_append(&script, "END\nset ytics (");
    for (int64_t i = 0; i < n; i++) {
        label.length = 0;
        az_plot_shorten(&label, names[i], 24);
        if (i) az_text_append(&script, ", ");
        az_plot_quote(&script, label.length ? label.data : "", true);
        az_text_printf(&script, " %lld", (long long)(n - i));
    }
    az_text_append(&script, ")\n");
    script.failed |= label.failed;
    az_plot_axis(&script, 'x', low, high, axis, unit);
    az_plot_range(&script, 'y', 0.4, (double)n + 0.6);
    if (zero_line) az_text_append(&script, "set arrow from 0, graph 0 to 0, graph 1 nohead lc rgb '#555555' dt 2\n");
    az_text_append(&script, "plot $points using 1:2:3:4 with xerrorbars pt 7 ps 0.6 lw 1.6 lc rgb '" AZ_PLOT_BLUE
                            "'\n");
    az_status status = az_page_picture(page, &script, caption);
    az_text_free(&script);
    az_text_free(&label);
    return status;
}
