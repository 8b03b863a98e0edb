/* SPDX-License-Identifier: BSD-3-Clause */
/* The loss along a training, and where it was stopped. */
#include "report/page.h"

#include <math.h>

enum { MOST_POINTS = 600 }; /* of a curve: more cannot be told apart */

static bool get_history(const az_report *report, az_loss_history *history)
{
    if (!report->model || !report->model->class->history) return false;
    *history = (az_loss_history){0};
    return report->model->class->history(report->model->fitted, history) && history->n > 1;
}

static bool has_history(const az_report *report)
{
    az_loss_history history;
    return get_history(report, &history);
}

static void find_range(const double *values, int64_t n, double *lower, double *upper)
{
    for (int64_t i = 0; values && i < n; i++) {
        if (!isfinite(values[i])) continue;
        *lower = fmin(*lower, values[i]);
        *upper = fmax(*upper, values[i]);
    }
}

static void put_curve(az_text *script, const char *name, const double *values, int64_t n)
{
    const int64_t every = (n + MOST_POINTS - 1) / MOST_POINTS;
    az_text_printf(script, "$%s << END\n", name);
    for (int64_t i = 0; i < n; i++) {
        if ((i % every && i + 1 < n) || !isfinite(values[i])) continue;
        az_text_printf(script, "%lld ", (long long)i + 1);
        az_text_number(script, values[i]);
        az_text_append(script, "\n");
    }
    az_text_append(script, "END\n");
}

static void draw(az_text *script, const az_loss_history *history)
{
    const double many_times = 5;
    double lower = INFINITY, upper = -INFINITY;
    az_plot_begin(script, AZ_PLOT_WIDTH, AZ_PLOT_HEIGHT);
    find_range(history->loss, history->n, &lower, &upper);
    find_range(history->held, history->n, &lower, &upper);
    az_plot_axis(script, 'x', 0, (double)history->n, "epoch", NULL);
    if (lower > 0 && upper > many_times * lower) {
        az_plot_log_axis(script, 'y', lower / 1.1, upper * 1.1, "loss", NULL);
    } else {
        az_plot_widen(&lower, &upper);
        az_plot_axis(script, 'y', lower, upper, "loss", NULL);
    }
    put_curve(script, "training", history->loss, history->n);
    if (history->held) {
        put_curve(script, "held", history->held, history->n);
        az_text_printf(script,
                       "set arrow from first %lld, graph 0 to first %lld, graph 1 nohead dt 2 lc rgb '#555555'\n",
                       (long long)history->best, (long long)history->best);
    }
    az_text_append(script, "set key top right samplen 1.5\nplot $training with lines lw 1.6 lc rgb '" AZ_PLOT_BLUE
                           "' title 'training'");
    if (history->held) az_text_append(script, ", $held with lines lw 1.6 lc rgb '" AZ_PLOT_RED "' title 'held out'");
    az_text_append(script, "\n");
}

static az_status write_history(az_page *page)
{
    az_loss_history history;
    az_text script = {0};
    get_history(page->report, &history);
    draw(&script, &history);
    const az_status status = az_page_picture(
        page, &script,
        history.held ? "The loss along the training. The vertical line is the epoch whose weights were kept, the "
                       "best for the rows held out; the loss of training includes the penalty."
                     : "The loss along the training, penalty included.");
    az_text_free(&script);
    return status;
}

const az_section az_section_training = {
    .id = "training",
    .title = "Training",
    .present = has_history,
    .write = write_history,
};
