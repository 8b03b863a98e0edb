/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever is wrong in the call, the data, a model file or the disk: the right exit status, one clear line on stderr
 * that names the thing, and no file left behind. */
#include "cli/bad_files.h"
#include "cli/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

typedef struct bad_case {
    int status;
    const char *line, *says; /* the words that must stand in the message */
} bad_case;

#define FIT "fit dummy good.csv --target y -o out.az "

static const bad_case calls[] = {
    {64, "fti dummy good.csv", "did you mean \"fit\""},
    {64, "xyzzy", "no command"},
    {64, "fit", "name of a model"},
    {64, "fit good.csv --target y -o out.az", "looks like a file"},
    {64, "fit dumy good.csv --target y -o out.az", "dummy"},
    {64, "fit dummy --target y -o out.az", "file with data"},
    {64, "fit dummy good.csv -o out.az", "--target"},
    {64, "fit dummy good.csv -o out.az --target", "--target needs a value"},
    {64, "fit dummy good.csv --target --json", "--target needs a value"},
    {64, "fit dummy good.csv --targt y -o out.az", "did you mean --target?"},
    {64, FIT "--strateg mean", "did you mean --strategy?"},
    {64, FIT "--strategy modus", "mean"},
    {64, FIT "--strategy mean --strategy=median", "--strategy is given twice"},
    {64, FIT "--target b", "--target is given twice"},
    {64, FIT "--seed 1 --random-state 2", "--seed is given twice"},
    {64, FIT "--test 1.5", "between 0 and 1"},
    {64, FIT "--test 0", "between 0 and 1"},
    {64, FIT "--threads 0", "--threads"},
    {64, FIT "--threads many", "--threads"},
    {64, FIT "--split randm --test 0.2", "random"},
    {64, FIT "--split group --test 0.2", "--group"},
    {64, FIT "--split time --test 0.2", "--time"},
    {64, FIT "--degree 0", "degree"},
    {64, FIT "--degree 1.5", "degree"},
    {64, FIT "--scale big", "standard"},
    {64, FIT "--interaction-only=maybe", "true or false"},
    {64, FIT "--json=perhaps", "true or false"},
    {64, FIT "--seed -1", "seed"},
    {64, FIT "--gap=-1", "--gap"},
    {64, FIT "--time-limit soon", "--time-limit"},
    {64, FIT "--task clasification", "classification"},
    {64, FIT "--refit", "--test"},
    {64, FIT "--resume", "--checkpoint"},
    {64, FIT "--proba", "not an option of ansatz fit"},
    {64, FIT "-x", "-x"},
    {64, "fit dummy good.csv --target y -o - --json", "standard output"},
    {64, FIT "--decimal ;", "decimal"},
    {64, FIT "--skip few", "skip"},
    {64, FIT "--header maybe", "header"},
    {64, FIT "--delimiter ab", "delimiter"},
    {64, FIT "--relabel low", "OLD=NEW"},
    {64, FIT "--periodic a", "period"},
    {64, "fit --config unknown_key.conf -o out.az", "unknown_key.conf:4"},
    {64, "fit --config no_equals.conf -o out.az", "key = value"},
    {64, "fit dummy good.csv --config twice.conf -o out.az", "twice"},
    {64, "fit dummy good.csv --config bad_value.conf -o out.az", "bad_value.conf:2"},
    {64, "compare good.csv --target y --folds 1", "--folds"},
    {64, "compare good.csv --target y --folds five", "--folds"},
    {64, "compare good.csv --target y --metric rmze", "rmse"},
    {64, "compare good.csv --target y --metric accuracy", "accuracy"},
    {64, "compare good.csv --target y --models dummy,dumy", "dummy"},
    {64, "compare good.csv --target y --models dummy,dummy", "twice"},
    {64, "compare good.csv", "--target"},
    {64, "predict m.az", "file with data"},
    {64, "predict m.az good.csv --proba -o out.csv", "regression"},
    {64, "predict m.az good.csv --gaurd -o out.csv", "--guard"},
    {64, "import good.csv", "-o MODEL.az"},
    {65, "import good.csv -o x.az", "neither a model of XGBoost"},
    {64, "export", "export needs a model file"},
    {64, "export m.az", "--to c or --to fortran"},
    {64, "export m.az -o out.csv", "--to c or --to fortran"},
    {64, "export m.az --to pascal -o out.csv", "c|fortran"},
    {64, "export m.az m.az --to c -o out.csv", "m.az"},
    {64, "score", "model file"},
    {64, "show", "file"},
    {64, "models dumy", "dummy"},
    {64, "doctor now", "too many"},
    {64, "completion fish", "bash"},
    {64, "help fitt", "fit"},
};

static const bad_case data[] = {
    {65, "fit dummy empty.csv --target y -o out.az", "empty.csv"},
    {65, "fit dummy blank.csv --target y -o out.az", "blank.csv"},
    {65, "fit dummy header.csv --target y -o out.az", "header.csv"},
    {65, "fit dummy comments.csv --target y -o out.az", "comments.csv"},
    {65, "fit dummy ragged.csv --target y -o out.az", "ragged.csv"},
    {65, "fit dummy wide.csv --target y -o out.az", "wide.csv"},
    {65, "fit dummy quote.csv --target y -o out.az", "quote.csv"},
    {65, "fit dummy twice.csv --target y -o out.az", "\"a\""},
    {65, "fit dummy binary.csv --target y -o out.az", "binary.csv"},
#ifdef AZ_HAVE_ZLIB
    {65, "fit dummy cut.csv.gz --target y -o out.az", "cut.csv.gz"},
    {65, "fit dummy broken.csv.gz --target y -o out.az", "broken.csv.gz"},
#endif
    {65, "fit dummy good.csv --target yy -o out.az", "did you mean \"y\""},
    {65, "fit dummy good.csv --target 17 -o out.az", "17"},
    {65, "fit dummy good.csv --target y --features a,bb -o out.az", "\"bb\""},
    {65, "fit dummy good.csv --target y --ignore kindd -o out.az", "\"kind\""},
    {65, "fit dummy good.csv --target y --weight q -o out.az", "\"q\""},
    {65, "fit dummy good.csv --target y --group grp -o out.az", "\"grp\""},
    {65, "fit dummy good.csv --target y --time tt -o out.az", "\"tt\""},
    {65, "fit dummy good.csv --target y --ignore a,b,kind,w,label -o out.az", "column"},
    {65, "fit dummy no_target.csv --target y -o out.az", "no row has a target"},
    {65, "fit dummy no_values.csv --target y --features b -o out.az", "no column is left"},
    {65, "fit dummy infinite.csv --target y -o out.az", "b"},
    {65, "fit dummy text.csv --target y --task regression -o out.az", "y"},
    {65, "fit naive_bayes one_class.csv --target label -o out.az", "class"},
    {65, "fit dummy zero_weights.csv --target y --weight w -o out.az", "w"},
    {65, "fit dummy bad_weights.csv --target y --weight w -o out.az", "w"},
    {65, "fit naive_bayes negative.csv --target label --weight w -o out.az", "negative"},
    {65, "fit dummy one_row.csv --target y --test 0.5 -o out.az", "row"},
    {65, "fit dummy time_gap.csv --target y --time t --test 0.3 -o out.az", "time"},
    {65, "fit dummy one_group.csv --target y --group g --test 0.3 -o out.az", "group"},
    {65, "fit dummy good.csv other_columns.csv --target y -o out.az", "other_columns.csv"},
    {65, "fit dummy good.csv --join short.csv --target y -o out.az", "short.csv"},
    {65, "fit dummy good.csv --target only_y.csv -o out.az", "only_y.csv"},
    {65, "fit dummy good.csv --names p,q,r,s,t,u,v --target p -o out.az", "names"},
    {65, "compare one_row.csv --target y", "row"},
    {65, "compare good.csv --target y --folds 100", "100"},
    {65, "predict m.az missing_a.csv -o out.csv", "\"a\""},
    {65, "predict m.az text_in_number.csv -o out.csv", "\"b\""},
    {65, "score m.az missing_a.csv", "missing_a.csv"},
    {65, "score classes.az new_class.csv", "medium"},
    {65, "predict cut.az good.csv -o out.csv", "cut.az"},
    {65, "predict flipped.az good.csv -o out.csv", "flipped.az"},
    {65, "predict nonsense.az good.csv -o out.csv", "nonsense.az"},
    {65, "predict good.csv good.csv -o out.csv", "good.csv"},
    {65, "export flipped.az --to c -o out.csv", "flipped.az"},
    {65, "predict tiny.az good.csv -o out.csv", "tiny.az"},
    {65, "predict empty.az good.csv -o out.csv", "empty.az"},
    {65, "predict huge_header.az good.csv -o out.csv", "huge_header.az"},
    {65, "predict no_json.az good.csv -o out.csv", "no_json.az"},
    {65, "show empty_json.az", "empty_json.az"},
};

static const bad_case paths[] = {
    {66, "fit dummy nowhere.csv --target y -o out.az", "nowhere.csv"},
    {66, "fit dummy good.csv/x --target y -o out.az", "good.csv/x"},
    {66, "fit dummy . --target y -o out.az", "."},
    {66, "fit dummy 'nothing*.csv' --target y -o out.az", "nothing*.csv"},
    {66, FIT "--join nowhere.csv", "nowhere.csv"},
    {66, FIT "--test nowhere.csv", "nowhere.csv"},
    {66, "fit dummy good.csv --config nowhere.conf", "nowhere.conf"},
    {66, "predict nowhere.az good.csv -o out.csv", "nowhere.az"},
    {66, "export nowhere.az --to c -o out.csv", "nowhere.az"},
    {66, "predict m.az nowhere.csv -o out.csv", "nowhere.csv"},
    {66, "score . good.csv", "folder"},
    {66, "show nowhere.csv", "nowhere.csv"},
    {73, "fit dummy good.csv --target y -o nowhere/out.az", "nowhere/out.az"},
    {73, "fit dummy good.csv --target y -o good.csv/out.az", "good.csv/out.az"},
    {73, "fit dummy good.csv --target y -o .", "folder"},
    {73, "fit dummy good.csv --target y -o /proc/ansatz.az", "/proc/ansatz.az"},
    {73, FIT "--report nowhere/out.html", "nowhere/out.html"},
    {73, FIT "--checkpoint nowhere/c", "nowhere/c"},
    {73, FIT "--log nowhere/log", "nowhere/log"},
    {73, "predict m.az good.csv -o nowhere/out.csv", "nowhere/out.csv"},
    {73, "export m.az --to fortran -o nowhere/out.csv", "nowhere/out.csv"},
    {73, "predict m.az good.csv -o /proc/out.csv", "/proc/out.csv"},
};

/* What is odd but can be worked with: status 0. */
static const char *const odd[] = {
    "fit dummy one_row.csv --target y -o out.az",
    "fit dummy constant.csv --target y -o out.az",
    "fit dummy no_values.csv --target y -o out.az",
    "fit dummy huge.csv --target y -o out.az",
#ifdef AZ_HAVE_ZLIB
    "fit dummy good.csv.gz --target y -o out.az",
#endif
    "fit dummy good.csv --target 4 -o out.az",
    "fit --strategy median dummy good.csv --target=y -oout.az",
    "fit dummy good.csv --target y --random-state 3 --interaction_only false -o out.az",
    "fit dummy --target y -o out.az -- good.csv",
};

static int check_one(const bad_case *c, const run_result *r)
{
    const char *wrong = NULL;
    if (r->status != c->status)
        wrong = "status";
    else if (r->n_error_lines != 1)
        wrong = "not one line on stderr";
    else if (strncmp(r->err, "ansatz: ", 8) != 0 || strlen(r->err) < 20 || strstr(r->err, "(null)"))
        wrong = "no clear line";
    else if (!strstr(r->err, c->says))
        wrong = "does not say what is wrong";
    else if (r->out[0])
        wrong = "something on stdout";
    else if (access("out.az", F_OK) == 0 || access("out.csv", F_OK) == 0 || access("out.html", F_OK) == 0)
        wrong = "an output file";
    if (wrong)
        print_error("%s: ansatz %s\n  status %d, expected %d with \"%s\"\n  %s\n", wrong, c->line, r->status, c->status,
                    c->says, r->err);
    remove("out.az");
    remove("out.csv");
    return wrong != NULL;
}

static run_result result;

static void check_table(const bad_case *cases, size_t n)
{
    int n_files = n_files_here(), n_wrong = 0;
    for (size_t i = 0; i < n; i++) {
        run(&result, cases[i].line);
        n_wrong += check_one(&cases[i], &result);
        if (n_files_here() != n_files) print_error("a file is left behind: ansatz %s\n", cases[i].line);
        assert_int_equal(n_files_here(), n_files);
    }
    assert_int_equal(n_wrong, 0);
}

static void wrong_calls(void **state)
{
    (void)state;
    check_table(calls, sizeof calls / sizeof *calls);
}

static void wrong_data_and_model_files(void **state)
{
    (void)state;
    check_table(data, sizeof data / sizeof *data);
}

static void wrong_paths(void **state)
{
    (void)state;
    check_table(paths, sizeof paths / sizeof *paths);
}

/* Bytes: less than any output here, and the 1024 that LLVM's OpenMP library wants for its own shared memory. */
#define DISK 1024

static void a_full_disk_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        bad_case c;
        const char *out;
        long limit;
    } cases[] = {
        {{74, "fit dummy good.csv --target y -o out.az", "out.az"}, NULL, DISK},
        {{74, "predict m.az good.csv good.csv good.csv -o out.csv", "out.csv"}, NULL, DISK},
        {{74, "predict m.az good.csv", "No space left"}, "/dev/full", 0},
        {{74, "export m.az --to c", "No space left"}, "/dev/full", 0},
        {{74, "score m.az good.csv", "No space left"}, "/dev/full", 0},
        {{74, "show good.csv", "No space left"}, "/dev/full", 0},
        {{74, "models", "No space left"}, "/dev/full", 0},
        {{74, "fit dummy good.csv --target y --json", "No space left"}, "/dev/full", 0},
        {{74, "compare good.csv --target y --models dummy", "No space left"}, "/dev/full", 0},
    };
    int n_files = n_files_here(), n_wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run_with(&result, cases[i].c.line, cases[i].out, cases[i].limit);
        /* Results that fail to be printed come after the notes, so that more than the error may stand there. */
        if (result.status == 74) {
            char *last = strstr(result.err, "ansatz: ");
            assert_non_null(last);
            memmove(result.err, last, strlen(last) + 1);
            result.n_error_lines = 1;
        }
        n_wrong += check_one(&cases[i].c, &result);
        assert_int_equal(n_files_here(), n_files);
    }
    assert_int_equal(n_wrong, 0);
}

/* An old file is replaced whole or not at all. */
static void a_failed_fit_keeps_the_old_model(void **state)
{
    (void)state;
    run(&result, "fit dummy good.csv --target y -o old.az");
    assert_int_equal(result.status, 0);
    run_with(&result, "fit dummy good.csv --target b -o old.az", NULL, DISK);
    assert_int_equal(result.status, 74);
    run(&result, "show old.az");
    assert_int_equal(result.status, 0);
    assert_non_null(strstr(result.out, "regression of y"));
    remove("old.az");
}

static void odd_input_is_worked_with(void **state)
{
    (void)state;
    int n_wrong = 0;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        run(&result, odd[i]);
        if (result.status) print_error("ansatz %s\n  status %d: %s\n", odd[i], result.status, result.err);
        n_wrong += result.status != 0 || access("out.az", F_OK) != 0;
        remove("out.az");
    }
    assert_int_equal(n_wrong, 0);
}

static int make_files(void **state)
{
    (void)state;
    run_enter();
    write_good();
    write_tables();
    run(&result, "fit dummy good.csv --target y --ignore label -o m.az");
    if (result.status) return -1;
    run(&result, "fit naive_bayes good.csv --target label --ignore y -o classes.az");
    if (result.status) return -1;
    copy_part("m.az", "cut.az", 0.7, -1);
    copy_part("m.az", "flipped.az", 1, 0.01);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_calls),
        cmocka_unit_test(wrong_data_and_model_files),
        cmocka_unit_test(wrong_paths),
        cmocka_unit_test(a_full_disk_leaves_nothing),
        cmocka_unit_test(a_failed_fit_keeps_the_old_model),
        cmocka_unit_test(odd_input_is_worked_with),
    };
    return cmocka_run_group_tests(tests, make_files, run_leave_group);
}
