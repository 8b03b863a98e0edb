/* SPDX-License-Identifier: BSD-3-Clause */
/* How far the functions of base/math.h are off, at worst: over every float, and over many doubles.
 *
 *   base_math_sweep [FUNCTION|all [DOUBLES [FLOAT_STEP]]]
 *
 * prints the greatest error in units of the last place and where it is; status 1 where one is past its bound.  DOUBLES
 * is 1e8 unless told; of the 2^32 floats every FLOAT_STEP-th is taken, all unless told.  libm in long double says which
 * arguments may be the worst, and MPFR with 200 binary digits how far they are off.  (For float, libm in double has 29
 * digits to spare.) */
#include "math_reference.h"

#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 4096 };

typedef struct {
    double error, x, y, value;
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

/* An estimate is good to a hundredth of a unit; what may be worse than the worst is looked at with MPFR. */
static void consider(worst_case *worst, int f, int narrow, double x, double y, double value, double estimate)
{
    if (!(estimate > worst->error - 0.01)) return;
    const double error = isfinite(estimate) && estimate > 0 ? exact_error(f, narrow, x, y, value) : estimate;
    if (error > worst->error) *worst = (worst_case){error, x, y, value};
}

/* Floats first, first + 1, ... CHUNK of them, step bits apart; y is one of a few or random. */
static void sweep_floats(int f, uint64_t chunk, uint64_t step, worst_case *worst)
{
    static _Thread_local float x[CHUNK], y[CHUNK], value[CHUNK];
    uint64_t bits = chunk;
    for (int i = 0; i < CHUNK; i++) {
        const uint32_t word = (uint32_t)((chunk * CHUNK + (uint64_t)i) * step);
        memcpy(&x[i], &word, sizeof word);
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        const double fraction = (double)(bits >> 11) * 0x1p-53 - 0.5;
        /* A power that is a number, an angle that is not near an axis. */
        y[i] = (float)(f == MATH_pow ? 190 * fraction / log(fabs((double)x[i])) : fraction * 8 * (double)x[i]);
    }
    best_kernels()->narrow[math_loop(f)](value, x, y, CHUNK);
    for (int i = 0; i < CHUNK; i++) {
        const long double exact = math_reference(f, (long double)x[i], (long double)y[i]);
        const double estimate = math_error(f, 1, (long double)x[i], (long double)value[i], exact);
        consider(worst, f, 1, (double)x[i], (double)y[i], (double)value[i], estimate);
    }
}

static void sweep_doubles(int f, uint64_t chunk, worst_case *worst)
{
    static _Thread_local double x[CHUNK], y[CHUNK], value[CHUNK];
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
        const double estimate = math_error(f, 0, (long double)x[i], (long double)value[i], exact);
        consider(worst, f, 0, x[i], y[i], value[i], estimate);
    }
}

static int report(int f, int narrow, const worst_case *worst)
{
    const double bound = narrow ? math_references[f].narrow_bound : math_references[f].wide_bound;
    printf("%-10s %-6s %7.4f units at %a", math_references[f].name, narrow ? "float" : "double", worst->error,
           worst->x);
    if (math_references[f].of_two) printf(", %a", worst->y);
    printf(" (bound %.2f)%s\n", bound, worst->error <= bound ? "" : " PAST ITS BOUND");
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
