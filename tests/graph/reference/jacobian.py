#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Jacobians and Hessians of rows, in double, from JAX.

    python3 jacobian.py > jacobian.h        (jax 0.10)

tests/graph/test_jacobian.c builds the same out of nodes."""
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def numbers(n, a, b, m, scale):
    """scale * (((a i + b) mod m) / m - 1/2), i = 0 .. n - 1."""
    return np.array([scale * ((a * i + b) % m / m - 0.5) for i in range(n)])


def network(sizes, x):
    theta = numbers(sum(k * m + m for k, m in zip(sizes, sizes[1:])), 37, 11, 101, 1.5)
    at = 0
    for layer, (k, m) in enumerate(zip(sizes, sizes[1:])):
        w, b = theta[at : at + k * m].reshape(k, m), theta[at + k * m : at + k * m + m]
        at += k * m + m
        x = x @ w + b
        if layer < len(sizes) - 2:
            x = jnp.tanh(x)
    return x


def twisted(x):
    """x (10): ops of many shapes one after the other."""
    table = jnp.reshape(x, (2, 5))
    soft = jax.nn.softmax(table, axis=0)
    picked = table[:, jnp.array([3, 0, 3])]
    sums = jnp.cumsum(jnp.pad(x[1:8:2], (1, 2), constant_values=0.5))
    gram = soft.T @ (table * 0.3)
    parts = [jnp.ravel(gram), jnp.max(table, axis=1), jnp.ravel(picked) ** 2, sums * jnp.sin(jnp.sum(x))]
    return jnp.concatenate(parts) / (2 + jnp.cos(x[0]))


def put(name, values):
    values = np.asarray(values, dtype=np.float64).ravel()
    body = ",\n    ".join(", ".join(repr(float(v)) for v in values[i : i + 4]) for i in range(0, len(values), 4))
    print(f"static const double {name}[] = {{\n    {body}}};")


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Written by jacobian.py. */")
for inputs, outputs in (10, 3), (3, 10):
    f = lambda row: network([inputs, 4, outputs], row)
    x = numbers(3 * inputs, 53, 29, 97, 2).reshape(3, inputs)
    put(f"jacobian_{inputs}_{outputs}", jax.vmap(jax.jacfwd(f))(x))
x = numbers(3 * 10, 53, 29, 97, 2).reshape(3, 10)
put("hessian_10", jax.vmap(jax.hessian(lambda row: network([10, 4, 1], row)[0]))(x))
put("twisted_jacobian", jax.vmap(jax.jacfwd(twisted))(x))
put("twisted_hessian", jax.vmap(jax.hessian(lambda row: jnp.sum(twisted(row) ** 3)))(x))
