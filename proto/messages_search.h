#ifndef TROUPE_PROTO_MESSAGES_SEARCH_H
#define TROUPE_PROTO_MESSAGES_SEARCH_H

/* The part of the wire's table (messages.h, which includes it): what gateways ask for those who
 * operate the queue, and what the broker answers. Who may ask is the gateway's to judge. */

/* ---- gateway -> broker ---- */

/* All users' jobs, newest first, that are all of what is given. kinds and states are bit sets, 0
 * for all. text: in the job's id, input or last error, or in the name of the character that a
 * picture or video is of, whatever its case (of ASCII); the whole id of a job names that one alone.
 * from and to bound created_at: from <= created_at < to. error_group: jobs that have failed with an
 * error of this group (FAILURE_GROUP). group: those of this batch or pipeline. cursor continues
 * after an earlier page's next. jobs: ids, one after the other; with them it is those of these that
 * there are, in their order, whatever else is given. A search that takes longer than a reader's
 * time for it stops with what it has. searcher: the user who asks; of one user's searches only so
 * many wait at once. Answered by SEARCH_PAGE and its JOB_STATEs in one frame; those of character
 * jobs have the name that their input asks for. */
#define MESSAGE_SEARCH_JOBS(FIELD)                             \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)                \
    FIELD(2, limit, U32, LIST_LIMIT_MAX, REQUIRED)             \
    FIELD(3, kinds, U8, 15, OPTIONAL)                          \
    FIELD(4, states, U8, 63, OPTIONAL)                         \
    FIELD(5, owner, TEXT, OWNER_SIZE_MAX, OPTIONAL)            \
    FIELD(6, character, ID, 0, OPTIONAL)                       \
    FIELD(7, text, TEXT, SEARCH_TEXT_SIZE_MAX, OPTIONAL)       \
    FIELD(8, tag, TEXT, TAG_SIZE_MAX, OPTIONAL)                \
    FIELD(9, from, TIME, 0, OPTIONAL)                          \
    FIELD(10, to, TIME, 0, OPTIONAL)                           \
    FIELD(11, error_code, TEXT, ERROR_CODE_SIZE_MAX, OPTIONAL) \
    FIELD(12, cursor, BYTES, CURSOR_SIZE_MAX, OPTIONAL)        \
    FIELD(13, error_group, ID, 0, OPTIONAL)                    \
    FIELD(14, jobs, BYTES, SEARCH_JOBS_SIZE_MAX, OPTIONAL)     \
    FIELD(15, group, ID, 0, OPTIONAL)                          \
    FIELD(16, searcher, TEXT, OWNER_SIZE_MAX, OPTIONAL)

/* The failed jobs that are all of what is given, as in SEARCH_JOBS, counted by the groups of their
 * errors. A page ends before the job that would be of a group too many, so that what the pages
 * count adds up. Answered by FAILURE_PAGE and its FAILURE_GROUPs in one frame. */
#define MESSAGE_GET_FAILURES(FIELD)                            \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)                \
    FIELD(2, limit, U32, LIST_LIMIT_MAX, REQUIRED)             \
    FIELD(3, kinds, U8, 15, OPTIONAL)                          \
    FIELD(4, owner, TEXT, OWNER_SIZE_MAX, OPTIONAL)            \
    FIELD(5, character, ID, 0, OPTIONAL)                       \
    FIELD(6, text, TEXT, SEARCH_TEXT_SIZE_MAX, OPTIONAL)       \
    FIELD(7, tag, TEXT, TAG_SIZE_MAX, OPTIONAL)                \
    FIELD(8, from, TIME, 0, OPTIONAL)                          \
    FIELD(9, to, TIME, 0, OPTIONAL)                            \
    FIELD(10, error_code, TEXT, ERROR_CODE_SIZE_MAX, OPTIONAL) \
    FIELD(11, error_group, ID, 0, OPTIONAL)                    \
    FIELD(12, cursor, BYTES, CURSOR_SIZE_MAX, OPTIONAL)        \
    FIELD(13, group, ID, 0, OPTIONAL)                          \
    FIELD(14, searcher, TEXT, OWNER_SIZE_MAX, OPTIONAL)

/* What a job was submitted with. Answered by INPUT. */
#define MESSAGE_GET_INPUT(FIELD)                \
    FIELD(1, request, U64, INT64_MAX, REQUIRED) \
    FIELD(2, job, ID, 0, REQUIRED)

/* ---- broker -> gateway ---- */

/* count JOB_STATE records follow in the same frame. scanned: entries looked at for this page.
 * exhausted: there are no others; otherwise next continues. */
#define MESSAGE_SEARCH_PAGE(FIELD)                     \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, count, U32, LIST_LIMIT_MAX, OPTIONAL)     \
    FIELD(4, scanned, U64, INT64_MAX, OPTIONAL)        \
    FIELD(5, exhausted, FLAG, 0, OPTIONAL)             \
    FIELD(6, next, BYTES, CURSOR_SIZE_MAX, OPTIONAL)

/* count FAILURE_GROUP records follow in the same frame; the rest as in SEARCH_PAGE. */
#define MESSAGE_FAILURE_PAGE(FIELD)                    \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, count, U32, LIST_LIMIT_MAX, OPTIONAL)     \
    FIELD(4, scanned, U64, INT64_MAX, OPTIONAL)        \
    FIELD(5, exhausted, FLAG, 0, OPTIONAL)             \
    FIELD(6, next, BYTES, CURSOR_SIZE_MAX, OPTIONAL)

/* Jobs of a page that have failed alike: of one queue, with one code, and with one message but for
 * numbers, ids, addresses and quoted texts, which stand in message as <n>, <id>, <url> and <text>.
 * error_group is made of these three and nothing else. first_at and last_at: when the first and
 * last of them ended. jobs: ids of the newest of them, one after the other. */
#define MESSAGE_FAILURE_GROUP(FIELD)                          \
    FIELD(1, error_group, ID, 0, REQUIRED)                    \
    FIELD(2, kind, U8, JOB_KIND_COUNT - 1, OPTIONAL)          \
    FIELD(3, error_code, TEXT, ERROR_CODE_SIZE_MAX, OPTIONAL) \
    FIELD(4, message, TEXT, ERROR_SHAPE_SIZE_MAX, OPTIONAL)   \
    FIELD(5, count, U64, INT64_MAX, OPTIONAL)                 \
    FIELD(6, first_at, TIME, 0, OPTIONAL)                     \
    FIELD(7, last_at, TIME, 0, OPTIONAL)                      \
    FIELD(8, jobs, BYTES, FAILURE_SAMPLES_SIZE_MAX, OPTIONAL)

/* payload: JSON. A delivery has none. source: the media entry that a video is made from. */
#define MESSAGE_INPUT(FIELD)                             \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)          \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL)   \
    FIELD(3, payload, BYTES, PAYLOAD_SIZE_MAX, OPTIONAL) \
    FIELD(4, source, ID, 0, OPTIONAL)

#endif
