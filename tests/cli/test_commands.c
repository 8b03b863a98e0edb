/* SPDX-License-Identifier: BSD-3-Clause */
/* What the commands print when all is well: the fields of each JSON, the rows of predict, configuration files that
 * repeat a run, completion and man pages. */
#include "cli/bad_files.h"
#include "cli/calls.h"

#include <signal.h>

#include <math.h>
#include <unistd.h>

static void has_keys(const json_t *object, const char *const *keys)
{
    for (; *keys; keys++) {
        if (!json_object_get(object, *keys)) print_error("no key %s\n", *keys);
        assert_non_null(json_object_get(object, *keys));
    }
}

static void fit_tells_what_it_did(void **state)
{
    (void)state;
    static const char *const keys[] = {"model",   "task", "n_train",   "n_test",     "train",    "test", "parameters",
                                       "seconds", "seed", "converged", "iterations", "warnings", NULL};
    static const char *const seconds[] = {"read", "fit", "predict", NULL};
    json_t *json = json_of("fit dummy good.csv --target y --test 0.25 --seed 3 --json");
    has_keys(json, keys);
    has_keys(json_object_get(json, "seconds"), seconds);
    assert_string_equal(json_string_value(json_object_get(json, "task")), "regression");
    assert_int_equal(json_integer_value(json_object_get(json, "n_test")), 15);
    assert_int_equal(json_integer_value(json_object_get(json, "n_train")), N_GOOD - 15);
    assert_int_equal(json_integer_value(json_object_get(json, "seed")), 3);
    json_decref(json);
    /* The mean explains nothing of the variance on the rows it is the mean of. */
    json = json_of("fit dummy good.csv --target y --json");
    assert_true(json_is_null(json_object_get(json, "test")));
    assert_true(fabs(json_number_value(json_object_get(json_object_get(json, "train"), "r2"))) < 1e-12);
    json_decref(json);
}

static void fit_without_output_says_that_nothing_was_saved(void **state)
{
    (void)state;
    succeeds("fit dummy good.csv --target y");
    assert_non_null(strstr(result.out, "Nothing was saved"));
    assert_non_null(strstr(result.out, "\nNext: ansatz fit dummy good.csv --target y"));
}

static int count_lines(const char *text)
{
    int n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

static void predict_writes_a_row_a_row(void **state)
{
    (void)state;
    succeeds("fit dummy good.csv --target y,b -o two.az");
    succeeds("predict two.az good.csv --guard");
    assert_int_equal(strncmp(result.out, "row,prediction_y,prediction_b,in_range\n0,", 41), 0);
    assert_int_equal(count_lines(result.out), N_GOOD + 1);
    succeeds("fit dummy good.csv --target label -o label.az");
    succeeds("predict label.az good.csv --proba -o p.csv");
    assert_string_equal(result.out, "");
    run(&result, "show p.csv --json");
    assert_non_null(strstr(result.out, "\"p_high\""));
    assert_non_null(strstr(result.out, "\"p_low\""));
    remove("p.csv");
    remove("two.az");
    remove("label.az");
}

static void score_and_compare_as_json(void **state)
{
    (void)state;
    static const char *const keys[] = {"model", "mean", "stderr", "folds", "seconds", "error", NULL};
    succeeds("fit dummy good.csv --target y -o s.az");
    json_t *json = json_of("score s.az good.csv --json");
    assert_int_equal(json_integer_value(json_object_get(json, "n")), N_GOOD);
    assert_non_null(json_object_get(json_object_get(json, "metrics"), "rmse"));
    json_decref(json);
    remove("s.az");
    /* naive_bayes does not do regression: its line says so and the others stand. */
    json = json_of("compare good.csv --target y --models naive_bayes,dummy --folds 4 --json");
    assert_string_equal(json_string_value(json_object_get(json, "metric")), "rmse");
    const json_t *results = json_object_get(json, "results");
    assert_int_equal(json_array_size(results), 2);
    has_keys(json_array_get(results, 0), keys);
    assert_string_equal(json_string_value(json_object_get(json_array_get(results, 0), "model")), "dummy");
    assert_int_equal(json_array_size(json_object_get(json_array_get(results, 0), "folds")), 4);
    assert_true(json_is_string(json_object_get(json_array_get(results, 1), "error")));
    json_decref(json);
}

static void show_tells_of_models_and_tables(void **state)
{
    (void)state;
    static const char *const keys[] = {"model", "task", "parameters", "columns", "classes", NULL};
    succeeds("fit naive_bayes good.csv --target label -o n.az");
    json_t *json = json_of("show n.az --json");
    has_keys(json, keys);
    assert_int_equal(json_array_size(json_object_get(json, "classes")), 2);
    json_decref(json);
    remove("n.az");
    json = json_of("show good.csv --json");
    assert_int_equal(json_integer_value(json_object_get(json, "n_rows")), N_GOOD);
    assert_int_equal(json_array_size(json_object_get(json, "columns")), 6);
    json_decref(json);
}

static void the_plan_of_a_network_is_shown(void **state)
{
    (void)state;
    succeeds("fit mlp good.csv --target y --ignore label --hidden-layer-sizes 3 --max-iter 2 -o net.az");
    succeeds("show net.az --plan");
    assert_non_null(strstr(result.out, "load       \"x\""));
    assert_non_null(strstr(result.out, "layer 1/weight f64("));
    assert_non_null(strstr(result.out, "-> \"prediction\""));
    succeeds("show net.az --dot -o net.dot");
    assert_string_equal(result.out, "");
    succeeds("show net.az --dot");
    assert_int_equal(strncmp(result.out, "digraph plan {", 14), 0);
    json_t *json = json_of("show net.az --plan --json");
    assert_non_null(strstr(json_string_value(json_object_get(json, "plan")), "layer 2/bias"));
    json_decref(json);
    fails("show net.az --plan --dot", 64, "not both");
    fails("show good.csv --plan", 64, "of a model file");
    remove("net.dot");
    remove("net.az");
    succeeds("fit dummy good.csv --target y -o dummy.az");
    fails("show dummy.az --dot", 64, "--dot is of networks, and dummy is none");
    remove("dummy.az");
}

static void a_configuration_repeats_the_run(void **state)
{
    (void)state;
    char first[RUN_MAX_TEXT];
    succeeds("fit dummy good.csv --target y --ignore label --strategy median --seed 9 --print-config");
    write_text("run.conf", result.out);
    succeeds("fit --config run.conf --print-config");
    snprintf(first, sizeof first, "%s", result.out);
    write_text("again.conf", first);
    succeeds("fit --config again.conf --print-config");
    assert_string_equal(result.out, first);
    succeeds("fit dummy good.csv --target y --ignore label --strategy median --seed 9");
    snprintf(first, sizeof first, "%s", result.out);
    first[strcspn(first, "N")] = '\0'; /* up to "Nothing was held out": the next command differs */
    succeeds("fit --config run.conf");
    assert_int_equal(strncmp(result.out, first, strlen(first)), 0);
    /* The command line wins. */
    json_t *json = json_of("fit --config run.conf --strategy mean --json");
    assert_string_equal(json_string_value(json_object_get(json_object_get(json, "parameters"), "strategy")), "mean");
    json_decref(json);
    remove("run.conf");
    remove("again.conf");
}

static void models_do_not_depend_on_threads_or_names_of_files(void **state)
{
    (void)state;
    static char a[1 << 16], b[1 << 16];
    succeeds("fit naive_bayes good.csv --target label --threads 1 -o one.az");
    succeeds("fit naive_bayes ./good.csv --target label --threads 4 -q -o other_name.az");
    FILE *one = fopen("one.az", "rb"), *other = fopen("other_name.az", "rb");
    assert_true(one && other);
    size_t n = fread(a, 1, sizeof a, one), m = fread(b, 1, sizeof b, other);
    fclose(one);
    fclose(other);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    remove("one.az");
    remove("other_name.az");
}

/* No parameter or alias has the name of another of its model, of the pipeline or of an option of fit. */
static void names_do_not_collide(void **state)
{
    (void)state;
    static char help[RUN_MAX_TEXT];
    succeeds("fit --help");
    snprintf(help, sizeof help, "%.*s", (int)(strstr(result.out, "\nBefore the model") - result.out), result.out);
    json_t *all = json_of("models --json");
    size_t i, j;
    json_t *model, *param;
    int n_wrong = 0;
    json_array_foreach(json_object_get(all, "models"), i, model)
    {
        char line[128], names[4096] = ",";
        const char *name = json_string_value(json_object_get(model, "model"));
        snprintf(line, sizeof line, "models %s --json", name);
        json_t *one = json_of(line);
        static const char *const tables[] = {"parameters", "pipeline"};
        for (int t = 0; t < 2; t++) json_array_foreach(json_object_get(one, tables[t]), j, param)
            {
                char both[512];
                const char *aliases = json_string_value(json_object_get(param, "aliases"));
                snprintf(both, sizeof both, "%s%s%s", json_string_value(json_object_get(param, "name")),
                         aliases ? "," : "", aliases ? aliases : "");
                for (char *word = strtok(both, ","); word; word = strtok(NULL, ",")) {
                    char listed[160], option[160];
                    snprintf(listed, sizeof listed, ",%s,", word);
                    snprintf(option, sizeof option, "--%s ", word);
                    for (char *c = option; *c; c++) *c = *c == '_' ? '-' : *c;
                    if (strstr(names, listed) || strstr(help, option)) {
                        print_error("%s: \"%s\" has two meanings\n", name, word);
                        n_wrong++;
                    }
                    strncat(names, listed + 1, sizeof names - strlen(names) - 1);
                }
            }
        json_decref(one);
    }
    json_decref(all);
    assert_int_equal(n_wrong, 0);
}

static void completion_and_manual_are_made(void **state)
{
    (void)state;
    succeeds("completion bash");
    assert_non_null(strstr(result.out, "--target"));
    assert_non_null(strstr(result.out, "naive_bayes"));
    write_text("completion.sh", result.out);
    assert_int_equal(system("bash -n completion.sh"), 0);
    write_text("try.sh", ". ./completion.sh\nCOMP_WORDS=(ansatz fit lasso d.csv --scale ro) COMP_CWORD=5\n"
                         "_ansatz_words\necho \"${COMPREPLY[@]}\" > tried\n");
    assert_int_equal(system("bash try.sh"), 0);
    read_back("tried", result.out);
    assert_string_equal(result.out, "robust\n");
    remove("try.sh");
    remove("tried");
    remove("completion.sh");
    succeeds("completion zsh");
    assert_int_equal(strncmp(result.out, "#compdef ansatz\n", 16), 0);
    succeeds("help fit --man");
    assert_non_null(strstr(result.out, ".SH EXIT STATUS"));
    succeeds("help --man");
    succeeds("");
    assert_non_null(strstr(result.out, "\nNext: "));
}

static void every_example_names_an_existing_command(void **state)
{
    (void)state;
    static const char *const commands[] = {"show",   "models", "compare", "fit",        "predict", "score",
                                           "export", "import", "doctor",  "completion", "help"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char line[64];
        snprintf(line, sizeof line, "%s --help", commands[i]);
        succeeds(line);
        snprintf(line, sizeof line, "ansatz %s ", commands[i]);
        assert_non_null(strstr(result.out, line));
    }
}

static void a_closed_pipe_ends_quietly(void **state)
{
    (void)state;
    char line[1024];
    snprintf(line, sizeof line, "bash -c 'set -o pipefail; %s models dummy 2>err.txt | true; exit ${PIPESTATUS[0]}'",
             getenv("ANSATZ"));
    int status = system(line);
    assert_true(WIFEXITED(status));
    /* 0 if all was written before the pipe closed, else ended by SIGPIPE: no error of the command's own. */
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 128 + SIGPIPE);
    FILE *file = fopen("err.txt", "rb");
    assert_non_null(file);
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    remove("err.txt");
}

static int make_files(void **state)
{
    (void)state;
    run_enter();
    write_good();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fit_tells_what_it_did),
        cmocka_unit_test(fit_without_output_says_that_nothing_was_saved),
        cmocka_unit_test(predict_writes_a_row_a_row),
        cmocka_unit_test(score_and_compare_as_json),
        cmocka_unit_test(show_tells_of_models_and_tables),
        cmocka_unit_test(the_plan_of_a_network_is_shown),
        cmocka_unit_test(a_configuration_repeats_the_run),
        cmocka_unit_test(models_do_not_depend_on_threads_or_names_of_files),
        cmocka_unit_test(names_do_not_collide),
        cmocka_unit_test(completion_and_manual_are_made),
        cmocka_unit_test(every_example_names_an_existing_command),
        cmocka_unit_test(a_closed_pipe_ends_quietly),
    };
    return cmocka_run_group_tests(tests, make_files, run_leave_group);
}
