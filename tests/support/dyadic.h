/* Events of dyads whose log rates have parts that the fitted model does not read: of the actors, of the ties,
 * or of both. Shared by the quick test and the long one. */
#ifndef ENTENTE_TESTS_DYADIC_H
#define ENTENTE_TESTS_DYADIC_H

#include "check.h"
#include "recovery.h"

#include "base/math/quantile.h"
#include "base/rng.h"

typedef struct {
    const char *name;
    bool directed;           /* the covariate is the initiator's; else the sum of both actors' */
    double rate;             /* a year and place, of the median */
    double actor_sd, tie_sd; /* of log rates: of each actor as initiator and as target, of each tie */
} dyadic_t;

static const dyadic_t dyadic_designs[] = {{"actors differ", false, 6, 0.5, 0},
                                          {"ties differ", false, 6, 0, 0.7},
                                          {"both differ, covariate of the initiator", true, 3, 0.5, 0.7}};
enum { N_DYADIC = sizeof dyadic_designs / sizeof *dyadic_designs, DYADIC_ACTORS = 20 };
#define DYADIC_COEFFICIENT 0.5

static inline double dyadic_normal(rng_stream_t *stream) {
    return quantile_normal(rng_stream_unit(stream));
}

/* 20 actors for a year. The first term is the covariate, evenly spaced over actors; the others are not to be
 * read. */
static inline void dyadic_model(model_t *m, const dyadic_t *design, uint32_t set) {
    rng_stream_t stream;
    double g[DYADIC_ACTORS], u[DYADIC_ACTORS], w[DYADIC_ACTORS];
    rng_stream_init(&stream, 17, set);
    toy_init(m, DYADIC_ACTORS, 1, 365);
    m->kinds[0].scope = design->directed ? SCOPE_DIRECTED : SCOPE_DYAD;
    m->kinds[0].rate_per_year = design->rate;
    for (int a = 0; a < DYADIC_ACTORS; a++) {
        g[a] = -1.5 + 3.0 * a / (DYADIC_ACTORS - 1);
        u[a] = design->actor_sd * dyadic_normal(&stream);
        w[a] = design->directed ? design->actor_sd * dyadic_normal(&stream) : u[a];
        double *of = m->actors[a].attributes = arena_alloc(&m->arena, 3, sizeof(double));
        of[0] = g[a], of[1] = u[a], of[2] = w[a];
    }
    for (int e = 0; e < m->n_ties; e++) {
        tie_t *tie = &m->ties[e];
        tie->attributes = arena_alloc(&m->arena, 2, sizeof(double));
        tie->attributes[0] = g[tie->a] + g[tie->b];
        tie->attributes[1] = design->tie_sd * dyadic_normal(&stream);
        if (!design->directed) tie->attributes[1] += u[tie->a] + u[tie->b];
    }
    term_t *terms = toy_terms(m, &m->kinds[0].log_rate, design->directed ? 4 : 2);
    for (int s = 0; s < m->kinds[0].log_rate.n; s++)
        terms[s] = (term_t){.statistic = &statistics[STATISTIC_TIE], .ref = 1, .coefficient = 1};
    terms[0].ref = 0, terms[0].coefficient = DYADIC_COEFFICIENT;
    if (design->directed) {
        terms[0].statistic = &statistics[STATISTIC_INITIATOR];
        terms[1].statistic = &statistics[STATISTIC_INITIATOR];
        terms[2].statistic = &statistics[STATISTIC_TARGET], terms[2].ref = 2;
    }
    assert_int_equal(model_finish(m), 0);
}

/* The events of a data set; then the model reads its covariate only. */
static inline observed_t *dyadic_events(model_t *m, uint32_t set, int *n) {
    observed_t *events = simulate(m, RECOVERY_SEED, set, n);
    m->kinds[0].log_rate.n = 1;
    return events;
}

typedef struct { /* of the coefficient: how many 95 % intervals hold it */
    int robust, clustered, model_based;
    moments_t estimate, se;
    moments_t variance, correlation; /* of actors' effects as initiators, and with those as targets */
} cover_t;

/* Fits `n_sets` data sets of a design. */
static inline cover_t dyadic_cover(const dyadic_t *design, int n_sets, const likelihood_options_t *options) {
    cover_t cover = {0};
    for (int set = 0; set < n_sets; set++) {
        model_t m;
        int n;
        likelihood_t *self;
        likelihood_fit_t fit;
        dyadic_model(&m, design, (uint32_t)set);
        observed_t *events = dyadic_events(&m, (uint32_t)set, &n);
        assert_int_equal(likelihood_init(&self, &m, 0, n, events, m.horizon, options, NULL), 0);
        assert_int_equal(likelihood_fit(self, true, &fit), 0);
        assert_true(fit.maximum.converged);
        double off = fabs(fit.maximum.x[1] - DYADIC_COEFFICIENT);
        cover.robust += off < quantile_t(fit.degrees[1], 0.975) * fit.robust_se[1];
        cover.clustered += off < 1.959964 * fit.cluster_se[1];
        cover.model_based += off < 1.959964 * fit.maximum.se[1];
        moments_add(&cover.estimate, fit.maximum.x[1]);
        moments_add(&cover.se, fit.robust_se[1]);
        const actor_effects_t *actors = &fit.actors;
        if (actors->n_sides) moments_add(&cover.variance, actors->variance[0]);
        if (actors->n_sides == 2)
            moments_add(&cover.correlation,
                        actors->covariance / sqrt(actors->variance[0] * actors->variance[1]));
        likelihood_fit_free(&fit);
        likelihood_free(self);
        free(events);
        model_free(&m);
    }
    print_message("%s%s%s: mean %.3f, sd %.3f, mean robust se %.3f; 95 %% intervals hold it %d of %d times, "
                  "clustered by "
                  "tie %d, model-based %d\n",
                  design->name, options && options->random_effects_sd > 0 ? ", random effects of ties" : "",
                  options && options->actor_effects_sd > 0 ? ", of actors" : "", cover.estimate.mean,
                  sqrt(moments_var(&cover.estimate)), cover.se.mean, cover.robust, n_sets, cover.clustered,
                  cover.model_based);
    return cover;
}

#endif
