/* SPDX-License-Identifier: BSD-3-Clause */
/* The graph itself: what other files of this room see of it. */
#ifndef AZ_GRAPH_GRAPH_H
#define AZ_GRAPH_GRAPH_H

#include "base/memory.h"
#include <ansatz/op.h>

typedef struct az_vertex {
    const az_op *op;
    void *attribute;
    int64_t *x; /* ids of the inputs: all smaller than that of this vertex */
    int32_t n;
    az_type type;
    az_shape shape;
    const char *path; /* the part of the model that it was built in, "" at the top */
} az_vertex;

/* A slice of theta or of the state. */
typedef struct az_slot {
    const char *name;
    int64_t offset, size;
    int64_t node;
    int64_t value; /* of state: the node assigned, -1: none */
} az_slot;

typedef struct az_slots {
    az_slot *slots;
    int64_t n, capacity, total;
} az_slots;

/* Bytes that are held once, however often they are given. */
typedef struct az_interned {
    struct az_interned *next;
    const void *data;
    size_t n_bytes;
} az_interned;

struct az_graph {
    az_type real;
    az_arena arena;
    az_vertex *vertices;
    int64_t n, capacity;
    int64_t *table; /* hash to id + 1; 0: free */
    int64_t table_size;
    const char **extents; /* names; extent k has the size -1 - k */
    int64_t n_extents, extents_capacity;
    az_slots parameters, state;
    az_interned *interned;
    const char *path;
    char *error; /* the first one; NULL: none */
    az_status status;
};

/* Keeps an error if it is the first: "where: the thread's error text".  Returns AZ_NO_NODE. */
az_node az_graph_fail(az_graph *graph, az_status status, const char *where);
az_node az_graph_error(az_graph *graph, const char *where, const char *format, ...) AZ_PRINTF(3, 4);

az_node az_zeros_like(az_node x);
/* az_jvp, which also tells of the tangents of x to y that go through a sum over an extent of x[0]: *couples is the name
 * of the op, and stays where there is none. */
az_node az_push(az_node y, const az_node *x, const az_node *tangent, int n, const char **couples);
/* y, made of x, for many values of x at once: `values` has an axis for them behind the extents of x, and the result has
 * it behind those of y. */
az_node az_batch(az_node y, az_node x, az_node values);
/* The unit vector e_i for every row of x (rows, d): the same node for the same i, so that derivatives share nodes. */
az_node az_direction(az_node x, int64_t i, const char *where);

static inline const az_vertex *az_vertex_of(az_node x)
{
    return &x.graph->vertices[x.id];
}

#endif
