#include "broker/turn.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/keys.h"
#include "broker/values.h"
#include "proto/codec.h"

enum {
    CAPACITY_MIN = 64,      /* entries: the first allocation of each table */
    CAPACITY_MAX = 1 << 20, /* entries: far above what a turn can touch */
    JOB_KEYS_SIZE = 192,    /* bytes of keys and entry heads of one job: J, E, D, entries in O, V */
    OWNER_RECORDS_SIZE = 1024, /* bytes: O's key and head, and a few counters */
    GROUP_RECORDS_SIZE = 64,   /* bytes: V's key and head */
};

void turn_init(struct turn *turn)
{
    *turn = (struct turn){0};
    buffer_init(&turn->texts, BATCH_SIZE_MAX);
    buffer_init(&turn->events, BATCH_SIZE_MAX);
    memset(turn->job_buckets, 0xff, sizeof turn->job_buckets);
    memset(turn->owner_buckets, 0xff, sizeof turn->owner_buckets);
    memset(turn->group_buckets, 0xff, sizeof turn->group_buckets);
}

void turn_fini(struct turn *turn)
{
    free(turn->jobs);
    free(turn->owners);
    free(turn->groups);
    free(turn->chunks);
    buffer_fini(&turn->texts);
    buffer_fini(&turn->events);
    turn_init(turn);
}

void turn_clear(struct turn *turn)
{
    if (turn->job_count > 0 || turn->owner_count > 0) {
        memset(turn->job_buckets, 0xff, sizeof turn->job_buckets);
        memset(turn->owner_buckets, 0xff, sizeof turn->owner_buckets);
    }
    if (turn->group_count > 0) {
        memset(turn->group_buckets, 0xff, sizeof turn->group_buckets);
    }
    turn->job_count = 0;
    turn->owner_count = 0;
    turn->group_count = 0;
    turn->chunk_count = 0;
    turn->event_first = 0;
    buffer_clear(&turn->texts);
    buffer_clear(&turn->events);
}

size_t turn_size(const struct turn *turn)
{
    return turn->texts.size + turn->events.size +
           (size_t)turn->job_count * (HEAD_SIZE + JOB_KEYS_SIZE + OWNER_SIZE_MAX) +
           (size_t)turn->owner_count * OWNER_RECORDS_SIZE +
           (size_t)turn->group_count * GROUP_RECORDS_SIZE;
}

/* Makes room for one more entry of the given size in a table. */
static enum status grow(void **table, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity) {
        return STATUS_OK;
    }
    if (*capacity == CAPACITY_MAX) {
        return STATUS_TOO_LARGE;
    }
    uint32_t wanted = *capacity == 0 ? CAPACITY_MIN : *capacity * 2;
    void *grown = realloc(*table, wanted * size);
    if (grown == NULL) {
        return STATUS_NO_MEMORY;
    }
    *table = grown;
    *capacity = wanted;
    return STATUS_OK;
}

static enum status keep_text(struct turn *turn, struct slice text, struct turn_span *out)
{
    *out = (struct turn_span){(uint32_t)turn->texts.size, (uint32_t)text.size};
    return buffer_append_slice(&turn->texts, text);
}

struct slice turn_text(const struct turn *turn, struct turn_span span)
{
    assert((size_t)span.offset + span.size <= turn->texts.size);
    return span.size == 0 ? SLICE_EMPTY : slice_make(turn->texts.data + span.offset, span.size);
}

struct slice turn_owner_name(const struct turn *turn, uint32_t owner)
{
    assert(owner < turn->owner_count);
    return turn_text(turn, turn->owners[owner].name);
}

static uint32_t owner_bucket(struct slice owner)
{
    uint32_t hash = 2166136261u; /* FNV-1a: owners come from our own gateways */
    for (size_t index = 0; index < owner.size; index++) {
        hash = (hash ^ owner.data[index]) * 16777619u;
    }
    return hash % TURN_BUCKETS;
}

static uint32_t id_bucket(const struct id *id)
{
    uint32_t random;
    memcpy(&random, id->bytes + ID_SIZE - sizeof random, sizeof random);
    return random % TURN_BUCKETS;
}

static enum status find_owner(struct turn *turn, struct slice name, uint32_t *out)
{
    uint32_t *bucket = &turn->owner_buckets[owner_bucket(name)];
    for (uint32_t owner = *bucket; owner != TURN_NONE; owner = turn->owners[owner].hash_next) {
        if (slice_equal(turn_owner_name(turn, owner), name)) {
            *out = owner;
            return STATUS_OK;
        }
    }
    struct turn_owner added = {.hash_next = *bucket, .job_first = TURN_NONE, .job_last = TURN_NONE};
    enum status status = grow((void **)&turn->owners, turn->owner_count, &turn->owner_capacity,
                              sizeof turn->owners[0]);
    if (status == STATUS_OK) {
        status = keep_text(turn, name, &added.name);
    }
    if (status == STATUS_OK) {
        *out = turn->owner_count++;
        turn->owners[*out] = added;
        *bucket = *out;
    }
    return status;
}

static enum status find_job(struct turn *turn, const struct id *id, struct slice owner,
                            struct turn_job **out)
{
    uint32_t *bucket = &turn->job_buckets[id_bucket(id)];
    for (uint32_t job = *bucket; job != TURN_NONE; job = turn->jobs[job].hash_next) {
        if (id_equal(&turn->jobs[job].id, id)) {
            *out = &turn->jobs[job];
            return STATUS_OK;
        }
    }
    uint32_t owner_index;
    enum status status =
        grow((void **)&turn->jobs, turn->job_count, &turn->job_capacity, sizeof turn->jobs[0]);
    if (status == STATUS_OK) {
        status = find_owner(turn, owner, &owner_index);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct turn_job *job = &turn->jobs[turn->job_count];
    job->id = *id;
    job->owner = owner_index;
    job->hash_next = *bucket;
    job->owner_next = TURN_NONE;
    job->group_next = TURN_NONE;
    job->event_first = TURN_NONE;
    job->event_last = TURN_NONE;
    job->saved = false;
    job->draft_over = false;
    job->draft_stored = false;
    job->draft = (struct turn_span){0};
    *bucket = turn->job_count++;
    *out = job;
    return STATUS_OK;
}

enum status turn_save(struct turn *turn, const struct effect *effect)
{
    struct turn_job *job;
    assert(effect->owner.size > 0);
    enum status status = find_job(turn, &effect->job->id, effect->owner, &job);
    if (status == STATUS_OK) {
        status = keep_text(turn, effect->error_code, &job->error_code);
    }
    if (status == STATUS_OK) {
        status = keep_text(turn, effect->error_message, &job->error_message);
    }
    if (status == STATUS_OK) {
        status = keep_text(turn, effect->url, &job->url);
    }
    if (status == STATUS_OK) {
        uint8_t links[LINKS_SIZE];
        status = keep_text(turn, links_write(effect->links, links), &job->links);
    }
    if (status == STATUS_OK) {
        head_write(effect->job, job->head);
        job->saved = true;
    }
    return status;
}

enum status turn_draft(struct turn *turn, const struct effect *effect)
{
    struct turn_job *job;
    assert(effect->document.size > 0);
    enum status status = find_job(turn, &effect->job->id, effect->owner, &job);
    if (status == STATUS_OK) {
        job->draft_stored = job->draft.size > 0 ? job->draft_stored : !effect->is_first;
        status = keep_text(turn, effect->document, &job->draft);
    }
    return status;
}

enum status turn_end(struct turn *turn, const struct effect *effect)
{
    struct turn_job *job;
    enum status status = turn_save(turn, effect);
    if (status == STATUS_OK) {
        status = find_job(turn, &effect->job->id, effect->owner, &job);
    }
    if (status == STATUS_OK) {
        job->draft_stored = job->draft.size > 0 ? job->draft_stored : effect->job->drafted;
        job->draft_over = !effect->keeps_draft;
    }
    return status;
}

static enum status keep_event(struct turn *turn, const struct message_event *event, uint32_t *out)
{
    const struct message message = {.type = MESSAGE_TYPE_EVENT, .event = *event};
    uint32_t offset = (uint32_t)turn->events.size;
    enum status status = grow((void **)&turn->chunks, turn->chunk_count, &turn->chunk_capacity,
                              sizeof turn->chunks[0]);
    if (status == STATUS_OK) {
        status = record_write(&turn->events, &message);
    }
    if (status == STATUS_OK) {
        uint32_t size = (uint32_t)turn->events.size - offset;
        *out = turn->chunk_count++;
        turn->chunks[*out] = (struct turn_chunk){{offset, size}, TURN_NONE};
    }
    return status;
}

static enum status find_group(struct turn *turn, const struct id *id, uint32_t *out)
{
    uint32_t *bucket = &turn->group_buckets[id_bucket(id)];
    for (uint32_t group = *bucket; group != TURN_NONE; group = turn->groups[group].hash_next) {
        if (id_equal(&turn->groups[group].id, id)) {
            *out = group;
            return STATUS_OK;
        }
    }
    enum status status = grow((void **)&turn->groups, turn->group_count, &turn->group_capacity,
                              sizeof turn->groups[0]);
    if (status == STATUS_OK) {
        *out = turn->group_count++;
        turn->groups[*out] = (struct turn_group){
            .id = *id, .hash_next = *bucket, .job_first = TURN_NONE, .job_last = TURN_NONE};
        *bucket = *out;
    }
    return status;
}

/* The first event of a job in this turn puts it on its group's list. */
static enum status list_in_group(struct turn *turn, uint32_t index, bool is_first,
                                 const struct message_event *event)
{
    uint32_t group_index;
    enum status status = find_group(turn, &event->group, &group_index);
    if (status != STATUS_OK) {
        return status;
    }
    struct turn_group *group = &turn->groups[group_index];
    group->event_last = event->event;
    if (is_first && group->job_first == TURN_NONE) {
        group->job_first = index;
    } else if (is_first) {
        turn->jobs[group->job_last].group_next = index;
    }
    group->job_last = is_first ? index : group->job_last;
    return STATUS_OK;
}

/* The first event of a job in this turn puts it on its owner's list; a delivery's are its own. */
static void list_job(struct turn *turn, uint32_t index)
{
    struct turn_owner *owner = &turn->owners[turn->jobs[index].owner];
    if (owner->job_first == TURN_NONE) {
        owner->job_first = index;
    } else {
        turn->jobs[owner->job_last].owner_next = index;
    }
    owner->job_last = index;
}

enum status turn_event(struct turn *turn, const struct effect *effect)
{
    struct turn_job *job;
    uint32_t chunk;
    const struct message_event *event = &effect->event;
    assert(event->owner.size > 0);
    enum status status = find_job(turn, &event->job, event->owner, &job);
    if (status == STATUS_OK) {
        status = keep_event(turn, event, &chunk);
    }
    if (status != STATUS_OK) {
        return status;
    }
    bool is_first = job->event_first == TURN_NONE;
    turn->event_first = turn->event_first == 0 ? event->event : turn->event_first;
    if (is_first) {
        job->event_first = chunk;
        job->version_first = event->version;
        if (event->job_kind != JOB_KIND_WEBHOOK) {
            list_job(turn, (uint32_t)(job - turn->jobs));
        }
    } else {
        turn->chunks[job->event_last].next = chunk;
    }
    job->event_last = chunk;
    if (event->job_kind != JOB_KIND_WEBHOOK) {
        turn->owners[job->owner].event_last = event->event;
    }
    if (id_is_zero(&event->group)) {
        return STATUS_OK;
    }
    return list_in_group(turn, (uint32_t)(job - turn->jobs), is_first, event);
}

/* In the order of their places. */
static const uint8_t total_states[TURN_TOTALS_PER_KIND] = {
    TOTAL_ACCEPTED, JOB_STATE_COMPLETED, JOB_STATE_FAILED, JOB_STATE_CANCELLED, TOTAL_CHARACTERS};

static uint32_t total_slot(uint8_t kind, uint8_t state)
{
    uint32_t place = 0;
    assert(kind < JOB_KIND_COUNT);
    while (total_states[place] != state) {
        place++;
        assert(place < TURN_TOTALS_PER_KIND);
    }
    return kind * (uint32_t)TURN_TOTALS_PER_KIND + place;
}

uint8_t turn_total_kind(uint32_t slot)
{
    return (uint8_t)(slot / TURN_TOTALS_PER_KIND);
}

uint8_t turn_total_state(uint32_t slot)
{
    return total_states[slot % TURN_TOTALS_PER_KIND];
}

enum status turn_count(struct turn *turn, struct slice owner, uint8_t kind, uint8_t state,
                       int32_t change)
{
    uint32_t index;
    enum status status = find_owner(turn, owner, &index);
    if (status == STATUS_OK) {
        turn->owners[index].totals[total_slot(kind, state)] += change;
    }
    return status;
}

enum status turn_count_ended(struct turn *turn, const struct job *job, uint8_t state,
                             int32_t change)
{
    return turn_count(turn, SLICE_EMPTY, job->kind, state, change);
}

enum status turn_events_write(const struct turn *turn, const struct turn_job *job,
                              struct buffer *out)
{
    enum status status = plain_value_write(out, SLICE_EMPTY);
    for (uint32_t chunk = job->event_first; chunk != TURN_NONE && status == STATUS_OK;
         chunk = turn->chunks[chunk].next) {
        struct turn_span span = turn->chunks[chunk].bytes;
        status = buffer_append(out, turn->events.data + span.offset, span.size);
    }
    return status;
}
