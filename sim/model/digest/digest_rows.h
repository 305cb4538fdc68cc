/* How the tables of digest_tables.h are written. */
#ifndef ENTENTE_MODEL_DIGEST_DIGEST_ROWS_H
#define ENTENTE_MODEL_DIGEST_DIGEST_ROWS_H

#include "model/digest/digest_tables.h"

#ifdef __has_builtin
#if __has_builtin(__builtin_clear_padding)
#define CLEARS_PADDING
#endif
#endif

/* A row: how, the struct, the member; behind them `.record` of a RECORD, `.set`. */
#define ROW(how_, type, member)                                          \
    .name = #member, .how = MEMBER_##how_, .at = offsetof(type, member), \
    .size = sizeof(((type *)NULL)->member)
#define IS(how_, type, member, ...) \
    { ROW(how_, type, member), .count = IN_PLACE, __VA_ARGS__ }
/* The member points to as many values as the int `counter` of the same struct says. */
#define ARE(how_, type, member, counter, ...) \
    { ROW(how_, type, member), .count = (int)offsetof(type, counter), __VA_ARGS__ }

#ifdef CLEARS_PADDING
#define PADDING(type)                            \
    static void clear_##type(void *object) {     \
        __builtin_clear_padding((type *)object); \
    }
#define CLEAR(type) clear_##type
#else
#define PADDING(type)
#define CLEAR(type) NULL
#endif

/* The record of a struct, behind its rows NAME_rows and the PADDING of the struct. */
#define RECORD(name_, type, ...)                                                                          \
    {                                                                                                     \
        .name = #type, .size = sizeof(type), .rows = name_##_rows,                                        \
        .n = (int)(sizeof name_##_rows / sizeof *name_##_rows), .clear_padding = CLEAR(type), __VA_ARGS__ \
    }

#endif
