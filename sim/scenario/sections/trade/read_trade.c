/* How trade responds: to relations, to tariffs, to other flows; its noise; flows without figures. */
#include "base/date.h"
#include "base/math/elementary.h"
#include "scenario/reader.h"
#include "scenario/sections/trade/read_tariffs.h"
#include <stdio.h>
#include <string.h>

/* ---- gravity ---------------------------------------------------------------------------------------- */

static const char *const gravity_ties[] = {"missing", "all"};
static const field_t gravity_fields[] = {
    {"constant", &type_number, FIELD_REQUIRED | FIELD_STRUCTURAL, AT(gravity_t, constant), ANY,
     .what = "Log of the constant.", .example = "-20"},
    {"gdp", &type_number, FIELD_STRUCTURAL, AT(gravity_t, gdp), ANY, .fallback = "1",
     .what = "Elasticity of both GDPs.", .example = "1"},
    {"distance", &type_number, FIELD_STRUCTURAL, AT(gravity_t, distance), ANY, .fallback = "-0.84",
     .what = "Elasticity of distance.", .example = "-0.84"},
    {"ties", &type_enum, 0, AT(gravity_t, all), .fallback = "missing", NAMES(gravity_ties),
     .what = "The flows to which it applies: those without figures, or all.", .example = "missing"},
};
static const section_t section_gravity = {
    .name = "gravity",
    .what = "Trade at the start of flows without figures: exp(constant) x GDP_i^gdp x "
            "GDP_j^gdp x distance^distance, in USD and km. Unions get none.",
    SECTION_FIELDS(gravity_fields)};

static void read_gravity(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    if (!node) return;
    gravity_t *gravity = READER_NEW(r, 1, gravity_t);
    gravity->mark = node->mark;
    if (reader_section(r, field->section, node, gravity) && !isnan(gravity->constant)) r->gravity = gravity;
}
static const type_t type_gravity = {SHAPE_SECTION, "a mapping", read_gravity, NULL};

/* ---- general equilibrium ---------------------------------------------------------------------------- */

static const char *const forms[] = {"full", "conditional", "none"};
enum { FORM_NONE = 2 };
static const char *const closures[] = {"world", "own"};
static const field_t equilibrium_fields[] = {
    {"form", &type_enum, 0, AT(model_t, trade.output), .fallback = "full", NAMES(forms),
     .what =
         "`full`: general equilibrium, prices and incomes follow; `conditional`: the value of each actor's "
         "output is given; `none`: a flow depends on its own tie only.",
     .example = "conditional"},
    {"deficits", &type_enum, 0, AT(model_t, trade.deficits), .fallback = "own", NAMES(closures),
     .what = "Trade deficits: a constant share of the actor's `own` income, or of the `world`'s.",
     .example = "world"},
    {"output_ratio", &type_number, 0, AT(model_t, trade.output_ratio), POSITIVE, .fallback = "2",
     .what = "Gross output over GDP: an actor without `domestic` trade sells output_ratio x gdp - exports to "
             "itself.",
     .example = "1.8"},
};
static void finish_equilibrium(reader_t *r, void *base, const node_t *node) {
    trade_t *trade = &((model_t *)base)->trade;
    trade->in_equilibrium = (int)trade->output != FORM_NONE;
    if (trade->in_equilibrium) return;
    for (int e = 0; node && node->type == NODE_MAPPING && e < node->n; e++)
        if (strcmp(node->entries[e].key, "form") != 0)
            reader_error(r, node->entries[e].mark, "%s.%s has no effect with the form `none`; leave it out",
                         r->path, node->entries[e].key);
}
static const section_t section_equilibrium = {
    .name = "equilibrium",
    .what =
        "All flows in general equilibrium, solved at the start and at each refresh (docs/trade.md). Without "
        "the key they are, if every actor that trades has `gdp` or `domestic`.",
    SECTION_FIELDS(equilibrium_fields),
    .shorthand = "form",
    .finish = finish_equilibrium};

static bool is_none(const node_t *node) {
    const node_t *form = node->type == NODE_MAPPING ? node_get(node, "form") : node;
    return form && form->type == NODE_SCALAR && !strcmp(form->text, forms[FORM_NONE]);
}

static void read_equilibrium(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    if (!node) return;
    bool none = is_none(node); /* its numbers are no parameters then, and the model is that without it */
    trade_t *trade = &r->model->trade, before = *trade;
    r->equilibrium = node;
    r->silent += none;
    reader_section(r, field->section, node_is_null(node) ? NULL : node, r->model);
    r->silent -= none;
    if (none) *trade = before;
}
static const type_t type_equilibrium = {SHAPE_SECTION, "a mapping, or `none`", read_equilibrium, NULL};

/* ---- noise, and the date of the figures ------------------------------------------------------------- */

#define NOISE_HALF_LIFE                                                                           \
    {                                                                                             \
        "half_life", &type_number, FIELD_REQUIRED, AT(noise_t, half_life),                        \
            .dimension = DIM_DURATION, POSITIVE, .what = "Half-life with which it returns to 0.", \
            .example = "2 y"                                                                      \
    }
static const field_t noise_flow_fields[] = {
    {"sd", &type_number, FIELD_REQUIRED, AT(noise_t, sd), BETWEEN(0, 5),
     .what = "Its standard deviation in the long run, log units, of a flow of 1 bn USD a year.",
     .example = "0.8"},
    NOISE_HALF_LIFE,
    {"size", &type_number, 0, AT(noise_t, size), BETWEEN(-1, 1), .fallback = "0",
     .what = "By what power of the flow's figure (in bn USD, at least 0.0001) that is multiplied: small "
             "flows vary more.",
     .example = "-0.15"},
};
static const field_t noise_actor_fields[] = {
    {"sd", &type_number, FIELD_REQUIRED, AT(noise_t, sd), BETWEEN(0, 5),
     .what = "Its standard deviation in the long run, log units.", .example = "0.2"},
    NOISE_HALF_LIFE,
};
static const section_t section_noise_flow = {.name = "noise.flow",
                                             .what = "A log deviation of a flow that returns to 0 at random.",
                                             SECTION_FIELDS(noise_flow_fields)};
static const section_t section_noise_actor = {
    .name = "noise.actor",
    .what = "A log deviation of all flows of an actor that returns to 0 at random.",
    SECTION_FIELDS(noise_actor_fields)};
static const field_t noise_fields[] = {
    {"flow", &type_section, FIELD_LATENT, AT(model_t, trade.flow_noise), .section = &section_noise_flow,
     .unset = "none", .what = "Of each flow by itself.", .example = "{sd: 0.8, half_life: 2 y, size: -0.15}"},
    {"actor", &type_section, FIELD_LATENT, AT(model_t, trade.actor_noise), .section = &section_noise_actor,
     .unset = "none", .what = "Of each actor, common to all its flows.",
     .example = "{sd: 0.2, half_life: 2 y}"},
};
static const section_t section_noise = {
    .name = "noise",
    .what =
        "Log noise of trade: 0 at the date of the figures, drawn at the start and at each refresh, the same "
        "in all variants.",
    SECTION_FIELDS(noise_fields)};

/* Flows of a year are dated to its middle. A text that begins with no year is documentation only. */
static void read_base_year(reader_t *r, const field_t *field, const node_t *node, void *at) {
    double days;
    char date[32];
    if (!reader_is_scalar(r, node, field->type->expected)) return;
    size_t digits = strspn(node->text, "0123456789");
    snprintf(date, sizeof date, "%.4s-07-01", node->text);
    if (digits != 4 || r->period_missing || !date_parse(date, &days, NULL)) return;
    *(double *)at = fmin(0, days - r->model->start);
}
static const type_t type_base_year = {SHAPE_OWN, "a year or a text", read_base_year,
                                      "{\"type\": [\"string\", \"number\"]}"};

/* ---- trade ------------------------------------------------------------------------------------------ */

static const field_t trade_fields[] = {
    {"relax", &type_number, 0, AT(model_t, dynamics.trade_half_life), .dimension = DIM_DURATION, POSITIVE,
     .fallback = "2.98 y",
     .what = "Half-life of the response of log trade to alignment (2.98 y: a time constant of 4.3 y).",
     .example = "3 y"},
    {"alignment_effect", &type_number, 0, AT(model_t, dynamics.alignment_on_trade), ANY, .fallback = "0",
     .what = "Long-run change of log trade per unit of alignment (eta_s).", .example = "0.9"},
    {"atmosphere_effect", &type_number, 0, AT(model_t, dynamics.atmosphere_on_trade), ANY, .fallback = "0",
     .what = "Immediate change of log trade per unit of strength minus alignment (eta_f).",
     .example = "0.02"},
    {"gravity", &type_gravity, FIELD_LATENT, .section = &section_gravity,
     .unset = "flows without figures are no trade", .what = "Trade of flows without figures.",
     .example = "{constant: -20, gdp: 1, distance: -0.84}"},
    {"base_year", &type_base_year, 0, AT(model_t, trade.figures_at), .unset = "the start",
     .what =
         "Year of the figures, from whose middle growth, noise and changes of tariffs count; a text may add "
         "their prices.",
     .example = "2023"},
    {"elasticity", &type_number, 0, AT(model_t, trade.elasticity), .low = DBL_MIN, .high = 50,
     .fallback = "5",
     .what =
         "Trade elasticity: by how many percent a flow falls if its cost rises by 1 %. Used by tariffs and "
         "`equilibrium`.",
     .example = "5"},
    {"equilibrium", &type_equilibrium, FIELD_LATENT, .section = &section_equilibrium,
     .unset = "if the figures allow it",
     .what = "All flows in general equilibrium; `none`: each by its own tie.",
     .example = "{form: full, deficits: own, output_ratio: 2}"},
    {"tariffs", &type_tariffs, 0, .section = &section_tariff, .keys = &section_tariff_keys,
     .what = "Dated tariffs.",
     .example = "{auto: {importer: USA, exporter: KAZ, rate: 25 %, date: 2026-04-01}}"},
    {"noise", &type_section, FIELD_LATENT, .section = &section_noise, .unset = "none",
     .what = "Log noise of trade.", .example = "{flow: {sd: 0.8, half_life: 2 y, size: -0.15}}"},
};
static bool is_union(const actor_t *actor) {
    return actor->type && !strcmp(actor->type, "union");
}

static void fill_in(reader_t *r) {
    const gravity_t *gravity = r->gravity;
    const model_t *model = r->model;
    if (!gravity) return;
    bool *poor = READER_NEW(r, model->n_actors, bool);
    roll_t gdp = {0}, distance = {0};
    for (int e = 0; e < model->n_ties; e++) {
        tie_t *tie = &model->ties[e];
        const actor_t *a = &model->actors[tie->a], *b = &model->actors[tie->b];
        if (is_union(a) || is_union(b)) continue;
        if (!gravity->all && !isnan(tie->trade_usd[0]) && !isnan(tie->trade_usd[1])) continue;
        poor[tie->a] |= isnan(a->gdp_usd);
        poor[tie->b] |= isnan(b->gdp_usd);
        if (isnan(tie->distance_km)) {
            char name[PAIR_BYTES];
            snprintf(name, sizeof name, "%s-%s", a->name, b->name);
            roll_add(&distance, name);
        }
        double flow = elementary_exp(
            gravity->constant + gravity->gdp * (elementary_log(a->gdp_usd) + elementary_log(b->gdp_usd)) +
            gravity->distance * elementary_log(tie->distance_km));
        for (int f = 0; f < 2; f++)
            if (gravity->all || isnan(tie->trade_usd[f])) tie->trade_usd[f] = flow;
    }
    for (int i = 0; i < model->n_actors; i++)
        if (poor[i]) roll_add(&gdp, model->actors[i].name);
    if (gdp.n)
        reader_error(r, gravity->mark,
                     "trade.gravity needs the GDP of every state whose trade it fills in; it is missing "
                     "for %s: give actors.NAME.gdp, or the flows (exports)",
                     roll_text(&gdp));
    if (distance.n)
        reader_error(r, gravity->mark,
                     "trade.gravity needs distances; they are missing for %s: give ties.A-B.distance, or "
                     "both actors' lat and lon",
                     roll_text(&distance));
}

/* ---- what an equilibrium needs ---------------------------------------------------------------------- */

typedef struct { /* of all actors that trade */
    bool any;
    roll_t none, negative; /* without figures of domestic trade, and those whose figures cannot be */
} domestic_t;

static void find_exports(const model_t *model, double *exports, bool *trades) {
    for (int e = 0; e < model->n_ties; e++)
        for (int f = 0; f < 2; f++) {
            const tie_t *tie = &model->ties[e];
            if (!(tie->trade_usd[f] > 0)) continue;
            trades[tie->a] = trades[tie->b] = true;
            exports[f ? tie->b : tie->a] += tie->trade_usd[f];
        }
}

/* What each actor sells to itself. */
static domestic_t find_domestic(reader_t *r, double output_ratio) {
    const model_t *model = r->model;
    domestic_t found = {0};
    double *exports = READER_NEW(r, model->n_actors, double);
    bool *trades = READER_NEW(r, model->n_actors, bool);
    find_exports(model, exports, trades);
    for (int i = 0; i < model->n_actors; i++) {
        const actor_t *actor = &model->actors[i];
        found.any |= trades[i];
        if (!trades[i] || !isnan(actor->domestic_usd)) continue;
        if (isnan(actor->gdp_usd))
            roll_add(&found.none, actor->name);
        else if (!(output_ratio * actor->gdp_usd > exports[i]))
            roll_add(&found.negative, actor->name);
    }
    return found;
}

static void check_domestic(reader_t *r) {
    domestic_t found = find_domestic(r, r->model->trade.output_ratio);
    if (!found.any)
        reader_error(r, r->equilibrium->mark,
                     "trade.equilibrium: no tie has trade; give ties.A-B.exports, or trade.gravity");
    if (found.none.n)
        reader_error(
            r, r->equilibrium->mark,
            "trade.equilibrium needs what every trading actor sells to itself; neither `domestic` nor "
            "`gdp` is given for %s: give actors.NAME.domestic or actors.NAME.gdp",
            roll_text(&found.none));
    if (found.negative.n)
        reader_error(r, r->equilibrium->mark,
                     "trade.equilibrium: exports exceed output (output_ratio x gdp) for %s: give "
                     "actors.NAME.domestic, or a larger trade.equilibrium.output_ratio",
                     roll_text(&found.negative));
}

/* A tie's flow without a figure is no trade, which may not be what is meant. */
static void check_flows(reader_t *r) {
    const model_t *model = r->model;
    roll_t missing = {0};
    for (int e = 0; e < model->n_ties; e++) {
        const tie_t *tie = &model->ties[e];
        char name[PAIR_BYTES];
        snprintf(name, sizeof name, "%s-%s", model->actors[tie->a].name, model->actors[tie->b].name);
        if (isnan(tie->trade_usd[0]) != isnan(tie->trade_usd[1])) roll_add(&missing, name);
    }
    if (missing.n)
        reader_warning(
            r, r->equilibrium->mark,
            "trade.equilibrium: one of the two flows has no figure and counts as no trade on %s: give "
            "ties.A-B.exports for both directions (0 if there is none), or trade.gravity",
            roll_text(&missing));
}

/* Without the key trade is in equilibrium if its figures allow it; else `entente check` says why not. */
static void decide(reader_t *r) {
    domestic_t found = find_domestic(r, r->model->trade.output_ratio);
    if (!found.any) return;
    if (found.none.n || found.negative.n) {
        roll_t *of = found.none.n ? &found.none : &found.negative;
        const char *why =
            found.none.n ? "neither `domestic` nor `gdp` is given for" : "exports exceed output for";
        r->scenario->no_equilibrium = reader_format(r, "%s %s", why, roll_text(of));
        return;
    }
    size_t outer = reader_push(r, "equilibrium");
    reader_section(r, &section_equilibrium, NULL, r->model);
    reader_pop(r, outer);
}

static void finish_trade(reader_t *r, void *base, const node_t *node) {
    (void)base, (void)node;
    fill_in(r);
    if (!r->equilibrium) {
        decide(r);
    } else if (r->model->trade.in_equilibrium) {
        check_domestic(r);
        check_flows(r);
    }
}

const section_t section_trade = {.name = "trade",
                                 .what = "How trade responds to relations.",
                                 SECTION_FIELDS(trade_fields),
                                 .finish = finish_trade};
