#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/models/frozen_mlp.h: a small network after ten updates of each optimiser, by PyTorch in double, and
after ten iterations of SciPy's L-BFGS-B.  For tests/models/test_mlp.c:

    python3 tests/models/reference/mlp.py > tests/models/frozen_mlp.h"""
import numpy as np
import scipy
import scipy.optimize
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
SIZES, N_ROWS, BATCH, ALPHA, EPOCHS = (3, 5, 4, 2), 12, 6, 0.3, 5
N = sum((a + 1) * b for a, b in zip(SIZES, SIZES[1:]))

x = torch.tensor(np.sin(1.7 * np.arange(N_ROWS * 3) + 0.3).reshape(N_ROWS, 3))
y = torch.tensor(np.cos(2.3 * np.arange(N_ROWS * 2) + 0.1).reshape(N_ROWS, 2))


def start():
    return 0.7 * np.sin(1.1 * np.arange(N) + 0.5)


def layers(theta):
    at = 0
    for a, b in zip(SIZES, SIZES[1:]):
        yield theta[at:at + a * b].view(a, b), theta[at + a * b:at + (a + 1) * b]
        at += (a + 1) * b


def loss(theta, rows):
    h, squares = x[rows], 0
    pieces = list(layers(theta))
    for i, (weight, bias) in enumerate(pieces):
        h = h @ weight + bias
        if i + 1 < len(pieces):
            h = torch.tanh(h)
        squares = squares + (weight ** 2).sum()
    return (0.5 * ((h - y[rows]) ** 2).sum() + 0.5 * ALPHA * squares) / len(rows)


def trained(make):
    theta = torch.nn.Parameter(torch.tensor(start()))
    optimiser = make([theta])
    for _ in range(EPOCHS):
        for first in range(0, N_ROWS, BATCH):
            optimiser.zero_grad()
            loss(theta, list(range(first, first + BATCH))).backward()
            optimiser.step()
    return theta.detach().numpy()


def by_scipy():
    def function(values):
        theta = torch.nn.Parameter(torch.tensor(values))
        value = loss(theta, list(range(N_ROWS)))
        value.backward()
        return value.item(), theta.grad.numpy()
    return scipy.optimize.minimize(function, start(), jac=True, method="L-BFGS-B",
                                   options={"maxiter": 10, "gtol": 0, "ftol": 0}).x


def write(name, values):
    print(f"static const double after_{name}[] = {{")
    for i in range(0, N, 4):
        print("    " + ", ".join(repr(float(v)) for v in values[i:i + 4]) + ",")
    print("};")


O = torch.optim
print("/* SPDX-License-Identifier: BSD-3-Clause */")
print(f"/* Made by tests/models/reference/mlp.py with PyTorch {torch.__version__.split('+')[0]}, SciPy {scipy.__version__}; not to be edited. */\n")
write("gradient_descent", trained(lambda p: O.SGD(p, lr=0.05)))
write("momentum", trained(lambda p: O.SGD(p, lr=0.05, momentum=0.9)))
write("nesterov", trained(lambda p: O.SGD(p, lr=0.05, momentum=0.9, nesterov=True)))
write("rmsprop", trained(lambda p: O.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-8)))
write("adam", trained(lambda p: O.Adam(p, lr=0.01)))
write("adamw", trained(lambda p: O.AdamW(p, lr=0.01, weight_decay=0.1)))
write("lbfgs", by_scipy())
