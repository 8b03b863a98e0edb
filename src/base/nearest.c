/* SPDX-License-Identifier: BSD-3-Clause */
/* "Did you mean": the restricted Damerau-Levenshtein distance (insert, delete, replace, swap two neighbours). */
#include "base/text.h"

#include <string.h>

enum { LONGEST_NAME = 127 }; /* a longer one is found only if it is the same but for case */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static int smallest(int a, int b)
{
    return a < b ? a : b;
}

static int edit_distance(const char *a, const char *b, bool ignore_case)
{
    int m = (int)strlen(a), n = (int)strlen(b);
    int rows[3][LONGEST_NAME + 1];
    for (int j = 0; j <= n; j++) rows[0][j] = j;
    for (int i = 1; i <= m; i++) {
        int *row = rows[i % 3], *last = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            char x = a[i - 1], y = b[j - 1];
            if (ignore_case) x = lower(x), y = lower(y);
            row[j] = smallest(smallest(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1) {
                char x_before = a[i - 2], y_before = b[j - 2];
                if (ignore_case) x_before = lower(x_before), y_before = lower(y_before);
                if (x == y_before && x_before == y) row[j] = smallest(row[j], before[j - 2] + 1);
            }
        }
    }
    return rows[m % 3][n];
}

static bool is_same_but_for_case(const char *a, const char *b)
{
    for (; *a && lower(*a) == lower(*b); a++, b++) continue;
    return lower(*a) == lower(*b);
}

const char *az_nearest(const char *name, const char *(*candidate)(void *context, int64_t i), void *context)
{
    size_t length = strlen(name);
    const char *best = NULL, *other;
    /* A third of the letters may be wrong, one in a name of two or three; more is another word. */
    int best_distance = length <= 1 ? 0 : length <= 3 ? 1 : (int)(length < LONGEST_NAME ? length : LONGEST_NAME) / 3;
    int best_with_case = LONGEST_NAME + 1;
    for (int64_t i = 0; (other = candidate(context, i)) != NULL; i++) {
        if (is_same_but_for_case(name, other)) return other;
        if (length > LONGEST_NAME || strlen(other) > LONGEST_NAME) continue;
        int distance = edit_distance(name, other, true);
        if (distance > best_distance) continue;
        int with_case = edit_distance(name, other, false);
        if (best && distance == best_distance && with_case >= best_with_case) continue;
        best = other;
        best_distance = distance;
        best_with_case = with_case;
    }
    return best;
}
