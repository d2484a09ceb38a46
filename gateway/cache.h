#ifndef TROUPE_GATEWAY_CACHE_H
#define TROUPE_GATEWAY_CACHE_H

/*
 * What is known of jobs, with the answer to GET rendered once a version. Filled by answers of the
 * broker, kept up to date by events, which may overtake each other: a higher version is never
 * replaced by a lower one. An event that arrives while a fill is under way is kept for it. Pure but
 * for allocation; whether the cache may be believed is its owner's to say. Bounded: the least
 * recently used go. Opaque; owned by the gateway.
 */

#include "gateway/job_json.h"

struct cache;

/* A job in the cache. Borrowed until the cache is called again. */
struct cached_job {
    const struct message_job_state *state;
    struct slice body;    /* the whole 200 envelope */
    int64_t waited_at_ms; /* when it was told what the job waits for; 0: not since it changed */
};

/* seed is random: nobody can choose ids that crowd one bucket. Returns OK or NO_MEMORY. */
enum status cache_new(uint64_t seed, struct cache **out);
void cache_destroy(struct cache **cache);

/* Whether the job is there. Marks it as used. body is rendered on demand; it is empty when memory
 * is short. */
bool cache_find(struct cache *cache, const struct id *job, struct cached_job *out);

/* Says that the broker is being asked about a job: events for it are kept from now on. Returns the
 * fill's ticket, for cache_fill_end. */
uint64_t cache_fill_begin(struct cache *cache, const struct id *job);

/* Ends a fill. state is the broker's answer, or NULL for none; it is merged with the events that
 * overtook it. Does nothing when the cache was emptied since the ticket was given. */
void cache_fill_end(struct cache *cache, uint64_t ticket, const struct id *job,
                    const struct message_job_state *state);

/* Applies an event to its job if that is here, and the event is newer. */
void cache_fold(struct cache *cache, const struct message_event *event);

/* Notes what the job waits for at this version, told at now_ms. */
void cache_wait(struct cache *cache, const struct id *job, uint32_t version,
                const struct job_wait *wait, int64_t now_ms);

/* Forgets everything: some events were missed. Fills under way will not enter. */
void cache_clear(struct cache *cache);

/* Lookups since the start: how many found their job, and how many did not. */
struct cache_totals {
    uint64_t hits;
    uint64_t misses;
};
struct cache_totals cache_totals(const struct cache *cache);

/* Jobs in the cache, those under way included. */
size_t cache_count(const struct cache *cache);

#endif
