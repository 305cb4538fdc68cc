/* Names in a scenario and what they refer to. */
#include "model/metrics.h"
#include "scenario/reader.h"
#include "text/suggest.h"
#include <stdio.h>
#include <string.h>

static const char *const whats[CATALOG_N] = {
    [CATALOG_NONE] = "a name",
    [CATALOG_ACTOR] = "an actor",
    [CATALOG_GROUP] = "a group",
    [CATALOG_CONDITION] = "a condition",
    [CATALOG_KIND] = "an event type",
    [CATALOG_SECTOR] = "a sector of any event type",
    [CATALOG_ACTOR_ATTRIBUTE] = "an attribute of actors",
    [CATALOG_TIE_ATTRIBUTE] = "an attribute of ties",
    [CATALOG_CALENDAR] = "a calendar entry",
    [CATALOG_INTERVENTION] = "an intervention",
    [CATALOG_METRIC] = "a metric",
    [CATALOG_QUANTITY] = "a quantity",
    [CATALOG_VARIANT] = "a variant",
};

const char *catalog_what(catalog_t catalog) {
    return whats[catalog];
}

int catalog_size(const reader_t *r, catalog_t catalog) {
    const model_t *model = r->model;
    switch (catalog) {
    case CATALOG_ACTOR:
        return model->n_actors;
    case CATALOG_GROUP:
        return model->n_groups;
    case CATALOG_CONDITION:
        return model->n_conditions;
    case CATALOG_KIND:
        return model->n_kinds;
    case CATALOG_SECTOR:
        return model->n_sectors;
    case CATALOG_ACTOR_ATTRIBUTE:
        return model->n_actor_attributes;
    case CATALOG_TIE_ATTRIBUTE:
        return model->n_tie_attributes;
    case CATALOG_CALENDAR:
        return model->n_calendar;
    case CATALOG_INTERVENTION:
        return model->n_interventions;
    case CATALOG_METRIC:
        return METRIC_N;
    case CATALOG_QUANTITY:
        return model->n_quantities;
    case CATALOG_VARIANT:
        return model->n_variants;
    case CATALOG_NONE:
    case CATALOG_N:
        break;
    }
    return 0;
}

const char *catalog_name(const reader_t *r, catalog_t catalog, int i) {
    const model_t *model = r->model;
    switch (catalog) {
    case CATALOG_ACTOR:
        return model->actors[i].name;
    case CATALOG_GROUP:
        return model->groups[i].name;
    case CATALOG_CONDITION:
        return model->conditions[i].name;
    case CATALOG_KIND:
        return model->kinds[i].name;
    case CATALOG_SECTOR:
        return model->sectors[i];
    case CATALOG_ACTOR_ATTRIBUTE:
        return model->actor_attributes[i];
    case CATALOG_TIE_ATTRIBUTE:
        return model->tie_attributes[i];
    case CATALOG_CALENDAR:
        return model->calendar[i].id;
    case CATALOG_INTERVENTION:
        return model->interventions[i].id;
    case CATALOG_METRIC:
        return metrics[i].name;
    case CATALOG_QUANTITY:
        return model->quantities[i].name;
    case CATALOG_VARIANT:
        return model->variants[i].name;
    case CATALOG_NONE:
    case CATALOG_N:
        break;
    }
    return "";
}

/* ": known are A, B, C" while that is short enough to help. */
static void list_known(const reader_t *r, catalog_t catalog, char *out, size_t size) {
    int n = catalog_size(r, catalog);
    *out = 0;
    if (n == 0) {
        snprintf(out, size, "; the scenario has none");
        return;
    }
    if (n > 12) return;
    size_t length = (size_t)snprintf(out, size, "; there %s ", n == 1 ? "is" : "are");
    for (int i = 0; i < n && length < size; i++)
        length +=
            (size_t)snprintf(out + length, size - length, "%s%s", i ? ", " : "", catalog_name(r, catalog, i));
}

static int find_text(reader_t *r, catalog_t catalog, const char *text, location_t mark) {
    int n = catalog_size(r, catalog);
    for (int i = 0; i < n; i++) {
        const char *name = catalog_name(r, catalog, i);
        if (name && !strcmp(name, text)) return i;
    }
    if (r->missing[catalog]) return -1;
    suggest_t near = suggest_for(text);
    for (int i = 0; i < n; i++) suggest_offer(&near, catalog_name(r, catalog, i));
    const char *noun = strchr(whats[catalog], ' ') + 1; /* without its article */
    char known[16 * NAME_BYTES];
    list_known(r, catalog, known, sizeof known);
    if (near.best)
        reader_error(r, mark, "%s: no %s is called \"%.60s\"; did you mean \"%s\"?", r->path, noun, text,
                     near.best);
    else
        reader_error(r, mark, "%s: no %s is called \"%.60s\"%s", r->path, noun, text, known);
    return -1;
}

int reader_find(reader_t *r, catalog_t catalog, const node_t *node) {
    char expected[64];
    snprintf(expected, sizeof expected, "the name of %s", whats[catalog]);
    return reader_is_scalar(r, node, expected) ? find_text(r, catalog, node->text, node->mark) : -1;
}

/* ---- pairs of actors -------------------------------------------------------------------------------- */

static int actor_of(const reader_t *r, const char *text, size_t length) {
    for (int i = 0; i < r->model->n_actors; i++) {
        const char *name = r->model->actors[i].name;
        if (!strncmp(name, text, length) && !name[length]) return i;
    }
    return -1;
}

/* Splits "A-B" or "A -> B": the length of the first actor and the start of the second. */
static bool divide(const char *text, size_t *first, const char **second) {
    const char *arrow = strstr(text, "->");
    const char *dash = arrow ? arrow : strchr(text, '-');
    if (!dash || dash == text) return false;
    *second = dash + (arrow ? 2 : 1);
    *second += strspn(*second, " ");
    *first = (size_t)(dash - text);
    while (*first > 0 && text[*first - 1] == ' ') --*first;
    return *first > 0 && **second;
}

bool reader_pair(reader_t *r, const node_t *node, int *a, int *b) {
    *a = *b = -1;
    size_t length;
    const char *second;
    if (node->type != NODE_SCALAR || !divide(node->text, &length, &second)) {
        reader_expected(r, node, "two actors such as KAZ-USA");
        return false;
    }
    *a = actor_of(r, node->text, length);
    *b = actor_of(r, second, strlen(second));
    char *first = arena_text_n(&r->nodes, node->text, length);
    reader_need(r, first);
    if (*a < 0) find_text(r, CATALOG_ACTOR, first, node->mark); /* to report it */
    if (*b < 0) find_text(r, CATALOG_ACTOR, second, node->mark);
    if (*a >= 0 && *a == *b) {
        reader_error(r, node->mark, "%s is \"%s\": a tie joins two different actors", r->path, node->text);
        return false;
    }
    return *a >= 0 && *b >= 0;
}

int reader_tie(reader_t *r, const node_t *node) {
    int a, b;
    if (!reader_pair(r, node, &a, &b) || !r->tie_of) return -1;
    int tie = r->tie_of[a * r->model->n_actors + b];
    if (tie < 0 && !r->ties_missing)
        reader_error(r, node->mark, "%s: %s and %s have no tie; list it under ties, or set ties.all: true",
                     r->path, r->model->actors[a].name, r->model->actors[b].name);
    return tie;
}

bool reader_check_number(reader_t *r, location_t mark, int n, int most, const char *what) {
    if (n <= most) return true;
    reader_error(r, mark, "%s: %d %s are more than the limit of %d", r->path, n, what, most);
    return false;
}

enum { NAME_MOST = 120 }; /* bytes; a path holds up to three of them */

bool reader_check_name(reader_t *r, const char *what, const char *name, location_t mark,
                       const char *forbidden) {
    if (!*name) {
        reader_error(r, mark, "%s: a name of %s is empty", r->path, what);
        return false;
    }
    size_t length = strlen(name), at = strcspn(name, forbidden);
    if (length > NAME_BYTES) {
        reader_error(
            r, mark,
            "\"%.60s...\": the name of %s has %zu bytes, more than the limit of %d; a label may be longer",
            name, what, length, NAME_BYTES);
        return false;
    }
    if (!name[at]) return true;
    reader_error(r, mark, "\"%.60s\": the name of %s may not contain '%c', which paths and ties use", name,
                 what, name[at]);
    return false;
}

void roll_add(roll_t *self, const char *name) {
    size_t length = strlen(self->text);
    if (self->n++ < 8)
        snprintf(self->text + length, sizeof self->text - length, "%s%s", length ? ", " : "", name);
}

const char *roll_text(roll_t *self) {
    size_t length = strlen(self->text);
    if (self->n > 8) snprintf(self->text + length, sizeof self->text - length, " and %d more", self->n - 8);
    return self->text;
}
