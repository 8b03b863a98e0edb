/* SPDX-License-Identifier: BSD-3-Clause */
/* Results on stdout: aligned columns, JSON, numbers with as many digits as their errors allow.  The command never calls
 * setlocale, so printf writes numbers as in C. */
#include "cli.h"

#include "base/json_write.h"
#include "base/memory.h"
#include "base/number.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

az_status cli_finish_output(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return AZ_OK;
    if (cli_signal_received()) return az_error(AZ_INTERRUPTED, "interrupted while writing to standard output");
    return az_error(AZ_ERROR_IO, "cannot write to standard output: %s", strerror(errno ? errno : EIO));
}

az_status cli_print_json(az_json *json)
{
    az_status status = az_text_status(&json->text);
    if (!status) {
        fwrite(json->text.data, 1, json->text.length, stdout);
        fputc('\n', stdout);
        status = cli_finish_output();
    }
    az_text_free(&json->text);
    return status;
}

void cli_next(const char *format, ...)
{
    va_list arguments;
    fputs("\nNext: ", stdout);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    fputc('\n', stdout);
}

/* ---- aligned columns ---- */

void cli_grid_add(cli_grid *grid, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (grid->failed || length < 0) {
        grid->failed = true;
        return;
    }
    if (grid->n_cells == grid->capacity) {
        int64_t capacity = grid->capacity ? 2 * grid->capacity : 64;
        char **cells = az_realloc_array(grid->cells, capacity, sizeof *cells);
        if (!cells) {
            grid->failed = true;
            return;
        }
        grid->cells = cells;
        grid->capacity = capacity;
    }
    char *cell = az_alloc((size_t)length + 1);
    if (!cell) {
        grid->failed = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(cell, (size_t)length + 1, format, arguments);
    va_end(arguments);
    /* Names come from files: a control character must not reach the terminal. */
    for (char *c = cell; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = ' ';
    grid->cells[grid->n_cells++] = cell;
}

void cli_grid_free(cli_grid *grid)
{
    for (int64_t i = 0; i < grid->n_cells; i++) az_free(grid->cells[i]);
    az_free(grid->cells);
    *grid = (cli_grid){.align = grid->align};
}

#define MAX_GRID_COLUMNS 64

az_status cli_grid_print(cli_grid *grid)
{
    int n_columns = (int)strlen(grid->align), width[MAX_GRID_COLUMNS] = {0};
    if (n_columns > MAX_GRID_COLUMNS) n_columns = MAX_GRID_COLUMNS;
    for (int64_t i = 0; i < grid->n_cells; i++) {
        int w = az_display_width(grid->cells[i]);
        if (w > width[i % n_columns]) width[i % n_columns] = w;
    }
    for (int64_t i = 0; i < grid->n_cells && !grid->failed; i++) {
        int column = (int)(i % n_columns);
        /* Trailing blanks would only make lines wrap: they are not written. */
        bool more = false;
        for (int64_t j = i + 1; j % n_columns; j++) more |= grid->cells[j][0] != '\0';
        int blanks = width[column] - az_display_width(grid->cells[i]);
        bool left = grid->align[column] == 'l';
        if (grid->cells[i][0] || more) fputs("  ", stdout);
        if (!left && grid->cells[i][0]) printf("%*s", blanks, "");
        fputs(grid->cells[i], stdout);
        if (more && (left || !grid->cells[i][0])) printf("%*s", blanks, "");
        if (column == n_columns - 1) fputc('\n', stdout);
    }
    bool failed = grid->failed;
    cli_grid_free(grid);
    return failed ? az_error(AZ_ERROR_MEMORY, "out of memory") : AZ_OK;
}

/* ---- numbers ---- */

/* Puts commas between the thousands of a decimal without exponent. */
static void group_thousands(char buffer[CLI_NUMBER_MAX])
{
    char plain[CLI_NUMBER_MAX];
    snprintf(plain, sizeof plain, "%s", buffer);
    size_t sign = plain[0] == '-', digits = strspn(plain + sign, "0123456789");
    if (digits <= 3 || strchr(plain, 'e') || digits + digits / 3 + strlen(plain) >= CLI_NUMBER_MAX) return;
    char *out = buffer + sign;
    for (size_t i = 0; i < digits; i++) {
        if (i && (digits - i) % 3 == 0) *out++ = ',';
        *out++ = plain[sign + i];
    }
    snprintf(out, CLI_NUMBER_MAX - (size_t)(out - buffer), "%s", plain + sign + digits);
}

const char *cli_count(char buffer[CLI_NUMBER_MAX], double n)
{
    snprintf(buffer, CLI_NUMBER_MAX, "%.0f", n);
    group_thousands(buffer);
    return buffer;
}

/* "-0.00" says something about the sign of what was rounded away, and nobody asked. */
static const char *without_negative_zero(char buffer[CLI_NUMBER_MAX])
{
    if (buffer[0] == '-' && !strpbrk(buffer, "123456789")) memmove(buffer, buffer + 1, strlen(buffer));
    return buffer;
}

const char *cli_fixed(char buffer[CLI_NUMBER_MAX], double value, int decimals)
{
    if (isnan(value)) return strcpy(buffer, "-");
    snprintf(buffer, CLI_NUMBER_MAX, "%.*f", decimals, value);
    return without_negative_zero(buffer);
}

const char *cli_number(char buffer[CLI_NUMBER_MAX], double value, int n_digits)
{
    if (isnan(value)) return strcpy(buffer, "-");
    az_print_rounded(buffer, value, n_digits);
    return buffer;
}

void cli_value_and_error(double value, double error, int error_digits, char value_text[CLI_NUMBER_MAX],
                         char error_text[CLI_NUMBER_MAX])
{
    if (!(error > 0) || !isfinite(error) || !isfinite(value)) {
        cli_number(value_text, value, 5);
        cli_number(error_text, error, 2);
        group_thousands(value_text);
        return;
    }
    /* Round the error first: 0.0996 becomes 0.1 and its last digit moves up by one place. */
    char rounded[CLI_NUMBER_MAX];
    snprintf(rounded, sizeof rounded, "%.*e", error_digits - 1, error);
    const char *exponent_at = strchr(rounded, 'e');
    int exponent = exponent_at ? atoi(exponent_at + 1) : 0, place = exponent - (error_digits - 1);
    double largest = fmax(fabs(value), error);
    if (place < -9 || largest >= 1e15) {
        int digits = (int)floor(log10(largest)) - place + 1;
        cli_number(value_text, value, digits < 2 ? 2 : digits > 17 ? 17 : digits);
        cli_number(error_text, error, error_digits);
        return;
    }
    double unit = place > 0 ? pow(10, place) : 1;
    int decimals = place < 0 ? -place : 0;
    cli_fixed(value_text, place > 0 ? round(value / unit) * unit : value, decimals);
    cli_fixed(error_text, place > 0 ? round(error / unit) * unit : error, decimals);
    group_thousands(value_text);
    group_thousands(error_text);
}

const char *cli_plural(double n, const char *one, const char *many)
{
    return n == 1 ? one : many;
}

const char *cli_task_name(az_task task)
{
    return task == AZ_CLASSIFICATION ? "classification" : "regression";
}
