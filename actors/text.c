#include "actors/text.h"

#include <assert.h>

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

size_t text_clean(struct slice text, char *out, size_t size)
{
    assert(size > 0);
    size_t length = 0;
    while (text.size > 0) {
        size_t step = character_size(text);
        size_t room = step == 0 ? 1 : step;
        if (length + room > size - 1) {
            break;
        }
        if (step == 0) {
            out[length] = '?';
        } else if (step == 1 && (text.data[0] < 0x20 || text.data[0] == 0x7f)) {
            out[length] = ' ';
        } else {
            memcpy(out + length, text.data, step);
        }
        length += room;
        text = slice_make(text.data + room, text.size - room);
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
