/* SPDX-License-Identifier: BSD-3-Clause */
/* Boosted trees that another library has fitted: what its file says, before it becomes a model of class boosting. */
#ifndef AZ_MODELS_TREE_FOREIGN_H
#define AZ_MODELS_TREE_FOREIGN_H

#include "base/memory.h"
#include "models/model.h"
#include "models/tree/loss.h"

/* As it stands in the file: children anywhere, nothing checked but that numbers are numbers. */
typedef struct az_foreign_node {
    int32_t left, right; /* left -1: a leaf */
    int32_t feature;
    bool missing_left, categorical;
    double value; /* x <= value goes left; of a leaf, what it adds */
    double gain;
    float cover;
    int64_t first_code, n_codes; /* categorical: the categories listed, in the codes of the tree */
} az_foreign_node;

typedef struct az_foreign_tree {
    az_foreign_node *nodes;
    int32_t *codes;
    int64_t n_nodes, n_codes;
    int64_t score; /* to which it adds */
} az_foreign_tree;

typedef struct az_foreign_column {
    char *name;
    bool categorical;
    char **levels; /* by code; NULL: the file names none, and the codes themselves stand in the data */
    int32_t n_levels;
    double lower, upper; /* range in training, infinite where it is not known */
} az_foreign_column;

typedef struct az_foreign {
    const char *library;
    az_arena strings;
    az_foreign_column *columns;
    az_foreign_tree *trees;
    int64_t n_columns, n_trees, n_scores, n_rows; /* n_rows 0: not known */
    double *initial;                              /* (n_scores) raw scores before the first tree */
    az_link link;
    const char *loss; /* of class boosting, the nearest to the file's objective; NULL: auto */
    bool classifies;
    bool listed_go_right; /* of a categorical split */
} az_foreign;

/* From the whole text of a file, size bytes at text, to *foreign (zero-initialised); az_foreign_free it in any case. */
az_status az_xgboost_parse(az_foreign *foreign, const char *text, size_t size);
az_status az_lightgbm_parse(az_foreign *foreign, const char *text, size_t size);
void az_foreign_free(az_foreign *foreign);

/* For parsers.  Columns are named f0, f1, ...; scores begin at 0, each tree adds to score t % n_scores. */
az_status az_foreign_columns(az_foreign *foreign, int64_t n_columns);
az_status az_foreign_name(az_foreign *foreign, int64_t column, const char *name, size_t length);
az_status az_foreign_trees(az_foreign *foreign, int64_t n_trees, int64_t n_scores);
az_status az_foreign_nodes(az_foreign_tree *tree, int64_t n_nodes, int64_t n_codes);

/* The model; the target's name is the caller's choice.  Checks all that the parsers have not. */
az_status az_foreign_model(az_model **model, const az_foreign *foreign, const char *target);

/* The greatest double that, rounded to a float, lies below t: XGBoost compares floats, x < t. */
double az_float_threshold(float t);

#endif
