#include "observed/events_date.h"

#include "base/date.h"
#include "base/rng.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const date_order_names[ORDER_N] = {"", "ymd", "mdy", "dmy"};

enum { UNKNOWN = -1, NO_PART = -2 };
typedef struct {
    int year, month, day; /* UNKNOWN */
} civil_t;

/* ---- the parts of a date ----------------------------------------------------------------------------- */

/* The number of `n` digits or fewer that begins there, and how many they are. */
static int number(const char *text, int most, int *length) {
    int value = 0;
    for (*length = 0; *length < most && isdigit((unsigned char)text[*length]); ++*length)
        value = 10 * value + text[*length] - '0';
    return value;
}

/* A day or a month up to `end`: its number, UNKNOWN, or NO_PART. */
static int part(const char *from, const char *end, int most) {
    static const char *const unknown[] = {"",   "-9", "-09", "-99", "99", "0",
                                          "00", "x",  "xx",  "?",   "??", "na"};
    int length, value = number(from, 2, &length);
    size_t size = (size_t)(end - from);
    if (size == (size_t)length && length > 0 && value >= 1 && value <= most) return value;
    for (size_t u = 0; u < sizeof unknown / sizeof *unknown; u++)
        if (strlen(unknown[u]) == size && !strncasecmp(from, unknown[u], size)) return UNKNOWN;
    return NO_PART;
}

static bool is_separator(char c) {
    return c == '-' || c == '/' || c == '.';
}

/* Where the date ends and the time of day may begin. */
static const char *date_end(const char *text) {
    const char *end = text + strspn(text, "0123456789-/.xX?");
    if (!strncasecmp(end, "na", 2)) end += 2;
    return end;
}

/* 20180131 or 201801. */
static bool read_digits(const char *text, const char *end, civil_t *civil) {
    int length, value = number(text, 8, &length);
    if (text + length != end || (length != 8 && length != 6)) return false;
    if (length == 6) value *= 100;
    civil->year = value / 10000;
    civil->month = part(text + 4, text + 6, 12);
    civil->day = length == 6 ? UNKNOWN : part(text + 6, text + 8, 31);
    return true;
}

/* 2018-01-31, 2018-01, 2018. */
static bool read_year_first(const char *text, const char *end, civil_t *civil) {
    int length;
    civil->year = number(text, 4, &length);
    if (length != 4) return false;
    text += 4;
    civil->month = civil->day = UNKNOWN;
    if (text == end) return true;
    char separator = *text;
    if (!is_separator(separator)) return false;
    const char *next = ++text;
    if (*next == '-' && isdigit((unsigned char)next[1])) next++; /* the month -9 */
    while (next < end && *next != separator) next++;
    civil->month = part(text, next, 12);
    if (next == end) return true;
    civil->day = part(next + 1, end, 31);
    return true;
}

/* 1/31/2018 or 31/1/2018. */
static bool read_year_last(const char *text, const char *end, int numbers[3]) {
    char separator = 0;
    for (int n = 0; n < 3; n++) {
        int length, most = n < 2 ? 2 : 4;
        numbers[n] = number(text, most, &length);
        if (length == 0 || (n == 2 && length != 4)) return false;
        text += length;
        if (n == 2) break;
        if (n == 0) separator = *text;
        if (!is_separator(*text) || *text != separator) return false;
        text++;
    }
    return text == end;
}

static int days_of(int year, int month) {
    return (int)(date_from_civil(month == 12 ? year + 1 : year, month % 12 + 1, 1) -
                 date_from_civil(year, month, 1));
}

static bool exists(int year, int month, int day) {
    return month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
}

static bool set_days(const civil_t *civil, moment_t *moment) {
    if (civil->month == NO_PART || civil->day == NO_PART) return false;
    if (civil->month == UNKNOWN) {
        if (civil->day != UNKNOWN) return false;
        moment->day = date_from_civil(civil->year, 1, 1);
        moment->n_days = (int)(date_from_civil(civil->year + 1, 1, 1) - moment->day);
        return true;
    }
    bool known = civil->day != UNKNOWN;
    if (known && !exists(civil->year, civil->month, civil->day)) return false;
    moment->day = date_from_civil(civil->year, civil->month, known ? civil->day : 1);
    moment->n_days = known ? 1 : days_of(civil->year, civil->month);
    return true;
}

static moment_result_t settle_order(const int n[3], date_order_t order, moment_t *moment) {
    bool month_first = order != ORDER_DMY && exists(n[2], n[0], n[1]);
    bool day_first = order != ORDER_MDY && exists(n[2], n[1], n[0]);
    if (!month_first && !day_first) return MOMENT_NONE;
    if (month_first && day_first && n[0] != n[1]) return MOMENT_EITHER;
    moment->day = month_first ? date_from_civil(n[2], n[0], n[1]) : date_from_civil(n[2], n[1], n[0]);
    moment->n_days = 1;
    moment->order = month_first && day_first ? ORDER_TOLD : month_first ? ORDER_MDY : ORDER_DMY;
    return MOMENT_READ;
}

/* ---- the time of day --------------------------------------------------------------------------------- */

static const char *skip_blanks(const char *text) {
    return text + strspn(text, " \t");
}

/* Two digits (one, for an hour) up to `most`, after `before` if that is not 0. */
static bool take(const char **text, char before, int least_digits, int most, int *value) {
    const char *from = *text;
    int length;
    if (before && *from++ != before) return false;
    *value = number(from, 2, &length);
    if (length < least_digits || *value > most) return false;
    *text = from + length;
    return true;
}

/* Z, UTC, GMT, +05:00, +0500, +05 or nothing: the minutes before UTC. */
static bool take_offset(const char **text, int *minutes) {
    static const char *const utc[] = {"Z", "UTC", "GMT"};
    *minutes = 0;
    for (size_t u = 0; u < sizeof utc / sizeof *utc; u++) {
        size_t size = strlen(utc[u]);
        if (strncasecmp(*text, utc[u], size) != 0) continue;
        *text += size;
        return true;
    }
    if (**text != '+' && **text != '-') return true;
    int sign = *(*text)++ == '-' ? -1 : 1, hours, rest = 0;
    if (!take(text, 0, 2, 23, &hours)) return false;
    if (**text && !take(text, **text == ':' ? ':' : 0, 2, 59, &rest)) return false;
    *minutes = sign * (60 * hours + rest);
    return true;
}

/* AM or PM, if it is there. */
static bool take_half(const char **text, int *hour) {
    bool pm = !strncasecmp(*text, "pm", 2);
    if (!pm && strncasecmp(*text, "am", 2) != 0) return true;
    *text += 2;
    if (*hour < 1 || *hour > 12) return false;
    *hour = *hour % 12 + (pm ? 12 : 0);
    return true;
}

static bool read_time(const char *text, moment_t *moment) {
    int hour, minute, second = 0, offset;
    double fraction = 0;
    if (!take(&text, 0, 1, 23, &hour) || !take(&text, ':', 2, 59, &minute)) return false;
    if (*text == ':' && !take(&text, ':', 2, 59, &second)) return false;
    if (*text == '.' || *text == ',') {
        double digit = 1;
        if (!isdigit((unsigned char)*++text)) return false;
        while (isdigit((unsigned char)*text)) fraction += (digit /= 10) * (*text++ - '0');
    }
    text = skip_blanks(text);
    if (!take_half(&text, &hour)) return false;
    text = skip_blanks(text);
    if (!take_offset(&text, &offset) || *skip_blanks(text)) return false;
    double seconds = hour * 3600 + minute * 60 + second + fraction;
    moment->has_time = true;
    moment->is_midnight = seconds == 0;
    moment->time = moment->day + (seconds - 60 * offset) / 86400;
    return true;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

moment_result_t moment_parse(const char *text, date_order_t order, moment_t *moment) {
    civil_t civil;
    int numbers[3];
    *moment = (moment_t){0};
    text = skip_blanks(text);
    const char *end = date_end(text);
    if (read_year_last(text, end, numbers)) {
        moment_result_t result = order == ORDER_YMD ? MOMENT_NONE : settle_order(numbers, order, moment);
        if (result != MOMENT_READ) return result;
    } else if ((!read_digits(text, end, &civil) && !read_year_first(text, end, &civil)) ||
               !set_days(&civil, moment)) {
        return MOMENT_NONE;
    }
    moment->time = moment->day;
    const char *rest = skip_blanks(*end == 'T' || *end == 't' ? end + 1 : end);
    if (!*rest && rest == skip_blanks(end)) return MOMENT_READ; /* nothing follows, no T either */
    if (rest == end || moment->n_days > 1) return MOMENT_NONE;
    return read_time(rest, moment) ? MOMENT_READ : MOMENT_NONE;
}

double moment_draw(const moment_t *moment, int n_names, const char *const *names) {
    const double span[2] = {moment->day, moment->n_days};
    uint64_t key = rng_key_text(0, "day not known");
    rng_stream_t stream;
    for (int n = 0; n < n_names; n++) key = rng_key_text(key, names[n]);
    rng_stream_init(&stream, rng_key_doubles(key, 2, span), 0);
    return moment->day + floor(rng_stream_unit(&stream) * moment->n_days);
}
