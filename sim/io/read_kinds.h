/* The table of a kind's keys is one, but written in two files: when it happens (read_kinds.c) and what it
 * does and what follows (read_effects.c). */
#ifndef ENTENTE_IO_READ_KINDS_H
#define ENTENTE_IO_READ_KINDS_H

#include "io/reader.h"

extern const type_t type_ignored; /* a text for people only */
extern const type_t type_condition_changes, type_membership_changes, type_presence_changes, type_summit;
extern const section_t effect_section, deal_section, consequence_section, reply_section, summit_section,
    condition_change_section, membership_change_section, presence_change_section;

/* Checks across keys of what a kind does. */
void finish_effects(reader_t *r, kind_t *kind, const node_t *node);

#define EFFECT_FIELDS                                                                                               \
    {"effect", &type_section, 0, .section = &effect_section, .unset = "none", .what = "What it does to ties.",      \
     .example = "{goldstein: 1, lasting: 0.1}"},                                                                    \
        {"deal", &type_section, FIELD_LATENT, AT(kind_t, deal), HAS(kind_t, deal.on), .section = &deal_section,     \
         .unset = "none", .what = "What becomes of its value."},                                                    \
        {"starts", &type_condition_changes, 0, .section = &condition_change_section, .count = 1,                    \
         .what = "Conditions it starts on its tie (or on an actor).", .example = "[sanctions]"},                    \
        {"ends", &type_condition_changes, 0, .section = &condition_change_section, .what = "Conditions it ends.",   \
         .example = "[conflict]"},                                                                                  \
        {"joins", &type_membership_changes, 0, .section = &membership_change_section, .count = 1,                   \
         .what = "Groups that an actor joins.", .example = "[{group: Abraham Accords, who: initiator}]"},           \
        {"leaves", &type_membership_changes, 0, .section = &membership_change_section,                              \
         .what = "Groups that an actor leaves.", .example = "[{group: G20, who: target}]"},                         \
        {"enters", &type_presence_changes, 0, .section = &presence_change_section, .count = 1,                      \
         .what = "Roles whose actors come on the scene.", .example = "[target]"},                                   \
        {"exits", &type_presence_changes, 0, .section = &presence_change_section,                                   \
         .what = "Roles whose actors leave the scene.", .example = "[target]"},                                     \
        {"then", &type_list, 0, ITEMS(kind_t, then, n_then, consequence_t), .section = &consequence_section,        \
         .what = "Events that follow.",                                                                             \
         .example = "[{kind: invitation, probability: 0.15, delay: {exponential: {mean: 2 d}}}]"},                  \
        {"reply", &type_section, FIELD_LATENT, AT(kind_t, reply), HAS(kind_t, reply.on), .section = &reply_section, \
         .unset = "it is not answered", .what = "The answer it waits for."},                                        \
        {"summit", &type_section, FIELD_LATENT, AT(kind_t, summit), HAS(kind_t, summit.on),                         \
         .section = &summit_section, .unset = "it convenes no one", .what = "Whom it convenes, and who comes.",     \
         .example = "{group: G20, attendance: 0.9}"}

#endif
