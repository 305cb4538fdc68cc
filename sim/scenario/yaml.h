/* YAML as plain data: nodes with their place in the file. Only yaml.c uses libfyaml.
 *
 * Every value stays a text (the reader knows the expected type). Nodes are not changed after they are made,
 * so that those of several files can be merged by sharing. Nodes of tables (scenario/files/table.c) have the
 * same form. Aliases, anchors, tags and second documents are rejected: a scenario is read as it is written.
 */
#ifndef ENTENTE_SCENARIO_YAML_H
#define ENTENTE_SCENARIO_YAML_H

#include "base/mem.h"
#include "text/diagnostic.h"
#include "text/source.h"

#define YAML_MAX_DEPTH 64

typedef enum { NODE_SCALAR, NODE_LIST, NODE_MAPPING } node_type_t;

typedef struct node node_t;

typedef struct {
    const char *key;
    location_t mark; /* of the key */
    const node_t *value;
} entry_t;

struct node {
    node_type_t type;
    location_t mark;
    bool quoted;      /* a scalar in quotes or a block */
    int n;            /* items or entries */
    const char *text; /* of a scalar; "" for one left out */
    const node_t **items;
    entry_t *entries; /* keys are unique */
};

/* Parses one source into `arena`. 0 with *root; ERR_DATA after reporting, *root is NULL (an empty file, too);
 * ERR_NOMEM. A key given twice is reported, but the tree is made (the first one counts). */
int yaml_parse(arena_t *arena, sources_t *sources, int file, diagnostics_t *diagnostics, const node_t **root);

/* A plain scalar without a value: left out, ~ or null. */
bool node_is_null(const node_t *self);

/* The value of a key of a mapping; NULL when `self` is NULL, no mapping or has no such key. */
const node_t *node_get(const node_t *self, const char *key);
const entry_t *node_entry(const node_t *self, const char *key);

/* New nodes; NULL without memory. */
node_t *node_scalar(arena_t *arena, location_t mark, const char *text);
node_t *node_mapping(arena_t *arena, location_t mark, int capacity); /* n = 0, room for `capacity` entries */
node_t *node_list(arena_t *arena, location_t mark, int capacity);
/* A mapping with room for `extra` more entries; `except` (NULL or ended by NULL) names keys left out. */
node_t *node_copy_mapping(arena_t *arena, const node_t *self, int extra, const char *const *except);
void node_put(node_t *self, const char *key, location_t mark,
              const node_t *value); /* capacity must suffice */

/* `over` laid on `base`: mappings key by key, all else replaced; a distribution replaces a distribution
 * (see dist_keyword). Either may be NULL. NULL without memory (or if both are NULL). */
const node_t *node_merge(arena_t *arena, const node_t *base, const node_t *over);

#endif
