#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# usage: make_netcdf.py FOLDER
# Makes the small NetCDF files of fuzz/seeds/netcdf, which tests/data/test_netcdf.c reads too (Debian: python3-netcdf4).
import sys

import netCDF4
import numpy


def classic(path, form):
    with netCDF4.Dataset(path, "w", format=form) as file:
        file.createDimension("time", None)
        file.createDimension("x", 3)
        file.title = "seed"
        time = file.createVariable("time", "f8", ("time",))
        time.units = "days since 2000-01-01"
        time[:] = [0, 1]
        packed = file.createVariable("v", "i2", ("time", "x"), fill_value=-9)
        packed.scale_factor = 0.5
        packed.set_auto_maskandscale(False)
        packed[:] = numpy.array([[0, 2, 4], [6, -9, 10]])
        letters = file.createVariable("c", "S1", ("x",))
        letters[:] = numpy.array([b"a", b"b", b"c"])
        file.createVariable("f", "f4", ("x",))[:] = [1, 2, 3]
        if form == "NETCDF3_64BIT_DATA":
            file.createVariable("u", "u8", ("x",))[:] = [1, 2, 2**63]


def groups(path):
    with netCDF4.Dataset(path, "w", format="NETCDF4") as file:
        file.createDimension("x", 2)
        outer = file.createGroup("outer")
        inner = outer.createGroup("inner")
        inner.createDimension("y", None)
        values = inner.createVariable("values", "u2", ("y", "x"))
        values[:] = numpy.array([[1, 2], [3, 65535]])
        values.names = ["first", "second"]
        names = outer.createVariable("names", str, ("x",))
        names[0], names[1] = "a", "bc"
        pair = file.createCompoundType(numpy.dtype([("re", "f4"), ("im", "f4")]), "pair")
        file.createVariable("complex", pair, ("x",))
        colour = file.createEnumType("u1", "colour", {"red": 0, "blue": 1})
        file.createVariable("paint", colour, ("x",), fill_value=0)
        file.createVariable("ragged", file.createVLType("i4", "list"), ("x",))


folder = sys.argv[1]
classic(f"{folder}/classic.nc", "NETCDF3_CLASSIC")
classic(f"{folder}/offset.nc", "NETCDF3_64BIT_OFFSET")
classic(f"{folder}/data64.nc", "NETCDF3_64BIT_DATA")
with netCDF4.Dataset(f"{folder}/one_record_variable.nc", "w", format="NETCDF3_CLASSIC") as one:
    one.createDimension("t", None)
    one.createVariable("b", "i1", ("t",))[:] = [1, 2, 3]
groups(f"{folder}/groups.nc")
