/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_REPORT_IMPORTANCE_H
#define AZ_REPORT_IMPORTANCE_H

#include "base/text.h"
#include "explain/explain.h"

/* Bars of the first 25 columns, after az_plot_begin; unit: of the metric, or NULL. */
az_status az_importance_bars(az_text *script, const az_importances *importances, const char *unit);

#endif
