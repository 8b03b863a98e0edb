/* SPDX-License-Identifier: BSD-3-Clause */
/* The n-th allocation fails, for every n until a run gets through: reading a table, and fit, save, load, predict and
 * export for every model.  Each run has to end with AZ_ERROR_MEMORY (or success, where the library can do without),
 * leave nothing allocated and no half-written file.  The preset asan runs this under AddressSanitizer.  jansson's
 * allocations go through the same hook here. */
#define _GNU_SOURCE /* mkdtemp */
#include "data/metrics.h"
#include "data/sample.h"
#include "models/registry_data.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    int64_t n_calls, fail_at; /* fail_at 0: never */
    int64_t n_live;
    bool keep_failing, failed, failed_in_json;
} hook;

static void *hook_resize(void *user, void *pointer, size_t n_bytes)
{
    (void)user;
    hook.n_calls++;
    if (hook.fail_at && (hook.n_calls == hook.fail_at || (hook.keep_failing && hook.n_calls > hook.fail_at))) {
        hook.failed = true;
        return NULL;
    }
    void *result = realloc(pointer, n_bytes);
    if (!pointer && result) hook.n_live++;
    return result;
}

static void hook_release(void *user, void *pointer)
{
    (void)user;
    hook.n_live--;
    free(pointer);
}

/* jansson 2.14 does not look whether its token buffer could grow (lex_save in load.c), and then runs past its end: a
 * fault of jansson that the library cannot mend.  That buffer doubles from 16 bytes, so requests for larger powers of
 * two are let through; all the others (objects, arrays, keys, strings) fail in their turn. */
static void *json_allocate(size_t n_bytes)
{
    if (n_bytes >= 32 && (n_bytes & (n_bytes - 1)) == 0) {
        void *buffer = malloc(n_bytes);
        if (buffer) hook.n_live++;
        return buffer;
    }
    void *result = hook_resize(NULL, NULL, n_bytes ? n_bytes : 1);
    if (!result) hook.failed_in_json = true;
    return result;
}

static void json_release(void *pointer)
{
    if (pointer) hook_release(NULL, pointer);
}

static registry_data data;
static char folder[64], model_path[96], csv_path[96];

typedef az_status (*scenario)(const az_model_class *class, az_task task);

/* Every tree fails in the same ways: five are as good as a hundred.  So does every epoch. */
static const char *few_trees(const az_model_class *class)
{
    if (az_param_find(class->params, "hidden_layer_sizes")) return "max_iter=2 early_stopping=true";
    return az_param_find(class->params, "n_estimators") ? "n_estimators=5" : NULL;
}

static az_status fit_save_load_predict(const az_model_class *class, az_task task)
{
    static double prediction[3 * REGISTRY_DATA_MAX_ROWS];
    const az_roles roles = registry_data_roles(task, false);
    az_table *table = NULL;
    az_model *model = NULL, *again = NULL;
    az_status status = registry_data_table(&data, task, false, &table);
    if (!status) status = az_fit_roles(&model, class->name, table, &roles, few_trees(class), NULL);
    if (!status) status = az_model_write(model, model_path);
    if (!status) status = az_model_read(&again, model_path);
    if (!status) status = az_predict_table(again, table, prediction, NULL, NULL);
    az_model_free(again);
    az_model_free(model);
    az_table_free(table);
    return status;
}

static az_model *to_export;

static az_status export_model(const az_model_class *class, az_task task)
{
    (void)class;
    return az_model_export(to_export, task == AZ_REGRESSION ? "c" : "fortran", "model", model_path);
}

static az_status read_table(const az_model_class *class, az_task task)
{
    (void)class;
    (void)task;
    az_table *table = NULL;
    const az_reader_options options = {.missing = ",NA", .relabel = "red=rot", .names = NULL};
    az_status status = az_table_read(&table, csv_path, &options, NULL);
    az_table_free(table);
    return status;
}

/* The same rows as a source: predicted, scored, and, where the class can, fitted and gone on from. */
static const az_model *to_run;

static az_status take_block(void *user, const az_table *block, const double *prediction, const unsigned char *in_range)
{
    (void)user;
    (void)prediction;
    return block->n_rows > 0 && in_range ? AZ_OK : AZ_ERROR_INTERNAL;
}

static az_status stream_rows(const az_model_class *class, az_task task)
{
    (void)class;
    az_table *table = NULL;
    az_source *source = NULL;
    az_score_sums *sums = NULL;
    double scores[16];
    az_status status = registry_data_table(&data, task, false, &table);
    if (!status) status = az_source_of_table(&source, table);
    if (!status) status = az_predict_source(to_run, source, true, take_block, NULL, NULL);
    if (!status) status = az_source_rewind(source);
    if (!status) status = az_model_score_source(to_run, source, &sums, NULL, NULL);
    if (!status) status = az_score_sums_values(sums, scores);
    az_score_sums_free(sums);
    az_source_free(source);
    az_table_free(table);
    return status;
}

static az_status fit_in_parts(const az_model_class *class, az_task task)
{
    const az_roles roles = registry_data_roles(task, false);
    az_table *table = NULL;
    az_source *source = NULL;
    az_model *model = NULL, *next = NULL;
    az_status status = registry_data_table(&data, task, false, &table);
    if (!status) status = az_source_of_table(&source, table);
    if (!status) status = az_fit_source(&model, class->name, source, &roles, few_trees(class), NULL);
    if (!status && class->partial) status = az_source_rewind(source);
    if (!status && class->partial) status = az_fit_continue(&next, model, source, NULL);
    az_model_free(next);
    az_model_free(model);
    az_source_free(source);
    az_table_free(table);
    return status;
}

/* Text in blocks, and a sample of it. */
static az_status read_source(const az_model_class *class, az_task task)
{
    (void)class;
    (void)task;
    const az_reader_options options = {
        .missing = ",NA", .relabel = "red=rot", .join = csv_path, .names = "a,b,c,d,e,f"};
    const az_expected expected[] = {{.name = "a"}, {.name = "e", .is_text = true}};
    az_table *table = NULL, *sample = NULL;
    az_source *source = NULL;
    int64_t n_seen;
    az_status status = az_source_of_files(&source, csv_path, &options, NULL);
    if (!status) status = az_table_collect(&table, source, NULL);
    if (!status) status = az_source_rewind(source);
    if (!status) status = az_table_sample(&sample, source, 20, 1, &n_seen, NULL);
    az_source_free(source);
    az_table_free(table);
    az_table_free(sample);
    source = NULL;
    table = NULL;
    if (!status) status = az_source_of_files_expecting(&source, csv_path, &options, expected, 2, NULL);
    if (!status) status = az_table_collect(&table, source, NULL);
    az_source_free(source);
    az_table_free(table);
    return status;
}

/* Dates, a time of several columns, and windows of two stations; whole and as a source. */
static az_status read_windows(const az_model_class *class, az_task task)
{
    (void)class;
    (void)task;
    const az_reader_options options = {
        .lags = "3", .horizon = "2", .by = "place", .time = "year,month", .target = "x", .series = "x,sky"};
    az_table *table = NULL;
    az_source *source = NULL;
    az_status status = az_table_read(&table, csv_path, &options, NULL);
    az_table_free(table);
    table = NULL;
    if (!status) status = az_source_of_files(&source, csv_path, &options, NULL);
    if (!status) status = az_table_collect(&table, source, NULL);
    az_source_free(source);
    az_table_free(table);
    return status;
}

/* Only the finished model file may stand in the folder, besides the table. */
static void check_folder(const char *what, int64_t n)
{
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing));) {
        if (entry->d_name[0] == '.' && (!entry->d_name[1] || entry->d_name[1] == '.')) continue;
        if (strcmp(entry->d_name, "model.az") == 0 || strcmp(entry->d_name, "table.csv") == 0) continue;
        fail_msg("%s: allocation %lld failed and left the file %s", what, (long long)n, entry->d_name);
    }
    closedir(listing);
    unlink(model_path);
}

static void fail_each(scenario run, const char *what, const az_model_class *class, az_task task, bool keep_failing)
{
    int64_t n = 1;
    for (;; n++) {
        memset(&hook, 0, sizeof hook);
        hook.fail_at = n;
        hook.keep_failing = keep_failing;
        az_status status = run(class, task);
        if (!hook.failed && status) fail_msg("%s: %s", what, az_error_message());
        /* jansson calls a string that it has no memory for an invalid token, so that a text without fault may be
         * refused as AZ_ERROR_DATA; the library cannot tell. */
        bool mistaken = hook.failed_in_json && status == AZ_ERROR_DATA;
        if (hook.failed && status && status != AZ_ERROR_MEMORY && !mistaken)
            fail_msg("%s: allocation %lld failed, status %d: %s", what, (long long)n, (int)status, az_error_message());
        if (hook.n_live)
            fail_msg("%s: allocation %lld failed, %lld leaked", what, (long long)n, (long long)hook.n_live);
        check_folder(what, n);
        if (!hook.failed) break;
    }
    printf("%-20s %lld allocations made to fail\n", what, (long long)(n - 1));
    assert_true(n > 10);
}

static void each_model(const az_model_class *class, az_task task)
{
    fail_each(fit_save_load_predict, class->name, class, task, false);
    fail_each(fit_save_load_predict, class->name, class, task, true);
    if (class->partial) {
        fail_each(fit_in_parts, "in parts", class, task, false);
        fail_each(fit_in_parts, "in parts", class, task, true);
    }
    if (class->binned && class->binned->bytes) { /* AdaBoost alone shares bins only */
        fail_each(fit_in_parts, "as bins", class, task, false);
        fail_each(fit_in_parts, "as bins", class, task, true);
    }
    const az_roles roles = registry_data_roles(task, false);
    az_table *table = NULL;
    memset(&hook, 0, sizeof hook);
    assert_int_equal(registry_data_table(&data, task, false, &table), AZ_OK);
    assert_int_equal(az_fit_roles(&to_export, class->name, table, &roles, few_trees(class), NULL), AZ_OK);
    to_run = to_export;
    fail_each(stream_rows, "a source of rows", class, task, false);
    fail_each(stream_rows, "a source of rows", class, task, true);
    if (class->export) {
        fail_each(export_model, "az_model_export", class, task, false);
        fail_each(export_model, "az_model_export", class, task, true);
    }
    az_model_free(to_export);
    az_table_free(table);
}

static void test_models(void **state)
{
    (void)state;
    registry_data_fill(&data, 40);
    registry_each(each_model);
}

static void test_read(void **state)
{
    (void)state;
    FILE *file = fopen(csv_path, "w");
    assert_non_null(file);
    fputs("T [K],colour,n\n", file);
    for (int i = 0; i < 300; i++) fprintf(file, "%d.5,%s,%d\n", i, i % 3 ? "red" : i % 2 ? "\"a \"\"b\"\"\"" : "NA", i);
    fclose(file);
    fail_each(read_table, "az_table_read", NULL, AZ_REGRESSION, false);
    fail_each(read_table, "az_table_read", NULL, AZ_REGRESSION, true);
    fail_each(read_source, "az_source_of_files", NULL, AZ_REGRESSION, false);
    fail_each(read_source, "az_source_of_files", NULL, AZ_REGRESSION, true);
}

static void test_windows(void **state)
{
    (void)state;
    FILE *file = fopen(csv_path, "w");
    assert_non_null(file);
    fputs("year,month,day,place,x,sky\n", file);
    for (int i = 0; i < 20; i++)
        fprintf(file, "%d,%d,%d-%02d-03,%s,%d,%s\n", 2000, i / 2 % 12 + 1, 2000 + i, i % 12 + 1, i % 2 ? "sea" : "land",
                i, i % 5 ? "clear" : "grey");
    fclose(file);
    fail_each(read_windows, "windows", NULL, AZ_REGRESSION, false);
    fail_each(read_windows, "windows", NULL, AZ_REGRESSION, true);
}

static int set_up(void **state)
{
    (void)state;
    /* Thousands of files are written and synced: in memory where there is a place for that. */
    strcpy(folder,
           access("/dev/shm", W_OK) == 0 ? "/dev/shm/ansatz_allocation_XXXXXX" : "/tmp/ansatz_allocation_XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(model_path, sizeof model_path, "%s/model.az", folder);
    snprintf(csv_path, sizeof csv_path, "%s/table.csv", folder);
    const az_allocator allocator = {hook_resize, hook_release, NULL};
    az_set_allocator(&allocator);
    json_set_alloc_funcs(json_allocate, json_release);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    az_set_allocator(NULL);
    unlink(csv_path);
    unlink(model_path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_windows),
                                       cmocka_unit_test(test_models)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
