/* Fits a scenario's kinds repeatedly, until the expected unobserved events settle.
 *
 * Day-level dates lose same-day repeats (fit/hidden.h), and with `unseen` (left truncation) events before the
 * data are missing. Both excite, their expected numbers follow from the fit, and the fit depends on them. */
#ifndef ENTENTE_CLI_FIT_PASSES_H
#define ENTENTE_CLI_FIT_PASSES_H

#include "cli/fit_report.h"
#include "cli/options.h"

typedef struct {
    texts_t kinds; /* to be fitted; none: all with a rate and `least` events */
    int least;
    bool half_lives; /* are estimated */
    bool unseen;     /* events before the data begin, at the mean rates, excite */
    bool correlated; /* ties' own factors of a kind go with those of the kinds with more events */
    bool together;   /* kinds are fitted together, with `shared` in common */
    shared_t shared;
    likelihood_options_t likelihood; /* without what the passes find out */
} fit_choice_t;

/* Fits to the events before `until` (days from the start), prints what was found and takes it up in `report`.
 * 0 or an error with `err`. */
int fit_passes(model_t *model, const events_t *events, const fit_choice_t *choice, double until,
               fit_report_t *report, fault_t *err);

#endif
