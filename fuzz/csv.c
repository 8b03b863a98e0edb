/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a text table: read, or refused with a status and a message.  The first two bytes choose the options. */
#define _GNU_SOURCE /* memfd_create */
#include "data/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static az_reader_options choose(unsigned bits)
{
    static const char *const delimiters[] = {NULL, NULL, ",", ";", "tab", "space", "|", NULL};
    static const char *const headers[] = {NULL, NULL, "none", "1", "2", NULL, NULL, "3"};
    az_reader_options options = {.delimiter = delimiters[bits & 7], .header = headers[bits >> 3 & 7]};
    if (bits & 1 << 6) options.skip = "1";
    if (bits & 1 << 7) options.comment = bits & 1 << 8 ? "" : "%%";
    if (bits & 1 << 9) options.missing = "-1,x,0.5";
    if (bits & 1 << 10 && (bits & 7) != 2) options.decimal = ",";
    if (bits & 1 << 11) options.names = "u,v [m],`w`";
    if (bits & 1 << 12) options.relabel = "a=b,x==y,\"p\"=";
    return options;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    az_reader_options options = choose((unsigned)data[0] | (unsigned)data[1] << 8);
    char path[64];
    int file = memfd_create("table", MFD_CLOEXEC);
    if (file < 0 || write(file, data + 2, size - 2) != (ssize_t)(size - 2)) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    az_table *table = NULL;
    az_control control = {.n_threads = 1};
    az_status status = az_table_read(&table, path, &options, &control);
    if (status ? table != NULL || !*az_error_message() : !table) abort();
    if (table) {
        /* What was read satisfies the table's own rules. */
        for (int64_t j = 0; j < table->n_columns; j++) {
            const az_column *column = &table->columns[j];
            int64_t n_missing = 0, found;
            for (int64_t i = 0; i < table->n_rows; i++) {
                if (column->type == AZ_CATEGORICAL) {
                    if (column->codes[i] < -1 || column->codes[i] >= column->n_levels) abort();
                    n_missing += column->codes[i] < 0;
                } else {
                    n_missing += column->values[i] != column->values[i];
                }
            }
            if (n_missing != column->n_missing) abort();
            if (az_table_find(table, column->name, &found) || found != j) abort();
        }
        az_table_digest(table);
        az_table_free(table);
    }
    close(file);
    return 0;
}
