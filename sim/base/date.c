#include "base/date.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Days <-> civil dates by eras of 400 years that begin on 1 March (H. Hinnant, "chrono-compatible
 * low-level date algorithms", 2013): leap days then fall at the end of a year. */
#define DAYS_PER_ERA 146097
#define EPOCH_IN_ERAS 719468 /* 0000-03-01 to 1970-01-01 */

double date_from_civil(int year, int month, int day) {
    const int y = month <= 2 ? year - 1 : year;
    const int era = (y >= 0 ? y : y - 399) / 400;
    const int year_of_era = y - era * 400;
    const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (double)((long)era * DAYS_PER_ERA + day_of_era - EPOCH_IN_ERAS);
}

void date_civil(double days, int *year, int *month, int *day) {
    const long z = (long)floor(days) + EPOCH_IN_ERAS;
    const long era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    const int day_of_era = (int)(z - era * DAYS_PER_ERA);
    const int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_PER_ERA - 1)) / 365;
    const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int shifted = (5 * day_of_year + 2) / 153; /* 0 = March */
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = (int)(year_of_era + era * 400) + (*month <= 2);
}

int date_weekday(double days) {
    const long n = ((long)floor(days) + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(n < 0 ? n + 7 : n);
}

/* Reads `n` digits at *text and moves past them; -1 if there are fewer. */
static int digits(const char **text, int n) {
    int value = 0;
    for (; n > 0; n--, (*text)++) {
        if (!isdigit((unsigned char)**text)) return -1;
        value = 10 * value + (**text - '0');
    }
    return value;
}

static bool skip(const char **text, char c) {
    if (**text != c) return false;
    (*text)++;
    return true;
}

static int days_in_month(int year, int month) {
    const int next_year = month == 12 ? year + 1 : year, next_month = month == 12 ? 1 : month + 1;
    return (int)(date_from_civil(next_year, next_month, 1) - date_from_civil(year, month, 1));
}

bool date_parse(const char *text, double *days, bool *has_time) {
    const int year = digits(&text, 4);
    if (year < 0 || !skip(&text, '-')) return false;
    const int month = digits(&text, 2);
    if (month < 1 || month > 12 || !skip(&text, '-')) return false;
    const int day = digits(&text, 2);
    if (day < 1 || day > days_in_month(year, month)) return false;

    int hour = 0, minute = 0, second = 0;
    const bool timed = skip(&text, 'T');
    if (timed) {
        hour = digits(&text, 2);
        if (hour < 0 || hour > 23 || !skip(&text, ':')) return false;
        minute = digits(&text, 2);
        if (minute < 0 || minute > 59) return false;
        if (skip(&text, ':')) {
            second = digits(&text, 2);
            if (second < 0 || second > 59) return false;
        }
        skip(&text, 'Z');
    }
    if (*text) return false;
    *days = date_from_civil(year, month, day) + (hour * 3600 + minute * 60 + second) / 86400.0;
    if (has_time) *has_time = timed;
    return true;
}

/* A time within 10 ms of a whole second counts as that second (and its day), because of rounding. */
#define SNAP_DAYS 1e-7

typedef enum { TO_DAY, TO_MINUTE, TO_SECOND } resolution_t;

static void format(double days, resolution_t to, char out[32]) {
    days += SNAP_DAYS;
    if (!(days >= date_from_civil(0, 1, 1) && days < date_from_civil(10000, 1, 1))) {
        memcpy(out, "-", 2);
        return;
    }
    int year, month, day;
    date_civil(days, &year, &month, &day);
    const unsigned second = (unsigned)((days - floor(days)) * 86400) % 86400, minute = second / 60;
    int n =
        snprintf(out, 32, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 13, (unsigned)day % 32);
    if (to != TO_DAY) n += snprintf(out + n, 32 - (size_t)n, "T%02u:%02u", minute / 60, minute % 60);
    if (to == TO_SECOND && second % 60) snprintf(out + n, 32 - (size_t)n, ":%02u", second % 60);
}

void date_format(double days, char out[32]) {
    format(days, TO_DAY, out);
}

void date_format_minute(double days, char out[32]) {
    format(days, TO_MINUTE, out);
}

void date_format_second(double days, char out[32]) {
    format(days, TO_SECOND, out);
}

void date_format_moment(double days, char out[32]) {
    format(days, TO_SECOND, out);
    char *midnight = strstr(out, "T00:00");
    if (midnight && !midnight[6]) *midnight = '\0';
}

static const struct {
    const char *name;
    double days;
} units[] = {
    {"s", 1 / 86400.0},
    {"sec", 1 / 86400.0},
    {"min", 1 / 1440.0},
    {"h", 1 / 24.0},
    {"hour", 1 / 24.0},
    {"hours", 1 / 24.0},
    {"d", 1},
    {"day", 1},
    {"days", 1},
    {"w", 7},
    {"week", 7},
    {"weeks", 7},
    {"month", DAYS_PER_YEAR / 12},
    {"months", DAYS_PER_YEAR / 12},
    {"y", DAYS_PER_YEAR},
    {"yr", DAYS_PER_YEAR},
    {"year", DAYS_PER_YEAR},
    {"years", DAYS_PER_YEAR},
};

bool date_parse_duration(const char *text, double *days) {
    /* strtod alone also accepts leading blanks, "inf", "nan" and hexadecimal numbers. */
    const char *first = text + (*text == '-' || *text == '+');
    if (!isdigit((unsigned char)*first) && *first != '.') return false;
    if (first[0] == '0' && (first[1] == 'x' || first[1] == 'X')) return false;
    char *unit;
    const double number = strtod(text, &unit);
    if (unit == text) return false;
    while (*unit == ' ') unit++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(unit, units[i].name) != 0) continue;
        const double value = number * units[i].days;
        if (!isfinite(value)) return false;
        *days = value;
        return true;
    }
    return false;
}

bool date_repeat(double days, const char *every, int k, double *result) {
    char *unit;
    long n = strtol(every, &unit, 10);
    while (*unit == ' ') unit++;
    bool months = !strcmp(unit, "month") || !strcmp(unit, "months");
    bool years = !strcmp(unit, "y") || !strcmp(unit, "yr") || !strcmp(unit, "year") || !strcmp(unit, "years");
    double step;
    if (n >= 1 && n < (years ? 10000 : 120000) && (months || years)) {
        int year, month, day;
        date_civil(days, &year, &month, &day);
        int ahead = month - 1 + (int)n * k * (years ? 12 : 1);
        int last = (int)(date_from_civil(year + (ahead + 1) / 12, (ahead + 1) % 12 + 1, 1) -
                         date_from_civil(year + ahead / 12, ahead % 12 + 1, 1));
        *result = date_from_civil(year + ahead / 12, ahead % 12 + 1, day < last ? day : last) +
                  (days - floor(days));
        return true;
    }
    if (!date_parse_duration(every, &step) || step <= 0) return false;
    *result = days + k * step;
    return true;
}
