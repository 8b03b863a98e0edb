/* SPDX-License-Identifier: BSD-3-Clause */
/* A design as a program: the same steps as az_design_apply, from tables that hold only what this design needs. */
#include "data/design.h"

#include "base/memory.h"

#include <string.h>

/* NEED_LEVELS and NEED_WRAPS: categories and periodic inputs that stay one feature. */
typedef enum need {
    NEED_CATEGORIES = 1,
    NEED_PHASES = 2,
    NEED_CENTRES = 4,
    NEED_SCALES = 8,
    NEED_LEVELS = 16,
    NEED_WRAPS = 32,
    NEED_FILLS = 64
} need;

static unsigned needs(const az_design *design)
{
    unsigned found = 0;
    for (int64_t k = 0; k < design->n_inputs; k++) {
        const az_raw_input *input = &design->inputs[k];
        if (input->type == AZ_CATEGORICAL)
            found |= design->options.keep_categories ? NEED_LEVELS : NEED_CATEGORIES;
        else if (input->period > 0 && !design->options.keep_periodic)
            found |= NEED_PHASES;
        else if (input->period > 0 && design->options.wrap_periodic)
            found |= NEED_WRAPS;
    }
    if (!design->options.keep_missing) found |= NEED_FILLS;
    for (int64_t j = 0; j < design->n_features; j++) {
        if (design->features[j].center != 0) found |= NEED_CENTRES;
        if (design->features[j].scale != 1) found |= NEED_SCALES;
    }
    return found;
}

/* Per input: the median that stands for a missing number, its first base feature, its period.  Categories: how many
 * levels (-1: a number), where they start in level_base, which base feature is 1 for each (-1: none, the level left
 * out), and the level of a missing cell (-1: none). */
static az_status put_inputs(const az_design *design, unsigned needed, az_code *code)
{
    enum { FIRST, LEVELS, START, MISSING, N_LISTS };
    static const char *const names[N_LISTS] = {"input_base", "input_levels", "input_start", "input_missing"};
    const int64_t n = design->n_inputs;
    int64_t n_levels = 0;
    double *numbers = NULL;
    int32_t *lists = NULL, *place = NULL;
    az_status status = AZ_OK;
    for (int64_t k = 0; k < n; k++) n_levels += design->inputs[k].n_levels;
    if (!az_code_has_room(code, n_levels)) { /* is refused when the file is finished, whatever comes behind */
        az_code_integers(code, "level_base", NULL, INT64_MAX);
        return AZ_OK;
    }
    AZ_GOTO(AZ_NEW_ARRAY(numbers, 2 * n));
    AZ_GOTO(AZ_NEW_ARRAY(lists, N_LISTS * n));
    AZ_GOTO(AZ_NEW_ARRAY(place, n_levels));
    int32_t start = 0;
    for (int64_t k = 0; k < n; k++) {
        const az_raw_input *input = &design->inputs[k];
        const bool category = input->type == AZ_CATEGORICAL;
        numbers[k] = category ? 0 : input->fill;
        numbers[n + k] = category || !(needed & (NEED_PHASES | NEED_WRAPS)) ? 0 : input->period;
        lists[FIRST * n + k] = input->first_base;
        lists[LEVELS * n + k] = category ? input->n_levels : -1;
        lists[START * n + k] = start;
        lists[MISSING * n + k] = input->missing_level;
        int32_t base = input->first_base;
        for (int32_t level = 0; level < input->n_levels && start < n_levels; level++)
            place[start++] = level == input->dropped_level ? -1 : base++;
    }
    if (needed & NEED_FILLS) az_code_reals(code, "input_fill", numbers, n);
    if (needed & (NEED_PHASES | NEED_WRAPS)) az_code_reals(code, "input_period", numbers + n, n);
    if (needed & (NEED_CATEGORIES | NEED_PHASES)) az_code_integers(code, names[FIRST], lists, n);
    if (needed & NEED_LEVELS) {
        az_code_integers(code, names[LEVELS], lists + LEVELS * n, n);
        if (needed & NEED_FILLS) az_code_integers(code, names[MISSING], lists + MISSING * n, n);
    }
    if (needed & NEED_CATEGORIES) {
        for (int list = LEVELS; list < N_LISTS; list++) az_code_integers(code, names[list], lists + list * n, n);
        az_code_integers(code, "level_base", place, n_levels);
    }
done:
    az_free(numbers);
    az_free(lists);
    az_free(place);
    return status;
}

static az_status put_features(const az_design *design, unsigned needed, az_code *code)
{
    const int64_t n = design->n_features;
    double *numbers;
    AZ_TRY(AZ_NEW_ARRAY(numbers, n));
    if (needed & NEED_CENTRES) {
        for (int64_t j = 0; j < n; j++) numbers[j] = design->features[j].center;
        az_code_reals(code, "feature_center", numbers, n);
    }
    if (needed & NEED_SCALES) {
        for (int64_t j = 0; j < n; j++) numbers[j] = design->features[j].scale;
        az_code_reals(code, "feature_scale", numbers, n);
    }
    if (design->powers) {
        az_code_constant(code, "degree", design->options.degree);
        az_code_integers(code, "feature_factors", design->powers, n * design->options.degree);
    }
    az_free(numbers);
    return AZ_OK;
}

static void write_base(unsigned needed, az_code *code)
{
    const bool plain = !(needed & (NEED_CATEGORIES | NEED_PHASES));
    az_code_write(code, "for k in 0 .. n_inputs {\n"
                        "    value = inputs[k]\n");
    if (needed & NEED_CATEGORIES)
        az_code_write(code, "if input_levels[k] >= 0 {\n"
                            "    level = -1\n"
                            "    if isnan(value) {\n"
                            "        level = input_missing[k]\n"
                            "    } else if value >= 0.0 && value < input_levels[k] {\n"
                            "        level = whole(value)\n"
                            "    }\n"
                            "    if level >= 0 {\n"
                            "        place = level_base[input_start[k] + level]\n"
                            "        if place >= 0 {\n"
                            "            base[place] = 1.0\n"
                            "        }\n"
                            "    }\n"
                            "} else {\n");
    if (needed & NEED_LEVELS) {
        az_code_write(code, "if input_levels[k] >= 0 {\n");
        if (needed & NEED_FILLS)
            az_code_write(code, "if isnan(value) {\n"
                                "    value = input_missing[k]\n"
                                "}\n");
        az_code_write(code, "if !isnan(value) {\n"
                            "    level = -1\n"
                            "    if value >= 0.0 && value < input_levels[k] {\n"
                            "        level = whole(value)\n"
                            "    }\n"
                            "    value = level\n"
                            "}\n");
        if (needed & (NEED_FILLS | NEED_WRAPS)) az_code_write(code, "} else {\n");
    }
    if (needed & NEED_FILLS)
        az_code_write(code, "if isnan(value) {\n"
                            "    value = input_fill[k]\n"
                            "}\n");
    if (needed & NEED_WRAPS)
        az_code_write(code, "if input_period[k] > 0.0 && !isnan(value) {\n"
                            "    value = remainder(value, input_period[k])\n"
                            "    if value < 0.0 {\n"
                            "        value += input_period[k]\n"
                            "    }\n"
                            "    if value >= input_period[k] {\n"
                            "        value = 0.0\n"
                            "    }\n"
                            "}\n");
    if (needed & NEED_LEVELS) az_code_write(code, "}\n");
    if (needed & NEED_PHASES)
        az_code_write(code, "if input_period[k] > 0.0 {\n"
                            "    phase = 6.283185307179586 * (remainder(value, input_period[k]) / input_period[k])\n"
                            "    base[input_base[k]] = cos(phase)\n"
                            "    base[input_base[k] + 1] = sin(phase)\n"
                            "} else {\n");
    az_code_write(code, plain ? "base[k] = value\n" : "base[input_base[k]] = value\n");
    if (needed & NEED_PHASES) az_code_write(code, "}\n");
    if (needed & NEED_CATEGORIES) az_code_write(code, "}\n");
    az_code_write(code, "}\n");
}

az_status az_design_export(const az_design *design, az_code *code)
{
    const unsigned needed = needs(design);
    az_code_constant(code, "n_inputs", design->n_inputs);
    az_code_constant(code, "n_base", design->n_base);
    az_code_constant(code, "n_features", design->n_features);
    AZ_TRY(put_inputs(design, needed, code));
    AZ_TRY(put_features(design, needed, code));
    az_code_write(code,
                  "# What the model sees of the inputs: missing ones filled, categories, phases, products, scales.\n"
                  "procedure make_features(in real inputs[n_inputs], out real features[n_features]) {\n"
                  "real value, base[n_base]\n");
    if (needed & NEED_CATEGORIES) az_code_write(code, "int level, place\n");
    if (needed & NEED_LEVELS) az_code_write(code, "int level\n");
    if (needed & NEED_PHASES) az_code_write(code, "real phase\n");
    if (needed & NEED_CATEGORIES)
        az_code_write(code, "for b in 0 .. n_base {\n"
                            "    base[b] = 0.0\n"
                            "}\n");
    write_base(needed, code);
    az_code_write(code, "for j in 0 .. n_features {\n");
    if (design->powers)
        az_code_write(code, "value = base[feature_factors[j * degree]]\n"
                            "for d in 1 .. degree {\n"
                            "    if feature_factors[j * degree + d] >= 0 {\n"
                            "        value *= base[feature_factors[j * degree + d]]\n"
                            "    }\n"
                            "}\n");
    else
        az_code_write(code, "value = base[j]\n");
    az_code_write(code, needed & NEED_CENTRES && needed & NEED_SCALES
                            ? "features[j] = (value - feature_center[j]) / feature_scale[j]\n"
                        : needed & NEED_CENTRES ? "features[j] = value - feature_center[j]\n"
                        : needed & NEED_SCALES  ? "features[j] = value / feature_scale[j]\n"
                                                : "features[j] = value\n");
    az_code_write(code, "}\n"
                        "}\n");
    return AZ_OK;
}
