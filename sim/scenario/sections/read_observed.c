/* A start within the period (model/as_of.h): until when what is observed, and the observed events, which are
 * entries of the calendar, by their id or new ones. */
#include "base/date.h"
#include "scenario/sections/read_calendar.h"

#include <string.h>

/* ---- as_of -------------------------------------------------------------------------------------------- */

/* The names of one node or a list of them as a set of n. */
static void read_set(reader_t *r, const field_t *field, const node_t *node, bool **set, int n) {
    *set = READER_NEW(r, n, bool);
    if (node->type == NODE_MAPPING) {
        reader_expected(r, node, field->type->expected);
        return;
    }
    for (int i = 0; i < (node->type == NODE_LIST ? node->n : 1); i++) {
        const node_t *item = node->type == NODE_LIST ? node->items[i] : node;
        int found =
            field->catalog == CATALOG_NONE ? reader_tie(r, item) : reader_find(r, field->catalog, item);
        if (found >= 0) (*set)[found] = true;
    }
}

static void read_ties_covered(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (!r->ties_missing) read_set(r, field, node, at, r->model->n_ties);
}
static const type_t type_ties_covered = {
    SHAPE_OWN, "a tie or a list of ties", read_ties_covered,
    "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]}"};

static void read_kinds_covered(reader_t *r, const field_t *field, const node_t *node, void *at) {
    read_set(r, field, node, at, r->model->n_kinds);
}
static const type_t type_kinds_covered = {
    SHAPE_OWN, "an event type or a list of them", read_kinds_covered,
    "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]}"};

static void finish_as_of(reader_t *r, void *base, const node_t *node) {
    as_of_t *as_of = base;
    char start[32], end[32];
    if (isnan(as_of->day)) as_of->day = 0;
    if (isnan(as_of->complete)) as_of->complete = as_of->day;
    if (!node || r->period_missing) return;
    date_format_moment(r->model->start, start);
    date_format_moment(r->model->start + r->model->horizon, end);
    if (as_of->day < 0 || as_of->day >= r->model->horizon)
        reader_error(r, node->mark, "%s: a day of the period, from %s to before %s, is expected", r->path,
                     start, end);
    else if (as_of->complete < 0 || as_of->complete > as_of->day)
        reader_error(r, node_get(node, "complete")->mark,
                     "%s.complete: a day from %s to that of the forecast is expected", r->path, start);
}

static const field_t as_of_fields[] = {
    {"date", &type_date, FIELD_REQUIRED, AT(as_of_t, day),
     .what = "Beginning of this day: observed events are before it.", .example = "2026-07-01"},
    {"complete", &type_date, 0, AT(as_of_t, complete), .unset = "the date",
     .what = "Until here every event is observed that took place. From here to the date observed events take "
             "place besides the simulated ones.",
     .example = "2026-03-06"},
    {"ties", &type_ties_covered, 0, AT(as_of_t, ties), .unset = "all",
     .what = "Ties on which events are observed. On others they are simulated from the start.",
     .example = "[KAZ-USA, USA-UZB]"},
    {"kinds", &type_kinds_covered, 0, AT(as_of_t, kinds), .unset = "all", .catalog = CATALOG_KIND,
     .what = "Event types that are observed. Others are simulated from the start.",
     .example = "[call, visit]"},
};
const section_t section_as_of = {
    .name = "as_of",
    .what = "A forecast's day. Until it the events under `observed` have taken place, and no others.",
    SECTION_FIELDS(as_of_fields),
    .shorthand = "date",
    .finish = finish_as_of};

/* ---- observed ----------------------------------------------------------------------------------------- */

static expanded_t *find_entry(const expansion_t *calendar, const char *id) {
    for (int i = 0; i < calendar->n; i++)
        if (!strcmp(calendar->items[i].id, id)) return &calendar->items[i];
    return NULL;
}

/* The entry's keys with those of the observation over them; what it says of its chances is over. */
static const node_t *laid_over(reader_t *r, const node_t *entry, const node_t *observed) {
    static const char *const except[] = {"date",    "window",      "probability", "if",
                                         "part_of", "in_place_of", "reply",       NULL};
    const node_t *rest = node_copy_mapping(&r->nodes, entry, 0, except);
    reader_need(r, rest);
    const node_t *merged = node_merge(&r->nodes, rest, observed);
    reader_need(r, merged);
    return merged;
}

void expand_observed(expansion_t *calendar, const node_t *list) {
    reader_t *r = calendar->r;
    expansion_t own = {.r = r, .in_base = true};
    if (!list) return;
    if (!node_get(r->root, "as_of"))
        reader_error(r, list->mark, "observed: as_of is missing; give the day of the forecast");
    size_t outer = reader_push(r, "observed");
    expand_entries(&own, list);
    reader_pop(r, outer);
    read_calendar_ids(&own);
    int first = calendar->n;
    for (int i = 0; i < own.n; i++) {
        expanded_t *item = &own.items[i], *entry = item->made ? NULL : find_entry(calendar, item->id);
        if (entry && entry->in_base && !entry->relative) {
            entry->node = laid_over(r, entry->node, item->node);
            entry->observed = true;
            continue;
        }
        expanded_t *added = READER_APPEND(r, calendar->items, calendar->n, expanded_t);
        *added = *item;
        added->observed = true;
        added->order = calendar->n;
        if (item->made) added->id = reader_format(r, "observed/%s", item->id);
        if (item->parent >= 0) added->parent += first;
    }
}

static void refuse(reader_t *r, const node_t *node, const char *key, const char *why) {
    const entry_t *entry = node_entry(node, key);
    if (entry) reader_error(r, entry->mark, "%s.%s: %s", r->path, key, why);
}

void check_observed(reader_t *r, const node_t *node, calendar_entry_t *entry) {
    static const char *const over[] = {"window",  "after",       "probability", "if",
                                       "part_of", "in_place_of", "reply"};
    for (size_t n = 0; n < sizeof over / sizeof *over; n++)
        refuse(r, node, over[n], "an observed event has taken place, at its date");
    if (entry->has_chance && entry->chance > 0 && entry->chance < 1) return; /* how it ended is not known */
    if (entry->has_chance) entry->success = entry->chance > 0;
    entry->has_chance = false;
    if (isnan(entry->time) || r->period_missing || !node_get(node, "date")) return;
    char start[32], day[32];
    date_format_moment(r->model->start, start);
    date_format_moment(r->model->start + r->model->as_of.day, day);
    if (entry->time < 0)
        reader_error(r, node_get(node, "date")->mark,
                     "%s: it is before the start, %s; an earlier event belongs to the history", r->path,
                     start);
    else if (entry->time >= r->model->as_of.day)
        reader_error(
            r, node_get(node, "date")->mark,
            "%s: an observed event must be before the day of the forecast, %s; a later one belongs to "
            "the calendar",
            r->path, day);
}
