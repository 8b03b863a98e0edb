#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Values of fields by python3-netcdf4 and numpy, and the small NetCDF files that the tests read.

usage: ANSATZ_DATA=FOLDER tests/data/reference/freeze_fields.py [--files] > tests/data/frozen_fields.h

--files also writes tests/data/fields/*.nc anew.
"""
import os
import sys

import cftime
import netCDF4
import numpy as np

data = os.environ["ANSATZ_DATA"]
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fields")


def write_odd(path):
    """Everything that CF and the NetCDF User's Guide have for packing and for what is missing."""
    d = netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC")
    d.createDimension("time", None)
    d.createDimension("station", 4)
    d.createDimension("letters", 5)
    t = d.createVariable("time", "f8", ("time",))
    t.units, t.calendar = "days since 1999-02-27", "noleap"
    t[:] = [0, 1, 2, 2.5, 365, 366]
    grid = np.arange(24).reshape(6, 4)

    def add(name, kind, values, fill=None, **attributes):
        v = d.createVariable(name, kind, ("time", "station"), fill_value=fill)
        v.set_auto_maskandscale(False)
        for key, value in attributes.items():
            v.setncattr(key, value)
        v[:] = values

    add("packed_range", "i2", grid * 100 - 1000, fill=np.int16(-1000), scale_factor=0.01, add_offset=273.15,
        valid_range=np.array([-900, 1000], "i2"))
    add("unsigned_byte", "i1", (grid * 10).astype("u1").view("i1"), fill=np.int8(-56), _Unsigned="true",
        scale_factor=0.5)
    add("missing_list", "f4", np.where(grid % 5 == 0, 1e20, grid), missing_value=np.array([1e20, 7.0], "f4"))
    add("missing_double", "f4", np.where(grid % 3 == 0, np.float32(1e20), grid), missing_value=np.float64(np.float32(1e20)))
    add("limits", "f8", grid * 1.5, valid_min=3.0, valid_max=30.0)
    add("never_written", "i4", np.where(grid % 4 == 3, -2147483647, grid))
    add("bytes", "i1", grid - 127)
    add("nan_fill", "f8", np.where(grid % 6 == 1, np.nan, grid / 8), fill=np.nan)
    label = d.createVariable("label", "S1", ("station", "letters"))
    label[:] = netCDF4.stringtochar(np.array([b"Oslo", b"Kyoto", b"", b"Lima "], "S5"))
    d.close()


def write_year(path, first, n, units, longer=False):
    d = netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC")
    for name, size in (("time", None), ("y", 3), ("x", 2), ("nv", 2)):
        d.createDimension(name, size)
    t = d.createVariable("time", "f8", ("time",))
    t.units, t.bounds, t.standard_name = units, "time_bnds", "time"
    t[:] = netCDF4.date2num([cftime.DatetimeGregorian(2001, 1, 1 + first + i) for i in range(n)], units)
    b = d.createVariable("time_bnds", "f8", ("time", "nv"))
    b[:] = 0
    for name, unit, values in (("lat", "degrees_north", [[-60, -60.5], [0, 0.5], [60, 60.5]]),
                               ("lon", "degrees_east", [[10, 20], [11, 21], [12, 22]])):
        v = d.createVariable(name, "f4", ("y", "x"))
        v.units = unit
        v[:] = values
    s = d.createVariable("sst", "f4", ("time", "y", "x"), fill_value=np.float32(-99))
    s.units, s.coordinates = "K", "lat lon"
    s[:] = np.ma.masked_equal(100 * (first + np.arange(n))[:, None, None] + np.arange(6).reshape(3, 2), 101)
    w = d.createVariable("wind", "f8", ("time", "x", "y"))
    w.units = "m s-1"
    w[:] = s[:].data.transpose(0, 2, 1) / 2
    d.createVariable("mask", "i1", ("y", "x"))[:] = [[1, 0], [1, 1], [0, 1]]
    d.createVariable("trend", "f8", ("time",))[:] = first + np.arange(n)
    if longer:
        d.createVariable("height", "f8", ("y",))[:] = [1, 2, 3]
    d.close()


def write_curvilinear(path):
    d = netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC")
    d.createDimension("lat", 2)
    d.createDimension("lon", 2)
    for name, values in (("lat", [[50, 51], [60, 61]]), ("lon", [[5, 15], [6, 16]]), ("ice", [[0.5, 1], [0, 0.25]])):
        d.createVariable(name, "f4", ("lat", "lon"))[:] = values
    d.close()


if "--files" in sys.argv:
    write_curvilinear(os.path.join(here, "curvilinear.nc"))
    os.makedirs(here, exist_ok=True)
    write_odd(os.path.join(here, "odd.nc"))
    write_year(os.path.join(here, "first.nc"), 0, 3, "days since 2000-01-01")
    write_year(os.path.join(here, "second.nc"), 3, 2, "hours since 2001-01-01", longer=True)

FIELDS = [("@netcdf/eraint_uvz.nc", "u"), ("@netcdf/eraint_uvz.nc", "v"), ("@netcdf/eraint_uvz.nc", "z"),
          ("@netcdf/ersstv5_sst_2010_2020.nc", "sst"), ("@netcdf/basin_mask.nc", "basin"),
          ("@netcdf/A1B_north_america.nc", "air_temperature"), ("@netcdf/A1B_north_america.nc", "time"),
          ("@netcdf/ostia_monthly.nc", "surface_temperature"), ("@netcdf/orca2_votemper.nc", "votemper"),
          ("@netcdf/toa_brightness_stereographic.nc", "data"), ("@netcdf/space_weather.nc", "longitude"),
          ("@netcdf/space_weather.nc", "latitude"), ("@netcdf/SOI_Darwin.nc", "SOI_Darwin"),
          ("@netcdf/kaplan_sst_anom_pacific_1856_2014.nc", "sst_anom"), ("@netcdf/sst_ndjfm_anom.nc", "sst"),
          ("@netcdf/sst_ndjfm_anom.nc", "time"), ("@netcdf/hgt_djf.nc", "time"),
          ("@hdf5/pylhe-testfile-hpcgen.hdf5", "particles")]
FIELDS += [("odd.nc", name) for name in ("packed_range", "unsigned_byte", "missing_list", "missing_double", "limits",
                                         "never_written", "nan_fill", "time")]

print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Made by tests/data/reference/freeze_fields.py with netCDF4 %s; not to be edited. */" % netCDF4.__version__)
print("#ifndef AZ_FROZEN_FIELDS_H\n#define AZ_FROZEN_FIELDS_H\n")
print("/* Values without the masked ones; @: in the folder of shared data.  Dates: of the first and the last value. */")
print("static const struct {\n    const char *file, *name, *type;\n    long n, n_masked;\n"
      "    double sum, smallest, largest;\n    long place[3];\n    double value[3]; /* NAN: masked */\n"
      "    const char *dates[2];\n} frozen_fields[] = {")


def number(x):
    return "NAN" if x is np.ma.masked or np.isnan(x) else repr(float(x))


for file, name in FIELDS:
    path = os.path.join(data, file[1:]) if file[0] == "@" else os.path.join(here, file)
    d = netCDF4.Dataset(path)
    v = d[name]
    x = np.ma.asarray(v[:]).astype("f8").ravel()
    x = np.ma.masked_invalid(x)
    places = [0, len(x) // 3, len(x) - 1]
    known = x.compressed()
    dates = ["NULL", "NULL"]
    if name == "time":
        calendar = getattr(v, "calendar", "standard")
        dates = ['"%s"' % when.isoformat().replace("T00:00:00", "")
                 for when in netCDF4.num2date(x[[0, -1]].data, v.units, calendar, only_use_cftime_datetimes=True)]
    print('    {"%s", "%s", "%s", %d, %d,\n     %s, %s, %s,\n     {%s}, {%s}, {%s}},' % (
        file, name, v.dtype.name, len(x), int(np.ma.count_masked(x)),
        number(np.sum(known)) if len(known) else "NAN", number(known.min()) if len(known) else "NAN",
        number(known.max()) if len(known) else "NAN", ", ".join(map(str, places)),
        ", ".join(number(x[i]) for i in places), ", ".join(dates)))
print("};\n")

# Tables: --select by numpy's own indexing, one sum for each column.
TABLES = [("@netcdf/ersstv5_sst_2010_2020.nc", "sst", "time=2011:2012-06, lat=5:-5, lon=190:240",
           lambda d: (slice(12, 30), (d["lat"][:] >= -5) & (d["lat"][:] <= 5), (d["lon"][:] >= 190) & (d["lon"][:] <= 240))),
          ("@netcdf/eraint_uvz.nc", "u,v", "level=200,month=6:8,latitude=40:40.6",
           lambda d: ([1], [0], (d["latitude"][:] >= 40) & (d["latitude"][:] <= 40.6), slice(None))),
          ("@netcdf/A1B_north_america.nc", "air_temperature", "time=1900-01-01:1999-12-30,latitude=30:40",
           lambda d: (np.array([1900 <= w.year <= 1999 for w in netCDF4.num2date(
               d["time"][:], d["time"].units, d["time"].calendar)]),
               (d["latitude"][:] >= 30) & (d["latitude"][:] <= 40), slice(None)))]
print("/* The sums of the columns of a table: coordinates, then variables. */")
print("static const struct {\n    const char *file, *vars, *select;\n    long n_rows, n_missing;\n    int n_columns;\n"
      "    double sum[8];\n} frozen_tables[] = {")
for file, names, select, index in TABLES:
    d = netCDF4.Dataset(os.path.join(data, file[1:]))
    first = d[names.split(",")[0]]
    index = tuple(np.flatnonzero(i) if isinstance(i, np.ndarray) and i.dtype == bool else
                  np.arange(n)[i] for i, n in zip(index(d), first.shape))
    index = tuple(np.asarray(np.ma.filled(i)) for i in index)
    grids = np.meshgrid(*[np.asarray(d[dim][:], "f8")[i] for dim, i in zip(first.dimensions, index)], indexing="ij")
    sums = [float(np.sum(g)) for g in grids]
    missing = 0
    for name in names.split(","):
        x = np.ma.asarray(d[name][:]).astype("f8")[np.ix_(*index)]
        sums.append(float(np.sum(x.compressed())))
        missing += int(np.ma.count_masked(x))
    print('    {"%s", "%s", "%s", %d, %d, %d,\n     {%s}},' % (file, names, select, grids[0].size, missing, len(sums),
                                                            ", ".join(map(repr, sums))))
print("};\n\n#endif")
