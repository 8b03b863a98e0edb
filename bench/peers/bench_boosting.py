# SPDX-License-Identifier: BSD-3-Clause
"""Gradient boosting against XGBoost, LightGBM and scikit-learn in one run: 100 rounds, learning rate 0.1, median of the fits,
bins included, and the loss of 20,000 other rows.

usage: python bench_boosting.py [THREADS RUNS ROWSxFEATURES ...]
       BENCH in the environment: the program (build/bench_boosting)
       SEEDS in the environment: so many data sets of each kind (1); losses and times are taken over all of them
       OMP_WAIT_POLICY=passive keeps the peers' threads from waiting busily, where other programs run too
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

n_threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
seeds = range(1, int(os.environ.get("SEEDS", "1")) + 1)
sizes = [tuple(map(int, a.split("x"))) for a in sys.argv[3:]] or [(100000, 20), (1000000, 28)]
here = os.path.dirname(os.path.abspath(__file__))
bench = os.environ.get("BENCH", os.path.join(here, "..", "..", "build", "bench_boosting"))
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(n_threads)
warnings.filterwarnings("ignore")

import lightgbm  # noqa: E402  (after the number of threads is set)
import numpy as np  # noqa: E402
import sklearn  # noqa: E402
import xgboost  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor  # noqa: E402
from sklearn.metrics import log_loss  # noqa: E402


def peers(binary, leaves):
    """Each with its own defaults besides rounds, learning rate and the size of the trees."""
    common = dict(n_estimators=100, learning_rate=0.1, n_jobs=n_threads)
    shape = dict(max_depth=0, max_leaves=31, grow_policy="lossguide") if leaves else dict(max_depth=6)
    kind = xgboost.XGBClassifier if binary else xgboost.XGBRegressor
    yield f"xgboost {xgboost.__version__}", lambda: kind(tree_method="hist", **common, **shape)
    shape = dict(num_leaves=31) if leaves else dict(num_leaves=64, max_depth=6)
    light = lightgbm.LGBMClassifier if binary else lightgbm.LGBMRegressor
    yield f"lightgbm {lightgbm.__version__}", lambda: light(verbose=-1, **common, **shape)
    shape = dict(max_leaf_nodes=31) if leaves else dict(max_leaf_nodes=None, max_depth=6)
    hist = HistGradientBoostingClassifier if binary else HistGradientBoostingRegressor
    yield f"scikit-learn {sklearn.__version__}", lambda: hist(max_iter=100, early_stopping=False, **shape)


def loss_of(model, binary, x, y):
    if binary:
        return log_loss(y, model.predict_proba(x))
    return np.sqrt(np.mean((model.predict(x) - y)**2))


def measure(n_rows, n_features, task, shape):
    """By name: a list of (seconds by the clock, of processors, loss), one a fit; the programs take turns."""
    fits = {}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            call = [bench, folder, str(n_rows), str(n_features), str(n_threads), task, shape, "1", str(seed)]
            for run in range(runs):
                words = subprocess.run(call, check=True, capture_output=True, text=True).stdout.split()
                fits.setdefault("ansatz", []).append(tuple(map(float, words[1::2])))
                x = np.fromfile(f"{folder}/x.f64").reshape(n_rows, n_features)
                y = np.fromfile(f"{folder}/y.f64")
                test_x = np.fromfile(f"{folder}/test_x.f64").reshape(-1, n_features)
                test_y = np.fromfile(f"{folder}/test_y.f64")
                for name, make in peers(task == "binary", shape == "leaves"):
                    start, used = time.perf_counter(), time.process_time()
                    model = make().fit(x, y)
                    wall, cpu = time.perf_counter() - start, time.process_time() - used
                    fits.setdefault(name, []).append((wall, cpu, loss_of(model, task == "binary", test_x, test_y)))
    return fits


for n_rows, n_features in sizes:
    for task in ("regression", "binary"):
        for shape in ("depth", "leaves"):
            size = "depth 6" if shape == "depth" else "31 leaves"
            print(f"{n_rows} x {n_features}, {task}, {size}, {n_threads} threads")
            ours, best = None, [1e9] * 3
            for name, fits in measure(n_rows, n_features, task, shape).items():
                wall, cpu, losses = zip(*fits)
                found = statistics.median(wall), statistics.median(cpu), statistics.mean(losses)
                print(f"  {name}: {found[0]:.3f} s ({found[1]:.3f} s of processors), loss {found[2]:.5f}")
                if ours:
                    best = [min(a, b) for a, b in zip(best, found)]
                ours = ours or found
            print(f"  ratio to the fastest: {best[0] / ours[0]:.2f} (of processor time {best[1] / ours[1]:.2f}); "
                  f"loss over the least of the others: {ours[2] / best[2]:.4f}", flush=True)
