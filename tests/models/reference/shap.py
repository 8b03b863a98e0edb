#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes ../frozen_shap.h: LightGBM's trees and its pred_contrib for some rows.  Made with LightGBM 4.7.0."""
import lightgbm
import numpy

random = numpy.random.default_rng(3)
x = random.normal(size=(400, 6))
y = x[:, 0] * x[:, 1] + numpy.sin(2 * x[:, 2]) + 0.3 * x[:, 3] ** 2 + 0.1 * random.normal(size=400)
model = lightgbm.train(
    {"objective": "regression", "num_leaves": 24, "min_data_in_leaf": 3, "learning_rate": 0.3, "verbose": -1,
     "num_threads": 1, "deterministic": True, "boost_from_average": False},
    lightgbm.Dataset(x, y), 5)
rows = random.normal(size=(8, 6))
values = model.predict(rows, pred_contrib=True)

nodes, sizes = [], []
for info in model.dump_model()["tree_info"]:
    tree = []

    def put(place, node):
        if "leaf_value" in node:
            tree[place] = (-1, 0, node["leaf_value"], node["leaf_count"])
            return
        left = len(tree)
        tree.extend([None, None])
        tree[place] = (node["split_feature"], left, node["threshold"], node["internal_count"])
        put(left, node["left_child"])
        put(left + 1, node["right_child"])

    tree.append(None)
    put(0, info["tree_structure"])
    nodes += tree
    sizes.append(len(tree))

with open("../frozen_shap.h", "w") as out:
    say = lambda *words: print(*words, file=out)
    say("/* SPDX-License-Identifier: BSD-3-Clause */")
    say("/* Made by reference/shap.py: LightGBM %s.  feature -1: a leaf, whose value is `number`. */" % lightgbm.__version__)
    say("typedef struct shap_node {\n    int feature, left;\n    double number, cover;\n} shap_node;")
    say("enum { SHAP_TREES = %d, SHAP_FEATURES = 6, SHAP_ROWS = 8 };" % len(sizes))
    say("static const int shap_sizes[] = {%s};" % ", ".join(map(str, sizes)))
    say("static const shap_node shap_nodes[] = {")
    for feature, left, number, cover in nodes:
        say("    {%d, %d, %s, %d}," % (feature, left, repr(float(number)), cover))
    say("};")
    for name, table, width in (("shap_x", rows, 6), ("shap_values", values, 7)):
        say("static const double %s[SHAP_ROWS][%d] = {" % (name, width))
        for row in table:
            say("    {" + ",\n     ".join(", ".join(repr(float(v)) for v in row[i:i + 4]) for i in range(0, width, 4)) + "},")
        say("};")
