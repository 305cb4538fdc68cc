/* The courses of a replicate side by side: the root is simulated whole, each other one as a difference to it.
 *
 * The state is cut into blocks: a tie, an actor, a dated event. A course has a block of its own while it is
 * not the root's, bit by bit; everything else of it is the root's. Own ties and actors have candidates of
 * their own too. What waits (items, bookings, offspring) and what has been recorded belongs to a set of
 * courses each (engine/course/course_set.h).
 *
 * A step is one thing whose time has come (due_t). What it may read and write is known before it is taken
 * (its footprint). The courses that differ there take it one by one, each on its own arrays, to which the
 * rest of the footprint is copied; then the root takes it, and what it does holds for all that do not differ.
 * At last blocks that have become the root's are given up, and what a course has added is the root's if both
 * have added the same. */
#ifndef ENTENTE_ENGINE_COURSE_COURSES_H
#define ENTENTE_ENGINE_COURSE_COURSES_H

#include "base/heap.h"
#include "engine/course/course_set.h"
#include "engine/result.h"
#include "model/world.h"

typedef enum { BLOCK_TIE, BLOCK_ACTOR, BLOCK_ENTRY, BLOCK_TYPES } block_type_t;
enum { BLOCK_SLABS = 14, ARRAYS_MAX = 24 };

/* An array of the engine or its world. Each course has one of its own, of which only what belongs to its own
 * blocks means anything (and takes memory); the pointer to it is changed while the course acts. */
typedef struct {
    void *member; /* the address of the pointer */
    char *root;   /* the root's */
    size_t bytes;
} array_t;

/* The blocks of one type: of each a part of every slab; first those of its state, then of its candidates. */
typedef struct {
    int first, n; /* numbers of the blocks */
    int n_state, n_slabs;
    struct {
        int array;
        size_t offset, size; /* of the first block's part; of a part */
    } slabs[BLOCK_SLABS];
} block_class_t;

typedef struct {
    bool is_own, has_candidates; /* else the root's hold */
    bool stale;                  /* its candidates have to be looked at */
    int at;                      /* its place in the list */
} own_t;

typedef struct { /* what a course has added in a step */
    int32_t first_row, end_row;
    uint32_t first_item, end_item, first_booking, end_booking; /* serial numbers */
    uint32_t *offspring;                                       /* slots */
    int n_offspring;
    size_t capacity;
} added_t;

typedef struct {
    const variant_t *variant;
    result_t *result;
    heap_t queue; /* of the bunches of its own blocks */
    void *memory; /* of its arrays */
    char *arrays[ARRAYS_MAX];
    own_t *own; /* [n_blocks] */
    int n_own;
    int *list; /* [n_blocks] its own blocks */
    added_t added;
} course_t;

/* What a step may read and write. */
typedef struct {
    bool all;        /* anything */
    int n_write, n;  /* the blocks that it may write come first */
    int *blocks;     /* [n_blocks] */
    uint32_t *stamp; /* [n_blocks] the last step that it was put down in */
    uint32_t step;
    course_set_t differ; /* of the agenda and the diaries: the courses that differ in what is read */
} footprint_t;

#endif
