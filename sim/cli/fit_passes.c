#include "cli/fit_passes.h"

#include "base/mem.h"
#include "fit/hidden.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_asked(const fit_choice_t *choice, const char *name) {
    for (int n = 0; n < choice->kinds.n; n++)
        if (!strcmp(choice->kinds.items[n], name)) return true;
    return choice->kinds.n == 0;
}

/* Whether the kind can be fitted; with `tell`, if it was asked for and cannot, says why. */
static bool is_to_fit(const model_t *model, int k, const events_t *events, const fit_choice_t *choice,
                      bool tell) {
    const kind_t *kind = &model->kinds[k];
    int n = 0;
    if (!is_asked(choice, kind->name)) return false;
    for (int e = 0; e < events->n; e++) n += events->items[e].kind == k && events->items[e].time >= 0;
    if (n >= choice->least && kind->rate_per_year > 0) return true;
    if (tell && (n > 0 || choice->kinds.n > 0))
        printf("%s: %d events: left as it is (%s)\n", kind->name, n,
               n < choice->least ? "too few" : "it has no rate");
    return false;
}

typedef struct { /* one fit of every kind */
    model_t *model;
    const events_t *events;
    const fit_choice_t *choice;
    likelihood_options_t given;
    double until;
    /* What the data do not show, as taken and as it follows from the fit: [events] what each hides;
     * [n_kinds][2 n_ties] events a day before the data begin. */
    double *hidden, *found_hidden, *unseen, *found_unseen;
    double **own;         /* [n_kinds] the ties' own factors; NULL: not fitted yet in this pass */
    double **starts;      /* [n_kinds] the estimates of the pass before; NULL at first */
    fit_report_t *report; /* NULL: not yet */
} pass_t;

/* What the kind's fit tells for those of other kinds and for the next pass. */
static int take_fit(pass_t *pass, int k, likelihood_t *part, likelihood_fit_t *fit) {
    const model_t *model = pass->model;
    size_t n_ties = (size_t)model->n_ties;
    double n_events = 0;
    int ret = 0;
    TRY(likelihood_hidden(part, fit->maximum.x, pass->found_hidden));
    for (int e = 0; e < pass->events->n; e++)
        if (pass->events->items[e].kind == k && pass->events->items[e].time >= 0)
            n_events += 1 + pass->found_hidden[e];
    TRY(likelihood_spread(part, fit->maximum.x, n_events, pass->found_unseen + 2 * n_ties * (size_t)k));
    if (fit->effects) {
        pass->own[k] = mem_alloc(n_ties, sizeof(double));
        ret = pass->own[k] ? 0 : ERR_NOMEM;
        bool differ = fit->is_free[likelihood_n_parameters(part) - 1] || !pass->given.spread;
        if (pass->own[k] && differ) memcpy(pass->own[k], fit->effects, n_ties * sizeof(double));
    }
out:
    return ret;
}

/* Fits kinds, together if they share something, and reports each. */
static int fit_group(pass_t *pass, int n, const int *kinds, likelihood_t **parts) {
    likelihood_fit_t *fits = calloc((size_t)n + 1, sizeof *fits);
    joint_fit_t together;
    int ret = ERR_NOMEM;
    if (!fits) goto out;
    TRY(likelihood_fit_jointly(n, parts, &pass->choice->shared, !pass->choice->half_lives, fits, &together));
    for (int p = 0; p < n; p++) {
        TRY(take_fit(pass, kinds[p], parts[p], &fits[p]));
        if (pass->report)
            fit_report_add(pass->report, pass->model, kinds[p], parts[p], &pass->given, &fits[p]);
        mem_free(pass->starts[kinds[p]]);
        pass->starts[kinds[p]] = fits[p].maximum.x;
        fits[p].maximum.x = NULL;
    }
    if (pass->report && together.n_shared > 0)
        printf("together: log L %.3f, AIC %.1f, BIC %.1f; %d parameters fewer than each kind by itself\n",
               together.log_l, together.aic, together.bic, together.n_shared);
out:
    for (int p = 0; fits && p < n; p++) likelihood_fit_free(&fits[p]);
    free(fits);
    return ret;
}

/* The kinds to fit; those whose factors go with others' in the order of their numbers of events, most first.
 */
static int order_kinds(const pass_t *pass, int *kinds) {
    const model_t *model = pass->model;
    int n = 0, *counts = calloc((size_t)model->n_kinds + 1, sizeof *counts);
    if (!counts) return ERR_NOMEM;
    for (int e = 0; e < pass->events->n; e++) counts[pass->events->items[e].kind]++;
    for (int k = 0; k < model->n_kinds; k++) {
        if (!is_to_fit(model, k, pass->events, pass->choice, pass->report)) continue;
        int at = n++;
        for (; pass->choice->correlated && at > 0 && counts[kinds[at - 1]] < counts[k]; at--)
            kinds[at] = kinds[at - 1];
        kinds[at] = k;
    }
    free(counts);
    return n;
}

static int fit_all(pass_t *pass, fault_t *err) {
    model_t *model = pass->model;
    const events_t *events = pass->events;
    bool together = pass->choice->together;
    likelihood_t **parts = calloc((size_t)model->n_kinds + 1, sizeof *parts);
    int *kinds = calloc((size_t)model->n_kinds + 1, sizeof *kinds), n = 0, n_kinds = 0, ret = ERR_NOMEM;
    const double **others = calloc((size_t)model->n_kinds + 1, sizeof *others);
    const char **names = calloc((size_t)model->n_kinds + 1, sizeof *names);
    for (int k = 0; k < model->n_kinds; k++) mem_free(pass->own[k]), pass->own[k] = NULL;
    if (!parts || !kinds || !others || !names) goto out;
    TRY(n_kinds = order_kinds(pass, kinds));
    pass->given.n_others = 0;
    pass->given.others = others;
    pass->given.other_names = names;
    for (int at = 0; at < n_kinds; at++) {
        int k = kinds[at];
        pass->given.start = pass->starts[k];
        TRY(likelihood_init(&parts[n], model, k, events->n, events->items, pass->until, &pass->given, err));
        n++;
        if (together) continue;
        ret = fit_group(pass, 1, &k, parts);
        likelihood_free(parts[--n]);
        if (ret < 0) goto out;
        if (!pass->choice->correlated) continue;
        others[pass->given.n_others] = pass->own[k];
        names[pass->given.n_others++] = model->kinds[k].name;
    }
    if (together) ret = fit_group(pass, n, kinds, parts);
out:
    while (n > 0) likelihood_free(parts[--n]);
    free(parts);
    free(kinds);
    free(others);
    free(names);
    return ret;
}

/* By how much what the data do not show has moved: events of a day; the share of those before the data. */
static double moved_by(pass_t *pass) {
    size_t n = (size_t)pass->events->n,
           cells = 2 * (size_t)pass->model->n_ties * (size_t)pass->model->n_kinds;
    double hidden = 0, moved = 0, all = 0;
    for (size_t e = 0; e < n && pass->given.once_a_day; e++)
        hidden = fmax(hidden, fabs(pass->found_hidden[e] - pass->hidden[e]));
    for (size_t c = 0; c < cells && pass->choice->unseen; c++) {
        moved += fabs(pass->found_unseen[c] - pass->unseen[c]);
        all += pass->found_unseen[c];
    }
    memcpy(pass->hidden, pass->found_hidden, n * sizeof *pass->hidden);
    memcpy(pass->unseen, pass->found_unseen, cells * sizeof *pass->unseen);
    return fmax(hidden, moved > 0 ? moved / all : 0);
}

/* Fits and reports. Events that are told once a day hide others, and some happened before the data begin;
 * both depend on the fit: until those settle it is made again. */
int fit_passes(model_t *model, const events_t *events, const fit_choice_t *choice, double until,
               fit_report_t *report, fault_t *err) {
    enum { MOST_PASSES = 30 };
    const double settled = 1e-3;
    size_t n = (size_t)events->n, n_kinds = (size_t)model->n_kinds, n_flows = 2 * (size_t)model->n_ties;
    pass_t pass = {.model = model,
                   .events = events,
                   .choice = choice,
                   .given = choice->likelihood,
                   .until = until,
                   .hidden = mem_alloc(n, sizeof(double)),
                   .found_hidden = mem_alloc(n, sizeof(double)),
                   .unseen = mem_alloc(n_kinds * n_flows, sizeof(double)),
                   .found_unseen = mem_alloc(n_kinds * n_flows, sizeof(double)),
                   .own = mem_alloc(n_kinds, sizeof(double *)),
                   .starts = mem_alloc(n_kinds, sizeof(double *))};
    int ret = ERR_NOMEM;
    if (!pass.hidden || !pass.found_hidden || !pass.unseen || !pass.found_unseen || !pass.own || !pass.starts)
        goto out;
    pass.given.once_a_day = !events->timed;
    pass.given.hidden = pass.given.once_a_day ? pass.hidden : NULL;
    pass.given.unseen = choice->unseen ? pass.unseen : NULL;
    pass.given.begin = n > 0 ? fmin(0, floor(events->items[0].time)) : 0;
    double moved = pass.given.once_a_day || choice->unseen ? INFINITY : 0, all = 0;
    for (int p = 0; p < MOST_PASSES && moved > settled; p++) {
        TRY(fit_all(&pass, err));
        moved = moved_by(&pass);
    }
    for (size_t e = 0; e < n; e++) all += pass.hidden[e];
    if (pass.given.once_a_day)
        printf("dates without a time of day: %d events told, about %.0f more in the rest of their days%s\n",
               events->n, all, moved > settled ? " (not settled)" : "");
    pass.report = report;
    ret = fit_all(&pass, err);
out:
    for (size_t k = 0; pass.starts && k < n_kinds; k++) mem_free(pass.starts[k]);
    for (size_t k = 0; pass.own && k < n_kinds; k++) mem_free(pass.own[k]);
    mem_free(pass.starts);
    mem_free(pass.own);
    mem_free(pass.hidden);
    mem_free(pass.found_hidden);
    mem_free(pass.unseen);
    mem_free(pass.found_unseen);
    return ret;
}
