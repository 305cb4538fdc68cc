/* The scenario language as tables: one row for each key, one table for each mapping.
 *
 * A row states how a key's value is read, where it is stored, its allowed values and its meaning. The tables
 * define the reader itself (reader.c), the errors for unknown and missing keys, the defaults, the registry
 * of parameters (model->params), the JSON schema and the reference in docs/scenario-format.md (schema.c). To
 * add a key, add a row; to add a new sort of value, add a type (types.c). */
#ifndef ENTENTE_SCENARIO_FIELD_H
#define ENTENTE_SCENARIO_FIELD_H

#include "model/model.h"
#include "scenario/yaml.h"
#include <float.h>
#include <math.h>

typedef struct reader reader_t;
typedef struct field field_t;
typedef struct section section_t;

/* Sets of names that values refer to. */
typedef enum {
    CATALOG_NONE,
    CATALOG_ACTOR,
    CATALOG_GROUP,
    CATALOG_CONDITION,
    CATALOG_KIND,
    CATALOG_SECTOR,
    CATALOG_ACTOR_ATTRIBUTE,
    CATALOG_TIE_ATTRIBUTE,
    CATALOG_CALENDAR,
    CATALOG_INTERVENTION,
    CATALOG_METRIC,
    CATALOG_QUANTITY,
    CATALOG_VARIANT,
    CATALOG_N
} catalog_t;

/* The forms that schema.c writes by itself; SHAPE_OWN types bring their schema. */
typedef enum {
    SHAPE_TEXT,
    SHAPE_BOOL,
    SHAPE_INTEGER,
    SHAPE_NUMBER,
    SHAPE_ENUM,
    SHAPE_NAME,  /* of a catalog */
    SHAPE_NAMES, /* one or a list */
    SHAPE_DIST,
    SHAPE_SECTION, /* a mapping with the keys of field->section */
    SHAPE_LIST,    /* of such mappings */
    SHAPE_MAP,     /* free names, each with such a mapping */
    SHAPE_OWN
} shape_t;

typedef struct {
    shape_t shape;
    const char *expected; /* "a text": in messages and in the reference */
    void (*read)(reader_t *r, const field_t *field, const node_t *node, void *at);
    const char *schema; /* JSON, of SHAPE_OWN */
} type_t;

enum {
    FIELD_REQUIRED = 1,
    FIELD_STRUCTURAL = 2, /* a number that cannot be varied after reading */
    FIELD_LATENT = 4,     /* a mapping whose absence switches something off: then it has no parameters */
    FIELD_PLAIN_DAYS = 8, /* a duration that may be a plain number of days */
    FIELD_ABSENT_TOO = 16 /* read with node NULL when the key is not there (mappings always are) */
};

struct field {
    const char *name;
    const type_t *type;
    unsigned flags;
    size_t at;                /* offset of the value in the section's struct */
    size_t has;               /* 1 + offset of a bool set when the key is there; 0 none */
    dimension_t dimension;    /* of numbers and distributions */
    double low, high;         /* allowed, inclusive (DBL_MIN: above 0) */
    const char *fallback;     /* read in place of an absent key; NULL: none */
    const char *unset;        /* what absence means, for the reference */
    const section_t *section; /* of mappings, of a list's items, of what free names stand for */
    const section_t *keys;    /* the keys beside the free names (`from`) */
    size_t count, size;       /* lists: offset of the int count, size of an item */
    const char *const *names; /* of an enumeration */
    int n_names;
    catalog_t catalog;
    const char *what; /* one sentence for the reference */
    const char *example;
};

struct section {
    const char *name; /* heading in the reference, name in the schema */
    const char *what;
    const field_t *fields;
    int n;
    const char *shorthand; /* the key that a scalar in place of the mapping stands for */
    /* Checks and derivations across keys; `node` is NULL when the mapping is absent. */
    void (*finish)(reader_t *r, void *base, const node_t *node);
};

#define SECTION_FIELDS(table) .fields = (table), .n = (int)(sizeof(table) / sizeof *(table))
#define AT(type, member) .at = offsetof(type, member)
#define HAS(type, member) .has = offsetof(type, member) + 1
#define ITEMS(type, items, counter, item_type) \
    .at = offsetof(type, items), .count = offsetof(type, counter), .size = sizeof(item_type)
#define NAMES(table) .names = (table), .n_names = (int)(sizeof(table) / sizeof *(table))

/* Ranges */
#define ANY .low = -INFINITY, .high = INFINITY
#define POSITIVE .low = DBL_MIN, .high = INFINITY
#define NOT_NEGATIVE .low = 0, .high = INFINITY
#define BETWEEN(a, b) .low = (a), .high = (b)

/* Types (types.c, types_model.c) */
extern const type_t type_text, type_bool, type_int, type_number, type_date, type_enum, type_name, type_names,
    type_tie, type_role, type_party, type_role_pair, type_dist, type_predictor, type_section, type_list;

/* Sections that several others use */
extern const section_t section_chance;

/* The whole language: the table of a scenario's own keys (scenario.c). */
extern const section_t section_scenario;

#endif
