#include "broker/query.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/list_source.h"
#include "broker/query_job.h"

/*
 * A list is a merge of indexes by age: the listing index when all states are wanted, otherwise one
 * index for each terminal state and the live index, whose entries need a look at their record
 * unless all live states are wanted.
 */

enum {
    SOURCES_MAX = FAMILY_COUNT * 3 + JOB_KIND_COUNT,
    STATES_ALL = (1 << JOB_STATE_COUNT) - 1,
    STATES_LIVE = 1 << JOB_STATE_PENDING | 1 << JOB_STATE_WAITING | 1 << JOB_STATE_ACTIVE,
    KINDS_MEDIA = 1 << JOB_KIND_IMAGE | 1 << JOB_KIND_VIDEO,
};

_Static_assert(LIST_LIMIT_MAX *(LABELS_SIZE_MAX + 4096) <= FRAME_SIZE_MAX, "a page fits");

struct list {
    struct view *view;
    const struct message_list_jobs *request;
    const struct retention *retention;
    uint8_t states;
    uint64_t total;
    uint64_t heads; /* records read to learn a state */
    struct buffer buffer;
    struct character_memo memo;
    uint32_t source_count;
    struct source sources[SOURCES_MAX];
    uint32_t count;
    struct source_entry entries[LIST_LIMIT_MAX];
    bool more;
};

static enum status add_counter(struct list *list, uint8_t kind, uint8_t state)
{
    uint8_t key[KEY_BYTES_MAX];
    return list_count(list->view, key_total(key, list->request->owner, kind, state), &list->buffer,
                      &list->total);
}

static enum status count_kind(struct list *list, uint8_t kind, const struct live_counts *live)
{
    enum status status = STATUS_OK;
    if (list->states == STATES_ALL) {
        return add_counter(list, kind, TOTAL_ACCEPTED);
    }
    for (uint8_t state = 0; state < JOB_STATE_COUNT && status == STATUS_OK; state++) {
        if ((list->states & (1u << state)) == 0) {
            continue;
        }
        if (job_state_is_terminal((enum job_state)state)) {
            status = add_counter(list, kind, state);
        } else {
            list->total += live->counts[kind][state];
        }
    }
    return status;
}

static enum status count_total(struct list *list, const struct live_counts *live)
{
    enum status status = STATUS_OK;
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT && status == STATUS_OK; kind++) {
        if ((list->request->kinds & (1u << kind)) != 0) {
            status = count_kind(list, kind, live);
        }
    }
    return status;
}

static void add_source(struct list *list, struct slice key, uint8_t kinds, bool live,
                       uint64_t before)
{
    assert(list->source_count < SOURCES_MAX);
    source_init(&list->sources[list->source_count++], key, kinds, live, before);
}

static void add_family(struct list *list, uint8_t family, uint8_t kinds, uint64_t before)
{
    static const struct id none;
    uint8_t key[KEY_BYTES_MAX];
    struct slice owner = list->request->owner;
    if (list->states == STATES_ALL) {
        add_source(list, key_list(key, owner, family, 0, &none), kinds, false, before);
        return;
    }
    for (uint8_t state = JOB_STATE_COMPLETED; state < JOB_STATE_COUNT; state++) {
        if ((list->states & (1u << state)) != 0) {
            struct slice ended = key_state(key, owner, family, state, 0, &none);
            add_source(list, ended, kinds, false, before);
        }
    }
}

static void add_sources(struct list *list, uint64_t before)
{
    static const struct id none;
    uint8_t key[KEY_BYTES_MAX];
    uint8_t kinds = list->request->kinds;
    if ((kinds & 1u << JOB_KIND_CHARACTER) != 0) {
        add_family(list, FAMILY_CHARACTER, kinds, before);
    }
    if ((kinds & KINDS_MEDIA) != 0) {
        add_family(list, FAMILY_MEDIA, kinds, before);
    }
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        if (list->states != STATES_ALL && (list->states & STATES_LIVE) != 0 &&
            (kinds & (1u << kind)) != 0) {
            struct slice live = key_live(key, list->request->owner, kind, 0, &none);
            add_source(list, live, kinds, true, before);
        }
    }
}

/* Takes the newest entry of all sources; *found is false at their end. */
static enum status take_newest(struct list *list, struct source_entry *out, bool *live, bool *found)
{
    struct source *newest = NULL;
    *found = false;
    for (uint32_t index = 0; index < list->source_count; index++) {
        const struct source_entry *entry;
        enum status status = source_peek(&list->sources[index], list->view, &entry);
        if (status != STATUS_OK) {
            return status;
        }
        if (entry != NULL && (!*found || entry->accepted > out->accepted)) {
            *out = *entry;
            *live = list->sources[index].live;
            *found = true;
            newest = &list->sources[index];
        }
    }
    if (newest != NULL) {
        source_take(newest);
    }
    return STATUS_OK;
}

/* Whether a live job is in one of the wanted states. */
static enum status state_matches(struct list *list, const struct id *job, bool *out)
{
    struct job_value value;
    *out = true;
    if ((list->states & STATES_LIVE) == STATES_LIVE) {
        return STATUS_OK;
    }
    list->heads++;
    enum status status = query_status(query_record(list->view, job, &list->buffer, &value));
    *out = status == STATUS_OK && (list->states & (1u << value.head.state)) != 0;
    return status;
}

static bool limit_reached(const struct list *list)
{
    uint64_t scanned = 0;
    for (uint32_t index = 0; index < list->source_count; index++) {
        scanned += list->sources[index].scanned;
    }
    return scanned > LIST_SCAN_MAX || list->heads > LIST_HEADS_MAX;
}

/* Collects the page's entries, after skip others. The counters tell whether more follow the first
 * page; after a cursor nobody knows how many went before, and it takes a look at one more. */
static enum status collect(struct list *list, uint64_t skip)
{
    bool first = list->request->cursor.size == 0;
    uint64_t found_count = 0;
    struct source_entry last = {0};
    /* total bounds the search: nothing is left behind the last one that counters know of. */
    while (!list->more && found_count < list->total) {
        struct source_entry entry;
        bool live = false;
        bool matches = true;
        bool found;
        enum status status = take_newest(list, &entry, &live, &found);
        if (status == STATUS_OK && found && live) {
            status = state_matches(list, &entry.job, &matches);
        }
        if (status != STATUS_OK || !found) {
            return status;
        }
        last = entry;
        found_count += matches;
        if (matches && found_count > skip && list->count < list->request->limit) {
            list->entries[list->count++] = entry;
            list->more = list->count == list->request->limit && first && found_count < list->total;
        } else if ((matches && list->count == list->request->limit) || limit_reached(list)) {
            list->more = true;
        }
    }
    if (list->more && list->count == 0) {
        list->entries[0] = last; /* where the next page goes on */
    }
    return STATUS_OK;
}

static enum status write_page(struct list *list, struct frame_writer *out)
{
    uint8_t cursor[LIST_CURSOR_SIZE];
    struct job_value value;
    struct message message = {
        .type = MESSAGE_TYPE_LIST_PAGE,
        .list_page = {.request = list->request->request,
                      .total = list->total,
                      .count = list->count},
    };
    if (list->more) {
        uint32_t last = list->count > 0 ? list->count - 1 : 0;
        list_cursor_write(cursor, list->entries[last].accepted);
        message.list_page.next = slice_make(cursor, sizeof cursor);
    }
    enum status status = frame_write(out, &message);
    for (uint32_t index = 0; index < list->count && status == STATUS_OK; index++) {
        const struct id *job = &list->entries[index].job;
        status = query_status(query_record(list->view, job, &list->buffer, &value));
        if (status == STATUS_OK) {
            status = job_state_write(list->view, &value, 0, list->retention, &list->memo, out);
        }
    }
    return status;
}

static enum status refuse(const struct message_list_jobs *request, struct frame_writer *out)
{
    const struct message message = {
        .type = MESSAGE_TYPE_LIST_PAGE,
        .list_page = {.request = request->request, .code = REPLY_CODE_INVALID},
    };
    return frame_write(out, &message);
}

enum status query_list(struct view *view, const struct message_list_jobs *request,
                       const struct live_counts *live, const struct retention *retention,
                       struct frame_writer *out)
{
    uint64_t before;
    assert(request->limit <= LIST_LIMIT_MAX);
    if (!list_cursor_read(request->cursor, &before) || request->limit == 0) {
        return refuse(request, out);
    }
    struct list *list = calloc(1, sizeof *list);
    if (list == NULL) {
        return STATUS_NO_MEMORY;
    }
    list->view = view;
    list->request = request;
    list->retention = retention;
    list->states = request->states == 0 ? (uint8_t)STATES_ALL : request->states;
    buffer_init(&list->buffer, VALUE_SIZE_MAX);
    character_memo_init(&list->memo);
    enum status status = count_total(list, live);
    if (status == STATUS_OK) {
        add_sources(list, before);
        status = collect(list, request->cursor.size > 0 ? 0 : request->skip);
    }
    if (status == STATUS_OK) {
        status = write_page(list, out);
    }
    character_memo_fini(&list->memo);
    buffer_fini(&list->buffer);
    free(list);
    return status;
}
