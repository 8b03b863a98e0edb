/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parameters of tree, bagging, forest and extra_trees mean for a sample. */
#include "models/tree/ensemble.h"

#include "base/memory.h"
#include "base/number.h"
#include "models/class_weight.h"
#include "models/tree/constraints.h"

#include <math.h>
#include <string.h>

az_status az_max_features(const char *text, int64_t n_features, int64_t *n)
{
    double value = 0, divisor = 1;
    const char *slash = strchr(text, '/');
    const char *end = text + strlen(text);
    if (!*text || strcmp(text, "all") == 0) {
        value = (double)n_features;
    } else if (strcmp(text, "sqrt") == 0) {
        value = sqrt((double)n_features);
    } else if (strcmp(text, "log2") == 0) {
        value = log2((double)n_features);
    } else {
        bool read = az_parse_double_all(text, slash ? slash : end, '.', &value) &&
                    (!slash || az_parse_double_all(slash + 1, end, '.', &divisor));
        if (!read || !(value > 0) || !(divisor > 0) || isinf(value))
            return az_error(AZ_ERROR_USAGE,
                            "max_features = \"%s\": give all, sqrt, log2, a number of features or a part such as 1/3",
                            text);
        value /= divisor;
        /* As in scikit-learn 1 is one feature and 1.0 all of them. */
        if (value < 1 || slash || strchr(text, '.')) value *= (double)n_features;
    }
    /* 1/3 of 12 is 4, although a third times twelve may be a bit less. */
    int64_t count = value < (double)n_features ? (int64_t)floor(value * (1 + 1e-12)) : n_features;
    *n = count < 1 ? 1 : count;
    return AZ_OK;
}

/* Rows, or a part of them. */
static int64_t rows_of(double value, int64_t n_rows, int64_t least)
{
    double rows = value < 1 ? ceil(value * (double)n_rows) : value;
    return rows < (double)least ? least : rows > 9e18 ? INT64_MAX : (int64_t)rows;
}

static az_status check_rows(const char *name, double value)
{
    if (value < 1 || isinf(value) || value == floor(value)) return AZ_OK;
    return az_error(AZ_ERROR_USAGE, "%s = %g: give a whole number of rows, or a part of them below 1", name, value);
}

az_status az_ensemble_check(const void *made)
{
    const az_ensemble_options *options = made;
    int64_t n;
    AZ_TRY(az_max_features(options->max_features, 1, &n));
    AZ_TRY(check_rows("min_samples_split", options->min_samples_split));
    AZ_TRY(check_rows("min_samples_leaf", options->min_samples_leaf));
    AZ_TRY(check_rows("max_samples", options->max_samples));
    if (options->oob_score && !options->bootstrap && options->max_samples == 0)
        return az_error(AZ_ERROR_USAGE, "oob_score: every tree sees every row; set bootstrap = true, or max_samples "
                                        "below 1");
    return AZ_OK;
}

static az_status choose_criterion(az_grow_options *grow, const az_sample *sample, const az_ensemble_options *options)
{
    const bool classifies = sample->task == AZ_CLASSIFICATION;
    const int32_t choice =
        options->criterion == AZ_CRITERION_LOG_LOSS ? AZ_CRITERION_FIRST + AZ_CRITERION_ENTROPY : options->criterion;
    az_criterion criterion = choice == AZ_CRITERION_AUTO ? (classifies ? AZ_CRITERION_GINI : AZ_CRITERION_SQUARED_ERROR)
                                                         : (az_criterion)(choice - AZ_CRITERION_FIRST);
    const bool of_classes = criterion == AZ_CRITERION_GINI || criterion == AZ_CRITERION_ENTROPY;
    if (of_classes != classifies)
        return az_error(AZ_ERROR_USAGE, "criterion: %s",
                        classifies ? "classes are split by gini or entropy"
                                   : "gini and entropy are for classes; quantities are split by squared_error, poisson "
                                     "or absolute_error");
    if (sample->n_targets > 1 && (criterion == AZ_CRITERION_POISSON || criterion == AZ_CRITERION_ABSOLUTE_ERROR))
        return az_error(AZ_ERROR_USAGE,
                        "criterion: several targets in one tree are split by squared_error only; fit a model "
                        "for each target");
    for (int64_t i = 0; criterion == AZ_CRITERION_POISSON && i < sample->n_rows; i++)
        if (sample->y[i] < 0)
            return az_error(AZ_ERROR_DATA, "criterion = poisson: a target is negative (%g); counts are not",
                            sample->y[i]);
    grow->criterion = criterion;
    return AZ_OK;
}

/* The constraints are about one number: the target, or the probability of the second of two classes. */
static az_status read_monotonic(az_ensemble_plan *plan, const az_sample *sample, const az_ensemble_options *options)
{
    if (options->monotonic_cst[0] &&
        (sample->task == AZ_CLASSIFICATION ? sample->n_classes > 2 : sample->n_targets > 1))
        return az_error(AZ_ERROR_USAGE, "monotonic_cst is for one target, or two classes");
    AZ_TRY(az_monotonic_parse("trees", options->monotonic_cst, sample, &plan->monotonic));
    plan->grow.monotonic = plan->monotonic;
    return AZ_OK;
}

static az_status make(az_ensemble_plan *plan, const az_sample *sample, const az_ensemble_options *options)
{
    const int64_t n = sample->n_rows;
    az_grow_options *grow = &plan->grow;
    AZ_TRY(choose_criterion(grow, sample, options));
    AZ_TRY(az_max_features(options->max_features, sample->n_features, &grow->max_features));
    grow->max_depth = options->max_depth;
    grow->max_leaf_nodes = options->max_leaf_nodes;
    grow->min_samples_split = rows_of(options->min_samples_split, n, 2);
    grow->min_samples_leaf = rows_of(options->min_samples_leaf, n, 1);
    grow->min_weight_fraction = options->min_weight_fraction_leaf;
    grow->min_impurity_decrease = options->min_impurity_decrease;
    grow->ccp_alpha = options->ccp_alpha;
    grow->random_splits = options->random_splits;
    plan->n_drawn = options->max_samples > 0 ? rows_of(options->max_samples, n, 1) : n;
    if (plan->n_drawn > n)
        return az_error(AZ_ERROR_USAGE, "max_samples = %.0f is more than the %lld training rows", options->max_samples,
                        (long long)n);
    plan->draws = options->bootstrap || plan->n_drawn < n;
    AZ_TRY(read_monotonic(plan, sample, options));
    if (!options->class_weight[0]) return AZ_OK;
    if (sample->task != AZ_CLASSIFICATION) return az_error(AZ_ERROR_USAGE, "class_weight: the target holds no classes");
    AZ_TRY(AZ_NEW_ARRAY(plan->weight, n));
    return az_class_weights("trees", options->class_weight, sample, plan->weight);
}

az_status az_ensemble_plan_make(az_ensemble_plan *plan, const az_sample *sample, const az_ensemble_options *options)
{
    *plan = (az_ensemble_plan){0};
    az_status status = make(plan, sample, options);
    if (status) az_ensemble_plan_clear(plan);
    return status;
}

void az_ensemble_plan_clear(az_ensemble_plan *plan)
{
    az_free(plan->monotonic);
    az_free(plan->weight);
    *plan = (az_ensemble_plan){0};
}
