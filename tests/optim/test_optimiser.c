/* SPDX-License-Identifier: BSD-3-Clause */
/* Optimisers against PyTorch's first ten updates, against closed forms, and against themselves in parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frozen_optimisers.h"
#include "optim/clip.h"
#include "optim/optimiser.h"
#include "optim/schedule.h"
#include "problems.h"
#include <float.h>
#include <stdlib.h>
#include <string.h>

/* "rho=0.9 epsilon=1e-3" */
static void set_options(const az_param *params, void *options, const char *text)
{
    char copy[256], *rest = copy, *word;
    strcpy(copy, text);
    az_params_default(params, options);
    while ((word = strsep(&rest, " ")) != NULL && *word) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        assert_int_equal(az_params_set_strict(params, options, word, value, "the optimiser"), AZ_OK);
    }
}

static void assert_near(double value, double expected, double tolerance, const char *what, int step)
{
    if (!(fabs(value - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%s, step %d: %.17g, expected %.17g", what, step, value, expected);
}

static void first_updates_are_pytorchs(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof updates / sizeof updates[0]; c++) {
        const az_optimiser *optimiser = az_optimiser_find(updates[c].optimiser);
        az_optimiser_options options = {0};
        double theta[3], gradient[3], memory[AZ_OPTIMISER_SLOTS * 3] = {0};
        set_options(optimiser->params, &options, updates[c].options);
        memcpy(theta, starts[updates[c].problem], sizeof theta);
        for (int step = 1; step <= N_UPDATES; step++) {
            if (updates[c].problem)
                quadratic(100, theta, gradient);
            else
                rosenbrock(theta, gradient);
            az_optimiser_step_f64(optimiser, &options, az_isa_wanted(), updates[c].learning_rate, step, 3, gradient,
                                  theta, memory, 1);
            for (int i = 0; i < 3; i++)
                assert_near(theta[i], updates[c].theta[step - 1][i], 1e-12, optimiser->name, step);
        }
    }
}

/* Every optimiser of the table has frozen updates. */
static void none_is_left_out(void **state)
{
    (void)state;
    for (int i = 0; az_optimisers[i]; i++) {
        bool found = false;
        for (size_t c = 0; c < sizeof updates / sizeof updates[0]; c++)
            found = found || strcmp(updates[c].optimiser, az_optimisers[i]->name) == 0;
        if (!found) fail_msg("%s is not in reference/optimisers.py", az_optimisers[i]->name);
        assert_true(az_optimisers[i]->n_slots <= AZ_OPTIMISER_SLOTS);
    }
}

/* From rest, with one gradient g: closed forms of the first step. */
static void first_steps_have_closed_forms(void **state)
{
    (void)state;
    const double g[4] = {3, -1e-3, 250, -7};
    az_optimiser_options options = {0};
    double theta[4], memory[8];

    const az_optimiser *adam = az_optimiser_find("adam");
    set_options(adam->params, &options, "epsilon=0");
    memset(theta, 0, sizeof theta), memset(memory, 0, sizeof memory);
    az_optimiser_step_f64(adam, &options, az_isa_wanted(), 0.01, 1, 4, g, theta, memory, 1);
    for (int i = 0; i < 4; i++) assert_near(theta[i], g[i] > 0 ? -0.01 : 0.01, 1e-15, "adam: rate times sign", 1);

    const az_optimiser *rmsprop = az_optimiser_find("rmsprop");
    set_options(rmsprop->params, &options, "rho=0.75 epsilon=0");
    memset(theta, 0, sizeof theta), memset(memory, 0, sizeof memory);
    az_optimiser_step_f64(rmsprop, &options, az_isa_wanted(), 0.01, 1, 4, g, theta, memory, 1);
    for (int i = 0; i < 4; i++)
        assert_near(theta[i], g[i] > 0 ? -0.02 : 0.02, 1e-15, "rmsprop: rate / sqrt(1 - rho)", 1);

    /* No gradient: AdamW shrinks the parameters, Adam and momentum without a velocity leave them. */
    const double zero[4] = {0};
    const az_optimiser *adamw = az_optimiser_find("adamw");
    set_options(adamw->params, &options, "weight_decay=0.5");
    for (int i = 0; i < 4; i++) theta[i] = g[i];
    memset(memory, 0, sizeof memory);
    az_optimiser_step_f64(adamw, &options, az_isa_wanted(), 0.01, 1, 4, zero, theta, memory, 1);
    for (int i = 0; i < 4; i++) assert_near(theta[i], 0.995 * g[i], 1e-15, "adamw: 1 - rate decay", 1);
}

/* On f = a x^2 / 2 the heavy ball is x_(k+1) = (1 + m - r a) x_k - m x_(k-1): with double root sqrt(m) of its
 * characteristic equation, r a = (1 - sqrt(m))^2, x_k = (1 + c k) m^(k/2), c from x_1 = (1 - r a) x_0.  Nesterov's
 * extrapolated point obeys x_(k+1) = (1 - r a) ((1 + m) x_k - m x_(k-1)). */
static void momentum_on_a_quadratic(void **state)
{
    (void)state;
    const az_optimiser *momentum = az_optimiser_find("momentum");
    az_optimiser_options options;
    set_options(momentum->params, &options, "momentum=0.81");
    const double a = 4, rate = (1 - 0.9) * (1 - 0.9) / a, c = (1 - rate * a) / 0.9 - 1;
    double x = 1, velocity = 0;
    for (int k = 1; k <= 200; k++) {
        const double gradient = a * x;
        az_optimiser_step_f64(momentum, &options, az_isa_wanted(), rate, k, 1, &gradient, &x, &velocity, 1);
        assert_near(x / pow(0.9, k) / (1 + c * k), 1, 1e-11, "heavy ball", k);
    }
    set_options(momentum->params, &options, "momentum=0.6 nesterov=true");
    double before = 1, now = 1 - 1.6 * 0.05 * a;
    x = 1, velocity = 0;
    for (int k = 1; k <= 30; k++) {
        const double gradient = a * x;
        az_optimiser_step_f64(momentum, &options, az_isa_wanted(), 0.05, k, 1, &gradient, &x, &velocity, 1);
        assert_near(x, now, 1e-13, "Nesterov", k);
        const double next = (1 + 0.6) * (1 - 0.05 * a) * now - 0.6 * (1 - 0.05 * a) * before;
        before = now;
        now = next;
    }
}

/* Any instruction set, number of threads, and cut of the array gives the same bits. */
static void parts_are_the_whole(void **state)
{
    (void)state;
    enum { N = 4 * 32768 + 77 };
    float *g = malloc(N * sizeof *g), *theta = malloc(2 * N * sizeof *theta), *memory = malloc(4 * N * sizeof *memory);
    double *g64 = malloc(N * sizeof *g64), *theta64 = malloc(2 * N * sizeof *theta64);
    double *memory64 = malloc(4 * N * sizeof *memory64);
    for (int which = 0; az_optimisers[which]; which++) {
        const az_optimiser *optimiser = az_optimisers[which];
        az_optimiser_options options = {0};
        set_options(optimiser->params, &options, "weight_decay=0.02");
        memset(memory, 0, 4 * N * sizeof *memory), memset(memory64, 0, 4 * N * sizeof *memory64);
        for (int i = 0; i < N; i++) {
            theta64[i] = theta64[N + i] = sin(i), theta[i] = theta[N + i] = (float)theta64[i];
        }
        for (int step = 1; step <= 3; step++) {
            double coefficients[AZ_UPDATE_COEFFICIENTS];
            optimiser->prepare(&options, 0.01, step, coefficients);
            for (int i = 0; i < N; i++) g64[i] = cos(i * step) * exp(cos(0.1 * i)), g[i] = (float)g64[i];
            az_optimiser_step_f32(optimiser, &options, az_isa_wanted(), 0.01, step, N, g, theta, memory, 2);
            az_optimiser_step_f64(optimiser, &options, az_isa_wanted(), 0.01, step, N, g64, theta64, memory64, 2);
            int level = 0;
            for (int64_t at = 0, n; at < N; at += n) { /* lengths 1, 2, 4, ... at all levels in turn */
                n = (int64_t)1 << (at % 13);
                if (n > N - at) n = N - at;
                level = (level + 1) % ((int)az_isa_of_cpu() + 1);
                optimiser->update[level]->f32(coefficients, n, g + at, theta + N + at, memory + 2 * N + at,
                                              memory + 3 * N + at);
                optimiser->update[level]->f64(coefficients, n, g64 + at, theta64 + N + at, memory64 + 2 * N + at,
                                              memory64 + 3 * N + at);
            }
        }
        assert_memory_equal(theta, theta + N, N * sizeof *theta);
        assert_memory_equal(theta64, theta64 + N, N * sizeof *theta64);
        assert_memory_equal(memory, memory + 2 * N, (size_t)optimiser->n_slots * N * sizeof *memory);
        for (int i = 0; i < N; i++)
            if (!(fabs((double)theta[i] - theta64[i]) < 1e-5))
                fail_msg("%s: float is far from double", optimiser->name);
    }
    free(g), free(theta), free(memory), free(g64), free(theta64), free(memory64);
}

static void names_are_found(void **state)
{
    (void)state;
    const az_optimiser *found = NULL;
    assert_ptr_equal(az_optimiser_find("sgd"), az_optimiser_find("gradient_descent"));
    assert_ptr_equal(az_optimiser_find("gd"), az_optimiser_find("gradient_descent"));
    assert_null(az_optimiser_find(""));
    assert_null(az_optimiser_find("sg"));
    assert_int_equal(az_optimiser_by_name(&found, "adm"), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "did you mean \"adam\"?"));
    assert_int_equal(az_optimiser_by_name(&found, "xyz"), AZ_ERROR_USAGE);
    for (int i = 0; az_optimisers[i]; i++) assert_non_null(strstr(az_error_message(), az_optimisers[i]->name));
    assert_null(found);
}

static void rates_are_pytorchs(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof schedules / sizeof schedules[0]; c++) {
        az_schedule_options options;
        set_options(az_schedule_params, &options, schedules[c].options);
        for (int t = 0; t < 12; t++)
            assert_near(az_learning_rate(&options, 0.5, t, 0), schedules[c].rate[t], 1e-14, schedules[c].options, t);
    }
    az_schedule_options options;
    set_options(az_schedule_params, &options, "learning_rate=invscaling power_t=0.5");
    assert_near(az_learning_rate(&options, 0.3, 8, 0), 0.1, 1e-15, "invscaling", 8);
    set_options(az_schedule_params, &options, "learning_rate=adaptive");
    assert_near(az_learning_rate(&options, 1, 1000, 3), 1.0 / 125, 1e-15, "adaptive", 3);
    set_options(az_schedule_params, &options, "learning_rate=cosine decay_time=10 warm_up=4");
    assert_true(az_learning_rate(&options, 1, 3, 0) == 1); /* the end of the one, and the beginning of the other */
    assert_true(az_learning_rate(&options, 1, 4, 0) == 1);
    assert_near(az_learning_rate(&options, 1, 9, 0), 0.5, 1e-15, "cosine after a warm-up", 9);
    assert_true(az_learning_rate(&options, 1, 14, 0) == 0);
    assert_true(az_learning_rate(&options, 1, 1000000, 0) == 0);
}

static void long_gradients_are_clipped(void **state)
{
    (void)state;
    double g[3] = {3, -4, 12};
    assert_true(az_clip_norm_f64(3, g, 13) == 13);
    assert_true(g[2] == 12);
    assert_true(az_clip_norm_f64(3, g, 6.5) == 13);
    assert_true(g[0] == 1.5 && g[1] == -2 && g[2] == 6);
    double huge[2] = {3e300, 4e300};
    assert_near(az_clip_norm_f64(2, huge, 5) / 5e300, 1, 1e-15, "norm", 0);
    assert_near(huge[0], 3, 1e-14, "huge", 0);
    double broken[2] = {NAN, 4};
    assert_true(isnan(az_clip_norm_f64(2, broken, 1)));
    assert_true(broken[1] == 4);
    double infinite[2] = {INFINITY, 4};
    assert_true(isinf(az_clip_norm_f64(2, infinite, 1)));
    assert_true(infinite[1] == 4);
    enum { N = 100003 };
    float *many = malloc(N * sizeof *many);
    for (int i = 0; i < N; i++) many[i] = 0.1f;
    const double norm = (double)0.1f * sqrt((double)N);
    assert_near(az_clip_norm_f32(N, many, 1) / norm, 1, 512 * DBL_EPSILON, "sum of many", 0);
    assert_near(az_clip_norm_f32(N, many, 2), 1, 1e-6, "norm after", 0);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_updates_are_pytorchs),
        cmocka_unit_test(none_is_left_out),
        cmocka_unit_test(first_steps_have_closed_forms),
        cmocka_unit_test(momentum_on_a_quadratic),
        cmocka_unit_test(parts_are_the_whole),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(rates_are_pytorchs),
        cmocka_unit_test(long_gradients_are_clipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
