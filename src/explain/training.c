/* SPDX-License-Identifier: BSD-3-Clause */
/* Importances that classes of trees keep from their training. */
#include "explain/explain.h"

#include "models/tree/nodes.h"

#include <string.h>

bool az_training_importances(const az_model *model, double *part)
{
    const az_design *design = model->design;
    az_tree_view view = {0};
    if (model->class->trees) model->class->trees(model->fitted, &view);
    if (!view.importance) return false;
    memset(part, 0, sizeof *part * (size_t)design->n_inputs);
    for (int64_t k = 0; k < design->n_inputs; k++) {
        const az_raw_input *input = &design->inputs[k];
        /* Features that are products belong to no single input; trees are grown without them unless --degree asks. */
        if (design->powers) return false;
        for (int32_t f = input->first_base; f < input->first_base + input->n_base; f++) part[k] += view.importance[f];
    }
    return true;
}
