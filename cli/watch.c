#include "cli/watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "cli/view_head.h"

enum {
    ASK_MS = 1000,
    PATIENCE_MS = 3000,    /* until it is said that an answer is waited for */
    SILENT_MS_MAX = 10000, /* between questions that nobody answers */
    SILENT_COUNT_MAX = 10, /* that are counted: the pause is at its longest before */
    WHY_SIZE = 512,        /* bytes; more is cut */
    AMISS_SIZE = WHY_SIZE + 64,
    DRAWING_SIZE_MAX = 1 << 20,
    SHARE = 10,
    CODE_BUSY = 503,
    CODE_TOO_MANY = 429,
    CODE_FAILED = 500, /* and above */
    CODE_NO_ROOM = 507,
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
    int silent_count;     /* questions that were not answered, of the newest ones */
    int64_t answered_ms;  /* when the newest answer came, since 1970, perhaps of a part; 0 before */
    int64_t redraw_at_ms; /* as clock_monotonic_ms tells: what waits meanwhile */
    bool is_amiss_told;   /* to who reads it line by line, since the newest answer */
    char why[WHY_SIZE];   /* nobody answers */
    struct terminal_view *terminal; /* NULL: a program reads it */
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

/* ---- when nobody answers ---- */

/* Whether a question may be answered when it is asked again, with nothing changed here. */
static bool is_passing(enum status status, const struct client_answer *answer)
{
    bool is_failed = answer->code >= CODE_FAILED && answer->code != CODE_NO_ROOM;
    if (status == STATUS_OK) {
        return is_failed || answer->code == CODE_TOO_MANY;
    }
    /* MALFORMED: what stands before a gateway says in its own words that it is away. */
    return status == STATUS_TIMEOUT || status == STATUS_CLOSED || status == STATUS_MALFORMED;
}

static void why_write(const struct session *session, enum status status,
                      const struct client_answer *answer, char out[WHY_SIZE])
{
    const char *error = client_error(session->client);
    if (answer->code != 0) {
        const char *message = answer->document == NULL
                                  ? status_text(status)
                                  : document_text(answer->document, "message", "");
        snprintf(out, WHY_SIZE, "%ld %s", answer->code, message);
    } else {
        snprintf(out, WHY_SIZE, "%s", error[0] != '\0' ? error : status_text(status));
    }
}

/* How long to wait behind so many questions that nobody answered. */
static int64_t silent_ms(int count)
{
    int64_t doubled_ms = (int64_t)ASK_MS << (count - 1);
    return doubled_ms < SILENT_MS_MAX ? doubled_ms : SILENT_MS_MAX;
}

/* What is amiss with what is shown; nothing of what was answered. */
static void amiss_write(const struct watch *watch, bool is_waiting, char out[AMISS_SIZE])
{
    enum {
        DATE_SIZE = sizeof "2026-01-01T" - 1,
        TIME_SIZE = sizeof "00:00:00" - 1
    };
    char at[CLOCK_TEXT_SIZE];
    const char *why = watch->silent_count > 0 ? watch->why : "waiting for one";
    clock_format(watch->answered_ms, at);
    if (watch->silent_count == 0 && !is_waiting) {
        out[0] = '\0';
    } else if (watch->answered_ms == 0) {
        snprintf(out, AMISS_SIZE, "no answer yet: %s", why);
    } else {
        snprintf(out, AMISS_SIZE, "no answer since %.*sZ: %s", (int)TIME_SIZE, at + DATE_SIZE, why);
    }
}

/* ---- asking ---- */

/* Keeps what a question came to, for the next one and for what is shown. */
static void take_code(struct watch *watch, int code)
{
    watch->is_new = code == EXIT_CODE_OK;
    watch->is_busy = code == WATCH_BUSY;
    if (code == WATCH_SILENT) {
        if (watch->silent_count == 0) {
            watch->is_amiss_told = false; /* that it waits was said, but not why in vain */
        }
        watch->silent_count += watch->silent_count < SILENT_COUNT_MAX;
    } else {
        watch->silent_count = 0;
        watch->is_amiss_told = false;
    }
    if (watch->is_new || code == WATCH_MORE) {
        watch->answered_ms = wall_ms();
    }
    if (watch->is_new) {
        watch->at_ms = watch->answered_ms;
    }
}

/* Asks, where it is time to. Returns an exit code. */
static int ask(struct watch *watch)
{
    int64_t begun_ms = clock_monotonic_ms();
    watch->is_new = false;
    if (begun_ms < watch->ask_at_ms) {
        return EXIT_CODE_OK;
    }
    watch->redraw_at_ms = begun_ms + PATIENCE_MS;
    int code = watch->view->ask(watch->view->context, watch);
    int64_t ended_ms = clock_monotonic_ms();
    take_code(watch, code);
    watch->took_ms += ended_ms - begun_ms;
    if (code == WATCH_SILENT) {
        watch->ask_at_ms = ended_ms + silent_ms(watch->silent_count);
        watch->took_ms = 0;
    } else if (code != WATCH_MORE) {
        watch->ask_at_ms = ended_ms + pause_ms(watch->view, watch->took_ms);
        watch->took_ms = 0;
    }
    return code < 0 ? EXIT_CODE_OK : code;
}

/* ---- showing ---- */

static enum status draw_whole(const struct watch *watch, bool is_waiting, struct buffer *out)
{
    char amiss[AMISS_SIZE];
    const struct watch_view *view = watch->view;
    bool is_there = watch->at_ms != 0;
    int64_t at_ms = is_there ? watch->at_ms : wall_ms();
    amiss_write(watch, is_waiting, amiss);
    enum status status = view_head_draw(watch->session, view->what, at_ms, amiss, out);
    if (status == STATUS_OK) {
        status = view->draw(view->context, at_ms, out);
    }
    if (status == STATUS_OK && watch->is_busy) {
        status = buffer_append_format(out, "the broker is busy%s\n", is_there ? ": as it was" : "");
    }
    return status;
}

/* terminal_draw */
static int draw(void *context, struct terminal_view *terminal, struct buffer *out)
{
    struct watch *watch = context;
    watch->terminal = terminal;
    int code = ask(watch);
    bool is_drawn = code == EXIT_CODE_OK && draw_whole(watch, false, out) == STATUS_OK;
    return code == EXIT_CODE_OK && !is_drawn ? EXIT_CODE_FAILED : code;
}

int watch_tell(const struct watch_view *view, int64_t at_ms)
{
    struct json_line line;
    struct buffer text;
    json_line_begin(&line);
    json_member_time(&line.json, "at", at_ms);
    if (view->put(view->context, &line.json) != STATUS_OK) {
        json_line_drop(&line);
        fprintf(stderr, "troupe: the answer is too long\n");
        return EXIT_CODE_FAILED;
    }
    buffer_init(&text, JSON_LINE_SIZE_MAX);
    enum status status = json_line_write(&line, &text);
    int code = status == STATUS_OK ? terminal_write(buffer_slice(&text)) : EXIT_CODE_FAILED;
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: cannot tell it as JSON: %s\n", status_text(status));
    }
    buffer_fini(&text);
    return code;
}

/* Says once each what is amiss, beside the lines for programs: that an answer is waited for, and
 * why there is none. */
static void tell_amiss(struct watch *watch, bool is_waiting)
{
    char amiss[AMISS_SIZE];
    amiss_write(watch, is_waiting, amiss);
    if (amiss[0] != '\0' && !watch->is_amiss_told) {
        terminal_line(stderr, "troupe: %s", amiss);
        watch->is_amiss_told = true;
    }
}

/* terminal_tell */
static int tell(void *context)
{
    struct watch *watch = context;
    int code = ask(watch);
    tell_amiss(watch, false);
    if (code == EXIT_CODE_INTERRUPTED && !terminal_is_ending(NULL)) {
        return EXIT_CODE_FAILED; /* nobody reads */
    }
    return watch->is_new ? watch_tell(watch->view, watch->at_ms) : code;
}

bool watch_is_live(bool json)
{
    return json || terminal_is_drawn_on(STDOUT_FILENO);
}

int watch_show(struct session *session, const struct watch_view *view, bool json)
{
    struct watch watch = {.session = session, .view = view};
    return json ? terminal_repeat(tell, &watch) : terminal_show(draw, &watch);
}

/* Draws what is shown again, and that an answer is waited for. */
static void draw_meanwhile(const struct watch *watch)
{
    struct buffer drawing;
    buffer_init(&drawing, DRAWING_SIZE_MAX);
    if (draw_whole(watch, true, &drawing) == STATUS_OK) {
        terminal_put(buffer_slice(&drawing));
    }
    buffer_fini(&drawing);
}

/* client_stop */
static bool is_to_stop(void *context)
{
    struct watch *watch = context;
    int64_t now_ms = clock_monotonic_ms();
    if (watch == NULL) {
        return terminal_is_ending(NULL);
    }
    bool is_drawn = watch->terminal != NULL;
    if (now_ms >= watch->redraw_at_ms) {
        if (is_drawn) {
            draw_meanwhile(watch);
        } else {
            tell_amiss(watch, true);
        }
        watch->redraw_at_ms = now_ms + ASK_MS;
    }
    return is_drawn ? terminal_is_left(watch->terminal)
                    : terminal_is_ending(NULL) || terminal_is_unread();
}

int watch_get(struct session *session, struct watch *watch, const char *path,
              struct client_answer *answer)
{
    const struct client_request request = {
        .method = "GET", .path = path, .stop = is_to_stop, .context = watch};
    enum status status = client_perform(session->client, &request, answer);
    const char *code =
        answer->document == NULL ? "" : document_text(answer->document, "error.code", "");
    if (watch != NULL && status == STATUS_OK && answer->code == CODE_BUSY &&
        strcmp(code, "busy") == 0) {
        return WATCH_BUSY;
    }
    if (watch != NULL && watch->answered_ms != 0 && is_passing(status, answer)) {
        why_write(session, status, answer, watch->why);
        return WATCH_SILENT;
    }
    return session_judge(session, status, answer);
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
