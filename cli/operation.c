#include "cli/operation.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/rows.h"
#include "cli/session.h"
#include "cli/terminal.h"

enum {
    POLL_MS = 200,  /* between looks how far it is */
    STOP_MS = 2000, /* for an answer to the wish to stop it */
    PATH_SIZE = 256,
    BODY_SIZE_MAX = 16 << 10,
};

static int begin(struct session *session, const char *action, int64_t priority,
                 const struct filter *filter, struct client_answer *answer)
{
    struct buffer body;
    struct json_writer writer;
    int code = EXIT_CODE_USAGE;
    buffer_init(&body, BODY_SIZE_MAX);
    json_writer_init(&writer, &body);
    json_object_begin(&writer);
    json_member_text(&writer, "action", slice_from_string(action));
    if (priority != 0) {
        json_member_integer(&writer, "priority", priority);
    }
    json_name(&writer, "where");
    filter_write_json(filter, &writer);
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        const struct client_request request = {.method = "POST",
                                               .path = "/api/v1/admin/operations",
                                               .body = buffer_slice(&body),
                                               .stop = terminal_is_ending};
        code = session_perform(session, &request, answer);
        if (code == EXIT_CODE_INTERRUPTED) {
            fprintf(stderr, "troupe: there was no answer yet: it may have begun\n");
        }
    } else {
        fprintf(stderr, "troupe: what is asked for is too long\n");
    }
    buffer_fini(&body);
    return code;
}

/* Draws how far it is over what stood there. */
static void draw(const struct document *document, bool is_last)
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
    fprintf(stderr, "\r\033[K");
    if (!is_last) {
        fprintf(stderr, "%3lld %%  ", (long long)document_integer(document, "data.progress", 0));
    }
    for (size_t index = 0; index < sizeof counts / sizeof counts[0] && !is_last; index++) {
        int64_t number = document_integer(document, counts[index].member, 0);
        if (number > 0 || index < 2) { /* of the others only what there is */
            fprintf(stderr, "%s%s %lld", index > 0 ? ", " : "", counts[index].name,
                    (long long)number);
        }
    }
}

/* Whatever the answer is: how the operation goes on tells it. Returns whether there was one. */
static bool ask_to_stop(struct session *session, const char *path)
{
    struct client_answer answer = {0};
    const struct client_request request = {
        .method = "DELETE", .path = path, .timeout_ms = STOP_MS, .stop = terminal_is_ending};
    enum status status = client_perform(session->client, &request, &answer);
    document_destroy(&answer.document);
    return status == STATUS_OK;
}

/* Asks how far it is until it is over; a signal asks to stop it, the second one ends this. */
static int follow_to_end(struct session *session, const char *path, int signals,
                         struct client_answer *answer)
{
    struct pollfd interrupted = {.fd = signals, .events = POLLIN};
    struct signalfd_siginfo information;
    const struct client_request request = {
        .method = "GET", .path = path, .stop = terminal_is_ending};
    bool is_drawn = isatty(STDERR_FILENO) == 1;
    bool is_stopping = false;
    for (;;) {
        document_destroy(&answer->document);
        int code = session_perform(session, &request, answer);
        if (code != EXIT_CODE_OK && code != EXIT_CODE_INTERRUPTED) {
            return code;
        }
        if (code == EXIT_CODE_OK) {
            const char *state = document_text(answer->document, "data.state", "");
            bool is_over = strcmp(state, "running") != 0;
            if (is_drawn) {
                draw(answer->document, is_over);
            }
            if (is_over) {
                return strcmp(state, "completed") == 0 ? EXIT_CODE_OK : EXIT_CODE_INTERRUPTED;
            }
        }
        if (poll(&interrupted, 1, code == EXIT_CODE_OK ? POLL_MS : 0) > 0 &&
            read(signals, &information, sizeof information) > 0) {
            if (is_stopping || !ask_to_stop(session, path)) {
                fprintf(stderr, "troupe: the operation may go on\n");
                return EXIT_CODE_INTERRUPTED;
            }
            is_stopping = true;
        }
    }
}

static int signals_open(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static int run(struct session *session, const char *action, int64_t priority,
               const struct filter *filter, struct client_answer *answer)
{
    char path[PATH_SIZE];
    int signals = signals_open();
    int code = signals < 0 ? EXIT_CODE_FAILED : begin(session, action, priority, filter, answer);
    if (code == EXIT_CODE_OK) {
        snprintf(path, sizeof path, "/api/v1/admin/operations/%s",
                 document_text(answer->document, "data.operationId", ""));
        code = follow_to_end(session, path, signals, answer);
    }
    if (signals >= 0) {
        close(signals);
    }
    return code;
}

static int print(const struct client_answer *answer, bool json)
{
    static const struct row rows[] = {
        {"operation", "data.operationId"},
        {"action", "data.action"},
        {"state", "data.state"},
        {"matched", "data.matched"},
        {"done", "data.done"},
        {"had ended", "data.alreadyEnded"},
        {"refused", "data.refused"},
        {"looked at", "data.scanned"},
    };
    if (json) {
        return rows_print_json(answer->document);
    }
    rows_print(answer->document, rows, sizeof rows / sizeof rows[0]);
    return EXIT_CODE_OK;
}

int operation_perform(const char *usage, const char *action,
                      const struct operation_options *options, int count, char **words)
{
    struct filter filter;
    struct session session;
    struct client_answer answer = {0};
    if (count < 0) {
        return options_bad(usage);
    }
    if (!filter_take(&filter, count, words)) {
        return EXIT_CODE_USAGE;
    }
    if (filter_is_empty(&filter) != options->all) {
        fprintf(stderr, "troupe: --where takes NAME=VALUE, or --all without any\n");
        return EXIT_CODE_USAGE;
    }
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, options->data, options->user) == STATUS_OK) {
        code = run(&session, action, options->priority, &filter, &answer);
    }
    if (code == EXIT_CODE_OK || (code == EXIT_CODE_INTERRUPTED && answer.document != NULL)) {
        int printed = print(&answer, options->json);
        code = printed == EXIT_CODE_OK ? code : printed;
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}
