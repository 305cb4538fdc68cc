/* A world economy of one sector at its baseline: who sells what to whom, under which rules.
 *
 * Flows are values a year at the exporter's price, before the importer's tariff, in any one currency; an
 * actor's sales to itself (domestic trade) stand on the diagonal. All else follows from them
 * (economy_accounts):
 *
 *     spending   E_j = sum_i (1 + t_ij) X_ij              revenue   R_j = sum_i t_ij X_ij
 *     income     Y_i = sum_j (1 - nu_j) X_ij + nu_i sum_k X_ki   of labour; without nu the actor's sales
 *     transfer   T_j = E_j - Y_j - R_j                    what it spends beyond its means; sums to zero
 *
 * nu_j is the share of the value of what j buys that stays with j's own labour (wholesale, transport,
 * retail). A transfer is the trade deficit (of value added, where nu is not 0). */
#ifndef ENTENTE_MODEL_TRADE_ECONOMY_H
#define ENTENTE_MODEL_TRADE_ECONOMY_H

#include <stddef.h>

typedef enum {
    OUTPUT_OF_FACTORS, /* general equilibrium: wages clear the markets, income follows */
    OUTPUT_FIXED,      /* conditional: the values of output are given, only prices at the gate clear them */
} output_rule_t;

typedef enum {
    DEFICITS_OF_WORLD, /* a transfer is a constant share of the world's income ("additive") */
    DEFICITS_OF_OWN, /* spending net of tariffs is a constant ratio to the actor's own income, times a factor
                        common to all that makes transfers sum to zero ("multiplicative") */
} deficit_rule_t;

typedef enum {
    REVENUE_LUMP_SUM,   /* tariff revenue is handed out */
    REVENUE_TAX_RELIEF, /* it replaces a tax on labour; matters only where labour supply is elastic */
} revenue_rule_t;

typedef enum {
    NUMERAIRE_OUTPUT, /* world income has its baseline value */
    NUMERAIRE_PRICES, /* prices, weighted by the spending of the baseline, have: constant dollars */
} numeraire_t;

typedef struct {
    double elasticity;    /* eps = sigma - 1: the percent by which a flow falls if its cost rises by 1 % */
    double labour_supply; /* kappa, elasticity of labour to the real wage; 0: labour is given */
    double scale;         /* psi, elasticity of productivity to employment; eps psi < 1 */
    output_rule_t output;
    deficit_rule_t deficits;
    revenue_rule_t revenue;
    numeraire_t numeraire;
} trade_rules_t;

/* Everything is borrowed. flows[i * n + j] is what i sells to j, tariffs[i * n + j] what j takes on it, as a
 * part of the exporter's price (0.25 is 25 %). */
typedef struct {
    int n;
    trade_rules_t rules;
    const double *flows;   /* [n * n] */
    const double *tariffs; /* [n * n], NULL: none */
    const double *kept;    /* [n] nu, NULL: none */
} economy_t;

/* What can be wrong with an economy: X(name, what is wrong, what is allowed). An actor without any flow is
 * absent, one with domestic trade only lives in autarky, and domestic trade may be zero: those are no
 * problems. */
#define ECONOMY_PROBLEM_LIST(X)                                                                      \
    X(ECONOMY_ELASTICITY, "the trade elasticity", "more than 0, at most 50")                         \
    X(ECONOMY_LABOUR_SUPPLY, "the elasticity of labour supply", "from 0 to 10")                      \
    X(ECONOMY_SCALE, "the scale elasticity", "0 or more, and less than 1 over the trade elasticity") \
    X(ECONOMY_FEEDBACK, "the labour that new labour calls for",                                      \
      "labour_supply (scale + (1 + scale) nu / (1 - nu)) less than 1")                               \
    X(ECONOMY_KEPT, "the share of purchases kept at home", "0 or more, less than 1")                 \
    X(ECONOMY_FLOW, "a flow", "a number, 0 or more")                                                 \
    X(ECONOMY_TARIFF, "a tariff", "0 or more, none on domestic trade")                               \
    X(ECONOMY_NO_SALES, "the sales of an actor that buys", "more than 0: give it domestic trade")    \
    X(ECONOMY_NO_PURCHASES, "the purchases of an actor that sells", "more than 0: give it domestic trade")

typedef enum {
#define X(name, what, allowed) name,
    ECONOMY_PROBLEM_LIST(X)
#undef X
} economy_problem_id_t;

typedef struct {
    economy_problem_id_t id;
    int i, j; /* the flow or tariff i -> j; j is -1 for an actor's number, i too for a rule */
    double value;
} economy_problem_t;

/* All that is wrong with the economy: how many problems there are, of which the first `most` are put into
 * problems[]. */
size_t economy_check(const economy_t *self, economy_problem_t *problems, size_t most);
const char *economy_problem_what(economy_problem_id_t id);    /* "the trade elasticity" */
const char *economy_problem_allowed(economy_problem_id_t id); /* "more than 0, at most 50" */

/* The accounts of the baseline, [n] each, of an economy without problems. n^2 steps. */
typedef struct {
    double *income, *spending, *revenue, *transfer;
} accounts_t;
void economy_accounts(const economy_t *self, const accounts_t *out);

#endif
