#include "model/trade/equilibrium_sums.h"

#include <stddef.h>
#include <string.h>

enum { LANES = 4, COLUMNS = 4 * LANES };
typedef double reals_t __attribute__((vector_size(LANES * sizeof(double))));

/* One text for all processors: what it is compiled for is the caller's. */
#define ANY_WIDTH __attribute__((always_inline)) static inline

ANY_WIDTH void columns(double *out, const double *matrix, const double *weights, int n) {
    int j = 0;
    for (; j + COLUMNS <= n; j += COLUMNS) {
        reals_t sum[COLUMNS / LANES] = {0}, of;
        for (int i = 0; i < n; i++)
            for (int k = 0; k < COLUMNS / LANES; k++) {
                memcpy(&of, matrix + (size_t)i * (size_t)n + (size_t)(j + LANES * k), sizeof of);
                sum[k] += weights[i] * of;
            }
        memcpy(out + j, sum, sizeof sum);
    }
    for (; j + LANES <= n; j += LANES) {
        reals_t sum = {0}, of;
        for (int i = 0; i < n; i++) {
            memcpy(&of, matrix + (size_t)i * (size_t)n + (size_t)j, sizeof of);
            sum += weights[i] * of;
        }
        memcpy(out + j, &sum, sizeof sum);
    }
    for (; j < n; j++) {
        double sum = 0;
        for (int i = 0; i < n; i++) sum += weights[i] * matrix[(size_t)i * (size_t)n + (size_t)j];
        out[j] = sum;
    }
}

ANY_WIDTH void rows(double *out, double *out_of_product, const row_sums_t *of, int n) {
    for (int i = 0; i < n; i++) {
        const double *row = of->matrix + (size_t)i * (size_t)n, *other = of->other + (size_t)i * (size_t)n;
        reals_t sum = {0}, sum_of_product = {0}, a, b, weight, product_weight;
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            memcpy(&a, row + j, sizeof a);
            memcpy(&b, other + j, sizeof b);
            memcpy(&weight, of->weights + j, sizeof weight);
            memcpy(&product_weight, of->product_weights + j, sizeof product_weight);
            sum += a * weight;
            sum_of_product += a * b * product_weight;
        }
        for (; j < n; j++) {
            sum[0] += row[j] * of->weights[j];
            sum_of_product[0] += row[j] * other[j] * of->product_weights[j];
        }
        out[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        out_of_product[i] = (sum_of_product[0] + sum_of_product[1]) + (sum_of_product[2] + sum_of_product[3]);
    }
}

#ifdef __x86_64__
#define WIDE __attribute__((target("avx2"))) static

WIDE void columns_wide(double *out, const double *matrix, const double *weights, int n) {
    columns(out, matrix, weights, n);
}
WIDE void rows_wide(double *out, double *out_of_product, const row_sums_t *of, int n) {
    rows(out, out_of_product, of, n);
}
#define IS_WIDE __builtin_cpu_supports("avx2")
#else
#define columns_wide columns
#define rows_wide rows
#define IS_WIDE 0
#endif

void equilibrium_columns(double *out, const double *matrix, const double *weights, int n) {
    if (IS_WIDE)
        columns_wide(out, matrix, weights, n);
    else
        columns(out, matrix, weights, n);
}

void equilibrium_rows(double *out, double *out_of_product, const row_sums_t *of, int n) {
    if (IS_WIDE)
        rows_wide(out, out_of_product, of, n);
    else
        rows(out, out_of_product, of, n);
}
