#ifndef TROUPE_GATEWAY_JOB_NEWS_H
#define TROUPE_GATEWAY_JOB_NEWS_H

/* Which jobs have changed since the last look, as they are now: what happens to one in between is
 * told once. Beyond JOB_NEWS_MAX jobs the rest is left out. Pure. Embedded by its owner. */

#include "base/json_writer.h"
#include "gateway/limits.h"
#include "proto/messages.h"

struct job_news_item {
    struct id job;
    uint8_t kind;
    uint8_t state;
    uint8_t progress;
    uint8_t step_size;
    char step[STEP_SIZE_MAX];
};

struct job_news {
    uint32_t count;
    struct job_news_item items[JOB_NEWS_MAX];
};

/* Takes an event of a job. Deliveries count as jobs. */
void job_news_note(struct job_news *news, const struct message_event *event);

/* Writes {"jobs": [...]}. */
void job_news_write(const struct job_news *news, struct json_writer *writer);

#endif
