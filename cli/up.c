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
#include "cli/secrets.h"
#include "cli/supervisor.h"

enum {
    ACTORS_MAX = 64, /* of each role */
    SOCKET_NAME_SIZE_MAX = 16,
    ROLE_COUNT = 4,
    ROLE_WEBHOOK = 3,              /* in roles: the one that calls no provider */
    PROVIDERS_SIZE_MAX = 64 << 10, /* bytes of the file that names the providers */
    READY_TIMEOUT_MS = 1000,       /* of one look: the supervisor does nothing else meanwhile */
};

const char usage_up[] =
    "usage: troupe up [--port 5000] [--data DIR] [--provider local|live|null[:MS]]\n"
    "                 [--rate off] [--actors N] [--metrics PORT]\n"
    "                 [--assets DIR|s3:BUCKET[/PREFIX]]\n"
    "  --port      where the API listens, on this machine only; 0 takes a free one\n"
    "  --data      what is kept: jobs, pictures, videos, the secret (TROUPE_DATA, or\n"
    "              ~/.local/share/troupe)\n"
    "  --provider  local: the studio, offline; live: the hosted providers that TROUPE_CHAT_URL,\n"
    "              TROUPE_IMAGE_URL, TROUPE_VIDEO_URL and their _MODEL and _KEY name, or those "
    "of\n"
    "              TROUPE_PROVIDERS_FILE; null: nothing is made, at once or in MS milliseconds a\n"
    "              job (TROUPE_PROVIDER, or local)\n"
    "  --rate off  starts as many jobs a second as there are workers for; otherwise 10 "
    "characters,\n"
    "              5 pictures and 3 videos (TROUPE_RATE_CHARACTER, _IMAGE, _VIDEO)\n"
    "  --actors    processes of each role (1), with QUEUE_CONCURRENCY jobs at once each (5)\n"
    "  --assets    where pictures and videos go (DIR/assets of --data); a bucket needs\n"
    "              TROUPE_S3_ENDPOINT, TROUPE_S3_KEY_ID and the other TROUPE_S3_...\n"
    "  --metrics   where the broker serves /metrics for Prometheus, on this machine only; the "
    "actors\n"
    "              on the ports after it, or all on free ones with 0. The gateway has its own\n"
    "It restarts what dies, and ends everything on Ctrl-C or SIGTERM. SIGUSR1, and `troupe "
    "restart`,\n"
    "restart the programs one after another without failing a request. Settings are those of the\n"
    "programs, which tell them by --help: troupe-broker, troupe-gateway, troupe-actor-image.\n";

struct up {
    const char *provider;
    const char *rate;
    const char *metrics; /* NULL: the broker and the actors serve none */
    int64_t metrics_port;
    const char *assets; /* NULL: in the data directory */
    int64_t port;
    int64_t actors;
    char data[PATH_SIZE_MAX];
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

static const char *const roles[ROLE_COUNT] = {"troupe-actor-character", "troupe-actor-image",
                                              "troupe-actor-video", "troupe-actor-webhook"};

static bool is_local(const struct up *up)
{
    return strcmp(up->provider, "local") == 0;
}

static int read_options(struct up *up, int count, char **words)
{
    const char *port = "5000";
    const char *data = NULL;
    const char *actors = "1";
    const struct option_rule rules[] = {
        {"--port", &port, NULL},
        {"--data", &data, NULL},
        {"--provider", &up->provider, NULL},
        {"--rate", &up->rate, NULL},
        {"--actors", &actors, NULL},
        {"--metrics", &up->metrics, NULL},
        {"--assets", &up->assets, NULL},
    };
    up->provider = settings_text("TROUPE_PROVIDER", "local");
    if (options_take(count, words, rules, sizeof rules / sizeof rules[0]) != 0) {
        return options_bad(usage_up);
    }
    if (!options_number("--port", port, 0, 65535, &up->port) ||
        !options_number("--actors", actors, 0, ACTORS_MAX, &up->actors)) {
        return EXIT_CODE_USAGE;
    }
    int64_t metrics_max = 65535 - up->actors * ROLE_COUNT;
    if (up->metrics != NULL &&
        !options_number("--metrics", up->metrics, 0, metrics_max, &up->metrics_port)) {
        return EXIT_CODE_USAGE;
    }
    if (up->rate != NULL && strcmp(up->rate, "off") != 0) {
        fprintf(stderr, "troupe: --rate takes only off; TROUPE_RATE_CHARACTER, _IMAGE and _VIDEO "
                        "set a number\n");
        return EXIT_CODE_USAGE;
    }
    if (!is_local(up) && strcmp(up->provider, "live") != 0 && strcmp(up->provider, "null") != 0 &&
        strncmp(up->provider, "null:", 5) != 0) {
        fprintf(stderr, "troupe: --provider is local, live, null or null:MS\n");
        return EXIT_CODE_USAGE;
    }
    return stack_data_directory(data, up->data) == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

/* Listens for the gateways, one after another: nobody is refused while one restarts. Tells a taken
 * port at once. */
static int listen_here(struct up *up)
{
    int one = 1;
    int code = EXIT_CODE_OK;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)up->port)};
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
                (int)up->port, reason);
    }
    up->listener = listener;
    return code;
}

/* Lays the data directory out and locks it. */
static int prepare_data(struct up *up)
{
    char path[PATH_SIZE_MAX];
    if (layout_make(up->data) != STATUS_OK ||
        stack_path(up->data, "stack.lock", path) != STATUS_OK) {
        return EXIT_CODE_FAILED;
    }
    enum status status = file_lock(path, &up->lock);
    if (status == STATUS_BUSY) {
        fprintf(stderr, "troupe: the data directory %s is in use by another `troupe up`\n",
                up->data);
        return EXIT_CODE_IN_USE;
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: cannot write to the data directory %s: %s\n", up->data,
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
    enum status status = stack_path(up->data, "run", up->run);
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
static void set_log_level(struct child *child)
{
    if (isatty(STDERR_FILENO) && settings_text("TROUPE_LOG_LEVEL", NULL) == NULL) {
        child_set(child, "TROUPE_LOG_LEVEL=warn");
    }
}

static void set_common(const struct up *up, struct child *child)
{
    set_log_level(child);
    child_set(child, "TROUPE_DATA=%s", up->data);
    if (settings_text("TROUPE_GATEWAY_ENDPOINT", NULL) == NULL) {
        child_set(child, "TROUPE_GATEWAY_ENDPOINT=ipc://%s/gateways", up->run);
    }
    if (settings_text("TROUPE_ACTOR_ENDPOINT", NULL) == NULL) {
        child_set(child, "TROUPE_ACTOR_ENDPOINT=ipc://%s/actors", up->run);
    }
    if (up->assets != NULL) {
        child_set(child, "TROUPE_ASSETS=%s", up->assets);
    } else {
        child_set(child, "TROUPE_ASSETS=%s/assets", up->data);
    }
    if (settings_text("TROUPE_JWT_SECRET_FILE", NULL) == NULL) {
        child_set(child, "TROUPE_JWT_SECRET_FILE=%s/jwt-secret", up->data);
    }
}

/* child_hides */
static bool hides(const void *context, const char *name)
{
    return secrets_hide(context, name);
}

static void set_secrets(struct child *child, const struct secrets *secrets)
{
    child->hides = hides;
    child->hides_context = secrets;
}

/* Reads which variables hold keys. What is wrong with the file the actors say. */
static void read_providers(struct up *up)
{
    struct buffer text;
    const char *path = settings_text("TROUPE_PROVIDERS_FILE", NULL);
    document_destroy(&up->providers);
    buffer_init(&text, PROVIDERS_SIZE_MAX);
    if (path != NULL && file_read(path, &text) == STATUS_OK) {
        document_parse(buffer_slice(&text), &up->providers);
    }
    buffer_fini(&text);
    up->of_actors = (struct secrets){true, true, up->providers};
    up->of_gateway = (struct secrets){false, true, up->providers};
    up->of_others = (struct secrets){false, false, up->providers};
}

/* Each has a port of its own: what the environment names can be only one program's. */
static void set_metrics(const struct up *up, struct child *child, int index)
{
    if (up->metrics == NULL) {
        child_set(child, "TROUPE_METRICS=");
    } else {
        child_set(child, "TROUPE_METRICS=127.0.0.1:%d",
                  up->metrics_port == 0 ? 0 : (int)up->metrics_port + index);
    }
}

static int prepare_children(struct up *up)
{
    struct supervisor *supervisor = &up->supervisor;
    read_providers(up);
    child_init(&up->broker, "troupe-broker", up->programs);
    set_secrets(&up->broker, &up->of_others);
    set_common(up, &up->broker);
    set_metrics(up, &up->broker, 0);
    if (up->rate != NULL) {
        child_set(&up->broker, "TROUPE_RATE=%s", up->rate);
    }
    supervisor_add(supervisor, &up->broker);
    if (is_local(up)) {
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
    child_set(&up->gateway, "TROUPE_HTTP_LISTEN=127.0.0.1:%d", (int)up->port);
    up->gateway.inherited = up->listener;
    up->gateway.overlaps = true;
    supervisor_add(supervisor, &up->gateway);
    up->actor_children_count = (int)up->actors * ROLE_COUNT;
    up->actor_children = calloc((size_t)up->actor_children_count + 1, sizeof *up->actor_children);
    if (up->actor_children == NULL) {
        return EXIT_CODE_FAILED;
    }
    for (int index = 0; index < up->actor_children_count; index++) {
        struct child *child = &up->actor_children[index];
        bool is_webhook = index % ROLE_COUNT == ROLE_WEBHOOK;
        child_init(child, roles[index % ROLE_COUNT], up->programs);
        set_secrets(child, is_webhook ? &up->of_others : &up->of_actors);
        set_common(up, child);
        child->overlaps =
            up->metrics == NULL || up->metrics_port == 0; /* two cannot have one port */
        set_metrics(up, child, index + 1);
        child_set(child, "TROUPE_PROVIDER=%s", up->provider);
        supervisor_add(supervisor, child);
    }
    return EXIT_CODE_OK;
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
    if (!is_actor || !is_local(up) || child->ready_ever) {
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
    if (!answers(up) || stack_write(up->data, &up->state) != STATUS_OK) {
        return false;
    }
    printf("troupe: ready %s\n", up->state.url);
    fflush(stdout);
    return true;
}

/* From now on nobody is kept waiting for a gateway. */
static void on_stopping(void *context)
{
    struct up *up = context;
    close(up->listener);
    up->listener = -1;
}

/* For `troupe restart`, which waits for the end of a round that began after it asked. */
static void on_restarting(void *context)
{
    struct up *up = context;
    read_providers(up);
    up->state.restarts_begun++;
    stack_write(up->data, &up->state);
}

static void on_restarted(void *context)
{
    struct up *up = context;
    up->state.restarts++;
    stack_write(up->data, &up->state);
}

static void clean_up(struct up *up)
{
    char path[PATH_SIZE_MAX];
    if (up->supervisor.ready && stack_path(up->data, "stack.json", path) == STATUS_OK) {
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
    up->state.pid = getpid();
    up->lock = -1;
    up->listener = -1;
    code = read_options(up, count, words);
    if (code == EXIT_CODE_OK) {
        code = live_check(up->provider, up->actors);
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
        const struct supervisor_hooks hooks = {may_start,     ready,        on_stopping,
                                               on_restarting, on_restarted, up};
        code = supervisor_init(&up->supervisor, hooks) == STATUS_OK ? prepare_children(up)
                                                                    : EXIT_CODE_FAILED;
    }
    if (code == EXIT_CODE_OK) {
        code = supervisor_run(&up->supervisor);
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
