/* The inside of an open file, shared by the store's own files. */
#ifndef ENTENTE_STORE_STORE_FILE_H
#define ENTENTE_STORE_STORE_FILE_H

#include "model/metrics.h"
#include "store/file/store_pack.h"
#include "store/store.h"
#include "store/store_catalogue.h"

/* An array of one text field of an array of structs. */
#define NAMES_OF(array, n, field, out)                                  \
    do {                                                                \
        for (int i_ = 0; i_ < (n); i_++) (out)[i_] = (array)[i_].field; \
    } while (0)

#define X(name, type, ...) COLUMN_##name,
enum { LOG_COLUMNS(X) COLUMN_N };
#undef X

extern const char *const schema_trajectory_names[TRAJECTORY_N]; /* "strength", ... */
extern const char *const column_names[COLUMN_N];
extern const char *const tally_names[TALLY_N]; /* "strength", "trade" */

struct store {
    char *path;
    sealed_t *disk;
    hid_t file;            /* -1 when closed */
    catalogue_t catalogue; /* of a file that is read */
    bool has_point;
    uint32_t n_replicates, chunk_replicates;
    /* What follows, of a file that is written. */
    const layout_t *layout; /* borrowed until store_finish */
    packer_t *packer;
    hid_t events, values[VALUE_N], trajectories[TRAJECTORY_N], columns[COLUMN_N], metrics[METRIC_N], offset,
        count;                                /* open, so that chunks stay in the cache; -1 */
    int64_t n_events;                         /* rows so far, */
    int64_t n_held;                           /* of these the last ones, in `held`: less than a chunk */
    void *held[COLUMN_N], *packing[COLUMN_N]; /* the chunk before it, which is being packed */
};

store_t *store_new(const char *path);

enum {
    DIM_POINT_BIT = 1,
    DIM_VARIANT_BIT = 2,
    DIM_REPLICATE_BIT = 4,
    DIM_TIME_BIT = 8, /* time, tie, flow */
    DIM_QUANTITY_BIT = 16,
    DIM_NAMES_BIT = 32, /* metric_time, kind, actor, group, sector, parameter */
    DIM_ALL_BITS = 63
};
int schema_describe_time(hid_t dataset, const model_t *model, fault_t *err); /* units and calendar */
/* Makes those dimensions in `group` (a group does not see its parent's coordinates in xarray). */
int schema_dimensions(hid_t group, const layout_t *layout, uint32_t n_replicates, unsigned which,
                      fault_t *err);
/* Number of the layout's metrics; the n-th one's name in the file and the columns it has. */
int schema_metrics(const layout_t *layout);
const metric_t *schema_metric(const layout_t *layout, int n, char name[64], int *columns);

hid_t schema_type(size_t size, bool is_float); /* of a number, in memory and in the file */
#define CHUNK_EVENTS 65536                     /* rows of the event log a chunk */
hid_t column_type(int column);                 /* of the log, in memory and in the file */

/* Makes all dimensions and variables of a file and leaves the variables open. */
int store_make(store_t *self, const layout_t *layout, uint32_t n_replicates, fault_t *err);
/* Room for the rows of the event log that do not fill a chunk yet. */
int store_hold_rows(store_t *self, fault_t *err);
/* Writes what is left of the rows and sets the size of the events' dimension. */
int store_end_events(store_t *self, fault_t *err);
int store_close_variables(store_t *self, int ret, fault_t *err); /* `ret`, or an error of closing */

#endif
