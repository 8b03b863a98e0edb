/* SPDX-License-Identifier: BSD-3-Clause */
/* The distribution functions that test statistics need. */
#ifndef AZ_BASE_SPECIAL_H
#define AZ_BASE_SPECIAL_H

double az_student_two_sided(double t, double dof);          /* P(|T| > |t|); dof may be infinite */
double az_student_quantile(double probability, double dof); /* t with P(T <= t) = probability */
double az_f_survival(double f, double dof1, double dof2);
double az_chi2_survival(double x, double dof);

#endif
