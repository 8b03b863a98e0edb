/* SPDX-License-Identifier: BSD-3-Clause */
/* Elementary functions timed on arrays of 4,096 numbers, one thread: ours with each instruction set, libm's, and those
 * of SLEEF and of glibc's libmvec for AVX-512 where they are found when this runs.
 *
 *   bench_math [NAME]
 *
 * prints nanoseconds a number (the least of 40 runs), and the greatest error over these numbers in units of the last
 * place. */
#define _GNU_SOURCE
#include "../tests/base/math_reference.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#ifdef MATH_LEVELS
#include <immintrin.h>
#endif

enum { N = 4096, RUNS = 40, REPEATS = 10 }; /* a call of the clock takes as long as a thousand numbers */
static float x_narrow[N], y_narrow[N], value_narrow[N];
static double x_wide[N], y_wide[N], value_wide[N];

typedef float narrow_function(float);
typedef double wide_function(double);
typedef float narrow_function_of_two(float, float);
typedef double wide_function_of_two(double, double);

typedef struct {
    int f;
    const char *name; /* libm's, SLEEF's and libmvec's; NULL: they have none */
    double from, to;
} function;

static const function functions[] = {
    {MATH_exp, "exp", -10, 10},      {MATH_expm1, "expm1", -10, 10}, {MATH_log, "log", 0.01, 10},
    {MATH_log1p, "log1p", -0.9, 10}, {MATH_tanh, "tanh", -6, 6},     {MATH_sigmoid, NULL, -10, 10},
    {MATH_softplus, NULL, -10, 10},  {MATH_sin, "sin", -10, 10},     {MATH_cos, "cos", -10, 10},
    {MATH_erf, "erf", -4, 4},        {MATH_normal_cdf, NULL, -6, 6}, {MATH_lgamma, "lgamma", 0.1, 20},
    {MATH_digamma, NULL, 0.1, 20},   {MATH_atan2, "atan2", -4, 4},   {MATH_pow, "pow", 0.1, 10},
};

/* One round over the numbers by a function of a peer, or by our kernels. */
typedef struct {
    const math_kernels *kernels;
    void *function; /* libm's or a peer's */
    int f, wide, vectors;
} contestant;

#ifdef MATH_LEVELS
typedef __m512 narrow_vector(__m512);
typedef __m512d wide_vector(__m512d);
typedef __m512 narrow_vector_of_two(__m512, __m512);
typedef __m512d wide_vector_of_two(__m512d, __m512d);

__attribute__((target("avx512f"), noinline)) static void round_of_vectors(const contestant *c)
{
    const int two = math_references[c->f].of_two != NULL;
    if (c->wide)
        for (int i = 0; i < N; i += 8) {
            const __m512d x = _mm512_loadu_pd(x_wide + i), y = _mm512_loadu_pd(y_wide + i);
            _mm512_storeu_pd(value_wide + i,
                             two ? ((wide_vector_of_two *)c->function)(x, y) : ((wide_vector *)c->function)(x));
        }
    else
        for (int i = 0; i < N; i += 16) {
            const __m512 x = _mm512_loadu_ps(x_narrow + i), y = _mm512_loadu_ps(y_narrow + i);
            _mm512_storeu_ps(value_narrow + i,
                             two ? ((narrow_vector_of_two *)c->function)(x, y) : ((narrow_vector *)c->function)(x));
        }
}
#else
static void round_of_vectors(const contestant *c)
{
    (void)c;
}
#endif

static void one_round(const contestant *c)
{
    const int loop = math_loop(c->f), two = math_references[c->f].of_two != NULL;
    if (c->kernels && c->wide)
        c->kernels->wide[loop](value_wide, x_wide, y_wide, N);
    else if (c->kernels)
        c->kernels->narrow[loop](value_narrow, x_narrow, y_narrow, N);
    else if (c->vectors)
        round_of_vectors(c);
    else if (c->wide)
        for (int i = 0; i < N; i++)
            value_wide[i] = two ? ((wide_function_of_two *)c->function)(x_wide[i], y_wide[i])
                                : ((wide_function *)c->function)(x_wide[i]);
    else
        for (int i = 0; i < N; i++)
            value_narrow[i] = two ? ((narrow_function_of_two *)c->function)(x_narrow[i], y_narrow[i])
                                  : ((narrow_function *)c->function)(x_narrow[i]);
}

static double processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Nanoseconds a number, and the greatest error. */
static double measure(const contestant *c, double *error)
{
    double best = INFINITY;
    for (int run = 0; run < RUNS; run++) {
        const double begin = processor_time();
        for (int k = 0; k < REPEATS; k++) one_round(c);
        const double taken = (processor_time() - begin) / (N * REPEATS) * 1e9;
        if (taken < best) best = taken;
    }
    *error = 0;
    for (int i = 0; i < N; i++) {
        const long double x = c->wide ? (long double)x_wide[i] : (long double)x_narrow[i];
        const long double y = c->wide ? (long double)y_wide[i] : (long double)y_narrow[i];
        const long double value = c->wide ? (long double)value_wide[i] : (long double)value_narrow[i];
        const double off = math_error(c->f, !c->wide, x, value, math_reference(c->f, x, y));
        if (!(off <= *error)) *error = off;
    }
    return best;
}

/* A function of libm, SLEEF or libmvec by its name there, from 1.0 units of the last place (libmvec: 4) on. */
static void *find(void *library, const char *pattern, const function *f, int wide)
{
    char name[64];
    if (!library || !f->name) return NULL;
    const int two = math_references[f->f].of_two != NULL;
    if (strstr(pattern, "Sleef"))
        snprintf(name, sizeof name, "Sleef_%s%s_u10avx512f", f->name, wide ? "d8" : "f16");
    else if (strstr(pattern, "ZGV"))
        snprintf(name, sizeof name, "_ZGVeN%d%s_%s%s", wide ? 8 : 16, two ? "vv" : "v", f->name, wide ? "" : "f");
    else
        snprintf(name, sizeof name, "%s%s", f->name, wide ? "" : "f");
    return dlsym(library, name);
}

int main(int argc, char **argv)
{
    static const char *const peers[3] = {"libm", "Sleef", "ZGV"};
    void *libraries[3] = {dlopen("libm.so.6", RTLD_NOW)};
    const math_kernels *levels[3] = {&math_kernels_plain};
    int n_levels = 1;
#ifdef MATH_LEVELS
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) levels[n_levels++] = &math_kernels_avx2;
    if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        levels[n_levels++] = &math_kernels_avx512;
        libraries[1] = dlopen("libsleef.so.3", RTLD_NOW);
        libraries[2] = dlopen("libmvec.so.1", RTLD_NOW);
    }
#endif
    printf("%-18s", "ns a number");
    for (int k = 0; k < n_levels; k++) printf("%8s", levels[k]->name);
    printf("   error |    libm   error |   SLEEF   error | libmvec   error\n");
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) {
        const function *f = &functions[k];
        if (argc > 1 && strcmp(argv[1], math_references[f->f].name) != 0) continue;
        for (int i = 0; i < N; i++) {
            x_wide[i] = f->from + (f->to - f->from) * ((i * 1597 % N) + 0.5) / N;
            y_wide[i] = 3 * (f->from + (f->to - f->from) * ((i * 1597 % N) + 0.25) / N) - 5;
            x_narrow[i] = (float)x_wide[i];
            y_narrow[i] = (float)y_wide[i];
        }
        for (int wide = 0; wide < 2; wide++) {
            double error = 0;
            printf("%-11s %-6s", math_references[f->f].name, wide ? "double" : "float");
            for (int l = 0; l < n_levels; l++)
                printf("%8.2f", measure(&(contestant){.kernels = levels[l], .f = f->f, .wide = wide}, &error));
            printf("%8.2f", error);
            for (int l = 0; l < 3; l++) {
                contestant c = {
                    .function = find(libraries[l], peers[l], f, wide), .f = f->f, .wide = wide, .vectors = l > 0};
                if (c.function)
                    printf(" |%8.2f", measure(&c, &error)), printf("%8.2f", error);
                else
                    printf(" |       -       -");
            }
            printf("\n");
        }
    }
    return 0;
}
