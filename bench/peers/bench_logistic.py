# SPDX-License-Identifier: BSD-3-Clause
"""Logistic regression, 10 classes, 100,000 x 100, to the same gradient norm as scikit-learn's fastest solver.

usage: BENCH=build/bench_logistic python bench_logistic.py

Both get two threads.  The norm is the greatest component of the gradient of the mean loss plus penalty, measured here
for both; Ansatz is asked for the norm that scikit-learn reached.  Medians of five, in one run.  newton-cholesky is left
out: with ten classes it is far slower (142.8 s against 5.4 s by lbfgs and 4.5 s by newton-cg in one run).
"""
import os
import subprocess
import sys
import tempfile
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

n, p, k = 100000, 100, 10
rng = np.random.default_rng(1)
x = rng.normal(size=(n, p))
y = (x @ rng.normal(size=(p, k)) * 0.2 + rng.gumbel(size=(n, k))).argmax(1)
here = os.path.dirname(os.path.abspath(__file__))
bench = os.environ.get("BENCH", os.path.join(here, "..", "..", "build", "bench_logistic"))


def gradient_norm(w, b):
    t = x @ w.T + b
    e = np.exp(t - t.max(1, keepdims=True))
    residual = e / e.sum(1, keepdims=True)
    residual[np.arange(n), y] -= 1
    return max(np.abs(residual.T @ x / n + w / n).max(), np.abs(residual.mean(0)).max())


def fit(solver, tol):
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(solver=solver, tol=tol, max_iter=1000).fit(x, y)
    return time.perf_counter() - start, model


def ansatz(path, tol):
    out = path + ".out"
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")  # the threads are Ansatz's own
    text = subprocess.run([bench, path, str(n), str(p), str(k), repr(float(tol)), out], capture_output=True, text=True,
                          check=True, env=environment).stdout
    numbers = np.fromfile(out)
    return float(text.split("median")[1].split()[0]), text, numbers[:k * p].reshape(k, p), numbers[k * p:]


worst = np.inf
with tempfile.NamedTemporaryFile() as file:
    file.write(np.asfortranarray(x).tobytes(order="F"))
    file.write(y.astype(np.int32).tobytes())
    file.flush()
    for tol in (1e-4, 1e-8):
        first = {s: fit(s, tol) for s in ("lbfgs", "newton-cg")}
        for solver, (seconds, model) in first.items():
            print(f"scikit-learn {sklearn.__version__} {solver} tol {tol}: {seconds:.3f} s, "
                  f"gradient {gradient_norm(model.coef_, model.intercept_):.2g}", flush=True)
        good = {s: f for s, f in first.items() if gradient_norm(f[1].coef_, f[1].intercept_) <= 10 * tol}
        best = min(good, key=lambda s: good[s][0])
        runs = [fit(best, tol) for _ in range(5)]
        model = runs[0][1]
        norm = gradient_norm(model.coef_, model.intercept_)
        median = float(np.median([seconds for seconds, _ in runs]))
        ours, text, w, b = ansatz(file.name, norm)
        print(text.strip())
        ratio = median / ours
        worst = min(worst, ratio)
        print(f"gradient norm: {best} {norm:.2g}, ansatz {gradient_norm(w, b):.2g}; "
              f"coefficients differ by {np.abs(w - model.coef_).max():.2g}")
        print(f"logistic to {norm:.2g}: scikit-learn {best} {median:.3f} s, ansatz {ours:.3f} s, "
              f"ratio {ratio:.2f}", flush=True)
print(f"target 3: {'reached' if worst >= 3 else 'MISSED'} ({worst:.2f})")
sys.exit(0 if worst >= 3 else 1)
