/* SPDX-License-Identifier: BSD-3-Clause */
/* A plan as Graphviz draws it (dot -Tsvg): instructions as nodes, phases as clusters, and within them the groups of
 * elementwise ops.  An edge runs from what wrote a place last to what reads it: the plan as it is executed. */
#include "base/memory.h"
#include "base/text.h"
#include "graph/plan.h"
#include "ops/shape.h"

#include <stdio.h>

enum { LEAVES = -1 }; /* in place of a phase: what is there before the first */

/* A node of the drawing and the place that it wrote. */
typedef struct writer {
    int64_t phase;
    int32_t region, space;
    int64_t offset;
} writer;

typedef struct drawing {
    const az_plan *plan;
    az_text leaves, nodes, edges;
    writer *writers; /* (n): a node has the number of its writer */
    int64_t n, capacity;
    bool failed;
} drawing;

static int64_t add_node(drawing *d, int64_t phase, const az_place *out)
{
    if (d->n == d->capacity) {
        const int64_t wanted = d->capacity ? 2 * d->capacity : 64;
        writer *grown = az_realloc_array(d->writers, wanted, sizeof *grown);
        if (!grown) {
            d->failed = true;
            return 0;
        }
        d->writers = grown;
        d->capacity = wanted;
    }
    d->writers[d->n] = (writer){phase, out ? out->region : -1, out ? out->space : 0, out ? out->offset : 0};
    return d->n++;
}

/* Scratch is a phase's own; all else stays. */
static bool is_same_place(const writer *w, int64_t phase, const az_place *place)
{
    const bool stays = place->region == AZ_AT_KEPT || place->region >= AZ_AT_FIXED;
    return w->region == place->region && w->offset == place->offset && (stays || w->phase == phase) &&
           (place->region != AZ_AT_KEPT || w->space == place->space);
}

static void print_shape(az_text *text, const az_tile *tile)
{
    az_text_printf(text, "%s (%s", az_type_name(tile->type), tile->row_stride ? "rows" : "");
    for (int i = 0; i < tile->rank; i++)
        az_text_printf(text, "%s%lld", i || tile->row_stride ? "," : "", (long long)tile->size[i]);
    az_text_append(text, ")");
}

/* Names come from the caller: quotes and backslashes are kept from ending the string. */
static void print_name(az_text *text, const char *name)
{
    for (; *name; name++) {
        if (*name == '"' || *name == '\\') az_text_append(text, "\\");
        az_text_append_n(text, name, 1);
    }
}

/* A parameter, a constant, an input without rows, ...: drawn when it is first read. */
static int64_t add_leaf(drawing *d, const az_place *place)
{
    const az_plan *plan = d->plan;
    const int64_t node = add_node(d, LEAVES, place);
    const char *parameter = az_plan_parameter_at(plan, place);
    double constant;
    az_text_printf(&d->leaves, "  n%lld [shape=plain, label=\"", (long long)node);
    switch (place->region) {
    case AZ_AT_THETA: print_name(&d->leaves, parameter ? parameter : "parameters"); break;
    case AZ_AT_CONSTANT:
        if (az_plan_constant(plan, place, &constant))
            az_text_number(&d->leaves, constant);
        else
            az_text_append(&d->leaves, "constant");
        break;
    case AZ_AT_STATE: az_text_append(&d->leaves, "state"); break;
    default:
        for (int32_t i = 0; i < plan->n_inputs; i++)
            if (!az_shape_extents(plan->inputs[i].shape) && plan->inputs[i].place.offset == place->offset)
                print_name(&d->leaves, plan->inputs[i].name);
        for (int64_t i = 0; i < plan->n_extent_values; i++)
            if (plan->extent_values[i].offset == place->offset)
                print_name(&d->leaves, plan->extents[plan->extent_values[i].extent]);
    }
    az_text_append(&d->leaves, "\"];\n");
    return node;
}

static void draw_edge(drawing *d, int64_t phase, const az_place *from, int64_t to, const char *style)
{
    int64_t i = d->n - 1;
    while (i >= 0 && (i == to || !is_same_place(&d->writers[i], phase, from))) i--;
    if (i < 0) i = add_leaf(d, from);
    az_text_printf(&d->edges, "  n%lld -> n%lld%s;\n", (long long)i, (long long)to, style);
}

static void draw_node(drawing *d, int64_t node, const char *name, const az_tile *tile, const char *style)
{
    az_text_printf(&d->nodes, "    n%lld [%slabel=\"", (long long)node, style);
    print_name(&d->nodes, name);
    if (tile) {
        az_text_append(&d->nodes, "\\n");
        print_shape(&d->nodes, tile);
    }
    az_text_append(&d->nodes, "\"];\n");
}

/* Elementwise ops that run together. */
static void draw_group(drawing *d, int64_t phase, int64_t number, const az_instruction *instruction)
{
    const bool several = instruction->n_maps > 1;
    if (several)
        az_text_printf(&d->nodes, "    subgraph cluster_%lld_%lld {\n    label=\"\"; style=dashed;\n", (long long)phase,
                       (long long)number);
    for (int m = 0; m < instruction->n_maps; m++) {
        const az_map *map = &instruction->maps[m];
        const int64_t node = add_node(d, phase, &map->out);
        draw_node(d, node, map->op->name, &map->out.tile, "");
        for (int k = 0; k < map->n; k++) draw_edge(d, phase, &map->in[k], node, "");
    }
    if (several) az_text_append(&d->nodes, "    }\n");
}

static void draw_instruction(drawing *d, int64_t phase, const az_instruction *instruction)
{
    const az_plan *plan = d->plan;
    if (instruction->run == az_execute_load) {
        draw_node(d, add_node(d, phase, &instruction->out), plan->inputs[instruction->binding].name,
                  &instruction->out.tile, "shape=box, ");
    } else if (instruction->run == az_execute_store) {
        const int64_t node = add_node(d, phase, NULL);
        draw_node(d, node, plan->outputs[instruction->binding].name, NULL, "shape=box, style=bold, ");
        draw_edge(d, phase, &instruction->in[0], node, "");
    } else if (instruction->run == az_execute_pack) { /* of the last operand, which has no rows */
        const int64_t node = add_node(d, phase, &instruction->packed);
        draw_node(d, node, "pack", NULL, "");
        draw_edge(d, phase, &instruction->in[instruction->n - 1], node, "");
    } else {
        const int64_t node = add_node(d, phase, &instruction->out);
        const char *name = instruction->run == az_execute_fetch ? "row"
                           : instruction->run == az_execute_put ? "rows"
                                                                : instruction->op->name;
        draw_node(d, node, name, &instruction->out.tile, instruction->reduces ? "peripheries=2, " : "");
        for (int k = 0; k < instruction->n; k++) draw_edge(d, phase, &instruction->in[k], node, "");
        if (instruction->packed.region >= 0) draw_edge(d, phase, &instruction->packed, node, " [style=dotted]");
    }
}

/* The sums of a phase go from slots to fixed or kept memory when it ends. */
static void move_sums(drawing *d, int64_t number)
{
    const az_phase *phase = &d->plan->phases[number];
    for (int64_t s = 0; s < phase->n_sums; s++) {
        const struct az_phase_sum *sum = &phase->sums[s];
        const int32_t region = sum->over == AZ_OVER_FIRST ? AZ_AT_COLUMNS : AZ_AT_SLOT;
        for (int64_t i = 0; i < d->n && sum->over != AZ_OVER_LAST; i++)
            if (d->writers[i].phase == number && d->writers[i].region == region &&
                d->writers[i].offset == sum->slot_offset)
                d->writers[i] = (writer){number, sum->to.region, sum->to.space, sum->to.offset};
    }
}

static void draw_phase(drawing *d, int64_t number)
{
    const az_phase *phase = &d->plan->phases[number];
    if (phase->n == 0) return;
    az_text_printf(&d->nodes, "  subgraph cluster_%lld {\n    label=\"stage %d, ", (long long)number,
                   (int)phase->stage);
    if (phase->space < 0)
        az_text_append(&d->nodes, "once");
    else {
        az_text_append(&d->nodes, phase->wide ? "wide, over all " : "tiles of ");
        az_text name = {0};
        az_plan_space(d->plan, phase->space, &name);
        print_name(&d->nodes, name.data ? name.data : "");
        az_text_free(&name);
    }
    az_text_append(&d->nodes, "\";\n");
    for (int64_t i = 0; i < phase->n; i++)
        if (phase->instructions[i].n_maps)
            draw_group(d, number, i, &phase->instructions[i]);
        else
            draw_instruction(d, number, &phase->instructions[i]);
    az_text_append(&d->nodes, "  }\n");
    move_sums(d, number);
}

size_t az_plan_dot(const az_plan *plan, char *result, size_t capacity)
{
    drawing d = {.plan = plan};
    az_text text = {0};
    for (int64_t p = 0; p < plan->n_phases; p++) draw_phase(&d, p);
    for (int32_t i = 0; i < plan->n_outputs; i++) {
        if (az_shape_extents(plan->outputs[i].shape)) continue;
        const int64_t node = add_node(&d, LEAVES, NULL);
        az_text_printf(&d.leaves, "  n%lld [shape=box, style=bold, label=\"", (long long)node);
        print_name(&d.leaves, plan->outputs[i].name);
        az_text_append(&d.leaves, "\"];\n");
        draw_edge(&d, LEAVES, &plan->outputs[i].place, node, "");
    }
    az_text_append(&text, "digraph plan {\n  fontname=\"sans-serif\"; node [fontname=\"sans-serif\", fontsize=10];\n");
    const az_text *const parts[] = {&d.leaves, &d.nodes, &d.edges};
    bool failed = d.failed;
    for (int i = 0; i < 3; i++) {
        failed = failed || az_text_status(parts[i]);
        if (parts[i]->data) az_text_append(&text, parts[i]->data);
    }
    az_text_append(&text, "}\n");
    const size_t length = failed || az_text_status(&text) || !text.data ? 0 : text.length;
    if (capacity) snprintf(result, capacity, "%s", length ? text.data : "");
    az_text_free(&text);
    az_text_free(&d.leaves);
    az_text_free(&d.nodes);
    az_text_free(&d.edges);
    az_free(d.writers);
    return length;
}
