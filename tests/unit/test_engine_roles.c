/* Events of an undirected kind: the first by name takes the initiator's roles, wherever the event comes from,
 * and quantities count it by either of its actors. */
#include "../verification/lab.h"

enum { COUNCIL, VISIT, INVITATION, SUMMIT, KINDS }; /* kinds: COUNCIL has no direction */
enum { ZOE, ANN, BEA, ACTORS };                     /* in the file's order */

#define MAKE(m, pointer, n) ((pointer) = arena_alloc(&(m)->arena, (size_t)(n) + 1, sizeof *(pointer)))

static void entry(model_t *m, const char *id, int kind, int initiator, int target, double time) {
    m->calendar[m->n_calendar++] = toy_entry(arena_text(&m->arena, id), kind, initiator, target, time);
}

static quantity_t *count(model_t *m, int initiator, int target) {
    quantity_t *quantity = &m->quantities[m->n_quantities++];
    *quantity = (quantity_t){.name = arena_text(&m->arena, "n"),
                             .what = QUANTITY_COUNT,
                             .tie = -1,
                             .flow = -1,
                             .condition = -1,
                             .n_kinds = 1,
                             .until = m->horizon};
    *MAKE(m, quantity->kinds, 1) = COUNCIL;
    if (initiator >= 0) MAKE(m, quantity->initiators, ACTORS)[initiator] = true;
    if (target >= 0) MAKE(m, quantity->targets, ACTORS)[target] = true;
    return quantity;
}

/* A council between Zoe, who comes first in the file, and Ann or Bea: dated, of the past, as a consequence,
 * as a reply, at a summit, by itself. */
static void make(model_t *m) {
    static const char *const names[] = {"Zoe", "Ann", "Bea"};
    toy_init(m, ACTORS, KINDS, 100);
    for (int i = 0; i < ACTORS; i++) m->actors[i].name = arena_text(&m->arena, names[i]);
    m->kinds[COUNCIL].scope = SCOPE_DYAD;
    m->kinds[COUNCIL].rate_per_year = 20;
    MAKE(m, m->kinds[VISIT].then, 1);
    m->kinds[VISIT].n_then = 1;
    m->kinds[VISIT].then[0] = (consequence_t){.name = m->kinds[COUNCIL].name,
                                              .kind = COUNCIL,
                                              .chance = {.probability = 1},
                                              .count = 1,
                                              .delay = {DIST_CONSTANT, {1}},
                                              .initiator = ROLE_INITIATOR,
                                              .target = ROLE_TARGET,
                                              .expires = INFINITY};
    m->kinds[INVITATION].reply =
        (reply_t){true, {.probability = 1}, {DIST_CONSTANT, {1}}, 5, COUNCIL, COUNCIL, COUNCIL};
    m->n_groups = 1;
    MAKE(m, m->groups, 1);
    m->groups[0].name = arena_text(&m->arena, "club");
    MAKE(m, m->groups[0].members, ACTORS);
    for (int i = 0; i < ACTORS; i++)
        m->groups[0].members[m->groups[0].n_members++] = (member_t){i, -INFINITY, INFINITY};
    m->kinds[SUMMIT].scope = SCOPE_GROUP;
    summit_t *summit = &m->kinds[SUMMIT].summit;
    *summit = (summit_t){.on = true, .group = 0, .attendance = {.probability = 1}, .n_sidelines = 1};
    MAKE(m, summit->sidelines, 1);
    summit->sidelines[0] = (sideline_t){COUNCIL, ROLE_INITIATOR, ROLE_MEMBER, {.probability = 1}};
    MAKE(m, m->calendar, 4);
    entry(m, "dated", COUNCIL, ZOE, ANN, 10);
    entry(m, "visit", VISIT, ZOE, BEA, 20);
    entry(m, "invitation", INVITATION, ANN, ZOE, 30);
    entry(m, "summit", SUMMIT, ZOE, -1, 40);
    m->calendar[3].group = 0;
    MAKE(m, m->history, 1);
    m->history[0] = m->calendar[0];
    m->history[0].time = m->history[0].until = -5;
    m->n_history = 1;
    MAKE(m, m->quantities, 6);
}

static void test_first_by_name_initiates(void **state) {
    (void)state;
    lab_t lab;
    make(&lab.model);
    lab_open(&lab, 1);
    lab_run(&lab, 0);
    const log_t *log = &lab.result.log;
    int of[CAUSE_N] = {0};
    for (int32_t r = 0; r < log->n; r++) {
        if (log->kind[r] != COUNCIL) continue;
        of[log->cause[r]]++;
        assert_true(strcmp(lab.model.actors[log->initiator[r]].name, lab.model.actors[log->target[r]].name) <
                    0);
    }
    assert_int_equal(of[CAUSE_HISTORY], 1);
    assert_int_equal(of[CAUSE_CALENDAR], 1);
    assert_int_equal(of[CAUSE_CONSEQUENCE], 1 + 1 + 2); /* of the visit, the reply, the summit's */
    assert_true(of[CAUSE_SPONTANEOUS] > 5);
    lab_close(&lab);
}

static void test_counted_by_either(void **state) {
    (void)state;
    lab_t lab;
    make(&lab.model);
    lab.model.kinds[COUNCIL].rate_per_year = 0;
    count(&lab.model, ZOE, -1);
    count(&lab.model, -1, ZOE);
    count(&lab.model, ZOE, ANN);
    count(&lab.model, ANN, ZOE);
    count(&lab.model, ANN, BEA);
    assert_int_equal(model_finish(&lab.model), 0); /* for the tie's index */
    bool *ties = MAKE(&lab.model, count(&lab.model, ZOE, ANN)->ties, lab.model.n_ties);
    ties[model_tie(&lab.model, ANN, ZOE)] = true;
    lab_open(&lab, 1);
    lab_run(&lab, 0);
    static const double want[] = {5, 5, 3, 3, 0, 3}; /* dated, reply, two at the summit; with Bea one more */
    for (int q = 0; q < 6; q++) CHECK_NEAR(lab.result.quantities[q], want[q], 0);
    lab_close(&lab);
}

/* Those that have a direction are counted by it. */
static void test_directed_keep_theirs(void **state) {
    (void)state;
    lab_t lab;
    make(&lab.model);
    count(&lab.model, ZOE, BEA)->kinds[0] = VISIT;
    count(&lab.model, BEA, ZOE)->kinds[0] = VISIT;
    lab_open(&lab, 1);
    lab_run(&lab, 0);
    CHECK_NEAR(lab.result.quantities[0], 1, 0);
    CHECK_NEAR(lab.result.quantities[1], 0, 0);
    lab_close(&lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_by_name_initiates),
        cmocka_unit_test(test_counted_by_either),
        cmocka_unit_test(test_directed_keep_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
