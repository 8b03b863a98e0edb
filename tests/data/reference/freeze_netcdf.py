#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# usage: freeze_netcdf.py DATA > tests/data/frozen_netcdf.h
# Values of the files in DATA/netcdf as python3-netcdf4 reads them: masked and scaled by its own rules, times by cftime.
# Of each variable: a few places spread over it, and the first and last one that is masked and that is not.
import sys

import netCDF4
import numpy

VARIABLES = [
    ("A1B_north_america.nc", "air_temperature"),
    ("SOI_Darwin.nc", "SOI_Darwin"),
    ("atlantic_profiles.nc", "salinity"),
    ("basin_mask.nc", "basin"),
    ("eraint_uvz.nc", "z"),
    ("eraint_uvz.nc", "u"),
    ("eraint_uvz.nc", "v"),
    ("ersstv5_sst_2010_2020.nc", "sst"),
    ("hgt_djf.nc", "z"),
    ("kaplan_sst_anom_pacific_1856_2014.nc", "sst_anom"),
    ("orca2_votemper.nc", "votemper"),
    ("ostia_monthly.nc", "surface_temperature"),
    ("pacific_sst_anom_1970_2003.nc", "landmask"),
    ("space_weather.nc", "longitude"),
    ("sst_ndjfm_anom.nc", "sst"),
    ("toa_brightness_stereographic.nc", "data"),
    ("uwnd_mean.nc", "uwnd"),
    ("vlstr_type.nc", "wind"),
]
TIMES = ["A1B_north_america.nc", "SOI_Darwin.nc", "ersstv5_sst_2010_2020.nc", "hgt_djf.nc", "ostia_monthly.nc",
         "sst_ndjfm_anom.nc"]


def number(value):
    return "NAN" if numpy.ma.is_masked(value) or numpy.isnan(value) else repr(float(value))


def places(values):
    flat = numpy.ma.masked_invalid(numpy.ma.asarray(values).astype("f8")).ravel()
    size, mask = flat.size, numpy.ma.getmaskarray(flat)
    wanted = {0, size // 7, size // 3, size // 2, size - 1}
    for which in (numpy.flatnonzero(mask), numpy.flatnonzero(~mask)):
        if which.size:
            wanted |= {int(which[0]), int(which[-1])}
    return sorted(wanted)


folder = sys.argv[1]
print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Written by tests/data/reference/freeze_netcdf.py with netCDF4 " + netCDF4.__version__ + ", NumPy "
      + numpy.__version__ + ". */")
print("static const frozen_value frozen_values[] = {")
for name, variable in VARIABLES:
    with netCDF4.Dataset(f"{folder}/netcdf/{name}") as file:
        values = numpy.ma.asarray(file[variable][...])
        for place in places(values):
            index = [int(i) for i in numpy.unravel_index(place, values.shape)]
            at = ", ".join(str(i) for i in index)
            print(f'    {{"{name}", "{variable}", {len(index)}, {{{at}}}, {number(values[tuple(index)])}}},')
print("};")
print("static const frozen_date frozen_dates[] = {")
for name in TIMES:
    with netCDF4.Dataset(f"{folder}/netcdf/{name}") as file:
        time = file["time"]
        calendar = getattr(time, "calendar", "standard")
        for place in (0, time.size // 3, time.size - 1):
            d = netCDF4.num2date(time[place], time.units, calendar)
            print(f'    {{"{name}", {place}, "{calendar}", {d.year}, {d.month}, {d.day}, {d.hour}, {d.minute}}},')
print("};")
