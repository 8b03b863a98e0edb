/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/file.h"
#include "base/memory.h"
#include "fail_allocation.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#ifdef AZ_HAVE_ZLIB
#include <zlib.h>
#endif

/* Each test works in a folder of its own, made and left by the fixture. */
static int enter_folder(void **state)
{
    (void)state;
    static char name[64];
    strcpy(name, "/tmp/ansatz-test-file-XXXXXX");
    *state = name;
    return !mkdtemp(name) || chdir(name);
}

static int leave_folder(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "chmod -R u+rwx %s && rm -rf %s", (char *)*state, (char *)*state);
    return chdir("/") || system(command);
}

static void put(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static void check_content(const char *path, const char *expected)
{
    az_file file;
    assert_int_equal(az_file_open(&file, path, NULL), AZ_OK);
    assert_int_equal(file.size, strlen(expected));
    assert_memory_equal(file.data, expected, file.size);
    az_file_close(&file);
    az_file_close(&file);
}

static int count_files(const char *pattern)
{
    glob_t found;
    int result = glob(pattern, 0, NULL, &found);
    int n = result ? 0 : (int)found.gl_pathc;
    globfree(&found);
    return n;
}

static void reading(void **state)
{
    (void)state;
    az_file file;
    put("a", "hello", 5);
    check_content("a", "hello");
    put("empty", "", 0);
    check_content("empty", "");
    assert_int_equal(az_file_open(&file, "missing", NULL), AZ_ERROR_NO_INPUT);
    assert_non_null(strstr(az_error_message(), "missing"));
    assert_int_equal(az_file_open(&file, ".", NULL), AZ_ERROR_NO_INPUT);
    assert_non_null(strstr(az_error_message(), "folder"));
    if (geteuid() != 0) { /* root may read all */
        chmod("a", 0);
        assert_int_equal(az_file_open(&file, "a", NULL), AZ_ERROR_NO_INPUT);
    }
    mkfifo("pipe", 0600);
    pid_t child = fork();
    if (child == 0) {
        int out = open("pipe", O_WRONLY);
        for (int i = 0; i < 30000; i++)
            if (write(out, "0123456789", 10) != 10) _exit(1);
        _exit(0);
    }
    assert_int_equal(az_file_open(&file, "pipe", NULL), AZ_OK);
    assert_int_equal(file.size, 300000);
    assert_memory_equal(file.data + 299990, "0123456789", 10);
    assert_false(file.mapped);
    az_file_close(&file);
    waitpid(child, NULL, 0);
}

#ifdef AZ_HAVE_ZLIB
static void put_gzip(const char *path, const char *mode, const char *text)
{
    gzFile file = gzopen(path, mode);
    assert_non_null(file);
    gzputs(file, text);
    gzclose(file);
}

static void gzip(void **state)
{
    (void)state;
    az_file file;
    put_gzip("a.gz", "wb", "first\n");
    put_gzip("a.gz", "ab", "second\n"); /* another member */
    check_content("a.gz", "first\nsecond\n");
    put_gzip("none.gz", "wb", "");
    check_content("none.gz", "");
    char bytes[200] = {0};
    FILE *raw = fopen("a.gz", "rb");
    size_t n = fread(bytes, 1, sizeof bytes, raw);
    fclose(raw);
    put("padded", bytes, sizeof bytes); /* zeros behind the last member */
    check_content("padded", "first\nsecond\n");
    for (size_t length = 2; length < n; length++) { /* cut anywhere but between the two members */
        put("cut", bytes, length);
        az_status status = az_file_open(&file, "cut", NULL);
        if (status == AZ_OK) {
            assert_int_equal(file.size, 6);
            az_file_close(&file);
            continue;
        }
        assert_int_equal(status, AZ_ERROR_DATA);
        assert_non_null(strstr(az_error_message(), "cut"));
    }
    bytes[n] = 'x';
    put("tail", bytes, n + 1);
    assert_int_equal(az_file_open(&file, "tail", NULL), AZ_ERROR_DATA);
    bytes[12] ^= 0x55;
    put("damaged", bytes, n);
    assert_int_equal(az_file_open(&file, "damaged", NULL), AZ_ERROR_DATA);
    /* A hundred times smaller than its content: the output grows. */
    static char many[3000001];
    memset(many, '7', sizeof many - 1);
    put_gzip("many.gz", "wb", many);
    check_content("many.gz", many);
}
#endif

static void patterns(void **state)
{
    (void)state;
    static const char *const names[] = {"b2.csv", "B1.csv", "a,1.csv", "a[1].csv", "a1.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) put(names[i], "", 0);
    char **paths;
    int64_t n;
    assert_int_equal(az_file_expand("?[12].csv", &paths, &n), AZ_OK);
    assert_int_equal(n, 3);
    assert_string_equal(paths[0], "B1.csv"); /* sorted by bytes, in any locale */
    assert_string_equal(paths[1], "a1.csv");
    assert_string_equal(paths[2], "b2.csv");
    az_free(paths);
    assert_int_equal(az_file_expand("a[1].csv, \"a,1.csv\", -, missing.csv", &paths, &n), AZ_OK);
    assert_int_equal(n, 4);
    assert_string_equal(paths[0], "a[1].csv"); /* a file of just that name comes before the pattern */
    assert_string_equal(paths[1], "a,1.csv");
    assert_string_equal(paths[2], "-");
    az_free(paths);
    assert_int_equal(az_file_expand("z*", &paths, &n), AZ_ERROR_NO_INPUT);
    assert_int_equal(az_file_expand("", &paths, &n), AZ_ERROR_USAGE);
}

static az_status write_text(const char *path, const char *text)
{
    az_output output;
    az_status status = az_output_open(&output, path);
    if (!status) status = az_output_write(&output, text, strlen(text));
    if (!status) status = az_output_commit(&output);
    az_output_abandon(&output);
    return status;
}

static void writing(void **state)
{
    (void)state;
    mode_t before = umask(027);
    assert_int_equal(write_text("new", "one"), AZ_OK);
    umask(before);
    check_content("new", "one");
    struct stat about;
    stat("new", &about);
    assert_int_equal(about.st_mode & 0777, 0640);
    chmod("new", 0604);
    assert_int_equal(write_text("new", "two"), AZ_OK);
    check_content("new", "two");
    stat("new", &about);
    assert_int_equal(about.st_mode & 0777, 0604);
    assert_int_equal(symlink("new", "link"), 0);
    assert_int_equal(write_text("link", "three"), AZ_OK); /* the file behind a link is replaced, the link stays */
    check_content("new", "three");
    lstat("link", &about);
    assert_true(S_ISLNK(about.st_mode));
    assert_int_equal(write_text("/dev/null", "gone"), AZ_OK);
    stat("/dev/null", &about);
    assert_true(S_ISCHR(about.st_mode));

    az_output output;
    static char large[200000];
    memset(large, 'x', sizeof large);
    assert_int_equal(az_output_open(&output, "large"), AZ_OK);
    for (int i = 0; i < 3; i++) assert_int_equal(az_output_write(&output, large, sizeof large), AZ_OK);
    assert_int_equal(access("large", F_OK), -1); /* not before it is whole */
    assert_int_equal(count_files(".ansatz-*"), 1);
    assert_int_equal(az_output_commit(&output), AZ_OK);
    stat("large", &about);
    assert_int_equal(about.st_size, 600000);

    assert_int_equal(az_output_open(&output, "new"), AZ_OK);
    assert_int_equal(az_output_write(&output, "x", 1), AZ_OK);
    az_output_abandon(&output);
    az_output_abandon(&output);
    check_content("new", "three");
    assert_int_equal(count_files(".ansatz-*"), 0);
    az_output never_opened = {0};
    az_output_abandon(&never_opened);
    assert_true(fcntl(0, F_GETFD) != -1 || errno == EBADF);
}

static void what_cannot_be_written(void **state)
{
    (void)state;
    assert_int_equal(write_text("no/such/folder/file", "x"), AZ_ERROR_CANNOT_WRITE);
    assert_non_null(strstr(az_error_message(), "no/such/folder/file"));
    assert_int_equal(write_text(".", "x"), AZ_ERROR_CANNOT_WRITE);
    assert_int_equal(write_text("", "x"), AZ_ERROR_CANNOT_WRITE);
    put("plain", "", 0);
    assert_int_equal(write_text("plain/file", "x"), AZ_ERROR_CANNOT_WRITE);
    if (geteuid() != 0) {
        chmod("plain", 0444);
        assert_int_equal(write_text("plain", "x"), AZ_ERROR_CANNOT_WRITE);
        mkdir("locked", 0555);
        assert_int_equal(write_text("locked/file", "x"), AZ_ERROR_CANNOT_WRITE);
    }
    if (access("/dev/full", W_OK) == 0) assert_int_equal(write_text("/dev/full", "x"), AZ_ERROR_IO);
}

/* A file-size limit stands for the full disk. */
static void full_disk(void **state)
{
    (void)state;
    put("kept", "old", 3);
    struct rlimit old, small;
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 100000;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    static char large[300000];
    memset(large, 'x', sizeof large - 1);
    az_status status = write_text("kept", large);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, AZ_ERROR_IO);
    assert_non_null(strstr(az_error_message(), "kept"));
    check_content("kept", "old");
    assert_int_equal(count_files(".ansatz-*"), 0);
}

static void on_signal(int number)
{
    az_output_abandon_all();
    _exit(number);
}

static void a_signal_leaves_nothing(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGTERM, on_signal);
        az_output first, second;
        if (az_output_open(&first, "first") || az_output_open(&second, "second")) _exit(1);
        if (count_files(".ansatz-*") != 2) _exit(2);
        raise(SIGTERM);
        _exit(3);
    }
    int result;
    waitpid(child, &result, 0);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == SIGTERM);
    assert_int_equal(count_files(".ansatz-*"), 0);
    assert_int_equal(access("first", F_OK), -1);
}

static az_status copy_file(void *context)
{
    (void)context;
    az_file file = {0};
    az_output output = {0};
    char **paths = NULL;
    int64_t n;
    az_status status;
    AZ_GOTO(az_file_expand("in*", &paths, &n));
    AZ_GOTO(az_file_open(&file, paths[0], NULL));
    AZ_GOTO(az_output_open(&output, "out"));
    AZ_GOTO(az_output_write(&output, file.data, file.size));
    AZ_GOTO(az_output_commit(&output));
done:
    az_output_abandon(&output);
    az_file_close(&file);
    az_free(paths);
    return status;
}

static void out_of_memory(void **state)
{
    (void)state;
    int least = 5;
#ifdef AZ_HAVE_ZLIB
    put_gzip("in.gz", "wb", "some text that is packed");
    least = 8;
#else
    put("in", "some text that is packed", 24);
#endif
    assert_true(fail_each_allocation(copy_file, NULL) >= least);
    check_content("out", "some text that is packed");
    assert_int_equal(count_files(".ansatz-*"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reading, enter_folder, leave_folder),
#ifdef AZ_HAVE_ZLIB
        cmocka_unit_test_setup_teardown(gzip, enter_folder, leave_folder),
#endif
        cmocka_unit_test_setup_teardown(patterns, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(writing, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_written, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(full_disk, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(a_signal_leaves_nothing, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(out_of_memory, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
