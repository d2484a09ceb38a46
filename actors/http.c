#include "actors/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "actors/host_list.h"
#include "actors/limits.h"
#include "base/address_class.h"

struct http {
    struct loop *loop;
    CURLM *multi;
    struct timer timer;
    struct http_transfer *first; /* of all under way */
};

struct http_transfer {
    struct http *http;
    struct http_transfer *next;
    struct http_transfer *previous;
    CURL *easy;
    struct curl_slist *headers;
    curl_mime *form;
    http_write_function *write;
    void *write_context;
    http_function *function;
    void *context;
    size_t answer_size_max;
    size_t answer_size;
    struct buffer body;
    const char *hosts;            /* that may be called; NULL: any */
    bool follows;                 /* redirects: what was sent before one says nothing */
    bool is_tried;                /* an address that may be called was */
    bool is_forbidden;            /* an address of this hop was not to be called */
    bool is_unlisted;             /* its host was not */
    enum http_outcome stopped_by; /* our own reason to stop it; else ANSWERED */
    char error[CURL_ERROR_SIZE];
};

/* A socket of libcurl's that our loop watches. */
struct socket_watch {
    struct http *http;
    curl_socket_t fd;
    struct loop_watch *watch;
};

static void release(struct http_transfer *transfer)
{
    struct http *http = transfer->http;
    if (transfer->easy != NULL) {
        curl_multi_remove_handle(http->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    curl_mime_free(transfer->form);
    curl_slist_free_all(transfer->headers);
    buffer_fini(&transfer->body);
    if (transfer->next != NULL) {
        transfer->next->previous = transfer->previous;
    }
    if (transfer->previous != NULL) {
        transfer->previous->next = transfer->next;
    } else {
        http->first = transfer->next;
    }
    free(transfer);
}

/* ---- what became of a transfer ---- */

static enum http_outcome outcome_of(struct http_transfer *transfer, CURLcode code)
{
    if (transfer->stopped_by != HTTP_OUTCOME_ANSWERED) {
        return transfer->stopped_by;
    }
    if (code == CURLE_OK) {
        return HTTP_OUTCOME_ANSWERED;
    }
    long sent = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
    bool is_first_forbidden = sent == 0 && transfer->is_forbidden && !transfer->is_tried;
    bool is_later_forbidden = sent > 0 && transfer->is_forbidden && transfer->follows;
    if (transfer->is_unlisted || is_first_forbidden || is_later_forbidden) {
        return HTTP_OUTCOME_FORBIDDEN;
    }
    if (sent == 0) {
        return HTTP_OUTCOME_NOT_SENT;
    }
    return code == CURLE_OPERATION_TIMEDOUT ? HTTP_OUTCOME_TIMEOUT : HTTP_OUTCOME_BROKEN;
}

/* Retry-After in seconds or as a date, or retry-after-ms, which some providers send. */
static int64_t retry_after_of(CURL *easy)
{
    struct curl_header *header = NULL;
    if (curl_easy_header(easy, "retry-after-ms", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
        char *end = NULL;
        long value = strtol(header->value, &end, 10);
        if (end != header->value && value >= 0) {
            return value;
        }
    }
    if (curl_easy_header(easy, "retry-after", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return -1;
    }
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    return seconds > RETRY_AFTER_MS_MAX / 1000 ? RETRY_AFTER_MS_MAX : (int64_t)seconds * 1000;
}

static void finish(struct http_transfer *transfer, CURLcode code)
{
    struct http_response response = {
        .outcome = outcome_of(transfer, code),
        .body = buffer_slice(&transfer->body),
        .retry_after_ms = -1,
        .error = "",
    };
    if (response.outcome == HTTP_OUTCOME_ANSWERED || response.outcome == HTTP_OUTCOME_TOO_LARGE) {
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &response.status);
        response.retry_after_ms = retry_after_of(transfer->easy);
    }
    if (response.outcome != HTTP_OUTCOME_ANSWERED) {
        response.error = transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code);
    }
    transfer->function(transfer->context, &response);
    release(transfer);
}

static void finish_ended(struct http *http)
{
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        char *transfer = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish((struct http_transfer *)(void *)transfer, message->data.result);
    }
}

/* ---- libcurl on our loop ---- */

static void on_socket_event(void *context, int events)
{
    struct socket_watch *socket = context;
    struct http *http = socket->http;
    int what = ((events & LOOP_READABLE) != 0 ? CURL_CSELECT_IN : 0) |
               ((events & LOOP_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0);
    int running = 0;
    curl_multi_socket_action(http->multi, socket->fd, what, &running);
    finish_ended(http);
}

static void on_timer(void *context)
{
    struct http *http = context;
    int running = 0;
    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish_ended(http);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned)
{
    (void)easy;
    struct http *http = context;
    struct socket_watch *socket = assigned;
    if (what == CURL_POLL_REMOVE) {
        if (socket != NULL) {
            curl_multi_assign(http->multi, fd, NULL);
            loop_unwatch(&socket->watch);
            free(socket);
        }
        return 0;
    }
    int events = ((what & CURL_POLL_IN) != 0 ? LOOP_READABLE : 0) |
                 ((what & CURL_POLL_OUT) != 0 ? LOOP_WRITABLE : 0);
    if (socket != NULL) {
        return loop_watch_change(socket->watch, events) == STATUS_OK ? 0 : -1;
    }
    socket = calloc(1, sizeof(*socket));
    if (socket == NULL) {
        return -1;
    }
    *socket = (struct socket_watch){.http = http, .fd = fd};
    if (loop_watch(http->loop, fd, events, on_socket_event, socket, &socket->watch) != STATUS_OK) {
        free(socket);
        return -1;
    }
    curl_multi_assign(http->multi, fd, socket);
    return 0;
}

/* libcurl must not be called back from here: a delay of 0 fires in the next turn. */
static int on_timeout(CURLM *multi, long delay_ms, void *context)
{
    (void)multi;
    struct http *http = context;
    if (delay_ms < 0) {
        loop_timer_stop(http->loop, &http->timer);
    } else {
        loop_timer_start(http->loop, &http->timer, delay_ms);
    }
    return 0;
}

static enum status keep(struct http_transfer *transfer, struct slice bytes)
{
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (transfer->write != NULL && status == 200) {
        return transfer->write(transfer->write_context, bytes);
    }
    return buffer_append_slice(&transfer->body, bytes);
}

/* ---- where a request may go ---- */

static bool address_may_be_called(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
        return address_port_is_open(ntohs(four->sin_port)) &&
               address_class_4(ntohl(four->sin_addr.s_addr)) == ADDRESS_CLASS_GLOBAL;
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
        return address_port_is_open(ntohs(six->sin6_port)) &&
               address_class_6(six->sin6_addr.s6_addr) == ADDRESS_CLASS_GLOBAL;
    }
    return false;
}

/* Called with each address that is tried, after its name was resolved. */
static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    struct http_transfer *transfer = context;
    (void)purpose;
    if (!address_may_be_called(&address->addr)) {
        transfer->is_forbidden = true;
        return CURL_SOCKET_BAD;
    }
    transfer->is_tried = true;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool host_may_be_called(const struct http_transfer *transfer)
{
    char *address = NULL;
    char *host = NULL;
    CURLU *parts = curl_url();
    curl_easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_URL, &address);
    bool is_listed = parts != NULL && address != NULL &&
                     curl_url_set(parts, CURLUPART_URL, address, 0) == CURLUE_OK &&
                     curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                     host_list_has(transfer->hosts, slice_from_string(host));
    curl_free(host);
    curl_url_cleanup(parts);
    return is_listed;
}

/* Called before each request is sent, also to where a redirect leads: one of its addresses may be
 * called, whatever the others were. */
static int on_request(void *context, char *address, char *own_address, int port, int own_port)
{
    struct http_transfer *transfer = context;
    (void)address;
    (void)own_address;
    (void)port;
    (void)own_port;
    transfer->is_forbidden = false;
    transfer->is_unlisted = transfer->hosts != NULL && !host_may_be_called(transfer);
    return transfer->is_unlisted ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static size_t on_bytes(char *data, size_t unit, size_t count, void *context)
{
    struct http_transfer *transfer = context;
    size_t size = unit * count;
    if (size > transfer->answer_size_max - transfer->answer_size) {
        transfer->stopped_by = HTTP_OUTCOME_TOO_LARGE;
        return 0;
    }
    transfer->answer_size += size;
    if (size > 0 && keep(transfer, slice_make(data, size)) != STATUS_OK) {
        transfer->stopped_by = HTTP_OUTCOME_REFUSED;
        return 0;
    }
    return size;
}

/* ---- public ---- */

enum status http_new(struct loop *loop, struct http **out)
{
    struct http *http = calloc(1, sizeof(*http));
    if (http == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        return STATUS_IO;
    }
    http->loop = loop;
    http->timer = (struct timer){.fire = on_timer, .context = http};
    http->multi = curl_multi_init();
    if (http->multi == NULL) {
        http_destroy(&http);
        return STATUS_NO_MEMORY;
    }
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)HTTP_CONNECTIONS_KEPT);
    *out = http;
    return STATUS_OK;
}

void http_destroy(struct http **http_in)
{
    struct http *http = *http_in;
    if (http == NULL) {
        return;
    }
    while (http->first != NULL) {
        release(http->first);
    }
    if (http->multi != NULL) {
        curl_multi_cleanup(http->multi);
    }
    loop_timer_stop(http->loop, &http->timer);
    curl_global_cleanup();
    free(http);
    *http_in = NULL;
}

static bool add_header(struct http_transfer *transfer, const char *line)
{
    struct curl_slist *headers = curl_slist_append(transfer->headers, line);
    if (headers == NULL) {
        return false;
    }
    transfer->headers = headers;
    return true;
}

static bool set_body(struct http_transfer *transfer, const struct http_request *request)
{
    CURL *easy = transfer->easy;
    if (request->json.size > 0) {
        return curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                                (curl_off_t)request->json.size) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->json.data) == CURLE_OK &&
               add_header(transfer, "Content-Type: application/json");
    }
    if (request->file_path == NULL) {
        return true;
    }
    transfer->form = curl_mime_init(easy);
    curl_mimepart *part = transfer->form == NULL ? NULL : curl_mime_addpart(transfer->form);
    return part != NULL && curl_mime_name(part, "file") == CURLE_OK &&
           curl_mime_filedata(part, request->file_path) == CURLE_OK &&
           curl_mime_type(part, request->file_type) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MIMEPOST, transfer->form) == CURLE_OK;
}

static bool set_headers(struct http_transfer *transfer, const struct http_request *request)
{
    /* Waiting for a 100 costs a second with servers that never send it. */
    if (!add_header(transfer, "Expect:") || !add_header(transfer, "Accept: */*")) {
        return false;
    }
    for (size_t index = 0; index < request->header_count; index++) {
        if (!add_header(transfer, request->headers[index])) {
            return false;
        }
    }
    if (request->bearer != NULL && request->bearer[0] != '\0') {
        char line[PROVIDER_KEY_SIZE_MAX + 64];
        snprintf(line, sizeof(line), "Authorization: Bearer %s", request->bearer);
        bool added = add_header(transfer, line);
        explicit_bzero(line, sizeof(line));
        if (!added) {
            return false;
        }
    }
    if (request->trace.size > 0) {
        char line[sizeof("traceparent: ") + TRACEPARENT_SIZE];
        snprintf(line, sizeof(line), "traceparent: %.*s", SLICE_PRINT(request->trace));
        if (!add_header(transfer, line)) {
            return false;
        }
    }
    return curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK;
}

static void set_manners(struct http_transfer *transfer, const struct http_request *request)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* no hidden input from the environment */
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "troupe/" TROUPE_VERSION);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->follow ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)HTTP_REDIRECTS_MAX);
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    /* On a kept connection that turns out dead libcurl sends the request again, POST or not; and
     * one that was made for another request was not looked at. */
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->once || request->global_only ? 1L : 0L);
    if (request->global_only) {
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    }
    if (request->hosts != NULL || request->global_only) {
        curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
        curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    }
    if (request->write != NULL) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)HTTP_STALL_S);
    }
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

static struct http_transfer *transfer_new(struct http *http, const struct http_request *request)
{
    struct http_transfer *transfer = calloc(1, sizeof(*transfer));
    if (transfer == NULL) {
        return NULL;
    }
    transfer->http = http;
    transfer->next = http->first;
    if (http->first != NULL) {
        http->first->previous = transfer;
    }
    http->first = transfer;
    transfer->hosts = request->hosts;
    transfer->follows = request->follow;
    transfer->write = request->write;
    transfer->write_context = request->write_context;
    transfer->answer_size_max = request->answer_size_max;
    transfer->stopped_by = HTTP_OUTCOME_ANSWERED;
    buffer_init(&transfer->body, request->answer_size_max);
    transfer->easy = curl_easy_init();
    return transfer;
}

enum status http_start(struct http *http, const struct http_request *request,
                       http_function *function, void *context, struct http_transfer **out)
{
    assert(request->timeout_ms > 0);
    assert(!request->follow || request->bearer == NULL);
    struct http_transfer *transfer = transfer_new(http, request);
    if (transfer == NULL) {
        return STATUS_NO_MEMORY;
    }
    transfer->function = function;
    transfer->context = context;
    if (transfer->easy == NULL || !set_body(transfer, request) || !set_headers(transfer, request)) {
        release(transfer);
        return STATUS_NO_MEMORY;
    }
    set_manners(transfer, request);
    if (curl_easy_setopt(transfer->easy, CURLOPT_URL, request->url) != CURLE_OK ||
        curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK) {
        release(transfer);
        return STATUS_INVALID;
    }
    *out = transfer;
    return STATUS_OK;
}

void http_cancel(struct http_transfer **transfer)
{
    if (*transfer != NULL) {
        release(*transfer);
        *transfer = NULL;
    }
}
