/* SPDX-License-Identifier: BSD-3-Clause */
/* Permutation importance out of bag. */
#include "base/parallel.h"
#include "base/random.h"
#include "explain/importance_parts.h"
#include "models/fit_parts.h"
#include "models/tree/draws.h"
#include "models/tree/nodes.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { BLOCK_ROWS = 256 };

typedef struct job {
    const az_model *model;
    const az_problem *problem;
    const az_importances *made;
    az_tree_view view;
    int64_t n_rows, n_outputs;
    double *raw;           /* (n_rows, n_inputs) */
    unsigned char *unseen; /* (n_trees, n_rows) 1: not in the sample of the tree, and to be scored */
    int64_t *scored;       /* (n_scored) rows that some tree did not see, of n_rows; and the problem's rows of these */
    int64_t *problem_rows;
    int64_t n_scored;
    int32_t *n_trees; /* (n_rows) trees that did not see it */
    uint64_t seed;
    double *scores; /* (n_columns, n_repeats) */
    char *work;     /* (n_threads, work_size) */
    size_t work_size;
    const az_control *control;
    _Atomic int64_t n_done;
    _Atomic int failed;
} job;

/* What a thread works with. */
typedef struct room {
    double *sums;                 /* (n_rows, n_outputs) */
    int64_t *row, *order;         /* (n_rows) of a tree */
    double *raw, *features, *out; /* of a block */
    void *scratch;
} room;

static size_t aligned(size_t n_bytes)
{
    return (n_bytes + 63) & ~(size_t)63;
}

/* The room in `at`, or (NULL) only its size. */
static size_t lay_out(const job *j, char *at, room *in)
{
    const az_design *design = j->model->design;
    const size_t n = (size_t)j->n_rows;
    const size_t sizes[] = {n * (size_t)j->n_outputs * sizeof(double),
                            n * sizeof(int64_t),
                            n * sizeof(int64_t),
                            (size_t)(BLOCK_ROWS * design->n_inputs) * sizeof(double),
                            (size_t)(BLOCK_ROWS * design->n_features) * sizeof(double),
                            (size_t)(BLOCK_ROWS * j->n_outputs) * sizeof(double),
                            az_design_scratch(design)};
    void *part[7];
    size_t size = 0;
    for (int i = 0; i < 7; size += aligned(sizes[i++])) part[i] = at ? at + size : NULL;
    *in = (room){part[0], part[1], part[2], part[3], part[4], part[5], part[6]};
    return size;
}

/* Adds one tree's predictions of the n rows to their sums; input k of row i is that of row order[i] where the input is
 * of the exchanged column. */
static void add_tree(const job *j, const room *in, int64_t tree, int64_t n, const char *exchanged)
{
    const az_design *design = j->model->design;
    const int64_t n_inputs = design->n_inputs;
    for (int64_t first = 0; first < n; first += BLOCK_ROWS) {
        const int64_t n_block = n - first < BLOCK_ROWS ? n - first : BLOCK_ROWS;
        for (int64_t i = 0; i < n_block; i++)
            memcpy(in->raw + i * n_inputs, j->raw + in->row[first + i] * n_inputs, sizeof(double) * (size_t)n_inputs);
        for (int64_t k = 0; k < n_inputs && exchanged; k++) {
            if (strcmp(design->inputs[k].name, exchanged) != 0) continue;
            for (int64_t i = 0; i < n_block; i++)
                in->raw[i * n_inputs + k] = j->raw[in->row[in->order[first + i]] * n_inputs + k];
        }
        az_design_apply(design, NULL, in->raw, n_block, n_inputs, 1, in->features, NULL, in->scratch);
        memset(in->out, 0, sizeof(double) * (size_t)(n_block * j->n_outputs));
        az_trees_add(j->view.trees, tree, 1, 1, in->features, n_block, in->out);
        for (int64_t i = 0; i < n_block; i++)
            for (int64_t k = 0; k < j->n_outputs; k++)
                in->sums[in->row[first + i] * j->n_outputs + k] += in->out[i * j->n_outputs + k];
    }
}

static az_status score(const job *j, const room *in, double *result)
{
    const bool logarithm = j->model->pipeline.transform_target == AZ_TRANSFORM_LOG;
    /* The scored rows move up; none comes before its own place. */
    for (int64_t s = 0; s < j->n_scored; s++)
        for (int64_t k = 0; k < j->n_outputs; k++) {
            const int64_t row = j->scored[s];
            const double mean = in->sums[row * j->n_outputs + k] / j->n_trees[row] + j->view.offset[k];
            in->sums[s * j->n_outputs + k] = logarithm ? exp(mean) : mean;
        }
    return az_importances_score(j->made, j->model, j->problem, j->problem_rows, j->n_scored, in->sums, result);
}

/* Column c and repeat r through all trees; column -1: nothing exchanged. */
static az_status run_trees(const job *j, int64_t c, int64_t r, int thread, double *result)
{
    room in;
    uint32_t key[4];
    lay_out(j, j->work + (size_t)thread * j->work_size, &in);
    memset(in.sums, 0, sizeof(double) * (size_t)(j->n_rows * j->n_outputs));
    az_random_bits(az_stream_new(j->seed, "explain.out_of_bag"), (uint64_t)(c + 1), (uint64_t)r, key);
    const az_stream stream = {{key[0], key[1]}};
    for (int64_t t = 0; t < j->view.trees->n_trees; t++) {
        int64_t n = 0;
        for (int64_t i = 0; i < j->n_rows; i++)
            if (j->unseen[t * j->n_rows + i]) in.row[n++] = i;
        az_random_bits(stream, (uint64_t)t, 0, key);
        if (c >= 0) az_random_permutation((az_stream){{key[0], key[1]}}, n, in.order);
        add_tree(j, &in, t, n, c >= 0 ? j->made->columns[c].name : NULL);
    }
    return score(j, &in, result);
}

static void measure(void *context, int64_t task, int thread)
{
    job *j = context;
    const int64_t n_repeats = j->made->n_repeats;
    if (thread == 0 && az_check_interrupt(j->control)) atomic_store(&j->failed, (int)AZ_INTERRUPTED);
    if (atomic_load(&j->failed)) return;
    az_status status = run_trees(j, task / n_repeats, task % n_repeats, thread, &j->scores[task]);
    if (status) atomic_store(&j->failed, (int)status);
    const int64_t n_done = atomic_fetch_add(&j->n_done, 1) + 1;
    if (thread == 0)
        az_report_progress(j->control, "columns", (double)n_done, (double)(j->made->n * n_repeats), NULL, 0);
}

/* Whether the trees were grown on these rows, and did not see all of them. */
static az_status grown_on(job *j, const int64_t *rows, const int64_t *table_rows, const az_encoder *encoder,
                          bool *found)
{
    const az_model *model = j->model;
    const az_problem *problem = j->problem;
    const int64_t n = j->n_rows;
    const bool classes = model->task == AZ_CLASSIFICATION;
    double *x = NULL, *y = NULL;
    int32_t *label = NULL;
    az_status status;
    *found = false;
    for (int64_t d = 0; d < j->view.n_draws; d++)
        if (!j->view.draws[d].draws || j->view.draws[d].n_rows != n || j->view.draws[d].digest == 0) return AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(x, n * model->design->n_features));
    AZ_GOTO(AZ_NEW_ARRAY(y, n * model->n_targets));
    AZ_GOTO(AZ_NEW_ARRAY(label, n));
    AZ_GOTO(az_design_matrix(model->design, encoder, table_rows, n, x, NULL, j->control));
    for (int64_t k = 0; k < model->n_targets && !classes; k++)
        AZ_GOTO(az_fill_target(model, problem, k, rows, 0, n, y + k * n));
    for (int64_t i = 0; i < n && classes; i++) {
        const char *class = problem->classes[problem->label[rows ? rows[i] : i]];
        label[i] = -1;
        for (int32_t c = 0; c < model->n_classes && label[i] < 0; c++)
            if (strcmp(model->classes[c], class) == 0) label[i] = c;
    }
    const az_sample sample = {.n_rows = n,
                              .n_features = model->design->n_features,
                              .x = x,
                              .n_targets = classes ? 0 : model->n_targets,
                              .y = y,
                              .label = label,
                              .task = model->task};
    const uint64_t digest = az_draws_digest(&sample);
    *found = true;
    for (int64_t d = 0; d < j->view.n_draws; d++) *found &= j->view.draws[d].digest == digest;
done:
    az_free(x);
    az_free(y);
    az_free(label);
    return status;
}

/* Which rows each tree did not see, and which rows are scored. */
static az_status find_unseen(job *j, const int64_t *rows, int64_t most_rows)
{
    const int64_t n = j->n_rows;
    uint16_t *count;
    AZ_TRY(AZ_NEW_ARRAY(count, n));
    memset(j->n_trees, 0, sizeof *j->n_trees * (size_t)n);
    for (int64_t d = 0, t = 0; d < j->view.n_draws; d++)
        for (int64_t in_part = 0; in_part < j->view.draws[d].n_trees; in_part++, t++) {
            az_draw_rows(&j->view.draws[d], in_part, count);
            for (int64_t i = 0; i < n; i++) {
                const bool chosen = !most_rows || most_rows >= n || i * most_rows / n != (i + 1) * most_rows / n;
                j->unseen[t * n + i] = count[i] == 0 && chosen;
                j->n_trees[i] += j->unseen[t * n + i];
            }
        }
    az_free(count);
    for (int64_t i = 0; i < n; i++) {
        if (j->n_trees[i] == 0) continue;
        j->problem_rows[j->n_scored] = rows ? rows[i] : i;
        j->scored[j->n_scored++] = i;
    }
    return AZ_OK;
}

az_status az_out_of_bag_importances(az_importances *importances, bool *found, const az_model *model,
                                    const az_problem *problem, const int64_t *rows, int64_t n_rows, int64_t most_rows,
                                    const az_metric *metric, int64_t n_repeats, uint64_t seed,
                                    const az_control *control)
{
    const int n_threads = az_control_threads(control);
    az_importances made = {.metric = metric, .n_repeats = n_repeats, .out_of_bag = true};
    job j = {.model = model, .problem = problem, .made = &made, .seed = seed, .control = control};
    az_encoder *encoder = NULL;
    int64_t *table_rows = NULL;
    room ignored;
    az_status status;
    *found = false;
    if (model->class->trees) model->class->trees(model->fitted, &j.view);
    if (!j.view.trees || !j.view.n_draws) return AZ_OK;
    if (n_repeats < 1) return az_error(AZ_ERROR_USAGE, "importances need at least 1 repeat");
    j.n_rows = rows ? n_rows : problem->n_rows;
    j.n_outputs = j.view.n_outputs;
    AZ_GOTO(AZ_NEW_ARRAY(table_rows, j.n_rows));
    for (int64_t i = 0; i < j.n_rows; i++) table_rows[i] = problem->rows[rows ? rows[i] : i];
    AZ_GOTO(az_encoder_new(&encoder, model->design, problem->table));
    AZ_GOTO(grown_on(&j, rows, table_rows, encoder, found));
    if (!*found) goto done;
    AZ_GOTO(AZ_NEW_ARRAY(j.raw, j.n_rows * model->design->n_inputs));
    AZ_GOTO(AZ_NEW_ARRAY(j.unseen, j.n_rows * j.view.trees->n_trees));
    AZ_GOTO(AZ_NEW_ARRAY(j.scored, j.n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(j.problem_rows, j.n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(j.n_trees, j.n_rows));
    az_encoder_rows(encoder, table_rows, 0, j.n_rows, j.raw);
    AZ_GOTO(find_unseen(&j, rows, most_rows));
    if (j.n_scored < 2) {
        *found = false;
        goto done;
    }
    made.n_rows = j.n_scored;
    AZ_GOTO(az_importances_list(&made, model));
    AZ_GOTO(AZ_NEW_ARRAY(j.scores, made.n * n_repeats));
    j.work_size = lay_out(&j, NULL, &ignored);
    j.work = az_alloc_array(n_threads, j.work_size);
    if (!j.work) AZ_GOTO(AZ_ERROR_MEMORY);
    AZ_GOTO(run_trees(&j, -1, 0, 0, &made.score));
    az_parallel(n_threads, made.n * n_repeats, measure, &j);
    status = (az_status)atomic_load(&j.failed);
    if (status == AZ_INTERRUPTED) AZ_GOTO(az_error(AZ_INTERRUPTED, "interrupted"));
    /* The text of an error stays in the thread that met it; scores know no other than this one. */
    if (status) AZ_GOTO(az_error(status, "out of memory for the importances of %lld columns", (long long)made.n));
    for (int64_t c = 0; c < made.n; c++) az_importances_measured(&made, &made.columns[c], j.scores + c * n_repeats);
    az_importances_rank(&made);
    *importances = made;
    made.columns = NULL;
done:
    az_importances_free(&made);
    az_encoder_free(encoder);
    az_free(table_rows);
    az_free(j.raw);
    az_free(j.unseen);
    az_free(j.scored);
    az_free(j.problem_rows);
    az_free(j.n_trees);
    az_free(j.scores);
    az_free(j.work);
    return status;
}
