/* The objects of an output file: listed once, when it is opened, and compared with the specification in
 * docs/output-format.md. Later readers rely on it: every listed object has the specified type and
 * sizes, and an object that is not listed does not exist, as opposed to a failed read.
 */
#ifndef ENTENTE_STORE_STORE_CATALOGUE_H
#define ENTENTE_STORE_STORE_CATALOGUE_H

#include "store/file/store_hdf.h"

#define CATALOGUE_MOST_DAYS 4e6 /* from the start, to and fro: some ten thousand years */

typedef struct {
    bool there;
    int rank;
    hsize_t size[HDF_MAX_RANK];
} entry_t;

typedef struct {
    bool there;
    char *text; /* of a text, else NULL */
    double number;
    uint64_t whole; /* of an integer */
} attribute_t;

typedef struct {
    entry_t *objects;        /* one for each object specified */
    attribute_t *attributes; /* one for each attribute that is read */
} catalogue_t;

/* ERR_DATA with what is wrong: another format, a thing missing, of another type or size. Free it in any case.
 */
int catalogue_read(catalogue_t *self, hid_t file, uint64_t file_bytes, fault_t *err);
void catalogue_free(catalogue_t *self); /* safe on a zeroed one */

/* NULL when it is not there, or not specified. */
const entry_t *catalogue_object(const catalogue_t *self, const char *path);
const attribute_t *catalogue_attribute(const catalogue_t *self, const char *group, const char *name);
/* The paths of the datasets specified, one after another; NULL behind the last. */
const char *catalogue_dataset(size_t n);
bool catalogue_is_text(const char *path); /* of an object of the specification */

#endif
