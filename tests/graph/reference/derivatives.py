#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Values and gradients of small losses, in double: from JAX, and from PyTorch where it is said.

    python3 derivatives.py > derivatives.h        (jax 0.10, torch 2.15)

tests/graph/test_derivatives.c builds the same out of nodes.  Numbers are made by a formula of whole numbers, so that
both have the same."""
import jax
import jax.numpy as jnp
import numpy as np
import torch

jax.config.update("jax_enable_x64", True)


def numbers(n, a, b, m, scale):
    """scale * (((a i + b) mod m) / m - 1/2), i = 0 .. n - 1."""
    return np.array([scale * ((a * i + b) % m / m - 0.5) for i in range(n)])


def theta_of(sizes):
    return numbers(sum(k * m + m for k, m in zip(sizes, sizes[1:])), 37, 11, 101, 1.5)


def network(theta, sizes, x):
    at = 0
    for layer, (k, m) in enumerate(zip(sizes, sizes[1:])):
        w = theta[at : at + k * m].reshape(k, m)
        b = theta[at + k * m : at + k * m + m]
        at += k * m + m
        x = x @ w + b
        if layer < len(sizes) - 2:
            x = jnp.tanh(x)
    return x


def put(name, values):
    values = np.asarray(values, dtype=np.float64).ravel()
    body = ",\n    ".join(", ".join(repr(float(v)) for v in values[i : i + 4]) for i in range(0, len(values), 4))
    print(f"static const double {name}[] = {{\n    {body}}};")


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Written by derivatives.py. */")

# The Jacobian of a network by its inputs.
sizes = [3, 7, 5, 2]
theta = theta_of(sizes)
x = numbers(4 * 3, 53, 29, 97, 2).reshape(4, 3)
put("network_jacobian", jax.vmap(jax.jacfwd(lambda row: network(theta, sizes, row)))(x))
put("network_hessian", jax.vmap(jax.hessian(lambda row: network(theta, sizes, row)[0]))(x))

# Burgers' equation: the loss of its residual, and the gradient.
sizes = [2, 6, 6, 1]
theta = theta_of(sizes)
points = numbers(6 * 2, 53, 29, 97, 2).reshape(6, 2)


def residual(theta, p):
    u = lambda t, x: network(theta, sizes, jnp.array([t, x]))[0]
    u_t, u_x = jax.grad(u, 0)(*p), jax.grad(u, 1)(*p)
    return u_t + u(*p) * u_x - 0.03 * jax.grad(jax.grad(u, 1), 1)(*p)


def burgers(theta):
    return jnp.mean(jax.vmap(lambda p: residual(theta, p))(points) ** 2)


put("burgers_loss", burgers(theta))
put("burgers_gradient", jax.grad(burgers)(theta))

# Data, and a constraint on an integral over a grid of points of its own.
sizes = [1, 5, 1]
theta = theta_of(sizes)
x = numbers(6, 53, 29, 97, 2).reshape(6, 1)
y = numbers(6, 19, 7, 89, 1)
grid = np.linspace(0, 1, 9).reshape(9, 1)


def constrained(theta):
    integral = jnp.sum(grid[:, 0] * network(theta, sizes, grid)[:, 0] * 0.125)
    return jnp.mean((network(theta, sizes, x)[:, 0] - y) ** 2) + (integral - 1) ** 2


put("integral_loss", constrained(theta))
put("integral_gradient", jax.grad(constrained)(theta))

# u'' + u = 0 at interior points, u = y at those of the boundary: two sets of points, one network.
def two_sets(theta):
    u = lambda s: network(theta, sizes, jnp.array([s]))[0]
    inside = jax.vmap(lambda s: jax.grad(jax.grad(u))(s) + u(s))(grid[:, 0])
    return jnp.mean(inside**2) + 10 * jnp.mean((jax.vmap(u)(x[:, 0]) - y) ** 2)


put("two_sets_loss", two_sets(theta))
put("two_sets_gradient", jax.grad(two_sets)(theta))

# Batch normalisation, from PyTorch: the gradient runs through the statistics of the batch.
x = torch.tensor(numbers(6 * 2, 53, 29, 97, 2).reshape(6, 2), requires_grad=True)
w = torch.tensor(numbers(2 * 3, 37, 11, 101, 1.5).reshape(2, 3), requires_grad=True)
scale = torch.tensor(numbers(3, 31, 5, 83, 1) + 1, requires_grad=True)
shift = torch.tensor(numbers(3, 23, 3, 79, 1), requires_grad=True)
y = torch.tensor(numbers(6 * 3, 19, 7, 89, 1).reshape(6, 3))
normal = torch.nn.functional.batch_norm(x @ w, None, None, scale, shift, training=True, eps=1e-3)
loss = torch.mean((torch.tanh(normal) - y) ** 2)
loss.backward()
put("norm_loss", loss.detach())
put("norm_gradient", np.concatenate([g.grad.numpy().ravel() for g in (w, scale, shift, x)]))
