/* SPDX-License-Identifier: BSD-3-Clause */
/* Finding and loading libansatz-io. */
#define _GNU_SOURCE /* dladdr */
#include "base/io.h"

#include "base/memory.h"
#include "base/text.h"

#include <dlfcn.h>
#include <limits.h>
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

typedef struct search {
    az_text tried; /* "a, b, c" */
    char reason[512];
    const az_io *found;
} search;

/* A library that is there but cannot be loaded says more than those that are not there. */
static void try_path(search *s, const char *path, bool by_name)
{
    if (s->found || (!by_name && access(path, F_OK))) {
        if (!s->found) az_text_printf(&s->tried, "%s%s", s->tried.length ? ", " : "", path);
        return;
    }
    az_text_printf(&s->tried, "%s%s", s->tried.length ? ", " : "", path);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const az_io *table = library ? dlsym(library, "az_io_table") : NULL;
    if (table && table->abi == AZ_IO_ABI) {
        s->found = table;
        return;
    }
    if (table && !*s->reason) {
        az_text text = {0};
        az_text_printf(&text, "%s is of another version (interface %d, not %d)", path, (int)table->abi, AZ_IO_ABI);
        if (!az_text_status(&text)) strncat(s->reason, text.data, sizeof s->reason - 1);
        az_text_free(&text);
    } else if (!library && !by_name && !*s->reason) {
        const char *error = dlerror();
        if (error) strncat(s->reason, error, sizeof s->reason - 1);
    }
    if (library) dlclose(library);
}

/* FOLDER of "FOLDER/file", then `below`, then the library's name. */
static void try_beside(search *s, const char *file, const char *below)
{
    const char *slash = strrchr(file, '/');
    if (s->found || !slash) return;
    az_text path = {0};
    az_text_append_n(&path, file, (size_t)(slash - file) + 1);
    az_text_append(&path, below);
    az_text_append(&path, AZ_IO_FILE);
    if (!az_text_status(&path)) try_path(s, path.data, false);
    az_text_free(&path);
}

az_status az_io_load(const az_io **io, const char *what)
{
    search s = {0};
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
    az_status status = AZ_OK;
    if (s.found)
        *io = s.found;
    else if (*s.reason)
        status = az_error(AZ_ERROR_UNAVAILABLE, "%s needs " AZ_IO_FILE ", which cannot be loaded: %s", what, s.reason);
    else
        status = az_error(AZ_ERROR_UNAVAILABLE,
                          "%s needs " AZ_IO_FILE ", which was not found (%s); it is built and installed with Ansatz",
                          what, s.tried.data ? s.tried.data : "");
    az_text_free(&s.tried);
    return status;
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
