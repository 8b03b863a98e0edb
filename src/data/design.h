/* SPDX-License-Identifier: BSD-3-Clause */
/* The design: how raw columns become the features that a model sees.  Fitted with the model and saved in it, so that
 * no fold of a cross-validation ever sees another's statistics and predict takes raw columns.
 *
 *   raw input -> fill missing -> one-hot | cos, sin of the phase | itself -> products (degree) -> (f - center) / scale
 *
 * Trees take data as they are (keep_categories, keep_missing): one feature a category, NaN where nothing was measured.
 */
#ifndef AZ_DATA_DESIGN_H
#define AZ_DATA_DESIGN_H

#include "base/safetensors.h"
#include "code/code.h"
#include "data/table.h"

typedef enum az_scaling { AZ_SCALE_NONE, AZ_SCALE_STANDARD, AZ_SCALE_MINMAX, AZ_SCALE_ROBUST } az_scaling;

typedef struct az_design_options {
    az_scaling scaling;
    bool drop_first;       /* one-hot leaves out the first level */
    bool keep_periodic;    /* periodic inputs stay one feature with its period (knn); else cos and sin */
    bool wrap_periodic;    /* ... reduced into [0, period), where a threshold has a meaning (trees) */
    bool keep_categories;  /* a categorical input stays one feature: the index of its level; else one-hot */
    bool keep_missing;     /* missing numbers, and levels that are kept, stay NaN; else filled, or a level */
    int degree;            /* polynomial degree, 1: none */
    bool interaction_only; /* products of distinct features only */
    bool exact_products;   /* fill x_low: the rounding error of the products */
} az_design_options;

typedef struct az_raw_input { /* a raw column that the model reads */
    char *name, *unit;
    az_column_type type;
    az_time_unit time;   /* time: what the model's numbers count */
    double period;       /* 0: not periodic */
    double fill;         /* numeric: median of the training rows; 0 where missing numbers are kept */
    double lower, upper; /* numeric: range in training */
    int32_t n_levels;    /* categorical: sorted by az_level_compare; a level for missing cells comes last */
    char **levels;
    int32_t missing_level;      /* the level "(missing)", if cells were missing in training; else -1 */
    int32_t dropped_level;      /* the level without a feature, or -1 */
    int32_t first_base, n_base; /* base features made from it */
} az_raw_input;

typedef struct az_feature {
    char *name;               /* "T", "ocean=INLAND", "T^2", "T*p", "cos(lon)" */
    double center, scale;     /* the model sees (value - center) / scale */
    double spread;            /* what scale was made of, in the fit: the variance, or the range; not kept in files */
    double period;            /* of the scaled value; 0: not periodic */
    const az_time_unit *time; /* while a model is fitted: the feature is a time as it is; else NULL */
    bool one_hot;
    int32_t n_categories; /* the value is the index of a level (-1: unseen, NaN: missing); 0: a number */
} az_feature;

typedef struct az_design {
    az_design_options options;
    int64_t n_inputs, n_base, n_features;
    az_raw_input *inputs;
    az_feature *features;
    int32_t *powers; /* degree > 1: (n_features, degree) base feature of each factor, -1: none; else NULL */
    az_arena strings;
} az_design;

/* Fits the design on the given rows (n_rows indices into the table; NULL: all) of the given columns.  weight (per
 * listed row, NULL: ones; negative ones count as 0 in quantiles) enters means, deviations and quantiles.  periods: per
 * column, 0: none.  forced_categorical: per column.  Notes about filled cells and dropped levels go to control. */
az_status az_design_fit(az_design **design, const az_table *table, const int64_t *columns, int64_t n_columns,
                        const double *periods, const bool *forced_categorical, const int64_t *rows, int64_t n_rows,
                        const double *weight, const az_design_options *options, const az_control *control);
void az_design_free(az_design *design);

/* An encoder reads a table's rows as the design's raw inputs: numbers as they are, categories as level indices (NaN
 * missing, -1 unseen).  Columns are matched by name; a numeric one whose unit differs from the input's is converted.
 * AZ_ERROR_DATA if one is missing, text stands where numbers were, or the units do not go together. */
typedef struct az_encoder az_encoder;
az_status az_encoder_new(az_encoder **encoder, const az_design *design, const az_table *table);
void az_encoder_free(az_encoder *encoder);
void az_encoder_tell_units(const az_encoder *encoder, const az_control *control); /* a note for each converted one */
/* raw (n_rows, n_inputs) row-major: table rows rows[0 .. n_rows-1], or first, first + 1, ... if rows is NULL. */
void az_encoder_rows(const az_encoder *encoder, const int64_t *rows, int64_t first, int64_t n_rows, double *raw);
/* One input of the rows: raw[i * stride]. */
void az_encoder_column(const az_encoder *encoder, int64_t input, const int64_t *rows, int64_t first, int64_t n_rows,
                       double *raw, int64_t stride);

/* Counts, over the tables of several encoders of one design, the filled cells and the levels never seen in training,
 * notes the units that were converted, and says so once. */
typedef struct az_tally az_tally;
az_status az_tally_new(az_tally **tally, const az_design *design);
void az_tally_add(az_tally *tally, const az_encoder *encoder); /* all rows of the encoder's table */
/* AZ_ERROR_DATA if there were any levels (or missing cells) that would need features of their own. */
az_status az_tally_refuse_new(const az_tally *tally, const char *source);
void az_tally_tell(const az_tally *tally, const az_control *control);
void az_tally_free(az_tally *tally);

/* x (n_rows, n_features) column-major: feature j of listed row i at x[j * n_rows + i]; x_low as x, or NULL. */
az_status az_design_matrix(const az_design *design, const az_encoder *encoder, const int64_t *rows, int64_t n_rows,
                           double *x, double *x_low, const az_control *control);

/* Measures the centres and scales of a design just fitted on its (still unscaled) training matrix, and scales that in
 * place.  weight (n_rows, NULL: ones) as in az_design_fit. */
az_status az_design_scale(az_design *design, double *x, int64_t n_rows, const double *weight,
                          const az_control *control);

/* Centre and scale of one feature from the mean and the variance (AZ_SCALE_STANDARD), or the lower end and the range
 * (AZ_SCALE_MINMAX), of so many rows. */
void az_feature_scale(az_feature *feature, az_scaling scaling, double center, double spread, int64_t n_rows);

/* Raw rows to features, row-major (n_rows, n_features), allocation-free: what prediction runs.  scratch holds
 * az_design_scratch(design) bytes. */
size_t az_design_scratch(const az_design *design);
void az_design_apply(const az_design *design, const int64_t *map, const double *rows, int64_t n_rows,
                     int64_t row_stride, int64_t column_stride, double *features, unsigned char *in_range,
                     void *scratch);

/* The angle of a periodic input's cosine and sine. */
double az_design_phase(const az_raw_input *input, double value);

/* The value less so many periods that it lies in [0, period); values there stay what they are to the bit. */
double az_design_wrap(double value, double period);

/* The index of a level among the input's levels; -1: unseen.  NULL: the level for missing cells. */
int32_t az_input_level(const az_raw_input *input, const char *level);
/* The level's name of numbers that are read as categories: the shortest text that reads back as the number. */
#define AZ_MISSING_LEVEL "(missing)"

az_status az_design_save(const az_design *design, az_bundle *bundle);
az_status az_design_load(az_design **design, const az_bundle *bundle);

/* For a design with features.  Puts down the constants n_inputs and n_features and
 * `procedure make_features(in real inputs[n_inputs], out real features[n_features])`. */
az_status az_design_export(const az_design *design, az_code *code);

#endif
