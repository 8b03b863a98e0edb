/* SPDX-License-Identifier: BSD-3-Clause */
#include "memory.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/source.h"
#include "models/binned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* The number in the first line of a file that begins with `key`; INFINITY if there is none ("max"). */
static double number_in(const char *path, const char *key)
{
    char line[256];
    double value = INFINITY;
    FILE *file = fopen(path, "re");
    if (!file) return INFINITY;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, key, strlen(key)) != 0) continue;
        const char *at = line + strlen(key);
        while (*at == ' ' || *at == '\t') at++;
        if (!az_parse_double(at, line + strlen(line), '.', &value)) value = INFINITY;
        break;
    }
    fclose(file);
    return value;
}

/* Pages of the address space that this process has taken. */
static double address_space(void)
{
    double pages = number_in("/proc/self/statm", "");
    return isfinite(pages) ? pages * 4096 : 0;
}

double cli_address_space_left(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return INFINITY;
    return fmax((double)limit.rlim_cur - address_space(), 0);
}

double cli_memory_available(void)
{
    const char *wanted = getenv("ANSATZ_MEMORY");
    double least = 1024 * number_in("/proc/meminfo", "MemAvailable:"), bytes;
    if (wanted && az_parse_double_string(wanted, &bytes) && bytes > 0) return bytes;
    least = fmin(least, cli_address_space_left());
    double group = number_in("/sys/fs/cgroup/memory.max", "");
    double used = number_in("/sys/fs/cgroup/memory.current", "");
    if (!isfinite(group)) {
        group = number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes", "");
        used = number_in("/sys/fs/cgroup/memory/memory.usage_in_bytes", "");
    }
    if (isfinite(group)) least = fmin(least, group - (isfinite(used) ? used : 0));
    return fmax(least, 0);
}

/* Bytes in the files that the list names; *plain false: some are no files, and their size is not known. */
static az_status total_size(const char *paths, double *bytes, bool *all_files, bool *gzip, bool *fields)
{
    char **list;
    int64_t n;
    *bytes = 0;
    *all_files = true;
    *gzip = *fields = false;
    AZ_TRY(az_file_expand(paths, &list, &n));
    for (int64_t i = 0; i < n; i++) {
        struct stat info;
        if (strcmp(list[i], "-") == 0 || stat(list[i], &info) != 0 || !S_ISREG(info.st_mode))
            *all_files = false;
        else
            *bytes += (double)info.st_size;
        size_t length = strlen(list[i]);
        *gzip |= length > 3 && strcmp(list[i] + length - 3, ".gz") == 0;
    }
    az_status status = *all_files ? az_path_holds_fields(list[0], fields) : AZ_OK;
    az_free(list);
    return status;
}

/* Features of so many columns with products of up to `degree` of them. */
static double n_features(double columns, int64_t degree)
{
    double n = 1;
    for (int64_t d = 1; d <= degree; d++) n *= (columns + (double)d) / (double)d;
    return n;
}

az_status cli_data_size_of(const cli_call *call, const char *paths, cli_data_size *size)
{
    /* A cell of text ("1,") may become 8 bytes in the table, the features and a copy; gzip saves a factor of ten. */
    const double most_growth = 20, piece = 8388608, gzip_factor = 5;
    double bytes;
    bool all_files, gzip, fields;
    az_source *source = NULL;
    az_status status;
    *size = (cli_data_size){0};
    AZ_TRY(total_size(paths, &bytes, &all_files, &gzip, &fields));
    /* Fields are packed, and coordinates are repeated in each row: the size of the file says nothing. */
    bool may_be_large = bytes * most_growth * (gzip ? 2 * gzip_factor : 1) >= cli_memory_available();
    if (!all_files || (!may_be_large && (!fields || gzip))) return AZ_OK;
    /* One block tells how long rows are.  To expect a column that is not there is to ask for all, without a pass
     * for their types. */
    az_control quiet = call->control;
    quiet.message = NULL;
    quiet.progress = NULL;
    const az_expected nothing = {.name = "\n"};
    const az_table *block;
    AZ_GOTO(az_source_of_files_expecting(&source, paths, &call->options.reader, &nothing, 1, &quiet));
    AZ_GOTO(az_source_next(source, &block, &quiet));
    if (!block) goto done;
    bool is_text = az_source_n_rows(source) < 0;
    double text = bytes * (gzip ? gzip_factor : 1), rows = (double)az_source_n_rows(source);
    if (is_text) rows = text <= piece ? (double)block->n_rows : (double)block->n_rows * text / piece;
    size->rows = rows;
    size->columns = (double)block->n_columns;
    /* The table; the features and what a class makes of them; the file, mapped or decompressed. */
    double width = size->columns + 2 * n_features(size->columns, call->pipeline.degree) + 4;
    size->bytes = rows * width * (double)sizeof(double) + (is_text ? text : 0);
done:
    az_source_free(source);
    return status;
}

double cli_binned_bytes(const cli_call *call, const cli_data_size *size)
{
    /* Of two classes or one quantity; of more there is no telling yet. */
    const az_sample shape = {.n_rows = (int64_t)size->rows,
                             .n_features = (int64_t)n_features(size->columns, call->pipeline.degree),
                             .n_targets = call->class->tasks & AZ_REGRESSION ? 1 : 0};
    return az_binned_bytes(call->class, call->class_options, &shape, call->control.n_threads);
}

const char *cli_bytes(char buffer[CLI_NUMBER_MAX], double bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    for (; bytes >= 1000 && unit + 1 < sizeof units / sizeof *units; unit++) bytes /= 1000;
    snprintf(buffer, CLI_NUMBER_MAX, "%.*f %s", unit > 0 && bytes < 10 ? 1 : 0, bytes, units[unit]);
    return buffer;
}
