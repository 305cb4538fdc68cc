/* What an event may bring about by excitation: the points of its own measures. */
#include "naive_internal.h"

/* Whether the meeting raises the intensity of a kind of that scope at that place, by that relation. */
static bool excites(const meeting_t *p, relation_t relation, scope_t scope, int i, int j, int group) {
    if (scope == SCOPE_GROUP) return relation == RELATION_SAME && p->j < 0 && p->group == group;
    if (scope == SCOPE_ACTOR) {
        bool as_initiator = relation == RELATION_SAME || relation == RELATION_INITIATOR;
        if (p->mutual && p->j >= 0)
            return false; /* a pair of an event with participants: each counts alone */
        return as_initiator ? p->i == i : p->j == i;
    }
    bool same = p->i == i && p->j == j, reversed = p->i == j && p->j == i;
    if (relation == RELATION_SAME) return same || (reversed && (p->undirected || scope == SCOPE_DYAD));
    if (p->mutual) return false;
    if (relation == RELATION_REVERSED) return reversed && scope == SCOPE_DIRECTED && !p->undirected;
    if (same || reversed) return false;
    int shared = relation == RELATION_INITIATOR ? p->i : p->j;
    if (shared < 0) return false;
    if (scope == SCOPE_DYAD) return shared == i || shared == j;
    return shared == (relation == RELATION_INITIATOR ? i : j);
}

/* What the meeting may bring about at one place by one excitation. */
static void expect(naive_t *n, const meeting_t *p, int o, int x) {
    const process_t *process = &n->processes[o];
    const kind_t *k = &n->m->kinds[process->kind];
    const excitation_t *excitation = &k->excitations[x];
    relation_t relation = excitation->relation;
    bool dyadic = k->scope == SCOPE_DIRECTED || k->scope == SCOPE_DYAD;
    bool turned = k->scope == SCOPE_DIRECTED && relation == RELATION_SAME && p->i != process->i;
    uint64_t key = p->key;
    if (dyadic && relation >= RELATION_INITIATOR) { /* the one of the place who was not there */
        int shared = relation == RELATION_INITIATOR ? p->i : p->j;
        int other = process->i == shared ? process->j : process->i;
        key = rng_key_number(key, points_actor_key(n->m, other));
    }
    int number = 0, count;
    for (int y = 0; y < x; y++)
        number += k->excitations[y].kind == excitation->kind && k->excitations[y].relation == relation;
    double top = 0, mean = p->weight * excitation->branching;
    for (int day = 0; day <= (int)ceil(n->m->horizon); day++)
        top = fmax(top, naive_season(n->m, &k->season, day));
    child_t *children = points_children(key, points_kind_key(n->m, process->kind), relation, number, turned,
                                        M_LN2 / excitation->half_life, mean * top, &count);
    for (int c = 0; c < count; c++) {
        double time = p->time + children[c].delay;
        if (time > n->now)
            PUSH(n->expected, n->n_expected,
                 (expected_t){time, children[c].height, mean, children[c].key, o, p->row, false});
    }
    free(children);
}

void naive_meet(naive_t *n, meeting_t meeting) {
    const model_t *m = n->m;
    if (meeting.i < 0) return;
    meeting.undirected = meeting.mutual || m->kinds[meeting.kind].scope == SCOPE_DYAD;
    PUSH(n->meetings, n->n_meetings, meeting);
    for (int o = 0; o < n->n_processes && meeting.weight > 0; o++) {
        const process_t *process = &n->processes[o];
        const kind_t *k = &m->kinds[process->kind];
        for (int x = 0; x < k->n_excitations && naive_may_be(k, process->i, process->j); x++)
            if (k->excitations[x].kind == meeting.kind &&
                excites(&meeting, k->excitations[x].relation, k->scope, process->i, process->j,
                        process->group))
                expect(n, &meeting, o, x);
    }
}
