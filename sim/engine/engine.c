#include "engine/check.h"
#include "engine/internal.h"

#include "base/mem.h"
#include "model/renamed.h"
#include <stdlib.h>
#include <string.h>

/* So many steps at one moment, and one for each two actors, who may meet at one: the clock no longer
 * advances. */
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
    self->calendar_item = mem_alloc(entries, sizeof *self->calendar_item);
    self->calendar_row = mem_alloc(entries, sizeof *self->calendar_row);
    self->history_row = mem_alloc((size_t)model->n_history + 1, sizeof *self->history_row);
    self->n_answers = mem_alloc(entries, sizeof *self->n_answers);
    self->answers = mem_alloc(entries, sizeof *self->answers);
    self->party.who = mem_alloc(actors, sizeof *self->party.who);
    self->cancels = mem_alloc(kinds, sizeof *self->cancels);
    self->rate_is_set = mem_alloc(kinds, sizeof *self->rate_is_set);
    self->readings = mem_alloc((size_t)model->n_quantities + 1, sizeof *self->readings);
    if (!self->actor_keys || !self->kind_keys || !self->by_name || !self->calendar_rank ||
        !self->calendar_by_rank || !self->calendar_item || !self->calendar_row || !self->history_row ||
        !self->n_answers || !self->answers || !self->party.who || !self->cancels || !self->rate_is_set ||
        !self->readings)
        return ERR_NOMEM;
    for (int e = 0; e < model->n_calendar; e++)
        if (model->kinds[model->calendar[e].kind].summit.on &&
            !(self->answers[e] = mem_alloc(actors, sizeof **self->answers)))
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

static int by_id(const void *x, const void *y, void *entries) {
    const calendar_entry_t *calendar = entries;
    return strcmp(calendar[*(const int *)x].id, calendar[*(const int *)y].id);
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
    self->now = 0;
    TRY(processes_init(self));
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
    hash_names(self);
    rank_actors(self);
    rank_calendar(self);
    for (int k = 0; k < model->n_kinds; k++)
        for (int n = 0; n < model->kinds[k].n_then; n++)
            for (int c = 0; c < model->kinds[k].then[n].n_cancelled_by; c++)
                self->cancels[model->kinds[k].then[n].cancelled_by[c]] = true;
    TRY(world_init(&self->world, model));
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
    world_free(&self->world);
    agenda_free(&self->agenda);
    diary_free(&self->diary);
    for (int e = 0; self->answers && e < self->model->n_calendar; e++) mem_free(self->answers[e]);
    void *blocks[] = {self->actor_keys,       self->kind_keys,     self->by_name,      self->calendar_rank,
                      self->calendar_by_rank, self->calendar_item, self->calendar_row, self->history_row,
                      self->n_answers,        self->answers,       self->party.who,    self->cancels,
                      self->readings,         self->saved,         self->rate_is_set};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
    mem_free(self);
}

/* ---- parameters ------------------------------------------------------------------------------------- */

int set_param(engine_t *self, int param, double value) {
    if (ARRAY_RESERVE(self->saved, self->n_saved, self->saved_capacity) < 0) return ERR_NOMEM;
    self->saved[self->n_saved++] = (saved_t){param, *self->model->params[param].value};
    *self->model->params[param].value = value;
    return 0;
}

static void restore_params(engine_t *self) {
    while (self->n_saved > 0) {
        saved_t saved = self->saved[--self->n_saved];
        *self->model->params[saved.param].value = saved.value;
    }
}

/* An uncertain parameter's value in this replicate, whatever the variant; within its allowed range. */
static double draw_param(const engine_t *self, const uncertain_t *uncertain) {
    const param_t *param = &self->model->params[uncertain->param];
    uint64_t key = rng_key_text(rng_key_number(self->seed, self->replicate), "uncertain");
    rng_stream_t stream;
    rng_stream_init(&stream, renamed_draw(key, param->path), 0);
    return fmin(param->high, fmax(param->low, dist_sample(&uncertain->dist, &stream)));
}

static int set_params(engine_t *self, int n_settings, const setting_t *settings) {
    int ret = 0;
    const model_t *model = self->model;
    for (int u = 0; u < model->n_uncertain; u++) {
        int param = model->uncertain[u].param;
        self->result->draws[u] = draw_param(self, &model->uncertain[u]);
        TRY(set_param(self, param, self->result->draws[u]));
    }
    for (int n = 0; n < n_settings; n++) TRY(set_param(self, settings[n].param, settings[n].value));
    for (int f = 0; f < model->n_followers; f++) {
        const follower_t *follower = &model->followers[f];
        bool is_set = false;
        for (int n = 0; n < n_settings; n++) is_set |= settings[n].param == follower->param;
        if (!is_set) TRY(set_param(self, follower->param, *model->params[follower->of].value));
    }
    for (int u = 0; u < model->n_uncertain; u++) /* what a setting fixes is not drawn */
        self->result->draws[u] = *model->params[model->uncertain[u].param].value;
    for (int n = 0; n < self->variant->n_settings; n++)
        TRY(set_param(self, self->variant->settings[n].param, self->variant->settings[n].value));
out:
    return ret;
}

/* ---- the start -------------------------------------------------------------------------------------- */

static int add_state_change(engine_t *self, double time, item_type_t type, int a, int b, bool on) {
    item_t item = {.type = type, .a = a, .b = b, .amount = on};
    if (!(time > 0 && time < self->model->horizon)) return 0;
    uint64_t order = (uint64_t)on << 48; /* leaving goes first: a spell may begin where another ends */
    return agenda_add(&self->agenda, time, CLASS_STATE, order, &item) == AGENDA_NONE ? ERR_NOMEM : 0;
}

/* Spells of membership and presence that begin or end within the period; refreshes. */
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
        TRY(add_state_change(self, model->actors[i].from, ITEM_PRESENCE, i, -1, true));
        TRY(add_state_change(self, model->actors[i].until, ITEM_PRESENCE, i, -1, false));
    }
    item_t refresh = {.type = ITEM_REFRESH};
    if (model->has_sampled &&
        agenda_add(&self->agenda, model->dynamics.refresh, CLASS_REFRESH, 0, &refresh) == AGENDA_NONE)
        return ERR_NOMEM;
out:
    return ret;
}

static int live_history(engine_t *self) {
    int ret = 0;
    const model_t *model = self->model;
    for (int n = 0; n < model->n_condition_starts; n++) {
        const condition_start_t *start = &model->condition_starts[n];
        int site = model->conditions[start->condition].on_actor ? start->actor : start->tie;
        uint64_t token = spell_token(self, start, "ongoing");
        TRY(begin_condition(self, start->condition, site, start->since, token, true));
    }
    for (int n = 0; n < model->n_history; n++) {
        plan_t plan = plan_of_entry(self, n, true);
        int parent = model->history[n].parent;
        plan.parent = parent >= 0 ? self->history_row[parent] : -1;
        int32_t row = happen(self, &plan, AGENDA_NONE);
        if (row < -1) return row;
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
        self->calendar_item[e] = AGENDA_NONE;
        self->calendar_row[e] = -1;
        self->n_answers[e] = 0;
    }
    agenda_clear(&self->agenda);
    diary_clear(&self->diary);
    world_prepare(&self->world);
    world_reset(&self->world);
    TRY(observe_start(self));
    processes_reset(self);
    world_refresh(&self->world, 0);
    processes_prepare(self);
    processes_reset(self);
    TRY(live_history(self));
    TRY(schedule_calendar(self));
    TRY(schedule_changes(self));
    TRY(schedule_interventions(self));
    world_refresh(&self->world, 0);
    processes_refresh(self);
    processes_bind_all(self);
out:
    return ret;
}

/* ---- the loop --------------------------------------------------------------------------------------- */

/* Counts the pair where a statistic counts events of its kind. */
static void count_touch(engine_t *self, const touch_t *pair) {
    const kind_state_t *state = &self->kinds[pair->kind];
    int flow = pair->j < 0 || state->n_counters == 0 ? -1 : model_flow(self->model, pair->i, pair->j);
    if (flow < 0) return;
    for (int c = 0; c < state->n_counters; c++) {
        world_add_count(&self->world, state->counters[c], flow, pair->time);
        if (pair->undirected) world_add_count(&self->world, state->counters[c], flow ^ 1, pair->time);
    }
    tie_mark(self, flow / 2);
}

int touch(engine_t *self, const touch_t *pair, double value_usd, bool success) {
    if (pair->i < 0) return 0;
    if (pair->weight > 0 && touch_excite(self, pair) < 0) return ERR_NOMEM;
    count_touch(self, pair);
    if (pair->time >= 0) observe_pair(self, pair, value_usd, success);
    return 0;
}

/* Who convenes a group by itself: its chair of the day, else its first member, of those who are present. */
static int host_of(const engine_t *self, int g) {
    const group_t *group = &self->model->groups[g];
    for (int c = 0; c < group->n_chairs; c++)
        if (self->now >= group->chairs[c].from && self->now < group->chairs[c].until &&
            self->world.present[group->chairs[c].actor])
            return group->chairs[c].actor;
    for (int m = 0; m < group->n_members; m++) {
        int actor = group->members[m].actor;
        if (world_member(&self->world, g, actor) && self->world.present[actor]) return actor;
    }
    return -1;
}

/* The event of a process that happens now by itself; false where no host or no leader is free for it. */
static bool plan_here(const engine_t *self, const process_t *p, uint64_t key, plan_t *plan) {
    *plan = (plan_t){.kind = p->kind,
                     .time = self->now,
                     .key = key,
                     .cause = CAUSE_SPONTANEOUS,
                     .parent = -1,
                     .entry = -1,
                     .to = -1,
                     .level = -1,
                     .success = -1,
                     .sector = -1,
                     .value_usd = NAN,
                     .days = NAN,
                     .expires = INFINITY};
    place_t at = process_place(self, p);
    plan->initiator = at.i, plan->target = at.j, plan->group = at.group;
    if (plan->group < 0) return true;
    plan->initiator = host_of(self, plan->group);
    return plan->initiator >= 0 && (!needs_leaders(self, plan) || leaders_free(self, plan));
}

/* Fetches what an event of the process is about to read and write, while the first of it is worked on. (Not
 * inlined, gcc finds that it has no effect, and leaves it out.) */
__attribute__((always_inline)) static inline void fetch_site(const engine_t *self, const process_t *p) {
    const kind_state_t *state = &self->kinds[p->kind];
    if (state->scope > SCOPE_DYAD) return;
    int tie = state->scope == SCOPE_DIRECTED ? p->site / 2 : p->site;
    __builtin_prefetch(&self->world.ties[tie]);
    const region_t *region = &self->regions[state->scope];
    if (!(state->duties & DUTY_MOVES)) return;
    const float *room = self->room + region->first + p->site * region->n_kinds;
    for (int k = 0; k < region->n_readers; k += (int)(CACHE_LINE / sizeof *room))
        __builtin_prefetch(room + region->readers[k].slot);
    place_t at = region->places[p->site];
    __builtin_prefetch(&self->model->tie_of[at.i * self->model->n_actors + at.j]);
}

/* Fetches what comes after the first in the queue, one of its four children or what follows from it; and of
 * their children, which may be the next but one, the process. */
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

/* A candidate's time has come: it is an event iff it lies below the base intensity. */
static int try_candidate(engine_t *self, process_t *p) {
    bool high = p->high.time < p->low.time;
    point_t point = high ? p->high : p->low;
    double factor = process_factor(self, p, self->now);
    plan_t plan;
    uint64_t time_bits;
    memcpy(&time_bits, &point.time, sizeof time_bits);
    bool happens =
        point.height < factor * process_base(self, p, self->now) &&
        plan_here(self, p, rng_key_number(rng_key_number(p->key, self->replicate), time_bits), &plan);
    int32_t row = happens ? happen(self, &plan, AGENDA_NONE) : 0;
    process_next(self, p, high); /* after what the event does to its bound */
    return row < -1 ? row : 0;
}

/* The time of something excited has come. */
static int try_offspring(engine_t *self) {
    offspring_t offspring = offspring_pop(self);
    const process_t *p = &self->processes[offspring.process];
    plan_t plan;
    if (!(process_factor(self, p, self->now) > offspring.needs) || !plan_here(self, p, offspring.key, &plan))
        return 0;
    plan.cause = CAUSE_EXCITED;
    plan.parent = offspring.parent;
    int32_t row = happen(self, &plan, AGENDA_NONE);
    return row < -1 ? row : 0;
}

/* Whether an actor is needed for the event who is not there, and does not come by it. */
static bool is_missed(const engine_t *self, const plan_t *plan, int actor, role_t role) {
    const kind_t *kind = &self->model->kinds[plan->kind];
    if (actor < 0 || self->world.present[actor]) return false;
    for (int p = 0; p < kind->n_presences; p++)
        if (kind->presences[p].enters && kind->presences[p].who == role) return false;
    return true;
}

/* A scheduled event's moment: it happens unless somebody it needs is absent. */
static int happen_scheduled(engine_t *self, const plan_t *scheduled, uint32_t id) {
    plan_t plan = *scheduled;
    const calendar_entry_t *entry = plan.entry >= 0 ? &self->model->calendar[plan.entry] : NULL;
    plan.time = self->now;
    if (entry && entry->parent >= 0) plan.parent = self->calendar_row[entry->parent];
    if (is_missed(self, &plan, plan.initiator, ROLE_INITIATOR) ||
        is_missed(self, &plan, plan.target, ROLE_TARGET)) {
        diary_release_all(&self->diary, id);
        return happen_not(self, &plan, STATUS_CANCELLED);
    }
    int32_t row = happen(self, &plan, id);
    if (entry) self->calendar_row[plan.entry] = row;
    return row < -1 ? row : 0;
}

/* The invitation that ends because the summit it is to comes next; AGENDA_NONE. */
static uint32_t ending_invitation(const engine_t *self) {
    const item_t *next = &self->agenda.items[heap_top(&self->agenda.heap)->id];
    const plan_t *plan = &next->plan;
    if (next->type != ITEM_EVENT || plan->entry < 0 || !(self->kinds[plan->kind].duties & DUTY_CONVENES) ||
        is_missed(self, plan, plan->initiator, ROLE_INITIATOR))
        return AGENDA_NONE;
    return next_unanswered(self, plan->entry);
}

static int take_item(engine_t *self) {
    int ret = 0;
    uint32_t id = ending_invitation(self);
    if (id != AGENDA_NONE) return end_invitation(self, id);
    item_t item = agenda_pop(&self->agenda, &id);
    switch (item.type) {
    case ITEM_EVENT:
        TRY(happen_scheduled(self, &item.plan, id));
        break;
    case ITEM_CANCELLED:
        TRY(happen_not(self, &item.plan, STATUS_CANCELLED));
        break;
    case ITEM_REPLY:
        TRY(reply(self, &item));
        break;
    case ITEM_CONDITION:
        world_condition_end(&self->world, item.a, item.b, self->now, item.token);
        if (self->model->conditions[item.a].on_actor)
            actor_mark(self, item.b);
        else
            tie_mark(self, item.b);
        break;
    case ITEM_DELIVERY:
        world_deal(&self->world, item.a, self->now, item.amount);
        break;
    case ITEM_MEMBERSHIP:
        world_join(&self->world, item.a, item.b, item.amount > 0);
        actor_mark(self, item.b);
        break;
    case ITEM_PRESENCE:
        self->world.present[item.a] = item.amount > 0;
        break;
    case ITEM_INTERVENTION:
        TRY(intervene(self, &item));
        break;
    case ITEM_REFRESH:
        world_refresh(&self->world, self->now);
        processes_refresh(self);
        processes_bind_all(self);
        if (agenda_add(&self->agenda, self->now + self->model->dynamics.refresh, CLASS_REFRESH, 0, &item) ==
            AGENDA_NONE)
            TRY(ERR_NOMEM);
        break;
    }
out:
    agenda_release(&self->agenda, id);
    return ret;
}

static void guard_clock(engine_t *self, double next) {
    self->stalled = next > self->now ? 0 : self->stalled + 1;
    int64_t n = self->model->n_actors;
    if (self->result->stop == STOP_NONE && self->stalled > STALLED_MAX + n * n)
        self->result->stop = STOP_CLOCK;
}

static void guard_events(engine_t *self) {
    result_t *result = self->result;
    if (result->stop == STOP_NONE && (double)result->n_events > self->model->event_cap)
        result->stop = STOP_EVENT_CAP;
}

/* Takes what comes next, moves the clock, lets it happen, until nothing is left before the horizon. */
static int loop(engine_t *self) {
    int ret = 0;
    double horizon = self->model->horizon;
    for (;;) {
        double scheduled = agenda_time(&self->agenda);
        double candidate = heap_empty(&self->queue) ? INFINITY : heap_top(&self->queue)->time;
        double next = fmin(scheduled, candidate);
        if (!(next < horizon)) break;
        if (self->is_large) fetch_next(self);
        observe_until(self, next);
        guard_clock(self, next);
        if (self->result->stop != STOP_NONE) break;
        self->now = next;
        if (scheduled <= candidate)
            TRY(take_item(self));
        else if (heap_top(&self->queue)->id < self->n_bunches)
            TRY(try_candidate(self, &self->processes[heap_top(&self->queue)->what]));
        else
            TRY(try_offspring(self));
        processes_bind_dirty(self);
        guard_events(self);
        if (self->result->stop != STOP_NONE) break;
        CHECKED(check_state(self));
    }
    self->result->stop_time = self->result->stop == STOP_NONE ? horizon : self->now;
    if (self->result->stop == STOP_NONE) self->now = horizon;
    observe_until(self, INFINITY);
    CHECKED(check_end(self));
    observe_end(self);
out:
    return ret;
}

int engine_run(engine_t *self, uint32_t replicate, int variant, int n_settings, const setting_t *settings,
               const observation_t *observation, result_t *result) {
    static const variant_t base = {.name = "base"};
    int ret = 0;
    self->replicate = replicate;
    self->variant = self->model->n_variants ? &self->model->variants[variant] : &base;
    self->observation = observation;
    self->result = result;
    result->stop = STOP_NONE;
    result->n_events = 0;
    self->failed = 0;
    if (!processes_suffice(self, n_settings, settings)) {
        processes_free(self);
        TRY(build_processes(self));
    }
    TRY(set_params(self, n_settings, settings));
    TRY(start(self));
    TRY(loop(self));
    TRY(self->failed);
out:
    restore_params(self);
    return ret;
}
