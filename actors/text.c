#include "actors/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "actors/limits.h"
#include "proto/messages.h"

enum {
    DECODED_TIMES_MAX = 4, /* an address within addresses that is still encoded then is not told */
};

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

/* Up to the first NUL; returns NULL without memory. The caller owns it. */
static char *copy_of(struct slice text)
{
    char *copy = malloc(text.size + 1);
    if (copy != NULL) {
        if (text.size > 0) {
            memcpy(copy, text.data, text.size);
        }
        copy[text.size] = '\0';
    }
    return copy;
}

/* Returns -1 for what is no hexadecimal digit. */
static int digit_of(char letter)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = letter == '\0' ? NULL : strchr(digits, letter);
    return found == NULL ? -1 : (int)((found - digits) % 16);
}

/* Undoes the percent-encoding of text, once; returns whether there was any. A NUL becomes '?'. */
static bool decode(char *text)
{
    bool is_encoded = false;
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        int high = from[0] == '%' ? digit_of(from[1]) : -1;
        int low = high >= 0 ? digit_of(from[2]) : -1;
        char byte = *from;
        if (low >= 0) {
            is_encoded = true;
            byte = high + low == 0 ? '?' : (char)(high * 16 + low);
            from += 2;
        }
        *to++ = byte;
    }
    *to = '\0';
    return is_encoded;
}

/* Whether no credential is to be seen in a part of an address, nor would be once it is decoded. */
static bool is_plain(const char *part, const char *secret)
{
    bool has_secret = secret != NULL && secret[0] != '\0';
    char *text = copy_of(slice_from_string(part));
    bool is_suspect = text == NULL;
    bool is_encoded = true;
    for (int times = 0; times < DECODED_TIMES_MAX && is_encoded && !is_suspect; times++) {
        is_suspect =
            text[strcspn(text, "@?#=")] != '\0' || (has_secret && strstr(text, secret) != NULL);
        is_encoded = decode(text);
    }
    free(text);
    return !is_suspect && !is_encoded;
}

/* Where the host of an address begins; NULL when there is none. */
static char *host_of(char *address)
{
    char *slash = address + strcspn(address, "/");
    bool is_host = slash[0] == '/' && slash[1] == '/' && (slash == address || slash[-1] == ':');
    return is_host ? slash + 2 : NULL;
}

/* Cuts the user out of an address; returns where its path begins. */
static char *drop_user(char *address)
{
    char *host = host_of(address);
    if (host == NULL) {
        return address;
    }
    size_t size = strcspn(host, "/");
    char *user = memrchr(host, '@', size);
    if (user != NULL) {
        memmove(host, user + 1, strlen(user + 1) + 1);
        size -= (size_t)(user + 1 - host);
    }
    return host + size;
}

void text_tell_address(struct slice address, const char *secret, char *out, size_t size)
{
    char *place = copy_of(address);
    out[0] = '\0';
    if (place == NULL) {
        return;
    }
    place[strcspn(place, "?#")] = '\0';
    char *path = drop_user(place);
    if (!is_plain(path, secret)) {
        path[0] = '\0';
    }
    if (is_plain(place, secret)) {
        text_tell(slice_from_string(place), secret, out, size);
    }
    free(place);
}
