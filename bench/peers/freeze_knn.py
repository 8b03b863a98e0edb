# SPDX-License-Identifier: BSD-3-Clause
"""Predictions of scikit-learn's nearest neighbours on five data sets, frozen into tests/models/frozen_knn.h.

usage: ANSATZ_DATA=FOLDER python freeze_knn.py > ../../tests/models/frozen_knn.h

Trained on the rows whose number is not a multiple of 5; queries are of the others, evenly spread.  Queries whose k-th
and (k+1)-th neighbours are at the same distance (to 1e-9) are left out: scikit-learn does not say which one it takes.
"""
import os

import numpy as np
import sklearn
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors
from sklearn.preprocessing import StandardScaler

FOLDER = os.environ["ANSATZ_DATA"] + "/sklearn_toy/"
MOST_QUERIES = 16


def read(name):
    if name == "diabetes":
        return np.loadtxt(FOLDER + "diabetes_data.csv.gz"), np.loadtxt(FOLDER + "diabetes_target.csv.gz")
    file, skip = {"iris": ("iris.csv", 1), "wine": ("wine_data.csv", 1), "breast_cancer": ("breast_cancer.csv", 1),
                  "digits": ("digits.csv.gz", 0)}[name]
    table = np.loadtxt(FOLDER + file, delimiter=",", skiprows=skip)
    return table[:, :-1], table[:, -1].astype(int)


def lines(values):
    line = "   "
    for text in (repr(float(v)) if v.dtype == float else str(v) for v in values.ravel()):
        if len(line) + len(text) > 116:
            yield line
            line = "   "
        line += f" {text},"
    yield line


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print(f"/* Made by bench/peers/freeze_knn.py with scikit-learn {sklearn.__version__}; not to be edited. */")
print("#ifndef AZ_FROZEN_KNN_H\n#define AZ_FROZEN_KNN_H\n\n#include <stdint.h>\n")
cases = []
for name in ("iris", "wine", "breast_cancer", "digits", "diabetes"):
    x, y = read(name)
    train, test = np.arange(len(x)) % 5 != 0, np.flatnonzero(np.arange(len(x)) % 5 == 0)
    for scale in ("none", "standard"):
        scaler = StandardScaler().fit(x[train])
        z = scaler.transform(x) if scale == "standard" else x
        for weights, k, p in (("uniform", 5, 2), ("distance", 7, 2), ("distance", 5, 1)):
            metric = dict(algorithm="kd_tree", p=p)
            d = NearestNeighbors(n_neighbors=k + 1, **metric).fit(z[train]).kneighbors(z[test])[0]
            clear = test[d[:, k] - d[:, k - 1] > 1e-9 * d[:, k]]
            chosen = clear[np.linspace(0, len(clear) - 1, min(MOST_QUERIES, len(clear))).astype(int)]
            kind = KNeighborsRegressor if name == "diabetes" else KNeighborsClassifier
            model = kind(n_neighbors=k, weights=weights, **metric).fit(z[train], y[train])
            out = model.predict(z[chosen]) if name == "diabetes" else model.predict_proba(z[chosen])
            out = out.reshape(len(chosen), -1)
            prefix = f"knn_{name}_{scale}_{weights}_{p}"
            print(f"static const int64_t {prefix}_rows[] = {{")
            print("\n".join(lines(chosen)) + "\n};")
            print(f"static const double {prefix}_expected[] = {{")
            print("\n".join(lines(out)) + "\n};")
            parameters = f"scale={scale} weights={weights} n_neighbors={k} p={p}"
            cases.append(f'    {{"{name}", "{parameters}", {len(chosen)}, {out.shape[1]},\n'
                         f"     {prefix}_rows, {prefix}_expected}},")
print("""
typedef struct frozen_knn {
    const char *name, *parameters;
    int64_t n_queries, n_outputs;
    const int64_t *rows;    /* (n_queries): row numbers in the whole table */
    const double *expected; /* (n_queries, n_outputs) */
} frozen_knn;
static const frozen_knn frozen_knns[] = {""")
print("\n".join(cases))
print("};\n\n#endif")
