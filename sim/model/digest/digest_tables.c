#include "model/digest/digest_rows.h"

/* ---- linear predictors and chances ---------------------------------------------------------------- */

static const record_row_t term_rows[] = {
    IS(STATISTIC, term_t, statistic), IS(APART, term_t, ref),        IS(NUMBER, term_t, coefficient),
    IS(NUMBER, term_t, reference),    IS(NUMBER, term_t, half_life), IS(OMITTED, term_t, slot),
};
static void term_apart(digest_t *digest, const void *object) {
    const term_t *term = object;
    const model_t *model = digest_model(digest);
    static const member_how_t named[] = {
        [REF_GROUP] = MEMBER_GROUP, [REF_CONDITION] = MEMBER_CONDITION, [REF_KIND] = MEMBER_KIND};
    if (term->statistic->ref == REF_ACTOR_ATTRIBUTE)
        digest_text(digest, model->actor_attributes[term->ref]);
    else if (term->statistic->ref == REF_TIE_ATTRIBUTE)
        digest_text(digest, model->tie_attributes[term->ref]);
    else if (term->statistic->ref != REF_NONE)
        digest_text(digest, digest_name(digest, named[term->statistic->ref], term->ref));
}
PADDING(term_t)
static const record_t term_record = RECORD(term, term_t, .apart = term_apart);

static const record_row_t predictor_rows[] = {
    IS(INTEGER, predictor_t, n),
    ARE(RECORD, predictor_t, terms, n, .record = &term_record),
};
PADDING(predictor_t)
static const record_t predictor_record = RECORD(predictor, predictor_t);

static const record_row_t chance_rows[] = {
    IS(NUMBER, chance_t, probability),
    IS(RECORD, chance_t, log_odds, .record = &predictor_record),
};
PADDING(chance_t)
static const record_t chance_record = RECORD(chance, chance_t);

/* ---- kinds of event -------------------------------------------------------------------------------- */

static const record_row_t excitation_rows[] = {
    IS(KIND, excitation_t, kind),
    IS(INTEGER, excitation_t, relation),
    IS(NUMBER, excitation_t, branching),
    IS(NUMBER, excitation_t, half_life),
};
PADDING(excitation_t)
static const record_t excitation_record = RECORD(excitation, excitation_t);

static const record_row_t window_rows[] = {
    IS(NUMBER, window_t, from),
    IS(NUMBER, window_t, until),
    IS(NUMBER, window_t, factor),
};
PADDING(window_t)
static const record_t window_record = RECORD(window, window_t);

static const record_row_t season_rows[] = {
    IS(FLAG, season_t, has_weekday),
    IS(FLAG, season_t, has_month),
    IS(NUMBER, season_t, weekday),
    IS(NUMBER, season_t, month),
    IS(FLAG, season_t, only_in_windows),
    IS(INTEGER, season_t, n_windows),
    ARE(RECORD, season_t, windows, n_windows, .record = &window_record),
};
PADDING(season_t)
static const record_t season_record = RECORD(season, season_t);

static const record_row_t consequence_rows[] = {
    IS(TEXT, consequence_t, name),
    IS(KIND, consequence_t, kind),
    IS(INTEGER, consequence_t, when),
    IS(RECORD, consequence_t, chance, .record = &chance_record),
    IS(INTEGER, consequence_t, count),
    IS(DIST, consequence_t, delay),
    IS(INTEGER, consequence_t, initiator),
    IS(INTEGER, consequence_t, target),
    IS(NUMBER, consequence_t, expires),
    IS(INTEGER, consequence_t, n_cancelled_by),
    ARE(KIND, consequence_t, cancelled_by, n_cancelled_by, .set = true),
    IS(FLAG, consequence_t, has_share),
    IS(DIST, consequence_t, share),
    IS(APART, consequence_t, only_if),
    IS(APART, consequence_t, has_mediator),
    IS(APART, consequence_t, mediator),
};
static void consequence_apart(digest_t *digest, const void *object) {
    const consequence_t *consequence = object;
    digest_rule(digest, consequence->only_if);
    if (consequence->has_mediator)
        digest_text(digest, digest_name(digest, MEMBER_ACTOR, consequence->mediator));
}
PADDING(consequence_t)
static const record_t consequence_record = RECORD(consequence, consequence_t, .apart = consequence_apart);

static const record_row_t reply_rows[] = {
    IS(FLAG, reply_t, on),       IS(RECORD, reply_t, accept, .record = &chance_record),
    IS(DIST, reply_t, delay),    IS(NUMBER, reply_t, lapse),
    IS(KIND, reply_t, accepted), IS(KIND, reply_t, declined),
    IS(KIND, reply_t, lapsed),
};
PADDING(reply_t)
static const record_t reply_record = RECORD(reply, reply_t);

static const record_row_t sideline_rows[] = {
    IS(KIND, sideline_t, kind),
    IS(INTEGER, sideline_t, first),
    IS(INTEGER, sideline_t, second),
    IS(RECORD, sideline_t, chance, .record = &chance_record),
};
PADDING(sideline_t)
static const record_t sideline_record = RECORD(sideline, sideline_t);

static const record_row_t summit_rows[] = {
    IS(FLAG, summit_t, on),
    IS(GROUP, summit_t, group),
    IS(RECORD, summit_t, attendance, .record = &chance_record),
    IS(RECORD, summit_t, guest_attendance, .record = &chance_record),
    IS(INTEGER, summit_t, n_sidelines),
    ARE(RECORD, summit_t, sidelines, n_sidelines, .record = &sideline_record),
};
PADDING(summit_t)
static const record_t summit_record = RECORD(summit, summit_t);

static const record_row_t deal_rows[] = {
    IS(FLAG, deal_t, on),  IS(DIST, deal_t, delivered),         IS(DIST, deal_t, duration),
    IS(DIST, deal_t, lag), IS(NUMBER, deal_t, initiator_share),
};
PADDING(deal_t)
static const record_t deal_record = RECORD(deal, deal_t);

static const record_row_t tariff_change_rows[] = {
    IS(FLAG, tariff_change_t, on),
    IS(INTEGER, tariff_change_t, how),
    IS(NUMBER, tariff_change_t, rate),
    IS(NUMBER, tariff_change_t, phase_in),
};
PADDING(tariff_change_t)
static const record_t tariff_change_record = RECORD(tariff_change, tariff_change_t);

static const record_row_t condition_change_rows[] = {
    IS(CONDITION, condition_change_t, condition),
    IS(FLAG, condition_change_t, starts),
    IS(INTEGER, condition_change_t, who),
};
PADDING(condition_change_t)
static const record_t condition_change_record = RECORD(condition_change, condition_change_t);

static const record_row_t membership_change_rows[] = {
    IS(GROUP, membership_change_t, group),
    IS(FLAG, membership_change_t, joins),
    IS(INTEGER, membership_change_t, who),
};
PADDING(membership_change_t)
static const record_t membership_change_record = RECORD(membership_change, membership_change_t);

static const record_row_t presence_change_rows[] = {
    IS(FLAG, presence_change_t, enters),
    IS(INTEGER, presence_change_t, who),
};
PADDING(presence_change_t)
static const record_t presence_change_record = RECORD(presence_change, presence_change_t);

static const record_row_t kind_rows[] = {
    IS(TEXT, kind_t, name),
    IS(OMITTED, kind_t, label),
    IS(OMITTED, kind_t, note),
    IS(OMITTED, kind_t, source),
    IS(INTEGER, kind_t, scope),
    IS(NUMBER, kind_t, rate_per_year),
    IS(RECORD, kind_t, log_rate, .record = &predictor_record),
    IS(RECORD, kind_t, season, .record = &season_record),
    IS(INTEGER, kind_t, n_excitations),
    ARE(RECORD, kind_t, excitations, n_excitations, .record = &excitation_record),
    IS(APART, kind_t, initiators),
    IS(APART, kind_t, targets),
    IS(NUMBER, kind_t, level_weight),
    IS(FLAG, kind_t, has_value),
    IS(FLAG, kind_t, has_success),
    IS(DIST, kind_t, value),
    IS(RECORD, kind_t, success, .record = &chance_record),
    IS(INTEGER, kind_t, n_sectors),
    ARE(SECTOR, kind_t, sectors, n_sectors),
    ARE(NUMBER, kind_t, sector_weights, n_sectors),
    IS(FLAG, kind_t, in_person),
    IS(NUMBER, kind_t, days),
    IS(NUMBER, kind_t, precedence),
    IS(NUMBER, kind_t, goldstein),
    IS(NUMBER, kind_t, lasting),
    IS(NUMBER, kind_t, failure),
    IS(NUMBER, kind_t, pair_weight),
    IS(APART, kind_t, mediator_weight),
    IS(NUMBER, kind_t, spillover),
    IS(NUMBER, kind_t, trade_shock),
    IS(NUMBER, kind_t, trade_shock_half_life),
    IS(OMITTED, kind_t, shock_slot),
    IS(RECORD, kind_t, tariff, .record = &tariff_change_record),
    IS(RECORD, kind_t, deal, .record = &deal_record),
    IS(INTEGER, kind_t, n_conditions),
    IS(INTEGER, kind_t, n_memberships),
    IS(INTEGER, kind_t, n_presences),
    ARE(RECORD, kind_t, conditions, n_conditions, .record = &condition_change_record),
    ARE(RECORD, kind_t, memberships, n_memberships, .record = &membership_change_record),
    ARE(RECORD, kind_t, presences, n_presences, .record = &presence_change_record),
    IS(INTEGER, kind_t, n_then),
    ARE(RECORD, kind_t, then, n_then, .record = &consequence_record),
    IS(RECORD, kind_t, reply, .record = &reply_record),
    IS(RECORD, kind_t, summit, .record = &summit_record),
    IS(APART, kind_t, only_if),
    IS(APART, kind_t, has_mediator),
    IS(APART, kind_t, mediator),
};
static void kind_apart(digest_t *digest, const void *object) {
    digest_allowed(digest, ((const kind_t *)object)->initiators);
    digest_allowed(digest, ((const kind_t *)object)->targets);
    digest_rule(digest, ((const kind_t *)object)->only_if);
    if (((const kind_t *)object)->has_mediator)
        digest_text(digest, digest_name(digest, MEMBER_ACTOR, ((const kind_t *)object)->mediator));
    const double *weight = ((const kind_t *)object)->mediator_weight;
    for (int r = 0; r < 2 && (weight[0] != 0 || weight[1] != 0); r++) digest_number(digest, weight[r]);
}
PADDING(kind_t)
const record_t kind_record = RECORD(kind, kind_t, .apart = kind_apart);

/* ---- calendar, history, interventions, variants ---------------------------------------------------- */

static const record_row_t entry_rows[] = {
    IS(OMITTED, calendar_entry_t, label),
    IS(TEXT, calendar_entry_t, id),
    IS(KIND, calendar_entry_t, kind),
    IS(ACTOR, calendar_entry_t, initiator),
    IS(ACTOR, calendar_entry_t, target),
    IS(GROUP, calendar_entry_t, group),
    IS(NUMBER, calendar_entry_t, time),
    IS(NUMBER, calendar_entry_t, until),
    IS(NUMBER, calendar_entry_t, probability),
    IS(NUMBER, calendar_entry_t, days),
    IS(NUMBER, calendar_entry_t, value_usd),
    IS(INTEGER, calendar_entry_t, level),
    IS(INTEGER, calendar_entry_t, success),
    IS(SECTOR, calendar_entry_t, sector),
    IS(ENTRY, calendar_entry_t, to),
    IS(INTEGER, calendar_entry_t, reply),
    IS(APART, calendar_entry_t, parent),
    IS(INTEGER, calendar_entry_t, n_guests),
    ARE(ACTOR, calendar_entry_t, guests, n_guests),
    IS(INTEGER, calendar_entry_t, n_attend),
    ARE(ACTOR, calendar_entry_t, attend, n_attend),
    IS(FLAG, calendar_entry_t, in_base),
    IS(OMITTED, calendar_entry_t, source),
    IS(APART, calendar_entry_t, withdrawn),
    IS(APART, calendar_entry_t, part_time),
    IS(APART, calendar_entry_t, drawn_as),
    IS(APART, calendar_entry_t, has_chance),
    IS(APART, calendar_entry_t, chance),
    IS(APART, calendar_entry_t, only_if),
    IS(APART, calendar_entry_t, is_mediated),
    IS(APART, calendar_entry_t, mediator),
    IS(APART, calendar_entry_t, observed),
};
/* The parent is in the same list; and `attend` of nobody is not `attend` that is drawn. */
static void entry_apart(digest_t *digest, const void *object) {
    const calendar_entry_t *entry = object;
    const model_t *model = digest_model(digest);
    bool past = model->n_history && entry >= model->history && entry < model->history + model->n_history;
    const calendar_entry_t *list = past ? model->history : model->calendar;
    digest_text(digest, entry->parent >= 0 ? list[entry->parent].id : "");
    digest_text(digest, entry->attend ? "given" : "drawn");
    if (entry->withdrawn) digest_text(digest, entry->part_time ? "with its parent" : "withdrawn");
    if (entry->drawn_as) digest_text(digest, entry->drawn_as);
    if (entry->observed) digest_text(digest, "observed");
    if (entry->has_chance) digest_number(digest, entry->chance);
    digest_rule(digest, entry->only_if);
    if (entry->is_mediated) digest_text(digest, digest_name(digest, MEMBER_ACTOR, entry->mediator));
}
PADDING(calendar_entry_t)
const record_t entry_record = RECORD(entry, calendar_entry_t, .apart = entry_apart);

static const record_row_t intervention_rows[] = {
    IS(TEXT, intervention_t, id),
    IS(OMITTED, intervention_t, label),
    IS(NUMBER, intervention_t, at),
    IS(APART, intervention_t, when),
    IS(NUMBER, intervention_t, every),
    IS(OMITTED, intervention_t, n_settings), /* counts what is APART, so the next two */
    IS(OMITTED, intervention_t, n_add),
    IS(INTEGER, intervention_t, n_drop),
    IS(INTEGER, intervention_t, n_conditions),
    IS(APART, intervention_t, settings),
    IS(APART, intervention_t, add),
    ARE(ENTRY, intervention_t, drop, n_drop, .set = true),
    ARE(RECORD, intervention_t, conditions, n_conditions, .record = &condition_start_record),
    ARE(FLAG, intervention_t, condition_opens, n_conditions),
    IS(INTEGER, intervention_t, n_tariffs),
    ARE(RECORD, intervention_t, tariffs, n_tariffs, .record = &tariff_record),
    IS(FLAG, intervention_t, in_base),
};
static void intervention_apart(digest_t *digest, const void *object) {
    const intervention_t *intervention = object;
    digest_rule(digest, intervention->when);
    digest_settings(digest, intervention->n_settings, intervention->settings);
    digest_entries(digest, intervention->n_add, intervention->add, false);
}
PADDING(intervention_t)
const record_t intervention_record = RECORD(intervention, intervention_t, .apart = intervention_apart);

static const record_row_t variant_rows[] = {
    IS(TEXT, variant_t, name),
    IS(OMITTED, variant_t, label),
    IS(OMITTED, variant_t, note),
    IS(INTEGER, variant_t, n_drop),
    IS(INTEGER, variant_t, n_decline),
    IS(INTEGER, variant_t, n_accept),
    IS(INTEGER, variant_t, n_cancel),
    IS(OMITTED, variant_t, n_add), /* counts what is APART, so the next */
    IS(OMITTED, variant_t, n_settings),
    IS(INTEGER, variant_t, n_interventions),
    ARE(ENTRY, variant_t, drop, n_drop, .set = true),
    ARE(ENTRY, variant_t, decline, n_decline, .set = true),
    ARE(ENTRY, variant_t, accept, n_accept, .set = true),
    ARE(ENTRY, variant_t, cancel, n_cancel, .set = true),
    IS(APART, variant_t, add),
    IS(APART, variant_t, settings),
    ARE(INTERVENTION, variant_t, interventions, n_interventions, .set = true),
    IS(OMITTED, variant_t, n_without_history), /* follows from the name, so the next five */
    IS(OMITTED, variant_t, n_without_ongoing),
    IS(OMITTED, variant_t, n_without_interventions),
    IS(OMITTED, variant_t, without_history),
    IS(OMITTED, variant_t, without_ongoing),
    IS(OMITTED, variant_t, without_interventions),
    IS(OMITTED, variant_t, is_option), /* read from the finished file; no value depends on it */
};
static void variant_apart(digest_t *digest, const void *object) {
    const variant_t *variant = object;
    digest_settings(digest, variant->n_settings, variant->settings);
    digest_entries(digest, variant->n_add, variant->add, true);
}
PADDING(variant_t)
const record_t variant_record = RECORD(variant, variant_t, .apart = variant_apart);

/* ---- quantities ------------------------------------------------------------------------------------ */

static const record_row_t quantity_rows[] = {
    IS(TEXT, quantity_t, name),
    IS(OMITTED, quantity_t, label),
    IS(TEXT, quantity_t, unit),
    IS(INTEGER, quantity_t, what),
    IS(TIE, quantity_t, tie),
    IS(APART, quantity_t, flow),
    IS(ACTOR, quantity_t, actor),
    IS(CONDITION, quantity_t, condition),
    IS(NUMBER, quantity_t, at),
    IS(NUMBER, quantity_t, every),
    IS(INTEGER, quantity_t, n_kinds),
    ARE(KIND, quantity_t, kinds, n_kinds, .set = true),
    IS(APART, quantity_t, ties),
    IS(APART, quantity_t, initiators),
    IS(APART, quantity_t, targets),
    IS(FLAG, quantity_t, successful_only),
    IS(FLAG, quantity_t, trips),
    IS(NUMBER, quantity_t, from),
    IS(NUMBER, quantity_t, until),
    IS(INTEGER, quantity_t, take),
    IS(INTEGER, quantity_t, n_parts),
    ARE(QUANTITY, quantity_t, parts, n_parts),
    IS(FLAG, quantity_t, has_threshold),
    IS(FLAG, quantity_t, above),
    IS(NUMBER, quantity_t, threshold),
    IS(OMITTED, quantity_t, aim), /* as variant_t.is_option */
};
static void quantity_apart(digest_t *digest, const void *object) {
    const quantity_t *quantity = object;
    const model_t *model = digest_model(digest);
    int from = quantity->flow < 0 ? -1 : flow_from(model, quantity->flow);
    digest_text(digest, digest_name(digest, MEMBER_ACTOR, from));
    digest_chosen(digest, MEMBER_TIE, model->n_ties, quantity->ties);
    digest_chosen(digest, MEMBER_ACTOR, model->n_actors, quantity->initiators);
    digest_chosen(digest, MEMBER_ACTOR, model->n_actors, quantity->targets);
}
PADDING(quantity_t)
const record_t quantity_record = RECORD(quantity, quantity_t, .apart = quantity_apart);

static const record_row_t setting_rows[] = {
    IS(PARAM, setting_t, param),
    IS(NUMBER, setting_t, value),
    IS(FLAG, setting_t, scales),
};
PADDING(setting_t)
const record_t setting_record = RECORD(setting, setting_t);

/* ---- the whole ------------------------------------------------------------------------------------- */

/* The members that are APART here make the sections. `output` enters as a run resolves it
 * (run/plan/identity.h). */
static const record_row_t model_rows[] = {
    IS(OMITTED, model_t, arena),
    IS(OMITTED, model_t, title),
    IS(OMITTED, model_t, note),
    IS(APART, model_t, start),
    IS(APART, model_t, horizon),
    IS(APART, model_t, as_of),
    IS(APART, model_t, n_actors),
    IS(APART, model_t, n_groups),
    IS(APART, model_t, n_ties),
    IS(APART, model_t, n_tariffs),
    IS(APART, model_t, n_conditions),
    IS(OMITTED, model_t, n_condition_columns),
    IS(APART, model_t, n_condition_starts),
    IS(APART, model_t, n_kinds),
    IS(APART, model_t, n_sectors),
    IS(APART, model_t, n_history),
    IS(APART, model_t, n_calendar),
    IS(APART, model_t, n_interventions),
    IS(APART, model_t, n_variants),
    IS(APART, model_t, n_quantities),
    IS(APART, model_t, n_uncertain),
    IS(APART, model_t, n_followers),
    IS(APART, model_t, n_joints),
    IS(OMITTED, model_t, n_params),
    IS(APART, model_t, n_actor_attributes),
    IS(APART, model_t, n_tie_attributes),
    IS(APART, model_t, actor_attributes),
    IS(APART, model_t, tie_attributes),
    IS(APART, model_t, sectors),
    IS(APART, model_t, actors),
    IS(APART, model_t, groups),
    IS(APART, model_t, ties),
    IS(APART, model_t, conditions),
    IS(APART, model_t, condition_starts),
    IS(APART, model_t, dynamics),
    IS(APART, model_t, trade),
    IS(APART, model_t, tariffs),
    IS(APART, model_t, kinds),
    IS(APART, model_t, history),
    IS(APART, model_t, calendar),
    IS(APART, model_t, interventions),
    IS(APART, model_t, variants),
    IS(APART, model_t, quantities),
    IS(APART, model_t, uncertain),
    IS(APART, model_t, followers),
    IS(APART, model_t, joints),
    IS(OMITTED, model_t, params),
    IS(OMITTED, model_t, output),
    IS(OMITTED, model_t, seed),
    IS(OMITTED, model_t, replicates),
    IS(APART, model_t, event_cap),
    IS(OMITTED, model_t, tie_of),
    IS(OMITTED, model_t, n_rule_counts),
    IS(OMITTED, model_t, n_shocks),
    IS(OMITTED, model_t, shock_kinds),
    IS(OMITTED, model_t, has_spillover),
    IS(OMITTED, model_t, has_sampled),
    IS(OMITTED, model_t, reads_trade),
    IS(OMITTED, model_t, has_tariffs),
    IS(OMITTED, model_t, has_growth),
    IS(OMITTED, model_t, tariff_order),
};
PADDING(model_t)
static const record_t model_record = RECORD(model, model_t);

const record_t *const digest_records[] = {&actor_record,
                                          &member_record,
                                          &chair_record,
                                          &group_record,
                                          &tie_record,
                                          &condition_record,
                                          &condition_start_record,
                                          &dynamics_record,
                                          &noise_record,
                                          &trade_record,
                                          &tariff_change_record,
                                          &tariff_record,
                                          &term_record,
                                          &predictor_record,
                                          &chance_record,
                                          &excitation_record,
                                          &window_record,
                                          &season_record,
                                          &rule_record,
                                          &consequence_record,
                                          &reply_record,
                                          &sideline_record,
                                          &summit_record,
                                          &deal_record,
                                          &condition_change_record,
                                          &membership_change_record,
                                          &presence_change_record,
                                          &kind_record,
                                          &entry_record,
                                          &intervention_record,
                                          &variant_record,
                                          &quantity_record,
                                          &uncertain_record,
                                          &follower_record,
                                          &joint_record,
                                          &setting_record,
                                          &as_of_record,
                                          &model_record,
                                          NULL};
