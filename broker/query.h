#ifndef TROUPE_BROKER_QUERY_H
#define TROUPE_BROKER_QUERY_H

/*
 * Reads of the store, for reader threads and the simulator: facts for the core, job states, lists,
 * events, documents, and what a dispatched job needs. Pure over a view. Answers are appended to a
 * frame for the asking peer; after a failure the frame holds a part of one, to be thrown away.
 */

#include "broker/core/core.h"
#include "broker/batch.h"
#include "broker/search.h"
#include "broker/values.h"
#include "broker/view.h"
#include "proto/codec.h"

enum {
    EVENTS_KEPT_MAX = 256,        /* events in a job's timeline; above, the oldest progress goes */
    EVENTS_KEPT_MS = 86400000,    /* how far back an owner's stream goes */
    LIST_SCAN_MAX = 1000000,      /* index entries that one list request looks at: under a second */
    LIST_HEADS_MAX = 20000,       /* records that it reads to tell live states apart: 0.2 s */
    LIST_BEYOND_MAX = 1000,       /* entries behind the last job that the core has counted */
    SEARCH_MS = 120,              /* of one search's time: its answer is there within 200 ms */
    GAP_MS = 60000,               /* without a commit before a start: longer than a restart takes */
    LEFTOVERS_MAX = 256,          /* media entries that one look deletes: some 20 KiB of a commit */
    DOCUMENTS_SIZE_MAX = 1 << 20, /* bytes of documents in one page: it fits into a frame, and into
                                     what a gateway makes of it */
};

/* The live counts of the asking owner, which the loop knows when it hands a LIST_JOBS over
 * (core_count). */
struct live_counts {
    uint64_t counts[JOB_KIND_COUNT][JOB_STATE_COUNT];
};

/* Looks up what the core needs for a SUBMIT, CANCEL_JOB, RETRY_JOB, PUT_ENDPOINT, START_BULK,
 * CANCEL_GROUP or DELETE_DOCUMENT. Returns OK, NO_MEMORY, IO, or MALFORMED when what it looks for
 * is damaged. */
enum status query_facts(struct view *view, const struct message *request, int64_t now,
                        struct facts *out);

/* The same for a SUBMIT_GROUP and its jobs, in one pass: item_facts has a place for each, and must
 * live as long as *out. */
enum status query_group_facts(struct view *view, const struct message_submit_group *group,
                              const struct message_submit *items, int64_t now, struct facts *out,
                              struct item_facts *item_facts);

/* The same for a CHANGE_JOB. An ended job that is to be removed is added to *sweep, which has room
 * for it: the facts borrow that. Returns MALFORMED when it is damaged, otherwise as above. */
enum status query_change_facts(struct view *view, const struct message_change_job *change,
                               struct sweep *sweep, struct facts *out);

/* Each writes the whole answer (code NOT_FOUND included) as records of one frame. Returns OK,
 * TOO_LARGE, NO_MEMORY or IO; IO or MALFORMED when a stored record is damaged. */

/* A job that is kept no longer is answered by EXPIRED and whose it was. */
enum status query_job(struct view *view, const struct message_get_job *request,
                      const struct retention *retention, struct frame_writer *out);

/* Newest first. total comes from counters and *live. A request that would look at more than the
 * limits above ends its page early, with a cursor to go on from. A malformed cursor is answered by
 * INVALID. */
enum status query_list(struct view *view, const struct message_list_jobs *request,
                       const struct live_counts *live, const struct retention *retention,
                       struct frame_writer *out);

/* All users' jobs that a filter lets through, until the page is full or the limit says stop: then
 * with a cursor to go on from. A malformed cursor is answered by INVALID. What is damaged is passed
 * over, and noted in the view. */
enum status query_search(struct view *view, const struct message_search_jobs *request,
                         const struct search_limit *limit, const struct retention *retention,
                         struct frame_writer *out);

/* The failed jobs that a filter lets through, counted by the groups of their errors, newest job
 * first, until there is no room for another group or the limit says stop: likewise. */
enum status query_failures(struct view *view, const struct message_get_failures *request,
                           const struct search_limit *limit, struct frame_writer *out);

/* What a job was submitted with. */
enum status query_job_input(struct view *view, const struct message_get_input *request,
                            struct frame_writer *out);

/* The events after a number. A job's timeline, and a group's events, are answered by NOT_FOUND
 * unless the owner is the job's or group's, and by EXPIRED when the job is kept no longer. An
 * owner's stream whose next event is older than EVENTS_KEPT_MS or may be gone (event_days.h), or
 * whose cursor is larger than the last event, has `reset`, no events, and `through` at the last
 * event: go on from there. A job's timeline with a cursor larger than the last event has `reset`
 * and begins anew; so has a group's. Events of jobs that are kept no longer are passed over; so are
 * damaged ones, but an owner's stream has `reset` for them. */
enum status query_events(struct view *view, const struct message_get_events *request, int64_t now,
                         struct frame_writer *out);

/* A group and some of its jobs, in their order. It looks at each of its jobs. Those that are kept
 * no longer do not count; a group that has no others is answered by EXPIRED. */
enum status query_group(struct view *view, const struct message_get_group *request,
                        const struct retention *retention, struct frame_writer *out);

/* What is no character, or no media entry of the character that is named, is NOT_FOUND; so is a
 * media entry whose character is gone: it will be removed. */
enum status query_document(struct view *view, const struct message_get_document *request,
                           struct frame_writer *out);

/* Newest first. A page that grows above DOCUMENTS_SIZE_MAX or looks at more than LIST_SCAN_MAX
 * entries ends early, with a cursor to go on from. Of a character that is gone or another owner's:
 * NOT_FOUND; a malformed cursor: INVALID. */
enum status query_documents(struct view *view, const struct message_list_documents *request,
                            struct frame_writer *out);

/* The deleted documents whose assets may still be there. */
enum status query_removals(struct view *view, const struct message_list_removals *request,
                           struct frame_writer *out);

/* Which assets of a character are used: names of its media entries' assets, and what says whether
 * others may be used yet. live_since: core_live_since of the character, from before the view was
 * opened. Of a character of which something is damaged nobody can tell. A malformed cursor is
 * answered by INVALID. */
enum status query_assets(struct view *view, const struct message_get_assets *request,
                         int64_t live_since, struct frame_writer *out);

/* Adds to the batch, at a start at now, the time since the last commit, when that was gap_ms ago or
 * longer: a backup may stand in for what was written then. Of a store without any such time, or
 * with a damaged one, everything before now. */
enum status query_gap(struct view *view, int64_t last_ms, int64_t now, int64_t gap_ms,
                      struct batch *out);

/* Adds to the batch what deletes some of the media entries of a deleted character, with the mark of
 * the character behind its last one; nothing when there is none. Doing it again changes nothing.
 * Damaged entries stay, where nobody finds them. */
enum status query_leftovers(struct view *view, struct batch *out);

/* Writes JOB and its RECORDEDs for a leased job (head: as leased) in one frame. Returns OK,
 * NO_MEMORY or IO; MALFORMED, TOO_LARGE or NOT_FOUND when what it needs is damaged or missing. */
enum status query_dispatch(struct view *view, const struct job *head, struct slice owner,
                           int64_t now, struct frame_writer *out);

/* The same without a look at the store, for the first lease of a job that needs no document. */
enum status query_dispatch_fresh(const struct job *head, struct slice owner,
                                 const struct job_input *input, int64_t now,
                                 struct frame_writer *out);

/* Gathers what is due at sweep->now, from where *sweep says that the last look ended, and moves
 * that on. What is damaged is passed over and counted. Returns OK, NO_MEMORY or IO; after a failure
 * *sweep holds nothing. */
enum status query_sweep(struct view *view, const struct retention *retention, struct sweep *sweep);

/* Adds an ended job to *sweep, which has room for it, as if it were due: *out. Of one with more
 * events than there is room for, the oldest of them. Returns OK, NO_MEMORY, IO, or MALFORMED when
 * it is damaged. */
enum status query_swept(struct view *view, const struct job *head, struct sweep *sweep,
                        const struct swept **out);

/* Reads what is known of a job that is kept no longer. Returns OK, NOT_FOUND, NO_MEMORY or IO. */
enum status query_tombstone(struct view *view, const struct id *job, struct buffer *buffer,
                            struct tombstone_value *out);

/* Reads a job's record. *buffer holds what *out borrows. Returns OK, NOT_FOUND, NO_MEMORY, IO, or
 * MALFORMED for a damaged one. */
enum status query_record(struct view *view, const struct id *job, struct buffer *buffer,
                         struct job_value *out);

/* Reads a group's record, likewise. */
enum status query_group_record(struct view *view, const struct id *group, struct buffer *buffer,
                               struct group_value *out);

/* Calls visit with each live job's record, for core_restore and core_restore_error. Stops and
 * returns visit's status when it is not OK; MALFORMED when a record is damaged. */
typedef enum status query_visit(void *context, const struct job_value *value);
enum status query_live(struct view *view, query_visit *visit, void *context);

/* Reads the M record. Returns OK, NOT_FOUND (a new store), NO_MEMORY, MALFORMED or IO. */
enum status query_meta(struct view *view, struct meta *out);

#endif
