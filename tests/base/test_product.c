/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of every backend and instruction set against the one loop that they promise the bits of. */
#include "base/isa.h"
#include "base/product.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A matrix with guard zones: `guard` numbers before and after, and the rows between m and the leading dimension. */
typedef struct matrix {
    bool is_double;
    int64_t m, n, ld;
    void *all, *at;
} matrix;
enum { GUARD = 32 };

static size_t size_of(bool is_double)
{
    return is_double ? sizeof(double) : sizeof(float);
}

static double get(const matrix *x, int64_t i, int64_t j)
{
    return x->is_double ? ((double *)x->at)[i + j * x->ld] : (double)((float *)x->at)[i + j * x->ld];
}

/* Numbers in (-1, 1) with all bits of the significand in use. */
static matrix fill(bool is_double, int64_t m, int64_t n, int64_t ld, uint64_t seed)
{
    matrix x = {is_double, m, n, ld, NULL, NULL};
    size_t count = (size_t)(ld * n) + 2 * GUARD;
    x.all = malloc(count * size_of(is_double));
    x.at = (char *)x.all + GUARD * size_of(is_double);
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 20240229;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        double value = (double)(state >> 11) * 0x1p-52 - 1.0;
        if (is_double)
            ((double *)x.all)[i] = value;
        else
            ((float *)x.all)[i] = (float)value;
    }
    return x;
}

static matrix copy(const matrix *x)
{
    matrix y = fill(x->is_double, x->m, x->n, x->ld, 0);
    memcpy(y.all, x->all, ((size_t)(x->ld * x->n) + 2 * GUARD) * size_of(x->is_double));
    return y;
}

static bool same(const matrix *x, const matrix *y) /* guard zones too */
{
    return !memcmp(x->all, y->all, ((size_t)(x->ld * x->n) + 2 * GUARD) * size_of(x->is_double));
}

/* The promise, in its plainest form. */
static void chain(const matrix *a, const matrix *b, const matrix *c, bool accumulate)
{
    for (int64_t j = 0; j < c->n; j++)
        for (int64_t i = 0; i < c->m; i++) {
            if (c->is_double) {
                double *out = (double *)c->at + i + j * c->ld, sum = accumulate ? *out : 0.0;
                for (int64_t p = 0; p < a->n; p++) sum = fma(get(a, i, p), get(b, p, j), sum);
                *out = sum;
            } else {
                float *out = (float *)c->at + i + j * c->ld, sum = accumulate ? *out : 0.0f;
                for (int64_t p = 0; p < a->n; p++) sum = fmaf((float)get(a, i, p), (float)get(b, p, j), sum);
                *out = sum;
            }
        }
}

static const char *const backend_names[] = {"auto", "xsmm", "plain", "cblas"};

static void check(bool is_double, int64_t m, int64_t n, int64_t k, int64_t pad)
{
    matrix a = fill(is_double, m, k, m + pad, 1), b = fill(is_double, k, n, k + pad, 2),
           before = fill(is_double, m, n, m + pad, 3);
    for (int accumulate = 0; accumulate <= 1; accumulate++) {
        matrix expected = copy(&before);
        chain(&a, &b, &expected, accumulate);
        for (az_isa isa = AZ_ISA_BASE; isa <= az_isa_of_cpu(); isa++)
            for (az_product_backend backend = AZ_PRODUCT_XSMM; backend <= AZ_PRODUCT_PLAIN; backend++) {
                matrix c = copy(&before);
                az_product product;
                az_product_find(&product, is_double, m, n, k, a.ld, b.ld, c.ld, accumulate, backend, isa);
                az_product_run(&product, a.at, b.at, c.at);
                az_product_done(isa);
                if (!same(&c, &expected))
                    fail_msg("%s (%d, %d, %d), pad %d, accumulate %d, %s, %s: other bits",
                             is_double ? "double" : "float", (int)m, (int)n, (int)k, (int)pad, accumulate,
                             backend_names[backend], az_isa_name(isa));
                free(c.all);
            }
        matrix c = copy(&before);
        az_product product;
        az_product_find(&product, is_double, m, n, k, a.ld, b.ld, c.ld, accumulate, AZ_PRODUCT_CBLAS, AZ_ISA_BASE);
        az_product_run(&product, a.at, b.at, c.at);
        /* Of k products below 1 in size: each of k additions is off by half a unit of a sum below k + 1. */
        double allowed = (double)((k + 1) * (k + 1)) * (is_double ? 0x1p-53 : 0x1p-24);
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < m; i++) assert_true(fabs(get(&c, i, j) - get(&expected, i, j)) <= allowed);
        free(c.all);
        free(expected.all);
    }
    free(a.all);
    free(b.all);
    free(before.all);
}

/* Every way in which tiles of up to 4 vectors and some columns can end. */
static void all_small_sizes_have_the_bits_of_one_chain(void **state)
{
    (void)state;
    for (int is_double = 0; is_double <= 1; is_double++)
        for (int64_t m = 0; m <= 70; m++)
            for (int64_t n = 0; n <= 14; n++) check(is_double, m, n, (m * 5 + n * 3) % 11, m % 3);
}

/* The shapes of layers at every height of tiles, forward and both ways back. */
static void shapes_of_layers_have_the_bits_of_one_chain(void **state)
{
    (void)state;
    static const int64_t heights[] = {32, 64, 128, 256}, widths[] = {1, 2, 3, 20, 64};
    for (int is_double = 0; is_double <= 1; is_double++)
        for (int h = 0; h < 4; h++)
            for (int i = 0; i < 5; i++)
                for (int o = 0; o < 5; o++) {
                    if (h > 1 && widths[i] * widths[o] > 1280) continue; /* for the time that it takes */
                    check(is_double, heights[h], widths[o], widths[i], 0);
                    check(is_double, widths[o], widths[i], heights[h], 0);
                }
}

/* Sizes beyond the caches of the first two levels, which are run in blocks. */
static void blocks_keep_the_chain(void **state)
{
    (void)state;
    for (int is_double = 0; is_double <= 1; is_double++) {
        check(is_double, 32, 129, 1024, 0);
        check(is_double, 130, 70, 513, 5);
        check(is_double, 64, 512, 97, 0);
        check(is_double, 517, 33, 128, 0);
    }
}

static void no_terms_are_zero_or_what_was_there(void **state)
{
    (void)state;
    float c[4] = {1, 2, 3, NAN};
    az_product product;
    for (az_product_backend backend = AZ_PRODUCT_AUTO; backend <= AZ_PRODUCT_CBLAS; backend++) {
        az_product_find(&product, false, 3, 1, 0, 3, 1, 3, true, backend, az_isa_wanted());
        az_product_run(&product, c, c, c);
        assert_true(c[0] == 1 && c[1] == 2 && c[2] == 3);
    }
    for (az_product_backend backend = AZ_PRODUCT_AUTO; backend <= AZ_PRODUCT_CBLAS; backend++) {
        float d[4] = {1, NAN, 3, 4}; /* what C held does not matter */
        az_product_find(&product, false, 3, 1, 0, 3, 1, 3, false, backend, az_isa_wanted());
        az_product_run(&product, c, c, d);
        assert_true(d[0] == 0 && d[1] == 0 && d[2] == 0 && d[3] == 4);
    }
}

static void a_few_rows_have_the_bits_of_a_tile(void **state)
{
    (void)state;
    for (int is_double = 0; is_double <= 1; is_double++)
        for (int64_t n_rows = 1; n_rows <= 4; n_rows++)
            for (int64_t width = 1; width <= 65; width += 16) {
                const int64_t k = 64, n = width;
                matrix x = fill(is_double, k, n_rows, k, 4), w = fill(is_double, n, k, n, 5),
                       y = fill(is_double, n, n_rows, n, 6);
                matrix expected = copy(&y);
                chain(&w, &x, &expected, false);
                for (az_isa isa = AZ_ISA_BASE; isa <= az_isa_of_cpu(); isa++) {
                    matrix out = copy(&y);
                    az_product product;
                    az_product_find_rows(&product, is_double, n_rows, n, k, false, isa);
                    az_product_run_rows(&product, x.at, w.at, out.at);
                    assert_true(same(&out, &expected));
                    free(out.all);
                }
                free(x.all);
                free(w.all);
                free(y.all);
                free(expected.all);
            }
}

static void transposition_moves_every_element(void **state)
{
    (void)state;
    for (int is_double = 0; is_double <= 1; is_double++)
        for (int64_t m = 0; m <= 70; m += m < 35 ? 1 : 7)
            for (int64_t n = 0; n <= 70; n += n < 35 ? 1 : 7) {
                matrix in = fill(is_double, m, n, m + n % 3, 7), before = fill(is_double, n, m, n + m % 2, 8);
                for (az_isa isa = AZ_ISA_BASE; isa <= az_isa_of_cpu(); isa++) {
                    matrix out = copy(&before), expected = copy(&before);
                    for (int64_t j = 0; j < n; j++)
                        for (int64_t i = 0; i < m; i++)
                            memcpy((char *)expected.at + (size_t)(i * expected.ld + j) * size_of(is_double),
                                   (char *)in.at + (size_t)(j * in.ld + i) * size_of(is_double), size_of(is_double));
                    az_transpose transpose;
                    az_transpose_find(&transpose, is_double, m, n, in.ld, out.ld, isa);
                    az_transpose_run(&transpose, in.at, out.at);
                    az_product_done(isa);
                    if (!same(&out, &expected))
                        fail_msg("%s (%d, %d), %s", is_double ? "double" : "float", (int)m, (int)n, az_isa_name(isa));
                    free(out.all);
                    free(expected.all);
                }
                free(in.all);
                free(before.all);
            }
}

/* That the other tests are about libxsmm's kernels where there are any, and that they are made once. */
static void libxsmm_is_used_where_it_keeps_the_bits(void **state)
{
    (void)state;
#ifdef AZ_HAVE_XSMM
    if (az_isa_of_cpu() < AZ_ISA_V3) skip();
    az_product first, second;
    az_product_find(&first, false, 128, 64, 64, 128, 64, 128, false, AZ_PRODUCT_XSMM, az_isa_of_cpu());
    az_product_find(&second, false, 128, 64, 64, 128, 64, 128, false, AZ_PRODUCT_XSMM, az_isa_of_cpu());
    assert_int_equal(first.backend, AZ_PRODUCT_XSMM);
    assert_true(first.kernel[0] && first.kernel[0] == second.kernel[0]);
    az_product_find(&second, false, 128, 64, 64, 128, 64, 128, true, AZ_PRODUCT_XSMM, az_isa_of_cpu());
    assert_true(second.kernel[0] != first.kernel[0]);
    assert_true(az_isa_of_cpu() < AZ_ISA_V4 || second.m_main == 128);
    az_product_find(&second, false, 80, 64, 64, 80, 64, 80, true, AZ_PRODUCT_XSMM, AZ_ISA_V3);
    assert_true(second.backend == AZ_PRODUCT_XSMM && second.m_main == 80);
    az_product_find(&second, false, 8, 8, 8, 8, 8, 8, false, AZ_PRODUCT_XSMM, AZ_ISA_BASE); /* knows no FMA */
    assert_int_equal(second.backend, AZ_PRODUCT_PLAIN);
#else
    skip();
#endif
}

static void the_environment_chooses(void **state)
{
    (void)state;
    az_product product;
    setenv("ANSATZ_PRODUCT", "plain", 1);
    az_product_find(&product, false, 8, 8, 8, 8, 8, 8, false, AZ_PRODUCT_AUTO, az_isa_of_cpu());
    assert_int_equal(product.backend, AZ_PRODUCT_PLAIN);
    setenv("ANSATZ_PRODUCT", "cblas", 1);
    az_product_find(&product, false, 8, 8, 8, 8, 8, 8, false, AZ_PRODUCT_AUTO, az_isa_of_cpu());
    assert_int_equal(product.backend, AZ_PRODUCT_CBLAS);
    unsetenv("ANSATZ_PRODUCT");
    setenv("ANSATZ_ISA", "base", 1);
    assert_int_equal(az_isa_wanted(), AZ_ISA_BASE);
    setenv("ANSATZ_ISA", az_isa_name(az_isa_of_cpu()), 1);
    assert_int_equal(az_isa_wanted(), az_isa_of_cpu());
    setenv("ANSATZ_ISA", "v4", 1); /* the best there is where the CPU has less */
    assert_int_equal(az_isa_wanted(), az_isa_of_cpu());
    unsetenv("ANSATZ_ISA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_small_sizes_have_the_bits_of_one_chain),
        cmocka_unit_test(shapes_of_layers_have_the_bits_of_one_chain),
        cmocka_unit_test(blocks_keep_the_chain),
        cmocka_unit_test(no_terms_are_zero_or_what_was_there),
        cmocka_unit_test(a_few_rows_have_the_bits_of_a_tile),
        cmocka_unit_test(transposition_moves_every_element),
        cmocka_unit_test(libxsmm_is_used_where_it_keeps_the_bits),
        cmocka_unit_test(the_environment_chooses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
