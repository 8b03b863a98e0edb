/* SPDX-License-Identifier: BSD-3-Clause */
/* One made-up table that every model of the registry can be fitted to: non-negative numbers, one of them missing, a
 * text column, a numeric target "y" with its last known value and a day, or a text target "kind".  For tests that run
 * over the whole registry. */
#ifndef AZ_TESTS_REGISTRY_DATA_H
#define AZ_TESTS_REGISTRY_DATA_H

#include "base/memory.h"
#include "base/random.h"
#include "models/model.h"

enum { REGISTRY_DATA_FEATURES = 5, REGISTRY_DATA_MAX_ROWS = 4096 };

typedef struct registry_data {
    int64_t n_rows;
    double x[REGISTRY_DATA_FEATURES][REGISTRY_DATA_MAX_ROWS];
    double y[REGISTRY_DATA_MAX_ROWS], weight[REGISTRY_DATA_MAX_ROWS];
    double last[REGISTRY_DATA_MAX_ROWS], when[REGISTRY_DATA_MAX_ROWS]; /* as windows in time have them */
    const char *place[REGISTRY_DATA_MAX_ROWS], *kind[REGISTRY_DATA_MAX_ROWS];
} registry_data;

static inline void registry_data_fill(registry_data *data, int64_t n_rows)
{
    static const char *const places[] = {"sea", "shore", "land"}, *const kinds[] = {"calm", "rough", "storm"};
    az_stream stream = az_stream_new(7, "registry data");
    data->n_rows = n_rows;
    for (int64_t i = 0; i < n_rows; i++) {
        double sum = 0;
        for (int j = 0; j < REGISTRY_DATA_FEATURES; j++) {
            data->x[j][i] = 10 * az_random_uniform(stream, (uint64_t)i, (uint64_t)j);
            sum += (j + 1) * data->x[j][i];
        }
        double noise = az_random_normal(stream, (uint64_t)i, 100);
        uint64_t place = az_random_below(stream, (uint64_t)i, 101, 3);
        data->y[i] = 3 + sum + 2 * (double)place + noise;
        data->last[i] = data->y[i] - 5 * noise;
        data->when[i] = (double)(31 * i);
        data->weight[i] = 0.5 + az_random_uniform(stream, (uint64_t)i, 102);
        data->place[i] = places[place];
        data->kind[i] = kinds[sum + 5 * noise < 65 ? 0 : sum + 5 * noise < 85 ? 1 : 2];
    }
    data->x[1][n_rows / 2] = (double)NAN;
}

/* The table borrows the numbers. */
static inline az_status registry_data_table(const registry_data *data, az_task task, bool weighted, az_table **table)
{
    static const char *const names[REGISTRY_DATA_FEATURES] = {"a", "b", "c", "d", "e"};
    az_table *made = NULL;
    az_status status = az_table_new(&made, data->n_rows);
    for (int j = 0; !status && j < REGISTRY_DATA_FEATURES; j++)
        status = az_table_add_numeric(made, names[j], "m", data->x[j], 1);
    if (!status) status = az_table_add_text(made, "place", data->place);
    if (!status && weighted) status = az_table_add_numeric(made, "w", NULL, data->weight, 1);
    if (!status && task == AZ_REGRESSION) status = az_table_add_numeric(made, "y", "K", data->y, 1);
    if (!status && task == AZ_REGRESSION) status = az_table_add_numeric(made, "y[t]", "K", data->last, 1);
    if (!status && task == AZ_REGRESSION)
        status = az_table_add_time(made, "when", "days since 1900-01-01", NULL, data->when, 1);
    if (!status && task == AZ_CLASSIFICATION) status = az_table_add_text(made, "kind", data->kind);
    if (status) az_table_free(made);
    else *table = made;
    return status;
}

static inline az_roles registry_data_roles(az_task task, bool weighted)
{
    return (az_roles){.target = task == AZ_REGRESSION ? "y" : "kind",
                      .weight = weighted ? "w" : NULL,
                      .time = task == AZ_REGRESSION ? "when" : NULL};
}

/* Calls visit for every model of the registry and every task that it has. */
static inline void registry_each(void (*visit)(const az_model_class *class, az_task task))
{
    for (const az_model_class *const *class = az_model_classes; *class; class++) {
        if ((*class)->tasks & AZ_REGRESSION) visit(*class, AZ_REGRESSION);
        if ((*class)->tasks & AZ_CLASSIFICATION) visit(*class, AZ_CLASSIFICATION);
    }
}

#endif
