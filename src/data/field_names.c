/* SPDX-License-Identifier: BSD-3-Clause */
/* What columns are called: the variable's name; flattened, "sst[lat=-5,lon=170]".  Arrays without names for their
 * dimensions give c0, c1, ..., as columns of a text table without names, and images p0_0, p0_1, ...; in an archive the
 * array's own name stands for c and p: "x_0", "x_0_1". */
#include "data/field_names.h"

#include "base/text.h"

#include <string.h>

/* The place along a flattened dimension. */
typedef struct label {
    int32_t dimension;
    double *values; /* coordinates of the selected places; NULL: their numbers */
    const char **texts;
    const az_field *field;
    int digits; /* that a coordinate's type can hold */
} label;

static az_status read_label(field_plan *plan, int32_t d, label *made)
{
    const az_dataset *dataset = plan->dataset;
    int32_t v = dataset->coordinate[d];
    *made = (label){.dimension = d};
    if (v < 0) return AZ_OK;
    const az_variable *variable = &dataset->layout.variables[v];
    made->field = &dataset->fields[v];
    made->digits = variable->type == AZ_STORED_F32 ? 6 : 15;
    if (variable->type > AZ_STORED_F64) {
        AZ_TRY(AZ_NEW_ARRAY(made->texts, plan->count[d]));
        return az_dataset_read_text(dataset, v, &plan->first[d], &plan->count[d], &plan->strings, made->texts);
    }
    AZ_TRY(AZ_NEW_ARRAY(made->values, plan->count[d]));
    return az_dataset_read(dataset, v, &plan->first[d], &plan->count[d], made->values);
}

static void append_label(const field_plan *plan, const label *from, int64_t index, az_text *name)
{
    az_text_printf(name, "%s=", plan->dataset->layout.dims[from->dimension].name);
    if (from->texts) {
        az_text_append(name, from->texts[index] ? from->texts[index] : "");
    } else if (!from->values) {
        az_text_printf(name, "%lld", (long long)(plan->first[from->dimension] + index));
    } else if (from->field->is_time) {
        char date[AZ_TIME_MAX];
        az_text_append_n(name, date, az_time_print(date, &from->field->time, from->values[index]));
    } else {
        az_text_rounded(name, from->values[index], from->digits);
    }
}

static void print_name(const field_plan *plan, const field_part *part, const label *labels, int32_t n_labels,
                       const int64_t *index, az_text *name)
{
    const az_dataset *dataset = plan->dataset;
    const char *own = part->variable < 0 ? dataset->layout.dims[plan->grid.dims[part->place]].name
                                         : dataset->layout.variables[part->variable].name;
    /* lat(lat,lon): the field has the name, and the numbers along the dimension are called by it. */
    bool taken = part->variable < 0 && az_dataset_lookup(dataset, own) >= 0;
    bool unnamed = dataset->plain_array && strcmp(dataset->layout.format, "NPZ") != 0 && part->variable >= 0;
    name->length = 0;
    if (unnamed && n_labels < 2) {
        az_text_printf(name, "c%lld",
                       (long long)(part->first_column + (n_labels ? plan->first[labels[0].dimension] + index[0] : 0)));
    } else if (dataset->plain_array) {
        az_text_append(name, unnamed ? "p" : own);
        for (int32_t k = 0; k < n_labels; k++)
            az_text_printf(name, "%s%lld", unnamed && k == 0 ? "" : "_",
                           (long long)(plan->first[labels[k].dimension] + index[k]));
    } else {
        az_text_printf(name, "%s%s", own, taken ? "_index" : "");
        for (int32_t k = 0; k < n_labels; k++) {
            az_text_append(name, k ? "," : "[");
            append_label(plan, &labels[k], index[k], name);
        }
        if (n_labels) az_text_append(name, "]");
    }
}

static az_status name_part(field_plan *plan, const field_part *part, az_text *name)
{
    label labels[AZ_FIELD_DIMS];
    int64_t index[AZ_FIELD_DIMS] = {0};
    int32_t n_labels = 0;
    az_status status = AZ_OK;
    const az_variable *variable = part->variable < 0 ? NULL : &plan->dataset->layout.variables[part->variable];
    for (int32_t i = 0; variable && i < az_variable_n_dims(variable); i++)
        if (plan->place[variable->dims[i]] < 0) AZ_GOTO(read_label(plan, variable->dims[i], &labels[n_labels++]));
    for (int64_t j = 0; j < part->n_columns; j++) {
        print_name(plan, part, labels, n_labels, index, name);
        AZ_GOTO(az_text_status(name));
        char *copy = az_arena_strndup(&plan->strings, name->data, name->length);
        if (!copy) {
            status = AZ_ERROR_MEMORY;
            goto done;
        }
        plan->names[part->first_column + j] = copy;
        for (int32_t k = n_labels - 1; k >= 0 && ++index[k] == plan->count[labels[k].dimension]; k--) index[k] = 0;
    }
done:
    for (int32_t k = 0; k < n_labels; k++) {
        az_free(labels[k].values);
        az_free(labels[k].texts);
    }
    return status;
}

az_status az_field_names(field_plan *plan)
{
    az_text name = {0};
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(plan->names, plan->n_columns));
    for (int32_t i = 0; i < plan->n_parts; i++) AZ_GOTO(name_part(plan, &plan->parts[i], &name));
done:
    az_text_free(&name);
    return status;
}
