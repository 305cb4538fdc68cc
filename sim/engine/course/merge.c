/* Merges what a course has added in a step: if the root has added the same, it becomes common. */
#include "engine/internal.h"

#include "base/mem.h"
#include <string.h>

void merge_begin(engine_t *self, int c) {
    added_t *added = &self->courses[c].added;
    added->first_row = self->log->n;
    added->first_item = self->agenda.n_added;
    added->first_booking = self->diary.n_added;
    added->n_offspring = 0;
    self->adding = added;
}

void merge_end(engine_t *self, int c) {
    added_t *added = &self->courses[c].added;
    added->end_row = self->log->n;
    added->end_item = self->agenda.n_added;
    added->end_booking = self->diary.n_added;
    self->adding = NULL;
}

int merge_note_offspring(engine_t *self, uint32_t slot) {
    added_t *added = self->adding;
    if (!added) return 0; /* before the first step all courses are as the root */
    if (ARRAY_RESERVE(added->offspring, added->n_offspring, added->capacity) < 0) return ERR_NOMEM;
    added->offspring[added->n_offspring++] = slot;
    return 0;
}

/* ---- the same --------------------------------------------------------------------------------------- */

/* The root's row in the place of one that the course has added in the step. */
static int32_t mapped(const added_t *own, const added_t *root, int32_t row) {
    return row >= own->first_row && row < own->end_row ? row - own->first_row + root->first_row : row;
}

/* Bit by bit: NAN is NAN. */
static bool same_double(double a, double b) {
    uint64_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return x == y;
}

static bool same_rows(const log_t *log, const added_t *own, const added_t *root) {
    int32_t n = own->end_row - own->first_row;
    if (n != root->end_row - root->first_row) return false;
    for (int32_t k = 0; k < n; k++) {
        int32_t a = own->first_row + k, b = root->first_row + k;
        if (mapped(own, root, log->parent[a]) != log->parent[b] ||
            mapped(own, root, log->summit[a]) != log->summit[b])
            return false;
    }
#define X(name, type, ...)                                                                         \
    if (log->name != (void *)log->parent && log->name != (void *)log->summit && n > 0 &&           \
        memcmp(log->name + own->first_row, log->name + root->first_row, (size_t)n * sizeof(type))) \
        return false;
    LOG_COLUMNS(X)
#undef X
    return true;
}

static bool same_plan(const event_plan_t *a, const event_plan_t *b, const added_t *own, const added_t *root) {
    return a->kind == b->kind && a->initiator == b->initiator && a->target == b->target &&
           a->group == b->group && a->key == b->key && a->cause == b->cause &&
           mapped(own, root, a->parent) == b->parent && a->entry == b->entry && a->to == b->to &&
           a->reply == b->reply && a->level == b->level && a->success == b->success &&
           a->sector == b->sector && same_double(a->time, b->time) &&
           same_double(a->value_usd, b->value_usd) && same_double(a->days, b->days) &&
           same_double(a->expires, b->expires) && a->from == b->from && a->on_the_side == b->on_the_side &&
           a->known == b->known;
}

static bool same_item(const item_t *a, const item_t *b, const added_t *own, const added_t *root) {
    if (a->type != b->type) return false;
    switch (a->type) {
    case ITEM_REPLY:
        if (mapped(own, root, a->row) != b->row || a->lapses != b->lapses) return false;
        return same_plan(&a->plan, &b->plan, own, root);
    case ITEM_EVENT:
    case ITEM_CANCELLED:
        return same_plan(&a->plan, &b->plan, own, root);
    case ITEM_CONDITION:
        return a->spell.condition == b->spell.condition && a->spell.site == b->spell.site &&
               a->spell.token == b->spell.token;
    case ITEM_DELIVERY:
        return a->delivery.flow == b->delivery.flow && a->delivery.usd_per_year == b->delivery.usd_per_year;
    case ITEM_INTERVENTION:
        return a->intervention == b->intervention;
    default: /* nothing else is added in a step but by all courses as one */
        return false;
    }
}

/* The pending items of that course with serial numbers in this range, in order; returns their number. */
static int items_added(const engine_t *self, int course, uint32_t first, uint32_t end, uint32_t *ids,
                       int most) {
    int n = 0;
    for (uint32_t id = 0; id < self->agenda.n_items && first < end; id++) {
        if (self->agenda.serial[id] < first || self->agenda.serial[id] >= end ||
            !agenda_waits(&self->agenda, id, course_bit(course)))
            continue;
        if (n == most) return most + 1;
        int at = n++;
        for (; at > 0 && self->agenda.serial[ids[at - 1]] > self->agenda.serial[id]; at--)
            ids[at] = ids[at - 1];
        ids[at] = id;
    }
    return n;
}

enum { ITEMS_MOST = 256 }; /* largest number of items of one step */

typedef struct {
    int n;
    uint32_t own[ITEMS_MOST], root[ITEMS_MOST];
} items_t;

static bool same_items(const engine_t *self, int course, const added_t *own, const added_t *root,
                       items_t *items) {
    items->n = items_added(self, course, own->first_item, own->end_item, items->own, ITEMS_MOST);
    int n = items_added(self, 0, root->first_item, root->end_item, items->root, ITEMS_MOST);
    if (items->n > ITEMS_MOST || n != items->n) return false;
    for (int k = 0; k < n; k++) {
        uint32_t a = items->own[k], b = items->root[k];
        if (!same_double(self->agenda.heap.entries[self->agenda.heap.position[a]].time,
                         self->agenda.heap.entries[self->agenda.heap.position[b]].time) ||
            self->agenda.order[a] != self->agenda.order[b] ||
            !same_item(&self->agenda.items[a], &self->agenda.items[b], own, root))
            return false;
    }
    return true;
}

static bool same_offspring(const engine_t *self, const added_t *own, const added_t *root) {
    if (own->n_offspring != root->n_offspring) return false;
    for (int k = 0; k < own->n_offspring; k++) {
        const offspring_t *a = &self->offspring[own->offspring[k]], *b = &self->offspring[root->offspring[k]];
        if (a->key != b->key || a->needs != b->needs || a->process != b->process ||
            mapped(own, root, a->parent) != b->parent)
            return false;
    }
    return true;
}

/* The root's item in the place of one of the course's. */
static uint32_t mapped_item(const items_t *items, uint32_t id) {
    for (int k = 0; k < items->n; k++)
        if (items->own[k] == id) return items->root[k];
    return id;
}

static bool is_added(const booking_t *booking, course_set_t course, uint32_t first, uint32_t end) {
    return booking->serial >= first && booking->serial < end && (booking->courses & course);
}

/* The bookings of an actor, one beside the other; `merge`: they become one. */
static bool same_bookings(engine_t *self, int course, int actor, const items_t *items, bool merge) {
    const added_t *own = &self->courses[course].added, *root = &self->courses[0].added;
    booking_t *all = self->diary.bookings[actor];
    int n = self->diary.n[actor], a = 0, b = 0;
    for (;; a++, b++) {
        while (a < n && !is_added(&all[a], course_bit(course), own->first_booking, own->end_booking)) a++;
        while (b < n && !is_added(&all[b], COURSE_ROOT, root->first_booking, root->end_booking)) b++;
        if (a == n || b == n) return a == n && b == n;
        if (merge) {
            all[b].courses |= course_bit(course);
            all[a].courses = 0;
        } else if (all[a].first_day != all[b].first_day || all[a].last_day != all[b].last_day ||
                   all[a].place != all[b].place || all[a].precedence != all[b].precedence ||
                   mapped_item(items, all[a].item) != all[b].item) {
            return false;
        }
    }
}

/* ---- one and the same ------------------------------------------------------------------------------- */

static void merge_rows(engine_t *self, int course, const added_t *own, const added_t *root) {
    course_set_t *row_courses = self->courses[0].result->row_courses;
    for (int32_t k = 0; k < own->end_row - own->first_row; k++) {
        row_courses[root->first_row + k] |= course_bit(course);
        row_courses[own->first_row + k] = 0;
    }
    const course_t *of = &self->courses[course];
    int32_t *rows =
        (int32_t *)(void *)of->arrays[self->blocks[BLOCK_ENTRY].slabs[0].array]; /* calendar_row */
    for (int n = 0; n < of->n_own; n++) {
        int entry = of->list[n] - self->blocks[BLOCK_ENTRY].first;
        if (entry >= 0 && entry < self->model->n_calendar) rows[entry] = mapped(own, root, rows[entry]);
    }
}

static void merge_offspring(engine_t *self, int course, const added_t *own, const added_t *root) {
    for (int k = 0; k < own->n_offspring; k++) {
        self->offspring[root->offspring[k]].courses |= course_bit(course);
        offspring_drop(self, own->offspring[k]);
    }
}

static void merge_items(engine_t *self, int course, const items_t *items) {
    courses_act(self, course_bit(course));
    for (int k = 0; k < items->n; k++) {
        self->agenda.courses[items->root[k]] |= course_bit(course);
        agenda_remove(&self->agenda, items->own[k]);
    }
    courses_act(self, self->all);
}

void merge_added(engine_t *self, int course) {
    const added_t *own = &self->courses[course].added, *root = &self->courses[0].added;
    items_t items;
    if (!same_rows(self->log, own, root) || !same_offspring(self, own, root) ||
        !same_items(self, course, own, root, &items))
        return;
    bool books = own->first_booking < own->end_booking || root->first_booking < root->end_booking;
    for (int actor = 0; books && actor < self->model->n_actors; actor++)
        if (!same_bookings(self, course, actor, &items, false)) return;
    for (int actor = 0; books && actor < self->model->n_actors; actor++) {
        same_bookings(self, course, actor, &items, true);
        diary_compact(&self->diary, actor);
    }
    merge_rows(self, course, own, root);
    merge_offspring(self, course, own, root);
    merge_items(self, course, &items);
}
