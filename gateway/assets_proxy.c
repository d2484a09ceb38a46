#include <stdio.h>
#include "base/encoding.h"
#include "base/log.h"
#include "gateway/asset_head.h"
#include "gateway/assets.h"
#include "gateway/gateway.h"
#include "gateway/range.h"
#include "gateway/respond.h"

/*
 * An object's bytes on their way from the bucket to who asked. A name is never written twice, so
 * that its tag is made of the name, and conditions are decided here: no store's way with them
 * counts.
 */

enum {
    TAG_DIGITS = 32,     /* of a hash of the name */
    RANGE_SIZE_MAX = 64, /* bytes of a Range header that is passed on */
};

enum wish {
    WISH_CONTENT,
    WISH_PRESENCE, /* the client has it: 304 when it is still there */
    WISH_SIZE,     /* a range was outside: of what? */
};

/* In the request's pool: it ends with the client. */
struct asset_proxy {
    h2o_generator_t generator; /* first: h2o hands it back */
    struct exchange *exchange;
    struct http_transfer *transfer;
    enum wish wish;
    bool has_range;
    bool has_begun;
    bool is_sending; /* piece is h2o's until it asks for more */
    char etag[TAG_DIGITS + 3];
    struct buffer words; /* the store's, of a failure */
    uint8_t piece[ASSET_PROXY_PIECE_SIZE];
};

static void on_news(void *context);

static void asset_proxy_dispose(void *memory)
{
    struct asset_proxy *proxy = memory;
    http_client_cancel(&proxy->transfer);
    buffer_fini(&proxy->words);
    proxy->exchange->gateway->assets.open_count--;
}

static void tag_write(struct slice path, char out[TAG_DIGITS + 3])
{
    uint8_t hash[SHA256_SIZE];
    sha256(path, hash);
    out[0] = '"';
    hex_write(slice_make(hash, TAG_DIGITS / 2), out + 1);
    memcpy(out + 1 + TAG_DIGITS, "\"", 2);
}

/* ---- asking ---- */

static void ask(struct asset_proxy *proxy, const char *method, enum wish wish)
{
    struct exchange *exchange = proxy->exchange;
    struct gateway *gateway = exchange->gateway;
    const struct s3_request request = {.method = method, .key = exchange->match.params[0]};
    char range[RANGE_SIZE_MAX + 8];
    http_client_cancel(&proxy->transfer);
    buffer_clear(&proxy->words);
    proxy->wish = wish;
    proxy->has_range = proxy->has_range && wish == WISH_CONTENT;
    if (proxy->has_range) {
        snprintf(range, sizeof(range), "range: %.*s",
                 SLICE_PRINT(exchange_header(exchange, H2O_TOKEN_RANGE)));
    }
    enum status status =
        bucket_line_send(&gateway->bucket_line, &request, proxy->has_range ? range : NULL, on_news,
                         proxy, &proxy->transfer);
    if (status != STATUS_OK) {
        log_error("object store cannot be asked", "request=%.*s status=%s",
                  SLICE_PRINT(exchange->request_id), status_name(status));
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
}

/* ---- the bytes ---- */

/* Hands the next bytes to h2o, which takes one piece at a time. An answer that breaks off ends the
 * client's connection: the length was promised. */
static void piece_send(struct asset_proxy *proxy)
{
    struct slice bytes = http_transfer_bytes(proxy->transfer);
    size_t size = bytes.size < sizeof(proxy->piece) ? bytes.size : sizeof(proxy->piece);
    if (size > 0) {
        memcpy(proxy->piece, bytes.data, size);
        http_transfer_take(proxy->transfer, size);
    }
    bool is_last = http_transfer_bytes(proxy->transfer).size == 0;
    enum http_end end = is_last ? http_transfer_end(proxy->transfer) : HTTP_END_NONE;
    if (size == 0 && end == HTTP_END_NONE) {
        return;
    }
    proxy->is_sending = true;
    if (end == HTTP_END_BROKEN || end == HTTP_END_TIMEOUT) {
        log_error("object store broke off an asset", "request=%.*s error=\"%s\"",
                  SLICE_PRINT(proxy->exchange->request_id), http_transfer_error(proxy->transfer));
        exchange_send(proxy->exchange, NULL, 0, H2O_SEND_STATE_ERROR);
        return;
    }
    h2o_iovec_t part = h2o_iovec_init(proxy->piece, size);
    exchange_send(proxy->exchange, &part, size > 0 ? 1 : 0,
                  end == HTTP_END_WHOLE ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *request)
{
    (void)request;
    struct asset_proxy *proxy = (struct asset_proxy *)generator;
    proxy->is_sending = false;
    exchange_sent(proxy->exchange);
    piece_send(proxy);
}

/* ---- the head ---- */

static void refuse(struct asset_proxy *proxy, const struct http_error *error, const char *words)
{
    log_error("asset cannot be had from the object store", "request=%.*s message=\"%s\"",
              SLICE_PRINT(proxy->exchange->request_id), words);
    http_client_cancel(&proxy->transfer);
    respond_error(proxy->exchange, error, NULL);
}

/* The length that the store tells; false: it tells none. */
static bool length_of(const struct asset_proxy *proxy, uint64_t *out)
{
    return range_parse_size(http_transfer_header(proxy->transfer, "content-length"), out);
}

/* A part that the store tells of. */
struct part {
    uint64_t first;
    uint64_t last;
    uint64_t size; /* of the whole */
};

/* Whether the store sends the very part that was asked for. */
static bool part_take(const struct asset_proxy *proxy, uint64_t length, struct part *part)
{
    struct slice range = exchange_header(proxy->exchange, H2O_TOKEN_RANGE);
    struct slice told = http_transfer_header(proxy->transfer, "content-range");
    uint64_t first = 0;
    uint64_t last = 0;
    return range_parse_content(told, &part->first, &part->last, &part->size) &&
           range_parse(range, part->size, &first, &last) == RANGE_PART && part->first == first &&
           part->last == last && length == last - first + 1;
}

static void content_begin(struct asset_proxy *proxy, long status)
{
    struct exchange *exchange = proxy->exchange;
    uint64_t length = 0;
    struct part part = {0};
    bool is_sound = length_of(proxy, &length);
    if (status == 206) {
        is_sound = is_sound && part_take(proxy, length, &part);
    }
    if (!is_sound) {
        refuse(proxy, &HTTP_ERROR_STORE_FAILED, "the answer's length or range makes no sense");
        return;
    }
    proxy->has_begun = true;
    proxy->generator.proceed = on_proceed;
    respond_begin(exchange, (int)status, asset_head_type(exchange->match.params[0]));
    asset_head_add(exchange, slice_from_string(proxy->etag));
    if (status == 206) {
        asset_head_add_range(exchange, part.first, part.last, part.size);
    }
    exchange->request->res.content_length = (size_t)length;
    h2o_start_response(exchange->request, &proxy->generator);
    if (exchange->match.head) {
        exchange_send(exchange, NULL, 0, H2O_SEND_STATE_FINAL);
    } else {
        piece_send(proxy);
    }
}

static void failure_tell(struct asset_proxy *proxy)
{
    struct s3_failure failure;
    bool is_late = http_transfer_end(proxy->transfer) == HTTP_END_TIMEOUT;
    bucket_line_failure(proxy->transfer, buffer_slice(&proxy->words), &failure);
    http_client_cancel(&proxy->transfer);
    if (failure.kind == S3_FAILURE_MISSING) {
        respond_error(proxy->exchange, &HTTP_ERROR_ASSET_NOT_FOUND, NULL);
    } else {
        refuse(proxy, is_late ? &HTTP_ERROR_STORE_LATE : &HTTP_ERROR_STORE_FAILED, failure.message);
    }
}

/* The store has the object, and says how large it is. */
static void facts_tell(struct asset_proxy *proxy)
{
    struct exchange *exchange = proxy->exchange;
    uint64_t size = 0;
    bool has_size = length_of(proxy, &size);
    http_client_cancel(&proxy->transfer);
    if (proxy->wish == WISH_PRESENCE) {
        asset_head_add(exchange, slice_from_string(proxy->etag));
        respond_empty(exchange, 304, SLICE_EMPTY);
        return;
    }
    if (has_size) {
        asset_head_add_outside(exchange, size);
    }
    respond_error(exchange, &HTTP_ERROR_RANGE, NULL);
}

/* Returns whether the words on why there is no object are complete, or as many as are read. */
static bool words_take(struct asset_proxy *proxy)
{
    struct slice bytes = http_transfer_bytes(proxy->transfer);
    size_t room = ASSET_WORDS_SIZE_MAX - proxy->words.size;
    size_t size = bytes.size < room ? bytes.size : room;
    bool is_kept = buffer_append(&proxy->words, bytes.data, size) == STATUS_OK;
    http_transfer_take(proxy->transfer, bytes.size);
    return !is_kept || size == room || http_transfer_end(proxy->transfer) != HTTP_END_NONE;
}

/* Nothing has been answered yet. A failure's words are waited for, as far as they matter. */
static void head_take(struct asset_proxy *proxy)
{
    long status = http_transfer_status(proxy->transfer);
    enum http_end end = http_transfer_end(proxy->transfer);
    bool is_broken = end == HTTP_END_BROKEN || end == HTTP_END_TIMEOUT;
    bool is_content = status == 200 || (status == 206 && proxy->has_range);
    if (!is_broken && is_content && proxy->wish == WISH_CONTENT) {
        content_begin(proxy, status);
        return;
    }
    if (!words_take(proxy)) {
        return;
    }
    if (!is_broken && status == 416 && proxy->wish == WISH_CONTENT) {
        ask(proxy, "HEAD", WISH_SIZE);
    } else if (!is_broken && status == 200) {
        facts_tell(proxy);
    } else {
        failure_tell(proxy);
    }
}

static void on_news(void *context)
{
    struct asset_proxy *proxy = context;
    if (!proxy->has_begun) {
        head_take(proxy);
    } else if (!proxy->is_sending) {
        piece_send(proxy);
    }
}

void assets_proxy(struct exchange *exchange)
{
    struct assets *assets = &exchange->gateway->assets;
    if (assets->open_count >= ASSETS_PROXIED_MAX) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
        return;
    }
    struct asset_proxy *proxy = exchange_hold(exchange, sizeof(*proxy), asset_proxy_dispose);
    struct slice range = exchange_header(exchange, H2O_TOKEN_RANGE);
    assets->open_count++;
    proxy->exchange = exchange;
    buffer_init(&proxy->words, ASSET_WORDS_SIZE_MAX);
    tag_write(exchange->match.params[0], proxy->etag);
    struct slice etag = slice_from_string(proxy->etag);
    proxy->has_range =
        range_is_one(range) && range.size <= RANGE_SIZE_MAX && asset_head_has_range(exchange, etag);
    if (exchange_has_etag(exchange, etag)) {
        ask(proxy, "HEAD", WISH_PRESENCE);
    } else {
        ask(proxy, exchange->match.head ? "HEAD" : "GET", WISH_CONTENT);
    }
}
