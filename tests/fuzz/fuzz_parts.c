/* A part of a run (docs/output-format.md, "Parts") that somebody has changed and sealed. */
#include "engine/engine.h"
#include "fuzz/template.h"
#include "scenario/scenario.h"
#include "store/part.h"

static scenario_t scenario;
static observation_t observation;
static layout_t layout;
static part_t part;
static template_t good;
static fuzz_file_t file;

static void make_part(const char *path) {
    enum { REPLICATES = 3 };
    part_t made = {0};
    result_t result = {0};
    engine_t *engine = NULL;
    part_file_t *out = NULL;
    fuzz_need(!engine_init(&engine, &scenario.model, 1) &&
                  !result_init(&result, &scenario.model, &observation) &&
                  !part_init(&made, &layout, -1, 0, REPLICATES),
              "memory");
    for (uint32_t i = 0; i < REPLICATES; i++)
        for (int v = 0; v < layout.n_variants; v++) {
            engine_run(engine, i, v, 0, NULL, &observation, &result);
            fuzz_need(!part_add(&made, i, v, &result), "memory");
        }
    fuzz_need(!part_file_create(&out, path, "an identity", NULL) && !part_file_add(out, &made, NULL) &&
                  !part_file_finish(out, NULL),
              "a part is written");
    part_free(&made);
    result_free(&result);
    engine_free(engine);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    static const int variants[] = {0, 1};
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    fuzz_need(!scenario_read(&scenario, ENTENTE_SOURCE_DIR "/tests/fuzz/parameters.yaml", &diagnostics),
              "the scenario is valid");
    diagnostics_free(&diagnostics);
    fuzz_need(!observation_init(&observation, &scenario.model), "memory");
    layout = (layout_t){.model = &scenario.model,
                        .observation = &observation,
                        .seed = 1,
                        .n_variants = 2,
                        .variants = variants,
                        .trajectories = true,
                        .events = true,
                        .chunk_replicates = 4,
                        .strength = rounding_absolute(1e-3),
                        .trade = rounding_relative(1e-3)};
    char folder[] = "/tmp/fuzz-parts-XXXXXX", path[64];
    fuzz_need(mkdtemp(folder) != NULL, "a folder");
    snprintf(path, sizeof path, "%s/part", folder);
    make_part(path);
    template_read(&good, path);
    unlink(path);
    rmdir(folder);
    fuzz_file_init(&file, "part");
    fuzz_need(!part_init_packed(&part, &layout, 4), "memory");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    part_file_t *in;
    fault_t err = {0};
    template_change(&good, bytes, n, &file);
    int ret = part_file_open(&in, file.path, &err);
    if (!ret) ret = part_file_next(in, &part, &err);
    fuzz_need(ret == 0 || *err.text, "a refused part is explained");
    part_file_close(in);
    return 0;
}
