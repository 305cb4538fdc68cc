/* An output file, of a run or a sweep, that somebody has made up with the HDF5 library and sealed: opened,
 * and all of it read that `show`, `run` or `compare` reads, as the first byte says. Then comes a list of
 * changes of four bytes: of which object, what, and two more. The bytes of the file themselves stay such as
 * the library writes, so there is no rehearsal (store_rehearsal.h), in which a process is made for each file.
 */
#include "cli/command.h"
#include "cli/open_scenario.h"
#include "cli/reopen.h"
#include "cli/show/show_output.h"
#include "fuzz/template.h"
#include "store/store_rehearsal.h"
#include <math.h>
#include <sys/wait.h>

enum { MOST_ITEMS = 512, MOST_NUMBERS = 4096, MOST_CHANGES = 6 };
typedef struct {
    char object[128], attribute[64]; /* attribute: "" the object itself */
} item_t;

typedef struct {
    template_t bytes;
    item_t items[MOST_ITEMS];
    int n_items;
} good_t;

static good_t goods[2]; /* of a run, of a sweep */
static fuzz_file_t file;

int __wrap_store_rehearse(store_t *self, int (*open)(store_t *, fault_t *), fault_t *err);
int __wrap_store_rehearse(store_t *self, int (*open)(store_t *, fault_t *), fault_t *err) {
    (void)self, (void)open, (void)err;
    return 0;
}

static hid_t open_image(const template_t *bytes) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, 65536, 0);
    H5Pset_file_image(access, bytes->bytes, bytes->n);
    hid_t in = H5Fopen("image", H5F_ACC_RDWR, access);
    H5Pclose(access);
    return in;
}

static void note(good_t *good, const char *object, const char *attribute) {
    if (good->n_items == MOST_ITEMS) return;
    item_t *item = &good->items[good->n_items++];
    snprintf(item->object, sizeof item->object, "%s", object);
    snprintf(item->attribute, sizeof item->attribute, "%s", attribute);
}

static herr_t on_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data) {
    (void)object, (void)info;
    good_t *good = data;
    char path[sizeof good->items->object]; /* of the object, which was noted last but for its attributes */
    snprintf(path, sizeof path, "%s", good->items[good->n_items - 1].object);
    note(good, path, name);
    return 0;
}

static herr_t on_object(hid_t root, const char *path, const H5O_info_t *info, void *data) {
    (void)info;
    note(data, path, "");
    H5Aiterate_by_name(root, path, H5_INDEX_NAME, H5_ITER_INC, NULL, on_attribute, data, H5P_DEFAULT);
    return 0;
}

static void make_good(good_t *good, const char *folder, int (*command)(int, char **), int n, char **words) {
    char path[64], out[80];
    snprintf(path, sizeof path, "%s/good.h5", folder);
    snprintf(out, sizeof out, "--output=%s", path);
    words[n++] = out;
    pid_t child = fork();
    int status = 0;
    if (!child) _exit(command(n, words));
    fuzz_need(waitpid(child, &status, 0) == child && !status, "a file is made");
    template_read(&good->bytes, path);
    unlink(path);
    hid_t in = open_image(&good->bytes);
    fuzz_need(in >= 0 && H5Ovisit(in, H5_INDEX_NAME, H5_ITER_INC, on_object, good) >= 0, "it can be listed");
    H5Fclose(in);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    static char scenario[] = ENTENTE_SOURCE_DIR "/tests/fuzz/parameters.yaml";
    char *run[8] = {"entente run", scenario, "-q", "-j1"};
    char *sweep[12] = {"entente sweep",
                       scenario,
                       "-q",
                       "-j1",
                       "-n2",
                       "--points=4",
                       "--design=saltelli",
                       "--param=kinds.call.rate.per_year=2:8",
                       "--uncertain"};
    char folder[] = "/tmp/fuzz-results-XXXXXX";
    fuzz_need(mkdtemp(folder) != NULL, "a folder");
    hdf_init();
    H5set_free_list_limits(-1, -1, -1, -1, -1, -1); /* the library keeps its tables from file to file */
    make_good(&goods[0], folder, command_run, 4, run);
    make_good(&goods[1], folder, command_sweep, 8, sweep);
    rmdir(folder);
    fuzz_file_init(&file, "good.h5");
    return 0;
}

/* ---- changes ------------------------------------------------------------------------------------------- */

static const double numbers[] = {0, 1, -1, 2, 3, 1e9, 2147483648.0, 4e18, -4e18, 1e300, NAN, INFINITY, 0.5};
static const char *const texts[] = {"", "x", "\xff\x1b[31m", "a/../b", "%s%n", "2.0", "1.9", "AAA", "days"};
#define ITEM(list, i) (list)[(i) % (sizeof(list) / sizeof *(list))]

/* Close it. */
static hid_t type_of(uint8_t which) {
    hid_t text = H5Tcopy(H5T_C_S1);
    if (which % 9 == 7) H5Tset_size(text, H5T_VARIABLE);
    if (which % 9 == 8) H5Tset_size(text, 5);
    if (which % 9 >= 7) return text;
    H5Tclose(text);
    const hid_t types[] = {H5T_STD_I8LE,  H5T_STD_I16LE,  H5T_STD_I32LE, H5T_STD_I64LE,
                           H5T_STD_U32LE, H5T_IEEE_F32LE, H5T_IEEE_F64BE};
    return H5Tcopy(types[which % 9]);
}

static hid_t space_of(uint8_t which) {
    static const hsize_t sizes[] = {0, 1, 2, 3, 4, 5, 768, (hsize_t)1 << 33};
    int rank = which / 8 % 5;
    hsize_t size[4];
    for (int d = 0; d < 4; d++) size[d] = sizes[(which + (d ? which / 32 : 0)) % 8];
    if (which == 255) return H5Screate(H5S_NULL);
    return rank ? H5Screate_simple(rank, size, NULL) : H5Screate(H5S_SCALAR);
}

static void make(hid_t in, const char *path, uint8_t type, uint8_t shape) {
    hid_t of = type_of(type), space = space_of(shape);
    H5Ldelete(in, path, H5P_DEFAULT);
    H5Dclose(H5Dcreate2(in, path, of, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Tclose(of);
    H5Sclose(space);
}

/* The same type, one axis longer or shorter. */
static void reshape(hid_t in, const char *path, uint8_t axis, uint8_t by) {
    hid_t dataset = H5Dopen2(in, path, H5P_DEFAULT);
    if (dataset < 0) return;
    hsize_t size[32];
    hid_t space = H5Dget_space(dataset), of = H5Dget_type(dataset);
    int rank = H5Sget_simple_extent_dims(space, size, NULL);
    if (rank > 0) {
        size[axis % rank] = size[axis % rank] + by % 8 > 3 ? size[axis % rank] + by % 8 - 3 : 0;
        H5Sset_extent_simple(space, rank, size, NULL);
        H5Ldelete(in, path, H5P_DEFAULT);
        H5Dclose(H5Dcreate2(in, path, of, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    }
    H5Tclose(of);
    H5Sclose(space);
    H5Dclose(dataset);
}

/* Every text, or one number, is another. */
static void fill(hid_t in, const char *path, uint8_t at, uint8_t value) {
    static double held[MOST_NUMBERS];
    static const char *words[MOST_NUMBERS];
    hid_t dataset = H5Dopen2(in, path, H5P_DEFAULT);
    if (dataset < 0) return;
    hid_t space = H5Dget_space(dataset), of = H5Dget_type(dataset);
    hssize_t n = H5Sget_simple_extent_npoints(space);
    if (n > 0 && n <= MOST_NUMBERS && H5Tis_variable_str(of) > 0) {
        for (hssize_t i = 0; i < n; i++) words[i] = ITEM(texts, i % 3 == at % 3 ? value : at);
        H5Dwrite(dataset, of, H5S_ALL, H5S_ALL, H5P_DEFAULT, words);
    } else if (n > 0 && n <= MOST_NUMBERS &&
               H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, held) >= 0) {
        held[at % n] = ITEM(numbers, value);
        H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, held);
    }
    H5Tclose(of);
    H5Sclose(space);
    H5Dclose(dataset);
}

static void set_attribute(hid_t in, const item_t *item, const uint8_t *how) {
    static const uint8_t zeros[8 * 768];
    const char *text = ITEM(texts, how[2]);
    double number = ITEM(numbers, how[2]);
    H5Adelete_by_name(in, item->object, item->attribute, H5P_DEFAULT);
    if (how[1] % 8 == 0) return;
    hid_t of = type_of(how[1] & 1 ? 7 : how[3]),
          space = how[1] & 2 ? space_of(how[2]) : H5Screate(H5S_SCALAR);
    bool one = H5Sget_simple_extent_npoints(space) == 1;
    if (H5Sget_simple_extent_npoints(space) <= 768) {
        hid_t made = H5Acreate_by_name(in, item->object, item->attribute, of, space, H5P_DEFAULT, H5P_DEFAULT,
                                       H5P_DEFAULT);
        if (one && H5Tis_variable_str(of) > 0)
            H5Awrite(made, of, &text);
        else if (one && H5Tget_class(of) != H5T_STRING)
            H5Awrite(made, H5T_NATIVE_DOUBLE, &number);
        else if (H5Tget_size(of) <= 8)
            H5Awrite(made, of, zeros);
        H5Aclose(made);
    }
    H5Sclose(space);
    H5Tclose(of);
}

static void change(const good_t *good, hid_t in, const uint8_t *how) {
    const item_t *item = &good->items[(how[0] | (how[1] & 0xC0) << 2) % good->n_items];
    const char *path = item->object;
    if (*item->attribute) {
        set_attribute(in, item, how);
        return;
    }
    switch (how[1] % 8) {
    case 0:
        H5Ldelete(in, path, H5P_DEFAULT);
        break;
    case 1:
        make(in, path, how[2], how[3]);
        break;
    case 2:
        reshape(in, path, how[2], how[3]);
        break;
    case 3:
        H5Ldelete(in, path, H5P_DEFAULT);
        H5Lcreate_soft(good->items[how[2] % good->n_items].object, in, path, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 4:
        H5Ldelete(in, path, H5P_DEFAULT);
        H5Gclose(H5Gcreate2(in, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        break;
    default:
        fill(in, path, how[2], how[3]);
    }
}

static void reopen(void) {
    const common_t common = {.path = file.path};
    opened_t opened;
    reopened_t made;
    reopen_scenario(&opened, &made, &common);
    opened_close(&opened);
    reopened_free(&made);
}

static void compare(bool swept, bool json) {
    char *words[] = {
        "entente compare",           file.path, json ? "--json" : "s", "s>0.2", "strength:AAA-BBB@2026-02-01",
        "trade:AAA->BBB@2026-02-01", NULL};
    command_compare(swept ? 3 : 6, words);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    if (!n) return 0;
    good_t *good = &goods[bytes[0] >> 2 & 1];
    template_t *out = &good->bytes;
    hid_t in = open_image(out);
    for (size_t i = 1; i + 4 <= n && i < 4 * MOST_CHANGES; i += 4) change(good, in, bytes + i);
    H5Fflush(in, H5F_SCOPE_GLOBAL);
    ssize_t size = H5Fget_file_image(in, NULL, 0);
    bool fits = size > 0 && (size_t)size <= out->room && H5Fget_file_image(in, out->changed, out->room) > 0;
    H5Fclose(in);
    if (!fits) return 0;
    template_put(out, (size_t)size, &file);
    switch (bytes[0] & 3) {
    case 0:
        reopen();
        break;
    case 1:
        show_output(file.path);
        break;
    default:
        compare(good == &goods[1], bytes[0] & 1);
    }
    return 0;
}
