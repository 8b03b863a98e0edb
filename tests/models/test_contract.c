/* SPDX-License-Identifier: BSD-3-Clause */
/* The contract of a model: what every class in the registry must do, and what it declares by its traits.  In the spirit
 * of scikit-learn's check_estimator; a class is tested the moment it is listed. */
#include "models/contract.h"

#include <pthread.h>

/* Allocations of the library, counted for the whole run. */
static atomic_llong n_allocated, n_live;
static void *counting_resize(void *user, void *pointer, size_t n_bytes)
{
    (void)user;
    n_allocated++;
    if (!pointer) n_live++;
    return realloc(pointer, n_bytes);
}
static void counting_release(void *user, void *pointer)
{
    (void)user;
    n_live--;
    free(pointer);
}

static int64_t n_values(const az_model *model, const box *b)
{
    return model ? b->n_rows * az_model_n_outputs(model) : 0;
}

/* The column of numbers that tests change, to see what comes of it: the first that the model reads. */
static const char *varied_name(const subject *s)
{
    static const char *const names[] = {"a", "y[t]", "when"};
    if (!s->class->inputs) return names[0];
    box *b = sample_box(1);
    az_model *model = fit(s, b);
    const char *found = NULL;
    for (int i = 0; model && i < 3; i++)
        if (strcmp(names[i], az_model_input_name(model, 0)) == 0) found = names[i];
    assert_non_null(found);
    az_model_free(model);
    free_box(b);
    return found;
}

static double *varied(const char *name, row *r)
{
    return strcmp(name, "a") == 0 ? &r->a : strcmp(name, "when") == 0 ? &r->when : &r->last;
}

/* A fit remembers nothing of another one, and changes nothing of its table. */
static void check_refit(const subject *s)
{
    box *b = sample_box(1), *other = sample_box(2), *untouched = sample_box(1);
    az_model *first = fit(s, b), *between = fit(s, other), *again = fit(s, b);
    double *p = predict(s, first, b), *q = predict(s, again, b), *r = predict(s, between, b);
    EXPECT(s, same_bits(p, q, n_values(first, b)), "a second fit predicts differently");
    EXPECT(s, first && again && same_files(s, first, again), "a second fit writes another file");
    bool fixed = (s->class->traits & AZ_TRAIT_LEARNS_NOTHING) != 0;
    EXPECT(s, same_bits(p, r, n_values(first, b)) == fixed, fixed ? "the data matter" : "the data do not matter");
    EXPECT(s, memcmp(b->numbers, untouched->numbers, sizeof b->numbers) == 0, "the fit changes its input");
    free(p);
    free(q);
    free(r);
    az_model_free(first);
    az_model_free(between);
    az_model_free(again);
    free_box(b);
    free_box(other);
    free_box(untouched);
}

/* A row's prediction depends on the row alone: not on its neighbours, their order, or how the numbers lie in memory. */
static void check_memory_layout(const subject *s)
{
    box *b = sample_box(1);
    az_model *model = fit(s, b);
    if (model) {
        int64_t n = b->n_rows, n_inputs = az_model_n_inputs(model), n_outputs = az_model_n_outputs(model);
        double *raw = raw_rows(model, b), *expected = predict(s, model, b);
        double *p = calloc((size_t)(n * (n_outputs + 3)), sizeof *p);
        double *wide = calloc((size_t)(n * (n_inputs + 2) * 2), sizeof *wide);
        int64_t map[MOST_INPUTS];
        az_status status = az_predict(model, NULL, raw, n, n_inputs, 1, p, n_outputs, NULL, NULL);
        EXPECT(s, !status && same_bits(p, expected, n * n_outputs), "the whole differs from the table's prediction");
        for (int64_t i = 0; i < n && !status; i++) {
            status =
                az_predict(model, NULL, raw + i * n_inputs, 1, n_inputs, 1, p + i * n_outputs, n_outputs, NULL, NULL);
        }
        EXPECT(s, !status && same_bits(p, expected, n * n_outputs), "row by row differs from all at once");

        /* Upside down: the last row first, by a negative stride. */
        status = az_predict(model, NULL, raw + (n - 1) * n_inputs, n, -n_inputs, 1, p, n_outputs, NULL, NULL);
        for (int64_t i = 0; i < n && !status; i++) {
            EXPECT(s, same_bits(p + i * n_outputs, expected + (n - 1 - i) * n_outputs, n_outputs),
                   "the order of rows matters (row %lld)", (long long)i);
        }

        /* Column-major with a gap, columns in reverse order after a foreign one, outputs with a gap. */
        for (int64_t j = 0; j < n_inputs; j++) {
            map[j] = n_inputs - j;
            for (int64_t i = 0; i < n; i++) wide[map[j] * 2 * n + 2 * i] = raw[i * n_inputs + j];
        }
        status = az_predict(model, map, wide, n, 2, 2 * n, p, n_outputs + 3, NULL, NULL);
        for (int64_t i = 0; i < n && !status; i++) {
            EXPECT(s, same_bits(p + i * (n_outputs + 3), expected + i * n_outputs, n_outputs),
                   "strides matter (row %lld)", (long long)i);
        }
        EXPECT(s, status == AZ_OK, "prediction fails: %s", az_error_message());
        double *raw_again = raw_rows(model, b);
        EXPECT(s, same_bits(raw, raw_again, n * n_inputs), "prediction changes its input");
        free(raw);
        free(raw_again);
        free(expected);
        free(p);
        free(wide);
    }
    az_model_free(model);
    free_box(b);
}

/* Fits x and y with the given roles and compares their predictions for `probe`. */
static double fit_difference(const subject *s, const box *x, const az_roles *roles_x, const box *y,
                             const az_roles *roles_y, const box *probe)
{
    az_model *p_model = fit_with(s, x, roles_x, 1), *q_model = fit_with(s, y, roles_y, 1);
    double *p = predict(s, p_model, probe), *q = predict(s, q_model, probe);
    double d = p && q && same_bits(p, q, n_values(p_model, probe)) ? 0 : difference(p, q, n_values(p_model, probe));
    if (p && q && d == 0 && !same_bits(p, q, n_values(p_model, probe))) d = 1e-300; /* 0 and -0 */
    free(p);
    free(q);
    az_model_free(p_model);
    az_model_free(q_model);
    return d;
}

/* A trait that is not declared is refused, with a message, as a matter of data or of usage. */
static void expect_refusal(const subject *s, const box *b, const az_roles *roles, const char *what)
{
    az_model *model = NULL;
    az_status status = az_fit_roles(&model, s->class->name, b->table, roles, NULL, NULL);
    EXPECT(s, status == AZ_ERROR_USAGE || status == AZ_ERROR_DATA, "%s: not refused (status %d)", what, (int)status);
    EXPECT(s, status == AZ_OK || model == NULL, "%s: a model comes with the error", what);
    EXPECT(s, status == AZ_OK || az_error_message()[0], "%s: no message", what);
    az_model_free(model);
}

static void check_weights(const subject *s)
{
    box *b = sample_box(1), *dropped = new_box(), *repeated = new_box();
    az_roles roles = roles_of(s), bare = roles_of(s);
    roles.weight = "weight";
    if (!(s->class->traits & AZ_TRAIT_WEIGHTS)) {
        expect_refusal(s, b, &roles, "weights");
    } else {
        for (int64_t i = 0; i < b->n_rows; i++) {
            if (i % 7 == 3)
                b->rows[i].weight = 0;
            else
                dropped->rows[dropped->n_rows++] = b->rows[i];
        }
        make_table(b);
        make_table(dropped);
        EXPECT(s, fit_difference(s, b, &roles, dropped, &roles, b) == 0, "weight 0 is not the row left out");
        double change = fit_difference(s, dropped, &roles, dropped, &bare, b);
        bool fixed = (s->class->traits & AZ_TRAIT_LEARNS_NOTHING) != 0;
        EXPECT(s, (change == 0) == fixed, fixed ? "weights make a difference" : "weights make no difference");
    }
    if ((s->class->traits & AZ_TRAIT_WEIGHTS) && (s->class->traits & AZ_TRAIT_REPEAT_IS_WEIGHT)) {
        for (int64_t i = 0; i < b->n_rows; i++) {
            b->rows[i].weight = (double)(1 + i % 3);
            for (int64_t k = 0; k <= i % 3; k++) repeated->rows[repeated->n_rows++] = b->rows[i];
        }
        make_table(b);
        make_table(repeated);
        double d = fit_difference(s, b, &roles, repeated, &bare, b);
        EXPECT(s, d <= 1e-9, "weight 2 is not the row twice: %.2e", d);
    }
    free_box(b);
    free_box(dropped);
    free_box(repeated);
}

static void check_negative_weights_and_sigma(const subject *s)
{
    box *b = sample_box(1);
    az_roles roles = roles_of(s);
    roles.weight = "weight";
    b->rows[5].weight = -0.1;
    make_table(b);
    if (s->class->traits & AZ_TRAIT_NEGATIVE_WEIGHTS) {
        az_model *model = fit_with(s, b, &roles, 1);
        double *p = predict(s, model, b);
        for (int64_t i = 0; i < n_values(model, b); i++) EXPECT(s, isfinite(p[i]), "negative weight: not finite");
        free(p);
        az_model_free(model);
    } else {
        expect_refusal(s, b, &roles, "negative weights");
    }
    roles.weight = NULL;
    roles.sigma = "weight";
    b->rows[5].weight = 0.7;
    make_table(b);
    if (s->task == AZ_REGRESSION && (s->class->traits & AZ_TRAIT_SIGMA)) {
        az_model *model = fit_with(s, b, &roles, 1);
        az_model_free(model);
    } else {
        expect_refusal(s, b, &roles, "sigma");
    }
    free_box(b);
}

static void check_row_order(const subject *s)
{
    if (!(s->class->traits & AZ_TRAIT_ROW_ORDER_FREE)) return;
    box *b = sample_box(1), *shuffled = new_box();
    int64_t order[N_ROWS];
    az_random_permutation(az_stream_new(3, "order"), N_ROWS, order);
    for (int64_t i = 0; i < N_ROWS; i++) shuffled->rows[i] = b->rows[order[i]];
    shuffled->n_rows = N_ROWS;
    make_table(shuffled);
    az_roles roles = roles_of(s);
    double d = fit_difference(s, b, &roles, shuffled, &roles, b);
    EXPECT(s, d <= 1e-9, "the order of training rows matters: %.2e", d);
    free_box(b);
    free_box(shuffled);
}

static void check_several_targets(const subject *s)
{
    if (s->task != AZ_REGRESSION) return;
    box *b = sample_box(1);
    az_roles both = roles_of(s), roles = roles_of(s);
    both.target = "y,y2";
    if (!(s->class->traits & AZ_TRAIT_SEVERAL_TARGETS)) {
        expect_refusal(s, b, &both, "several targets");
    } else {
        az_model *model = fit_with(s, b, &both, 1);
        double *p = predict(s, model, b);
        for (int k = 0; k < 2 && p; k++) {
            roles.target = k == 0 ? "y" : "y2";
            az_model *single = fit_with(s, b, &roles, 1);
            double *q = predict(s, single, b), one[N_ROWS];
            for (int64_t i = 0; i < N_ROWS; i++) one[i] = p[2 * i + k];
            double d = difference(one, q, N_ROWS);
            if (!(s->class->traits & AZ_TRAIT_JOINT_TARGETS))
                EXPECT(s, d <= 1e-10, "target %s differs from its own fit: %.2e", roles.target, d);
            EXPECT(s, isfinite(d), "target %s: not finite", roles.target);
            free(q);
            az_model_free(single);
        }
        free(p);
        az_model_free(model);
    }
    free_box(b);
}

static int by_value(const void *x, const void *y)
{
    return (*(const double *)x > *(const double *)y) - (*(const double *)x < *(const double *)y);
}

/* A missing number stands for the median of the present ones (an odd number of them, so that it is one of them). */
static void check_missing(const subject *s)
{
    box *b = sample_box(1), *filled = sample_box(1);
    const char *name = varied_name(s);
    double present[N_ROWS];
    int64_t n = 0;
    for (int64_t i = 0; i < b->n_rows; i++) {
        if (i % 10 == 4)
            *varied(name, &b->rows[i]) = NAN;
        else
            present[n++] = *varied(name, &b->rows[i]);
    }
    assert_int_equal(n % 2, 1);
    qsort(present, (size_t)n, sizeof *present, by_value);
    for (int64_t i = 0; i < b->n_rows; i++) {
        if (isnan(*varied(name, &b->rows[i]))) *varied(name, &filled->rows[i]) = present[n / 2];
    }
    make_table(b);
    make_table(filled);
    az_roles roles = roles_of(s);
    if (roles.time && strcmp(roles.time, name) == 0) {
        expect_refusal(s, b, &roles, "a time is missing");
        free_box(b);
        free_box(filled);
        return;
    }
    az_model *model = fit(s, b), *reference = fit(s, filled);
    double *p = predict(s, model, b), *q = predict(s, reference, filled);
    for (int64_t i = 0; i < n_values(model, b); i++) EXPECT(s, isfinite(p[i]), "missing number: prediction not finite");
    if (!(s->class->traits & AZ_TRAIT_MISSING)) {
        EXPECT(s, same_bits(p, q, n_values(model, b)), "a missing number is not the median");
    }
    free(p);
    free(q);
    az_model_free(model);
    az_model_free(reference);
    free_box(b);
    free_box(filled);
}

/* Fits that must work give finite predictions; those that may be impossible say so as AZ_ERROR_DATA, or
 * as AZ_ERROR_USAGE where a parameter asks for more rows than there are. */
static void try_shape(const subject *s, box *b, const char *features, bool must_work, const char *what)
{
    make_table(b);
    az_roles roles = roles_of(s);
    if (features) {
        roles.features = features;
        roles.periodic = NULL;
    }
    az_model *model = NULL;
    az_status status = az_fit_roles(&model, s->class->name, b->table, &roles, NULL, NULL);
    bool refused = (status == AZ_ERROR_DATA || status == AZ_ERROR_USAGE) && az_error_message()[0];
    EXPECT(s, status == AZ_OK || (!must_work && refused), "%s: %s", what, az_error_message());
    double *p = status ? NULL : predict(s, model, b);
    for (int64_t i = 0; p && i < n_values(model, b); i++) EXPECT(s, isfinite(p[i]), "%s: not finite", what);
    free(p);
    az_model_free(model);
}

static void check_shapes(const subject *s)
{
    static const char *const many[] = {"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10", "k11"};
    box *b = new_box();
    take_rows(b, 1, 1);
    try_shape(s, b, NULL, false, "one row");
    take_rows(b, 2, 1);
    try_shape(s, b, NULL, false, "two rows");
    take_rows(b, N_ROWS, 1);
    try_shape(s, b, "a", true, "one column");
    const char *name = varied_name(s);
    for (int64_t i = 0; i < N_ROWS; i++) *varied(name, &b->rows[i]) = 0.1;
    try_shape(s, b, NULL, true, "constant column");
    try_shape(s, b, "a", true, "nothing but a constant column");
    take_rows(b, N_ROWS, 1);
    if (s->task == AZ_CLASSIFICATION) {
        for (int64_t i = 0; i < N_ROWS; i++) b->rows[i].label = b->rows[i].y > 1 ? "yes" : "no";
        try_shape(s, b, NULL, true, "two classes");
        for (int64_t i = 0; i < N_ROWS; i++) b->rows[i].label = many[(i + (b->rows[i].y > 0)) % 12];
        try_shape(s, b, NULL, true, "twelve classes");
        for (int64_t i = 0; i < N_ROWS; i++) b->rows[i].label = "yes";
        make_table(b);
        az_roles roles = roles_of(s);
        expect_refusal(s, b, &roles, "one class");
    } else {
        for (int64_t i = 0; i < N_ROWS; i++) b->rows[i].y = b->rows[i].last = 0.1;
        make_table(b);
        az_model *model = fit(s, b);
        double *p = predict(s, model, b);
        for (int64_t i = 0; p && i < N_ROWS; i++) {
            EXPECT(s, fabs(p[i] - 0.1) <= 1e-9, "constant target 0.1: predicted %.17g", p[i]);
        }
        free(p);
        az_model_free(model);
    }
    free_box(b);
}

static void check_columns_must_be_there(const subject *s)
{
    static const char *const names[] = {"c", "b", "colour", "lon", "other"};
    const char *name = varied_name(s);
    char quoted[16];
    snprintf(quoted, sizeof quoted, "\"%s\"", name);
    box *b = sample_box(1);
    az_model *model = fit(s, b);
    az_table *narrow = NULL;
    int64_t map[MOST_INPUTS];
    double p[N_ROWS * MOST_OUTPUTS];
    assert_int_equal(az_table_new(&narrow, N_ROWS), AZ_OK);
    assert_int_equal(az_table_add_numeric(narrow, "b", NULL, b->numbers[1], 1), AZ_OK);
    if (model) {
        EXPECT(s, az_predict_table(model, narrow, p, NULL, NULL) == AZ_ERROR_DATA, "a missing column is accepted");
        EXPECT(s, strstr(az_error_message(), quoted) != NULL, "the message does not name it: %s", az_error_message());
        EXPECT(s, az_model_bind(model, names, 5, map) == AZ_ERROR_DATA, "bind: a missing column is accepted");
        const char *all[] = {"other", "lon", "colour", "c", "b", name};
        EXPECT(s, az_model_bind(model, all, 6, map) == AZ_OK, "bind: %s", az_error_message());
        EXPECT(s, map[0] == 5, "bind: input %s is the caller's column 5, not %lld", name, (long long)map[0]);
    }
    az_table_free(narrow);
    az_model_free(model);
    free_box(b);
}

/* What is read back is the same model: the same bits predicted, the same bytes when written again. */
static void check_file(const subject *s)
{
    box *b = sample_box(1);
    az_model *model = fit(s, b), *copy = NULL;
    char folder[] = "/tmp/az_contract_XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/model.az", folder);
    if (model) {
        az_status status = az_model_write(model, path);
        if (!status) status = az_model_read(&copy, path);
        EXPECT(s, status == AZ_OK, "write and read: %s", az_error_message());
        double *p = predict(s, model, b), *q = predict(s, copy, b);
        EXPECT(s, same_bits(p, q, n_values(model, b)), "the model read back predicts differently");
        EXPECT(s, copy && same_files(s, model, copy), "writing again gives another file");
        free(p);
        free(q);
    }
    remove(path);
    remove(folder);
    az_model_free(model);
    az_model_free(copy);
    free_box(b);
}

static void check_threads(const subject *s)
{
    box *b = sample_box(1);
    az_roles roles = roles_of(s);
    az_model *one = fit_with(s, b, &roles, 1);
    double *p = predict(s, one, b);
    for (int n_threads = 2; n_threads <= 4; n_threads *= 2) {
        az_model *model = fit_with(s, b, &roles, n_threads);
        double *q = predict(s, model, b), r[N_ROWS * MOST_OUTPUTS];
        az_control control = {.n_threads = n_threads};
        EXPECT(s, same_bits(p, q, n_values(one, b)), "fitted by %d threads, it predicts differently", n_threads);
        EXPECT(s, one && model && same_files(s, one, model), "fitted by %d threads, its file differs", n_threads);
        if (model && az_predict_table(model, b->table, r, NULL, &control) == AZ_OK) {
            EXPECT(s, same_bits(p, r, n_values(one, b)), "run by %d threads, it predicts differently", n_threads);
        }
        free(q);
        az_model_free(model);
    }
    free(p);
    az_model_free(one);
    free_box(b);
}

static void check_probabilities(const subject *s)
{
    if (s->task != AZ_CLASSIFICATION) return;
    box *b = sample_box(1), *fresh = sample_box(9);
    az_model *model = fit(s, b);
    double *p = predict(s, model, fresh);
    int64_t n_classes = model ? az_model_n_outputs(model) : 0;
    EXPECT(s, n_classes == 3, "%lld outputs for three classes", (long long)n_classes);
    for (int64_t i = 0; p && i < N_ROWS; i++) {
        double sum = 0;
        for (int64_t k = 0; k < n_classes; k++) {
            double v = p[i * n_classes + k];
            EXPECT(s, v >= 0 && v <= 1, "probability %.17g", v);
            sum += v;
        }
        EXPECT(s, fabs(sum - 1) <= 1e-12, "probabilities sum to %.17g", sum);
    }
    free(p);
    az_model_free(model);
    free_box(b);
    free_box(fresh);
}

static void check_in_range(const subject *s)
{
    box *b = sample_box(1);
    const char *name = varied_name(s);
    az_model *model = fit(s, b);
    double p[N_ROWS * MOST_OUTPUTS];
    unsigned char in_range[N_ROWS];
    if (model) {
        EXPECT(s, az_predict_table(model, b->table, p, in_range, NULL) == AZ_OK, "%s", az_error_message());
        for (int64_t i = 0; i < N_ROWS; i++)
            EXPECT(s, in_range[i] == 1, "training row %lld is out of range", (long long)i);
        double greatest = -INFINITY;
        for (int64_t i = 0; i < N_ROWS; i++) greatest = fmax(greatest, *varied(name, &b->rows[i]));
        *varied(name, &b->rows[0]) = nextafter(greatest, INFINITY);
        *varied(name, &b->rows[1]) = greatest;
        if (s->kind == MIXED) b->rows[2].colour = "ultraviolet";
        make_table(b);
        EXPECT(s, az_predict_table(model, b->table, p, in_range, NULL) == AZ_OK, "%s", az_error_message());
        EXPECT(s, in_range[0] == 0, "just above the greatest value is in range");
        EXPECT(s, in_range[1] == 1, "the greatest value is out of range");
        EXPECT(s, in_range[2] == (s->kind != MIXED), "an unseen level: in_range is %d", in_range[2]);
        for (int64_t i = 3; i < N_ROWS; i++) EXPECT(s, in_range[i] == 1, "row %lld is out of range", (long long)i);
    }
    az_model_free(model);
    free_box(b);
}

static void check_no_allocation(const subject *s)
{
    box *b = sample_box(1);
    az_model *model = fit(s, b);
    if (model) {
        int64_t n_outputs = az_model_n_outputs(model), n_inputs = az_model_n_inputs(model);
        double *raw = raw_rows(model, b), *expected = predict(s, model, b), p[N_ROWS * MOST_OUTPUTS];
        size_t size = (az_model_scratch(model, N_ROWS) + 127) / 64 * 64;
        void *scratch = aligned_alloc(64, size);
        unsigned char in_range[N_ROWS];
        assert_non_null(scratch);
        memset(scratch, 0xff, size); /* NaN: nothing may be expected of its content */
        long long before = n_allocated;
        az_status status = az_predict(model, NULL, raw, N_ROWS, n_inputs, 1, p, n_outputs, in_range, scratch);
        EXPECT(s, n_allocated == before, "prediction with scratch allocates %lld times", n_allocated - before);
        EXPECT(s, !status && same_bits(p, expected, N_ROWS * n_outputs), "with scratch it predicts differently");
        free(scratch);
        free(raw);
        free(expected);
    }
    az_model_free(model);
    free_box(b);
}

typedef struct caller {
    const az_model *model;
    const double *raw, *expected;
    bool same;
} caller;

static void *call_often(void *context)
{
    caller *c = context;
    double p[N_ROWS * MOST_OUTPUTS];
    int64_t n_outputs = az_model_n_outputs(c->model), n_inputs = az_model_n_inputs(c->model);
    c->same = true;
    for (int k = 0; k < 10; k++) {
        az_status status = az_predict(c->model, NULL, c->raw, N_ROWS, n_inputs, 1, p, n_outputs, NULL, NULL);
        c->same = c->same && !status && same_bits(p, c->expected, N_ROWS * n_outputs);
    }
    return NULL;
}

static void check_concurrent_callers(const subject *s)
{
    box *b = sample_box(1);
    az_model *model = fit(s, b);
    if (model) {
        double *raw = raw_rows(model, b), *expected = predict(s, model, b);
        caller callers[4];
        pthread_t threads[4];
        for (int t = 0; t < 4; t++) {
            callers[t] = (caller){model, raw, expected, false};
            assert_int_equal(pthread_create(&threads[t], NULL, call_often, &callers[t]), 0);
        }
        for (int t = 0; t < 4; t++) {
            pthread_join(threads[t], NULL);
            EXPECT(s, callers[t].same, "caller %d of 4 at once gets something else", t);
        }
        free(raw);
        free(expected);
    }
    az_model_free(model);
    free_box(b);
}

#define TEST(name)                                                                                                     \
    static void name(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        long long live = n_live;                                                                                       \
        for_every_subject(check_##name);                                                                               \
        assert_int_equal(n_live, live); /* nothing is left behind */                                                   \
    }
TEST(refit)
TEST(memory_layout)
TEST(weights)
TEST(negative_weights_and_sigma)
TEST(row_order)
TEST(several_targets)
TEST(missing)
TEST(shapes)
TEST(columns_must_be_there)
TEST(file)
TEST(threads)
TEST(probabilities)
TEST(in_range)
TEST(no_allocation)
TEST(concurrent_callers)

int main(void)
{
    const az_allocator counting = {counting_resize, counting_release, NULL};
    az_set_allocator(&counting);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refit),
        cmocka_unit_test(memory_layout),
        cmocka_unit_test(weights),
        cmocka_unit_test(negative_weights_and_sigma),
        cmocka_unit_test(row_order),
        cmocka_unit_test(several_targets),
        cmocka_unit_test(missing),
        cmocka_unit_test(shapes),
        cmocka_unit_test(file),
        cmocka_unit_test(columns_must_be_there),
        cmocka_unit_test(threads),
        cmocka_unit_test(probabilities),
        cmocka_unit_test(in_range),
        cmocka_unit_test(no_allocation),
        cmocka_unit_test(concurrent_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
