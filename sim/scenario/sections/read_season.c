/* Factors on an event type's intensity over time: weekdays, months, windows, blackouts. */
#include "scenario/sections/read_kinds.h"

#include <string.h>

static void read_factors(reader_t *r, const field_t *field, const node_t *node, void *at) {
    double *factors = at;
    int n = field->count ? 12 : 7;
    for (int i = 0; i < n; i++) factors[i] = 1;
    if (node->type != NODE_LIST || node->n != n) {
        reader_expected(r, node, field->type->expected);
        return;
    }
    for (int i = 0; i < n; i++) {
        size_t outer = reader_push_index(r, i);
        if (reader_number(r, node->items[i], DIM_NUMBER, 0, INFINITY, &factors[i]))
            reader_param(r, &factors[i], DIM_NUMBER, 0, INFINITY, false);
        reader_pop(r, outer);
    }
}
static const type_t type_weekday = {
    SHAPE_OWN, "7 factors, Monday first", read_factors,
    "{\"type\": \"array\", \"items\": {\"type\": \"number\", \"minimum\": 0}, "
    "\"minItems\": 7, \"maxItems\": 7}"};
static const type_t type_month = {SHAPE_OWN, "12 factors, January first", read_factors,
                                  "{\"type\": \"array\", \"items\": {\"type\": \"number\", \"minimum\": 0}, "
                                  "\"minItems\": 12, \"maxItems\": 12}"};

static void finish_window(reader_t *r, void *base, const node_t *node) {
    window_t *window = base;
    if (isnan(window->from)) window->from = -INFINITY;
    if (isnan(window->until)) window->until = INFINITY;
    bool known = node_get(node, "from") && node_get(node, "until");
    if (known && window->from >= window->until)
        reader_error(r, node->mark, "%s: it ends before it begins (from, until)", r->path);
}
static const field_t window_fields[] = {
    {"from", &type_date, 0, AT(window_t, from), .unset = "always", .what = "First day.",
     .example = "2026-06-01"},
    {"until", &type_date, 0, AT(window_t, until), .unset = "for ever", .what = "End (exclusive).",
     .example = "2026-09-01"},
    {"factor", &type_number, FIELD_REQUIRED, AT(window_t, factor), NOT_NEGATIVE,
     .what = "Factor on the intensity.", .example = "2"},
};
static const section_t section_window = {.name = "window",
                                         .what = "An interval with a factor on the intensity.",
                                         SECTION_FIELDS(window_fields),
                                         .finish = finish_window};
static const field_t blackout_fields[] = {
    {"from", &type_date, FIELD_REQUIRED, AT(window_t, from), .what = "First day.", .example = "2026-08-01"},
    {"until", &type_date, FIELD_REQUIRED, AT(window_t, until), .what = "End (exclusive).",
     .example = "2026-08-15"},
};
static const section_t section_blackout = {.name = "blackout",
                                           .what =
                                               "An interval without baseline and excited events of the type.",
                                           SECTION_FIELDS(blackout_fields),
                                           .finish = finish_window};

typedef struct { /* a season, and its blackouts as they were written */
    season_t season;
    int n_blackouts;
    window_t *blackouts;
} season_draft_t;

static const field_t season_fields[] = {
    {"weekday", &type_weekday, 0, AT(season_draft_t, season.weekday), HAS(season_draft_t, season.has_weekday),
     .what = "Factors of Monday to Sunday.", .example = "[1, 1, 1, 1, 1, 0.5, 0.5]"},
    {"month", &type_month, 0, AT(season_draft_t, season.month), HAS(season_draft_t, season.has_month),
     .count = 12, .what = "Factors of January to December."},
    {"windows", &type_list, 0, ITEMS(season_draft_t, season.windows, season.n_windows, window_t),
     .section = &section_window, .what = "Intervals with a factor.",
     .example = "[{from: 2026-06-01, until: 2026-09-01, factor: 2}]"},
    {"only_in_windows", &type_bool, 0, AT(season_draft_t, season.only_in_windows), .fallback = "false",
     .what = "Whether the intensity is 0 outside the windows."},
    {"blackouts", &type_list, 0, ITEMS(season_draft_t, blackouts, n_blackouts, window_t),
     .section = &section_blackout, .what = "Intervals without baseline and excited events.",
     .example = "[{from: 2026-08-01, until: 2026-08-15}]"},
};
const section_t section_season = {
    .name = "season", .what = "Factors on the intensity by time.", SECTION_FIELDS(season_fields)};

/* Numbers of a season are parameters, so they are read where they stay; blackouts join the windows, which
 * are read first into an array with room for both. */
static void read_season(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (!node) return;
    season_draft_t *draft = READER_NEW(r, 1, season_draft_t);
    int first_param = r->model->n_params;
    bool good = reader_section(r, field->section, node, draft);
    season_t *season = at;
    *season = draft->season;
    if (!good) return;
    if (season->only_in_windows && season->n_windows == 0)
        reader_error(r, node->mark, "%s.only_in_windows: there are no windows, so no event would ever occur",
                     r->path);
    window_t *all = READER_NEW(r, season->n_windows + draft->n_blackouts, window_t);
    if (season->n_windows) memcpy(all, season->windows, (size_t)season->n_windows * sizeof *all);
    if (draft->n_blackouts)
        memcpy(all + season->n_windows, draft->blackouts, (size_t)draft->n_blackouts * sizeof *all);
    /* What was registered in the draft and in the windows moves along. */
    for (int p = first_param; p < r->model->n_params; p++) {
        char *value = (char *)r->params[p].value;
        if (value >= (char *)draft && value < (char *)(draft + 1))
            r->params[p].value = (double *)((char *)season + (value - (char *)draft));
        else if (season->n_windows && value >= (char *)season->windows &&
                 value < (char *)(season->windows + season->n_windows))
            r->params[p].value = (double *)((char *)all + (value - (char *)season->windows));
        else if (draft->n_blackouts && value >= (char *)draft->blackouts &&
                 value < (char *)(draft->blackouts + draft->n_blackouts))
            r->params[p].value =
                (double *)((char *)(all + season->n_windows) + (value - (char *)draft->blackouts));
    }
    season->windows = all;
    season->n_windows += draft->n_blackouts;
}
const type_t type_season = {SHAPE_SECTION, "a mapping", read_season, NULL};
