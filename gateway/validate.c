#include "gateway/validate.h"

#include <inttypes.h>
#include <stdio.h>

int64_t validate_characters(struct slice text)
{
    int64_t count = 0;
    for (size_t index = 0; index < text.size; index++) {
        count += (text.data[index] & 0xc0) != 0x80; /* it does not continue one */
    }
    return count;
}

enum status validate_integer(struct slice text, int64_t *out)
{
    size_t index = text.size > 0 && text.data[0] == '-' ? 1 : 0;
    size_t digit_count = text.size - index;
    int64_t value = 0;
    if (digit_count == 0 || digit_count > 18) {
        return STATUS_MALFORMED;
    }
    for (; index < text.size; index++) {
        if (text.data[index] < '0' || text.data[index] > '9') {
            return STATUS_MALFORMED;
        }
        value = value * 10 + (text.data[index] - '0');
    }
    *out = text.data[0] == '-' ? -value : value;
    return STATUS_OK;
}

int validate_word_index(const char *const *words, struct slice text)
{
    for (int index = 0; words[index] != NULL; index++) {
        if (slice_equal(slice_from_string(words[index]), text)) {
            return index;
        }
    }
    return -1;
}

void validate_words_write(const char *const *words, char out[PROBLEM_SIZE_MAX])
{
    size_t size = 0;
    out[0] = '\0';
    for (size_t index = 0; words[index] != NULL && size < PROBLEM_SIZE_MAX; index++) {
        size += (size_t)snprintf(out + size, PROBLEM_SIZE_MAX - size, "%s%s",
                                 index == 0 ? "" : ", ", words[index]);
    }
}

static void word_check(const struct field_rule *rule, struct slice text, struct problems *problems)
{
    char list[PROBLEM_SIZE_MAX];
    if (validate_word_index(rule->words, text) >= 0) {
        return;
    }
    validate_words_write(rule->words, list);
    problems_add(problems, rule->name, "must be one of %s", list);
}

static void text_check(const struct field_rule *rule, struct slice text, struct problems *problems)
{
    int64_t count = validate_characters(text);
    if (count < rule->min || count > rule->max) {
        problems_add(problems, rule->name, "must have %" PRId64 " to %" PRId64 " characters",
                     rule->min, rule->max);
    }
}

static void integer_check(const struct field_rule *rule, int64_t value, struct problems *problems)
{
    if (rule->words != NULL) {
        char text[24];
        snprintf(text, sizeof(text), "%" PRId64, value);
        word_check(rule, slice_from_string(text), problems);
    } else if (value < rule->min || value > rule->max) {
        problems_add(problems, rule->name, "must be %" PRId64 " to %" PRId64, rule->min, rule->max);
    }
}

static void text_list_check(const struct field_rule *rule, const struct json_value *list,
                            struct problems *problems)
{
    if (list->count > (size_t)rule->max) {
        problems_add(problems, rule->name, "must have at most %" PRId64 " items", rule->max);
        return;
    }
    for (size_t index = 0; index < list->count; index++) {
        if (body_item(list, index).kind != JSON_KIND_TEXT) {
            problems_add(problems, rule->name, "item %zu must be a string", index);
        }
    }
}

static enum json_kind kind_wanted(enum field_type type, const char **name)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_WORD:
        *name = "a string";
        return JSON_KIND_TEXT;
    case FIELD_INTEGER:
        *name = "an integer";
        return JSON_KIND_INTEGER;
    case FIELD_BOOLEAN:
        *name = "true or false";
        return JSON_KIND_BOOLEAN;
    case FIELD_OBJECT:
        *name = "an object";
        return JSON_KIND_OBJECT;
    case FIELD_TEXT_LIST:
        *name = "a list of strings";
        return JSON_KIND_LIST;
    }
    return JSON_KIND_ABSENT;
}

static void value_check(const struct field_rule *rule, const struct json_value *value,
                        struct problems *problems)
{
    const char *wanted = "";
    if (value->kind != kind_wanted(rule->type, &wanted)) {
        problems_add(problems, rule->name, "must be %s", wanted);
        return;
    }
    switch (rule->type) {
    case FIELD_TEXT:
        text_check(rule, value->text, problems);
        break;
    case FIELD_WORD:
        word_check(rule, value->text, problems);
        break;
    case FIELD_INTEGER:
        integer_check(rule, value->integer, problems);
        break;
    case FIELD_TEXT_LIST:
        text_list_check(rule, value, problems);
        break;
    case FIELD_BOOLEAN:
    case FIELD_OBJECT:
        break;
    }
}

void validate_body(const struct field_rule *rules, size_t count, const struct body *body,
                   struct problems *problems)
{
    for (size_t index = 0; index < count; index++) {
        const struct field_rule *rule = &rules[index];
        struct json_value value = body_member(body, rule->name);
        if (value.kind == JSON_KIND_ABSENT) {
            if (rule->need == FIELD_REQUIRED) {
                problems_add(problems, rule->name, "is required");
            }
        } else if (value.kind != JSON_KIND_NULL || rule->need != FIELD_NULLABLE) {
            value_check(rule, &value, problems);
        }
    }
}

void validate_query(const struct field_rule *rules, size_t count, const struct query_string *query,
                    struct problems *problems)
{
    for (size_t index = 0; index < count; index++) {
        const struct field_rule *rule = &rules[index];
        struct json_value value = {.kind = JSON_KIND_TEXT};
        size_t found = query_string_find(query, rule->name, &value.text);
        if (found > 1) {
            problems_add(problems, rule->name, "must stand only once");
        } else if (found == 1) {
            if (rule->type == FIELD_INTEGER &&
                validate_integer(value.text, &value.integer) == STATUS_OK) {
                value.kind = JSON_KIND_INTEGER;
            }
            value_check(rule, &value, problems);
        } else if (rule->need == FIELD_REQUIRED) {
            problems_add(problems, rule->name, "is required");
        }
    }
}
