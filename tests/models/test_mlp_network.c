/* SPDX-License-Identifier: BSD-3-Clause */
/* The perceptron's parts against plain loops and closed forms: activations, losses, first weights, first steps, depth.
 */
#include "base/memory.h"
#include "fail_allocation.h"
#include "models/mlp/mlp.h"

#include <ansatz/ansatz.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- activations ---- */

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* As textbooks write them. */
static double activation(const char *name, double x)
{
    if (!strcmp(name, "relu")) return x > 0 ? x : 0;
    if (!strcmp(name, "tanh")) return tanh(x);
    if (!strcmp(name, "logistic") || !strcmp(name, "sigmoid")) return sigmoid(x);
    if (!strcmp(name, "identity") || !strcmp(name, "linear")) return x;
    if (!strcmp(name, "leaky_relu")) return x > 0 ? x : 0.01 * x;
    if (!strcmp(name, "elu")) return x > 0 ? x : exp(x) - 1;
    if (!strcmp(name, "swish") || !strcmp(name, "silu")) return x * sigmoid(x);
    if (!strcmp(name, "gelu")) return x * 0.5 * (1 + erf(x / sqrt(2)));
    if (!strcmp(name, "softplus")) return log(1 + exp(x));
    if (!strcmp(name, "sin")) return sin(x);
    if (!strcmp(name, "cos")) return cos(x);
    if (!strcmp(name, "step")) return x > 0 ? 1 : 0;
    fail_msg("what is %s?", name);
    return NAN;
}

enum { MOST_UNITS = 8 };

/* The network's sums of layer `n_layers`, unit after unit. */
static void evaluate(const az_mlp_shape *shape, const double *theta, const double *features, double *out)
{
    const char *name = az_activations[shape->activation].name;
    double before[MOST_UNITS];
    memcpy(before, features, sizeof(double) * (size_t)shape->size[0]);
    for (int l = 0; l < shape->n_layers; l++) {
        const int64_t n = shape->size[l], m = shape->size[l + 1];
        for (int64_t j = 0; j < m; j++) {
            out[j] = theta[n * m + j];
            for (int64_t k = 0; k < n; k++) out[j] += before[k] * theta[k * m + j];
        }
        for (int64_t j = 0; j < m; j++) before[j] = activation(name, out[j]);
        theta += (n + 1) * m;
    }
}

static az_mlp *model_of(const az_mlp_shape *shape, int64_t n_outputs, double size)
{
    az_mlp *model;
    assert_int_equal(az_mlp_new(&model, shape, n_outputs), AZ_OK);
    for (int64_t i = 0; i < model->n_parameters; i++) model->theta[i] = size * sin(1.1 * (double)i + 0.5);
    assert_int_equal(az_mlp_make_plan(model), AZ_OK);
    return model;
}

static void predict(const az_mlp *model, const double *features, int64_t n_rows, double *out)
{
    const az_model_class *class = az_model_class_find("mlp");
    void *scratch = malloc(class->scratch(model, n_rows));
    class->predict(model, features, n_rows, out, scratch);
    free(scratch);
}

static void activations_are_their_formulas(void **state)
{
    (void)state;
    enum { ROWS = 37 };
    double worst = 0;
    int n = 0;
    for (int32_t a = 0; az_activations[a].name; a++, n++) {
        const az_mlp_shape shape = {.size = {3, 5, 4, 2}, .n_layers = 3, .activation = a, .head = AZ_MLP_VALUES};
        az_mlp *model = model_of(&shape, 2, 1.5);
        double x[ROWS * 3], found[ROWS * 2], expected[MOST_UNITS];
        for (int i = 0; i < ROWS * 3; i++) x[i] = 2 * sin(1.7 * i + 0.3);
        predict(model, x, ROWS, found);
        for (int i = 0; i < ROWS; i++) {
            evaluate(&shape, model->theta, x + 3 * i, expected);
            for (int k = 0; k < 2; k++) worst = fmax(worst, fabs(found[2 * i + k] - expected[k]));
        }
        az_mlp_free(model);
    }
    print_message("%d activations: %.2g\n", n, worst);
    assert_int_equal(n, 15);
    assert_true(worst < 1e-13);
}

/* A hundred layers deep, and still what the loops say. */
static void depth_has_no_limit_that_matters(void **state)
{
    (void)state;
    az_mlp_shape shape = {.n_layers = 100, .activation = 1, .head = AZ_MLP_VALUES};
    for (int l = 0; l <= 100; l++) shape.size[l] = l == 100 ? 1 : 3;
    az_mlp *model = model_of(&shape, 1, 1.2);
    const double x[] = {0.3, -0.4, 0.5};
    double found, expected[MOST_UNITS];
    predict(model, x, 1, &found);
    evaluate(&shape, model->theta, x, expected);
    assert_true(fabs(found - expected[0]) < 1e-12);
    az_mlp_free(model);

    enum { ROWS = 40 };
    double a[ROWS], y[ROWS];
    for (int i = 0; i < ROWS; i++) a[i] = sin(1.3 * i), y[i] = a[i] * a[i];
    az_table *table;
    assert_int_equal(az_table_new(&table, ROWS), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "a", NULL, a, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    char parameters[400] = "hidden_layer_sizes=4";
    for (int l = 1; l < 127; l++) strcat(parameters, ",4");
    strcat(parameters, " max_iter=2");
    const az_roles roles = {.target = "y", .features = "a"};
    az_model *deep = NULL;
    assert_int_equal(az_fit_roles(&deep, "mlp", table, &roles, parameters, NULL), AZ_OK);
    az_model_free(deep);
    az_table_free(table);
}

/* ---- losses ---- */

/* The loss of a plan, on rows with weights, against its definition. */
static void losses_are_their_definitions(void **state)
{
    (void)state;
    enum { ROWS = 21 };
    static const az_mlp_head heads[] = {AZ_MLP_VALUES, AZ_MLP_TWO_CLASSES, AZ_MLP_CLASSES, AZ_MLP_NORMAL};
    for (int h = 0; h < 4; h++) {
        az_mlp_shape shape = {.size = {3, 5, 2}, .n_layers = 2, .activation = 1, .head = heads[h]};
        if (heads[h] == AZ_MLP_TWO_CLASSES) shape.size[2] = 1;
        const int64_t m = shape.size[2], n = az_mlp_n_parameters(&shape);
        double x[ROWS * 3], y[ROWS * 2], w[ROWS], theta[64], total = 0, expected = 0, loss, scale;
        for (int64_t i = 0; i < n; i++) theta[i] = 0.7 * sin(1.1 * (double)i + 0.5);
        for (int i = 0; i < ROWS * 3; i++) x[i] = sin(1.7 * i + 0.3);
        for (int i = 0; i < ROWS; i++) {
            double out[MOST_UNITS], deviation[MOST_UNITS];
            double *target = y + i * m;
            total += w[i] = 0.5 + i % 3;
            evaluate(&shape, theta, x + 3 * i, out);
            for (int64_t k = 0; k < m; k++) target[k] = cos(2.3 * (double)(i * m + k));
            if (heads[h] == AZ_MLP_TWO_CLASSES) target[0] = i % 3 == 0;
            if (heads[h] == AZ_MLP_CLASSES) target[0] = i % 2, target[1] = 1 - i % 2;
            /* The variance's layer stands beside the last one: the same hidden units, weights behind all others. */
            az_mlp_shape beside = shape;
            double with_other_head[64];
            memcpy(with_other_head, theta, sizeof theta);
            if (heads[h] == AZ_MLP_NORMAL) {
                const int64_t last = 5 * m + m;
                memcpy(with_other_head + 4 * 5, theta + 4 * 5 + last, sizeof(double) * (size_t)last);
                evaluate(&beside, with_other_head, x + 3 * i, deviation);
            }
            double of_row = 0;
            switch (heads[h]) {
            case AZ_MLP_VALUES:
                for (int64_t k = 0; k < m; k++) of_row += 0.5 * (out[k] - target[k]) * (out[k] - target[k]);
                break;
            case AZ_MLP_TWO_CLASSES: of_row = -log(target[0] > 0 ? sigmoid(out[0]) : 1 - sigmoid(out[0])); break;
            case AZ_MLP_CLASSES: of_row = -log(exp(out[i % 2 ? 0 : 1]) / (exp(out[0]) + exp(out[1]))); break;
            default:
                for (int64_t k = 0; k < m; k++) {
                    const double variance = log(1 + exp(deviation[k])) + 1e-6;
                    of_row += 0.5 * log(variance) + /* without log(2 pi) / 2 */
                              (target[k] - out[k]) * (target[k] - out[k]) / (2 * variance);
                }
            }
            expected += w[i] * of_row;
        }
        expected /= total;
        scale = 1 / total;
        const az_binding inputs[] = {{.name = "x", .data = x, .type = AZ_F64},
                                     {.name = "target", .data = y, .type = AZ_F64},
                                     {.name = "weight", .data = w, .type = AZ_F64},
                                     {.name = AZ_TRAIN_SCALE, .data = &scale, .type = AZ_F64}};
        const az_binding output = {.name = "loss", .data = &loss, .type = AZ_F64};
        az_plan *step, *held;
        assert_int_equal(az_mlp_training_plans(&step, &held, &shape, AZ_F64, true), AZ_OK);
        for (int k = 0; k < 2; k++) {
            const az_run_arguments arguments = {
                .n_rows = ROWS, .theta = theta, .inputs = inputs, .n_inputs = 4, .outputs = &output, .n_outputs = 1};
            assert_int_equal(az_run(k ? held : step, &arguments), AZ_OK);
            print_message("head %d: %.15g, by loops %.15g\n", h, loss, expected);
            assert_true(fabs(loss - expected) < 1e-13);
        }
        az_plan_free(step);
        az_plan_free(held);
    }
}

/* ---- what weights begin with ---- */

static void first_weights_are_drawn_as_told(void **state)
{
    (void)state;
    enum { IN = 300, OUT = 200, TANH = 1, LOGISTIC = 2, GLOROT = 0, HE, RANDOM, ZERO };
    static double weight[IN * OUT], other[IN * OUT], bias[OUT];
    assert_string_equal(az_activations[LOGISTIC].name, "logistic");
    static const struct {
        int32_t initialiser, activation;
        double bound, variance, bias_bound; /* bound 0: none */
    } cases[] = {{GLOROT, TANH, 0.10954451150103323 /* sqrt(6/500) */, 6.0 / 500 / 3, 0.10954451150103323},
                 {GLOROT, LOGISTIC, 0.06324555320336758 /* sqrt(2/500) */, 2.0 / 500 / 3, 0.06324555320336758},
                 {HE, TANH, 0, 2.0 / 300, 0},
                 {RANDOM, TANH, 0.5, 1.0 / 12, 0.5},
                 {ZERO, TANH, 0, 0, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double most = 0, mean = 0, squares = 0, most_bias = 0;
        az_initialise(cases[c].initialiser, &az_activations[cases[c].activation], 7, "layer 1", IN, OUT, weight, bias);
        for (int i = 0; i < IN * OUT; i++) {
            most = fmax(most, fabs(weight[i]));
            mean += weight[i] / (IN * OUT);
            squares += weight[i] * weight[i] / (IN * OUT);
        }
        for (int j = 0; j < OUT; j++) most_bias = fmax(most_bias, fabs(bias[j]));
        if (cases[c].bound > 0) assert_true(most <= cases[c].bound && most > 0.999 * cases[c].bound);
        assert_true(most_bias <= cases[c].bias_bound && most_bias >= 0.95 * cases[c].bias_bound);
        /* Of 60,000 numbers: five standard deviations of the mean, and of the variance. */
        assert_true(fabs(mean) <= 5 * sqrt(cases[c].variance / (IN * OUT)));
        assert_true(fabs(squares - cases[c].variance) <= 5 * cases[c].variance * sqrt(2.0 / (IN * OUT)));
        /* By the seed and the name of the layer. */
        az_initialise(cases[c].initialiser, &az_activations[TANH], 8, "layer 1", IN, OUT, other, bias);
        assert_true((memcmp(weight, other, sizeof weight) == 0) == (cases[c].initialiser == ZERO));
        az_initialise(cases[c].initialiser, &az_activations[TANH], 7, "layer 2", IN, OUT, other, bias);
        assert_true((memcmp(weight, other, sizeof weight) == 0) == (cases[c].initialiser == ZERO));
    }
}

/* ---- the first step of each solver ---- */

enum { N = 50 };
static char checkpoint[] = "/tmp/ansatz-mlp-XXXXXX";

static az_table *small_table(void)
{
    static double a[N], b[N], y[N];
    az_table *table;
    for (int i = 0; i < N; i++) a[i] = sin(1.3 * i), b[i] = cos(2.1 * i), y[i] = a[i] * b[i] + 0.3 * a[i];
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "a", NULL, a, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "b", NULL, b, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    return table;
}

static void weights_after(const az_table *table, const char *parameters, double *theta)
{
    const az_roles roles = {.target = "y", .features = "a,b"};
    char all[400];
    az_model *model = NULL;
    snprintf(all, sizeof all, "hidden_layer_sizes=6 batch_size=all precision=f64 %s", parameters);
    const az_status status = az_fit_roles(&model, "mlp", table, &roles, all, NULL);
    if (status) print_error("%s: %s\n", all, az_error_message());
    assert_int_equal(status, AZ_OK);
    const az_mlp *mlp = model->fitted;
    assert_int_equal(mlp->n_parameters, 25);
    memcpy(theta, mlp->theta, 25 * sizeof *theta);
    az_model_free(model);
}

static void first_steps_are_their_closed_forms(void **state)
{
    (void)state;
    static const struct {
        const char *parameters;
        double along, sign,
            keep; /* the step is rate * (along * gradient + sign * its sign); weights are kept by keep */
    } cases[] = {
        {"solver=sgd", 1.9, 0, 1},
        {"solver=sgd nesterovs_momentum=false", 1, 0, 1},
        {"solver=sgd momentum=0.5", 1.5, 0, 1},
        {"solver=adam epsilon=0", 0, 1, 1},
        {"solver=adamw epsilon=0 weight_decay=0.1", 0, 1, 1 - 0.01 * 0.1},
        {"solver=rmsprop epsilon=0", 0, 3.1622776601683795 /* 1 / sqrt(1 - rho) */, 1},
        {"solver=gradient_descent warm_up=2", 0.5, 0, 1},
    };
    az_table *table = small_table();
    double start[25], gradient[25], after[25];
    const double rate = 0.01;
    weights_after(table, "max_iter=1 activation=tanh learning_rate_init=0", start);
    weights_after(table, "max_iter=1 activation=tanh learning_rate_init=0.01 solver=gradient_descent", after);
    for (int i = 0; i < 25; i++) gradient[i] = (start[i] - after[i]) / rate;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char parameters[200];
        snprintf(parameters, sizeof parameters, "max_iter=1 activation=tanh learning_rate_init=0.01 %s",
                 cases[c].parameters);
        weights_after(table, parameters, after);
        for (int i = 0; i < 25; i++) {
            const double step = cases[c].along * gradient[i] + cases[c].sign * (gradient[i] > 0 ? 1 : -1);
            assert_true(fabs(after[i] - (cases[c].keep * start[i] - rate * step)) < 1e-14);
        }
    }
    /* A step has no slope: what lies before it stays, what lies behind it learns. */
    weights_after(table, "max_iter=1 activation=step learning_rate_init=0", start);
    weights_after(table, "max_iter=5 activation=step learning_rate_init=0.01 alpha=0", after);
    assert_memory_equal(start, after, 18 * sizeof *start);
    int n_moved = 0; /* but of units that are 0 in all rows */
    for (int i = 18; i < 25; i++) n_moved += start[i] != after[i];
    assert_true(n_moved >= 4);
    az_table_free(table);
}

/* ---- out of memory ---- */

/* Fits by batches and by L-BFGS, rows held out, predictions, and what a checkpoint holds. */
static az_status everything(void *context)
{
    static const char *const parameters[] = {
        "hidden_layer_sizes=3,2 max_iter=2 batch_size=16 early_stopping=true",
        "hidden_layer_sizes=2 max_iter=2 solver=lbfgs loss=gaussian",
    };
    const az_table *table = context;
    const az_roles roles = {.target = "y", .features = "a,b"};
    const az_control control = {.checkpoint = checkpoint};
    az_model *model = NULL;
    double out[N];
    az_status status = AZ_OK;
    for (int i = 0; i < 2; i++) {
        AZ_GOTO(az_fit_roles(&model, "mlp", table, &roles, parameters[i], i == 0 ? &control : NULL));
        AZ_GOTO(az_predict_table(model, table, out, NULL, NULL));
        az_model_free(model);
        model = NULL;
    }
done:
    az_model_free(model);
    return status;
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const int file = mkstemp(checkpoint);
    assert_true(file >= 0);
    close(file);
    az_table *table = small_table();
    const long n = fail_each_allocation(everything, table);
    print_message("%ld allocations\n", n);
    assert_true(n > 100);
    az_table_free(table);
    unlink(checkpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activations_are_their_formulas),     cmocka_unit_test(depth_has_no_limit_that_matters),
        cmocka_unit_test(losses_are_their_definitions),       cmocka_unit_test(first_weights_are_drawn_as_told),
        cmocka_unit_test(first_steps_are_their_closed_forms), cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
