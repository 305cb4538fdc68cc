/* Dates and durations: proleptic Gregorian calendar, UTC, time as days (double) since 1970-01-01T00:00.
 *
 * A year is 365.2425 days and a month a twelfth of it when they are durations. */
#ifndef ENTENTE_BASE_DATE_H
#define ENTENTE_BASE_DATE_H

#include <stdbool.h>

#define DAYS_PER_YEAR 365.2425

/* "2025-12-23" or "2025-12-23T15:30" or "2025-12-23T15:30:10" (a trailing Z is accepted) to days;
 * `has_time` (may be NULL) tells whether a time of day was given. False if it is not a valid date. */
bool date_parse(const char *text, double *days, bool *has_time);

/* "2025-12-23" (10 characters), "2025-12-23T15:30" (16), and that with ":10" behind it where there are whole
 * seconds: into `out`, which has at least 32 bytes. "-" for years outside 0000 to 9999. */
void date_format(double days, char out[32]);
void date_format_minute(double days, char out[32]);
void date_format_second(double days, char out[32]);
void date_format_moment(double days, char out[32]); /* the first of the three at midnight, else the last */

void date_civil(double days, int *year, int *month, int *day); /* month and day from 1 */
double date_from_civil(int year, int month, int day);
int date_weekday(double days); /* 0 = Monday ... 6 = Sunday */

/* "30 d", "1.5 y", "2 weeks", "6 months", "12 h" to days (s, sec, min, h, hour(s), d, day(s), w, week(s),
 * month(s), y, yr, year(s)); the blank may be left out. False without a known unit. */
bool date_parse_duration(const char *text, double *days);

/* The k-th repeat of a date: whole months and years by the calendar (31 January, 28 February, 31 March), all
 * else by days. False if `every` is no duration above 0. */
bool date_repeat(double days, const char *every, int k, double *result);

#endif
