# SPDX-License-Identifier: BSD-3-Clause
"""Class probabilities by scikit-learn on real data, frozen into tests/models/frozen_classifiers.h.

usage: ANSATZ_DATA=FOLDER python freeze_classifiers.py > ../../tests/models/frozen_classifiers.h

Models are fitted to all rows of a table; the probabilities of every n-th row are kept.  Logistic regressions are run to
the minimum, which is checked: no digit of a frozen number depends on where a solver stopped.
"""
import gzip
import os
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.preprocessing import StandardScaler

folder = os.environ["ANSATZ_DATA"]


def table(path, skip, delimiter):
    with (gzip.open if path.endswith(".gz") else open)(os.path.join(folder, path), "rt") as file:
        return np.loadtxt(file, delimiter=delimiter, skiprows=skip)


def last_column(path, skip=1, delimiter=",", above=None):
    data = table(path, skip, delimiter)
    y = data[:, -1]
    return data[:, :-1], (y.astype(int) if above is None else (y > above).astype(int))


tables = {  # name: path, lines to skip, "above" (the class is whether the last column is above that), every n-th row
    "iris": ("sklearn_toy/iris.csv", 1, None, 5),
    "wine": ("sklearn_toy/wine_data.csv", 1, None, 6),
    "breast_cancer": ("sklearn_toy/breast_cancer.csv", 1, None, 13),
    "digits": ("sklearn_toy/digits.csv.gz", 0, None, 73),
    "boston": ("boston_housing/housing.data", 0, 21, 13),
}


def check_minimum(model, x, y, weight, l1, l2):
    """The gradient of the mean loss plus penalty, in units of each feature's root mean square."""
    p = model.predict_proba(x)
    k = model.coef_.shape[0]
    residual = (p[:, 1:] - y[:, None] if k == 1 else p - np.eye(k)[y]) * weight[:, None] / weight.sum()
    g = residual.T @ x + l2 / weight.sum() * model.coef_
    bound = l1 / weight.sum()
    g = np.where(model.coef_ != 0, g + bound * np.sign(model.coef_), np.maximum(np.abs(g) - bound, 0))
    norm = np.abs(g / np.sqrt(np.average(x * x, axis=0, weights=weight) + (x == 0).all(0))).max()
    if model.fit_intercept:
        norm = max(norm, np.abs(residual.sum(0)).max())
    return norm


def logistic(x, y, weight, penalty, C, l1_ratio, class_weight, fit_intercept):
    ratio = {"l2": 0, "l1": 1, "elasticnet": l1_ratio, "none": 0}[penalty]
    strength = np.inf if penalty == "none" else C
    kw = dict(C=strength, l1_ratio=ratio, class_weight=class_weight or None, fit_intercept=fit_intercept, tol=1e-13)
    total = np.ones(len(y)) if weight is None else weight.copy()
    if class_weight == "balanced":
        total = total * (total.sum() / (y.max() + 1) / np.bincount(y, weights=total))[y]
    elif class_weight:
        total = total * np.array([class_weight.get(c, 1) for c in range(y.max() + 1)])[y]
    candidates = []
    solvers = [("saga", 400000)] if ratio > 0 else [("newton-cholesky", 200), ("newton-cg", 5000)]
    for solver, steps in solvers:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = LogisticRegression(solver=solver, max_iter=steps, **kw).fit(x, y, sample_weight=weight)
        norm = check_minimum(model, x, y, total, ratio / strength, (1 - ratio) / strength)
        candidates.append((norm, model))
        if norm < 1e-11:
            break
    norm, model = min(candidates, key=lambda c: c[0])
    assert norm < 1e-9, norm
    return model


def array(name, values, c_type, text):
    lines, line = [], "   "
    for item in map(text, np.ravel(values)):
        if len(line) + len(item) > 110:
            lines.append(line)
            line = "   "
        line += " " + item + ","
    lines.append(line)
    print(f"static const {c_type} {name}[] = {{\n" + "\n".join(lines) + "\n};")


cases = []


def case(name, scaled, model, parameters, weighted, fit):
    path, skip, above, every = tables[name]
    x, y = last_column(path, skip, None if path.endswith(".data") else ",", above)
    if scaled:
        x = StandardScaler().fit_transform(x)
    weight = 0.5 + np.arange(len(y)) % 4 if weighted else None
    p = fit(x, y, weight).predict_proba(x)[::every]
    array(f"probability_{len(cases)}", p, "double", lambda v: f"{v:.12g}")
    cases.append(f'    {{"{name}", "{path}", {skip}, {"NAN" if above is None else above}, {str(scaled).lower()}, '
                 f'"{model}", "{parameters}", {str(weighted).lower()}, {every}, {p.shape[1]}, probability_{len(cases)}}},')


def logistic_case(name, scaled, penalty="l2", C=1.0, l1_ratio=0.5, class_weight="", fit_intercept=True, weighted=False):
    parameters = []
    if penalty != "l2":
        parameters.append(f"penalty={penalty}")
    if C != 1:
        parameters.append(f"C={C}")
    if penalty == "elasticnet":
        parameters.append(f"l1_ratio={l1_ratio}")
    if class_weight:
        text = class_weight if isinstance(class_weight, str) else ",".join(f"{k}:{v}" for k, v in class_weight.items())
        parameters.append(f"class_weight={text}")
    if not fit_intercept:
        parameters.append("fit_intercept=false")
    case(name, scaled, "logistic", " ".join(parameters), weighted,
         lambda x, y, w: logistic(x, y, w, penalty, C, l1_ratio, class_weight, fit_intercept))


def bayes_case(name, scaled, parameters="", weighted=False, **kw):
    make = MultinomialNB if "multinomial" in parameters else GaussianNB
    case(name, scaled, "naive_bayes", parameters, weighted, lambda x, y, w: make(**kw).fit(x, y, sample_weight=w))


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print(f"/* Made by bench/peers/freeze_classifiers.py with scikit-learn {sklearn.__version__}; not to be edited. */")
print("#ifndef AZ_FROZEN_CLASSIFIERS_H\n#define AZ_FROZEN_CLASSIFIERS_H\n")
print("#include <math.h>\n#include <stdbool.h>\n#include <stdint.h>\n")
for name in tables:
    for scaled in (False, True):
        logistic_case(name, scaled)
        bayes_case(name, scaled)
    bayes_case(name, False, "distribution=multinomial")
logistic_case("wine", True, class_weight="balanced", weighted=True)
logistic_case("iris", True, class_weight={0: 2, 2: 0.5}, C=100.0)
logistic_case("digits", True, C=0.01, fit_intercept=False)
logistic_case("boston", True, penalty="none")
logistic_case("boston", True, penalty="l1", C=0.1)
logistic_case("breast_cancer", True, penalty="l1", C=0.1)
logistic_case("iris", True, penalty="l1")
logistic_case("wine", True, penalty="elasticnet", l1_ratio=0.3, C=0.2, weighted=True)
bayes_case("wine", False, "alpha=0.1 distribution=multinomial", weighted=True, alpha=0.1)
bayes_case("iris", True, "priors=0.2,0.3,0.5", weighted=True, priors=[0.2, 0.3, 0.5])
bayes_case("digits", False, "var_smoothing=0.01", var_smoothing=0.01)
print("""
typedef struct frozen_classifier {
    const char *table, *path;
    int n_skipped;  /* lines before the numbers */
    double above;   /* the class is whether the last column is above that; NAN: the last column */
    bool scaled;    /* by mean and standard deviation */
    const char *model, *parameters;
    bool weighted;  /* row i has weight 0.5 + i mod 4 */
    int64_t every;  /* rows 0, every, 2 every, ... are kept */
    int n_classes;
    const double *probability;
} frozen_classifier;
static const frozen_classifier frozen_classifiers[] = {""")
print("\n".join(cases))
print("};\n\n#endif")
