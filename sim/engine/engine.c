#include "engine/check.h"
#include "engine/internal.h"

#include "base/mem.h"
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

/* ---- the start -------------------------------------------------------------------------------------- */

static int add_state_change(engine_t *self, double time, item_type_t type, int group, int actor, bool on) {
    item_t item = {.type = type, .change = {actor, group, on}};
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
        TRY(add_state_change(self, model->actors[i].from, ITEM_PRESENCE, -1, i, true));
        TRY(add_state_change(self, model->actors[i].until, ITEM_PRESENCE, -1, i, false));
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
        uint64_t token = effect_spell_token(self, start, "ongoing");
        TRY(effect_begin_condition(self, start->condition, site, start->since, token, true));
    }
    for (int n = 0; n < model->n_history; n++) {
        plan_t plan = calendar_plan(self, n, true);
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
        self->calendar_item[e] = AGENDA_NONE;
        self->calendar_row[e] = ROW_NONE;
        self->n_answers[e] = 0;
    }
    agenda_clear(&self->agenda);
    diary_clear(&self->diary);
    world_prepare(&self->world);
    world_reset(&self->world);
    TRY(observe_start(self));
    world_refresh(&self->world, 0); /* chances in the history and in the search for days may read samples */
    processes_prepare(self);
    processes_reset(self); /* before the history, which has offspring after the start */
    TRY(live_history(self));
    TRY(calendar_schedule(self));
    TRY(schedule_changes(self));
    TRY(intervene_schedule(self));
    world_refresh(&self->world, 0); /* with what the history has left: groups, conditions, deliveries */
    processes_refresh(self);
    processes_bind_all(self);
out:
    return ret;
}

/* ---- the loop --------------------------------------------------------------------------------------- */

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
    *plan = plan_none();
    plan->kind = p->kind;
    plan->time = self->now;
    plan->key = key;
    place_t at = process_place(self, p);
    plan->initiator = at.i, plan->target = at.j, plan->group = at.group;
    if (plan->group < 0) return true;
    plan->initiator = host_of(self, plan->group);
    return plan->initiator >= 0 && (!leaders_needed(self, plan) || leaders_free(self, plan));
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
    int32_t row = happens ? happen_now(self, &plan, AGENDA_NONE) : 0;
    process_next(self, p, high); /* after what the event does to its bound */
    return row < ROW_NONE ? row : 0;
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
    int32_t row = happen_now(self, &plan, AGENDA_NONE);
    return row < ROW_NONE ? row : 0;
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
    int32_t row = happen_now(self, &plan, id);
    if (entry) self->calendar_row[plan.entry] = row;
    return row < ROW_NONE ? row : 0;
}

/* The invitation that ends because the summit it is to comes next; AGENDA_NONE. */
static uint32_t ending_invitation(const engine_t *self) {
    const item_t *next = &self->agenda.items[heap_top(&self->agenda.heap)->id];
    const plan_t *plan = &next->plan;
    if (next->type != ITEM_EVENT || plan->entry < 0 || !(self->kinds[plan->kind].duties & DUTY_CONVENES) ||
        is_missed(self, plan, plan->initiator, ROLE_INITIATOR))
        return AGENDA_NONE;
    return reply_next_due(self, plan->entry);
}

static int take_item(engine_t *self) {
    int ret = 0;
    uint32_t id = ending_invitation(self);
    if (id != AGENDA_NONE) return reply_end(self, id);
    item_t item = agenda_pop(&self->agenda, &id);
    switch (item.type) {
    case ITEM_EVENT:
        TRY(happen_scheduled(self, &item.plan, id));
        break;
    case ITEM_CANCELLED:
        TRY(happen_not(self, &item.plan, STATUS_CANCELLED));
        break;
    case ITEM_REPLY:
        TRY(reply_now(self, &item));
        break;
    case ITEM_CONDITION:
        world_condition_end(&self->world, item.spell.condition, item.spell.site, self->now, item.spell.token);
        condition_mark(self, item.spell.condition, item.spell.site);
        break;
    case ITEM_DELIVERY:
        world_deal(&self->world, item.delivery.flow, self->now, item.delivery.usd_per_year);
        break;
    case ITEM_MEMBERSHIP:
        world_join(&self->world, item.change.group, item.change.actor, item.change.on);
        actor_mark(self, item.change.actor);
        break;
    case ITEM_PRESENCE:
        self->world.present[item.change.actor] = item.change.on;
        break;
    case ITEM_INTERVENTION:
        TRY(intervene_now(self, &item));
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
    TRY(params_begin(self, n_settings, settings));
    TRY(start(self));
    TRY(loop(self));
    TRY(self->failed);
out:
    params_restore(self);
    return ret;
}
