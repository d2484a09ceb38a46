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
    source->members = 0;
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
    source->members = UINT32_MAX;
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

/* A job of a group that can be read: the number of those behind it is told from there on. */
struct anchor {
    bool known;
    uint32_t place; /* counted from 1: 0 stands for what lies before the first */
    uint64_t accepted;
};

/* Finds the last one below a place that can be read. Returns OK, NO_MEMORY or IO. */
static enum status drop_anchor(struct view *view, const struct group_value *group, uint32_t place,
                               struct buffer *record, struct anchor *out)
{
    struct job_value value;
    *out = (struct anchor){.known = true, .place = place};
    while (out->place > 0) {
        const struct id job = group_value_job(group, out->place - 1);
        enum status status = query_record(view, &job, record, &value);
        if (status == STATUS_OK) {
            out->accepted = value.head.accepted;
            return STATUS_OK;
        }
        if (status != STATUS_MALFORMED && status != STATUS_NOT_FOUND) {
            return status;
        }
        out->place--;
    }
    return STATUS_OK;
}

/* Reads the number of a group's job, by its place in the group. Jobs of a group were accepted in
 * its order: one whose record is damaged lies behind the next one below it that can be read.
 * Returns OK, NOT_FOUND for one that is kept no longer, NO_MEMORY or IO. */
static enum status number_of(struct view *view, const struct group_value *group, uint32_t place,
                             struct buffer *record, struct anchor *anchor, uint64_t *accepted)
{
    struct job_value value;
    const struct id job = group_value_job(group, place);
    enum status status = query_record(view, &job, record, &value);
    if (status != STATUS_MALFORMED) {
        *accepted = status == STATUS_OK ? value.head.accepted : 0;
        return status;
    }
    status = STATUS_OK;
    if (!anchor->known || anchor->place > place) {
        status = drop_anchor(view, group, place, record, anchor);
    }
    *accepted = anchor->accepted + (place + 1 - anchor->place);
    return status;
}

/* Nobody can say which jobs the group has. Its own id stands for them, once: a record of a job it
 * has not, so that it counts as a damaged one. */
static void gather_unknown(struct source *source)
{
    source->scanned++;
    source->entries[source->count++] = (struct source_entry){
        .accepted = 1, /* the first that there can be: nothing comes behind it */
        .scanned = source->scanned,
        .is_damaged = true,
        .job = source->group,
    };
    source->before = 1;
    source->exhausted = true;
}

/* Takes the group's jobs from its end on, as many as a chunk has. */
static enum status gather_members(struct source *source, struct view *view,
                                  const struct group_value *group, struct buffer *record)
{
    uint32_t count = group_value_count(group);
    struct anchor anchor = {0};
    source->members = source->members < count ? source->members : count;
    while (source->members > 0 && source->count < SOURCE_CHUNK) {
        uint64_t accepted;
        enum status status =
            number_of(view, group, source->members - 1, record, &anchor, &accepted);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
            return status;
        }
        source->members--;
        if (status == STATUS_OK && accepted < source->before) {
            source->scanned++;
            source->entries[source->count++] = (struct source_entry){
                .accepted = accepted,
                .scanned = source->scanned,
                .job = group_value_job(group, source->members),
            };
            source->before = accepted;
        }
    }
    source->exhausted = source->members == 0;
    return STATUS_OK;
}

static enum status read_members(struct source *source, struct view *view)
{
    struct buffer names;
    struct buffer record;
    struct group_value group;
    buffer_init(&names, VALUE_SIZE_MAX);
    buffer_init(&record, VALUE_SIZE_MAX);
    enum status status = query_group_record(view, &source->group, &names, &group);
    if (status == STATUS_OK) {
        status = gather_members(source, view, &group, &record);
    } else if (status == STATUS_NOT_FOUND) {
        source->exhausted = true;
        status = STATUS_OK;
    } else if (status == STATUS_MALFORMED) {
        gather_unknown(source);
        status = STATUS_OK;
    }
    buffer_fini(&names);
    buffer_fini(&record);
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
    status = view_pass_over(view, status);
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
