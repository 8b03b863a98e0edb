/* SPDX-License-Identifier: BSD-3-Clause */
/* An OpenBLAS built without threads (Debian's libopenblas0-serial) keeps its work buffers in a pool without a lock: two
 * threads inside it share a buffer and get wrong numbers.  Calls to such a library are made one at a time; with any
 * other BLAS these two do nothing. */
#ifndef AZ_BASE_BLAS_LOCK_H
#define AZ_BASE_BLAS_LOCK_H

void az_blas_enter(void);
void az_blas_leave(void);

#endif
