/* SPDX-License-Identifier: BSD-3-Clause */
/* What the first lines of a file tell: its delimiter, its names, and where the data begins. */
#define _GNU_SOURCE /* memrchr */
#include "base/number.h"
#include "data/csv.h"

#include <math.h>
#include <string.h>

enum { SAMPLE_BYTES = 1 << 18, SAMPLE_RECORDS = 128 };

typedef struct csv_sample {
    char *bytes; /* owned; whole lines; ends in a newline */
    const char *end;
    size_t offset; /* of bytes in the file */
    const char *records[SAMPLE_RECORDS];
    int64_t n_records;
    const char *comment; /* the last comment line before the first record, or NULL */
} csv_sample;

int64_t az_csv_line_number(const csv_source *source, size_t offset)
{
    int64_t line = 1 + source->lines_before;
    const char *at = source->file.data, *stop = at + offset;
    while (at < stop && (at = memchr(at, source->dialect.newline, (size_t)(stop - at)))) {
        line++;
        at++;
    }
    return line;
}

static void guessed(csv_source *source, const char *remedy, const char *what)
{
    if (what && source->guesses.length) az_text_append(&source->guesses, ", ");
    if (what) az_text_append(&source->guesses, what);
    if (source->remedies.data && strstr(source->remedies.data, remedy)) return;
    if (source->remedies.length) az_text_append(&source->remedies, ", ");
    az_text_append(&source->remedies, remedy);
}

static void guessed_line(csv_source *source, const char *before, int64_t line, const char *after)
{
    az_text text = {0};
    az_text_printf(&text, "%s%lld%s", before, (long long)line, after);
    guessed(source, "--header", text.data ? text.data : before);
    az_text_free(&text);
}

static az_status take_sample(const csv_source *source, size_t offset, csv_sample *sample)
{
    const char *from = source->file.data + offset;
    size_t left = source->file.size - offset, n = left;
    char newline = source->dialect.newline;
    if (n > SAMPLE_BYTES) {
        const char *stop = memrchr(from, newline, SAMPLE_BYTES);
        if (!stop) stop = memchr(from + SAMPLE_BYTES, newline, left - SAMPLE_BYTES);
        if (stop) n = (size_t)(stop - from) + 1;
    }
    sample->bytes = az_alloc(n + 1);
    if (!sample->bytes) return AZ_ERROR_MEMORY;
    memcpy(sample->bytes, from, n);
    if (n == 0 || sample->bytes[n - 1] != newline) sample->bytes[n++] = newline;
    sample->end = sample->bytes + n;
    sample->offset = offset;
    return AZ_OK;
}

/* Finds the first records as the dialect sees them. */
static void find_records(const csv_dialect *dialect, csv_sample *sample)
{
    sample->n_records = 0;
    sample->comment = NULL;
    for (const char *at = sample->bytes; at && at < sample->end && sample->n_records < SAMPLE_RECORDS;) {
        csv_line kind = az_csv_line_kind(dialect, at, sample->end);
        if (kind == CSV_COMMENT_LINE && sample->n_records == 0) sample->comment = at;
        const char *next = az_csv_next(dialect, at, sample->end);
        /* A record with broken quotes counts if it is the first, so that its error is found where it stands. */
        if (kind == CSV_ROW && (next || sample->n_records == 0)) sample->records[sample->n_records++] = at;
        at = next;
    }
}

static int64_t count_cells(const csv_dialect *dialect, const char *at, const char *end)
{
    int64_t n = 0;
    csv_cell cell = {0};
    while (at && !cell.last) {
        at = az_csv_cell(dialect, at, end, &cell);
        n++;
    }
    return n;
}

static bool is_number(const csv_cell *cell, char decimal)
{
    double value;
    return az_parse_double_all(cell->begin, cell->end, decimal, &value) && isfinite(value);
}

/* The most frequent number of cells among the records after the first (which may be a header); the earliest of equals.
 */
static int64_t usual_count(const csv_dialect *dialect, const csv_sample *sample, int64_t first, double *share)
{
    int64_t counts[SAMPLE_RECORDS], best = 0, best_n = 0, n = sample->n_records;
    if (n - first > 1) first++;
    for (int64_t i = first; i < n; i++) counts[i] = count_cells(dialect, sample->records[i], sample->end);
    for (int64_t i = first; i < n; i++) {
        int64_t same = 0;
        for (int64_t k = first; k < n; k++) same += counts[k] == counts[i];
        if (same > best_n) {
            best_n = same;
            best = counts[i];
        }
    }
    *share = n > first ? (double)best_n / (double)(n - first) : 0;
    return best;
}

/* The share of cells after the first record that are numbers, with either decimal character. */
static double number_share(const csv_dialect *dialect, const csv_sample *sample)
{
    int64_t n_numbers = 0, n_cells = 0;
    for (int64_t i = sample->n_records > 1; i < sample->n_records; i++) {
        csv_cell cell = {0};
        for (const char *at = sample->records[i]; at && !cell.last; n_cells++) {
            at = az_csv_cell(dialect, at, sample->end, &cell);
            if (at) n_numbers += is_number(&cell, '.') || is_number(&cell, ',');
        }
    }
    return n_cells ? (double)n_numbers / (double)n_cells : 0;
}

/* A delimiter is the better the more lines it cuts into the same number (above one) of cells, and the more of these
 * are numbers: "1,5;2,3" is two numbers with decimal commas, not three cells.  Text with blanks in it is not a table
 * of columns aligned by blanks: that needs numbers. */
static void detect_delimiter(csv_source *source, csv_sample *sample)
{
    static const struct {
        char delimiter;
        const char *name;
    } candidates[] = {{'\t', "tab separated"},
                      {';', "semicolon separated"},
                      {'|', "separated by |"},
                      {',', "comma separated"},
                      {' ', "separated by blanks"}};
    double best = 0.5;
    const char *name = NULL;
    char delimiter = ',';
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        if (candidates[i].delimiter == source->dialect.decimal) continue;
        az_csv_set_delimiter(&source->dialect, candidates[i].delimiter);
        find_records(&source->dialect, sample);
        double share;
        if (usual_count(&source->dialect, sample, 0, &share) < 2) continue;
        double numbers = number_share(&source->dialect, sample);
        double score = share * (1 + numbers);
        if ((candidates[i].delimiter == ' ' && numbers == 0) || score <= best) continue;
        best = score;
        delimiter = candidates[i].delimiter;
        name = candidates[i].name;
    }
    az_csv_set_delimiter(&source->dialect, delimiter == source->dialect.decimal ? ';' : delimiter);
    if (name) guessed(source, "--delimiter", name);
}

typedef struct line_facts {
    int64_t n_cells, n_filled, n_numbers;
    int64_t n_text_over_numbers, n_number_over_numbers;
    bool whole[2]; /* the first two cells are whole numbers */
    int64_t second;
    bool broken;
} line_facts;

/* numeric[j]: most of the cells below are numbers; NULL: not known. */
static line_facts look_at(const csv_dialect *dialect, const char *at, const char *end, const bool *numeric,
                          int64_t n_columns)
{
    line_facts facts = {0};
    csv_cell cell = {0};
    for (int64_t j = 0; at && !cell.last; j++) {
        at = az_csv_cell(dialect, at, end, &cell);
        if (!at) break;
        facts.n_cells++;
        if (az_csv_is_missing(dialect, &cell)) continue;
        facts.n_filled++;
        bool number = is_number(&cell, dialect->decimal);
        facts.n_numbers += number;
        if (numeric && j < n_columns && numeric[j]) {
            facts.n_number_over_numbers += number;
            facts.n_text_over_numbers += !number;
        }
        double value;
        if (j < 2 && number && az_parse_double_all(cell.begin, cell.end, dialect->decimal, &value) && value >= 0 &&
            value < 1e15 && value == floor(value)) {
            facts.whole[j] = true;
            if (j == 1) facts.second = (int64_t)value;
        }
    }
    facts.broken = !at;
    return facts;
}

static void numeric_columns(const csv_dialect *dialect, const csv_sample *sample, int64_t first, int64_t n_columns,
                            int64_t *balance, bool *numeric)
{
    memset(balance, 0, (size_t)n_columns * sizeof *balance);
    for (int64_t i = first; i < sample->n_records; i++) {
        csv_cell cell = {0};
        const char *at = sample->records[i];
        for (int64_t j = 0; at && !cell.last && j < n_columns; j++) {
            at = az_csv_cell(dialect, at, sample->end, &cell);
            if (at && !az_csv_is_missing(dialect, &cell)) balance[j] += is_number(&cell, dialect->decimal) ? 1 : -1;
        }
    }
    for (int64_t j = 0; j < n_columns; j++) numeric[j] = balance[j] > 0;
}

/* In a table of text alone, the first line holds names if no cell of it is empty, and none occurs again below. */
static bool is_unlike_the_rest(const csv_dialect *dialect, const csv_sample *sample, int64_t first, int64_t n_columns,
                               const line_facts *facts)
{
    if (facts->n_filled < n_columns || facts->n_cells != n_columns) return false;
    for (int64_t i = first + 1; i < sample->n_records; i++) {
        csv_cell name = {0}, cell = {0};
        const char *above = sample->records[first], *at = sample->records[i];
        while (above && at && !name.last && !cell.last) {
            above = az_csv_cell(dialect, above, sample->end, &name);
            at = az_csv_cell(dialect, at, sample->end, &cell);
            size_t length = (size_t)(name.end - name.begin);
            if (above && at && length == (size_t)(cell.end - cell.begin) && memcmp(name.begin, cell.begin, length) == 0)
                return false;
        }
    }
    return true;
}

/* Cells of the line as names.  Empty ones stay NULL; empty cells past the last column are left out. */
static az_status take_names(csv_source *source, const char *at, const char *end, az_arena *arena)
{
    source->names = az_arena_alloc(arena, (size_t)source->n_columns * sizeof *source->names);
    if (!source->names) return AZ_ERROR_MEMORY;
    memset(source->names, 0, (size_t)source->n_columns * sizeof *source->names);
    csv_cell cell = {0};
    int64_t n_names = 0;
    for (int64_t j = 0; !cell.last; j++) {
        at = az_csv_cell(&source->dialect, at, end, &cell);
        if (!at) return az_error(AZ_ERROR_DATA, "%s: the line of column names has broken quotes", source->path);
        if (cell.begin == cell.end) continue;
        n_names = j + 1;
        if (j >= source->n_columns) continue;
        size_t length;
        source->names[j] = az_csv_cell_text(&cell, arena, &length);
        if (!source->names[j]) return AZ_ERROR_MEMORY;
        if (memchr(source->names[j], 0, length) || !az_is_valid_utf8(source->names[j], length))
            return az_error(AZ_ERROR_DATA,
                            "%s: the name of column %lld is not UTF-8 text; is this a text table? "
                            "(iconv -f latin1 -t utf-8 converts an old one)",
                            source->path, (long long)j);
    }
    if (n_names > source->n_columns)
        return az_error(AZ_ERROR_DATA, "%s: %lld column names for %lld columns; --header or --delimiter may mend this",
                        source->path, (long long)n_names, (long long)source->n_columns);
    return AZ_OK;
}

/* Names in a comment directly before the data: "#Omega_m Omega_b h".  As many as columns, none a number. */
static az_status names_in_comment(csv_source *source, const csv_sample *sample, az_arena *arena)
{
    const csv_dialect *dialect = &source->dialect;
    const char *at = sample->comment;
    while (dialect->class_of[(unsigned char)*at] & CSV_BLANK) at++;
    while ((size_t)(sample->end - at) >= dialect->comment_length &&
           memcmp(at, dialect->comment, dialect->comment_length) == 0)
        at += dialect->comment_length;
    while (*at == ' ' || *at == '\t') at++; /* also before the first of names separated by tabs */
    line_facts facts = look_at(dialect, at, sample->end, NULL, 0);
    if (facts.broken || facts.n_cells != source->n_columns || facts.n_filled != facts.n_cells || facts.n_numbers)
        return AZ_OK;
    AZ_TRY(take_names(source, at, sample->end, arena));
    int64_t line = az_csv_line_number(source, sample->offset + (size_t)(sample->comment - sample->bytes));
    guessed_line(source, "names in the comment in line ", line, "");
    return AZ_OK;
}

static bool are_expected(const csv_source *source, const char *at, const char *end, char **expected, int64_t n_expected)
{
    csv_cell cell = {0};
    int64_t j = 0;
    for (; expected && at && !cell.last; j++) {
        at = az_csv_cell(&source->dialect, at, end, &cell);
        if (!at || j >= n_expected) return false;
        size_t length = (size_t)(cell.end - cell.begin);
        const char *name = expected[j] ? expected[j] : "";
        if (strlen(name) != length || memcmp(name, cell.begin, length) != 0) return false;
    }
    return expected && j == n_expected;
}

/* A line such as "150,4,setosa,versicolor,virginica" or "506,13,,,,": the number of rows and of features, and more, but
 * not a row of the table. */
static bool is_count_line(const line_facts *facts, int64_t n_columns)
{
    bool counts = facts->whole[0] && facts->whole[1] && (facts->second == n_columns || facts->second == n_columns - 1);
    bool fits =
        facts->n_cells == n_columns && facts->n_text_over_numbers == 0 && (facts->n_filled > 2 || n_columns <= 2);
    bool short_numbers = facts->n_cells < n_columns && 2 * facts->n_numbers > facts->n_filled;
    return (counts && !fits) || short_numbers;
}

static az_status detect_header(csv_source *source, csv_sample *sample, char **expected, int64_t n_expected,
                               az_arena *arena)
{
    const csv_dialect *dialect = &source->dialect;
    int64_t n_columns = source->n_columns, first = 0;
    int64_t *balance = NULL;
    bool *numeric = NULL, any_numeric = false;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(balance, n_columns));
    AZ_GOTO(AZ_NEW_ARRAY(numeric, n_columns));
    numeric_columns(dialect, sample, 1, n_columns, balance, numeric);
    line_facts facts = look_at(dialect, sample->records[0], sample->end, numeric, n_columns);
    if (sample->n_records > 1 && is_count_line(&facts, n_columns)) {
        int64_t line = az_csv_line_number(source, sample->offset + (size_t)(sample->records[0] - sample->bytes));
        guessed_line(source, "line ", line, " (sizes, not a row) left out");
        first = 1;
        numeric_columns(dialect, sample, 2, n_columns, balance, numeric);
        facts = look_at(dialect, sample->records[1], sample->end, numeric, n_columns);
    }
    for (int64_t j = 0; j < n_columns; j++) any_numeric |= numeric[j];
    bool names = facts.n_filled > 0 && !facts.broken && facts.n_number_over_numbers == 0 &&
                 2 * facts.n_numbers <= facts.n_filled;
    if (are_expected(source, sample->records[first], sample->end, expected, n_expected))
        names = true;
    else if (sample->n_records == first + 1)
        names = names && facts.n_numbers == 0;
    else if (any_numeric)
        names = names && (facts.n_text_over_numbers > 0 || facts.n_cells < n_columns);
    else
        names = names && is_unlike_the_rest(dialect, sample, first, n_columns, &facts);
    source->body = sample->offset + (size_t)(sample->records[first] - sample->bytes);
    int64_t line = az_csv_line_number(source, source->body);
    if (names) {
        AZ_GOTO(take_names(source, sample->records[first], sample->end, arena));
        guessed_line(source, "names in line ", line, "");
        const char *next = az_csv_next(dialect, sample->records[first], sample->end);
        source->body = sample->offset + (size_t)(next - sample->bytes);
    } else if (first == 0 && sample->comment) {
        AZ_GOTO(names_in_comment(source, sample, arena));
    }
    if (!source->names && !source->given_names) {
        guessed(source, "--header", "no names: c0, c1, ...");
        guessed(source, "--names", NULL);
    }
done:
    az_free(balance);
    az_free(numeric);
    return status;
}

static az_status header_in_line(csv_source *source, size_t start, csv_sample *sample, az_arena *arena)
{
    const csv_dialect *dialect = &source->dialect;
    const char *at = source->file.data + start, *stop = source->file.data + source->file.size;
    for (int64_t line = 1; line < source->header_line && at && at < stop; line++) {
        at = memchr(at, dialect->newline, (size_t)(stop - at));
        if (at) at++;
    }
    if (!at || at >= stop)
        return az_error(AZ_ERROR_DATA, "%s: there is no line %lld for the names (--header)", source->path,
                        (long long)source->header_line);
    az_free(sample->bytes);
    sample->bytes = NULL;
    AZ_TRY(take_sample(source, (size_t)(at - source->file.data), sample));
    if (!source->given_delimiter) detect_delimiter(source, sample);
    const char *names = sample->bytes;
    bool commented = az_csv_line_kind(dialect, names, sample->end) == CSV_COMMENT_LINE;
    const char *next = az_csv_next(dialect, names, sample->end);
    if (!next) return az_error(AZ_ERROR_DATA, "%s: the line of column names has broken quotes", source->path);
    find_records(dialect, sample);
    int64_t first = !commented && sample->n_records > 1;
    double share;
    source->n_columns = usual_count(dialect, sample, first, &share);
    if (first < sample->n_records)
        source->n_columns = sample->n_records - first > 1 ? source->n_columns
                                                          : count_cells(dialect, sample->records[first], sample->end);
    source->body = sample->offset + (size_t)(next - sample->bytes);
    if (commented) {
        while (dialect->class_of[(unsigned char)*names] & CSV_BLANK) names++;
        names += dialect->comment_length;
    }
    return take_names(source, names, sample->end, arena);
}

az_status az_csv_sniff(csv_source *source, char **expected, int64_t n_expected, az_arena *arena)
{
    const char *data = source->file.data;
    size_t size = source->file.size, start = 0, look = size < SAMPLE_BYTES ? size : SAMPLE_BYTES;
    csv_dialect *dialect = &source->dialect;
    csv_sample sample = {0};
    az_status status = AZ_OK;
    if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) start = 3; /* byte order mark of UTF-8 */
    dialect->newline = '\n';
    if (look && !memchr(data, '\n', look) && memchr(data, '\r', look)) dialect->newline = '\r';
    az_csv_set_delimiter(dialect, source->given_delimiter ? dialect->delimiter : ',');
    for (int64_t i = 0; i < source->skip && start < size; i++) {
        const char *newline = memchr(data + start, dialect->newline, size - start);
        start = newline ? (size_t)(newline - data) + 1 : size;
    }
    AZ_GOTO(take_sample(source, start, &sample));
    if (source->header == CSV_HEADER_LINE) {
        AZ_GOTO(header_in_line(source, start, &sample, arena));
    } else {
        if (!source->given_delimiter) detect_delimiter(source, &sample);
        find_records(dialect, &sample);
        if (sample.n_records == 0) {
            status = az_error(AZ_ERROR_DATA, "%s: no data: the file is empty%s", source->path,
                              size ? " but for blank lines and comments (--skip, --comment)" : "");
            goto done;
        }
        double share;
        source->n_columns = usual_count(dialect, &sample, 0, &share);
        source->body = sample.offset + (size_t)(sample.records[0] - sample.bytes);
        if (source->header == CSV_HEADER_AUTO) AZ_GOTO(detect_header(source, &sample, expected, n_expected, arena));
    }
    AZ_GOTO(az_text_status(&source->guesses));
    AZ_GOTO(az_text_status(&source->remedies));
done:
    az_free(sample.bytes);
    return status;
}
