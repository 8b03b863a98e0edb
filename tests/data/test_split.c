/* SPDX-License-Identifier: BSD-3-Clause */
/* Properties of splits, over many sizes and seeds: what must never happen whatever the data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/status.h"
#include "data/split.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 211 };

typedef struct sample {
    int32_t label[MOST_ROWS], group[MOST_ROWS], fold[MOST_ROWS];
    double time[MOST_ROWS];
    unsigned char test[MOST_ROWS];
    az_split_data data;
} sample;

/* Rows with classes of very different sizes, groups of 1 to about 20 rows, and times in no order and with ties. */
static void make(sample *s, int64_t n_rows, uint64_t seed)
{
    az_stream stream = az_stream_new(seed, "test");
    for (int64_t i = 0; i < n_rows; i++) {
        uint64_t row = (uint64_t)i;
        double u = az_random_uniform(stream, row, 0);
        s->label[i] = u < 0.6 ? 0 : u < 0.9 ? 1 : 2;
        s->group[i] = (int32_t)(az_random_uniform(stream, row, 1) * az_random_uniform(stream, row, 2) * 30) * 7 - 20;
        s->time[i] = floor(az_random_uniform(stream, row, 3) * 60) / 4;
    }
    s->data = (az_split_data){.n_rows = n_rows, .label = s->label, .group = s->group, .time = s->time};
}

/* Largest less smallest number of rows with label (-1: any) over the folds. */
static int64_t imbalance(const sample *s, int64_t n_folds, int32_t label)
{
    int64_t most = 0, least = INT64_MAX;
    for (int32_t k = 0; k < n_folds; k++) {
        int64_t count = 0;
        for (int64_t i = 0; i < s->data.n_rows; i++) count += s->fold[i] == k && (label < 0 || s->label[i] == label);
        if (count > most) most = count;
        if (count < least) least = count;
    }
    return most - least;
}

#define FOR_MANY(s, n_folds, options_kind)                                                                             \
    for (uint64_t seed = 0; seed < 20; seed++)                                                                         \
        for (int64_t n_folds = 2; n_folds <= 7; n_folds++)                                                             \
            if (make(s, 60 + (int64_t)seed * 7, seed),                                                                 \
                az_split_folds(&(az_split_options){.kind = (options_kind), .seed = seed}, &(s)->data, n_folds,         \
                               (s)->fold))                                                                             \
                fail_msg("%s", az_error_message());                                                                    \
            else

/* Every row is tested in exactly one fold (fold is a function of the row) and trains in all the others. */
static void each_row_is_tested_once(void **state)
{
    (void)state;
    static sample s;
    for (az_split_kind kind = AZ_SPLIT_AUTO; kind <= AZ_SPLIT_TIME; kind++) {
        FOR_MANY(&s, n_folds, kind)
        {
            az_split_options options = {.kind = kind};
            int64_t rows[MOST_ROWS], n_training, n_tested = 0;
            for (int32_t k = 0; k < n_folds; k++) {
                az_split_training_rows(&options, &s.data, s.fold, k, rows, &n_training);
                assert_in_range(n_training, 1, s.data.n_rows - 1);
                for (int64_t i = 0; i < n_training; i++) assert_int_not_equal(s.fold[rows[i]], k);
                n_tested += s.data.n_rows - n_training;
            }
            assert_int_equal(n_tested, s.data.n_rows);
        }
    }
}

static void random_and_stratified_are_even_to_one_row(void **state)
{
    (void)state;
    static sample s;
    FOR_MANY(&s, n_folds, AZ_SPLIT_RANDOM) assert_true(imbalance(&s, n_folds, -1) <= 1);
    FOR_MANY(&s, n_folds, AZ_SPLIT_STRATIFIED)
    {
        for (int32_t label = -1; label < 3; label++) assert_true(imbalance(&s, n_folds, label) <= 1);
    }
}

/* Groups stay whole, and no fold exceeds the lightest one by more than the largest group. */
static void groups_stay_whole(void **state)
{
    (void)state;
    static sample s;
    FOR_MANY(&s, n_folds, AZ_SPLIT_GROUP)
    {
        int64_t largest = 0;
        for (int64_t i = 0; i < s.data.n_rows; i++) {
            int64_t size = 0;
            for (int64_t j = 0; j < s.data.n_rows; j++) {
                if (s.group[i] != s.group[j]) continue;
                assert_int_equal(s.fold[i], s.fold[j]);
                size++;
            }
            if (size > largest) largest = size;
        }
        assert_true(imbalance(&s, n_folds, -1) <= largest);
    }
}

/* Fold numbers rise with time, ties stay together, no fold is empty; blocks are even to within the rows of a tie. */
static void time_folds_are_blocks(void **state)
{
    (void)state;
    static sample s;
    FOR_MANY(&s, n_folds, AZ_SPLIT_TIME)
    {
        int64_t most_ties = 0;
        for (int64_t i = 0; i < s.data.n_rows; i++) {
            int64_t ties = 0;
            for (int64_t j = 0; j < s.data.n_rows; j++) {
                ties += s.time[i] == s.time[j];
                if (s.time[i] == s.time[j]) assert_int_equal(s.fold[i], s.fold[j]);
                if (s.time[i] < s.time[j]) assert_true(s.fold[i] <= s.fold[j]);
            }
            if (ties > most_ties) most_ties = ties;
        }
        for (int32_t k = 0; k < n_folds; k++) {
            int64_t count = 0;
            for (int64_t i = 0; i < s.data.n_rows; i++) count += s.fold[i] == k;
            assert_true(count >= 1);
        }
        assert_true(imbalance(&s, n_folds, -1) <= 2 * most_ties);
    }
}

/* With a gap, exactly the other rows farther than the gap from every test row train. */
static void gap_is_respected(void **state)
{
    (void)state;
    static sample s;
    FOR_MANY(&s, n_folds, AZ_SPLIT_TIME)
    {
        az_split_options options = {.kind = AZ_SPLIT_TIME, .gap = 0.75};
        for (int32_t k = 0; k < n_folds; k++) {
            int64_t rows[MOST_ROWS], n_training, next = 0;
            az_split_training_rows(&options, &s.data, s.fold, k, rows, &n_training);
            for (int64_t i = 0; i < s.data.n_rows; i++) {
                bool far = true;
                for (int64_t j = 0; j < s.data.n_rows; j++) {
                    far = far && !(s.fold[j] == k && fabs(s.time[i] - s.time[j]) <= options.gap);
                }
                if (s.fold[i] != k && far) {
                    assert_true(next < n_training);
                    assert_int_equal(rows[next++], i);
                }
            }
            assert_int_equal(next, n_training);
        }
    }
}

static void holdout(void **state)
{
    (void)state;
    static sample s;
    static const double fractions[] = {0.01, 0.2, 1.0 / 3, 0.5, 0.99};
    for (uint64_t seed = 0; seed < 20; seed++) {
        for (size_t f = 0; f < 5; f++) {
            for (az_split_kind kind = AZ_SPLIT_RANDOM; kind <= AZ_SPLIT_TIME; kind++) {
                make(&s, 60 + (int64_t)seed * 7, seed);
                az_split_options options = {.kind = kind, .seed = seed};
                assert_int_equal(az_split_holdout(&options, &s.data, fractions[f], s.test), AZ_OK);
                int64_t held = 0, of_class[3] = {0}, in_class[3] = {0};
                double first_test = INFINITY, last_training = -INFINITY;
                for (int64_t i = 0; i < s.data.n_rows; i++) {
                    held += s.test[i];
                    in_class[s.label[i]]++;
                    of_class[s.label[i]] += s.test[i];
                    if (s.test[i])
                        first_test = fmin(first_test, s.time[i]);
                    else
                        last_training = fmax(last_training, s.time[i]);
                    for (int64_t j = 0; kind == AZ_SPLIT_GROUP && j < i; j++) {
                        if (s.group[i] == s.group[j]) assert_int_equal(s.test[i], s.test[j]);
                    }
                }
                assert_in_range(held, 1, s.data.n_rows - 1);
                double share = (double)held / (double)s.data.n_rows;
                if (kind == AZ_SPLIT_TIME) assert_true(first_test > last_training);
                if (kind <= AZ_SPLIT_STRATIFIED)
                    assert_true(fabs((double)held - fractions[f] * (double)s.data.n_rows) <= 1);
                for (int c = 0; kind == AZ_SPLIT_STRATIFIED && c < 3; c++) {
                    assert_true(fabs((double)of_class[c] - share * (double)in_class[c]) <= 1);
                }
            }
        }
    }
}

/* The seed alone decides: the same seed the same folds, another seed others. */
static void seeded(void **state)
{
    (void)state;
    static sample s;
    int32_t again[MOST_ROWS];
    make(&s, 100, 1);
    for (az_split_kind kind = AZ_SPLIT_RANDOM; kind <= AZ_SPLIT_GROUP; kind++) {
        az_split_options options = {.kind = kind, .seed = 5};
        assert_int_equal(az_split_folds(&options, &s.data, 5, s.fold), AZ_OK);
        assert_int_equal(az_split_folds(&options, &s.data, 5, again), AZ_OK);
        assert_memory_equal(again, s.fold, 100 * sizeof *again);
        options.seed = 6;
        assert_int_equal(az_split_folds(&options, &s.data, 5, again), AZ_OK);
        assert_memory_not_equal(again, s.fold, 100 * sizeof *again);
    }
}

static void what_cannot_be_done_is_said(void **state)
{
    (void)state;
    int32_t fold[4], group[] = {1, 1, 2, 2};
    double time[] = {1, 2, NAN, 4};
    az_split_data bare = {.n_rows = 4}, roles = {.n_rows = 4, .group = group, .time = time};
    az_split_options options = {.kind = AZ_SPLIT_GROUP};
    assert_int_equal(az_split_folds(&options, &bare, 2, fold), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "--group"));
    assert_int_equal(az_split_folds(&options, &roles, 3, fold), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "there are 2"));
    options.kind = AZ_SPLIT_TIME;
    assert_int_equal(az_split_folds(&options, &roles, 2, fold), AZ_ERROR_DATA);
    options.kind = AZ_SPLIT_STRATIFIED;
    assert_int_equal(az_split_folds(&options, &bare, 2, fold), AZ_ERROR_USAGE);
    options.kind = AZ_SPLIT_AUTO;
    assert_int_equal(az_split_folds(&options, &bare, 5, fold), AZ_ERROR_DATA);
    assert_int_equal(az_split_folds(&options, &bare, 1, fold), AZ_ERROR_USAGE);
    options.gap = 1;
    assert_int_equal(az_split_folds(&options, &bare, 2, fold), AZ_ERROR_USAGE);
    options.gap = NAN;
    assert_int_equal(az_split_folds(&options, &bare, 2, fold), AZ_ERROR_USAGE);
    unsigned char test[4];
    options.gap = 0;
    assert_int_equal(az_split_holdout(&options, &bare, 1, test), AZ_ERROR_USAGE);
    az_split_kind kind;
    assert_int_equal(az_split_parse("stratifed", &kind), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "'stratified'"));
    assert_int_equal(az_split_parse("time", &kind), AZ_OK);
    assert_int_equal(kind, AZ_SPLIT_TIME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_tested_once),
        cmocka_unit_test(random_and_stratified_are_even_to_one_row),
        cmocka_unit_test(groups_stay_whole),
        cmocka_unit_test(time_folds_are_blocks),
        cmocka_unit_test(gap_is_respected),
        cmocka_unit_test(holdout),
        cmocka_unit_test(seeded),
        cmocka_unit_test(what_cannot_be_done_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
