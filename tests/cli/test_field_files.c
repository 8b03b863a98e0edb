/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of fields through the command: what is chosen of them, weights by area, what a model remembers, and files that
 * are broken.  first.nc and second.nc are described in tests/data/test_field_table.c. */
#include "cli/calls.h"

#include <math.h>

#include "base/io.h"

static void link_file(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/data/fields/%s", AZ_SOURCE_DIR, name);
    must(symlink(path, name) == 0, name);
}

static int enter(void **state)
{
    (void)state;
    const az_io *io;
    run_enter();
    if (az_io_load(&io, "the test") || !io->open) return 0;
    link_file("first.nc");
    link_file("second.nc");
    link_file("odd.nc");
    return 0;
}

static void need_netcdf(void)
{
    if (access("first.nc", F_OK) == 0) return;
    print_message("SKIPPED: this build has no NetCDF\n");
    skip();
}

/* The predictions of the CSV that was printed. */
static int predictions(double *values, int most)
{
    int n = 0;
    const char *at = strchr(result.out, '\n');
    while (at && at[1] && n < most) {
        const char *comma = strchr(at, ',');
        if (!comma) break;
        values[n++] = strtod(comma + 1, NULL);
        at = strchr(comma, '\n');
    }
    return n;
}

static void area_is_the_cosine_of_the_latitude(void **state)
{
    (void)state;
    need_netcdf();
    double by_area[40], by_formula[40];
    succeeds("fit linear first.nc second.nc --vars sst,trend --derive 'q = sst^2' --target q --features trend,x "
             "--weight area -o a.az");
    succeeds("predict a.az first.nc");
    assert_int_equal(predictions(by_area, 40), 18);
    succeeds("score a.az second.nc");
    char scores[RUN_MAX_TEXT];
    snprintf(scores, sizeof scores, "%s", result.out);
    succeeds("fit linear first.nc second.nc --vars sst,trend --target q --features trend,x --weight w "
             "--derive 'q = sst^2; w = cos(lat * 0.017453292519943295)' -o w.az");
    succeeds("predict w.az first.nc");
    assert_int_equal(predictions(by_formula, 40), 18);
    for (int i = 0; i < 18; i++) assert_true(fabs(by_area[i] - by_formula[i]) < 1e-6);
    succeeds("score w.az second.nc");
    assert_memory_equal(result.out, scores, strcspn(scores, "N")); /* up to "Next: ..." */
    succeeds("fit linear first.nc second.nc --vars sst,trend --derive 'q = sst^2' --target q --features trend,x -o "
             "plain.az");
    succeeds("predict plain.az first.nc");
    assert_int_equal(predictions(by_formula, 40), 18);
    double difference = 0;
    for (int i = 0; i < 18; i++) difference = fmax(difference, fabs(by_area[i] - by_formula[i]));
    assert_true(difference > 1);
    succeeds("compare first.nc second.nc --target sst --weight area --models dummy,linear --folds 3");
    write_text("flat.csv", "a,b\n1,2\n2,3\n4,4\n5,7\n");
    fails("fit linear flat.csv --target b --weight area", 65, "latitudes");
    write_text("pole.csv", "lat,b\n1,2\n2,3\n140,4\n5,7\n");
    fails("fit linear pole.csv --target b --weight area", 65, "from -90 to 90");
    /* A column of that name comes first; a weight of 0 drops its row, as the poles do. */
    write_text("area.csv", "lat,area,b\n1,1,2\n2,1,3\n3,1,4\n400,0,7\n5,1,1\n");
    succeeds("fit linear area.csv --target b --weight area");
    assert_non_null(strstr(result.err, "1 rows dropped: their weight is 0"));
}

static void a_model_remembers_what_it_needs(void **state)
{
    (void)state;
    need_netcdf();
    double values[40];
    char text[RUN_MAX_TEXT];
    /* Of the fields only wind is read again: the file that is predicted may lack all others. */
    succeeds("fit linear first.nc --target sst --features wind -o m.az");
    read_back("m.az", text);
    succeeds("predict m.az second.nc");
    assert_int_equal(predictions(values, 40), 12);
    for (int i = 0; i < 12; i++) assert_true(fabs(values[i] - (300 + 100 * (i / 6) + i % 6)) < 1e-9);
    succeeds("predict m.az second.nc --select time=2001-01-05,y=0:1");
    assert_int_equal(predictions(values, 40), 4);
    assert_true(fabs(values[3] - 403) < 1e-9);
    succeeds("fit linear first.nc --rows time --vars sst,trend --target trend --features 'sst[y=0,x=0],sst[y=2,x=1]' "
             "-o r.az");
    succeeds("predict r.az second.nc");
    assert_int_equal(predictions(values, 40), 2);
    assert_true(fabs(values[0] - 3) < 1e-6 && fabs(values[1] - 4) < 1e-6);
}

static void arrays_and_labels(void **state)
{
    (void)state;
    double values[8];
    write_bytes("x.npy", "\x93NUMPY\1\0\x37\0{'descr':'|i1','fortran_order':False,'shape':(4,2)}   \n\1\2\2\1\3\5\4\3",
                73);
    write_bytes("y-idx1", "\0\0\x08\1\0\0\0\4\5\4\15\12", 12);
    succeeds("fit linear x.npy --target y-idx1 -o l.az"); /* c0 + 2 c1 */
    succeeds("predict l.az x.npy");
    assert_int_equal(predictions(values, 8), 4);
    assert_true(fabs(values[2] - 13) < 1e-9 && fabs(values[3] - 10) < 1e-9);
    succeeds("score l.az x.npy --target y-idx1");
}

static void bad_files(void **state)
{
    (void)state;
    need_netcdf();
    char bytes[RUN_MAX_TEXT];
    read_back("first.nc", bytes);
    write_bytes("cut.nc", bytes, 700);
    fails("show cut.nc", 65, "cut.nc");
    fails("fit linear cut.nc --target sst -o m9.az", 65, "cut.nc");
    write_bytes("head.nc", bytes, 60);
    fails("show head.nc", 65, "head.nc");
    write_bytes("h.h5", "\x89HDF\r\n\x1a\n and no more", 20);
    fails("show h.h5", 65, "h.h5");
    fails("fit linear first.nc --target sss", 65, "did you mean \"sst\"");
    fails("fit linear first.nc --target sst --vars sst,trends", 65, "did you mean \"trend\"");
    fails("fit linear first.nc --target sst --select time=2001-02-30", 65, "no such date");
    fails("fit linear first.nc --target sst --select time=1850", 65, "leaves nothing");
    fails("fit linear first.nc --target sst --vars sst,time_bnds", 65, "has a dimension nv");
    fails("fit linear first.nc --target time", 65, "holds times");
    fails("fit linear area.csv --target b --select lat=1:3", 64, "--where");
    fails("show first.nc,odd.nc", 65, "odd.nc");
    fails("show nowhere.nc", 66, "nowhere.nc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(area_is_the_cosine_of_the_latitude),
        cmocka_unit_test(a_model_remembers_what_it_needs),
        cmocka_unit_test(arrays_and_labels),
        cmocka_unit_test(bad_files),
    };
    return cmocka_run_group_tests(tests, enter, run_leave_group);
}
