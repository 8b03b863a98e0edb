/* SPDX-License-Identifier: BSD-3-Clause */
/* NetCDF and HDF5 files: values against python3-netcdf4, what small files of all kinds hold, and files that are cut or
 * damaged.  The small ones are made by tests/data/reference/make_netcdf.py and make_hdf5.c. */
#include "data/dataset.h"
#include "fail_allocation.h"

#include "base/memory.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SEEDS AZ_SOURCE_DIR "/fuzz/seeds/netcdf/"

typedef struct frozen_value {
    const char *file, *variable;
    int rank;
    int64_t index[4];
    double value;
} frozen_value;
typedef struct frozen_date {
    const char *file;
    int64_t place;
    const char *calendar;
    int year, month, day, hour, minute;
} frozen_date;
#include "frozen_netcdf.h"

static const az_io *library(void)
{
    const az_io *io = NULL;
    if (az_io_load(&io, "a test") || !io->open) {
        fprintf(stderr, "SKIPPED: built without NetCDF\n");
        skip();
    }
    return io;
}

static az_dataset *open_file(const char *folder, const char *file)
{
    char path[4096];
    az_dataset *dataset = NULL;
    snprintf(path, sizeof path, "%s%s", folder, file);
    if (az_dataset_open(&dataset, path, NULL)) fail_msg("%s", az_error_message());
    return dataset;
}

static az_dataset *open_shared(const char *file)
{
    char folder[4096];
    const char *data = getenv("ANSATZ_DATA");
    if (!data) {
        fprintf(stderr, "SKIPPED: set ANSATZ_DATA to the folder of shared data\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/netcdf/", data);
    return open_file(folder, file);
}

static void values_are_those_of_python(void **state)
{
    (void)state;
    library();
    static const int64_t one[4] = {1, 1, 1, 1};
    for (size_t i = 0; i < sizeof frozen_values / sizeof *frozen_values; i++) {
        const frozen_value *expected = &frozen_values[i];
        az_dataset *dataset = open_shared(expected->file);
        int64_t field;
        double value;
        assert_int_equal(az_dataset_find(dataset, expected->variable, &field), AZ_OK);
        assert_int_equal(az_dataset_field_n_dimensions(dataset, field), expected->rank);
        assert_int_equal(az_dataset_read(dataset, field, expected->index, one, &value), AZ_OK);
        /* NumPy rounds after the product, and so do we: the very bits. */
        if (isnan(expected->value) ? !isnan(value) : value != expected->value)
            fail_msg("%s, %s: %.17g, not %.17g", expected->file, expected->variable, value, expected->value);
        az_dataset_free(dataset);
    }
}

static void dates_are_those_of_cftime(void **state)
{
    (void)state;
    library();
    for (size_t i = 0; i < sizeof frozen_dates / sizeof *frozen_dates; i++) {
        const frozen_date *expected = &frozen_dates[i];
        az_dataset *dataset = open_shared(expected->file);
        int64_t field, one = 1;
        double value;
        az_date date;
        assert_int_equal(az_dataset_find(dataset, "time", &field), AZ_OK);
        assert_true(dataset->fields[field].is_time);
        assert_int_equal(az_dataset_read(dataset, field, &expected->place, &one, &value), AZ_OK);
        az_date_of_time(&dataset->fields[field].time, value, &date);
        assert_int_equal(date.year, expected->year);
        assert_int_equal(date.month, expected->month);
        assert_int_equal(date.day, expected->day);
        assert_int_equal(date.hour, expected->hour);
        assert_int_equal(date.minute, expected->minute);
        az_dataset_free(dataset);
    }
}

/* "name type(dimension=size,...)", a line a variable. */
static void describe(const az_dataset *dataset, char *text, size_t size)
{
    size_t length = (size_t)snprintf(text, size, "%s\n", dataset->layout.format);
    for (int32_t v = 0; v < dataset->layout.n_variables && length < size; v++) {
        const az_variable *variable = &dataset->layout.variables[v];
        length += (size_t)snprintf(text + length, size - length, "%s %s(", variable->name,
                                   variable->type_text ? variable->type_text : az_storage_name(variable->type));
        for (int32_t d = 0; d < variable->n_dims && length < size; d++) {
            const az_dimension *dimension = &dataset->layout.dims[variable->dims[d]];
            length += (size_t)snprintf(text + length, size - length, "%s%s=%lld%s", d ? "," : "", dimension->name,
                                       (long long)dimension->size, dimension->unlimited ? "+" : "");
        }
        if (length < size) length += (size_t)snprintf(text + length, size - length, ")\n");
    }
}

static void what_small_files_hold(void **state)
{
    (void)state;
    library();
    static const struct {
        const char *file, *contents;
    } files[] = {
        {"classic.nc", "NetCDF-3\ntime float64(time=2+)\nv int16(time=2+,x=3)\nc text(x=3)\nf float32(x=3)\n"},
        {"offset.nc", "NetCDF-3\ntime float64(time=2+)\nv int16(time=2+,x=3)\nc text(x=3)\nf float32(x=3)\n"},
        {"data64.nc", "NetCDF-3\ntime float64(time=2+)\nv int16(time=2+,x=3)\nc text(x=3)\nf float32(x=3)\n"
                      "u uint64(x=3)\n"},
        {"one_record_variable.nc", "NetCDF-3\nb int8(t=3+)\n"},
        {"groups.nc", "NetCDF-4\ncomplex compound of re, im(x=2)\npaint enumeration of 2 names(x=2)\n"
                      "ragged ragged array of int32(x=2)\nouter/names string(x=2)\n"
                      "outer/inner/values uint16(outer/inner/y=2+,x=2)\n"},
#ifdef AZ_HAVE_HDF5
        {"types.h5",
         "HDF5\nnumbers/f16 float32(phony_dim_0=3)\nnumbers/f64 float64()\nnumbers/i64 int64(phony_dim_0=3)\n"
         "numbers/u8 uint8(phony_dim_1=2,phony_dim_0=3)\nother/complex compound of r, i()\n"
         "other/nothing nothing (an empty dataspace)()\nother/opaque opaque, 5 bytes()\n"
         "other/ragged ragged array of float32()\nother/reference references()\n"
         "other/truth enumeration of 2 names(phony_dim_0=3)\ntexts/any string(phony_dim_0=3)\n"
         "texts/fixed string(phony_dim_0=3)\n"},
        {"early.h5", "HDF5\na/text string()\na/x int32(phony_dim_0=2,phony_dim_1=3)\n"},
        {"soft_circle.h5", "HDF5\na/x int32(phony_dim_0=2)\n"}, /* links that lead in circles are not followed */
        {"hard_circle.h5", "HDF5\na/x int32(phony_dim_0=2)\n"},
#endif
    };
    char text[4096];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        az_dataset *dataset = open_file(SEEDS, files[i].file);
        describe(dataset, text, sizeof text);
        assert_string_equal(text, files[i].contents);
        az_dataset_free(dataset);
    }
}

/* All of a variable in its stored type. */
static void read_whole(const az_dataset *dataset, const char *name, void *values)
{
    int32_t v = az_dataset_lookup(dataset, name);
    int64_t start[AZ_FIELD_DIMS] = {0}, count[AZ_FIELD_DIMS];
    assert_true(v >= 0);
    const az_variable *variable = &dataset->layout.variables[v];
    for (int32_t d = 0; d < variable->n_dims; d++) count[d] = dataset->layout.dims[variable->dims[d]].size;
    if (dataset->class->read(dataset->file, v, start, count, values)) fail_msg("%s", az_error_message());
}

static void check_texts(const az_dataset *dataset, const char *name, int n, const char *const *expected)
{
    char *texts[8];
    read_whole(dataset, name, texts);
    for (int i = 0; i < n; i++) {
        assert_string_equal(texts[i], expected[i]);
        az_free(texts[i]);
    }
}

static const az_attribute *attribute_of(const az_dataset *dataset, const char *variable, const char *name)
{
    const az_variable *v = &dataset->layout.variables[az_dataset_lookup(dataset, variable)];
    return az_attribute_find(v->attributes, v->n_attributes, name);
}

static void what_the_values_are(void **state)
{
    (void)state;
    library();
    az_dataset *dataset = open_file(SEEDS, "classic.nc");
    int16_t packed[6];
    read_whole(dataset, "v", packed);
    assert_memory_equal(packed, ((int16_t[]){0, 2, 4, 6, -9, 10}), sizeof packed);
    check_texts(dataset, "c", 1, (const char *const[]){"abc"});
    assert_string_equal(attribute_of(dataset, "time", "units")->text, "days since 2000-01-01");
    assert_int_equal(attribute_of(dataset, "v", "_FillValue")->type, AZ_STORED_I16);
    assert_true(attribute_of(dataset, "v", "_FillValue")->numbers[0] == -9);
    assert_string_equal(az_attribute_find(dataset->layout.attributes, dataset->layout.n_attributes, "title")->text,
                        "seed");
    az_dataset_free(dataset);

    dataset = open_file(SEEDS, "groups.nc");
    uint16_t values[4];
    read_whole(dataset, "outer/inner/values", values);
    assert_memory_equal(values, ((uint16_t[]){1, 2, 3, 65535}), sizeof values);
    check_texts(dataset, "outer/names", 2, (const char *const[]){"a", "bc"});
    assert_string_equal(attribute_of(dataset, "outer/inner/values", "names")->text, "first, second");
    int64_t start = 0, count = 2;
    assert_int_equal(dataset->class->read(dataset->file, az_dataset_lookup(dataset, "complex"), &start, &count, values),
                     AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "\"complex\""));
    az_dataset_free(dataset);
#ifdef AZ_HAVE_HDF5
    dataset = open_file(SEEDS, "types.h5");
    uint8_t u8[6];
    int64_t i64[3];
    float f16[3];
    double f64;
    read_whole(dataset, "numbers/u8", u8);
    assert_memory_equal(u8, ((uint8_t[]){1, 2, 3, 4, 5, 255}), sizeof u8);
    read_whole(dataset, "numbers/i64", i64);
    assert_true(i64[0] == -1 && i64[2] == 9007199254740993); /* 2^53 + 1 */
    read_whole(dataset, "numbers/f16", f16);
    assert_true(f16[0] == 1 && f16[1] == -2.5F && f16[2] == 65504);
    read_whole(dataset, "numbers/f64", &f64);
    assert_true(f64 == 2.5);
    check_texts(dataset, "texts/fixed", 3, (const char *const[]){"ab", "cdef", "g"});
    check_texts(dataset, "texts/any", 3, (const char *const[]){"one", "", "three"});
    assert_string_equal(attribute_of(dataset, "numbers/i64", "units")->text, "m s-1");
    assert_true(attribute_of(dataset, "numbers/i64", "scale_factor")->numbers[0] == 0.5);
    az_dataset_free(dataset);
#endif
}

static char *read_bytes(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void write_bytes(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* Opens the file and reads the last value of each variable of numbers. */
static az_status touch(const char *path)
{
    az_dataset *dataset = NULL;
    az_status status = az_dataset_open_netcdf(&dataset, path, NULL);
    for (int32_t v = 0; !status && v < dataset->layout.n_variables; v++) {
        const az_variable *variable = &dataset->layout.variables[v];
        int64_t start[AZ_FIELD_DIMS] = {0}, count[AZ_FIELD_DIMS] = {0};
        double value;
        bool empty = variable->type > AZ_STORED_F64;
        for (int32_t d = 0; d < variable->n_dims; d++) {
            start[d] = dataset->layout.dims[variable->dims[d]].size - 1;
            count[d] = 1;
            empty |= start[d] < 0;
        }
        if (!empty) status = az_dataset_read(dataset, v, start, count, &value);
    }
    az_dataset_free(dataset);
    return status;
}

static void files_cut_short_are_refused(void **state)
{
    (void)state;
    library();
    static const struct {
        const char *file;
        size_t step, padding; /* bytes at the end that hold nothing */
    } files[] = {
        {"classic.nc", 1, 2},  {"offset.nc", 1, 2},
        {"data64.nc", 1, 2},   {"one_record_variable.nc", 1, 0}, /* a record variable that is alone is not padded */
        {"groups.nc", 101, 0}, {"types.h5", 101, 0},
        {"early.h5", 101, 0},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[4096];
        size_t size;
        snprintf(path, sizeof path, "%s%s", SEEDS, files[i].file);
        char *bytes = read_bytes(path, &size);
        write_bytes("netcdf-cut", bytes, size);
        assert_int_equal(truncate("netcdf-cut", (off_t)(size - files[i].padding)), 0);
        assert_int_equal(touch("netcdf-cut"), AZ_OK);
        for (size_t cut = files[i].padding + 1; cut <= size; cut += files[i].step) {
            size_t length = size - cut;
            assert_int_equal(truncate("netcdf-cut", (off_t)length), 0);
            az_status status = touch("netcdf-cut");
            if (status != AZ_ERROR_DATA) fail_msg("%s cut at byte %zu: status %d", files[i].file, length, (int)status);
            assert_non_null(strstr(az_error_message(), "netcdf-cut"));
        }
        free(bytes);
    }
    remove("netcdf-cut");
}

/* A download into a file of the final size that broke off: zeros from somewhere to the end. */
static void files_whose_end_was_never_filled(void **state)
{
    (void)state;
    library();
    static const char *const files[] = {"classic.nc", "groups.nc", "types.h5", "early.h5"};
    int n_refused = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[4096];
        size_t size;
        snprintf(path, sizeof path, "%s%s", SEEDS, files[i]);
        char *bytes = read_bytes(path, &size);
        write_bytes("netcdf-hollow", bytes, size);
        for (size_t length = size; length > 53; length -= 53) {
            assert_int_equal(truncate("netcdf-hollow", (off_t)length), 0);
            assert_int_equal(truncate("netcdf-hollow", (off_t)size), 0);
            az_status status = touch("netcdf-hollow");
            assert_true(status == AZ_OK || status == AZ_ERROR_DATA); /* the zeros may stand for numbers */
            n_refused += status != AZ_OK;
        }
        free(bytes);
    }
    assert_true(n_refused > 100);
    remove("netcdf-hollow");
}

/* Each byte of a NetCDF-3 file set to four others: read, or refused with a message that names the file. */
static void damaged_headers_do_no_harm(void **state)
{
    (void)state;
    library();
    static const unsigned char others[] = {0x00, 0x01, 0x7f, 0xff};
    static const char *const files[] = {"classic.nc", "offset.nc", "data64.nc", "one_record_variable.nc"};
    int n_refused = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[4096];
        size_t size;
        snprintf(path, sizeof path, "%s%s", SEEDS, files[i]);
        char *bytes = read_bytes(path, &size);
        write_bytes("netcdf-damaged", bytes, size);
        int file = open("netcdf-damaged", O_WRONLY);
        assert_true(file >= 0);
        for (size_t k = 0; k < size; k++) {
            for (size_t o = 0; o < sizeof others; o++) {
                assert_int_equal(pwrite(file, &others[o], 1, (off_t)k), 1);
                az_status status = touch("netcdf-damaged");
                if (status != AZ_OK) {
                    n_refused++;
                    assert_true(status == AZ_ERROR_DATA || status == AZ_ERROR_MEMORY);
                    assert_non_null(strstr(az_error_message(), "netcdf-damaged"));
                }
            }
            assert_int_equal(pwrite(file, &bytes[k], 1, (off_t)k), 1);
        }
        close(file);
        free(bytes);
    }
    assert_true(n_refused > 100);
    remove("netcdf-damaged");
}

static void what_is_no_such_file(void **state)
{
    (void)state;
    library();
    az_dataset *dataset = NULL;
    assert_int_equal(az_dataset_open_netcdf(&dataset, "no-such.nc", NULL), AZ_ERROR_NO_INPUT);
    assert_int_equal(az_dataset_open_netcdf(&dataset, ".", NULL), AZ_ERROR_NO_INPUT);
    assert_int_equal(az_dataset_open_netcdf(&dataset, "/dev/null", NULL), AZ_ERROR_NO_INPUT);
    write_bytes("garbage.nc", "\x89HDF\r\n\x1a\ngarbage and nothing else in here", 40);
    assert_int_equal(az_dataset_open_netcdf(&dataset, "garbage.nc", NULL), AZ_ERROR_DATA);
    write_bytes("garbage.nc", "x,y\n1,2\n", 8);
    assert_int_equal(az_dataset_open_netcdf(&dataset, "garbage.nc", NULL), AZ_ERROR_DATA);
    remove("garbage.nc");
    /* libnetcdf takes such names for addresses; here they are files. */
    assert_int_equal(az_dataset_open_netcdf(&dataset, "http://localhost:1/x.nc", NULL), AZ_ERROR_NO_INPUT);
    assert_null(dataset);
}

typedef struct written {
    az_layout layout;
    az_dimension dims[2];
    az_variable variables[5];
    az_attribute attributes[3], global[2];
} written;

/* What a prediction writes: coordinates, values with a fill value of another type than theirs, texts and 64-bit
 * integers. */
static void define(written *w, bool classic)
{
    static double fill = -999, ten[2] = {10, 20};
    *w = (written){
        .dims = {{"time", 3, true}, {"x", 2, false}},
        .attributes = {{"units", AZ_STORED_TEXT, "K", NULL, 0},
                       {"_FillValue", AZ_STORED_F64, NULL, &fill, 1},
                       {"actual_range", AZ_STORED_F32, NULL, ten, 2}},
        .global = {{"title", AZ_STORED_TEXT, "written", NULL, 0}, {"history", AZ_STORED_STRING, "now", NULL, 0}},
        .variables = {{.name = "time", .type = AZ_STORED_F64, .n_dims = 1, .dims = {0}},
                      {.name = "T", .type = AZ_STORED_F32, .n_dims = 2, .dims = {0, 1}, .n_attributes = 3},
                      {.name = "label", .type = AZ_STORED_TEXT, .n_dims = 1, .dims = {1}},
                      {.name = "group/count", .type = AZ_STORED_I64, .n_dims = 1, .dims = {1}},
                      {.name = "place", .type = AZ_STORED_STRING, .n_dims = 1, .dims = {1}}},
    };
    w->variables[1].attributes = w->attributes;
    w->layout = (az_layout){.n_dims = 2,
                            .n_variables = classic ? 3 : 5,
                            .n_attributes = 2,
                            .dims = w->dims,
                            .variables = w->variables,
                            .attributes = w->global};
}

static void write_file(const char *path, bool classic)
{
    const az_io *io = library();
    written w;
    void *file;
    define(&w, classic);
    if (io->create(az_io_host_table(), path, &w.layout, &file)) fail_msg("%s", az_error_message());
    static const int64_t zero[2] = {0, 0};
    assert_int_equal(io->write(file, 0, zero, (int64_t[]){3}, (double[]){0.5, 1.5, 2.5}), AZ_OK);
    /* The last rows before the first. */
    assert_int_equal(io->write(file, 1, (int64_t[]){1, 0}, (int64_t[]){2, 2}, (float[]){3, 4, -999, 6}), AZ_OK);
    assert_int_equal(io->write(file, 1, zero, (int64_t[]){1, 2}, (float[]){1, 2}), AZ_OK);
    assert_int_equal(io->write(file, 2, zero, (int64_t[]){2}, "ab"), AZ_OK);
    if (!classic) {
        assert_int_equal(io->write(file, 3, zero, (int64_t[]){2}, (int64_t[]){-7, INT64_MAX}), AZ_OK);
        assert_int_equal(io->write(file, 4, zero, (int64_t[]){2}, (const char *[]){"here", "there"}), AZ_OK);
    }
    assert_int_equal(io->finish(file), AZ_OK);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    char text[1024];
    write_file("netcdf-written.nc", false);
    az_dataset *dataset = open_file("", "netcdf-written.nc");
    describe(dataset, text, sizeof text);
    assert_string_equal(text, "NetCDF-4\ntime float64(time=3+)\nT float32(time=3+,x=2)\nlabel text(x=2)\n"
                              "group_count int64(x=2)\nplace string(x=2)\n");
    float values[6];
    int64_t counts[2], field;
    read_whole(dataset, "T", values);
    assert_memory_equal(values, ((float[]){1, 2, 3, 4, -999, 6}), sizeof values);
    read_whole(dataset, "group_count", counts);
    assert_true(counts[0] == -7 && counts[1] == INT64_MAX);
    check_texts(dataset, "label", 1, (const char *const[]){"ab"});
    check_texts(dataset, "place", 2, (const char *const[]){"here", "there"});
    assert_int_equal(attribute_of(dataset, "T", "_FillValue")->type, AZ_STORED_F32);
    assert_int_equal(attribute_of(dataset, "T", "actual_range")->n_numbers, 2);
    assert_string_equal(az_dataset_field_unit(dataset, az_dataset_lookup(dataset, "T")), "K");
    double masked;
    assert_int_equal(az_dataset_find(dataset, "T", &field), AZ_OK);
    assert_int_equal(az_dataset_read(dataset, field, (int64_t[]){2, 0}, (int64_t[]){1, 1}, &masked), AZ_OK);
    assert_true(isnan(masked));
    az_dataset_free(dataset);

    /* The same contents are the same bytes: no time, no host. */
    size_t size, again_size;
    write_file("netcdf-again.nc", false);
    char *bytes = read_bytes("netcdf-written.nc", &size), *again = read_bytes("netcdf-again.nc", &again_size);
    assert_int_equal(size, again_size);
    assert_memory_equal(bytes, again, size);
    free(bytes);
    free(again);
    write_file("netcdf-again.nc", true);
    dataset = open_file("", "netcdf-again.nc");
    assert_int_equal(dataset->layout.n_variables, 3);
    az_dataset_free(dataset);
    remove("netcdf-written.nc");
    remove("netcdf-again.nc");
}

static void what_cannot_be_written(void **state)
{
    (void)state;
    const az_io *io = library();
    written w;
    void *file = NULL;
    define(&w, true);
    assert_int_equal(io->create(az_io_host_table(), "no/such/folder.nc", &w.layout, &file), AZ_ERROR_CANNOT_WRITE);
    assert_non_null(strstr(az_error_message(), "no/such/folder.nc"));
    w.variables[0].name = "T"; /* twice the same name */
    assert_int_equal(io->create(az_io_host_table(), "netcdf-bad.nc", &w.layout, &file), AZ_ERROR_IO);
    assert_non_null(strstr(az_error_message(), "netcdf-bad.nc"));
    assert_null(file);
    remove("netcdf-bad.nc");
}

static az_status open_and_read(void *file)
{
    az_dataset *dataset = NULL;
    int64_t start[2] = {0, 0}, count[2] = {2, 2};
    double values[4];
    az_status status;
    AZ_GOTO(az_dataset_open_netcdf(&dataset, file, NULL));
    for (int32_t v = 0; v < dataset->layout.n_variables; v++)
        if (dataset->layout.variables[v].type <= AZ_STORED_F64) {
            int32_t n_dims = dataset->layout.variables[v].n_dims;
            if (n_dims > 2) continue;
            AZ_GOTO(az_dataset_read(dataset, v, start, count, values));
        }
done:
    az_dataset_free(dataset);
    return status;
}

static void out_of_memory(void **state)
{
    (void)state;
    library();
    static char classic[] = SEEDS "classic.nc", groups[] = SEEDS "groups.nc";
    assert_true(fail_each_allocation(open_and_read, classic) > 20);
    assert_true(fail_each_allocation(open_and_read, groups) > 20);
#ifdef AZ_HAVE_HDF5
    static char types[] = SEEDS "types.h5";
    assert_true(fail_each_allocation(open_and_read, types) > 20);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_python),
        cmocka_unit_test(dates_are_those_of_cftime),
        cmocka_unit_test(what_small_files_hold),
        cmocka_unit_test(what_the_values_are),
        cmocka_unit_test(files_cut_short_are_refused),
        cmocka_unit_test(damaged_headers_do_no_harm),
        cmocka_unit_test(files_whose_end_was_never_filled),
        cmocka_unit_test(what_is_no_such_file),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(what_cannot_be_written),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
