/* SPDX-License-Identifier: BSD-3-Clause */
/* Datasets: opening a file of fields by its first bytes, and what callers ask of it.  Blocks of numbers are read and
 * decoded in dataset_read.c, attributes understood in dataset_cf.c. */
#include "data/dataset.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/dataset_cf.h"

#include <string.h>

az_status az_dataset_new(az_dataset **dataset, const char *path, az_layout *layout, const az_dataset_class *class,
                         void *file)
{
    az_status status;
    az_dataset *made = NULL;
    AZ_GOTO(AZ_NEW_ZERO(made));
    made->layout = *layout;
    made->class = class;
    made->file = file;
    *layout = (az_layout){0};
    file = NULL;
    made->path = az_strdup(path);
    if (!made->path) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    AZ_GOTO(az_dataset_understand(made));
    *dataset = made;
    made = NULL;
done:
    az_layout_free(layout);
    if (file) class->close(file);
    az_dataset_free(made);
    return status;
}

void az_dataset_free(az_dataset *dataset)
{
    if (!dataset) return;
    if (dataset->file) dataset->class->close(dataset->file);
    az_layout_free(&dataset->layout);
    az_free(dataset->fields);
    az_free(dataset->coordinate);
    az_free(dataset->path);
    az_free(dataset);
}

int64_t az_dataset_n_dimensions(const az_dataset *dataset)
{
    return dataset->layout.n_dims;
}

const char *az_dataset_dimension_name(const az_dataset *dataset, int64_t dimension)
{
    return dataset->layout.dims[dimension].name;
}

int64_t az_dataset_dimension_size(const az_dataset *dataset, int64_t dimension)
{
    return dataset->layout.dims[dimension].size;
}

int64_t az_dataset_n_fields(const az_dataset *dataset)
{
    return dataset->layout.n_variables;
}

const char *az_dataset_field_name(const az_dataset *dataset, int64_t field)
{
    return dataset->layout.variables[field].name;
}

const char *az_dataset_field_unit(const az_dataset *dataset, int64_t field)
{
    return dataset->fields[field].unit;
}

const char *az_dataset_field_type(const az_dataset *dataset, int64_t field)
{
    const az_variable *variable = &dataset->layout.variables[field];
    return variable->type_text ? variable->type_text : az_storage_name(variable->type);
}

/* The length of a text is not a dimension of the field. */
int32_t az_variable_n_dims(const az_variable *variable)
{
    return variable->type == AZ_STORED_TEXT && variable->n_dims > 0 ? variable->n_dims - 1 : variable->n_dims;
}

int64_t az_dataset_field_n_dimensions(const az_dataset *dataset, int64_t field)
{
    return az_variable_n_dims(&dataset->layout.variables[field]);
}

int64_t az_dataset_field_dimension(const az_dataset *dataset, int64_t field, int64_t place)
{
    return dataset->layout.variables[field].dims[place];
}

static const char *candidate_variable(void *context, int64_t i)
{
    const az_dataset *dataset = context;
    return i < dataset->layout.n_variables ? dataset->layout.variables[i].name : NULL;
}

int32_t az_dataset_lookup(const az_dataset *dataset, const char *name)
{
    for (int32_t v = 0; v < dataset->layout.n_variables; v++)
        if (strcmp(dataset->layout.variables[v].name, name) == 0) return v;
    return -1;
}

az_status az_dataset_find(const az_dataset *dataset, const char *name, int64_t *field)
{
    int32_t found = az_dataset_lookup(dataset, name);
    if (found >= 0) {
        *field = found;
        return AZ_OK;
    }
    const char *nearest = az_nearest(name, candidate_variable, (void *)(uintptr_t)dataset);
    if (nearest)
        return az_error(AZ_ERROR_DATA, "%s has no variable \"%s\"; did you mean \"%s\"?", dataset->path, name, nearest);
    az_text names = {0};
    int32_t n = dataset->layout.n_variables;
    for (int32_t v = 0; v < n && v < 12; v++)
        az_text_printf(&names, "%s%s", v ? ", " : "", dataset->layout.variables[v].name);
    if (n > 12) az_text_append(&names, ", ...");
    az_status status = az_text_status(&names);
    if (!status)
        status = az_error(AZ_ERROR_DATA, "%s has no variable \"%s\"; its variables are %s", dataset->path, name,
                          names.data ? names.data : "none");
    az_text_free(&names);
    return status;
}
