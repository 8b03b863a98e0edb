/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_REPORT_SUMMARY_H
#define AZ_REPORT_SUMMARY_H

#include "report/page.h"

/* The sentences at the top of the page. */
void az_report_summary(az_page *page);

/* Out-of-fold predictions of the first model of the leaderboard; n_rows is 0 if there are none.  az_free *work. */
az_status az_report_best(const az_report *report, az_score_data *data, void **work);

#endif
