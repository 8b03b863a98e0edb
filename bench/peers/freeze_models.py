# SPDX-License-Identifier: BSD-3-Clause
"""Predictions of scikit-learn's models on public data, frozen into tests/models/frozen_peers.h.

usage: ANSATZ_DATA=FOLDER python freeze_models.py > ../../tests/models/frozen_peers.h

Every model is fitted bare and behind a StandardScaler, converged far below the 1e-6 of the comparison.  Where
scikit-learn's own solver stops earlier its own objective is minimised further: Huber in scaled coordinates, lasso and
elastic net in closed form once the signs of the coefficients are known.  A few rows are frozen of each fit, and for
linear regressions the sum of the absolute coefficients.
"""
import os
import warnings

import numpy as np
import pandas as pd
import scipy.optimize
import sklearn
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import ElasticNet, HuberRegressor, LinearRegression, LogisticRegression, Ridge
from sklearn.linear_model._huber import _huber_loss_and_gradient
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

warnings.simplefilter("error")
folder = os.environ["ANSATZ_DATA"]


def read(path, **options):
    return pd.read_csv(os.path.join(folder, path), **{"header": None, **options})


# name: (files and reader options as the library takes them, target, features, X, y)
sets = {}


def add(name, paths, target, table, targets, columns, features=None, classes=False, **reader):
    y = table[targets].to_numpy()
    X = table[columns].to_numpy(float)
    sets[name] = dict(paths=paths, target=target, features=features, classes=classes, reader=reader, X=X,
                      y=y[:, 0] if len(targets) == 1 else y)


t = read("boston_housing/boston_house_prices.csv", skiprows=1, header=0)
add("boston", "boston_housing/boston_house_prices.csv", "MEDV", t, ["MEDV"], list(t.columns[:-1]), header="2")
t = read("sklearn_toy/diabetes_data.csv.gz", sep=" ")
t["target"] = read("sklearn_toy/diabetes_target.csv.gz")[0]
add("diabetes", "sklearn_toy/diabetes_data.csv.gz", "target", t, ["target"], list(range(10)), header="none",
    target_file="sklearn_toy/diabetes_target.csv.gz")
t = read("california_housing/housing.csv", header=0)
columns = ["longitude", "latitude", "housing_median_age", "total_rooms", "population", "households", "median_income"]
add("california", "california_housing/housing.csv", "median_house_value", t, ["median_house_value"], columns,
    features=",".join(columns))
columns = ["longitude", "latitude", "housing_median_age", "median_income"]
add("ocean", "california_housing/housing.csv", "ocean_proximity", t, ["ocean_proximity"], columns,
    features=",".join(columns), classes=True)
t = read("small_physics/co2-annmean-mlo.csv", header=0)
add("co2", "small_physics/co2-annmean-mlo.csv", "Mean", t, ["Mean"], ["Year"], features="Year")
t = read("small_physics/hubble1929.csv")
add("hubble", "small_physics/hubble1929.csv", "2", t, [2], [1], features="1", header="none")
t = read("sklearn_toy/linnerud_exercise.csv", sep=" ", header=0)
u = read("sklearn_toy/linnerud_physiological.csv", sep=" ", header=0)
add("linnerud", "sklearn_toy/linnerud_exercise.csv", "Weight,Waist,Pulse", pd.concat([t, u], axis=1),
    ["Weight", "Waist", "Pulse"], ["Chins", "Situps", "Jumps"], join="sklearn_toy/linnerud_physiological.csv",
    delimiter="space")
for name, path, n in (("iris", "iris.csv", 4), ("wine", "wine_data.csv", 13),
                      ("breast_cancer", "breast_cancer.csv", 30), ("digits", "digits.csv.gz", 64)):
    skip = {} if name == "digits" else {"skip": "1"}
    t = read("sklearn_toy/" + path, skiprows=len(skip))
    add(name, "sklearn_toy/" + path, str(n), t, [n], list(range(n)), classes=True, header="none", **skip)


class TightHuber(HuberRegressor):
    """The same objective, minimised in coordinates in which columns and target have mean 0 and deviation 1."""

    def fit(self, X, y):
        mean, scale, centre, unit = X.mean(0), X.std(0), y.mean(), y.std()
        weight = np.ones(len(y))

        def to_raw(p):
            w = p[:-2] * unit / scale
            return np.r_[w, centre + unit * p[-2] - mean @ w, unit * p[-1]]

        def loss(p):
            value, g = _huber_loss_and_gradient(to_raw(p), X, y, self.epsilon, self.alpha, weight)
            return value / unit, np.r_[(g[:-2] - g[-2] * mean) / scale, g[-2], g[-1]]

        start = np.r_[np.zeros(X.shape[1] + 1), 1.0]
        bounds = [(None, None)] * (X.shape[1] + 1) + [(1e-10, None)]
        start = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds,
                                        options=dict(maxiter=100000, maxfun=200000, ftol=0, gtol=1e-13)).x
        for _ in range(10):  # Newton steps, with the Hessian by differences: L-BFGS ends where the loss stops changing
            step = 1e-6 * np.eye(len(start))
            hessian = np.array([(loss(start + h)[1] - loss(start - h)[1]) / 2e-6 for h in step])
            start = start - np.linalg.solve((hessian + hessian.T) / 2, loss(start)[1])
        gradient = abs(loss(start)[1]).max() / len(y)
        assert gradient < 1e-13, gradient
        raw = to_raw(start)
        self.coef_, self.intercept_, self.scale_ = raw[:-2], raw[-2], raw[-1]
        return self


class TightElasticNet(ElasticNet):
    """scikit-learn's solution finds which coefficients are not 0 and their signs; given these the minimum is the
    solution of a linear system, and the optimality conditions prove that it is the one."""

    def fit(self, X, y):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            super().fit(X, y)
        many = y.ndim == 2
        Z, T = X - X.mean(0), (y - y.mean(0)).reshape(len(y), -1)
        l1, l2 = self.alpha * self.l1_ratio, self.alpha * (1 - self.l1_ratio)
        coefficients = np.zeros((T.shape[1], X.shape[1]))
        for k, start in enumerate(np.atleast_2d(self.coef_)):
            active, sign = start != 0, np.sign(start)
            A = Z[:, active]
            # By QR with the ridge appended as rows: normal equations would square the condition.
            q, r = np.linalg.qr(np.vstack([A, np.sqrt(len(y) * l2) * np.eye(A.shape[1])]))
            right = q.T[:, :len(y)] @ T[:, k] - len(y) * l1 * np.linalg.solve(r.T, sign[active])
            w = coefficients[k]
            w[active] = np.linalg.solve(r, right)
            assert (np.sign(w) == sign).all()
            gradient = Z.T @ (T[:, k] - Z @ w) / len(y) - l2 * w
            assert (abs(gradient[~active]) < l1).all()
            assert np.allclose(gradient[active], l1 * sign[active], rtol=1e-5)
        self.coef_ = coefficients if many else coefficients[0]
        self.intercept_ = y.mean(0) - X.mean(0) @ self.coef_.T
        return self


regressions = [
    ("dummy", "", DummyRegressor()),
    ("linear", "", LinearRegression()),
    ("ridge", "alpha=2.5", Ridge(alpha=2.5, solver="svd")),
    ("lasso", "alpha=0.1 tol=1e-14 max_iter=1000000",
     TightElasticNet(alpha=0.1, l1_ratio=1, tol=1e-12, max_iter=10**6)),
    ("elastic_net", "alpha=0.1 l1_ratio=0.5 tol=1e-14 max_iter=1000000",
     TightElasticNet(alpha=0.1, l1_ratio=0.5, tol=1e-12, max_iter=10**6)),
    ("robust", "epsilon=1.35 alpha=0.0001 tol=1e-12 max_iter=100000", TightHuber()),
    ("knn", "n_neighbors=5", KNeighborsRegressor()),
    ("knn", "n_neighbors=7 weights=distance", KNeighborsRegressor(7, weights="distance")),
    ("ridge", "alpha=1 degree=2", Ridge(alpha=1, solver="svd")),
]
classifications = [
    ("dummy", "", DummyClassifier()),
    ("logistic", "tol=1e-13 max_iter=10000", LogisticRegression(solver="newton-cholesky", tol=1e-13, max_iter=10000)),
    ("knn", "n_neighbors=5", KNeighborsClassifier()),
    ("knn", "n_neighbors=7 weights=distance", KNeighborsClassifier(7, weights="distance")),
    ("naive_bayes", "", GaussianNB()),
    ("naive_bayes", "distribution=multinomial", MultinomialNB()),
]


def choose_rows(X, n_neighbors):
    """About eight rows; for neighbours those that have no tie at the edge of the neighbourhood."""
    rows = np.arange(len(X))
    if n_neighbors:
        near = NearestNeighbors(n_neighbors=min(n_neighbors + 1, len(X))).fit(X).kneighbors(X)[0]
        rows = rows[(near[:, -1] - near[:, -2] > 1e-9 * near[:, -1]) | (near.shape[1] <= n_neighbors)]
    return rows[np.linspace(0, len(rows) - 1, min(8, len(rows))).astype(int)] if len(rows) else rows


def numbers(values):
    lines, line = [], "   "
    for v in np.ravel(values):
        item = f" {float(v)!r},"
        if len(line) + len(item) > 118:
            lines.append(line)
            line = "   "
        line += item
    return "\n".join(lines + [line])


arrays, fits = [], []
for set_name, s in sets.items():
    for model, parameters, estimator in classifications if s["classes"] else regressions:
        for scaled in (False, True):
            X, y = s["X"], s["y"]
            if "multinomial" in parameters and (scaled or X.min() < 0):
                continue
            if y.ndim == 2 and model in ("robust", "lasso", "elastic_net"):  # one target at a time
                continue
            steps = [sklearn.base.clone(estimator)]
            if scaled:
                steps.insert(0, StandardScaler())
            if "degree=2" in parameters:
                if set_name == "hubble":
                    continue
                steps.insert(0, PolynomialFeatures(2, include_bias=False))
            pipeline = make_pipeline(*steps).fit(X, y)
            k = steps[-1].n_neighbors if model == "knn" else 0
            seen = make_pipeline(*steps[:-1]).transform(X) if k and len(steps) > 1 else X
            rows = choose_rows(seen, k)
            if len(rows) == 0:
                continue
            p = pipeline.predict_proba(X[rows]) if s["classes"] else pipeline.predict(X[rows])
            checksum = "NAN"
            if not s["classes"] and hasattr(steps[-1], "coef_"):
                coefficients = np.atleast_2d(pipeline[-1].coef_)
                if scaled:
                    coefficients = coefficients / pipeline["standardscaler"].scale_
                checksum = repr(float(abs(coefficients).sum()))
            scale = f"scale={'standard' if scaled else 'none'}"
            i = len(fits)
            arrays.append(f"static const int64_t rows_{i}[] = {{{', '.join(map(str, rows))}}};\n"
                          f"static const double values_{i}[] = {{\n{numbers(p)}\n}};")
            fits.append(f'    {{"{set_name}", "{model}", "{(parameters + " " + scale).strip()}",\n'
                        f"     {len(rows)}, rows_{i}, {p.size // len(rows)}, values_{i}, {checksum}}},")

print(f"""/* SPDX-License-Identifier: BSD-3-Clause */
/* Made by bench/peers/freeze_models.py with scikit-learn {sklearn.__version__}; not to be edited. */
#ifndef AZ_FROZEN_PEERS_H
#define AZ_FROZEN_PEERS_H

#include <ansatz/table.h>
#include <math.h>

typedef struct peer_set {{
    const char *name, *path, *target, *features;
    bool classes;
    az_reader_options reader;
}} peer_set;
static const peer_set peer_sets[] = {{""")
for name, s in sets.items():
    features = '"' + s["features"].replace(",total", ',"\n     "total') + '"' if s["features"] else "NULL"
    reader = ", ".join(f'.{key} = "{value}"' for key, value in s["reader"].items()) or ".header = NULL"
    print(f'    {{"{name}", "{s["paths"]}", "{s["target"]}",\n     {features}, '
          f'{str(s["classes"]).lower()}, {{{reader}}}}},')
print("};\n")
print("\n".join(arrays))
print("""
typedef struct peer_fit {
    const char *set, *model, *parameters;
    int64_t n_rows;
    const int64_t *rows; /* counted in the file */
    int64_t n_outputs;
    const double *values; /* (n_rows, n_outputs) */
    double coefficients; /* sum of their absolute values in the columns' own units, without intercepts; NAN: none */
} peer_fit;
static const peer_fit peer_fits[] = {""")
print("\n".join(fits))
print("};\n\n#endif")
