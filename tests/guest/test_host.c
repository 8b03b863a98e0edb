/* SPDX-License-Identifier: BSD-3-Clause */
/* The library as a guest: a program with settings of its own fits, writes, reads and predicts, and finds every setting
 * as it was.  Linked to libansatz.so, and to nothing of its insides. */
#define _GNU_SOURCE /* fegetexcept */
#include <ansatz/ansatz.h>

#include <dirent.h>
#include <fenv.h>
#include <locale.h>
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

extern int openblas_get_num_threads(void);

enum { N_ROWS = 120, N_SIGNALS = 32, N_MODELS = 8 };
static const char *const models[N_MODELS] = {"linear",   "ridge", "lasso",       "robust",
                                             "logistic", "knn",   "naive_bayes", "dummy"};

static int count_entries(const char *folder)
{
    int n = 0;
    DIR *listing = opendir(folder);
    if (!listing) return -1;
    while (readdir(listing)) n++;
    closedir(listing);
    return n;
}

static void print_signals(FILE *out, const char *what, const sigset_t *set)
{
    fprintf(out, "%s:", what);
    for (int i = 1; i < N_SIGNALS; i++)
        if (sigismember(set, i)) fprintf(out, " %d", i);
    fputc('\n', out);
}

/* All that a host may have set, as far as it can be asked for, in words. */
static char *settings(void)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    for (int i = 1; i < N_SIGNALS; i++) {
        struct sigaction action;
        sigaction(i, NULL, &action);
        void *handler;
        memcpy(&handler, &action.sa_handler, sizeof handler);
        fprintf(out, "signal %d: handler %p, flags %x, ", i, handler, (unsigned)action.sa_flags);
        print_signals(out, "blocks", &action.sa_mask);
    }
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    print_signals(out, "blocked", &blocked);
    fprintf(out, "locale %s, decimal point %s\n", setlocale(LC_ALL, NULL), localeconv()->decimal_point);
    fprintf(out, "rounding %x, traps %x\n", (unsigned)fegetround(), (unsigned)fegetexcept());
    omp_sched_t schedule;
    int chunk;
    omp_get_schedule(&schedule, &chunk);
    fprintf(out, "OpenMP: threads %d, dynamic %d, levels %d, limit %d, schedule %d of %d\n", omp_get_max_threads(),
            omp_get_dynamic(), omp_get_max_active_levels(), omp_get_thread_limit(), (int)schedule, chunk);
    fprintf(out, "BLAS: threads %d\n", openblas_get_num_threads());
    char folder[4096];
    const mode_t mask = umask(0);
    umask(mask);
    fprintf(out, "folder %s, mask %o\n", getcwd(folder, sizeof folder), (unsigned)mask);
    fprintf(out, "open files %d, threads %d\n", count_entries("/proc/self/fd"), count_entries("/proc/self/task"));
    for (char **entry = environ; *entry; entry++) fprintf(out, "%s\n", *entry);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_same(char *before, char *after)
{
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static double x[3][N_ROWS], y[N_ROWS];
static const char *kind[N_ROWS];

/* Reads a table, fits every kind of model on one thread, writes, reads and predicts. */
static void work(double *prediction)
{
    char folder[] = "/tmp/az_host_XXXXXX", path[64], csv[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/model.az", folder);
    snprintf(csv, sizeof csv, "%s/table.csv", folder);
    FILE *file = fopen(csv, "w");
    assert_non_null(file);
    fputs("a [K],b\n1.5,2e-3\n2.25,1\n", file);
    fclose(file);
    az_table *table;
    assert_int_equal(az_table_read(&table, csv, NULL, NULL), AZ_OK);
    assert_true(az_table_number(table, 0, 0) == 1.5 && az_table_number(table, 0, 1) == 2e-3);
    az_table_free(table);

    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    for (int j = 0; j < 3; j++)
        assert_int_equal(az_table_add_numeric(table, (const char *[]){"a", "b", "c"}[j], NULL, x[j], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "kind", kind), AZ_OK);
    for (int m = 0; m < N_MODELS; m++) {
        const bool classes = strcmp(models[m], "logistic") == 0 || strcmp(models[m], "naive_bayes") == 0;
        az_model *model;
        az_roles roles = {.target = classes ? "kind" : "y", .features = "a,b,c"};
        assert_int_equal(az_fit_roles(&model, models[m], table, &roles, NULL, NULL), AZ_OK);
        assert_int_equal(az_model_write(model, path), AZ_OK);
        az_model_free(model);
        assert_int_equal(az_model_read(&model, path), AZ_OK);
        double row[3] = {x[0][7], x[1][7], NAN}, outputs[2];
        float row_f32[3] = {1, 2, 3}, outputs_f32[2];
        assert_int_equal(az_predict(model, NULL, row, 1, 3, 1, outputs, 2, NULL, NULL), AZ_OK);
        assert_int_equal(az_predict_f32(model, NULL, row_f32, 1, 3, 1, outputs_f32, 2, NULL, NULL), AZ_OK);
        assert_int_equal(az_predict_table(model, table, prediction, NULL, NULL), AZ_OK);
        prediction += N_ROWS * az_model_n_outputs(model);
        az_model_free(model);
    }
    /* What fails leaves nothing behind either. */
    az_model *none;
    assert_int_equal(az_fit(&none, "linear", table, "no such column", NULL), AZ_ERROR_DATA);
    assert_int_equal(az_model_read(&none, "/no/such/model.az"), AZ_ERROR_NO_INPUT);
    az_table_free(table);
    remove(path);
    remove(csv);
    remove(folder);
}

static double prediction[2 * N_MODELS * N_ROWS], again[2 * N_MODELS * N_ROWS];

static void on_interrupt(int signal)
{
    (void)signal;
}

static void nothing_is_changed(void **state)
{
    (void)state;
    struct sigaction mine = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART}, old;
    sigemptyset(&mine.sa_mask);
    sigaddset(&mine.sa_mask, SIGUSR1);
    sigaction(SIGINT, &mine, &old);
    setenv("OMP_NUM_THREADS", "7", 1);
    omp_set_num_threads(3);
    omp_set_dynamic(1);
    omp_set_max_active_levels(2);
    omp_set_schedule(omp_sched_guided, 5);
    const mode_t mask = umask(027);
    srand(42);
    const int first = rand();
    srand(42);
    char *before = settings();
    work(prediction);
    assert_same(before, settings());
    assert_int_equal(rand(), first); /* the host's random numbers are its own */
    umask(mask);
    sigaction(SIGINT, &old, NULL);
}

/* Rounding belongs to the host too; the library computes with it. */
static void rounding_stays(void **state)
{
    (void)state;
    assert_int_equal(fesetround(FE_UPWARD), 0);
    char *before = settings();
    work(again);
    char *after = settings();
    fesetround(FE_TONEAREST);
    assert_same(before, after);
}

static void a_german_locale_changes_no_number(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) skip();
    assert_string_equal(localeconv()->decimal_point, ",");
    char *before = settings();
    work(again);
    assert_same(before, settings());
    setlocale(LC_ALL, "C");
    work(prediction);
    assert_memory_equal(prediction, again, sizeof again);
}

/* A host that wants to be told of invalid operations and overflow is not stopped by a prediction with missing numbers.
 */
static void traps_are_not_sprung(void **state)
{
    (void)state;
    az_table *table;
    az_model *model;
    assert_int_equal(az_table_new(&table, N_ROWS), AZ_OK);
    for (int j = 0; j < 3; j++)
        assert_int_equal(az_table_add_numeric(table, (const char *[]){"a", "b", "c"}[j], NULL, x[j], 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_fit(&model, "linear", table, "y", NULL), AZ_OK);
    az_table_free(table);
    double rows[15], p[5];
    float rows_f32[15], p_f32[5];
    unsigned char in_range[5];
    for (int i = 0; i < 15; i++) rows_f32[i] = (float)(rows[i] = i % 4 ? x[i % 3][i] : NAN);
    const int traps = FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW, old = fegetexcept();
    feclearexcept(FE_ALL_EXCEPT);
    if (feenableexcept(traps) < 0) skip(); /* a CPU without traps */
    az_status status = az_predict(model, NULL, rows, 5, 3, 1, p, 1, in_range, NULL);
    if (!status) status = az_predict(model, NULL, rows, 5, 1, 5, p, 1, in_range, NULL);
    if (!status) status = az_predict_f32(model, NULL, rows_f32, 5, 1, 5, p_f32, 1, in_range, NULL);
    const int during = fegetexcept();
    fedisableexcept(traps);
    assert_int_equal(status, AZ_OK);
    assert_int_equal(during, old | traps);
    az_model_free(model);
}

static int set_up(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < N_ROWS; i++) {
        for (int j = 0; j < 3; j++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            x[j][i] = (double)(seed >> 11) * 0x1p-53;
        }
        y[i] = 2 * x[0][i] - x[1][i] + sin(5 * x[2][i]);
        kind[i] = y[i] > 1 ? "high" : "low";
    }
    /* Without being asked for threads the library starts none; the BLAS may, unless the host told it not to. */
    const int n_threads = count_entries("/proc/self/task");
    work(prediction);
    if (openblas_get_num_threads() == 1) assert_int_equal(count_entries("/proc/self/task"), n_threads);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_changed),
        cmocka_unit_test(rounding_stays),
        cmocka_unit_test(a_german_locale_changes_no_number),
        cmocka_unit_test(traps_are_not_sprung),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
