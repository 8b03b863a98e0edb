# SPDX-License-Identifier: BSD-3-Clause
"""Prints tests/optim/frozen_optimisers.h: the first ten updates of PyTorch's optimisers and of SciPy's L-BFGS-B, in double,
and the rates of PyTorch's schedulers.

usage: python optimisers.py > ../frozen_optimisers.h
"""
import math

import numpy as np
import scipy
import scipy.optimize
import torch

torch.set_default_dtype(torch.float64)
N_UPDATES = 10


def rosenbrock(x):
    """The chain of three: sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2."""
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(2))


def quadratic(x):
    """Condition 10^4 about (1, -2, 3)."""
    return sum(0.5 * 100.0**i * (x[i] - (1.0, -2.0, 3.0)[i]) ** 2 for i in range(3))


def mild_quadratic(x):
    """Condition 100, for L-BFGS: on the other one rounding alone moves SciPy's tenth iterate by 8e-12 (in 60 digits)."""
    return sum(0.5 * 10.0**i * (x[i] - (1.0, -2.0, 3.0)[i]) ** 2 for i in range(3))


PROBLEMS = [("rosenbrock", rosenbrock, [-1.2, 1.0, 0.5]), ("quadratic", quadratic, [0.3, 1.5, -0.7])]
# our name, our options, PyTorch's class and options, rates on the two problems
CASES = [
    ("gradient_descent", "", torch.optim.SGD, {}, (1e-4, 1.5e-4)),
    ("gradient_descent", "weight_decay=0.1", torch.optim.SGD, dict(weight_decay=0.1), (1e-4, 1.5e-4)),
    ("momentum", "", torch.optim.SGD, dict(momentum=0.9), (1e-4, 1e-4)),
    ("momentum", "momentum=0.7 weight_decay=0.01", torch.optim.SGD, dict(momentum=0.7, weight_decay=0.01), (1e-4, 1e-4)),
    ("momentum", "nesterov=true", torch.optim.SGD, dict(momentum=0.9, nesterov=True), (1e-4, 1e-4)),
    ("momentum", "nesterov=true momentum=0.8 weight_decay=0.05", torch.optim.SGD,
     dict(momentum=0.8, nesterov=True, weight_decay=0.05), (1e-4, 1e-4)),
    ("rmsprop", "rho=0.99", torch.optim.RMSprop, {}, (1e-2, 1e-1)),
    ("rmsprop", "epsilon=1e-3 weight_decay=0.1", torch.optim.RMSprop, dict(alpha=0.9, eps=1e-3, weight_decay=0.1),
     (1e-2, 1e-1)),
    ("adam", "", torch.optim.Adam, {}, (1e-1, 1e-1)),
    ("adam", "beta_1=0.8 beta_2=0.95 epsilon=1e-4 weight_decay=0.1", torch.optim.Adam,
     dict(betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1), (1e-2, 1e-1)),
    ("adamw", "", torch.optim.AdamW, {}, (1e-1, 1e-1)),
    ("adamw", "weight_decay=0.3", torch.optim.AdamW, dict(weight_decay=0.3), (1e-2, 1e-1)),
]


def numbers(rows):
    return ",\n     ".join("{" + ", ".join(repr(float(v)) for v in row) + "}" for row in rows)


def torch_path(problem, start, kind, options, rate):
    theta = torch.tensor(start, requires_grad=True)
    optimiser = kind([theta], lr=rate, **options)
    path = []
    for _ in range(N_UPDATES):
        optimiser.zero_grad()
        problem(theta).backward()
        optimiser.step()
        path.append(theta.detach().numpy().copy())
    return path


def scipy_path(problem, start):
    def both(x):
        theta = torch.tensor(x, requires_grad=True)
        value = problem(theta)
        value.backward()
        return value.item(), theta.grad.numpy()

    path, counts = [], []
    n_calls = 0

    def counted(x):
        nonlocal n_calls
        n_calls += 1
        return both(x)

    def keep(x):
        path.append(x.copy())
        counts.append(n_calls)

    scipy.optimize.minimize(counted, start, jac=True, method="L-BFGS-B", callback=keep,
                            options=dict(maxiter=N_UPDATES, ftol=0, gtol=0, maxcor=4))
    return path, counts


def scheduler_rates(kind, *arguments, **keywords):
    weight = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.SGD([weight], lr=0.5)
    scheduler = kind(optimiser, *arguments, **keywords)
    rates = []
    for _ in range(12):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return rates


print(f"""/* SPDX-License-Identifier: BSD-3-Clause */
/* Made by tests/optim/reference/optimisers.py with PyTorch {torch.__version__.split("+")[0]} and SciPy {scipy.__version__}. */

enum {{ N_UPDATES = {N_UPDATES}, N_PARAMETERS = 3 }};

static const struct {{
    const char *optimiser, *options;
    int problem;
    double learning_rate;
    double theta[N_UPDATES][N_PARAMETERS];
}} updates[] = {{""")
for name, text, kind, options, rates in CASES:
    for k, (_, problem, start) in enumerate(PROBLEMS):
        path = torch_path(problem, start, kind, options, rates[k])
        print(f'    {{"{name}", "{text}", {k}, {rates[k]!r},\n    {{{numbers(path)}}}}},')
print("};\n\n/* n_evaluations: up to and with that iterate. */")
print("static const struct {\n    int quadratic;\n    double start[N_PARAMETERS];\n    int n_evaluations[N_UPDATES];\n    double x[N_UPDATES][N_PARAMETERS];\n} lbfgs_path[] = {")
for problem, start in [(rosenbrock, [-1.2, 1.0, 0.5]), (rosenbrock, [3.0, -4.0, 5.0]), (rosenbrock, [-3.0, -1.0, 2.0]),
                       (mild_quadratic, [0.3, 1.5, -0.7]), (rosenbrock, [0.9, 0.2, 4.0]), (rosenbrock, [0.0, 0.0, 0.0])]:
    path, counts = scipy_path(problem, start)
    print(f"""    {{{int(problem is mild_quadratic)},
    {{{', '.join(map(str, start))}}},
    {{{', '.join(map(str, counts))}}},
    {{{numbers(path)}}}}},""")
print("};\n\nstatic const struct {\n    const char *options;\n    double rate[12];\n} schedules[] = {")
lr = torch.optim.lr_scheduler
for text, rates in [
    ("learning_rate=exponential decay=0.8 decay_time=1", scheduler_rates(lr.ExponentialLR, 0.8)),
    ("learning_rate=step decay=0.3 decay_time=4", scheduler_rates(lr.StepLR, 4, 0.3)),
    ("learning_rate=cosine decay_time=11", scheduler_rates(lr.CosineAnnealingLR, 11)),
    ("learning_rate=cosine decay_time=11 minimum_factor=0.1", scheduler_rates(lr.CosineAnnealingLR, 11, 0.05)),
    ("warm_up=5", scheduler_rates(lr.LinearLR, 0.2, 1.0, 4)),
]:
    print(f'    {{"{text}", {{{", ".join(repr(float(r)) for r in rates)}}}}},')
print("};")
