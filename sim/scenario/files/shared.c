/* The files of a `from` under kinds or conditions, merged under the scenario's own. */
#include "scenario/files/library.h"

#include <string.h>

/* ---- merging
 * ----------------------------------------------------------------------------------------------- */

static void check_shared_keys(reader_t *r, const node_t *root) {
    for (int i = 0; i < root->n; i++) {
        const char *key = root->entries[i].key;
        if (strcmp(key, "kinds") != 0 && strcmp(key, "conditions") != 0 && strcmp(key, "note") != 0 &&
            strcmp(key, "parameters") != 0)
            reader_error(
                r, root->entries[i].mark,
                "unknown key \"%.60s\" in a shared file. Known keys: kinds, conditions, parameters, note",
                key);
    }
}

bool reader_in_library(const reader_t *r, location_t mark) {
    for (int i = 0; i < r->n_parsed; i++)
        if (r->parsed[i].file == mark.file) return r->parsed[i].library;
    return false;
}

/* One section of a shared file, with what it takes from files itself; NULL after reporting. */
static const node_t *read_shared(reader_t *r, const node_t *choice, const char *section) {
    const node_t *name = choice->type == NODE_MAPPING ? node_get(choice, "file") : choice;
    if (!reader_section(r, &section_library, choice, &(choice_t){0}) || !name ||
        !reader_is_scalar(r, name, "the path of a file"))
        return NULL;
    int file = reader_open(r, name);
    if (file < 0) return NULL;
    for (int i = 0; i < r->n_parsed; i++) {
        if (r->parsed[i].file != file || !r->parsed[i].open) continue;
        reader_error(r, name->mark, "%s: %s takes its %s from itself", r->path, name->text, section);
        return NULL;
    }
    const node_t *root = reader_parse(r, file);
    if (!root) return NULL;
    if (root->type != NODE_MAPPING) {
        reader_error(r, root->mark, "a shared file is a mapping with the keys kinds and conditions");
        return NULL;
    }
    check_shared_keys(r, root);
    const node_t *part = node_get(root, section);
    if (!part || part->type != NODE_MAPPING) {
        reader_error(r, part ? part->mark : name->mark, "%s: %s has no mapping %s", r->path, name->text,
                     section);
        return NULL;
    }
    int index = 0;
    while (r->parsed[index].file != file) index++;
    r->parsed[index].library = r->parsed[index].open = true;
    part = reader_merge_from(r, part, section);
    r->parsed[index].open = false;
    library_t library = {.r = r, .section = section, .root = root};
    return library_take(&library, choice, part);
}

static const node_t *merge_files(reader_t *r, const node_t *names, const char *section) {
    const node_t *merged = NULL;
    int n = names->type == NODE_LIST ? names->n : 1;
    for (int i = 0; i < n; i++) {
        const node_t *one = read_shared(r, names->type == NODE_LIST ? names->items[i] : names, section);
        if (!one) {
            r->missing[!strcmp(section, "kinds") ? CATALOG_KIND : CATALOG_CONDITION] = true;
            continue;
        }
        merged = node_merge(&r->nodes, merged, one);
        reader_need(r, merged);
    }
    return merged;
}

const node_t *reader_merge_from(reader_t *r, const node_t *node, const char *section) {
    const node_t *from = node_get(node, "from");
    if (!from) return node;
    size_t outer = reader_push(r, "from");
    const node_t *base = NULL;
    base = merge_files(r, from, section);
    reader_pop(r, outer);
    static const char *const except[] = {"from", NULL};
    const node_t *own = node_copy_mapping(&r->nodes, node, 0, except);
    reader_need(r, own);
    const node_t *merged = node_merge(&r->nodes, base, own);
    reader_need(r, merged);
    return strcmp(section, "kinds") || reader_in_library(r, node->mark) ? merged : library_prune(r, merged);
}
