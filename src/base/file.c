/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading files whole.  Writing is in output.c. */
#include "base/file.h"

#include "base/control.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static az_status read_stream(az_file *file, int descriptor, const char *path, const az_control *control)
{
    size_t capacity = (size_t)1 << 16, size = 0;
    char *bytes = az_alloc(capacity);
    if (!bytes) return az_error_context(AZ_ERROR_MEMORY, "%s", path);
    for (;;) {
        if (size == capacity) {
            char *larger = capacity > SIZE_MAX / 2 ? NULL : az_realloc(bytes, 2 * capacity);
            if (!larger) {
                az_free(bytes);
                return az_error_context(AZ_ERROR_MEMORY, "%s", path);
            }
            bytes = larger;
            capacity *= 2;
        }
        /* A signal ends the wait for a pipe that says nothing (the handlers of the command do not restart calls). */
        ssize_t n = read(descriptor, bytes + size, capacity - size);
        int error = errno;
        az_status status = az_check_interrupt(control);
        if (status) {
            az_free(bytes);
            return status;
        }
        if (n < 0 && error == EINTR) continue;
        if (n < 0) {
            az_free(bytes);
            return az_error(AZ_ERROR_IO, "%s: reading failed: %s", path, strerror(error));
        }
        if (n == 0) break;
        size += (size_t)n;
    }
    file->owned = bytes;
    file->data = bytes;
    file->size = size;
    return AZ_OK;
}

static az_status map_or_read(az_file *file, int descriptor, const char *path, const az_control *control)
{
    struct stat about;
    if (fstat(descriptor, &about)) return az_error(AZ_ERROR_NO_INPUT, "%s: %s", path, strerror(errno));
    if (S_ISDIR(about.st_mode)) return az_error(AZ_ERROR_NO_INPUT, "%s is a folder; a file is needed", path);
    /* What /proc and /sys show as files of size 0 have content all the same, so only a size above 0 is believed; and
     * stdin may stand in the middle of its file. */
    if (S_ISREG(about.st_mode) && about.st_size > 0 && descriptor != STDIN_FILENO) {
        void *mapped = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (mapped != MAP_FAILED) {
            file->data = mapped;
            file->size = (size_t)about.st_size;
            file->mapped = true;
            return AZ_OK;
        }
    }
    return read_stream(file, descriptor, path, control);
}

az_status az_file_open(az_file *file, const char *path, const az_control *control)
{
    *file = (az_file){.data = ""};
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = is_stdin ? "stdin" : path;
    int descriptor = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        int error = errno;
        AZ_TRY(az_check_interrupt(control)); /* opening a pipe waits for its writer */
        return az_error(AZ_ERROR_NO_INPUT, "%s: cannot be read: %s", path, strerror(error));
    }
    az_file raw = {.data = ""};
    az_status status = map_or_read(&raw, descriptor, name, control);
    if (!is_stdin) close(descriptor);
    if (status) return status;
    const unsigned char *bytes = (const unsigned char *)raw.data;
    if (raw.size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) {
        char *plain = NULL;
        size_t size = 0;
        status = az_gzip_inflate(bytes, raw.size, name, &plain, &size, control);
        az_file_close(&raw);
        if (status) return status;
        raw = (az_file){.data = plain, .size = size, .gzip = true, .owned = plain};
    }
    *file = raw;
    return AZ_OK;
}

void az_file_close(az_file *file)
{
    /* The mapping was made through a const view; munmap takes the address only. */
    if (file->mapped) munmap((void *)(uintptr_t)file->data, file->size);
    az_free(file->owned);
    *file = (az_file){.data = ""};
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Matches of one item, appended to the growing lists; an item without * ? [, or that exists as written, is itself. */
static az_status expand_item(const char *item, az_text *names, int64_t *n_names)
{
    if (!strpbrk(item, "*?[") || access(item, F_OK) == 0) {
        az_text_append_n(names, item, strlen(item) + 1);
        ++*n_names;
        return az_text_status(names);
    }
    glob_t matches;
    /* glob sorts by the locale's order; strcmp is the same everywhere. */
    int result = glob(item, GLOB_NOSORT, NULL, &matches);
    az_status status = AZ_OK;
    if (result == GLOB_NOSPACE) {
        status = az_error(AZ_ERROR_MEMORY, "out of memory: the files that match %s", item);
    } else if (result) {
        status = az_error(AZ_ERROR_NO_INPUT, "no file matches %s", item);
    } else {
        qsort(matches.gl_pathv, matches.gl_pathc, sizeof *matches.gl_pathv, compare_names);
        for (size_t i = 0; i < matches.gl_pathc; i++)
            az_text_append_n(names, matches.gl_pathv[i], strlen(matches.gl_pathv[i]) + 1);
        *n_names += (int64_t)matches.gl_pathc;
        status = az_text_status(names);
    }
    globfree(&matches);
    return status;
}

az_status az_file_expand(const char *list, char ***paths, int64_t *n_paths)
{
    char **items = NULL;
    int64_t n_items = 0, n_names = 0;
    az_text names = {0}; /* one after the other, each with its 0 */
    az_status status;
    AZ_GOTO(az_list_split(list, &items, &n_items));
    if (n_items == 0) {
        status = az_error(AZ_ERROR_USAGE, "no file was named");
        goto done;
    }
    for (int64_t i = 0; i < n_items; i++) AZ_GOTO(expand_item(items[i], &names, &n_names));
    char **result = az_alloc((size_t)n_names * sizeof(char *) + names.length);
    if (!result) {
        status = AZ_ERROR_MEMORY;
        goto done;
    }
    char *bytes = (char *)result + (size_t)n_names * sizeof(char *);
    memcpy(bytes, names.data, names.length);
    for (int64_t i = 0; i < n_names; i++) {
        result[i] = bytes;
        bytes += strlen(bytes) + 1;
    }
    *paths = result;
    *n_paths = n_names;
done:
    az_text_free(&names);
    az_free(items);
    return status;
}
