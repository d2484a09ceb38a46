#include "gateway/router.h"

#include <assert.h>
#include <stdio.h>

/* Whether text is exactly the bytes of value. */
static bool text_is(struct slice value, const char *text)
{
    return slice_equal(value, slice_from_string(text));
}

/* Takes a slash and the segment after it off the front of *path. */
static struct slice segment_take(struct slice *path)
{
    const uint8_t *begin = path->data + 1;
    const uint8_t *slash = memchr(begin, '/', path->size - 1);
    size_t size = slash == NULL ? path->size - 1 : (size_t)(slash - begin);
    path->data += size + 1;
    path->size -= size + 1;
    return slice_make(begin, size);
}

static bool param_add(struct route_match *match, struct slice value)
{
    assert(match->param_count < ROUTE_PARAMS_MAX);
    match->params[match->param_count] = value;
    match->param_count++;
    return value.size > 0;
}

/* Both begin with a slash. */
static bool pattern_matches(const char *pattern, struct slice path, struct route_match *match)
{
    struct slice rest = slice_from_string(pattern);
    match->param_count = 0;
    while (rest.size > 0 && path.size > 0) {
        struct slice whole = slice_make(path.data + 1, path.size - 1);
        struct slice expected = segment_take(&rest);
        struct slice segment = segment_take(&path);
        if (text_is(expected, "*")) {
            return param_add(match, whole);
        }
        bool named = expected.size > 0 && expected.data[0] == ':';
        if (named ? !param_add(match, segment) : !slice_equal(expected, segment)) {
            return false;
        }
    }
    return rest.size == 0 && path.size == 0;
}

/* Two routes may take one path. */
static void allow_add(char *allow, const char *method)
{
    size_t size = strlen(allow);
    if (strstr(allow, method) != NULL) {
        return; /* no method's name is in another's */
    }
    snprintf(allow + size, ROUTER_ALLOW_SIZE - size, "%s%s", size == 0 ? "" : ", ", method);
}

enum router_result router_find(const struct route *routes, size_t count, struct slice method,
                               struct slice path, struct route_match *out)
{
    bool head = text_is(method, "HEAD");
    bool literal = false; /* the path is one of ours by name: no parameter takes it */
    struct route_match match = {0};
    out->route = NULL;
    out->head = head;
    out->allow[0] = '\0';
    if (path.size == 0 || path.data[0] != '/') {
        return ROUTER_NO_PATH;
    }
    for (size_t index = 0; index < count; index++) {
        const struct route *route = &routes[index];
        if (!pattern_matches(route->pattern, path, &match) || (literal && match.param_count > 0)) {
            continue;
        }
        literal |= match.param_count == 0;
        if (text_is(method, route->method) || (head && strcmp(route->method, "GET") == 0)) {
            out->route = route;
            out->param_count = match.param_count;
            memcpy(out->params, match.params, sizeof(out->params));
            return ROUTER_FOUND;
        }
        allow_add(out->allow, route->method);
        if (strcmp(route->method, "GET") == 0) {
            allow_add(out->allow, "HEAD");
        }
    }
    if (out->allow[0] == '\0') {
        return ROUTER_NO_PATH;
    }
    allow_add(out->allow, "OPTIONS");
    return text_is(method, "OPTIONS") ? ROUTER_OPTIONS : ROUTER_NO_METHOD;
}

bool router_param(const struct route_match *match, const char *name, struct slice *out)
{
    struct slice rest = slice_from_string(match->route->pattern);
    size_t index = 0;
    while (rest.size > 0) {
        struct slice segment = segment_take(&rest);
        if (text_is(segment, name)) {
            *out = match->params[index];
            return true;
        }
        index += segment.size > 0 && segment.data[0] == ':';
    }
    return false;
}
