#include "broker/list_source.h"

#include <assert.h>
#include "broker/bytes.h"
#include "broker/query.h"

enum {
    TAIL_SIZE = 8 + ID_SIZE, /* ~accepted job */
    SCAN_MAX = 4096,         /* entries looked at by one scan, those of other kinds included */
    CURSOR_FORMAT = 1,
};

void list_cursor_write(uint8_t out[LIST_CURSOR_SIZE], uint64_t accepted)
{
    out[0] = CURSOR_FORMAT;
    bytes_put_64(out + 1, accepted);
}

bool list_cursor_read(struct slice cursor, uint64_t *before)
{
    if (cursor.size == 0) {
        *before = UINT64_MAX;
        return true;
    }
    if (cursor.size != LIST_CURSOR_SIZE || cursor.data[0] != CURSOR_FORMAT) {
        return false;
    }
    *before = bytes_get_64(cursor.data + 1);
    return true;
}

enum status list_count(struct view *view, struct slice key, struct buffer *buffer, uint64_t *total)
{
    enum status status = view->methods->get(view, key, buffer);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    if (status == STATUS_OK && buffer->size != BATCH_ADD_SIZE) {
        status = STATUS_MALFORMED;
    }
    if (status == STATUS_OK) {
        uint64_t sum = *total + bytes_get_64(buffer->data);
        *total = (int64_t)sum > 0 ? sum : 0;
    }
    return status;
}

void source_init(struct source *source, struct slice key, uint8_t kinds, bool live, uint64_t before)
{
    assert(key.size > TAIL_SIZE && key.size <= KEY_BYTES_MAX);
    source->prefix_size = key.size - TAIL_SIZE;
    memcpy(source->prefix, key.data, source->prefix_size);
    source->kinds = kinds;
    source->live = live;
    source->aged = false;
    source->states = 0;
    source->group = (struct id){0};
    source->hasty = false;
    source->before = before;
    source->count = 0;
    source->position = 0;
    source->exhausted = false;
    source->scanned = 0;
    source->taken = 0;
}

void source_init_age(struct source *source, uint8_t kinds, uint8_t states, uint64_t before)
{
    static const struct id none;
    uint8_t key[KEY_BYTES_MAX];
    source_init(source, key_age(key, 0, &none), kinds, false, before);
    source->aged = true;
    source->states = states;
}

void source_init_group(struct source *source, const struct id *group, uint64_t before)
{
    source_init_age(source, 0, 0, before);
    source->group = *group;
}

/* ---- an index's entries ---- */

/* Whether an entry is wanted, by the value of its index. A damaged one may be. */
static bool is_wanted(const struct source *source, struct slice value, bool *is_damaged)
{
    struct age_value age = {0};
    enum status status =
        source->aged ? age_value_read(value, &age) : index_value_read(value, &age.kind);
    uint8_t states = age.state == JOB_STATE_PENDING ? (uint8_t)STATES_LIVE : 1u << age.state;
    *is_damaged = status != STATUS_OK;
    return *is_damaged || ((source->kinds & (1u << age.kind)) != 0 &&
                           (!source->aged || (source->states & states) != 0));
}

/* One chunk's scan. */
struct scan {
    struct source *source;
    const struct view *view;
    uint32_t seen;
};

/* Where a scan goes on behind a key of the wrong size, which begins with the prefix all the same: a
 * scan lies between two keys that do. */
static uint64_t behind(const struct source *source, struct slice key)
{
    uint8_t place[8] = {0};
    size_t size = key.size - source->prefix_size;
    bool is_whole = size >= sizeof place;
    memcpy(place, key.data + source->prefix_size, is_whole ? sizeof place : size);
    return ~bytes_get_big_64(place) + !is_whole;
}

static bool gather(void *context, struct slice key, struct slice value)
{
    struct scan *scan = context;
    struct source *source = scan->source;
    struct source_entry *entry = &source->entries[source->count];
    scan->seen++;
    if (key.size != source->prefix_size + TAIL_SIZE ||
        !key_read_tail(key, &entry->accepted, &entry->job)) {
        source->before = behind(source, key);
        view_note_entry(scan->view);
        return scan->seen < SCAN_MAX;
    }
    entry->scanned = source->scanned + scan->seen;
    source->before = entry->accepted;
    source->count += is_wanted(source, value, &entry->is_damaged);
    if (entry->is_damaged) {
        view_note_entry(scan->view);
    }
    return source->count < SOURCE_CHUNK && scan->seen < SCAN_MAX;
}

static struct slice bound(const struct source *source, uint8_t *out, uint64_t accepted)
{
    uint8_t *at = bytes_put(out, source->prefix, source->prefix_size);
    at = bytes_put_big_64(at, ~accepted);
    return slice_make(out, (size_t)(at - out));
}

/* ---- a group's entries ---- */

/* Keeps the newest jobs that were accepted before source->before, the first of them at the place
 * 0 of a ring. Gives how many there were. */
static enum status gather_members(struct source *source, struct view *view,
                                  const struct group_value *group, uint32_t *seen)
{
    struct buffer record;
    struct job_value value;
    enum status status = STATUS_OK;
    uint64_t accepted = 0;
    *seen = 0;
    buffer_init(&record, VALUE_SIZE_MAX);
    for (uint32_t index = 0; index < group_value_count(group) && status == STATUS_OK; index++) {
        const struct id job = group_value_job(group, index);
        status = query_record(view, &job, &record, &value);
        bool is_damaged = status == STATUS_MALFORMED;
        if (status == STATUS_NOT_FOUND) {
            status = STATUS_OK; /* it is kept no longer */
            continue;
        }
        if (status == STATUS_OK || is_damaged) {
            status = STATUS_OK;
            /* Jobs of a group were accepted in its order: one that cannot be read, between those
             * beside it. */
            bool is_later = !is_damaged && value.head.accepted > accepted;
            accepted = is_later ? value.head.accepted : accepted + 1;
            if (accepted >= source->before) {
                break;
            }
            source->entries[*seen % SOURCE_CHUNK] =
                (struct source_entry){.accepted = accepted, .job = job};
            ++*seen;
        }
    }
    buffer_fini(&record);
    return status;
}

/* Of a ring, the newest first. */
static void turn_round(struct source *source, uint32_t seen)
{
    struct source_entry ring[SOURCE_CHUNK];
    memcpy(ring, source->entries, sizeof ring);
    source->count = seen < SOURCE_CHUNK ? seen : SOURCE_CHUNK;
    for (uint32_t place = 0; place < source->count; place++) {
        struct source_entry *entry = &source->entries[place];
        *entry = ring[(seen - 1 - place) % SOURCE_CHUNK];
        entry->scanned = source->scanned + place + 1;
        source->before = entry->accepted;
    }
    source->scanned += source->count;
}

/* Reads the group's whole record each time: it has GROUP_JOBS_MAX jobs at most. */
static enum status read_members(struct source *source, struct view *view)
{
    struct buffer record;
    struct group_value group;
    uint32_t seen = 0;
    buffer_init(&record, VALUE_SIZE_MAX);
    enum status status = query_group_record(view, &source->group, &record, &group);
    if (status == STATUS_OK) {
        status = gather_members(source, view, &group, &seen);
    } else if (status == STATUS_NOT_FOUND) {
        status = STATUS_OK;
    }
    buffer_fini(&record);
    if (status == STATUS_OK) {
        turn_round(source, seen);
        source->exhausted = seen <= SOURCE_CHUNK;
    }
    return status;
}

/* ---- chunks ---- */

static enum status read_chunk(struct source *source, struct view *view)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    struct scan scan = {.source = source, .view = view};
    source->count = 0;
    source->position = 0;
    if (source->before <= 1) { /* the first event of a shard has number 1 */
        source->exhausted = true;
        return STATUS_OK;
    }
    if (!id_is_zero(&source->group)) {
        return read_members(source, view);
    }
    enum status status = view->methods->scan(view, bound(source, from, source->before - 1),
                                             bound(source, to, 0), gather, &scan);
    source->scanned += scan.seen;
    source->exhausted = source->count < SOURCE_CHUNK && scan.seen < SCAN_MAX;
    return status;
}

enum status source_peek(struct source *source, struct view *view, const struct source_entry **out)
{
    enum status status = STATUS_OK;
    bool again = true;
    while (status == STATUS_OK && source->position == source->count && !source->exhausted &&
           again) {
        status = read_chunk(source, view);
        again = !source->hasty;
    }
    *out = source->position < source->count ? &source->entries[source->position] : NULL;
    return status;
}

void source_take(struct source *source)
{
    assert(source->position < source->count);
    source->taken = source->entries[source->position].scanned;
    source->position++;
}
