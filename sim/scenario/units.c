#include "scenario/units.h"

#include "base/date.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    double factor;
} multiples[] = {
    {"k", 1e3},       {"thousand", 1e3}, {"M", 1e6},         {"mn", 1e6}, {"m", 1e6},
    {"million", 1e6}, {"bn", 1e9},       {"billion", 1e9},   {"B", 1e9},  {"G", 1e9},
    {"tn", 1e12},     {"T", 1e12},       {"trillion", 1e12},
};

/* A plain decimal number at the start of `text` ("inf", "nan", "0x1p3" are none); *rest is what follows it
 * and its blanks. */
static bool number(const char *text, double *value, const char **rest) {
    const char *c = text;
    if (*c == '-' || *c == '+') c++;
    size_t digits = strspn(c, "0123456789");
    c += digits;
    if (*c == '.') {
        size_t decimals = strspn(++c, "0123456789");
        digits += decimals;
        c += decimals;
    }
    if (digits == 0) return false;
    if (*c == 'e' || *c == 'E') {
        const char *exponent = c + 1;
        if (*exponent == '-' || *exponent == '+') exponent++;
        size_t more = strspn(exponent, "0123456789");
        if (more > 0) c = exponent + more;
    }
    char *end;
    *value = strtod(text, &end);
    if (end != c || !isfinite(*value)) return false;
    *rest = c + strspn(c, " ");
    return true;
}

/* "bn USD", "bn", "USD" or nothing. */
static bool money_factor(const char *unit, double *factor) {
    *factor = 1;
    if (!*unit || !strcmp(unit, "USD")) return true;
    size_t length = strcspn(unit, " ");
    const char *currency = unit + length + strspn(unit + length, " ");
    if (*currency && strcmp(currency, "USD") != 0) return false;
    for (size_t i = 0; i < sizeof multiples / sizeof *multiples; i++) {
        if (strlen(multiples[i].name) == length && !strncmp(unit, multiples[i].name, length)) {
            *factor = multiples[i].factor;
            return true;
        }
    }
    return false;
}

bool units_parse(dimension_t dimension, const char *text, double *value) {
    if (dimension == DIM_DURATION) return date_parse_duration(text, value);
    if (dimension == DIM_DATE) return date_parse(text, value, NULL);
    const char *unit;
    if (!number(text, value, &unit)) return false;
    if (dimension == DIM_DISTANCE) return !*unit || !strcmp(unit, "km");
    if (dimension == DIM_MONEY) {
        double factor;
        if (!money_factor(unit, &factor)) return false;
        *value *= factor;
        return isfinite(*value);
    }
    if (dimension == DIM_SHARE && *unit == '%') {
        *value /= 100;
        unit++;
    }
    return !*unit;
}

static const char *const expected[DIM_N] = {
    [DIM_NUMBER] = "a number",
    [DIM_PROBABILITY] = "a probability",
    [DIM_DURATION] = "a duration such as \"30 d\" or \"2 y\"",
    [DIM_RATE] = "a number of events a year",
    [DIM_MONEY] = "an amount such as \"1.5 bn USD\"",
    [DIM_DATE] = "a date such as 2026-03-01",
    [DIM_DISTANCE] = "a distance such as \"10500 km\"",
    [DIM_SHARE] = "a share such as \"25 %\" or 0.25",
};

void units_expect(dimension_t dimension, double low, double high, char *out, size_t size) {
    const char *what = expected[dimension];
    if (dimension == DIM_DATE || (low == -INFINITY && high == INFINITY))
        snprintf(out, size, "%s", what);
    else if (high == INFINITY)
        snprintf(out, size,
                 low == DBL_MIN ? "%s, more than 0"
                 : low == 0     ? "%s, 0 or more"
                                : "%s, %g or more",
                 what, low);
    else if (low == -INFINITY)
        snprintf(out, size, "%s, at most %g", what, high);
    else if (low == DBL_MIN)
        snprintf(out, size, "%s above 0, at most %g", what, high);
    else
        snprintf(out, size, "%s from %g to %g", what, low, high);
}

static void format_money(double value, char *out, size_t size) {
    static const struct {
        double factor;
        const char *name;
    } steps[] = {{1e12, "tn "}, {1e9, "bn "}, {1e6, "M "}, {1e3, "k "}, {1, ""}};
    size_t i = 0;
    while (i < 4 && fabs(value) < 0.99995 * steps[i].factor) i++;
    snprintf(out, size, "%.4g %sUSD", value / steps[i].factor, steps[i].name);
}

static void format_duration(double value, char *out, size_t size) {
    double years = value / DAYS_PER_YEAR;
    if (fabs(value) >= 360)
        snprintf(out, size, "%.4g y", years);
    else if (fabs(value) > 0 && fabs(value) < 1)
        snprintf(out, size, "%.4g h", value * 24);
    else
        snprintf(out, size, "%.4g d", value);
}

void units_format(dimension_t dimension, double value, double start, char *out, size_t size) {
    char date[32];
    if (isnan(value)) {
        snprintf(out, size, "-");
        return;
    }
    switch (dimension) {
    case DIM_MONEY:
        format_money(value, out, size);
        return;
    case DIM_DURATION:
        format_duration(value, out, size);
        return;
    case DIM_DISTANCE:
        snprintf(out, size, "%.5g km", value);
        return;
    case DIM_SHARE:
        snprintf(out, size, "%.5g %%", 100 * value);
        return;
    case DIM_DATE:
        date_format_moment(start + value, date);
        snprintf(out, size, "%s", date);
        return;
    case DIM_NUMBER:
    case DIM_PROBABILITY:
    case DIM_RATE:
    case DIM_N:
        break;
    }
    snprintf(out, size, "%.6g", value);
}
