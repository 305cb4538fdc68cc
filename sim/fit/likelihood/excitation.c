/* The excited part of an event type's intensity, and its integral. Touches of one excitation decay at the
 * same rate, so a recursion gives their sums (Ozaki 1979). The excitation that all places of an actor share
 * is summed once, for the actor, minus the part that the place itself does not receive. */
#include "fit/likelihood/internal.h"

#include "base/mem.h"

#include <string.h>

static void fade(trail_t *trail, double theta, double to) {
    double dt = to - trail->time;
    trail->time = to;
    if (trail->s == 0 || dt == 0) return;
    double e = elementary_exp(-theta * dt);
    trail->aged2 = (trail->aged2 + 2 * dt * trail->aged + dt * dt * trail->s) * e;
    trail->aged = (trail->aged + dt * trail->s) * e;
    trail->s *= e;
}

/* K = theta sum exp(-theta age) and its first and second derivative by the log half-life (theta falls at the
 * rate theta with it). */
static void rate_of(const trail_t *trail, double theta, double *k) {
    k[0] = theta * trail->s;
    k[1] = -theta * (trail->s - theta * trail->aged);
    k[2] = theta * (trail->s - 3 * theta * trail->aged + theta * theta * trail->aged2);
}

/* Decays to `to`, and adds to sums[cell] the integral of c K and its derivatives. */
static void follow_to(const likelihood_t *self, double theta, trail_t *trail, double to, double *sums) {
    if (trail->s == 0) trail->time = to;
    while (trail->time < to) {
        double from = self->options.from;
        bool before = trail->time < from;
        double b = before ? fmin(to, from) : self->has_season ? fmin(to, floor(trail->time) + 1) : to;
        double dt = b - trail->time, s = trail->s, a = trail->aged, a2 = trail->aged2;
        int day = day_of(self, trail->time);
        fade(trail, theta, b);
        if (before) continue;
        double c = self->season[day], *sum = sums + 3 * cell_of(self, day), e = elementary_exp(-theta * dt);
        double first = s * dt * e - a * (1 - e), second = -s * dt * dt * e - 2 * a * dt * e + a2 * (1 - e);
        sum[0] += c * s * (1 - e);
        sum[1] -= c * theta * first;
        sum[2] += c * (theta * first + theta * theta * second);
    }
}

/* Adds `weight` times what the instant is of. Of a stream over all time before: the integrals over ages. */
static void add_instant(trail_t *trail, double theta, const instant_t *instant, double weight) {
    double s = instant->is_stream ? weight / theta : weight;
    trail->s += s;
    if (instant->is_stream) trail->aged += s / theta, trail->aged2 += 2 * s / (theta * theta);
}

static bool has_actors(const likelihood_t *self, int x) {
    return self->kind->excitations[x].relation >= RELATION_INITIATOR;
}

/* The trail of actor i, as initiator or as target. */
static size_t actor_index(const likelihood_t *self, int x, int actor) {
    bool target = self->kind->excitations[x].relation == RELATION_TARGET;
    return (size_t)actor + (target ? (size_t)self->model->n_actors : 0);
}

/* The one or two actors whose places (i, j) is one of. */
static int sharers(const likelihood_t *self, int x, int place, int *actors) {
    int i, j;
    likelihood_place_actors(self, place, &i, &j);
    bool target = self->kind->excitations[x].relation == RELATION_TARGET;
    actors[0] = target ? j : i;
    actors[1] = target ? i : j;
    return self->kind->scope == SCOPE_DYAD ? 2 : 1;
}

double excitation_reach(const likelihood_t *self, const instant_t *instant) {
    if (instant->actor < 0) return 1;
    bool target = self->kind->excitations[instant->excitation].relation == RELATION_TARGET &&
                  self->kind->scope != SCOPE_DYAD;
    return (target ? self->in_places : self->out_places)[instant->actor] - (instant->place >= 0);
}

/* ---- at the kind's own events ------------------------------------------------------------------------ */

static void walk(likelihood_t *self, int x, double theta, trail_t *places, trail_t *actors) {
    for (size_t n = 0; n < self->n_instants; n++) {
        const instant_t *instant = &self->instants[n];
        if (instant->excitation == x) {
            trail_t *trail = instant->place >= 0 ? &places[instant->place] : NULL;
            if (trail) fade(trail, theta, instant->time), add_instant(trail, theta, instant, instant->weight);
            if (instant->actor < 0) continue;
            trail = &actors[actor_index(self, x, instant->actor)];
            fade(trail, theta, instant->time), add_instant(trail, theta, instant, instant->weight);
        } else if (instant->excitation < 0) {
            double *k = self->excited + 3 * ((size_t)instant->row * (size_t)self->n_excitations + (size_t)x);
            trail_t at = places[instant->place];
            fade(&at, theta, instant->time);
            rate_of(&at, theta, k);
            if (!has_actors(self, x)) continue;
            int who[2], n_sharers = sharers(self, x, instant->place, who);
            double all[3] = {0}, one[3];
            for (int w = 0; w < n_sharers; w++) {
                at = actors[actor_index(self, x, who[w])];
                fade(&at, theta, instant->time);
                rate_of(&at, theta, one);
                for (int d = 0; d < 3; d++) all[d] += one[d];
            }
            for (int d = 0; d < 3; d++) k[d] = all[d] - k[d];
            if (k[0] < 1e-13 * all[0]) k[0] = k[1] = k[2] = 0; /* what rounding leaves of a difference */
        }
    }
}

static void pool(likelihood_t *self, int x, double theta) {
    double *sums = self->pooled + 3 * (size_t)x * (size_t)self->n_cells;
    memset(sums, 0, 3 * (size_t)self->n_cells * sizeof *sums);
    trail_t all = {0};
    for (size_t n = 0; n < self->n_instants; n++) {
        const instant_t *instant = &self->instants[n];
        if (instant->excitation != x) continue;
        follow_to(self, theta, &all, instant->time, sums);
        add_instant(&all, theta, instant, instant->weight * excitation_reach(self, instant));
    }
    follow_to(self, theta, &all, self->until, sums);
}

/* The same place by place, which times at rest require. */
static int pool_places(likelihood_t *self, int x, double log_half_life) {
    follow_t follow;
    int ret = follow_init(&follow, self, x, log_half_life);
    for (size_t n = 0; ret == 0 && n < self->n_instants; n++) follow_instant(&follow, &self->instants[n]);
    if (ret == 0) follow_all(&follow, self->until, self->pooled + 3 * (size_t)x * (size_t)self->n_cells);
    follow_free(&follow);
    return ret;
}

int excitation_prepare(likelihood_t *self, const double *parameters) {
    size_t n_places = (size_t)all_places(self), n_actors = 2 * (size_t)self->model->n_actors;
    trail_t *trails = NULL;
    int ret = 0;
    for (int x = 0; x < self->n_excitations; x++) {
        double log_half_life = parameters[half_life_of(self, x)],
               theta = M_LN2 / elementary_exp(log_half_life);
        if (log_half_life == self->half_lives[x]) continue;
        if (!trails && !(trails = mem_alloc(n_places + n_actors, sizeof *trails))) return ERR_NOMEM;
        memset(trails, 0, (n_places + n_actors) * sizeof *trails);
        walk(self, x, theta, trails, trails + n_places);
        if (self->options.once_a_day)
            TRY(pool_places(self, x, log_half_life));
        else
            pool(self, x, theta);
        self->half_lives[x] = log_half_life;
    }
out:
    mem_free(trails);
    return ret;
}

/* ---- place by place ---------------------------------------------------------------------------------- */

int follow_init(follow_t *follow, likelihood_t *self, int x, double log_half_life) {
    size_t n_places = (size_t)all_places(self), n_actors = 2 * (size_t)self->model->n_actors,
           n_sums = 3 * (size_t)self->n_cells;
    *follow = (follow_t){.self = self, .x = x, .theta = M_LN2 / elementary_exp(log_half_life)};
    follow->places = mem_alloc(n_places + n_actors, sizeof *follow->places);
    follow->place_sums = mem_alloc((n_places + n_actors + 1) * n_sums, sizeof *follow->place_sums);
    follow->rested = mem_alloc((n_places + 1) * n_sums, sizeof *follow->rested);
    follow->resting = mem_alloc(n_places + 1, sizeof *follow->resting);
    follow->rests = mem_alloc(n_places + 1, sizeof *follow->rests);
    if (!follow->places || !follow->place_sums || !follow->rested || !follow->resting || !follow->rests)
        return ERR_NOMEM;
    follow->all_rested = follow->rested + n_places * n_sums;
    follow->actors = follow->places + n_places;
    follow->actor_sums = follow->place_sums + n_places * n_sums;
    follow->all_sums = follow->actor_sums + n_actors * n_sums;
    return 0;
}

void follow_free(follow_t *follow) {
    mem_free(follow->places);
    mem_free(follow->place_sums);
    mem_free(follow->rested);
    mem_free(follow->resting);
    mem_free(follow->rests);
}

static void touch(follow_t *follow, trail_t *trail, double *sums, const instant_t *instant, double weight) {
    follow_to(follow->self, follow->theta, trail, instant->time, sums);
    add_instant(trail, follow->theta, instant, weight);
}

void follow_whole(follow_t *follow, int place, double t, double sign, double *into) {
    const likelihood_t *self = follow->self;
    size_t n_sums = 3 * (size_t)self->n_cells;
    double *own = follow->place_sums + (size_t)place * n_sums;
    bool shared = has_actors(self, follow->x);
    follow_to(self, follow->theta, &follow->places[place], t, own);
    for (size_t d = 0; d < n_sums; d++) into[d] += (shared ? -sign : sign) * own[d];
    int who[2], n = shared ? sharers(self, follow->x, place, who) : 0;
    for (int w = 0; w < n; w++) {
        size_t a = actor_index(self, follow->x, who[w]);
        double *all = follow->actor_sums + a * n_sums;
        follow_to(self, follow->theta, &follow->actors[a], t, all);
        for (size_t d = 0; d < n_sums; d++) into[d] += sign * all[d];
    }
}

static void rest(follow_t *follow, int place, double t, double sign) {
    follow_whole(follow, place, t, sign, follow->rested + 3 * (size_t)place * (size_t)follow->self->n_cells);
    follow_whole(follow, place, t, sign, follow->all_rested);
}

/* Ends the rests that end by `t`. */
static void wake(follow_t *follow, double t) {
    if (follow->n_resting == 0 || t < follow->wake) return;
    for (int r = 0; r < follow->n_resting; r++) {
        rest(follow, follow->resting[r], follow->wake, 1);
        follow->rests[follow->resting[r]] = false;
    }
    follow->n_resting = 0;
}

void follow_instant(follow_t *follow, const instant_t *instant) {
    size_t n_sums = 3 * (size_t)follow->self->n_cells;
    if (instant->excitation < 0 && follow->self->options.once_a_day) wake(follow, instant->time);
    if (instant->excitation < 0 && follow->self->options.once_a_day && !follow->rests[instant->place]) {
        rest(follow, instant->place, instant->time, -1);
        follow->rests[instant->place] = true;
        follow->resting[follow->n_resting++] = instant->place;
        follow->wake = floor(instant->time) + 1;
    }
    if (instant->excitation != follow->x) return;
    wake(follow, instant->time);
    if (instant->place >= 0)
        touch(follow, &follow->places[instant->place], follow->place_sums + (size_t)instant->place * n_sums,
              instant, instant->weight);
    if (instant->actor >= 0) {
        size_t a = actor_index(follow->self, follow->x, instant->actor);
        touch(follow, &follow->actors[a], follow->actor_sums + a * n_sums, instant, instant->weight);
    }
    touch(follow, &follow->all, follow->all_sums, instant,
          instant->weight * excitation_reach(follow->self, instant));
}

void follow_all(follow_t *follow, double t, double *sums) {
    size_t n_sums = 3 * (size_t)follow->self->n_cells;
    wake(follow, t);
    follow_to(follow->self, follow->theta, &follow->all, t, follow->all_sums);
    for (size_t d = 0; d < n_sums; d++) sums[d] = follow->all_sums[d] - follow->all_rested[d];
    for (int r = 0; r < follow->n_resting; r++) follow_whole(follow, follow->resting[r], t, -1, sums);
}

void follow_at(follow_t *follow, int place, double t, double *sums) {
    size_t n_sums = 3 * (size_t)follow->self->n_cells;
    const double *rested = follow->rested + (size_t)place * n_sums;
    wake(follow, t);
    for (size_t d = 0; d < n_sums; d++) sums[d] = -rested[d];
    if (!follow->rests[place]) follow_whole(follow, place, t, 1, sums);
}
