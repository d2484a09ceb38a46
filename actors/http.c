#include "actors/http.h"

#include <assert.h>
#include <stdlib.h>
#include "actors/http_headers.h"
#include "actors/http_transfer.h"
#include "actors/limits.h"

/* A socket of libcurl's that our loop watches. */
struct socket_watch {
    struct http *http;
    curl_socket_t fd;
    struct loop_watch *watch;
};

void http_lookup_ended(struct http_transfer *transfer)
{
    if (transfer->is_looking_up) {
        name_lookups_end(&transfer->http->lookups);
        transfer->is_looking_up = false;
    }
}

/* One of them may carry a key. libcurl's own copy, in the bytes it sent, is beyond us. */
static void wipe(struct curl_slist *headers)
{
    for (; headers != NULL; headers = headers->next) {
        explicit_bzero(headers->data, strlen(headers->data));
    }
}

static void release(struct http_transfer *transfer)
{
    struct http *http = transfer->http;
    if (transfer->is_looking_up) {
        name_lookups_leave(&http->lookups, loop_now_ms(http->loop));
    }
    if (transfer->easy != NULL) {
        curl_multi_remove_handle(http->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
    }
    curl_mime_free(transfer->form);
    wipe(transfer->headers);
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
    if (code == CURLE_OK || transfer->is_told) {
        return HTTP_OUTCOME_ANSWERED;
    }
    if (transfer->is_one_too_many) {
        return HTTP_OUTCOME_NOT_MADE;
    }
    long sent = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
    if (transfer->is_unlisted || (transfer->is_forbidden && !transfer->is_tried)) {
        return HTTP_OUTCOME_FORBIDDEN;
    }
    if (transfer->follow && (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)) {
        return HTTP_OUTCOME_FORBIDDEN; /* from the start, or where a redirect leads */
    }
    if (sent == 0) {
        return HTTP_OUTCOME_NOT_SENT;
    }
    return code == CURLE_OPERATION_TIMEDOUT ? HTTP_OUTCOME_TIMEOUT : HTTP_OUTCOME_BROKEN;
}

static const char *error_of(const struct http_transfer *transfer, CURLcode code)
{
    if (transfer->stopped_by == HTTP_OUTCOME_TOO_LARGE) {
        return transfer->is_long_headed ? "the headers of the answer are too large"
                                        : "the answer is too large";
    }
    if (transfer->is_one_too_many) {
        return "too many names are being looked up";
    }
    return transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code);
}

static void finish(struct http_transfer *transfer, CURLcode code)
{
    struct http_response response = {
        .outcome = outcome_of(transfer, code),
        .body = buffer_slice(&transfer->body),
        .retry_after_ms = -1,
        .error = "",
        .transfer = transfer,
    };
    if (response.outcome == HTTP_OUTCOME_ANSWERED || response.outcome == HTTP_OUTCOME_TOO_LARGE) {
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &response.status);
        response.retry_after_ms = http_header_retry_after_ms(transfer->easy);
        response.date_ms = http_header_date_ms(transfer->easy);
    }
    if (response.outcome != HTTP_OUTCOME_ANSWERED) {
        response.error = error_of(transfer, code);
    }
    if (code != CURLE_OPERATION_TIMEDOUT) {
        http_lookup_ended(transfer);
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

/* libcurl goes on with what http_resume has ended when its sender says something more, if ever. A
 * callback may end others. */
static void on_over(void *context)
{
    struct http *http = context;
    struct http_transfer *transfer = http->first;
    while (transfer != NULL) {
        if (transfer->is_over) {
            finish(transfer, CURLE_WRITE_ERROR);
            transfer = http->first;
        } else {
            transfer = transfer->next;
        }
    }
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

/* Keeps what the first bytes say of why the body is not the one that is wanted, which may be as
 * large as that. Nobody waits for the rest. */
static enum status keep_words(struct http_transfer *transfer, struct slice bytes)
{
    size_t room = HTTP_WORDS_SIZE_MAX - transfer->body.size;
    transfer->is_told = bytes.size >= room;
    enum status status =
        buffer_append(&transfer->body, bytes.data, transfer->is_told ? room : bytes.size);
    return status == STATUS_OK && transfer->is_told ? STATUS_FULL : status;
}

static enum status keep(struct http_transfer *transfer, struct slice bytes)
{
    long status = 0;
    if (transfer->write == NULL) {
        return buffer_append_slice(&transfer->body, bytes);
    }
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    bool is_wanted = status == 200 || (transfer->any_success && status / 100 == 2);
    return is_wanted ? transfer->write(transfer->write_context, bytes)
                     : keep_words(transfer, bytes);
}

static size_t on_bytes(char *data, size_t unit, size_t count, void *context)
{
    struct http_transfer *transfer = context;
    size_t size = unit * count;
    if (transfer->stopped_by != HTTP_OUTCOME_ANSWERED || transfer->is_told) {
        return 0; /* libcurl goes on after a refusal that http_resume led to */
    }
    if (size > transfer->answer_size_max - transfer->answer_size) {
        transfer->stopped_by = HTTP_OUTCOME_TOO_LARGE;
        return 0;
    }
    enum status status = size == 0 ? STATUS_OK : keep(transfer, slice_make(data, size));
    if (status == STATUS_AGAIN) {
        return CURL_WRITEFUNC_PAUSE;
    }
    if (status != STATUS_OK) {
        transfer->stopped_by = transfer->is_told ? HTTP_OUTCOME_ANSWERED : HTTP_OUTCOME_REFUSED;
        return 0;
    }
    transfer->answer_size += size;
    return size;
}

/* A line of a status, a header or a trailer. libcurl keeps all, and bounds all but trailers. */
static size_t on_header(char *data, size_t unit, size_t count, void *context)
{
    struct http_transfer *transfer = context;
    size_t size = unit * count;
    (void)data;
    if (size > HTTP_HEADERS_SIZE_MAX - transfer->headers_size) {
        transfer->stopped_by = HTTP_OUTCOME_TOO_LARGE;
        transfer->is_long_headed = true;
        return 0;
    }
    transfer->headers_size += size;
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
    http->over = (struct timer){.fire = on_over, .context = http};
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
    loop_timer_stop(http->loop, &http->over);
    curl_global_cleanup();
    free(http);
    *http_in = NULL;
}

static void take_answer(struct http_transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
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
    transfer->global_only = request->global_only;
    transfer->follow = request->follow;
    transfer->write = request->write;
    transfer->write_context = request->write_context;
    transfer->any_success = request->any_success;
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
    if (transfer->easy == NULL || !http_options_set(transfer, request)) {
        release(transfer);
        return STATUS_NO_MEMORY;
    }
    take_answer(transfer);
    if (curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK) {
        release(transfer);
        return STATUS_INVALID;
    }
    *out = transfer;
    return STATUS_OK;
}

struct slice http_header(const struct http_response *response, const char *name)
{
    struct curl_header *header = NULL;
    if (response->transfer == NULL || curl_easy_header(response->transfer->easy, name, 0,
                                                       CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return SLICE_EMPTY;
    }
    return slice_from_string(header->value);
}

void http_resume(struct http_transfer *transfer)
{
    struct http *http = transfer->http;
    if (curl_easy_pause(transfer->easy, CURLPAUSE_CONT) != CURLE_OK) {
        transfer->is_over = true;
        loop_timer_start(http->loop, &http->over, 0);
    }
}

bool http_may_pass(const struct http_response *response)
{
    if (response->outcome != HTTP_OUTCOME_ANSWERED) {
        return response->outcome != HTTP_OUTCOME_REFUSED;
    }
    return response->status >= 500 || response->status == 408 || response->status == 425 ||
           response->status == 429;
}

bool http_is_success(const struct http_response *response)
{
    return response->outcome == HTTP_OUTCOME_ANSWERED && response->status / 100 == 2;
}

void http_cancel(struct http_transfer **transfer)
{
    if (*transfer != NULL) {
        release(*transfer);
        *transfer = NULL;
    }
}
