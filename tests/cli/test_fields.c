/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of fields through the command: what show says of them, pictures, predictions that go back to the grid as NetCDF
 * or to an NPY array, and sea-surface temperature learned from latitude, longitude and month. */
#include "cli/runner.h"
#include "data/dataset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include <math.h>

#define SST "netcdf/ersstv5_sst_2010_2020.nc"

static run_result result;
static char line[4096];

/* Runs the line with %s standing for the folder of data; skips the test without one. */
static void run_on_data(const char *format)
{
    const char *data = getenv("ANSATZ_DATA");
    if (!data) skip();
    size_t used = 0;
    for (const char *c = format; *c; c++) {
        int n = 1;
        if (c[0] == '%' && c[1] == 's')
            n = snprintf(line + used, sizeof line - used, "%s", data), c++;
        else
            line[used] = *c;
        used += (size_t)n;
        assert_true(used < sizeof line - 1);
    }
    line[used] = '\0';
    run(&result, line);
}

static void expect_success(void)
{
    if (result.status != 0) fail_msg("%s: status %d: %s", line, result.status, result.err);
}

static json_t *named(json_t *array, const char *name)
{
    size_t i;
    json_t *entry;
    json_array_foreach(array, i,
                       entry) if (strcmp(json_string_value(json_object_get(entry, "name")), name) == 0) return entry;
    fail_msg("nothing is called %s", name);
    return NULL;
}

static double number(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_number(value)) fail_msg("%s is no number", key);
    return json_number_value(value);
}

static const char *string(json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static json_t *parsed(void)
{
    json_error_t error;
    json_t *root = json_loads(result.out, 0, &error);
    if (!root) fail_msg("%s: %s", line, error.text);
    return root;
}

/* Numbers by netCDF4 1.6 and NumPy: masked_invalid(sst).count_masked(), min(), max(), mean() in double precision, and
 * histogram(..., 12). */
static void show_counts_what_numpy_counts(void **state)
{
    (void)state;
    static const int histogram[] = {331506, 94690, 80929,  78067,  71669,  71342,
                                    81634,  94692, 119440, 198531, 183235, 729};
    run_on_data("show %s/" SST " --json");
    expect_success();
    json_t *root = parsed(), *sst = named(json_object_get(root, "variables"), "sst");
    assert_string_equal(string(root, "format"), "NetCDF-4");
    assert_true(number(sst, "n") == 128 * 89 * 180);
    assert_true(number(sst, "n_missing") == 644096);
    assert_true(number(sst, "lower") == -1.7999999523162842 && number(sst, "upper") == 34.102882385253906);
    assert_true(fabs(number(sst, "mean") - 14.046869239759488) < 1e-10);
    assert_string_equal(string(sst, "unit"), "degC");
    assert_string_equal(string(sst, "type"), "float32");
    for (size_t b = 0; b < 12; b++)
        assert_int_equal(json_integer_value(json_array_get(json_object_get(sst, "histogram"), b)), histogram[b]);
    json_t *time = named(json_object_get(root, "dimensions"), "time");
    assert_string_equal(string(time, "first"), "2010-01-01");
    assert_string_equal(string(time, "last"), "2020-08-01");
    assert_string_equal(string(time, "calendar"), "proleptic_gregorian");
    json_decref(root);

    run_on_data("show %s/" SST " --select time=2015-12 --json");
    expect_success();
    root = parsed();
    sst = named(json_object_get(root, "variables"), "sst");
    assert_true(number(sst, "n") == 89 * 180 && number(sst, "n_missing") == 5032);
    assert_true(number(sst, "upper") == 30.93714141845703);
    assert_true(number(named(json_object_get(root, "dimensions"), "time"), "size") == 1);
    json_decref(root);

    run_on_data("show %s/netcdf/eraint_uvz.nc --vars u --json"); /* packed; cut into several blocks */
    expect_success();
    root = parsed();
    assert_int_equal(json_array_size(json_object_get(root, "variables")), 1);
    json_t *u = named(json_object_get(root, "variables"), "u");
    assert_true(number(u, "n_missing") == 0 && number(u, "n") == 2 * 3 * 241 * 480);
    assert_true(number(u, "lower") == -24.5625 && number(u, "upper") == 78.5);
    assert_true(fabs(number(u, "mean") - 6.941047864317103) < 1e-9);
    json_decref(root);
}

static void show_describes_in_words(void **state)
{
    (void)state;
    run_on_data("show %s/" SST);
    expect_success();
    static const char *const expected[] = {"NetCDF-4, 3 dimensions, 4 variables",
                                           "2010-01-01  2020-08-01  days since 1800-01-01  proleptic_gregorian",
                                           "time x lat x lon",
                                           "31.4 %",
                                           "Monthly Means of Sea Surface Temperature",
                                           "title: NOAA ERSSTv5 (in situ only)",
                                           "--target sst"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(result.out, expected[i])) fail_msg("show does not say \"%s\"", expected[i]);
    run_on_data("show %s/netcdf/vlstr_type.nc");
    expect_success();
    assert_non_null(strstr(result.out, "AB, AB, AB, AB, ..."));
    run_on_data("show %s/mnist/t10k-images-idx3-ubyte.gz");
    expect_success();
    assert_non_null(strstr(result.out, "uint8"));
    run_on_data("show %s/" SST " --select time=2015-12 --where 'sst > 30'"); /* a table of it */
    expect_success();
    assert_non_null(strstr(result.out, "4 columns"));
    run_on_data("show %s/" SST " --vars sts");
    assert_int_equal(result.status, 65);
    assert_non_null(strstr(result.err, "did you mean \"sst\"?"));
    assert_int_equal(result.n_error_lines, 1);
}

/* The file's meridians go from 0 to 358: what lies on both sides of 0 is no single range of them. */
static void ranges_over_the_edge_are_refused(void **state)
{
    (void)state;
    static const char *const ranges[] = {"lon=-10:10", "lon=350:370"};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        char command[256];
        snprintf(command, sizeof command, "show %%s/" SST " --select %s", ranges[i]);
        run_on_data(command);
        assert_int_equal(result.status, 65);
        assert_non_null(strstr(result.err, "over the edge of the meridians"));
        assert_int_equal(result.n_error_lines, 1);
    }
    run_on_data("show %s/" SST " --select lon=350:360");
    expect_success();
    run_on_data("show %s/" SST " --select lon=:10");
    expect_success();
}

static long size_of(const char *path)
{
    struct stat about;
    return stat(path, &about) ? -1 : (long)about.st_size;
}

static void pictures_are_drawn(void **state)
{
    (void)state;
    static char svg[1 << 20];
    run_on_data("show %s/" SST " --select time=2015-12 -o map.svg");
    if (result.status == 69) skip(); /* no gnuplot */
    expect_success();
    FILE *file = fopen("map.svg", "rb");
    must(file != NULL, "map.svg");
    size_t length = fread(svg, 1, sizeof svg - 1, file);
    fclose(file);
    assert_true(length > 10000 && length < 500000);
    svg[length] = '\0';
    static const char *const expected[] = {"data:image/png;base64,",
                                           "60\302\260N",
                                           "120\302\260W",
                                           "sst [degC]",
                                           "2015-12-01",
                                           "Monthly Means of Sea Surface Temperature"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) assert_non_null(strstr(svg, expected[i]));
    static const char *const others[] = {
        "show %s/" SST " --select lat=0 -o other.png",   /* longitude and time */
        "show %s/netcdf/orca2_votemper.nc -o other.svg", /* two-dimensional coordinates */
        "show %s/netcdf/SOI_Darwin.nc -o other.pdf",     /* a line */
        "show %s/netcdf/atlantic_profiles.nc --vars theta --select lat=-5 -o other.svg", /* depth downwards */
        "show %s/mnist/t10k-images-idx3-ubyte.gz -o other.svg",                          /* images */
        "show %s/netcdf/tiny.nc -o other.svg",                                           /* without coordinates */
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        run_on_data(others[i]);
        expect_success();
        const char *path = strstr(others[i], "other");
        assert_true(size_of(path) > 2000 && size_of(path) < 500000);
        remove(path);
    }
    static const struct {
        const char *line;
        int status;
    } wrong[] = {
        {"show %s/" SST " -o map.jpg", 64},
        {"show %s/" SST " --select time=1990 -o none.svg", 65},
        {"show %s/" SST " --select time=2015-12,lat=0,lon=180 -o none.svg", 65},
        {"show %s/netcdf/vlstr_type.nc --vars expver -o none.svg", 65},
        {"show %s/" SST " -o none/map.svg", 73},
        {"show %s/" SST " --where 'sst > 30' -o none.svg", 64},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        run_on_data(wrong[i].line);
        if (result.status != wrong[i].status) fail_msg("%s: status %d: %s", line, result.status, result.err);
        assert_true(size_of("none.svg") < 0 && size_of("map.jpg") < 0);
    }
}

/* A field of the file, whole; *n values. */
static double *read_field(const az_dataset *dataset, const char *name, int64_t *n)
{
    int64_t field, start[AZ_FIELD_DIMS] = {0}, count[AZ_FIELD_DIMS];
    assert_int_equal(az_dataset_find(dataset, name, &field), AZ_OK);
    *n = 1;
    for (int64_t d = 0; d < az_dataset_field_n_dimensions(dataset, field); d++)
        *n *= count[d] = az_dataset_dimension_size(dataset, az_dataset_field_dimension(dataset, field, d));
    double *values;
    assert_int_equal(AZ_NEW_ARRAY(values, *n), AZ_OK);
    assert_int_equal(az_dataset_read(dataset, field, start, count, values), AZ_OK);
    return values;
}

static const char *attribute_of(const az_dataset *dataset, const char *variable, const char *name)
{
    const az_layout *layout = &dataset->layout;
    const az_attribute *attribute = az_attribute_find(layout->attributes, layout->n_attributes, name);
    if (variable) {
        const az_variable *about = &layout->variables[az_dataset_lookup(dataset, variable)];
        attribute = az_attribute_find(about->attributes, about->n_attributes, name);
    }
    return attribute && attribute->text ? attribute->text : "";
}

/* The numbers of the CSV file at their rows of the grid, to the last bit; nothing at the rows that --where left out. */
static void predictions_go_back_to_their_grid(void **state)
{
    (void)state;
    run_on_data("fit linear %s/" SST " --select 'time=2015, lat=-30:30' --target sst --features lat,lon --degree 2 "
                "-o model.az");
    expect_success();
    run_on_data("predict model.az %s/" SST " --select 'time=2016-02:2016-03, lat=-4:6' --where 'sst > -10' --guard "
                "-o grid.nc");
    expect_success();
    run_on_data("predict model.az %s/" SST " --select 'time=2016-02:2016-03, lat=-4:6' --where 'sst > -10' --guard "
                "-o rows.csv");
    expect_success();
    run_on_data("predict model.az %s/" SST " --select 'time=2016-02:2016-03, lat=-4:6' --where 'sst > -10' --guard "
                "-o rows.npy");
    expect_success();

    az_dataset *dataset, *array;
    assert_int_equal(az_dataset_open(&dataset, "grid.nc", NULL), AZ_OK);
    assert_int_equal(az_dataset_open(&array, "rows.npy", NULL), AZ_OK);
    assert_string_equal(attribute_of(dataset, NULL, "Conventions"), "CF-1.8");
    assert_string_equal(attribute_of(dataset, "prediction", "units"), "degC");
    assert_string_equal(attribute_of(dataset, "prediction", "long_name"), "prediction of sst");
    assert_string_equal(attribute_of(dataset, "lat", "units"), "degrees_north");
    assert_string_equal(attribute_of(dataset, "time", "calendar"), "proleptic_gregorian");
    assert_string_equal(attribute_of(dataset, "in_range", "flag_meanings"),
                        "outside_of_the_training_range inside_the_training_range");
    const char *history = attribute_of(dataset, NULL, "history");
    assert_ptr_equal(strstr(history, "ansatz predict model.az ersstv5_sst_2010_2020.nc"), history);
    assert_non_null(strstr(history, "\ncreated 07/2017 by PSD"));
    assert_null(strstr(history, getenv("ANSATZ_DATA")));

    enum { N_TIME = 2, N_LAT = 6, N_LON = 180, N = N_TIME * N_LAT * N_LON };
    int64_t n, n_lat, n_time, n_array;
    double *prediction = read_field(dataset, "prediction", &n), *in_range = read_field(dataset, "in_range", &n);
    double *lat = read_field(dataset, "lat", &n_lat), *time = read_field(dataset, "time", &n_time);
    double *npy = read_field(array, az_dataset_field_name(array, 0), &n_array);
    assert_int_equal(n, N);
    assert_int_equal(n_lat, N_LAT);
    assert_true(lat[0] == 6 && lat[5] == -4);
    assert_true(n_time == 2 && time[1] - time[0] == 29); /* days of February 2016 */

    FILE *file = fopen("rows.csv", "r");
    must(file && fgets(line, sizeof line, file), "rows.csv");
    assert_string_equal(line, "row,prediction,in_range\n");
    int64_t n_rows = 0;
    bool seen[N] = {false};
    while (fgets(line, sizeof line, file)) {
        char *end;
        long row = strtol(line, &end, 10);
        double value = strtod(end + 1, &end);
        assert_true(prediction[row] == value && in_range[row] == strtod(end + 1, NULL));
        assert_true(npy[2 * n_rows] == value && npy[2 * n_rows + 1] == in_range[row]);
        seen[row] = true;
        n_rows++;
    }
    fclose(file);
    assert_int_equal(n_array, 2 * n_rows);
    assert_true(n_rows > N / 2 && n_rows < N);
    for (int i = 0; i < N; i++) assert_true(seen[i] || (isnan(prediction[i]) && isnan(in_range[i])));
    az_free(prediction);
    az_free(in_range);
    az_free(lat);
    az_free(time);
    az_free(npy);
    az_dataset_free(dataset);
    az_dataset_free(array);
}

/* Classes as numbers with their names, probabilities beside them; rows of a table along a dimension "row". */
static void classes_are_flags(void **state)
{
    (void)state;
    write_text("train.csv", "x,kind\n1,low tide\n2,low tide\n3,low tide\n7,high\n8,high\n9,high\n");
    write_text("new.csv", "x\n1\n2\n8\n9\n2\n");
    run(&result, "fit knn train.csv --target kind --k 3 -o model.az");
    assert_int_equal(result.status, 0);
    run(&result, "predict model.az new.csv --proba -o classes.nc");
    if (result.status == 69) skip(); /* without libansatz-io */
    assert_int_equal(result.status, 0);
    az_dataset *dataset;
    assert_int_equal(az_dataset_open(&dataset, "classes.nc", NULL), AZ_OK);
    assert_string_equal(az_dataset_dimension_name(dataset, 0), "row");
    assert_string_equal(attribute_of(dataset, "prediction", "flag_meanings"), "high low_tide");
    assert_string_equal(attribute_of(dataset, "p_low tide", "units"), "1");
    static const double labels[] = {1, 1, 0, 0, 1};
    int64_t n, n_share;
    double *prediction = read_field(dataset, "prediction", &n), *share = read_field(dataset, "p_low tide", &n_share);
    assert_int_equal(n, 5);
    for (int i = 0; i < 5; i++) assert_true(prediction[i] == labels[i] && share[i] == labels[i]);
    az_free(prediction);
    az_free(share);
    az_dataset_free(dataset);
    run(&result, "predict model.az new.csv -o no/classes.nc");
    assert_int_equal(result.status, 73);
}

/* The same place, the same month, in each of four years: the four nearest neighbours, so that their mean is the
 * climatology of the cell.  Its errors in the year after, by NumPy: 131,856 cells, rmse 0.51105 K. */
static void neighbours_in_time_are_the_climatology(void **state)
{
    (void)state;
    run_on_data("fit knn %s/" SST " --select time=2015:2018 --target sst --derive 'month = month(time)' "
                "--features lat,lon,month --periodic lon=360,month=12 --k 4 -o knn.az");
    expect_success();
    run_on_data("score knn.az %s/" SST " --select time=2019 --json");
    expect_success();
    json_t *root = parsed(), *metrics = json_object_get(root, "metrics");
    assert_true(number(root, "n") == 131856);
    assert_true(fabs(number(metrics, "rmse") - 0.5110521223937452) < 1e-12);
    assert_true(fabs(number(metrics, "mae") - 0.33732952990891735) < 1e-12);
    assert_true(fabs(number(metrics, "r2") - 0.9980722837376417) < 1e-12);
    json_decref(root);
}

/* A polynomial of latitude, longitude and month, tested on the latest months, which the time dimension of the file
 * holds out by itself; its map is as wrong as its score says. */
static void polynomials_fill_the_sea(void **state)
{
    (void)state;
    run_on_data("fit ridge %s/" SST " --select time=2015:2019 --target sst --derive 'month = month(time)' "
                "--features lat,lon,month --periodic lon=360,month=12 --degree 4 --test 0.2 --json -o ridge.az");
    expect_success();
    assert_non_null(strstr(result.err, "split: time"));
    json_t *root = parsed();
    double r2 = number(json_object_get(root, "test"), "r2"), rmse = number(json_object_get(root, "test"), "rmse");
    assert_true(r2 > 0.9 && r2 < 0.998); /* smoother than the climatology */
    json_decref(root);

    run_on_data("predict ridge.az %s/" SST " --select time=2019 --where 'sst > -10' -o sea.nc");
    expect_success();
    run(&result, "show sea.nc --select time=2019-12 -o sea.svg");
    assert_true(result.status == 0 || result.status == 69);
    snprintf(line, sizeof line, "%s/" SST, getenv("ANSATZ_DATA"));
    az_dataset *predicted, *observed;
    assert_int_equal(az_dataset_open(&predicted, "sea.nc", NULL), AZ_OK);
    assert_int_equal(az_dataset_open(&observed, line, NULL), AZ_OK);
    int64_t n, n_all, n_cells = 0, begin = (9 * 12) * 89 * 180; /* January 2019 */
    double *prediction = read_field(predicted, "prediction", &n), *sst = read_field(observed, "sst", &n_all), sum = 0;
    assert_int_equal(n, 12 * 89 * 180);
    for (int64_t i = 0; i < n; i++) {
        assert_true(isnan(prediction[i]) == isnan(sst[begin + i])); /* the coasts are where they were */
        if (isnan(prediction[i])) continue;
        sum += (prediction[i] - sst[begin + i]) * (prediction[i] - sst[begin + i]);
        n_cells++;
    }
    assert_int_equal(n_cells, 131856);
    assert_true(fabs(sqrt(sum / (double)n_cells) - rmse) < 1e-9);
    az_free(prediction);
    az_free(sst);
    az_dataset_free(predicted);
    az_dataset_free(observed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(show_counts_what_numpy_counts),
        cmocka_unit_test(show_describes_in_words),
        cmocka_unit_test(ranges_over_the_edge_are_refused),
        cmocka_unit_test(pictures_are_drawn),
        cmocka_unit_test(predictions_go_back_to_their_grid),
        cmocka_unit_test(classes_are_flags),
        cmocka_unit_test(neighbours_in_time_are_the_climatology),
        cmocka_unit_test(polynomials_fill_the_sea),
    };
    run_enter();
    return cmocka_run_group_tests(tests, NULL, run_leave_group);
}
