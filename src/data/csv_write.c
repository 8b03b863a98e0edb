/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/table.h"

#include <string.h>

/* Quotes stand where RFC 4180 asks for them, and where our own reader would otherwise drop something: blanks at
 * either end, or a first '#'. */
void az_csv_quote(az_text *text, const char *cell)
{
    size_t length = cell ? strlen(cell) : 0;
    if (length == 0) return;
    bool plain = !strpbrk(cell, ",\"\n\r") && !strchr(" \t#", cell[0]) && !strchr(" \t", cell[length - 1]);
    if (plain) {
        az_text_append_n(text, cell, length);
        return;
    }
    az_text_append_n(text, "\"", 1);
    for (const char *quote; (quote = strchr(cell, '"')); cell = quote + 1) {
        az_text_append_n(text, cell, (size_t)(quote - cell) + 1);
        az_text_append_n(text, "\"", 1);
    }
    az_text_append(text, cell);
    az_text_append_n(text, "\"", 1);
}
