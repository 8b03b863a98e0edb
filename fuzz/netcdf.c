/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a NetCDF or HDF5 file: opened and read in part, or refused with a status and a message.  What is tested
 * is the front end: the checks before libnetcdf and libhdf5 are let near the file, and what is made of their answers.
 */
#define _GNU_SOURCE /* mkostemp, memmem */
#include "base/memory.h"
#include "data/dataset.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* They ask for as much memory as a broken file says, and live with getting none. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* libnetcdf and libhdf5 lose memory when they find a broken file, which is theirs to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libnetcdf\nleak:libhdf5\n";
}

enum { MOST_BYTES = 1 << 16 };

/* At most two places in each dimension from the end, which is where a file that was cut short fails. */
static void read_some(const az_dataset *dataset, int32_t v)
{
    const az_variable *variable = &dataset->layout.variables[v];
    int64_t start[AZ_FIELD_DIMS] = {0}, count[AZ_FIELD_DIMS] = {0}, n = 1;
    if (variable->n_dims < 0 || variable->n_dims > AZ_FIELD_DIMS) abort();
    for (int32_t d = 0; d < variable->n_dims; d++) {
        if (variable->dims[d] < 0 || variable->dims[d] >= dataset->layout.n_dims) abort();
        int64_t size = dataset->layout.dims[variable->dims[d]].size;
        if (size < 0) abort();
        count[d] = size < 2 ? size : 2;
        start[d] = size - count[d];
        n *= count[d];
    }
    const bool texts = variable->type == AZ_STORED_TEXT || variable->type == AZ_STORED_STRING;
    if (variable->type == AZ_STORED_TEXT && variable->n_dims && n) n /= count[variable->n_dims - 1];
    size_t bytes = (size_t)n * (texts ? sizeof(char *) : az_storage_size(variable->type));
    if (bytes > MOST_BYTES) return;
    void *values = calloc(1, bytes ? bytes : 1);
    if (!values) abort();
    az_status status = dataset->class->read(dataset->file, v, start, count, values);
    if (status && !*az_error_message()) abort();
    if (variable->type == AZ_STORED_OTHER && !status) abort();
    if (!status && texts)
        for (int64_t i = 0; i < n; i++) {
            if (!((char **)values)[i]) abort();
            az_free(((char **)values)[i]);
        }
    free(values);
}

/* libhdf5 opens only files with a name, so the bytes go to one temporary file again and again. */
static char path[] = "/tmp/ansatz-fuzz-XXXXXX";

static void remove_file(void)
{
    unlink(path);
}

/* libhdf5 (1.10.8) copies from beyond its memory where the numbers of a heap's objects (H5HG_read) or the sizes of
 * chunks (H5VM_memcpyvv) are damaged, which no check from outside can find.  So damaged HDF5 files are not tried here;
 * sound ones are, as seeds, and tests/data/test_netcdf.c has those that are cut or half filled. */
static bool is_known_to_harm(const uint8_t *data, size_t size)
{
#ifdef AZ_FUZZ
    return memmem(data, size, "\x89HDF", 4) != NULL;
#else
    (void)data;
    (void)size;
    return false;
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int file = -1;
    if (is_known_to_harm(data, size)) return 0;
    if (file < 0) {
        file = mkostemp(path, O_CLOEXEC);
        atexit(remove_file);
    }
    if (file < 0 || ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size) abort();
    az_dataset *dataset = NULL;
    az_status status = az_dataset_open_netcdf(&dataset, path, NULL);
    if (status ? dataset != NULL || !*az_error_message() : !dataset) abort();
    if (dataset) {
        const az_layout *layout = &dataset->layout;
        for (int32_t v = 0; v < layout->n_variables; v++) {
            const az_variable *variable = &layout->variables[v];
            if (!variable->name || (variable->type == AZ_STORED_OTHER) != (variable->type_text != NULL)) abort();
            for (int32_t k = 0; k < variable->n_attributes; k++)
                if (!variable->attributes[k].name) abort();
            read_some(dataset, v);
        }
        az_dataset_free(dataset);
    }
    return 0;
}
