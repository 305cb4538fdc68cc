/* The effects of an event, in the order of docs/model.md: marks, spillover, strength, trade, conditions,
 * groups and presence, and then its consequences (follow.c). */
#include "engine/event/rules.h"
#include "engine/path.h"

#include "base/date.h"
#include "base/mem.h"
#include <gsl/gsl_minmax.h>
#include <math.h>

/* ---- marks ------------------------------------------------------------------------------------------ */

static int pick(double u, int n, const double *weights) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += weights[i];
    u *= sum;
    for (int i = 0; i < n - 1; i++)
        if ((u -= weights[i]) < 0) return i;
    return n - 1;
}

/* A dated event may have a chance of its own; what moves the odds is its type's. */
static bool draw_success(const engine_t *self, const event_plan_t *plan) {
    const calendar_entry_t *entry = calendar_entry_of(self, plan);
    chance_t chance = self->model->kinds[plan->kind].success;
    if (entry && entry->has_chance) chance.probability = entry->chance;
    return draw_unit(plan->key, DRAW_SUCCESS) <
           chance_mediated(&self->world, &chance, plan->initiator, plan->target, plan->mediator, self->now);
}

static marks_t draw_marks(const engine_t *self, const event_plan_t *plan) {
    const kind_t *kind = &self->model->kinds[plan->kind];
    unsigned duties = self->kinds[plan->kind].duties;
    marks_t marks = {plan->level, plan->success, plan->sector, plan->value_usd};
    if (marks.level < 0) {
        level_t sure = self->kinds[plan->kind].sure_level;
        marks.level =
            sure < LEVEL_N ? (int)sure : pick(draw_unit(plan->key, DRAW_LEVEL), LEVEL_N, kind->level_weight);
    }
    if (marks.level == LEVEL_LEADER && plan->level < 0 && !leaders_needed(self, plan) &&
        (duties & DUTY_IN_PERSON) && !plan->on_the_side && !leaders_free(self, plan))
        marks.level = LEVEL_MINISTER; /* a busy leader sends a minister where one will do */
    if (isnan(marks.value_usd) && (duties & DUTY_VALUE))
        marks.value_usd = draw_from(&kind->value, plan->key, DRAW_VALUE);
    if (marks.sector < 0 && (duties & DUTY_SECTOR))
        marks.sector =
            kind->sectors[pick(draw_unit(plan->key, DRAW_SECTOR), kind->n_sectors, kind->sector_weights)];
    if (marks.success < 0) marks.success = !(duties & DUTY_SUCCESS) || draw_success(self, plan);
    return marks;
}

/* ---- participants ----------------------------------------------------------------------------------- */

static bool in_party(const party_t *party, int actor) {
    for (int p = 0; p < party->n; p++)
        if (party->who[p].actor == actor) return true;
    return false;
}

static void add_to_party(party_t *party, int actor, role_t role) {
    if (in_party(party, actor)) return;
    party->who[party->n].actor = actor;
    party->who[party->n++].role = role;
}

static bool attends(const engine_t *self, const event_plan_t *plan, int actor, const chance_t *chance) {
    if (!self->world.present[actor]) return false;
    if (leaders_needed(self, plan) && !leaders_free_one(self, plan, actor)) return false;
    double u = draw_unit(rng_key_number(plan->key, self->actor_keys[actor]), DRAW_ATTEND);
    return u < chance_probability(&self->world, chance, actor, plan->initiator, self->now);
}

/* The expected actors who attend, as members or as guests. */
static void gather_awaited(const engine_t *self, const event_plan_t *plan, role_t role, party_t *party) {
    const summit_t *summit = &self->model->kinds[plan->kind].summit;
    const chance_t *chance = role == ROLE_MEMBER ? &summit->attendance : &summit->guest_attendance;
    const calendar_entry_t *entry = calendar_entry_of(self, plan);
    bool known = entry && entry->attend;
    for (int r = 0; r < self->model->n_actors; r++) {
        int actor = self->by_name[r];
        if (actor != plan->initiator && reply_awaited_as(self, plan, actor) == role &&
            (known || attends(self, plan, actor, chance)))
            add_to_party(party, actor, role);
    }
}

static void gather(const engine_t *self, const event_plan_t *plan, party_t *party) {
    if (plan->initiator >= 0) add_to_party(party, plan->initiator, ROLE_INITIATOR);
    if (plan->target >= 0) add_to_party(party, plan->target, ROLE_TARGET);
    if (plan->mediator >= 0) add_to_party(party, plan->mediator, ROLE_MEDIATOR);
    if (self->kinds[plan->kind].duties & DUTY_CONVENES) {
        gather_awaited(self, plan, ROLE_MEMBER, party);
        gather_awaited(self, plan, ROLE_GUEST, party);
        return;
    }
    for (int r = 0; plan->group >= 0 && r < self->model->n_actors; r++) {
        int actor = self->by_name[r]; /* the accord's other parties: touched, not convened */
        if (world_member(&self->world, plan->group, actor)) add_to_party(party, actor, ROLE_MEMBER);
    }
}

/* ---- the event -------------------------------------------------------------------------------------- */

static log_row_t row_of(const event_plan_t *plan, const marks_t *marks, status_t status) {
    return (log_row_t){
        .time = plan->time,
        .kind = (int16_t)plan->kind,
        .initiator = (int16_t)plan->initiator,
        .target = (int16_t)plan->target,
        .group = (int16_t)plan->group,
        .role = ROLE_INITIATOR,
        .level = (int8_t)marks->level,
        .success = (int8_t)marks->success,
        .status = (int8_t)status,
        .cause = (int8_t)plan->cause,
        .sector = (int16_t)marks->sector,
        .parent = plan->parent,
        .summit = ROW_NONE,
        .value_usd = marks->value_usd,
        .effect = 0,
        .strength = NAN,
    };
}

/* Appends a row if the log is kept; its index, -1 where it is not, or ERR_NOMEM. */
static int32_t append(engine_t *self, const log_row_t *row) {
    if (!self->observation->events) return ROW_NONE;
    result_t *root = self->courses[0].result->root;
    if (root) {
        if (ARRAY_RESERVE(root->row_courses, self->log->n, root->row_capacity) < 0) return ERR_NOMEM;
        root->row_courses[self->log->n] = self->acting;
    }
    return log_append(self->log, row);
}

int happen_not(engine_t *self, const event_plan_t *plan, status_t status) {
    marks_t marks = {plan->level < 0 ? LEVEL_OFFICIAL : plan->level, 0, plan->sector, plan->value_usd};
    log_row_t row = row_of(plan, &marks, status);
    row.time = self->now;
    int32_t n = append(self, &row);
    return n < ROW_NONE ? n : 0;
}

/* The others who come to a summit, or the mediator: the event's own row names an initiator and a target. */
static int log_participants(engine_t *self, const event_plan_t *plan, const party_t *party, log_row_t row,
                            int32_t summit) {
    bool convened = self->kinds[plan->kind].duties & DUTY_CONVENES;
    row.parent = row.summit = summit;
    row.cause = CAUSE_CONSEQUENCE;
    row.target = (int16_t)plan->initiator;
    row.value_usd = NAN;
    for (int p = 1; p < party->n; p++) {
        if (!convened && party->who[p].role != ROLE_MEDIATOR) continue;
        row.initiator = (int16_t)party->who[p].actor;
        row.role = (int8_t)party->who[p].role;
        row.effect = 0;
        if (append(self, &row) < ROW_NONE) return ERR_NOMEM;
    }
    return 0;
}

/* A change of strength is recorded in the row that names the pair: the event's own, or that of the
 * participant and the host. */
static void log_effect(engine_t *self, const event_plan_t *plan, int p, int q, int j, int32_t row,
                       double change) {
    bool summit = self->model->kinds[plan->kind].summit.on;
    if (row < 0 || p != 0 || !(summit || j == plan->target)) return;
    log_t *log = self->log;
    int32_t of = summit ? row + q : row;
    int tie = model_tie(self->model, plan->initiator, j);
    log->effect[of] = (float)change;
    if (tie >= 0) log->strength[of] = (float)world_strength(&self->world, tie, self->now);
}

/* Each participant of an event is also touched alone, for event types of actors and groups.
 * */
static int touch_alone(engine_t *self, const event_plan_t *plan, const party_t *party, const marks_t *marks,
                       int32_t row) {
    int ret = 0;
    bool joint = party->n > 1;
    for (int p = 0; p < party->n; p++) {
        uint64_t who = self->actor_keys[party->who[p].actor];
        touch_t alone = {.key = joint ? rng_key_number(plan->key, who) : plan->key,
                         .row = row,
                         .kind = plan->kind,
                         .i = party->who[p].actor,
                         .j = -1,
                         .group = p == 0 ? plan->group : -1,
                         .mutual = joint,
                         .time = plan->time,
                         .weight = 1};
        TRY(touch_record(self, &alone, marks->value_usd, marks->success));
    }
out:
    return ret;
}

/* A key for two actors in no order. */
static uint64_t pair_key(const engine_t *self, uint64_t key, int i, int j) {
    uint64_t a = self->actor_keys[i], b = self->actor_keys[j];
    return rng_key_number(rng_key_number(key, GSL_MIN(a, b)), GSL_MAX(a, b));
}

/* Effects and touches of all pairs; a dyadic event has one, in its direction, and the mediator's. Third
 * parties first: their weights are the strengths before the event. */
static int meet(engine_t *self, const event_plan_t *plan, const party_t *party, const marks_t *marks,
                int32_t row) {
    int ret = 0;
    const kind_t *kind = &self->model->kinds[plan->kind];
    unsigned duties = self->kinds[plan->kind].duties;
    bool dyadic = plan->group < 0, moves = (duties & DUTY_MOVES) && !plan->known;
    double g = moves ? effect_gain(self, plan, marks) : 0;
    if (g != 0 && kind->spillover != 0) TRY(effect_spill(self, kind, party, g, !dyadic));
    for (int p = 0; p < party->n; p++) {
        for (int q = p + 1; q < party->n; q++) {
            int i = party->who[p].actor, j = party->who[q].actor;
            bool main = dyadic && party->who[q].role != ROLE_MEDIATOR;
            double weight = 0;
            if (moves || !main || row >= 0)
                weight = kind_pair_weight(kind, party->who[p].role, party->who[q].role);
            if (weight != 0 && !plan->known) {
                double change = moves ? effect_on_pair(self, kind, i, j, weight * g, marks->success) : 0;
                log_effect(self, plan, p, q, j, row, change);
            }
            if (!(duties & DUTY_CONVENES) && weight == 0 && !main) continue;
            touch_t pair = {.key = main ? plan->key : pair_key(self, plan->key, i, j),
                            .row = row,
                            .kind = plan->kind,
                            .i = i,
                            .j = j,
                            .group = -1,
                            .undirected = !main || self->kinds[plan->kind].scope == SCOPE_DYAD,
                            .mutual = !main,
                            .mediated = party->who[q].role == ROLE_MEDIATOR,
                            .time = plan->time,
                            .weight = main ? 1 : fmin(1, fabs(weight)),
                            .days = plan->days};
            TRY(touch_record(self, &pair, marks->value_usd, marks->success));
        }
    }
    if (!dyadic || party->n < 2) TRY(touch_alone(self, plan, party, marks, row));
out:
    return ret;
}

static int sidelines(engine_t *self, const event_plan_t *plan, const party_t *party, int32_t row) {
    int ret = 0;
    const summit_t *summit = &self->model->kinds[plan->kind].summit;
    for (int s = 0; s < summit->n_sidelines; s++) {
        const sideline_t *side = &summit->sidelines[s];
        for (int p = 0; p < party->n; p++) {
            for (int q = 0; q < party->n; q++) {
                if (p == q || party->who[p].role != side->first || party->who[q].role != side->second ||
                    (side->first == side->second && p > q))
                    continue;
                int i = party->who[p].actor, j = party->who[q].actor;
                event_plan_t meeting = event_plan_none();
                meeting.kind = side->kind;
                meeting.initiator = i;
                meeting.target = j;
                meeting.time = self->now;
                meeting.key = pair_key(self, rng_key_number(plan->key, self->kind_keys[side->kind]), i, j);
                meeting.cause = CAUSE_CONSEQUENCE;
                meeting.parent = row;
                meeting.on_the_side = true;
                calendar_settle_roles(self, &meeting);
                if (draw_unit(meeting.key, DRAW_SIDELINE) < chance_probability(&self->world, &side->chance,
                                                                               meeting.initiator,
                                                                               meeting.target, self->now))
                    TRY(schedule_event(self, &meeting, false));
            }
        }
    }
out:
    return ret;
}

int happen_now(engine_t *self, const event_plan_t *plan, uint32_t item) {
    int ret = 0;
    event_plan_t branched;
    if (self->branch) {
        branched = *plan;
        branched.key = path_key(self, plan->key);
        plan = &branched;
    }
    const kind_t *kind = &self->model->kinds[plan->kind];
    unsigned duties = self->kinds[plan->kind].duties;
    marks_t marks = draw_marks(self, plan);
    party_t *party = &self->party;
    party->n = 0;
    event_plan_t here = *plan;
    here.level = marks.level;
    gather(self, &here, party);
    if (leaders_needed(self, &here) && !plan->known) TRY(leaders_occupy(self, &here, party, item));
    log_row_t row = row_of(plan, &marks, STATUS_HELD);
    int32_t n = append(self, &row);
    if (n < ROW_NONE) return n;
    if ((duties & DUTY_CONVENES) || plan->mediator >= 0) TRY(log_participants(self, plan, party, row, n));
    if (!plan->known) observe_count(self, plan->kind);
    TRY(meet(self, plan, party, &marks, n));
    if (marks.success && (duties & DUTY_CHANGES)) {
        TRY(effect_deal(self, plan, kind, marks.value_usd));
        TRY(effect_on_state(self, plan, kind));
    }
    if (!plan->known) {
        if (duties & DUTY_COUNTED) quantities_event(self, plan, marks.value_usd, marks.success);
        if (duties & DUTY_CONVENES) TRY(sidelines(self, plan, party, n));
        if (plan->target >= 0) TRY(schedule_cancel(self, plan->kind, plan->initiator, plan->target));
    }
    if ((duties & DUTY_TALLIED) || plan->entry >= 0) TRY(rules_event(self, plan, marks.success));
    if (!(duties & DUTY_FOLLOWS)) return n;
    if (kind->reply.on && !plan->known) TRY(follow_invite(self, plan, n));
    TRY(follow_from(self, plan, party, n, WHEN_ALWAYS, marks.value_usd));
    TRY(follow_from(self, plan, party, n, marks.success ? WHEN_SUCCESS : WHEN_FAILURE, marks.value_usd));
    return n;
out:
    return ret;
}
