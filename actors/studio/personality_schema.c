#include <stdlib.h>
#include <strings.h>

#include "actors/studio/personality_schema.h"

enum {
    SCHEMA_DEPTH_MAX = 8,  /* levels of a schema that are followed; deeper ones become null */
    SCHEMA_LIST_COUNT = 3, /* elements of a list, unless the schema wants more */
    SCHEMA_LIST_COUNT_MAX = 10,
};

struct topic {
    const char *part; /* of a member's name */
    const struct word_list *list;
};

static const struct topic TOPICS[] = {
    {"trait", &LIST_TRAITS},     {"strength", &LIST_TRAITS},    {"adjective", &LIST_TRAITS},
    {"flaw", &LIST_FLAWS},       {"weakness", &LIST_FLAWS},     {"quirk", &LIST_QUIRKS},
    {"habit", &LIST_QUIRKS},     {"value", &LIST_VALUES},       {"dream", &LIST_DREAMS},
    {"goal", &LIST_DREAMS},      {"motivation", &LIST_DREAMS},  {"fear", &LIST_FEARS},
    {"dislike", &LIST_DISLIKES}, {"like", &LIST_LIKES},         {"hobb", &LIST_LIKES},
    {"interest", &LIST_LIKES},   {"voice", &LIST_VOICES},       {"speech", &LIST_VOICES},
    {"tone", &LIST_VOICES},      {"greeting", &LIST_GREETINGS}, {"camera", &LIST_CAMERAS},
    {"light", &LIST_LIGHTS},     {"motion", &LIST_MOVEMENTS},   {"prompt", &LIST_MOVEMENTS},
};

static const struct word_list *list_for(const char *member)
{
    for (size_t index = 0; index < sizeof TOPICS / sizeof TOPICS[0]; index++) {
        if (strcasestr(member, TOPICS[index].part) != NULL) {
            return TOPICS[index].list;
        }
    }
    return NULL;
}

static json_t *make_text(const struct chat_request *request, const json_t *schema,
                         const char *member, int index)
{
    char text[PERSONALITY_PHRASE_SIZE];
    const json_t *choices = json_object_get(schema, "enum");
    struct dice dice = dice_make(request->seed + (uint64_t)index, member);
    if (json_array_size(choices) > 0) {
        return json_deep_copy(
            json_array_get(choices, dice_pick(&dice, (unsigned)json_array_size(choices))));
    }
    if (strcasecmp(member, "name") == 0) {
        chat_name_of(request->conversation, text);
        return json_string(text);
    }
    const struct word_list *list = list_for(member);
    if (list == NULL) {
        personality_summary(request, text);
    } else {
        struct chat_request other = *request;
        other.seed += (uint64_t)index;
        personality_phrase(&other, member, list, text);
    }
    return json_string(text);
}

static json_t *make_number(const struct chat_request *request, const json_t *schema,
                           const char *member, bool whole)
{
    struct dice dice = dice_make(request->seed, member);
    const json_t *low = json_object_get(schema, "minimum");
    const json_t *high = json_object_get(schema, "maximum");
    double min = json_is_number(low) ? json_number_value(low) : 0.0;
    double max = json_is_number(high) ? json_number_value(high) : min + (whole ? 10.0 : 1.0);
    double value = dice_range(&dice, min, max);
    return whole ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *make_value(const struct chat_request *request, const json_t *schema,
                          const char *member, int index, int depth);

static json_t *make_list(const struct chat_request *request, const json_t *schema,
                         const char *member, int depth)
{
    const json_t *least = json_object_get(schema, "minItems");
    json_int_t count = json_is_integer(least) && json_integer_value(least) > SCHEMA_LIST_COUNT
                           ? json_integer_value(least)
                           : SCHEMA_LIST_COUNT;
    json_t *list = json_array();
    for (int element = 0; element < count && element < SCHEMA_LIST_COUNT_MAX; element++) {
        json_array_append_new(list, make_value(request, json_object_get(schema, "items"), member,
                                               element, depth + 1));
    }
    return list;
}

static json_t *make_object(const struct chat_request *request, const json_t *schema, int depth)
{
    json_t *object = json_object();
    const char *member;
    json_t *property;
    json_object_foreach(json_object_get(schema, "properties"), member, property)
    {
        json_object_set_new(object, member, make_value(request, property, member, 0, depth + 1));
    }
    return object;
}

/* Depth is bounded, so this recursion over a client's schema is too. */
static json_t *make_value(const struct chat_request *request, const json_t *schema,
                          const char *member, int index, int depth)
{
    const json_t *type_value = json_object_get(schema, "type");
    if (json_is_array(type_value)) {
        type_value = json_array_get(type_value, 0);
    }
    const char *type = json_string_value(type_value);
    if (depth > SCHEMA_DEPTH_MAX) {
        return json_null();
    }
    if (type == NULL || strcmp(type, "string") == 0) {
        return make_text(request, schema, member, index);
    }
    if (strcmp(type, "object") == 0) {
        return make_object(request, schema, depth);
    }
    if (strcmp(type, "array") == 0) {
        return make_list(request, schema, member, depth);
    }
    if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0) {
        return make_number(request, schema, member, type[0] == 'i');
    }
    return strcmp(type, "boolean") == 0 ? json_true() : json_null();
}

enum status personality_follow_schema(const struct chat_request *request, struct buffer *out)
{
    json_t *value = make_value(request, request->schema, "answer", 0, 0);
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
    enum status status =
        text == NULL ? STATUS_NO_MEMORY : buffer_append_slice(out, slice_from_string(text));
    free(text);
    return status;
}
