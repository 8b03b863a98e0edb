/* SPDX-License-Identifier: BSD-3-Clause */
/* Configuration files: lines "key = value".  A line whose first character is # is a comment; a # further on belongs to
 * the value, since it is itself a value that --comment takes.  The value is all that follows, without blanks around. */
#include "cli.h"

#include "base/file.h"
#include "base/memory.h"

#include <ctype.h>
#include <string.h>

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) at++;
    return at;
}

static const char *drop_blanks(const char *begin, const char *end)
{
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r')) end--;
    return end;
}

static az_status parse_lines(const char *path, const char *text, size_t size, az_arena *arena, cli_config_line **lines,
                             int64_t *n_lines)
{
    int64_t number = 0, capacity = 1;
    for (size_t i = 0; i < size; i++) capacity += text[i] == '\n';
    *lines = az_arena_alloc(arena, sizeof **lines * (size_t)capacity);
    if (!*lines) return AZ_ERROR_MEMORY;
    if (memchr(text, '\0', size))
        return az_error(AZ_ERROR_USAGE, "%s: this is not a text of key = value lines", path);
    for (const char *at = text, *end = text + size; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end) line_end = end;
        number++;
        const char *begin = skip_blanks(at, line_end), *equals = memchr(begin, '=', (size_t)(line_end - begin));
        at = line_end + 1;
        if (begin == line_end || *begin == '#') continue;
        if (!equals || equals == begin)
            return az_error(AZ_ERROR_USAGE, "%s:%lld: expected key = value", path, (long long)number);
        const char *key_end = drop_blanks(begin, equals), *value = skip_blanks(equals + 1, line_end);
        const char *value_end = drop_blanks(value, line_end);
        cli_config_line *line = &(*lines)[(*n_lines)++];
        line->key = az_arena_strndup(arena, begin, (size_t)(key_end - begin));
        line->value = az_arena_strndup(arena, value, (size_t)(value_end - value));
        line->number = number;
        if (!line->key || !line->value) return AZ_ERROR_MEMORY;
    }
    return AZ_OK;
}

az_status cli_config_read(const char *path, az_arena *arena, cli_config_line **lines, int64_t *n_lines)
{
    az_file file;
    *n_lines = 0;
    AZ_TRY(az_file_open(&file, path, NULL));
    az_status status = parse_lines(path, file.data, file.size, arena, lines, n_lines);
    az_file_close(&file);
    return status;
}

static void print_params(const az_param *params, const void *options, const cli_command *command, az_status *status)
{
    for (const az_param *param = params; param && param->name && !*status; param++) {
        char value[AZ_PARAM_TEXT_SIZE + 64];
        if (command && !cli_command_takes_pipeline(command, param->name)) continue;
        *status = az_param_value_text(param, options, value, sizeof value);
        if (!*status) printf("%s = %s\n", param->name, value);
    }
}

/* Everything that a run depends on, so that the file repeats it whatever the defaults of a later version. */
az_status cli_config_print(const cli_call *call)
{
    az_status status = AZ_OK;
    az_text data = {0};
    for (int64_t i = 0; i < call->n_settings; i++)
        if (strpbrk(call->settings[i].value, "\n\r"))
            return az_error(AZ_ERROR_USAGE, "a value with a line break cannot stand in a configuration file");
    printf("# ansatz %s --config FILE    (made by ansatz %s)\n", call->command->name, az_version());
    if (call->class) printf("model = %s\n", call->class->name);
    if (call->n_words) {
        AZ_TRY(cli_join_words(call, 0, &data));
        printf("data = %s\n", data.data);
        az_text_free(&data);
    }
    for (const cli_option *option = cli_option_table; option->name; option++) {
        const char *field = (const char *)&call->options + option->offset, *given = NULL;
        bool told = !cli_command_takes(call->command, option) || strcmp(option->name, "config") == 0 ||
                    strcmp(option->name, "print-config") == 0 || option->group == CLI_GENERAL;
        if (told) continue;
        for (int64_t i = 0; i < call->n_settings; i++)
            if (call->settings[i].option == option) given = call->settings[i].value;
        if (given)
            printf("%s = %s\n", option->name, given);
        else if (option->type == CLI_INT && *(const int64_t *)field)
            printf("%s = %lld\n", option->name, (long long)*(const int64_t *)field);
        else
            printf("# %s =    # %s\n", option->name, option->help);
    }
    if (call->command->pipeline) {
        printf("# preprocessing\n");
        print_params(az_pipeline_params, &call->pipeline, call->command, &status);
    }
    if (call->class && !status) {
        printf("# parameters of %s\n", call->class->name);
        print_params(call->class->params, call->class_options, NULL, &status);
    }
    return status ? status : cli_finish_output();
}
