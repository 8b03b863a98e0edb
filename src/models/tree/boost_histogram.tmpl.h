/* SPDX-License-Identifier: BSD-3-Clause */
/* The inner loop of boosting for one width of codes: CODE, FN(name). */

/* Adds gradient and curvature of rows first to end - 1 of the list to the cell of each feature's code. */
static void FN(fill)(const az_booster *booster, const uint32_t *rows, int64_t first, int64_t end, double *cells)
{
    const int64_t n_features = booster->bins->n_features;
    const int32_t *place = booster->place;
    const CODE *codes = booster->bins->codes;
    const double *pairs = booster->round->pairs;
    for (int64_t i = first; i < end; i++) {
        const int64_t row = rows[i];
        const CODE *code = codes + row * n_features;
        const double gradient = pairs[2 * row], curvature = pairs[2 * row + 1];
        if (i + AHEAD < end) {
            const int64_t later = rows[i + AHEAD];
            PREFETCH(codes + later * n_features);
            PREFETCH(pairs + 2 * later);
        }
        for (int64_t j = 0; j < n_features; j++) {
            double *cell = cells + 2 * (int64_t)(place[j] + code[j]);
            cell[0] += gradient;
            cell[1] += curvature;
        }
    }
}
