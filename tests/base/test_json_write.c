/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/json_write.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void write_sample(az_json *json)
{
    az_json_begin_object(json, NULL);
    az_json_int(json, "schema", 1);
    az_json_number(json, "r2", 0.1);
    az_json_number(json, "nan", NAN);
    az_json_number(json, "inf", -INFINITY);
    az_json_bool(json, "converged", true);
    az_json_string(json, "none", NULL);
    az_json_begin_array(json, "values");
    az_json_number(json, NULL, 1);
    az_json_number(json, NULL, 2.5);
    az_json_end_array(json);
    az_json_begin_array(json, "empty");
    az_json_end_array(json);
    az_json_begin_array(json, "results");
    for (int i = 0; i < 2; i++) {
        az_json_begin_object(json, NULL);
        az_json_int(json, "i", i);
        az_json_end_object(json);
    }
    az_json_end_array(json);
    az_json_begin_object(json, "nothing");
    az_json_end_object(json);
    az_json_end_object(json);
}

static void compact(void **state)
{
    (void)state;
    az_json json = {0};
    write_sample(&json);
    assert_int_equal(az_text_status(&json.text), AZ_OK);
    assert_string_equal(json.text.data,
                        "{\"schema\":1,\"r2\":0.1,\"nan\":null,\"inf\":null,\"converged\":true,\"none\":null,"
                        "\"values\":[1,2.5],\"empty\":[],\"results\":[{\"i\":0},{\"i\":1}],\"nothing\":{}}");
    az_text_free(&json.text);
}

static void pretty(void **state)
{
    (void)state;
    az_json json = {.pretty = true};
    write_sample(&json);
    assert_string_equal(json.text.data, "{\n"
                                        "  \"schema\": 1,\n"
                                        "  \"r2\": 0.1,\n"
                                        "  \"nan\": null,\n"
                                        "  \"inf\": null,\n"
                                        "  \"converged\": true,\n"
                                        "  \"none\": null,\n"
                                        "  \"values\": [1, 2.5],\n"
                                        "  \"empty\": [],\n"
                                        "  \"results\": [\n"
                                        "    {\n"
                                        "      \"i\": 0\n"
                                        "    },\n"
                                        "    {\n"
                                        "      \"i\": 1\n"
                                        "    }\n"
                                        "  ],\n"
                                        "  \"nothing\": {}\n"
                                        "}");
    az_text_free(&json.text);
}

/* Every byte there is, read back by another program's parser. */
static void strings(void **state)
{
    (void)state;
    char all[256];
    for (int i = 1; i < 128; i++) all[i - 1] = (char)i;
    all[127] = 0;
    az_json json = {0};
    az_json_begin_object(&json, NULL);
    az_json_string(&json, all, all);
    az_json_string(&json, "broken", "a\xff" "b\xc3");
    az_json_string(&json, "kept", "\xc3\xa4\xf0\x9f\x98\x80");
    az_json_end_object(&json);
    json_t *root = json_loads(json.text.data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, all)), all);
    assert_string_equal(json_string_value(json_object_get(root, "broken")), "a\xef\xbf\xbd" "b\xef\xbf\xbd");
    assert_string_equal(json_string_value(json_object_get(root, "kept")), "\xc3\xa4\xf0\x9f\x98\x80");
    json_decref(root);
    az_text_free(&json.text);
}

static void too_deep(void **state)
{
    (void)state;
    az_json json = {0};
    for (int i = 0; i < 64; i++) az_json_begin_array(&json, NULL);
    assert_int_equal(az_text_status(&json.text), AZ_OK);
    az_json_begin_array(&json, NULL);
    assert_true(json.text.failed);
    for (int i = 0; i < 65; i++) az_json_end_array(&json);
    az_text_free(&json.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact),
        cmocka_unit_test(pretty),
        cmocka_unit_test(strings),
        cmocka_unit_test(too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
