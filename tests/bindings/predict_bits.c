/* SPDX-License-Identifier: BSD-3-Clause */
/* usage: predict_bits MODEL ROWS OUT: the model on raw doubles, (n_rows, n_inputs) row-major; predictions in double
 * and single precision, then whether the rows are in range, as bytes to OUT. */
#include <ansatz/ansatz.h>

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    az_model *model;
    if (argc != 4 || az_model_read(&model, argv[1])) {
        fprintf(stderr, "%s\n", az_error_message());
        return 1;
    }
    const int64_t n_inputs = az_model_n_inputs(model), n_outputs = az_model_n_outputs(model);
    FILE *file = fopen(argv[2], "rb");
    if (!file || fseek(file, 0, SEEK_END)) return 1;
    const int64_t n_rows = ftell(file) / (int64_t)sizeof(double) / n_inputs;
    const size_t n_in = (size_t)(n_rows * n_inputs), n_out = (size_t)(n_rows * n_outputs);
    double *rows = malloc(n_in * sizeof *rows), *prediction = malloc(n_out * sizeof *prediction);
    float *rows_f32 = malloc(n_in * sizeof *rows_f32), *prediction_f32 = malloc(n_out * sizeof *prediction_f32);
    unsigned char *in_range = malloc((size_t)n_rows);
    void *scratch = malloc(az_model_scratch(model, n_rows));
    if (!rows || !prediction || !rows_f32 || !prediction_f32 || !in_range || !scratch) return 1;
    rewind(file);
    if (fread(rows, sizeof *rows, n_in, file) != n_in) return 1;
    fclose(file);
    for (size_t i = 0; i < n_in; i++) rows_f32[i] = (float)rows[i];
    if (az_predict(model, NULL, rows, n_rows, n_inputs, 1, prediction, n_outputs, in_range, scratch) ||
        az_predict_f32(model, NULL, rows_f32, n_rows, n_inputs, 1, prediction_f32, n_outputs, NULL, scratch)) {
        fprintf(stderr, "%s\n", az_error_message());
        return 1;
    }
    file = fopen(argv[3], "wb");
    if (!file || fwrite(prediction, sizeof *prediction, n_out, file) != n_out ||
        fwrite(prediction_f32, sizeof *prediction_f32, n_out, file) != n_out ||
        fwrite(in_range, 1, (size_t)n_rows, file) != (size_t)n_rows || fclose(file))
        return 1;
    free(rows);
    free(prediction);
    free(rows_f32);
    free(prediction_f32);
    free(in_range);
    free(scratch);
    az_model_free(model);
    return 0;
}
