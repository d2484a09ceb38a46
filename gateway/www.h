#ifndef TROUPE_GATEWAY_WWW_H
#define TROUPE_GATEWAY_WWW_H

/*
 * The files that the gateway carries within itself, from gateway/www/: the API's description
 * (OpenAPI 3.1) and its page, and the dashboard (admin/). The build makes WWW_FILES of them
 * (embed.cmake). What stands in a page may load nothing but what stands here.
 */

#include "base/slice.h"
#include "gateway/router.h"

struct www_file {
    const char *path; /* of its route */
    const char *content_type;
    const char *etag; /* with its quotes; of the bytes */
    struct slice bytes;
};

extern const struct www_file WWW_FILES[];
extern const size_t WWW_FILE_COUNT;

/* Answers with the file whose path is the route's pattern, which must be one. */
route_handler www_get;

/* The dashboard: sends /admin to its page, and what has a slash too many; answers with the page,
 * whose script reads the rest of the address; and with its files, by their names. */
route_handler www_get_admin;
route_handler www_get_admin_slash;
route_handler www_get_admin_page;
route_handler www_get_admin_file;

/* Sends a browser in which somebody has opened / to the dashboard. False for all others, who get no
 * answer here: to programs, / is no resource. */
bool www_leads(struct exchange *exchange);

#endif
