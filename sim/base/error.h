/* Errors: one list of codes, and a message for each error.
 *
 * A function that can fail returns 0 or a negative code of this list. If the user needs more than the code
 * (the file, the value, the allowed range), the caller passes a fault_t, which the function fills before it
 * returns. A stop reason of a replicate is not an error (engine/engine.h). */
#ifndef ENTENTE_BASE_ERROR_H
#define ENTENTE_BASE_ERROR_H

/* X(name, exit code of sysexits.h, what it means) */
#define ERROR_LIST(X)                                                 \
    X(ERR_NOMEM, 70, "out of memory")                                 \
    X(ERR_USAGE, 64, "the command line is invalid")                   \
    X(ERR_DATA, 65, "the scenario or its data are invalid")           \
    X(ERR_NOINPUT, 66, "an input file cannot be read")                \
    X(ERR_INTERNAL, 70, "a fault of the program itself")              \
    X(ERR_CANTCREATE, 73, "an output file cannot be created")         \
    X(ERR_IO, 74, "reading or writing failed")                        \
    X(ERR_INTERRUPTED, 75, "interrupted; the same command continues") \
    X(ERR_DAMAGED, 65, "a file is not as it was written")             \
    X(ERR_SCHEMA, 65, "a file is of an older format")                 \
    X(ERR_NEWER, 65, "a file is of a newer format")                   \
    X(ERR_LOCKED, 66, "another program has the file open for writing")

enum {
    ERR_NONE = 0,
    ERR_BASE_ = -100,
#define X(name, exit_code, text) name,
    ERROR_LIST(X)
#undef X
};

/* The code of a failed call and its message for the user: what, where, the value, the remedy. (glibc has the
 * name error_t.) */
typedef struct {
    int code;        /* 0 while nothing failed */
    char text[1024]; /* a longer one ends with "..." */
} fault_t;

/* Sets `err` (may be NULL) and returns `code`, so that a failing function can `return error_set(...)`. */
int error_set(fault_t *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The exit code of sysexits.h for an error code (0 for 0, 70 for an unknown one). */
int error_exit_code(int code);

/* The meaning of an error code in a few words; never NULL. */
const char *error_text(int code);

/* error_set for missing memory. */
static inline int error_memory(fault_t *err) {
    return error_set(err, ERR_NOMEM, "%s", error_text(ERR_NOMEM));
}

/* If a call fails, goes to the label `out` of the function; needs `int ret` in scope. */
#define TRY(call)              \
    do {                       \
        ret = (call);          \
        if (ret < 0) goto out; \
    } while (0)

/* The same if an allocation failed (the argument lists all of them, `a && b`). Needs `fault_t *err` too. */
#define TRY_MEM(there)               \
    do {                             \
        if (!(there)) {              \
            ret = error_memory(err); \
            goto out;                \
        }                            \
    } while (0)

#endif
