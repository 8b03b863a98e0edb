/* SPDX-License-Identifier: BSD-3-Clause */
/* The data's summary: every column in one line. */
#include "report/page.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 100, N_BINS = 20, N_LEVELS_SHOWN = 4, BAR_WIDTH = 5, BAR_HEIGHT = 24 };

/* The k-th smallest (from 0) of n finite numbers, which are moved about: Hoare's quickselect, the pivot the median of
 * three, so that sorted columns cost no more than others. */
static double select_kth(double *values, int64_t n, int64_t k)
{
    int64_t left = 0, right = n - 1;
    while (left < right) {
        double a = values[left], b = values[left + (right - left) / 2], c = values[right];
        double pivot = fmax(fmin(a, b), fmin(fmax(a, b), c));
        int64_t i = left, j = right;
        while (i <= j) {
            while (values[i] < pivot) i++;
            while (values[j] > pivot) j--;
            if (i > j) break;
            double swapped = values[i];
            values[i++] = values[j];
            values[j--] = swapped;
        }
        if (k <= j)
            right = j;
        else if (k >= i)
            left = i;
        else
            break;
    }
    return values[k];
}

/* A row of bars as a small drawing; heights are shares of the largest count. */
static void write_bars(az_text *html, const int64_t *counts, int n)
{
    int64_t largest = 1;
    for (int i = 0; i < n; i++) largest = counts[i] > largest ? counts[i] : largest;
    az_text_printf(html, "<svg class=\"spark\" role=\"img\" viewBox=\"0 0 %d %d\">", N_BINS * BAR_WIDTH, BAR_HEIGHT);
    for (int i = 0; i < n; i++) {
        /* Never lower than a hair's breadth, or rare values could not be seen. */
        int height = counts[i] ? (int)fmax(1, round((double)counts[i] / (double)largest * BAR_HEIGHT)) : 0;
        if (!height) continue;
        az_text_printf(html, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", i * BAR_WIDTH, BAR_HEIGHT - height,
                       BAR_WIDTH - 1, height);
    }
    az_text_append(html, "</svg>");
}

static az_status write_numeric(az_page *page, const az_column *column, int64_t n_rows)
{
    az_text *html = &page->html;
    double *values = az_alloc_array(n_rows, sizeof *values);
    if (!values) return AZ_ERROR_MEMORY;
    int64_t n = 0;
    double lower = INFINITY, upper = -INFINITY;
    for (int64_t i = 0; i < n_rows; i++) {
        double value = column->values[i * column->stride];
        if (!isfinite(value)) continue;
        values[n++] = value;
        lower = fmin(lower, value);
        upper = fmax(upper, value);
    }
    int64_t counts[N_BINS] = {0};
    for (int64_t i = 0; i < n; i++) {
        double position = upper > lower ? (values[i] / 2 - lower / 2) / (upper / 2 - lower / 2) * N_BINS : 0;
        counts[position >= N_BINS ? N_BINS - 1 : (int)position]++;
    }
    double median = NAN;
    if (n) {
        median = select_kth(values, n, n / 2);
        if (n % 2 == 0) median = 0.5 * median + 0.5 * select_kth(values, n, n / 2 - 1);
    }
    const double shown[] = {n ? lower : NAN, median, n ? upper : NAN};
    for (int i = 0; i < 3; i++) {
        az_text_append(html, "<td>");
        if (column->type == AZ_TIME) {
            char time[AZ_TIME_MAX];
            az_time_print(time, &column->time, shown[i]);
            az_text_append(html, time);
        } else {
            az_html_number(html, shown[i], 4);
        }
        az_text_append(html, "</td>");
    }
    az_text_append(html, "<td>");
    if (n) write_bars(html, counts, N_BINS);
    az_text_append(html, "</td>");
    az_free(values);
    return AZ_OK;
}

static az_status write_categorical(az_page *page, const az_column *column, int64_t n_rows)
{
    az_text *html = &page->html;
    int64_t *counts = az_alloc_zero((size_t)(column->n_levels ? column->n_levels : 1) * sizeof *counts);
    if (!counts) return AZ_ERROR_MEMORY;
    for (int64_t i = 0; i < n_rows; i++) {
        if (column->codes[i] >= 0) counts[column->codes[i]]++;
    }
    az_text_append(html, "<td colspan=\"3\" class=\"words\">");
    az_html_count(html, column->n_levels);
    az_text_append(html, column->n_levels == 1 ? " level" : " levels");
    int64_t bars[N_BINS] = {0};
    int n_bars = 0;
    /* The most frequent, by repeated search: a few passes over the levels instead of sorting thousands. */
    for (; n_bars < N_BINS && n_bars < column->n_levels; n_bars++) {
        int32_t best = 0;
        for (int32_t k = 1; k < column->n_levels; k++) best = counts[k] > counts[best] ? k : best;
        if (n_bars < N_LEVELS_SHOWN) {
            az_text name = {0};
            az_plot_shorten(&name, column->levels[best], 24);
            az_text_append(html, n_bars ? ", " : ": ");
            az_html_escape(html, name.data);
            az_text_append(html, "&nbsp;(");
            az_html_count(html, counts[best]);
            az_text_append(html, ")");
            html->failed |= name.failed;
            az_text_free(&name);
        }
        bars[n_bars] = counts[best];
        counts[best] = -1;
    }
    az_text_append(html, column->n_levels > N_LEVELS_SHOWN ? ", \xE2\x80\xA6</td><td>" : "</td><td>");
    write_bars(html, bars, n_bars);
    az_text_append(html, "</td>");
    az_free(counts);
    return AZ_OK;
}

static bool names_role(const char *role, const char *name)
{
    return role && !strcmp(role, name);
}

static const char *role_of(const az_report *report, int64_t column)
{
    const az_problem *problem = report->problem;
    if (!problem) return "";
    const char *name = report->table->columns[column].name;
    for (int64_t i = 0; i < problem->n_targets; i++) {
        if (problem->targets[i] == column) return "target";
    }
    for (int64_t i = 0; i < problem->n_inputs; i++) {
        if (problem->inputs[i] == column) return "feature";
    }
    if (names_role(problem->roles.weight, name)) return "weight";
    if (names_role(problem->roles.sigma, name)) return "sigma";
    if (names_role(problem->roles.group, name)) return "group";
    if (names_role(problem->roles.time, name)) return "time";
    return "not used";
}

static az_status write_columns(az_page *page)
{
    const az_table *table = page->report->table;
    az_text *html = &page->html;
    bool has_units = false;
    for (int64_t c = 0; c < table->n_columns && c < MAX_COLUMNS; c++)
        has_units |= table->columns[c].unit && *table->columns[c].unit;
    az_text_append(html, "<p>");
    az_html_count(html, table->n_rows);
    az_text_append(html, table->n_rows == 1 ? " row, " : " rows, ");
    az_html_count(html, table->n_columns);
    az_text_append(html, table->n_columns == 1 ? " column" : " columns");
    if (table->source) {
        az_text_append(html, ", read from <code>");
        az_html_escape(html, table->source);
        az_text_append(html, "</code>");
    }
    az_text_append(html, ".</p>\n<div class=\"scroll\"><table class=\"numbers\">\n<thead><tr><th>column</th>");
    if (has_units) az_text_append(html, "<th class=\"words\">unit</th>");
    az_text_append(html, "<th class=\"words\">role</th><th class=\"words\">type</th>"
                         "<th>missing</th><th>minimum</th><th>median</th><th>maximum</th><th>distribution</th>"
                         "</tr></thead>\n<tbody>\n");
    for (int64_t c = 0; c < table->n_columns && c < MAX_COLUMNS; c++) {
        const az_column *column = &table->columns[c];
        AZ_TRY(az_check_interrupt(page->control));
        az_text_append(html, "<tr><th>");
        az_html_escape(html, column->name);
        az_text_append(html, "</th>");
        if (has_units) {
            az_text_append(html, "<td class=\"words\">");
            az_html_escape(html, column->unit);
            az_text_append(html, "</td>");
        }
        az_text_append(html, "<td class=\"words\">");
        az_text_append(html, role_of(page->report, c));
        static const char *const types[] = {[AZ_NUMERIC] = "number", [AZ_CATEGORICAL] = "category", [AZ_TIME] = "time"};
        az_text_printf(html, "</td><td class=\"words\">%s</td><td>", types[column->type]);
        az_html_count(html, column->n_missing);
        az_text_append(html, "</td>");
        if (column->type != AZ_CATEGORICAL)
            AZ_TRY(write_numeric(page, column, table->n_rows));
        else
            AZ_TRY(write_categorical(page, column, table->n_rows));
        az_text_append(html, "</tr>\n");
    }
    az_text_append(html, "</tbody></table></div>\n");
    if (table->n_columns > MAX_COLUMNS) {
        az_text_append(html, "<p class=\"small\">");
        az_html_count(html, table->n_columns - MAX_COLUMNS);
        az_text_append(html, " more columns are not listed.</p>\n");
    }
    return AZ_OK;
}

static bool has_table(const az_report *report)
{
    return report->table != NULL;
}

const az_section az_section_columns = {
    .id = "data",
    .title = "The data",
    .present = has_table,
    .write = write_columns,
};
