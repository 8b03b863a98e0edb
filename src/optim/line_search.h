/* SPDX-License-Identifier: BSD-3-Clause */
/* A step length that satisfies the strong Wolfe conditions: More and Thuente, ACM TOMS 20 (1994) 286, as in MINPACK-2's
 * dcsrch, which L-BFGS-B and SciPy use.  The caller evaluates, so that the function may be anything. */
#ifndef AZ_OPTIM_LINE_SEARCH_H
#define AZ_OPTIM_LINE_SEARCH_H

#include <stdbool.h>

/* A point on the line: step, value and slope there. */
typedef struct az_line_point {
    double step, value, slope;
} az_line_point;

/* Nothing but doubles, so that a checkpoint can hold it as an array; the flags are 0 or 1. */
typedef struct az_line_search {
    double decrease, curvature, width_tolerance; /* the caller's: 0 < decrease < curvature < 1 */
    double step;                                 /* where to evaluate next; when done: the step taken */
    double most;                                 /* no step is longer */
    double value, slope;                         /* at 0 */
    az_line_point best, other;                   /* the best so far, and the other end of the interval */
    double lower, upper;                         /* the next step lies between */
    double width, width_before;                  /* of the interval, once and twice before */
    double bracketed, decreasing;                /* a minimum lies between the ends; the second stage has begun */
} az_line_search;

/* value and slope (< 0) at 0; the first step to be tried, and the longest.  The three constants have been set. */
void az_line_search_begin(az_line_search *search, double value, double slope, double step, double most);
/* What was found at search->step.  True: done, that step is taken.  False: evaluate at the new search->step.  A value
 * or slope that is not finite makes the next step shorter. */
bool az_line_search_tell(az_line_search *search, double value, double slope);

#endif
