#include "cli/tables/events_report.h"

#include "base/date.h"
#include "base/math/elementary.h"

#include <math.h>

enum { MOST_FILES_LISTED = 20 };

/* Gaps without a row are reported if their probability, given the share of days with a row, is below these
 * limits: at the ends, and within the data (where there are as many possible gaps as days with a row). */
static const double improbable = 0.01, improbable_within = 1e-4;

static void print_names(const names_t *names, FILE *out) {
    for (int n = 0; n < names->n; n++) {
        const named_t *named = &names->items[n];
        fprintf(out, "%s%.60s (%ld", n ? ", " : ": ", *named->text ? named->text : "nothing", named->rows);
        if (named->meant) fprintf(out, "; did you mean %.60s?", named->meant);
        fputc(')', out);
    }
    if (names->n_all > names->n) fprintf(out, ", and %d more", names->n_all - names->n);
}

static void print_files(const events_t *events, FILE *out) {
    for (int f = 0; f < events->n_files && events->n_files > 1; f++) {
        const events_file_t *file = &events->files[f];
        if (events->n_files > MOST_FILES_LISTED && !file->disordered) continue;
        fprintf(out, "%s: %ld rows (%s)", file->path, file->rows, file->layout);
        if (file->disordered)
            fprintf(out, "; %ld rows were out of order and have been sorted", file->disordered);
        fputc('\n', out);
    }
}

void events_report(const events_t *events, FILE *out) {
    const events_file_t *only = events->n_files == 1 ? events->files : NULL;
    print_files(events, out);
    if (only)
        fprintf(out, "%ld rows, %d events used (%s)\n", events->rows, events->n, only->layout);
    else
        fprintf(out, "%ld rows of %d files, %d events used\n", events->rows, events->n_files, events->n);
    for (int d = 0; d < DROP_N; d++) {
        if (!events->dropped[d]) continue;
        fprintf(out, "  %8ld rows left out: %s", events->dropped[d], drop_reasons[d]);
        print_names(&events->names[d], out);
        fputc('\n', out);
    }
    if (only && only->disordered)
        fprintf(out, "  %8ld rows were out of order and have been sorted\n", only->disordered);
}

static void warn_of_codes(const events_t *events) {
    const names_t *starred = &events->names[NAMED_STARRED];
    if (starred->rows) {
        fprintf(stderr,
                "entente: warning: %ld rows match only the row \"*\" of the table of codes, which has their "
                "codes in another form",
                starred->rows);
        print_names(starred, stderr);
        fputc('\n', stderr);
    }
    if (events->lacks_levels)
        fputs("entente: warning: the table of codes requires levels of actors, but the events have none: "
              "rows with a level match no event\n",
              stderr);
    if (events->timed && events->untimed)
        fprintf(stderr,
                "entente: warning: %ld of the events used have no time of day, unlike the others: they get a "
                "time drawn within their day, and same-day repeats are not corrected for\n",
                events->untimed);
}

static void format_day(const model_t *model, double day, char out[32]) {
    date_format(model->start + day, out);
}

/* The probability that this number of days is without a row, if each has one with probability `share`. */
static double none_within(double share, double days) {
    return days > 0 ? elementary_exp(days * elementary_log1p(-share)) : 1;
}

void events_warn(const events_t *events, const model_t *model, double from, const char *from_what,
                 double until, const char *until_what) {
    int begin, n_with, first = (int)fmax(from, events->first);
    char day[32], last[32];
    warn_of_codes(events);
    if (!(events->first < events->last)) return;
    int gap = events_longest_gap(events, model, first, &begin, &n_with);
    double share = n_with / (events->last - first);
    if (n_with == 0) return;
    format_day(model, events->first, day);
    if (events->first > from && none_within(share, events->first - from) < improbable)
        fprintf(stderr,
                "entente: warning: the first row is of %s, %.0f days after %s: these days count as days "
                "without events; if the data begin there, give --from %s\n",
                day, events->first - from, from_what, day);
    format_day(model, begin, day);
    format_day(model, begin + gap - 1, last);
    if (n_with * none_within(share, gap) < improbable_within)
        fprintf(stderr,
                "entente: warning: the %d days from %s to %s have no row: they count as days without events; "
                "if the data are incomplete, use a complete part\n",
                gap, day, last);
    format_day(model, events->last - 1, last);
    if (until_what && until > events->last && none_within(share, until - events->last) < improbable)
        fprintf(
            stderr,
            "entente: warning: the last row is of %s, %.0f days before %s: the data used end on that day\n",
            last, until - events->last, until_what);
}
