/* The marks of an event that a plain table has besides its date, kind and actors. */
#include "observed/events_importer.h"
#include "text/suggest.h"

#include <string.h>

static int named(int n, const char *const *names, const char *text) {
    for (int i = 0; i < n; i++)
        if (!strcmp(names[i], text)) return i;
    return -1;
}

static void read_level(const importer_t *in, events_table_t *t, observed_marks_t *marks) {
    const char *text = cell(in, t, COLUMN_LEVEL);
    marks->level = named(LEVEL_N, level_names, text);
    if (*text && marks->level < 0)
        events_table_complain(t, "level is \"%s\": leader, minister or official is expected", text);
}

static void read_success(const importer_t *in, events_table_t *t, observed_marks_t *marks) {
    static const char *const words[] = {"false", "true", "0", "1", "no", "yes"};
    const char *text = cell(in, t, COLUMN_SUCCESS);
    int word = named(sizeof words / sizeof *words, words, text);
    marks->success = word < 0 ? -1 : word % 2;
    if (*text && word < 0) events_table_complain(t, "success is \"%s\": true or false is expected", text);
}

static void read_group(const importer_t *in, events_table_t *t, const observed_t *event,
                       observed_marks_t *marks) {
    const model_t *model = in->model;
    const char *text = cell(in, t, COLUMN_GROUP);
    const kind_t *kind = &model->kinds[event->kind];
    marks->group = *text ? model_group(model, text) : -1;
    suggest_t near = suggest_for(text);
    for (int g = 0; g < model->n_groups; g++) suggest_offer(&near, model->groups[g].name);
    if (*text && marks->group < 0)
        events_table_complain(t, "group is \"%s\": the scenario has no such group%s%s%s", text,
                              near.best ? "; did you mean " : "", near.best ? near.best : "",
                              near.best ? "?" : "");
    else if (!*text && kind->scope == SCOPE_GROUP && kind->summit.group < 0)
        events_table_complain(t, "the group of the %s is missing", kind->name);
}

/* Participants that the scenario does not have are left out. */
static int read_participants(const importer_t *in, events_table_t *t, observed_marks_t *marks) {
    const model_t *model = in->model;
    char text[EVENTS_CELL_BYTES], *rest = text;
    snprintf(text, sizeof text, "%s", cell(in, t, COLUMN_PARTICIPANTS));
    if (!*text) return 0;
    marks->participants =
        arena_alloc(&in->events->texts, (size_t)model->n_actors + 1, sizeof *marks->participants);
    if (!marks->participants) return no_memory(in);
    for (char *name; (name = strsep(&rest, ";"));) {
        name += strspn(name, " ");
        const code_t *country = in->source->countries ? codes_find(&in->countries, name, LEVEL_N) : NULL;
        int actor = model_actor(model, country ? country->name : name);
        if (actor >= 0 && !in_list(marks->n_participants, marks->participants, actor))
            marks->participants[marks->n_participants++] = actor;
    }
    return 0;
}

int events_row_marks(const importer_t *in, events_table_t *t, observed_t *event) {
    observed_marks_t marks = {.level = -1, .success = -1, .group = -1};
    int ret = 0;
    if (in->columns[COLUMN_KIND] < 0 && in->columns[COLUMN_LEVEL] < 0) return 0;
    if (!in->mapping.has_levels) read_level(in, t, &marks);
    read_success(in, t, &marks);
    if (*cell(in, t, COLUMN_ID) && !(marks.id = arena_text(&in->events->texts, cell(in, t, COLUMN_ID))))
        return no_memory(in);
    if (in->model->kinds[event->kind].scope == SCOPE_GROUP) {
        read_group(in, t, event, &marks);
        TRY(read_participants(in, t, &marks));
    }
    if (!marks.id && marks.level < 0 && marks.success < 0 && marks.group < 0 && !marks.n_participants)
        return 0;
    observed_marks_t *kept = arena_alloc(&in->events->texts, 1, sizeof *kept);
    if (!kept) return no_memory(in);
    *kept = marks;
    event->marks = kept;
out:
    return ret;
}
