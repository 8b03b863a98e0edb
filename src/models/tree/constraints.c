/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/constraints.h"

#include "base/number.h"
#include "base/text.h"

#include <string.h>

static const char *feature_name(void *context, int64_t i)
{
    const az_sample *sample = context;
    return i < sample->n_features ? sample->features[i].name : NULL;
}

static az_status find_feature(const char *owner, const char *option, const az_sample *sample, const char *name,
                              int64_t *feature)
{
    for (*feature = 0; *feature < sample->n_features; ++*feature)
        if (sample->features[*feature].name && strcmp(sample->features[*feature].name, name) == 0) return AZ_OK;
    az_sample names = *sample;
    const char *near = az_nearest(name, feature_name, &names);
    return az_error(AZ_ERROR_USAGE, "%s: %s: there is no feature '%s'%s%s%s", owner, option, name,
                    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* "dose=-1"; the last equals sign counts, so that a feature may have one in its name. */
static az_status set_sign(const char *owner, char *item, const az_sample *sample, int8_t *signs)
{
    char *equals = strrchr(item, '=');
    int64_t sign, feature;
    if (!equals || !az_parse_int_string(equals + 1, &sign) || sign < -1 || sign > 1)
        return az_error(AZ_ERROR_USAGE,
                        "%s: monotonic_cst: '%s' is not COLUMN=1 (rising), COLUMN=-1 (falling) or COLUMN=0", owner,
                        item);
    *equals = 0;
    AZ_TRY(find_feature(owner, "monotonic_cst", sample, item, &feature));
    if (sign && sample->features[feature].n_categories)
        return az_error(AZ_ERROR_USAGE, "%s: monotonic_cst: '%s' holds categories, which have no order", owner, item);
    signs[feature] = (int8_t)sign;
    return AZ_OK;
}

az_status az_monotonic_parse(const char *owner, const char *text, const az_sample *sample, int8_t **monotonic)
{
    char **items = NULL;
    int64_t n_items = 0;
    az_status status;
    *monotonic = NULL;
    if (!text[0]) return AZ_OK;
    AZ_TRY(az_list_split(text, &items, &n_items));
    AZ_GOTO(AZ_NEW_ARRAY(*monotonic, sample->n_features));
    memset(*monotonic, 0, (size_t)sample->n_features);
    for (int64_t i = 0; i < n_items; i++) AZ_GOTO(set_sign(owner, items[i], sample, *monotonic));
done:
    az_free(items);
    if (status) {
        az_free(*monotonic);
        *monotonic = NULL;
    }
    return status;
}

static az_status add_group(const char *owner, char *names, const az_sample *sample, int64_t group, uint64_t *groups)
{
    char **items = NULL;
    int64_t n_items = 0, feature;
    az_status status;
    AZ_TRY(az_list_split(names, &items, &n_items));
    if (n_items == 0) AZ_GOTO(az_error(AZ_ERROR_USAGE, "%s: interaction_cst: a group is empty; write a,b;c,d", owner));
    for (int64_t i = 0; i < n_items; i++) {
        AZ_GOTO(find_feature(owner, "interaction_cst", sample, items[i], &feature));
        groups[feature] |= (uint64_t)1 << group;
    }
done:
    az_free(items);
    return status;
}

az_status az_interaction_parse(const char *owner, const char *text, const az_sample *sample, uint64_t **groups,
                               bool *alone)
{
    enum { MOST_GROUPS = 63 }; /* and one of those that are not named */
    az_status status;
    char *copy = NULL;
    *groups = NULL;
    *alone = strcmp(text, "no_interactions") == 0;
    if (!text[0] || *alone) return AZ_OK;
    copy = az_strdup(text);
    if (!copy) return AZ_ERROR_MEMORY;
    AZ_GOTO(AZ_NEW_ARRAY(*groups, sample->n_features));
    for (int64_t j = 0; j < sample->n_features; j++) (*groups)[j] = 0;
    int64_t n_groups = 0;
    for (char *at = copy; at;) {
        char *semicolon = strchr(at, ';');
        if (semicolon) *semicolon = 0;
        if (n_groups == MOST_GROUPS)
            AZ_GOTO(az_error(AZ_ERROR_USAGE, "%s: interaction_cst takes at most %d groups", owner, MOST_GROUPS));
        AZ_GOTO(add_group(owner, at, sample, n_groups++, *groups));
        at = semicolon ? semicolon + 1 : NULL;
    }
    for (int64_t j = 0; j < sample->n_features; j++)
        if (!(*groups)[j]) (*groups)[j] = (uint64_t)1 << n_groups;
done:
    az_free(copy);
    if (status) {
        az_free(*groups);
        *groups = NULL;
    }
    return status;
}
