#include "model/observe.h"

#include "base/error.h"

#include <string.h>

/* Parameters of the calendar lie in its entries. */
static void move_params(model_t *self, const calendar_entry_t *calendar) {
    const char *from = (const char *)self->calendar, *end = (const char *)(self->calendar + self->n_calendar);
    for (int p = 0; p < self->n_params; p++) {
        const char *at = (const char *)self->params[p].value;
        if (self->n_calendar && at >= from && at < end)
            self->params[p].value = (double *)((char *)calendar + (at - from));
    }
}

int model_observe(model_t *self, int n, const calendar_entry_t *entries) {
    calendar_entry_t *calendar =
        arena_alloc(&self->arena, (size_t)(self->n_calendar + n) + 1, sizeof *calendar);
    if (!calendar) return ERR_NOMEM;
    if (self->n_calendar) memcpy(calendar, self->calendar, (size_t)self->n_calendar * sizeof *calendar);
    for (int e = 0; e < n; e++) {
        calendar[self->n_calendar + e] = entries[e];
        calendar[self->n_calendar + e].observed = true;
    }
    move_params(self, calendar);
    self->calendar = calendar;
    self->n_calendar += n;
    return 0;
}
