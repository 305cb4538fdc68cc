/* `entente relational`: a relational event model fitted to a table of events. */
#include "cli/command.h"
#include "cli/options/options.h"
#include "fit/relational_table.h"
#include "text/suggest.h"
#include "text/text_table.h"

#include <math.h>
#include <string.h>

static const char *const form_names[] = {
    [RELATIONAL_INTERVAL] = "interval", [RELATIONAL_ORDINAL] = "ordinal", [RELATIONAL_CHOICE] = "choice"};
enum { FORM_N = sizeof form_names / sizeof *form_names };

typedef struct {
    common_t common; /* events: the tables */
    const char *actors, *columns, *origin;
    bool presence, given_first;
    relational_form_t form;
    int n_statistics;
    relational_id_t statistics[RELATIONAL_N];
} relational_options_t;

/* ---- options --------------------------------------------------------------------------------- */

/* The index of a word in a list; ends the program with a list of the words if it is not there. */
static int find_word(struct argp_state *state, const char *option, const char *text, int n,
                     const char *const *words) {
    char all[512] = "";
    suggest_t near = suggest_for(text);
    for (int i = 0; i < n; i++) {
        if (!strcmp(words[i], text)) return i;
        suggest_offer(&near, words[i]);
        size_t length = strlen(all);
        snprintf(all + length, sizeof all - length, "%s%s", i ? ", " : "", words[i]);
    }
    argp_error(state, "%s %s: one of %s is expected%s%s%s", option, text, all,
               near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
    return 0;
}

static bool has_statistic(const relational_options_t *options, relational_id_t id) {
    for (int s = 0; s < options->n_statistics; s++)
        if (options->statistics[s] == id) return true;
    return false;
}

static void read_statistic(struct argp_state *state, void *arguments, const char *text) {
    relational_options_t *options = arguments;
    relational_id_t id =
        (relational_id_t)find_word(state, "--statistic", text, RELATIONAL_N, relational_names);
    if (has_statistic(options, id))
        argp_error(state, "--statistic %s is given twice", text);
    else
        options->statistics[options->n_statistics++] = id;
}

static void read_form(struct argp_state *state, void *arguments, const char *text) {
    relational_options_t *options = arguments;
    options->form = (relational_form_t)find_word(state, "--form", text, FORM_N, form_names);
}

static const option_t option_table[] = {
    {NULL, .argument = "table", .required = "the events are missing; give their table (CSV)",
     INPUTS(common_t, events)},
    {"statistic", 't', "NAME", "Estimate the coefficient of this statistic (listed below); may be repeated",
     .repeats = true, .type = OPTION_READ, .read = read_statistic},
    {"form", 'f', "FORM",
     "The likelihood. interval (default): which dyad acts, and when; a baseline is added. ordinal: which "
     "dyad, in which order. choice: whom the initiator chooses",
     .type = OPTION_READ, .read = read_form},
    {"presence", 0, NULL, "Statistics count each dyad with an event once, not each event",
     FLAG(relational_options_t, presence)},
    {"given-first", 0, NULL,
     "Take the first event as given: it only enters the statistics (the default with interval, unless "
     "--origin is given)",
     FLAG(relational_options_t, given_first)},
    {"origin", 0, "TIME",
     "With interval: time begins here, and the first event counts too. A number or a date, as in the table",
     TEXT(relational_options_t, origin)},
    {"columns", 0, "TIME,INITIATOR,TARGET", "The columns to read (default: the first three)",
     TEXT(relational_options_t, columns)},
    {"actors", 0, "CSV",
     "A table whose first column names all actors, also those without events (default: the names that occur)",
     INPUT(relational_options_t, actors)},
    OPTIONS_DATES,
    OPTION_JSON("The same as JSON on stdout"),
    {0},
};

/* Statistics of the initiator alone, which are the same for all possible targets. */
static bool is_of_initiator(relational_id_t id) {
    return id == RELATIONAL_INDEGREE_SENDER || id == RELATIONAL_OUTDEGREE_SENDER;
}

static void check(struct argp_state *state, const void *arguments) {
    const relational_options_t *options = arguments;
    const char *form = form_names[options->form];
    bool interval = options->form == RELATIONAL_INTERVAL;
    int lengths[3];
    if (options->columns && !relational_column_names(options->columns, lengths))
        argp_error(state, "--columns %s: three names are expected, such as time,sender,receiver",
                   options->columns);
    if (options->origin && !interval)
        argp_error(state, "--origin: --form %s uses the order only, not the times", form);
    if (options->origin && options->given_first)
        argp_error(state, "--origin: with --given-first time begins at the first event; give one of the two");
    if (!interval && options->n_statistics == 0)
        argp_error(state, "the statistics are missing; give --statistic NAME, such as inertia");
    for (int s = 0; s < options->n_statistics; s++) {
        const char *name = relational_names[options->statistics[s]];
        if (!interval && options->statistics[s] == RELATIONAL_BASELINE)
            argp_error(state, "--statistic %s: only times identify it; leave it out with --form %s", name,
                       form);
        if (options->form == RELATIONAL_CHOICE && is_of_initiator(options->statistics[s]))
            argp_error(state,
                       "--statistic %s: it is the same for every target, so --form choice cannot estimate it",
                       name);
    }
}

/* An interval likelihood has a baseline, which comes first. */
static void add_baseline(relational_options_t *options) {
    if (options->form != RELATIONAL_INTERVAL || has_statistic(options, RELATIONAL_BASELINE)) return;
    memmove(options->statistics + 1, options->statistics,
            (size_t)options->n_statistics * sizeof *options->statistics);
    options->statistics[0] = RELATIONAL_BASELINE;
    options->n_statistics++;
}

/* ---- what it shows ----------------------------------------------------------------------------------- */

typedef struct {
    const relational_options_t *options;
    const relational_table_t *table;
    const relational_t *model;
    const relational_fit_t *fit;
} fitted_t;

static void add_number(text_table_t *table, const char *format, double value) {
    text_table_add(table, isfinite(value) ? format : "-", value);
}

static void print(const fitted_t *f) {
    const relational_options_t *options = f->options;
    const maximum_t *fit = &f->fit->maximum;
    static const char *const heads[] = {"statistic", ">coefficient", ">se", ">z", ">p", NULL};
    text_table_t table;
    text_table_init(&table, heads);
    for (int s = 0; s < options->n_statistics; s++) {
        text_table_add(&table, "%s", relational_names[options->statistics[s]]);
        add_number(&table, "%#.7g", fit->x[s]);
        add_number(&table, "%#.5g", fit->se[s]);
        add_number(&table, "%.3f", f->fit->z[s]);
        add_number(&table, "%.3g", f->fit->p[s]);
    }
    text_table_print(&table, stdout);
    printf("log L %.4f, AIC %.4f, BIC %.4f\n", fit->log_l, f->fit->aic, f->fit->bic);
    printf("%d events, %d in the likelihood%s; %d actors; form %s%s%s\n", f->table->n_events,
           f->fit->n_fitted, f->model->first ? " (the first is given)" : "", f->table->n_actors,
           form_names[options->form], options->presence ? ", presence" : "",
           options->form == RELATIONAL_INTERVAL && f->table->sort == TIME_DATE ? ", times in days" : "");
    if (f->table->simultaneous)
        printf("events at the same time as the previous one: %d, taken one after another, as listed\n",
               f->table->simultaneous);
    if (f->table->loops) printf("rows left out: %d, %s\n", f->table->loops, drop_reasons[DROP_SELF]);
    if (f->table->no_days) printf("rows left out: %d, %s\n", f->table->no_days, drop_reasons[DROP_DAY]);
    printf("%s%s after %d steps\n", fit->converged ? "" : "not converged: ", fit->told, fit->iterations);
}

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static int print_json(const fitted_t *f) {
    const relational_options_t *options = f->options;
    const maximum_t *fit = &f->fit->maximum;
    json_t *coefficients = json_array();
    for (int s = 0; s < options->n_statistics; s++)
        json_array_append_new(coefficients, json_pack("{s:s s:o s:o s:o s:o}", "statistic",
                                                      relational_names[options->statistics[s]], "coefficient",
                                                      number(fit->x[s]), "se", number(fit->se[s]), "z",
                                                      number(f->fit->z[s]), "p", number(f->fit->p[s])));
    json_t *files = json_array();
    for (int n = 0; n < options->common.events.n; n++)
        json_array_append_new(files, json_string(options->common.events.items[n]));
    return command_print_json(json_pack(
        "{s:o s:s s:b s:b s:s? s:s s:i s:i s:i s:i s:i s:i s:o s:o s:o s:o s:b s:s s:i}", "files", files,
        "form", form_names[options->form], "presence", options->presence, "given_first", f->model->first,
        "origin", options->origin, "times", f->table->sort == TIME_DATE ? "days" : "numbers", "actors",
        f->table->n_actors, "events", f->table->n_events, "events_fitted", f->fit->n_fitted,
        "events_simultaneous", f->table->simultaneous, "loops_left_out", f->table->loops,
        "unknown_days_left_out", f->table->no_days, "coefficients", coefficients, "log_l", number(fit->log_l),
        "aic", number(f->fit->aic), "bic", number(f->fit->bic), "converged", fit->converged, "outcome",
        fit->told, "iterations", fit->iterations));
}

/* ---- the fit ----------------------------------------------------------------------------------------- */

/* The origin of time, and whether the first event enters the likelihood. */
static int settle_time(relational_t *model, const relational_options_t *options, relational_table_t *table,
                       fault_t *err) {
    const relational_event_t *events = table->events;
    model->origin = events[0].time;
    model->first = options->given_first || (options->form == RELATIONAL_INTERVAL && !options->origin);
    if (options->origin && !relational_time(options->origin, &table->sort, table->order, &model->origin))
        return error_set(err, ERR_USAGE, "--origin %s: %s is expected", options->origin,
                         relational_time_expected(table->sort));
    if (model->origin > events[0].time)
        return error_set(err, ERR_USAGE, "--origin %s: some events are earlier", options->origin);
    if (options->form == RELATIONAL_INTERVAL && model->first < table->n_events &&
        !(events[table->n_events - 1].time > model->origin))
        return error_set(
            err, ERR_DATA,
            "%s: no time passes between the events; use --form ordinal, which needs only their order",
            options->common.events.items[0]);
    return 0;
}

static int relational(const relational_options_t *options, fault_t *err) {
    const texts_t *files = &options->common.events;
    const relational_source_t source = {.n_files = files->n,
                                        .files = files->items,
                                        .actors = options->actors,
                                        .column_names = options->columns,
                                        .order = options->common.source.order,
                                        .unknown_days = options->common.source.unknown_days};
    relational_table_t table;
    relational_fit_t fit = {0};
    int ret;
    TRY(relational_table_read(&table, &source, stderr, err));
    for (int n = 0; n < files->n; n++)
        if (table.disordered[n])
            fprintf(stderr, "entente: %s: %d rows were out of order and have been sorted by time\n",
                    files->items[n], table.disordered[n]);
    relational_t model = {.n_actors = table.n_actors,
                          .n_events = table.n_events,
                          .n_statistics = options->n_statistics,
                          .events = table.events,
                          .statistics = options->statistics,
                          .form = options->form,
                          .presence = options->presence};
    TRY(settle_time(&model, options, &table, err));
    TRY(relational_fit(&model, &fit, err));
    const fitted_t fitted = {options, &table, &model, &fit};
    if (options->common.json)
        TRY(print_json(&fitted));
    else
        print(&fitted);
    if (!fit.maximum.converged)
        ret = error_set(err, ERR_DATA, "the fit did not converge: %s", fit.maximum.told);
out:
    relational_fit_free(&fit);
    relational_table_free(&table);
    return ret;
}

int command_relational(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "EVENTS.csv ...",
        "Fits a relational event model to a table of events: who acts on whom next, given the past events. "
        "It needs no scenario. The first row of the table names the columns: time (a number, or a date such "
        "as 2018-01-31T14:30), initiator and target. Several tables are read as one.\vStatistics of i -> j, "
        "just before each event:\n"
#define X(id, name, what) "  " name ": " what "\n"
        RELATIONAL_LIST(X)
#undef X
            "\nDates become times in days. Rows are sorted by time; events at the same time are taken one "
            "after another, as listed. Every ordered pair of different actors may act at any time. The exit "
            "code is 65 if the fit does not converge. docs/fitting.md has the details.",
        check};
    relational_options_t options = {0};
    options_parse(&line, argc, argv, &options);
    add_baseline(&options);
    fault_t err = {0};
    return command_ended(relational(&options, &err), NULL, &err);
}
