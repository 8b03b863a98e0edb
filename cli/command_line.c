/* SPDX-License-Identifier: BSD-3-Clause */
/* The call, written again as a command line. */
#include "cli.h"

#include <string.h>

void cli_shell_quote(az_text *text, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
    if (*word && strspn(word, plain) == strlen(word)) {
        az_text_append(text, word);
        return;
    }
    az_text_append(text, "'");
    for (const char *c = word; *c; c++) {
        if (*c == '\'')
            az_text_append(text, "'\\''");
        else
            az_text_append_n(text, c, 1);
    }
    az_text_append(text, "'");
}

const char *cli_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static bool is_part_of_the_model(const cli_setting *setting)
{
    if (setting->param) return true;
    cli_group group = setting->option->group;
    return group == CLI_ROLES || group == CLI_READER || group == CLI_SPLIT;
}

void cli_append_setting(az_text *text, const cli_setting *setting, bool with_paths)
{
    const cli_option *option = setting->option;
    bool is_file = option && (option->type == CLI_FILE || strcmp(option->name, "test") == 0 ||
                              strcmp(option->name, "target") == 0);
    const char *value = is_file && !with_paths ? cli_base_name(setting->value) : setting->value;
    az_text_append(text, " --");
    for (const char *c = option ? option->name : setting->param->name; *c; c++)
        az_text_append_n(text, *c == '_' ? "-" : c, 1);
    if (option && option->type == CLI_FLAG) return;
    /* --comment= and --offset=-x: with "=" any value stands as it is. */
    az_text_append(text, !*value || *value == '-' ? "=" : " ");
    if (*value) cli_shell_quote(text, value);
}

az_status cli_command_line(const cli_call *call, bool with_paths, az_text *text)
{
    az_text_printf(text, "ansatz %s", call->command->name);
    if (call->class) az_text_printf(text, " %s", call->class->name);
    for (int64_t i = 0; i < call->n_words; i++) {
        az_text_append(text, " ");
        cli_shell_quote(text, with_paths ? call->words[i] : cli_base_name(call->words[i]));
    }
    for (int64_t i = 0; i < call->n_settings; i++) {
        const cli_setting *setting = &call->settings[i];
        if (is_part_of_the_model(setting)) cli_append_setting(text, setting, with_paths);
    }
    return az_text_status(text);
}
