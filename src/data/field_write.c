/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/field_write.h"

#include <string.h>

/* ---- the layout ---- */

/* Room for one more entry: arrays grow at the powers of two. */
static az_status grow(void **entries, int32_t n, size_t size)
{
    if (n & (n - 1)) return AZ_OK;
    void *larger = az_realloc_array(*entries, n ? 2 * (int64_t)n : 1, size);
    if (!larger) return AZ_ERROR_MEMORY;
    *entries = larger;
    return AZ_OK;
}

#define GROW(array, n)                                                                                                 \
    do {                                                                                                               \
        void *grown = (array);                                                                                         \
        AZ_TRY(grow(&grown, (n), sizeof *(array)));                                                                    \
        (array) = grown;                                                                                               \
    } while (0)

az_status az_layout_add_dimension(az_layout *layout, const char *name, int64_t size, bool unlimited, int32_t *dimension)
{
    GROW(layout->dims, layout->n_dims);
    char *copy = az_strdup(name);
    if (!copy) return AZ_ERROR_MEMORY;
    layout->dims[layout->n_dims] = (az_dimension){copy, size, unlimited};
    if (dimension) *dimension = layout->n_dims;
    layout->n_dims++;
    return AZ_OK;
}

az_status az_layout_add_variable(az_layout *layout, const char *name, az_storage type, const int32_t *dims,
                                 int32_t n_dims, int32_t *variable)
{
    GROW(layout->variables, layout->n_variables);
    char *copy = az_strdup(name);
    if (!copy) return AZ_ERROR_MEMORY;
    az_variable *added = &layout->variables[layout->n_variables];
    *added = (az_variable){.name = copy, .type = type, .n_dims = n_dims};
    for (int32_t d = 0; d < n_dims; d++) added->dims[d] = dims[d];
    if (variable) *variable = layout->n_variables;
    layout->n_variables++;
    return AZ_OK;
}

int32_t az_layout_find_variable(const az_layout *layout, const char *name)
{
    for (int32_t v = 0; v < layout->n_variables; v++)
        if (strcmp(layout->variables[v].name, name) == 0) return v;
    return -1;
}

static az_status add_attribute(az_layout *layout, int32_t variable, const char *name, az_attribute **attribute)
{
    az_attribute **list = variable < 0 ? &layout->attributes : &layout->variables[variable].attributes;
    int32_t *n = variable < 0 ? &layout->n_attributes : &layout->variables[variable].n_attributes;
    GROW(*list, *n);
    char *copy = az_strdup(name);
    if (!copy) return AZ_ERROR_MEMORY;
    *attribute = &(*list)[(*n)++];
    **attribute = (az_attribute){.name = copy};
    return AZ_OK;
}

az_status az_layout_add_text(az_layout *layout, int32_t variable, const char *name, const char *text)
{
    az_attribute *attribute;
    AZ_TRY(add_attribute(layout, variable, name, &attribute));
    attribute->type = AZ_STORED_TEXT;
    attribute->text = az_strdup(text);
    return attribute->text ? AZ_OK : AZ_ERROR_MEMORY;
}

az_status az_layout_add_numbers(az_layout *layout, int32_t variable, const char *name, az_storage type,
                                const double *numbers, int64_t n)
{
    az_attribute *attribute;
    AZ_TRY(add_attribute(layout, variable, name, &attribute));
    attribute->type = type;
    AZ_TRY(AZ_NEW_ARRAY(attribute->numbers, n));
    attribute->n_numbers = n;
    for (int64_t i = 0; i < n; i++) attribute->numbers[i] = numbers[i];
    return AZ_OK;
}

/* ---- what says where the points of a grid are ---- */

static int32_t place_in_grid(const az_grid *grid, int32_t dimension)
{
    for (int32_t d = 0; d < grid->n_dims; d++)
        if (grid->dims[d] == dimension) return d;
    return -1;
}

static const char *text_of(const az_dataset *dataset, int32_t variable, const char *name)
{
    const az_variable *about = &dataset->layout.variables[variable];
    const az_attribute *attribute = az_attribute_find(about->attributes, about->n_attributes, name);
    return attribute && attribute->text ? attribute->text : "";
}

static bool is_copied(const az_grid_layout *begun, int32_t variable)
{
    for (int32_t i = 0; i < begun->n_copies; i++)
        if (begun->copies[i].from == variable) return true;
    return false;
}

/* The dimension of the new file for one of the dataset, which is added if it is not one of the grid's. */
static az_status map_dimension(az_grid_layout *begun, const az_grid *grid, int32_t from, int32_t *to)
{
    int32_t place = place_in_grid(grid, from);
    const az_dimension *dimension = &grid->dataset->layout.dims[from];
    if (place >= 0) {
        *to = begun->dims[place];
        return AZ_OK;
    }
    for (int32_t d = 0; d < begun->layout.n_dims; d++)
        if (strcmp(begun->layout.dims[d].name, dimension->name) == 0) {
            *to = d;
            return AZ_OK;
        }
    return az_layout_add_dimension(&begun->layout, dimension->name, dimension->size, false, to);
}

static az_status copy_variable(az_grid_layout *begun, const az_grid *grid, int32_t variable)
{
    const az_variable *from = &grid->dataset->layout.variables[variable];
    int32_t dims[AZ_FIELD_DIMS], to;
    /* Texts of any length would be owned one by one; nothing that places a point is one. */
    if (is_copied(begun, variable) || from->type == AZ_STORED_OTHER || from->type == AZ_STORED_STRING) return AZ_OK;
    for (int32_t d = 0; d < from->n_dims; d++) AZ_TRY(map_dimension(begun, grid, from->dims[d], &dims[d]));
    AZ_TRY(az_layout_add_variable(&begun->layout, from->name, from->type, dims, from->n_dims, &to));
    for (int32_t i = 0; i < from->n_attributes; i++) {
        const az_attribute *attribute = &from->attributes[i];
        if (attribute->text)
            AZ_TRY(az_layout_add_text(&begun->layout, to, attribute->name, attribute->text));
        else if (attribute->type <= AZ_STORED_F64)
            AZ_TRY(az_layout_add_numbers(&begun->layout, to, attribute->name, attribute->type, attribute->numbers,
                                         attribute->n_numbers));
    }
    GROW(begun->copies, begun->n_copies);
    begun->copies[begun->n_copies++] = (az_grid_copy){variable, to};
    return AZ_OK;
}

/* A coordinate whose dimensions are all the grid's, or that has none. */
static bool places_points(const az_grid *grid, int32_t variable)
{
    const az_dataset *dataset = grid->dataset;
    const az_variable *about = &dataset->layout.variables[variable];
    bool is_place =
        dataset->fields[variable].is_coordinate ||
        (about->n_dims == 2 && (az_field_is_latitude(dataset, variable) || az_field_is_longitude(dataset, variable)));
    if (!is_place || dataset->fields[variable].is_bounds) return false;
    for (int32_t d = 0; d < az_variable_n_dims(about); d++)
        if (place_in_grid(grid, about->dims[d]) < 0) return false;
    return true;
}

static az_status copy_named(az_grid_layout *begun, const az_grid *grid, const char *name)
{
    int32_t variable = *name ? az_dataset_lookup(grid->dataset, name) : -1;
    return variable < 0 ? AZ_OK : copy_variable(begun, grid, variable);
}

az_status az_grid_layout_begin(az_grid_layout *begun, const az_grid *grid)
{
    const az_dataset *dataset = grid->dataset;
    int32_t n = dataset->layout.n_variables;
    *begun = (az_grid_layout){.n_copies = 0};
    for (int32_t d = 0; d < grid->n_dims; d++) {
        const az_dimension *dimension = &dataset->layout.dims[grid->dims[d]];
        AZ_TRY(az_layout_add_dimension(&begun->layout, dimension->name, grid->count[d], false, &begun->dims[d]));
    }
    for (int32_t v = 0; v < n; v++)
        if (places_points(grid, v)) AZ_TRY(copy_variable(begun, grid, v));
    for (int32_t i = 0, n_places = begun->n_copies; i < n_places; i++) {
        AZ_TRY(copy_named(begun, grid, text_of(dataset, begun->copies[i].from, "bounds")));
        AZ_TRY(copy_named(begun, grid, text_of(dataset, begun->copies[i].from, "climatology")));
    }
    for (int32_t v = 0; v < n; v++) AZ_TRY(copy_named(begun, grid, text_of(dataset, v, "grid_mapping")));
    return AZ_OK;
}

void az_grid_layout_free(az_grid_layout *begun)
{
    az_layout_free(&begun->layout);
    az_free(begun->copies);
    *begun = (az_grid_layout){.n_copies = 0};
}

az_status az_grid_layout_coordinates(const az_grid_layout *begun, const az_grid *grid, az_text *names)
{
    for (int32_t i = 0; i < begun->n_copies; i++) {
        int32_t v = begun->copies[i].from;
        const az_variable *about = &grid->dataset->layout.variables[v];
        bool of_dimension = about->n_dims == 1 && grid->dataset->coordinate[about->dims[0]] == v;
        if (of_dimension || !places_points(grid, v)) continue;
        az_text_printf(names, "%s%s", names->length ? " " : "", about->name);
    }
    return az_text_status(names);
}

/* ---- the file ---- */

/* The library knows the file by its temporary name, and of what failed no more than that. */
static az_status no_room(const az_field_file *file)
{
    return az_error(AZ_ERROR_IO, "%s: writing failed: the disk is full, or files may not be that large",
                    file->output.path);
}

az_status az_field_file_create(az_field_file *file, const char *path, const az_layout *layout)
{
    *file = (az_field_file){.output = {.descriptor = -1}};
    AZ_TRY(az_io_load(&file->io, "writing NetCDF"));
    if (!file->io->create)
        return az_error(AZ_ERROR_UNAVAILABLE, "%s: this build is without NetCDF; configure it with -DAZ_NETCDF=ON",
                        path);
    AZ_TRY(az_output_open(&file->output, path));
    az_status status;
    /* NetCDF is not written from front to back: it needs a file to seek in. */
    if (!file->output.temporary)
        status = az_error(AZ_ERROR_USAGE, "%s: NetCDF needs a file to be written to, not a pipe or a device", path);
    else
        status = file->io->create(az_io_host_table(), file->output.temporary, layout, &file->file);
    if (status == AZ_ERROR_IO) status = no_room(file);
    if (status) az_field_file_abandon(file);
    return status;
}

az_status az_field_file_write(az_field_file *file, int32_t variable, const int64_t *start, const int64_t *count,
                              const void *values)
{
    az_status status = file->io->write(file->file, variable, start, count, values);
    return status == AZ_ERROR_IO ? no_room(file) : status;
}

az_status az_field_file_commit(az_field_file *file)
{
    void *open = file->file;
    file->file = NULL;
    az_status status = file->io->finish(open);
    if (!status) return az_output_commit(&file->output);
    if (status == AZ_ERROR_IO) status = no_room(file);
    az_output_abandon(&file->output);
    return status;
}

void az_field_file_abandon(az_field_file *file)
{
    if (file->file && file->io->finish(file->file)) { /* what it says of a file that goes away is of no interest */
    }
    file->file = NULL;
    az_output_abandon(&file->output);
}

/* Texts come as strings and are stored as rows of characters, of which the last dimension is the length. */
static az_status copy_texts(az_field_file *file, const az_dataset *dataset, const az_grid_copy *copy,
                            const int64_t *start, const int64_t *count, int32_t n_dims, int64_t n)
{
    static const int64_t zero[AZ_FIELD_DIMS] = {0};
    int64_t length = count[n_dims - 1], n_texts = length > 0 ? n / length : 0;
    const char **texts = NULL;
    char *characters = NULL;
    az_arena arena = {0};
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(texts, n_texts));
    AZ_GOTO(AZ_NEW_ARRAY(characters, n));
    AZ_GOTO(az_dataset_read_text(dataset, copy->from, start, count, &arena, texts));
    memset(characters, 0, (size_t)n);
    for (int64_t i = 0; i < n_texts; i++) {
        size_t used = texts[i] ? strlen(texts[i]) : 0;
        memcpy(characters + i * length, texts[i] ? texts[i] : "", used < (size_t)length ? used : (size_t)length);
    }
    status = az_field_file_write(file, copy->to, zero, count, characters);
done:
    az_free(texts);
    az_free(characters);
    az_arena_free(&arena);
    return status;
}

static az_status copy_values(az_field_file *file, const az_grid *grid, const az_grid_copy *copy)
{
    const az_dataset *dataset = grid->dataset;
    const az_variable *about = &dataset->layout.variables[copy->from];
    int64_t start[AZ_FIELD_DIMS] = {0}, count[AZ_FIELD_DIMS] = {0}, zero[AZ_FIELD_DIMS] = {0}, n = 1;
    for (int32_t d = 0; d < about->n_dims; d++) {
        int32_t place = place_in_grid(grid, about->dims[d]);
        start[d] = place < 0 ? 0 : grid->first[place];
        count[d] = place < 0 ? dataset->layout.dims[about->dims[d]].size : grid->count[place];
        n *= count[d];
    }
    if (n == 0) return AZ_OK;
    if (about->type == AZ_STORED_TEXT) /* a single character is the carrier of attributes: a mapping of the grid */
        return about->n_dims > 0 ? copy_texts(file, dataset, copy, start, count, about->n_dims, n) : AZ_OK;
    void *values = az_alloc_array(n, az_storage_size(about->type));
    if (!values) return AZ_ERROR_MEMORY;
    az_status status = dataset->class->read(dataset->file, copy->from, start, count, values);
    if (!status) status = az_field_file_write(file, copy->to, zero, count, values);
    az_free(values);
    return status;
}

az_status az_field_file_copy(az_field_file *file, const az_grid_layout *begun, const az_grid *grid)
{
    for (int32_t i = 0; i < begun->n_copies; i++) AZ_TRY(copy_values(file, grid, &begun->copies[i]));
    return AZ_OK;
}

az_status az_field_file_write_rows(az_field_file *file, int32_t variable, const az_grid *grid, int64_t at_row,
                                   int64_t n_rows, const void *values, size_t size)
{
    const char *next = values;
    if (grid->n_dims == 0) return az_field_file_write(file, variable, NULL, NULL, values);
    while (n_rows > 0) {
        /* The last dimensions are taken whole as long as the next row begins them and they fit. */
        int64_t start[AZ_FIELD_DIMS], count[AZ_FIELD_DIMS], whole = 1;
        int32_t cut = grid->n_dims - 1;
        while (cut > 0 && at_row % (whole * grid->count[cut]) == 0 && n_rows >= whole * grid->count[cut])
            whole *= grid->count[cut--];
        int64_t rest = at_row;
        for (int32_t d = grid->n_dims - 1; d >= 0; d--) {
            start[d] = rest % grid->count[d];
            rest /= grid->count[d];
            count[d] = d > cut ? grid->count[d] : 1;
        }
        int64_t left = grid->count[cut] - start[cut];
        count[cut] = n_rows / whole < left ? n_rows / whole : left;
        AZ_TRY(az_field_file_write(file, variable, start, count, next));
        int64_t written = whole * count[cut];
        next += (size_t)written * size;
        at_row += written;
        n_rows -= written;
    }
    return AZ_OK;
}
