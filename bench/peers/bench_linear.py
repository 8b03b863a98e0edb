# SPDX-License-Identifier: BSD-3-Clause
"""Least squares against scikit-learn in one run: median of five, coefficients compared.

usage: python bench_linear.py [ROWS FEATURES THREADS]
       BENCH in the environment: the program (build/bench_linear)
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

sizes = [int(a) for a in sys.argv[1:]] + [1000000, 50, 2][len(sys.argv) - 1:]
here = os.path.dirname(os.path.abspath(__file__))
bench = os.environ.get("BENCH", os.path.join(here, "..", "..", "build", "bench_linear"))
n_rows, n_features, n_threads = sizes
environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS=str(n_threads))
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(n_threads)

import numpy as np  # noqa: E402  (after the number of threads is set)
import sklearn  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402

with tempfile.TemporaryDirectory() as folder:
    out = subprocess.run([bench, folder, *map(str, sizes)], check=True, stdout=subprocess.PIPE, text=True,
                         env=environment).stdout
    ours = float(out.split()[1])
    columns = np.fromfile(f"{folder}/x.f64").reshape(n_features, n_rows).T
    y = np.fromfile(f"{folder}/y.f64")
    coefficient = np.fromfile(f"{folder}/coefficient.f64")

print(f"{n_rows} x {n_features}, {n_threads} threads, median of five")
print(f"ansatz: {ours:.3f} s (with covariance and refinement)")
best = None
for order in "CF":
    x = np.asarray(columns, order=order)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        model = LinearRegression().fit(x, y)
        times.append(time.perf_counter() - start)
    seconds = statistics.median(times)
    apart = np.abs(model.coef_ - coefficient).max() / np.abs(coefficient).max()
    print(f"scikit-learn {sklearn.__version__}, {order} order: {seconds:.3f} s, coefficients differ by {apart:.1e}")
    best = seconds if best is None else min(best, seconds)
print(f"ratio: {best / ours:.1f}")
