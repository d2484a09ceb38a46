#ifndef TROUPE_PROTO_MESSAGES_ADMIN_H
#define TROUPE_PROTO_MESSAGES_ADMIN_H

/* The part of the wire's table (messages.h, which includes it) that is about the stack as those who
 * run it see it. */

/* ---- gateway -> broker ---- */

/* All queues as they are now. Answered at once, from memory, by ADMIN_PAGE, with the disk, and a
 * QUEUE for each in one frame. */
#define MESSAGE_GET_QUEUES(FIELD) FIELD(1, request, U64, INT64_MAX, REQUIRED)

/* Pauses a queue or lets it go on; one that is so already stays so. Answered by REPLY.
 *
 * What is done with an action is one line of the audit log, by the same commit: user (of a change
 * of a job: its owner field) is who asks, role what the token says of who that is, action the word
 * for it, request_id the HTTP request's. What is done without one has no line. */
#define MESSAGE_SET_QUEUE(FIELD)                      \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)       \
    FIELD(2, kind, U8, JOB_KIND_COUNT - 1, REQUIRED)  \
    FIELD(3, paused, FLAG, 0, OPTIONAL)               \
    FIELD(4, user, TEXT, OWNER_SIZE_MAX, OPTIONAL)    \
    FIELD(5, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)     \
    FIELD(6, action, TEXT, ACTION_SIZE_MAX, OPTIONAL) \
    FIELD(7, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

/* All workers. Answered at once, from memory, by ADMIN_PAGE, and a WORKER with its WORKER_JOBs for
 * each in one frame. */
#define MESSAGE_GET_WORKERS(FIELD) FIELD(1, request, U64, INT64_MAX, REQUIRED)

/* Gives a worker its orders; one that has them already keeps them. Answered by REPLY: CONFLICT for
 * one that is to end and shall not. */
#define MESSAGE_SET_WORKER(FIELD)                           \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)             \
    FIELD(2, worker, ID, 0, REQUIRED)                       \
    FIELD(3, orders, U8, WORKER_ORDERS_COUNT - 1, OPTIONAL) \
    FIELD(4, user, TEXT, OWNER_SIZE_MAX, OPTIONAL)          \
    FIELD(5, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)           \
    FIELD(6, action, TEXT, ACTION_SIZE_MAX, OPTIONAL)       \
    FIELD(7, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

/* The audit log, newest first: lines of a user, of an action, or all. cursor continues after an
 * earlier page's next. A search that takes longer than a reader's time for it stops with what it
 * has. searcher: as in SEARCH_JOBS. Answered by AUDIT_PAGE and its AUDIT_LINEs in one frame. */
#define MESSAGE_GET_AUDIT(FIELD)                       \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, limit, U32, LIST_LIMIT_MAX, REQUIRED)     \
    FIELD(3, cursor, BYTES, CURSOR_SIZE_MAX, OPTIONAL) \
    FIELD(4, user, TEXT, OWNER_SIZE_MAX, OPTIONAL)     \
    FIELD(5, action, TEXT, ACTION_SIZE_MAX, OPTIONAL)  \
    FIELD(6, searcher, TEXT, OWNER_SIZE_MAX, OPTIONAL)

/* A line of the audit log about what the gateway has decided by itself. left_out: lines of the same
 * user that were left out before it, because there were too many. Answered by REPLY. */
#define MESSAGE_NOTE_AUDIT(FIELD)                            \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)              \
    FIELD(2, user, TEXT, OWNER_SIZE_MAX, REQUIRED)           \
    FIELD(3, role, TEXT, ROLE_SIZE_MAX, REQUIRED)            \
    FIELD(4, action, TEXT, ACTION_SIZE_MAX, REQUIRED)        \
    FIELD(5, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)     \
    FIELD(6, target, TEXT, AUDIT_TARGET_SIZE_MAX, OPTIONAL)  \
    FIELD(7, outcome, U8, AUDIT_OUTCOME_COUNT - 1, OPTIONAL) \
    FIELD(8, left_out, U32, UINT32_MAX, OPTIONAL)

/* Who has live jobs, those with the most first and equals by name, and then who has spent today and
 * has none: the first of those behind the user `after` with after_jobs of them, or of all; or what
 * one user has, whether that is anything or nothing, in each queue. Answered from memory, when all
 * users have been looked at, by ADMIN_PAGE, with what all of them have, and its USERs in one
 * frame. */
#define MESSAGE_GET_USERS(FIELD)                    \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)     \
    FIELD(2, limit, U32, LIST_LIMIT_MAX, REQUIRED)  \
    FIELD(3, after, TEXT, OWNER_SIZE_MAX, OPTIONAL) \
    FIELD(4, after_jobs, U64, INT64_MAX, OPTIONAL)  \
    FIELD(5, owner, TEXT, OWNER_SIZE_MAX, OPTIONAL)

/* The providers that workers have declared. Answered at once, from memory, by ADMIN_PAGE and its
 * PROVIDER_STATEs in one frame. */
#define MESSAGE_GET_PROVIDERS(FIELD) FIELD(1, request, U64, INT64_MAX, REQUIRED)

/* ---- broker -> gateway ---- */

/* count records of what was asked for follow in the same frame. Of users: how many there are in
 * all, and the jobs of all of them; how many users are behind the place that was asked for. Of
 * queues: whether new work is refused for want of space on the disk, and the bytes that were free
 * when it was looked at last (0: not known) and below which that is so, as in SYSTEM. */
#define MESSAGE_ADMIN_PAGE(FIELD)                      \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, count, U32, FRAME_RECORDS_MAX, OPTIONAL)  \
    FIELD(4, users, U64, INT64_MAX, OPTIONAL)          \
    FIELD(5, waiting, U64, INT64_MAX, OPTIONAL)        \
    FIELD(6, active, U64, INT64_MAX, OPTIONAL)         \
    FIELD(7, delayed, U64, INT64_MAX, OPTIONAL)        \
    FIELD(8, behind, U64, INT64_MAX, OPTIONAL)         \
    FIELD(9, disk_low, FLAG, 0, OPTIONAL)              \
    FIELD(10, disk_free, U64, INT64_MAX, OPTIONAL)     \
    FIELD(11, disk_floor, U64, INT64_MAX, OPTIONAL)

/* A user's jobs in all queues but that of deliveries, by state: those that wait for their turn or
 * between two attempts, those at work, and those that may not start yet (scheduled, or made from
 * what is not there yet). spent: today (UTC), in micro-dollars. Of one user that was asked for a
 * record for each of these queues, kind, and spent in each what was spent in all. */
#define MESSAGE_USER(FIELD)                         \
    FIELD(1, owner, TEXT, OWNER_SIZE_MAX, REQUIRED) \
    FIELD(2, waiting, U64, INT64_MAX, OPTIONAL)     \
    FIELD(3, active, U64, INT64_MAX, OPTIONAL)      \
    FIELD(4, delayed, U64, INT64_MAX, OPTIONAL)     \
    FIELD(5, spent, U64, INT64_MAX, OPTIONAL)       \
    FIELD(6, kind, U8, JOB_KIND_COUNT - 1, OPTIONAL)

/* A provider as the broker knows it. uses: bit set of provider_use, those that open sessions have
 * declared it for, or all that it was declared for while none has. breaker: breaker_told, since
 * when, and until when it is open. limit_*: calls that its account allows, 0 for no limit, and
 * used_*: how many of them are used; limited_until: when they allow the next one, if not now.
 * blocked_until: it asked for a pause. calls and errors: those that workers reported in the last
 * minute. workers: sessions that have declared it. waiting: jobs of its queues that wait because
 * none of their providers may be called now. */
#define MESSAGE_PROVIDER_STATE(FIELD)                       \
    FIELD(1, provider, TEXT, PROVIDER_SIZE_MAX, REQUIRED)   \
    FIELD(2, account, TEXT, PROVIDER_SIZE_MAX, OPTIONAL)    \
    FIELD(3, uses, U8, PROVIDER_USES_ALL, OPTIONAL)         \
    FIELD(4, breaker, U8, BREAKER_TOLD_COUNT - 1, OPTIONAL) \
    FIELD(5, since, TIME, 0, OPTIONAL)                      \
    FIELD(6, until, TIME, 0, OPTIONAL)                      \
    FIELD(7, limit_second, U32, UINT32_MAX, OPTIONAL)       \
    FIELD(8, used_second, U64, INT64_MAX, OPTIONAL)         \
    FIELD(9, limit_minute, U32, UINT32_MAX, OPTIONAL)       \
    FIELD(10, used_minute, U64, INT64_MAX, OPTIONAL)        \
    FIELD(11, blocked_until, TIME, 0, OPTIONAL)             \
    FIELD(12, calls, U64, INT64_MAX, OPTIONAL)              \
    FIELD(13, errors, U64, INT64_MAX, OPTIONAL)             \
    FIELD(14, workers, U32, UINT32_MAX, OPTIONAL)           \
    FIELD(15, waiting, U64, INT64_MAX, OPTIONAL)            \
    FIELD(16, limit_day, U32, UINT32_MAX, OPTIONAL)         \
    FIELD(17, used_day, U64, INT64_MAX, OPTIONAL)           \
    FIELD(18, limited_until, TIME, 0, OPTIONAL)

/* A queue: its live jobs, its ended ones that are still kept, the workers that are there, how many
 * of them take no more jobs (drained or stopping), their slots (of one that takes no more: those
 * that are busy) and how many of these are busy, the limit of starts in any second (0: none) and
 * how much of it is used, since when the job waits that has waited longest for its turn, and what
 * happened in the last minute. workers_mark is another number when anything of its workers is that
 * GET_WORKERS tells, but for when they were heard and how far their jobs are. wait_reason: what
 * keeps the queue from starting those that wait; none when nothing but their turn does, or none
 * waits. */
#define MESSAGE_QUEUE(FIELD)                                    \
    FIELD(1, kind, U8, JOB_KIND_COUNT - 1, REQUIRED)            \
    FIELD(2, paused, FLAG, 0, OPTIONAL)                         \
    FIELD(3, pending, U64, INT64_MAX, OPTIONAL)                 \
    FIELD(4, waiting, U64, INT64_MAX, OPTIONAL)                 \
    FIELD(5, active, U64, INT64_MAX, OPTIONAL)                  \
    FIELD(6, completed, U64, INT64_MAX, OPTIONAL)               \
    FIELD(7, failed, U64, INT64_MAX, OPTIONAL)                  \
    FIELD(8, cancelled, U64, INT64_MAX, OPTIONAL)               \
    FIELD(9, workers, U32, UINT32_MAX, OPTIONAL)                \
    FIELD(10, slots, U64, INT64_MAX, OPTIONAL)                  \
    FIELD(11, slots_busy, U64, INT64_MAX, OPTIONAL)             \
    FIELD(12, rate, U32, UINT32_MAX, OPTIONAL)                  \
    FIELD(13, rate_used, U32, UINT32_MAX, OPTIONAL)             \
    FIELD(14, oldest_waiting_at, TIME, 0, OPTIONAL)             \
    FIELD(15, minute_started, U64, INT64_MAX, OPTIONAL)         \
    FIELD(16, minute_completed, U64, INT64_MAX, OPTIONAL)       \
    FIELD(17, minute_failed, U64, INT64_MAX, OPTIONAL)          \
    FIELD(18, workers_mark, U64, INT64_MAX, OPTIONAL)           \
    FIELD(19, wait_reason, U8, WAIT_REASON_COUNT - 1, OPTIONAL) \
    FIELD(20, workers_draining, U32, UINT32_MAX, OPTIONAL)

/* A worker: an actor's instance. Of one that is lost, last_seen_at is when its session ended. busy:
 * leases that it holds; count WORKER_JOBs follow, for some of them when there are many. */
#define MESSAGE_WORKER(FIELD)                               \
    FIELD(1, worker, ID, 0, REQUIRED)                       \
    FIELD(2, kind, U8, JOB_KIND_COUNT - 1, REQUIRED)        \
    FIELD(3, host, TEXT, HOST_SIZE_MAX, OPTIONAL)           \
    FIELD(4, pid, U32, UINT32_MAX, OPTIONAL)                \
    FIELD(5, version, TEXT, VERSION_SIZE_MAX, OPTIONAL)     \
    FIELD(6, connected_at, TIME, 0, OPTIONAL)               \
    FIELD(7, last_seen_at, TIME, 0, OPTIONAL)               \
    FIELD(8, lost, FLAG, 0, OPTIONAL)                       \
    FIELD(9, orders, U8, WORKER_ORDERS_COUNT - 1, OPTIONAL) \
    FIELD(10, slots, U32, UINT32_MAX, OPTIONAL)             \
    FIELD(11, busy, U32, UINT32_MAX, OPTIONAL)              \
    FIELD(12, count, U32, WORKER_JOBS_MAX, OPTIONAL)

/* A job that a worker holds; started_at: the attempt. */
#define MESSAGE_WORKER_JOB(FIELD)                 \
    FIELD(1, job, ID, 0, REQUIRED)                \
    FIELD(2, progress, U8, 100, OPTIONAL)         \
    FIELD(3, step, TEXT, STEP_SIZE_MAX, OPTIONAL) \
    FIELD(4, attempt, U32, UINT32_MAX, OPTIONAL)  \
    FIELD(5, started_at, TIME, 0, OPTIONAL)

/* count AUDIT_LINE records follow in the same frame. scanned: lines looked at for this page.
 * exhausted: there are no others; otherwise next continues. */
#define MESSAGE_AUDIT_PAGE(FIELD)                      \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, count, U32, LIST_LIMIT_MAX, OPTIONAL)     \
    FIELD(4, scanned, U64, INT64_MAX, OPTIONAL)        \
    FIELD(5, exhausted, FLAG, 0, OPTIONAL)             \
    FIELD(6, next, BYTES, CURSOR_SIZE_MAX, OPTIONAL)

/* A line of the audit log: what was tried, by whom and upon what. number: lines are counted from 1.
 * code: why it FAILED. Stored in this form too. */
#define MESSAGE_AUDIT_LINE(FIELD)                            \
    FIELD(1, number, U64, INT64_MAX, REQUIRED)               \
    FIELD(2, at, TIME, 0, REQUIRED)                          \
    FIELD(3, user, TEXT, OWNER_SIZE_MAX, REQUIRED)           \
    FIELD(4, role, TEXT, ROLE_SIZE_MAX, REQUIRED)            \
    FIELD(5, action, TEXT, ACTION_SIZE_MAX, REQUIRED)        \
    FIELD(6, target, TEXT, AUDIT_TARGET_SIZE_MAX, OPTIONAL)  \
    FIELD(7, outcome, U8, AUDIT_OUTCOME_COUNT - 1, OPTIONAL) \
    FIELD(8, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL)       \
    FIELD(9, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)     \
    FIELD(10, left_out, U32, UINT32_MAX, OPTIONAL)

#endif
