/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of ops in docs/engine.md is that of the descriptors.  "ops_test_list --update" writes it there. */
#include "contract.h"

static const char begin[] = "<!-- ops -->\n", end[] = "<!-- /ops -->\n";

/* A bar would end the cell of a table. */
static void print_cell(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|') fputc('\\', out);
        fputc(*text, out);
    }
}

static char *list_of_ops(void)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    fprintf(out, "| op | equation | |\n| --- | --- | --- |\n");
    for (const az_op *const *const *family = az_op_families; *family; family++)
        for (const az_op *const *at = *family; *at; at++) {
            const az_op *op = *at;
            const char *separator = "";
            const struct {
                bool holds;
                const char *word;
            } words[] = {{op->flags & AZ_OP_ELEMENTWISE, "elementwise"},
                         {op->flags & AZ_OP_VIEW, "view"},
                         {op->flags & AZ_OP_COMMUTATIVE, "commutative"},
                         {op->flags & AZ_OP_LINEAR, "linear"},
                         {op->flags & AZ_OP_KINK, "kink"},
                         {op->flags & AZ_OP_RANDOM, "random"},
                         {!op->reverse && !(op->flags & AZ_OP_RANDOM), "no derivative"},
                         {op->jet || op->flags & AZ_OP_LINEAR, "Taylor"}};
            fprintf(out, "| `%s` | ", op->name);
            print_cell(out, op->equation);
            fprintf(out, " | ");
            for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
                if (!words[i].holds) continue;
                fprintf(out, "%s%s", separator, words[i].word);
                separator = ", ";
            }
            fprintf(out, " |\n");
        }
    fclose(out);
    return text;
}

static char *read_page(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *page = calloc(1, 1 << 20);
    const size_t n = fread(page, 1, (1 << 20) - 1, file);
    fclose(file);
    assert_true(n > 0);
    return page;
}

static bool update;

static void test_list_is_that_of_the_descriptors(void **state)
{
    char path[512];
    (void)state;
    snprintf(path, sizeof path, "%s/docs/engine.md", AZ_SOURCE_DIR);
    char *page = read_page(path), *list = list_of_ops();
    char *from = strstr(page, begin), *to = strstr(page, end);
    assert_true(from && to && from < to);
    from += strlen(begin);
    const bool same = (size_t)(to - from) == strlen(list) && memcmp(from, list, strlen(list)) == 0;
    if (update && !same) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fwrite(page, 1, (size_t)(from - page), file);
        fputs(list, file);
        fputs(to, file);
        fclose(file);
    } else if (!same) {
        fail_msg("the list of ops in docs/engine.md is not that of the descriptors: run ops_test_list --update");
    }
    free(page);
    free(list);
}

int main(int n, char **arguments)
{
    update = n > 1 && strcmp(arguments[1], "--update") == 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_list_is_that_of_the_descriptors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
