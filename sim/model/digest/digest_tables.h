/* The model's structs as tables: how each member enters a fingerprint (digest.c). */
#ifndef ENTENTE_MODEL_DIGEST_DIGEST_TABLES_H
#define ENTENTE_MODEL_DIGEST_DIGEST_TABLES_H

#include "model/model.h"
#include <stddef.h>

typedef enum {
    MEMBER_OMITTED, /* cannot change a result, or follows from what can */
    MEMBER_APART,   /* by the record's `apart`, or by a section of its own */
    MEMBER_NUMBER,  /* double */
    MEMBER_INTEGER, /* int or an enumeration */
    MEMBER_FLAG,    /* bool */
    MEMBER_TEXT,
    MEMBER_DIST,
    MEMBER_STATISTIC,
    MEMBER_ACTOR, /* an index, so the next; written as its name */
    MEMBER_GROUP,
    MEMBER_TIE,
    MEMBER_CONDITION,
    MEMBER_KIND,
    MEMBER_SECTOR,
    MEMBER_ENTRY, /* of the calendar */
    MEMBER_INTERVENTION,
    MEMBER_QUANTITY,
    MEMBER_PARAM,
    MEMBER_RECORD,
    MEMBER_N
} member_how_t;

enum { IN_PLACE = -1 }; /* the member's values lie in the struct itself, one or several */

typedef struct digest digest_t;
typedef struct record record_t;

typedef struct {
    const char *name;
    member_how_t how;
    size_t at, size;        /* of the member in its struct */
    int count;              /* it points to values: offset of the int that counts them; else IN_PLACE */
    const record_t *record; /* MEMBER_RECORD */
    bool set;               /* references whose order means nothing */
} record_row_t;

struct record {
    const char *name;
    size_t size; /* of the struct */
    const record_row_t *rows;
    int n;
    void (*apart)(digest_t *digest, const void *object); /* or NULL */
    void (*clear_padding)(void *object);                 /* NULL where the compiler cannot */
};

extern const record_t actor_record, member_record, chair_record, group_record, tie_record, condition_record,
    condition_start_record, dynamics_record, noise_record, trade_record, tariff_record, kind_record,
    entry_record, intervention_record, variant_record, quantity_record, uncertain_record, follower_record,
    joint_record, setting_record, rule_record, as_of_record;
void digest_rule(digest_t *digest, const rule_t *rule); /* NULL: nothing */

/* All of them, those of structs within structs included; NULL last. */
extern const record_t *const digest_records[];

/* ---- what `apart` writes with (digest.c) -------------------------------------------------------------- */

const model_t *digest_model(const digest_t *self);
void digest_number(digest_t *self, double value);
void digest_text(digest_t *self, const char *text); /* NULL is fine */
void digest_record(digest_t *self, const record_t *record, const void *object);
/* The name of an index of MEMBER_ACTOR to MEMBER_PARAM; "" for -1. */
const char *digest_name(const digest_t *self, member_how_t how, int index);
void digest_set(digest_t *self, member_how_t how, int n, const int *indices);
void digest_attributes(digest_t *self, const double *values, bool of_actors); /* those that are read */
void digest_allowed(digest_t *self, const bool *allowed);                     /* [n_actors]; NULL: all */
/* Of a set of n actors or ties, the names of the members; NULL: all. */
void digest_chosen(digest_t *self, member_how_t how, int n, const bool *chosen);
void digest_settings(digest_t *self, int n, const setting_t *settings);
/* Entries of the calendar by their content, in their order or as a set. */
void digest_entries(digest_t *self, int n, const int *entries, bool set);

#endif
