/* Variants as differences against the same variants alone: the results must be the same, bit by bit. On
 * random models that mix all mechanisms, some with leaders in the calendar and in consequences (which the
 * naive engine does not cover), some in which only pending consequences differ, some with settings, which
 * only some variants can have as a difference. */
#include "lab.h"
#include "random_model.h"
#include "random_quantities.h"
#include "random_trade.h"

#include <stdio.h>

enum { VARIANTS_MOST = 8 };

static int n_models = 400, n_replicates = 2;

static bool same_log(const log_t *a, const log_t *b, char *text, size_t size) {
    int32_t n = a->n < b->n ? a->n : b->n;
#define X(name, type, ...)                                                                        \
    for (int32_t r = 0; r < n; r++)                                                               \
        if (memcmp(&a->name[r], &b->name[r], sizeof(type)) != 0) {                                \
            snprintf(text, size, "row %d: " #name " %.17g against %.17g (time %.6f, kind %d)", r, \
                     (double)a->name[r], (double)b->name[r], a->time[r], a->kind[r]);             \
            return false;                                                                         \
        }
    LOG_COLUMNS(X)
#undef X
    if (a->n != b->n) snprintf(text, size, "%d rows against %d", a->n, b->n);
    return a->n == b->n;
}

/* The result's own rows of the log that it shares with its root. */
static void own_log(const result_t *result, log_t *own) {
    const log_t *all = result->root ? &result->root->log : &result->log;
    int32_t *place = mem_alloc((size_t)all->n + 1, sizeof *place);
    assert_non_null(place);
    log_init(own);
    for (int32_t r = 0; r < all->n; r++) {
        if (result->root && !(result->root->row_courses[r] & course_bit(result->course))) continue;
        log_row_t row = {
#define X(name, ...) .name = all->name[r],
            LOG_COLUMNS(X)
#undef X
        };
        place[r] = own->n;
        if (row.parent >= 0) row.parent = place[row.parent];
        if (row.summit >= 0) row.summit = place[row.summit];
        assert_true(log_append(own, &row) >= 0);
    }
    mem_free(place);
}

static bool same_own_log(const result_t *a, const log_t *b, char *text, size_t size) {
    log_t own;
    own_log(a, &own);
    bool same = same_log(&own, b, text, size);
    log_free(&own);
    return same;
}

static bool same_quantities(const model_t *m, const result_t *a, const result_t *b, char *text, size_t size) {
    for (int q = 0; q < m->n_quantities; q++) {
        if (memcmp(&a->quantities[q], &b->quantities[q], sizeof *a->quantities) == 0) continue;
        snprintf(text, size, "quantity %d (what %d, take %d, every %g, tie %d): %.17g against %.17g", q,
                 (int)m->quantities[q].what, (int)m->quantities[q].take, m->quantities[q].every,
                 m->quantities[q].tie, a->quantities[q], b->quantities[q]);
        return false;
    }
    return true;
}

#define SAME(member, count)                                                       \
    if (memcmp(a->member, b->member, (size_t)(count) * sizeof *a->member) != 0) { \
        snprintf(text, size, #member);                                            \
        return false;                                                             \
    }

static bool same_result(const lab_t *lab, const result_t *a, const result_t *b, char *text, size_t size) {
    const model_t *m = &lab->model;
    const observation_t *o = &lab->observation;
    size_t cells = (size_t)o->n_times * (size_t)o->n_ties;
    if (a->stop != b->stop) {
        snprintf(text, size, "stop");
        return false;
    }
    if (!same_own_log(a, &b->log, text, size)) return false;
    SAME(kind_counts, m->n_kinds)
    if (!same_quantities(m, a, b, text, size)) return false;
    SAME(draws, m->n_uncertain)
    if (a->stop != STOP_NONE) return true;
    SAME(strength, cells)
    SAME(alignment, cells)
    SAME(trade, 2 * cells)
    return true;
}

/* Kinds in person that are dated or follow, and replies and summits that need leaders. */
static void send_leaders(model_t *m, uint64_t seed) {
    for (int k = 0; k < m->n_kinds; k++) {
        kind_t *kind = &m->kinds[k];
        if ((rng_key_number(seed, (uint64_t)k) & 3) == 0) continue;
        kind->in_person = true;
        kind->level_weight[LEVEL_LEADER] = 1;
        kind->level_weight[LEVEL_MINISTER] = kind->level_weight[LEVEL_OFFICIAL] = 0;
        kind->days = (double)(rng_key_number(seed, (uint64_t)k) >> 8 & 7);
        kind->precedence = (double)(rng_key_number(seed, (uint64_t)k) >> 16 & 3);
    }
}

/* Events leave no trace but consequences, which wait long until another such event cancels them: only what is
 * pending tells a variant from its base. */
static void leave_no_trace(model_t *m) {
    for (int k = 0; k < m->n_kinds; k++) {
        kind_t *kind = &m->kinds[k];
        kind->goldstein = kind->trade_shock = 0;
        kind->deal.on = false;
        kind->n_conditions = kind->n_memberships = kind->n_presences = kind->n_excitations = 0;
        kind->log_rate.n = 0;
        for (int n = 0; n < kind->n_then; n++) {
            consequence_t *c = &kind->then[n];
            c->delay = (dist_t){DIST_UNIFORM, {5, 90}};
            c->expires = INFINITY;
            if (c->n_cancelled_by == 0) c->cancelled_by = arena_alloc(&m->arena, 1, sizeof *c->cancelled_by);
            assert_non_null(c->cancelled_by);
            c->n_cancelled_by = 1;
            c->cancelled_by[0] = k;
        }
    }
}

static void set_nothing(model_t *m) {
    for (int n = 0; n < m->n_interventions; n++) m->interventions[n].n_settings = 0;
    for (int v = 0; v < m->n_variants; v++) m->variants[v].n_settings = 0;
}

typedef struct {
    long runs, rows, changed, different, stopped;
    long late, set, led, spilled, mediated, traded, taxed, ruled; /* of the changed ones */
} tally_t;

/* When the first row is that the other log has not; INFINITY: there is none. */
static double first_difference(const result_t *base, const log_t *other) {
    log_t own;
    own_log(base, &own);
    double time = INFINITY;
    for (int32_t r = 0; r < own.n && isinf(time); r++) {
        bool same = r < other->n && own.time[r] == other->time[r] && own.kind[r] == other->kind[r] &&
                    own.initiator[r] == other->initiator[r] && own.status[r] == other->status[r] &&
                    own.success[r] == other->success[r];
        if (!same) time = own.time[r];
    }
    log_free(&own);
    return time;
}

/* By what a variant that is not as its base may differ from it. */
static void tally_changed(const lab_t *lab, int variant, bool led, double since, tally_t *tally) {
    const model_t *m = &lab->model;
    bool spills = false, mediates = false;
    for (int k = 0; k < m->n_kinds; k++) spills |= m->kinds[k].spillover != 0;
    for (int e = 0; e < m->n_calendar; e++) mediates |= m->calendar[e].is_mediated;
    tally->changed++;
    tally->late += since > m->horizon / 2 && since < m->horizon;
    tally->set += m->variants[variant].n_settings > 0;
    tally->led += led;
    tally->spilled += spills;
    tally->mediated += mediates;
    tally->traded += m->trade.in_equilibrium;
    tally->taxed += m->n_tariffs > 0;
    tally->ruled += m->n_rule_counts > 0;
}

static void compare_replicate(lab_t *lab, uint64_t seed, uint32_t replicate, bool led, tally_t *tally) {
    int n = lab->model.n_variants, variants[VARIANTS_MOST];
    char text[512];
    result_t together[VARIANTS_MOST];
    assert_true(n <= VARIANTS_MOST);
    for (int v = 0; v < n; v++) {
        variants[v] = v;
        assert_int_equal(result_init(&together[v], &lab->model, &lab->observation), 0);
    }
    assert_int_equal(
        engine_run_all(lab->engine, replicate, n, variants, 0, NULL, &lab->observation, together), 0);
    for (int v = 0; v < n; v++) {
        lab_variant(lab, replicate, v);
        if (!same_result(lab, &together[v], &lab->result, text, sizeof text) && tally->different++ < 20)
            print_message("model %llu, replicate %u, variant %d: %s\n", (unsigned long long)seed, replicate,
                          v, text);
        tally->runs++;
        tally->rows += lab->result.log.n;
        tally->stopped += lab->result.stop != STOP_NONE;
        if (!same_own_log(&together[0], &lab->result.log, text, sizeof text))
            tally_changed(lab, v, led, first_difference(&together[0], &lab->result.log), tally);
    }
    for (int v = 0; v < n; v++) result_free(&together[v]);
}

static void test_same_results(void **state) {
    (void)state;
    tally_t tally = {0};
    for (uint64_t seed = 1; seed <= (uint64_t)n_models; seed++) {
        lab_t lab;
        random_model(&lab.model, seed);
        if (seed % 3 == 0) send_leaders(&lab.model, seed);
        if (seed % 5 == 0) leave_no_trace(&lab.model);
        if (seed % 4 > 0) set_nothing(&lab.model);
        if (seed % 2) random_trade(&lab.model, seed);
        random_quantities(&lab.model, seed);
        lab_start(&lab, seed);
        for (int r = 0; r < n_replicates; r++)
            compare_replicate(&lab, seed, (uint32_t)(seed % 3) + (uint32_t)r, seed % 3 == 0, &tally);
        lab_close(&lab);
    }
    print_message("%d models, %ld runs, %ld rows; %ld runs are not as their base, %ld stopped\n", n_models,
                  tally.runs, tally.rows, tally.changed, tally.stopped);
    print_message(
        "of these %ld begin to differ in the second half, %ld set a parameter, %ld are of models with"
        " leaders, %ld with spillover, %ld with mediators, %ld in equilibrium, %ld with tariffs, %ld with"
        " rules that count\n",
        tally.late, tally.set, tally.led, tally.spilled, tally.mediated, tally.traded, tally.taxed,
        tally.ruled);
    assert_int_equal(tally.different, 0);
    long least = tally.changed / 20; /* of each sort */
    assert_true(tally.late > least && tally.set > least && tally.led > least && tally.spilled > least);
    assert_true(tally.mediated > least && tally.traded > least && tally.taxed > least && tally.ruled > least);
    assert_true(tally.changed > tally.runs / 4 && tally.stopped < tally.runs / 5);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) n_models = 250, n_replicates = 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_results)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
