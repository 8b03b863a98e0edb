/* SPDX-License-Identifier: BSD-3-Clause */
/* Text files read whole: several files one below the other, files beside them, a file with the target, names. */
#include "base/number.h"
#include "data/csv.h"
#include "data/source.h"
#include "data/relabel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static az_status open_source(csv_source *source, const char *path, const csv_options *options, char **expected,
                             int64_t n_expected, az_arena *arena, const az_control *control)
{
    *source = az_csv_source(path, options);
    AZ_TRY(az_file_open(&source->file, path, control));
    AZ_TRY(az_csv_refuse_other_formats(source));
    return az_csv_sniff(source, expected, n_expected, arena);
}

/* The columns of a further file are those of the first. */
az_status az_csv_check_agreement(const csv_source *first, const csv_source *source)
{
    if (source->n_columns != first->n_columns)
        return az_error(AZ_ERROR_DATA,
                        "%s has %lld columns, but %s has %lld: rows can only be appended to the same "
                        "columns (--join puts files side by side)",
                        source->path, (long long)source->n_columns, first->path, (long long)first->n_columns);
    for (int64_t j = 0; source->names && first->names && j < first->n_columns; j++) {
        const char *name = source->names[j] ? source->names[j] : "", *before = first->names[j] ? first->names[j] : "";
        if (strcmp(name, before) != 0)
            return az_error(AZ_ERROR_DATA, "%s: column %lld is called \"%s\", but \"%s\" in %s", source->path,
                            (long long)j, name, before, first->path);
    }
    return AZ_OK;
}

/* What was guessed, once for files in which the same was guessed. */
void az_csv_tell_guesses(const csv_source *source, const csv_source *first, const az_control *control)
{
    if (!source->guesses.data) return;
    if (source != first && first->guesses.data && strcmp(source->guesses.data, first->guesses.data) == 0) return;
    int64_t n_names = 0, n_columns = source->n_columns;
    for (int64_t j = 0; source->names && j < n_columns; j++) n_names += source->names[j] != NULL;
    az_text more = {0};
    if (source->names && n_names < n_columns)
        az_text_printf(&more, "; %lld names for %lld columns, the others are c0, c1, ... by number (--names)",
                       (long long)n_names, (long long)n_columns);
    az_note(control, "%s: %s (%s change%s this)%s", source->path, source->guesses.data, source->remedies.data,
            strchr(source->remedies.data, ',') ? "" : "s", more.data ? more.data : "");
    az_text_free(&more);
}

static void close_sources(csv_source *sources, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        az_file_close(&sources[i].file);
        az_text_free(&sources[i].guesses);
        az_text_free(&sources[i].remedies);
    }
    az_free(sources);
}

/* A table under construction: columns may have no name yet. */
typedef struct csv_parts {
    az_column *columns;
    char **names; /* NULL: unnamed */
    int64_t n_columns, n_rows;
    int64_t time_column; /* of fields; -1: none */
    const char *path;    /* for messages */
} csv_parts;

/* Room for n more columns of n_rows rows, which stand beside those that are there. */
static az_status add_parts(csv_parts *parts, int64_t n_more, int64_t n_rows, const char *path)
{
    if (parts->n_columns && n_rows != parts->n_rows)
        return az_error(AZ_ERROR_DATA, "%s has %lld rows, but %s has %lld: files side by side need equally many", path,
                        (long long)n_rows, parts->path, (long long)parts->n_rows);
    int64_t n = parts->n_columns + n_more;
    az_column *columns = az_realloc_array(parts->columns, n, sizeof *columns);
    if (columns) parts->columns = columns;
    char **names = az_realloc_array(parts->names, n, sizeof *names);
    if (names) parts->names = names;
    if (!columns || !names) return AZ_ERROR_MEMORY;
    memset(columns + parts->n_columns, 0, (size_t)n_more * sizeof *columns);
    memset(names + parts->n_columns, 0, (size_t)n_more * sizeof *names);
    parts->n_rows = n_rows;
    if (!parts->path) parts->path = path;
    return AZ_OK;
}

/* The same for files of fields.  What an array without names calls c0, c1, ... is unnamed here too: its number depends
 * on what stands before it. */
static az_status read_fields(csv_parts *parts, char *const *paths, int64_t n_paths, const az_reader_options *options,
                             az_arena *arena, const az_control *control)
{
    az_source *source = NULL;
    az_table *table = NULL;
    az_status status;
    AZ_GOTO(az_source_of_field_files(&source, paths, n_paths, options, control));
    AZ_GOTO(az_table_collect(&table, source, control));
    AZ_GOTO(add_parts(parts, table->n_columns, table->n_rows, paths[0]));
    if (parts->n_columns == 0) parts->time_column = table->time_column;
    for (int64_t j = 0; j < table->n_columns; j++) {
        az_column *column = &table->columns[j];
        char number[32], **name = &parts->names[parts->n_columns];
        snprintf(number, sizeof number, "c%lld", (long long)j);
        if (strcmp(column->name, number) != 0) {
            *name = az_arena_strndup(arena, column->name, strlen(column->name));
            if (!*name) {
                status = AZ_ERROR_MEMORY;
                goto done;
            }
        }
        az_free(column->name);
        column->name = NULL;
        parts->columns[parts->n_columns++] = *column;
        memset(column, 0, sizeof *column);
    }
    az_arena_take(arena, &table->strings);
done:
    az_source_free(source);
    az_table_free(table);
    return status;
}

/* Appends the columns of text files, read one below the other, to the parts. */
static az_status read_text_files(csv_parts *parts, char *const *paths, int64_t n_paths, const csv_options *options,
                                 az_arena *arena, const az_control *control)
{
    csv_source *sources = NULL;
    csv_reading reading = {.n_sources = n_paths, .strings = arena, .control = control};
    az_status status;
    int64_t n_open = 0;
    AZ_GOTO(AZ_NEW_ARRAY(sources, n_paths));
    for (; n_open < n_paths;) {
        csv_source *source = &sources[n_open], *first = &sources[0];
        char **expected = n_open ? first->names : NULL;
        n_open++;
        AZ_GOTO(
            open_source(source, paths[n_open - 1], options, expected, expected ? first->n_columns : 0, arena, control));
        if (n_open > 1) AZ_GOTO(az_csv_check_agreement(first, source));
        az_csv_tell_guesses(source, first, control);
    }
    reading.sources = sources;
    reading.n_columns = sources[0].n_columns;
    AZ_GOTO(az_csv_parse(&reading));
    AZ_GOTO(add_parts(parts, reading.n_columns, reading.n_rows, sources[0].path));
    for (int64_t j = 0; j < reading.n_columns; j++) {
        parts->columns[parts->n_columns] = reading.columns[j];
        parts->names[parts->n_columns++] = sources[0].names ? sources[0].names[j] : NULL;
    }
    memset(reading.columns, 0, (size_t)reading.n_columns * sizeof *reading.columns);
done:
    az_csv_reading_free(&reading);
    close_sources(sources, n_open);
    return status;
}

az_status az_refuse_select(const char *path, const az_reader_options *options)
{
    if (!options->select) return AZ_OK;
    return az_error(AZ_ERROR_USAGE,
                    "--select is for files of fields (NetCDF, NPY, ...), and %s is text; --where chooses rows by "
                    "their values",
                    path);
}

static az_status read_files(csv_parts *parts, char *const *paths, int64_t n_paths, const csv_options *options,
                            const az_reader_options *field_options, az_arena *arena, const az_control *control)
{
    bool fields;
    AZ_TRY(az_path_holds_fields(paths[0], &fields));
    if (fields) return read_fields(parts, paths, n_paths, field_options, arena, control);
    AZ_TRY(az_refuse_select(paths[0], field_options));
    return read_text_files(parts, paths, n_paths, options, arena, control);
}

/* --names: all of them, or those that the files do not give, or (nothing given by the files) the first ones. */
az_status az_csv_apply_names(char **names, int64_t n_columns, const csv_options *options, const char *path)
{
    int64_t n_unnamed = 0, n = options->n_names;
    for (int64_t j = 0; j < n_columns; j++) n_unnamed += !names[j];
    bool replace = n == n_columns || n_unnamed == n_columns;
    if (n > n_columns || (!replace && n != n_unnamed))
        return az_error(AZ_ERROR_DATA, "--names gives %lld names for %lld columns, of which %lld have none in %s",
                        (long long)n, (long long)n_columns, (long long)n_unnamed, path);
    for (int64_t j = 0, k = 0; j < n_columns && k < n; j++)
        if (replace || !names[j]) names[j] = options->names[k++];
    return AZ_OK;
}

/* Names in the table; what has no name is c and its number, or target. */
az_status az_csv_take_column(az_table *table, const char *name, int64_t number, bool is_target, az_column *column)
{
    char numbered[32], *unit = column->unit;
    snprintf(numbered, sizeof numbered, "c%lld", (long long)number);
    char *copy = az_strdup(name ? name : is_target ? "target" : numbered);
    if (!copy) return AZ_ERROR_MEMORY;
    if (!unit) unit = az_cut_unit(copy);
    az_status status = az_table_take_column(table, copy, unit, column);
    az_free(copy);
    return status;
}

static az_status build_table(az_table *table, csv_parts *parts, bool has_target)
{
    for (int64_t j = 0; j < parts->n_columns; j++) {
        char *unit = parts->columns[j].unit;
        AZ_TRY(
            az_csv_take_column(table, parts->names[j], j, has_target && j == parts->n_columns - 1, &parts->columns[j]));
        az_free(unit);
    }
    table->time_column = parts->time_column;
    return AZ_OK;
}

/* A column that is text because of a few cells among many numbers is worth a word. */
void az_csv_warn_of_odd_cells(const az_table *table, char decimal, const az_control *control)
{
    char other = decimal == '.' ? ',' : '.';
    for (int64_t j = 0; j < table->n_columns; j++) {
        const az_column *column = &table->columns[j];
        if (column->type != AZ_CATEGORICAL || column->n_levels == 0) continue;
        int64_t n_numbers = 0, n_other_decimal = 0;
        const char *odd = NULL;
        for (int32_t k = 0; k < column->n_levels; k++) {
            const char *level = column->levels[k], *end = level + strlen(level);
            double value;
            n_other_decimal += az_parse_double_all(level, end, other, &value);
            if (az_parse_double_all(level, end, decimal, &value))
                n_numbers++;
            else if (!odd)
                odd = level;
        }
        if (n_other_decimal == column->n_levels && odd)
            az_warning(control, "%s: column \"%s\" was read as text; with --decimal %c it is numbers", table->source,
                       column->name, other);
        else if (odd && 4 * (column->n_levels - n_numbers) <= n_numbers)
            az_warning(control, "%s: column \"%s\" is text because of \"%.40s\"; --missing may name what means missing",
                       table->source, column->name, odd);
    }
}

static az_status read_all(csv_parts *parts, const char *paths, const az_reader_options *from, csv_options *options,
                          az_arena *arena, const az_control *control)
{
    static const az_reader_options beside; /* what is chosen is chosen of the data, not of files put beside them */
    char **list = NULL;
    int64_t n = 0;
    az_status status;
    AZ_GOTO(az_file_expand(paths, &list, &n));
    if (n == 0) {
        status = az_error(AZ_ERROR_USAGE, "no file is named");
        goto done;
    }
    AZ_GOTO(read_files(parts, list, n, options, from, arena, control));
    parts->path = paths;
    if (from->join) {
        az_free(list);
        list = NULL;
        AZ_GOTO(az_file_expand(from->join, &list, &n));
        for (int64_t i = 0; i < n; i++) AZ_GOTO(read_files(parts, &list[i], 1, options, &beside, arena, control));
    }
    if (options->names) AZ_GOTO(az_csv_apply_names(parts->names, parts->n_columns, options, parts->path));
    if (from->target_file) {
        char *target = (char *)(uintptr_t)from->target_file;
        int64_t n_before = parts->n_columns;
        AZ_GOTO(read_files(parts, &target, 1, options, &beside, arena, control));
        if (parts->n_columns != n_before + 1)
            status = az_error(AZ_ERROR_DATA,
                              "%s has %lld columns: a target file has one (--join takes files with "
                              "several)",
                              target, (long long)(parts->n_columns - n_before));
    }
done:
    az_free(list);
    return status;
}

az_status az_csv_table_read(az_table **table, const char *paths, const az_reader_options *options,
                            const az_control *control)
{
    static const az_reader_options defaults;
    if (!options) options = &defaults;
    csv_options checked = {0};
    csv_parts parts = {.time_column = -1};
    az_table *made = NULL;
    az_status status;
    AZ_GOTO(az_csv_options_read(&checked, options));
    AZ_GOTO(az_table_new(&made, 0));
    AZ_GOTO(read_all(&parts, paths, options, &checked, &made->strings, control));
    made->n_rows = parts.n_rows;
    az_free(made->source);
    made->source = az_strdup(strcmp(paths, "-") == 0 ? "standard input" : paths);
    if (!made->source) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    AZ_GOTO(build_table(made, &parts, options->target_file != NULL));
    if (options->target_file) made->target_column = made->n_columns - 1;
    if (options->relabel) AZ_GOTO(az_table_relabel(made, options->relabel, control));
    AZ_GOTO(az_csv_find_times(made, control));
    az_csv_warn_of_odd_cells(made, checked.dialect.decimal, control);
    *table = made;
    made = NULL;
done:
    for (int64_t j = 0; parts.columns && j < parts.n_columns; j++) {
        az_free(parts.columns[j].owned_values);
        az_free(parts.columns[j].codes);
        az_free(parts.columns[j].levels);
        az_free(parts.columns[j].unit);
    }
    az_free(parts.columns);
    az_free(parts.names);
    az_csv_options_free(&checked);
    az_table_free(made);
    return status;
}
