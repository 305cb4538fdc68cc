/* Who takes part in an event, and in what role. */
#include "naive_internal.h"

#include <string.h>

/* Who initiates an event of the kind between the two: of an undirected one the first by name. */
int naive_who_initiates(const model_t *m, int kind, int i, int j) {
    bool turned = m->kinds[kind].scope == SCOPE_DYAD && strcmp(m->actors[j].name, m->actors[i].name) < 0;
    return turned ? j : i;
}

uint64_t naive_pair_key(const model_t *m, uint64_t key, int i, int j) {
    uint64_t a = points_actor_key(m, i), b = points_actor_key(m, j);
    return rng_key_number(rng_key_number(key, a < b ? a : b), a < b ? b : a);
}

int naive_played_by(const event_t *e, role_t role) {
    return role == ROLE_TARGET ? e->target : e->initiator;
}

static void bring(people_t *people, int actor, role_t role) {
    for (int p = 0; p < people->n; p++)
        if (people->actor[p] == actor) return;
    people->actor[people->n] = actor;
    people->role[people->n++] = role;
}

/* Members by name, then guests by name; whoever begins it stays in front. */
static void line_up(const model_t *m, people_t *people) {
    for (int pass = 0; pass < people->n; pass++)
        for (int p = 0; p + 1 < people->n; p++) {
            int a = people->actor[p], b = people->actor[p + 1];
            role_t r = people->role[p], q = people->role[p + 1];
            if (r <= ROLE_TARGET || r < q || (r == q && strcmp(m->actors[a].name, m->actors[b].name) < 0))
                continue;
            people->actor[p] = b, people->actor[p + 1] = a;
            people->role[p] = q, people->role[p + 1] = r;
        }
}

/* The actor's last word on that summit: 1 yes, -1 no, 0 none. */
static int last_word(const naive_t *n, const event_t *e, int actor) {
    for (int a = n->n_answers - 1; a >= 0 && !e->known; a--)
        if (n->answers[a].entry == e->entry && n->answers[a].actor == actor)
            return n->answers[a].yes ? 1 : -1;
    return 0;
}

static bool comes(const naive_t *n, const event_t *e, int actor, const chance_t *c) {
    uint64_t key = rng_key_number(e->key, points_actor_key(n->m, actor));
    return n->present[actor] && last_word(n, e, actor) >= 0 &&
           naive_chance(n, c, actor, e->initiator, naive_unit(key, MARK_ATTEND));
}

static people_t who_is_there(const naive_t *n, const event_t *e) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[e->kind];
    const calendar_entry_t *entry = e->entry < 0 ? NULL
                                    : e->known   ? &m->history[e->entry]
                                                 : &m->calendar[e->entry];
    people_t people = {.n = 0};
    if (e->initiator >= 0) bring(&people, e->initiator, ROLE_INITIATOR);
    if (e->target >= 0) bring(&people, e->target, ROLE_TARGET);
    if (e->mediator >= 0) bring(&people, e->mediator, ROLE_MEDIATOR);
    const bool *members = e->group >= 0 ? n->member + e->group * m->n_actors : NULL;
    if (k->summit.on && entry && entry->attend) {
        for (int a = 0; a < entry->n_attend; a++)
            if (last_word(n, e, entry->attend[a]) >= 0)
                bring(&people, entry->attend[a],
                      members && members[entry->attend[a]] ? ROLE_MEMBER : ROLE_GUEST);
        return people;
    }
    for (int i = 0; members && i < m->n_actors; i++)
        if (members[i] && i != e->initiator && (!k->summit.on || comes(n, e, i, &k->summit.attendance)))
            bring(&people, i, ROLE_MEMBER);
    if (!k->summit.on || !entry) return people;
    for (int g = 0; g < entry->n_guests; g++)
        if (!(members && members[entry->guests[g]]) &&
            comes(n, e, entry->guests[g], &k->summit.guest_attendance))
            bring(&people, entry->guests[g], ROLE_GUEST);
    for (int a = 0; !e->known && a < n->n_answers; a++) {
        int guest = n->answers[a].actor;
        if (n->answers[a].entry != e->entry || last_word(n, e, guest) < 1) continue;
        if (!(members && members[guest]) && comes(n, e, guest, &k->summit.guest_attendance))
            bring(&people, guest, ROLE_GUEST);
    }
    return people;
}

people_t naive_who_comes(const naive_t *n, const event_t *e) {
    people_t people = who_is_there(n, e);
    line_up(n->m, &people);
    return people;
}
