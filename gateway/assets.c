#include "gateway/assets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "gateway/asset_head.h"
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
    uint64_t left = send->end - send->offset;
    size_t wanted = left < ASSET_PIECE_SIZE ? (size_t)left : ASSET_PIECE_SIZE;
    ssize_t size = pread(send->fd, send->piece, wanted, (off_t)send->offset);
    if (size <= 0) {
        log_error("asset cannot be read", "request=%.*s errno=%d",
                  SLICE_PRINT(send->exchange->request_id), size < 0 ? errno : 0);
        exchange_send(send->exchange, NULL, 0, H2O_SEND_STATE_ERROR);
        return;
    }
    send->offset += (uint64_t)size;
    h2o_iovec_t part = h2o_iovec_init(send->piece, (size_t)size);
    exchange_send(send->exchange, &part, 1,
                  send->offset == send->end ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *request)
{
    (void)request;
    struct asset_send *send = (struct asset_send *)generator;
    exchange_sent(send->exchange);
    piece_send(send);
}

static enum range_result range_wanted(struct exchange *exchange, struct asset *asset)
{
    struct slice range = exchange_header(exchange, H2O_TOKEN_RANGE);
    asset->first = 0;
    asset->last = asset->size - 1;
    if (!asset_head_has_range(exchange, slice_from_string(asset->etag))) {
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
    respond_begin(exchange, status, asset_head_type(path));
    asset_head_add(exchange, slice_from_string(asset->etag));
    if (status == 206) {
        asset_head_add_range(exchange, asset->first, asset->last, asset->size);
    }
    request->res.content_length = (size_t)(send->end - send->offset);
    h2o_start_response(request, &send->generator);
    if (exchange->match.head || send->offset == send->end) {
        exchange_send(exchange, NULL, 0, H2O_SEND_STATE_FINAL);
    } else {
        piece_send(send);
    }
}

/* Answers from an open file. Returns whether its descriptor was taken over. */
static bool asset_answer(struct exchange *exchange, struct asset *asset)
{
    if (exchange_has_etag(exchange, slice_from_string(asset->etag))) {
        asset_head_add(exchange, slice_from_string(asset->etag));
        respond_empty(exchange, 304, SLICE_EMPTY);
        return false;
    }
    switch (range_wanted(exchange, asset)) {
    case RANGE_OUTSIDE:
        asset_head_add_outside(exchange, asset->size);
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

/* The same as a bucket's faults: who reads it need not know where assets are. */
static void refuse(struct exchange *exchange, enum status status)
{
    if (status == STATUS_NOT_FOUND) {
        respond_error(exchange, &HTTP_ERROR_ASSET_NOT_FOUND, NULL);
        return;
    }
    log_error("asset cannot be opened", "request=%.*s errno=%d", SLICE_PRINT(exchange->request_id),
              errno);
    respond_error(exchange, status == STATUS_BUSY ? &HTTP_ERROR_BUSY : &HTTP_ERROR_STORE_FAILED,
                  NULL);
}

void assets_get(struct exchange *exchange)
{
    struct assets *assets = &exchange->gateway->assets;
    struct asset asset = {.fd = -1};
    struct stat stat;
    if (assets->bucket != NULL) {
        assets_get_object(exchange);
        return;
    }
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
        refuse(exchange, status);
        return;
    }
    asset.size = (uint64_t)stat.st_size;
    snprintf(asset.etag, sizeof(asset.etag), "\"%" PRIx64 "-%" PRIx64 "%09lx\"", asset.size,
             (uint64_t)stat.st_mtim.tv_sec, (unsigned long)stat.st_mtim.tv_nsec);
    if (!asset_answer(exchange, &asset)) {
        close(asset.fd);
    }
}
