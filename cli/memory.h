/* SPDX-License-Identifier: BSD-3-Clause */
/* How much memory a fit needs, and how much there is, before the data are read. */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include "cli.h"

/* The least of: what the limit on the address space (ulimit -v) leaves, the cgroup's limit, what the system has
 * (MemAvailable); ANSATZ_MEMORY (bytes) in the environment sets another.  INFINITY: not known. */
double cli_memory_available(void);
double cli_address_space_left(void); /* INFINITY: no limit */

typedef struct cli_data_size {
    double rows, columns; /* estimated from the first block and the size of the files */
    double bytes;         /* that reading them whole and fitting takes; 0: certainly little, or not known */
} cli_data_size;
az_status cli_data_size_of(const cli_call *call, const char *paths, cli_data_size *size);
/* The same where the rows are read block by block and kept as bins (az_model_class.binned). */
double cli_binned_bytes(const cli_call *call, const cli_data_size *size);

/* "3.1 GB" */
const char *cli_bytes(char buffer[CLI_NUMBER_MAX], double bytes);

#endif
