/* SPDX-License-Identifier: BSD-3-Clause */
/* The losses of gradient boosting against differences of their values, and at their ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/tree/loss.h"
#include <math.h>

/* Gradient and curvature are the differences of the value; the best constant score has a gradient of zero. */
static void losses_match_differences(void **state)
{
    (void)state;
    enum { N = 6 };
    const double y[N] = {0.5, 3, 1, 7, 2, 0.25}, start[N] = {0.4, -2, 1.7, 3.1, 2.5, -0.3};
    const int32_t label[N] = {0, 1, 1, 0, 2, 1}, two[N] = {0, 1, 1, 0, 1, 1};
    for (int kind = 0; kind < AZ_LOSS_COUNT; kind++) {
        if (kind == AZ_LOSS_CUSTOM) continue;
        const az_loss *loss = &az_losses[kind];
        const int64_t n_outputs = kind == AZ_LOSS_SOFTMAX ? 3 : 1;
        double delta = 1.45, score[3 * N], pairs[6 * N], moved[6 * N];
        az_loss_data data = {.n_rows = N,
                             .n_outputs = n_outputs,
                             .y = y,
                             .label = kind == AZ_LOSS_SOFTMAX ? label
                                      : kind == AZ_LOSS_LOG   ? two
                                                              : NULL,
                             .alpha = 0.8,
                             .delta = &delta};
        for (int64_t i = 0; i < n_outputs * N; i++) score[i] = start[(i * 5) % N] + 0.1 * (double)(i / N);
        assert_int_equal(az_loss_pairs(loss, &data, score, pairs), AZ_OK);
        for (int64_t k = 0; k < n_outputs; k++)
            for (int64_t i = 0; i < N; i++) {
                const double h = 1e-5;
                const int64_t at = k * N + i;
                const double middle = score[at];
                score[at] = middle + h;
                const double above = loss->value(&data, 0, i, score);
                assert_int_equal(az_loss_pairs(loss, &data, score, moved), AZ_OK);
                const double gradient_above = moved[2 * at];
                score[at] = middle - h;
                const double below = loss->value(&data, 0, i, score);
                assert_int_equal(az_loss_pairs(loss, &data, score, moved), AZ_OK);
                const double gradient_below = moved[2 * at];
                score[at] = middle;
                const double slope = (above - below) / (2 * h);
                const double bend = (gradient_above - gradient_below) / (2 * h);
                if (fabs(slope - pairs[2 * at]) > 1e-8 * (1 + fabs(slope)))
                    fail_msg("%s: gradient %g, by differences %g", loss->name, pairs[2 * at], slope);
                if (!loss->renews && fabs(bend - pairs[2 * at + 1]) > 1e-8 * (1 + fabs(bend)))
                    fail_msg("%s: curvature %g, by differences %g", loss->name, pairs[2 * at + 1], bend);
            }
        double initial[3], sum[3] = {0};
        assert_int_equal(az_loss_initial(loss, &data, initial), AZ_OK);
        for (int64_t i = 0; i < n_outputs * N; i++) score[i] = initial[i / N];
        assert_int_equal(az_loss_pairs(loss, &data, score, pairs), AZ_OK);
        for (int64_t i = 0; i < n_outputs * N; i++) sum[i / N] += pairs[2 * i];
        for (int64_t k = 0; k < n_outputs && !loss->renews; k++) assert_true(fabs(sum[k]) < 1e-12);
    }
}

/* Scores of 1,000 give finite numbers and the limits of the formulas. */
static void losses_do_not_overflow(void **state)
{
    (void)state;
    const double y[2] = {3, 1}, score[4] = {1000, -1000, -1000, 1000};
    const int32_t label[2] = {0, 1};
    double delta = 1, pairs[8];
    for (int kind = 0; kind < AZ_LOSS_COUNT; kind++) {
        if (kind == AZ_LOSS_CUSTOM) continue;
        const int64_t n_outputs = kind == AZ_LOSS_SOFTMAX ? 2 : 1;
        const az_loss_data data = {.n_rows = 2,
                                   .n_outputs = n_outputs,
                                   .y = y,
                                   .label = kind >= AZ_LOSS_LOG ? label : NULL,
                                   .alpha = 0.5,
                                   .delta = &delta};
        assert_int_equal(az_loss_pairs(&az_losses[kind], &data, score, pairs), AZ_OK);
        for (int64_t i = 0; i < 4 * n_outputs; i++) assert_true(isfinite(pairs[i]));
        for (int64_t i = 0; i < 2; i++) {
            const double value = az_losses[kind].value(&data, 0, i, score);
            assert_true(isfinite(value) && value >= 0);
        }
        if (kind == AZ_LOSS_LOG) { /* both labels are the unlikely ones */
            assert_true(pairs[0] == 1 && pairs[2] == -1);
            assert_true(az_losses[kind].value(&data, 0, 0, score) == 1000);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_match_differences),
        cmocka_unit_test(losses_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
