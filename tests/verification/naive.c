/* The start, and the walk through all points in order of time. */
#include "naive_internal.h"

/* The state before anything happened. */
static void reset(naive_t *n) {
    const model_t *m = n->m;
    for (int i = 0; i < m->n_actors; i++) n->present[i] = m->actors[i].from <= 0 && m->actors[i].until > 0;
    for (int g = 0; g < m->n_groups; g++)
        for (int k = 0; k < m->groups[g].n_members; k++) {
            const member_t *member = &m->groups[g].members[k];
            if (member->from <= 0 && member->until > 0) n->member[g * m->n_actors + member->actor] = true;
        }
    for (int e = 0; e < m->n_calendar; e++) n->calendar_row[e] = n->calendar_todo[e] = -1;
    n->n_tariffs = 0;
    naive_levy(n, false);
    for (int f = 0; f < 2 * m->n_ties + m->n_actors; f++) n->noise[f] = 0;
    for (int f = 0; f < 2 * m->n_ties; f++) n->multilateral[f] = 0;
    n->noise_at = m->trade.figures_at;
    naive_refresh(n);
}

static void begin(naive_t *n) {
    const model_t *m = n->m;
    for (int k = 0; k < m->n_condition_starts; k++) {
        naive_declare_condition(n, &m->condition_starts[k], "ongoing", m->condition_starts[k].since, true);
    }
    for (int k = 0; k < m->n_history; k++) {
        event_t event = naive_entry_event(n, k, true);
        if (m->history[k].parent >= 0) event.parent = n->history_row[m->history[k].parent];
        n->history_row[k] = naive_happen(n, &event);
    }
    naive_schedule_calendar(n);
    naive_schedule_changes(n);
    naive_refresh(n);
}

static int host_of(const naive_t *n, int g) {
    const group_t *group = &n->m->groups[g];
    for (int c = 0; c < group->n_chairs; c++) {
        const chair_t *chair = &group->chairs[c];
        if (n->now >= chair->from && n->now < chair->until && n->present[chair->actor]) return chair->actor;
    }
    for (int k = 0; k < group->n_members; k++) {
        int actor = group->members[k].actor;
        if (n->member[g * n->m->n_actors + actor] && n->present[actor]) return actor;
    }
    return -1;
}

/* An event of the process happens by itself, unless nobody is there to host it; whether it does. */
static bool happens_at(naive_t *n, const process_t *process, uint64_t key, cause_t cause, int parent) {
    event_t e = {.kind = process->kind,
                 .initiator = process->i,
                 .target = process->j,
                 .group = process->group,
                 .time = n->now,
                 .key = key,
                 .cause = cause,
                 .parent = parent,
                 NOT_GIVEN,
                 .expires = INFINITY};
    if (process->group >= 0 && (e.initiator = host_of(n, process->group)) < 0) return false;
    e.mediator = naive_usual_mediator(n, &e);
    if (e.mediator >= 0 && !n->present[e.mediator]) return false;
    if (!naive_may_take_place(n, &e)) return false;
    if (naive_takes_leaders(&n->m->kinds[e.kind], -1, false)) naive_engage_leaders(n, &e);
    naive_happen(n, &e);
    return true;
}

static bool look(naive_t *n, const process_t *process, const spot_t *spot) {
    if (spot->height >= naive_intensity(n, process->kind, process->i, process->j, n->now)) return false;
    return happens_at(n, process, points_event_key(process->key, n->replicate, n->now), CAUSE_SPONTANEOUS,
                      -1);
}

static bool look_at_expected(naive_t *n, int index) {
    expected_t child = n->expected[index];
    n->expected[index].done = true;
    const process_t *process = &n->processes[child.process];
    if (child.height >= child.mean * naive_factor(n, process->kind, process->i, process->j, n->now))
        return false;
    return happens_at(n, process, child.key, CAUSE_EXCITED, child.parent);
}

static bool is_away(const naive_t *n, const event_t *e, int actor, role_t role) {
    const kind_t *k = &n->m->kinds[e->kind];
    bool comes = false;
    for (int p = 0; p < k->n_presences; p++) comes |= k->presences[p].enters && k->presences[p].who == role;
    return actor >= 0 && !n->present[actor] && !comes;
}

/* Whether its rule does not hold, or the whole that it is withdrawn with is neither held nor still to come.
 */
static bool is_withdrawn(const naive_t *n, const event_t *e) {
    const calendar_entry_t *entry = e->entry >= 0 ? &n->m->calendar[e->entry] : NULL;
    const rule_t *rule = e->from ? e->from->only_if : entry ? entry->only_if : NULL;
    if (!naive_may_take_place(n, e) || (rule && !naive_rule_holds(n, rule, e))) return true;
    if (!entry || !entry->withdrawn || n->calendar_row[entry->parent] >= 0) return false;
    int todo = n->calendar_todo[entry->parent];
    return todo < 0 || n->todos[todo].done || n->todos[todo].type != DO_EVENT;
}

static void do_todo(naive_t *n, const todo_t *todo) {
    event_t e = todo->event;
    switch (todo->type) {
    case DO_EVENT:
        e.time = n->now;
        if (e.entry >= 0 && n->m->calendar[e.entry].parent >= 0)
            e.parent = n->calendar_row[n->m->calendar[e.entry].parent];
        if (is_away(n, &e, e.initiator, ROLE_INITIATOR) || is_away(n, &e, e.target, ROLE_TARGET) ||
            (e.mediator >= 0 && !n->present[e.mediator])) {
            naive_not_held(n, &e);
            break;
        }
        if (e.entry >= 0 && n->m->kinds[e.kind].summit.on && naive_ask_again(n, e.entry)) {
            n->todos[n->calendar_todo[e.entry]].done = false; /* its turn comes again */
            break;
        }
        if (is_withdrawn(n, &e)) {
            naive_not_held(n, &e);
            break;
        }
        int row = naive_happen(n, &e);
        if (e.entry >= 0) n->calendar_row[e.entry] = row;
        break;
    case DO_CANCELLED:
        naive_not_held(n, &e);
        break;
    case DO_REPLY:
        naive_reply(n, todo);
        break;
    case DO_CONDITION_END:
        naive_end_condition(n, todo->a, todo->b, n->now, todo->token);
        break;
    case DO_MEMBERSHIP:
        naive_set_member(n, todo->a, todo->b, todo->on);
        break;
    case DO_PRESENCE:
        n->present[todo->a] = todo->on;
        break;
    case DO_TARIFF:
        naive_set_tariff(n, &n->m->tariffs[todo->a], n->now, false);
        break;
    case DO_INTERVENTION:
        naive_intervene(n, todo);
        break;
    default:
        naive_refresh(n);
        naive_put(n, (todo_t){.type = DO_REFRESH, .time = n->now + n->m->dynamics.refresh, .klass = 1});
    }
}

static void record_until(naive_t *n, double until) {
    const observation_t *o = n->observation;
    for (; n->next_time < o->n_times && o->times[n->next_time] < until; n->next_time++)
        for (int k = 0; k < o->n_ties; k++) {
            size_t cell = (size_t)(n->next_time * o->n_ties + k);
            double t = o->times[n->next_time];
            tie_now_t v = naive_tie_now(n, o->ties[k], t);
            n->result->strength[cell] = (float)v.s;
            n->result->alignment[cell] = (float)v.b;
            for (int f = 0; f < 2; f++)
                n->result->trade[2 * cell + (size_t)f] = (float)naive_trade(n, 2 * o->ties[k] + f, t);
        }
}

static void walk(naive_t *n, int strips) {
    double horizon = n->m->horizon;
    while ((double)n->result->n_events <= n->m->event_cap) {
        int todo = naive_next_todo(n);
        process_t *process = NULL;
        for (int k = 0; k < n->n_processes; k++) {
            process_t *o = &n->processes[k];
            if (o->next < o->n && (!process || o->spots[o->next].time < process->spots[process->next].time))
                process = o;
        }
        int child = -1;
        for (int k = 0; k < n->n_expected; k++)
            if (!n->expected[k].done && (child < 0 || n->expected[k].time < n->expected[child].time))
                child = k;
        double at_todo = todo < 0 ? INFINITY : n->todos[todo].time;
        double at_spot = process ? process->spots[process->next].time : INFINITY;
        double at_child = child < 0 ? INFINITY : n->expected[child].time;
        double next = fmin(at_todo, fmin(at_spot, at_child));
        if (!(next < horizon)) break;
        record_until(n, next);
        n->now = next;
        int first_new_row = n->result->log.n;
        if (at_todo <= next) {
            n->todos[todo].done = true;
            todo_t copy = n->todos[todo];
            do_todo(n, &copy);
            naive_measure_heights(n, strips);
        } else {
            bool happened = at_child <= at_spot ? look_at_expected(n, child)
                                                : look(n, process, &process->spots[process->next++]);
            if (happened) naive_measure_heights(n, strips);
        }
        naive_look_at_rules(n, first_new_row);
        naive_measure_heights(n, strips);
    }
    record_until(n, INFINITY);
}

void naive_run(model_t *model, uint64_t seed, uint32_t replicate, int variant, int strips,
               const observation_t *observation, result_t *result, naive_report_t *report) {
    size_t actors = (size_t)model->n_actors + 1, entries = (size_t)model->n_calendar + 1;
    assert(model->n_actors <= 64);
    *report = (naive_report_t){0};
    naive_t n = {.m = model,
                 .run_seed = seed,
                 .replicate = replicate,
                 .variant = &model->variants[variant],
                 .observation = observation,
                 .result = result,
                 .report = report,
                 .key = rng_key_number(rng_key_number(0, seed), replicate),
                 .mediator = -1};
    n.present = calloc(actors, sizeof *n.present);
    n.member = calloc(actors * ((size_t)model->n_groups + 1), sizeof *n.member);
    n.sampled = calloc((2 * (size_t)model->n_ties + 1) * STATISTIC_N, sizeof *n.sampled);
    n.multilateral = calloc(2 * (size_t)model->n_ties + 1, sizeof *n.multilateral);
    n.noise = calloc(2 * (size_t)model->n_ties + actors, sizeof *n.noise);
    n.history_row = calloc((size_t)model->n_history + 1, sizeof *n.history_row);
    n.calendar_row = calloc(entries, sizeof *n.calendar_row);
    n.calendar_todo = calloc(entries, sizeof *n.calendar_todo);
    n.acted = calloc((size_t)model->n_interventions + 1, sizeof *n.acted);
    double *saved = calloc((size_t)model->n_params + 1, sizeof *saved);
    log_clear(&result->log);
    result->n_events = 0;
    for (int k = 0; k < model->n_kinds; k++) result->kind_counts[k] = 0;
    for (int p = 0; p < model->n_params; p++) saved[p] = *model->params[p].value;

    reset(&n);
    naive_add_processes(&n, strips); /* the measures' scales are those of the parameters as they stand */
    naive_set_params(&n);
    reset(&n);
    begin(&n);
    walk(&n, strips);
    report->n_touches = (size_t)n.n_meetings;

    for (int p = 0; p < model->n_params; p++) *model->params[p].value = saved[p];
    for (int k = 0; k < n.n_processes; k++) free(n.processes[k].spots);
    void *blocks[] = {n.processes,    n.meetings,     n.expected,      n.effects, n.shocks,   n.streams,
                      n.switches,     n.engagements,  n.todos,         n.present, n.member,   n.sampled,
                      n.history_row,  n.calendar_row, n.calendar_todo, n.answers, n.settings, n.tariffs,
                      n.multilateral, n.noise,        saved,           n.acted};
    for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++) free(blocks[k]);
}
