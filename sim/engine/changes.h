/* What changes besides events: conditions that start and end, interventions that act. `entente trace` shows
 * them between the rows of the log. */
#ifndef ENTENTE_ENGINE_CHANGES_H
#define ENTENTE_ENGINE_CHANGES_H

#include <stddef.h>
#include <stdint.h>

typedef enum { CHANGE_STARTS, CHANGE_ENDS, CHANGE_ACTS } state_change_type_t;

typedef struct {
    double time; /* days from the start; of a condition in force at the start when it began */
    state_change_type_t type;
    int which;   /* condition, or (CHANGE_ACTS) intervention */
    int site;    /* of a condition (model/condition/condition.h); else -1 */
    int32_t row; /* rows of the log before it */
} state_change_t;

typedef struct {
    int n;
    size_t capacity;
    state_change_t *items;
} changes_t;

#endif
