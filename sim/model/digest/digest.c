#include "model/digest/digest.h"

#include "base/error.h"
#include "base/hash.h"
#include "model/digest/digest_tables.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct digest {
    const model_t *model;
    const char *prefix;
    FILE *out;
    char *bytes; /* of the section under way */
    size_t n, capacity;
    arena_t arena;       /* of what follows, and of sets */
    const char **ties;   /* [n_ties] names that sort as the ties do whatever the order of actors */
    int *actors_by_name; /* [n_actors] */
    bool *is_read[2];    /* [attribute] of ties, of actors: some statistic reads it */
    int *attributes_by_name[2];
    bool failed; /* memory is out */
};

/* ---- bytes ----------------------------------------------------------------------------------------- */

static void put(digest_t *self, const void *bytes, size_t n) {
    if (self->failed) return;
    if (self->n + n > self->capacity) {
        size_t capacity = 2 * (self->n + n) + 256;
        char *larger = mem_resize(self->bytes, capacity, 1);
        if (!larger) {
            self->failed = true;
            return;
        }
        self->bytes = larger;
        self->capacity = capacity;
    }
    memcpy(self->bytes + self->n, bytes, n);
    self->n += n;
}

void digest_number(digest_t *self, double value) {
    if (isnan(value)) value = NAN; /* of which there are many */
    put(self, &value, sizeof value);
}

static void digest_integer(digest_t *self, int value) {
    put(self, &value, sizeof value);
}

void digest_text(digest_t *self, const char *text) {
    if (!text) text = "";
    put(self, text, strlen(text) + 1);
}

/* ---- sections -------------------------------------------------------------------------------------- */

/* Ends the section: its line, "NAME" or "WHAT NAME". */
static void end_section(digest_t *self, const char *what, const char *name) {
    char hash[HASH_SIZE];
    hash_bytes(self->bytes, self->n, hash);
    fprintf(self->out, "%s%s%s%s: %s\n", self->prefix, what, *name ? " " : "", name, hash);
    self->n = 0;
}

/* ---- order ----------------------------------------------------------------------------------------- */

static void *room(digest_t *self, size_t n, size_t size) {
    void *block = arena_alloc(&self->arena, n + 1, size);
    self->failed |= !block;
    return block;
}

static int by_name(const void *x, const void *y, void *names) {
    const char *const *of = names;
    int order = strcmp(of[*(const int *)x], of[*(const int *)y]);
    return order ? order : *(const int *)x - *(const int *)y;
}

/* The indices 0 .. n - 1 in the order of their names; NULL without memory. */
static int *sorted(digest_t *self, int n, const char **names) {
    int *order = room(self, (size_t)n, sizeof *order);
    if (!order || !names) return NULL;
    for (int i = 0; i < n; i++) order[i] = i;
    if (n) qsort_r(order, (size_t)n, sizeof *order, by_name, names);
    return order;
}

/* ---- names ----------------------------------------------------------------------------------------- */

const model_t *digest_model(const digest_t *self) {
    return self->model;
}

const char *digest_name(const digest_t *self, member_how_t how, int index) {
    const model_t *m = self->model;
    const char *name = NULL;
#define NAMED(how_, count, of)                                \
    case how_:                                                \
        name = index >= 0 && index < m->count ? m->of : NULL; \
        break
    switch (how) {
        NAMED(MEMBER_ACTOR, n_actors, actors[index].name);
        NAMED(MEMBER_GROUP, n_groups, groups[index].name);
        NAMED(MEMBER_CONDITION, n_conditions, conditions[index].name);
        NAMED(MEMBER_KIND, n_kinds, kinds[index].name);
        NAMED(MEMBER_SECTOR, n_sectors, sectors[index]);
        NAMED(MEMBER_PARAM, n_params, params[index].path);
        NAMED(MEMBER_ENTRY, n_calendar, calendar[index].id);
        NAMED(MEMBER_INTERVENTION, n_interventions, interventions[index].id);
        NAMED(MEMBER_QUANTITY, n_quantities, quantities[index].name);
    case MEMBER_TIE:
        name = index >= 0 && index < m->n_ties ? self->ties[index] : NULL;
        break;
    default:
        break;
    }
#undef NAMED
    return name ? name : "";
}

static const char **names_of(digest_t *self, member_how_t how, int n, const int *indices) {
    const char **names = room(self, (size_t)n, sizeof *names);
    for (int i = 0; names && i < n; i++) names[i] = digest_name(self, how, indices ? indices[i] : i);
    return names;
}

void digest_set(digest_t *self, member_how_t how, int n, const int *indices) {
    const char **names = names_of(self, how, n, indices);
    const int *order = sorted(self, n, names);
    for (int i = 0; order && i < n; i++) digest_text(self, names[order[i]]);
}

/* ---- members --------------------------------------------------------------------------------------- */

static void put_dist(digest_t *self, const dist_t *dist) {
    digest_integer(self, (int)dist->kind);
    for (int i = 0; i < DIST_MAX_PARAMS && dist_param(dist->kind, i); i++) digest_number(self, dist->p[i]);
}

static size_t size_of(const record_row_t *row) {
    static const size_t sizes[MEMBER_N] = {[MEMBER_NUMBER] = sizeof(double),
                                           [MEMBER_FLAG] = sizeof(bool),
                                           [MEMBER_TEXT] = sizeof(char *),
                                           [MEMBER_DIST] = sizeof(dist_t),
                                           [MEMBER_STATISTIC] = sizeof(statistic_t *)};
    if (row->how == MEMBER_RECORD) return row->record->size;
    return sizes[row->how] ? sizes[row->how] : sizeof(int);
}

static void put_value(digest_t *self, const record_row_t *row, const void *at) {
    switch (row->how) {
    case MEMBER_NUMBER:
        digest_number(self, *(const double *)at);
        break;
    case MEMBER_INTEGER:
        digest_integer(self, *(const int *)at);
        break;
    case MEMBER_FLAG:
        digest_integer(self, *(const bool *)at);
        break;
    case MEMBER_TEXT:
        digest_text(self, *(char *const *)at);
        break;
    case MEMBER_DIST:
        put_dist(self, at);
        break;
    case MEMBER_STATISTIC:
        digest_text(self, (*(const statistic_t *const *)at)->name);
        break;
    case MEMBER_RECORD:
        digest_record(self, row->record, at);
        break;
    default:
        digest_text(self, digest_name(self, row->how, *(const int *)at));
    }
}

void digest_record(digest_t *self, const record_t *record, const void *object) {
    for (int r = 0; r < record->n; r++) {
        const record_row_t *row = &record->rows[r];
        const char *at = (const char *)object + row->at;
        if (row->how <= MEMBER_APART) continue;
        size_t size = size_of(row), n = row->size / size;
        if (row->count != IN_PLACE) {
            n = (size_t) * (const int *)((const char *)object + row->count);
            at = *(const char *const *)at;
        }
        if (row->set)
            digest_set(self, row->how, (int)n, (const int *)at);
        else
            for (size_t i = 0; i < n; i++) put_value(self, row, at + i * size);
    }
    if (record->apart) record->apart(self, object);
}

/* ---- what is written apart --------------------------------------------------------------------------- */

void digest_attributes(digest_t *self, const double *values, bool of_actors) {
    const model_t *model = self->model;
    int n = of_actors ? model->n_actor_attributes : model->n_tie_attributes;
    char *const *names = of_actors ? model->actor_attributes : model->tie_attributes;
    for (int i = 0; values && i < n && !self->failed; i++) {
        int a = self->attributes_by_name[of_actors][i];
        if (!self->is_read[of_actors][a]) continue;
        digest_text(self, names[a]);
        digest_number(self, values[a]);
    }
}

void digest_allowed(digest_t *self, const bool *allowed) {
    digest_text(self, allowed ? "only" : "all");
    for (int i = 0; allowed && i < self->model->n_actors && !self->failed; i++)
        if (allowed[self->actors_by_name[i]])
            digest_text(self, self->model->actors[self->actors_by_name[i]].name);
    digest_text(self, "");
}

void digest_chosen(digest_t *self, member_how_t how, int n, const bool *chosen) {
    int *indices = room(self, (size_t)n, sizeof *indices), n_chosen = 0;
    digest_text(self, chosen ? "only" : "all");
    for (int i = 0; indices && chosen && i < n; i++)
        if (chosen[i]) indices[n_chosen++] = i;
    if (indices) digest_set(self, how, n_chosen, indices);
    digest_text(self, "");
}

/* Of two for one parameter the later one holds. */
void digest_settings(digest_t *self, int n, const setting_t *settings) {
    const char **names = room(self, (size_t)n, sizeof *names);
    for (int i = 0; names && i < n; i++) names[i] = digest_name(self, MEMBER_PARAM, settings[i].param);
    const int *order = sorted(self, n, names);
    for (int i = 0; order && i < n; i++)
        if (i + 1 == n || settings[order[i]].param != settings[order[i + 1]].param)
            digest_record(self, &setting_record, &settings[order[i]]);
    digest_text(self, "");
}

void digest_entries(digest_t *self, int n, const int *entries, bool set) {
    const int *order = set ? sorted(self, n, names_of(self, MEMBER_ENTRY, n, entries)) : NULL;
    digest_integer(self, n);
    for (int i = 0; i < n && !self->failed; i++)
        digest_record(self, &entry_record, &self->model->calendar[entries[order ? order[i] : i]]);
}

/* ---- the sections ------------------------------------------------------------------------------------ */

/* "SECTION" of all items by their names, and "order of SECTION". */
static void put_items(digest_t *self, const char *section, member_how_t how, int n, const record_t *record,
                      const void *items) {
    const char **names = names_of(self, how, n, NULL);
    const int *order = sorted(self, n, names);
    for (int i = 0; order && i < n; i++)
        digest_record(self, record, (const char *)items + (size_t)order[i] * record->size);
    end_section(self, section, "");
    for (int i = 0; names && i < n; i++) digest_text(self, names[i]);
    end_section(self, "order of", section);
}

static void put_kinds(digest_t *self) {
    const model_t *model = self->model;
    const char **names = names_of(self, MEMBER_KIND, model->n_kinds, NULL);
    const int *order = sorted(self, model->n_kinds, names);
    for (int i = 0; order && i < model->n_kinds; i++) {
        digest_record(self, &kind_record, &model->kinds[order[i]]);
        end_section(self, "kind", names[order[i]]);
    }
    for (int k = 0; k < model->n_kinds; k++) digest_text(self, model->kinds[k].name);
    end_section(self, "order of", "kinds");
    for (int s = 0; s < model->n_sectors; s++) digest_text(self, model->sectors[s]);
    end_section(self, "order of", "sectors");
}

/* The order of entries means nothing to the engine, which goes by their ids. */
static void put_entries(digest_t *self, const char *section, int n, const calendar_entry_t *entries) {
    const char **names = room(self, (size_t)n, sizeof *names);
    for (int i = 0; names && i < n; i++) names[i] = entries[i].id ? entries[i].id : "";
    const int *order = sorted(self, n, names);
    for (int i = 0; order && i < n; i++)
        if (entries[order[i]].in_base || entries == self->model->history)
            digest_record(self, &entry_record, &entries[order[i]]);
    end_section(self, section, "");
}

static bool is_simulated(const model_t *model, int intervention, int n_variants, const int *variants) {
    bool on = model->interventions[intervention].in_base;
    for (int v = 0; v < n_variants; v++) {
        const variant_t *variant = &model->variants[variants[v]];
        for (int i = 0; i < variant->n_interventions; i++) on |= variant->interventions[i] == intervention;
    }
    return on;
}

static void put_changes(digest_t *self, int n_variants, const int *variants) {
    const model_t *model = self->model;
    const char **names = names_of(self, MEMBER_INTERVENTION, model->n_interventions, NULL);
    const int *order = sorted(self, model->n_interventions, names);
    for (int i = 0; order && i < model->n_interventions; i++) {
        if (!is_simulated(model, order[i], n_variants, variants)) continue;
        digest_record(self, &intervention_record, &model->interventions[order[i]]);
        end_section(self, "intervention", names[order[i]]);
    }
    for (int v = 0; v < n_variants; v++) {
        digest_record(self, &variant_record, &model->variants[variants[v]]);
        end_section(self, "variant", model->variants[variants[v]].name);
    }
}

static void put_uncertain(digest_t *self) {
    const model_t *model = self->model;
    int n = model->n_uncertain, m = model->n_followers;
    const char **names = room(self, (size_t)n + (size_t)m, sizeof *names);
    for (int u = 0; names && u < n; u++)
        names[u] = digest_name(self, MEMBER_PARAM, model->uncertain[u].param);
    for (int f = 0; names && f < m; f++)
        names[n + f] = digest_name(self, MEMBER_PARAM, model->followers[f].param);
    const int *order = sorted(self, n + m, names);
    for (int i = 0; order && i < n + m; i++)
        if (order[i] < n)
            digest_record(self, &uncertain_record, &model->uncertain[order[i]]);
        else
            digest_record(self, &follower_record, &model->followers[order[i] - n]);
    end_section(self, "uncertain", "");
    for (int u = 0; names && u < n; u++) digest_text(self, names[u]);
    end_section(self, "order of", "uncertain");
    const char **joints = room(self, (size_t)model->n_joints, sizeof *joints);
    for (int j = 0; joints && j < model->n_joints; j++) joints[j] = model->joints[j].name;
    const int *sequence = sorted(self, model->n_joints, joints);
    for (int j = 0; sequence && j < model->n_joints; j++) {
        digest_record(self, &joint_record, &model->joints[sequence[j]]);
        end_section(self, "joint", joints[sequence[j]]);
    }
}

static void put_model(digest_t *self, int n_variants, const int *variants) {
    const model_t *m = self->model;
    digest_number(self, m->start);
    digest_number(self, m->horizon);
    end_section(self, "period", "");
    if (m->as_of.day > 0) {
        digest_record(self, &as_of_record, &m->as_of);
        end_section(self, "as_of", "");
    }
    digest_number(self, m->event_cap);
    end_section(self, "event_cap", "");
    put_items(self, "actors", MEMBER_ACTOR, m->n_actors, &actor_record, m->actors);
    put_items(self, "groups", MEMBER_GROUP, m->n_groups, &group_record, m->groups);
    put_items(self, "ties", MEMBER_TIE, m->n_ties, &tie_record, m->ties);
    put_items(self, "conditions", MEMBER_CONDITION, m->n_conditions, &condition_record, m->conditions);
    for (int c = 0; c < m->n_condition_starts; c++)
        digest_record(self, &condition_start_record, &m->condition_starts[c]);
    end_section(self, "ongoing", "");
    digest_record(self, &dynamics_record, &m->dynamics);
    digest_record(self, &trade_record, &m->trade);
    end_section(self, "effects and trade", "");
    for (int k = 0; k < m->n_tariffs; k++)
        digest_record(self, &tariff_record, &m->tariffs[m->tariff_order[k]]);
    end_section(self, "tariffs", "");
    put_kinds(self);
    put_entries(self, "calendar", m->n_calendar, m->calendar);
    put_entries(self, "history", m->n_history, m->history);
    put_changes(self, n_variants, variants);
    put_items(self, "quantities", MEMBER_QUANTITY, m->n_quantities, &quantity_record, m->quantities);
    put_uncertain(self);
}

/* ---- before ----------------------------------------------------------------------------------------- */

static void name_ties(digest_t *self) {
    const model_t *model = self->model;
    self->ties = room(self, (size_t)model->n_ties, sizeof *self->ties);
    for (int e = 0; self->ties && e < model->n_ties && !self->failed; e++) {
        const char *a = model->actors[model->ties[e].a].name, *b = model->actors[model->ties[e].b].name;
        bool turned = strcmp(a, b) > 0;
        size_t size = strlen(a) + strlen(b) + 2;
        char *name = room(self, size, 1);
        if (name) snprintf(name, size, "%s\x1f%s", turned ? b : a, turned ? a : b); /* hyphens are in names */
        self->ties[e] = name;
    }
}

static void note_attribute(rule_t *rule, void *is_read) {
    if (rule->attribute >= 0) ((bool *)is_read)[rule->attribute] = true;
}

/* Which attributes of actors, or of ties, the statistics of all predictors, and rules, read. */
static void find_read(digest_t *self, bool of_actors) {
    const model_t *model = self->model;
    int n = of_actors ? model->n_actor_attributes : model->n_tie_attributes;
    self->is_read[of_actors] = room(self, (size_t)n, sizeof(bool));
    self->attributes_by_name[of_actors] =
        sorted(self, n, (const char **)(of_actors ? model->actor_attributes : model->tie_attributes));
    for (int k = 0; k < model->n_kinds && !self->failed; k++) {
        const predictor_t *predictor;
        for (int i = 0; (predictor = kind_predictor(&model->kinds[k], i)); i++)
            for (int t = 0; t < predictor->n; t++) {
                const term_t *term = &predictor->terms[t];
                ref_t ref = of_actors ? REF_ACTOR_ATTRIBUTE : REF_TIE_ATTRIBUTE;
                if (term->statistic->ref == ref) self->is_read[of_actors][term->ref] = true;
            }
    }
    if (of_actors && !self->failed) rule_visit_all(model, note_attribute, self->is_read[true]);
}

int model_digest(const model_t *model, int n_variants, const int *variants, const char *prefix, FILE *out) {
    digest_t self = {.model = model, .prefix = prefix, .out = out};
    arena_init(&self.arena);
    name_ties(&self);
    self.actors_by_name =
        sorted(&self, model->n_actors, names_of(&self, MEMBER_ACTOR, model->n_actors, NULL));
    find_read(&self, true);
    find_read(&self, false);
    if (!self.failed) put_model(&self, n_variants, variants);
    mem_free(self.bytes);
    arena_free(&self.arena);
    return self.failed ? ERR_NOMEM : 0;
}
