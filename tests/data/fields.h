/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of fields share: where the files are, and tables read that must be readable. */
#ifndef TESTS_DATA_FIELDS_H
#define TESTS_DATA_FIELDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/io.h"
#include "data/source.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "@netcdf/x.nc" lies in the folder of shared data, "x.nc" beside the tests; false: there is no such folder. */
static inline bool find_file(const char *file, char path[4096])
{
    const char *data = getenv("ANSATZ_DATA");
    if (file[0] != '@')
        snprintf(path, 4096, "%s/tests/data/fields/%s", AZ_SOURCE_DIR, file);
    else if (data)
        snprintf(path, 4096, "%s/%s", data, file + 1);
    return file[0] != '@' || data;
}

static inline void need_netcdf(void)
{
    const az_io *io;
    if (az_io_load(&io, "the test") == AZ_OK && io->open) return;
    fprintf(stderr, "SKIPPED: this build has no NetCDF\n");
    skip();
}

static inline az_table *table_of(const char *file, const az_reader_options *options)
{
    char path[4096];
    az_table *table = NULL;
    if (!find_file(file, path)) skip();
    if (az_table_read(&table, path, options, NULL)) fail_msg("%s", az_error_message());
    return table;
}

/* The table is refused with that status, in one line in which `part` occurs. */
static inline void refused(const char *file, const az_reader_options *options, az_status status, const char *part)
{
    char path[4096];
    az_table *table = NULL;
    if (!find_file(file, path)) skip();
    az_status found = az_table_read(&table, path, options, NULL);
    if (found != status || !strstr(az_error_message(), part) || strchr(az_error_message(), '\n'))
        fail_msg("%s: status %d, \"%s\"; expected %d and \"%s\"", file, found, az_error_message(), status, part);
    assert_null(table);
}

#endif
