#include "gateway/audit_words.h"

#include <string.h>
#include "proto/text.h"

/* Cuts the last segment off the pattern's end. */
static struct slice last_take(struct slice *pattern)
{
    const uint8_t *slash = memrchr(pattern->data, '/', pattern->size);
    size_t size = slash == NULL ? 0 : (size_t)(slash - pattern->data);
    size_t from = slash == NULL ? 0 : size + 1;
    struct slice segment = slice_make(pattern->data + from, pattern->size - from);
    *pattern = slice_make(pattern->data, size);
    return segment;
}

static bool is_parameter(struct slice segment)
{
    return segment.size > 0 && segment.data[0] == ':';
}

static size_t add(char out[ACTION_SIZE_MAX], size_t size, struct slice word, bool is_lower)
{
    for (size_t index = 0; index < word.size && size < ACTION_SIZE_MAX; index++) {
        char letter = (char)word.data[index];
        bool is_capital = letter >= 'A' && letter <= 'Z';
        out[size++] = is_lower && is_capital ? (char)(letter - 'A' + 'a') : letter;
    }
    return size;
}

/* Things are named by their plural in paths. */
static struct slice one_of(struct slice things)
{
    bool is_plural = things.size > 1 && things.data[things.size - 1] == 's';
    bool is_batches = slice_equal(things, SLICE_LITERAL("batches"));
    return slice_make(things.data, things.size - (is_batches ? 2 : is_plural));
}

struct slice audit_action(const struct route *route, char out[ACTION_SIZE_MAX])
{
    struct slice rest = slice_from_string(route->pattern);
    struct slice last = last_take(&rest);
    struct slice before = last_take(&rest);
    size_t size = 0;
    if (is_parameter(last)) {
        size = add(out, size, slice_from_string(route->method), true);
        size = add(out, size, SLICE_LITERAL("_"), false);
        size = add(out, size, one_of(before), false);
    } else {
        size = add(out, size, is_parameter(before) ? last : one_of(last), false);
    }
    return slice_make(out, size);
}

struct slice audit_target(const struct route_match *match)
{
    if (match->param_count == 0) {
        return SLICE_EMPTY;
    }
    return text_clip(match->params[match->param_count - 1], AUDIT_TARGET_SIZE_MAX);
}
