/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/file.h"
#include "base/memory.h"
#include "base/safetensors.h"
#include "fail_allocation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[64];

static int make_path(void **state)
{
    (void)state;
    strcpy(path, "/tmp/ansatz-test-bundle-XXXXXX");
    int descriptor = mkstemp(path);
    return descriptor < 0 || close(descriptor);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

static const double weights[6] = {0.1, -2.5, NAN, INFINITY, -0.0, 5e-324};
static const int32_t codes[3] = {7, -1, INT32_MIN};
static const uint8_t flags[5] = {0, 1, 255, 3, 4};
static const int64_t counts[2] = {INT64_MIN, INT64_MAX};
static const float halves[3] = {0.5f, 1.5f, -2.5f};

/* Arrays in an order of sizes that would leave holes if they were laid down as they come. */
static az_status fill(az_bundle *bundle)
{
    AZ_TRY(az_bundle_put_i32(bundle, "codes", codes, 3));
    AZ_TRY(az_bundle_put(bundle, "flags", AZ_DTYPE_U8, 1, (const int64_t[]){5}, flags));
    AZ_TRY(az_bundle_put(bundle, "weights", AZ_DTYPE_F64, 2, (const int64_t[]){2, 3}, weights));
    AZ_TRY(az_bundle_put(bundle, "counts", AZ_DTYPE_I64, 1, (const int64_t[]){2}, counts));
    AZ_TRY(az_bundle_put(bundle, "halves", AZ_DTYPE_F32, 1, (const int64_t[]){3}, halves));
    AZ_TRY(az_bundle_put_scalar(bundle, "alpha \"\xc3\xa4\"\n", 0.25));
    AZ_TRY(az_bundle_put_f64(bundle, "none", NULL, 0));
    return az_bundle_set_document(bundle, "{\"model\": \"ridge\"}");
}

static void there_and_back(void **state)
{
    (void)state;
    az_bundle *bundle = NULL, *back = NULL;
    assert_int_equal(az_bundle_new(&bundle), AZ_OK);
    assert_string_equal(az_bundle_document(bundle), "");
    assert_int_equal(fill(bundle), AZ_OK);
    assert_int_equal(az_bundle_put_f64(bundle, "weights", weights, 6), AZ_ERROR_INTERNAL);
    assert_int_equal(az_bundle_write(bundle, path), AZ_OK);
    assert_int_equal(az_bundle_read(&back, path), AZ_OK);
    assert_string_equal(az_bundle_document(back), "{\"model\": \"ridge\"}");
    assert_int_equal(az_bundle_n_arrays(back), az_bundle_n_arrays(bundle));
    for (int64_t i = 0; i < az_bundle_n_arrays(bundle); i++)
        assert_string_equal(az_bundle_array(back, i)->name, az_bundle_array(bundle, i)->name);
    assert_null(az_bundle_array(back, 7));
    assert_null(az_bundle_array(back, -1));

    const double *numbers;
    const int32_t *integers;
    int64_t n;
    double alpha;
    assert_int_equal(az_bundle_get_f64(back, "weights", 6, &numbers, NULL), AZ_OK);
    assert_memory_equal(numbers, weights, sizeof weights);
    assert_int_equal((uintptr_t)numbers % sizeof(double), 0);
    assert_int_equal(az_bundle_find(back, "weights")->shape[1], 3);
    assert_int_equal(az_bundle_get_i32(back, "codes", -1, &integers, &n), AZ_OK);
    assert_int_equal(n, 3);
    assert_memory_equal(integers, codes, sizeof codes);
    assert_memory_equal(az_bundle_find(back, "flags")->data, flags, sizeof flags);
    assert_memory_equal(az_bundle_find(back, "counts")->data, counts, sizeof counts);
    assert_memory_equal(az_bundle_find(back, "halves")->data, halves, sizeof halves);
    assert_int_equal(az_bundle_get_scalar(back, "alpha \"\xc3\xa4\"\n", &alpha), AZ_OK);
    assert_true(alpha == 0.25);
    assert_int_equal(az_bundle_get_f64(back, "none", -1, &numbers, &n), AZ_OK);
    assert_int_equal(n, 0);

    assert_int_equal(az_bundle_get_f64(back, "missing", -1, &numbers, NULL), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "missing"));
    assert_int_equal(az_bundle_get_f64(back, "weights", 5, &numbers, NULL), AZ_ERROR_DATA);
    assert_int_equal(az_bundle_get_f64(back, "codes", 3, &numbers, NULL), AZ_ERROR_DATA);
    assert_int_equal(az_bundle_get_i32(back, "weights", 6, &integers, NULL), AZ_ERROR_DATA);
    assert_int_equal(az_bundle_get_scalar(back, "weights", &alpha), AZ_ERROR_DATA);
    az_bundle_free(back);
    az_bundle_free(bundle);
    az_bundle_free(NULL);
}

static void equal_bundles_give_equal_bytes(void **state)
{
    (void)state;
    az_file files[2];
    for (int i = 0; i < 2; i++) {
        az_bundle *bundle = NULL;
        assert_int_equal(az_bundle_new(&bundle), AZ_OK);
        assert_int_equal(fill(bundle), AZ_OK);
        assert_int_equal(az_bundle_write(bundle, path), AZ_OK);
        az_bundle_free(bundle);
        assert_int_equal(az_file_open(&files[i], path, NULL), AZ_OK); /* still the first one's after the rename */
    }
    assert_int_equal(files[0].size, files[1].size);
    assert_memory_equal(files[0].data, files[1].data, files[0].size);
    uint64_t length;
    memcpy(&length, files[0].data, sizeof length);
    assert_int_equal((length + sizeof length) % 64, 0);
    az_file_close(&files[0]);
    az_file_close(&files[1]);
}

/* A file from its header and so many bytes of data. */
static az_status parse(const char *header, size_t n_data, az_bundle **bundle)
{
    size_t n_header = strlen(header);
    uint64_t length = n_header;
    char *bytes = az_alloc_zero(sizeof length + n_header + n_data);
    if (!bytes) return AZ_ERROR_MEMORY;
    memcpy(bytes, &length, sizeof length);
    memcpy(bytes + sizeof length, header, n_header);
    az_status status = az_bundle_parse(bundle, bytes, sizeof length + n_header + n_data, "FILE.az");
    az_free(bytes);
    return status;
}

static void foreign_files(void **state)
{
    (void)state;
    az_bundle *bundle;
    const double *numbers;
    /* As other programs write them: other metadata, any order, an array that is not aligned for its type. */
    assert_int_equal(
        parse("{\"__metadata__\":{\"format\":\"pt\"},\"b\":{\"dtype\":\"F64\",\"shape\":[1,1],\"data_offsets\":[3,11]},"
              "\"a\":{\"data_offsets\":[0,3],\"shape\":[3],\"dtype\":\"U8\"}}  ",
              11, &bundle),
        AZ_OK);
    assert_int_equal(az_bundle_get_f64(bundle, "b", 1, &numbers, NULL), AZ_OK);
    assert_int_equal((uintptr_t)numbers % sizeof(double), 0);
    assert_string_equal(az_bundle_document(bundle), "");
    az_bundle_free(bundle);
    assert_int_equal(parse("{}", 0, &bundle), AZ_OK);
    assert_int_equal(az_bundle_n_arrays(bundle), 0);
    az_bundle_free(bundle);
}

static void nothing_in_a_header_is_trusted(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t n_data;
    } cases[] = {
        {"", 0},
        {"[]", 0},
        {"{", 0},
        {"{}", 8}, /* data that belong to nothing */
        {"{\"a\":1}", 0},
        {"{\"a\":{}}", 0},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 7},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 9},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,0]}}", 8},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[-1],\"data_offsets\":[0,8]}}", 8},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[1.0],\"data_offsets\":[0,8]}}", 8},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[-8,0]}}", 8},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8,8]}}", 8},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8],\"more\":1}}", 8},
        {"{\"a\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]}}", 8},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}", 0},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[99999999999999999999],\"data_offsets\":[0,0]}}", 0},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_"
         "offsets\":[1,3]}}",
         3},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_"
         "offsets\":[0,2]}}",
         2},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_"
         "offsets\":[2,3]}}",
         3},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_"
         "offsets\":[0,1]}}",
         1},
        {"{\"__metadata__\":[]}", 0},
        {"{\"__metadata__\":{\"ansatz\":1}}", 0},
        {"{\"\xff\":1}", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        az_bundle *bundle = NULL;
        if (parse(cases[i].header, cases[i].n_data, &bundle) != AZ_ERROR_DATA)
            fail_msg("accepted: %s", cases[i].header);
        assert_null(bundle);
        if (!strstr(az_error_message(), "FILE.az")) fail_msg("no path in: %s", az_error_message());
    }
    char deep[20000];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    az_bundle *bundle = NULL;
    assert_int_equal(parse(deep, 0, &bundle), AZ_ERROR_DATA);
    const uint64_t huge = UINT64_MAX;
    assert_int_equal(az_bundle_parse(&bundle, &huge, sizeof huge, "FILE.az"), AZ_ERROR_DATA);
    assert_int_equal(az_bundle_parse(&bundle, "short", 5, "FILE.az"), AZ_ERROR_DATA);
}

static void every_cut_is_noticed(void **state)
{
    (void)state;
    az_bundle *bundle = NULL;
    az_file file;
    assert_int_equal(az_bundle_new(&bundle), AZ_OK);
    assert_int_equal(fill(bundle), AZ_OK);
    assert_int_equal(az_bundle_write(bundle, path), AZ_OK);
    az_bundle_free(bundle);
    assert_int_equal(az_file_open(&file, path, NULL), AZ_OK);
    for (size_t n = 0; n < file.size; n++) {
        char *exact = az_alloc(n); /* so that the address sanitizer sees the first byte past the end */
        memcpy(exact, file.data, n);
        assert_int_equal(az_bundle_parse(&bundle, exact, n, "FILE.az"), AZ_ERROR_DATA);
        az_free(exact);
    }
    az_file_close(&file);
}

static az_status write_and_read(void *context)
{
    (void)context;
    az_bundle *bundle = NULL, *back = NULL;
    az_status status;
    AZ_GOTO(az_bundle_new(&bundle));
    AZ_GOTO(fill(bundle));
    for (int i = 0; i < 20; i++) { /* so many that the lists grow */
        char name[32];
        snprintf(name, sizeof name, "more_%d", i);
        AZ_GOTO(az_bundle_put_scalar(bundle, name, i));
    }
    AZ_GOTO(az_bundle_write(bundle, path));
    AZ_GOTO(az_bundle_read(&back, path));
done:
    az_bundle_free(bundle);
    az_bundle_free(back);
    return status;
}

static void out_of_memory(void **state)
{
    (void)state;
    assert_true(fail_each_allocation(write_and_read, NULL) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),       cmocka_unit_test(equal_bundles_give_equal_bytes),
        cmocka_unit_test(foreign_files),        cmocka_unit_test(nothing_in_a_header_is_trusted),
        cmocka_unit_test(every_cut_is_noticed), cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
