#ifndef TROUPE_GATEWAY_ASSET_USE_H
#define TROUPE_GATEWAY_ASSET_USE_H

/*
 * What the broker has told of one character's assets, and what follows for one that is stored: it
 * is removed only when it is certain that nobody uses it and nobody will (ADR 29). The names are a
 * set in memory. Pure but for allocation. Embedded by its owner, zeroed before first use.
 */

#include "gateway/stored_asset.h"
#include "proto/messages.h"

enum asset_standing {
    ASSET_KEPT,   /* it is used, or may yet be */
    ASSET_LEFT,   /* nobody can tell */
    ASSET_UNUSED, /* by anybody, and for good */
};

struct asset_use {
    struct id character;
    bool is_complete; /* all of its names are here */
    bool is_too_much; /* there were more than can be held */
    bool is_known;
    bool is_gone;
    int64_t live_since;
    uint8_t gaps[GAPS_SIZE_MAX];
    size_t gaps_size;
    struct id *names; /* owned: a table that is open to the next place; all zero: free */
    uint32_t size;    /* of the table: a power of two, or 0 */
    uint32_t count;
};

void asset_use_fini(struct asset_use *use);

/* Begins with a character, from the answer to the first question. */
void asset_use_begin(struct asset_use *use, const struct id *character,
                     const struct message_asset_names *page);

/* Adds the names of a page. Returns OK or NO_MEMORY. Beyond ASSET_NAMES_HELD_MAX all is left. */
enum status asset_use_add(struct asset_use *use, const struct message_asset_names *page);

/* Judges an asset of the character, which is complete. slack_ms: by how much the clocks of those
 * who write assets and records may differ. */
enum asset_standing asset_use_judge(const struct asset_use *use, const struct stored_asset *asset,
                                    int64_t slack_ms);

/* Whether one more may be removed by a sweep that has seen and removed so many: a few at least, and
 * beyond that a part of all. What is wrong on a large scale is not carried out in one day. */
bool asset_use_is_within(uint64_t seen, uint64_t removed);

#endif
