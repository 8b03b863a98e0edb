/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/dictionary.h"

#include <string.h>

/* Eight bytes at a time through a multiplication by an odd constant (2^64 over the golden ratio) and a rotation: codes
 * are given in order of appearance, so that the choice of hash changes speed and never a result. */
static uint64_t hash_bytes(const char *text, size_t length)
{
    uint64_t hash = length * 0x9e3779b97f4a7c15u;
    while (length > 0) {
        uint64_t word = 0;
        size_t n = length < 8 ? length : 8;
        memcpy(&word, text, n);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
        text += n;
        length -= n;
    }
    return hash;
}

/* The slot that holds the string, or the empty one where it belongs.  At least one slot is always empty. */
static int64_t find_slot(const az_dictionary *dictionary, const char *text, size_t length, uint64_t hash)
{
    int64_t mask = dictionary->n_slots - 1, slot = (int64_t)(hash >> 1) & mask;
    for (;; slot = (slot + 1) & mask) {
        int32_t code = dictionary->slots[slot];
        if (code < 0) return slot;
        const az_dictionary_entry *entry = &dictionary->entries[code];
        if (entry->hash == hash && entry->length == length && memcmp(entry->text, text, length) == 0) return slot;
    }
}

static az_status grow(az_dictionary *dictionary)
{
    int64_t n_slots = dictionary->n_slots ? 2 * dictionary->n_slots : 16;
    az_dictionary_entry *entries = az_realloc_array(dictionary->entries, n_slots / 2, sizeof *entries);
    if (!entries) return AZ_ERROR_MEMORY;
    dictionary->entries = entries;
    dictionary->capacity = n_slots / 2;
    int32_t *slots;
    AZ_TRY(AZ_NEW_ARRAY(slots, n_slots));
    az_free(dictionary->slots);
    dictionary->slots = slots;
    dictionary->n_slots = n_slots;
    for (int64_t i = 0; i < n_slots; i++) slots[i] = -1;
    for (int32_t code = 0; code < dictionary->n_entries; code++) {
        int64_t slot = (int64_t)(entries[code].hash >> 1) & (n_slots - 1);
        while (slots[slot] >= 0) slot = (slot + 1) & (n_slots - 1);
        slots[slot] = code;
    }
    return AZ_OK;
}

az_status az_dictionary_add(az_dictionary *dictionary, az_arena *arena, const char *text, size_t length, int32_t *code)
{
    uint64_t hash = hash_bytes(text, length);
    int64_t slot = -1;
    if (dictionary->n_slots) {
        slot = find_slot(dictionary, text, length, hash);
        if (dictionary->slots[slot] >= 0) {
            *code = dictionary->slots[slot];
            return AZ_OK;
        }
    }
    if (dictionary->n_entries == INT32_MAX) return az_error(AZ_ERROR_DATA, "more than %d distinct texts", INT32_MAX);
    if (dictionary->n_entries >= dictionary->capacity) {
        AZ_TRY(grow(dictionary));
        slot = find_slot(dictionary, text, length, hash);
    }
    if (arena) {
        text = az_arena_strndup(arena, text, length);
        if (!text) return AZ_ERROR_MEMORY;
    }
    *code = dictionary->n_entries++;
    dictionary->slots[slot] = *code;
    dictionary->entries[*code] = (az_dictionary_entry){text, length, hash};
    return AZ_OK;
}

int32_t az_dictionary_find(const az_dictionary *dictionary, const char *text, size_t length)
{
    if (!dictionary->n_slots) return -1;
    return dictionary->slots[find_slot(dictionary, text, length, hash_bytes(text, length))];
}

az_status az_dictionary_levels(const az_dictionary *dictionary, char ***levels)
{
    AZ_TRY(AZ_NEW_ARRAY(*levels, dictionary->n_entries));
    for (int32_t code = 0; code < dictionary->n_entries; code++)
        (*levels)[code] = (char *)(uintptr_t)dictionary->entries[code].text;
    return AZ_OK;
}

void az_dictionary_free(az_dictionary *dictionary)
{
    az_free(dictionary->entries);
    az_free(dictionary->slots);
    memset(dictionary, 0, sizeof *dictionary);
}
