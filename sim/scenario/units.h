/* Numbers with units, as scenario files write them, to the model's canonical units and back.
 *
 *     duration  "30 d" "3 y" "6 months" "12 h"                       days
 *     money     "1.0 bn USD" "250 M USD" "40 k USD" 1.5e9            USD
 *     distance  "10500 km" 10500                                     km
 *     share     "25 %" 0.25                                          0.25
 *     rate      0.6 (events a year)   probability 0.3   number -1.2
 *     date      2026-03-01, 2026-03-01T15:30                         days since 1970 */
#ifndef ENTENTE_SCENARIO_UNITS_H
#define ENTENTE_SCENARIO_UNITS_H

#include "model/model.h"

/* False when the text is no number of that dimension; it may not be infinite or NaN. */
bool units_parse(dimension_t dimension, const char *text, double *value);

/* "a duration such as 30 d, more than 0", "a number from -1 to 1": what a value of that dimension within
 * [low, high] looks like. A bound of DBL_MIN means that zero itself is out. */
void units_expect(dimension_t dimension, double low, double high, char *out, size_t size);

/* The value as a person reads it: "30 d", "1.5 bn USD", "0.35". Dates need the scenario's start. */
void units_format(dimension_t dimension, double value, double start, char *out, size_t size);

#endif
