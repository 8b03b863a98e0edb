/* SPDX-License-Identifier: BSD-3-Clause */
/* The inner loops of boosting for one width of codes: CODE, FN(name). */

/* Adds gradient and curvature of rows first to end - 1 of the list to the cell of each feature's code.  Two rows at a
 * time, which is a fifth faster than one; each cell gets its rows in their order. */
static inline void FN(fill_pairs)(const az_booster *booster, const uint32_t *rows, int64_t first, int64_t end,
                                  gradient_pair *cells, bool in_words)
{
    const int64_t n_columns = booster->n_columns;
    const int32_t *place = booster->column_place;
    const CODE *codes = booster->codes;
    int64_t i = first;
    for (; i + 1 < end; i += 2) {
        const int64_t row = rows[i], next = rows[i + 1];
        const CODE *code = codes + row * n_columns, *next_code = codes + next * n_columns;
        const gradient_pair pair = pair_of(booster, row, in_words), next_pair = pair_of(booster, next, in_words);
        for (int64_t k = i + AHEAD; k < i + AHEAD + 2 && k < end; k++) {
            PREFETCH(codes + rows[k] * n_columns);
            if (in_words)
                PREFETCH(booster->words + rows[k]);
            else
                PREFETCH(booster->round->pairs + 2 * (int64_t)rows[k]);
        }
        for (int64_t j = 0; j < n_columns; j++) {
            cells[place[j] + code[j]] += pair;
            cells[place[j] + next_code[j]] += next_pair;
        }
    }
    if (i == end) return;
    const int64_t row = rows[i];
    const gradient_pair pair = pair_of(booster, row, in_words);
    for (int64_t j = 0; j < n_columns; j++) cells[place[j] + codes[row * n_columns + j]] += pair;
}

/* The same of words, at most AZ_BOOST_WORD_ROWS rows, four at a time. */
static void FN(fill_words)(const az_booster *booster, const uint32_t *rows, int64_t first, int64_t end, uint64_t *cells)
{
    const int64_t n_columns = booster->n_columns;
    const int32_t *place = booster->column_place;
    const CODE *codes = booster->codes;
    const uint64_t *words = booster->words;
    int64_t i = first;
    for (; i + 3 < end; i += 4) {
        const CODE *code_0 = codes + rows[i] * n_columns, *code_1 = codes + rows[i + 1] * n_columns;
        const CODE *code_2 = codes + rows[i + 2] * n_columns, *code_3 = codes + rows[i + 3] * n_columns;
        const uint64_t word_0 = words[rows[i]], word_1 = words[rows[i + 1]];
        const uint64_t word_2 = words[rows[i + 2]], word_3 = words[rows[i + 3]];
        for (int64_t k = i + AHEAD; k < i + AHEAD + 4 && k < end; k++) {
            PREFETCH(codes + rows[k] * n_columns);
            PREFETCH(words + rows[k]);
        }
        for (int64_t j = 0; j < n_columns; j++) {
            uint64_t *to = cells + place[j];
            to[code_0[j]] += word_0;
            to[code_1[j]] += word_1;
            to[code_2[j]] += word_2;
            to[code_3[j]] += word_3;
        }
    }
    for (; i < end; i++) {
        const CODE *code = codes + rows[i] * n_columns;
        for (int64_t j = 0; j < n_columns; j++) cells[place[j] + code[j]] += words[rows[i]];
    }
}
