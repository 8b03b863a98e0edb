#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Forecasts of Nino 3.4 six months ahead and of the lynx one year ahead, by numpy and scikit-learn alone.

usage: tests/cli/reference/freeze_forecast.py DATA > tests/cli/frozen_forecast.h
"""
import sys

import numpy as np
import sklearn
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folder = sys.argv[1] + "/small_physics/"


def windows(series, lags, horizon):
    """Rows (place of the target, lag 0, lag 1, ..., target) of all windows whose target is known."""
    rows = []
    for t in range(lags - 1, len(series) - horizon):
        rows.append([t + horizon] + [series[t - k] for k in range(lags)] + [series[t + horizon]])
    rows = np.array(rows)
    return rows[~np.isnan(rows[:, -1])]


def forecast(series, month, lags, horizon, fraction):
    rows = windows(series, lags, horizon)
    n_test = int(np.floor(fraction * len(rows) + 0.5))
    test, rest = rows[-n_test:], rows[:-n_test]
    # No window of the training reaches into the first window of the test.
    begin_of_test = test[0, 0] - horizon - lags + 1
    train = rest[rest[:, 0] < begin_of_test]
    x, y = train[:, 1:-1], train[:, -1]
    median = np.nanmedian(x, axis=0)
    x, x_test = np.where(np.isnan(x), median, x), np.where(np.isnan(test[:, 1:-1]), median, test[:, 1:-1])
    scores = {"persistence": x_test[:, 0],
              "ridge": make_pipeline(StandardScaler(), Ridge(alpha=1.0)).fit(x, y).predict(x_test)}
    if month is not None:
        of = lambda r: month[r[:, 0].astype(int)]
        means = np.array([y[of(train) == m].mean() for m in range(1, 13)])
        scores["climatology"] = means[of(test) - 1]
    rmse = {name: np.sqrt(np.mean((p - test[:, -1]) ** 2)) for name, p in scores.items()}
    return len(train), n_test, rmse, scores["ridge"][:3]


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Made by tests/cli/reference/freeze_forecast.py with numpy %s and scikit-learn %s; not to be edited. */"
      % (np.__version__, sklearn.__version__))
print("#ifndef AZ_FROZEN_FORECAST_H\n#define AZ_FROZEN_FORECAST_H\n")
nino = np.genfromtxt(folder + "nino34_oni_monthly_1871.csv", delimiter=",", skip_header=1, usecols=(0, 1, 5))
lynx = np.genfromtxt(folder + "lynx_canada_1821_1934.csv", delimiter=",", skip_header=1, usecols=(1, 2))
for name, series, month, lags, horizon in (("nino", nino[:, 2], nino[:, 1].astype(int), 12, 6),
                                            ("lynx", lynx[:, 1], None, 10, 1)):
    n_train, n_test, rmse, first = forecast(series, month, lags, horizon, 0.25)
    print("enum { %s_n_train = %d, %s_n_test = %d };" % (name, n_train, name, n_test))
    for model, value in sorted(rmse.items()):
        print("static const double %s_%s_rmse = %r;" % (name, model, float(value)))
    print("static const double %s_first[] = {%s};\n" % (name, ", ".join(repr(float(v)) for v in first)))
print("#endif")
