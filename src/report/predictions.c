/* SPDX-License-Identifier: BSD-3-Clause */
/* Regression: predicted against observed, and what is left over. */
#include "report/page.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { MAX_POINTS = 3000, N_CELLS = 48, MAX_TARGETS = 4, MAX_BINS = 40 };

typedef struct cloud {
    double *x, *y;
    int64_t n;
    double x_lower, x_upper, y_lower, y_upper;
} cloud;

static void cloud_add(cloud *points, double x, double y)
{
    if (!isfinite(x) || !isfinite(y)) return;
    if (!points->n) {
        points->x_lower = points->x_upper = x;
        points->y_lower = points->y_upper = y;
    }
    points->x[points->n] = x;
    points->y[points->n++] = y;
    points->x_lower = fmin(points->x_lower, x);
    points->x_upper = fmax(points->x_upper, x);
    points->y_lower = fmin(points->y_lower, y);
    points->y_upper = fmax(points->y_upper, y);
}

static az_status cloud_new(cloud *points, int64_t n)
{
    *points = (cloud){0};
    points->x = az_alloc_array(n, sizeof *points->x);
    points->y = az_alloc_array(n, sizeof *points->y);
    return points->x && points->y ? AZ_OK : AZ_ERROR_MEMORY;
}

static void cloud_free(cloud *points)
{
    az_free(points->x);
    az_free(points->y);
}

static int64_t cell_of(double value, double lower, double upper)
{
    double position = (value - lower) / (upper - lower) * N_CELLS;
    return position < 0 ? 0 : position >= N_CELLS ? N_CELLS - 1 : (int64_t)position;
}

/* From light to dark blue in the logarithm of the count: tells one row from two and still shows the thousands. */
static void append_shade(az_text *script, int64_t count, int64_t largest)
{
    double depth = largest > 1 ? log((double)count) / log((double)largest) : 1;
    const int light[3] = {0xC6, 0xDB, 0xEF}, dark[3] = {0x08, 0x30, 0x6B};
    int colour = 0;
    for (int i = 0; i < 3; i++)
        colour = colour * 256 + light[i] + (int)lround(depth * (dark[i] - light[i]));
    az_text_printf(script, " %d\n", colour);
}

/* Many points become a grid of cells shaded by their number: no row is left out, and the file stays small. */
static az_status cloud_cells(const cloud *points, az_text *script, int64_t *largest)
{
    int64_t *counts = az_alloc_zero(sizeof *counts * N_CELLS * N_CELLS);
    if (!counts) return AZ_ERROR_MEMORY;
    *largest = 0;
    for (int64_t i = 0; i < points->n; i++) {
        int64_t *count = &counts[cell_of(points->y[i], points->y_lower, points->y_upper) * N_CELLS +
                                 cell_of(points->x[i], points->x_lower, points->x_upper)];
        if (++*count > *largest) *largest = *count;
    }
    double width = (points->x_upper - points->x_lower) / N_CELLS;
    double height = (points->y_upper - points->y_lower) / N_CELLS;
    az_text_append(script, "$cells << END\n");
    for (int64_t cell = 0; cell < N_CELLS * N_CELLS; cell++) {
        if (!counts[cell]) continue;
        az_text_number(script, points->x_lower + ((double)(cell % N_CELLS) + 0.5) * width);
        az_text_append(script, " ");
        az_text_number(script, points->y_lower + ((double)(cell / N_CELLS) + 0.5) * height);
        az_text_append(script, " ");
        az_text_number(script, 0.5 * width);
        az_text_append(script, " ");
        az_text_number(script, 0.5 * height);
        append_shade(script, counts[cell], *largest);
    }
    az_text_append(script, "END\n");
    az_free(counts);
    return AZ_OK;
}

/* An axis in the unit of the target: "residual of velocity [km/s]". */
static void target_axis(az_text *script, const az_report *report, int64_t target, char axis, const char *what,
                        double lower, double upper)
{
    const char *name, *unit;
    az_text label = {0};
    az_page_target(report, target, &name, &unit);
    az_text_append(&label, what);
    az_text_append(&label, " ");
    az_plot_shorten(&label, name, 32);
    az_plot_axis(script, axis, lower, upper, label.data ? label.data : "", unit);
    script->failed |= label.failed;
    az_text_free(&label);
}

/* What stands on the axes of a cloud, and the plot elements drawn under its points. */
typedef struct cloud_look {
    int64_t target;
    const char *x, *y, *under;
} cloud_look;

/* Writes the axes, the data and the plot command. */
static az_status cloud_plot(const cloud *points, const cloud_look *look, const az_report *report, az_text *script,
                            az_text *caption)
{
    cloud wide = *points;
    az_plot_widen(&wide.x_lower, &wide.x_upper);
    az_plot_widen(&wide.y_lower, &wide.y_upper);
    target_axis(script, report, look->target, 'x', look->x, wide.x_lower, wide.x_upper);
    target_axis(script, report, look->target, 'y', look->y, wide.y_lower, wide.y_upper);
    az_html_count(caption, points->n);
    if (points->n > MAX_POINTS) {
        int64_t largest;
        AZ_TRY(cloud_cells(&wide, script, &largest));
        az_text_printf(script, "plot $cells using 1:2:3:4:5 with boxxyerror lc rgb variable, %s\n", look->under);
        az_text_append(caption, " rows, counted in cells: the darker, the more (logarithmic, up to ");
        az_html_count(caption, largest);
        az_text_append(caption, " in one).");
        return AZ_OK;
    }
    az_text_append(script, "$points << END\n");
    for (int64_t i = 0; i < points->n; i++) {
        az_text_number(script, points->x[i]);
        az_text_append(script, " ");
        az_text_number(script, points->y[i]);
        az_text_append(script, "\n");
    }
    const char *style = points->n > 300 ? "ps 0.35 lc rgb '#990072B2'" : "ps 0.6 lc rgb '#550072B2'";
    az_text_printf(script, "END\nplot %s, $points with points pt 7 %s\n", look->under, style);
    az_text_append(caption, points->n == 1 ? " row." : " rows.");
    return AZ_OK;
}

static void section_note(az_page *page)
{
    az_text_append(&page->html, "<p>Predictions of rows not seen in training: ");
    az_html_escape(&page->html, page->report->scored_on ? page->report->scored_on : "the scored rows");
    az_text_append(&page->html, ".</p>\n<div class=\"figures\">\n");
}

static void note_left_out(az_page *page)
{
    az_text_append(&page->html, "</div>\n");
    int64_t n_targets = page->report->scored->n_targets;
    if (n_targets > MAX_TARGETS)
        az_text_printf(&page->html, "<p>Pictures of the first %d of %lld targets.</p>\n", MAX_TARGETS,
                       (long long)n_targets);
}

static az_status picture_predicted(az_page *page, int64_t target)
{
    const az_score_data *scored = page->report->scored;
    az_text script = {0}, caption = {0};
    cloud points;
    az_status status;
    AZ_GOTO(cloud_new(&points, scored->n_rows));
    for (int64_t i = 0; i < scored->n_rows; i++)
        cloud_add(&points, scored->observed[i * scored->n_targets + target],
                  scored->predicted[i * scored->n_targets + target]);
    az_plot_begin(&script, AZ_PLOT_WIDTH, AZ_PLOT_HEIGHT);
    az_text_append(&caption, "Predicted against observed; on the dashed line they are equal. ");
    const cloud_look look = {target, "observed", "predicted", "x with lines dt 2 lw 1.2 lc rgb '#555555'"};
    AZ_GOTO(cloud_plot(&points, &look, page->report, &script, &caption));
    AZ_GOTO(az_text_status(&caption));
    status = az_page_picture(page, &script, caption.data);
done:
    cloud_free(&points);
    az_text_free(&script);
    az_text_free(&caption);
    return status;
}

static az_status picture_histogram(az_page *page, const cloud *residuals, int64_t target)
{
    double mean = 0, square = 0, n = (double)residuals->n;
    for (int64_t i = 0; i < residuals->n; i++)
        mean += residuals->y[i] / n;
    for (int64_t i = 0; i < residuals->n; i++)
        square += (residuals->y[i] - mean) * (residuals->y[i] - mean);
    double deviation = residuals->n > 1 ? sqrt(square / (n - 1)) : 0;
    double lower = residuals->y_lower, upper = residuals->y_upper;
    if (!(deviation > 0) || !isfinite(deviation)) return AZ_OK;

    /* About 2 n^(1/3) bins (Rice), over at most five deviations to either side: one wild row must not flatten all. */
    int64_t n_outside = 0;
    lower = fmax(lower, mean - 5 * deviation);
    upper = fmin(upper, mean + 5 * deviation);
    int n_bins = (int)fmin(MAX_BINS, fmax(6, ceil(2 * cbrt(n))));
    double width = (upper - lower) / n_bins;
    int64_t counts[MAX_BINS] = {0};
    for (int64_t i = 0; i < residuals->n; i++) {
        if (residuals->y[i] < lower || residuals->y[i] > upper) {
            n_outside++;
            continue;
        }
        int bin = (int)((residuals->y[i] - lower) / width);
        counts[bin < n_bins ? bin : n_bins - 1]++;
    }
    az_text script = {0}, caption = {0};
    az_plot_begin(&script, AZ_PLOT_WIDTH, AZ_PLOT_HEIGHT);
    target_axis(&script, page->report, target, 'x', "residual of", lower - width, upper + width);
    az_text_append(&script, "$bins << END\n");
    double height = n * width / (deviation * sqrt(2 * acos(-1.0))), top = fmax(6, height);
    for (int bin = 0; bin < n_bins; bin++) {
        top = fmax(top, (double)counts[bin]);
        az_text_number(&script, lower + (bin + 0.5) * width);
        az_text_printf(&script, " %lld\n", (long long)counts[bin]);
    }
    az_text_append(&script, "END\nset samples 200\nwidth = ");
    az_text_number(&script, width);
    az_text_append(&script, "\nheight = ");
    az_text_number(&script, height);
    az_text_append(&script, "\nmean = ");
    az_text_number(&script, mean);
    az_text_append(&script, "\ndeviation = ");
    az_text_number(&script, deviation);
    az_text_append(&script, "\n");
    az_plot_axis(&script, 'y', 0, 1.05 * top, "rows", NULL);
    az_text_append(&script, "plot $bins using 1:2:(0.94*width) with boxes lc rgb '#7FB8D8', "
                            "height*exp(-0.5*((x-mean)/deviation)**2) with lines lw 1.8 lc rgb '" AZ_PLOT_RED "'\n");
    az_text_append(&caption, "Residuals: mean ");
    az_html_number(&caption, mean, 2);
    az_text_append(&caption, ", standard deviation ");
    az_html_number(&caption, deviation, 3);
    az_text_append(&caption, "; the curve is the normal distribution with these.");
    if (n_outside) {
        az_text_append(&caption, " ");
        az_html_count(&caption, n_outside);
        az_text_append(&caption, n_outside == 1 ? " row lies" : " rows lie");
        az_text_append(&caption, " beyond five deviations, outside the picture.");
    }
    az_status status = az_text_status(&caption);
    if (!status) status = az_page_picture(page, &script, caption.data);
    az_text_free(&script);
    az_text_free(&caption);
    return status;
}

static az_status picture_residuals(az_page *page, int64_t target)
{
    const az_score_data *scored = page->report->scored;
    az_text script = {0}, caption = {0};
    cloud points;
    az_status status;
    AZ_GOTO(cloud_new(&points, scored->n_rows));
    for (int64_t i = 0; i < scored->n_rows; i++) {
        double predicted = scored->predicted[i * scored->n_targets + target];
        cloud_add(&points, predicted, scored->observed[i * scored->n_targets + target] - predicted);
    }
    az_plot_begin(&script, AZ_PLOT_WIDTH, AZ_PLOT_HEIGHT);
    az_text_append(&caption, "Residuals (observed less predicted); a good fit shows no pattern. ");
    const cloud_look look = {target, "predicted", "residual of", "0 with lines dt 2 lw 1.2 lc rgb '#555555'"};
    AZ_GOTO(cloud_plot(&points, &look, page->report, &script, &caption));
    AZ_GOTO(az_text_status(&caption));
    AZ_GOTO(az_page_picture(page, &script, caption.data));
    status = picture_histogram(page, &points, target);
done:
    cloud_free(&points);
    az_text_free(&script);
    az_text_free(&caption);
    return status;
}

static az_status for_each_target(az_page *page, az_status (*picture)(az_page *page, int64_t target))
{
    section_note(page);
    for (int64_t target = 0; target < page->report->scored->n_targets && target < MAX_TARGETS; target++)
        AZ_TRY(picture(page, target));
    note_left_out(page);
    return AZ_OK;
}

static az_status write_predictions(az_page *page)
{
    return for_each_target(page, picture_predicted);
}

static az_status write_residuals(az_page *page)
{
    return for_each_target(page, picture_residuals);
}

static bool has_predictions(const az_report *report)
{
    const az_score_data *scored = report->scored;
    return scored && scored->n_rows > 0 && scored->observed && scored->predicted && !scored->label;
}

const az_section az_section_predictions = {
    .id = "predictions",
    .title = "Predicted against observed",
    .present = has_predictions,
    .write = write_predictions,
};

const az_section az_section_residuals = {
    .id = "residuals",
    .title = "Residuals",
    .present = has_predictions,
    .write = write_residuals,
};
