#include "cli/wait_reason.h"

#include <stdio.h>
#include <string.h>

enum {
    MEMBER_SIZE = 96,
};

static const struct {
    const char *reason;
    const char *words;
} reasons[] = {
    {"scheduled", "waits until its time"},
    {"dependency", "waits for another job"},
    {"backoff", "waits to be tried again"},
    {"no_worker", "no worker takes jobs"},
    {"capped", "as many run as may run"},
    {"rate_limited", "held by a rate limit"},
    {"provider_down", "its provider is down"},
    {"paused", "the queue is paused"},
    {"queued", "waits in line"},
};

static const char *words_for(const char *reason)
{
    for (size_t index = 0; index < sizeof reasons / sizeof reasons[0]; index++) {
        if (strcmp(reasons[index].reason, reason) == 0) {
            return reasons[index].words;
        }
    }
    return reason;
}

void wait_reason_write(const struct document *answer, const char *path, char out[WAIT_REASON_SIZE])
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "%s.waitReason", path);
    const char *reason = document_text(answer, member, "");
    snprintf(member, sizeof member, "%s.queuePosition", path);
    long long place = (long long)document_integer(answer, member, 0);
    if (strcmp(reason, "queued") == 0 && place > 0) {
        snprintf(out, WAIT_REASON_SIZE, "in line, place %lld", place);
    } else {
        snprintf(out, WAIT_REASON_SIZE, "%s", words_for(reason));
    }
}
