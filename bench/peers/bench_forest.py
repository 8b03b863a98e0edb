# SPDX-License-Identifier: BSD-3-Clause
"""A random forest against scikit-learn in one run: 100 full-depth trees, a third of the features at each split, fit and
prediction of 20,000 other rows, scores side by side.  Each peer runs in a process of its own, so that peaks of memory are its own.

usage: python bench_forest.py [THREADS RUNS]
       BENCH in the environment: the program (build/bench_forest)
"""
import os
import subprocess
import sys
import tempfile

n_threads = sys.argv[1] if len(sys.argv) > 1 else "2"
runs = sys.argv[2] if len(sys.argv) > 2 else "3"
here = os.path.dirname(os.path.abspath(__file__))
bench = os.environ.get("BENCH", os.path.join(here, "..", "..", "build", "bench_forest"))

PEER = """
import resource, statistics, sys, time
import numpy as np, sklearn
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
folder, n_rows, n_features, n_threads, task, runs = sys.argv[1:]
n_rows, n_features, n_threads, runs = int(n_rows), int(n_features), int(n_threads), int(runs)
x = np.fromfile(folder + "/x.f64").reshape(n_rows, n_features)
y = np.fromfile(folder + "/y.f64")
test_x = np.fromfile(folder + "/test_x.f64").reshape(-1, n_features)
test_y = np.fromfile(folder + "/test_y.f64")
kind = RandomForestClassifier if task == "binary" else RandomForestRegressor
wall, cpu, predict, predict_cpu = [], [], [], []
for _ in range(runs):
    start, used = time.perf_counter(), time.process_time()
    model = kind(n_estimators=100, max_features=1 / 3, n_jobs=n_threads).fit(x, y)
    wall.append(time.perf_counter() - start)
    cpu.append(time.process_time() - used)
    for _ in range(5):
        start, used = time.perf_counter(), time.process_time()
        out = model.predict(test_x)
        predict.append(time.perf_counter() - start)
        predict_cpu.append(time.process_time() - used)
score = np.mean(out == test_y) if task == "binary" else np.sqrt(np.mean((out - test_y) ** 2))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
m = statistics.median
print(f"wall {m(wall):.4f} cpu {m(cpu):.4f} predict {m(predict):.4f} predict_cpu {m(predict_cpu):.4f} score {score:.6f} peak {peak:.0f}")
"""


def run(call):
    words = subprocess.run(call, check=True, capture_output=True, text=True).stdout.split()
    return dict(zip(words[::2], map(float, words[1::2])))


for task, n_rows, n_features in (("regression", "100000", "20"), ("binary", "100000", "30")):
    with tempfile.TemporaryDirectory() as folder:
        ours = run([bench, folder, n_rows, n_features, n_threads, task, "100", runs])
        peer = run([sys.executable, "-c", PEER, folder, n_rows, n_features, n_threads, task, runs])
    print(f"{n_rows} x {n_features}, {task}, 100 trees, {n_threads} threads")
    for name, figures in (("ansatz", ours), ("scikit-learn", peer)):
        print(f"  {name}: fit {figures['wall']:.2f} s ({figures['cpu']:.2f} s of processors), predict "
              f"{1e3 * figures['predict']:.0f} ms ({1e3 * figures['predict_cpu']:.0f} of processors), score {figures['score']:.5f}, peak {figures['peak']:.0f} MB")
    print(f"  ratios: fit {peer['wall'] / ours['wall']:.1f} (processors {peer['cpu'] / ours['cpu']:.1f}), predict "
          f"{peer['predict'] / ours['predict']:.1f} (processors {peer['predict_cpu'] / ours['predict_cpu']:.1f}), memory {peer['peak'] / ours['peak']:.1f}, score "
          f"{ours['score'] / peer['score']:.4f}", flush=True)
