/* The reader's tools: diagnostics, memory, paths, and the walk through a table of keys. */
#include "scenario/reader.h"

#include "model/renamed.h"
#include "scenario/units.h"
#include "text/suggest.h"
#include <stdio.h>
#include <string.h>

/* ---- diagnostics ------------------------------------------------------------------------------------ */

static void add(reader_t *r, severity_t severity, location_t mark, const char *format, va_list arguments) {
    sources_t *sources = &r->scenario->sources;
    source_t *source = mark.file >= 0 && mark.file < sources->n ? &sources->items[mark.file] : NULL;
    if (r->told) return;
    diagnostics_add(r->diagnostics, severity, source, "scenario", mark, format, arguments);
}

void reader_error(reader_t *r, location_t mark, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add(r, SEVERITY_ERROR, mark, format, arguments);
    va_end(arguments);
}

void reader_warning(reader_t *r, location_t mark, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add(r, SEVERITY_WARNING, mark, format, arguments);
    va_end(arguments);
}

int reader_errors(const reader_t *r) {
    return r->diagnostics->counts[SEVERITY_ERROR];
}

/* `most` bytes of a text, or as many fewer as the last letter needs to be whole. */
static int whole_letters(const char *text, int most) {
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80) most--;
    return most;
}

const char *node_excerpt(const node_t *node, char *out, size_t size) {
    if (node->type == NODE_LIST)
        snprintf(out, size, "a list");
    else if (node->type == NODE_MAPPING)
        snprintf(out, size, "a mapping");
    else if (node_is_null(node))
        snprintf(out, size, "empty");
    else if (strnlen(node->text, 41) > 40)
        snprintf(out, size, "\"%.*s...\"", whole_letters(node->text, 36), node->text);
    else
        snprintf(out, size, "\"%s\"", node->text);
    for (char *c = out; *c; c++)
        if (*c == '\n' || *c == '\t' || *c == '\r') *c = ' ';
    return out;
}

void reader_expected(reader_t *r, const node_t *node, const char *expected) {
    char excerpt[64];
    bool clause = strchr(expected, ',') && expected[strlen(expected) - 1] != ',';
    reader_error(r, node->mark, "%s is %s: %s%s is expected", r->path,
                 node_excerpt(node, excerpt, sizeof excerpt), expected, clause ? "," : "");
}

/* ---- memory ----------------------------------------------------------------------------------------- */

void reader_need(reader_t *r, bool condition) {
    if (!condition) longjmp(r->out_of_memory, 1);
}

void *reader_alloc(reader_t *r, size_t n, size_t size) {
    void *block = arena_alloc(r->arena, n, size);
    reader_need(r, block);
    return block;
}

char *reader_text(reader_t *r, const char *text) {
    char *copy = arena_text(r->arena, text);
    reader_need(r, copy);
    return copy;
}

char *reader_format(reader_t *r, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = reader_alloc(r, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

/* Arrays in the arena double at powers of two, so that their capacity need not be kept. */
void *reader_append(reader_t *r, void *items, int *n, size_t size) {
    void **array = items;
    size_t count = (size_t)*n;
    if ((count & (count - 1)) == 0) {
        char *larger = reader_alloc(r, count ? 2 * count : 1, size);
        if (count) memcpy(larger, *array, count * size);
        *array = larger;
    }
    ++*n;
    return (char *)*array + count * size;
}

int reader_grow(reader_t *r, void **items, int n, size_t *capacity, size_t size) {
    reader_need(r, mem_array_reserve(items, (size_t)n, capacity, size) == 0);
    return n;
}

/* ---- path ------------------------------------------------------------------------------------------- */

size_t reader_push(reader_t *r, const char *key) {
    size_t length = r->path_length, room = sizeof r->path - length;
    int added = snprintf(r->path + length, room, "%s%s", length ? "." : "", key);
    r->path_length = (size_t)added < room ? length + (size_t)added : sizeof r->path - 1;
    if ((size_t)added >= room && room > 1)
        reader_error(r, (location_t){-1, 0, 0}, "the path %.120s... has more than %zu bytes, the limit",
                     r->path, sizeof r->path - 1);
    return length;
}

size_t reader_push_index(reader_t *r, int index) {
    char text[16];
    snprintf(text, sizeof text, "%d", index);
    return reader_push(r, text);
}

void reader_pop(reader_t *r, size_t length) {
    r->path_length = length;
    r->path[length] = 0;
}

/* The name of a list item. */
static const char *item_name(const node_t *item) {
    static const char *const naming[] = {"id", "kind", "condition", "of", "group", "actor"};
    for (size_t i = 0; i < sizeof naming / sizeof *naming; i++) {
        const node_t *name = node_get(item, naming[i]);
        if (name && name->type == NODE_SCALAR && *name->text) return name->text;
    }
    return item->type == NODE_SCALAR ? item->text : NULL;
}

size_t reader_push_item(reader_t *r, const node_t *list, int index) {
    const char *name = item_name(list->items[index]);
    if (!name || strchr(name, '.')) return reader_push_index(r, index);
    /* In a long list the search would be quadratic; its items have ids or numbers. */
    if (!node_get(list->items[index], "id")) {
        if (list->n > 64) return reader_push_index(r, index);
        for (int i = 0; i < list->n; i++) {
            const char *other = i != index ? item_name(list->items[i]) : NULL;
            if (other && !strcmp(other, name)) return reader_push_index(r, index);
        }
    }
    return reader_push(r, name);
}

/* ---- parameters ------------------------------------------------------------------------------------- */

void reader_param(reader_t *r, double *value, dimension_t dimension, double low, double high,
                  bool structural) {
    if (r->silent > 0) return;
    model_t *model = r->model;
    reader_grow(r, (void **)&r->params, model->n_params, &r->params_capacity, sizeof *r->params);
    param_t *param = &r->params[model->n_params++];
    *param = (param_t){.path = reader_text(r, r->path), .dimension = dimension, .low = low, .high = high};
    param->value = value;
    param->structural = structural;
}

/* ---- a mapping by its table ------------------------------------------------------------------------- */

bool reader_is_mapping(reader_t *r, const node_t *node, const char *expected) {
    if (node->type == NODE_MAPPING) return true;
    reader_expected(r, node, expected);
    return false;
}

bool reader_is_list(reader_t *r, const node_t *node, const char *expected) {
    if (node->type == NODE_LIST) return true;
    reader_expected(r, node, expected);
    return false;
}

bool reader_is_scalar(reader_t *r, const node_t *node, const char *expected) {
    if (node->type == NODE_SCALAR && !node_is_null(node)) return true;
    reader_expected(r, node, expected);
    return false;
}

static const field_t *find_field(const section_t *section, const char *key) {
    for (int i = 0; i < section->n; i++)
        if (!strcmp(section->fields[i].name, key)) return &section->fields[i];
    return NULL;
}

/* Whether the mapping has the key under an older name, which has a separate error. */
static bool has_old_name(const node_t *node, const char *key) {
    for (int i = 0; node->type == NODE_MAPPING && i < node->n; i++) {
        const char *name = renamed_key(node->entries[i].key);
        if (name && !strcmp(name, key)) return true;
    }
    return false;
}

static void report_unknown_keys(reader_t *r, const section_t *section, const node_t *node) {
    bool first = true;
    for (int i = 0; i < node->n; i++) {
        const char *key = node->entries[i].key;
        if (find_field(section, key)) continue;
        const char *renamed = renamed_key(key);
        if (renamed && find_field(section, renamed)) {
            reader_error(r, node->entries[i].mark, "unknown key \"%s\" in %s: this key is called \"%s\"", key,
                         r->path, renamed);
            continue;
        }
        suggest_t near = suggest_for(key);
        char known[1024] = "";
        size_t length = first ? 0 : sizeof known; /* the list is printed once a mapping */
        for (int f = 0; f < section->n; f++) {
            const char *name = section->fields[f].name;
            suggest_offer(&near, name);
            if (length < sizeof known)
                length +=
                    (size_t)snprintf(known + length, sizeof known - length, "%s%s", f ? ", " : "", name);
        }
        const char *place = r->path_length ? r->path : "the scenario";
        reader_error(r, node->entries[i].mark, "unknown key \"%.60s\" in %s%s%s%s%s%s", key, place,
                     near.best ? "; did you mean \"" : "", near.best ? near.best : "",
                     near.best ? "\"?"
                     : first   ? "."
                               : "",
                     first ? " Known keys: " : "", known);
        first = false;
    }
}

/* The expected value of a key, as exactly as its row describes it. */
static const char *expected_of(const field_t *field, char *out, size_t size) {
    if (field->type == &type_number) {
        units_expect(field->dimension, field->low, field->high, out, size);
    } else if (field->type->shape == SHAPE_ENUM) {
        size_t length = 0;
        *out = 0;
        for (int i = 0; i < field->n_names && length < size; i++)
            if (field->names[i])
                length += (size_t)snprintf(out + length, size - length, "%s%s", length ? ", " : "one of ",
                                           field->names[i]);
    } else if (field->type->shape == SHAPE_NAME) {
        snprintf(out, size, "the name of %s", catalog_what(field->catalog));
    } else {
        snprintf(out, size, "%s", field->type->expected);
    }
    return out;
}

/* A missing key: its fallback, or the defaults of its mapping. */
static void read_absent(reader_t *r, const field_t *field, const node_t *parent, void *at) {
    if (field->fallback) {
        location_t mark = parent ? parent->mark : (location_t){-1, 0, 0};
        const node_t *node = node_scalar(&r->nodes, mark, field->fallback);
        reader_need(r, node);
        field->type->read(r, field, node, at);
    } else if (field->type->shape == SHAPE_NUMBER) {
        *(double *)at = field->flags & FIELD_REQUIRED ? 0 : NAN;
    } else if (field->type->shape == SHAPE_SECTION || (field->flags & FIELD_ABSENT_TOO)) {
        bool silent = (field->flags & FIELD_LATENT) != 0;
        r->silent += silent;
        field->type->read(r, field, NULL, at);
        r->silent -= silent;
    }
}

static void read_field(reader_t *r, const section_t *section, const field_t *field, const node_t *node,
                       void *base) {
    void *at = (char *)base + field->at;
    const entry_t *entry = node_entry(node, field->name);
    /* A scalar in place of the mapping goes by the mapping's own path. */
    bool shorthand =
        node && node->type == NODE_SCALAR && section->shorthand && !strcmp(section->shorthand, field->name);
    size_t outer = shorthand ? r->path_length : reader_push(r, field->name);
    const node_t *value = shorthand ? node : entry ? entry->value : NULL;
    char expected[256];
    if (value && node_is_null(value)) {
        reader_error(r, entry ? entry->mark : value->mark, "%s has no value: %s is expected", r->path,
                     expected_of(field, expected, sizeof expected));
        r->told++, r->silent++; /* what cannot be read is not what 0 would be: the first of some list */
        field->type->read(r, field, value, at);
        r->told--, r->silent--;
    } else if (value) {
        field->type->read(r, field, value, at);
        if (field->has) *((bool *)base + field->has - 1) = true;
    } else {
        if (node && (field->flags & FIELD_REQUIRED) && !has_old_name(node, field->name))
            reader_error(r, node->mark, "%s is missing: %s is required", r->path,
                         expected_of(field, expected, sizeof expected));
        read_absent(r, field, node, at);
    }
    reader_pop(r, outer);
}

bool reader_section(reader_t *r, const section_t *section, const node_t *node, void *base) {
    bool scalar = node && node->type == NODE_SCALAR && section->shorthand;
    bool wrong = node && !scalar && node->type != NODE_MAPPING;
    if (wrong) {
        reader_expected(r, node, "a mapping");
        node = NULL; /* the defaults keep the rest sane */
    }
    if (node && !scalar) report_unknown_keys(r, section, node);
    r->silent += wrong;
    for (int i = 0; i < section->n; i++) read_field(r, section, &section->fields[i], node, base);
    if (section->finish && !wrong) section->finish(r, base, node);
    r->silent -= wrong;
    return !wrong;
}
