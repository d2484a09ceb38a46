#include "base/address_class.h"

#include <stddef.h>
#include <string.h>

struct block_4 {
    uint32_t first;
    uint8_t bits;
    uint8_t class;
};

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

static const struct block_4 blocks_4[] = {
    {IP(0, 0, 0, 0), 8, ADDRESS_CLASS_UNSPECIFIED},
    {IP(10, 0, 0, 0), 8, ADDRESS_CLASS_PRIVATE},
    {IP(100, 64, 0, 0), 10, ADDRESS_CLASS_SHARED},
    {IP(127, 0, 0, 0), 8, ADDRESS_CLASS_LOOPBACK},
    {IP(169, 254, 0, 0), 16, ADDRESS_CLASS_LINK_LOCAL},
    {IP(172, 16, 0, 0), 12, ADDRESS_CLASS_PRIVATE},
    {IP(192, 0, 0, 0), 24, ADDRESS_CLASS_RESERVED},
    {IP(192, 0, 2, 0), 24, ADDRESS_CLASS_RESERVED},
    {IP(192, 88, 99, 0), 24, ADDRESS_CLASS_RESERVED},
    {IP(192, 168, 0, 0), 16, ADDRESS_CLASS_PRIVATE},
    {IP(198, 18, 0, 0), 15, ADDRESS_CLASS_RESERVED},
    {IP(198, 51, 100, 0), 24, ADDRESS_CLASS_RESERVED},
    {IP(203, 0, 113, 0), 24, ADDRESS_CLASS_RESERVED},
    {IP(224, 0, 0, 0), 4, ADDRESS_CLASS_MULTICAST},
    {IP(240, 0, 0, 0), 4, ADDRESS_CLASS_RESERVED},
};

struct block_6 {
    uint8_t first[16];
    uint8_t bits;
    uint8_t class;
    uint8_t carried; /* where the address of version 4 stands that it carries; 0 for none */
};

/* The first that matches counts. */
static const struct block_6 blocks_6[] = {
    {{0}, 128, ADDRESS_CLASS_UNSPECIFIED, 0},
    {{[15] = 1}, 128, ADDRESS_CLASS_LOOPBACK, 0},
    {{[10] = 0xff, [11] = 0xff}, 96, 0, 12},                        /* mapped */
    {{0x00, 0x64, 0xff, 0x9b}, 96, 0, 12},                          /* translated (RFC 6052) */
    {{0x00, 0x64, 0xff, 0x9b, 0, 1}, 48, ADDRESS_CLASS_PRIVATE, 0}, /* the same, within a network */
    {{0x20, 0x02}, 16, 0, 2},                                       /* 6to4 */
    {{0x20, 0x01}, 23, ADDRESS_CLASS_RESERVED, 0},                  /* protocols; Teredo */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, ADDRESS_CLASS_RESERVED, 0},      /* documentation */
    {{0x3f, 0xff}, 20, ADDRESS_CLASS_RESERVED, 0},                  /* documentation */
    {{0x20}, 3, ADDRESS_CLASS_GLOBAL, 0},
    {{0xfc}, 7, ADDRESS_CLASS_PRIVATE, 0},
    {{0xfe, 0x80}, 10, ADDRESS_CLASS_LINK_LOCAL, 0},
    {{0xfe, 0xc0}, 10, ADDRESS_CLASS_PRIVATE, 0}, /* site-local */
    {{0xff}, 8, ADDRESS_CLASS_MULTICAST, 0},
};

enum address_class address_class_4(uint32_t address)
{
    for (size_t index = 0; index < sizeof(blocks_4) / sizeof(blocks_4[0]); index++) {
        const struct block_4 *block = &blocks_4[index];
        if ((address ^ block->first) >> (32 - block->bits) == 0) {
            return (enum address_class)block->class;
        }
    }
    return ADDRESS_CLASS_GLOBAL;
}

static bool is_in(const struct block_6 *block, const uint8_t address[16])
{
    size_t whole = block->bits / 8;
    unsigned rest = block->bits % 8;
    if (memcmp(block->first, address, whole) != 0) {
        return false;
    }
    return rest == 0 || (block->first[whole] ^ address[whole]) >> (8 - rest) == 0;
}

enum address_class address_class_6(const uint8_t address[16])
{
    for (size_t index = 0; index < sizeof(blocks_6) / sizeof(blocks_6[0]); index++) {
        const struct block_6 *block = &blocks_6[index];
        if (!is_in(block, address)) {
            continue;
        }
        if (block->carried == 0) {
            return (enum address_class)block->class;
        }
        const uint8_t *carried = address + block->carried;
        return address_class_4(IP(carried[0], carried[1], carried[2], carried[3]));
    }
    return ADDRESS_CLASS_RESERVED;
}

const char *address_class_name(enum address_class address_class)
{
    switch (address_class) {
    case ADDRESS_CLASS_GLOBAL:
        return "global";
    case ADDRESS_CLASS_UNSPECIFIED:
        return "unspecified";
    case ADDRESS_CLASS_LOOPBACK:
        return "loopback";
    case ADDRESS_CLASS_PRIVATE:
        return "private";
    case ADDRESS_CLASS_LINK_LOCAL:
        return "link local";
    case ADDRESS_CLASS_SHARED:
        return "shared";
    case ADDRESS_CLASS_MULTICAST:
        return "multicast";
    case ADDRESS_CLASS_RESERVED:
        return "reserved";
    }
    return "?";
}

bool address_port_is_open(uint16_t port)
{
    enum {
        PORT_HTTP = 80,
        PORT_HTTPS = 443,
        PORT_SYSTEM_MAX = 1023, /* RFC 6335 */
    };
    return port == PORT_HTTP || port == PORT_HTTPS || port > PORT_SYSTEM_MAX;
}
