/* SPDX-License-Identifier: BSD-3-Clause */
/* Letting a drawing into the page.  The page trusts no SVG, not even gnuplot's: what is on the two lists below is
 * copied, all else is left out, and what is not well-formed is refused. */
#include "report/plot.h"

#include <string.h>

static const char *const elements[] = {"svg",  "g",        "defs",    "path", "rect",  "circle", "ellipse",
                                       "line", "polyline", "polygon", "text", "tspan", "use", "image"};
static const char *const attributes[] = {
    "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "width", "height", "d", "points",
    "transform", "fill", "stroke", "color", "opacity", "fill-opacity", "stroke-opacity", "stroke-width",
    "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "font-family", "font-size", "font-weight", "font-style",
    "text-anchor", "shape-rendering", "fill-rule", "viewBox", "preserveAspectRatio"};

enum { MAX_DEPTH = 64, N_ELEMENTS = sizeof elements / sizeof *elements,
       N_ATTRIBUTES = sizeof attributes / sizeof *attributes };

typedef struct span {
    const char *start;
    size_t length;
} span;

typedef struct cleaner {
    const char *next, *end;
    const char *prefix;
    az_text *out;
    int stack[MAX_DEPTH]; /* index of each open element */
    int depth;
    bool seen_root;
} cleaner;

static az_status refuse(const char *why)
{
    return az_error(AZ_ERROR_UNAVAILABLE, "gnuplot's picture is no plain SVG: %s", why);
}

static bool equals(span name, const char *word)
{
    return strlen(word) == name.length && !memcmp(word, name.start, name.length);
}

static int find(span name, const char *const *list, int n)
{
    for (int i = 0; i < n; i++) {
        if (equals(name, list[i])) return i;
    }
    return -1;
}

static bool contains(span text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.length; i++) {
        if (!memcmp(text.start + i, word, n)) return true;
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '-' ||
           c == '_' || c == '.';
}

static void skip_blanks(cleaner *c)
{
    while (c->next < c->end && is_blank(*c->next))
        c->next++;
}

/* Moves behind the next occurrence of the word; false if there is none. */
static bool skip_past(cleaner *c, const char *word)
{
    size_t n = strlen(word);
    for (; c->next + n <= c->end; c->next++) {
        if (!memcmp(c->next, word, n)) {
            c->next += n;
            return true;
        }
    }
    return false;
}

static span read_name(cleaner *c)
{
    span name = {c->next, 0};
    while (c->next < c->end && is_name_character(*c->next))
        c->next++;
    name.length = (size_t)(c->next - name.start);
    return name;
}

/* Copies character data.  References must be the predefined ones or numbers; a lone & is not well-formed. */
static az_status copy_text(cleaner *c, span text)
{
    static const char *const references[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (size_t i = 0; i < text.length; i++) {
        const char *at = text.start + i;
        if (*at == '>') {
            az_text_append(c->out, "&gt;");
        } else if (*at == '"') {
            az_text_append(c->out, "&quot;");
        } else if (*at == '&') {
            size_t left = text.length - i, length = 0;
            for (int k = 0; k < 5 && !length; k++) {
                size_t n = strlen(references[k]);
                if (left >= n && !memcmp(at, references[k], n)) length = n;
            }
            if (!length && left > 3 && at[1] == '#') {
                length = 2;
                while (length < left && at[length] >= '0' && at[length] <= '9')
                    length++;
                length = length > 2 && length < left && at[length] == ';' ? length + 1 : 0;
            }
            if (!length) return refuse("a broken character reference");
            az_text_append_n(c->out, at, length);
            i += length - 1;
        } else {
            az_text_append_n(c->out, at, 1);
        }
    }
    return AZ_OK;
}

/* A PNG in the attribute itself: nothing is fetched, and a PNG cannot run anything. */
static bool is_inline_png(span value)
{
    static const char start[] = "data:image/png;base64,";
    size_t n = sizeof start - 1;
    if (value.length < n || memcmp(value.start, start, n)) return false;
    for (size_t i = n; i < value.length; i++) {
        char c = value.start[i];
        bool is_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                        c == '/' || c == '=';
        if (!is_digit && !is_blank(c)) return false;
    }
    return true;
}

static az_status write_attribute(cleaner *c, span name, span value)
{
    bool is_id = equals(name, "id"), is_reference = equals(name, "href") || equals(name, "xlink:href");
    if (is_reference && is_inline_png(value)) {
        az_text_append(c->out, " href=\"");
        az_text_append_n(c->out, value.start, value.length);
        az_text_append(c->out, "\"");
        return AZ_OK;
    }
    if (is_reference && (!value.length || value.start[0] != '#')) return AZ_OK; /* leads out of the picture */
    if (!is_id && !is_reference && find(name, attributes, N_ATTRIBUTES) < 0) return AZ_OK;
    if (contains(value, "url(") || contains(value, "javascript:")) return AZ_OK;
    az_text_append(c->out, " ");
    if (is_reference)
        az_text_append(c->out, "href=\"#");
    else {
        az_text_append_n(c->out, name.start, name.length);
        az_text_append(c->out, "=\"");
    }
    if (is_id || is_reference) az_text_append(c->out, c->prefix);
    if (is_reference) value = (span){value.start + 1, value.length - 1};
    AZ_TRY(copy_text(c, value));
    az_text_append(c->out, "\"");
    return AZ_OK;
}

/* Behind the element's name: attributes up to > or />.  With `keep` false nothing is written. */
static az_status read_attributes(cleaner *c, bool keep, bool *is_empty)
{
    for (;;) {
        skip_blanks(c);
        if (c->next >= c->end) return refuse("it ends inside an element");
        if (*c->next == '>' || *c->next == '/') break;
        span name = read_name(c);
        skip_blanks(c);
        if (!name.length || c->next >= c->end || *c->next != '=') return refuse("a broken attribute");
        c->next++;
        skip_blanks(c);
        if (c->next >= c->end || (*c->next != '"' && *c->next != '\'')) return refuse("an attribute without quotes");
        char quote = *c->next++;
        span value = {c->next, 0};
        while (c->next < c->end && *c->next != quote && *c->next != '<')
            c->next++;
        if (c->next >= c->end || *c->next != quote) return refuse("an attribute that does not end");
        value.length = (size_t)(c->next++ - value.start);
        if (keep) AZ_TRY(write_attribute(c, name, value));
    }
    *is_empty = *c->next == '/';
    c->next += *is_empty;
    if (c->next >= c->end || *c->next != '>') return refuse("a broken element");
    c->next++;
    return AZ_OK;
}

/* Leaves out an element with all that is in it; its start tag has been read. */
static az_status skip_content(cleaner *c)
{
    for (int depth = 1; depth;) {
        if (!skip_past(c, "<")) return refuse("an element that does not end");
        if (c->next < c->end && *c->next == '/') {
            depth--;
            if (!skip_past(c, ">")) return refuse("a broken element");
        } else if (c->end - c->next >= 3 && !memcmp(c->next, "!--", 3)) {
            if (!skip_past(c, "-->")) return refuse("a comment that does not end");
        } else {
            bool is_empty;
            if (!read_name(c).length) return refuse("a broken element");
            AZ_TRY(read_attributes(c, false, &is_empty));
            depth += !is_empty;
        }
    }
    return AZ_OK;
}

static az_status open_element(cleaner *c)
{
    span name = read_name(c);
    bool is_empty;
    if (!name.length) return refuse("a broken element");
    int element = find(name, elements, N_ELEMENTS);
    bool is_root = element == 0;
    if (is_root == c->seen_root) return refuse(is_root ? "a picture inside the picture" : "no <svg> around it");
    if (element < 0) {
        AZ_TRY(read_attributes(c, false, &is_empty));
        return is_empty ? AZ_OK : skip_content(c);
    }
    az_text_append(c->out, "<");
    az_text_append(c->out, elements[element]);
    if (is_root) az_text_append(c->out, " xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    c->seen_root = true;
    AZ_TRY(read_attributes(c, true, &is_empty));
    az_text_append(c->out, is_empty ? "/>" : ">");
    if (is_empty) return AZ_OK;
    if (c->depth == MAX_DEPTH) return refuse("nested too deep");
    c->stack[c->depth++] = element;
    return AZ_OK;
}

static az_status close_element(cleaner *c)
{
    span name = read_name(c);
    if (!c->depth || !equals(name, elements[c->stack[c->depth - 1]])) return refuse("elements that overlap");
    skip_blanks(c);
    if (c->next >= c->end || *c->next != '>') return refuse("a broken element");
    c->next++;
    az_text_append(c->out, "</");
    az_text_append(c->out, elements[c->stack[--c->depth]]);
    az_text_append(c->out, c->depth ? ">" : ">\n");
    return AZ_OK;
}

az_status az_svg_clean(const char *source, size_t length, const char *id_prefix, az_text *svg)
{
    cleaner c = {.next = source, .end = source + length, .prefix = id_prefix, .out = svg};
    while (c.next < c.end) {
        span text = {c.next, 0};
        while (c.next < c.end && *c.next != '<')
            c.next++;
        text.length = (size_t)(c.next - text.start);
        const char *inside = c.depth ? elements[c.stack[c.depth - 1]] : "";
        if (!strcmp(inside, "text") || !strcmp(inside, "tspan")) AZ_TRY(copy_text(&c, text));
        if (c.next >= c.end) break;
        c.next++;
        if (c.depth == 0 && c.seen_root) return refuse("something follows it");
        if (c.next < c.end && *c.next == '?') {
            if (!skip_past(&c, "?>")) return refuse("a broken declaration");
        } else if (c.end - c.next >= 3 && !memcmp(c.next, "!--", 3)) {
            if (!skip_past(&c, "-->")) return refuse("a comment that does not end");
        } else if (c.next < c.end && *c.next == '/') {
            c.next++;
            AZ_TRY(close_element(&c));
        } else {
            AZ_TRY(open_element(&c));
        }
    }
    if (!c.seen_root || c.depth) return refuse("it is not complete");
    return az_text_status(svg);
}
