/* The courses of a replicate (one for each variant) side by side: the root is simulated completely, each
 * other course as a difference from it.
 *
 * The state is cut into blocks: a tie, an actor, a dated event, the market of trade. A course has its own
 * copy of a block while the block differs from the root's in any bit; all its other blocks are the root's.
 * Its own ties and actors also have their own candidates. What waits (items, bookings, offspring) and what
 * has been recorded belongs to a set of courses each (engine/course/course_set.h).
 *
 * A step processes one due item (due_t). The state that it may read and write (its footprint) is known in
 * advance. Courses that differ from the root in the footprint take the step one by one, each on its own
 * arrays, to which the rest of the footprint is copied. Then the root takes the step, with effect for all
 * courses that do not differ. Finally the courses give up blocks that have become equal to the root's, and
 * items that a course and the root have both added become common. */
#ifndef ENTENTE_ENGINE_COURSE_COURSES_H
#define ENTENTE_ENGINE_COURSE_COURSES_H

#include "base/heap.h"
#include "engine/course/course_set.h"
#include "engine/result.h"
#include "model/world.h"

typedef enum { BLOCK_TIE, BLOCK_ACTOR, BLOCK_ENTRY, BLOCK_RULE, BLOCK_MARKET, BLOCK_TYPES } block_type_t;
enum { BLOCK_SLABS = 16, ARRAYS_MAX = 24 };

/* An array of the engine or its world. Each course has its own, of which only the parts of its own blocks
 * are valid (and take memory); while the course acts, the pointer refers to its array. */
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
    bool stale;                  /* its candidates must be updated */
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
