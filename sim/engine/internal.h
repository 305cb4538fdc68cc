/* What the files of the engine share; nobody else includes it.
 *
 *   engine.c   set-up, the loop, parameters
 *   process.c  which processes there are
 *   prepare.c  what follows from the parameters
 *   candidate.c  which of their points comes next
 *   intensity.c  how intense they are
 *   excite.c   who excites whom, and the offspring that events have
 *   happen.c   an event happens: marks, participants, the order of all it does
 *   effect.c   what it changes: ties, trade, third parties, conditions, groups
 *   follow.c   what follows from it: consequences, replies, scheduling, leaders' calendars
 *   intervene.c  interventions
 *   observe.c  what is recorded: log rows, quantities, trajectories */
#ifndef ENTENTE_ENGINE_INTERNAL_H
#define ENTENTE_ENGINE_INTERNAL_H

#include "base/elementary.h"
#include "base/error.h"
#include "base/heap.h"
#include "base/mem.h"
#include "engine/agenda.h"
#include "engine/diary.h"
#include "engine/engine.h"
#include "engine/measure.h"
#include "engine/sites.h"
#include "model/predictor.h"

/* Purposes of the streams under an event's identity (base/rng.h). */
enum {
    DRAW_LEVEL = 1,
    DRAW_VALUE,
    DRAW_SECTOR,
    DRAW_SUCCESS,
    DRAW_DURATION,
    DRAW_DEAL,
    DRAW_OCCURS,
    DRAW_TIME,
    DRAW_CHANCE,
    DRAW_DELAY,
    DRAW_SHARE,
    DRAW_REPLY,
    DRAW_REPLY_DELAY,
    DRAW_ATTEND,
    DRAW_SIDELINE
};

/* A kind of event at a place: the owner of one Poisson measure. The earlier of its two candidates is in the
 * queue (process.c tells how they are found). One cache line. */
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
} process_t;

/* What an event may bring about by excitation: a point of one of its own measures, waiting in the queue for
 * its time (excite.c). */
typedef struct {
    uint64_t key;     /* the identity of the event that it would be */
    double needs;     /* it happens iff season x availability is above this at its time */
    uint32_t process; /* of the excited kind at its place; of a free slot: the next one */
    int32_t parent;   /* row of the log, -1 */
} offspring_t;

#define OFFSPRING_STREAM (UINT32_C(1) << 31) /* apart from the streams of marks */

/* What tells whether a touch begets anything in a receiver: the words of the counter of its numbers (the
 * first is that of the point), and a first number below which it surely does not. */
typedef struct {
    uint32_t name, key_low, key_high, none_below;
} stream_t;

/* A kind that events of another excite, by one of its excitations, as the parameters have it. */
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

/* A first number (32 bits) below which a touch of weight up to 1 has surely no offspring there. */
static inline uint32_t none_below(const receiver_t *receiver) {
    return (uint32_t)(elementary_exp(-receiver->most) * (1 - 1e-9) * 0x1p32);
}

/* Who initiator and target are at a site (-1: nobody), or which group convenes. The roles of a dyad go by
 * name, so that they are the same in every order of the file. */
typedef struct {
    int16_t i, j, group;
} place_t;

/* A kind with a base rate that follows the state, and how it follows strength and alignment. */
typedef struct {
    int slot;
    bool others; /* it reads other statistics too */
    double strength_loading, alignment_loading;
} reader_t;

enum { BUNCH_MAX = 8 }; /* processes with one entry in the queue: their times fill a cache line */

/* All processes of one scope, laid out by site, then kind, so that an effect on a site finds its
 * processes side by side. */
typedef struct {
    int n_sites, n_kinds;
    uint32_t first; /* process of (site, slot) = first + site * n_kinds + slot */
    uint32_t first_bunch;
    int n_bunches, bunch_size; /* of a site; of all of its bunches but the last */
    int n_readers;
    reader_t *readers; /* kinds with a base rate that follows the state */
    place_t *places;   /* [n_sites] */
} region_t;

/* What there is to do for an event of a kind: the rest of its description need not be looked at. */
enum {
    DUTY_VALUE = 1,     /* a value is drawn */
    DUTY_SECTOR = 2,    /* a sector is drawn */
    DUTY_SUCCESS = 4,   /* success is drawn */
    DUTY_IN_PERSON = 8, /* leaders may be needed */
    DUTY_CONVENES = 16, /* participants are gathered */
    DUTY_MOVES = 32,    /* strength or trade of a pair moves */
    DUTY_CHANGES = 64,  /* deals, conditions, groups, presence */
    DUTY_FOLLOWS = 128, /* consequences */
    DUTY_TURNS = 256    /* directed kinds are excited, in both directions where it has none */
};

/* What the engine knows of a kind besides the model: first, on one cache line, what every event asks for. */
typedef struct {
    _Alignas(CACHE_LINE) uint8_t scope; /* scope_t */
    uint8_t sure_level;                 /* level_t: the one that all weight is on; LEVEL_N if it is drawn */
    uint16_t duties;
    int16_t slot;  /* in its region; -1: it never happens by itself */
    int16_t bunch; /* its place among the bunches of a site */
    int n_receivers;
    int16_t n_counters;
    int16_t n_lazy;                             /* terms of its predictor's lazy part... */
    double strength_loading, alignment_loading; /* ... besides these */
    double log_season;                          /* log of the season's greatest factor */
    double *season;                             /* [n_days] factor, NULL = 1 throughout */
    receiver_t *receivers;                      /* whom an event of this kind excites */
    stream_t *streams;                          /* [n_receivers] */
    const term_t **lazy;
    int *counters; /* [n_counters] counters of the world that count it */
    double season_max, lazy_constant;
    double log_base;     /* log of its base rate per day; -INFINITY */
    double *static_part; /* [n_sites] of its predictor; -INFINITY where it may not happen */
    uint64_t static_key; /* of what static_part was computed from */
} kind_state_t;

/* A pair of actors brought together by an event: what excitation, decayed counts and quantities see. A
 * dyadic event is one touch, which has a direction if its kind has one; an event with participants touches
 * each pair, in no direction. */
typedef struct {
    uint64_t key; /* its identity: the event's, and of several pairs the pair's */
    int32_t row;
    int kind, i, j; /* j = -1 for events of one actor */
    int group;
    bool undirected; /* it goes both ways */
    bool mutual;     /* it does, and each of the two is touched alone as well */
    double time, weight;
} touch_t;

/* Who takes part in an event: initiator (host) and target, members, guests, each actor once. Members and
 * guests go by name, so that the order of the file is none. */
typedef struct {
    int n;
    struct {
        int actor;
        role_t role;
    } * who; /* room for all actors */
} party_t;

typedef struct { /* what an actor answered last to the invitations to a summit */
    int actor;
    bool comes;
} answer_t;

typedef struct { /* a parameter to put back after the replicate */
    int param;
    double value;
} saved_t;

typedef struct { /* a quantity to read at a date */
    double time;
    int quantity;
} reading_t;

struct engine {
    model_t *model;
    uint64_t seed;
    uint32_t replicate;
    const variant_t *variant;
    world_t world;
    double now;

    uint64_t *actor_keys, *kind_keys; /* hashes of names */
    int *by_name;                     /* [n_actors] actors in the order of their names */

    bool *rate_is_set; /* [n_kinds] by a setting of some run, without a rate of its own */
    region_t regions[SCOPE_N];
    process_t *processes;
    float *room; /* [n_processes] by how much the lazy part of its predictor may rise from 0 before the
                    candidates have to be looked at: from log_ceiling, side by side for a site */
    uint32_t n_processes, n_bunches;
    double *next;                     /* [n_processes] the time of its earlier candidate, INFINITY */
    bool is_large;                    /* the processes do not fit into a cache of the second level */
    sites_t dirty_ties, dirty_actors; /* whose state has changed since their processes were looked at */
    struct { /* the tie looked at last: its state, and how far that may go without a further effect */
        int tie;
        double time, s, b, s_least, s_most, b_least, b_most;
    } view;
    kind_state_t *kinds;
    receiver_t *receivers; /* of all kinds, by source */
    stream_t *streams;
    heap_t queue; /* of bunches by number, each for the earliest of its up to BUNCH_MAX processes, and of
                     offspring by n_bunches + slot; `what` is the process */
    offspring_t *offspring;
    size_t offspring_capacity;
    uint32_t n_offspring, free_offspring; /* slots in use so far; the first free one, OFFSPRING_NONE */
    int n_days;

    agenda_t agenda;
    diary_t diary;
    uint64_t *calendar_rank; /* [n_calendar] of the id in alphabetical order */
    int *calendar_by_rank;   /* [n_calendar] */
    uint32_t *calendar_item; /* [n_calendar] in the agenda, AGENDA_NONE */
    int32_t *history_row;    /* [n_history] */
    int32_t *calendar_row;   /* [n_calendar] */
    int *n_answers;          /* [n_calendar] */
    answer_t **answers;      /* [n_calendar][n_answers], of each actor one; NULL: no summit */
    party_t party;           /* of the event in hand */
    bool *cancels;           /* [n_kinds] cancels pending consequences */

    int n_saved;
    size_t saved_capacity;
    saved_t *saved;

    const observation_t *observation;
    result_t *result;
    int next_time, next_metric, n_readings, next_reading;
    reading_t *readings;
    int64_t stalled; /* events in a row at one moment */
    int failed;      /* an error code met where none could be returned */
};

/* ---- process.c ---- */
int processes_init(engine_t *self);
/* Whether every kind that the settings give a base rate has processes; if not, processes_init makes them. */
bool processes_suffice(engine_t *self, int n_settings, const setting_t *settings);
void processes_free(engine_t *self);
static inline place_t process_place(const engine_t *self, const process_t *process) {
    return self->regions[self->kinds[process->kind].scope].places[process->site];
}
/* The entry of the queue that it shares. */
static inline uint32_t bunch_of(const engine_t *self, const process_t *process) {
    const kind_state_t *kind = &self->kinds[process->kind];
    const region_t *region = &self->regions[kind->scope];
    return region->first_bunch + (uint32_t)(process->site * region->n_bunches + kind->bunch);
}
static inline process_t *process_at(const engine_t *self, int kind, int site) {
    const region_t *region = &self->regions[self->kinds[kind].scope];
    return &self->processes[region->first + (uint32_t)(site * region->n_kinds + self->kinds[kind].slot)];
}
static inline uint32_t process_id(const engine_t *self, const process_t *process) {
    return (uint32_t)(process - self->processes);
}

/* ---- prepare.c ---- */
void processes_prepare(engine_t *self); /* rates and kernels from the parameters as they stand now */
void processes_refresh(engine_t *self); /* rates with sampled statistics anew */
/* The scales of the measures, from the parameters and the state at the start. */
void processes_scale(engine_t *self);

/* ---- candidate.c ---- */
void processes_reset(engine_t *self); /* forgets candidates and offspring */
/* Makes its candidates right for that log of its bound, which may have risen past what they were looked for.
 */
void process_bind(engine_t *self, process_t *process, double log_bound);
/* Its candidate (`high` or `low`) has had its time: goes on behind it. */
void process_next(engine_t *self, process_t *process, bool high);
void process_make_room(engine_t *self, const process_t *process); /* its `room`, from its rate and ceiling */
void processes_bind_all(engine_t *self);
void processes_bind_dirty(engine_t *self);
void tie_mark(engine_t *self, int tie); /* the state of a tie (an actor and all its ties) has changed */
void actor_mark(engine_t *self, int actor);
static inline void view_forget(engine_t *self) {
    self->view.tie = -1;
}

/* ---- intensity.c ---- */
void kind_prepare(engine_t *self, int kind); /* the lazy part of its predictor */
/* Season times availability: what multiplies its base rate and decides on its offspring. */
double process_factor(const engine_t *self, const process_t *process, double now);
/* Its base rate per day without that factor; and the log of an upper bound of it until the next effect on
 * its site. */
double process_base(engine_t *self, const process_t *process, double now);
double process_log_bound(engine_t *self, const process_t *process, double now);
/* Whether each reader's process at the site still has its candidates; binds those that have not. */
void site_bind(engine_t *self, scope_t scope, int site);

/* ---- excite.c ---- */
/* Draws what the touch brings about after now (`now` may lie after the touch's time) and queues it. */
int touch_excite(engine_t *self, const touch_t *touch);
/* Takes the offspring at the top of the queue out of it. */
offspring_t offspring_pop(engine_t *self);
#define OFFSPRING_NONE UINT32_MAX

/* ---- happen.c ---- */
/* What is drawn for an event, or given. */
typedef struct {
    int level, success, sector;
    double value_usd;
} marks_t;

/* The event happens now; `item` is what it was in the agenda (AGENDA_NONE if it was not). Its row in the
 * log (-1 where no log is kept) or an error below -1. */
int happen(engine_t *self, const plan_t *plan, uint32_t item);
int happen_not(engine_t *self, const plan_t *plan, status_t status); /* only its row: moved, cancelled */

/* ---- effect.c ---- */
double gain(const engine_t *self, const kind_t *kind, const marks_t *marks); /* g */
/* Strength and trade on the tie of a pair; the change of strength. */
double affect_pair(engine_t *self, const kind_t *kind, int i, int j, double g, bool success);
/* Passes a share of g to third parties: to the ties of an event's target with the initiator's friends and
 * rivals; in an event with participants to those of either of each pair (`both_ways`). */
int spill(engine_t *self, const kind_t *kind, const party_t *party, double g, bool both_ways);
int make_deal(engine_t *self, const plan_t *plan, const kind_t *kind, double value_usd);
int change_state(engine_t *self, const plan_t *plan, const kind_t *kind);
/* Names the spell of a condition that no event began: by what declares it and where it holds. */
uint64_t spell_token(const engine_t *self, const condition_start_t *start, const char *declared_by);
/* A spell of a condition on a site begins (or began, before the start). If it has a duration its end is
 * drawn; where it is known to hold now, among the ends to come. */
int begin_condition(engine_t *self, int condition, int site, double since, uint64_t token, bool holds);

/* ---- follow.c ---- */
int schedule_calendar(engine_t *self); /* everything dated, in the variant at hand */
/* A dated event as a plan; `known` for one of the history. */
plan_t plan_of_entry(const engine_t *self, int entry, bool known);
/* The dated event that the plan is of, NULL if of none. */
static inline const calendar_entry_t *entry_of(const engine_t *self, const plan_t *plan) {
    if (plan->entry < 0) return NULL;
    return plan->known ? &self->model->history[plan->entry] : &self->model->calendar[plan->entry];
}
/* Events of an undirected dyad: the first by name takes the initiator's roles. */
void settle_roles(const engine_t *self, plan_t *plan);
bool occurs(const engine_t *self, const plan_t *dated); /* draws whether a dated event takes place at all */
/* Whether a calendar entry is another one, or a stop or part of it. */
static inline bool is_part_of(const model_t *model, int entry, int whole) {
    while (entry >= 0 && entry != whole) entry = model->calendar[entry].parent;
    return entry >= 0;
}
/* Puts the event down for its time; where needed leaders are taken, the lesser event moves. */
int schedule(engine_t *self, const plan_t *plan, bool moved);
int follow(engine_t *self, const plan_t *plan, const party_t *party, int32_t row, when_t when,
           double value_usd);
int invite(engine_t *self, const plan_t *plan, int32_t row);
int reply(engine_t *self, const item_t *item);
/* The first (by its key) of the invitations to a dated summit that wait for their reply, AGENDA_NONE; and its
 * end when the summit is about to begin: a reply that is fixed is given now, any other never. */
uint32_t next_unanswered(const engine_t *self, int summit);
int end_invitation(engine_t *self, uint32_t id);
int cancel_pending(engine_t *self, int kind, int i, int j);
bool needs_leaders(const engine_t *self, const plan_t *plan);
bool leaders_free(const engine_t *self, const plan_t *plan); /* of initiator and target, on its days */
bool leader_free(const engine_t *self, const plan_t *plan, int actor);
/* As what the actor is to come to the summit, as things stand, if nothing keeps it: member, guest, or
 * (ROLE_N) not at all. */
role_t awaited_as(const engine_t *self, const plan_t *summit, int actor);
/* Leaders who take part are taken for its days from now on, and nobody else for `item`. */
int occupy(engine_t *self, const plan_t *plan, const party_t *party, uint32_t item);
uint32_t calendar_pending(const engine_t *self, int entry); /* its item in the agenda, AGENDA_NONE */

/* ---- intervene.c ---- */
int schedule_interventions(engine_t *self); /* those of the variant at hand */
int intervene(engine_t *self, const item_t *item);

/* ---- observe.c ---- */
int observe_start(engine_t *self);
void observe_end(engine_t *self);                 /* turns quantities with a threshold into 0 or 1 */
void observe_until(engine_t *self, double until); /* everything due before `until` */
void observe_event(engine_t *self, const plan_t *plan, double value_usd, bool success);
void observe_pair(engine_t *self, const touch_t *touch, double value_usd, bool success);

/* ---- engine.c ---- */
int set_param(engine_t *self, int param, double value); /* until the end of the replicate */
/* Records a pair brought together and lets it excite, count and be counted. */
int touch(engine_t *self, const touch_t *touch, double value_usd, bool success);

#endif
