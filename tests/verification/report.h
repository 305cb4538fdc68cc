/* The table of a verification: what was expected, what was observed, how likely a deviation so large is.
 *
 * A file of tests opens a report, adds rows and closes it. Closing prints the table and judges all its rows
 * together (Holm 1979: the chance that a right program fails any of them is below REPORT_LEVEL), and writes
 * the rows and the samples for QQ plots to OUT/verify (tests/verification/report.py gathers them). */
#ifndef ENTENTE_VERIFY_REPORT_H
#define ENTENTE_VERIFY_REPORT_H

#include "../support/check.h"

#include <stddef.h>

#define REPORT_LEVEL 1e-3

void report_open(const char *name);
/* An estimate with a standard error, judged by the normal law. */
void report_estimate(const char *quantity, double expected, double observed, double standard_error);
void report_mean(const char *quantity, double expected, const moments_t *sample);
/* A statistic with its own p-value. */
void report_p(const char *quantity, double expected, double observed, double p);
/* A bound that must hold: p is 1 or 0. */
void report_holds(const char *quantity, double expected, double observed, bool holds);
/* A sample that should be Exp(1) (or uniform on (0, 1)): Kolmogorov-Smirnov, and the lag-one correlation of
 * its order given; sorts the sample. The sample is kept for a QQ plot. */
void report_exponential(const char *quantity, double *x, size_t n);
void report_uniform(const char *quantity, double *x, size_t n);
int report_close(void); /* number of rows rejected */

/* P(sqrt(n) D > d) of Kolmogorov's distribution, with Stephens's correction for a finite n. */
double kolmogorov_p(double distance, size_t n);
double normal_p(double z); /* two-sided */
double ks_uniform(double *sorted, size_t n);

#endif
