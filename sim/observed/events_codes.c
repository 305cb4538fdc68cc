#include "observed/events_codes.h"

#include "observed/cameo.h"
#include "observed/fold.h"
#include "text/suggest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const double LEAST_REPORTS = 0.001, MOST_REPORTS = 1000, MOST_REPORTS_SD = 3;

typedef struct {
    codes_t *codes;
    const char *system;
    int code, name, dyad, level, reports, reports_sd; /* columns; -1 none */
    fault_t *err;
} reading_t;

/* ---- reading ----------------------------------------------------------------------------------------- */

/* Takes up a code, its texts copied. 0 or ERR_NOMEM. */
static int add(codes_t *self, code_t code, const char *text, const char *name) {
    char key[EVENTS_CELL_BYTES];
    if (self->folded) fold_text(text, key, sizeof key);
    code.code = arena_text(&self->texts, text);
    code.name = arena_text(&self->texts, name);
    code.key = self->folded ? arena_text(&self->texts, key) : code.code;
    if (!code.code || !code.name || !code.key || ARRAY_RESERVE(self->items, self->n, self->capacity))
        return ERR_NOMEM;
    self->items[self->n++] = code;
    self->has_levels |= code.level != LEVEL_N;
    return 0;
}

static int on_header(events_table_t *t, void *data) {
    reading_t *r = data;
    r->code = events_table_column(t, r->system ? r->system : "code");
    r->name = events_table_column(t, r->system ? "actor" : "kind");
    r->dyad = r->system ? -1 : events_table_column(t, "dyad");
    r->level = r->system ? -1 : events_table_column(t, "level");
    r->reports = r->system ? -1 : events_table_column(t, "reports");
    r->reports_sd = r->system ? -1 : events_table_column(t, "reports_sd");
    const int used[] = {r->code, r->name, r->dyad, r->level, r->reports, r->reports_sd};
    for (size_t c = 0; c < sizeof used / sizeof *used; c++)
        if (used[c] >= 0) events_table_check_single(t, used[c]);
    if (r->code >= 0 && r->name >= 0 && (r->system || r->dyad >= 0)) return 0;
    if (!r->system)
        return error_set(r->err, ERR_DATA, "%s:1: the columns code, kind and dyad are expected", t->path);
    return error_set(r->err, ERR_DATA,
                     "%s:1: the columns actor and %s are expected; the table has no system of codes %s",
                     t->path, r->system, r->system);
}

static void read_dyad(events_table_t *t, const char *text, code_t *code) {
    if (!strcmp(text, "undirected"))
        code->dyad = DYAD_UNDIRECTED;
    else if (!strcmp(text, "mirror"))
        code->dyad = DYAD_MIRROR;
    else if (*text && strcmp(text, "directed") != 0)
        events_table_complain(t, "dyad is \"%s\": directed, undirected or mirror is expected", text);
}

static void read_level(events_table_t *t, const char *text, code_t *code) {
    if (!*text) return;
    for (int l = 0; l < LEVEL_N; l++)
        if (!strcmp(text, level_names[l])) code->level = (level_t)l;
    if (code->level == LEVEL_N)
        events_table_complain(t, "level is \"%s\": leader, minister, official or nothing is expected", text);
}

static double read_number(events_table_t *t, const char *name, const char *text, double least, double most) {
    char *end;
    double value = *text ? strtod(text, &end) : 0;
    if (!*text || (!*end && value >= least && value <= most)) return value;
    events_table_complain(t, "%s is \"%s\": a number from %g to %g or nothing is expected", name, text, least,
                          most);
    return 0;
}

static int on_row(events_table_t *t, void *data) {
    reading_t *r = data;
    code_t code = {.line = t->line, .level = LEVEL_N};
    const char *text = t->cells[r->code];
    if (r->system && !*text) return 0;
    if (r->dyad >= 0) read_dyad(t, t->cells[r->dyad], &code);
    if (r->level >= 0) read_level(t, t->cells[r->level], &code);
    if (r->reports >= 0)
        code.reports.mean = read_number(t, "reports", t->cells[r->reports], LEAST_REPORTS, MOST_REPORTS);
    if (r->reports_sd >= 0)
        code.reports.sd = read_number(t, "reports_sd", t->cells[r->reports_sd], 0, MOST_REPORTS_SD);
    return add(r->codes, code, text, t->cells[r->name]) ? error_memory(r->err) : 0;
}

static int by_code(const void *a, const void *b) {
    const code_t *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    if (order) return order;
    if (x->level != y->level) return x->level < y->level ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static int check_twice(const codes_t *self, const char *path, fault_t *err) {
    for (size_t i = 1; i < self->n; i++) {
        const code_t *one = &self->items[i - 1], *two = &self->items[i];
        if (strcmp(one->key, two->key) != 0 || one->level != two->level) continue;
        if (self->folded && !strcmp(one->name, two->name)) continue; /* another spelling of the same name */
        return error_set(err, ERR_DATA, "%s:%ld: the code \"%s\" is already in line %ld%s", path, two->line,
                         two->code, one->line,
                         self->folded || two->level == LEVEL_N ? "" : ", for that level");
    }
    return 0;
}

static bool says_reports(const code_t *code) {
    return code->reports.mean > 0 || code->reports.sd > 0;
}

/* Whether rows of one event type contradict each other. */
static int check_reports(const codes_t *self, const char *path, fault_t *err) {
    for (size_t i = 0; i < self->n; i++) {
        const code_t *one = &self->items[i];
        if (!says_reports(one)) continue;
        if (!*one->name || !(one->reports.mean > 0))
            return error_set(err, ERR_DATA, "%s:%ld: reports of an event type need its kind and reports",
                             path, one->line);
        for (size_t j = 0; j < i; j++) {
            const code_t *two = &self->items[j];
            if (strcmp(one->name, two->name) != 0 || !says_reports(two) ||
                (one->reports.mean == two->reports.mean && one->reports.sd == two->reports.sd))
                continue;
            return error_set(err, ERR_DATA,
                             "%s:%ld: reports of %s are %g (sd %g) here and %g (sd %g) in line %ld; they are "
                             "of the event type, give it once or the same in all rows",
                             path, one->line, one->name, one->reports.mean, one->reports.sd,
                             two->reports.mean, two->reports.sd, two->line);
        }
    }
    return 0;
}

int codes_read(codes_t *self, const char *path, const char *system, FILE *messages, fault_t *err) {
    int ret = 0;
    *self = (codes_t){.folded = system != NULL};
    arena_init(&self->texts);
    reading_t reading = {.codes = self, .system = system, .err = err};
    events_table_t t = {
        .path = path, .messages = messages, .header = on_header, .row = on_row, .data = &reading};
    TRY(events_table_read(&t, err));
    if (!self->n) {
        ret = error_set(err, ERR_DATA, "%s has a header and no rows: a row for each code is expected", path);
        goto out;
    }
    qsort(self->items, self->n, sizeof *self->items, by_code);
    TRY(check_twice(self, path, err));
    ret = check_reports(self, path, err);
out:
    return ret;
}

int codes_cameo(codes_t *self) {
    static const char *const texts[][2] = {
#define X(code, text) {code, text},
        CAMEO_LIST(X)
#undef X
    };
    int ret = 0;
    *self = (codes_t){.folded = true};
    arena_init(&self->texts);
    for (size_t c = 0; c < sizeof texts / sizeof *texts; c++)
        TRY(add(self, (code_t){.level = LEVEL_N}, texts[c][1], texts[c][0]));
    qsort(self->items, self->n, sizeof *self->items, by_code);
out:
    return ret;
}

void codes_free(codes_t *self) {
    mem_free(self->items);
    arena_free(&self->texts);
    *self = (codes_t){0};
}

/* ---- looking up -------------------------------------------------------------------------------------- */

/* The first entry of that key, or NULL. */
static const code_t *first_of(const codes_t *self, const char *key) {
    size_t low = 0, high = self->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(self->items[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < self->n && !strcmp(self->items[low].key, key) ? &self->items[low] : NULL;
}

static const code_t *own_of(const codes_t *self, const char *code) {
    char key[EVENTS_CELL_BYTES];
    if (!self->folded) return first_of(self, code);
    fold_text(code, key, sizeof key);
    return first_of(self, key);
}

bool codes_has(const codes_t *self, const char *code) {
    return own_of(self, code) != NULL;
}

const code_t *codes_find(const codes_t *self, const char *code, level_t level) {
    const code_t *found = own_of(self, code);
    if (!found) found = first_of(self, "*");
    if (!found) return NULL;
    for (const code_t *c = found; c < self->items + self->n && !strcmp(c->key, found->key); c++)
        if (level <= c->level) return c;
    return NULL;
}

reporting_t codes_reports(const codes_t *self, const char *kind) {
    for (size_t i = 0; i < self->n; i++)
        if (self->items[i].reports.mean > 0 && !strcmp(self->items[i].name, kind))
            return self->items[i].reports;
    return (reporting_t){0};
}

/* ---- what may have been meant ------------------------------------------------------------------------ */

const char *codes_padded(const codes_t *self, const char *code) {
    char padded[16];
    int n = (int)strspn(code, "0123456789");
    if (n == 0 || n > 8 || (code[n] && strcmp(code + n, ".0") != 0)) return NULL;
    while (n > 1 && *code == '0') code++, n--;
    for (int zeros = 0; zeros < 3; zeros++) {
        snprintf(padded, sizeof padded, "%.*s%.*s", zeros, "00", n, code);
        const code_t *found = first_of(self, padded);
        if (found) return found->code;
    }
    return NULL;
}

const char *codes_meant(const codes_t *self, const char *code) {
    const char *digits = codes_padded(self, code);
    if (digits) return digits;
    char text[EVENTS_CELL_BYTES];
    if (self->folded)
        fold_text(code, text, sizeof text);
    else
        snprintf(text, sizeof text, "%s", code);
    suggest_t near = suggest_for(text);
    bool is_word = strlen(text) > 4 && !strpbrk(text, "0123456789");
    const code_t *best = NULL;
    for (size_t i = 0; i < self->n; i++) {
        const char *before = near.best;
        if (!is_word && strcasecmp(self->items[i].key, text) != 0) continue;
        suggest_offer(&near, self->items[i].key);
        if (near.best != before) best = &self->items[i];
    }
    return best && near.distance <= 1 + (int)strlen(text) / 10 ? best->code
                                                               : NULL; /* names that are near are many */
}

/* ---- levels ------------------------------------------------------------------------------------------ */

static const struct {
    const char *word;
    level_t level;
} level_words[] = {
    {"leader", LEVEL_LEADER},     {"L", LEVEL_LEADER},           {"Executive Office", LEVEL_LEADER},
    {"minister", LEVEL_MINISTER}, {"Executive", LEVEL_MINISTER}, {"official", LEVEL_OFFICIAL},
    {"G", LEVEL_OFFICIAL},        {"M", LEVEL_OFFICIAL},         {"Government", LEVEL_OFFICIAL},
    {"Military", LEVEL_OFFICIAL}};

level_t codes_level(const char *text) {
    level_t highest = LEVEL_N;
    while (*text) {
        text += strspn(text, " ,");
        size_t n = strcspn(text, ",");
        while (n > 0 && text[n - 1] == ' ') n--;
        for (size_t w = 0; w < sizeof level_words / sizeof *level_words; w++)
            if (strlen(level_words[w].word) == n && !strncasecmp(text, level_words[w].word, n) &&
                level_words[w].level < highest)
                highest = level_words[w].level;
        text += n + strspn(text + n, " ");
    }
    return highest;
}
