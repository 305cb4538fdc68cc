/* The observation (what a run records), and the results of one replicate of one variant. */
#ifndef ENTENTE_ENGINE_RESULT_H
#define ENTENTE_ENGINE_RESULT_H

#include "engine/changes.h"
#include "engine/course/course_set.h"
#include "engine/log.h"
#include "model/model.h"

/* What a replicate is watched for. The event is a quantity with a threshold. The running value of another
 * quantity, its guide, or of the same one tells how near a replicate is to it:
 *   count, sum   what there is so far, and `pace` for each day that is left
 *   first        the days without a first event so far
 *   state        what it is; of the event's own, unless it counts `ever`: what it would be at its date if
 *                nothing more happened
 * It is looked at just before and just after each moment at which something may happen. A watched replicate
 * ends as soon as the event is decided: its other quantities and counts are not those of the whole period. */
typedef struct {
    int event;   /* quantity, with a threshold */
    bool ever;   /* it also counts if its state was beyond the threshold before its date */
    int guide;   /* quantity whose running value is looked at until its date, and */
    bool falls;  /* the smaller, the nearer: its sign is turned */
    double pace; /* a day, 0 or more */
    int n_levels;
    const double *levels; /* [n_levels] of the running value (with its sign turned), ascending */
} watch_t;

/* What to record besides the quantities; fixed for a run. Recording changes no event. */
typedef struct {
    const watch_t *watch; /* NULL: nothing */
    int n_times;          /* 0: no trajectories */
    double *times;        /* [n_times] days from the start, ascending */
    int n_ties;
    int *ties;            /* [n_ties] ties whose trajectories are stored */
    bool events;          /* keep the log, with parents */
    bool changes;         /* keep what changes besides; only where one variant is simulated (engine_run) */
    int n_metric_times;   /* 0: no metrics */
    double *metric_times; /* [n_metric_times] days from the start, ascending */
    int n_metric_columns; /* as model/metrics.h counts and names them */
} observation_t;

/* The observation that a scenario's `output` and quantities require: times from 0, every output.every
 * (output.metrics_every), up to and including the horizon; ties: the listed ones, all, or those of the
 * quantities. 0 or ERR_NOMEM. */
int observation_init(observation_t *self, const model_t *model);
void observation_free(observation_t *self);

/* X(id, words in files). */
#define STOP_LIST(X)                                                               \
    X(NONE, "complete")               /* ran to the horizon */                     \
    X(EVENT_CAP, "event cap reached") /* more events than monte_carlo.event_cap */ \
    X(CLOCK, "clock no longer advances")                                           \
    X(INTENSITY, "intensity is not finite") /* or past 10^9 a day */               \
    X(MARKET, "no equilibrium of trade")
#define X(id, words) STOP_##id,
typedef enum { STOP_LIST(X) STOP_N } stop_t;
#undef X
extern const char *const stop_names[STOP_N];

/* One replicate of one variant; buffers are reused from run to run. */
typedef struct result {
    stop_t stop;
    double stop_time;            /* days; the horizon when stop is STOP_NONE */
    int64_t n_events;            /* held events within the period */
    int64_t *kind_counts;        /* [n_kinds] held events within the period */
    double *quantities;          /* [n_quantities] */
    int *trip_ends;              /* [n_quantities] last day of the latest trip counted */
    double *draws;               /* [n_uncertain] values of the uncertain parameters */
    float *strength, *alignment; /* [n_times][n_ties] */
    float *trade;                /* [n_times][n_ties][2] USD a year, flows a->b and b->a; NaN without trade */
    double *metrics;             /* [n_metric_times][n_metric_columns]; NaN where not defined */
    double *entered; /* [n_levels] when the watched value first reached the level, INFINITY: not before the
                        event was decided */
    double highest;  /* the largest watched value until then */
    log_t log;
    /* Variants that are simulated together have one log, that of `root`, which is NULL of one that is
     * simulated by itself. Of its rows those are the variant's whose set has `course`; parents and summits
     * are rows of the common log. */
    struct result *root;
    int course;
    course_set_t *row_courses; /* [log.n] of a root */
    size_t row_capacity;
    changes_t changes;
} result_t;

/* Room for what the observation records. 0 or ERR_NOMEM. */
int result_init(result_t *self, const model_t *model, const observation_t *observation);
void result_free(result_t *self);

#endif
