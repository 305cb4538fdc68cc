/* Files of options: "@FILE" among a sweep's arguments. */
#include "cli/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char **sweep_expand(int *argc, char **argv) {
    size_t room = (size_t)*argc + 1, n = 0;
    char **words = calloc(room + 4096, sizeof *words), line[4096];
    if (!words) return argv;
    for (int i = 0; i < *argc; i++) {
        FILE *in = i && *argv[i] == '@' ? fopen(argv[i] + 1, "re") : NULL;
        words[n++] = argv[i];
        if (!in) continue;
        n--;
        while (fgets(line, sizeof line, in) && n < room + 4000) {
            line[strcspn(line, "\r\n")] = '\0';
            char *name = line + strspn(line, " \t"), *word = NULL;
            if (!*name || *name == '#') continue;
            char *blank = name + strcspn(name, " \t"), *value = blank + strspn(blank, " \t");
            const char *slash = strrchr(argv[i], '/');
            int folder = slash && *value != '/' ? (int)(slash - argv[i]) : 0;
            bool alone = !*value;
            *blank = '\0';
            int made = strcmp(name, "scenario") == 0
                           ? asprintf(&word, "%.*s%s", folder, argv[i] + 1, value)
                           : asprintf(&word, "--%s%s%s", name, alone ? "" : "=", value);
            if (made >= 0) words[n++] = word;
        }
        fclose(in);
    }
    *argc = (int)n;
    return words;
}
