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

/* A list of paths, each without its folders; quotes stay. */
static az_status without_folders(az_text *names, const char *list)
{
    const char *name = list; /* of the item's last part */
    char quote = 0;
    for (const char *c = list;; c++) {
        bool ends = !*c || (!quote && *c == ',');
        if (ends) az_text_append_n(names, name, (size_t)(c - name) + (*c == ','));
        if (!*c) break;
        if (quote ? *c == quote : *c == '"' || *c == '`') {
            if (!quote) az_text_append_n(names, c, 1);
            quote = quote ? 0 : *c;
            if (quote) name = c + 1;
        }
        if (ends || (*c == '/' && c[1])) name = c + 1;
    }
    az_text_append(names, "");
    return az_text_status(names);
}

/* --target names a column, or a file with the labels: then it is the reader's target file. */
static bool is_file(const cli_call *call, const cli_setting *setting)
{
    const cli_option *option = setting->option;
    if (!option) return false;
    if (strcmp(option->name, "target") == 0)
        return call->options.reader.target_file && strcmp(call->options.reader.target_file, setting->value) == 0;
    return option->type == CLI_FILE || strcmp(option->name, "test") == 0;
}

void cli_append_setting(az_text *text, const cli_setting *setting)
{
    const cli_option *option = setting->option;
    const char *value = setting->value;
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
    az_text names = {0};
    az_status status = AZ_OK;
    for (int64_t i = 0; i < call->n_words; i++) {
        names.length = 0;
        AZ_GOTO(without_folders(&names, call->words[i]));
        az_text_append(text, " ");
        cli_shell_quote(text, with_paths ? call->words[i] : names.data);
    }
    for (int64_t i = 0; i < call->n_settings; i++) {
        cli_setting setting = call->settings[i];
        if (!is_part_of_the_model(&setting)) continue;
        names.length = 0;
        if (!with_paths && is_file(call, &setting)) {
            AZ_GOTO(without_folders(&names, setting.value));
            setting.value = names.data;
        }
        cli_append_setting(text, &setting);
    }
    status = az_text_status(text);
done:
    az_text_free(&names);
    return status;
}
