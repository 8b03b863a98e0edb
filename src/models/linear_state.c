/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/linear_state.h"

#include <string.h>

az_status az_linear_state_new(az_linear_state **out, int64_t n_features, int64_t n_outputs, bool has_intercept,
                              bool has_covariance, int64_t n_path)
{
    az_linear_state *state = az_alloc_zero(sizeof *state);
    if (!state) return az_error(AZ_ERROR_MEMORY, "out of memory for a linear model");
    state->n_features = n_features;
    state->n_outputs = n_outputs;
    state->has_intercept = has_intercept;
    state->n_path = n_path;
    state->dof = NAN;
    int64_t n = n_features + 1, n_coefficients = n_outputs * n_features;
    state->intercept = az_alloc_array(n_outputs, sizeof(double));
    state->coefficient = az_alloc_array(n_coefficients + 1, sizeof(double));
    state->variance = az_alloc_array(n_outputs, sizeof(double));
    bool failed = !state->intercept || !state->coefficient || !state->variance;
    if (has_covariance) failed |= !(state->covariance = az_alloc_array(n * n, sizeof(double)));
    if (n_path > 0) {
        failed |= !(state->path_alpha = az_alloc_array(n_path, sizeof(double)));
        failed |= !(state->path_coefficient = az_alloc_array(n_path * n_coefficients + 1, sizeof(double)));
        failed |= !(state->path_score = az_alloc_array(n_path, sizeof(double)));
    }
    if (failed) {
        az_linear_state_free(state);
        return az_error(AZ_ERROR_MEMORY, "out of memory for a linear model of %lld features", (long long)n_features);
    }
    for (int64_t k = 0; k < n_outputs; k++) state->intercept[k] = state->variance[k] = 0.0;
    for (int64_t j = 0; j < n_coefficients; j++) state->coefficient[j] = 0.0;
    for (int64_t i = 0; has_covariance && i < n * n; i++) state->covariance[i] = 0.0;
    for (int64_t i = 0; i < n_path; i++) state->path_score[i] = NAN;
    for (int i = 0; i < AZ_MAX_FACTS; i++) state->fact[i] = NAN;
    *out = state;
    return AZ_OK;
}

void az_linear_state_free(void *fitted)
{
    az_linear_state *state = fitted;
    if (!state) return;
    az_free(state->intercept);
    az_free(state->coefficient);
    az_free(state->covariance);
    az_free(state->variance);
    az_free(state->path_alpha);
    az_free(state->path_coefficient);
    az_free(state->path_score);
    az_free(state);
}

void az_linear_state_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch)
{
    (void)scratch;
    const az_linear_state *state = fitted;
    int64_t n = state->n_features, m = state->n_outputs;
    for (int64_t i = 0; i < n_rows; i++) {
        const double *x = features + i * n;
        for (int64_t k = 0; k < m; k++) {
            const double *b = state->coefficient + k * n;
            /* Four sums in a fixed order: independent chains for the processor, the same bits for every row. */
            double sum[4] = {0};
            int64_t j = 0;
            for (; j + 4 <= n; j += 4)
                for (int64_t l = 0; l < 4; l++) sum[l] += x[j + l] * b[j + l];
            for (; j < n; j++) sum[j % 4] += x[j] * b[j];
            out[i * m + k] = state->intercept[k] + ((sum[0] + sum[1]) + (sum[2] + sum[3]));
        }
    }
}

az_status az_linear_state_save(const void *fitted, az_bundle *bundle)
{
    const az_linear_state *state = fitted;
    int64_t n = state->n_features + 1, m = state->n_outputs, n_coefficients = m * state->n_features;
    AZ_TRY(az_bundle_put_scalar(bundle, "has_intercept", state->has_intercept));
    AZ_TRY(az_bundle_put_f64(bundle, "intercept", state->intercept, m));
    AZ_TRY(az_bundle_put_f64(bundle, "coefficient", state->coefficient, n_coefficients));
    AZ_TRY(az_bundle_put_f64(bundle, "variance", state->variance, m));
    AZ_TRY(az_bundle_put_scalar(bundle, "dof", state->dof));
    AZ_TRY(az_bundle_put_f64(bundle, "facts", state->fact, AZ_MAX_FACTS));
    if (state->covariance) AZ_TRY(az_bundle_put_f64(bundle, "covariance", state->covariance, n * n));
    if (state->n_path > 0) {
        AZ_TRY(az_bundle_put_f64(bundle, "path_alpha", state->path_alpha, state->n_path));
        AZ_TRY(az_bundle_put_f64(bundle, "path_coefficient", state->path_coefficient, state->n_path * n_coefficients));
        AZ_TRY(az_bundle_put_f64(bundle, "path_score", state->path_score, state->n_path));
    }
    return AZ_OK;
}

az_status az_linear_state_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs)
{
    az_linear_state *state = NULL;
    az_status status;
    int64_t n = n_features + 1, n_coefficients = n_outputs * n_features, n_path = 0;
    const double *intercept, *coefficient, *variance, *fact, *covariance = NULL, *alpha = NULL, *path = NULL,
                                                             *score = NULL;
    double has_intercept, dof;
    AZ_TRY(az_bundle_get_scalar(bundle, "has_intercept", &has_intercept));
    AZ_TRY(az_bundle_get_f64(bundle, "intercept", n_outputs, &intercept, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "coefficient", n_coefficients, &coefficient, NULL));
    AZ_TRY(az_bundle_get_f64(bundle, "variance", n_outputs, &variance, NULL));
    AZ_TRY(az_bundle_get_scalar(bundle, "dof", &dof));
    AZ_TRY(az_bundle_get_f64(bundle, "facts", AZ_MAX_FACTS, &fact, NULL));
    if (az_bundle_find(bundle, "covariance")) AZ_TRY(az_bundle_get_f64(bundle, "covariance", n * n, &covariance, NULL));
    if (az_bundle_find(bundle, "path_alpha")) {
        AZ_TRY(az_bundle_get_f64(bundle, "path_alpha", -1, &alpha, &n_path));
        if (n_path < 1 || n_path > 1000000)
            return az_error(AZ_ERROR_DATA, "the path has %lld penalties", (long long)n_path);
        AZ_TRY(az_bundle_get_f64(bundle, "path_coefficient", n_path * n_coefficients, &path, NULL));
        AZ_TRY(az_bundle_get_f64(bundle, "path_score", n_path, &score, NULL));
    }
    AZ_GOTO(az_linear_state_new(&state, n_features, n_outputs, has_intercept != 0.0, covariance != NULL, n_path));
    state->dof = dof;
    memcpy(state->intercept, intercept, sizeof(double) * (size_t)n_outputs);
    if (n_coefficients) memcpy(state->coefficient, coefficient, sizeof(double) * (size_t)n_coefficients);
    memcpy(state->variance, variance, sizeof(double) * (size_t)n_outputs);
    memcpy(state->fact, fact, sizeof state->fact);
    if (covariance) memcpy(state->covariance, covariance, sizeof(double) * (size_t)(n * n));
    if (n_path) {
        memcpy(state->path_alpha, alpha, sizeof(double) * (size_t)n_path);
        if (n_coefficients) memcpy(state->path_coefficient, path, sizeof(double) * (size_t)(n_path * n_coefficients));
        memcpy(state->path_score, score, sizeof(double) * (size_t)n_path);
    }
    *fitted = state;
done:
    return status;
}

void az_linear_state_export(const void *fitted, az_code *code)
{
    const az_linear_state *state = fitted;
    az_linear_map_write_code(code, state->n_features, state->n_outputs, state->intercept, state->coefficient);
}

void az_linear_map_write_code(az_code *code, int64_t n_features, int64_t n_outputs, const double *intercept,
                              const double *coefficient)
{
    az_code_reals(code, "intercept", intercept, n_outputs);
    az_code_reals(code, "coefficient", coefficient, n_outputs * n_features);
    az_code_write(code, "# Sums in four strands, as the library adds.\n"
                        "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n"
                        "    real part[4]\n"
                        "    for k in 0 .. n_outputs {\n"
                        "        for l in 0 .. 4 {\n"
                        "            part[l] = 0.0\n"
                        "            for j in l .. n_features step 4 {\n"
                        "                part[l] += features[j] * coefficient[k * n_features + j]\n"
                        "            }\n"
                        "        }\n"
                        "        outputs[k] = intercept[k] + ((part[0] + part[1]) + (part[2] + part[3]))\n"
                        "    }\n"
                        "}\n");
}

void az_linear_state_map(const void *fitted, az_linear_map *map)
{
    const az_linear_state *state = fitted;
    *map = (az_linear_map){.n_outputs = state->n_outputs,
                           .intercept = state->has_intercept ? state->intercept : NULL,
                           .coefficient = state->coefficient,
                           .covariance = state->covariance,
                           .variance = state->variance,
                           .dof = state->dof};
}

bool az_linear_state_path(const void *fitted, az_path *path)
{
    const az_linear_state *state = fitted;
    if (state->n_path == 0) return false;
    bool scored = !isnan(state->path_score[0]);
    *path = (az_path){.n = state->n_path,
                      .alpha = state->path_alpha,
                      .coefficient = state->path_coefficient,
                      .score = scored ? state->path_score : NULL};
    return true;
}

int az_linear_state_facts(const az_linear_state *state, const char *const (*names)[2], int n, az_fact *facts)
{
    int count = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(state->fact[i])) facts[count++] = (az_fact){names[i][0], names[i][1], state->fact[i]};
    return count;
}
