#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How sure a forest is, computed without Ansatz, for tests/models/test_spread.c:

    python3 tests/models/reference/spread.py > tests/models/frozen_spread.h

The forest is that of tests/golden/forest-quantiles-1.az: its trees are walked here, and the rows that they drew are drawn
again by a Philox of our own.  Deviations are then those of forestci 0.9 (its formulas of Wager, Hastie and Efron 2014,
equations 5 and 7), quantiles those of numpy 2.4 with the weights of Meinshausen (2006, equation 4).  The last table is
quantile-forest 1.4.2 on one tree of all rows, between whose "lower" and "higher" interpolation a quantile that is not
interpolated lies."""
import csv
import json
import os
import struct

import numpy as np
from forestci.forestci import _bias_correction, _core_computation
from quantile_forest import RandomForestQuantileRegressor
from sets import data

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "golden")
MASK = 0xFFFFFFFF


def philox(key, counter):
    """Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011)."""
    (k0, k1), c = key, list(counter)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k0, b & MASK, a >> 32 ^ c[3] ^ k1, a & MASK]
        k0, k1 = k0 + 0x9E3779B9 & MASK, k1 + 0xBB67AE85 & MASK
    return c


def stream(seed, name):
    key, data = (seed & MASK, seed >> 32), name.encode() + b"\0"
    data += b"\0" * (-len(data) % 16)
    for i in range(0, len(data), 16):
        key = tuple(philox(key, struct.unpack("<4I", data[i : i + 16]))[:2])
    return key


def bootstrap(seed, tree, n):
    key, count = stream(seed, "tree.rows"), np.zeros(n, int)
    for i in range(0, n, 2):
        bits = philox(key, (tree, 0, i, 0))
        for k in range(min(2, n - i)):
            count[(bits[2 * k] << 32 | bits[2 * k + 1]) * n >> 64] += 1
    return count


def arrays(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    document = json.loads(header.pop("__metadata__")["ansatz"])
    types = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U8": "u1"}
    found = {}
    for name, a in header.items():
        begin, end = a["data_offsets"]
        found[name] = np.frombuffer(data[8 + length + begin : 8 + length + end], types[a["dtype"]]).reshape(a["shape"])
    return document, found


def rows_of(name, columns):
    with open(os.path.join(folder, name)) as file:
        table = list(csv.reader(line for line in file if not line.startswith("#")))
    places = [[c.split(" ")[0] for c in table[0]].index(name) for name in columns]
    return np.array([[float(row[p]) if row[p] else np.nan for p in places] for row in table[1:]])


document, model = arrays(os.path.join(folder, "forest-quantiles-1.az"))
inputs = ["temperature", "pressure", "direction"]
train = rows_of("train.csv", inputs + ["speed", "rain", "weight"])
train = train[~np.isnan(train[:, 3:]).any(axis=1)]
query = rows_of("query.csv", inputs)
n, sizes = len(train), model["tree.sizes"]
first_node = np.concatenate([[0], np.cumsum(sizes[:, 0])])
first_value = np.concatenate([[0], np.cumsum(sizes[:, 1])])
values = model["tree.value"].reshape(-1, 2)


def leaf(tree, x):
    node = 0
    while True:
        at = first_node[tree] + node
        left, packed = model["tree.link"].reshape(-1, 2)[at]
        if packed & 1:
            return node, values[first_value[tree] + left]
        feature = x[packed >> 8]
        right = not packed & 4 if np.isnan(feature) else not feature <= model["tree.threshold"][at]
        node = left + right


n_trees = len(sizes)
seed = document["pipeline"]["seed"]
inbag = np.array([bootstrap(seed, t, n) for t in range(n_trees)]).T  # (n, n_trees)
of_query = np.array([[leaf(t, x)[1] for t in range(n_trees)] for x in query])  # (rows, trees, targets)
leaves = np.array([[leaf(t, x)[0] for t in range(n_trees)] for x in train[:, :3]])

deviations = []
for k in range(2):
    centred = of_query[:, :, k] - of_query[:, :, k].mean(axis=1, keepdims=True)
    variance = _core_computation((n,), query, inbag, centred, n_trees)
    # forestci's bias is that of the counts of a row among the trees; the exact one of a bootstrap is 1 - 1/n.
    estimated = _bias_correction(variance, inbag, centred, n_trees)
    exact = variance - n * (1 - 1 / n) * (centred**2).sum(axis=1) / n_trees**2
    assert np.allclose((variance - estimated) / (variance - exact), 1, rtol=0.05)
    deviations.append(np.sqrt(np.maximum(exact, 0)))

levels = [0.05, 0.25, 0.5, 0.9]
quantiles = []
for x in query:
    weight = np.zeros(n)
    for t in range(n_trees):
        inside = inbag[:, t] * train[:, 5] * (leaves[:, t] == leaf(t, x)[0])
        weight += inside / inside.sum() / n_trees
    # The mean of the distribution is the forest's prediction.
    t = [leaf(t, x)[1] for t in range(n_trees)]
    assert np.allclose(weight @ train[:, 3:5], np.mean(t, axis=0) + model["tree.offset"], rtol=1e-12)
    for k in range(2):
        ours = np.quantile(train[:, 3 + k], levels, method="inverted_cdf", weights=weight)
        quantiles.append(ours)


def numbers(rows):
    return "\n".join("    {" + ", ".join(f"{v:.17g}" for v in row) + "}," for row in rows)


print("/* SPDX-License-Identifier: BSD-3-Clause */")
print("/* Made by tests/models/reference/spread.py; not to be edited. */\n")
print(f"static const double deviations[][2] = {{\n{numbers(np.array(deviations).T)}\n}};")
print(f"static const double levels[] = {{{', '.join(map(str, levels))}}};")
print("/* For each row speed, then rain. */")
print(f"static const double quantiles[][{len(levels)}] = {{\n{numbers(quantiles)}\n}};")

x, y = data["some_diabetes"]
one = RandomForestQuantileRegressor(
    1, bootstrap=False, min_samples_leaf=8, max_features=1.0, max_samples_leaf=None, random_state=0
).fit(x, y)
bounds = [one.predict(x[::10], quantiles=levels, interpolation=i) for i in ("lower", "higher")]
print("/* quantile-forest 1.4.2: rows 0, 10, 20, ... of SOME_DIABETES. */")
for name, table in zip(("lower", "higher"), bounds):
    print(f"static const double peer_{name}[][{len(levels)}] = {{\n{numbers(table)}\n}};")
