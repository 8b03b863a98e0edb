/* SPDX-License-Identifier: BSD-3-Clause */
/* The perceptron: gradients against differences, updates against PyTorch's, stopping, resuming, weights of rows. */
#include "base/memory.h"
#include "models/mlp/mlp.h"

#include <ansatz/ansatz.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "frozen_mlp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- gradients and updates ---- */

enum { N_ROWS = 12, MOST_PARAMETERS = 200, MOST_ARRAYS = 16 };

static double x[N_ROWS * 3], y[N_ROWS * 2], weight[N_ROWS];

static void fill(void)
{
    for (int i = 0; i < N_ROWS * 3; i++) x[i] = sin(1.7 * i + 0.3);
    for (int i = 0; i < N_ROWS * 2; i++) y[i] = cos(2.3 * i + 0.1);
    for (int i = 0; i < N_ROWS; i++) weight[i] = 0.5 + i % 3;
}

static void names_of(const az_mlp_shape *shape, char names[][48], const char **list)
{
    for (int i = 0; i < 2 * az_mlp_n_dense(shape); i++) {
        char name[32];
        az_mlp_layer_name(i / 2, name);
        snprintf(names[i], 48, "%s/%s", name, i % 2 ? "bias" : "weight");
        list[i] = names[i];
    }
}

static double loss_and_gradient(const az_plan *plan, const az_mlp_shape *shape, const double *target,
                                const double *theta, double *gradient)
{
    char names[MOST_ARRAYS][48];
    const char *list[MOST_ARRAYS];
    double loss, total = 0, scale;
    for (int i = 0; i < N_ROWS; i++) total += weight[i];
    scale = 1 / total;
    const az_binding inputs[] = {{.name = "x", .data = x, .type = AZ_F64},
                                 {.name = "target", .data = (void *)(uintptr_t)target, .type = AZ_F64},
                                 {.name = "weight", .data = weight, .type = AZ_F64},
                                 {.name = AZ_TRAIN_SCALE, .data = &scale, .type = AZ_F64}};
    az_binding outputs[MOST_ARRAYS + 1] = {{.name = "loss", .data = &loss, .type = AZ_F64}};
    const int n = 2 * az_mlp_n_dense(shape);
    names_of(shape, names, list);
    for (int i = 0; i < n; i++) {
        int64_t offset, size;
        assert_true(az_plan_parameter(plan, list[i], &offset, &size));
        outputs[i + 1] = (az_binding){.name = list[i], .data = gradient + offset, .type = AZ_F64};
    }
    const az_run_arguments arguments = {.n_rows = N_ROWS,
                                        .theta = theta,
                                        .inputs = inputs,
                                        .n_inputs = 4,
                                        .outputs = outputs,
                                        .n_outputs = gradient ? n + 1 : 1};
    assert_int_equal(az_run(plan, &arguments), AZ_OK);
    return loss;
}

static void gradients_are_slopes(void **state)
{
    (void)state;
    static const az_mlp_shape shapes[] = {
        {.size = {3, 5, 4, 2}, .n_layers = 3, .head = AZ_MLP_VALUES},
        {.size = {3, 5, 1}, .n_layers = 2, .head = AZ_MLP_TWO_CLASSES},
        {.size = {3, 4, 2}, .n_layers = 2, .head = AZ_MLP_CLASSES},
        {.size = {3, 4, 2}, .n_layers = 2, .head = AZ_MLP_NORMAL},
        {.size = {3, 2}, .n_layers = 1, .head = AZ_MLP_CLASSES},
    };
    double worst = 0;
    fill();
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (int32_t a = 0; az_activations[a].name; a++) {
            if (strcmp(az_activations[a].name, "step") == 0) continue; /* its slope is 0 and its jumps are not */
            az_mlp_shape shape = shapes[s];
            az_plan *step, *held;
            double target[N_ROWS * 2], theta[MOST_PARAMETERS], gradient[MOST_PARAMETERS], none[MOST_PARAMETERS];
            shape.activation = a;
            for (int i = 0; i < N_ROWS * 2; i++)
                target[i] = shape.head == AZ_MLP_TWO_CLASSES ? i % 3 == 0
                            : shape.head == AZ_MLP_CLASSES   ? i % 4 == 0 || i % 4 == 3
                                                             : y[i];
            assert_int_equal(az_mlp_training_plans(&step, &held, &shape, AZ_F64, true), AZ_OK);
            const int64_t n = az_mlp_n_parameters(&shape);
            assert_int_equal(n, az_plan_n_parameters(step));
            for (int64_t i = 0; i < n; i++) theta[i] = 0.7 * sin(1.1 * (double)i + 0.5);
            loss_and_gradient(step, &shape, target, theta, gradient);
            for (int64_t i = 0; i < n; i++) {
                const double h = 1e-5, at = theta[i];
                theta[i] = at + h;
                const double above = loss_and_gradient(step, &shape, target, theta, none);
                theta[i] = at - h;
                const double below = loss_and_gradient(step, &shape, target, theta, none);
                theta[i] = at;
                worst = fmax(worst, fabs((above - below) / (2 * h) - gradient[i]));
            }
            az_plan_free(step);
            az_plan_free(held);
        }
    }
    print_message("the worst difference of a gradient: %.2g\n", worst);
    assert_true(worst < 1e-8);
}

static const az_mlp_shape small = {.size = {3, 5, 4, 2}, .n_layers = 3, .activation = 1, .head = AZ_MLP_VALUES};

/* theta after the training, from sines. */
static void train_small(az_train_options *options, const az_control *control, az_type real, double *theta)
{
    char names[MOST_ARRAYS][48];
    const char *list[MOST_ARRAYS];
    int64_t rows[N_ROWS];
    az_history history;
    bool converged;
    az_plan *step, *held;
    static const bool is_weight[] = {true, false, true, false, true, false};
    fill();
    names_of(&small, names, list);
    assert_string_equal(az_activations[small.activation].name, "tanh");
    assert_int_equal(az_mlp_training_plans(&step, &held, &small, real, false), AZ_OK);
    for (int i = 0; i < N_ROWS; i++) rows[i] = i;
    for (int64_t i = 0; i < az_plan_n_parameters(step); i++) theta[i] = 0.7 * sin(1.1 * (double)i + 0.5);
    const az_train_input inputs[] = {{.name = "x", .data = x, .n = 3, .stride = {3, 1}},
                                     {.name = "target", .data = y, .n = 2, .stride = {2, 1}}};
    const az_train_problem problem = {.what = "mlp",
                                      .real = real,
                                      .step = step,
                                      .parameters = list,
                                      .n_parameters = 6,
                                      .is_penalised = is_weight,
                                      .alpha = 0.3,
                                      .inputs = inputs,
                                      .n_inputs = 2,
                                      .rows = rows,
                                      .n_rows = N_ROWS};
    assert_int_equal(az_train(&problem, options, theta, &history, &converged, control), AZ_OK);
    az_history_clear(&history);
    az_plan_free(step);
    az_plan_free(held);
}

static void ten_updates_are_those_of_pytorch_and_scipy(void **state)
{
    (void)state;
    static const struct {
        const char *name, *optimiser;
        const double *expected;
        az_optimiser_options values;
        double rate, tolerance;
    } cases[] = {
        {"gradient_descent", "gradient_descent", after_gradient_descent, {.momentum = 0}, 0.05, 1e-12},
        {"momentum", "momentum", after_momentum, {.momentum = 0.9}, 0.05, 1e-12},
        {"nesterov", "momentum", after_nesterov, {.momentum = 0.9, .nesterov = true}, 0.05, 1e-12},
        {"rmsprop", "rmsprop", after_rmsprop, {.rho = 0.9, .epsilon = 1e-8}, 0.01, 1e-12},
        {"adam", "adam", after_adam, {.beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-8}, 0.01, 1e-12},
        {"adamw",
         "adamw",
         after_adamw,
         {.beta_1 = 0.9, .beta_2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.1},
         0.01,
         1e-12},
        {"lbfgs", NULL, after_lbfgs, {.momentum = 0}, 0, 1e-12},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double theta[MOST_PARAMETERS], worst = 0;
        az_train_options options = {.optimiser = cases[c].optimiser ? az_optimiser_find(cases[c].optimiser) : NULL,
                                    .values = cases[c].values,
                                    .learning_rate = cases[c].rate,
                                    .batch_size = 6,
                                    .max_iter = cases[c].optimiser ? 5 : 10,
                                    .max_fun = 1000,
                                    .n_iter_no_change = 100};
        train_small(&options, NULL, AZ_F64, theta);
        for (size_t i = 0; i < sizeof after_adam / sizeof *after_adam; i++)
            worst = fmax(worst, fabs(theta[i] - cases[c].expected[i]));
        print_message("%s: %.2g\n", cases[c].name, worst);
        assert_true(worst < cases[c].tolerance);
    }
}

/* ---- fits of tables ---- */

enum { N_TABLE = 240 };
static double columns[5][2 * N_TABLE];
static const char *labels[2 * N_TABLE];

/* a, b in the square; y a wave; label: whether their signs agree (XNOR); w 1 or 2. */
static az_table *table_of(int64_t n, bool repeated)
{
    az_table *table;
    int64_t at = 0;
    const az_stream stream = az_stream_new(3, "mlp test");
    for (int64_t i = 0; i < n; i++) {
        const double a = 2 * az_random_uniform(stream, (uint64_t)i, 0) - 1;
        const double b = 2 * az_random_uniform(stream, (uint64_t)i, 1) - 1;
        for (int copy = 0; copy < (repeated ? 1 + (int)(i % 2) : 1); copy++, at++) {
            columns[0][at] = a;
            columns[1][at] = b;
            columns[2][at] = 10 + 3 * sin(2 * a) * b + 0.3 * az_random_normal(stream, (uint64_t)i, 2);
            columns[3][at] = 1 + (double)(i % 2);
            labels[at] = a * b > 0 ? "same" : "other";
        }
    }
    assert_int_equal(az_table_new(&table, at), AZ_OK);
    static const char *const headers[] = {"a", "b", "y", "w"};
    for (int k = 0; k < 4; k++) assert_int_equal(az_table_add_numeric(table, headers[k], NULL, columns[k], 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "label", labels), AZ_OK);
    return table;
}

static az_model *fit(const az_table *table, const char *target, const char *weights, const char *parameters,
                     const az_control *control, az_status expected)
{
    const az_roles roles = {.target = target, .features = "a,b", .weight = weights};
    az_model *model = NULL;
    const az_status status = az_fit_roles(&model, "mlp", table, &roles, parameters, control);
    if (status != expected) print_error("%s\n", az_error_message());
    assert_int_equal(status, expected);
    return model;
}

static const az_mlp *inside(const az_model *model)
{
    return model->fitted;
}

static double accuracy(const az_model *model, const az_table *table)
{
    double right = 0;
    const double corners[][2] = {{-0.8, -0.8}, {-0.8, 0.8}, {0.8, -0.8}, {0.8, 0.8}};
    (void)table;
    for (int i = 0; i < 4; i++) {
        double p[2];
        assert_int_equal(az_predict(model, NULL, corners[i], 1, 2, 1, p, 2, NULL, NULL), AZ_OK);
        right += (p[1] > 0.5) == (i == 0 || i == 3);
    }
    return right / 4;
}

/* One linear unit cannot tell the four corners of XNOR apart, a hidden layer can (Minsky and Papert 1969). */
static void xnor_needs_a_hidden_layer(void **state)
{
    (void)state;
    az_table *table = table_of(N_TABLE, false);
    static const char *const solved[] = {"hidden_layer_sizes=10,10 activation=tanh solver=lbfgs max_iter=500",
                                         "hidden_layer_sizes=100 learning_rate_init=0.01 max_iter=300",
                                         "hidden_layer_sizes=10 activation=gelu solver=lbfgs max_iter=500"};
    for (size_t i = 0; i < sizeof solved / sizeof *solved; i++) {
        az_model *model = fit(table, "label", NULL, solved[i], NULL, AZ_OK);
        assert_true(accuracy(model, table) == 1);
        az_model_free(model);
    }
    az_model *model = fit(table, "label", NULL, "hidden_layer_sizes= solver=lbfgs", NULL, AZ_OK);
    assert_true(accuracy(model, table) < 1);
    az_model_free(model);
    az_table_free(table);
}

/* In full batches the loss is a sum over rows. */
static void weight_two_is_the_row_twice(void **state)
{
    (void)state;
    static const char *const parameters[] = {
        "hidden_layer_sizes=6 activation=tanh batch_size=all max_iter=40 precision=f64",
        "hidden_layer_sizes=6 activation=tanh solver=lbfgs max_iter=10 loss=gaussian",
    };
    for (int i = 0; i < 2; i++) {
        double rows[] = {0.3, -0.4}, a, b;
        az_table *weighted = table_of(N_TABLE, false);
        az_model *one = fit(weighted, "y", "w", parameters[i], NULL, AZ_OK);
        assert_int_equal(az_predict(one, NULL, rows, 1, 2, 1, &a, 1, NULL, NULL), AZ_OK);
        az_model_free(one);
        az_table_free(weighted);
        az_table *repeated = table_of(N_TABLE, true);
        az_model *two = fit(repeated, "y", NULL, parameters[i], NULL, AZ_OK);
        assert_int_equal(az_predict(two, NULL, rows, 1, 2, 1, &b, 1, NULL, NULL), AZ_OK);
        az_model_free(two);
        az_table_free(repeated);
        assert_true(fabs(a - b) < 1e-8);
    }
}

static void stopping_keeps_the_best_weights(void **state)
{
    (void)state;
    az_table *table = table_of(60, false);
    static const char *const parameters[] = {
        "early_stopping=true hidden_layer_sizes=50 learning_rate_init=0.03 max_iter=400 validation_fraction=0.3 tol=0",
        "look_back=true hidden_layer_sizes=50 learning_rate_init=0.03 max_iter=150 validation_fraction=0.3",
    };
    for (int i = 0; i < 2; i++) {
        az_model *model = fit(table, "y", NULL, parameters[i], NULL, AZ_OK);
        const az_history *history = &inside(model)->history;
        double least = INFINITY;
        for (int64_t e = 0; e < history->n; e++) least = fmin(least, history->held[e]);
        assert_true(history->held[history->best - 1] == least);
        if (i == 0) assert_int_equal(history->n, history->best + 11);
        if (i == 1) assert_int_equal(history->n, 150);
        assert_true(history->best < history->n);
        /* Trained to that epoch alone, the weights are the same to the bit. */
        char shorter[400];
        snprintf(shorter, sizeof shorter, "%s max_iter=%lld", parameters[i], (long long)history->best);
        az_model *to_best = fit(table, "y", NULL, shorter, NULL, AZ_OK);
        assert_memory_equal(inside(model)->theta, inside(to_best)->theta,
                            (size_t)inside(model)->n_parameters * sizeof(double));
        az_model_free(to_best);
        az_model_free(model);
    }
    az_table_free(table);
}

/* Targets whose noise grows with a: quantiles of the normal distribution told for each row, against the truth. */
static void gaussian_loss_finds_mean_and_deviation(void **state)
{
    (void)state;
    enum { N = 2 * N_TABLE };
    static double a[N], target[N];
    const az_stream stream = az_stream_new(5, "noise that grows");
    az_table *table;
    for (int i = 0; i < N; i++) {
        a[i] = 2 * az_random_uniform(stream, (uint64_t)i, 0) - 1;
        target[i] = 50 + 3 * a[i] + exp(a[i]) * az_random_normal(stream, (uint64_t)i, 1);
    }
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "a", NULL, a, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, target, 1), AZ_OK);
    const az_roles roles = {.target = "y", .features = "a"};
    az_model *model = NULL;
    assert_int_equal(az_fit_roles(&model, "mlp", table, &roles,
                                  "loss=gaussian hidden_layer_sizes=8 activation=tanh solver=lbfgs alpha=1", NULL),
                     AZ_OK);
    const double levels[] = {0.5, 0.8413447460685429, 0, 1}; /* the mean, one deviation above it, the ends */
    static double quantile[N][4], prediction[N];
    assert_int_equal(az_predict_quantiles(model, table, levels, 4, &quantile[0][0], NULL), AZ_OK);
    assert_int_equal(az_predict_table(model, table, prediction, NULL, NULL), AZ_OK);
    for (int i = 0; i < N; i++) {
        const double deviation = quantile[i][1] - quantile[i][0];
        assert_true(fabs(quantile[i][0] - prediction[i]) < 1e-12 * 50);
        assert_true(fabs(prediction[i] - 50 - 3 * a[i]) < 0.4 * exp(a[i]));
        assert_true(fabs(log(deviation) - a[i]) < 0.25);
        assert_true(quantile[i][2] == -INFINITY && quantile[i][3] == INFINITY);
    }
    az_model_free(model);
    az_table_free(table);
    /* Other losses tell no deviations. */
    az_table *other = table_of(N_TABLE, false);
    az_model *plain = fit(other, "y", NULL, "max_iter=2", NULL, AZ_OK);
    assert_int_equal(az_predict_quantiles(plain, other, levels, 2, &quantile[0][0], NULL), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "gaussian"));
    az_model_free(plain);
    az_table_free(other);
}

/* ---- interruption ---- */

static int64_t calls_left;

static bool interrupt_later(void *user)
{
    (void)user;
    return calls_left-- <= 0;
}

static void resumed_training_has_the_same_bits(void **state)
{
    (void)state;
    char path[] = "/tmp/ansatz-mlp-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    az_table *table = table_of(N_TABLE, false);
    static const char *const parameters[] = {
        "batch_size=7 max_iter=12 hidden_layer_sizes=5,4",
        "batch_size=50 max_iter=30 hidden_layer_sizes=5 early_stopping=true solver=sgd learning_rate=adaptive",
        "max_iter=40 hidden_layer_sizes=5 solver=lbfgs activation=tanh",
        "batch_size=50 max_iter=20 hidden_layer_sizes=5 solver=rmsprop precision=f64 learning_rate=invscaling",
    };
    int64_t n_interrupts = 0;
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        az_model *whole = fit(table, "y", NULL, parameters[i], NULL, AZ_OK), *resumed = NULL;
        az_control control = {.interrupted = interrupt_later, .checkpoint = path};
        const az_roles roles = {.target = "y", .features = "a,b"};
        for (int64_t step = 5; !resumed; step += 3) {
            calls_left = step;
            const az_status status = az_fit_roles(&resumed, "mlp", table, &roles, parameters[i], &control);
            assert_true(status == AZ_OK || status == AZ_INTERRUPTED);
            n_interrupts += status == AZ_INTERRUPTED;
            control.resume = true;
        }
        assert_memory_equal(inside(whole)->theta, inside(resumed)->theta,
                            (size_t)inside(whole)->n_parameters * sizeof(double));
        assert_int_equal(inside(whole)->history.n, inside(resumed)->history.n);
        assert_memory_equal(inside(whole)->history.loss, inside(resumed)->history.loss,
                            (size_t)inside(whole)->history.n * sizeof(double));
        az_model_free(whole);
        az_model_free(resumed);
    }
    assert_true(n_interrupts > 8);
    print_message("interrupted %lld times\n", (long long)n_interrupts);
    /* Other parameters: refused, and told why. */
    az_control control = {.checkpoint = path, .resume = true};
    fit(table, "y", NULL, "max_iter=12 hidden_layer_sizes=9", &control, AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "other parameters"));
    unlink(path);
    az_table_free(table);
}

/* ---- what is refused ---- */

static void nonsense_is_refused_with_the_reason(void **state)
{
    (void)state;
    az_table *table = table_of(N_TABLE, false);
    static const struct {
        const char *target, *parameters, *words;
        az_status status;
    } cases[] = {
        {"y", "hidden_layer_sizes=10,,x", "hidden_layer_sizes", AZ_ERROR_USAGE},
        {"y", "hidden_layer_sizes=0", "hidden_layer_sizes", AZ_ERROR_USAGE},
        {"y", "batch_size=half", "batch_size", AZ_ERROR_USAGE},
        {"y", "solver=lbfgs precision=f32", "double", AZ_ERROR_USAGE},
        {"y", "loss=cross_entropy", "quantity", AZ_ERROR_USAGE},
        {"label", "loss=squared", "cross_entropy", AZ_ERROR_USAGE},
        {"y", "early_stopping=true validation_fraction=0.0001", "validation_fraction", AZ_ERROR_USAGE},
        {"y", "solver=gradient_descent learning_rate_init=1e30", "learning_rate_init", AZ_ERROR_DATA},
        {"y", "solver=gradient_descent learning_rate_init=1e30", "in step 2 the loss is not a finite number: the first",
         AZ_ERROR_DATA},
        {"y", "activation=relu learning_rate_init=1e30", "made by matmul in layer 2", AZ_ERROR_DATA},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fit(table, cases[i].target, NULL, cases[i].parameters, NULL, cases[i].status);
        if (!strstr(az_error_message(), cases[i].words)) print_error("%s\n", az_error_message());
        assert_non_null(strstr(az_error_message(), cases[i].words));
    }
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(ten_updates_are_those_of_pytorch_and_scipy),
        cmocka_unit_test(xnor_needs_a_hidden_layer),
        cmocka_unit_test(weight_two_is_the_row_twice),
        cmocka_unit_test(stopping_keeps_the_best_weights),
        cmocka_unit_test(gaussian_loss_finds_mean_and_deviation),
        cmocka_unit_test(resumed_training_has_the_same_bits),
        cmocka_unit_test(nonsense_is_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
