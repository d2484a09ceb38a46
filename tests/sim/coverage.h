#ifndef TROUPE_TESTS_SIM_COVERAGE_H
#define TROUPE_TESTS_SIM_COVERAGE_H

/*
 * How often each kind of fault, move, effect, event and answer happened, over all seeds of a run. A
 * simulator that never made something happen has not tested it: coverage_missing fails such a run.
 */

#include "broker/core/core.h"

/* What the world does to the broker and to itself. */
#define FAULT_TABLE(FAULT)                                                    \
    FAULT(CRASH_IDLE, "broker crash between turns")                           \
    FAULT(CRASH_BEFORE_COMMIT, "broker crash before a commit")                \
    FAULT(CRASH_UNSYNCED_LOST, "broker crash in a commit, batch lost")        \
    FAULT(CRASH_BEFORE_SEND, "broker crash between commit and send")          \
    FAULT(CRASH_AMID_SEND, "broker crash amid sending")                       \
    FAULT(LONG_OUTAGE, "broker down for hours or a day")                      \
    FAULT(STALL, "broker stalled")                                            \
    FAULT(SLOW_DISK, "slow commit")                                           \
    FAULT(SPACE_LOW, "disk nearly full")                                      \
    FAULT(LINK_DROP, "connection dropped")                                    \
    FAULT(PARTITION_TO_BROKER, "partition towards the broker")                \
    FAULT(PARTITION_TO_CLIENT, "partition from the broker")                   \
    FAULT(PARTITION_BOTH, "partition both ways")                              \
    FAULT(FRAMES_LOST, "frames lost with their connection")                   \
    FAULT(FRAME_LATE, "frame of an old connection delivered on a new one")    \
    FAULT(FRAME_TWICE, "frame delivered again on a new connection")           \
    FAULT(FRAME_AFTER_DROP, "frame of a dropped connection still read")       \
    FAULT(PEER_LOST, "lost connection noticed")                               \
    FAULT(PEER_UNNOTICED, "lost connection never noticed")                    \
    FAULT(PEER_GIVEN_UP, "living connection given up by the broker")          \
    FAULT(ACTOR_CRASH, "actor crash")                                         \
    FAULT(ACTOR_HANG, "actor hangs")                                          \
    FAULT(ACTOR_DRAIN, "actor stops gracefully")                              \
    FAULT(WORK_SLOW, "job performed slowly")                                  \
    FAULT(WORK_HANG, "job hangs in its actor")                                \
    FAULT(JOB_REFUSED, "job handed back as it comes, by an actor that stays") \
    FAULT(CANCEL_IGNORED, "actor does not comply with a cancel")              \
    FAULT(PROVIDER_DOWN, "provider down for everybody")                       \
    FAULT(PROVIDER_REFUSED, "provider refuses an order")                      \
    FAULT(PROVIDER_THROTTLED, "provider asks for a pause")                    \
    FAULT(PROVIDER_LOCKED, "provider refuses the account")                    \
    FAULT(PROVIDER_CONFLICT, "order answered as one that is under way")       \
    FAULT(PROVIDER_ERROR, "server error of the provider")                     \
    FAULT(PROVIDER_GATEWAY, "a gateway answers for the provider")             \
    FAULT(PROVIDER_UNREACHABLE, "no connection to the provider")              \
    FAULT(PROVIDER_HANG_BEFORE, "no answer to an order, not done")            \
    FAULT(PROVIDER_HANG_LATE, "order taken when nobody waits for it")         \
    FAULT(PROVIDER_HANG_AFTER, "no answer to an order, done")                 \
    FAULT(PROVIDER_RESET_BEFORE, "connection lost with an order, not done")   \
    FAULT(PROVIDER_RESET_AFTER, "connection lost with an order, done")        \
    FAULT(PROVIDER_DRIP, "answer of the provider comes slowly")               \
    FAULT(PROVIDER_NONSENSE, "order answered with nonsense")                  \
    FAULT(PROVIDER_DUPLICATE, "provider performs one order twice")            \
    FAULT(PROVIDER_LOST, "provider forgets a task")                           \
    FAULT(PROVIDER_FAILED, "provider's task fails")                           \
    FAULT(PROVIDER_NEVER, "provider's task never ends")                       \
    FAULT(PROVIDER_LIST_FAILS, "provider's list fails")                       \
    FAULT(PROVIDER_POLL_FAILS, "poll of a task fails")                        \
    FAULT(PROVIDER_RESULT_FAILS, "result not fetched, or half of it")         \
    FAULT(PROVIDER_CHAT_FAILS, "priced chat that fails")                      \
    FAULT(PROVIDER_UPLOAD_FAILS, "picture not uploaded")                      \
    FAULT(PROVIDER_DROP_FAILS, "provider does not drop a task")               \
    FAULT(PROVIDER_DROPPED, "provider's task dropped")                        \
    FAULT(LIE_FOREIGN_JOB, "lie: message for another worker's lease")         \
    FAULT(LIE_WRONG_LEASE, "lie: wrong lease number")                         \
    FAULT(LIE_LATE_SUCCESS, "lie: success of a lease before one that paid")   \
    FAULT(LIE_WRONG_SESSION, "lie: wrong session")                            \
    FAULT(LIE_UNKNOWN_JOB, "lie: job that does not exist")                    \
    FAULT(LIE_ENDED_JOB, "lie: job that has ended")                           \
    FAULT(LIE_PROGRESS_FALLS, "lie: progress falls")                          \
    FAULT(LIE_CREDIT_JUMPS, "lie: credit jumps up")                           \
    FAULT(LIE_CREDIT_FALLS, "lie: credit falls")                              \
    FAULT(LIE_GARBAGE_KIND, "lie: message of the wrong endpoint")             \
    FAULT(LIE_FOREIGN_HOLD, "lie: holds another worker's lease")              \
    FAULT(LIE_HOLD_COUNT, "lie: other number of holds than announced")        \
    FAULT(LIE_CANCELLED, "lie: stopped by a cancel that nobody asked for")    \
    FAULT(RESENT, "request sent again after a reconnect")                     \
    FAULT(ORIGINAL_AFTER_RESENT, "request under a session that is over")      \
    FAULT(KEY_SAME_TURN, "two requests with one idempotency key in one turn") \
    FAULT(DEDUPE_SAME_TURN, "two requests with one dedupe key in one turn")   \
    FAULT(KEY_OTHER_BODY, "idempotency key with another body")                \
    FAULT(FACTS_AGAIN, "facts out of date when they arrive")                  \
    FAULT(VIEW_BEHIND, "facts from a view with an understated commit")        \
    FAULT(READ_FAILS, "store not readable for one request")                   \
    FAULT(DROP_UNREAD, "job that is to stop not readable")                    \
    FAULT(SWEEP_LATE, "job changed after it was found to be over")            \
    FAULT(DELETE_SAME_TURN, "submit for what is deleted in the same turn")    \
    FAULT(CANCEL_RACES_END, "cancel of a job that ends in the same turn")     \
    FAULT(RETRY_RACES_END, "retry of a job that ends in the same turn")       \
    FAULT(RETRY_SAME_TURN, "retry of a job that is retried in the same turn")

#define FAULT_ENUM(NAME, text) FAULT_##NAME,
enum fault {
    FAULT_TABLE(FAULT_ENUM) FAULT_COUNT
};
#undef FAULT_ENUM

/* What the broker did that is worth seeing at least once in a run. */
#define SEEN_TABLE(SEEN)                                                  \
    SEEN(SALVAGE, "late success of a lost lease used")                    \
    SEEN(WASTED, "late success of a lost lease thrown away, and told")    \
    SEEN(STALE, "stale message refused")                                  \
    SEEN(READOPTED, "lease adopted again by its worker")                  \
    SEEN(READOPTED_RESTART, "lease adopted again after a restart")        \
    SEEN(NEVER_RECEIVED, "dispatch that its worker never received")       \
    SEEN(WORKER_LOST, "lease expired")                                    \
    SEEN(STALLED_OUT, "job failed by lost workers")                       \
    SEEN(TIMED_OUT, "attempt timed out")                                  \
    SEEN(DEADLINE, "job failed by its deadline")                          \
    SEEN(START_BY, "job failed because it was not started in time")       \
    SEEN(HANDED_BACK, "lease handed back")                                \
    SEEN(HANDED_BACK_STAYING, "lease handed back by a worker that stays") \
    SEEN(THROTTLED, "attempt not counted: provider throttles")            \
    SEEN(ATTEMPTS_OUT, "job failed by its third attempt")                 \
    SEEN(CANCEL_FORCED, "cancel carried out without the worker")          \
    SEEN(CANCEL_OBEYED, "cancel carried out by the worker")               \
    SEEN(CANCEL_TOO_LATE, "job completed after a cancel was asked")       \
    SEEN(REPLAYED, "first answer of an idempotency key given again")      \
    SEEN(DEDUPLICATED, "live job given for its dedupe key")               \
    SEEN(DEDUPLICATED_ENDED, "ended job given for its dedupe key")        \
    SEEN(DEDUPE_PASSED, "dedupe key passed to another job")               \
    SEEN(KEY_EXPIRED, "idempotency key used again after its life")        \
    SEEN(LEASE_OVER_FIRST, "lease over before the job was sent")          \
    SEEN(CANCEL_FIRST, "cancel asked before the job was sent")            \
    SEEN(UNFINISHED, "turn with more to do than its effects allow")       \
    SEEN(STREAM, "events of a user compared with the model")              \
    SEEN(STREAM_RESET, "events of a user too old to be read")             \
    SEEN(RATE_LIMITED, "queue at its limit of starts")                    \
    SEEN(CAP_REACHED, "queue or user at its cap of leases")               \
    SEEN(RESTORED, "store compared with memory")                          \
    SEEN(LISTED, "list compared with the model")                          \
    SEEN(ETA, "job told when it may start")                               \
    SEEN(CHARACTER_DELETED, "job failed with its character")              \
    SEEN(MEDIA_DELETED, "job failed with its source")                     \
    SEEN(LEFTOVERS, "media entries of a deleted character removed")       \
    SEEN(MEDIA_LISTED, "media entries of a character compared")           \
    SEEN(EXPIRED, "job kept no longer")                                   \
    SEEN(LIVED_ON, "entry of a job that was tried again let go")          \
    SEEN(FORGOTTEN, "tombstone kept no longer")                           \
    SEEN(SWEPT_CLEAN, "store without anything of any job")                \
    SEEN(TIMELINE, "events of a job compared with the model")             \
    SEEN(RESUMED, "paid task resumed by another attempt")                 \
    SEEN(DELIVERY, "event delivered to an endpoint")                      \
    SEEN(DELIVERY_OWN, "event delivered to a job's own webhook")          \
    SEEN(ENDPOINT_DELETED, "endpoint deleted")                            \
    SEEN(ENDPOINT_DISABLED, "endpoint disabled: receiver is gone")        \
    SEEN(PAID_TWICE, "paid call repeated after an unknown outcome")       \
    SEEN(REPEAT_WAITS, "repetition of a paid call waits")                 \
    SEEN(KEY_KNOWN, "repetition known by its key")                        \
    SEEN(REPEAT_COVERED, "repetition paid for with its call")             \
    SEEN(UNDER_WAY, "repetition that meets its call, under way")          \
    SEEN(FAILURES_RETRIED, "job tried again for what it failed of")       \
    SEEN(FAILURES_REMOVED, "job removed for what it failed of")           \
    SEEN(UPLOAD, "picture of a video uploaded")                           \
    SEEN(UPLOAD_REUSED, "repetition of a video's order has its upload")   \
    SEEN(FOUND_IN_LIST, "order found in the provider's list")             \
    SEEN(LIST_AGAIN, "list of orders that fails is asked for again")      \
    SEEN(GIVEN_UP, "job failed by two unknown outcomes")                  \
    SEEN(UNKNOWN_CHARGED, "outcome in doubt, and charged")                \
    SEEN(UNKNOWN_FREE, "outcome in doubt, and not charged")               \
    SEEN(TASK_LATE, "task told by a lost attempt")                        \
    SEEN(TASK_LOST, "task that its provider has lost")                    \
    SEEN(TASK_FAILED, "task that failed in the end")                      \
    SEEN(DROP_UNHEARD, "task gone that an earlier attempt was to drop")   \
    SEEN(TASK_KEPT, "task that its provider did not drop")                \
    SEEN(LOOK_FOUND, "task found made before it was dropped")             \
    SEEN(DROP_AGAIN, "task dropped by another try")                       \
    SEEN(TASK_LEFT, "task left by a job that has ended")                  \
    SEEN(BOOKS, "cost compared with the provider's books")                \
    SEEN(GROUP_REFUSED, "group refused for one of its jobs")              \
    SEEN(GROUP_REPLAYED, "group answered again")                          \
    SEEN(GROUP_CANCELLED, "group cancelled as one")                       \
    SEEN(GROUP_ENDED, "last job of a group ended")                        \
    SEEN(GROUP_TOLD, "group compared with the model")                     \
    SEEN(RETRY_REPEATED, "repeated retry carried out once")               \
    SEEN(RELEASED, "job starts to wait when its parent completes")        \
    SEEN(ORPHANED, "job failed with the one that it needs")               \
    SEEN(REPLAY_UNDER_WAY, "replay of a delivery that is under way")      \
    SEEN(REPLAY_OWN, "delivery of a job's own webhook replayed")          \
    SEEN(REPLAY_ADMIN, "delivery sent again by an administrator")         \
    SEEN(REPLAY_REFUSED, "delivery not reached by its owner alone")       \
    SEEN(BREAKER_OPEN, "breaker of a provider opened")                    \
    SEEN(BREAKER_CLOSED, "breaker of a provider closed by a probe")       \
    SEEN(PROBE, "provider probed")                                        \
    SEEN(DENIED_DOWN, "call denied: provider down")                       \
    SEEN(DENIED_LIMITED, "call denied: account at its limit")             \
    SEEN(WAITS_FOR_PROVIDER, "job back in its place for a provider")      \
    SEEN(OUTAGE, "failure of an outage that is not counted")              \
    SEEN(OUTAGE_BUSY, "failure of an outage that says for how long")      \
    SEEN(BUSY, "attempt not counted: provider fails for a while")         \
    SEEN(FAILED_DROPPED, "task dropped for a last failure")               \
    SEEN(DROP_WAITED, "task dropped when a worker has a place again")     \
    SEEN(DROP_READ, "job to stop read after its disk failed")             \
    SEEN(DROP_ELSEWHERE, "task dropped by another worker than asked")     \
    SEEN(TASK_NEWS, "attempt that ends because its task becomes known")   \
    SEEN(SECOND_ASKED, "second provider asked")                           \
    SEEN(NEXT_PROVIDER, "attempt fails for the next provider")            \
    SEEN(SECOND_ALONE, "start while the first provider is down")          \
    SEEN(PAID_ELSEWHERE, "unknown outcome repeated with another")         \
    SEEN(DAY_RESTART, "limit of a day kept over a restart")               \
    SEEN(DAY_BEGUN, "start while a day is used up")                       \
    SEEN(CHANGE_REPEATED, "change repeated under its key")                \
    SEEN(CHANGE_REUSED, "key of another change refused")                  \
    SEEN(PAUSED, "queue paused")                                          \
    SEEN(RESUMED_QUEUE, "paused queue goes on")                           \
    SEEN(PAUSED_RESTART, "queue still paused after a restart")            \
    SEEN(DRAINED, "worker drained")                                       \
    SEEN(UNDRAINED, "drained worker gets jobs again")                     \
    SEEN(STOPPED, "worker stopped")                                       \
    SEEN(ORDERS_RESTART, "orders of a worker kept over a restart")        \
    SEEN(ORDERS_KEPT, "worker with orders back in another session")       \
    SEEN(ORDERS_GONE, "orders forgotten with their worker")               \
    SEEN(HELD_BY_PAUSE, "job held back by nothing but a pause")           \
    SEEN(PROMOTED, "job let go before its time")                          \
    SEEN(PRIORITY, "job given another priority")                          \
    SEEN(REMOVED, "job removed before its time")                          \
    SEEN(BULK_DONE, "bulk came to its end")                               \
    SEEN(BULK_EMPTY, "bulk had nothing to do")                            \
    SEEN(BULK_STOPPED, "bulk stopped")                                    \
    SEEN(BULK_CUT, "page of a bulk cut: a job had changed")               \
    SEEN(BULK_RESTART, "bulk goes on after a restart")                    \
    SEEN(AUDITED, "action written down")                                  \
    SEEN(AUDITED_UNCHANGED, "action without effect written down")         \
    SEEN(AUDITED_FAILED, "action that failed written down")               \
    SEEN(AUDITED_REFUSED, "refused try written down")                     \
    SEEN(AUDIT_RESTART, "audit log goes on after a restart")              \
    SEEN(PRICE_CHARGED, "operation paid for")                             \
    SEEN(PRICE_UNCERTAIN, "operation that may have been paid for")        \
    SEEN(PRICE_RELEASED, "operation that was not paid for")               \
    SEEN(PRICE_OF_BEFORE, "denied call before which one was announced")   \
    SEEN(PRICE_WITH_JOB, "open operation paid for by a success")          \
    SEEN(PRICE_LEFT_OPEN, "operation left open by its job")               \
    SEEN(INTENT_AGAIN, "intent of an open operation said again")          \
    SEEN(INTENT_BEHIND, "operation announced anew behind another one")    \
    SEEN(SPENT_NEXT_DAY, "money spent after midnight")                    \
    SEEN(ESTIMATED, "job accepted with an estimate")                      \
    SEEN(BUDGET_WARNED, "job accepted with a warning of a budget")        \
    SEEN(CHAT_PAID, "priced chat")                                        \
    SEEN(CHAT_AGAIN, "priced chat made again")                            \
    SEEN(CHAT_LOST, "priced chat made again of which nobody knows")       \
    SEEN(CHAT_CLOSED, "priced chat closed with its attempt")              \
    SEEN(FAILURE_PAUSES, "failure that says when to come again")          \
    SEEN(CLOSED, "job that ends given to a worker for its task")          \
    SEEN(CLOSED_UNASKED, "the same of one that nobody cancelled")         \
    SEEN(STOPPED_UNASKED, "job asked to stop though nobody cancelled it") \
    SEEN(OVERDUE, "attempt that is over and may yet be told of")          \
    SEEN(ERROR_KEPT, "last error told again while its job waits")         \
    SEEN(USAGE, "usage of a user compared with the model")

#define SEEN_ENUM(NAME, text) SEEN_##NAME,
enum seen {
    SEEN_TABLE(SEEN_ENUM) SEEN_COUNT
};
#undef SEEN_ENUM

enum {
    STATE_NONE = JOB_STATE_COUNT, /* before a job is accepted */
    EFFECT_COUNT = EFFECT_RESOLVE + 1,
};

struct coverage {
    uint64_t seeds;
    uint64_t steps; /* calls of core_step */
    uint64_t ticks; /* of them ends of turns */
    uint64_t commits;
    uint64_t restarts;
    uint64_t jobs; /* accepted */
    int64_t virtual_ms;
    uint64_t digest; /* of all seeds */
    uint64_t faults[FAULT_COUNT];
    uint64_t seen[SEEN_COUNT];
    uint64_t moves[STATE_NONE + 1][JOB_STATE_COUNT];
    uint64_t effects[EFFECT_COUNT];
    uint64_t events[EVENT_KIND_COUNT];
    uint64_t replies[REPLY_CODE_COUNT];
    uint64_t errors[ERROR_CODE_COUNT];
    uint64_t waits[WAIT_REASON_COUNT]; /* reasons that jobs were told */
};

/* Whether a job may move between these states (broker/core/job.h); from may be STATE_NONE. */
bool coverage_move_allowed(int from, int to);

/* Prints every count. seconds: wall time of the run. */
void coverage_print(const struct coverage *coverage, double seconds);

/* Prints what never happened and returns how much of it there is. */
int coverage_missing(const struct coverage *coverage);

#endif
