/* SPDX-License-Identifier: BSD-3-Clause */
/* Text files read whole: several files one below the other, files beside them, a file with the target, names. */
#include "base/number.h"
#include "data/csv.h"
#include "data/relabel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The reader options, checked. */
typedef struct csv_options {
    csv_dialect dialect;
    bool given_delimiter;
    csv_header header;
    int64_t skip, header_line;
    char **names;
    int64_t n_names;
    double *missing_numbers;
} csv_options;

static az_status read_delimiter(const char *text, csv_options *options)
{
    if (!text) return AZ_OK;
    static const struct {
        const char *name;
        char delimiter;
    } named[] = {{"tab", '\t'}, {"\\t", '\t'}, {"space", ' '}, {"comma", ','}, {"semicolon", ';'}};
    char delimiter = strlen(text) == 1 ? text[0] : 0;
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (strcmp(text, named[i].name) == 0) delimiter = named[i].delimiter;
    if (!delimiter || strchr("\"\r\n0123456789+-", delimiter) || (unsigned char)delimiter > 127)
        return az_error(AZ_ERROR_USAGE,
                        "--delimiter \"%s\": give one character (no digit, sign or quote), \"tab\", or \"space\" for "
                        "runs of blanks",
                        text);
    options->dialect.delimiter = delimiter;
    options->given_delimiter = true;
    return AZ_OK;
}

static az_status read_header(const char *text, csv_options *options)
{
    options->header = CSV_HEADER_AUTO;
    if (!text || strcmp(text, "auto") == 0) return AZ_OK;
    options->header = CSV_HEADER_NONE;
    if (strcmp(text, "none") == 0) return AZ_OK;
    options->header = CSV_HEADER_LINE;
    if (az_parse_int_string(text, &options->header_line) && options->header_line >= 1) return AZ_OK;
    return az_error(AZ_ERROR_USAGE, "--header \"%s\": give auto, none, or the number of the line with the names", text);
}

static az_status read_missing(const char *text, csv_options *options)
{
    csv_dialect *dialect = &options->dialect;
    AZ_TRY(az_list_split(text ? text : "NA,NaN,?", &dialect->missing, &dialect->n_missing));
    AZ_TRY(AZ_NEW_ARRAY(options->missing_numbers, dialect->n_missing));
    dialect->missing_numbers = options->missing_numbers;
    for (int64_t i = 0; i < dialect->n_missing; i++) {
        const char *word = dialect->missing[i];
        double value;
        if (az_parse_double_all(word, word + strlen(word), dialect->decimal, &value) && isfinite(value))
            options->missing_numbers[dialect->n_missing_numbers++] = value;
    }
    return AZ_OK;
}

static az_status read_options(const az_reader_options *from, csv_options *options)
{
    csv_dialect *dialect = &options->dialect;
    const char *decimal = from->decimal ? from->decimal : ".";
    if (strcmp(decimal, ".") != 0 && strcmp(decimal, ",") != 0)
        return az_error(AZ_ERROR_USAGE, "--decimal \"%s\": give . or ,", decimal);
    dialect->decimal = decimal[0];
    AZ_TRY(read_delimiter(from->delimiter, options));
    if (options->given_delimiter && dialect->delimiter == dialect->decimal)
        return az_error(AZ_ERROR_USAGE, "--delimiter and --decimal cannot both be \"%s\"", decimal);
    AZ_TRY(read_header(from->header, options));
    if (from->skip && (!az_parse_int_string(from->skip, &options->skip) || options->skip < 0))
        return az_error(AZ_ERROR_USAGE, "--skip \"%s\": give a number of lines", from->skip);
    dialect->comment = from->comment ? from->comment : "#";
    dialect->comment_length = strlen(dialect->comment);
    AZ_TRY(read_missing(from->missing, options));
    return from->names ? az_list_split(from->names, &options->names, &options->n_names) : AZ_OK;
}

static void free_options(csv_options *options)
{
    az_free(options->dialect.missing);
    az_free(options->missing_numbers);
    az_free(options->names);
}

/* Files that are something else, told by their first bytes. */
static az_status refuse_other_formats(const csv_source *source)
{
    static const struct {
        const char *bytes;
        size_t length;
        az_status status;
        const char *what;
    } others[] = {
        {"BZh", 3, AZ_ERROR_UNAVAILABLE, "is compressed with bzip2, which is not read here: bunzip2 it first"},
        {"\xfd"
         "7zXZ",
         5, AZ_ERROR_UNAVAILABLE, "is compressed with xz, which is not read here: unxz it first"},
        {"\x28\xb5\x2f\xfd", 4, AZ_ERROR_UNAVAILABLE,
         "is compressed with zstd, which is not read here: unzstd it first"},
        {"PK\x03\x04", 4, AZ_ERROR_DATA, "is a zip archive or a spreadsheet: export it as CSV"},
        {"\x89HDF", 4, AZ_ERROR_DATA, "is an HDF5 file, not a text table"},
        {"CDF\x01", 4, AZ_ERROR_DATA, "is a NetCDF file, not a text table"},
        {"CDF\x02", 4, AZ_ERROR_DATA, "is a NetCDF file, not a text table"},
        {"PAR1", 4, AZ_ERROR_DATA, "is a Parquet file, not a text table"},
        {"\x93NUMPY", 6, AZ_ERROR_DATA, "is a NumPy file, not a text table"},
        {"\xff\xfe", 2, AZ_ERROR_DATA, "is UTF-16 text: convert it with iconv -f utf-16 -t utf-8"},
        {"\xfe\xff", 2, AZ_ERROR_DATA, "is UTF-16 text: convert it with iconv -f utf-16 -t utf-8"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (source->file.size >= others[i].length && memcmp(source->file.data, others[i].bytes, others[i].length) == 0)
            return az_error(others[i].status, "%s %s", source->path, others[i].what);
    return AZ_OK;
}

static az_status open_source(csv_source *source, const char *path, const csv_options *options, char **expected,
                             int64_t n_expected, az_arena *arena, const az_control *control)
{
    *source = (csv_source){.path = strcmp(path, "-") == 0 ? "standard input" : path,
                           .dialect = options->dialect,
                           .given_delimiter = options->given_delimiter,
                           .given_names = options->n_names > 0,
                           .header = options->header,
                           .header_line = options->header_line,
                           .skip = options->skip};
    AZ_TRY(az_file_open(&source->file, path, control));
    AZ_TRY(refuse_other_formats(source));
    return az_csv_sniff(source, expected, n_expected, arena);
}

/* The columns of a further file are those of the first. */
static az_status check_agreement(const csv_source *first, const csv_source *source)
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
static void tell_guesses(const csv_source *source, const csv_source *first, const az_control *control)
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
    const char *path; /* for messages */
} csv_parts;

/* Appends the columns of the files, read one below the other, to the parts. */
static az_status read_files(csv_parts *parts, char *const *paths, int64_t n_paths, const csv_options *options,
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
        if (n_open > 1) AZ_GOTO(check_agreement(first, source));
        tell_guesses(source, first, control);
    }
    reading.sources = sources;
    reading.n_columns = sources[0].n_columns;
    AZ_GOTO(az_csv_parse(&reading));
    if (parts->n_columns && reading.n_rows != parts->n_rows) {
        status = az_error(AZ_ERROR_DATA, "%s has %lld rows, but %s has %lld: files side by side need equally many",
                          sources[0].path, (long long)reading.n_rows, parts->path, (long long)parts->n_rows);
        goto done;
    }
    int64_t n = parts->n_columns + reading.n_columns;
    az_column *columns = az_realloc_array(parts->columns, n, sizeof *columns);
    if (columns) parts->columns = columns;
    char **names = az_realloc_array(parts->names, n, sizeof *names);
    if (names) parts->names = names;
    if (!columns || !names) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    for (int64_t j = 0; j < reading.n_columns; j++) {
        columns[parts->n_columns + j] = reading.columns[j];
        names[parts->n_columns + j] = sources[0].names ? sources[0].names[j] : NULL;
    }
    memset(reading.columns, 0, (size_t)reading.n_columns * sizeof *reading.columns);
    parts->n_columns = n;
    parts->n_rows = reading.n_rows;
    if (!parts->path) parts->path = paths[0];
done:
    az_csv_reading_free(&reading);
    close_sources(sources, n_open);
    return status;
}

/* --names: all of them, or those that the files do not give, or (nothing given by the files) the first ones. */
static az_status apply_names(csv_parts *parts, const csv_options *options)
{
    int64_t n_unnamed = 0, n = options->n_names;
    for (int64_t j = 0; j < parts->n_columns; j++) n_unnamed += !parts->names[j];
    bool replace = n == parts->n_columns || n_unnamed == parts->n_columns;
    if (n > parts->n_columns || (!replace && n != n_unnamed))
        return az_error(AZ_ERROR_DATA, "--names gives %lld names for %lld columns, of which %lld have none in %s",
                        (long long)n, (long long)parts->n_columns, (long long)n_unnamed, parts->path);
    for (int64_t j = 0, k = 0; j < parts->n_columns && k < n; j++)
        if (replace || !parts->names[j]) parts->names[j] = options->names[k++];
    return AZ_OK;
}

/* Names in the table: "T [K]" is the name T and the unit K; what has no name is c and its number. */
static az_status build_table(az_table *table, csv_parts *parts, bool has_target)
{
    for (int64_t j = 0; j < parts->n_columns; j++) {
        char number[32], *name = parts->names[j], *unit = NULL;
        bool is_target = has_target && j == parts->n_columns - 1;
        snprintf(number, sizeof number, "c%lld", (long long)j);
        char *copy = az_strdup(name ? name : is_target ? "target" : number);
        if (!copy) return AZ_ERROR_MEMORY;
        size_t length = strlen(copy);
        char *open = strrchr(copy, '[');
        if (length > 2 && copy[length - 1] == ']' && open && open > copy + 1 && open[-1] == ' ' &&
            open + 1 < copy + length - 1) {
            copy[length - 1] = 0;
            unit = open + 1;
            while (open > copy && open[-1] == ' ') open--;
            *open = 0;
        }
        az_status status = az_table_take_column(table, copy, unit, &parts->columns[j]);
        az_free(copy);
        if (status) return status;
    }
    return AZ_OK;
}

/* A column that is text because of a few cells among many numbers is worth a word. */
static void warn_of_odd_cells(const az_table *table, char decimal, const az_control *control)
{
    char other = decimal == '.' ? ',' : '.';
    for (int64_t j = 0; j < table->n_columns; j++) {
        const az_column *column = &table->columns[j];
        if (column->type == AZ_NUMERIC || column->n_levels == 0) continue;
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
    char **list = NULL;
    int64_t n = 0;
    az_status status;
    AZ_GOTO(az_file_expand(paths, &list, &n));
    if (n == 0) {
        status = az_error(AZ_ERROR_USAGE, "no file is named");
        goto done;
    }
    AZ_GOTO(read_files(parts, list, n, options, arena, control));
    parts->path = paths;
    if (from->join) {
        az_free(list);
        list = NULL;
        AZ_GOTO(az_file_expand(from->join, &list, &n));
        for (int64_t i = 0; i < n; i++) AZ_GOTO(read_files(parts, &list[i], 1, options, arena, control));
    }
    if (options->names) AZ_GOTO(apply_names(parts, options));
    if (from->target_file) {
        char *target = (char *)(uintptr_t)from->target_file;
        int64_t n_before = parts->n_columns;
        AZ_GOTO(read_files(parts, &target, 1, options, arena, control));
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
    csv_parts parts = {0};
    az_table *made = NULL;
    az_status status;
    AZ_GOTO(read_options(options, &checked));
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
    warn_of_odd_cells(made, checked.dialect.decimal, control);
    *table = made;
    made = NULL;
done:
    for (int64_t j = 0; parts.columns && j < parts.n_columns; j++) {
        az_free(parts.columns[j].owned_values);
        az_free(parts.columns[j].codes);
        az_free(parts.columns[j].levels);
    }
    az_free(parts.columns);
    az_free(parts.names);
    free_options(&checked);
    az_table_free(made);
    return status;
}
