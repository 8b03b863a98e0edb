/* SPDX-License-Identifier: BSD-3-Clause */
/* Models: fitted, saved, read, and run inside other programs. */
#ifndef ANSATZ_MODEL_H
#define ANSATZ_MODEL_H

#include <ansatz/base.h>
#include <ansatz/source.h>
#include <ansatz/table.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A fitted model.  Immutable: any number of threads may read and run it at once. */
typedef struct az_model az_model;

typedef enum az_task { AZ_REGRESSION = 1, AZ_CLASSIFICATION = 2 } az_task;

/* Fits the model `name` ("linear", "ridge", ...) to the table, on all its rows.  `parameters`: "alpha=0.5 max_iter=200"
 * (NULL: defaults), the names of `ansatz models NAME`; the preprocessing options scale, degree, interaction_only,
 * transform_target and seed are taken here too.  *model is owned by the caller and untouched on failure.
 * AZ_ERROR_USAGE: unknown model or parameter (the nearest right name is told); AZ_ERROR_DATA: wrong columns or
 * values. */
AZ_API AZ_MUST_CHECK az_status az_fit(az_model **model, const char *name, const az_table *table, const char *target,
                                      const char *parameters);
/* The same with roles and control (either may be NULL, but roles->target must be set). */
AZ_API AZ_MUST_CHECK az_status az_fit_roles(az_model **model, const char *name, const az_table *table,
                                            const az_roles *roles, const char *parameters, const az_control *control);

/* Fits on all rows of a source that can be rewound, in two passes; memory does not grow with their number.  For models
 * that can be fitted in parts (dummy, linear, ridge, naive_bayes); AZ_ERROR_USAGE for the others.  The same model as of
 * a table of these rows, to rounding, but for the values that fill missing cells: the median of a sample where there
 * are more than 65,536 rows. */
AZ_API AZ_MUST_CHECK az_status az_fit_source(az_model **model, const char *name, az_source *source,
                                             const az_roles *roles, const char *parameters, const az_control *control);

/* Goes on: a new model of all the rows that `from` has seen and those of the source together, the same as if it had
 * been fitted on all at once, to rounding.  The columns are those of `from`: a new level or class is AZ_ERROR_DATA;
 * missing cells are filled as in `from`.  AZ_ERROR_USAGE: a model of this class or with these options needs all rows
 * at once, or the file is of a version that kept no sums. */
AZ_API AZ_MUST_CHECK az_status az_fit_continue(az_model **model, const az_model *from, az_source *source,
                                               const az_control *control);

/* More of the same, for bagging, forest and extra_trees: parameters "n_estimators=200" says how many trees there shall
 * be in all; those of `from` stay, and the others are grown on the table, which has the columns of `from` and no class
 * that it does not know.  On the table that `from` was fitted on it predicts what a fit of all of them predicts, to the
 * bit. AZ_ERROR_USAGE: another model, or another parameter. */
AZ_API AZ_MUST_CHECK az_status az_fit_extend(az_model **model, const az_model *from, const az_table *table,
                                             const char *parameters, const az_control *control);

/* One model of the trees of two that were grown separately, of the same kind, columns, levels, targets and classes;
 * AZ_ERROR_USAGE says what differs. */
AZ_API AZ_MUST_CHECK az_status az_model_merge(az_model **model, const az_model *first, const az_model *second);

AZ_API void az_model_free(az_model *model); /* NULL is allowed */

/* A model file: safetensors (JSON header, raw little-endian arrays, no code).  Written whole or not at all; nothing in
 * a file that is read is trusted (AZ_ERROR_DATA says what is wrong). */
AZ_API AZ_MUST_CHECK az_status az_model_write(const az_model *model, const char *path);
AZ_API AZ_MUST_CHECK az_status az_model_read(az_model **model, const char *path);

/* A model that another library has fitted, from its file: boosted trees of XGBoost (save_model to .json) and LightGBM
 * (save_model to .txt), as a model of class boosting.  Neither file names the target: `target` does (NULL: "target").
 * Classes are 0, 1, ...; features without a name are f0, f1, ... .  AZ_ERROR_DATA: no such file, or something in it
 * that has no counterpart here, which is told. */
AZ_API AZ_MUST_CHECK az_status az_model_import(az_model **model, const char *path, const char *target,
                                               const az_control *control);

/* The model as a source file in "c" (C99) or "fortran" (Fortran 2008) that needs no library: NAME_predict(inputs,
 * outputs), its inputs and outputs described in a comment, and test rows with the library's outputs.  name is made an
 * identifier; path "-": stdout.  AZ_ERROR_UNAVAILABLE: this kind of model has no such form; AZ_ERROR_DATA: it is too
 * large for one. */
AZ_API AZ_MUST_CHECK az_status az_model_export(const az_model *model, const char *language, const char *name,
                                               const char *path);

AZ_API const char *az_model_name(const az_model *model); /* the model's class, borrowed */
AZ_API az_task az_model_task(const az_model *model);
/* The columns that the model reads, in its own order; outputs: one a target, or one a class.  A column that is read in
 * two ways (a time as trend and as season) is two inputs of one name; az_model_bind ties both to the one column. */
AZ_API int64_t az_model_n_inputs(const az_model *model);
AZ_API const char *az_model_input_name(const az_model *model, int64_t input);
AZ_API int64_t az_model_n_outputs(const az_model *model);
AZ_API const char *az_model_output_name(const az_model *model, int64_t output); /* target, or class label */
AZ_API const char *az_model_output_unit(const az_model *model, int64_t output); /* of a target; NULL: none named */
/* The unit in which the model expects an input, as it was written in the training data ("K"), or NULL: none was named.
 * A time is a number with a unit such as "days since 1850-01-01" and a calendar; NULL: the input is no time.
 * az_predict converts nothing, and computes no columns: those that were derived by a formula or lagged are inputs under
 * their own names. */
AZ_API const char *az_model_input_unit(const az_model *model, int64_t input);
AZ_API const char *az_model_input_calendar(const az_model *model, int64_t input);
/* A categorical input is given to az_predict as the index of its level; -1 (unseen) if the model has no such level,
 * or the input is a number.  level NULL: the level of cells that are missing. */
AZ_API double az_model_input_level(const az_model *model, int64_t input, const char *level);

/* Ties the caller's n columns to the model's inputs: map[i] is the caller's column of input i (map has
 * az_model_n_inputs entries).  AZ_ERROR_DATA: an input is missing. */
AZ_API AZ_MUST_CHECK az_status az_model_bind(const az_model *model, const char *const *names, int64_t n, int64_t *map);

/* Bytes of scratch that az_predict and az_predict_f32 need for up to n_rows rows at a time, wherever it begins.  0 is
 * possible.  Memory for more rows serves for fewer.  Every thread needs its own. */
AZ_API size_t az_model_scratch(const az_model *model, int64_t n_rows);

/* Runs the model on n_rows rows: the caller's column c of row r is rows[r * row_stride + c * column_stride] (strides in
 * elements, of any sign: (n_columns, 1) for C's order of an array (rows, columns), (1, n_rows) for Fortran's); map
 * as from az_model_bind (NULL: the caller's columns are the model's inputs in order).  NaN: missing, filled as in
 * training.
 * prediction (n_rows, n_outputs), row r at prediction + r * output_stride, its outputs side by side: the predicted
 * targets, or the probability of every class.  in_range (n_rows, may be NULL): 1 where every input lies in the range
 * seen in training and none is missing.
 * scratch: az_model_scratch(model, n_rows) bytes; NULL: allocated for the call.  With scratch there is no allocation,
 * no lock, no input or output, no other thread.  The inputs must not overlap the outputs.  A row's prediction has the
 * same bits alone, among others, and in any order of memory.  AZ_ERROR_USAGE: no model, a NULL pointer to rows, a
 * negative number of rows, rows of the prediction that overlap. */
AZ_API AZ_MUST_CHECK az_status az_predict(const az_model *model, const int64_t *map, const double *rows, int64_t n_rows,
                                          int64_t row_stride, int64_t column_stride, double *prediction,
                                          int64_t output_stride, unsigned char *in_range, void *scratch);
/* The same in single precision: computed in double, rounded at the end.  So it is az_predict of the same numbers,
 * rounded to float. */
AZ_API AZ_MUST_CHECK az_status az_predict_f32(const az_model *model, const int64_t *map, const float *rows,
                                              int64_t n_rows, int64_t row_stride, int64_t column_stride,
                                              float *prediction, int64_t output_stride, unsigned char *in_range,
                                              void *scratch);

/* The same on a table, columns matched by name; prediction is (n_rows, n_outputs), contiguous. */
AZ_API AZ_MUST_CHECK az_status az_predict_table(const az_model *model, const az_table *table, double *prediction,
                                                unsigned char *in_range, const az_control *control);

/* How sure trees that are averaged (bagging, forest, extra_trees with bootstrap or max_samples) are of their
 * predictions: the standard deviation that each would have over other training samples of the same size, by the
 * infinitesimal jackknife, corrected for the number of trees.  deviation (n_rows, n_outputs), contiguous; 0 where the
 * noise of few trees is larger.  The method is of first order: of trees grown to the end it is rather too small than
 * too large.  It is about the prediction, the mean of the target there; new values scatter about that besides.  Takes
 * time as training rows times trees squared, once a call.  AZ_ERROR_USAGE: another model, or every tree saw every
 * row. */
AZ_API AZ_MUST_CHECK az_status az_predict_deviation(const az_model *model, const az_table *table, double *deviation,
                                                    const az_control *control);

/* Quantiles of the targets by a quantile forest: of bagging, forest and extra_trees fitted with keep_targets=true.
 * levels (n_levels) from 0 to 1; quantiles (n_rows, n_targets, n_levels), contiguous: the smallest training target up
 * to which that part of the weight lies. */
AZ_API AZ_MUST_CHECK az_status az_predict_quantiles(const az_model *model, const az_table *table, const double *levels,
                                                    int64_t n_levels, double *quantiles, const az_control *control);

/* az_predict_table on rows of a source, block by block: memory does not grow with their number.  `rows` gets each block
 * with its predictions (rows of the block, n_outputs) and, if wants_range, in_range (else NULL), all borrowed for the
 * call; what it returns, unless AZ_OK, ends the prediction.  The source is read from where it stands. */
typedef az_status (*az_prediction_fn)(void *user, const az_table *block, const double *prediction,
                                      const unsigned char *in_range);
AZ_API AZ_MUST_CHECK az_status az_predict_source(const az_model *model, az_source *source, bool wants_range,
                                                 az_prediction_fn rows, void *user, const az_control *control);

#ifdef __cplusplus
}
#endif
#endif
