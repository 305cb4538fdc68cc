/* The state of the world at a moment: ties, flows, conditions, membership, presence, decayed counts.
 *
 * Reads are pure: they evaluate closed forms from the last anchor and change nothing, so reading the state
 * never changes an event. Only an effect sets a new anchor, and only of the ties that it changes. `now`
 * arguments are days from the scenario's start and are never before an anchor. The world borrows its model.
 * */
#ifndef ENTENTE_MODEL_WORLD_H
#define ENTENTE_MODEL_WORLD_H

#include "model/model.h"
#include "model/tie.h"

typedef struct {
    double deals;     /* USD a year of running deals, kept in whole dollars so that sums are exact */
    double delivered; /* USD delivered by deals up to `delivered_at` */
    double delivered_at;
} flow_state_t;

typedef struct { /* what the importer takes on a flow: from `from` to `to`, linearly over `phase_in` days */
    double since, from, to, phase_in;
} tariff_state_t;

#define WORLD_MAX_GROUPS 64

typedef struct market market_t; /* model/trade/market.h */

typedef struct {
    double since;   /* of the last start or end */
    double level;   /* of its effect on trade at `since`, 0 .. 1 */
    uint64_t token; /* names the spell, so that an end meant for an earlier one does nothing */
    uint64_t on;    /* 0 or 1; as wide as the rest, so that equal states are equal bytes */
} condition_state_t;

typedef struct {
    double time, count; /* decayed to `time` */
} decayed_t;

typedef struct {
    const model_t *model;
    relax_t relax;
    tie_state_t *ties;              /* [n_ties] */
    flow_state_t *flows;            /* [2 n_ties] */
    double *shocks;                 /* [2 n_ties][n_shocks] log units at the tie's anchor */
    double *log_gdp, *log_distance; /* [n_actors], [n_ties]; NAN where there is no figure */
    double *shock_rates;            /* [n_shocks] per day */
    condition_state_t *on_ties;     /* [n_ties][n_condition_columns] */
    condition_state_t *on_actors;   /* [n_actors][n_conditions] */
    uint64_t *memberships;          /* [n_actors] bit g: in group g */
    bool *present;                  /* [n_actors] */
    int n_counters;                 /* decayed counts that statistics read */
    const term_t **counters;        /* [n_counters] a term that reads it (kind, half-life) */
    decayed_t *counts;              /* [2 n_ties][n_counters] */
    double *sampled;                /* [2 n_ties][SAMPLED_N]: see world_refresh */
    double *strengths;              /* [n_ties] at a refresh */
    tariff_state_t *tariffs;        /* [2 n_ties], as is the next one; not without model->has_tariffs */
    double *tariffs_then;           /* at the date of the figures */
    double *noise;                  /* [2 n_ties] log units; NULL: none */
    market_t *market;     /* NULL: flows do not depend on each other; the next two are then unused */
    double *multilateral; /* [3 n_actors] at the last refresh: log factors of what each exports and of what
                             each imports, factors of real income */
    bool *closed;         /* [2 n_ties] flows that have ended because nobody can pay for them */
    bool unbalanced;      /* a refresh has found no equilibrium */
    int n_on_trade, *on_trade;          /* conditions that shift trade */
    double log1p[WORLD_MAX_GROUPS + 1]; /* of numbers of groups */
} world_t;

/* Whether flows have noise. */
static inline bool model_has_noise(const model_t *self) {
    return self->trade.flow_noise.half_life > 0 || self->trade.actor_noise.half_life > 0;
}
/* Whether anything is computed every `refresh` days. */
static inline bool model_refreshes(const model_t *self) {
    return self->has_sampled || self->trade.in_equilibrium || model_has_noise(self);
}
/* Part of the state of each tie or actor, side by side: `size` bytes each. */
typedef struct {
    void *member; /* the address of the pointer to the array */
    size_t size;
} slab_t;

int world_init(world_t *self,
               model_t *model); /* allocates and numbers the model's counters; 0 or ERR_NOMEM */
void world_free(world_t *self);
/* Derives values from the parameters again (after any was written). Does not change the state: before a
 * parameter is written during a run, call world_settle. */
void world_prepare(world_t *self);
void world_reset(world_t *self); /* the state at the start */

/* ---- reads ---- */
double world_strength(const world_t *self, int tie, double now);
double world_alignment(const world_t *self, int tie, double now);
double world_trade(const world_t *self, int flow, double now); /* USD a year; NAN without trade */
typedef struct {
    double strength, alignment, trade[2]; /* both flows */
} look_t;
void world_look(const world_t *self, int tie, double now, look_t *look); /* the three above at once */
double world_tariff(const world_t *self, int flow, double now); /* as a part of the exporter's price */
/* Of a flow with figures its log deviation from them, tariffs and other flows left aside. */
double world_log_shift(const world_t *self, int flow, double now);
void world_log_shifts(const world_t *self, int tie, double now,
                      double shifts[2]); /* of both flows of a tie */
/* What a change of its tariff since the date of the figures adds to the log of a flow at given prices. */
double world_log_tariff(const world_t *self, int flow, double now);
/* Growth since the date of the figures, log units: of an actor's economy, and of a flow, which is the mean of
 * that of its two economies. */
double world_growth(const world_t *self, int actor, double now);
double world_flow_growth(const world_t *self, int flow, double now);
double world_delivered(const world_t *self, int flow, double now); /* USD by deals since the start */
double world_count(const world_t *self, int counter, int flow, double now);
bool world_condition_on_tie(const world_t *self, int condition,
                            int tie); /* on it, on either actor, either way */
bool world_condition_from(const world_t *self, int condition, int flow); /* directed: imposed by its start */
bool world_condition_on_actor(const world_t *self, int condition, int actor);
static inline bool world_member(const world_t *self, int group, int actor) {
    return self->memberships[actor] >> group & 1;
}

/* ---- effects ---- */
void world_anchor(world_t *self, int tie, double now);
/* Evaluates the past with the parameters valid until now: ties, counts and the effects of conditions on
 * trade continue from their present values. Cost: all of them. */
void world_settle(world_t *self, double now);
/* Computes the long-run levels of alignment again from the model's parameters. */
void world_relevel(world_t *self, double now);
/* g to the strength and lasting * g to the alignment; the change of strength. */
double world_bump(world_t *self, int tie, double now, double g, double lasting);
void world_shock(world_t *self, int flow, double now, int shock_slot, double size);
void world_set_tariff(world_t *self, int flow, double now, double rate, double phase_in);
void world_deal(world_t *self, int flow, double now, double usd_per_year); /* negative ends one */
/* Starts or ends a condition at a site (condition.h); false if nothing changed. An end with a token other
 * than 0 ends only the spell with that token. */
bool world_condition_start(world_t *self, int condition, int site, double now, uint64_t token);
bool world_condition_end(world_t *self, int condition, int site, double now, uint64_t token);
void world_join(world_t *self, int group, int actor, bool joins);
void world_add_count(world_t *self, int counter, int flow, double now);
/* Solves for the equilibrium of trade, and samples the sampled statistics. */
void world_refresh(world_t *self, double now);
/* The same for the flows of some ties alone; with a market, of a world beside another one, which differs from
 * it in these ties at most (market_foresee). */
void world_refresh_ties(world_t *self, double now, int n, const int *ties);

/* ---- the whole state, in slabs ---- */
enum { WORLD_TIE_SLABS = 7, WORLD_ACTOR_SLABS = 3 };
void world_tie_slabs(world_t *self, slab_t slabs[WORLD_TIE_SLABS]);
void world_actor_slabs(world_t *self, slab_t slabs[WORLD_ACTOR_SLABS]);
/* Of all actors and ties together; of size 0 without a market. */
enum { WORLD_MARKET_SLABS = 2 };
void world_market_slabs(world_t *self, slab_t slabs[WORLD_MARKET_SLABS]);

#endif
