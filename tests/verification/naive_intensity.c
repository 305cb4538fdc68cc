/* The intensity of a kind of event at a place, without what excites it. */
#include "naive_internal.h"

#include "base/date.h"
#include "base/math/elementary.h"

double naive_season(const model_t *m, const season_t *season, double t) {
    double factor = 1, date = floor(m->start + floor(t));
    int year, month, of_month;
    bool open = false;
    date_civil(date, &year, &month, &of_month);
    if (season->has_weekday) factor *= season->weekday[date_weekday(date)];
    if (season->has_month) factor *= season->month[month - 1];
    for (int w = 0; w < season->n_windows; w++)
        if (floor(t) >= season->windows[w].from && floor(t) < season->windows[w].until) {
            factor *= season->windows[w].factor;
            open = open || season->windows[w].factor > 0;
        }
    return season->only_in_windows && !open ? 0 : factor;
}

static bool among(const bool *set, int i) {
    return !set || set[i];
}

bool naive_may_be(const kind_t *k, int i, int j) {
    if (k->scope == SCOPE_GROUP) return true;
    if (k->scope == SCOPE_DYAD)
        return (among(k->initiators, i) || among(k->initiators, j)) &&
               (among(k->targets, i) || among(k->targets, j));
    return among(k->initiators, i) && (j < 0 || among(k->targets, j));
}

/* Season and availability. */
double naive_factor(const naive_t *n, int kind, int i, int j, double t) {
    const kind_t *k = &n->m->kinds[kind];
    if ((i >= 0 && !n->present[i]) || (j >= 0 && !n->present[j])) return 0;
    if (naive_takes_leaders(k, -1, false) && !naive_leaders_are_free(n, k, i, j, t)) return 0;
    return naive_may_be(k, i, j) ? naive_season(n->m, &k->season, t) : 0;
}

/* The base intensity, per day. */
double naive_intensity(const naive_t *n, int kind, int i, int j, double t) {
    const kind_t *k = &n->m->kinds[kind];
    if (!(k->rate_per_year > 0)) return 0;
    double base = k->rate_per_year / DAYS_PER_YEAR *
                  (i < 0 ? 1 : elementary_exp(naive_predictor(n, &k->log_rate, i, j, t)));
    return naive_factor(n, kind, i, j, t) * base;
}
