/* What `entente rare` estimates: the event, the quantity whose running value tells how near it is, and levels
 * of it that the command line gives. */
#ifndef ENTENTE_CLI_RARE_EVENT_H
#define ENTENTE_CLI_RARE_EVENT_H

#include "cli/options/options.h"
#include "run/split/split.h"

typedef struct {
    const char *quantity, *above, *below, *guide, *levels; /* NULL: not given */
    bool ever, falling;
} rare_event_t;

/* Sets the watch of the split, and its levels if they are given. An event that the scenario does not name is
 * added to the model's quantities as "NAME>NUMBER". 0 or the exit code, all said. */
int rare_event_read(const rare_event_t *self, model_t *model, split_t *split);

#endif
