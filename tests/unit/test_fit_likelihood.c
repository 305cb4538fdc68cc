/* The likelihood of a scenario's kinds: by hand, gradients against differences, parameters found again. */
#include "../support/recovery.h"

#include "fit/likelihood/hidden.h"
#include "fit/likelihood/internal.h"

/* Two actors, Hawkes, three events: log L by hand. */
static void test_by_hand(void **state) {
    (void)state;
    model_t m;
    double x[3], g[3], mu = 0.3, n = 0.4, theta = 0.5, until = 10;
    toy_init(&m, 2, 1, until);
    m.kinds[0].scope = SCOPE_DIRECTED;
    m.kinds[0].rate_per_year = mu * DAYS_PER_YEAR;
    toy_excite(&m, 0, 0, RELATION_SAME, n, theta);
    assert_int_equal(model_finish(&m), 0);
    const observed_t events[] = {
        {-1, 0, 0, 1, NAN, NULL}, {2, 0, 0, 1, NAN, NULL}, {3, 0, 1, 0, NAN, NULL}, {5, 0, 0, 1, NAN, NULL}};
    likelihood_t *self;
    assert_int_equal(likelihood_init(&self, &m, 0, 4, events, until, NULL, NULL), 0);
    assert_int_equal(likelihood_n_parameters(self), 3);
    assert_int_equal(likelihood_n_events(self), 3);
    likelihood_parameters(self, x);
    double want = log(mu + n * theta * exp(-theta * 3)) + log(mu) +
                  log(mu + n * theta * (exp(-theta * 6) + exp(-theta * 3))) - 2 * until * mu;
    want -= n * (exp(-theta) - exp(-11 * theta) + 3 - exp(-8 * theta) - exp(-7 * theta) - exp(-5 * theta));
    CHECK_NEAR(likelihood_value(self, x, g, NULL), want, 1e-12);
    likelihood_free(self);
    model_free(&m);
}

/* One event a day: it rests until midnight, and what is excited meanwhile is no exposure; three events, of
 * which the first excites itself, log L and what days hide by hand. */
static void test_rests(void **state) {
    (void)state;
    model_t m;
    double x[3], g[3], mu = 0.3, n = 0.4, theta = 0.5, until = 10, hidden[4] = {0}, work[4] = {0};
    toy_init(&m, 2, 1, until);
    m.kinds[0].scope = SCOPE_DIRECTED;
    m.kinds[0].rate_per_year = mu * DAYS_PER_YEAR;
    toy_excite(&m, 0, 0, RELATION_SAME, n, theta);
    assert_int_equal(model_finish(&m), 0);
    const observed_t events[] = {
        {2.25, 0, 0, 1, NAN, NULL}, {3.5, 0, 1, 0, NAN, NULL}, {5.75, 0, 0, 1, NAN, NULL}};
    for (int more = 0; more < 2; more++) { /* the first hides 0.2 more, expected at 2.625 */
        double t[] = {2.25, 5.75, 2.625}, weight[] = {1, 1, more ? 0.2 : 0};
        likelihood_t *self;
        if (more) work[0] = 0.2;
        const likelihood_options_t options = {.once_a_day = true, .hidden = work};
        assert_int_equal(likelihood_init(&self, &m, 0, 3, events, until, &options, NULL), 0);
        likelihood_parameters(self, x);
        double rate = mu, want = -mu * (2 * until - 0.75 - 0.5 - 0.25), rested[2] = {mu * 0.75, mu * 0.25};
        for (int e = 0; e < 3; e++) {
            if (e != 1) rate += weight[e] * n * theta * exp(-theta * (5.75 - t[e]));
            want -= weight[e] * n * (1 - exp(-theta * (until - t[e])));
            if (e != 1) rested[0] += weight[e] * n * (1 - exp(-theta * (3 - t[e])));
            rested[1] += weight[e] * n * (exp(-theta * fmax(0, 5.75 - t[e])) - exp(-theta * (6 - t[e])));
        }
        want += rested[0] - mu * 0.75 + rested[1] - mu * 0.25; /* exposure that is none */
        want -= n * (1 - exp(-theta * (until - 3.5))) - n * (1 - exp(-theta * 0.5));
        CHECK_NEAR(likelihood_value(self, x, g, NULL), want + 2 * log(mu) + log(rate), 1e-12);
        assert_int_equal(likelihood_hidden(self, x, hidden), 0);
        CHECK_NEAR(hidden[0], rested[0], 1e-12);
        CHECK_NEAR(hidden[1], mu * 0.5 + n * (1 - exp(-theta * 0.5)), 1e-12);
        CHECK_NEAR(hidden[2], rested[1], 1e-12);
        likelihood_free(self);
    }
    model_free(&m);
}

/* The ties' own factors are integrated out: log L is the log of the integral of each tie's likelihood at
 * every factor, by a sum over a thousand of them. */
static void test_own_factors_are_integrated_out(void **state) {
    (void)state;
    static const double branchings[] = {0, 0.4};
    for (int c = 0; c < 4; c++) {
        model_t m;
        double x[8], g[8], sd = c / 2 ? 2 : 0.6, sum = 0, first = 0, second = 0;
        toy_init(&m, 2, 1, 60);
        m.kinds[0].scope = SCOPE_DIRECTED;
        m.kinds[0].rate_per_year = 0.1 * DAYS_PER_YEAR;
        toy_excite(&m, 0, 0, RELATION_SAME, branchings[c % 2], 0.3);
        assert_int_equal(model_finish(&m), 0);
        const observed_t events[] = {{4, 0, 0, 1, NAN, NULL},
                                     {5.5, 0, 0, 1, NAN, NULL},
                                     {6, 0, 1, 0, NAN, NULL},
                                     {6.5, 0, 0, 1, NAN, NULL}};
        likelihood_t *plain, *own;
        const likelihood_options_t options = {.random_effects_sd = sd};
        assert_int_equal(likelihood_init(&plain, &m, 0, 4, events, 60, NULL, NULL), 0);
        assert_int_equal(likelihood_init(&own, &m, 0, 4, events, 60, &options, NULL), 0);
        likelihood_parameters(plain, x);
        double a = x[0], step = 0.02;
        for (int s = -500; s <= 500; s++) {
            double z = s * step;
            x[0] = a + sd * z;
            double part = exp(likelihood_value(plain, x, g, NULL) - z * z / 2);
            sum += part, first += part * exp(sd * z), second += part * exp(2 * sd * z);
        }
        likelihood_parameters(own, x);
        CHECK_NEAR(likelihood_value(own, x, g, NULL), log(sum * step / sqrt(2 * M_PI)), 1e-7);
        likelihood_fit_t fit;
        assert_int_equal(likelihood_fit(own, true, &fit), 0);
        x[1] = fit.maximum.x[1];
        sum = first = second = 0;
        for (int s = -500; s <= 500; s++) {
            x[0] = fit.maximum.x[0] + sd * s * step;
            double part = exp(likelihood_value(plain, x, g, NULL) - pow(s * step, 2) / 2);
            sum += part, first += part * exp(sd * s * step), second += part * exp(2 * sd * s * step);
        }
        CHECK_NEAR(fit.effects[0], log(first / sum), 1e-6);
        CHECK_NEAR(fit.effect_sds[0], sqrt(log(second * sum / (first * first))), 1e-6);
        likelihood_fit_free(&fit);
        likelihood_free(plain);
        likelihood_free(own);
        model_free(&m);
    }
}

/* Everything at once: all four relations, from two kinds, over a season; of directed or undirected dyads, as
 * are those of the other kind. */
static void make_spread(model_t *m, scope_t scope, scope_t other) {
    toy_init(m, 6, 2, 150);
    m->kinds[0].scope = scope;
    m->kinds[1].scope = other;
    kind_t *kind = &m->kinds[0];
    kind->rate_per_year = 0.1 * DAYS_PER_YEAR;
    kind->season.has_weekday = kind->season.has_month = true;
    for (int d = 0; d < 7; d++) kind->season.weekday[d] = d < 5 ? 1.1 : 0.6;
    for (int d = 0; d < 12; d++) kind->season.month[d] = 0.8 + 0.05 * d;
    for (int r = 0; r < RELATION_N; r++)
        toy_excite(m, 0, r % 2, (relation_t)r, 0.05 + 0.02 * r, 0.3 + 0.1 * r);
    toy_excite(m, 0, 1, RELATION_SAME, 0.04, 0.9);
    bool *targets = kind->targets = arena_alloc(&m->arena, 6, sizeof *kind->targets);
    for (int i = 1; i < 6; i++) targets[i] = true; /* nobody calls on A0 */
}
static void make_directed(model_t *m) {
    make_spread(m, SCOPE_DIRECTED, SCOPE_DIRECTED);
}
static void make_undirected(model_t *m) {
    make_spread(m, SCOPE_DYAD, SCOPE_DYAD);
}

enum { N_EVENTS = 80 };
static void make_events(const model_t *m, observed_t *events) {
    for (int e = 0; e < N_EVENTS; e++) { /* from before the start on */
        int i = e % 5, j = (e * 3 + 1) % 5 == i ? 5 : (e * 3 + 1) % 5;
        if (j == 0) j = i, i = 0;
        events[e] = (observed_t){1.3 * e - 5 + 0.01 * (e % 7), m->n_kinds > 1 && e % 3 == 1, i, j, NAN, NULL};
    }
}

/* The definition, pair by pair: an event raises the intensity where model.md says. */
static bool is_excited(const model_t *m, const excitation_t *excitation, const observed_t *event, int i,
                       int j) {
    int a = event->initiator, b = event->target;
    bool dyad = m->kinds[0].scope == SCOPE_DYAD, same = a == i && b == j, reversed = a == j && b == i;
    bool both_ways = dyad || m->kinds[event->kind].scope == SCOPE_DYAD;
    if (event->kind != excitation->kind) return false;
    switch (excitation->relation) {
    case RELATION_SAME:
        return same || (both_ways && reversed);
    case RELATION_REVERSED:
        return reversed && !both_ways;
    case RELATION_INITIATOR:
        return !same && !reversed && (a == i || (dyad && a == j));
    default:
        return !same && !reversed && (b == j || (dyad && b == i));
    }
}

static double season_of(const model_t *m, const kind_t *kind, double t) {
    int year, month, day;
    date_civil(m->start + floor(t), &year, &month, &day);
    return kind->season.weekday[date_weekday(m->start + floor(t))] * kind->season.month[month - 1];
}

/* How many events a day before the data excite the place. */
static double left_truncated_at(const model_t *m, const excitation_t *excitation,
                                const likelihood_options_t *options, int i, int j) {
    double sum = 0;
    for (int flow = 0; options && flow < 2 * m->n_ties; flow++) {
        observed_t event = {0, excitation->kind, flow_from(m, flow), flow_to(m, flow), NAN, NULL};
        if (is_excited(m, excitation, &event, i, j))
            sum += options->left_truncated[excitation->kind * 2 * m->n_ties + flow];
    }
    return sum;
}

/* log L of kind 0 without statistics, every event with every place and every day; `options` with what is
 * left_truncated, or NULL. */
static double defined(const model_t *m, const observed_t *events, double until,
                      const likelihood_options_t *options) {
    const kind_t *kind = &m->kinds[0];
    double sum = 0, mu = kind->rate_per_year / DAYS_PER_YEAR, begin = options ? options->begin : 0;
    for (int i = 0; i < m->n_actors; i++)
        for (int j = 0; j < m->n_actors; j++) {
            if (i == j || !may_happen_at(kind, i, j) || (kind->scope == SCOPE_DYAD && i > j)) continue;
            for (int d = 0; d < until; d++) sum -= mu * season_of(m, kind, d) * fmin(1, until - d);
            for (int x = 0; x < kind->n_excitations; x++) {
                const excitation_t *excitation = &kind->excitations[x];
                double theta = log(2) / excitation->half_life;
                double left_truncated = left_truncated_at(m, excitation, options, i, j) / theta;
                for (int d = 0; d < until; d++)
                    sum -= excitation->branching * season_of(m, kind, d) * left_truncated *
                           (exp(-theta * (d - begin)) - exp(-theta * (fmin(d + 1, until) - begin)));
                for (int e = 0; e < N_EVENTS; e++) {
                    if (!is_excited(m, excitation, &events[e], i, j)) continue;
                    double t = events[e].time;
                    for (int d = 0; d < until; d++) {
                        double from = fmax(d, t), to = fmin(d + 1, until);
                        if (to > from)
                            sum -= excitation->branching * season_of(m, kind, d) *
                                   (exp(-theta * (from - t)) - exp(-theta * (to - t)));
                    }
                }
            }
        }
    for (int e = 0; e < N_EVENTS; e++) {
        double rate = mu;
        if (events[e].kind != 0 || events[e].time < 0 || events[e].time >= until) continue;
        for (int x = 0; x < kind->n_excitations; x++) {
            const excitation_t *excitation = &kind->excitations[x];
            double theta = log(2) / excitation->half_life;
            rate += excitation->branching * exp(-theta * (events[e].time - begin)) *
                    left_truncated_at(m, excitation, options, events[e].initiator, events[e].target);
            for (int o = 0; o < e; o++) {
                if (is_excited(m, excitation, &events[o], events[e].initiator, events[e].target))
                    rate += excitation->branching * theta * exp(-theta * (events[e].time - events[o].time));
            }
        }
        sum += log(rate * season_of(m, kind, events[e].time));
    }
    return sum;
}

/* Of every kind and flow, [n_kinds][2 n_ties]; to be freed. */
static double *left_truncated_of(const model_t *m) {
    int n = m->n_kinds * 2 * m->n_ties;
    double *left_truncated = calloc((size_t)n, sizeof *left_truncated);
    for (int c = 0; c < n; c++) left_truncated[c] = 0.02 + 0.01 * (c % 5);
    return left_truncated;
}

static void test_as_defined(void **state) {
    (void)state;
    for (int scopes = 0; scopes < 4; scopes++) {
        model_t m;
        observed_t events[N_EVENTS];
        double x[32], g[32];
        make_spread(&m, scopes & 1 ? SCOPE_DYAD : SCOPE_DIRECTED, scopes & 2 ? SCOPE_DYAD : SCOPE_DIRECTED);
        assert_int_equal(model_finish(&m), 0);
        make_events(&m, events);
        likelihood_t *self;
        fault_t err = {0};
        if (likelihood_init(&self, &m, 0, N_EVENTS, events, 95.5, NULL, &err)) fail_msg("%s", err.text);
        likelihood_parameters(self, x);
        CHECK_NEAR(likelihood_value(self, x, g, NULL), defined(&m, events, 95.5, NULL), 1e-9);
        likelihood_free(self);
        double *left_truncated = left_truncated_of(&m);
        const likelihood_options_t before = {.left_truncated = left_truncated, .begin = -6};
        assert_int_equal(likelihood_init(&self, &m, 0, N_EVENTS, events, 95.5, &before, &err), 0);
        CHECK_NEAR(likelihood_value(self, x, g, NULL), defined(&m, events, 95.5, &before), 1e-9);
        likelihood_free(self);
        free(left_truncated);
        /* factors taken as parameters are those declared, up to what is common to all */
        const likelihood_options_t seasons = {.weekdays = true, .months = true};
        assert_int_equal(likelihood_init(&self, &m, 0, N_EVENTS, events, 95.5, &seasons, &err), 0);
        likelihood_parameters(self, x);
        int year, month, day; /* the factors that the others are relative to: Monday's, the first month's */
        date_civil(m.start, &year, &month, &day);
        double common = m.kinds[0].season.weekday[0] * m.kinds[0].season.month[month - 1];
        x[0] += log(common);
        for (int e = 0; e < m.kinds[0].n_excitations; e++) x[1 + 2 * e] *= common;
        CHECK_NEAR(likelihood_value(self, x, g, NULL), defined(&m, events, 95.5, NULL), 1e-9);
        likelihood_free(self);
        model_free(&m);
    }
}

/* A log factor of other kinds is a statistic of the tie; without it and the ties' own, events lie as the base
 * rate has it. */
static void test_others(void **state) {
    (void)state;
    for (int scope = 0; scope < 2; scope++) {
        model_t m;
        observed_t events[N_EVENTS];
        double x[16], g[16], h[16], factors[2][15], rates[30], sum = 0;
        const double *const others[] = {factors[0], factors[1]};
        toy_init(&m, 6, 1, 150);
        m.kinds[0].scope = scope ? SCOPE_DYAD : SCOPE_DIRECTED;
        m.kinds[0].rate_per_year = 0.1 * DAYS_PER_YEAR;
        toy_excite(&m, 0, 0, RELATION_SAME, 0.2, 0.3);
        for (int e = 0; e < m.n_ties; e++) {
            m.ties[e].attributes = arena_alloc(&m.arena, 3, sizeof(double));
            for (int o = 0; o < 3; o++) m.ties[e].attributes[o] = sin(3 * e + o);
            for (int o = 0; o < 2; o++) factors[o][e] = m.ties[e].attributes[1 + o];
        }
        term_t *terms = toy_terms(&m, &m.kinds[0].log_rate, 3);
        for (int s = 0; s < 3; s++) terms[s] = (term_t){.statistic = &statistics[STATISTIC_TIE], .ref = s};
        assert_int_equal(model_finish(&m), 0);
        make_events(&m, events);
        likelihood_t *read, *given;
        const likelihood_options_t options = {.random_effects_sd = 0.5, .others = others, .n_others = 2};
        const likelihood_options_t without = {.random_effects_sd = 0.5};
        assert_int_equal(likelihood_init(&read, &m, 0, N_EVENTS, events, 95.5, &without, NULL), 0);
        m.kinds[0].log_rate.n = 1;
        assert_int_equal(likelihood_init(&given, &m, 0, N_EVENTS, events, 95.5, &options, NULL), 0);
        int n = likelihood_n_parameters(given);
        assert_int_equal(n, likelihood_n_parameters(read));
        likelihood_parameters(given, x);
        CHECK_NEAR(x[2], 0, 0);
        for (int s = 0; s < 3; s++) x[1 + s] = 0.4 - 0.3 * s;
        CHECK_NEAR(likelihood_value(given, x, g, NULL), likelihood_value(read, x, h, NULL), 1e-12);
        for (int i = 0; i < n; i++) CHECK_NEAR(g[i], h[i], 1e-10);
        assert_int_equal(likelihood_spread(given, x, 80, rates), 0);
        for (int flow = 0; flow < 30; flow++) {
            sum += rates[flow];
            CHECK_NEAR(rates[flow] / rates[0],
                       exp(0.4 * (m.ties[flow / 2].attributes[0] - m.ties[0].attributes[0])), 1e-9);
        }
        CHECK_NEAR(sum, 80 / 95.5, 1e-9);
        likelihood_free(read);
        likelihood_free(given);
        model_free(&m);
    }
}

/* A rate exp(a + b t): log L in closed form, and the estimate where its slope by b is 0. */
static void test_drift(void **state) {
    (void)state;
    model_t m;
    observed_t events[N_EVENTS];
    double x[3], g[3], until = 95.5, a = log(0.02), sum = 0, n = 0;
    toy_init(&m, 6, 1, 150);
    m.kinds[0].scope = SCOPE_DIRECTED;
    m.kinds[0].rate_per_year = exp(a) * DAYS_PER_YEAR;
    toy_terms(&m, &m.kinds[0].log_rate, 1)[0] =
        (term_t){.statistic = &statistics[STATISTIC_YEARS], .ref = -1, .coefficient = 3};
    assert_int_equal(model_finish(&m), 0);
    make_events(&m, events);
    for (int e = 0; e < N_EVENTS; e++) {
        double t = events[e].time = 70 * pow(e / 40.0, 2); /* fewer and fewer */
        if (t < until) n++, sum += t;
    }
    likelihood_t *self;
    likelihood_fit_t fit;
    assert_int_equal(likelihood_init(&self, &m, 0, N_EVENTS, events, until, NULL, NULL), 0);
    likelihood_parameters(self, x);
    double b = 3 / DAYS_PER_YEAR;
    CHECK_NEAR(likelihood_value(self, x, g, NULL), n * a + b * sum - 30 * exp(a) * expm1(b * until) / b,
               1e-6);
    assert_int_equal(likelihood_fit(self, true, &fit), 0);
    assert_true(fit.maximum.converged && fit.maximum.x[1] < 0);
    b = fit.maximum.x[1] / DAYS_PER_YEAR;
    double mean = until * exp(b * until) / expm1(b * until) - 1 / b; /* of a time with density exp(b t) */
    double variance = 1 / (b * b) - until * until * exp(b * until) / pow(expm1(b * until), 2);
    CHECK_NEAR(sum / n, mean, 1e-5);
    CHECK_NEAR(fit.maximum.se[1] / DAYS_PER_YEAR * sqrt(n * variance), 1, 1e-5);
    likelihood_fit_free(&fit);
    likelihood_free(self);
    model_free(&m);
}

typedef struct { /* sums over ties */
    int n, count;
    double *gradient, *information;
} ties_t;

static void add_tie(void *context, int tie, const sums_t *sums) {
    ties_t *self = context;
    assert_int_equal(tie, self->count++);
    for (int i = 0; i < self->n; i++) self->gradient[i] += sums->gradient[i];
    for (int i = 0; i < self->n * self->n; i++) self->information[i] += sums->information[i];
}

/* Gradient, information and the ties' scores against differences, for each model and each option. */
static void test_gradients(void **state) {
    (void)state;
    enum { N_OPTIONS = 7, UNSEEN = 5, OTHERS = 6 };
    static const likelihood_options_t all_options[N_OPTIONS] = {
        {0},
        {.weekdays = true, .months = true},
        {.random_effects_sd = 0.7},
        {.weekdays = true, .random_effects_sd = 1.5},
        {.once_a_day = true, .random_effects_sd = 0.7},
        {.once_a_day = true, .begin = -8},
        {.random_effects_sd = 0.7, .n_others = 1}};
    const recipe_t all[] = {{"poisson", make_poisson, {0}},   {"hawkes", make_hawkes, {0}},
                            {"state", make_state, {0}},       {"mixed", make_mixed, {0}},
                            {"directed", make_directed, {0}}, {"dyad", make_undirected, {0}},
                            {"drift", make_drift, {0}}};
    for (size_t c = 0; c < N_OPTIONS * sizeof all / sizeof *all; c++) {
        model_t m;
        observed_t events[N_EVENTS];
        all[c / N_OPTIONS].make(&m);
        assert_int_equal(model_finish(&m), 0);
        make_events(&m, events);
        likelihood_t *self;
        fault_t err = {0};
        likelihood_options_t options = all_options[c % N_OPTIONS];
        double *left_truncated = left_truncated_of(&m); /* as good as any for a factor, too */
        const double *const others[] = {left_truncated};
        if (c % N_OPTIONS == UNSEEN) options.left_truncated = left_truncated;
        if (c % N_OPTIONS == OTHERS) options.others = others;
        if (likelihood_init(&self, &m, 0, N_EVENTS, events, 95, &options, &err)) fail_msg("%s", err.text);
        enum { MOST = 32 };
        double x[MOST], g[MOST], up[MOST], down[MOST], information[MOST * MOST], h = 1e-6;
        int n = likelihood_n_parameters(self);
        likelihood_parameters(self, x);
        for (int i = 0; i < n; i++) x[i] += 0.01 * (i % 3); /* not where anything is declared to be */
        double value = likelihood_value(self, x, g, information);
        assert_true(isfinite(value));
        ties_t ties = {.n = n, .gradient = calloc((size_t)(n + n * n), sizeof(double))};
        ties.information = ties.gradient + n;
        assert_int_equal(likelihood_each_tie(self, x, false, add_tie, &ties), 0);
        for (int i = 0; i < n; i++) {
            double at = x[i];
            x[i] = at + h;
            double above = likelihood_value(self, x, up, NULL);
            x[i] = at - h;
            double below = likelihood_value(self, x, down, NULL);
            x[i] = at;
            CHECK_NEAR((above - below) / (2 * h), g[i], 1e-5 * (1 + fabs(g[i])));
            for (int j = 0; j < n; j++)
                CHECK_NEAR(-(up[j] - down[j]) / (2 * h), information[i * n + j],
                           1e-5 * (1 + fabs(information[i * n + j])));
            CHECK_NEAR(ties.gradient[i], g[i], 1e-8 * (1 + fabs(g[i])));
            for (int j = 0; j <= i; j++)
                CHECK_NEAR(ties.information[i * n + j], information[i * n + j],
                           1e-8 * (1 + fabs(information[i * n + j])));
        }
        assert_int_equal(ties.count, m.n_ties);
        free(ties.gradient);
        free(left_truncated);
        likelihood_free(self);
        model_free(&m);
    }
}

/* The base integral hardly changes when a statistic that counts for nothing forces pieces of an eighth. */
static void test_pieces(void **state) {
    (void)state;
    double values[2], g[16], x[16];
    for (int fine = 0; fine < 2; fine++) {
        model_t m;
        observed_t events[N_EVENTS];
        make_state(&m);
        m.kinds[0].season.has_weekday = true;
        for (int d = 0; d < 7; d++) m.kinds[0].season.weekday[d] = d < 5 ? 1.3 : 0.25;
        term_t *terms = toy_terms(&m, &m.kinds[0].log_rate, 3);
        terms[0] = (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = 1};
        terms[1] = (term_t){
            .statistic = &statistics[STATISTIC_RECIPROCITY], .ref = 0, .coefficient = 0.3, .half_life = 10};
        terms[2] =
            (term_t){.statistic = &statistics[STATISTIC_INERTIA], .ref = 0, .half_life = fine ? 1.25 : 10};
        assert_int_equal(model_finish(&m), 0);
        make_events(&m, events);
        likelihood_t *self;
        assert_int_equal(likelihood_init(&self, &m, 0, N_EVENTS, events, 95, NULL, NULL), 0);
        likelihood_parameters(self, x);
        values[fine] = likelihood_value(self, x, g, NULL);
        likelihood_free(self);
        model_free(&m);
    }
    print_message("pieces: %.9f, finer %.9f\n", values[0], values[1]);
    CHECK_NEAR(values[0], values[1], 1.5e-7);
}

static void test_recovery(void **state) {
    (void)state;
    for (int r = 0; r < N_RECIPES; r++) recover(&recipes[r], 8, 0.5, 1);
}

static void test_mistakes(void **state) {
    (void)state;
    model_t m;
    make_poisson(&m);
    for (int d = 5; d < 7; d++) m.kinds[0].season.weekday[d] = 0;
    assert_int_equal(model_finish(&m), 0); /* the start, 1970-01-01, is a Thursday */
    likelihood_t *self;
    fault_t err = {0};
    assert_int_equal(likelihood_init(&self, &m, 0, 0, NULL, 60, NULL, &err), ERR_DATA);
    assert_non_null(strstr(err.text, "there is no event of it"));
    const observed_t saturday = {2.5, 0, 0, 1, NAN, NULL};
    assert_int_equal(likelihood_init(&self, &m, 0, 1, &saturday, 60, NULL, &err), ERR_DATA);
    assert_non_null(strstr(err.text, "on day 2"));
    assert_null(self);
    model_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_rests),
        cmocka_unit_test(test_own_factors_are_integrated_out),
        cmocka_unit_test(test_as_defined),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_drift),
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
