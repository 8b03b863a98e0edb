/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/class_weight.h"

#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

static const char *class_name(void *context, int64_t i)
{
    const az_sample *sample = context;
    return i < sample->n_classes ? sample->class_names[i] : NULL;
}

static az_status find_class(const char *owner, const az_sample *sample, const char *name, int64_t *class)
{
    if (!sample->class_names) { /* classes are numbers from 0 */
        if (az_parse_int_string(name, class) && *class >= 0 && *class < sample->n_classes) return AZ_OK;
        return az_error(AZ_ERROR_USAGE, "%s: class_weight: there is no class '%s'", owner, name);
    }
    for (*class = 0; *class < sample->n_classes; ++*class)
        if (strcmp(sample->class_names[*class], name) == 0) return AZ_OK;
    az_sample names = *sample;
    const char *near = az_nearest(name, class_name, &names);
    return az_error(AZ_ERROR_USAGE, "%s: class_weight: there is no class '%s'%s%s%s", owner, name,
                    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* "a:2,b:1"; the last colon counts, so that a class may have one in its name. */
static az_status class_weight_list(const char *owner, const char *list, const az_sample *sample, double *factor)
{
    char **items = NULL;
    int64_t n_items = 0;
    az_status status = AZ_OK;
    AZ_GOTO(az_list_split(list, &items, &n_items));
    for (int64_t i = 0; i < n_items; i++) {
        char *colon = strrchr(items[i], ':');
        double value;
        int64_t class;
        if (!colon || !az_parse_double_string(colon + 1, &value) || !(value > 0) || !isfinite(value)) {
            status = az_error(AZ_ERROR_USAGE,
                              "%s: class_weight: '%s' is not CLASS:NUMBER with a number above 0 "
                              "(or write: balanced)",
                              owner, items[i]);
            goto done;
        }
        *colon = 0;
        AZ_GOTO(find_class(owner, sample, items[i], &class));
        factor[class] = value;
    }
done:
    az_free(items);
    return status;
}

az_status az_class_weights(const char *owner, const char *text, const az_sample *sample, double *weight)
{
    double *factor = NULL;
    az_status status = AZ_OK;
    for (int64_t i = 0; i < sample->n_rows; i++) weight[i] = sample->weight ? sample->weight[i] : 1;
    if (!text[0]) return AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(factor, sample->n_classes));
    if (strcmp(text, "balanced") == 0) {
        double total = 0;
        for (int64_t k = 0; k < sample->n_classes; k++) factor[k] = 0;
        for (int64_t i = 0; i < sample->n_rows; i++) {
            factor[sample->label[i]] += weight[i];
            total += weight[i];
        }
        for (int64_t k = 0; k < sample->n_classes; k++) factor[k] = total / ((double)sample->n_classes * factor[k]);
    } else {
        for (int64_t k = 0; k < sample->n_classes; k++) factor[k] = 1;
        AZ_GOTO(class_weight_list(owner, text, sample, factor));
    }
    for (int64_t i = 0; i < sample->n_rows; i++) weight[i] *= factor[sample->label[i]];
done:
    az_free(factor);
    return status;
}
