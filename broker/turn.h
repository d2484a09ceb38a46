#ifndef TROUPE_BROKER_TURN_H
#define TROUPE_BROKER_TURN_H

/*
 * What the recorder gathers during one turn: each touched job's last head and its events, each
 * touched owner's counters, and which jobs of an owner or group had events. Memory is kept from
 * turn to turn. Embedded in the recorder. Pure.
 */

#include "broker/batch.h"
#include "broker/core/core.h"
#include "broker/head.h"

enum {
    TURN_NONE = UINT32_MAX,
    TURN_BUCKETS = 1024, /* of each hash table: a turn takes 512 records, each of about one job */
    TURN_TOTALS_PER_KIND = 5, /* accepted, completed, failed, cancelled; characters */
    TURN_TOTAL_COUNT = JOB_KIND_COUNT * TURN_TOTALS_PER_KIND,
};

/* A piece of the turn's texts. */
struct turn_span {
    uint32_t offset;
    uint32_t size;
};

struct turn_job {
    struct id id;
    uint32_t owner;       /* index of its owner */
    uint32_t hash_next;   /* index: chain of a bucket */
    uint32_t owner_next;  /* index: chain of the owner's jobs with events */
    uint32_t group_next;  /* index: chain of its group's jobs with events */
    uint32_t event_first; /* indexes of its chain of events, or TURN_NONE */
    uint32_t event_last;
    uint32_t version_first; /* of the first event */
    bool saved;             /* head and texts are to be written */
    bool draft_over;        /* the job has ended, and nobody needs its draft */
    bool draft_stored;      /* an earlier turn may have written a draft */
    struct turn_span error_code;
    struct turn_span error_message;
    struct turn_span url;
    struct turn_span draft; /* empty for none in this turn */
    struct turn_span links;
    uint8_t head[HEAD_SIZE];
};

struct turn_owner {
    struct turn_span name;
    uint32_t hash_next;
    uint32_t job_first; /* index of its chain of jobs with events, or TURN_NONE */
    uint32_t job_last;
    uint64_t event_last; /* number of the last event */
    int32_t totals[TURN_TOTAL_COUNT];
};

struct turn_group {
    struct id id;
    uint32_t hash_next;
    uint32_t job_first; /* index of its chain of jobs with events */
    uint32_t job_last;
    uint64_t event_last; /* number of the last event */
};

struct turn_chunk {
    struct turn_span bytes; /* in events */
    uint32_t next;          /* the job's next event, or TURN_NONE */
};

struct turn {
    struct turn_job *jobs;
    struct turn_owner *owners;
    struct turn_group *groups;
    struct turn_chunk *chunks;
    uint32_t job_count, job_capacity;
    uint32_t owner_count, owner_capacity;
    uint32_t group_count, group_capacity;
    uint32_t chunk_count, chunk_capacity;
    struct buffer texts;
    struct buffer events;
    uint64_t event_first; /* number of the first event; 0: there is none */
    uint32_t job_buckets[TURN_BUCKETS];
    uint32_t owner_buckets[TURN_BUCKETS];
    uint32_t group_buckets[TURN_BUCKETS];
};

void turn_init(struct turn *turn);
void turn_fini(struct turn *turn);
void turn_clear(struct turn *turn);

/* Bytes that the gathered records will take in the batch at most. */
size_t turn_size(const struct turn *turn);

/* Each notes one effect. Return OK, TOO_LARGE or NO_MEMORY. */

/* The job's head and texts: those of the last call in a turn are written. */
enum status turn_save(struct turn *turn, const struct effect *effect);
enum status turn_event(struct turn *turn, const struct effect *effect);

/* The job's draft: that of the last call in a turn is written, unless the job's end makes it
 * needless. */
enum status turn_draft(struct turn *turn, const struct effect *effect);

/* The job's end: saves it, and makes its draft needless unless it keeps it. */
enum status turn_end(struct turn *turn, const struct effect *effect);

/* Adds to a counter of the owner; state: a terminal one, TOTAL_ACCEPTED or TOTAL_CHARACTERS. */
enum status turn_count(struct turn *turn, struct slice owner, uint8_t kind, uint8_t state,
                       int32_t change);

/* Adds to the counter of all owners' jobs that ended in this state and are still kept. */
enum status turn_count_ended(struct turn *turn, const struct job *job, uint8_t state,
                             int32_t change);

struct slice turn_text(const struct turn *turn, struct turn_span span);
struct slice turn_owner_name(const struct turn *turn, uint32_t owner);
uint8_t turn_total_kind(uint32_t slot);
uint8_t turn_total_state(uint32_t slot);

/* Appends the job's chunk: an E value. */
enum status turn_events_write(const struct turn *turn, const struct turn_job *job,
                              struct buffer *out);

#endif
