#ifndef TROUPE_PROTO_TEXT_H
#define TROUPE_PROTO_TEXT_H

/* What TEXT is on the wire: UTF-8 (RFC 3629) of a limited size. */

#include "base/slice.h"

/* Whether all bytes are UTF-8: shortest forms only, no surrogates, nothing above U+10FFFF. */
bool text_is_valid(struct slice text);

/* Returns the longest front of text that is UTF-8 and at most size_max bytes: for words that come
 * from elsewhere (a provider's error) and go into a TEXT field. */
struct slice text_clip(struct slice text, size_t size_max);

#endif
