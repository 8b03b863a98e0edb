/* SPDX-License-Identifier: BSD-3-Clause */
/* Single trees against scikit-learn's (frozen_trees.h), and what must hold whatever the data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/model.h"
#include "models/tree/ensemble.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/frozen_sets.h"
#include "models/frozen_trees.h"

enum { MOST_ROWS = 400, MOST_COLUMNS = 10 };

/* A table with what it borrows: columns c0, c1, ..., y, weight. */
typedef struct box {
    double x[MOST_COLUMNS][MOST_ROWS], y[MOST_ROWS], weight[MOST_ROWS];
    az_table *table;
} box;

/* Every step-th row of a source. */
static void fill(box *b, int data, bool missing, int step)
{
    const struct source *from = &sources[data];
    int64_t n = 0;
    for (int i = 0; i < from->n_rows; i += step, n++) {
        for (int j = 0; j < from->n_columns; j++) b->x[j][n] = from->x[i * from->n_columns + j];
        b->y[n] = from->y[i];
        b->weight[n] = 1 + i % 3;
    }
    for (size_t k = 0; missing && k < sizeof gaps / sizeof *gaps; k++)
        if (gaps[k] / from->n_columns % step == 0)
            b->x[gaps[k] % from->n_columns][gaps[k] / from->n_columns / step] = NAN;
    assert_int_equal(az_table_new(&b->table, n), AZ_OK);
    for (int j = 0; j < from->n_columns; j++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", j);
        assert_int_equal(az_table_add_numeric(b->table, name, NULL, b->x[j], 1), AZ_OK);
    }
    assert_int_equal(az_table_add_numeric(b->table, "y", NULL, b->y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(b->table, "weight", NULL, b->weight, 1), AZ_OK);
}

static az_model *fit(const box *b, const char *name, int data, bool weighted, const char *parameters)
{
    az_roles roles = {.target = "y", .task = data == SOME_DIABETES ? "regression" : "classification"};
    if (weighted)
        roles.weight = "weight";
    else
        roles.ignore = "weight";
    az_model *model = NULL;
    if (az_fit_roles(&model, name, b->table, &roles, parameters, NULL))
        print_error("%s %s: %s\n", name, parameters, az_error_message());
    assert_non_null(model);
    return model;
}

static double fact(const az_model *model, const char *name)
{
    az_fact facts[AZ_MAX_FACTS];
    int n = az_model_facts(model, facts);
    for (int i = 0; i < n; i++)
        if (strcmp(facts[i].name, name) == 0) return facts[i].value;
    return NAN;
}

static void trees_are_those_of_scikit_learn(void **state)
{
    (void)state;
    static box train, all;
    for (size_t c = 0; c < sizeof frozen_trees / sizeof *frozen_trees; c++) {
        const struct frozen_tree *frozen = &frozen_trees[c];
        fill(&train, frozen->data, frozen->missing, 2);
        fill(&all, frozen->data, frozen->missing, 1);
        az_model *model = fit(&train, "tree", frozen->data, frozen->weighted, frozen->parameters);
        const int64_t n = az_table_n_rows(all.table), m = az_model_n_outputs(model);
        double p[3 * MOST_ROWS];
        assert_int_equal(az_predict_table(model, all.table, p, NULL, NULL), AZ_OK);
        int n_wrong = 0;
        for (int64_t i = 0; i < n; i++) {
            double expected = frozen->prediction[i], found = p[i * m];
            if (isnan(expected)) continue;
            if (frozen->data != SOME_DIABETES) {
                found = 0;
                for (int64_t k = 1; k < m; k++)
                    if (p[i * m + k] > p[i * m + (int64_t)found]) found = (double)k;
            }
            n_wrong += !(fabs(found - expected) <= 1e-9 * (1 + fabs(expected)));
        }
        if (n_wrong) print_error("case %d (%s): %d rows differ\n", (int)c, frozen->parameters, n_wrong);
        assert_int_equal(n_wrong, 0);
        if (frozen->leaves > 0) assert_int_equal((int)fact(model, "n_leaves"), frozen->leaves);
        az_model_free(model);
        az_table_free(train.table);
        az_table_free(all.table);
    }
}

static void pruning_leaves_what_scikit_learn_leaves(void **state)
{
    (void)state;
    static box train;
    for (size_t c = 0; c < sizeof frozen_prunings / sizeof *frozen_prunings; c++) {
        const struct frozen_pruning *frozen = &frozen_prunings[c];
        char parameters[128];
        snprintf(parameters, sizeof parameters, "criterion=%s ccp_alpha=%.17g", frozen->criterion, frozen->alpha);
        fill(&train, frozen->data, false, 2);
        az_model *model = fit(&train, "tree", frozen->data, false, parameters);
        if ((int)fact(model, "n_leaves") != frozen->leaves) print_error("case %d: %s\n", (int)c, parameters);
        assert_int_equal((int)fact(model, "n_leaves"), frozen->leaves);
        az_model_free(model);
        az_table_free(train.table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_those_of_scikit_learn),
        cmocka_unit_test(pruning_leaves_what_scikit_learn_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
