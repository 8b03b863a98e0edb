/* SPDX-License-Identifier: BSD-3-Clause */
/* The perceptron as a program: a loop a layer.  Products are added without fused multiply-add, which Fortran does not
 * have, and elementary functions are the compiler's: agreement is to rounding, some 1e-14. */
#include "models/mlp/mlp.h"

#include <stdio.h>

static void name_of(char name[32], const char *what, int layer)
{
    snprintf(name, 32, "%s_%d", what, layer);
}

static void put_tables(const az_mlp *model, az_code *code)
{
    const az_mlp_shape *shape = &model->shape;
    const double *theta = model->theta;
    char name[32];
    for (int l = 0; l < shape->n_layers; l++) {
        const int64_t n_in = shape->size[l], n_out = shape->size[l + 1];
        name_of(name, "n_units", l + 1);
        az_code_constant(code, name, n_out);
        name_of(name, "weight", l + 1);
        az_code_reals(code, name, theta, n_in * n_out);
        name_of(name, "bias", l + 1);
        az_code_reals(code, name, theta + n_in * n_out, n_out);
        theta += (n_in + 1) * n_out;
    }
    if (shape->head != AZ_MLP_VALUES && shape->head != AZ_MLP_NORMAL) return;
    az_code_reals(code, "target_centre", model->centre, model->n_outputs);
    az_code_reals(code, "target_scale", model->scale, model->n_outputs);
}

/* Features far outside any training range are taken as if they were as large as this (mlp_network.c). */
static const char clamp[] = "for j in 0 .. n_features {\n"
                            "    unit_0[j] = features[j]\n"
                            "    if unit_0[j] > most {\n"
                            "        unit_0[j] = most\n"
                            "    }\n"
                            "    if unit_0[j] < -most {\n"
                            "        unit_0[j] = -most\n"
                            "    }\n"
                            "}\n";

static void put_layer(az_code *code, int l, bool activate)
{
    char text[512], n_before[32];
    name_of(n_before, "n_units", l - 1);
    snprintf(text, sizeof text,
             "for j in 0 .. n_units_%d {\n"
             "    sum = 0.0\n"
             "    for k in 0 .. %s {\n"
             "        sum += unit_%d[k] * weight_%d[k * n_units_%d + j]\n"
             "    }\n"
             "    unit_%d[j] = %s(sum + bias_%d[j])\n"
             "}\n",
             l, l == 1 ? "n_features" : n_before, l - 1, l, l, l, activate ? "activation" : "", l);
    az_code_write(code, text);
}

static void put_head(const az_mlp *model, az_code *code)
{
    const int l = model->shape.n_layers;
    char text[640];
    switch (model->shape.head) {
    case AZ_MLP_TWO_CLASSES:
        snprintf(text, sizeof text,
                 "sum = exp(-fabs(unit_%d[0]))\n"
                 "outputs[0] = sum / (1.0 + sum)\n"
                 "outputs[1] = 1.0 / (1.0 + sum)\n"
                 "if unit_%d[0] < 0.0 {\n"
                 "    outputs[0] = 1.0 / (1.0 + sum)\n"
                 "    outputs[1] = sum / (1.0 + sum)\n"
                 "}\n",
                 l, l);
        break;
    case AZ_MLP_CLASSES:
        snprintf(text, sizeof text,
                 "greatest = unit_%d[0]\n"
                 "for j in 1 .. n_outputs {\n"
                 "    if unit_%d[j] > greatest {\n"
                 "        greatest = unit_%d[j]\n"
                 "    }\n"
                 "}\n"
                 "sum = 0.0\n"
                 "for j in 0 .. n_outputs {\n"
                 "    outputs[j] = exp(unit_%d[j] - greatest)\n"
                 "    sum += outputs[j]\n"
                 "}\n"
                 "for j in 0 .. n_outputs {\n"
                 "    outputs[j] = outputs[j] / sum\n"
                 "}\n",
                 l, l, l, l);
        break;
    default:
        snprintf(text, sizeof text,
                 "for j in 0 .. n_outputs {\n"
                 "    outputs[j] = unit_%d[j] * target_scale[j] + target_centre[j]\n"
                 "}\n",
                 l);
    }
    az_code_write(code, text);
}

void az_mlp_export(const void *fitted, az_code *code)
{
    const az_mlp *model = fitted;
    const int n_layers = model->shape.n_layers;
    char line[64];
    put_tables(model, code);
    if (n_layers > 1) {
        az_code_write(code, "# What a hidden unit makes of its sum.\n"
                            "real function activation(in real x) {\n");
        az_code_write(code, az_activations[model->shape.activation].code);
        az_code_write(code, "return y\n}\n");
    }
    az_code_write(code, "# Layer after layer.\n"
                        "procedure evaluate(in real features[n_features], out real outputs[n_outputs]) {\n"
                        "real sum, most, unit_0[n_features]\n");
    for (int l = 1; l <= n_layers; l++) {
        snprintf(line, sizeof line, "real unit_%d[n_units_%d]\n", l, l);
        az_code_write(code, line);
    }
    if (model->shape.head == AZ_MLP_CLASSES) az_code_write(code, "real greatest\n");
    az_code_write(code, "most = 1.0e100\n");
    az_code_write(code, clamp);
    for (int l = 1; l <= n_layers; l++) put_layer(code, l, l < n_layers);
    put_head(model, code);
    az_code_write(code, "}\n");
}
