#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Ends a text that was cut with "...", after a complete character. */
static void mark_cut(fault_t *err) {
    size_t at = sizeof err->text - sizeof "...";
    while (at > 0 && ((unsigned char)err->text[at] & 0xC0) == 0x80) at--;
    memcpy(err->text + at, "...", sizeof "...");
}

int error_set(fault_t *err, int code, const char *format, ...) {
    if (err) {
        va_list args;
        va_start(args, format);
        err->code = code;
        int n = vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        if (n >= (int)sizeof err->text) mark_cut(err);
    }
    return code;
}

int error_exit_code(int code) {
    static const struct {
        int code, exit_code;
    } list[] = {
#define X(name, exit_code, text) {name, exit_code},
        ERROR_LIST(X)
#undef X
    };
    if (code == ERR_NONE) return 0;
    for (size_t n = 0; n < sizeof list / sizeof *list; n++)
        if (list[n].code == code) return list[n].exit_code;
    return 70;
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
