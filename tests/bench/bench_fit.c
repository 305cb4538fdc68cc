/* Speed of fitting: ten kinds between 60 actors over six months, and the same with ten times the events.
 *
 *     bench_fit [FACTOR]...      one line a kind for each factor on the rates (default: 1 and 10)
 *
 * The kinds read strength (which the events move), inertia, and GDP, keep weekdays, and excite each other on
 * the same dyad, the reversed one and those of one initiator. Half-lives are estimated too. CPU seconds of
 * one core: `prepare` walks along the events, `fit` climbs, `residuals` tests. */
#include "../support/toy.h"
#include "fit/likelihood/residuals.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { N_ACTORS = 60, N_KINDS = 10, DAYS = 181 };

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void make(model_t *m, double factor) {
    toy_init(m, N_ACTORS, N_KINDS, DAYS);
    for (int i = 0; i < N_ACTORS; i++) m->actors[i].gdp_usd = exp(26 + 0.05 * i);
    for (int e = 0; e < m->n_ties; e++)
        m->ties[e].strength = m->ties[e].alignment = m->ties[e].baseline = 0.1 * (e % 7 - 3);
    for (int k = 0; k < N_KINDS; k++) {
        kind_t *kind = &m->kinds[k];
        kind->scope = SCOPE_DIRECTED;
        kind->rate_per_year = 1 * factor;
        kind->goldstein = k % 3 ? 4 : -4;
        kind->lasting = 0.05;
        kind->season.has_weekday = true;
        for (int d = 0; d < 7; d++) kind->season.weekday[d] = d < 5 ? 1.2 : 0.5;
        term_t *terms = toy_terms(m, &kind->log_rate, 3);
        terms[0] = (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = 0.5};
        terms[1] = (term_t){
            .statistic = &statistics[STATISTIC_INERTIA], .ref = k, .coefficient = 0.2, .half_life = 30};
        terms[2] = (term_t){.statistic = &statistics[STATISTIC_LOG_GDP_TARGET],
                            .ref = -1,
                            .coefficient = 0.2,
                            .reference = 27};
        toy_excite(m, k, k, RELATION_SAME, 0.2, 0.3);
        toy_excite(m, k, k, RELATION_REVERSED, 0.1, 0.3);
        toy_excite(m, k, (k + 1) % N_KINDS, RELATION_SAME, 0.05, 0.1);
        toy_excite(m, k, k, RELATION_INITIATOR, 0.001, 0.3);
    }
}

static observed_t *simulate(model_t *model, int *n) {
    engine_t *engine;
    observation_t observation;
    result_t result;
    model->output.events = true;
    if (model_finish(model) < 0 || engine_init(&engine, model, 1) < 0 ||
        observation_init(&observation, model) < 0)
        return NULL;
    observation.events = true;
    if (result_init(&result, model, &observation) < 0 ||
        engine_run(engine, 0, 0, 0, NULL, &observation, &result) < 0)
        return NULL;
    const log_t *log = &result.log;
    observed_t *events = calloc((size_t)log->n + 1, sizeof *events);
    *n = 0;
    for (int r = 0; events && r < log->n; r++)
        if (log->status[r] == STATUS_HELD)
            events[(*n)++] =
                (observed_t){log->time[r], log->kind[r], log->initiator[r], log->target[r], NAN, NULL};
    result_free(&result);
    observation_free(&observation);
    engine_free(engine);
    return events;
}

static int measure(double factor) {
    model_t model;
    int n = 0;
    make(&model, factor);
    observed_t *events = simulate(&model, &n);
    if (!events) return 1;
    double total = 0;
    for (int k = 0; k < N_KINDS; k++) {
        likelihood_t *likelihood;
        likelihood_fit_t fit;
        residuals_t residuals[RESIDUALS_N];
        double times[4] = {cpu_seconds()};
        if (likelihood_init(&likelihood, &model, k, n, events, DAYS, NULL, NULL) < 0) return 1;
        times[1] = cpu_seconds();
        if (likelihood_fit(likelihood, false, &fit) < 0) return 1;
        times[2] = cpu_seconds();
        if (residuals_init(residuals, likelihood, fit.maximum.x) < 0) return 1;
        times[3] = cpu_seconds();
        total += times[3] - times[0];
        printf(
            "kind %d: %6d of %7d events, prepare %6.2f s, fit %6.2f s (%2d steps, %s), residuals %6.2f s\n",
            k, likelihood_n_events(likelihood), n, times[1] - times[0], times[2] - times[1],
            fit.maximum.iterations, fit.maximum.converged ? "converged" : "not converged",
            times[3] - times[2]);
        fflush(stdout);
        residuals_free(residuals);
        likelihood_fit_free(&fit);
        likelihood_free(likelihood);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("rates x %g: %d kinds, %d events: %.1f s, peak memory %ld MB\n\n", factor, N_KINDS, n, total,
           usage.ru_maxrss / 1024);
    free(events);
    model_free(&model);
    return 0;
}

int main(int argc, char **argv) {
    int status = 0;
    if (argc == 1) status = measure(1) | measure(10);
    for (int n = 1; n < argc; n++) status |= measure(atof(argv[n]));
    return status;
}
