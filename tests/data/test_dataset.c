/* SPDX-License-Identifier: BSD-3-Clause */
/* Datasets: values, masks and dates against python3-netcdf4 (tests/data/reference/freeze_fields.py), and what the
 * functions of <ansatz/field.h> say of a file. */
#include "fields.h"
#include "frozen_fields.h"

enum { N_FROZEN = sizeof frozen_fields / sizeof frozen_fields[0] };

static double *read_whole(const az_dataset *dataset, int64_t field, int64_t *n)
{
    int64_t start[AZ_FIELD_DIMS] = {0}, count[AZ_FIELD_DIMS];
    *n = 1;
    for (int64_t i = 0; i < az_dataset_field_n_dimensions(dataset, field); i++) {
        count[i] = az_dataset_dimension_size(dataset, az_dataset_field_dimension(dataset, field, i));
        *n *= count[i];
    }
    double *values = az_alloc_array(*n, sizeof *values);
    assert_non_null(values);
    if (az_dataset_read(dataset, field, start, count, values)) fail_msg("%s", az_error_message());
    return values;
}

static void check_value(const char *name, double value, double expected, double tolerance)
{
    if (isnan(expected) ? !isnan(value) : !(fabs(value - expected) <= tolerance))
        fail_msg("%s: %.17g, but %.17g by netCDF4", name, value, expected);
}

static void check_field(int i)
{
    char path[4096];
    az_dataset *dataset = NULL;
    int64_t field, n;
    const char *name = frozen_fields[i].name;
    find_file(frozen_fields[i].file, path);
    if (az_dataset_open(&dataset, path, NULL)) fail_msg("%s", az_error_message());
    assert_int_equal(az_dataset_find(dataset, name, &field), AZ_OK);
    assert_string_equal(az_dataset_field_name(dataset, field), name);
    assert_string_equal(az_dataset_field_type(dataset, field), frozen_fields[i].type);
    double *values = read_whole(dataset, field, &n), sum = 0, smallest = INFINITY, largest = -INFINITY, size = 0;
    int64_t n_masked = 0;
    for (int64_t k = 0; k < n; k++) {
        if (isnan(values[k])) {
            n_masked++;
            continue;
        }
        sum += values[k];
        size += fabs(values[k]);
        smallest = fmin(smallest, values[k]);
        largest = fmax(largest, values[k]);
    }
    assert_int_equal(n, frozen_fields[i].n);
    assert_int_equal(n_masked, frozen_fields[i].n_masked);
    if (n_masked < n) {
        check_value(name, sum, frozen_fields[i].sum, 1e-12 * size);
        check_value(name, smallest, frozen_fields[i].smallest, 0);
        check_value(name, largest, frozen_fields[i].largest, 0);
    }
    for (int k = 0; k < 3; k++) check_value(name, values[frozen_fields[i].place[k]], frozen_fields[i].value[k], 0);
    const az_field *about = &dataset->fields[field];
    assert_int_equal(about->is_time, frozen_fields[i].dates[0] != NULL);
    for (int k = 0; k < 2 && about->is_time; k++) {
        char date[AZ_TIME_MAX];
        az_time_print(date, &about->time, values[k == 0 ? 0 : n - 1]);
        assert_string_equal(date, frozen_fields[i].dates[k]);
    }
    az_free(values);
    az_dataset_free(dataset);
}

static void values_are_those_of_netcdf4(void **state)
{
    (void)state;
    need_netcdf();
    for (int i = 0; i < N_FROZEN; i++)
        if (frozen_fields[i].file[0] != '@') check_field(i);
}

static void values_of_real_data(void **state)
{
    (void)state;
    need_netcdf();
    if (!getenv("ANSATZ_DATA")) skip();
    for (int i = 0; i < N_FROZEN; i++)
        if (frozen_fields[i].file[0] == '@') check_field(i);
}

static void a_block_is_a_part_of_the_whole(void **state)
{
    (void)state;
    need_netcdf();
    char path[4096];
    az_dataset *dataset = NULL;
    int64_t field, n;
    find_file("odd.nc", path);
    assert_int_equal(az_dataset_open(&dataset, path, NULL), AZ_OK);
    assert_int_equal(az_dataset_find(dataset, "packed_range", &field), AZ_OK);
    double *whole = read_whole(dataset, field, &n), block[6];
    assert_int_equal(az_dataset_read(dataset, field, (int64_t[]){2, 1}, (int64_t[]){2, 3}, block), AZ_OK);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) {
            double expected = whole[(2 + i) * 4 + 1 + j], value = block[i * 3 + j];
            assert_true(value == expected || (isnan(value) && isnan(expected)));
        }
    assert_int_equal(az_dataset_read(dataset, field, (int64_t[]){5, 0}, (int64_t[]){2, 1}, block), AZ_ERROR_USAGE);
    assert_int_equal(az_dataset_read(dataset, field, (int64_t[]){-1, 0}, (int64_t[]){1, 1}, block), AZ_ERROR_USAGE);
    az_free(whole);

    /* All 256 values of a byte are in use: no default fill value is taken for missing (netcdf.h, NC_FILL_BYTE). */
    assert_int_equal(az_dataset_find(dataset, "bytes", &field), AZ_OK);
    whole = read_whole(dataset, field, &n);
    for (int64_t i = 0; i < n; i++) assert_true(whole[i] == (double)i - 127);
    az_free(whole);
    az_dataset_free(dataset);
}

static void texts_and_names(void **state)
{
    (void)state;
    need_netcdf();
    char path[4096];
    az_dataset *dataset = NULL;
    int64_t field, start = 0, count = 4;
    const char *texts[4];
    double value[4];
    az_arena arena = {0};
    find_file("odd.nc", path);
    assert_int_equal(az_dataset_open(&dataset, path, NULL), AZ_OK);
    assert_int_equal(az_dataset_find(dataset, "label", &field), AZ_OK);
    assert_int_equal(az_dataset_field_n_dimensions(dataset, field), 1);
    assert_string_equal(az_dataset_dimension_name(dataset, az_dataset_field_dimension(dataset, field, 0)), "station");
    assert_int_equal(az_dataset_read_text(dataset, field, &start, &count, &arena, texts), AZ_OK);
    assert_string_equal(texts[0], "Oslo");
    assert_string_equal(texts[1], "Kyoto");
    assert_null(texts[2]);
    assert_string_equal(texts[3], "Lima");
    assert_int_equal(az_dataset_read(dataset, field, &start, &count, value), AZ_ERROR_DATA);
    az_arena_free(&arena);
    assert_int_equal(az_dataset_find(dataset, "missing_lists", &field), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "did you mean \"missing_list\"?"));
    assert_int_equal(az_dataset_find(dataset, "temperature", &field), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "its variables are time, packed_range"));
    az_dataset_free(dataset);
}

static void what_is_no_dataset(void **state)
{
    (void)state;
    char path[4096];
    az_dataset *dataset = NULL;
    assert_int_equal(az_dataset_open(&dataset, "/nowhere/x.nc", NULL), AZ_ERROR_NO_INPUT);
    snprintf(path, sizeof path, "%s/README.md", AZ_SOURCE_DIR);
    assert_int_equal(az_dataset_open(&dataset, path, NULL), AZ_ERROR_DATA);
    assert_null(dataset);
    assert_true(az_dataset_recognise("CDF\1....", 8));
    assert_true(az_dataset_recognise("\x89HDF\r\n\x1a\n", 8));
    assert_true(az_dataset_recognise("\0\0\x08\1\0\0\0\5", 8));
    assert_false(az_dataset_recognise("\0\0\x0a\1\0\0\0\5", 8));
    assert_false(az_dataset_recognise("a,b\n1,2\n", 8));
    assert_false(az_dataset_recognise("CDF", 3));
    assert_false(az_dataset_recognise("", 0));
    /* A workbook is a zip archive too, whose first member is no array. */
    static const char workbook[] = "PK\3\4\24\0\0\0\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\6\0\0\0xl/a.x";
    static const char arrays[] = "PK\3\4\24\0\0\0\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0x.npy";
    assert_false(az_dataset_recognise(workbook, sizeof workbook - 1));
    assert_true(az_dataset_recognise(arrays, sizeof arrays - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_netcdf4),
        cmocka_unit_test(values_of_real_data),
        cmocka_unit_test(a_block_is_a_part_of_the_whole),
        cmocka_unit_test(texts_and_names),
        cmocka_unit_test(what_is_no_dataset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
