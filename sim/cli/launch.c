#include "cli/launch.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t launch_number(struct argp_state *state, const char *option, const char *text, uint64_t least,
                       uint64_t most) {
    char *end;
    uintmax_t n = strtoumax(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || n < least || n > most)
        argp_error(state, "%s is \"%s\": a number from %" PRIu64 " to %" PRIu64 " is expected", option, text,
                   least, most);
    return n;
}

int launch_processors(void) {
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
    return n < 1 ? 1 : n;
}

int launch_variants(const opened_t *opened, int n_names, const char *const *names, int *out, int *status) {
    int n = 0;
    out[n++] = 0;
    if (!n_names)
        for (int v = 1; v < opened->scenario.model.n_variants; v++) out[n++] = v;
    for (int i = 0; i < n_names; i++) {
        int variant = open_variant(opened, names[i], status);
        if (variant < 0) return -1;
        bool there = false;
        for (int k = 0; k < n; k++) there |= out[k] == variant;
        if (!there) out[n++] = variant;
    }
    return n;
}

char *launch_command(int argc, char **argv) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    for (int i = 0; i < argc; i++) {
        bool plain =
            i == 0 || (*argv[i] && strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                   "0123456789_-+=./:,@%") == strlen(argv[i]));
        fprintf(out, plain ? "%s%s" : "%s'%s'", i ? " " : "", argv[i]);
    }
    return fclose(out) ? NULL : text;
}

void launch_moment(char out[32]) {
    time_t now = time(NULL);
    struct tm utc;
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
}
