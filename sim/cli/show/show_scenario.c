#include "cli/show/show.h"

#include "base/date.h"
#include "base/mem.h"
#include "model/stability.h"
#include "scenario/units.h"
#include "text/humane.h"
#include "text/text_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TABLE(table, ...) text_table_init(&(table), (const char *const[]){__VA_ARGS__, NULL})
#define MOST_ROWS 40 /* of actors and calendar entries; a longer list is cut */

static const char *format(dimension_t dimension, double value, const model_t *model, char out[64]) {
    units_format(dimension, value, model->start, out, 64);
    return out;
}

static const char *day(const model_t *model, double time, char out[32]) {
    date_format_moment(model->start + time, out);
    char *letter = strchr(out, 'T');
    if (letter) *letter = ' ';
    return out;
}

static void more(int n) {
    if (n > MOST_ROWS) printf("  ... and %d more\n", n - MOST_ROWS);
}

/* ---- actors, groups, ties --------------------------------------------------------------------------- */

static void show_actors(const model_t *model) {
    text_table_t table;
    char gdp[64];
    printf("\nActors (%d)\n", model->n_actors);
    TABLE(table, "name", "label", "type", "region", ">GDP");
    for (int i = 0; i < model->n_actors && i < MOST_ROWS; i++) {
        const actor_t *actor = &model->actors[i];
        text_table_add(&table, "%s", actor->name);
        text_table_add(&table, "%s", actor->label);
        text_table_add(&table, "%s", actor->type);
        text_table_add(&table, "%s", actor->region ? actor->region : "-");
        text_table_add(&table, "%s", format(DIM_MONEY, actor->gdp_usd, model, gdp));
    }
    text_table_print(&table, stdout);
    more(model->n_actors);
}

static void show_groups(const model_t *model) {
    if (model->n_groups == 0) return;
    printf("\nGroups (%d), members at the start\n", model->n_groups);
    for (int g = 0; g < model->n_groups; g++) {
        const group_t *group = &model->groups[g];
        printf("  %s:", group->name);
        for (int m = 0; m < group->n_members; m++)
            if (group->members[m].from <= 0 && group->members[m].until > 0)
                printf(" %s", model->actors[group->members[m].actor].name);
        putchar('\n');
    }
}

/* Ties that a quantity or the output names. */
static bool named(const model_t *model, int tie) {
    for (int q = 0; q < model->n_quantities; q++)
        if (model->quantities[q].tie == tie || (model->quantities[q].ties && model->quantities[q].ties[tie]))
            return true;
    for (int t = 0; t < model->output.n_ties; t++)
        if (model->output.ties[t] == tie) return true;
    return false;
}

static void show_ties(const model_t *model) {
    text_table_t table;
    char money[64], distance[64];
    int n = 0;
    for (int e = 0; e < model->n_ties; e++) n += named(model, e);
    bool all = n == 0;
    printf("\nTies (%d%s)\n", model->n_ties, all ? "" : "; here those in quantities or the output");
    TABLE(table, "tie", ">strength", ">alignment", ">baseline", ">exports", ">other way", ">distance");
    for (int e = 0, shown = 0; e < model->n_ties && shown < MOST_ROWS; e++) {
        const tie_t *tie = &model->ties[e];
        if (!all && !named(model, e)) continue;
        shown++;
        text_table_add(&table, "%s-%s", model->actors[tie->a].name, model->actors[tie->b].name);
        text_table_add(&table, "%.2f", tie->strength);
        text_table_add(&table, "%.2f", tie->alignment);
        text_table_add(&table, "%.2f", tie->baseline);
        text_table_add(&table, "%s", format(DIM_MONEY, tie->trade_usd[0], model, money));
        text_table_add(&table, "%s", format(DIM_MONEY, tie->trade_usd[1], model, money));
        text_table_add(&table, "%s", format(DIM_DISTANCE, tie->distance_km, model, distance));
    }
    text_table_print(&table, stdout);
    more(all ? model->n_ties : n);
}

/* ---- kinds ------------------------------------------------------------------------------------------ */

static const char *main_level(const kind_t *kind) {
    int best = 0;
    for (int l = 1; l < LEVEL_N; l++)
        if (kind->level_weight[l] > kind->level_weight[best]) best = l;
    return kind->level_weight[best] > 0.999 ? level_names[best] : "mixed";
}

/* free(); NULL without memory. */
static char *list_then(const kind_t *kind, const model_t *model) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    for (int c = 0; out && c < kind->n_then; c++)
        fprintf(out, "%s%s %g", c ? ", " : "", model->kinds[kind->then[c].kind].name,
                kind->then[c].chance.probability);
    return out && !fclose(out) ? text : NULL;
}

static int show_kinds(model_t *model) {
    text_table_t table;
    double *expected = mem_alloc(2 * (size_t)model->n_kinds + 1, sizeof *expected);
    if (!expected) return ERR_NOMEM;
    int ret = stability_sources(model, expected, expected + model->n_kinds);
    if (ret < 0) goto out;
    printf("\nEvent types (%d); baseline events a year given the state at the start\n", model->n_kinds);
    TABLE(table, "event type", "scope", "level", ">Goldstein", ">lasting", ">a year", "then");
    for (int k = 0; k < model->n_kinds; k++) {
        const kind_t *kind = &model->kinds[k];
        char *then = list_then(kind, model);
        if (!then) {
            ret = ERR_NOMEM;
            break;
        }
        text_table_add(&table, "%s%s%s", kind->name, kind->label ? ": " : "", kind->label ? kind->label : "");
        text_table_add(&table, "%s", kind->scope == SCOPE_DIRECTED ? "directed" : scope_names[kind->scope]);
        text_table_add(&table, "%s", main_level(kind));
        text_table_add(&table, "%g", kind->goldstein);
        text_table_add(&table, "%g", kind->lasting);
        text_table_add(&table, expected[k] >= 100 ? "%.0f" : "%.3g", expected[k]);
        text_table_add(&table, "%s", then);
        free(then);
    }
    text_table_print(&table, stdout);
out:
    mem_free(expected);
    return ret;
}

static void show_conditions(const model_t *model) {
    text_table_t table;
    char text[64];
    if (model->n_conditions == 0) return;
    printf("\nConditions (%d); %d in force at the start\n", model->n_conditions, model->n_condition_starts);
    TABLE(table, "condition", "on", ">alignment", ">log trade", ">phase-in", ">tail", ">lasts");
    for (int c = 0; c < model->n_conditions; c++) {
        const condition_t *condition = &model->conditions[c];
        text_table_add(&table, "%s%s%s", condition->name, condition->label ? ": " : "",
                       condition->label ? condition->label : "");
        text_table_add(&table, "%s",
                       condition->on_actor   ? "actor"
                       : condition->directed ? "tie, directed"
                                             : "tie");
        text_table_add(&table, "%+g", condition->alignment_shift);
        text_table_add(&table, "%+g", condition->log_trade_shift);
        text_table_add(&table, "%s", format(DIM_DURATION, condition->phase_in, model, text));
        text_table_add(&table, "%s", format(DIM_DURATION, condition->tail, model, text));
        text_table_add(&table, "%s",
                       condition->has_duration
                           ? format(DIM_DURATION, dist_mean(&condition->duration), model, text)
                           : "until ended");
    }
    text_table_print(&table, stdout);
}

/* ---- dated events, variants, quantities ------------------------------------------------------------- */

/* The intervention whose moment times the entry, NULL. */
static const char *added_by(const model_t *model, int entry) {
    for (int n = 0; n < model->n_interventions; n++)
        for (int a = 0; a < model->interventions[n].n_add; a++)
            if (model->interventions[n].add[a] == entry) return model->interventions[n].id;
    return NULL;
}

static void show_calendar(const model_t *model) {
    text_table_t table;
    char from[32], until[32], after[64];
    if (model->n_calendar == 0) return;
    printf("\nCalendar (%d entries; %d in the history)\n", model->n_calendar, model->n_history);
    TABLE(table, "when", "id", "event type", "who", ">probability");
    for (int c = 0; c < model->n_calendar && c < MOST_ROWS; c++) {
        const calendar_entry_t *entry = &model->calendar[c];
        day(model, entry->time, from);
        const char *adds = added_by(model, c);
        if (adds)
            text_table_add(&table, "%s after %s", format(DIM_DURATION, entry->time, model, after), adds);
        else if (entry->until > entry->time)
            text_table_add(&table, "%s .. %s", from, day(model, entry->until, until));
        else
            text_table_add(&table, "%s", from);
        text_table_add(&table, "%s%s", entry->id, entry->in_base ? "" : " (added)");
        text_table_add(&table, "%s", model->kinds[entry->kind].name);
        const char *initiator = entry->initiator >= 0 ? model->actors[entry->initiator].name : "-";
        if (entry->target >= 0)
            text_table_add(&table, "%s -> %s", initiator, model->actors[entry->target].name);
        else
            text_table_add(&table, "%s%s%s", initiator, entry->group >= 0 ? ", " : "",
                           entry->group >= 0 ? model->groups[entry->group].name : "");
        text_table_add(&table, "%g", entry->probability);
    }
    text_table_print(&table, stdout);
    more(model->n_calendar);
}

static void show_quantities(const model_t *model) {
    text_table_t table;
    if (model->n_quantities == 0) return;
    printf("\nQuantities (%d)\n", model->n_quantities);
    TABLE(table, "name", "unit", "label");
    for (int q = 0; q < model->n_quantities; q++) {
        text_table_add(&table, "%s", model->quantities[q].name);
        text_table_add(&table, "%s", model->quantities[q].unit);
        text_table_add(&table, "%s", model->quantities[q].label);
    }
    text_table_print(&table, stdout);
}

static void show_ids(const model_t *model, const char *what, const int *items, int n) {
    if (n == 0) return;
    printf("      %s:", what);
    for (int i = 0; i < n; i++) printf(" %s", model->calendar[items[i]].id);
    putchar('\n');
}

static void show_settings(const model_t *model, const setting_t *settings, int n) {
    char text[64];
    for (int s = 0; s < n; s++) {
        const param_t *param = &model->params[settings[s].param];
        if (settings[s].scales)
            printf("      set: %s x %g\n", param->path, settings[s].value);
        else
            printf("      set: %s = %s\n", param->path,
                   format(param->dimension, settings[s].value, model, text));
    }
}

static void show_variants(const model_t *model) {
    printf("\nVariants (%d)\n", model->n_variants);
    for (int v = 0; v < model->n_variants; v++) {
        const variant_t *variant = &model->variants[v];
        printf("  %s%s%s%s%s%s\n", variant->name, variant->label ? " (" : "",
               variant->label ? variant->label : "", variant->label ? ")" : "", variant->note ? ": " : "",
               variant->note ? variant->note : "");
        show_ids(model, "drop", variant->drop, variant->n_drop);
        show_ids(model, "decline", variant->decline, variant->n_decline);
        show_ids(model, "accept", variant->accept, variant->n_accept);
        show_ids(model, "cancel", variant->cancel, variant->n_cancel);
        show_ids(model, "add", variant->add, variant->n_add);
        show_settings(model, variant->settings, variant->n_settings);
        for (int i = 0; i < variant->n_interventions; i++)
            printf("      intervention: %s\n", model->interventions[variant->interventions[i]].id);
    }
}

static void describe_dist(const model_t *model, int u, char *out, size_t size) {
    const uncertain_t *uncertain = &model->uncertain[u];
    dimension_t dimension = model->params[uncertain->param].dimension;
    const joint_draw_t *joint = uncertain->joint < 0 ? NULL : &model->joints[uncertain->joint];
    char low[64], high[64];
    int n = snprintf(out, size, "%s, 90 %% in %s .. %s",
                     joint && !joint->correlation ? "table" : dist_keyword(uncertain->dist.kind),
                     format(dimension, uncertain_quantile(model, u, 0.05), model, low),
                     format(dimension, uncertain_quantile(model, u, 0.95), model, high));
    if (joint && n > 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, ", jointly (%s)", joint->name);
}

static void show_uncertain(const model_t *model) {
    text_table_t table;
    if (model->n_uncertain == 0) return;
    printf("\nUncertain parameters (%d)\n", model->n_uncertain);
    TABLE(table, "parameter", "distribution", "source");
    for (int u = 0; u < model->n_uncertain; u++) {
        char text[256];
        describe_dist(model, u, text, sizeof text);
        text_table_add(&table, "%s", model->params[model->uncertain[u].param].path);
        text_table_add(&table, "%s", text);
        text_table_add(&table, "%s", model->uncertain[u].source ? model->uncertain[u].source : "");
    }
    for (int f = 0; f < model->n_followers; f++) {
        text_table_add(&table, "%s", model->params[model->followers[f].param].path);
        text_table_add(&table, "same as %s", model->params[model->followers[f].of].path);
        text_table_add(&table, "%s", "");
    }
    text_table_print(&table, stdout);
}

int show_scenario(scenario_t *scenario) {
    model_t *model = &scenario->model;
    char start[32], end[32];
    date_format_moment(model->start, start);
    date_format_moment(model->start + model->horizon, end);
    printf("%s\n%s to %s (%.0f days), %d replicates, seed %llu\n", model->title, start, end, model->horizon,
           model->replicates, (unsigned long long)model->seed);
    show_actors(model);
    show_groups(model);
    show_ties(model);
    show_conditions(model);
    int ret = show_kinds(model);
    if (ret < 0) return ret;
    show_calendar(model);
    show_quantities(model);
    show_variants(model);
    show_uncertain(model);
    return 0;
}

void show_parameters(const scenario_t *scenario, bool all) {
    const model_t *model = &scenario->model;
    text_table_t table;
    if (!model->params) return;
    TABLE(table, "parameter", ">value", "allowed");
    for (int p = 0; p < model->n_params; p++) {
        const param_t *param = &model->params[p];
        char value[64], allowed[128];
        if (param->structural && !all) continue;
        units_expect(param->dimension, param->low, param->high, allowed, sizeof allowed);
        text_table_add(&table, "%s", param->path);
        text_table_add(&table, "%s", format(param->dimension, *param->value, model, value));
        text_table_add(&table, "%s%s", param->structural ? "fixed: " : "", allowed);
    }
    text_table_print(&table, stdout);
}
