/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* feenableexcept */
#include "base/floating_point.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Read and stored at run time, so that no compiler computes with them or moves a division past a change of state. */
static volatile double zero = 0.0, one = 1.0, three = 3.0;
static volatile float smallest = FLT_MIN, half = 0.5f;

static void rounding_is_to_nearest_and_comes_back(void **state)
{
    (void)state;
    volatile double nearest = one / three;
    assert_int_equal(fesetround(FE_UPWARD), 0);
    volatile double upward = one / three;
    az_floating_point saved;
    az_floating_point_enter(&saved, false);
    volatile double inside = one / three;
    const int mode = fegetround();
    az_floating_point_leave(&saved);
    volatile double after = one / three;
    const int mode_after = fegetround();
    fesetround(FE_TONEAREST);
    assert_true(upward > nearest && inside == nearest && after == upward);
    assert_int_equal(mode_after, FE_UPWARD);
#if defined(__x86_64__)
    (void)mode; /* fegetround asks the x87 unit there */
#else
    assert_int_equal(mode, FE_TONEAREST);
#endif
}

static void subnormals_are_flushed_if_wanted(void **state)
{
    (void)state;
    az_floating_point saved;
    az_floating_point_enter(&saved, false);
    volatile float kept = smallest * half;
    az_floating_point_leave(&saved);
    assert_true(kept == FLT_MIN / 2);
#if defined(__x86_64__) || defined(__aarch64__)
    az_floating_point_enter(&saved, true);
    volatile float flushed = smallest * half;
    volatile float operand = kept * 2.0f; /* as an operand too */
    az_floating_point_leave(&saved);
    assert_true(flushed == 0.0f && operand == 0.0f);
#endif
    volatile float after = smallest * half;
    assert_true(after == FLT_MIN / 2);
}

static void flags_are_those_of_before(void **state)
{
    (void)state;
    feclearexcept(FE_ALL_EXCEPT);
    volatile double inexact = one / three;
    (void)inexact;
    az_floating_point saved;
    az_floating_point_enter(&saved, false);
    volatile double infinite = one / zero, invalid = zero / zero;
    az_floating_point_leave(&saved);
    const int flags = fetestexcept(FE_ALL_EXCEPT);
    feclearexcept(FE_ALL_EXCEPT);
    assert_true(isinf(infinite) && isnan(invalid));
    assert_int_equal(flags, FE_INEXACT);
}

static sigjmp_buf trapped;
static void on_trap(int signal_number)
{
    siglongjmp(trapped, signal_number);
}

/* Whether 0 / 0 raises SIGFPE now. */
static bool division_traps(void)
{
    struct sigaction action = {.sa_handler = on_trap}, before;
    sigaction(SIGFPE, &action, &before);
    bool traps = sigsetjmp(trapped, 1) != 0;
    if (!traps) {
        volatile double invalid = zero / zero;
        (void)invalid;
    }
    sigaction(SIGFPE, &before, NULL);
    return traps;
}

static void traps_are_off_inside_and_on_again_after(void **state)
{
    (void)state;
    if (feenableexcept(FE_INVALID | FE_DIVBYZERO) < 0 || fegetexcept() != (FE_INVALID | FE_DIVBYZERO)) {
        fedisableexcept(FE_ALL_EXCEPT);
        skip(); /* many 64-bit ARM CPUs have no traps */
    }
    const bool before = division_traps(); /* the handler's jump keeps the traps of the thread */
    feenableexcept(FE_INVALID | FE_DIVBYZERO);
    az_floating_point saved;
    az_floating_point_enter(&saved, true);
    const bool inside = division_traps();
    az_floating_point_leave(&saved);
    const int enabled = fegetexcept();
    const bool after = division_traps();
    fedisableexcept(FE_ALL_EXCEPT);
    feclearexcept(FE_ALL_EXCEPT);
    assert_true(before && !inside && after);
    assert_int_equal(enabled, FE_INVALID | FE_DIVBYZERO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounding_is_to_nearest_and_comes_back),
        cmocka_unit_test(subnormals_are_flushed_if_wanted),
        cmocka_unit_test(flags_are_those_of_before),
        cmocka_unit_test(traps_are_off_inside_and_on_again_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
