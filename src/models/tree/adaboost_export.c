/* SPDX-License-Identifier: BSD-3-Clause */
/* AdaBoost as a program: the softmax of the votes, or the weighted median of the trees. */
#include "models/tree/adaboost.h"
#include "models/tree/nodes_export.h"

/* As many sums as trees: each is what one tree says.  Their order is found by Shell's sort with Knuth's gaps 1, 4, 13,
 * ... (The Art of Computer Programming 5.2.1): some n^1.3 steps, without recursion.  Equal values stay in the order of
 * the trees, as in predict, so that sums of weights have the same bits. */
static const char median[] = "real value[n_sums], sum, kept\n"
                             "int place[n_sums], gap, moved, other, at, moves\n"
                             "call sum_trees(features, value)\n"
                             "for k in 0 .. n_sums {\n"
                             "    place[k] = k\n"
                             "}\n"
                             "gap = 1\n"
                             "while 3 * gap + 1 < n_sums {\n"
                             "    gap = 3 * gap + 1\n"
                             "}\n"
                             "while gap > 0 {\n"
                             "    for k in gap .. n_sums {\n"
                             "        moved = place[k]\n"
                             "        at = k\n"
                             "        moves = 1\n"
                             "        while moves > 0 {\n"
                             "            moves = 0\n"
                             "            if at >= gap {\n"
                             "                other = place[at - gap]\n"
                             "                if value[moved] < value[other] {\n"
                             "                    moves = 1\n"
                             "                }\n"
                             "                if value[moved] <= value[other] && moved < other {\n"
                             "                    moves = 1\n"
                             "                }\n"
                             "                if moves > 0 {\n"
                             "                    place[at] = other\n"
                             "                    at = at - gap\n"
                             "                }\n"
                             "            }\n"
                             "        }\n"
                             "        place[at] = moved\n"
                             "    }\n"
                             "    gap = gap / 3\n"
                             "}\n"
                             "sum = 0.0\n"
                             "kept = value[place[n_sums - 1]]\n"
                             "for t in 0 .. n_sums {\n"
                             "    if sum < half_weight[0] {\n"
                             "        kept = value[place[t]]\n"
                             "    }\n"
                             "    sum += tree_weight[place[t]]\n"
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
