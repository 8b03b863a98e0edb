/* SPDX-License-Identifier: BSD-3-Clause */
/* Made by tests/cli/reference/freeze_forecast.py with numpy 2.4.6 and scikit-learn 1.9.1; not to be edited. */
#ifndef AZ_FROZEN_FORECAST_H
#define AZ_FROZEN_FORECAST_H

enum { nino_n_train = 1332, nino_n_test = 450 };
static const double nino_climatology_rmse = 0.8799228625543535;
static const double nino_persistence_rmse = 0.9536977159107246;
static const double nino_ridge_rmse = 0.7531893718956287;
static const double nino_first[] = {-0.21699784562311816, -0.33547186928436534, 0.08064493389411193};

enum { lynx_n_train = 68, lynx_n_test = 26 };
static const double lynx_persistence_rmse = 957.044187549915;
static const double lynx_ridge_rmse = 738.5789424459092;
static const double lynx_first[] = {-565.8151421148227, 136.45281682973018, 499.2438361981932};

#endif
