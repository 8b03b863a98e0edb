/* SPDX-License-Identifier: BSD-3-Clause */
/* Every file of fields in the folder $ANSATZ_DATA is opened, and its dimensions, number of variables, largest variable
 * and types are those that the folder's README states; everything else that the README lists is a text table (read by
 * test_shared_tables.c) or is refused with a word why. */
#include "fields.h"

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static int complain(const char *file, const char *what)
{
    fprintf(stderr, "%s: %s\n", file, what);
    return 1;
}

static int64_t dimension_size(const az_dataset *dataset, const char *name, size_t length)
{
    for (int64_t d = 0; d < az_dataset_n_dimensions(dataset); d++) {
        const char *other = az_dataset_dimension_name(dataset, d);
        if (strlen(other) == length && memcmp(other, name, length) == 0) return az_dataset_dimension_size(dataset, d);
    }
    return -1;
}

/* "salinity(40x6x8) float32" */
static int check_largest(const char *file, const az_dataset *dataset, const char *text)
{
    char name[128], type[32];
    int64_t field;
    if (sscanf(text, "%127[^(](%*[0-9x]) %31s", name, type) != 2) return complain(file, "the README cannot be read");
    if (az_dataset_find(dataset, name, &field)) return complain(file, az_error_message());
    if (strcmp(az_dataset_field_type(dataset, field), type) != 0) return complain(file, "of another type");
    const char *at = strchr(text, '(') + 1;
    for (int64_t i = 0; i < az_dataset_field_n_dimensions(dataset, field); i++) {
        char *end;
        long size = strtol(at, &end, 10);
        if (az_dataset_dimension_size(dataset, az_dataset_field_dimension(dataset, field, i)) != size)
            return complain(file, "of another shape");
        at = end + 1;
    }
    return at[-1] == ')' ? 0 : complain(file, "of other dimensions");
}

/* "dims time=54, latitude=18; 9 variables, largest surface_temperature(54x18x432) float32" */
static int check_netcdf(const char *file, const az_dataset *dataset, const char *text)
{
    const char *at = strstr(text, "dims ") + 5;
    int64_t n_dims = 0;
    long n_variables;
    char *end;
    for (;; n_dims++) {
        size_t length = strcspn(at, "=");
        long size = strtol(at + length + 1, &end, 10);
        if (dimension_size(dataset, at, length) != size) return complain(file, "a dimension is not as stated");
        if (*end == ';') break;
        at = end + 2;
    }
    n_variables = strtol(end + 1, &end, 10);
    if (az_dataset_n_dimensions(dataset) != n_dims + 1) return complain(file, "more dimensions than stated");
    if (az_dataset_n_fields(dataset) != n_variables) return complain(file, "another number of variables");
    const char *largest = strstr(end, "largest ");
    return largest ? check_largest(file, dataset, largest + 8) : complain(file, "the README names no variable");
}

/* "10000x28x28 uint8" */
static int check_idx(const char *file, const az_dataset *dataset, const char *text)
{
    char type[32];
    int64_t d = 0;
    const char *at = text + strspn(text, " ");
    for (;; at++, d++) {
        char *end;
        long size = strtol(at, &end, 10);
        if (d >= az_dataset_n_dimensions(dataset) || az_dataset_dimension_size(dataset, d) != size)
            return complain(file, "of another shape");
        at = end;
        if (*at != 'x') break;
    }
    if (d + 1 != az_dataset_n_dimensions(dataset)) return complain(file, "of other dimensions");
    sscanf(at, " %31s", type);
    return strcmp(az_dataset_field_type(dataset, 0), type) == 0 ? 0 : complain(file, "of another type");
}

static void shapes_and_types_are_those_of_the_readme(void **state)
{
    (void)state;
    char path[4096], line[8192];
    need_netcdf();
    if (!find_file("@README.md", path)) skip();
    FILE *readme = fopen(path, "r");
    assert_non_null(readme);
    int n_fields = 0, n_refused = 0, n_tables = 0, n_failed = 0;
    while (fgets(line, sizeof line, readme)) {
        char file[256], name[300];
        az_dataset *dataset = NULL;
        const char *cell = line[0] == '|' ? strchr(line + 1, '|') : NULL;
        char *shape = cell ? strchr(cell + 1, '|') : NULL;
        if (!shape || sscanf(cell + 1, " %255s", file) != 1 || !strchr(file, '/')) continue;
        char *end = strchr(shape + 1, '|');
        if (end) *end = 0;
        snprintf(name, sizeof name, "@%s", file);
        find_file(name, path);
        bool is_netcdf = strstr(shape, " dims ") != NULL, is_idx = strstr(file, "-ubyte") != NULL;
        az_status status = az_dataset_open(&dataset, path, NULL);
        if (is_netcdf || is_idx) {
            n_fields++;
            n_failed += status      ? complain(file, az_error_message())
                        : is_netcdf ? check_netcdf(file, dataset, shape)
                                    : check_idx(file, dataset, shape + 1);
            if (!status) assert_true(az_path_holds_fields(path, &is_netcdf) == AZ_OK && is_netcdf);
        } else {
            if (status != AZ_ERROR_DATA) n_failed += complain(file, "taken for a file of fields");
            bool refused = ends_with(file, ".mat") || ends_with(file, ".bz2");
            az_table *table = NULL;
            n_refused += refused;
            n_tables += !refused;
            if (refused && az_table_read(&table, path, NULL, NULL) == AZ_OK) n_failed += complain(file, "was read");
            if (refused) fprintf(stderr, "refused: %s\n", az_error_message());
        }
        az_dataset_free(dataset);
    }
    fclose(readme);
    assert_int_equal(n_failed, 0);
    assert_true(n_fields >= 30);
    assert_true(n_refused >= 6);
    assert_true(n_tables >= 70);
}

/* Their README has the sizes; that they hold what they should is known of the sets: 1000 test labels of each class. */
static void labels_of_fashion_mnist(void **state)
{
    (void)state;
    char path[4096];
    if (!find_file("@fashion_mnist/t10k-labels-idx1-ubyte.gz", path)) skip();
    az_table *table = NULL;
    if (az_table_read(&table, path, NULL, NULL) == AZ_ERROR_UNAVAILABLE) skip();
    int n[10] = {0};
    for (int64_t i = 0; i < table->n_rows; i++) n[(int)az_table_number(table, i, 0)]++;
    for (int k = 0; k < 10; k++) assert_int_equal(n[k], 1000);
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_and_types_are_those_of_the_readme),
        cmocka_unit_test(labels_of_fashion_mnist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
