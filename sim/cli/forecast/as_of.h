/* A forecast as a scenario: one that extends the given scenario with the day and the observed events. */
#ifndef ENTENTE_CLI_FORECAST_AS_OF_H
#define ENTENTE_CLI_FORECAST_AS_OF_H

#include "cli/run.h"

typedef struct {
    run_arguments_t run; /* its path is the scenario's */
    const char *as_of, *complete, *scenario, *every, *last;
    texts_t ties, kinds;
    bool dry_run;
} forecast_arguments_t;

/* Which events are entries of the calendar. */
typedef struct {
    int n;
    int *entries; /* [n_events] the entry that the event is, -1 */
} matched_t;

/* Finds the entry of each observed event: the one of its id; else the nearest of its type and actors within
 * 14 days of its date or window. 0; ERR_DATA (an id that there is none of, or twice), ERR_NOMEM. Free in any
 * case. */
int as_of_match(matched_t *self, const model_t *model, const events_t *events, fault_t *err);
void as_of_match_free(matched_t *self);

/* The text of the scenario, and the path that it would have: beside the scenario's. free() both. Events
 * before the start become history if `history`, else they are left out. 0 or ERR_NOMEM. */
int as_of_text(const forecast_arguments_t *arguments, const model_t *model, const events_t *events,
               const matched_t *matched, bool history, char **path, char **text);

#endif
