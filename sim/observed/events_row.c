#include "base/rng.h"
#include "observed/events_importer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int drop(importer_t *in, drop_t why, const char *text) {
    in->events->dropped[why]++;
    return text && text_counts_add(&in->counts[why], text) < 0 ? no_memory(in) : 0;
}

/* ---- who and what ------------------------------------------------------------------------------------ */

/* The scenario's actor of a cell, or -1 with the reason. */
static int find_actor(const importer_t *in, const char **text, drop_t *why) {
    const char *name = *text;
    if (in->layout->may_lack_country && strchr(name, ';')) return *why = DROP_SEVERAL, -1;
    bool is_none = in->layout->may_lack_country && (!strcmp(name, "None") || !strcmp(name, "NULL"));
    if (!*name || is_none) return *why = DROP_NOBODY, -1;
    if (in->source->countries) {
        const code_t *country = codes_find(&in->countries, name, LEVEL_N);
        if (!country) return *why = DROP_COUNTRY, -1;
        *text = country->name;
    }
    *why = DROP_ACTOR;
    return model_actor(in->model, *text);
}

/* The lower of the two actors' levels. */
static level_t level_of(const importer_t *in, const events_table_t *t) {
    if (!in->mapping.has_levels) return LEVEL_N;
    level_t a = codes_level(cell(in, t, COLUMN_INITIATOR_LEVEL)),
            b = codes_level(cell(in, t, COLUMN_TARGET_LEVEL));
    return a > b ? a : b;
}

/* The row's code; for a row with a text only, the code of the text, or the text itself. */
static const char *code_of(const importer_t *in, const events_table_t *t) {
    const char *code = cell(in, t, COLUMN_CODE), *text = cell(in, t, COLUMN_TEXT);
    if (*code || !*text) return code;
    const code_t *cameo = codes_find(&in->cameo, text, LEVEL_N);
    return cameo ? cameo->name : text;
}

/* The name of a row's event type, or NULL with the reason; *code is its code in the row. */
static const char *find_kind(importer_t *in, const events_table_t *t, const char **code, dyad_t *dyad,
                             drop_t *why) {
    const char *mode = cell(in, t, COLUMN_MODE);
    *dyad = DYAD_DIRECTED;
    if (*cell(in, t, COLUMN_KIND)) return *code = cell(in, t, COLUMN_KIND);
    *code = code_of(in, t);
    if (*mode) snprintf(in->code, sizeof in->code, "%s-%s", *code, mode);
    if (*mode && codes_has(&in->mapping, in->code)) *code = in->code;
    const code_t *rule = codes_find(&in->mapping, *code, level_of(in, t));
    if (!rule) return *why = codes_has(&in->mapping, *code) ? DROP_LEVEL : DROP_CODE, NULL;
    *why = rule->dyad == DYAD_MIRROR ? DROP_MIRROR : DROP_CODE;
    if (rule->dyad == DYAD_MIRROR || !*rule->name) return NULL;
    *dyad = rule->dyad;
    return rule->name;
}

/* Counts a code that only "*" matches although another form of it has a row, such as 42 for 042. */
static int check_star(importer_t *in, const events_table_t *t, const char *code) {
    if (*cell(in, t, COLUMN_KIND) || codes_has(&in->mapping, code) || !codes_padded(&in->mapping, code))
        return 0;
    return text_counts_add(&in->counts[NAMED_STARRED], code) < 0 ? no_memory(in) : 0;
}

/* ---- when -------------------------------------------------------------------------------------------- */

static void check_order(importer_t *in, double time) {
    in->file->disordered += time < in->before;
    in->before = time;
}

/* Records a day with a row; returns whether it is within the period. */
static bool take_day(importer_t *in, double time, double day) {
    events_t *events = in->events;
    events->last = fmax(events->last, fmin(floor(time) + 1, in->until));
    if (time >= in->until) return false;
    events->first = fmin(events->first, floor(time));
    int bit = (int)day + DAYS_BEFORE_1970;
    if (bit >= 0 && bit < ALL_DAYS) events->days[bit / 8] |= (unsigned char)(1 << bit % 8);
    return true;
}

/* Draws the time of an event within its day and, if it has no direction, its initiator; the event's content
 * seeds the draws. */
static observed_t place_event(const importer_t *in, int k, int i, int j, double days, bool both) {
    const model_t *model = in->model;
    const kind_t *kind = &model->kinds[k];
    const char *a = model->actors[i].name, *b = model->actors[j].name;
    if (both && strcmp(a, b) > 0) {
        int swap = i;
        i = j, j = swap;
        a = model->actors[i].name, b = model->actors[j].name;
    }
    uint64_t key = rng_key_text(rng_key_text(rng_key_text(0, kind->name), a), b);
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_doubles(key, 1, &days), 0);
    double within = rng_stream_unit(&stream);
    bool swapped = both && rng_stream_unit(&stream) >= 0.5 && kind->scope != SCOPE_DYAD;
    if (both && !may_happen_at(kind, swapped ? j : i, swapped ? i : j)) swapped = !swapped;
    return (observed_t){days - model->start + within, k, swapped ? j : i, swapped ? i : j, NAN, NULL};
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static bool is_missing(const char *text) {
    static const char *const words[] = {"", "NA", "NaN", "nan", "NULL", "None"};
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        if (!strcmp(text, words[w])) return true;
    return false;
}

/* The value of a row, NAN if it has none; an error code if the whole file has another notation. */
static int read_value(importer_t *in, events_table_t *t, double *value) {
    const char *text = cell(in, t, COLUMN_VALUE);
    char *end;
    *value = NAN;
    if (is_missing(text)) return 0;
    *value = strtod(text, &end);
    bool is_plain = text[strspn(text, "0123456789.+-eE")] == 0;
    if (is_plain && !*end && isfinite(*value) && *value >= 0) return 0;
    if (events_table_decimal_comma(t, text))
        return error_set(
            in->err, ERR_DATA,
            "%s:%ld: value_usd is \"%s\": the file seems to have decimal commas; save it with decimal "
            "points",
            t->path, t->line, text);
    *value = NAN;
    events_table_complain(
        t,
        "value_usd is \"%s\": a number of 0 or more is expected, with a decimal point and nothing "
        "between thousands",
        text);
    return 0;
}

static int add_event(importer_t *in, const observed_t *event, double drawn) {
    events_t *events = in->events;
    if (ARRAY_RESERVE(events->items, events->n, events->capacity) < 0 ||
        ARRAY_RESERVE(in->drawn, events->n, in->drawn_capacity) < 0)
        return no_memory(in);
    in->drawn[events->n] = drawn;
    events->items[events->n++] = *event;
    return 0;
}

static int take_dated(importer_t *in, events_table_t *t, const moment_t *moment, int k, int i, double day) {
    int ret = 0;
    const char *names[] = {in->model->kinds[k].name, in->model->actors[i].name};
    if (moment->n_days > 1) day = moment_draw(moment, 2, names);
    double time = moment->has_time ? moment->time - in->model->start : day - in->model->start + 0.5;
    if (moment->n_days > 1 && !take_day(in, time, day)) return drop(in, DROP_AFTER, NULL);
    observed_t event = {.time = time, .kind = k, .initiator = i, .target = -1, .value_usd = NAN};
    TRY(read_value(in, t, &event.value_usd));
    TRY(events_row_marks(in, t, &event));
    TRY(add_event(in, &event, NAN));
    in->events->untimed += !moment->has_time;
out:
    return ret;
}

int events_row_take(importer_t *in, events_table_t *t, const moment_t *moment) {
    const model_t *model = in->model;
    const char *code, *initiator = cell(in, t, COLUMN_INITIATOR), *target = cell(in, t, COLUMN_TARGET);
    double time = moment->time - model->start, day = moment->day, value;
    dyad_t dyad;
    drop_t why;
    int ret = read_value(in, t, &value);
    if (ret < 0) return ret;
    if (moment->n_days > 1 && in->source->unknown_days == UNKNOWN_DAYS_DROPPED)
        return drop(in, DROP_DAY, NULL);
    if (moment->n_days == 1) check_order(in, time);
    /* 00:00 with an offset may turn out to be a date alone, so its day is the one that is written */
    if (moment->n_days == 1 && !take_day(in, moment->is_midnight ? day - model->start : time,
                                         moment->is_midnight ? day : floor(moment->time)))
        return drop(in, DROP_AFTER, NULL);
    const char *name = find_kind(in, t, &code, &dyad, &why);
    if (!name) return drop(in, why, why == DROP_MIRROR ? NULL : code);
    TRY(check_star(in, t, code));
    int k = model_kind(model, name);
    if (k < 0) return drop(in, DROP_KIND, name);
    int i = find_actor(in, &initiator, &why);
    if (i < 0) return drop(in, why, why == DROP_COUNTRY || why == DROP_ACTOR ? initiator : NULL);
    if (in->source->marks && model->kinds[k].scope >= SCOPE_ACTOR)
        return take_dated(in, t, moment, k, i, day);
    int j = find_actor(in, &target, &why);
    if (j < 0) return drop(in, why, why == DROP_COUNTRY || why == DROP_ACTOR ? target : NULL);
    if (i == j) return drop(in, DROP_SELF, NULL);
    if (moment->n_days > 1) {
        const char *names[] = {model->kinds[k].name, model->actors[i].name, model->actors[j].name};
        day = moment_draw(moment, 3, names);
        if (!take_day(in, day - model->start, day)) return drop(in, DROP_AFTER, NULL);
    }
    const kind_t *kind = &model->kinds[k];
    observed_t event = place_event(in, k, i, j, day, dyad == DYAD_UNDIRECTED || kind->scope == SCOPE_DYAD);
    double drawn = moment->is_midnight ? event.time : NAN;
    if (moment->has_time) event.time = time;
    event.value_usd = value;
    if ((kind->scope != SCOPE_DIRECTED && kind->scope != SCOPE_DYAD) || model_tie(model, i, j) < 0 ||
        !may_happen_at(kind, event.initiator, event.target))
        return drop(in, DROP_PLACE, NULL);
    if (in->source->marks) TRY(events_row_marks(in, t, &event));
    TRY(add_event(in, &event, drawn));
    in->events->timed |= moment->has_time && !moment->is_midnight;
    in->events->untimed += !moment->has_time;
out:
    return ret;
}
