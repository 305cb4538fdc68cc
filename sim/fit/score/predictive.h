/* Predictive checks: comparison of simulated with observed events (Rubin 1984; Gelman and others 1996).
 *
 * A scenario is simulated many times over the period of the data, from the same past; the same figures are
 * computed for the observed events and for each simulated set, and the position of the observed figure shows
 * the misfit. Figures are by whole days and by dyad (either direction), the resolution of day-level data. If
 * the data never have a type twice for the same actors on one day, simulated events count once a day too.
 *
 * A scenario may simulate one of every m reports of a type (reporting_t): its rate is so much lower. A set of
 * reports is then the events of m runs with the same parameters put together; of the last run a part, where m
 * is no whole number. With m below 1 so many of the acts are reported. m is drawn for each set, where it is
 * not known.
 *
 * The rank correlation (Spearman) is that of the dyads' observed counts with their mean counts over all sets,
 * and of a set's with the means over the other sets.
 *
 * Parameters that were fitted to the same events make the checks conservative: the number of events most. */
#ifndef ENTENTE_FIT_SCORE_PREDICTIVE_H
#define ENTENTE_FIT_SCORE_PREDICTIVE_H

#include "base/error.h"
#include "fit/score/bands.h"
#include "observed/events.h"

/* X(id, what is counted, the same in few words, the misfit if more is observed than simulated, and if less)
 */
#define PREDICTIVE_LIST(X)                                                                                  \
    X(EVENTS, "events", "events", "events: too few simulated", "events: too many simulated")                \
    X(DYADS, "dyads with an event", "dyads with an event", "dyads: too few with events",                    \
      "dyads: too many with events")                                                                        \
    X(SPREAD, "variance of dyads' counts over their mean", "dyads: variance / mean",                        \
      "differences between dyads (statistics, --random-effects)", "differences between dyads: too large")   \
    X(GINI, "Gini coefficient of dyads' counts", "dyads: Gini coefficient",                                 \
      "concentration on few dyads (statistics, --random-effects)", "concentration on few dyads: too large") \
    X(RANK, "rank correlation of dyads' counts with the simulated mean", "dyads: rank correlation",         \
      "order of dyads: closer to the mean than simulated", "order of dyads (statistics)")                   \
    X(DYAD_BANDS, "dyads within their 90 % intervals, share", "dyads in their 90 %",                        \
      "dyads' counts: intervals too wide", "dyads' counts: outside of their intervals")                     \
    X(ACTOR_BANDS, "actors within their 90 % intervals, share", "actors in their 90 %",                     \
      "actors' counts: intervals too wide", "actors' counts: outside of their intervals")                   \
    X(FIRST, "actors whose first partner is that of the simulated mean, share", "first partner",            \
      "first partners: closer to the mean than simulated", "first partners (statistics)")                   \
    X(WEEKS, "variance of weekly counts over their mean", "weeks: variance / mean",                         \
      "timing over all dyads (season, drift, common shocks)", "timing over all dyads: weeks too uneven")    \
    X(SHORT, "gaps of a dyad of 2 days or less, share", "gaps of 2 days or less",                           \
      "events in quick succession (excitation)", "pauses between events (too much excitation)")             \
    X(MEDIAN, "median gap of a dyad, days", "median gap, days", "length of gaps: too short",                \
      "length of gaps: too long")                                                                           \
    X(TOGETHER, "with another type on the same day, share", "days with another type",                       \
      "coincidence of types (excitation between types)", "coincidence of types: too much")

typedef enum {
#define X(id, ...) PREDICTIVE_##id,
    PREDICTIVE_LIST(X)
#undef X
        PREDICTIVE_N
} predictive_t;

typedef struct {
    double observed;        /* NAN where it is not defined, as of a gap without two events */
    double mean, low, high; /* of the simulated sets: mean, 5 % and 95 % */
    double p;               /* of so extreme a figure, two-sided */
} checked_t;

enum { PREDICTIVE_FEWEST = 200 }; /* simulated sets: enough for the level */
#define PREDICTIVE_LEVEL 0.01     /* p at most: rejected, of a correct model once in 100 */

extern const char *const predictive_names[PREDICTIVE_N], *const predictive_shorts[PREDICTIVE_N],
                                                             *const predictive_more[PREDICTIVE_N],
                                                                 *const predictive_less[PREDICTIVE_N];

typedef struct {
    int n_events;
    const observed_t *events; /* by time: those that were fitted to, and those before `from` */
    double from, until;       /* what is compared: days from the start, `from` a whole one */
    double before; /* more than 0: each set begins so many days before `from`, from nothing, and so has a past
                      of its own; else the events before `from` are the past */
    bool whole; /* sets are the scenario's own course from its start, with its calendar and history: observed
                   events are no past of them, and `before` is 0 */
    const reporting_t *reports; /* [n_kinds] for a simulated event; NULL: one */
    int n_sets;
    uint64_t seed; /* names the draws */
    int n_settings;
    const setting_t *settings; /* the parameters */
} predictive_task_t;

/* Compares with simulated sets. Fills checked[n_kinds], and `counts` if it is not NULL (dyad_counts_free in
 * any case). The model is changed for good (fit/restart.h). 0, ERR_NOMEM, or ERR_DATA with `err` when more
 * than a thousandth of the sets exploded. */
int predictive_check(model_t *model, const predictive_task_t *task, checked_t (*checked)[PREDICTIVE_N],
                     dyad_counts_t *counts, fault_t *err);

#endif
