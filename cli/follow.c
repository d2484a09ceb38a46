#include "cli/follow.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/bar.h"
#include "cli/bars.h"
#include "cli/command.h"
#include "cli/poll_stream.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "cli/waiting.h"

enum {
    TICK_MS = 1000, /* the time goes on, and what waits is asked why */
    ASK_MS = 2000,
    RECONNECT_MIN_MS = 100,
    RECONNECT_MAX_MS = 5000,
    LINE_BYTES_MAX = 4096,
    COLUMNS_USUAL = 80,
    STEP_BYTES_MAX = 64,
    ESCAPE_GROWTH_MAX = 6, /* bytes of JSON that one is escaped with */
};

struct follow {
    const struct follow_options *options;
    struct clock clock;
    struct client *beside; /* asks while the stream is open */
    struct document *last; /* the last event; NULL before the first */
    bool terminal;         /* standard output is one: draw over the line */
    bool drawn;
    bool lost;         /* it was said that the stream is gone */
    int64_t begins_ms; /* time of the first event; 0 before */
    int64_t last_ms;   /* and of the last one */
    int64_t taken_ms;  /* when that was taken, as clock_monotonic_ms tells */
    int64_t ticked_ms, asked_ms;
    char status[32];
    char reason[WAIT_REASON_SIZE]; /* why the job waits; "" when that is not known */
    char last_line[96];            /* what was last printed of it, when it is not a terminal */
    int exit_code;                 /* set at the end of the stream; -1 before */
    struct poll_stream *polled;    /* in the place of a stream; NULL: there is one */
    struct bars *bars;             /* of a batch or pipeline; NULL: it is none */
    uint32_t lines;                /* of the bars that are on the terminal */
};

/* Set by the signal handler, which can reach nothing else. */
static volatile bool interrupted;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = true;
}

/* Whether nobody reads our output any more, as in `troupe tail | head -1`. */
static bool output_is_closed(void)
{
    return ferror(stdout) != 0 || terminal_is_unread();
}

static int columns(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col
                                                                             : COLUMNS_USUAL;
}

/* Reads a time of an event, 2026-01-02T03:04:05.678Z; 0 when it is none. */
static int64_t read_time(const char *text)
{
    struct tm parts = {0};
    int ms = 0;
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    bool is_whole = rest != NULL && sscanf(rest, ".%3dZ", &ms) == 1 && ms >= 0;
    return is_whole ? (int64_t)timegm(&parts) * 1000 + ms : 0;
}

/* Notes when an event was. */
static void note_time(struct follow *follow, const struct document *event)
{
    int64_t at_ms = read_time(document_text(event, "at", ""));
    follow->begins_ms = follow->begins_ms == 0 ? at_ms : follow->begins_ms;
    follow->last_ms = at_ms;
    follow->taken_ms = clock_monotonic_ms();
}

/* What time it is where the events come from: by our own clock, but when that is behind the last
 * one, so long after it as it was taken. */
static int64_t now_there_ms(const struct follow *follow)
{
    int64_t here_ms = clock_now_ms(&follow->clock);
    int64_t there_ms = follow->last_ms + clock_monotonic_ms() - follow->taken_ms;
    return here_ms > there_ms ? here_ms : there_ms;
}

/* Draws the state of the last event. until_ms: its time, which is the same for who watches and for
 * who looks later, or now. */
static void print_bar(struct follow *follow, const struct document *event, int64_t until_ms)
{
    char key[sizeof follow->last_line];
    struct buffer line;
    int progress = (int)document_integer(event, "progress", 0);
    struct bar bar = {
        .label = follow->options->label,
        .status = follow->status,
        .step = document_text(event, "step", ""),
        .progress = progress < 0     ? 0
                    : progress > 100 ? 100
                                     : progress,
        .attempt = (int)document_integer(event, "attempt", 1),
        .elapsed_ms = until_ms > follow->begins_ms ? until_ms - follow->begins_ms : 0,
        .columns = columns(),
        .colours = follow->terminal && terminal_has_colours(),
    };
    if (strcmp(follow->status, "active") != 0) {
        bar.step = follow->reason;
    }
    /* Where it stands in line is no news. */
    int shown = strncmp(follow->reason, "in line", 7) == 0 ? 7 : (int)sizeof follow->reason;
    snprintf(key, sizeof key, "%s %d %.*s", follow->status, progress, shown, follow->reason);
    if (!follow->terminal && strcmp(key, follow->last_line) == 0) {
        return;
    }
    memcpy(follow->last_line, key, sizeof key);
    buffer_init(&line, LINE_BYTES_MAX);
    if (bar_draw(&bar, &line) == STATUS_OK) {
        printf(follow->terminal ? "\r%.*s\033[K" : "%.*s\n", SLICE_PRINT(buffer_slice(&line)));
        fflush(stdout);
        follow->drawn = true;
    }
    buffer_fini(&line);
}

/* Draws all bars over those that are there. */
static void print_bars(struct follow *follow)
{
    struct buffer text;
    uint32_t lines = bars_lines(follow->bars);
    buffer_init(&text, LINE_BYTES_MAX * (BARS_SHOWN_MAX + 1));
    enum status status = follow->drawn && follow->lines > 1
                             ? buffer_append_format(&text, "\033[%uA", follow->lines - 1)
                             : STATUS_OK;
    for (uint32_t line = 0; line < lines && status == STATUS_OK; line++) {
        status = buffer_append_format(&text, line == 0 ? "\r" : "\033[K\n");
        if (status == STATUS_OK) {
            status = bars_draw(follow->bars, line, now_there_ms(follow), columns(), &text);
        }
    }
    if (status == STATUS_OK) {
        printf("%.*s\033[K", SLICE_PRINT(buffer_slice(&text)));
        fflush(stdout);
        follow->drawn = true;
        follow->lines = lines;
    }
    buffer_fini(&text);
}

/* What a job is called: by its name where that is known, or by what it makes. */
static void label_write(const struct follow *follow, const struct document *data,
                        char out[MEMBER_LABEL_SIZE])
{
    const struct members *members = follow->options->members;
    const char *job = document_text(data, "jobId", "");
    const struct member *member = members == NULL ? NULL : members_find(members, job);
    if (member != NULL) {
        members_label(member, out);
    } else {
        snprintf(out, MEMBER_LABEL_SIZE, "%s", document_text(data, "type", "?"));
    }
}

static void print_line(const struct follow *follow, const struct sse_event *event,
                       const struct document *data)
{
    char label[MEMBER_LABEL_SIZE];
    const char *at = document_text(data, "at", "");
    const char *step = document_text(data, "step", "");
    /* What it made or failed of is more than where that was. */
    const char *more = document_text(data, "url", document_text(data, "failedReason", step));
    label_write(follow, data, label);
    terminal_line(stdout, "%.12s  %s  %-9s  %-16s %3d%%  %-9s %s", strlen(at) > 11 ? at + 11 : at,
                  document_text(data, "jobId", "?"), label, event->name,
                  (int)document_integer(data, "progress", 0), document_text(data, "status", ""),
                  more);
    fflush(stdout);
}

static void print_json(struct slice json)
{
    struct buffer shown;
    buffer_init(&shown, json.size * ESCAPE_GROWTH_MAX);
    if (terminal_json(json, &shown) == STATUS_OK) {
        printf("%.*s\n", SLICE_PRINT(buffer_slice(&shown)));
        fflush(stdout);
    }
    buffer_fini(&shown);
}

/* Puts the cursor below the bar. */
static void leave_bar(struct follow *follow)
{
    if (follow->drawn && follow->terminal) {
        printf("\n");
        fflush(stdout);
    }
    follow->drawn = false;
}

/* How a job ended; -1: it has not. */
static int end_of_job(const struct follow *follow)
{
    return strcmp(follow->status, "completed") == 0   ? EXIT_CODE_OK
           : strcmp(follow->status, "cancelled") == 0 ? EXIT_CODE_JOB_CANCELLED
           : strcmp(follow->status, "failed") == 0    ? EXIT_CODE_JOB_FAILED
                                                      : -1;
}

/* How the jobs of a batch or pipeline ended; -1: not all have, and it is not over. */
static int end_of_group(const struct follow *follow)
{
    bool have_ended = bars_have_ended(follow->bars);
    bool is_over = have_ended || follow->polled != NULL;
    return !is_over                                    ? -1
           : bars_count(follow->bars, "failed") > 0    ? EXIT_CODE_JOB_FAILED
           : !have_ended                               ? EXIT_CODE_FAILED
           : bars_count(follow->bars, "cancelled") > 0 ? EXIT_CODE_JOB_CANCELLED
                                                       : EXIT_CODE_OK;
}

/* Says that jobs were removed before it was told how they ended. */
static void explain_gone(const struct follow *follow)
{
    if (follow->bars == NULL) {
        fprintf(stderr, "troupe: the job is not there any more: how it ended is not known\n");
        return;
    }
    uint32_t ended = bars_count(follow->bars, "completed") + bars_count(follow->bars, "failed") +
                     bars_count(follow->bars, "cancelled");
    uint32_t total = follow->options->total;
    fprintf(stderr, "troupe: %u of %u jobs are not there any more: how they ended is not known\n",
            total - ended, total);
}

static void explain_failure(const struct follow *follow)
{
    if (follow->bars != NULL) {
        fprintf(stderr, "troupe: %u of %u jobs failed\n", bars_count(follow->bars, "failed"),
                follow->options->total);
    } else {
        terminal_line(
            stderr, "troupe: the job failed: %s",
            document_text(follow->last, "failedReason",
                          document_text(follow->last, "error.message", "no reason given")));
    }
}

/* The server has ended the stream. Only this tells that a job has ended: after an event that says
 * so there are others when the job was retried. Where jobs are asked for, it has ended when none is
 * left that has not. */
static void note_end(struct follow *follow)
{
    if (follow->options->job == NULL) {
        return;
    }
    int code = follow->bars != NULL ? end_of_group(follow) : end_of_job(follow);
    bool have_ended = follow->bars != NULL ? bars_have_ended(follow->bars) : code >= 0;
    bool is_gone = follow->polled != NULL && !have_ended;
    follow->exit_code = is_gone && code < 0 ? EXIT_CODE_FAILED : code;
    if (follow->exit_code >= 0) {
        leave_bar(follow);
    }
    if (is_gone) {
        explain_gone(follow);
    }
    if (follow->exit_code == EXIT_CODE_JOB_FAILED && !follow->options->json) {
        explain_failure(follow);
    }
}

static void take_group_event(struct follow *follow, const struct sse_event *event,
                             const struct document *data)
{
    char label[MEMBER_LABEL_SIZE];
    label_write(follow, data, label);
    const struct bars_event told = {
        .job = document_text(data, "jobId", ""),
        .label = label,
        .status = follow->status,
        .step = document_text(data, "step", ""),
        .progress = (int)document_integer(data, "progress", 0),
        .attempt = (int)document_integer(data, "attempt", 1),
        .at_ms = read_time(document_text(data, "at", "")),
    };
    if (told.job[0] == '\0') { /* a reset */
        return;
    }
    bars_take(follow->bars, &told);
    if (follow->terminal) {
        print_bars(follow);
    } else if (!follow->options->json) {
        print_line(follow, event, data);
    }
}

static bool waits(const struct follow *follow)
{
    return strcmp(follow->status, "waiting") == 0 || strcmp(follow->status, "pending") == 0;
}

static void take_event(void *context, const struct sse_event *event)
{
    struct follow *follow = context;
    struct document *data = NULL;
    if (document_parse(event->data, &data) != STATUS_OK) {
        return;
    }
    snprintf(follow->status, sizeof follow->status, "%s", document_text(data, "status", ""));
    if (!waits(follow)) {
        follow->reason[0] = '\0';
    }
    if (strcmp(event->name, "reset") != 0) {
        note_time(follow, data);
    }
    follow->lost = false;
    if (follow->options->json) {
        print_json(event->data);
    } else if (follow->options->job == NULL) {
        print_line(follow, event, data);
    } else if (follow->bars == NULL && strcmp(event->name, "reset") != 0) {
        print_bar(follow, data, follow->last_ms);
    }
    if (follow->bars != NULL) {
        take_group_event(follow, event, data);
    }
    document_destroy(&follow->last);
    follow->last = data;
}

/* Asks why what is followed waits. */
static void ask_why(struct follow *follow)
{
    const struct follow_options *options = follow->options;
    int64_t now_ms = clock_monotonic_ms();
    bool is_due = now_ms - follow->taken_ms >= TICK_MS && now_ms - follow->asked_ms >= ASK_MS;
    if (!is_due || follow->beside == NULL) {
        return;
    }
    if (follow->bars == NULL && waits(follow)) {
        waiting_ask_job(follow->beside, options->family, options->job, follow->reason);
    } else if (follow->bars != NULL && follow->terminal && bars_have_waiting(follow->bars)) {
        waiting_ask_group(follow->beside, options->family, options->job, follow->bars);
    }
    follow->asked_ms = clock_monotonic_ms();
}

/* Between the events: a time that stands still looks like a job that is stuck, and so does one that
 * waits and does not say why. */
static void tick(struct follow *follow)
{
    int64_t now_ms = clock_monotonic_ms();
    bool is_drawn = follow->options->job != NULL && !follow->options->json &&
                    follow->last != NULL && follow->status[0] != '\0';
    if (!is_drawn || follow->lost || now_ms - follow->ticked_ms < TICK_MS) {
        return;
    }
    ask_why(follow);
    if (follow->bars != NULL && follow->terminal) {
        print_bars(follow);
    } else if (follow->bars == NULL && end_of_job(follow) < 0 &&
               (follow->terminal || follow->reason[0] != '\0')) {
        print_bar(follow, follow->last, now_there_ms(follow));
    }
    follow->ticked_ms = clock_monotonic_ms();
}

/* client_stop */
static bool is_over(void *context)
{
    struct follow *follow = context;
    bool is_over = interrupted || follow->exit_code >= 0 || output_is_closed();
    if (!is_over) {
        tick(follow);
    }
    return is_over;
}

/* What an answer that is not a stream means: an exit code, or -1 to try again. */
static int judge(struct follow *follow, const struct session *session,
                 const struct client_answer *answer)
{
    long code = answer->code;
    if (code == 204) {
        return EXIT_CODE_OK;
    }
    bool may_pass = code == 408 || code == 429 || code < 400 || code > 499;
    if (may_pass) {
        return -1;
    }
    leave_bar(follow);
    return session_judge(session, STATUS_OK, answer);
}

/* Says that the stream is gone, and not at each try to have it back. */
static void note_loss(struct follow *follow, const struct client *client, long code)
{
    if (follow->lost && code != 200) {
        return;
    }
    follow->lost = true;
    leave_bar(follow);
    if (code == 0) {
        fprintf(stderr, "troupe: no answer: %s; trying again\n", client_error(client));
    } else {
        fprintf(stderr,
                code == 200 ? "troupe: the stream was cut off; trying again\n"
                            : "troupe: the server answers %ld; trying again\n",
                code);
    }
}

/* Where there is no stream the admin API is asked. */
static enum status begin_polls(struct follow *follow, const struct follow_options *options)
{
    static const char admin[] = "admin/";
    bool is_polled =
        options->family != NULL && strncmp(options->family, admin, sizeof admin - 1) == 0;
    return is_polled ? poll_stream_new(options->job, options->total > 0, &follow->polled)
                     : STATUS_OK;
}

int follow(struct session *session, const struct follow_options *options)
{
    struct follow follow = {.options = options, .exit_code = -1};
    struct sigaction action = {.sa_handler = on_interrupt};
    struct sse sse;
    char path[256];
    int64_t delay_ms = RECONNECT_MIN_MS;
    follow.terminal = terminal_is_drawn_on(STDOUT_FILENO) && !options->json && options->job != NULL;
    if (options->job != NULL) {
        snprintf(path, sizeof path, "/api/v1/%s/%s/events", options->family, options->job);
    } else {
        snprintf(path, sizeof path, "/api/v1/events");
    }
    if (begin_polls(&follow, options) != STATUS_OK ||
        (options->total > 0 &&
         bars_new(options->label, options->total, &follow.bars) != STATUS_OK)) {
        poll_stream_destroy(&follow.polled);
        fprintf(stderr, "troupe: %s\n", status_text(STATUS_NO_MEMORY));
        return EXIT_CODE_FAILED;
    }
    if (follow.bars != NULL && !terminal_has_colours()) {
        bars_without_colours(follow.bars);
    }
    clock_init(&follow.clock, 0);
    if (options->job != NULL && !options->json) {
        client_new_beside(session->client, &follow.beside); /* without it nothing is asked */
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sse_init(&sse, take_event, &follow);
    while (!is_over(&follow)) {
        struct client_answer answer;
        enum status status =
            follow.polled != NULL
                ? poll_stream_read(follow.polled, session->client, &sse, is_over, &follow, &answer)
                : client_stream(session->client, path, &sse, is_over, &follow, &answer);
        long code = answer.code;
        if (status == STATUS_OK && (code == 200 || code == 204)) {
            note_end(&follow);
        }
        if (follow.exit_code < 0 && code != 200 && code != 0) {
            follow.exit_code = judge(&follow, session, &answer);
        }
        document_destroy(&answer.document);
        if (status == STATUS_TOO_LARGE || status == STATUS_NO_MEMORY) {
            fprintf(stderr, "troupe: the stream cannot be read: %s\n", status_text(status));
            follow.exit_code = EXIT_CODE_FAILED;
        }
        if (!is_over(&follow)) {
            note_loss(&follow, session->client, code);
            delay_ms = code == 200 ? RECONNECT_MIN_MS : delay_ms * 2;
            delay_ms = delay_ms > RECONNECT_MAX_MS ? RECONNECT_MAX_MS : delay_ms;
            usleep((useconds_t)delay_ms * 1000);
        }
    }
    leave_bar(&follow);
    client_destroy(&follow.beside);
    document_destroy(&follow.last);
    bars_destroy(&follow.bars);
    poll_stream_destroy(&follow.polled);
    sse_fini(&sse);
    if (follow.exit_code >= 0) {
        return follow.exit_code;
    }
    return interrupted ? EXIT_CODE_INTERRUPTED : EXIT_CODE_FAILED;
}
