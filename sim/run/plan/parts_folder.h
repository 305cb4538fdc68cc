/* OUT.h5.parts on the disk: its owner, its lock, its texts, and the files that may be removed.
 *
 * A folder is accepted if this process has made it, or if it belongs to the user and contains the plan of a
 * run, or only files that a run leaves if it is killed before it has written its plan. Any other folder is
 * rejected with a list of its contents, and not changed. No link is followed, neither to the folder nor in
 * it. Only files with the program's names are removed; the plan is the last of them, so that the rest of an
 * interrupted removal is still recognised. */
#ifndef ENTENTE_RUN_PARTS_FOLDER_H
#define ENTENTE_RUN_PARTS_FOLDER_H

#include "run/plan/parts.h"

#define PARTS_PLAN "plan"
#define PARTS_RECIPE "recipe"
#define PARTS_RESULT "result.tmp"
#define PARTS_NAME "p%d-r%u-%u-%.16s.part" /* point, replicates, identity */

typedef enum { PARTS_TEMPORARY, PARTS_ALL } parts_which_t;

/* Makes it if need be, and locks it (parts_open). ERR_CANTCREATE, ERR_IO, ERR_NOMEM. parts_close in any case.
 */
int parts_folder_open(parts_t *self, const char *out_path, bool shared, fault_t *err);
/* Opens one that is there, without its lock. */
int parts_folder_look(parts_t *self, const char *out_path, bool *there, fault_t *err);

/* The whole of a text in it; mem_free. NULL if there is none, which is no error. */
int parts_folder_read(const parts_t *self, const char *name, char **text, fault_t *err);
int parts_folder_write(const parts_t *self, const char *name, const char *text, fault_t *err);

/* Removes the temporary files, or all of ours but the lock. */
int parts_folder_clear(const parts_t *self, parts_which_t which, fault_t *err);
/* Removes the lock, and the folder if nothing else is in it. */
int parts_folder_remove(const parts_t *self, fault_t *err);
/* Whether the file of a block goes beyond replicate n. */
int parts_folder_goes_beyond(const parts_t *self, uint32_t n, bool *beyond, fault_t *err);

#endif
