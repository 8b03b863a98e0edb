/* SPDX-License-Identifier: BSD-3-Clause */
/* Making nodes: the shape rule, simplification, and sharing. */
#include "graph/graph.h"

#include "base/status.h"
#include "ops/shape.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_INPUTS = 64 };

az_graph *az_graph_new(az_type real)
{
    az_graph *graph = az_alloc_zero(sizeof *graph);
    if (!graph) return NULL;
    graph->real = real;
    graph->path = "";
    if (!az_type_is_real(real)) az_graph_error(graph, "az_graph_new", "the type has to be AZ_F32 or AZ_F64");
    az_extent(graph, "rows");
    return graph;
}

void az_graph_free(az_graph *graph)
{
    if (!graph) return;
    az_arena_free(&graph->arena);
    az_free(graph->vertices);
    az_free(graph->table);
    az_free(graph->extents);
    az_free(graph->parameters.slots);
    az_free(graph->state.slots);
    az_free(graph->error);
    az_free(graph);
}

az_type az_graph_real(const az_graph *graph)
{
    return graph->real;
}

az_node az_graph_fail(az_graph *graph, az_status status, const char *where)
{
    if (!graph || graph->status) return (az_node){graph, -1};
    graph->status = status;
    const char *in = *graph->path ? " in " : "", *message = az_error_message();
    const int n = snprintf(NULL, 0, "%s%s%s: %s", where, in, graph->path, message);
    graph->error = n > 0 ? az_alloc((size_t)n + 1) : NULL;
    if (graph->error) snprintf(graph->error, (size_t)n + 1, "%s%s%s: %s", where, in, graph->path, message);
    return (az_node){graph, -1};
}

az_node az_graph_error(az_graph *graph, const char *where, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (!graph || graph->status) return (az_node){graph, -1};
    return az_graph_fail(graph, az_error(AZ_ERROR_USAGE, "%s", text), where);
}

/* Room for one more element of an array. */
static az_status grow(void **array, int64_t n, int64_t *capacity, size_t size)
{
    if (n < *capacity) return AZ_OK;
    const int64_t wanted = *capacity ? 2 * *capacity : 64;
    void *grown = az_realloc_array(*array, wanted, size);
    if (!grown) return AZ_ERROR_MEMORY;
    *array = grown;
    *capacity = wanted;
    return AZ_OK;
}

int64_t az_extent(az_graph *graph, const char *name)
{
    for (int64_t k = 0; k < graph->n_extents; k++)
        if (strcmp(graph->extents[k], name) == 0) return -1 - k;
    char *copy = az_arena_strndup(&graph->arena, name, strlen(name));
    if (!copy || grow((void **)&graph->extents, graph->n_extents, &graph->extents_capacity, sizeof *graph->extents)) {
        az_graph_fail(graph, AZ_ERROR_MEMORY, "az_extent");
        return AZ_ROWS;
    }
    graph->extents[graph->n_extents++] = copy;
    return -graph->n_extents;
}

const char *az_extent_name(const az_graph *graph, int64_t extent)
{
    return -extent <= graph->n_extents ? graph->extents[-1 - extent] : "?";
}

void az_enter(az_graph *graph, const char *name)
{
    char path[256];
    const int n = snprintf(path, sizeof path, "%s%s%s", graph->path, *graph->path ? "/" : "", name);
    char *copy = az_arena_strndup(&graph->arena, path, (size_t)n < sizeof path ? (size_t)n : sizeof path - 1);
    if (copy)
        graph->path = copy;
    else
        az_graph_fail(graph, AZ_ERROR_MEMORY, "az_enter");
}

void az_leave(az_graph *graph)
{
    const char *slash = strrchr(graph->path, '/');
    char *copy = az_arena_strndup(&graph->arena, graph->path, slash ? (size_t)(slash - graph->path) : 0);
    graph->path = copy ? copy : "";
}

az_type az_node_type(az_node x)
{
    return x.id < 0 ? AZ_F64 : az_vertex_of(x)->type;
}

az_shape az_node_shape(az_node x)
{
    return x.id < 0 ? AZ_SCALAR : az_vertex_of(x)->shape;
}

const az_op *az_node_op(az_node x)
{
    return az_vertex_of(x)->op;
}

int az_node_n_inputs(az_node x)
{
    return az_vertex_of(x)->n;
}

az_node az_node_input(az_node x, int i)
{
    return (az_node){x.graph, az_vertex_of(x)->x[i]};
}

const void *az_node_attribute(az_node x)
{
    return az_vertex_of(x)->attribute;
}

/* --- Sharing: a table of hashes with open addressing -------------------------------------------------------------- */

/* FNV-1a. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) hash = (hash ^ p[i]) * 1099511628211u;
    return hash;
}

static uint64_t hash_of(const az_op *op, const int64_t *x, int n, const void *attribute)
{
    uint64_t hash = mix(14695981039346656037u, op->name, strlen(op->name));
    hash = mix(hash, x, sizeof *x * (size_t)n);
    return mix(hash, attribute, op->attribute_size);
}

static bool is_same(const az_vertex *vertex, const az_op *op, const int64_t *x, int n, const void *attribute)
{
    return vertex->op == op && vertex->n == n && (n == 0 || memcmp(vertex->x, x, sizeof *x * (size_t)n) == 0) &&
           (op->attribute_size == 0 || memcmp(vertex->attribute, attribute, op->attribute_size) == 0);
}

/* The place of such a vertex in the table, or that where it belongs. */
static int64_t *find(az_graph *graph, const az_op *op, const int64_t *x, int n, const void *attribute)
{
    uint64_t at = hash_of(op, x, n, attribute) & (uint64_t)(graph->table_size - 1);
    for (;; at = (at + 1) & (uint64_t)(graph->table_size - 1)) {
        int64_t *entry = &graph->table[at];
        if (!*entry || is_same(&graph->vertices[*entry - 1], op, x, n, attribute)) return entry;
    }
}

static az_status grow_table(az_graph *graph)
{
    if (2 * (graph->n + 1) < graph->table_size) return AZ_OK;
    const int64_t wanted = graph->table_size ? 2 * graph->table_size : 256;
    int64_t *table = az_alloc_zero(sizeof *table * (size_t)wanted);
    if (!table) return AZ_ERROR_MEMORY;
    az_free(graph->table);
    graph->table = table;
    graph->table_size = wanted;
    for (int64_t id = 0; id < graph->n; id++) {
        const az_vertex *v = &graph->vertices[id];
        *find(graph, v->op, v->x, v->n, v->attribute) = id + 1;
    }
    return AZ_OK;
}

/* Copies what lives as long as the graph. */
static az_status append(az_graph *graph, const az_op *op, const int64_t *x, int n, const void *attribute, az_type type,
                        az_shape shape)
{
    AZ_TRY(grow((void **)&graph->vertices, graph->n, &graph->capacity, sizeof *graph->vertices));
    az_vertex *vertex = &graph->vertices[graph->n];
    *vertex = (az_vertex){.op = op, .n = n, .type = type, .shape = shape, .path = graph->path};
    if (n) {
        vertex->x = az_arena_alloc(&graph->arena, sizeof *x * (size_t)n);
        if (!vertex->x) return AZ_ERROR_MEMORY;
        memcpy(vertex->x, x, sizeof *x * (size_t)n);
    }
    if (op->attribute_size) {
        vertex->attribute = az_arena_alloc(&graph->arena, op->attribute_size);
        if (!vertex->attribute) return AZ_ERROR_MEMORY;
        memcpy(vertex->attribute, attribute, op->attribute_size);
    }
    graph->n++;
    return AZ_OK;
}

/* Extents lead, and nothing is larger than can be counted. */
static az_status check_shape(const az_graph *graph, az_shape shape)
{
    char text[AZ_SHAPE_TEXT];
    int64_t n = 1;
    if (shape.rank < 0 || shape.rank > AZ_MAX_RANK)
        return az_error(AZ_ERROR_USAGE, "an array has at most %d axes", AZ_MAX_RANK);
    for (int i = 0; i < shape.rank; i++) {
        if (shape.size[i] < -graph->n_extents)
            return az_error(AZ_ERROR_USAGE, "axis %d is an extent of another graph", i);
        if (i > 0 && shape.size[i] < 0 && shape.size[i] == shape.size[0])
            return az_error(AZ_ERROR_USAGE, "%s has an extent twice; give the second a name and inputs of its own",
                            az_shape_print(graph, shape, text));
        if (i > 1 && shape.size[i] < 0)
            return az_error(AZ_ERROR_USAGE, "%s has more than two extents", az_shape_print(graph, shape, text));
        if (shape.size[i] < 0 && i > 0 && shape.size[i - 1] >= 0)
            return az_error(AZ_ERROR_USAGE, "in %s an extent follows a fixed axis; extents lead",
                            az_shape_print(graph, shape, text));
        if (shape.size[i] >= 0 && __builtin_mul_overflow(n, shape.size[i], &n))
            return az_error(AZ_ERROR_USAGE, "%s has too many elements", az_shape_print(graph, shape, text));
    }
    return n > (int64_t)1 << 40 ? az_error(AZ_ERROR_USAGE, "an array has too many elements") : AZ_OK;
}

az_node az_apply(const az_op *op, az_graph *graph, const az_node *x, int n, const void *attribute)
{
    int64_t ids[MOST_INPUTS];
    if (!graph || graph->status) return (az_node){graph, -1};
    if (n > MOST_INPUTS || (op->n_inputs >= 0 && n != op->n_inputs))
        return az_graph_error(graph, op->name, "%d inputs", n);
    for (int i = 0; i < n; i++) {
        if (x[i].id < 0) return az_graph_error(graph, op->name, "input %d is no node", i);
        if (x[i].graph != graph) return az_graph_error(graph, op->name, "input %d is of another graph", i);
        ids[i] = x[i].id;
    }
    const az_op_arguments arguments = {graph, n, x, attribute};
    az_type type;
    az_shape shape = {0};
    az_status status = op->shape(&arguments, &type, &shape);
    if (!status) status = check_shape(graph, shape);
    if (status) return az_graph_fail(graph, status, op->name);
    for (int i = shape.rank; i < AZ_MAX_RANK; i++) shape.size[i] = 0;
    if (op->simplify) {
        az_node simple = op->simplify(&arguments);
        if (simple.id >= 0) return simple;
        if (graph->status) return (az_node){graph, -1};
    }
    if (op->flags & AZ_OP_COMMUTATIVE && n == 2 && ids[0] > ids[1]) {
        const int64_t swap = ids[0];
        ids[0] = ids[1];
        ids[1] = swap;
    }
    if (grow_table(graph)) return az_graph_fail(graph, AZ_ERROR_MEMORY, op->name);
    int64_t *entry = find(graph, op, ids, n, attribute);
    if (*entry) return (az_node){graph, *entry - 1};
    if (append(graph, op, ids, n, attribute, type, shape)) return az_graph_fail(graph, AZ_ERROR_MEMORY, op->name);
    *entry = graph->n;
    return (az_node){graph, graph->n - 1};
}
