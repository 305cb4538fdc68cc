#include "model/without.h"

#include "base/error.h"
#include <stdio.h>
#include <string.h>

static const char *const prefixes[WITHOUT_N] = {
    [WITHOUT_CALENDAR] = "",
    [WITHOUT_HISTORY] = "history:",
    [WITHOUT_KIND] = "kind:",
    [WITHOUT_CONDITION] = "condition:",
    [WITHOUT_INTERVENTION] = "intervention:",
};

/* ---- what there is --------------------------------------------------------------------------------- */

static int size_of(const model_t *model, without_t what) {
    const int sizes[WITHOUT_N] = {
        [WITHOUT_CALENDAR] = model->n_calendar,
        [WITHOUT_HISTORY] = model->n_history,
        [WITHOUT_KIND] = model->n_kinds,
        [WITHOUT_CONDITION] = model->n_condition_starts,
        [WITHOUT_INTERVENTION] = model->n_interventions,
    };
    return sizes[what];
}

/* Whether the base has it. */
static bool is_there(const model_t *model, without_t what, int index) {
    switch (what) {
    case WITHOUT_CALENDAR:
        return model->calendar[index].in_base;
    case WITHOUT_KIND:
        return model->kinds[index].rate_per_year > 0;
    case WITHOUT_INTERVENTION:
        return model->interventions[index].in_base;
    default:
        return true;
    }
}

int without_count(const model_t *model, without_t what) {
    int n = 0;
    for (int i = 0; i < size_of(model, what); i++) n += is_there(model, what, i);
    return n;
}

static void write_name(const model_t *model, without_t what, int at, char out[WITHOUT_BYTES]) {
    const condition_start_t *start;
    const tie_t *tie;
    int n = snprintf(out, WITHOUT_BYTES, "%s", prefixes[what]);
    char *end = out + n;
    size_t room = (size_t)(WITHOUT_BYTES - n);
    switch (what) {
    case WITHOUT_CALENDAR:
        snprintf(end, room, "%s", model->calendar[at].id);
        break;
    case WITHOUT_HISTORY:
        snprintf(end, room, "%s", model->history[at].id);
        break;
    case WITHOUT_KIND:
        snprintf(end, room, "%s", model->kinds[at].name);
        break;
    case WITHOUT_INTERVENTION:
        snprintf(end, room, "%s", model->interventions[at].id);
        break;
    default:
        start = &model->condition_starts[at];
        if (model->conditions[start->condition].on_actor) {
            snprintf(end, room, "%s@%s", model->conditions[start->condition].name,
                     model->actors[start->actor].name);
            break;
        }
        if (model->conditions[start->condition].directed) {
            snprintf(end, room, "%s@%s->%s", model->conditions[start->condition].name,
                     model->actors[flow_from(model, start->flow)].name,
                     model->actors[flow_to(model, start->flow)].name);
            break;
        }
        tie = &model->ties[start->tie];
        snprintf(end, room, "%s@%s-%s", model->conditions[start->condition].name, model->actors[tie->a].name,
                 model->actors[tie->b].name);
    }
}

char *without_name(const model_t *model, without_t what, int index, char out[WITHOUT_BYTES]) {
    for (int i = 0; i < size_of(model, what); i++)
        if (is_there(model, what, i) && index-- == 0) write_name(model, what, i, out);
    return out;
}

bool without_is(const char *name) {
    return !strncmp(name, WITHOUT, strlen(WITHOUT));
}

/* ---- a variant -------------------------------------------------------------------------------------- */

typedef struct {
    model_t *model;
    variant_t *variant;
    int n_left; /* things left out so far */
} maker_t;

static int put(maker_t *self, int **list, int *n, int item) {
    int *longer = arena_alloc(&self->model->arena, (size_t)*n + 1, sizeof *longer);
    if (!longer) return ERR_NOMEM;
    if (*n) memcpy(longer, *list, (size_t)*n * sizeof *longer);
    longer[(*n)++] = item;
    *list = longer;
    return 0;
}

static int put_rate(maker_t *self, int kind) {
    const model_t *model = self->model;
    variant_t *variant = self->variant;
    setting_t *settings = arena_alloc(&self->model->arena, (size_t)variant->n_settings + 1, sizeof *settings);
    if (!settings) return ERR_NOMEM;
    if (variant->n_settings)
        memcpy(settings, variant->settings, (size_t)variant->n_settings * sizeof *settings);
    variant->settings = settings;
    for (int p = 0; p < model->n_params; p++)
        if (model->params[p].value == &model->kinds[kind].rate_per_year)
            settings[variant->n_settings++] = (setting_t){.param = p};
    return 0;
}

/* Parts of an entry of the history go with it, as those of the calendar do. */
static int put_history(maker_t *self, int entry) {
    int ret = 0;
    variant_t *variant = self->variant;
    const model_t *model = self->model;
    for (int e = 0; e < model->n_history && !ret; e++)
        for (int part = e; part >= 0; part = model->history[part].parent)
            if (part == entry) ret = put(self, &variant->without_history, &variant->n_without_history, e);
    return ret;
}

static int leave_out(maker_t *self, without_t what, int at) {
    variant_t *variant = self->variant;
    switch (what) {
    case WITHOUT_CALENDAR:
        return put(self, &variant->drop, &variant->n_drop, at);
    case WITHOUT_HISTORY:
        return put_history(self, at);
    case WITHOUT_KIND:
        return put_rate(self, at);
    case WITHOUT_CONDITION:
        return put(self, &variant->without_ongoing, &variant->n_without_ongoing, at);
    default:
        return put(self, &variant->without_interventions, &variant->n_without_interventions, at);
    }
}

/* Of a variant that leaves out one thing: its label; NULL. */
static char *label_of(const model_t *model, without_t what, int at) {
    switch (what) {
    case WITHOUT_CALENDAR:
        return model->calendar[at].label;
    case WITHOUT_HISTORY:
        return model->history[at].label;
    case WITHOUT_KIND:
        return model->kinds[at].label;
    case WITHOUT_INTERVENTION:
        return model->interventions[at].label;
    default:
        return NULL;
    }
}

/* Everything of that name; ERR_NOINPUT if there is nothing. Without a variant it is only looked for. */
static int leave_out_named(maker_t *self, const char *name, size_t length) {
    int ret = ERR_NOINPUT;
    char other[WITHOUT_BYTES];
    for (int what = 0; what < WITHOUT_N; what++)
        for (int i = 0; i < size_of(self->model, what); i++) {
            if (!is_there(self->model, what, i)) continue;
            write_name(self->model, what, i, other);
            if (strlen(other) != length || strncmp(other, name, length) != 0) continue;
            ret = self->variant ? leave_out(self, what, i) : 0;
            if (ret) return ret;
            if (self->variant) self->variant->label = self->n_left++ ? NULL : label_of(self->model, what, i);
        }
    return ret;
}

/* The end of the name that begins at `name`: that of the whole rest, or before a joint (which names may have,
 * too). */
static const char *end_of_first(maker_t *self, const char *name) {
    maker_t look = {.model = self->model};
    size_t length = strlen(name);
    while (length > 0 && leave_out_named(&look, name, length) != 0) {
        do length--;
        while (length > 0 && name[length] != WITHOUT_JOINT);
    }
    return length ? name + length : NULL;
}

static int leave_out_all(maker_t *self, const char *names, const char **unknown) {
    for (const char *name = names; name;) {
        const char *end = end_of_first(self, name);
        if (!end) {
            if (unknown) *unknown = name;
            return ERR_NOINPUT;
        }
        int ret = leave_out_named(self, name, (size_t)(end - name));
        if (ret) return ret;
        name = *end ? end + 1 : NULL;
    }
    return 0;
}

int without_variant(model_t *model, const char *name, const char **unknown) {
    int there = model_variant(model, name);
    if (there >= 0) return there;
    variant_t *variants = arena_alloc(&model->arena, (size_t)model->n_variants + 1, sizeof *variants);
    if (!variants) return ERR_NOMEM;
    if (model->n_variants) memcpy(variants, model->variants, (size_t)model->n_variants * sizeof *variants);
    variant_t *variant = &variants[model->n_variants];
    variant->name = arena_text(&model->arena, name);
    if (!variant->name) return ERR_NOMEM;
    int ret = leave_out_all(&(maker_t){model, variant, 0}, name + strlen(WITHOUT), unknown);
    if (ret) return ret;
    model->variants = variants;
    return model->n_variants++;
}
