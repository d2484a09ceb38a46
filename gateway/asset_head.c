#include "gateway/asset_head.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>
#include "gateway/respond.h"

struct slice asset_head_type(struct slice path)
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

void asset_head_add(struct exchange *exchange, struct slice etag)
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
    respond_header(exchange, "etag", etag);
}

void asset_head_add_range(struct exchange *exchange, uint64_t first, uint64_t last, uint64_t size)
{
    char text[96];
    snprintf(text, sizeof(text), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first, last, size);
    respond_header(exchange, "content-range", slice_from_string(text));
}

void asset_head_add_outside(struct exchange *exchange, uint64_t size)
{
    char text[48];
    snprintf(text, sizeof(text), "bytes */%" PRIu64, size);
    respond_header(exchange, "content-range", slice_from_string(text));
}

bool asset_head_has_range(const struct exchange *exchange, struct slice etag)
{
    struct slice condition = exchange_header(exchange, H2O_TOKEN_IF_RANGE);
    return condition.size == 0 || slice_equal(condition, etag);
}
