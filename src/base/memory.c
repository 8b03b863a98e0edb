/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void *system_resize(void *user, void *pointer, size_t n_bytes)
{
    (void)user;
    return realloc(pointer, n_bytes);
}

static void system_release(void *user, void *pointer)
{
    (void)user;
    free(pointer);
}

static const az_allocator system_allocator = {system_resize, system_release, NULL};
static az_allocator allocator = {system_resize, system_release, NULL};

void az_set_allocator(const az_allocator *replacement)
{
    allocator = replacement ? *replacement : system_allocator;
}

static void *out_of_memory(size_t n_bytes)
{
    az_error(AZ_ERROR_MEMORY, "out of memory: %zu bytes could not be allocated", n_bytes);
    return NULL;
}

void *az_realloc(void *pointer, size_t n_bytes)
{
    if (n_bytes == 0) n_bytes = 1;
    if (n_bytes > PTRDIFF_MAX) return out_of_memory(n_bytes);
    void *result = allocator.resize(allocator.user, pointer, n_bytes);
    return result ? result : out_of_memory(n_bytes);
}

void *az_alloc(size_t n_bytes)
{
    return az_realloc(NULL, n_bytes);
}

void *az_alloc_zero(size_t n_bytes)
{
    void *result = az_alloc(n_bytes);
    if (result) memset(result, 0, n_bytes);
    return result;
}

void az_free(void *pointer)
{
    if (pointer) allocator.release(allocator.user, pointer);
}

void *az_realloc_array(void *pointer, int64_t count, size_t size)
{
    size_t n_bytes;
    if (count < 0 || __builtin_mul_overflow((size_t)count, size, &n_bytes)) return out_of_memory(SIZE_MAX);
    return az_realloc(pointer, n_bytes);
}

void *az_alloc_array(int64_t count, size_t size)
{
    return az_realloc_array(NULL, count, size);
}

char *az_strndup(const char *text, size_t length)
{
    char *copy = az_alloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

char *az_strdup(const char *text)
{
    return az_strndup(text, strlen(text));
}

typedef struct az_arena_block {
    struct az_arena_block *next;
    size_t used, size;
    _Alignas(16) unsigned char bytes[];
} az_arena_block;

enum { ARENA_BLOCK = 1 << 14, ARENA_ALIGN = 16 };

void *az_arena_alloc(az_arena *arena, size_t n_bytes)
{
    if (n_bytes > PTRDIFF_MAX - sizeof(az_arena_block) - ARENA_ALIGN) return out_of_memory(n_bytes);
    size_t rounded = (n_bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    az_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < rounded) {
        size_t size = rounded > ARENA_BLOCK ? rounded : ARENA_BLOCK;
        block = az_alloc(sizeof *block + size);
        if (!block) return NULL;
        block->used = 0;
        block->size = size;
        if (rounded > ARENA_BLOCK && arena->blocks) { /* a large piece of its own goes behind the block in use */
            block->next = arena->blocks->next;
            arena->blocks->next = block;
        } else {
            block->next = arena->blocks;
            arena->blocks = block;
        }
    }
    void *result = block->bytes + block->used;
    block->used += rounded;
    return result;
}

char *az_arena_strndup(az_arena *arena, const char *text, size_t length)
{
    char *copy = az_arena_alloc(arena, length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

void az_arena_take(az_arena *arena, az_arena *from)
{
    az_arena_block **end = &arena->blocks;
    while (*end) end = &(*end)->next;
    *end = from->blocks;
    from->blocks = NULL;
}

void az_arena_free(az_arena *arena)
{
    az_arena_block *block = arena->blocks;
    while (block) {
        az_arena_block *next = block->next;
        az_free(block);
        block = next;
    }
    arena->blocks = NULL;
}
