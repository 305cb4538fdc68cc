/* Checks the objects of an untrusted file before they are read. */
#include "store/file/store_hdf.h"

#include <stdio.h>
#include <string.h>

#define MOST_PACKED 1100 /* times as long as it was, after gzip */
#define CHUNK_MOST ((uint64_t)1 << 30)

/* Whether the bytes of a dataset lie in this file, as ours do. */
static bool is_stored_here(hid_t dcpl, uint64_t *most, uint64_t file_bytes, size_t item) {
    hsize_t chunk[HDF_MAX_RANK];
    H5D_layout_t layout = H5Pget_layout(dcpl);
    *most = file_bytes;
    if (layout == H5D_CONTIGUOUS || layout == H5D_COMPACT) return H5Pget_external_count(dcpl) == 0;
    if (layout != H5D_CHUNKED) return false;
    int filters = H5Pget_nfilters(dcpl), rank = H5Pget_chunk(dcpl, HDF_MAX_RANK, chunk);
    if (filters < 0 || rank < 1 || rank > HDF_MAX_RANK) return false;
    for (int f = 0; f < filters; f++) {
        unsigned flags;
        size_t n = 0;
        H5Z_filter_t filter = H5Pget_filter2(dcpl, (unsigned)f, &flags, &n, NULL, 0, NULL, NULL);
        if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_DEFLATE) return false;
    }
    *most = file_bytes * MOST_PACKED;
    uint64_t bytes = item;
    for (int d = 0; d < rank; d++)
        if (!chunk[d] || (bytes *= chunk[d]) > CHUNK_MOST) return false;
    return true;
}

static int look_at_dataset(hid_t dataset, const char *path, uint64_t file_bytes, object_t *out,
                           fault_t *err) {
    hid_t space = H5Dget_space(dataset), dcpl = H5Dget_create_plist(dataset);
    out->type = H5Dget_type(dataset);
    size_t item = out->type < 0 ? 0 : H5Tget_size(out->type);
    int ret = 0;
    uint64_t most = 0, bytes = item;
    out->rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (!item || dcpl < 0 || out->rank < 0 ||
        (out->rank <= HDF_MAX_RANK && H5Sget_simple_extent_dims(space, out->size, NULL) < 0))
        ret = hdf_fault_read(err, "reading %s", path);
    else if (out->rank > HDF_MAX_RANK || H5Sget_simple_extent_type(space) == H5S_NULL ||
             !is_stored_here(dcpl, &most, file_bytes, item))
        ret = error_set(err, ERR_DATA, "%s is stored in a way that is not entente's", path);
    for (int d = 0; d < out->rank && !ret; d++)
        if (out->size[d] > most || (bytes *= out->size[d]) > most)
            ret = error_set(err, ERR_DATA, "%s claims more values than the file can hold", path);
    return hdf_close(dcpl, hdf_close(space, ret, err), err);
}

/* H5Lexists looks at the last link of a path only, and fails if one before it is missing. */
static htri_t exists(hid_t file, const char *path) {
    char part[256];
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        htri_t there = H5Lexists(file, part, H5P_DEFAULT);
        if (there <= 0) return there;
    }
    return H5Lexists(file, path, H5P_DEFAULT);
}

int hdf_look(hid_t file, const char *path, uint64_t file_bytes, object_t *out, fault_t *err) {
    *out = (object_t){.type = -1};
    H5L_info_t link;
    htri_t there = exists(file, path);
    if (!there) return 0;
    if (there < 0 || H5Lget_info(file, path, &link, H5P_DEFAULT) < 0)
        return hdf_fault_read(err, "reading %s", path);
    if (link.type != H5L_TYPE_HARD) return error_set(err, ERR_DATA, "%s is a link", path);
    hid_t object = H5Oopen(file, path, H5P_DEFAULT);
    if (object < 0) return hdf_fault_read(err, "reading %s", path);
    H5I_type_t sort = H5Iget_type(object);
    out->there = true;
    out->group = sort == H5I_GROUP;
    int ret = sort == H5I_GROUP     ? 0
              : sort == H5I_DATASET ? look_at_dataset(object, path, file_bytes, out, err)
                                    : error_set(err, ERR_DATA, "%s is neither a group nor a dataset", path);
    return hdf_close(object, ret, err);
}
