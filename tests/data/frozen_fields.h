/* SPDX-License-Identifier: BSD-3-Clause */
/* Made by tests/data/reference/freeze_fields.py with netCDF4 1.6.2; not to be edited. */
#ifndef AZ_FROZEN_FIELDS_H
#define AZ_FROZEN_FIELDS_H

/* Values without the masked ones; @: in the folder of shared data.  Dates: of the first and the last value. */
static const struct {
    const char *file, *name, *type;
    long n, n_masked;
    double sum, smallest, largest;
    long place[3];
    double value[3]; /* NAN: masked */
    const char *dates[2];
} frozen_fields[] = {
    {"@netcdf/eraint_uvz.nc", "u", "int16", 694080, 0,
     4817642.501665215, -24.5625, 78.5,
     {0, 231360, 694079}, {1.2817602469022766, 3.21146920588415, 3.5385918329976214}, {NULL, NULL}},
    {"@netcdf/eraint_uvz.nc", "v", "int16", 694080, 0,
     20750.866676776226, -17.125, 14.1875,
     {0, 231360, 694079}, {-0.046757690899102755, -0.5470352270646401, 3.3830342428126716}, {NULL, NULL}},
    {"@netcdf/eraint_uvz.nc", "z", "int16", 694080, 0,
     42463391333.561806, 10303.25, 123347.75,
     {0, 231360, 694079}, {106837.51210858817, 12714.838399560525, 11776.423457242265}, {NULL, NULL}},
    {"@netcdf/ersstv5_sst_2010_2020.nc", "sst", "float32", 2050560, 644096,
     19756415.898429096, -1.7999999523162842, 34.102882385253906,
     {0, 683520, 2050559}, {-1.7999999523162842, NAN, NAN}, {NULL, NULL}},
    {"@netcdf/basin_mask.nc", "basin", "int8", 2138400, 983204,
     7188283.0, 1.0, 58.0,
     {0, 712800, 2138399}, {NAN, NAN, NAN}, {NULL, NULL}},
    {"@netcdf/A1B_north_america.nc", "air_temperature", "float32", 435120, 0,
     124652149.10107422, 257.3188171386719, 306.07330322265625,
     {0, 145040, 435119}, {296.0785827636719, 294.9922180175781, 278.6660461425781}, {NULL, NULL}},
    {"@netcdf/A1B_north_america.nc", "time", "float64", 240, 0,
     20563200.0, -946800.0, 1118160.0,
     {0, 80, 239}, {-946800.0, -255600.0, 1118160.0}, {"1860-06-01", "2099-06-01"}},
    {"@netcdf/ostia_monthly.nc", "surface_temperature", "float32", 419904, 110970,
     92929954.03414917, 289.15234375, 304.3504333496094,
     {0, 139968, 419903}, {301.6592712402344, 296.9377746582031, 298.9951477050781}, {NULL, NULL}},
    {"@netcdf/orca2_votemper.nc", "votemper", "float32", 26640, 10209,
     223463.12760053796, -2.065826892852783, 29.833208084106445,
     {0, 8880, 26639}, {NAN, 21.339937210083008, NAN}, {NULL, NULL}},
    {"@netcdf/toa_brightness_stereographic.nc", "data", "float32", 40960, 3152,
     10487690.384521484, 212.54579162597656, 329.1221923828125,
     {0, 13653, 40959}, {NAN, 272.02459716796875, 319.83837890625}, {NULL, NULL}},
    {"@netcdf/space_weather.nc", "longitude", "float64", 961, 961,
     NAN, NAN, NAN,
     {0, 320, 960}, {NAN, NAN, NAN}, {NULL, NULL}},
    {"@netcdf/space_weather.nc", "latitude", "float64", 961, 210,
     22214.413128048527, -8.609094339004828, 68.99568793770824,
     {0, 320, 960}, {-8.234822544843928, 28.575397574926328, NAN}, {NULL, NULL}},
    {"@netcdf/SOI_Darwin.nc", "SOI_Darwin", "float32", 1776, 12,
     2.0121224224567413e-05, -4.15223503112793, 3.7564942836761475,
     {0, 592, 1775}, {-0.9179838299751282, -0.5161544680595398, NAN}, {NULL, NULL}},
    {"@netcdf/kaplan_sst_anom_pacific_1856_2014.nc", "sst_anom", "float32", 503184, 22872,
     4670.029180538542, -3.2860002517700195, 6.461039066314697,
     {0, 167728, 503183}, {-0.37700000405311584, 0.11600000411272049, 0.4056755006313324}, {NULL, NULL}},
    {"@netcdf/sst_ndjfm_anom.nc", "sst", "float64", 27000, 4500,
     2774.0113613508283, -2.3331589943525803, 4.315390855271295,
     {0, 9000, 26999}, {0.43180797846112035, 0.3323841224245678, NAN}, {NULL, NULL}},
    {"@netcdf/sst_ndjfm_anom.nc", "time", "float64", 50, 0,
     3424868.5, 59548.5, 77446.0,
     {0, 16, 49}, {59548.5, 65392.5, 77446.0}, {"1963-01-15T12:00:00", "2012-01-16"}},
    {"@netcdf/hgt_djf.nc", "time", "float64", 65, 0,
     1127615580.0, 17067420.0, 17628444.0,
     {0, 21, 64}, {17067420.0, 17251512.0, 17628444.0}, {"1948-01-15T12:00:00", "2012-01-15T12:00:00"}},
    {"@hdf5/pylhe-testfile-hpcgen.hdf5", "particles", "float64", 5200, 0,
     199704.59577765045, -3022.6090666753025, 6478.323239731893,
     {0, 1733, 5199}, {1.0, 0.0, 1.0}, {NULL, NULL}},
    {"odd.nc", "packed_range", "int16", 24, 4,
     5472.999999999998, 264.15, 283.15,
     {0, 8, 23}, {NAN, 271.15, NAN}, {NULL, NULL}},
    {"odd.nc", "unsigned_byte", "int8", 24, 1,
     1280.0, 0.0, 115.0,
     {0, 8, 23}, {0.0, 40.0, 115.0}, {NULL, NULL}},
    {"odd.nc", "missing_list", "float32", 24, 6,
     219.0, 1.0, 23.0,
     {0, 8, 23}, {NAN, 8.0, 23.0}, {NULL, NULL}},
    {"odd.nc", "missing_double", "float32", 24, 8,
     192.0, 1.0, 23.0,
     {0, 8, 23}, {NAN, 8.0, 23.0}, {NULL, NULL}},
    {"odd.nc", "limits", "float64", 24, 5,
     313.5, 3.0, 30.0,
     {0, 8, 23}, {NAN, 12.0, NAN}, {NULL, NULL}},
    {"odd.nc", "never_written", "int32", 24, 6,
     198.0, 0.0, 22.0,
     {0, 8, 23}, {0.0, 8.0, NAN}, {NULL, NULL}},
    {"odd.nc", "nan_fill", "float64", 24, 4,
     29.5, 0.0, 2.875,
     {0, 8, 23}, {0.0, 1.0, 2.875}, {NULL, NULL}},
    {"odd.nc", "time", "float64", 6, 0,
     736.5, 0.0, 366.0,
     {0, 2, 5}, {0.0, 2.0, 366.0}, {"1999-02-27", "2000-02-28"}},
};

/* The sums of the columns of a table: coordinates, then variables. */
static const struct {
    const char *file, *vars, *select;
    long n_rows, n_missing;
    int n_columns;
    double sum[8];
} frozen_tables[] = {
    {"@netcdf/ersstv5_sst_2010_2020.nc", "sst", "time=2011:2012-06, lat=5:-5, lon=190:240", 2340, 0, 4,
     {180938030.0, 0.0, 503100.0, 61856.41820716858}},
    {"@netcdf/eraint_uvz.nc", "u,v", "level=200,month=6:8,latitude=40:40.6", 480, 0, 6,
     {3360.0, 96000.0, 19440.0, -180.0, 9607.718548762437, -145.38295412928034}},
    {"@netcdf/A1B_north_america.nc", "air_temperature", "time=1900-01-01:1999-12-30,latitude=30:40", 44100, 0, 4,
     {-7652232000.0, 1543500.0, 11907000.0, 12770456.947509766}},
};

#endif
