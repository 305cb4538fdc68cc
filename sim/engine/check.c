#include "engine/check.h"

#include "base/math/elementary.h"
#include <gsl/gsl_minmax.h>
#include <stdio.h>
#include <stdlib.h>

#define HOLDS(condition, ...)                                                        \
    do {                                                                             \
        if (!(condition)) {                                                          \
            fprintf(stderr, "replicate %u, day %.9g: ", self->replicate, self->now); \
            fprintf(stderr, __VA_ARGS__);                                            \
            fprintf(stderr, "\n");                                                   \
            abort();                                                                 \
        }                                                                            \
    } while (0)

/* Processes and ties that may be looked at for each step. */
#define LOOKS_A_STEP 256

/* Ceilings are stored as floats, a little below the level up to which candidates were searched. */
#define KEPT_LOWER 2.5e-5

static bool is_share(double v) {
    return v >= -1 - 1e-12 && v <= 1 + 1e-12;
}

static void check_ties(const engine_t *self) {
    for (int e = 0; e < self->model->n_ties; e++) {
        double s = world_strength(&self->world, e, self->now),
               b = world_alignment(&self->world, e, self->now);
        HOLDS(is_share(s) && is_share(b) && is_share(self->world.ties[e].b0),
              "tie %d: s %.17g, b %.17g, b0 %.17g", e, s, b, self->world.ties[e].b0);
        HOLDS(self->world.ties[e].time <= self->now, "tie %d: anchored on day %.17g", e,
              self->world.ties[e].time);
    }
}

static void check_queues(engine_t *self) {
    HOLDS(heap_verify(&self->queue), "the queue of candidates is out of order");
    HOLDS(heap_verify(&self->agenda.heap), "the agenda is out of order");
    HOLDS(agenda_time(&self->agenda) >= self->now, "the agenda lies behind");
    HOLDS(heap_empty(&self->queue) || heap_top(&self->queue)->time >= self->now, "a candidate lies behind");
    for (uint32_t n = 0; n < self->n_processes; n++) {
        const process_t *p = &self->processes[n];
        double base = process_base(self, p, self->now), most = base * self->kinds[p->kind].season_max;
        HOLDS(base >= 0 && base < INFINITY, "process %u: base intensity %.17g", n, base);
        HOLDS(most == 0 || elementary_log(base) <= (double)p->log_ceiling + KEPT_LOWER,
              "process %u: base intensity %.17g is above its bound %.17g", n, base,
              elementary_exp((double)p->log_ceiling));
        HOLDS(self->next[n] == GSL_MIN(p->low.time, p->high.time), "process %u: its time is not kept", n);
        uint32_t at = self->queue.position[bunch_of(self, p)];
        HOLDS(at == HEAP_NOWHERE ? self->next[n] == INFINITY : self->queue.entries[at].time <= self->next[n],
              "process %u: it is earlier than its bunch in the queue", n);
        HOLDS(p->low.time >= self->now && p->high.time >= self->now, "process %u: its candidate lies behind",
              n);
    }
    for (uint32_t at = 0; at < self->queue.n; at++) {
        uint32_t id = self->queue.entries[at].id, what = self->queue.entries[at].what;
        HOLDS(id >= self->n_bunches || self->next[what] == self->queue.entries[at].time,
              "bunch %u: process %u is not its earliest", id, what);
        if (id < self->n_bunches) continue;
        const offspring_t *offspring = &self->offspring[id - self->n_bunches];
        HOLDS(offspring->process < self->n_processes && offspring->needs > 0,
              "offspring %u: process %u, %.17g", id - self->n_bunches, offspring->process, offspring->needs);
    }
}

static void check_diary(const engine_t *self) {
    for (int i = 0; i < self->model->n_actors; i++)
        for (int a = 0; a < self->diary.n[i]; a++)
            for (int b = 0; b < a; b++) {
                const booking_t *x = &self->diary.bookings[i][a], *y = &self->diary.bookings[i][b];
                bool held = x->item == DIARY_HELD && y->item == DIARY_HELD && (x->courses & y->courses);
                HOLDS(!held || x->place == y->place || x->first_day > y->last_day ||
                          y->first_day > x->last_day,
                      "actor %d is at %d on days %d to %d and at %d on days %d to %d", i, x->place,
                      x->first_day, x->last_day, y->place, y->first_day, y->last_day);
            }
}

void check_step(engine_t *self) {
    self->unchecked += LOOKS_A_STEP;
    uint32_t all = self->n_processes + (uint32_t)self->model->n_ties;
    if (self->stop != STOP_NONE || self->unchecked < all) return;
    self->unchecked = 0;
    check_ties(self);
    check_queues(self);
    check_diary(self);
}

void check_end(const engine_t *self) {
    if (self->stop != STOP_NONE) return;
    for (int flow = 0; flow < 2 * self->model->n_ties; flow++) {
        double running = self->world.flows[flow].deals;
        for (uint32_t id = 0; id < self->agenda.n_items; id++) {
            const item_t *item = &self->agenda.items[id];
            if (agenda_pending(&self->agenda, id) && item->type == ITEM_DELIVERY &&
                item->delivery.flow == flow)
                running += item->delivery.usd_per_year;
        }
        HOLDS(running == 0, "flow %d: %.17g USD a year are neither over nor to end", flow, running);
    }
}
