/* SPDX-License-Identifier: BSD-3-Clause */
/* One cell and one record of a text table: RFC 4180, with blanks around cells allowed. */
#include "data/csv.h"

#include <string.h>

void az_csv_set_delimiter(csv_dialect *dialect, char delimiter)
{
    memset(dialect->class_of, 0, sizeof dialect->class_of);
    dialect->delimiter = delimiter;
    dialect->runs_of_blanks = delimiter == ' ';
    dialect->class_of[' '] = CSV_BLANK;
    dialect->class_of['\t'] = CSV_BLANK;
    if (dialect->newline == '\n') dialect->class_of['\r'] = CSV_BLANK;
    dialect->class_of[(unsigned char)dialect->newline] = CSV_NEWLINE;
    if (!dialect->runs_of_blanks) dialect->class_of[(unsigned char)delimiter] = CSV_DELIMITER;
}

csv_line az_csv_line_kind(const csv_dialect *dialect, const char *at, const char *end)
{
    while (dialect->class_of[(unsigned char)*at] & CSV_BLANK) at++;
    if (*at == dialect->newline) return CSV_EMPTY_LINE;
    size_t length = dialect->comment_length;
    if (length && (size_t)(end - at) >= length && memcmp(at, dialect->comment, length) == 0) return CSV_COMMENT_LINE;
    return CSV_ROW;
}

/* From a closing quote or the end of an unquoted cell to the next cell. */
static const char *to_next_cell(const csv_dialect *dialect, const char *at, csv_cell *cell)
{
    const unsigned char *class_of = dialect->class_of;
    const char *start = at;
    while (class_of[(unsigned char)*at] & CSV_BLANK) at++;
    cell->last = *at == dialect->newline;
    if (cell->last) return at;
    if (dialect->runs_of_blanks && at > start) return at;
    if (class_of[(unsigned char)*at] & CSV_DELIMITER) return at + 1;
    cell->problem = CSV_AFTER_QUOTE;
    return NULL;
}

static const char *quoted_cell(const csv_dialect *dialect, const char *at, const char *end, csv_cell *cell)
{
    cell->quoted = true;
    cell->begin = ++at;
    for (;;) {
        const char *quote = at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
        if (!quote || quote + 1 >= end) {
            cell->problem = CSV_OPEN_QUOTE;
            return NULL;
        }
        if (quote[1] != '"') {
            cell->end = quote;
            return to_next_cell(dialect, quote + 1, cell);
        }
        cell->doubled = true;
        at = quote + 2;
    }
}

const char *az_csv_cell(const csv_dialect *dialect, const char *at, const char *end, csv_cell *cell)
{
    const unsigned char *class_of = dialect->class_of;
    *cell = (csv_cell){0};
    while (class_of[(unsigned char)*at] & CSV_BLANK) at++;
    if (*at == '"') return quoted_cell(dialect, at, end, cell);
    unsigned stop = dialect->runs_of_blanks ? CSV_BLANK | CSV_NEWLINE : CSV_DELIMITER | CSV_NEWLINE;
    cell->begin = at;
    while (!(class_of[(unsigned char)*at] & stop)) at++;
    cell->end = at;
    while (cell->end > cell->begin && class_of[(unsigned char)cell->end[-1]] & CSV_BLANK) cell->end--;
    return to_next_cell(dialect, at, cell);
}

const char *az_csv_next(const csv_dialect *dialect, const char *at, const char *end)
{
    const char *newline = memchr(at, dialect->newline, (size_t)(end - at));
    if (!memchr(at, '"', (size_t)(newline - at)) || az_csv_line_kind(dialect, at, end) != CSV_ROW) return newline + 1;
    csv_cell cell = {0};
    while (at && !cell.last) at = az_csv_cell(dialect, at, end, &cell);
    return at ? at + 1 : NULL;
}

bool az_csv_is_missing(const csv_dialect *dialect, const csv_cell *cell)
{
    size_t length = (size_t)(cell->end - cell->begin);
    if (length == 0) return true;
    for (int64_t i = 0; i < dialect->n_missing; i++) {
        const char *word = dialect->missing[i];
        if (strlen(word) == length && memcmp(word, cell->begin, length) == 0) return true;
    }
    return false;
}

char *az_csv_cell_text(const csv_cell *cell, az_arena *arena, size_t *length)
{
    size_t n = (size_t)(cell->end - cell->begin);
    char *text = az_arena_strndup(arena, cell->begin, n);
    if (text && cell->doubled) {
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
            text[kept++] = text[i];
            if (text[i] == '"') i++; /* the second of a pair */
        }
        text[kept] = 0;
        n = kept;
    }
    if (length) *length = n;
    return text;
}
