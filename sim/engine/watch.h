/* How near a replicate is to a rare event. */
#ifndef ENTENTE_ENGINE_WATCH_H
#define ENTENTE_ENGINE_WATCH_H

#include "engine/engine.h"

void watch_begin(engine_t *self);
void watch_look(engine_t *self, double t); /* at the state at t, with what has happened by now */
/* The present moment is over: puts down which levels it has reached. Whether the event is decided. */
bool watch_moment(engine_t *self);
void watch_end(engine_t *self);

#endif
