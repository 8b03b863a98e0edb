/* SPDX-License-Identifier: BSD-3-Clause */
/* What a model class is, and what a fitted model holds.  A class is one file that ends in one const az_model_class,
 * listed by one line in registry.c. */
#ifndef AZ_MODELS_MODEL_H
#define AZ_MODELS_MODEL_H

#include "base/control.h"
#include "base/param.h"
#include "code/code.h"
#include "data/design.h"
#include "data/split.h"
#include <ansatz/model.h>

/* What a class declares and the contract suite (tests/models/test_contract.c) proves.  What is not declared is listed
 * by the suite with the reason given in `without`. */
enum {
    AZ_TRAIT_WEIGHTS = 1 << 0,          /* takes weights */
    AZ_TRAIT_NEGATIVE_WEIGHTS = 1 << 1, /* ... negative ones too */
    AZ_TRAIT_SIGMA = 1 << 2,            /* takes absolute errors of the target */
    AZ_TRAIT_REPEAT_IS_WEIGHT = 1 << 3, /* a row of weight 2 is the row twice */
    AZ_TRAIT_ROW_ORDER_FREE = 1 << 4,   /* the order of rows changes predictions by rounding only */
    AZ_TRAIT_MISSING = 1 << 5,          /* takes NaN features itself: no filling */
    AZ_TRAIT_SEVERAL_TARGETS = 1 << 6,
    AZ_TRAIT_PARTIAL_FIT = 1 << 7,
    AZ_TRAIT_INTERVAL = 1 << 8,
    AZ_TRAIT_ITERATIVE = 1 << 9,        /* honours checkpoint, resume and time limit through az_iteration */
    AZ_TRAIT_PERIODIC = 1 << 10,        /* knows periods of features itself: no cos and sin */
    AZ_TRAIT_EXACT_PRODUCTS = 1 << 11,  /* reads sample.x_low */
    AZ_TRAIT_LEARNS_NOTHING = 1 << 12,  /* the training rows do not matter, and so neither do their weights */
    AZ_TRAIT_CATEGORIES = 1 << 13,      /* takes categories itself, as numbers of levels: no one-hot columns */
    AZ_TRAIT_CUTS_PERIODIC = 1 << 14,   /* cuts periodic features, reduced into [0, period): no cos and sin */
    AZ_TRAIT_JOINT_TARGETS = 1 << 15    /* several targets are learnt together: one alone gives another fit */
};

struct az_problem;

struct az_draws;
struct az_kept;

/* What fit sees.  Rows whose target is missing or whose weight is 0 have been dropped. */
typedef struct az_sample {
    int64_t n_rows, n_features;
    const double *x;             /* (n_rows, n_features) column-major: feature j of row i at x[j * n_rows + i] */
    const struct az_bins *bins;  /* of a class with `binned`: the features as codes; x may be NULL then.  Or NULL */
    const double *x_low;         /* x + x_low is the exact feature, or NULL: x is */
    const az_feature *features;  /* names, periods, which are one-hot */
    int64_t n_targets;           /* regression: y (n_rows, n_targets) column-major */
    const double *y;
    int32_t n_classes;           /* classification: label[i] in 0 .. n_classes-1, every class present */
    const int32_t *label;
    char *const *class_names;    /* classification: (n_classes); NULL: numbers */
    const double *weight;        /* (n_rows), NULL: ones */
    bool absolute;               /* weight is 1/sigma^2: covariances are not scaled by the residual variance */
    az_task task;
    uint64_t seed;
} az_sample;

/* What came of a fit, besides the fitted state. */
typedef struct az_fit_result {
    bool converged;
    int64_t n_iterations; /* 0: not iterative */
    void *partial;        /* AZ_TRAIT_PARTIAL_FIT: what to go on from (az_partial_class), owned by the model; or NULL */
} az_fit_result;

/* A linear map in the scaled features: output k = intercept[k] + sum_j coefficient[k * n_features + j] f_j.
 * covariance (n_features + 1)^2 row-major with the intercept first: the covariance of output k's estimates is
 * variance[k] * covariance; NULL: no standard errors.  All borrowed from the fitted state.  NaN on the diagonal: the
 * coefficient is not determined by the data (its standard error is null). */
typedef struct az_linear_map {
    int64_t n_outputs;
    const double *intercept;   /* (n_outputs), NULL: no intercept */
    const double *coefficient; /* (n_outputs, n_features) */
    const double *covariance;
    const double *variance;    /* (n_outputs) */
    double dof;                /* degrees of freedom for t; INFINITY: normal */
} az_linear_map;

/* Coefficients along a range of penalties, for models that have one.  All borrowed from the fitted state. */
typedef struct az_path {
    int64_t n;                 /* penalties, strongest first */
    const double *alpha;       /* (n) */
    const double *coefficient; /* (n, n_outputs, n_features) of the scaled features */
    const double *score;       /* (n) estimate of the mean squared error by cross-validation, or NULL */
} az_path;

/* The loss along a training, for models that have one.  All borrowed from the fitted state. */
typedef struct az_loss_history {
    int64_t n;            /* epochs */
    const double *loss;   /* (n) */
    const double *held;   /* (n) of rows held out, or NULL */
    int64_t best;         /* the epoch whose weights were kept, counted from 1 */
} az_loss_history;

/* A named figure about the fit: "r2", "aic", "rank", "condition", "alpha", ... */
typedef struct az_fact {
    const char *name;  /* static text, an identifier */
    const char *title; /* static text */
    double value;
} az_fact;
#define AZ_MAX_FACTS 24

/* Fitting in parts (AZ_TRAIT_PARTIAL_FIT): what is kept of all rows seen so far, out of which a fitted model can be
 * made at any time.  It is made of features neither centred nor scaled, since the centres and scales of all rows are
 * known at the end only; `shape` is a sample without rows that tells sizes, task, names and, for finish, centres and
 * scales.  After a failure of `rows` the state is good for nothing but to be freed. */
typedef struct az_partial_class {
    az_status (*begin)(void **partial, const az_sample *shape, const void *options);
    az_status (*rows)(void *partial, const az_sample *block, const void *options, const az_control *control);
    az_status (*finish)(void **fitted, const void *partial, const az_sample *shape, const void *options,
                        const az_control *control, az_fit_result *result);
    void (*free)(void *partial);
    az_status (*save)(const void *partial, az_bundle *bundle); /* arrays "partial.*" */
    az_status (*load)(void **partial, const az_bundle *bundle, const az_sample *shape, const void *options);
    /* NULL, or the option with which the model needs all rows at once, and why: "strategy = median: ..." */
    const char *(*needs_all)(const void *options, az_task task);
} az_partial_class;

/* Fitting on codes of one or two bytes instead of features (az_sample.bins): numbers need not be held in memory. */
typedef struct az_binned_class {
    int64_t (*max_bins)(const void *options);
    /* Bytes that a fit takes besides the codes, at most. */
    double (*bytes)(const void *options, const az_sample *shape, int n_threads);
    /* NULL, or why the model needs the numbers: "with oob_score: ...", "needs all rows at once" */
    const char *(*needs_numbers)(const void *options);
} az_binned_class;

/* The trees of a class that is a sum of trees: what importances, SHAP values, leaves and pictures are made of.  Raw
 * output k of a row is offset[k] + the sum over trees t of scale * tree_scale[t] * the tree's value k.  Where each tree
 * has one output and the class several, tree t adds to output t % n_outputs.  All borrowed from the fitted state. */
typedef struct az_tree_view {
    const struct az_trees *trees; /* NULL: this fit does not sum its trees, and has importances alone */
    int64_t n_outputs;
    double scale;             /* 1 / number of trees for a mean */
    const double *tree_scale; /* (n_trees), NULL: ones */
    const double *offset;     /* (n_outputs), NULL: zeros */
    const double *importance; /* (n_features) sum to 1: decrease of impurity or loss in training; NULL: not known */
    const struct az_draws *draws; /* (n_draws) which rows the trees saw, of trees that are averaged; NULL: not known */
    int64_t n_draws;
    const struct az_kept *kept; /* the training rows in the leaves, or NULL */
    const char *raw;          /* what a raw output is where it is not the prediction: "log odds"; or NULL */
} az_tree_view;

typedef struct az_model_class {
    const char *name;
    const char *aliases;    /* "ols,lm" */
    const char *summary;    /* one line */
    const char *reference;  /* the paper or book */
    unsigned tasks, traits; /* az_task and AZ_TRAIT bits */
    const char *without;    /* why some traits are missing: "missing: ...; negative weights: ..." */
    az_scaling scaling;     /* default of --scale */
    bool drop_first;        /* one-hot leaves out the first level */
    size_t options_size;
    const az_param *params;

    /* REQUIRED.  *fitted is allocated here and freed by `free`; on failure nothing is left.  Options are const. */
    az_status (*fit)(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                     az_fit_result *result);
    void (*free)(void *fitted);
    /* REQUIRED.  Scaled features (n_rows, n_features) row-major to out (n_rows, n_outputs) row-major: predicted
     * targets, or class probabilities that sum to 1.  Thread-safe, no allocation; a row's result never depends on the
     * others. */
    void (*predict)(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch);
    /* REQUIRED.  Arrays to the bundle and back; load checks every size against the given shape. */
    az_status (*save)(const void *fitted, az_bundle *bundle);
    az_status (*load)(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs);

    /* OPTIONAL; NULL means: none. */
    /* Chooses the columns that the class reads by itself, in place of the problem's inputs; they are features as they
     * are: no scaling, no products, no transform of the target.  *n is at most the number of targets and one more.
     * AZ_ERROR_USAGE says what the data lack; `compare` then passes the class over. */
    az_status (*inputs)(const struct az_problem *problem, int64_t *columns, int64_t *n);
    size_t (*scratch)(const void *fitted, int64_t n_rows); /* bytes, for predict */
    int64_t (*block_rows)(const void *fitted);             /* rows a predict call likes best; NULL: 256 */
    az_status (*check)(const void *options);               /* combinations of options that make no sense */
    void (*linear_map)(const void *fitted, az_linear_map *map);
    int (*facts)(const void *fitted, az_fact *facts);      /* at most AZ_MAX_FACTS; returns how many */
    bool (*path)(const void *fitted, az_path *path);       /* false: this fit has none */
    bool (*history)(const void *fitted, az_loss_history *history);
    /* Models that may tell a normal distribution of the targets for each row: whether this fit does, and for each row
     * its means (n_targets), then its deviations (n_targets).  scratch as of predict. */
    bool (*is_normal)(const void *fitted);
    void (*normal)(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch);
    void (*trees)(const void *fitted, az_tree_view *view);
    const struct az_plan *(*plan)(const void *fitted); /* of a network: features to outputs, borrowed */
    const az_partial_class *partial;                       /* AZ_TRAIT_PARTIAL_FIT */
    const az_binned_class *binned;
    /* Models of many parts: on from `before` with a sample of the same features, targets and classes, which need not
     * all be there, until there are as many parts as the parameter named in `more` says. */
    const char *more;
    const char *no_more; /* of such models that can neither go on nor be merged: why; or NULL */
    az_status (*extend)(void **fitted, const void *before, const az_sample *sample, const void *options,
                        const az_control *control, az_fit_result *result);
    /* The parts of two models of the same shape; options, those of the first, are told how many there are. */
    az_status (*merge)(void **fitted, const void *first, const void *second, void *options);
    /* Puts down tables and `procedure evaluate(in real features[n_features], out real outputs[n_outputs])`: what
     * predict does to one row, by the same additions in the same order. */
    void (*export)(const void *fitted, az_code *code);
} az_model_class;

typedef enum az_target_transform { AZ_TRANSFORM_NONE, AZ_TRANSFORM_LOG } az_target_transform;

/* Options that stand in front of any model: one table for the command line, model files and --help. */
typedef struct az_pipeline_options {
    int32_t scale;            /* auto (the class's default), none, standard, minmax, robust */
    int64_t degree;
    bool interaction_only;
    int32_t transform_target; /* az_target_transform */
    int64_t seed;
} az_pipeline_options;
extern const az_param az_pipeline_params[];

typedef struct az_affine az_affine;

struct az_model {
    const az_model_class *class;
    void *options; /* class->options_size bytes, NULL if 0 */
    void *fitted;
    az_design *design;
    az_affine *affine; /* what prediction runs where it is one affine function of the inputs, or NULL */
    az_pipeline_options pipeline;
    az_task task;
    int64_t n_targets;
    char **target_names;  /* n_targets; classification: one */
    char **target_units;  /* entries may be NULL */
    int32_t n_classes;    /* classification */
    char **classes;       /* sorted */
    char *reader;         /* how the data were read: JSON of az_reader_options, or NULL */
    char *weight, *sigma, *group, *time; /* names of the role columns, or NULL: score uses weight again */
    int64_t n_train;
    az_fit_result result;
    struct az_interval *interval; /* calibrated prediction intervals (interval.h), or NULL */
    struct az_feature_sums *feature_sums; /* with result.partial: what centres and scales are made of (partial.h) */
    uint64_t data_digest;
    char *command;        /* the command line without paths, or NULL */
    char *version;        /* of the library that fitted it */
    az_arena strings;
};

/* The registry: classes in the order in which they are listed; NULL ends. */
extern const az_model_class *const az_model_classes[];
/* By name or alias; NULL and AZ_ERROR_USAGE's text with the nearest name if there is none. */
const az_model_class *az_model_class_find(const char *name);

/* Data with the roles resolved: which columns are inputs, the target's values or labels, weights.  Made once, used by
 * every fit on it (folds take rows of it). */
typedef struct az_problem {
    const az_table *table;
    az_task task;
    int64_t n_inputs;
    int64_t *inputs;             /* column numbers; a time may be listed several times, with different periods */
    int64_t inputs_capacity;
    double *periods;             /* per input */
    bool *forced_categorical;    /* per input */
    int64_t n_targets;
    int64_t *targets;            /* column numbers */
    int64_t n_rows;              /* rows that can be used: target not missing, weight not 0 */
    int64_t *rows;               /* their numbers in the table */
    double *y;                   /* regression: (n_rows, n_targets) column-major */
    int32_t n_classes;
    char **classes;              /* sorted; strings in the arena */
    int32_t *label;              /* classification: (n_rows) */
    double *weight;              /* (n_rows) or NULL; for sigma 1/sigma^2 */
    bool absolute;
    bool negative_weights;
    int32_t *group;              /* (n_rows) or NULL */
    double *time;                /* (n_rows) or NULL */
    double *begin;               /* (n_rows) rows that are windows: the time of the oldest value; or NULL */
    int64_t time_column;         /* -1: none */
    az_roles roles;              /* copies */
    int64_t n_dropped_target, n_dropped_weight;
    double total_weight;
    bool is_block;               /* of a longer table: that no row can be used is no error, and nothing is noted */
    uint64_t digest;             /* of the table: goes into the model file */
    az_arena strings;
} az_problem;

/* classifies_only: the models in question only classify, so the task is classification. */
az_status az_problem_new(az_problem **problem, const az_table *table, const az_roles *roles, bool classifies_only,
                         const az_control *control);
/* For data that a model is to be scored on: roles, classes and task are the model's; a class never seen in training is
 * AZ_ERROR_DATA that lists it. */
az_status az_problem_for_model(az_problem **problem, const az_table *table, const az_model *model,
                               const az_control *control);
/* The same for one block of a source.  After the last, the sums over all blocks go to az_problem_check_rows, which says
 * what was dropped and refuses what is left if that is nothing; weights: the column's name, or NULL. */
az_status az_problem_for_block(az_problem **problem, const az_table *block, const az_model *model,
                               const az_control *control);
az_status az_problem_check_rows(const char *source, int64_t n_rows, int64_t n_dropped_target, int64_t n_dropped_weight,
                                const char *weights, double total_weight, const az_control *control);
void az_problem_free(az_problem *problem);
/* What a split of the problem's rows goes by. */
void az_problem_split_data(const az_problem *problem, az_split_data *data);
/* The unit and calendar of problem->time; NULL: plain numbers, or no time. */
const az_time_unit *az_problem_time_unit(const az_problem *problem);

/* Fits class on rows (indices into problem's rows; NULL: all) with options (NULL: defaults) and pipeline (NULL:
 * defaults).  Checks tasks and traits against the problem. */
az_status az_model_fit(az_model **model, const az_model_class *class, const void *options,
                       const az_pipeline_options *pipeline, const az_problem *problem, const int64_t *rows,
                       int64_t n_rows, const az_control *control);

/* The bins of one list of rows, kept by the first fit that makes them for others on the same rows: a fold, on which
 * several classes are tried.  They are made of these rows alone, and fits are what they are without.  Zero-initialise.
 */
typedef struct az_shared_bins {
    struct az_bins *bins;
    int64_t max_bins, seed;
    az_design_options design;
} az_shared_bins;
void az_shared_bins_clear(az_shared_bins *shared);
/* az_model_fit; shared may be NULL. */
az_status az_model_fit_shared(az_model **model, const az_model_class *class, const void *options,
                              const az_pipeline_options *pipeline, const az_problem *problem, const int64_t *rows,
                              int64_t n_rows, az_shared_bins *shared, const az_control *control);

/* Predictions for rows of the problem (NULL: all): (n_rows, n_outputs) row-major, in original target units. */
az_status az_model_predict_rows(const az_model *model, const az_table *table, const int64_t *rows, int64_t n_rows,
                                double *prediction, unsigned char *in_range, const az_control *control);

/* Fills score data from a problem's rows and predictions for them (observed in original units; row-major copies in
 * *work, az_free it). */
struct az_score_data;
az_status az_model_score_data(const az_model *model, const az_problem *problem, const int64_t *rows, int64_t n_rows,
                              const double *prediction, struct az_score_data *data, void **work);

az_status az_model_copy(az_model **copy, const az_model *model);

/* az_fit_source with the class and its options. */
struct az_source;
az_status az_model_fit_source(az_model **model, const az_model_class *class, const void *options,
                              const az_pipeline_options *pipeline, struct az_source *source, const az_roles *roles,
                              const az_control *control);

/* Why it cannot be fitted so with these options (AZ_ERROR_USAGE); what: what else can be done. */
az_status az_in_blocks_check(const az_model_class *class, const void *options, const az_pipeline_options *pipeline,
                             az_task task, const char *what);

/* Files as the source of what the model is run on: only its columns are read, in one pass where they are text; with the
 * target too if it is to be scored. */
az_status az_source_for_model(struct az_source **source, const az_model *model, const char *paths,
                              const az_reader_options *options, bool with_target, const az_control *control);

/* Scores on all rows of a source; *sums is the caller's.  interval: adds how many values lie in their intervals; NULL:
 * none are counted. */
struct az_score_sums;
struct az_interval_score;
az_status az_model_score_source(const az_model *model, struct az_source *source, struct az_score_sums **sums,
                                struct az_interval_score *interval, const az_control *control);

/* Coefficients in the columns' own units: for every output the intercept first (named "intercept"; left
 * out in a model without a constant on features without centre), then one a feature. */
typedef struct az_coefficient {
    const char *output; /* target or class name */
    const char *name;
    double estimate, std_error, t, p, lower, upper; /* NaN where not known; 95 % interval */
} az_coefficient;
/* *n 0 and *coefficients NULL if the class is not linear.  az_free the array; strings belong to the model. */
az_status az_model_coefficients(const az_model *model, az_coefficient **coefficients, int64_t *n);
int az_model_facts(const az_model *model, az_fact facts[AZ_MAX_FACTS]);

#endif
