/* SPDX-License-Identifier: BSD-3-Clause */
/* From outputs to a plan. */
#include "base/isa.h"
#include "base/status.h"
#include "graph/fuse.h"
#include "graph/cost.h"
#include "graph/fold.h"
#include "graph/lower.h"
#include "graph/one_row.h"
#include "ops/shape.h"

#include <string.h>

void az_plan_free(az_plan *plan)
{
    if (!plan) return;
    for (int64_t p = 0; p < plan->n_phases; p++) {
        az_free(plan->phases[p].instructions);
        az_free(plan->phases[p].sums);
    }
    az_free(plan->phases);
    az_fuse_free(plan);
    az_free(plan->inputs);
    az_free(plan->outputs);
    az_free(plan->constants);
    az_free(plan->extent_values);
    az_arena_free(&plan->arena);
    az_free(plan);
}

static az_status choose_isa(const char *name, az_isa *isa)
{
    *isa = az_isa_wanted();
    if (!name) return AZ_OK;
    for (int i = 0; i < AZ_N_ISA; i++) {
        if (strcmp(az_isa_name((az_isa)i), name) != 0) continue;
        if (i > (int)az_isa_of_cpu())
            return az_error(AZ_ERROR_USAGE, "isa = %s: this processor does not have it; the best it has is %s", name,
                            az_isa_name(az_isa_of_cpu()));
        *isa = (az_isa)i;
        return AZ_OK;
    }
    return az_error(AZ_ERROR_USAGE, "isa = %s: choose base, v3 or v4", name);
}

az_status az_compile(az_plan **result, const az_node *outputs, const char *const *names, int n_outputs,
                     const az_plan_options *options)
{
    az_plan *plan = NULL;
    az_arena arena = {0};
    const void **folded = NULL;
    az_status status = AZ_OK;
    if (n_outputs < 1) return az_error(AZ_ERROR_USAGE, "az_compile: no outputs");
    az_graph *graph = NULL;
    for (int i = 0; i < n_outputs && !graph; i++) graph = outputs[i].graph;
    /* After an error no node says which graph it was of: the caller's graph is asked where one does. */
    if (graph && graph->status) return az_error(graph->status, "%s", graph->error ? graph->error : "out of memory");
    for (int i = 0; i < n_outputs; i++)
        if (outputs[i].id < 0 || outputs[i].graph != graph)
            return az_error(AZ_ERROR_USAGE, "az_compile: output %d is no node; az_graph_status tells what went wrong",
                            i);
    AZ_TRY(AZ_NEW_ZERO(plan));
    if (options) {
        AZ_GOTO(choose_isa(options->isa, &plan->isa));
        plan->find_nonfinite = options->find_nonfinite;
    } else {
        plan->isa = az_isa_wanted();
    }
    if (!plan->find_nonfinite) { /* else every value is looked at in a run */
        if (!(folded = az_alloc_zero(sizeof *folded * (size_t)graph->n))) {
            status = AZ_ERROR_MEMORY;
            goto done;
        }
        AZ_GOTO(az_fold(outputs, n_outputs, plan->isa, &arena, folded));
    }
    AZ_GOTO(az_lower(plan, outputs, names, n_outputs, folded));
    AZ_GOTO(az_fuse(plan));
    az_estimate(plan);
    AZ_GOTO(az_find_spots(plan));
    *result = plan;
    plan = NULL;
done:
    az_arena_free(&arena);
    az_free(folded);
    az_plan_free(plan);
    return status;
}

az_status az_graph_status(const az_graph *graph)
{
    if (!graph) return az_error(AZ_ERROR_MEMORY, "there is no graph");
    return graph->status ? az_error(graph->status, "%s", graph->error ? graph->error : "out of memory") : AZ_OK;
}

int64_t az_plan_n_parameters(const az_plan *plan)
{
    return plan->n_parameters;
}

int64_t az_plan_n_state(const az_plan *plan)
{
    return plan->n_state;
}

bool az_plan_parameter(const az_plan *plan, const char *name, int64_t *offset, int64_t *size)
{
    for (int64_t i = 0; i < plan->n_slots; i++) {
        if (strcmp(plan->slots[i].name, name) != 0) continue;
        *offset = plan->slots[i].offset;
        *size = plan->slots[i].size;
        return true;
    }
    return false;
}
