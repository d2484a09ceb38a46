#include "gateway/assets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "gateway/range.h"
#include "gateway/respond.h"

enum {
    ETAG_SIZE = 48
};

/* One file on its way out, in pieces. */
struct asset_send {
    h2o_generator_t generator; /* first: h2o hands it back */
    struct exchange *exchange;
    int fd;
    uint64_t offset; /* of the next piece */
    uint64_t end;    /* after the last byte to send */
    uint8_t piece[ASSET_PIECE_SIZE];
};

/* What is known of the file, and of what is wanted of it. */
struct asset {
    int fd;
    uint64_t size;
    char etag[ETAG_SIZE];
    uint64_t first;
    uint64_t last;
};

static void asset_send_dispose(void *memory)
{
    struct asset_send *send = memory;
    send->exchange->gateway->assets.open_count--;
    close(send->fd);
}

/* Sends the next piece. A file that shrank while it was sent ends the connection: the length was
 * promised. */
static void piece_send(struct asset_send *send)
{
    h2o_req_t *request = send->exchange->request;
    uint64_t left = send->end - send->offset;
    size_t wanted = left < ASSET_PIECE_SIZE ? (size_t)left : ASSET_PIECE_SIZE;
    ssize_t size = pread(send->fd, send->piece, wanted, (off_t)send->offset);
    if (size <= 0) {
        log_error("asset cannot be read", "request=%.*s errno=%d",
                  SLICE_PRINT(send->exchange->request_id), size < 0 ? errno : 0);
        h2o_send(request, NULL, 0, H2O_SEND_STATE_ERROR);
        return;
    }
    send->offset += (uint64_t)size;
    h2o_iovec_t part = h2o_iovec_init(send->piece, (size_t)size);
    h2o_send(request, &part, 1,
             send->offset == send->end ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *request)
{
    (void)request;
    piece_send((struct asset_send *)generator);
}

static struct slice content_type_of(struct slice path)
{
    static const struct {
        const char *ending;
        const char *type;
    } types[] = {
        {".png", "image/png"},   {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"},
        {".webp", "image/webp"}, {".mp4", "video/mp4"},
    };
    for (size_t index = 0; index < sizeof(types) / sizeof(types[0]); index++) {
        size_t size = strlen(types[index].ending);
        if (path.size > size && strncasecmp((const char *)path.data + path.size - size,
                                            types[index].ending, size) == 0) {
            return slice_from_string(types[index].type);
        }
    }
    return SLICE_LITERAL("application/octet-stream");
}

/* The headers of every answer that an asset gives, 304 and 416 included. */
static void headers_add(struct exchange *exchange, const struct asset *asset)
{
    bool private =
        exchange->match.route->auth == ROUTE_AUTH_ASSET && exchange->gateway->settings.assets_auth;
    respond_header(exchange, "cache-control",
                   private ? SLICE_LITERAL("private, max-age=31536000, immutable")
                           : SLICE_LITERAL("public, max-age=31536000, immutable"));
    respond_header(exchange, "accept-ranges", SLICE_LITERAL("bytes"));
    respond_header(exchange, "x-content-type-options", SLICE_LITERAL("nosniff"));
    respond_header(exchange, "content-security-policy",
                   SLICE_LITERAL("default-src 'none'; sandbox"));
    respond_header(exchange, "etag", slice_from_string(asset->etag));
}

static void content_range_add(struct exchange *exchange, const struct asset *asset, bool outside)
{
    char text[96];
    if (outside) {
        snprintf(text, sizeof(text), "bytes */%" PRIu64, asset->size);
    } else {
        snprintf(text, sizeof(text), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, asset->first,
                 asset->last, asset->size);
    }
    respond_header(exchange, "content-range", slice_from_string(text));
}

/* The range that is asked for. If-Range: only of this very representation; a date never matches,
 * because a tag was offered. */
static enum range_result range_wanted(struct exchange *exchange, struct asset *asset)
{
    struct slice range = exchange_header(exchange, H2O_TOKEN_RANGE);
    struct slice condition = exchange_header(exchange, H2O_TOKEN_IF_RANGE);
    asset->first = 0;
    asset->last = asset->size - 1;
    if (condition.size > 0 && !slice_equal(condition, slice_from_string(asset->etag))) {
        return RANGE_WHOLE;
    }
    return range_parse(range, asset->size, &asset->first, &asset->last);
}

/* Sends the file, whose descriptor it takes over. */
static void content_send(struct exchange *exchange, const struct asset *asset, int status)
{
    h2o_req_t *request = exchange->request;
    struct slice path = exchange->match.params[0];
    struct asset_send *send = exchange_hold(exchange, sizeof(*send), asset_send_dispose);
    exchange->gateway->assets.open_count++;
    send->exchange = exchange;
    send->fd = asset->fd;
    send->offset = asset->first;
    send->end = asset->size == 0 ? 0 : asset->last + 1;
    send->generator.proceed = on_proceed;
    respond_begin(exchange, status, content_type_of(path));
    headers_add(exchange, asset);
    if (status == 206) {
        content_range_add(exchange, asset, false);
    }
    request->res.content_length = (size_t)(send->end - send->offset);
    h2o_start_response(request, &send->generator);
    if (exchange->match.head || send->offset == send->end) {
        h2o_send(request, NULL, 0, H2O_SEND_STATE_FINAL);
    } else {
        piece_send(send);
    }
}

/* Answers from an open file. Returns whether its descriptor was taken over. */
static bool asset_answer(struct exchange *exchange, struct asset *asset)
{
    if (exchange_has_etag(exchange, slice_from_string(asset->etag))) {
        headers_add(exchange, asset);
        respond_empty(exchange, 304, SLICE_EMPTY);
        return false;
    }
    switch (range_wanted(exchange, asset)) {
    case RANGE_OUTSIDE:
        content_range_add(exchange, asset, true);
        respond_error(exchange, &HTTP_ERROR_RANGE, NULL);
        return false;
    case RANGE_WHOLE:
        content_send(exchange, asset, 200);
        break;
    case RANGE_PART:
        content_send(exchange, asset, 206);
        break;
    }
    return true;
}

void assets_get(struct exchange *exchange)
{
    struct assets *assets = &exchange->gateway->assets;
    struct asset asset = {.fd = -1};
    struct stat stat;
    if (assets->open_count >= ASSETS_OPEN_MAX) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
        return;
    }
    enum status status = assets_open(assets, exchange->match.params[0], &asset.fd);
    if (status == STATUS_OK && fstat(asset.fd, &stat) != 0) {
        close(asset.fd);
        status = STATUS_IO;
    }
    if (status != STATUS_OK) {
        if (status == STATUS_IO) {
            log_error("asset cannot be opened", "request=%.*s errno=%d",
                      SLICE_PRINT(exchange->request_id), errno);
        }
        respond_error(exchange, &HTTP_ERROR_ASSET_NOT_FOUND, NULL);
        return;
    }
    asset.size = (uint64_t)stat.st_size;
    snprintf(asset.etag, sizeof(asset.etag), "\"%" PRIx64 "-%" PRIx64 "%09lx\"", asset.size,
             (uint64_t)stat.st_mtim.tv_sec, (unsigned long)stat.st_mtim.tv_nsec);
    if (!asset_answer(exchange, &asset)) {
        close(asset.fd);
    }
}
