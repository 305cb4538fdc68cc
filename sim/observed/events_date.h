/* Dates of observed events, in the usual forms of event files.
 *
 * Year first: 2018-01-31, 2018/1/31, 2018.01.31, 20180131. Day or month first: 1/31/2018, 31.01.2018; only a
 * day after the twelfth shows which of the two is first. A time of day may follow, after T or a blank:
 * 14:30, 14:30:05.250, 2:30 PM, with Z, UTC or an offset (+05:00), which is converted to UTC. An unknown day
 * or month is left out (1994-06, 1994), or written as 0, 99, -9, x, ? or NA: 1994-06--9, 19940600. */
#ifndef ENTENTE_OBSERVED_EVENTS_DATE_H
#define ENTENTE_OBSERVED_EVENTS_DATE_H

#include <stdbool.h>

typedef enum { ORDER_TOLD /* by the dates */, ORDER_YMD, ORDER_MDY, ORDER_DMY, ORDER_N } date_order_t;
extern const char *const date_order_names[ORDER_N]; /* "ymd", ... */

/* Treatment of a date without its day. */
typedef enum { UNKNOWN_DAYS_REFUSED, UNKNOWN_DAYS_DROPPED, UNKNOWN_DAYS_DRAWN } unknown_days_t;

typedef struct {
    double time;        /* days since 1970, UTC; of a date alone its midnight */
    double day;         /* the day as it is written; the first of those that it may be */
    int n_days;         /* that it may be: 1 where it is known, else those of the month or year */
    bool has_time;      /* a time of day was given */
    bool is_midnight;   /* that is 00:00:00, which is how some programs write a date alone */
    date_order_t order; /* MDY or DMY where the text tells which of the two it is, else TOLD */
} moment_t;

typedef enum {
    MOMENT_READ,
    MOMENT_NONE /* no date */,
    MOMENT_EITHER /* month or day first? */
} moment_result_t;

/* Reads a date in one of the forms above; with ORDER_YMD the year must be first, with the others day and
 * month have that order. */
moment_result_t moment_parse(const char *text, date_order_t order, moment_t *moment);

/* A uniformly drawn day of those that the moment may be, seeded by the moment and by `names` (the rest of
 * its row). */
double moment_draw(const moment_t *moment, int n_names, const char *const *names);

/* The forms, for messages. */
#define MOMENT_FORMS "a date such as 2018-01-31, 20180131 or 2018-01-31 14:30"

#endif
