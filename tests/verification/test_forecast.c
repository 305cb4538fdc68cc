/* Restarts from what was observed. On random models the state as of a day, from the events of a simulated
 * history alone, is the state that the simulation had then, wherever events determine it: deals and spells of
 * random length are switched off, whose share and length no event shows, and invitations whose replies are
 * those of another type too, where a reply may be to either. And forecasts of simulated histories
 * are calibrated: the rank of what follows among simulated futures is uniform; forecasts that know only some
 * of the events are not. */
#include "lab.h"
#include "model/observed/observe.h"
#include "random_model.h"

#include <stdio.h>

static int n_models = 400, n_histories = 4000;

/* ---- a history as observed entries ----------------------------------------------------------------------
 */

static bool share_replies(const reply_t *a, const reply_t *b) {
    const int of_a[] = {a->accepted, a->declined, a->lapsed}, of_b[] = {b->accepted, b->declined, b->lapsed};
    for (int i = 0; i < 9; i++)
        if (of_a[i / 3] == of_b[i % 3]) return true;
    return false;
}

static void determine(model_t *m) {
    for (int c = 0; c < m->n_conditions; c++) m->conditions[c].has_duration = false;
    for (int k = 0; k < m->n_kinds; k++) {
        m->kinds[k].deal.on = false;
        for (int other = 0; other < k; other++)
            if (m->kinds[other].reply.on && share_replies(&m->kinds[other].reply, &m->kinds[k].reply))
                m->kinds[k].reply.on = false;
    }
}

/* The calendar's entry that took place in the row, by its type, actors and time; -1. */
static int entry_of_row(const model_t *m, const log_t *log, int32_t r, const bool *taken) {
    for (int e = 0; log->cause[r] == CAUSE_CALENDAR && e < m->n_calendar; e++) {
        const calendar_entry_t *entry = &m->calendar[e];
        bool here = (entry->initiator == log->initiator[r] && entry->target == log->target[r]) ||
                    (entry->initiator == log->target[r] && entry->target == log->initiator[r]);
        if (!taken[e] && entry->in_base && entry->kind == log->kind[r] && here &&
            log->time[r] >= entry->time && log->time[r] <= entry->until)
            return e;
    }
    return -1;
}

static calendar_entry_t observed_of_row(model_t *m, const log_t *log, int32_t r,
                                        const calendar_entry_t *planned) {
    char id[32];
    snprintf(id, sizeof id, "o%06d", (int)r);
    calendar_entry_t entry =
        planned ? *planned
                : toy_entry(arena_text(&m->arena, id), log->kind[r], log->initiator[r], log->target[r], 0);
    entry.group = log->group[r];
    entry.time = entry.until = log->time[r];
    entry.probability = 1;
    entry.level = log->level[r], entry.success = log->success[r], entry.sector = log->sector[r];
    entry.value_usd = log->value_usd[r];
    entry.attend = arena_alloc(&m->arena, (size_t)m->n_actors + 1, sizeof *entry.attend);
    entry.n_attend = 0;
    entry.is_mediated = false, entry.mediator = -1;
    for (int32_t p = r + 1; p < log->n && log->summit[p] == r; p++)
        if (log->role[p] == ROLE_MEDIATOR)
            entry.is_mediated = true, entry.mediator = log->initiator[p];
        else
            entry.attend[entry.n_attend++] = log->initiator[p];
    if (!m->kinds[log->kind[r]].summit.on) entry.attend = NULL;
    entry.observed = true;
    return entry;
}

/* Takes the events of the log before the day into the model; every `every`-th alone is forgotten (0: none).
 */
static void observe(model_t *m, const log_t *log, double day, int every) {
    calendar_entry_t *entries = arena_alloc(&m->arena, (size_t)log->n + 1, sizeof *entries);
    bool *taken = calloc((size_t)m->n_calendar + 1, sizeof *taken);
    int n = 0;
    for (int32_t r = 0; r < log->n; r++) {
        if (log->status[r] != STATUS_HELD || log->cause[r] == CAUSE_HISTORY || log->summit[r] >= 0 ||
            log->time[r] >= day || (every && r % every == 0))
            continue;
        int e = entry_of_row(m, log, r, taken);
        if (e >= 0)
            m->calendar[e] = observed_of_row(m, log, r, &m->calendar[e]), taken[e] = true;
        else
            entries[n++] = observed_of_row(m, log, r, NULL);
    }
    m->as_of = (as_of_t){.day = day, .complete = day};
    assert_int_equal(model_observe(m, n, entries), 0);
    free(taken);
}

/* ---- the state ------------------------------------------------------------------------------------------
 */

static bool same_values(const char *what, size_t n, const float *a, const float *b, uint64_t seed,
                        bool tell) {
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)a[i] - (double)b[i]) <= 1e-6 * fmax(1, fabs((double)a[i]))) &&
            !(isnan(a[i]) && isnan(b[i]))) {
            if (tell)
                fprintf(stderr, "model %llu: %s %zu: simulated %.9g, restarted %.9g\n",
                        (unsigned long long)seed, what, i, (double)a[i], (double)b[i]);
            return false;
        }
    return true;
}

static bool state_is_found(uint64_t seed, int every) {
    lab_t truth, again;
    random_model(&truth.model, seed);
    random_model(&again.model, seed);
    determine(&truth.model);
    determine(&again.model);
    lab_start(&truth, 11);
    lab_variant(&truth, 0, 0);
    double day = floor(0.6 * truth.model.horizon);
    bool good = true;
    if (truth.result.stop == STOP_NONE) {
        observe(&again.model, &truth.result.log, day, every);
        lab_start(&again, 11);
        lab_variant(&again, 0, 0);
        size_t n_times = 0, n_ties = (size_t)truth.observation.n_ties;
        while (n_times < (size_t)truth.observation.n_times && truth.observation.times[n_times] < day)
            n_times++;
        const result_t *a = &truth.result, *b = &again.result;
        good = same_values("strength", n_times * n_ties, a->strength, b->strength, seed, !every) &&
               same_values("alignment", n_times * n_ties, a->alignment, b->alignment, seed, !every) &&
               same_values("trade", 2 * n_times * n_ties, a->trade, b->trade, seed, !every);
        lab_close(&again);
    } else {
        model_free(&again.model);
    }
    lab_close(&truth);
    return good;
}

static void test_state(void **state) {
    (void)state;
    int bad = 0, seen = 0;
    for (int n = 0; n < n_models; n++) bad += !state_is_found((uint64_t)n, 0);
    for (int n = 0; n < 40; n++) seen += !state_is_found((uint64_t)n, 3);
    assert_int_equal(bad, 0);
    assert_true(seen > 20); /* a third of the events forgotten */
}

/* ---- what follows ---------------------------------------------------------------------------------------
 */

enum { FUTURES = 19, RANKS = FUTURES + 1 };

/* Events that excite each other for weeks, bring others about months later, and are answered late. */
static void long_memory(model_t *m) {
    toy_init(m, 3, 4, 200);
    kind_t *call = &m->kinds[0], *visit = &m->kinds[1], *invitation = &m->kinds[2], *reply = &m->kinds[3];
    call->rate_per_year = 6;
    toy_excite(m, 0, 0, RELATION_SAME, 0.6, log(2) / 30);
    visit->scope = SCOPE_DYAD;
    reply->scope = SCOPE_DIRECTED;
    call->n_then = 1;
    call->then = arena_alloc(&m->arena, 1, sizeof *call->then);
    call->then[0] = (consequence_t){.name = visit->name,
                                    .kind = 1,
                                    .when = WHEN_ALWAYS,
                                    .chance = {.probability = 0.7},
                                    .count = 1,
                                    .delay = {.kind = DIST_EXPONENTIAL, .p = {60}},
                                    .initiator = ROLE_INITIATOR,
                                    .target = ROLE_TARGET,
                                    .expires = INFINITY};
    invitation->rate_per_year = 3;
    invitation->reply = (reply_t){.on = true,
                                  .accept = {.probability = 0.5},
                                  .delay = {.kind = DIST_EXPONENTIAL, .p = {40}},
                                  .lapse = 150,
                                  .accepted = 3,
                                  .declined = 3,
                                  .lapsed = 3};
}

static int n_after(const log_t *log, double day) {
    int n = 0;
    for (int32_t r = 0; r < log->n; r++) n += log->time[r] >= day && log->status[r] == STATUS_HELD;
    return n;
}

/* The chi-square statistic of the ranks over equal cells; `every`: the forecasts do not know every n-th
 * event. */
static double ranks(int every) {
    const double day = 100;
    int counts[RANKS] = {0};
    rng_stream_t stream;
    rng_stream_init(&stream, 5, 0);
    for (int n = 0; n < n_histories; n++) {
        lab_t truth, forecast;
        long_memory(&truth.model);
        lab_open(&truth, 21);
        truth.observation.events = true;
        lab_run(&truth, (uint32_t)n);
        long_memory(&forecast.model);
        observe(&forecast.model, &truth.result.log, day, every);
        lab_open(&forecast, 22);
        forecast.observation.events = true;
        int below = 0, equal = 0, seen = n_after(&truth.result.log, day);
        for (int f = 0; f < FUTURES; f++) {
            lab_run(&forecast, (uint32_t)(FUTURES * n + f));
            int future = n_after(&forecast.result.log, day);
            below += future < seen, equal += future == seen;
        }
        counts[below + (int)(rng_stream_unit(&stream) * (equal + 1))]++;
        lab_close(&forecast);
        lab_close(&truth);
    }
    double expected = (double)n_histories / RANKS, chi = 0;
    for (int k = 0; k < RANKS; k++) chi += (counts[k] - expected) * (counts[k] - expected) / expected;
    return chi;
}

#define BEYOND 50.8 /* what chi-square with 19 degrees exceeds once in 10,000 times */

static void test_ranks(void **state) {
    (void)state;
    double all = ranks(0), half = ranks(2);
    printf("ranks of what follows: chi-square %.1f (19 degrees), with half of the events %.1f\n", all, half);
    assert_true(all < BEYOND);
    assert_true(half > BEYOND);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) n_models = 60, n_histories = 600;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_state), cmocka_unit_test(test_ranks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
