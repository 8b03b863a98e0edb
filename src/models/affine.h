/* SPDX-License-Identifier: BSD-3-Clause */
/* A linear regression without products, made ready to run: no features in between.
 *
 *     output k = intercept[k] + sum_j weight[k, j] (x_j - center_j) + what categories and phases add,
 *     weight[k, j] = coefficient[k, j] / scale_j
 *
 * The division is done once here and not in every row.  The centre stays where it is: in the intercept, years or
 * kelvins far from 0 would cancel against it and take digits with them.  Every prediction of such a model goes this
 * way, of tables and of a caller's memory, of one row and of many: the same additions in the same order, so the same
 * bits. */
#ifndef AZ_MODELS_AFFINE_H
#define AZ_MODELS_AFFINE_H

#include "models/model.h"

/* As az_predict, without scratch. */
typedef void az_affine_f64(const az_affine *affine, const int64_t *map, const double *rows, int64_t n_rows,
                           int64_t row_stride, int64_t column_stride, double *prediction, int64_t output_stride,
                           unsigned char *in_range);
typedef void az_affine_f32(const az_affine *affine, const int64_t *map, const float *rows, int64_t n_rows,
                           int64_t row_stride, int64_t column_stride, float *prediction, int64_t output_stride,
                           unsigned char *in_range);

/* A category adds a number for its level; a phase adds weights of its cosine and sine. */
typedef struct az_affine_special {
    int64_t input;
    const az_raw_input *description;
    double *table;    /* categorical: (n_outputs, n_levels + 1), first what an unknown level adds */
    double center[2]; /* periodic: of cosine and sine */
    double *weight;   /* periodic: (n_outputs, 2) */
} az_affine_special;

struct az_affine {
    int64_t n_inputs, n_outputs;
    bool exponential;                    /* the targets' logarithms were fitted */
    double *center, *weight, *intercept; /* (n_inputs), (n_outputs, n_inputs), (n_outputs) */
    double *fill, *lower, *upper;        /* (n_inputs) */
    bool *missing_known;                 /* (n_inputs) a missing cell is a level of its own */
    int64_t n_special;                   /* inputs that are no plain numbers: their weights above are 0 */
    az_affine_special *special;
    az_affine_f64 *predict_f64; /* for this CPU */
    az_affine_f32 *predict_f32;
};

/* *affine NULL: the model is none (products, another class).  It borrows from the model's design. */
az_status az_affine_new(az_affine **affine, const az_model *model);
void az_affine_free(az_affine *affine);

/* In place of what the design and the class put down: the constants n_inputs and n_features, the procedures
 * make_features and evaluate.  Of plain numbers only (n_special 0). */
void az_affine_export(const az_affine *affine, az_code *code);

/* For any CPU, and with AVX2; the same bits. */
az_affine_f64 az_affine_predict_f64, az_affine_predict_f64_avx2;
az_affine_f32 az_affine_predict_f32, az_affine_predict_f32_avx2;

#endif
