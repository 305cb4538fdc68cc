#include "random_model.h"
#include "random_dice.h"

#include "base/math/elementary.h"
#include "base/rng.h"
#include <math.h>
#include <stdlib.h>

/* ---- the world -------------------------------------------------------------------------------------- */

static void actors(dice_t *d) {
    model_t *m = d->m;
    m->n_actors = upto(d, 3, 5);
    m->n_actor_attributes = m->n_tie_attributes = 1;
    MAKE(d, m->actor_attributes, 1)[0] = name(d, "attribute", 0);
    MAKE(d, m->tie_attributes, 1)[0] = name(d, "feature", 0);
    MAKE(d, m->actors, m->n_actors);
    for (int i = 0; i < m->n_actors; i++) {
        actor_t *a = &m->actors[i];
        *a = (actor_t){.name = name(d, "A", i), .lat = NAN, .lon = NAN, .from = -INFINITY, .until = INFINITY};
        a->gdp_usd = maybe(d, 0.9) ? elementary_exp(between(d, 23, 30)) : NAN;
        if (maybe(d, 0.15)) a->from = between(d, 1, m->horizon);
        if (maybe(d, 0.15)) a->until = between(d, m->horizon / 2, m->horizon);
        MAKE(d, a->attributes, 1)[0] = maybe(d, 0.8) ? between(d, -1, 1) : NAN;
    }
}

static void ties(dice_t *d) {
    model_t *m = d->m;
    MAKE(d, m->ties, m->n_actors * m->n_actors);
    for (int a = 0; a < m->n_actors; a++)
        for (int b = a + 1; b < m->n_actors; b++) {
            if (!maybe(d, 0.85)) continue;
            tie_t *tie = &m->ties[m->n_ties++];
            *tie = (tie_t){.a = a,
                           .b = b,
                           .strength = between(d, -0.8, 0.8),
                           .alignment = between(d, -0.6, 0.6),
                           .baseline = between(d, -0.5, 0.5),
                           .alignment_ref = between(d, -0.3, 0.3)};
            for (int f = 0; f < 2; f++)
                tie->trade_usd[f] = maybe(d, 0.8) ? elementary_exp(between(d, 15, 25)) : NAN;
            tie->distance_km = maybe(d, 0.9) ? between(d, 200, 9000) : NAN;
            MAKE(d, tie->attributes, 1)[0] = maybe(d, 0.5);
        }
}

static void groups(dice_t *d) {
    model_t *m = d->m;
    m->n_groups = upto(d, 0, 2);
    MAKE(d, m->groups, m->n_groups);
    for (int g = 0; g < m->n_groups; g++) {
        group_t *group = &m->groups[g];
        group->name = name(d, "G", g);
        MAKE(d, group->members, 2 * m->n_actors);
        for (int i = 0; i < m->n_actors; i++) {
            if (!maybe(d, 0.7)) continue;
            double leaves = maybe(d, 0.3) ? between(d, 5, m->horizon) : INFINITY;
            double enters = maybe(d, 0.2) ? between(d, 1, 5) : -INFINITY;
            group->members[group->n_members++] = (member_t){i, enters, leaves};
            if (isfinite(leaves) && maybe(d, 0.5)) /* a second spell, at times without a gap */
                group->members[group->n_members++] =
                    (member_t){i, maybe(d, 0.5) ? leaves : leaves + 3, INFINITY};
        }
        MAKE(d, group->chairs, 1);
        if (maybe(d, 0.5))
            group->chairs[group->n_chairs++] = (chair_t){0, m->horizon / 2, upto(d, 0, m->n_actors - 1)};
    }
}

static void conditions(dice_t *d) {
    model_t *m = d->m;
    m->n_conditions = upto(d, 0, 3);
    MAKE(d, m->conditions, m->n_conditions);
    MAKE(d, m->condition_starts, 2);
    for (int c = 0; c < m->n_conditions; c++) {
        condition_t *condition = &m->conditions[c];
        *condition = (condition_t){.name = name(d, "C", c),
                                   .on_actor = maybe(d, 0.3),
                                   .alignment_shift = between(d, -0.7, 0.5),
                                   .has_duration = maybe(d, 0.5),
                                   .log_trade_shift = maybe(d, 0.7) ? between(d, -1, 0.5) : 0,
                                   .phase_in = maybe(d, 0.5) ? between(d, 1, 60) : 0,
                                   .tail = maybe(d, 0.5) ? between(d, 1, 60) : 0};
        condition->duration = any_delay(d, between(d, 5, 60));
        condition->directed = !condition->on_actor && maybe(d, 0.5);
        MAKE(d, condition->coalitions, 1);
        if (condition->directed && m->n_groups && maybe(d, 0.6))
            condition->coalitions[condition->n_coalitions++] =
                (coalition_t){upto(d, 0, m->n_groups - 1), upto(d, 0, m->n_actors - 1), maybe(d, 0.5)};
        if (c < 2 && maybe(d, 0.5) && m->n_ties)
            m->condition_starts[m->n_condition_starts++] =
                (condition_start_t){c, condition->on_actor ? 0 : -1, condition->on_actor ? -1 : 0,
                                    -between(d, 1, 50), upto(d, 0, 1)};
    }
}

static void dynamics(dice_t *d) {
    dynamics_t *y = &d->m->dynamics;
    y->strength_half_life = between(d, 3, 60);
    y->alignment_half_life = maybe(d, 0.1) ? y->strength_half_life : between(d, 20, 400);
    y->trade_half_life = maybe(d, 0.1) ? y->alignment_half_life : between(d, 30, 300);
    y->alignment_on_trade = between(d, 0, 1);
    y->atmosphere_on_trade = maybe(d, 0.5) ? between(d, 0, 0.5) : 0;
    y->gain_divisor = between(d, 8, 40);
    y->refresh = between(d, 5, 40);
}

/* ---- what is dated ---------------------------------------------------------------------------------- */

static calendar_entry_t any_entry(dice_t *d, const char *stem, int n) {
    const model_t *m = d->m;
    calendar_entry_t e = {.id = name(d, stem, n),
                          .initiator = -1,
                          .target = -1,
                          .group = -1,
                          .probability = 1,
                          .days = NAN,
                          .value_usd = NAN,
                          .level = -1,
                          .success = -1,
                          .sector = -1,
                          .to = -1,
                          .parent = -1,
                          .in_base = true};
    do e.kind = upto(d, 0, m->n_kinds - 1);
    while (m->kinds[e.kind].in_person);
    const kind_t *k = &m->kinds[e.kind];
    if (k->scope <= SCOPE_DYAD) {
        const tie_t *tie = &m->ties[upto(d, 0, m->n_ties - 1)];
        bool swap = maybe(d, 0.5);
        e.initiator = swap ? tie->b : tie->a, e.target = swap ? tie->a : tie->b;
    } else {
        e.initiator = upto(d, 0, m->n_actors - 1);
        if (k->scope == SCOPE_GROUP && !k->summit.on) e.group = upto(d, 0, m->n_groups - 1);
        if (e.group >= 0 && maybe(d, 0.5)) e.target = upto(d, 0, m->n_actors - 1);
        if (e.target == e.initiator) e.target = -1;
    }
    if (maybe(d, 0.2)) e.value_usd = between(d, 1e8, 1e10);
    if (maybe(d, 0.2)) e.level = upto(d, 0, 2);
    if (maybe(d, 0.2)) e.success = upto(d, 0, 1);
    if (k->scope <= SCOPE_DYAD && maybe(d, 0.4)) {
        e.mediator = upto(d, 0, m->n_actors - 1);
        e.is_mediated = e.mediator != e.initiator && e.mediator != e.target;
    }
    if (k->reply.on && maybe(d, 0.3)) e.reply = (forced_reply_t)upto(d, 0, 2);
    return e;
}

static void dated(dice_t *d) {
    model_t *m = d->m;
    if (m->kinds[0].in_person || !m->n_ties) return;
    m->n_history = upto(d, 0, 4);
    MAKE(d, m->history, m->n_history);
    for (int n = 0; n < m->n_history; n++) {
        m->history[n] = any_entry(d, "past", n);
        m->history[n].time = m->history[n].until = -upto(d, 1, 60);
    }
    m->n_calendar = random_kinds_have_summits(m) ? 6 : upto(d, 0, 6);
    MAKE(d, m->calendar, m->n_calendar);
    for (int n = 0; n < m->n_calendar; n++) {
        calendar_entry_t *e = &m->calendar[n];
        *e = any_entry(d, "entry", n);
        e->time = e->until = maybe(d, 0.3) ? 7 : upto(d, 1, (int)m->horizon); /* several on one day */
        if (maybe(d, 0.3)) e->until = e->time + between(d, 1, 20);
        if (maybe(d, 0.3)) e->probability = between(d, 0.3, 1);
        if (n > 0 && maybe(d, 0.2)) e->parent = upto(d, 0, n - 1);
        e->in_base = maybe(d, 0.8);
        for (int s = 0; s < n; s++) /* an invitation to an earlier entry of the list */
            if (m->kinds[m->calendar[s].kind].summit.on && m->kinds[e->kind].reply.on) e->to = s;
        if (m->kinds[e->kind].summit.on && maybe(d, 0.4)) {
            e->n_guests = 1;
            MAKE(d, e->guests, 1)[0] = upto(d, 0, m->n_actors - 1);
        }
        if (m->kinds[e->kind].summit.on && maybe(d, 0.15)) {
            e->n_attend = 2;
            MAKE(d, e->attend, 2);
            for (int a = 0; a < 2; a++) e->attend[a] = upto(d, 0, m->n_actors - 1);
        }
    }
}

/* Two summits at most, and invitations to them, mostly before: of members and of others, some twice. */
static void summits(dice_t *d) {
    model_t *m = d->m;
    int n = upto(d, 4, 6), at[2] = {0, 1}, upto_summit = upto(d, 0, 1);
    if (!random_kinds_have_summits(m) || m->n_calendar < n) return;
    for (int c = 0; c < n; c++) {
        calendar_entry_t *e = &m->calendar[c];
        bool convenes = c <= upto_summit;
        e->kind = convenes ? CONVENES : INVITES;
        e->to = convenes ? -1 : at[upto(d, 0, upto_summit)];
        e->group = -1;
        e->is_mediated = false;
        if (convenes) {
            e->target = -1;
            e->time = e->until = between(d, 0.3, 1) * m->horizon;
            continue;
        }
        const tie_t *tie = &m->ties[upto(d, 0, m->n_ties - 1)];
        bool swap = maybe(d, 0.5);
        e->initiator = swap ? tie->b : tie->a, e->target = swap ? tie->a : tie->b;
        if (c > upto_summit + 1 && maybe(d, 0.4)) { /* once more */
            e->initiator = m->calendar[c - 1].initiator, e->target = m->calendar[c - 1].target;
            e->to = m->calendar[c - 1].to;
        }
        double before = maybe(d, 0.5) ? between(d, 0, 8) : between(d, -5, m->calendar[e->to].time);
        e->time = e->until = fmax(0, m->calendar[e->to].time - before);
        e->reply = maybe(d, 0.5) ? REPLY_DRAWN : maybe(d, 0.5) ? REPLY_ACCEPT : REPLY_DECLINE;
        e->n_guests = e->n_attend = 0;
        e->guests = e->attend = NULL;
    }
    for (int c = n; c < m->n_calendar; c++)
        if (m->calendar[c].to > upto_summit && m->calendar[c].to < n) m->calendar[c].to = -1;
}

static int *some_entries(dice_t *d, int *count, bool in_base) {
    int *list;
    MAKE(d, list, d->m->n_calendar);
    for (int e = 0; e < d->m->n_calendar; e++)
        if (d->m->calendar[e].in_base == in_base && maybe(d, 0.3)) list[(*count)++] = e;
    return list;
}

static void parameter(dice_t *d, const char *stem, double *value, double low, double high) {
    model_t *m = d->m;
    m->params[m->n_params] =
        (param_t){.path = name(d, stem, m->n_params), .value = value, .low = low, .high = high};
    m->n_params++;
}

/* The rates, drawn jointly by a correlation or from a table. */
static void jointly(dice_t *d, int n) {
    model_t *m = d->m;
    size_t size = (size_t)n;
    MAKE(d, m->joints, 1);
    joint_draw_t *joint = &m->joints[m->n_joints++];
    *joint = (joint_draw_t){.name = name(d, "joint", 0), .n = n};
    MAKE(d, joint->params, n);
    for (int i = 0; i < n; i++) joint->params[i] = m->uncertain[i].param;
    if (maybe(d, 0.3)) {
        joint->n_rows = upto(d, 1, 5);
        MAKE(d, joint->rows, joint->n_rows * n);
        for (int i = 0; i < joint->n_rows * n; i++)
            joint->rows[i] = *m->params[i % n].value * between(d, 0.5, 2);
    } else {
        double alike = between(d, -0.9 / n, 0.9);
        MAKE(d, joint->correlation, n * n);
        MAKE(d, joint->factor, n * n);
        for (size_t i = 0; i < size * size; i++) joint->correlation[i] = i % (size + 1) ? alike : 1;
        uncertain_factor(n, joint->correlation, joint->factor);
    }
    for (int i = 0; i < n; i++) m->uncertain[i].joint = 0, m->uncertain[i].member = i;
}

static void uncertain(dice_t *d) {
    model_t *m = d->m;
    int n = !m->n_params || maybe(d, 0.5) ? 0 : m->n_params < 3 ? m->n_params : upto(d, 1, 3);
    MAKE(d, m->uncertain, n);
    for (int i = 0; i < n; i++)
        m->uncertain[m->n_uncertain++] =
            (uncertain_t){.param = i, .dist = {DIST_LOGNORMAL, {*m->params[i].value, 0.4}}, .joint = -1};
    if (n > 1 && maybe(d, 0.7)) jointly(d, n);
}

/* Rates first, what has a memory last. */
static void parameters(dice_t *d) {
    model_t *m = d->m;
    dynamics_t *y = &m->dynamics;
    MAKE(d, m->params, 5 + 12 * m->n_kinds + 2 * m->n_conditions);
    for (int k = 0; k < m->n_kinds; k++)
        if (m->kinds[k].rate_per_year > 0) parameter(d, "rate", &m->kinds[k].rate_per_year, 0, 1e9);
    uncertain(d);
    double *const of_ties[] = {&y->strength_half_life, &y->alignment_half_life, &y->trade_half_life};
    for (int k = 0; k < m->n_kinds; k++) {
        kind_t *kind = &m->kinds[k];
        for (int x = 0; x < kind->n_excitations; x++)
            parameter(d, "kernel", &kind->excitations[x].half_life, 0.1, 1e4);
        if (kind->trade_shock_half_life > 0) parameter(d, "shock", &kind->trade_shock_half_life, 1, 1e4);
    }
    for (int n = 0; n < 3; n++) parameter(d, "relax", of_ties[n], 1, 1e4);
    if (m->n_ties) parameter(d, "baseline", &m->ties[0].baseline, -1, 1);
    if (m->n_ties) parameter(d, "reference", &m->ties[0].alignment_ref, -1, 1);
    for (int c = 0; c < m->n_conditions; c++) {
        parameter(d, "phase", &m->conditions[c].phase_in, 0, 1e4);
        parameter(d, "tail", &m->conditions[c].tail, 0, 1e4);
    }
    for (int k = 0; k < m->n_kinds; k++)
        for (int n = 0; n < m->kinds[k].log_rate.n; n++)
            if (m->kinds[k].log_rate.terms[n].half_life > 0)
                parameter(d, "memory", &m->kinds[k].log_rate.terms[n].half_life, 1, 1e4);
}

static void interventions(dice_t *d) {
    model_t *m = d->m;
    m->n_interventions = upto(d, 0, 3);
    MAKE(d, m->interventions, m->n_interventions);
    for (int n = 0; n < m->n_interventions; n++) {
        intervention_t *it = &m->interventions[n];
        *it = (intervention_t){.id = name(d, "intervention", n),
                               .at = between(d, 1, m->horizon),
                               .every = between(d, 1, 10),
                               .in_base = maybe(d, 0.5)};
        if (m->n_ties && maybe(d, 0.7)) it->when = random_rule(d, false);
        if (m->n_params && maybe(d, 0.7)) {
            it->n_settings = upto(d, 1, 3);
            MAKE(d, it->settings, it->n_settings);
            for (int s = 0; s < it->n_settings; s++) {
                int param = maybe(d, 0.3) ? upto(d, 0, m->n_params - 1)
                                          : upto(d, 3 * m->n_params / 4, m->n_params - 1);
                const param_t *p = &m->params[param];
                it->settings[s] = (setting_t){
                    .param = param, .value = fmin(p->high, fmax(p->low, *p->value * between(d, 0, 3)))};
            }
        }
        it->drop = some_entries(d, &it->n_drop, true);
        if (m->n_conditions && m->n_ties && maybe(d, 0.5)) {
            it->n_conditions = 1;
            MAKE(d, it->conditions, 1)
            [0] = (condition_start_t){upto(d, 0, m->n_conditions - 1), 0, 0, 0, upto(d, 0, 1)};
            MAKE(d, it->condition_opens, 1)[0] = maybe(d, 0.6);
        }
    }
}

static void variants(dice_t *d) {
    model_t *m = d->m;
    m->n_variants = upto(d, 4, 6);
    MAKE(d, m->variants, m->n_variants);
    m->variants[0].name = arena_text(&m->arena, "base");
    for (int n = 1; n < m->n_variants; n++) {
        variant_t *v = &m->variants[n];
        v->name = name(d, "variant", n);
        v->drop = some_entries(d, &v->n_drop, true);
        v->decline = some_entries(d, &v->n_decline, true);
        v->cancel = some_entries(d, &v->n_cancel, true);
        v->add = some_entries(d, &v->n_add, false);
        for (int a = 0; a < v->n_add; a++)
            if (m->calendar[v->add[a]].drawn_as && !in_list(v->n_drop, v->drop, v->add[a] - 1))
                v->drop[v->n_drop++] = v->add[a] - 1;
        MAKE(d, v->interventions, 1);
        if (m->n_interventions && maybe(d, 0.5)) v->n_interventions = 1;
        if (m->n_params && maybe(d, 0.5)) {
            v->n_settings = 1;
            MAKE(d, v->settings, 1)
            [0] = (setting_t){.param = m->n_params - 1,
                              .value = n % 2 ? 1.5 : *m->params[m->n_params - 1].value * 1.5,
                              .scales = n % 2};
        }
    }
}

void random_model(model_t *model, uint64_t seed) {
    dice_t dice = {.m = model}, *d = &dice;
    rng_stream_init(&d->stream, rng_key_number(0, seed), 0);
    model_init(model);
    model->start = 20000 + upto(d, 0, 400);
    model->horizon = round(between(d, 60, 240));
    model->event_cap = 600;
    actors(d);
    ties(d);
    groups(d);
    conditions(d);
    dynamics(d);
    random_kinds(d);
    dated(d);
    summits(d);
    random_rules(d);
    parameters(d);
    interventions(d);
    variants(d);
    model->output.all_ties = true;
    model->output.every = between(d, 5, 40);
    if (model_finish(model) < 0) abort();
}
