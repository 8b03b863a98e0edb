/* SPDX-License-Identifier: BSD-3-Clause */
/* Sources: rows that come block by block, so that data may be larger than memory. */
#ifndef ANSATZ_SOURCE_H
#define ANSATZ_SOURCE_H

#include <ansatz/table.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct az_source az_source;

/* The rows of a table, which is borrowed: one block. */
AZ_API AZ_MUST_CHECK az_status az_source_of_table(az_source **source, const az_table *table);

/* Text tables or files of fields, as az_table_read takes them, read block by block. */
AZ_API AZ_MUST_CHECK az_status az_source_of_files(az_source **source, const char *paths,
                                                  const az_reader_options *options, const az_control *control);

/* A caller's rows.  next writes at most max_rows rows of n_columns numbers (row-major; NaN: missing) and returns how
 * many, 0 at the end, -1 on failure (az_source_next then returns AZ_ERROR_IO).  rewind goes back to the first row;
 * false or NULL: it cannot, and only what needs one pass works.  Texts are copied. */
typedef struct az_source_callback {
    int64_t n_columns;
    const char *const *names;
    const char *const *units; /* NULL, or an entry NULL: none */
    int64_t n_rows;           /* -1: not known */
    int64_t (*next)(void *user, double *rows, int64_t max_rows);
    bool (*rewind)(void *user);
    void *user;
} az_source_callback;
AZ_API AZ_MUST_CHECK az_status az_source_of_callback(az_source **source, const az_source_callback *callback);

/* The next block, borrowed until the next call on the source; *block is NULL after the last.  All blocks have the same
 * columns with the same types; the levels of a categorical column may differ from block to block. */
AZ_API AZ_MUST_CHECK az_status az_source_next(az_source *source, const az_table **block, const az_control *control);
AZ_API AZ_MUST_CHECK az_status az_source_rewind(az_source *source);
AZ_API int64_t az_source_n_rows(const az_source *source); /* -1: not known before the end */
AZ_API void az_source_free(az_source *source);            /* NULL is allowed */

/* All rows that are left, as one table, owned by the caller. */
AZ_API AZ_MUST_CHECK az_status az_table_collect(az_table **table, az_source *source, const az_control *control);

#ifdef __cplusplus
}
#endif
#endif
