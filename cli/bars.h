#ifndef TROUPE_CLI_BARS_H
#define TROUPE_CLI_BARS_H

/* The jobs of a batch or pipeline as its events tell them, drawn as bars. Pure. */

#include "base/buffer.h"

enum {
    BARS_SHOWN_MAX = 24, /* jobs that have a bar each; of more only the sum is drawn */
};

struct bars;

/* What an event tells; the texts are copied, cut where they are too long. */
struct bars_event {
    const char *job;   /* its id */
    const char *label; /* what it is called: what it makes, and of whom */
    const char *status;
    const char *step;
    int progress;
    int attempt;
    int64_t at_ms;
};

/* label: what the sum is called. total: how many jobs there are. Returns OK or NO_MEMORY. */
enum status bars_new(const char *label, uint32_t total, struct bars **out);
void bars_destroy(struct bars **bars);

/* Draws without colours from now on. */
void bars_without_colours(struct bars *bars);

/* Jobs beyond the total are passed over. */
void bars_take(struct bars *bars, const struct bars_event *event);

/* Why a job waits, in words; "" when nobody can tell. It is told until the job goes on. */
void bars_wait(struct bars *bars, const char *job, const char *reason);

/* Whether there is a bar of a job that waits. */
bool bars_have_waiting(const struct bars *bars);

/* How many jobs are in a status. */
uint32_t bars_count(const struct bars *bars, const char *status);

/* Whether every job has ended. */
bool bars_have_ended(const struct bars *bars);

/* How many lines bars_draw makes. */
uint32_t bars_lines(const struct bars *bars);

/* Appends the line at a place, without a line end: a job's, or last the sum's. now_ms: until when
 * the time of what has not ended is told; 0: until its last event. */
enum status bars_draw(const struct bars *bars, uint32_t line, int64_t now_ms, int columns,
                      struct buffer *out);

#endif
