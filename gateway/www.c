#include "gateway/www.h"

#include <assert.h>
#include "gateway/accept.h"
#include "gateway/respond.h"

/* What a page may load: what stands here and nothing else, and no script or style in a line. */
#define POLICY                                                                      \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
#define DOCS_POLICY  POLICY "img-src data:"
#define ADMIN_POLICY POLICY "img-src 'self'; media-src 'self'"

#define ADMIN_ROOT "/admin/"
#define ADMIN_PAGE "/admin/queues"

/* The file at that address, in two parts; NULL when there is none. */
static const struct www_file *www_find(const char *root, struct slice name)
{
    size_t root_size = strlen(root);
    for (size_t index = 0; index < WWW_FILE_COUNT; index++) {
        const char *path = WWW_FILES[index].path;
        if (strncmp(path, root, root_size) == 0 &&
            slice_equal(slice_from_string(path + root_size), name)) {
            return &WWW_FILES[index];
        }
    }
    return NULL;
}

static void www_secure(struct exchange *exchange, struct slice policy)
{
    respond_header(exchange, "x-content-type-options", SLICE_LITERAL("nosniff"));
    respond_header(exchange, "referrer-policy", SLICE_LITERAL("no-referrer"));
    respond_header(exchange, "content-security-policy", policy);
}

static void www_send(struct exchange *exchange, const struct www_file *file, struct slice policy)
{
    struct slice etag = slice_from_string(file->etag);
    respond_header(exchange, "cache-control", SLICE_LITERAL("no-cache"));
    if (exchange_has_etag(exchange, etag)) {
        respond_empty(exchange, 304, etag);
        return;
    }
    www_secure(exchange, policy);
    respond_body(exchange, 200, slice_from_string(file->content_type), file->bytes, etag);
}

void www_get(struct exchange *exchange)
{
    const struct www_file *file = www_find("", slice_from_string(exchange->match.route->pattern));
    assert(file != NULL);
    www_send(exchange, file, SLICE_LITERAL(DOCS_POLICY));
}

void www_get_admin(struct exchange *exchange)
{
    respond_header(exchange, "location", SLICE_LITERAL(ADMIN_PAGE));
    respond_empty(exchange, 302, SLICE_EMPTY);
}

void www_get_admin_slash(struct exchange *exchange)
{
    www_secure(exchange, SLICE_LITERAL(ADMIN_POLICY));
    respond_header(exchange, "location", SLICE_LITERAL(ADMIN_PAGE));
    respond_empty(exchange, 308, SLICE_EMPTY);
}

bool www_leads(struct exchange *exchange)
{
    const h2o_req_t *request = exchange->request;
    struct slice method = slice_make(request->method.base, request->method.len);
    struct slice path = slice_make(request->path_normalized.base, request->path_normalized.len);
    bool reads =
        slice_equal(method, SLICE_LITERAL("GET")) || slice_equal(method, SLICE_LITERAL("HEAD"));
    bool leads = reads && slice_equal(path, SLICE_LITERAL("/")) &&
                 accept_html(exchange_header(exchange, H2O_TOKEN_ACCEPT));
    if (leads) {
        respond_header(exchange, "vary", SLICE_LITERAL("accept"));
        www_get_admin(exchange);
    }
    return leads;
}

void www_get_admin_page(struct exchange *exchange)
{
    const struct www_file *file = www_find("", SLICE_LITERAL(ADMIN_PAGE));
    assert(file != NULL);
    www_send(exchange, file, SLICE_LITERAL(ADMIN_POLICY));
}

void www_get_admin_file(struct exchange *exchange)
{
    const struct www_file *file = www_find(ADMIN_ROOT, exchange->match.params[0]);
    if (file == NULL) {
        respond_error(exchange, &HTTP_ERROR_NO_ROUTE, NULL);
        return;
    }
    www_send(exchange, file, SLICE_LITERAL(ADMIN_POLICY));
}
