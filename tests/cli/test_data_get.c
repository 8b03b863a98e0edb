/* SPDX-License-Identifier: BSD-3-Clause */
/* ansatz data get from a server on loopback: whole, broken, resumed, stopped, with another content, not found. */
#define _GNU_SOURCE
#include "cli/http_server.h"
#include "cli/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include <sys/time.h>

static run_result result;
static http_server server;
static char cache[512];
static bool downloads; /* this build can */

enum { SIZE = 300000 };
static unsigned char content[SIZE];

/* The only set without a known digest takes whatever is served. */
#define SET         "ersst"
#define FILE_OF_SET "ansatz/ersst/sst.mnmean.nc"

static void get(const char *name)
{
    char line[256];
    snprintf(line, sizeof line, "data get %s --url http://127.0.0.1:%d/", name, server.port);
    run(&result, line);
}

static long size_of(const char *path)
{
    char whole[1024];
    struct stat about;
    snprintf(whole, sizeof whole, "%s/%s", cache, path);
    return stat(whole, &about) == 0 ? (long)about.st_size : -1;
}

static void is_whole(const char *path)
{
    static unsigned char bytes[SIZE + 1];
    char whole[1024];
    snprintf(whole, sizeof whole, "%s/%s", cache, path);
    FILE *file = fopen(whole, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, sizeof bytes, file), SIZE);
    fclose(file);
    assert_memory_equal(bytes, content, SIZE);
}

/* An empty cache, a server that is well. */
static int fresh(void **state)
{
    (void)state;
    char command[1024];
    snprintf(command, sizeof command, "rm -rf '%s/ansatz'", cache);
    assert_int_equal(system(command), 0);
    memset(server.state, 0, sizeof *server.state);
    return 0;
}

static void whole_file(void **state)
{
    (void)state;
    if (!downloads) skip();
    get(SET);
    assert_int_equal(result.status, 0);
    is_whole(FILE_OF_SET);
    assert_int_equal(size_of(FILE_OF_SET ".part"), -1);
    /* stdout is the path and nothing else; the digest, by Python's hashlib, is printed and not believed. */
    char path[1024];
    snprintf(path, sizeof path, "%s/%s\n", cache, FILE_OF_SET);
    assert_string_equal(result.out, path);
    assert_non_null(strstr(result.err, "unverified; the SHA-256 of its content is "
                                       "78d108f10cce3f294b2e3134f479aab30ce719c40706866add10efb347cf9435"));
    /* It is there now: nobody is asked again. */
    get(SET " --json");
    assert_int_equal(result.status, 0);
    assert_int_equal(server.state->n_requests, 1);
    json_t *json = json_loads(result.out, 0, NULL), *file = json_array_get(json_object_get(json, "files"), 0);
    assert_true(json_is_false(json_object_get(file, "downloaded")) && json_is_false(json_object_get(file, "verified")));
    json_decref(json);
}

static void broken_and_resumed(void **state)
{
    (void)state;
    if (!downloads) skip();
    server.state->break_after = SIZE / 2;
    get(SET);
    assert_int_equal(result.status, 69);
    assert_int_equal(result.out[0], 0);
    assert_non_null(strstr(result.err, "run it again"));
    assert_int_equal(size_of(FILE_OF_SET), -1);
    assert_int_equal(size_of(FILE_OF_SET ".part"), SIZE / 2);
    server.state->break_after = 0;
    get(SET);
    assert_int_equal(result.status, 0);
    assert_int_equal(server.state->last_range, SIZE / 2);
    is_whole(FILE_OF_SET);
    assert_int_equal(size_of(FILE_OF_SET ".part"), -1);
}

static void server_without_ranges(void **state)
{
    (void)state;
    if (!downloads) skip();
    server.state->break_after = SIZE / 3;
    server.state->no_ranges = true;
    get(SET);
    assert_int_equal(result.status, 69);
    assert_int_equal(size_of(FILE_OF_SET ".part"), SIZE / 3);
    server.state->break_after = 0;
    get(SET);
    assert_int_equal(result.status, 0);
    assert_int_equal(server.state->last_range, SIZE / 3); /* asked for, and not given */
    is_whole(FILE_OF_SET);
}

static void write_part(const void *bytes, size_t n)
{
    char path[1024];
    snprintf(path, sizeof path, "mkdir -p '%s/ansatz/ersst'", cache);
    assert_int_equal(system(path), 0);
    snprintf(path, sizeof path, "%s/%s.part", cache, FILE_OF_SET);
    write_bytes(path, bytes, n);
}

/* All bytes had come when the last call was killed; or more than the file has: it is another one. */
static void complete_or_longer_part(void **state)
{
    if (!downloads) skip();
    static unsigned char longer[SIZE + 500];
    write_part(content, SIZE);
    get(SET);
    assert_int_equal(result.status, 0);
    is_whole(FILE_OF_SET);
    fresh(state);
    memset(longer, 7, sizeof longer);
    write_part(longer, sizeof longer);
    get(SET);
    assert_int_equal(result.status, 0);
    is_whole(FILE_OF_SET);
}

static void stopped_by_the_user(void **state)
{
    (void)state;
    if (!downloads) skip();
    const char *command = getenv("ANSATZ");
    char url[64];
    struct timeval begin, end;
    int status;
    server.state->slow = 20000; /* 50 kB a second */
    snprintf(url, sizeof url, "http://127.0.0.1:%d", server.port);
    pid_t child = fork();
    if (child == 0) {
        must(freopen(OUT, "wb", stdout) && freopen(ERR, "wb", stderr), "freopen");
        execl(command, "ansatz", "data", "get", SET, "--url", url, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 100 && size_of(FILE_OF_SET ".part") < 5000; i++) usleep(100000);
    gettimeofday(&begin, NULL);
    kill(child, SIGINT);
    assert_int_equal(waitpid(child, &status, 0), child);
    gettimeofday(&end, NULL);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 130);
    assert_true((double)(end.tv_sec - begin.tv_sec) + 1e-6 * (double)(end.tv_usec - begin.tv_usec) < 1);
    long there = size_of(FILE_OF_SET ".part");
    assert_true(there >= 5000 && there < SIZE);
    read_back(ERR, result.err);
    assert_non_null(strstr(result.err, "what has come is kept"));
    remove(OUT);
    remove(ERR);
    server.state->slow = 0;
    get(SET);
    assert_int_equal(result.status, 0);
    assert_true(server.state->last_range >= 5000);
    is_whole(FILE_OF_SET);
}

static void another_content(void **state)
{
    (void)state;
    if (!downloads) skip();
    get("california_housing");
    assert_int_equal(result.status, 65);
    assert_non_null(strstr(result.err, "not the one expected and was removed"));
    assert_int_equal(size_of("ansatz/california_housing/housing.csv"), -1);
    assert_int_equal(size_of("ansatz/california_housing/housing.csv.part"), -1);
    /* Neither is gzip that breaks off. */
    get("mnist");
    assert_int_equal(result.status, 65);
    assert_int_equal(size_of("ansatz/mnist/train-images-idx3-ubyte.gz"), -1);
    assert_int_equal(size_of("ansatz/mnist/train-images-idx3-ubyte.gz.part"), -1);
}

static void not_found_and_not_reached(void **state)
{
    (void)state;
    if (!downloads) skip();
    remove("train-images-idx3-ubyte.gz");
    get("fashion_mnist");
    assert_int_equal(result.status, 69);
    assert_non_null(strstr(result.err, "404"));
    assert_int_equal(size_of("ansatz/fashion_mnist/train-images-idx3-ubyte.gz.part"), -1);
    run(&result, "data get ersst --url http://127.0.0.1:1/");
    assert_int_equal(result.status, 69);
    assert_int_equal(size_of(FILE_OF_SET ".part"), -1);
    run(&result, "data get erst");
    assert_int_equal(result.status, 64);
    assert_non_null(strstr(result.err, "did you mean \"ersst\""));
    run(&result, "data get");
    assert_int_equal(result.status, 64);
    run(&result, "data fetch ersst");
    assert_int_equal(result.status, 64);
}

static void folder_that_cannot_be_written(void **state)
{
    (void)state;
    if (!downloads) skip();
    write_text("a_file", "");
    char path[600];
    snprintf(path, sizeof path, "%s/a_file", cache);
    setenv("XDG_CACHE_HOME", path, 1);
    get(SET);
    setenv("XDG_CACHE_HOME", cache, 1);
    assert_int_equal(result.status, 73);
    assert_non_null(strstr(result.err, "a_file"));
}

static void data_folder_comes_first(void **state)
{
    (void)state;
    char path[600];
    assert_int_equal(system("mkdir -p own/ersst && echo x > own/ersst/sst.mnmean.nc"), 0);
    snprintf(path, sizeof path, "%s/own", cache);
    setenv("ANSATZ_DATA", path, 1);
    get(SET);
    unsetenv("ANSATZ_DATA");
    assert_int_equal(result.status, 0);
    assert_int_equal(server.state->n_requests, 0);
    assert_non_null(strstr(result.out, "/own/ersst/sst.mnmean.nc"));
    run(&result, "data list");
    assert_int_equal(result.status, 0);
    assert_non_null(strstr(result.out, "unverified  not here"));
    run(&result, "data list --json");
    json_t *json = json_loads(result.out, 0, NULL);
    assert_true(json_array_size(json_object_get(json, "sets")) >= 5);
    json_decref(json);
    assert_int_equal(system("rm -r own"), 0);
}

/* The publisher's bytes under another compression are the same content: the real files, where they are. */
static void digest_of_the_content(void **state)
{
    (void)state;
    if (!downloads) skip();
    const char *data = getenv("ANSATZ_TEST_DATA");
    if (!data) skip();
    char line[1024];
    snprintf(line, sizeof line, "data get mnist --url file://%s/mnist", data);
    run(&result, line);
    assert_int_equal(result.status, 0);
    assert_non_null(strstr(result.out, "ansatz/mnist/train-images-idx3-ubyte.gz\n"));
    snprintf(line, sizeof line, "data get california_housing --url file://%s/california_housing", data);
    run(&result, line);
    assert_int_equal(result.status, 0);
    assert_non_null(strstr(result.err, ", as expected"));
}

static int enter(void **state)
{
    (void)state;
    run_enter();
    must(getcwd(cache, sizeof cache) != NULL, "getcwd");
    const char *data = getenv("ANSATZ_DATA");
    if (data) setenv("ANSATZ_TEST_DATA", data, 1);
    unsetenv("ANSATZ_DATA");
    setenv("XDG_CACHE_HOME", cache, 1);
    for (int i = 0; i < SIZE; i++) content[i] = (unsigned char)((i * 7 + i / 251) % 253);
    write_bytes("sst.mnmean.nc", content, SIZE);
    write_bytes("housing.csv", content, SIZE);
    write_bytes("train-images-idx3-ubyte.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb", 11);
    run(&result, "doctor --json");
    json_t *json = json_loads(result.out, 0, NULL);
    downloads = json_is_true(json_object_get(json, "download"));
    json_decref(json);
    return http_start(&server) ? 0 : -1;
}

static int leave(void **state)
{
    fresh(state);
    http_stop(&server);
    return run_leave_group(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(whole_file, fresh),
        cmocka_unit_test_setup(broken_and_resumed, fresh),
        cmocka_unit_test_setup(server_without_ranges, fresh),
        cmocka_unit_test_setup(complete_or_longer_part, fresh),
        cmocka_unit_test_setup(stopped_by_the_user, fresh),
        cmocka_unit_test_setup(another_content, fresh),
        cmocka_unit_test_setup(not_found_and_not_reached, fresh),
        cmocka_unit_test_setup(folder_that_cannot_be_written, fresh),
        cmocka_unit_test_setup(data_folder_comes_first, fresh),
        cmocka_unit_test_setup(digest_of_the_content, fresh),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
