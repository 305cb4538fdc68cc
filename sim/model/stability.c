#include "model/stability.h"

#include "base/date.h"
#include "base/error.h"
#include "base/math/elementary.h"
#include "base/mem.h"
#include "model/predictor.h"
#include "model/world.h"
#include <math.h>
#include <string.h>

/* ---- fan-out ---------------------------------------------------------------------------------------- */

/* The largest number of dyads that share an actor: the maximum number of ties of one actor, minus one. */
static double most_partners(const model_t *model) {
    int *n = mem_alloc((size_t)model->n_actors, sizeof *n), most = 1;
    if (!n) return model->n_actors;
    for (int e = 0; e < model->n_ties; e++) {
        n[model->ties[e].a]++;
        n[model->ties[e].b]++;
    }
    for (int i = 0; i < model->n_actors; i++)
        if (n[i] > most) most = n[i];
    mem_free(n);
    return most - 1;
}

static double allowed(const bool *who, int n, double most) {
    if (!who) return most;
    double count = 0;
    for (int i = 0; i < n; i++) count += who[i];
    return count < most ? count : most;
}

/* Number of places that one event of the source may excite. */
static double receivers(const model_t *model, const kind_t *kind, const excitation_t *excitation,
                        double partners) {
    if (excitation->relation == RELATION_INITIATOR) return allowed(kind->targets, model->n_actors, partners);
    if (excitation->relation == RELATION_TARGET) return allowed(kind->initiators, model->n_actors, partners);
    if (kind->scope != SCOPE_DIRECTED || model->kinds[excitation->kind].scope != SCOPE_DYAD) return 1;
    return excitation->relation == RELATION_SAME ? 2 : 0; /* what has no direction goes both ways, once */
}

static double group_size(const model_t *model, const kind_t *kind) {
    int group = kind->summit.group;
    return group >= 0 ? model->groups[group].n_members : model->n_actors;
}

static double role_count(const model_t *model, const kind_t *kind, role_t role) {
    return role == ROLE_MEMBER || role == ROLE_GUEST ? group_size(model, kind) : 1;
}

/* ---- direct offspring by event type ------------------------------------------------------------------ */

typedef struct {
    int from, to;  /* kinds */
    double weight; /* mean number of direct offspring, over all places */
    double delay;  /* their mean delay, days */
} offspring_t;

typedef void (*take_t)(void *context, const offspring_t *offspring);

static void each_consequence(const model_t *model, int k, take_t take, void *context) {
    const kind_t *kind = &model->kinds[k];
    for (int c = 0; c < kind->n_then; c++) {
        const consequence_t *then = &kind->then[c];
        if (then->kind < 0) continue;
        double accept = kind->reply.on ? kind->reply.accept.probability : 1;
        double reached = then->when == WHEN_ACCEPTED   ? accept
                         : then->when == WHEN_DECLINED ? 1 - accept
                         : then->when == WHEN_SUCCESS  ? kind->success.probability
                         : then->when == WHEN_FAILURE  ? 1 - kind->success.probability
                                                       : 1;
        double n = role_count(model, kind, then->initiator) * role_count(model, kind, then->target);
        double delay =
            dist_mean(&then->delay) + (then->when >= WHEN_ACCEPTED ? dist_mean(&kind->reply.delay) : 0);
        take(context,
             &(offspring_t){k, then->kind, reached * then->chance.probability * then->count * n, delay});
    }
}

static void each_reply(const model_t *model, int k, take_t take, void *context) {
    const reply_t *reply = &model->kinds[k].reply;
    if (!reply->on) return;
    double accept = reply->accept.probability, delay = dist_mean(&reply->delay);
    if (reply->accepted >= 0) take(context, &(offspring_t){k, reply->accepted, accept, delay});
    if (reply->declined >= 0) take(context, &(offspring_t){k, reply->declined, 1 - accept, delay});
}

static void each_sideline(const model_t *model, int k, take_t take, void *context) {
    const kind_t *kind = &model->kinds[k];
    for (int s = 0; kind->summit.on && s < kind->summit.n_sidelines; s++) {
        const sideline_t *sideline = &kind->summit.sidelines[s];
        if (sideline->kind < 0) continue;
        double n = role_count(model, kind, sideline->first) * role_count(model, kind, sideline->second);
        take(context, &(offspring_t){k, sideline->kind, n * sideline->chance.probability, 0});
    }
}

static void each_offspring(const model_t *model, bool excitation, double partners, take_t take,
                           void *context) {
    for (int k = 0; k < model->n_kinds; k++) {
        const kind_t *kind = &model->kinds[k];
        each_consequence(model, k, take, context);
        each_reply(model, k, take, context);
        each_sideline(model, k, take, context);
        for (int e = 0; excitation && e < kind->n_excitations; e++) {
            const excitation_t *from = &kind->excitations[e];
            double n = receivers(model, kind, from, partners);
            if (from->kind >= 0)
                take(context, &(offspring_t){from->kind, k, from->branching * n, from->half_life / M_LN2});
        }
    }
}

/* ---- the matrix ------------------------------------------------------------------------------------- */

typedef struct {
    double *matrix, discount;
    size_t n;
} filling_t;

static void fill(void *context, const offspring_t *offspring) {
    const filling_t *filling = context;
    filling->matrix[(size_t)offspring->from * filling->n + (size_t)offspring->to] +=
        offspring->weight * elementary_exp(-filling->discount * offspring->delay);
}

void stability_matrix(const model_t *model, bool excitation, double discount, double *matrix) {
    size_t n = (size_t)model->n_kinds;
    filling_t filling = {matrix, discount, n};
    memset(matrix, 0, n * n * sizeof *matrix);
    each_offspring(model, excitation, most_partners(model), fill, &filling);
}

/* ---- its radius ------------------------------------------------------------------------------------- */

/* Power iteration on A + 1, which has no other eigenvalue of the same size even where A is periodic. */
double stability_radius(const double *matrix, int n_kinds) {
    size_t n = (size_t)n_kinds;
    double *x = mem_alloc(2 * n, sizeof *x), *y = x + n, radius = 0;
    if (!x) return NAN;
    for (size_t i = 0; i < n; i++) x[i] = 1;
    for (int step = 0; step < 2000; step++) {
        double most = 0;
        for (size_t i = 0; i < n; i++) {
            y[i] = x[i];
            for (size_t j = 0; j < n; j++) y[i] += matrix[i * n + j] * x[j];
            most = fmax(most, y[i]);
        }
        if (most <= 0) break;
        for (size_t i = 0; i < n; i++) x[i] = y[i] / most;
        double before = radius;
        radius = most - 1;
        if (step > 100 && fabs(radius - before) < 1e-9) break;
    }
    mem_free(x);
    return radius;
}

/* Follows the largest entry from each event type that can lead back to itself. */
int stability_cycle(const double *matrix, int n_kinds, int *cycle) {
    size_t n = (size_t)n_kinds;
    bool *reach = mem_alloc(n * n, sizeof *reach);
    int *seen = mem_alloc(n, sizeof *seen), *path = mem_alloc(n, sizeof *path), length = 0;
    if (!reach || !seen || !path) goto out;
    for (size_t i = 0; i < n * n; i++) reach[i] = matrix[i] > 0;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; reach[i * n + k] && j < n; j++) reach[i * n + j] |= reach[k * n + j];
    double best_product = 0;
    for (size_t start = 0; start < n; start++) {
        if (!reach[start * n + start]) continue;
        memset(seen, 0, n * sizeof *seen);
        int steps = 0;
        size_t at = start;
        double product = 1;
        while (!seen[at]) {
            seen[at] = steps + 1;
            path[steps++] = (int)at;
            size_t next = n;
            for (size_t j = 0; j < n; j++)
                if (matrix[at * n + j] > 0 && reach[j * n + start] &&
                    (next == n || matrix[at * n + j] > matrix[at * n + next]))
                    next = j;
            if (next == n) break;
            product *= matrix[at * n + next];
            at = next;
        }
        if (!seen[at] || product <= best_product || (int)at != (int)start) continue;
        best_product = product;
        length = steps;
        for (int i = 0; i < steps; i++) cycle[i] = path[i];
    }
out:
    mem_free(reach);
    mem_free(seen);
    mem_free(path);
    return length;
}

/* ---- expected numbers ------------------------------------------------------------------------------- */

static void start_conditions(world_t *world) {
    const model_t *model = world->model;
    for (int n = 0; n < model->n_condition_starts; n++) {
        const condition_start_t *start = &model->condition_starts[n];
        world_condition_start(world, start->condition,
                              condition_site(&model->conditions[start->condition], start), start->since, 1);
    }
}

/* Whether the rule of an event type holds at the start as far as conditions decide it; anything else may. */
static bool may_hold(const world_t *world, const rule_t *rule, int i, int j) {
    int flow = rule->flow == RULE_OWN_FLOW   ? model_flow(world->model, i, j)
               : rule->flow == RULE_OWN_BACK ? model_flow(world->model, j, i)
                                             : rule->flow;
    int tie = rule->tie == RULE_OWN_TIE ? model_tie(world->model, i, j) : rule->tie;
    if (rule->type != RULE_CONDITION || rule->actor != -1 || tie < 0) return true;
    return flow >= 0 ? world_condition_from(world, rule->condition, flow)
                     : world_condition_on_tie(world, rule->condition, tie);
}

static double spontaneous_a_year(const world_t *world, const kind_t *kind) {
    const model_t *model = world->model;
    double sum = 0;
    if (kind->rate_per_year == 0) return 0;
    if (kind->scope == SCOPE_GROUP) return kind->rate_per_year * model->n_groups;
    for (int i = 0; kind->scope == SCOPE_ACTOR && i < model->n_actors; i++)
        if (world->present[i] && (!kind->initiators || kind->initiators[i]))
            sum += elementary_exp(predictor_value(world, &kind->log_rate, i, -1, 0));
    for (int f = 0; kind->scope != SCOPE_ACTOR && f < 2 * model->n_ties; f++) {
        int i = flow_from(model, f), j = flow_to(model, f);
        if (kind->scope == SCOPE_DYAD && (f & 1)) continue;
        if (!world->present[i] || !world->present[j] || !may_happen_at(kind, i, j)) continue;
        if (kind->only_if && !may_hold(world, kind->only_if, i, j)) continue;
        sum += elementary_exp(predictor_value(world, &kind->log_rate, i, j, 0));
    }
    return kind->rate_per_year * sum;
}

int stability_sources(model_t *model, double *spontaneous, double *calendar) {
    world_t world;
    int ret = world_init(&world, model);
    if (ret < 0) return ret;
    world_prepare(&world);
    world_reset(&world);
    start_conditions(&world);
    world_refresh(&world, 0);
    for (int k = 0; k < model->n_kinds; k++) {
        spontaneous[k] = spontaneous_a_year(&world, &model->kinds[k]);
        calendar[k] = 0;
    }
    for (int c = 0; c < model->n_calendar; c++)
        if (model->calendar[c].in_base)
            calendar[model->calendar[c].kind] +=
                model->calendar[c].probability * DAYS_PER_YEAR / model->horizon;
    world_free(&world);
    return 0;
}

void stability_total(const double *matrix, int n_kinds, double radius, const double *sources, double *total) {
    size_t n = (size_t)n_kinds;
    double *x = mem_alloc(2 * n + 1, sizeof *x), *y = x + n, change = 1;
    for (size_t k = 0; k < n; k++) total[k] = x && radius < 1 ? sources[k] : INFINITY;
    if (!x || radius >= 1) goto out;
    for (size_t k = 0; k < n; k++) x[k] = sources[k];
    for (int step = 0; step < 100000 && change > 1e-9; step++) { /* one generation after another */
        change = 0;
        for (size_t k = 0; k < n; k++) y[k] = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; x[i] > 0 && k < n; k++) y[k] += x[i] * matrix[i * n + k];
        for (size_t k = 0; k < n; k++) {
            total[k] += x[k] = y[k];
            change = fmax(change, y[k]);
        }
    }
out:
    mem_free(x);
}

/* ---- events of a replicate ---------------------------------------------------------------------------- */

#define STEPS 1000 /* of the period */

/* Partners of an event's actors besides each other: of the end of a tie picked at random. */
static double mean_partners(const model_t *model) {
    double *n = mem_alloc((size_t)model->n_actors, sizeof *n), squares = 0, sum = 2.0 * model->n_ties;
    for (int e = 0; n && e < model->n_ties; e++) {
        n[model->ties[e].a]++;
        n[model->ties[e].b]++;
    }
    for (int i = 0; n && i < model->n_actors; i++) squares += n[i] * n[i];
    mem_free(n);
    return sum > 0 && squares > 0 ? squares / sum - 1 : 0;
}

typedef struct { /* a pair of kinds: what is under way between them */
    offspring_t offspring;
    double stock; /* offspring that are to come, by their rate now: events a day */
} flow_t;

typedef struct {
    flow_t *items;
    size_t n, capacity;
    bool failed;
} flows_t;

static void add_flow(void *context, const offspring_t *offspring) {
    flows_t *flows = context;
    if (offspring->weight <= 0) return;
    flows->failed |= ARRAY_RESERVE(flows->items, flows->n, flows->capacity) < 0;
    if (!flows->failed) flows->items[flows->n++] = (flow_t){.offspring = *offspring};
}

/* Each pair of event types contributes weight x rate of its source, with an exponential delay of its mean.
 * */
int stability_events(model_t *model, double most, double *events) {
    size_t n = (size_t)model->n_kinds;
    double *sources = mem_alloc(3 * n + 1, sizeof *sources), *calendar = sources + n, *rates = calendar + n;
    double step = model->horizon / STEPS;
    flows_t flows = {0};
    int ret = sources ? stability_sources(model, sources, calendar) : ERR_NOMEM;
    *events = 0;
    if (ret < 0) goto out;
    each_offspring(model, true, mean_partners(model), add_flow, &flows);
    if (flows.failed) ret = ERR_NOMEM;
    for (int t = 0; t < STEPS && ret == 0 && *events < most; t++) {
        for (size_t k = 0; k < n; k++) rates[k] = (sources[k] + calendar[k]) / DAYS_PER_YEAR;
        for (size_t f = 0; f < flows.n; f++) rates[flows.items[f].offspring.to] += flows.items[f].stock;
        for (size_t k = 0; k < n; k++) *events += rates[k] * step;
        for (size_t f = 0; f < flows.n; f++) {
            flow_t *flow = &flows.items[f];
            flow->stock += (flow->offspring.weight * rates[flow->offspring.from] - flow->stock) *
                           fmin(1, step / flow->offspring.delay);
        }
    }
    if (!(*events < most)) *events = most;
out:
    mem_free(sources);
    mem_free(flows.items);
    return ret;
}
