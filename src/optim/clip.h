/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef AZ_OPTIM_CLIP_H
#define AZ_OPTIM_CLIP_H

#include <stdint.h>

/* Scales the gradient (n) down to the Euclidean norm `most` where it is longer (Pascanu, Mikolov, Bengio, ICML 2013);
 * returns the norm that it had.  Where that is not a number the gradient stays as it is. */
double az_clip_norm_f32(int64_t n, float *gradient, double most);
double az_clip_norm_f64(int64_t n, double *gradient, double most);

#endif
