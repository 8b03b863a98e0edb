# SPDX-License-Identifier: BSD-3-Clause
"""Scores by scikit-learn on fixed numbers, frozen into tests/data/frozen_metrics.h.

usage: python freeze_metrics.py > ../../tests/data/frozen_metrics.h
"""
import numpy as np
import sklearn
from sklearn import metrics as m

rng = np.random.default_rng(20240607)


def array(name, values, c_type="double"):
    items = [repr(float(v)) if c_type == "double" else str(int(v)) for v in np.ravel(values)]
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) > 110:
            lines.append(line)
            line = "   "
        line += " " + item + ","
    lines.append(line)
    print(f"static const {c_type} {name}[] = {{\n" + "\n".join(lines) + "\n};")


def case(name, task, n, columns, weighted, *arrays, expected):
    for suffix, values, c_type in arrays:
        array(f"{name}_{suffix}", values, c_type)
    array(f"{name}_expected", expected)
    names = ",\n     ".join(f"{name}_{suffix}" if have else "NULL" for suffix, have in weighted)
    cases.append(f'    {{"{name}", {task}, {n}, {columns},\n     {names},\n     {name}_expected}},')


def regression(name, n, n_targets, weighted, constant=False):
    y = rng.normal(size=(n, n_targets)) * 10.0 ** np.arange(n_targets) + 3
    if constant:
        # A power of two without weights: for other constants scikit-learn's mean is off by rounding, the spread about
        # it is 1e-33 and not 0, and its r2 is -1e32.
        y[:, 0] = 0.125
    p = y + rng.normal(size=y.shape) * 0.3 + 0.2
    w = rng.uniform(0.1, 3, n) if weighted else None
    kw = dict(sample_weight=w)
    expected = [m.root_mean_squared_error(y, p, **kw), m.mean_absolute_error(y, p, **kw), m.r2_score(y, p, **kw),
                m.explained_variance_score(y, p, **kw)]
    arrays = [("observed", y, "double"), ("predicted", p, "double")] + ([("weight", w, "double")] if weighted else [])
    case(name, "AZ_REGRESSION", n, n_targets,
         [("weight", weighted), ("observed", True), ("predicted", True), ("label", False), ("probability", False)],
         *arrays, expected=expected)


def classification(name, n, n_classes, weighted, digits):
    label = rng.integers(0, n_classes, n)
    p = rng.dirichlet(np.ones(n_classes), n) + 0.6 * np.eye(n_classes)[label] * rng.uniform(0, 1, (n, 1))
    p /= p.sum(1, keepdims=True)
    if digits is not None:  # coarse probabilities: many ties, exact zeros and ones
        p = np.round(p, digits)
        p[:, -1] = 1 - p[:, :-1].sum(1)
        p = np.clip(p, 0, 1)
    w = rng.uniform(0.1, 3, n) if weighted else None
    guess, kw = p.argmax(1), dict(sample_weight=w)
    auc = m.roc_auc_score(label, p[:, 1], **kw) if n_classes == 2 else np.mean(
        [m.roc_auc_score(label == k, p[:, k], **kw) for k in range(n_classes)])
    if n_classes > 2 and digits is None:
        assert abs(auc - m.roc_auc_score(label, p, multi_class="ovr", average="macro", **kw)) < 1e-14
    expected = [m.accuracy_score(label, guess, **kw), m.balanced_accuracy_score(label, guess, **kw),
                m.log_loss(label, p, **kw), auc, m.f1_score(label, guess, average="macro", **kw)]
    arrays = [("label", label, "int32_t"), ("probability", p, "double")] + (
        [("weight", w, "double")] if weighted else [])
    case(name, "AZ_CLASSIFICATION", n, n_classes,
         [("weight", weighted), ("observed", False), ("predicted", False), ("label", True), ("probability", True)],
         *arrays, expected=expected)


cases = []
print("/* SPDX-License-Identifier: BSD-3-Clause */")
print(f"/* Made by bench/peers/freeze_metrics.py with scikit-learn {sklearn.__version__}; not to be edited. */")
print("#ifndef AZ_FROZEN_METRICS_H\n#define AZ_FROZEN_METRICS_H\n")
print("#include <ansatz/model.h>\n#include <stdint.h>\n")
regression("one_target", 40, 1, False)
regression("one_target_weighted", 33, 1, True)
regression("three_targets", 25, 3, False)
regression("three_targets_weighted", 25, 3, True)
regression("constant_target", 20, 2, False, constant=True)
classification("two_classes", 40, 2, False, None)
classification("two_classes_ties_weighted", 60, 2, True, 1)
classification("four_classes", 50, 4, False, None)
classification("four_classes_weighted", 50, 4, True, None)
classification("three_classes_ties", 60, 3, False, 1)
print("""
typedef struct frozen_score {
    const char *name;
    az_task task;
    int64_t n_rows, n_columns; /* targets or classes */
    const double *weight, *observed, *predicted;
    const int32_t *label;
    const double *probability, *expected;
} frozen_score;
static const frozen_score frozen_scores[] = {""")
print("\n".join(cases))
print("};\n\n#endif")
