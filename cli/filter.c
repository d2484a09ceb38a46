#include "cli/filter.h"

#include <string.h>

const char *const filter_names[FILTER_COUNT + 1] = {
    "queue", "status", "owner",     "characterId", "q",  "tag",
    "from",  "to",     "errorCode", "errorGroup",  NULL,
};

/* The place of a word's name; FILTER_COUNT when it has none of them. */
static size_t place_of(const char *word)
{
    size_t place = 0;
    size_t size = strcspn(word, "=");
    while (place < FILTER_COUNT &&
           (strlen(filter_names[place]) != size || strncmp(filter_names[place], word, size) != 0)) {
        place++;
    }
    return word[size] == '=' ? place : FILTER_COUNT;
}

const char *filter_take(struct filter *filter, int count, char *const *words)
{
    *filter = (struct filter){0};
    for (int index = 0; index < count; index++) {
        size_t place = place_of(words[index]);
        if (place == FILTER_COUNT || filter->values[place] != NULL) {
            return words[index];
        }
        filter->values[place] = words[index] + strlen(filter_names[place]) + 1;
    }
    return NULL;
}

bool filter_is_empty(const struct filter *filter)
{
    for (size_t place = 0; place < FILTER_COUNT; place++) {
        if (filter->values[place] != NULL) {
            return false;
        }
    }
    return true;
}

enum status filter_escape(const char *text, struct buffer *out)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    enum status status = STATUS_OK;
    for (; *text != '\0' && status == STATUS_OK; text++) {
        status = strchr(plain, *text) != NULL
                     ? buffer_append(out, text, 1)
                     : buffer_append_format(out, "%%%02X", (unsigned)(unsigned char)*text);
    }
    return status;
}

enum status filter_write_query(const struct filter *filter, struct buffer *out)
{
    enum status status = STATUS_OK;
    for (size_t place = 0; place < FILTER_COUNT && status == STATUS_OK; place++) {
        if (filter->values[place] == NULL) {
            continue;
        }
        status = buffer_append_format(out, "&%s=", filter_names[place]);
        if (status == STATUS_OK) {
            status = filter_escape(filter->values[place], out);
        }
    }
    return status;
}

void filter_write_json(const struct filter *filter, struct json_writer *writer)
{
    json_object_begin(writer);
    for (size_t place = 0; place < FILTER_COUNT; place++) {
        if (filter->values[place] != NULL) {
            json_member_text(writer, filter_names[place], slice_from_string(filter->values[place]));
        }
    }
    json_object_end(writer);
}
