/* SPDX-License-Identifier: BSD-3-Clause */
/* Files as sources, whatever they hold, with the stages that the reader options ask for. */
#include "data/csv.h"
#include "data/source.h"

az_status az_source_of_files_expecting(az_source **source, const char *paths, const az_reader_options *options,
                                       const az_expected *expected, int64_t n_expected, const az_control *control)
{
    return az_source_of_text(source, paths, options, expected, n_expected, control);
}

az_status az_source_of_files(az_source **source, const char *paths, const az_reader_options *options,
                             const az_control *control)
{
    return az_source_of_files_expecting(source, paths, options, NULL, 0, control);
}

az_status az_table_read(az_table **table, const char *paths, const az_reader_options *options,
                        const az_control *control)
{
    return az_csv_table_read(table, paths, options, control);
}
