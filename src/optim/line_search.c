/* SPDX-License-Identifier: BSD-3-Clause */
#include "optim/line_search.h"

#include <math.h>

void az_line_search_begin(az_line_search *search, double value, double slope, double step, double most)
{
    const az_line_point start = {0, value, slope};
    search->step = step;
    search->most = most;
    search->value = value;
    search->slope = slope;
    search->best = search->other = start;
    search->lower = 0;
    search->upper = 5 * step;
    search->width = most;
    search->width_before = 2 * most;
    search->bracketed = search->decreasing = 0;
}

/* sqrt of theta^2 - a b without overflow. */
static double root(double theta, double a, double b)
{
    const double scale = fmax(fabs(theta), fmax(fabs(a), fabs(b)));
    if (scale == 0) return 0;
    return scale * sqrt(fmax(0, (theta / scale) * (theta / scale) - (a / scale) * (b / scale)));
}

static double clamp(double x, double lower, double upper)
{
    return fmax(lower, fmin(upper, x));
}

/* The safeguarded cubic and quadratic steps of section 4, and the interval's update.  The four cases are those of the
 * paper: a higher value; a slope of the other sign; a slope of the same sign, less steep; and one that is not. */
static void next_step(az_line_search *search, az_line_point *best, az_line_point *other, az_line_point now)
{
    const double along = now.step - best->step;
    const double theta = 3 * (best->value - now.value) / along + best->slope + now.slope;
    const bool turned = now.slope * (best->slope / fabs(best->slope)) < 0;
    double step;
    if (now.value > best->value) {
        const double gamma = copysign(root(theta, best->slope, now.slope), along);
        const double ratio = ((gamma - best->slope) + theta) / (((gamma - best->slope) + gamma) + now.slope);
        const double cubic = best->step + ratio * along;
        const double chord = (best->value - now.value) / along + best->slope;
        const double quadratic = best->step + best->slope / chord / 2 * along;
        step = fabs(cubic - best->step) < fabs(quadratic - best->step) ? cubic : cubic + (quadratic - cubic) / 2;
        search->bracketed = 1;
    } else if (turned) {
        const double gamma = copysign(root(theta, best->slope, now.slope), -along);
        const double ratio = ((gamma - now.slope) + theta) / (((gamma - now.slope) + gamma) + best->slope);
        const double cubic = now.step - ratio * along;
        const double secant = now.step - now.slope / (now.slope - best->slope) * along;
        step = fabs(cubic - now.step) > fabs(secant - now.step) ? cubic : secant;
        search->bracketed = 1;
    } else if (fabs(now.slope) < fabs(best->slope)) {
        /* The cubic's minimum counts only if it lies beyond and the cubic tends to infinity there. */
        const double gamma = copysign(root(theta, best->slope, now.slope), -along);
        const double ratio = ((gamma - now.slope) + theta) / ((gamma + (best->slope - now.slope)) + gamma);
        const double cubic = ratio < 0 && gamma != 0 ? now.step - ratio * along
                             : along > 0             ? search->upper
                                                     : search->lower;
        const double secant = now.step - now.slope / (now.slope - best->slope) * along;
        const bool cubic_nearer = fabs(cubic - now.step) < fabs(secant - now.step);
        if (search->bracketed != 0) {
            const double farthest = now.step + 0.66 * (other->step - now.step);
            step = cubic_nearer ? cubic : secant;
            step = along > 0 ? fmin(farthest, step) : fmax(farthest, step);
        } else {
            step = clamp(cubic_nearer ? secant : cubic, search->lower, search->upper);
        }
    } else if (search->bracketed != 0) {
        const double back = other->step - now.step;
        const double theta_back = 3 * (now.value - other->value) / back + other->slope + now.slope;
        const double gamma = copysign(root(theta_back, other->slope, now.slope), back);
        const double ratio = ((gamma - now.slope) + theta_back) / (((gamma - now.slope) + gamma) + other->slope);
        step = now.step + ratio * back;
    } else {
        step = along > 0 ? search->upper : search->lower;
    }
    if (now.value > best->value) {
        *other = now;
    } else {
        if (turned) *other = *best;
        *best = now;
    }
    search->step = step;
}

/* The function less the line that the sufficient decrease asks for, and back. */
static az_line_point tilt(az_line_point point, double slope)
{
    return (az_line_point){point.step, point.value - point.step * slope, point.slope - slope};
}

bool az_line_search_tell(az_line_search *search, double value, double slope)
{
    const az_line_point now = {search->step, value, slope};
    if (!isfinite(value) || !isfinite(slope)) {
        search->most = now.step;
        search->upper = fmin(search->upper, now.step);
        search->step = search->best.step + 0.5 * (now.step - search->best.step);
        return false;
    }
    const double wanted = search->decrease * search->slope, line = search->value + now.step * wanted;
    if (value <= line && slope >= 0) search->decreasing = 1;
    const bool bracketed = search->bracketed != 0;
    if (value <= line && fabs(slope) <= -search->curvature * search->slope) return true;
    if (bracketed && (now.step <= search->lower || now.step >= search->upper)) return true; /* rounding */
    if (bracketed && search->upper - search->lower <= search->width_tolerance * search->upper) return true;
    if (now.step == search->most && value <= line && slope <= wanted) return true;

    if (search->decreasing == 0 && value <= search->best.value && value > line) {
        az_line_point best = tilt(search->best, wanted), other = tilt(search->other, wanted);
        next_step(search, &best, &other, tilt(now, wanted));
        search->best = tilt(best, -wanted);
        search->other = tilt(other, -wanted);
    } else {
        next_step(search, &search->best, &search->other, now);
    }
    if (search->bracketed != 0) {
        const double width = fabs(search->other.step - search->best.step);
        if (width >= 0.66 * search->width_before)
            search->step = search->best.step + 0.5 * (search->other.step - search->best.step);
        search->width_before = search->width;
        search->width = width;
        search->lower = fmin(search->best.step, search->other.step);
        search->upper = fmax(search->best.step, search->other.step);
    } else {
        search->lower = search->step + 1.1 * (search->step - search->best.step);
        search->upper = search->step + 4 * (search->step - search->best.step);
    }
    search->step = clamp(search->step, 0, search->most);
    if (search->bracketed != 0 && (search->step <= search->lower || search->step >= search->upper ||
                                   search->upper - search->lower <= search->width_tolerance * search->upper))
        search->step = search->best.step;
    return false;
}
