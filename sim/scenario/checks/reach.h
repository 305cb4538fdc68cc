/* Elements of a scenario without effect: keys that nothing uses, events that cannot occur, outcomes that
 * cannot vary. Each is a row of a table: its place, when it has no effect, why, and the remedy; to add one,
 * add a row.
 *
 *   reach.c           what can occur at all, and what rows share
 *   reach_kinds.c     keys of a kind of event, and who excites it
 *   reach_then.c      statistics, consequences, sidelines
 *   reach_outcomes.c  conditions, entries, interventions, variants
 *   reach_quantities.c  quantities
 *
 * A warning is given only if no setting can give the element an effect: a parameter that is drawn, swept, or
 * set by a variant or an intervention is assumed to take any value. Elements that depend on the rest of the
 * scenario are checked only in the scenario's own file: a shared file (`from`) may contain more than is
 * used. */
#ifndef ENTENTE_SCENARIO_CHECKS_REACH_H
#define ENTENTE_SCENARIO_CHECKS_REACH_H

#include "scenario/reader.h"

typedef struct {
    reader_t *r;
    const model_t *m;
    const node_t *part; /* the event type in hand, NULL */
    bool *varied;       /* [n_params] something may change it */
    bool *happens;      /* [n_kinds] within the period, in some variant */
    bool *follows;   /* [n_kinds] another event may lead to it: a consequence, a reply, a sideline meeting */
    bool *past;      /* [n_kinds] the history has one */
    bool *mediated;  /* [n_kinds] its events may have a mediator */
    bool *has_value; /* [n_kinds] its events may have a value */
    bool *value_reads; /* [n_kinds] something reads the values */
} facts_t;

/* Gives all warnings (the scenario has no errors). */
void reach_check(reader_t *r);

/* ---- its parts ---- */
void reach_kinds(const facts_t *facts);
void reach_then(const facts_t *facts);
void reach_outcomes(const facts_t *facts);
void reach_quantities(const facts_t *facts);

/* ---- what rows ask ---- */
/* Whether a parameter is, or may be set, other than 0. */
bool reach_counts(const facts_t *facts, const double *value);
/* Whether it is in the scenario's own file, not in a shared file. */
static inline bool reach_is_own(const facts_t *facts, location_t mark) {
    return mark.file == facts->r->root->mark.file;
}
static inline bool is_dyadic(const kind_t *kind) {
    return kind->scope == SCOPE_DIRECTED || kind->scope == SCOPE_DYAD;
}
/* Whether events of the type have an actor in that role. */
bool reach_has_role(const facts_t *facts, const kind_t *kind,
                    role_t role); /* a mediator: of a dyadic event */
/* Whether an event of one type can excite one of another by the relation, at any place. */
bool reach_excites(const kind_t *source, const kind_t *kind, relation_t relation);
/* Why the consequence can never follow, NULL if it can. */
const char *reach_never_follows(const facts_t *facts, const kind_t *parent, const kind_t *child,
                                const consequence_t *c);

/* Whether an event that can happen, or one of the history, starts (ends) the condition; whether an
 * intervention does, on the tie (-1: anywhere); whether it is in force there at the start. */
bool reach_is_changed(const facts_t *facts, int condition, bool starts);
bool reach_is_intervened(const facts_t *facts, int condition, int tie, bool opens);
bool reach_holds_at_start(const facts_t *facts, int condition, int tie);

/* "PATH is VALUE and does nothing: WHY; REMEDY.", unless it is the text of a library and the scenario lays
 * its own over that event type: then nobody could follow it. */
void reach_idle(const facts_t *facts, location_t mark, const node_t *value, const char *why,
                const char *remedy, const char *path, ...) __attribute__((format(printf, 6, 7)));

#endif
