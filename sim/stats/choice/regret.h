/* Regret of options over states of the world: what a choice gives away in a state, compared with the option
 * that is best there (Savage, "The theory of statistical decision", Journal of the American Statistical
 * Association 46, 1951). */
#ifndef ENTENTE_STATS_CHOICE_REGRET_H
#define ENTENTE_STATS_CHOICE_REGRET_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {                           /* of one option */
    double mean;                           /* of its values */
    double regret, regret_90, regret_most; /* mean, 90th percentile and maximum over the states */
    size_t worst;                          /* the first state with the maximum */
    double best;                           /* share of the states in which no option is better */
    int dominated_by; /* the first option that is nowhere worse and somewhere better; -1: none */
} regret_t;

/* values[option][state], all finite; the larger the better (`least`: the smaller). Fills out[option] and
 * regrets[option][state], all 0 or more. n of at least 1. 0 or ERR_NOMEM. */
int regret_all(int n_options, size_t n, const double *values, bool least, double *regrets, regret_t *out);

#endif
