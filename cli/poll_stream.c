#include "cli/poll_stream.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/id.h"
#include "base/json_writer.h"

enum {
    JOBS_MAX = 1000,      /* of one group: the API's contract */
    PAUSE_MS = 1000,      /* between looks, or longer, so that they take ... */
    SHARE = 10,           /* ... a tenth of the time, but ... */
    PAUSE_MS_MAX = 60000, /* ... so long at most */
    STOP_MS = 100,        /* between looks whether to stop */
    PATH_SIZE = 512,
    CURSOR_SIZE = 256,
    MEMBER_SIZE = 64,
    STEP_SIZE = 64,
    EVENT_SIZE_MAX = 64 << 10,
};

/* What was told of a job. */
struct told {
    char job[ID_TEXT_SIZE];
    char status[16];
    char step[STEP_SIZE];
    int64_t progress;
    int64_t attempt;
};

struct poll_stream {
    char id[ID_TEXT_SIZE];
    bool is_group;
    struct told jobs[JOBS_MAX];
    size_t count;
};

/* One look through the jobs. */
struct look {
    struct poll_stream *stream;
    struct sse *sse;
    size_t going; /* jobs that are there and have not ended */
};

enum status poll_stream_new(const char *id, bool group, struct poll_stream **out)
{
    struct poll_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        return STATUS_NO_MEMORY;
    }
    snprintf(stream->id, sizeof stream->id, "%s", id);
    stream->is_group = group;
    *out = stream;
    return STATUS_OK;
}

void poll_stream_destroy(struct poll_stream **stream)
{
    free(*stream);
    *stream = NULL;
}

/* ---- one job ---- */

static const char *text_at(const struct document *page, size_t index, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.jobs.%zu.%s", index, name);
    return document_text(page, member, "");
}

static int64_t number_at(const struct document *page, size_t index, const char *name, int64_t other)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.jobs.%zu.%s", index, name);
    return document_integer(page, member, other);
}

static bool has_ended(const char *status)
{
    return strcmp(status, "completed") == 0 || strcmp(status, "failed") == 0 ||
           strcmp(status, "cancelled") == 0;
}

static void put_if_any(struct json_writer *json, const char *name, const char *text)
{
    if (text[0] != '\0') {
        json_member_text(json, name, slice_from_string(text));
    }
}

/* Feeds an event, at a moment; "" for now. page: has what only some events tell; NULL for none. */
static enum status feed(const struct look *look, const char *name, const struct told *told,
                        const char *at, const struct document *page, size_t index, const char *type)
{
    struct buffer text;
    struct json_writer json;
    struct clock clock;
    buffer_init(&text, EVENT_SIZE_MAX);
    enum status status = buffer_append_format(&text, "event: %s\ndata: ", name);
    json_writer_init(&json, &text);
    json_object_begin(&json);
    json_member_text(&json, "jobId", slice_from_string(told->job));
    if (at[0] != '\0') {
        json_member_text(&json, "at", slice_from_string(at));
    } else {
        clock_init(&clock, 0);
        json_member_time(&json, "at", clock_now_ms(&clock));
    }
    json_member_text(&json, "type", slice_from_string(type));
    json_member_text(&json, "status", slice_from_string(told->status));
    json_member_integer(&json, "progress", told->progress);
    json_member_text_or_null(&json, "step", slice_from_string(told->step));
    json_member_integer(&json, "attempt", told->attempt);
    if (page != NULL && has_ended(told->status)) {
        put_if_any(&json, "url", text_at(page, index, "result.url"));
        put_if_any(&json, "failedReason", text_at(page, index, "failedReason"));
    }
    json_object_end(&json);
    status = status == STATUS_OK ? json_writer_status(&json) : status;
    status = status == STATUS_OK ? buffer_append(&text, "\n\n", 2) : status;
    status = status == STATUS_OK ? sse_feed(look->sse, buffer_slice(&text)) : status;
    buffer_fini(&text);
    return status;
}

/* The place of a job among those that were told of: a new one is told to wait since it was made.
 * NULL where there are too many. */
static struct told *find(struct look *look, const struct document *page, size_t index,
                         enum status *status)
{
    struct poll_stream *stream = look->stream;
    const char *job = text_at(page, index, "jobId");
    for (size_t place = 0; place < stream->count; place++) {
        if (strcmp(stream->jobs[place].job, job) == 0) {
            return &stream->jobs[place];
        }
    }
    if (stream->count == JOBS_MAX) {
        return NULL;
    }
    struct told *told = &stream->jobs[stream->count++];
    *told = (struct told){.status = "waiting", .attempt = 1};
    snprintf(told->job, sizeof told->job, "%s", job);
    *status = feed(look, "queued", told, text_at(page, index, "createdAt"), NULL, 0,
                   text_at(page, index, "queue"));
    return told;
}

/* When a job became what it is, as far as it tells that. */
static const char *moment_of(const struct document *page, size_t index, const struct told *told,
                             bool is_begun)
{
    return has_ended(told->status) ? text_at(page, index, "completedAt")
           : is_begun              ? text_at(page, index, "startedAt")
                                   : "";
}

static enum status take_job(struct look *look, const struct document *page, size_t index)
{
    enum status status = STATUS_OK;
    struct told *told = find(look, page, index, &status);
    if (told == NULL || status != STATUS_OK) {
        return status;
    }
    struct told now = *told;
    snprintf(now.status, sizeof now.status, "%s", text_at(page, index, "status"));
    snprintf(now.step, sizeof now.step, "%s", text_at(page, index, "step"));
    now.progress = number_at(page, index, "progress", 0);
    now.attempt = number_at(page, index, "attempt", told->attempt);
    look->going += !has_ended(now.status);
    bool is_other = strcmp(now.status, told->status) != 0;
    bool is_same = !is_other && strcmp(now.step, told->step) == 0 &&
                   now.progress == told->progress && now.attempt == told->attempt;
    *told = now;
    bool is_begun = is_other && strcmp(now.status, "active") == 0;
    return is_same ? STATUS_OK
                   : feed(look, is_other ? now.status : "progress", told,
                          moment_of(page, index, told, is_begun), page, index,
                          text_at(page, index, "queue"));
}

/* ---- all of them ---- */

/* Asks for them, page by page. Returns as client_perform; out is the last page, or the refusal. */
static enum status look_through(struct look *look, struct client *client, client_stop *stop,
                                void *context, struct client_answer *out)
{
    char path[PATH_SIZE];
    char cursor[CURSOR_SIZE] = "";
    const struct client_request request = {
        .method = "GET", .path = path, .stop = stop, .context = context};
    enum status status;
    do {
        document_destroy(&out->document);
        snprintf(path, sizeof path, "/api/v1/admin/jobs?%s=%s%s%s%s",
                 look->stream->is_group ? "groupId" : "jobId", look->stream->id,
                 look->stream->is_group ? "&limit=100" : "", cursor[0] != '\0' ? "&cursor=" : "",
                 cursor); /* a cursor needs no escapes */
        status = client_perform(client, &request, out);
        bool is_page = status == STATUS_OK && out->code == 200 && out->document != NULL;
        size_t count = is_page ? document_count(out->document, "data.jobs") : 0;
        for (size_t index = 0; index < count && status == STATUS_OK; index++) {
            status = take_job(look, out->document, index);
        }
        snprintf(cursor, sizeof cursor, "%s",
                 is_page ? document_text(out->document, "pagination.nextCursor", "") : "");
    } while (status == STATUS_OK && cursor[0] != '\0');
    return status;
}

/* Returns whether it was stopped meanwhile. */
static bool wait_ms(int64_t ms, client_stop *stop, void *context)
{
    int64_t until_ms = clock_monotonic_ms() + ms;
    while (clock_monotonic_ms() < until_ms) {
        if (stop(context)) {
            return true;
        }
        poll(NULL, 0, STOP_MS);
    }
    return stop(context);
}

enum status poll_stream_read(struct poll_stream *stream, struct client *client, struct sse *sse,
                             client_stop *stop, void *context, struct client_answer *out)
{
    *out = (struct client_answer){.is_to_read = true};
    sse_reset(sse);
    for (;;) {
        struct look look = {.stream = stream, .sse = sse};
        int64_t begun_ms = clock_monotonic_ms();
        enum status status = look_through(&look, client, stop, context, out);
        int64_t share_ms = (clock_monotonic_ms() - begun_ms) * (SHARE - 1);
        if (status == STATUS_TOO_LARGE || status == STATUS_NO_MEMORY) {
            return status;
        }
        if (status != STATUS_OK) {
            out->code = 0;
            return status == STATUS_AGAIN ? STATUS_TIMEOUT : STATUS_CLOSED;
        }
        if (out->code == 200 && stream->count == 0) {
            document_destroy(&out->document);
            out->code = 404;
        }
        if (out->code != 200 || look.going == 0) {
            return STATUS_OK;
        }
        int64_t pause_ms = share_ms < PAUSE_MS_MAX ? share_ms : PAUSE_MS_MAX;
        if (wait_ms(pause_ms > PAUSE_MS ? pause_ms : PAUSE_MS, stop, context)) {
            return STATUS_TIMEOUT;
        }
    }
}
