/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/product_kernels.h"

#include <stdlib.h>
#include <string.h>

const az_product_kernels *az_product_plain(az_isa isa)
{
    static const az_product_kernels *const kernels[AZ_N_ISA] = AZ_ISA_TABLE(az_product_kernels);
    return kernels[isa];
}

static az_product_backend wanted_backend(const az_product *product)
{
    const char *wanted = getenv("ANSATZ_PRODUCT");
    if (wanted && !strcmp(wanted, "xsmm")) return AZ_PRODUCT_XSMM;
    if (wanted && !strcmp(wanted, "plain")) return AZ_PRODUCT_PLAIN;
    if (wanted && !strcmp(wanted, "cblas")) return AZ_PRODUCT_CBLAS;
#ifdef AZ_ISA_LEVELS
    /* Without fused multiply-add in the CPU, libm takes tens of nanoseconds for one.  (Not az_isa_of_cpu: a virtual
     * machine takes microseconds for each cpuid, and a plan asks for hundreds of products.) */
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("fma")) return AZ_PRODUCT_CBLAS;
#endif
    /* Generated code fills whole vectors along m; where more than a quarter of them would be empty, ours is faster,
     * which then turns the product. */
    const int64_t vector = product->isa == AZ_ISA_V4 ? 64 : 32, lanes = vector / (product->is_double ? 8 : 4);
    const int64_t filled = (product->m + lanes - 1) / lanes * lanes;
    if (vector == 64 && az_product_halves(product->m, lanes)) return AZ_PRODUCT_PLAIN;
    return 3 * filled > 4 * product->m ? AZ_PRODUCT_PLAIN : AZ_PRODUCT_XSMM;
}

void az_product_find(az_product *product, bool is_double, int64_t m, int64_t n, int64_t k, int64_t lda, int64_t ldb,
                     int64_t ldc, bool accumulate, az_product_backend backend, az_isa isa)
{
    *product = (az_product){.m = m,
                            .n = n,
                            .k = k,
                            .lda = lda,
                            .ldb = ldb,
                            .ldc = ldc,
                            .is_double = is_double,
                            .accumulate = accumulate,
                            .isa = isa,
                            .backend = backend};
    if (backend == AZ_PRODUCT_AUTO) product->backend = wanted_backend(product);
    if (product->backend == AZ_PRODUCT_CBLAS) {
        product->run = az_product_run_cblas;
        return;
    }
    if (product->backend == AZ_PRODUCT_XSMM && az_product_find_xsmm(product)) return;
    product->backend = AZ_PRODUCT_PLAIN;
    product->run = az_product_plain(isa)->product[is_double];
}

void az_product_find_rows(az_product *product, bool is_double, int64_t n_rows, int64_t n, int64_t k, bool accumulate,
                          az_isa isa)
{
    /* Read by columns, W is (n, k), X (k, n_rows) and Y (n, n_rows). */
    az_product_find(product, is_double, n, n_rows, k, n, k, n, accumulate, AZ_PRODUCT_PLAIN, isa);
}

void az_transpose_find(az_transpose *transpose, bool is_double, int64_t m, int64_t n, int64_t ld_in, int64_t ld_out,
                       az_isa isa)
{
    *transpose = (az_transpose){
        .run = az_product_plain(isa)->transpose[is_double], .m = m, .n = n, .ld_in = ld_in, .ld_out = ld_out};
}
