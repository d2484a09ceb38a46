#include "cli/failure_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAMPLES_MAX = 5,
    ID_SIZE_MAX = 40,
    TIME_SIZE_MAX = 32,
    QUEUE_SIZE_MAX = 16,
    CODE_SIZE_MAX = 64,
    MESSAGE_SIZE_MAX = 1540,
    MEMBER_SIZE = 96,
};

struct failure {
    char id[ID_SIZE_MAX];
    char queue[QUEUE_SIZE_MAX];
    char code[CODE_SIZE_MAX];
    char message[MESSAGE_SIZE_MAX];
    char first[TIME_SIZE_MAX];
    char last[TIME_SIZE_MAX];
    int64_t count;
    size_t sample_count;
    char samples[SAMPLES_MAX][ID_SIZE_MAX];
};

struct failure_list {
    size_t count;
    int64_t jobs;
    struct failure groups[FAILURE_GROUPS_MAX];
};

const char *const failure_list_names[] = {"#JOBS", "QUEUE", "ERROR",   "FIRST",
                                          "LAST",  "GROUP", "MESSAGE", NULL};
const char *const failure_list_names_below[] = {"#JOBS", "QUEUE",         "ERROR", "FIRST",
                                                "LAST",  "GROUP MESSAGE", NULL};

enum status failure_list_new(struct failure_list **out)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void failure_list_destroy(struct failure_list **list)
{
    free(*list);
    *list = NULL;
}

/* ---- adding up ---- */

static const char *member_of(char *out, size_t index, const char *name)
{
    snprintf(out, MEMBER_SIZE, "data.groups.%zu.%s", index, name);
    return out;
}

static void copy_text(char *out, size_t size, const struct document *document, size_t index,
                      const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(out, size, "%s", document_text(document, member_of(member, index, name), ""));
}

/* The group of this id, a new one when there is room for it, otherwise NULL. */
static struct failure *find(struct failure_list *list, const char *id)
{
    size_t place = 0;
    while (place < list->count && strcmp(list->groups[place].id, id) != 0) {
        place++;
    }
    if (place == FAILURE_GROUPS_MAX) {
        return NULL;
    }
    list->count += place == list->count;
    return &list->groups[place];
}

/* Times are written alike, so the order of the texts is theirs. Pages come newest job first, but a
 * job that is older may have failed later. */
static void add_times(struct failure *failure, const struct document *document, size_t index)
{
    char first[TIME_SIZE_MAX];
    char last[TIME_SIZE_MAX];
    copy_text(first, sizeof first, document, index, "firstFailedAt");
    copy_text(last, sizeof last, document, index, "lastFailedAt");
    if (failure->first[0] == '\0' || strcmp(first, failure->first) < 0) {
        memcpy(failure->first, first, sizeof first);
    }
    if (strcmp(last, failure->last) > 0) {
        memcpy(failure->last, last, sizeof last);
    }
}

static void add_samples(struct failure *failure, const struct document *document, size_t index)
{
    char member[MEMBER_SIZE];
    size_t count = document_count(document, member_of(member, index, "sampleJobIds"));
    for (size_t sample = 0; sample < count && failure->sample_count < SAMPLES_MAX; sample++) {
        snprintf(member, sizeof member, "data.groups.%zu.sampleJobIds.%zu", index, sample);
        snprintf(failure->samples[failure->sample_count++], ID_SIZE_MAX, "%s",
                 document_text(document, member, ""));
    }
}

static void add_group(struct failure_list *list, const struct document *document, size_t index)
{
    char id[ID_SIZE_MAX];
    char member[MEMBER_SIZE];
    int64_t count = document_integer(document, member_of(member, index, "count"), 0);
    copy_text(id, sizeof id, document, index, "errorGroup");
    list->jobs += count;
    struct failure *failure = find(list, id);
    if (failure == NULL) {
        return;
    }
    memcpy(failure->id, id, sizeof id);
    failure->count += count;
    copy_text(failure->queue, sizeof failure->queue, document, index, "queue");
    copy_text(failure->code, sizeof failure->code, document, index, "errorCode");
    copy_text(failure->message, sizeof failure->message, document, index, "message");
    add_times(failure, document, index);
    add_samples(failure, document, index);
}

void failure_list_add(struct failure_list *list, const struct document *document)
{
    size_t count = document_count(document, "data.groups");
    for (size_t index = 0; index < count; index++) {
        add_group(list, document, index);
    }
}

/* ---- telling ---- */

static int compare(const void *left, const void *right)
{
    const struct failure *one = left;
    const struct failure *other = right;
    if (one->count != other->count) {
        return one->count > other->count ? -1 : 1;
    }
    return -strcmp(one->last, other->last);
}

void failure_list_sort(struct failure_list *list)
{
    qsort(list->groups, list->count, sizeof list->groups[0], compare);
}

static size_t told(const struct failure_list *list, size_t limit)
{
    return list->count < limit ? list->count : limit;
}

int64_t failure_list_jobs(const struct failure_list *list)
{
    return list->jobs;
}

int64_t failure_list_others(const struct failure_list *list, size_t limit)
{
    int64_t others = list->jobs;
    for (size_t place = 0; place < told(list, limit); place++) {
        others -= list->groups[place].count;
    }
    return others;
}

void failure_list_put(const struct failure_list *list, size_t limit, bool is_below,
                      struct table *table)
{
    for (size_t place = 0; place < told(list, limit); place++) {
        const struct failure *failure = &list->groups[place];
        table_put(table, TABLE_RED, "%lld", (long long)failure->count);
        table_put(table, TABLE_PLAIN, "%s", failure->queue);
        table_put(table, TABLE_PLAIN, "%s", failure->code[0] == '\0' ? "-" : failure->code);
        table_put(table, TABLE_PLAIN, "%s", failure->first);
        table_put(table, TABLE_PLAIN, "%s", failure->last);
        if (is_below) {
            table_put(table, TABLE_PLAIN, "%s %s", failure->id, failure->message);
        } else {
            table_put(table, TABLE_PLAIN, "%s", failure->id);
            table_put(table, TABLE_PLAIN, "%s", failure->message);
        }
    }
}

static void write_group(const struct failure *failure, struct json_writer *writer)
{
    json_object_begin(writer);
    json_member_text(writer, "errorGroup", slice_from_string(failure->id));
    json_member_text(writer, "queue", slice_from_string(failure->queue));
    json_member_text(writer, "errorCode", slice_from_string(failure->code));
    json_member_text(writer, "message", slice_from_string(failure->message));
    json_member_integer(writer, "count", failure->count);
    json_member_text(writer, "firstFailedAt", slice_from_string(failure->first));
    json_member_text(writer, "lastFailedAt", slice_from_string(failure->last));
    json_name(writer, "sampleJobIds");
    json_array_begin(writer);
    for (size_t sample = 0; sample < failure->sample_count; sample++) {
        json_put_text(writer, slice_from_string(failure->samples[sample]));
    }
    json_array_end(writer);
    json_object_end(writer);
}

void failure_list_write(const struct failure_list *list, size_t limit, struct json_writer *writer)
{
    json_name(writer, "groups");
    json_array_begin(writer);
    for (size_t place = 0; place < told(list, limit); place++) {
        write_group(&list->groups[place], writer);
    }
    json_array_end(writer);
    json_member_integer(writer, "jobs", failure_list_jobs(list));
    json_member_integer(writer, "others", failure_list_others(list, limit));
}
