/* The statistics of intensities and probabilities, as one table.
 *
 * A statistic is a number x(i, j, t) of a directed dyad (or of an actor). STATIC ones change only with a
 * parameter or an attribute and are combined into a constant; LAZY ones follow the state in closed form and
 * have a bound until the next event on their dyad; SAMPLED ones are computed at refresh times and are
 * constant in between, which is the model's definition and not an approximation. */
#ifndef ENTENTE_MODEL_STATISTIC_H
#define ENTENTE_MODEL_STATISTIC_H

typedef enum { STATISTIC_STATIC, STATISTIC_LAZY, STATISTIC_SAMPLED } statistic_class_t;

/* What a statistic's qualifier names in `name: qualifier`, if it takes one. */
typedef enum { REF_NONE, REF_ACTOR_ATTRIBUTE, REF_TIE_ATTRIBUTE, REF_GROUP, REF_CONDITION, REF_KIND } ref_t;

/* How a statistic changes between events, which code that integrates it must follow. */
typedef enum {
    MOTION_NONE,      /* it jumps, or never changes */
    MOTION_STRENGTH,  /* with strength, which decays to alignment, and alignment to its baseline */
    MOTION_ALIGNMENT, /* with alignment */
    MOTION_COUNT,     /* as a count of events of one kind that decays with the term's half-life */
    MOTION_CLOCK      /* with time itself */
} motion_t;

/* The figure of an actor or a tie from which it is computed, and which a scenario must therefore give. */
typedef enum {
    FIGURE_NONE,
    FIGURE_INITIATOR_GDP,
    FIGURE_TARGET_GDP,
    FIGURE_DISTANCE,
    FIGURE_INITIATOR_ATTRIBUTE,
    FIGURE_TARGET_ATTRIBUTE,
    FIGURE_TIE_ATTRIBUTE
} figure_t;

/* What it depends on besides the initiator; if that is absent, the statistic counts as its reference value.
 * */
typedef enum {
    SUBJECT_INITIATOR, /* nothing else */
    SUBJECT_TARGET,
    SUBJECT_TIE,
    SUBJECT_MEDIATOR, /* the mediator and its ties with both */
    SUBJECT_CONDITION /* what the condition holds on: a tie, or the initiator */
} statistic_subject_t;

/* X(id, name in files, class, subject, motion, figure, what its qualifier names, has a half-life, what it is)
 */
#define STATISTIC_LIST(X)                                                                                   \
    X(STRENGTH, "strength", LAZY, TIE, STRENGTH, NONE, REF_NONE, 0,                                         \
      "relation strength s of the dyad, in [-1, 1]")                                                        \
    X(ALIGNMENT, "alignment", LAZY, TIE, ALIGNMENT, NONE, REF_NONE, 0,                                      \
      "alignment b of the dyad, in [-1, 1]")                                                                \
    X(LOG_GDP_INITIATOR, "log_gdp_initiator", STATIC, INITIATOR, NONE, INITIATOR_GDP, REF_NONE, 0,          \
      "log of the initiator's GDP, USD")                                                                    \
    X(LOG_GDP_TARGET, "log_gdp_target", STATIC, TARGET, NONE, TARGET_GDP, REF_NONE, 0,                      \
      "log of the target's GDP, USD")                                                                       \
    X(LOG_DISTANCE, "log_distance", STATIC, TIE, NONE, DISTANCE, REF_NONE, 0,                               \
      "log of the dyad's distance, km")                                                                     \
    X(INITIATOR, "initiator", STATIC, INITIATOR, NONE, INITIATOR_ATTRIBUTE, REF_ACTOR_ATTRIBUTE, 0,         \
      "an attribute of the initiator")                                                                      \
    X(TARGET, "target", STATIC, TARGET, NONE, TARGET_ATTRIBUTE, REF_ACTOR_ATTRIBUTE, 0,                     \
      "an attribute of the target")                                                                         \
    X(TIE, "tie", STATIC, TIE, NONE, TIE_ATTRIBUTE, REF_TIE_ATTRIBUTE, 0,                                   \
      "an attribute of the tie (contiguity, ...)")                                                          \
    X(CONDITION, "condition", LAZY, CONDITION, NONE, NONE, REF_CONDITION, 0,                                \
      "1 while the condition holds on the dyad (on either of its actors)")                                  \
    X(CONDITION_INITIATOR, "condition_initiator", LAZY, TIE, NONE, NONE, REF_CONDITION, 0,                  \
      "1 while the initiator imposes the directed condition on the target")                                 \
    X(CONDITION_TARGET, "condition_target", LAZY, TIE, NONE, NONE, REF_CONDITION, 0,                        \
      "1 while the target imposes the directed condition on the initiator")                                 \
    X(SHARED_GROUPS, "shared_groups", LAZY, TARGET, NONE, NONE, REF_NONE, 0,                                \
      "log(1 + groups that both belong to)")                                                                \
    X(GROUP, "group", LAZY, INITIATOR, NONE, NONE, REF_GROUP, 0, "1 while both belong to the group")        \
    X(INERTIA, "inertia", LAZY, TIE, COUNT, NONE, REF_KIND, 1, "log(1 + decayed count of the kind i -> j)") \
    X(RECIPROCITY, "reciprocity", LAZY, TIE, COUNT, NONE, REF_KIND, 1,                                      \
      "log(1 + decayed count of the kind j -> i)")                                                          \
    X(YEARS, "years", LAZY, INITIATOR, CLOCK, NONE, REF_NONE, 0,                                            \
      "years since the scenario's start: a linear trend")                                                   \
    X(LOG_TRADE, "log_trade", SAMPLED, TIE, NONE, NONE, REF_NONE, 0,                                        \
      "log of trade both ways, USD a year (at least 1)")                                                    \
    X(DEGREE_INITIATOR, "degree_initiator", SAMPLED, TIE, NONE, NONE, REF_NONE, 0,                          \
      "log(1 + sum of the positive strengths of the initiator's other ties)")                               \
    X(DEGREE_TARGET, "degree_target", SAMPLED, TIE, NONE, NONE, REF_NONE, 0,                                \
      "log(1 + sum of the positive strengths of the target's other ties)")                                  \
    X(SHARED_PARTNERS, "shared_partners", SAMPLED, TIE, NONE, NONE, REF_NONE, 0,                            \
      "log(1 + actors m with s_im > 0 and s_jm > 0)")                                                       \
    X(BALANCE, "balance", SAMPLED, TIE, NONE, NONE, REF_NONE, 0,                                            \
      "sign(z) log(1 + abs(z)), z = sum over m of s_im s_jm (signed triads)")                               \
    X(MEDIATOR_STRENGTH, "mediator_strength", LAZY, MEDIATOR, NONE, NONE, REF_NONE, 0,                      \
      "of an event's success: mean strength of the mediator's ties with the two, in [-1, 1]")               \
    X(MEDIATOR_BIAS, "mediator_bias", LAZY, MEDIATOR, NONE, NONE, REF_NONE, 0,                              \
      "of an event's success: difference between the strengths of the mediator's two ties, 0 to 2")

typedef enum {
#define X(id, ...) STATISTIC_##id,
    STATISTIC_LIST(X)
#undef X
        STATISTIC_N
} statistic_id_t;

/* SAMPLED_LOG_TRADE, ...: those of class SAMPLED, numbered. */
#define STATISTIC_NUMBER_STATIC(id)
#define STATISTIC_NUMBER_LAZY(id)
#define STATISTIC_NUMBER_SAMPLED(id) SAMPLED_##id,
typedef enum {
#define X(id, name, klass, ...) STATISTIC_NUMBER_##klass(id)
    STATISTIC_LIST(X)
#undef X
        SAMPLED_N
} sampled_id_t;

typedef struct {
    statistic_id_t id;
    const char *name;
    statistic_class_t klass;
    int sampled; /* its number among the SAMPLED ones; -1 */
    statistic_subject_t subject;
    motion_t motion;
    figure_t figure;
    ref_t ref;
    int has_half_life;
    const char *what;
} statistic_t;

extern const statistic_t statistics[STATISTIC_N];

/* The statistic of that name, NULL if there is none. */
const statistic_t *statistic_find(const char *name);

#endif
