#include "cli/client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"

enum {
    CONNECT_TIMEOUT_MS = 5000,
    ANSWER_TIMEOUT_MS = 30000,
    PATIENCE_MS = 3000,         /* until it is said what is waited for */
    REFUSAL_SIZE_MAX = 1 << 16, /* bytes of one of a stream that are kept */
    STOP_MS = 100,              /* between looks whether a request is to be stopped */
    SILENCE_S = 45, /* a stream says something every 15 s; three times that is a dead one */
    URL_BYTES_MAX = STACK_URL_SIZE_MAX + 2048,
    HEADER_BYTES_MAX = TOKEN_SIZE_MAX + 64,
};

struct client {
    struct stack *stack;
    CURL *easy;
    CURLM *multi; /* has the connections of requests that can be stopped */
    char error[CURL_ERROR_SIZE];
    bool has_told; /* that an answer takes long */
};

struct stream {
    struct client *client;
    struct sse *sse;
    client_stop *stop;
    void *context; /* of stop */
    enum status status;
    struct buffer refusal; /* what came in the place of the stream */
};

struct build_library client_library(void)
{
    return build_library("libcurl", "%s", curl_version_info(CURLVERSION_NOW)->version);
}

enum status client_new(struct stack *stack, struct client **out)
{
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return STATUS_NO_MEMORY;
    }
    client->stack = stack;
    client->easy = curl_easy_init();
    client->multi = curl_multi_init();
    if (client->easy == NULL || client->multi == NULL) {
        client_destroy(&client);
        return STATUS_IO;
    }
    *out = client;
    return STATUS_OK;
}

enum status client_new_beside(const struct client *client, struct client **out)
{
    return client_new(client->stack, out);
}

void client_destroy(struct client **client)
{
    if (*client == NULL) {
        return;
    }
    curl_easy_cleanup((*client)->easy);
    curl_multi_cleanup((*client)->multi);
    free(*client);
    *client = NULL;
}

const char *client_error(const struct client *client)
{
    return client->error;
}

/* Adds a header; on failure the list is freed and becomes NULL. */
static void add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[HEADER_BYTES_MAX];
    int size = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer =
        *list != NULL && size < HEADER_BYTES_MAX ? curl_slist_append(*list, line) : NULL;
    if (longer == NULL) {
        curl_slist_free_all(*list);
    }
    *list = longer;
}

/* Whether the address is of this machine, where a proxy of the environment cannot reach it. */
static bool is_loopback(const char *url)
{
    char *host = NULL;
    struct in_addr address;
    bool is_local = false;
    CURLU *parsed = curl_url();
    if (parsed != NULL &&
        curl_url_set(parsed, CURLUPART_URL, url, CURLU_GUESS_SCHEME) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        is_local = strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
                   (inet_pton(AF_INET, host, &address) == 1 &&
                    ntohl(address.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET);
    }
    curl_free(host);
    curl_url_cleanup(parsed);
    return is_local;
}

/* Sets what every request has. Returns the headers, for the caller to free, or NULL. */
static struct curl_slist *prepare(struct client *client, const char *path)
{
    char url[URL_BYTES_MAX];
    char bearer[TOKEN_SIZE_MAX + 16];
    CURL *easy = client->easy;
    if (snprintf(url, sizeof url, "%s%s", client->stack->url, path) >= URL_BYTES_MAX) {
        return NULL;
    }
    curl_easy_reset(easy);
    client->error[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->error);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    if (is_loopback(url)) {
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    }
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* does not wait for a lookup that it gave up */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "troupe/" TROUPE_VERSION);
    snprintf(bearer, sizeof bearer, "Bearer %s", client->stack->token);
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    add_header(&headers, "Authorization", bearer);
    return headers;
}

/* Where the body of an answer goes. */
struct taker {
    CURL *easy;
    const struct client_request *request;
    struct buffer body;
};

static size_t take_answer(char *data, size_t size, size_t count, void *context)
{
    struct taker *taker = context;
    long code = 0;
    curl_easy_getinfo(taker->easy, CURLINFO_RESPONSE_CODE, &code);
    const struct client_request *request = taker->request;
    if (request->copy != NULL && code == 200) {
        bool is_taken = request->copy(request->context, slice_make(data, size * count));
        return is_taken ? size * count : 0;
    }
    return buffer_append(&taker->body, data, size * count) == STATUS_OK ? size * count : 0;
}

/* What is copied may take as long as it goes on. */
static void limit_time(CURL *easy, const struct client_request *request)
{
    if (request->copy != NULL) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_S);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     request->timeout_ms > 0 ? request->timeout_ms : (long)ANSWER_TIMEOUT_MS);
}

static enum status status_of(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
        return STATUS_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return STATUS_TIMEOUT;
    case CURLE_ABORTED_BY_CALLBACK:
        return STATUS_AGAIN;
    case CURLE_OUT_OF_MEMORY:
        return STATUS_NO_MEMORY;
    case CURLE_WRITE_ERROR:
        return STATUS_TOO_LARGE;
    default:
        return STATUS_CLOSED;
    }
}

/* A request that is under way. */
struct watch {
    struct client *client;
    const struct client_request *request;
    int64_t begun_ms;
};

/* Says once what is waited for: a gateway keeps requests while the broker is away, and a name may
 * take as long to be looked up. Only to who sits before it. */
static void tell_wait(struct watch *watch)
{
    bool is_long = clock_monotonic_ms() - watch->begun_ms >= PATIENCE_MS;
    if (!watch->client->has_told && is_long && isatty(STDERR_FILENO) == 1) {
        watch->client->has_told = true;
        fprintf(stderr,
                "troupe: waiting for an answer from %s (up to %d s, for example while the broker "
                "is away)\n",
                watch->client->stack->url, ANSWER_TIMEOUT_MS / 1000);
    }
}

static int watch_request(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                         curl_off_t up)
{
    struct watch *watch = context;
    bool is_waited_for = watch->request->timeout_ms == 0 && watch->request->copy == NULL;
    (void)down_total;
    (void)up_total;
    (void)up;
    if (is_waited_for && watch->request->stop == NULL && down == 0) {
        tell_wait(watch);
    }
    return 0;
}

/* Performs what was prepared, and looks meanwhile whether to stop. libcurl alone asks its callback
 * once a second. */
static CURLcode perform_until_stopped(struct client *client, const struct client_request *request)
{
    int running = 1;
    int left = 0;
    CURLcode result = CURLE_OUT_OF_MEMORY;
    CURLMcode code = curl_multi_add_handle(client->multi, client->easy);
    while (code == CURLM_OK && running > 0) {
        code = curl_multi_perform(client->multi, &running);
        if (code == CURLM_OK && running > 0) {
            code = curl_multi_poll(client->multi, NULL, 0, STOP_MS, NULL);
        }
        if (running > 0 && request->stop(request->context)) {
            result = CURLE_ABORTED_BY_CALLBACK;
            break;
        }
    }
    const CURLMsg *message = curl_multi_info_read(client->multi, &left);
    if (message != NULL && message->msg == CURLMSG_DONE) {
        result = message->data.result;
    }
    curl_multi_remove_handle(client->multi, client->easy);
    return result;
}

static enum status perform_once(struct client *client, const struct client_request *request,
                                struct client_answer *out)
{
    CURL *easy = client->easy;
    struct taker taker = {.easy = easy, .request = request};
    struct watch watch = {client, request, clock_monotonic_ms()};
    curl_off_t retry_after = 0;
    enum status status = STATUS_NO_MEMORY;
    *out = (struct client_answer){0};
    buffer_init(&taker.body, CLIENT_ANSWER_SIZE_MAX);
    struct curl_slist *headers = prepare(client, request->path);
    if (headers != NULL && request->key != NULL) {
        add_header(&headers, "Idempotency-Key", request->key);
    }
    if (headers != NULL && request->body.size > 0) {
        add_header(&headers, "Content-Type", "application/json");
    }
    if (headers == NULL) {
        goto out;
    }
    if (request->body.size > 0 ||
        slice_equal(slice_from_string(request->method), SLICE_LITERAL("POST"))) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS,
                         request->body.size > 0 ? (const char *)request->body.data : "");
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    limit_time(easy, request);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &taker);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch_request);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &watch);
    status = status_of(request->stop == NULL ? curl_easy_perform(easy)
                                             : perform_until_stopped(client, request));
    if (status != STATUS_OK) {
        goto out;
    }
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &out->code);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    out->retry_after_s = retry_after;
    if (taker.body.size > 0) {
        status = document_parse(buffer_slice(&taker.body), &out->document);
    }
out:
    curl_slist_free_all(headers);
    buffer_fini(&taker.body);
    return status;
}

/* Whether a refusal may be over with another token: one that was made here can have expired. */
static bool renews(struct client *client, long code)
{
    return code == 401 && client->stack->data[0] != '\0' && stack_renew(client->stack) == STATUS_OK;
}

enum status client_perform(struct client *client, const struct client_request *request,
                           struct client_answer *out)
{
    enum status status = perform_once(client, request, out);
    if (status == STATUS_OK && renews(client, out->code)) {
        document_destroy(&out->document);
        status = perform_once(client, request, out);
    }
    out->is_to_read = strcmp(request->method, "GET") == 0;
    return status;
}

static size_t take_stream(char *data, size_t size, size_t count, void *context)
{
    struct stream *stream = context;
    long code = 0;
    curl_easy_getinfo(stream->client->easy, CURLINFO_RESPONSE_CODE, &code);
    if (code == 200) {
        stream->status = sse_feed(stream->sse, slice_make(data, size * count));
    } else {
        (void)buffer_append(&stream->refusal, data, size * count); /* its code is told anyway */
    }
    return stream->status == STATUS_OK ? size * count : 0;
}

static int watch_stop(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                      curl_off_t up)
{
    const struct stream *stream = context;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return stream->stop(stream->context) ? 1 : 0;
}

static enum status stream_once(struct client *client, const char *path, struct sse *sse,
                               client_stop *stop, void *context, struct client_answer *out)
{
    CURL *easy = client->easy;
    struct stream stream = {
        .client = client, .sse = sse, .stop = stop, .context = context, .status = STATUS_OK};
    struct curl_slist *headers = prepare(client, path);
    curl_off_t retry_after = 0;
    *out = (struct client_answer){.is_to_read = true};
    sse_reset(sse);
    if (headers != NULL) {
        add_header(&headers, "Accept", "text/event-stream");
    }
    if (headers != NULL && sse->id[0] != '\0') {
        add_header(&headers, "Last-Event-ID", sse->id);
    }
    if (headers == NULL) {
        return STATUS_NO_MEMORY;
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_S);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_stream);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &stream);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch_stop);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &stream);
    buffer_init(&stream.refusal, REFUSAL_SIZE_MAX);
    CURLcode result = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &out->code);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    out->retry_after_s = retry_after;
    if (stream.refusal.size > 0) { /* without it when it is none */
        (void)document_parse(buffer_slice(&stream.refusal), &out->document);
    }
    buffer_fini(&stream.refusal);
    curl_slist_free_all(headers);
    if (result == CURLE_ABORTED_BY_CALLBACK) {
        return STATUS_TIMEOUT;
    }
    if (stream.status != STATUS_OK) {
        return stream.status;
    }
    return result == CURLE_OK ? STATUS_OK : STATUS_CLOSED;
}

enum status client_stream(struct client *client, const char *path, struct sse *sse,
                          client_stop *stop, void *context, struct client_answer *out)
{
    enum status status = stream_once(client, path, sse, stop, context, out);
    if (status == STATUS_OK && renews(client, out->code)) {
        document_destroy(&out->document);
        status = stream_once(client, path, sse, stop, context, out);
    }
    return status;
}
