#include "cli/compare/why.h"

#include "base/mem.h"
#include "stats/parameters/worth.h"
#include "text/text_table.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- what is read ------------------------------------------------------------------------------------ */

/* NAN last. */
static void rank(size_t n, const carrier_t *carriers, int *order) {
    for (size_t a = 0; a < n; a++) {
        size_t at = a;
        for (; at && !(carriers[order[at - 1]].share.value >= carriers[a].share.value) &&
               !isnan(carriers[a].share.value);
             at--)
            order[at] = order[at - 1];
        order[at] = (int)a;
    }
}

typedef struct {     /* of each variant's change; NULL: no estimate */
    double **mains;  /* [variant][parameter][row] */
    double **wholes; /* [variant][row] */
} gains_t;

static void gains_free(gains_t *gains, size_t n_variants) {
    for (size_t v = 0; v < n_variants; v++) {
        if (gains->mains) mem_free(gains->mains[v]);
        if (gains->wholes) mem_free(gains->wholes[v]);
    }
    mem_free(gains->mains);
    mem_free(gains->wholes);
}

static int fit_change(comparison_t *c, size_t variant, bool chosen, why_t *why, gains_t *gains,
                      fault_t *err) {
    int ret = 0;
    size_t d = c->n_parameters, n = (size_t)c->spread.n;
    smooth_t told = {0};
    smooth_detail_t detail = {.sets = c->sets, .carriers = why->carriers + variant * d};
    double *change = mem_alloc(n, sizeof *change);
    TRY_MEM(change);
    if (chosen && declared_option(&c->declared, variant)) {
        detail.mains = gains->mains[variant] = mem_alloc(d * n, sizeof(double));
        detail.whole = gains->wholes[variant] = mem_alloc(n, sizeof(double));
        TRY_MEM(detail.mains && detail.whole);
    }
    comparison_change(c, variant, change);
    TRY_MEM(spread_outcome(&c->spread, change, &told, &detail) == 0);
out:
    mem_free(change);
    return ret;
}

static int value_choice(const comparison_t *c, const compared_t *what, const gains_t *gains, why_t *why,
                        fault_t *err) {
    int ret = 0;
    size_t n = (size_t)c->spread.n;
    double *means = mem_alloc(c->n_variants, sizeof *means);
    const double **rows = mem_alloc(c->n_variants, sizeof *rows);
    size_t *options = mem_alloc(c->n_variants, sizeof *options);
    TRY_MEM(means && rows && options);
    int n_options = 0;
    for (size_t v = 0; v < c->n_variants; v++)
        if (declared_option(&c->declared, v)) options[n_options++] = v;
    worth_t worth = {c->spread.n, n_options, means, rows, why->least};
    for (int o = 0; o < n_options; o++) {
        means[o] = options[o] ? what->estimates[options[o]].difference : 0;
        rows[o] = gains->wholes[options[o]];
    }
    why->best = (int)options[worth_best(&worth)];
    why->worth_of_all = worth_of(&worth);
    for (size_t a = 0; a < c->n_parameters; a++) {
        for (int o = 0; o < n_options; o++) {
            const double *mains = gains->mains[options[o]];
            rows[o] = mains ? mains + a * n : NULL;
        }
        why->worth[a] = worth_of(&worth);
    }
out:
    mem_free(means);
    mem_free(rows);
    mem_free(options);
    return ret;
}

int why_read(comparison_t *c, const compared_t *what, bool chosen, bool least, why_t *why, fault_t *err) {
    int ret = 0;
    size_t d = c->n_parameters;
    gains_t gains = {mem_alloc(c->n_variants, sizeof *gains.mains),
                     mem_alloc(c->n_variants, sizeof *gains.wholes)};
    *why = (why_t){.carriers = arena_alloc(&c->arena, c->n_variants * d, sizeof *why->carriers),
                   .order = arena_alloc(&c->arena, c->n_variants * d, sizeof *why->order),
                   .worth = arena_alloc(&c->arena, d, sizeof *why->worth),
                   .chosen = chosen,
                   .least = least};
    TRY_MEM(gains.mains && gains.wholes && why->carriers && why->order && why->worth);
    for (size_t v = 0; v < c->n_variants; v++) {
        for (size_t a = 0; a < d; a++) why->carriers[v * d + a] = (carrier_t){{NAN, NAN, NAN}, NAN, NAN};
        if (v && spread_tells_change(&what->estimates[v])) TRY(fit_change(c, v, chosen, why, &gains, err));
        rank(d, why->carriers + v * d, why->order + v * d);
    }
    if (chosen) ret = value_choice(c, what, &gains, why, err);
out:
    gains_free(&gains, c->n_variants);
    return ret;
}

/* ---- text -------------------------------------------------------------------------------------------- */

static const char *joint_of(const comparison_t *c, size_t a) {
    return c->joints ? c->joints[a] : "";
}

static void add_carrier(text_table_t *table, const comparison_t *c, size_t a, const carrier_t *carrier,
                        const number_style_t *style) {
    char low[32], high[32];
    const char *joint = joint_of(c, a);
    text_table_add(table, *joint ? "  %s (%s)" : "  %s", c->parameters[a], joint);
    text_table_add(table, "%.0f %%", 100 * carrier->share.value);
    text_table_add(table, "%.0f .. %.0f", 100 * carrier->share.low, 100 * carrier->share.high);
    text_table_add(table, "%s", quantity_number_text(style, carrier->at_low, low));
    text_table_add(table, "%s", quantity_number_text(style, carrier->at_high, high));
}

void why_print(const comparison_t *c, const why_t *why, size_t variant, const number_style_t *style) {
    static const char *const heads[] = {"  moved by",  ">share",       "95 % interval",
                                        ">at its 5 %", ">at its 95 %", NULL};
    const carrier_t *carriers = why->carriers + variant * c->n_parameters;
    const int *order = why->order + variant * c->n_parameters;
    size_t shown = 0, untold = 0;
    bool joint = false;
    text_table_t table;
    text_table_init(&table, heads);
    for (size_t k = 0; k < c->n_parameters; k++) {
        const carrier_t *carrier = &carriers[order[k]];
        untold += isnan(carrier->share.value) != 0;
        if (!(carrier->share.low > 0)) continue;
        add_carrier(&table, c, (size_t)order[k], carrier, style);
        joint |= *joint_of(c, (size_t)order[k]) != 0;
        shown++;
    }
    if (shown) text_table_print(&table, stdout);
    if (joint)
        puts("    (name): drawn jointly; the share is that of all of this name together, the ends are with "
             "the "
             "others at their means");
    size_t rest = c->n_parameters - shown - untold;
    if (rest) printf("    %s%zu whose share may be 0\n", shown ? "and " : "", rest);
    if (untold == c->n_parameters)
        puts("    moved by    too few replicates to tell which parameters");
    else if (untold)
        printf("    and %zu with too few replicates to tell\n", untold);
}

void why_print_choice(const comparison_t *c, const compared_t *what, const why_t *why,
                      const number_style_t *style) {
    static const char *const heads[] = {"knowing beforehand", ">is worth", NULL};
    text_table_t table;
    char text[32], none[32];
    double finest = why->worth_of_all / 10;
    number_style_t fine = number_style(what->unit, why->worth_of_all, finest);
    if (fine.decimals < style->decimals || why->worth_of_all <= 0) fine = *style;
    const char *gap = *fine.unit ? " " : "";
    printf("  choice of the %s", why->least ? "least" : "most");
    for (size_t v = 0, n = 0; v < c->n_variants && c->declared.there; v++)
        if (declared_option(&c->declared, v)) printf("%s%s", n++ ? ", " : " between ", c->variants[v]);
    printf(": %s is the best on average\n", c->variants[why->best]);
    text_table_init(&table, heads);
    text_table_add(&table, "all parameters");
    text_table_add(&table, "%s%s%s", quantity_number_text(&fine, why->worth_of_all, text), gap, fine.unit);
    for (size_t a = 0; a < c->n_parameters; a++) {
        if (!strcmp(quantity_number_text(&fine, why->worth[a], text), quantity_number_text(&fine, 0, none)))
            continue;
        if (c->sets && c->sets[a] >= 0 && c->sets[a] != (int)a) continue;
        if (*joint_of(c, a))
            text_table_add(&table, "all of %s, drawn jointly", joint_of(c, a));
        else
            text_table_add(&table, "%s alone", c->parameters[a]);
        text_table_add(&table, "%s%s%s", quantity_number_text(&fine, why->worth[a], text), gap, fine.unit);
    }
    text_table_print(&table, stdout);
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

json_t *why_json(const comparison_t *c, const compared_t *what, const why_t *why, size_t variant) {
    json_t *list = json_array();
    for (size_t k = 0; k < c->n_parameters; k++) {
        int a = why->order[variant * c->n_parameters + k];
        const carrier_t *carrier = &why->carriers[variant * c->n_parameters + (size_t)a];
        json_array_append_new(
            list, json_pack("{s:s s:s s:s s:s s:o s:o s:o s:o s:o s:o}", "quantity", what->name, "variant",
                            c->variants[variant], "parameter", c->parameters[a], "joint",
                            joint_of(c, (size_t)a), "share", json_number(carrier->share.value), "share_low",
                            json_number(carrier->share.low), "share_high", json_number(carrier->share.high),
                            "at_low", json_number(carrier->at_low), "at_high", json_number(carrier->at_high),
                            "evppi", json_number(why->chosen ? why->worth[a] : NAN)));
    }
    return list;
}

json_t *why_choice_json(const comparison_t *c, const why_t *why) {
    if (!why->chosen) return json_null();
    json_t *options = json_array();
    for (size_t v = 0; v < c->n_variants; v++)
        if (declared_option(&c->declared, v)) json_array_append_new(options, json_string(c->variants[v]));
    return json_pack("{s:s s:o s:s s:o}", "aim", why->least ? "min" : "max", "options", options, "best",
                     c->variants[why->best], "evpi_parameters", json_number(why->worth_of_all));
}
