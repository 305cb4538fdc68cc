#include "store/file/store_pack.h"

#include "base/mem.h"

_Static_assert(sizeof(hsize_t) == sizeof(uint64_t) && GRID_MOST_RANK == HDF_MAX_RANK, "places are passed on");

bool store_grid(hid_t dataset, grid_t *grid, bool *packed) {
    *grid = (grid_t){0};
    hsize_t size[HDF_MAX_RANK] = {0}, chunk[HDF_MAX_RANK] = {0};
    hid_t plist = H5Dget_create_plist(dataset), space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    int filters = plist < 0 ? -1 : H5Pget_nfilters(plist);
    grid->item = type < 0 ? 0 : H5Tget_size(type);
    grid->rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    bool good = filters >= 0 && grid->item && grid->rank >= 0 && grid->rank <= HDF_MAX_RANK &&
                H5Sget_simple_extent_dims(space, size, NULL) >= 0;
    *packed = good && filters > 0 && H5Pget_layout(plist) == H5D_CHUNKED;
    if (*packed) good = H5Pget_chunk(plist, HDF_MAX_RANK, chunk) == grid->rank;
    grid->shuffle = filters > 1; /* then gzip */
    for (int d = 0; d < grid->rank && good; d++) {
        grid->size[d] = size[d];
        grid->chunk[d] = chunk[d];
    }
    good &= hdf_close(type, 0, NULL) == 0;
    good &= hdf_close(space, 0, NULL) == 0;
    good &= hdf_close(plist, 0, NULL) == 0;
    return good;
}

static int write_chunk(void *context, const uint64_t *at, const void *packed, size_t n, fault_t *err) {
    hsize_t place[HDF_MAX_RANK];
    for (int d = 0; d < HDF_MAX_RANK; d++) place[d] = at[d];
    hid_t dataset = *(hid_t *)context;
    return H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, place, n, packed) < 0 ? hdf_fault_write(dataset, err) : 0;
}

int packer_start_rows(packer_t *self, size_t n, hid_t *datasets, const void *const *values, hsize_t at,
                      fault_t *err) {
    int ret = 0;
    pack_job_t *jobs = mem_alloc(n, sizeof *jobs);
    if (!jobs) return error_memory(err);
    for (size_t i = 0; i < n; i++) {
        grid_t grid;
        bool packed;
        if (!store_grid(datasets[i], &grid, &packed)) {
            ret = hdf_fault_write(datasets[i], err);
            goto out;
        }
        jobs[i] = (pack_job_t){.at = at,
                               .values = values[i],
                               .bytes = grid_chunk_bytes(&grid),
                               .item = grid.item,
                               .shuffle = grid.shuffle,
                               .sink = write_chunk,
                               .context = &datasets[i]};
    }
    ret = packer_start(self, n, jobs, err);
out:
    mem_free(jobs);
    return ret;
}

int packer_write_all(packer_t *self, hid_t dataset, const void *values, fault_t *err) {
    grid_t grid;
    bool packed;
    if (!store_grid(dataset, &grid, &packed)) return hdf_fault_write(dataset, err);
    if (packed) return packer_pack(self, &grid, values, write_chunk, &dataset, err);
    if (!grid_bytes(&grid)) return 0;
    hid_t type = H5Dget_type(dataset);
    int ret = H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0
                  ? hdf_fault_write(dataset, err)
                  : 0;
    return hdf_close(type, ret, err);
}
