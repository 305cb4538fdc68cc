#include "run/plan/parts.h"

#include "base/mem.h"
#include "run/plan/identity.h"
#include "run/plan/parts_folder.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *join(const char *folder, const char *name) {
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = mem_alloc(size, 1);
    if (path) snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static int settle_plan(parts_t *self, const plan_t *plan, bool shared, bool restart, fault_t *err) {
    char *there = NULL, what[700];
    int ret = 0;
    TRY(parts_folder_read(self, PARTS_PLAN, &there, err));
    if (there && identity_differences(there, plan->text, plan->request.scenario, what, sizeof what)) {
        if (!restart) {
            ret = error_set(err, ERR_DATA,
                            "%s holds parts of another run (%s); continue that run with its own command, or "
                            "start over with --restart",
                            self->folder, what);
            goto out;
        }
    }
    if (there && restart) TRY(parts_folder_clear(self, PARTS_ALL, err));
    if (!shared) TRY(parts_folder_clear(self, PARTS_TEMPORARY, err));
    if (!there || restart) TRY(parts_folder_write(self, PARTS_PLAN, plan->text, err));
out:
    mem_free(there);
    return ret;
}

static int open_for(parts_t *self, const char *out_path, const plan_t *plan, bool shared, bool restart,
                    fault_t *err) {
    int ret = 0;
    TRY(parts_folder_open(self, out_path, shared, err));
    TRY(settle_plan(self, plan, shared, restart, err));
out:
    if (ret) parts_close(self);
    return ret;
}

int parts_open(parts_t *self, const char *out_path, const plan_t *plan, bool restart, fault_t *err) {
    return open_for(self, out_path, plan, false, restart, err);
}

int parts_join(parts_t *self, const char *out_path, const plan_t *plan, fault_t *err) {
    return open_for(self, out_path, plan, true, false, err);
}

int parts_keep_recipe(const parts_t *self, const char *recipe, fault_t *err) {
    return parts_folder_write(self, PARTS_RECIPE, recipe, err);
}

int parts_read_recipe(const char *out_path, char **recipe, fault_t *err) {
    parts_t parts;
    bool there;
    *recipe = NULL;
    int ret = parts_folder_look(&parts, out_path, &there, err);
    if (!ret && there) ret = parts_folder_read(&parts, PARTS_RECIPE, recipe, err);
    parts_close(&parts);
    return ret;
}

int parts_remove(parts_t *self, fault_t *err) {
    int ret = parts_folder_clear(self, PARTS_ALL, err);
    if (!ret) ret = parts_folder_remove(self, err);
    parts_close(self);
    return ret;
}

int parts_remove_stale(const char *out_path, const plan_t *plan, uint32_t n_replicates, fault_t *err) {
    parts_t parts;
    bool there, beyond = false;
    int ret = parts_folder_look(&parts, out_path, &there, NULL);
    parts_close(&parts);
    if (ret || !there || parts_open(&parts, out_path, plan, false, NULL)) return 0;
    TRY(parts_folder_goes_beyond(&parts, n_replicates, &beyond, err));
    if (!beyond) return parts_remove(&parts, err);
out:
    parts_close(&parts);
    return ret;
}

void parts_remove_bare(const char *out_path) {
    parts_t parts;
    bool there, beyond = true;
    int ret = parts_folder_look(&parts, out_path, &there, NULL);
    parts_close(&parts);
    if (ret || !there) return;
    ret = parts_folder_open(&parts, out_path, false, NULL);
    if (!ret) ret = parts_folder_goes_beyond(&parts, 0, &beyond, NULL);
    if (!ret && !beyond)
        parts_remove(&parts, NULL);
    else
        parts_close(&parts);
}

char *parts_path(const parts_t *self, const plan_t *plan, int index) {
    char name[80], identity[HASH_SIZE];
    block_t block = plan_block(plan, index);
    plan_block_identity(plan, &block, identity);
    snprintf(name, sizeof name, PARTS_NAME, block.point < 0 ? 0 : block.point, block.first,
             block.first + block.n, identity);
    return join(self->folder, name);
}

/* Missing or damaged parts are simulated again; a read error of the system or a lack of memory is a
 * different error. */
static int refuse_block(const char *path, int ret, const fault_t *own, fault_t *err) {
    if (ret == ERR_IO || ret == ERR_NOMEM) return error_set(err, ret, "%s: %s", path, own->text);
    return error_set(err, ERR_DATA, "%s: missing or damaged (%s)", path, own->text);
}

static int open_block(const char *path, const char *identity, part_file_t **out, fault_t *err) {
    int ret = part_file_open(out, path, err);
    if (ret || !strcmp(part_file_identity(*out), identity)) return ret;
    return error_set(err, ERR_DATA, "it belongs to another run");
}

static int next_point(part_file_t *file, const block_t *block, int p, part_t *part, fault_t *err) {
    int ret = part_file_next(file, part, err);
    if (ret || (part->point == block->point + p && part->first == block->first && part->n == block->n))
        return ret;
    return error_set(err, ERR_DATA, "it holds other replicates");
}

int parts_read_block(const parts_t *self, const plan_t *plan, int index, part_t *part, parts_take_t take,
                     void *context, fault_t *err) {
    block_t block = plan_block(plan, index);
    fault_t own = {0};
    part_file_t *file = NULL;
    char identity[HASH_SIZE], *path = parts_path(self, plan, index);
    if (!path) return error_memory(err);
    plan_block_identity(plan, &block, identity);
    int ret = open_block(path, identity, &file, &own);
    if (ret) ret = refuse_block(path, ret, &own, err);
    for (int p = 0; p < block.n_points && !ret; p++) {
        ret = next_point(file, &block, p, part, &own);
        if (ret)
            ret = refuse_block(path, ret, &own, err);
        else if (take)
            ret = take(context, part, err);
    }
    part_file_close(file);
    mem_free(path);
    return ret;
}

bool parts_has(const parts_t *self, const plan_t *plan, int index) {
    char *path = parts_path(self, plan, index);
    bool there = path && !access(path, F_OK);
    mem_free(path);
    return there;
}

char *parts_result_path(const parts_t *self) {
    return join(self->folder, PARTS_RESULT);
}
