/* What --set, --param and --keep are told, of a scenario with uncertain parameters. The first byte says
 * which. */
#include "cli/sweep/sweep.h"
#include "fuzz/fuzz.h"

static scenario_t scenario;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    fuzz_need(!scenario_read(&scenario, ENTENTE_SOURCE_DIR "/tests/fuzz/parameters.yaml", &diagnostics),
              "the scenario is valid");
    diagnostics_free(&diagnostics);
    return 0;
}

static void need_allowed(int param, double value) {
    const param_t *p = &scenario.model.params[param];
    fuzz_need(value >= p->low && value <= p->high, "a parameter's value is allowed");
}

static void set(char *text) {
    setting_t setting;
    fault_t err = {0};
    char *value = strchr(text, '=');
    if (!value) return;
    *value++ = '\0';
    if (scenario_set(&scenario, text, value, &setting, &err))
        fuzz_need(*err.text, "a refused setting is explained");
    else
        need_allowed(setting.param, setting.value);
}

static void sweep(const char *design, texts_t params, texts_t keeps) {
    const sweep_arguments_t arguments = {
        .design = design, .points = 4, .params = params, .keeps = keeps, .common.path = "parameters.yaml"};
    points_t points = {0};
    if (!sweep_points(&arguments, &scenario, 7, &points))
        for (int i = 0; i < points.n_points * points.n_axes; i++)
            need_allowed(points.params[i % points.n_axes], points.values[i]);
    points_free(&points);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const char *const designs[] = {"grid", "random", "latin", "sobol", "saltelli", "morris"};
    const char *axis = "kinds.call.rate.per_year=2:8";
    if (!n) return 0;
    char *text = fuzz_text(bytes + 1, n - 1);
    const char *item = text;
    if (bytes[0] % 3 == 0) set(text);
    if (bytes[0] % 3 == 1) sweep(designs[bytes[0] / 3 % 6], (texts_t){1, &item}, (texts_t){0});
    if (bytes[0] % 3 == 2) sweep("random", (texts_t){1, &axis}, (texts_t){1, &item});
    free(text);
    return 0;
}
