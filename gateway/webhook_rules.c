#include "gateway/webhook_rules.h"

#include <arpa/inet.h>
#include <strings.h>
#include "base/address_class.h"
#include "gateway/validate.h"
#include "proto/messages.h"

enum {
    HOST_TEXT_SIZE_MAX = 253, /* bytes of a name (RFC 1035) */
};

/* ---- addresses ---- */

/* Takes a scheme off the front of *rest. */
static bool scheme_take(struct slice *rest, const char *scheme)
{
    size_t size = strlen(scheme);
    if (rest->size < size || strncasecmp((const char *)rest->data, scheme, size) != 0) {
        return false;
    }
    *rest = slice_make(rest->data + size, rest->size - size);
    return true;
}

/* What stands before the path, query and fragment. */
static struct slice authority_of(struct slice rest)
{
    size_t size = 0;
    while (size < rest.size && memchr("/?#", rest.data[size], 3) == NULL) {
        size++;
    }
    return slice_make(rest.data, size);
}

/* The host without its port; without the brackets of an address of version 6. */
static struct slice host_of(struct slice authority)
{
    size_t size = 0;
    if (authority.size > 0 && authority.data[0] == '[') {
        while (size < authority.size && authority.data[size] != ']') {
            size++;
        }
        return size < authority.size ? slice_make(authority.data + 1, size - 1) : SLICE_EMPTY;
    }
    while (size < authority.size && authority.data[size] != ':') {
        size++;
    }
    return slice_make(authority.data, size);
}

/* Whether the host's text alone shows that it is nobody else's: an address, or "localhost". */
static bool host_is_private(struct slice host)
{
    char text[HOST_TEXT_SIZE_MAX + 1];
    struct in_addr four;
    struct in6_addr six;
    memcpy(text, host.data, host.size);
    text[host.size] = '\0';
    if (inet_pton(AF_INET, text, &four) == 1) {
        return address_class_4(ntohl(four.s_addr)) != ADDRESS_CLASS_GLOBAL;
    }
    if (inet_pton(AF_INET6, text, &six) == 1) {
        return address_class_6(six.s6_addr) != ADDRESS_CLASS_GLOBAL;
    }
    return strcasecmp(text, "localhost") == 0;
}

static bool is_printable(struct slice text)
{
    for (size_t index = 0; index < text.size; index++) {
        if (text.data[index] <= ' ' || text.data[index] >= 0x7f || text.data[index] == '\\') {
            return false;
        }
    }
    return true;
}

void webhook_url_check(const char *field, struct slice url, bool private_allowed,
                       struct problems *problems)
{
    struct slice rest = url;
    bool is_secure = scheme_take(&rest, "https://");
    if (!is_secure && !(private_allowed && scheme_take(&rest, "http://"))) {
        problems_add(problems, field, "must begin with https://");
        return;
    }
    struct slice authority = authority_of(rest);
    struct slice host = host_of(authority);
    if (url.size > WEBHOOK_URL_SIZE_MAX) {
        problems_add(problems, field, "must have at most %d bytes", WEBHOOK_URL_SIZE_MAX);
    } else if (!is_printable(url)) {
        problems_add(problems, field, "must have printable ASCII characters only");
    } else if (authority.size > 0 && memchr(authority.data, '@', authority.size) != NULL) {
        problems_add(problems, field, "must not have a user name or password");
    } else if (host.size == 0 || host.size > HOST_TEXT_SIZE_MAX) {
        problems_add(problems, field, "must name a host");
    } else if (!private_allowed && host_is_private(host)) {
        problems_add(problems, field, "must not be an address of a private network");
    }
}

/* ---- events ---- */

/* The bit of an event's name, or 0. */
static uint32_t event_bit(struct slice name)
{
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        bool is_it = slice_equal(name, slice_from_string(event_kind_name((enum event_kind)kind)));
        if (is_it && (WEBHOOK_EVENTS & 1u << kind) != 0) {
            return 1u << kind;
        }
    }
    return 0;
}

uint32_t webhook_events_read(const char *field, const struct json_value *list,
                             struct problems *problems)
{
    uint32_t events = 0;
    if (list->kind == JSON_KIND_ABSENT) {
        return 0;
    }
    if (list->kind != JSON_KIND_LIST || list->count == 0 || list->count > WEBHOOK_EVENT_COUNT) {
        problems_add(problems, field, "must be a list of 1 to %d events", WEBHOOK_EVENT_COUNT);
        return 0;
    }
    for (size_t index = 0; index < list->count; index++) {
        struct json_value item = body_item(list, index);
        uint32_t bit = item.kind == JSON_KIND_TEXT ? event_bit(item.text) : 0;
        if (bit == 0) {
            problems_add(problems, field, "item %zu is not an event that can be delivered", index);
        }
        events |= bit;
    }
    return events;
}

/* ---- endpoints ---- */

static const struct field_rule RULES[] = {
    {.name = "url", .type = FIELD_TEXT, .max = WEBHOOK_URL_SIZE_MAX},
    {.name = "description",
     .type = FIELD_TEXT,
     .need = FIELD_NULLABLE,
     .max = WEBHOOK_TEXT_SIZE_MAX},
    {.name = "enabled", .type = FIELD_BOOLEAN},
};

/* The limits of the wire are bytes. */
static void description_read(const struct json_value *value, struct webhook_wish *out,
                             struct problems *problems)
{
    out->has_description = value->kind == JSON_KIND_TEXT || value->kind == JSON_KIND_NULL;
    if (value->kind != JSON_KIND_TEXT) {
        return;
    }
    out->description = value->text;
    if (value->text.size > WEBHOOK_TEXT_SIZE_MAX) {
        problems_add(problems, "description", "must have at most %d bytes", WEBHOOK_TEXT_SIZE_MAX);
    }
}

void webhook_wish_read(const struct body *body, bool is_new, bool private_allowed,
                       struct webhook_wish *out, struct problems *problems)
{
    struct json_value url = body_member(body, "url");
    struct json_value events = body_member(body, "events");
    struct json_value description = body_member(body, "description");
    struct json_value enabled = body_member(body, "enabled");
    *out = (struct webhook_wish){0};
    validate_body(RULES, sizeof(RULES) / sizeof(RULES[0]), body, problems);
    if (problems->count > 0) {
        return;
    }
    if (url.kind == JSON_KIND_TEXT) {
        webhook_url_check("url", url.text, private_allowed, problems);
        out->url = url.text;
    } else if (is_new) {
        problems_add(problems, "url", "is required");
    }
    out->events = webhook_events_read("events", &events, problems);
    description_read(&description, out, problems);
    out->enabled = enabled.kind == JSON_KIND_BOOLEAN && enabled.integer != 0;
    if (enabled.kind == JSON_KIND_BOOLEAN && (is_new || !out->enabled)) {
        problems_add(problems, "enabled", "can only be set to true, of a webhook that exists");
    }
}
