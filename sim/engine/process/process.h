/* Processes in the engine: an event type at a place, its candidates, what it excites, and derived data of
 * its event type. Their functions are in engine/internal.h. */
#ifndef ENTENTE_ENGINE_PROCESS_PROCESS_H
#define ENTENTE_ENGINE_PROCESS_PROCESS_H

#include "base/math/elementary.h"
#include "base/mem.h"
#include "base/rng.h"
#include "engine/course/course_set.h"
#include "engine/process/measure.h"
#include "model/model.h"

/* An event type at a place, with one Poisson measure. The earlier of its two candidates is in the queue
 * (process.c explains the search). One cache line. */
typedef struct {
    _Alignas(CACHE_LINE) uint64_t key; /* of its measure */
    double log_rate;   /* log of what only parameters and refreshes change of its base rate, per day;
                          -INFINITY: it has none */
    point_t low, high; /* candidates in strip 0 and in the strips above; time INFINITY: none */
    float log_ceiling; /* log of the base bound up to which candidates were looked for */
    int32_t site;      /* flow, tie, actor or group by the scope of its kind */
    int16_t kind;
    int16_t scale;      /* of its measure, in quarters of an octave */
    uint8_t low_number; /* of `low` in its cell; 0: not known */
    bool asleep;        /* its bound is far below its scale: `low` is not kept, `high` looks in all strips */
    bool empty;         /* strip 0 has no point before the horizon, unless a branch is taken */
} process_t;

/* A possible offspring of an event: a point of one of the event's measures, which waits in the queue for its
 * time (excite.c). */
typedef struct {
    uint64_t key;     /* the identity of the event that it would be */
    double needs;     /* it happens iff season x availability is above this at its time */
    uint32_t process; /* of the excited kind at its place; of a free slot: the next one */
    int32_t parent;   /* row of the log, -1 */
    course_set_t courses;
} offspring_t;

#define OFFSPRING_STREAM (UINT32_C(1) << 31) /* apart from the streams of marks */

/* An event type that events of another type excite, by one of its excitations, with the current parameters.
 * */
typedef struct {
    uint64_t key;      /* of the excited kind */
    double mean, most; /* offspring at one place: with season and availability at 1; at the season's height */
    double decay;      /* per day */
    uint32_t name;  /* of the excitation: its relation, and its number among those of source and relation */
    uint32_t first; /* process at site 0... */
    int n_kinds;    /* ... and how far it is to that at the next site */
    int kind, excitation;
    scope_t scope;
    relation_t relation;
    bool anyone; /* it may happen at any place */
} receiver_t;

/* As many groups of lanes as so many receivers fill. */
static inline int groups_of(int n_receivers) {
    return (n_receivers + RNG_LANES - 1) / RNG_LANES;
}

/* A bound of the first number (32 bits) below which a touch of weight up to 1 certainly has no offspring
 * there. */
static inline uint32_t none_below(const receiver_t *receiver) {
    return (uint32_t)(elementary_exp(-receiver->most) * (1 - 1e-9) * 0x1p32);
}

/* Initiator and target at a site (-1: none), or the group that convenes. The roles of a dyad follow the
 * names, so that they do not depend on the order of the file. */
typedef struct {
    int16_t i, j, group;
} site_actors_t;

enum { BUNCH_MAX = 8 }; /* processes with one entry in the queue: their times fill a cache line */

typedef struct { /* the tie read last: its state, and its bounds until the next effect */
    int tie;
    double time, s, b, s_least, s_most, b_least, b_most;
} view_t;

typedef struct {    /* a static statistic at every site, which the event types of a scope share */
    term_t term;    /* without a reference value */
    double *values; /* [n_sites] NAN: the reference value counts */
} column_t;

/* All processes of one scope, laid out by site, then kind, so that an effect on a site finds its
 * processes side by side. */
typedef struct {
    int n_sites, n_kinds;
    uint32_t first; /* process of (site, slot) = first + site * n_kinds + slot */
    uint32_t first_bunch;
    int n_bunches, bunch_size; /* of a site; of all of its bunches but the last */
    int n_readers; /* kinds with a base rate that follows the state; by slot [n_kinds], 0 for the others: */
    double *of_strength, *of_alignment; /* how it follows these */
    bool others_move;                   /* any of these also changes with strength or alignment */
    bool follows_others; /* any of them follows other statistics too; if none does, `others` need not be read
                          */
    double *unknown;     /* INFINITY where it follows other statistics too: what is not known in `others` */
    site_actors_t *actors; /* [n_sites] */
    int n_columns;
    column_t *columns; /* of what its kinds' predictors read */
} region_t;

/* The duties of an event of a type: the parts of the type's description that have an effect. */
enum {
    DUTY_VALUE = 1,       /* a value is drawn */
    DUTY_SECTOR = 2,      /* a sector is drawn */
    DUTY_SUCCESS = 4,     /* success is drawn */
    DUTY_IN_PERSON = 8,   /* leaders may be needed */
    DUTY_CONVENES = 16,   /* participants are gathered */
    DUTY_MOVES = 32,      /* strength or trade of a pair moves */
    DUTY_CHANGES = 64,    /* deals, conditions, groups, presence */
    DUTY_FOLLOWS = 128,   /* consequences */
    DUTY_TURNS = 256,     /* directed kinds are excited, in both directions where it has none */
    DUTY_SPREADS = 512,   /* ties of third parties move */
    DUTY_ACTORS = 1024,   /* groups, presence or conditions of an actor change */
    DUTY_BOOKS = 2048,    /* a consequence may need leaders */
    DUTY_SUMMONS = 4096,  /* a consequence may be a summit that needs leaders */
    DUTY_COUNTED = 8192,  /* some quantity counts it */
    DUTY_TALLIED = 16384, /* some rule counts it */
    DUTY_ALLIED = 32768   /* what it changes may change for a coalition */
};

/* Derived data of an event type: first, on one cache line, those that every event needs. */
typedef struct {
    _Alignas(CACHE_LINE) uint8_t scope; /* scope_t */
    uint8_t sure_level;                 /* level_t: the one that all weight is on; LEVEL_N if it is drawn */
    uint16_t duties;
    int16_t slot;  /* in its region; -1: it has no baseline or excited events */
    int16_t bunch; /* its place among the bunches of a site */
    int n_receivers;
    int16_t n_counters;
    int16_t n_lazy;                                     /* terms of its predictor's lazy part... */
    double strength_coefficient, alignment_coefficient; /* ... besides these */
    double log_season;                                  /* log of the season's greatest factor */
    double *season;                                     /* [n_days] factor, NULL = 1 throughout */
    receiver_t *receivers;                              /* whom an event of this kind excites */
    rng_lanes_t *streams; /* [groups_of(n_receivers)] whether a touch triggers an event there: the counters of
                             the first point's numbers, and none_below */
    const term_t **lazy;
    int *counters;   /* [n_counters] counters of the world that count it */
    int *counted_by; /* [n_counted_by] kinds with a statistic that reads one of these */
    int n_counted_by;
    double season_max, lazy_constant;
    uint64_t season_key; /* of what `season` was computed from */
    double log_base;     /* log of its base rate per day; -INFINITY */
    double *static_part; /* [n_sites] of its predictor; -INFINITY where it may not happen */
    uint64_t static_key; /* of what static_part was computed from */
} kind_state_t;

/* A touch: a pair of actors that an event brings together, for excitation, decayed counts and quantities. A
 * dyadic event is one touch, with a direction if its type has one; an event with participants touches each
 * pair, without direction. */
typedef struct {
    uint64_t key; /* its identity: the event's, and of several pairs the pair's */
    int32_t row;
    int kind, i, j; /* j = -1 for events of one actor */
    int group;
    bool undirected; /* it goes both ways */
    bool mutual;     /* it does, and each of the two is touched alone as well */
    bool mediated;   /* the mediator's: no event between the two */
    double time, weight;
    double days; /* length of the event; NAN: its type's */
} touch_t;

#endif
