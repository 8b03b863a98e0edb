/* SPDX-License-Identifier: BSD-3-Clause */
/* --select 'time=2010-01:2015-12, lat=-5:5, level=500': a range of each named dimension.  Both ends belong to it, in
 * either order, and each may be left open.  In times a date stands for all of the year, month, day or minute that it
 * names.  One number takes the coordinate nearest to it, which must not be further off than the coordinates are from
 * each other.  A dimension without coordinates is chosen by its indices, from 0. */
#include "data/field_plan.h"

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

typedef struct range {
    double lower, upper;
    bool below_upper; /* the upper end itself does not belong */
    bool single;      /* one number: the nearest */
} range;

/* What messages need. */
typedef struct selection {
    const field_plan *plan;
    int32_t dimension, variable; /* variable -1: indices */
    const char *key, *text;
} selection;

static const char *name_of_dimension(void *context, int64_t i)
{
    const az_dataset *dataset = context;
    return i < dataset->layout.n_dims ? dataset->layout.dims[i].name : NULL;
}

static az_status find_dimension(const az_dataset *dataset, const char *key, int32_t *dimension)
{
    for (int32_t d = 0; d < dataset->layout.n_dims; d++)
        if (strcmp(dataset->layout.dims[d].name, key) == 0) {
            *dimension = d;
            return AZ_OK;
        }
    if (az_dataset_lookup(dataset, key) >= 0)
        return az_error(AZ_ERROR_USAGE,
                        "--select %s: %s is a variable of %s, not a dimension; --where '%s > ...' chooses rows by any "
                        "column",
                        key, key, dataset->path, key);
    const char *nearest = az_nearest(key, name_of_dimension, (void *)(uintptr_t)dataset);
    if (nearest)
        return az_error(AZ_ERROR_DATA, "%s has no dimension \"%s\" (--select); did you mean \"%s\"?", dataset->path,
                        key, nearest);
    az_text names = {0};
    for (int32_t d = 0; d < dataset->layout.n_dims; d++)
        az_text_printf(&names, "%s%s", d ? ", " : "", dataset->layout.dims[d].name);
    az_status status = az_text_status(&names);
    if (!status)
        status = az_error(AZ_ERROR_DATA, "%s has no dimension \"%s\" (--select); its dimensions are %s", dataset->path,
                          key, names.data ? names.data : "none");
    az_text_free(&names);
    return status;
}

/* A date and all of the time that it names: [*begin, *end), or the one instant if it has seconds. */
static bool parse_date(const char *text, size_t length, const az_time_unit *unit, double *begin, double *end,
                       bool *in_calendar)
{
    char buffer[40];
    az_date date, next;
    int n_colons = 0;
    *in_calendar = true;
    if (length == 0 || length + 4 > sizeof buffer) return false;
    memcpy(buffer, text, length);
    buffer[length] = 0;
    bool is_year = length == 4 && strspn(buffer, "0123456789") == 4;
    if (is_year) memcpy(buffer + 4, "-01", 4);
    if (!az_date_parse(&date, buffer, buffer + strlen(buffer), unit->calendar, in_calendar)) return false;
    for (const char *c = buffer; *c; c++) n_colons += *c == ':';
    *begin = az_time_of_date(unit, &date);
    next = date;
    if (is_year) {
        next.year++;
        *end = az_time_of_date(unit, &next);
    } else if (length == 7) {
        next.month = date.month % 12 + 1;
        next.year += date.month == 12;
        *end = az_time_of_date(unit, &next);
    } else if (length == 10) {
        *end = *begin + 86400 / unit->seconds;
    } else {
        *end = n_colons == 1 ? *begin + 60 / unit->seconds : *begin;
    }
    return true;
}

static az_status bad_date(const selection *of, bool in_calendar)
{
    const az_time_unit *unit = &of->plan->dataset->fields[of->variable].time;
    if (!in_calendar)
        return az_error(AZ_ERROR_DATA, "--select %s=%s: there is no such date in the %s calendar of %s", of->key,
                        of->text, az_calendar_name(unit->calendar), of->plan->dataset->path);
    return az_error(AZ_ERROR_USAGE,
                    "--select %s=%s: %s is a time; give dates as 2010, 2010-03 or 2010-03-01T06:00, or a range "
                    "2010-01:2015-12",
                    of->key, of->text, of->key);
}

/* The colon between two dates is the one that leaves a date, or nothing, on both sides: times of day have some too. */
static az_status parse_times(const selection *of, range *wanted)
{
    const az_time_unit *unit = &of->plan->dataset->fields[of->variable].time;
    const char *text = of->text;
    size_t length = strlen(text);
    double begin, end, begin_last, end_last;
    bool in_calendar, all_in_calendar = true;
    if (parse_date(text, length, unit, &begin, &end, &in_calendar)) {
        *wanted = (range){begin, end, end > begin, false};
        return AZ_OK;
    }
    all_in_calendar = in_calendar;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != ':') continue;
        size_t left = i, right = length - i - 1;
        while (left > 0 && text[left - 1] == ' ') left--;
        const char *last = text + i + 1;
        while (right > 0 && *last == ' ') last++, right--;
        bool has_first = left > 0, has_last = right > 0;
        bool first_fits = !has_first || parse_date(text, left, unit, &begin, &end, &in_calendar);
        if (has_first) all_in_calendar &= in_calendar;
        bool last_fits = !has_last || parse_date(last, right, unit, &begin_last, &end_last, &in_calendar);
        if (has_last) all_in_calendar &= in_calendar;
        if (!first_fits || !last_fits) continue;
        if (has_first && has_last && begin > begin_last) {
            double swap = begin;
            begin = begin_last;
            begin_last = swap;
            swap = end;
            end = end_last;
            end_last = swap;
        }
        *wanted = (range){has_first ? begin : -INFINITY, has_last ? end_last : INFINITY,
                          has_last && end_last > begin_last, false};
        return AZ_OK;
    }
    return bad_date(of, all_in_calendar);
}

static az_status parse_numbers(const selection *of, range *wanted)
{
    const char *text = of->text, *end = text + strlen(text), *colon = strchr(text, ':');
    double lower = -INFINITY, upper = INFINITY;
    bool good;
    if (!colon) {
        good = az_parse_double_all(text, end, '.', &lower);
        upper = lower;
    } else {
        bool has_lower = strspn(text, " ") < (size_t)(colon - text);
        bool has_upper = colon[1 + strspn(colon + 1, " ")] != 0;
        good = (!has_lower || az_parse_double_all(text, colon, '.', &lower)) &&
               (!has_upper || az_parse_double_all(colon + 1, end, '.', &upper));
    }
    if (!good || isnan(lower) || isnan(upper))
        return az_error(AZ_ERROR_USAGE, "--select %s=%s: give a number or a range of two, as in %s=-5:5", of->key,
                        of->text, of->key);
    if (lower > upper) {
        double swap = lower;
        lower = upper;
        upper = swap;
    }
    *wanted = (range){lower, upper, false, !colon};
    return AZ_OK;
}

/* Coordinates come in pieces: a dimension may be as long as the file. */
enum { PIECE = 1 << 12 };

typedef struct found {
    int64_t first, last, n; /* within the range; n < last - first + 1: there are gaps */
    int64_t nearest;
    double nearest_distance, smallest, largest, widest_step, last_value;
    int64_t n_values;
} found;

static void look_at(const range *wanted, double value, int64_t index, found *so_far)
{
    if (isnan(value)) return;
    if (so_far->n_values > 0 && fabs(value - so_far->last_value) > so_far->widest_step)
        so_far->widest_step = fabs(value - so_far->last_value);
    so_far->last_value = value;
    if (so_far->n_values++ == 0) so_far->smallest = so_far->largest = value;
    if (value < so_far->smallest) so_far->smallest = value;
    if (value > so_far->largest) so_far->largest = value;
    double distance = fabs(value - wanted->lower);
    if (distance < so_far->nearest_distance) {
        so_far->nearest_distance = distance;
        so_far->nearest = index;
    }
    if (value < wanted->lower || value > wanted->upper || (wanted->below_upper && value == wanted->upper)) return;
    if (so_far->n++ == 0) so_far->first = index;
    so_far->last = index;
}

static az_status search(const selection *of, const range *wanted, found *result)
{
    const az_dataset *dataset = of->plan->dataset;
    int64_t size = dataset->layout.dims[of->dimension].size;
    double values[PIECE];
    *result = (found){.nearest = -1, .nearest_distance = INFINITY};
    for (int64_t start = 0; start < size; start += PIECE) {
        int64_t count = size - start < PIECE ? size - start : PIECE;
        if (of->variable >= 0) AZ_TRY(az_dataset_read(dataset, of->variable, &start, &count, values));
        for (int64_t i = 0; i < count; i++)
            look_at(wanted, of->variable >= 0 ? values[i] : (double)(start + i), start + i, result);
    }
    return AZ_OK;
}

enum { END_MAX = AZ_TIME_MAX + AZ_NUMBER_MAX };

/* From where to where the coordinates go, for messages. */
static void print_extent(const selection *of, const found *result, char lower[END_MAX], char upper[END_MAX])
{
    const az_dataset *dataset = of->plan->dataset;
    if (of->variable >= 0 && dataset->fields[of->variable].is_time) {
        az_time_print(lower, &dataset->fields[of->variable].time, result->smallest);
        az_time_print(upper, &dataset->fields[of->variable].time, result->largest);
    } else {
        az_print_rounded(lower, result->smallest, 7);
        az_print_rounded(upper, result->largest, 7);
    }
}

static az_status nothing_there(const selection *of, const found *result)
{
    char lower[END_MAX], upper[END_MAX];
    const char *path = of->plan->dataset->path;
    if (result->n_values == 0)
        return az_error(AZ_ERROR_DATA, "--select %s=%s leaves nothing: %s has no coordinates of %s", of->key, of->text,
                        path, of->key);
    print_extent(of, result, lower, upper);
    return az_error(AZ_ERROR_DATA, "--select %s=%s leaves nothing: in %s %s goes from %s to %s", of->key, of->text,
                    path, of->key, lower, upper);
}

/* An end that lies outside the meridians of the file but is one of them, 360 degrees on: the part beyond the edge would
 * be missing without a word. */
static bool beyond_edge(const found *result, double end)
{
    if (!isfinite(end) || (end >= result->smallest && end <= result->largest)) return false;
    for (int turn = -1; turn <= 1; turn += 2) {
        double other = end + 360 * turn;
        if (other > result->smallest && other < result->largest) return true;
    }
    return false;
}

static az_status select_range(field_plan *plan, const selection *of, bool may_be_empty)
{
    const az_dataset *dataset = plan->dataset;
    range wanted;
    found result;
    bool is_time = of->variable >= 0 && dataset->fields[of->variable].is_time;
    AZ_TRY(is_time ? parse_times(of, &wanted) : parse_numbers(of, &wanted));
    if (of->variable >= 0 && dataset->layout.variables[of->variable].type == AZ_STORED_F32 && !is_time) {
        /* 0.1 means the coordinate that is stored as the float nearest to it. */
        wanted.lower = (double)(float)wanted.lower;
        wanted.upper = (double)(float)wanted.upper;
    }
    AZ_TRY(search(of, &wanted, &result));
    if (wanted.single && of->variable >= 0 && result.nearest >= 0 &&
        result.nearest_distance <= result.widest_step / 2) {
        result.first = result.last = result.nearest;
        result.n = 1;
    }
    if (of->variable >= 0 && az_field_is_longitude(dataset, of->variable) && result.n > 0 &&
        (beyond_edge(&result, wanted.lower) || beyond_edge(&result, wanted.upper))) {
        char lower[END_MAX], upper[END_MAX];
        print_extent(of, &result, lower, upper);
        return az_error(AZ_ERROR_DATA,
                        "--select %s=%s goes over the edge of the meridians: in %s %s goes from %s to %s; "
                        "--where chooses on both sides of it",
                        of->key, of->text, dataset->path, of->key, lower, upper);
    }
    if (result.n == 0 && !(may_be_empty && plan->grid.n_dims > 0 && plan->grid.dims[0] == of->dimension))
        return nothing_there(of, &result);
    if (result.n > 0 && result.n != result.last - result.first + 1)
        return az_error(
            AZ_ERROR_DATA,
            "--select %s=%s: the coordinates of %s in %s are not in order, so that this is no single range; "
            "--where chooses rows whatever their order",
            of->key, of->text, of->key, dataset->path);
    plan->first[of->dimension] = result.first;
    plan->count[of->dimension] = result.n;
    return AZ_OK;
}

static bool is_used(const field_plan *plan, int32_t dimension)
{
    for (int32_t i = 0; i < plan->n_parts; i++) {
        if (plan->parts[i].variable < 0) continue;
        const az_variable *variable = &plan->dataset->layout.variables[plan->parts[i].variable];
        for (int32_t k = 0; k < az_variable_n_dims(variable); k++)
            if (variable->dims[k] == dimension) return true;
    }
    return plan->place[dimension] >= 0;
}

az_status az_field_select(field_plan *plan, const char *select, bool may_be_empty)
{
    char **keys = NULL, **values = NULL;
    int64_t n = 0;
    az_status status;
    AZ_GOTO(az_list_pairs(select, &keys, &values, &n));
    for (int64_t i = 0; i < n; i++) {
        selection of = {.plan = plan, .key = keys[i], .text = values[i]};
        if (!values[i] || !*values[i])
            AZ_GOTO(az_error(AZ_ERROR_USAGE, "--select %s: give a range, as in %s=-5:5", keys[i], keys[i]));
        for (int64_t k = 0; k < i; k++)
            if (strcmp(keys[k], keys[i]) == 0)
                AZ_GOTO(az_error(AZ_ERROR_USAGE, "--select names \"%s\" twice; give one range of each", keys[i]));
        AZ_GOTO(find_dimension(plan->dataset, keys[i], &of.dimension));
        of.variable = plan->dataset->coordinate[of.dimension];
        if (!is_used(plan, of.dimension))
            AZ_GOTO(az_error(AZ_ERROR_DATA, "--select %s=%s: no variable that was chosen has the dimension %s (--vars)",
                             keys[i], values[i], keys[i]));
        if (of.variable >= 0 && plan->dataset->layout.variables[of.variable].type > AZ_STORED_F64)
            AZ_GOTO(az_error(AZ_ERROR_USAGE,
                             "--select %s=%s: %s holds texts; --where '%s == \"...\"' chooses among them", keys[i],
                             values[i], keys[i], keys[i]));
        AZ_GOTO(select_range(plan, &of, may_be_empty));
    }
done:
    az_free(keys);
    az_free(values);
    return status;
}

az_status az_dataset_select(az_dataset *dataset, const char *select, int64_t *first, int64_t *count)
{
    int32_t n_dims = dataset->layout.n_dims, *place;
    for (int32_t d = 0; d < n_dims; d++) {
        first[d] = 0;
        count[d] = dataset->layout.dims[d].size;
    }
    if (!select) return AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(place, n_dims));
    for (int32_t d = 0; d < n_dims; d++) place[d] = d; /* every dimension may be named */
    field_plan whole = {.dataset = dataset, .first = first, .count = count, .place = place};
    az_status status = az_field_select(&whole, select, false);
    az_free(place);
    return status;
}
