/* What the files of the naive simulator share: its state, as lists of all that happened, and its functions.
 */
#ifndef ENTENTE_VERIFY_NAIVE_INTERNAL_H
#define ENTENTE_VERIFY_NAIVE_INTERNAL_H

#include "naive.h"

#include "points.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Growable arrays that may abort: this is a test. */
#define PUSH(list, n, ...)                                                                                \
    do {                                                                                                  \
        if (((n) & ((n)-1)) == 0) (list) = realloc((list), ((n) ? 2 * (size_t)(n) : 1) * sizeof *(list)); \
        assert(list);                                                                                     \
        (list)[(n)++] = __VA_ARGS__;                                                                      \
    } while (0)

typedef struct { /* an event that will happen, with what is known of it */
    int kind, initiator, target, group;
    double time;
    uint64_t key;
    cause_t cause;
    int parent, entry, to, level, success, sector;
    forced_reply_t reply;
    double value_usd, days, expires;
    const consequence_t *from;
    bool known, aside;
    int mediator; /* -1: none */
} event_t;

/* Of an event of which no more is given than its kind, parties, time and identity. */
#define NOT_GIVEN                                                                                      \
    .entry = -1, .mediator = -1, .to = -1, .level = -1, .success = -1, .sector = -1, .value_usd = NAN, \
    .days = NAN

typedef enum {
    DO_EVENT,
    DO_CANCELLED,
    DO_REPLY,
    DO_CONDITION_END,
    DO_MEMBERSHIP,
    DO_PRESENCE,
    DO_INTERVENTION,
    DO_REFRESH,
    DO_TARIFF
} todo_type_t;

typedef struct {
    todo_type_t type;
    double time;
    int klass; /* order on one moment, then `order`, then `number` */
    uint64_t order;
    int number;
    bool done;
    event_t event;
    int a, b, row;
    bool on;
    uint64_t token;
} todo_t;

typedef struct {
    int kind, i, j, group;
    uint64_t key;
    double scale;
    spot_t *spots;
    size_t n, next;
} process_t; /* of a kind at a place: all points of its measure */

typedef struct {
    int row, kind, i, j, group;
    bool mutual;
    double time, weight;
    uint64_t key;
    bool undirected; /* set by meet */
} meeting_t;

typedef struct { /* what an event may bring about by excitation */
    double time, height, mean;
    uint64_t key;
    int process, parent;
    bool done;
} expected_t;

typedef struct { /* to an invitation to a dated summit */
    int entry, actor;
    bool yes;
} answer_t;

typedef struct { /* on a tie: a bump, or a new long-run level */
    double time;
    int tie;
    bool is_bump;
    double g, lasting, b0;
} effect_t;

typedef struct {
    double time;
    int flow, kind;
    double size;
} shock_t;

typedef struct {
    double from, until;
    int flow;
    double usd;
} stream_t;

typedef struct { /* a tariff that was set */
    double time;
    int flow;
    double rate, phase_in;
} levy_t;

typedef struct {
    double time;
    int condition, site;
    bool on;
    uint64_t token;
} switch_t;

typedef struct {
    int actor, place, first, last;
} engagement_t;

typedef struct { /* a parameter that was set in mid-run, and what it was before */
    double time;
    const double *where;
    double before;
} setting_made_t;

typedef struct {
    double s, b, b0, x[2];
} tie_now_t;

typedef struct { /* a replicate as it goes */
    model_t *m;
    uint64_t run_seed, key;
    uint32_t replicate;
    const variant_t *variant;
    const observation_t *observation;
    result_t *result;
    naive_report_t *report;
    double now;
    double cap;

    process_t *processes;
    int n_processes;
    meeting_t *meetings;
    int n_meetings;
    expected_t *expected;
    int n_expected;
    effect_t *effects;
    int n_effects;
    shock_t *shocks;
    int n_shocks;
    stream_t *streams;
    int n_streams;
    levy_t *tariffs;
    int n_tariffs, n_tariffs_at_start;
    double *multilateral, *noise, noise_at; /* [2 n_ties]; [2 n_ties + n_actors]; drawn up to then */
    switch_t *switches;
    int n_switches;
    engagement_t *engagements;
    int n_engagements;
    setting_made_t *settings;
    int n_settings;
    todo_t *todos;
    int n_todos;
    bool *present, *member; /* [n_actors], [n_groups][n_actors] */
    double *sampled;        /* [2 n_ties][STATISTIC_N] */
    int *history_row, *calendar_row, *calendar_todo;
    answer_t *answers; /* to invitations, in the order they were given */
    int n_answers;
    bool *acted; /* [n_interventions] those with a rule, once they have */
    int next_time;
    int mediator; /* of the event whose success is drawn, else -1 */
} naive_t;

typedef struct { /* who take part in an event */
    int n, actor[64];
    role_t role[64];
} people_t;

static inline double naive_unit(uint64_t key, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, key, purpose);
    return rng_stream_unit(&stream);
}

static inline double naive_draw(const dist_t *dist, uint64_t key, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, key, purpose);
    return dist_sample(dist, &stream);
}

static inline double naive_clamp(double v, double low, double high) {
    return v < low ? low : v > high ? high : v;
}

/* ---- naive_params.c ---- */

double naive_param_from(const naive_t *n, const double *where, double t);
double naive_next_setting(const naive_t *n, double t, double until);
double naive_half_lives(const naive_t *n, const double *half_life, double from, double to);
void naive_set(const model_t *m, const setting_t *setting);
void naive_set_params(naive_t *n);

/* ---- naive_ties.c ---- */

tie_now_t naive_tie_now(const naive_t *n, int e, double t);
void naive_bump_tie(naive_t *n, int tie, double g, double lasting);

/* ---- naive_conditions.c ---- */

bool naive_condition_on(const naive_t *n, int condition, int site);
bool naive_condition_on_tie(const naive_t *n, int condition, int tie);
double naive_condition_felt(const naive_t *n, int condition, int site, double t);
void naive_level_anew(naive_t *n, int e, double time);
void naive_start_condition(naive_t *n, int condition, int site, double time, uint64_t token);
void naive_end_condition(naive_t *n, int condition, int site, double time, uint64_t token);
/* An actor joins a group, or leaves it, with the conditions of its coalitions. */
void naive_set_member(naive_t *n, int group, int actor, bool on);
/* Whether its type's rule holds and its sender decides by itself. */
bool naive_may_take_place(const naive_t *n, const event_t *e);
void naive_declare_condition(naive_t *n, const condition_start_t *s, const char *by, double since,
                             bool holds);

/* ---- naive_trade.c ---- */

double naive_own_shift(const naive_t *n, int flow, double t); /* of its log, by its own tie */
double naive_trade(const naive_t *n, int flow, double t);
void naive_make_deal(naive_t *n, const event_t *e, double value);

/* ---- naive_market.c ---- */

double naive_tariff(const naive_t *n, int flow, double t);
double naive_trade_shift(const naive_t *n, int flow, double t); /* of its log, by all else */
double naive_noise(const naive_t *n, int flow);
void naive_set_tariff(naive_t *n, const tariff_t *tariff, double time, bool at_once);
void naive_change_tariff(naive_t *n, const event_t *e);
void naive_levy(naive_t *n, bool to_come);
void naive_clear_market(naive_t *n);

/* ---- naive_statistics.c ---- */

void naive_refresh(naive_t *n);
double naive_statistic(const naive_t *n, const term_t *term, int i, int j, double t);
double naive_predictor(const naive_t *n, const predictor_t *p, int i, int j, double t);
bool naive_chance(const naive_t *n, const chance_t *c, int i, int j, double u);

/* ---- naive_leaders.c ---- */

bool naive_takes_leaders(const kind_t *k, int level, bool aside);
bool naive_leaders_are_free(const naive_t *n, const kind_t *k, int i, int j, double t);
void naive_engage_leaders(naive_t *n, const event_t *e);

/* ---- naive_intensity.c ---- */

double naive_season(const model_t *m, const season_t *season, double t);
bool naive_may_be(const kind_t *k, int i, int j);
double naive_factor(const naive_t *n, int kind, int i, int j, double t);
double naive_intensity(const naive_t *n, int kind, int i, int j, double t);

/* ---- naive_processes.c ---- */

void naive_add_processes(naive_t *n, int strips);
void naive_measure_heights(naive_t *n, int strips);

/* ---- naive_excitation.c ---- */

void naive_meet(naive_t *n, meeting_t meeting);

/* ---- naive_agenda.c ---- */

void naive_put(naive_t *n, todo_t todo);
void naive_put_event(naive_t *n, const event_t *event);
int naive_next_todo(const naive_t *n);
void naive_cancel_pending(naive_t *n, const event_t *e);

/* ---- naive_people.c ---- */

int naive_who_initiates(const model_t *m, int kind, int i, int j);
uint64_t naive_pair_key(const model_t *m, uint64_t key, int i, int j); /* whichever comes first */
int naive_played_by(const event_t *e, role_t role);
people_t naive_who_comes(const naive_t *n, const event_t *e);

/* ---- naive_happen.c ---- */

void naive_not_held(naive_t *n, const event_t *e);
int naive_happen(naive_t *n, const event_t *e);

/* ---- naive_follow.c ---- */

void naive_follow(naive_t *n, const event_t *e, const people_t *people, int row, when_t when, double value);
void naive_sidelines(naive_t *n, const event_t *e, const people_t *people, int row);
void naive_reply(naive_t *n, const todo_t *todo);
bool naive_ask_again(naive_t *n, int entry); /* one of those asked; whether there was one */

/* ---- naive_calendar.c ---- */

int naive_mediator(const naive_t *n, const event_t *e, int actor); /* -1 if it is one of the two */
int naive_usual_mediator(const naive_t *n, const event_t *e);
event_t naive_entry_event(const naive_t *n, int index, bool known);
void naive_schedule_calendar(naive_t *n);
void naive_schedule_changes(naive_t *n);
void naive_intervene(naive_t *n, const todo_t *todo);
bool naive_intervenes(const naive_t *n, int intervention); /* in this variant */
int naive_by_place(const model_t *m, int a, int b); /* calendar entries by id, parts behind the whole */

/* ---- naive_rules.c ---- */

bool naive_rule_holds(const naive_t *n, const rule_t *r, const event_t *e);
void naive_schedule_rule(naive_t *n, int intervention);
void naive_look_at_rules(naive_t *n, int first_new_row);

#endif
