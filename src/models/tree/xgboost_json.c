/* SPDX-License-Identifier: BSD-3-Clause */
/* XGBoost's models in JSON (doc/model.schema and src/tree/tree_model.cc, versions 1.3 to 3.2).
 *
 * All numbers of such a model are floats, and it compares floats: x < threshold.  Thresholds become doubles that send
 * every double where its float would go; leaves are floats added up in double. */
#include "models/tree/foreign.h"

#include "base/number.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <string.h>

static az_status wrong(const char *what)
{
    return az_error(AZ_ERROR_DATA, "the XGBoost model is broken: %s", what);
}

/* Numbers stand as numbers, and in parameters as text. */
static bool number_of(const json_t *value, double *number)
{
    if (json_is_string(value)) return az_parse_double_string(json_string_value(value), number);
    if (json_is_boolean(value)) {
        *number = json_is_true(value);
        return true;
    }
    *number = json_number_value(value);
    return json_is_number(value);
}

static bool whole_of(const json_t *value, int32_t *number)
{
    double found;
    if (!number_of(value, &found) || !(fabs(found) <= INT32_MAX) || found != floor(found)) return false;
    *number = (int32_t)found;
    return true;
}

/* As a float: what the file prints is the shortest text that reads back as the same float. */
static bool float_of(const json_t *value, double *number)
{
    if (!number_of(value, number)) return false;
    *number = (double)(float)*number;
    return true;
}

static az_status parameter(const json_t *object, const char *name, int32_t otherwise, int32_t *value)
{
    const json_t *found = json_object_get(object, name);
    *value = otherwise;
    if (found && !whole_of(found, value)) return az_error(AZ_ERROR_DATA, "the XGBoost model's %s is no number", name);
    return AZ_OK;
}

/* ---- objectives ---- */

typedef struct known_objective {
    const char *name, *loss; /* loss: of class boosting */
    az_link link;
    bool classifies, logit_base; /* logit_base: the base score is a probability though the output is not */
} known_objective;

static const known_objective objectives[] = {
    {"reg:squarederror", "auto", AZ_LINK_IDENTITY, false, false},
    {"reg:linear", "auto", AZ_LINK_IDENTITY, false, false},
    {"reg:squaredlogerror", "auto", AZ_LINK_IDENTITY, false, false},
    {"reg:pseudohubererror", "huber", AZ_LINK_IDENTITY, false, false},
    {"reg:absoluteerror", "absolute_error", AZ_LINK_IDENTITY, false, false},
    {"reg:quantileerror", "quantile", AZ_LINK_IDENTITY, false, false},
    {"reg:gamma", "gamma", AZ_LINK_LOG, false, false},
    {"reg:tweedie", "poisson", AZ_LINK_LOG, false, false},
    {"count:poisson", "poisson", AZ_LINK_LOG, false, false},
    {"binary:logistic", "auto", AZ_LINK_LOGIT, true, true},
    {"binary:logitraw", "auto", AZ_LINK_IDENTITY, false, true},
    {"multi:softprob", "auto", AZ_LINK_SOFTMAX, true, false},
    {"multi:softmax", "auto", AZ_LINK_SOFTMAX, true, false},
    {"rank:pairwise", "auto", AZ_LINK_IDENTITY, false, false},
    {"rank:ndcg", "auto", AZ_LINK_IDENTITY, false, false},
    {"rank:map", "auto", AZ_LINK_IDENTITY, false, false},
};

static const known_objective *find_objective(const json_t *learner)
{
    const char *name = json_string_value(json_object_get(json_object_get(learner, "objective"), "name"));
    for (size_t i = 0; name && i < sizeof objectives / sizeof *objectives; i++)
        if (strcmp(objectives[i].name, name) == 0) return &objectives[i];
    if (!name)
        (void)wrong("it names no objective; is it a model?");
    else
        (void)az_error(AZ_ERROR_DATA,
                       "the XGBoost model's objective is %s, which has no counterpart here; known are reg:squarederror "
                       "and its kin, reg:gamma, reg:tweedie, count:poisson, binary:logistic, multi:softprob",
                       name);
    return NULL;
}

/* "5E-1", since 3.1 "[4.3E-1,-5.8E-1,1.5E-1]": in the units of the prediction, to be taken to raw scores. */
static az_status read_base(az_foreign *foreign, const known_objective *objective, const json_t *parameters)
{
    const json_t *value = json_object_get(parameters, "base_score");
    const char *text = json_string_value(value);
    double base = 0;
    if (!value) return AZ_OK;
    const bool listed = text && *text == '[';
    if (listed) text++;
    /* Of logitraw versions that write a list take it as a raw score, earlier ones as a probability. */
    const bool is_chance = objective->link == AZ_LINK_LOGIT || (objective->logit_base && !listed);
    for (int64_t k = 0; k < foreign->n_scores; k++) {
        if (text && *text && (k == 0 || *text == ',')) { /* else the number before stands for all */
            if (k > 0) text++;
            const size_t length = strcspn(text, ",]");
            if (!az_parse_double_all(text, text + length, '.', &base)) return wrong("base_score is no number");
            text += length;
            base = (double)(float)base;
        } else if (!text && !float_of(value, &base)) {
            return wrong("base_score is no number");
        }
        foreign->initial[k] = objective->link == AZ_LINK_LOG ? log(base) : is_chance ? log(base) - log1p(-base) : base;
        if (!isfinite(foreign->initial[k])) return wrong("base_score is outside the range of the objective");
    }
    return AZ_OK;
}

/* ---- columns ---- */

/* One category's name out of {"offsets": [0, 4, 9], "values": [bytes]} or {"type": ..., "values": [numbers]}. */
static az_status category_name(az_foreign *foreign, const json_t *encoding, size_t code, char **name)
{
    const json_t *values = json_object_get(encoding, "values"), *offsets = json_object_get(encoding, "offsets");
    az_text text = {0};
    if (offsets) {
        int32_t first, end, byte;
        if (!whole_of(json_array_get(offsets, code), &first) || !whole_of(json_array_get(offsets, code + 1), &end) ||
            first < 0 || end < first || (size_t)end > json_array_size(values))
            return wrong("the name of a category is not there");
        az_text_append(&text, "");
        for (int32_t i = first; i < end; i++) {
            if (!whole_of(json_array_get(values, (size_t)i), &byte)) byte = 0;
            az_text_append_n(&text, (char[]){(char)byte}, 1);
        }
    } else {
        double number;
        if (number_of(json_array_get(values, code), &number)) az_text_number(&text, number);
    }
    az_status status = az_text_status(&text);
    if (!status && (!text.length || memchr(text.data, 0, text.length) || !az_is_valid_utf8(text.data, text.length)))
        status = wrong("the name of a category is no text");
    if (!status) {
        *name = az_arena_strndup(&foreign->strings, text.data, text.length);
        if (!*name) status = AZ_ERROR_MEMORY;
    }
    az_text_free(&text);
    return status;
}

static az_status read_categories(az_foreign *foreign, az_foreign_column *column, const json_t *encoding)
{
    const json_t *offsets = json_object_get(encoding, "offsets");
    size_t n = json_array_size(offsets ? offsets : json_object_get(encoding, "values"));
    if (offsets && n > 0) n--;
    if (n == 0) return AZ_OK; /* numbers */
    if (n > UINT16_MAX) return az_error(AZ_ERROR_DATA, "feature %s has more than 65,535 categories", column->name);
    column->categorical = true;
    column->levels = az_arena_alloc(&foreign->strings, n * sizeof *column->levels);
    if (!column->levels) return AZ_ERROR_MEMORY;
    for (size_t code = 0; code < n; code++) AZ_TRY(category_name(foreign, encoding, code, &column->levels[code]));
    column->n_levels = (int32_t)n;
    return AZ_OK;
}

static az_status read_columns(az_foreign *foreign, const json_t *learner, const json_t *model)
{
    int32_t n;
    AZ_TRY(parameter(json_object_get(learner, "learner_model_param"), "num_feature", 0, &n));
    AZ_TRY(az_foreign_columns(foreign, n));
    const json_t *names = json_object_get(learner, "feature_names");
    const json_t *types = json_object_get(learner, "feature_types");
    const json_t *encodings = json_object_get(json_object_get(model, "cats"), "enc");
    for (int64_t j = 0; j < n; j++) {
        const json_t *name = json_array_get(names, (size_t)j);
        const char *type = json_string_value(json_array_get(types, (size_t)j));
        if (json_is_string(name))
            AZ_TRY(az_foreign_name(foreign, j, json_string_value(name), json_string_length(name)));
        foreign->columns[j].categorical = type && strcmp(type, "c") == 0;
        AZ_TRY(read_categories(foreign, &foreign->columns[j], json_array_get(encodings, (size_t)j)));
    }
    return AZ_OK;
}

/* ---- trees ---- */

/* The categories of the splits: categories_nodes[i] has categories_sizes[i] ones from categories_segments[i] on. */
static az_status read_splits(az_foreign_tree *tree, const json_t *object)
{
    const json_t *nodes = json_object_get(object, "categories_nodes");
    const json_t *segments = json_object_get(object, "categories_segments");
    const json_t *sizes = json_object_get(object, "categories_sizes");
    const json_t *codes = json_object_get(object, "categories");
    for (int64_t c = 0; c < tree->n_codes; c++)
        if (!whole_of(json_array_get(codes, (size_t)c), &tree->codes[c])) return wrong("a category is no number");
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        int32_t node, first, n;
        if (!whole_of(json_array_get(nodes, i), &node) || node < 0 || node >= tree->n_nodes ||
            !whole_of(json_array_get(segments, i), &first) || !whole_of(json_array_get(sizes, i), &n) || first < 0 ||
            n < 0 || first > tree->n_codes || n > tree->n_codes - first)
            return wrong("the categories of a split are not there");
        tree->nodes[node].first_code = first;
        tree->nodes[node].n_codes = n;
    }
    return AZ_OK;
}

static az_status read_tree(az_foreign *foreign, az_foreign_tree *tree, const json_t *object, double factor)
{
    const json_t *left = json_object_get(object, "left_children"), *right = json_object_get(object, "right_children");
    const json_t *feature = json_object_get(object, "split_indices");
    const json_t *value = json_object_get(object, "split_conditions");
    const json_t *missing = json_object_get(object, "default_left"), *type = json_object_get(object, "split_type");
    const json_t *cover = json_object_get(object, "sum_hessian"), *gain = json_object_get(object, "loss_changes");
    int32_t n_values;
    AZ_TRY(parameter(json_object_get(object, "tree_param"), "size_leaf_vector", 0, &n_values));
    if (n_values > 1)
        return az_error(AZ_ERROR_DATA, "the XGBoost model has trees with several outputs (multi_strategy = "
                                       "multi_output_tree), which are not read; one_output_per_tree is");
    AZ_TRY(az_foreign_nodes(tree, (int64_t)json_array_size(left),
                            (int64_t)json_array_size(json_object_get(object, "categories"))));
    for (int64_t i = 0; i < tree->n_nodes; i++) {
        az_foreign_node *node = &tree->nodes[i];
        const size_t at = (size_t)i;
        int32_t default_left = 0, split_type = 0;
        double number;
        if (!whole_of(json_array_get(left, at), &node->left) || !whole_of(json_array_get(right, at), &node->right) ||
            !float_of(json_array_get(value, at), &node->value))
            return wrong("a node has no children and no value");
        if (number_of(json_array_get(cover, at), &number)) node->cover = (float)number;
        if (node->left < 0) {
            node->left = -1;
            node->value *= factor;
            continue;
        }
        if (!whole_of(json_array_get(feature, at), &node->feature) ||
            !whole_of(json_array_get(missing, at), &default_left))
            return wrong("a split has no feature or no default direction");
        (void)whole_of(json_array_get(type, at), &split_type);
        node->missing_left = default_left != 0;
        node->categorical = split_type == 1;
        if (number_of(json_array_get(gain, at), &number)) node->gain = number;
        if (!node->categorical)
            node->value = az_float_threshold((float)node->value);
        else if (node->feature >= 0 && node->feature < foreign->n_columns)
            foreign->columns[node->feature].categorical = true;
    }
    return read_splits(tree, object);
}

static az_status read_trees(az_foreign *foreign, const json_t *model, const json_t *weights, int32_t n_scores)
{
    const json_t *trees = json_object_get(model, "trees"), *scores = json_object_get(model, "tree_info");
    AZ_TRY(az_foreign_trees(foreign, (int64_t)json_array_size(trees), n_scores));
    for (int64_t t = 0; t < foreign->n_trees; t++) {
        az_foreign_tree *tree = &foreign->trees[t];
        int32_t score = 0;
        double factor = 1;
        if (!whole_of(json_array_get(scores, (size_t)t), &score)) return wrong("a tree adds to no output");
        tree->score = score;
        if (weights && !float_of(json_array_get(weights, (size_t)t), &factor)) return wrong("a tree has no weight");
        AZ_TRY(read_tree(foreign, tree, json_array_get(trees, (size_t)t), factor));
    }
    return AZ_OK;
}

static az_status read_document(az_foreign *foreign, const json_t *document)
{
    const json_t *learner = json_object_get(document, "learner");
    const json_t *booster = json_object_get(learner, "gradient_booster");
    const json_t *parameters = json_object_get(learner, "learner_model_param");
    const char *name = json_string_value(json_object_get(booster, "name"));
    const json_t *weights = json_object_get(booster, "weight_drop");
    if (!learner || !booster || !name) return wrong("it holds no learner; is it XGBoost's save_model?");
    if (strcmp(name, "dart") == 0)
        booster = json_object_get(booster, "gbtree");
    else if (strcmp(name, "gbtree") == 0)
        weights = NULL;
    else
        return az_error(AZ_ERROR_DATA, "the XGBoost model is a %s, and not of trees; fit a linear model anew", name);
    const json_t *model = json_object_get(booster, "model");
    const known_objective *objective = find_objective(learner);
    int32_t n_classes, n_targets;
    if (!objective) return AZ_ERROR_DATA;
    AZ_TRY(parameter(parameters, "num_class", 0, &n_classes));
    AZ_TRY(parameter(parameters, "num_target", 1, &n_targets));
    if (objective->classifies && n_targets > 1)
        return az_error(AZ_ERROR_DATA, "the XGBoost model predicts %d labels at once; only one is read", n_targets);
    if (objective->link == AZ_LINK_SOFTMAX && n_classes < 2) return wrong("it has fewer than two classes");
    if (objective->link != AZ_LINK_SOFTMAX && n_classes > 1) return wrong("it has classes and no loss of classes");
    foreign->link = objective->link;
    foreign->loss = objective->loss;
    foreign->classifies = objective->classifies;
    foreign->listed_go_right = true;
    AZ_TRY(read_columns(foreign, learner, model));
    AZ_TRY(read_trees(foreign, model, weights, n_classes > 1 ? n_classes : n_targets));
    return read_base(foreign, objective, parameters);
}

az_status az_xgboost_parse(az_foreign *foreign, const char *text, size_t size)
{
    json_error_t error;
    json_t *document = json_loadb(text, size, JSON_ALLOW_NUL, &error);
    foreign->library = "XGBoost";
    if (!document) return az_error(AZ_ERROR_DATA, "line %d: no JSON: %s", error.line, error.text);
    az_status status = read_document(foreign, document);
    json_decref(document);
    return status;
}
