#include "gateway/cache.h"

#include <assert.h>
#include <stdlib.h>
#include "gateway/job_copy.h"
#include "gateway/limits.h"
#include "gateway/list.h"

enum {
    BODY_CAPACITY_MAX = 32 << 10 /* bytes of one rendered job: its wire limits, escaped */
};

/* A job. Not filled: its state holds only what events told since the fill began. */
struct entry {
    struct entry *bucket_next;
    struct list used; /* in cache.used, the latest at the end */
    struct job_copy copy;
    struct buffer body;   /* empty when it must be rendered */
    struct job_wait wait; /* of this state, told at waited_at_ms */
    int64_t waited_at_ms; /* 0: not told */
    size_t size;          /* bytes counted for it */
    uint64_t ticket;      /* of its first fill: what was begun before has missed events */
    uint32_t fills;       /* under way */
    bool filled;
};

struct cache {
    struct entry **buckets;
    struct list used;
    size_t count;
    size_t size;
    uint64_t seed;
    uint64_t ticket; /* the last one given */
    struct cache_totals totals;
};

_Static_assert((CACHE_ENTRIES_MAX & (CACHE_ENTRIES_MAX - 1)) == 0, "a mask finds the bucket");

enum status cache_new(uint64_t seed, struct cache **out)
{
    struct cache *cache = calloc(1, sizeof(*cache));
    if (cache == NULL) {
        return STATUS_NO_MEMORY;
    }
    cache->buckets = calloc(CACHE_ENTRIES_MAX, sizeof(cache->buckets[0]));
    if (cache->buckets == NULL) {
        free(cache);
        return STATUS_NO_MEMORY;
    }
    cache->seed = seed;
    list_init(&cache->used);
    *out = cache;
    return STATUS_OK;
}

void cache_destroy(struct cache **cache)
{
    if (*cache == NULL) {
        return;
    }
    cache_clear(*cache);
    free((*cache)->buckets);
    free(*cache);
    *cache = NULL;
}

/* The place that points at the job's entry, or at NULL where it would be. */
static struct entry **entry_place(struct cache *cache, const struct id *job)
{
    uint64_t word;
    memcpy(&word, job->bytes + ID_SIZE - sizeof(word), sizeof(word));
    uint64_t hash = (word ^ cache->seed) * 0x9e3779b97f4a7c15U;
    struct entry **place = &cache->buckets[(hash >> 40) & (CACHE_ENTRIES_MAX - 1)];
    while (*place != NULL && !id_equal(&(*place)->copy.state.job, job)) {
        place = &(*place)->bucket_next;
    }
    return place;
}

static void entry_remove(struct cache *cache, struct entry **place)
{
    struct entry *entry = *place;
    *place = entry->bucket_next;
    assert(cache->count > 0 && cache->size >= entry->size);
    cache->count--;
    cache->size -= entry->size;
    list_remove(&entry->used);
    job_copy_fini(&entry->copy);
    buffer_fini(&entry->body);
    free(entry);
}

/* Counts the entry anew after it changed. */
static void entry_measure(struct cache *cache, struct entry *entry)
{
    cache->size -= entry->size;
    entry->size = sizeof(*entry) + entry->copy.texts_size + entry->body.capacity;
    cache->size += entry->size;
}

static void entry_touch(struct cache *cache, struct entry *entry)
{
    list_remove(&entry->used);
    list_append(&cache->used, &entry->used);
}

/* Makes room; what was just used stays. */
static void cache_trim(struct cache *cache)
{
    while ((cache->count > CACHE_ENTRIES_MAX || cache->size > CACHE_SIZE_MAX) && cache->count > 1) {
        struct entry *oldest = LIST_OWNER(cache->used.next, struct entry, used);
        entry_remove(cache, entry_place(cache, &oldest->copy.state.job));
    }
}

/* Replaces the entry's state. When memory is short the entry goes: a stale one would be a lie. */
static bool entry_set(struct cache *cache, struct entry **place,
                      const struct message_job_state *state)
{
    struct entry *entry = *place;
    if (job_copy_set(&entry->copy, state) != STATUS_OK) {
        entry_remove(cache, place);
        return false;
    }
    entry->wait = (struct job_wait){0};
    entry->waited_at_ms = 0;
    buffer_clear(&entry->body);
    entry_measure(cache, entry);
    return true;
}

bool cache_find(struct cache *cache, const struct id *job, struct cached_job *out)
{
    struct entry *entry = *entry_place(cache, job);
    if (entry == NULL || !entry->filled) {
        cache->totals.misses++;
        return false;
    }
    cache->totals.hits++;
    if (entry->body.size == 0) {
        if (job_json_envelope(&entry->copy.state, &entry->wait, NULL, &entry->body) != STATUS_OK) {
            buffer_clear(&entry->body);
        }
        entry_measure(cache, entry);
    }
    entry_touch(cache, entry);
    cache_trim(cache);
    out->state = &entry->copy.state;
    out->body = buffer_slice(&entry->body);
    out->waited_at_ms = entry->waited_at_ms;
    return true;
}

uint64_t cache_fill_begin(struct cache *cache, const struct id *job)
{
    struct entry **place = entry_place(cache, job);
    cache->ticket++;
    if (*place == NULL) {
        struct entry *entry = calloc(1, sizeof(*entry));
        if (entry == NULL) {
            return cache->ticket; /* its end finds no entry and does nothing */
        }
        entry->copy.state.job = *job;
        entry->ticket = cache->ticket;
        buffer_init(&entry->body, BODY_CAPACITY_MAX);
        *place = entry;
        cache->count++;
        list_append(&cache->used, &entry->used);
        entry_measure(cache, entry);
    }
    (*place)->fills++;
    entry_touch(cache, *place);
    cache_trim(cache);
    return cache->ticket;
}

void cache_fill_end(struct cache *cache, uint64_t ticket, const struct id *job,
                    const struct message_job_state *state)
{
    struct entry **place = entry_place(cache, job);
    struct entry *entry = *place;
    if (entry == NULL || ticket < entry->ticket) {
        return;
    }
    assert(entry->fills > 0);
    entry->fills--;
    if (state == NULL) {
        if (!entry->filled && entry->fills == 0) {
            entry_remove(cache, place);
        }
        return;
    }
    struct message_job_state merged = *state;
    if (entry->copy.state.version > state->version) {
        merged = entry->copy.state;
        job_state_base(&merged, state);
    }
    if (entry_set(cache, place, &merged)) {
        entry->filled = true;
    }
}

void cache_fold(struct cache *cache, const struct message_event *event)
{
    struct entry **place = entry_place(cache, &event->job);
    struct entry *entry = *place;
    if (entry == NULL || entry->copy.state.version >= event->version) {
        return;
    }
    struct message_job_state state = entry->copy.state;
    job_state_fold(&state, event);
    entry_set(cache, place, &state);
}

void cache_wait(struct cache *cache, const struct id *job, uint32_t version,
                const struct job_wait *wait, int64_t now_ms)
{
    struct entry *entry = *entry_place(cache, job);
    if (entry == NULL || !entry->filled || entry->copy.state.version != version) {
        return;
    }
    entry->wait = *wait;
    entry->waited_at_ms = now_ms;
    buffer_clear(&entry->body);
    entry_measure(cache, entry);
}

void cache_clear(struct cache *cache)
{
    while (!list_is_empty(&cache->used)) {
        struct entry *entry = LIST_OWNER(cache->used.next, struct entry, used);
        entry_remove(cache, entry_place(cache, &entry->copy.state.job));
    }
    assert(cache->count == 0 && cache->size == 0);
}

struct cache_totals cache_totals(const struct cache *cache)
{
    return cache->totals;
}

size_t cache_count(const struct cache *cache)
{
    return cache->count;
}
