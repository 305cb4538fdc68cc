#include "fit/restart.h"

#include "base/date.h"
#include "base/error.h"
#include "model/observe.h"
#include "model/shift.h"

#include <math.h>
#include <stdio.h>

/* The entry that a scenario of `entente forecast` has for the event, with its id. */
static int entry_of(model_t *model, const observed_t *event, calendar_entry_t *entry) {
    char date[32], id[3 * NAME_BYTES + 64];
    double days;
    date_format_second(model->start + event->time, date);
    date_parse(date, &days, NULL);
    snprintf(id, sizeof id, "observed/%s-%s-%s-%s", model->kinds[event->kind].name, date,
             model->actors[event->initiator].name, model->actors[event->target].name);
    for (char *c = id + sizeof "observed/" - 1; *c; c++)
        if (*c == '.' || *c == '/' || *c == ' ') *c = '_';
    *entry = (calendar_entry_t){.id = arena_text(&model->arena, id),
                                .kind = event->kind,
                                .initiator = event->initiator,
                                .target = event->target,
                                .group = -1,
                                .time = days - model->start,
                                .until = days - model->start,
                                .probability = 1,
                                .days = NAN,
                                .value_usd = event->value_usd,
                                .level = -1,
                                .success = -1,
                                .sector = -1,
                                .to = -1,
                                .parent = -1,
                                .in_base = true};
    return entry->id ? 0 : ERR_NOMEM;
}

int restart_at(model_t *model, int n_events, const observed_t *events, double origin, double horizon) {
    int ret = 0, n = 0, first = 0;
    while (n < n_events && events[n].time < origin) n++;
    while (first < n && events[first].time < 0) first++;
    calendar_entry_t *entries =
        arena_alloc(&model->arena, (size_t)(model->n_history + n) + 1, sizeof *entries);
    if (!entries) return ERR_NOMEM;
    calendar_entry_t *observed = entries + model->n_history + first;
    for (int h = 0; h < model->n_history; h++) entries[h] = model->history[h];
    for (int e = 0; e < n; e++) TRY(entry_of(model, &events[e], &entries[model->n_history + e]));
    TRY(model_observe(model, n - first, observed));
    model->history = entries;
    model->n_history += first;
    model->as_of = (as_of_t){.day = origin, .complete = origin};
    model->horizon = origin + horizon;
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
