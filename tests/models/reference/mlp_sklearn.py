#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/models/frozen_mlp_sklearn.h: whole trainings by scikit-learn's MLPRegressor and MLPClassifier, from the
weights that the program draws (a fit with learning_rate_init=0 leaves them as they are), rows in the order of the table.
For tests/models/test_mlp_sklearn.c:

    ANSATZ=build/ansatz python3 tests/models/reference/mlp_sklearn.py > tests/models/frozen_mlp_sklearn.h

Adam has next to no epsilon here: scikit-learn adds it to the root of the mean square before it is corrected for its start,
Kingma and Ba's algorithm 1, PyTorch and we after; without it all are the same.  Where rates change there is no momentum: scikit-learn's velocity keeps the rates that
its steps had, PyTorch's and ours is multiplied by the rate of the step.  Of several targets no loss is told:
scikit-learn's is the mean over them, while its gradients are those of the sum."""
import json
import os
import struct
import subprocess
import tempfile
import warnings

os.environ["OPENBLAS_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import sklearn  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402

N, N_SHOWN = 230, 4
i = np.arange(N)
x = np.column_stack([np.sin(1.3 * i + 0.2), np.sin(0.7 * i * i + 0.5), np.cos(2.1 * i)])
y = np.column_stack([np.sin(2 * x[:, 0]) * x[:, 1] + 0.1 * np.cos(5.0 * i), x[:, 2] ** 2 - x[:, 0]])
three = np.array(["low", "middle", "top"])[(y[:, 0] > -0.3).astype(int) + (y[:, 0] > 0.3)]
two = np.where(x[:, 0] * x[:, 1] > 0, "same", "other")
weight = 1 + i % 3
common = dict(shuffle=False)

# Targets, a weight or not, parameters of both.
CASES = [
    ("y", False, dict(solver="adam", epsilon=1e-100, max_iter=60)),
    ("y", False, dict(solver="adam", epsilon=1e-100, max_iter=400, tol=1e-3, learning_rate_init=0.01, n_iter_no_change=5)),
    ("y", False, dict(hidden_layer_sizes=(9, 7), activation="tanh", solver="sgd", learning_rate="adaptive",
                        learning_rate_init=0.2, momentum=0.0, max_iter=150, tol=1e-3, n_iter_no_change=3,
                        batch_size=50)),
    ("y,z", False, dict(hidden_layer_sizes=(9, 7), activation="tanh", solver="sgd", learning_rate_init=0.02,
                        max_iter=30, batch_size=50)),
    ("two", False, dict(hidden_layer_sizes=(9,), solver="sgd", learning_rate_init=0.05, nesterovs_momentum=False,
                        max_iter=30, batch_size=64)),
    ("two", False, dict(hidden_layer_sizes=(12,), activation="logistic", solver="sgd", learning_rate="invscaling",
                        learning_rate_init=0.5, power_t=0.2, momentum=0.0, batch_size=1, max_iter=3)),
    ("three", False, dict(hidden_layer_sizes=(8,), activation="tanh", solver="lbfgs", alpha=0.1, max_iter=25)),
    ("three", False, dict(hidden_layer_sizes=(8, 8), solver="adam", epsilon=1e-100, alpha=0.1, batch_size=230,
                          learning_rate_init=0.02, beta_1=0.8, beta_2=0.99, max_iter=40)),
    ("y", True, dict(hidden_layer_sizes=(6,), activation="tanh", solver="lbfgs", max_iter=15)),
    ("three", True, dict(hidden_layer_sizes=(6,), activation="identity", solver="lbfgs", alpha=0.01, max_iter=15)),
]


def tensors(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    return {name.split("/")[-1]: np.frombuffer(data[8 + length + tensor["data_offsets"][0]:
                                                    8 + length + tensor["data_offsets"][1]])
            for name, tensor in json.loads(data[8:8 + length]).items()
            if name != "__metadata__" and tensor["dtype"] == "F64"}


def words(parameters):
    for name, value in parameters.items():
        text = ",".join(map(str, value)) if isinstance(value, tuple) else \
            str(value).lower() if isinstance(value, bool) else str(value)
        yield name, text


def start(target, parameters):
    """Weights and biases of each layer as the program draws them."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows.csv")
        with open(path, "w") as file:
            print("a,b,c,y,z,two,three", file=file)
            for row in range(N):
                print(*[repr(float(v)) for v in (*x[row], *y[row])], two[row], three[row], sep=",", file=file)
        wanted = {k: v for k, v in parameters.items() if k in ("hidden_layer_sizes", "activation")}
        options = [f"--{name.replace('_', '-')}={text}" for name, text in words(wanted)]
        subprocess.run([os.environ["ANSATZ"], "fit", "mlp", path, "--target", target, "--features", "a,b,c", "--quiet",
                        "--max-iter", "1", "--learning-rate-init", "0", "--precision", "f64",
                        "-o", os.path.join(folder, "m.az"), *options], check=True, stdout=subprocess.DEVNULL)
        found = tensors(os.path.join(folder, "m.az"))
    sizes, at = found["sizes"].astype(int), 0
    for n_in, n_out in zip(sizes, sizes[1:]):
        end = at + n_in * n_out
        yield found["theta"][at:end].reshape(n_in, n_out).copy(), found["theta"][end:end + n_out].copy()
        at = end + n_out


def trained(target, weighted, parameters):
    pairs = iter(list(start(target, parameters)))

    class Model(MLPRegressor if target[0] in "yz" else MLPClassifier):
        def _init_coef(self, n_in, n_out, dtype):
            return next(pairs)

    z = y[:, :target.count(",") + 1]
    deviation = z.std(axis=0)
    if target[0] in "yz":
        if weighted:  # targets are scaled by their weighted moments
            mean = np.average(z, axis=0, weights=weight)
            deviation = np.sqrt(np.average((z - mean) ** 2, axis=0, weights=weight))
        else:
            mean = z.mean(axis=0)
        goal = (z - mean) / deviation
        goal = goal if goal.shape[1] > 1 else goal[:, 0]
    else:
        goal = two if target == "two" else three
    w = weight.astype(float) if weighted else None
    centre = np.average(x, axis=0, weights=w)
    scale = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=w))
    model = Model(random_state=0, **common, **parameters)
    model.fit((x - centre) / scale, goal, sample_weight=w)
    shown = (x[:N_SHOWN] - centre) / scale
    if target[0] in "yz":
        return model, model.predict(shown).reshape(N_SHOWN, -1) * deviation + mean
    return model, model.predict_proba(shown)


def array(values):
    return "{" + ", ".join("NAN" if v != v else repr(float(v)) for v in np.ravel(values)) + "}"


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print(f"/* Made by tests/models/reference/mlp_sklearn.py with scikit-learn {sklearn.__version__}; not to be edited. */\n")
print("""#include <math.h>

/* loss: in the middle epoch and the last one, NAN where it is not told.  shown: predictions, or probabilities, of the
 * first rows. */
static const struct {
    const char *target, *weight, *parameters;
    int n_epochs;
    double loss[2], shown[12];
} trainings[] = {""")
for target, weighted, parameters in CASES:
    model, shown = trained(target, weighted, parameters)
    curve = getattr(model, "loss_curve_", [model.loss_])
    text = " ".join(f"{name}={value}" for name, value in words(parameters))
    print(f'    {{"{target}", {chr(34) + "w" + chr(34) if weighted else "NULL"},')
    print(f'     "{text}",')
    print(f"     {model.n_iter_},")
    told = [curve[len(curve) // 2] if len(curve) > 1 else float("nan"), curve[-1]]
    told = [float("nan")] * 2 if "," in target else told
    print(f"     {array(told)},")
    print(f"     {array(shown)}}},")
print("};")
