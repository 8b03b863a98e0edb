/* SPDX-License-Identifier: BSD-3-Clause */
#include "models/tree/jackknife.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "models/tree/draws.h"
#include "models/tree/nodes.h"

#include <math.h>
#include <string.h>

/* With f~ = f - mean, sum_t f~_t = 0, and so Cov_t(N_ti, f_t) = 1/B sum_t N_ti f~_t: no need to take the mean off N.
 * Then the sum over the rows is f~' G f~ / B^2 with G_ts = sum_i N_ti N_si, whole numbers that are found once. */

typedef struct group { /* trees grown on draws from the same rows */
    az_draws like;     /* of the first of them */
    int64_t n;
    int64_t *tree, *part;     /* (n) number in the ensemble, and which of its az_draws */
    double *gram;             /* (n, n) */
    double scale, correction; /* V = scale (f' G f - correction sum f^2) / n^2 */
    double share;             /* of all trees */
} group;

struct az_jackknife {
    int64_t n_trees, n_groups;
    group *groups;
};

void az_jackknife_free(az_jackknife *jackknife)
{
    if (!jackknife) return;
    for (int64_t g = 0; g < jackknife->n_groups; g++) {
        az_free(jackknife->groups[g].tree);
        az_free(jackknife->groups[g].part);
        az_free(jackknife->groups[g].gram);
    }
    az_free(jackknife->groups);
    az_free(jackknife);
}

static az_status group_trees(az_jackknife *made, const az_tree_view *view)
{
    int64_t tree = 0;
    AZ_TRY(AZ_NEW_ARRAY(made->groups, view->n_draws));
    for (int64_t d = 0; d < view->n_draws; d++) {
        const az_draws *draws = &view->draws[d];
        if (!draws->draws)
            return az_error(AZ_ERROR_USAGE, "every tree saw every row, so that nothing tells how the trees would vary "
                                            "with them: fit with bootstrap = true, or max_samples below 1");
        if (draws->digest == 0 && view->n_draws > 1)
            return az_error(AZ_ERROR_USAGE, "some of the trees were grown on rows from a stream, and it is not known "
                                            "whether the others are of the same rows: each part alone has a "
                                            "deviation, all together have not");
        int64_t g = 0;
        while (g < made->n_groups && made->groups[g].like.digest != draws->digest) g++;
        group *to = &made->groups[g];
        if (g == made->n_groups) {
            *to = (group){.like = *draws};
            made->n_groups++;
            AZ_TRY(AZ_NEW_ARRAY(to->tree, view->trees->n_trees));
            AZ_TRY(AZ_NEW_ARRAY(to->part, view->trees->n_trees));
        }
        if (to->like.n_drawn != draws->n_drawn || to->like.bootstrap != draws->bootstrap)
            return az_error(AZ_ERROR_USAGE, "the model was merged of trees whose rows were drawn in different ways "
                                            "(bootstrap, max_samples) of the same ones: each part alone has a "
                                            "deviation, both together have not");
        for (int64_t t = 0; t < draws->n_trees; t++) {
            to->tree[to->n] = tree++;
            to->part[to->n++] = d;
        }
    }
    return AZ_OK;
}

/* ---- the products of the counts ---- */

enum { TREES = 64, ROWS = 512 };

typedef struct job {
    const group *of;
    const az_draws *draws;
    const int64_t *offset;  /* (n_draws) the number in the ensemble of the first tree of each */
    int64_t first[2], n[2]; /* trees of the group, two lots */
    uint16_t *count[2];     /* (TREES, n_rows) */
    double *block;          /* (n_threads, 2 ROWS TREES) counts of some rows as numbers */
    double *sum;            /* (n_threads, TREES TREES) */
    int lot;
} job;

static void draw_tree(void *context, int64_t t, int thread)
{
    job *j = context;
    const int64_t n = j->of->like.n_rows, member = j->first[j->lot] + t, part = j->of->part[member];
    (void)thread;
    az_draw_rows(&j->draws[part], j->of->tree[member] - j->offset[part], j->count[j->lot] + t * n);
}

/* Sums of products of whole numbers: exact, so that it does not matter which thread adds which rows. */
static void add_rows(void *context, int64_t b, int thread)
{
    job *j = context;
    const int64_t n_rows = j->of->like.n_rows, first = b * ROWS;
    const int64_t n = n_rows - first < ROWS ? n_rows - first : ROWS;
    double *block[2] = {j->block + thread * 2 * ROWS * TREES, j->block + (thread * 2 + 1) * ROWS * TREES};
    for (int lot = 0; lot < 2; lot++)
        for (int64_t t = 0; t < j->n[lot]; t++)
            for (int64_t i = 0; i < n; i++) block[lot][t * ROWS + i] = j->count[lot][t * n_rows + first + i];
    az_gemm(true, false, j->n[0], j->n[1], n, 1, block[0], ROWS, block[1], ROWS, 1, j->sum + thread * TREES * TREES,
            TREES);
}

static az_status multiply_lots(job *j, group *of, int64_t a, int64_t b, int n_threads, const az_control *control)
{
    const int64_t n = of->n;
    j->first[1] = b;
    j->n[1] = n - b < TREES ? n - b : TREES;
    j->lot = 1;
    az_parallel(n_threads, j->n[1], draw_tree, j);
    memset(j->sum, 0, sizeof *j->sum * (size_t)(n_threads * TREES * TREES));
    az_parallel(n_threads, (of->like.n_rows + ROWS - 1) / ROWS, add_rows, j);
    for (int64_t t = 0; t < j->n[0]; t++)
        for (int64_t s = 0; s < j->n[1]; s++) {
            double sum = 0;
            for (int i = 0; i < n_threads; i++) sum += j->sum[i * TREES * TREES + s * TREES + t];
            of->gram[(a + t) * n + b + s] = of->gram[(b + s) * n + a + t] = sum;
        }
    return az_check_interrupt(control);
}

static az_status multiply(group *of, const az_tree_view *view, const int64_t *offset, const az_control *control)
{
    const int n_threads = az_control_threads(control);
    const int64_t n_rows = of->like.n_rows, n_lots = (of->n + TREES - 1) / TREES;
    job j = {.of = of, .draws = view->draws, .offset = offset};
    az_status status;
    AZ_GOTO(AZ_NEW_ARRAY(of->gram, of->n * of->n));
    for (int lot = 0; lot < 2; lot++) AZ_GOTO(AZ_NEW_ARRAY(j.count[lot], TREES * n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(j.block, n_threads * 2 * ROWS * TREES));
    AZ_GOTO(AZ_NEW_ARRAY(j.sum, n_threads * TREES * TREES));
    for (int64_t a = 0; a < n_lots; a++) {
        j.first[0] = a * TREES;
        j.n[0] = of->n - j.first[0] < TREES ? of->n - j.first[0] : TREES;
        j.lot = 0;
        az_parallel(n_threads, j.n[0], draw_tree, &j);
        for (int64_t b = a; b < n_lots; b++) AZ_GOTO(multiply_lots(&j, of, a * TREES, b * TREES, n_threads, control));
        az_report_progress(control, "draws", (double)(a + 1), (double)n_lots, NULL, 0);
    }
done:
    az_free(j.count[0]);
    az_free(j.count[1]);
    az_free(j.block);
    az_free(j.sum);
    return status;
}

static void weigh(group *of, int64_t n_trees)
{
    const double n = (double)of->like.n_rows, s = (double)of->like.n_drawn;
    of->share = (double)of->n / (double)n_trees;
    /* The sum over the rows of Var(N_i): multinomial, or drawn once. */
    of->correction = of->like.bootstrap ? s * (1 - 1 / n) : s * (1 - s / n);
    of->scale = of->like.bootstrap ? 1 : (n - 1) / n * (n / (n - s)) * (n / (n - s));
}

az_status az_jackknife_new(az_jackknife **result, const az_tree_view *view, const az_control *control)
{
    az_jackknife *made = NULL;
    int64_t *offset = NULL;
    az_status status;
    if (!view->trees || !view->n_draws)
        return az_error(AZ_ERROR_USAGE, "the model does not say which rows each of its trees saw; bagging, forest and "
                                        "extra_trees do, if fitted with this version");
    AZ_TRY(AZ_NEW_ZERO(made));
    made->n_trees = view->trees->n_trees;
    AZ_GOTO(group_trees(made, view));
    AZ_GOTO(AZ_NEW_ARRAY(offset, view->n_draws));
    for (int64_t d = 0, first = 0; d < view->n_draws; first += view->draws[d++].n_trees) offset[d] = first;
    for (int64_t g = 0; g < made->n_groups; g++) {
        if (made->groups[g].n < 2)
            AZ_GOTO(az_error(AZ_ERROR_USAGE, "a single tree does not vary: fit more of them (n_estimators)"));
        AZ_GOTO(multiply(&made->groups[g], view, offset, control));
        weigh(&made->groups[g], made->n_trees);
    }
    *result = made;
    made = NULL;
done:
    az_free(offset);
    az_jackknife_free(made);
    return status;
}

int64_t az_jackknife_trees_wanted(const az_jackknife *jackknife)
{
    double n_rows = 0;
    for (int64_t g = 0; g < jackknife->n_groups; g++) n_rows = fmax(n_rows, (double)jackknife->groups[g].like.n_rows);
    return (int64_t)ceil(10 * sqrt(2 * n_rows));
}

/* V of the trees of one group, for the rows side by side. */
static void add_variance(const group *of, double *values, double *variance)
{
    enum { R = AZ_JACKKNIFE_ROWS };
    const double b = (double)of->n;
    double mean[R] = {0}, product[R] = {0}, squares[R] = {0};
    for (int64_t t = 0; t < of->n; t++)
        for (int r = 0; r < R; r++) mean[r] += values[of->tree[t] * R + r];
    for (int r = 0; r < R; r++) mean[r] /= b;
    for (int64_t t = 0; t < of->n; t++)
        for (int r = 0; r < R; r++) values[of->tree[t] * R + r] -= mean[r];
    for (int64_t t = 0; t < of->n; t++) {
        const double *row = of->gram + t * of->n, *f = values + of->tree[t] * R;
        double sum[R] = {0};
        for (int64_t s = 0; s < t; s++)
            for (int r = 0; r < R; r++) sum[r] += row[s] * values[of->tree[s] * R + r];
        for (int r = 0; r < R; r++) {
            product[r] += f[r] * (2 * sum[r] + row[t] * f[r]);
            squares[r] += f[r] * f[r];
        }
    }
    for (int r = 0; r < R; r++)
        variance[r] += of->share * of->share * of->scale * (product[r] - of->correction * squares[r]) / (b * b);
}

void az_jackknife_variance(const az_jackknife *jackknife, double *values, double *variance)
{
    for (int r = 0; r < AZ_JACKKNIFE_ROWS; r++) variance[r] = 0;
    for (int64_t g = 0; g < jackknife->n_groups; g++) add_variance(&jackknife->groups[g], values, variance);
}
