/* Who comes to a summit: members and guests, invited or not, what they answered, whose day is free; and that
 * nobody is left out, however many there are. */
#include "../verification/lab.h"

enum { SUMMIT, INVITATION, YES, NO, NEVER, VISIT, TALK, KINDS }; /* kinds */
enum { HOST, MEMBER, OTHER, GUEST, OUTSIDER, ACTORS };
enum { DAY = 20, REPLICATES = 400 };

#define MAKE(m, pointer, n) ((pointer) = arena_alloc(&(m)->arena, (size_t)(n) + 1, sizeof *(pointer)))

static calendar_entry_t *add_entry(model_t *m, int kind, int initiator, int target, double time) {
    char id[16];
    snprintf(id, sizeof id, "e%02d", m->n_calendar);
    calendar_entry_t *entry = &m->calendar[m->n_calendar++];
    *entry = toy_entry(arena_text(&m->arena, id), kind, initiator, target, time);
    return entry;
}

static void club(model_t *m, int n_members) {
    m->n_groups = 1;
    MAKE(m, m->groups, 1);
    m->groups[0].name = arena_text(&m->arena, "club");
    MAKE(m, m->groups[0].members, n_members);
    m->groups[0].n_members = n_members;
    for (int i = 0; i < n_members; i++) m->groups[0].members[i] = (member_t){i, -INFINITY, INFINITY};
}

/* A summit of leaders on DAY, the first entry; a reply to invitations after `delay` days, a yes by `accept`.
 */
static void summit_model(model_t *m, double delay, double accept) {
    toy_init(m, ACTORS, KINDS, 60);
    club(m, GUEST);
    m->kinds[SUMMIT].scope = SCOPE_GROUP;
    m->kinds[SUMMIT].in_person = true;
    m->kinds[SUMMIT].precedence = 5;
    m->kinds[SUMMIT].level_weight[LEVEL_LEADER] = 1;
    m->kinds[SUMMIT].level_weight[LEVEL_OFFICIAL] = 0;
    m->kinds[SUMMIT].summit = (summit_t){
        .on = true, .group = 0, .attendance = {.probability = 0.7}, .guest_attendance = {.probability = 0.9}};
    m->kinds[INVITATION].reply =
        (reply_t){true, {.probability = accept}, {DIST_CONSTANT, {delay}}, 30, YES, NO, NEVER};
    m->kinds[VISIT].in_person = true;
    m->kinds[VISIT].level_weight[LEVEL_LEADER] = 1;
    m->kinds[VISIT].level_weight[LEVEL_OFFICIAL] = 0;
    MAKE(m, m->calendar, 12);
    add_entry(m, SUMMIT, HOST, -1, DAY + 0.5);
}

static void invite_to_summit(model_t *m, int who, double time, forced_reply_t reply) {
    calendar_entry_t *entry = add_entry(m, INVITATION, HOST, who, time);
    entry->to = 0;
    entry->reply = reply;
}

/* The row of an actor at the summit, -1 if it is not there. */
static int32_t row_of(const log_t *log, int actor) {
    for (int32_t r = 0; r < log->n; r++)
        if (log->kind[r] == SUMMIT && log->summit[r] >= 0 && log->initiator[r] == actor) return r;
    return -1;
}

static int32_t find_row(const log_t *log, int kind) {
    for (int32_t r = 0; r < log->n; r++)
        if (log->kind[r] == kind) return r;
    return -1;
}

/* In how many replicates the actor is there, bit by bit; every row has that role. */
static int attendance(model_t *m, int actor, role_t role, bool *there) {
    lab_t lab = {.model = *m};
    int n = 0;
    lab_open(&lab, 3);
    for (uint32_t r = 0; r < REPLICATES; r++) {
        lab_run(&lab, r);
        int32_t row = row_of(&lab.result.log, actor);
        if (row >= 0) assert_int_equal(lab.result.log.role[row], role);
        n += there[r] = row >= 0;
    }
    lab_close(&lab);
    return n;
}

static void assert_same_attendance(const bool *a, const bool *b) {
    for (int r = 0; r < REPLICATES; r++) assert_int_equal(a[r], b[r]);
}

static void test_members(void **state) {
    (void)state;
    static const struct {
        const char *what;
        double delay;
        forced_reply_t reply;
        bool comes; /* as one who was not invited */
    } cases[] = {
        {"accepts", 5, REPLY_ACCEPT, true},          {"declines", 5, REPLY_DECLINE, false},
        {"does not answer", 50, REPLY_DRAWN, true},  {"declines at last", 50, REPLY_DECLINE, false},
        {"accepts at last", 50, REPLY_ACCEPT, true},
    };
    bool uninvited[REPLICATES], invited[REPLICATES];
    model_t m;
    summit_model(&m, 5, 1);
    CHECK_SHARE_5_SIGMA(attendance(&m, MEMBER, ROLE_MEMBER, uninvited), REPLICATES, 0.7);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        summit_model(&m, cases[c].delay, 0.5);
        invite_to_summit(&m, MEMBER, 1, cases[c].reply);
        int n = attendance(&m, MEMBER, ROLE_MEMBER, invited);
        if (cases[c].comes)
            assert_same_attendance(uninvited, invited);
        else
            assert_int_equal(n, 0);
    }
}

static void test_guests(void **state) {
    (void)state;
    bool there[REPLICATES], named[REPLICATES];
    model_t m;
    summit_model(&m, 5, 1);
    assert_int_equal(attendance(&m, GUEST, ROLE_GUEST, there), 0);
    summit_model(&m, 5, 1);
    invite_to_summit(&m, GUEST, 1, REPLY_DECLINE);
    assert_int_equal(attendance(&m, GUEST, ROLE_GUEST, there), 0);
    summit_model(&m, 50, 1);
    invite_to_summit(&m, GUEST, 1, REPLY_DRAWN);
    assert_int_equal(attendance(&m, GUEST, ROLE_GUEST, there), 0);
    summit_model(&m, 50, 1); /* the reply is known, and is given at the latest when the summit begins */
    invite_to_summit(&m, GUEST, 1, REPLY_ACCEPT);
    CHECK_SHARE_5_SIGMA(attendance(&m, GUEST, ROLE_GUEST, there), REPLICATES, 0.9);
    for (int declines = 0; declines < 2; declines++) { /* who needs no invitation, without one and with */
        summit_model(&m, 5, 1);
        m.calendar[0].n_guests = 2;
        MAKE(&m, m.calendar[0].guests, 2)[0] = GUEST;
        m.calendar[0].guests[1] = MEMBER; /* comes as a member, by the members' chance */
        if (declines) invite_to_summit(&m, GUEST, 1, REPLY_DECLINE);
        model_t again = m;
        int n = attendance(&again, GUEST, ROLE_GUEST, named);
        if (declines)
            assert_int_equal(n, 0);
        else
            assert_same_attendance(there, named);
    }
}

static void test_named_members_come_as_members(void **state) {
    (void)state;
    bool uninvited[REPLICATES], named[REPLICATES];
    model_t m;
    summit_model(&m, 5, 1);
    attendance(&m, MEMBER, ROLE_MEMBER, uninvited);
    summit_model(&m, 5, 1);
    m.calendar[0].n_guests = 1;
    MAKE(&m, m.calendar[0].guests, 1)[0] = MEMBER;
    attendance(&m, MEMBER, ROLE_MEMBER, named);
    assert_same_attendance(uninvited, named);
}

/* Of those that are listed (`attend`), too, nobody comes who declined. */
static void test_listed(void **state) {
    (void)state;
    bool there[REPLICATES];
    for (int declines = 0; declines < 2; declines++) {
        model_t m;
        summit_model(&m, 5, 1);
        m.calendar[0].n_attend = 2;
        MAKE(&m, m.calendar[0].attend, 2)[0] = MEMBER;
        m.calendar[0].attend[1] = GUEST;
        if (declines) invite_to_summit(&m, MEMBER, 1, REPLY_DECLINE);
        assert_int_equal(attendance(&m, MEMBER, ROLE_MEMBER, there), declines ? 0 : REPLICATES);
    }
}

static void test_last_answer_counts(void **state) {
    (void)state;
    bool there[REPLICATES], uninvited[REPLICATES];
    model_t m;
    summit_model(&m, 5, 1);
    attendance(&m, MEMBER, ROLE_MEMBER, uninvited);
    for (int last = REPLY_ACCEPT; last <= REPLY_DECLINE; last++) {
        summit_model(&m, 5, 1);
        invite_to_summit(&m, MEMBER, 1, last == REPLY_ACCEPT ? REPLY_DECLINE : REPLY_ACCEPT);
        invite_to_summit(&m, MEMBER, 2, (forced_reply_t)last);
        int n = attendance(&m, MEMBER, ROLE_MEMBER, there);
        if (last == REPLY_ACCEPT)
            assert_same_attendance(there, uninvited);
        else
            assert_int_equal(n, 0);
    }
}

/* What the log says of a reply that was to come after the summit. */
static void test_unanswered_ends_with_the_summit(void **state) {
    (void)state;
    for (int reply = REPLY_DRAWN; reply <= REPLY_DECLINE; reply++) {
        lab_t lab;
        summit_model(&lab.model, 25, 1);
        invite_to_summit(&lab.model, GUEST, 1, (forced_reply_t)reply);
        lab_open(&lab, 3);
        lab_run(&lab, 0);
        const log_t *log = &lab.result.log;
        int kind = reply == REPLY_ACCEPT ? YES : reply == REPLY_DECLINE ? NO : NEVER;
        int32_t row = find_row(log, kind);
        assert_true(row >= 0 && row < find_row(log, SUMMIT));
        CHECK_NEAR(log->time[row], DAY + 0.5, 0);
        for (int other = YES; other <= NEVER; other++)
            if (other != kind) assert_int_equal(find_row(log, other), -1);
        lab_close(&lab);
    }
}

/* Of a summit that is called off the invitations go on. */
static void test_called_off(void **state) {
    (void)state;
    lab_t lab;
    summit_model(&lab.model, 25, 1);
    invite_to_summit(&lab.model, GUEST, 1, REPLY_DRAWN);
    lab.model.n_variants = 2;
    lab.model.variants[1].name = arena_text(&lab.model.arena, "off");
    MAKE(&lab.model, lab.model.variants[1].cancel, 1)[0] = 0;
    lab.model.variants[1].n_cancel = 1;
    lab_open(&lab, 3);
    lab_variant(&lab, 0, 1);
    int32_t row = find_row(&lab.result.log, YES);
    assert_true(row >= 0);
    CHECK_NEAR(lab.result.log.time[row], 26, 0);
    lab_close(&lab);
}

/* ---- diaries ---------------------------------------------------------------------------------------- */

/* When the actor, who was asked on day 1 and has answered on day 6, makes a visit that is arranged on day 10
 * for the summit's day. */
static double day_of_visit(int who, forced_reply_t reply) {
    lab_t lab;
    summit_model(&lab.model, 5, 1);
    lab.model.kinds[SUMMIT].summit.attendance.probability = 1;
    invite_to_summit(&lab.model, who, 1, reply);
    add_entry(&lab.model, VISIT, who, OUTSIDER, 10)->in_base = false; /* from the intervention's moment on */
    lab.model.n_interventions = 1;
    MAKE(&lab.model, lab.model.interventions, 1);
    lab.model.interventions[0] = (intervention_t){
        .id = arena_text(&lab.model.arena, "arrange"), .at = 10, .in_base = true, .n_add = 1};
    MAKE(&lab.model, lab.model.interventions[0].add, 1)[0] = 2;
    lab_open(&lab, 3);
    lab_run(&lab, 0);
    const log_t *log = &lab.result.log;
    double day = NAN;
    for (int32_t r = 0; r < log->n; r++)
        if (log->kind[r] == VISIT && log->status[r] == STATUS_HELD) day = log->time[r];
    lab_close(&lab);
    return day;
}

static void test_who_declined_has_the_day_back(void **state) {
    (void)state;
    CHECK_NEAR(day_of_visit(GUEST, REPLY_DECLINE), DAY, 0);
    CHECK_NEAR(day_of_visit(GUEST, REPLY_ACCEPT), DAY + 1, 0);
    CHECK_NEAR(day_of_visit(MEMBER, REPLY_DECLINE), DAY, 0);
    CHECK_NEAR(day_of_visit(MEMBER, REPLY_ACCEPT), DAY + 1, 0);
}

/* ---- many ------------------------------------------------------------------------------------------- */

enum { MANY = 700 };

/* Everybody meets everybody, at the table and beside it, at one moment. */
static void test_700_members(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* 244,650 ties take minutes there; smaller summits go the same way */
#endif
    lab_t lab;
    toy_init(&lab.model, MANY, 2, 10);
    club(&lab.model, MANY);
    kind_t *kinds = lab.model.kinds;
    kinds[0].scope = SCOPE_GROUP;
    kinds[0].goldstein = 10;
    kinds[0].pair_weight[ROLE_INITIATOR][ROLE_MEMBER] = kinds[0].pair_weight[ROLE_MEMBER][ROLE_INITIATOR] =
        0.5;
    kinds[0].pair_weight[ROLE_MEMBER][ROLE_MEMBER] = 1;
    sideline_t side = {1, ROLE_MEMBER, ROLE_MEMBER, {.probability = 1}};
    kinds[0].summit = (summit_t){
        .on = true, .group = 0, .attendance = {.probability = 1}, .n_sidelines = 1, .sidelines = &side};
    MAKE(&lab.model, lab.model.calendar, 1);
    add_entry(&lab.model, 0, 0, -1, 3);
    lab.model.dynamics.strength_half_life = lab.model.dynamics.alignment_half_life = 1e9;
    lab_open(&lab, 1);
    lab_run(&lab, 0);
    const log_t *log = &lab.result.log;
    int64_t pairs = (MANY - 1) * (MANY - 2) / 2;
    int32_t came = 0;
    while (came < log->n && log->kind[came] == 0) came++;
    assert_int_equal(came, MANY);
    assert_int_equal(lab.result.kind_counts[1], pairs);
    for (int32_t r = 1; r < MANY; r++) CHECK_NEAR((double)log->effect[r], 0.025, 1e-7); /* of an official */
    for (int32_t r = MANY; r < log->n; r++) CHECK_NEAR((double)log->strength[r], 0.05, 1e-6);
    lab_close(&lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_guests),
        cmocka_unit_test(test_named_members_come_as_members),
        cmocka_unit_test(test_listed),
        cmocka_unit_test(test_last_answer_counts),
        cmocka_unit_test(test_unanswered_ends_with_the_summit),
        cmocka_unit_test(test_called_off),
        cmocka_unit_test(test_who_declined_has_the_day_back),
        cmocka_unit_test(test_700_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
