/* A scenario that extends another: the other's text with its own laid over it. */
#include "scenario/reader.h"

#include <string.h>

/* ---- what a list's items are ------------------------------------------------------------------------ */

static const node_t *id_of(const node_t *item) {
    const node_t *id = node_get(item, "id");
    return id && id->type == NODE_SCALAR ? id : NULL;
}

static int find_item(const node_t *list, const char *id) {
    for (int i = 0; i < list->n; i++) {
        const node_t *own = id_of(list->items[i]);
        if (own && !strcmp(own->text, id)) return i;
    }
    return -1;
}

static node_t *new_list(reader_t *r, location_t mark, int capacity) {
    node_t *list = node_list(&r->nodes, mark, capacity);
    reader_need(r, list);
    return list;
}

/* Items with an id that the base has are laid over it; the others follow. */
static const node_t *lay_list(reader_t *r, const node_t *base, const node_t *over) {
    node_t *list = new_list(r, over->mark, base->n + over->n);
    for (int i = 0; i < base->n; i++) list->items[list->n++] = base->items[i];
    for (int i = 0; i < over->n; i++) {
        const node_t *id = id_of(over->items[i]);
        int same = id ? find_item(base, id->text) : -1;
        if (same < 0) {
            list->items[list->n++] = over->items[i];
            continue;
        }
        list->items[same] = node_merge(&r->nodes, base->items[same], over->items[i]);
        reader_need(r, list->items[same]);
    }
    return list;
}

static const node_t *lay(reader_t *r, const node_t *base, const node_t *over) {
    const node_t *merged = node_merge(&r->nodes, base, over);
    reader_need(r, merged);
    for (int i = 0; i < merged->n; i++) {
        entry_t *entry = &merged->entries[i];
        const node_t *old = node_get(base, entry->key), *own = node_get(over, entry->key);
        if (old && own && old->type == NODE_LIST && own->type == NODE_LIST)
            entry->value = lay_list(r, old, own);
    }
    return merged;
}

/* ---- what is left out ------------------------------------------------------------------------------- */

static const node_t *list_without(reader_t *r, const node_t *list, const char *id) {
    int at = find_item(list, id);
    if (at < 0) return NULL;
    node_t *rest = new_list(r, list->mark, list->n);
    for (int i = 0; i < list->n; i++)
        if (i != at) rest->items[rest->n++] = list->items[i];
    return rest;
}

static const node_t *section_without(reader_t *r, const node_t *section, const char *name) {
    if (section->type == NODE_LIST) return list_without(r, section, name);
    if (!node_get(section, name)) return NULL;
    const char *const except[] = {name, NULL};
    const node_t *rest = node_copy_mapping(&r->nodes, section, 0, except);
    reader_need(r, rest);
    return rest;
}

/* The base without "SECTION.NAME", or without "SECTION". */
static const node_t *without(reader_t *r, const node_t *base, const node_t *path) {
    char key[32];
    size_t length = strcspn(path->text, ".");
    snprintf(key, sizeof key, "%.*s", (int)length, path->text);
    const entry_t *section = node_entry(base, key);
    const node_t *rest = NULL;
    if (section && !path->text[length]) return section_without(r, base, key);
    if (section) rest = section_without(r, section->value, path->text + length + 1);
    if (!rest) {
        reader_error(
            r, path->mark,
            "extends.without: the other scenario has no \"%.80s\"; SECTION.NAME is expected, such as "
            "calendar.ID or variants.NAME",
            path->text);
        return base;
    }
    node_t *copy = node_copy_mapping(&r->nodes, base, 0, NULL);
    reader_need(r, copy);
    ((entry_t *)node_entry(copy, key))->value = rest;
    return copy;
}

static const node_t *leave_out(reader_t *r, const node_t *base, const node_t *names) {
    if (!names) return base;
    int n = names->type == NODE_LIST ? names->n : 1;
    for (int i = 0; i < n; i++) {
        const node_t *name = names->type == NODE_LIST ? names->items[i] : names;
        if (reader_is_scalar(r, name, "SECTION.NAME, such as calendar.ID")) base = without(r, base, name);
    }
    return base;
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static parsed_t *parsed_of(reader_t *r, int file) {
    int i = 0;
    while (r->parsed[i].file != file) i++;
    return &r->parsed[i];
}

static const node_t *read_other(reader_t *r, const node_t *name) {
    int file = reader_open(r, name);
    if (file < 0) return NULL;
    const node_t *root = reader_parse(r, file);
    if (!root) return NULL;
    if (parsed_of(r, file)->open) {
        reader_error(r, name->mark, "extends: %s extends itself, by way of the files that it extends",
                     name->text);
        return NULL;
    }
    if (root->type != NODE_MAPPING) {
        reader_error(r, root->mark, "a scenario is a mapping that begins with \"entente: 1\"");
        return NULL;
    }
    return reader_extend(r, root);
}

const node_t *reader_extend(reader_t *r, const node_t *root) {
    static const char *const except[] = {"extends", NULL};
    const entry_t *entry = node_entry(root, "extends");
    if (!entry) return root;
    const node_t *given = entry->value, *name = given->type == NODE_MAPPING ? node_get(given, "file") : given;
    size_t outer = reader_push(r, "extends");
    bool good = reader_section(r, &section_extends, given, &(extends_t){0});
    good = good && name && name->type == NODE_SCALAR && *name->text;
    reader_pop(r, outer);
    parsed_of(r, root->mark.file)->open = true;
    const node_t *base = good ? read_other(r, name) : NULL;
    parsed_of(r, root->mark.file)->open = false;
    const node_t *own = node_copy_mapping(&r->nodes, root, 0, except);
    reader_need(r, own);
    r->base_missing |= !base;
    if (!base) return own;
    if (given->type == NODE_MAPPING) base = leave_out(r, base, node_get(given, "without"));
    return lay(r, base, own);
}

/* ---- its keys -------------------------------------------------------------------------------------------
 */

static void read_without(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)r, (void)field, (void)node, (void)at; /* leave_out reads it */
}
static const type_t type_without = {
    SHAPE_OWN, "one or a list: SECTION, or SECTION.NAME", read_without,
    "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]}"};

static const field_t extends_fields[] = {
    {"file", &type_text, FIELD_REQUIRED, AT(extends_t, file), .what = "The scenario that it extends.",
     .example = "talks.yaml"},
    {"without", &type_without, 0,
     .what = "Sections, entries (by id) and names of the other scenario that are left out.",
     .example = "[calendar.g20-miami, variants.declined]"},
};
const section_t section_extends = {.name = "extends",
                                   .what =
                                       "The scenario whose text comes first; this file's is laid over it.",
                                   SECTION_FIELDS(extends_fields),
                                   .shorthand = "file"};
