/* The processes, each with all points of its measure. */
#include "naive_internal.h"

#include "base/date.h"
#include "base/math/elementary.h"
#include <string.h>

/* The largest value a statistic can take without a further effect, from the state at the start. */
static double largest_at_start(const naive_t *n, const process_t *process) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[process->kind];
    double log_rate = elementary_log(k->rate_per_year / DAYS_PER_YEAR), top = 0;
    if (!(k->rate_per_year > 0) || !naive_may_be(k, process->i, process->j)) return 0;
    for (int x = 0; process->i >= 0 && x < k->log_rate.n; x++) {
        const term_t *term = &k->log_rate.terms[x];
        if (term->statistic->klass == STATISTIC_SAMPLED) continue; /* they see all actors */
        log_rate +=
            term->coefficient * (naive_statistic(n, term, process->i, process->j, 0) - term->reference);
    }
    for (int day = 0; day <= (int)ceil(m->horizon); day++) top = fmax(top, naive_season(m, &k->season, day));
    return top * elementary_exp(log_rate);
}

void naive_add_processes(naive_t *n, int strips) {
    const model_t *m = n->m;
    for (int k = 0; k < m->n_kinds; k++) {
        const kind_t *kind = &m->kinds[k];
        int sites = kind->scope == SCOPE_DIRECTED ? 2 * m->n_ties
                    : kind->scope == SCOPE_DYAD   ? m->n_ties
                    : kind->scope == SCOPE_ACTOR  ? m->n_actors
                                                  : m->n_groups;
        for (int site = 0; site < sites; site++) {
            process_t process = {.kind = k, .i = -1, .j = -1, .group = -1};
            if (kind->scope == SCOPE_DIRECTED)
                process.i = flow_from(m, site), process.j = flow_to(m, site);
            else if (kind->scope == SCOPE_ACTOR)
                process.i = site;
            else if (kind->scope == SCOPE_GROUP)
                process.group = site;
            else { /* the roles of a dyad go by name */
                process.i = m->ties[site].a, process.j = m->ties[site].b;
                if (strcmp(m->actors[process.i].name, m->actors[process.j].name) > 0)
                    process.i = m->ties[site].b, process.j = m->ties[site].a;
            }
            process.key = points_process_key(m, n->run_seed, k, process.i, process.j, process.group);
            process.scale = points_scale(largest_at_start(n, &process));
            process.spots =
                points_all(process.key, n->replicate, process.scale, strips, m->horizon, &process.n);
            n->report->n_points += process.n;
            PUSH(n->processes, n->n_processes, process);
        }
    }
}

/* How high the intensities are, in units of the cap: where one rises above it, a point that is an event may
 * never have been generated. */
void naive_measure_heights(naive_t *n, int strips) {
    for (int k = 0; k < n->n_processes; k++) {
        const process_t *process = &n->processes[k];
        double lambda = naive_intensity(n, process->kind, process->i, process->j, n->now);
        n->report->highest = fmax(n->report->highest, lambda / ldexp(process->scale, strips - 1));
    }
}
