/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz show MODEL.az --tree K: one tree, as text or as a picture. */
#include "show.h"

#include "base/file.h"
#include "base/json_write.h"
#include "base/memory.h"
#include "explain/explain.h"
#include "report/tree_picture.h"

static void add_node(cli_grid *grid, const az_told_tree *told, int64_t at)
{
    const az_told_node *node = &told->nodes[at];
    char rows[CLI_NUMBER_MAX];
    cli_grid_add(grid, "%*s%s%s", 2 * node->level, "", node->level ? node->rule : "all rows", node->cut ? " ..." : "");
    cli_grid_add(grid, "%s", cli_number(rows, node->rows, 6));
    cli_grid_add(grid, "%s", node->value);
    for (int64_t side = 0; side < 2 && node->children >= 0; side++) add_node(grid, told, node->children + side);
}

static az_status print_told(const az_told_tree *told, int64_t tree)
{
    char leaves[CLI_NUMBER_MAX];
    cli_grid grid = {.align = "lrr"};
    printf("\nTree %lld of %lld, counted from 0: %s %s, %lld %s\n", (long long)tree, (long long)told->n_trees,
           cli_count(leaves, (double)told->n_leaves), cli_plural((double)told->n_leaves, "leaf", "leaves"),
           (long long)told->n_levels, cli_plural((double)told->n_levels, "level", "levels"));
    cli_grid_add(&grid, "%s", "");
    cli_grid_add(&grid, "rows");
    cli_grid_add(&grid, "%s", told->meaning);
    add_node(&grid, told, 0);
    AZ_TRY(cli_grid_print(&grid));
    if (told->n < told->n_nodes) printf("  ... is split further: --levels N shows more.\n");
    return AZ_OK;
}

static az_status json_told(const az_told_tree *told, int64_t tree)
{
    az_json json = {.pretty = true};
    az_json_begin_object(&json, NULL);
    az_json_int(&json, "schema", 1);
    az_json_int(&json, "tree", tree);
    az_json_int(&json, "trees", told->n_trees);
    az_json_int(&json, "leaves", told->n_leaves);
    az_json_int(&json, "levels", told->n_levels);
    az_json_string(&json, "value_of", told->meaning);
    az_json_begin_array(&json, "nodes");
    for (int64_t i = 0; i < told->n; i++) {
        const az_told_node *node = &told->nodes[i];
        az_json_begin_object(&json, NULL);
        az_json_int(&json, "parent", node->parent);
        az_json_string(&json, "rule", node->rule);
        az_json_string(&json, "split", node->split);
        az_json_number(&json, "rows", node->rows);
        az_json_string(&json, "value", node->value);
        az_json_bool(&json, "cut", node->cut);
        az_json_end_object(&json);
    }
    az_json_end_array(&json);
    az_json_end_object(&json);
    return cli_print_json(&json);
}

az_status cli_print_tree(const cli_call *call, const az_model *model, int64_t tree)
{
    az_told_tree told;
    AZ_TRY(az_tell_tree(&told, model, tree, call->options.levels));
    az_status status = call->options.json ? json_told(&told, tree) : print_told(&told, tree);
    az_told_tree_free(&told);
    return status;
}

az_status cli_draw_tree(const cli_call *call, const az_model *model)
{
    const char *path = call->options.output;
    const int64_t tree = call->options.tree < 0 ? 0 : call->options.tree;
    az_plot_format format = az_plot_format_of(path);
    char *gnuplot = NULL;
    az_told_tree told = {0};
    az_text bytes = {0};
    az_status status;
    if (format == AZ_PLOT_NONE) return az_error(AZ_ERROR_USAGE, "-o %s: a picture is an .svg, .png or .pdf file", path);
    AZ_TRY(cli_check_writable(path, "the picture"));
    AZ_GOTO(az_plot_find(&gnuplot));
    if (!gnuplot)
        AZ_GOTO(az_error(AZ_ERROR_UNAVAILABLE,
                         "pictures are drawn by gnuplot, which was not found in PATH (Debian: gnuplot-nox)"));
    AZ_GOTO(az_tell_tree(&told, model, tree, call->options.levels));
    AZ_GOTO(az_tree_draw(&told, tree, gnuplot, format, &bytes, &call->control));
    AZ_GOTO(cli_write_picture(path, &bytes));
done:
    az_told_tree_free(&told);
    az_text_free(&bytes);
    az_free(gnuplot);
    return status;
}
