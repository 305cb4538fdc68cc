#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(fault_t *err, int code, const char *format, ...) {
    if (err) {
        va_list args;
        va_start(args, format);
        err->code = code;
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return code;
}

int error_exit_code(int code) {
    switch (code) {
    case ERR_NONE:
        return 0;
#define X(name, exit_code, text) \
    case name:                   \
        return exit_code;
        ERROR_LIST(X)
#undef X
    default:
        return 70;
    }
}

const char *error_text(int code) {
    switch (code) {
    case ERR_NONE:
        return "no error";
#define X(name, exit_code, text) \
    case name:                   \
        return text;
        ERROR_LIST(X)
#undef X
    default:
        return "unknown error";
    }
}
