/* Files that a scenario names: opened beside it, shared kinds and conditions merged under its own. */
#include "scenario/reader.h"

#include <string.h>

int reader_open(reader_t *r, const node_t *name) {
    sources_t *sources = &r->scenario->sources;
    char *path = sources_join(sources, name->mark.file, name->text);
    reader_need(r, path);
    fault_t err = {0};
    mark_t mark = {0};
    int file =
        !strcmp(path, "-")
            ? error_set(&err, ERR_DATA, "-: the files of a scenario need names; standard input has none")
            : sources_open(sources, path, &err, &mark.line, &mark.column);
    if (mark.line > 0) /* a fault within the file */
        while (strcmp(sources->items[mark.file].path, path) != 0) mark.file++;
    mem_free(path);
    reader_need(r, file != ERR_NOMEM);
    if (file >= 0) return file;
    reader_error(r, mark.line > 0 ? mark : name->mark, "%s", err.text);
    r->no_input |= file == ERR_NOINPUT;
    return -1;
}

const node_t *reader_parse(reader_t *r, int file) {
    for (int i = 0; i < r->n_parsed; i++)
        if (r->parsed[i].file == file) return r->parsed[i].root;
    reader_grow(r, (void **)&r->parsed, r->n_parsed, &r->parsed_capacity, sizeof *r->parsed);
    const node_t *root = NULL;
    int ret = yaml_parse(&r->nodes, &r->scenario->sources, file, r->diagnostics, &root);
    reader_need(r, ret != ERR_NOMEM);
    r->parsed[r->n_parsed++] = (parsed_t){.file = file, .root = root};
    return root;
}

static void check_shared_keys(reader_t *r, const node_t *root) {
    for (int i = 0; i < root->n; i++) {
        const char *key = root->entries[i].key;
        if (strcmp(key, "kinds") != 0 && strcmp(key, "conditions") != 0 && strcmp(key, "note") != 0)
            reader_error(r, root->entries[i].mark,
                         "unknown key \"%.60s\" in a shared file. Known keys: kinds, conditions, note", key);
    }
}

/* One section of a shared file, with what it takes from files itself; NULL after reporting. */
static const node_t *read_shared(reader_t *r, const node_t *name, const char *section) {
    if (!reader_is_scalar(r, name, "the path of a file")) return NULL;
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
    r->parsed[index].open = true;
    part = reader_merge_from(r, part, section);
    r->parsed[index].open = false;
    return part;
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
    if (from->type == NODE_MAPPING)
        reader_expected(r, from, "the path of a file, or a list of such paths");
    else
        base = merge_files(r, from, section);
    reader_pop(r, outer);
    static const char *const except[] = {"from", NULL};
    const node_t *own = node_copy_mapping(&r->nodes, node, 0, except);
    reader_need(r, own);
    const node_t *merged = node_merge(&r->nodes, base, own);
    reader_need(r, merged);
    return merged;
}
