/* SPDX-License-Identifier: BSD-3-Clause */
/* Is a page well-formed, and does it hold nothing but what reports are made of?  A name that were not escaped would
 * show as an element or an attribute that is not on these lists, or as tags that do not balance. */
#ifndef TESTS_REPORT_MARKUP_H
#define TESTS_REPORT_MARKUP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MARKUP_ELEMENTS                                                                                           \
    " html head meta title style body main h1 h2 nav a section p b code pre div table thead tbody tr th td span " \
    "sup br figure figcaption ul li svg g defs path rect circle ellipse line polyline polygon text tspan use "
#define MARKUP_ATTRIBUTES                                                                                          \
    " lang charset name content http-equiv id class href style colspan title xmlns role viewBox x y x1 y1 x2 y2 "  \
    "cx cy r rx ry dx dy width height d points transform fill stroke color opacity fill-opacity stroke-opacity "   \
    "stroke-width stroke-linecap stroke-linejoin stroke-dasharray font-family font-size font-weight font-style "   \
    "text-anchor shape-rendering fill-rule "

static inline bool markup_listed(const char *list, const char *name, size_t length)
{
    char word[64];
    if (length == 0 || length > sizeof word - 3) return false;
    snprintf(word, sizeof word, " %.*s ", (int)length, name);
    return strstr(list, word) != NULL;
}

static inline bool markup_wrong(const char *what, const char *at)
{
    fprintf(stderr, "%s: %.80s\n", what, at);
    return false;
}

/* Behind an element's name: attributes up to its end.  NULL if one is not allowed or not quoted. */
static inline const char *markup_attributes(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (*at == '>' || *at == '/') return at;
        size_t length = strcspn(at, "= \t\r\n>");
        if (!markup_listed(MARKUP_ATTRIBUTES, at, length) || at[length] != '=' || at[length + 1] != '"') return NULL;
        const char *value = at + length + 2, *end = strchr(value, '"');
        if (!end || memchr(value, '<', (size_t)(end - value))) return NULL;
        if (!strncmp(at, "href", length) && length == 4 && *value != '#') return NULL; /* leads out of the page */
        at = end + 1;
    }
}

static inline bool markup_reference(const char *at)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&nbsp;", "&#"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strncmp(at, known[i], strlen(known[i]))) return true;
    return false;
}

static inline bool markup_is_sound(const char *page)
{
    const char *open[64];
    size_t lengths[64];
    int depth = 0;
    const char *at = page;
    if (!strncmp(at, "<!DOCTYPE html>\n", 16)) at += 16;
    for (; *at; at++) {
        if (*at == '&' && !markup_reference(at)) return markup_wrong("a bare &", at);
        if (*at == '>') return markup_wrong("a bare >", at);
        if (*at != '<') continue;
        bool closes = at[1] == '/';
        const char *name = at + 1 + closes;
        size_t length = strcspn(name, " \t\r\n>/");
        if (!markup_listed(MARKUP_ELEMENTS, name, length)) return markup_wrong("no element of a report", at);
        if (closes) {
            if (!depth || lengths[depth - 1] != length || strncmp(open[depth - 1], name, length) || name[length] != '>')
                return markup_wrong("closes what is not open", at);
            depth--;
            at = name + length;
            continue;
        }
        const char *end = markup_attributes(name + length);
        if (!end) return markup_wrong("an attribute of no report", at);
        bool is_void = *end == '/' || markup_listed(" meta br ", name, length);
        at = *end == '/' ? end + 1 : end;
        if (*at != '>') return markup_wrong("a broken element", at);
        if (is_void) continue;
        if (depth == 64) return markup_wrong("nested too deep", at);
        open[depth] = name;
        lengths[depth++] = length;
        if (length == 5 && !strncmp(name, "style", 5)) at = strstr(at, "</style>") - 1;
    }
    return depth ? markup_wrong("never closed", open[depth - 1]) : true;
}

#endif
