/* Sets of courses. A course is what one variant makes of a replicate; the first is the root, to which the
 * others are differences (engine/course/courses.h). What is one of many (an item of the agenda, a booking, an
 * offspring, a row of the log) has the set of courses that it belongs to. */
#ifndef ENTENTE_ENGINE_COURSE_COURSE_SET_H
#define ENTENTE_ENGINE_COURSE_COURSE_SET_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t course_set_t; /* bit c: course c */

enum { COURSES_MAX = 64 };
#define COURSE_ROOT UINT64_C(1)

static inline course_set_t course_bit(int course) {
    return UINT64_C(1) << course;
}

static inline int course_first(course_set_t set) {
    return __builtin_ctzll(set);
}

/* Whether the acting courses have what belongs to `of`: all of them or none, or they would not act as one. */
static inline bool course_sees(course_set_t acting, course_set_t of) {
    return of & acting & -acting;
}
static inline void course_agree(course_set_t acting, course_set_t of) {
    assert((of & acting) == 0 || (of & acting) == acting);
}

/* The courses that differ from the root in whether they have it. */
static inline course_set_t course_differing(course_set_t of) {
    return of & COURSE_ROOT ? ~of : of;
}

#endif
