/* Files with a seal: a change since they were written is detected.
 *
 * Writing: every call is checked, and the first failure is stored (sealed_trouble). Later writes go to
 * memory and are read back from there, so that a library that writes through these functions can finish in
 * order: HDF5 does not survive a failed write. Therefore check after each piece of work, and stop.
 *
 * The seal follows the content (docs/output-format.md, "Seal"): the CRC-32 of every block. Opening a file
 * compares the blocks: all of them if they are few or on request, else those that do not have their own
 * checksum. The seal protects against accidents, not malice: readers must still check values. */
#ifndef ENTENTE_STORE_FILE_SEALED_H
#define ENTENTE_STORE_FILE_SEALED_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEALED_WHOLE_BYTES (64u << 20) /* up to here all blocks are compared whenever a file is opened */

typedef struct sealed sealed_t;

/* Creates a file. An existing file or link of that name is neither followed nor overwritten: ERR_CANTCREATE.
 * ERR_IO (disk full), ERR_NOMEM. */
int sealed_create(sealed_t **self, const char *path, fault_t *err);
void sealed_write(sealed_t *self, uint64_t at, const void *bytes, size_t n);
void sealed_resize(sealed_t *self, uint64_t size);
/* Declares that these bytes have their own checksum, which every reader checks (compressed chunks).
 * */
void sealed_own_checksum(sealed_t *self, uint64_t at, uint64_t n);
/* Seals, makes durable (fsync) and closes; after any trouble ERR_IO, and the file is removed. Frees. */
int sealed_finish(sealed_t *self, fault_t *err);

/* For reading; `how` is of these bits. ERR_NOINPUT if it cannot be opened or bears no seal, ERR_LOCKED if
 * another program has it open for writing (as far as the file system can tell), ERR_DAMAGED if it is not as
 * it was written, ERR_IO if the system cannot read it, ERR_NOMEM. */
enum { SEALED_WHOLE = 1 /* all blocks are compared */, SEALED_NO_LINK = 2 /* a link is ERR_NOINPUT */ };
int sealed_open(sealed_t **self, const char *path, unsigned how, fault_t *err);
/* What lies beyond the end is zero, as in any file with a hole. 0 or -1. */
int sealed_read(sealed_t *self, uint64_t at, void *bytes, size_t n);

uint64_t sealed_size(const sealed_t *self); /* of the content */
/* 0 if every call so far has succeeded, else ERR_IO with the call that failed. */
int sealed_trouble(const sealed_t *self, fault_t *err);
/* Closes; a file that was being written is removed. NULL is fine. */
void sealed_close(sealed_t *self);

/* Makes a rename in the folder of `path` durable. ERR_IO. */
int sealed_sync_folder(const char *path, fault_t *err);

#endif
