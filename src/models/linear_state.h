/* SPDX-License-Identifier: BSD-3-Clause */
/* What every fitted linear model holds, and the slots of az_model_class that work on it alone. */
#ifndef AZ_MODELS_LINEAR_STATE_H
#define AZ_MODELS_LINEAR_STATE_H

#include "models/model.h"

typedef struct az_linear_state {
    int64_t n_features, n_outputs;
    bool has_intercept;
    double *intercept;   /* (n_outputs); zeros without intercept */
    double *coefficient; /* (n_outputs, n_features) */
    double *covariance;  /* (n_features + 1)^2, or NULL */
    double *variance;    /* (n_outputs) */
    double dof;
    double fact[AZ_MAX_FACTS]; /* in the order of the class's own list; NaN: not known */
    int64_t n_path;            /* 0: no path */
    double *path_alpha, *path_coefficient, *path_score;
} az_linear_state;

az_status az_linear_state_new(az_linear_state **state, int64_t n_features, int64_t n_outputs, bool has_intercept,
                              bool has_covariance, int64_t n_path);
void az_linear_state_free(void *fitted);
void az_linear_state_predict(const void *fitted, const double *features, int64_t n_rows, double *out, void *scratch);
az_status az_linear_state_save(const void *fitted, az_bundle *bundle);
az_status az_linear_state_load(void **fitted, const az_bundle *bundle, int64_t n_features, int64_t n_outputs);
void az_linear_state_export(const void *fitted, az_code *code);
/* The procedure evaluate of a linear map, adding as az_linear_state_predict does. */
void az_linear_map_write_code(az_code *code, int64_t n_features, int64_t n_outputs, const double *intercept,
                              const double *coefficient);
void az_linear_state_map(const void *fitted, az_linear_map *map);
bool az_linear_state_path(const void *fitted, az_path *path);
/* names and titles: pairs; copies the facts that are known. */
int az_linear_state_facts(const az_linear_state *state, const char *const (*names)[2], int n, az_fact *facts);

#endif
