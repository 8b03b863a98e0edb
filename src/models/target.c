/* SPDX-License-Identifier: BSD-3-Clause */
/* The target of a problem: quantities, or classes and the rows' labels. */
#include "models/problem_parts.h"

#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_WHOLE_NUMBERS = 20, MOST_CLASSES = 10000 };

int az_compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_levels(const void *a, const void *b)
{
    return az_level_compare(*(char *const *)a, *(char *const *)b);
}

/* The distinct values of a numeric column among the used rows, sorted; *distinct is az_free'd by the caller. */
az_status az_distinct_numbers(const az_problem *problem, const az_column *column, double **distinct, int64_t *n)
{
    double *values;
    AZ_TRY(AZ_NEW_ARRAY(values, problem->n_rows));
    for (int64_t i = 0; i < problem->n_rows; i++) values[i] = column->values[problem->rows[i] * column->stride];
    qsort(values, (size_t)problem->n_rows, sizeof *values, az_compare_numbers);
    int64_t m = 0;
    for (int64_t i = 0; i < problem->n_rows; i++)
        if (m == 0 || values[i] != values[m - 1]) values[m++] = values[i];
    *distinct = values;
    *n = m;
    return AZ_OK;
}

/* A cell as the name of a category; number is where a number's text goes. */
static const char *cell_level(const az_column *column, int64_t row, char number[AZ_NUMBER_MAX])
{
    if (column->type == AZ_CATEGORICAL) return column->levels[column->codes[row]];
    az_level_print(number, column->values[row * column->stride]);
    return number;
}

az_status az_collect_classes(az_problem *problem, const az_column *column)
{
    az_status status = AZ_OK;
    double *numbers = NULL;
    unsigned char *seen = NULL;
    int64_t n = 0;
    if (column->type != AZ_CATEGORICAL) {
        AZ_TRY(az_distinct_numbers(problem, column, &numbers, &n));
    } else {
        AZ_TRY(AZ_NEW_ARRAY(seen, column->n_levels));
        memset(seen, 0, (size_t)column->n_levels);
        for (int64_t i = 0; i < problem->n_rows; i++) {
            int32_t code = column->codes[problem->rows[i]];
            n += !seen[code];
            seen[code] = 1;
        }
    }
    if (n > MOST_CLASSES || (n > 100 && 2 * n > problem->n_rows)) {
        status =
            az_error(AZ_ERROR_DATA, "%s: target \"%s\" has %lld different values in %lld rows: too many for classes%s",
                     problem->table->source, column->name, (long long)n, (long long)problem->n_rows,
                     column->type != AZ_CATEGORICAL ? "; --task regression reads it as a quantity" : "");
        goto done;
    }
    AZ_GOTO(AZ_NEW_ARRAY(problem->classes, n));
    if (column->type != AZ_CATEGORICAL) {
        for (; problem->n_classes < n; problem->n_classes++) {
            char text[AZ_NUMBER_MAX];
            size_t length = az_level_print(text, numbers[problem->n_classes]);
            char *name = az_arena_strndup(&problem->strings, text, length);
            if (!name) status = AZ_ERROR_MEMORY;
            if (status) goto done;
            problem->classes[problem->n_classes] = name;
        }
    } else {
        for (int32_t code = 0; code < column->n_levels; code++) {
            if (!seen[code]) continue;
            char *name = az_arena_strndup(&problem->strings, column->levels[code], strlen(column->levels[code]));
            if (!name) status = AZ_ERROR_MEMORY;
            if (status) goto done;
            problem->classes[problem->n_classes++] = name;
        }
        qsort(problem->classes, (size_t)n, sizeof *problem->classes, compare_levels);
    }
    if (n == 1)
        status = az_error(AZ_ERROR_DATA, "%s: target \"%s\" has only one class (\"%s\"); at least two are needed",
                          problem->table->source, column->name, problem->classes[0]);
done:
    az_free(numbers);
    az_free(seen);
    return status;
}

az_status az_fill_labels(az_problem *problem, const az_column *column)
{
    az_text unseen = {0};
    int64_t n_unseen = 0;
    AZ_TRY(AZ_NEW_ARRAY(problem->label, problem->n_rows));
    const char *last = NULL;
    for (int64_t i = 0; i < problem->n_rows; i++) {
        char number[AZ_NUMBER_MAX];
        const char *level = cell_level(column, problem->rows[i], number);
        problem->label[i] = az_level_find_number(problem->classes, problem->n_classes, level);
        if (problem->label[i] >= 0) continue;
        if (n_unseen++ < 10 && (!last || strcmp(last, level) != 0)) {
            if (unseen.length) az_text_append(&unseen, ", ");
            az_text_printf(&unseen, "\"%s\"", level);
            last = column->type == AZ_CATEGORICAL ? level : NULL;
        }
    }
    az_status status = AZ_OK;
    if (n_unseen)
        status = az_error(AZ_ERROR_DATA, "%s: target \"%s\" holds classes never seen in training: %s (%lld rows)",
                          problem->table->source, column->name, unseen.data ? unseen.data : "", (long long)n_unseen);
    az_text_free(&unseen);
    return status;
}

az_status az_fill_quantities(az_problem *problem)
{
    AZ_TRY(AZ_NEW_ARRAY(problem->y, problem->n_rows * problem->n_targets));
    for (int64_t t = 0; t < problem->n_targets; t++) {
        az_status status = AZ_OK;
        const az_column *column =
            az_numeric_column(problem->table, problem->targets[t], "target of a regression", &status);
        if (!column) return status;
        for (int64_t i = 0; i < problem->n_rows; i++) {
            double value = column->values[problem->rows[i] * column->stride];
            if (isinf(value))
                return az_error(AZ_ERROR_DATA, "%s: target \"%s\" is infinite in data row %lld", problem->table->source,
                                column->name, (long long)az_table_row_number(problem->table, problem->rows[i]) + 1);
            problem->y[t * problem->n_rows + i] = value;
        }
    }
    return AZ_OK;
}

/* 'read as a quantity': whole numbers of few values may have been meant as classes. */
void az_tell_quantity(const az_problem *problem, const az_control *control)
{
    const az_column *column = &problem->table->columns[problem->targets[0]];
    double seen[FEW_WHOLE_NUMBERS];
    int n_seen = 0;
    if (problem->n_targets > 1 || column->type == AZ_CATEGORICAL) return;
    for (int64_t i = 0; i < problem->n_rows; i++) {
        double value = problem->y[i];
        int k = 0;
        while (k < n_seen && seen[k] != value) k++;
        if (k < n_seen) continue;
        if (value != floor(value) || n_seen == FEW_WHOLE_NUMBERS) return;
        seen[n_seen++] = value;
    }
    if (n_seen < problem->n_rows)
        az_note(control, "%s: read as a quantity; --task classification if these are classes", column->name);
}
