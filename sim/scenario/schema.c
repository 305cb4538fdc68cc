/* Prints the tables of keys in two forms: as JSON Schema for editors, as Markdown for the manual. */
#include "base/mem.h"
#include "model/metrics.h"
#include "scenario/reader.h"
#include "scenario/units.h"
#include <jansson.h>
#include <string.h>

/* Sections met on the way down from the scenario's own, each once, in their order. */
typedef struct {
    const section_t **items;
    int n;
    size_t capacity;
} sections_t;

static int collect(sections_t *self, const section_t *section) {
    int ret = 0;
    if (!section) return 0;
    for (int i = 0; i < self->n; i++)
        if (self->items[i] == section) return 0;
    TRY(ARRAY_RESERVE(self->items, self->n, self->capacity));
    self->items[self->n++] = section;
    for (int f = 0; f < section->n; f++) {
        TRY(collect(self, section->fields[f].keys));
        TRY(collect(self, section->fields[f].section));
        if (section->fields[f].type == &type_predictor) TRY(collect(self, &section_term));
    }
out:
    return ret;
}

/* ---- JSON Schema ------------------------------------------------------------------------------------ */

static json_t *reference_to(const section_t *section) {
    char path[128];
    snprintf(path, sizeof path, "#/definitions/%s", section->name);
    for (char *c = path; *c; c++)
        if (*c == ' ') *c = '_';
    return json_pack("{s:s}", "$ref", path);
}

static json_t *list_of(json_t *item) {
    return json_pack("{s:s, s:o}", "type", "array", "items", item);
}

/* Numbers with units may be texts, which a schema cannot see into. */
static json_t *number_schema(const field_t *field) {
    json_t *number = json_pack("{s:s}", "type", "number");
    if (field->low > -INFINITY && field->low != DBL_MIN)
        json_object_set_new(number, "minimum", json_real(field->low));
    if (field->low == DBL_MIN) json_object_set_new(number, "exclusiveMinimum", json_integer(0));
    if (field->high < INFINITY && field->high > field->low)
        json_object_set_new(number, "maximum", json_real(field->high));
    bool plain =
        field->dimension == DIM_NUMBER || field->dimension == DIM_PROBABILITY || field->dimension == DIM_RATE;
    if (field->type == &type_date ||
        (field->dimension == DIM_DURATION && !(field->flags & FIELD_PLAIN_DAYS))) {
        json_decref(number);
        return json_pack("{s:s}", "type", "string");
    }
    return plain && field->type == &type_number
               ? number
               : json_pack("{s:[o, {s:s}]}", "anyOf", number, "type", "string");
}

static json_t *integer_schema(const field_t *field) {
    return json_pack("{s:s, s:f, s:f}", "type", "integer", "minimum", field->low, "maximum", field->high);
}

static json_t *enum_schema(const field_t *field) {
    json_t *names = json_array();
    for (int i = 0; i < field->n_names; i++)
        if (field->names[i]) json_array_append_new(names, json_string(field->names[i]));
    return json_pack("{s:o}", "enum", names);
}

static json_t *dist_schema(void) {
    json_t *alternatives = json_pack("[{s:s}, {s:s}]", "type", "number", "type", "string");
    for (int k = 0; k < DIST_N; k++) {
        json_t *one = json_pack("{s:s, s:{s:{}}, s:[s], s:b}", "type", "object", "properties",
                                dist_keyword(k), "required", dist_keyword(k), "additionalProperties", 0);
        json_array_append_new(alternatives, one);
    }
    return json_pack("{s:o}", "anyOf", alternatives);
}

static json_t *predictor_schema(void) {
    json_t *properties = json_object();
    for (int s = 0; s < STATISTIC_N; s++) {
        json_t *one =
            json_pack("{s:[o, {s:s, s:o}], s:s}", "anyOf", reference_to(&section_term), "type", "array",
                      "items", reference_to(&section_term), "description", statistics[s].what);
        json_object_set_new(properties, statistics[s].name, one);
    }
    return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties",
                     0);
}

static json_t *section_schema(const section_t *section);

static json_t *map_schema(const field_t *field) {
    json_t *map = field->keys ? section_schema(field->keys) : json_pack("{s:s}", "type", "object");
    json_object_set_new(map, "additionalProperties",
                        json_pack("{s:[o, {s:s}]}", "anyOf", reference_to(field->section), "type", "null"));
    json_object_del(map, "description");
    return map;
}

static json_t *value_schema(const field_t *field) {
    if (field->type == &type_predictor) return predictor_schema();
    switch (field->type->shape) {
    case SHAPE_TEXT:
        return json_pack("{s:[s, s]}", "type", "string", "number");
    case SHAPE_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case SHAPE_INTEGER:
        return integer_schema(field);
    case SHAPE_NUMBER:
        return number_schema(field);
    case SHAPE_ENUM:
        return enum_schema(field);
    case SHAPE_NAME:
        return json_pack("{s:s}", "type", "string");
    case SHAPE_NAMES:
        return json_pack("{s:[{s:s}, o]}", "anyOf", "type", "string",
                         list_of(json_pack("{s:s}", "type", "string")));
    case SHAPE_DIST:
        return dist_schema();
    case SHAPE_SECTION:
        return reference_to(field->section);
    case SHAPE_LIST:
        return list_of(reference_to(field->section));
    case SHAPE_MAP:
        return map_schema(field);
    case SHAPE_OWN:
        return field->type->schema ? json_loads(field->type->schema, 0, NULL) : json_object();
    }
    return json_object();
}

static json_t *section_schema(const section_t *section) {
    json_t *properties = json_object(), *required = json_array();
    for (int f = 0; f < section->n; f++) {
        const field_t *field = &section->fields[f];
        json_t *value = value_schema(field);
        if (!json_object_get(value, "$ref"))
            json_object_set_new(value, "description", json_string(field->what));
        if (field->fallback) json_object_set_new(value, "default", json_string(field->fallback));
        json_object_set_new(properties, field->name, value);
        if (field->flags & FIELD_REQUIRED) json_array_append_new(required, json_string(field->name));
    }
    json_t *schema = json_pack("{s:s, s:s, s:o, s:b}", "type", "object", "description", section->what,
                               "properties", properties, "additionalProperties", 0);
    if (json_array_size(required) > 0)
        json_object_set_new(schema, "required", required);
    else
        json_decref(required);
    return schema;
}

/* A scalar may stand for a mapping with one key of importance; a shared file may hold what is required. */
static json_t *definition(const section_t *section) {
    json_t *schema = section_schema(section);
    if (section == &section_kind || section == &section_condition) json_object_del(schema, "required");
    if (!section->shorthand) return schema;
    return json_pack("{s:[o, {s:[s, s]}]}", "anyOf", schema, "type", "string", "number");
}

/* Keys beside free names are written where they stand, not as a definition. */
static bool is_keys(const sections_t *all, const section_t *section) {
    for (int s = 0; s < all->n; s++)
        for (int f = 0; f < all->items[s]->n; f++)
            if (all->items[s]->fields[f].keys == section) return true;
    return false;
}

int scenario_schema(FILE *out) {
    sections_t sections = {0};
    int ret = collect(&sections, &section_scenario);
    json_t *definitions = json_object();
    for (int s = 1; s < sections.n; s++) {
        if (is_keys(&sections, sections.items[s])) continue;
        char key[128];
        snprintf(key, sizeof key, "%s", sections.items[s]->name);
        for (char *c = key; *c; c++)
            if (*c == ' ') *c = '_';
        json_object_set_new(definitions, key, definition(sections.items[s]));
    }
    json_t *schema = section_schema(&section_scenario);
    json_object_set_new(schema, "$schema", json_string("http://json-schema.org/draft-07/schema#"));
    json_object_set_new(schema, "title", json_string("entente scenario"));
    if (!schema || json_object_set_new(schema, "definitions", definitions)) ret = ERR_NOMEM;
    if (ret == 0) json_dumpf(schema, out, JSON_INDENT(1) | JSON_SORT_KEYS);
    fputc('\n', out);
    json_decref(schema);
    mem_free(sections.items);
    return ret;
}

/* ---- Markdown --------------------------------------------------------------------------------------- */

static void print_anchor(const section_t *section, FILE *out) {
    for (const char *c = section->name; *c; c++)
        if (*c != '.') fputc(*c == ' ' ? '-' : *c, out);
}

static void print_type(const field_t *field, FILE *out) {
    char text[128];
    switch (field->type->shape) {
    case SHAPE_NUMBER:
        if (field->type == &type_number) {
            units_expect(field->dimension, field->low, field->high, text, sizeof text);
            fputs(text, out);
            if (field->flags & FIELD_PLAIN_DAYS) fputs(", or a plain number of days", out);
        } else {
            fputs(field->type->expected, out);
        }
        break;
    case SHAPE_DIST:
        units_expect(field->dimension, field->low, field->high, text, sizeof text);
        fprintf(out, "%s, or a [distribution](#distributions)", text);
        break;
    case SHAPE_INTEGER:
        fprintf(out, "a whole number from %.0f to %.0f", field->low, field->high);
        break;
    case SHAPE_ENUM:
        for (int i = 0, n = 0; i < field->n_names; i++)
            if (field->names[i]) fprintf(out, "%s`%s`", n++ ? ", " : "", field->names[i]);
        break;
    case SHAPE_NAME:
        fprintf(out, "name of %s", catalog_what(field->catalog));
        break;
    case SHAPE_NAMES:
        if (field->catalog == CATALOG_NONE)
            fputs(field->type->expected, out);
        else
            fprintf(out, "one or a list: name of %s", catalog_what(field->catalog));
        break;
    case SHAPE_SECTION:
    case SHAPE_LIST:
    case SHAPE_MAP:
        fprintf(out, "%s[%s](#",
                field->type->shape == SHAPE_LIST  ? "list of "
                : field->type->shape == SHAPE_MAP ? "by name: "
                                                  : "",
                field->section->name);
        print_anchor(field->section, out);
        fputc(')', out);
        break;
    case SHAPE_OWN:
        if (field->type == &type_predictor) {
            fputs("[statistics](#statistics) with their coefficients", out);
            break;
        }
        fputs(field->type->expected, out);
        break;
    case SHAPE_TEXT:
    case SHAPE_BOOL:
        fputs(field->type->expected, out);
        break;
    }
}

static void print_default(const field_t *field, FILE *out) {
    if (field->flags & FIELD_REQUIRED)
        fputs("**required**", out);
    else if (field->fallback)
        fprintf(out, "`%s`", field->fallback);
    else if (field->unset)
        fputs(field->unset, out);
}

static void print_section(const section_t *section, FILE *out) {
    fprintf(out, "### %s\n\n%s", section->name, section->what);
    if (section->shorthand) fprintf(out, " A plain value stands for its `%s`.", section->shorthand);
    fputs("\n\n| key | value | default | meaning | example |\n|---|---|---|---|---|\n", out);
    for (int f = 0; f < section->n; f++) {
        const field_t *field = &section->fields[f];
        fprintf(out, "| `%s` | ", field->name);
        print_type(field, out);
        fputs(" | ", out);
        print_default(field, out);
        fprintf(out, " | %s | ", field->what);
        if (field->example) fprintf(out, "`%s`", field->example);
        fputs(" |\n", out);
    }
    fputc('\n', out);
}

static const char *const ref_texts[] = {
    [REF_NONE] = "",
    [REF_ACTOR_ATTRIBUTE] = "`of`: an attribute of actors",
    [REF_TIE_ATTRIBUTE] = "`of`: an attribute of ties",
    [REF_GROUP] = "`of`: a group",
    [REF_CONDITION] = "`of`: a condition",
    [REF_KIND] = "`kind` (the kind itself), `half_life`",
};

int scenario_reference(FILE *out) {
    sections_t sections = {0};
    int ret = collect(&sections, &section_scenario);
    for (int s = 0; s < sections.n; s++) print_section(sections.items[s], out);
    mem_free(sections.items);
    fputs("### Statistics\n\n| name | what it is | needs |\n|---|---|---|\n", out);
    for (int s = 0; s < STATISTIC_N; s++)
        fprintf(out, "| `%s` | %s | %s |\n", statistics[s].name, statistics[s].what,
                ref_texts[statistics[s].ref]);
    fputs("\n### Distributions\n\n| name | parameters |\n|---|---|\n", out);
    for (int k = 0; k < DIST_N; k++) {
        fprintf(out, "| `%s` | ", dist_keyword(k));
        for (int i = 0; i < DIST_MAX_PARAMS && dist_param(k, i); i++)
            fprintf(out, "%s`%s`", i ? ", " : "", dist_param(k, i) + 1);
        fputs(" |\n", out);
    }
    fputs("\n### Metrics\n\n| name | what it is |\n|---|---|\n", out);
    for (int m = 0; m < METRIC_N; m++) fprintf(out, "| `%s` | %s |\n", metrics[m].name, metrics[m].what);
    return ret;
}
