/* The scenario as data: actors, ties, groups, conditions, event types, calendar, variants.
 *
 * A model is built once (by the scenario reader, or by a test), completed by model_finish, and then only
 * read, except for its numeric parameters. Those that a scenario may vary are listed in `params`; the engine
 * writes them through their `value` for the duration of a replicate. Code that stores values derived from
 * parameters derives them again after a change (world_prepare in model/world.h; the engine, before a
 * replicate and when an intervention sets a parameter). A parameter is therefore one number in one place.
 *
 * Units: time in days from the scenario's start (negative before it), durations in days, rates per year
 * of 365.2425 days, money in USD, flows in USD a year, strength and alignment in [-1, 1].
 * Ids are indices into the arrays below; -1 means none. Names appear only here and at the borders.
 * All memory belongs to `arena` and goes with model_free. */
#ifndef ENTENTE_MODEL_MODEL_H
#define ENTENTE_MODEL_MODEL_H

#include "base/dist.h"
#include "base/mem.h"
#include "model/condition/condition.h"
#include "model/enums.h"
#include "model/observed/as_of.h"
#include "model/rule/rule.h"
#include "model/statistic.h"
#include "model/trade/trade.h"
#include "model/uncertain/uncertain.h"
#include <stdbool.h>
#include <stdint.h>

/* Largest number of event types, and of sectors: the log has 16 bits for each. */
enum { MODEL_MOST = INT16_MAX };

/* ---- actors, groups, ties -------------------------------------------------------------------------- */

typedef struct {
    char *name;          /* short and unique: "KAZ" */
    char *label;         /* "Kazakhstan"; never NULL after model_finish */
    char *type;          /* "state", "union", ... */
    char *region;        /* may be NULL */
    double gdp_usd;      /* NAN when unknown; needed only if a statistic or an equilibrium reads it */
    double domestic_usd; /* sales to itself, USD a year; NAN: from its GDP (trade_t) */
    double growth;       /* of its economy since the date of the trade figures, log units a year */
    double lat, lon;     /* degrees; NAN when unknown */
    double from, until;  /* present in [from, until); -INFINITY and INFINITY by default */
    double *attributes;  /* [n_actor_attributes], NAN when not given */
    char *source;        /* may be NULL */
} actor_t;

typedef struct { /* one spell of membership */
    int actor;
    double from, until; /* [from, until) */
} member_t;

typedef struct {
    double from, until;
    int actor;
} chair_t;

typedef struct {
    char *name;
    int n_members, n_chairs;
    member_t *members; /* in the order of the file; an actor may have several spells */
    chair_t *chairs;
} group_t;

/* An unordered dyad {a, b} with a < b by actor index. Flow 2*tie runs a -> b, flow 2*tie+1 b -> a. */
typedef struct {
    int a, b;
    double strength, alignment; /* at the start */
    double baseline;            /* b0, the long-run level of alignment */
    double alignment_ref;       /* b_ref: the alignment at the date of the trade figures */
    double trade_usd[2];        /* X0 of flows a->b, b->a (USD a year); NAN: no trade on this flow */
    double distance_km;         /* NAN when unknown */
    double *attributes;         /* [n_tie_attributes] symmetric: contiguity, common_language, ...; NAN */
    char *source;
} tie_t;

/* How strength, alignment and trade change between events (docs/model.md). */
typedef struct {
    double strength_half_life, alignment_half_life; /* days */
    double trade_half_life;                         /* days: half-life with which x approaches its level */
    double alignment_on_trade;                      /* eta_s, log units per unit of b */
    double atmosphere_on_trade;                     /* eta_f, log units per unit of s - b */
    double gain_divisor;                            /* g = Goldstein / divisor x level */
    double level[3];                                /* multiplier of leader, minister, official */
    double refresh;                                 /* days between samplings of sampled statistics */
} dynamics_t;

/* ---- linear predictors and chances ---------------------------------------------------------------- */

/* One term of a linear predictor: coefficient * (statistic - reference value). */
typedef struct {
    const statistic_t *statistic;
    int ref; /* attribute, group, condition or event type of the statistic, -1 if none */
    double coefficient;
    double reference; /* a declared constant */
    double half_life; /* of decayed counts, days */
    int slot;         /* set by world_init: which decayed counter it reads, -1 */
} term_t;

typedef struct {
    int n;
    term_t *terms;
} predictor_t;

typedef struct { /* P = logistic(logit(probability) + predictor) */
    double probability;
    predictor_t log_odds;
} chance_t;

/* ---- kinds of event -------------------------------------------------------------------------------- */

typedef struct {
    int kind; /* the source's kind */
    relation_t relation;
    double branching; /* expected direct offspring per receiving dyad, >= 0 */
    double half_life; /* of the exponential kernel, days */
} excitation_t;

typedef struct {
    double from, until; /* days */
    double factor;      /* 0 = blackout */
} window_t;

typedef struct { /* c_k(t); factors of a weekday or a month are used as declared */
    bool has_weekday, has_month;
    double weekday[7], month[12]; /* Monday first, January first */
    bool only_in_windows;         /* outside every window the factor is 0 */
    int n_windows;
    window_t *windows;
} season_t;

typedef struct { /* an event that follows from an event */
    char *name;  /* its name in keys of random numbers: the event type's name, or a declared id */
    int kind;
    when_t when;
    chance_t chance;
    int count;                /* number of independent trials, >= 1 */
    dist_t delay;             /* days */
    role_t initiator, target; /* roles of the parent that take them (ROLE_MEMBER: each member in turn) */
    double expires;           /* days after the parent beyond which it does not occur; INFINITY */
    int n_cancelled_by;
    int *cancelled_by; /* kinds: such an event on the same dyad cancels it while it is pending */
    bool has_share;
    dist_t share;    /* its value = the parent's value x share */
    rule_t *only_if; /* it takes place only if this holds at its moment; NULL */
    bool has_mediator;
    int mediator; /* in place of its type's; MEDIATOR_OF_EVENT: the first event's */
} consequence_t;
enum { MEDIATOR_OF_EVENT = -2 };

typedef struct { /* what an invitation waits for */
    bool on;
    chance_t accept;
    dist_t delay;
    double lapse;                   /* days; a later reply is none */
    int accepted, declined, lapsed; /* kinds of the reply events (target -> initiator of the invitation) */
} reply_t;

typedef struct {
    int kind;
    role_t first, second; /* of the pair */
    chance_t chance;      /* for each pair of those roles present */
} sideline_t;

typedef struct {
    bool on;                   /* the kind convenes a group */
    int group;                 /* default; the calendar's entry may name another; -1 */
    chance_t attendance;       /* of each member */
    chance_t guest_attendance; /* of each guest who accepted or is named */
    int n_sidelines;
    sideline_t *sidelines;
} summit_t;

typedef struct {
    bool on;
    dist_t delivered;       /* share of the value that is delivered */
    dist_t duration;        /* days over which it is delivered */
    dist_t lag;             /* days from the event to the start of deliveries */
    double initiator_share; /* of the flow that the initiator exports; the rest is the target's */
} deal_t;

typedef struct {
    int group;
    bool joins; /* else leaves */
    role_t who;
} membership_change_t;

typedef struct {
    bool enters; /* else leaves the scene */
    role_t who;
} presence_change_t;

typedef struct {
    char *name, *label, *note, *source; /* but the name they may be NULL */
    scope_t scope;

    /* when: intensity of the baseline and excited events */
    double rate_per_year; /* 0: only calendar, consequences and excitation make it happen */
    predictor_t log_rate;
    season_t season;
    rule_t *only_if; /* its events take place only while this holds; NULL */
    int n_excitations;
    excitation_t *excitations;
    bool *initiators, *targets; /* [n_actors] who may take part in baseline events; NULL = all */

    /* marks */
    double level_weight[LEVEL_N]; /* chances of the levels, sum 1 */
    bool has_value, has_success;
    dist_t value;     /* USD */
    chance_t success; /* without it every event succeeds */
    int n_sectors;
    int *sectors; /* ids of model->sectors */
    double *sector_weights;

    /* presence: an event in person occupies the needed leaders at its place for its days */
    bool in_person;
    double days;       /* length, >= 0 (an event in person occupies at least its day) */
    double precedence; /* of two scheduled events that collide the lower one moves */

    /* effects, in the order of docs/model.md */
    double goldstein;                           /* strength */
    double lasting;                             /* share of g that goes to the alignment */
    double failure;                             /* the factor on g if the event failed (0: no effect) */
    double pair_weight[PAIR_ROLES][PAIR_ROLES]; /* factor on g by pair of roles, symmetric */
    bool has_mediator;
    int mediator;              /* of its events of two, unless they name another */
    double mediator_weight[2]; /* of the mediator's pairs: with the initiator, with the target */
    double spillover;          /* share of g that passes to dyads of the initiator's friends and the target */
    double trade_shock;        /* log units on both flows */
    double trade_shock_half_life; /* days */
    int shock_slot;               /* set by model_finish, -1 */
    tariff_change_t tariff;
    deal_t deal;
    int n_conditions, n_memberships, n_presences;
    condition_change_t *conditions;
    membership_change_t *memberships;
    presence_change_t *presences;

    /* what follows */
    int n_then;
    consequence_t *then;
    reply_t reply;
    summit_t summit;
} kind_t;

/* ---- calendar, history, interventions, variants ---------------------------------------------------- */

typedef struct {                        /* a dated event: calendar (time >= 0) or history (time < 0) */
    char *id, *label;                   /* unique, never NULL after reading; may be NULL */
    int kind, initiator, target, group; /* target / group -1 when the kind has none */
    double time, until;                 /* a moment (until == time) or a window: uniform in [time, until) */
    double probability;                 /* of the calendar; entries of the history have happened */
    double days;                        /* NAN: the kind's */
    double value_usd;                   /* NAN: drawn */
    int level;                          /* -1: drawn */
    int success;                        /* -1: drawn, 0 or 1 given */
    int sector;                         /* -1: drawn */
    int to;                             /* an invitation's summit: index in model->calendar, -1 */
    forced_reply_t reply;
    int parent;      /* index of the entry it is a stop or a part of, -1 */
    bool withdrawn;  /* with its parent, if that does not take place */
    bool part_time;  /* its moment is its parent's */
    char *drawn_as;  /* the id of which its random numbers are made; NULL: its own */
    bool has_chance; /* of success, in place of its type's probability */
    double chance;
    rule_t *only_if;  /* it takes place only if this holds at its moment; NULL */
    bool is_mediated; /* a dyadic event, in which a third takes part */
    int mediator;
    int n_guests;
    int *guests; /* named guests of a summit (no invitation needed) */
    int n_attend;
    int *attend;            /* who attends, unless it declines; NULL = drawn */
    bool in_base, observed; /* in_base false: only in the variants that add it; observed: it took place */
    char *source;
} calendar_entry_t;

typedef struct {
    int param;    /* index in model->params */
    double value; /* in the parameter's own unit (canonical) */
    bool scales;  /* `value` is a factor on what the parameter is without the setting */
} setting_t;

typedef struct { /* at a date, or when a rule first holds */
    char *id, *label;
    double at;    /* NAN for a rule */
    rule_t *when; /* NULL: at a date */
    double every; /* days between looks at a rule that is not exact */
    int n_settings, n_add, n_drop, n_conditions;
    setting_t *settings;
    int *add;  /* calendar entries (in_base false), their times counted from this moment */
    int *drop; /* calendar entries not yet happened */
    condition_start_t *conditions; /* opened (since ignored) or closed */
    bool *condition_opens;
    int n_tariffs;
    tariff_t *tariffs; /* set (name and time ignored) */
    bool in_base;
} intervention_t;

typedef struct {
    char *name, *label, *note;
    int n_drop, n_decline, n_accept, n_cancel, n_add, n_settings, n_interventions;
    int *drop, *decline, *accept, *cancel, *add; /* calendar entries */
    setting_t *settings;
    int *interventions; /* those it switches on besides the base's */
    int n_without_history, n_without_ongoing, n_without_interventions;
    int *without_history;       /* entries of the history that have not happened */
    int *without_ongoing;       /* conditions (condition_starts) that are not in force at the start */
    int *without_interventions; /* those of the base's that it does not have */
    bool is_option;             /* of the scenario's `choose` */
} variant_t;

/* ---- quantities, uncertain parameters, output ------------------------------------------------------ */

typedef struct {
    char *name, *label, *unit; /* never NULL after model_finish */
    quantity_kind_t what;

    int tie, flow; /* of a state; flow -1: both */
    int actor;     /* of a state of an actor (quantity_is_of_actor) */
    int condition;
    double at;    /* days; its moment, if there are no steps */
    double every; /* > 0: over [from, until), read in the middle of equal steps of at most so many days */

    int n_kinds; /* of events */
    int *kinds;
    bool *ties;                  /* [n_ties] only on these; NULL: anywhere */
    bool *initiators, *targets;  /* [n_actors] NULL: anybody; of what has no direction, in either */
    bool successful_only, trips; /* trips: of events whose days overlap one is counted */
    double from, until;          /* days */

    taken_t take; /* of a window, of other quantities */
    int n_parts;
    int *parts; /* quantities before this one */

    bool has_threshold, above;
    double threshold; /* then the quantity is 1 if beyond it, else 0 */
    aim_t aim;        /* of the scenario's `choose` */
} quantity_t;
bool quantity_is_probability(const quantity_t *self); /* 0 or 1 in each replicate; of a finished model */
static inline bool quantity_is_of_actor(const quantity_t *self) {
    return self->what >= QUANTITY_EXPORTS;
}
static inline bool quantity_is_state(const quantity_t *self) {
    return self->what <= QUANTITY_REALISED || self->what == QUANTITY_CONDITION || quantity_is_of_actor(self);
}
/* Readings of a state: 1, or the steps of its window. */
int quantity_steps(const quantity_t *self);

typedef struct {
    char *path;    /* "kinds.call.rate.per_year" */
    double *value; /* where it lives in the model, canonical unit */
    dimension_t dimension;
    double low, high; /* allowed, inclusive */
    bool structural;  /* cannot be varied after reading (times of the calendar, counts) */
} param_t;

typedef struct {
    double every; /* days between stored times */
    bool events, all_ties;
    int n_ties;
    int *ties;              /* stored ties, when not all */
    double precision;       /* stated absolute error of stored strength and alignment; 0 = exact */
    double trade_precision; /* relative */
    bool trajectories;
    int n_metrics;
    char **metrics; /* names known to model/metrics.h */
    double metrics_every;
} output_t;

/* ---- the whole ------------------------------------------------------------------------------------- */

typedef struct model {
    arena_t arena;
    char *title, *note;
    double start, horizon; /* days since 1970-01-01; days from the start */
    as_of_t as_of;
    int n_actors, n_groups, n_ties, n_tariffs, n_conditions, n_condition_starts, n_kinds;
    int n_sectors;
    int n_history, n_calendar, n_interventions, n_variants, n_quantities, n_uncertain, n_followers, n_joints;
    int n_params;
    int n_actor_attributes, n_tie_attributes;
    char **actor_attributes, **tie_attributes, **sectors;
    actor_t *actors;
    group_t *groups;
    tie_t *ties;
    condition_t *conditions;
    condition_start_t *condition_starts;
    dynamics_t dynamics;
    trade_t trade;
    tariff_t *tariffs;
    kind_t *kinds;
    calendar_entry_t *history, *calendar; /* history sorted by (time, id) by model_finish */
    intervention_t *interventions;
    variant_t *variants; /* variants[0] is "base" */
    quantity_t *quantities;
    uncertain_t *uncertain;
    follower_t *followers;
    joint_draw_t *joints;
    param_t *params;
    output_t output;
    uint64_t seed;
    int replicates;
    double event_cap; /* most events a replicate may have */

    /* set by model_finish */
    int *tie_of;                     /* [n_actors * n_actors] tie of two actors, -1 */
    int *tariff_order;               /* [n_tariffs] by (time, name) */
    int n_rule_counts;               /* counts of events in rules */
    int n_condition_columns;         /* of a tie's conditions: condition.h */
    int n_shocks;                    /* kinds that shock trade */
    int *shock_kinds;                /* [n_shocks] */
    bool has_spillover, has_sampled; /* some kind spills over / reads a sampled statistic */
    bool reads_trade;                /* some statistic is log_trade */
    bool has_tariffs, has_growth;    /* some tariff can come; some actor grows */
} model_t;

void model_init(model_t *self); /* empty, with the defaults of docs/model.md */
void model_free(model_t *self); /* safe on a zeroed model */

/* Derives the dependent members (tie_of, slots of shocks, labels, units, order of the history). 0 or
 * ERR_NOMEM. The model must be valid (the scenario's checks, or the author of a test, ensure this). */
int model_finish(model_t *self);

/* The factor on g of a pair of roles. */
double kind_pair_weight(const kind_t *self, role_t a, role_t b);
/* The kind's predictors one after another (its rate's first), NULL past the last. */
predictor_t *kind_predictor(kind_t *kind, int i);

int model_actor(const model_t *self, const char *name); /* index or -1; so the next ones */
int model_kind(const model_t *self, const char *name);
int model_group(const model_t *self, const char *name);
int model_condition(const model_t *self, const char *name);
int model_calendar(const model_t *self, const char *id);
int model_variant(const model_t *self, const char *name);
int model_quantity(const model_t *self, const char *name);
int model_param(const model_t *self, const char *path);

static inline bool in_list(int n, const int *list, int entry) {
    for (int i = 0; i < n; i++)
        if (list[i] == entry) return true;
    return false;
}
/* The unit of a quantity: "USD", "days", ... */
const char *quantity_unit(const model_t *self, const quantity_t *quantity);
/* What the parameter becomes, from what it is at present; a scaled one stays within its allowed range. */
double setting_value(const model_t *self, const setting_t *setting);
/* Whether the variant has the intervention. */
bool variant_intervenes(const model_t *self, const variant_t *variant, int intervention);
/* Whether the variant has the model's past and, at all times, its parameters, except probabilities of dated
 * events. It can then be simulated as a difference from the base. */
bool variant_is_difference(const model_t *self, const variant_t *variant);

static inline int model_tie(const model_t *self, int i, int j) {
    return self->tie_of[i * self->n_actors + j];
}
/* Whether a baseline or excited event of the kind may have these actors (j = -1: an event of one). */
static inline bool may_happen_at(const kind_t *kind, int i, int j) {
    if (kind->scope == SCOPE_DYAD)
        return (!kind->initiators || kind->initiators[i] || kind->initiators[j]) &&
               (!kind->targets || kind->targets[i] || kind->targets[j]);
    return (!kind->initiators || kind->initiators[i]) && (!kind->targets || j < 0 || kind->targets[j]);
}
/* The flow (and directed dyad) i -> j of their tie. */
static inline int model_flow(const model_t *self, int i, int j) {
    int tie = model_tie(self, i, j);
    return tie < 0 ? -1 : 2 * tie + (self->ties[tie].a == i ? 0 : 1);
}
static inline int flow_from(const model_t *self, int flow) {
    return flow & 1 ? self->ties[flow / 2].b : self->ties[flow / 2].a;
}
static inline int flow_to(const model_t *self, int flow) {
    return flow & 1 ? self->ties[flow / 2].a : self->ties[flow / 2].b;
}

#endif
