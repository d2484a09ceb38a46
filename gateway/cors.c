#include "gateway/cors.h"

static const char SEPARATORS[] = ", \t";

/* Takes the next origin off the front of *text; empty at the end. */
static struct slice origin_take(const char **text)
{
    *text += strspn(*text, SEPARATORS);
    size_t size = strcspn(*text, SEPARATORS);
    struct slice origin = slice_make(*text, size);
    *text += size;
    return origin;
}

/* Lower case, a scheme, and nothing after host and port: the form that is compared. */
static bool is_origin(struct slice text)
{
    const uint8_t *colon = memchr(text.data, ':', text.size);
    size_t scheme = colon == NULL ? text.size : (size_t)(colon - text.data);
    if (scheme == 0 || text.size < scheme + 4 || memcmp(text.data + scheme, "://", 3) != 0) {
        return false;
    }
    for (size_t index = 0; index < text.size; index++) {
        uint8_t byte = text.data[index];
        bool slash = byte == '/' && index < scheme + 3;
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        if (!slash && !letter && memchr(".-:[]+_", byte, 7) == NULL) {
            return false;
        }
    }
    return true;
}

enum status cors_check(const char *origins)
{
    size_t count = 0;
    if (strcmp(origins, "*") == 0) {
        return STATUS_OK;
    }
    for (struct slice origin = origin_take(&origins); origin.size > 0;
         origin = origin_take(&origins)) {
        if (!is_origin(origin)) {
            return STATUS_INVALID;
        }
        count++;
    }
    return count > 0 ? STATUS_OK : STATUS_INVALID;
}

struct slice cors_answer(const char *origins, struct slice origin)
{
    if (strcmp(origins, "*") == 0) {
        return SLICE_LITERAL("*");
    }
    for (struct slice known = origin_take(&origins); known.size > 0;
         known = origin_take(&origins)) {
        if (slice_equal(known, origin)) {
            return origin;
        }
    }
    return SLICE_EMPTY;
}
