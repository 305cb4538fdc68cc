#include "cli/rare/rare_event.h"

#include "base/mem.h"
#include "scenario/units.h"
#include "text/suggest.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* -1 after saying that there is none. */
static int find_quantity(const model_t *model, const char *option, const char *name) {
    int q = model_quantity(model, name);
    if (q >= 0) return q;
    suggest_t near = suggest_for(name);
    for (int i = 0; i < model->n_quantities; i++) suggest_offer(&near, model->quantities[i].name);
    fprintf(stderr, "entente: %sno quantity \"%s\" in this scenario%s%s%s\n", option, name,
            near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
    return -1;
}

/* In the quantity's own unit. */
static bool parse_value(const quantity_t *quantity, const char *text, double *value) {
    bool money = quantity->what == QUANTITY_TRADE || quantity->what == QUANTITY_SUM ||
                 quantity->what == QUANTITY_REALISED;
    if (units_parse(money ? DIM_MONEY : DIM_NUMBER, text, value)) return true;
    return quantity->what == QUANTITY_FIRST && units_parse(DIM_DURATION, text, value);
}

/* Why a quantity has no running value at all; NULL if it has one. */
static const char *why_none(const quantity_t *quantity) {
    if (quantity->what == QUANTITY_COMBINED) return "it combines other quantities";
    if (quantity_is_state(quantity) && quantity->every > 0) return "it sums up a window";
    if (quantity->trips) return "it counts trips";
    return NULL;
}

static bool is_followed(const char *option, const quantity_t *quantity) {
    const char *why = why_none(quantity);
    if (why)
        fprintf(stderr,
                "entente: %s%s cannot be followed while a replicate runs: %s. Name a quantity of one date, "
                "a count, a sum or a first time\n",
                option, quantity->name, why);
    return !why;
}

/* ---- the event ------------------------------------------------------------------------------------------
 */

/* Adds the quantity that is 1 if the other one is beyond the threshold. Its index, or -1 without memory. */
static int add_event(model_t *model, int of, bool above, double threshold, const char *text) {
    int n = model->n_quantities;
    quantity_t *all = arena_alloc(&model->arena, (size_t)n + 1, sizeof *all);
    size_t size = strlen(model->quantities[of].name) + strlen(text) + 2;
    char *name = arena_alloc(&model->arena, size, 1), *unit = arena_text(&model->arena, "probability");
    if (!all || !name || !unit) {
        fputs("entente: out of memory\n", stderr);
        return -1;
    }
    memcpy(all, model->quantities, (size_t)n * sizeof *all);
    snprintf(name, size, "%s%s%s", model->quantities[of].name, *text ? above ? ">" : "<" : "", text);
    all[n] = all[of];
    all[n].name = name;
    all[n].label = *text ? name : all[of].label;
    all[n].unit = unit;
    all[n].has_threshold = true;
    all[n].above = above;
    all[n].threshold = threshold;
    model->quantities = all;
    model->n_quantities = n + 1;
    return n;
}

/* The event's quantity, or -1 after saying why there is none; *status is the exit code. */
static int read_event(const rare_event_t *self, model_t *model, int of, int *status) {
    const quantity_t *quantity = &model->quantities[of];
    const char *text = self->above ? self->above : self->below;
    double threshold;
    *status = EX_USAGE;
    if (!is_followed("", quantity)) return -1;
    if (quantity->has_threshold && text) {
        fprintf(stderr, "entente: %s is an event already, %s %g: --%s has no meaning for it\n",
                quantity->name, quantity->above ? "above" : "below", quantity->threshold,
                self->above ? "above" : "below");
        return -1;
    }
    if (quantity->has_threshold) return of;
    if (text && !parse_value(quantity, text, &threshold)) {
        fprintf(stderr, "entente: --%s %s: a number in the unit of %s (%s) is expected\n",
                self->above ? "above" : "below", text, quantity->name, quantity->unit);
        return -1;
    }
    if (!text && quantity->what != QUANTITY_FIRST && quantity->what != QUANTITY_CONDITION) {
        fprintf(stderr,
                "entente: %s is a number, not an event: say with --above or --below which of its values are "
                "rare\n",
                quantity->name);
        return -1;
    }
    *status = EX_SOFTWARE;
    if (text) return add_event(model, of, self->above, threshold, text);
    return quantity->what == QUANTITY_FIRST ? add_event(model, of, false, INFINITY, "")
                                            : add_event(model, of, true, 0, "");
}

/* ---- how near it is ----------------------------------------------------------------------------------- */

/* Why the event's own running value does not tell how near it is; NULL if it does. */
static const char *why_no_value(const quantity_t *event) {
    switch (event->what) {
    case QUANTITY_COUNT:
    case QUANTITY_SUM:
        return event->above ? NULL : "a count or sum only moves away from a number that it must stay below";
    case QUANTITY_FIRST:
        return event->above ? NULL : "a first event has come or has not";
    case QUANTITY_CONDITION:
        return "a condition holds or does not";
    default:
        return NULL;
    }
}

static int read_guide(const rare_event_t *self, const model_t *model, watch_t *watch) {
    const quantity_t *event = &model->quantities[watch->event];
    const char *why = why_no_value(event);
    if (self->falling && !self->guide) {
        fputs("entente: --falling is about the quantity of --guide, which is not given\n", stderr);
        return EX_USAGE;
    }
    if (!self->guide && why) {
        fprintf(stderr,
                "entente: %s has no running value that tells how near it is: %s. Give with --guide another "
                "quantity that does, such as the strength of a tie on which it depends\n",
                event->name, why);
        return EX_USAGE;
    }
    watch->guide = self->guide ? find_quantity(model, "--guide: ", self->guide) : watch->event;
    watch->falls = self->guide ? self->falling : !event->above;
    return watch->guide < 0 || !is_followed("--guide ", &model->quantities[watch->guide]) ? EX_USAGE : 0;
}

static int read_levels(const rare_event_t *self, const model_t *model, split_t *split) {
    const quantity_t *guide = &model->quantities[split->watch.guide];
    char *list = strdup(self->levels), *rest = list;
    int status = list ? 0 : EX_SOFTWARE, *n = &split->watch.n_levels;
    if (!list) fputs("entente: out of memory\n", stderr);
    for (char *word; !status && rest && (word = strsep(&rest, ","));) {
        double value;
        if (!parse_value(guide, word, &value) || *n == SPLIT_LEVELS_MOST) {
            fprintf(stderr,
                    "entente: --levels %s: at most %d values of %s on the way to the event are expected, "
                    "separated "
                    "by commas\n",
                    self->levels, SPLIT_LEVELS_MOST, guide->name);
            status = EX_USAGE;
            break;
        }
        split->levels[(*n)++] = split->watch.falls ? -value : value;
        if (*n > 1 && !(split->levels[*n - 1] > split->levels[*n - 2])) {
            fprintf(stderr, "entente: --levels %s: they must %s, towards the event\n", self->levels,
                    split->watch.falls ? "fall" : "rise");
            status = EX_USAGE;
        }
    }
    free(list);
    return status;
}

int rare_event_read(const rare_event_t *self, model_t *model, split_t *split) {
    int status = 0, of = find_quantity(model, "", self->quantity);
    if (of < 0) return EX_USAGE;
    if (self->ever && !quantity_is_state(&model->quantities[of])) {
        fprintf(stderr, "entente: --ever: %s is not read at a date; leave the option out\n", self->quantity);
        return EX_USAGE;
    }
    split->watch.ever = self->ever;
    split->watch.event = read_event(self, model, of, &status);
    if (split->watch.event < 0) return status;
    status = read_guide(self, model, &split->watch);
    if (!status && self->levels) status = read_levels(self, model, split);
    return status;
}
