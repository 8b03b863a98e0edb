#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Test scores of scikit-learn 1.9.1's forests, the mean and the deviation over seven random states, for the table in
tests/models/test_forest.c:

    ANSATZ_DATA=... python3 tests/models/reference/forests.py

Every third row is held out.  Categories are numbers in alphabetical order, missing numbers the median: what
scikit-learn's forests need, and those of Ansatz do without."""
import os
import sys

import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor

folder = os.environ["ANSATZ_DATA"]


def numbers(table):
    for name in table:
        if table[name].dtype == object or table[name].dtype == "str":
            table[name] = table[name].astype("category").cat.codes.astype(float)
    return table.fillna(table.median()).values


housing = pd.read_csv(folder + "/california_housing/housing.csv")
adult = pd.read_csv(folder + "/adult/adult-train.csv", header=None, skipinitialspace=True, comment="|")
digits = pd.read_csv(folder + "/sklearn_toy/digits.csv.gz", header=None)
sets = {
    "california": (numbers(housing.drop(columns="median_house_value")), housing["median_house_value"].values),
    "adult": (numbers(adult.iloc[:, :-1].copy()), adult.iloc[:, -1].values),
    "digits": (digits.iloc[:, :-1].values, digits.iloc[:, -1].values),
}
for name, make in [
    ("california", lambda s: RandomForestRegressor(40, max_features=1 / 3, random_state=s)),
    ("adult", lambda s: RandomForestClassifier(40, random_state=s)),
    ("digits", lambda s: RandomForestClassifier(100, random_state=s)),
    ("digits", lambda s: ExtraTreesClassifier(100, random_state=s)),
]:
    x, y = sets[name]
    test, scores = np.arange(len(y)) % 3 == 0, []
    for seed in range(7):
        model = make(seed).fit(x[~test], y[~test])
        p = model.predict(x[test])
        scores.append(np.sqrt(np.mean((p - y[test]) ** 2)) if name == "california" else np.mean(p == y[test]))
    print(name, type(model).__name__, f"{np.mean(scores):.6g} {np.std(scores, ddof=1):.3g}", file=sys.stdout, flush=True)
