/* SPDX-License-Identifier: BSD-3-Clause */
/* Words and numbers for the page.  Nothing that came from outside reaches the page but through here. */
#ifndef AZ_REPORT_HTML_H
#define AZ_REPORT_HTML_H

#include "base/text.h"

/* Escapes & < > " ' so that the text is safe inside elements and inside quoted attributes; control characters become
 * blanks, bytes that are no UTF-8 become U+FFFD.  NULL writes nothing. */
void az_html_escape(az_text *html, const char *text);

/* The name with its unit, "T [K]", escaped. */
void az_html_name(az_text *html, const char *name, const char *unit);

/* A count with separators: 20,640. */
void az_html_count(az_text *html, int64_t count);

/* At most n_significant digits, separators from 1,000 on; a dash for NaN. */
void az_html_number(az_text *html, double value, int n_significant);

/* "233 ± 31": the error to two digits, the value to the same place (Particle Data Group's custom).  Without a usable
 * error the value alone to four digits. */
void az_html_with_error(az_text *html, double value, double error);

/* 0.873 as "87.3 %". */
void az_html_percent(az_text *html, double fraction);

#endif
