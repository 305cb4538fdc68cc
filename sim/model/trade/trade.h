/* What a scenario says of trade beyond its ties (docs/trade.md): data, read only after reading. */
#ifndef ENTENTE_MODEL_TRADE_TRADE_H
#define ENTENTE_MODEL_TRADE_TRADE_H

#include "model/enums.h"
#include "model/trade/economy.h"

#include <stdbool.h>

/* A log deviation that returns to 0 at random (Ornstein-Uhlenbeck). */
typedef struct {
    double sd;        /* long-run standard deviation; 0: none */
    double half_life; /* days */
} noise_t;

/* How flows depend on each other, on tariffs and on time (docs/trade.md). */
typedef struct {
    double elasticity;   /* eps, by how many percent a flow falls if its cost rises by 1 % */
    double figures_at;   /* the date of the figures, days, <= 0 */
    bool in_equilibrium; /* else a flow depends on its own tie only */
    output_rule_t output;
    deficit_rule_t deficits;
    double output_ratio; /* gross output per GDP: domestic trade is ratio x GDP - exports */
    noise_t flow_noise, actor_noise;
} trade_t;

/* What the importer of a flow takes on it from a date on, as a part of the exporter's price. */
typedef struct {
    char *name;
    int n_flows, *flows;
    double time; /* days; up to trade.figures_at it is in force in the figures */
    double rate;
    double phase_in; /* days over which the rate changes linearly from what it was */
} tariff_t;

typedef struct { /* a successful event changes the initiator's tariff on goods of the target */
    bool on;
    tariff_change_how_t how;
    double rate;     /* as `how` says: the tariff, what is added to it, or the part of the target's own */
    double phase_in; /* days */
} tariff_change_t;

#endif
