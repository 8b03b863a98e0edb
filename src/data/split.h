/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rows are held out: folds that respect classes, groups and time. */
#ifndef AZ_DATA_SPLIT_H
#define AZ_DATA_SPLIT_H

#include "base/memory.h"

typedef enum az_split_kind {
    AZ_SPLIT_AUTO, /* group or time when that role is given, stratified for classes, else random */
    AZ_SPLIT_RANDOM,
    AZ_SPLIT_STRATIFIED,
    AZ_SPLIT_GROUP,
    AZ_SPLIT_TIME
} az_split_kind;

typedef struct az_split_options {
    az_split_kind kind;
    double gap; /* time: rows whose time lies within gap of a test row are in neither part */
    uint64_t seed;
} az_split_options;

typedef struct az_split_data { /* each per row, NULL: role not given */
    int64_t n_rows;
    const int32_t *label;
    const int32_t *group;
    const double *time;
    const double *begin; /* rows that are windows: the time of the oldest value of each; time is that of its target */
} az_split_data;

/* The kind that AUTO stands for, and its name ("random", ...). */
az_split_kind az_split_resolve(az_split_kind kind, const az_split_data *data);
const char *az_split_name(az_split_kind kind);
az_status az_split_parse(const char *name, az_split_kind *kind);

/* fold[i] in 0 .. n_folds-1: the fold in which row i is tested.  time: contiguous blocks in order of time (ties stay
 * together).  AZ_ERROR_USAGE/DATA where it cannot be done (fewer groups or rows than folds, role not given). */
az_status az_split_folds(const az_split_options *options, const az_split_data *data, int64_t n_folds, int32_t *fold);

/* test[i] = 1 for a held-out part of about `fraction` of the rows (time: the latest rows; group: whole groups).  The
 * rows to train on are those of az_split_training_rows with fold[i] = test[i] ? 0 : 1 and k = 0: that keeps the gap. */
az_status az_split_holdout(const az_split_options *options, const az_split_data *data, double fraction,
                           unsigned char *test);

/* The training rows for test fold k: all others, less those within the gap.  Of windows also less those that share a
 * moment with the test: no value of a training row, its target included, is a value of a test row.  rows has n_rows
 * places. */
void az_split_training_rows(const az_split_options *options, const az_split_data *data, const int32_t *fold, int32_t k,
                            int64_t *rows, int64_t *n_training);

#endif
