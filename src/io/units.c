/* SPDX-License-Identifier: BSD-3-Clause */
/* Conversion of units by UDUNITS-2. */
#define _GNU_SOURCE /* uselocale */
#include "io/io.h"

#ifdef AZ_HAVE_UDUNITS
#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <udunits2.h>

static ut_unit *parse(const az_io_host *host, ut_system *system, const char *text, az_status *status)
{
    char *copy = az_io_text(host, text, strlen(text)); /* ut_trim writes into it */
    if (!copy) {
        *status = AZ_ERROR_MEMORY;
        return NULL;
    }
    ut_unit *unit = ut_parse(system, ut_trim(copy, UT_UTF8), UT_UTF8);
    host->release(copy);
    if (!unit) *status = host->error(AZ_ERROR_DATA, "UDUNITS knows no unit \"%s\"", text);
    return unit;
}

/* UDUNITS multiplies its way along definitions, and comes to 3.5999999999999996 km/h for 1 m/s: a decimal number that
 * is within two roundings is the one that was meant. */
static double decimal(double number)
{
    const double places = 1e12;
    if (!(fabs(number) < 9e15 / places)) return number;
    double near = round(number * places) / places;
    return fabs(near - number) <= 2 * DBL_EPSILON * fabs(number) ? near : number;
}

/* The two numbers of a linear conversion; false: it is not linear (a logarithmic unit). */
static bool line_of(const cv_converter *converter, double *scale, double *offset)
{
    /* An offset such as 255.37 (degF to K) leaves few digits to f(1) - f(0), and all of them to a far point. */
    const double far = 0x1p40;
    *offset = cv_convert_double(converter, 0);
    *scale = *offset == 0 ? cv_convert_double(converter, 1) : (cv_convert_double(converter, far) - *offset) / far;
    *scale = decimal(*scale);
    double middle = cv_convert_double(converter, 3);
    return isfinite(*scale) && isfinite(*offset) && *scale != 0 &&
           fabs(middle - (3 * *scale + *offset)) <= 1e-10 * (fabs(*offset) + fabs(*scale));
}

static az_status convert(const az_io_host *host, const char *from, const char *to, double *scale, double *offset)
{
    /* Reading UDUNITS' database takes milliseconds, so it is read once; under the lock. */
    static ut_system *system;
    ut_unit *source = NULL, *target = NULL;
    cv_converter *converter = NULL;
    az_status status = AZ_OK;
    if (!system) system = ut_read_xml(NULL);
    if (!system)
        return host->error(AZ_ERROR_UNAVAILABLE, "UDUNITS cannot read its database of units (Debian: libudunits2-data, "
                                                 "else the variable UDUNITS2_XML_PATH)");
    source = parse(host, system, from, &status);
    if (source) target = parse(host, system, to, &status);
    if (!source || !target) goto done;
    if (!ut_are_convertible(source, target)) {
        status = host->error(AZ_ERROR_DATA, "the units \"%s\" and \"%s\" are of different kind", from, to);
        goto done;
    }
    converter = ut_get_converter(source, target);
    if (!converter || !line_of(converter, scale, offset))
        status = host->error(AZ_ERROR_DATA, "\"%s\" is not \"%s\" times a number plus a number", from, to);
done:
    if (converter) cv_free(converter);
    if (source) ut_free(source);
    if (target) ut_free(target);
    return status;
}

az_status az_io_udunits_convert(const az_io_host *host, const char *from, const char *to, double *scale, double *offset)
{
    /* UDUNITS reads its numbers by the locale, and prints what it does not like. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!plain) return host->error(AZ_ERROR_MEMORY, "out of memory for the locale of units");
    double a = 1, b = 0;
    az_io_enter();
    locale_t callers = uselocale(plain);
    ut_error_message_handler talk = ut_set_error_message_handler(ut_ignore);
    az_status status = convert(host, from, to, &a, &b);
    ut_set_error_message_handler(talk);
    uselocale(callers);
    az_io_leave();
    freelocale(plain);
    if (status) return status;
    *scale = a;
    *offset = b;
    return AZ_OK;
}
#endif
