/* SPDX-License-Identifier: BSD-3-Clause */
/* Which variables a model needs of a file of fields: what it was fitted on is kept with it, so that predict reads these
 * and no others, and takes the same points for its rows. */
#include "base/file.h"
#include "base/text.h"
#include "data/field_plan.h"
#include "data/source.h"

#include <string.h>

/* The plan of the first of the files, as az_source_of_fields makes it; NULL where it holds no fields. */
static az_status plan_of(const char *paths, const az_reader_options *options, field_plan **plan,
                         const az_control *control)
{
    char **list;
    int64_t n;
    bool fields;
    az_dataset *dataset = NULL;
    *plan = NULL;
    AZ_TRY(az_file_expand(paths, &list, &n));
    az_status status = az_path_holds_fields(list[0], &fields);
    if (!status && fields) status = az_dataset_open(&dataset, list[0], control);
    if (!status && fields) status = az_field_plan_new(plan, dataset, options, true);
    az_free(list);
    return status;
}

static bool is_in_list(const char *name, char *const *list, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0) return true;
    return false;
}

/* Whether the name is that of the variable's column, or of one of its columns: "sst[lat=5]". */
static bool is_column_of(const char *name, const char *variable)
{
    size_t length = strlen(variable);
    return strncmp(name, variable, length) == 0 && (name[length] == 0 || name[length] == '[');
}

static void append_quoted(az_text *list, const char *name)
{
    const char *quote = !strpbrk(name, ",\"` \t") ? "" : strchr(name, '"') ? "`" : "\"";
    az_text_printf(list, "%s%s%s%s", list->length ? "," : "", quote, name, quote);
}

az_status az_fields_used(const char *paths, const az_reader_options *options, const char *const *columns,
                         int64_t n_columns, char **vars, const az_control *control)
{
    field_plan *plan = NULL;
    char **targets = NULL;
    int64_t n_targets = 0;
    az_text list = {0};
    az_status status;
    *vars = NULL;
    AZ_GOTO(plan_of(paths, options, &plan, control));
    if (!plan || plan->dataset->plain_array) goto done;
    if (options->target && !options->lags) AZ_GOTO(az_list_split(options->target, &targets, &n_targets));
    for (int32_t i = plan->n_coordinates; i < plan->n_parts; i++) {
        const char *name = plan->dataset->layout.variables[plan->parts[i].variable].name;
        bool used = n_columns < 0;
        for (int64_t k = 0; k < n_columns && !used; k++) used = is_column_of(columns[k], name);
        if (used && !is_in_list(name, targets, n_targets)) append_quoted(&list, name);
    }
    AZ_GOTO(az_text_status(&list));
    *vars = az_strdup(list.data ? list.data : "");
    if (!*vars) status = AZ_ERROR_MEMORY;
done:
    az_field_plan_free(plan);
    az_free(targets);
    az_text_free(&list);
    return status;
}

/* Whether all that must be there is: as a variable, a part of one, or a dimension. */
static bool has_expected(const az_dataset *dataset, const az_expected *expected, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        bool found = expected[i].may_lack;
        for (int32_t v = 0; v < dataset->layout.n_variables && !found; v++)
            found = is_column_of(expected[i].name, dataset->layout.variables[v].name);
        for (int32_t d = 0; d < dataset->layout.n_dims && !found; d++)
            found = strcmp(expected[i].name, dataset->layout.dims[d].name) == 0;
        if (!found) return false;
    }
    return true;
}

/* A source of what is expected, of the variables that the options name and of those expected that the file has; of all
 * where one is not there. */
az_status az_source_of_fields_expecting(az_source **source, const char *paths, const az_reader_options *options,
                                        const az_expected *expected, int64_t n_expected, const az_control *control)
{
    char **list = NULL;
    int64_t n = 0;
    az_dataset *dataset = NULL;
    az_text vars = {0};
    az_status status = AZ_OK;
    az_reader_options narrowed = *options;
    if (n_expected == 0) return az_source_of_fields(source, paths, options, control);
    AZ_GOTO(az_file_expand(paths, &list, &n));
    AZ_GOTO(az_dataset_open(&dataset, list[0], control));
    bool narrow = !dataset->plain_array && has_expected(dataset, expected, n_expected);
    if (options->vars) az_text_append(&vars, options->vars);
    for (int64_t i = 0; i < n_expected && narrow; i++)
        for (int32_t v = 0; v < dataset->layout.n_variables; v++) {
            const char *name = dataset->layout.variables[v].name;
            if (!dataset->fields[v].is_coordinate && is_column_of(expected[i].name, name)) append_quoted(&vars, name);
        }
    AZ_GOTO(az_text_status(&vars));
    if (narrow) narrowed.vars = vars.data ? vars.data : "";
    AZ_GOTO(az_source_of_fields(source, paths, &narrowed, control));
done:
    az_free(list);
    az_dataset_free(dataset);
    az_text_free(&vars);
    return status;
}
