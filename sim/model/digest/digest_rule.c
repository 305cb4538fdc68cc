#include "model/digest/digest_rows.h"

/* Rules: a tree, each with what its type reads. */

static const record_row_t rule_rows[] = {
    IS(INTEGER, rule_t, type),    IS(APART, rule_t, tie),
    IS(APART, rule_t, flow),      IS(APART, rule_t, actor),
    IS(APART, rule_t, attribute), IS(CONDITION, rule_t, condition),
    IS(ENTRY, rule_t, entry),     IS(GROUP, rule_t, group),
    IS(NUMBER, rule_t, above),    IS(NUMBER, rule_t, below),
    IS(INTEGER, rule_t, n_kinds), ARE(KIND, rule_t, kinds, n_kinds, .set = true),
    IS(APART, rule_t, initiator), IS(APART, rule_t, target),
    IS(FLAG, rule_t, successful), IS(NUMBER, rule_t, within),
    IS(NUMBER, rule_t, from),     IS(NUMBER, rule_t, until),
    IS(INTEGER, rule_t, is),      IS(INTEGER, rule_t, at_least),
    IS(NUMBER, rule_t, share),    IS(INTEGER, rule_t, n_parts),
    IS(APART, rule_t, parts),     IS(APART, rule_t, members),
    IS(OMITTED, rule_t, slot),
};

/* A name, or which of the event's own. */
static void put_reference(digest_t *digest, member_how_t how, int index) {
    digest_number(digest, index < -1 ? index : 0);
    digest_text(digest, digest_name(digest, how, index));
}

static void rule_apart(digest_t *digest, const void *object) {
    const rule_t *rule = object;
    const model_t *model = digest_model(digest);
    put_reference(digest, MEMBER_TIE, rule->tie);
    put_reference(digest, MEMBER_ACTOR, rule->flow < 0 ? rule->flow : flow_from(model, rule->flow));
    put_reference(digest, MEMBER_ACTOR, rule->actor);
    put_reference(digest, MEMBER_ACTOR, rule->initiator);
    put_reference(digest, MEMBER_ACTOR, rule->target);
    digest_text(digest, rule->attribute < 0 ? "" : model->actor_attributes[rule->attribute]);
    for (int p = 0; p < rule->n_parts; p++) {
        digest_record(digest, &rule_record, &rule->parts[p]);
        if (rule->members) put_reference(digest, MEMBER_ACTOR, rule->members[p]);
    }
}
PADDING(rule_t)
const record_t rule_record = RECORD(rule, rule_t, .apart = rule_apart);

void digest_rule(digest_t *digest, const rule_t *rule) {
    if (rule) digest_record(digest, &rule_record, rule);
}
