/* SPDX-License-Identifier: BSD-3-Clause */
/* Boosted trees as a program: the sum of the trees, then the link as in az_link_apply. */
#include "models/tree/boosting.h"
#include "models/tree/nodes_export.h"

static const char log_link[] = "call sum_trees(features, outputs)\n"
                               "for k in 0 .. n_outputs {\n"
                               "    if outputs[k] > 700.0 {\n"
                               "        outputs[k] = 700.0\n"
                               "    }\n"
                               "    outputs[k] = exp(outputs[k])\n"
                               "}\n";

static const char logit_link[] = "real score[n_sums], e\n"
                                 "call sum_trees(features, score)\n"
                                 "e = exp(-fabs(score[0]))\n"
                                 "if score[0] >= 0.0 {\n"
                                 "    outputs[1] = 1.0 / (1.0 + e)\n"
                                 "    outputs[0] = e / (1.0 + e)\n"
                                 "} else {\n"
                                 "    outputs[1] = e / (1.0 + e)\n"
                                 "    outputs[0] = 1.0 / (1.0 + e)\n"
                                 "}\n";

const char az_code_softmax_of_trees[] = "real greatest, total\n"
                                   "call sum_trees(features, outputs)\n"
                                   "greatest = outputs[0]\n"
                                   "for k in 1 .. n_outputs {\n"
                                   "    if outputs[k] > greatest {\n"
                                   "        greatest = outputs[k]\n"
                                   "    }\n"
                                   "}\n"
                                   "total = 0.0\n"
                                   "for k in 0 .. n_outputs {\n"
                                   "    outputs[k] = exp(outputs[k] - greatest)\n"
                                   "    total += outputs[k]\n"
                                   "}\n"
                                   "for k in 0 .. n_outputs {\n"
                                   "    outputs[k] = outputs[k] / total\n"
                                   "}\n";

void az_boosting_export(const void *fitted, az_code *code)
{
    static const char *const links[AZ_LINK_COUNT] = {[AZ_LINK_IDENTITY] = "call sum_trees(features, outputs)\n",
                                                     [AZ_LINK_LOG] = log_link,
                                                     [AZ_LINK_LOGIT] = logit_link,
                                                     [AZ_LINK_SOFTMAX] = az_code_softmax_of_trees};
    const az_boosting *model = fitted;
    az_trees_export(model->trees, model->n_scores, model->initial, code);
    az_code_write(code, "# The sums of the trees, taken to predictions.\n"
                        "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n");
    az_code_write(code, links[model->link]);
    az_code_write(code, "}\n");
}
