/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes are a bundle or an error; a bundle is read through to its last byte. */
#include "base/safetensors.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t element_size[] = {
        [AZ_DTYPE_F64] = 8, [AZ_DTYPE_F32] = 4, [AZ_DTYPE_I64] = 8, [AZ_DTYPE_I32] = 4, [AZ_DTYPE_U8] = 1};
    az_bundle *bundle = NULL;
    if (az_bundle_parse(&bundle, data, size, "input")) {
        if (bundle || !*az_error_message()) abort();
        return 0;
    }
    size_t n_bytes = 0;
    unsigned sum = (unsigned)strlen(az_bundle_document(bundle));
    for (int64_t i = 0; i < az_bundle_n_arrays(bundle); i++) {
        const az_array *array = az_bundle_array(bundle, i);
        size_t n = element_size[array->dtype];
        if ((uintptr_t)array->data % n) abort();
        for (int k = 0; k < array->n_dims; k++) n *= (size_t)array->shape[k];
        for (size_t k = 0; k < n; k++) sum += ((const unsigned char *)array->data)[k];
        n_bytes += n;
        if (az_bundle_find(bundle, array->name) != array) abort();
    }
    volatile unsigned keep = sum;
    (void)keep;
    if (n_bytes > size) abort();
    az_bundle_free(bundle);
    return 0;
}
