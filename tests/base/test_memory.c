/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocation, arenas, and the error text. */
#include "base/memory.h"
#include "base/status.h"
#include "fail_allocation.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void arrays(void **state)
{
    (void)state;
    double *values;
    assert_int_equal(AZ_NEW_ARRAY(values, 0), AZ_OK);
    az_free(values);
    assert_int_equal(AZ_NEW_ARRAY(values, -1), AZ_ERROR_MEMORY);
    assert_int_equal(AZ_NEW_ARRAY(values, INT64_MAX / 4), AZ_ERROR_MEMORY);
    assert_non_null(strstr(az_error_message(), "out of memory"));
    int *zero;
    assert_int_equal(AZ_NEW_ZERO(zero), AZ_OK);
    assert_int_equal(*zero, 0);
    az_free(zero);
    az_free(NULL);
    char *copy = az_strndup("abcdef", 3);
    assert_string_equal(copy, "abc");
    az_free(copy);
}

static void arenas(void **state)
{
    (void)state;
    az_arena arena = {0};
    unsigned char *pieces[300];
    for (size_t i = 0; i < 300; i++) { /* small ones, and some larger than a block */
        size_t size = i % 50 == 0 ? 40000 : i;
        pieces[i] = az_arena_alloc(&arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < 300; i++) {
        size_t size = i % 50 == 0 ? 40000 : i;
        for (size_t k = 0; k < size; k++) assert_int_equal(pieces[i][k], i % 251);
    }
    assert_string_equal(az_arena_strndup(&arena, "name", 2), "na");
    assert_null(az_arena_alloc(&arena, SIZE_MAX));
    az_arena_free(&arena);
    assert_null(arena.blocks);
    az_arena_free(&arena);
}

static az_status fill_arena(void *context)
{
    (void)context;
    az_arena arena = {0};
    az_status status = AZ_OK;
    for (size_t i = 0; i < 20 && !status; i++)
        if (!az_arena_alloc(&arena, 3000 * i)) status = AZ_ERROR_MEMORY;
    az_arena_free(&arena);
    return status;
}

static void out_of_memory(void **state)
{
    (void)state;
    assert_true(fail_each_allocation(fill_arena, NULL) > 10);
}

static void every_status_has_its_sentence(void **state)
{
    (void)state;
#define CHECK_SENTENCE(name, code, sentence)                                                               \
    assert_int_equal(name, code);                                                                          \
    assert_string_equal(az_status_text(name), sentence);
    AZ_STATUS_LIST(CHECK_SENTENCE)
#undef CHECK_SENTENCE
    assert_string_equal(az_status_text((az_status)99), "unknown status");
}

static void *other_thread(void *message)
{
    az_error(AZ_ERROR_DATA, "of the other thread");
    strcpy(message, az_error_message());
    return NULL;
}

static void error_text(void **state)
{
    (void)state;
    assert_int_equal(az_error(AZ_ERROR_DATA, "row %d", 7), AZ_ERROR_DATA);
    assert_string_equal(az_error_message(), "row 7");
    assert_int_equal(az_error_context(AZ_ERROR_IO, "%s", "a.csv"), AZ_ERROR_IO);
    assert_string_equal(az_error_message(), "a.csv: row 7");
    az_error(AZ_ERROR_DATA, "again: %s", az_error_message()); /* the old text may be an argument */
    assert_string_equal(az_error_message(), "again: a.csv: row 7");
    char longest[4000], theirs[64];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    az_error(AZ_ERROR_DATA, "%s", longest);
    size_t length = strlen(az_error_message());
    assert_true(length > 1000 && length < 4000);
    az_error_context(AZ_ERROR_DATA, "%s", longest);
    assert_int_equal(strlen(az_error_message()), length);
    az_error(AZ_ERROR_DATA, "mine");
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, other_thread, theirs), 0);
    pthread_join(thread, NULL);
    assert_string_equal(theirs, "of the other thread");
    assert_string_equal(az_error_message(), "mine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays),
        cmocka_unit_test(arenas),
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(every_status_has_its_sentence),
        cmocka_unit_test(error_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
