/* SPDX-License-Identifier: BSD-3-Clause */
/* Nodes without inputs: constants, inputs, slices of theta and of the state, sizes of extents. */
#include "base/floating_point.h"
#include "graph/graph.h"
#include "ops/rules.h"

#include <string.h>

/* What all of them hold; bytes between fields are zero, since attributes are compared as bytes. */
typedef struct leaf {
    az_shape shape;
    int64_t type;
    int64_t number;   /* offset of a slice, number of an extent */
    const void *data; /* constants: one pointer for equal contents; inputs: the name, one pointer a name */
} leaf;

static leaf leaf_make(az_type type, az_shape shape)
{
    leaf made;
    memset(&made, 0, sizeof made);
    made.shape.rank = shape.rank;
    for (int i = 0; i < shape.rank && i < AZ_MAX_RANK; i++) made.shape.size[i] = shape.size[i];
    made.type = type;
    return made;
}

static az_status leaf_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const leaf *of = arguments->attribute;
    *type = (az_type)of->type;
    *shape = of->shape;
    return AZ_OK;
}

static void constant_leaf(const void *attribute, az_leaf *told)
{
    told->kind = AZ_LEAF_CONSTANT;
    told->data = ((const leaf *)attribute)->data;
}

static void input_leaf(const void *attribute, az_leaf *told)
{
    told->kind = AZ_LEAF_INPUT;
    told->name = ((const leaf *)attribute)->data;
}

static void parameter_leaf(const void *attribute, az_leaf *told)
{
    told->kind = AZ_LEAF_THETA;
    told->offset = ((const leaf *)attribute)->number;
}

static void state_leaf(const void *attribute, az_leaf *told)
{
    told->kind = AZ_LEAF_STATE;
    told->offset = ((const leaf *)attribute)->number;
}

static void extent_leaf(const void *attribute, az_leaf *told)
{
    told->kind = AZ_LEAF_EXTENT;
    told->offset = ((const leaf *)attribute)->number;
}

#define LEAF_OP(NAME, TEXT, EQUATION)                                                                                  \
    static const az_op NAME##_op = {.name = TEXT,                                                                      \
                                    .version = 1,                                                                      \
                                    .attribute_size = sizeof(leaf),                                                    \
                                    .equation = EQUATION,                                                              \
                                    .shape = leaf_shape,                                                               \
                                    .leaf = NAME##_leaf};
LEAF_OP(constant, "constant", "a given array")
LEAF_OP(input, "input", "an array that comes with each run")
LEAF_OP(parameter, "parameter", "a slice of theta")
LEAF_OP(state, "state", "a slice of the state")
LEAF_OP(extent, "extent_size", "the size of an extent")

/* One pointer for equal contents. */
static const void *intern(az_graph *graph, const void *data, size_t n_bytes)
{
    for (const az_interned *at = graph->interned; at; at = at->next)
        if (at->n_bytes == n_bytes && memcmp(at->data, data, n_bytes) == 0) return at->data;
    az_interned *made = az_arena_alloc(&graph->arena, sizeof *made);
    void *copy = az_arena_alloc(&graph->arena, n_bytes ? n_bytes : 1);
    if (!made || !copy) {
        az_graph_fail(graph, AZ_ERROR_MEMORY, "az_constant_array");
        return NULL;
    }
    memcpy(copy, data, n_bytes);
    *made = (az_interned){graph->interned, copy, n_bytes};
    graph->interned = made;
    return copy;
}

az_node az_constant_array(az_graph *graph, az_type type, az_shape shape, const void *data)
{
    if (!graph || graph->status) return (az_node){graph, -1};
    if (az_shape_extents(shape)) return az_graph_error(graph, "az_constant_array", "a constant has no extents");
    leaf attribute = leaf_make(type, shape);
    attribute.data = intern(graph, data, (size_t)az_shape_elements(shape) * az_type_size(type));
    if (!attribute.data) return (az_node){graph, -1};
    return az_apply(&constant_op, graph, NULL, 0, &attribute);
}

az_node az_constant(az_graph *graph, double value)
{
    const float narrow = az_nearest_float(value);
    if (!graph) return AZ_NO_NODE;
    return graph->real == AZ_F32 ? az_constant_array(graph, AZ_F32, AZ_SCALAR, &narrow)
                                 : az_constant_array(graph, AZ_F64, AZ_SCALAR, &value);
}

az_node az_input(az_graph *graph, const char *name, az_type type, az_shape shape)
{
    if (!graph || graph->status) return (az_node){graph, -1};
    leaf attribute = leaf_make(type, shape);
    attribute.data = intern(graph, name, strlen(name) + 1);
    if (!attribute.data) return (az_node){graph, -1};
    for (int64_t id = 0; id < graph->n; id++) {
        const az_vertex *v = &graph->vertices[id];
        const leaf *other = v->attribute;
        if (v->op != &input_op || other->data != attribute.data) continue;
        if (v->type == type && az_shape_equal(v->shape, attribute.shape)) continue;
        char asked[AZ_SHAPE_TEXT], has[AZ_SHAPE_TEXT];
        return az_graph_error(graph, "az_input", "\"%s\" is %s %s, and is asked for again as %s %s", name,
                              az_type_name(v->type), az_shape_print(graph, v->shape, has), az_type_name(type),
                              az_shape_print(graph, attribute.shape, asked));
    }
    return az_apply(&input_op, graph, NULL, 0, &attribute);
}

/* The slice of a name, made if there is none. */
static az_node slice(az_graph *graph, az_slots *slots, const az_op *op, const char *where, const char *name,
                     az_shape shape)
{
    if (!graph || graph->status) return (az_node){graph, -1};
    if (az_shape_extents(shape)) return az_graph_error(graph, where, "\"%s\" has an extent; its sizes are fixed", name);
    for (int64_t i = 0; i < slots->n; i++) {
        if (strcmp(slots->slots[i].name, name) != 0) continue;
        char has[AZ_SHAPE_TEXT], asked[AZ_SHAPE_TEXT];
        const az_shape old = graph->vertices[slots->slots[i].node].shape;
        if (az_shape_equal(old, shape)) return (az_node){graph, slots->slots[i].node};
        return az_graph_error(graph, where, "\"%s\" has the shape %s, and is asked for again with %s", name,
                              az_shape_print(graph, old, has), az_shape_print(graph, shape, asked));
    }
    leaf attribute = leaf_make(graph->real, shape);
    attribute.number = slots->total;
    if (slots->n == slots->capacity) {
        const int64_t wanted = slots->capacity ? 2 * slots->capacity : 16;
        az_slot *grown = az_realloc_array(slots->slots, wanted, sizeof *grown);
        if (!grown) return az_graph_fail(graph, AZ_ERROR_MEMORY, where);
        slots->slots = grown;
        slots->capacity = wanted;
    }
    /* A slice without elements would share its offset, and so its node, with the next. */
    if (az_shape_elements(shape) == 0) return az_graph_error(graph, where, "\"%s\" has no elements", name);
    char *copy = az_arena_strndup(&graph->arena, name, strlen(name));
    if (!copy) return az_graph_fail(graph, AZ_ERROR_MEMORY, where);
    az_node made = az_apply(op, graph, NULL, 0, &attribute);
    if (made.id < 0) return made;
    slots->slots[slots->n++] = (az_slot){copy, slots->total, az_shape_elements(shape), made.id, -1};
    slots->total += az_shape_elements(shape);
    return made;
}

az_node az_parameter(az_graph *graph, const char *name, az_shape shape)
{
    return slice(graph, &graph->parameters, &parameter_op, "az_parameter", name, shape);
}

az_node az_state(az_graph *graph, const char *name, az_shape shape)
{
    return slice(graph, &graph->state, &state_op, "az_state", name, shape);
}

void az_assign(az_node state, az_node value)
{
    az_graph *graph = state.graph;
    if (state.id < 0 || value.id < 0 || graph->status) return;
    for (int64_t i = 0; i < graph->state.n; i++) {
        az_slot *slot = &graph->state.slots[i];
        if (slot->node != state.id) continue;
        if (!az_shape_equal(az_node_shape(state), az_node_shape(value)) || az_node_type(value) != graph->real)
            az_graph_error(graph, "az_assign", "\"%s\" and its value have different shapes or types", slot->name);
        else if (slot->value >= 0 && slot->value != value.id)
            az_graph_error(graph, "az_assign", "\"%s\" is assigned twice", slot->name);
        else
            slot->value = value.id;
        return;
    }
    az_graph_error(graph, "az_assign", "the first argument is no state");
}

az_node az_extent_size(az_graph *graph, int64_t extent, az_type type)
{
    leaf attribute = leaf_make(type, AZ_SCALAR);
    attribute.number = -1 - extent;
    if (!graph) return AZ_NO_NODE;
    if (extent >= 0 || -extent > graph->n_extents)
        return az_graph_error(graph, "az_extent_size", "%lld is no extent", (long long)extent);
    return az_apply(&extent_op, graph, NULL, 0, &attribute);
}
