#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/models/foreign: small models of XGBoost 3.2 and LightGBM 4.7, and what they predict for rows.csv.

Beside drawn rows stand some on the thresholds themselves and on the doubles next to where a float rounds to them.
Usage: foreign.py FOLDER"""
import json
import os
import sys

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

folder = sys.argv[1]
KINDS = ["red", "green", "blue", "violet", "grey"]
random = np.random.default_rng(20)


def draw(n):
    table = pd.DataFrame({
        "a": np.round(random.normal(size=n), 3),
        "b": np.round(random.gamma(2.0, size=n), 3),
        "count": random.integers(0, 5, n).astype(float),
        "kind": pd.Categorical(random.choice(KINDS, n), categories=KINDS),
    })
    table.loc[random.random(n) < 0.15, "b"] = np.nan
    table.loc[random.random(n) < 0.1, "kind"] = np.nan
    return table


def truth(table):
    effect = table.kind.map(dict(zip(KINDS, [2.0, -1.0, 0.5, 1.5, 0.0]))).astype(float).fillna(-2.0)
    return (np.sin(2 * table.a) + 0.4 * table.b.fillna(3.0) + 0.2 * table["count"] + effect).to_numpy()


train, rows = draw(400), draw(36)
y = truth(train) + 0.1 * random.normal(size=400)
binary = (y > np.median(y)).astype(int)
classes = np.digitize(y, np.quantile(y, [0.3, 0.7]))
counts = random.poisson(np.exp(0.4 * y))
positive = np.exp(0.5 * y)
numbers = ["a", "b", "count"]


def on_thresholds(path):
    """Values of a about the thresholds of an XGBoost model: comparisons of floats decide."""
    values = []
    with open(path) as file:
        trees = json.load(file)["learner"]["gradient_booster"]["model"]["trees"]
    for tree in trees:
        for left, feature, t in zip(tree["left_children"], tree["split_indices"], tree["split_conditions"]):
            if left < 0 or feature != 0:
                continue
            t = np.float32(t)
            middle = (float(t) + float(np.nextafter(t, np.float32(-np.inf)))) / 2
            values += [float(t), middle, np.nextafter(middle, -np.inf), np.nextafter(middle, np.inf)]
    return values[:24]


models = {}


def boost(name, target, table=train, **settings):
    options = {"n_estimators": 4, "max_depth": 3, "learning_rate": 0.5, "enable_categorical": True, "n_jobs": 1}
    options.update(settings)
    kind = xgb.XGBClassifier if target.dtype.kind == "i" and not name.endswith("poisson") else xgb.XGBRegressor
    models[name] = model = kind(**options).fit(table, target)
    model.save_model(os.path.join(folder, name + ".json"))


def light(name, target, **settings):
    options = {"num_leaves": 6, "learning_rate": 0.3, "verbose": -1, "num_threads": 1, "deterministic": True,
               "min_data_in_leaf": 10, "cat_smooth": 1.0, "min_data_per_group": 5, "max_cat_to_onehot": 1}
    options.update(settings)
    model = models[name] = lgb.train(options, lgb.Dataset(train, target), num_boost_round=4)
    path = os.path.join(folder, name + ".txt")
    model.save_model(path)
    with open(path) as file:  # the list of parameters is long and is not read
        text = file.read()
    start, end = text.index("\nparameters:"), text.index("end of parameters\n") + len("end of parameters\n")
    with open(path, "w") as file:
        file.write(text[:start] + text[end:])


boost("xgboost-regression", y)
boost("xgboost-binary", binary)
boost("xgboost-classes", classes, n_estimators=2)
boost("xgboost-poisson", counts, objective="count:poisson")
boost("xgboost-gamma", positive, objective="reg:gamma")
boost("xgboost-tweedie", positive, objective="reg:tweedie")
boost("xgboost-raw", binary.astype(float), objective="binary:logitraw")
boost("xgboost-dart", y, booster="dart", rate_drop=0.5, n_estimators=5)
boost("xgboost-forest", y, num_parallel_tree=3, subsample=0.7, colsample_bynode=0.5, n_estimators=2)
boost("xgboost-targets", np.c_[y, positive], table=train[numbers], n_estimators=2)
boost("xgboost-quantiles", y, objective="reg:quantileerror", quantile_alpha=[0.1, 0.9], n_estimators=2)
light("lightgbm-regression", y, objective="regression")
light("lightgbm-l1", y, objective="regression_l1")
light("lightgbm-binary", binary, objective="binary", sigmoid=2.0)
light("lightgbm-classes", classes, objective="multiclass", num_class=3)
light("lightgbm-poisson", counts, objective="poisson")
light("lightgbm-forest", y, objective="regression", boosting="rf", bagging_freq=1, bagging_fraction=0.6)
light("lightgbm-dart", y, objective="regression", boosting="dart", drop_rate=0.5)
light("lightgbm-nothing-missing", y, objective="regression", use_missing=False)
light("lightgbm-quantile", y, objective="quantile", alpha=0.8)

# As versions before 3.1 wrote it: one base score, no names of categories, directions as booleans.
boost("xgboost-old", binary, table=train[numbers], base_score=0.3)
with open(os.path.join(folder, "xgboost-old.json")) as file:
    old = json.load(file)
old["learner"]["learner_model_param"]["base_score"] = "3E-1"
old["learner"]["feature_names"] = []
old["learner"]["feature_types"] = []
old["version"] = [1, 7, 6]
del old["learner"]["gradient_booster"]["model"]["cats"]
for tree in old["learner"]["gradient_booster"]["model"]["trees"]:
    tree["default_left"] = [bool(x) for x in tree["default_left"]]
with open(os.path.join(folder, "xgboost-old.json"), "w") as file:
    json.dump(old, file, separators=(",", ":"))

extra = rows.iloc[np.arange(24) % len(rows)].copy()
extra["a"] = on_thresholds(os.path.join(folder, "xgboost-regression.json"))
rows = pd.concat([rows, extra], ignore_index=True)
rows["kind"] = pd.Categorical(rows.kind, categories=KINDS)
rows.to_csv(os.path.join(folder, "rows.csv"), index=False)
for name, model in models.items():
    used = rows[numbers] if name in ("xgboost-targets", "xgboost-old") else rows
    if name.startswith("lightgbm"):
        predicted = model.predict(used)
        if name == "lightgbm-binary":
            predicted = np.c_[1 - predicted, predicted]
    elif hasattr(model, "predict_proba"):
        predicted = model.predict_proba(used)
    else:
        predicted = model.predict(used)
    predicted = np.asarray(predicted, dtype=float).reshape(len(rows), -1)
    pd.DataFrame(predicted).to_csv(os.path.join(folder, name + ".csv"), index=False, header=False)
