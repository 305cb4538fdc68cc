#include "replay.h"

#include "../support/check.h"

static bool among(const bool *set, int i) {
    return !set || set[i];
}

bool replay_may_be(const kind_t *k, int i, int j) {
    if (k->scope == SCOPE_DYAD)
        return (among(k->initiators, i) || among(k->initiators, j)) &&
               (among(k->targets, i) || among(k->targets, j));
    return among(k->initiators, i) && (j < 0 || among(k->targets, j));
}

static bool is_on_the_side(const log_t *log, const model_t *m, int32_t row) {
    int32_t parent = log->parent[row];
    return log->cause[row] == CAUSE_CONSEQUENCE && parent >= 0 && m->kinds[log->kind[parent]].summit.on &&
           log->time[parent] == log->time[row];
}

static double days_of(const model_t *m, const log_t *log, int32_t row) {
    for (int e = 0; log->cause[row] == CAUSE_CALENDAR && e < m->n_calendar; e++) {
        const calendar_entry_t *entry = &m->calendar[e];
        if (entry->kind == log->kind[row] && entry->initiator == log->initiator[row] &&
            entry->target == log->target[row] && !isnan(entry->days) &&
            fabs(entry->time - log->time[row]) < 90)
            return entry->days;
    }
    return m->kinds[log->kind[row]].days;
}

static void engage(replay_t *w, const log_t *log, int32_t row, int actor, int32_t of) {
    if (actor < 0) return;
    bool dyadic = log->group[of] < 0 && log->target[of] >= 0;
    double days = days_of(w->m, log, of), since = log->time[of];
    if (log->cause[of] == CAUSE_CALENDAR) since = -INFINITY;
    if (log->cause[of] == CAUSE_CONSEQUENCE) since = log->time[log->parent[of]];
    int first = (int)floor(log->time[row]), last = first + (days > 1 ? (int)ceil(days) : 1) - 1;
    PUSH(w->engagements, w->n_engagements,
         (engagement_t){actor, dyadic ? log->target[of] : log->initiator[of], first, last, since,
                        w->last_engagement[actor]});
    w->last_engagement[actor] = w->n_engagements - 1;
}

/* The pairs an event brought together, and whom they excite. */
static void excite(replay_t *w, int kind, double amplitude, double decay, double t, int i, int j) {
    const model_t *m = w->m;
    const kind_t *k = &m->kinds[kind];
    if (i < 0 || (k->scope != SCOPE_ACTOR && (j < 0 || i == j || model_tie(m, i, j) < 0)) ||
        !replay_may_be(k, i, k->scope == SCOPE_ACTOR ? -1 : j))
        return;
    PUSH(w->kernels, w->n_kernels,
         (kernel_t){kind, i, k->scope == SCOPE_ACTOR ? -1 : j, -1, t, amplitude, decay});
}

static void add_pair(replay_t *w, pair_t p, int group) {
    const model_t *m = w->m;
    int tie = p.i < 0 || p.j < 0 ? -1 : model_tie(m, p.i, p.j);
    p.undirected = p.mutual || m->kinds[p.kind].scope == SCOPE_DYAD;
    p.before = tie < 0 ? -1 : w->last_pair[tie];
    if (tie >= 0) w->last_pair[tie] = w->n_pairs;
    PUSH(w->pairs, w->n_pairs, p);
    for (int k = 0; k < m->n_kinds; k++)
        for (int x = 0; x < m->kinds[k].n_excitations; x++) {
            const excitation_t *e = &m->kinds[k].excitations[x];
            double decay = log(2) / e->half_life, amplitude = p.weight * e->branching * decay;
            scope_t scope = m->kinds[k].scope;
            if (e->kind != p.kind || amplitude == 0) continue;
            if (scope == SCOPE_GROUP) {
                if (e->relation == RELATION_SAME && group >= 0)
                    PUSH(w->kernels, w->n_kernels, (kernel_t){k, -1, -1, group, p.time, amplitude, decay});
            } else if (scope == SCOPE_ACTOR) {
                bool initiator = e->relation == RELATION_SAME || e->relation == RELATION_INITIATOR;
                if (initiator) excite(w, k, amplitude, decay, p.time, p.i, -1);
                if (initiator ? p.mutual : !p.mutual) excite(w, k, amplitude, decay, p.time, p.j, -1);
            } else if (e->relation == RELATION_SAME) {
                excite(w, k, amplitude, decay, p.time, p.i, p.j);
                if (p.undirected && scope == SCOPE_DIRECTED) excite(w, k, amplitude, decay, p.time, p.j, p.i);
            } else if (e->relation == RELATION_REVERSED) {
                if (!p.undirected && scope == SCOPE_DIRECTED)
                    excite(w, k, amplitude, decay, p.time, p.j, p.i);
            } else if (!p.mutual) {
                for (int n = 0; n < m->n_actors; n++) {
                    if (n == p.i || n == p.j) continue;
                    if (e->relation == RELATION_INITIATOR)
                        excite(w, k, amplitude, decay, p.time, p.i, n);
                    else if (p.j >= 0)
                        excite(w, k, amplitude, decay, p.time, n, p.j);
                }
            }
        }
}

static int played_by(const log_t *log, int32_t row, role_t role) {
    return role == ROLE_TARGET ? log->target[row] : log->initiator[row];
}

static int by_time(const void *x, const void *y) {
    const change_t *a = x, *b = y;
    return a->time != b->time ? (a->time > b->time) - (a->time < b->time) : a->on - b->on;
}

void replay_changes(replay_t *w) {
    const model_t *m = w->m;
    const log_t *log = &w->result->log;
    for (int g = 0; g < m->n_groups; g++)
        for (int n = 0; n < m->groups[g].n_members; n++) {
            PUSH(w->changes, w->n_changes,
                 (change_t){m->groups[g].members[n].from, g, m->groups[g].members[n].actor, true});
            PUSH(w->changes, w->n_changes,
                 (change_t){m->groups[g].members[n].until, g, m->groups[g].members[n].actor, false});
        }
    for (int i = 0; i < m->n_actors; i++) {
        PUSH(w->changes, w->n_changes, (change_t){m->actors[i].from, -1, i, true});
        PUSH(w->changes, w->n_changes, (change_t){m->actors[i].until, -1, i, false});
    }
    for (int32_t r = 0; r < log->n; r++) {
        const kind_t *k = &m->kinds[log->kind[r]];
        if (log->status[r] != STATUS_HELD || !log->success[r] || log->summit[r] >= 0) continue;
        for (int c = 0; c < k->n_memberships; c++) {
            int group = k->memberships[c].group >= 0 ? k->memberships[c].group : log->group[r];
            PUSH(w->changes, w->n_changes,
                 (change_t){fmax(0, log->time[r]), group, played_by(log, r, k->memberships[c].who),
                            k->memberships[c].joins});
        }
        for (int c = 0; c < k->n_presences; c++)
            PUSH(w->changes, w->n_changes,
                 (change_t){fmax(0, log->time[r]), -1, played_by(log, r, k->presences[c].who),
                            k->presences[c].enters});
    }
    if (w->n_changes) qsort(w->changes, (size_t)w->n_changes, sizeof *w->changes, by_time);
}

void replay_log(replay_t *w) {
    const model_t *m = w->m;
    const log_t *log = &w->result->log;
    for (int32_t r = 0; r < log->n; r++) {
        const kind_t *k = &m->kinds[log->kind[r]];
        if (log->status[r] != STATUS_HELD || log->summit[r] >= 0) continue;
        int actors[128], n = 0;
        role_t roles[128];
        if (log->initiator[r] >= 0) actors[n] = log->initiator[r], roles[n++] = ROLE_INITIATOR;
        if (log->target[r] >= 0) actors[n] = log->target[r], roles[n++] = ROLE_TARGET;
        for (int32_t g = r + 1; g < log->n && log->summit[g] == r; g++)
            actors[n] = log->initiator[g], roles[n++] = (role_t)log->role[g];
        for (int a = 0; !k->summit.on && log->group[r] >= 0 && a < m->n_actors; a++) {
            bool in = false; /* an accord's other parties */
            for (int c = 0; c < w->n_changes && w->changes[c].time <= fmax(0, log->time[r]); c++)
                if (w->changes[c].group == log->group[r] && w->changes[c].actor == a) in = w->changes[c].on;
            if (in && a != log->initiator[r] && a != log->target[r]) actors[n] = a, roles[n++] = ROLE_MEMBER;
        }
        bool dyadic = log->group[r] < 0;
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++) {
                double weight = kind_pair_weight(k, roles[p], roles[q]);
                bool pair = dyadic && roles[q] != ROLE_MEDIATOR;
                if (!k->summit.on && weight == 0 && !pair) continue;
                add_pair(w,
                         (pair_t){log->time[r], pair ? 1 : fmin(1, fabs(weight)), log->kind[r], actors[p],
                                  actors[q], !pair, false, -1},
                         log->group[r]);
            }
        if (n < 2)
            add_pair(w, (pair_t){log->time[r], 1, log->kind[r], log->initiator[r], -1, false, false, -1},
                     log->group[r]);
        if (!k->in_person || log->level[r] != LEVEL_LEADER || log->time[r] < 0 || is_on_the_side(log, m, r))
            continue;
        for (int p = 0; p < n; p++)
            if (k->summit.on || roles[p] <= ROLE_TARGET) engage(w, log, r, actors[p], r);
    }
}
