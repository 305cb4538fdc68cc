/* Attributes of an HDF5 object (store/file/store_hdf.h). */
#include "store/file/store_hdf.h"

#include "base/mem.h"
#include <string.h>

int hdf_attr_array(hid_t object, const char *name, hid_t type, size_t n, const void *values, fault_t *err) {
    int ret = 0;
    hsize_t size = n;
    hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, NULL);
    hid_t attr = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attr < 0 || H5Awrite(attr, type, values) < 0) ret = hdf_fault(err, "attribute %s", name);
    ret = hdf_close(attr, ret, err);
    return hdf_close(space, ret, err);
}

int hdf_attr_text(hid_t object, const char *name, const char *text, fault_t *err) {
    if (!text) return 0;
    size_t length = strlen(text);
    hid_t type = hdf_text_type(length ? length : 1);
    if (type < 0) return hdf_fault(err, "attribute %s", name);
    return hdf_close(type, hdf_attr_array(object, name, type, 1, text, err), err);
}

int hdf_attr_double(hid_t object, const char *name, double value, fault_t *err) {
    return hdf_attr_array(object, name, H5T_NATIVE_DOUBLE, 1, &value, err);
}

int hdf_attr_int(hid_t object, const char *name, int64_t value, fault_t *err) {
    return hdf_attr_array(object, name, H5T_NATIVE_INT64, 1, &value, err);
}

/* An attribute of one value, open with its type; negative if it is not there. */
static int open_attr(hid_t object, const char *name, hid_t *attr, hid_t *type, fault_t *err) {
    *attr = *type = -1;
    htri_t there = H5Aexists(object, name);
    if (!there) return 0;
    if (there < 0 || (*attr = H5Aopen(object, name, H5P_DEFAULT)) < 0 || (*type = H5Aget_type(*attr)) < 0)
        return hdf_fault_read(err, "reading attribute %s", name);
    hid_t space = H5Aget_space(*attr);
    hssize_t n = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    int ret = n < 0 ? hdf_fault_read(err, "reading attribute %s", name)
              : n != 1
                  ? error_set(err, ERR_DATA, "attribute %s: %lld values instead of one", name, (long long)n)
                  : 0;
    return hdf_close(space, ret, err);
}

int hdf_read_attr_text(hid_t object, const char *name, char **text, fault_t *err) {
    hid_t attr, type;
    *text = NULL;
    int ret = open_attr(object, name, &attr, &type, err);
    if (!ret && attr >= 0) {
        htri_t variable = H5Tget_class(type) == H5T_STRING ? H5Tis_variable_str(type) : 1;
        size_t size = variable ? 0 : H5Tget_size(type);
        if (variable)
            ret = error_set(err, ERR_DATA, "attribute %s: is not a text", name);
        else if (!(*text = mem_alloc(size + 1, 1)))
            ret = error_memory(err);
        else if (H5Aread(attr, type, *text) < 0)
            ret = hdf_fault_read(err, "reading attribute %s", name);
    }
    ret = hdf_close(attr, hdf_close(type, ret, err), err);
    if (!ret) return 0;
    mem_free(*text);
    *text = NULL;
    return ret;
}

int hdf_read_attr(hid_t object, const char *name, hid_t type, void *value, bool *there, fault_t *err) {
    hid_t attr, own;
    int ret = open_attr(object, name, &attr, &own, err);
    *there = !ret && attr >= 0;
    if (*there && H5Tequal(own, type) <= 0)
        ret = error_set(err, ERR_DATA, "attribute %s: is of another type", name);
    else if (*there && H5Aread(attr, type, value) < 0)
        ret = hdf_fault_read(err, "reading attribute %s", name);
    return hdf_close(attr, hdf_close(own, ret, err), err);
}
