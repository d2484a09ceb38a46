#include "actors/host_list.h"

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

static bool is_pattern(struct slice pattern)
{
    size_t first = is_wildcard(pattern) ? 2 : 0;
    for (size_t index = first; index < pattern.size; index++) {
        uint8_t byte = pattern.data[index];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        if (!is_letter && byte != '.' && byte != '-' && byte != '_' && byte != ':') {
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
    return host.size == pattern.size &&
           strncasecmp((const char *)host.data, (const char *)pattern.data, host.size) == 0;
}

bool host_list_has(const char *list, struct slice host)
{
    for (struct slice pattern = pattern_take(&list); pattern.size > 0;
         pattern = pattern_take(&list)) {
        if (matches(pattern, host)) {
            return true;
        }
    }
    return false;
}
