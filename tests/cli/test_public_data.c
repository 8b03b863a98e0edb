/* SPDX-License-Identifier: BSD-3-Clause */
/* The public data sets, read and fitted from the command line, end to end.  The bounds are what is known of the set and
 * the model from the literature and from other programs, not what came out here. */
#include "cli/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include <math.h>

typedef struct known_score {
    const char *line; /* @ stands for the folder of data sets */
    const char *part, *metric;
    double lower, upper;
} known_score;

static const known_score scores[] = {
    /* Pace and Barry 1997 and everyone since: a linear model explains some 64 % of it. */
    {"fit linear @/california_housing/housing.csv --target median_house_value --test 0.2", "test", "r2", 0.60, 0.68},
    {"fit knn @/california_housing/housing.csv --target median_house_value --test 0.2", "test", "r2", 0.68, 0.78},
    /* The UCI page of Adult lists 14 to 17 % errors; logistic regression about 15 %. */
    {"fit logistic @/adult/adult-train.csv --target 14 --test @/adult/adult-test.csv "
     "--relabel <=50K.=<=50K,>50K.=>50K",
     "test", "accuracy", 0.845, 0.86},
    {"fit naive_bayes @/adult/adult-train.csv --target 14 --test @/adult/adult-test.csv "
     "--relabel <=50K.=<=50K,>50K.=>50K",
     "test", "accuracy", 0.75, 0.85},
    /* R2 = 0.7406 with all thirteen columns: the textbook value. */
    {"fit linear @/boston_housing/boston_house_prices.csv --target MEDV", "train", "r2", 0.7406, 0.7407},
    {"fit linear @/boston_housing/housing.data --target 13", "train", "r2", 0.7406, 0.7407},
    {"fit robust @/boston_housing/housing.data --target 13", "train", "r2", 0.68, 0.7406},
    {"fit lasso @/boston_housing/housing.data --target 13 --choose kfold", "train", "r2", 0.72, 0.7407},
    {"fit logistic @/sklearn_toy/iris.csv --target 4 --task classification", "train", "accuracy", 0.96, 0.99},
    {"fit knn @/sklearn_toy/wine_data.csv --target 13 --task classification --test 0.25", "test", "accuracy", 0.93, 1},
    {"fit naive_bayes @/sklearn_toy/wine_data.csv --target 13 --test 0.25", "test", "accuracy", 0.93, 1},
    {"fit logistic @/sklearn_toy/breast_cancer.csv --target 30 --task classification --test 0.25", "test", "accuracy",
     0.95, 1},
    {"fit knn @/sklearn_toy/digits.csv.gz --target 64 --task classification --test 0.25", "test", "accuracy", 0.95, 1},
    {"fit logistic @/sklearn_toy/digits.csv.gz --target 64 --task classification --test 0.25", "test", "accuracy", 0.94,
     1},
    /* Efron and others 2004: R2 = 0.518 with all ten columns. */
    {"fit linear @/sklearn_toy/diabetes_data.csv.gz --target @/sklearn_toy/diabetes_target.csv.gz", "train", "r2",
     0.517, 0.519},
    {"fit elastic_net @/sklearn_toy/diabetes_data.csv.gz --target @/sklearn_toy/diabetes_target.csv.gz --choose kfold",
     "train", "r2", 0.48, 0.518},
    {"fit linear @/sklearn_toy/linnerud_exercise.csv --join @/sklearn_toy/linnerud_physiological.csv "
     "--target Weight,Waist,Pulse",
     "train", "r2", 0.296, 0.298},
    /* A parabola through the annual means follows the growing rate. */
    {"fit linear @/small_physics/co2-annmean-mlo.csv --target Mean --sigma Uncertainty --degree 2", "train", "r2",
     0.999, 1},
    {"fit ridge @/small_physics/co2-mm-mlo.csv --target Interpolated --features 1 --degree 2", "train", "r2", 0.98, 1},
    {"fit linear @/small_physics/hubble1929.csv --target 2", "train", "r2", 0.62, 0.63},
    {"fit knn @/small_physics/exoplanets_seaborn.csv --target mass --transform-target log", "train", "r2", 0.1, 1},
    {"fit dummy @/small_physics/hudson-bay-lynx-hare.csv --target Lynx", "train", "r2", -1e-12, 1e-12},
    {"fit knn @/small_physics/lynx_canada_1821_1934.csv --target value --features time", "train", "r2", 0.3, 1},
    {"fit linear @/small_physics/nino34_oni_monthly_1871.csv --target NINO34_MEAN --features NINO34_CLIM,NINO34_ANOM",
     "train", "r2", 0.999, 1}, /* the mean is climatology plus anomaly */
    {"fit robust @/small_physics/planets_solar_system.csv --target velocity", "train", "r2", 0.5, 1},
    {"fit linear @/small_physics/elnino_nino12_1950_2010.csv --target DEC --features NOV", "train", "r2", 0.5, 1},
    {"fit linear @/small_physics/SN_y_tot_V2.0.csv --target Sunspots", "train", "r2", 0, 0.2},
};

static void every_set_is_fitted(void **state)
{
    (void)state;
    const char *data = getenv("ANSATZ_DATA");
    if (!data) {
        printf("SKIPPED: ANSATZ_DATA is not set\n");
        skip();
    }
    static run_result result;
    int n_bad = 0;
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        char line[4096];
        size_t n = 0;
        for (const char *c = scores[i].line; *c && n < sizeof line / 2; c++) {
            if (*c == '@')
                n += (size_t)snprintf(line + n, sizeof line - n, "%s", data);
            else
                line[n++] = *c;
        }
        snprintf(line + n, sizeof line - n, " --json -q");
        run(&result, line);
        double score = -INFINITY;
        if (result.status == 0) {
            json_t *json = json_loads(result.out, JSON_REJECT_DUPLICATES, NULL);
            assert_non_null(json);
            score = json_number_value(json_object_get(json_object_get(json, scores[i].part), scores[i].metric));
            json_decref(json);
        }
        bool good = score >= scores[i].lower && score <= scores[i].upper;
        printf("  %s %.4f in %.4g .. %.4g: %s\n", scores[i].metric, score, scores[i].lower, scores[i].upper,
               scores[i].line);
        if (!good) print_error("  FAILS, status %d: %s\n", result.status, result.err);
        n_bad += !good;
    }
    assert_int_equal(n_bad, 0);
}

static int enter(void **state)
{
    (void)state;
    run_enter();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_set_is_fitted)};
    return cmocka_run_group_tests(tests, enter, run_leave_group);
}
