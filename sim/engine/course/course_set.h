/* Sets of courses. A course is the path of a replicate in one variant; the first is the root, and the others
 * are differences from it (engine/course/courses.h). An item of the agenda, a booking, an offspring and a
 * row of the log each have the set of courses to which they belong. */
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

/* Whether the acting courses have the item of the courses `of`. All of them have it or none; otherwise they
 * would not act together. */
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
