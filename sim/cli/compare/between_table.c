/* What two files differ in, as text and as JSON. */
#include "cli/compare/between.h"

#include "cli/tables/quantity_table.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { LINE_WIDTH = 80 };

static const char *const ages[BOTH] = {"old", "new"};

/* ---- text ------------------------------------------------------------------------------------------------
 */

/* Adds a word to a list that is broken into lines; where the next one begins. */
static int put_word(int column, const char *word, bool last) {
    if (column + (int)strlen(word) + 2 > LINE_WIDTH) column = printf("\n    ") - 1;
    return column + printf(" %s%s", word, last ? "" : ",");
}

static void print_differing(const between_t *self) {
    int column = 0;
    for (size_t d = 0; d < self->n_differing; d++) {
        const differing_t *one = &self->differing[d];
        if (!one->of_scenario)
            printf("  %s: %s, %s\n", one->name, one->old ? one->old : "-", one->new ? one->new : "-");
    }
    for (size_t d = 0; d < self->n_differing; d++) {
        const differing_t *one = &self->differing[d];
        char word[NAME_BYTES + 32];
        if (!one->of_scenario) continue;
        if (!column) column = printf("  scenario:");
        snprintf(word, sizeof word, "%s%s", one->name,
                 !one->in_old   ? " (new)"
                 : !one->in_new ? " (gone)"
                                : "");
        column = put_word(column, word, d + 1 == self->n_differing);
    }
    if (column) putchar('\n');
    if (!self->n_differing) puts("  nothing but the number of replicates");
}

static void print_head(const between_t *self) {
    for (int f = OLD; f < BOTH; f++) {
        const char *as_of = store_attribute(self->files[f].store, "", "as_of");
        printf("%s  %s, %u replicates%s%s\n", ages[f], self->paths[f], self->files[f].n_replicates,
               as_of ? ", as of " : "", as_of ? as_of : "");
    }
    puts("What differs between them:");
    print_differing(self);
    if (self->paired)
        printf("Paired: the seeds are the same, %" PRIu32 " replicates have the same number.\n",
               self->n_pairs);
    else
        puts("Not paired: the seeds differ.");
    for (int f = OLD; f < BOTH; f++) {
        int column = 0;
        for (size_t q = 0; q < self->n_only[f]; q++) {
            if (!column) column = printf("Only in the %s one:", ages[f]);
            column = put_word(column, self->only[f][q], q + 1 == self->n_only[f]);
        }
        if (column) putchar('\n');
    }
}

static number_style_t style_of(const between_row_t *row) {
    double finest = INFINITY, largest = 0;
    for (size_t d = 0; d < row->n; d++) {
        const difference_t *one = &row->differences[d];
        double half = (one->of.difference_high - one->of.difference_low) / 2;
        if (half > 0 && half < finest) finest = half;
        for (int f = OLD; f < BOTH; f++) largest = fmax(largest, fabs(one->means[f]));
    }
    return number_style(row->unit, largest, finest);
}

static const char *interval_text(const between_t *self, const estimate_t *e, const number_style_t *style,
                                 char out[72]) {
    if (self->paired) return quantity_difference_interval_text(style, e, out);
    if (isnan(e->difference_low)) return "too few";
    return quantity_range_text(style, e->difference_low, e->difference_high, out);
}

static void print_row(const between_t *self, const between_row_t *row) {
    bool labelled = strcmp(row->label, row->name) != 0;
    number_style_t style = style_of(row);
    printf("%s%s%s%s%s%s\n", row->name, labelled ? ": " : "", labelled ? row->label : "",
           *style.unit ? " (" : "", style.unit, *style.unit ? ")" : "");
    for (size_t d = 0; d < row->n; d++) {
        const difference_t *one = &row->differences[d];
        char old[32], new[32], difference[32], range[72];
        printf("  %-17s %9s %9s %10s  %s\n", one->is_change ? "  its change" : one->variant,
               quantity_number_text(&style, one->means[OLD], old),
               quantity_number_text(&style, one->means[NEW], new),
               quantity_number_text(&style, one->of.difference, difference),
               interval_text(self, &one->of, &style, range));
    }
}

void between_print(const between_t *self, int n_surprises) {
    print_head(self);
    printf("\n  %-17s %9s %9s %10s  %s\n", "", "old", "new", "difference", "computed to");
    for (size_t r = 0; r < self->n_rows; r++) print_row(self, &self->rows[r]);
    if (self->has_surprises) {
        putchar('\n');
        surprises_print(&self->surprises, n_surprises);
    }
}

/* ---- JSON ------------------------------------------------------------------------------------------------
 */

static json_t *file_json(const between_t *self, int f) {
    store_t *store = self->files[f].store;
    return json_pack("{s:s s:s* s:I s:I}", "file", self->paths[f], "as_of",
                     store_attribute(store, "", "as_of"), "replicates",
                     (json_int_t)self->files[f].n_replicates, "seed", (json_int_t)store_seed(store));
}

static json_t *differing_json(const between_t *self) {
    json_t *list = json_array();
    for (size_t d = 0; d < self->n_differing; d++) {
        const differing_t *one = &self->differing[d];
        const char *what = !one->in_old ? "new" : !one->in_new ? "gone" : "changed";
        json_array_append_new(list,
                              json_pack("{s:s s:b s:s s:s? s:s?}", "name", one->name, "scenario",
                                        one->of_scenario, "what", what, "old", one->old, "new", one->new));
    }
    return list;
}

static json_t *names_json(size_t n, const char *const *names) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(list, json_string(names[i]));
    return list;
}

static void add_rows(const between_t *self, const between_row_t *row, json_t *list) {
    for (size_t d = 0; d < row->n; d++) {
        const difference_t *one = &row->differences[d];
        json_t *item =
            json_pack("{s:s s:s s:s s:s s:s s:o s:o s:o s:o s:o}", "quantity", row->name, "label", row->label,
                      "unit", row->unit, "variant", one->variant, "of", one->is_change ? "change" : "level",
                      "old", json_number(one->means[OLD]), "new", json_number(one->means[NEW]), "difference",
                      json_number(one->of.difference), "difference_low", json_number(one->of.difference_low),
                      "difference_high", json_number(one->of.difference_high));
        if (self->paired)
            json_object_update_new(item, json_pack("{s:I s:I}", "n", (json_int_t)one->of.n, "n_differ",
                                                   (json_int_t)one->of.n_differ));
        json_array_append_new(list, item);
    }
}

json_t *between_json(const between_t *self, int n_surprises) {
    json_t *rows = json_array();
    for (size_t r = 0; r < self->n_rows; r++) add_rows(self, &self->rows[r], rows);
    return json_pack("{s:o s:o s:b s:o s:o s:o s:o s:o}", "old", file_json(self, OLD), "new",
                     file_json(self, NEW), "paired", self->paired, "differing", differing_json(self),
                     "only_old", names_json(self->n_only[OLD], self->only[OLD]), "only_new",
                     names_json(self->n_only[NEW], self->only[NEW]), "quantities", rows, "surprises",
                     self->has_surprises ? surprises_json(&self->surprises, n_surprises) : json_null());
}
