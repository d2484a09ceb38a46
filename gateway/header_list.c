#include "gateway/header_list.h"

#include <strings.h>

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

struct slice header_part_take(struct slice *text, uint8_t end)
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

bool header_token_is(struct slice token, const char *name)
{
    return token.size == strlen(name) &&
           (token.size == 0 || strncasecmp((const char *)token.data, name, token.size) == 0);
}
