/* Shared by the functions that read a scenario: the model under construction, the path of the current key,
 * diagnostics, the registry of parameters.
 *
 * The reader does not stop at the first error: it reports an invalid value, gives its field a harmless value
 * (-1 for an index), and continues. reader_alloc never returns NULL: without memory it leaves through
 * scenario_read (longjmp), where everything belongs to an arena or to the reader and is freed. */
#ifndef ENTENTE_SCENARIO_READER_H
#define ENTENTE_SCENARIO_READER_H

#include "scenario/field.h"
#include "scenario/scenario.h"
#include <setjmp.h>

/* A role in a regular expression. */
#define ROLE_WORD(id, word) word
#define ROLE_PATTERN "(" ROLE_LIST(ROLE_WORD, ROLE_WORD, "|") ")"

/* A `set` mapping, resolved when all parameters are known. */
typedef struct {
    const node_t *node;
    int *n;
    setting_t **settings;
    const char *path;
} pending_t;

/* Data that an event type needs of the actors and ties on which it may occur. */
typedef struct {
    const node_t *node;
    const char *path;
    int kind;
    const term_t *term;
} need_t;

typedef struct { /* a YAML file that was parsed */
    int file;
    const node_t *root; /* NULL if it is no YAML */
    bool open;          /* being merged: it may not name itself */
    bool library;       /* its kinds or conditions are taken with `from` */
} parsed_t;

typedef struct { /* the entries that a list of entries became: calendar[first], ..., n of them */
    const node_t *list;
    int first, n;
} added_t;

typedef struct { /* what it takes of another scenario; the nodes are what counts */
    const char *file;
} extends_t;

typedef struct { /* trade of flows without figures */
    double constant, gdp, distance;
    int all; /* else only those missing */
    location_t mark;
} gravity_t;

typedef struct { /* a rule that names a calendar entry */
    const node_t *node;
    rule_t *rule;
    char *path;
} rule_entry_t;

struct reader {
    scenario_t *scenario;
    model_t *model;
    arena_t *arena; /* the model's */
    arena_t nodes;  /* of the trees of files and tables, which go when all is read; the model holds copies */
    diagnostics_t *diagnostics;
    const node_t *root;
    jmp_buf out_of_memory; /* where reader_need leaves to */

    char path[PARAM_PATH_BYTES]; /* keys joined by dots; what does not fit is refused */
    size_t path_length;
    int silent;            /* > 0: numbers are read but are no parameters */
    int told;              /* > 0: what is wrong was reported already */
    int unknown_paths;     /* errors that are only paths of no parameter */
    int kind;              /* being read, -1 */
    struct {               /* the rule being read */
        bool own, in_each; /* it is of an event; it is about `member` */
        int member;
        rule_entry_t *entries; /* all that name entries */
        int n_entries;
    } rule;

    param_t *params;
    size_t params_capacity;
    pending_t *pending;
    int n_pending;
    size_t pending_capacity;
    need_t *needs;
    int n_needs;
    size_t needs_capacity;
    parsed_t *parsed;
    int n_parsed;
    size_t parsed_capacity;
    bool no_input;     /* a file could not be read */
    bool base_missing; /* that of the scenario that it extends */
    const char **gone; /* kinds and conditions of libraries that were not taken */
    int n_gone;
    const char **filtered; /* actors of tables that were not taken */
    int n_filtered;
    bool missing[CATALOG_N]; /* the section could not be read: its unknown names are no news */
    bool ties_missing, period_missing;

    const gravity_t *gravity;  /* NULL: none */
    const node_t *equilibrium; /* NULL: none */
    int *tie_of;               /* [n_actors * n_actors] once the ties are read, else NULL */
    const node_t **kind_nodes; /* of each kind its mapping, and the mark of its name */
    location_t *kind_marks;
    const node_t **entry_nodes; /* of each calendar entry */
    bool *targeted;             /* [n_kinds] events of the type may have a target; before the checks */
    added_t *added;
    int n_added;
};

/* ---- diagnostics ---- */
void reader_error(reader_t *r, location_t mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void reader_warning(reader_t *r, location_t mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "PATH is VALUE: EXPECTED is expected". */
void reader_expected(reader_t *r, const node_t *node, const char *expected);
/* Number of errors so far, to omit a check that depends on a value that is already invalid. */
int reader_errors(const reader_t *r);
/* The node in a few words: "often" (in quotes), a list, a mapping, nothing. */
const char *node_excerpt(const node_t *node, char *out, size_t size);

/* ---- memory ---- */
void *reader_alloc(reader_t *r, size_t n, size_t size);
#define READER_NEW(r, n, type) ((type *)reader_alloc(r, (size_t)(n), sizeof(type)))
char *reader_text(reader_t *r, const char *text);
char *reader_format(reader_t *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One more (zeroed) item at the end of an array in the arena; the array may move. */
void *reader_append(reader_t *r, void *items, int *n, size_t size);
#define READER_APPEND(r, items, n, type) ((type *)reader_append(r, &(items), &(n), sizeof(type)))
/* Leaves the reader if `condition` shows that memory ran out. */
void reader_need(reader_t *r, bool condition);
int reader_grow(reader_t *r, void **items, int n, size_t *capacity, size_t size);

/* ---- path of the key in hand ---- */
size_t reader_push(reader_t *r, const char *key); /* returns what reader_pop takes */
size_t reader_push_index(reader_t *r, int index);
void reader_pop(reader_t *r, size_t length);

/* ---- values ---- */
/* Reads the keys of a mapping into `base`; `node` may be NULL (absent: defaults). A scalar stands for the
 * section's shorthand. False if it is no mapping (reported). */
bool reader_section(reader_t *r, const section_t *section, const node_t *node, void *base);
bool reader_is_mapping(reader_t *r, const node_t *node, const char *expected); /* reports else */
bool reader_is_list(reader_t *r, const node_t *node, const char *expected);
bool reader_is_scalar(reader_t *r, const node_t *node, const char *expected);
/* A number of that dimension and range; false if it is none (reported). */
bool reader_number(reader_t *r, const node_t *node, dimension_t dimension, double low, double high,
                   double *value);
bool reader_date(reader_t *r, const node_t *node, double *value); /* days from the start */
/* Index of the name in a catalog, -1 if it is not there (reported, with a suggestion). */
int reader_find(reader_t *r, catalog_t catalog, const node_t *node);
/* Two actors of "A-B" or "A -> B"; -1 where unknown (reported). */
bool reader_pair(reader_t *r, const node_t *node, int *a, int *b);
/* The tie of such a text; -1 (reported). */
int reader_tie(reader_t *r, const node_t *node);
/* A list item's name in paths: its id, else the kind or condition it names if that is unique, else its index.
 */
size_t reader_push_item(reader_t *r, const node_t *list, int index);

const char *catalog_what(catalog_t catalog); /* "an actor" */
int catalog_size(const reader_t *r, catalog_t catalog);
const char *catalog_name(const reader_t *r, catalog_t catalog, int i);

/* Rejects more items than the limit: "PATH: 70 groups are more than the limit of 64". */
bool reader_check_number(reader_t *r, location_t mark, int n, int most, const char *what);
/* Rejects names that would be ambiguous in paths or ties. `forbidden` lists characters. */
bool reader_check_name(reader_t *r, const char *what, const char *name, location_t mark,
                       const char *forbidden);

/* ---- free attributes and rows of tables (read_actors.c) ---- */
typedef struct {
    const char *name, *key; /* column, and the key it is; NULL: not a key of the mapping */
} column_t;
node_t *reader_row(reader_t *r, const node_t *row, const column_t *columns, int n_columns, bool first_row);
/* Adds the names under `attributes` of a mapping to a growing list; then each item's values in that order. */
void reader_collect_attributes(reader_t *r, const node_t *item, char ***names, int *n);
double *reader_attributes(reader_t *r, const node_t *node, char *const *names, int n);

/* ---- parameters ---- */
void reader_param(reader_t *r, double *value, dimension_t dimension, double low, double high,
                  bool structural);

/* The first few of many names, or of pairs of them: "AFG, EU, POL and 12 more". */
typedef struct {
    char text[8 * PAIR_BYTES + 32];
    int n;
} roll_t;
void roll_add(roll_t *self, const char *name);
const char *roll_text(roll_t *self);

/* ---- files ---- */
/* Where a file that a scalar node names is: beside the node's own file, else where libraries are. */
const char *reader_search(reader_t *r, const node_t *name);
/* Its source; -1 after reporting. */
int reader_open(reader_t *r, const node_t *name);
/* Its YAML; NULL after reporting (once). */
const node_t *reader_parse(reader_t *r, int file);
/* A mapping whose key `from` names files (one or a list): theirs, merged, with the mapping's other keys laid
 * over. A shared file holds mappings `kinds` and `conditions`; `section` says which is meant. */
const node_t *reader_merge_from(reader_t *r, const node_t *node, const char *section);
/* Whether the text is a library's, else a scenario's. */
bool reader_in_library(const reader_t *r, location_t mark);
/* The mapping of a scenario with that of the one it extends under it. */
const node_t *reader_extend(reader_t *r, const node_t *root);
/* The rows of the tables that `from` names, with the choices it makes; as reader_table. `key` is the column
 * of names to which only and except refer, or NULL. Names of rows that are not taken are added to
 * reader.filtered. */
const node_t *reader_tables(reader_t *r, const node_t *from, const char *key);
bool reader_is_filtered(const reader_t *r, const char *actor);
/* The rows of a table as mappings from column to cell (empty cells left out); a list node, NULL if it could
 * not be read (reported). Marks point into the table. */
const node_t *reader_table(reader_t *r, const node_t *name);

/* ---- the parts of a scenario, in the order they are read ---- */
void read_actors(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_groups(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_ties(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_conditions(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_kinds(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_history(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_calendar(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_interventions(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_quantities(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_variants(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_uncertain(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_choose(reader_t *r, const field_t *field, const node_t *node, void *at);
void read_sweep(reader_t *r, const field_t *field, const node_t *node, void *at);

extern const section_t section_table_keys, section_shared_keys, section_ties_keys, section_relax,
    section_trade, section_effects, section_term;
extern const section_t section_as_of, section_ongoing, section_output, section_extends, section_library,
    section_table;
extern const section_t section_actor, section_group, section_tie, section_condition, section_kind,
    section_entry, section_intervention, section_quantity, section_variant, section_choose, section_joint,
    section_sweep;

extern const type_t type_from_table; /* tables and which of their rows are taken */

/* The entries that rules name (read_rules.c). */
void read_rules_entries(reader_t *r);
/* The settings that waited (read_settings.c). */
void read_pending(reader_t *r);
void reader_later(reader_t *r, const node_t *node, int *n, setting_t **settings);
/* One setting: the parameter `path` names, and the value of `node` in its unit. False after reporting. */
bool reader_setting(reader_t *r, const char *path, location_t mark, const node_t *node, setting_t *setting);
int param_find(const param_t *params, int n, const char *path);   /* as scenario_param */
bool param_reverse_tie(const char *path, char *out, size_t size); /* ties.USA-KAZ.x as ties.KAZ-USA.x */
/* The message for a path that names no parameter, with a suggestion, into `out` (param_path.c). */
void param_unknown(const param_t *params, int n, const char *path, char *out, size_t size);
int reader_param_index(reader_t *r, const char *path, location_t mark); /* -1 after reporting */
/* A distribution in a parameter's unit. */
bool reader_dist(reader_t *r, const node_t *node, dimension_t dimension, double low, double high,
                 dist_t *dist);
/* Checks across sections (validate.c). */
void validate_scenario(reader_t *r);

#endif
