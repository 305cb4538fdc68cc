#include "engine/event/diary.h"

#include "base/error.h"
#include "base/mem.h"
#include <string.h>

int diary_init(diary_t *self, int n_actors) {
    size_t n = n_actors > 0 ? (size_t)n_actors : 1;
    *self = (diary_t){.n_actors = n_actors, .acting = COURSE_ROOT};
    self->n = mem_alloc(n, sizeof *self->n);
    self->capacity = mem_alloc(n, sizeof *self->capacity);
    self->bookings = mem_alloc(n, sizeof *self->bookings);
    if (self->n && self->capacity && self->bookings) return 0;
    diary_free(self);
    return ERR_NOMEM;
}

void diary_free(diary_t *self) {
    for (int i = 0; self->bookings && i < self->n_actors; i++) mem_free(self->bookings[i]);
    mem_free(self->n);
    mem_free(self->capacity);
    mem_free(self->bookings);
    *self = (diary_t){0};
}

void diary_clear(diary_t *self) {
    for (int i = 0; i < self->n_actors; i++) self->n[i] = 0;
    self->n_added = 0;
}

int diary_add(diary_t *self, int actor, const booking_t *booking) {
    if (ARRAY_RESERVE(self->bookings[actor], self->n[actor], self->capacity[actor]) < 0) return ERR_NOMEM;
    booking_t *own = &self->bookings[actor][self->n[actor]++];
    *own = *booking;
    own->serial = self->n_added++;
    own->courses = self->acting;
    return 0;
}

const booking_t *diary_collision(const diary_t *self, int actor, int first_day, int last_day, int place,
                                 const booking_t *after) {
    if (!self->n[actor]) return NULL;
    const booking_t *end = self->bookings[actor] + self->n[actor];
    for (const booking_t *b = after ? after + 1 : self->bookings[actor]; b < end; b++) {
        if (b->place == place || b->first_day > last_day || b->last_day < first_day) continue;
        course_agree(self->acting, b->courses);
        if (course_sees(self->acting, b->courses)) return b;
    }
    return NULL;
}

course_set_t diary_differing(const diary_t *self, int actor, int first_day, int last_day) {
    course_set_t differ = 0;
    for (const booking_t *b = self->bookings[actor]; b < self->bookings[actor] + self->n[actor]; b++)
        if (b->first_day <= last_day && b->last_day >= first_day) differ |= course_differing(b->courses);
    return differ;
}

void diary_release(diary_t *self, int actor, uint32_t item) {
    booking_t *bookings = self->bookings[actor];
    for (int b = 0; b < self->n[actor]; b++)
        if (bookings[b].item == item) bookings[b].courses &= ~self->acting;
    diary_compact(self, actor);
}

void diary_compact(diary_t *self, int actor) {
    booking_t *bookings = self->bookings[actor];
    int kept = 0;
    for (int b = 0; b < self->n[actor]; b++)
        if (bookings[b].courses) bookings[kept++] = bookings[b];
    self->n[actor] = kept;
}

void diary_release_all(diary_t *self, uint32_t item) {
    for (int actor = 0; actor < self->n_actors; actor++) diary_release(self, actor, item);
}
