/* Structural gravity in general equilibrium: an economy's trade after changes of costs, tariffs, endowments.
 *
 * One sector, Armington or Eaton and Kortum, in exact changes ("hat algebra", Dekle, Eaton and Kortum 2008):
 * the baseline's flows and a few elasticities are all that is needed. Factors of change are w of wages, l of
 * labour per head, a of endowments, q = a l of employment; lambda are the baseline's shares in spending,
 * B = exp(log_shift), t tariffs, t0 those of the baseline, phi = (1 + psi) / (1 - nu) - psi (1 without nu).
 *
 *     A_ij      = lambda_ij B_ij (w_i / q_i^psi)^-eps ((1 + t_ij) / (1 + t0_ij))^(-eps phi_j)
 *     lambda'_ij = A_ij / sum_k A_kj                                       shares in spending
 *     X'_ij     = lambda'_ij E'_j / (1 + t_ij)                             flows
 *     Y'_i      = w_i q_i Y_i = sum_j (1 - nu_j) X'_ij + nu_i sum_k X'_ki  markets clear
 *     E'_j      = Y'_j + R'_j + T'_j,  R'_j = sum_i t_ij X'_ij             budgets; T' by the deficit rule
 *     P_j       = (E'_j / (E_j w_j))^(1 - phi_j) (sum_k A_kj)^(-1 / eps)   price index
 *     l_j       = (relief_j w_j / P_j)^kappa                               labour
 *
 * relief_j is (1 - R_j / Y_j) / (1 - R'_j / Y'_j) where revenue replaces a tax on labour, up to R' = 0.9 Y';
 * else it is 1. In the conditional form (OUTPUT_FIXED) Y'_i = a_i Y_i, the price at the gate, which is the
 * outward multilateral resistance, stands in place of w_i / q_i^psi, and labour is given; the level of its
 * prices is the numeraire's alone, so real incomes compare actors only. Sources: Anderson
 * and van Wincoop (2003), Yotov et al. (2016); with nu, psi and kappa Ignatenko, Lashkaripour, Macedoni and
 * Simonovska (2025). docs/trade.md has more.
 *
 * Only relative prices are determined; the numeraire sets their level. Where embargoes cut the world into
 * blocks, numeraire and transfers hold in each block (model/trade/trade_blocks.h has the rules). A flow that
 * is 0 stays 0. An actor without flows at the baseline is absent: its factors are 1, its money 0.
 *
 * There may be no equilibrium: a transfer fixed in the world's money can be more than an actor earns once it
 * is hit hard enough, fixed outputs may find no buyers under an embargo, and labour may feed on itself. With
 * DEFICITS_OF_OWN, given labour and actors who can all reach each other there always is one.
 *
 * Started cold, a solution depends on the arguments alone, to the last bit. Started warm its last digits
 * (some 1e-11) depend on what was solved before, so that two variants that meet again do not agree exactly.
 * A cold start takes some 12 iterations, a warm one 10, and none a cold start from the change of the last
 * one; costs that are those of the last change cost nothing. Where there is no equilibrium it may take 3,300
 * to say so. A solver belongs to one thread; it allocates in equilibrium_init only.
 *
 * Method: each actor's price is moved by what its own market asks, in logs of trade, where that is nearly
 * linear, and by what follows from it for others at the baseline; the iteration is accelerated
 * (base/anderson.h). An iteration takes some 5 n^2 multiplications and 5 n elementary functions. */
#ifndef ENTENTE_MODEL_TRADE_EQUILIBRIUM_H
#define ENTENTE_MODEL_TRADE_EQUILIBRIUM_H

#include "base/anderson.h"
#include "model/trade/economy.h"
#include "model/trade/trade_blocks.h"

#include <stdbool.h>

/* Bound of the log of exports over imports, transfers counted, in every market, and of log labour. So incomes
 * equal sales to 1e-11 times the share of trade in them. */
#define EQUILIBRIUM_TOLERANCE 1e-11
#define EQUILIBRIUM_CLOSED -100.0 /* a log shift below it closes the link, as -INFINITY does */

/* What is changed against the baseline; NULL changes nothing. Borrowed during the call.
 *
 * log_shift[i * n + j] changes the log of what j spends on goods of i at given prices; up to 100.
 * tariffs[i * n + j] stand in place of the baseline's: 0 or more, 0 at home; INFINITY closes the link.
 * endowment[i] is the factor of an actor's labour force, and so of its output at given wages; 1e-6 to 1e6. */
typedef struct {
    const double *log_shift, *tariffs, *endowment;
} trade_shock_t;

/* The log shift of a change of a cost that is no tariff: cost = 0.1 makes delivery 10 % dearer; above -1. */
double equilibrium_shift_of_cost(double elasticity, double cost);

/* X(name, what it means) */
#define EQUILIBRIUM_STATUS_LIST(X)                                                                           \
    X(EQUILIBRIUM_FOUND, "all markets clear")                                                                \
    X(EQUILIBRIUM_UNFINISHED, "the iteration ended before all markets cleared; there may be no equilibrium") \
    X(EQUILIBRIUM_UNPAYABLE, "no equilibrium was found: a transfer or a price runs away")                    \
    X(EQUILIBRIUM_BAD_SHOCK, "a change is not a number or out of its range")

typedef enum {
#define X(name, text) name,
    EQUILIBRIUM_STATUS_LIST(X)
#undef X
} equilibrium_status_t;

typedef struct {
    int n, most; /* actors now, at most */
    trade_rules_t rules;
    accounts_t base;                /* of the baseline */
    double *flows, *tariffs, *kept; /* [n * n], [n * n], [n] of the baseline */

    /* ---- the last solution; read only ---- */
    equilibrium_status_t status;
    int iterations;        /* how often the system was evaluated */
    int actor, partner;    /* whom the status is about: the worst market, or the bad change (an endowment's
                              partner is -1) */
    double residual;       /* the largest condition, to be compared with the tolerance */
    double *wage;          /* [n] factor of the wage; 1 in the conditional form */
    double *employment;    /* [n] factor, endowment included */
    double *gate;          /* [n] factor of the price of an actor's goods at its gate */
    double *price;         /* [n] factor of the price index of what it buys */
    double *relief;        /* [n] factor of the net wage at a given wage */
    double *income;        /* [n] Y', money a year of the numeraire, as are the three below */
    double *spending;      /* [n] E' */
    double *revenue;       /* [n] R' */
    double *transfer;      /* [n] T' */
    trade_blocks_t blocks; /* .block[n] is -1 for an actor without trade and production */

    /* ---- the solver's own ---- */
    double *memory;
    double *shares, *power, *deficit; /* [n * n] lambda; [n] eps phi, transfer over income */
    size_t n_links;                   /* positive flows of the baseline */
    bool whole;                       /* `blocks` are those of the baseline */
    double *shift, *rates,
        *open;                 /* [n * n] the last change, and A without prices as if no rule closed links */
    size_t n_open, n_taxed;    /* of `open` those above 0, of `rates` */
    bool is_cold;              /* the last solution */
    bool coupled;              /* the next one is there: only with given labour */
    double *coupling, *spread; /* [n * n], [n] what steps are multiplied by (equilibrium_coupling.c) */
    double *pull, *net;        /* [n * n] A without prices, and A over 1 + t; one without tariffs */
    double *home;              /* [n] the diagonal of both; there they are 0 */
    double *net_room, *log_endowment; /* [n * n], [n] */
    double *x, *step, *trial, *plain; /* [2 n] logs of wage (gate price, if output is fixed) and labour */
    double *supply, *market, *market_net, *foreign_net, *reach, *sold, *steep; /* [n] */
    double *exports, *own, *in, *out, *excess;                                 /* [n] */
    double *block_measure, *block_total;                                       /* [n] */
    anderson_t mixer;
    bool patient; /* plain steps */
} equilibrium_t;

/* Room for economies of up to `most` actors, 9 most^2 numbers: the only allocation. 0 or ERR_NOMEM. */
int equilibrium_init(equilibrium_t *self, int most);
void equilibrium_free(equilibrium_t *self); /* safe on a zeroed one */

/* Takes a baseline, in which economy_check found no problem, and copies what it needs. Until the next solve
 * the solution is the baseline itself. */
void equilibrium_baseline(equilibrium_t *self, const economy_t *economy);

/* Solves; `warm` starts with the last solution, and cold once more where that leads nowhere. Returns the
 * status; if it is not FOUND all numbers of the solution and all flows are NAN. */
equilibrium_status_t equilibrium_solve(equilibrium_t *self, const trade_shock_t *shock, bool warm);

const char *equilibrium_status_text(equilibrium_status_t status);

/* The flow i -> j of the last solution at the exporter's price, money a year; O(1). */
static inline double equilibrium_flow(const equilibrium_t *self, int i, int j) {
    return self->supply[i] * (i == j ? self->home[i] : self->net[i * self->n + j]) * self->reach[j];
}
/* The same, the tariff included. */
static inline double equilibrium_flow_paid(const equilibrium_t *self, int i, int j) {
    return self->supply[i] * (i == j ? self->home[i] : self->pull[i * self->n + j]) * self->reach[j];
}

#endif
