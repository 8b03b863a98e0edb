/* SPDX-License-Identifier: BSD-3-Clause */
/* One number predicts another: the data, the fitted curve, and how well the curve is known. */
#include "report/page.h"

#include "base/memory.h"
#include "base/special.h"

#include <math.h>

enum { N_STEPS = 200, MAX_POINTS = 3000 };

typedef struct curve {
    double x[N_STEPS], y[N_STEPS], half_width[N_STEPS]; /* NaN: no errors are known */
    double x_lower, x_upper, y_lower, y_upper;
    bool has_band;
} curve;

static bool has_curve(const az_report *report)
{
    const az_model *model = report->model;
    return model && report->problem && model->task == AZ_REGRESSION && model->n_targets == 1 &&
           model->design->n_inputs == 1 && model->design->inputs[0].type != AZ_CATEGORICAL &&
           report->problem->n_rows > 1;
}

static const az_column *input_column(const az_report *report)
{
    return &report->problem->table->columns[report->problem->inputs[0]];
}

static double input_value(const az_report *report, int64_t row)
{
    const az_column *column = input_column(report);
    return column->values[report->problem->rows[row] * column->stride];
}

static void include(double value, double *lower, double *upper)
{
    if (!isfinite(value)) return;
    *lower = fmin(*lower, value);
    *upper = fmax(*upper, value);
}

/* Half the 95 % confidence interval of the mean: t times the root of g' C g, where g is the row of the design with a 1
 * for the intercept and C the covariance of the estimates. */
static az_status measure_band(curve *c, const az_model *model)
{
    az_linear_map map = {0};
    const az_design *design = model->design;
    if (model->class->linear_map) model->class->linear_map(model->fitted, &map);
    if (!map.covariance || model->pipeline.transform_target != AZ_TRANSFORM_NONE) return AZ_OK;
    int64_t n = design->n_features, size = n + 1;
    size_t n_scratch = az_design_scratch(design);
    double *features = NULL;
    double *scratch = NULL;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(features, N_STEPS * n));
    AZ_GOTO(AZ_NEW_ARRAY(scratch, (int64_t)(n_scratch / sizeof *scratch) + 1));
    az_design_apply(design, NULL, c->x, N_STEPS, 1, 1, features, NULL, scratch);
    double t = az_student_quantile(0.975, map.dof);
    for (int64_t i = 0; i < N_STEPS; i++) {
        double variance = 0, terms = 0;
        for (int64_t a = 0; a < size; a++) {
            double first = a ? features[i * n + a - 1] : map.intercept ? 1 : 0;
            for (int64_t b = 0; first != 0 && b < size; b++) {
                double second = b ? features[i * n + b - 1] : map.intercept ? 1 : 0;
                double term = second != 0 ? first * second * map.covariance[a * size + b] : 0;
                variance += term;
                terms += fabs(term);
            }
        }
        /* Powers of a year cancel to nothing here: where fewer than about four digits are left, no band is drawn. */
        if (variance > 1e-12 * terms) c->half_width[i] = t * sqrt(variance * map.variance[0]);
        c->has_band |= isfinite(c->half_width[i]);
    }
done:
    az_free(features);
    az_free(scratch);
    return status;
}

static az_status measure(curve *c, const az_report *report)
{
    *c = (curve){.x_lower = INFINITY, .x_upper = -INFINITY, .y_lower = INFINITY, .y_upper = -INFINITY};
    for (int64_t i = 0; i < report->problem->n_rows; i++) {
        include(input_value(report, i), &c->x_lower, &c->x_upper);
        include(report->problem->y[i], &c->y_lower, &c->y_upper);
    }
    az_plot_widen(&c->x_lower, &c->x_upper);
    for (int i = 0; i < N_STEPS; i++) {
        double share = i / (N_STEPS - 1.0);
        c->x[i] = c->x_lower * (1 - share) + c->x_upper * share;
        c->half_width[i] = NAN;
    }
    AZ_TRY(az_predict(report->model, NULL, c->x, N_STEPS, 1, 1, c->y, 1, NULL, NULL));
    AZ_TRY(measure_band(c, report->model));
    for (int i = 0; i < N_STEPS; i++) {
        double width = isfinite(c->half_width[i]) ? c->half_width[i] : 0;
        include(c->y[i] - width, &c->y_lower, &c->y_upper);
        include(c->y[i] + width, &c->y_lower, &c->y_upper);
    }
    az_plot_widen(&c->y_lower, &c->y_upper);
    return AZ_OK;
}

static void write_row(az_text *script, const double *values, int n)
{
    for (int i = 0; i < n; i++) {
        if (!isfinite(values[i])) return;
    }
    for (int i = 0; i < n; i++) {
        az_text_number(script, values[i]);
        az_text_append(script, i == n - 1 ? "\n" : " ");
    }
}

static void write_script(az_text *script, const curve *c, const az_report *report)
{
    const char *target, *unit;
    int64_t n_rows = report->problem->n_rows, stride = 1 + (n_rows - 1) / MAX_POINTS;
    az_page_target(report, 0, &target, &unit);
    az_plot_begin(script, AZ_PLOT_WIDTH, AZ_PLOT_HEIGHT);
    const az_column *input = input_column(report);
    if (input->type == AZ_TIME)
        az_plot_time_axis(script, 'x', c->x_lower, c->x_upper, input->name, &input->time);
    else
        az_plot_axis(script, 'x', c->x_lower, c->x_upper, input->name, input->unit);
    az_plot_axis(script, 'y', c->y_lower, c->y_upper, target, unit);
    az_text_append(script, "$curve << END\n");
    for (int i = 0; i < N_STEPS; i++) write_row(script, (const double[]){c->x[i], c->y[i]}, 2);
    az_text_append(script, "END\n$band << END\n");
    for (int i = 0; i < N_STEPS; i++)
        write_row(script, (const double[]){c->x[i], c->y[i] - c->half_width[i], c->y[i] + c->half_width[i]}, 3);
    az_text_append(script, "END\n$points << END\n");
    for (int64_t i = 0; i < n_rows; i += stride)
        write_row(script, (const double[]){input_value(report, i), report->problem->y[i]}, 2);
    az_text_append(script, "END\nplot ");
    if (c->has_band) az_text_append(script, "$band with filledcurves lc rgb '#F6DCC8', ");
    az_text_append(script, "$curve with lines lw 2 lc rgb '" AZ_PLOT_RED "', ");
    az_text_append(script, n_rows > 300 ? "$points with points pt 7 ps 0.3 lc rgb '#770072B2'\n"
                                        : "$points with points pt 7 ps 0.6 lc rgb '" AZ_PLOT_BLUE "'\n");
}

static az_status write_curve(az_page *page)
{
    curve c;
    az_text script = {0}, caption = {0};
    int64_t n_rows = page->report->problem->n_rows;
    az_status status;
    AZ_GOTO(measure(&c, page->report));
    write_script(&script, &c, page->report);
    az_text_append(&caption, "The data and the fitted model");
    if (c.has_band) az_text_append(&caption, "; the band holds the fitted mean with 95 % confidence, not the data");
    if (n_rows > MAX_POINTS) {
        az_text_append(&caption, ". Every ");
        az_html_count(&caption, 1 + (n_rows - 1) / MAX_POINTS);
        az_text_append(&caption, "th row is drawn");
    }
    az_text_append(&caption, ".");
    AZ_GOTO(az_text_status(&caption));
    status = az_page_picture(page, &script, caption.data);
done:
    az_text_free(&script);
    az_text_free(&caption);
    return status;
}

const az_section az_section_curve = {
    .id = "curve",
    .title = "Data and model",
    .present = has_curve,
    .write = write_curve,
};
