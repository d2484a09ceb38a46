#include "cli/bars.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/id.h"
#include "cli/bar.h"

enum {
    WORD_SIZE = 16,
    LABEL_SIZE = 96,
    LABEL_WIDTH_MAX = 24, /* columns of the widest name; what is wider is cut */
    STEP_SIZE = 64,
};

struct bars_job {
    char id[ID_TEXT_SIZE + 1];
    char label[LABEL_SIZE];
    char status[WORD_SIZE];
    char step[STEP_SIZE];
    char reason[STEP_SIZE]; /* why it waits; "" when that is not known, or it does not */
    int progress;
    int attempt;
    int64_t first_ms;
    int64_t last_ms;
};

struct bars {
    char label[WORD_SIZE];
    int label_width; /* columns of the widest one so far */
    uint32_t total;
    bool colours;
    uint32_t count; /* jobs that something is known of */
    struct bars_job jobs[];
};

enum status bars_new(const char *label, uint32_t total, struct bars **out)
{
    struct bars *bars = calloc(1, sizeof *bars + (size_t)total * sizeof bars->jobs[0]);
    if (bars == NULL) {
        return STATUS_NO_MEMORY;
    }
    snprintf(bars->label, sizeof bars->label, "%s", label);
    bars->label_width = bar_label_width(bars->label);
    bars->total = total;
    bars->colours = true;
    *out = bars;
    return STATUS_OK;
}

void bars_destroy(struct bars **bars)
{
    free(*bars);
    *bars = NULL;
}

void bars_without_colours(struct bars *bars)
{
    bars->colours = false;
}

static struct bars_job *find_known(struct bars *bars, const char *id)
{
    for (uint32_t index = 0; index < bars->count; index++) {
        if (strcmp(bars->jobs[index].id, id) == 0) {
            return &bars->jobs[index];
        }
    }
    return NULL;
}

/* The job of an id, a new one if need be; NULL beyond the total. */
static struct bars_job *find(struct bars *bars, const char *id)
{
    struct bars_job *known = find_known(bars, id);
    if (known != NULL) {
        return known;
    }
    if (bars->count == bars->total) {
        return NULL;
    }
    struct bars_job *job = &bars->jobs[bars->count++];
    snprintf(job->id, sizeof job->id, "%s", id);
    return job;
}

static bool waits(const struct bars_job *job)
{
    return strcmp(job->status, "waiting") == 0 || strcmp(job->status, "pending") == 0;
}

void bars_take(struct bars *bars, const struct bars_event *event)
{
    struct bars_job *job = find(bars, event->job);
    if (job == NULL) {
        return;
    }
    snprintf(job->label, sizeof job->label, "%s", event->label);
    snprintf(job->status, sizeof job->status, "%s", event->status);
    snprintf(job->step, sizeof job->step, "%s", event->step);
    job->progress = event->progress < 0 ? 0 : event->progress > 100 ? 100 : event->progress;
    job->attempt = event->attempt;
    int width = bar_label_width(job->label);
    width = width > LABEL_WIDTH_MAX ? LABEL_WIDTH_MAX : width;
    bars->label_width = width > bars->label_width ? width : bars->label_width;
    job->first_ms = job->first_ms == 0 ? event->at_ms : job->first_ms;
    job->last_ms = event->at_ms;
    if (!waits(job)) {
        job->reason[0] = '\0';
    }
}

void bars_wait(struct bars *bars, const char *id, const char *reason)
{
    struct bars_job *job = find_known(bars, id);
    if (job != NULL && waits(job)) {
        snprintf(job->reason, sizeof job->reason, "%s", reason);
    }
}

uint32_t bars_count(const struct bars *bars, const char *status)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < bars->count; index++) {
        count += strcmp(bars->jobs[index].status, status) == 0;
    }
    return count;
}

static uint32_t ended(const struct bars *bars)
{
    return bars_count(bars, "completed") + bars_count(bars, "failed") +
           bars_count(bars, "cancelled");
}

bool bars_have_ended(const struct bars *bars)
{
    return ended(bars) == bars->total;
}

static uint32_t shown(const struct bars *bars)
{
    return bars->total <= BARS_SHOWN_MAX ? bars->count : 0;
}

bool bars_have_waiting(const struct bars *bars)
{
    bool have = false;
    for (uint32_t index = 0; index < shown(bars); index++) {
        have = have || waits(&bars->jobs[index]);
    }
    return have;
}

uint32_t bars_lines(const struct bars *bars)
{
    return shown(bars) + 1;
}

static bool has_ended(const struct bars_job *job)
{
    return strcmp(job->status, "completed") == 0 || strcmp(job->status, "failed") == 0 ||
           strcmp(job->status, "cancelled") == 0;
}

static enum status draw_job(const struct bars *bars, uint32_t line, int64_t now_ms, int columns,
                            struct buffer *out)
{
    const struct bars_job *job = &bars->jobs[line];
    int64_t until_ms = !has_ended(job) && now_ms > job->last_ms ? now_ms : job->last_ms;
    const struct bar bar = {
        .label = job->label,
        .label_width = shown(bars) > 0 ? bars->label_width : 0,
        .status = job->status,
        .step = strcmp(job->status, "active") == 0 ? job->step : job->reason,
        .progress = job->progress,
        .attempt = job->attempt,
        .elapsed_ms = until_ms - job->first_ms,
        .columns = columns,
        .colours = bars->colours,
    };
    return bar_draw(&bar, out);
}

/* The mean of all jobs, of which one that has ended counts as whole, as the API has it. */
static int sum_progress(const struct bars *bars)
{
    uint64_t sum = (uint64_t)ended(bars) * 100;
    for (uint32_t index = 0; index < bars->count; index++) {
        if (strcmp(bars->jobs[index].status, "active") == 0) {
            sum += (uint64_t)bars->jobs[index].progress;
        }
    }
    return bars->total == 0 ? 0 : (int)(sum / bars->total);
}

static enum status draw_sum(const struct bars *bars, int64_t now_ms, int columns,
                            struct buffer *out)
{
    char text[STEP_SIZE];
    int64_t first = 0;
    int64_t last = 0;
    uint32_t failed = bars_count(bars, "failed");
    for (uint32_t index = 0; index < bars->count; index++) {
        const struct bars_job *job = &bars->jobs[index];
        first = first == 0 || job->first_ms < first ? job->first_ms : first;
        last = job->last_ms > last ? job->last_ms : last;
    }
    if (first > 0 && !bars_have_ended(bars) && now_ms > last) {
        last = now_ms;
    }
    if (failed > 0) {
        snprintf(text, sizeof text, "%u of %u, %u failed", ended(bars), bars->total, failed);
    } else {
        snprintf(text, sizeof text, "%u of %u", ended(bars), bars->total);
    }
    const struct bar bar = {
        .label = bars->label,
        .label_width = shown(bars) > 0 ? bars->label_width : 0,
        .status = failed > 0              ? "failed"
                  : bars_have_ended(bars) ? "completed"
                                          : "active",
        .step = text,
        .progress = sum_progress(bars),
        .attempt = 1,
        .elapsed_ms = last - first,
        .columns = columns,
        .colours = bars->colours,
    };
    return bar_draw(&bar, out);
}

enum status bars_draw(const struct bars *bars, uint32_t line, int64_t now_ms, int columns,
                      struct buffer *out)
{
    return line < shown(bars) ? draw_job(bars, line, now_ms, columns, out)
                              : draw_sum(bars, now_ms, columns, out);
}
