/* SPDX-License-Identifier: BSD-3-Clause */
/* Every model of the library: a new one is its file and one line here. */
#include "models/model.h"

#include <string.h>

#define AZ_MODEL_LIST(X)                                                                                   \
    X(az_dummy)                                                                                            \
    X(az_persistence)                                                                                      \
    X(az_climatology)                                                                                      \
    X(az_linear)                                                                                           \
    X(az_ridge)                                                                                            \
    X(az_lasso)                                                                                            \
    X(az_elastic_net)                                                                                      \
    X(az_robust)                                                                                           \
    X(az_logistic)                                                                                         \
    X(az_knn)                                                                                              \
    X(az_naive_bayes)                                                                                      \
    X(az_tree_model)                                                                                       \
    X(az_bagging)                                                                                          \
    X(az_forest)                                                                                           \
    X(az_extra_trees)                                                                                           \
    X(az_adaboost_class)                                                                                   \
    X(az_boosting_class)                                                                                   \
    X(az_mlp_class)

#define DECLARE(class) extern const az_model_class class;
AZ_MODEL_LIST(DECLARE)

#define LIST(class) &class,
const az_model_class *const az_model_classes[] = {AZ_MODEL_LIST(LIST) NULL};

static bool is_alias(const char *name, const char *aliases)
{
    size_t length = strlen(name);
    while (aliases && *aliases) {
        size_t word = strcspn(aliases, ",");
        if (word == length && strncmp(name, aliases, word) == 0) return true;
        aliases += word + (aliases[word] == ',');
    }
    return false;
}

static const char *class_name(void *context, int64_t i)
{
    (void)context;
    return az_model_classes[i] ? az_model_classes[i]->name : NULL;
}

const az_model_class *az_model_class_find(const char *name)
{
    for (int i = 0; az_model_classes[i]; i++)
        if (strcmp(name, az_model_classes[i]->name) == 0 || is_alias(name, az_model_classes[i]->aliases))
            return az_model_classes[i];
    const char *near = az_nearest(name, class_name, NULL);
    if (near)
        az_error(AZ_ERROR_USAGE, "there is no model \"%s\"; did you mean \"%s\"?", name, near);
    else
        az_error(AZ_ERROR_USAGE, "there is no model \"%s\"; \"ansatz models\" lists them", name);
    return NULL;
}
