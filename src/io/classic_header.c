/* SPDX-License-Identifier: BSD-3-Clause */
/* The header of a NetCDF-3 file (classic, 64-bit offset and 64-bit data) is checked before libnetcdf reads it:
 * libnetcdf believes its counts, and takes what a file that was cut short lacks for zeros.  The grammar is appendix B
 * of the NetCDF User's Guide, "File Format Specifications". */
#include "io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* libnetcdf copies a name into as much memory as NC_MAX_NAME says, however long it is. */
enum { LONGEST_NAME = 256 };

enum { TAG_DIMENSIONS = 10, TAG_VARIABLES = 11, TAG_ATTRIBUTES = 12, TYPES = 11 };

typedef struct header {
    const az_io_host *host;
    const char *path;
    const unsigned char *bytes;
    uint64_t size, at;
    int version; /* 1, 2, 5 */
    az_status status;
    uint64_t n_dims;
    uint64_t *lengths; /* of dimensions; 0: the record dimension */
} header;

static void broken(header *h, const char *what)
{
    if (h->status) return;
    h->status = h->host->error(AZ_ERROR_DATA, "%s: broken NetCDF-3 file: %s, at byte %llu; fetch or write it again",
                               h->path, what, (unsigned long long)h->at);
}

static uint64_t take(header *h, unsigned n_bytes)
{
    if (h->status) return 0;
    if (h->size - h->at < n_bytes) {
        broken(h, "the header ends too early");
        return 0;
    }
    uint64_t value = 0;
    for (unsigned i = 0; i < n_bytes; i++) value = value << 8 | h->bytes[h->at++];
    return value;
}

/* Counts and lengths have 64 bits in the 64-bit data format alone. */
static uint64_t take_count(header *h)
{
    return take(h, h->version == 5 ? 8 : 4);
}

static void skip(header *h, uint64_t n_bytes)
{
    if (h->status) return;
    if (n_bytes > h->size - h->at)
        broken(h, "the header ends too early");
    else
        h->at += n_bytes;
}

static uint64_t padded(uint64_t n_bytes)
{
    return n_bytes > UINT64_MAX - 3 ? UINT64_MAX : (n_bytes + 3) & ~(uint64_t)3;
}

/* The bytes of a value of the type; 0: no such type in this version. */
static uint64_t type_size(const header *h, uint64_t type)
{
    static const uint64_t sizes[TYPES + 1] = {0, 1, 1, 2, 4, 4, 8, 1, 2, 4, 8, 8};
    return type == 0 || type > (h->version == 5 ? TYPES : 6) ? 0 : sizes[type];
}

/* The number of entries of a list, which has a tag, or is absent (tag and count 0). */
static uint64_t take_list(header *h, uint64_t tag)
{
    uint64_t found = take(h, 4), n = take_count(h);
    if (!h->status && found != tag && (found != 0 || n != 0)) broken(h, "an unknown list");
    /* An entry takes some bytes, so that a count beyond the file's size cannot be. */
    if (!h->status && n > h->size - h->at) broken(h, "a list longer than the file");
    return h->status ? 0 : n;
}

static void take_name(header *h)
{
    uint64_t n = take_count(h);
    if (!h->status && n == 0) broken(h, "a name without characters");
    if (!h->status && n > LONGEST_NAME) broken(h, "a name of more than 256 bytes");
    skip(h, padded(n));
}

static void take_attributes(header *h)
{
    uint64_t n = take_list(h, TAG_ATTRIBUTES);
    for (uint64_t i = 0; i < n && !h->status; i++) {
        take_name(h);
        uint64_t size = type_size(h, take(h, 4)), count = take_count(h), n_bytes = 0;
        if (!h->status && size == 0) broken(h, "an attribute of unknown type");
        if (!h->status && __builtin_mul_overflow(size, count, &n_bytes)) broken(h, "an attribute longer than the file");
        if (!h->status) skip(h, padded(n_bytes));
    }
}

typedef struct extent {                                 /* of the variables' data */
    uint64_t record_size;                               /* of all record variables, each padded */
    uint64_t last_begin, last_size, n_record_variables; /* of the record variable that ends last */
    uint64_t end;                                       /* of the fixed ones */
} extent;

static void take_variable(header *h, extent *all)
{
    take_name(h);
    uint64_t rank = take_count(h), n_values = 1;
    bool is_record = false;
    if (!h->status && rank > h->size - h->at) broken(h, "a variable of too many dimensions");
    for (uint64_t d = 0; d < rank && !h->status; d++) {
        uint64_t id = take_count(h);
        if (!h->status && id >= h->n_dims) broken(h, "a variable on an unknown dimension");
        if (h->status) return;
        if (h->lengths[id] == 0) {
            if (d > 0) broken(h, "the record dimension is not the first one");
            is_record = true;
        } else if (__builtin_mul_overflow(n_values, h->lengths[id], &n_values)) {
            broken(h, "a variable larger than any file");
        }
    }
    take_attributes(h);
    uint64_t size = type_size(h, take(h, 4)), n_bytes = 0;
    take_count(h); /* vsize is redundant, and wrong where it does not fit into 32 bits */
    uint64_t begin = take(h, h->version == 1 ? 4 : 8), end;
    if (!h->status && size == 0) broken(h, "a variable of unknown type");
    if (!h->status && __builtin_mul_overflow(n_values, size, &n_bytes)) broken(h, "a variable larger than any file");
    if (!h->status && __builtin_add_overflow(begin, n_bytes, &end)) broken(h, "a variable beyond any file");
    if (h->status) return;
    if (!is_record) {
        if (end > all->end) all->end = end;
        return;
    }
    if (begin >= all->last_begin) {
        all->last_begin = begin;
        all->last_size = n_bytes;
    }
    all->n_record_variables++;
    /* One record variable alone is not padded (the guide's note on padding). */
    all->record_size = all->n_record_variables == 1 ? n_bytes : all->record_size;
    if (all->n_record_variables > 1 &&
        __builtin_add_overflow(all->n_record_variables == 2 ? padded(all->record_size) : all->record_size,
                               padded(n_bytes), &all->record_size))
        broken(h, "records larger than any file");
}

static void check(header *h)
{
    const uint64_t streaming = h->version == 5 ? UINT64_MAX : UINT32_MAX;
    uint64_t n_records = take_count(h);
    h->n_dims = take_list(h, TAG_DIMENSIONS);
    h->lengths = az_io_alloc(h->host, (int64_t)h->n_dims, sizeof *h->lengths);
    if (!h->lengths) {
        h->status = AZ_ERROR_MEMORY;
        return;
    }
    bool has_record = false;
    for (uint64_t d = 0; d < h->n_dims && !h->status; d++) {
        take_name(h);
        h->lengths[d] = take_count(h);
        if (h->lengths[d] == 0 && has_record) broken(h, "two record dimensions");
        has_record |= h->lengths[d] == 0;
    }
    take_attributes(h);
    uint64_t n_variables = take_list(h, TAG_VARIABLES);
    extent all = {0};
    for (uint64_t i = 0; i < n_variables && !h->status; i++) take_variable(h, &all);
    if (h->status) return;
    uint64_t end = all.end;
    if (all.n_record_variables && n_records && n_records != streaming) {
        uint64_t last;
        if (__builtin_mul_overflow(n_records - 1, all.record_size, &last) ||
            __builtin_add_overflow(last, all.last_begin, &last) || __builtin_add_overflow(last, all.last_size, &last)) {
            broken(h, "records beyond any file");
            return;
        }
        if (last > end) end = last;
    }
    if (end > h->size)
        h->status = h->host->error(AZ_ERROR_DATA,
                                   "%s: broken NetCDF-3 file: it ends after %llu bytes, its data only at byte %llu; "
                                   "fetch or write it again",
                                   h->path, (unsigned long long)h->size, (unsigned long long)end);
}

az_status az_io_classic_check(const az_io_host *host, const char *path)
{
    struct stat about;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &about)) {
        int reason = errno;
        if (descriptor >= 0) close(descriptor);
        return host->error(AZ_ERROR_NO_INPUT, "%s: cannot be read: %s", path, strerror(reason));
    }
    void *mapped = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    int reason = errno;
    close(descriptor);
    if (mapped == MAP_FAILED) return host->error(AZ_ERROR_IO, "%s: cannot be read: %s", path, strerror(reason));
    header h = {.host = host, .path = path, .bytes = mapped, .size = (uint64_t)about.st_size, .at = 4};
    h.version = h.bytes[3];
    check(&h);
    host->release(h.lengths);
    munmap(mapped, (size_t)about.st_size);
    return h.status;
}
