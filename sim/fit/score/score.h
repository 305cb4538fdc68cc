/* Scores of forecasts against outcomes; docs/scoring.md defines them. All but the PIT are losses: smaller is
 * better. They are proper: the expected score is best if the forecast is the true distribution.
 * */
#ifndef ENTENTE_FIT_SCORE_SCORE_H
#define ENTENTE_FIT_SCORE_SCORE_H

#include <stdbool.h>
#include <stdint.h>

/* For the log score every probability is limited to at least this distance from 0 and 1. */
#define SCORE_CLIP 1e-6

double score_brier(double p, bool happened); /* (p - happened)^2 */
double score_log(double p, bool happened);   /* -log of the probability given to what happened, in nats */

/* The continuous ranked probability score of a forecast of a count: sum over k of (F(k) - 1{observed <= k})^2
 * for a distribution pmf[0 .. n); and its fair form for `members` draws of which counts[k] are k, which does
 * not depend on how many were drawn (Ferro 2014): mean |X - observed| - sum of |X - X'| over pairs / (2
 * members (members - 1)). */
double score_crps(int n, const double *pmf, int observed);
double score_crps_fair(int n, const uint32_t *counts, int observed);
/* The fair form for values; sorts them. */
double score_crps_values(int n, float *values, double observed);

/* Randomised probability integral transform of an ensemble: (draws below + u (draws equal + 1)) / (draws +
 * 1), uniform in (0, 1) if observation and draws follow one law and u is uniform. */
double score_pit(int n, const uint32_t *counts, int observed, double u);

/* The largest distance of the distribution of values[n] (sorted here) from the uniform one. */
double score_uniformity(int n, double *values);

/* Forecasts and outcomes by the forecast's size. */
#define RELIABILITY_BINS 10
extern const double reliability_edges[RELIABILITY_BINS + 1];
typedef struct {
    int n;
    double forecast, seen; /* the mean forecast and the share that happened; NAN where n is 0 */
} reliability_t;
void score_reliability(int n, const double *p, const bool *happened, reliability_t bins[RELIABILITY_BINS]);

#endif
