#include "gateway/http_client.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "base/name_lookups.h"
#include "gateway/limits.h"
#include "gateway/list.h"

enum {
    EVENTS_MAX = 64, /* looked at in one turn */
};

struct http_client {
    CURLM *multi;
    int epoll; /* has the sockets of all transfers, and the timer */
    int timer;
    struct list all;
    struct list news;    /* transfers to be told about */
    bool is_within_curl; /* nothing may be cancelled from there */
    int64_t now_ms;      /* as last told */
    struct name_lookups lookups;
};

struct http_transfer {
    struct http_client *client;
    struct list node; /* in all */
    struct list news; /* in news, when linked */
    CURL *easy;
    struct curl_slist *headers;
    struct buffer bytes;
    http_news_function *function;
    void *context;
    int64_t due_ms;     /* by then something must have come; of the same clock as the ticks */
    bool has_moved;     /* since the last tick */
    bool is_paused;     /* bytes wait until some are taken */
    bool is_looking_up; /* a name, since then no address was tried */
    enum http_end end;
    char error[CURL_ERROR_SIZE];
};

/* ---- names ---- */

static void lookup_ended(struct http_transfer *transfer)
{
    if (transfer->is_looking_up) {
        name_lookups_end(&transfer->client->lookups);
        transfer->is_looking_up = false;
    }
}

/* Called before a name is looked up (addresses are names, too). */
static int on_lookup(void *resolver, void *reserved, void *context)
{
    struct http_transfer *transfer = context;
    struct http_client *client = transfer->client;
    (void)resolver;
    (void)reserved;
    lookup_ended(transfer);
    transfer->is_looking_up = name_lookups_begin(&client->lookups, client->now_ms);
    return transfer->is_looking_up ? 0 : 1;
}

/* Called with each address that is tried, after its name was looked up. */
static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    (void)purpose;
    lookup_ended(context);
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- news ---- */

static void news_add(struct http_transfer *transfer)
{
    if (!list_is_linked(&transfer->news)) {
        list_append(&transfer->client->news, &transfer->news);
    }
}

static void note_ended(struct http_client *client)
{
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        char *private = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct http_transfer *transfer = (struct http_transfer *)(void *)private;
        CURLcode code = message->data.result;
        transfer->end = code == CURLE_OK                   ? HTTP_END_WHOLE
                        : code == CURLE_OPERATION_TIMEDOUT ? HTTP_END_TIMEOUT
                                                           : HTTP_END_BROKEN;
        if (code != CURLE_OPERATION_TIMEDOUT) {
            lookup_ended(transfer);
        }
        if (code != CURLE_OK && transfer->error[0] == '\0') {
            snprintf(transfer->error, sizeof(transfer->error), "%s", curl_easy_strerror(code));
        }
        news_add(transfer);
    }
}

/* Those that are told may start and cancel any transfer, and so change the list. */
static void news_tell(struct http_client *client)
{
    assert(!client->is_within_curl);
    while (!list_is_empty(&client->news)) {
        struct http_transfer *transfer = LIST_OWNER(client->news.next, struct http_transfer, news);
        list_remove(&transfer->news);
        transfer->function(transfer->context);
    }
}

/* ---- libcurl calls ---- */

static size_t on_bytes(char *data, size_t unit, size_t count, void *context)
{
    struct http_transfer *transfer = context;
    size_t size = unit * count;
    transfer->has_moved = true;
    if (size > HTTP_CLIENT_HELD_MAX - transfer->bytes.size) {
        transfer->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (buffer_append(&transfer->bytes, data, size) != STATUS_OK) {
        return 0;
    }
    news_add(transfer);
    return size;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned)
{
    (void)easy;
    struct http_client *client = context;
    struct epoll_event event = {.data.fd = fd};
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(client->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events =
        ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0);
    int operation = assigned == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(client->epoll, operation, fd, &event) != 0) {
        return -1;
    }
    curl_multi_assign(client->multi, fd, client);
    return 0;
}

static int on_timeout(CURLM *multi, long delay_ms, void *context)
{
    (void)multi;
    struct http_client *client = context;
    struct itimerspec when = {0};
    if (delay_ms >= 0) {
        when.it_value.tv_sec = delay_ms / 1000;
        when.it_value.tv_nsec = delay_ms == 0 ? 1 : delay_ms % 1000 * 1000000L;
    }
    timerfd_settime(client->timer, 0, &when, NULL);
    return 0;
}

/* ---- turns ---- */

static void socket_act(struct http_client *client, const struct epoll_event *event)
{
    int running = 0;
    int what = ((event->events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
               ((event->events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
               ((event->events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
    bool is_timer = event->data.fd == client->timer;
    if (is_timer) {
        uint64_t count = 0;
        if (read(client->timer, &count, sizeof(count)) != (ssize_t)sizeof(count)) {
            return; /* it was set anew meanwhile */
        }
    }
    client->is_within_curl = true;
    curl_multi_socket_action(client->multi, is_timer ? CURL_SOCKET_TIMEOUT : event->data.fd,
                             is_timer ? 0 : what, &running);
    client->is_within_curl = false;
}

void http_client_turn(struct http_client *client)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(client->epoll, events, EVENTS_MAX, 0);
    for (int index = 0; index < count; index++) {
        socket_act(client, &events[index]);
    }
    note_ended(client);
    news_tell(client);
}

/* A transfer that waits for who reads it is in nobody's debt. */
void http_client_tick(struct http_client *client, int64_t now_ms)
{
    client->now_ms = now_ms;
    for (struct list *node = client->all.next; node != &client->all; node = node->next) {
        struct http_transfer *transfer = LIST_OWNER(node, struct http_transfer, node);
        if (transfer->has_moved || transfer->is_paused) {
            transfer->has_moved = false;
            transfer->due_ms = now_ms + HTTP_CLIENT_SILENCE_MS;
        } else if (transfer->end == HTTP_END_NONE && transfer->due_ms <= now_ms) {
            transfer->end = HTTP_END_TIMEOUT;
            snprintf(transfer->error, sizeof(transfer->error), "nothing came for %d ms",
                     HTTP_CLIENT_SILENCE_MS);
            news_add(transfer);
        }
    }
    news_tell(client);
}

/* ---- life ---- */

static void release(struct http_transfer *transfer)
{
    list_remove(&transfer->node);
    list_remove(&transfer->news);
    if (transfer->is_looking_up) {
        name_lookups_leave(&transfer->client->lookups, transfer->client->now_ms);
    }
    if (transfer->easy != NULL) {
        curl_multi_remove_handle(transfer->client->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    curl_slist_free_all(transfer->headers);
    buffer_fini(&transfer->bytes);
    free(transfer);
}

struct build_library http_client_library(void)
{
    return build_library("libcurl", "%s", curl_version_info(CURLVERSION_NOW)->version);
}

static enum status client_open(struct http_client *client)
{
    struct epoll_event event = {.events = EPOLLIN};
    client->multi = curl_multi_init();
    client->epoll = epoll_create1(EPOLL_CLOEXEC);
    client->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    event.data.fd = client->timer;
    if (client->multi == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (client->epoll < 0 || client->timer < 0 ||
        epoll_ctl(client->epoll, EPOLL_CTL_ADD, client->timer, &event) != 0) {
        return STATUS_IO;
    }
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)HTTP_CLIENT_KEPT_MAX);
    return STATUS_OK;
}

enum status http_client_new(struct http_client **out)
{
    struct http_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return STATUS_NO_MEMORY;
    }
    client->epoll = -1;
    client->timer = -1;
    list_init(&client->all);
    list_init(&client->news);
    enum status status =
        curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? client_open(client) : STATUS_IO;
    if (status != STATUS_OK) {
        http_client_destroy(&client);
        return status;
    }
    *out = client;
    return STATUS_OK;
}

void http_client_destroy(struct http_client **client_in)
{
    struct http_client *client = *client_in;
    if (client == NULL) {
        return;
    }
    *client_in = NULL;
    while (!list_is_empty(&client->all)) {
        release(LIST_OWNER(client->all.next, struct http_transfer, node));
    }
    if (client->multi != NULL) {
        curl_multi_cleanup(client->multi);
    }
    if (client->epoll >= 0) {
        close(client->epoll);
    }
    if (client->timer >= 0) {
        close(client->timer);
    }
    curl_global_cleanup();
    free(client);
}

int http_client_descriptor(const struct http_client *client)
{
    return client->epoll;
}

/* ---- transfers ---- */

static bool set_headers(struct http_transfer *transfer, const struct http_client_request *request)
{
    for (size_t index = 0; index < request->header_count; index++) {
        struct curl_slist *headers = curl_slist_append(transfer->headers, request->headers[index]);
        if (headers == NULL) {
            return false;
        }
        transfer->headers = headers;
    }
    return curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK;
}

/* Certificates are verified, which is libcurl's own way. HTTP/1.1: in HTTP/2 a transfer that waits
 * makes libcurl hold megabytes of it. */
static void set_manners(struct http_transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* no hidden input from the environment */
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "troupe/" TROUPE_VERSION);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* does not wait for a lookup that it gave up */
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, on_lookup);
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CLIENT_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

static bool set_request(struct http_transfer *transfer, const struct http_client_request *request)
{
    CURL *easy = transfer->easy;
    bool is_head = strcmp(request->method, "HEAD") == 0;
    bool is_get = strcmp(request->method, "GET") == 0;
    set_manners(transfer);
    return (!is_head || curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK) &&
           (is_head || is_get ||
            curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK) &&
           set_headers(transfer, request) &&
           curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK;
}

enum status http_client_start(struct http_client *client, const struct http_client_request *request,
                              int64_t now_ms, struct http_transfer **out)
{
    assert(!client->is_within_curl);
    struct http_transfer *transfer = calloc(1, sizeof(*transfer));
    if (transfer == NULL) {
        return STATUS_NO_MEMORY;
    }
    client->now_ms = now_ms;
    transfer->client = client;
    transfer->function = request->news;
    transfer->context = request->context;
    transfer->due_ms = now_ms + HTTP_CLIENT_SILENCE_MS;
    buffer_init(&transfer->bytes, HTTP_CLIENT_HELD_MAX);
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL || !set_request(transfer, request) ||
        curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK) {
        release(transfer);
        return STATUS_NO_MEMORY;
    }
    list_append(&client->all, &transfer->node);
    *out = transfer;
    return STATUS_OK;
}

void http_client_cancel(struct http_transfer **transfer)
{
    if (*transfer != NULL) {
        assert(!(*transfer)->client->is_within_curl);
        release(*transfer);
        *transfer = NULL;
    }
}

/* ---- what came ---- */

long http_transfer_status(const struct http_transfer *transfer)
{
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

struct slice http_transfer_header(const struct http_transfer *transfer, const char *name)
{
    struct curl_header *header = NULL;
    if (curl_easy_header(transfer->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return SLICE_EMPTY;
    }
    return slice_from_string(header->value);
}

struct slice http_transfer_bytes(const struct http_transfer *transfer)
{
    return buffer_slice(&transfer->bytes);
}

/* libcurl hands over at once what it has kept: on_bytes is called from here. */
void http_transfer_take(struct http_transfer *transfer, size_t size)
{
    struct http_client *client = transfer->client;
    buffer_consume(&transfer->bytes, size);
    if (transfer->is_paused && transfer->end == HTTP_END_NONE) {
        transfer->is_paused = false;
        client->is_within_curl = true;
        curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
        client->is_within_curl = false;
    }
}

enum http_end http_transfer_end(const struct http_transfer *transfer)
{
    return transfer->end;
}

const char *http_transfer_error(const struct http_transfer *transfer)
{
    return transfer->error;
}
