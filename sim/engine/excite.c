/* Excitation: which processes an event raises, and which event an excited one descends from. */
#include "engine/internal.h"

/* ---- excitation ------------------------------------------------------------------------------------- */

/* Whether a touch stands in `relation` to the place (i, j, group) of a process of that scope. Groups are
 * excited by their own events; in events with participants, dyads by the pair's touch, in both directions but
 * once, and actors by the touch of their own. */
static bool is_related(const touch_t *touch, relation_t relation, scope_t scope, int i, int j, int group) {
    if (scope == SCOPE_GROUP) return relation == RELATION_SAME && touch->j < 0 && touch->group == group;
    if (touch->mutual && (scope == SCOPE_ACTOR) != (touch->j < 0)) return false;
    if (scope == SCOPE_ACTOR)
        return relation == RELATION_SAME || relation == RELATION_INITIATOR ? touch->i == i : touch->j == i;
    bool same = touch->i == i && touch->j == j, reversed = touch->i == j && touch->j == i;
    bool undirected = touch->mutual || scope == SCOPE_DYAD;
    switch (relation) {
    case RELATION_SAME:
        return same || (undirected && reversed);
    case RELATION_REVERSED:
        return reversed && !undirected;
    case RELATION_INITIATOR:
        return !touch->mutual && !same && !reversed &&
               (touch->i == i || (scope == SCOPE_DYAD && touch->i == j));
    default:
        return !touch->mutual && !same && !reversed && touch->j >= 0 &&
               (touch->j == j || (scope == SCOPE_DYAD && touch->j == i));
    }
}

static inline double *accumulators_of(engine_t *self, process_t *p) {
    const kind_state_t *state = &self->kinds[p->kind];
    if (state->n_accumulators == 1) return &p->excited;
    return self->accumulators + state->first + (size_t)p->site * (size_t)state->n_accumulators;
}

double excitation_at(const engine_t *self, const process_t *p, double now) {
    const kind_state_t *state = &self->kinds[p->kind];
    if (state->n_accumulators == 0) return 0;
    const double *accumulators = accumulators_of((engine_t *)self, (process_t *)p);
    double dt = now - p->excited_at, sum = 0;
    for (int a = 0; a < state->n_accumulators; a++)
        if (accumulators[a] != 0)
            sum += dt == 0 ? accumulators[a] : accumulators[a] * exp(-state->decay[a] * dt);
    return sum;
}

static void settle(engine_t *self, process_t *p, double now) {
    const kind_state_t *state = &self->kinds[p->kind];
    if (p->excited_at == now) return;
    double *accumulators = accumulators_of(self, p), dt = now - p->excited_at;
    for (int a = 0; a < state->n_accumulators; a++)
        if (accumulators[a] != 0) accumulators[a] *= exp(-state->decay[a] * dt);
    p->excited_at = now;
}

void processes_settle(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++) settle(self, &self->processes[n], self->now);
}

static void excite_site(engine_t *self, const touch_t *touch, int kind, int excitation, int site,
                        double now) {
    const kind_state_t *state = &self->kinds[kind];
    process_t *p = process_at(self, kind, site);
    settle(self, p, now);
    int slot = self->model->kinds[kind].excitations[excitation].slot;
    double faded = now == touch->time ? 1 : exp(-state->decay[slot] * (now - touch->time));
    accumulators_of(self, p)[slot] += touch->weight * state->jump[excitation] * faded;
    process_mark(self, p, DIRTY_EXCITED);
}

/* Excites the process of the receiver at i -> j (the actor i where j < 0) if the touch is so related. */
static void try_place(engine_t *self, const touch_t *touch, struct receiver receiver, int i, int j,
                      double now) {
    const model_t *model = self->model;
    const kind_t *kind = &model->kinds[receiver.kind];
    int site = i;
    if (kind->scope != SCOPE_ACTOR) {
        int flow = i < 0 || j < 0 || i == j ? -1 : model_flow(model, i, j);
        if (flow < 0) return;
        site = kind->scope == SCOPE_DIRECTED ? flow : flow / 2;
    }
    relation_t relation = kind->excitations[receiver.excitation].relation;
    if (i < 0 || !may_happen_at(kind, i, j) || !is_related(touch, relation, kind->scope, i, j, -1)) return;
    excite_site(self, touch, receiver.kind, receiver.excitation, site, now);
}

void touch_excite(engine_t *self, const touch_t *touch, double now) {
    const model_t *model = self->model;
    const kind_state_t *source = &self->kinds[touch->kind];
    for (int r = 0; r < source->n_receivers; r++) {
        struct receiver receiver = source->receivers[r];
        const kind_t *kind = &model->kinds[receiver.kind];
        relation_t relation = kind->excitations[receiver.excitation].relation;
        if (kind->scope == SCOPE_GROUP) {
            if (touch->j < 0 && touch->group >= 0 && relation == RELATION_SAME)
                excite_site(self, touch, receiver.kind, receiver.excitation, touch->group, now);
        } else if (kind->scope == SCOPE_ACTOR) {
            try_place(self, touch, receiver, touch->i, -1, now);
            if (touch->j >= 0) try_place(self, touch, receiver, touch->j, -1, now);
        } else if (relation == RELATION_SAME || relation == RELATION_REVERSED) {
            try_place(self, touch, receiver, touch->i, touch->j, now);
            if (kind->scope == SCOPE_DIRECTED) try_place(self, touch, receiver, touch->j, touch->i, now);
        } else {
            int shared = relation == RELATION_INITIATOR ? touch->i : touch->j;
            for (int m = 0; shared >= 0 && m < model->n_actors; m++) {
                if (m == touch->i || m == touch->j) continue;
                if (relation == RELATION_INITIATOR)
                    try_place(self, touch, receiver, shared, m, now);
                else
                    try_place(self, touch, receiver, m, shared, now);
            }
        }
    }
}

/* ---- parents ---------------------------------------------------------------------------------------- */

typedef struct {
    const engine_t *engine;
    int kind, i, j, group;
    double left;    /* of the weight to be walked through */
    int32_t parent; /* the last touch with a weight */
} walk_t;

static double weight_of(const walk_t *walk, const touch_t *touch) {
    const engine_t *self = walk->engine;
    const kind_t *kind = &self->model->kinds[walk->kind];
    const kind_state_t *state = &self->kinds[walk->kind];
    double weight = 0;
    for (int x = 0; x < kind->n_excitations; x++) {
        const excitation_t *excitation = &kind->excitations[x];
        if (excitation->kind != touch->kind ||
            !is_related(touch, excitation->relation, kind->scope, walk->i, walk->j, walk->group))
            continue;
        weight +=
            touch->weight * state->jump[x] * exp(-state->decay[excitation->slot] * (self->now - touch->time));
    }
    return weight;
}

/* Goes through a chain of touches from the newest on; true when the drawn weight is used up. Touches on
 * the tie of i and j belong to the tie's chain alone. */
static bool walk_chain(walk_t *walk, int32_t first, bool on_tie, int by) {
    const touch_t *touches = walk->engine->touches;
    int32_t next;
    for (int32_t n = first; n >= 0; n = next) {
        const touch_t *touch = &touches[n];
        next = on_tie ? touch->before_on_tie : touch->i == by ? touch->before_of_i : touch->before_of_j;
        bool is_on_tie =
            (touch->i == walk->i && touch->j == walk->j) || (touch->i == walk->j && touch->j == walk->i);
        if (!on_tie && walk->j >= 0 && is_on_tie) continue;
        double weight = weight_of(walk, touch);
        if (weight <= 0) continue;
        walk->parent = n;
        if ((walk->left -= weight) < 0) return true;
    }
    return false;
}

int32_t draw_parent(const engine_t *self, const process_t *p, uint64_t key) {
    walk_t walk = {.engine = self, .kind = p->kind, .parent = -1};
    process_place(self, p, &walk.i, &walk.j, &walk.group);
    rng_stream_t stream;
    rng_stream_init(&stream, key, DRAW_PARENT);
    walk.left = rng_stream_unit(&stream) * excitation_at(self, p, self->now);
    if (walk.group >= 0) {
        for (int32_t n = self->n_touches - 1; n >= 0 && walk.left >= 0; n--) {
            double weight = weight_of(&walk, &self->touches[n]);
            if (weight > 0) walk.parent = n, walk.left -= weight;
        }
        return walk.parent;
    }
    int tie = walk.j < 0 ? -1 : model_tie(self->model, walk.i, walk.j);
    if (tie >= 0 && walk_chain(&walk, self->last_on_tie[tie], true, -1)) return walk.parent;
    const kind_t *kind = &self->model->kinds[walk.kind];
    bool spreads = kind->scope == SCOPE_ACTOR;
    for (int x = 0; x < kind->n_excitations; x++)
        spreads |= kind->excitations[x].relation >= RELATION_INITIATOR;
    if (!spreads) return walk.parent;
    if (walk_chain(&walk, self->last_of[walk.i], false, walk.i)) return walk.parent;
    if (walk.j >= 0) walk_chain(&walk, self->last_of[walk.j], false, walk.j);
    return walk.parent;
}
