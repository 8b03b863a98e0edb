/* SPDX-License-Identifier: BSD-3-Clause */
/* Text tables as a source: the files of az_csv_table_read, piece by piece.  Files beside the data (--join) and the file
 * with the target are parts of their own that advance together: a block is as long as the shortest piece at hand. */
#include "base/control.h"
#include "data/csv.h"
#include "data/relabel.h"
#include "data/source.h"

#include <string.h>

/* Files one below the other. */
typedef struct text_part {
    char **paths;
    int64_t n_paths, next; /* next: the file to be opened */
    csv_pieces pieces;     /* of the file before it */
    bool is_open;
    csv_source first;              /* names and guesses of the first file */
    int64_t first_column;          /* in the whole table */
    unsigned char *given;          /* csv_given per column */
    az_table *chunk;               /* the piece at hand, columns under their final names */
    int64_t taken, n_rows, n_file; /* rows: given of the chunk; read in this pass; of the open file */
    bool ended;
} text_part;

typedef struct text_state {
    csv_options options;
    text_part *parts;
    int64_t n_parts, n_columns;
    char **names;      /* (n_columns) as in the files and --names; NULL: unnamed */
    char **non_finite; /* (n_columns) of the first pass: where a number is not finite; NULL: none is */
    bool has_target, told_odd, first_pass;
    char *source_name;
    az_relabelling *relabelling;
    az_table *types; /* the columns of the blocks, without rows; NULL before the first */
    int64_t first_row;
    az_arena strings;
} text_state;

static az_status open_next(text_state *state, text_part *part, const az_control *control)
{
    char **expected = part->next > 0 ? part->first.names : NULL;
    part->is_open = true;
    part->n_file = 0;
    return az_csv_pieces_open(&part->pieces, part->paths[part->next++], &state->options, expected,
                              expected ? part->first.n_columns : 0, &state->strings, control);
}

static void close_file(text_part *part)
{
    if (part->is_open) az_csv_pieces_close(&part->pieces);
    part->is_open = false;
}

/* All files are looked at before the first is read, so that names that do not agree are found at once.  A file that
 * cannot be read again stays open. */
static az_status look_at_files(text_state *state, text_part *part, const az_control *control)
{
    while (part->next < part->n_paths) {
        AZ_TRY(open_next(state, part, control));
        csv_source *source = &part->pieces.source;
        if (part->next == 1) part->first = *source;
        if (part->next > 1) AZ_TRY(az_csv_check_agreement(&part->first, source));
        az_csv_tell_guesses(source, part->next == 1 ? source : &part->first, control);
        if (part->next == 1) { /* its texts are compared with those of the files that follow */
            source->guesses = source->remedies = (az_text){0};
        }
        if (part->n_paths == 1) return AZ_OK; /* and stays open */
        close_file(part);
    }
    part->next = 0;
    return AZ_OK;
}

static az_status add_part(text_state *state, char *const *paths, int64_t n_paths, const az_control *control)
{
    text_part *part = &state->parts[state->n_parts++];
    *part = (text_part){.first_column = state->n_columns};
    part->paths = az_arena_alloc(&state->strings, (size_t)n_paths * sizeof *part->paths);
    if (!part->paths) return AZ_ERROR_MEMORY;
    for (; part->n_paths < n_paths; part->n_paths++) {
        const char *path = paths[part->n_paths];
        part->paths[part->n_paths] = az_arena_strndup(&state->strings, path, strlen(path));
        if (!part->paths[part->n_paths]) return AZ_ERROR_MEMORY;
    }
    AZ_TRY(look_at_files(state, part, control));
    int64_t n = part->first.n_columns;
    AZ_TRY(AZ_NEW_ARRAY(part->given, n));
    memset(part->given, CSV_FIND, (size_t)n);
    char **names = az_realloc_array(state->names, state->n_columns + n, sizeof *names);
    if (!names) return AZ_ERROR_MEMORY;
    state->names = names;
    for (int64_t j = 0; j < n; j++) names[state->n_columns++] = part->first.names ? part->first.names[j] : NULL;
    return AZ_OK;
}

static az_status open_parts(text_state *state, const char *paths, const az_reader_options *from,
                            const az_control *control)
{
    char **list = NULL, **joined = NULL;
    int64_t n = 0, n_joined = 0;
    az_status status;
    AZ_GOTO(az_file_expand(paths, &list, &n));
    if (from->join) AZ_GOTO(az_file_expand(from->join, &joined, &n_joined));
    AZ_GOTO(AZ_NEW_ARRAY(state->parts, n_joined + 2));
    AZ_GOTO(add_part(state, list, n, control));
    for (int64_t i = 0; i < n_joined; i++) AZ_GOTO(add_part(state, &joined[i], 1, control));
    if (state->options.names) AZ_GOTO(az_csv_apply_names(state->names, state->n_columns, &state->options, paths));
    if (from->target_file) {
        char *target = (char *)(uintptr_t)from->target_file;
        int64_t n_before = state->n_columns;
        AZ_GOTO(add_part(state, &target, 1, control));
        state->has_target = true;
        if (state->n_columns != n_before + 1)
            AZ_GOTO(az_error(AZ_ERROR_DATA,
                             "%s has %lld columns: a target file has one (--join takes files with several)", target,
                             (long long)(state->n_columns - n_before)));
    }
done:
    az_free(list);
    az_free(joined);
    return status;
}

/* Where cells decide what a column is, one text makes it text; of a number that is not finite the place is kept until
 * it is known that the column holds numbers. */
static az_status learn_types(text_state *state, text_part *part, const csv_reading *reading)
{
    for (int64_t j = 0; j < reading->n_columns; j++) {
        char **message = &state->non_finite[part->first_column + j];
        if (reading->is_text[j]) part->given[j] = CSV_TEXT;
        if (*message || !az_csv_refuse_non_finite(reading, j)) continue;
        *message = az_arena_strndup(&state->strings, az_error_message(), strlen(az_error_message()));
        if (!*message) return AZ_ERROR_MEMORY;
    }
    return AZ_OK;
}

static az_status take_chunk(text_state *state, text_part *part, csv_reading *reading)
{
    az_table *table = part->chunk;
    table->n_rows = reading->n_rows;
    for (int64_t j = 0; j < reading->n_columns; j++) {
        int64_t number = part->first_column + j;
        if (part->given[j] == CSV_SKIP) continue;
        AZ_TRY(az_csv_take_column(table, state->names[number], number,
                                  state->has_target && number == state->n_columns - 1, &reading->columns[j]));
    }
    if (state->relabelling) AZ_TRY(az_relabelling_apply(state->relabelling, table));
    return AZ_OK;
}

/* The piece at hand into the part's chunk; of the first pass only the types are kept. */
static az_status parse_piece(text_state *state, text_part *part, const az_control *control)
{
    csv_reading reading = {.sources = &part->pieces.source,
                           .n_sources = 1,
                           .n_columns = part->first.n_columns,
                           .given = part->given,
                           .part_of_file = true,
                           .types_only = state->first_pass};
    az_control quiet = control ? *control : (az_control){0};
    quiet.progress = NULL; /* the place in the file is told instead */
    reading.control = &quiet;
    az_status status;
    AZ_GOTO(az_table_new(&part->chunk, 0));
    az_free(part->chunk->source);
    part->chunk->source = az_strdup(state->source_name);
    if (!part->chunk->source) AZ_GOTO(AZ_ERROR_MEMORY);
    reading.strings = &part->chunk->strings;
    AZ_GOTO(az_csv_parse(&reading));
    part->n_rows += reading.n_rows;
    part->n_file += reading.n_rows;
    if (state->first_pass) {
        status = learn_types(state, part, &reading);
        part->chunk->n_rows = reading.n_rows;
    } else {
        status = take_chunk(state, part, &reading);
    }
done:
    az_csv_reading_free(&reading);
    return status;
}

/* A chunk with rows, unless the part has ended. */
static az_status next_chunk(text_state *state, text_part *part, const az_control *control)
{
    az_table_free(part->chunk);
    part->chunk = NULL;
    part->taken = 0;
    while (!part->ended) {
        bool more = false;
        if (!part->is_open) {
            part->ended = part->next == part->n_paths;
            if (part->ended) break;
            AZ_TRY(open_next(state, part, control));
        }
        AZ_TRY(az_csv_pieces_next(&part->pieces, &more, control));
        if (more) {
            double done, total;
            AZ_TRY(parse_piece(state, part, control));
            az_stream_place(part->pieces.stream, &done, &total);
            if (part == state->parts) az_report_progress(control, "read", done, total, NULL, 0);
            if (part->chunk->n_rows > 0) return AZ_OK;
            az_table_free(part->chunk);
            part->chunk = NULL;
        } else {
            if (part->n_file == 0)
                return az_error(AZ_ERROR_DATA,
                                "%s: no data: there are column names but no rows (--header none, if the names are "
                                "data)",
                                part->pieces.source.path);
            close_file(part);
        }
    }
    return AZ_OK;
}

static az_status count_rest(text_state *state, text_part *part, const az_control *control)
{
    while (!part->ended) AZ_TRY(next_chunk(state, part, control));
    return AZ_OK;
}

/* Files side by side that end apart: how long each is, is what the message has to say. */
static az_status refuse_unequal(text_state *state, const az_control *control)
{
    for (int64_t k = 0; k < state->n_parts; k++) AZ_TRY(count_rest(state, &state->parts[k], control));
    const text_part *main = &state->parts[0];
    for (int64_t k = 1; k < state->n_parts; k++) {
        const text_part *part = &state->parts[k];
        if (part->n_rows != main->n_rows)
            return az_error(AZ_ERROR_DATA, "%s has %lld rows, but %s has %lld: files side by side need equally many",
                            part->first.path, (long long)part->n_rows, main->first.path, (long long)main->n_rows);
    }
    return AZ_OK;
}

/* Chunks for all parts, and how many rows they have in common; 0: the end. */
static az_status advance(text_state *state, int64_t *n_rows, const az_control *control)
{
    int64_t n_ended = 0, n = INT64_MAX;
    for (int64_t k = 0; k < state->n_parts; k++) {
        text_part *part = &state->parts[k];
        if (!part->chunk || part->taken == part->chunk->n_rows) AZ_TRY(next_chunk(state, part, control));
        n_ended += part->ended;
        if (!part->ended && part->chunk->n_rows - part->taken < n) n = part->chunk->n_rows - part->taken;
    }
    if (n_ended > 0 && n_ended < state->n_parts) return refuse_unequal(state, control);
    *n_rows = n_ended ? 0 : n;
    return AZ_OK;
}

/* The first block decides which columns of text are dates. */
static az_status find_times(text_state *state, az_table *table, const az_control *control)
{
    AZ_TRY(az_csv_find_times(table, control));
    AZ_TRY(az_table_new(&state->types, 0));
    for (int64_t j = 0; j < table->n_columns; j++) {
        const az_column *column = &table->columns[j];
        az_column empty = {.type = column->type, .time = column->time};
        AZ_TRY(az_table_take_column(state->types, column->name, column->unit, &empty));
    }
    return AZ_OK;
}

static az_status text_next(void *context, az_table **block, const az_control *control)
{
    text_state *state = context;
    int64_t n;
    az_table *table;
    az_status status = AZ_OK;
    AZ_TRY(advance(state, &n, control));
    if (n == 0) {
        if (state->relabelling) az_relabelling_tell(state->relabelling, state->source_name, control);
        return AZ_OK;
    }
    if (state->n_parts == 1) { /* the chunk itself */
        table = state->parts[0].chunk;
        state->parts[0].chunk = NULL;
    } else {
        AZ_TRY(az_table_new(&table, n));
        az_free(table->source);
        table->source = az_strdup(state->source_name);
        if (!table->source) AZ_GOTO(AZ_ERROR_MEMORY);
        for (int64_t k = 0; k < state->n_parts; k++) {
            text_part *part = &state->parts[k];
            for (int64_t j = 0; j < part->chunk->n_columns; j++)
                AZ_GOTO(az_table_borrow_rows(table, part->chunk, j, part->taken));
            part->taken += n;
        }
    }
    table->first_row = state->first_row;
    state->first_row += n;
    if (state->has_target) table->target_column = table->n_columns - 1;
    if (state->types)
        AZ_GOTO(az_csv_repeat_times(table, state->types));
    else
        AZ_GOTO(find_times(state, table, control));
    if (!state->told_odd) az_csv_warn_of_odd_cells(table, state->options.dialect.decimal, control);
    state->told_odd = true;
    *block = table;
    table = NULL;
done:
    az_table_free(table);
    return status;
}

static az_status rewind_parts(text_state *state)
{
    for (int64_t k = 0; k < state->n_parts; k++) {
        text_part *part = &state->parts[k];
        for (int64_t i = 0; i < part->n_paths; i++)
            if (!az_is_regular_file(part->paths[i]))
                return az_error(AZ_ERROR_USAGE, "%s can be read only once, and this needs it twice: save it to a file",
                                strcmp(part->paths[i], "-") == 0 ? "standard input" : part->paths[i]);
    }
    for (int64_t k = 0; k < state->n_parts; k++) {
        text_part *part = &state->parts[k];
        close_file(part);
        az_table_free(part->chunk);
        part->chunk = NULL;
        part->next = part->taken = part->n_rows = 0;
        part->ended = false;
    }
    state->first_row = 0;
    return AZ_OK;
}

static az_status text_rewind(void *state)
{
    return rewind_parts(state);
}

static void text_free(void *context)
{
    text_state *state = context;
    for (int64_t k = 0; k < state->n_parts; k++) {
        text_part *part = &state->parts[k];
        close_file(part);
        az_table_free(part->chunk);
        az_text_free(&part->first.guesses);
        az_text_free(&part->first.remedies);
        az_free(part->given);
    }
    az_free(state->parts);
    az_free(state->names);
    az_free(state->non_finite);
    az_free(state->source_name);
    az_table_free(state->types);
    az_relabelling_free(state->relabelling);
    az_csv_options_free(&state->options);
    az_arena_free(&state->strings);
    az_free(state);
}

static const az_source_class text_class = {.next = text_next, .rewind = text_rewind, .free = text_free};

/* The types of all columns by a pass over all files; *n_rows is what it counted. */
static az_status find_types(text_state *state, int64_t *n_rows, const az_control *control)
{
    int64_t n = state->n_columns;
    AZ_TRY(AZ_NEW_ARRAY(state->non_finite, n));
    memset(state->non_finite, 0, (size_t)n * sizeof *state->non_finite);
    state->first_pass = true;
    for (int64_t k = 0; k < state->n_parts; k++) AZ_TRY(count_rest(state, &state->parts[k], control));
    state->first_pass = false;
    for (int64_t k = 0; k < state->n_parts; k++)
        for (int64_t j = 0; j < state->parts[k].first.n_columns; j++) {
            const char *message = state->non_finite[state->parts[k].first_column + j];
            if (message && state->parts[k].given[j] != CSV_TEXT) return az_error(AZ_ERROR_DATA, "%s", message);
        }
    AZ_TRY(refuse_unequal(state, control));
    *n_rows = state->parts[0].n_rows;
    return rewind_parts(state);
}

/* The name that a column gets in the table, without its unit, compared with what is expected. */
static az_status name_columns(const text_state *state, az_table **names)
{
    az_table *table;
    az_status status = AZ_OK;
    AZ_TRY(az_table_new(&table, 0));
    for (int64_t j = 0; j < state->n_columns && !status; j++) {
        az_column empty = {.type = AZ_NUMERIC};
        status = az_csv_take_column(table, state->names[j], j, state->has_target && j == state->n_columns - 1, &empty);
    }
    if (status)
        az_table_free(table);
    else
        *names = table;
    return status;
}

/* What is asked for is read, the rest is not; unless something is not there: then the error may name all columns. */
static az_status give_types(text_state *state, const az_expected *expected, int64_t n_expected)
{
    az_table *names;
    AZ_TRY(name_columns(state, &names));
    bool complete = true;
    for (int64_t i = 0; i < n_expected; i++)
        complete &=
            expected[i].may_lack || az_dictionary_find(&names->names, expected[i].name, strlen(expected[i].name)) >= 0;
    for (int64_t k = 0; k < state->n_parts; k++)
        if (complete) memset(state->parts[k].given, CSV_SKIP, (size_t)state->parts[k].first.n_columns);
    for (int64_t i = 0; i < n_expected; i++) {
        int64_t number = az_dictionary_find(&names->names, expected[i].name, strlen(expected[i].name));
        int64_t k = state->n_parts - 1;
        if (number < 0) continue;
        while (number < state->parts[k].first_column) k--;
        state->parts[k].given[number - state->parts[k].first_column] = expected[i].is_text ? CSV_TEXT : CSV_FIND;
    }
    az_table_free(names);
    return AZ_OK;
}

/* Only files can be read twice; of one pipe one pass may be enough. */
static az_status look_at_paths(const char *paths, const az_reader_options *options, bool *all_files, bool *one)
{
    const char *lists[] = {paths, options->join};
    *all_files = !options->target_file || az_is_regular_file(options->target_file);
    *one = true;
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        char **list;
        int64_t n;
        if (!lists[k]) continue;
        AZ_TRY(az_file_expand(lists[k], &list, &n));
        if (k == 0) *one = n == 1;
        for (int64_t i = 0; i < n; i++) *all_files &= az_is_regular_file(list[i]);
        az_free(list);
    }
    return AZ_OK;
}

static az_status prepare(text_state *state, const char *paths, const az_reader_options *options,
                         const az_expected *expected, int64_t n_expected, int64_t *n_rows, const az_control *control)
{
    AZ_TRY(az_csv_options_read(&state->options, options));
    const char *comment = state->options.dialect.comment;
    comment = az_arena_strndup(&state->strings, comment, strlen(comment)); /* the caller's is borrowed for this call */
    state->source_name = az_strdup(strcmp(paths, "-") == 0 ? "standard input" : paths);
    if (!comment || !state->source_name) return AZ_ERROR_MEMORY;
    state->options.dialect.comment = comment;
    if (options->relabel) AZ_TRY(az_relabelling_new(&state->relabelling, options->relabel));
    AZ_TRY(open_parts(state, paths, options, control));
    return n_expected ? give_types(state, expected, n_expected) : find_types(state, n_rows, control);
}

az_status az_source_of_text(az_source **source, const char *paths, const az_reader_options *options,
                            const az_expected *expected, int64_t n_expected, const az_control *control)
{
    static const az_reader_options defaults;
    if (!options) options = &defaults;
    bool all_files, one;
    AZ_TRY(look_at_paths(paths, options, &all_files, &one));
    if (!all_files && !(one && n_expected > 0)) {
        az_table *table;
        AZ_TRY(az_csv_table_read(&table, paths, options, control));
        return az_source_of_own_table(source, table);
    }
    text_state *state;
    int64_t n_rows = -1;
    AZ_TRY(AZ_NEW_ZERO(state));
    az_status status = prepare(state, paths, options, expected, n_expected, &n_rows, control);
    if (status) {
        text_free(state);
        return status;
    }
    return az_source_new(source, &text_class, state, n_rows);
}
