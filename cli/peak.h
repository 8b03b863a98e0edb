/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_PEAK_H
#define CLI_PEAK_H

/* The most double-precision operations a second that one thread of this CPU does: measured with a loop of nothing but
 * independent fused multiply-adds, in the widest vectors there are (their name in *how). */
double cli_peak_flops(const char **how);

/* "sse2 avx avx2 fma avx512f ..." as far as they matter here. */
const char *cli_instruction_sets(void);

#endif
