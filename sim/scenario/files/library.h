/* What a scenario takes of a library. */
#ifndef ENTENTE_SCENARIO_FILES_LIBRARY_H
#define ENTENTE_SCENARIO_FILES_LIBRARY_H

#include "scenario/reader.h"

typedef struct { /* destination of what the keys of `from` say; the nodes are what counts */
    const char *file;
} choice_t;

typedef struct {
    reader_t *r;
    const char *section; /* "kinds", "conditions" */
    const node_t *root;  /* of the library's file */
    const node_t *parameters, *with;
    const char *kind, *why; /* in hand; why its last parameter has no value */
} library_t;

/* What `choice` (a path, or {file, only, except, with}) takes of the part, with the parameters' values; what
 * it does not take is added to reader.gone. */
const node_t *library_take(library_t *self, const node_t *choice, const node_t *part);

/* The kinds without the references of libraries to kinds that are gone; those of scenarios count. */
const node_t *library_prune(reader_t *r, const node_t *kinds);

/* Reports names of a choice that a mapping does not have. */
void library_check_names(reader_t *r, const node_t *choice, const node_t *known, const char *what);

#endif
