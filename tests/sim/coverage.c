#include "tests/sim/coverage.h"
#include <stdio.h>

static const char *const fault_texts[FAULT_COUNT] = {
#define FAULT_TEXT(NAME, text) [FAULT_##NAME] = text,
    FAULT_TABLE(FAULT_TEXT)
#undef FAULT_TEXT
};

static const char *const seen_texts[SEEN_COUNT] = {
#define SEEN_TEXT(NAME, text) [SEEN_##NAME] = text,
    SEEN_TABLE(SEEN_TEXT)
#undef SEEN_TEXT
};

static const char *const effect_names[EFFECT_COUNT] = {
    [EFFECT_ACCEPT] = "accept",
    [EFFECT_GROUP] = "group",
    [EFFECT_REVIVE] = "revive",
    [EFFECT_SAVE] = "save",
    [EFFECT_DRAFT] = "draft",
    [EFFECT_OPERATION] = "operation",
    [EFFECT_END] = "end",
    [EFFECT_KEY] = "key",
    [EFFECT_PUT_ENDPOINT] = "put endpoint",
    [EFFECT_DELETE_ENDPOINT] = "delete endpoint",
    [EFFECT_DISABLE_ENDPOINT] = "disable endpoint",
    [EFFECT_QUEUE] = "queue",
    [EFFECT_WORKER] = "worker",
    [EFFECT_EXPIRE] = "expire",
    [EFFECT_BULK] = "bulk",
    [EFFECT_BULK_GONE] = "bulk gone",
    [EFFECT_DELETE] = "delete",
    [EFFECT_REMOVED] = "removed",
    [EFFECT_AUDIT] = "audit",
    [EFFECT_EVENT] = "event",
    [EFFECT_REPLY] = "reply",
    [EFFECT_DISPATCH] = "dispatch",
    [EFFECT_CANCEL] = "cancel",
    [EFFECT_ACK] = "ack",
    [EFFECT_OPERATION_ACK] = "operation ack",
    [EFFECT_OPERATION_DENIED] = "operation denied",
    [EFFECT_STOP] = "stop",
    [EFFECT_WELCOME] = "welcome",
    [EFFECT_ERROR] = "error",
    [EFFECT_RESOLVE] = "resolve",
};

/* Answers that the core does not give: to reads, and of readers that have too much to do. */
static bool reply_expected(int code)
{
    return code != REPLY_CODE_BUSY;
}

/* Refusals that the shell makes before the core, or that a well-formed lie cannot cause. */
static bool error_expected(int code)
{
    return code == ERROR_CODE_SESSION || code == ERROR_CODE_FORBIDDEN;
}

/* Reasons that nothing gives yet. */
static bool wait_expected(int reason)
{
    return reason != WAIT_REASON_DEPENDENCY;
}

bool coverage_move_allowed(int from, int to)
{
    static const bool allowed[STATE_NONE + 1][JOB_STATE_COUNT] = {
        [STATE_NONE] = {[JOB_STATE_PENDING] = true, [JOB_STATE_WAITING] = true},
        [JOB_STATE_PENDING] =
            {[JOB_STATE_WAITING] = true, [JOB_STATE_FAILED] = true, [JOB_STATE_CANCELLED] = true},
        [JOB_STATE_WAITING] = {[JOB_STATE_ACTIVE] = true,
                               [JOB_STATE_COMPLETED] = true,
                               [JOB_STATE_FAILED] = true,
                               [JOB_STATE_CANCELLED] = true},
        [JOB_STATE_ACTIVE] = {[JOB_STATE_WAITING] = true,
                              [JOB_STATE_COMPLETED] = true,
                              [JOB_STATE_FAILED] = true,
                              [JOB_STATE_CANCELLED] = true},
        [JOB_STATE_COMPLETED] = {[JOB_STATE_WAITING] = true},
        [JOB_STATE_FAILED] = {[JOB_STATE_WAITING] = true},
        [JOB_STATE_CANCELLED] = {[JOB_STATE_WAITING] = true},
    };
    bool is_live = from == STATE_NONE || from <= JOB_STATE_ACTIVE;
    return (is_live && from == to) || allowed[from][to];
}

/* Calls visit with everything that is counted and whether it must have happened. */
typedef void coverage_visit(void *context, const char *group, const char *name, const char *more,
                            uint64_t count, bool expected);

static void coverage_each(const struct coverage *coverage, coverage_visit *visit, void *context)
{
    for (int fault = 0; fault < FAULT_COUNT; fault++) {
        visit(context, "fault", fault_texts[fault], "", coverage->faults[fault], true);
    }
    for (int from = 0; from <= STATE_NONE; from++) {
        for (int to = 0; to < JOB_STATE_COUNT; to++) {
            bool expected = from != to && coverage_move_allowed(from, to);
            const char *name = from == STATE_NONE ? "new" : job_state_name((enum job_state)from);
            if (expected) {
                visit(context, "move", name, job_state_name((enum job_state)to),
                      coverage->moves[from][to], true);
            }
        }
    }
    for (int effect = 0; effect < EFFECT_COUNT; effect++) {
        visit(context, "effect", effect_names[effect], "", coverage->effects[effect], true);
    }
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        visit(context, "event", event_kind_name((enum event_kind)kind), "", coverage->events[kind],
              true);
    }
    for (int code = 0; code < REPLY_CODE_COUNT; code++) {
        visit(context, "reply", reply_code_name((enum reply_code)code), "", coverage->replies[code],
              reply_expected(code));
    }
    for (int code = 0; code < ERROR_CODE_COUNT; code++) {
        visit(context, "error", error_code_name((enum error_code)code), "", coverage->errors[code],
              error_expected(code));
    }
    for (int reason = 0; reason < WAIT_REASON_COUNT; reason++) {
        visit(context, "wait", wait_reason_name((enum wait_reason)reason), "",
              coverage->waits[reason], wait_expected(reason));
    }
    for (int seen = 0; seen < SEEN_COUNT; seen++) {
        visit(context, "seen", seen_texts[seen], "", coverage->seen[seen], true);
    }
}

static void print_one(void *context, const char *group, const char *name, const char *more,
                      uint64_t count, bool expected)
{
    (void)context;
    if (expected || count > 0) {
        printf("%-7s %12llu  %s%s%s\n", group, (unsigned long long)count, name,
               more[0] == '\0' ? "" : " to ", more);
    }
}

void coverage_print(const struct coverage *coverage, double seconds)
{
    coverage_each(coverage, print_one, NULL);
    printf("%llu seeds, %llu steps (%llu of them ticks) in %.1f s: %.0f steps a second\n",
           (unsigned long long)coverage->seeds, (unsigned long long)coverage->steps,
           (unsigned long long)coverage->ticks, seconds, (double)coverage->steps / seconds);
    printf("%llu jobs, %llu commits, %llu starts of the broker, %.1f days of virtual time, "
           "digest %016llx\n",
           (unsigned long long)coverage->jobs, (unsigned long long)coverage->commits,
           (unsigned long long)coverage->restarts, (double)coverage->virtual_ms / 86400000,
           (unsigned long long)coverage->digest);
}

static void print_missing(void *context, const char *group, const char *name, const char *more,
                          uint64_t count, bool expected)
{
    if (expected && count == 0) {
        printf("MISSING: %s %s %s never happened\n", group, name, more);
        (*(int *)context)++;
    }
}

int coverage_missing(const struct coverage *coverage)
{
    int count = 0;
    coverage_each(coverage, print_missing, &count);
    return count;
}
