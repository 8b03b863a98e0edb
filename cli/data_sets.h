/* SPDX-License-Identifier: BSD-3-Clause */
/* The public data sets that ansatz data knows. */
#ifndef CLI_DATA_SETS_H
#define CLI_DATA_SETS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cli_data_file {
    const char *path;   /* below $ANSATZ_DATA and below the cache */
    const char *url;    /* of its publisher */
    const char *sha256; /* of the content, decompressed: anything else is refused; NULL: not known */
    int64_t n_bytes;    /* of the content; 0: it grows */
} cli_data_file;

enum { CLI_DATA_FILES = 4 };

typedef struct cli_data_set {
    const char *name, *title, *citation, *licence;
    bool verified; /* it has been fetched from its publisher, and the digests were those */
    cli_data_file files[CLI_DATA_FILES]; /* a NULL path ends */
} cli_data_set;

extern const cli_data_set cli_data_sets[]; /* a NULL name ends */

#endif
