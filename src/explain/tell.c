/* SPDX-License-Identifier: BSD-3-Clause */
/* A tree in words: thresholds in the columns' own units, categories by their names. */
#include "explain/explain.h"

#include "base/number.h"
#include "base/text.h"
#include "data/metrics.h"
#include "models/tree/nodes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_LEVELS_NAMED = 4 };

typedef struct teller {
    az_told_tree *told;
    const az_model *model;
    az_tree_view view;
    const az_tree *tree;
    int64_t number;
    double *value;  /* (n_nodes, n_outputs of a tree) mean of the leaves below */
    double largest; /* of all leaves */
} teller;

static az_status keep(teller *t, az_text *text, char **to)
{
    az_status status = az_text_status(text);
    *to = status ? NULL : az_arena_strndup(&t->told->strings, text->data ? text->data : "", text->length);
    az_text_free(text);
    if (status) return status;
    return *to ? AZ_OK : AZ_ERROR_MEMORY;
}

static void append_short(az_text *text, double value)
{
    char number[64];
    snprintf(number, sizeof number, "%.6g", value);
    az_text_append(text, number);
}

/* The input that a feature is made of; NULL: of several. */
static const az_raw_input *input_of(const az_design *design, int32_t feature)
{
    for (int64_t k = 0; k < design->n_inputs && !design->powers; k++)
        if (feature >= design->inputs[k].first_base &&
            feature < design->inputs[k].first_base + design->inputs[k].n_base)
            return &design->inputs[k];
    return NULL;
}

static bool in_set(const az_tree *tree, const az_tree_node *node, int32_t level)
{
    return az_node_side(tree, node, level) == 0;
}

/* "colour is red or blue": the levels of one side, or those of the other with "not" where they are fewer. */
static void append_levels(az_text *text, const az_tree *tree, const az_tree_node *node, const az_raw_input *input,
                          bool right)
{
    int32_t n_left = 0;
    for (int32_t k = 0; k < input->n_levels; k++) n_left += in_set(tree, node, k);
    const bool names_left = n_left <= input->n_levels - n_left;
    const int32_t n = names_left ? n_left : input->n_levels - n_left;
    az_text_append(text, names_left == right ? " is not " : " is ");
    int32_t n_named = 0;
    for (int32_t k = 0; k < input->n_levels && n_named < MOST_LEVELS_NAMED; k++) {
        if (in_set(tree, node, k) != names_left) continue;
        az_text_append(text, n_named == 0 ? "" : n_named + 1 == n ? " or " : ", ");
        az_text_append(text, input->levels[k]);
        n_named++;
    }
    if (n > n_named) az_text_printf(text, " or %d more", (int)(n - n_named));
}

/* What sends a row of the node to the left, or to the right. */
static void append_rule(az_text *text, const teller *t, const az_tree_node *node, bool right)
{
    const az_design *design = t->model->design;
    const az_feature *feature = &design->features[node->feature];
    const az_raw_input *input = input_of(design, node->feature);
    az_text_append(text, feature->name);
    if (node->flags & AZ_NODE_CATEGORICAL && input && input->type == AZ_CATEGORICAL) {
        append_levels(text, t->tree, node, input, right);
        return;
    }
    az_text_append(text, right ? " > " : " <= ");
    const double threshold = feature->center + feature->scale * node->threshold;
    if (input && input->type == AZ_TIME && input->period == 0) {
        char time[AZ_TIME_MAX];
        az_time_print(time, &input->time, threshold);
        az_text_append(text, time);
        return;
    }
    append_short(text, threshold);
    if (input && input->unit && strcmp(feature->name, input->name) == 0) az_text_printf(text, " %s", input->unit);
}

/* A tree of a mean predicts by itself; one of a sum only adds. */
static bool is_mean(const az_tree_view *view)
{
    return !view->tree_scale && fabs(view->scale * (double)view->trees->n_trees - 1) < 1e-12;
}

static void append_value(az_text *text, const teller *t, int32_t node)
{
    const az_tree_view *view = &t->view;
    const int64_t n_outputs = view->trees->n_outputs;
    const double *value = t->value + node * n_outputs;
    const bool mean = is_mean(view);
    if (mean && t->model->task == AZ_CLASSIFICATION && !view->raw && n_outputs > 1) {
        int32_t best = az_argmax(value, n_outputs);
        az_text_append(text, t->model->classes[best]);
        az_text_append(text, " ");
        append_short(text, round(1000 * value[best]) / 10);
        az_text_append(text, " %");
        return;
    }
    for (int64_t k = 0; k < n_outputs; k++) {
        if (k) az_text_append(text, ", ");
        double scale = mean ? 1 : view->scale * (view->tree_scale ? view->tree_scale[t->number] : 1);
        append_short(text, scale * value[k] + (mean && view->offset ? view->offset[k] : 0));
    }
}

static void append_meaning(az_text *text, const teller *t)
{
    const az_model *model = t->model;
    const az_tree_view *view = &t->view;
    if (!is_mean(view)) az_text_append(text, "adds to ");
    if (view->raw) az_text_printf(text, "%s of ", view->raw);
    if (model->task == AZ_CLASSIFICATION && view->raw) {
        const int64_t output = view->n_outputs == 1 ? 1 : t->number % view->n_outputs;
        az_text_append(text, model->classes[output < model->n_classes ? output : 0]);
        return;
    }
    for (int64_t k = 0; k < model->n_targets; k++) {
        if (view->trees->n_outputs == 1 && view->n_outputs > 1 && t->number % view->n_outputs != k) continue;
        az_text_printf(text, "%s%s", text->length && k ? ", " : "", model->target_names[k]);
        if (model->target_units && model->target_units[k] && !view->raw)
            az_text_printf(text, " [%s]", model->target_units[k]);
    }
    if (model->pipeline.transform_target == AZ_TRANSFORM_LOG) az_text_append(text, " (logarithm)");
}

/* Means from the leaves up: children lie behind their parents. */
static void average(teller *t)
{
    const int64_t n_outputs = t->view.trees->n_outputs;
    for (int32_t i = t->tree->n_nodes - 1; i >= 0; i--) {
        const az_tree_node *node = &t->tree->nodes[i];
        for (int64_t k = 0; k < n_outputs; k++) {
            double *to = &t->value[i * n_outputs + k];
            if (node->flags & AZ_NODE_LEAF) {
                *to = az_leaf_value(t->view.trees, t->tree, i, k);
                t->largest = fmax(t->largest, fabs(*to));
                continue;
            }
            double left = t->tree->cover[node->left], right = t->tree->cover[node->left + 1];
            double part = left + right > 0 ? left / (left + right) : 0.5;
            const double *from = &t->value[node->left * n_outputs + k];
            *to = part * from[0] + (1 - part) * from[n_outputs];
            if (fabs(*to) < 1e-12 * t->largest) *to = 0; /* gradients sum to 0 at the root, but for rounding */
        }
    }
}

/* Counts of the whole tree. */
static az_status survey(teller *t)
{
    int32_t *level;
    AZ_TRY(AZ_NEW_ARRAY(level, t->tree->n_nodes));
    level[0] = 0;
    t->told->n_nodes = t->tree->n_nodes;
    for (int32_t i = 0; i < t->tree->n_nodes; i++) {
        const az_tree_node *node = &t->tree->nodes[i];
        if (level[i] > t->told->n_levels) t->told->n_levels = level[i];
        if (node->flags & AZ_NODE_LEAF)
            t->told->n_leaves++;
        else
            level[node->left] = level[node->left + 1] = level[i] + 1;
    }
    az_free(level);
    return AZ_OK;
}

static az_status tell_node(teller *t, int64_t at, int32_t number, int64_t parent, const az_tree_node *from, bool right)
{
    az_told_node *node = &t->told->nodes[at];
    az_text rule = {0}, split = {0}, value = {0};
    const bool leaf = t->tree->nodes[number].flags & AZ_NODE_LEAF;
    *node = (az_told_node){.parent = parent,
                           .children = -1,
                           .level = parent < 0 ? 0 : t->told->nodes[parent].level + 1,
                           .rows = t->tree->cover[number]};
    if (from) append_rule(&rule, t, from, right);
    if (!leaf) append_rule(&split, t, &t->tree->nodes[number], false);
    append_value(&value, t, number);
    az_status status = keep(t, &rule, &node->rule);
    if (!status) status = keep(t, &split, &node->split);
    if (!status) status = keep(t, &value, &node->value);
    az_text_free(&split);
    az_text_free(&value);
    return status;
}

/* Level by level, so that children stand side by side. */
static az_status tell_nodes(teller *t, int64_t most_levels, int32_t *number)
{
    az_told_tree *told = t->told;
    AZ_TRY(tell_node(t, 0, 0, -1, NULL, false));
    number[0] = 0;
    told->n = 1;
    for (int64_t i = 0; i < told->n; i++) {
        const az_tree_node *node = &t->tree->nodes[number[i]];
        if (node->flags & AZ_NODE_LEAF) continue;
        if (told->nodes[i].level >= most_levels) {
            told->nodes[i].cut = true;
            continue;
        }
        told->nodes[i].children = told->n;
        for (int32_t side = 0; side < 2; side++) {
            number[told->n] = node->left + side;
            AZ_TRY(tell_node(t, told->n, node->left + side, i, node, side));
            told->n++;
        }
    }
    return AZ_OK;
}

az_status az_tell_tree(az_told_tree *result, const az_model *model, int64_t tree, int64_t most_levels)
{
    az_told_tree told = {0};
    teller t = {.told = &told, .model = model, .number = tree};
    int32_t *number = NULL;
    az_text meaning = {0};
    char *text;
    az_status status;
    if (model->class->trees) model->class->trees(model->fitted, &t.view);
    if (!t.view.trees) return az_error(AZ_ERROR_USAGE, "%s has no trees to show", model->class->name);
    told.n_trees = t.view.trees->n_trees;
    if (tree < 0 || tree >= told.n_trees)
        return az_error(AZ_ERROR_USAGE, "there is no tree %lld: the model has %lld, from 0", (long long)tree,
                        (long long)told.n_trees);
    t.tree = &t.view.trees->trees[tree];
    AZ_GOTO(AZ_NEW_ARRAY(t.value, t.tree->n_nodes * t.view.trees->n_outputs));
    AZ_GOTO(AZ_NEW_ARRAY(number, t.tree->n_nodes));
    AZ_GOTO(AZ_NEW_ARRAY(told.nodes, t.tree->n_nodes));
    average(&t);
    AZ_GOTO(survey(&t));
    AZ_GOTO(tell_nodes(&t, most_levels, number));
    append_meaning(&meaning, &t);
    AZ_GOTO(keep(&t, &meaning, &text));
    told.meaning = text;
    *result = told;
    told = (az_told_tree){0};
done:
    az_told_tree_free(&told);
    az_free(t.value);
    az_free(number);
    return status;
}

void az_told_tree_free(az_told_tree *told)
{
    az_free(told->nodes);
    az_arena_free(&told->strings);
    *told = (az_told_tree){0};
}
