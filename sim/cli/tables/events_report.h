/* The report on the events read: their number, rows left out with the reason, and days without data. */
#ifndef ENTENTE_CLI_TABLES_EVENTS_REPORT_H
#define ENTENTE_CLI_TABLES_EVENTS_REPORT_H

#include "observed/events.h"

/* Prints the number of rows, file by file, and the rows left out with their most frequent codes or names. */
void events_report(const events_t *events, FILE *out);

/* Warns on stderr of possible mistakes: codes that match "*" and are probably misspelled, required levels
 * that the events do not have, rows with and without a time of day, and gaps that the other days make
 * improbable. `from` and `until` (days from the start) bound the period used; `from_what` and `until_what`
 * describe these bounds ("the scenario's start"); until_what NULL: the data may end at any time. */
void events_warn(const events_t *events, const model_t *model, double from, const char *from_what,
                 double until, const char *until_what);

#endif
