/* SPDX-License-Identifier: BSD-3-Clause */
/* Escaping and numbers of the page. */
#include "report/html.h"

#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void az_html_escape(az_text *html, const char *text)
{
    for (const char *c = text; c && *c;) {
        int length = (int)az_utf8_length(c, strlen(c));
        if (!length) {
            az_text_append(html, "\xEF\xBF\xBD");
            c++;
            continue;
        }
        switch (*c) {
        case '&': az_text_append(html, "&amp;"); break;
        case '<': az_text_append(html, "&lt;"); break;
        case '>': az_text_append(html, "&gt;"); break;
        case '"': az_text_append(html, "&quot;"); break;
        case '\'': az_text_append(html, "&#39;"); break;
        default:
            if ((unsigned char)*c < 0x20 || *c == 0x7F)
                az_text_append(html, " ");
            else
                az_text_append_n(html, c, (size_t)length);
        }
        c += length;
    }
}

void az_html_name(az_text *html, const char *name, const char *unit)
{
    az_html_escape(html, name);
    if (unit && *unit) {
        az_text_append(html, " [");
        az_html_escape(html, unit);
        az_text_append(html, "]");
    }
}

/* Digits with a comma after every third from the right; `digits` has no sign and no point. */
static void append_grouped(az_text *html, const char *digits, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0) az_text_append(html, ",");
        az_text_append_n(html, digits + i, 1);
    }
}

void az_html_count(az_text *html, int64_t count)
{
    az_text plain = {0};
    az_text_printf(&plain, "%lld", (long long)count);
    if (plain.data) {
        size_t sign = plain.data[0] == '-';
        az_text_append_n(html, plain.data, sign);
        append_grouped(html, plain.data + sign, plain.length - sign);
    }
    html->failed |= plain.failed;
    az_text_free(&plain);
}

void az_html_number(az_text *html, double value, int n_significant)
{
    if (isnan(value)) {
        az_text_append(html, "\xE2\x80\x93");
        return;
    }
    char digits[AZ_NUMBER_MAX];
    size_t length = az_print_rounded(digits, value, n_significant), sign = digits[0] == '-';
    size_t whole = strspn(digits + sign, "0123456789");
    bool has_exponent = strchr(digits, 'e') != NULL;
    double magnitude = fabs(value);
    /* Rounding 45,912 to 4 digits would print 4.591e+04: whole parts of up to nine digits are kept as they are. */
    if (magnitude < 1e9 && (magnitude >= 1e4 || (magnitude >= 1 && has_exponent))) {
        az_html_count(html, (int64_t)llround(value));
        return;
    }
    if (whole < 4 || has_exponent) {
        az_text_append_n(html, digits, length);
        return;
    }
    az_text_append_n(html, digits, sign);
    append_grouped(html, digits + sign, whole);
    az_text_append(html, digits + sign + whole);
}

/* value with `decimals` places after the point (negative: rounded to tens, hundreds), |value| 10^decimals < 2^53. */
static void append_fixed(az_text *html, double value, int decimals)
{
    double unit = pow(10.0, abs(decimals));
    double scaled = round(decimals >= 0 ? value * unit : value / unit);
    bool negative = scaled < 0;
    az_text digits = {0};
    az_text_printf(&digits, "%lld", (long long)fabs(scaled));
    for (int i = decimals; i < 0 && scaled != 0; i++)
        az_text_append(&digits, "0");
    if (digits.data) {
        if (negative) az_text_append(html, "-");
        size_t places = decimals > 0 ? (size_t)decimals : 0;
        if (digits.length > places) {
            append_grouped(html, digits.data, digits.length - places);
        } else {
            az_text_append(html, "0");
        }
        if (places) {
            az_text_append(html, ".");
            for (size_t i = digits.length; i < places; i++)
                az_text_append(html, "0");
            size_t start = digits.length > places ? digits.length - places : 0;
            az_text_append(html, digits.data + start);
        }
    }
    html->failed |= digits.failed;
    az_text_free(&digits);
}

void az_html_with_error(az_text *html, double value, double error)
{
    if (!isfinite(value) || !isfinite(error) || error <= 0) {
        az_html_number(html, value, 4);
        return;
    }
    /* The place of the error's second digit; 0.0996 rounds up to 0.10 and is one place shorter. */
    int place = 1 - (int)floor(log10(error));
    if (round(error * pow(10.0, place)) >= 100) place--;
    double largest = fmax(fabs(value), error);
    if (place > 6 || place < -9 || largest * pow(10.0, place) > 1e15) {
        int power = (int)floor(log10(largest));
        double unit = pow(10.0, power);
        int digits = place + power;
        if (unit > 0 && isfinite(unit) && digits >= 0 && digits < 15) {
            az_text_append(html, "(");
            append_fixed(html, value / unit, digits);
            az_text_append(html, " \xC2\xB1 ");
            append_fixed(html, error / unit, digits);
            az_text_printf(html, ") 10<sup>%d</sup>", power);
            return;
        }
        az_html_number(html, value, 6);
        az_text_append(html, " \xC2\xB1 ");
        az_html_number(html, error, 2);
        return;
    }
    append_fixed(html, value, place);
    az_text_append(html, " \xC2\xB1 ");
    append_fixed(html, error, place);
}

void az_html_percent(az_text *html, double fraction)
{
    if (!isfinite(fraction)) {
        az_text_append(html, "\xE2\x80\x93");
        return;
    }
    append_fixed(html, 100 * fraction, fabs(fraction) < 0.995 && fabs(fraction) > 0.0005 ? 1 : 0);
    az_text_append(html, " %");
}
