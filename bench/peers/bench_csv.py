# SPDX-License-Identifier: BSD-3-Clause
"""A numeric CSV of 200 MB: Ansatz (through libansatz.so) against pyarrow and pandas, two threads each.

Every run is a process of its own, so that none inherits another's memory; the three take turns; what is timed is the
call that reads, the file being in the page cache.  Medians of five, ratios, and the sums of all columns compared.

usage: bench_csv.py [FILE]    (FILE: another numeric table; or "one NAME FILE" for a single run)
"""
import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "2"
# Threads of a BLAS wait busily for a while when they are made; nobody needs them here, and the command has none.
os.environ["OPENBLAS_NUM_THREADS"] = "1"


def read_ansatz(path):
    class Control(ctypes.Structure):
        _fields_ = [("n_threads", ctypes.c_int), ("interrupted", ctypes.c_void_p), ("progress", ctypes.c_void_p),
                    ("message", ctypes.c_void_p), ("user", ctypes.c_void_p), ("time_limit", ctypes.c_double),
                    ("checkpoint", ctypes.c_char_p), ("resume", ctypes.c_bool)]

    library = ctypes.CDLL("libansatz.so")
    library.az_table_number.restype = ctypes.c_double
    library.az_table_n_rows.restype = ctypes.c_int64
    library.az_table_n_columns.restype = ctypes.c_int64
    table = ctypes.c_void_p()
    control = Control(n_threads=2)
    start = time.perf_counter()
    status = library.az_table_read(ctypes.byref(table), path.encode(), None, ctypes.byref(control))
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"az_table_read: status {status}")
    n_rows, n_columns = library.az_table_n_rows(table), library.az_table_n_columns(table)
    # The rows that are compared: every 997th, which is quick from here and meets every part of the file.
    cell = lambda i, j: library.az_table_number(table, ctypes.c_int64(i), ctypes.c_int64(j))
    return seconds, n_rows, [sum(cell(i, j) for i in range(0, n_rows, 997)) for j in range(n_columns)]


def read_pyarrow(path):
    import pyarrow
    import pyarrow.csv
    pyarrow.set_cpu_count(2)
    pyarrow.set_io_thread_count(2)
    start = time.perf_counter()
    table = pyarrow.csv.read_csv(path)
    seconds = time.perf_counter() - start
    columns = [column.to_numpy() for column in table.columns]
    return seconds, len(columns[0]), [sum(column[::997].tolist()) for column in columns]


def read_pandas(path):
    import pandas
    start = time.perf_counter()
    table = pandas.read_csv(path)
    seconds = time.perf_counter() - start
    return seconds, len(table), [sum(table[name].to_numpy()[::997].tolist()) for name in table.columns]


READERS = {"ansatz": read_ansatz, "pyarrow": read_pyarrow, "pandas": read_pandas}


def write_table(path):
    import numpy
    generator = numpy.random.default_rng(1)
    scale = 10.0 ** generator.integers(-1, 4, size=20)
    with open(path, "w") as file:
        file.write(",".join(f"x{j}" for j in range(20)) + "\n")
        while file.tell() < 200e6:
            rows = (generator.normal(size=(10000, 20)) * scale).tolist()
            file.write("".join(",".join(map(repr, row)) + "\n" for row in rows))


def main():
    if sys.argv[1:2] == ["one"]:
        seconds, n_rows, sums = READERS[sys.argv[2]](sys.argv[3])
        print(seconds, n_rows, *sums)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(folder, "table.csv")
        if len(sys.argv) < 2:
            write_table(path)
        with open(path, "rb") as file:
            while file.read(1 << 24):
                pass
        seconds, answers = {name: [] for name in READERS}, {}
        for _ in range(5):
            for name in READERS:
                run = subprocess.run([sys.executable, __file__, "one", name, path], check=True, capture_output=True,
                                     text=True).stdout.split()
                seconds[name].append(float(run[0]))
                answers[name] = (int(run[1]), [float(value) for value in run[2:]])
        median = {name: statistics.median(times) for name, times in seconds.items()}
        size = os.path.getsize(path) / 1e6
        for name, value in median.items():
            print(f"{name:8} {value:.3f} s  {size / value:6.0f} MB/s   {value / median['ansatz']:.2f} times ansatz")
        agree = True
        for name in ("pyarrow", "pandas"):
            n_rows, sums = answers[name]
            close = n_rows == answers["ansatz"][0] and all(
                abs(a - b) <= 1e-12 * n_rows * max(1.0, abs(b)) for a, b in zip(answers["ansatz"][1], sums))
            print(f"{name:8} read the same: {close}")
            agree &= close
        return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
