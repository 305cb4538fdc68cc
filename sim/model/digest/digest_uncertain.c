/* How uncertain parameters, and those drawn jointly, enter a fingerprint. */
#include "model/digest/digest_rows.h"

/* A draw is cut off at the ends of what its parameter may be. */
static const record_row_t uncertain_rows[] = {
    IS(PARAM, uncertain_t, param),    IS(DIST, uncertain_t, dist),     IS(OMITTED, uncertain_t, label),
    IS(OMITTED, uncertain_t, source), IS(OMITTED, uncertain_t, joint), /* its members' names tell */
    IS(OMITTED, uncertain_t, member),
};
static void uncertain_apart(digest_t *digest, const void *object) {
    const param_t *param = &digest_model(digest)->params[((const uncertain_t *)object)->param];
    digest_number(digest, param->low);
    digest_number(digest, param->high);
}
PADDING(uncertain_t)
const record_t uncertain_record = RECORD(uncertain, uncertain_t, .apart = uncertain_apart);

static const record_row_t follower_rows[] = {
    IS(PARAM, follower_t, param),
    IS(PARAM, follower_t, of),
};
PADDING(follower_t)
const record_t follower_record = RECORD(follower, follower_t);

static const record_row_t joint_rows[] = {
    IS(TEXT, joint_draw_t, name),        IS(INTEGER, joint_draw_t, n),
    ARE(PARAM, joint_draw_t, params, n), IS(APART, joint_draw_t, correlation),
    IS(OMITTED, joint_draw_t, factor),   IS(INTEGER, joint_draw_t, n_rows),
    IS(APART, joint_draw_t, rows),       IS(OMITTED, joint_draw_t, source),
};
static void joint_apart(digest_t *digest, const void *object) {
    const joint_draw_t *joint = object;
    int n_rows = joint->correlation ? joint->n : joint->n_rows;
    const double *values = joint->correlation ? joint->correlation : joint->rows;
    for (int i = 0; i < n_rows * joint->n; i++) digest_number(digest, values[i]);
}
PADDING(joint_draw_t)
const record_t joint_record = RECORD(joint, joint_draw_t, .apart = joint_apart);
