/* SPDX-License-Identifier: BSD-3-Clause */
/* Products of small matrices, column-major with leading dimensions, float or double.  What is found once for a shape is
 * run many times, by any number of threads, without allocation and with nothing to free.
 *
 * Bits.  Every element of a product is one chain of fused multiply-adds over k in rising order, which starts from 0 (or
 * from what stands in C when accumulating).  All instruction sets and both AZ_PRODUCT_XSMM and AZ_PRODUCT_PLAIN give
 * the same bits as that loop, however shapes are cut; AZ_PRODUCT_CBLAS agrees to rounding only. */
#ifndef AZ_BASE_PRODUCT_H
#define AZ_BASE_PRODUCT_H

#include "base/isa.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum az_product_backend {
    AZ_PRODUCT_AUTO,  /* what the environment's ANSATZ_PRODUCT names (xsmm, plain, cblas); else the faster one of xsmm
                       * and  plain, and cblas on an x86-64 CPU without fused multiply-add */
    AZ_PRODUCT_XSMM,  /* libxsmm; the plain kernels where it is absent or would change bits */
    AZ_PRODUCT_PLAIN, /* our own kernels in C */
    AZ_PRODUCT_CBLAS  /* the BLAS that the library is linked to */
} az_product_backend;

typedef void az_product_kernel(const void *a, const void *b, void *c); /* of one shape */
typedef struct az_product az_product;
struct az_product {
    void (*run)(const az_product *product, const void *a, const void *b, void *c);
    int64_t m, n, k, lda, ldb, ldc;
    bool is_double, accumulate;
    az_isa isa;
    az_product_backend backend; /* the one that was taken */
    /* Of libxsmm: kernels for the first rows, for the first, a middle and the last block of k. */
    az_product_kernel *kernel[3];
    int64_t m_main, block_k, n_blocks;
};

/* C (m, n) = A (m, k) B (k, n), or C += A B when accumulating.  lda, ldc >= m, ldb >= k; any size may be 0.  C overlaps
 * neither A nor B. */
void az_product_find(az_product *product, bool is_double, int64_t m, int64_t n, int64_t k, int64_t lda, int64_t ldb,
                     int64_t ldc, bool accumulate, az_product_backend backend, az_isa isa);
/* Y (n_rows, n) = X (n_rows, k) W (k, n), all *row-major* and packed, for a few rows: vectors run along n.  The bits
 * are those of any other product of the same numbers. */
void az_product_find_rows(az_product *product, bool is_double, int64_t n_rows, int64_t n, int64_t k, bool accumulate,
                          az_isa isa);

static inline void az_product_run(const az_product *product, const void *a, const void *b, void *c)
{
    product->run(product, a, b, c);
}
/* For what az_product_find_rows found: X, W, Y. */
static inline void az_product_run_rows(const az_product *product, const void *x, const void *w, void *y)
{
    product->run(product, w, x, y);
}

/* out (n, m) = transpose of in (m, n), column-major; ld_in >= m, ld_out >= n; they do not overlap. */
typedef struct az_transpose az_transpose;
struct az_transpose {
    void (*run)(const az_transpose *transpose, const void *in, void *out);
    int64_t m, n, ld_in, ld_out;
};
void az_transpose_find(az_transpose *transpose, bool is_double, int64_t m, int64_t n, int64_t ld_in, int64_t ld_out,
                       az_isa isa);
static inline void az_transpose_run(const az_transpose *transpose, const void *in, void *out)
{
    transpose->run(transpose, in, out);
}

/* After the last product and before any other floating-point work of the thread.  libxsmm's kernels leave the upper
 * halves of the vector registers in use; until they are cleared, CPUs of Intel mix every instruction of the older
 * encoding with them, and scalar functions of libm run many times slower (Intel 64 and IA-32 Optimization Reference
 * Manual, 15.3, "Mixing AVX code with SSE code"). */
static inline void az_product_done(az_isa isa)
{
#if defined(__x86_64__)
    if (isa >= AZ_ISA_V3) __asm__ volatile("vzeroupper" ::: "memory");
#else
    (void)isa;
#endif
}

#endif
