/* SPDX-License-Identifier: BSD-3-Clause */
/* All ops: families of ops, one file each; NULL ends each list. */
#ifndef AZ_OPS_REGISTRY_H
#define AZ_OPS_REGISTRY_H

#include <ansatz/op.h>

extern const az_op *const *const az_op_families[];
/* Copies in[0], a view with the sizes of the result, to a result without gaps. */
extern const az_op az_op_copy;

#endif
