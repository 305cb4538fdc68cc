/* The report on the events that were read: their number, rows left out with the reason, and days without
 * data. */
#ifndef ENTENTE_CLI_TABLES_EVENTS_REPORT_H
#define ENTENTE_CLI_TABLES_EVENTS_REPORT_H

#include "observed/events.h"

/* Prints the rows, file by file, and those that are left out, with what they have in common. */
void events_report(const events_t *events, FILE *out);

/* Warns on stderr of what may mislead: codes that "*" takes and that are probably others, levels that are
 * asked for and not told, rows with and without a time of day, and stretches without a row that the data's
 * other days make improbable. `from` and `until` (days from the start) bound what is used; `from_what` and
 * `until_what` say what these are ("the scenario's start"); until_what NULL: data may end at any time. */
void events_warn(const events_t *events, const model_t *model, double from, const char *from_what,
                 double until, const char *until_what);

#endif
