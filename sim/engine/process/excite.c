/* Excitation: which processes an event excites, and the offspring it has there.
 *
 * The excited part of an intensity is a sum over past events, so its events form families (Hawkes and Oakes,
 * "A cluster process representation of a self-exciting process", Journal of Applied Probability 11, 1974):
 * each event triggers its own offspring, and the parent of an excited event is known, not inferred. For each
 * process that it excites, an event has a unit Poisson measure over (quantile of the delay, height); a point
 * is an event iff its height is below branching x weight x season x availability at its time. The measure
 * depends on the event's identity and the process's names alone: an event that happens in two variants has
 * the same offspring in both.
 * */
#include "engine/event/observed.h"

#include "base/mem.h"
#include <gsl/gsl_minmax.h>
#include <math.h>

/* ---- numbers --------------------------------------------------------------------------------------------
 */

#define TURNED (UINT32_C(1) << 30) /* in the name of a stream: for the pair's other direction */
enum { RECEIVERS_AT_ONCE = RNG_LANES * RNG_GROUPS_MAX };

static inline double two_words(uint32_t high, uint32_t low) {
    return rng_to_unit((uint64_t)high << 32 | low);
}

/* The n-th block of a receiver's numbers under the key. */
static inline void numbers(uint64_t key, const receiver_t *r, bool turned, uint32_t n, uint32_t words[4]) {
    const uint32_t counter[4] = {n, turned ? r->name | TURNED : r->name, (uint32_t)r->key,
                                 (uint32_t)(r->key >> 32)};
    rng_philox(key, counter, words);
}

/* ---- offspring -------------------------------------------------------------------------------------- */

static int queue_offspring(engine_t *self, double time, const offspring_t *offspring) {
    uint32_t slot = self->free_offspring;
    if (slot == OFFSPRING_NONE) {
        if (ARRAY_RESERVE(self->offspring, self->n_offspring, self->offspring_capacity) < 0) return ERR_NOMEM;
        slot = self->n_offspring++;
        if (heap_grow(&self->queue, self->n_bunches + self->n_offspring, NULL) < 0) return ERR_NOMEM;
    } else {
        self->free_offspring = self->offspring[slot].process;
    }
    self->offspring[slot] = *offspring;
    if (self->n_courses > 1 && merge_note_offspring(self, slot) < 0) return ERR_NOMEM;
    heap_set_as(&self->queue, self->n_bunches + slot, offspring->process, time);
    return 0;
}

offspring_t offspring_pop(engine_t *self) {
    uint32_t slot = heap_top(&self->queue)->id - self->n_bunches;
    offspring_t offspring = self->offspring[slot];
    offspring_drop(self, slot);
    return offspring;
}

void offspring_drop(engine_t *self, uint32_t slot) {
    heap_remove(&self->queue, self->n_bunches + slot);
    self->offspring[slot].process = self->free_offspring;
    self->free_offspring = slot;
}

/* The site where the touch excites the receiver's event type, -1 if there is none. `turned`: the pair's
 * other direction; `other`: the actor with whom initiator or target is shared. Groups are excited by their
 * own events; in events with participants, dyads by the pair's touch and actors by their own touch. */
static int excited_site(const engine_t *self, const touch_t *touch, const receiver_t *r, bool turned,
                        int other) {
    const kind_t *kind = &self->model->kinds[r->kind];
    if (r->scope == SCOPE_GROUP) return r->relation == RELATION_SAME && touch->j < 0 ? touch->group : -1;
    int i = touch->i, j = touch->j;
    if (r->scope == SCOPE_ACTOR) {
        if (touch->mutual && j >= 0) return -1;
        int actor = r->relation == RELATION_SAME || r->relation == RELATION_INITIATOR ? i : j;
        return actor >= 0 && (r->anyone || may_happen_at(kind, actor, -1)) ? actor : -1;
    }
    if (r->relation != RELATION_SAME && touch->mutual) return -1;
    if (r->relation == RELATION_REVERSED && (r->scope == SCOPE_DYAD || touch->undirected)) return -1;
    if (r->relation == RELATION_INITIATOR) j = other;
    if (r->relation == RELATION_TARGET) i = other;
    if (i < 0 || j < 0) return -1;
    if (turned || r->relation == RELATION_REVERSED) i = touch->j, j = touch->i;
    int site = r->scope == SCOPE_DIRECTED ? model_flow(self->model, i, j) : model_tie(self->model, i, j);
    return site >= 0 && (r->anyone || may_happen_at(kind, i, j)) ? site : -1;
}

/* The touch's offspring of one kind at one place: the points of their measure in order of height, as far as
 * they may count. */
static int trigger(engine_t *self, const touch_t *touch, const receiver_t *r, uint64_t key, bool turned,
                   int other) {
    int site = excited_site(self, touch, r, turned, other);
    if (site < 0) return 0;
    int tie = r->scope == SCOPE_DIRECTED ? site / 2 : r->scope == SCOPE_DYAD ? site : -1;
    double mean = touch->weight * r->mean, most = touch->weight * r->most, height = 0;
    for (uint32_t n = 0;; n++) {
        uint32_t words[4];
        numbers(key, r, turned, n, words);
        height -= elementary_log(two_words(words[1], words[0]));
        if (height >= most) return 0;
        double time = touch->time - elementary_log(two_words(words[3], words[2])) / r->decay;
        if (!(time > self->offspring_after && time <= self->offspring_until && time < self->model->horizon) ||
            observed_excludes(self, r->kind, tie, time))
            continue;
        uint64_t stream = (uint64_t)(r->name | (turned ? TURNED : 0)) << 32 | n;
        offspring_t offspring = {.key = rng_key_number(rng_key_number(key, r->key), stream),
                                 .needs = height / mean,
                                 .process = r->first + (uint32_t)(site * r->n_kinds),
                                 .parent = touch->row,
                                 .courses = self->acting};
        if (queue_offspring(self, time, &offspring) < 0) return ERR_NOMEM;
    }
}

/* ---- who is excited --------------------------------------------------------------------------------- */

/* One excitation of all dyads that share the initiator or the target. */
static int spread(engine_t *self, const touch_t *touch, const receiver_t *r) {
    int ret = 0;
    const uint32_t none = none_below(r);
    for (int m = 0; m < self->model->n_actors; m++) {
        if (m == touch->i || m == touch->j) continue;
        uint64_t key = rng_key_number(touch->key, self->actor_keys[m]);
        uint32_t words[4];
        numbers(key, r, false, 0, words);
        if (words[1] >= none) TRY(trigger(self, touch, r, key, false, m));
    }
out:
    return ret;
}

static int excite_one(engine_t *self, const touch_t *touch, const receiver_t *r, bool turned) {
    if (turned && (r->scope != SCOPE_DIRECTED || r->relation != RELATION_SAME)) return 0;
    if (r->relation >= RELATION_INITIATOR && r->scope <= SCOPE_DYAD) return spread(self, touch, r);
    return trigger(self, touch, r, touch->key, turned, -1);
}

/* The receivers from `first` on, as many as go side by side. */
static int excite_groups(engine_t *self, const touch_t *touch, int first, bool turned) {
    int ret = 0;
    const kind_state_t *source = &self->kinds[touch->kind];
    int n = GSL_MIN(RECEIVERS_AT_ONCE, source->n_receivers - first);
    uint32_t reach =
        rng_philox_reach(touch->key, turned ? TURNED : 0, groups_of(n), source->streams + first / RNG_LANES);
    for (uint32_t left = reach & UINT32_MAX >> (RECEIVERS_AT_ONCE - n); left; left &= left - 1)
        TRY(excite_one(self, touch, &source->receivers[first + __builtin_ctz(left)], turned));
out:
    return ret;
}

static int touch_excite(engine_t *self, const touch_t *touch) {
    int ret = 0, n = self->kinds[touch->kind].n_receivers;
    bool turns = touch->undirected && (self->kinds[touch->kind].duties & DUTY_TURNS);
    for (int first = 0; first < n; first += RECEIVERS_AT_ONCE) {
        TRY(excite_groups(self, touch, first, false));
        if (turns) TRY(excite_groups(self, touch, first, true));
    }
out:
    return ret;
}

/* The offspring before the next branch have the touch's own numbers, those after it the branch's. */
static int excite(engine_t *self, const touch_t *touch) {
    int ret = 0;
    self->offspring_after = self->now;
    self->offspring_until = self->n_taken < self->n_branches ? self->branches[self->n_taken].time : INFINITY;
    TRY(touch_excite(self, touch));
    for (int b = self->n_taken; b < self->n_branches; b++) {
        touch_t branched = *touch;
        branched.key = rng_key_number(touch->key, self->branches[b].key);
        self->offspring_after = self->branches[b].time;
        self->offspring_until = b + 1 < self->n_branches ? self->branches[b + 1].time : INFINITY;
        TRY(touch_excite(self, &branched));
    }
out:
    return ret;
}

/* ---- a pair brought together ------------------------------------------------------------------------- */

/* Counts the pair where a statistic counts events of its kind. */
static void count_touch(engine_t *self, const touch_t *pair) {
    const kind_state_t *state = &self->kinds[pair->kind];
    int flow = pair->j < 0 || state->n_counters == 0 ? -1 : model_flow(self->model, pair->i, pair->j);
    if (flow < 0) return;
    for (int c = 0; c < state->n_counters; c++) {
        world_add_count(&self->world, state->counters[c], flow, pair->time);
        if (pair->undirected) world_add_count(&self->world, state->counters[c], flow ^ 1, pair->time);
    }
    count_changed(self, pair->kind, flow / 2);
}

int touch_record(engine_t *self, const touch_t *pair, double value_usd, bool success) {
    if (pair->i < 0) return 0;
    if (pair->weight > 0 && excite(self, pair) < 0) return ERR_NOMEM;
    const kind_state_t *state = &self->kinds[pair->kind];
    if (state->n_counters > 0) count_touch(self, pair);
    if (pair->time >= 0 && (state->duties & DUTY_COUNTED) && !pair->mediated)
        quantities_pair(self, pair, value_usd, success);
    return 0;
}
