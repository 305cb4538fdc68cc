#include "fit/restart.h"

#include "base/date.h"
#include "base/error.h"
#include "fit/observed.h"
#include "model/shift.h"

#include <math.h>
#include <stdio.h>

/* ---- the state on that day ---------------------------------------------------------------------------- */

static int move_ties(model_t *model, int n_events, const observed_t *events, double origin) {
    world_t world = {0};
    int ret = world_init(&world, model);
    if (ret < 0) goto out;
    world_prepare(&world);
    world_reset(&world);
    for (int e = 0; e < n_events && events[e].time < origin; e++) observed_move(&world, &events[e]);
    for (int t = 0; t < model->n_ties; t++) {
        model->ties[t].strength = world_strength(&world, t, origin);
        model->ties[t].alignment = world_alignment(&world, t, origin);
    }
out:
    world_free(&world);
    return ret;
}

static bool is_state(const model_t *model, int param) {
    const double *value = model->params[param].value;
    for (int t = 0; t < model->n_ties; t++)
        if (value == &model->ties[t].strength || value == &model->ties[t].alignment) return true;
    return false;
}

/* The state of the ties is known, so it is not drawn. */
static void forget_start_draws(model_t *model) {
    int n = 0, n_followers = 0;
    for (int u = 0; u < model->n_uncertain; u++)
        if (!is_state(model, model->uncertain[u].param)) model->uncertain[n++] = model->uncertain[u];
    for (int f = 0; f < model->n_followers; f++)
        if (!is_state(model, model->followers[f].param) && !is_state(model, model->followers[f].of))
            model->followers[n_followers++] = model->followers[f];
    model->n_uncertain = n;
    model->n_followers = n_followers;
}

/* ---- the past ------------------------------------------------------------------------------------------ */

static int take_history(model_t *model, int n_events, const observed_t *events, double origin) {
    int n = 0;
    while (n < n_events && events[n].time < origin) n++;
    calendar_entry_t *history =
        arena_alloc(&model->arena, (size_t)(model->n_history + n) + 1, sizeof *history);
    if (!history) return ERR_NOMEM;
    for (int h = 0; h < model->n_history; h++) { /* all of it lies before the scenario's start */
        history[h] = model->history[h];
        history[h].time -= origin;
        history[h].until -= origin;
    }
    for (int e = 0; e < n; e++) {
        char id[32];
        snprintf(id, sizeof id, "observed/%d", e);
        calendar_entry_t *entry = &history[model->n_history + e];
        *entry = (calendar_entry_t){.id = arena_text(&model->arena, id),
                                    .kind = events[e].kind,
                                    .initiator = events[e].initiator,
                                    .target = events[e].target,
                                    .group = -1,
                                    .time = events[e].time - origin,
                                    .until = events[e].time - origin,
                                    .probability = 1,
                                    .days = NAN,
                                    .value_usd = events[e].value_usd,
                                    .level = -1,
                                    .success = -1,
                                    .sector = -1,
                                    .to = -1,
                                    .parent = -1,
                                    .in_base = true};
        if (!entry->id) return ERR_NOMEM;
    }
    model->history = history;
    model->n_history += n;
    return 0;
}

int restart_at(model_t *model, int n_events, const observed_t *events, double origin, double horizon) {
    int ret = 0;
    TRY(move_ties(model, n_events, events, origin));
    forget_start_draws(model);
    TRY(take_history(model, n_events, events, origin));
    shift_dates(model, origin);
    model->horizon = horizon;
    model->n_quantities = 0;
out:
    return ret;
}

void restart_earlier(model_t *model, double by, double until) {
    shift_dates(model, -by);
    model->n_history = 0;
    model->horizon = until + by;
    model->n_quantities = 0;
}
