/* SPDX-License-Identifier: BSD-3-Clause */
/* For tests that call a class's fit themselves: what the fit could be gone on from belongs to the caller. */
#ifndef TEST_DROP_PARTIAL_H
#define TEST_DROP_PARTIAL_H

#include "models/model.h"

static inline void drop_partial(const az_model_class *class, az_fit_result *result)
{
    if (class->partial && result->partial) class->partial->free(result->partial);
    result->partial = NULL;
}

#endif
