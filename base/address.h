#ifndef TROUPE_BASE_ADDRESS_H
#define TROUPE_BASE_ADDRESS_H

/* Which ZeroMQ endpoints the broker may bind, and others connect to, while it has no keys: those
 * that only this host's users reach. Pure. */

enum {
    ADDRESS_PATH_SIZE_MAX = 107, /* bytes of a Unix socket's path (unix(7)) */
};

/* Returns NULL when the address may be bound, otherwise why not, for people. Allowed are
 * ipc://PATH with a path of the file system, and tcp:// with 127.x.x.x, localhost or [::1] and a
 * port from 1 to 65535. */
const char *address_problem(const char *address);

/* Returns the path of an ipc:// address, or NULL for another one. */
const char *address_path(const char *address);

#endif
