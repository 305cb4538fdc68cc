/* Scenarios of the project with one scalar changed after another: does the identity of a run see whatever
 * changes its results, and nothing else? Shared by the quick test and the long one. */
#ifndef ENTENTE_TESTS_IDENTITY_H
#define ENTENTE_TESTS_IDENTITY_H

#include "check.h"

#include "base/hash.h"
#include "engine/engine.h"
#include "run/plan/plan.h"
#include "scenario/scenario.h"
#include "scenario/yaml.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- scenarios as texts ----------------------------------------------------------------------------- */

typedef struct {
    int n;
    char *paths[16], *texts[16];
    size_t lengths[16];
} texts_t;

static inline void texts_free(texts_t *self) {
    for (int i = 0; i < self->n; i++) free(self->paths[i]), free(self->texts[i]);
    self->n = 0;
}

static inline int texts_read(const texts_t *self, scenario_t *scenario) {
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    int ret = scenario_read_texts(scenario, self->n, (const char *const *)self->paths,
                                  (const char *const *)self->texts, self->lengths, &diagnostics);
    diagnostics_free(&diagnostics);
    return ret;
}

/* The texts that a scenario of the folder `scenarios` is made of. */
static inline void texts_load(texts_t *self, const char *name) {
    char path[512];
    scenario_t scenario;
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    snprintf(path, sizeof path, "%s/scenarios/%s", ENTENTE_SOURCE_DIR, name);
    assert_int_equal(scenario_read(&scenario, path, &diagnostics), 0);
    diagnostics_free(&diagnostics);
    assert_in_range(scenario.sources.n, 1, 16);
    self->n = scenario.sources.n;
    for (int i = 0; i < self->n; i++) {
        self->paths[i] = strdup(scenario.sources.items[i].path);
        self->texts[i] = strdup(scenario.sources.items[i].text);
        self->lengths[i] = scenario.sources.items[i].length;
    }
    scenario_free(&scenario);
}

/* ---- identity and results ----------------------------------------------------------------------------- */

static inline char *plan_text(scenario_t *scenario) {
    model_t *model = &scenario->model;
    fault_t err = {0};
    plan_t plan;
    int *variants = calloc((size_t)model->n_variants, sizeof *variants);
    for (int v = 0; v < model->n_variants; v++) variants[v] = v;
    plan_request_t request = {.model = model,
                              .scenario = "s.yaml",
                              .seed = 1,
                              .n_replicates = 1,
                              .n_variants = model->n_variants,
                              .variants = variants,
                              .block_replicates = 1};
    assert_int_equal(plan_init(&plan, &request, &err), 0);
    char *text = strdup(plan.text);
    plan_free(&plan);
    free(variants);
    return text;
}

static inline void print_result(FILE *out, const model_t *m, const observation_t *o, const result_t *r) {
    size_t cells = (size_t)o->n_times * (size_t)o->n_ties,
           metrics = (size_t)o->n_metric_times * (size_t)o->n_metric_columns;
    fprintf(out, "%d %a\n", r->stop, r->stop_time);
    fwrite(r->kind_counts, sizeof *r->kind_counts, (size_t)m->n_kinds, out);
    if (m->n_quantities > 0) fwrite(r->quantities, sizeof *r->quantities, (size_t)m->n_quantities, out);
    if (m->n_uncertain > 0) fwrite(r->draws, sizeof *r->draws, (size_t)m->n_uncertain, out);
    fwrite(r->strength, sizeof *r->strength, cells, out);
    fwrite(r->alignment, sizeof *r->alignment, cells, out);
    fwrite(r->trade, sizeof *r->trade, 2 * cells, out);
    if (metrics > 0) fwrite(r->metrics, sizeof *r->metrics, metrics, out);
#define X(name, type, ...) \
    if (r->log.n > 0) fwrite(r->log.name, sizeof *r->log.name, (size_t)r->log.n, out);
    LOG_COLUMNS(X)
#undef X
}

/* The names of all dimensions, and what is stored. */
static inline void print_shape(FILE *out, const model_t *m, const observation_t *o) {
    fprintf(out, "%a %a %d %d %a %a\n", m->start, m->horizon, m->output.events, m->output.trajectories,
            m->output.precision, m->output.trade_precision);
    for (int i = 0; i < m->n_actors; i++) fprintf(out, "%s\n", m->actors[i].name);
    for (int i = 0; i < m->n_groups; i++) fprintf(out, "%s\n", m->groups[i].name);
    for (int i = 0; i < m->n_kinds; i++) fprintf(out, "%s\n", m->kinds[i].name);
    for (int i = 0; i < m->n_sectors; i++) fprintf(out, "%s\n", m->sectors[i]);
    for (int i = 0; i < m->n_variants; i++) fprintf(out, "%s\n", m->variants[i].name);
    for (int i = 0; i < m->n_quantities; i++)
        fprintf(out, "%s (%s)\n", m->quantities[i].name, m->quantities[i].unit);
    for (int i = 0; i < m->n_uncertain; i++) fprintf(out, "%s\n", m->params[m->uncertain[i].param].path);
    for (int i = 0; i < m->output.n_metrics; i++) fprintf(out, "%s\n", m->output.metrics[i]);
    for (int t = 0; t < o->n_times; t++) fprintf(out, "%a\n", o->times[t]);
    for (int t = 0; t < o->n_metric_times; t++) fprintf(out, "%a\n", o->metric_times[t]);
    for (int i = 0; i < o->n_ties; i++) fprintf(out, "%d %d\n", m->ties[o->ties[i]].a, m->ties[o->ties[i]].b);
}

/* A hash of all that an output file would hold of the first replicates, titles and labels left out. */
static inline void results_of(scenario_t *scenario, uint32_t n_replicates, char hash[HASH_SIZE]) {
    model_t *m = &scenario->model;
    observation_t o;
    result_t r;
    engine_t *engine;
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    assert_int_equal(observation_init(&o, m), 0);
    assert_int_equal(result_init(&r, m, &o), 0);
    assert_int_equal(engine_init(&engine, m, 1), 0);
    print_shape(out, m, &o);
    for (uint32_t i = 0; i < n_replicates; i++)
        for (int v = 0; v < m->n_variants; v++) {
            assert_int_equal(engine_run(engine, i, v, 0, NULL, &o, &r), 0);
            print_result(out, m, &o, &r);
        }
    fclose(out);
    hash_bytes(bytes, size, hash);
    free(bytes);
    engine_free(engine);
    result_free(&r);
    observation_free(&o);
}

/* ---- scalars ------------------------------------------------------------------------------------------ */

typedef struct {
    int file;
    size_t at, n; /* bytes of its text */
    char key[48]; /* of the mapping or the column it stands under */
} spot_t;

typedef struct {
    spot_t *items;
    int n, capacity;
} spots_t;

static inline void add_spot(spots_t *self, int file, size_t at, size_t n, const char *key) {
    if (self->n == self->capacity)
        self->items =
            realloc(self->items, (size_t)(self->capacity = 2 * self->capacity + 64) * sizeof *self->items);
    spot_t *spot = &self->items[self->n++];
    *spot = (spot_t){.file = file, .at = at, .n = n};
    snprintf(spot->key, sizeof spot->key, "%s", key);
}

/* Offset of a mark, whose columns count code points. */
static inline size_t offset_of(source_t *source, location_t mark) {
    size_t length, column = 1;
    const char *line = source_line(source, mark.line, &length);
    for (; (int)column < mark.column; column++) line += source_utf8_length(line, length);
    return (size_t)(line - source->text);
}

/* Of a node and below; what is folded or broken over lines is left out. */
static inline void add_scalars(spots_t *self, sources_t *sources, const node_t *node, const char *key) {
    if (node->type == NODE_SCALAR) {
        source_t *source = &sources->items[node->mark.file];
        size_t at = offset_of(source, node->mark), n = strlen(node->text);
        at += source->text[at] == '"' || source->text[at] == '\'';
        if (n && at + n <= source->length && !strncmp(source->text + at, node->text, n))
            add_spot(self, node->mark.file, at, n, key);
    }
    for (int i = 0; node->type == NODE_LIST && i < node->n; i++)
        add_scalars(self, sources, node->items[i], key);
    for (int i = 0; node->type == NODE_MAPPING && i < node->n; i++)
        add_scalars(self, sources, node->entries[i].value, node->entries[i].key);
}

/* Of a table: its cells but for the head's; key is the column's name. */
static inline void add_cells(spots_t *self, int file, const char *text) {
    char heads[64][48] = {{0}};
    int column = 0, line = 0;
    for (size_t at = 0; text[at];) {
        bool quoted = text[at] == '"';
        size_t n = quoted ? strcspn(text + at + 1, "\"") : strcspn(text + at, ",\r\n");
        if (line == 0 && column < 64)
            snprintf(heads[column], sizeof heads[column], "%.*s", (int)n, text + at + quoted);
        else if (n && column < 64)
            add_spot(self, file, at + quoted, n, heads[column]);
        at += n + 2 * (size_t)quoted;
        column++;
        if (text[at] == ',') {
            at++;
            continue;
        }
        at += strspn(text + at, "\r\n");
        line++;
        column = 0;
    }
}

static inline void find_spots(spots_t *self, const texts_t *texts) {
    arena_t arena;
    sources_t sources = {0};
    arena_init(&arena);
    for (int i = 0; i < texts->n; i++)
        assert_int_equal(sources_give(&sources, texts->paths[i], texts->texts[i], texts->lengths[i]), i);
    for (int i = 0; i < texts->n; i++) {
        const char *dot = strrchr(texts->paths[i], '.');
        diagnostics_t diagnostics;
        const node_t *root;
        if (!strcmp(dot, ".csv")) {
            add_cells(self, i, texts->texts[i]);
            continue;
        }
        diagnostics_init(&diagnostics);
        assert_int_equal(yaml_parse(&arena, &sources, i, &diagnostics, &root), 0);
        add_scalars(self, &sources, root, "");
        diagnostics_free(&diagnostics);
    }
    sources_free(&sources);
    arena_free(&arena);
}

/* ---- changes ------------------------------------------------------------------------------------------ */

/* The n-th thing to put in place of a scalar: another last digit, the other truth, a longer text, what stands
 * under the same key elsewhere. False if there is none. */
static inline bool other_text(const spots_t *spots, const texts_t *texts, int s, int n, char out[4096]) {
    const spot_t *spot = &spots->items[s];
    const char *text = texts->texts[spot->file] + spot->at;
    snprintf(out, 4096, "%.*s", (int)spot->n, text);
    if (n == 0) {
        char *digit = out + spot->n;
        while (digit > out && !(digit[-1] >= '0' && digit[-1] <= '9')) digit--;
        if (digit > out) digit[-1] = digit[-1] == '9' ? '8' : (char)(digit[-1] + 1);
        return digit > out;
    }
    if (n == 1) {
        bool yes = !strcmp(out, "true"), no = !strcmp(out, "false");
        if (yes || no) strcpy(out, yes ? "false" : "true");
        return yes || no;
    }
    if (n == 2) return strcat(out, "x") != NULL;
    for (int i = 1; n == 3 && i < spots->n; i++) {
        const spot_t *other = &spots->items[(s + i) % spots->n];
        const char *there = texts->texts[other->file] + other->at;
        if (strcmp(other->key, spot->key) || (other->n == spot->n && !strncmp(there, text, spot->n)))
            continue;
        snprintf(out, 4096, "%.*s", (int)other->n, there);
        return true;
    }
    return false;
}

/* The texts with `text` in place of the scalar; undone by `put` with what was there. */
static inline char *put(texts_t *texts, const spot_t *spot, const char *text) {
    char *old = texts->texts[spot->file], *copy = malloc(texts->lengths[spot->file] + strlen(text) + 1);
    size_t n = strlen(text);
    memcpy(copy, old, spot->at);
    memcpy(copy + spot->at, text, n);
    strcpy(copy + spot->at + n, old + spot->at + spot->n);
    texts->texts[spot->file] = copy;
    texts->lengths[spot->file] += n - spot->n;
    return old;
}

static inline bool is_for_the_reader(const spot_t *spot) {
    static const char *const keys[] = {"title", "label", "note", "source"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        if (!strcmp(spot->key, keys[k])) return true;
    return false;
}

typedef struct {
    int n_changes;    /* that the reader takes */
    int n_for_reader; /* of titles, labels, notes, sources */
    int n_seen;       /* that change the identity */
    int n_missed;     /* that change results and not the identity */
    int n_refused;    /* for the reader alone, and the identity is another */
    char first[256];  /* the first of the last two */
} verdict_t;

typedef struct {
    texts_t texts;
    spots_t spots;
    char *identity, results[HASH_SIZE];
    uint32_t n_replicates;
    void (*blind)(model_t *model); /* takes out of the model what the identity is not to see; or NULL */
} subject_t;

static inline char *identity_of(const subject_t *self, scenario_t *scenario) {
    if (self->blind) self->blind(&scenario->model);
    return plan_text(scenario);
}

static inline void subject_init(subject_t *self, const char *name, uint32_t n_replicates,
                                void (*blind)(model_t *model)) {
    scenario_t scenario;
    *self = (subject_t){.n_replicates = n_replicates, .blind = blind};
    texts_load(&self->texts, name);
    find_spots(&self->spots, &self->texts);
    assert_int_equal(texts_read(&self->texts, &scenario), 0);
    results_of(&scenario, n_replicates, self->results);
    self->identity = identity_of(self, &scenario);
    scenario_free(&scenario);
}

static inline void subject_free(subject_t *self) {
    texts_free(&self->texts);
    free(self->spots.items);
    free(self->identity);
}

static inline bool has_other_results(const subject_t *self) {
    scenario_t scenario;
    char results[HASH_SIZE];
    assert_int_equal(texts_read(&self->texts, &scenario), 0);
    results_of(&scenario, self->n_replicates, results);
    scenario_free(&scenario);
    return strcmp(results, self->results) != 0;
}

/* Looks at the scenario as it was changed; false if it is no scenario. */
static inline bool judge(const subject_t *self, const spot_t *spot, const char *text, verdict_t *verdict) {
    scenario_t scenario;
    if (texts_read(&self->texts, &scenario)) {
        scenario_free(&scenario);
        return false;
    }
    char *identity = identity_of(self, &scenario);
    bool seen = strcmp(identity, self->identity) != 0, reader = is_for_the_reader(spot), wrong = false;
    free(identity);
    scenario_free(&scenario);
    verdict->n_changes++;
    verdict->n_seen += seen;
    verdict->n_for_reader += reader;
    if (reader && seen) wrong = verdict->n_refused++ == 0;
    if (!seen && has_other_results(self)) wrong = verdict->n_missed++ == 0;
    if (wrong && !*verdict->first)
        snprintf(verdict->first, sizeof verdict->first, "%s, byte %zu, %s: %.*s is %.60s",
                 self->texts.paths[spot->file], spot->at, spot->key, 60,
                 self->texts.texts[spot->file] + spot->at, text);
    return true;
}

/* Changes every `own`-th scalar of the scenario's file and every `others`-th of the files that it reads. */
static inline verdict_t change_each(subject_t *self, int own, int others) {
    verdict_t verdict = {0};
    for (int s = 0; s < self->spots.n; s++) {
        const spot_t *spot = &self->spots.items[s];
        char text[4096];
        bool done = s % (spot->file ? others : own) != 0;
        for (int n = 0; n < 4 && !done && spot->n < sizeof text - 8; n++) {
            if (!other_text(&self->spots, &self->texts, s, n, text)) continue;
            size_t length = self->texts.lengths[spot->file];
            char *old = put(&self->texts, spot, text);
            done = judge(self, spot, text, &verdict);
            free(self->texts.texts[spot->file]);
            self->texts.texts[spot->file] = old;
            self->texts.lengths[spot->file] = length;
        }
    }
    return verdict;
}

#endif
