#include "cli/tables/labels.h"

#include "model/without.h"
#include "text/text_table.h"
#include <string.h>

static const char *shown(const char *name) {
    return without_is(name) ? name + strlen(WITHOUT) : name;
}

int labels_print(FILE *out, store_t *store, const char *of, fault_t *err) {
    int ret = 0, width = 0;
    size_t n = 0;
    char object[32], **names = NULL, **labels = NULL;
    snprintf(object, sizeof object, "%s_label", of);
    if (!store_has(store, object)) return 0;
    TRY(store_names(store, of, &n, &names, err));
    TRY(store_names(store, object, &n, &labels, err));
    for (size_t i = 0; i < n; i++)
        if (*labels[i] && text_width(shown(names[i])) > width) width = text_width(shown(names[i]));
    for (size_t i = 0; i < n; i++)
        if (*labels[i])
            fprintf(out, "  %s%*s  %s\n", shown(names[i]), width - text_width(shown(names[i])), "",
                    labels[i]);
    putc('\n', out);
out:
    store_free_names(n, names);
    store_free_names(n, labels);
    return ret;
}
