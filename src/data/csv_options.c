/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader options, checked, and what a file that is no text table is told. */
#include "base/number.h"
#include "data/csv.h"

#include <math.h>
#include <string.h>

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

az_status az_csv_options_read(csv_options *options, const az_reader_options *from)
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

void az_csv_options_free(csv_options *options)
{
    az_free(options->dialect.missing);
    az_free(options->missing_numbers);
    az_free(options->names);
}

/* Files that are something else, told by their first bytes. */
az_status az_csv_refuse_other_formats(const csv_source *source)
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
        {"\x89HDF", 4, AZ_ERROR_DATA,
         "is an HDF5 file, which is read by its name, not through a pipe or among text tables"},
        {"CDF\x01", 4, AZ_ERROR_DATA,
         "is a NetCDF file, which is read by its name, not through a pipe or among text tables"},
        {"CDF\x02", 4, AZ_ERROR_DATA,
         "is a NetCDF file, which is read by its name, not through a pipe or among text tables"},
        {"MATLAB 5.0 MAT-file", 19, AZ_ERROR_DATA,
         "is a MATLAB file, which is not read here: save it with -v7.3 (HDF5), or as CSV"},
        {"PAR1", 4, AZ_ERROR_DATA, "is a Parquet file, not a text table"},
        {"\x93NUMPY", 6, AZ_ERROR_DATA,
         "is a NumPy file, which is read by its name, not through a pipe or among text tables"},
        {"\xff\xfe", 2, AZ_ERROR_DATA, "is UTF-16 text: convert it with iconv -f utf-16 -t utf-8"},
        {"\xfe\xff", 2, AZ_ERROR_DATA, "is UTF-16 text: convert it with iconv -f utf-16 -t utf-8"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (source->file.size >= others[i].length && memcmp(source->file.data, others[i].bytes, others[i].length) == 0)
            return az_error(others[i].status, "%s %s", source->path, others[i].what);
    return AZ_OK;
}

csv_source az_csv_source(const char *path, const csv_options *options)
{
    return (csv_source){.path = strcmp(path, "-") == 0 ? "standard input" : path,
                        .dialect = options->dialect,
                        .given_delimiter = options->given_delimiter,
                        .given_names = options->n_names > 0,
                        .header = options->header,
                        .header_line = options->header_line,
                        .skip = options->skip};
}
