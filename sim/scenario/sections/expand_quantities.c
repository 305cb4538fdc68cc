#include "scenario/sections/expand_quantities.h"

#include "base/date.h"
#include "scenario/units.h"
#include <string.h>

enum { DATES_MOST = 1000 };

/* ---- thresholds ------------------------------------------------------------------------------------- */

static bool parse_threshold(const char *unit, const char *text, double *value) {
    if (!strncmp(unit, "USD", 3)) return units_parse(DIM_MONEY, text, value);
    return (!strcmp(unit, "days") && units_parse(DIM_DURATION, text, value)) ||
           units_parse(DIM_NUMBER, text, value);
}

/* Those of quantity q, behind the last one, which is q or one of its own. */
static void add_thresholds(reader_t *r, const node_t *list, int q) {
    model_t *model = r->model;
    int first = model->n_quantities;
    for (int i = 0; i < list->n; i++) {
        const node_t *item = list->items[i];
        quantity_t of = model->quantities[q];
        if (item->type != NODE_SCALAR ||
            !parse_threshold(quantity_unit(model, &of), item->text, &of.threshold)) {
            reader_expected(r, item, "a number in the quantity's unit");
            continue;
        }
        bool again = false;
        for (int k = first; k < model->n_quantities; k++)
            again |= model->quantities[k].threshold == of.threshold;
        if (again) {
            reader_error(r, item->mark, "%s: %s is given a second time", r->path, item->text);
            continue;
        }
        if (of.label) of.label = reader_format(r, "%s: more than %s", of.label, item->text);
        of.name = reader_format(r, "%s>%s", of.name, item->text);
        of.has_threshold = of.above = true;
        *READER_APPEND(r, model->quantities, model->n_quantities, quantity_t) = of;
    }
}

/* ---- dates ------------------------------------------------------------------------------------------ */

typedef struct {
    double first, last; /* allowed */
    double *days;
    location_t *marks;
    int n, n_marks;
} dates_t;

static void add_date(reader_t *r, dates_t *self, double days, location_t mark) {
    for (int i = 0; i < self->n; i++)
        if (self->days[i] == days) {
            char date[32];
            date_format(r->model->start + days, date);
            reader_error(r, mark, "%s: %s is given a second time", r->path, date);
            return;
        }
    *READER_APPEND(r, self->days, self->n, double) = days;
    *READER_APPEND(r, self->marks, self->n_marks, location_t) = mark;
}

static void read_listed(reader_t *r, const node_t *node, dates_t *self) {
    char first[32], last[32];
    double days;
    date_format(ceil(r->model->start + self->first), first);
    date_format(r->model->start + self->last, last);
    for (int i = 0; i < node->n; i++) {
        const node_t *item = node->items[i];
        if (!reader_date(r, item, &days)) continue;
        if (floor(r->model->start + days) != r->model->start + days)
            reader_error(r, item->mark, "%s is %s: a date without a time of day is expected", r->path,
                         item->text);
        else if (days < self->first || days > self->last)
            reader_error(r, item->mark, "%s is %s: a date from %s to %s is expected", r->path, item->text,
                         first, last);
        else
            add_date(r, self, days, item->mark);
    }
}

/* From the beginning of what the quantity covers to its end. */
static void read_interval(reader_t *r, const node_t *node, double from, dates_t *self) {
    double start = ceil(r->model->start + from), days;
    for (int k = 1; date_repeat(start, node->text, k, &days); k++) {
        if (floor(days) != days) break;
        if (days - r->model->start > self->last) {
            if (self->n == 0)
                reader_error(r, node->mark, "%s is %s: the time that the quantity covers is shorter", r->path,
                             node->text);
            return;
        }
        if (self->n == DATES_MOST) return;
        add_date(r, self, days - r->model->start, node->mark);
    }
    reader_expected(r, node, "a list of dates, or an interval of whole days such as 1 month");
}

static dates_t read_dates(reader_t *r, const node_t *node, const quantity_t *quantity) {
    bool moment =
        quantity->what == QUANTITY_COMBINED || (quantity_is_state(quantity) && quantity->every <= 0);
    double from = moment ? 0 : quantity->from;
    dates_t dates = {.first = moment ? 0 : from + 1, .last = moment ? r->model->horizon : quantity->until};
    if (node->type == NODE_LIST)
        read_listed(r, node, &dates);
    else if (node->type == NODE_SCALAR)
        read_interval(r, node, from, &dates);
    else
        reader_expected(r, node, "a list of dates, or an interval such as 1 month");
    if (node->n > DATES_MOST || dates.n == DATES_MOST)
        reader_error(r, node->mark, "%s: a quantity may have fewer than %d dates", r->path, DATES_MOST);
    return dates;
}

/* The parts have the date too. */
static bool dated_parts(reader_t *r, quantity_t *of, const char *date, location_t mark) {
    int *parts = READER_NEW(r, of->n_parts, int);
    for (int p = 0; p < of->n_parts; p++) {
        const char *name = r->model->quantities[of->parts[p]].name;
        parts[p] = model_quantity(r->model, reader_format(r, "%s@%s", name, date));
        if (parts[p] >= 0) continue;
        reader_error(r, mark, "%s: %s has no value at %s; give it the same `dates`", r->path, name, date);
        return false;
    }
    of->parts = parts;
    return true;
}

/* Quantity q as if the date were its own, or its end; of a first time, whether it has come by then. */
static bool add_dated(reader_t *r, int q, double days, location_t mark) {
    quantity_t of = r->model->quantities[q];
    char date[32];
    date_format(r->model->start + days, date);
    if (of.what == QUANTITY_COMBINED && !dated_parts(r, &of, date, mark)) return false;
    if (of.what == QUANTITY_FIRST)
        of.has_threshold = true, of.threshold = days;
    else if (quantity_is_state(&of) && of.every <= 0)
        of.at = days;
    else
        of.until = days;
    of.name = reader_format(r, "%s@%s", of.name, date);
    if (of.label) of.label = reader_format(r, "%s, %s", of.label, date);
    *READER_APPEND(r, r->model->quantities, r->model->n_quantities, quantity_t) = of;
    return true;
}

void expand_quantity(reader_t *r, const node_t *node) {
    const node_t *thresholds = node_get(node, "thresholds"), *dates = node_get(node, "dates");
    int q = r->model->n_quantities - 1;
    size_t outer = reader_push(r, "thresholds");
    if (thresholds) add_thresholds(r, thresholds, q);
    reader_pop(r, outer);
    if (!dates || r->period_missing) return;
    bool first = r->model->quantities[q].what == QUANTITY_FIRST;
    outer = reader_push(r, "dates");
    dates_t read = read_dates(r, dates, &r->model->quantities[q]);
    for (int i = 0; i < read.n; i++) {
        if (!add_dated(r, q, read.days[i], read.marks[i])) break;
        if (thresholds && !first) add_thresholds(r, thresholds, r->model->n_quantities - 1);
    }
    reader_pop(r, outer);
}
