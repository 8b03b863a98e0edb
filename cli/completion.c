/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz completion bash|zsh: a script made from the tables of commands, options, models and parameters. */
#include "cli.h"

#include <string.h>

static void dashed(const char *name)
{
    for (; *name; name++) putchar(*name == '_' ? '-' : *name);
}

static void option_words(const cli_command *command)
{
    for (const cli_option *option = cli_option_table; option->name; option++)
        if (cli_command_takes(command, option)) printf("--%s ", option->name);
    for (const az_param *param = az_pipeline_params; param->name; param++) {
        if (!cli_command_takes_pipeline(command, param->name)) continue;
        fputs("--", stdout);
        dashed(param->name);
        putchar(' ');
    }
}

static void choices(const char *name, const char *list)
{
    printf("    --");
    dashed(name);
    printf(") words=\"");
    for (; *list; list++) putchar(*list == '|' ? ' ' : *list);
    printf("\" ;;\n");
}

/* zsh reads the same script through bashcompinit, so there is one generator and not two. */
static void script(bool zsh)
{
    if (zsh)
        printf("#compdef ansatz\n(( $+functions[compdef] )) || { autoload -U compinit && compinit }\n"
               "autoload -U +X bashcompinit && bashcompinit\n");
    printf("_ansatz_words()\n{\n    local word=\"${COMP_WORDS[COMP_CWORD]}\" command=\"${COMP_WORDS[1]}\""
           " model=\"${COMP_WORDS[2]}\" words=\"\"\n");
    printf("    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"");
    for (int i = 0; cli_commands[i]; i++) printf("%s ", cli_commands[i]->name);
    printf("--help --version\"\n    else\n        case \"$command\" in\n");
    for (int i = 0; cli_commands[i]; i++) {
        printf("        %s) words=\"", cli_commands[i]->name);
        option_words(cli_commands[i]);
        printf("\" ;;\n");
    }
    printf("        esac\n        if [ \"$COMP_CWORD\" -eq 2 ]; then\n            case \"$command\" in\n"
           "            fit|models) words=\"$words ");
    for (int i = 0; az_model_classes[i]; i++) printf("%s ", az_model_classes[i]->name);
    printf("\" ;;\n            help) words=\"");
    for (int i = 0; cli_commands[i]; i++) printf("%s ", cli_commands[i]->name);
    printf("\" ;;\n            completion) words=\"bash zsh\" ;;\n            esac\n"
           "        elif [ \"$command\" = fit ]; then\n            case \"$model\" in\n");
    for (int i = 0; az_model_classes[i]; i++) {
        const az_param *params = az_model_classes[i]->params;
        if (!params || !params->name) continue;
        printf("            %s) words=\"$words ", az_model_classes[i]->name);
        for (; params->name; params++) {
            fputs("--", stdout);
            dashed(params->name);
            putchar(' ');
        }
        printf("\" ;;\n");
    }
    printf("            esac\n        fi\n    fi\n    case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n");
    for (const cli_option *option = cli_option_table; option->name; option++)
        if (option->choices) choices(option->name, option->choices);
    for (const az_param *param = az_pipeline_params; param->name; param++)
        if (param->choices) choices(param->name, param->choices);
    printf("    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
           "complete -o bashdefault -o default -F _ansatz_words ansatz\n");
    /* In a folder of fpath this script is the body of the function _ansatz, and its first call has to answer too. */
    if (zsh)
        printf("[[ $funcstack[1] == _ansatz ]] && _bash_complete -o bashdefault -o default -F _ansatz_words\n"
               "return 0\n");
}

static az_status run(cli_call *call)
{
    const char *shell = call->words[0];
    if (strcmp(shell, "bash") != 0 && strcmp(shell, "zsh") != 0)
        return az_error(AZ_ERROR_USAGE, "completion is made for bash and zsh, not for \"%s\"", shell);
    script(strcmp(shell, "zsh") == 0);
    return cli_finish_output();
}

const cli_command cli_completion = {
    .name = "completion",
    .heading = "help",
    .arguments = "bash|zsh",
    .summary = "Print the completion script of a shell",
    .example = "ansatz completion bash > /etc/bash_completion.d/ansatz",
    .min_words = 1,
    .max_words = 1,
    .missing = "completion needs the name of a shell, bash or zsh",
    .run = run,
};
