#include "actors/http_headers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "actors/limits.h"

static const char *header_of(CURL *easy, const char *name)
{
    struct curl_header *header = NULL;
    bool is_there = curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK;
    return is_there ? header->value : NULL;
}

int64_t http_header_retry_after_ms(CURL *easy)
{
    const char *text = header_of(easy, "retry-after-ms");
    char *end = NULL;
    long value = text == NULL ? -1 : strtol(text, &end, 10);
    if (value >= 0 && end != text) {
        return value > RETRY_AFTER_MS_MAX ? RETRY_AFTER_MS_MAX : value;
    }
    text = header_of(easy, "retry-after");
    bool is_number = text != NULL && text[strspn(text, "0123456789")] == '\0';
    if (text == NULL || text[0] == '\0' || (!is_number && curl_getdate(text, NULL) < 0)) {
        return -1;
    }
    /* Of a number that is too large for it libcurl makes 0; strtoll makes the largest. */
    curl_off_t seconds = is_number ? (curl_off_t)strtoll(text, NULL, 10) : 0;
    if (!is_number) {
        curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    }
    if (seconds > RETRY_AFTER_MS_MAX / 1000) {
        return RETRY_AFTER_MS_MAX;
    }
    return seconds > 0 ? (int64_t)seconds * 1000 : 0; /* a date may have passed */
}

int64_t http_header_date_ms(CURL *easy)
{
    const char *text = header_of(easy, "date");
    time_t seconds = text == NULL ? -1 : curl_getdate(text, NULL);
    return seconds > 0 ? (int64_t)seconds * 1000 : 0;
}
