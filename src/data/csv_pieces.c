/* SPDX-License-Identifier: BSD-3-Clause */
/* A file piece by piece.  A piece ends where a record does, and so that what follows could still be the end of the
 * file: lines of nothing but delimiters belong to the data only if more data come after them, so they are kept back. */
#define _GNU_SOURCE /* memrchr */
#include "base/control.h"
#include "data/csv.h"

#include <string.h>

/* PIECE_BYTES: enough work for all threads between two reads.  No record is longer than MAX_RECORD: what looks like one
 * is a quote that was never closed. */
#define PIECE_BYTES ((size_t)1 << 23)
#define MAX_RECORD  ((size_t)1 << 26)
#define SNIFF_BYTES ((size_t)1 << 18) /* what csv_sniff.c looks at */

static az_status grow(csv_pieces *pieces)
{
    size_t capacity = pieces->capacity ? 2 * pieces->capacity : PIECE_BYTES;
    char *buffer = az_realloc(pieces->buffer, capacity);
    if (!buffer) return az_error_context(AZ_ERROR_MEMORY, "%s", pieces->source.path);
    pieces->buffer = buffer;
    pieces->capacity = capacity;
    return AZ_OK;
}

static az_status fill(csv_pieces *pieces, const az_control *control)
{
    size_t room = pieces->capacity - pieces->used, n;
    if (pieces->ended || room == 0) return AZ_OK;
    AZ_TRY(az_stream_read(pieces->stream, pieces->buffer + pieces->used, room, &n, control));
    pieces->used += n;
    pieces->ended = n < room;
    return AZ_OK;
}

/* Everything that the search for names and delimiter may look at has to be there: the lines that are skipped, the
 * header's line, and the first lines of data. */
static bool is_enough_to_sniff(const csv_pieces *pieces)
{
    if (pieces->ended) return true;
    const char *at = pieces->buffer, *end = pieces->buffer + pieces->used;
    char newline = memchr(at, '\n', pieces->used < SNIFF_BYTES ? pieces->used : SNIFF_BYTES) ? '\n' : '\r';
    for (int64_t i = 0; i < pieces->source.skip + pieces->source.header_line; i++) {
        at = at < end ? memchr(at, newline, (size_t)(end - at)) : NULL;
        if (!at) return false;
        at++;
    }
    size_t left = (size_t)(end - at);
    return left > SNIFF_BYTES && memchr(at + SNIFF_BYTES, newline, left - SNIFF_BYTES);
}

az_status az_csv_pieces_open(csv_pieces *pieces, const char *path, const csv_options *options, char **expected,
                             int64_t n_expected, az_arena *arena, const az_control *control)
{
    *pieces = (csv_pieces){.source = az_csv_source(path, options)};
    AZ_TRY(az_stream_open(&pieces->stream, path, control));
    do {
        if (pieces->used == pieces->capacity) AZ_TRY(grow(pieces));
        AZ_TRY(fill(pieces, control));
    } while (!is_enough_to_sniff(pieces));
    pieces->source.file = (az_file){.data = pieces->buffer, .size = pieces->used};
    AZ_TRY(az_csv_refuse_other_formats(&pieces->source));
    return az_csv_sniff(&pieces->source, expected, n_expected, arena);
}

void az_csv_pieces_close(csv_pieces *pieces)
{
    az_stream_close(pieces->stream);
    az_free(pieces->buffer);
    az_text_free(&pieces->source.guesses);
    az_text_free(&pieces->source.remedies);
    *pieces = (csv_pieces){0};
}

static int64_t count_lines(const char *at, const char *end, char newline)
{
    int64_t n = 0;
    while (at < end && (at = memchr(at, newline, (size_t)(end - at)))) {
        n++;
        at++;
    }
    return n;
}

/* The end of the last whole record in [begin, end), where end[-1] is a newline.  *broken: a record that no further byte
 * will mend. */
static const char *last_record(const csv_dialect *dialect, const char *begin, const char *end, bool *broken)
{
    if (!memchr(begin, '"', (size_t)(end - begin))) return end;
    const char *at = begin;
    while (at < end) {
        const char *next = az_csv_next(dialect, at, end);
        if (!next) {
            csv_cell cell = {0};
            for (const char *in = at; in && !cell.last;) in = az_csv_cell(dialect, in, end, &cell);
            *broken = cell.problem == CSV_AFTER_QUOTE;
            break;
        }
        at = next;
    }
    return at;
}

/* Where the piece that begins at `begin` ends; begin: more bytes are needed. */
static size_t find_end(const csv_pieces *pieces, size_t begin)
{
    const csv_dialect *dialect = &pieces->source.dialect;
    const char *data = pieces->buffer, *start = data + begin;
    if (pieces->ended) {
        size_t end = pieces->used; /* lines at the end with nothing but delimiters are no rows */
        while (pieces->source.lines_before > 0 && end > begin && dialect->class_of[(unsigned char)data[end - 1]]) end--;
        return end > begin ? pieces->used : begin;
    }
    const char *newline = memrchr(start, dialect->newline, pieces->used - begin);
    if (!newline) return begin;
    bool broken = false;
    const char *end = last_record(dialect, start, newline + 1, &broken);
    if (broken || (end == start && pieces->used - begin >= MAX_RECORD)) return (size_t)(newline - data) + 1;
    const char *last = end;
    while (last > start && dialect->class_of[(unsigned char)last[-1]]) last--;
    if (last == start) return begin;
    newline = memchr(last, dialect->newline, (size_t)(end - last));
    return newline ? (size_t)(newline - data) + 1 : begin;
}

az_status az_csv_pieces_next(csv_pieces *pieces, bool *more, const az_control *control)
{
    csv_source *source = &pieces->source;
    size_t begin = source->body;
    if (pieces->end > 0) { /* not the first piece: what was given makes room */
        source->lines_before += count_lines(pieces->buffer, pieces->buffer + pieces->end, source->dialect.newline);
        memmove(pieces->buffer, pieces->buffer + pieces->end, pieces->used - pieces->end);
        pieces->used -= pieces->end;
        pieces->end = begin = source->body = 0;
    }
    for (;;) {
        AZ_TRY(fill(pieces, control));
        pieces->end = find_end(pieces, begin);
        if (pieces->end > begin || pieces->ended) break;
        AZ_TRY(grow(pieces));
    }
    *more = pieces->end > begin;
    source->file = (az_file){.data = pieces->buffer, .size = pieces->end};
    return AZ_OK;
}
