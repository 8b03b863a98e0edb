# SPDX-License-Identifier: BSD-3-Clause
"""Real tables from the command line: test scores of boosted trees and forests at equal settings.

usage: python bench_tables.py [california|adult ...]
       ANSATZ in the environment: the command (build/ansatz); ANSATZ_DATA: the folder of data sets
California housing: five random halves (80 % to fit), RMSE.  Adult: its own training and test file, log loss; several
seeds where a learner draws rows.  Peers get the categories as they take them best: codes declared as categories for
boosting, their codes as numbers for scikit-learn's forests (one-hot columns would be other features to draw from).
"""
import os
import statistics
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")

import lightgbm  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import sklearn  # noqa: E402
import xgboost  # noqa: E402
from sklearn.ensemble import (HistGradientBoostingClassifier, HistGradientBoostingRegressor,  # noqa: E402
                              RandomForestClassifier, RandomForestRegressor)
from sklearn.metrics import log_loss  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))
ansatz = os.environ.get("ANSATZ", os.path.join(here, "..", "..", "build", "ansatz"))
data = os.environ.get("ANSATZ_DATA", os.path.join(here, "..", "..", "..", "shared", "data"))
SEEDS = 5


def california(seed):
    table = pd.read_csv(os.path.join(data, "california_housing", "housing.csv"))
    order = np.random.default_rng(seed).permutation(len(table))
    cut = int(0.8 * len(table))
    return table.iloc[order[:cut]], table.iloc[order[cut:]], "median_house_value"


def adult(seed):
    names = ["age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship",
             "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income"]
    parts = [pd.read_csv(os.path.join(data, "adult", f"adult-{part}.csv"), names=names, skipinitialspace=True,
                         na_values="?").dropna(how="all") for part in ("train", "test")]
    for part in parts:
        part["income"] = part["income"].str.rstrip(".")
    return parts[0], parts[1], "income"


def columns(train, test, target):
    """Inputs with categories as pandas has them, and as numbers."""
    both = pd.concat([train, test]).drop(columns=target)
    text = [name for name in both if not pd.api.types.is_numeric_dtype(both[name])]
    categories = both.copy()
    for name in text:
        categories[name] = both[name].astype("category")
    numbers = categories.copy()
    for name in text:
        numbers[name] = categories[name].cat.codes.astype(float)
    n = len(train)
    return (categories[:n], categories[n:]), (numbers[:n], numbers[n:])


def loss(predicted, test, target, classes):
    if classes:
        return log_loss(test[target] == ">50K", predicted)
    return float(np.sqrt(np.mean((predicted - test[target])**2)))


def ours(model, options, train, test, target, classes):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("train.csv", "test.csv", "m.az", "p.csv")]
        train.to_csv(paths[0], index=False)
        test.drop(columns=target).to_csv(paths[1], index=False)
        subprocess.run([ansatz, "fit", model, paths[0], "--target", target, "-o", paths[2], *options], check=True,
                       capture_output=True)
        proba = ["--proba"] if classes else []
        subprocess.run([ansatz, "predict", paths[2], paths[1], "-o", paths[3], *proba], check=True,
                       capture_output=True)
        table = pd.read_csv(paths[3])
        name = [c for c in table if ">50K" in c][0] if classes else table.columns[-1]
        return table[name].to_numpy()


def proba_or_value(model, x, classes):
    return model.predict_proba(x)[:, 1] if classes else model.predict(x)


def scores(make, classes):
    found = {}
    for seed in range(1, SEEDS + 1):
        train, test, target = make(seed)
        (x, z), (x_codes, z_codes) = columns(train, test, target)
        y = (train[target] == ">50K").astype(int) if classes else train[target]
        boosted = ["--n_estimators=100", "--learning_rate=0.1", "--max_leaf_nodes=31", f"--seed={seed}"]
        forest = ["--n_estimators=100", "--max_features=0.5", f"--seed={seed}"]
        kinds = {
            "boosting  ansatz": lambda: ours("boosting", boosted, train, test, target, classes),
            f"boosting  scikit-learn {sklearn.__version__}": lambda: proba_or_value(
                (HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor)(
                    max_iter=100, max_leaf_nodes=31, early_stopping=False, categorical_features="from_dtype",
                    random_state=seed).fit(x, y), z, classes),
            f"boosting  lightgbm {lightgbm.__version__}": lambda: proba_or_value(
                (lightgbm.LGBMClassifier if classes else lightgbm.LGBMRegressor)(
                    n_estimators=100, num_leaves=31, verbose=-1, random_state=seed).fit(x, y), z, classes),
            f"boosting  xgboost {xgboost.__version__}": lambda: proba_or_value(
                (xgboost.XGBClassifier if classes else xgboost.XGBRegressor)(
                    n_estimators=100, learning_rate=0.1, max_depth=0, max_leaves=31, grow_policy="lossguide",
                    tree_method="hist", enable_categorical=True, random_state=seed).fit(x, y), z, classes),
            "forest    ansatz": lambda: ours("forest", forest, train, test, target, classes),
            f"forest    scikit-learn {sklearn.__version__}": lambda: proba_or_value(
                (RandomForestClassifier if classes else RandomForestRegressor)(
                    n_estimators=100, max_features=0.5, n_jobs=2, random_state=seed).fit(x_codes, y), z_codes, classes),
        }
        for name, run in kinds.items():
            found.setdefault(name, []).append(loss(run(), test, target, classes))
    return found


for which in sys.argv[1:] or ["california", "adult"]:
    classes = which == "adult"
    print(f"{which}: {'log loss' if classes else 'RMSE'}, mean of {SEEDS}")
    for name, values in scores(globals()[which], classes).items():
        print(f"  {name:30s} {statistics.mean(values):12.6g}   (standard deviation {statistics.stdev(values):.3g})",
              flush=True)
