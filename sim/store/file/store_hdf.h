/* A short interface to HDF5, for the store's files only: no other header of the program includes hdf5.h.
 *
 * Every failed call becomes a fault_t with the text of HDF5's error stack; no failure counts as a missing
 * object. HDF5 does not report failed writes: the driver below it stores them (store/file/store_driver.h),
 * and hdf_close_written checks.
 *
 * Dimensions follow netCDF-4: a dimension is a 1-D dataset of its name in the group (a "scale"), and each
 * axis of a variable is attached to one. Variables are made by naming their dimensions. */
#ifndef ENTENTE_STORE_FILE_STORE_HDF_H
#define ENTENTE_STORE_FILE_STORE_HDF_H

#include "base/error.h"
#include "store/file/sealed.h"
#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HDF_MAX_RANK 6

/* Fills `err` from HDF5's error stack and clears it: "what: ...: reason". ERR_IO. */
int hdf_fault(fault_t *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same of a dataset that could not be written. */
int hdf_fault_write(hid_t dataset, fault_t *err);
/* The same of a file that is read: ERR_DATA, unless the system says that it cannot (ERR_IO). */
int hdf_fault_read(fault_t *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Quiet, no automatic printing of errors, nothing done at exit; to be called before other calls of a process.
 */
void hdf_init(void);

/* In a file just created, or one whose seal was checked; `path` for messages. Negative on failure:
 * ERR_CANTCREATE or ERR_IO; ERR_NOINPUT or ERR_IO. */
hid_t hdf_create(sealed_t *disk, const char *path, fault_t *err);
hid_t hdf_open(sealed_t *disk, const char *path, fault_t *err); /* read only */
/* Flushes and closes; the file is still to be sealed. 0 or ERR_IO. */
int hdf_close_written(hid_t file, sealed_t *disk, const char *path, fault_t *err);

/* Lets go of whatever it is (negative: of nothing): `ret`, or an error if that fails. */
int hdf_close(hid_t id, int ret, fault_t *err);

hid_t hdf_group(hid_t parent, const char *name, fault_t *err); /* makes it, with creation order */

/* A type of UTF-8 text of that size or H5T_VARIABLE, negative on failure. The caller closes it. */
hid_t hdf_text_type(size_t size);

/* ---- attributes (store_attr.c) ---- */
int hdf_attr_text(hid_t object, const char *name, const char *text, fault_t *err);
int hdf_attr_double(hid_t object, const char *name, double value, fault_t *err);
int hdf_attr_int(hid_t object, const char *name, int64_t value, fault_t *err);
int hdf_attr_array(hid_t object, const char *name, hid_t type, size_t n, const void *values, fault_t *err);
/* Reading one value: *there tells whether it is there; ERR_DATA if it is of another type or several. The text
 * is mem_alloc'ed. */
int hdf_read_attr_text(hid_t object, const char *name, char **text, fault_t *err); /* not there: NULL */
int hdf_read_attr(hid_t object, const char *name, hid_t type, void *value, bool *there, fault_t *err);

/* ---- dimensions ---- */
/* A dimension with names for coordinates (n > 0). */
int hdf_scale_names(hid_t group, const char *name, size_t n, const char *const *names, const char *long_name,
                    fault_t *err);
/* A dimension with numbers. `growing`: its variables may be extended (HDF5's unlimited). Returns the open
 * dataset (for more attributes; the caller closes) or negative. */
hid_t hdf_scale_numbers(hid_t group, const char *name, hid_t type, size_t n, bool growing, const void *values,
                        const char *long_name, fault_t *err);
/* A dimension without coordinates, growing. `stored`: its zeros are written (and compress to nothing), since
 * h5diff cannot compare what has no storage. */
int hdf_scale_plain(hid_t group, const char *name, size_t n, bool stored, fault_t *err);

/* ---- variables ---- */
typedef struct {
    const char *name;
    const char *dims;            /* names in their order, parted by blanks: "variant replicate quantity" */
    hid_t type;                  /* in the file */
    hsize_t chunk[HDF_MAX_RANK]; /* 0: whole axis (of a growing one at most 65536) */
    bool shuffle;
    const char *long_name, *units; /* may be NULL */
} variable_t;

/* Makes it in `group`, scales attached, NaN as fill value of floats. The open dataset or negative. */
hid_t hdf_variable(hid_t group, const variable_t *variable, fault_t *err);
int hdf_variable_write(hid_t group, const variable_t *variable, hid_t memory_type, const void *values,
                       fault_t *err);

/* Writes / reads the box [start, start + count) of a dataset, densely packed in memory. */
int hdf_write_box(hid_t dataset, hid_t memory_type, const hsize_t *start, const hsize_t *count,
                  const void *values, fault_t *err);
int hdf_read_box(hid_t dataset, hid_t memory_type, const hsize_t *start, const hsize_t *count, void *values,
                 fault_t *err);
/* Reads a whole dataset of known size. */
int hdf_read_all(hid_t group, const char *name, hid_t memory_type, size_t n, void *values, fault_t *err);
/* A dataset of n texts: a mem_alloc'ed array of mem_alloc'ed texts (hdf_free_texts). ERR_DATA if there are
 * more or fewer, or one is not UTF-8. */
int hdf_read_texts(hid_t group, const char *name, size_t n, char ***texts, fault_t *err);
void hdf_free_texts(size_t n, char **texts);
/* n texts along the dimension `dim`. */
int hdf_write_texts(hid_t group, const char *name, const char *dim, size_t n, const char *const *texts,
                    const char *long_name, fault_t *err);
/* The dimension's labels: what the scenario calls some of the n names of a dimension ("" or NULL, which
 * becomes "": the others); without any, nothing. */
int hdf_write_labels(hid_t group, const char *dim, size_t n, const char **labels, fault_t *err);
/* A scalar text as a dataset (attributes hold 64 KiB at most). */
int hdf_write_text(hid_t group, const char *name, const char *text, fault_t *err);

/* ---- what is in a file ---- */
typedef struct {
    bool there, group; /* a group, else a dataset */
    hid_t type;        /* of the dataset, to be closed, else -1 */
    int rank;
    hsize_t size[HDF_MAX_RANK];
} object_t;

/* Checks one object: no link leads out of the file, it is not larger than its bytes allow, and it has no
 * other filters than the program's; else ERR_DATA. */
int hdf_look(hid_t file, const char *path, uint64_t file_bytes, object_t *out, fault_t *err);

#endif
