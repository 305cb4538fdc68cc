/* Actors, groups, ties, conditions. */
#include "model/digest/digest_rows.h"
#include <string.h>

/* Type, region and place have done their part when the scenario is read: in scopes and distances. */
static const record_row_t actor_rows[] = {
    IS(TEXT, actor_t, name),      IS(OMITTED, actor_t, label),  IS(OMITTED, actor_t, type),
    IS(OMITTED, actor_t, region), IS(NUMBER, actor_t, gdp_usd), IS(NUMBER, actor_t, domestic_usd),
    IS(NUMBER, actor_t, growth),  IS(OMITTED, actor_t, lat),    IS(OMITTED, actor_t, lon),
    IS(NUMBER, actor_t, from),    IS(NUMBER, actor_t, until),   IS(APART, actor_t, attributes),
    IS(OMITTED, actor_t, source),
};
static void actor_apart(digest_t *digest, const void *object) {
    digest_attributes(digest, ((const actor_t *)object)->attributes, true);
}
PADDING(actor_t)
const record_t actor_record = RECORD(actor, actor_t, .apart = actor_apart);

static const record_row_t member_rows[] = {
    IS(ACTOR, member_t, actor),
    IS(NUMBER, member_t, from),
    IS(NUMBER, member_t, until),
};
PADDING(member_t)
const record_t member_record = RECORD(member, member_t);

static const record_row_t chair_rows[] = {
    IS(NUMBER, chair_t, from),
    IS(NUMBER, chair_t, until),
    IS(ACTOR, chair_t, actor),
};
PADDING(chair_t)
const record_t chair_record = RECORD(chair, chair_t);

static const record_row_t group_rows[] = {
    IS(TEXT, group_t, name),        IS(INTEGER, group_t, n_members),
    IS(INTEGER, group_t, n_chairs), ARE(RECORD, group_t, members, n_members, .record = &member_record),
    IS(APART, group_t, chairs),
};
/* How many of the group's chairs come before one; of those that begin together the earlier in the list. */
static int chair_rank(const group_t *group, int chair) {
    int rank = 0;
    for (int c = 0; c < group->n_chairs; c++) {
        double gap = group->chairs[c].from - group->chairs[chair].from;
        rank += gap < 0 || (gap == 0 && c < chair);
    }
    return rank;
}
/* In the order of their times: a scenario names them by year, as the keys of a mapping. */
static void group_apart(digest_t *digest, const void *object) {
    const group_t *group = object;
    for (int rank = 0; rank < group->n_chairs; rank++)
        for (int c = 0; c < group->n_chairs; c++)
            if (chair_rank(group, c) == rank) digest_record(digest, &chair_record, &group->chairs[c]);
}
PADDING(group_t)
const record_t group_record = RECORD(group, group_t, .apart = group_apart);

/* Both ends by name, the first in the alphabet first: which of them is `a` is a matter of the order of
 * actors. */
static const record_row_t tie_rows[] = {
    IS(APART, tie_t, a),          IS(APART, tie_t, b),
    IS(NUMBER, tie_t, strength),  IS(NUMBER, tie_t, alignment),
    IS(NUMBER, tie_t, baseline),  IS(NUMBER, tie_t, alignment_ref),
    IS(APART, tie_t, trade_usd),  IS(NUMBER, tie_t, distance_km),
    IS(APART, tie_t, attributes), IS(OMITTED, tie_t, source),
};
static void tie_apart(digest_t *digest, const void *object) {
    const tie_t *tie = object;
    const char *a = digest_name(digest, MEMBER_ACTOR, tie->a), *b = digest_name(digest, MEMBER_ACTOR, tie->b);
    bool turned = strcmp(a, b) > 0;
    digest_text(digest, turned ? b : a);
    digest_text(digest, turned ? a : b);
    digest_number(digest, tie->trade_usd[turned]);
    digest_number(digest, tie->trade_usd[!turned]);
    digest_attributes(digest, tie->attributes, false);
}
PADDING(tie_t)
const record_t tie_record = RECORD(tie, tie_t, .apart = tie_apart);

static const record_row_t condition_rows[] = {
    IS(TEXT, condition_t, name),
    IS(FLAG, condition_t, on_actor),
    IS(NUMBER, condition_t, alignment_shift),
    IS(NUMBER, condition_t, log_trade_shift),
    IS(NUMBER, condition_t, phase_in),
    IS(NUMBER, condition_t, tail),
    IS(FLAG, condition_t, has_duration),
    IS(DIST, condition_t, duration),
    IS(OMITTED, condition_t, label),
    IS(APART, condition_t, directed),
    IS(APART, condition_t, n_coalitions),
    IS(APART, condition_t, coalitions),
    IS(OMITTED, condition_t, back),
};
static void condition_apart(digest_t *digest, const void *object) {
    const condition_t *condition = object;
    if (condition->directed) digest_text(digest, "directed");
    for (int c = 0; c < condition->n_coalitions; c++) {
        const coalition_t *coalition = &condition->coalitions[c];
        digest_text(digest, digest_name(digest, MEMBER_GROUP, coalition->group));
        digest_text(digest, digest_name(digest, MEMBER_ACTOR, coalition->lead));
        digest_text(digest, coalition->keeps ? "keeps" : "ends");
    }
}
PADDING(condition_t)
const record_t condition_record = RECORD(condition, condition_t, .apart = condition_apart);

static const record_row_t condition_start_rows[] = {
    IS(CONDITION, condition_start_t, condition),
    IS(ACTOR, condition_start_t, actor),
    IS(TIE, condition_start_t, tie),
    IS(NUMBER, condition_start_t, since),
    IS(APART, condition_start_t, flow),
};
/* Of a directed one its sender. */
static void condition_start_apart(digest_t *digest, const void *object) {
    const condition_start_t *start = object;
    const model_t *model = digest_model(digest);
    if (start->condition >= 0 && model->conditions[start->condition].directed && start->flow >= 0)
        digest_text(digest, digest_name(digest, MEMBER_ACTOR, flow_from(model, start->flow)));
}
PADDING(condition_start_t)
const record_t condition_start_record =
    RECORD(condition_start, condition_start_t, .apart = condition_start_apart);

static const record_row_t dynamics_rows[] = {
    IS(NUMBER, dynamics_t, strength_half_life),
    IS(NUMBER, dynamics_t, alignment_half_life),
    IS(NUMBER, dynamics_t, trade_half_life),
    IS(NUMBER, dynamics_t, alignment_on_trade),
    IS(NUMBER, dynamics_t, atmosphere_on_trade),
    IS(NUMBER, dynamics_t, gain_divisor),
    IS(NUMBER, dynamics_t, level),
    IS(NUMBER, dynamics_t, refresh),
};
PADDING(dynamics_t)
const record_t dynamics_record = RECORD(dynamics, dynamics_t);

static const record_row_t noise_rows[] = {IS(NUMBER, noise_t, sd), IS(NUMBER, noise_t, half_life),
                                          IS(NUMBER, noise_t, size)};
PADDING(noise_t)
const record_t noise_record = RECORD(noise, noise_t);

static const record_row_t trade_rows[] = {
    IS(NUMBER, trade_t, elasticity),
    IS(NUMBER, trade_t, figures_at),
    IS(FLAG, trade_t, in_equilibrium),
    IS(INTEGER, trade_t, output),
    IS(INTEGER, trade_t, deficits),
    IS(NUMBER, trade_t, output_ratio),
    IS(RECORD, trade_t, flow_noise, .record = &noise_record),
    IS(RECORD, trade_t, actor_noise, .record = &noise_record),
};
PADDING(trade_t)
const record_t trade_record = RECORD(trade, trade_t);

static const record_row_t tariff_rows[] = {
    IS(TEXT, tariff_t, name),   IS(INTEGER, tariff_t, n_flows), IS(APART, tariff_t, flows),
    IS(NUMBER, tariff_t, time), IS(NUMBER, tariff_t, rate),     IS(NUMBER, tariff_t, phase_in),
};
static void tariff_apart(digest_t *digest, const void *object) {
    const tariff_t *tariff = object;
    const model_t *model = digest_model(digest);
    for (int k = 0; k < tariff->n_flows; k++) {
        digest_text(digest, digest_name(digest, MEMBER_ACTOR, flow_from(model, tariff->flows[k])));
        digest_text(digest, digest_name(digest, MEMBER_ACTOR, flow_to(model, tariff->flows[k])));
    }
}
PADDING(tariff_t)
const record_t tariff_record = RECORD(tariff, tariff_t, .apart = tariff_apart);
