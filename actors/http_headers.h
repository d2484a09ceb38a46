#ifndef TROUPE_ACTORS_HTTP_HEADERS_H
#define TROUPE_ACTORS_HTTP_HEADERS_H

/* Headers of an answer that are read. Part of http.c. */

#include <curl/curl.h>
#include <stdint.h>

/* Retry-After in seconds or as a date, or retry-after-ms, which some providers send; at most a day.
 * Returns -1 when it is not told. */
int64_t http_header_retry_after_ms(CURL *easy);

/* Date, since 1970; 0 when it is not told. */
int64_t http_header_date_ms(CURL *easy);

#endif
