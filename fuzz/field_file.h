/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes as a file of fields, for the targets of readers in this library: opened and read whole, field by field, then as
 * a table, or refused with a status and a message. */
#ifndef FUZZ_FIELD_FILE_H
#define FUZZ_FIELD_FILE_H

#define _GNU_SOURCE /* mkostemp */
#include "base/memory.h"
#include "data/dataset.h"
#include <ansatz/table.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/ansatz-fuzz-XXXXXX";

static void remove_file(void)
{
    unlink(path);
}

/* Files are mapped by their name, so the bytes go to one temporary file again and again. */
static void write_file(const uint8_t *data, size_t size)
{
    static int file = -1;
    if (file < 0) {
        file = mkostemp(path, O_CLOEXEC);
        atexit(remove_file);
    }
    if (file < 0 || ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size) abort();
}

static void read_whole(const az_dataset *dataset, int64_t field)
{
    const int64_t most = 1 << 20;
    int64_t start[AZ_FIELD_DIMS] = {0}, count[AZ_FIELD_DIMS] = {0}, n = 1;
    for (int64_t i = 0; i < az_dataset_field_n_dimensions(dataset, field); i++) {
        count[i] = az_dataset_dimension_size(dataset, az_dataset_field_dimension(dataset, field, i));
        if (count[i] < 0 || __builtin_mul_overflow(n, count[i], &n)) abort();
    }
    if (n > most) return;
    double *values = malloc((size_t)(n ? n : 1) * sizeof *values);
    if (!values) abort();
    if (az_dataset_read(dataset, field, start, count, values) && !*az_error_message()) abort();
    free(values);
}

static void read_fields(az_status status, az_dataset *dataset)
{
    if (status ? dataset != NULL || !*az_error_message() : !dataset) abort();
    for (int64_t field = 0; dataset && field < az_dataset_n_fields(dataset); field++) read_whole(dataset, field);
    az_dataset_free(dataset);
    az_table *table = NULL;
    status = az_table_read(&table, path, NULL, NULL);
    if (status ? table != NULL || !*az_error_message() : !table) abort();
    if (table) {
        for (int64_t j = 0; j < az_table_n_columns(table); j++)
            if (!az_table_column_name(table, j) || az_table_column_n_missing(table, j) > az_table_n_rows(table))
                abort();
        az_table_free(table);
    }
}

#endif
