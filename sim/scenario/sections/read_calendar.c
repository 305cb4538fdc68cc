/* Dated events: calendar, history, conditions in force at the start. */
#include "scenario/sections/read_calendar.h"
#include "base/date.h"
#include "scenario/sections/read_rules.h"
#include "scenario/units.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one entry -------------------------------------------------------------------------------------- */

static void read_moment(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field;
    calendar_entry_t *entry = at;
    if (!reader_date(r, node, &entry->time)) return;
    entry->until = entry->time;
    reader_param(r, &entry->time, DIM_DATE, -INFINITY, INFINITY, true);
}
static const type_t type_moment = {SHAPE_OWN, "a date", read_moment, "{\"type\": \"string\"}"};

static void read_span(reader_t *r, const field_t *field, const node_t *node, void *at) {
    calendar_entry_t *entry = at;
    if (node->type != NODE_LIST || node->n != 2) {
        reader_expected(r, node, field->type->expected);
        return;
    }
    bool good = reader_date(r, node->items[0], &entry->time);
    good = reader_date(r, node->items[1], &entry->until) && good;
    if (good && entry->until <= entry->time)
        reader_error(r, node->mark, "%s: it ends before it begins", r->path);
}
static const type_t type_span = {
    SHAPE_OWN, "a pair of dates [from, until]", read_span,
    "{\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"minItems\": 2, \"maxItems\": 2}"};

/* A probability, of which true and false are the ends. */
static void read_success(reader_t *r, const field_t *field, const node_t *node, void *at) {
    calendar_entry_t *entry = at;
    bool yes = node->type == NODE_SCALAR && !strcmp(node->text, "true");
    bool no = node->type == NODE_SCALAR && !strcmp(node->text, "false");
    entry->has_chance = true;
    entry->chance = yes;
    if (!yes && !no &&
        !(node->type == NODE_SCALAR && units_parse(DIM_NUMBER, node->text, &entry->chance) &&
          entry->chance >= 0 && entry->chance <= 1))
        reader_expected(r, node, field->type->expected);
    reader_param(r, &entry->chance, DIM_PROBABILITY, 0, 1, false);
}
static const type_t type_success = {
    SHAPE_OWN, "true, false, or a probability from 0 to 1", read_success,
    "{\"anyOf\": [{\"type\": \"boolean\"}, {\"type\": \"number\", \"minimum\": 0, \"maximum\": 1}]}"};

static void read_replaced(reader_t *r, const field_t *field, const node_t *node, void *at) {
    int entry = reader_find(r, field->catalog, node);
    *(char **)at = entry < 0 ? NULL : r->model->calendar[entry].id;
}
static const type_t type_replaced = {SHAPE_NAME, "name of a calendar entry", read_replaced, NULL};

/* `repeat` is gone when an entry is read: the expansion below has put the returns in its place. */
static void read_repeat(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)r, (void)field, (void)node, (void)at;
}
static const type_t type_repeat = {SHAPE_SECTION, "a mapping", read_repeat, NULL};

/* `after` comes before the other times: they overwrite the default of a missing `after`. */
static const field_t entry_fields[] = {
    {"id", &type_text, 0, AT(calendar_entry_t, id), .unset = "made of event type, date and names",
     .what = "Its name, for `drop`, `to` and random numbers.", .example = "invite-kaz"},
    {"kind", &type_name, FIELD_REQUIRED, AT(calendar_entry_t, kind), .catalog = CATALOG_KIND,
     .what = "Event type.", .example = "invitation"},
    {"after", &type_number, 0, AT(calendar_entry_t, time), .dimension = DIM_DURATION, NOT_NEGATIVE,
     .what = "Only in the `add` of an intervention: time after the intervention.", .example = "10 d"},
    {"date", &type_moment, 0, .what = "Date.", .example = "2025-12-23T14:00"},
    {"window", &type_span, 0, .what = "Or a uniformly drawn time between these dates.",
     .example = "[2026-03-01, 2026-06-01]"},
    {"initiator", &type_name, 0, AT(calendar_entry_t, initiator), .catalog = CATALOG_ACTOR,
     .what = "The initiator.", .example = "USA"},
    {"host", &type_name, 0, AT(calendar_entry_t, initiator), .catalog = CATALOG_ACTOR,
     .unset = "the group's chair",
     .what = "The host (initiator) of an event of scope group. The default is the chair of the year, if the "
             "group has one.",
     .example = "USA"},
    {"target", &type_name, 0, AT(calendar_entry_t, target), .catalog = CATALOG_ACTOR,
     .what = "The target; of a group's event without `summit` the actor that the group decides about.",
     .example = "KAZ"},
    {"mediator", &type_name, 0, AT(calendar_entry_t, mediator), HAS(calendar_entry_t, is_mediated),
     .catalog = CATALOG_ACTOR,
     .what =
         "A third actor who takes part in an event of two: mediator_strength and mediator_bias of its type's "
         "`success`, and the pairs initiator-mediator and target-mediator of its effects, are about it.",
     .example = "CHN"},
    {"targets", &type_names, 0, .catalog = CATALOG_ACTOR,
     .what = "Several targets: one entry each, with the ids ID/TARGET.", .example = "[KAZ, KGZ]"},
    {"group", &type_name, 0, AT(calendar_entry_t, group), .catalog = CATALOG_GROUP, .unset = "the kind's",
     .what = "The group that it convenes or concerns.", .example = "G20"},
    {"guests", &type_names, 0, .at = offsetof(calendar_entry_t, guests),
     .count = offsetof(calendar_entry_t, n_guests), .catalog = CATALOG_ACTOR,
     .what = "Guests of a summit without invitation. A guest who is invited and declines stays away.",
     .example = "[POL]"},
    {"attend", &type_names, 0, .at = offsetof(calendar_entry_t, attend),
     .count = offsetof(calendar_entry_t, n_attend), .catalog = CATALOG_ACTOR, .unset = "drawn",
     .what = "The participants of a summit, except those who decline. Without it attendance is drawn.",
     .example = "[USA, KAZ]"},
    {"probability", &type_number, 0, AT(calendar_entry_t, probability), .dimension = DIM_PROBABILITY,
     BETWEEN(0, 1), .fallback = "1", .what = "Probability that it occurs. Not allowed in the history.",
     .example = "0.5"},
    {"days", &type_number, FIELD_PLAIN_DAYS, AT(calendar_entry_t, days), .dimension = DIM_DURATION,
     NOT_NEGATIVE, .unset = "the kind's", .what = "Duration.", .example = "2"},
    {"value", &type_number, 0, AT(calendar_entry_t, value_usd), .dimension = DIM_MONEY, NOT_NEGATIVE,
     .unset = "drawn", .what = "Value.", .example = "7 bn USD"},
    {"sector", &type_name, 0, AT(calendar_entry_t, sector), .catalog = CATALOG_SECTOR, .unset = "drawn",
     .what = "Sector.", .example = "energy"},
    {"level", &type_enum, 0, AT(calendar_entry_t, level), NAMES(level_names), .unset = "drawn",
     .what = "Level.", .example = "leader"},
    {"success", &type_success, 0, .unset = "the event type's",
     .what = "Whether it succeeds, or its probability in place of the event type's. The event type's "
             "log_odds apply "
             "to a probability.",
     .example = "0.3"},
    {"to", &type_name, 0, AT(calendar_entry_t, to), .catalog = CATALOG_CALENDAR,
     .what = "Id of the summit to which an invitation invites. An actor who accepts attends, as a guest if "
             "not a member; an actor who declines stays away.",
     .example = "g20-miami"},
    {"reply", &type_enum, 0, AT(calendar_entry_t, reply), .fallback = "drawn", NAMES(reply_names),
     .what = "Reply to an invitation, if fixed.", .example = "accept"},
    {"if", &type_event_rule, FIELD_LATENT, AT(calendar_entry_t, only_if), .section = &section_rule,
     .what = "It takes place only if this rule holds at its moment; else it is cancelled.",
     .example = "{entry: council-vote, is: succeeded}"},
    {"part_of", &type_name, 0, AT(calendar_entry_t, parent), .catalog = CATALOG_CALENDAR,
     .what = "Id of an entry with which it is withdrawn: it is cancelled if that did not take place and will "
             "not. "
             "Without a date it has that entry's.",
     .example = "g20-miami"},
    {"in_place_of", &type_replaced, 0, AT(calendar_entry_t, drawn_as), .catalog = CATALOG_CALENDAR,
     .what =
         "Only in the `add` of a variant: id of an entry that this one replaces there, with the same random "
         "numbers. The other is dropped, with its parts. One with `repeat` or `targets` replaces another "
         "such "
         "entry one by one: ID/1 stands for OTHER/1.",
     .example = "spring-summit"},
    {"stops", &type_list, 0, .section = &section_entry, .size = sizeof(calendar_entry_t),
     .what =
         "Stops of a tour: entries with the ids ID/1, ID/2, ... and the same initiator unless they name one.",
     .example = "[{date: 2025-10-25, target: UZB, kind: envoy_stop}]"},
    {"repeat", &type_repeat, 0, .section = &section_repeat,
     .what = "Repeats the entry as ID/1, ID/2, ... Months and years are calendar ones.",
     .example = "{every: 6 months, until: 2027-01-01}"},
    {"label", &type_text, 0, AT(calendar_entry_t, label), .unset = "its id",
     .what = "Name in tables and plots.", .example = "Invitation to Miami"},
    {"note", &type_ignored, 0, .what = "For the reader."},
    {"source", &type_text, 0, AT(calendar_entry_t, source), .what = "Source."},
};
const section_t section_entry = {.name = "entry",
                                 .what = "A dated event, of the calendar or of the history.",
                                 SECTION_FIELDS(entry_fields)};

static const field_t repeat_fields[] = {
    {"every", &type_text, FIELD_REQUIRED, .what = "Interval.", .example = "6 months"},
    {"until", &type_date, FIELD_REQUIRED, .what = "End (exclusive).", .example = "2027-01-01"},
};
const section_t section_repeat = {
    .name = "repeat", .what = "Repetition of an entry.", SECTION_FIELDS(repeat_fields)};

/* ---- reading what the entries have become ---------------------------------------------------------- */

static void need_role(reader_t *r, const node_t *node, int actor, bool given, const char *role,
                      const kind_t *kind) {
    if (actor < 0 && !given)
        reader_error(r, node->mark, "%s: %s is missing; %s has scope \"%s\"", r->path, role, kind->name,
                     scope_names[kind->scope]);
}

static void refuse_key(reader_t *r, const node_t *node, const char *key, const char *why) {
    const entry_t *entry = node_entry(node, key);
    if (entry) reader_error(r, entry->mark, "%s.%s: %s", r->path, key, why);
}

/* The chair of the event's group at its time (at the beginning of a window); -1 if there is none. */
static int chair_of(const reader_t *r, const kind_t *kind, const calendar_entry_t *entry) {
    int g = entry->group >= 0 ? entry->group : kind->summit.group;
    const group_t *group = g < 0 ? NULL : &r->model->groups[g];
    for (int c = 0; group && c < group->n_chairs; c++)
        if (entry->time >= group->chairs[c].from && entry->time < group->chairs[c].until)
            return group->chairs[c].actor;
    return -1;
}

static void check_parts(reader_t *r, calendar_entry_t *entry, const node_t *node) {
    const kind_t *kind = &r->model->kinds[entry->kind];
    bool two = kind->scope == SCOPE_DIRECTED || kind->scope == SCOPE_DYAD;
    bool given = node_get(node, "initiator") || node_get(node, "host");
    if (kind->scope == SCOPE_GROUP && !given && !node_get(node, "after"))
        entry->initiator = chair_of(r, kind, entry);
    need_role(r, node, entry->initiator, given, kind->scope == SCOPE_GROUP ? "host" : "initiator", kind);
    if (two) need_role(r, node, entry->target, node_get(node, "target"), "target", kind);
    char why[128];
    snprintf(why, sizeof why, "%.60s is of scope \"%s\"", kind->name, scope_names[kind->scope]);
    if (kind->summit.on)
        refuse_key(
            r, node, "target",
            "who is at a summit is its host, a member or a guest; a group decides about a target in an "
            "event of scope group without `summit`");
    else if (kind->scope == SCOPE_ACTOR)
        refuse_key(r, node, "target", why);
    if (kind->scope != SCOPE_GROUP) refuse_key(r, node, "attend", why);
    if (!two) refuse_key(r, node, "mediator", why);
    if (two && entry->is_mediated && entry->mediator >= 0 &&
        (entry->mediator == entry->initiator || entry->mediator == entry->target))
        reader_error(r, node_get(node, "mediator")->mark,
                     "%s: the mediator is one of the two; name a third actor, or leave it out", r->path);
    if (entry->mediator < 0) entry->is_mediated = false;
    if (entry->initiator >= 0 && entry->initiator == entry->target)
        reader_error(r, node->mark, "%s: initiator and target are the same", r->path);
    else if (two && entry->initiator >= 0 && entry->target >= 0 && !r->ties_missing && r->tie_of &&
             r->tie_of[entry->initiator * r->model->n_actors + entry->target] < 0)
        reader_error(r, node->mark, "%s: %s and %s have no tie; list it under ties, or set ties.all: true",
                     r->path, r->model->actors[entry->initiator].name, r->model->actors[entry->target].name);
    if (kind->scope == SCOPE_GROUP && entry->group < 0 && kind->summit.group < 0 && !node_get(node, "group"))
        reader_error(r, node->mark, "%s: group is missing; neither the entry nor %s.summit names one",
                     r->path, kind->name);
    if (!kind->summit.on) refuse_key(r, node, "guests", "only an event type with `summit` has guests");
    if (!kind->reply.on)
        refuse_key(r, node, "to", "only an invitation (an event type with `reply`) leads to a summit");
    if (!kind->reply.on)
        refuse_key(r, node, "reply", "only an invitation (an event type with `reply`) has a reply");
    if (!kind->has_success) refuse_key(r, node, "success", "the event type has no `success`");
}

static void check_time(reader_t *r, calendar_entry_t *entry, const node_t *node, bool relative, bool past) {
    const model_t *model = r->model;
    int given = (node_get(node, "date") != NULL) + (node_get(node, "window") != NULL) +
                (node_get(node, "after") != NULL);
    entry->part_time = given == 0 && entry->withdrawn && !relative; /* settle_parts */
    if (entry->part_time) return;
    if (given != 1) {
        reader_error(r, node->mark, "%s: %s", r->path,
                     relative
                         ? "`after` is missing: entries that an intervention adds are timed from its moment"
                         : "a date is expected, or a window of two dates");
        return;
    }
    if (relative) {
        refuse_key(r, node, "date",
                   "entries that an intervention adds are timed from its moment, with `after`");
        refuse_key(r, node, "window",
                   "entries that an intervention adds are timed from its moment, with `after`");
        entry->until = entry->time;
        return;
    }
    if (node_get(node, "after")) {
        refuse_key(r, node, "after", "only an intervention's entries are timed from its moment; give a date");
        return;
    }
    const node_t *time = node_get(node, "date") ? node_get(node, "date") : node_get(node, "window");
    if (isnan(entry->time) || r->period_missing) return;
    char start[32], end[32];
    date_format_moment(model->start, start);
    date_format_moment(model->start + model->horizon, end);
    if (past && entry->until >= 0 && entry->time >= 0)
        reader_error(
            r, time->mark,
            "%s: an entry of the history must be before the start, %s; a later one belongs to the calendar",
            r->path, start);
    if (entry->observed) return;
    if (!past && entry->time < 0)
        reader_error(r, time->mark,
                     "%s: an entry of the calendar must not be before the start, %s; an earlier one belongs "
                     "to the history",
                     r->path, start);
    if (!past && entry->time >= model->horizon)
        reader_warning(r, time->mark, "%s: it is not before the end, %s, and will not occur", r->path, end);
}

/* Entries of the history have happened, and their invitations have replies. */
static void check_past(reader_t *r, const expanded_t *expanded, calendar_entry_t *entry) {
    const node_t *node = expanded->node;
    static const char *const idle[][2] = {
        {"to", "invitations of the history get no reply"},
        {"reply", "invitations of the history get no reply; add the reply as an event"},
        {"days", "leaders' calendars begin at the start"},
    };
    refuse_key(r, node, "if", "an event of the history has happened; leave out its rule, or the event");
    refuse_key(r, node, "part_of", "an event of the history has happened, and is not withdrawn");
    refuse_key(r, node, "probability",
               "an event of the history has happened; leave out its probability, or the event");
    for (size_t n = 0; n < sizeof idle / sizeof *idle; n++) {
        const entry_t *key = node_entry(node, idle[n][0]);
        if (key) reader_warning(r, key->mark, "%s.%s does nothing: %s", r->path, idle[n][0], idle[n][1]);
    }
    if (entry->has_chance && entry->chance > 0 && entry->chance < 1)
        refuse_key(r, node, "success", "an event of the history has happened: true or false is expected");
    if (entry->has_chance) entry->success = entry->chance > 0;
    entry->has_chance = false;
}

static void check_expanded(reader_t *r, const expanded_t *expanded, calendar_entry_t *entry, bool past) {
    if (node_get(expanded->node, "initiator") && node_get(expanded->node, "host"))
        refuse_key(r, expanded->node, "host", "host and initiator are the same role; name the actor once");
    if (expanded->parent >= 0)
        refuse_key(r, expanded->node, "part_of", "a stop belongs to its tour; give the tour `part_of`");
    check_time(r, entry, expanded->node, expanded->relative, past);
    if (past) check_past(r, expanded, entry);
    if (expanded->observed) read_observed_check(r, expanded->node, entry);
    if (expanded->in_base || expanded->relative)
        refuse_key(r, expanded->node, "in_place_of", "only an entry that a variant adds replaces another");
    if (entry->kind >= 0) check_parts(r, entry, expanded->node);
}

static void read_expanded(reader_t *r, expansion_t *expansion, calendar_entry_t *entries, bool past) {
    bool first_is_good = true;
    for (int i = 0; i < expansion->n; i++) {
        const expanded_t *expanded = &expansion->items[i];
        calendar_entry_t *entry = &entries[i];
        char *id = expanded->id;
        bool known = expanded->again && !first_is_good; /* what is wrong is reported of the first */
        int problems = r->diagnostics->n;
        r->told += known;
        *entry = (calendar_entry_t){.kind = -1,
                                    .initiator = -1,
                                    .target = -1,
                                    .group = -1,
                                    .level = -1,
                                    .success = -1,
                                    .sector = -1,
                                    .to = -1,
                                    .parent = expanded->parent,
                                    .in_base = expanded->in_base,
                                    .observed = expanded->observed,
                                    .time = NAN,
                                    .until = NAN};
        size_t outer = reader_push(r, id);
        r->silent += past; /* history is sorted later: nothing may point into it */
        bool good = reader_section(r, &section_entry, expanded->node, entry);
        r->silent -= past;
        entry->withdrawn = node_get(expanded->node, "part_of") && entry->parent >= 0 && !past;
        entry->id = id; /* a stop's or a copy's own */
        if (good) check_expanded(r, expanded, entry, past);
        reader_pop(r, outer);
        r->told -= known;
        if (!expanded->again) first_is_good = r->diagnostics->n == problems;
    }
}

static bool is_part_of_itself(const calendar_entry_t *entries, int n, int entry) {
    int whole = entries[entry].parent;
    for (int steps = 0; whole >= 0 && whole != entry && steps < n; steps++) whole = entries[whole].parent;
    return whole == entry;
}

/* No entry is a part of itself; a part without a date has that of the whole. */
static void settle_parts(reader_t *r, const expansion_t *expansion, calendar_entry_t *entries) {
    bool good = true;
    for (int i = 0; i < expansion->n; i++) {
        if (!entries[i].withdrawn) continue;
        const char *why = is_part_of_itself(entries, expansion->n, i) ? "the entry is a part of itself"
                          : entries[i].part_time && expansion->items[entries[i].parent].relative
                              ? "an intervention times that entry; give this one a date"
                              : NULL;
        if (why)
            reader_error(r, node_get(expansion->items[i].node, "part_of")->mark, "%s.%s.part_of: %s", r->path,
                         entries[i].id, why);
        good &= !why;
    }
    for (int i = 0; i < expansion->n && good; i++) {
        int whole = i;
        while (entries[whole].part_time) whole = entries[whole].parent;
        entries[i].time = entries[whole].time;
        entries[i].until = entries[whole].until;
    }
}

/* Invitations lead to summits. */
static void check_summits(reader_t *r, const expansion_t *expansion, const calendar_entry_t *entries) {
    for (int i = 0; i < expansion->n; i++) {
        if (entries[i].to < 0 || r->model->calendar[entries[i].to].kind < 0) continue;
        const calendar_entry_t *summit = &r->model->calendar[entries[i].to];
        const kind_t *kind = &r->model->kinds[summit->kind];
        if (!kind->summit.on)
            reader_error(r, node_get(expansion->items[i].node, "to")->mark,
                         "%s.%s.to: %s is not a summit (its type, %s, has no `summit`)", r->path,
                         entries[i].id, summit->id, kind->name);
        else if (!isnan(summit->until) && summit->until < entries[i].time)
            reader_error(r, node_get(expansion->items[i].node, "to")->mark,
                         "%s.%s: the summit %s is over before this invitation", r->path, entries[i].id,
                         summit->id);
    }
}

static void expand_interventions(expansion_t *expansion, const node_t *list) {
    if (!list || list->type != NODE_LIST) return; /* reported where it is read */
    for (int i = 0; i < list->n; i++) {
        const node_t *add = node_get(list->items[i], "add");
        expansion->relative = true;
        if (add && add->type == NODE_LIST) expand_entries(expansion, add);
        expansion->relative = false;
    }
}

/* All entries at once, also those that variants and interventions add: they refer to one another by id. */
void read_calendar(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    model_t *model = r->model;
    expansion_t expansion = {.r = r, .in_base = true};
    expand_entries(&expansion, node);
    expansion.in_base = false;
    const node_t *variants = node_get(r->root, "variants");
    expand_interventions(&expansion, node_get(r->root, "interventions"));
    for (int v = 0; variants && variants->type == NODE_MAPPING && v < variants->n; v++) {
        const node_t *add = node_get(variants->entries[v].value, "add");
        if (add && add->type == NODE_LIST) expand_entries(&expansion, add);
        expand_interventions(&expansion, node_get(variants->entries[v].value, "interventions"));
    }
    read_calendar_ids(&expansion);
    read_observed_expand(&expansion, node_get(r->root, "observed"));
    model->calendar = READER_NEW(r, expansion.n, calendar_entry_t);
    model->n_calendar = expansion.n;
    r->entry_nodes = READER_NEW(r, expansion.n, const node_t *);
    for (int i = 0; i < expansion.n; i++) {
        model->calendar[i].id = expansion.items[i].id;
        r->entry_nodes[i] = expansion.items[i].node;
    }
    read_expanded(r, &expansion, model->calendar, false);
    settle_parts(r, &expansion, model->calendar);
    check_summits(r, &expansion, model->calendar);
}

static int by_time_then_id(const void *x, const void *y) {
    const calendar_entry_t *a = x, *b = y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return strcmp(a->id, b->id);
}

/* In order of time; parents are found again by their ids. */
static void sort_history(reader_t *r) {
    model_t *model = r->model;
    size_t n = (size_t)model->n_history;
    const char **parents = READER_NEW(r, n, const char *);
    for (size_t i = 0; i < n; i++) {
        int parent = model->history[i].parent;
        parents[i] = parent >= 0 ? model->history[parent].id : NULL;
        model->history[i].parent = (int)i; /* where it stood, for the moment */
    }
    if (n > 1) qsort(model->history, n, sizeof *model->history, by_time_then_id);
    for (size_t i = 0; i < n; i++) {
        const char *parent = parents[model->history[i].parent];
        model->history[i].parent = -1;
        for (size_t k = 0; parent && k < n; k++)
            if (!strcmp(model->history[k].id, parent)) model->history[i].parent = (int)k;
    }
}

void read_history(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    model_t *model = r->model;
    expansion_t expansion = {.r = r, .in_base = true};
    expand_entries(&expansion, node);
    read_calendar_ids(&expansion);
    model->history = READER_NEW(r, expansion.n, calendar_entry_t);
    read_expanded(r, &expansion, model->history, true);
    check_summits(r, &expansion, model->history);
    model->n_history = expansion.n;
    sort_history(r);
}
