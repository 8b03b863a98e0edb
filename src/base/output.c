/* SPDX-License-Identifier: BSD-3-Clause */
/* Files written whole or not at all: to a temporary name in the same folder, synced, renamed. */
#include "base/file.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_SIZE = 1 << 16, MAX_OPEN = 64 };

/* The one piece of state that the process shares besides the allocator: a signal handler has nothing else to find the
 * open temporaries by.  Who takes a name out of its slot owns it: if the handler was first, the string is left to
 * it. */
static _Atomic(char *) temporaries[MAX_OPEN];

static bool register_temporary(char *name)
{
    for (int i = 0; i < MAX_OPEN; i++) {
        char *empty = NULL;
        if (atomic_compare_exchange_strong(&temporaries[i], &empty, name)) return true;
    }
    return false;
}

static bool unregister_temporary(char *name)
{
    for (int i = 0; i < MAX_OPEN; i++) {
        char *expected = name;
        if (atomic_compare_exchange_strong(&temporaries[i], &expected, NULL)) return true;
    }
    return false;
}

void az_output_abandon_all(void)
{
    for (int i = 0; i < MAX_OPEN; i++) {
        char *name = atomic_exchange(&temporaries[i], NULL);
        if (name) unlink(name);
    }
}

static az_status fail(az_output *output, az_status status, const char *what)
{
    int reason = errno;
    output->status = az_error(status, "%s: %s: %s", output->path ? output->path : "stdout", what, strerror(reason));
    return output->status;
}

/* Creates the temporary file beside the target; *mode is that of a file to be replaced, 0: as the umask gives. */
static az_status create_temporary(az_output *output, mode_t mode)
{
    const char *slash = strrchr(output->path, '/');
    int folder_length = slash ? (int)(slash - output->path) + 1 : 0;
    /* The name need only be free: O_EXCL decides, and the process number keeps two commands from meeting. */
    for (int attempt = 0; attempt < 10000; attempt++) {
        az_text name = {0};
        az_text_printf(&name, "%.*s.ansatz-%ld-%d.tmp", folder_length, output->path, (long)getpid(), attempt);
        if (az_text_status(&name)) {
            az_text_free(&name);
            return output->status = AZ_ERROR_MEMORY;
        }
        output->descriptor = open(name.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (output->descriptor >= 0) {
            output->temporary = name.data;
            if (!register_temporary(name.data)) {
                errno = EMFILE;
                unlink(name.data);
                az_free(name.data);
                output->temporary = NULL;
                return fail(output, AZ_ERROR_CANNOT_WRITE, "too many files are being written");
            }
            if (mode && fchmod(output->descriptor, mode))
                return fail(output, AZ_ERROR_CANNOT_WRITE, "cannot be given the permissions of the file it replaces");
            return AZ_OK;
        }
        az_text_free(&name);
        if (errno != EEXIST) break;
    }
    return fail(output, AZ_ERROR_CANNOT_WRITE, "cannot be created");
}

static az_status open_target(az_output *output)
{
    struct stat about;
    if (stat(output->path, &about)) {
        if (errno != ENOENT) return fail(output, AZ_ERROR_CANNOT_WRITE, "cannot be created");
        return create_temporary(output, 0);
    }
    if (S_ISDIR(about.st_mode)) {
        errno = EISDIR;
        return fail(output, AZ_ERROR_CANNOT_WRITE, "cannot be written");
    }
    if (!S_ISREG(about.st_mode)) { /* a device or a pipe takes the bytes as they come */
        output->descriptor = open(output->path, O_WRONLY | O_CLOEXEC);
        return output->descriptor < 0 ? fail(output, AZ_ERROR_CANNOT_WRITE, "cannot be written") : AZ_OK;
    }
    /* Renaming asks only for rights on the folder; a file that its owner protected is not to be replaced behind it. */
    if (faccessat(AT_FDCWD, output->path, W_OK, AT_EACCESS))
        return fail(output, AZ_ERROR_CANNOT_WRITE, "cannot be replaced");
    return create_temporary(output, about.st_mode & 07777);
}

az_status az_output_open(az_output *output, const char *path)
{
    *output = (az_output){.descriptor = -1};
    output->buffer = az_alloc(BUFFER_SIZE);
    if (!output->buffer) return output->status = AZ_ERROR_MEMORY;
    if (strcmp(path, "-") == 0) {
        output->descriptor = STDOUT_FILENO;
        return AZ_OK;
    }
    /* Through a symbolic link: the file that it names is replaced, not the link. */
    char resolved[PATH_MAX];
    output->path = az_strdup(realpath(path, resolved) ? resolved : path);
    output->status = output->path ? open_target(output) : AZ_ERROR_MEMORY;
    az_status status = output->status;
    if (status) az_output_abandon(output);
    return status;
}

static az_status flush(az_output *output)
{
    for (size_t done = 0; done < output->used;) {
        ssize_t n = write(output->descriptor, output->buffer + done, output->used - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(output, AZ_ERROR_IO, "writing failed");
        done += (size_t)n;
    }
    output->used = 0;
    return AZ_OK;
}

az_status az_output_write(az_output *output, const void *bytes, size_t n_bytes)
{
    const char *from = bytes;
    if (output->status) return output->status;
    while (n_bytes > 0) {
        if (output->used == BUFFER_SIZE) AZ_TRY(flush(output));
        size_t n = BUFFER_SIZE - output->used;
        if (n > n_bytes) n = n_bytes;
        memcpy(output->buffer + output->used, from, n);
        output->used += n;
        from += n;
        n_bytes -= n;
    }
    return AZ_OK;
}

az_status az_output_rewind(az_output *output)
{
    if (output->status) return output->status;
    AZ_TRY(flush(output));
    if (lseek(output->descriptor, 0, SEEK_SET) < 0) return fail(output, AZ_ERROR_IO, "is no file to go back in");
    return AZ_OK;
}

/* The new name must be on the disk too.  A folder that cannot be opened or synced (some network file systems) is let
 * be. */
static az_status sync_folder(az_output *output)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(output->path, '/');
    size_t length = slash ? (size_t)(slash - output->path) + 1 : 0;
    if (length >= sizeof folder) return AZ_OK;
    memcpy(folder, output->path, length);
    folder[length] = 0;
    int descriptor = open(length ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return AZ_OK;
    az_status status =
        fsync(descriptor) && errno == EIO ? fail(output, AZ_ERROR_IO, "syncing its folder failed") : AZ_OK;
    close(descriptor);
    return status;
}

az_status az_output_commit(az_output *output)
{
    az_status status = output->status;
    if (!status) status = flush(output);
    if (!status && output->temporary) {
        if (fsync(output->descriptor)) status = fail(output, AZ_ERROR_IO, "writing failed");
    }
    if (!status && output->path) { /* stdout stays open */
        int result = close(output->descriptor);
        output->descriptor = -1;
        if (result) status = fail(output, AZ_ERROR_IO, "writing failed");
    }
    if (!status && output->temporary) {
        if (rename(output->temporary, output->path)) {
            status = fail(output, AZ_ERROR_CANNOT_WRITE, "cannot be replaced");
        } else {
            if (unregister_temporary(output->temporary)) az_free(output->temporary);
            output->temporary = NULL;
            status = sync_folder(output);
        }
    }
    az_output_abandon(output);
    return status;
}

void az_output_abandon(az_output *output)
{
    if (output->temporary) {
        if (unregister_temporary(output->temporary)) {
            unlink(output->temporary);
            az_free(output->temporary);
        }
        output->temporary = NULL;
    }
    /* path is NULL for stdout, and where nothing was opened: then the descriptor is not ours. */
    if (output->path && output->descriptor >= 0) close(output->descriptor);
    output->descriptor = -1;
    az_free(output->path);
    az_free(output->buffer);
    output->path = output->buffer = NULL;
    output->used = 0;
    /* Writing after this fails with what went wrong, or as misuse. */
    if (!output->status) output->status = AZ_ERROR_INTERNAL;
}
