/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz fit on data that do not fit into memory, and ansatz fit --continue. */
#include "fit.h"

#include "base/memory.h"
#include "data/metrics.h"
#include "data/source.h"
#include "memory.h"
#include "models/partial.h"

#include <math.h>
#include <string.h>

static az_status score_source(const az_model *model, az_source *source, cli_scores *scores, const az_control *control)
{
    az_score_sums *sums;
    double start = az_seconds();
    AZ_TRY(az_model_score_source(model, source, &sums, NULL, control));
    *scores = (cli_scores){.present = true,
                           .n_rows = az_score_sums_n_rows(sums),
                           .n_metrics = az_metric_count((unsigned)model->task),
                           .seconds = az_seconds() - start};
    az_status status = AZ_NEW_ARRAY(scores->values, scores->n_metrics);
    if (!status) status = az_score_sums_values(sums, scores->values);
    az_score_sums_free(sums);
    return status;
}

/* --test FILE: its rows are scored block by block too. */
static az_status score_test(cli_call *call, cli_fit_state *state)
{
    az_source *source = NULL;
    az_reader_options reader = call->options.reader;
    reader.join = reader.target_file = NULL;
    if (!call->options.test) return AZ_OK;
    AZ_TRY(az_source_for_model(&source, state->model, call->options.test, &reader, true, &call->control));
    az_status status = score_source(state->model, source, &state->test, &call->control);
    state->n_test = state->test.n_rows;
    snprintf(state->scored_on, sizeof state->scored_on, "%s", cli_base_name(call->options.test));
    az_source_free(source);
    return status;
}

/* OpenBLAS takes a buffer of 128 MB for each thread that calls it, and without room for one tries for ever: as many
 * threads as there is room for, half of it left to the fit itself. */
static az_status make_room_for_the_blas(cli_call *call)
{
    const double buffer = 150e6, left = cli_address_space_left();
    char there[CLI_NUMBER_MAX];
    if (left < buffer)
        return az_error(
            AZ_ERROR_MEMORY,
            "the limit on the address space (ulimit -v) leaves %s, and the linear algebra of a fit takes 150 "
            "MB before it begins",
            cli_bytes(there, left));
    const double n_most = fmax(floor(left / (2 * buffer)), 1);
    if (call->control.n_threads > n_most) {
        call->control.n_threads = (int)n_most;
        cli_say(call, "%d %s: the limit on the address space (ulimit -v) has no room for the buffers of more",
                call->control.n_threads, cli_plural(n_most, "thread", "threads"));
    }
    return AZ_OK;
}

az_status cli_fit_choose_way(cli_call *call, const cli_fit_state *state, const char *paths, bool *in_blocks)
{
    char need[CLI_NUMBER_MAX], there[CLI_NUMBER_MAX], rows[CLI_NUMBER_MAX];
    const cli_options *options = &call->options;
    cli_data_size size;
    *in_blocks = false;
    AZ_TRY(make_room_for_the_blas(call));
    if (options->sample > 0) return AZ_OK;
    AZ_TRY(cli_prepare_reader(call));
    AZ_TRY(cli_data_size_of(call, paths, &size));
    double available = cli_memory_available();
    if (size.bytes <= available) return AZ_OK;
    cli_bytes(need, size.bytes);
    cli_bytes(there, available);
    double unit = pow(10, floor(log10(size.rows)) - 1);
    cli_count(rows, unit * round(size.rows / unit));
    az_task task = call->class->tasks & AZ_REGRESSION ? AZ_REGRESSION : AZ_CLASSIFICATION;
    const bool binned = call->class->binned != NULL;
    const bool cannot = az_in_blocks_check(call->class, call->class_options, &call->pipeline, task, "") != AZ_OK;
    const double least = binned && !cannot ? cli_binned_bytes(call, &size) : 0;
    if (cannot || least > available)
        return az_error(AZ_ERROR_MEMORY,
                        "%s on about %s rows of %.0f columns needs about %s of memory%s, and %s are there: --sample N "
                        "fits it on N rows chosen at random",
                        call->class->name, rows, size.columns, cannot ? need : cli_bytes(need, least),
                        cannot ? "" : ", with a few bytes a value", there);
    const char *whole = state->test_fraction > 0 ? "--test with a fraction"
                        : options->report        ? "--report"
                        : options->refit         ? "--refit"
                        : options->interval > 0  ? "--interval"
                                                 : NULL;
    if (whole)
        return az_error(AZ_ERROR_MEMORY,
                        "%s needs all rows in memory, about %s, and %s are there: --sample N takes N rows chosen at "
                        "random%s",
                        whole, need, there, state->test_fraction > 0 ? ", --test FILE scores on another file" : "");
    cli_say(call, "about %s rows need about %s of memory, and %s are there: they are %s", rows, need, there,
            binned ? "read block by block and kept as bins" : "fitted block by block");
    *in_blocks = true;
    return AZ_OK;
}

az_status cli_fit_in_blocks(cli_call *call, cli_fit_state *state, const char *paths)
{
    az_source *source = NULL;
    az_control quiet = call->control;
    az_status status;
    quiet.message = NULL; /* what the fit has said of the rows is true of their scores too */
    double start = az_seconds();
    AZ_GOTO(cli_open_data(call, paths, &source));
    AZ_GOTO(az_model_fit_source(&state->model, call->class, call->class_options, &call->pipeline, source,
                                &call->options.roles, &call->control));
    state->seconds_fit = az_seconds() - start;
    state->n_train = state->model->n_train;
    AZ_GOTO(az_source_rewind(source));
    AZ_GOTO(score_source(state->model, source, &state->train, &quiet));
    status = score_test(call, state);
done:
    az_source_free(source);
    return status;
}

static az_status check_continue(const cli_call *call)
{
    const cli_options *options = &call->options;
    for (int64_t i = 0; i < call->n_settings; i++) {
        const cli_setting *setting = &call->settings[i];
        const char *name = setting->param ? setting->param->name : setting->option->name;
        if (setting->param && call->class && strcmp(name, call->class->more) == 0) continue;
        bool of_model = setting->param || setting->option->group == CLI_ROLES;
        if (of_model || strcmp(name, "sample") == 0 || strcmp(name, "checkpoint") == 0 || strcmp(name, "report") == 0 ||
            strcmp(name, "refit") == 0 || strcmp(name, "interval") == 0)
            return az_error(AZ_ERROR_USAGE,
                            "--continue goes on with the columns and options of %s: it does not take --%s",
                            options->from, name);
    }
    if (options->test && strpbrk(options->test, "0123456789.") == options->test &&
        strspn(options->test, "0123456789.") == strlen(options->test))
        return az_error(AZ_ERROR_USAGE,
                        "--continue sees each row once and holds none out: --test FILE scores on another");
    if (!options->output) return az_error(AZ_ERROR_USAGE, "--continue needs -o FILE.az, where the new model goes");
    if (options->json && strcmp(options->output, "-") == 0)
        return az_error(AZ_ERROR_USAGE, "-o - and --json would both write to standard output");
    return cli_check_writable(options->output, "the model");
}

/* The reader options of the model stay; the call is the one that made this model. */
static az_status remember(cli_call *call, az_model *model)
{
    az_text line = {0};
    az_status status = cli_command_line(call, false, &line);
    if (!status) {
        model->command = az_arena_strndup(&model->strings, line.data, line.length);
        if (!model->command) status = AZ_ERROR_MEMORY;
    }
    az_text_free(&line);
    return status;
}

/* More parts of a model that is made of parts, on data that are read as a whole. */
static az_status extend(cli_call *call, cli_fit_state *state, const az_model *before, const char *paths)
{
    az_text parameters = {0};
    for (int64_t i = 0; i < call->n_settings; i++)
        if (call->settings[i].param) {
            parameters.length = 0;
            az_text_printf(&parameters, "%s=%s", before->class->more, call->settings[i].value);
        }
    az_status status = az_text_status(&parameters);
    if (!status) status = cli_read_data(call, paths, &state->table);
    if (!status)
        status =
            az_fit_extend(&state->model, before, state->table, parameters.data ? parameters.data : "", &call->control);
    az_text_free(&parameters);
    return status;
}

az_status cli_fit_continue(cli_call *call)
{
    cli_fit_state state = {0};
    az_model *before = NULL;
    az_source *source = NULL;
    az_text paths = {0};
    char rows[CLI_NUMBER_MAX], all[CLI_NUMBER_MAX];
    az_status status = check_continue(call);
    if (status) return status;
    AZ_GOTO(cli_read_model(call, call->options.from, &before));
    AZ_GOTO(cli_reader_from_model(call, before));
    AZ_GOTO(cli_join_words(call, 0, &paths));
    const bool extends = before->class->extend != NULL;
    if (!extends)
        AZ_GOTO(az_source_for_model(&source, before, paths.data, &call->options.reader, true, &call->control));
    double start = az_seconds();
    AZ_GOTO(extends ? extend(call, &state, before, paths.data)
                    : az_fit_continue(&state.model, before, source, &call->control));
    state.seconds_fit = az_seconds() - start;
    state.n_train = state.model->n_train;
    call->class = NULL; /* the command line names the file instead */
    if (!extends)
        cli_say(call, "%s rows more, %s in all", cli_count(rows, (double)(state.n_train - before->n_train)),
                cli_count(all, (double)state.n_train));
    AZ_GOTO(score_test(call, &state));
    AZ_GOTO(remember(call, state.model));
    AZ_GOTO(az_model_write(state.model, call->options.output));
    cli_notes_flush(call);
    if (strcmp(call->options.output, "-") == 0) goto done;
    AZ_GOTO(call->options.json ? cli_fit_json(call, &state) : cli_fit_print(call, &state));
done:
    az_table_free(state.table);
    cli_scores_free(&state.test);
    az_text_free(&paths);
    az_source_free(source);
    az_model_free(before);
    az_model_free(state.model);
    return status;
}
