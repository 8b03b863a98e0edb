/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/derive.h"

#include "base/parallel.h"
#include "data/derive_columns.h"

#include <math.h>
#include <string.h>

/* name = formula.  The name may have a unit: `v [m/s]` = d/t. */
typedef struct definition {
    az_formula *formula;
    int32_t right;
    char *name, *unit;       /* one allocation; unit NULL: none */
    int64_t n_without_value; /* rows whose inputs are there and whose result is no finite number */
} definition;

struct az_derive {
    definition *definitions;
    int64_t n_definitions;
    az_formula *where;
    int64_t n_rows, n_kept;
    bool told;
};

static az_status refuse_parameters(const az_formula *formula)
{
    return formula->n_parameters == 0
               ? AZ_OK
               : az_error(AZ_ERROR_USAGE, "a formula of columns has no free parameters, and \"%s\" is given a start",
                          formula->strings[formula->parameters[0].name]);
}

static az_status read_definition(definition *made, const char *text)
{
    int32_t left;
    AZ_TRY(az_formula_parse(&made->formula, text));
    az_formula_sides(made->formula, &left, &made->right);
    if (left < 0) return az_formula_error(AZ_ERROR_USAGE, text, 0, "a derived column needs a name: lp = log10(period)");
    const char *name = az_formula_name(made->formula, left);
    if (!name)
        return az_formula_error(AZ_ERROR_USAGE, text, made->formula->nodes[left].begin,
                                "the left side of a derived column is its name: lp = log10(period)");
    made->name = az_strdup(name);
    if (!made->name) return AZ_ERROR_MEMORY;
    made->unit = az_cut_unit(made->name);
    return refuse_parameters(made->formula);
}

static az_status read_where(az_formula **where, const char *text)
{
    int32_t left, right;
    AZ_TRY(az_formula_parse(where, text));
    az_formula_sides(*where, &left, &right);
    if (left >= 0)
        return az_formula_error(AZ_ERROR_USAGE, text, (*where)->nodes[(*where)->n_nodes - 1].begin,
                                "\"=\" makes an equation; \"==\" compares");
    return refuse_parameters(*where);
}

static az_status read_definitions(az_derive *derive, const char *list)
{
    char **pieces = NULL;
    int64_t n = 0;
    az_status status;
    AZ_GOTO(az_formula_split(list, &pieces, &n));
    if (n == 0) {
        status = az_error(AZ_ERROR_USAGE, "the formula is empty; a derived column is written lp = log10(period)");
        goto done;
    }
    AZ_GOTO(AZ_NEW_ARRAY(derive->definitions, n));
    for (int64_t i = 0; i < n; i++) {
        derive->definitions[i] = (definition){0};
        derive->n_definitions = i + 1;
        AZ_GOTO(read_definition(&derive->definitions[i], pieces[i]));
    }
done:
    az_free(pieces);
    return status;
}

az_status az_derive_new(az_derive **derive, const az_reader_options *options)
{
    *derive = NULL;
    if (!options || (!options->derive && !options->where)) return AZ_OK;
    az_derive *made;
    AZ_TRY(AZ_NEW_ZERO(made));
    az_status status = AZ_OK;
    if (options->derive) {
        status = read_definitions(made, options->derive);
        if (status) az_error_context(status, "--derive");
    }
    if (!status && options->where) {
        status = read_where(&made->where, options->where);
        if (status) az_error_context(status, "--where");
    }
    if (status)
        az_derive_free(made);
    else
        *derive = made;
    return status;
}

void az_derive_free(az_derive *derive)
{
    if (!derive) return;
    for (int64_t i = 0; i < derive->n_definitions; i++) {
        az_formula_free(derive->definitions[i].formula);
        az_free(derive->definitions[i].name);
    }
    az_free(derive->definitions);
    az_formula_free(derive->where);
    az_free(derive);
}

/* One program on all rows, block by block, each thread with scratch memory of its own. */
typedef struct evaluation {
    const az_formula_program *program;
    int64_t n_rows, n_scratch;
    double *values, *scratch; /* (n_rows), (n_threads, n_scratch) */
    int64_t *n_without_value; /* per block */
} evaluation;

static void evaluate_block(void *context, int64_t block, int thread)
{
    const evaluation *self = context;
    unsigned char missing[AZ_FORMULA_BLOCK];
    int64_t first = block * AZ_FORMULA_BLOCK, n = self->n_rows - first, n_without_value = 0;
    if (n > AZ_FORMULA_BLOCK) n = AZ_FORMULA_BLOCK;
    double *values = self->values + first;
    az_formula_evaluate(self->program, first, n, self->scratch + thread * self->n_scratch, values, missing);
    for (int64_t i = 0; i < n; i++) {
        if (isfinite(values[i])) continue;
        values[i] = NAN;
        n_without_value += !missing[i];
    }
    self->n_without_value[block] = n_without_value;
}

/* The formula's values; what is not finite is missing.  *values is owned by the caller. */
static az_status evaluate(const az_formula *formula, int32_t node, const az_table *table, const az_control *control,
                          double **values, int64_t *n_without_value)
{
    az_formula_columns columns = az_formula_columns_of(table);
    az_formula_program *program = NULL;
    int n_threads = az_control_threads(control);
    int64_t n_blocks = (table->n_rows + AZ_FORMULA_BLOCK - 1) / AZ_FORMULA_BLOCK;
    evaluation self = {.n_rows = table->n_rows};
    az_status status;
    AZ_GOTO(az_formula_bind(&program, formula, node, &columns));
    self.program = program;
    self.n_scratch = az_formula_scratch(program);
    AZ_GOTO(AZ_NEW_ARRAY(self.values, table->n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(self.scratch, n_threads * self.n_scratch));
    AZ_GOTO(AZ_NEW_ARRAY(self.n_without_value, n_blocks));
    az_parallel(n_threads, n_blocks, evaluate_block, &self);
    for (int64_t i = 0; i < n_blocks; i++) *n_without_value += self.n_without_value[i];
    *values = self.values;
    self.values = NULL;
done:
    az_free(self.values);
    az_free(self.scratch);
    az_free(self.n_without_value);
    az_formula_program_free(program);
    return status;
}

/* A column under another name keeps its type, and its unit unless the new name has one. */
static az_status copy_column(az_table *table, const char *name, const char *unit, int64_t from)
{
    const az_column *column = &table->columns[from];
    int64_t n = table->n_rows;
    az_column copy = {.type = column->type, .time = column->time, .stride = 1, .n_missing = column->n_missing};
    az_status status;
    if (column->type == AZ_CATEGORICAL) {
        AZ_GOTO(AZ_NEW_ARRAY(copy.codes, n));
        AZ_GOTO(AZ_NEW_ARRAY(copy.levels, column->n_levels));
        memcpy(copy.codes, column->codes, (size_t)n * sizeof *copy.codes);
        memcpy(copy.levels, column->levels, (size_t)column->n_levels * sizeof *copy.levels);
        copy.n_levels = column->n_levels;
    } else {
        AZ_GOTO(AZ_NEW_ARRAY(copy.owned_values, n));
        for (int64_t i = 0; i < n; i++) copy.owned_values[i] = column->values[i * column->stride];
        copy.values = copy.owned_values;
    }
    AZ_GOTO(az_table_take_column(table, name, unit ? unit : column->unit, &copy));
done:
    az_free(copy.codes);
    az_free(copy.levels);
    az_free(copy.owned_values);
    return status;
}

static az_status define(definition *self, az_table *table, const az_control *control)
{
    const char *source = az_formula_name(self->formula, self->right);
    if (az_dictionary_find(&table->names, self->name, strlen(self->name)) >= 0)
        return az_formula_error(AZ_ERROR_USAGE, self->formula->text, self->formula->nodes[0].begin,
                                "%s has a column \"%s\" already; the derived one needs another name", table->source,
                                self->name);
    int32_t from = source ? az_dictionary_find(&table->names, source, strlen(source)) : -1;
    if (from >= 0) return copy_column(table, self->name, self->unit, from);
    double *values = NULL;
    AZ_TRY(evaluate(self->formula, self->right, table, control, &values, &self->n_without_value));
    az_status status = az_table_take_numeric(table, self->name, self->unit, values);
    if (status) az_free(values);
    return status;
}

static az_status choose(az_derive *derive, az_table *table, const az_control *control)
{
    double *holds = NULL;
    int64_t *kept = NULL, n_kept = 0, n_without_value = 0;
    az_status status;
    AZ_GOTO(evaluate(derive->where, derive->where->n_nodes - 1, table, control, &holds, &n_without_value));
    AZ_GOTO(AZ_NEW_ARRAY(kept, table->n_rows));
    for (int64_t i = 0; i < table->n_rows; i++)
        if (holds[i] == holds[i] && holds[i] != 0) kept[n_kept++] = i;
    derive->n_kept += n_kept;
    if (n_kept < table->n_rows) AZ_GOTO(az_table_keep_rows(table, kept, n_kept));
done:
    az_free(holds);
    az_free(kept);
    return status;
}

az_status az_derive_apply(az_derive *derive, az_table *block, const az_control *control)
{
    derive->n_rows += block->n_rows;
    for (int64_t i = 0; i < derive->n_definitions; i++) {
        az_status status = define(&derive->definitions[i], block, control);
        if (status) return az_error_context(status, "--derive");
    }
    if (!derive->where) return AZ_OK;
    az_status status = choose(derive, block, control);
    return status ? az_error_context(status, "--where") : AZ_OK;
}

az_status az_derive_finish(az_derive *derive, const az_control *control)
{
    if (derive->where && derive->n_kept == 0 && derive->n_rows > 0)
        return az_error(AZ_ERROR_DATA, "--where \"%s\" holds for none of %lld rows", derive->where->text,
                        (long long)derive->n_rows);
    if (derive->told) return AZ_OK;
    derive->told = true;
    for (int64_t i = 0; i < derive->n_definitions; i++) {
        const definition *made = &derive->definitions[i];
        if (made->n_without_value > 0)
            az_warning(control, "--derive: \"%s\" has no finite value in %lld of %lld rows; it is missing there",
                       made->name, (long long)made->n_without_value, (long long)derive->n_rows);
    }
    if (derive->where && derive->n_kept < derive->n_rows)
        az_note(control, "--where left out %lld of %lld rows", (long long)(derive->n_rows - derive->n_kept),
                (long long)derive->n_rows);
    return AZ_OK;
}

void az_derive_restart(az_derive *derive)
{
    derive->n_rows = derive->n_kept = 0;
    for (int64_t i = 0; i < derive->n_definitions; i++) derive->definitions[i].n_without_value = 0;
}

/* Whether definition i is named, or stands in --where or in a later definition that is wanted. */
static bool is_wanted(const az_derive *all, int64_t i, const bool *wanted, const char *const *names, int64_t n_names)
{
    const char *name = all->definitions[i].name;
    for (int64_t k = 0; k < n_names; k++)
        if (strcmp(names[k], name) == 0) return true;
    if (all->where && az_formula_mentions(all->where, all->where->n_nodes - 1, name)) return true;
    for (int64_t k = i + 1; k < all->n_definitions; k++)
        if (wanted[k] && az_formula_mentions(all->definitions[k].formula, all->definitions[k].right, name)) return true;
    return false;
}

az_status az_derive_needed(char **needed, const az_reader_options *options, const char *const *names, int64_t n_names)
{
    az_derive *all = NULL;
    bool *wanted = NULL;
    az_text text = {0};
    az_status status;
    *needed = NULL;
    AZ_GOTO(az_derive_new(&all, options));
    if (!all || all->n_definitions == 0) goto done;
    AZ_GOTO(AZ_NEW_ARRAY(wanted, all->n_definitions));
    /* From the last to the first: a definition draws only on what stands before it. */
    for (int64_t i = all->n_definitions - 1; i >= 0; i--) wanted[i] = is_wanted(all, i, wanted, names, n_names);
    for (int64_t i = 0; i < all->n_definitions; i++)
        if (wanted[i]) az_text_printf(&text, "%s%s", text.length ? "; " : "", all->definitions[i].formula->text);
    AZ_GOTO(az_text_status(&text));
    *needed = text.data;
    text = (az_text){0};
done:
    az_text_free(&text);
    az_free(wanted);
    az_derive_free(all);
    return status;
}
