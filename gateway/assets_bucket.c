#include <stdio.h>
#include "base/log.h"
#include "gateway/assets.h"
#include "gateway/gateway.h"
#include "gateway/respond.h"

enum {
    ADDRESS_SIZE_MAX = 8192, /* bytes; a session's token makes most of it */
};

/* Whoever may have an asset gets an address of the bucket's that works for a while: ranges,
 * validators and the bytes are the store's. The method is part of what is signed. */
static void redirect(struct exchange *exchange)
{
    const struct assets *assets = &exchange->gateway->assets;
    struct slice path = exchange->match.params[0];
    struct buffer address;
    char age[48];
    buffer_init(&address, ADDRESS_SIZE_MAX);
    enum status status = s3_presign(assets->visitors, exchange->match.head ? "HEAD" : "GET", path,
                                    gateway_now_ms(exchange->gateway), ASSET_ADDRESS_S, &address);
    if (status != STATUS_OK) {
        log_error("asset's address cannot be signed", "request=%.*s status=%s",
                  SLICE_PRINT(exchange->request_id), status_name(status));
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    } else {
        snprintf(age, sizeof(age), "private, max-age=%d", ASSET_ADDRESS_S / 2);
        respond_header(exchange, "location", buffer_slice(&address));
        respond_header(exchange, "cache-control", slice_from_string(age));
        respond_empty(exchange, 307, SLICE_EMPTY);
    }
    buffer_fini(&address);
}

void assets_get_object(struct exchange *exchange)
{
    if (!assets_path_is_fit(exchange->match.params[0])) {
        respond_error(exchange, &HTTP_ERROR_ASSET_NOT_FOUND, NULL);
    } else if (exchange->gateway->assets.visitors != NULL) {
        redirect(exchange);
    } else {
        assets_proxy(exchange);
    }
}
