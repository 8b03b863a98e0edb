/* SPDX-License-Identifier: BSD-3-Clause */
/* What model classes say of themselves: traits, names, parameter tables.  Nothing is fitted here but where a misspelt
 * name is tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/model.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    unsigned bit;
    const char *name;
} traits[] = {
    {AZ_TRAIT_WEIGHTS, "weights"},
    {AZ_TRAIT_NEGATIVE_WEIGHTS, "negative weights"},
    {AZ_TRAIT_SIGMA, "sigma"},
    {AZ_TRAIT_REPEAT_IS_WEIGHT, "repeat is weight"},
    {AZ_TRAIT_ROW_ORDER_FREE, "row order free"},
    {AZ_TRAIT_MISSING, "missing"},
    {AZ_TRAIT_SEVERAL_TARGETS, "several targets"},
    {AZ_TRAIT_PARTIAL_FIT, "partial fit"},
    {AZ_TRAIT_INTERVAL, "interval"},
    {AZ_TRAIT_ITERATIVE, "iterative"},
    {AZ_TRAIT_PERIODIC, "periodic"},
    {AZ_TRAIT_EXACT_PRODUCTS, "exact products"},
    {AZ_TRAIT_LEARNS_NOTHING, "learns nothing"},
    {AZ_TRAIT_CATEGORIES, "categories"},
    {AZ_TRAIT_CUTS_PERIODIC, "cuts periodic"},
    {AZ_TRAIT_JOINT_TARGETS, "joint targets"},
};

/* Lists what is declared and what is not; a class that lacks a trait says why. */
static void traits_are_declared_or_explained(void **state)
{
    (void)state;
    for (int i = 0; az_model_classes[i]; i++) {
        const az_model_class *class = az_model_classes[i];
        bool lacks = false;
        print_message("%s\n  declares:", class->name);
        for (size_t t = 0; t < sizeof traits / sizeof *traits; t++) {
            if (class->traits & traits[t].bit) print_message(" %s;", traits[t].name);
        }
        print_message("\n  does not:");
        for (size_t t = 0; t < sizeof traits / sizeof *traits; t++) {
            if (class->traits & traits[t].bit) continue;
            print_message(" %s;", traits[t].name);
            lacks = true;
        }
        print_message("\n  reasons: %s\n", class->without ? class->without : "none");
        assert_true(!lacks || (class->without && class->without[0]));
        /* A class cannot take negative weights, or read weights as repetition, without taking weights. */
        if (!(class->traits & AZ_TRAIT_WEIGHTS)) {
            assert_false(class->traits & (AZ_TRAIT_NEGATIVE_WEIGHTS | AZ_TRAIT_REPEAT_IS_WEIGHT));
        }
    }
}

static void required_members_are_there(void **state)
{
    (void)state;
    for (int i = 0; az_model_classes[i]; i++) {
        const az_model_class *c = az_model_classes[i];
        assert_true(c->name && c->summary && c->reference && c->params && c->tasks);
        assert_true(c->fit && c->free && c->predict && c->save && c->load);
        assert_null(strchr(c->summary, '\n'));
    }
}

enum { MOST_NAMES = 256, NAME_SIZE = 64 };
typedef struct name_set {
    int n;
    char names[MOST_NAMES][NAME_SIZE];
} name_set;

/* "-" and "_" are one to the command line. */
static void add_name(name_set *set, const char *name, size_t length, const char *owner)
{
    char text[NAME_SIZE];
    assert_in_range(length, 1, NAME_SIZE - 1);
    for (size_t i = 0; i < length; i++) text[i] = name[i] == '-' ? '_' : name[i];
    text[length] = 0;
    for (int k = 0; k < set->n; k++) {
        if (strcmp(set->names[k], text) == 0) fail_msg("%s: the name '%s' is there twice", owner, text);
    }
    assert_true(set->n < MOST_NAMES);
    memcpy(set->names[set->n++], text, length + 1);
}

static void add_names(name_set *set, const char *name, const char *aliases, const char *owner)
{
    add_name(set, name, strlen(name), owner);
    while (aliases && *aliases) {
        size_t length = strcspn(aliases, ",");
        add_name(set, aliases, length, owner);
        aliases += length + (aliases[length] == ',');
    }
}

/* Names and aliases are unique within a model together with the options that stand in front of every model, and over
 * the models of the registry. */
static void names_do_not_collide(void **state)
{
    (void)state;
    static name_set models;
    for (int i = 0; az_model_classes[i]; i++) {
        const az_model_class *class = az_model_classes[i];
        name_set set = {0};
        add_names(&models, class->name, class->aliases, "registry");
        for (const az_param *p = az_pipeline_params; p->name; p++) add_names(&set, p->name, p->aliases, class->name);
        for (const az_param *p = class->params; p->name; p++) add_names(&set, p->name, p->aliases, class->name);
    }
}

static void check_table(const az_param *params, const char *owner)
{
    for (const az_param *p = params; p->name; p++) {
        bool right = true;
        int n_choices = p->choices ? 1 : 0;
        for (const char *c = p->choices; c && *c; c++) n_choices += *c == '|';
        switch (p->type) {
        case AZ_PARAM_INT:
            right = p->initial == floor(p->initial) && p->lower <= p->initial && p->initial <= p->upper;
            break;
        case AZ_PARAM_REAL: /* NaN stands for a value chosen from the data */
            right = isnan(p->initial) || (p->lower <= p->initial && p->initial <= p->upper);
            break;
        case AZ_PARAM_BOOL: right = p->initial == 0 || p->initial == 1; break;
        case AZ_PARAM_CHOICE:
            right = n_choices >= 2 && p->initial >= 0 && p->initial < n_choices && p->initial == floor(p->initial);
            break;
        case AZ_PARAM_TEXT: right = p->initial_text && strlen(p->initial_text) < AZ_PARAM_TEXT_SIZE; break;
        }
        if (!right) fail_msg("%s: the default of %s is not one of its own values", owner, p->name);
        if (!p->help || !p->help[0] || strchr(p->help, '\n')) fail_msg("%s: %s has no one-line help", owner, p->name);
    }
}

static void defaults_are_allowed(void **state)
{
    (void)state;
    check_table(az_pipeline_params, "pipeline");
    for (int i = 0; az_model_classes[i]; i++) check_table(az_model_classes[i]->params, az_model_classes[i]->name);
}

/* A misspelt parameter is AZ_ERROR_USAGE, and the message has the right name; so too a misspelt model. */
static void misspelt_names_are_corrected(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {0, 1, 0, 1, 1, 0};
    az_table *table;
    assert_int_equal(az_table_new(&table, 6), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "x", NULL, x, 1), AZ_OK);
    assert_int_equal(az_table_add_numeric(table, "y", NULL, y, 1), AZ_OK);
    for (int i = 0; az_model_classes[i]; i++) {
        const az_model_class *class = az_model_classes[i];
        char text[128];
        for (const az_param *p = class->params; p->name; p++) {
            if (strlen(p->name) < 4) continue; /* too short for a misspelling to be told from another word */
            az_model *model = NULL;
            snprintf(text, sizeof text, "%sx=1", p->name);
            assert_int_equal(az_fit(&model, class->name, table, "y", text), AZ_ERROR_USAGE);
            assert_null(model);
            if (!strstr(az_error_message(), p->name)) fail_msg("%s: %s: %s", class->name, text, az_error_message());
        }
        snprintf(text, sizeof text, "%sz", class->name);
        assert_null(az_model_class_find(text));
        if (!strstr(az_error_message(), class->name)) fail_msg("%s: %s", text, az_error_message());
    }
    az_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traits_are_declared_or_explained),
        cmocka_unit_test(required_members_are_there),
        cmocka_unit_test(names_do_not_collide),
        cmocka_unit_test(defaults_are_allowed),
        cmocka_unit_test(misspelt_names_are_corrected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
