/* SPDX-License-Identifier: BSD-3-Clause */
/* The design: how raw columns become the features that a model sees.  Fitted with the model and saved in it, so that
 * no fold of a cross-validation ever sees another's statistics and predict takes raw columns.
 *
 *   raw input -> fill missing -> one-hot | cos, sin of the phase | itself -> products (degree) -> (f - center) / scale
 */
#ifndef AZ_DATA_DESIGN_H
#define AZ_DATA_DESIGN_H

#include "base/safetensors.h"
#include "data/table.h"

typedef enum az_scaling { AZ_SCALE_NONE, AZ_SCALE_STANDARD, AZ_SCALE_MINMAX, AZ_SCALE_ROBUST } az_scaling;

typedef struct az_design_options {
    az_scaling scaling;
    bool drop_first;       /* one-hot leaves out the first level */
    bool keep_periodic;    /* periodic inputs stay one feature with its period (knn); else cos and sin */
    int degree;            /* polynomial degree, 1: none */
    bool interaction_only; /* products of distinct features only */
    bool exact_products;   /* fill x_low: the rounding error of the products */
} az_design_options;

typedef struct az_input { /* a raw column that the model reads */
    char *name, *unit;
    az_column_type type;
    double period;        /* 0: not periodic */
    double fill;          /* numeric: median of the training rows */
    double lower, upper;  /* numeric: range in training */
    int32_t n_levels;     /* categorical: sorted by az_level_compare */
    char **levels;
    int32_t first_feature, n_features; /* base features made from it */
} az_input;

typedef struct az_feature {
    char *name;           /* "T", "ocean=INLAND", "T^2", "T*p", "cos(lon)" */
    double center, scale; /* the model sees (value - center) / scale */
    double period;        /* of the scaled value; 0: not periodic */
    bool one_hot;
} az_feature;

typedef struct az_design {
    az_design_options options;
    int64_t n_inputs, n_base, n_features;
    az_input *inputs;
    az_feature *features;
    int32_t *powers; /* degree > 1: (n_features, degree) base feature of each factor, -1: none; else NULL */
    az_arena strings;
} az_design;

/* Fits the design on the given rows (n_rows indices into the table; NULL: all) of the given columns.  weight (per
 * listed row, NULL: ones) enters means, deviations and quantiles.  periods: per column, 0: none.  Notes about filled
 * cells, dropped levels and left-out columns go to control. */
az_status az_design_fit(az_design **design, const az_table *table, const int64_t *columns, int64_t n_columns,
                        const double *periods, const bool *forced_categorical, const int64_t *rows, int64_t n_rows,
                        const double *weight, const az_design_options *options, const az_control *control);
void az_design_free(az_design *design);

/* x (n_rows, n_features) column-major: feature j of listed row i at x[j * n_rows + i]; x_low as x, or NULL. */
az_status az_design_matrix(const az_design *design, const az_table *table, const int64_t *columns, const int64_t *rows,
                           int64_t n_rows, double *x, double *x_low, const az_control *control);

/* Raw rows to features, row-major (n_rows, n_features), allocation-free: what prediction runs.  scratch holds
 * az_design_scratch(design) bytes. */
size_t az_design_scratch(const az_design *design);
void az_design_apply(const az_design *design, const int64_t *map, const double *rows, int64_t n_rows, int64_t row_stride,
                     int64_t column_stride, double *features, unsigned char *in_range, void *scratch);

az_status az_design_save(const az_design *design, az_bundle *bundle);
az_status az_design_load(az_design **design, const az_bundle *bundle);

#endif
