/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/product_kernels.h"
#include "base/vector.h"

#include <string.h>

/* The size of a tile, VECTORS of rows by COLUMNS, such that its sums and what they need fill the registers; where fewer
 * columns are left, TALL vectors. */
#if AZ_VECTOR_BITS == 512 /* 32 registers */
#define VECTORS 4
#define COLUMNS 6
#define TALL_1  8
#define TALL_2  8
#define TALL_3  4
#define TALL_4  4
#define TALL_5  4
#elif AZ_VECTOR_BITS == 256 /* 16 registers */
#define VECTORS 2
#define COLUMNS 6
#define TALL_1  8
#define TALL_2  4
#define TALL_3  4
#define TALL_4  3
#define TALL_5  2
#elif AZ_VECTOR_BITS == 128 /* 32 registers */
#define VECTORS 4
#define COLUMNS 6
#define TALL_1  8
#define TALL_2  8
#define TALL_3  4
#define TALL_4  4
#define TALL_5  4
#else
#define VECTORS 4
#define COLUMNS 4
#define TALL_1  4
#define TALL_2  4
#define TALL_3  4
#endif

/* A panel of A with all terms of a block fills a cache of the first level. */
#define BLOCK_BYTES 32768
/* Where many columns of B meet the panel, and its own columns lie so far apart that they fall into the same few sets of
 * the cache, it is copied to where they lie one after the other. */
#define PACK_COLUMNS 128
#define PACK_BYTES   2048

#define REAL     float
#define FN(name) name##_float
#include "base/product_kernels.tmpl.h"
#undef REAL
#undef FN
#define REAL     double
#define FN(name) name##_double
#include "base/product_kernels.tmpl.h"

const az_product_kernels AZ_ISA_NAME(az_product_kernels) = {
    .product = {product_float, product_double},
    .transpose = {transpose_float, transpose_double},
};
