/* SPDX-License-Identifier: BSD-3-Clause */
/* AdaBoost as a program: the softmax of the votes, or the weighted median of the trees. */
#include "models/tree/adaboost.h"
#include "models/tree/nodes_export.h"

/* As many sums as trees: each is what one tree says.  Sorted by exchange of neighbours, which keeps the order of equal
 * values as predict does. */
static const char median[] = "real value[n_sums], weight[n_sums], sum, kept\n"
                             "call sum_trees(features, value)\n"
                             "for k in 0 .. n_sums {\n"
                             "    weight[k] = tree_weight[k]\n"
                             "}\n"
                             "for t in 1 .. n_sums {\n"
                             "    for k in 1 .. n_sums {\n"
                             "        if value[k] < value[k - 1] {\n"
                             "            kept = value[k]\n"
                             "            value[k] = value[k - 1]\n"
                             "            value[k - 1] = kept\n"
                             "            kept = weight[k]\n"
                             "            weight[k] = weight[k - 1]\n"
                             "            weight[k - 1] = kept\n"
                             "        }\n"
                             "    }\n"
                             "}\n"
                             "sum = 0.0\n"
                             "kept = value[n_sums - 1]\n"
                             "for t in 0 .. n_sums {\n"
                             "    if sum < half_weight[0] {\n"
                             "        kept = value[t]\n"
                             "    }\n"
                             "    sum += weight[t]\n"
                             "}\n"
                             "outputs[0] = kept\n";

void az_adaboost_export(const void *fitted, az_code *code)
{
    const az_adaboost *model = fitted;
    const double half = 0.5 * model->total;
    const bool sorts = !model->classifies && model->trees->n_trees > 1;
    az_trees_export(model->trees, model->classifies ? model->trees->n_outputs : model->trees->n_trees, NULL, code);
    if (sorts) {
        az_code_reals(code, "tree_weight", model->weight, model->trees->n_trees);
        az_code_reals(code, "half_weight", &half, 1);
    }
    az_code_write(code, model->classifies ? "# The votes of the trees, taken to probabilities.\n"
                                          : "# The median of the trees by their weights.\n");
    az_code_write(code, "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n");
    az_code_write(code, model->classifies ? az_code_softmax_of_trees
                        : sorts           ? median
                                          : "call sum_trees(features, outputs)\n");
    az_code_write(code, "}\n");
}
