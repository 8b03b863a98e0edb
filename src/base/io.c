/* SPDX-License-Identifier: BSD-3-Clause */
/* Finding and loading libansatz-io. */
#define _GNU_SOURCE /* dladdr */
#include "base/io.h"

#include "base/memory.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef AZ_IO_FILE
#error "AZ_IO_FILE, AZ_IO_LIBDIR and AZ_IO_RELATIVE are set by the build"
#endif

const az_io_host *az_io_host_table(void)
{
    static const az_io_host host = {AZ_IO_ABI, az_realloc, az_free, az_error, az_storage_name};
    return &host;
}

/* Without allocation, so that running out of memory is not taken for a library that is missing. */
typedef struct search {
    char tried[1024]; /* "a, b, c" */
    char reason[512];
    const az_io *found;
} search;

static void append(char *text, size_t size, const char *more)
{
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s", more);
}

/* A library that is there but cannot be loaded says more than those that are not there. */
static void try_path(search *s, const char *path, bool by_name)
{
    if (s->found) return;
    if (*s->tried) append(s->tried, sizeof s->tried, ", ");
    append(s->tried, sizeof s->tried, path);
    if (!by_name && access(path, F_OK)) return;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const az_io *table = library ? dlsym(library, "az_io_table") : NULL;
    if (table && table->abi == AZ_IO_ABI) {
        s->found = table;
        return;
    }
    const char *error = table ? NULL : dlerror();
    if (table && !*s->reason)
        snprintf(s->reason, sizeof s->reason, "%s is of another version (interface %d, not %d)", path, (int)table->abi,
                 AZ_IO_ABI);
    else if (error && !by_name && !*s->reason)
        append(s->reason, sizeof s->reason, error);
    if (library) dlclose(library);
}

/* FOLDER of "FOLDER/file", then `below`, then the library's name. */
static void try_beside(search *s, const char *file, const char *below)
{
    char path[PATH_MAX];
    const char *slash = strrchr(file, '/');
    if (!slash) return;
    int length = snprintf(path, sizeof path, "%.*s/%s%s", (int)(slash - file), file, below, AZ_IO_FILE);
    if (length < (int)sizeof path) try_path(s, path, false);
}

az_status az_io_load(const az_io **io, const char *what)
{
    search s = {.found = NULL};
    Dl_info about;
    void *here;
    const az_io_host *(*function)(void) = az_io_host_table;
    memcpy(&here, &function, sizeof here); /* C has no cast from function to object pointers */
    /* The object that this code is in: libansatz.so by its full path; a program only by what it was called as. */
    if (dladdr(here, &about) && about.dli_fname && about.dli_fname[0] == '/') try_beside(&s, about.dli_fname, "");
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) {
        program[length] = 0;
        try_beside(&s, program, "");
        try_beside(&s, program, "../lib/");
        try_beside(&s, program, AZ_IO_RELATIVE);
    }
    try_path(&s, AZ_IO_LIBDIR "/" AZ_IO_FILE, false);
    try_path(&s, AZ_IO_FILE, true);
    if (s.found) {
        *io = s.found;
        return AZ_OK;
    }
    if (*s.reason)
        return az_error(AZ_ERROR_UNAVAILABLE, "%s needs " AZ_IO_FILE ", which cannot be loaded: %s", what, s.reason);
    return az_error(AZ_ERROR_UNAVAILABLE,
                    "%s needs " AZ_IO_FILE ", which is installed with Ansatz and was not found (%s)", what, s.tried);
}

az_status az_io_lacking(const char *what, const char *library, const char *option)
{
    return az_error(AZ_ERROR_UNAVAILABLE, "%s needs %s, which this build is without; build with -D%s=ON", what, library,
                    option);
}

static void free_attributes(az_attribute *attributes, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        az_free(attributes[i].name);
        az_free(attributes[i].text);
        az_free(attributes[i].numbers);
    }
    az_free(attributes);
}

void az_layout_free(az_layout *layout)
{
    for (int32_t i = 0; i < layout->n_dims; i++) az_free(layout->dims[i].name);
    for (int32_t i = 0; i < layout->n_variables; i++) {
        az_free(layout->variables[i].name);
        az_free(layout->variables[i].type_text);
        free_attributes(layout->variables[i].attributes, layout->variables[i].n_attributes);
    }
    free_attributes(layout->attributes, layout->n_attributes);
    az_free(layout->dims);
    az_free(layout->variables);
    *layout = (az_layout){0};
}

const az_attribute *az_attribute_find(const az_attribute *attributes, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(attributes[i].name, name) == 0) return &attributes[i];
    return NULL;
}

size_t az_storage_size(az_storage type)
{
    static const size_t sizes[] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1, sizeof(char *), 0};
    return sizes[type];
}

const char *az_storage_name(az_storage type)
{
    static const char *const names[] = {"int8",   "uint8",   "int16",   "uint16", "int32",  "uint32", "int64",
                                        "uint64", "float32", "float64", "text",   "string", "other"};
    return names[type];
}
