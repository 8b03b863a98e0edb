/* SPDX-License-Identifier: BSD-3-Clause */
/* Averaged trees as a program. */
#include "models/tree/ensemble.h"
#include "models/tree/nodes_export.h"

void az_ensemble_export(const void *fitted, az_code *code)
{
    const az_ensemble *model = fitted;
    bool centred = false;
    for (int64_t k = 0; k < model->n_outputs; k++) centred |= model->offset[k] != 0;
    az_trees_export(model->trees, model->n_outputs, NULL, code);
    if (centred) az_code_reals(code, "offset", model->offset, model->n_outputs);
    az_code_write(code, "# The mean of the trees.\n"
                        "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n"
                        "    call sum_trees(features, outputs)\n"
                        "    for k in 0 .. n_outputs {\n");
    az_code_write(code,
                  centred ? "outputs[k] = outputs[k] / n_trees + offset[k]\n" : "outputs[k] = outputs[k] / n_trees\n");
    az_code_write(code, "    }\n"
                        "}\n");
}
