/* What the files of the engine share; nobody else includes it.
 *
 *   engine.c   set-up, the loop, parameters and interventions
 *   process.c  spontaneous and excited events: processes and their candidates
 *   intensity.c, excite.c   how intense they are; who excites whom, and parents
 *   happen.c   an event happens: marks, participants, the order of all it does
 *   effect.c   what it changes: ties, trade, third parties, conditions, groups
 *   follow.c   what follows from it: consequences, replies, scheduling, diaries
 *   observe.c  what is recorded: log rows, quantities, trajectories */
#ifndef ENTENTE_ENGINE_INTERNAL_H
#define ENTENTE_ENGINE_INTERNAL_H

#include "base/error.h"
#include "base/heap.h"
#include "engine/agenda.h"
#include "engine/diary.h"
#include "engine/engine.h"
#include "engine/measure.h"
#include "model/predictor.h"

/* Purposes of the streams under an event's identity (base/rng.h). */
enum {
    DRAW_LEVEL = 1,
    DRAW_VALUE,
    DRAW_SECTOR,
    DRAW_SUCCESS,
    DRAW_DURATION,
    DRAW_DEAL,
    DRAW_PARENT,
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
 * queue (process.c tells how they are found). */
typedef struct {
    uint64_t key;      /* of its measure */
    double log_rate;   /* log of what only parameters and refreshes change of its intensity, per day;
                          -INFINITY: it has no base rate */
    double excited_at; /* moment its accumulators are decayed to */
    double excited;    /* its accumulator, if its kind has a single one */
    point_t low, high; /* candidates in strip 0 and in the strips above; time INFINITY: none */
    float log_ceiling; /* log of the base bound up to which candidates were looked for */
    int32_t site;      /* flow, tie, actor or group by the scope of its kind */
    int16_t kind;
    int16_t scale; /* of its measure, in quarters of an octave */
    uint8_t dirty; /* DIRTY_STATE, DIRTY_EXCITED */
    bool asleep;   /* its bound is far below its scale: `low` is not kept, `high` looks in all strips */
} process_t;

enum { DIRTY_STATE = 1, DIRTY_EXCITED = 2 };

/* All processes of one scope, laid out by site, then kind, so that an effect on a site finds its
 * processes side by side. */
typedef struct {
    int n_sites, n_kinds;
    uint32_t first; /* process of (site, slot) = first + site * n_kinds + slot */
    int n_readers;  /* kinds with a base rate that follows the state... */
    int *readers;   /* ... by slot */
} region_t;

/* What the engine knows of a kind besides the model. */
typedef struct {
    int slot;           /* in its region; -1: it never happens by itself */
    int n_accumulators; /* distinct half-lives of its excitations */
    double *decay;      /* [n_accumulators] rates per day */
    double *jump;       /* [n_excitations] added to an accumulator by one source event, per day */
    size_t first;       /* accumulators of a site, if there are several:
                           accumulators + first + site * n_accumulators */
    int n_receivers;
    struct receiver {
        int kind, excitation;
    } * receivers;  /* whom an event of this kind excites */
    double *season; /* [n_days] factor, NULL = 1 throughout */
    double season_max;
    double log_base;     /* log of its base rate per day; -INFINITY */
    double *static_part; /* [n_sites] of its predictor; -INFINITY where it may not happen */
    uint64_t static_key; /* of what static_part was computed from */
    double lazy_constant, strength_loading, alignment_loading; /* the lazy part of its predictor... */
    int n_lazy;
    const term_t **lazy; /* ... and its terms of other statistics */
    int n_counters;
    int *counters; /* counters of the world that count it */
} kind_state_t;

/* A pair of actors brought together by an event: what excitation, decayed counts and quantities see. A
 * dyadic event is one directed touch; an event with participants touches each pair, in no direction. */
typedef struct {
    int32_t row;
    int kind, i, j; /* j = -1 for events of one actor */
    int group;
    bool mutual;
    double time, weight;
    int32_t before_on_tie, before_of_i, before_of_j; /* earlier touches, -1 */
} touch_t;

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

    bool *rate_is_set; /* [n_kinds] by a setting of some run, without a rate of its own */
    region_t regions[SCOPE_N];
    process_t *processes; /* aligned to cache lines within process_block */
    void *process_block;
    uint32_t n_processes, n_dirty;
    uint32_t *dirty; /* [n_processes] */
    struct {         /* the tie looked at last */
        int tie;
        double time, s, b;
    } view;
    double *accumulators;
    size_t accumulator_capacity;
    kind_state_t *kinds;
    heap_t queue;
    int n_days;

    agenda_t agenda;
    diary_t diary;
    uint64_t *calendar_rank; /* [n_calendar] of the id in alphabetical order */
    int *calendar_by_rank;   /* [n_calendar] */
    uint32_t *calendar_item; /* [n_calendar] in the agenda, AGENDA_NONE */
    int32_t *history_row;    /* [n_history] */
    int32_t *calendar_row;   /* [n_calendar] */
    int *n_accepted;         /* [n_calendar] guests who accepted */
    int **accepted;          /* [n_calendar][n_actors] */
    bool *fired;             /* [n_interventions] */
    bool *cancels;           /* [n_kinds] cancels pending consequences */

    touch_t *touches;
    int32_t n_touches;
    size_t touch_capacity;
    int32_t *last_on_tie, *last_of; /* newest touch of each tie, of each actor; -1 */

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
/* The scales of the measures, from the parameters and the state at the start. */
void processes_scale(engine_t *self);
int processes_prepare(engine_t *self);  /* rates and kernels from the parameters as they stand now */
void processes_reset(engine_t *self);   /* forgets excitation and candidates */
void processes_refresh(engine_t *self); /* rates with sampled statistics anew */
void process_bind(engine_t *self, process_t *process); /* makes its candidate right for its bound now */
/* Its candidate (`high` or `low`) has had its time: goes on behind it. */
void process_next(engine_t *self, process_t *process, bool high);
void processes_bind_all(engine_t *self);
void processes_bind_dirty(engine_t *self);
void tie_mark(engine_t *self, int tie); /* the state of a tie (an actor and all its ties) has changed */
void actor_mark(engine_t *self, int actor);
void process_mark(engine_t *self, process_t *process, uint8_t why);
void process_place(const engine_t *self, const process_t *process, int *i, int *j, int *group);
static inline process_t *process_at(const engine_t *self, int kind, int site) {
    const region_t *region = &self->regions[self->model->kinds[kind].scope];
    return &self->processes[region->first + (uint32_t)(site * region->n_kinds + self->kinds[kind].slot)];
}

/* ---- intensity.c ---- */
void kind_prepare(engine_t *self, int kind); /* the lazy part of its predictor */
/* Its intensity per day, and how much of it is excitation. */
double process_intensity(engine_t *self, const process_t *process, double now, double *excited);
/* What it is without season, availability and excitation; and the log of an upper bound of that until the
 * next effect on its site. */
double process_base(engine_t *self, const process_t *process, double now);
double process_log_bound(engine_t *self, const process_t *process, double now);

/* ---- excite.c ---- */
/* The process's excitation at `now`, before the season's factor. */
double excitation_at(const engine_t *self, const process_t *process, double now);
void processes_settle(engine_t *self); /* decays every accumulator to now */
/* Raises the intensities that the touch excites (`now` may lie after the touch's time). */
void touch_excite(engine_t *self, const touch_t *touch, double now);
/* The touch that an excited event of the process descends from, drawn with the exact weights. */
int32_t draw_parent(const engine_t *self, const process_t *process, uint64_t key);

/* ---- happen.c ---- */
/* Who takes part in an event, the initiator (host) first. */
enum { PARTY_MAX = 512 };
typedef struct {
    int n;
    struct {
        int actor;
        role_t role;
    } who[PARTY_MAX];
} party_t;

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
/* A spell of a condition on a site begins (or began, before the start). If it has a duration its end is
 * drawn; where it is known to hold now, among the ends to come. */
int begin_condition(engine_t *self, int condition, int site, double since, uint64_t token, bool holds);

/* ---- follow.c ---- */
int schedule_calendar(engine_t *self); /* everything dated, in the variant at hand */
/* A dated event as a plan; `known` for one of the history. */
plan_t plan_of_entry(const engine_t *self, int entry, bool known);
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
int cancel_pending(engine_t *self, int kind, int i, int j);
bool needs_leaders(const engine_t *self, const plan_t *plan);
bool leaders_free(const engine_t *self, const plan_t *plan); /* of initiator and target, on its days */
bool leader_free(const engine_t *self, const plan_t *plan, int actor);
/* Leaders who take part are taken for its days from now on, and nobody else for `item`. */
int occupy(engine_t *self, const plan_t *plan, const party_t *party, uint32_t item);
uint32_t calendar_pending(const engine_t *self, int entry); /* its item in the agenda, AGENDA_NONE */

/* ---- observe.c ---- */
int observe_start(engine_t *self);
void observe_end(engine_t *self);                 /* turns quantities with a threshold into 0 or 1 */
void observe_until(engine_t *self, double until); /* everything due before `until` */
void observe_event(engine_t *self, const plan_t *plan, double value_usd, bool success);
void observe_pair(engine_t *self, const touch_t *touch, double value_usd, bool success);

/* ---- engine.c ---- */
/* Records a pair brought together and lets it excite, count and be counted. */
int touch(engine_t *self, const touch_t *touch, double value_usd, bool success);

#endif
