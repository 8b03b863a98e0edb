/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees of other libraries become a model of class boosting. */
#include "models/tree/foreign.h"

#include "base/file.h"
#include "base/number.h"
#include "models/tree/boosting_options.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double az_float_threshold(float t)
{
    const float below = nextafterf(t, -INFINITY);
    uint32_t bits;
    memcpy(&bits, &below, sizeof bits);
    /* What lies in the middle between two floats rounds to the one whose last bit is 0. */
    const double middle = isinf(below) ? -(double)FLT_MAX - 0x1p103 : (double)below / 2 + (double)t / 2;
    return bits & 1 ? nextafter(middle, -INFINITY) : middle;
}

/* ---- what parsers fill ---- */

static az_status wrong(const az_foreign *foreign, const char *what)
{
    return az_error(AZ_ERROR_DATA, "the %s model is broken: %s", foreign->library, what);
}

az_status az_foreign_columns(az_foreign *foreign, int64_t n_columns)
{
    if (n_columns < 1 || n_columns > UINT16_MAX)
        return az_error(AZ_ERROR_DATA, "the %s model has %lld features; trees take 1 to 65,535", foreign->library,
                        (long long)n_columns);
    AZ_TRY(AZ_NEW_ARRAY(foreign->columns, n_columns));
    foreign->n_columns = n_columns;
    for (int64_t j = 0; j < n_columns; j++) {
        char name[32];
        const int length = snprintf(name, sizeof name, "f%lld", (long long)j);
        foreign->columns[j] = (az_foreign_column){.lower = -INFINITY, .upper = INFINITY};
        AZ_TRY(az_foreign_name(foreign, j, name, (size_t)length));
    }
    return AZ_OK;
}

az_status az_foreign_name(az_foreign *foreign, int64_t column, const char *name, size_t length)
{
    if (length == 0 || memchr(name, 0, length) || !az_is_valid_utf8(name, length))
        return wrong(foreign, "the name of a feature is no text");
    foreign->columns[column].name = az_arena_strndup(&foreign->strings, name, length);
    return foreign->columns[column].name ? AZ_OK : AZ_ERROR_MEMORY;
}

az_status az_foreign_trees(az_foreign *foreign, int64_t n_trees, int64_t n_scores)
{
    if (n_trees < 1 || n_trees > INT32_MAX) return wrong(foreign, "it has no trees");
    if (n_scores < 1 || n_scores > n_trees) return wrong(foreign, "it has fewer trees than outputs");
    AZ_TRY(AZ_NEW_ARRAY(foreign->trees, n_trees));
    foreign->n_trees = n_trees;
    for (int64_t t = 0; t < n_trees; t++) foreign->trees[t] = (az_foreign_tree){.score = t % n_scores};
    AZ_TRY(AZ_NEW_ARRAY(foreign->initial, n_scores));
    foreign->n_scores = n_scores;
    for (int64_t k = 0; k < n_scores; k++) foreign->initial[k] = 0;
    return AZ_OK;
}

az_status az_foreign_nodes(az_foreign_tree *tree, int64_t n_nodes, int64_t n_codes)
{
    AZ_TRY(AZ_NEW_ARRAY(tree->nodes, n_nodes));
    AZ_TRY(AZ_NEW_ARRAY(tree->codes, n_codes));
    memset(tree->nodes, 0, sizeof *tree->nodes * (size_t)n_nodes);
    memset(tree->codes, 0, sizeof *tree->codes * (size_t)n_codes);
    tree->n_nodes = n_nodes;
    tree->n_codes = n_codes;
    return AZ_OK;
}

void az_foreign_free(az_foreign *foreign)
{
    for (int64_t t = 0; t < foreign->n_trees; t++) {
        az_free(foreign->trees[t].nodes);
        az_free(foreign->trees[t].codes);
    }
    az_free(foreign->trees);
    az_free(foreign->columns);
    az_free(foreign->initial);
    az_arena_free(&foreign->strings);
}

/* ---- categories ---- */

/* The levels of each categorical column in the order of az_level_compare, and the place of each code among them. */
typedef struct levels {
    char ***sorted; /* (n_columns) NULL: a number */
    int32_t **place;
    int32_t *n;
    az_arena memory;
} levels;

static int compare_levels(const void *a, const void *b)
{
    return az_level_compare(*(char *const *)a, *(char *const *)b);
}

/* The file names no categories: as many codes as the trees speak of. */
static az_status count_codes(const az_foreign *foreign, int32_t *n)
{
    for (int64_t t = 0; t < foreign->n_trees; t++) {
        const az_foreign_tree *tree = &foreign->trees[t];
        for (int64_t i = 0; i < tree->n_nodes; i++) {
            const az_foreign_node *node = &tree->nodes[i];
            if (node->left < 0 || !node->categorical) continue;
            if (node->feature < 0 || node->feature >= foreign->n_columns)
                return wrong(foreign, "a split is on a feature that is not there");
            if (node->first_code < 0 || node->n_codes < 0 || node->first_code > tree->n_codes ||
                node->n_codes > tree->n_codes - node->first_code)
                return wrong(foreign, "the categories of a split are not there");
            for (int64_t c = 0; c < node->n_codes; c++) {
                const int32_t code = tree->codes[node->first_code + c];
                if (code < 0 || code >= UINT16_MAX)
                    return az_error(AZ_ERROR_DATA, "the %s model has more than 65,534 categories", foreign->library);
                if (code >= n[node->feature]) n[node->feature] = code + 1;
            }
        }
    }
    return AZ_OK;
}

static az_status order_levels(const az_foreign *foreign, const az_foreign_column *column, int64_t j, levels *all)
{
    const int32_t n = all->n[j];
    all->sorted[j] = az_arena_alloc(&all->memory, ((size_t)n + 1) * sizeof **all->sorted);
    all->place[j] = az_arena_alloc(&all->memory, ((size_t)n + 1) * sizeof **all->place);
    if (!all->sorted[j] || !all->place[j]) return AZ_ERROR_MEMORY;
    for (int32_t code = 0; code < n; code++) {
        char text[16];
        if (!column->levels) snprintf(text, sizeof text, "%d", (int)code);
        all->sorted[j][code] =
            column->levels ? column->levels[code] : az_arena_strndup(&all->memory, text, strlen(text));
        if (!all->sorted[j][code]) return AZ_ERROR_MEMORY;
    }
    qsort(all->sorted[j], (size_t)n, sizeof *all->sorted[j], compare_levels);
    for (int32_t level = 1; level < n; level++)
        if (compare_levels(&all->sorted[j][level - 1], &all->sorted[j][level]) == 0)
            return wrong(foreign, "two categories have the same name");
    for (int32_t code = 0; code < n; code++)
        all->place[j][code] = column->levels ? az_level_find(all->sorted[j], n, column->levels[code]) : code;
    return AZ_OK;
}

static az_status find_levels(const az_foreign *foreign, levels *all)
{
    const int64_t n = foreign->n_columns;
    AZ_TRY(AZ_NEW_ARRAY(all->sorted, n));
    AZ_TRY(AZ_NEW_ARRAY(all->place, n));
    AZ_TRY(AZ_NEW_ARRAY(all->n, n));
    memset(all->sorted, 0, sizeof *all->sorted * (size_t)n);
    memset(all->n, 0, sizeof *all->n * (size_t)n);
    AZ_TRY(count_codes(foreign, all->n));
    for (int64_t j = 0; j < n; j++) {
        const az_foreign_column *column = &foreign->columns[j];
        if (!column->categorical) {
            if (all->n[j]) return wrong(foreign, "a split by categories is on a feature of numbers");
            continue;
        }
        if (column->levels) {
            if (all->n[j] > column->n_levels) return wrong(foreign, "a split speaks of a category without name");
            all->n[j] = column->n_levels;
        }
        AZ_TRY(order_levels(foreign, column, j, all));
    }
    return AZ_OK;
}

static void levels_free(levels *all)
{
    az_free(all->sorted);
    az_free(all->place);
    az_free(all->n);
    az_arena_free(&all->memory);
}

/* ---- trees ---- */

/* Sets bits of the levels that go to the left. */
static void fill_set(const az_foreign *foreign, const az_foreign_tree *tree, const az_foreign_node *node,
                     const levels *all, uint64_t *set)
{
    const int32_t n = all->n[node->feature];
    const uint64_t others = foreign->listed_go_right ? UINT64_MAX : 0;
    set[0] = (uint64_t)n;
    for (int32_t word = 0; word < (n + 63) / 64; word++) set[1 + word] = others;
    if (n % 64 && others) set[1 + n / 64] = (UINT64_C(1) << (n % 64)) - 1;
    for (int64_t c = 0; c < node->n_codes; c++) {
        const int32_t level = all->place[node->feature][tree->codes[node->first_code + c]];
        const uint64_t bit = UINT64_C(1) << (level & 63);
        if (foreign->listed_go_right)
            set[1 + (level >> 6)] &= ~bit;
        else
            set[1 + (level >> 6)] |= bit;
    }
}

static az_status check_node(const az_foreign *foreign, const az_foreign_tree *tree, const az_foreign_node *node)
{
    if (!isfinite(node->value)) return wrong(foreign, "a threshold or a leaf is not finite");
    if (node->left < 0) return AZ_OK;
    if (node->left >= tree->n_nodes || node->right < 0 || node->right >= tree->n_nodes)
        return wrong(foreign, "a child is outside its tree");
    if (node->feature < 0 || node->feature >= foreign->n_columns)
        return wrong(foreign, "a split is on a feature that is not there");
    if (!node->categorical && foreign->columns[node->feature].categorical)
        return wrong(foreign, "a split of numbers is on a feature of categories");
    return AZ_OK;
}

/* Level by level from the root, so that children lie side by side behind their parent.  Each node of the file is taken
 * once, so that circles come to an end. */
static az_status build_tree(const az_foreign *foreign, const az_foreign_tree *from, const levels *all, az_tree *tree,
                            double *gain)
{
    const int64_t n = from->n_nodes;
    int32_t *source = NULL;
    unsigned char *taken = NULL;
    int64_t n_sets = 0;
    az_status status = AZ_OK;
    if (n < 1 || n > INT32_MAX / 2) return wrong(foreign, "a tree has no nodes");
    for (int64_t i = 0; i < n; i++)
        if (from->nodes[i].left >= 0 && from->nodes[i].categorical)
            n_sets += 1 + (all->n[from->nodes[i].feature] + 63) / 64;
    AZ_GOTO(AZ_NEW_ARRAY(source, n));
    AZ_GOTO(AZ_NEW_ARRAY(taken, n));
    AZ_GOTO(AZ_NEW_ARRAY(tree->nodes, n));
    AZ_GOTO(AZ_NEW_ARRAY(tree->cover, n));
    AZ_GOTO(AZ_NEW_ARRAY(tree->sets, n_sets));
    memset(taken, 0, (size_t)n);
    source[0] = 0;
    taken[0] = 1;
    tree->n_nodes = 1;
    for (int32_t i = 0; i < tree->n_nodes; i++) {
        const az_foreign_node *node = &from->nodes[source[i]];
        az_tree_node *to = &tree->nodes[i];
        AZ_GOTO(check_node(foreign, from, node));
        tree->cover[i] = isfinite(node->cover) && node->cover > 0 ? node->cover : 0;
        *to = (az_tree_node){.threshold = node->value, .flags = AZ_NODE_LEAF};
        if (node->left < 0) continue;
        if (taken[node->left] || taken[node->right] || node->left == node->right)
            AZ_GOTO(wrong(foreign, "two ways lead to the same node"));
        *to = (az_tree_node){.threshold = node->value, .left = tree->n_nodes, .feature = (uint16_t)node->feature};
        if (node->missing_left) to->flags |= AZ_NODE_MISSING_LEFT;
        if (node->categorical) {
            to->flags |= AZ_NODE_CATEGORICAL;
            to->threshold = (double)tree->n_sets;
            fill_set(foreign, from, node, all, tree->sets + tree->n_sets);
            tree->n_sets += 1 + (all->n[node->feature] + 63) / 64;
        }
        if (isfinite(node->gain) && node->gain > 0) gain[node->feature] += node->gain;
        taken[node->left] = taken[node->right] = 1;
        source[tree->n_nodes++] = node->left;
        source[tree->n_nodes++] = node->right;
    }
done:
    az_free(source);
    az_free(taken);
    return status;
}

static az_status leaf_of_zero(az_tree *tree)
{
    AZ_TRY(AZ_NEW_ARRAY(tree->nodes, 1));
    AZ_TRY(AZ_NEW_ARRAY(tree->cover, 1));
    tree->nodes[0] = (az_tree_node){.flags = AZ_NODE_LEAF};
    tree->cover[0] = 0;
    tree->n_nodes = 1;
    return AZ_OK;
}

/* A round has one tree for each score, in order.  Where scores have different numbers of trees, empty ones fill up. */
static az_status build_trees(const az_foreign *foreign, const levels *all, az_boosting *into)
{
    const int64_t n_scores = foreign->n_scores;
    int64_t *n_of, n_rounds = 0;
    AZ_TRY(AZ_NEW_ARRAY(n_of, n_scores));
    az_status status = AZ_OK;
    for (int pass = 0; pass < 2 && !status; pass++) {
        memset(n_of, 0, sizeof *n_of * (size_t)n_scores);
        for (int64_t t = 0; t < foreign->n_trees; t++) {
            const az_foreign_tree *tree = &foreign->trees[t];
            if (tree->score < 0 || tree->score >= n_scores) AZ_GOTO(wrong(foreign, "a tree adds to no output"));
            const int64_t round = n_of[tree->score]++;
            if (round >= n_rounds && pass == 0) n_rounds = round + 1;
            if (pass == 0) continue;
            AZ_GOTO(build_tree(foreign, tree, all, &into->trees->trees[round * n_scores + tree->score], into->gain));
        }
        if (pass == 0) {
            if (n_rounds > INT32_MAX / n_scores) AZ_GOTO(wrong(foreign, "it has too many trees"));
            AZ_GOTO(az_trees_new(&into->trees, n_rounds * n_scores, 1, foreign->n_columns));
        }
    }
    for (int64_t t = 0; t < into->trees->n_trees; t++)
        if (!into->trees->trees[t].n_nodes) AZ_GOTO(leaf_of_zero(&into->trees->trees[t]));
    az_trees_note(into->trees);
    az_boosting_set_importance(into);
done:
    az_free(n_of);
    return status;
}

static az_status build_boosting(const az_foreign *foreign, const levels *all, az_boosting **result)
{
    az_boosting *made;
    az_status status = AZ_OK;
    AZ_TRY(az_boosting_new(&made, foreign->n_columns, foreign->n_scores));
    made->link = foreign->link;
    for (int64_t k = 0; k < foreign->n_scores; k++) {
        made->initial[k] = foreign->initial[k];
        if (!isfinite(made->initial[k])) AZ_GOTO(wrong(foreign, "the score to begin with is not finite"));
    }
    AZ_GOTO(build_trees(foreign, all, made));
done:
    if (status)
        az_boosting_class.free(made);
    else
        *result = made;
    return status;
}

/* ---- the model around them ---- */

static az_status copy(az_arena *arena, char **to, const char *text)
{
    *to = az_arena_strndup(arena, text, strlen(text));
    return *to ? AZ_OK : AZ_ERROR_MEMORY;
}

static az_status build_design(const az_foreign *foreign, const levels *all, az_design **result)
{
    const int64_t n = foreign->n_columns;
    az_design *design;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ZERO(design));
    design->options = (az_design_options){.scaling = AZ_SCALE_NONE,
                                          .keep_periodic = true,
                                          .wrap_periodic = true,
                                          .keep_categories = true,
                                          .keep_missing = true,
                                          .degree = 1};
    AZ_GOTO(AZ_NEW_ARRAY(design->inputs, n));
    AZ_GOTO(AZ_NEW_ARRAY(design->features, n));
    design->n_base = design->n_features = n;
    for (int64_t j = 0; j < n; j++) {
        const az_foreign_column *column = &foreign->columns[j];
        az_raw_input *input = &design->inputs[design->n_inputs++];
        *input = (az_raw_input){.type = column->categorical ? AZ_CATEGORICAL : AZ_NUMERIC,
                                .lower = column->lower,
                                .upper = column->upper,
                                .missing_level = -1,
                                .dropped_level = -1,
                                .first_base = (int32_t)j,
                                .n_base = 1};
        AZ_GOTO(copy(&design->strings, &input->name, column->name));
        design->features[j] = (az_feature){.name = input->name, .scale = 1};
        if (!column->categorical) continue;
        input->levels = az_arena_alloc(&design->strings, ((size_t)all->n[j] + 1) * sizeof *input->levels);
        if (!input->levels) AZ_GOTO(AZ_ERROR_MEMORY);
        for (int32_t level = 0; level < all->n[j]; level++)
            AZ_GOTO(copy(&design->strings, &input->levels[level], all->sorted[j][level]));
        input->n_levels = design->features[j].n_categories = all->n[j];
    }
done:
    if (status)
        az_design_free(design);
    else
        *result = design;
    return status;
}

/* One target, or target_0, target_1, ... */
static az_status name_outputs(const az_foreign *foreign, az_model *model, const char *target)
{
    az_arena *arena = &model->strings;
    const int64_t n = foreign->classifies ? 1 : foreign->n_scores;
    model->n_targets = n;
    model->target_names = az_arena_alloc(arena, (size_t)n * sizeof *model->target_names);
    model->target_units = az_arena_alloc(arena, (size_t)n * sizeof *model->target_units);
    if (!model->target_names || !model->target_units) return AZ_ERROR_MEMORY;
    for (int64_t k = 0; k < n; k++) {
        az_text name = {0};
        az_text_append(&name, target);
        if (n > 1) az_text_printf(&name, "_%lld", (long long)k);
        az_status status = az_text_status(&name);
        if (!status) status = copy(arena, &model->target_names[k], name.data);
        az_text_free(&name);
        AZ_TRY(status);
        model->target_units[k] = NULL;
    }
    if (!foreign->classifies) return AZ_OK;
    if (foreign->n_scores >= INT32_MAX) return wrong(foreign, "it has too many classes");
    model->n_classes = foreign->link == AZ_LINK_LOGIT ? 2 : (int32_t)foreign->n_scores;
    model->classes = az_arena_alloc(arena, (size_t)model->n_classes * sizeof *model->classes);
    if (!model->classes) return AZ_ERROR_MEMORY;
    for (int32_t class = 0; class < model->n_classes; class ++) {
        char number[16];
        snprintf(number, sizeof number, "%d", (int)class);
        AZ_TRY(copy(arena, &model->classes[class], number));
    }
    return AZ_OK;
}

/* What the parameters of the class can tell of the file: the rest are not known and stand as by default. */
static az_status tell_parameters(const az_foreign *foreign, az_model *model)
{
    char rounds[32];
    snprintf(rounds, sizeof rounds, "%lld",
             (long long)((foreign->n_trees + foreign->n_scores - 1) / foreign->n_scores));
    AZ_TRY(az_params_set_strict(model->class->params, model->options, "n_estimators", rounds, "boosting"));
    return az_params_set_strict(model->class->params, model->options, "loss", foreign->loss ? foreign->loss : "auto",
                                "boosting");
}

static az_status assemble(const az_foreign *foreign, az_model *model, const levels *all, const char *target)
{
    az_boosting *fitted = NULL;
    model->class = &az_boosting_class;
    model->options = az_alloc_zero(model->class->options_size);
    if (!model->options) return AZ_ERROR_MEMORY;
    az_params_default(model->class->params, model->options);
    az_params_default(az_pipeline_params, &model->pipeline);
    AZ_TRY(tell_parameters(foreign, model));
    model->task = foreign->classifies ? AZ_CLASSIFICATION : AZ_REGRESSION;
    model->n_train = foreign->n_rows;
    model->result.converged = true;
    AZ_TRY(name_outputs(foreign, model, target));
    AZ_TRY(copy(&model->strings, &model->version, az_version()));
    AZ_TRY(build_design(foreign, all, &model->design));
    AZ_TRY(build_boosting(foreign, all, &fitted));
    model->fitted = fitted;
    return AZ_OK;
}

az_status az_foreign_model(az_model **result, const az_foreign *foreign, const char *target)
{
    levels all = {0};
    az_model *model = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(find_levels(foreign, &all));
    AZ_GOTO(AZ_NEW_ZERO(model));
    AZ_GOTO(assemble(foreign, model, &all, target));
    *result = model;
    model = NULL;
done:
    levels_free(&all);
    az_model_free(model);
    return status;
}

/* ---- files ---- */

az_status az_model_import(az_model **model, const char *path, const char *target, const az_control *control)
{
    az_file file = {0};
    az_foreign foreign = {0};
    az_status status = AZ_OK;
    AZ_TRY(az_file_open(&file, path, control));
    size_t first = 0;
    while (first < file.size && strchr(" \t\r\n", file.data[first]) && file.data[first]) first++;
    const char *text = file.data + first;
    const size_t size = file.size - first;
    if (size > 1 && text[0] == '{' && memchr("UiIlL$#N", text[1], 8))
        status = az_error(AZ_ERROR_DATA, "an XGBoost model in binary JSON: save it with a name that ends in .json");
    else if (size > 0 && text[0] == '{')
        status = az_xgboost_parse(&foreign, text, size);
    else if (size > 4 && memcmp(text, "tree", 4) == 0)
        status = az_lightgbm_parse(&foreign, text, size);
    else
        status = az_error(AZ_ERROR_DATA, "neither a model of XGBoost (save_model to .json) nor one of LightGBM "
                                         "(save_model to .txt)");
    if (!status) status = az_foreign_model(model, &foreign, target && *target ? target : "target");
    if (status && status != AZ_ERROR_MEMORY) az_error_context(status, "%s", path);
    az_foreign_free(&foreign);
    az_file_close(&file);
    return status;
}
