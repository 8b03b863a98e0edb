/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_DATA_DATASET_CF_H
#define AZ_DATA_DATASET_CF_H

#include "data/dataset.h"

/* Fills dataset->fields and dataset->coordinate from the layout, by the CF conventions. */
az_status az_dataset_understand(az_dataset *dataset);

#endif
