#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""AdaBoost of scikit-learn 1.9.1, for tests/models/test_adaboost.c:

    python3 tests/models/reference/adaboost.py > tests/models/frozen_adaboost.h

The data are those of sets.py.  SAMME draws nothing; of splits that lower the impurity alike scikit-learn takes one by
random_state, so it is frozen only if ten random states give the training rows the same probabilities.  R2 draws its
rows: frozen are the mean and the deviation, over random states, of the error on rows held out."""
import numpy as np
from sets import data, numbers
from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
from sklearn.tree import DecisionTreeClassifier

SEEDS = 10

# data, weighted, our parameters, theirs, those of their tree
cases = [
    ("iris", False, "", {}, {}),
    ("iris", True, "n_estimators=30 learning_rate=0.5", dict(n_estimators=30, learning_rate=0.5), {}),
    ("wine", False, "", {}, {}),
    ("wine", True, "n_estimators=12 max_depth=2", dict(n_estimators=12), dict(max_depth=2)),
    ("cancer", False, "", {}, {}),
    ("cancer", True, "n_estimators=20 criterion=entropy", dict(n_estimators=20), dict(criterion="entropy")),
    ("wine", False, "max_depth=20", {}, dict(max_depth=20)),
]


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Made by tests/models/reference/adaboost.py; not to be edited. */\n")
rows = []
for i, (name, weighted, ours, theirs, tree) in enumerate(cases):
    x, y = data[name]
    weight = 1.0 + np.arange(len(y)) % 3 if weighted else None
    fits = []
    for seed in range(SEEDS):
        base = DecisionTreeClassifier(**{"max_depth": 1, **tree})
        fits.append(AdaBoostClassifier(base, random_state=seed, **theirs).fit(x, y, weight))
    n = len(fits[0].estimators_)
    probabilities = [f.predict_proba(x) for f in fits]
    for f, p in zip(fits, probabilities):
        assert len(f.estimators_) == n and np.allclose(p, probabilities[0], rtol=0, atol=1e-9), (name, ours)
        assert np.allclose(f.estimator_weights_, fits[0].estimator_weights_, rtol=1e-9), (name, ours)
    print(f"static const double weights_{i}[] = {{\n{numbers(fits[0].estimator_weights_[:n])}}};")
    print(f"static const double probabilities_{i}[] = {{\n{numbers(probabilities[0].ravel(), 13)}}};")
    rows.append(f'    {{{name.upper()}, {str(weighted).lower()}, "{ours}", {n}, weights_{i}, probabilities_{i}}},')
print("static const struct frozen_samme {\n    int data;\n    bool weighted;\n    const char *parameters;\n"
      "    int n_trees;\n    const double *weight, *probability;\n} frozen_samme[] = {")
print("\n".join(rows) + "\n};")

# Fitted to the even rows, root mean squared error on the odd ones.
print("static const struct frozen_r2 {\n    const char *parameters;\n    double mean, deviation;\n} frozen_r2[] = {")
x, y = data["diabetes"]
for loss in "linear", "square", "exponential":
    errors = []
    for seed in range(40):
        fit = AdaBoostRegressor(loss=loss, random_state=seed).fit(x[::2], y[::2])
        errors.append(np.sqrt(np.mean((fit.predict(x[1::2]) - y[1::2]) ** 2)))
    print(f'    {{"loss={loss}", {np.mean(errors):.17g}, {np.std(errors, ddof=1):.17g}}},')
print("};")
