/* SPDX-License-Identifier: BSD-3-Clause */
/* What a fitted model goes by: importances of its columns, and the parts that make up a single prediction. */
#ifndef AZ_EXPLAIN_EXPLAIN_H
#define AZ_EXPLAIN_EXPLAIN_H

#include "data/metrics.h"
#include "models/model.h"

/* ---- permutation importance (Breiman 2001, section 10; Fisher, Rudin and Dominici 2019), for any model ---- */

typedef struct az_column_importance {
    const char *name; /* of the column; belongs to the model */
    double mean;      /* by how much the score becomes worse, in the metric's unit: more is more important */
    double deviation; /* standard deviation over the repeats (divisor n - 1); NaN with one */
    double training;  /* of a class of trees: its part in what the splits gained in training, sums to 1; else NaN */
} az_column_importance;

typedef struct az_importances {
    int64_t n; /* columns of the model, most important first */
    az_column_importance *columns;
    const az_metric *metric;
    double score; /* with the columns as they are */
    int64_t n_rows, n_repeats;
    bool out_of_bag; /* each row by the trees that did not see it */
} az_importances;

/* Scores the model on rows of the problem (indices, NULL: all), whose values of one column at a time are exchanged
 * among the rows n_repeats times.  Rows that the model was fitted on flatter what it has learnt by heart: give others.
 * A column that is read in two ways (a time as trend and as season) is exchanged in both at once.  Which rows are
 * exchanged is a function of seed, column and repeat. */
az_status az_permutation_importances(az_importances *importances, const az_model *model, const az_problem *problem,
                                     const int64_t *rows, int64_t n_rows, const az_metric *metric, int64_t n_repeats,
                                     uint64_t seed, const az_control *control);
void az_importances_free(az_importances *importances);

/* The same on the rows that the trees of bagging, forest or extra_trees were grown on, without holding any back
 * (Breiman 2001, section 10): in each tree the values of one column are exchanged among the rows that it did not see,
 * and each row is predicted by the trees that did not see it.  *found false, and nothing else is done, where these rows
 * (NULL: all) are not those that all trees were grown on, or the trees saw them all.  most_rows: that many are scored,
 * evenly chosen; 0: all. */
az_status az_out_of_bag_importances(az_importances *importances, bool *found, const az_model *model,
                                    const az_problem *problem, const int64_t *rows, int64_t n_rows, int64_t most_rows,
                                    const az_metric *metric, int64_t n_repeats, uint64_t seed,
                                    const az_control *control);

/* part (n_inputs): the part of each input in what the splits of a class of trees gained in training; those of features
 * made from one input are added.  False: the model has none. */
bool az_training_importances(const az_model *model, double *part);

/* ---- a tree in words ---- */

typedef struct az_told_node {
    int64_t parent, children; /* children: the first of two that stand side by side; -1: none (here) */
    int level;
    bool cut;    /* has children that are not told */
    double rows; /* weight of the training rows that came through */
    char *rule;  /* what leads here from the parent: "median_income <= 5.04"; "" for the root */
    char *split; /* what sends rows to the first child; "" for a leaf */
    char *value; /* the mean of its rows' predictions, or class and probability */
} az_told_node;

typedef struct az_told_tree {
    int64_t n_trees, n, n_nodes, n_leaves, n_levels; /* n: told; the others: of the whole tree */
    az_told_node *nodes;                             /* the root first, parents before children */
    const char *meaning;                             /* of the values: "median_house_value [$]", "log odds" */
    az_arena strings;
} az_told_tree;

/* The tree from 0 with the nodes at most most_levels below its root.  AZ_ERROR_USAGE: no such tree. */
az_status az_tell_tree(az_told_tree *told, const az_model *model, int64_t tree, int64_t most_levels);
void az_told_tree_free(az_told_tree *told);

/* ---- the parts of single predictions, for classes of trees ---- */

enum { AZ_EXPLAIN_SHAP = 1, AZ_EXPLAIN_LEAF = 2 };

/* Columns of numbers beside the predictions: shap_FEATURE and shap_base of each output (shap_OUTPUT_FEATURE where there
 * are several), which sum to the raw output; leaf_TREE, the node in which the row ends. */
typedef struct az_parts az_parts;

/* AZ_ERROR_USAGE: the model is no sum of trees. */
az_status az_parts_new(az_parts **parts, const az_model *model, unsigned what);
void az_parts_free(az_parts *parts);
int64_t az_parts_n(const az_parts *parts);
const char *az_parts_name(const az_parts *parts, int64_t i);
/* values (table->n_rows, n) row-major. */
az_status az_parts_fill(const az_parts *parts, const az_table *table, double *values, const az_control *control);

#endif
