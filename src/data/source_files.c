/* SPDX-License-Identifier: BSD-3-Clause */
/* Files as sources, whatever they hold, with the stages that the reader options ask for. */
#include "data/csv.h"
#include "data/derive.h"
#include "data/source.h"
#include "data/time_parts.h"
#include "data/windows.h"

/* What the first file of a list holds; no list, no fields. */
static az_status list_holds_fields(const char *list, bool *fields)
{
    char **paths;
    int64_t n;
    *fields = false;
    if (!list) return AZ_OK;
    AZ_TRY(az_file_expand(list, &paths, &n));
    az_status status = az_path_holds_fields(paths[0], fields);
    az_free(paths);
    return status;
}

/* Fields are read block by block, unless something is put beside them or renamed, or they stand beside a text table:
 * then all of it is read at first. */
static az_status open_files(az_source **source, const char *paths, const az_reader_options *options,
                            const az_expected *expected, int64_t n_expected, const az_control *control)
{
    static const az_reader_options defaults;
    bool fields, beside, target = false;
    if (!options) options = &defaults;
    AZ_TRY(list_holds_fields(paths, &fields));
    AZ_TRY(list_holds_fields(options->join, &beside));
    if (options->target_file) AZ_TRY(az_path_holds_fields(options->target_file, &target));
    if (fields && !options->join && !options->target_file && !options->names && !options->relabel)
        return az_source_of_fields_expecting(source, paths, options, expected, n_expected, control);
    if (!fields && !beside && !target) {
        AZ_TRY(az_refuse_select(paths, options));
        return az_source_of_text(source, paths, options, expected, n_expected, control);
    }
    az_table *table;
    AZ_TRY(az_csv_table_read(&table, paths, options, control));
    return az_source_of_own_table(source, table);
}

az_status az_source_of_files_expecting(az_source **source, const char *paths, const az_reader_options *options,
                                       const az_expected *expected, int64_t n_expected, const az_control *control)
{
    az_source *made;
    AZ_TRY(open_files(&made, paths, options, expected, n_expected, control));
    AZ_TRY(az_source_derive(&made, made, options, control));
    AZ_TRY(az_source_time_of_parts(&made, made, options));
    return az_source_windows(source, made, options, control);
}

az_status az_source_of_files(az_source **source, const char *paths, const az_reader_options *options,
                             const az_control *control)
{
    return az_source_of_files_expecting(source, paths, options, NULL, 0, control);
}

az_status az_table_read(az_table **table, const char *paths, const az_reader_options *options,
                        const az_control *control)
{
    /* A formula that cannot be read, and windows that make no sense, are refused before the files are read. */
    az_derive *derive;
    bool windows;
    AZ_TRY(az_window_options(options, &windows, NULL, NULL));
    AZ_TRY(az_derive_new(&derive, options));
    az_table *made = NULL;
    az_status status = az_csv_table_read(&made, paths, options, control);
    if (!status && derive) status = az_derive_apply(derive, made, control);
    if (!status && derive) status = az_derive_finish(derive, control);
    az_derive_free(derive);
    if (!status && options) status = az_table_time_of_parts(made, options->time);
    if (!status && windows) status = az_table_windows(&made, options, control);
    if (status)
        az_table_free(made);
    else
        *table = made;
    return status;
}
