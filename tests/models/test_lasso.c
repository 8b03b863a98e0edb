/* SPDX-License-Identifier: BSD-3-Clause */
/* The elastic net and the lasso: the conditions of their minimum, known limits, and the choice of the penalty. */
#include "base/random.h"
#include "models/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

enum { MOST = 90 };

typedef struct data {
    int n, p;
    double x[MOST][MOST], y[MOST], w[MOST]; /* x[j][i] */
} data;

/* Columns that resemble each other, so that descent has to work. */
static void make(data *d, int n, int p)
{
    az_stream stream = az_stream_new(5, "lasso test");
    d->n = n;
    d->p = p;
    for (int i = 0; i < n; i++) {
        double common = az_random_normal(stream, (uint64_t)i, 1000);
        d->y[i] = 2.5 + 0.4 * az_random_normal(stream, (uint64_t)i, 1001);
        d->w[i] = 0.2 + az_random_uniform(stream, (uint64_t)i, 1002);
        for (int j = 0; j < p; j++) {
            d->x[j][i] = 1.3 * common + az_random_normal(stream, (uint64_t)i, (uint64_t)j) + 0.1 * j;
            if (j < 4) d->y[i] += (j % 2 ? -1.7 : 0.9) * d->x[j][i];
        }
    }
}

static az_model *fit(data *d, const char *name, const char *parameters, bool weighted)
{
    az_table *table = NULL;
    az_model *model = NULL;
    assert_int_equal(az_table_new(&table, d->n), AZ_OK);
    for (int j = 0; j < d->p; j++) {
        char column[16];
        snprintf(column, sizeof column, "x%d", j);
        assert_int_equal(az_table_add_numeric(table, column, NULL, d->x[j], 1), AZ_OK);
    }
    assert_int_equal(az_table_add_numeric(table, "y", NULL, d->y, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "w", NULL, d->w, 1), AZ_OK);
    az_roles roles = {.target = "y", .weight = weighted ? "w" : NULL, .ignore = weighted ? NULL : "w"};
    assert_int_equal(az_fit_roles(&model, name, table, &roles, parameters, NULL), AZ_OK);
    az_table_free(table);
    return model;
}

/* Karush, Kuhn and Tucker: with g_j = sum w r x_j / sum w, g_j = l1 sign(b_j) + l2 b_j where b_j != 0, |g_j| <= l1
 * elsewhere; and sum w r = 0. */
static void check_minimum(data *d, const char *name, const char *parameters, double l1, double l2, bool weighted)
{
    az_model *model = fit(d, name, parameters, weighted);
    assert_true(model->result.converged);
    az_coefficient *b = NULL;
    int64_t n = 0;
    assert_int_equal(az_model_coefficients(model, &b, &n), AZ_OK);
    assert_int_equal(n, d->p + 1);
    double residual[MOST], total = 0, sum = 0;
    for (int i = 0; i < d->n; i++) {
        double weight = weighted ? d->w[i] : 1;
        residual[i] = d->y[i] - b[0].estimate;
        for (int j = 0; j < d->p; j++) residual[i] -= b[j + 1].estimate * d->x[j][i];
        residual[i] *= weight;
        total += weight;
        sum += residual[i];
    }
    assert_true(fabs(sum) < 1e-12 * total);
    int n_zero = 0;
    for (int j = 0; j < d->p; j++) {
        double g = 0, estimate = b[j + 1].estimate;
        for (int i = 0; i < d->n; i++) g += residual[i] * d->x[j][i] / total;
        if (estimate == 0) {
            n_zero++;
            assert_true(fabs(g) <= l1 * (1 + 1e-6));
        } else {
            assert_true(fabs(g - copysign(l1, estimate) - l2 * estimate) < 1e-6 * l1);
        }
    }
    assert_true(n_zero > 0 && n_zero < d->p);
    az_free(b);
    az_model_free(model);
}

static void conditions_of_the_minimum_hold(void **state)
{
    (void)state;
    static data d;
    make(&d, 80, 12);
    check_minimum(&d, "lasso", "alpha=0.05 scale=none", 0.05, 0, false);
    check_minimum(&d, "lasso", "alpha=0.05 scale=none", 0.05, 0, true);
    check_minimum(&d, "elastic_net", "alpha=0.2 l1_ratio=0.7 scale=none", 0.14, 0.06, false);
    check_minimum(&d, "elastic_net", "alpha=0.2 l1_ratio=0.7 scale=none", 0.14, 0.06, true);
}

static void more_features_than_rows(void **state)
{
    (void)state;
    static data d;
    make(&d, 30, 70);
    check_minimum(&d, "lasso", "alpha=0.1 scale=none", 0.1, 0, false);
    check_minimum(&d, "elastic_net", "alpha=0.2 l1_ratio=0.5 scale=none", 0.1, 0.1, true);
}

/* Beyond max_j |x_j'(y - mean)| / n every coefficient is 0 and the intercept is the mean. */
static void strong_penalty_leaves_the_mean(void **state)
{
    (void)state;
    static data d;
    make(&d, 60, 8);
    double mean = 0, strongest = 0;
    for (int i = 0; i < d.n; i++) mean += d.y[i] / d.n;
    for (int j = 0; j < d.p; j++) {
        double g = 0, x_mean = 0;
        for (int i = 0; i < d.n; i++) x_mean += d.x[j][i] / d.n;
        for (int i = 0; i < d.n; i++) g += (d.x[j][i] - x_mean) * (d.y[i] - mean) / d.n;
        strongest = fmax(strongest, fabs(g));
    }
    for (int above = 0; above < 2; above++) {
        char parameters[64];
        snprintf(parameters, sizeof parameters, "scale=none alpha=%.17g", strongest * (above ? 1.0001 : 0.9999));
        az_model *model = fit(&d, "lasso", parameters, false);
        az_coefficient *b = NULL;
        int64_t n = 0;
        int n_nonzero = 0;
        assert_int_equal(az_model_coefficients(model, &b, &n), AZ_OK);
        for (int64_t j = 1; j < n; j++) n_nonzero += b[j].estimate != 0;
        assert_int_equal(n_nonzero, above ? 0 : 1);
        if (above) assert_true(fabs(b[0].estimate - mean) < 1e-13 * fabs(mean));
        az_free(b);
        az_model_free(model);
    }
}

static void path_goes_from_nothing_to_the_chosen_penalty(void **state)
{
    (void)state;
    static data d;
    make(&d, 80, 12);
    az_model *model = fit(&d, "lasso", "choose=kfold cv=4 n_alphas=40", false);
    az_path path = {0};
    assert_true(model->class->path(model->fitted, &path));
    assert_int_equal(path.n, 40);
    assert_non_null(path.score);
    az_fact facts[AZ_MAX_FACTS];
    int n_facts = az_model_facts(model, facts), best = 0;
    double alpha = NAN;
    for (int k = 0; k < n_facts; k++)
        if (facts[k].name[0] == 'a') alpha = facts[k].value;
    for (int k = 1; k < 40; k++) {
        assert_true(path.alpha[k] < path.alpha[k - 1]);
        if (path.score[k] < path.score[best]) best = k;
    }
    for (int j = 0; j < d.p; j++) assert_true(path.coefficient[j] == 0);
    assert_true(alpha == path.alpha[best]);
    assert_true(best > 0); /* the target depends on four of the columns */
    az_model_free(model);
}

static void wrong_choices_are_refused(void **state)
{
    (void)state;
    az_table *table = NULL;
    az_model *model = NULL;
    static const double x[] = {1, 2, 4}, y[] = {3, 1, 2};
    assert_int_equal(az_table_new(&table, 3), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "x", NULL, x, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_fit(&model, "lasso", table, "y", "choose=kfold cv=5"), AZ_ERROR_USAGE);
    assert_int_equal(az_fit(&model, "lasso", table, "y", "choose=kfold n_alphas=0 cv=2"), AZ_ERROR_USAGE);
    assert_int_equal(az_fit(&model, "lasso", table, "y", "l1_ratio=0.5"), AZ_ERROR_USAGE);
    assert_int_equal(az_fit(&model, "elastic_net", table, "y", "l1_ratio=1.5"), AZ_ERROR_USAGE);
    assert_null(model);
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_of_the_minimum_hold),
        cmocka_unit_test(more_features_than_rows),
        cmocka_unit_test(strong_penalty_leaves_the_mean),
        cmocka_unit_test(path_goes_from_nothing_to_the_chosen_penalty),
        cmocka_unit_test(wrong_choices_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
