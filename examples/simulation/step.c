/* SPDX-License-Identifier: BSD-3-Clause */
/* A fitted model on a program's own array: cc step.c $(pkg-config --cflags --libs ansatz) */
#include <ansatz/ansatz.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    const char *names[2] = {"right_ascension", "distance"};
    const double galaxies[2][3] = {{10.7, 201.4, 186.7}, {0.275, 0.45, 3.0}}; /* column by column */
    double velocity[3];
    unsigned char in_range[3];
    int64_t map[1]; /* the model has one input */
    az_model *model = NULL;

    az_status status = az_model_read(&model, "hubble.az");
    if (!status) status = az_model_bind(model, names, 2, map);
    void *scratch = status ? NULL : malloc(az_model_scratch(model, 3) + 1); /* one a thread, before the time loop */
    if (!status) status = az_predict(model, map, galaxies[0], 3, 1, 3, velocity, 1, in_range, scratch);
    if (status) fprintf(stderr, "%s\n", az_error_message());
    for (int i = 0; i < 3 && !status; i++) printf("%7.1f km/s%s\n", velocity[i], in_range[i] ? "" : ", out of range");
    free(scratch);
    az_model_free(model);
    return (int)status;
}
