#include "gateway/job_csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"

#define LINE_END "\r\n"

enum {
    NUMBER_SIZE = 24, /* bytes of a number's text */
};

/* One line as it grows: the first failure stays. */
struct line {
    struct buffer *out;
    bool has_any;
    enum status status;
};

static void put(struct line *line, struct slice text)
{
    if (line->status == STATUS_OK) {
        line->status = buffer_append_slice(line->out, text);
    }
}

static void begin(struct line *line)
{
    if (line->has_any) {
        put(line, SLICE_LITERAL(","));
    }
    line->has_any = true;
}

static void put_plain(struct line *line, struct slice text)
{
    begin(line);
    put(line, text);
}

/* What may hold anything stands in quotes, its own doubled. */
static void put_text(struct line *line, struct slice text)
{
    begin(line);
    if (text.size == 0) {
        return;
    }
    put(line, SLICE_LITERAL("\""));
    if (strchr("=+-@\t\r", (char)text.data[0]) != NULL) {
        put(line, SLICE_LITERAL("'"));
    }
    while (text.size > 0) {
        const uint8_t *quote = memchr(text.data, '"', text.size);
        size_t size = quote == NULL ? text.size : (size_t)(quote - text.data) + 1;
        put(line, slice_make(text.data, size));
        if (quote != NULL) {
            put(line, SLICE_LITERAL("\""));
        }
        text = slice_make(text.data + size, text.size - size);
    }
    put(line, SLICE_LITERAL("\""));
}

static void put_number(struct line *line, uint64_t number)
{
    char text[NUMBER_SIZE];
    int size = snprintf(text, sizeof text, "%" PRIu64, number);
    put_plain(line, slice_make(text, (size_t)size));
}

static void put_id(struct line *line, const struct id *id)
{
    char text[ID_TEXT_SIZE];
    if (id_is_zero(id)) {
        put_plain(line, SLICE_EMPTY);
        return;
    }
    id_format(id, text);
    put_plain(line, slice_from_string(text));
}

static void put_time(struct line *line, int64_t time_ms)
{
    char text[CLOCK_TEXT_SIZE];
    if (time_ms == 0) {
        put_plain(line, SLICE_EMPTY);
        return;
    }
    clock_format(time_ms, text);
    put_plain(line, slice_from_string(text));
}

/* US dollars, from micro-dollars. */
static void put_money(struct line *line, uint64_t amount)
{
    char text[NUMBER_SIZE + 8];
    int size =
        snprintf(text, sizeof text, "%" PRIu64 ".%06" PRIu64, amount / 1000000, amount % 1000000);
    put_plain(line, slice_make(text, (size_t)size));
}

enum status job_csv_head(struct buffer *out)
{
    static const char head[] =
        "jobId,queue,status,owner,character,characterId,mediaId,groupId,priority,progress,step,"
        "attempt,attemptsMade,retries,createdAt,startedAt,completedAt,errorCode,errorMessage,"
        "spentUsd" LINE_END;
    return buffer_append_slice(out, slice_from_string(head));
}

enum status job_csv_write(const struct message_job_state *job, struct buffer *out)
{
    struct line line = {.out = out};
    /* Of a delivery both ids are those of what it tells of. */
    bool is_delivery = job->kind == JOB_KIND_WEBHOOK;
    bool has_made = job->state == JOB_STATE_COMPLETED && !is_delivery;
    put_id(&line, &job->job);
    put_plain(&line, slice_from_string(job_kind_name((enum job_kind)job->kind)));
    put_plain(&line, slice_from_string(job_state_name((enum job_state)job->state)));
    put_text(&line, job->owner);
    put_text(&line, job->character_name);
    put_id(&line, is_delivery ? &(struct id){0} : &job->character);
    put_id(&line, has_made ? &job->media : &(struct id){0});
    put_id(&line, &job->group);
    put_number(&line, job->priority);
    put_number(&line, job->progress);
    put_text(&line, job->step);
    put_number(&line, job->attempt);
    put_number(&line, job->attempts_made);
    put_number(&line, job->retries);
    put_time(&line, job->created_at);
    put_time(&line, job->started_at);
    put_time(&line, job->completed_at);
    put_text(&line, job->error_code);
    put_text(&line, job->error_message);
    put_money(&line, job->spent);
    put(&line, slice_from_string(LINE_END));
    return line.status;
}
