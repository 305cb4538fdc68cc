/* `entente compare --why`: which uncertain parameters move a change, and what it is worth to know them before
 * a choice. */
#ifndef ENTENTE_CLI_COMPARE_WHY_H
#define ENTENTE_CLI_COMPARE_WHY_H

#include "cli/tables/compared.h"
#include "cli/tables/quantity_table.h"
#include <jansson.h>

typedef struct {
    carrier_t *carriers; /* [variant][parameter]; NAN for the first variant, and without an estimate */
    int *order;          /* [variant][parameter] the largest share first */
    bool chosen;         /* the choice is by this quantity */
    bool least;          /* of which the least is the best */
    int best;            /* variant */
    double *worth;       /* [parameter] value of knowing it, in the quantity's unit */
    double worth_of_all; /* of knowing all */
} why_t;

/* Of what was read last. In the comparison's arena. */
int why_read(comparison_t *c, const compared_t *what, bool chosen, bool least, why_t *out, fault_t *err);

void why_print(const comparison_t *c, const why_t *why, size_t variant, const number_style_t *style);
void why_print_choice(const comparison_t *c, const compared_t *what, const why_t *why,
                      const number_style_t *style);

/* A list of {quantity, variant, parameter, joint, share, ..., evppi}, the largest share first. */
json_t *why_json(const comparison_t *c, const compared_t *what, const why_t *why, size_t variant);
json_t *why_choice_json(const comparison_t *c, const why_t *why); /* null: no choice by this quantity */

#endif
