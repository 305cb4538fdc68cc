#include "cli/forecast/as_of.h"

#include "base/date.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR_DAYS = 14 };

/* ---- the calendar's entries -----------------------------------------------------------------------------
 */

static bool same_actors(const model_t *model, const observed_t *event, const calendar_entry_t *entry) {
    scope_t scope = model->kinds[event->kind].scope;
    if (scope == SCOPE_GROUP) {
        int group = event->marks && event->marks->group >= 0 ? event->marks->group
                                                             : model->kinds[event->kind].summit.group;
        return group == (entry->group >= 0 ? entry->group : model->kinds[entry->kind].summit.group);
    }
    return (entry->initiator == event->initiator && entry->target == event->target) ||
           (scope == SCOPE_DYAD && entry->initiator == event->target && entry->target == event->initiator);
}

static double distance(const calendar_entry_t *entry, double time) {
    return fmax(0, fmax(entry->time - time, time - entry->until));
}

static int nearest(const model_t *model, const observed_t *event, const bool *taken) {
    int best = -1;
    for (int e = 0; e < model->n_calendar; e++) {
        const calendar_entry_t *entry = &model->calendar[e];
        double days = distance(entry, event->time);
        if (!entry->in_base || taken[e] || entry->kind != event->kind || days > NEAR_DAYS ||
            !same_actors(model, event, entry))
            continue;
        if (best < 0 || days < distance(&model->calendar[best], event->time)) best = e;
    }
    return best;
}

static int find_named(const model_t *model, const observed_t *event, const bool *taken, int *entry,
                      fault_t *err) {
    const char *id = event->marks && event->marks->id ? event->marks->id : NULL;
    *entry = -1;
    if (!id) return 0;
    *entry = model_calendar(model, id);
    if (*entry < 0 || !model->calendar[*entry].in_base)
        return error_set(err, ERR_DATA, "the events have the id \"%s\", but the calendar has no such entry",
                         id);
    if (taken[*entry]) return error_set(err, ERR_DATA, "the events have the id \"%s\" twice", id);
    if (model->calendar[*entry].kind != event->kind)
        return error_set(err, ERR_DATA, "the event with the id \"%s\" is a %s; the calendar's entry is a %s",
                         id, model->kinds[event->kind].name, model->kinds[model->calendar[*entry].kind].name);
    return 0;
}

int as_of_match(matched_t *self, const model_t *model, const events_t *events, double day, fault_t *err) {
    int ret = 0;
    bool *taken = mem_alloc((size_t)model->n_calendar + 1, sizeof *taken);
    *self = (matched_t){.took_place = mem_alloc((size_t)events->n + 1, sizeof *self->took_place),
                        .passed = mem_alloc((size_t)model->n_calendar + 1, sizeof *self->passed)};
    TRY_MEM(taken && self->took_place && self->passed);
    for (int e = 0; e < events->n; e++) {
        TRY(find_named(model, &events->items[e], taken, &self->took_place[e], err));
        if (self->took_place[e] >= 0) taken[self->took_place[e]] = true;
    }
    for (int e = 0; e < events->n; e++) {
        if (self->took_place[e] < 0 && events->items[e].time >= 0)
            self->took_place[e] = nearest(model, &events->items[e], taken);
        if (self->took_place[e] < 0) continue;
        taken[self->took_place[e]] = true;
        self->n_took_place++;
    }
    for (int e = 0; e < model->n_calendar; e++) {
        self->passed[e] = model->calendar[e].in_base && model->calendar[e].until < day && !taken[e];
        self->n_passed += self->passed[e];
    }
out:
    mem_free(taken);
    return ret;
}

void as_of_match_free(matched_t *self) {
    mem_free(self->took_place);
    mem_free(self->passed);
    *self = (matched_t){0};
}

/* ---- the text -------------------------------------------------------------------------------------------
 */

static void put_quoted(FILE *out, const char *text) {
    fputc('"', out);
    for (const char *c = text; *c; c++) fprintf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    fputc('"', out);
}

static void put_list(FILE *out, const char *key, const texts_t *names) {
    if (!names->n) return;
    fprintf(out, "  %s:\n", key);
    for (int i = 0; i < names->n; i++) {
        fputs("    - ", out);
        put_quoted(out, names->items[i]);
        fputc('\n', out);
    }
}

static void put_pair(FILE *out, const char *key, const char *text) {
    fprintf(out, ", %s: ", key);
    put_quoted(out, text);
}

static void put_marks(FILE *out, const model_t *model, const observed_marks_t *marks) {
    if (marks->level >= 0) put_pair(out, "level", level_names[marks->level]);
    if (marks->success >= 0) fprintf(out, ", success: %s", marks->success ? "true" : "false");
    if (marks->group >= 0) put_pair(out, "group", model->groups[marks->group].name);
    for (int p = 0; p < marks->n_participants; p++) {
        fputs(p ? ", " : ", attend: [", out);
        put_quoted(out, model->actors[marks->participants[p]].name);
    }
    if (marks->n_participants) fputc(']', out);
}

static void put_event(FILE *out, const model_t *model, const observed_t *event, const char *id) {
    char date[32];
    const kind_t *kind = &model->kinds[event->kind];
    date_format_second(model->start + event->time, date);
    fprintf(out, "  - {date: %s", date);
    if (id) put_pair(out, "id", id);
    put_pair(out, "kind", kind->name);
    if (event->initiator >= 0)
        put_pair(out, kind->scope == SCOPE_GROUP ? "host" : "initiator",
                 model->actors[event->initiator].name);
    if (event->target >= 0) put_pair(out, "target", model->actors[event->target].name);
    if (!isnan(event->value_usd)) fprintf(out, ", value: %.17g USD", event->value_usd);
    if (event->marks) {
        observed_marks_t marks = *event->marks;
        if (!kind->has_success) marks.success = -1;
        if (!kind->summit.on) marks.n_participants = 0;
        put_marks(out, model, &marks);
    }
    fputs("}\n", out);
}

static void put_all(FILE *out, const forecast_arguments_t *a, const model_t *model, const events_t *events,
                    const matched_t *matched, bool history) {
    const char *slash = strrchr(a->run.common.path, '/');
    fprintf(out, "# Written by `entente forecast`.\nextends: ");
    put_quoted(out, slash ? slash + 1 : a->run.common.path);
    fprintf(out, "\nas_of:\n  date: %s\n", a->as_of);
    if (a->complete) fprintf(out, "  complete: %s\n", a->complete);
    put_list(out, "ties", &a->ties);
    put_list(out, "kinds", &a->kinds);
    int first = 0;
    while (first < events->n && events->items[first].time < 0) first++;
    if (history && first) fputs("history:\n", out);
    for (int e = 0; history && e < first; e++) put_event(out, model, &events->items[e], NULL);
    if (first < events->n) fputs("observed:\n", out);
    for (int e = first; e < events->n; e++) {
        int entry = matched->took_place[e];
        put_event(out, model, &events->items[e], entry >= 0 ? model->calendar[entry].id : NULL);
    }
}

/* "scenarios/x.yaml" as of 2026-07-01 is "scenarios/x-as-of-2026-07-01.yaml". */
static char *path_of(const forecast_arguments_t *a) {
    const char *path = a->run.common.path, *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    int length = dot && (!slash || dot > slash + 1) ? (int)(dot - path) : (int)strlen(path);
    char *out = NULL;
    return asprintf(&out, "%.*s-as-of-%s.yaml", length, path, a->as_of) < 0 ? NULL : out;
}

int as_of_text(const forecast_arguments_t *arguments, const model_t *model, const events_t *events,
               const matched_t *matched, bool history, char **path, char **text) {
    size_t size;
    *text = NULL;
    *path = path_of(arguments);
    FILE *out = open_memstream(text, &size);
    if (!out) return ERR_NOMEM;
    put_all(out, arguments, model, events, matched, history);
    return fclose(out) || !*path || !*text ? ERR_NOMEM : 0;
}
