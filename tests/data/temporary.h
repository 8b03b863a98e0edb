/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of given bytes, in a folder of their own that goes with the test. */
#ifndef TESTS_DATA_TEMPORARY_H
#define TESTS_DATA_TEMPORARY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char temporary_folder[] = "/tmp/ansatz-test-XXXXXX";

static inline int make_folder(void **state)
{
    (void)state;
    return mkdtemp(temporary_folder) ? 0 : -1;
}

/* Writes the file and gives its path, which is good until the next call. */
static inline const char *temporary_file(const char *name, const void *bytes, size_t size)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", temporary_folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || (size > 0 && fwrite(bytes, 1, size, file) != size) || fclose(file)) return "/cannot/be/written";
    return path;
}

static inline int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", temporary_folder);
    return system(command);
}

#endif
