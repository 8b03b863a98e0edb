/* SPDX-License-Identifier: BSD-3-Clause */
/* NPZ: a zip archive (PKWARE's APPNOTE 6.3) of NPY files.  The central directory at the end of the file tells where the
 * members are; all that it says is checked against the file. */
#include "base/io.h"
#include "base/memory.h"
#include "data/npy.h"

#include <stdio.h>
#include <string.h>

static uint64_t little(const unsigned char *at, int n_bytes)
{
    uint64_t value = 0;
    for (int i = n_bytes - 1; i >= 0; i--) value = value << 8 | at[i];
    return value;
}

typedef struct zip_directory {
    uint64_t offset, size, n_entries;
} zip_directory;

static az_status broken(const npy_file *npz, const char *what)
{
    return az_error(AZ_ERROR_DATA, "%s is a broken NPZ archive: %s; save it again", npz->path, what);
}

/* The end record is the last thing in the file but for a comment of at most 65535 bytes (4.3.16); a zip64 locator
 * stands in front of it where numbers do not fit (4.3.15). */
static az_status find_directory(const npy_file *npz, zip_directory *directory)
{
    const unsigned char *bytes = (const unsigned char *)npz->file.data;
    size_t size = npz->file.size;
    if (size < 22) return broken(npz, "it has no directory");
    size_t at = size - 22, lowest = at > 65535 ? at - 65535 : 0;
    while (memcmp(bytes + at, "PK\5\6", 4) != 0 || little(bytes + at + 20, 2) != size - at - 22) {
        if (at == lowest) return broken(npz, "it has no directory (cut short?)");
        at--;
    }
    directory->n_entries = little(bytes + at + 10, 2);
    directory->size = little(bytes + at + 12, 4);
    directory->offset = little(bytes + at + 16, 4);
    if (at >= 20 && memcmp(bytes + at - 20, "PK\6\7", 4) == 0) {
        uint64_t record = little(bytes + at - 20 + 8, 8);
        if (record > size || size - record < 56 || memcmp(bytes + record, "PK\6\6", 4) != 0)
            return broken(npz, "its zip64 record is not where it should be");
        directory->n_entries = little(bytes + record + 32, 8);
        directory->size = little(bytes + record + 40, 8);
        directory->offset = little(bytes + record + 48, 8);
    }
    if (directory->offset > size || directory->size > size - directory->offset)
        return broken(npz, "its directory lies outside the file");
    if (directory->n_entries > directory->size / 46) return broken(npz, "its directory is too short for its members");
    return AZ_OK;
}

typedef struct zip_entry {
    const unsigned char *name;
    size_t name_length;
    uint64_t packed_size, size, offset;
    int method, flags;
    uint32_t checksum;
} zip_entry;

/* Sizes and offset of 0xffffffff stand in the zip64 extra field, in this order (4.5.3). */
static bool read_zip64(const unsigned char *extra, size_t length, zip_entry *entry)
{
    uint64_t *fields[] = {&entry->size, &entry->packed_size, &entry->offset};
    bool needed = false;
    for (int i = 0; i < 3; i++) needed |= *fields[i] == 0xffffffff;
    if (!needed) return true;
    while (length >= 4) {
        size_t n = (size_t)little(extra + 2, 2);
        if (n > length - 4) return false;
        if (little(extra, 2) == 1) {
            const unsigned char *at = extra + 4;
            for (int i = 0; i < 3; i++) {
                if (*fields[i] != 0xffffffff) continue;
                if (n < 8) return false;
                *fields[i] = little(at, 8);
                at += 8;
                n -= 8;
            }
            return true;
        }
        extra += 4 + n;
        length -= 4 + n;
    }
    return false;
}

/* The entry at *at, and *at moved past it. */
static bool read_entry(const unsigned char **at, const unsigned char *end, zip_entry *entry)
{
    const unsigned char *from = *at;
    if (end - from < 46 || memcmp(from, "PK\1\2", 4) != 0) return false;
    size_t name = (size_t)little(from + 28, 2), extra = (size_t)little(from + 30, 2);
    size_t comment = (size_t)little(from + 32, 2);
    if ((size_t)(end - from) - 46 < name + extra + comment) return false;
    *entry = (zip_entry){.name = from + 46,
                         .name_length = name,
                         .flags = (int)little(from + 8, 2),
                         .method = (int)little(from + 10, 2),
                         .checksum = (uint32_t)little(from + 16, 4),
                         .packed_size = little(from + 20, 4),
                         .size = little(from + 24, 4),
                         .offset = little(from + 42, 4)};
    *at = from + 46 + name + extra + comment;
    return read_zip64(from + 46 + name, extra, entry);
}

/* The reflected CRC-32 of zip (4.4.7), four bits at a time. */
static uint32_t crc32_of(const unsigned char *bytes, size_t n)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                       0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* The first n_wanted bytes of a deflated member. */
static az_status inflate(const npy_file *npz, const npy_member *member, unsigned char *out, size_t n_wanted)
{
    const az_io *io;
    void *stream = NULL;
    size_t position = 0, used = 0;
    bool ended = false;
    AZ_TRY(az_io_load(&io, "reading a compressed NPZ file"));
    if (!io->inflate_new)
        return az_error(AZ_ERROR_UNAVAILABLE,
                        "%s is compressed, and this build is without zlib; save it by numpy.savez()", npz->path);
    AZ_TRY(io->inflate_new(az_io_host_table(), 'r', &stream));
    az_status status = AZ_OK;
    while (!status && used < n_wanted && !ended) {
        size_t taken = 0, given = 0;
        status = io->inflate_next(stream, member->packed + position, member->n_packed - position, &taken, out + used,
                                  n_wanted - used, &given, &ended);
        position += taken;
        used += given;
        if (!status && taken == 0 && given == 0) break;
    }
    io->inflate_free(stream);
    if (status) return az_error_context(status, "%s: array \"%s\"", npz->path, member->name);
    if (used < n_wanted)
        return az_error(AZ_ERROR_DATA, "%s: array \"%s\" inflates to fewer bytes than announced", npz->path,
                        member->name);
    return AZ_OK;
}

az_status az_npz_inflate(npy_file *npz, npy_member *member)
{
    char *bytes = az_alloc(member->size);
    if (!bytes) return az_error_context(AZ_ERROR_MEMORY, "%s: array \"%s\"", npz->path, member->name);
    az_status status = inflate(npz, member, (unsigned char *)bytes, member->size);
    if (!status && crc32_of((const unsigned char *)bytes, member->size) != member->checksum)
        status = az_error(AZ_ERROR_DATA, "%s: the checksum of array \"%s\" is wrong; save the file again", npz->path,
                          member->name);
    if (status) {
        az_free(bytes);
        return status;
    }
    member->inflated = bytes;
    member->bytes = bytes + member->data;
    return AZ_OK;
}

static az_status open_member(npy_file *npz, const zip_entry *entry, npy_member *member)
{
    const unsigned char *bytes = (const unsigned char *)npz->file.data;
    size_t size = npz->file.size;
    char what[512];
    snprintf(what, sizeof what, "%.300s: array \"%.150s\"", npz->path, member->name);
    if (entry->flags & 1) return az_error(AZ_ERROR_DATA, "%s is encrypted", what);
    if (entry->method != 0 && entry->method != 8)
        return az_error(AZ_ERROR_DATA, "%s is packed by method %d; stored and deflated members are read", what,
                        entry->method);
    if (entry->offset > size || size - entry->offset < 30 || memcmp(bytes + entry->offset, "PK\3\4", 4) != 0)
        return az_error(AZ_ERROR_DATA, "%s is not where the directory says", what);
    size_t head = 30 + (size_t)little(bytes + entry->offset + 26, 2) + (size_t)little(bytes + entry->offset + 28, 2);
    size_t left = size - (size_t)entry->offset;
    if (left < head || entry->packed_size > left - head)
        return az_error(AZ_ERROR_DATA, "%s goes on past the end of the file", what);
    member->packed = bytes + entry->offset + head;
    member->n_packed = (size_t)entry->packed_size;
    member->size = (size_t)entry->size;
    member->checksum = entry->checksum;
    if (entry->method == 0) {
        if (entry->size != entry->packed_size) return az_error(AZ_ERROR_DATA, "%s has two sizes", what);
        AZ_TRY(az_npy_parse(member->packed, member->size, member->size, what, &member->array, &member->data));
        member->bytes = (const char *)member->packed + member->data;
        return AZ_OK;
    }
    /* Deflate packs at most 1032 to one (zlib's technical notes): more is a lie that would cost memory. */
    if (member->size / 1032 > member->n_packed)
        return az_error(AZ_ERROR_DATA, "%s cannot be as large as announced", what);
    size_t n_head = member->size < NPY_HEADER_MAX + 12 ? member->size : NPY_HEADER_MAX + 12;
    unsigned char *start = az_alloc(n_head);
    if (!start) return AZ_ERROR_MEMORY;
    az_status status = inflate(npz, member, start, n_head);
    if (!status) status = az_npy_parse(start, n_head, member->size, what, &member->array, &member->data);
    az_free(start);
    return status;
}

az_status az_npz_scan(npy_file *npz)
{
    zip_directory directory = {0};
    AZ_TRY(find_directory(npz, &directory));
    if (directory.n_entries == 0) return az_error(AZ_ERROR_DATA, "%s is an archive without arrays", npz->path);
    if (directory.n_entries > 100000)
        return az_error(AZ_ERROR_DATA, "%s has %llu members; up to 100000 arrays are read", npz->path,
                        (unsigned long long)directory.n_entries);
    npz->members = az_alloc_array((int64_t)directory.n_entries, sizeof *npz->members);
    if (!npz->members) return AZ_ERROR_MEMORY;
    const unsigned char *at = (const unsigned char *)npz->file.data + directory.offset, *end = at + directory.size;
    for (uint64_t i = 0; i < directory.n_entries; i++) {
        zip_entry entry;
        if (!read_entry(&at, end, &entry)) return broken(npz, "its directory cannot be read");
        size_t length = entry.name_length;
        if (length < 5 || memcmp(entry.name + length - 4, ".npy", 4) != 0 || memchr(entry.name, 0, length))
            return az_error(AZ_ERROR_DATA, "%s: its member \"%.*s\" is no array (NAME.npy)", npz->path,
                            (int)(length < 100 ? length : 100), (const char *)entry.name);
        npy_member *member = &npz->members[npz->n_members];
        *member = (npy_member){.name = az_strndup((const char *)entry.name, length - 4)};
        if (!member->name) return AZ_ERROR_MEMORY;
        npz->n_members++;
        AZ_TRY(open_member(npz, &entry, member));
        for (int32_t k = 0; k + 1 < npz->n_members; k++)
            if (strcmp(npz->members[k].name, member->name) == 0)
                return az_error(AZ_ERROR_DATA, "%s holds two arrays called \"%s\"", npz->path, member->name);
    }
    return AZ_OK;
}
