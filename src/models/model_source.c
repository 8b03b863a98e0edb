/* SPDX-License-Identifier: BSD-3-Clause */
/* The data that a model is run on, of which only the columns that it knows are read. */
#include "models/model.h"

#include "data/derive.h"
#include "data/source.h"
#include "data/time_parts.h"

#include <string.h>

/* What is made of the columns (--derive, --where, --lags) may need others than the model does. */
static bool makes_columns(const az_reader_options *options)
{
    return options && (options->derive || options->where || options->lags || options->by || options->series ||
                       az_time_has_parts(options->time));
}

/* Without the definitions that only the target needs: predictions are made where its columns are not known. */
static az_status leave_out_target(char **derive, const az_model *model, const az_reader_options *options)
{
    const az_design *design = model->design;
    const char **names;
    AZ_TRY(AZ_NEW_ARRAY(names, design->n_inputs));
    for (int64_t k = 0; k < design->n_inputs; k++) names[k] = design->inputs[k].name;
    az_status status = az_derive_needed(derive, options, names, design->n_inputs);
    az_free(names);
    return status;
}

az_status az_source_for_model(az_source **source, const az_model *model, const char *paths,
                              const az_reader_options *options, bool with_target, const az_control *control)
{
    const az_design *design = model->design;
    az_expected *expected = NULL;
    int64_t n = 0;
    bool times = false;
    char *derive = NULL;
    az_reader_options reduced;
    /* Windows draw on the target's own past. */
    if (options && options->derive && !options->lags && !with_target) {
        reduced = *options;
        AZ_TRY(leave_out_target(&derive, model, options));
        reduced.derive = derive;
        options = &reduced;
    }
    az_status status = AZ_NEW_ARRAY(expected, design->n_inputs + model->n_targets + 2);
    if (status) goto done;
    for (int64_t k = 0; k < design->n_inputs; k++) {
        times |= design->inputs[k].type == AZ_TIME;
        expected[n++] =
            (az_expected){.name = design->inputs[k].name, .is_text = design->inputs[k].type == AZ_CATEGORICAL};
    }
    for (int64_t t = 0; with_target && t < model->n_targets; t++)
        expected[n++] = (az_expected){.name = model->target_names[t], .is_text = model->task == AZ_CLASSIFICATION};
    if (with_target && model->weight) expected[n++] = (az_expected){.name = model->weight, .may_lack = true};
    if (with_target && model->sigma) expected[n++] = (az_expected){.name = model->sigma, .may_lack = true};
    /* Areas need the latitude, whatever its name. */
    bool by_area = with_target && model->weight && strcmp(model->weight, "area") == 0;
    if (makes_columns(options) || times || by_area) n = 0;
    status = az_source_of_files_expecting(source, paths, options, expected, n, control);
done:
    az_free(expected);
    az_free(derive);
    return status;
}
