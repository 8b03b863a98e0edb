/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rows are held out.  Every choice is a function of the seed and of the rows' order alone.
 *
 * Time: folds are contiguous blocks.  Each block is tested in turn and all other rows outside the gap train, later ones
 * too: with a gap longer than the memory of the series this wastes no data and judges every block (Roberts and others,
 * Ecography 40, 2017, 913-929, "blocked cross-validation").  A hold-out is the latest rows: a forecast. */
#include "data/split.h"

#include "base/random.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {[AZ_SPLIT_AUTO] = "auto",
                                         [AZ_SPLIT_RANDOM] = "random",
                                         [AZ_SPLIT_STRATIFIED] = "stratified",
                                         [AZ_SPLIT_GROUP] = "group",
                                         [AZ_SPLIT_TIME] = "time"};
enum { N_KINDS = sizeof kind_names / sizeof *kind_names };

az_split_kind az_split_resolve(az_split_kind kind, const az_split_data *data)
{
    if (kind != AZ_SPLIT_AUTO) return kind;
    if (data->group) return AZ_SPLIT_GROUP;
    if (data->time) return AZ_SPLIT_TIME;
    return data->label ? AZ_SPLIT_STRATIFIED : AZ_SPLIT_RANDOM;
}

const char *az_split_name(az_split_kind kind)
{
    return kind_names[kind];
}

static const char *candidate_name(void *context, int64_t i)
{
    (void)context;
    return i < N_KINDS ? kind_names[i] : NULL;
}

az_status az_split_parse(const char *name, az_split_kind *kind)
{
    for (int i = 0; i < N_KINDS; i++) {
        if (strcmp(name, kind_names[i]) == 0) {
            *kind = (az_split_kind)i;
            return AZ_OK;
        }
    }
    const char *nearest = az_nearest(name, candidate_name, NULL);
    if (nearest) return az_error(AZ_ERROR_USAGE, "split: no kind is called '%s'; did you mean '%s'?", name, nearest);
    return az_error(AZ_ERROR_USAGE, "split: no kind is called '%s'; there are auto, random, stratified, group and time",
                    name);
}

/* The roles that the kind needs, and a gap that makes sense. */
static az_status check_split(const az_split_options *options, const az_split_data *data, az_split_kind kind)
{
    if (kind == AZ_SPLIT_STRATIFIED && !data->label) {
        return az_error(AZ_ERROR_USAGE, "split: stratified needs classes, and the target here is a number; use random");
    }
    if (kind == AZ_SPLIT_GROUP && !data->group) {
        return az_error(AZ_ERROR_USAGE, "split: group needs a column with the role group (--group COLUMN)");
    }
    if (kind == AZ_SPLIT_TIME && !data->time) {
        return az_error(AZ_ERROR_USAGE, "split: time needs a column with the role time (--time COLUMN)");
    }
    if (!(options->gap >= 0)) return az_error(AZ_ERROR_USAGE, "gap: it must be a number from 0 up");
    if (options->gap > 0 && kind != AZ_SPLIT_TIME) {
        return az_error(AZ_ERROR_USAGE,
                        "gap: it is a length of time, and the split is %s; give a time column or leave "
                        "the gap out",
                        kind_names[kind]);
    }
    return AZ_OK;
}

/* A row, or a group of rows, with what it is sorted by. */
typedef struct keyed {
    double key;
    int64_t index, count;
} keyed;

static int by_key(const void *left, const void *right)
{
    const keyed *a = left, *b = right;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* Rows in random order, and for stratified splits gathered by class (in random order within each class). */
static az_status shuffled_rows(const az_split_options *options, const az_split_data *data, az_split_kind kind,
                               keyed **rows)
{
    int64_t n = data->n_rows, *order = NULL;
    *rows = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(order, n));
    AZ_GOTO(AZ_NEW_ARRAY(*rows, n));
    az_random_permutation(az_stream_new(options->seed, "split"), n, order);
    for (int64_t i = 0; i < n; i++) {
        double key = kind == AZ_SPLIT_STRATIFIED ? (double)data->label[order[i]] : 0;
        (*rows)[i] = (keyed){.key = key, .index = i};
    }
    if (kind == AZ_SPLIT_STRATIFIED) qsort(*rows, (size_t)n, sizeof **rows, by_key);
    for (int64_t i = 0; i < n; i++) (*rows)[i].index = order[(*rows)[i].index];
done:
    az_free(order);
    if (status) {
        az_free(*rows);
        *rows = NULL;
    }
    return status;
}

/* The distinct values of a role: units[u] with key and count in rising order of the value, and unit[i] of each row. */
static az_status find_units(const az_split_data *data, az_split_kind kind, keyed **units, int64_t *n_units,
                            int64_t *unit)
{
    int64_t n = data->n_rows;
    AZ_TRY(AZ_NEW_ARRAY(*units, n));
    for (int64_t i = 0; i < n; i++) {
        double value = kind == AZ_SPLIT_TIME ? data->time[i] : (double)data->group[i];
        if (isnan(value)) {
            az_free(*units);
            *units = NULL;
            return az_error(AZ_ERROR_DATA, "split: the time of row %lld of the usable rows is missing", (long long)i);
        }
        (*units)[i] = (keyed){.key = value, .index = i};
    }
    qsort(*units, (size_t)n, sizeof **units, by_key);
    *n_units = 0;
    for (int64_t i = 0; i < n; i++) {
        keyed row = (*units)[i];
        /* Unit u never overtakes row i, so that the array is condensed in place. */
        if (i == 0 || row.key != (*units)[*n_units - 1].key) (*units)[(*n_units)++] = (keyed){row.key, *n_units, 0};
        (*units)[*n_units - 1].count++;
        unit[row.index] = *n_units - 1;
    }
    return AZ_OK;
}

/* Consecutive blocks of about equal numbers of rows: the boundary before block b is put where the rows before it are
 * nearest to b / n_folds of all, with at least one distinct time in every block. */
static void cut_time(const keyed *units, int64_t n_units, int64_t n_rows, int64_t n_folds, int32_t *fold_of_unit)
{
    int64_t u = 0, before = 0; /* rows before unit u */
    for (int64_t b = 0; b < n_folds; b++) {
        int64_t last = n_units - (n_folds - b); /* the last unit that leaves one for each later block */
        double wanted = (double)(b + 1) * (double)n_rows / (double)n_folds;
        fold_of_unit[u] = (int32_t)b;
        before += units[u++].count;
        while (u <= last &&
               (b == n_folds - 1 || fabs((double)(before + units[u].count) - wanted) < fabs((double)before - wanted))) {
            fold_of_unit[u] = (int32_t)b;
            before += units[u++].count;
        }
    }
}

/* Greedy balance: the largest group goes to the fold with the fewest rows (the rule for scheduling jobs by longest
 * processing time; Graham, SIAM J. Appl. Math. 17, 1969).  Groups of one size come in random order. */
static az_status deal_groups(const az_split_options *options, const keyed *units, int64_t n_units, int64_t n_folds,
                             int32_t *fold_of_unit)
{
    int64_t *order = NULL, *load = NULL;
    keyed *sorted = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(order, n_units));
    AZ_GOTO(AZ_NEW_ARRAY(sorted, n_units));
    AZ_GOTO(AZ_NEW_ARRAY(load, n_folds));
    memset(load, 0, (size_t)n_folds * sizeof *load);
    az_random_permutation(az_stream_new(options->seed, "split"), n_units, order);
    for (int64_t i = 0; i < n_units; i++) sorted[i] = (keyed){-(double)units[order[i]].count, i, 0};
    qsort(sorted, (size_t)n_units, sizeof *sorted, by_key);
    for (int64_t i = 0; i < n_units; i++) {
        int64_t u = order[sorted[i].index], lightest = 0;
        for (int64_t k = 1; k < n_folds; k++) {
            if (load[k] < load[lightest]) lightest = k;
        }
        fold_of_unit[u] = (int32_t)lightest;
        load[lightest] += units[u].count;
    }
done:
    az_free(order);
    az_free(sorted);
    az_free(load);
    return status;
}

static az_status unit_folds(const az_split_options *options, const az_split_data *data, az_split_kind kind,
                            int64_t n_folds, int32_t *fold)
{
    int64_t n_units = 0, *unit = NULL;
    keyed *units = NULL;
    int32_t *fold_of_unit = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(unit, data->n_rows));
    AZ_GOTO(find_units(data, kind, &units, &n_units, unit));
    if (n_units < n_folds) {
        status = az_error(AZ_ERROR_DATA, "split: %lld folds need as many %s, and there are %lld", (long long)n_folds,
                          kind == AZ_SPLIT_TIME ? "different times" : "groups", (long long)n_units);
        goto done;
    }
    AZ_GOTO(AZ_NEW_ARRAY(fold_of_unit, n_units));
    if (kind == AZ_SPLIT_TIME)
        cut_time(units, n_units, data->n_rows, n_folds, fold_of_unit);
    else
        AZ_GOTO(deal_groups(options, units, n_units, n_folds, fold_of_unit));
    for (int64_t i = 0; i < data->n_rows; i++) fold[i] = fold_of_unit[unit[i]];
done:
    az_free(unit);
    az_free(units);
    az_free(fold_of_unit);
    return status;
}

az_status az_split_folds(const az_split_options *options, const az_split_data *data, int64_t n_folds, int32_t *fold)
{
    az_split_kind kind = az_split_resolve(options->kind, data);
    AZ_TRY(check_split(options, data, kind));
    if (n_folds < 2 || n_folds > INT32_MAX) return az_error(AZ_ERROR_USAGE, "folds: at least 2 are needed");
    if (n_folds > data->n_rows) {
        return az_error(AZ_ERROR_DATA, "split: %lld folds need as many rows, and %lld can be used", (long long)n_folds,
                        (long long)data->n_rows);
    }
    if (kind == AZ_SPLIT_GROUP || kind == AZ_SPLIT_TIME) return unit_folds(options, data, kind, n_folds, fold);
    /* Dealt like cards: any run of rows, and so any class, is spread over the folds evenly to within one row. */
    keyed *rows = NULL;
    AZ_TRY(shuffled_rows(options, data, kind, &rows));
    for (int64_t i = 0; i < data->n_rows; i++) fold[rows[i].index] = (int32_t)(i % n_folds);
    az_free(rows);
    return AZ_OK;
}

/* Whole groups in random order, each taken when that brings the number of rows nearer to the one wanted. */
static az_status hold_out_groups(const az_split_options *options, const keyed *units, int64_t n_units, int64_t n_rows,
                                 int64_t wanted, unsigned char *unit_is_test)
{
    int64_t *order = NULL, held = 0, smallest = 0;
    AZ_TRY(AZ_NEW_ARRAY(order, n_units));
    memset(unit_is_test, 0, (size_t)n_units);
    az_random_permutation(az_stream_new(options->seed, "split"), n_units, order);
    for (int64_t i = 0; i < n_units; i++) {
        int64_t u = order[i], with = held + units[u].count;
        if (units[u].count < units[smallest].count) smallest = u;
        if (with == n_rows || llabs(with - wanted) >= llabs(held - wanted)) continue;
        unit_is_test[u] = 1;
        held = with;
    }
    if (held == 0) unit_is_test[smallest] = 1;
    az_free(order);
    return AZ_OK;
}

/* The latest times, as many as come nearest to the number of rows wanted. */
static void hold_out_latest(const keyed *units, int64_t n_units, int64_t wanted, unsigned char *unit_is_test)
{
    memset(unit_is_test, 0, (size_t)n_units);
    int64_t held = 0;
    for (int64_t u = n_units - 1; u > 0; u--) {
        if (held > 0 && llabs(held + units[u].count - wanted) >= llabs(held - wanted)) break;
        unit_is_test[u] = 1;
        held += units[u].count;
    }
}

static az_status unit_holdout(const az_split_options *options, const az_split_data *data, az_split_kind kind,
                              int64_t wanted, unsigned char *test)
{
    int64_t n_units = 0, *unit = NULL;
    keyed *units = NULL;
    unsigned char *unit_is_test = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(unit, data->n_rows));
    AZ_GOTO(find_units(data, kind, &units, &n_units, unit));
    if (n_units < 2) {
        status = az_error(AZ_ERROR_DATA, "split: to hold out a part, at least 2 %s are needed",
                          kind == AZ_SPLIT_TIME ? "different times" : "groups");
        goto done;
    }
    AZ_GOTO(AZ_NEW_ARRAY(unit_is_test, n_units));
    if (kind == AZ_SPLIT_TIME)
        hold_out_latest(units, n_units, wanted, unit_is_test);
    else
        AZ_GOTO(hold_out_groups(options, units, n_units, data->n_rows, wanted, unit_is_test));
    for (int64_t i = 0; i < data->n_rows; i++) test[i] = unit_is_test[unit[i]];
done:
    az_free(unit);
    az_free(units);
    az_free(unit_is_test);
    return status;
}

az_status az_split_holdout(const az_split_options *options, const az_split_data *data, double fraction,
                           unsigned char *test)
{
    az_split_kind kind = az_split_resolve(options->kind, data);
    int64_t n = data->n_rows;
    AZ_TRY(check_split(options, data, kind));
    if (!(fraction > 0 && fraction < 1)) {
        return az_error(AZ_ERROR_USAGE, "test: the held-out fraction must lie between 0 and 1");
    }
    if (n < 2) return az_error(AZ_ERROR_DATA, "split: to hold out a part, at least 2 rows are needed");
    int64_t wanted = (int64_t)floor(fraction * (double)n + 0.5);
    if (wanted < 1) wanted = 1;
    if (wanted > n - 1) wanted = n - 1;
    if (kind == AZ_SPLIT_GROUP || kind == AZ_SPLIT_TIME) return unit_holdout(options, data, kind, wanted, test);

    keyed *rows = NULL;
    AZ_TRY(shuffled_rows(options, data, kind, &rows));
    /* `wanted` of n rows at even spacing (Bresenham's line): every class gives its share to within one row. */
    int64_t error = n / 2;
    for (int64_t i = 0; i < n; i++) {
        error += wanted;
        test[rows[i].index] = error >= n;
        if (error >= n) error -= n;
    }
    az_free(rows);
    return AZ_OK;
}

void az_split_training_rows(const az_split_options *options, const az_split_data *data, const int32_t *fold, int32_t k,
                            int64_t *rows, int64_t *n_training)
{
    bool blocked = az_split_resolve(options->kind, data) == AZ_SPLIT_TIME && (options->gap > 0 || data->begin);
    const double *begin = data->begin ? data->begin : data->time;
    double first = INFINITY, last = -INFINITY;
    for (int64_t i = 0; blocked && i < data->n_rows; i++) {
        if (fold[i] != k) continue;
        if (begin[i] < first) first = begin[i];
        if (data->time[i] > last) last = data->time[i];
    }
    *n_training = 0;
    for (int64_t i = 0; i < data->n_rows; i++) {
        if (fold[i] == k) continue;
        if (blocked && first - data->time[i] <= options->gap && begin[i] - last <= options->gap) continue;
        rows[(*n_training)++] = i;
    }
}
