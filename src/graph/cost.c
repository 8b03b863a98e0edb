/* SPDX-License-Identifier: BSD-3-Clause */
/* What a plan costs, added up from the descriptors of its ops: how much work is shared out among threads depends on it,
 * and az_plan_print tells it.  An estimate: bench/cost.c sets it beside times. */
#include "graph/cost.h"

#include "base/isa.h"
#include "ops/shape.h"

/* Nanoseconds of an operation in float (of double it is twice that) and of a byte in the nearest caches, on a core with
 * AVX-512 at 3.7 GHz; of a number between a tile and the caller's arrays. */
static const double OPERATION = 0.0105, BYTE = 0.004, CALLERS = 0.4;
/* Times as many with smaller instruction sets: x86-64 itself has neither fused multiply-adds nor wide vectors. */
static const double slower[AZ_N_ISA] = {[AZ_ISA_BASE] = 20, [AZ_ISA_V3] = 1.6, [AZ_ISA_V4] = 1};

/* Bytes of an operand for each row; with rows where any operand has them, else all there are. */
static double bytes_of_tile(const az_tile *tile, bool any_rows)
{
    return tile->row_stride || !any_rows ? (double)az_tile_elements(tile) * (double)az_type_size(tile->type) : 0;
}

az_cost az_cost_of(const az_op *op, const az_call *call)
{
    az_cost cost = {0, 0};
    bool any_rows = call->out->row_stride;
    int64_t most = az_tile_elements(call->out);
    for (int k = 0; k < call->n_inputs; k++) {
        any_rows = any_rows || call->in[k].row_stride;
        if (az_tile_elements(&call->in[k]) > most) most = az_tile_elements(&call->in[k]);
    }
    cost.flops = (double)most * (op->flops > 0 ? op->flops : 1);
    for (int k = 0; k < call->n_inputs; k++) cost.bytes += bytes_of_tile(&call->in[k], any_rows);
    cost.bytes += bytes_of_tile(call->out, any_rows);
    if (op->cost) op->cost(call, &cost);
    return cost;
}

static void add(az_phase *phase, az_cost cost, az_type type, az_isa isa)
{
    const double size = type == AZ_F32 ? 1 : 2;
    phase->cost.flops += cost.flops;
    phase->cost.bytes += cost.bytes;
    phase->row_cost += OPERATION * slower[isa] * size * cost.flops + BYTE * cost.bytes;
}

/* What a group hands on from op to op stays in the nearest cache or in registers, and one number for all costs nothing.
 */
static void add_map(az_phase *phase, const az_map *map, az_isa isa)
{
    const bool any_rows = map->out.tile.row_stride;
    az_tile in[AZ_MAP_INPUTS];
    for (int k = 0; k < map->n; k++) in[k] = map->in[k].tile;
    const az_call call = {.attribute = map->attribute, .in = in, .out = &map->out.tile, .n_inputs = map->n};
    az_cost cost = az_cost_of(map->op, &call);
    for (int k = 0; k < map->n; k++)
        if (map->in[k].region == AZ_AT_BLOCK || map->repeats[k]) cost.bytes -= bytes_of_tile(&in[k], any_rows);
    if (map->out.region == AZ_AT_BLOCK) cost.bytes -= bytes_of_tile(&map->out.tile, any_rows);
    add(phase, cost, map->type, isa);
}

static void add_instruction(az_phase *phase, const az_instruction *instruction, az_isa isa)
{
    const az_place *moved = instruction->run == az_execute_store ? &instruction->in[0] : &instruction->out;
    for (int m = 0; m < instruction->n_maps; m++) add_map(phase, &instruction->maps[m], isa);
    if (instruction->run == az_execute_kernel) {
        add(phase, az_cost_of(instruction->op, instruction->calls[0]), instruction->out.tile.type, isa);
    } else if (instruction->run == az_execute_load || instruction->run == az_execute_store) {
        const double n = (double)az_tile_elements(&moved->tile);
        phase->cost.bytes += 2 * n * (double)az_type_size(moved->tile.type);
        phase->row_cost += CALLERS * n;
    }
}

void az_estimate(az_plan *plan)
{
    for (int64_t p = 0; p < plan->n_phases; p++)
        for (int64_t i = 0; i < plan->phases[p].n; i++)
            add_instruction(&plan->phases[p], &plan->phases[p].instructions[i], plan->isa);
}
