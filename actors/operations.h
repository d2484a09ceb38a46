#ifndef TROUPE_ACTORS_OPERATIONS_H
#define TROUPE_ACTORS_OPERATIONS_H

/*
 * Never pay twice: decides from the recorded operations of a job what an attempt may do about one
 * kind of paid call. Each kind has two numbers: its first submission, and the one repetition that a
 * submission of unknown outcome may have in the job's whole life. A submission that was certainly
 * refused, or whose task was cancelled or written off, may be made again under its number. Pure.
 */

#include "actors/provider_list.h"
#include "actors/role.h"

enum {
    OPERATION_IMAGE = 0, /* and 1 */
    OPERATION_VIDEO = 2, /* and 3 */
    OPERATION_CHAT = 4,  /* of a priced one: repeated as often as the job is tried */
    OPERATION_SUBMISSIONS_MAX = 2,
};
_Static_assert((int)OPERATION_VIDEO + OPERATION_SUBMISSIONS_MAX <= (int)OPERATIONS_WITH_TASKS &&
                   (int)OPERATION_CHAT >= (int)OPERATIONS_WITH_TASKS,
               "the broker tells calls with tasks by their numbers");

enum operation_advice {
    OPERATION_ADVICE_SUBMIT, /* under number */
    OPERATION_ADVICE_RESUME, /* the provider has the task: poll it */
    OPERATION_ADVICE_WAIT, /* likewise, and nobody of the list is that provider: for who knows it */
    OPERATION_ADVICE_GIVE_UP, /* nobody knows what became of two submissions */
};

struct operation_plan {
    enum operation_advice advice;
    uint8_t number;        /* of SUBMIT and RESUME */
    struct slice task;     /* of RESUME: the provider's task id; borrowed from operations */
    int64_t task_at_ms;    /* of RESUME: when that was ordered; 0: not told */
    uint32_t price;        /* of RESUME: of the task, in micro-dollars */
    uint32_t mark_price;   /* of the intent that is to be recorded as UNKNOWN */
    struct slice provider; /* of RESUME, WAIT, and SUBMIT that repeats one: who was called */
    uint32_t call;         /* of SUBMIT that repeats one: the lease under which that was made first;
                            0: a task came of that, and another is wanted */
    bool mark_unknown;     /* an intent of a lost attempt is to be recorded as UNKNOWN first ... */
    uint8_t mark_number;   /* ... under this number */
    uint8_t unknown_number; /* of GIVE_UP, and of SUBMIT that repeats one: the last such call */
    int64_t unknown_at_ms;  /* of SUBMIT that repeats one: when that was last heard of */
};

/* first is an OPERATION_ constant; list has who can be called. */
struct operation_plan operations_plan(const struct recorded_operation *operations, size_t count,
                                      uint8_t first, struct provider_list *list);

/* What the calls of that number are for. */
enum call_purpose operations_purpose(uint8_t number);

/* How long a repetition waits: until repeat_after_ms have passed since unknown_at_ms (0: not told),
 * and never longer than that, because the two times may be of two hosts whose clocks differ. */
int64_t operations_wait_ms(int64_t unknown_at_ms, int64_t repeat_after_ms, int64_t now_ms);

#endif
