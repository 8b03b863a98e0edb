/* SPDX-License-Identifier: BSD-3-Clause */
/* One result everywhere: every function of base/math.h over 6,000 arguments, vectorised or not, for every instruction
 * set, by whatever compiler this is compiled with, gives the bits whose digests stand here. */
#include "math_functions.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { N = 6000 };
static double x_wide[N], y_wide[N], value_wide[N];
static float x_narrow[N], y_narrow[N], value_narrow[N];

static const char *const names[MATH_N_LOOPS] = {
#define NAME(name, narrow, wide) #name,
    MATH_FUNCTIONS(NAME) MATH_FUNCTIONS_OF_TWO(NAME)
#define ARRAY_NAME(name) #name,
        MATH_ARRAYS(ARRAY_NAME)};

static const struct {
    const char *name;
    uint64_t narrow, wide;
} digests[] = {
#include "math_digests.h"
};

/* Of any size and sign, of moderate size, and what is special; all made by integers and exact operations. */
static void make_arguments(void)
{
    static const double special[] = {
        0,         1,        2,      3,      0.5,       1.5,        2.5,      INFINITY,        NAN, 0x1p-1074, 0x1p-149,
        0x1p-1022, 0x1p-126, 0x1p52, 0x1p24, 0x1.fp127, 0x1.fp1023, 88.72283, 709.782712893384};
    const int n_special = (int)(sizeof special / sizeof *special);
    uint64_t bits = 1;
    for (int i = 0; i < N; i++) {
        double made[2];
        for (int k = 0; k < 2; k++) {
            bits = bits * 6364136223846793005u + 1442695040888963407u;
            const double fraction = (double)(bits >> 11) * 0x1p-53 - 0.5;
            memcpy(&made[k], &bits, sizeof made[k]);
            if (i % 4 == 1) made[k] = 64 * fraction;
            if (i % 4 == 2) made[k] = 4 * fraction;
            if (i % 4 == 3) made[k] = 1 + fraction;
        }
        x_wide[i] = made[0];
        y_wide[i] = made[1];
    }
    for (int i = 0; i < 4 * n_special * n_special; i++) {
        x_wide[i] = (i & 1 ? -1 : 1) * special[i / 4 % n_special];
        y_wide[i] = (i & 2 ? -1 : 1) * special[i / 4 / n_special];
    }
    for (int i = 0; i < N; i++) {
        uint32_t word;
        memcpy(&bits, &x_wide[i], sizeof bits);
        word = (uint32_t)(bits >> 20);
        x_narrow[i] = (float)x_wide[i];
        if (i % 4 == 0 && i >= 4 * n_special * n_special) memcpy(&x_narrow[i], &word, sizeof word);
        y_narrow[i] = (float)y_wide[i];
    }
}

/* FNV-1a over the bytes, every NaN being the same one. */
static uint64_t digest(const void *values, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int i = 0; i < N; i++) {
        unsigned char bytes[8];
        memcpy(bytes, (const char *)values + (size_t)i * size, size);
        if (size == 4 ? isnan(value_narrow[i]) : isnan(value_wide[i])) memset(bytes, 0xff, size);
        uint64_t word = 0; /* the same on a machine of the other byte order */
        if (size == 4) {
            uint32_t half;
            memcpy(&half, bytes, sizeof half);
            word = half;
        } else
            memcpy(&word, bytes, sizeof word);
        for (size_t k = 0; k < size; k++) hash = (hash ^ (word >> 8 * k & 0xff)) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static int check(const math_kernels *kernels, int print)
{
    int wrong = 0;
    for (int f = 0; f < MATH_N_LOOPS; f++) {
        kernels->narrow[f](value_narrow, x_narrow, y_narrow, N);
        kernels->wide[f](value_wide, x_wide, y_wide, N);
        const uint64_t narrow = digest(value_narrow, sizeof(float)), wide = digest(value_wide, sizeof(double));
        if (print && f < MATH_N_FUNCTIONS)
            printf("{\"%s\", UINT64_C(0x%016llx), UINT64_C(0x%016llx)},\n", names[f], (unsigned long long)narrow,
                   (unsigned long long)wide);
        for (size_t k = 0; !print && k < sizeof digests / sizeof *digests; k++) {
            if (strcmp(digests[k].name, names[f]) != 0) continue;
            if (digests[k].narrow != narrow || digests[k].wide != wide) {
                print_message("%s: %s gives other bits in %s\n", kernels->name, names[f],
                              digests[k].narrow == narrow ? "double" : "float");
                wrong++;
            }
        }
    }
    return wrong;
}

static void same_bits(void **state)
{
    (void)state;
    int wrong = 0;
    assert_int_equal(sizeof digests / sizeof *digests, MATH_N_FUNCTIONS);
    wrong += check(&math_kernels_plain, 0);
#ifdef MATH_LEVELS
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        wrong += check(&math_kernels_fma, 0);
        wrong += check(&math_kernels_avx2, 0);
    } else
        print_message("no AVX2 here\n");
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        wrong += check(&math_kernels_avx512, 0);
    else
        print_message("no AVX-512 here\n");
#endif
    assert_int_equal(wrong, 0);
}

/* With an argument: prints tests/base/math_digests.h anew, for when a function was changed on purpose. */
int main(int argc, char **argv)
{
    (void)argv;
    make_arguments();
    if (argc > 1) {
        printf("/* SPDX-License-Identifier: BSD-3-Clause */\n/* Made by base_test_math_bits print. */\n");
        return check(&math_kernels_plain, 1);
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits)};
    return cmocka_run_group_tests_name("math_bits", tests, NULL, NULL);
}
