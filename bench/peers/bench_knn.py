# SPDX-License-Identifier: BSD-3-Clause
"""Nearest neighbours against scikit-learn in one run: fit and query, median of five, answers compared.

usage: python bench_knn.py [ROWS FEATURES QUERIES NEIGHBOURS THREADS]
       BENCH in the environment: the program (build/bench_knn)
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

sizes = [int(a) for a in sys.argv[1:]] + [50000, 20, 10000, 10, 2][len(sys.argv) - 1:]
here = os.path.dirname(os.path.abspath(__file__))
bench = os.environ.get("BENCH", os.path.join(here, "..", "..", "build", "bench_knn"))
n_rows, n_features, n_queries, k, n_threads = sizes
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(n_threads)

import numpy as np  # noqa: E402  (after the number of threads is set)
import sklearn  # noqa: E402
from sklearn.neighbors import KNeighborsRegressor  # noqa: E402

with tempfile.TemporaryDirectory() as folder:
    out = subprocess.run([bench, folder, *map(str, sizes)], check=True, capture_output=True, text=True).stdout
    words = out.split()
    ours = dict(zip(words[::2], map(float, words[1::2])))
    x = np.fromfile(f"{folder}/x.f64").reshape(n_rows, n_features)
    y = np.fromfile(f"{folder}/y.f64")
    queries = np.fromfile(f"{folder}/queries.f64").reshape(n_queries, n_features)
    prediction = np.fromfile(f"{folder}/prediction.f64")

print(f"{n_rows} x {n_features}, {n_queries} queries, k = {k}, {n_threads} threads, median of five")
print(f"ansatz: fit {ours['fit']:.3f} s, predict {ours['predict']:.3f} s, both {ours['both']:.3f} s")
best = None
for algorithm in ("brute", "kd_tree", "ball_tree"):
    times = []
    for _ in range(5):
        start = time.perf_counter()
        theirs = KNeighborsRegressor(k, algorithm=algorithm, n_jobs=n_threads).fit(x, y).predict(queries)
        times.append(time.perf_counter() - start)
        if times[0] > 5 * (best or times[0]):  # far behind: once is enough
            break
    seconds = statistics.median(times)
    apart = np.abs(theirs - prediction).max()
    print(f"scikit-learn {sklearn.__version__} {algorithm}: {seconds:.3f} s ({len(times)} runs), "
          f"largest difference of predictions {apart:.1e}")
    best = seconds if best is None else min(best, seconds)
print(f"ratio: {best / ours['both']:.2f}")
