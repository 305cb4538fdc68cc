/* Which days leaders are engaged. */
#include "naive_internal.h"

static bool is_busy(const naive_t *n, int actor, int first, int last, int place) {
    for (int k = 0; k < n->n_engagements; k++) {
        const engagement_t *e = &n->engagements[k];
        if (e->actor == actor && e->place != place && e->first <= last && e->last >= first) return true;
    }
    return false;
}

bool naive_takes_leaders(const kind_t *k, int level, bool aside) {
    return k->in_person && !aside &&
           (level == LEVEL_LEADER || (level < 0 && k->level_weight[LEVEL_LEADER] >= 1));
}

static void span(const kind_t *k, double t, int *first, int *last) {
    *first = (int)floor(t);
    *last = *first + (k->days > 1 ? (int)ceil(k->days) : 1) - 1;
}

bool naive_leaders_are_free(const naive_t *n, const kind_t *k, int i, int j, double t) {
    int first, last, place = j >= 0 ? j : i;
    span(k, t, &first, &last);
    return (i < 0 || !is_busy(n, i, first, last, place)) && (j < 0 || !is_busy(n, j, first, last, place));
}

void naive_engage_leaders(naive_t *n, const event_t *e) {
    int first, last, place = e->target >= 0 ? e->target : e->initiator;
    span(&n->m->kinds[e->kind], e->time, &first, &last);
    PUSH(n->engagements, n->n_engagements, (engagement_t){e->initiator, place, first, last});
    if (e->target >= 0) PUSH(n->engagements, n->n_engagements, (engagement_t){e->target, place, first, last});
}
