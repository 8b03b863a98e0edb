/* SPDX-License-Identifier: BSD-3-Clause */
/* How fields become tables: which rows, which columns, which names; what is chosen; what is refused.  first.nc and
 * second.nc hold sst(time,y,x) = 100 day + 2 y + x (101 is masked), wind = sst/2 as (time,x,y), a mask(y,x), a
 * trend(time), latitudes and longitudes (y,x); three days from 2001-01-01 on, then two counted in hours. */
#include "fields.h"
#include "frozen_fields.h"

static const char *const *column_names(const az_table *table)
{
    static const char *names[64];
    for (int64_t j = 0; j < table->n_columns; j++) names[j] = table->columns[j].name;
    names[table->n_columns] = NULL;
    return names;
}

static void check_names(const az_table *table, const char *expected)
{
    char all[1024] = "";
    for (const char *const *name = column_names(table); *name; name++) {
        if (*all) strcat(all, " ");
        strcat(all, *name);
    }
    assert_string_equal(all, expected);
}

static double cell(const az_table *table, int64_t row, const char *name)
{
    int64_t column;
    assert_int_equal(az_table_find(table, name, &column), AZ_OK);
    return az_table_number(table, row, column);
}

static void one_row_a_grid_point(void **state)
{
    (void)state;
    need_netcdf();
    az_table *table = table_of("first.nc", NULL);
    check_names(table, "time y x lat lon sst wind");
    assert_int_equal(table->n_rows, 18);
    assert_int_equal(table->time_column, 0);
    assert_int_equal(table->columns[0].type, AZ_TIME);
    assert_string_equal(table->columns[3].unit, "degrees_north");
    for (int day = 0, row = 0; day < 3; day++)
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < 2; x++, row++) {
                double sst = 100 * day + 2 * y + x;
                assert_true(cell(table, row, "time") == 366 + day);
                assert_true(cell(table, row, "y") == y && cell(table, row, "x") == x);
                assert_true(cell(table, row, "lat") == 60 * (y - 1) + 0.5 * x * (y == 0 ? -1 : 1));
                assert_true(cell(table, row, "lon") == 10 * (x + 1) + y);
                assert_true(sst == 101 ? isnan(cell(table, row, "sst")) : cell(table, row, "sst") == sst);
                assert_true(sst == 101 || cell(table, row, "wind") == sst / 2);
            }
    az_table_free(table);
}

static void variables_on_fewer_dimensions_are_repeated(void **state)
{
    (void)state;
    need_netcdf();
    az_table *table = table_of("first.nc", &(az_reader_options){.vars = "sst,mask,trend"});
    check_names(table, "time y x lat lon sst mask trend");
    const double mask[] = {1, 0, 1, 1, 0, 1};
    for (int row = 0; row < 18; row++) {
        assert_true(cell(table, row, "mask") == mask[row % 6]);
        assert_true(cell(table, row, "trend") == row / 6);
    }
    az_table_free(table);
    /* The target decides what the rows are, and is there unasked. */
    table = table_of("first.nc", &(az_reader_options){.target = "mask"});
    check_names(table, "y x lat lon mask");
    assert_int_equal(table->n_rows, 6);
    az_table_free(table);
    table = table_of("first.nc", &(az_reader_options){.vars = "wind", .target = "sst"});
    check_names(table, "time y x lat lon wind sst");
    az_table_free(table);
    table = table_of("first.nc", &(az_reader_options){.vars = ""});
    check_names(table, "time y x lat lon");
    assert_int_equal(table->n_rows, 18);
    az_table_free(table);
}

static void other_dimensions_become_columns(void **state)
{
    (void)state;
    need_netcdf();
    az_table *table = table_of("first.nc", &(az_reader_options){.rows = "time", .vars = "sst,wind,trend"});
    check_names(table, "time sst[y=0,x=0] sst[y=0,x=1] sst[y=1,x=0] sst[y=1,x=1] sst[y=2,x=0] sst[y=2,x=1] "
                       "wind[x=0,y=0] wind[x=0,y=1] wind[x=0,y=2] wind[x=1,y=0] wind[x=1,y=1] wind[x=1,y=2] trend");
    assert_int_equal(table->n_rows, 3);
    for (int day = 0; day < 3; day++)
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < 2; x++) {
                double sst = 100 * day + 2 * y + x;
                if (sst == 101) continue;
                assert_true(az_table_number(table, day, 1 + 2 * y + x) == sst);
                assert_true(az_table_number(table, day, 7 + 3 * x + y) == sst / 2);
            }
    az_table_free(table);
    /* Row dimensions keep the order of the file, however they are listed. */
    table = table_of("first.nc", &(az_reader_options){.rows = "x,time", .vars = "sst", .select = "y=1:2"});
    check_names(table, "time x sst[y=1] sst[y=2]");
    assert_int_equal(table->n_rows, 6);
    assert_true(cell(table, 3, "sst[y=1]") == 103 && cell(table, 3, "sst[y=2]") == 105);
    az_table_free(table);
}

static void ranges(void **state)
{
    (void)state;
    need_netcdf();
    static const struct {
        const char *select;
        int n_rows;
        double first; /* sst */
    } cases[] = {
        {"time=2001-01-02", 6, 100},
        {"time=2001-01-02:2001-01-03", 12, 100},
        {"time=2001-01-03:2001-01-02", 12, 100},
        {"time=2001", 18, 0},
        {"time=2001-01", 18, 0},
        {"time=1999:2003", 18, 0},
        {"time=2001-01-02:", 12, 100},
        {"time=:2001-01-01", 6, 0},
        {"time=2001-01-02T00:00", 6, 100},
        {"time=2001-01-01T12:00:2001-01-02T12:00", 6, 100},
        {"y=1", 6, 2},
        {"y=2:1, x=0", 6, 2},
        {"y=:0,x=1:", 3, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        az_table *table = table_of("first.nc", &(az_reader_options){.select = cases[i].select});
        if (table->n_rows != cases[i].n_rows || cell(table, 0, "sst") != cases[i].first)
            fail_msg("--select %s: %d rows from %g on", cases[i].select, (int)table->n_rows, cell(table, 0, "sst"));
        az_table_free(table);
    }
}

static void ranges_that_are_wrong(void **state)
{
    (void)state;
    need_netcdf();
    static const struct {
        az_reader_options options;
        az_status status;
        const char *part;
    } cases[] = {
        {{.select = "time=2002"}, AZ_ERROR_DATA, "goes from 2001-01-01 to 2001-01-03"},
        {{.select = "time=2001-02-29"}, AZ_ERROR_DATA, "no such date"},
        {{.select = "time=2001-01-01:2001-13-01"}, AZ_ERROR_DATA, "no such date"},
        {{.select = "time=yesterday"}, AZ_ERROR_USAGE, "give dates"},
        {{.select = "time=366"}, AZ_ERROR_USAGE, "give dates"},
        {{.select = "y=7"}, AZ_ERROR_DATA, "y goes from 0 to 2"},
        {{.select = "y=one"}, AZ_ERROR_USAGE, "a number or a range"},
        {{.select = "y="}, AZ_ERROR_USAGE, "give a range"},
        {{.select = "y=1,y=2"}, AZ_ERROR_USAGE, "twice"},
        {{.select = "tiem=2001"}, AZ_ERROR_DATA, "did you mean \"time\"?"},
        {{.select = "depth=5"}, AZ_ERROR_DATA, "its dimensions are time, y, x, nv"},
        {{.select = "lat=0:60"}, AZ_ERROR_USAGE, "--where"},
        {{.select = "nv=0"}, AZ_ERROR_DATA, "no variable that was chosen has the dimension nv"},
        {{.vars = "sst,wnd"}, AZ_ERROR_DATA, "did you mean \"wind\"?"},
        {{.vars = "mask", .target = "trend"},
         AZ_ERROR_DATA,
         "mask has a dimension x, and the rows are the points of time"},
        {{.vars = "sst,time_bnds"}, AZ_ERROR_DATA, "time_bnds has a dimension nv"},
        {{.rows = "tme"}, AZ_ERROR_DATA, "it has time, y, x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused("first.nc", &cases[i].options, cases[i].status, cases[i].part);
    refused("../test_dataset.c", &(az_reader_options){.select = "time=2001"}, AZ_ERROR_USAGE, "--where");
}

static void files_follow_each_other(void **state)
{
    (void)state;
    need_netcdf();
    char first[4096], second[4096], list[8300];
    find_file("first.nc", first);
    find_file("second.nc", second);
    snprintf(list, sizeof list, "%s,%s", first, second);
    az_table *table = NULL;
    assert_int_equal(az_table_read(&table, list, NULL, NULL), AZ_OK);
    assert_int_equal(table->n_rows, 30);
    for (int row = 0; row < 30; row++) {
        assert_true(cell(table, row, "time") == 366 + row / 6); /* days, also of the file that counts hours */
        assert_true(row == 7 || cell(table, row, "sst") == 100 * (row / 6) + row % 6);
    }
    az_table_free(table);
    assert_int_equal(
        az_table_read(&table, list, &(az_reader_options){.select = "time=2001-01-03:2001-01-04,y=2"}, NULL), AZ_OK);
    assert_int_equal(table->n_rows, 4);
    assert_true(cell(table, 3, "sst") == 305);
    az_table_free(table);
    table = NULL;
    assert_int_equal(az_table_read(&table, list, &(az_reader_options){.select = "time=1990"}, NULL), AZ_ERROR_DATA);
    assert_int_equal(az_table_read(&table, list, &(az_reader_options){.vars = "height"}, NULL), AZ_ERROR_DATA);
    find_file("odd.nc", second);
    snprintf(list, sizeof list, "%s,%s", first, second);
    assert_int_equal(az_table_read(&table, list, NULL, NULL), AZ_ERROR_DATA);
    assert_null(table);
}

static void blocks_are_the_table(void **state)
{
    (void)state;
    need_netcdf();
    char path[4096];
    if (!find_file("@netcdf/A1B_north_america.nc", path)) skip();
    az_reader_options options = {.select = "longitude=240:300"};
    az_source *source = NULL;
    const az_table *block;
    az_table *table = table_of("@netcdf/A1B_north_america.nc", &options);
    assert_int_equal(az_source_of_files(&source, path, &options, NULL), AZ_OK);
    assert_int_equal(az_source_n_rows(source), table->n_rows);
    assert_non_null(source->grid);
    assert_int_equal(source->grid->n_rows, table->n_rows);
    for (int pass = 0; pass < 2; pass++) {
        int64_t row = 0, n_blocks = 0;
        for (;;) {
            assert_int_equal(az_source_next(source, &block, NULL), AZ_OK);
            if (!block) break;
            n_blocks++;
            assert_int_equal(block->first_row, row);
            assert_int_equal(block->n_columns, table->n_columns);
            assert_int_equal(block->time_column, 0);
            for (int64_t i = 0; i < block->n_rows; i++, row++)
                for (int64_t j = 0; j < block->n_columns; j++)
                    assert_true(az_table_number(block, i, j) == az_table_number(table, row, j));
        }
        assert_int_equal(row, table->n_rows);
        assert_true(n_blocks > 3);
        assert_int_equal(az_source_rewind(source), AZ_OK);
    }
    az_source_free(source);
    az_table_free(table);
}

static void boxes_cover_a_grid(void **state)
{
    (void)state;
    const az_grid grid = {.n_dims = 3, .first = {5, 0, 2}, .count = {4, 3, 7}, .n_rows = 84};
    for (int64_t most = 1; most <= 100; most++) {
        int64_t row = 0;
        while (row < grid.n_rows) {
            int64_t start[3], count[3], n = az_grid_box(&grid, row, most, start, count);
            assert_true(n >= 1 && n <= most && n == count[0] * count[1] * count[2]);
            /* The first point of the box is the point of its first row. */
            assert_int_equal(((start[0] - 5) * 3 + start[1]) * 7 + start[2] - 2, row);
            row += n;
        }
        assert_int_equal(row, grid.n_rows);
    }
    int64_t none[1];
    assert_int_equal(az_grid_box(&(az_grid){.n_rows = 1}, 0, 10, none, none), 1);
}

static void sums_are_those_of_numpy(void **state)
{
    (void)state;
    need_netcdf();
    for (size_t i = 0; i < sizeof frozen_tables / sizeof *frozen_tables; i++) {
        az_reader_options options = {.vars = frozen_tables[i].vars, .select = frozen_tables[i].select};
        az_table *table = table_of(frozen_tables[i].file, &options);
        int64_t n_missing = 0;
        assert_int_equal(table->n_rows, frozen_tables[i].n_rows);
        assert_int_equal(table->n_columns, frozen_tables[i].n_columns);
        for (int64_t j = 0; j < table->n_columns; j++) {
            double sum = 0, size = 0;
            n_missing += table->columns[j].n_missing;
            for (int64_t row = 0; row < table->n_rows; row++) {
                double value = az_table_number(table, row, j);
                if (isnan(value)) continue;
                sum += value;
                size += fabs(value);
            }
            assert_true(fabs(sum - frozen_tables[i].sum[j]) <= 1e-12 * size);
        }
        assert_int_equal(n_missing, frozen_tables[i].n_missing);
        az_table_free(table);
    }
}

static void text_variables_are_categories(void **state)
{
    (void)state;
    need_netcdf();
    az_table *table = table_of("odd.nc", &(az_reader_options){.vars = "limits,label"});
    int64_t column;
    assert_int_equal(az_table_find(table, "label", &column), AZ_OK);
    assert_int_equal(table->columns[column].n_levels, 3);
    assert_string_equal(az_table_text(table, 5, column), "Kyoto");
    assert_null(az_table_text(table, 6, column));
    assert_int_equal(table->columns[column].n_missing, 6);
    az_table_free(table);
}

static void the_variables_of_a_model(void **state)
{
    (void)state;
    need_netcdf();
    char path[4096], *vars;
    find_file("first.nc", path);
    const az_reader_options options = {.target = "sst"};
    const char *const inputs[] = {"lat", "wind"};
    assert_int_equal(az_fields_used(path, &options, inputs, 2, &vars, NULL), AZ_OK);
    assert_string_equal(vars, "wind");
    az_free(vars);
    assert_int_equal(az_fields_used(path, &options, inputs, 1, &vars, NULL), AZ_OK);
    assert_string_equal(vars, "");
    az_free(vars);
    assert_int_equal(az_fields_used(path, &(az_reader_options){.target = "sst", .lags = "3"}, NULL, -1, &vars, NULL),
                     AZ_OK);
    assert_string_equal(vars, "sst,wind");
    az_free(vars);
    const char *const flat[] = {"time", "sst[y=0,x=1]"};
    assert_int_equal(az_fields_used(path, &(az_reader_options){.rows = "time"}, flat, 2, &vars, NULL), AZ_OK);
    assert_string_equal(vars, "sst");
    az_free(vars);
}

static void fields_called_as_their_dimensions(void **state)
{
    (void)state;
    need_netcdf();
    az_table *table = table_of("curvilinear.nc", NULL);
    check_names(table, "lat_index lon_index lat lon ice");
    assert_true(cell(table, 2, "lat_index") == 1 && cell(table, 2, "lon_index") == 0);
    assert_true(cell(table, 2, "lat") == 60 && cell(table, 2, "lon") == 6 && cell(table, 3, "ice") == 0.25);
    az_table_free(table);
    table = table_of("curvilinear.nc", &(az_reader_options){.select = "lat=1"});
    assert_int_equal(table->n_rows, 2);
    assert_true(cell(table, 0, "lat") == 60);
    az_table_free(table);
}

/* Of the variables only those that are expected are read, and those named; the rows run as wind does, (time,x,y). */
static void only_what_is_expected(void **state)
{
    (void)state;
    need_netcdf();
    char path[4096];
    find_file("first.nc", path);
    const az_expected expected[] = {{.name = "lat"}, {.name = "wind"}, {.name = "nowhere", .may_lack = true}};
    static const struct {
        const char *vars, *names;
    } cases[] = {{NULL, "time x y lat lon wind"}, {"trend", "time x y lat lon trend wind"}};
    for (int i = 0; i < 2; i++) {
        az_source *source = NULL;
        const az_table *block;
        const az_reader_options options = {.vars = cases[i].vars};
        assert_int_equal(az_source_of_files_expecting(&source, path, &options, expected, 3, NULL), AZ_OK);
        assert_int_equal(az_source_next(source, &block, NULL), AZ_OK);
        check_names(block, cases[i].names);
        assert_int_equal(block->n_rows, 18);
        az_source_free(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_row_a_grid_point),
        cmocka_unit_test(variables_on_fewer_dimensions_are_repeated),
        cmocka_unit_test(other_dimensions_become_columns),
        cmocka_unit_test(ranges),
        cmocka_unit_test(ranges_that_are_wrong),
        cmocka_unit_test(files_follow_each_other),
        cmocka_unit_test(blocks_are_the_table),
        cmocka_unit_test(boxes_cover_a_grid),
        cmocka_unit_test(sums_are_those_of_numpy),
        cmocka_unit_test(text_variables_are_categories),
        cmocka_unit_test(the_variables_of_a_model),
        cmocka_unit_test(only_what_is_expected),
        cmocka_unit_test(fields_called_as_their_dimensions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
