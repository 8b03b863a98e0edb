/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"
#include "base/text.h"
#include "fail_allocation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void growing(void **state)
{
    (void)state;
    az_text text = {0};
    assert_int_equal(az_text_status(&text), AZ_OK);
    for (int i = 0; i < 1000; i++) az_text_printf(&text, "%d,", i);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(strlen(text.data), text.length);
    assert_string_equal(text.data + text.length - 8, "998,999,");
    az_text_printf(&text, "%500s|", "right");
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4 + 501);
    az_text_free(&text);
    assert_null(text.data);
    az_text_number(&text, 0.1);
    az_text_append(&text, " ");
    az_text_rounded(&text, 2.0 / 3.0, 3);
    assert_string_equal(text.data, "0.1 0.667");
    az_text_free(&text);
}

static void lists(void **state)
{
    (void)state;
    char **items;
    int64_t n;
    assert_int_equal(az_list_split(" a, b c ,\"c,d\",`e f`, \"say \"\"so\"\"\" ", &items, &n), AZ_OK);
    assert_int_equal(n, 5);
    static const char *const expected[] = {"a", "b c", "c,d", "e f", "say \"so\""};
    for (int i = 0; i < 5; i++) assert_string_equal(items[i], expected[i]);
    az_free(items);
    assert_int_equal(az_list_split("sst[lat=-5,lon=170],b [K], c[1,2", &items, &n), AZ_OK);
    assert_int_equal(n, 4);
    assert_string_equal(items[0], "sst[lat=-5,lon=170]");
    assert_string_equal(items[1], "b [K]");
    assert_string_equal(items[2], "c[1");
    az_free(items);
    assert_int_equal(az_list_split("", &items, &n), AZ_OK);
    assert_int_equal(n, 0);
    az_free(items);
    assert_int_equal(az_list_split(NULL, &items, &n), AZ_OK);
    assert_int_equal(n, 0);
    az_free(items);
    assert_int_equal(az_list_split(",NA,", &items, &n), AZ_OK); /* empty items count: they stand for empty cells */
    assert_int_equal(n, 3);
    assert_string_equal(items[0], "");
    assert_string_equal(items[1], "NA");
    assert_string_equal(items[2], "");
    az_free(items);
    assert_int_equal(az_list_split("a,\"b", &items, &n), AZ_ERROR_USAGE);
    assert_int_equal(az_list_split("\"a\"b", &items, &n), AZ_ERROR_USAGE);
}

static void pairs(void **state)
{
    (void)state;
    char **keys, **values;
    int64_t n;
    assert_int_equal(az_list_pairs("lon=360, `a=b` = \"c,d\" ,flag,x=", &keys, &values, &n), AZ_OK);
    assert_int_equal(n, 4);
    assert_string_equal(keys[0], "lon");
    assert_string_equal(values[0], "360");
    assert_string_equal(keys[1], "a=b");
    assert_string_equal(values[1], "c,d");
    assert_string_equal(keys[2], "flag");
    assert_null(values[2]);
    assert_string_equal(keys[3], "x");
    assert_string_equal(values[3], "");
    az_free(keys);
    az_free(values);
    assert_int_equal(az_list_pairs("<=50K.=<50K", &keys, &values, &n), AZ_OK);
    assert_string_equal(keys[0], "<");
    az_free(keys);
    az_free(values);
    assert_int_equal(az_list_pairs("a=`b", &keys, &values, &n), AZ_ERROR_USAGE);
}

static const char *name_of(void *context, int64_t i)
{
    return ((const char *const *)context)[i];
}

static void the_nearest_name(void **state)
{
    (void)state;
    const char *names[] = {"linear", "logistic", "ridge", "lasso", "knn", "Temperature", "temperature", "T", NULL};
    assert_string_equal(az_nearest("lienar", name_of, names), "linear");
    assert_string_equal(az_nearest("lasoo", name_of, names), "lasso");
    assert_string_equal(az_nearest("LOGISTC", name_of, names), "logistic");
    assert_string_equal(az_nearest("kn", name_of, names), "knn");
    assert_string_equal(az_nearest("temperatur", name_of, names), "temperature");
    assert_string_equal(az_nearest("Temperatur", name_of, names), "Temperature");
    assert_string_equal(az_nearest("t", name_of, names), "T");
    assert_null(az_nearest("forest", name_of, names));
    assert_null(az_nearest("", name_of, names));
    char longest[400];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_null(az_nearest(longest, name_of, names));
}

static void utf8(void **state)
{
    (void)state;
    static const char *const good[] = {
        "", "abc", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xe2\x82",
                                      "\xe2\x82g",
                                      "\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(az_is_valid_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(az_is_valid_utf8(bad[i], strlen(bad[i])));
    assert_int_equal(az_display_width("abc"), 3);
    assert_int_equal(az_display_width("\xc3\xa4" "b"), 2);          /* a umlaut */
    assert_int_equal(az_display_width("a\xcc\x88" "b"), 2);         /* the same, combined */
    assert_int_equal(az_display_width("\xe6\xb8\xa9\xe5\xba\xa6"), 4); /* Chinese: temperature */
    assert_int_equal(az_display_width("\xf0\x9f\x98\x80"), 2);
    assert_int_equal(az_display_width("\xff" "a"), 2);
}

static az_status use_everything(void *context)
{
    (void)context;
    az_text text = {0};
    char **items = NULL, **keys = NULL, **values = NULL;
    int64_t n;
    az_status status;
    for (int i = 0; i < 100; i++) az_text_append(&text, "word,");
    az_text_printf(&text, "%600d", 1);
    az_text_number(&text, 0.5);
    AZ_GOTO(az_text_status(&text));
    AZ_GOTO(az_list_split("a,b", &items, &n));
    AZ_GOTO(az_list_pairs("a=b", &keys, &values, &n));
done:
    az_free(items);
    az_free(keys);
    az_free(values);
    az_text_free(&text);
    return status;
}

static void out_of_memory(void **state)
{
    (void)state;
    assert_true(fail_each_allocation(use_everything, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growing),          cmocka_unit_test(lists), cmocka_unit_test(pairs),
        cmocka_unit_test(the_nearest_name), cmocka_unit_test(utf8),  cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
