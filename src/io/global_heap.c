/* SPDX-License-Identifier: BSD-3-Clause */
/* The global heaps of an HDF5 file, where strings of any length lie, checked before libhdf5 reads them: it believes the
 * sizes of their objects (as of version 1.10), so that a size of 0, as in a file whose end was never filled, keeps it
 * busy for ever, and one beyond the heap makes it copy from there.  HDF5 File Format Specification, sections II.A
 * and III.E. */
#define _GNU_SOURCE /* memmem */
#include "io/io.h"

#ifdef AZ_HAVE_HDF5
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger files are not searched: it would take longer than reading what is asked for. */
static const int64_t largest = (int64_t)1 << 28;

static uint64_t little_endian(const unsigned char *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i > 0; i--) value = value << 8 | bytes[i - 1];
    return value;
}

static size_t aligned(uint64_t n)
{
    return (size_t)((n + 7) & ~(uint64_t)7);
}

/* A heap that begins here: signature, version, three zeros, its size; objects of index, count of references, four
 * zeros and size, of which index 0 is free space, with its header counted in. */
static bool is_sound(const unsigned char *heap, size_t n_left, size_t length_size)
{
    const size_t header = aligned(8 + length_size), object_header = aligned(8 + length_size);
    uint64_t size = little_endian(heap + 8, length_size);
    if (size < header || size > n_left) return false;
    size_t at = header;
    while (at + object_header <= size) {
        uint64_t index = little_endian(heap + at, 2), n_bytes = little_endian(heap + at + 8, length_size);
        if (n_bytes > size) return false;
        uint64_t need = index ? object_header + aligned(n_bytes) : n_bytes;
        if (need < object_header || need > size - at) return false;
        at += (size_t)need;
    }
    return true;
}

/* The size of lengths in the superblock, whose place depends on its version. */
static size_t size_of_lengths(const unsigned char *bytes, size_t n)
{
    static const char signature[8] = "\x89HDF\r\n\x1a\n";
    for (size_t at = 0; at + 16 <= n; at = at ? 2 * at : 512)
        if (memcmp(bytes + at, signature, sizeof signature) == 0) return bytes[at + (bytes[at + 8] < 2 ? 14 : 10)];
    return 0;
}

static bool heaps_are_sound(const unsigned char *bytes, size_t n)
{
    /* With the version and the three zeros the signature is too long to turn up among the numbers by chance. */
    static const char signature[8] = {'G', 'C', 'O', 'L', 1, 0, 0, 0};
    const size_t length_size = size_of_lengths(bytes, n);
    if (length_size < 2 || length_size > 8) return true; /* libhdf5 refuses the file */
    for (size_t at = 0; at < n;) {
        const unsigned char *heap = memmem(bytes + at, n - at, signature, sizeof signature);
        if (!heap) return true;
        at = (size_t)(heap - bytes) + sizeof signature;
        if (n - at < length_size || !is_sound(heap, n - (size_t)(heap - bytes), length_size)) return false;
    }
    return true;
}

az_status az_io_heap_check(const az_io_host *host, const char *path)
{
    struct stat about;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return AZ_OK; /* libhdf5 will say so */
    void *mapped = MAP_FAILED;
    if (!fstat(descriptor, &about) && about.st_size > 0 && about.st_size <= largest)
        mapped = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    close(descriptor);
    if (mapped == MAP_FAILED) return AZ_OK;
    bool sound = heaps_are_sound(mapped, (size_t)about.st_size);
    munmap(mapped, (size_t)about.st_size);
    if (sound) return AZ_OK;
    return host->error(AZ_ERROR_DATA, "%s: broken HDF5 file: its heap of strings; fetch or write it again", path);
}
#endif
