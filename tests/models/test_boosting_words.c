/* SPDX-License-Identifier: BSD-3-Clause */
/* Boosting on tables of many rows, whose gradients are whole numbers in one word. */
#include "models/boosting_data.h"

/* The gain of the best cut of a column, by sums of doubles over its rows; values of the column are whole numbers below
 * n_values. */
static double best_gain(const double *x, const double *g, const double *h, int64_t n_rows, int n_values)
{
    double sum_g[64] = {0}, sum_h[64] = {0}, all_g = 0, all_h = 0, left_g = 0, left_h = 0, best = 0;
    for (int64_t i = 0; i < n_rows; i++) {
        sum_g[(int)x[i]] += g[i];
        sum_h[(int)x[i]] += h[i];
        all_g += g[i];
        all_h += h[i];
    }
    for (int v = 0; v < n_values - 1; v++) {
        left_g += sum_g[v];
        left_h += sum_h[v];
        const double right_g = all_g - left_g, right_h = all_h - left_h;
        if (left_h > 0 && right_h > 0)
            best = fmax(best, left_g * left_g / left_h + right_g * right_g / right_h - all_g * all_g / all_h);
    }
    return best;
}

/* A stump has the best of all cuts, and its leaves the exact Newton steps, whether its gradients are counted in words
 * (targets and weights of any size) or a few are far too large for that (one weight in a thousand is a million). */
static void a_stump_of_many_rows_has_the_best_cut(void **state)
{
    (void)state;
    enum { N_ROWS = 70000, N_VALUES = 50 };
    const az_stream stream = az_stream_new(4, "many");
    numbers data = new_numbers(N_ROWS, 3);
    double *g = calloc(N_ROWS, sizeof *g), *h = calloc(N_ROWS, sizeof *h);
    for (int c = 0; c < 5; c++) {
        const double scale = c == 0 ? 1e-100 : 1e6;
        double sum = 0, total = 0;
        for (int64_t i = 0; i < N_ROWS; i++) {
            for (int j = 0; j < 3; j++)
                data.x[j][i] = floor(N_VALUES * az_random_uniform(stream, (uint64_t)i, (uint64_t)j));
            const double u = az_random_uniform(stream, (uint64_t)i, 5);
            data.w[i] = c < 2 ? 1 : c == 2 ? 0.5 + u : c == 3 ? pow(10, 12 * u - 6) : i % 1000 == 0 ? 1e6 : 1;
            data.y[i] = scale * (data.x[1][i] + 20 * az_random_normal(stream, (uint64_t)i, 6));
            sum += data.w[i] * data.y[i];
            total += data.w[i];
        }
        az_model *model = fit_threads(&data, c >= 2, "n_estimators=1 learning_rate=1 max_leaf_nodes=2", 2);
        const az_boosting *fitted = model->fitted;
        const az_tree *tree = &fitted->trees->trees[0];
        double best = 0, side_g[2] = {0}, side_h[2] = {0};
        int64_t n_side[2] = {0};
        assert_true(fabs(fitted->initial[0] - sum / total) <= 1e-9 * fabs(sum / total));
        for (int64_t i = 0; i < N_ROWS; i++) {
            g[i] = data.w[i] * (fitted->initial[0] - data.y[i]);
            h[i] = data.w[i];
        }
        for (int j = 0; j < 3; j++) best = fmax(best, best_gain(data.x[j], g, h, N_ROWS, N_VALUES));
        assert_int_equal(tree->n_nodes, 3);
        /* Weights over twelve decades: the small ones are rounded. */
        assert_true(fabs(fitted->gain[tree->nodes[0].feature] - best) <= (c == 3 ? 1e-3 : 1e-6) * best);
        for (int64_t i = 0; i < N_ROWS; i++) {
            const int side = !(data.x[tree->nodes[0].feature][i] <= tree->nodes[0].threshold);
            side_g[side] += g[i];
            side_h[side] += h[i];
            n_side[side]++;
        }
        for (int side = 0; side < 2; side++) {
            const double step = -side_g[side] / side_h[side];
            assert_true(fabs(tree->nodes[1 + side].threshold - step) <= 1e-9 * fabs(step));
            assert_int_equal(tree->cover[1 + side], n_side[side]);
        }
        az_model_free(model);
    }
    free(g);
    free(h);
    free_numbers(&data);
}

/* The rows that came through a leaf are those that prediction sends there, also where weights of both signs make the
 * missing ones add up to nothing. */
static void leaves_cover_what_is_sent_there(void **state)
{
    (void)state;
    for (int c = 0; c < 3; c++) {
        const int64_t n_rows = c == 2 ? 40000 : 600;
        numbers data = friedman(n_rows, true);
        for (int64_t i = 0; c > 0 && i < n_rows; i++) {
            if (i % 7 != 0) continue; /* x3 is missing */
            data.w[i] = i / 7 % 2 ? 1 : -1;
            for (int j = 0; j < 6; j++) data.x[j][i] = j == 3 ? NAN : 0.5;
            data.y[i] = 3;
        }
        az_model *model = fit_threads(&data, true, "n_estimators=3 max_leaf_nodes=8", 1);
        const az_boosting *fitted = model->fitted;
        for (int64_t t = 0; t < 3; t++) {
            const az_tree *tree = &fitted->trees->trees[t];
            double *count = calloc((size_t)tree->n_nodes, sizeof *count);
            for (int64_t i = 0; i < n_rows; i++) {
                double x[6];
                for (int j = 0; j < 6; j++) x[j] = data.x[j][i];
                count[az_tree_leaf(tree, x)]++;
            }
            for (int32_t i = 0; i < tree->n_nodes; i++)
                if (tree->nodes[i].flags & AZ_NODE_LEAF) assert_true(count[i] == (double)tree->cover[i]);
            free(count);
        }
        az_model_free(model);
        free_numbers(&data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stump_of_many_rows_has_the_best_cut),
        cmocka_unit_test(leaves_cover_what_is_sent_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
