#ifndef TROUPE_GATEWAY_ASSET_HEAD_H
#define TROUPE_GATEWAY_ASSET_HEAD_H

/* The headers of an asset's answers, wherever its bytes come from. */

#include "gateway/exchange.h"

/* The type that a path's ending stands for: what a file holds, or a store says, does not matter. */
struct slice asset_head_type(struct slice path);

/* Adds what every answer with an asset has, and a 304. etag has its quotes. */
void asset_head_add(struct exchange *exchange, struct slice etag);

/* Adds Content-Range: of a part, and of a 416. */
void asset_head_add_range(struct exchange *exchange, uint64_t first, uint64_t last, uint64_t size);
void asset_head_add_outside(struct exchange *exchange, uint64_t size);

/* Whether a range counts: without If-Range, or when that is this very representation. A date never
 * matches, because a tag was offered. */
bool asset_head_has_range(const struct exchange *exchange, struct slice etag);

#endif
