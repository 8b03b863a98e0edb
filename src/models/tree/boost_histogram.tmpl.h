/* SPDX-License-Identifier: BSD-3-Clause */
/* The inner loop of boosting for one width of codes: CODE, FN(name). */

/* Adds gradient and curvature of rows first to end - 1 of the list to the cell of each feature's code. */
static void FN(fill)(const az_booster *booster, const uint32_t *rows, const double *pairs, int64_t first, int64_t end,
                     double *cells, uint32_t *counts)
{
    const int64_t n_features = booster->bins->n_features;
    const int32_t *place = booster->place;
    const CODE *codes = booster->bins->codes;
    for (int64_t i = first; i < end; i++) {
        const int64_t row = rows[i];
        const CODE *code = codes + row * n_features;
        const double gradient = pairs[2 * row], curvature = pairs[2 * row + 1];
        for (int64_t j = 0; j < n_features; j++) {
            double *cell = cells + 2 * (int64_t)(place[j] + code[j]);
            cell[0] += gradient;
            cell[1] += curvature;
        }
    }
    if (!counts) return;
    for (int64_t i = first; i < end; i++) {
        const CODE *code = codes + rows[i] * n_features;
        for (int64_t j = 0; j < n_features; j++) counts[place[j] + code[j]]++;
    }
}
