/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/io.h"

#include <pthread.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

void az_io_enter(void)
{
    pthread_mutex_lock(&one_at_a_time);
}

void az_io_leave(void)
{
    pthread_mutex_unlock(&one_at_a_time);
}
