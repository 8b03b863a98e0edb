/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/quantile.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static void swap(double *a, double *b)
{
    double held = *a;
    *a = *b;
    *b = held;
}

/* Puts the k-th smallest of values[left .. right] at k, smaller ones before and greater ones behind it: algorithm 489
 * of Floyd and Rivest (Comm. ACM 18 (1975) 173), which narrows the range by the quantile of a sample. */
static void select_kth(double *values, int64_t left, int64_t right, int64_t k)
{
    while (right > left) {
        if (right - left > 600) {
            double n = (double)(right - left + 1), i = (double)(k - left + 1), z = log(n);
            double s = 0.5 * exp(2 * z / 3);
            double sd = 0.5 * sqrt(z * s * (n - s) / n) * (i < n / 2 ? -1 : 1);
            int64_t low = (int64_t)fmax((double)left, (double)k - i * s / n + sd);
            int64_t high = (int64_t)fmin((double)right, (double)k + (n - i) * s / n + sd);
            select_kth(values, low, high, k);
        }
        double pivot = values[k];
        int64_t i = left, j = right;
        swap(&values[left], &values[k]);
        if (values[right] > pivot) swap(&values[right], &values[left]);
        while (i < j) {
            swap(&values[i++], &values[j--]);
            while (values[i] < pivot) i++;
            while (values[j] > pivot) j--;
        }
        if (values[left] == pivot)
            swap(&values[left], &values[j]);
        else
            swap(&values[++j], &values[right]);
        if (j <= k) left = j + 1;
        if (k <= j) right = j - 1;
    }
}

double az_quantile(double *values, int64_t n, double q)
{
    double position = (double)(n - 1) * q;
    int64_t k = (int64_t)floor(position);
    double fraction = position - (double)k;
    select_kth(values, 0, n - 1, k);
    if (fraction == 0 || k == n - 1) return values[k];
    double next = values[k + 1];
    for (int64_t i = k + 2; i < n; i++)
        if (values[i] < next) next = values[i];
    return values[k] + fraction * (next - values[k]);
}

typedef struct weighted {
    double value, weight;
} weighted;

static int by_value(const void *a, const void *b)
{
    double x = ((const weighted *)a)->value, y = ((const weighted *)b)->value;
    return (x > y) - (x < y);
}

az_status az_weighted_quantile(const double *values, const double *weight, int64_t n, double q, double *quantile)
{
    weighted *items;
    AZ_TRY(AZ_NEW_ARRAY(items, n));
    double total = 0;
    for (int64_t i = 0; i < n; i++) {
        items[i] = (weighted){values[i], weight[i] > 0 ? weight[i] : 0};
        total += items[i].weight;
    }
    qsort(items, (size_t)n, sizeof *items, by_value);
    /* The sum in the order of the values is the one that is compared with, so that the last one is reached. */
    double target = q * total, sum = 0;
    double lower = items[n - 1].value, upper = lower;
    bool reached = false;
    for (int64_t i = 0; i < n; i++) {
        sum += items[i].weight;
        if (!reached && sum >= target * (1 - 1e-14)) {
            lower = upper = items[i].value;
            reached = true;
        }
        if (sum > target * (1 + 1e-14)) {
            upper = items[i].value;
            break;
        }
    }
    az_free(items);
    *quantile = 0.5 * (lower + upper);
    return AZ_OK;
}
