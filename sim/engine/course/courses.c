#include "engine/course/courses.h"

#include "engine/internal.h"
#include <string.h>

/* ---- memory ----------------------------------------------------------------------------------------- */

static char *pointer_at(const void *member) {
    char *pointer;
    memcpy(&pointer, member, sizeof pointer);
    return pointer;
}

/* The number of the array that the pointer is to, of at least so many bytes. */
static int array_of(engine_t *self, void *member, size_t bytes) {
    int a = 0;
    while (a < self->n_arrays && self->arrays[a].member != member) a++;
    assert(a < ARRAYS_MAX);
    if (a == self->n_arrays)
        self->arrays[self->n_arrays++] = (array_t){.member = member, .root = pointer_at(member)};
    if (self->arrays[a].bytes < bytes) self->arrays[a].bytes = bytes;
    return a;
}

/* Blocks whose parts are of `size` bytes, from the offset on. */
static void add_slab(engine_t *self, block_class_t *class, void *member, size_t offset, size_t size) {
    int array = array_of(self, member, offset + (size_t) class->n * size), s = class->n_slabs++;
    assert(s < BLOCK_SLABS);
    class->slabs[s].array = array;
    class->slabs[s].offset = offset;
    class->slabs[s].size = size;
}

static void add_slabs(engine_t *self, block_class_t *class, int n, const slab_t *slabs) {
    for (int s = 0; s < n; s++) add_slab(self, class, slabs[s].member, 0, slabs[s].size);
    class->n_state = class->n_slabs;
}

/* The candidates of a site: its processes and what is kept beside them. */
static void add_site(engine_t *self, block_class_t *class, scope_t scope, size_t sites) {
    const region_t *region = &self->regions[scope];
    const slab_t slabs[] = {{&self->processes, sizeof *self->processes},
                            {&self->room, sizeof *self->room},
                            {&self->next, sizeof *self->next},
                            {&self->others, sizeof *self->others}};
    for (size_t s = 0; s < sizeof slabs / sizeof *slabs; s++)
        add_slab(self, class, slabs[s].member, region->first * slabs[s].size,
                 sites * (size_t)region->n_kinds * slabs[s].size);
}

static void lay_out(engine_t *self) {
    const model_t *model = self->model;
    block_class_t *ties = &self->blocks[BLOCK_TIE], *actors = &self->blocks[BLOCK_ACTOR],
                  *entries = &self->blocks[BLOCK_ENTRY], *rules = &self->blocks[BLOCK_RULE],
                  *market = &self->blocks[BLOCK_MARKET];
    slab_t of_tie[WORLD_TIE_SLABS], of_actor[WORLD_ACTOR_SLABS], of_market[WORLD_MARKET_SLABS];
    const slab_t of_entry[] = {{&self->calendar_row, sizeof *self->calendar_row},
                               {&self->n_answers, sizeof *self->n_answers},
                               {&self->answers, (size_t)model->n_actors * sizeof *self->answers},
                               {&self->rules.outcomes, sizeof *self->rules.outcomes}};
    const slab_t of_rule[] = {{&self->rules.recalls, (size_t)self->rules.room * sizeof *self->rules.recalls}};
    self->n_arrays = 0;
    *ties = (block_class_t){.first = 0, .n = model->n_ties};
    *actors = (block_class_t){.first = model->n_ties, .n = model->n_actors};
    *entries = (block_class_t){.first = actors->first + actors->n, .n = model->n_calendar};
    *rules = (block_class_t){.first = entries->first + entries->n,
                             .n = model->n_rule_counts + model->n_interventions};
    *market = (block_class_t){.first = rules->first + rules->n, .n = self->world.market != NULL};
    self->n_blocks = market->first + market->n;
    world_tie_slabs(&self->world, of_tie);
    world_actor_slabs(&self->world, of_actor);
    world_market_slabs(&self->world, of_market);
    add_slabs(self, ties, WORLD_TIE_SLABS, of_tie);
    add_slabs(self, actors, WORLD_ACTOR_SLABS, of_actor);
    add_slabs(self, entries, 4, of_entry);
    add_slabs(self, rules, 1, of_rule);
    if (market->n) add_slabs(self, market, WORLD_MARKET_SLABS, of_market);
    add_site(self, ties, SCOPE_DIRECTED, 2);
    add_site(self, ties, SCOPE_DYAD, 1);
    add_site(self, actors, SCOPE_ACTOR, 1);
    size_t processes = self->n_processes; /* groups' have no block */
    self->array_of_processes = array_of(self, &self->processes, processes * sizeof *self->processes);
    self->array_of_present = array_of(self, &self->world.present, 0);
}

static int make_course(engine_t *self, course_t *course) {
    size_t n = (size_t)self->n_blocks + 1;
    *course = (course_t){0};
    course->own = mem_alloc(n, sizeof *course->own);
    course->list = mem_alloc(n, sizeof *course->list);
    size_t bytes = CACHE_LINE;
    for (int a = 0; a < self->n_arrays; a++) bytes += self->arrays[a].bytes + CACHE_LINE;
    course->memory = mem_alloc_sparse(1, bytes);
    if (!course->own || !course->list || !course->memory) return ERR_NOMEM;
    uintptr_t at = (uintptr_t)course->memory;
    for (int a = 0; a < self->n_arrays; a++) {
        at = (at + CACHE_LINE - 1) & ~(uintptr_t)(CACHE_LINE - 1);
        course->arrays[a] = (char *)at;
        at += self->arrays[a].bytes;
    }
    return heap_init(&course->queue, self->n_bunches, NULL);
}

int courses_make(engine_t *self, int n) {
    int ret = 0;
    if (n <= self->room_courses) return 0;
    if (!self->owners) {
        lay_out(self);
        size_t blocks = (size_t)self->n_blocks + 1;
        self->owners = mem_alloc(blocks, sizeof *self->owners);
        self->footprint.blocks = mem_alloc(blocks, sizeof *self->footprint.blocks);
        self->footprint.stamp = mem_alloc(blocks, sizeof *self->footprint.stamp);
        self->read_blocks = mem_alloc(blocks + 2 * (size_t)self->model->n_actors, sizeof *self->read_blocks);
        if (!self->owners || !self->footprint.blocks || !self->footprint.stamp || !self->read_blocks)
            return ERR_NOMEM;
        for (int i = 0; i < self->model->n_actors; i++)
            self->read_blocks[self->n_read_blocks++] = block_of_actor(self, i);
        if (self->world.market) self->read_blocks[self->n_read_blocks++] = block_of_market(self);
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

static int type_of(const engine_t *self, int block) {
    return block >= self->blocks[BLOCK_MARKET].first  ? BLOCK_MARKET
           : block >= self->blocks[BLOCK_RULE].first  ? BLOCK_RULE
           : block >= self->blocks[BLOCK_ENTRY].first ? BLOCK_ENTRY
           : block >= self->blocks[BLOCK_ACTOR].first ? BLOCK_ACTOR
                                                      : BLOCK_TIE;
}

void courses_free(engine_t *self) {
    courses_begin(self, 0);
    for (int c = 0; c < self->room_courses; c++) {
        mem_free(self->courses[c].own);
        mem_free(self->courses[c].list);
        mem_free(self->courses[c].memory);
        mem_free(self->courses[c].added.offspring);
        heap_free(&self->courses[c].queue);
    }
    void *blocks[] = {self->courses, self->owners, self->footprint.blocks, self->footprint.stamp,
                      self->read_blocks};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
    self->courses = NULL;
    self->owners = NULL;
    self->footprint.blocks = self->read_blocks = NULL;
    self->footprint.stamp = NULL;
    self->room_courses = self->n_read_blocks = 0;
}

/* ---- own blocks ------------------------------------------------------------------------------------- */

/* The root's parts from slab `first` to before `end` to the course. */
static void copy_from_root(const engine_t *self, const course_t *course, int block, int first, int end) {
    const block_class_t *class = &self->blocks[type_of(self, block)];
    for (int s = first; s < end; s++) {
        int array = class->slabs[s].array;
        size_t size = class->slabs[s].size,
               at = class->slabs[s].offset + (size_t)(block - class->first) * size;
        memcpy(course->arrays[array] + at, self->arrays[array].root + at, size);
    }
}

static void copy_state(const engine_t *self, const course_t *course, int block) {
    copy_from_root(self, course, block, 0, self->blocks[type_of(self, block)].n_state);
}

static bool is_roots(const engine_t *self, const course_t *course, int block) {
    const block_class_t *class = &self->blocks[type_of(self, block)];
    for (int s = 0; s < class->n_state; s++) {
        int array = class->slabs[s].array;
        size_t size = class->slabs[s].size,
               at = class->slabs[s].offset + (size_t)(block - class->first) * size;
        if (memcmp(course->arrays[array] + at, self->arrays[array].root + at, size) != 0) return false;
    }
    return true;
}

void course_take(engine_t *self, int c, int block) {
    course_t *course = &self->courses[c];
    own_t *own = &course->own[block];
    if (own->is_own) return;
    copy_state(self, course, block);
    *own = (own_t){.is_own = true, .at = course->n_own};
    course->list[course->n_own++] = block;
    self->owners[block] |= course_bit(c);
    self->owning |= course_bit(c);
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
    if (own->has_candidates) leave_queue(self, course, block);
    own->is_own = own->has_candidates = false;
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
    const course_t *course = &self->courses[c];
    if (c == 0 || !course->own[block_of_actor(self, actor)].is_own) return self->world.present[actor];
    return ((const bool *)course->arrays[self->array_of_present])[actor];
}

/* ---- acting ----------------------------------------------------------------------------------------- */

void course_enter(engine_t *self, int c, int n, const int *blocks) {
    course_t *course = &self->courses[c];
    if (!blocks) n = self->n_blocks;
    for (int k = 0; k < n; k++) {
        int block = blocks ? blocks[k] : k;
        if (!course->own[block].is_own) copy_state(self, course, block);
    }
    for (int a = 0; a < self->n_arrays; a++)
        memcpy(self->arrays[a].member, &course->arrays[a], sizeof course->arrays[a]);
    self->variant = course->variant;
    self->bunches = &course->queue;
    courses_act(self, course_bit(c));
    view_forget(self);
}

void course_copy_process(engine_t *self, int c, uint32_t process) {
    int array = self->array_of_processes;
    size_t size = sizeof *self->processes, at = process * size;
    memcpy(self->courses[c].arrays[array] + at, self->arrays[array].root + at, size);
}

void course_leave(engine_t *self, int c) {
    course_t *course = &self->courses[c];
    for (int a = 0; a < self->n_arrays; a++)
        memcpy(self->arrays[a].member, &self->arrays[a].root, sizeof self->arrays[a].root);
    for (int n = 0; n < self->dirty_ties.n; n++) {
        own_t *own = &course->own[block_of_tie(self, self->dirty_ties.list[n])];
        assert(own->is_own);
        own->stale = true;
    }
    for (int n = 0; n < self->dirty_actors.n; n++) {
        own_t *own = &course->own[block_of_actor(self, self->dirty_actors.list[n])];
        assert(own->is_own);
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

/* Whether the course needs its block although it equals the root's: that of a tie with an actor that
 * differs, because the processes of a tie depend on its actors. */
static bool is_needed(const engine_t *self, const course_t *course, int block) {
    if (type_of(self, block) != BLOCK_TIE) return false;
    const tie_t *tie = &self->model->ties[block - self->blocks[BLOCK_TIE].first];
    return course->own[block_of_actor(self, tie->a)].is_own ||
           course->own[block_of_actor(self, tie->b)].is_own;
}

/* The sites of a block: an actor's, or the two directions of a tie and the dyad. `is_new`: its candidates
 * have been the root's until now. */
static void bind_sites(engine_t *self, int block, bool is_new, bool rates) {
    bool of_tie = type_of(self, block) == BLOCK_TIE;
    for (int scope = SCOPE_DIRECTED; scope <= SCOPE_ACTOR; scope++) {
        if (of_tie != (scope <= SCOPE_DYAD)) continue;
        int n = scope == SCOPE_DIRECTED ? 2 : 1;
        int first = of_tie ? n * block : block - self->blocks[BLOCK_ACTOR].first;
        for (int site = first; site < first + n; site++) {
            if (is_new || rates) site_forget(self, (scope_t)scope, site);
            if (rates)
                site_rebind(self, (scope_t)scope, site, true);
            else
                site_bind(self, (scope_t)scope, site);
            if (is_new && !rates) site_queue(self, (scope_t)scope, site);
        }
    }
}

/* Whether the course must look for candidates of the block. */
static bool is_unsettled(const engine_t *self, const course_t *course, int block, bool rates) {
    const own_t *own = &course->own[block];
    return own->is_own && type_of(self, block) < BLOCK_ENTRY && (own->stale || !own->has_candidates || rates);
}

/* Takes over the root's candidates of the blocks that have none of their own: they stay valid for the level
 * of their search. Then lists the actors that the processes of all these blocks read; their number. */
static int take_candidates(engine_t *self, const course_t *course, int n, const int *blocks, bool rates) {
    int n_read = 0, *read = self->read_blocks + self->n_read_blocks;
    for (int k = 0; k < n; k++) {
        if (!is_unsettled(self, course, blocks[k], rates)) continue;
        const block_class_t *class = &self->blocks[type_of(self, blocks[k])];
        if (!course->own[blocks[k]].has_candidates)
            copy_from_root(self, course, blocks[k], class->n_state, class->n_slabs);
        if (type_of(self, blocks[k]) != BLOCK_TIE || n_read >= self->model->n_actors) continue;
        read[n_read++] = block_of_actor(self, self->model->ties[blocks[k]].a);
        read[n_read++] = block_of_actor(self, self->model->ties[blocks[k]].b);
    }
    return n_read;
}

static void find_candidates(engine_t *self, int c, int n, const int *blocks, bool rates) {
    course_t *course = &self->courses[c];
    int n_read = take_candidates(self, course, n, blocks, rates), n_actors = self->model->n_actors;
    bool few = n_read < n_actors; /* in place of all of them */
    course_enter(self, c, few ? n_read : n_actors, self->read_blocks + (few ? self->n_read_blocks : 0));
    for (int k = 0; k < n; k++) {
        own_t *own = &course->own[blocks[k]];
        if (!is_unsettled(self, course, blocks[k], rates)) continue;
        bool is_new = !own->has_candidates;
        own->stale = false;
        own->has_candidates = true;
        bind_sites(self, blocks[k], is_new, rates);
    }
    course_leave(self, c);
}

void course_settle(engine_t *self, int c, int n, const int *blocks, bool rates) {
    course_t *course = &self->courses[c];
    bool unsettled = false;
    for (int actors = 1; actors >= 0; actors--) /* first, as they may need their ties */
        for (int k = n - 1; k >= 0; k--) {
            if (!course->own[blocks[k]].is_own || (type_of(self, blocks[k]) == BLOCK_TIE) == actors) continue;
            if (is_roots(self, course, blocks[k]) && !is_needed(self, course, blocks[k]))
                give_up(self, c, blocks[k]);
        }
    for (int k = 0; k < n; k++) unsettled |= is_unsettled(self, course, blocks[k], rates);
    if (unsettled) find_candidates(self, c, n, blocks, rates);
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
