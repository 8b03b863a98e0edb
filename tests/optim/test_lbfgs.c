/* SPDX-License-Identifier: BSD-3-Clause */
/* L-BFGS against SciPy's iterates, and at its ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frozen_optimisers.h"
#include "optim/lbfgs.h"
#include "problems.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void first_iterates_are_scipys(void **state)
{
    (void)state;
    enum { PAIRS = 4 }; /* fewer than iterates: the ring goes round */
    for (size_t which = 0; which < sizeof lbfgs_path / sizeof lbfgs_path[0]; which++) {
        double *memory = malloc((size_t)az_lbfgs_size(3, PAIRS) * sizeof *memory), gradient[3];
        az_lbfgs lbfgs = az_lbfgs_at(memory, 3, PAIRS);
        az_lbfgs_begin(&lbfgs, lbfgs_path[which].start);
        for (int k = 0; k < N_UPDATES; k++) {
            az_lbfgs_reply reply;
            do {
                const double value = lbfgs_path[which].quadratic ? quadratic(10, lbfgs.trial, gradient)
                                                                 : rosenbrock(lbfgs.trial, gradient);
                reply = az_lbfgs_tell(&lbfgs, value, gradient);
            } while (reply == AZ_LBFGS_SEARCHING);
            assert_int_equal(reply, AZ_LBFGS_STEPPED);
            assert_int_equal(az_lbfgs_n_iterations(&lbfgs), k + 1);
            assert_int_equal(az_lbfgs_n_evaluations(&lbfgs), lbfgs_path[which].n_evaluations[k]);
            for (int i = 0; i < 3; i++)
                if (!(fabs(lbfgs.x[i] - lbfgs_path[which].x[k][i]) <= 1e-12 * fmax(1, fabs(lbfgs.x[i]))))
                    fail_msg("problem %zu, iterate %d: %.17g, SciPy has %.17g", which, k + 1, lbfgs.x[i],
                             lbfgs_path[which].x[k][i]);
        }
        free(memory);
    }
}

/* Runs until no step lowers the value; returns the number of evaluations. */
static int64_t minimise(double (*f)(int64_t n, const double *x, double *gradient), int64_t n, const double *start,
                        double *x)
{
    double *memory = malloc((size_t)az_lbfgs_size(n, AZ_LBFGS_PAIRS) * sizeof *memory);
    double *gradient = malloc((size_t)n * sizeof *gradient);
    az_lbfgs lbfgs = az_lbfgs_at(memory, n, AZ_LBFGS_PAIRS);
    az_lbfgs_begin(&lbfgs, start);
    double value = INFINITY;
    for (int i = 0; i < 2000; i++) {
        const az_lbfgs_reply reply = az_lbfgs_tell(&lbfgs, f(n, lbfgs.trial, gradient), gradient);
        if (reply == AZ_LBFGS_STUCK) break;
        if (reply == AZ_LBFGS_STEPPED) {
            assert_true(*lbfgs.value <= value);
            value = *lbfgs.value;
        }
    }
    memcpy(x, lbfgs.x, (size_t)n * sizeof *x);
    const int64_t n_evaluations = az_lbfgs_n_evaluations(&lbfgs);
    free(memory), free(gradient);
    return n_evaluations;
}

static double long_rosenbrock(int64_t n, const double *x, double *gradient)
{
    double value = 0;
    memset(gradient, 0, (size_t)n * sizeof *gradient);
    for (int64_t i = 0; i + 1 < n; i++) {
        const double u = x[i + 1] - x[i] * x[i], v = 1 - x[i];
        value += 100 * u * u + v * v;
        gradient[i] -= 400 * u * x[i] + 2 * v;
        gradient[i + 1] += 200 * u;
    }
    return value;
}

/* x - log(x), defined for x > 0 alone; minima at 1.  From 0.001 the first steps go far out on the other side. */
static double barrier(int64_t n, const double *x, double *gradient)
{
    double value = 0;
    for (int64_t i = 0; i < n; i++) {
        value += x[i] - log(x[i]);
        gradient[i] = 1 - 1 / x[i];
    }
    return value;
}

static double flat(int64_t n, const double *x, double *gradient)
{
    (void)x;
    memset(gradient, 0, (size_t)n * sizeof *gradient);
    return 3;
}

/* The gradient has the wrong sign: no step goes down. */
static double liar(int64_t n, const double *x, double *gradient)
{
    double value = 0;
    for (int64_t i = 0; i < n; i++) value += x[i] * x[i], gradient[i] = -2 * x[i];
    return value;
}

static double undefined(int64_t n, const double *x, double *gradient)
{
    (void)x;
    memset(gradient, 0, (size_t)n * sizeof *gradient);
    return NAN;
}

static void minima_are_reached(void **state)
{
    (void)state;
    double start[100], x[100];
    for (int i = 0; i < 100; i++) start[i] = i % 2 ? 1 : -1.2;
    const int64_t n_evaluations = minimise(long_rosenbrock, 100, start, x);
    for (int i = 0; i < 100; i++) assert_true(fabs(x[i] - 1) < 1e-6);
    assert_true(n_evaluations < 1000);
    start[0] = 0.001, start[1] = 20, start[2] = 0.5;
    minimise(barrier, 3, start, x);
    for (int i = 0; i < 3; i++) assert_true(fabs(x[i] - 1) < 1e-6);
}

static void there_is_an_end(void **state)
{
    (void)state;
    double start[2] = {0.5, -2}, x[2];
    assert_int_equal(minimise(flat, 2, start, x), 1);
    assert_memory_equal(x, start, sizeof x);
    assert_in_range(minimise(liar, 2, start, x), 2, 21);
    assert_memory_equal(x, start, sizeof x);
    assert_int_equal(minimise(undefined, 2, start, x), 1);
    assert_memory_equal(x, start, sizeof x);
}

/* The state saved after any reply, and put elsewhere in memory, goes on with the same bits. */
static void it_goes_on_from_a_copy(void **state)
{
    (void)state;
    const int64_t n = 6, size = az_lbfgs_size(n, 3);
    double *memory = malloc((size_t)size * sizeof *memory), gradient[6], start[6] = {-1.2, 1, 0.5, 2, -1, 0.1};
    double *copy = malloc((size_t)size * sizeof *copy);
    az_lbfgs lbfgs = az_lbfgs_at(memory, n, 3);
    az_lbfgs_begin(&lbfgs, start);
    for (int i = 0; i < 40; i++) {
        memcpy(copy, memory, (size_t)size * sizeof *copy);
        const az_lbfgs_reply reply = az_lbfgs_tell(&lbfgs, long_rosenbrock(n, lbfgs.trial, gradient), gradient);
        az_lbfgs other = az_lbfgs_at(copy, n, 3);
        assert_int_equal(az_lbfgs_tell(&other, long_rosenbrock(n, other.trial, gradient), gradient), reply);
        assert_memory_equal(copy, memory, (size_t)size * sizeof *copy);
    }
    free(memory), free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_iterates_are_scipys),
        cmocka_unit_test(minima_are_reached),
        cmocka_unit_test(there_is_an_end),
        cmocka_unit_test(it_goes_on_from_a_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
