/* SPDX-License-Identifier: BSD-3-Clause */
/* Ansatz: machine learning for physics.  This header includes all the others. */
#ifndef ANSATZ_H
#define ANSATZ_H

#include <ansatz/base.h>
#include <ansatz/table.h>
#include <ansatz/field.h>
#include <ansatz/source.h>
#include <ansatz/model.h>
#include <ansatz/boosting.h>
#include <ansatz/graph.h>
#include <ansatz/op.h>
#include <ansatz/nn.h>

#endif
