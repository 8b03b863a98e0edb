#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Single trees of scikit-learn 1.9.1, for tests/models/test_tree.c:

    python3 tests/models/reference/trees.py > tests/models/frozen_trees.h

The data are those of sets.py.  Trees are grown on the even rows and run on all.  Where two splits lower the
impurity alike, scikit-learn takes the one that it meets first in an order of the columns drawn from random_state, and
Ansatz the one in the first column: a prediction is only frozen where 30 random states agree; elsewhere it is NaN."""
import numpy as np
from sets import data, numbers
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

SEEDS = 30

rng = np.random.default_rng(4)
gaps = data["some_diabetes"][0].astype(float)
gaps[rng.random(gaps.shape) < 0.1] = np.nan

# name, data, weights, missing, our parameters, theirs
cases = [
    ("iris", False, False, "", {}),
    ("iris", False, False, "criterion=entropy max_depth=3", dict(criterion="entropy", max_depth=3)),
    ("iris", True, False, "min_samples_leaf=5", dict(min_samples_leaf=5)),
    ("wine", False, False, "", {}),
    ("wine", False, False, "criterion=entropy", dict(criterion="entropy")),
    ("wine", True, False, "min_weight_fraction_leaf=0.05", dict(min_weight_fraction_leaf=0.05)),
    ("wine", False, False, "max_leaf_nodes=5", dict(max_leaf_nodes=5)),
    ("some_diabetes", False, False, "", {}),
    ("some_diabetes", True, False, "min_samples_leaf=3", dict(min_samples_leaf=3)),
    ("some_diabetes", False, False, "max_leaf_nodes=12", dict(max_leaf_nodes=12)),
    ("some_diabetes", False, False, "min_impurity_decrease=60", dict(min_impurity_decrease=60)),
    ("some_diabetes", False, False, "criterion=poisson max_depth=5", dict(criterion="poisson", max_depth=5)),
    ("some_diabetes", False, False, "criterion=absolute_error min_samples_leaf=4",
     dict(criterion="absolute_error", min_samples_leaf=4)),
    ("some_diabetes", True, False, "criterion=absolute_error max_depth=4",
     dict(criterion="absolute_error", max_depth=4)),
    ("some_diabetes", False, True, "min_samples_leaf=4", dict(min_samples_leaf=4)),
    ("some_diabetes", True, True, "max_depth=5", dict(max_depth=5)),
    ("some_diabetes", False, False, "monotonic_cst=c2=1,c8=-1 min_samples_leaf=3",
     dict(monotonic_cst=[0, 0, 1, 0, 0, 0, 0, 0, -1, 0], min_samples_leaf=3)),
]


def fit(name, weighted, missing, parameters, seed=0):
    x, y = data[name]
    x = gaps if missing else x
    weight = 1 + np.arange(len(y)) % 3 if weighted else None
    make = DecisionTreeRegressor if name == "some_diabetes" else DecisionTreeClassifier
    tree = make(random_state=seed, **parameters)
    return tree.fit(x[::2], y[::2], None if weight is None else weight[::2]), x


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Made by tests/models/reference/trees.py; not to be edited. */\n")
print("/* missing cells of SOME_DIABETES */")
print(f"static const short gaps[] = {{\n{numbers(np.flatnonzero(np.isnan(gaps)))}}};")
rows = []
for i, (name, weighted, missing, ours, theirs) in enumerate(cases):
    results, leaves = [], set()
    for seed in range(SEEDS):
        tree, x = fit(name, weighted, missing, theirs, seed)
        results.append(tree.predict(x).astype(float))
        leaves.add(tree.get_n_leaves())
    results = np.array(results)
    agree = np.where((np.abs(results - results[0]) <= 1e-9 * np.abs(results[0])).all(axis=0), results[0], np.nan)
    print(f"/* {np.isfinite(agree).sum()} of {len(agree)} */")
    print(f"static const double case_{i}[] = {{\n{numbers(agree)}}};")
    rows.append(f'    {{{name.upper()}, {str(weighted).lower()}, {str(missing).lower()}, "{ours}", '
                f'{leaves.pop() if len(leaves) == 1 else -1}, case_{i}}},')
print("/* leaves: their number, or -1 where random states differ in it */\nstatic const struct frozen_tree {\n"
      "    int data;\n    bool weighted, missing;\n    const char *parameters;\n    int leaves;\n"
      "    const double *prediction;\n} frozen_trees[] = {")
print("\n".join(rows) + "\n};")

# Pruning: at penalties halfway between those at which a branch is cut off, how many leaves are left.
print("static const struct frozen_pruning {\n    int data;\n    const char *criterion;\n    double alpha;\n    int leaves;\n"
      "} frozen_prunings[] = {")
for name, criterion in [("iris", "gini"), ("wine", "entropy"), ("some_diabetes", "squared_error"),
                        ("some_diabetes", "absolute_error")]:
    x, y = data[name]
    make = DecisionTreeRegressor if name == "some_diabetes" else DecisionTreeClassifier
    fits = [make(random_state=s, criterion=criterion) for s in range(SEEDS)]
    path = np.unique(fits[0].cost_complexity_pruning_path(x[::2], y[::2]).ccp_alphas)
    path = path[path > 1e-6 * path[-1]]
    middle = np.sqrt(path[1:] * path[:-1])[np.diff(path) > 1e-6 * path[1:]]
    for alpha in middle[:: max(1, len(middle) // 12)]:
        leaves = {f.set_params(ccp_alpha=alpha).fit(x[::2], y[::2]).get_n_leaves() for f in fits}
        if len(leaves) == 1:
            print(f'    {{{name.upper()}, "{criterion}", {alpha:.17g}, {leaves.pop()}}},')
print("};")
