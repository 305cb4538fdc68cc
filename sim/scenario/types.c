/* Types of values: texts, numbers with units, dates, names, mappings and lists of mappings. */
#include "base/date.h"
#include "scenario/reader.h"
#include "scenario/units.h"
#include "text/suggest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- text, bool, numbers ---------------------------------------------------------------------------- */

static void read_text(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (reader_is_scalar(r, node, field->type->expected)) *(char **)at = reader_text(r, node->text);
}
const type_t type_text = {SHAPE_TEXT, "a text", read_text, NULL};

static void read_bool(reader_t *r, const field_t *field, const node_t *node, void *at) {
    bool yes = node->type == NODE_SCALAR && !strcmp(node->text, "true");
    bool no = node->type == NODE_SCALAR && !strcmp(node->text, "false");
    if (yes || no)
        *(bool *)at = yes;
    else
        reader_expected(r, node, field->type->expected);
}
const type_t type_bool = {SHAPE_BOOL, "true or false", read_bool, NULL};

bool reader_number(reader_t *r, const node_t *node, dimension_t dimension, double low, double high,
                   double *value) {
    double number;
    if (node->type == NODE_SCALAR && units_parse(dimension, node->text, &number) && number >= low &&
        number <= high) {
        *value = number;
        return true;
    }
    char expected[128];
    units_expect(dimension, low, high, expected, sizeof expected);
    reader_expected(r, node, expected);
    return false;
}

/* Days may be written without their unit where the key says so. */
static bool plain_days(const field_t *field, const node_t *node, double *value) {
    return (field->flags & FIELD_PLAIN_DAYS) && node->type == NODE_SCALAR &&
           units_parse(DIM_NUMBER, node->text, value) && *value >= field->low && *value <= field->high;
}

static void read_number(reader_t *r, const field_t *field, const node_t *node, void *at) {
    double *value = at, number;
    if (plain_days(field, node, &number))
        *value = number;
    else if (!reader_number(r, node, field->dimension, field->low, field->high, value))
        *value = NAN;
    reader_param(r, value, field->dimension, field->low, field->high, (field->flags & FIELD_STRUCTURAL) != 0);
}
const type_t type_number = {SHAPE_NUMBER, "a number", read_number, NULL};

/* Counts are no parameters that could be varied, but they are known as such. */
static void read_int(reader_t *r, const field_t *field, const node_t *node, void *at) {
    double *shadow = READER_NEW(r, 1, double);
    bool whole =
        node->type == NODE_SCALAR && units_parse(DIM_NUMBER, node->text, shadow) && floor(*shadow) == *shadow;
    if (!whole || *shadow < field->low || *shadow > field->high) {
        char expected[96];
        snprintf(expected, sizeof expected, "a whole number from %.0f to %.0f", field->low, field->high);
        reader_expected(r, node, expected);
        return;
    }
    *(int *)at = (int)*shadow;
    reader_param(r, shadow, DIM_NUMBER, field->low, field->high, true);
}
const type_t type_int = {SHAPE_INTEGER, "a whole number", read_int, NULL};

bool reader_date(reader_t *r, const node_t *node, double *value) {
    double days;
    if (node->type != NODE_SCALAR || !date_parse(node->text, &days, NULL)) {
        reader_expected(r, node, "a date such as 2026-03-01");
        return false;
    }
    *value = days - r->model->start;
    return true;
}

static void read_date(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field;
    if (reader_date(r, node, at)) reader_param(r, at, DIM_DATE, -INFINITY, INFINITY, true);
}
const type_t type_date = {SHAPE_NUMBER, "a date", read_date, NULL};

/* ---- names ------------------------------------------------------------------------------------------ */

static bool find_enum(const field_t *field, const char *text, int *index) {
    for (int i = 0; i < field->n_names; i++) {
        if (field->names[i] && !strcmp(field->names[i], text)) {
            *index = i;
            return true;
        }
    }
    return false;
}

static void expect_one_of(reader_t *r, const node_t *node, const char *const *names, int n) {
    char expected[512] = "";
    if (n > 1) snprintf(expected, sizeof expected, "one of ");
    size_t length = strlen(expected);
    suggest_t near = suggest_for(node->type == NODE_SCALAR ? node->text : "");
    for (int i = 0; i < n; i++) {
        if (!names[i]) continue;
        suggest_offer(&near, names[i]);
        if (length < sizeof expected)
            length += (size_t)snprintf(expected + length, sizeof expected - length, "%s%s", i ? ", " : "",
                                       names[i]);
    }
    char excerpt[64];
    node_excerpt(node, excerpt, sizeof excerpt);
    if (near.best)
        reader_error(r, node->mark, "%s is %s: %s is expected; did you mean \"%s\"?", r->path, excerpt,
                     expected, near.best);
    else
        reader_error(r, node->mark, "%s is %s: %s is expected", r->path, excerpt, expected);
}

static void read_enum(reader_t *r, const field_t *field, const node_t *node, void *at) {
    int index;
    if (node->type == NODE_SCALAR && find_enum(field, node->text, &index))
        *(int *)at = index;
    else
        expect_one_of(r, node, field->names, field->n_names);
}
const type_t type_enum = {SHAPE_ENUM, "a word", read_enum, NULL};

static const char *const role_words[] = {ROLE_LIST(ENUM_WORD, ENUM_WORD, )};
#define X(id, word) ROLE_##id,
static const role_t role_of_word[] = {ROLE_LIST(X, X, )};
#undef X
enum { N_ROLE_WORDS = sizeof role_words / sizeof *role_words };

static bool parse_role(const char *text, size_t length, role_t *role) {
    for (int i = 0; i < N_ROLE_WORDS; i++) {
        if (strlen(role_words[i]) != length || strncmp(role_words[i], text, length) != 0) continue;
        *role = role_of_word[i];
        return true;
    }
    return false;
}

static void read_role(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field;
    if (node->type != NODE_SCALAR || !parse_role(node->text, strlen(node->text), at))
        expect_one_of(r, node, role_words, N_ROLE_WORDS);
}
#define QUOTED(id, word) "\"" word "\""
const type_t type_role = {SHAPE_OWN, "a role (initiator or host, target, member, guest, mediator)", read_role,
                          "{\"enum\": [" ROLE_LIST(QUOTED, QUOTED, ", ") "]}"};

static void read_party(reader_t *r, const field_t *field, const node_t *node, void *at) {
    role_t role = ROLE_N;
    if (node->type == NODE_SCALAR && parse_role(node->text, strlen(node->text), &role) && role <= ROLE_TARGET)
        *(role_t *)at = role;
    else
        reader_expected(r, node, field->type->expected);
}
const type_t type_party = {SHAPE_OWN, "initiator (or host) or target", read_party,
                           "{\"enum\": [\"initiator\", \"host\", \"target\"]}"};

/* "host-member" into two adjacent role_t. */
static void read_role_pair(reader_t *r, const field_t *field, const node_t *node, void *at) {
    role_t *pair = at;
    const char *dash = node->type == NODE_SCALAR ? strchr(node->text, '-') : NULL;
    if (!dash || !parse_role(node->text, (size_t)(dash - node->text), &pair[0]) ||
        !parse_role(dash + 1, strlen(dash + 1), &pair[1]))
        reader_expected(r, node, field->type->expected);
}
const type_t type_role_pair = {SHAPE_OWN, "a pair of roles such as host-guest", read_role_pair,
                               "{\"type\": \"string\", \"pattern\": \"^" ROLE_PATTERN "-" ROLE_PATTERN
                               "$\"}"};

static void read_name(reader_t *r, const field_t *field, const node_t *node, void *at) {
    *(int *)at = reader_find(r, field->catalog, node);
}
const type_t type_name = {SHAPE_NAME, "a name", read_name, NULL};

/* One name or a list of them, into (int *items, int count). Names that are unknown are left out. */
static void read_names(reader_t *r, const field_t *field, const node_t *node, void *at) {
    int n = node->type == NODE_LIST ? node->n : 1, *count = (int *)((char *)at - field->at + field->count);
    int *items = READER_NEW(r, n, int);
    *(int **)at = items;
    *count = 0;
    if (node->type == NODE_MAPPING) {
        reader_expected(r, node, field->type->expected);
        return;
    }
    for (int i = 0; i < n; i++) {
        int found = reader_find(r, field->catalog, node->type == NODE_LIST ? node->items[i] : node);
        if (found >= 0) items[(*count)++] = found;
    }
}
const type_t type_names = {SHAPE_NAMES, "a name or a list of names", read_names, NULL};

static void read_tie(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field;
    *(int *)at = reader_tie(r, node);
}
const type_t type_tie = {SHAPE_OWN, "a tie such as KAZ-USA", read_tie, "{\"type\": \"string\"}"};

/* ---- mappings and lists of mappings ----------------------------------------------------------------- */

/* `node` is NULL when the key is absent: the mapping's defaults. */
static void read_mapping(reader_t *r, const field_t *field, const node_t *node, void *at) {
    reader_section(r, field->section, node, at);
}
const type_t type_section = {SHAPE_SECTION, "a mapping", read_mapping, NULL};

static void read_list(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (!reader_is_list(r, node, field->type->expected)) return;
    char *items = reader_alloc(r, (size_t)node->n, field->size);
    for (int i = 0; i < node->n; i++) {
        size_t outer = reader_push_item(r, node, i);
        reader_section(r, field->section, node->items[i], items + (size_t)i * field->size);
        reader_pop(r, outer);
    }
    *(void **)at = items;
    *(int *)((char *)at - field->at + field->count) = node->n;
}
const type_t type_list = {SHAPE_LIST, "a list", read_list, NULL};
