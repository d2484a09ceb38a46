#ifndef TROUPE_BROKER_VALUES_H
#define TROUPE_BROKER_VALUES_H

/*
 * The values of the store, by the prefix of their key (keys.h). Pure. Integers are little endian.
 * Every value but a counter begins with a format byte:
 *
 *   M      last commit 8, last event 8, time 8
 *   J      head (head.h), owner, error code, error message, url, links (empty, or group 16 and
 *          parent 16)
 *   P      the SUBMIT record, without request, idempotency key and dedupe key; of a delivery one
 *          whose payload is the EVENT record that it reports
 *   L I S X R  kind 1
 *   b      kind 1, state 1: the one it ended in, or `pending` while it lives
 *   Z      kind 1, state 1, version 4, owner
 *   c m    document type 1
 *   T t U  no format byte: the number, signed 8 bytes
 *   E      EVENT records, one after the other
 *   O V    time 8, then for each job: job 16, first version of its chunk 4
 *   D      the draft's bytes
 *   Q      a RECORDED record
 *   C      type 1, owner, parent or portrait 16, display id 8, number 8, url, then the document's
 *          bytes
 *   x      character 16, time 8, url
 *   y      nothing
 *   K      job or group 16, hash 32, time 8
 *   Y      job 16, time 8, how long it keeps the key at least 8
 *   G      kind 1, time 8, owner, then the jobs in their order: 16 each
 *   W      the PUT_ENDPOINT record, without request, with the version that it made
 *   w z g  time 8
 *   B      a BULK record; of what it is to do, the START_BULK record, without request and
 *          idempotency key: format 2 when it has a group of errors, 3 when it is about one of jobs
 *
 * owner and the texts stand with their size before them, in 2 bytes.
 *
 * To change a format: raise its number here (a head's: head.h), keep reading the old one, and add
 * the old bytes to the test of this file. A record is rewritten in the new form when it is next
 * written anyway. A change of keys, or one that an older broker must not see, raises
 * STORE_FORMAT.
 *
 * The writers append to out and return OK, TOO_LARGE or NO_MEMORY. The readers return OK or
 * MALFORMED; what they give borrows from the bytes.
 */

#include "base/buffer.h"
#include "broker/head.h"

enum {
    VALUE_FORMAT = 1,
    ORDER_FORMAT_ERRORS = 2,  /* of B */
    ORDER_FORMAT_GROUP = 3,   /* of B */
    KEY_LIFE_MS = 86400000,   /* of an idempotency key (design 7) */
    VALUE_SIZE_MAX = 1 << 20, /* bytes of any stored value: one turn's events of a job at most */
};

struct job_value {
    struct job head; /* memory-only fields are zero */
    struct slice owner;
    struct slice error_code;
    struct slice error_message;
    struct slice url;
    bool is_linked;
    struct job_links links; /* when it is */
};
enum status job_value_write(struct buffer *out, const uint8_t head[HEAD_SIZE], struct slice owner,
                            struct slice error_code, struct slice error_message, struct slice url,
                            struct slice links);

/* The links of a job as a J value has them: empty, or the bytes in out. links may be NULL. */
enum {
    LINKS_SIZE = 2 * ID_SIZE,
};
struct slice links_write(const struct job_links *links, uint8_t out[LINKS_SIZE]);
enum status job_value_read(struct slice bytes, struct job_value *out);

struct document_value {
    uint8_t type; /* enum document_type */
    struct slice owner;
    struct id parent;   /* of a media entry: its character */
    struct id portrait; /* of a character; all zero for none */
    char display_id[8]; /* of a character */
    uint64_t number;    /* in the listing index: of the event that told of it */
    struct slice url;   /* of a media entry: its asset */
    struct slice json;
};
enum status document_value_write(struct buffer *out, const struct document_value *document);
enum status document_value_read(struct slice bytes, struct document_value *out);

/* What a deleted document left behind; see REMOVAL in proto/messages.h. */
struct removal_value {
    struct id character;
    int64_t time_ms;
    struct slice url;
};
enum status removal_value_write(struct buffer *out, const struct removal_value *value);
enum status removal_value_read(struct slice bytes, struct removal_value *out);

struct key_value {
    struct id job;
    uint8_t hash[HASH_SIZE];
    int64_t time_ms;
};
enum status key_value_write(struct buffer *out, const struct key_value *value);
enum status key_value_read(struct slice bytes, struct key_value *out);

struct dedupe_value {
    struct id job;
    int64_t time_ms; /* when it was accepted */
    int64_t ttl_ms;
};
enum status dedupe_value_write(struct buffer *out, const struct dedupe_value *value);
enum status dedupe_value_read(struct slice bytes, struct dedupe_value *out);

struct group_value {
    uint8_t kind;
    int64_t created_at;
    struct slice owner;
    struct slice jobs; /* ID_SIZE bytes each */
};
/* The head of a G value; group_value_add appends one job to it. */
enum status group_value_write(struct buffer *out, uint8_t kind, int64_t created_at,
                              struct slice owner);
enum status group_value_add(struct buffer *out, const struct id *job);
enum status group_value_read(struct slice bytes, struct group_value *out);
uint32_t group_value_count(const struct group_value *group);
struct id group_value_job(const struct group_value *group, uint32_t index);

/* What is known of a job that is kept no longer. */
struct tombstone_value {
    uint8_t kind;
    uint8_t state; /* that it ended in */
    uint32_t version;
    struct slice owner;
};
enum status tombstone_value_write(struct buffer *out, const struct tombstone_value *value);
enum status tombstone_value_read(struct slice bytes, struct tombstone_value *out);

struct meta {
    uint64_t commit;
    uint64_t event_last;
    int64_t time_ms; /* of the last batch: the clock never starts before it */
};
enum status meta_write(struct buffer *out, const struct meta *meta);
enum status meta_read(struct slice bytes, struct meta *out);

/* What the index by age tells of a job. */
struct age_value {
    uint8_t kind;
    uint8_t state; /* that it ended in; PENDING: it lives, and its record tells */
};
enum {
    AGE_VALUE_SIZE = 3,
};
struct slice age_value_write(const struct age_value *value, uint8_t out[AGE_VALUE_SIZE]);
enum status age_value_read(struct slice bytes, struct age_value *out);

enum status index_value_write(struct buffer *out, uint8_t kind);
enum status index_value_read(struct slice bytes, uint8_t *kind);

/* The head of an O value; owner_events_add appends one job to it. */
enum status owner_events_write(struct buffer *out, int64_t time_ms);
enum status owner_events_add(struct buffer *out, const struct id *job, uint32_t version);

/* Checks an O value. *count jobs stand in it, for owner_events_get (index < count). */
enum status owner_events_read(struct slice bytes, int64_t *time_ms, uint32_t *count);
void owner_events_get(struct slice bytes, uint32_t index, struct id *job, uint32_t *version);

/* What a job was submitted with and its actor gets as it is. */
struct job_input {
    struct slice payload;
    struct slice trace;
    struct slice request_id;
};

/* A line of the audit log, which borrows from bytes. */
enum status audit_value_read(struct slice bytes, struct message_audit_line *out);

/* What a bulk is to do. A broker that knows no groups, of errors or of jobs, would do it to all
 * that the rest of the filter lets through: one with a group has a format that it refuses. */
enum status order_value_write(struct buffer *out, const struct message_start_bulk *order);
enum status order_value_read(struct slice bytes, struct message_start_bulk *out);

/* A number alone: e. */
enum status number_value_write(struct buffer *out, uint64_t number);
enum status number_value_read(struct slice bytes, uint64_t *number);

/* A time alone: w, z, g. */
enum status time_value_write(struct buffer *out, int64_t time_ms);
enum status time_value_read(struct slice bytes, int64_t *time_ms);

/* A format byte and then bytes as they are: E, P, D, Q, W, y. */
enum status plain_value_write(struct buffer *out, struct slice bytes);
enum status plain_value_read(struct slice bytes, struct slice *out);

#endif
