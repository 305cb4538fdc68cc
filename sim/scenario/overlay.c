#include "scenario/overlay.h"

#include "base/mem.h"
#include "scenario/yaml.h"
#include "text/output.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const scenario_t *scenario;
    FILE *out;
    bool moved; /* into another folder than the scenario's */
} writer_t;

/* Plain if it is unambiguous, else in double quotes. */
static void put_text(FILE *out, const char *text, bool quoted) {
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+";
    size_t length = strlen(text), i = strspn(text, safe);
    while (i < length && strchr("- ", text[i]) && i > 0 && i + 1 < length && strchr(safe, text[i + 1]))
        i += 1 + strspn(text + i + 1, safe);
    if (!quoted && length > 0 && i == length) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c == '\n')
            fputs("\\n", out);
        else if (*c == '\t')
            fputs("\\t", out);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static bool is_path(const char *key, const node_t *node) {
    bool names_file = key && (!strcmp(key, "from") || !strcmp(key, "file") || !strcmp(key, "extends"));
    if (!names_file || node->type != NODE_SCALAR || *node->text == '/') return false;
    const char *dot = strrchr(node->text, '.');
    return dot && (!strcmp(dot, ".csv") || !strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

static void put_scalar(const writer_t *self, const char *key, const node_t *node) {
    if (self->moved && is_path(key, node)) {
        char *joined = sources_join(&self->scenario->sources, node->mark.file, node->text);
        char *whole = joined ? realpath(joined, NULL) : NULL;
        put_text(self->out, whole ? whole : node->text, true);
        free(whole);
        mem_free(joined);
    } else if (node_is_null(node)) {
        fputs("null", self->out);
    } else {
        put_text(self->out, node->text, node->quoted);
    }
}

/* A node after "key:" or "-"; nested ones go to lines of their own. `key` is the mapping's key it belongs to.
 */
static void put_node(const writer_t *self, const char *key, const node_t *node, int depth) {
    if (node->type == NODE_SCALAR) {
        fputc(' ', self->out);
        put_scalar(self, key, node);
        fputc('\n', self->out);
        return;
    }
    if (node->n == 0) fputs(node->type == NODE_LIST ? " []" : " {}", self->out);
    fputc('\n', self->out);
    for (int i = 0; i < node->n; i++) {
        fprintf(self->out, "%*s", 2 * depth, "");
        if (node->type == NODE_LIST) {
            fputc('-', self->out);
            put_node(self, key, node->items[i], depth + 1);
        } else {
            put_text(self->out, node->entries[i].key, false);
            fputc(':', self->out);
            put_node(self, node->entries[i].key, node->entries[i].value, depth + 1);
        }
    }
}

/* The scenario without priors whose parameter the changes name in another spelling. */
static const node_t *without_priors(const scenario_t *scenario, arena_t *arena, const node_t *root,
                                    const node_t *changes) {
    const node_t *old = node_get(root, "uncertain"), *new = node_get(changes, "uncertain");
    static const char *const priors[] = {"uncertain", NULL};
    if (!old || !new || old->type != NODE_MAPPING) return root;
    node_t *kept = node_mapping(arena, old->mark, old->n);
    node_t *copy = node_copy_mapping(arena, root, 1, priors);
    if (!kept || !copy) return NULL;
    for (int i = 0; i < old->n; i++) {
        int param = scenario_param(scenario, old->entries[i].key);
        bool named = false;
        for (int j = 0; j < new->n &&param >= 0; j++)
            named |= scenario_param(scenario, new->entries[j].key) == param;
        if (!named) node_put(kept, old->entries[i].key, old->entries[i].mark, old->entries[i].value);
    }
    node_put(copy, "uncertain", old->mark, kept);
    return copy;
}

static bool same_folder(const char *a, const char *b) {
    char *x = strdup(a), *y = strdup(b);
    char *p = x ? realpath(dirname(x), NULL) : NULL, *q = y ? realpath(dirname(y), NULL) : NULL;
    bool same = p && q && !strcmp(p, q);
    free(x);
    free(y);
    free(p);
    free(q);
    return same;
}

static int read_back(const char *path, fault_t *err) {
    diagnostics_t diagnostics;
    scenario_t scenario = {0};
    diagnostics_init(&diagnostics);
    int ret = scenario_read(&scenario, path, &diagnostics);
    if (ret < 0) {
        diagnostics_sort(&diagnostics);
        error_set(err, ret, "the result would not be a valid scenario: %s",
                  diagnostics.n ? diagnostics.items[0].text : error_text(ret));
    }
    scenario_free(&scenario);
    diagnostics_free(&diagnostics);
    return ret;
}

static void put_scenario(const writer_t *self, const node_t *root, const char *heading) {
    for (const char *line = heading; *line;) {
        size_t length = strcspn(line, "\n");
        fprintf(self->out, "# %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    for (int i = 0; i < root->n; i++) {
        put_text(self->out, root->entries[i].key, false);
        fputc(':', self->out);
        put_node(self, root->entries[i].key, root->entries[i].value, 1);
    }
}

int overlay_write(const scenario_t *scenario, const char *changes, const char *heading, const char *path,
                  fault_t *err) {
    arena_t arena;
    diagnostics_t diagnostics;
    sources_t own = {0}, given = {0};
    const node_t *root = NULL, *over = NULL, *merged;
    output_file_t out = {0};
    int ret = 0;
    arena_init(&arena);
    diagnostics_init(&diagnostics);
    const source_t *source = &scenario->sources.items[0];
    TRY(sources_give(&own, source->path, source->text, source->length));
    TRY(sources_give(&given, "changes", changes, strlen(changes)));
    TRY(yaml_parse(&arena, &own, 0, &diagnostics, &root));
    ret = yaml_parse(&arena, &given, 0, &diagnostics, &over);
    if (ret == ERR_DATA) error_set(err, ret, "the changes are not valid YAML: %s", diagnostics.items[0].text);
    if (ret < 0) goto out;
    ret = ERR_NOMEM;
    root = without_priors(scenario, &arena, root, over);
    merged = root ? node_merge(&arena, root, over) : NULL;
    if (!merged) goto out;
    TRY(output_begin(&out, path, OVERLAY_BEGINNING, err));
    writer_t writer = {scenario, out.file, .moved = !same_folder(source->path, out.path)};
    put_scenario(&writer, merged, heading);
    TRY(output_flush(&out, err));
    TRY(read_back(out.temporary, err));
    TRY(output_end(&out, err));
out:
    output_drop(&out);
    if (ret == ERR_NOMEM) error_memory(err);
    sources_free(&own);
    sources_free(&given);
    diagnostics_free(&diagnostics);
    arena_free(&arena);
    return ret;
}
