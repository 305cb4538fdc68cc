#include "scenario/yaml.h"

#include "base/dist.h"
#include <assert.h>
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

typedef struct { /* a list or mapping under construction */
    node_t *node;
    entry_t *entries;
    const node_t **items;
    size_t capacity;
    bool key_read; /* of a mapping: the next node is a value */
} builder_level_t;

typedef struct {
    arena_t *arena;
    sources_t *sources;
    int file;
    diagnostics_t *diagnostics;
    builder_level_t levels[YAML_MAX_DEPTH];
    int depth, documents;
    const node_t *root;
} builder_t;

static void report(builder_t *self, location_t mark, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    source_t *source = &self->sources->items[self->file];
    diagnostics_add(self->diagnostics, SEVERITY_ERROR, source, source->path, mark, format, arguments);
    va_end(arguments);
}

static location_t mark_of(const builder_t *self, struct fy_event *event) {
    const struct fy_mark *mark = fy_event_start_mark(event);
    location_t result = {self->file, mark ? mark->line + 1 : 1, mark ? mark->column + 1 : 1};
    if (event->type == FYET_ALIAS && result.column > 1) result.column--; /* behind the asterisk */
    if (event->type == FYET_SCALAR && event->scalar.value) {
        enum fy_scalar_style style = fy_token_scalar_style(event->scalar.value);
        bool quoted = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
        if (quoted && result.column > 1) result.column--; /* the mark stands behind the quote */
    }
    return result;
}

/* ---- duplicate keys --------------------------------------------------------------------------------- */

static int by_key_then_place(const void *x, const void *y) {
    const entry_t *a = *(const entry_t *const *)x, *b = *(const entry_t *const *)y;
    int order = strcmp(a->key, b->key);
    if (order) return order;
    if (a->mark.line != b->mark.line) return a->mark.line < b->mark.line ? -1 : 1;
    return a->mark.column < b->mark.column ? -1 : a->mark.column > b->mark.column;
}

static int check_unique(builder_t *self, const node_t *mapping) {
    const entry_t **sorted = mem_alloc((size_t)mapping->n, sizeof *sorted);
    if (!sorted) return ERR_NOMEM;
    for (int i = 0; i < mapping->n; i++) sorted[i] = &mapping->entries[i];
    qsort(sorted, (size_t)mapping->n, sizeof *sorted, by_key_then_place);
    const entry_t *first = NULL;
    for (int i = 0; i < mapping->n; i++) {
        if (first && !strcmp(first->key, sorted[i]->key))
            report(self, sorted[i]->mark, "key \"%.60s\" is given a second time; the first is at %d:%d",
                   first->key, first->mark.line, first->mark.column);
        else
            first = sorted[i];
    }
    mem_free(sorted);
    return 0;
}

/* ---- building the tree from events ------------------------------------------------------------------ */

static node_t *make(builder_t *self, node_type_t type, location_t mark) {
    node_t *node = arena_alloc(self->arena, 1, sizeof *node);
    if (node) *node = (node_t){.type = type, .mark = mark, .text = ""};
    return node;
}

/* Adds a finished node to its list or mapping. */
static int place(builder_t *self, node_t *node) {
    if (self->depth == 0) {
        self->root = node;
        return 0;
    }
    builder_level_t *level = &self->levels[self->depth - 1];
    if (level->node->type == NODE_LIST) {
        if (ARRAY_RESERVE(level->items, level->node->n, level->capacity)) return ERR_NOMEM;
        level->items[level->node->n++] = node;
    } else if (level->key_read) {
        level->entries[level->node->n++].value = node;
        level->key_read = false;
    } else if (node->type != NODE_SCALAR) {
        report(self, node->mark, "a key must be a word or a text in quotes, not a list or a mapping");
        return ERR_DATA;
    } else {
        if (ARRAY_RESERVE(level->entries, level->node->n, level->capacity)) return ERR_NOMEM;
        level->entries[level->node->n] = (entry_t){.key = node->text, .mark = node->mark};
        level->key_read = true;
    }
    return 0;
}

static int open_level(builder_t *self, node_type_t type, location_t mark) {
    if (self->depth == YAML_MAX_DEPTH) {
        report(self, mark, "more than %d lists and mappings inside one another", YAML_MAX_DEPTH);
        return ERR_DATA;
    }
    node_t *node = make(self, type, mark);
    if (!node) return ERR_NOMEM;
    self->levels[self->depth++] = (builder_level_t){.node = node};
    return 0;
}

static int close_level(builder_t *self) {
    builder_level_t *level = &self->levels[self->depth - 1];
    node_t *node = level->node;
    int ret = 0;
    assert(node);
    size_t size = node->type == NODE_LIST ? sizeof *level->items : sizeof *level->entries;
    void *kept = arena_alloc(self->arena, (size_t)node->n, size);
    if (kept && node->n > 0)
        memcpy(kept, node->type == NODE_LIST ? (const void *)level->items : level->entries,
               (size_t)node->n * size);
    node->items = node->type == NODE_LIST ? kept : NULL;
    node->entries = node->type == NODE_MAPPING ? kept : NULL;
    mem_free((void *)level->items);
    mem_free(level->entries);
    self->depth--;
    if (!kept) return ERR_NOMEM;
    if (node->type == NODE_MAPPING) ret = check_unique(self, node);
    return ret < 0 ? ret : place(self, node);
}

/* Characters that an escape ("\e") can put into a text, and those beyond ASCII in a UTF-8 file. */
static int refuse_control(builder_t *self, const char *text, size_t length, location_t mark) {
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i], next = i + 1 < length ? (unsigned char)text[i + 1] : 0;
        bool high = byte == 0xC2 && next >= 0x80 && next <= 0x9F;
        if (!high && ((byte >= 0x20 && byte != 0x7F) || byte == '\n' || byte == '\t')) continue;
        report(self, mark,
               "this text has the control character U+%04X in it; of those, only a newline and a tab are "
               "allowed",
               high ? next : byte);
        return ERR_DATA;
    }
    return 0;
}

static int add_scalar(builder_t *self, struct fy_event *event, location_t mark) {
    node_t *node = make(self, NODE_SCALAR, mark);
    if (!node) return ERR_NOMEM;
    struct fy_token *value = event->scalar.value;
    size_t length = 0;
    const char *text = value ? fy_token_get_text(value, &length) : NULL;
    if (text && refuse_control(self, text, length, mark)) return ERR_DATA;
    if (text) node->text = arena_text_n(self->arena, text, length);
    if (value) node->quoted = fy_token_scalar_style(value) != FYSS_PLAIN;
    return node->text ? place(self, node) : ERR_NOMEM;
}

static int refuse_tag(builder_t *self, struct fy_event *event, location_t mark) {
    bool tagged = (event->type == FYET_SCALAR && event->scalar.tag) ||
                  (event->type == FYET_SEQUENCE_START && event->sequence_start.tag) ||
                  (event->type == FYET_MAPPING_START && event->mapping_start.tag);
    if (!tagged) return 0;
    report(self, mark, "YAML tags (!...) are not used here; put a text that begins with ! in quotes");
    return ERR_DATA;
}

static int handle(builder_t *self, struct fy_event *event) {
    location_t mark = mark_of(self, event);
    if (refuse_tag(self, event, mark) < 0) return ERR_DATA;
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (++self->documents > 1) {
            report(self, mark, "a second document begins here; one file is one document");
            return ERR_DATA;
        }
        return 0;
    case FYET_ALIAS:
        report(self, mark,
               "YAML aliases (*name) are not used here; write the value out, or put a text that begins "
               "with * in quotes");
        return ERR_DATA;
    case FYET_SCALAR:
        return add_scalar(self, event, mark);
    case FYET_SEQUENCE_START:
        return open_level(self, NODE_LIST, mark);
    case FYET_MAPPING_START:
        return open_level(self, NODE_MAPPING, mark);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        return close_level(self);
    default:
        return 0;
    }
}

static void report_syntax(builder_t *self, struct fy_diag *diag) {
    void *place = NULL;
    const struct fy_diag_error *error;
    int n = 0;
    while ((error = fy_diag_errors_iterate(diag, &place))) {
        location_t mark = {self->file, error->line > 0 ? error->line : 1,
                           error->column > 0 ? error->column : 1};
        report(self, mark, "%s", error->msg);
        n++;
    }
    if (n == 0) report(self, (location_t){self->file, 0, 0}, "this is not valid YAML");
}

static int parse_events(builder_t *self, struct fy_parser *parser, struct fy_diag *diag) {
    struct fy_event *event;
    int ret = 0;
    while (ret == 0 && (event = fy_parser_parse(parser))) {
        ret = handle(self, event);
        fy_parser_event_free(parser, event);
    }
    if (ret == 0 && fy_parser_get_stream_error(parser)) {
        report_syntax(self, diag);
        ret = ERR_DATA;
    }
    for (; self->depth > 0; self->depth--) {
        mem_free((void *)self->levels[self->depth - 1].items);
        mem_free(self->levels[self->depth - 1].entries);
    }
    return ret;
}

/* Forms that nothing here needs, and that hang or crash libfyaml 0.7 (found by fuzzing): directives (a line
 * that begins with %), explicit keys (? before a key), a byte order mark within the text. */
static const char *unwanted(const char *at, bool line_start, bool only_marks) {
    if (line_start && *at == '%')
        return "YAML directives (lines that begin with %) are not used here; indent the line, or put the "
               "text in quotes";
    if (only_marks && *at == '?' && (!at[1] || strchr(" \t\r\n", at[1])))
        return "YAML's explicit keys (?) are not used here; write `key: value`, or put the text in quotes";
    if (!strncmp(at, "\xEF\xBB\xBF", 3)) return "a byte order mark within the text; remove it";
    return NULL;
}

static bool has_unwanted(builder_t *self, const char *text) {
    location_t mark = {self->file, 1, 1};
    bool only_marks = true; /* nothing but indentation and indicators so far on this line */
    for (const char *c = text; *c; c++) {
        const char *what = unwanted(c, mark.column == 1, only_marks);
        if (what) {
            report(self, mark, "%s", what);
            return true;
        }
        if (*c == '\n') {
            mark.line++;
            mark.column = 1;
            only_marks = true;
        } else if (((unsigned char)*c & 0xC0) != 0x80) {
            mark.column++;
            only_marks = only_marks && strchr(" \t-[{,:!&*", *c);
        }
    }
    return false;
}

int yaml_parse(arena_t *arena, sources_t *sources, int file, diagnostics_t *diagnostics,
               const node_t **root) {
    builder_t builder = {.arena = arena, .sources = sources, .file = file, .diagnostics = diagnostics};
    const source_t *source = &sources->items[file];
    bool marked = source->length >= 3 && !memcmp(source->text, "\xEF\xBB\xBF", 3);
    int ret = ERR_NOMEM;
    *root = NULL;
    if (has_unwanted(&builder, source->text + (marked ? 3 : 0))) return ERR_DATA;

    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag) return ERR_NOMEM;
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_DEFAULT_PARSE, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    if (parser &&
        !fy_parser_set_string(parser, source->text + (marked ? 3 : 0), source->length - (marked ? 3 : 0)))
        ret = parse_events(&builder, parser, diag);
    if (parser) fy_parser_destroy(parser);
    fy_diag_destroy(diag);

    if (ret == 0 && !builder.root) {
        report(&builder, (location_t){file, 0, 0}, "the file is empty");
        ret = ERR_DATA;
    }
    *root = ret == 0 ? builder.root : NULL;
    return ret;
}

/* ---- nodes ------------------------------------------------------------------------------------------ */

bool node_is_null(const node_t *self) {
    return self->type == NODE_SCALAR && !self->quoted &&
           (!*self->text || !strcmp(self->text, "~") || !strcmp(self->text, "null"));
}

const entry_t *node_entry(const node_t *self, const char *key) {
    if (!self || self->type != NODE_MAPPING) return NULL;
    for (int i = 0; i < self->n; i++)
        if (!strcmp(self->entries[i].key, key)) return &self->entries[i];
    return NULL;
}

const node_t *node_get(const node_t *self, const char *key) {
    const entry_t *entry = node_entry(self, key);
    return entry ? entry->value : NULL;
}

node_t *node_scalar(arena_t *arena, location_t mark, const char *text) {
    node_t *node = arena_alloc(arena, 1, sizeof *node);
    if (!node) return NULL;
    *node = (node_t){.type = NODE_SCALAR, .mark = mark, .text = arena_text(arena, text)};
    return node->text ? node : NULL;
}

node_t *node_mapping(arena_t *arena, location_t mark, int capacity) {
    node_t *node = arena_alloc(arena, 1, sizeof *node);
    if (!node) return NULL;
    *node = (node_t){.type = NODE_MAPPING, .mark = mark, .text = ""};
    node->entries = arena_alloc(arena, (size_t)capacity, sizeof *node->entries);
    return node->entries ? node : NULL;
}

node_t *node_list(arena_t *arena, location_t mark, int capacity) {
    node_t *list = arena_alloc(arena, 1, sizeof *list);
    if (!list) return NULL;
    *list = (node_t){.type = NODE_LIST, .mark = mark, .text = ""};
    list->items = arena_alloc(arena, (size_t)capacity + 1, sizeof *list->items);
    return list->items ? list : NULL;
}

void node_put(node_t *self, const char *key, location_t mark, const node_t *value) {
    self->entries[self->n++] = (entry_t){.key = key, .mark = mark, .value = value};
}

static bool listed(const char *key, const char *const *names) {
    for (; names && *names; names++)
        if (!strcmp(*names, key)) return true;
    return false;
}

node_t *node_copy_mapping(arena_t *arena, const node_t *self, int extra, const char *const *except) {
    node_t *copy = node_mapping(arena, self->mark, self->n + extra);
    for (int i = 0; copy && i < self->n; i++) {
        const entry_t *entry = &self->entries[i];
        if (!listed(entry->key, except)) node_put(copy, entry->key, entry->mark, entry->value);
    }
    return copy;
}

/* {lognormal: {...}}: one key, and it is the name of a distribution. */
static bool is_distribution(const node_t *node) {
    if (node->n != 1) return false;
    for (int kind = 0; kind < DIST_N; kind++)
        if (!strcmp(node->entries[0].key, dist_keyword(kind))) return true;
    return false;
}

const node_t *node_merge(arena_t *arena, const node_t *base, const node_t *over) {
    if (!base || !over) return over ? over : base;
    if (base->type != NODE_MAPPING || over->type != NODE_MAPPING) return over;
    if (is_distribution(base) && is_distribution(over)) return over;
    node_t *merged = node_copy_mapping(arena, base, over->n, NULL);
    if (!merged) return NULL;
    merged->mark = over->mark;
    for (int i = 0; i < over->n; i++) {
        const entry_t *entry = &over->entries[i];
        entry_t *old = (entry_t *)node_entry(merged, entry->key);
        if (!old) {
            node_put(merged, entry->key, entry->mark, entry->value);
            continue;
        }
        const node_t *value = node_merge(arena, old->value, entry->value);
        if (!value) return NULL;
        *old = (entry_t){entry->key, entry->mark, value};
    }
    return merged;
}
