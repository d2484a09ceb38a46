#ifndef TROUPE_BROKER_STORE_STATUS_H
#define TROUPE_BROKER_STORE_STATUS_H

/*
 * What RocksDB's errors mean, which it tells in words only: one table for everything that opens,
 * reads and writes the store. Pure.
 */

#include "base/status.h"

/* Returns MALFORMED for damage, which is the same the next time, BUSY, DENIED, FULL, or IO for
 * whatever else the disk did. */
enum status store_status(const char *error);

/* The same for a read: nothing but MALFORMED and IO. */
enum status store_read_status(const char *error);

#endif
