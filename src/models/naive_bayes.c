/* SPDX-License-Identifier: BSD-3-Clause */
/* Naive Bayes: features are independent given the class, and Bayes' rule does the rest.  Everything stays in
 * logarithms until the last step, where the class log probabilities are normalised by their log-sum-exp.
 *
 *   gaussian     x_j | class c ~ N(mean_cj, variance_cj)
 *   multinomial  features are counts; the log likelihood is sum_j x_j log theta_cj
 *
 * Both reduce to one form, so that they share prediction and storage:
 *   log P(c | x) + constant = base_c + sum_j g(x_j)
 * with g = -(x_j - first_cj)^2 * second_cj / 2 (gaussian: mean, 1/variance) or g = x_j first_cj (multinomial). */
#include "base/number.h"
#include "base/text.h"
#include "models/class_sums.h"

#include <limits.h>
#include <string.h>

typedef struct naive_bayes_options {
    int32_t distribution;
    double var_smoothing;
    double alpha;
    bool fit_prior;
    char priors[AZ_PARAM_TEXT_SIZE];
} naive_bayes_options;

enum { GAUSSIAN, MULTINOMIAL };

typedef struct naive_bayes {
    int32_t distribution;
    int64_t n_classes, n_features;
    double *base;    /* (n_classes) */
    double *first;   /* (n_classes, n_features) means, or log theta */
    double *second;  /* (n_classes, n_features) variances; gaussian only */
    double *inverse; /* (n_classes, n_features) 1 / variance; gaussian only */
} naive_bayes;

static const az_param naive_bayes_params[] = {
    AZ_CHOICE(naive_bayes_options, distribution, GAUSSIAN, "gaussian|multinomial",
              "distribution of a feature within a class; multinomial: features are counts",
              .differs = "scikit-learn has one class each: GaussianNB and MultinomialNB"),
    AZ_PARAM(naive_bayes_options, var_smoothing, 1e-9, 0, INFINITY,
             "part of the largest feature variance that is added to every variance (gaussian)",
             .differs =
                 "scikit-learn takes that variance without the weights; here a row of weight 2 is the row twice"),
    AZ_PARAM(naive_bayes_options, alpha, 1, 0, INFINITY, "count added to every feature in every class (multinomial)",
             .aliases = "laplace,smoothing"),
    AZ_PARAM(naive_bayes_options, fit_prior, 1, 0, 1,
             "class priors from the training rows; off: all classes equally probable"),
    AZ_TEXT(naive_bayes_options, priors, "",
            "class priors in the order of the sorted classes, e.g. 0.2,0.8; empty: fitted", .aliases = "class_prior"),
    AZ_PARAM_END};

static void naive_bayes_free(void *fitted)
{
    naive_bayes *model = fitted;
    if (!model) return;
    az_free(model->base);
    az_free(model->first);
    az_free(model->second);
    az_free(model->inverse);
    az_free(model);
}

static az_status naive_bayes_new(naive_bayes **model, int32_t distribution, int64_t n_classes, int64_t n_features)
{
    AZ_TRY(AZ_NEW_ZERO(*model));
    naive_bayes *new = *model;
    new->distribution = distribution;
    new->n_classes = n_classes;
    new->n_features = n_features;
    az_status status = AZ_OK;
    AZ_GOTO(n_features > INT64_MAX / n_classes ? az_error(AZ_ERROR_DATA, "naive_bayes: the model is too large")
                                               : AZ_OK);
    AZ_GOTO(AZ_NEW_ARRAY(new->base, n_classes));
    AZ_GOTO(AZ_NEW_ARRAY(new->first, n_classes * n_features));
    if (distribution == GAUSSIAN) {
        AZ_GOTO(AZ_NEW_ARRAY(new->second, n_classes * n_features));
        AZ_GOTO(AZ_NEW_ARRAY(new->inverse, n_classes * n_features));
    }
done:
    if (status) {
        naive_bayes_free(new);
        *model = NULL;
    }
    return status;
}

static const char *feature_name(const az_sample *sample, int64_t feature)
{
    return sample->features && sample->features[feature].name ? sample->features[feature].name : "?";
}

/* Log priors into base from the option, from the class weights, or equal. */
static az_status set_priors(naive_bayes *model, const naive_bayes_options *options, const double *class_weight)
{
    char **items = NULL;
    int64_t n_items = 0;
    az_status status = AZ_OK;
    double total = 0;
    for (int64_t c = 0; c < model->n_classes; c++) total += class_weight[c];
    if (!options->priors[0]) {
        for (int64_t c = 0; c < model->n_classes; c++)
            model->base[c] = options->fit_prior ? log(class_weight[c] / total) : -log((double)model->n_classes);
        return AZ_OK;
    }
    AZ_GOTO(az_list_split(options->priors, &items, &n_items));
    if (n_items != model->n_classes) {
        status = az_error(AZ_ERROR_USAGE, "naive_bayes: priors has %lld numbers, but there are %lld classes",
                          (long long)n_items, (long long)model->n_classes);
        goto done;
    }
    double sum = 0;
    for (int64_t c = 0; c < n_items; c++) {
        double prior;
        if (!az_parse_double_string(items[c], &prior) || !(prior > 0 && prior <= 1)) {
            status = az_error(AZ_ERROR_USAGE, "naive_bayes: priors: '%s' is not a probability above 0", items[c]);
            goto done;
        }
        model->base[c] = log(prior);
        sum += prior;
    }
    if (fabs(sum - 1) > 1e-8) status = az_error(AZ_ERROR_USAGE, "naive_bayes: priors must add up to 1");
done:
    az_free(items);
    return status;
}

static az_status fit_gaussian(naive_bayes *model, const az_class_sums *sums, const az_sample *shape,
                              const naive_bayes_options *options)
{
    int64_t n_classes = model->n_classes, n_features = model->n_features;
    double total = 0, largest = 0;
    for (int64_t c = 0; c < n_classes; c++) total += sums->weight[c];
    for (int64_t j = 0; j < n_features; j++) {
        /* The variance over all rows is that within the classes plus that between their means. */
        double centre = 0, all = 0;
        for (int64_t c = 0; c < n_classes; c++) centre += sums->weight[c] / total * sums->first[c * n_features + j];
        for (int64_t c = 0; c < n_classes; c++) {
            double mean = sums->first[c * n_features + j];
            double variance = sums->squares[c * n_features + j] / sums->weight[c];
            all += sums->weight[c] / total * (variance + (mean - centre) * (mean - centre));
            model->first[c * n_features + j] = mean;
            model->second[c * n_features + j] = variance;
        }
        if (!isfinite(all))
            return az_error(AZ_ERROR_DATA, "naive_bayes: the variance of %s is not finite; --scale standard mends it",
                            feature_name(shape, j));
        if (all > largest) largest = all;
    }
    /* Nothing varies at all: any variance will do, since only equal values have been seen. */
    double smoothing = largest > 0 ? options->var_smoothing * largest : 1;
    for (int64_t c = 0; c < n_classes; c++) {
        for (int64_t j = 0; j < n_features; j++) {
            double *smoothed = &model->second[c * n_features + j];
            *smoothed += smoothing;
            if (!(*smoothed > 0) || !isfinite(1 / *smoothed))
                return az_error(AZ_ERROR_DATA,
                                "naive_bayes: %s is constant within a class; var_smoothing above 0 "
                                "(default 1e-9) mends it",
                                feature_name(shape, j));
        }
    }
    return AZ_OK;
}

static az_status fit_multinomial(naive_bayes *model, const az_class_sums *sums, const naive_bayes_options *options)
{
    int64_t n_classes = model->n_classes, n_features = model->n_features;
    memcpy(model->first, sums->first, (size_t)(n_classes * n_features) * sizeof *model->first);
    /* alpha 0 would make an unseen count impossible and its log infinite; scikit-learn takes 1e-10 instead too. */
    double alpha = options->alpha < 1e-10 ? 1e-10 : options->alpha;
    for (int64_t c = 0; c < n_classes; c++) {
        double *count = model->first + c * n_features, sum = 0;
        for (int64_t j = 0; j < n_features; j++) sum += count[j] + alpha;
        if (!isfinite(sum))
            return az_error(AZ_ERROR_DATA, "naive_bayes: the counts add up to more than can be represented");
        for (int64_t j = 0; j < n_features; j++) count[j] = log(count[j] + alpha) - log(sum);
    }
    return AZ_OK;
}

/* What follows from the stored arrays: 1 / variance, and the normalisation of the Gaussians inside base. */
static void finish_gaussian(naive_bayes *model, bool add_to_base)
{
    const double log_two_pi = 1.8378770664093454836;
    for (int64_t c = 0; c < model->n_classes; c++) {
        double sum = 0;
        for (int64_t j = 0; j < model->n_features; j++) {
            double variance = model->second[c * model->n_features + j];
            model->inverse[c * model->n_features + j] = 1 / variance;
            sum += log_two_pi + log(variance);
        }
        if (add_to_base) model->base[c] -= 0.5 * sum;
    }
}

/* sums are those of the scaled features. */
static az_status fit_sums(void **fitted, const az_class_sums *sums, const az_sample *shape,
                          const naive_bayes_options *wanted, az_fit_result *result)
{
    naive_bayes *model = NULL;
    az_status status;
    AZ_GOTO(naive_bayes_new(&model, wanted->distribution, sums->n_classes, sums->n_features));
    for (int64_t c = 0; c < sums->n_classes; c++)
        if (!(sums->weight[c] > 0))
            AZ_GOTO(az_error(AZ_ERROR_DATA, "naive_bayes: no row is of class \"%s\"",
                             shape->class_names ? shape->class_names[c] : "?"));
    AZ_GOTO(set_priors(model, wanted, sums->weight));
    if (wanted->distribution == GAUSSIAN) {
        AZ_GOTO(fit_gaussian(model, sums, shape, wanted));
        finish_gaussian(model, true);
    } else {
        AZ_GOTO(fit_multinomial(model, sums, wanted));
    }
    *result = (az_fit_result){.converged = true};
    *fitted = model;
    model = NULL;
done:
    naive_bayes_free(model);
    return status;
}

static az_status naive_bayes_fit(void **fitted, const az_sample *sample, const void *options, const az_control *control,
                                 az_fit_result *result)
{
    const naive_bayes_options *wanted = options;
    az_class_sums *sums;
    AZ_TRY(az_check_interrupt(control));
    AZ_TRY(az_class_sums_new(&sums, sample, wanted->distribution == MULTINOMIAL));
    az_status status = az_class_sums_add(sums, sample);
    if (!status) status = fit_sums(fitted, sums, sample, wanted, result);
    if (status) {
        az_class_sums_free(sums);
        return status;
    }
    az_class_sums_scale(sums, sample->features, true);
    result->partial = sums;
    return AZ_OK;
}

static az_status partial_begin(void **partial, const az_sample *shape, const void *options)
{
    const naive_bayes_options *wanted = options;
    az_class_sums *sums;
    AZ_TRY(az_class_sums_new(&sums, shape, wanted->distribution == MULTINOMIAL));
    *partial = sums;
    return AZ_OK;
}

static az_status partial_rows(void *partial, const az_sample *block, const void *options, const az_control *control)
{
    (void)options;
    (void)control;
    return az_class_sums_add(partial, block);
}

static az_status partial_finish(void **fitted, const void *partial, const az_sample *shape, const void *options,
                                const az_control *control, az_fit_result *result)
{
    (void)control;
    az_class_sums *scaled;
    AZ_TRY(az_class_sums_copy(&scaled, partial));
    az_class_sums_scale(scaled, shape->features, false);
    az_status status = fit_sums(fitted, scaled, shape, options, result);
    az_class_sums_free(scaled);
    return status;
}

static az_status partial_load(void **partial, const az_bundle *bundle, const az_sample *shape, const void *options)
{
    const naive_bayes_options *wanted = options;
    az_class_sums *sums;
    AZ_TRY(az_class_sums_load(&sums, bundle, shape, wanted->distribution == MULTINOMIAL));
    *partial = sums;
    return AZ_OK;
}

static const az_partial_class naive_bayes_partial = {.begin = partial_begin,
                                                     .rows = partial_rows,
                                                     .finish = partial_finish,
                                                     .free = az_class_sums_free,
                                                     .save = az_class_sums_save,
                                                     .load = partial_load};

static void naive_bayes_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    (void)scratch;
    const naive_bayes *model = fitted;
    int64_t n_classes = model->n_classes, n_features = model->n_features;
    for (int64_t i = 0; i < n_rows; i++) {
        const double *x = features + i * n_features;
        double *probability = out + i * n_classes, greatest = -INFINITY;
        for (int64_t c = 0; c < n_classes; c++) {
            const double *first = model->first + c * n_features;
            double sum = 0;
            if (model->distribution == GAUSSIAN) {
                const double *inverse = model->inverse + c * n_features;
                for (int64_t j = 0; j < n_features; j++) sum -= (x[j] - first[j]) * (x[j] - first[j]) * inverse[j];
                sum *= 0.5;
            } else {
                for (int64_t j = 0; j < n_features; j++) sum += x[j] * first[j];
            }
            probability[c] = model->base[c] + sum;
            if (probability[c] > greatest) greatest = probability[c];
        }
        double total = 0;
        if (isfinite(greatest)) {
            for (int64_t c = 0; c < n_classes; c++) total += probability[c] = exp(probability[c] - greatest);
        } else { /* so far from every class that all likelihoods underflow even as logarithms: nothing is known */
            for (int64_t c = 0; c < n_classes; c++) total += probability[c] = 1;
        }
        for (int64_t c = 0; c < n_classes; c++) probability[c] /= total;
    }
}

static az_status naive_bayes_save(const void *fitted, az_bundle *bundle)
{
    const naive_bayes *model = fitted;
    int64_t n = model->n_classes * model->n_features;
    AZ_TRY(az_bundle_put_scalar(bundle, "distribution", model->distribution));
    AZ_TRY(az_bundle_put_f64(bundle, "base", model->base, model->n_classes));
    AZ_TRY(az_bundle_put_f64(bundle, "first", model->first, n));
    if (model->distribution == GAUSSIAN) AZ_TRY(az_bundle_put_f64(bundle, "second", model->second, n));
    return AZ_OK;
}

static az_status naive_bayes_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    double distribution;
    const double *base, *first, *second = NULL;
    AZ_TRY(az_bundle_get_scalar(bundle, "distribution", &distribution));
    if (distribution != GAUSSIAN && distribution != MULTINOMIAL)
        return az_error(AZ_ERROR_DATA, "naive_bayes: the model file names no known distribution");
    naive_bayes *model;
    AZ_TRY(naive_bayes_new(&model, (int32_t)distribution, n_outputs, n_features));
    int64_t n = n_outputs * n_features;
    az_status status = AZ_OK;
    AZ_GOTO(az_bundle_get_f64(bundle, "base", n_outputs, &base, NULL));
    AZ_GOTO(az_bundle_get_f64(bundle, "first", n, &first, NULL));
    memcpy(model->base, base, (size_t)n_outputs * sizeof *base);
    memcpy(model->first, first, (size_t)n * sizeof *first);
    if (model->distribution == GAUSSIAN) {
        AZ_GOTO(az_bundle_get_f64(bundle, "second", n, &second, NULL));
        memcpy(model->second, second, (size_t)n * sizeof *second);
        finish_gaussian(model, false);
    }
    *fitted = model;
    model = NULL;
done:
    naive_bayes_free(model);
    return status;
}

static void naive_bayes_export(const void *fitted, az_code *code)
{
    const naive_bayes *model = fitted;
    const int64_t n = model->n_classes * model->n_features;
    const bool gaussian = model->distribution == GAUSSIAN;
    az_code_reals(code, "class_base", model->base, model->n_classes);
    az_code_reals(code, gaussian ? "class_mean" : "class_log", model->first, n);
    if (gaussian) az_code_reals(code, "inverse_variance", model->inverse, n);
    az_code_write(code, "# The logarithm of each class's probability, then probabilities.\n"
                        "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n"
                        "    real t, greatest, total\n");
    if (gaussian) az_code_write(code, "real d\n");
    az_code_write(code, "for c in 0 .. n_outputs {\n"
                        "    t = 0.0\n"
                        "    for j in 0 .. n_features {\n");
    az_code_write(code, gaussian ? "d = features[j] - class_mean[c * n_features + j]\n"
                                   "t = t - d * d * inverse_variance[c * n_features + j]\n"
                                 : "t += features[j] * class_log[c * n_features + j]\n");
    az_code_write(code, "}\n");
    if (gaussian) az_code_write(code, "t *= 0.5\n");
    az_code_write(code, "    outputs[c] = class_base[c] + t\n"
                        "}\n"
                        "greatest = outputs[0]\n"
                        "for c in 1 .. n_outputs {\n"
                        "    if isnan(greatest) || outputs[c] > greatest {\n"
                        "        greatest = outputs[c]\n"
                        "    }\n"
                        "}\n"
                        "total = 0.0\n"
                        "for c in 0 .. n_outputs {\n"
                        "    if isfinite(greatest) {\n"
                        "        outputs[c] = exp(outputs[c] - greatest)\n"
                        "    } else {\n"
                        "        outputs[c] = 1.0\n"
                        "    }\n"
                        "    total += outputs[c]\n"
                        "}\n"
                        "for c in 0 .. n_outputs {\n"
                        "    outputs[c] = outputs[c] / total\n"
                        "}\n"
                        "}\n");
}

static az_status naive_bayes_check(const void *options)
{
    const naive_bayes_options *wanted = options;
    if (wanted->priors[0] && !wanted->fit_prior)
        return az_error(AZ_ERROR_USAGE, "naive_bayes: priors are given, so fit_prior cannot be off; leave one out");
    return AZ_OK;
}

const az_model_class az_naive_bayes = {
    .name = "naive_bayes",
    .aliases = "nb,bayes",
    .summary = "naive Bayes classifier: features independent given the class (Gaussian or counts)",
    .reference = "Manning, Raghavan, Schuetze (2008), Introduction to Information Retrieval, ch. 13; "
                 "Chan, Golub, LeVeque (1983), The American Statistician 37, 242",
    .tasks = AZ_CLASSIFICATION,
    .traits = AZ_TRAIT_WEIGHTS | AZ_TRAIT_REPEAT_IS_WEIGHT | AZ_TRAIT_ROW_ORDER_FREE | AZ_TRAIT_PARTIAL_FIT,
    .without = "negative weights: a class could get a negative probability; sigma: there is no numeric target; "
               "missing: numbers are filled by the median; several targets: one set of classes at a time; "
               "interval: it gives probabilities; iterative: one pass; "
               "periodic: cosine and sine are taken; exact products: variances need no more digits",
    .scaling = AZ_SCALE_NONE,
    .options_size = sizeof(naive_bayes_options),
    .params = naive_bayes_params,
    .fit = naive_bayes_fit,
    .free = naive_bayes_free,
    .predict = naive_bayes_predict,
    .save = naive_bayes_save,
    .load = naive_bayes_load,
    .export = naive_bayes_export,
    .check = naive_bayes_check,
    .partial = &naive_bayes_partial,
};
