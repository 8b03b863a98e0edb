/* SPDX-License-Identifier: BSD-3-Clause */
/* Files as sources, whatever they hold, with the stages that the reader options ask for. */
#include "data/csv.h"
#include "data/derive.h"
#include "data/source.h"

az_status az_source_of_files_expecting(az_source **source, const char *paths, const az_reader_options *options,
                                       const az_expected *expected, int64_t n_expected, const az_control *control)
{
    az_source *made;
    AZ_TRY(az_source_of_text(&made, paths, options, expected, n_expected, control));
    return az_source_derive(source, made, options, control);
}

az_status az_source_of_files(az_source **source, const char *paths, const az_reader_options *options,
                             const az_control *control)
{
    return az_source_of_files_expecting(source, paths, options, NULL, 0, control);
}

az_status az_table_read(az_table **table, const char *paths, const az_reader_options *options,
                        const az_control *control)
{
    /* A formula that cannot be read is refused before the files are. */
    az_derive *derive;
    AZ_TRY(az_derive_new(&derive, options));
    az_table *made = NULL;
    az_status status = az_csv_table_read(&made, paths, options, control);
    if (!status && derive) status = az_derive_apply(derive, made, control);
    if (!status && derive) status = az_derive_finish(derive, control);
    az_derive_free(derive);
    if (status)
        az_table_free(made);
    else
        *table = made;
    return status;
}
