/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/fetch.h"

#include "base/control.h"
#include "base/file.h"
#include "base/io.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct fetching {
    const char *path, *what; /* path: of the part */
    int descriptor;
    int64_t size; /* of the part */
    const az_control *control;
} fetching;

/* Bytes may come from the beginning again, where the server knows no ranges: what was there before goes. */
static bool take(void *user, int64_t offset, const void *bytes, size_t n_bytes)
{
    fetching *self = user;
    if (offset < self->size && ftruncate(self->descriptor, offset) != 0) {
        az_error(AZ_ERROR_IO, "cannot write %s: %s", self->path, strerror(errno));
        return false;
    }
    self->size = offset;
    const char *at = bytes;
    while (n_bytes > 0) {
        ssize_t n = pwrite(self->descriptor, at, n_bytes, self->size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            az_error(AZ_ERROR_IO, "cannot write %s: %s; what has come is kept", self->path,
                     n < 0 ? strerror(errno) : "the disk takes no more");
            return false;
        }
        at += n;
        n_bytes -= (size_t)n;
        self->size += n;
    }
    return true;
}

static bool keep_going(void *user, int64_t done, int64_t total)
{
    const fetching *self = user;
    const double megabyte = 1e6;
    az_report_progress(self->control, self->what, (double)done / megabyte, (double)total / megabyte, NULL, 0);
    return !az_check_interrupt(self->control);
}

static az_status make_folders(const char *path)
{
    char folder[PATH_MAX];
    if ((size_t)snprintf(folder, sizeof folder, "%s", path) >= sizeof folder)
        return az_error(AZ_ERROR_CANNOT_WRITE, "%s: the path is too long", path);
    for (char *slash = folder; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            return az_error(AZ_ERROR_CANNOT_WRITE, "cannot make the folder %s: %s", folder, strerror(errno));
        *slash = '/';
    }
    return AZ_OK;
}

/* One process at a time adds to a part; the lock goes with the descriptor. */
static az_status open_part(fetching *self)
{
    self->descriptor = open(self->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (self->descriptor < 0)
        return az_error(AZ_ERROR_CANNOT_WRITE, "cannot write %s: %s", self->path, strerror(errno));
    if (flock(self->descriptor, LOCK_EX | LOCK_NB) != 0)
        return az_error(AZ_ERROR_CANNOT_WRITE, "%s is being downloaded by another process", self->path);
    struct stat about;
    if (fstat(self->descriptor, &about) != 0) return az_error(AZ_ERROR_IO, "%s: %s", self->path, strerror(errno));
    self->size = about.st_size;
    return AZ_OK;
}

/* A content that is not the right one is of no use to a later call either. */
static az_status check(const fetching *self, const char *url, const char *sha256, char digest[AZ_SHA256_TEXT])
{
    az_file file;
    az_status status = az_file_open(&file, self->path, self->control);
    if (status == AZ_ERROR_DATA) unlink(self->path);
    if (status) return status;
    az_sha256(file.data, file.size, digest);
    az_file_close(&file);
    if (!sha256 || strcmp(digest, sha256) == 0) return AZ_OK;
    unlink(self->path);
    return az_error(AZ_ERROR_DATA, "%s: the content is not the one expected and was removed: its SHA-256 is %s, not %s",
                    url, digest, sha256);
}

az_status az_fetch(const char *url, const char *path, const char *sha256, const char *what, char digest[AZ_SHA256_TEXT],
                   const az_control *control)
{
    az_text part = {0};
    fetching self = {.what = what, .descriptor = -1, .control = control};
    const az_io *io;
    az_status status;
    az_text_printf(&part, "%s.part", path);
    AZ_GOTO(az_text_status(&part));
    self.path = part.data;
    AZ_GOTO(az_io_load(&io, "downloading"));
    if (!io->download) {
        status = az_error(AZ_ERROR_UNAVAILABLE, "%s: this build of libansatz-io has no libcurl to download with", url);
        goto done;
    }
    AZ_GOTO(make_folders(path));
    AZ_GOTO(open_part(&self));
    const az_io_download download = {
        .url = url, .resume_from = self.size, .sink = take, .keep_going = keep_going, .user = &self};
    status = io->download(az_io_host_table(), &download);
    if (status && self.size == 0) unlink(self.path); /* nothing to go on with */
    if (status) goto done;
    if (fsync(self.descriptor) != 0) {
        status = az_error(AZ_ERROR_IO, "cannot write %s: %s", self.path, strerror(errno));
        goto done;
    }
    AZ_GOTO(check(&self, url, sha256, digest));
    if (rename(self.path, path) != 0)
        status = az_error(AZ_ERROR_CANNOT_WRITE, "cannot write %s: %s", path, strerror(errno));
done:
    if (self.descriptor >= 0) close(self.descriptor);
    az_text_free(&part);
    return status;
}
