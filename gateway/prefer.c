#include "gateway/prefer.h"

#include <strings.h>
#include "gateway/limits.h"

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static struct slice blanks_cut(struct slice text)
{
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

/* Takes what stands before the next end, which no quotes contain, off the front of *text. */
static struct slice part_take(struct slice *text, uint8_t end)
{
    bool quoted = false;
    size_t size = 0;
    while (size < text->size && (quoted || text->data[size] != end)) {
        if (text->data[size] == '"') {
            quoted = !quoted;
        } else if (quoted && text->data[size] == '\\' && size + 1 < text->size) {
            size++;
        }
        size++;
    }
    struct slice part = slice_make(text->data, size);
    size_t taken = size < text->size ? size + 1 : size;
    text->data += taken;
    text->size -= taken;
    return blanks_cut(part);
}

static bool seconds_read(struct slice text, uint32_t *out)
{
    uint32_t seconds = 0;
    if (text.size >= 2 && text.data[0] == '"' && text.data[text.size - 1] == '"') {
        text = slice_make(text.data + 1, text.size - 2);
    }
    for (size_t index = 0; index < text.size; index++) {
        if (text.data[index] < '0' || text.data[index] > '9') {
            return false;
        }
        seconds = seconds * 10 + (uint32_t)(text.data[index] - '0');
        seconds = seconds > WAIT_S_MAX ? WAIT_S_MAX : seconds;
    }
    *out = seconds;
    return text.size > 0;
}

bool prefer_wait(struct slice header, uint32_t *wait_s)
{
    while (header.size > 0) {
        struct slice value = part_take(&header, ',');
        value = part_take(&value, ';'); /* what follows are parameters */
        struct slice name = part_take(&value, '=');
        if (name.size == 4 && strncasecmp((const char *)name.data, "wait", 4) == 0 &&
            seconds_read(blanks_cut(value), wait_s)) {
            return true;
        }
    }
    return false;
}
