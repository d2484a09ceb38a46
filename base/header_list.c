#include "base/header_list.h"

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

/* Reads a qvalue: 0 or 1 with at most three decimals, in thousandths; HEADER_WEIGHT_NONE when it is
 * none. */
static int weight_read(struct slice text)
{
    int weight = 0;
    int unit = HEADER_WEIGHT_MAX;
    if (text.size == 0 || text.size > 5 || (text.size > 1 && text.data[1] != '.')) {
        return HEADER_WEIGHT_NONE;
    }
    for (size_t index = 0; index < text.size; index += index == 0 ? 2 : 1) {
        if (text.data[index] < '0' || text.data[index] > '9') {
            return HEADER_WEIGHT_NONE;
        }
        weight += (text.data[index] - '0') * unit;
        unit /= 10;
    }
    return weight > HEADER_WEIGHT_MAX ? HEADER_WEIGHT_NONE : weight;
}

int header_weight(struct slice parameters)
{
    int weight = HEADER_WEIGHT_MAX;
    while (parameters.size > 0) {
        struct slice value = header_part_take(&parameters, ';');
        if (header_token_is(header_part_take(&value, '='), "q")) {
            weight = weight_read(header_part_take(&value, ';'));
        }
    }
    return weight;
}
