# SPDX-License-Identifier: BSD-3-Clause
"""Values of scikit-learn's histogram gradient boosting for tests/models/test_boosting.c.

usage: python boosting.py DATA > ../frozen_boosting.h
       DATA: the folder that holds california_housing/ and adult/

Small made-up data with less distinct values than bins, so that the cuts are those of any program: predictions.  Two known sets,
every fifth row held out in turn: losses of 100 rounds over all rows.
"""
import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss

i = np.arange(240)
x = np.column_stack([(i * 37 + 11) % 97, (i * 53 + 29) % 89, (i * 71 + 5) % 83]).astype(float)
signal = x[:, 0] - 0.5 * x[:, 1] + 0.01 * x[:, 0] * x[:, 2] + (i * 19 % 23)
common = dict(max_iter=6, learning_rate=0.3, max_leaf_nodes=8, min_samples_leaf=5, l2_regularization=0.5,
              early_stopping=False)
print("/* SPDX-License-Identifier: BSD-3-Clause */")
print(f"/* Made by reference/boosting.py with scikit-learn {sklearn.__version__}. */")


def array(name, values):
    print(f"static const double {name}[] = {{")
    for k in range(0, len(values), 4):
        print("    " + ", ".join(repr(float(v)) for v in values[k:k + 4]) + ",")
    print("};")


few = {"max_leaf_nodes": 3}  # signs as gradients make many splits equal: larger trees are matters of rounding
positive = np.floor(np.abs(signal) / 8) + 1
for name, loss, y, more in [("squared", "squared_error", signal, {}), ("absolute", "absolute_error", signal, few),
                            ("quantile", "quantile", signal, {"quantile": 0.8} | few), ("poisson", "poisson", positive, {}),
                            ("gamma", "gamma", positive, {})]:
    model = HistGradientBoostingRegressor(loss=loss, **common | more).fit(x, y)
    array(f"sklearn_{name}", model.predict(x[:40]))
for name, label in [("binary", signal > 20), ("classes", np.digitize(signal, [0, 30]))]:
    model = HistGradientBoostingClassifier(**common).fit(x, label)
    array(f"sklearn_{name}", model.predict_proba(x[:40]).ravel())

folder = sys.argv[1]
housing = pd.read_csv(f"{folder}/california_housing/housing.csv")
housing["ocean_proximity"] = housing["ocean_proximity"].astype("category")
fold = np.arange(len(housing)) % 5
y = housing.pop("median_house_value").to_numpy()
p = np.empty(len(y))
for k in range(5):
    model = HistGradientBoostingRegressor(early_stopping=False, categorical_features="from_dtype")
    p[fold == k] = model.fit(housing[fold != k], y[fold != k]).predict(housing[fold == k])
print(f"static const double sklearn_california_rmse = {float(np.sqrt(np.mean((p - y)**2)))!r};")

adult = pd.read_csv(f"{folder}/adult/adult-train.csv", skipinitialspace=True, header=None)
label = adult.pop(14) == ">50K"
for column in (1, 3, 5, 6, 7, 8, 9, 13):
    adult[column] = adult[column].astype("category")
fold = np.arange(len(adult)) % 5
p = np.empty((len(adult), 2))
for k in range(5):
    model = HistGradientBoostingClassifier(early_stopping=False, categorical_features="from_dtype")
    p[fold == k] = model.fit(adult[fold != k], label[fold != k]).predict_proba(adult[fold == k])
print(f"static const double sklearn_adult_log_loss = {float(log_loss(label, p))!r};")
