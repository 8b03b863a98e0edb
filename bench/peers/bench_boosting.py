# SPDX-License-Identifier: BSD-3-Clause
"""Gradient boosting against XGBoost, LightGBM and scikit-learn in one run: 100 rounds, learning rate 0.1, median of the fits,
bins included, and the loss of 20,000 other rows.

usage: python bench_boosting.py [THREADS RUNS ROWSxFEATURES ...]
       BENCH in the environment: the program (build/bench_boosting)
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


for n_rows, n_features in sizes:
    for task in ("regression", "binary"):
        for shape in ("depth", "leaves"):
            with tempfile.TemporaryDirectory() as folder:
                call = [bench, folder, str(n_rows), str(n_features), str(n_threads), task, shape, str(runs)]
                words = subprocess.run(call, check=True, capture_output=True, text=True).stdout.split()
                ours = dict(zip(words[::2], map(float, words[1::2])))
                x = np.fromfile(f"{folder}/x.f64").reshape(n_rows, n_features)
                y = np.fromfile(f"{folder}/y.f64")
                test_x = np.fromfile(f"{folder}/test_x.f64").reshape(-1, n_features)
                test_y = np.fromfile(f"{folder}/test_y.f64")
            size = "depth 6" if shape == "depth" else "31 leaves"
            print(f"{n_rows} x {n_features}, {task}, {size}, {n_threads} threads")
            print(f"  ansatz: {ours['wall']:.3f} s ({ours['cpu']:.3f} s of processors), loss {ours['loss']:.5f}")
            best = least = None
            for name, make in peers(task == "binary", shape == "leaves"):
                wall, cpu = [], []
                for _ in range(runs):
                    start, used = time.perf_counter(), time.process_time()
                    model = make().fit(x, y)
                    wall.append(time.perf_counter() - start)
                    cpu.append(time.process_time() - used)
                if task == "binary":
                    loss = log_loss(test_y, model.predict_proba(test_x))
                else:
                    loss = np.sqrt(np.mean((model.predict(test_x) - test_y)**2))
                print(f"  {name}: {statistics.median(wall):.3f} s ({statistics.median(cpu):.3f} s of processors), "
                      f"loss {loss:.5f}")
                best = min(best or 1e9, statistics.median(wall))
                least = min(least or 1e9, loss)
            print(f"  ratio to the fastest: {best / ours['wall']:.2f}; loss over the least: {ours['loss'] / least:.4f}",
                  flush=True)
