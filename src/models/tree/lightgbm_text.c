/* SPDX-License-Identifier: BSD-3-Clause */
/* LightGBM's models as text (src/boosting/gbdt_model_text.cpp and src/io/tree.cpp, versions 2 to 4): lines KEY=VALUES,
 * first of the whole, then of each tree.  Thresholds and leaves are doubles, x <= threshold goes left.
 *
 * Of a split decision_type says: bit 0, it is one of categories; bit 1, what is missing goes left; bits 2 and 3, what
 * is missing: 0 nothing (NaN counts as 0), 1 NaN and zeros, 2 NaN. */
#include "models/tree/foreign.h"

#include "base/number.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <string.h>

enum { CATEGORICAL = 1, DEFAULT_LEFT = 2, MISSING_SHIFT = 2, MISSING_NONE = 0, MISSING_ZERO = 1, MISSING_NAN = 2 };

typedef struct span {
    const char *text;
    size_t length;
} span;

static az_status wrong(const char *what)
{
    return az_error(AZ_ERROR_DATA, "the LightGBM model is broken: %s", what);
}

static bool same(span a, const char *b)
{
    return a.length == strlen(b) && memcmp(a.text, b, a.length) == 0;
}

/* The next line, without its end; false at the end of the text. */
static bool next_line(span *rest, span *line)
{
    if (rest->length == 0) return false;
    const char *end = memchr(rest->text, '\n', rest->length);
    size_t length = end ? (size_t)(end - rest->text) : rest->length;
    *line = (span){rest->text, length};
    length += end != NULL;
    *rest = (span){rest->text + length, rest->length - length};
    if (line->length > 0 && line->text[line->length - 1] == '\r') line->length--;
    return true;
}

/* The next word of a list separated by blanks. */
static bool next_word(span *rest, span *word)
{
    while (rest->length > 0 && *rest->text == ' ') *rest = (span){rest->text + 1, rest->length - 1};
    const char *end = rest->length ? memchr(rest->text, ' ', rest->length) : NULL;
    *word = (span){rest->text, end ? (size_t)(end - rest->text) : rest->length};
    *rest = (span){rest->text + word->length, rest->length - word->length};
    return word->length > 0;
}

static bool next_number(span *rest, double *number)
{
    span word;
    return next_word(rest, &word) && az_parse_double_all(word.text, word.text + word.length, '.', number);
}

static bool next_whole(span *rest, double least, double most, int32_t *number)
{
    double found;
    if (!next_number(rest, &found) || !(found >= least && found <= most) || found != floor(found)) return false;
    *number = (int32_t)found;
    return true;
}

/* The value of a line KEY=VALUE of a section; an empty one if there is none. */
static span value_of(span section, const char *key)
{
    const size_t n = strlen(key);
    for (span line; next_line(&section, &line);)
        if (line.length > n && line.text[n] == '=' && memcmp(line.text, key, n) == 0)
            return (span){line.text + n + 1, line.length - n - 1};
    return (span){"", 0};
}

static az_status whole_of(span section, const char *key, int32_t least, int32_t most, int32_t *number)
{
    span value = value_of(section, key);
    if (!next_whole(&value, least, most, number))
        return az_error(AZ_ERROR_DATA, "the LightGBM model is broken: %s is missing or out of range", key);
    return AZ_OK;
}

static int64_t count_words(span list)
{
    int64_t n = 0;
    for (span word; next_word(&list, &word);) n++;
    return n;
}

/* Cuts the text at the line `mark...`; false if there is none, and all is the first part. */
static bool cut_before(span text, const char *mark, span *before, span *from)
{
    const char *start = text.text;
    const size_t n = strlen(mark);
    for (span line; next_line(&text, &line);)
        if (line.length >= n && memcmp(line.text, mark, n) == 0) {
            *before = (span){start, (size_t)(line.text - start)};
            *from = (span){line.text, (size_t)(text.text + text.length - line.text)};
            return true;
        }
    *before = (span){start, (size_t)(text.text - start)};
    *from = (span){text.text, 0};
    return false;
}

/* ---- objectives ---- */

typedef struct known_objective {
    const char *name, *loss; /* loss: of class boosting */
    az_link link;
    bool classifies;
} known_objective;

static const known_objective objectives[] = {
    {"regression", "auto", AZ_LINK_IDENTITY, false},   {"regression_l1", "absolute_error", AZ_LINK_IDENTITY, false},
    {"huber", "huber", AZ_LINK_IDENTITY, false},       {"fair", "auto", AZ_LINK_IDENTITY, false},
    {"quantile", "quantile", AZ_LINK_IDENTITY, false}, {"mape", "absolute_error", AZ_LINK_IDENTITY, false},
    {"poisson", "poisson", AZ_LINK_LOG, false},        {"gamma", "gamma", AZ_LINK_LOG, false},
    {"tweedie", "poisson", AZ_LINK_LOG, false},        {"binary", "auto", AZ_LINK_LOGIT, true},
    {"multiclass", "auto", AZ_LINK_SOFTMAX, true},     {"lambdarank", "auto", AZ_LINK_IDENTITY, false},
    {"rank_xendcg", "auto", AZ_LINK_IDENTITY, false}};

/* "binary sigmoid:1", "regression sqrt", "multiclass num_class:3"; none: the caller's own, raw scores.  *factor: of the
 * scores, before the link. */
static az_status read_objective(az_foreign *foreign, span header, double *factor)
{
    span list = value_of(header, "objective"), word;
    const known_objective *found = NULL;
    *factor = 1;
    foreign->link = AZ_LINK_IDENTITY;
    if (!next_word(&list, &word) || same(word, "custom")) return AZ_OK;
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++)
        if (same(word, objectives[i].name)) found = &objectives[i];
    if (!found)
        return az_error(AZ_ERROR_DATA,
                        "the LightGBM model's objective is %.*s, which has no counterpart here; known are regression "
                        "and its kin, poisson, gamma, tweedie, binary and multiclass",
                        word.length < 40 ? (int)word.length : 40, word.text);
    foreign->link = found->link;
    foreign->loss = found->loss;
    foreign->classifies = found->classifies;
    while (next_word(&list, &word)) {
        if (same(word, "sqrt"))
            return az_error(AZ_ERROR_DATA, "the LightGBM model predicts the square of its sum (reg_sqrt), which has no "
                                           "counterpart here");
        if (word.length < 8 || memcmp(word.text, "sigmoid:", 8) != 0 || found->link != AZ_LINK_LOGIT) continue;
        if (!az_parse_double_all(word.text + 8, word.text + word.length, '.', factor) || !(*factor > 0))
            return wrong("sigmoid is no positive number");
    }
    return AZ_OK;
}

/* ---- columns ---- */

/* feature_infos: "[-3.1:3.06]" a number and its range, "none" never used, "-1:0:1:2" codes of categories. */
static az_status read_infos(az_foreign *foreign, span list)
{
    span word;
    for (int64_t j = 0; j < foreign->n_columns && next_word(&list, &word); j++) {
        az_foreign_column *column = &foreign->columns[j];
        if (same(word, "none")) continue;
        if (word.text[0] != '[') {
            column->categorical = true;
            continue;
        }
        const char *colon = memchr(word.text, ':', word.length), *end = word.text + word.length - 1;
        double lower, upper;
        if (!colon || *end != ']' || !az_parse_double_all(word.text + 1, colon, '.', &lower) ||
            !az_parse_double_all(colon + 1, end, '.', &upper) || !(lower <= upper))
            return wrong("the range of a feature");
        column->lower = lower;
        column->upper = upper;
    }
    return AZ_OK;
}

/* Categories that a table of pandas had: text as it is, numbers as they are printed. */
static az_status read_levels(az_foreign *foreign, az_foreign_column *column, const json_t *list)
{
    const size_t n = json_array_size(list);
    if (n > UINT16_MAX) return az_error(AZ_ERROR_DATA, "feature %s has more than 65,535 categories", column->name);
    column->levels = az_arena_alloc(&foreign->strings, (n + 1) * sizeof *column->levels);
    if (!column->levels) return AZ_ERROR_MEMORY;
    column->n_levels = (int32_t)n;
    for (size_t code = 0; code < n; code++) {
        const json_t *value = json_array_get(list, code);
        char number[AZ_NUMBER_MAX];
        const char *text = number;
        if (json_is_string(value))
            text = json_string_value(value);
        else if (json_is_number(value))
            az_print_double(number, json_number_value(value));
        else if (json_is_boolean(value))
            text = json_is_true(value) ? "True" : "False"; /* as pandas writes them */
        else
            return wrong("the name of a category");
        column->levels[code] = az_arena_strndup(&foreign->strings, text, strlen(text));
        if (!column->levels[code]) return AZ_ERROR_MEMORY;
    }
    return AZ_OK;
}

/* The last line, "pandas_categorical:[["blue","red"],[1,2]]": one list for each categorical column, in order. */
static az_status read_pandas(az_foreign *foreign, span text)
{
    static const char key[] = "pandas_categorical:";
    span before, line;
    if (!cut_before(text, key, &before, &text) || !next_line(&text, &line)) return AZ_OK;
    json_t *lists = json_loadb(line.text + sizeof key - 1, line.length - (sizeof key - 1), JSON_DECODE_ANY, NULL);
    int64_t n_categorical = 0;
    az_status status = AZ_OK;
    for (int64_t j = 0; j < foreign->n_columns; j++) n_categorical += foreign->columns[j].categorical;
    if (!lists) AZ_GOTO(wrong("pandas_categorical is no JSON"));
    if (json_array_size(lists) == 0) goto done;
    if (json_array_size(lists) != (size_t)n_categorical)
        AZ_GOTO(az_error(AZ_ERROR_DATA,
                         "the LightGBM model names the categories of %lld columns and has %lld categorical ones: "
                         "which are whose cannot be told",
                         (long long)json_array_size(lists), (long long)n_categorical));
    for (int64_t j = 0, next = 0; j < foreign->n_columns; j++)
        if (foreign->columns[j].categorical)
            AZ_GOTO(read_levels(foreign, &foreign->columns[j], json_array_get(lists, (size_t)next++)));
done:
    json_decref(lists);
    return status;
}

static az_status read_columns(az_foreign *foreign, span header)
{
    int32_t last;
    AZ_TRY(whole_of(header, "max_feature_idx", 0, UINT16_MAX, &last));
    AZ_TRY(az_foreign_columns(foreign, (int64_t)last + 1));
    span names = value_of(header, "feature_names"), word;
    if (names.length > 0 && count_words(names) != foreign->n_columns) return wrong("feature_names has another number");
    for (int64_t j = 0; next_word(&names, &word); j++) AZ_TRY(az_foreign_name(foreign, j, word.text, word.length));
    return read_infos(foreign, value_of(header, "feature_infos"));
}

/* ---- trees ---- */

/* The categories of split set `set`: bits of cat_threshold[cat_boundaries[set] ... cat_boundaries[set + 1]]. */
typedef struct sets {
    int32_t *boundary, *first_code; /* (n + 1) */
    uint32_t *words;
    int32_t n, n_words;
} sets;

static az_status read_sets(span section, sets *all, int64_t *n_codes)
{
    span boundaries = value_of(section, "cat_boundaries"), words = value_of(section, "cat_threshold");
    span value = value_of(section, "num_cat");
    *n_codes = 0;
    if (value.length == 0) return AZ_OK;
    AZ_TRY(whole_of(section, "num_cat", 0, INT32_MAX - 1, &all->n));
    if (all->n == 0) return AZ_OK;
    if (count_words(boundaries) != all->n + 1) return wrong("cat_boundaries");
    const int64_t n_words = count_words(words);
    if (n_words > INT32_MAX / 32) return wrong("cat_threshold");
    AZ_TRY(AZ_NEW_ARRAY(all->boundary, all->n + 1));
    AZ_TRY(AZ_NEW_ARRAY(all->first_code, all->n + 1));
    AZ_TRY(AZ_NEW_ARRAY(all->words, n_words));
    for (int32_t i = 0; i <= all->n; i++)
        if (!next_whole(&boundaries, i ? all->boundary[i - 1] : 0, (double)n_words, &all->boundary[i]))
            return wrong("cat_boundaries");
    for (int64_t i = 0; i < n_words; i++) {
        double word;
        if (!next_number(&words, &word) || !(word >= 0 && word <= UINT32_MAX) || word != floor(word))
            return wrong("cat_threshold");
        all->words[i] = (uint32_t)word;
    }
    for (int32_t i = 0; i < all->n; i++) {
        all->first_code[i] = (int32_t)*n_codes;
        for (int32_t w = all->boundary[i]; w < all->boundary[i + 1]; w++) *n_codes += __builtin_popcount(all->words[w]);
    }
    all->first_code[all->n] = (int32_t)*n_codes;
    return AZ_OK;
}

static void list_codes(const sets *all, int32_t *codes)
{
    for (int32_t i = 0; i < all->n; i++)
        for (int32_t w = all->boundary[i]; w < all->boundary[i + 1]; w++)
            for (int32_t bit = 0; bit < 32; bit++)
                if (all->words[w] >> bit & 1) *codes++ = 32 * (w - all->boundary[i]) + bit;
}

/* LightGBM takes numbers of at most 1e-35 in size for zeros. */
#define ZERO_BAND ((double)1e-35f)

static az_status read_direction(az_foreign_node *node, int32_t decision)
{
    const int32_t missing = decision >> MISSING_SHIFT;
    const bool default_left = decision & DEFAULT_LEFT, zero_left = 0 <= node->value;
    if (missing == MISSING_NAN) {
        node->missing_left = default_left;
    } else if (missing == MISSING_NONE) {
        node->missing_left = zero_left;
    } else if (missing == MISSING_ZERO) {
        /* One comparison can send zeros only where their value would go. */
        if (zero_left != default_left || (node->value >= -ZERO_BAND && node->value < ZERO_BAND))
            return az_error(AZ_ERROR_DATA, "the LightGBM model was fitted with zero_as_missing, and its splits send "
                                           "zeros elsewhere than the numbers about them, which is not read");
        node->missing_left = default_left;
    } else {
        return wrong("decision_type");
    }
    return AZ_OK;
}

/* Children: a split's number, or ~ that of a leaf.  Here the leaves stand behind the splits. */
static bool next_child(span *list, int32_t n_splits, int32_t *child)
{
    if (!next_whole(list, -(double)n_splits - 1, n_splits - 1, child)) return false;
    if (*child < 0) *child = n_splits + ~*child;
    return true;
}

static az_status read_split_nodes(az_foreign *foreign, az_foreign_tree *tree, span section, const sets *all,
                                  int32_t n_splits)
{
    span features = value_of(section, "split_feature"), thresholds = value_of(section, "threshold");
    span decisions = value_of(section, "decision_type"), gains = value_of(section, "split_gain");
    span lefts = value_of(section, "left_child"), rights = value_of(section, "right_child");
    span covers = value_of(section, "internal_count");
    for (int32_t i = 0; i < n_splits; i++) {
        az_foreign_node *node = &tree->nodes[i];
        int32_t decision;
        double cover, gain;
        if (!next_whole(&features, 0, (double)foreign->n_columns - 1, &node->feature) ||
            !next_number(&thresholds, &node->value) || !next_whole(&decisions, 0, 15, &decision) ||
            !next_child(&lefts, n_splits, &node->left) || !next_child(&rights, n_splits, &node->right))
            return wrong("a split is not whole");
        if (next_number(&covers, &cover)) node->cover = (float)cover;
        if (next_number(&gains, &gain)) node->gain = gain;
        node->categorical = decision & CATEGORICAL;
        if (!node->categorical) {
            AZ_TRY(read_direction(node, decision));
            continue;
        }
        const double set = node->value; /* NaN and unknown categories go to the right */
        if (!(set >= 0 && set < all->n)) return wrong("the categories of a split are not there");
        foreign->columns[node->feature].categorical = true;
        node->first_code = all->first_code[(int32_t)set];
        node->n_codes = all->first_code[(int32_t)set + 1] - node->first_code;
    }
    return AZ_OK;
}

static az_status read_tree(az_foreign *foreign, az_foreign_tree *tree, span section, double factor)
{
    sets all = {0};
    int32_t n_leaves, linear;
    int64_t n_codes;
    az_status status = AZ_OK;
    AZ_TRY(whole_of(section, "num_leaves", 1, INT32_MAX / 4, &n_leaves));
    if (value_of(section, "is_linear").length > 0) {
        AZ_TRY(whole_of(section, "is_linear", 0, 1, &linear));
        if (linear)
            return az_error(AZ_ERROR_DATA, "the LightGBM model has linear functions in its leaves (linear_tree), which "
                                           "are not read; fit it with linear_tree = false");
    }
    span values = value_of(section, "leaf_value"), covers = value_of(section, "leaf_count");
    if (count_words(values) != n_leaves) return wrong("leaf_value has another number");
    AZ_GOTO(read_sets(section, &all, &n_codes));
    AZ_GOTO(az_foreign_nodes(tree, 2 * (int64_t)n_leaves - 1, n_codes));
    list_codes(&all, tree->codes);
    AZ_GOTO(read_split_nodes(foreign, tree, section, &all, n_leaves - 1));
    for (int32_t i = 0; i < n_leaves; i++) {
        az_foreign_node *leaf = &tree->nodes[n_leaves - 1 + i];
        double cover;
        leaf->left = -1;
        if (!next_number(&values, &leaf->value)) AZ_GOTO(wrong("a leaf has no value"));
        leaf->value *= factor;
        if (next_number(&covers, &cover)) leaf->cover = (float)cover;
    }
done:
    az_free(all.boundary);
    az_free(all.first_code);
    az_free(all.words);
    return status;
}

static az_status read_trees(az_foreign *foreign, span header, span text, double factor)
{
    int32_t per_round;
    int64_t n = 0;
    span section, rest = text, line;
    AZ_TRY(whole_of(header, "num_tree_per_iteration", 1, UINT16_MAX, &per_round));
    while (next_line(&rest, &line)) n += line.length > 5 && memcmp(line.text, "Tree=", 5) == 0;
    AZ_TRY(az_foreign_trees(foreign, n, per_round));
    if (foreign->link == AZ_LINK_SOFTMAX ? per_round < 2 : per_round > 1 && foreign->link != AZ_LINK_IDENTITY)
        return wrong("its number of classes does not fit its objective");
    /* A random forest's trees are averaged. */
    cut_before(header, "average_output", &section, &rest);
    if (rest.length > 0) factor /= (double)(n / per_round);
    for (int64_t t = 0; t < n; t++) {
        next_line(&text, &line); /* Tree=... */
        cut_before(text, "Tree=", &section, &rest);
        text = rest;
        AZ_TRY(read_tree(foreign, &foreign->trees[t], section, factor));
        if (t == 0 && foreign->trees[0].nodes[0].cover > 0) foreign->n_rows = (int64_t)foreign->trees[0].nodes[0].cover;
    }
    return AZ_OK;
}

az_status az_lightgbm_parse(az_foreign *foreign, const char *text, size_t size)
{
    span header, trees, end;
    double factor;
    foreign->library = "LightGBM";
    if (!cut_before((span){text, size}, "Tree=", &header, &trees)) return wrong("it has no trees");
    if (!cut_before(trees, "end of trees", &trees, &end)) return wrong("its trees have no end: the file was cut");
    AZ_TRY(read_objective(foreign, header, &factor));
    AZ_TRY(read_columns(foreign, header));
    AZ_TRY(read_trees(foreign, header, trees, factor));
    return read_pandas(foreign, end);
}
