#include "scenario/scenario.h"

#include "base/date.h"
#include "support/check.h"

static const char *const text =
    "entente: 1\n"
    "title: Test\n"
    "period: {start: 2026-01-01, end: 2027-01-01}\n"
    "actors:\n"
    "  USA: {gdp: 27 tn USD, lat: 38.9, lon: -77}\n"
    "  KAZ: {gdp: 261 bn USD, lat: 51.2, lon: 71.5, attributes: {polity: -6}}\n"
    "  UZB: {gdp: 90 bn USD, lat: 41.3, lon: 69.3}\n"
    "groups: {C3: {members: [USA, KAZ, {actor: UZB, from: 2026-06-01}], chair: {2026: USA}}}\n"
    "ties:\n"
    "  all: true\n"
    "  default: {attributes: {contiguity: 0}}\n"
    "  KAZ-USA: {strength: 0.3, alignment: 0.2, exports: {KAZ: 2 bn USD, USA: 1 bn USD}}\n"
    "  KAZ-UZB: {attributes: {contiguity: 1}, distance: 800 km}\n"
    "trade: {gravity: {constant: -20}}\n"
    "conditions:\n"
    "  sanctions: {alignment_shift: -0.2, trade: {shift: -0.5}, duration: 3 y}\n"
    "  unrest: {on: actor}\n"
    "kinds:\n"
    "  call:\n"
    "    scope: initiator -> target\n"
    "    level: {leader: 0.5, minister: 0.5}\n"
    "    between: {initiators: C3}\n"
    "    rate: {per_year: 0.6, log_effects: {strength: 1, tie: {of: contiguity, coefficient: 0.4, reference: "
    "0.1},\n"
    "           condition: [{of: sanctions, coefficient: -2}, {of: unrest, coefficient: -1}]}}\n"
    "    season: {month: [1,1,1,1,1,1,1,1,1,1,1,2], windows: [{from: 2026-02-01, until: 2026-03-01, factor: "
    "3}],\n"
    "             blackouts: [{from: 2026-08-01, until: 2026-08-15}]}\n"
    "    value: {lognormal: {median: 1 bn USD, sigma: 1}}\n"
    "    effect: {goldstein: 1, pairs: {initiator-target: 0.5}}\n"
    "    deal: {delivered: {beta: {mean: 0.3, concentration: 4}}, duration: {constant: 5 y}, exports: "
    "initiator}\n"
    "    starts: [sanctions, {condition: unrest, who: target}]\n"
    "    ends: [sanctions]\n"
    "    then:\n"
    "      - {kind: invitation, probability: 0.2}\n"
    "      - {id: again, kind: call, probability: 0.1, delay: 3 d}\n"
    "  invitation: {scope: initiator -> target, reply: {accept: 0.9, delay: 10 d, lapse: 60 d}}\n"
    "  summit: {scope: group, days: 2 d, summit: {group: C3, attendance: {probability: 0.9, log_odds: "
    "{strength: 1}}}}\n"
    "ongoing: [{condition: sanctions, tie: UZB-USA, since: 2025-01-01}, {condition: unrest, actor: KAZ}]\n"
    "history:\n"
    "  - {date: 2025-11-01, kind: call, initiator: USA, targets: [UZB, KAZ]}\n"
    "  - {date: 2025-10-01, kind: call, initiator: KAZ, target: USA, source: news}\n"
    "calendar:\n"
    "  - {id: miami, date: 2026-12-14, kind: summit, host: USA, guests: [UZB]}\n"
    "  - {id: invite, date: 2026-02-01, kind: invitation, initiator: USA, targets: [KAZ, UZB], to: miami}\n"
    "  - {id: monthly, date: 2026-01-31T12:00, kind: call, initiator: KAZ, target: UZB,\n"
    "     repeat: {every: 1 month, until: 2026-05-01}}\n"
    "  - {id: weekly, window: [2026-01-01, 2026-01-03], kind: call, initiator: KAZ, target: UZB,\n"
    "     repeat: {every: 7 d, until: 2026-01-20}}\n"
    "  - {id: tour, date: 2026-03-01, kind: call, initiator: USA, target: KAZ,\n"
    "     stops: [{date: 2026-03-02, kind: call, target: UZB}]}\n"
    "interventions:\n"
    "  - {id: thaw, when: {strength: KAZ-USA, above: 0.6}, set: {kinds.call.rate.per_year: 2},\n"
    "     add: [{id: talk, after: 10 d, kind: call, initiator: USA, target: KAZ}]}\n"
    "  - {id: lift, at: 2026-06-01, close: [{condition: sanctions, tie: USA-UZB}], only_in_variants: true}\n"
    "quantities:\n"
    "  trade: {trade: KAZ -> USA, at: 2026-12-31}\n"
    "  calls: {count: [call, summit], tie: KAZ-USA, above: 2}\n"
    "variants:\n"
    "  alone: {drop: [invite], set: {ties.USA-KAZ.strength: 0.5, kinds.call.deal.duration: 2 y}}\n"
    "  lifted: {interventions: [lift, {id: own, at: 2026-07-01, drop: [miami]}], cancel: [miami], decline: "
    "[invite/KAZ]}\n"
    "uncertain:\n"
    "  kinds.summit.summit.attendance: {beta: {mean: 0.9, concentration: 10}, source: assumed}\n"
    "monte_carlo: {replicates: 10, seed: 18446744073709551}\n"
    "sweep: {design: sobol, points: 8, parameters: {kinds.call.rate.per_year: {log_uniform: [0.1, 1]},\n"
    "        kinds.call.effect.lasting: {values: [0, 0.1]}}}\n";

typedef struct {
    scenario_t scenario;
    diagnostics_t diagnostics;
    int ret;
} read_t;

static void read_these(read_t *self, int n, const char *const *paths, const char *const *texts) {
    size_t lengths[8];
    for (int i = 0; i < n; i++) lengths[i] = strlen(texts[i]);
    *self = (read_t){0};
    diagnostics_init(&self->diagnostics);
    self->ret = scenario_read_texts(&self->scenario, n, paths, texts, lengths, &self->diagnostics);
}

static void read_one(read_t *self, const char *source) {
    read_these(self, 1, (const char *const[]){"x.yaml"}, &source);
}

static void done(read_t *self) {
    scenario_free(&self->scenario);
    diagnostics_free(&self->diagnostics);
}

static void read_good(read_t *self) {
    read_one(self, text);
    if (self->ret != 0) diagnostics_print(&self->diagnostics, stderr, 100);
    assert_int_equal(self->ret, 0);
}

static double value_of(const read_t *self, const char *path) {
    int param = scenario_param(&self->scenario, path);
    if (param < 0) print_message("no parameter %s\n", path);
    assert_true(param >= 0);
    return *self->scenario.model.params[param].value;
}

static void test_actors_groups_ties(void **state) {
    (void)state;
    read_t r;
    read_good(&r);
    const model_t *m = &r.scenario.model;
    assert_int_equal(m->n_actors, 3);
    assert_string_equal(m->actors[1].label, "KAZ");
    assert_string_equal(m->actors[1].type, "state");
    assert_true(m->actors[0].gdp_usd == 27e12);
    assert_true(m->actors[1].attributes[0] == -6 && isnan(m->actors[0].attributes[0]));
    assert_true(m->horizon == 365);
    assert_int_equal(m->groups[0].n_members, 3);
    assert_true(m->groups[0].members[2].from == 151 && m->groups[0].members[0].from == -INFINITY);
    assert_true(m->groups[0].chairs[0].from == 0 && m->groups[0].chairs[0].until == 365);
    assert_int_equal(m->n_ties, 3);
    const tie_t *tie = &m->ties[model_tie(m, 1, 0)];
    assert_true(tie->a == 0 && tie->b == 1);
    assert_true(tie->trade_usd[0] == 1e9 && tie->trade_usd[1] == 2e9); /* a exports first */
    assert_true(tie->baseline == 0.2 && tie->alignment_ref == 0.2);    /* default: alignment */
    assert_true(tie->attributes[0] == 0);
    assert_true(m->ties[2].attributes[0] == 1 && m->ties[2].distance_km == 800);
    CHECK_NEAR(tie->distance_km, 9538.18, 0.1); /* Washington to Astana, great circle */
    double gravity = exp(-20 + log(261e9) + log(90e9) - 0.84 * log(800));
    assert_true(fabs(m->ties[2].trade_usd[0] / gravity - 1) < 1e-12);
    done(&r);
}

static void test_kinds(void **state) {
    (void)state;
    read_t r;
    read_good(&r);
    const model_t *m = &r.scenario.model;
    assert_int_equal(m->n_kinds, 6); /* three replies were made */
    const kind_t *call = &m->kinds[0];
    assert_true(call->initiators[0] && call->initiators[1] && !call->initiators[2]); /* C3 at the start */
    assert_null(call->targets);
    assert_int_equal(call->log_rate.n, 4);
    assert_int_equal(call->log_rate.terms[1].statistic->id, STATISTIC_TIE);
    assert_true(call->log_rate.terms[1].ref == 0 && call->log_rate.terms[1].reference == 0.1);
    assert_true(call->log_rate.terms[3].ref == 1);
    assert_int_equal(call->season.n_windows, 2);
    assert_true(call->season.windows[0].factor == 3 && call->season.windows[1].factor == 0);
    assert_true(call->season.has_month && call->season.month[11] == 2 && !call->season.has_weekday);
    assert_true(call->level_weight[LEVEL_LEADER] == 0.5 && call->level_weight[LEVEL_OFFICIAL] == 0);
    assert_true(call->pair_weight[ROLE_INITIATOR][ROLE_TARGET] == 0.5);
    assert_true(call->pair_weight[ROLE_TARGET][ROLE_INITIATOR] == 0.5);
    assert_true(call->pair_weight[ROLE_INITIATOR][ROLE_MEMBER] == 1);
    assert_true(call->pair_weight[ROLE_MEMBER][ROLE_MEMBER] == 0);
    assert_true(call->has_value && call->deal.on && call->deal.initiator_share == 1);
    assert_true(call->deal.lag.kind == DIST_CONSTANT && call->deal.lag.p[0] == 0);
    assert_int_equal(call->n_conditions, 3);
    assert_true(call->conditions[0].starts && call->conditions[1].who == ROLE_TARGET &&
                !call->conditions[2].starts);
    assert_string_equal(call->then[0].name, "invitation");
    assert_string_equal(call->then[1].name, "again");
    assert_true(call->then[1].count == 1 && call->then[1].expires == INFINITY);
    const kind_t *invitation = &m->kinds[1];
    assert_true(invitation->reply.on);
    assert_string_equal(m->kinds[invitation->reply.accepted].name, "accepted");
    assert_string_equal(m->kinds[invitation->reply.lapsed].name, "lapsed");
    assert_true(invitation->level_weight[LEVEL_OFFICIAL] == 1);
    const kind_t *summit = &m->kinds[2];
    assert_true(summit->summit.on && summit->summit.group == 0 && summit->days == 2);
    assert_true(summit->summit.attendance.probability == 0.9 &&
                summit->summit.guest_attendance.probability == 1);
    done(&r);
}

static void test_calendar(void **state) {
    (void)state;
    read_t r;
    read_good(&r);
    const model_t *m = &r.scenario.model;
    const double noon = 0.5;
    static const struct {
        const char *id;
        double time;
    } expected[] = {
        {"miami", 347},    {"invite/KAZ", 31}, {"invite/UZB", 31}, {"monthly/1", 30}, {"monthly/2", 58},
        {"monthly/3", 89}, {"monthly/4", 119}, {"weekly/1", 0},    {"weekly/2", 7},   {"weekly/3", 14},
        {"tour", 59},      {"tour/1", 60},     {"talk", 10},
    };
    assert_int_equal(m->n_calendar, (int)(sizeof expected / sizeof *expected));
    for (int i = 0; i < m->n_calendar; i++) {
        assert_string_equal(m->calendar[i].id, expected[i].id);
        double time = expected[i].time + (strncmp(expected[i].id, "monthly", 7) ? 0 : noon);
        assert_true(m->calendar[i].time == time);
    }
    assert_true(m->calendar[8].until == 9);
    assert_int_equal(m->calendar[1].to, 0);
    assert_int_equal(m->calendar[11].parent, 10);
    assert_int_equal(m->calendar[11].initiator, 0); /* the tour's */
    assert_true(m->calendar[0].in_base && !m->calendar[12].in_base);
    assert_int_equal(m->calendar[0].n_guests, 1);
    assert_true(isnan(m->calendar[0].days) && isnan(m->calendar[0].value_usd) && m->calendar[0].level == -1);
    assert_int_equal(m->n_history, 3);
    assert_true(m->history[0].time == -92); /* sorted by time, then id */
    assert_int_equal(m->history[1].target, 1);
    assert_int_equal(m->n_condition_starts, 2);
    assert_true(m->condition_starts[0].since == -365 && m->condition_starts[1].tie == -1);
    done(&r);
}

static void test_variants(void **state) {
    (void)state;
    read_t r;
    read_good(&r);
    const model_t *m = &r.scenario.model;
    assert_int_equal(m->n_variants, 3);
    assert_string_equal(m->variants[0].name, "base");
    assert_int_equal(m->variants[1].n_drop, 2); /* invite stands for both it became */
    assert_int_equal(m->variants[1].n_settings, 2);
    assert_true(m->variants[1].settings[1].value == 2 * DAYS_PER_YEAR);
    assert_int_equal(m->variants[2].n_interventions, 2);
    assert_int_equal(m->variants[2].n_decline, 1);
    assert_int_equal(m->n_interventions, 3);
    assert_true(m->interventions[0].in_base && !m->interventions[1].in_base && !m->interventions[2].in_base);
    assert_true(m->interventions[0].when->type == RULE_STRENGTH && m->interventions[0].when->above == 0.6);
    assert_true(m->interventions[0].n_settings == 1 && m->interventions[0].settings[0].value == 2);
    assert_int_equal(m->calendar[m->interventions[0].add[0]].time, 10);
    assert_true(m->interventions[1].n_conditions == 1 && !m->interventions[1].condition_opens[0]);
    assert_int_equal(m->n_uncertain, 1);
    assert_string_equal(m->uncertain[0].source, "assumed");
    assert_int_equal(r.scenario.sweep.design, DESIGN_SOBOL);
    assert_int_equal(r.scenario.sweep.n_axes, 2);
    assert_int_equal(r.scenario.sweep.axes[0].range, SWEEP_LOG_UNIFORM);
    assert_true(m->seed == 18446744073709551u && m->replicates == 10);
    assert_true(m->quantities[0].flow == model_flow(m, 1, 0));
    assert_true(m->quantities[1].has_threshold && m->quantities[1].above && m->quantities[1].threshold == 2);
    done(&r);
}

static void test_parameters(void **state) {
    (void)state;
    read_t r;
    read_good(&r);
    const model_t *m = &r.scenario.model;
    assert_true(value_of(&r, "kinds.call.rate.per_year") == 0.6);
    assert_true(value_of(&r, "kinds.call.rate.log_effects.strength") == 1);
    assert_true(value_of(&r, "kinds.call.rate.log_effects.strength.coefficient") == 1);
    assert_true(value_of(&r, "kinds.call.rate.log_effects.tie.reference") == 0.1);
    assert_true(value_of(&r, "kinds.call.rate.log_effects.tie") == 0.4);
    assert_true(value_of(&r, "kinds.call.rate.log_effects.condition.unrest.coefficient") == -1);
    assert_true(value_of(&r, "kinds.call.then.invitation.probability") == 0.2);
    assert_true(value_of(&r, "kinds.call.then.again.delay") == 3);
    assert_true(value_of(&r, "kinds.call.value.lognormal.median") == 1e9);
    assert_true(value_of(&r, "kinds.call.deal.duration") == 5 * DAYS_PER_YEAR);
    assert_true(value_of(&r, "kinds.call.season.month.11") == 2);
    assert_true(value_of(&r, "kinds.call.season.windows.0.factor") == 3);
    assert_true(value_of(&r, "kinds.invitation.reply.accept.probability") == 0.9);
    assert_true(value_of(&r, "kinds.summit.summit.attendance") == 0.9);
    assert_true(value_of(&r, "ties.USA-KAZ.strength") == 0.3);
    assert_true(value_of(&r, "ties.KAZ-USA.exports.KAZ") == 2e9);
    assert_true(value_of(&r, "ties.relax.strength") == 30);
    assert_true(value_of(&r, "effects.level.leader") == 2); /* a default */
    assert_true(value_of(&r, "calendar.invite/KAZ.probability") == 1);
    assert_true(value_of(&r, "interventions.thaw.when.above") == 0.6);
    assert_true(scenario_param(&r.scenario, "kinds.call.rate.nothing") < 0);
    /* Each is one number in one place of the model, and lies in its range. */
    for (int p = 0; p < m->n_params; p++) {
        assert_true(!isnan(*m->params[p].value));
        assert_true(m->params[p].structural ||
                    (*m->params[p].value >= m->params[p].low && *m->params[p].value <= m->params[p].high));
        for (int q = 0; q < p; q++) assert_true(m->params[p].value != m->params[q].value);
        for (int q = 0; q < p; q++) assert_string_not_equal(m->params[p].path, m->params[q].path);
    }
    /* Numbers that were read elsewhere first point to where they stayed. */
    *m->params[scenario_param(&r.scenario, "kinds.call.season.month.11")].value = 7;
    *m->params[scenario_param(&r.scenario, "kinds.call.season.windows.0.factor")].value = 8;
    *m->params[scenario_param(&r.scenario, "interventions.thaw.when.above")].value = 0.5;
    assert_true(m->kinds[0].season.month[11] == 7 && m->kinds[0].season.windows[0].factor == 8);
    assert_true(m->interventions[0].when->above == 0.5);
    done(&r);
}

static void test_set(void **state) {
    (void)state;
    static const struct {
        const char *path, *value, *message; /* NULL: it is right */
        double expected;
    } cases[] = {
        {"kinds.call.rate.per_year", "0.8", NULL, 0.8},
        {"ties.relax.strength", "2 weeks", NULL, 14},
        {"kinds.call.value.lognormal.median", "2 bn USD", NULL, 2e9},
        {"ties.UZB-KAZ.distance", "900 km", NULL, 900},
        {"kinds.call.rate.per_year", "-1", "0 or more", 0},
        {"kinds.call.rate.per_year", "", "a number of events a year", 0},
        {"ties.relax.strength", "30", "a duration", 0},
        {"kinds.call.rate.per_yaer", "1", "did you mean \"kinds.call.rate.per_year\"", 0},
        {"monte_carlo.replicates", "5", "fixed", 0},
        {"calendar.miami.date", "2026-01-01", "fixed", 0},
    };
    read_t r;
    read_good(&r);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setting_t setting;
        fault_t err = {0};
        int ret = scenario_set(&r.scenario, cases[i].path, cases[i].value, &setting, &err);
        if (cases[i].message) {
            assert_int_equal(ret, ERR_USAGE);
            assert_non_null(strstr(err.text, cases[i].message));
        } else {
            assert_int_equal(ret, 0);
            assert_true(setting.value == cases[i].expected);
        }
    }
    done(&r);
}

/* What the tables give in place of absent keys is what model_init gives. */
static void test_defaults_are_the_model_s(void **state) {
    (void)state;
    static const char *const bare = "entente: 1\ntitle: x\nperiod: {start: 2026-01-01, end: 2027-01-01}\n"
                                    "actors: {A: {}, B: {}}\nties: {A-B: }\nkinds: {call: {scope: dyad}}\n";
    read_t r;
    model_t model;
    read_one(&r, bare);
    assert_int_equal(r.ret, 0);
    model_init(&model);
    assert_true(isnan(r.scenario.model.ties[0].distance_km)); /* no coordinates, no distance */
    const dynamics_t *found = &r.scenario.model.dynamics, *expected = &model.dynamics;
    assert_true(found->strength_half_life == expected->strength_half_life);
    assert_true(found->alignment_half_life == expected->alignment_half_life);
    assert_true(fabs(found->trade_half_life / expected->trade_half_life - 1) < 1e-3);
    assert_true(found->gain_divisor == expected->gain_divisor && found->refresh == expected->refresh);
    assert_memory_equal(found->level, expected->level, sizeof found->level);
    assert_true(r.scenario.model.output.every == model.output.every);
    assert_true(r.scenario.model.output.precision == model.output.precision);
    assert_int_equal(r.scenario.model.output.events, model.output.events);
    assert_int_equal(r.scenario.model.replicates, model.replicates);
    assert_true(r.scenario.model.seed == model.seed && r.scenario.model.event_cap == model.event_cap);
    model_free(&model);
    done(&r);
}

static void test_several_texts(void **state) {
    (void)state;
    const char *const paths[] = {"a/x.yaml", "a/kinds/k.yaml", "a/t.csv"};
    const char *const texts[] = {
        "entente: 1\ntitle: x\nperiod: {start: 2026-01-01, end: 2027-01-01}\nactors: {from: t.csv, B: {gdp: "
        "2 USD}}\n"
        "ties: {A-B: }\nkinds: {from: kinds/k.yaml, call: {rate: {per_year: 2}}}\n",
        "kinds: {call: {scope: dyad, rate: {per_year: 1, log_effects: {strength: 1}}}}\n",
        "name,gdp_usd,polity\nA,1,3\nB,1,\n",
    };
    read_t r;
    read_these(&r, 3, paths, texts);
    assert_int_equal(r.ret, 0);
    assert_true(r.scenario.model.kinds[0].rate_per_year == 2 && r.scenario.model.kinds[0].log_rate.n == 1);
    assert_true(r.scenario.model.actors[1].gdp_usd == 2 && r.scenario.model.actors[0].attributes[0] == 3);
    assert_int_equal(r.scenario.sources.n, 3);
    done(&r);
    read_these(&r, 1, paths, texts); /* the others are missing, and are not looked for on disk */
    assert_int_equal(r.ret, ERR_NOINPUT);
    assert_non_null(strstr(r.diagnostics.items[0].text, "not among the texts"));
    done(&r);
}

/* Memory may run out anywhere: the code says so, and nothing leaks. */
static void test_out_of_memory(void **state) {
    (void)state;
    int failures = 0;
    for (long n = 0; n < 100000; n += n < 60 ? 1 : 7) {
        read_t r = {0};
        size_t length = strlen(text);
        const char *path = "x.yaml";
        diagnostics_init(&r.diagnostics);
        mem_fail_after(n);
        r.ret = scenario_read_texts(&r.scenario, 1, &path, &text, &length, &r.diagnostics);
        mem_fail_after(-1);
        assert_true(r.ret == 0 || r.ret == ERR_NOMEM);
        bool finished = r.ret == 0;
        failures += !finished;
        done(&r);
        if (finished) break;
    }
    assert_true(failures > 50);
}

static void test_free_is_always_safe(void **state) {
    (void)state;
    scenario_t scenario = {0};
    diagnostics_t diagnostics;
    scenario_free(&scenario);
    scenario_free(NULL);
    diagnostics_init(&diagnostics);
    assert_int_equal(scenario_read(&scenario, "/no/such/file.yaml", &diagnostics), ERR_NOINPUT);
    assert_int_equal(diagnostics.n, 1);
    scenario_free(&scenario);
    scenario_free(&scenario);
    diagnostics_free(&diagnostics);
    diagnostics_free(&diagnostics);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actors_groups_ties),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_defaults_are_the_model_s),
        cmocka_unit_test(test_several_texts),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_free_is_always_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
