#include "cli/watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/view_head.h"

enum {
    ASK_MS = 1000,
    SHARE = 10,
    CODE_BUSY = 503,
    LINES_BESIDE = 5, /* of a view: its head, that of the table, and one below it */
};

struct watch {
    struct session *session;
    const struct watch_view *view;
    int64_t at_ms;     /* when the newest answer came; 0 before it */
    int64_t ask_at_ms; /* as clock_monotonic_ms tells */
    int64_t took_ms;   /* so far, what is asked for part by part */
    bool is_new;       /* an answer came just now */
    bool is_busy;
};

static int64_t wall_ms(void)
{
    struct clock clock;
    clock_init(&clock, 0);
    return clock_now_ms(&clock);
}

/* How long to wait behind an answer that took so long. */
static int64_t pause_ms(const struct watch_view *view, int64_t took_ms)
{
    int64_t share_ms = took_ms * (SHARE - 1);
    int64_t most_ms = share_ms < view->pause_ms_max ? share_ms : view->pause_ms_max;
    return most_ms > ASK_MS ? most_ms : ASK_MS;
}

/* Asks, where it is time to. Returns an exit code. */
static int ask(struct watch *watch)
{
    int64_t begun_ms = clock_monotonic_ms();
    watch->is_new = false;
    if (begun_ms < watch->ask_at_ms) {
        return EXIT_CODE_OK;
    }
    int code = watch->view->ask(watch->view->context);
    int64_t ended_ms = clock_monotonic_ms();
    watch->is_new = code == EXIT_CODE_OK;
    watch->is_busy = code == WATCH_BUSY;
    watch->took_ms += ended_ms - begun_ms;
    if (watch->is_new) {
        watch->at_ms = wall_ms();
    }
    if (code != WATCH_MORE) {
        watch->ask_at_ms = ended_ms + pause_ms(watch->view, watch->took_ms);
        watch->took_ms = 0;
    }
    return code < 0 ? EXIT_CODE_OK : code;
}

static enum status draw_whole(const struct watch *watch, struct buffer *out)
{
    const struct watch_view *view = watch->view;
    bool is_there = watch->at_ms != 0;
    int64_t at_ms = is_there ? watch->at_ms : wall_ms();
    enum status status = view_head_draw(watch->session, view->what, at_ms, out);
    if (status == STATUS_OK) {
        status = view->draw(view->context, at_ms, out);
    }
    if (status == STATUS_OK && watch->is_busy) {
        status = buffer_append_format(out, "the broker is busy%s\n", is_there ? ": as it was" : "");
    }
    return status;
}

/* terminal_draw */
static int draw(void *context, struct buffer *out)
{
    struct watch *watch = context;
    int code = ask(watch);
    bool is_drawn = code == EXIT_CODE_OK && draw_whole(watch, out) == STATUS_OK;
    return code == EXIT_CODE_OK && !is_drawn ? EXIT_CODE_FAILED : code;
}

int watch_tell(const struct watch_view *view, int64_t at_ms)
{
    struct json_line line;
    json_line_begin(&line);
    json_member_time(&line.json, "at", at_ms);
    if (view->put(view->context, &line.json) != STATUS_OK) {
        json_line_drop(&line);
        fprintf(stderr, "troupe: the answer is too long\n");
        return EXIT_CODE_FAILED;
    }
    return json_line_end(&line);
}

/* terminal_tell */
static int tell(void *context)
{
    struct watch *watch = context;
    int code = ask(watch);
    return watch->is_new ? watch_tell(watch->view, watch->at_ms) : code;
}

bool watch_is_live(bool json)
{
    return json || isatty(STDOUT_FILENO) == 1;
}

int watch_show(struct session *session, const struct watch_view *view, bool json)
{
    struct watch watch = {.session = session, .view = view};
    return json ? terminal_repeat(tell, &watch) : terminal_show(draw, &watch);
}

int watch_get(struct session *session, const char *path, bool once, struct client_answer *answer)
{
    const struct client_request request = {
        .method = "GET", .path = path, .stop = terminal_is_ending};
    enum status status = client_perform(session->client, &request, answer);
    const char *code =
        answer->document == NULL ? "" : document_text(answer->document, "error.code", "");
    bool is_busy = status == STATUS_OK && answer->code == CODE_BUSY && strcmp(code, "busy") == 0;
    return is_busy && !once ? WATCH_BUSY : session_judge(session, status, answer);
}

int64_t watch_room(void)
{
    int room = terminal_lines() - LINES_BESIDE;
    return room < 1 ? 1 : room;
}

void watch_name(char out[WATCH_NAME_SIZE], const char *name, int count, char *const *words)
{
    size_t size = (size_t)snprintf(out, WATCH_NAME_SIZE, "%s", name);
    for (int index = 0; index < count && size < WATCH_NAME_SIZE; index++) {
        size += (size_t)snprintf(out + size, WATCH_NAME_SIZE - size, " %s", words[index]);
    }
}
