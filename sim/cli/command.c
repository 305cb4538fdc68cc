#include "cli/command.h"

#include <stdio.h>

int command_ended(int ret, const char *what, const fault_t *err) {
    if (ret)
        fprintf(stderr, "entente: %s%s%s\n", what ? what : "", what ? ": " : "",
                *err->text ? err->text : error_text(ret));
    return error_exit_code(ret);
}

int command_print_json(json_t *json) {
    if (!json) return ERR_NOMEM;
    json_dumpf(json, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(json);
    return 0;
}
