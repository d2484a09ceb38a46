#ifndef TROUPE_BROKER_KEYS_H
#define TROUPE_BROKER_KEYS_H

/*
 * The keys of the store: one flat space, one-byte prefixes. All integers are big endian so that
 * bytes sort as numbers; `~` marks one that is inverted, so that the newest comes first; `owner` is
 * one byte of size and the bytes. What the values are stands in values.h. Pure.
 *
 *   F                                   the format of the whole store (store.h)
 *   M                                   last commit, last event, time: in every batch
 *   J job                               head, owner, last error, url
 *   P job                               the input: the SUBMIT record
 *   L owner kind ~accepted job          the live index; gone when the job ends
 *   I owner family ~accepted job        the listing index; family: 0 character, 1 media
 *   S owner family state ~accepted job  ended jobs by state, written when the job ends
 *   b ~accepted job                     every job by age, all owners', with the state it ended in
 *   T owner kind state                  counter: accepted (TOTAL_ACCEPTED) and ended jobs, and the
 *                                       owner's characters (kind character, TOTAL_CHARACTERS)
 *   T "" kind state                     counter: ended jobs of all owners
 *   E job version                       EVENT records of one turn; first version in the key
 *   O owner event                       which jobs of the owner have events in one turn; the last
 *                                       event's number in the key
 *   e day                               the number of the first event of a day since 1970 (UTC)
 *   D job                               draft of the job, once it has one, until it completes: who
 *                                       tries one again that did not goes on from it
 *   Q job operation                     recorded operation
 *   C id                                document of a character or media entry
 *   c owner ~number id                  the owner's characters; number: see values.h
 *   m character ~number id              the character's media entries but the portrait, which is
 *                                       found by C and older than all of them
 *   t character type                    counter: its media entries of that type; the portrait's
 *                                       making is not added, but its deletion is taken away
 *   x id                                a deleted document whose assets may still be there
 *   y id                                a deleted character whose media entries may still be there
 *   z character                         that a character was deleted, or that the job which was to
 *                                       make it, and was at work, has ended without
 *   g ~start                            a time of which the store knows nothing, up to its value:
 *                                       before it was made, and before a start that came later
 *                                       than GAP_MS after the last commit
 *   K owner hash(key)                   idempotency key
 *   Y owner kind hash(key)              dedupe key: the last job that was accepted with it
 *   G group                             what a group is, and its jobs
 *   V group event                       which jobs of the group have events in one turn, as O
 *   W owner endpoint                    webhook endpoint
 *   w owner endpoint                    that it is disabled; there is none while it is not
 *   X endpoint ~accepted delivery       the log of deliveries; in place of an endpoint the job that
 *                                       has a webhook of its own
 *   R retained since job                the retention index: since when an ended job (retained: the
 *                                       state it ended in) or a tombstone (255) is kept
 *   q kind                              that a queue is paused; there is none while it is not
 *   u worker                            orders of a worker; there is none while it has none
 *   Z job                               tombstone of a job that is kept no longer
 *   H range kind place                  a slot of a queue's history (history.h)
 *   B bulk                              how far a bulk is
 *   B bulk 0                            what it is to do: the START_BULK record
 *   A ~number                           a line of the audit log
 *   U day owner provider slot           counter: what an owner spent on a day since 1970 (UTC)
 *                                       with a provider (enum spend_slot); empty: not told which.
 *                                       Without an owner: all owners together
 *   N part account                      counter: calls that were granted to an account of providers
 *                                       in a sixtieth of a day, numbered since 1970 (UTC)
 *
 * When each goes:
 *   F M              one each, never; nor does H, of which there are 1,104 at most, nor g
 *   L D              when the job ends
 *   J P I S b R E Q X  when the job has been kept for long enough after its end (expiry.h); S also
 *                    when it is tried again, and R in that case when its time comes
 *   Z                with its R, some time after the job
 *   C c m W w        when their owner deletes them
 *   q                when the queue goes on
 *   u                when the worker works again, or is gone
 *   B                what it is to do when it has ended; how far it is after a hundred others
 *   T t              when they are 0 and RocksDB rewrites their table; t also with its character
 *   K Y O V G A U N e z
 *                    when nobody reads them any more and RocksDB rewrites their table (forget.h)
 *
 * Keys that a job takes, besides its share of M, e, O and T, which each turn writes once for all or
 * for an owner (test_recorder.c holds the numbers). With the null provider a job has three turns:
 * accepted and handed out; at work, with a paid call announced; done.
 *
 *   character  20  J and E in each turn, P, I, S, R, Q, b twice, L and its deletion, D and its
 *                  deletion, C of the character and of its portrait, c
 *   image      18  the same without D and its deletion, with one C, m and t instead of c
 *   video      23  the same as an image, with D and its deletion; and J, E and Q of one turn more,
 *                  which records the task that it has ordered
 *
 * A call of a provider that actors have declared adds an N.
 *
 * About 14 was the aim. What is left to take away costs more than a key:
 *
 *   E    in one key at the end, the history of a job at work would not outlive the broker
 *   I    every list of all states would be a merge of five indexes instead of one scan, and lists
 *        are asked for more often than jobs are made
 *   L S  without L a start would read every job there is; without S a list of one state, all
 *   b    a search over all users would be a merge of as many indexes as there are users; written
 *        again at the end, it tells of a million jobs which have failed without reading any of them
 *   R    what is to expire would be found by reading all that is kept
 *   Q    a job whose worker is lost would pay for its calls again; D: for its chat
 *   D    without its deletion completed jobs would keep drafts that nobody reads
 *   c    characters outlive their jobs' S, and are listed by another age; C is found by id alone
 *   t    totals are exact, however many entries there are, for the price of one read
 *
 * Each function builds one of them in out (KEY_BYTES_MAX bytes) and returns the slice of it.
 */

#include "base/id.h"
#include "broker/batch.h"

enum {
    KEY_META = 'M',
    KEY_FORMAT = 'F',
    KEY_JOB = 'J',
    KEY_INPUT = 'P',
    KEY_LIVE = 'L',
    KEY_LIST = 'I',
    KEY_STATE = 'S',
    KEY_AGE = 'b',
    KEY_TOTAL = 'T',
    KEY_EVENTS = 'E',
    KEY_OWNER_EVENTS = 'O',
    KEY_EVENT_DAY = 'e',
    KEY_DRAFT = 'D',
    KEY_OPERATION = 'Q',
    KEY_DOCUMENT = 'C',
    KEY_CHARACTER = 'c',
    KEY_MEDIA = 'm',
    KEY_MEDIA_TOTAL = 't',
    KEY_REMOVAL = 'x',
    KEY_LEFTOVERS = 'y',
    KEY_IDEMPOTENCY = 'K',
    KEY_DEDUPE = 'Y',
    KEY_GROUP = 'G',
    KEY_GROUP_EVENTS = 'V',
    KEY_ENDPOINT = 'W',
    KEY_DISABLED = 'w',
    KEY_DELIVERY = 'X',
    KEY_QUEUE = 'q',
    KEY_WORKER = 'u',
    KEY_RETAINED = 'R',
    KEY_TOMBSTONE = 'Z',
    KEY_HISTORY = 'H',
    KEY_BULK = 'B',
    KEY_AUDIT = 'A',
    KEY_SPENT = 'U',
    KEY_CALLS = 'N',
    KEY_GONE = 'z',
    KEY_GAP = 'g',
};

/* What is counted of an owner's money. */
enum spend_slot {
    SPEND_SLOT_AMOUNT = 0,     /* micro-dollars */
    SPEND_SLOT_UNCERTAIN = 1,  /* of them, those that may not have been charged */
    SPEND_SLOT_OPERATIONS = 2, /* that they were spent on */
    SPEND_SLOT_JOBS = 3,       /* that cost their first money then */
};
enum {
    SPEND_SLOT_COUNT = 4
};

enum {
    FAMILY_CHARACTER = 0, /* jobs of kind character */
    FAMILY_MEDIA = 1,     /* image and video; deliveries are in no family */
    FAMILY_COUNT = 2,
    TOTAL_ACCEPTED = 255,   /* in place of a state: all jobs ever accepted */
    TOTAL_CHARACTERS = 254, /* in place of a state: characters that exist */
};

struct slice key_format(uint8_t *out);
struct slice key_meta(uint8_t *out);
struct slice key_job(uint8_t *out, const struct id *job);
struct slice key_input(uint8_t *out, const struct id *job);
struct slice key_live(uint8_t *out, struct slice owner, uint8_t kind, uint64_t accepted,
                      const struct id *job);
struct slice key_list(uint8_t *out, struct slice owner, uint8_t family, uint64_t accepted,
                      const struct id *job);
struct slice key_state(uint8_t *out, struct slice owner, uint8_t family, uint8_t state,
                       uint64_t accepted, const struct id *job);
struct slice key_age(uint8_t *out, uint64_t accepted, const struct id *job);
struct slice key_total(uint8_t *out, struct slice owner, uint8_t kind, uint8_t state);
struct slice key_events(uint8_t *out, const struct id *job, uint32_t version);
struct slice key_owner_events(uint8_t *out, struct slice owner, uint64_t event);
struct slice key_event_day(uint8_t *out, uint32_t day);
struct slice key_draft(uint8_t *out, const struct id *job);
struct slice key_operation(uint8_t *out, const struct id *job, uint8_t operation);
struct slice key_document(uint8_t *out, const struct id *id);
struct slice key_character(uint8_t *out, struct slice owner, uint64_t number, const struct id *id);
struct slice key_media(uint8_t *out, const struct id *character, uint64_t number,
                       const struct id *id);
struct slice key_media_total(uint8_t *out, const struct id *character, uint8_t type);
struct slice key_removal(uint8_t *out, const struct id *id);
struct slice key_leftovers(uint8_t *out, const struct id *character);
struct slice key_gone(uint8_t *out, const struct id *character);
struct slice key_gap(uint8_t *out, int64_t start_ms);
struct slice key_idempotency(uint8_t *out, struct slice owner, struct slice key);
struct slice key_dedupe(uint8_t *out, struct slice owner, uint8_t kind, struct slice key);
struct slice key_group(uint8_t *out, const struct id *group);
struct slice key_group_events(uint8_t *out, const struct id *group, uint64_t event);
struct slice key_endpoint(uint8_t *out, struct slice owner, const struct id *endpoint);
struct slice key_disabled(uint8_t *out, struct slice owner, const struct id *endpoint);
struct slice key_delivery(uint8_t *out, const struct id *endpoint, uint64_t accepted,
                          const struct id *delivery);
struct slice key_queue(uint8_t *out, uint8_t kind);
struct slice key_worker(uint8_t *out, const struct id *worker);

struct slice key_retained(uint8_t *out, uint8_t retained, int64_t since, const struct id *job);
struct slice key_tombstone(uint8_t *out, const struct id *job);
struct slice key_history(uint8_t *out, uint8_t range, uint8_t kind, uint8_t place);

/* How far a bulk is, and what it is to do. */
struct slice key_bulk(uint8_t *out, const struct id *bulk);
struct slice key_bulk_order(uint8_t *out, const struct id *bulk);
bool key_is_bulk_order(struct slice key);
struct slice key_audit(uint8_t *out, uint64_t number);

/* day is in days since 1970; the second is the prefix of an owner's keys of a day, the third that
 * of a day's. */
struct slice key_spent(uint8_t *out, uint32_t day, struct slice owner, struct slice provider,
                       uint8_t slot);
struct slice key_spent_owner(uint8_t *out, uint32_t day, struct slice owner);
struct slice key_spent_day(uint8_t *out, uint32_t day);

/* Reads the parts of a U key; the slices borrow from it. False when it is damaged. */
bool key_read_spent(struct slice key, uint32_t *day, struct slice *owner, struct slice *provider,
                    uint8_t *slot);

/* The second is the prefix of the keys of a part. */
struct slice key_calls(uint8_t *out, uint32_t part, struct slice account);
struct slice key_calls_part(uint8_t *out, uint32_t part);

/* Reads the parts of an N key; account borrows from it. False when it is damaged. */
bool key_read_calls(struct slice key, uint32_t *part, struct slice *account);

/* The family that lists a kind of job, which is not a delivery. */
uint8_t key_family(uint8_t kind);

/* Reads `~accepted job` from the end of an L, I, S, b or X key, or `~number id` from that of a
 * c or m key. False when the key is too short. */
bool key_read_tail(struct slice key, uint64_t *accepted, struct id *job);

/* Read the parts of an R key, and the version of an E key. False when the key is of another size.
 * */
bool key_read_retained(struct slice key, uint8_t *retained, int64_t *since, struct id *job);
bool key_read_version(struct slice key, uint32_t *version);

/* Reads the parts of an H key. False when the key is of another size. */
bool key_read_history(struct slice key, uint8_t *range, uint8_t *kind, uint8_t *place);

/* Reads the number of an A key. False when the key is of another size. */
bool key_read_audit(struct slice key, uint64_t *number);

/* Reads the day of an e key. False when the key is of another size. */
bool key_read_event_day(struct slice key, uint32_t *day);

/* Reads the start of a g key. False when the key is of another size. */
bool key_read_gap(struct slice key, int64_t *start_ms);

/* The event's number at the end of an O key. */
uint64_t key_read_event(struct slice key);

#endif
