#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""NPY and NPZ files by numpy, as bytes for the tests.  All arrays hold 10, 11, 12, ... of shape (2, 3), but for those
named otherwise.

usage: tests/data/reference/freeze_npy.py > tests/data/frozen_npy.h
"""
import io
import zipfile

import numpy as np
from numpy.lib import format as npy

x = np.arange(10, 16).reshape(2, 3)


def saved(array, **options):
    f = io.BytesIO()
    npy.write_array(f, array, **options)
    return f.getvalue()


def archive(compression=zipfile.ZIP_STORED, force_zip64=False, **arrays):
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", compression) as z:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            info.compress_type = compression
            with z.open(info, "w", force_zip64=force_zip64) as member:
                npy.write_array(member, array)
    return f.getvalue()


READ = {kind: saved(x.astype(kind)) for kind in
        ("<i1", "<u1", "<i2", ">i2", "<u2", "<i4", ">i4", "<u4", "<i8", ">i8", "<u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8")}
READ["Fortran"] = saved(np.asfortranarray(x.astype("<f8")))
READ["Fortran, big-endian"] = saved(np.asfortranarray(x.astype(">i4")))
READ["version 2"] = saved(x.astype("<f4"), version=(2, 0))
READ["version 3"] = saved(x.astype("<f4"), version=(3, 0))
READ["stored"] = archive(x=x.astype("<f8"))
READ["deflated"] = archive(zipfile.ZIP_DEFLATED, x=x.astype("<f8"))
READ["zip64"] = archive(force_zip64=True, x=x.astype("<f8"))
READ["Python 2"] = saved(x.astype("<f8")).replace(b"(2, 3), }  ", b"(2L, 3L), }")
OTHERS = {
    "half": saved(np.array([0, -0.0, 1, -2.5, 65504, 2.0**-24, 2.0**-14 * 1.5, np.nan], "<f2")),
    "bool": saved(np.array([True, False, True])),
    "cube": saved(np.arange(24, dtype="<i2").reshape(2, 3, 4)),
    "series": saved(np.array([5.0, 6.0, 7.0])),
    "single": saved(np.array(42.0)),
    "pair": archive(zipfile.ZIP_DEFLATED, x=x.astype("<i4"), y=np.array([0.5, 1.5])),
    "lengths": archive(x=x.astype("<i4"), w=np.array([1.0, 2.0, 3.0])),
    "records": saved(np.zeros(2, [("a", "<i4"), ("b", "<f8")])),
    "complex": saved(np.zeros(2, "<c16")),
    "objects": saved(np.array([None, 1], dtype=object)),
    "text": saved(np.array(["a", "bc"])),
    "dates": saved(np.zeros(2, "<M8[D]")),
    "long double": saved(np.zeros(2, "longdouble")),
    "infinite": saved(np.array([1, np.inf])),
    "no rows": saved(np.zeros((0, 3))),
    "workbook": archive(sheet=x).replace(b".npy", b".xml"),
}
print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Made by tests/data/reference/freeze_npy.py with numpy %s; not to be edited. */" % np.__version__)
print("#ifndef AZ_FROZEN_NPY_H\n#define AZ_FROZEN_NPY_H\n\n#include <stddef.h>\n")
print("typedef struct frozen_file {\n    const char *name;\n    size_t size;\n    const char *bytes;\n} frozen_file;\n")


def literal(blob):
    text, line, after_escape = "", "", False
    for byte in blob:
        c = chr(byte)
        plain = 32 <= byte < 127 and c not in '"\\?' and not (after_escape and c in "01234567")
        piece = c if plain else "\\%o" % byte
        after_escape = not plain
        if len(line) + len(piece) > 104:
            text, line = text + '     "%s"\n' % line, ""
        line += piece
    return text + '     "%s"' % line


for name, files in (("frozen_read", READ), ("frozen_others", OTHERS)):
    print("static const frozen_file %s[] = {" % name)
    for key, blob in files.items():
        print('    {"%s", %d,\n%s},' % (key, len(blob), literal(blob)))
    print("};\n")
print("#endif")
