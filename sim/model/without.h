/* Variants that leave one thing out, or several: `without:NAME` exists whatever variants a scenario declares.
 *
 * NAME is the id of a calendar entry (its stops and returns go with it), or `history:ID`, `kind:NAME` (no
 * baseline events of the type; those that are dated, follow or are excited stay), `condition:NAME@SITE` (not
 * in force at the start; SITE is a tie, A-B, or an actor), `intervention:ID`. Names joined by `+` are left
 * out together. */
#ifndef ENTENTE_MODEL_WITHOUT_H
#define ENTENTE_MODEL_WITHOUT_H

#include "model/model.h"

#define WITHOUT "without:"
#define WITHOUT_JOINT '+'

typedef enum {
    WITHOUT_CALENDAR,
    WITHOUT_HISTORY,
    WITHOUT_KIND,
    WITHOUT_CONDITION,
    WITHOUT_INTERVENTION,
    WITHOUT_N
} without_t;

/* How many things of the class can be left out, and the name of each, without `without:`, into `out` (cut if
 * it does not fit, which no valid scenario's does). */
#define WITHOUT_BYTES (4 * NAME_BYTES)
int without_count(const model_t *model, without_t what);
char *without_name(const model_t *model, without_t what, int index, char out[WITHOUT_BYTES]);

/* Whether a variant's name is of this form. */
bool without_is(const char *name);

/* The index of variant `without:NAME`, which is added to the model if it is not there yet. ERR_NOINPUT: the
 * model has no such thing; *unknown (may be NULL) is the name it has not, in `name`. ERR_NOMEM. */
int without_variant(model_t *model, const char *name, const char **unknown);

#endif
