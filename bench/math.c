/* SPDX-License-Identifier: BSD-3-Clause */
/* Elementary functions timed on arrays of 4,096 numbers, one thread: ours with each instruction set, and libm's.
 *
 *   bench_math
 *
 * prints nanoseconds a number (the least of 40 runs) and how many times longer libm takes than ours with the best set.
 */
#define _POSIX_C_SOURCE 200809L
#include "../tests/base/math_functions.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

enum { N = 4096, RUNS = 40 };
static float x_narrow[N], y_narrow[N], value_narrow[N];
static double x_wide[N], y_wide[N], value_wide[N];

typedef struct {
    const char *name;
    int loop;
    float (*narrow)(float);
    double (*wide)(double);
    double from, to;
} function;

static const function functions[] = {
    {"exp", MATH_exp, expf, exp, -10, 10},
    {"expm1", MATH_expm1, expm1f, expm1, -10, 10},
    {"log", MATH_log, logf, log, 0.01, 10},
    {"log1p", MATH_log1p, log1pf, log1p, -0.9, 10},
    {"tanh", MATH_tanh, tanhf, tanh, -6, 6},
    {"sigmoid", MATH_sigmoid, 0, 0, -10, 10},
    {"softplus", MATH_softplus, 0, 0, -10, 10},
    {"sin", MATH_sin_blocks, sinf, sin, -10, 10},
    {"cos", MATH_cos_blocks, cosf, cos, -10, 10},
    {"erf", MATH_erf, erff, erf, -4, 4},
    {"normal_cdf", MATH_normal_cdf, 0, 0, -6, 6},
    {"lgamma", MATH_lgamma, lgammaf, lgamma, 0.1, 20},
    {"digamma", MATH_digamma, 0, 0, 0.1, 20},
    {"atan2", MATH_atan2, 0, 0, -4, 4},
    {"pow", MATH_pow, 0, 0, 0.1, 10},
};

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double least(double best, double begin)
{
    const double taken = (processor_time() - begin) / N * 1e9;
    return taken < best ? taken : best;
}

static double ours(const math_kernels *kernels, const function *f, int wide)
{
    double best = INFINITY;
    for (int run = 0; run < RUNS; run++) {
        const double begin = processor_time();
        if (wide)
            kernels->wide[f->loop](value_wide, x_wide, y_wide, N);
        else
            kernels->narrow[f->loop](value_narrow, x_narrow, y_narrow, N);
        best = least(best, begin);
    }
    return best;
}

static double libm(const function *f, int wide)
{
    double best = INFINITY;
    for (int run = 0; run < RUNS; run++) {
        const double begin = processor_time();
        if (wide && f->wide)
            for (int i = 0; i < N; i++) value_wide[i] = f->wide(x_wide[i]);
        else if (wide && f->loop == MATH_pow)
            for (int i = 0; i < N; i++) value_wide[i] = pow(x_wide[i], y_wide[i]);
        else if (wide && f->loop == MATH_atan2)
            for (int i = 0; i < N; i++) value_wide[i] = atan2(x_wide[i], y_wide[i]);
        else if (!wide && f->narrow)
            for (int i = 0; i < N; i++) value_narrow[i] = f->narrow(x_narrow[i]);
        else if (!wide && f->loop == MATH_pow)
            for (int i = 0; i < N; i++) value_narrow[i] = powf(x_narrow[i], y_narrow[i]);
        else if (!wide && f->loop == MATH_atan2)
            for (int i = 0; i < N; i++) value_narrow[i] = atan2f(x_narrow[i], y_narrow[i]);
        else
            return NAN;
        best = least(best, begin);
    }
    return best;
}

int main(void)
{
    const math_kernels *levels[3] = {&math_kernels_plain};
    int n_levels = 1;
#ifdef MATH_LEVELS
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) levels[n_levels++] = &math_kernels_avx2;
    if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        levels[n_levels++] = &math_kernels_avx512;
#endif
    printf("%-18s", "ns a number");
    for (int k = 0; k < n_levels; k++) printf("%8s", levels[k]->name);
    printf("%8s   ratio\n", "libm");
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) {
        const function *f = &functions[k];
        for (int i = 0; i < N; i++) {
            x_wide[i] = f->from + (f->to - f->from) * ((i * 1597 % N) + 0.5) / N;
            y_wide[i] = 3 * x_wide[(i + 1) % N] - 5;
            x_narrow[i] = (float)x_wide[i];
            y_narrow[i] = (float)y_wide[i];
        }
        for (int wide = 0; wide < 2; wide++) {
            printf("%-11s %-6s", f->name, wide ? "double" : "float");
            double best = 0;
            for (int l = 0; l < n_levels; l++) printf("%8.2f", best = ours(levels[l], f, wide));
            const double other = libm(f, wide);
            if (isnan(other))
                printf("       -\n");
            else
                printf("%8.2f %7.1f\n", other, other / best);
        }
    }
    return 0;
}
