/* Expands one written entry into several: targets, stops, repeats, rows of a table; and makes ids. */
#include "base/date.h"
#include "scenario/sections/read_calendar.h"
#include "scenario/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *scalar(const node_t *node, const char *key) {
    const node_t *value = node_get(node, key);
    return value && value->type == NODE_SCALAR ? value->text : NULL;
}

/* An id for an entry without one: of its content, so that another entry moves no random number. */
static char *made_id(reader_t *r, const node_t *node) {
    const char *kind = scalar(node, "kind"), *date = scalar(node, "date");
    const char *initiator = scalar(node, "initiator"), *target = scalar(node, "target");
    if (!initiator) initiator = scalar(node, "host");
    char *id =
        reader_format(r, "%s-%s%s%s%s%s", kind ? kind : "event", date ? date : "", initiator ? "-" : "",
                      initiator ? initiator : "", target ? "-" : "", target ? target : "");
    for (char *c = id; *c; c++)
        if (*c == '.' || *c == '/' || *c == ' ') *c = '_';
    return id;
}

static void put_text(reader_t *r, node_t *node, const char *key, location_t mark, const char *text) {
    node_t *value = node_scalar(&r->nodes, mark, text);
    reader_need(r, value);
    node_put(node, key, mark, value);
}

static void add_plain(expansion_t *self, const node_t *node, char *id, bool made, int parent) {
    expanded_t *expanded = READER_APPEND(self->r, self->items, self->n, expanded_t);
    *expanded = (expanded_t){.node = node, .made = made, .parent = parent, .order = self->n};
    expanded->id = id;
    expanded->in_base = self->in_base;
    expanded->relative = self->relative;
}

static bool is_expanded(const expansion_t *self, const char *id) {
    for (int i = 0; i < self->n; i++)
        if (!strcmp(self->items[i].id, id)) return true;
    return false;
}

/* One of several entries that one text becomes: what replaces several replaces them one by one, by the end of
 * their ids, and those that have no counterpart replace nothing. */
static node_t *copy_of(expansion_t *self, const node_t *node, const char *const *except, const char *end) {
    reader_t *r = self->r;
    node_t *copy = node_copy_mapping(&r->nodes, node, 1, except);
    reader_need(r, copy);
    const entry_t *entry = node_entry(copy, "in_place_of");
    if (!entry || entry->value->type != NODE_SCALAR || is_expanded(self, entry->value->text)) return copy;
    const char *other = reader_format(r, "%s/%s", entry->value->text, end);
    size_t length = strlen(other);
    bool there = false, any = false;
    for (int i = 0; i < self->n; i++) {
        const char *id = self->items[i].id;
        there |= !strncmp(id, other, length) && (id[length] == '/' || !id[length]);
        any |= !strncmp(id, other, strlen(entry->value->text) + 1);
    }
    node_t *value = node_scalar(&r->nodes, entry->value->mark, other);
    reader_need(r, value);
    if (there) {
        ((entry_t *)entry)->value = value;
    } else if (any) {
        static const char *const replaces[] = {"in_place_of", NULL};
        copy = node_copy_mapping(&r->nodes, copy, 1, replaces);
        reader_need(r, copy);
    }
    return copy;
}

static void add_entry(expansion_t *self, const node_t *node, char *id, bool made, int parent);

static void add_targets(expansion_t *self, const node_t *node, const entry_t *targets, const char *id,
                        bool made, int parent) {
    reader_t *r = self->r;
    static const char *const except[] = {"targets", NULL};
    if (node_get(node, "target")) {
        reader_error(r, targets->mark, "%s: either target or targets", id);
        return;
    }
    if (targets->value->type != NODE_LIST || targets->value->n == 0) {
        size_t outer = reader_push(r, "targets");
        reader_expected(r, targets->value, "a list of actors");
        reader_pop(r, outer);
        return;
    }
    for (int i = 0; i < targets->value->n; i++) {
        const node_t *target = targets->value->items[i];
        const char *end = target->type == NODE_SCALAR ? target->text : "?";
        node_t *copy = copy_of(self, node, except, end);
        node_put(copy, "target", targets->mark, target);
        char *name = reader_format(r, "%s/%s", id, end);
        add_entry(self, copy, name, made, parent);
    }
}

static void add_stops(expansion_t *self, const node_t *node, const entry_t *stops, char *id, bool made,
                      int parent) {
    reader_t *r = self->r;
    static const char *const except[] = {"stops", NULL};
    node_t *tour = node_copy_mapping(&r->nodes, node, 0, except);
    reader_need(r, tour);
    int index = self->n;
    add_plain(self, tour, id, made, parent);
    if (stops->value->type != NODE_LIST) {
        reader_error(r, stops->mark, "%s.stops: a list of entries is expected", id);
        return;
    }
    for (int i = 0; i < stops->value->n; i++) {
        const node_t *stop = stops->value->items[i];
        char *name = reader_format(r, "%s/%d", id, i + 1);
        const entry_t *initiator = node_entry(node, "initiator");
        if (stop->type == NODE_MAPPING && initiator && !node_get(stop, "initiator")) {
            node_t *copy = node_copy_mapping(&r->nodes, stop, 1, NULL);
            reader_need(r, copy);
            node_put(copy, "initiator", initiator->mark, initiator->value);
            stop = copy;
        }
        const char *own = scalar(stop, "id");
        add_entry(self, stop, own ? reader_text(r, own) : name, false, index);
    }
}

static char *date_text(reader_t *r, double days) {
    char second[32];
    date_format_second(days, second);
    return reader_text(r, second);
}

#define MOST_RETURNS 10000

static void add_returns(expansion_t *self, const node_t *node, const entry_t *repeat, const char *id,
                        bool made, int parent) {
    reader_t *r = self->r;
    static const char *const except[] = {"repeat", "date", "window", NULL};
    const char *every = scalar(repeat->value, "every"), *until_text = scalar(repeat->value, "until");
    const node_t *window = node_get(node, "window");
    const char *start_text = scalar(node, "date");
    bool spans = window && window->type == NODE_LIST && window->n == 2 &&
                 window->items[0]->type == NODE_SCALAR && window->items[1]->type == NODE_SCALAR;
    if (spans) start_text = window->items[0]->text;
    double start, until, end = 0, first;
    if (node_get(node, "stops") || self->relative) {
        reader_error(r, repeat->mark, "%s.repeat: not together with stops, nor in an intervention", id);
        return;
    }
    if (!every || !until_text || repeat->value->n != 2 || !date_repeat(0, every, 1, &first) ||
        !units_parse(DIM_DATE, until_text, &until)) {
        reader_error(r, repeat->mark, "%s.repeat: {every: 6 months, until: 2027-01-01} is expected", id);
        return;
    }
    if (!start_text || !units_parse(DIM_DATE, start_text, &start) ||
        (spans && !units_parse(DIM_DATE, window->items[1]->text, &end))) {
        reader_error(r, repeat->mark, "%s.repeat: the entry needs a date or a window to begin with", id);
        return;
    }
    location_t mark = spans ? window->mark : node_get(node, "date")->mark;
    for (int k = 0;; k++) {
        double time = start, length = end - start;
        date_repeat(start, every, k, &time);
        if (time >= until) break;
        if (k == MOST_RETURNS) {
            reader_error(r, repeat->mark, "%s.repeat: more than %d times", id, MOST_RETURNS);
            return;
        }
        const char *end = reader_format(r, "%d", k + 1);
        node_t *copy = copy_of(self, node, except, end);
        if (spans) {
            node_t *list = READER_NEW(r, 1, node_t);
            const node_t **ends = READER_NEW(r, 2, const node_t *);
            ends[0] = node_scalar(&r->nodes, mark, date_text(r, time));
            ends[1] = node_scalar(&r->nodes, mark, date_text(r, time + length));
            reader_need(r, ends[0] && ends[1]);
            *list = (node_t){.type = NODE_LIST, .mark = mark, .n = 2, .items = ends, .text = ""};
            node_put(copy, "window", mark, list);
        } else {
            put_text(r, copy, "date", mark, date_text(r, time));
        }
        int first = self->n;
        add_entry(self, copy, reader_format(r, "%s/%s", id, end), made, parent);
        for (int i = first; i < self->n; i++) self->items[i].again |= k > 0;
    }
}

static void add_entry(expansion_t *self, const node_t *node, char *id, bool made, int parent) {
    const entry_t *targets = node_entry(node, "targets"), *stops = node_entry(node, "stops"),
                  *repeat = node_entry(node, "repeat");
    if (targets)
        add_targets(self, node, targets, id, made, parent);
    else if (repeat)
        add_returns(self, node, repeat, id, made, parent);
    else if (stops)
        add_stops(self, node, stops, id, made, parent);
    else
        add_plain(self, node, id, made, parent);
}

static void add_item(expansion_t *self, const node_t *item) {
    reader_t *r = self->r;
    if (!reader_is_mapping(r, item, "a mapping with the keys of an entry")) return;
    const node_t *id = node_get(item, "id");
    if (id && id->type == NODE_SCALAR && !reader_check_name(r, "an entry", id->text, id->mark, "./ \t"))
        return;
    bool made = !id || id->type != NODE_SCALAR;
    add_entry(self, item, made ? made_id(r, item) : reader_text(r, id->text), made, -1);
}

/* A table's rows; its columns are the keys of an entry, but for the unit in `value_usd`. */
static void add_rows(expansion_t *self, const node_t *from) {
    reader_t *r = self->r;
    const node_t *table = reader_table(r, from);
    for (int i = 0; table && i < table->n; i++) {
        node_t *row = node_copy_mapping(&r->nodes, table->items[i], 0, NULL);
        reader_need(r, row);
        for (int e = 0; e < row->n; e++)
            if (!strcmp(row->entries[e].key, "value_usd")) row->entries[e].key = "value";
        add_item(self, row);
    }
}

void expand_entries(expansion_t *self, const node_t *list) {
    reader_t *r = self->r;
    if (!list) return;
    int first = self->n;
    if (!reader_is_list(r, list, "a list of entries")) return;
    for (int i = 0; i < list->n; i++) {
        size_t outer = reader_push_index(r, i);
        const node_t *from = node_get(list->items[i], "from");
        if (from && list->items[i]->n == 1)
            add_rows(self, from);
        else
            add_item(self, list->items[i]);
        reader_pop(r, outer);
    }
    added_t *added = READER_APPEND(r, r->added, r->n_added, added_t);
    *added = (added_t){.list = list, .first = first, .n = self->n - first};
}

/* ---- ids -------------------------------------------------------------------------------------------- */

static int by_id_then_order(const void *x, const void *y) {
    const expanded_t *a = *(expanded_t *const *)x, *b = *(expanded_t *const *)y;
    int order = strcmp(a->id, b->id);
    return order ? order : a->order < b->order ? -1 : a->order > b->order;
}

/* Ids are unique; those made of an entry's content are counted where the content is the same. */
void read_calendar_ids(expansion_t *self) {
    reader_t *r = self->r;
    expanded_t **sorted = READER_NEW(r, self->n, expanded_t *);
    for (int i = 0; i < self->n; i++) sorted[i] = &self->items[i];
    qsort(sorted, (size_t)self->n, sizeof *sorted, by_id_then_order);
    for (int i = 1, same = 1; i < self->n; i++) {
        const expanded_t *before = sorted[i - same];
        if (strcmp(before->id, sorted[i]->id) != 0) {
            same = 1;
            continue;
        }
        same++;
        if (sorted[i]->made) {
            sorted[i]->id = reader_format(r, "%s#%d", before->id, same);
            continue;
        }
        const node_t *id = node_get(sorted[i]->node, "id");
        reader_error(r, id ? id->mark : sorted[i]->node->mark,
                     "entry \"%.60s\" is given a second time; ids are unique", sorted[i]->id);
    }
}
