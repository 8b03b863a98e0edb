/* SPDX-License-Identifier: BSD-3-Clause */
/* The report as a stranger's data meet it: names chosen to break out of HTML, SVG, gnuplot and the shell, a gnuplot
 * that is missing or lies, and paths that cannot be written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "markup.h"
#include "report/html.h"
#include "report/plot.h"
#include "report/report.h"
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N_ROWS = 60, N_HOSTILE = 10 };

/* A name, and what the page has to hold in its place. */
static const struct {
    const char *name, *html;
} hostile[N_HOSTILE] = {
    {"`touch a`", "`touch a`"},
    {"$(touch b)", "$(touch b)"},
    {"it's", "it&#39;s"},
    {"say \"hi\" onload=\"x", "say &quot;hi&quot; onload=&quot;x"},
    {"a_b^2{c}", "a_b^2{c}"},
    {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"back\\slash\\n", "back\\slash\\n"},
    {"' ; system 'touch c", "&#39; ; system &#39;touch c"},
    {"two\nlines @x 5% & END", "two lines @x 5% &amp; END"},
    {"\xC3\xA9nergie \xCE\xBB \xE6\xB8\xA9\xE5\xBA\xA6", "\xC3\xA9nergie \xCE\xBB \xE6\xB8\xA9\xE5\xBA\xA6"},
};

static char folder[] = "/tmp/ansatz-report-XXXXXX";
static char *search_path; /* PATH as it was */

typedef struct fixture {
    double x[N_HOSTILE][N_ROWS], y[N_ROWS];
    const char *kind[N_ROWS];
    az_table *table;
    az_problem *problem;
    az_model *model;
    double prediction[N_ROWS * 3];
    az_score_data scored;
    void *work;
} fixture;

/* Numbers without pattern: multiples of the golden ratio, modulo one. */
static double scatter(int i)
{
    return fmod(0.6180339887498949 * (i + 1), 1);
}

static void fixture_new(fixture *f, const char *target, const char *class)
{
    *f = (fixture){.table = NULL};
    assert_int_equal(az_table_new(&f->table, N_ROWS), AZ_OK);
    for (int i = 0; i < N_ROWS; i++) {
        for (int j = 0; j < N_HOSTILE; j++) {
            f->x[j][i] = scatter(i * N_HOSTILE + j * j);
            f->y[i] += (j + 1) * f->x[j][i];
        }
        f->y[i] += scatter(7 * i);
        f->kind[i] = hostile[f->y[i] < 26 ? 5 : f->y[i] < 31 ? 3 : 1].name;
    }
    for (int j = 0; j < N_HOSTILE; j++)
        assert_int_equal(az_table_add_numeric(f->table, hostile[j].name, hostile[N_HOSTILE - 1 - j].name, f->x[j], 1),
                         AZ_OK);
    assert_int_equal(az_table_add_numeric(f->table, "y<b>", "<i>\"'$(touch d)", f->y, 1), AZ_OK);
    assert_int_equal(az_table_add_text(f->table, "kind'\"<", f->kind), AZ_OK);
    az_roles roles = {.target = target, .ignore = "kind'\"<"};
    if (!strcmp(target, roles.ignore)) roles.ignore = "y<b>";
    assert_int_equal(az_problem_new(&f->problem, f->table, &roles, false, NULL), AZ_OK);
    if (!class) return;
    const az_model_class *found = az_model_class_find(class);
    assert_non_null(found);
    assert_int_equal(az_model_fit(&f->model, found, NULL, NULL, f->problem, NULL, 0, NULL), AZ_OK);
    assert_int_equal(az_model_predict_rows(f->model, f->table, NULL, N_ROWS, f->prediction, NULL, NULL), AZ_OK);
    assert_int_equal(az_model_score_data(f->model, f->problem, NULL, N_ROWS, f->prediction, &f->scored, &f->work),
                     AZ_OK);
}

static void fixture_free(fixture *f)
{
    az_free(f->work);
    az_model_free(f->model);
    az_problem_free(f->problem);
    az_table_free(f->table);
}

static az_report report_of(const fixture *f)
{
    static const char *const notes[] = {"a note with <b> and $(touch e)"};
    return (az_report){
        .title = "<img src=x onerror=alert(1)> $(touch f)",
        .command = "ansatz fit '</pre><script>' `touch g`",
        .table = f->table,
        .problem = f->problem,
        .model = f->model,
        .metric = az_metric_default((unsigned)f->problem->task),
        .scored = f->model ? &f->scored : NULL,
        .scored_on = "</p><script>",
        .notes = notes,
        .n_notes = 1,
    };
}

static char *read_page(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    char *text = malloc((size_t)size + 1);
    assert_non_null(text);
    rewind(file);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    text[size] = '\0';
    fclose(file);
    return text;
}

static int n_files(void)
{
    int n = 0;
    DIR *directory = opendir(".");
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) n += entry->d_name[0] != '.';
    closedir(directory);
    return n;
}

static int occurrences(const char *text, const char *word)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, word)); at++) n++;
    return n;
}

/* Writes the report; nothing but it may appear in the folder.  The caller frees the page. */
static char *written(const az_report *report, const az_control *control)
{
    int before = n_files();
    az_status status = az_report_write(report, "report.html", control);
    if (status) fail_msg("%s", az_error_message());
    assert_int_equal(n_files(), before + 1);
    char *page = read_page("report.html");
    remove("report.html");
    assert_true(markup_is_sound(page));
    return page;
}

static void need_gnuplot(void)
{
    if (az_plot_available()) return;
    fprintf(stderr, "SKIPPED: gnuplot is not installed\n");
    skip();
}

static void names_are_only_text(void **state)
{
    (void)state;
    static const char *const classes[] = {"linear", "lasso", "ridge"};
    need_gnuplot();
    for (size_t c = 0; c < sizeof classes / sizeof *classes; c++) {
        if (!az_model_class_find(classes[c])) continue;
        fixture f;
        fixture_new(&f, "y<b>", classes[c]);
        az_report report = report_of(&f);
        char *page = written(&report, NULL);
        const char *missing = strstr(page, "picture is missing");
        if (missing) fail_msg("%s: %.200s", classes[c], missing);
        /* Once in the table of coefficients, once in the data, once as a tic of the picture. */
        for (int j = 0; j < N_HOSTILE; j++)
            if (!strchr(hostile[j].html, '&') && occurrences(page, hostile[j].html) < 3)
                fail_msg("%s: %s", classes[c], hostile[j].html);
        for (int j = 0; j < N_HOSTILE; j++) assert_non_null(strstr(page, hostile[j].html));
        assert_non_null(strstr(page, "it\xE2\x80\x99s"));
        assert_non_null(strstr(page, "&lt;img src=x onerror=alert(1)&gt; $(touch f)"));
        assert_non_null(strstr(page, "ansatz fit &#39;&lt;/pre&gt;&lt;script&gt;&#39; `touch g`"));
        free(page);
        fixture_free(&f);
    }
}

static void classes_are_only_text(void **state)
{
    (void)state;
    need_gnuplot();
    fixture f;
    fixture_new(&f, "kind'\"<", "naive_bayes");
    az_report report = report_of(&f);
    char *page = written(&report, NULL);
    assert_null(strstr(page, "picture is missing"));
    assert_non_null(strstr(page, "id=\"confusion\""));
    assert_non_null(strstr(page, "id=\"calibration\""));
    assert_non_null(strstr(page, "predicted<br>&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_non_null(strstr(page, "predicted<br>$(touch b)"));
    free(page);
    fixture_free(&f);
}

/* The comparison shows what its best model predicted for the rows left out. */
static void comparison_shows_the_best(void **state)
{
    (void)state;
    static const struct {
        const char *target, *section;
    } cases[] = {{"kind'\"<", "id=\"confusion\""}, {"y<b>", "id=\"residuals\""}};
    for (size_t i = 0; i < 2; i++) {
        fixture f;
        fixture_new(&f, cases[i].target, NULL);
        const az_model_class *classes[] = {az_model_class_find("dummy"), az_model_class_find("knn")};
        az_split_options split = {.kind = AZ_SPLIT_RANDOM};
        az_report report = report_of(&f);
        az_cv_result *results;
        int64_t n;
        assert_int_equal(
            az_compare(&results, &n, classes, 2, NULL, f.problem, 4, report.metric, &split, NULL), AZ_OK);
        report.leaderboard = results;
        report.n_leaderboard = n;
        char *page = written(&report, NULL);
        char said[100];
        snprintf(said, sizeof said, "the best model, %s, on the folds left out", results[0].class->name);
        assert_non_null(strstr(page, said));
        assert_non_null(strstr(page, cases[i].section));
        assert_non_null(strstr(page, "id=\"leaderboard\""));
        free(page);
        for (int64_t r = 0; r < n; r++) az_cv_result_free(&results[r]);
        az_free(results);
        fixture_free(&f);
    }
}

static void remember(void *user, az_level level, const char *text)
{
    if (level == AZ_WARNING) snprintf(user, 200, "%s", text);
}

static void without_gnuplot(void **state)
{
    (void)state;
    char warning[200] = "";
    az_control control = {.message = remember, .user = warning};
    fixture f;
    fixture_new(&f, "y<b>", "linear");
    az_report report = report_of(&f);
    assert_int_equal(setenv("PATH", "", 1), 0);
    assert_false(az_plot_available());
    char *page = written(&report, &control);
    assert_int_equal(setenv("PATH", search_path, 1), 0);
    assert_non_null(strstr(warning, "gnuplot was not found"));
    assert_non_null(strstr(page, "This picture is missing: gnuplot was not found. Install it"));
    assert_null(strstr(page, "class=\"card\""));
    assert_non_null(strstr(page, "id=\"coefficients\""));
    free(page);
    fixture_free(&f);
}

/* A program called gnuplot that fails, says nothing, or draws what is no picture: the page stands without it. */
static void with_a_false_gnuplot(void **state)
{
    (void)state;
    static const struct {
        const char *script, *said;
    } cases[] = {
        {"exit 3", "exit status 3"},
        {"cat > /dev/null", "gnuplot failed"},
        {"echo '<svg><g></svg>'", "no plain SVG"},
        {"echo 'hello'", "no plain SVG"},
        {"kill -9 $$", "gnuplot failed"},
    };
    char path[8192];
    fixture f;
    fixture_new(&f, "y<b>", "linear");
    az_report report = report_of(&f);
    assert_int_equal(mkdir("false", 0700), 0);
    snprintf(path, sizeof path, "%s/false:%s", folder, search_path);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FILE *file = fopen("false/gnuplot", "w");
        assert_non_null(file);
        fprintf(file, "#!/bin/sh\n%s\n", cases[i].script);
        fclose(file);
        assert_int_equal(chmod("false/gnuplot", 0700), 0);
        assert_int_equal(setenv("PATH", path, 1), 0);
        char *page = written(&report, NULL);
        assert_int_equal(setenv("PATH", search_path, 1), 0);
        assert_non_null(strstr(page, "This picture is missing"));
        if (!strstr(page, cases[i].said)) fail_msg("%s: not said: %s", cases[i].script, cases[i].said);
        free(page);
    }
    remove("false/gnuplot");
    rmdir("false");
    fixture_free(&f);
}

/* A program called gnuplot that keeps what it is given; the caller restores the search path. */
static void keep_scripts(void)
{
    char path[8192];
    assert_int_equal(mkdir("false", 0700), 0);
    FILE *file = fopen("false/gnuplot", "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\ncat >> %s/false/scripts\n", folder);
    fclose(file);
    assert_int_equal(chmod("false/gnuplot", 0700), 0);
    snprintf(path, sizeof path, "%s/false:%s", folder, search_path);
    assert_int_equal(setenv("PATH", path, 1), 0);
}

/* The band around a straight line is t s sqrt(1/n + (x - mean)^2 / Sxx): Draper and Smith (1998), section 3.1. */
static void band_of_a_line_is_the_formula(void **state)
{
    (void)state;
    enum { N = 12 };
    const double t_10 = 2.228138851986274; /* of Student's distribution, 10 degrees of freedom, 97.5 % */
    double x[N], y[N], mean_x = 0, mean_y = 0, sxx = 0, sxy = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        x[i] = 100 + i + scatter(i);
        y[i] = 3 - 0.5 * x[i] + scatter(5 * i);
        mean_x += x[i] / N;
        mean_y += y[i] / N;
    }
    for (int i = 0; i < N; i++) {
        sxx += (x[i] - mean_x) * (x[i] - mean_x);
        sxy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    double slope = sxy / sxx;
    for (int i = 0; i < N; i++) squares += pow(y[i] - mean_y - slope * (x[i] - mean_x), 2);
    double deviation = sqrt(squares / (N - 2));

    az_table *table;
    az_problem *problem;
    az_model *model;
    assert_int_equal(az_table_new(&table, N), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "x", "m", x, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    assert_int_equal(az_problem_new(&problem, table, &(az_roles){.target = "y"}, false, NULL), AZ_OK);
    const az_model_class *linear = az_model_class_find("linear");
    assert_int_equal(az_model_fit(&model, linear, NULL, NULL, problem, NULL, 0, NULL), AZ_OK);
    const az_report report = {.table = table, .problem = problem, .model = model};
    keep_scripts();
    free(written(&report, NULL));
    assert_int_equal(setenv("PATH", search_path, 1), 0);

    char *script = read_page("false/scripts"), *at = strstr(script, "$band << END\n");
    assert_non_null(at);
    int n = 0;
    for (at = strchr(at, '\n') + 1; *at != 'E'; n++) {
        double where = strtod(at, &at), lower = strtod(at, &at), upper = strtod(at, &at);
        double middle = mean_y + slope * (where - mean_x);
        double half = t_10 * deviation * sqrt(1.0 / N + (where - mean_x) * (where - mean_x) / sxx);
        assert_true(fabs(lower - (middle - half)) < 1e-9 && fabs(upper - (middle + half)) < 1e-9);
        at++;
    }
    assert_int_equal(n, 200);
    free(script);
    remove("false/scripts");
    remove("false/gnuplot");
    rmdir("false");
    az_model_free(model);
    az_problem_free(problem);
    az_table_free(table);
}

static void unwritable_paths_leave_nothing(void **state)
{
    (void)state;
    static const char *const paths[] = {"no/such/folder/report.html", "taken/report.html", ".", ""};
    fixture f;
    fixture_new(&f, "y<b>", "linear");
    az_report report = report_of(&f);
    FILE *file = fopen("taken", "w"); /* a file where a folder should be */
    assert_non_null(file);
    fclose(file);
    int before = n_files();
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(az_report_write(&report, paths[i], NULL), AZ_ERROR_CANNOT_WRITE);
        assert_true(strlen(az_error_message()) > 10);
        assert_int_equal(n_files(), before);
    }
    remove("taken");
    fixture_free(&f);
}

static bool always(void *user)
{
    (void)user;
    return true;
}

static void interrupt_leaves_nothing(void **state)
{
    (void)state;
    az_control control = {.interrupted = always};
    fixture f;
    fixture_new(&f, "y<b>", "linear");
    az_report report = report_of(&f);
    assert_int_equal(az_report_write(&report, "report.html", &control), AZ_INTERRUPTED);
    assert_int_equal(n_files(), 0);
    fixture_free(&f);
}

/* One constant of gnuplot: a quote in front, one behind, none between, all in one line. */
static void gnuplot_sees_one_constant(void **state)
{
    (void)state;
    for (int label = 0; label < 2; label++) {
        for (int j = 0; j < N_HOSTILE; j++) {
            az_text script = {0};
            az_plot_quote(&script, hostile[j].name, label);
            assert_int_equal(az_text_status(&script), AZ_OK);
            const char *text = script.data;
            size_t end = script.length - 1;
            assert_true(text[0] == '\'' && text[end] == '\'' && end > 0);
            for (size_t i = 1; i < end; i++) {
                assert_true((unsigned char)text[i] >= 0x20);
                assert_true(text[i] != '\'');
                if (label && text[i] == '%') assert_true(text[++i] == '%');
            }
            az_text_free(&script);
        }
    }
}

static void pictures_lose_what_does_not_draw(void **state)
{
    (void)state;
    static const struct {
        const char *source, *clean; /* NULL: refused */
    } cases[] = {
        {"<?xml version=\"1.0\"?><svg viewBox=\"0 0 1 1\" onload=\"x()\"><script>x()</script><g id=\"a\"/></svg>",
         "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 1 1\"><g id=\"p1-a\"/></svg>\n"},
        {"<svg><use xlink:href=\"#a\"/><use href=\"http://x/y#a\"/><image href=\"x\"/></svg>",
         "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"><use href=\"#p1-a\"/><use/><image/></svg>\n"},
        {"<svg><image x='1' xlink:href='data:image/png;base64,iVBO+/=='/><image href='data:image/png;base64,i&quot;'/>"
         "<image href='data:image/svg+xml;base64,iVBO'/></svg>",
         "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"><image x=\"1\" "
         "href=\"data:image/png;base64,iVBO+/==\"/><image/><image/></svg>\n"},
        {"<svg><text onclick='x'>a &lt; b<!-- c --></text>outside</svg>",
         "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"><text>a &lt; b</text></svg>\n"},
        {"<svg><rect fill=\"url(http://x)\" x='1'/></svg>",
         "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"><rect x=\"1\"/></svg>\n"},
        {"<svg><g></svg></g>", NULL},
        {"<svg><text>a & b</text></svg>", NULL},
        {"<svg><g x=1/></svg>", NULL},
        {"<svg><g x=\"<\"/></svg>", NULL},
        {"<svg></svg><svg></svg>", NULL},
        {"<svg><foreignObject><svg></svg></svg>", NULL},
        {"<g></g>", NULL},
        {"<svg>", NULL},
        {"<svg", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        az_text svg = {0};
        az_status status = az_svg_clean(cases[i].source, strlen(cases[i].source), "p1-", &svg);
        assert_int_equal(status, cases[i].clean ? AZ_OK : AZ_ERROR_UNAVAILABLE);
        if (cases[i].clean) assert_string_equal(svg.data, cases[i].clean);
        az_text_free(&svg);
    }
}

static void numbers_read_well(void **state)
{
    (void)state;
    static const struct {
        double value;
        int n_significant;
        const char *text;
    } cases[] = {
        {1003.4, 3, "1,003"},  {999.6, 3, "1,000"}, {45912.3, 4, "45,912"}, {-2233092.4, 6, "-2,233,092"},
        {4758.75, 6, "4,758.75"}, {-0.5, 3, "-0.5"}, {1.5e-141, 2, "1.5e-141"}, {2e12, 3, "2e+12"},
        {NAN, 3, "\xE2\x80\x93"}, {0, 3, "0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        az_text html = {0};
        az_html_number(&html, cases[i].value, cases[i].n_significant);
        assert_string_equal(html.data, cases[i].text);
        az_text_free(&html);
    }
    static const struct {
        double value, error;
        const char *text;
    } errors[] = {
        {0.64372, 0.00612, "0.6437 \xC2\xB1 0.0061"}, {233.4, 31.2, "233 \xC2\xB1 31"},
        {68849, 594, "68,850 \xC2\xB1 590"},          {1, 0.0996, "1.00 \xC2\xB1 0.10"},
        {-0.004, 0.77, "0.00 \xC2\xB1 0.77"},         {5, NAN, "5"},
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        az_text html = {0};
        az_html_with_error(&html, errors[i].value, errors[i].error);
        assert_string_equal(html.data, errors[i].text);
        az_text_free(&html);
    }
}

/* Whatever the range: two to nine labels within it, each the number at its place over the power in the axis label. */
static void axes_have_few_true_labels(void **state)
{
    (void)state;
    static const double ranges[][2] = {{0, 1},           {-832000, 714000}, {1959, 2025},    {-0.02, 1.02},
                                       {1e-9, 7e-9},     {-3e12, 2e8},      {999.9, 1000.1}, {-47, -46.2},
                                       {0.001, 0.0014},  {0, 1e200},        {9999, 10001},   {-1e-5, 1e5},
                                       {123456, 123457.5}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        double lower = ranges[i][0], upper = ranges[i][1];
        az_text script = {0};
        az_plot_axis(&script, 'x', lower, upper, "q", "m");
        assert_int_equal(az_text_status(&script), AZ_OK);
        const char *at = strstr(script.data, "set xtics (");
        assert_non_null(at);
        int n = 0;
        double factor = 0;
        for (at += strlen("set xtics ("); *at == '\''; n++) {
            char *end;
            double label = strtod(at + 1, &end);
            assert_int_equal(*end, '\'');
            assert_true(end - at <= 9);
            double place = strtod(end + 1, &end);
            assert_true(place >= lower - 1e-9 * (upper - lower) && place <= upper + 1e-9 * (upper - lower));
            if (label != 0) {
                if (factor == 0) factor = pow(10, round(log10(place / label)));
                assert_true(fabs(label * factor - place) <= 1e-6 * (upper - lower));
            }
            at = end + 2 * (*end == ',');
        }
        if (n < 2 || n > 9) fail_msg("%d labels from %g to %g", n, lower, upper);
        assert_true((factor == 1) == (strstr(script.data, "'q [m]'") != NULL));
        az_text_free(&script);
    }
}

static int enter(void **state)
{
    (void)state;
    const char *path = getenv("PATH");
    search_path = strdup(path ? path : "");
    return !search_path || !mkdtemp(folder) || chdir(folder);
}

static int leave(void **state)
{
    (void)state;
    free(search_path);
    return chdir("/") || rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_only_text),
        cmocka_unit_test(classes_are_only_text),
        cmocka_unit_test(comparison_shows_the_best),
        cmocka_unit_test(without_gnuplot),
        cmocka_unit_test(with_a_false_gnuplot),
        cmocka_unit_test(band_of_a_line_is_the_formula),
        cmocka_unit_test(unwritable_paths_leave_nothing),
        cmocka_unit_test(interrupt_leaves_nothing),
        cmocka_unit_test(gnuplot_sees_one_constant),
        cmocka_unit_test(pictures_lose_what_does_not_draw),
        cmocka_unit_test(numbers_read_well),
        cmocka_unit_test(axes_have_few_true_labels),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
