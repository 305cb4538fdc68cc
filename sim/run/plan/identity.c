#include "run/plan/identity.h"

#include "base/hash.h"
#include "base/mem.h"
#include "model/digest/digest.h"
#include "model/metrics.h"
#include "version.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIO "scenario " /* before the lines that the scenario decides */
#define ORDER_OF SCENARIO "order of "
#define BLOCK_SIZE "replicates a block"
#define STORED "stored"

/* ---- the text -------------------------------------------------------------------------------------- */

static int by_path_then_place(const void *x, const void *y, void *model) {
    const param_t *params = ((const model_t *)model)->params;
    const setting_t *a = *(const setting_t *const *)x, *b = *(const setting_t *const *)y;
    int order = strcmp(params[a->param].path, params[b->param].path);
    return order ? order : a < b ? -1 : a > b;
}

/* By path; of two for one parameter the later one holds. */
static int write_settings(const plan_request_t *r, FILE *out) {
    int n = r->n_settings;
    const setting_t **sorted = mem_alloc((size_t)n, sizeof *sorted);
    if (!sorted) return ERR_NOMEM;
    for (int i = 0; i < n; i++) sorted[i] = &r->settings[i];
    if (n) qsort_r(sorted, (size_t)n, sizeof *sorted, by_path_then_place, r->model);
    for (int i = 0; i < n; i++)
        if (i + 1 == n || sorted[i]->param != sorted[i + 1]->param)
            fprintf(out, "set %s: %.17g\n", r->model->params[sorted[i]->param].path, sorted[i]->value);
    mem_free(sorted);
    return 0;
}

static void write_sweep(const plan_t *plan, FILE *out) {
    const plan_request_t *r = &plan->request;
    fprintf(out, "swept:");
    for (int s = 0; s < r->points->n_axes; s++)
        fprintf(out, " %s", r->model->params[r->points->params[s]].path);
    fprintf(out, "\ndesign: %s\n", design_names[r->points->design]);
    if (plan->layout.events || plan->layout.trajectories || plan->observation.n_metric_times)
        fprintf(out, STORED ": everything\n");
    if (r->independent) fprintf(out, "random numbers: of each point's own\n");
}

static void write_split(const plan_request_t *r, FILE *out) {
    const watch_t *watch = &r->split->watch;
    fprintf(out, "rare event: %s%s\nguide: %s%s, %.17g a day\nsplits: %d, at most %d paths\nlevels:",
            r->model->quantities[watch->event].name, watch->ever ? " ever" : "",
            r->model->quantities[watch->guide].name, watch->falls ? " falls" : "", watch->pace,
            r->split->splits, r->split->most_paths);
    for (int k = 0; k < watch->n_levels; k++)
        fprintf(out, " %.17g", watch->falls ? -watch->levels[k] : watch->levels[k]);
    fprintf(out, "\n");
}

static void write_times(int n, const double *times, FILE *out) {
    for (int t = 0; t < n; t++) fprintf(out, " %a", times[t]);
}

static void write_rounding(const rounding_t *rounding, FILE *out) {
    fprintf(out, " %d %d %a %d", rounding->relative, rounding->exact, rounding->step, rounding->shift);
}

/* The outputs stored and summarised for each replicate: a hash of the resolved `output`. */
static int write_output(const plan_t *plan, FILE *out) {
    const layout_t *l = &plan->layout;
    const observation_t *o = l->observation;
    char *text = NULL, hash[HASH_SIZE];
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory) return ERR_NOMEM;
    fprintf(memory, "%d %d", l->events, l->trajectories);
    if (o->n_times) {
        write_times(o->n_times, o->times, memory);
        for (int i = 0; i < o->n_ties; i++)
            fprintf(memory, " %s-%s", l->model->actors[l->model->ties[o->ties[i]].a].name,
                    l->model->actors[l->model->ties[o->ties[i]].b].name);
        write_rounding(&l->strength, memory);
        write_rounding(&l->trade, memory);
    }
    for (int m = 0; m < METRIC_N; m++) /* a set: each has a variable of its own in the file */
        for (int n = 0; n < l->model->output.n_metrics; n++)
            if (!strcmp(l->model->output.metrics[n], metrics[m].name))
                fprintf(memory, " %s", metrics[m].name);
    write_times(o->n_metric_times, o->metric_times, memory);
    if (fclose(memory)) {
        free(text);
        return ERR_NOMEM;
    }
    hash_bytes(text, size, hash);
    free(text);
    fprintf(out, SCENARIO "output: %s\n", hash);
    return 0;
}

int identity_make(plan_t *plan, fault_t *err) {
    const plan_request_t *r = &plan->request;
    char *text = NULL;
    size_t size = 0;
    int ret = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return error_memory(err);
    fprintf(out, "format: %s\nprogram: %s\n", STORE_SCHEMA, ENTENTE_VERSION);
    fprintf(out, "seed: %llu\n", (unsigned long long)r->seed);
    TRY(write_settings(r, out));
    fprintf(out, "variants:");
    for (int v = 0; v < r->n_variants; v++) fprintf(out, " %s", r->model->variants[r->variants[v]].name);
    fprintf(out, "\n");
    if (r->points) write_sweep(plan, out);
    if (r->split) write_split(r, out);
    fprintf(out, BLOCK_SIZE ": %u\n", plan->block_replicates);
    TRY(model_digest(r->model, r->n_variants, r->variants, SCENARIO, out));
    TRY(write_output(plan, out));
out:
    if (ferror(out)) ret = ERR_NOMEM;
    if (fclose(out)) ret = ERR_NOMEM;
    if (ret) {
        free(text);
        return error_memory(err);
    }
    plan->text = text;
    hash_bytes(text, size, plan->identity);
    return 0;
}

/* ---- differences ------------------------------------------------------------------------------------- */

typedef struct { /* "name: value"; name NULL: there is none */
    const char *name, *value;
    int n_name, n_value;
} line_t;

/* The line at `text`; where the next one begins. */
static const char *read_line(const char *text, line_t *line) {
    size_t length = strcspn(text, "\n");
    const char *colon = memmem(text, length, ": ", 2);
    size_t name = colon ? (size_t)(colon - text) : length;
    *line =
        (line_t){text, colon ? colon + 2 : text + length, (int)name, colon ? (int)(length - name) - 2 : 0};
    return text + length + (text[length] != '\0');
}

static bool find_between(const char *from, const char *to, const line_t *wanted, line_t *found,
                         const char **next) {
    for (const char *at = from; at != to && *at;) {
        at = read_line(at, found);
        if (found->n_name == wanted->n_name && !strncmp(found->name, wanted->name, (size_t)wanted->n_name)) {
            *next = at;
            return true;
        }
    }
    return false;
}

/* The line of that name. Lines are mostly in the same order: the search continues after the last one found.
 * */
static bool find_line(const char *text, const char **next, const line_t *wanted, line_t *found) {
    const char *from = *next;
    return find_between(from, NULL, wanted, found, next) || find_between(text, from, wanted, found, next);
}

/* Of lines, in the order they are reported in; the last two follow from the others, if those differ. */
typedef enum { TOLD, SECTION, ORDER, BLOCK, CLASS_N } class_t;

#define VALUE_SHOWN 60 /* bytes */
#define SECTIONS_SHOWN 6

typedef struct {
    const char *scenario; /* its name */
    char *out;
    size_t size, n;
    int n_sections; /* of the scenario that differ, so far */
    bool stored;    /* what --everything decides differs */
} report_t;

static void say(report_t *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(report_t *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(r->out + r->n, r->size - r->n, format, args);
    va_end(args);
    r->n += n > 0 ? (size_t)n : 0;
    if (r->n >= r->size) r->n = r->size - 1;
}

static bool begins(const line_t *line, const char *prefix) {
    return (size_t)line->n_name >= strlen(prefix) && !strncmp(line->name, prefix, strlen(prefix));
}

static class_t class_of(const line_t *line) {
    return begins(line, ORDER_OF)     ? ORDER
           : begins(line, SCENARIO)   ? SECTION
           : begins(line, BLOCK_SIZE) ? BLOCK
                                      : TOLD;
}

static void say_value(report_t *r, const line_t *line, const char *where) {
    bool cut = line->n_value > VALUE_SHOWN;
    say(r, " %.*s%s %s", cut ? VALUE_SHOWN : line->n_value, line->value, cut ? "..." : "", where);
}

/* Reports differences of the run's inputs besides the scenario. `there` or `here` may be NULL. */
static void say_told(void *report, const line_t *there, const line_t *here) {
    report_t *r = report;
    const line_t *line = here ? here : there;
    r->stored |= begins(line, STORED);
    say(r, "%s%.*s", r->n ? "; " : "", line->n_name, line->name);
    if (!here) {
        say(r, " was given there");
    } else if (!there) {
        say(r, " was not given");
    } else {
        say(r, ":");
        say_value(r, there, "there,");
        say_value(r, here, "here");
    }
}

static void say_section(void *report, const line_t *there, const line_t *here) {
    report_t *r = report;
    const line_t *line = here ? here : there;
    int prefix = (int)strlen(SCENARIO);
    if (r->stored && begins(line, SCENARIO "output")) return; /* told already */
    if (r->n_sections == 0) say(r, "%s%s has changed:", r->n ? "; " : "", r->scenario);
    if (r->n_sections++ < SECTIONS_SHOWN)
        say(r, "%s %.*s%s", r->n_sections > 1 ? "," : "", line->n_name - prefix, line->name + prefix,
            !there  ? " (new)"
            : !here ? " (gone)"
                    : "");
}

static void say_block(void *report, const line_t *there, const line_t *here) {
    report_t *r = report;
    if (there && here)
        say(r,
            "blocks of %.*s replicates in the earlier parts, of %.*s in this run; --block %.*s continues "
            "with them",
            there->n_value, there->value, here->n_value, here->value, there->n_value, there->value);
}

typedef void visit_t(void *context, const line_t *there, const line_t *here);

/* The lines of one class that differ. */
static void visit_differences(class_t class, const char *there, const char *here, visit_t *visit,
                              void *context) {
    line_t line, other;
    for (const char *at = here, *next = there; *at;) {
        at = read_line(at, &line);
        if (class_of(&line) != class) continue;
        if (!find_line(there, &next, &line, &other))
            visit(context, NULL, &line);
        else if (line.n_value != other.n_value || strncmp(line.value, other.value, (size_t)line.n_value) != 0)
            visit(context, &other, &line);
    }
    for (const char *at = there, *next = here; *at;) {
        at = read_line(at, &line);
        if (class_of(&line) == class && !find_line(here, &next, &line, &other)) visit(context, &line, NULL);
    }
}

bool identity_differences(const char *there, const char *here, const char *scenario, char *out, size_t size) {
    const char *slash = strrchr(scenario, '/');
    report_t r = {.scenario = slash ? slash + 1 : scenario, .out = out, .size = size};
    *out = '\0';
    visit_differences(TOLD, there, here, say_told, &r);
    visit_differences(SECTION, there, here, say_section, &r);
    if (r.n_sections == 0) visit_differences(ORDER, there, here, say_section, &r);
    if (r.n_sections > SECTIONS_SHOWN) say(&r, " and %d more", r.n_sections - SECTIONS_SHOWN);
    if (r.n == 0) visit_differences(BLOCK, there, here, say_block, &r);
    return r.n > 0;
}

/* ---- one by one ---------------------------------------------------------------------------------------- */

typedef struct {
    identity_visit_t *visit;
    void *context;
    int n_sections;
} visitor_t;

static void visit_line(void *visitor, const line_t *there, const line_t *here) {
    visitor_t *v = visitor;
    const line_t *line = here ? here : there;
    bool section = begins(line, SCENARIO);
    int prefix = section ? (int)strlen(SCENARIO) : 0;
    identity_change_t change = {.of_scenario = section,
                                .name = line->name + prefix,
                                .n_name = line->n_name - prefix,
                                .there = there ? there->value : NULL,
                                .n_there = there ? there->n_value : 0,
                                .here = here ? here->value : NULL,
                                .n_here = here ? here->n_value : 0};
    v->n_sections += section;
    v->visit(v->context, &change);
}

void identity_visit(const char *there, const char *here, identity_visit_t *visit, void *context) {
    visitor_t v = {.visit = visit, .context = context};
    visit_differences(TOLD, there, here, visit_line, &v);
    visit_differences(SECTION, there, here, visit_line, &v);
    if (v.n_sections == 0) visit_differences(ORDER, there, here, visit_line, &v);
}
