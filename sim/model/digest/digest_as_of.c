/* The day of a forecast, and what is observed until then. */
#include "model/digest/digest_rows.h"

static const record_row_t as_of_rows[] = {
    IS(NUMBER, as_of_t, day),
    IS(NUMBER, as_of_t, complete),
    IS(APART, as_of_t, ties),
    IS(APART, as_of_t, kinds),
};
static void as_of_apart(digest_t *digest, const void *object) {
    const as_of_t *as_of = object;
    digest_chosen(digest, MEMBER_TIE, digest_model(digest)->n_ties, as_of->ties);
    digest_chosen(digest, MEMBER_KIND, digest_model(digest)->n_kinds, as_of->kinds);
}
PADDING(as_of_t)
const record_t as_of_record = RECORD(as_of, as_of_t, .apart = as_of_apart);
