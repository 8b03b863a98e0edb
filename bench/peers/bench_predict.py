# SPDX-License-Identifier: BSD-3-Clause
"""A linear model in somebody's loop: one row and a block of 1,000 rows, from C and Fortran, against scikit-learn and
against reading the numbers once.  Medians of five, predictions compared.

usage: python bench_predict.py [ROWS FEATURES]
       BENCH in the environment: the program (build/bench_predict)
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sizes = [int(a) for a in sys.argv[1:]] + [1000, 20][len(sys.argv) - 1:]
root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
bench = os.environ.get("BENCH", os.path.join(root, "build", "bench_predict"))
n_rows, n_features = sizes
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402  (after the number of threads is set)
import sklearn  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402


def figures(command):
    words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return dict(zip(words[::2], map(float, words[1::2])))


with tempfile.TemporaryDirectory() as folder:
    ours = figures([bench, folder, *map(str, sizes)])
    if shutil.which("gfortran"):
        library = os.path.dirname(bench)
        subprocess.run(["gfortran", "-O2", f"{root}/bindings/fortran/ansatz.f90", f"{root}/bench/predict.f90",
                        f"-L{library}", "-lansatz", f"-Wl,-rpath,{os.path.abspath(library)}", "-J", folder,
                        "-o", f"{folder}/fortran"], check=True)
        ours |= figures([f"{folder}/fortran", folder, str(n_features)])
    rows = np.fromfile(f"{folder}/rows.f64").reshape(n_rows, n_features)
    prediction = np.fromfile(f"{folder}/prediction.f64")

print(f"linear, {n_features} inputs: nanoseconds of processor time a row, median of five; "
      f"{ours['allocations']:.0f} allocations")
print(f"one row:    C {ours['row_f64']:.1f}, in single precision {ours['row_f32']:.1f}", end="")
if "fortran_row_f64" in ours:
    print(f"; Fortran {ours['fortran_row_f64']:.1f}, in single precision {ours['fortran_row_f32']:.1f}, "
          f"differs from C by {ours['fortran_difference']:g}", end="")
print()
for name, count in (("block", n_rows), ("large", 1000000)):
    print(f"{count} rows: {ours[name + '_f64']:.2f} ({8 * n_features / ours[name + '_f64']:.1f} GB/s), column-major "
          f"{ours[name + '_across_f64']:.2f}; in single precision {ours[name + '_f32']:.2f} and "
          f"{ours[name + '_across_f32']:.2f}; the numbers only added up {ours[name + '_sum']:.2f}, "
          f"{ours[name + '_sum'] / ours[name + '_f64']:.2f} of which speed is reached")

model = LinearRegression()  # the fit is another bench's: here the same coefficients
model.coef_ = np.linalg.lstsq(np.c_[rows, np.ones(n_rows)], prediction, rcond=None)[0]
model.coef_, model.intercept_, model.n_features_in_ = model.coef_[:-1], model.coef_[-1], n_features


def median(work, repeats):
    times = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(repeats):
            work()
        times.append((time.process_time() - start) / repeats)
    return statistics.median(times) * 1e9


row = rows[:1]
one, block = median(lambda: model.predict(row), 2000), median(lambda: model.predict(rows), 500) / n_rows
apart = np.abs(model.predict(rows) - prediction).max() / np.abs(prediction).max()
print(f"scikit-learn {sklearn.__version__}: one row {one:.0f}, a block {block:.2f}; predictions differ by {apart:.1e}")
print(f"ratio: one row {one / ours['row_f64']:.0f}, a block {block / ours['block_f64']:.1f}")
