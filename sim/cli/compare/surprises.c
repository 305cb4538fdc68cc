#include "cli/compare/surprises.h"

#include "base/date.h"
#include "base/mem.h"
#include "cli/launch.h"
#include "cli/tables/quantity_table.h"
#include "text/text_table.h"
#include <math.h>
#include <string.h>

/* ---- observed events in terms of the other scenario ------------------------------------------------------
 */

typedef struct {
    model_t *old;
    const model_t *new;
    double shift; /* to the days of the old one */
    surprise_task_t task;
    calendar_entry_t *events;
    bool *ties, *kinds;
} match_t;

static int actor_of(const match_t *m, int actor) {
    return actor < 0 ? -1 : model_actor(m->old, m->new->actors[actor].name);
}

static int group_of(const match_t *m, const calendar_entry_t *entry) {
    int group = entry->group >= 0 ? entry->group : m->new->kinds[entry->kind].summit.group;
    return group < 0 ? -1 : model_group(m->old, m->new->groups[group].name);
}

/* False if the old scenario does not have its type, actors or tie. */
static bool translate(const match_t *m, const calendar_entry_t *entry, calendar_entry_t *out) {
    *out = *entry;
    out->time += m->shift;
    out->kind = model_kind(m->old, m->new->kinds[entry->kind].name);
    out->initiator = actor_of(m, entry->initiator);
    out->target = actor_of(m, entry->target);
    out->group = group_of(m, entry);
    if (out->kind < 0 || (entry->initiator >= 0 && out->initiator < 0)) return false;
    if (m->old->kinds[out->kind].scope == SCOPE_GROUP) return out->group >= 0;
    if (entry->target < 0) return true;
    return out->target >= 0 && model_tie(m->old, out->initiator, out->target) >= 0;
}

static int take_events(match_t *m, int *n_unknown, fault_t *err) {
    int ret = 0;
    m->events = mem_alloc((size_t)m->new->n_calendar + 1, sizeof *m->events);
    TRY_MEM(m->events);
    for (int e = 0; e < m->new->n_calendar; e++) {
        const calendar_entry_t *entry = &m->new->calendar[e];
        if (!entry->observed || !entry->in_base) continue;
        double time = entry->time + m->shift;
        if (translate(m, entry, &m->events[m->task.n_events]))
            m->task.n_events++;
        else
            *n_unknown += time >= m->task.from && time < m->task.until;
    }
    m->task.events = m->events;
out:
    return ret;
}

/* What the observed events of the new scenario cover. */
static int take_coverage(match_t *m, fault_t *err) {
    int ret = 0;
    const as_of_t *seen = &m->new->as_of;
    m->ties = mem_alloc((size_t)m->old->n_ties + 1, sizeof *m->ties);
    m->kinds = mem_alloc((size_t)m->old->n_kinds + 1, sizeof *m->kinds);
    TRY_MEM(m->ties && m->kinds);
    for (int k = 0; k < m->old->n_kinds; k++) {
        int kind = model_kind(m->new, m->old->kinds[k].name);
        m->kinds[k] = kind >= 0 && (!seen->kinds || seen->kinds[kind]);
    }
    for (int e = 0; e < m->old->n_ties; e++) {
        const tie_t *tie = &m->old->ties[e];
        int a = model_actor(m->new, m->old->actors[tie->a].name),
            b = model_actor(m->new, m->old->actors[tie->b].name),
            own = a < 0 || b < 0 ? -1 : model_tie(m->new, a, b);
        m->ties[e] = own >= 0 && (!seen->ties || seen->ties[own]);
    }
    m->task.seen = (as_of_t){.ties = m->ties, .kinds = m->kinds};
out:
    return ret;
}

/* From the day until which the old scenario was observed to that of the new one. */
static int find_days(match_t *m, surprises_t *self, const char *const paths[2], fault_t *err) {
    m->shift = m->new->start - m->old->start;
    m->task.from = m->old->as_of.complete;
    m->task.until = fmin(m->new->as_of.complete + m->shift, m->old->horizon);
    date_format_moment(m->old->start + m->task.from, self->from);
    date_format_moment(m->old->start + m->task.until, self->until);
    if (m->new->as_of.day > 0 && m->task.until > m->task.from) return 0;
    return error_set(err, ERR_DATA,
                     "--surprises: %s is no forecast of a later day than %s (%s): it has no events that were "
                     "observed since; make one with `entente forecast`",
                     paths[1], paths[0], self->from);
}

static int open_scenario(opened_t *opened, reopened_t *made, const char *path, fault_t *err) {
    const common_t common = {.path = path};
    return reopen_scenario(opened, made, &common)
               ? error_set(err, ERR_DATA, "--surprises needs the scenario in %s, which cannot be read", path)
               : 0;
}

int surprises_find(surprises_t *self, const char *const paths[2], int workers, fault_t *err) {
    int ret;
    opened_t later = {0};
    reopened_t made = {0}, made_later = {0};
    match_t match = {0};
    *self = (surprises_t){.path = paths[0]};
    TRY(open_scenario(&self->opened, &made, paths[0], err));
    TRY(open_scenario(&later, &made_later, paths[1], err));
    match.old = &self->opened.scenario.model;
    match.new = &later.scenario.model;
    TRY(find_days(&match, self, paths, err));
    TRY(take_events(&match, &self->n_unknown, err));
    TRY(take_coverage(&match, err));
    match.task.replicates = (int)made.replicates;
    match.task.workers = workers ? workers : launch_processors();
    match.task.seed = made.seed;
    match.task.n_settings = self->opened.n_settings;
    match.task.settings = self->opened.settings;
    TRY(surprise_find(&self->found, match.old, &match.task, err));
out:
    mem_free(match.events);
    mem_free(match.ties);
    mem_free(match.kinds);
    opened_close(&later);
    reopened_free(&made);
    reopened_free(&made_later);
    return ret;
}

void surprises_free(surprises_t *self) {
    surprise_free(&self->found);
    opened_close(&self->opened);
}

/* ---- what is shown ---------------------------------------------------------------------------------------
 */

static void name_place(const model_t *model, const surprise_t *s, char out[PAIR_BYTES]) {
    if (s->tie >= 0)
        snprintf(out, PAIR_BYTES, "%s-%s", model->actors[model->ties[s->tie].a].name,
                 model->actors[model->ties[s->tie].b].name);
    else
        snprintf(out, PAIR_BYTES, "%s",
                 s->group >= 0 ? model->groups[s->group].name : model->actors[s->actor].name);
}

static int shown(const surprises_t *self, int n) {
    return n < self->found.n ? n : self->found.n;
}

void surprises_print(const surprises_t *self, int n) {
    static const char *const heads[] = {"event type",  "where", ">observed", ">expected",
                                        "5 % to 95 %", ">tail", ">mid-p",    NULL};
    const model_t *model = &self->opened.scenario.model;
    text_table_t table;
    char place[PAIR_BYTES];
    printf("What has happened from %s to %s, against %s:\n", self->from, self->until, self->path);
    text_table_init(&table, heads);
    for (int i = 0; i < shown(self, n); i++) {
        const surprise_t *s = &self->found.items[i];
        name_place(model, s, place);
        text_table_add(&table, "%s", model->kinds[s->kind].name);
        text_table_add(&table, "%s", place);
        text_table_add(&table, "%d", s->observed);
        text_table_add(&table, "%.3g", s->mean);
        text_table_add(&table, "%d .. %d", s->low, s->high);
        text_table_add(&table, "%.2g", s->tail);
        text_table_add(&table, "%.2g", s->mid_p);
    }
    text_table_print(&table, stdout);
    if (shown(self, n) < self->found.n) printf("  and %d more counts\n", self->found.n - shown(self, n));
    printf("  mid-p of %g or less: %d of %d counts; %.1f expected by chance\n", SURPRISE_LEVEL,
           self->found.n_rare, self->found.n, self->found.rare_mean);
    if (self->found.once) puts("  an event type counts once a day for the same actors, as in the events");
    if (self->n_unknown)
        printf("  %d events of types, actors or ties that are not in its scenario are left out\n",
               self->n_unknown);
}

static json_t *item_json(const model_t *model, const surprise_t *s) {
    char place[PAIR_BYTES];
    name_place(model, s, place);
    return json_pack("{s:s s:s s:s s:i s:o s:i s:i s:o s:o}", "kind", model->kinds[s->kind].name, "where",
                     place, "place",
                     s->tie >= 0     ? "tie"
                     : s->group >= 0 ? "group"
                                     : "actor",
                     "observed", s->observed, "expected", json_number(s->mean), "low", s->low, "high",
                     s->high, "tail", json_number(s->tail), "mid_p", json_number(s->mid_p));
}

json_t *surprises_json(const surprises_t *self, int n) {
    json_t *list = json_array();
    for (int i = 0; i < shown(self, n); i++)
        json_array_append_new(list, item_json(&self->opened.scenario.model, &self->found.items[i]));
    return json_pack("{s:s s:s s:i s:b s:i s:i s:f s:i s:o}", "from", self->from, "until", self->until,
                     "replicates", self->found.n_done, "once_a_day", self->found.once, "counts",
                     self->found.n, "rare", self->found.n_rare, "rare_expected", self->found.rare_mean,
                     "events_left_out", self->n_unknown, "items", list);
}
