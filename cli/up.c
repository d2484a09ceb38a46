/*
 * `troupe up`: the whole stack in one command. Lays out the data directory, listens, has the
 * supervisor run the programs (up_children.h), and tells what becomes of them.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/file.h"
#include "base/log.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/layout.h"
#include "cli/live.h"
#include "cli/supervisor.h"
#include "cli/up_children.h"
#include "cli/up_events.h"
#include "cli/up_options.h"

enum {
    SOCKET_NAME_SIZE_MAX = 16,
    READY_TIMEOUT_MS = 1000, /* of one look: the supervisor does nothing else meanwhile */
};

struct up {
    struct up_options options;
    char run[PATH_SIZE_MAX]; /* where the sockets are */
    bool run_is_temporary;
    struct stack_state state;
    int lock;
    int listener; /* the gateways' socket: one that restarts loses no connection */
    struct up_children children;
    struct supervisor supervisor;
};

/* Listens for the gateways, one after another: nobody is refused while one restarts. Tells a taken
 * port at once. */
static int listen_here(struct up *up)
{
    int one = 1;
    int code = EXIT_CODE_OK;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)up->options.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) {
        fprintf(stderr, "troupe: cannot make a socket: %s\n", strerror(errno));
        return EXIT_CODE_FAILED;
    }
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, SOMAXCONN) != 0) {
        code = errno == EADDRINUSE ? EXIT_CODE_IN_USE : EXIT_CODE_FAILED;
        const char *reason = errno == EADDRINUSE
                                 ? "is taken: end what uses it, or choose another one with --port"
                                 : strerror(errno);
        fprintf(stderr,
                code == EXIT_CODE_IN_USE ? "troupe: port %d %s\n"
                                         : "troupe: cannot listen on port %d: %s\n",
                (int)up->options.port, reason);
    }
    up->listener = listener;
    return code;
}

/* Lays the data directory out and locks it. */
static int prepare_data(struct up *up)
{
    char path[PATH_SIZE_MAX];
    if (layout_make(up->options.data) != STATUS_OK ||
        stack_path(up->options.data, "stack.lock", path) != STATUS_OK) {
        return EXIT_CODE_FAILED;
    }
    enum status status = file_lock(path, &up->lock);
    if (status == STATUS_BUSY) {
        fprintf(stderr, "troupe: the data directory %s is in use by another `troupe up`\n",
                up->options.data);
        return EXIT_CODE_IN_USE;
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: cannot write to the data directory %s: %s\n", up->options.data,
                status_text(status));
        return EXIT_CODE_FAILED;
    }
    return EXIT_CODE_OK;
}

/* The sockets live in DATA/run, or in a directory of their own below /tmp when that path is too
 * long for a socket. */
static int prepare_run(struct up *up)
{
    struct sockaddr_un address;
    enum status status = stack_path(up->options.data, "run", up->run);
    if (status == STATUS_OK && strlen(up->run) + SOCKET_NAME_SIZE_MAX < sizeof address.sun_path) {
        status = directory_make(up->run, 0700);
    } else if (status == STATUS_OK) {
        snprintf(up->run, sizeof up->run, "/tmp/troupe-XXXXXX");
        up->run_is_temporary = mkdtemp(up->run) != NULL;
        status = up->run_is_temporary ? STATUS_OK : STATUS_IO;
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: cannot make the directory %s: %s\n", up->run, status_text(status));
        return EXIT_CODE_FAILED;
    }
    return EXIT_CODE_OK;
}

/* Whether the gateway says that it can serve. */
static bool answers(const struct up *up)
{
    struct stack stack = {0};
    struct client *client = NULL;
    struct client_answer answer = {0};
    const struct client_request request = {
        .method = "GET", .path = "/readyz", .timeout_ms = READY_TIMEOUT_MS};
    memcpy(stack.url, up->state.url, sizeof stack.url);
    if (client_new(&stack, &client) == STATUS_OK) {
        client_perform(client, &request, &answer);
    }
    document_destroy(&answer.document);
    client_destroy(&client);
    return answer.code == 200;
}

static bool may_start(void *context, struct child *child)
{
    struct up *up = context;
    return up_children_may_start(&up->children, child);
}

static bool ready(void *context)
{
    struct up *up = context;
    for (int index = 0; index < up->supervisor.children_count; index++) {
        if (!up->supervisor.children[index]->ready) {
            return false;
        }
    }
    const char *address = up_children_address(&up->children);
    if (address == NULL) {
        return false;
    }
    snprintf(up->state.url, sizeof up->state.url, "%s", address);
    if (!answers(up) || stack_write(up->options.data, &up->state) != STATUS_OK) {
        return false;
    }
    if (up->options.json) {
        up_events_ready(&up->state, up->options.data);
    } else {
        up_events_say(&up->state);
    }
    return true;
}

static void on_child_started(void *context, const struct child *child)
{
    const struct up *up = context;
    if (up->options.json) {
        up_events_started(child->name, child->pid);
    }
}

static void on_child_ended(void *context, const struct child *child, pid_t pid, int exit_code)
{
    const struct up *up = context;
    if (up->options.json) {
        up_events_ended(child->name, pid, exit_code);
    }
}

static void tell_all(const struct up *up, const char *event)
{
    if (up->options.json) {
        up_events_all(event);
    }
}

/* From now on nobody is kept waiting for a gateway. */
static void on_stopping(void *context)
{
    struct up *up = context;
    tell_all(up, "stopping");
    close(up->listener);
    up->listener = -1;
}

/* For `troupe restart`, which waits for the end of a round that began after it asked. */
static void on_restarting(void *context)
{
    struct up *up = context;
    up_children_read_providers(&up->children);
    tell_all(up, "restarting");
    up->state.restarts_begun++;
    up->state.restarting_count = 0;
    stack_write(up->options.data, &up->state);
}

static void on_child_restarting(void *context, const struct child *child, int count)
{
    struct up *up = context;
    stack_note_restart(&up->state, child->name, count);
    stack_write(up->options.data, &up->state);
}

static void on_restarted(void *context)
{
    struct up *up = context;
    up->state.restarts++;
    stack_write(up->options.data, &up->state);
    tell_all(up, "restarted");
}

static int run(struct up *up)
{
    const struct supervisor_hooks hooks = {
        .may_start = may_start,
        .ready = ready,
        .stopping = on_stopping,
        .restarting = on_restarting,
        .restarted = on_restarted,
        .child_restarting = on_child_restarting,
        .child_started = on_child_started,
        .child_ended = on_child_ended,
        .context = up,
    };
    int code = EXIT_CODE_FAILED;
    if (supervisor_init(&up->supervisor, hooks) == STATUS_OK) {
        code = up_children_prepare(&up->children, &up->options, up->run, up->listener,
                                   &up->supervisor);
    }
    if (code == EXIT_CODE_OK) {
        code = up_children_check(&up->children, &up->supervisor);
    }
    if (code == EXIT_CODE_OK) {
        code = supervisor_run(&up->supervisor);
        if (up->options.json) {
            up_events_stopped(code);
        }
    }
    return code;
}

static void clean_up(struct up *up)
{
    char path[PATH_SIZE_MAX];
    if (up->supervisor.ready && stack_path(up->options.data, "stack.json", path) == STATUS_OK) {
        unlink(path);
    }
    /* The broker has ended, and the lock on the data keeps others from it. */
    static const char *const left[] = {"gateways", "gateways.lock", "actors", "actors.lock"};
    for (size_t index = 0; index < sizeof left / sizeof left[0]; index++) {
        if (up->run[0] != '\0' && stack_path(up->run, left[index], path) == STATUS_OK) {
            unlink(path);
        }
    }
    if (up->run_is_temporary) {
        rmdir(up->run);
    }
}

int command_up(int count, char **words)
{
    struct up *up = calloc(1, sizeof *up);
    int code = EXIT_CODE_FAILED;
    if (up == NULL) {
        return code;
    }
    if (up_options_are_quiet()) {
        log_set_level(LOG_WARN);
    }
    up->state.pid = getpid();
    up->lock = -1;
    up->listener = -1;
    code = up_options_read(&up->options, count, words);
    if (code == EXIT_CODE_OK) {
        code = live_check(up->options.provider, up->options.actors);
    }
    if (code == EXIT_CODE_OK) {
        code = prepare_data(up);
    }
    bool prepared = code == EXIT_CODE_OK;
    if (prepared) {
        code = listen_here(up); /* after the lock: a second stack on the data has the same port */
    }
    if (code == EXIT_CODE_OK) {
        code = prepare_run(up);
    }
    if (code == EXIT_CODE_OK) {
        code = run(up);
    }
    if (prepared) {
        clean_up(up);
    }
    supervisor_fini(&up->supervisor);
    if (up->listener >= 0) {
        close(up->listener);
    }
    if (up->lock >= 0) {
        close(up->lock);
    }
    up_children_fini(&up->children);
    free(up);
    return code;
}
