#include "cli/filter.h"

#include <stdio.h>
#include <string.h>
#include "cli/duration.h"
#include "cli/terminal_text.h"
#include "base/words.h"
#include "proto/word_lists.h"

enum {
    WORD_SIZE_MAX = 80, /* bytes of a value that is told; more is cut */
};

const char *const filter_names[FILTER_COUNT + 1] = {
    "queue", "status", "owner",     "characterId", "q",       "tag",
    "from",  "to",     "errorCode", "errorGroup",  "groupId", NULL,
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

const char *const *filter_words(const char *name)
{
    return strcmp(name, "queue") == 0    ? WORD_LIST_QUEUES
           : strcmp(name, "status") == 0 ? WORD_LIST_STATUSES
                                         : NULL;
}

/* Whether a value is one that there is: of a status several, with commas between them. */
static bool check_value(const char *name, const char *value)
{
    const char *const *known = filter_words(name);
    char list[WORDS_SIZE_MAX];
    char word[WORD_SIZE_MAX];
    bool is_list = known == WORD_LIST_STATUSES;
    for (const char *rest = value; known != NULL && rest != NULL;) {
        size_t size = is_list ? strcspn(rest, ",") : strlen(rest);
        snprintf(word, sizeof word, "%.*s", size < sizeof word ? (int)size : WORD_SIZE_MAX, rest);
        if (!words_has(known, word)) {
            terminal_line(stderr, "troupe: there is no %s \"%s\": it is %s%s", name, word,
                          words_write(known, list),
                          is_list ? ", or several of them with commas between" : "");
            return false;
        }
        rest = rest[size] == ',' ? rest + size + 1 : NULL;
    }
    return true;
}

static void explain_word(const struct filter *filter, size_t place, const char *word)
{
    char list[WORDS_SIZE_MAX];
    if (place < FILTER_COUNT && filter->values[place] != NULL) {
        terminal_line(stderr, "troupe: %s= stands twice", filter_names[place]);
    } else {
        terminal_line(stderr, "troupe: cannot search by %.80s: it is NAME=VALUE, and NAME is %s",
                      word, words_write(filter_names, list));
    }
}

/* Puts a moment in the place of a time that is told as so long ago. */
static void date(struct filter *filter, size_t place, int64_t now_ms)
{
    const char *name = filter_names[place];
    bool is_time = strcmp(name, "from") == 0 || strcmp(name, "to") == 0;
    int64_t ago_ms = is_time ? duration_parse(filter->values[place]) : 0;
    if (ago_ms > 0) {
        clock_format(now_ms - ago_ms, filter->times[place]);
        filter->values[place] = filter->times[place];
    }
}

bool filter_take(struct filter *filter, int count, char *const *words, int64_t now_ms)
{
    *filter = (struct filter){0};
    for (int index = 0; index < count; index++) {
        size_t place = place_of(words[index]);
        if (place == FILTER_COUNT || filter->values[place] != NULL) {
            explain_word(filter, place, words[index]);
            return false;
        }
        filter->values[place] = words[index] + strlen(filter_names[place]) + 1;
        if (!check_value(filter_names[place], filter->values[place])) {
            return false;
        }
        date(filter, place, now_ms);
    }
    return true;
}

const char *filter_group(const struct filter *filter)
{
    return filter->values[place_of("groupId=")];
}

void filter_set_group(struct filter *filter, const char *group)
{
    filter->values[place_of("groupId=")] = group;
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
