/* SPDX-License-Identifier: BSD-3-Clause */
/* Text to tree and back: random trees, parentheses, where the caret stands, limits. */
#include "base/random.h"
#include "fail_allocation.h"
#include "formula/formula.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define N(array) ((int)(sizeof(array) / sizeof *(array)))

static char *printed(const az_formula *formula)
{
    az_text text = {0};
    assert_int_equal(az_formula_print(formula, &text), AZ_OK);
    return text.data;
}

static void test_as_printed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *printed;
    } cases[] = {
        {"y=A*exp(-t/tau)*cos(w*t+phi)+c", "y = A*exp(-t/tau)*cos(w*t + phi) + c"},
        {"u_t + u*u_x = nu*u_xx", "u_t + u*u_x = nu*u_xx"},
        {"((a+b))*(c)", "(a + b)*c"},
        {"a-(b+c)", "a - (b + c)"},
        {"(a-b)+c", "a - b + c"},
        {"a/(b*c)", "a/(b*c)"},
        {"(a/b)*c", "a/b*c"},
        {"(-a)^2 + -(a^2)", "(-a)^2 + -a^2"},
        {"a**b", "a^b"},
        {"(a^b)^c^d", "(a^b)^c^d"},
        {"2^(-x)", "2^-x"},
        {"(not (a)) and (b or c)", "not a and (b or c)"},
        {"not (a and b)", "not (a and b)"},
        {"(not a) == b", "(not a) == b"},
        {"(a<b)==(c<d)", "(a < b) == (c < d)"},
        {"min( 1.50 ,2e-9,1e+20, .5)", "min(1.5, 2e-09, 1e+20, 0.5)"},
        {"ocean!='INLAND'", "ocean != \"INLAND\""},
        {"place == \"the \"\"x\"\"\"", "place == \"the \"\"x\"\"\""},
        {"`median income`/`plain`", "`median income`/plain"},
        {"`and` + `a``b` + `2x` + `pi`", "`and` + `a``b` + `2x` + pi"},
        {"größe*Δt", "größe*Δt"},
        {"const.c^2*petal.width", "const.c^2*petal.width"},
        {"a\n\t+\xc2\xa0"
         "b",
         "a + b"},
        {"y = A*x + b, A=1, b = -2.50 [-3, inf], x[0,1]", "y = A*x + b, A=1, b=-2.5[-3,inf], x[0,1]"},
    };
    for (int i = 0; i < N(cases); i++) {
        az_formula *formula = NULL;
        if (az_formula_parse(&formula, cases[i].text)) fail_msg("%s: %s", cases[i].text, az_error_message());
        char *text = printed(formula);
        assert_string_equal(text, cases[i].printed);
        az_free(text);
        az_formula_free(formula);
    }
}

/* ---- random trees ---- */

static az_stream stream;
static uint64_t n_drawn;

static int draw(int n)
{
    return (int)az_random_below(stream, n_drawn++, 0, (uint64_t)n);
}

/* All names and texts that a random tree may have; the tree borrows them. */
static char *const words[] = {
    "x",   "tau", "u_xx", "const.c", "median income", "and", "a`b", "größe",       "2x",    "e",
    "x.1", "≤",   "-",    "INLAND",  "the \"x\"",     "",    "`",   "ocean\tview", "log10",
};
enum { N_WORDS = N(words), N_PLAIN = 4, N_NAMES = 13 };
static bool is_name[N_WORDS];

static double random_number(void)
{
    uint32_t bits[4];
    uint64_t word;
    double value;
    switch (draw(4)) {
    case 0: return draw(100);
    case 1: return draw(100) / 8.0;
    case 2: return 0.1 * draw(1000);
    default: break;
    }
    do {
        az_random_bits(stream, n_drawn++, 1, bits);
        word = ((uint64_t)bits[0] << 32 | bits[1]) & (UINT64_MAX >> 1);
        memcpy(&value, &word, sizeof value);
    } while (!isfinite(value));
    return value;
}

static void add_node(az_formula *tree, az_formula_node node)
{
    if (tree->n_nodes == tree->nodes_capacity) {
        tree->nodes_capacity = tree->nodes_capacity ? 2 * tree->nodes_capacity : 64;
        tree->nodes = az_realloc_array(tree->nodes, tree->nodes_capacity, sizeof *tree->nodes);
        assert_non_null(tree->nodes);
    }
    tree->nodes[tree->n_nodes++] = node;
}

/* plain: without quotes of any kind. */
static void grow(az_formula *tree, int depth, int n_operations, bool plain)
{
    int32_t first = tree->n_nodes;
    if (depth == 0 || draw(4) == 0) {
        int kind = draw(plain ? 4 : 5);
        if (kind < 2)
            add_node(tree, (az_formula_node){.kind = AZ_FORMULA_NUMBER, .n_nodes = 1, .number = random_number()});
        else if (kind < 4)
            add_node(tree, (az_formula_node){
                               .kind = AZ_FORMULA_NAME, .n_nodes = 1, .string = draw(plain ? N_PLAIN : N_NAMES)});
        else
            add_node(tree, (az_formula_node){
                               .kind = AZ_FORMULA_TEXT, .n_nodes = 1, .string = N_NAMES + draw(N_WORDS - N_NAMES)});
        return;
    }
    const az_formula_operation *operation = &az_formula_operations[1 + draw(n_operations - 1)];
    /* Operators more often than the many functions. */
    if (operation->binding == 0 && draw(4) > 0) operation = &az_formula_operations[1 + draw(15)];
    int n = operation->min_arguments;
    if (n < operation->max_arguments) n += draw(3);
    for (int k = 0; k < n; k++) grow(tree, depth - 1, n_operations, plain);
    add_node(tree, (az_formula_node){.kind = AZ_FORMULA_APPLY,
                                     .n_nodes = tree->n_nodes - first + 1,
                                     .n_arguments = n,
                                     .operation = operation});
}

/* Whether the text without the pair of parentheses at `open` is the same tree; quotes hold none here. */
static bool is_superfluous(const az_formula *tree, const char *text, size_t open)
{
    size_t close = open;
    for (int depth = 0; close == open || depth > 0; close++)
        depth += text[close] == '(' ? 1 : text[close] == ')' ? -1 : 0;
    char *without = az_strdup(text);
    assert_non_null(without);
    without[open] = without[close - 1] = ' ';
    az_formula *other = NULL;
    bool same = !az_formula_parse(&other, without) && az_formula_equal(tree, other);
    az_formula_free(other);
    az_free(without);
    return same;
}

static void test_random_trees(void **state)
{
    (void)state;
    int n_operations = 0, n_parentheses = 0;
    while (az_formula_operations[n_operations].name) n_operations++;
    stream = az_stream_new(7, "trees");
    for (int i = 0; i < N_WORDS; i++) is_name[i] = i < N_NAMES;
    for (int t = 0; t < 20000; t++) {
        az_formula tree = {.strings = (char **)(uintptr_t)words, .is_name = is_name, .n_strings = N_WORDS};
        grow(&tree, 1 + t % 7, n_operations, t % 2);
        char *text = printed(&tree);
        az_formula *again = NULL;
        if (az_formula_parse(&again, text)) fail_msg("%s: %s", text, az_error_message());
        if (!az_formula_equal(&tree, again)) fail_msg("another tree: %s", text);
        /* No pair of parentheses that is not a function's could be left out. */
        for (size_t i = 0; t % 2 && text[i]; i++) {
            if (text[i] != '(' || (i > 0 && strchr("abcdefghijklmnopqrstuvwxyz0123456789", text[i - 1]))) continue;
            if (is_superfluous(&tree, text, i)) fail_msg("more parentheses than needed at %zu: %s", i, text);
            n_parentheses++;
        }
        az_formula_free(again);
        az_free(text);
        az_free(tree.nodes);
    }
    assert_true(n_parentheses > 1000);
}

/* ---- errors ---- */

static void test_carets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int caret; /* column, from 0 */
        const char *says;
    } cases[] = {
        {"a +", 3, "after \"+\" a number, a name or \"(\" is missing"},
        {"a * / b", 4, "after \"*\""},
        {"*a", 0, "begins with"},
        {")", 0, "begins with"},
        {"(a", 0, "never closed"},
        {"log(a", 3, "never closed"},
        {"a + b)", 5, "closes nothing"},
        {"a b", 2, "an operator is missing before \"b\""},
        {"2x", 1, "2*x"},
        {"2(x)", 1, "an operator is missing"},
        {"x(2)", 0, "x*(...)"},
        {"sqroot(x)", 0, "did you mean \"sqrt\"?"},
        {"a + sqrt()", 4, "sqrt takes 1 argument, not 0"},
        {"atan2(a)", 0, "atan2 takes 2 arguments, not 1"},
        {"min(a)", 0, "2 to 64 arguments"},
        {"where(a, b)", 0, "where(condition, x, y)"},
        {"0 < x < 1", 6, "0 < x and x < 1"},
        {"a = b = c", 6, "\"==\" compares"},
        {"(a = b)", 3, "\"==\" compares"},
        {"time >= 2010-01-01", 13, "dates stand in quotes"},
        {"a == not b", 5, "parentheses"},
        {"a not b", 2, "whole condition"},
        {"a and", 5, "after \"and\""},
        {"a && b", 2, "write and"},
        {"!a", 0, "write not"},
        {"a % b", 2, "mod"},
        {"a ≤ b", 2, "write <="},
        {"größe × 2", 6, "write *"},
        {"x²", 1, "write ^2"},
        {"日本 + ", 7, "after \"+\""}, /* wide characters take two columns */
        {"a\t+\t", 4, "after \"+\""},
        {"\"abc", 0, "never closed"},
        {"a + `b", 4, "never closed"},
        {"a + ``", 4, "no name"},
        {"a; b", 1, "semicolon"},
        {"a ? b", 2, "no formula has this character"},
        {"a $ \x01", 2, "no formula has this character"},
        {"1e999", 0, "double precision"},
        {"a + \xff", 4, "UTF-8"},
        {"2,5", 2, "decimals have a point"},
        {"y = tau, tua=3", 9, "did you mean \"tau\"?"},
        {"y = tau, tau", 12, "tau=2[0,10]"},
        {"y = tau, tau=a", 13, "a number is missing"},
        {"y = tau, tau=2[3,1]", 14, "not below"},
        {"y = tau, tau=2[3,4]", 14, "not within"},
        {"y = tau, tau=inf", 13, "finite"},
        {"y = tau, tau=1, tau=2", 16, "given twice"},
        {"tau[0,1] + 2", 3, "bounds belong to a parameter"},
    };
    for (int i = 0; i < N(cases); i++) {
        az_formula *formula = NULL;
        az_status status = az_formula_parse(&formula, cases[i].text);
        const char *message = az_error_message(), *first = strchr(message, '\n'), *last = strrchr(message, '\n');
        if (status != AZ_ERROR_USAGE || formula || !strstr(message, cases[i].says) || !first || first == last ||
            strcspn(last + 1, "^") != (size_t)cases[i].caret + 4)
            fail_msg("%s: status %d: %s", cases[i].text, status, message);
    }
    az_formula *formula = NULL;
    assert_int_equal(az_formula_parse(&formula, "  "), AZ_ERROR_USAGE);
}

/* Of a long formula only the surroundings are shown. */
static void test_long_formula(void **state)
{
    (void)state;
    az_text text = {0};
    az_formula *formula = NULL;
    for (int i = 0; i < 5000; i++) az_text_printf(&text, "%sä%d", i ? " + " : "", i);
    assert_int_equal(az_text_status(&text), AZ_OK);
    assert_int_equal(az_formula_parse(&formula, text.data), AZ_OK);
    assert_int_equal(formula->n_nodes, 9999);
    char *again = printed(formula);
    assert_string_equal(again, text.data);
    az_free(again);
    az_formula_free(formula);
    memcpy(strstr(text.data, " + ä2500 ") + 1, "=", 1);
    memcpy(strstr(text.data, " + ä3000 ") + 1, "=", 1);
    assert_int_equal(az_formula_parse(&formula, text.data), AZ_ERROR_USAGE);
    const char *last = strrchr(az_error_message(), '\n');
    assert_true(strlen(az_error_message()) < 400 && strcspn(last, "^") < 80);
    assert_non_null(strstr(az_error_message(), "ä2999 = ä3000"));
    az_text_free(&text);
}

static void test_depth(void **state)
{
    (void)state;
    enum { N_LEVELS = AZ_FORMULA_DEPTH - 1 };
    static const char *const kinds[] = {"(", "-", "abs(", "2^", "not ", "min(1, "};
    for (int i = 0; i < N(kinds); i++) {
        for (int more = 0; more < 2; more++) {
            az_text text = {0};
            az_formula *formula = NULL;
            bool closed = strchr(kinds[i], '(') != NULL;
            for (int k = 0; k < N_LEVELS + more; k++) az_text_append(&text, kinds[i]);
            az_text_append(&text, "x");
            for (int k = 0; closed && k < N_LEVELS + more; k++) az_text_append(&text, ")");
            assert_int_equal(az_formula_parse(&formula, text.data), more ? AZ_ERROR_USAGE : AZ_OK);
            if (more) assert_non_null(strstr(az_error_message(), "within each other"));
            az_formula_free(formula);
            az_text_free(&text);
        }
    }
    char *text = az_alloc(AZ_FORMULA_LENGTH + 2);
    az_formula *formula = NULL;
    assert_non_null(text);
    memset(text, 'a', AZ_FORMULA_LENGTH + 1);
    text[AZ_FORMULA_LENGTH + 1] = 0;
    assert_int_equal(az_formula_parse(&formula, text), AZ_ERROR_USAGE);
    memset(text, '(', AZ_FORMULA_LENGTH);
    text[AZ_FORMULA_LENGTH] = 0;
    assert_int_equal(az_formula_parse(&formula, text), AZ_ERROR_USAGE);
    az_free(text);
}

/* ---- questions ---- */

static bool is_column(void *user, const char *name)
{
    return strcmp(name, user) == 0 || strcmp(name, "y") == 0;
}

static void test_names_and_sides(void **state)
{
    (void)state;
    az_formula *formula = NULL;
    const char **names = NULL;
    int64_t n = 0;
    int32_t left, right;
    assert_int_equal(az_formula_parse(&formula, "y = A*exp(-t/tau)*cos(w*t + phi) + A*pi*const.c, tau=2[0,10]"), AZ_OK);
    assert_int_equal(az_formula_names(formula, is_column, (void *)(uintptr_t) "t", &names, &n), AZ_OK);
    assert_int_equal(n, 4);
    assert_string_equal(names[0], "A");
    assert_string_equal(names[1], "tau");
    assert_string_equal(names[2], "w");
    assert_string_equal(names[3], "phi");
    az_free(names);
    az_formula_sides(formula, &left, &right);
    assert_string_equal(az_formula_name(formula, left), "y");
    assert_null(az_formula_name(formula, right));
    assert_true(az_formula_mentions(formula, right, "phi") && !az_formula_mentions(formula, right, "y"));
    assert_int_equal(formula->n_parameters, 1);
    assert_string_equal(formula->strings[formula->parameters[0].name], "tau");
    assert_true(formula->parameters[0].start == 2 && formula->parameters[0].lower == 0 &&
                formula->parameters[0].upper == 10);
    az_formula_free(formula);
    assert_int_equal(az_formula_parse(&formula, "a == b"), AZ_OK);
    az_formula_sides(formula, &left, &right);
    assert_int_equal(left, -1);
    assert_int_equal(right, 2);
    az_formula_free(formula);
}

static void test_split(void **state)
{
    (void)state;
    char **pieces = NULL;
    int64_t n = 0;
    assert_int_equal(
        az_formula_split(" a = 1;; b = x == \"p;q\" ; `c;d` = 2 ; e = 'it''s;' ; don't = 3; ", &pieces, &n), AZ_OK);
    assert_int_equal(n, 5);
    assert_string_equal(pieces[0], "a = 1");
    assert_string_equal(pieces[1], "b = x == \"p;q\"");
    assert_string_equal(pieces[2], "`c;d` = 2");
    assert_string_equal(pieces[3], "e = 'it''s;'");
    assert_string_equal(pieces[4], "don't = 3");
    az_free(pieces);
}

static az_status parse_and_print(void *context)
{
    az_formula *formula = NULL;
    az_text text = {0};
    const char **names = NULL;
    int64_t n;
    az_status status;
    AZ_GOTO(az_formula_parse(&formula, context));
    AZ_GOTO(az_formula_names(formula, NULL, NULL, &names, &n));
    AZ_GOTO(az_formula_print(formula, &text));
done:
    az_free(names);
    az_text_free(&text);
    az_formula_free(formula);
    return status;
}

static void test_no_memory(void **state)
{
    (void)state;
    char text[] = "y = a*b*c*d*e1*f*g*h*i*j*k*l*m*n*o*p*q*r + `x y` + where(z == 'text', 1, 2), a=1[0,2]";
    assert_true(fail_each_allocation(parse_and_print, text) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_printed), cmocka_unit_test(test_random_trees),
        cmocka_unit_test(test_carets),     cmocka_unit_test(test_long_formula),
        cmocka_unit_test(test_depth),      cmocka_unit_test(test_names_and_sides),
        cmocka_unit_test(test_split),      cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
