/* SPDX-License-Identifier: BSD-3-Clause */
/* From words to a call.  GNU rules: --name value and --name=value, options anywhere, "--" ends them, short switches may
 * be joined (-qv).  A name is looked up first among the program's options, then among the parameters of the pipeline
 * and of the model; the model's name may come after its parameters, so it is found in a first pass. */
#include "cli.h"

#include "base/memory.h"
#include "base/number.h"

#include <string.h>
#include <unistd.h>

/* What a name on the command line or in a configuration file stands for. */
typedef struct meaning {
    const cli_option *option;
    const az_param *param;
    bool of_pipeline;
} meaning;

#define NAME_MAX_LENGTH 128

static const az_param *find_param(const az_param *params, const char *name, size_t length)
{
    char copy[NAME_MAX_LENGTH];
    if (!params || length >= sizeof copy) return NULL;
    for (size_t i = 0; i < length; i++) copy[i] = name[i] == '-' ? '_' : name[i];
    copy[length] = '\0';
    return az_param_find(params, copy);
}

/* With the class not known yet, any class that has the parameter will do: all that is asked then is whether it is a
 * switch. */
static bool look_up(const cli_call *call, const char *name, size_t length, meaning *found)
{
    *found = (meaning){0};
    const cli_option *option = cli_option_find(name, length);
    if (option && cli_command_takes(call->command, option)) {
        found->option = option;
        return true;
    }
    const az_param *param = call->command->pipeline ? find_param(az_pipeline_params, name, length) : NULL;
    if (param && cli_command_takes_pipeline(call->command, param->name)) {
        found->param = param;
        found->of_pipeline = true;
        return true;
    }
    if (!call->command->takes_model) return false;
    if (call->class) {
        found->param = find_param(call->class->params, name, length);
        return found->param != NULL;
    }
    for (int i = 0; az_model_classes[i] && !found->param; i++)
        found->param = find_param(az_model_classes[i]->params, name, length);
    return found->param != NULL;
}

static bool is_switch(const meaning *m)
{
    return m->option ? m->option->type == CLI_FLAG : m->param->type == AZ_PARAM_BOOL;
}

/* "-" is a file and -3 a number; all else that starts with a dash is an option. */
static bool looks_like_option(const char *word)
{
    return word[0] == '-' && word[1] && !(word[1] >= '0' && word[1] <= '9') && word[1] != '.';
}

/* ---- names that are wrong ---- */

typedef struct names {
    const cli_call *call;
    az_arena arena;
} names;

/* Candidate i in the order: options, pipeline, model; each parameter followed by its aliases. */
static const char *param_name(names *all, const az_param *params, const cli_command *filter, int64_t *i)
{
    for (const az_param *param = params; param && param->name; param++) {
        if (filter && !cli_command_takes_pipeline(filter, param->name)) continue;
        if ((*i)-- == 0) return param->name;
        for (const char *at = param->aliases; at && *at;) {
            size_t n = strcspn(at, ",");
            if ((*i)-- == 0) return az_arena_strndup(&all->arena, at, n);
            at += n + (at[n] != 0);
        }
    }
    return NULL;
}

static const char *candidate(void *context, int64_t i)
{
    names *all = context;
    const cli_command *command = all->call->command;
    for (const cli_option *option = cli_option_table; option->name; option++)
        if (cli_command_takes(command, option) && i-- == 0) return option->name;
    const char *name = NULL;
    if (command->pipeline) name = param_name(all, az_pipeline_params, command, &i);
    if (!name && all->call->class) name = param_name(all, all->call->class->params, NULL, &i);
    return name;
}

static az_status unknown_name(const cli_call *call, const char *name, size_t length, const char *where)
{
    names all = {.call = call};
    char copy[NAME_MAX_LENGTH];
    size_t n = length < sizeof copy ? length : sizeof copy - 1;
    memcpy(copy, name, n);
    copy[n] = '\0';
    const char *dashes = *where ? "" : "--";
    const cli_option *elsewhere = cli_option_find(copy, n);
    char owner[96];
    if (call->class)
        snprintf(owner, sizeof owner, "%s %s", call->command->name, call->class->name);
    else
        snprintf(owner, sizeof owner, "%s", call->command->name);
    const char *nearest = elsewhere ? NULL : az_nearest(copy, candidate, &all);
    char shown[NAME_MAX_LENGTH];
    if (nearest) {
        snprintf(shown, sizeof shown, "%s", nearest);
        for (char *c = shown; *c; c++) *c = *c == '_' ? '-' : *c;
    }
    if (elsewhere)
        (void)az_error(AZ_ERROR_USAGE, "%s%s%s is not an option of ansatz %s; ansatz %s --help lists what is", where,
                       dashes, copy, call->command->name, call->command->name);
    else if (nearest)
        (void)az_error(AZ_ERROR_USAGE, "%s%s%s is neither an option nor a parameter of ansatz %s; did you mean %s%s?",
                       where, dashes, copy, owner, dashes, *where ? nearest : shown);
    else if (call->class)
        (void)az_error(
            AZ_ERROR_USAGE,
            "%s%s%s is neither an option nor a parameter of ansatz %s; ansatz models %s lists the parameters", where,
            dashes, copy, owner, call->class->name);
    else
        (void)az_error(AZ_ERROR_USAGE, "%s%s%s is not an option of ansatz %s; ansatz %s --help lists what is", where,
                       dashes, copy, owner, call->command->name);
    az_arena_free(&all.arena);
    return AZ_ERROR_USAGE;
}

/* ---- settings ---- */

static az_status set_param(cli_call *call, const meaning *m, const char *value)
{
    bool found, truth;
    if (m->param->type == AZ_PARAM_BOOL) {
        if (!cli_parse_bool(value, &truth))
            return az_error(AZ_ERROR_USAGE, "--%s is a switch: it takes true or false, not \"%s\"", m->param->name,
                            value);
        value = truth ? "true" : "false";
    }
    if (m->of_pipeline) return az_params_set(az_pipeline_params, &call->pipeline, m->param->name, value, &found);
    if (!call->class)
        return az_error(AZ_ERROR_USAGE, "--continue goes on with the options of its model: it does not take --%s",
                        m->param->name);
    return az_params_set(call->class->params, call->class_options, m->param->name, value, &found);
}

/* An option given again, where that is allowed: both values. */
static az_status join(cli_call *call, cli_setting *old, const char *value)
{
    az_text both = {0};
    az_text_printf(&both, "%s%s%s", old->value, old->option->joined, value);
    az_status status = az_text_status(&both);
    if (!status) old->value = az_arena_strndup(&call->strings, both.data, both.length);
    az_text_free(&both);
    if (status || !old->value) return AZ_ERROR_MEMORY;
    return cli_option_set(old->option, &call->options, old->value);
}

static az_status set(cli_call *call, const meaning *m, const char *value, bool from_config)
{
    for (int64_t i = 0; i < call->n_settings; i++) {
        cli_setting *old = &call->settings[i];
        if (old->option != m->option || old->param != m->param) continue;
        if (from_config && !old->from_config) return AZ_OK; /* the command line wins */
        if (old->option && old->option->joined) return join(call, old, value);
        return az_error(AZ_ERROR_USAGE, "%s%s is given twice: \"%s\" and \"%s\"", from_config ? "" : "--",
                        m->option ? m->option->name : m->param->name, old->value, value);
    }
    AZ_TRY(m->option ? cli_option_set(m->option, &call->options, value) : set_param(call, m, value));
    cli_setting *grown = az_realloc_array(call->settings, call->n_settings + 1, sizeof *grown);
    if (!grown) return AZ_ERROR_MEMORY;
    call->settings = grown;
    grown[call->n_settings++] =
        (cli_setting){.option = m->option, .param = m->param, .value = value, .from_config = from_config};
    return AZ_OK;
}

/* ---- walking the words ---- */

typedef struct walk {
    int argc, at;
    char **argv;
    bool ended; /* after "--" */
} walk;

typedef struct item { /* a word, or an option with its value */
    const char *word;
    meaning option;
    const char *value;
} item;

static az_status need_value(const char *name, size_t length)
{
    return az_error(AZ_ERROR_USAGE, "%s%.*s needs a value", length == 1 ? "-" : "--", (int)length, name);
}

static az_status next_long(const cli_call *call, walk *w, item *found)
{
    const char *name = w->argv[w->at++] + 2;
    size_t length = strcspn(name, "=");
    if (!look_up(call, name, length, &found->option)) return unknown_name(call, name, length, "");
    if (name[length] == '=') {
        found->value = name + length + 1;
        return AZ_OK;
    }
    const char *following = w->at < w->argc ? w->argv[w->at] : NULL;
    if (is_switch(&found->option)) {
        /* A parameter may be followed by its value; a switch of the program may not: --json data.csv. */
        bool truth;
        found->value = "true";
        if (found->option.param && following && cli_parse_bool(following, &truth)) found->value = w->argv[w->at++];
        return AZ_OK;
    }
    if (!following || looks_like_option(following)) return need_value(name, length);
    found->value = w->argv[w->at++];
    return AZ_OK;
}

/* One short option; a switch is cut off the word so that the next call sees the rest of -qv. */
static az_status next_short(const cli_call *call, walk *w, item *found, size_t *offset)
{
    const char *word = w->argv[w->at];
    size_t i = *offset ? *offset : 1;
    const cli_option *option = cli_option_find_letter(word[i]);
    if (!option || !cli_command_takes(call->command, option))
        return az_error(AZ_ERROR_USAGE, "-%c is not an option of ansatz %s; ansatz %s --help lists what is", word[i],
                        call->command->name, call->command->name);
    found->option.option = option;
    if (option->type == CLI_FLAG) {
        found->value = "true";
        *offset = word[i + 1] ? i + 1 : 0;
        if (!*offset) w->at++;
        return AZ_OK;
    }
    *offset = 0;
    w->at++;
    if (word[i + 1]) {
        found->value = word + i + 1;
        return AZ_OK;
    }
    if (w->at >= w->argc || looks_like_option(w->argv[w->at])) return need_value(word + i, 1);
    found->value = w->argv[w->at++];
    return AZ_OK;
}

static az_status next_item(const cli_call *call, walk *w, size_t *offset, item *found)
{
    *found = (item){0};
    if (*offset) return next_short(call, w, found, offset);
    const char *word = w->argv[w->at];
    if (!w->ended && strcmp(word, "--") == 0) {
        w->ended = true;
        w->at++;
        return AZ_OK;
    }
    if (!w->ended && word[0] == '-' && word[1] == '-') return next_long(call, w, found);
    if (!w->ended && looks_like_option(word)) return next_short(call, w, found, offset);
    found->word = word;
    w->at++;
    return AZ_OK;
}

/* ---- the model ---- */

static bool looks_like_file(const char *word)
{
    return strpbrk(word, "./*") != NULL || access(word, F_OK) == 0;
}

static az_status set_class(cli_call *call, const char *name)
{
    call->class = az_model_class_find(name);
    if (!call->class) {
        if (looks_like_file(name))
            return az_error(AZ_ERROR_USAGE,
                            "%s expects the name of a model before the data, and \"%s\" looks like a file; "
                            "for example: %s",
                            call->command->name, name, call->command->example);
        return AZ_ERROR_USAGE;
    }
    if (call->class->options_size) {
        call->class_options = az_alloc_zero(call->class->options_size);
        if (!call->class_options) return AZ_ERROR_MEMORY;
        az_params_default(call->class->params, call->class_options);
    }
    return AZ_OK;
}

/* Of a model that can be given more of its parts, the parameters are known.  A file that cannot be read is complained
 * of when it is used. */
static az_status set_class_of_file(cli_call *call, const char *path)
{
    az_model *model = NULL;
    if (az_model_read(&model, path)) return AZ_OK;
    az_status status = model->class->extend ? set_class(call, model->class->name) : AZ_OK;
    az_model_free(model);
    return status;
}

/* The first word and the configuration file, before anything is set.  Names that are unknown as long as the model is
 * are left for the second pass to complain about. */
static void first_pass(const cli_call *call, int argc, char **argv, const char **first_word, const char **config,
                       const char **continues)
{
    walk w = {.argc = argc, .argv = argv};
    size_t offset = 0;
    *first_word = *config = NULL;
    *continues = NULL;
    while (w.at < argc) {
        item found;
        int before = w.at;
        if (next_item(call, &w, &offset, &found)) {
            offset = 0;
            w.at = before + 1;
            continue;
        }
        if (found.word && !*first_word) *first_word = found.word;
        if (found.option.option && strcmp(found.option.option->name, "config") == 0) *config = found.value;
        if (found.option.option && strcmp(found.option.option->name, "continue") == 0) *continues = found.value;
    }
}

static bool asks_for_help(const cli_call *call, int argc, char **argv)
{
    (void)call;
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

static az_status apply_config(cli_call *call, const cli_config_line *lines, int64_t n_lines, const char *path)
{
    for (int64_t i = 0; i < n_lines; i++) {
        const cli_config_line *line = &lines[i];
        if (strcmp(line->key, "model") == 0 && call->command->takes_model) continue;
        if (strcmp(line->key, "data") == 0 || strcmp(line->key, "command") == 0) continue;
        char where[512];
        snprintf(where, sizeof where, "%s:%lld: ", path, (long long)line->number);
        meaning m;
        if (!look_up(call, line->key, strlen(line->key), &m))
            return unknown_name(call, line->key, strlen(line->key), where);
        if (m.option && strcmp(m.option->name, "config") == 0)
            return az_error(AZ_ERROR_USAGE, "%sa configuration file cannot name another one", where);
        az_status status = set(call, &m, line->value, true);
        if (status) return az_error_context(status, "%s:%lld", path, (long long)line->number);
    }
    return AZ_OK;
}

static const char *config_value(const cli_config_line *lines, int64_t n_lines, const char *key)
{
    for (int64_t i = 0; i < n_lines; i++)
        if (strcmp(lines[i].key, key) == 0) return lines[i].value;
    return NULL;
}

static az_status check_words(const cli_call *call)
{
    const cli_command *command = call->command;
    if (call->n_words < command->min_words)
        return az_error(AZ_ERROR_USAGE, "%s; for example: %s", command->missing, command->example);
    if (command->max_words >= 0 && call->n_words > command->max_words)
        return az_error(AZ_ERROR_USAGE, "ansatz %s %s: \"%s\" is one word too many", command->name, command->arguments,
                        call->words[command->max_words]);
    return AZ_OK;
}

az_status cli_parse(cli_call *call, int argc, char **argv)
{
    const char *first_word, *config;
    const char *continues; /* the model is this file, named by the option, and not the first word */
    cli_config_line *lines = NULL;
    int64_t n_lines = 0;
    cli_options_default(&call->options);
    az_params_default(az_pipeline_params, &call->pipeline);
    if (asks_for_help(call, argc, argv)) {
        call->options.help = true;
        return AZ_OK;
    }
    first_pass(call, argc, argv, &first_word, &config, &continues);
    if (config) AZ_TRY(cli_config_read(config, &call->strings, &lines, &n_lines));

    const char *model = call->command->takes_model ? config_value(lines, n_lines, "model") : NULL;
    bool model_is_word = call->command->takes_model && !continues;
    if (model && !(first_word && !looks_like_file(first_word) && az_model_class_find(first_word)))
        model_is_word = false;
    else
        model = first_word;
    if (call->command->takes_model && !continues) {
        if (!model)
            return az_error(AZ_ERROR_USAGE, "%s; for example: %s", call->command->missing, call->command->example);
        AZ_TRY(set_class(call, model));
    }

    if (call->command->takes_model && continues) AZ_TRY(set_class_of_file(call, continues));
    call->words = az_arena_alloc(&call->strings, sizeof *call->words * ((size_t)argc + 1));
    if (!call->words) return AZ_ERROR_MEMORY;
    walk w = {.argc = argc, .argv = argv};
    size_t offset = 0;
    while (w.at < argc) {
        item found;
        AZ_TRY(next_item(call, &w, &offset, &found));
        if (found.word) {
            if (model_is_word)
                model_is_word = false;
            else
                call->words[call->n_words++] = found.word;
        } else if (found.value) {
            AZ_TRY(set(call, &found.option, found.value, false));
        }
    }
    const char *data = config_value(lines, n_lines, "data");
    if (data && call->n_words == 0) call->words[call->n_words++] = data;
    AZ_TRY(apply_config(call, lines, n_lines, config));
    if (call->options.version) return AZ_OK;
    return call->options.print_config ? AZ_OK : check_words(call);
}

void cli_call_free(cli_call *call)
{
    for (int64_t i = 0; i < call->n_notes; i++) az_free(call->notes[i].text);
    az_free(call->notes);
    az_free(call->class_options);
    az_free(call->settings);
    az_arena_free(&call->strings);
}
