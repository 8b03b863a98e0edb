/* SPDX-License-Identifier: BSD-3-Clause */
#include "prediction_writer.h"

#include <string.h>

static const cli_prediction_writer *const writers[] = {
    &cli_prediction_netcdf, &cli_prediction_npy, &cli_prediction_csv, /* what no other one takes */
};

static bool is_listed(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, "|");
        if (n == length && strncmp(at, word, n) == 0) return true;
        at += n + (at[n] != 0);
    }
    return false;
}

const cli_prediction_writer *cli_prediction_writer_of(const char *path)
{
    const char *dot = strrchr(cli_base_name(path), '.');
    const cli_prediction_writer *fallback = NULL;
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        if (!writers[i]->suffixes)
            fallback = writers[i];
        else if (dot && is_listed(writers[i]->suffixes, dot + 1))
            return writers[i];
    }
    return fallback;
}

static az_status add_named(const char *prefix, const char *name, az_status (*add)(void *user, const char *name),
                           void *user)
{
    az_text text = {0};
    az_text_printf(&text, "%s%s", prefix, name);
    az_status status = az_text_status(&text);
    if (!status) status = add(user, text.data);
    az_text_free(&text);
    return status;
}

az_status cli_prediction_columns(const cli_prediction_target *target, az_status (*add)(void *user, const char *name),
                                 void *user)
{
    const az_model *model = target->model;
    if (model->task == AZ_CLASSIFICATION || model->n_targets == 1)
        AZ_TRY(add(user, "prediction"));
    else
        for (int64_t k = 0; k < model->n_targets; k++)
            AZ_TRY(add_named("prediction_", model->target_names[k], add, user));
    for (int32_t k = 0; target->call->options.proba && k < model->n_classes; k++)
        AZ_TRY(add_named("p_", model->classes[k], add, user));
    if (target->in_range) AZ_TRY(add(user, "in_range"));
    for (int64_t k = 0; k < target->n_extras; k++) AZ_TRY(add(user, target->extras[k].name));
    return AZ_OK;
}
