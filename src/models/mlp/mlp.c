/* SPDX-License-Identifier: BSD-3-Clause */
/* The multi-layer perceptron: dense layers with an activation between them, trained by gradients. */
#include "models/mlp/mlp.h"

#include "base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LOSS_AUTO, LOSS_SQUARED, LOSS_CROSS_ENTROPY, LOSS_GAUSSIAN };
enum { PRECISION_AUTO, PRECISION_F32, PRECISION_F64 };

void az_mlp_free(void *fitted)
{
    az_mlp *model = fitted;
    if (!model) return;
    az_free(model->theta);
    az_free(model->centre);
    az_free(model->scale);
    az_plan_free(model->plan);
    az_history_clear(&model->history);
    az_free(model);
}

az_status az_mlp_new(az_mlp **result, const az_mlp_shape *shape, int64_t n_outputs)
{
    az_mlp *model = NULL;
    az_status status = AZ_OK;
    *result = NULL;
    AZ_TRY(AZ_NEW_ZERO(model));
    model->shape = *shape;
    model->n_outputs = n_outputs;
    model->n_parameters = az_mlp_n_parameters(shape);
    AZ_GOTO(AZ_NEW_ARRAY(model->theta, model->n_parameters));
    AZ_GOTO(AZ_NEW_ARRAY(model->centre, n_outputs));
    AZ_GOTO(AZ_NEW_ARRAY(model->scale, n_outputs));
    for (int64_t k = 0; k < n_outputs; k++) {
        model->centre[k] = 0;
        model->scale[k] = 1;
    }
    *result = model;
    model = NULL;
done:
    az_mlp_free(model);
    return status;
}

/* ---- options ---- */

/* "100", "50,20", "(50, 20)" or nothing; false: it is none of these. */
static bool read_sizes(const char *text, int64_t *size, int *n)
{
    const char *at = text + strspn(text, " ([");
    *n = 0;
    while (*at && *at != ')' && *at != ']') {
        int64_t value = 0;
        if (*at < '0' || *at > '9' || *n == AZ_MLP_MOST_LAYERS - 1) return false;
        for (; *at >= '0' && *at <= '9'; at++)
            if ((value = 10 * value + (*at - '0')) > 1000000) return false;
        if (value == 0) return false;
        size[(*n)++] = value;
        at += strspn(at, " ");
        if (*at == ',') at += 1 + strspn(at + 1, " ");
    }
    return at[strspn(at, " )]")] == 0;
}

static bool read_batch_size(const char *text, int64_t n_rows, int64_t *size)
{
    const bool is_auto = strcmp(text, "auto") == 0;
    if (is_auto || strcmp(text, "all") == 0 || strcmp(text, "full") == 0) {
        *size = is_auto && n_rows > 200 ? 200 : n_rows;
        return true;
    }
    int64_t value;
    if (!az_parse_int_string(text, &value) || value < 1) return false;
    *size = value < n_rows ? value : n_rows;
    return true;
}

static az_status mlp_check(const void *options)
{
    const az_mlp_options *wanted = options;
    int64_t size[AZ_MLP_MOST_LAYERS], batch;
    int n;
    if (!read_sizes(wanted->hidden_layer_sizes, size, &n))
        return az_error(AZ_ERROR_USAGE,
                        "mlp: hidden_layer_sizes is \"%s\"; it is a list such as 50,20 of at most %d numbers from 1 to "
                        "1000000",
                        wanted->hidden_layer_sizes, AZ_MLP_MOST_LAYERS - 1);
    if (!read_batch_size(wanted->batch_size, 1, &batch))
        return az_error(AZ_ERROR_USAGE, "mlp: batch_size is \"%s\"; it is auto, all, or a whole number from 1 up",
                        wanted->batch_size);
    if (wanted->solver == AZ_MLP_LBFGS && wanted->precision == PRECISION_F32)
        return az_error(AZ_ERROR_USAGE, "mlp: lbfgs works in double; precision is auto or f64");
    return AZ_OK;
}

/* ---- fitting ---- */

typedef struct fitting {
    const az_sample *sample;
    const az_mlp_options *options;
    az_mlp *model;
    double *target;       /* (n_rows, k) as the network learns them */
    int64_t *rows, *held; /* in one array */
    int64_t n_rows, n_held;
    az_type real;
    az_plan *step, *held_plan;
    double settings;
} fitting;

static az_status choose_shape(const fitting *f, az_mlp_shape *shape)
{
    const az_sample *sample = f->sample;
    const int32_t loss = f->options->loss;
    int n_hidden;
    *shape = (az_mlp_shape){.activation = f->options->activation};
    shape->size[0] = sample->n_features;
    read_sizes(f->options->hidden_layer_sizes, shape->size + 1, &n_hidden);
    shape->n_layers = n_hidden + 1;
    if (sample->task == AZ_CLASSIFICATION) {
        if (loss != LOSS_AUTO && loss != LOSS_CROSS_ENTROPY)
            return az_error(AZ_ERROR_USAGE, "mlp: classes are learnt with loss cross_entropy");
        shape->head = sample->n_classes == 2 ? AZ_MLP_TWO_CLASSES : AZ_MLP_CLASSES;
        shape->size[shape->n_layers] = sample->n_classes == 2 ? 1 : sample->n_classes;
    } else {
        if (loss == LOSS_CROSS_ENTROPY)
            return az_error(AZ_ERROR_USAGE, "mlp: the target is a quantity; cross_entropy is of classes");
        shape->head = loss == LOSS_GAUSSIAN ? AZ_MLP_NORMAL : AZ_MLP_VALUES;
        shape->size[shape->n_layers] = sample->n_targets;
    }
    return AZ_OK;
}

/* Weighted mean and deviation of each target; one that never varies is predicted as it is: scale 0. */
static void scale_targets(const fitting *f)
{
    const az_sample *sample = f->sample;
    for (int64_t k = 0; k < sample->n_targets; k++) {
        const double *y = sample->y + k * sample->n_rows;
        double weight = 0, mean = 0, squares = 0;
        for (int64_t i = 0; i < sample->n_rows; i++) {
            const double w = sample->weight ? sample->weight[i] : 1;
            weight += w;
            mean += w * (y[i] - mean) / weight;
        }
        for (int64_t i = 0; i < sample->n_rows; i++)
            squares += (sample->weight ? sample->weight[i] : 1) * (y[i] - mean) * (y[i] - mean);
        const double deviation = sqrt(squares / weight);
        bool varies = false;
        for (int64_t i = 1; i < sample->n_rows && !varies; i++) varies = y[i] != y[0];
        f->model->centre[k] = varies ? mean : y[0];
        f->model->scale[k] = !varies ? 0 : deviation > 0 && isfinite(deviation) ? deviation : 1;
    }
}

static az_status make_targets(fitting *f)
{
    const az_sample *sample = f->sample;
    const az_mlp *model = f->model;
    const int64_t n = sample->n_rows, m = model->shape.size[model->shape.n_layers];
    AZ_TRY(AZ_NEW_ARRAY(f->target, n * m));
    if (sample->task == AZ_REGRESSION && f->options->scale_target) scale_targets(f);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < m; k++)
            f->target[i * m + k] = sample->task == AZ_CLASSIFICATION ? sample->label[i] == (m == 1 ? 1 : k)
                                   : model->scale[k] > 0 ? (sample->y[k * n + i] - model->centre[k]) / model->scale[k]
                                                         : 0;
    return AZ_OK;
}

/* Rows held out: of each class (of all rows, for quantities) the first in a random order. */
static az_status choose_rows(fitting *f)
{
    const az_sample *sample = f->sample;
    const bool holds_out = f->options->early_stopping || f->options->look_back;
    const int64_t n = sample->n_rows, n_classes = sample->label ? sample->n_classes : 1;
    int64_t *order = NULL, *left = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(f->rows, n));
    for (int64_t i = 0; i < n; i++) f->rows[i] = i;
    f->n_rows = n;
    if (!holds_out) goto done;
    AZ_GOTO(AZ_NEW_ARRAY(order, n));
    AZ_GOTO(AZ_NEW_ARRAY(left, n_classes));
    for (int64_t k = 0; k < n_classes; k++) left[k] = 0;
    for (int64_t i = 0; i < n; i++) left[sample->label ? sample->label[i] : 0]++;
    for (int64_t k = 0; k < n_classes; k++)
        left[k] = (int64_t)(f->options->validation_fraction * (double)left[k] + 0.5);
    az_random_permutation(az_stream_new(sample->seed, "mlp held out"), n, order);
    f->n_rows = 0;
    for (int64_t i = 0; i < n; i++) {
        const int64_t row = order[i], k = sample->label ? sample->label[row] : 0;
        if (left[k]-- > 0)
            f->rows[n - ++f->n_held] = row;
        else
            f->rows[f->n_rows++] = row;
    }
    f->held = f->rows + f->n_rows;
    if (f->n_held == 0 || f->n_rows == 0)
        status =
            az_error(AZ_ERROR_USAGE,
                     "mlp: validation_fraction %g of %" PRId64 " rows leaves none to %s; another fraction mends it",
                     f->options->validation_fraction, n, f->n_held ? "learn from" : "be held out");
done:
    az_free(order);
    az_free(left);
    return status;
}

/* A checkpoint of a fit with other options must not be gone on from; that of one with more epochs may. */
static az_status digest_settings(fitting *f)
{
    az_json json = {0};
    az_mlp_options options = *f->options;
    options.max_iter = options.max_fun = 1;
    az_json_begin_object(&json, NULL);
    az_params_print(az_mlp_params, &options, &json);
    az_json_end_object(&json);
    const az_status status = az_text_status(&json.text);
    if (!status) {
        const uint64_t all = az_digest_word(az_digest_text(0, json.text.data), f->sample->seed);
        f->settings = (double)(all >> 11); /* 53 bits, which a double holds */
    }
    az_text_free(&json.text);
    return status;
}

static void initialise(const fitting *f)
{
    const az_mlp_shape *shape = &f->model->shape;
    double *theta = f->model->theta;
    for (int l = 0; l < az_mlp_n_dense(shape); l++) {
        char name[32];
        int64_t n_in, n_out;
        az_mlp_layer_name(l, name);
        az_mlp_layer_size(shape, l, &n_in, &n_out);
        az_initialise(f->options->initializer, &az_activations[shape->activation], f->sample->seed, name, n_in, n_out,
                      theta, theta + n_in * n_out);
        theta += (n_in + 1) * n_out;
    }
}

static az_status looking_plan(const void *context, az_plan **plan)
{
    const fitting *f = context;
    return az_mlp_loss_plan(plan, &f->model->shape, f->real, f->sample->weight != NULL, true);
}

static az_status train(fitting *f, const az_control *control, az_fit_result *result)
{
    static const char *const solvers[] = {"adam", "momentum", NULL, "rmsprop", "adamw", "gradient_descent"};
    const az_mlp_options *options = f->options;
    const az_sample *sample = f->sample;
    const int n_dense = az_mlp_n_dense(&f->model->shape);
    const int64_t n_targets = f->model->shape.size[f->model->shape.n_layers];
    char names[2 * (AZ_MLP_MOST_LAYERS + 1)][48];
    const char *list[2 * (AZ_MLP_MOST_LAYERS + 1)];
    bool is_weight[2 * (AZ_MLP_MOST_LAYERS + 1)];
    for (int i = 0; i < 2 * n_dense; i++) {
        char name[32];
        az_mlp_layer_name(i / 2, name);
        snprintf(names[i], sizeof names[i], "%s/%s", name, i % 2 ? "bias" : "weight");
        list[i] = names[i];
        is_weight[i] = i % 2 == 0;
    }
    const az_train_input inputs[] = {
        {.name = "x", .data = sample->x, .n = sample->n_features, .stride = {1, sample->n_rows}},
        {.name = "target", .data = f->target, .n = n_targets, .stride = {n_targets, 1}},
        {.name = "weight", .data = sample->weight, .n = 1, .stride = {1, 1}}};
    const az_train_problem problem = {.what = "mlp",
                                      .real = f->real,
                                      .step = f->step,
                                      .held = f->n_held ? f->held_plan : NULL,
                                      .parameters = list,
                                      .n_parameters = 2 * n_dense,
                                      .is_penalised = is_weight,
                                      .alpha = options->alpha,
                                      .inputs = inputs,
                                      .n_inputs = sample->weight ? 3 : 2,
                                      .weight = sample->weight,
                                      .rows = f->rows,
                                      .held_rows = f->held,
                                      .n_rows = f->n_rows,
                                      .n_held = f->n_held,
                                      .looking = looking_plan,
                                      .context = f,
                                      .settings = f->settings};
    az_train_options training = {.values = options->values,
                                 .schedule = options->schedule,
                                 .learning_rate = options->learning_rate_init,
                                 .max_iter = options->max_iter,
                                 .max_fun = options->max_fun,
                                 .n_iter_no_change = options->n_iter_no_change,
                                 .tol = options->tol,
                                 .shuffle = options->shuffle,
                                 .early_stopping = options->early_stopping,
                                 .look_back = options->look_back,
                                 .seed = sample->seed};
    read_batch_size(options->batch_size, f->n_rows, &training.batch_size);
    if (solvers[options->solver]) training.optimiser = az_optimiser_find(solvers[options->solver]);
    AZ_TRY(az_train(&problem, &training, f->model->theta, &f->model->history, &result->converged, control));
    result->n_iterations = f->model->history.n;
    if (!result->converged)
        az_warning(control,
                   "mlp: not converged after %" PRId64 " epochs; a larger max_iter or another "
                   "learning_rate_init may mend it",
                   result->n_iterations);
    return AZ_OK;
}

static az_status mlp_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                         az_fit_result *result)
{
    fitting f = {.sample = sample, .options = options};
    az_mlp_shape shape;
    az_status status = AZ_OK;
    const int32_t precision = f.options->precision;
    f.real = precision == PRECISION_F64 || f.options->solver == AZ_MLP_LBFGS ? AZ_F64 : AZ_F32;
    *result = (az_fit_result){0};
    AZ_GOTO(choose_shape(&f, &shape));
    AZ_GOTO(az_mlp_new(&f.model, &shape, sample->task == AZ_CLASSIFICATION ? sample->n_classes : sample->n_targets));
    AZ_GOTO(make_targets(&f));
    AZ_GOTO(choose_rows(&f));
    AZ_GOTO(digest_settings(&f));
    AZ_GOTO(az_mlp_training_plans(&f.step, &f.held_plan, &shape, f.real, sample->weight != NULL));
    initialise(&f);
    AZ_GOTO(train(&f, control, result));
    AZ_GOTO(az_mlp_make_plan(f.model));
    *fitted = f.model;
    f.model = NULL;
done:
    az_free(f.target);
    az_free(f.rows);
    az_plan_free(f.step);
    az_plan_free(f.held_plan);
    az_mlp_free(f.model);
    return status;
}

/* ---- prediction ---- */

static az_run_arguments arguments_of(const az_mlp *model, const az_binding *input, const az_binding *output,
                                     int n_outputs, int64_t n_rows)
{
    return (az_run_arguments){.n_rows = n_rows,
                              .theta = model->theta,
                              .inputs = input,
                              .n_inputs = 1,
                              .outputs = output,
                              .n_outputs = n_outputs};
}

static size_t mlp_scratch(const void *fitted, int64_t n_rows)
{
    const az_mlp *model = fitted;
    const az_run_arguments arguments = arguments_of(model, NULL, NULL, 0, n_rows);
    return az_work_bytes(model->plan, &arguments) + 64;
}

static void run(const az_mlp *model, const double *features, const az_binding *outputs, int n_outputs, int64_t n_rows,
                void *scratch)
{
    const az_binding input = {.name = "x", .data = (void *)(uintptr_t)features, .type = AZ_F64};
    az_run_arguments arguments = arguments_of(model, &input, outputs, n_outputs, n_rows);
    arguments.work = (char *)scratch + (64 - (uintptr_t)scratch % 64) % 64;
    if (az_run(model->plan, &arguments)) /* nothing in it can fail: all is bound, no memory is asked for */
        for (int64_t i = 0; i < n_rows * model->n_outputs; i++) ((double *)outputs[0].data)[i] = NAN;
}

static void mlp_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const az_binding output = {.name = "prediction", .data = out, .type = AZ_F64};
    run(fitted, features, &output, 1, n_rows, scratch);
}

static bool mlp_is_normal(const void *fitted)
{
    return ((const az_mlp *)fitted)->shape.head == AZ_MLP_NORMAL;
}

static void mlp_normal(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    const az_mlp *model = fitted;
    const int64_t stride[] = {2 * model->n_outputs, 1};
    const az_binding outputs[] = {
        {.name = "prediction", .data = out, .type = AZ_F64, .stride = stride},
        {.name = "deviation", .data = out + model->n_outputs, .type = AZ_F64, .stride = stride}};
    run(model, features, outputs, 2, n_rows, scratch);
}

/* ---- storage and figures ---- */

static az_status mlp_save(const void *fitted, az_bundle *bundle)
{
    const az_mlp *model = fitted;
    double size[AZ_MLP_MOST_LAYERS + 1];
    const double facts[] = {(double)model->shape.activation, (double)model->shape.head, (double)model->history.best};
    for (int l = 0; l <= model->shape.n_layers; l++) size[l] = (double)model->shape.size[l];
    AZ_TRY(az_bundle_put_f64(bundle, "sizes", size, model->shape.n_layers + 1));
    AZ_TRY(az_bundle_put_f64(bundle, "facts", facts, 3));
    AZ_TRY(az_bundle_put_f64(bundle, "theta", model->theta, model->n_parameters));
    AZ_TRY(az_bundle_put_f64(bundle, "centre", model->centre, model->n_outputs));
    AZ_TRY(az_bundle_put_f64(bundle, "scale", model->scale, model->n_outputs));
    AZ_TRY(az_bundle_put_f64(bundle, "history", model->history.loss, model->history.n));
    if (!model->history.has_held) return AZ_OK;
    return az_bundle_put_f64(bundle, "history.held", model->history.held, model->history.n);
}

static bool is_whole(double value, double least, double most)
{
    return value >= least && value <= most && value == floor(value);
}

static az_status load_shape(const az_bundle *bundle, int64_t n_features, int64_t n_outputs, az_mlp_shape *shape,
                            int64_t *best)
{
    const double *size, *facts;
    int64_t n;
    int n_activations = 0;
    while (az_activations[n_activations].name) n_activations++;
    AZ_TRY(az_bundle_get_f64(bundle, "sizes", -1, &size, &n));
    AZ_TRY(az_bundle_get_f64(bundle, "facts", 3, &facts, NULL));
    bool good = n >= 2 && n <= AZ_MLP_MOST_LAYERS + 1 && is_whole(facts[0], 0, n_activations - 1) &&
                is_whole(facts[1], 0, AZ_MLP_N_HEADS - 1) && is_whole(facts[2], 0, 1e7);
    for (int64_t l = 0; l < n && good; l++) good = is_whole(size[l], 1, 1e6);
    if (!good || (int64_t)size[0] != n_features) return az_error(AZ_ERROR_DATA, "mlp: the sizes are not a network's");
    *shape =
        (az_mlp_shape){.n_layers = (int)n - 1, .activation = (int32_t)facts[0], .head = (az_mlp_head)(int)facts[1]};
    for (int64_t l = 0; l < n; l++) shape->size[l] = (int64_t)size[l];
    if (shape->size[n - 1] != (shape->head == AZ_MLP_TWO_CLASSES ? 1 : n_outputs) ||
        (shape->head == AZ_MLP_TWO_CLASSES && n_outputs != 2))
        return az_error(AZ_ERROR_DATA, "mlp: the outputs are not those of the model");
    *best = (int64_t)facts[2];
    return AZ_OK;
}

static az_status load_history(const az_bundle *bundle, az_history *history, int64_t best)
{
    const double *loss, *held;
    int64_t n;
    AZ_TRY(az_bundle_get_f64(bundle, "history", -1, &loss, &n));
    AZ_TRY(AZ_NEW_ARRAY(history->loss, n));
    memcpy(history->loss, loss, (size_t)n * sizeof *loss);
    history->n = n;
    history->best = best;
    history->has_held = az_bundle_find(bundle, "history.held") != NULL;
    if (!history->has_held) return AZ_OK;
    AZ_TRY(az_bundle_get_f64(bundle, "history.held", n, &held, NULL));
    AZ_TRY(AZ_NEW_ARRAY(history->held, n));
    memcpy(history->held, held, (size_t)n * sizeof *held);
    return AZ_OK;
}

static az_status mlp_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    az_mlp *model = NULL;
    az_mlp_shape shape;
    const double *theta, *centre, *scale;
    int64_t best = 0;
    az_status status = AZ_OK;
    AZ_TRY(load_shape(bundle, n_features, n_outputs, &shape, &best));
    /* Looked at before memory of that size is asked for. */
    AZ_TRY(az_bundle_get_f64(bundle, "theta", az_mlp_n_parameters(&shape), &theta, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "centre", n_outputs, &centre, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "scale", n_outputs, &scale, NULL));
    AZ_TRY(az_mlp_new(&model, &shape, n_outputs));
    memcpy(model->theta, theta, (size_t)model->n_parameters * sizeof *theta);
    memcpy(model->centre, centre, (size_t)n_outputs * sizeof *centre);
    memcpy(model->scale, scale, (size_t)n_outputs * sizeof *scale);
    AZ_GOTO(load_history(bundle, &model->history, best));
    AZ_GOTO(az_mlp_make_plan(model));
    *fitted = model;
    model = NULL;
done:
    az_mlp_free(model);
    return status;
}

static int mlp_facts(const void *fitted, az_fact *facts)
{
    const az_mlp *model = fitted;
    const az_history *history = &model->history;
    int n = 0;
    facts[n++] = (az_fact){"parameters", "parameters", (double)model->n_parameters};
    facts[n++] = (az_fact){"epochs", "epochs", (double)history->n};
    if (history->n) facts[n++] = (az_fact){"loss", "loss of training", history->loss[history->n - 1]};
    if (history->has_held && history->best >= 1 && history->best <= history->n) {
        facts[n++] = (az_fact){"best_epoch", "epoch whose weights were kept", (double)history->best};
        facts[n++] = (az_fact){"held_out_loss", "loss of the rows held out", history->held[history->best - 1]};
    }
    return n;
}

static bool mlp_history(const void *fitted, az_loss_history *history)
{
    const az_history *of = &((const az_mlp *)fitted)->history;
    *history =
        (az_loss_history){.n = of->n, .loss = of->loss, .held = of->has_held ? of->held : NULL, .best = of->best};
    return true;
}

static const az_plan *mlp_plan(const void *fitted)
{
    return ((const az_mlp *)fitted)->plan;
}

const az_model_class az_mlp_class = {
    .name = "mlp",
    .aliases = "neural_network,perceptron,nn",
    .summary = "multi-layer perceptron: a network of dense layers, trained by gradients",
    .reference = "Rumelhart, Hinton, Williams (1986), Nature 323, 533; Goodfellow, Bengio, Courville (2016), Deep "
                 "Learning, chapters 6 to 8",
    .tasks = AZ_REGRESSION | AZ_CLASSIFICATION,
    .traits =
        AZ_TRAIT_WEIGHTS | AZ_TRAIT_SEVERAL_TARGETS | AZ_TRAIT_ITERATIVE | AZ_TRAIT_SIGMA | AZ_TRAIT_JOINT_TARGETS,
    .without = "negative weights: the loss would have no minimum; repeat is weight: batches hold other rows (with "
               "batch_size all it is); row order: batches are drawn by the number of the row; "
               "missing: numbers are filled by the median; partial fit: the rows are gone through many times; "
               "interval: the network gives means and no errors of them; periodic: cosine and sine are taken; "
               "exact products: the loss needs no more digits",
    .scaling = AZ_SCALE_STANDARD,
    .options_size = sizeof(az_mlp_options),
    .params = az_mlp_params,
    .fit = mlp_fit,
    .free = az_mlp_free,
    .predict = mlp_predict,
    .scratch = mlp_scratch,
    .save = mlp_save,
    .load = mlp_load,
    .export = az_mlp_export,
    .check = mlp_check,
    .facts = mlp_facts,
    .history = mlp_history,
    .plan = mlp_plan,
    .is_normal = mlp_is_normal,
    .normal = mlp_normal,
};
