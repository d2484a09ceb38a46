#include "gateway/cookie.h"

/* Cuts off what stands before a semicolon, and the blanks around it. */
static struct slice pair_take(struct slice *rest)
{
    const uint8_t *end = memchr(rest->data, ';', rest->size);
    size_t size = end == NULL ? rest->size : (size_t)(end - rest->data);
    struct slice pair = slice_make(rest->data, size);
    size_t taken = end == NULL ? size : size + 1;
    *rest = slice_make(rest->data + taken, rest->size - taken);
    while (pair.size > 0 && pair.data[0] == ' ') {
        pair = slice_make(pair.data + 1, pair.size - 1);
    }
    while (pair.size > 0 && pair.data[pair.size - 1] == ' ') {
        pair.size--;
    }
    return pair;
}

struct slice cookie_find(struct slice header, struct slice name)
{
    while (header.size > 0) {
        struct slice pair = pair_take(&header);
        bool is_it = pair.size > name.size && pair.data[name.size] == '=' &&
                     memcmp(pair.data, name.data, name.size) == 0;
        if (is_it) {
            return slice_make(pair.data + name.size + 1, pair.size - name.size - 1);
        }
    }
    return SLICE_EMPTY;
}
