/* SPDX-License-Identifier: BSD-3-Clause */
/* Units of measurement, as texts that UDUNITS understands ("m s-1", "degC"). */
#ifndef AZ_DATA_UNITS_H
#define AZ_DATA_UNITS_H

#include "base/status.h"

/* value in `to` = *scale * value in `from` + *offset.  Equal texts, and a missing unit (NULL, empty), are 1 and 0
 * without any library.  AZ_ERROR_DATA: units of different kind, or unknown; AZ_ERROR_UNAVAILABLE: there is no UDUNITS.
 */
az_status az_unit_convert(const char *from, const char *to, double *scale, double *offset);

/* The same for a column of data whose model expects `to`; errors name the source and the column. */
az_status az_unit_convert_column(const char *source, const char *column, const char *from, const char *to,
                                 double *scale, double *offset);

#endif
