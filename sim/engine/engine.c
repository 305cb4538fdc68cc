#include "engine/check.h"
#include "engine/event/observed.h"
#include "engine/event/rules.h"
#include "engine/path.h"
#include "engine/watch.h"

#include "base/mem.h"
#include "model/renamed.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More steps than this at one moment, plus one for each pair of actors (all may meet at a summit), mean that
 * the clock no longer advances. */
enum { STALLED_MAX = 100000 };

/* ---- life ------------------------------------------------------------------------------------------- */

static int allocate(engine_t *self) {
    const model_t *model = self->model;
    size_t actors = (size_t)model->n_actors + 1, kinds = (size_t)model->n_kinds + 1;
    size_t entries = (size_t)model->n_calendar + 1;
    self->actor_keys = mem_alloc(actors, sizeof *self->actor_keys);
    self->kind_keys = mem_alloc(kinds, sizeof *self->kind_keys);
    self->by_name = mem_alloc(actors, sizeof *self->by_name);
    self->calendar_rank = mem_alloc(entries, sizeof *self->calendar_rank);
    self->calendar_by_rank = mem_alloc(entries, sizeof *self->calendar_by_rank);
    self->calendar_row = mem_alloc(entries, sizeof *self->calendar_row);
    self->history_row = mem_alloc((size_t)model->n_history + 1, sizeof *self->history_row);
    self->n_answers = mem_alloc(entries, sizeof *self->n_answers);
    self->answers = mem_alloc(entries * (size_t)model->n_actors, sizeof *self->answers);
    self->party.who = mem_alloc(actors, sizeof *self->party.who);
    self->cancels = mem_alloc(kinds, sizeof *self->cancels);
    self->rate_is_set = mem_alloc(kinds, sizeof *self->rate_is_set);
    if (!self->actor_keys || !self->kind_keys || !self->by_name || !self->calendar_rank ||
        !self->calendar_by_rank || !self->calendar_row || !self->history_row || !self->n_answers ||
        !self->answers || !self->party.who || !self->cancels || !self->rate_is_set)
        return ERR_NOMEM;
    return 0;
}

static void hash_names(engine_t *self) {
    const model_t *model = self->model;
    for (int i = 0; i < model->n_actors; i++) self->actor_keys[i] = rng_key_text(0, model->actors[i].name);
    for (int k = 0; k < model->n_kinds; k++) self->kind_keys[k] = rng_key_text(1, model->kinds[k].name);
}

static int by_name(const void *x, const void *y, void *actors) {
    const actor_t *all = actors;
    return strcmp(all[*(const int *)x].name, all[*(const int *)y].name);
}

static void rank_actors(engine_t *self) {
    int n = self->model->n_actors;
    for (int i = 0; i < n; i++) self->by_name[i] = i;
    if (n) qsort_r(self->by_name, (size_t)n, sizeof *self->by_name, by_name, self->model->actors);
}

/* How many entries it is a part of, each to be withdrawn with the next. */
static int depth_of(const calendar_entry_t *calendar, int entry) {
    int depth = 0;
    for (; calendar[entry].withdrawn; entry = calendar[entry].parent) depth++;
    return depth;
}

/* By id; what is withdrawn with another entry comes after it. */
static int by_id(const void *x, const void *y, void *entries) {
    const calendar_entry_t *calendar = entries;
    int a = *(const int *)x, b = *(const int *)y, down = depth_of(calendar, a) - depth_of(calendar, b);
    for (int n = down; n > 0; n--) a = calendar[a].parent;
    for (int n = down; n < 0; n++) b = calendar[b].parent;
    if (a == b) return down;
    while (calendar[a].withdrawn && calendar[a].parent != calendar[b].parent)
        a = calendar[a].parent, b = calendar[b].parent;
    return strcmp(calendar[a].id, calendar[b].id);
}

static void rank_calendar(engine_t *self) {
    const model_t *model = self->model;
    for (int e = 0; e < model->n_calendar; e++) self->calendar_by_rank[e] = e;
    if (model->n_calendar)
        qsort_r(self->calendar_by_rank, (size_t)model->n_calendar, sizeof *self->calendar_by_rank, by_id,
                model->calendar);
    for (int r = 0; r < model->n_calendar; r++) self->calendar_rank[self->calendar_by_rank[r]] = (uint64_t)r;
}

/* Processes and the scales of their measures, from the parameters as the model has them. */
static int build_processes(engine_t *self) {
    int ret = 0;
    courses_free(self);
    self->now = 0;
    TRY(processes_init(self));
    TRY(courses_make(self, 1));
    courses_begin(self, 1);
    world_prepare(&self->world);
    world_reset(&self->world);
    world_refresh(&self->world, 0);
    processes_prepare(self);
    processes_reset(self);
    processes_scale(self);
out:
    return ret;
}

int engine_init(engine_t **out_engine, model_t *model, uint64_t seed) {
    int ret = 0;
    engine_t *self = mem_alloc(1, sizeof *self);
    *out_engine = NULL;
    if (!self) return ERR_NOMEM;
    self->model = model;
    self->seed = rng_key_number(0, seed);
    TRY(allocate(self));
    TRY(rules_init(self));
    TRY(quantities_prepare(self));
    hash_names(self);
    rank_actors(self);
    rank_calendar(self);
    TRY(observed_init(self));
    for (int k = 0; k < model->n_kinds; k++)
        for (int n = 0; n < model->kinds[k].n_then; n++)
            for (int c = 0; c < model->kinds[k].then[n].n_cancelled_by; c++)
                self->cancels[model->kinds[k].then[n].cancelled_by[c]] = true;
    TRY(world_init(&self->world, model));
    TRY(noise_init(self));
    TRY(agenda_init(&self->agenda));
    TRY(diary_init(&self->diary, model->n_actors));
    TRY(build_processes(self));
    *out_engine = self;
    return 0;
out:
    engine_free(self);
    return ret;
}

void engine_free(engine_t *self) {
    if (!self) return;
    processes_free(self);
    rules_free(self);
    observed_free(self);
    world_free(&self->world);
    agenda_free(&self->agenda);
    diary_free(&self->diary);
    courses_free(self);
    void *blocks[] = {
        self->actor_keys,   self->kind_keys,   self->by_name,     self->calendar_rank, self->calendar_by_rank,
        self->calendar_row, self->history_row, self->n_answers,   self->answers,       self->party.who,
        self->cancels,      self->readings,    self->saved,       self->rate_is_set,   self->noise.flow,
        self->noise.sd,     self->noise.usd,   self->noise.actor, self->noise.keys};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
    mem_free(self);
}

/* ---- the start -------------------------------------------------------------------------------------- */

static int add_state_change(engine_t *self, double time, item_type_t type, int group, int actor, bool on) {
    item_t item = {.type = type, .change = {actor, group, on}};
    if (!(time > 0 && time < self->model->horizon)) return 0;
    uint64_t order = (uint64_t)on << 48; /* leaving goes first: a spell may begin where another ends */
    return agenda_add(&self->agenda, time, CLASS_STATE, order, &item) == AGENDA_NONE ? ERR_NOMEM : 0;
}

static int add_tariff(engine_t *self, int n) {
    const tariff_t *tariff = &self->model->tariffs[n];
    item_t item = {.type = ITEM_TARIFF, .tariff = n};
    if (!(tariff->time > 0 && tariff->time < self->model->horizon)) return 0;
    uint64_t order = rng_key_text(0, tariff->name);
    return agenda_add(&self->agenda, tariff->time, CLASS_STATE, order, &item) == AGENDA_NONE ? ERR_NOMEM : 0;
}

/* Tariffs; spells of membership and presence that begin or end within the period; refreshes. */
static int schedule_changes(engine_t *self) {
    int ret = 0;
    const model_t *model = self->model;
    for (int g = 0; g < model->n_groups; g++)
        for (int m = 0; m < model->groups[g].n_members; m++) {
            const member_t *member = &model->groups[g].members[m];
            TRY(add_state_change(self, member->from, ITEM_MEMBERSHIP, g, member->actor, true));
            TRY(add_state_change(self, member->until, ITEM_MEMBERSHIP, g, member->actor, false));
        }
    for (int i = 0; i < model->n_actors; i++) {
        TRY(add_state_change(self, model->actors[i].from, ITEM_PRESENCE, -1, i, true));
        TRY(add_state_change(self, model->actors[i].until, ITEM_PRESENCE, -1, i, false));
    }
    for (int n = 0; n < model->n_tariffs; n++) TRY(add_tariff(self, n));
    if (model_refreshes(model)) TRY(schedule_refresh(self));
out:
    return ret;
}

static int live_history(engine_t *self) {
    int ret = 0;
    const model_t *model = self->model;
    for (int n = 0; n < model->n_condition_starts; n++) {
        const condition_start_t *start = &model->condition_starts[n];
        if (in_list(self->variant->n_without_ongoing, self->variant->without_ongoing, n)) continue;
        int site = condition_site(&model->conditions[start->condition], start);
        uint64_t token = effect_spell_token(self, start, "ongoing");
        TRY(effect_begin_condition(self, start->condition, site, start->since, token, true));
    }
    for (int n = 0; n < model->n_history; n++) {
        if (in_list(self->variant->n_without_history, self->variant->without_history, n)) continue;
        event_plan_t plan = calendar_plan(self, n, true);
        int parent = model->history[n].parent;
        plan.parent = parent >= 0 ? self->history_row[parent] : ROW_NONE;
        int32_t row = happen_now(self, &plan, AGENDA_NONE);
        if (row < ROW_NONE) return row;
        self->history_row[n] = row;
    }
out:
    return ret;
}

static int start(engine_t *self) {
    int ret = 0;
    const model_t *model = self->model;
    self->now = 0;
    self->stalled = 0;
    for (int e = 0; e < model->n_calendar; e++) {
        self->calendar_row[e] = ROW_NONE;
        self->n_answers[e] = 0;
    }
    memset(self->answers, 0, (size_t)(model->n_calendar * model->n_actors) * sizeof *self->answers);
    rules_start(self);
    agenda_clear(&self->agenda);
    diary_clear(&self->diary);
    world_prepare(&self->world);
    world_reset(&self->world);
    noise_start(self);
    observe_start(self);
    if (model->has_sampled) /* chances in the history and in the search for days may read samples */
        world_refresh(&self->world, 0);
    processes_prepare(self);
    processes_reset(self); /* before the history, which has offspring after the start */
    TRY(live_history(self));
    TRY(calendar_schedule(self));
    TRY(schedule_changes(self));
    TRY(intervene_schedule(self));
    world_refresh(&self->world, 0); /* with what the history has left: groups, conditions, deliveries */
    processes_refresh(self);
    processes_find_empty(self);
    processes_bind_all(self);
    sites_clear(&self->dirty_ties); /* by the history; all are bound */
    sites_clear(&self->dirty_actors);
out:
    return ret;
}

/* ---- the loop --------------------------------------------------------------------------------------- */

/* Prefetches the data that an event of the process will read and write, while the engine works on the first
 * of them. (Must be inlined: otherwise gcc finds that it has no effect and removes it.) */
__attribute__((always_inline)) static inline void fetch_site(const engine_t *self, const process_t *p) {
    const kind_state_t *state = &self->kinds[p->kind];
    if (state->scope > SCOPE_DYAD) return;
    int tie = state->scope == SCOPE_DIRECTED ? p->site / 2 : p->site;
    __builtin_prefetch(&self->world.ties[tie]);
    const region_t *region = &self->regions[state->scope];
    if (!(state->duties & DUTY_MOVES)) return;
    const float *room = self->room + region->first + p->site * region->n_kinds;
    for (int k = 0; k < region->n_kinds; k += (int)(CACHE_LINE / sizeof *room)) __builtin_prefetch(room + k);
    site_actors_t at = region->actors[p->site];
    __builtin_prefetch(&self->model->tie_of[at.i * self->model->n_actors + at.j]);
}

/* Prefetches the data of the entries that may come after the first one in the queue, its four children; and
 * the processes of their children, which may come after that. */
__attribute__((always_inline)) static inline void fetch_next(const engine_t *self) {
    const heap_entry_t *entries = self->queue.entries;
    uint32_t n = self->queue.n < 21 ? self->queue.n : 21;
    for (uint32_t k = 5; k < n; k++) __builtin_prefetch(&self->processes[entries[k].what]);
    for (uint32_t k = 1; k < 5 && k < n; k++) {
        const kind_state_t *state = &self->kinds[self->processes[entries[k].what].kind];
        __builtin_prefetch(state->streams);
        __builtin_prefetch((const char *)state->streams + CACHE_LINE);
        __builtin_prefetch(&self->next[entries[k].what]);
    }
    for (uint32_t k = 1; k < 5 && k < n; k++) fetch_site(self, &self->processes[entries[k].what]);
}

static void guard_clock(engine_t *self, double next) {
    self->stalled = next > self->now ? 0 : self->stalled + 1;
    int64_t n = self->model->n_actors;
    if (self->stop == STOP_NONE && self->stalled > STALLED_MAX + n * n) self->stop = STOP_CLOCK;
}

static void guard_market(engine_t *self) {
    if (self->stop == STOP_NONE && self->world.unbalanced) self->stop = STOP_MARKET;
}

static void guard_events(engine_t *self) {
    if (self->stop == STOP_NONE && self->over) self->stop = STOP_EVENT_CAP;
}

static int take_due(engine_t *self) {
    due_t due;
    due_find(self, &due);
    return step_take(self, &due);
}

/* Processes what is due now. Nearly all items are candidates; those of a single course take a shorter way. */
static inline int take(engine_t *self) {
    const heap_entry_t *next = heap_top(&self->queue);
    if (self->n_courses > 1 || agenda_time(&self->agenda) <= self->now || next->id >= self->n_bunches)
        return take_due(self);
    int ret = due_try(self, &self->processes[next->what], true);
    processes_bind_dirty(self);
    return ret;
}

/* When something comes next. Before the clock moves on, the moment is over for what watches it, and branches
 * from it are taken. */
static double next_moment(engine_t *self) {
    double next = due_time(self);
    const watch_t *watch = self->observation->watch;
    if (!(next > self->now) || (!watch && self->n_taken == self->n_branches)) return next;
    if (watch) watch_look(self, self->now);
    if (watch && watch_moment(self)) return INFINITY;
    while (path_take(self, next)) next = due_time(self);
    if (!watch) return next;
    watch_look(self, fmin(next, self->watched.end));
    return next > self->watched.end ? INFINITY : next;
}

/* Takes the next item, advances the clock, processes the item, until none is left before the horizon. */
static int loop(engine_t *self) {
    int ret = 0;
    guard_market(self);
    while (self->stop == STOP_NONE) {
        if (!self->own_next.known) courses_find_next(self);
        double next = next_moment(self);
        if (!(next < self->model->horizon)) break;
        if (self->is_large) fetch_next(self);
        observe_until(self, next);
        guard_clock(self, next);
        if (self->stop != STOP_NONE) break;
        self->now = next;
        TRY(take(self));
        guard_events(self);
        guard_market(self);
        if (self->stop != STOP_NONE) break;
        CHECKED(check_step(self));
    }
    if (self->stop == STOP_NONE) self->now = self->model->horizon;
    observe_until(self, INFINITY);
    CHECKED(check_end(self));
    observe_end(self);
    if (self->observation->watch) watch_end(self);
out:
    return ret;
}

/* ---- replicates ------------------------------------------------------------------------------------- */

/* The courses of a replicate, each of the variant and into the result that are its own. */
static int run(engine_t *self, uint32_t replicate, int n_settings, const setting_t *settings,
               const observation_t *observation) {
    int ret = 0;
    self->replicate = replicate;
    self->variant = self->courses[0].variant;
    self->observation = observation;
    self->log = &self->courses[0].result->log;
    self->stop = STOP_NONE;
    self->over = false;
    self->most_events = self->model->event_cap < 0x1p62 ? (int64_t)floor(self->model->event_cap) : INT64_MAX;
    self->failed = 0;
    path_begin(self);
    TRY(params_begin(self, n_settings, settings));
    TRY(start(self));
    if (observation->watch) watch_begin(self);
    TRY(loop(self));
    TRY(self->failed);
out:
    params_restore(self);
    return ret;
}

static const variant_t *variant_of(const engine_t *self, int variant) {
    static const variant_t base = {.name = "base"};
    return self->model->n_variants ? &self->model->variants[variant] : &base;
}

/* Makes processes for every event type to which the settings give a baseline rate, and room for this number
 * of courses. */
static int make_ready(engine_t *self, int n_settings, const setting_t *settings, int n_courses) {
    int ret = 0;
    if (!processes_suffice(self, n_settings, settings)) {
        processes_free(self);
        TRY(build_processes(self));
    }
    TRY(courses_make(self, n_courses));
    courses_begin(self, n_courses);
out:
    return ret;
}

int engine_run(engine_t *self, uint32_t replicate, int variant, int n_settings, const setting_t *settings,
               const observation_t *observation, result_t *result) {
    int ret = make_ready(self, n_settings, settings, 1);
    if (ret < 0) return ret;
    self->courses[0].variant = variant_of(self, variant);
    self->courses[0].result = result;
    return run(self, replicate, n_settings, settings, observation);
}

/* The variants from `first` on that can be simulated as differences from the first of them, as far as there
 * is room; *end is the one after the last. */
static int take_courses(engine_t *self, int first, int n, const int *variants, result_t *results, int *end) {
    int taken = 0;
    for (*end = first; *end < n && taken < COURSES_MAX; ++*end) {
        const variant_t *variant = variant_of(self, variants[*end]);
        if (!variant_is_difference(self->model, variant)) continue;
        self->courses[taken].variant = variant;
        self->courses[taken++].result = &results[*end];
    }
    return taken;
}

int engine_run_all(engine_t *self, uint32_t replicate, int n, const int *variants, int n_settings,
                   const setting_t *settings, const observation_t *observation, result_t *results) {
    int ret = 0;
    self->n_anew = 0;
    for (int from = 0, end; from < n; from = end) {
        TRY(make_ready(self, n_settings, settings, n < COURSES_MAX ? n : COURSES_MAX));
        int taken = take_courses(self, from, n, variants, results, &end);
        if (taken > 1) {
            courses_begin(self, taken);
            TRY(run(self, replicate, n_settings, settings, observation));
        }
        bool done = taken > 1 && self->stop == STOP_NONE; /* else each tells for itself when it stops */
        const result_t *root = taken > 1 ? self->courses[0].result : NULL;
        for (int v = from; v < end; v++) {
            bool alone = !done || !variant_is_difference(self->model, variant_of(self, variants[v]));
            if (alone)
                TRY(engine_run(self, replicate, variants[v], n_settings, settings, observation, &results[v]));
            if (v > 0 && (alone || &results[v] == root)) self->n_anew += results[v].n_events;
        }
    }
out:
    return ret;
}

void engine_branch(engine_t *self, int n, const branch_t *branches) {
    self->n_branches = n;
    self->branches = branches;
}

int64_t engine_anew(const engine_t *self) {
    return self->n_anew;
}
