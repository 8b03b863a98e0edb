/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a fuzz target on every file of the folders given: the seeds and what fuzzing once found, without libFuzzer. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    uint8_t *bytes = NULL;
    size_t size = 0, capacity = 0, n;
    do {
        if (size == capacity) {
            capacity = capacity ? 2 * capacity : 4096;
            uint8_t *larger = realloc(bytes, capacity);
            if (!larger) abort();
            bytes = larger;
        }
        n = fread(bytes + size, 1, capacity - size, file);
        size += n;
    } while (n > 0);
    fclose(file);
    /* A copy of exactly the right size, so that the address sanitizer sees the first byte past the end. */
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact) abort();
    memcpy(exact, bytes, size);
    free(bytes);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    int n_files = 0, failed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (!folder) {
            perror(argv[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(folder));) {
            if (entry->d_name[0] == '.') continue;
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            failed |= replay_file(path);
            n_files++;
        }
        closedir(folder);
    }
    printf("%d files\n", n_files);
    return failed || n_files == 0;
}
