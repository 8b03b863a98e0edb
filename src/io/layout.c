/* SPDX-License-Identifier: BSD-3-Clause */
/* Building a layout in the host's memory. */
#include "io/io.h"

#include <string.h>

void *az_io_alloc(const az_io_host *host, int64_t count, size_t size)
{
    size_t n_bytes;
    if (count < 0 || __builtin_mul_overflow((size_t)count, size, &n_bytes)) {
        host->error(AZ_ERROR_MEMORY, "out of memory: %lld values of %zu bytes", (long long)count, size);
        return NULL;
    }
    void *memory = host->resize(NULL, n_bytes ? n_bytes : 1);
    if (memory) memset(memory, 0, n_bytes ? n_bytes : 1);
    return memory;
}

char *az_io_text(const az_io_host *host, const char *text, size_t length)
{
    char *copy = host->resize(NULL, length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

/* One more entry of `size` bytes, cleared, with its name as the first member; arrays grow at the powers of two. */
static void *add(const az_io_host *host, void **entries, int32_t *n, size_t size, const char *name)
{
    if ((*n & (*n - 1)) == 0) {
        size_t capacity = *n ? 2 * (size_t)*n : 1;
        void *larger = host->resize(*entries, capacity * size);
        if (!larger) return NULL;
        *entries = larger;
    }
    char *copy = az_io_text(host, name, strlen(name));
    if (!copy) return NULL;
    char *entry = (char *)*entries + (size_t)*n * size;
    memset(entry, 0, size);
    memcpy(entry, &copy, sizeof copy);
    ++*n;
    return entry;
}

az_dimension *az_io_add_dimension(const az_io_host *host, az_layout *layout, const char *name)
{
    void *entries = layout->dims;
    az_dimension *dimension = add(host, &entries, &layout->n_dims, sizeof *dimension, name);
    layout->dims = entries;
    return dimension;
}

az_variable *az_io_add_variable(const az_io_host *host, az_layout *layout, const char *name)
{
    void *entries = layout->variables;
    az_variable *variable = add(host, &entries, &layout->n_variables, sizeof *variable, name);
    layout->variables = entries;
    return variable;
}

az_attribute *az_io_add_attribute(const az_io_host *host, az_attribute **attributes, int32_t *n, const char *name)
{
    void *entries = *attributes;
    az_attribute *attribute = add(host, &entries, n, sizeof *attribute, name);
    *attributes = entries;
    return attribute;
}

static void clear_attributes(const az_io_host *host, az_attribute *attributes, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        host->release(attributes[i].name);
        host->release(attributes[i].text);
        host->release(attributes[i].numbers);
    }
    host->release(attributes);
}

void az_io_clear_layout(const az_io_host *host, az_layout *layout)
{
    for (int32_t i = 0; i < layout->n_dims; i++) host->release(layout->dims[i].name);
    for (int32_t i = 0; i < layout->n_variables; i++) {
        host->release(layout->variables[i].name);
        host->release(layout->variables[i].type_text);
        clear_attributes(host, layout->variables[i].attributes, layout->variables[i].n_attributes);
    }
    clear_attributes(host, layout->attributes, layout->n_attributes);
    host->release(layout->dims);
    host->release(layout->variables);
    *layout = (az_layout){0};
}
