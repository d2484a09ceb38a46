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
    time_t until = is_number || text == NULL ? -1 : curl_getdate(text, NULL);
    if (text == NULL || text[0] == '\0' || (!is_number && until < 0)) {
        return -1;
    }
    /* A date goes by the clock of who says it. */
    int64_t date_ms = http_header_date_ms(easy);
    int64_t now = date_ms > 0 ? date_ms / 1000 : (int64_t)time(NULL);
    /* Of a number that is too large strtoll makes the largest. */
    int64_t seconds = is_number ? strtoll(text, NULL, 10) : (int64_t)until - now;
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
