/* SPDX-License-Identifier: BSD-3-Clause */
/* What every command that reads data does the same way. */
#include "cli.h"

#include "base/memory.h"
#include "data/table.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The words become one list of paths.  A word that names a file with a comma in it is that file; other commas separate. */
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

az_status cli_read_data(cli_call *call, const char *paths, az_table **table)
{
    bool labels = !call->options.reader.target_file && is_regular_file(call->options.roles.target);
    if (labels) call->options.reader.target_file = call->options.roles.target;
    AZ_TRY(az_table_read(table, paths, &call->options.reader, &call->control));
    if (call->options.reader.target_file) {
        const char *name = az_table_column_name(*table, az_table_n_columns(*table) - 1);
        call->options.roles.target = az_arena_strndup(&call->strings, name, strlen(name));
        if (!call->options.roles.target) return AZ_ERROR_MEMORY;
    }
    return AZ_OK;
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
    az_reader_options stored = {0}, *given = &call->options.reader;
    AZ_TRY(az_reader_options_parse(model->reader, &stored, &call->strings));
    /* Files beside the training data have nothing to do with other data. */
    stored.join = stored.target_file = NULL;
    if (given->delimiter) stored.delimiter = given->delimiter;
    if (given->header) stored.header = given->header;
    if (given->names) stored.names = given->names;
    if (given->skip) stored.skip = given->skip;
    if (given->comment) stored.comment = given->comment;
    if (given->missing) stored.missing = given->missing;
    if (given->decimal) stored.decimal = given->decimal;
    if (given->join) stored.join = given->join;
    if (given->relabel) stored.relabel = given->relabel;
    *given = stored;
    return AZ_OK;
}

az_status cli_check_writable(const char *path, const char *what)
{
    struct stat info;
    if (!path || strcmp(path, "-") == 0) return AZ_OK;
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode)) return az_error(AZ_ERROR_CANNOT_WRITE, "cannot write %s %s: it is a folder", what, path);
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
    *split = (az_split_options){.gap = call->options.gap, .seed = (uint64_t)call->pipeline.seed};
    return call->options.split ? az_split_parse(call->options.split, &split->kind) : AZ_OK;
}
