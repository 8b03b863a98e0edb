# SPDX-License-Identifier: BSD-3-Clause
"""The perceptron against scikit-learn's MLPRegressor and MLPClassifier at equal settings: score on a quarter of the rows
held out (R^2 or accuracy) over several seeds, each with a split of its own, and processor time of the fits, one thread
each.  Both see the same numbers: inputs and quantities are standardised here (--scale none, --scale-target false).
Ours is the time of the whole command, which starts, reads the data and writes the model, less that of the same command with
the model dummy; theirs that of fit alone.

usage: python bench_mlp.py [SEEDS DATA ...]     SEEDS: a number, 10, or FIRST:END; data: california boston iris wine
       cancer digits, or SETTINGS:DATA
       ANSATZ in the environment: the program (build/ansatz); ANSATZ_DATA: the folder of data sets
       SETTINGS: default, f64 (ours in double, as theirs always is), two (layers of 50 and 20, tanh), lbfgs, sgd
"""
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402  (after the number of threads is set)
import sklearn  # noqa: E402
from sklearn import datasets  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))
ansatz = os.environ.get("ANSATZ", os.path.join(here, "..", "..", "build", "ansatz"))
folder_of_data = os.environ.get("ANSATZ_DATA", "")
first, end = (int(text) for text in ("0:" + (sys.argv[1] if len(sys.argv) > 1 else "10")).split(":")[-2:])
n_seeds = end - first
wanted = sys.argv[2:] or ["boston", "iris", "wine", "cancer", "digits", "california"]

SETTINGS = {
    "default": ([], {}),
    "two": (["--hidden-layer-sizes", "50,20", "--activation", "tanh"],
            dict(hidden_layer_sizes=(50, 20), activation="tanh")),
    "f64": (["--precision", "f64"], {}),
    "lbfgs": (["--solver", "lbfgs"], dict(solver="lbfgs")),
    "sgd": (["--solver", "sgd", "--learning-rate", "invscaling", "--learning-rate-init", "0.1", "--power-t", "0.1"],
            dict(solver="sgd", learning_rate="invscaling", learning_rate_init=0.1, power_t=0.1)),
}


def load(name):
    """Inputs, target, whether the target is a class."""
    if name == "boston":
        table = np.loadtxt(os.path.join(folder_of_data, "boston_housing", "housing.data"))
        return table[:, :-1], table[:, -1], False
    if name == "california":
        path = os.path.join(folder_of_data, "california_housing", "housing.csv")
        table = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=range(9))
        table = table[np.isfinite(table).all(axis=1)]
        return table[:, :-1], table[:, -1], False
    kind = {"iris": datasets.load_iris, "wine": datasets.load_wine, "cancer": datasets.load_breast_cancer,
            "digits": datasets.load_digits}[name]
    return *kind(return_X_y=True), True


def standardised(train, test):
    deviation = train.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1)
    return (train - train.mean(axis=0)) / deviation, (test - train.mean(axis=0)) / deviation


def score(predicted, y, classes):
    return np.mean(predicted == y) if classes else 1 - np.sum((predicted - y) ** 2) / np.sum((y - y.mean()) ** 2)


def ours(folder, words, seed, x, y, classes):
    model = os.path.join(folder, "m.az")
    words = ["--seed", str(seed), "--scale-target", "false"] + words

    def run(name, words):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([ansatz, "fit", name, "train.csv", "--target", "y", "--scale", "none", "--threads", "1", "-o",
                        model, "--quiet", "--task", "classification" if classes else "regression"] + words,
                       cwd=folder, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    seconds = -run("dummy", []) + run("mlp", words)
    subprocess.run([ansatz, "predict", model, "test.csv", "-o", "p.csv", "--quiet"], cwd=folder, check=True)
    predicted = np.genfromtxt(os.path.join(folder, "p.csv"), delimiter=",", skip_header=1)[:, 1]
    return score(predicted, y, classes), seconds


def theirs(options, seed, train, y_train, test, y_test, classes):
    model = (MLPClassifier if classes else MLPRegressor)(random_state=seed, **options)
    begin = time.process_time()
    model.fit(train, y_train)
    seconds = time.process_time() - begin
    return score(model.predict(test), y_test, classes), seconds


def write(path, x, y, classes):
    header = ",".join(f"x{j}" for j in range(x.shape[1])) + ",y"
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header=header, comments="",
               fmt=["%.17g"] * x.shape[1] + ["%d" if classes else "%.17g"])


print(f"scikit-learn {sklearn.__version__}, {n_seeds} seeds; mean scores, the mean of the paired differences with its "
      "standard error,\nand the one over the other; medians of seconds, and how many times ours are in theirs")
print(f"{'':20s}{'ansatz':>9s}{'sklearn':>9s}{'difference':>20s}{'in errors':>11s}{'seconds':>9s}{'sklearn':>9s}"
      f"{'ratio':>7s}")
for entry in wanted:
    settings, name = entry.split(":") if ":" in entry else ("default", entry)
    words, options = SETTINGS[settings]
    x, y, classes = load(name)
    results = []
    for seed in range(first, end):
        train, test, y_train, y_test = train_test_split(x, y, test_size=0.25, random_state=seed,
                                                        stratify=y if classes else None)
        train, test = standardised(train, test)
        if not classes:
            y_train, y_test = standardised(y_train, y_test)
        with tempfile.TemporaryDirectory() as folder:
            write(os.path.join(folder, "train.csv"), train, y_train, classes)
            write(os.path.join(folder, "test.csv"), test, y_test, classes)
            results.append(ours(folder, words, seed, test, y_test, classes)
                           + theirs(options, seed, train, y_train, test, y_test, classes))
    r = np.array(results)
    difference = r[:, 0] - r[:, 2]
    error = difference.std(ddof=1) / np.sqrt(n_seeds)
    fit, peer = np.median(r[:, 1]), np.median(r[:, 3])
    print(f"{settings + ' ' + name:20s}{r[:, 0].mean():9.4f}{r[:, 2].mean():9.4f}{difference.mean():11.4f} ±{error:7.4f}"
          f"{difference.mean() / error if error else 0:11.2f}{fit:9.3f}{peer:9.3f}{peer / fit:7.1f}", flush=True)
