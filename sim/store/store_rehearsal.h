/* Reads an output file once in a separate process.
 *
 * The seal protects against accidents only: a manipulated file can have a valid seal, and libhdf5 crashes or
 * never ends on some bytes. In a child process with limits of time and memory this is an error like any
 * other. */
#ifndef ENTENTE_IO_STORE_REHEARSAL_H
#define ENTENTE_IO_STORE_REHEARSAL_H

#include "store/store_file.h"

/* The first part of opening, and all that follows pointers in the file: every text, the place of every
 * chunk. `open` opens and validates as the caller is going to. 0, its errors, ERR_DATA if the child does not
 * end by itself, ERR_NOMEM if it cannot be started. */
int store_rehearse(store_t *self, int (*open)(store_t *self, fault_t *err), fault_t *err);

#endif
