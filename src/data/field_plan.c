/* SPDX-License-Identifier: BSD-3-Clause */
/* The one rule by which fields become a table: one row a point of the row dimensions; columns are the coordinates of
 * these dimensions, latitude and longitude on several of them, then the variables. */
#include "data/field_plan.h"

#include "base/text.h"
#include "data/field_names.h"

#include <string.h>

static const az_variable *variable_of(const field_plan *plan, int32_t v)
{
    return &plan->dataset->layout.variables[v];
}

static bool is_readable(const az_variable *variable)
{
    return variable->type != AZ_STORED_OTHER;
}

static bool has_dimension(const az_variable *variable, int32_t dimension)
{
    for (int32_t i = 0; i < az_variable_n_dims(variable); i++)
        if (variable->dims[i] == dimension) return true;
    return false;
}

static bool has_all_dimensions(const az_variable *variable, const az_variable *other)
{
    for (int32_t i = 0; i < az_variable_n_dims(other); i++)
        if (!has_dimension(variable, other->dims[i])) return false;
    return true;
}

static bool is_own_coordinate(const az_dataset *dataset, int32_t v)
{
    const az_variable *variable = &dataset->layout.variables[v];
    return az_variable_n_dims(variable) == 1 && dataset->coordinate[variable->dims[0]] == v;
}

/* The variable on the most dimensions, the one with the most values among those, the first of these. */
static bool is_larger(const az_dataset *dataset, int32_t v, int32_t than)
{
    if (than < 0) return true;
    const az_variable *a = &dataset->layout.variables[v], *b = &dataset->layout.variables[than];
    int32_t n_a = az_variable_n_dims(a), n_b = az_variable_n_dims(b);
    if (n_a != n_b) return n_a > n_b;
    double size_a = 1, size_b = 1;
    for (int32_t i = 0; i < n_a; i++) size_a *= (double)dataset->layout.dims[a->dims[i]].size;
    for (int32_t i = 0; i < n_b; i++) size_b *= (double)dataset->layout.dims[b->dims[i]].size;
    return size_a > size_b;
}

/* Variables that are named, in the order of the list; `must_exist` false leaves out those that the file does not have.
 */
static az_status find_named(const az_dataset *dataset, const char *list, bool must_exist, int32_t *chosen,
                            int32_t *n_chosen)
{
    char **names = NULL;
    int64_t n_names = 0;
    AZ_TRY(az_list_split(list, &names, &n_names));
    az_status status = AZ_OK;
    for (int64_t i = 0; i < n_names && !status; i++) {
        int64_t v = az_dataset_lookup(dataset, names[i]);
        char *bracket = strchr(names[i], '[');
        if (v < 0 && !must_exist && bracket) {
            *bracket = 0; /* a column of a flattened variable: "sst[lat=5]" */
            v = az_dataset_lookup(dataset, names[i]);
        }
        if (v < 0 && !must_exist) continue;
        if (v < 0) status = az_dataset_find(dataset, names[i], &v);
        if (status) break;
        if (!is_readable(&dataset->layout.variables[v])) {
            status = az_error(AZ_ERROR_DATA, "%s: variable \"%s\" is of type %s, which is not read", dataset->path,
                              names[i], az_dataset_field_type(dataset, v));
            break;
        }
        bool there = false;
        for (int32_t k = 0; k < *n_chosen; k++) there |= chosen[k] == v;
        if (!there) chosen[(*n_chosen)++] = (int32_t)v;
    }
    az_free(names);
    return status;
}

/* Whose dimensions make the rows: the target's, else those of the largest variable that is named, else of the largest
 * that is no coordinate, else of the largest. */
static az_status choose_master(field_plan *plan, const int32_t *chosen, int32_t n_chosen, const int32_t *targets,
                               int32_t n_targets)
{
    const az_dataset *dataset = plan->dataset;
    int32_t master = -1;
    for (int32_t i = 0; i < n_targets; i++)
        if (is_larger(dataset, targets[i], master)) master = targets[i];
    for (int32_t i = 0; i < n_chosen && n_targets == 0; i++)
        if (is_larger(dataset, chosen[i], master)) master = chosen[i];
    for (int pass = 0; pass < 2 && master < 0; pass++)
        for (int32_t v = 0; v < dataset->layout.n_variables; v++) {
            bool aside = dataset->fields[v].is_coordinate || dataset->fields[v].is_bounds ||
                         az_field_is_latitude(dataset, v) || az_field_is_longitude(dataset, v);
            if (is_readable(variable_of(plan, v)) && (pass == 1 || !aside) && is_larger(dataset, v, master)) master = v;
        }
    plan->master = master;
    return master >= 0 ? AZ_OK : az_error(AZ_ERROR_DATA, "%s holds no variable that can be read", dataset->path);
}

static az_status no_such_dimension(const az_dataset *dataset, const az_variable *variable, const char *name)
{
    az_text names = {0};
    for (int32_t i = 0; i < az_variable_n_dims(variable); i++)
        az_text_printf(&names, "%s%s", i ? ", " : "", dataset->layout.dims[variable->dims[i]].name);
    az_status status = az_text_status(&names);
    if (!status)
        status = az_error(AZ_ERROR_DATA, "%s: %s has no dimension \"%s\" (--rows); it has %s", dataset->path,
                          variable->name, name, names.data ? names.data : "none");
    az_text_free(&names);
    return status;
}

/* The row dimensions, in the order of the file. */
static az_status choose_rows(field_plan *plan, const char *rows)
{
    const az_dataset *dataset = plan->dataset;
    const az_variable *master = variable_of(plan, plan->master);
    int32_t n_dims = az_variable_n_dims(master);
    char **names = NULL;
    int64_t n_names = 0;
    az_status status = AZ_OK;
    bool wanted[AZ_FIELD_DIMS];
    for (int32_t i = 0; i < n_dims; i++) wanted[i] = !rows && (!dataset->plain_array || i == 0);
    if (rows) AZ_GOTO(az_list_split(rows, &names, &n_names));
    for (int64_t k = 0; k < n_names; k++) {
        bool found = false;
        for (int32_t i = 0; i < n_dims; i++)
            if (strcmp(dataset->layout.dims[master->dims[i]].name, names[k]) == 0) wanted[i] = found = true;
        if (!found) AZ_GOTO(no_such_dimension(dataset, master, names[k]));
    }
    if (rows && n_names == 0) AZ_GOTO(az_error(AZ_ERROR_USAGE, "--rows names no dimension"));
    plan->grid.dataset = dataset;
    for (int32_t i = 0; i < n_dims; i++) {
        int32_t d = master->dims[i];
        if (!wanted[i] || plan->place[d] >= 0) continue;
        plan->place[d] = plan->grid.n_dims;
        plan->grid.dims[plan->grid.n_dims++] = d;
    }
done:
    az_free(names);
    return status;
}

/* Arrays without names for their dimensions: those whose first dimension is the rows belong together. */
static az_status choose_plain_arrays(const field_plan *plan, bool choice_is_given, int32_t *chosen, int32_t *n_chosen)
{
    const az_dataset *dataset = plan->dataset;
    for (int32_t v = 0; v < dataset->layout.n_variables; v++) {
        const az_variable *variable = variable_of(plan, v);
        if (variable->n_dims == 0 || variable->dims[0] != plan->grid.dims[0]) {
            const az_variable *master = variable_of(plan, plan->master);
            if (choice_is_given) continue;
            return az_error(AZ_ERROR_DATA,
                            "%s holds arrays of different length (%s has %lld rows, %s %lld): name those that belong "
                            "together (--vars)",
                            dataset->path, master->name, (long long)dataset->layout.dims[master->dims[0]].size,
                            variable->name,
                            variable->n_dims ? (long long)dataset->layout.dims[variable->dims[0]].size : 1LL);
        }
        chosen[(*n_chosen)++] = v;
    }
    return AZ_OK;
}

/* Without --vars: all that share the dimensions. */
static void choose_fields(const field_plan *plan, int32_t *chosen, int32_t *n_chosen)
{
    const az_dataset *dataset = plan->dataset;
    const az_variable *master = variable_of(plan, plan->master);
    for (int32_t v = 0; v < dataset->layout.n_variables; v++) {
        const az_variable *variable = variable_of(plan, v);
        if (!is_readable(variable) || is_own_coordinate(dataset, v) || dataset->fields[v].is_bounds) continue;
        if (has_all_dimensions(variable, master) && has_all_dimensions(master, variable)) chosen[(*n_chosen)++] = v;
    }
}

static bool fits_rows(const field_plan *plan, const az_variable *variable)
{
    for (int32_t i = 0; i < az_variable_n_dims(variable); i++)
        if (plan->place[variable->dims[i]] < 0) return false;
    return true;
}

static bool has_part(const field_plan *plan, int32_t v)
{
    for (int32_t i = 0; i < plan->n_parts; i++)
        if (plan->parts[i].variable == v) return true;
    return false;
}

static void add_part(field_plan *plan, int32_t variable, int32_t place)
{
    plan->parts[plan->n_parts++] = (field_part){.variable = variable, .place = place};
}

static bool names_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    while (text && *text) {
        size_t n = strcspn(text, " \t\n");
        if (n == length && memcmp(text, word, n) == 0) return true;
        text += n;
        text += strspn(text, " \t\n");
    }
    return false;
}

/* Coordinates first: of the dimensions, then latitude and longitude where they are fields themselves; those that the
 * rows' variable names as its own, if it names any. */
static void add_coordinates(field_plan *plan)
{
    const az_dataset *dataset = plan->dataset;
    const az_variable *master = variable_of(plan, plan->master);
    bool is_list = dataset->plain_array && plan->grid.n_dims == 1;
    for (int32_t i = 0; i < plan->grid.n_dims && !is_list; i++)
        add_part(plan, dataset->coordinate[plan->grid.dims[i]], i);
    const az_attribute *named = az_attribute_find(master->attributes, master->n_attributes, "coordinates");
    for (int32_t v = 0; v < dataset->layout.n_variables; v++) {
        const az_variable *variable = variable_of(plan, v);
        int32_t n_dims = az_variable_n_dims(variable);
        if (variable->type > AZ_STORED_F64 || dataset->fields[v].is_bounds || has_part(plan, v)) continue;
        if (!az_field_is_latitude(dataset, v) && !az_field_is_longitude(dataset, v)) continue;
        bool belongs = named && named->text ? names_word(named->text, variable->name) : n_dims >= 2;
        if (belongs && n_dims >= 1 && fits_rows(plan, variable)) add_part(plan, v, -1);
    }
}

static az_status does_not_fit(const field_plan *plan, const az_variable *variable)
{
    const az_dataset *dataset = plan->dataset;
    az_text rows = {0};
    const char *odd = "";
    for (int32_t i = 0; i < plan->grid.n_dims; i++)
        az_text_printf(&rows, "%s%s", i ? ", " : "", dataset->layout.dims[plan->grid.dims[i]].name);
    for (int32_t i = 0; i < az_variable_n_dims(variable); i++)
        if (plan->place[variable->dims[i]] < 0) odd = dataset->layout.dims[variable->dims[i]].name;
    az_status status = az_text_status(&rows);
    if (!status)
        status = az_error(AZ_ERROR_DATA,
                          "%s: %s has a dimension %s, and the rows are the points of %s (the dimensions of %s); leave "
                          "it out of --vars, or name the dimensions that are to be rows (--rows)",
                          dataset->path, variable->name, odd, rows.data ? rows.data : "no dimension",
                          variable_of(plan, plan->master)->name);
    az_text_free(&rows);
    return status;
}

static az_status add_variables(field_plan *plan, const az_reader_options *options)
{
    const az_dataset *dataset = plan->dataset;
    int32_t *chosen = NULL, n_chosen = 0, *targets = NULL, n_targets = 0;
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(chosen, 2 * (int64_t)dataset->layout.n_variables));
    AZ_GOTO(AZ_NEW_ARRAY(targets, dataset->layout.n_variables));
    if (options->target) AZ_GOTO(find_named(dataset, options->target, false, targets, &n_targets));
    if (options->vars) AZ_GOTO(find_named(dataset, options->vars, true, chosen, &n_chosen));
    AZ_GOTO(choose_master(plan, chosen, n_chosen, targets, n_targets));
    AZ_GOTO(choose_rows(plan, options->rows));
    AZ_GOTO(AZ_NEW_ARRAY(plan->parts, 3 * (int64_t)dataset->layout.n_variables + AZ_FIELD_DIMS));
    add_coordinates(plan);
    plan->n_coordinates = plan->n_parts;
    if (!options->vars && dataset->plain_array && plan->grid.n_dims > 0)
        AZ_GOTO(choose_plain_arrays(plan, n_targets > 0, chosen, &n_chosen));
    else if (!options->vars)
        choose_fields(plan, chosen, &n_chosen);
    if (options->target) AZ_GOTO(find_named(dataset, options->target, false, chosen, &n_chosen));
    bool flatten = options->rows || dataset->plain_array;
    for (int32_t i = 0; i < n_chosen; i++) {
        const az_variable *variable = variable_of(plan, chosen[i]);
        if (has_part(plan, chosen[i])) continue;
        bool first_differs = dataset->plain_array && variable->n_dims > 0 && plan->place[variable->dims[0]] != 0;
        if ((!flatten || first_differs) && !fits_rows(plan, variable)) AZ_GOTO(does_not_fit(plan, variable));
        add_part(plan, chosen[i], -1);
    }
done:
    az_free(chosen);
    az_free(targets);
    return status;
}

/* How many columns each part has, and what they are called. */
static az_status count_columns(field_plan *plan)
{
    const int64_t most = (int64_t)1 << 24;
    for (int32_t i = 0; i < plan->n_parts; i++) {
        field_part *part = &plan->parts[i];
        part->first_column = plan->n_columns;
        part->n_columns = 1;
        for (int32_t k = 0; part->variable >= 0 && k < az_variable_n_dims(variable_of(plan, part->variable)); k++) {
            int32_t d = variable_of(plan, part->variable)->dims[k];
            if (plan->place[d] < 0 && __builtin_mul_overflow(part->n_columns, plan->count[d], &part->n_columns))
                part->n_columns = most + 1;
        }
        if (part->n_columns > most - plan->n_columns)
            return az_error(AZ_ERROR_DATA,
                            "%s: %s would become more than %lld columns; narrow it by --select, or make other "
                            "dimensions the rows (--rows)",
                            plan->dataset->path, variable_of(plan, part->variable)->name, (long long)most);
        plan->n_columns += part->n_columns;
    }
    return AZ_OK;
}

static bool is_time_part(const field_plan *plan, const field_part *part, bool of_dimension)
{
    if (part->variable < 0 || part->n_columns != 1) return false;
    const az_field *field = &plan->dataset->fields[part->variable];
    if (!field->is_time) return false;
    if (of_dimension) return is_own_coordinate(plan->dataset, part->variable);
    return (field->standard_name && strcmp(field->standard_name, "time") == 0) ||
           strcmp(variable_of(plan, part->variable)->name, "time") == 0;
}

static az_status set_rows(field_plan *plan)
{
    az_grid *grid = &plan->grid;
    grid->n_rows = 1;
    for (int32_t i = 0; i < grid->n_dims; i++) {
        grid->first[i] = plan->first[grid->dims[i]];
        grid->count[i] = plan->count[grid->dims[i]];
        grid->step[i] = 1;
        if (__builtin_mul_overflow(grid->n_rows, grid->count[i], &grid->n_rows))
            return az_error(AZ_ERROR_DATA, "%s: the grid has more points than can be counted", plan->dataset->path);
    }
    return AZ_OK;
}

az_status az_field_plan_new(field_plan **plan, az_dataset *dataset, const az_reader_options *options, bool may_be_empty)
{
    field_plan *made;
    az_status status;
    if (AZ_NEW_ZERO(made)) {
        az_dataset_free(dataset);
        return AZ_ERROR_MEMORY;
    }
    made->dataset = dataset;
    made->time_column = -1;
    const az_layout *layout = &dataset->layout;
    AZ_GOTO(AZ_NEW_ARRAY(made->first, layout->n_dims));
    AZ_GOTO(AZ_NEW_ARRAY(made->count, layout->n_dims));
    AZ_GOTO(AZ_NEW_ARRAY(made->place, layout->n_dims));
    for (int32_t d = 0; d < layout->n_dims; d++) {
        made->first[d] = 0;
        made->count[d] = layout->dims[d].size;
        made->place[d] = -1;
    }
    AZ_GOTO(add_variables(made, options));
    if (options->select) AZ_GOTO(az_field_select(made, options->select, may_be_empty));
    AZ_GOTO(set_rows(made));
    AZ_GOTO(count_columns(made));
    AZ_GOTO(az_field_names(made));
    for (int of_dimension = 1; of_dimension >= 0; of_dimension--)
        for (int32_t i = 0; i < made->n_parts; i++)
            if (made->time_column < 0 && is_time_part(made, &made->parts[i], of_dimension))
                made->time_column = made->parts[i].first_column;
    if (made->grid.n_rows == 0 && !may_be_empty)
        AZ_GOTO(az_error(AZ_ERROR_DATA, "%s: %s has no values", dataset->path, variable_of(made, made->master)->name));
    if (made->n_columns == 0) AZ_GOTO(az_error(AZ_ERROR_DATA, "%s: no column was chosen", dataset->path));
    *plan = made;
    made = NULL;
done:
    az_field_plan_free(made);
    return status;
}

void az_field_plan_free(field_plan *plan)
{
    if (!plan) return;
    az_dataset_free(plan->dataset);
    az_free(plan->first);
    az_free(plan->count);
    az_free(plan->place);
    az_free(plan->parts);
    az_free(plan->names);
    az_arena_free(&plan->strings);
    az_free(plan);
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The kind of column that a part makes: its numbers, its texts, its times. */
static int kind_of(const field_plan *plan, const field_part *part)
{
    if (part->variable < 0) return 0;
    return variable_of(plan, part->variable)->type > AZ_STORED_F64 ? 1
           : plan->dataset->fields[part->variable].is_time         ? 2
                                                                   : 0;
}

az_status az_field_plan_agree(const field_plan *first, const field_plan *plan)
{
    const char *path = plan->dataset->path, *before = first->dataset->path;
    if (plan->n_columns != first->n_columns || plan->n_parts != first->n_parts)
        return az_error(AZ_ERROR_DATA,
                        "%s gives %lld columns, but %s %lld: only the same variables can be appended "
                        "(--vars chooses them)",
                        path, (long long)plan->n_columns, before, (long long)first->n_columns);
    for (int64_t j = 0; j < plan->n_columns; j++)
        if (strcmp(plan->names[j], first->names[j]) != 0)
            return az_error(AZ_ERROR_DATA, "%s: column %lld is \"%s\", but \"%s\" in %s", path, (long long)j,
                            plan->names[j], first->names[j], before);
    for (int32_t i = 1; i < plan->grid.n_dims; i++)
        if (plan->grid.count[i] != first->grid.count[i])
            return az_error(AZ_ERROR_DATA,
                            "%s: dimension %s has %lld values, but %lld in %s: files are appended along the first "
                            "dimension only",
                            path, plan->dataset->layout.dims[plan->grid.dims[i]].name, (long long)plan->grid.count[i],
                            (long long)first->grid.count[i], before);
    for (int32_t i = 0; i < plan->n_parts; i++) {
        const field_part *part = &plan->parts[i], *other = &first->parts[i];
        int kind = kind_of(plan, part);
        const char *name = plan->names[part->first_column];
        if (kind != kind_of(first, other))
            return az_error(AZ_ERROR_DATA, "%s: %s is of another kind (number, text, time) than in %s", path, name,
                            before);
        if (kind != 0 || part->variable < 0 || other->variable < 0) continue;
        const char *unit = plan->dataset->fields[part->variable].unit,
                   *was = first->dataset->fields[other->variable].unit;
        if (!same_text(unit, was))
            return az_error(AZ_ERROR_DATA, "%s: %s is in \"%s\", but in \"%s\" in %s", path, name, unit ? unit : "",
                            was ? was : "", before);
    }
    return AZ_OK;
}
