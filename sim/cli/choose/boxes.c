#include "cli/choose/boxes.h"

#include "cli/tables/quantity_table.h"
#include <math.h>

void box_print_limits(const states_t *states, const box_found_t *box, FILE *out) {
    for (size_t a = 0; a < states->n_axes; a++) {
        const box_limits_t *limits = &box->limits[a];
        if (isnan(limits->low) && isnan(limits->high)) continue;
        fprintf(out, "    %s ", states->axes[a]);
        if (isnan(limits->high))
            fprintf(out, "above %.4g\n", limits->low);
        else if (isnan(limits->low))
            fprintf(out, "below %.4g\n", limits->high);
        else
            fprintf(out, "from %.4g to %.4g\n", limits->low, limits->high);
    }
}

json_t *box_limits_json(const states_t *states, const box_found_t *box) {
    json_t *list = json_object();
    for (size_t a = 0; a < states->n_axes; a++) {
        const box_limits_t *limits = &box->limits[a];
        if (!isnan(limits->low) || !isnan(limits->high))
            json_object_set_new(
                list, states->axes[a],
                json_pack("{s:o s:o}", "low", json_number(limits->low), "high", json_number(limits->high)));
    }
    return list;
}
