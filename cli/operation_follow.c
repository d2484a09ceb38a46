#include "cli/operation_follow.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/rows.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "proto/bulk_refusal.h"

enum {
    PART_SIZE = 64, /* bytes of a count with its name */
    MEMBER_SIZE = 96,
    WHY_SIZE = BULK_REFUSAL_COUNT * PART_SIZE,
    POLL_MS = 200,  /* between looks how far it is */
    STOP_MS = 2000, /* for an answer to the wish to stop it */
};

struct follow {
    struct session *session;
    const char *id;
    const char *path;
    enum operation_part part;
    int signals;
    bool is_drawn; /* there is a terminal to draw on */
    bool is_stopping;
};

/* ---- what is told meanwhile ---- */

/* Draws how far it is over what stood there: as many counts as there is room for in a line. */
static void draw(const struct document *document)
{
    static const struct {
        const char *name, *member;
    } counts[] = {
        {"matched", "data.matched"},
        {"done", "data.done"},
        {"had already ended", "data.alreadyEnded"},
        {"refused", "data.refused"},
        {"looked at", "data.scanned"},
    };
    char part[PART_SIZE];
    int room = terminal_columns_of(STDERR_FILENO) - 1; /* the last column would end the line */
    int size = fprintf(stderr, "\r\033[K%3lld %%",
                       (long long)document_integer(document, "data.progress", 0)) -
               (int)strlen("\r\033[K");
    for (size_t index = 0; index < sizeof counts / sizeof counts[0]; index++) {
        int64_t number = document_integer(document, counts[index].member, 0);
        if (number <= 0 && index >= 2) { /* of the others only what there is */
            continue;
        }
        size += snprintf(part, sizeof part, "%s%s %lld", index > 0 ? ", " : "  ",
                         counts[index].name, (long long)number);
        if (size > room) {
            break;
        }
        fputs(part, stderr);
    }
}

/* Takes away what was drawn, where something else is to stand. */
static void clear(const struct follow *follow)
{
    if (follow->is_drawn) {
        fprintf(stderr, "\r\033[K");
    }
}

static void explain_end(const struct follow *follow)
{
    clear(follow);
    if (follow->part == OPERATION_PART_OWNER) {
        terminal_line(stderr, "troupe: it may go on: `troupe operations %s` tells how far it is",
                      follow->id);
    } else {
        terminal_line(stderr, "troupe: it goes on: `troupe operations %s --stop` would stop it",
                      follow->id);
    }
}

/* ---- following ---- */

/* Whatever the answer is: how the operation goes on tells it. Returns whether there was one. */
static bool ask_to_stop(const struct follow *follow)
{
    struct client_answer answer = {0};
    const struct client_request request = {.method = "DELETE",
                                           .path = follow->path,
                                           .timeout_ms = STOP_MS,
                                           .stop = terminal_is_ending};
    enum status status = client_perform(follow->session->client, &request, &answer);
    document_destroy(&answer.document);
    return status == STATUS_OK;
}

/* Waits for the time of the next look. Returns whether to go on: a signal has it stopped, or ends
 * this. */
static bool wait_for_more(struct follow *follow, int wait_ms)
{
    struct pollfd interrupted = {.fd = follow->signals, .events = POLLIN};
    struct signalfd_siginfo information;
    if (poll(&interrupted, 1, wait_ms) <= 0 ||
        read(follow->signals, &information, sizeof information) <= 0) {
        return true;
    }
    if (follow->part == OPERATION_PART_WATCHER || follow->is_stopping || !ask_to_stop(follow)) {
        return false;
    }
    follow->is_stopping = true;
    clear(follow);
    terminal_line(stderr,
                  "troupe: it is asked to stop: `troupe operations %s` tells what became of it",
                  follow->id);
    return true;
}

/* The exit code for one that is over; -1 for one that goes on. */
static int code_of(const struct follow *follow, const struct document *document)
{
    const char *state = document_text(document, "data.state", "");
    if (strcmp(state, "running") == 0) {
        return -1;
    }
    return strcmp(state, "completed") == 0        ? EXIT_CODE_OK
           : follow->part == OPERATION_PART_OWNER ? EXIT_CODE_INTERRUPTED
                                                  : EXIT_CODE_JOB_CANCELLED;
}

int operation_follow(struct session *session, const char *id, enum operation_part part, int signals,
                     struct client_answer *answer)
{
    char path[OPERATION_PATH_SIZE];
    struct follow follow = {session, id, path, part, signals, terminal_is_drawn_on(STDERR_FILENO),
                            false};
    const struct client_request request = {
        .method = "GET", .path = path, .stop = terminal_is_ending};
    struct client_answer fresh = {0};
    snprintf(path, sizeof path, OPERATIONS_PATH "/%s", id);
    for (;;) {
        enum status status = client_perform(session->client, &request, &fresh);
        if (status != STATUS_OK || fresh.code != 200) {
            clear(&follow);
        }
        int code = session_judge(session, status, &fresh);
        if (code == EXIT_CODE_OK) {
            document_destroy(&answer->document);
            *answer = fresh;
            fresh = (struct client_answer){0};
            int end = code_of(&follow, answer->document);
            if (end >= 0) {
                clear(&follow);
                return end;
            }
            if (follow.is_drawn) {
                draw(answer->document);
            }
        }
        document_destroy(&fresh.document);
        if (code == EXIT_CODE_FAILED) {
            explain_end(&follow);
        }
        if (code != EXIT_CODE_OK && code != EXIT_CODE_INTERRUPTED) {
            return code;
        }
        if (!wait_for_more(&follow, code == EXIT_CODE_OK ? POLL_MS : 0)) {
            explain_end(&follow);
            return EXIT_CODE_INTERRUPTED;
        }
    }
}

int operation_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

/* ---- its end ---- */

/* Whether a filter was given, and is empty. */
static bool means_all(const struct document *document, const char *member)
{
    struct buffer text;
    buffer_init(&text, OPERATION_WHERE_SIZE);
    bool is_empty = document_write(document, member, false, &text) == STATUS_OK &&
                    slice_equal(buffer_slice(&text), SLICE_LITERAL("{}"));
    buffer_fini(&text);
    return is_empty;
}

/* Whether a shell takes it as one word. */
static bool is_word(const char *value)
{
    return value[0] != '\0' && strpbrk(value, " \t\n\"'\\$`&|;<>()*?[]~#!") == NULL;
}

/* Writes the value as a shell takes it, cut to size. Returns how much was, or would be, written. */
static size_t put_word(const char *value, char *out, size_t size)
{
    if (is_word(value)) {
        return (size_t)snprintf(out, size, "%s", value);
    }
    size_t used = (size_t)snprintf(out, size, "'");
    for (; *value != '\0' && used < size; value++) {
        const char one[] = {*value, '\0'};
        used += (size_t)snprintf(out + used, size - used, "%s", *value == '\'' ? "'\\''" : one);
    }
    return used < size ? used + (size_t)snprintf(out + used, size - used, "'") : used;
}

const char *operation_where(const struct document *document, const char *path,
                            char out[OPERATION_WHERE_SIZE])
{
    char member[MEMBER_SIZE];
    size_t size = 0;
    out[0] = '\0';
    for (size_t index = 0; index < FILTER_COUNT && size < OPERATION_WHERE_SIZE; index++) {
        snprintf(member, sizeof member, "%s.where.%s", path, filter_names[index]);
        const char *value = document_text(document, member, NULL);
        if (value != NULL) {
            size += (size_t)snprintf(out + size, OPERATION_WHERE_SIZE - size,
                                     "%s%s=", size > 0 ? " " : "", filter_names[index]);
            size += put_word(value, out + size,
                             size < OPERATION_WHERE_SIZE ? OPERATION_WHERE_SIZE - size : 0);
        }
    }
    snprintf(member, sizeof member, "%s.where", path);
    if (size == 0 && means_all(document, member)) {
        snprintf(out, OPERATION_WHERE_SIZE, "all");
    }
    snprintf(member, sizeof member, "%s.total", path);
    int64_t total = document_integer(document, member, 0);
    if (total > 0) {
        snprintf(out, OPERATION_WHERE_SIZE, "%lld named", (long long)total);
    }
    return out;
}

/* Why jobs were refused, and how many of them: nothing when it is not told. */
static void print_why(const struct document *document)
{
    char member[MEMBER_SIZE];
    char why[WHY_SIZE] = "";
    size_t size = 0;
    for (uint32_t refusal = 0; refusal < BULK_REFUSAL_COUNT; refusal++) {
        const char *name = bulk_refusal_name((enum bulk_refusal)refusal);
        snprintf(member, sizeof member, "data.reasons.%s", name);
        int64_t count = document_integer(document, member, 0);
        if (count > 0) {
            size += (size_t)snprintf(why + size, sizeof why - size, "%s%lld %s",
                                     size > 0 ? ", " : "", (long long)count, name);
        }
    }
    if (size > 0) {
        rows_print_text("why refused", why);
    }
}

int operation_print(const struct document *document, bool json)
{
    static const struct row asked[] = {
        {"operation", "data.operationId"},
        {"action", "data.action"},
        {"priority", "data.priority"},
    };
    static const struct row counts[] = {
        {"state", "data.state"}, {"progress", "data.progress"},      {"matched", "data.matched"},
        {"done", "data.done"},   {"had ended", "data.alreadyEnded"}, {"refused", "data.refused"},
    };
    static const struct row rows[] = {
        {"looked at", "data.scanned"},
        {"started", "data.startedAt"},
        {"ended", "data.completedAt"},
        {"by", "data.by"},
    };
    if (json) {
        return rows_print_json(document);
    }
    char where[OPERATION_WHERE_SIZE];
    rows_print(document, asked, sizeof asked / sizeof asked[0]);
    if (operation_where(document, "data", where)[0] != '\0') {
        rows_print_text("jobs", where);
    }
    rows_print(document, counts, sizeof counts / sizeof counts[0]);
    print_why(document);
    rows_print(document, rows, sizeof rows / sizeof rows[0]);
    return EXIT_CODE_OK;
}
