#include "cli/tables/predictive_table.h"

#include "text/text_table.h"

#include <math.h>
#include <stdio.h>

const char *predictive_verdict(const checked_t *checked, int figure) {
    if (!(checked->p <= PREDICTIVE_LEVEL)) return NULL;
    return checked->observed > checked->mean ? predictive_more[figure] : predictive_less[figure];
}

void predictive_print_figures(const checked_t checked[PREDICTIVE_N]) {
    static const char *const heads[] = {"", ">observed", ">mean", ">5 %", ">95 %", ">p", "", NULL};
    text_table_t table;
    text_table_init(&table, heads);
    for (int f = 0; f < PREDICTIVE_N; f++) {
        const checked_t *c = &checked[f];
        if (isnan(c->p)) continue;
        text_table_add(&table, "%s", predictive_shorts[f]);
        text_table_add(&table, "%.4g", c->observed);
        text_table_add(&table, "%.4g", c->mean);
        text_table_add(&table, "%.4g", c->low);
        text_table_add(&table, "%.4g", c->high);
        text_table_add(&table, "%.2g", c->p);
        text_table_add(&table, "%s", predictive_verdict(c, f) ? "rejected" : "");
    }
    text_table_print(&table, stdout);
}

void predictive_print_verdict(const checked_t checked[PREDICTIVE_N]) {
    bool any = false;
    for (int f = 0; f < PREDICTIVE_N; f++) {
        const char *text = predictive_verdict(&checked[f], f);
        if (!text) continue;
        if (!any) fputs("  verdict: misfit in", stdout);
        printf("%s\n    %s", any ? ";" : "", text);
        any = true;
    }
    puts(any ? "" : "  verdict: simulated and observed events agree");
}
