/* Shared by the files of the engine; no other file includes it.
 *
 *   engine.c     set-up, the start of a replicate, the loop
 *   params.c     the parameters of a replicate
 *   observe.c    records log rows, trajectories, metrics
 *   quantities.c records quantities
 *   noise.c      the noise of trade
 *   check.c      invariants, checked in debug builds
 *
 *   process/     points of the fixed measures
 *     process.c    the list of processes
 *     prepare.c    data derived from the parameters
 *     candidate.c  the next point of a process
 *     intensity.c  intensities and their bounds
 *     excite.c     the processes that an event excites, and its offspring there
 *     measure.c    the points of a measure
 *
 *   event/       events
 *     due.c        the next due item, and its processing
 *     happen.c     an event: marks, participants, the order of its effects
 *     effect.c     effects on ties, trade, third parties, conditions, groups
 *     follow.c     consequences
 *     reply.c      replies to invitations, and the actors expected at a summit
 *     calendar.c   dated events as plans
 *     observed.c   events that were observed, and what they exclude
 *     schedule.c   scheduling, moving and cancelling events
 *     agenda.c     scheduled items
 *     leaders.c    which leaders are free, and when
 *     diary.c      the bookings of their days
 *     intervene.c  interventions
 *     rules.c      rules, and looks at interventions when something has changed
 *
 *   course/      variants side by side
 *     step.c       which courses take a due item alone, and which with the root
 *     footprint.c  the state that a due item may read and write
 *     courses.c    a course's own blocks of state
 *     merge.c      merges what a course and the root have added */
#ifndef ENTENTE_ENGINE_INTERNAL_H
#define ENTENTE_ENGINE_INTERNAL_H

#include "base/error.h"
#include "base/heap.h"
#include "base/math/elementary.h"
#include "base/mem.h"
#include "engine/course/courses.h"
#include "engine/draw.h"
#include "engine/engine.h"
#include "engine/event/agenda.h"
#include "engine/event/diary.h"
#include "engine/process/process.h"
#include "engine/process/sites.h"
#include "model/predictor.h"

/* The participants of an event: initiator (host) and target, members, guests, each actor once. Members and
 * guests are ordered by name, so that the order of the file does not matter. */
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

typedef struct {           /* what rules read besides the state (engine/event/rules.h) */
    const rule_t **counts; /* [n_rule_counts] by slot */
    int *owners;           /* [n_rule_counts] the intervention with an exact rule whose count it is, -1 */
    int room;              /* events to recall of each count */
    double *recalls;       /* [n_rule_counts + n_interventions][room] times of the last events, the latest
                              last; of an intervention, when it has acted */
    int *outcomes;         /* [n_calendar] */
} rules_t;

typedef struct { /* of a quantity, at a moment */
    double time;
    int quantity;
} reading_t;

/* Something whose time has come. */
typedef struct {
    enum { DUE_CANDIDATE, DUE_OFFSPRING, DUE_ITEM } type;
    course_set_t courses; /* in which it is */
    uint32_t process;     /* of a candidate */
    offspring_t offspring;
    uint32_t id; /* of an item in the agenda; AGENDA_NONE: a reply that is due as its summit is */
    item_t item;
} due_t;

struct engine {
    model_t *model;
    uint64_t seed;
    uint32_t replicate;
    const variant_t *variant;
    world_t world;
    double now;

    uint64_t *actor_keys, *kind_keys; /* hashes of names */
    int *by_name;                     /* [n_actors] actors in the order of their names */

    bool *rate_is_set; /* [n_kinds] set by a setting of some run, without a rate in the scenario */
    region_t regions[SCOPE_N];
    uint64_t columns_key; /* of the attributes from which their columns were computed */
    process_t *processes;
    float *room;    /* [n_processes] by how much the lazy part of its predictor may rise from 0 before the
                       candidates have to be looked at: from log_ceiling, side by side for a site */
    double *others; /* [n_processes] at most what statistics other than strength and alignment add, as long as
                       no count, condition or group of the site changes; INFINITY: not known */
    uint32_t n_processes, n_bunches;
    double *next;                     /* [n_processes] the time of its earlier candidate, INFINITY */
    bool is_large;                    /* the processes do not fit into a cache of the second level */
    sites_t dirty_ties, dirty_actors; /* whose state has changed since their processes were updated */
    view_t view;
    kind_state_t *kinds;
    receiver_t *receivers; /* of all kinds, by source */
    rng_lanes_t *streams;  /* of all kinds, each from a group of its own on */
    heap_t queue; /* of bunches by number, each for the earliest of its up to BUNCH_MAX processes, and of
                     offspring by n_bunches + slot; `what` is the process */
    offspring_t *offspring;
    size_t offspring_capacity;
    uint32_t n_offspring, free_offspring; /* slots in use so far; the first free one, OFFSPRING_NONE */
    int n_days;

    struct {              /* of trade; without it nothing */
        double *flow;     /* [2 n_ties] in long-run standard deviations; of flows */
        double *actor;    /* [n_actors] and of actors */
        double *sd, *usd; /* [2 n_ties] standard deviation, and the figure from which it was computed */
        noise_t sd_by;    /* by these parameters */
        uint64_t *keys;   /* [n_actors] of the draws at hand */
        double at;        /* the time to which it has been drawn */
    } noise;

    agenda_t agenda;
    diary_t diary;
    uint64_t *calendar_rank;                     /* [n_calendar] of the id in alphabetical order */
    int *calendar_by_rank;                       /* [n_calendar] */
    int32_t *history_row;                        /* [n_history] */
    int32_t *calendar_row;                       /* [n_calendar] */
    int n_observed, most_then, *observed, *seen; /* entries in the order of their times */
    int *reply_of, *replies_to; /* [n_calendar] to an observed invitation its reply, and the reverse; -1 */
    int *n_answers;             /* [n_calendar] */
    answer_t *answers;          /* [n_calendar][n_actors] the first n_answers of each, of each actor one */
    rules_t rules;
    party_t party; /* of the event in hand */
    bool *cancels; /* [n_kinds] cancels pending consequences */

    int n_saved;
    size_t saved_capacity;
    saved_t *saved;

    int n_courses;        /* of the replicate at hand */
    int room_courses;     /* as many have been made */
    course_t *courses;    /* [room_courses] the first is the root's */
    course_set_t all;     /* those of the replicate at hand */
    course_set_t acting;  /* those for which what is done now is done */
    course_set_t *owners; /* [n_blocks] the courses whose own it is */
    course_set_t owning;  /* that have any block of their own */
    int n_blocks;
    block_class_t blocks[BLOCK_TYPES];
    int n_arrays;
    array_t arrays[ARRAYS_MAX];
    int array_of_processes, array_of_present;
    int *read_blocks; /* [n_read_blocks] of all actors, then the market: needed to read any tie; there is room
                         for ties and more actors */
    int n_read_blocks;
    footprint_t footprint;
    added_t *adding; /* what the acting courses add goes down there too, NULL */
    struct {         /* the earliest candidate of all courses but the root */
        bool known;
        int course;
        double time;
    } own_next;
    heap_t *bunches; /* where candidates are queued: `queue` or that of a course */
    log_t *log;      /* the root's, of all courses */

    int n_branches, n_taken; /* of the replicate at hand; the first ones are behind it */
    const branch_t *branches;
    uint64_t branch;                         /* the key of the last one taken, 0: none */
    double offspring_after, offspring_until; /* those outside are not of the branch at hand */
    struct {
        double end;   /* the event is decided then at the latest */
        double value; /* the largest since the last moment */
        bool hit;     /* the event's state has been beyond its threshold */
    } watched;

    const observation_t *observation;
    stop_t stop;
    int64_t n_anew;     /* events that courses other than the root have simulated for themselves */
    uint32_t unchecked; /* what the steps since the last check might have looked at (check.h) */
    int64_t most_events;
    bool over; /* there are more */
    int next_time, next_metric, n_readings, next_reading;
    reading_t *readings;
    int64_t stalled; /* events in a row at one moment */
    int failed;      /* an error code met where none could be returned */
};

/* ---- courses.c ---- */
int courses_make(engine_t *self, int n); /* room for so many */
void courses_free(engine_t *self);
void courses_begin(engine_t *self, int n); /* all as the root */
static inline void courses_act(engine_t *self, course_set_t acting) {
    self->acting = self->agenda.acting = self->diary.acting = acting;
}
static inline int block_of_tie(const engine_t *self, int tie) {
    return self->blocks[BLOCK_TIE].first + tie;
}
static inline int block_of_actor(const engine_t *self, int actor) {
    return self->blocks[BLOCK_ACTOR].first + actor;
}
/* The block that a process belongs to, -1 if none: a group's. */
static inline int block_of_process(const engine_t *self, const process_t *process) {
    const kind_state_t *kind = &self->kinds[process->kind];
    if (kind->scope == SCOPE_GROUP) return -1;
    if (kind->scope == SCOPE_ACTOR) return block_of_actor(self, process->site);
    return block_of_tie(self, kind->scope == SCOPE_DIRECTED ? process->site / 2 : process->site);
}
bool course_has_present(const engine_t *self, int course, int actor); /* whether the actor is there */
void courses_find_next(engine_t *self); /* the earliest candidate of those that are not the root */
static inline int block_of_entry(const engine_t *self, int entry) {
    return self->blocks[BLOCK_ENTRY].first + entry;
}
static inline int block_of_market(const engine_t *self) { /* -1: there is none */
    return self->world.market ? self->blocks[BLOCK_MARKET].first : -1;
}
static inline int block_of_rule(const engine_t *self, int slot) { /* counts first, then interventions */
    return self->blocks[BLOCK_RULE].first + slot;
}
void course_take(engine_t *self, int course, int block); /* its own from now on, as it is */
/* Until it leaves, the course acts on its own blocks and on copies of the listed blocks of the root (NULL:
 * of all). */
void course_enter(engine_t *self, int course, int n, const int *blocks);
void course_leave(engine_t *self, int course);
/* The root's process, if the acting course has no process of its own there. */
void course_copy_process(engine_t *self, int course, uint32_t process);
/* Gives up those of its blocks that are equal to the root's again, and finds the candidates of the others.
 * `rates`: computes their rates again. */
void course_settle(engine_t *self, int course, int n, const int *blocks, bool rates);

/* ---- footprint.c ---- */
void footprint_find(engine_t *self, const due_t *due);
course_set_t footprint_diaries(const engine_t *self); /* those in which a diary is not the root's */

/* ---- merge.c ---- */
void merge_begin(engine_t *self, int course);
void merge_end(engine_t *self, int course);
void merge_added(engine_t *self, int course);
int merge_note_offspring(engine_t *self, uint32_t slot);

/* ---- due.c ---- */
double due_time(const engine_t *self);     /* of what comes next, INFINITY */
void due_find(engine_t *self, due_t *due); /* what is due now; of it only candidates stay in their queue */
/* A candidate is due: it is an event iff its height is below the baseline intensity. `moves_on`: its process
 * continues with its next point. */
int due_try(engine_t *self, process_t *process, bool moves_on);
/* Processes anything due, in the acting courses. */
int due_take(engine_t *self, const due_t *due, bool moves_on);

/* ---- step.c ---- */
int step_take(engine_t *self, const due_t *due); /* in all courses in which it is */

/* ---- process.c ---- */
int processes_init(engine_t *self);
/* Whether every event type to which the settings give a baseline rate has processes; if not, processes_init
 * makes them. */
bool processes_suffice(engine_t *self, int n_settings, const setting_t *settings);
void processes_free(engine_t *self);
static inline site_actors_t process_actors(const engine_t *self, const process_t *process) {
    return self->regions[self->kinds[process->kind].scope].actors[process->site];
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
void processes_refresh(engine_t *self); /* computes rates with sampled statistics again */
void process_read_rate(engine_t *self, process_t *process);
/* The scales of the measures, from the parameters and the state at the start. */
void processes_scale(engine_t *self);

/* ---- candidate.c ---- */
void processes_reset(engine_t *self);      /* forgets candidates and offspring */
void processes_find_empty(engine_t *self); /* of those with a rate, at the start of a replicate */
/* Updates the candidates at a site for the bounds of its processes, which may have risen above the level of
 * the last search. */
void site_bind(engine_t *self, scope_t scope, int site);
/* The same after any change and for any queue; `rates`: computes their rates again. */
void site_rebind(engine_t *self, scope_t scope, int site, bool rates);
void site_forget(engine_t *self, scope_t scope, int site); /* what it has in `others` */
void site_queue(engine_t *self, scope_t scope, int site);  /* puts all of its bunches in the queue */
/* Its candidate (`high` or `low`) has been processed: finds the next one. */
void process_next(engine_t *self, process_t *process, bool high);
void process_make_room(engine_t *self, const process_t *process); /* its `room`, from its rate and ceiling */
void processes_bind_all(engine_t *self);
void processes_renew(engine_t *self);                        /* all candidates anew, after a branch */
void processes_forget_others(engine_t *self, scope_t scope); /* all that is kept in `others` */
void processes_bind_dirty_sites(engine_t *self);
static inline void processes_bind_dirty(engine_t *self) {
    if (self->dirty_ties.n + self->dirty_actors.n > 0) processes_bind_dirty_sites(self);
}
void tie_changed(engine_t *self, int tie); /* the state of a tie (an actor and all its ties) has changed */
void actor_changed(engine_t *self, int actor);
void count_changed(engine_t *self, int kind, int tie); /* an event of the kind has been counted on it */
void condition_changed(engine_t *self, int condition,
                       int site); /* a condition there: the tie's, the actor's */
static inline void view_forget(engine_t *self) {
    self->view.tie = -1;
}

/* ---- intensity.c ---- */
void intensity_prepare(engine_t *self, int kind); /* the lazy part of its predictor */
/* Season times availability: the factor of its baseline rate, which also decides on its offspring. */
double process_factor(const engine_t *self, const process_t *process, double now);
/* Its baseline rate per day without that factor; and the log of an upper bound of it until the next effect
 * on its site. */
double process_base(engine_t *self, const process_t *process, double now);
double process_log_bound(engine_t *self, const process_t *process, double now);
/* The tie's state, and how far it may go without a further effect, are those in `view`. */
void process_view_take(engine_t *self, int tie, double now);
/* An upper bound of the contribution of statistics other than strength and alignment to the log of its
 * baseline rate. */
double process_others(engine_t *self, const process_t *process, double now);

/* ---- excite.c ---- */
/* Records a pair that an event brings together: it excites, and enters decayed counts and quantities. */
int touch_record(engine_t *self, const touch_t *touch, double value_usd, bool success);
/* Takes the offspring at the top of the queue out of it. */
offspring_t offspring_pop(engine_t *self);
void offspring_drop(engine_t *self, uint32_t slot);
#define OFFSPRING_NONE UINT32_MAX

/* ---- happen.c ---- */
/* What is drawn for an event, or given. */
typedef struct {
    int level, success, sector;
    double value_usd;
} marks_t;

/* The event occurs now; `item` is its item in the agenda (AGENDA_NONE if it has none). Returns its row in
 * the log (ROW_NONE without a log) or an error, which is below ROW_NONE. */
int happen_now(engine_t *self, const event_plan_t *plan, uint32_t item);
int happen_not(engine_t *self, const event_plan_t *plan,
               status_t status); /* only its row: moved, cancelled */

/* ---- effect.c ---- */
double effect_gain(const engine_t *self, const event_plan_t *plan, const marks_t *marks); /* g */
/* Strength and trade on the tie of a pair; the change of strength. */
double effect_on_pair(engine_t *self, const kind_t *kind, int i, int j, double g, bool success);
/* Spillover of g to third parties: to the ties of an event's target with the initiator's friends and rivals;
 * in an event with participants to those of either actor of each pair (`both_ways`). */
int effect_spill(engine_t *self, const kind_t *kind, const party_t *party, double g, bool both_ways);
int effect_deal(engine_t *self, const event_plan_t *plan, const kind_t *kind, double value_usd);
int effect_on_state(engine_t *self, const event_plan_t *plan, const kind_t *kind);
void effect_tariff(engine_t *self, const tariff_t *tariff); /* begins now, whatever its time */
/* Names a spell of a condition that no event started: by its declaration and its place. */
uint64_t effect_spell_token(const engine_t *self, const condition_start_t *start, const char *declared_by);
/* A spell of a condition on a site begins (or began, before the start). If it has a duration its end is
 * drawn; if it is known to hold now, the draw is conditional on an end in the future. */
int effect_begin_condition(engine_t *self, int condition, int site, double since, uint64_t token, bool holds);
/* It ends; with a token (not 0) only the spell of that name. */
void effect_end_condition(engine_t *self, int condition, int site, double since, uint64_t token);

/* ---- calendar.c ---- */
int calendar_schedule(engine_t *self); /* everything dated, in the variant at hand */
/* A dated event as a plan; `known` for one of the history. */
event_plan_t calendar_plan(const engine_t *self, int entry, bool known);
/* The dated event that the plan is of, NULL if of none. */
static inline const calendar_entry_t *calendar_entry_of(const engine_t *self, const event_plan_t *plan) {
    if (plan->entry < 0) return NULL;
    return plan->known ? &self->model->history[plan->entry] : &self->model->calendar[plan->entry];
}
/* The actor mediates between the two; -1 if it is one of them, or it is no event of two. */
int calendar_mediator(const engine_t *self, const event_plan_t *plan, int actor);
/* The mediator that its type names, as above. */
int calendar_usual_mediator(const engine_t *self, const event_plan_t *plan);
bool calendar_occurs(const engine_t *self, const event_plan_t *dated); /* draws whether it takes place */
/* Whether a calendar entry is another one, or a stop or part of it. */
static inline bool calendar_is_part(const model_t *model, int entry, int whole) {
    while (entry >= 0 && entry != whole) entry = model->calendar[entry].parent;
    return entry >= 0;
}
/* Events of an undirected dyad: the first by name takes the initiator's roles. */
void calendar_settle_roles(const engine_t *self, event_plan_t *plan);

/* ---- leaders.c ---- */
bool leaders_needed(const engine_t *self, const event_plan_t *plan);
int leaders_place(
    const event_plan_t *plan); /* where it is: the host's, or the target's whom the initiator visits */
/* The days of an event of that length that begins at `time`. */
static inline void event_days(double time, double length, int *first, int *last) {
    *first = (int)floor(time);
    *last = *first + (length > 1 ? (int)ceil(length) : 1) - 1;
}
void leaders_days(const engine_t *self, const event_plan_t *plan, int *first, int *last);
bool leaders_free(const engine_t *self, const event_plan_t *plan); /* initiator and target, on its days */
bool leaders_free_one(const engine_t *self, const event_plan_t *plan, int actor);
/* Whether all engagements that conflict with the event for this actor have not begun and have lower
 * precedence. */
bool leaders_can_clear(const engine_t *self, const event_plan_t *plan, int actor);
/* The actor (-1: none) is occupied on the event's days; `item` is that of the agenda while the event is
 * scheduled. */
int leaders_book(engine_t *self, const event_plan_t *plan, int actor, uint32_t item);
/* From now on the leaders of its participants are occupied on its days, and no other leader is for `item`.
 * */
int leaders_occupy(engine_t *self, const event_plan_t *plan, const party_t *party, uint32_t item);

/* ---- schedule.c ---- */
/* Schedules the event; if a needed leader is occupied, the event of lower precedence is moved. */
int schedule_event(engine_t *self, const event_plan_t *plan, bool moved);
/* Moves the conflicting events of lower precedence to another day, and occupies the actor's days for the
 * event. */
int schedule_clear(engine_t *self, const event_plan_t *plan, int actor, uint32_t item);
uint32_t schedule_pending(const engine_t *self, int entry); /* its item in the agenda, AGENDA_NONE */
/* An event of the kind on the dyad: the pending consequences that it cancels. */
int schedule_cancel(engine_t *self, int kind, int i, int j);
int schedule_refresh(engine_t *self); /* the next one */

/* ---- follow.c ---- */
int follow_from(engine_t *self, const event_plan_t *plan, const party_t *party, int32_t row, when_t when,
                double value_usd);
int follow_invite(engine_t *self, const event_plan_t *plan, int32_t row); /* its reply is to come */

/* ---- reply.c ---- */
int reply_now(engine_t *self, const item_t *item);
/* The first (by its key) of the invitations to a dated summit whose reply is pending in any of the courses;
 * AGENDA_NONE if there is none. */
uint32_t reply_next_due(const engine_t *self, int summit, course_set_t courses);
/* The role in which the actor is expected at the summit in the present state: member, guest, or (ROLE_N)
 * none. */
role_t reply_awaited_as(const engine_t *self, const event_plan_t *summit, int actor);

/* ---- params.c ---- */
/* Those of a replicate: draws, the settings of the run, followers, the variant's. */
int params_begin(engine_t *self, int n_settings, const setting_t *settings);
int params_set(engine_t *self, int param, double value); /* until the end of the replicate */
void params_restore(engine_t *self);

/* ---- intervene.c ---- */
int intervene_schedule(engine_t *self); /* those of the variant at hand */
int intervene_now(engine_t *self, const item_t *item);
/* At present, in any course; the footprint holds what decides on it. */
bool intervene_acts(engine_t *self, int intervention);

/* ---- quantities.c ---- */
int quantities_prepare(engine_t *self); /* the readings of a replicate, in the order of their times */
void quantities_start(engine_t *self);
void quantities_until(engine_t *self, double until);
void quantities_event(engine_t *self, const event_plan_t *plan, double value_usd, bool success);
void quantities_pair(engine_t *self, const touch_t *touch, double value_usd, bool success);
void quantities_end(const model_t *model, result_t *result);
double quantities_state(const engine_t *self, const quantity_t *quantity, double t); /* of a state */
void quantity_ties(const quantity_t *self, int n_ties, bool *wanted); /* adds those that it names */

/* ---- noise.c ---- */
int noise_init(engine_t *self);
void noise_start(engine_t *self);   /* from the date of the figures to the start */
void noise_advance(engine_t *self); /* to now, for all courses; once a moment */

/* ---- observe.c ---- */
void observe_start(engine_t *self);
void observe_end(engine_t *self);
void observe_until(engine_t *self, double until); /* everything due before `until` */
void observe_count(engine_t *self, int kind);     /* one event more */
/* A course acts while it is read: on its own state, the market, and of these ties those where it is not the
 * root, with their actors (-1: on everything). false: it is the root on all of them, and does not act. */
bool observe_as(engine_t *self, int course, int n_ties, const int *ties);
void observe_change(engine_t *self, state_change_type_t type, int which, int site, double time);
void observe_no_more(engine_t *self, int course);
/* The course has no state of its own there, or for its trade on the market. */
bool observe_is_roots(const engine_t *self, int course, int tie);

#endif
