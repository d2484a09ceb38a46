#ifndef TROUPE_ACTORS_OBJECT_CLEANUP_H
#define TROUPE_ACTORS_OBJECT_CLEANUP_H

/* Tells a store that a write was cut off: its parts are dropped, and an object that may have come
 * about is removed. Goes on after its writer; the store owns the instances. */

#include "actors/asset_object.h"

/* subject: whose write it was. upload is empty when there are no parts; has_object: the object may
 * be there. Beyond STORE_CLEANUPS_MAX it is left to the sweep, and logged. */
void object_cleanup_start(struct object_store *store, const struct subject *subject,
                          struct slice key, struct slice upload, bool has_object);

/* Ends all of them at once. */
void object_cleanup_end(struct object_store *store);

#endif
