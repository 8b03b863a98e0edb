/* SPDX-License-Identifier: BSD-3-Clause */
/* How far the functions of base/math.h are off, at worst: over every float, and over many doubles.
 *
 *   base_math_sweep [FUNCTION|all [DOUBLES [FLOAT_STEP]]]
 *
 * prints the greatest error in units of the last place and where it is; status 1 where one is past its bound.  DOUBLES
 * is 1e8 unless told; of the 2^32 floats every FLOAT_STEP-th is taken, all unless told.  Doubles are compared with libm
 * in long double, floats with our own functions in double; MPFR with 200 binary digits says how far those are off that
 * may be the worst. */
#define _GNU_SOURCE
#include "math_reference.h"

#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 4096 };

typedef struct {
    double error, x, y, value;
    int64_t falls; /* neighbours of which the function should rise and does not */
} worst_case;

/* The error by MPFR. */
static double exact_error(int f, int narrow, double x, double y, double value)
{
    mpfr_t a, b, r;
    mpfr_inits2(200, a, b, r, (mpfr_ptr)0);
    mpfr_set_d(a, x, MPFR_RNDN);
    mpfr_set_d(b, y, MPFR_RNDN);
    int sign;
    switch (f) {
    case MATH_exp: mpfr_exp(r, a, MPFR_RNDN); break;
    case MATH_expm1: mpfr_expm1(r, a, MPFR_RNDN); break;
    case MATH_log: mpfr_log(r, a, MPFR_RNDN); break;
    case MATH_log1p: mpfr_log1p(r, a, MPFR_RNDN); break;
    case MATH_tanh: mpfr_tanh(r, a, MPFR_RNDN); break;
    case MATH_sigmoid:
        mpfr_neg(a, a, MPFR_RNDN);
        mpfr_exp(r, a, MPFR_RNDN);
        mpfr_add_ui(r, r, 1, MPFR_RNDN);
        mpfr_ui_div(r, 1, r, MPFR_RNDN);
        break;
    case MATH_softplus:
        mpfr_exp(r, a, MPFR_RNDN);
        mpfr_log1p(r, r, MPFR_RNDN);
        break;
    case MATH_sin: mpfr_sin(r, a, MPFR_RNDN); break;
    case MATH_cos: mpfr_cos(r, a, MPFR_RNDN); break;
    case MATH_erf: mpfr_erf(r, a, MPFR_RNDN); break;
    case MATH_erfc: mpfr_erfc(r, a, MPFR_RNDN); break;
    case MATH_normal_cdf:
        mpfr_sqrt_ui(r, 2, MPFR_RNDN);
        mpfr_neg(a, a, MPFR_RNDN);
        mpfr_div(a, a, r, MPFR_RNDN);
        mpfr_erfc(r, a, MPFR_RNDN);
        mpfr_div_2ui(r, r, 1, MPFR_RNDN);
        break;
    case MATH_lgamma: mpfr_lgamma(r, &sign, a, MPFR_RNDN); break;
    case MATH_digamma: mpfr_digamma(r, a, MPFR_RNDN); break;
    case MATH_atan2: mpfr_atan2(r, a, b, MPFR_RNDN); break;
    default: mpfr_pow(r, a, b, MPFR_RNDN); break;
    }
    const long double scale = math_scale(f, (long double)x, mpfr_get_ld(r, MPFR_RNDN));
    mpfr_sub_d(r, r, value, MPFR_RNDN);
    const long double difference = mpfr_get_ld(r, MPFR_RNDN);
    mpfr_clears(a, b, r, (mpfr_ptr)0);
    return narrow ? math_units(difference, 0, scale, 24, -125) : math_units(difference, 0, scale, 53, -1021);
}

static const math_kernels *best_kernels(void)
{
#ifdef MATH_LEVELS
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return &math_kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &math_kernels_avx2;
#endif
    return &math_kernels_plain;
}

/* The worst of CHUNK values.  An estimate is good to a hundredth of a unit in double, to a millionth in float; what may
 * be worse than the worst is looked at with MPFR. */
static void consider(worst_case *worst, int f, int narrow, const double *x, const double *y, const double *value,
                     const double *estimate)
{
    double most = worst->error + (narrow ? 1e-7 : 0);
    const double least = most;
    uint64_t bits, most_bits = 0; /* those of numbers that are not negative are in order */
    for (int i = 0; i < CHUNK; i++) {
        memcpy(&bits, &estimate[i], sizeof bits);
        most_bits = bits > most_bits ? bits : most_bits;
    }
    if (most_bits > 0) memcpy(&most, &most_bits, sizeof most);
    for (int i = 0; !(most <= least) && i < CHUNK; i++) {
        if (!(estimate[i] > fmax(most, worst->error) - (narrow ? 1e-6 : 0.01))) continue;
        const double error = isfinite(estimate[i]) ? exact_error(f, narrow, x[i], y[i], value[i]) : estimate[i];
        if (error > worst->error) *worst = (worst_case){error, x[i], y[i], value[i], worst->falls};
    }
}

/* digamma in double by another way than ours: Abramowitz and Stegun 6.3.5 ten times, 6.3.18, and 6.3.7. */
static void plain_digamma(double *value, const double *x)
{
    static _Thread_local double far[CHUNK], logarithm[CHUNK];
    for (int i = 0; i < CHUNK; i++) far[i] = (x[i] < 0 ? 1 : 0) + fabs(x[i]) + 10;
    best_kernels()->wide[MATH_log](logarithm, far, far, CHUNK);
    for (int i = 0; i < CHUNK; i++) {
        const double right = (x[i] < 0 ? 1 : 0) + fabs(x[i]), z = 1 / (far[i] * far[i]);
        double sum = 0;
#pragma GCC unroll 10
        for (int k = 9; k >= 0; k--) sum += 1 / (right + k);
        value[i] = logarithm[i] - 0.5 / far[i] - sum -
                   z * (1 / 12.0 - z * (1 / 120.0 - z * (1 / 252.0 - z * (1 / 240.0 - z / 132.0))));
    }
    for (int i = 0; i < CHUNK; i++) {
        const double turns = x[i] - rint(x[i]), pi = 3.14159265358979323846;
        if (x[i] == 0) value[i] = -copysign(INFINITY, x[i]);
        if (!(x[i] < 0)) continue;
        if (turns == 0 || isinf(x[i]))
            value[i] = NAN;
        else
            value[i] -= fabs(turns) < 1e-5 ? 1 / turns - pi * pi / 3 * turns : pi / tan(pi * turns);
    }
}

/* What floats are compared with: our functions in double, with 29 digits more, which the sweep of doubles proves. Where
 * the float is the rounded double it is another function. */
static void wide_values(int f, double *exact, const double *x, const double *y)
{
    int sign;
    if (f == MATH_lgamma)
        for (int i = 0; i < CHUNK; i++) exact[i] = lgamma_r(x[i], &sign);
    else if (f == MATH_digamma)
        plain_digamma(exact, x);
    else
        best_kernels()->wide[math_loop(f)](exact, x, y, CHUNK);
}

/* The errors of numbers, neither 0 nor infinite nor NaN, in units of the last place; of others -1. */
static void quick_errors(double *error, const double *value, const double *exact)
{
    for (int i = 0; i < CHUNK; i++) {
        uint64_t bits;
        double factor;
        memcpy(&bits, &exact[i], sizeof bits);
        const uint64_t exponent = bits >> 52 & 0x7ff, least = 1023 - 126;
        bits = (2046 + 23 - (exponent < least ? least : exponent)) << 52; /* 2^23 / the power of two in exact */
        memcpy(&factor, &bits, sizeof factor);
        const int usual = (fabs(exact[i]) < 0x1.fffffep127) & (exact[i] != 0) & (fabs(value[i]) <= 0x1.fffffep127);
        error[i] = usual ? fabs(value[i] - exact[i]) * factor : -1;
    }
}

/* The error of any value. */
static double any_error(int f, double x, double y, double value, double exact)
{
    const double rounded = (double)(float)exact;
    const int usual = isfinite(rounded) && isfinite(value) && exact != 0;
    if (!usual && (isnan(exact) ? isnan(value) : value == rounded && !signbit(value) == !signbit(exact))) return 0;
    const long double reference = usual ? (long double)exact : math_reference(f, (long double)x, (long double)y);
    return math_error(f, 1, (long double)x, (long double)value, reference);
}

static const char rises[MATH_N_FUNCTIONS] = {
    [MATH_exp] = 1,     [MATH_expm1] = 1,    [MATH_log] = 1, [MATH_log1p] = 1,     [MATH_tanh] = 1,
    [MATH_sigmoid] = 1, [MATH_softplus] = 1, [MATH_erf] = 1, [MATH_normal_cdf] = 1};

/* CHUNK floats, step bits apart; y is one of a few or random. */
static void sweep_floats(int f, uint64_t chunk, uint64_t step, worst_case *worst)
{
    static _Thread_local float x[CHUNK], y[CHUNK], value[CHUNK];
    static _Thread_local double x_wide[CHUNK], y_wide[CHUNK], value_wide[CHUNK], exact[CHUNK], estimate[CHUNK];
    uint64_t bits = chunk;
    for (int i = 0; i < CHUNK; i++) {
        const uint32_t word = (uint32_t)((chunk * CHUNK + (uint64_t)i) * step);
        memcpy(&x[i], &word, sizeof word);
        x_wide[i] = (double)x[i];
    }
    if (math_references[f].of_two)
        for (int i = 0; i < CHUNK; i++) {
            bits = bits * 6364136223846793005u + 1442695040888963407u;
            const double fraction = (double)(bits >> 11) * 0x1p-53 - 0.5;
            /* A power that is a number, an angle that is not near an axis. */
            y[i] = (float)(f == MATH_pow ? 190 * fraction / log(fabs(x_wide[i])) : fraction * 8 * x_wide[i]);
            y_wide[i] = (double)y[i];
        }
    best_kernels()->narrow[math_loop(f)](value, x, y, CHUNK);
    wide_values(f, exact, x_wide, y_wide);
    for (int i = 0; i < CHUNK; i++) value_wide[i] = (double)value[i];
    quick_errors(estimate, value_wide, exact);
    /* What lgamma and digamma are measured against is no smaller than the value. */
    const int by_scale = f == MATH_lgamma || f == MATH_digamma;
    for (int i = 0; i < CHUNK; i++)
        if (estimate[i] < 0 || (by_scale && estimate[i] > worst->error))
            estimate[i] = any_error(f, x_wide[i], y_wide[i], value_wide[i], exact[i]);
    consider(worst, f, 1, x_wide, y_wide, value_wide, estimate);
    int falls = 0; /* NaN is not less than anything */
    for (int i = 1; rises[f] && i < CHUNK; i++) falls += (x[i] > x[i - 1]) & (value[i] < value[i - 1]);
    for (int i = 1; rises[f] && i < CHUNK; i++) falls += (x[i] < x[i - 1]) & (value[i] > value[i - 1]);
    worst->falls += falls;
}

static void sweep_doubles(int f, uint64_t chunk, worst_case *worst)
{
    static _Thread_local double x[CHUNK], y[CHUNK], value[CHUNK], estimate[CHUNK];
    /* Where it is not 0, 1 or infinite; beyond it every fourth number is any double. */
    static const double reach[MATH_N_FUNCTIONS] = {
        [MATH_exp] = 746,   [MATH_expm1] = 746,   [MATH_log] = 4,        [MATH_log1p] = 4,
        [MATH_tanh] = 20,   [MATH_sigmoid] = 746, [MATH_softplus] = 746, [MATH_sin] = 1e6,
        [MATH_cos] = 1e6,   [MATH_erf] = 6.2,     [MATH_erfc] = 28,      [MATH_normal_cdf] = 39,
        [MATH_lgamma] = 20, [MATH_digamma] = 20,  [MATH_atan2] = 4,      [MATH_pow] = 4};
    uint64_t bits = chunk * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int i = 0; i < CHUNK; i++) {
        double made[2];
        for (int k = 0; k < 2; k++) {
            bits = bits * 6364136223846793005u + 1442695040888963407u;
            const uint64_t mixed = (bits ^ bits >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
            const double fraction = (double)((mixed ^ mixed >> 32) >> 11) * 0x1p-53 - 0.5;
            memcpy(&made[k], &mixed, sizeof made[k]);
            if (i % 4 == 1) made[k] = 2 * reach[f] * fraction;
            if (i % 4 == 2) made[k] = 8 * fraction;
            if (i % 4 == 3) made[k] = ldexp(1 + fraction, (int)(mixed & 15) - 10) * (mixed & 16 ? -1 : 1);
        }
        x[i] = f == MATH_pow ? fabs(made[0]) : made[0];
        y[i] = f == MATH_pow && i % 4 ? made[1] * (i % 4 == 1 ? 180 / fabs(log(x[i])) : 1) : made[1];
    }
    best_kernels()->wide[math_loop(f)](value, x, y, CHUNK);
    for (int i = 0; i < CHUNK; i++) {
        const long double exact = math_reference(f, (long double)x[i], (long double)y[i]);
        estimate[i] = math_error(f, 0, (long double)x[i], (long double)value[i], exact);
    }
    consider(worst, f, 0, x, y, value, estimate);
}

static int report(int f, int narrow, const worst_case *worst)
{
    const double bound = narrow ? math_references[f].narrow_bound : math_references[f].wide_bound;
    printf("%-10s %-6s %7.4f units at %a", math_references[f].name, narrow ? "float" : "double", worst->error,
           worst->x);
    if (math_references[f].of_two) printf(", %a", worst->y);
    printf(" (bound %.2f)%s", bound, worst->error <= bound ? "" : " PAST ITS BOUND");
    if (narrow && rises[f]) printf("; falls %lld times", (long long)worst->falls);
    printf("\n");
    fflush(stdout);
    return !(worst->error <= bound);
}

int main(int argc, char **argv)
{
    const double n_doubles = argc > 2 ? atof(argv[2]) : 1e8, step = argc > 3 ? atof(argv[3]) : 1;
    const int64_t double_chunks = (int64_t)(n_doubles / CHUNK), float_chunks = (int64_t)(0x1p32 / step / CHUNK);
    int past = 0, found = 0;
    for (int f = 0; f < MATH_N_FUNCTIONS; f++) {
        if (argc > 1 && strcmp(argv[1], "all") != 0 && strcmp(argv[1], math_references[f].name) != 0) continue;
        found = 1;
        worst_case narrow = {0}, wide = {0};
#pragma omp parallel
        {
            worst_case own_narrow = {0}, own_wide = {0};
#pragma omp for schedule(dynamic, 16) nowait
            for (int64_t chunk = 0; chunk < float_chunks; chunk++)
                sweep_floats(f, (uint64_t)chunk, (uint64_t)step, &own_narrow);
#pragma omp for schedule(dynamic, 16)
            for (int64_t chunk = 0; chunk < double_chunks; chunk++) sweep_doubles(f, (uint64_t)chunk, &own_wide);
#pragma omp critical
            {
                own_narrow.falls = narrow.falls += own_narrow.falls;
                if (own_narrow.error > narrow.error) narrow = own_narrow;
                if (own_wide.error > wide.error) wide = own_wide;
            }
            mpfr_free_cache();
        }
        past += report(f, 1, &narrow) + report(f, 0, &wide);
    }
    if (!found) fprintf(stderr, "there is no function %s\n", argv[1]);
    return past > 0 || !found;
}
