#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The data sets that tests of trees share, for tests/models/frozen_sets.h:

    python3 tests/models/reference/sets.py > tests/models/frozen_sets.h

Whole numbers with fewer than 255 different values a column, so that neither the bins of Ansatz nor the single precision
of scikit-learn's trees loses anything.  From scikit-learn 1.9.1."""
import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine


def whole(x, scale):
    x = np.rint(x * scale).astype(int)
    assert all(len(np.unique(c)) < 255 for c in x.T) and abs(x).max() < 2**15
    return x


iris, wine, diabetes, cancer = load_iris(), load_wine(), load_diabetes(), load_breast_cancer()
mean = cancer.data[:, :8]
data = {
    "iris": (whole(iris.data, 10), iris.target),
    "wine": (whole(wine.data[:, [0, 1, 3, 6, 9, 11]], np.array([100, 100, 10, 20, 10, 20])), wine.target),
    "cancer": (whole(mean - mean.min(axis=0), 200 / np.ptp(mean, axis=0)), cancer.target),
    "diabetes": (whole(diabetes.data, 1000), diabetes.target.astype(int)),
}
data["some_diabetes"] = tuple(array[:200] for array in data["diabetes"])


def numbers(values, digits=17):
    """Lines of a C array."""
    text, line, lines = [f"{v:.{digits}g}" if np.isfinite(v) else "NAN" for v in values], "", []
    for t in text:
        if len(line) + len(t) > 112:
            lines.append(line.rstrip())
            line = ""
        line += t + ", "
    return "    " + "\n    ".join(lines + [line.rstrip().rstrip(",")])


if __name__ == "__main__":
    print("/* SPDX-License-Identifier: BSD-3-Clause */")
    print("/* Made by tests/models/reference/sets.py; not to be edited. */\n")
    for name, (x, y) in data.items():
        if name == "some_diabetes":
            continue
        print(f"static const short {name}_x[] = {{\n{numbers(x.ravel())}}};")
        print(f"static const short {name}_y[] = {{\n{numbers(y)}}};")
    print("/* some_diabetes: the first rows */")
    print("enum { " + ", ".join(name.upper() for name in data) + ", N_SETS };")
    print("static const struct source {\n    const short *x, *y;\n    int n_rows, n_columns;\n} sources[N_SETS] = {")
    for name, (x, y) in data.items():
        array = name.replace("some_", "")
        print(f"    [{name.upper()}] = {{{array}_x, {array}_y, {x.shape[0]}, {x.shape[1]}}},")
    print("};")
