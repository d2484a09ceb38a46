#ifndef TROUPE_BROKER_LIST_SOURCE_H
#define TROUPE_BROKER_LIST_SOURCE_H

/*
 * One listing index, read newest first in chunks, so that several can be merged without holding any
 * of them. The entries are jobs or documents; one of documents has the number of its event for an
 * age, and its type for a kind. A group's record is such an index, too: it names its jobs. What is
 * damaged is noted in the view: a key is passed over, and an entry without its value given as such.
 * Pure; embedded in a list's query.
 */

#include "broker/keys.h"
#include "broker/view.h"
#include "proto/messages.h"

enum {
    SOURCE_CHUNK = 128, /* entries read by one scan */
    LIST_CURSOR_SIZE = 9,
    /* Bit sets of job_state. */
    STATES_ALL = (1 << JOB_STATE_COUNT) - 1,
    STATES_LIVE = 1 << JOB_STATE_PENDING | 1 << JOB_STATE_WAITING | 1 << JOB_STATE_ACTIVE,
};

struct source_entry {
    uint64_t accepted;
    uint64_t scanned; /* of its source, itself included */
    bool is_damaged;  /* only its record can tell whether it is wanted */
    struct id job;
};

struct source {
    uint8_t prefix[KEY_BYTES_MAX]; /* of all its keys: all but `~accepted job` */
    size_t prefix_size;
    uint8_t kinds;    /* bit set of job_kind: others are passed over */
    bool live;        /* entries of the live index: their state stands in their record */
    bool aged;        /* entries of the index by age, which tells the states of ended jobs */
    uint8_t states;   /* aged: bit set of job_state; entries of others are passed over */
    struct id group;  /* all zero, or whose jobs are the entries, of all kinds and states */
    uint32_t members; /* of the group: those at its beginning that are left to read */
    bool hasty;       /* a peek makes one scan at most, and may give nothing before the end */
    uint64_t before;  /* entries accepted before this one are left to read */
    uint32_t count;
    uint32_t position;
    bool exhausted;
    uint64_t scanned; /* index entries looked at */
    uint64_t taken;   /* of them up to the last entry that was taken */
    struct source_entry entries[SOURCE_CHUNK];
};

/* Where the page after an entry begins, as bytes for the wire. Reading gives UINT64_MAX for the
 * first page's empty cursor, and false for one that is not of a list. */
void list_cursor_write(uint8_t out[LIST_CURSOR_SIZE], uint64_t accepted);
bool list_cursor_read(struct slice cursor, uint64_t *before);

/* Adds the counter of a key, which may be negative, to *total, which may not; buffer is scratch
 * space. Returns OK, NO_MEMORY, IO, or MALFORMED for one that is none. */
enum status list_count(struct view *view, struct slice key, struct buffer *buffer, uint64_t *total);

/* Begins at the newest entry accepted before `before`. key: any key of the index. */
void source_init(struct source *source, struct slice key, uint8_t kinds, bool live,
                 uint64_t before);

/* The same for the index by age. A live job is passed over when no live state is wanted. */
void source_init_age(struct source *source, uint8_t kinds, uint8_t states, uint64_t before);

/* The same for the jobs of a group that are still kept; of one that there is not there are none.
 * Of one whose record is damaged the only entry, which is so too, has the group's id for a job. */
void source_init_group(struct source *source, const struct id *group, uint64_t before);

/* Gives the next entry without taking it, or NULL at the end, through *out. Returns OK or IO. */
enum status source_peek(struct source *source, struct view *view, const struct source_entry **out);
void source_take(struct source *source);

#endif
