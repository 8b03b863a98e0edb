/* SPDX-License-Identifier: BSD-3-Clause */
/* What product.c takes from its parts. */
#ifndef AZ_BASE_PRODUCT_KERNELS_H
#define AZ_BASE_PRODUCT_KERNELS_H

#include "base/product.h"

/* Our own kernels, of one instruction set; [0] float, [1] double. */
typedef struct az_product_kernels {
    void (*product[2])(const az_product *product, const void *a, const void *b, void *c);
    void (*transpose[2])(const az_transpose *transpose, const void *in, void *out);
} az_product_kernels;
AZ_ISA_DECLARE(az_product_kernels, az_product_kernels);
const az_product_kernels *az_product_plain(az_isa isa);

/* With AVX-512 our own have tiles of one to three vectors and a half or a quarter, whose products take half the time of
 * a whole vector's. */
static inline bool az_product_halves(int64_t m, int64_t lanes)
{
    const int64_t few = m % lanes;
    return m > lanes && m < 4 * lanes && (2 * few == lanes || 4 * few == lanes);
}

/* product_xsmm.c: sets run and kernel; false where libxsmm has no kernel that keeps the bits. */
bool az_product_find_xsmm(az_product *product);
/* linalg_product.c */
void az_product_run_cblas(const az_product *product, const void *a, const void *b, void *c);

#endif
