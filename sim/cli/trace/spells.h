/* The conditions of a replicate as a table: one line for each interval in which one is in force. */
#ifndef ENTENTE_CLI_TRACE_SPELLS_H
#define ENTENTE_CLI_TRACE_SPELLS_H

#include "engine/changes.h"
#include "model/model.h"

#include <stdint.h>
#include <stdio.h>

/* The columns of spells_print. */
void spells_head(FILE *out);
/* Where the condition with that number is in force at a site: a tie ("KAZ-USA"), of a directed one its sender
 * and its target ("USA -> RUS"), or an actor. PAIR_BYTES suffice. */
void spells_place(const model_t *model, int condition, int site, char *out, size_t size);
/* As CSV: replicate, condition, its place, the moments (UTC) from and until which it is in force; `until` is
 * empty where that is the end of the period. In the order in which they begin. */
void spells_print(const model_t *model, const changes_t *changes, uint32_t replicate, FILE *out);

#endif
