/* Rules, from the whole log and the present state; interventions whose rules are known to hold at once. */
#include "naive_internal.h"

#include <string.h>

static bool between(const rule_t *r, double v) {
    return !isnan(v) && !(v <= r->above) && !(v >= r->below); /* no figure is nowhere */
}

static int who(int actor, const event_t *e) {
    return actor == RULE_OF_INITIATOR ? e->initiator : actor == RULE_OF_TARGET ? e->target : actor;
}

static int which(const naive_t *n, int tie, const event_t *e) {
    if (tie != RULE_OWN_TIE) return tie;
    return e->initiator < 0 || e->target < 0 ? -1 : model_tie(n->m, e->initiator, e->target);
}

static bool actor_has(const naive_t *n, int condition, int actor) {
    return n->m->conditions[condition].on_actor && naive_condition_on(n, condition, actor);
}

static int sent(const naive_t *n, const rule_t *r, const event_t *e) {
    if (r->flow >= 0) return r->flow;
    return r->flow == RULE_OWN_FLOW ? model_flow(n->m, e->initiator, e->target)
                                    : model_flow(n->m, e->target, e->initiator);
}

static double traded(const naive_t *n, const rule_t *r, int tie) {
    double sum = 0;
    for (int f = 2 * tie; f < 2 * tie + 2; f++)
        if ((r->flow < 0 || r->flow == f) && !isnan(naive_trade(n, f, n->now)))
            sum += naive_trade(n, f, n->now);
    return sum;
}

static bool counted(const naive_t *n, const rule_t *r, int row) {
    const log_t *log = &n->result->log;
    int i = log->initiator[row], j = log->target[row], kind = log->kind[row];
    if (log->status[row] != STATUS_HELD || log->summit[row] >= 0 || !in_list(r->n_kinds, r->kinds, kind))
        return false;
    if (log->time[row] < r->from || log->time[row] >= r->until || log->time[row] + r->within <= n->now)
        return false;
    if (r->successful && !log->success[row]) return false;
    if (r->tie >= 0 && (i < 0 || j < 0 || model_tie(n->m, i, j) != r->tie)) return false;
    bool forth = (r->initiator < 0 || r->initiator == i) && (r->target < 0 || r->target == j);
    bool back = (r->initiator < 0 || r->initiator == j) && (r->target < 0 || r->target == i);
    return forth || (back && n->m->kinds[kind].scope == SCOPE_DYAD);
}

static bool has_become(const naive_t *n, const rule_t *r) {
    int row = n->calendar_row[r->entry];
    if (r->is == FATE_NOT_HELD) return row < 0 && n->now >= floor(n->m->calendar[r->entry].until) + 1;
    if (row < 0) return false;
    return r->is == FATE_HELD || (r->is == FATE_SUCCEEDED) == (n->result->log.success[row] == 1);
}

static bool enough_members(const naive_t *n, const rule_t *r, const event_t *e) {
    double weight = 0, all = 0;
    int yes = 0, members = 0;
    for (int p = 0; p < r->n_parts; p++) {
        int a = r->members[p];
        if (!n->member[r->group * n->m->n_actors + a]) continue;
        double w = r->attribute < 0 ? 1 : n->m->actors[a].attributes[r->attribute];
        bool holds = naive_rule_holds(n, &r->parts[p], e);
        members++, all += w;
        if (holds) yes++, weight += w;
    }
    int needed = r->at_least ? r->at_least : isnan(r->share) ? members : 0;
    return members && yes >= needed && !(weight < r->share * all);
}

bool naive_rule_holds(const naive_t *n, const rule_t *r, const event_t *e) {
    int tie = r->tie == -1 ? -1 : which(n, r->tie, e), actor = r->actor == -1 ? -1 : who(r->actor, e),
        found = 0;
    switch (r->type) {
    case RULE_STRENGTH:
        return tie >= 0 && between(r, naive_tie_now(n, tie, n->now).s);
    case RULE_ALIGNMENT:
        return tie >= 0 && between(r, naive_tie_now(n, tie, n->now).b);
    case RULE_TRADE:
        return tie >= 0 && between(r, traded(n, r, tie));
    case RULE_ATTRIBUTE:
        return actor >= 0 && between(r, n->m->actors[actor].attributes[r->attribute]);
    case RULE_CONDITION:
        if (r->flow != -1) return tie >= 0 && naive_condition_on(n, r->condition, sent(n, r, e));
        return actor >= 0 ? actor_has(n, r->condition, actor)
                          : tie >= 0 && naive_condition_on_tie(n, r->condition, tie);
    case RULE_COUNT:
        for (int row = 0; row < n->result->log.n; row++) found += counted(n, r, row);
        return found >= r->at_least;
    case RULE_ENTRY:
        return has_become(n, r);
    case RULE_DATE:
        return n->now >= r->from && n->now < r->until;
    case RULE_NOT:
        return !naive_rule_holds(n, r->parts, e);
    case RULE_SOME:
        for (int p = 0; p < r->n_parts; p++) found += naive_rule_holds(n, &r->parts[p], e);
        return found >= r->at_least;
    default:
        return enough_members(n, r, e);
    }
}

/* ---- at once ---------------------------------------------------------------------------------------- */

static bool is_exact(const rule_t *r) {
    bool exact = r->type != RULE_STRENGTH && r->type != RULE_ALIGNMENT && r->type != RULE_TRADE;
    for (int p = 0; p < r->n_parts; p++) exact &= is_exact(&r->parts[p]);
    return exact;
}

static void look_at(naive_t *n, int k, double time) {
    if (time >= 0 && isfinite(time))
        naive_put(n, (todo_t){.type = DO_INTERVENTION,
                              .time = time,
                              .klass = 2,
                              .order = rng_key_text(0, n->m->interventions[k].id),
                              .a = k});
}

/* All moments at which time alone may change it. */
static void look_at_dates(naive_t *n, int k, const rule_t *r) {
    if (r->type == RULE_DATE) look_at(n, k, r->from), look_at(n, k, r->until);
    if (r->type == RULE_ENTRY && r->is == FATE_NOT_HELD)
        look_at(n, k, floor(n->m->calendar[r->entry].until) + 1);
    for (int p = 0; p < r->n_parts; p++) look_at_dates(n, k, &r->parts[p]);
}

void naive_schedule_rule(naive_t *n, int k) {
    const rule_t *when = n->m->interventions[k].when;
    look_at(n, k, 0);
    if (is_exact(when)) look_at_dates(n, k, when); /* else at its intervals only */
}

/* An event of now is no longer one of the last so many days then. */
static void look_when_old(naive_t *n, int k, const rule_t *r, double time) {
    if (r->type == RULE_COUNT && isfinite(r->within) && time + r->within > n->now)
        look_at(n, k, time + r->within);
    for (int p = 0; p < r->n_parts; p++) look_when_old(n, k, &r->parts[p], time);
}

static bool has(const naive_t *n, int k) {
    const intervention_t *it = &n->m->interventions[k];
    return it->when && is_exact(it->when) && naive_intervenes(n, k) && !n->acted[k];
}

/* Whatever has happened: the rules that hold now act, one by one in the order of interventions, unless
 * something that comes first is still to be done now. */
void naive_look_at_rules(naive_t *n, int first_new_row) {
    for (int k = 0; k < n->m->n_interventions; k++)
        for (int row = first_new_row; has(n, k) && row < n->result->log.n; row++)
            look_when_old(n, k, n->m->interventions[k].when, n->result->log.time[row]);
    for (;;) {
        int todo = naive_next_todo(n), best = -1;
        uint64_t least = UINT64_MAX;
        for (int k = 0; k < n->m->n_interventions; k++) {
            uint64_t order = rng_key_text(0, n->m->interventions[k].id);
            if (!has(n, k) || order > least || !naive_rule_holds(n, n->m->interventions[k].when, NULL))
                continue;
            best = k, least = order;
        }
        if (best < 0) return;
        if (todo >= 0 && n->todos[todo].time <= n->now &&
            (n->todos[todo].klass < 2 || (n->todos[todo].klass == 2 && n->todos[todo].order < least)))
            return;
        naive_intervene(n, &(todo_t){.type = DO_INTERVENTION, .time = n->now, .a = best});
    }
}
