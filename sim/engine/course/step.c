/* Processes a due item: some courses alone, the others together with the root (engine/course/courses.h).
 * Only this file decides whether a course still equals the root. */
#include "engine/internal.h"

#include "base/mem.h"
#include "model/trade/market.h"

/* The courses with their own state in the footprint. */
static course_set_t differing(const engine_t *self) {
    const footprint_t *footprint = &self->footprint;
    course_set_t differ = footprint->differ | (footprint->all ? self->owning : 0);
    for (int n = 0; n < footprint->n; n++) differ |= self->owners[footprint->blocks[n]];
    return differ;
}

/* For the duration of the step the course has its own copy of all that may be written. */
static void take_footprint(engine_t *self, int course) {
    const footprint_t *footprint = &self->footprint;
    int n = footprint->all ? self->n_blocks : footprint->n_write;
    for (int k = 0; k < n; k++) course_take(self, course, footprint->all ? k : footprint->blocks[k]);
}

static void settle(engine_t *self, int course) {
    const footprint_t *footprint = &self->footprint;
    const course_t *own = &self->courses[course];
    if (footprint->all)
        course_settle(self, course, own->n_own, own->list, false);
    else
        course_settle(self, course, footprint->n_write, footprint->blocks, false);
}

/* The course takes it with its own state. */
static int take_alone(engine_t *self, const due_t *due, int course) {
    const footprint_t *footprint = &self->footprint;
    bool moves_on = false;
    if (due->type != DUE_ITEM) {
        uint32_t process = due->type == DUE_CANDIDATE ? due->process : due->offspring.process;
        int block = block_of_process(self, &self->processes[process]);
        moves_on = block >= 0 && self->courses[course].own[block].has_candidates;
        if (!moves_on) course_copy_process(self, course, process);
    }
    int64_t *n_events = &self->courses[course].result->n_events;
    self->n_anew -= *n_events;
    course_enter(self, course, footprint->n, footprint->all ? NULL : footprint->blocks);
    merge_begin(self, course);
    int ret = due_take(self, due, moves_on);
    merge_end(self, course);
    course_leave(self, course);
    self->n_anew += *n_events;
    return ret;
}

static int take_as_root(engine_t *self, const due_t *due, course_set_t courses) {
    courses_act(self, courses);
    merge_begin(self, 0);
    int ret = due_take(self, due, true);
    merge_end(self, 0);
    for (int n = 0; n < self->dirty_ties.n && !self->footprint.all; n++)
        assert(self->footprint.stamp[block_of_tie(self, self->dirty_ties.list[n])] == self->footprint.step);
    processes_bind_dirty(self);
    courses_act(self, self->all);
    return ret;
}

static int take(engine_t *self, const due_t *due) {
    int ret = 0;
    footprint_find(self, due);
    bool of_root = due->courses & COURSE_ROOT;
    course_set_t alone =
        self->all & ~COURSE_ROOT & (of_root ? differing(self) | ~due->courses : due->courses);
    for (course_set_t left = alone; left; left &= left - 1) take_footprint(self, course_first(left));
    for (course_set_t left = alone & due->courses; left; left &= left - 1)
        TRY(take_alone(self, due, course_first(left)));
    if (of_root) TRY(take_as_root(self, due, due->courses & ~alone));
    for (course_set_t left = alone & due->courses; left && of_root; left &= left - 1)
        merge_added(self, course_first(left));
    for (course_set_t left = alone; left; left &= left - 1) settle(self, course_first(left));
out:
    return ret;
}

/* ---- refreshes -------------------------------------------------------------------------------------- */

/* A course samples again where a statistic may depend on its own state: on the ties that share an actor with
 * an own tie. */
static void take_near(engine_t *self, int c) {
    course_t *course = &self->courses[c];
    const model_t *model = self->model;
    for (int k = course->n_own - 1; k >= 0; k--) {
        int tie = course->list[k] - self->blocks[BLOCK_TIE].first;
        if (tie >= model->n_ties) continue;
        for (int j = 0; j < model->n_actors; j++)
            for (int end = 0; end < 2; end++) {
                int near = model_tie(model, end ? model->ties[tie].b : model->ties[tie].a, j);
                if (near >= 0) course_take(self, c, block_of_tie(self, near));
            }
    }
}

/* The ties of which a course may have another state or other actors than the root, into the footprint's
 * blocks; how many. */
static int list_own_ties(engine_t *self, int c) {
    const course_t *course = &self->courses[c];
    const model_t *model = self->model;
    const own_t *own = course->own;
    int n = 0;
    for (int k = 0; k < course->n_own; k++) {
        int block = course->list[k], actor = block - self->blocks[BLOCK_ACTOR].first;
        if (block < model->n_ties) self->footprint.blocks[n++] = block;
        if (actor < 0 || actor >= model->n_actors) continue;
        for (int j = 0; j < model->n_actors; j++) {
            int tie = j == actor ? -1 : model_tie(model, actor, j);
            bool listed = tie < 0 || own[tie].is_own || (j < actor && own[block_of_actor(self, j)].is_own);
            if (!listed) self->footprint.blocks[n++] = tie;
        }
    }
    return n;
}

static void sample_alone(engine_t *self, int c) {
    if (self->model->has_sampled) take_near(self, c);
    if (self->world.market) course_take(self, c, block_of_market(self));
    for (int e = 0; self->world.market && self->model->reads_trade && e < self->model->n_ties; e++)
        course_take(self, c, block_of_tie(self, e)); /* trade is sampled on all */
    int *blocks = self->footprint.blocks, n = list_own_ties(self, c), n_read = n;
    for (int k = 0; k < self->n_read_blocks; k++) blocks[n_read++] = self->read_blocks[k];
    course_enter(self, c, n_read, self->model->has_sampled ? NULL : blocks);
    world_refresh_ties(&self->world, self->now, n, blocks);
    course_leave(self, c);
}

static int take_refresh(engine_t *self, const due_t *due) {
    int ret = 0;
    bool sampled = self->model->has_sampled;
    course_set_t alone = sampled || self->world.market ? self->owning : 0; /* noise is that of all */
    noise_advance(self);
    if (self->world.market) market_foresee(&self->world, self->now);
    for (course_set_t left = alone; left; left &= left - 1) sample_alone(self, course_first(left));
    TRY(due_take(self, due, false));
    for (course_set_t left = alone; left; left &= left - 1) {
        const course_t *course = &self->courses[course_first(left)];
        course_settle(self, course_first(left), course->n_own, course->list, sampled);
    }
out:
    return ret;
}

int step_take(engine_t *self, const due_t *due) {
    int ret;
    if (self->n_courses == 1)
        ret = due_take(self, due, true);
    else
        ret = due->type == DUE_ITEM && due->item.type == ITEM_REFRESH ? take_refresh(self, due)
                                                                      : take(self, due);
    processes_bind_dirty(self);
    if (due->type == DUE_ITEM && due->id != AGENDA_NONE) agenda_release(&self->agenda, due->id);
    return ret;
}
