/* HDF5 in few words, for the store's own files only: no other header of the program knows hdf5.h.
 *
 * Every failed call is turned into a fault_t with the text of HDF5's error stack. A full disk shows in
 * that stack only (an errno in a driver's message), and only when a flush is asked for: closing a file
 * that could not be written succeeds. So writers end with hdf_close_written, which flushes and checks.
 *
 * Dimensions follow netCDF-4: a dimension is a 1-D dataset of its name in the group (a "scale"), and each
 * axis of a variable is attached to one. Variables are made by naming their dimensions. */
#ifndef ENTENTE_IO_STORE_HDF_H
#define ENTENTE_IO_STORE_HDF_H

#include "base/error.h"
#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HDF_MAX_RANK 6

/* Fills `err` from HDF5's error stack and clears it: "what: ...: reason". ERR_IO. */
int hdf_fault(fault_t *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same of a file that is read: ERR_DATA, unless the system says that it cannot (ERR_IO). */
int hdf_fault_read(fault_t *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Quiet, no automatic printing of errors; to be called before other calls of a process. */
void hdf_init(void);

/* Truncates; negative on failure (ERR_CANTCREATE). A sealed file begins with a block that is not HDF5's, for
 * a checksum of all that follows. */
hid_t hdf_create(const char *path, bool sealed, fault_t *err);
hid_t hdf_open(const char *path, fault_t *err); /* read only; negative on failure (ERR_NOINPUT) */
bool hdf_is_locked(const char *path);           /* some program has it open for writing */
/* Flushes, checks, closes, seals, and makes the file durable (fsync). 0 or ERR_IO. */
int hdf_close_written(hid_t file, const char *path, bool sealed, fault_t *err);
/* Whether a sealed file has the bytes that were written; 0 or ERR_DATA, also if it cannot be read. */
int hdf_check_seal(const char *path, fault_t *err);

hid_t hdf_group(hid_t parent, const char *name, fault_t *err); /* makes it, with creation order */
bool hdf_has(hid_t parent, const char *name);

/* ---- attributes ---- */
int hdf_attr_text(hid_t object, const char *name, const char *text, fault_t *err);
int hdf_attr_double(hid_t object, const char *name, double value, fault_t *err);
int hdf_attr_int(hid_t object, const char *name, int64_t value, fault_t *err);
int hdf_attr_array(hid_t object, const char *name, hid_t type, size_t n, const void *values, fault_t *err);
/* Reading: false when it is not there or of another type. The text is mem_alloc'ed. */
char *hdf_read_attr_text(hid_t object, const char *name);
bool hdf_read_attr_double(hid_t object, const char *name, double *value);
bool hdf_read_attr_int(hid_t object, const char *name, int64_t *value);

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
size_t hdf_scale_size(hid_t group, const char *name); /* 0 when there is none */

/* ---- variables ---- */
typedef struct {
    const char *name;
    const char *dims;            /* names in their order, parted by blanks: "variant replicate quantity" */
    hid_t type;                  /* in the file */
    hsize_t chunk[HDF_MAX_RANK]; /* 0: whole axis (of a growing one at most 65536) */
    bool plain;                  /* no compression */
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
/* A 1-D dataset of texts: *n and a mem_alloc'ed array of mem_alloc'ed texts (hdf_free_texts). */
int hdf_read_texts(hid_t group, const char *name, size_t *n, char ***texts, fault_t *err);
void hdf_free_texts(size_t n, char **texts);
int hdf_write_texts(hid_t group, const char *name, const char *dim, const char *const *texts,
                    const char *long_name, fault_t *err);
/* A scalar text as a dataset (attributes hold 64 KiB at most). */
int hdf_write_text(hid_t group, const char *name, const char *text, fault_t *err);

#endif
