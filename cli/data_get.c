/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz data: public data sets, listed and fetched into the user's cache. */
#include "cli.h"

#include "base/fetch.h"
#include "base/json_write.h"
#include "data_sets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the XDG base directory specification. */
static az_status cache_folder(az_text *folder)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/') /* the specification has relative ones ignored */
        az_text_printf(folder, "%s/ansatz", cache);
    else if (home && home[0] == '/')
        az_text_printf(folder, "%s/.cache/ansatz", home);
    else
        return az_error(AZ_ERROR_USAGE, "there is no folder for downloads: set HOME or XDG_CACHE_HOME");
    return az_text_status(folder);
}

typedef enum place { IN_DATA_FOLDER, IN_CACHE, NOT_HERE } place;
static const char *const place_names[] = {"ANSATZ_DATA", "cache", "not here"};

/* Where the file is, or, if it is not here, where it will be. */
static az_status locate(const cli_data_file *file, az_text *path, place *found)
{
    const char *folder = getenv("ANSATZ_DATA");
    if (folder && *folder) {
        az_text_printf(path, "%s/%s", folder, file->path);
        AZ_TRY(az_text_status(path));
        *found = IN_DATA_FOLDER;
        if (access(path->data, R_OK) == 0) return AZ_OK;
        az_text_free(path);
    }
    AZ_TRY(cache_folder(path));
    az_text_printf(path, "/%s", file->path);
    AZ_TRY(az_text_status(path));
    *found = access(path->data, R_OK) == 0 ? IN_CACHE : NOT_HERE;
    return AZ_OK;
}

static int count_files(const cli_data_set *set)
{
    int n = 0;
    while (n < CLI_DATA_FILES && set->files[n].path) n++;
    return n;
}

/* ---- list ---- */

/* A set is where all of its files are. */
static az_status locate_all(const cli_data_set *set, place *found)
{
    *found = IN_DATA_FOLDER;
    for (int i = 0; i < count_files(set); i++) {
        az_text path = {0};
        place one;
        az_status status = locate(&set->files[i], &path, &one);
        az_text_free(&path);
        if (status) return status;
        if (one > *found) *found = one;
    }
    return AZ_OK;
}

static az_status list_as_table(void)
{
    cli_grid grid = {.align = "lrlll"};
    static const char *const titles[] = {"data set", "content", "digest", "where", "what it is"};
    for (int i = 0; i < 5; i++) cli_grid_add(&grid, "%s", titles[i]);
    for (const cli_data_set *set = cli_data_sets; set->name; set++) {
        place found;
        double n_bytes = 0;
        AZ_TRY(locate_all(set, &found));
        for (int i = 0; i < count_files(set); i++) n_bytes += (double)set->files[i].n_bytes;
        cli_grid_add(&grid, "%s", set->name);
        if (n_bytes > 0)
            cli_grid_add(&grid, "%.1f MB", n_bytes / 1e6);
        else
            cli_grid_add(&grid, "-");
        cli_grid_add(&grid, "%s", set->verified ? "verified" : "unverified");
        cli_grid_add(&grid, "%s", place_names[found]);
        cli_grid_add(&grid, "%s", set->title);
    }
    AZ_TRY(cli_grid_print(&grid));
    az_text folder = {0};
    az_status status = cache_folder(&folder);
    if (!status) printf("\nDownloads go to %s\n", folder.data);
    az_text_free(&folder);
    if (status) return status;
    cli_next("ansatz data get %s", cli_data_sets[0].name);
    return cli_finish_output();
}

static az_status json_file(az_json *json, const cli_data_file *file)
{
    az_text path = {0};
    place found;
    az_status status = locate(file, &path, &found);
    if (!status) {
        az_json_begin_object(json, NULL);
        az_json_string(json, "path", path.data);
        az_json_string(json, "where", place_names[found]);
        az_json_string(json, "url", file->url);
        az_json_string(json, "sha256", file->sha256);
        az_json_number(json, "bytes", file->n_bytes > 0 ? (double)file->n_bytes : NAN);
        az_json_end_object(json);
    }
    az_text_free(&path);
    return status;
}

static az_status list_as_json(void)
{
    az_json json = {.pretty = true};
    az_status status = AZ_OK;
    az_json_begin_object(&json, NULL);
    az_json_int(&json, "schema", 1);
    az_json_begin_array(&json, "sets");
    for (const cli_data_set *set = cli_data_sets; set->name && !status; set++) {
        az_json_begin_object(&json, NULL);
        az_json_string(&json, "name", set->name);
        az_json_string(&json, "title", set->title);
        az_json_string(&json, "citation", set->citation);
        az_json_string(&json, "licence", set->licence);
        az_json_bool(&json, "verified", set->verified);
        az_json_begin_array(&json, "files");
        for (int i = 0; i < count_files(set) && !status; i++) status = json_file(&json, &set->files[i]);
        az_json_end_array(&json);
        az_json_end_object(&json);
    }
    az_json_end_array(&json);
    az_json_end_object(&json);
    if (!status) return cli_print_json(&json);
    az_text_free(&json.text);
    return status;
}

/* ---- get ---- */

static const char *candidate(void *context, int64_t i)
{
    (void)context;
    return cli_data_sets[i].name;
}

static az_status find_set(const char *name, const cli_data_set **found)
{
    for (const cli_data_set *set = cli_data_sets; set->name; set++)
        if (strcmp(set->name, name) == 0) {
            *found = set;
            return AZ_OK;
        }
    const char *nearest = az_nearest(name, candidate, NULL);
    return nearest ? az_error(AZ_ERROR_USAGE, "there is no data set \"%s\"; did you mean \"%s\"?", name, nearest)
                   : az_error(AZ_ERROR_USAGE, "there is no data set \"%s\"; ansatz data list names them", name);
}

static az_status fetch(cli_call *call, const cli_data_set *set, const cli_data_file *file, const char *path)
{
    char digest[AZ_SHA256_TEXT];
    const char *name = cli_base_name(file->path), *base = call->options.url;
    az_text url = {0};
    if (base)
        az_text_printf(&url, "%s%s%s", base, *base && base[strlen(base) - 1] == '/' ? "" : "/", name);
    else
        az_text_append(&url, file->url);
    az_status status = az_text_status(&url);
    if (!status) status = az_fetch(url.data, path, file->sha256, name, digest, &call->control);
    if (!status)
        cli_say(call, "%s: %s; the SHA-256 of its content is %s%s", name, set->verified ? "verified" : "unverified",
                digest, file->sha256 ? ", as expected" : "");
    az_text_free(&url);
    return status;
}

static void say_next(cli_call *call, const char *path)
{
    az_text line = {0};
    az_text_append(&line, "Next: ansatz show ");
    cli_shell_quote(&line, path);
    if (!az_text_status(&line)) cli_say(call, "%s", line.data);
    az_text_free(&line);
}

static az_status get(cli_call *call, const cli_data_set *set, az_json *json)
{
    cli_say(call, "%s: %s; licence: %s", set->name, set->citation, set->licence);
    for (int i = 0; i < count_files(set); i++) {
        az_text path = {0};
        place found;
        az_status status = locate(&set->files[i], &path, &found);
        if (!status && found == NOT_HERE) status = fetch(call, set, &set->files[i], path.data);
        if (!status && !json) printf("%s\n", path.data);
        if (!status && json) {
            az_json_begin_object(json, NULL);
            az_json_string(json, "set", set->name);
            az_json_string(json, "path", path.data);
            az_json_bool(json, "downloaded", found == NOT_HERE);
            az_json_bool(json, "verified", set->verified);
            az_json_end_object(json);
        }
        if (!status && i + 1 == count_files(set)) say_next(call, path.data);
        az_text_free(&path);
        if (status) return status;
    }
    return AZ_OK;
}

static az_status get_all(cli_call *call)
{
    const cli_data_set *set = NULL;
    az_json json = {.pretty = true};
    az_status status = AZ_OK;
    if (call->n_words < 2)
        return az_error(AZ_ERROR_USAGE, "say which data set: ansatz data get california_housing (ansatz data list)");
    for (int64_t i = 1; i < call->n_words; i++) AZ_TRY(find_set(call->words[i], &set));
    az_json_begin_object(&json, NULL);
    az_json_int(&json, "schema", 1);
    az_json_begin_array(&json, "files");
    for (int64_t i = 1; i < call->n_words && !status; i++) {
        status = find_set(call->words[i], &set);
        if (!status) status = get(call, set, call->options.json ? &json : NULL);
    }
    az_json_end_array(&json);
    az_json_end_object(&json);
    if (!status && call->options.json) return cli_print_json(&json);
    az_text_free(&json.text);
    return status ? status : cli_finish_output();
}

static az_status run(cli_call *call)
{
    if (strcmp(call->words[0], "get") == 0) return get_all(call);
    if (strcmp(call->words[0], "list") != 0)
        return az_error(AZ_ERROR_USAGE, "ansatz data knows list and get, not \"%s\"", call->words[0]);
    if (call->n_words > 1) return az_error(AZ_ERROR_USAGE, "ansatz data list takes no further word");
    return call->options.json ? list_as_json() : list_as_table();
}

const cli_command cli_data = {
    .name = "data",
    .heading = "look",
    .arguments = "list | get NAME...",
    .summary = "List public data sets, and fetch them from their publishers",
    .example = "ansatz data get california_housing",
    .details =
        "get prints the paths of the files, one a line.  A file is looked for in the folder that the environment\n"
        "variable ANSATZ_DATA names, then in the cache ($XDG_CACHE_HOME/ansatz or ~/.cache/ansatz), and downloaded\n"
        "there if it is in neither.  A download that broke is gone on with by the next call.  The SHA-256 of the\n"
        "decompressed content is checked where it is known, and printed.  Unverified: the entry has not been fetched\n"
        "from its publisher yet; its digest comes from a copy.",
    .options = "json,url",
    .min_words = 1,
    .max_words = -1,
    .missing = "say what to do: ansatz data list, or ansatz data get NAME",
    .run = run,
};
