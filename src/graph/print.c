/* SPDX-License-Identifier: BSD-3-Clause */
/* A plan as text: what is done in which order, and where values lie. */
#include "base/isa.h"
#include "base/status.h"
#include "base/text.h"
#include "graph/plan.h"
#include "ops/shape.h"

#include <stdio.h>

const char *az_plan_parameter_at(const az_plan *plan, const az_place *place)
{
    const int64_t real = (int64_t)az_type_size(plan->real);
    for (int64_t i = 0; place->region == AZ_AT_THETA && i < plan->n_slots; i++)
        if (plan->slots[i].offset * real == place->offset) return plan->slots[i].name;
    return NULL;
}

bool az_plan_constant(const az_plan *plan, const az_place *place, double *value)
{
    if (place->region != AZ_AT_CONSTANT || az_tile_elements(&place->tile) != 1 || place->first) return false;
    *value = az_read_number(plan->constants + place->offset, place->tile.type, 0);
    return true;
}

static const char *const region_names[AZ_N_REGIONS] = {"tile",    "block", "kept",     "row",   "slot",
                                                       "columns", "fixed", "constant", "theta", "state"};

static void print_place(az_text *text, const az_plan *plan, const az_place *place)
{
    const char *parameter = az_plan_parameter_at(plan, place);
    double constant;
    if (az_plan_constant(plan, place, &constant)) {
        az_text_number(text, constant);
        return;
    }
    if (parameter)
        az_text_append(text, parameter);
    else
        az_text_printf(text, "%s+%lld", place->region < 0 ? "?" : region_names[place->region],
                       (long long)place->offset);
    if (place->first) az_text_printf(text, "[%lld]", (long long)place->first);
    az_text_printf(text, " %s(", az_type_name(place->tile.type));
    for (int d = 0; d < place->tile.rank; d++)
        az_text_printf(text, "%s%lld", d ? "," : "", (long long)place->tile.size[d]);
    az_text_append(text, ")");
}

static void print_operands(az_text *text, const az_plan *plan, const char *name, const az_place *in, int n,
                           const az_place *out)
{
    az_text_printf(text, "%-10s", name);
    for (int k = 0; k < n; k++) {
        az_text_append(text, k ? ", " : " ");
        print_place(text, plan, &in[k]);
    }
    az_text_append(text, " -> ");
    print_place(text, plan, out);
    az_text_append(text, "\n");
}

static void print_instruction(az_text *text, const az_plan *plan, const az_instruction *instruction)
{
    if (instruction->run == az_execute_load) {
        az_text_printf(text, "load       \"%s\" -> ", plan->inputs[instruction->binding].name);
        print_place(text, plan, &instruction->out);
        az_text_append(text, "\n");
    } else if (instruction->run == az_execute_store) {
        az_text_append(text, "store      ");
        print_place(text, plan, &instruction->in[0]);
        az_text_printf(text, " -> \"%s\"\n", plan->outputs[instruction->binding].name);
    } else if (instruction->run == az_execute_pack) {
        az_text_append(text, "pack       ");
        print_place(text, plan, &instruction->in[instruction->n - 1]);
        az_text_printf(text, " -> %s+%lld\n", region_names[instruction->packed.region],
                       (long long)instruction->packed.offset);
    } else {
        const char *name = instruction->run == az_execute_fetch ? "fetch"
                           : instruction->run == az_execute_put ? "put"
                                                                : instruction->op->name;
        print_operands(text, plan, name, instruction->in, instruction->n, &instruction->out);
    }
}

/* Does an op of a group run in one loop with the op before it? */
static bool in_loop(const az_instruction *group, int m)
{
    for (int k = 0; k < group->n_pieces; k++) {
        const az_piece *piece = &group->pieces[k];
        if (piece->loop && m > piece->first && m < piece->first + piece->n) return true;
    }
    return false;
}

void az_plan_space(const az_plan *plan, int32_t space, az_text *text)
{
    const az_space *of = &plan->spaces[space];
    if (of->n == 2)
        az_text_printf(text, "%s, for each of %s", plan->extents[-1 - of->extent[1]],
                       plan->extents[-1 - of->extent[0]]);
    else
        az_text_append(text, plan->extents[-1 - of->extent[0]]);
}

/* By the descriptors of the ops, and as the executor judges it. */
static void print_cost(az_text *text, const az_phase *phase, const char *each)
{
    az_text_printf(text, "\n    # %.0f operations, %.0f bytes moved, some %.3g ns%s\n", phase->cost.flops,
                   phase->cost.bytes, phase->row_cost, each);
}

static void print_phase(az_text *text, const az_plan *plan, const az_phase *phase)
{
    az_text_printf(text, "stage %d, ", (int)phase->stage);
    if (phase->space < 0) {
        az_text_append(text, "once");
        print_cost(text, phase, "");
        return;
    }
    az_text_append(text, phase->wide ? "wide, over all " : "tiles of ");
    az_plan_space(plan, phase->space, text);
    if (!phase->wide)
        az_text_printf(text, ": %lld bytes a row, %lld bytes of sums a slot", (long long)phase->tile_bytes,
                       (long long)phase->slot_bytes);
    if (phase->column_bytes)
        az_text_printf(text, " and %lld of each of %s", (long long)phase->column_bytes,
                       plan->extents[-1 - plan->spaces[phase->space].extent[1]]);
    print_cost(text, phase, " a row");
}

size_t az_plan_print(const az_plan *plan, char *result, size_t capacity)
{
    az_text text = {0};
    az_text_printf(&text, "%lld parameters of %s, kernels for %s\n", (long long)plan->n_parameters,
                   az_type_name(plan->real), az_isa_name(plan->isa));
    az_text_printf(&text, "fixed memory %lld bytes, constants %lld bytes\n", (long long)plan->fixed_bytes,
                   (long long)plan->constant_bytes);
    for (int64_t p = 0; p < plan->n_phases; p++) {
        const az_phase *phase = &plan->phases[p];
        if (phase->n == 0) continue;
        print_phase(&text, plan, phase);
        for (int64_t i = 0; i < phase->n; i++) {
            const az_instruction *instruction = &phase->instructions[i];
            for (int m = 0; m < instruction->n_maps; m++) {
                const az_map *map = &instruction->maps[m];
                az_text_append(&text, m == 0 ? "    " : in_loop(instruction, m) ? "  + " : "  | ");
                print_operands(&text, plan, map->op->name, map->in, map->n, &map->out);
            }
            if (instruction->n_maps) continue;
            az_text_append(&text, "    ");
            print_instruction(&text, plan, instruction);
        }
    }
    const size_t length = az_text_status(&text) || !text.data ? 0 : text.length;
    if (capacity) snprintf(result, capacity, "%s", length ? text.data : "");
    az_text_free(&text);
    return length;
}
