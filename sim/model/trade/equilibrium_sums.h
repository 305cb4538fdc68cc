/* The sums over all flows that an evaluation of the equilibrium needs, nearly all of its work: sums of
 * products along the rows and columns of square matrices, four at a time where the processor can. Each sum is
 * taken in one fixed order, so that every processor gives the same bits. For the solver alone. */
#ifndef ENTENTE_MODEL_TRADE_EQUILIBRIUM_SUMS_H
#define ENTENTE_MODEL_TRADE_EQUILIBRIUM_SUMS_H

/* out[j] = sum over i of weights[i] matrix[i * n + j], in the order of i. */
void equilibrium_columns(double *out, const double *matrix, const double *weights, int n);

/* out[i] = sum over j of matrix[i * n + j] weights[j], and out_of_product[i] that of matrix other
 * product_weights: four partial sums each. */
typedef struct {
    const double *matrix, *weights, *other, *product_weights;
} row_sums_t;
void equilibrium_rows(double *out, double *out_of_product, const row_sums_t *of, int n);

#endif
