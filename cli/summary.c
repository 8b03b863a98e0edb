/* SPDX-License-Identifier: BSD-3-Clause */
#include "summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void cli_summary_begin(cli_summary *summary)
{
    *summary = (cli_summary){.lower = NAN, .upper = NAN, .mean = NAN};
}

void cli_summary_add(cli_summary *summary, const double *values, int64_t n, int64_t stride)
{
    double mean = isnan(summary->mean) ? 0 : summary->mean;
    int64_t n_finite = summary->n - summary->n_missing;
    for (int64_t i = 0; i < n; i++) {
        double value = values[i * stride];
        if (!isfinite(value)) {
            summary->n_missing++;
            continue;
        }
        n_finite++;
        if (!(summary->lower <= value)) summary->lower = value;
        if (!(summary->upper >= value)) summary->upper = value;
        /* The running mean does not overflow where the sum would. */
        mean += (value - mean) / (double)n_finite;
    }
    summary->n += n;
    if (n_finite) summary->mean = mean;
}

void cli_summary_count(cli_summary *summary, const double *values, int64_t n, int64_t stride)
{
    double width = summary->upper - summary->lower;
    if (!(width > 0) || !isfinite(width)) return;
    for (int64_t i = 0; i < n; i++) {
        double value = values[i * stride];
        if (!isfinite(value)) continue;
        int bin = (int)((value - summary->lower) / width * CLI_BINS);
        summary->count[bin >= CLI_BINS ? CLI_BINS - 1 : bin]++;
    }
}

/* As setlocale would find it: the first of these that is set.  The program itself stays in the C locale. */
static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *locale = getenv(names[i]);
        if (!locale || !*locale) continue;
        const char *encoding = strchr(locale, '.');
        return encoding && (strncasecmp(encoding, ".UTF-8", 6) == 0 || strncasecmp(encoding, ".UTF8", 5) == 0);
    }
    return false;
}

const char *cli_summary_bars(const cli_summary *summary, char text[CLI_BARS_MAX])
{
    static const char ascii[] = " .:-=+*#@";
    bool utf8 = is_utf8();
    int64_t most = 0;
    char *at = text;
    for (int b = 0; b < CLI_BINS; b++)
        if (summary->count[b] > most) most = summary->count[b];
    for (int b = 0; b < CLI_BINS && most; b++) {
        int eighths = summary->count[b] ? 1 + (int)((double)summary->count[b] / (double)most * 7) : 0;
        if (eighths == 0 || !utf8) {
            *at++ = ascii[eighths];
        } else { /* U+2581 to U+2588, lower blocks of one to eight eighths */
            *at++ = '\342';
            *at++ = '\226';
            *at++ = (char)(0x80 + eighths);
        }
    }
    *at = '\0';
    return text;
}

void cli_json_summary(az_json *json, const cli_summary *summary)
{
    az_json_number(json, "lower", summary->lower);
    az_json_number(json, "mean", summary->mean);
    az_json_number(json, "upper", summary->upper);
    az_json_begin_array(json, "histogram");
    for (int b = 0; b < CLI_BINS; b++) az_json_int(json, NULL, summary->count[b]);
    az_json_end_array(json);
}
