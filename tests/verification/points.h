/* The Poisson measures of the engine, written down a second time and generated whole.
 *
 * This is the one file of the verification that knows how a measure is made (engine/process/measure.h): which
 * key a process has, how high its lowest strip is, how strips and cells cut the plane. Who changes that
 * definition changes it here too, on purpose; everything else in this folder goes by the model's definition
 * alone. */
#ifndef ENTENTE_VERIFY_POINTS_H
#define ENTENTE_VERIFY_POINTS_H

#include "base/rng.h"
#include "model/model.h"

typedef struct {
    double time, height;
} spot_t;

typedef struct { /* a point of an event's own measure */
    double delay, height;
    uint64_t key; /* the identity of the event at it */
} child_t;

/* Purposes of the streams under an event's identity. */
enum {
    MARK_LEVEL = 1,
    MARK_VALUE,
    MARK_SECTOR,
    MARK_SUCCESS,
    MARK_DURATION,
    MARK_DEAL,
    MARK_OCCURS,
    MARK_TIME,
    MARK_CHANCE,
    MARK_DELAY,
    MARK_SHARE,
    MARK_REPLY,
    MARK_REPLY_DELAY,
    MARK_ATTEND,
    MARK_SIDELINE,
    MARK_NOISE
};

uint64_t points_actor_key(const model_t *model, int actor);
uint64_t points_kind_key(const model_t *model, int kind);
/* `seed` is the master seed; j = -1 for an actor's process, i = -1 for a group's. */
uint64_t points_process_key(const model_t *model, uint64_t seed, int kind, int i, int j, int group);
/* The identity of the event at a point. */
uint64_t points_event_key(uint64_t process_key, uint32_t replicate, double time);
/* Top of strip 0, from the largest intensity (per day) that the state at the start allows without history. */
double points_scale(double largest);
/* All points of strips 0 .. strips - 1 before the horizon in order of time; the caller frees. */
spot_t *points_all(uint64_t process_key, uint32_t replicate, double scale, int strips, double horizon,
                   size_t *n);

/* What a touch may trigger in a kind: points up to the height `most`, by an excitation of that decay. `touch`
 * names the touch, `number` tells excitations of one source and relation apart, `turned` is for the pair's
 * other direction. The caller frees. */
child_t *points_children(uint64_t touch, uint64_t kind_key, relation_t relation, int number, bool turned,
                         double decay, double most, int *n);

#endif
