#include "actors/host_list.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static const char SEPARATORS[] = ", \t";

/* Takes the next pattern off the front of *text; empty at the end. */
static struct slice pattern_take(const char **text)
{
    *text += strspn(*text, SEPARATORS);
    size_t size = strcspn(*text, SEPARATORS);
    struct slice pattern = slice_make(*text, size);
    *text += size;
    return pattern;
}

static bool is_wildcard(struct slice pattern)
{
    return pattern.size > 2 && pattern.data[0] == '*' && pattern.data[1] == '.';
}

/* Takes an address of version 6, which is written in more ways than one. */
static bool read_address_6(struct slice text, struct in6_addr *out)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.size >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return inet_pton(AF_INET6, copy, out) == 1;
}

/* What has a colon is an address: the host that a name is compared with comes without its port. */
static bool is_pattern(struct slice pattern)
{
    struct in6_addr address;
    if (memchr(pattern.data, ':', pattern.size) != NULL) {
        return read_address_6(pattern, &address);
    }
    size_t first = is_wildcard(pattern) ? 2 : 0;
    for (size_t index = first; index < pattern.size; index++) {
        uint8_t byte = pattern.data[index];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        if (!is_letter && byte != '.' && byte != '-' && byte != '_') {
            return false;
        }
    }
    return true;
}

bool host_list_is_valid(const char *list)
{
    size_t count = 0;
    for (struct slice pattern = pattern_take(&list); pattern.size > 0;
         pattern = pattern_take(&list)) {
        if (!is_pattern(pattern)) {
            return false;
        }
        count++;
    }
    return count > 0;
}

static bool matches(struct slice pattern, struct slice host)
{
    if (is_wildcard(pattern)) {
        size_t domain = pattern.size - 1; /* with its dot */
        return host.size > domain && strncasecmp((const char *)host.data + host.size - domain,
                                                 (const char *)pattern.data + 1, domain) == 0;
    }
    struct in6_addr allowed;
    struct in6_addr called;
    if (read_address_6(pattern, &allowed)) {
        return read_address_6(host, &called) && memcmp(&allowed, &called, sizeof(called)) == 0;
    }
    return host.size == pattern.size &&
           strncasecmp((const char *)host.data, (const char *)pattern.data, host.size) == 0;
}

bool host_list_has(const char *list, struct slice host)
{
    if (host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']') {
        host = slice_make(host.data + 1, host.size - 2);
    }
    for (struct slice pattern = pattern_take(&list); pattern.size > 0;
         pattern = pattern_take(&list)) {
        if (matches(pattern, host)) {
            return true;
        }
    }
    return false;
}
