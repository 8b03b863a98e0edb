/* SPDX-License-Identifier: BSD-3-Clause */
/* Fits a straight line to five points and predicts a sixth: cc main.c $(pkg-config --cflags --libs ansatz) */
#include <ansatz/ansatz.h>
#include <stdio.h>

int main(void)
{
    const double time[5] = {0, 1, 2, 3, 4}, position[5] = {1, 3, 5, 7, 9};
    const double later = 10;
    double prediction = 0;
    az_table *table = NULL;
    az_model *model = NULL;

    az_status status = az_table_new(&table, 5);
    if (!status) status = az_table_add_numeric(table, "time", "s", time, 1);
    if (!status) status = az_table_add_numeric(table, "position", "m", position, 1);
    if (!status) status = az_fit(&model, "linear", table, "position", NULL);
    if (!status) status = az_predict(model, NULL, &later, 1, 1, 1, &prediction, 1, NULL, NULL);
    if (status) fprintf(stderr, "%s\n", az_error_message());
    else printf("position(10 s) = %.6f m\n", prediction);

    az_model_free(model);
    az_table_free(table);
    return status;
}
