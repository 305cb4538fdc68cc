/* `entente compare OLD.h5 NEW.h5 --surprises`: what has happened from the day of OLD.h5 to that of NEW.h5,
 * which has the events observed until then, against what OLD.h5 expected. Its scenario, which is in the file,
 * is simulated again: with the same seed these are the replicates of the file. */
#ifndef ENTENTE_CLI_COMPARE_SURPRISES_H
#define ENTENTE_CLI_COMPARE_SURPRISES_H

#include "cli/reopen.h"
#include "fit/score/surprise.h"
#include <jansson.h>

typedef struct {
    const char *path; /* of OLD.h5 */
    opened_t opened;  /* its scenario */
    char from[32], until[32];
    int n_unknown; /* observed events in time whose type, actors or tie that scenario does not have */
    surprises_found_t found;
} surprises_t;

/* paths: OLD.h5, NEW.h5; workers 0: one for each processor. ERR_DATA if NEW.h5 is no forecast of a later day.
 * Free in any case. */
int surprises_find(surprises_t *self, const char *const paths[2], int workers, fault_t *err);
void surprises_free(surprises_t *self); /* safe on a zeroed one */

/* The first n. */
void surprises_print(const surprises_t *self, int n);
json_t *surprises_json(const surprises_t *self, int n);

#endif
