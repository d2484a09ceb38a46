#ifndef TROUPE_BASE_ADDRESS_CLASS_H
#define TROUPE_BASE_ADDRESS_CLASS_H

/*
 * What an internet address is for, by IANA's registries of special-purpose addresses (RFC 6890),
 * so that what users ask to be called cannot be what only this machine or network can reach. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

enum address_class {
    ADDRESS_CLASS_GLOBAL, /* anybody may be called there */
    ADDRESS_CLASS_UNSPECIFIED,
    ADDRESS_CLASS_LOOPBACK,
    ADDRESS_CLASS_PRIVATE,
    ADDRESS_CLASS_LINK_LOCAL,
    ADDRESS_CLASS_SHARED, /* of a provider's address translation (RFC 6598) */
    ADDRESS_CLASS_MULTICAST,
    ADDRESS_CLASS_RESERVED, /* documentation, benchmarks, future use */
};

/* address: in the host's byte order. */
enum address_class address_class_4(uint32_t address);

/* An address that carries one of version 4 (mapped, translated, 6to4) is of that one's class. */
enum address_class address_class_6(const uint8_t address[16]);

/* For messages: the constant in lower case, with a blank for "_". */
const char *address_class_name(enum address_class address_class);

/* Whether a user may name this port: 80, 443 and those that no system service has. */
bool address_port_is_open(uint16_t port);

#endif
