/* Expected value of partial perfect information: what it is worth to know one parameter before an option is
 * chosen, by the expected outcome, in the outcome's unit. By regression ("Estimating multiparameter partial
 * expected value of perfect information", Strong, Oakley and Brennan, Medical Decision Making 34, 2014):
 *
 *   mean over the parameter's draws of max over options of E[outcome | the parameter]
 *   - max over options of E[outcome]
 *
 * The regression is that of stats/parameters/smooth.h, of the options' differences to the first one, in all
 * parameters at once and narrowed by the noise that it follows. An option whose difference does not visibly
 * depend on a parameter counts with its mean. */
#ifndef ENTENTE_STATS_PARAMETERS_WORTH_H
#define ENTENTE_STATS_PARAMETERS_WORTH_H

#include <stdbool.h>

typedef struct {
    int n, n_options;
    const double *means;        /* [n_options] of the differences to the first option, whose own is 0 */
    const double *const *gains; /* [n_options][n] E[difference | draw] - its mean; NULL: 0 */
    bool least;                 /* the best is the least */
} worth_t;

int worth_best(const worth_t *self); /* the option with the best mean */
/* >= 0; 0 where the parameter never changes which option is the best. */
double worth_of(const worth_t *self);

#endif
