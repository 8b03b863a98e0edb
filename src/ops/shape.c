/* SPDX-License-Identifier: BSD-3-Clause */
#include "ops/shape.h"

#include <stdio.h>
#include <string.h>

bool az_shape_equal(az_shape a, az_shape b)
{
    if (a.rank != b.rank) return false;
    for (int i = 0; i < a.rank; i++)
        if (a.size[i] != b.size[i]) return false;
    return true;
}

int az_shape_extents(az_shape shape)
{
    int n = 0;
    while (n < shape.rank && shape.size[n] < 0) n++;
    return n;
}

int64_t az_shape_elements(az_shape shape)
{
    int64_t n = 1;
    for (int i = 0; i < shape.rank; i++)
        if (shape.size[i] >= 0) n *= shape.size[i];
    return n;
}

az_shape az_shape_without(az_shape shape, unsigned axes)
{
    az_shape left = {0};
    for (int i = 0; i < shape.rank; i++)
        if (!(axes >> i & 1)) left.size[left.rank++] = shape.size[i];
    return left;
}

az_shape az_shape_batched(az_shape shape, int64_t n)
{
    const int at = az_shape_extents(shape);
    for (int i = shape.rank++; i > at; i--) shape.size[i] = shape.size[i - 1];
    shape.size[at] = n;
    return shape;
}

const char *az_shape_print(const az_graph *graph, az_shape shape, char text[AZ_SHAPE_TEXT])
{
    size_t at = (size_t)snprintf(text, AZ_SHAPE_TEXT, "(");
    for (int i = 0; i < shape.rank && at < AZ_SHAPE_TEXT; i++) {
        const char *comma = i ? ", " : "";
        if (shape.size[i] < 0)
            at +=
                (size_t)snprintf(text + at, AZ_SHAPE_TEXT - at, "%s%.20s", comma, az_extent_name(graph, shape.size[i]));
        else
            at += (size_t)snprintf(text + at, AZ_SHAPE_TEXT - at, "%s%lld", comma, (long long)shape.size[i]);
    }
    if (at < AZ_SHAPE_TEXT) snprintf(text + at, AZ_SHAPE_TEXT - at, ")");
    return text;
}

const char *az_type_name(az_type type)
{
    static const char *const names[AZ_N_TYPES] = {"f32", "f64", "i64", "mask"};
    return names[type];
}

bool az_shape_covers(az_shape shape, az_shape other)
{
    const int n = az_shape_extents(shape);
    for (int i = 0; i < az_shape_extents(other); i++) {
        bool has = false;
        for (int k = 0; k < n; k++) has = has || shape.size[k] == other.size[i];
        if (!has) return false;
    }
    return true;
}

bool az_shape_join_extents(az_shape a, az_shape b, az_shape *extents)
{
    const int n_a = az_shape_extents(a), n_b = az_shape_extents(b);
    const az_shape longer = n_b > n_a ? b : a, shorter = n_b > n_a ? a : b;
    az_shape joined = longer;
    joined.rank = n_b > n_a ? n_b : n_a;
    if (n_a == 1 && n_b == 1 && a.size[0] != b.size[0]) {
        joined.rank = 2;
        joined.size[0] = a.size[0] > b.size[0] ? a.size[0] : b.size[0];
        joined.size[1] = a.size[0] > b.size[0] ? b.size[0] : a.size[0];
    } else if (!az_shape_covers(longer, shorter) || (n_a == n_b && n_a > 1 && a.size[0] != b.size[0])) {
        return false;
    }
    for (int i = joined.rank; i < AZ_MAX_RANK; i++) joined.size[i] = 0;
    *extents = joined;
    return true;
}

/* The fixed axes alone. */
static az_shape fixed_axes(az_shape shape)
{
    return az_shape_without(shape, (1u << az_shape_extents(shape)) - 1);
}

bool az_shape_join(az_shape a, az_shape b, az_shape *shape)
{
    if (az_shape_extents(a) && az_shape_extents(b)) {
        az_shape extents, fixed;
        if (!az_shape_join_extents(a, b, &extents) || !az_shape_join(fixed_axes(a), fixed_axes(b), &fixed) ||
            extents.rank + fixed.rank > AZ_MAX_RANK)
            return false;
        for (int i = 0; i < fixed.rank; i++) extents.size[extents.rank++] = fixed.size[i];
        *shape = extents;
        return true;
    }
    az_shape joined = {.rank = a.rank > b.rank ? a.rank : b.rank};
    for (int i = 1; i <= joined.rank; i++) {
        const int64_t from_a = i <= a.rank ? a.size[a.rank - i] : 1;
        const int64_t from_b = i <= b.rank ? b.size[b.rank - i] : 1;
        if (from_a != from_b && from_a != 1 && from_b != 1) return false;
        joined.size[joined.rank - i] = from_a == 1 ? from_b : from_a;
    }
    /* An extent behind a fixed axis would not lead. */
    for (int i = az_shape_extents(joined); i < joined.rank; i++)
        if (joined.size[i] < 0) return false;
    *shape = joined;
    return true;
}

void az_tile_row_major(az_tile *tile)
{
    int64_t stride = 1;
    for (int i = tile->rank - 1; i >= 0; i--) {
        tile->stride[i] = stride;
        stride *= tile->size[i];
    }
}

int64_t az_tile_elements(const az_tile *tile)
{
    int64_t n = 1;
    for (int i = 0; i < tile->rank; i++) n *= tile->size[i];
    return n;
}

bool az_tile_is_row_major(const az_tile *tile)
{
    int64_t stride = 1;
    for (int i = tile->rank - 1; i >= 0; i--) {
        if (tile->size[i] != 1 && tile->stride[i] != stride) return false;
        stride *= tile->size[i];
    }
    return true;
}
