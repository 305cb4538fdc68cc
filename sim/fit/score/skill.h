/* The skill of a forecast: the scores of each dyad and window, their means, and the gains over each baseline
 * with bootstrap intervals.
 *
 * Windows overlap, the windows of a dyad are similar, and so are the dyads of an actor, so cells are not
 * independent. One interval resamples actors: a dyad counts as often as its two actors together (the vertex
 * bootstrap, Snijders and Borgatti 1999, which is conservative where only dyads differ). The next resamples
 * both actors and the weeks in which forecasts begin (the pigeonhole bootstrap, Owen 2007, also
 * conservative). The last resamples dyads, which is too narrow where actors differ. With one week the first
 * two are equal. */
#ifndef ENTENTE_FIT_SCORE_SKILL_H
#define ENTENTE_FIT_SCORE_SKILL_H

#include "fit/score/baseline.h"
#include "fit/score/forecast.h"
#include "fit/score/score.h"
#include "model/model.h"

enum { FORECASTER_MODEL, FORECASTER_BASELINE, FORECASTER_N = FORECASTER_BASELINE + BASELINE_N };

/* X(id, name) */
#define SCORE_LIST(X)       \
    X(LOG, "log score")     \
    X(BRIER, "Brier score") \
    X(DAYS, "CRPS, days")   \
    X(VALUES, "CRPS, values")
typedef enum {
#define X(id, ...) SCORE_##id,
    SCORE_LIST(X)
#undef X
        SCORE_N
} score_t;
extern const char *const score_names[SCORE_N];

/* One target and window; cells are [n_origins][n_dyads]. */
typedef struct {
    int target, window, n_origins, n_dyads, n_cells, n_weeks;
    bool has_values;
    int *observed;                       /* [cells] days with an event */
    double *observed_value;              /* [cells] USD */
    double *p[FORECASTER_N];             /* [cells] the probability of an event */
    double *days;                        /* [cells] the model's mean of the days */
    double *pit;                         /* [cells] of the model's days */
    double *loss[FORECASTER_N][SCORE_N]; /* [cells] */
    int *week;                           /* [n_origins] from 0 */
    int n_actors, *ends;                 /* actors of the dyads; [n_dyads][2] those of each, from 0 */
} skill_t;

/* What is needed besides the forecasts. Days are counted from the first day of the data. */
typedef struct {
    int n_dyads;
    const int *ties;          /* [n_dyads] those scored */
    int n_actors;             /* of the model */
    const tie_t *all_ties;    /* likewise, by number */
    const series_t *series;   /* of the target on those dyads, to the end of the data */
    const double *value_sums; /* [n_dyads][n_days + 1] USD before day d; NULL without values */
    int n_past_values;        /* values of events before the first forecast, for the baselines */
    const double *past_values;
    const int *origins; /* [n_origins] */
    int from;           /* the day up to which baselines learn */
    double start;       /* the first day of the data, days since 1970-01-01 */
    uint64_t seed;
} evidence_t;

/* The probability of an event is (draws with one + their mean share over the dyads) / (draws + 1): a forecast
 * that never drew one does not rule it out. 0 or ERR_NOMEM. */
int skill_assess(skill_t *self, const forecasts_t *forecasts, const forecast_t *forecast,
                 const evidence_t *evidence);
void skill_free(skill_t *self); /* safe on a zeroed one */

double skill_mean(const skill_t *self, int forecaster, score_t score);

typedef struct { /* the baseline's mean loss less the model's: above 0 the model is better; 95 % intervals */
    double gain, by_actor[2], by_both[2], by_dyad[2]; /* both: actors and weeks */
} gain_t;
/* gains[BASELINE_N][SCORE_N], by `resamples` of each. 0 or ERR_NOMEM. */
int skill_gains(const skill_t *self, int resamples, uint64_t seed, gain_t gains[BASELINE_N][SCORE_N]);

#endif
