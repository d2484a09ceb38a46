/*
 * `troupe up`: the whole stack in one command. Lays out the data directory, decides which processes
 * run with which settings, and hands them to the supervisor.
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
#include "base/settings.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/layout.h"
#include "cli/live.h"
#include "cli/passed_over.h"
#include "cli/preflight.h"
#include "cli/secrets.h"
#include "cli/supervisor.h"
#include "cli/up_events.h"
#include "cli/up_options.h"

enum {
    SOCKET_NAME_SIZE_MAX = 16,
    ROLE_WEBHOOK = 3,        /* in roles: the one that calls no provider */
    READY_TIMEOUT_MS = 1000, /* of one look: the supervisor does nothing else meanwhile */
};

_Static_assert(UP_WORD_SIZE_MAX + 64 <= CHILD_SETTING_SIZE_MAX &&
                   PATH_SIZE_MAX <= UP_WORD_SIZE_MAX + 1,
               "a word, or a path of the data directory, fits into a setting");
_Static_assert(UP_ROLES *UP_ACTORS_MAX + 3 <= SUPERVISOR_CHILDREN_MAX &&
                   (int)SUPERVISOR_CHILDREN_MAX <= (int)STACK_PROGRAMS_MAX,
               "broker, gateway and studio have room beside the actors");

struct up {
    struct up_options options;
    char run[PATH_SIZE_MAX]; /* where the sockets are */
    bool run_is_temporary;
    char programs[PATH_SIZE_MAX]; /* the directory of this program and the others */
    struct stack_state state;
    int lock;
    int listener;               /* the gateways' socket: one that restarts loses no connection */
    struct document *providers; /* the file that names them; NULL without one */
    struct secrets of_actors, of_gateway, of_others;
    struct child broker;
    struct child gateway;
    struct child studio;
    struct child *actor_children;
    int actor_children_count;
    struct supervisor supervisor;
};

static const char *const roles[UP_ROLES] = {"troupe-actor-character", "troupe-actor-image",
                                            "troupe-actor-video", "troupe-actor-webhook"};

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
    ssize_t size = readlink("/proc/self/exe", up->programs, sizeof up->programs - 1);
    if (size <= 0) {
        fprintf(stderr, "troupe: cannot tell where the programs are\n");
        return EXIT_CODE_FAILED;
    }
    up->programs[size] = '\0';
    *strrchr(up->programs, '/') = '\0';
    return EXIT_CODE_OK;
}

/* Who watches on a terminal wants to see trouble only, unless they say otherwise. */
static bool is_quiet(void)
{
    return isatty(STDERR_FILENO) == 1 && settings_text("TROUPE_LOG_LEVEL", NULL) == NULL;
}

static void set_log_level(struct child *child)
{
    if (is_quiet()) {
        child_set(child, "TROUPE_LOG_LEVEL=warn");
    }
}

static void set_common(const struct up *up, struct child *child)
{
    set_log_level(child);
    child_set(child, "TROUPE_DATA=%s", up->options.data);
    if (settings_text("TROUPE_GATEWAY_ENDPOINT", NULL) == NULL) {
        child_set(child, "TROUPE_GATEWAY_ENDPOINT=ipc://%s/gateways", up->run);
    }
    if (settings_text("TROUPE_ACTOR_ENDPOINT", NULL) == NULL) {
        child_set(child, "TROUPE_ACTOR_ENDPOINT=ipc://%s/actors", up->run);
    }
    if (up->options.assets != NULL) {
        child_set(child, "TROUPE_ASSETS=%s", up->options.assets);
    } else {
        child_set(child, "TROUPE_ASSETS=%s/assets", up->options.data);
    }
    if (settings_text("TROUPE_JWT_SECRET_FILE", NULL) == NULL) {
        child_set(child, "TROUPE_JWT_SECRET_FILE=%s/jwt-secret", up->options.data);
    }
}

/* child_hides. What means nothing was told of already. */
static bool hides(const void *context, const char *name)
{
    const struct secrets *secrets = context;
    return secrets_hide(secrets, name) || passed_over_has(secrets->providers, name);
}

static void set_secrets(struct child *child, const struct secrets *secrets)
{
    child->hides = hides;
    child->hides_context = secrets;
}

/* Reads which variables hold keys. */
static void read_providers(struct up *up)
{
    document_destroy(&up->providers);
    up->providers = passed_over_providers();
    up->of_actors = (struct secrets){true, true, up->providers};
    up->of_gateway = (struct secrets){false, true, up->providers};
    up->of_others = (struct secrets){false, false, up->providers};
}

/* Each has a port of its own: what the environment names can be only one program's. */
static void set_metrics(const struct up *up, struct child *child, int index)
{
    if (up->options.metrics == NULL) {
        child_set(child, "TROUPE_METRICS=");
    } else {
        child_set(child, "TROUPE_METRICS=127.0.0.1:%d",
                  up->options.metrics_port == 0 ? 0 : (int)up->options.metrics_port + index);
    }
}

static int prepare_children(struct up *up)
{
    struct supervisor *supervisor = &up->supervisor;
    read_providers(up);
    passed_over_unknown(up->providers);
    passed_over_unused(up->options.provider, up->options.rate != NULL);
    child_init(&up->broker, "troupe-broker", up->programs);
    set_secrets(&up->broker, &up->of_others);
    set_common(up, &up->broker);
    set_metrics(up, &up->broker, 0);
    if (up->options.rate != NULL) {
        child_set(&up->broker, "TROUPE_RATE=%s", up->options.rate);
    }
    supervisor_add(supervisor, &up->broker);
    if (up_options_is_local(&up->options)) {
        child_init(&up->studio, "troupe-studio", up->programs);
        set_secrets(&up->studio, &up->of_others);
        set_log_level(&up->studio);
        child_set(&up->studio, "TROUPE_STUDIO_LISTEN=127.0.0.1:0");
        up->studio.stays = true; /* it has results that jobs have yet to fetch */
        supervisor_add(supervisor, &up->studio);
    }
    supervisor->last_to_stop = supervisor->children_count;
    child_init(&up->gateway, "troupe-gateway", up->programs);
    set_secrets(&up->gateway, &up->of_gateway);
    set_common(up, &up->gateway);
    child_set(&up->gateway, "TROUPE_HTTP_LISTEN=127.0.0.1:%d", (int)up->options.port);
    up->gateway.inherited = up->listener;
    up->gateway.overlaps = true;
    supervisor_add(supervisor, &up->gateway);
    up->actor_children_count = (int)up->options.actors * UP_ROLES;
    up->actor_children = calloc((size_t)up->actor_children_count + 1, sizeof *up->actor_children);
    if (up->actor_children == NULL) {
        return EXIT_CODE_FAILED;
    }
    for (int index = 0; index < up->actor_children_count; index++) {
        struct child *child = &up->actor_children[index];
        bool is_webhook = index % UP_ROLES == ROLE_WEBHOOK;
        child_init(child, roles[index % UP_ROLES], up->programs);
        set_secrets(child, is_webhook ? &up->of_others : &up->of_actors);
        set_common(up, child);
        child->overlaps = up->options.metrics == NULL ||
                          up->options.metrics_port == 0; /* two cannot have one port */
        set_metrics(up, child, index + 1);
        child_set(child, "TROUPE_PROVIDER=%s", up->options.provider);
        supervisor_add(supervisor, child);
    }
    return EXIT_CODE_OK;
}

/* Whether the programs take their settings; of those that have the same one is asked. Actors of the
 * local provider are told later where it is. */
static int check_settings(struct up *up)
{
    struct child *asked[PREFLIGHT_CHILDREN_MAX];
    const struct supervisor *supervisor = &up->supervisor;
    int others = supervisor->children_count - up->actor_children_count;
    int count = up->actor_children_count > 0 ? others + UP_ROLES : others;
    for (int index = 0; index < count; index++) {
        asked[index] = supervisor->children[index];
        if (index >= others && up_options_is_local(&up->options)) {
            child_set(asked[index], "TROUPE_STUDIO_URL=http://127.0.0.1:1");
        }
    }
    return preflight(asked, count) ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

/* The address in a program's ready line ("NAME: ready http://..."), or NULL. */
static const char *address_of(const struct child *child)
{
    return strstr(child->ready_line, "http://");
}

/* Fixes an address that a program chose itself, so that it has the same after a restart. */
static void pin_address(struct child *child, const char *name)
{
    const char *address = address_of(child);
    if (address != NULL) {
        child_set(child, "%s=%s", name, address + strlen("http://"));
    }
}

/* Actors of the local provider wait until the studio has said where it is. */
static bool may_start(void *context, struct child *child)
{
    struct up *up = context;
    bool is_actor = child != &up->broker && child != &up->gateway && child != &up->studio;
    if (child == &up->studio) {
        pin_address(child, "TROUPE_STUDIO_LISTEN");
    }
    if (!is_actor || !up_options_is_local(&up->options) || child->ready_ever) {
        return true;
    }
    if (address_of(&up->studio) == NULL) {
        return false;
    }
    child_set(child, "TROUPE_STUDIO_URL=%s", address_of(&up->studio));
    return true;
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

static bool ready(void *context)
{
    struct up *up = context;
    for (int index = 0; index < up->supervisor.children_count; index++) {
        if (!up->supervisor.children[index]->ready) {
            return false;
        }
    }
    const char *address = address_of(&up->gateway);
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
    read_providers(up);
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
    int code = supervisor_init(&up->supervisor, hooks) == STATUS_OK ? prepare_children(up)
                                                                    : EXIT_CODE_FAILED;
    if (code == EXIT_CODE_OK) {
        code = check_settings(up);
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
    if (is_quiet()) {
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
    document_destroy(&up->providers);
    free(up->actor_children);
    free(up);
    return code;
}
