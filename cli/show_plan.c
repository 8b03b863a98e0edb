/* SPDX-License-Identifier: BSD-3-Clause */
/* How a network is run: its plan as text, or as a picture for Graphviz. */
#include "show.h"

#include <ansatz/graph.h>

#include <stdio.h>

az_status cli_show_plan(const cli_call *call, const az_model *model)
{
    const char *option = call->options.plan ? "plan" : "dot", *path = call->options.output;
    const az_plan *plan = model->class->plan ? model->class->plan(model->fitted) : NULL;
    if (call->options.plan && call->options.dot) return az_error(AZ_ERROR_USAGE, "give --plan or --dot, not both");
    if (!plan) return az_error(AZ_ERROR_USAGE, "--%s is of networks, and %s is none", option, model->class->name);
    size_t (*print)(const az_plan *, char *, size_t) = call->options.plan ? az_plan_print : az_plan_dot;
    const size_t length = print(plan, NULL, 0);
    char *told = az_alloc(length + 1);
    az_text text = {0};
    az_status status = AZ_ERROR_MEMORY;
    if (!told || length == 0) goto done; /* 0: out of memory */
    print(plan, told, length + 1);
    if (call->options.json) {
        az_json json = {.pretty = true};
        az_json_begin_object(&json, NULL);
        az_json_int(&json, "schema", 1);
        az_json_string(&json, option, told);
        az_json_end_object(&json);
        status = cli_print_json(&json);
    } else if (path) {
        az_text_append(&text, told);
        AZ_GOTO(az_text_status(&text));
        AZ_GOTO(cli_check_writable(path, "the plan"));
        status = cli_write_picture(path, &text);
    } else {
        fputs(told, stdout);
        status = cli_finish_output();
    }
done:
    az_text_free(&text);
    az_free(told);
    return status;
}
