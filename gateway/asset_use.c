#include "gateway/asset_use.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include "gateway/limits.h"

enum {
    TABLE_SIZE_MIN = 64,
};

_Static_assert((ASSET_NAMES_HELD_MAX & (ASSET_NAMES_HELD_MAX - 1)) == 0,
               "the largest table is full at half");

void asset_use_fini(struct asset_use *use)
{
    free(use->names);
    *use = (struct asset_use){.names = NULL};
}

void asset_use_begin(struct asset_use *use, const struct id *character,
                     const struct message_asset_names *page)
{
    assert(page->gaps.size <= sizeof(use->gaps));
    asset_use_fini(use);
    use->character = *character;
    use->is_known = page->known;
    use->is_gone = page->gone;
    use->live_since = page->live_since;
    use->gaps_size = page->gaps.size / GAP_SIZE * GAP_SIZE;
    if (use->gaps_size > 0) {
        memcpy(use->gaps, page->gaps.data, use->gaps_size);
    }
}

/* ---- the names ---- */

/* Where a name is, or would be: names are random already. */
static struct id *place_of(const struct asset_use *use, const struct id *name)
{
    uint64_t hash;
    memcpy(&hash, name->bytes, sizeof(hash));
    for (uint64_t index = hash;; index++) {
        struct id *place = &use->names[index & (use->size - 1)];
        if (id_is_zero(place) || id_equal(place, name)) {
            return place;
        }
    }
}

static enum status grow(struct asset_use *use)
{
    struct asset_use larger = {.size = use->size == 0 ? TABLE_SIZE_MIN : 2 * use->size};
    larger.names = calloc(larger.size, sizeof(larger.names[0]));
    if (larger.names == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t index = 0; index < use->size; index++) {
        if (!id_is_zero(&use->names[index])) {
            *place_of(&larger, &use->names[index]) = use->names[index];
        }
    }
    free(use->names);
    use->names = larger.names;
    use->size = larger.size;
    return STATUS_OK;
}

static enum status put(struct asset_use *use, const struct id *name)
{
    enum status status = 2 * use->count >= use->size ? grow(use) : STATUS_OK;
    if (status == STATUS_OK && id_is_zero(place_of(use, name))) {
        *place_of(use, name) = *name;
        use->count++;
    }
    return status;
}

/* A name that is none of ours is no asset that could be removed. */
enum status asset_use_add(struct asset_use *use, const struct message_asset_names *page)
{
    struct slice rest = page->names;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && rest.size > 0 && !use->is_too_much) {
        const uint8_t *end = memchr(rest.data, '\n', rest.size);
        size_t size = end == NULL ? rest.size : (size_t)(end - rest.data);
        struct id name;
        use->is_too_much = use->count >= ASSET_NAMES_HELD_MAX;
        if (!use->is_too_much && stored_asset_random(slice_make(rest.data, size), &name)) {
            status = put(use, &name);
        }
        size += end != NULL;
        rest = slice_make(rest.data + size, rest.size - size);
    }
    return status;
}

/* ---- what follows ---- */

static bool is_in_gap(const struct asset_use *use, int64_t at_ms, int64_t slack_ms)
{
    for (size_t offset = 0; offset < use->gaps_size; offset += GAP_SIZE) {
        uint64_t times[2];
        memcpy(times, use->gaps + offset, sizeof(times));
        int64_t start = (int64_t)be64toh(times[0]);
        int64_t end = (int64_t)be64toh(times[1]);
        if (at_ms >= start - slack_ms && at_ms <= end + slack_ms) {
            return true;
        }
    }
    return false;
}

enum asset_standing asset_use_judge(const struct asset_use *use, const struct stored_asset *asset,
                                    int64_t slack_ms)
{
    assert(use->is_complete && asset->is_ours && id_equal(&use->character, &asset->character));
    if (use->size > 0 && id_equal(place_of(use, &asset->random), &asset->random)) {
        return ASSET_KEPT;
    }
    if (use->live_since != 0 && asset->at_ms >= use->live_since - slack_ms) {
        return ASSET_KEPT; /* by a job that has not ended: it may be in its draft, or on its way */
    }
    bool is_certain = (use->is_known || use->is_gone) && !use->is_too_much &&
                      !id_is_zero(&asset->random) && !is_in_gap(use, asset->at_ms, slack_ms);
    return is_certain ? ASSET_UNUSED : ASSET_LEFT;
}

bool asset_use_is_within(uint64_t seen, uint64_t removed)
{
    return removed < SWEEP_REMOVED_MIN + seen / SWEEP_REMOVED_PART;
}
