#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>
#include "actors/host_list.h"
#include "actors/http_transfer.h"
#include "actors/limits.h"
#include "base/address_class.h"

/* ---- where a request may go ---- */

static bool may_be_called_4(const struct in_addr *address, uint16_t port)
{
    return address_port_is_open(port) &&
           address_class_4(ntohl(address->s_addr)) == ADDRESS_CLASS_GLOBAL;
}

static bool may_be_called_6(const struct in6_addr *address, uint16_t port)
{
    return address_port_is_open(port) && address_class_6(address->s6_addr) == ADDRESS_CLASS_GLOBAL;
}

static bool address_may_be_called(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
        return may_be_called_4(&four->sin_addr, ntohs(four->sin_port));
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
        return may_be_called_6(&six->sin6_addr, ntohs(six->sin6_port));
    }
    return false;
}

/* Of a connection as libcurl tells of it. */
static bool connection_may_be_used(const char *address, uint16_t port)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1) {
        return may_be_called_4(&four, port);
    }
    return inet_pton(AF_INET6, address, &six) == 1 && may_be_called_6(&six, port);
}

/* Called before a name is looked up (addresses are names, too). */
static int on_lookup(void *resolver, void *reserved, void *context)
{
    struct http_transfer *transfer = context;
    struct http *http = transfer->http;
    (void)resolver;
    (void)reserved;
    http_lookup_ended(transfer);
    transfer->is_looking_up = name_lookups_begin(&http->lookups, loop_now_ms(http->loop));
    transfer->is_one_too_many = !transfer->is_looking_up;
    return transfer->is_one_too_many ? 1 : 0;
}

/* Called with each address that is tried, after its name was looked up. */
static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    struct http_transfer *transfer = context;
    (void)purpose;
    http_lookup_ended(transfer);
    if (transfer->global_only && !address_may_be_called(&address->addr)) {
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

/* Called before each request is sent, also to where a redirect leads. There libcurl takes an idle
 * connection of any other request's, which on_open_socket was not asked about: the connection
 * itself decides. */
static int on_request(void *context, char *address, char *own_address, int port, int own_port)
{
    struct http_transfer *transfer = context;
    (void)own_address;
    (void)own_port;
    transfer->is_tried = false; /* what was, on the way here, says nothing of the next hop */
    transfer->is_forbidden =
        transfer->global_only && !connection_may_be_used(address, (uint16_t)port);
    transfer->is_unlisted = transfer->hosts != NULL && !host_may_be_called(transfer);
    return transfer->is_forbidden || transfer->is_unlisted ? CURL_PREREQFUNC_ABORT
                                                           : CURL_PREREQFUNC_OK;
}

/* ---- a request ---- */

static bool add_header(struct http_transfer *transfer, const char *line)
{
    struct curl_slist *headers = curl_slist_append(transfer->headers, line);
    if (headers == NULL) {
        return false;
    }
    transfer->headers = headers;
    return true;
}

static bool set_method(CURL *easy, const struct http_request *request)
{
    if (strcmp(request->method, "HEAD") == 0) {
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    }
    const void *body = request->body.size == 0 ? "" : (const void *)request->body.data;
    return (strcmp(request->method, "DELETE") == 0 ||
            (curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size) ==
                 CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK)) &&
           curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
}

static bool set_body(struct http_transfer *transfer, const struct http_request *request)
{
    CURL *easy = transfer->easy;
    if (request->method != NULL) {
        return set_method(easy, request);
    }
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
           (request->file_name == NULL ||
            curl_mime_filename(part, request->file_name) == CURLE_OK) &&
           curl_mime_type(part, request->file_type) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MIMEPOST, transfer->form) == CURLE_OK;
}

static bool set_headers(struct http_transfer *transfer, const struct http_request *request)
{
    /* Waiting for a 100 costs a second with servers that never send it. */
    if (!add_header(transfer, "Expect:") || !add_header(transfer, "Accept: */*")) {
        return false;
    }
    bool has_type = request->method == NULL; /* libcurl would name one of its own */
    for (size_t index = 0; index < request->header_count; index++) {
        has_type |= strncasecmp(request->headers[index], "content-type:", 13) == 0;
        if (!add_header(transfer, request->headers[index])) {
            return false;
        }
    }
    if (!has_type && !add_header(transfer, "Content-Type:")) {
        return false;
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
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* does not wait for a lookup that it gave up */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->follow ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)HTTP_REDIRECTS_MAX);
    bool is_secret = strncasecmp(request->url, "https://", 8) == 0; /* it stays so */
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, is_secret ? "https" : "http,https");
    /* On a kept connection that turns out dead libcurl sends the request again, POST or not; and
     * to where another request's leads this one may not be allowed. */
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->once || request->global_only ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, on_lookup);
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    if (request->hosts != NULL || request->global_only) {
        curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
        curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    }
    if (request->receive_size > 0) {
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)request->receive_size);
    }
    int64_t stall_s = request->stall_s;
    if (stall_s == 0 && request->write != NULL) {
        stall_s = HTTP_STALL_S;
    }
    if (stall_s > 0) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)stall_s);
    }
}

bool http_options_set(struct http_transfer *transfer, const struct http_request *request)
{
    if (!set_body(transfer, request) || !set_headers(transfer, request)) {
        return false;
    }
    set_manners(transfer, request);
    return curl_easy_setopt(transfer->easy, CURLOPT_URL, request->url) == CURLE_OK;
}
