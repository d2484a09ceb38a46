#ifndef TROUPE_PROTO_MESSAGES_MONEY_H
#define TROUPE_PROTO_MESSAGES_MONEY_H

/* The part of the wire's table (messages.h, which includes it) that is about what owners have
 * spent. Money is in micro-dollars, a day in days since 1970, UTC. */

/* ---- gateway -> broker ---- */

/* What an owner, or with an empty name all of them together, has spent on the last days, today
 * included, and may still spend. Answered by USAGE and its USAGE_DAYs in one frame. */
#define MESSAGE_GET_USAGE(FIELD)                    \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)     \
    FIELD(2, owner, TEXT, OWNER_SIZE_MAX, REQUIRED) \
    FIELD(3, days, U8, USAGE_DAYS_MAX, REQUIRED)

/* ---- broker -> gateway ---- */

/* today, and on it: spent so far, reserved for live jobs, the owner's budget and where the warning
 * begins (0: none). count USAGE_DAYs follow in the same frame, the newest day first. */
#define MESSAGE_USAGE(FIELD)                           \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, today, U32, INT32_MAX, OPTIONAL)          \
    FIELD(4, spent, U64, INT64_MAX, OPTIONAL)          \
    FIELD(5, reserved, U64, INT64_MAX, OPTIONAL)       \
    FIELD(6, budget, U64, INT64_MAX, OPTIONAL)         \
    FIELD(7, budget_soft, U64, INT64_MAX, OPTIONAL)    \
    FIELD(8, count, U32, USAGE_RECORDS_MAX, OPTIONAL)

/* What was spent on a day with a provider, empty when none was told: of it what may not have been
 * charged, the operations that it was spent on, and the jobs that cost their first money then. */
#define MESSAGE_USAGE_DAY(FIELD)                          \
    FIELD(1, day, U32, INT32_MAX, REQUIRED)               \
    FIELD(2, provider, TEXT, PROVIDER_SIZE_MAX, OPTIONAL) \
    FIELD(3, spent, U64, INT64_MAX, OPTIONAL)             \
    FIELD(4, uncertain, U64, INT64_MAX, OPTIONAL)         \
    FIELD(5, operations, U64, INT64_MAX, OPTIONAL)        \
    FIELD(6, jobs, U64, INT64_MAX, OPTIONAL)

#endif
