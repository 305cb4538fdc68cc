/* What must hold of every log, whatever the numbers: the order of a file is none, what is unrelated moves
 * nothing, a change stays within its reach, every event has a cause, no leader is in two places. */
#include "lab.h"
#include "random_model.h"

#include <stdio.h>

static int n_models = 300;

/* ---- one scenario, its lists in any order ----------------------------------------------------------- */

enum { ACTORS = 6, KINDS = 7, ENTRIES = 8 };

typedef struct {
    bool extra_actor, extra_kind; /* unrelated ones, which stand at the head of their lists */
    int actors[ACTORS], kinds[KINDS], entries[ENTRIES];
} layout_t;

static const char *const actor_names[ACTORS] = {"extra", "nor", "kaz", "usa", "bra", "fin"};
static const char *const kind_names[KINDS] = {"rumour", "visit",  "call",  "council",
                                              "talk",   "report", "summit"};

static layout_t plain(void) {
    layout_t l = {0};
    for (int n = 0; n < ACTORS; n++) l.actors[n] = n;
    for (int n = 0; n < KINDS; n++) l.kinds[n] = n;
    for (int n = 0; n < ENTRIES; n++) l.entries[n] = n;
    return l;
}

static void shuffle(int *list, int n, rng_stream_t *stream) {
    for (int k = n - 1; k > 0; k--) {
        int other = (int)(rng_stream_unit(stream) * (k + 1)), held = list[k];
        list[k] = list[other];
        list[other] = held;
    }
}

static int find(const char *const *names, int n, const char *name) {
    for (int k = 0; k < n; k++)
        if (!strcmp(names[k], name)) return k;
    return -1;
}

#define MAKE(m, pointer, n) ((pointer) = arena_alloc(&(m)->arena, (size_t)(n) + 1, sizeof *(pointer)))

static void fill_kind(model_t *m, kind_t *kind, int which) {
    kind->name = arena_text(&m->arena, kind_names[which]);
    kind->level_weight[LEVEL_LEADER] = 0.3;
    kind->level_weight[LEVEL_OFFICIAL] = 0.7;
    kind->goldstein = 12;
    for (int r = 0; r < PAIR_ROLES; r++)
        for (int q = 0; q < PAIR_ROLES; q++) kind->pair_weight[r][q] = 1;
    MAKE(m, kind->excitations, 4);
    static const scope_t scopes[KINDS] = {[3] = SCOPE_DYAD, [5] = SCOPE_ACTOR, [6] = SCOPE_GROUP};
    kind->scope = scopes[which];
    kind->rate_per_year = which == 6 ? 0 : 2.5;
    *toy_terms(m, &kind->log_rate, 2) =
        (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = 0.8, .slot = -1};
    kind->log_rate.terms[1] = (term_t){.statistic = &statistics[STATISTIC_LOG_GDP_INITIATOR],
                                       .ref = -1,
                                       .coefficient = 0.3,
                                       .reference = 28,
                                       .slot = -1};
}

static void link_kinds(model_t *m, bool extra) {
    int visit = model_kind(m, "visit"), call = model_kind(m, "call"), council = model_kind(m, "council");
    int talk = model_kind(m, "talk"), report = model_kind(m, "report"), rumour = model_kind(m, "rumour");
    toy_excite(m, visit, call, RELATION_SAME, 0.2, 0.2);
    toy_excite(m, visit, visit, RELATION_REVERSED, 0.2, 0.1);
    toy_excite(m, call, visit, RELATION_SAME, 0.3, 0.05);
    toy_excite(m, council, council, RELATION_SAME, 0.3, 0.05);
    toy_excite(m, talk, council, RELATION_SAME, 0.2, 0.1);
    if (extra) { /* reads everything, touches nothing */
        m->kinds[rumour].goldstein = 0;
        toy_excite(m, rumour, visit, RELATION_SAME, 0.4, 0.1);
        toy_excite(m, rumour, call, RELATION_INITIATOR, 0.1, 0.1);
    }
    kind_t *kind = &m->kinds[visit];
    kind->n_then = 1;
    MAKE(m, kind->then, 1);
    kind->then[0] = (consequence_t){.name = m->kinds[talk].name,
                                    .kind = talk,
                                    .when = WHEN_ALWAYS,
                                    .chance = {.probability = 0.5},
                                    .count = 2,
                                    .delay = {DIST_GAMMA, {9, 2}},
                                    .initiator = ROLE_TARGET,
                                    .target = ROLE_INITIATOR,
                                    .expires = 20,
                                    .n_cancelled_by = 1};
    MAKE(m, kind->then[0].cancelled_by, 1)[0] = call;
    m->kinds[call].reply =
        (reply_t){true, {.probability = 0.6}, {DIST_EXPONENTIAL, {3}}, 6, talk, talk, talk};
    m->kinds[report].has_value = true;
    m->kinds[report].value = (dist_t){DIST_LOGNORMAL, {1e9, 1}};
    toy_excite(m, call, model_kind(m, "summit"), RELATION_SAME, 0.4, 0.05);
    summit_t *summit = &m->kinds[model_kind(m, "summit")].summit;
    *summit = (summit_t){.on = true,
                         .attendance = {.probability = 0.9},
                         .guest_attendance = {.probability = 1},
                         .n_sidelines = 3};
    MAKE(m, summit->sidelines, 3);
    summit->sidelines[0] = (sideline_t){talk, ROLE_MEMBER, ROLE_MEMBER, {.probability = 0.7}};
    summit->sidelines[1] = (sideline_t){council, ROLE_INITIATOR, ROLE_MEMBER, {.probability = 0.7}};
    summit->sidelines[2] = (sideline_t){visit, ROLE_GUEST, ROLE_GUEST, {.probability = 0.7}};
}

/* All but one are members; the one and another are invited. */
static void found_club(model_t *m) {
    m->n_groups = 1;
    MAKE(m, m->groups, 1);
    m->groups[0].name = arena_text(&m->arena, "club");
    MAKE(m, m->groups[0].members, ACTORS);
    for (int i = 0; i < m->n_actors; i++)
        if (strcmp(m->actors[i].name, "bra") && strcmp(m->actors[i].name, "extra"))
            m->groups[0].members[m->groups[0].n_members++] = (member_t){i, -INFINITY, INFINITY};
}

/* Entries share a day; the fifth is a part of the first. The last two are a summit and an invitation to it.
 */
static calendar_entry_t entry(model_t *m, int which) {
    static const char *const ids[ENTRIES] = {"e", "b", "d", "a", "c", "f", "g", "h"};
    static const char *const of[ENTRIES][3] = {
        {"visit", "usa", "kaz"}, {"call", "kaz", "usa"}, {"council", "nor", "kaz"}, {"visit", "kaz", "nor"},
        {"call", "usa", "kaz"},  {"talk", "bra", "fin"}, {"summit", "usa", "-"},    {"call", "usa", "bra"}};
    calendar_entry_t made = toy_entry(arena_text(&m->arena, ids[which]), model_kind(m, of[which][0]),
                                      model_actor(m, of[which][1]), model_actor(m, of[which][2]),
                                      which == 5 || which == 6 ? 40 : 10);
    if (which == 5) made.until = 60;
    return made;
}

static void build(model_t *m, const layout_t *layout) {
    int first_actor = layout->extra_actor ? 0 : 1, first_kind = layout->extra_kind ? 0 : 1;
    int n_actors = ACTORS - first_actor, n_kinds = KINDS - first_kind;
    toy_init(m, n_actors, n_kinds, 250);
    m->dynamics.strength_half_life = 25;
    for (int n = 0, at = 0; n < ACTORS; n++) {
        int which = layout->actors[n];
        if (which < first_actor) continue;
        m->actors[at].name = arena_text(&m->arena, actor_names[which]);
        m->actors[at++].gdp_usd = exp(27 + 0.5 * which);
    }
    for (int e = 0; e < m->n_ties; e++) {
        int a = find(actor_names, ACTORS, m->actors[m->ties[e].a].name),
            b = find(actor_names, ACTORS, m->actors[m->ties[e].b].name);
        m->ties[e].strength = m->ties[e].alignment = m->ties[e].baseline = 0.1 * ((a + b) % 5) - 0.2;
    }
    for (int n = 0, at = 0; n < KINDS; n++)
        if (layout->kinds[n] >= first_kind) fill_kind(m, &m->kinds[at++], layout->kinds[n]);
    assert_int_equal(model_finish(m), 0);
    link_kinds(m, layout->extra_kind);
    found_club(m);
    m->n_calendar = ENTRIES;
    MAKE(m, m->calendar, ENTRIES);
    int whole = -1, part = -1, summit = -1, invitation = -1;
    for (int n = 0; n < ENTRIES; n++) {
        m->calendar[n] = entry(m, layout->entries[n]);
        if (layout->entries[n] == 0) whole = n;
        if (layout->entries[n] == 4) part = n;
        if (layout->entries[n] == 6) summit = n;
        if (layout->entries[n] == 7) invitation = n;
    }
    m->calendar[part].parent = whole;
    m->calendar[invitation].to = summit;
    m->output.all_ties = true;
    m->output.every = 20;
}

/* A log by names, times and values to the bit; rows of the unrelated left out. */
typedef struct {
    int n, capacity;
    char (*rows)[200];
} story_t;

static const char *name_of(const model_t *m, int actor) {
    return actor < 0 ? "-" : m->actors[actor].name;
}

static story_t story(const layout_t *layout, uint32_t replicate) {
    lab_t lab;
    story_t s = {0};
    build(&lab.model, layout);
    lab_open(&lab, 77);
    lab_run(&lab, replicate);
    const log_t *log = &lab.result.log;
    const model_t *m = &lab.model;
    s.rows = malloc((size_t)(log->n + 1) * sizeof *s.rows);
    for (int32_t r = 0; r < log->n; r++) {
        const char *i = name_of(m, log->initiator[r]), *j = name_of(m, log->target[r]),
                   *k = m->kinds[log->kind[r]].name;
        if (!strcmp(i, "extra") || !strcmp(j, "extra") || !strcmp(k, "rumour")) continue;
        int parent = log->parent[r];
        snprintf(s.rows[s.n++], sizeof *s.rows,
                 "%a %s %s->%s level %d ok %d status %d cause %d from %a value %a effect %a then %a",
                 log->time[r], k, i, j, log->level[r], log->success[r], log->status[r], log->cause[r],
                 parent < 0 ? 0 : log->time[parent], log->value_usd[r], (double)log->effect[r],
                 (double)log->strength[r]);
    }
    lab_close(&lab);
    return s;
}

static void assert_same(const story_t *a, const story_t *b, const char *what) {
    for (int r = 0; r < a->n && r < b->n; r++)
        if (strcmp(a->rows[r], b->rows[r]))
            fail_msg("%s: row %d\n  %s\n  %s", what, r, a->rows[r], b->rows[r]);
    if (a->n != b->n) fail_msg("%s: %d rows against %d", what, a->n, b->n);
}

static void test_order_of_the_file_is_none(void **state) {
    (void)state;
    rng_stream_t stream;
    rng_stream_init(&stream, 5, 0);
    int rows = 0;
    for (uint32_t r = 0; r < 10; r++) {
        layout_t layout = plain();
        story_t first = story(&layout, r);
        rows += first.n;
        for (int n = 0; n < 6; n++) {
            layout = plain();
            if (n < 2 || n > 4) shuffle(layout.entries, ENTRIES, &stream);
            if (n == 2 || n > 4) shuffle(layout.kinds, KINDS, &stream);
            if (n > 2) shuffle(layout.actors, ACTORS, &stream);
            story_t other = story(&layout, r);
            assert_same(&first, &other,
                        n < 2    ? "order of the calendar"
                        : n == 2 ? "order of the kinds"
                                 : "order of the actors");
            free(other.rows);
        }
        free(first.rows);
    }
    assert_true(rows > 500);
}

static void test_unrelated_moves_nothing(void **state) {
    (void)state;
    for (uint32_t r = 0; r < 10; r++) {
        layout_t layout = plain();
        story_t first = story(&layout, r);
        layout.extra_actor = true;
        story_t with_actor = story(&layout, r);
        assert_same(&first, &with_actor, "an unrelated actor");
        layout.extra_actor = false, layout.extra_kind = true;
        story_t with_kind = story(&layout, r);
        assert_same(&first, &with_kind, "an unrelated kind");
        free(first.rows), free(with_actor.rows), free(with_kind.rows);
    }
}

/* ---- reach ------------------------------------------------------------------------------------------ */

/* Six actors, all tied. Kind `west` starts from A and B and spreads to whatever else they do; kind `east`
 * runs among C, D, E and F. A calendar event A -> C reaches every tie of A and of B, though C is an actor of
 * both; ties among C .. F lie beyond. */
static void reach_model(model_t *m) {
    toy_init(m, 6, 2, 400);
    for (int k = 0; k < 2; k++) {
        kind_t *kind = &m->kinds[k];
        kind->scope = SCOPE_DIRECTED;
        kind->rate_per_year = 4;
        kind->goldstein = 20;
        *toy_terms(m, &kind->log_rate, 1) =
            (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = 1, .slot = -1};
        toy_excite(m, k, k, RELATION_SAME, 0.2, 0.1);
        toy_excite(m, k, k, RELATION_INITIATOR, 0.05, 0.1);
        toy_excite(m, k, k, RELATION_REVERSED, 0.1, 0.1);
        MAKE(m, kind->initiators, 6);
        MAKE(m, kind->targets, 6);
        for (int i = 0; i < 6; i++) kind->initiators[i] = kind->targets[i] = k == 0 ? i < 2 : i > 1;
    }
    for (int i = 0; i < 6; i++) m->kinds[0].targets[i] = true;
    MAKE(m, m->calendar, 1);
    m->n_calendar = 1;
    m->calendar[0] = toy_entry(arena_text(&m->arena, "gone"), 0, 0, 2, 30);
    m->calendar[0].level = LEVEL_LEADER;
    m->output.all_ties = true;
    m->output.every = 4;
}

static void test_change_stays_within_reach(void **state) {
    (void)state;
    lab_t lab;
    int drop = 0, moved = 0, late_differences = 0, late = 0;
    reach_model(&lab.model);
    lab.model.n_variants = 2;
    lab.model.variants[1] = (variant_t){.name = lab.model.variants[0].name, .n_drop = 1, .drop = &drop};
    lab_open(&lab, 78);
    result_t with;
    for (uint32_t r = 0; r < 40; r++) {
        assert_int_equal(result_init(&with, &lab.model, &lab.observation), 0);
        assert_int_equal(engine_run(lab.engine, r, 0, 0, NULL, &lab.observation, &with), 0);
        lab_variant(&lab, r, 1);
        int n_ties = lab.observation.n_ties;
        for (int t = 0; t < lab.observation.n_times; t++)
            for (int e = 0; e < n_ties; e++) {
                size_t cell = (size_t)(t * n_ties + e);
                bool same = !memcmp(&with.strength[cell], &lab.result.strength[cell], sizeof(float)) &&
                            !memcmp(&with.alignment[cell], &lab.result.alignment[cell], sizeof(float));
                bool beyond = lab.model.ties[lab.observation.ties[e]].a > 1;
                if (!same && beyond)
                    fail_msg("replicate %u: tie %d differs on day %g", r, e, lab.observation.times[t]);
                moved += !same;
                if (lab.observation.times[t] > 390 && !beyond)
                    late++,
                        late_differences += fabsf(with.strength[cell] - lab.result.strength[cell]) > 1e-3f;
            }
        result_free(&with);
    }
    assert_true(moved > 100); /* the change is felt, ... */
    print_message("a year on, %d of %d ties within reach still differ\n", late_differences, late);
    assert_true(late_differences < late / 3); /* ... and forgotten by most */
    lab_close(&lab);
}

/* ---- causes ----------------------------------------------------------------------------------------- */

static void test_every_event_has_a_cause(void **state) {
    (void)state;
    long rows = 0, of[CAUSE_N] = {0};
    for (uint64_t seed = 1; seed <= (uint64_t)n_models; seed++) {
        lab_t lab;
        random_model(&lab.model, seed);
        lab_start(&lab, seed);
        lab_variant(&lab, 7, 0);
        const log_t *log = &lab.result.log;
        for (int32_t r = 0; r < log->n; r++) {
            int32_t parent = log->parent[r];
            cause_t cause = (cause_t)log->cause[r];
            bool from_another = cause == CAUSE_EXCITED || cause == CAUSE_CONSEQUENCE;
            if (from_another && (parent < 0 || parent >= r))
                fail_msg("model %d, row %d: parent %d", (int)seed, r, parent);
            if (cause == CAUSE_SPONTANEOUS) assert_int_equal(parent, -1);
            if (parent >= 0 && log->time[parent] > log->time[r])
                fail_msg("model %d, row %d: before its parent", (int)seed, r);
            if (r > 0 && log->time[r] < log->time[r - 1])
                fail_msg("model %d, row %d: out of order", (int)seed, r);
            if (parent >= 0 && log->status[parent] != STATUS_HELD)
                fail_msg("model %d, row %d: its parent was not held", (int)seed, r);
            int32_t root = r;
            for (int steps = 0; log->parent[root] >= 0; steps++) {
                root = log->parent[root];
                assert_true(steps < log->n); /* none is its own ancestor */
            }
            cause_t origin = (cause_t)log->cause[root];
            assert_true(origin == CAUSE_HISTORY || origin == CAUSE_CALENDAR || origin == CAUSE_INTERVENTION ||
                        origin == CAUSE_SPONTANEOUS);
            of[cause]++, rows++;
        }
        lab_close(&lab);
    }
    for (int c = 0; c < CAUSE_N; c++)
        if (c != CAUSE_INTERVENTION) assert_true(of[c] > rows / 1000);
}

/* ---- looking ---------------------------------------------------------------------------------------- */

static void assert_same_counts(const model_t *m, const result_t *a, const result_t *b, const char *what,
                               uint64_t seed) {
    for (int k = 0; k < m->n_kinds; k++)
        if (a->kind_counts[k] != b->kind_counts[k]) fail_msg("model %d: %s changed a count", (int)seed, what);
}

/* What is looked at, what ran before, and running twice change nothing. */
static void test_looking_changes_nothing(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= (uint64_t)n_models / 3; seed++) {
        lab_t lab, fresh;
        result_t bare;
        observation_t nothing = {0};
        random_model(&lab.model, seed);
        lab_start(&lab, seed);
        lab_variant(&lab, 3, 0);
        assert_int_equal(result_init(&bare, &lab.model, &nothing), 0);
        assert_int_equal(engine_run(lab.engine, 3, 0, 0, NULL, &nothing, &bare), 0);
        assert_same_counts(&lab.model, &lab.result, &bare, "not looking", seed);
        for (uint32_t r = 0; r < 3; r++) lab_variant(&lab, r, lab.model.n_variants - 1);
        lab_variant(&lab, 3, 0);
        assert_same_counts(&lab.model, &lab.result, &bare, "what ran before", seed);
        random_model(&fresh.model, seed);
        lab_start(&fresh, seed);
        lab_variant(&fresh, 3, 0);
        assert_int_equal(fresh.result.log.n, lab.result.log.n);
        assert_memory_equal(fresh.result.log.time, lab.result.log.time,
                            (size_t)lab.result.log.n * sizeof(double));
        assert_memory_equal(fresh.result.log.strength, lab.result.log.strength,
                            (size_t)lab.result.log.n * sizeof(float));
        result_free(&bare);
        lab_close(&lab);
        lab_close(&fresh);
    }
}

/* ---- diaries ---------------------------------------------------------------------------------------- */

/* Visits, tours, summits: spontaneous, dated and as consequences; some kinds always need leaders, some by
 * draw. */
static void crowded_model(model_t *m, uint64_t seed) {
    rng_stream_t s;
    rng_stream_init(&s, rng_key_number(1, seed), 0);
#define U rng_stream_unit(&s)
    toy_init(m, 5, 6, 60);
    m->n_groups = 1;
    MAKE(m, m->groups, 1);
    m->groups[0].name = arena_text(&m->arena, "club");
    m->groups[0].n_members = 4;
    MAKE(m, m->groups[0].members, 4);
    for (int i = 0; i < 4; i++) m->groups[0].members[i] = (member_t){i, -INFINITY, INFINITY};
    for (int k = 0; k < 5; k++) {
        kind_t *kind = &m->kinds[k];
        kind->scope = k == 4 ? SCOPE_GROUP : SCOPE_DIRECTED;
        kind->rate_per_year = k == 4 ? 20 : 8;
        kind->in_person = true;
        kind->days = 3.5 * U;
        kind->precedence = floor(3 * U);
        double leader = U < 0.6 ? 1 : 0.5;
        kind->level_weight[LEVEL_LEADER] = leader;
        kind->level_weight[LEVEL_OFFICIAL] = 0;
        kind->level_weight[LEVEL_MINISTER] = 1 - leader;
        kind->summit.group = -1;
        kind->n_then = 1;
        MAKE(m, kind->then, 1);
        kind->then[0] = (consequence_t){.name = kind->name,
                                        .kind = (k + 1) % 4,
                                        .when = WHEN_ALWAYS,
                                        .chance = {.probability = 0.4},
                                        .count = 1,
                                        .delay = {DIST_UNIFORM, {0, U < 0.5 ? 0.5 : 6}},
                                        .initiator = ROLE_INITIATOR,
                                        .target = ROLE_TARGET,
                                        .expires = 30};
        if (U < 0.5) kind->then[0].initiator = ROLE_TARGET, kind->then[0].target = ROLE_INITIATOR;
        if (k == 4) kind->then[0].target = ROLE_MEMBER;
    }
    m->kinds[4].summit = (summit_t){
        .on = true, .group = 0, .attendance = {.probability = 0.8}, .guest_attendance = {.probability = 0.8}};
    m->kinds[5].scope = SCOPE_DIRECTED;
    m->kinds[5].reply = (reply_t){true, {.probability = 0.5}, {DIST_UNIFORM, {0, 8}}, 6, 0, 1, 2};
    m->n_calendar = 16;
    MAKE(m, m->calendar, 16);
    int summit = -1;
    for (int n = 0; n < 16; n++) {
        char id[16];
        snprintf(id, sizeof id, "e%d", n);
        int kind = n < 12 ? (int)(5 * U) : 5, i = (int)(5 * U), j = (i + 1 + (int)(4 * U)) % 5;
        if (kind == 4) summit = n;
        double time = floor(20 * U);
        calendar_entry_t *e = &m->calendar[n];
        *e = toy_entry(arena_text(&m->arena, id), kind, i, kind == 4 ? -1 : j, time);
        e->days = U < 0.3 ? 2 : NAN;
        e->value_usd = n; /* identifies it in the log */
        e->level = U < 0.3 ? LEVEL_LEADER : -1;
        if (kind == 5) e->to = summit;
    }
#undef U
}

typedef struct {
    int actor, place, first, last, row;
} engagement_t;

/* How many days the event of a held row takes: its kind's, or those of its calendar entry. */
static int days_taken(const lab_t *lab, int32_t row) {
    const log_t *log = &lab->result.log;
    int32_t event = log->summit[row] >= 0 ? log->summit[row] : row;
    double days = lab->model.kinds[log->kind[row]].days;
    if (log->cause[event] == CAUSE_CALENDAR) {
        const calendar_entry_t *entry = &lab->model.calendar[(int)log->value_usd[event]];
        if (!isnan(entry->days)) days = entry->days;
    }
    return days > 1 ? (int)ceil(days) : 1;
}

/* Replies need nobody's day. */
static bool takes_leaders(const lab_t *lab, int32_t row) {
    const log_t *log = &lab->result.log;
    int32_t parent = log->parent[row];
    bool reply = log->cause[row] == CAUSE_CONSEQUENCE && parent >= 0 && log->kind[parent] == 5;
    return log->status[row] == STATUS_HELD && log->level[row] == LEVEL_LEADER && !reply &&
           lab->model.kinds[log->kind[row]].in_person;
}

static void test_no_leader_in_two_places(void **state) {
    (void)state;
    long together = 0, moved = 0, cancelled = 0;
    for (uint64_t seed = 1; seed <= (uint64_t)n_models; seed++) {
        lab_t lab;
        crowded_model(&lab.model, seed);
        lab_open(&lab, seed);
        lab_variant(&lab, 0, 0);
        const log_t *log = &lab.result.log;
        engagement_t *all = malloc((size_t)(2 * log->n + 1) * sizeof *all);
        int n = 0;
        for (int32_t r = 0; r < log->n; r++) {
            moved += log->status[r] == STATUS_MOVED, cancelled += log->status[r] == STATUS_CANCELLED;
            if (!takes_leaders(&lab, r)) continue;
            int first = (int)floor(log->time[r]), last = first + days_taken(&lab, r) - 1;
            bool dyadic = log->group[r] < 0;
            int place = log->summit[r] >= 0 || dyadic ? log->target[r] : log->initiator[r];
            all[n++] = (engagement_t){log->initiator[r], place, first, last, r};
            if (dyadic) all[n++] = (engagement_t){log->target[r], place, first, last, r};
        }
        for (int a = 0; a < n; a++)
            for (int b = 0; b < a; b++) {
                if (all[a].actor != all[b].actor || all[a].first > all[b].last || all[b].first > all[a].last)
                    continue;
                together++;
                if (all[a].place != all[b].place)
                    fail_msg("seed %d: actor %d is at %d (row %d, days %d to %d) and at %d (row %d, days %d "
                             "to %d)",
                             (int)seed, all[a].actor, all[a].place, all[a].row, all[a].first, all[a].last,
                             all[b].place, all[b].row, all[b].first, all[b].last);
            }
        /* none happens twice: one held row for each calendar entry at most */
        long held = 0;
        for (int32_t r = 0; r < log->n; r++)
            held += log->status[r] == STATUS_HELD && log->cause[r] == CAUSE_CALENDAR && log->summit[r] < 0;
        assert_true(held <= lab.model.n_calendar);
        free(all);
        lab_close(&lab);
    }
    assert_true(together > 100 && moved > 100 && cancelled > 0);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) n_models = 120;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_the_file_is_none), cmocka_unit_test(test_unrelated_moves_nothing),
        cmocka_unit_test(test_change_stays_within_reach), cmocka_unit_test(test_every_event_has_a_cause),
        cmocka_unit_test(test_looking_changes_nothing),   cmocka_unit_test(test_no_leader_in_two_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
