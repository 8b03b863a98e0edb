/* SPDX-License-Identifier: BSD-3-Clause */
/* Exported programs against the library: every class that can be exported, with several designs, is fitted, written as
 * C and as Fortran, compiled with GCC, clang and gfortran without a warning, and run on rows within and beyond the
 * range of training, with missing cells and unknown categories. */
#include "base/number.h"
#include "base/random.h"
#include "models/model.h"

#include <ansatz/ansatz.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N_TRAIN = 90, N_QUERY = 60, MOST = 24 };
#define TOLERANCE 1e-12

typedef struct design {
    const char *model, *target, *features, *parameters, *periodic, *weight;
} design;

/* A walk through trees compares and adds: without a link not one bit may differ. */
static double tolerance_of(const design *d)
{
    const az_model_class *class = az_model_class_find(d->model);
    if (!class->trees) return TOLERANCE;
    const bool links = strcmp(d->model, "boosting") == 0 || strcmp(d->model, "adaboost") == 0;
    return links && d->target[0] != 'y' ? 1e-14 : 0;
}

#define MIXED   "a,b,longitude,kind"
#define AWKWARD "\"x */ /* ?\?/ \xe2\x80\xae\""
#define TURNING "longitude=360"

static const design designs[] = {
    {"dummy", "y", "a", NULL, NULL, NULL},
    {"dummy", "class3", MIXED, NULL, TURNING, NULL},
    {"linear", "y,z", "a,b", NULL, NULL, NULL},
    {"linear", "y", MIXED "," AWKWARD, "degree=2", TURNING, NULL},
    {"linear", "positive", "b,kind", "transform_target=log", NULL, "w"},
    {"linear", "y", "a,b,count", "fit_intercept=false degree=3 interaction_only=true scale=minmax", NULL, NULL},
    {"ridge", "y,z", "b,kind", "scale=robust degree=3", NULL, NULL},
    {"ridge", "y", "a,b", NULL, NULL, NULL},
    {"lasso", "y", MIXED, "scale=minmax", TURNING, NULL},
    {"elastic_net", "y", MIXED, "degree=2", TURNING, NULL},
    {"robust", "y", MIXED, NULL, TURNING, NULL},
    {"logistic", "class2", "a,b,count", NULL, NULL, NULL},
    {"logistic", "class3", MIXED, "degree=2", TURNING, NULL},
    {"logistic", "class2", "kind,longitude,a,b", "scale=none", TURNING, NULL},
    {"knn", "y,z", "a,b", NULL, NULL, NULL},
    {"knn", "y", MIXED, "n_neighbors=7 weights=distance", TURNING, "w"},
    {"knn", "class3", MIXED, "n_neighbors=4 p=1 weights=distance", TURNING, NULL},
    {"knn", "positive", "a,kind", "n_neighbors=1 transform_target=log scale=none", NULL, NULL},
    {"naive_bayes", "class3", MIXED, NULL, TURNING, NULL},
    {"linear", "y,z", "one", NULL, NULL, NULL},
    {"ridge", "y", "a,when", "degree=2", "when=year", NULL},
    {"persistence", "y", NULL, NULL, NULL, NULL},
    {"naive_bayes", "class2", "count,kind", "distribution=multinomial", NULL, NULL},
    {"forest", "y", "a,b,count", "n_estimators=12", NULL, NULL},
    {"forest", "y,z", MIXED "," AWKWARD, "n_estimators=9", TURNING, "w"},
    {"forest", "class3", MIXED ",when", "n_estimators=7 min_samples_leaf=3", TURNING, NULL},
    {"forest", "class2", "kind,one", "n_estimators=5", NULL, NULL},
    {"boosting", "y", "a,b,count", "n_estimators=20 min_samples_leaf=4", NULL, NULL},
    {"boosting", "y,z", MIXED "," AWKWARD, "n_estimators=7 min_samples_leaf=4", TURNING, "w"},
    {"boosting", "positive", MIXED ",when", "n_estimators=12 min_samples_leaf=4 loss=gamma", TURNING, NULL},
    {"boosting", "class2", MIXED, "n_estimators=12 min_samples_leaf=4", TURNING, NULL},
    {"boosting", "class3", MIXED, "n_estimators=6 min_samples_leaf=4", NULL, NULL},
    {"adaboost", "y", MIXED "," AWKWARD, "n_estimators=12", TURNING, "w"},
    {"adaboost", "y", "a", "n_estimators=1", NULL, NULL},
    {"adaboost", "class2", MIXED, "n_estimators=9", TURNING, NULL},
    {"adaboost", "class3", MIXED ",when", "n_estimators=9 max_depth=2", TURNING, "w"},
    {"tree", "y", MIXED "," AWKWARD, "ccp_alpha=0.01", TURNING, "w"},
    {"bagging", "class3", MIXED, "n_estimators=5", NULL, NULL},
    {"extra_trees", "y,z", MIXED "," AWKWARD, "n_estimators=5", TURNING, NULL},
    {"mlp", "y", MIXED "," AWKWARD, "max_iter=20", TURNING, "w"},
    {"mlp", "y,z", "a,b", "hidden_layer_sizes=7,3 activation=tanh max_iter=20", NULL, NULL},
    {"mlp", "class2", MIXED, "activation=swish max_iter=20 hidden_layer_sizes=5,4,3", TURNING, NULL},
    {"mlp", "class3", "a,b,count", "activation=elu max_iter=20", NULL, NULL},
    {"mlp", "y", "a,b", "activation=softplus max_iter=20 hidden_layer_sizes=9", NULL, NULL},
    {"mlp", "y", "a,b", "activation=gelu max_iter=20 hidden_layer_sizes=9 loss=gaussian", NULL, NULL},
    {"mlp", "y", "a,b", "activation=leaky_relu max_iter=20 hidden_layer_sizes=9", NULL, NULL},
    {"mlp", "y", "a,b", "activation=sigmoid max_iter=20 hidden_layer_sizes=9", NULL, NULL},
    {"mlp", "y", "a,b", "activation=sin max_iter=20 hidden_layer_sizes=9", NULL, NULL},
    {"mlp", "y", "a,b", "activation=step max_iter=20 hidden_layer_sizes=9", NULL, NULL},
    {"mlp", "y", "a,b", "activation=cos max_iter=20 hidden_layer_sizes=9", NULL, NULL},
    {"mlp", "y,z", "a,kind", "activation=linear max_iter=20 hidden_layer_sizes=9 loss=gaussian", NULL, "w"},
    {"mlp", "class3", "a,b", "hidden_layer_sizes= solver=lbfgs", NULL, NULL},
};
enum { N_DESIGNS = sizeof designs / sizeof *designs };

static char folder[] = "/tmp/ansatz-export-XXXXXX";

static double column[10][N_TRAIN];
static const char *text[4][N_TRAIN];

/* Numbers of each sort, a tenth of b and of the kinds missing. */
static az_table *training_table(void)
{
    static const char *const kinds[] = {"red", "green", "blue", "ultraviolet"}, *const names[] = {"A", "B", "C"};
    static const char *const headers[] = {"a", "b", "longitude", "count", "x */ /* ?\?/ \xe2\x80\xae",
                                          "y", "z", "positive",  "w"};
    az_stream stream = az_stream_new(7, "training");
    for (int i = 0; i < N_TRAIN; i++) {
        uint64_t row = (uint64_t)i;
        double a = column[0][i] = az_random_normal(stream, row, 0);
        double b = 2 + 3 * az_random_uniform(stream, row, 1);
        double turn = column[2][i] = 360 * az_random_uniform(stream, row, 2);
        double count = column[3][i] = (double)az_random_below(stream, row, 3, 9);
        uint64_t kind = az_random_below(stream, row, 4, 5);
        column[1][i] = i % 10 == 3 ? (double)NAN : b;
        column[4][i] = 1e-3 * a * b + 40;
        double noise = 0.1 * az_random_normal(stream, row, 5);
        column[5][i] = 3 + 2 * a - b + sin(turn * 3.14159265 / 180) + (double)kind + noise;
        column[6][i] = 100 * a * b - count;
        column[7][i] = exp(0.3 * b + 0.2 * (double)kind + noise);
        column[8][i] = 0.5 + az_random_uniform(stream, row, 6);
        column[9][i] = 1000 * b + 24 * 40 * (double)i;
        text[0][i] = kind < 4 ? kinds[kind] : NULL;
        text[1][i] = names[(a + noise > 0.3) + (b > 3.5)];
        text[3][i] = "the only one";
        text[2][i] = a + 3 * noise > 0 ? "yes" : "no";
    }
    az_table *table;
    assert_int_equal(az_table_new(&table, N_TRAIN), AZ_OK);
    for (int k = 0; k < 9; k++)
        assert_int_equal(az_table_add_numeric(table, headers[k],
                                              k == 2   ? "\xc2\xb0"
                                              : k == 5 ? "m/s"
                                                       : NULL,
                                              column[k], 1),
                         AZ_OK);
    assert_int_equal(az_table_add_time(table, "when", "hours since 1990-02-03 06:00:00", "noleap", column[9], 1),
                     AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y[t]", "m/s", column[6], 1), AZ_OK);
    assert_int_equal(az_table_add_text(table, "kind", text[0]), AZ_OK);
    assert_int_equal(az_table_add_text(table, "class3", text[1]), AZ_OK);
    assert_int_equal(az_table_add_text(table, "class2", text[2]), AZ_OK);
    assert_int_equal(az_table_add_text(table, "one", text[3]), AZ_OK);
    return table;
}

static az_model *fit(const design *d, const az_table *table)
{
    const az_roles roles = {.target = d->target, .features = d->features, .periodic = d->periodic, .weight = d->weight};
    az_model *model = NULL;
    if (az_fit_roles(&model, d->model, table, &roles, d->parameters, NULL)) print_error("%s\n", az_error_message());
    assert_non_null(model);
    return model;
}

/* A fifth beyond the range of training on both sides; one in eight missing, one in eight categories unknown. */
static void draw_query(const az_model *model, double *rows)
{
    az_stream stream = az_stream_new(11, "query");
    const int64_t n = az_model_n_inputs(model);
    for (int64_t i = 0; i < N_QUERY; i++)
        for (int64_t k = 0; k < n; k++) {
            const az_raw_input *input = &model->design->inputs[k];
            uint64_t odd = az_random_below(stream, (uint64_t)i, (uint64_t)(2 * k), 8);
            double u = 1.4 * az_random_uniform(stream, (uint64_t)i, (uint64_t)(2 * k + 1)) - 0.2;
            double *value = &rows[i * n + k];
            bool ranged = isfinite(input->lower) && isfinite(input->upper); /* the phase of a time is not */
            double lower = ranged ? input->lower : 0, upper = ranged ? input->upper : 1e5;
            *value = lower + u * (upper - lower);
            if (input->type == AZ_CATEGORICAL) *value = odd == 1 ? -1 : (double)((i + k) % input->n_levels);
            if (odd == 0) *value = (double)NAN;
        }
}

static void write_table(FILE *file, const char *name, int number, const double *values, int64_t n)
{
    fprintf(file, "static const double %s%d[] = {", name, number);
    for (int64_t i = 0; i < n; i++) {
        char digits[AZ_NUMBER_MAX];
        az_print_double(digits, values[i]);
        fprintf(file, "%s, ", isnan(values[i]) ? "NAN" : digits);
    }
    fprintf(file, "};\n");
}

/* main.c and glue.f90: they run every exported program on the rows and print the deviations as text:
 * number, C, Fortran, C's own test, Fortran's own test. */
static void begin_host(FILE *c)
{
    fprintf(c, "#include <math.h>\n#include <stdio.h>\n"
               "typedef void predictor(const double *, double *);\n"
               "static double check(predictor *predict, int n_rows, int n_inputs, int n_outputs, const double *rows,\n"
               "                    const double *expected)\n"
               "{\n"
               "    double output[16], worst = 0;\n"
               "    for (int k = 0; k < n_outputs; k++) {\n"
               "        double scale = 0, greatest = 0;\n"
               "        for (int i = 0; i < n_rows; i++) {\n"
               "            predict(rows + i * n_inputs, output);\n"
               "            double e = expected[i * n_outputs + k], d = fabs(output[k] - e);\n"
               "            if (!(d <= greatest)) greatest = d;\n"
               "            if (fabs(e) > scale) scale = fabs(e);\n"
               "        }\n"
               "        if (!(greatest / scale <= worst)) worst = greatest / scale;\n"
               "    }\n"
               "    return worst;\n"
               "}\n");
}

static void write_case(FILE *c, FILE *glue, int number, const az_model *model)
{
    const int64_t n = az_model_n_inputs(model), m = az_model_n_outputs(model);
    double rows[N_QUERY * MOST], expected[N_QUERY * MOST];
    assert_true(n <= MOST && m <= 16);
    draw_query(model, rows);
    assert_int_equal(az_predict(model, NULL, rows, N_QUERY, n, 1, expected, m, NULL, NULL), AZ_OK);
    for (int64_t i = 0; i < N_QUERY * m; i++) assert_true(isfinite(expected[i]));
    write_table(c, "rows", number, rows, N_QUERY * n);
    write_table(c, "expected", number, expected, N_QUERY * m);
    fprintf(
        c,
        "predictor c%d_predict, f%d_predict;\ndouble c%d_self_test(void), f%d_self_test(void);\n"
        "static void run%d(void)\n{\n"
        "    printf(\"%d %%.3e %%.3e %%.3e %%.3e\\n\", check(c%d_predict, %d, %lld, %lld, rows%d, expected%d),\n"
        "           check(f%d_predict, %d, %lld, %lld, rows%d, expected%d), c%d_self_test(), f%d_self_test());\n}\n",
        number, number, number, number, number, number, number, N_QUERY, (long long)n, (long long)m, number, number,
        number, N_QUERY, (long long)n, (long long)m, number, number, number, number);
    fprintf(
        glue,
        "subroutine glue%d(inputs, outputs) bind(c, name='f%d_predict')\n"
        "  use iso_c_binding\n  use f%d_model\n"
        "  real(c_double), intent(in) :: inputs(%lld)\n  real(c_double), intent(out) :: outputs(%lld)\n"
        "  call f%d_predict(inputs, outputs)\nend subroutine\n"
        "function test%d() result(worst) bind(c, name='f%d_self_test')\n"
        "  use iso_c_binding\n  use f%d_model\n  real(c_double) :: worst\n  worst = f%d_self_test()\nend function\n",
        number, number, number, (long long)n, (long long)m, number, number, number, number, number);
}

static void shell(const char *line)
{
    char whole[8192];
    snprintf(whole, sizeof whole, "{ %s; } > log 2>&1", line);
    int status = system(whole);
    if (status) {
        char log[4096];
        FILE *file = fopen("log", "rb");
        log[file ? fread(log, 1, sizeof log - 1, file) : 0] = '\0';
        if (file) fclose(file);
        print_error("%s\n%s\n", line, log);
    }
    assert_int_equal(status, 0);
}

#define C_FLAGS       "-std=c99 -O1 -ffp-contract=off -Wall -Wextra -Wshadow -Wconversion -pedantic -Werror"
#define FORTRAN_FLAGS "-std=f2008 -O1 -ffp-contract=off -fimplicit-none -Wall -Wextra -pedantic -Werror"

static void run_and_read(const char *program, double deviation[N_DESIGNS][4])
{
    char line[256];
    int n_read = 0, number;
    snprintf(line, sizeof line, "./%s > %s.txt", program, program);
    assert_int_equal(system(line), 0);
    snprintf(line, sizeof line, "%s.txt", program);
    FILE *file = fopen(line, "r");
    assert_non_null(file);
    double d[4];
    while (fscanf(file, "%d %lf %lf %lf %lf", &number, &d[0], &d[1], &d[2], &d[3]) == 5) {
        assert_in_range(number, 0, N_DESIGNS - 1);
        memcpy(deviation[number], d, sizeof d);
        n_read++;
    }
    fclose(file);
    assert_int_equal(n_read, N_DESIGNS);
}

static void expect_agreement(const char *compiler, double deviation[N_DESIGNS][4])
{
    static const char *const what[] = {"C", "Fortran", "the test of C", "the test of Fortran"};
    bool good = true;
    for (int i = 0; i < N_DESIGNS; i++)
        for (int k = 0; k < 4; k++) {
            if (deviation[i][k] <= tolerance_of(&designs[i])) continue;
            print_error("%s: %s %s of %s: %s deviates by %.3e\n", compiler, designs[i].model,
                        designs[i].parameters ? designs[i].parameters : "", designs[i].features, what[k],
                        deviation[i][k]);
            good = false;
        }
    assert_true(good);
}

static void exported_programs_predict_what_the_library_predicts(void **state)
{
    (void)state;
    static double deviation[N_DESIGNS][4];
    if (system("{ command -v gcc && command -v clang && command -v gfortran; } > log 2>&1") != 0) skip();
    az_table *table = training_table();
    FILE *c = fopen("main.c", "w"), *glue = fopen("glue.f90", "w");
    assert_non_null(c);
    assert_non_null(glue);
    begin_host(c);
    for (int i = 0; i < N_DESIGNS; i++) {
        char name[16], path[32];
        az_model *model = fit(&designs[i], table);
        snprintf(name, sizeof name, "c%d", i);
        snprintf(path, sizeof path, "c%d.c", i);
        if (az_model_export(model, "c", name, path)) print_error("%s: %s\n", designs[i].model, az_error_message());
        assert_int_equal(access(path, R_OK), 0);
        snprintf(name, sizeof name, "f%d", i);
        snprintf(path, sizeof path, "f%d.f90", i);
        assert_int_equal(az_model_export(model, "fortran", name, path), AZ_OK);
        write_case(c, glue, i, model);
        az_model_free(model);
    }
    fprintf(c, "int main(void)\n{\n");
    for (int i = 0; i < N_DESIGNS; i++) fprintf(c, "    run%d();\n", i);
    fprintf(c, "    return 0;\n}\n");
    fclose(c);
    fclose(glue);
    az_table_free(table);
    shell("gfortran " FORTRAN_FLAGS " -c f*.f90 && gfortran -O1 -c glue.f90");
    shell("for f in c*.c; do n=${f%.c}; N=C${n#c}; gcc " C_FLAGS
          " -c -o $n.gcc.o -D${N}_TEST -Dmain=${n}_main $f && clang " C_FLAGS
          " -Wmissing-prototypes -c -o $n.clang.o -D${N}_TEST -Dmain=${n}_main -Wno-missing-prototypes $f || exit 1; "
          "done");
    shell("gcc -O1 -c -o host.o main.c && gcc -o with_gcc host.o c*.gcc.o f*.o glue.o -lgfortran -lm && "
          "gcc -o with_clang host.o c*.clang.o f*.o glue.o -lgfortran -lm");
    run_and_read("with_gcc", deviation);
    expect_agreement("GCC", deviation);
    run_and_read("with_clang", deviation);
    expect_agreement("clang", deviation);
}

static void every_class_is_exported_here_or_refused(void **state)
{
    (void)state;
    az_table *table = training_table();
    for (int i = 0; az_model_classes[i]; i++) {
        const az_model_class *class = az_model_classes[i];
        bool listed = false;
        for (int k = 0; k < N_DESIGNS; k++) listed |= strcmp(designs[k].model, class->name) == 0;
        if (class->export && !listed) print_error("%s has an export and no design here\n", class->name);
        assert_true(listed == (class->export != NULL));
    }
    az_table_free(table);
}

static void what_cannot_be_written_is_refused(void **state)
{
    (void)state;
    az_table *table = training_table();
    az_model *model = fit(&designs[2], table);
    assert_int_equal(az_model_export(model, "pascal", "x", "x.pas"), AZ_ERROR_USAGE);
    assert_non_null(strstr(az_error_message(), "pascal"));
    assert_int_equal(az_model_export(model, "c", "x", "nowhere/x.c"), AZ_ERROR_CANNOT_WRITE);
    az_model_free(model);

    az_roles roles = {.target = "y", .time = "when"};
    assert_int_equal(az_fit_roles(&model, "climatology", table, &roles, NULL, NULL), AZ_OK);
    assert_int_equal(az_model_export(model, "c", "x", "x.c"), AZ_ERROR_UNAVAILABLE);
    assert_non_null(strstr(az_error_message(), "climatology models cannot be exported"));
    assert_int_not_equal(access("x.c", F_OK), 0);
    az_model_free(model);
    az_table_free(table);
    assert_int_not_equal(access("x.pas", F_OK), 0);

    enum { N = 200001, N_COLUMNS = 5 };
    static double many[N_COLUMNS][N];
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    for (int k = 0; k < N_COLUMNS; k++) {
        char name[8];
        for (int i = 0; i < N; i++) many[k][i] = (double)((i * (k + 7)) % 1009);
        snprintf(name, sizeof name, "x%d", k);
        assert_int_equal(az_table_add_numeric(table, name, NULL, many[k], 1), AZ_OK);
    }
    assert_int_equal(az_fit(&model, "knn", table, "x0", NULL), AZ_OK);
    assert_int_equal(az_model_export(model, "fortran", "large", "large.f90"), AZ_ERROR_DATA);
    assert_non_null(strstr(az_error_message(), "more than 1000000 numbers, too many"));
    assert_int_not_equal(access("large.f90", F_OK), 0);
    az_model_free(model);
    az_table_free(table);
}

/* Any name becomes one that both languages take, and the same model writes the same bytes. */
static void names_become_identifiers(void **state)
{
    (void)state;
    static const struct {
        const char *name, *expected;
    } names[] = {{"hubble", "hubble"},
                 {"sea-surface temperature", "sea_surface_temperature"},
                 {"2nd", "m2nd"},
                 {"", "model"},
                 {"--", "m"},
                 {"T\xc2\xb0", "T"},
                 {"a_name_that_is_longer_than_any_compiler_of_fortran_2008_has_to_take_in", NULL}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char identifier[AZ_CODE_NAME_MAX];
        az_code_identifier(identifier, names[i].name);
        if (names[i].expected) assert_string_equal(identifier, names[i].expected);
        assert_true(strlen(identifier) < 40);
    }
}

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : 1;
}

static int leave(void **state)
{
    (void)state;
    DIR *directory = opendir(".");
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (entry->d_name[0] != '.') remove(entry->d_name);
    if (directory) closedir(directory);
    return chdir("/") == 0 ? rmdir(folder) : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exported_programs_predict_what_the_library_predicts),
        cmocka_unit_test(every_class_is_exported_here_or_refused),
        cmocka_unit_test(what_cannot_be_written_is_refused),
        cmocka_unit_test(names_become_identifiers),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
