#include "actors/text.h"

#include <assert.h>
#include <string.h>
#include "actors/limits.h"
#include "proto/messages.h"

/* Returns the bytes of the UTF-8 character (RFC 3629) at the front of text, 0 when there is
 * none. */
static size_t character_size(struct slice text)
{
    const uint8_t *data = text.data;
    uint8_t first = data[0];
    size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size == 0 || first > 0xf4 || size > text.size) {
        return 0;
    }
    for (size_t index = 1; index < size; index++) {
        if ((data[index] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool is_overlong = (first == 0xe0 && data[1] < 0xa0) || (first == 0xf0 && data[1] < 0x90);
    bool is_surrogate = first == 0xed && data[1] > 0x9f;
    bool is_beyond = first == 0xf4 && data[1] > 0x8f;
    return is_overlong || is_surrogate || is_beyond ? 0 : size;
}

/* Whether a character of so many bytes is one of C0, DEL or C1, which act on terminals. */
static bool is_control(const uint8_t *data, size_t size)
{
    return size == 1 ? data[0] < 0x20 || data[0] == 0x7f
                     : size == 2 && data[0] == 0xc2 && data[1] <= 0x9f;
}

size_t text_clean(struct slice text, char *out, size_t size)
{
    assert(size > 0);
    size_t length = 0;
    while (text.size > 0) {
        size_t step = character_size(text);
        bool is_other = step == 0 || is_control(text.data, step);
        size_t room = is_other ? 1 : step;
        if (length + room > size - 1) {
            break;
        }
        if (is_other) {
            out[length] = step == 0 ? '?' : ' ';
        } else {
            memcpy(out + length, text.data, step);
        }
        length += room;
        step = step == 0 ? 1 : step;
        text = slice_make(text.data + step, text.size - step);
    }
    out[length] = '\0';
    return length;
}

void text_hide(char *text, const char *secret)
{
    size_t size = secret == NULL ? 0 : strlen(secret);
    if (size == 0) {
        return;
    }
    for (char *found = strstr(text, secret); found != NULL; found = strstr(found + size, secret)) {
        memset(found, '*', size);
    }
}

/* How many bytes of text are the end of an address: up to what cannot stand in one. */
static size_t address_size(const char *text)
{
    return strcspn(text, " \t\r\n\"'<>()[]{}|\\^`,");
}

/* Replaces size bytes by three asterisks, or as many as fit; returns what follows them. */
static char *replace(char *text, size_t size)
{
    static const char mask[] = "***";
    size_t masked = size < sizeof(mask) - 1 ? size : sizeof(mask) - 1;
    memcpy(text, mask, masked);
    memmove(text + masked, text + size, strlen(text + size) + 1);
    return text + masked;
}

static void hide_queries(char *text)
{
    for (char *found = strstr(text, "://"); found != NULL; found = strstr(found + 1, "://")) {
        size_t size = address_size(found);
        char *query = memchr(found, '?', size);
        if (query != NULL && (size_t)(query - found) + 1 < size) {
            replace(query + 1, size - (size_t)(query + 1 - found));
        }
    }
}

/* Hides what follows a prefix, if it is long enough to be a secret. */
static void hide_after(char *text, const char *prefix, size_t size_min)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~+/=";
    char *found = strcasestr(text, prefix);
    while (found != NULL) {
        char *secret = found + strlen(prefix);
        size_t size = strspn(secret, letters);
        found = strcasestr(size >= size_min ? replace(secret, size) : secret, prefix);
    }
}

void text_hide_credentials(char *text)
{
    hide_queries(text);
    hide_after(text, "bearer ", 8);
    hide_after(text, "sk-", 8);
}

/* Hides in more than is kept, so that no part of a key is left of one that stands across the cut.
 * What is hidden makes the text shorter: the end, where part of a key may stand, goes first. */
void text_tell(struct slice text, const char *secret, char *out, size_t size)
{
    char whole[ERROR_TEXT_SIZE_MAX + 1 + 2 * PROVIDER_KEY_SIZE_MAX];
    assert(size <= ERROR_TEXT_SIZE_MAX + 1);
    size_t length = text_clean(text, whole, sizeof(whole));
    text_hide(whole, secret);
    if (length > sizeof(whole) - PROVIDER_KEY_SIZE_MAX) {
        whole[sizeof(whole) - PROVIDER_KEY_SIZE_MAX] = '\0';
    }
    text_hide_credentials(whole);
    text_clean(slice_from_string(whole), out, size);
}
