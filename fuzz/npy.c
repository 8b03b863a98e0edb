/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as an NPY or NPZ file. */
#include "field_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    write_file(data, size);
    az_dataset *dataset = NULL;
    az_status status = az_dataset_open_npy(&dataset, path, NULL);
    read_fields(status, dataset);
    return 0;
}
