#include "run/plan/block.h"

#include "base/error.h"
#include "base/mem.h"
#include "model/renamed.h"
#include "model/stability.h"
#include <math.h>

/* Approximate costs of a run of one variant, in seconds: for an event, a process, a random number. */
#define COST_RUN 5e-5
#define COST_EVENT 2e-6
#define COST_PROCESS 2e-7
#define COST_LOOK 4e-8
#define COST_METRIC 1e-5
/* The share of it that a variant costs which is simulated as a difference (engine/engine.h). */
#define COST_DIFFERENCE 0.1

#define DRAWS 8 /* of the uncertain parameters */

/* ---- parameters that are put in place for the while -----------------------------------------------------
 */

typedef struct {
    model_t *model;
    setting_t *saved;
    size_t n, capacity;
    bool failed;
} patch_t;

static void patch_set(patch_t *self, int param, double value) {
    double *at = self->model->params[param].value;
    if (ARRAY_RESERVE(self->saved, self->n, self->capacity) < 0) {
        self->failed = true;
        return;
    }
    self->saved[self->n++] = (setting_t){.param = param, .value = *at};
    *at = value;
}

static void patch_all(patch_t *self, int n, const setting_t *settings) {
    for (int s = 0; s < n; s++) patch_set(self, settings[s].param, setting_value(self->model, &settings[s]));
}

/* Undoes the settings after the first `n`. */
static void patch_back(patch_t *self, size_t n) {
    while (self->n > n) {
        setting_t saved = self->saved[--self->n];
        *self->model->params[saved.param].value = saved.value;
    }
}

/* ---- what a replicate costs ------------------------------------------------------------------------------
 */

typedef struct {
    const plan_request_t *request;
    const observation_t *observation;
    patch_t patch;
    bool *is_set; /* [n_params] by a setting or a sweep */
} guess_t;

static double n_processes(const model_t *model) {
    const double sites[SCOPE_N] = {
        [SCOPE_DIRECTED] = 2.0 * model->n_ties,
        [SCOPE_DYAD] = model->n_ties,
        [SCOPE_ACTOR] = model->n_actors,
        [SCOPE_GROUP] = model->n_groups,
    };
    double n = 0;
    for (int k = 0; k < model->n_kinds; k++)
        if (model->kinds[k].rate_per_year > 0 || model->kinds[k].n_excitations)
            n += sites[model->kinds[k].scope];
    return n;
}

static int events_with(guess_t *self, int n, const setting_t *settings, double *events) {
    model_t *model = self->request->model;
    size_t before = self->patch.n;
    patch_all(&self->patch, n, settings);
    int ret = self->patch.failed ? ERR_NOMEM : stability_events(model, model->event_cap, events);
    patch_back(&self->patch, before);
    return ret;
}

/* Expected events of a variant; `base` are those without its own settings. An intervention's settings count
 * as if they held from the start, if that gives more events. */
static int events_of(guess_t *self, const variant_t *variant, double base, double *events) {
    const model_t *model = self->request->model;
    size_t before = self->patch.n;
    int ret = 0;
    *events = base;
    if (variant->n_settings) TRY(events_with(self, variant->n_settings, variant->settings, events));
    patch_all(&self->patch, variant->n_settings, variant->settings);
    for (int i = 0; i < model->n_interventions; i++) {
        const intervention_t *intervention = &model->interventions[i];
        double more = 0;
        if (!intervention->n_settings || !variant_intervenes(model, variant, i)) continue;
        TRY(events_with(self, intervention->n_settings, intervention->settings, &more));
        *events = fmax(*events, more);
    }
out:
    patch_back(&self->patch, before);
    return ret;
}

/* Seconds of a replicate in all variants, with the parameters as they are now. */
static int seconds_now(guess_t *self, double *seconds) {
    const plan_request_t *r = self->request;
    const observation_t *o = self->observation;
    double cells = (double)o->n_times * o->n_ties, metrics = (double)o->n_metric_times * o->n_metric_columns;
    double base = 0, events = 0, start = COST_RUN + COST_PROCESS * n_processes(r->model);
    int ret = 0;
    *seconds = 0;
    TRY(events_with(self, 0, NULL, &base));
    for (int v = 0; v < r->n_variants; v++) {
        const variant_t *variant = &r->model->variants[r->variants[v]];
        TRY(events_of(self, variant, base, &events));
        double whole = start + COST_EVENT * (events + r->model->n_history);
        *seconds += v > 0 && variant_is_difference(r->model, variant) ? COST_DIFFERENCE * whole : whole;
    }
    *seconds += r->n_variants * (COST_LOOK * 4 * cells + COST_METRIC * metrics);
out:
    return ret;
}

/* ---- which parameters ------------------------------------------------------------------------------------
 */

/* Uncertain parameters that nothing fixes: at their means (draw < 0) or as drawn; then their followers. 0 or
 * ERR_NOMEM. */
static int put_uncertain(guess_t *self, int draw) {
    const model_t *model = self->request->model;
    int ret = 0;
    double *values = mem_alloc((size_t)model->n_uncertain, sizeof *values);
    if (!values) return ERR_NOMEM;
    if (draw >= 0) TRY(uncertain_draw(model, rng_key_number(0, (uint64_t)draw), values));
    for (int u = 0; u < model->n_uncertain; u++) {
        int index = model->uncertain[u].param;
        const param_t *param = &model->params[index];
        if (self->is_set[index]) continue;
        double value = draw < 0 ? uncertain_mean(model, u) : values[u];
        patch_set(&self->patch, index, fmin(param->high, fmax(param->low, value)));
    }
    for (int f = 0; f < model->n_followers; f++)
        if (!self->is_set[model->followers[f].param])
            patch_set(&self->patch, model->followers[f].param, *model->params[model->followers[f].of].value);
out:
    mem_free(values);
    return ret;
}

/* The swept parameters where a replicate costs most. */
static int put_swept(guess_t *self) {
    const points_t *points = self->request->points;
    size_t before = self->patch.n, d = points ? (size_t)points->n_axes : 0;
    const double *best = NULL;
    double most = 0, seconds = 0;
    int ret = 0;
    for (int p = 0; points && p < points->n_probes; p++) {
        const double *probe = points->probes + (size_t)p * d;
        for (size_t a = 0; a < d; a++) patch_set(&self->patch, points->params[a], probe[a]);
        TRY(seconds_now(self, &seconds));
        if (!best || seconds > most) best = probe, most = seconds;
        patch_back(&self->patch, before);
    }
    for (size_t a = 0; best && a < d; a++) patch_set(&self->patch, points->params[a], best[a]);
out:
    return ret;
}

static int mean_seconds(guess_t *self, double *seconds) {
    const plan_request_t *r = self->request;
    int n = r->model->n_uncertain ? DRAWS : 1, ret = 0;
    double one = 0;
    *seconds = 0;
    patch_all(&self->patch, r->n_settings, r->settings);
    for (int s = 0; s < r->n_settings; s++) self->is_set[r->settings[s].param] = true;
    for (int a = 0; r->points && a < r->points->n_axes; a++) self->is_set[r->points->params[a]] = true;
    TRY(put_uncertain(self, -1));
    TRY(put_swept(self));
    for (int draw = 0; draw < n; draw++) {
        size_t before = self->patch.n;
        TRY(put_uncertain(self, draw));
        TRY(seconds_now(self, &one));
        patch_back(&self->patch, before);
        *seconds += one / n;
    }
    if (self->patch.failed) ret = ERR_NOMEM;
out:
    patch_back(&self->patch, 0);
    return ret;
}

int block_replicates(const plan_request_t *request, const observation_t *observation, uint32_t *replicates) {
    static const uint32_t series[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, BLOCK_MOST};
    guess_t guess = {.request = request,
                     .observation = observation,
                     .patch = {.model = request->model},
                     .is_set = mem_alloc((size_t)request->model->n_params, sizeof *guess.is_set)};
    double cells = (double)observation->n_times * observation->n_ties, seconds = 0;
    double metrics = (double)observation->n_metric_times * observation->n_metric_columns;
    double bytes = request->n_variants * (16 * cells + 4 * metrics);
    int ret = guess.is_set ? mean_seconds(&guess, &seconds) : ERR_NOMEM;
    if (request->split) seconds *= 1 + request->split->watch.n_levels; /* a path a level */
    double most = BLOCK_SECONDS / seconds;
    if (bytes > 0) most = fmin(most, BLOCK_BYTES / bytes);
    *replicates = 1;
    for (size_t i = 0; i < sizeof series / sizeof *series; i++)
        if (series[i] <= most) *replicates = series[i];
    mem_free(guess.is_set);
    mem_free(guess.patch.saved);
    return ret;
}
