/* SPDX-License-Identifier: BSD-3-Clause */
/* Shapes: what rules ask of them. */
#ifndef AZ_OPS_SHAPE_H
#define AZ_OPS_SHAPE_H

#include "base/status.h"
#include <ansatz/op.h>

bool az_shape_equal(az_shape a, az_shape b);
/* Leading axes that are extents. */
int az_shape_extents(az_shape shape);
/* Product of the fixed sizes. */
int64_t az_shape_elements(az_shape shape);
az_shape az_shape_without(az_shape shape, unsigned axes);
/* With an axis of size n behind the extents; the rank is below AZ_MAX_RANK. */
az_shape az_shape_batched(az_shape shape, int64_t n);
/* "(rows, 3)" into text, which it returns. */
enum { AZ_SHAPE_TEXT = 200 };
const char *az_shape_print(const az_graph *graph, az_shape shape, char text[AZ_SHAPE_TEXT]);
const char *az_type_name(az_type type);
static inline bool az_type_is_real(az_type type)
{
    return type == AZ_F32 || type == AZ_F64;
}
static inline size_t az_type_size(az_type type)
{
    return type == AZ_MASK ? 1 : type == AZ_F32 ? 4 : 8;
}
/* Has the shape all extents of the other? */
bool az_shape_covers(az_shape shape, az_shape other);
/* The extents of both, as a shape of these alone: those of the one that has them all, else in the order in which they
 * were made; false: they are more than two, or the same in another order. */
bool az_shape_join_extents(az_shape a, az_shape b, az_shape *extents);
/* The shape to which both are broadcast; false: there is none.  Extents are matched by name and fixed axes from the
 * right; where one shape has no extents, all axes are. */
bool az_shape_join(az_shape a, az_shape b, az_shape *shape);
/* The name of an extent. */
const char *az_extent_name(const az_graph *graph, int64_t extent);

/* Row-major strides without gaps. */
void az_tile_row_major(az_tile *tile);
int64_t az_tile_elements(const az_tile *tile); /* of one row */
/* Are the fixed axes without gaps? */
bool az_tile_is_row_major(const az_tile *tile);

#endif
