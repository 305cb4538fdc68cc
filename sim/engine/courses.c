#include "engine/courses.h"

#include "engine/internal.h"
#include <string.h>

/* ---- memory ----------------------------------------------------------------------------------------- */

static slab_t slab_of(void *base, size_t first, size_t n, size_t size) {
    return (slab_t){(char *)base + first * size, n * size};
}

/* The candidates of a site: its processes, their room and their times. */
static void add_site_slabs(const engine_t *self, block_class_t *class, scope_t scope, size_t sites) {
    const region_t *region = &self->regions[scope];
    size_t n = sites * (size_t)region->n_kinds;
    class->slabs[class->n_slabs++] = slab_of(self->processes, region->first, n, sizeof *self->processes);
    class->slabs[class->n_slabs++] = slab_of(self->room, region->first, n, sizeof *self->room);
    class->slabs[class->n_slabs++] = slab_of(self->next, region->first, n, sizeof *self->next);
}

static void lay_out(engine_t *self) {
    const model_t *model = self->model;
    block_class_t *ties = &self->blocks[BLOCK_TIE], *actors = &self->blocks[BLOCK_ACTOR],
                  *entries = &self->blocks[BLOCK_ENTRY];
    size_t answers = (size_t)model->n_actors * sizeof *self->answers;
    *ties = (block_class_t){.first = 0, .n = model->n_ties, .n_state = WORLD_TIE_SLABS};
    *actors = (block_class_t){.first = model->n_ties, .n = model->n_actors, .n_state = WORLD_ACTOR_SLABS};
    *entries = (block_class_t){.first = actors->first + actors->n, .n = model->n_calendar, .n_state = 3};
    self->n_blocks = entries->first + entries->n;
    world_tie_slabs(&self->world, ties->slabs);
    world_actor_slabs(&self->world, actors->slabs);
    entries->slabs[0] = (slab_t){(char *)self->calendar_row, sizeof *self->calendar_row};
    entries->slabs[1] = (slab_t){(char *)self->n_answers, sizeof *self->n_answers};
    entries->slabs[2] = (slab_t){(char *)self->answers, answers};
    for (int t = 0; t < BLOCK_TYPES; t++) self->blocks[t].n_slabs = self->blocks[t].n_state;
    add_site_slabs(self, ties, SCOPE_DIRECTED, 2);
    add_site_slabs(self, ties, SCOPE_DYAD, 1);
    add_site_slabs(self, actors, SCOPE_ACTOR, 1);
    for (int t = 0; t < BLOCK_TYPES; t++) {
        block_class_t *class = &self->blocks[t];
        for (int s = 0; s < class->n_slabs; s++)
            *(s < class->n_state ? &class->state_size : &class->candidates_size) += class->slabs[s].size;
    }
}

static int make_course(engine_t *self, course_t *course) {
    size_t n = (size_t)self->n_blocks + 1;
    *course = (course_t){0};
    course->own = mem_alloc(n, sizeof *course->own);
    course->list = mem_alloc(n, sizeof *course->list);
    if (!course->own || !course->list) return ERR_NOMEM;
    return heap_init(&course->queue, self->n_bunches, NULL);
}

int courses_make(engine_t *self, int n) {
    int ret = 0;
    if (n <= self->room_courses) return 0;
    if (!self->owners) {
        lay_out(self);
        size_t blocks = (size_t)self->n_blocks + 1;
        self->owners = mem_alloc(blocks, sizeof *self->owners);
        self->entered = mem_alloc(blocks, sizeof *self->entered);
        self->reach.blocks = mem_alloc(blocks, sizeof *self->reach.blocks);
        self->reach.stamp = mem_alloc(blocks, sizeof *self->reach.stamp);
        if (!self->owners || !self->entered || !self->reach.blocks || !self->reach.stamp) return ERR_NOMEM;
    }
    course_t *courses = mem_resize(self->courses, (size_t)n, sizeof *courses);
    if (!courses) return ERR_NOMEM;
    self->courses = courses;
    for (; self->room_courses < n; self->room_courses++) {
        if ((ret = make_course(self, &courses[self->room_courses])) < 0) {
            self->room_courses++; /* what there is of it is freed with the others */
            return ret;
        }
    }
    return 0;
}

static void *take_memory(engine_t *self, int type, bool candidates) {
    void **free = &self->free_blocks[type][candidates], *block = *free;
    const block_class_t *class = &self->blocks[type];
    size_t size = candidates ? class->candidates_size : class->state_size;
    if (!block) return mem_alloc(1, size < sizeof(void *) ? sizeof(void *) : size);
    memcpy(free, block, sizeof *free);
    return block;
}

static void give_memory(engine_t *self, int type, bool candidates, char **block) {
    if (!*block) return;
    memcpy(*block, &self->free_blocks[type][candidates], sizeof(void *));
    self->free_blocks[type][candidates] = *block;
    *block = NULL;
}

static int type_of(const engine_t *self, int block) {
    return block >= self->blocks[BLOCK_ENTRY].first   ? BLOCK_ENTRY
           : block >= self->blocks[BLOCK_ACTOR].first ? BLOCK_ACTOR
                                                      : BLOCK_TIE;
}

void courses_free(engine_t *self) {
    courses_begin(self, 0);
    for (int c = 0; c < self->room_courses; c++) {
        mem_free(self->courses[c].own);
        mem_free(self->courses[c].list);
        mem_free(self->courses[c].added.offspring);
        heap_free(&self->courses[c].queue);
    }
    for (int t = 0; t < BLOCK_TYPES; t++)
        for (int k = 0; k < 2; k++)
            for (void *block; (block = self->free_blocks[t][k]); mem_free(block))
                memcpy(&self->free_blocks[t][k], block, sizeof(void *));
    void *blocks[] = {self->courses, self->owners, self->entered, self->reach.blocks, self->reach.stamp};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
    self->courses = NULL;
    self->owners = NULL;
    self->entered = self->reach.blocks = NULL;
    self->reach.stamp = NULL;
    self->room_courses = 0;
}

/* ---- own blocks ------------------------------------------------------------------------------------- */

/* The part of a slab that is the block's. */
static inline char *part_of(const block_class_t *class, int slab, int block) {
    return class->slabs[slab].base + (size_t)(block - class->first) * class->slabs[slab].size;
}

static void copy_from_root(const engine_t *self, int block, int first, int end, char *to) {
    const block_class_t *class = &self->blocks[type_of(self, block)];
    for (int s = first; s < end; s++) {
        memcpy(to, part_of(class, s, block), class->slabs[s].size);
        to += class->slabs[s].size;
    }
}

static void swap_bytes(char *a, char *b, size_t n) {
    char kept[512];
    for (size_t size; n > 0; a += size, b += size, n -= size) {
        size = n < sizeof kept ? n : sizeof kept;
        memcpy(kept, a, size);
        memcpy(a, b, size);
        memcpy(b, kept, size);
    }
}

static void swap_with_root(const engine_t *self, int block, int first, int end, char *own) {
    const block_class_t *class = &self->blocks[type_of(self, block)];
    for (int s = first; s < end; s++) {
        swap_bytes(part_of(class, s, block), own, class->slabs[s].size);
        own += class->slabs[s].size;
    }
}

static void swap_state(const engine_t *self, const course_t *course, int block) {
    swap_with_root(self, block, 0, self->blocks[type_of(self, block)].n_state, course->own[block].state);
}

static void swap_candidates(const engine_t *self, const course_t *course, int block) {
    const block_class_t *class = &self->blocks[type_of(self, block)];
    if (block < 0 || !course->own[block].candidates) return;
    swap_with_root(self, block, class->n_state, class->n_slabs, course->own[block].candidates);
}

static bool is_roots(const engine_t *self, const own_t *own, int block) {
    const block_class_t *class = &self->blocks[type_of(self, block)];
    const char *at = own->state;
    for (int s = 0; s < class->n_state; s++) {
        if (memcmp(part_of(class, s, block), at, class->slabs[s].size) != 0) return false;
        at += class->slabs[s].size;
    }
    return true;
}

int course_take(engine_t *self, int c, int block) {
    course_t *course = &self->courses[c];
    own_t *own = &course->own[block];
    if (own->state) return 0;
    own->state = take_memory(self, type_of(self, block), false);
    if (!own->state) return ERR_NOMEM;
    copy_from_root(self, block, 0, self->blocks[type_of(self, block)].n_state, own->state);
    own->at = course->n_own;
    own->stale = false;
    course->list[course->n_own++] = block;
    self->owners[block] |= course_bit(c);
    self->owning |= course_bit(c);
    return 0;
}

/* Takes each bunch at the block's sites out of the course's queue. */
static void leave_queue(engine_t *self, course_t *course, int block) {
    int tie = block, actor = block - self->blocks[BLOCK_ACTOR].first;
    bool of_tie = type_of(self, block) == BLOCK_TIE;
    for (int scope = SCOPE_DIRECTED; scope <= SCOPE_ACTOR; scope++) {
        const region_t *region = &self->regions[scope];
        if (of_tie != (scope <= SCOPE_DYAD)) continue;
        int n = scope == SCOPE_DIRECTED ? 2 : 1, site = scope == SCOPE_ACTOR ? actor : n * tie;
        for (int b = 0; b < n * region->n_bunches; b++)
            heap_remove(&course->queue, region->first_bunch + (uint32_t)(site * region->n_bunches + b));
    }
    self->own_next.known = false;
}

static void give_up(engine_t *self, int c, int block) {
    course_t *course = &self->courses[c];
    own_t *own = &course->own[block];
    int type = type_of(self, block);
    if (own->candidates) leave_queue(self, course, block);
    give_memory(self, type, false, &own->state);
    give_memory(self, type, true, &own->candidates);
    int last = course->list[--course->n_own];
    course->list[own->at] = last;
    course->own[last].at = own->at;
    self->owners[block] &= ~course_bit(c);
    if (course->n_own == 0) self->owning &= ~course_bit(c);
}

void courses_begin(engine_t *self, int n) {
    for (int c = 0; c < self->room_courses; c++)
        while (self->courses[c].n_own > 0) give_up(self, c, self->courses[c].list[0]);
    for (int c = 0; c < self->room_courses; c++) heap_clear(&self->courses[c].queue);
    self->n_courses = n;
    self->all = n >= COURSES_MAX ? ~UINT64_C(0) : course_bit(n) - 1;
    self->owning = 0;
    self->own_next.known = false;
    self->own_next.time = INFINITY;
    self->bunches = &self->queue;
    courses_act(self, self->all);
}

bool course_has_present(const engine_t *self, int c, int actor) {
    const own_t *own = self->n_courses > 1 ? &self->courses[c].own[block_of_actor(self, actor)] : NULL;
    if (!own || !own->state) return self->world.present[actor];
    return ((const bool *)own->state)[self->blocks[BLOCK_ACTOR].slabs[0].size];
}

/* ---- in the place of the root ----------------------------------------------------------------------- */

void course_enter(engine_t *self, int c, int n, const int *blocks, int candidates) {
    course_t *course = &self->courses[c];
    if (!blocks) blocks = course->list, n = course->n_own;
    self->n_entered = 0;
    for (int k = 0; k < n; k++) {
        if (!course->own[blocks[k]].state) continue;
        swap_state(self, course, blocks[k]);
        self->entered[self->n_entered++] = blocks[k];
    }
    self->entered_candidates = candidates;
    swap_candidates(self, course, candidates);
    self->variant = course->variant;
    self->bunches = &course->queue;
    courses_act(self, course_bit(c));
    view_forget(self);
}

void course_leave(engine_t *self, int c) {
    course_t *course = &self->courses[c];
    for (int k = 0; k < self->n_entered; k++) swap_state(self, course, self->entered[k]);
    swap_candidates(self, course, self->entered_candidates);
    for (int n = 0; n < self->dirty_ties.n; n++) {
        own_t *own = &course->own[block_of_tie(self, self->dirty_ties.list[n])];
        assert(own->state);
        own->stale = true;
    }
    for (int n = 0; n < self->dirty_actors.n; n++) {
        own_t *own = &course->own[block_of_actor(self, self->dirty_actors.list[n])];
        assert(own->state);
        own->stale = true;
    }
    sites_clear(&self->dirty_ties);
    sites_clear(&self->dirty_actors);
    self->variant = self->courses[0].variant;
    self->bunches = &self->queue;
    self->own_next.known = false;
    courses_act(self, self->all);
    view_forget(self);
}

/* ---- after a step ----------------------------------------------------------------------------------- */

/* Whether the course needs the block though it is as the root's: of a tie, as an actor is not; for what the
 * processes of a tie read of its actors is theirs too. */
static bool is_needed(const engine_t *self, const course_t *course, int block) {
    if (type_of(self, block) != BLOCK_TIE) return false;
    const tie_t *tie = &self->model->ties[block - self->blocks[BLOCK_TIE].first];
    return course->own[block_of_actor(self, tie->a)].state || course->own[block_of_actor(self, tie->b)].state;
}

/* Candidates of its own where it had the root's, which hold for what they were looked for; those that have
 * to be looked for anew. */
static int find_candidates(engine_t *self, int c, int block, bool rates) {
    course_t *course = &self->courses[c];
    own_t *own = &course->own[block];
    int type = type_of(self, block);
    if (type == BLOCK_ENTRY) return 0;
    bool is_new = !own->candidates;
    if (is_new) {
        own->candidates = take_memory(self, type, true);
        if (!own->candidates) return ERR_NOMEM;
        copy_from_root(self, block, self->blocks[type].n_state, self->blocks[type].n_slabs, own->candidates);
    }
    own->stale = false;
    int tie = block, actor = block - self->blocks[BLOCK_ACTOR].first, read[3] = {block}, n_read = 1;
    if (type == BLOCK_TIE) { /* its processes read its actors too */
        read[n_read++] = block_of_actor(self, self->model->ties[tie].a);
        read[n_read++] = block_of_actor(self, self->model->ties[tie].b);
    }
    course_enter(self, c, n_read, read, block);
    if (type == BLOCK_TIE) {
        for (int f = 0; f < 2; f++) site_rebind(self, SCOPE_DIRECTED, 2 * tie + f, is_new || rates);
        site_rebind(self, SCOPE_DYAD, tie, is_new || rates);
    } else {
        site_rebind(self, SCOPE_ACTOR, actor, is_new || rates);
    }
    course_leave(self, c);
    return 0;
}

int course_settle(engine_t *self, int c, int n, const int *blocks, bool rates) {
    int ret = 0;
    course_t *course = &self->courses[c];
    for (int actors = 1; actors >= 0; actors--) /* first, as they may need their ties */
        for (int k = n - 1; k >= 0; k--) {
            own_t *own = &course->own[blocks[k]];
            if (!own->state || (type_of(self, blocks[k]) == BLOCK_TIE) == actors) continue;
            if (is_roots(self, own, blocks[k]) && !is_needed(self, course, blocks[k]))
                give_up(self, c, blocks[k]);
        }
    for (int k = 0; k < n; k++) {
        own_t *own = &course->own[blocks[k]];
        if (own->state && (own->stale || !own->candidates || rates))
            TRY(find_candidates(self, c, blocks[k], rates));
    }
out:
    return ret;
}

void courses_find_next(engine_t *self) {
    self->own_next.known = true;
    self->own_next.time = INFINITY;
    for (course_set_t left = self->owning; left; left &= left - 1) {
        const heap_t *queue = &self->courses[course_first(left)].queue;
        if (heap_empty(queue) || heap_top(queue)->time >= self->own_next.time) continue;
        self->own_next.time = heap_top(queue)->time;
        self->own_next.course = course_first(left);
    }
}
