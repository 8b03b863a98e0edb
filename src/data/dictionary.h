/* SPDX-License-Identifier: BSD-3-Clause */
/* A dictionary: distinct strings, numbered from 0 in order of first appearance. */
#ifndef AZ_DATA_DICTIONARY_H
#define AZ_DATA_DICTIONARY_H

#include "base/memory.h"

typedef struct az_dictionary_entry {
    const char *text;
    size_t length;
    uint64_t hash;
} az_dictionary_entry;

/* Zero-initialise; az_dictionary_free releases what the dictionary owns and clears it (never the strings). */
typedef struct az_dictionary {
    az_dictionary_entry *entries;
    int32_t *slots; /* open addressing: entry number, or -1 */
    int32_t n_entries;
    int64_t n_slots, capacity;
} az_dictionary;

/* The number of the string, which is added if it is new: copied (with a terminating 0) into the arena, or borrowed
 * where `arena` is NULL.  AZ_ERROR_DATA past 2^31 - 1 strings. */
az_status az_dictionary_add(az_dictionary *dictionary, az_arena *arena, const char *text, size_t length, int32_t *code);

/* The number of the string, or -1. */
int32_t az_dictionary_find(const az_dictionary *dictionary, const char *text, size_t length);

/* The strings in order of their numbers, as an array that the caller frees; they must have been copied or end in 0. */
az_status az_dictionary_levels(const az_dictionary *dictionary, char ***levels);

void az_dictionary_free(az_dictionary *dictionary);

#endif
