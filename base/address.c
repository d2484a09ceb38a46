#include "base/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const char ipc[] = "ipc://";
static const char tcp[] = "tcp://";

const char *address_path(const char *address)
{
    return strncmp(address, ipc, strlen(ipc)) == 0 ? address + strlen(ipc) : NULL;
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* Whether the host, which ends before end, is 127 and three more numbers. */
static bool is_loopback_number(const char *host, const char *end)
{
    uint32_t parts = 0;
    while (host < end) {
        uint32_t number = 0;
        const char *start = host;
        while (host < end && is_digit(*host) && host - start < 3) {
            number = number * 10 + (uint32_t)(*host++ - '0');
        }
        bool is_last = host == end;
        if (host == start || number > 255 || (parts == 0 && number != 127) ||
            (!is_last && *host != '.') || is_last != (parts == 3)) {
            return false;
        }
        parts++;
        host += !is_last;
    }
    return parts == 4;
}

static bool is_host(const char *host, const char *end, const char *name)
{
    size_t size = (size_t)(end - host);
    return size == strlen(name) && memcmp(host, name, size) == 0;
}

static bool is_port(const char *text)
{
    uint32_t number = 0;
    size_t size = strlen(text);
    for (size_t index = 0; index < size; index++) {
        if (!is_digit(text[index]) || index == 5) {
            return false;
        }
        number = number * 10 + (uint32_t)(text[index] - '0');
    }
    return size > 0 && number >= 1 && number <= UINT16_MAX;
}

static const char *tcp_problem(const char *host)
{
    const char *colon = strrchr(host, ':');
    if (colon == NULL || !is_port(colon + 1)) {
        return "a tcp:// endpoint needs a port from 1 to 65535";
    }
    if (is_loopback_number(host, colon) || is_host(host, colon, "localhost") ||
        is_host(host, colon, "[::1]")) {
        return NULL;
    }
    return "unencrypted TCP is for this host only: use tcp://127.0.0.1:PORT or ipc://PATH";
}

const char *address_problem(const char *address)
{
    const char *path = address_path(address);
    if (path != NULL) {
        bool is_file = path[0] != '\0' && path[0] != '@' && path[0] != '*';
        if (!is_file) {
            return "an ipc:// endpoint needs the path of a file";
        }
        return strlen(path) <= ADDRESS_PATH_SIZE_MAX ? NULL : "the path is longer than 107 bytes";
    }
    if (strncmp(address, tcp, strlen(tcp)) == 0) {
        return tcp_problem(address + strlen(tcp));
    }
    return "an endpoint begins with ipc:// or tcp://";
}
