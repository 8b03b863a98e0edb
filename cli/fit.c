/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz fit: read, hold out, fit, score, save. */
#include "fit.h"

#include "base/memory.h"
#include "base/number.h"
#include "data/source.h"
#include "data/table.h"
#include "models/interval.h"

#include <string.h>
#include <unistd.h>

/* --test FRACTION: rows in time's gap belong to neither part. */
static az_status hold_out(cli_call *call, cli_fit_state *state)
{
    const az_problem *problem = state->problem;
    az_split_data data;
    az_problem_split_data(problem, &data);
    unsigned char *test = NULL;
    int32_t *fold = NULL;
    az_status status = AZ_OK;
    AZ_GOTO(AZ_NEW_ARRAY(test, problem->n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(fold, problem->n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(state->train_rows, problem->n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(state->test_rows, problem->n_rows));
    AZ_GOTO(az_split_holdout(&state->split, &data, state->test_fraction, test));
    for (int64_t i = 0; i < problem->n_rows; i++) {
        fold[i] = test[i] ? 0 : 1;
        if (test[i]) state->test_rows[state->n_test++] = i;
    }
    az_split_training_rows(&state->split, &data, fold, 0, state->train_rows, &state->n_train);
    if (state->n_train == 0 || state->n_test == 0)
        AZ_GOTO(az_error(AZ_ERROR_DATA, "--test %s of %lld rows leaves none for %s", call->options.test,
                         (long long)problem->n_rows, state->n_train ? "the test" : "training"));
    const char *kind = az_split_name(az_split_resolve(state->split.kind, &data));
    cli_say(call, "%lld rows held out for the test, %lld to train on, split: %s (--split)", (long long)state->n_test,
            (long long)state->n_train, kind);
    snprintf(state->scored_on, sizeof state->scored_on, "%lld rows held out, %s", (long long)state->n_test, kind);
done:
    az_free(test);
    az_free(fold);
    return status;
}

/* --test FRACTION or --test FILE. */
static az_status read_fraction(const cli_call *call, cli_fit_state *state)
{
    double fraction;
    const char *test = call->options.test;
    bool is_fraction = test && az_parse_double_string(test, &fraction);
    if (call->options.test_target && (!test || is_fraction))
        return az_error(AZ_ERROR_USAGE, "--test-target goes with --test FILE, whose labels it holds");
    if (!is_fraction) return AZ_OK;
    if (!(fraction > 0 && fraction < 1))
        return az_error(AZ_ERROR_USAGE, "--test takes a fraction between 0 and 1, or a file, not \"%s\"", test);
    state->test_fraction = fraction;
    return AZ_OK;
}

static az_status read_test(cli_call *call, cli_fit_state *state)
{
    const char *test = call->options.test;
    if (!test || state->test_fraction > 0) return AZ_OK;
    /* The labels of --target FILE and the columns of --join belong to the training data. */
    az_reader_options reader = call->options.reader;
    reader.join = NULL;
    reader.target_file = call->options.test_target;
    AZ_TRY(az_table_read(&state->test_table, test, &reader, &call->control));
    snprintf(state->scored_on, sizeof state->scored_on, "%s", cli_base_name(test));
    return AZ_OK;
}

static az_status check_call(const cli_call *call)
{
    const cli_options *options = &call->options;
    if (!options->roles.target)
        return az_error(AZ_ERROR_USAGE,
                        "fit needs --target COLUMN, the column to predict; ansatz show %s lists the columns",
                        call->words[0]);
    if (options->refit && !options->test)
        return az_error(AZ_ERROR_USAGE, "--refit goes with --test: without it the model is fitted on all rows anyway");
    if (options->resume && !options->checkpoint)
        return az_error(AZ_ERROR_USAGE, "--resume goes with --checkpoint FILE, which names what to go on from");
    if (options->output && strcmp(options->output, "-") == 0 && options->json)
        return az_error(AZ_ERROR_USAGE, "-o - and --json would both write to standard output");
    bool iterative = (call->class->traits & AZ_TRAIT_ITERATIVE) != 0;
    if (iterative && options->time_limit > 0 && !options->checkpoint)
        return az_error(AZ_ERROR_USAGE, "--time-limit goes with --checkpoint FILE, which keeps what to go on from");
    AZ_TRY(cli_check_writable(options->output, "the model"));
    AZ_TRY(cli_check_writable(options->checkpoint, "the checkpoint"));
    return cli_check_writable(options->report, "the report");
}

/* Of fields the variables that the model needs, so that predict reads no others; formulas and windows may need all. */
static az_status remember_variables(cli_call *call, const az_model *model, const char *paths, az_reader_options *reader)
{
    const char **columns;
    char *vars = NULL;
    int64_t n = model->design->n_inputs;
    bool all = reader->derive || reader->where || reader->lags;
    AZ_TRY(AZ_NEW_ARRAY(columns, n));
    for (int64_t k = 0; k < n; k++) columns[k] = model->design->inputs[k].name;
    az_status status = az_fields_used(paths, reader, columns, all ? -1 : n, &vars, &call->control);
    az_free(columns);
    if (status || !vars) return status;
    reader->vars = az_arena_strndup(&call->strings, vars, strlen(vars));
    az_free(vars);
    return reader->vars ? AZ_OK : AZ_ERROR_MEMORY;
}

/* What the model file keeps of the call: reader options, and the command line without paths. */
static az_status remember(cli_call *call, az_model *model, const char *paths)
{
    az_text line = {0};
    char *text = NULL;
    az_reader_options reader = call->options.reader;
    AZ_TRY(remember_variables(call, model, paths, &reader));
    AZ_TRY(az_reader_options_print(&reader, &text));
    model->reader = az_arena_strndup(&model->strings, text, strlen(text));
    az_free(text);
    if (!model->reader) return AZ_ERROR_MEMORY;
    az_status status = cli_command_line(call, false, &line);
    if (!status) {
        model->command = az_arena_strndup(&model->strings, line.data, line.length);
        if (!model->command) status = AZ_ERROR_MEMORY;
    }
    az_text_free(&line);
    return status;
}

/* What is asked of a long run and cannot be had is said before it. */
static void prepare_checkpoint(cli_call *call)
{
    const cli_options *options = &call->options;
    bool iterative = (call->class->traits & AZ_TRAIT_ITERATIVE) != 0;
    if (!iterative && (options->checkpoint || options->time_limit > 0))
        cli_say(call, "%s is fitted in one step: %s %s no effect", call->class->name,
                !options->checkpoint      ? "--time-limit"
                : options->time_limit > 0 ? "--checkpoint and --time-limit"
                                          : "--checkpoint",
                options->checkpoint && options->time_limit > 0 ? "have" : "has");
    if (iterative && options->checkpoint) cli_signals_wait_for_checkpoint();
    if (iterative && options->resume && access(options->checkpoint, F_OK) != 0)
        cli_say(call, "%s is not there yet: the fit starts from the beginning", options->checkpoint);
}

/* Intervals by quantiles need the training targets in the leaves; no rows are kept back for them. */
static az_status keep_targets(cli_call *call)
{
    bool found = false;
    if (cli_interval_way(call) != AZ_INTERVAL_QUANTILES) return AZ_OK;
    if (call->options.interval == 0)
        return az_error(AZ_ERROR_USAGE,
                        "--interval-by says how; say how large a part of the values, too: --interval 0.9");
    if (az_param_find(call->class->params, "keep_targets"))
        return az_params_set(call->class->params, call->class_options, "keep_targets", "true", &found);
    return az_error(AZ_ERROR_USAGE, "--interval-by quantiles is for bagging, forest and extra_trees; %s has none",
                    call->class->name);
}

/* Fits on rows of the problem (NULL: all); with --interval some of them calibrate the intervals. */
static az_status fit_rows(const cli_call *call, const cli_fit_state *state, az_model **model, const int64_t *rows,
                          int64_t n_rows, const az_control *control)
{
    if (call->options.interval > 0 && cli_interval_way(call) != AZ_INTERVAL_QUANTILES)
        return az_model_fit_interval(model, call->class, call->class_options, &call->pipeline, state->problem, rows,
                                     n_rows, &state->split, call->options.interval, control);
    return az_model_fit(model, call->class, call->class_options, &call->pipeline, state->problem, rows, n_rows,
                        control);
}

/* The second fit has a checkpoint of its own, FILE.refit: a resumed run finds the state of each where it left it. */
static az_status refit(cli_call *call, cli_fit_state *state)
{
    az_control control = call->control;
    az_text checkpoint = {0};
    az_status status = AZ_OK;
    if (control.checkpoint) {
        az_text_printf(&checkpoint, "%s.refit", control.checkpoint);
        AZ_GOTO(az_text_status(&checkpoint));
        control.checkpoint = checkpoint.data;
    }
    AZ_GOTO(fit_rows(call, state, &state->refitted, NULL, state->problem->n_rows, &control));
done:
    az_text_free(&checkpoint);
    return status;
}

static az_status fit_and_score(cli_call *call, cli_fit_state *state)
{
    double start = az_seconds();
    AZ_TRY(fit_rows(call, state, &state->model, state->train_rows, state->n_train, &call->control));
    state->seconds_fit = az_seconds() - start;
    AZ_TRY(cli_score_rows(call, state->model, state->problem, state->train_rows, state->n_train, &state->train));
    if (state->test_table) {
        AZ_TRY(az_problem_for_model(&state->test_problem, state->test_table, state->model, &call->control));
        state->n_test = state->test_problem->n_rows;
        AZ_TRY(cli_score_rows(call, state->model, state->test_problem, NULL, 0, &state->test));
    } else if (state->n_test) {
        AZ_TRY(cli_score_rows(call, state->model, state->problem, state->test_rows, state->n_test, &state->test));
    }
    AZ_TRY(cli_coverage_begin(&state->coverage, call, state->model));
    if (state->coverage.present && state->test.present)
        AZ_TRY(
            az_interval_score_rows(&state->coverage.score, state->test_problem ? state->test_problem : state->problem,
                                   state->test_problem ? NULL : state->test_rows, &state->test.data, &call->control));
    if (!state->model->result.converged) {
        bool said = false;
        for (int64_t i = 0; i < call->n_notes; i++) said |= strstr(call->notes[i].text, "converge") != NULL;
        if (!said)
            az_warning(&call->control, "%s did not converge in %lld iterations; --max-iter allows more, --scale helps",
                       call->class->name, (long long)state->model->result.n_iterations);
    }
    return call->options.refit ? refit(call, state) : AZ_OK;
}

static az_status fit_in_memory(cli_call *call, cli_fit_state *state, const char *paths)
{
    double start = az_seconds();
    AZ_TRY(cli_read_data(call, paths, &state->table));
    AZ_TRY(read_test(call, state));
    state->seconds_read = az_seconds() - start;
    AZ_TRY(az_problem_new(&state->problem, state->table, &call->options.roles, call->class->tasks == AZ_CLASSIFICATION,
                          &call->control));
    cli_describe_problem(call, state->problem);
    AZ_TRY(cli_split_gap(call, state->problem, &state->split));
    state->n_train = state->problem->n_rows;
    if (state->test_fraction > 0) AZ_TRY(hold_out(call, state));
    prepare_checkpoint(call);
    return fit_and_score(call, state);
}

static az_status run(cli_call *call)
{
    cli_fit_state state = {0};
    az_text paths = {0};
    bool in_blocks;
    if (call->options.from) return cli_fit_continue(call);
    az_status status = check_call(call);
    if (status) return status;
    AZ_GOTO(keep_targets(call));
    AZ_GOTO(cli_split_options(call, &state.split));
    AZ_GOTO(cli_join_words(call, 0, &paths));
    AZ_GOTO(read_fraction(call, &state));
    AZ_GOTO(cli_fit_choose_way(call, &state, paths.data, &in_blocks));
    AZ_GOTO(in_blocks ? cli_fit_in_blocks(call, &state, paths.data) : fit_in_memory(call, &state, paths.data));
    if (call->options.output) {
        az_model *saved = state.refitted ? state.refitted : state.model;
        AZ_GOTO(remember(call, saved, paths.data));
        AZ_GOTO(az_model_write(saved, call->options.output));
    }
    if (call->options.report) AZ_GOTO(cli_fit_report(call, &state));
    cli_notes_flush(call);
    if (call->options.output && strcmp(call->options.output, "-") == 0) goto done;
    AZ_GOTO(call->options.json ? cli_fit_json(call, &state) : cli_fit_print(call, &state));
done:
    az_text_free(&paths);
    cli_scores_free(&state.train);
    cli_scores_free(&state.test);
    cli_coverage_free(&state.coverage);
    az_model_free(state.model);
    az_model_free(state.refitted);
    az_problem_free(state.problem);
    az_problem_free(state.test_problem);
    az_table_free(state.table);
    az_table_free(state.test_table);
    az_free(state.train_rows);
    az_free(state.test_rows);
    return status;
}

const cli_command cli_fit = {
    .name = "fit",
    .heading = "fit",
    .arguments = "MODEL DATA... --target COL",
    .summary = "Fit a model to a table, score it, save it",
    .example = "ansatz fit ridge housing.csv --target price --test 0.2 -o housing.az",
    .details =
        "DATA may be several files or a quoted pattern (rows are appended), or - for standard input.\n"
        "Without --test nothing is held out.  Without -o nothing is saved.\n"
        "\n"
        "With --interval 0.9 a fifth of the training rows (at most 10,000) is kept back and calibrates intervals that\n"
        "hold 90 % of new values, whatever the model: ansatz predict --interval 0.9.  Of bagging, forest and\n"
        "extra_trees --interval-by quantiles makes them of the training targets in the leaves instead: no row is kept\n"
        "back and the width follows the rows, but nothing is promised.\n"
        "\n"
        "Of a long fit --checkpoint FILE keeps the state: every ten seconds, and when a signal or --time-limit\n"
        "stops it.  The same call with --resume goes on to the same model.  With --refit the second fit has\n"
        "FILE.refit.\n"
        "\n"
        "Data that do not fit into memory are fitted block by block by dummy, linear, ridge and naive_bayes, and by\n"
        "trees, forests and boosting, which keep a few bytes a value; the other models say how much they need, and\n"
        "take --sample N.  With --continue MODEL.az the model goes on from the rows that it has seen, with no\n"
        "model's name before the data and with -o:\n"
        "ansatz fit --continue old.az more.csv -o new.az",
    .groups = CLI_ROLES | CLI_READER | CLI_RUN,
    .options = "test,test-target,split,gap,sample,continue,refit,interval,interval-by,output,report,json",
    .pipeline = "*",
    .takes_model = true,
    .computes = true,
    .min_words = 1,
    .max_words = -1,
    .missing = "fit needs the name of a model and a file with data",
    .run = run,
};
