/* SPDX-License-Identifier: BSD-3-Clause */
/* What every command that reads data does the same way. */
#include "cli.h"

#include "base/memory.h"
#include "data/sample.h"
#include "data/table.h"
#include "data/time_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The words become one list of paths.  A word that names a file with a comma in it is that file; other commas separate.
 */
az_status cli_join_words(const cli_call *call, int64_t first, az_text *paths)
{
    for (int64_t i = first; i < call->n_words; i++) {
        const char *word = call->words[i];
        if (i > first) az_text_append(paths, ",");
        if (strchr(word, ',') && access(word, F_OK) == 0 && !strchr(word, '"'))
            az_text_printf(paths, "\"%s\"", word);
        else
            az_text_append(paths, word);
    }
    return az_text_status(paths);
}

/* --target FILE: a regular file of that name holds the labels. */
static bool is_regular_file(const char *path)
{
    struct stat info;
    return path && stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* Windows, and the time of several columns, are made while the data are read, which has to know these roles. */
static az_status tell_roles(cli_call *call)
{
    az_reader_options *reader = &call->options.reader;
    const az_roles *roles = &call->options.roles;
    const char *const one[] = {roles->weight, roles->sigma, roles->group};
    az_text list = {0};
    if (reader->lags || az_time_has_parts(roles->time)) reader->time = roles->time;
    if (!reader->lags) return AZ_OK;
    if (roles->ignore) az_text_append(&list, roles->ignore);
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        if (!one[i]) continue;
        const char *quote = strchr(one[i], '"') ? "`" : "\"";
        az_text_printf(&list, "%s%s%s%s", list.length ? "," : "", quote, one[i], quote);
    }
    az_status status = az_text_status(&list);
    if (!status && list.length) {
        reader->beside = az_arena_strndup(&call->strings, list.data, list.length);
        if (!reader->beside) status = AZ_ERROR_MEMORY;
    }
    az_text_free(&list);
    return status;
}

az_status cli_prepare_reader(cli_call *call)
{
    bool labels = is_regular_file(call->options.roles.target);
    if (labels) call->options.reader.target_file = call->options.roles.target;
    if (!labels) call->options.reader.target = call->options.roles.target;
    return tell_roles(call);
}

/* The column of the target file is the target. */
static az_status name_target(cli_call *call, const az_table *table)
{
    if (!call->options.reader.target_file) return AZ_OK;
    const char *name = az_table_column_name(table, table->target_column);
    call->options.roles.target = az_arena_strndup(&call->strings, name, strlen(name));
    return call->options.roles.target ? AZ_OK : AZ_ERROR_MEMORY;
}

static az_status read_sample(cli_call *call, const char *paths, az_table **table)
{
    az_source *source;
    int64_t n_seen;
    char taken[CLI_NUMBER_MAX], seen[CLI_NUMBER_MAX];
    AZ_TRY(az_source_of_files(&source, paths, &call->options.reader, &call->control));
    az_status status =
        az_table_sample(table, source, call->options.sample, (uint64_t)call->pipeline.seed, &n_seen, &call->control);
    az_source_free(source);
    if (!status)
        cli_say(call, "%s of %s rows taken, chosen at random (--sample, --seed)",
                cli_count(taken, (double)az_table_n_rows(*table)), cli_count(seen, (double)n_seen));
    return status;
}

az_status cli_read_data(cli_call *call, const char *paths, az_table **table)
{
    AZ_TRY(cli_prepare_reader(call));
    AZ_TRY(call->options.sample > 0 ? read_sample(call, paths, table)
                                    : az_table_read(table, paths, &call->options.reader, &call->control));
    return name_target(call, *table);
}

az_status cli_open_data(cli_call *call, const char *paths, az_source **source)
{
    const az_table *block;
    AZ_TRY(cli_prepare_reader(call));
    AZ_TRY(az_source_of_files(source, paths, &call->options.reader, &call->control));
    if (!call->options.reader.target_file) return AZ_OK;
    AZ_TRY(az_source_next(*source, &block, &call->control));
    if (block) AZ_TRY(name_target(call, block));
    return az_source_rewind(*source);
}

/* "20,640 rows, 8 numeric, 1 categorical (ocean_proximity), 207 missing in total_bedrooms" */
void cli_describe_problem(cli_call *call, const az_problem *problem)
{
    int64_t n_numeric = 0, n_times = 0, n_categorical = 0, n_missing = 0, n_with_missing = 0;
    const char *category = NULL, *missing = NULL;
    char rows[CLI_NUMBER_MAX], cells[CLI_NUMBER_MAX], times[40] = "", categorical[160] = "", gaps[256] = "";
    for (int64_t i = 0; i < problem->n_inputs; i++) {
        int64_t column = problem->inputs[i], n = az_table_column_n_missing(problem->table, column);
        const char *name = az_table_column_name(problem->table, column);
        az_column_type type = az_table_column_type(problem->table, column);
        bool is_categorical = type == AZ_CATEGORICAL || problem->forced_categorical[i];
        n_times += type == AZ_TIME;
        n_numeric += type == AZ_NUMERIC && !is_categorical;
        n_categorical += is_categorical;
        if (is_categorical) category = name;
        n_missing += n;
        n_with_missing += n > 0;
        if (n) missing = name;
    }
    if (n_categorical == 1)
        snprintf(categorical, sizeof categorical, ", 1 categorical (%.100s)", category);
    else if (n_categorical)
        snprintf(categorical, sizeof categorical, ", %lld categorical", (long long)n_categorical);
    cli_count(cells, (double)n_missing);
    if (n_with_missing == 1)
        snprintf(gaps, sizeof gaps, ", %s missing in %.100s", cells, missing);
    else if (n_with_missing)
        snprintf(gaps, sizeof gaps, ", %s missing in %lld columns", cells, (long long)n_with_missing);
    if (n_times) snprintf(times, sizeof times, ", %lld of time", (long long)n_times);
    cli_say(call, "%s rows, %lld numeric%s%s%s", cli_count(rows, (double)problem->n_rows), (long long)n_numeric, times,
            categorical, gaps);
}

az_status cli_read_model(cli_call *call, const char *path, az_model **model)
{
    (void)call;
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return az_error(AZ_ERROR_NO_INPUT, "%s is a folder, not a model file", path);
    return az_model_read(model, path);
}

az_status cli_reader_from_model(cli_call *call, const az_model *model)
{
    if (!model->reader) return AZ_OK;
    az_reader_options stored = {0};
    AZ_TRY(az_reader_options_parse(model->reader, &stored, &call->strings));
    az_reader_options_inherit(&call->options.reader, &stored);
    return AZ_OK;
}

az_status cli_check_writable(const char *path, const char *what)
{
    struct stat info;
    if (!path || strcmp(path, "-") == 0) return AZ_OK;
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return az_error(AZ_ERROR_CANNOT_WRITE, "cannot write %s %s: it is a folder", what, path);
        if (!S_ISREG(info.st_mode)) return AZ_OK; /* a device or pipe: seen when written */
    }
    const char *slash = strrchr(path, '/');
    char folder[4096];
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (length >= sizeof folder) return az_error(AZ_ERROR_CANNOT_WRITE, "cannot write %s: the path is too long", what);
    if (!slash)
        snprintf(folder, sizeof folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s", length ? (int)length : 1, path);
    if (stat(folder, &info) != 0)
        return az_error(AZ_ERROR_CANNOT_WRITE, "cannot write %s %s: %s: %s", what, path, folder, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return az_error(AZ_ERROR_CANNOT_WRITE, "cannot write %s %s: %s is not a folder", what, path, folder);
    if (access(folder, W_OK) != 0)
        return az_error(AZ_ERROR_CANNOT_WRITE, "cannot write %s %s: %s", what, path, strerror(errno));
    return AZ_OK;
}

az_status cli_split_options(const cli_call *call, az_split_options *split)
{
    double gap;
    az_time_unit days;
    *split = (az_split_options){.seed = (uint64_t)call->pipeline.seed};
    /* What the gap is in the data's time is seen when they are read; a slip of the pen is told before. */
    if (call->options.gap &&
        (az_time_unit_parse(&days, AZ_TIME_DEFAULT_UNIT, NULL) || az_time_length(&days, call->options.gap, &gap)))
        return az_error_context(AZ_ERROR_USAGE, "--gap");
    return call->options.split ? az_split_parse(call->options.split, &split->kind) : AZ_OK;
}

az_status cli_split_gap(const cli_call *call, const az_problem *problem, az_split_options *split)
{
    if (!call->options.gap) return AZ_OK;
    az_status status = az_time_length(az_problem_time_unit(problem), call->options.gap, &split->gap);
    return status ? az_error_context(status, "--gap") : AZ_OK;
}
