/* SPDX-License-Identifier: BSD-3-Clause */
/* Gradient boosting: its trees against scikit-learn's, and what is demanded of them. */
#include "models/boosting_data.h"
#include "models/frozen_boosting.h"

/* ---- against scikit-learn ---- */

static numbers made_up(void)
{
    numbers data = new_numbers(240, 3);
    for (int64_t i = 0; i < 240; i++) {
        data.x[0][i] = (double)((i * 37 + 11) % 97);
        data.x[1][i] = (double)((i * 53 + 29) % 89);
        data.x[2][i] = (double)((i * 71 + 5) % 83);
        data.y[i] = data.x[0][i] - 0.5 * data.x[1][i] + 0.01 * data.x[0][i] * data.x[2][i] + (double)(i * 19 % 23);
    }
    return data;
}

/* Few distinct values: all programs cut them alike.  scikit-learn's gradients are single precision. */
static void trees_are_those_of_scikit_learn(void **state)
{
    (void)state;
    static const struct {
        const char *loss;
        const double *expected;
        bool counts;
        int n_classes;
    } cases[] = {{"squared_error", sklearn_squared, false, 0},
                 {"absolute_error", sklearn_absolute, false, 0},
                 {"quantile", sklearn_quantile, false, 0},
                 {"poisson", sklearn_poisson, true, 0},
                 {"gamma", sklearn_gamma, true, 0},
                 {"log_loss", sklearn_binary, false, 2},
                 {"log_loss", sklearn_classes, false, 3}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        numbers data = made_up();
        char parameters[256];
        snprintf(parameters, sizeof parameters,
                 "loss=%s alpha=0.8 max_iter=6 learning_rate=0.3 max_leaf_nodes=%d min_samples_leaf=5 "
                 "l2_regularization=0.5",
                 cases[c].loss, c == 1 || c == 2 ? 3 : 8);
        static const char *const names[] = {"0", "1", "2"};
        if (cases[c].n_classes) data.label = calloc(240, sizeof *data.label);
        for (int64_t i = 0; i < 240; i++) {
            const double signal = data.y[i];
            if (cases[c].counts) data.y[i] = floor(fabs(signal) / 8) + 1;
            if (cases[c].n_classes == 2) data.label[i] = names[signal > 20];
            if (cases[c].n_classes == 3) data.label[i] = names[(signal >= 0) + (signal >= 30)];
        }
        az_model *model = fit(&data, parameters);
        double *p = predict(model, &data);
        for (int64_t i = 0; i < 40 * az_model_n_outputs(model); i++)
            if (fabs(p[i] - cases[c].expected[i]) > 2e-6 * (1 + fabs(cases[c].expected[i])))
                fail_msg("%s %d, value %lld: %.9g, scikit-learn %.9g", cases[c].loss, cases[c].n_classes, (long long)i,
                         p[i], cases[c].expected[i]);
        free(p);
        az_model_free(model);
        free_numbers(&data);
    }
}

/* Predictions of all rows (of the problem), each by a fit to four fifths of the rows, to which it does not belong. */
static double *predict_in_turn(const az_problem *problem)
{
    const int64_t n = problem->n_rows, n_outputs = problem->task == AZ_REGRESSION ? 1 : problem->n_classes;
    const az_control control = {.n_threads = 2};
    int64_t *train = malloc(sizeof *train * (size_t)n), *test = malloc(sizeof *test * (size_t)n);
    double *all = malloc(sizeof *all * (size_t)(n * n_outputs)), *p = malloc(sizeof *p * (size_t)(n * n_outputs));
    for (int64_t fold = 0; fold < 5; fold++) {
        int64_t n_train = 0, n_test = 0;
        for (int64_t i = 0; i < n; i++) {
            if (i % 5 == fold)
                test[n_test++] = problem->rows[i];
            else
                train[n_train++] = i;
        }
        az_model *model = NULL;
        if (az_model_fit(&model, az_model_class_find("boosting"), NULL, NULL, problem, train, n_train, &control))
            fail_msg("%s", az_error_message());
        assert_int_equal(az_model_predict_rows(model, problem->table, test, n_test, p, NULL, &control), AZ_OK);
        for (int64_t i = fold, k = 0; i < n; i += 5, k++)
            memcpy(all + i * n_outputs, p + k * n_outputs, sizeof *p * (size_t)n_outputs);
        az_model_free(model);
    }
    free(train);
    free(test);
    free(p);
    return all;
}

/* Cuts of its own: a loss within half a per cent of scikit-learn's. */
static void known_sets_are_learnt_as_well(void **state)
{
    (void)state;
    const char *folder = getenv("ANSATZ_DATA");
    if (!folder) skip();
    char path[512];
    az_table *table = NULL;
    az_problem *problem = NULL;
    snprintf(path, sizeof path, "%s/california_housing/housing.csv", folder);
    assert_int_equal(az_table_read(&table, path, NULL, NULL), AZ_OK);
    az_roles roles = {.target = "median_house_value"};
    assert_int_equal(az_problem_new(&problem, table, &roles, false, NULL), AZ_OK);
    double *p = predict_in_turn(problem), sum = 0;
    for (int64_t i = 0; i < problem->n_rows; i++) sum += pow(p[i] - problem->y[i], 2);
    const double rmse = sqrt(sum / (double)problem->n_rows);
    print_message("california: rmse %.1f, scikit-learn %.1f\n", rmse, sklearn_california_rmse);
    assert_true(rmse <= 1.005 * sklearn_california_rmse);
    free(p);
    az_problem_free(problem);
    az_table_free(table);

    const az_reader_options plain = {.header = "none", .missing = "nothing"};
    snprintf(path, sizeof path, "%s/adult/adult-train.csv", folder);
    table = NULL;
    assert_int_equal(az_table_read(&table, path, &plain, NULL), AZ_OK);
    roles = (az_roles){.target = "c14"};
    if (az_problem_new(&problem, table, &roles, true, NULL)) fail_msg("%s", az_error_message());
    p = predict_in_turn(problem);
    sum = 0;
    for (int64_t i = 0; i < problem->n_rows; i++) sum -= log(p[2 * i + problem->label[i]]);
    const double loss = sum / (double)problem->n_rows;
    print_message("adult: log loss %.5f, scikit-learn %.5f\n", loss, sklearn_adult_log_loss);
    assert_true(loss <= 1.005 * sklearn_adult_log_loss);
    free(p);
    az_problem_free(problem);
    az_table_free(table);
}

/* ---- what is demanded ---- */

static void monotone_constraints_hold(void **state)
{
    (void)state;
    numbers data = friedman(3000, false), grid = new_numbers(4000, 6);
    const az_stream stream = az_stream_new(8, "grid");
    for (int levels = 0; levels < 2; levels++) {
        az_model *model = fit(&data, levels ? "monotonic_cst=x3=1,x2=-1,x0=1 max_leaf_nodes=0 max_depth=6"
                                            : "monotonic_cst=x3=1,x2=-1,x0=1 l2_regularization=1");
        static const struct {
            int column;
            double sign;
        } demands[] = {{3, 1}, {2, -1}, {0, 1}};
        for (int d = 0; d < 3; d++) {
            for (int64_t i = 0; i < 4000; i++) /* 20 lines of 200 points along the column */
                for (int j = 0; j < 6; j++)
                    grid.x[j][i] = j == demands[d].column ? (double)(i % 200) / 199
                                                          : az_random_uniform(stream, (uint64_t)(i / 200), (uint64_t)j);
            double *p = predict(model, &grid), rise = 0;
            for (int64_t i = 1; i < 4000; i++) {
                if (i % 200 == 0) continue;
                assert_true(demands[d].sign * (p[i] - p[i - 1]) >= 0);
                rise += demands[d].sign * (p[i] - p[i - 1]);
            }
            assert_true(d == 1 || rise > 20); /* and the column is used */
            free(p);
        }
        az_model_free(model);
    }
    expect_refusal(&data, "monotonic_cst=x3=1 loss=absolute_error", "does not go with");
    expect_refusal(&data, "monotonic_cst=x33=1", "there is no feature");
    expect_refusal(&data, "monotonic_cst=x3=up", "COLUMN=1");
    free_numbers(&grid);
    free_numbers(&data);
}

/* Whether a path of some tree uses features of both sets. */
static bool mixes(const az_tree *tree, int32_t at, unsigned path, unsigned first, unsigned second)
{
    const az_tree_node *node = &tree->nodes[at];
    if (node->flags & AZ_NODE_LEAF) return path & first && path & second;
    path |= 1u << node->feature;
    return mixes(tree, node->left, path, first, second) || mixes(tree, node->left + 1, path, first, second);
}

static void interaction_constraints_hold(void **state)
{
    (void)state;
    numbers data = friedman(2000, false);
    az_model *model = fit(&data, "interaction_cst=x0,x1;x1,x2"), *alone = fit(&data, "interaction_cst=no_interactions");
    az_model *free_model = fit(&data, "");
    const az_model *models[] = {model, alone, free_model};
    for (int m = 0; m < 3; m++) {
        const az_boosting *fitted = models[m]->fitted;
        bool mixed = false;
        for (int64_t t = 0; t < fitted->trees->n_trees; t++) {
            const az_tree *tree = &fitted->trees->trees[t];
            if (m == 1)
                for (unsigned j = 0; j < 6; j++) mixed |= mixes(tree, 0, 0, 1u << j, 0x3fu & ~(1u << j));
            else
                mixed |= mixes(tree, 0, 0, 1, 4) || mixes(tree, 0, 0, 7, 0x38);
        }
        assert_int_equal(mixed, m == 2);
    }
    expect_refusal(&data, "interaction_cst=x0,x1;", "a group is empty");
    az_model_free(model);
    az_model_free(alone);
    az_model_free(free_model);
    free_numbers(&data);
}

/* That a number is missing tells the target: one split learns it, to either side. */
static void missing_values_have_a_direction(void **state)
{
    (void)state;
    for (int high = 0; high < 2; high++) {
        numbers data = new_numbers(400, 1);
        for (int64_t i = 0; i < 400; i++) {
            data.x[0][i] = i % 4 == 0 ? NAN : (double)(i % 50);
            data.y[i] = (i % 4 == 0 ? high : data.x[0][i] >= 25) ? 1 : 0;
        }
        az_model *model = fit(&data, "n_estimators=1 learning_rate=1 max_leaf_nodes=2 min_samples_leaf=1");
        double *p = predict(model, &data);
        for (int64_t i = 0; i < 400; i++) assert_true(fabs(p[i] - data.y[i]) < 1e-12);
        free(p);
        az_model_free(model);
        free_numbers(&data);
    }
}

/* One split separates any set of categories, also of more than a byte holds. */
static void categories_are_split_as_sets(void **state)
{
    (void)state;
    static char names[600][8];
    for (int many = 0; many < 2; many++) {
        const int64_t n_levels = many ? 600 : 40, n = 10 * n_levels;
        numbers data = new_numbers(n, 0);
        data.text = calloc((size_t)n, sizeof *data.text);
        for (int64_t i = 0; i < n; i++) {
            const int64_t level = i % n_levels;
            snprintf(names[level], sizeof *names, "n%03lld", (long long)level);
            data.text[i] = names[level];
            data.y[i] = level * level % 7 < 3 ? 1 : -1;
        }
        az_model *model = fit(&data, "n_estimators=1 learning_rate=1 max_leaf_nodes=2 min_samples_leaf=1");
        double *p = predict(model, &data);
        for (int64_t i = 0; i < n; i++) assert_true(fabs(p[i] - data.y[i]) < 1e-12);
        free(p);
        az_model_free(model);
        free_numbers(&data);
    }
}

/* Less distinct values than bins: the cuts do not depend on how often each occurs. */
static void round_columns(numbers *data)
{
    for (int j = 0; j < data->n_columns; j++)
        for (int64_t i = 0; i < data->n_rows; i++) data->x[j][i] = floor(100 * data->x[j][i]) / 100;
}

/* Whole numbers as targets sum exactly: the splits are the same. */
static void weight_two_is_the_row_twice(void **state)
{
    (void)state;
    numbers data = friedman(500, false), twice = new_numbers(1000, 6);
    round_columns(&data);
    twice.n_rows = 0;
    for (int64_t i = 0; i < 500; i++) {
        data.y[i] = floor(data.y[i]);
        data.w[i] = (double)(1 + i % 2);
        for (int64_t k = 0; k <= i % 2; k++) {
            for (int j = 0; j < 6; j++) twice.x[j][twice.n_rows] = data.x[j][i];
            twice.y[twice.n_rows++] = data.y[i];
        }
    }
    static const char *const parameters[] = {"n_estimators=1 learning_rate=1 min_samples_leaf=1",
                                             "n_estimators=30 min_samples_leaf=1",
                                             "n_estimators=10 min_samples_leaf=1 loss=poisson"};
    for (int64_t i = 0; i < 500; i++) data.y[i] = fabs(data.y[i]);
    for (int64_t i = 0; i < twice.n_rows; i++) twice.y[i] = fabs(twice.y[i]);
    for (int c = 0; c < 3; c++) {
        az_model *weighted = fit_threads(&data, true, parameters[c], 1), *repeated = fit(&twice, parameters[c]);
        if (difference(weighted, repeated, &data) > 1e-11)
            fail_msg("%s: %.2e", parameters[c], difference(weighted, repeated, &data));
        az_model_free(weighted);
        az_model_free(repeated);
    }
    free_numbers(&data);
    free_numbers(&twice);
}

/* A row and the same row with the opposite weight are no row: simulations subtract so. */
static void negative_weights_subtract(void **state)
{
    (void)state;
    numbers data = friedman(700, false), more = new_numbers(900, 6);
    round_columns(&data);
    for (int64_t i = 0; i < 900; i++) {
        const int64_t from = i < 700 ? i : (i - 700) / 2;
        for (int j = 0; j < 6; j++) more.x[j][i] = data.x[j][from];
        more.y[i] = i < 700 ? data.y[i] : 50;
        more.w[i] = i < 700 ? data.w[i] : i % 2 ? -3 : 3;
    }
    const char *parameters = "n_estimators=20 min_samples_leaf=1 min_child_weight=1";
    az_model *plain = fit_threads(&data, true, parameters, 1), *subtracted = fit_threads(&more, true, parameters, 1);
    assert_true(difference(plain, subtracted, &data) < 1e-9);
    az_model_free(plain);
    az_model_free(subtracted);
    free_numbers(&data);
    free_numbers(&more);
}

/* Noise teaches nothing: it stops soon.  A signal is learnt to the end. */
static void early_stopping_stops(void **state)
{
    (void)state;
    numbers data = friedman(2000, false), noise = friedman(2000, false);
    for (int64_t i = 0; i < 2000; i++) noise.y[i] = az_random_normal(az_stream_new(3, "noise"), (uint64_t)i, 0);
    const char *parameters = "early_stopping=true n_estimators=60 subsample=0.8";
    az_model *long_fit = fit(&data, parameters), *short_fit = fit(&noise, parameters);
    assert_int_equal(long_fit->result.n_iterations, 60);
    assert_true(short_fit->result.n_iterations < 20);
    const az_boosting *fitted = short_fit->fitted;
    assert_int_equal(fitted->trees->n_trees, short_fit->result.n_iterations);
    assert_true(fitted->best_loss > 0.3 && fitted->best_loss < 0.8); /* half of a variance of 1 */
    az_model_free(long_fit);
    az_model_free(short_fit);
    free_numbers(&data);
    free_numbers(&noise);
}

/* Enough rows for leaves that are cut into blocks, and all ways that lead there. */
static void threads_change_nothing(void **state)
{
    (void)state;
    static const char *const parameters[] = {"n_estimators=4", "n_estimators=4 max_leaf_nodes=0 max_depth=5",
                                             "n_estimators=3 subsample=0.7 colsample_bytree=0.7 max_features=2",
                                             "n_estimators=2 loss=huber"};
    for (int c = 0; c < 6; c++) {
        numbers data = friedman(70000, true);
        if (c >= 4) make_labels(&data, c == 4 ? 2 : 3);
        const char *with = c < 4 ? parameters[c] : "n_estimators=3 early_stopping=true";
        az_model *one = fit_threads(&data, c == 1, with, 1);
        for (int n_threads = 2; n_threads <= 4; n_threads += 2) {
            az_model *several = fit_threads(&data, c == 1, with, n_threads);
            expect_same_bits(one, several, &data);
            az_model_free(several);
        }
        az_model_free(one);
        free_numbers(&data);
    }
}

/* The rounds of a short fit are the first ones of a long fit, and scores are their sums. */
static void rounds_add_up(void **state)
{
    (void)state;
    numbers data = friedman(1500, true);
    az_model *first = fit(&data, "n_estimators=7"), *all = fit(&data, "n_estimators=12");
    const az_boosting *few = first->fitted, *many = all->fitted;
    double *p = predict(all, &data), *q = predict(first, &data);
    for (int64_t i = 0; i < data.n_rows; i++) {
        double x[6], sum = many->initial[0];
        for (int j = 0; j < 6; j++) x[j] = data.x[j][i];
        for (int64_t t = 0; t < 12; t++) {
            const az_tree *tree = &many->trees->trees[t];
            sum += tree->nodes[az_tree_leaf(tree, x)].threshold;
            if (t == 6) assert_true(sum == q[i]);
        }
        assert_true(sum == p[i]);
    }
    assert_true(few->trees->n_trees == 7 && many->trees->n_trees == 12);
    free(p);
    free(q);
    az_model_free(first);
    az_model_free(all);
    free_numbers(&data);
}

/* More rounds are those of one longer fit. */
static void going_on_is_one_longer_fit(void **state)
{
    (void)state;
    for (int c = 0; c < 4; c++) {
        numbers data = friedman(1200, true);
        if (c == 3) make_labels(&data, 3);
        const char *more = c == 1 ? "loss=huber" : c == 2 ? "subsample=0.6 colsample_bytree=0.5 max_features=2" : "";
        char few[128], all[128];
        snprintf(few, sizeof few, "n_estimators=5 %s", more);
        snprintf(all, sizeof all, "n_estimators=9 %s", more);
        az_model *begun = fit(&data, few), *whole = fit(&data, all), *gone_on = NULL;
        az_table *table = table_of(&data);
        if (az_fit_extend(&gone_on, begun, table, "n_estimators=9", NULL)) fail_msg("%s", az_error_message());
        expect_same_bits(gone_on, whole, &data);
        assert_int_equal(gone_on->result.n_iterations, 9);
        az_model_free(gone_on);
        gone_on = NULL;
        assert_int_equal(az_fit_extend(&gone_on, begun, table, "n_estimators=5", NULL), AZ_ERROR_USAGE);
        az_table_free(table);
        az_model_free(begun);
        az_model_free(whole);
        free_numbers(&data);
    }
}

static void squared(void *user, int64_t n_rows, const double *y, const double *score, double *gradient,
                    double *curvature)
{
    ++*(int *)user;
    for (int64_t i = 0; i < n_rows; i++) {
        gradient[i] = score[i] - y[i];
        curvature[i] = 1;
    }
}

static double squared_value(void *user, double y, double score)
{
    (void)user;
    return 0.5 * (y - score) * (y - score);
}

static void bad(void *user, int64_t n_rows, const double *y, const double *score, double *gradient, double *curvature)
{
    squared(user, n_rows, y, score, gradient, curvature);
    gradient[n_rows / 2] = NAN;
}

/* A caller's squares are the library's. */
static void a_callers_loss(void **state)
{
    (void)state;
    numbers data = friedman(800, false);
    az_table *table = table_of(&data);
    const az_roles roles = {.target = "y", .ignore = "w"};
    const az_boosting *own;
    az_model *model = NULL, *same = fit(&data, "n_estimators=15");
    own = same->fitted;
    int n_calls = 0;
    az_loss_functions loss = {squared, squared_value, own->initial[0], &n_calls};
    assert_int_equal(az_fit_boosting(&model, table, &roles, "n_estimators=15", &loss, NULL), AZ_OK);
    assert_int_equal(n_calls, 15);
    assert_true(difference(model, same, &data) < 1e-12);
    az_model *more = NULL;
    assert_int_equal(az_fit_extend(&more, model, table, "n_estimators=20", NULL), AZ_ERROR_USAGE);
    az_model_free(model);
    model = NULL;
    loss.gradient = bad;
    assert_int_equal(az_fit_boosting(&model, table, &roles, "", &loss, NULL), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "no finite gradient"));
    loss = (az_loss_functions){.gradient = squared, .user = &n_calls};
    assert_int_equal(az_fit_boosting(&model, table, &roles, "early_stopping=true", &loss, NULL), AZ_ERROR_USAGE);
    expect_refusal(&data, "loss=custom", "az_fit_boosting");
    az_table_free(table);
    az_model_free(same);
    free_numbers(&data);
}

/* Factors on classes are weights. */
static void classes_have_weights(void **state)
{
    (void)state;
    numbers data = friedman(900, false);
    make_labels(&data, 2);
    for (int64_t i = 0; i < data.n_rows; i++) data.w[i] = data.label[i][0] == 'b' ? 3 : 1;
    az_model *weighted = fit_threads(&data, true, "n_estimators=10", 1);
    az_model *class = fit(&data, "n_estimators=10 class_weight=b:3"),
             *positive = fit(&data, "n_estimators=10 scale_pos_weight=3");
    expect_same_bits(weighted, class, &data);
    expect_same_bits(weighted, positive, &data);
    az_model_free(weighted);
    az_model_free(class);
    az_model_free(positive);
    free_numbers(&data);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    numbers data = friedman(100, false);
    data.y[3] = -1;
    expect_refusal(&data, "loss=poisson", "-1");
    expect_refusal(&data, "loss=gamma", "above 0");
    expect_refusal(&data, "loss=log_loss", "classes");
    expect_refusal(&data, "max_leaf_nodes=1", "two leaves");
    expect_refusal(&data, "scale_pos_weight=2", "classes");
    expect_refusal(&data, "max_features=none", "max_features");
    expect_refusal(&data, "early_stopping=true validation_fraction=0", "held out");
    expect_refusal(&data, "linear_tree=true", "boost its residuals");
    for (int64_t i = 0; i < 100; i++) data.y[i] = 0;
    expect_refusal(&data, "loss=poisson", "not positive");
    free_numbers(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_those_of_scikit_learn),
        cmocka_unit_test(known_sets_are_learnt_as_well),
        cmocka_unit_test(monotone_constraints_hold),
        cmocka_unit_test(interaction_constraints_hold),
        cmocka_unit_test(missing_values_have_a_direction),
        cmocka_unit_test(categories_are_split_as_sets),
        cmocka_unit_test(weight_two_is_the_row_twice),
        cmocka_unit_test(negative_weights_subtract),
        cmocka_unit_test(early_stopping_stops),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(rounds_add_up),
        cmocka_unit_test(going_on_is_one_longer_fit),
        cmocka_unit_test(a_callers_loss),
        cmocka_unit_test(classes_have_weights),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
