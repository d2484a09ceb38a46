#include "gateway/prefer.h"

#include "base/header_list.h"
#include "gateway/limits.h"

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
        struct slice rest = header_part_take(&header, ',');
        struct slice value = header_part_take(&rest, ';'); /* what follows are parameters */
        struct slice name = header_part_take(&value, '=');
        if (header_token_is(name, "wait") && seconds_read(header_part_take(&value, ','), wait_s)) {
            return true;
        }
    }
    return false;
}
