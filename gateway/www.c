#include "gateway/www.h"

#include <assert.h>
#include "gateway/respond.h"

static const struct www_file *www_find(const char *path)
{
    for (size_t index = 0; index < WWW_FILE_COUNT; index++) {
        if (strcmp(WWW_FILES[index].path, path) == 0) {
            return &WWW_FILES[index];
        }
    }
    return NULL;
}

void www_get(struct exchange *exchange)
{
    const struct www_file *file = www_find(exchange->match.route->pattern);
    assert(file != NULL);
    struct slice etag = slice_from_string(file->etag);
    respond_header(exchange, "cache-control", SLICE_LITERAL("no-cache"));
    if (exchange_has_etag(exchange, etag)) {
        respond_empty(exchange, 304, etag);
        return;
    }
    respond_header(exchange, "x-content-type-options", SLICE_LITERAL("nosniff"));
    respond_header(exchange, "referrer-policy", SLICE_LITERAL("no-referrer"));
    respond_header(exchange, "content-security-policy",
                   SLICE_LITERAL("default-src 'none'; script-src 'self'; style-src 'self'; "
                                 "connect-src 'self'; img-src data:; base-uri 'none'; "
                                 "form-action 'none'; frame-ancestors 'none'"));
    respond_body(exchange, 200, slice_from_string(file->content_type), file->bytes, etag);
}
